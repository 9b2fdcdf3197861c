"""The calendar that people subscribe to: made anew where a date has changed, and left alone where none has."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from escalate.commands.shared.session import Session
from escalate.commands.shared.spared import spared
from escalate.domain.deadlines.case_file import CaseFile
from escalate.errors import EscalateError, Refused
from escalate.output.files import make
from escalate.output.terminal import complain
from escalate.storage.store import Store


def publish(here: Session, path: Path, files: Iterable[CaseFile], own_id: str, *, force: bool, dry_run: bool) -> bool:
    """Make the calendar of the cases that go on, unless it is there as it would be; returns whether it was made. Raises Refused.

    Whoever could read the one before can read this one; a new one everybody can.
    """
    from escalate.output.sending.ics import is_published, published_pieces  # loads icalendar

    before = _before(path)
    if before is not None and not force and not is_published(before):
        raise Refused(
            f"{path} is there already and is not a published calendar, so it was left alone: name another file, or replace it with --force."
        )
    content = b"".join(published_pieces(files, own_id))
    if content == before:
        return False
    if not dry_run:
        make(path, content, force=True, spared=spared(here), for_others=True)
    return True


def kept_up_to_date(here: Session, store: Store, *, dry_run: bool) -> bool:
    """Make the calendar that the settings name anew, if they name one; returns whether it is as it should be. If not, that is said."""
    path = here.settings.published_calendar
    if path is None:
        return True
    try:
        publish(here, path, _files(store), store.own_id, force=False, dry_run=dry_run)
    except EscalateError as problem:
        complain(f"The published calendar is not up to date: {problem.sentence}")
        return False
    return True


def _files(store: Store) -> Iterator[CaseFile]:
    return (store.case(line.ref) for line in reversed(store.lists.cases()))


def _before(path: Path) -> bytes | None:
    """What is at a path; None where nothing is. Raises Refused."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as problem:
        raise Refused(f"{path} cannot be read ({problem.strerror or problem}).") from problem
