"""What changed in rows of a log whose cases are here: recorded only with consent."""

from collections.abc import Sequence

from escalate.commands.shared.asking import says_yes
from escalate.domain.importing.changes import RowChanges
from escalate.domain.importing.rows import Outcome
from escalate.errors import Refused
from escalate.output.importing.changes import cells_that, changes_page
from escalate.output.terminal import show
from escalate.storage.store import Store
from escalate.wording import how_many


def agreed_at_terminal(outcomes: Sequence[Outcome]) -> bool:
    """Show what changed, and ask whether to record it; False where there is nothing that can be recorded."""
    cells = cells_that(outcomes, lambda cell: cell.can_be_recorded)
    if not cells:
        return False
    show(changes_page(outcomes))
    cases = how_many(len({each.there for each in outcomes if each.changes}), "case")
    return says_yes(f"Record {how_many(cells, 'change')} in {cases}?")


def record_changes(store: Store, changes: Sequence[RowChanges]) -> None:
    """Record what changed in rows. Inside `writing`. Raises Refused where somebody has recorded something in one of the cases since."""
    for each in changes:
        before = each.changed.before
        if before is None or not each.entries:
            continue
        ref = before.case.ref
        if len(store.history.entries(ref, identify=False)) != len(before.case.history):
            raise Refused(f"Somebody has just recorded something in {ref}: check the file again. Nothing was written.")
        store.append(*each.entries)
