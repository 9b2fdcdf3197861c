"""What somebody writes to stand before the figures of a report, in a small part of Markdown.

Headings, paragraphs, lists, quotations, and words that are strong or stressed are understood. Everything else is text: HTML stays what was
typed, a link is its words with the address after them, and of a picture only its words are left, so that nothing is fetched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

UNDERSTOOD = (
    "heading",
    "lheading",
    "list",
    "blockquote",
    "emphasis",
    "link",
    "image",
    "newline",
    "escape",
    "entity",
    "backticks",
)
"""The rules of CommonMark that are read; its paragraphs always are. Others, such as HTML, tables and code, are text."""


class Words(NamedTuple):
    """Words that look alike."""

    text: str
    """What they say."""
    strong: bool = False
    """They are bold."""
    stressed: bool = False
    """They are in italics."""


@dataclass(frozen=True, slots=True)
class CommentaryBlock:
    """A paragraph, or one line of a list."""

    kind: str
    """`heading`, `paragraph`, `quote`, `bullet` or `number`."""
    words: tuple[Words, ...]
    """What stands in it."""
    number: str = ""
    """The number of a line of a numbered list, as in `2.`; the mark of another."""

    @property
    def text(self) -> str:
        """All of it as plain text."""
        said = "".join(each.text for each in self.words)
        return f"{self.number} {said}" if self.number else said


def commentary_blocks(source: str) -> list[CommentaryBlock]:
    """The blocks of a commentary, in order."""
    found: list[CommentaryBlock] = []
    kinds: list[str] = ["paragraph"]
    lists: list[int | None] = []
    for token in _reader().parse(source):
        match token.type:
            case "heading_open":
                kinds.append("heading")
            case "blockquote_open":
                kinds.append("quote")
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "list_item_open":
                kinds.append("bullet" if lists[-1] is None else "number")
            case "heading_close" | "blockquote_close":
                kinds.pop()
            case "list_item_close":
                kinds.pop()
                if (number := lists[-1]) is not None:
                    lists[-1] = number + 1
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "inline":
                number = lists[-1] if lists else None
                mark = {"bullet": "•", "number": f"{number}."}.get(kinds[-1], "")
                found.append(CommentaryBlock(kinds[-1], tuple(_words(token.children or [])), mark))
    return [each for each in found if each.text.strip()]


@cache
def _reader() -> Any:
    from markdown_it import MarkdownIt  # comes with Rich

    return MarkdownIt("zero", {"html": False, "linkify": False, "maxNesting": 20}).enable(list(UNDERSTOOD))


def _words(tokens: Sequence[Any]) -> Iterator[Words]:
    """The words of a paragraph; an address follows the words that link to it."""
    strong = stressed = 0
    addresses: list[str] = []
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                strong += 1 if token.nesting > 0 else -1
            case "em_open" | "em_close":
                stressed += 1 if token.nesting > 0 else -1
            case "link_open":
                addresses.append(str(token.attrGet("href") or ""))
            case "link_close":
                if address := addresses.pop():
                    yield Words(f" ({address})", strong > 0, stressed > 0)
            case "softbreak" | "hardbreak":
                yield Words(" ")
            case _:
                if token.content:
                    yield Words(token.content, strong > 0, stressed > 0)
