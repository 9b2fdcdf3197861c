"""What taking over a file of another office and an export of its cases have in common: a backup first, then all of it or nothing."""

from collections.abc import Sequence

from escalate.commands.shared.backing_up import backed_up_before
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import opened_or_made
from escalate.errors import Refused
from escalate.output.terminal import counting, say, show_json
from escalate.output.upkeep.taken import taken_document, taken_page
from escalate.storage.carried import CarriedRecord
from escalate.storage.store import Store
from escalate.storage.taking import differing, take
from escalate.wording import as_typed


def refuse_server(here: Session, command: str) -> None:
    """Refuse to take cases over into a server. Raises Refused."""
    if here.settings.file is None:
        raise Refused(
            f"escalate {command} takes cases into a file, and these are on a server: bring them into a file with"
            f" escalate move {as_typed(str(here.settings.place))} FILE, take the others over there, and move all of it to a new server."
        )


def take_over(
    here: Session,
    record: CarriedRecord,
    source: str,
    command: str,
    left_out: Sequence[str],
    *,
    write: bool,
    as_json: bool,
    other: Store | None = None,
    hint: str = "",
) -> None:
    """Take over the cases of a record, or only say what would become of them; `other` is the file it is of, where it is open.

    Raises Refused, StoreError.
    """
    with opened_or_made(here, dry_run=not write) as store:
        backup = backed_up_before(here, store) if write else None
        with store.writing(dry_run=not write):
            taken = take(store, record, command, here.settings.by, here.now, counting)
            changed = differing(store, other, taken) if other and taken.may_differ else []
    if as_json:
        show_json(taken_document(taken, source, changed, str(backup) if backup else None, written=write))
        return
    say(*taken_page(taken, source, left_out, changed, written=write))
    if taken.may_differ and other is None:
        say(
            "The calendar was changed at other times here than there: what was met or missed by then may be judged otherwise here."
        )
    if backup:
        say(f"Before that, a backup was made: {backup}.")
    if not write:
        say(hint)
