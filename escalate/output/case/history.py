"""Histories as tables, and where in them something was found."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.deadlines.case_file import MARK, Found
from escalate.output.case.sentences import in_order, said, sentence
from escalate.output.words import full, inert


def history_table(case: Case, entries: Sequence[Entry] | None = None) -> Table:
    """Entries, all of them if none are named, in the order they were recorded, with both times where they differ."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("Happened", no_wrap=True)
    table.add_column("By", overflow="fold")
    table.add_column("What", overflow="fold")
    for entry in case.history if entries is None else entries:
        undone, happened = entry.seq in case.undone, case.happened(entry)
        what = Text(inert(sentence(entry)), style="strike dim" if undone else "")
        if undone:
            what.append("  (taken back)", style="not strike")
        for words in said(entry):
            what.append(f"\n{words}", style="not strike")
        if entry.withheld:
            how = "erased" if entry.seq < case.erased else "shown with --identify"
            what.append(f"\n{', '.join(in_order(entry.withheld))}: {how}", style="not strike dim")
        if happened != entry.at:
            what.append(f"\nat first given as {full(entry.at)}", style="dim")
        if entry.recorded_at != happened:
            what.append(f"\nrecorded {full(entry.recorded_at)}", style="dim")
        table.add_row(str(entry.seq), full(happened), inert(entry.by), what)
    return table


def found_page(found: Sequence[Found]) -> RenderableType:
    """A case, and below it each place where what was looked for stands."""
    parts: list[RenderableType] = []
    for each in found:
        line = each.case
        head = [line.ref, line.status, f"stage {line.stage}", line.protocol, line.subject, line.identity.get("name")]
        parts.append(Text("  ".join(inert(part) for part in head if part), style="bold"))
        for passage in each.passages:
            where = passage.field if passage.field != "text" else "note" if passage.kind == "noted" else passage.kind
            text = Text(f"  entry {passage.entry}, {where}{' (taken back)' if passage.taken_back else ''}: ")
            for n, piece in enumerate(passage.text.split(MARK)):
                text.append(inert(piece), style="bold" if n % 2 else "")
            parts.append(text)
    return Group(*parts)
