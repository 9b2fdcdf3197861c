"""Making a backup: asked for, or before something that is hard to take back."""

from pathlib import Path

from escalate.commands.shared.session import Session
from escalate.commands.shared.witness import keep as keep_head
from escalate.output.terminal import complain
from escalate.storage.backups.making import Contents, back_up
from escalate.storage.chain import read_head
from escalate.storage.files.witness import BACKUP, Witnessed
from escalate.storage.store import Store


def made_backup(here: Session, store: Store, folder: Path) -> Contents:
    """A backup of the file with the cases in a folder, and its head kept. Raises Refused, BrokenBackup."""
    made = back_up(store, folder, here.now)
    keep_head(here, Witnessed(here.now, BACKUP, made.own_id, *read_head(made.head), made.entries))
    return made


def backed_up_before(here: Session, store: Store) -> Path | None:
    """Where a backup was made of what is there; None where nothing is, and on a server, where that is said. Raises Refused, BrokenBackup."""
    if not store.history.size.entries:
        return None
    if here.settings.file is None:
        complain("No backup was made before: on a server its administrator makes them, with escalate server backup.")
        return None
    return made_backup(here, store, here.settings.backups).path
