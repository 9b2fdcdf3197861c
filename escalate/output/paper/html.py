"""A paper as one HTML page, in the style of all pages."""

from collections.abc import Iterator

from escalate.output.pages import page
from escalate.output.paper.model import Paper
from escalate.output.paper.parts import Part, lines_of, plain


def paper_html(paper: Paper) -> Iterator[str]:
    """The page, piece by piece."""
    from markupsafe import Markup

    return page("paper.html", paper=paper, said=_said, said_line=lambda line: plain([line]), drawn=Markup)


def _said(cell: tuple[Part, ...]) -> str:
    """What a cell says, without its looks."""
    return " ".join(plain(lines_of(part)) for part in cell)
