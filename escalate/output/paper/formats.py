"""A paper in the format that was asked for."""

from collections.abc import Callable, Iterator

from escalate.output.documents import json_pieces
from escalate.output.paper.model import Paper


def in_format(format_: str, paper: Callable[[], Paper], document: Callable[[], object]) -> Iterator[bytes]:
    """What goes into the file, piece by piece: the paper as `html` or `docx`, or the JSON document of what it is about."""
    match format_:
        case "html":
            from escalate.output.paper.html import paper_html  # each format loads only what it needs

            yield from (piece.encode() for piece in paper_html(paper()))
        case "docx":
            from escalate.output.paper.word import paper_docx

            yield paper_docx(paper())
        case "json":
            yield from (piece.encode() for piece in json_pieces(document()))
        case _:
            raise AssertionError(format_)
