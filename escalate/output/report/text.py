"""The report as text for a terminal, and in Markdown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from escalate.domain.reporting.model import Report
from escalate.output.columns import Cell, Columns, Page, Piece, cell
from escalate.output.report.commentary import CommentaryBlock, Words, commentary_blocks
from escalate.output.report.sections import head, sections
from escalate.output.report.tables import FigureTable, ReportSection, shown
from escalate.output.words import inert, joined, markdown

WORDS, FIGURE = 24, 7
"""How wide the first column and those of figures stay where a table has to be made narrower: its words are not to be broken."""


def as_text(report: Report, filters: Mapping[str, str | None]) -> Page:
    """Tables with headings."""
    top = head(report, filters)
    parts: list[Piece | Columns] = [(inert(f"{top.title} ({top.days})" if top.days else top.title), "bold")]
    parts += [(inert(line), "dim") for line in top.lines]
    if report.commentary:
        parts += [("", ""), ("Commentary", "bold"), *_commentary(commentary_blocks(report.commentary))]
    for section in sections(report):
        parts += [("", ""), (section.heading, "bold"), *([(inert(section.says), "dim")] if section.says else [])]
        parts.append(_columns(section.table) if section.table.rows else (section.none, ""))
    return Page(parts)


def _commentary(blocks: Sequence[CommentaryBlock]) -> Iterator[Piece]:
    for n, block in enumerate(blocks):
        if n and block.kind not in ("bullet", "number"):
            yield "", ""
        yield inert(block.text), "bold" if block.kind == "heading" else ""


def _columns(table: FigureTable) -> Columns:
    def rows() -> Iterator[list[Cell]]:
        for row in table.lines:
            yield [cell(shown(value), style="bold" if row is table.total else "") for value in row]

    numeric = [column.heading for column in table.columns if column.numeric]
    headings = [column.heading for column in table.columns]
    least = dict.fromkeys(numeric, FIGURE) | {headings[0]: WORDS}
    return Columns(*headings, right=numeric, least=least, low=True, rows=rows)


def as_markdown(report: Report, filters: Mapping[str, str | None]) -> Iterator[str]:
    """Headings, paragraphs and tables, line by line."""
    top = head(report, filters)
    lines = chain(
        (f"# {markdown(top.title)}", "", *((markdown(top.days), "") if top.days else ())),
        *((markdown(line), "") for line in top.lines),
    )
    said = _markdown_commentary(commentary_blocks(report.commentary)) if report.commentary else ()
    return joined("\n", chain(lines, said, *map(_markdown_section, sections(report))))


def _markdown_commentary(blocks: Sequence[CommentaryBlock]) -> Iterator[str]:
    """The commentary in Markdown of our own: whatever else was typed is only text."""
    yield from ("## Commentary", "")
    for block in blocks:
        said = "".join(map(_marked, block.words)).strip()
        begins = {"heading": "### ", "quote": "> ", "bullet": "- ", "number": f"{block.number} "}.get(block.kind, "")
        yield from (f"{begins}{said}", "")


def _marked(words: Words) -> str:
    """Words with the marks of how they look, which have to stand beside the words themselves."""
    said = words.text.strip()
    if not said:
        return " " if words.text else ""
    mark = "**" * words.strong + "*" * words.stressed
    before, after = words.text[: len(words.text) - len(words.text.lstrip())], words.text[len(words.text.rstrip()) :]
    return f"{before and ' '}{mark}{markdown(said)}{mark}{after and ' '}"


def _markdown_section(section: ReportSection) -> Iterator[str]:
    yield from (f"## {section.heading}", "")
    yield from (markdown(section.says), "") if section.says else ()
    yield from _markdown_table(section.table) if section.table.rows else [section.none]
    yield ""


def _markdown_table(table: FigureTable) -> Iterator[str]:
    yield _markdown_row(column.heading for column in table.columns)
    yield _markdown_row("--:" if column.numeric else ":--" for column in table.columns)
    for row in table.lines:
        cells = [markdown(shown(value)) for value in row]
        yield _markdown_row(f"**{cell}**" if row is table.total and cell else cell for cell in cells)


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
