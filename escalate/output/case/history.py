"""Histories as tables, and where in them something was found."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.case.entries import NOTED, LogLine
from escalate.domain.case.model import Case
from escalate.domain.deadlines.model import CaseLine
from escalate.domain.deadlines.search_results import MARK, Found, Passage
from escalate.output.case.sentences import in_order, said, sentence
from escalate.output.tables import table
from escalate.output.words import full, inert


def history_table(case: Case, lines: Sequence[LogLine] | None = None) -> Table:
    """Entries, all of them if none are named, in the order they were recorded, with both times where they differ."""
    history = table()
    history.add_column("#", justify="right")
    history.add_column("Happened", no_wrap=True)
    for heading in ("By", "What"):
        history.add_column(heading, overflow="fold")
    last_erasure = case.last_erasure
    for line in case.log if lines is None else lines:
        entry = line.entry
        history.add_row(str(entry.seq), full(line.happened_at), inert(entry.by), _what(line, last_erasure))
    return history


def _what(line: LogLine, last_erasure: int) -> Text:
    """What an entry says and what somebody wrote in it; whether it was taken back, and its other times."""
    entry, happened_at, undone = line
    what = Text(inert(sentence(entry)), style="strike dim" if undone else "")
    if undone:
        what.append("  (taken back)", style="not strike")
    for words in said(entry):
        what.append(f"\n{words}", style="not strike")
    if entry.withheld:
        how = "erased" if entry.seq < last_erasure else "shown with --identify"
        what.append(f"\n{', '.join(in_order(entry.withheld))}: {how}", style="not strike dim")
    if happened_at != entry.at:
        what.append(f"\nat first given as {full(entry.at)}", style="dim")
    if entry.recorded_at != happened_at:
        what.append(f"\nrecorded {full(entry.recorded_at)}", style="dim")
    return what


def found_page(found: Sequence[Found]) -> RenderableType:
    """A case, and below it each place where what was looked for stands."""
    return Group(*(part for each in found for part in (_case(each.case), *map(_passage, each.passages))))


def _case(line: CaseLine) -> Text:
    """`E0001  open  stage 2  herefordshire  S-1`."""
    parts = (line.ref, line.status, f"stage {line.stage}", line.protocol, line.subject, line.identity.get("name"))
    return Text("  ".join(inert(part) for part in parts if part), style="bold")


def _passage(passage: Passage) -> Text:
    """Which entry it stands in and in which of its words, and the piece with what was looked for in bold."""
    where = passage.field if passage.field != "text" else "note" if passage.kind == NOTED else passage.kind
    text = Text(f"  entry {passage.entry}, {where}{' (taken back)' if passage.taken_back else ''}: ")
    for n, piece in enumerate(passage.text.split(MARK)):
        text.append(inert(piece), style="bold" if n % 2 else "")
    return text
