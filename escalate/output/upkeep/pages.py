"""What is said of the file with the cases itself: backups, checks and what was erased."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.erasing import left_to_erase
from escalate.output.case.sentences import erasable
from escalate.output.tables import grid, table
from escalate.output.upkeep.documents import CasesHeld
from escalate.output.upkeep.findings import CheckResult, State
from escalate.output.words import full, inert, short
from escalate.wording import how_many

_STYLES = {State.WELL: "", State.NOTE: "magenta", State.WRONG: "bold red"}


def held(file: CasesHeld) -> str:
    """`14 cases, 203 entries, the last recorded Fri 27 Nov 2026 10:15`."""
    last = f", the last recorded {full(file.recorded_at)}" if file.recorded_at else ""
    return f"{how_many(file.cases, 'case')}, {how_many(file.entries, 'entry', 'entries')}{last}"


def made(backup: CasesHeld, removed: Sequence[Path]) -> RenderableType:
    """A backup that was made, where it is, and which were removed for it."""
    rows = [("Backup", str(backup.path)), ("Holds", held(backup)), ("Head", backup.head)]
    return grid([*rows, *(("Removed", path.name) for path in removed)])


def to_restore(backup: CasesHeld, present: CasesHeld | None, database: Path) -> RenderableType:
    """What would take the place of what."""
    table = grid(
        [
            ("Backup", str(backup.path)),
            ("", held(backup)),
            ("Now", str(database)),
            ("", held(present) if present else "cannot be read, or is not there"),
        ]
    )
    warning = _warning(backup, present) if present else None
    return Group(table, Text(), Text(warning)) if warning else table


def _warning(backup: CasesHeld, present: CasesHeld) -> str | None:
    """What would be lost by restoring a backup."""
    if present.own_id != backup.own_id:
        return "The backup is of another file than the one it would take the place of."
    later = present.entries - backup.entries
    if later <= 0:
        return None
    return (
        f"{how_many(later, 'entry', 'entries')} more {'is' if later == 1 else 'are'} in the file now than in the backup:"
        " what was recorded since will be only in the file that is kept."
    )


def to_erase(files: Sequence[CaseFile], held: Sequence[CaseFile], now: datetime) -> RenderableType:
    """The cases of which something would be erased, and those that are held; what stays is said once."""
    if not files and not held:
        return Text("No case has been closed for so long and has anything to erase.")
    cases = table("Case", "Closed", "To erase", whole=("Case",))
    for file in files:
        cases.add_row(file.case.ref, _closed(file, now), erasable(left_to_erase(file.case)))
    for file in held:
        cases.add_row(file.case.ref, _closed(file, now), "nothing: it is under a legal hold", style="dim")
    return Group(cases, Text(), Text("Stages, dates, agencies and themes stay.")) if files else cases


def _closed(file: CaseFile, now: datetime) -> str:
    """`resolved Thu 19 Nov 16:00`."""
    left = file.case.stay.left_at
    return f"{file.case.status} {short(left, now)}" if left else file.case.status


def findings_table(found: Sequence[CheckResult]) -> RenderableType:
    """What was looked at, a line each, with what to do below what needs it."""
    lines = table()
    lines.show_header = False
    for _ in ("state", "about"):
        lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for each in found:
        says = Text(inert(each.says))
        if each.advice:
            says.append(f"\n{inert(each.advice)}", style="dim")
        lines.add_row(Text(each.state.value, style=_STYLES[each.state]), each.about, says)
    return lines
