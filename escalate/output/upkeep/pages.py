"""What is said of the file with the cases itself: backups, checks and what was erased."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.redated import Redated
from escalate.domain.recording.erasing import left_to_erase
from escalate.domain.recording.retention import Hold, hold_on
from escalate.output.case.sentences import erasable
from escalate.output.tables import grid, table
from escalate.output.upkeep.documents import CasesHeld
from escalate.output.upkeep.findings import CheckResult, State
from escalate.output.words import full, inert, short
from escalate.wording import how_many

_IN_WORDS = {State.WELL: "OK", State.NOTE: "note", State.WRONG: "problem"}
"""What a page says of each; scripts go by the values."""

_STYLES = {State.WELL: "", State.NOTE: "magenta", State.WRONG: "bold red"}


def held(file: CasesHeld) -> str:
    """`14 cases, 203 entries, the last recorded Fri 27 Nov 2026 10:15`."""
    last = f", the last recorded {full(file.recorded_at)}" if file.recorded_at else ""
    return f"{how_many(file.cases, 'case')}, {how_many(file.entries, 'entry', 'entries')}{last}"


def moved_by_rules(moved: Sequence[Redated], now: datetime) -> str:
    """`1 open deadline is not what it was: E0007 resolve (stage 2), was Tue 3 Nov 09:00, is Wed 4 Nov`; the first by name."""
    named = [f"{each.case} {each.action} (stage {each.stage}), {_from_to(each, now)}" for each in moved[:_NAMED]]
    more = [f"and {len(moved) - _NAMED} more"] if len(moved) > _NAMED else []
    are = "is not what it was" if len(moved) == 1 else "are not what they were"
    return inert(f"{how_many(len(moved), 'open deadline')} {are}: {'; '.join([*named, *more])}")


_NAMED = 20
"""So many are named in a sentence."""


def _from_to(each: Redated, now: datetime) -> str:
    was = "was not listed" if not each.was_open else f"was {short(each.was, now)}" if each.was else "had no date"
    if not each.is_open:
        return f"{was}, is no longer open"
    return f"{was}, {f'is {short(each.becomes, now)}' if each.becomes else 'has no date'}"


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


def to_erase(
    files: Sequence[CaseFile],
    held: Sequence[CaseFile],
    now: datetime,
    rules: Mapping[str, str] | None = None,
    open_ones: Sequence[CaseFile] = (),
    due_since: Mapping[str, datetime] | None = None,
) -> RenderableType:
    """The cases of which something would be erased, by which rule if by one, and those that are left alone; what stays is said once."""
    if not files and not held and not open_ones:
        return Text("No such case is closed and has anything to erase.")
    ruled, since = rules or {}, due_since or {}
    cases = table("Case", "Closed", *(("Rule", "Due since") if ruled else ()), "To erase", whole=("Case",))
    for file in files:
        cases.add_row(
            file.case.ref, _closed(file, now), *_rule(file, ruled, since, now), erasable(left_to_erase(file.case))
        )
    for file in held:
        hold = hold_on(file.case)
        why = f" ({inert(hold.reason)})" if ruled and hold and hold.reason else ""
        says = f"nothing: it is under a legal hold{why}"
        cases.add_row(file.case.ref, _closed(file, now), *_rule(file, ruled, since, now), says, style="dim")
    for file in open_ones:
        cases.add_row(
            file.case.ref, _closed(file, now), *_rule(file, ruled, since, now), "nothing: it is open", style="dim"
        )
    return Group(cases, Text(), Text("Stages, dates, agencies and themes stay.")) if files else cases


def _rule(file: CaseFile, rules: Mapping[str, str], since: Mapping[str, datetime], now: datetime) -> tuple[str, ...]:
    """The cells that say by which rule a case is due, and since when; none where no rule is shown."""
    if not rules:
        return ()
    at = since.get(file.case.ref)
    return inert(rules.get(file.case.ref, "")), short(at, now) if at else ""


def holds_table(holds: Sequence[Hold], now: datetime) -> RenderableType:
    """The legal holds, with why, since when and who said so."""
    lines = table("Case", "Status", "Reason", "Since", "By", whole=("Case",))
    for each in holds:
        lines.add_row(
            each.case.ref, each.case.status, inert(each.reason or "erased"), short(each.at, now), inert(each.by)
        )
    return lines


def _closed(file: CaseFile, now: datetime) -> str:
    """`resolved Thu 19 Nov 16:00`; of a case from a log that does not say when, from when it is kept as long as one that was closed then."""
    case, left = file.case, file.case.stay.left_at
    if left is None:
        return case.status
    if case.closed_at is None:
        return f"{case.status}, day not known: counted from its import, {short(left, now)}"
    return f"{case.status} {short(left, now)}"


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
        lines.add_row(Text(_IN_WORDS[each.state], style=_STYLES[each.state]), each.about, says)
    return lines
