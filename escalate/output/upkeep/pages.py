"""What is said of the file with the cases itself: backups, checks and what was erased."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.erasing import left_to_erase
from escalate.output.case.rows import Document, instant
from escalate.output.case.sentences import erasable
from escalate.output.upkeep.findings import Finding, State
from escalate.output.words import counted, full, inert, short


class Held(Protocol):
    """What a file with cases holds."""

    @property
    def path(self) -> Path: ...
    @property
    def cases(self) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def recorded_at(self) -> datetime | None: ...
    @property
    def head(self) -> str: ...
    @property
    def own_id(self) -> str: ...


def held(file: Held) -> str:
    """`14 cases, 203 entries, the last recorded Fri 27 Nov 2026 10:15`."""
    last = f", the last recorded {full(file.recorded_at)}" if file.recorded_at else ""
    return f"{counted(file.cases, 'case')}, {counted(file.entries, 'entry', 'entries')}{last}"


def held_document(file: Held) -> Document:
    """The same for a script."""
    return {
        "file": str(file.path),
        "cases": file.cases,
        "entries": file.entries,
        "recorded_at": instant(file.recorded_at),
        "head": file.head,
    }


def made(backup: Held, removed: Sequence[Path]) -> RenderableType:
    """A backup that was made, where it is, and which were removed for it."""
    table = _grid()
    table.add_row("Backup", Text(inert(str(backup.path))))
    table.add_row("Holds", Text(held(backup)))
    table.add_row("Head", Text(backup.head))
    for path in removed:
        table.add_row("Removed", Text(inert(path.name)))
    return table


def to_restore(backup: Held, present: Held | None, database: Path) -> RenderableType:
    """What would take the place of what."""
    table = _grid()
    table.add_row("Backup", Text(inert(str(backup.path))))
    table.add_row("", Text(held(backup)))
    table.add_row("Now", Text(inert(str(database))))
    table.add_row("", Text(held(present) if present else "cannot be read, or is not there"))
    if present and present.own_id != backup.own_id:
        return Group(table, Text(), Text("The backup is of another file than the one it would take the place of."))
    later = present.entries - backup.entries if present else 0
    if later <= 0:
        return table
    says = (
        f"{counted(later, 'entry', 'entries')} more {'is' if later == 1 else 'are'} in the file now than in the backup:"
        " what was recorded since will be only in the file that is kept."
    )
    return Group(table, Text(), Text(says))


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def to_erase(files: Sequence[CaseFile], held: Sequence[CaseFile], now: datetime) -> RenderableType:
    """The cases of which something would be erased, and those that are held; what stays is said once."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Case", "Closed", "To erase"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Case")
    for file in files:
        table.add_row(file.case.ref, _closed(file, now), erasable(left_to_erase(file.case)))
    for file in held:
        table.add_row(file.case.ref, _closed(file, now), "nothing: it is under a legal hold", style="dim")
    if not files and not held:
        return Text("No case has been closed for so long and has anything to erase.")
    rest = Text("Stages, dates, agencies and themes stay." if files else "")
    return Group(table, Text(), rest) if files else table


def _closed(file: CaseFile, now: datetime) -> str:
    left = file.case.visit.left_at
    return f"{file.case.status} {short(left, now)}" if left else file.case.status


def erased_document(files: Sequence[CaseFile], held: Sequence[CaseFile]) -> Document:
    """`erase --json`: what is erased, or would be, and which cases are held."""
    return {
        "erased": [{"case": file.case.ref, **left_to_erase(file.case)} for file in files],
        "held": [file.case.ref for file in held],
    }


def findings_table(found: Sequence[Finding]) -> RenderableType:
    """What was looked at, a line each, with what to do below what needs it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in found:
        says = Text(inert(each.says))
        if each.advice:
            says.append(f"\n{inert(each.advice)}", style="dim")
        table.add_row(Text(each.state.value, style=_STYLES[each.state]), each.about, says)
    return table


def findings_document(found: Sequence[Finding]) -> list[Document]:
    """`doctor --json`."""
    return [
        {
            "about": each.about,
            "state": each.state.value,
            "says": each.says,
            "advice": each.advice or None,
            "repairable": each.repairable,
        }
        for each in found
    ]


_STYLES = {State.WELL: "", State.NOTE: "magenta", State.WRONG: "bold red"}
