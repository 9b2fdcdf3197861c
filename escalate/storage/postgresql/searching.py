"""Words as they are searched on a server: cut into tokens and folded as SQLite's full-text index does it on a file.

A token is a run of letters and digits, in small letters, without accents. A row of the index keeps its tokens between single spaces,
so that a phrase whose last word may be the beginning of one is found with LIKE.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from escalate.domain.deadlines.search_results import MARK

TOKENS_SHOWN = 24
"""How many tokens a passage has at most, as on a file."""

_RUN = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")


class Token(NamedTuple):
    """A word of a text."""

    folded: str
    """In small letters, without accents."""
    start: int
    """Where it begins in the text."""
    end: int
    """Where it ends."""


def tokens(text: str) -> list[Token]:
    """The words of a text, in order."""
    return [Token(_plain(found[0]), found.start(), found.end()) for found in _RUN.finditer(text)]


def folded(text: str) -> str:
    """A text as a row of the index has it: ` the panel met `."""
    return " " + "".join(f"{each.folded} " for each in tokens(text))


def pattern(phrase: str) -> str | None:
    """What LIKE looks for in folded text; None where a phrase has no word in it, which stands nowhere."""
    wanted = " ".join(each.folded for each in tokens(phrase))
    return f"% {wanted}%" if wanted else None  # no token has a character that means something to LIKE


def passage(text: str, phrases: Sequence[str]) -> str:
    """The part of a text around the first phrase found in it, with what was found between marks."""
    words = tokens(text)
    found = [span for phrase in phrases for span in _spans(words, [each.folded for each in tokens(phrase)])]
    if not found:
        return text
    first, last = _window(words, found)
    marked = _joined(span for span in found if first <= span[0] and span[1] <= last)
    begin = 0 if first == 0 else words[first].start
    end = len(text) if last == len(words) else words[last - 1].end
    pieces, at = [], begin
    for start, stop in marked:
        pieces += [text[at : words[start].start], MARK, text[words[start].start : words[stop - 1].end], MARK]
        at = words[stop - 1].end
    return "".join(["…" if begin else "", *pieces, text[at:end], "…" if end < len(text) else ""])


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.lower())
    return "".join(each for each in apart if not unicodedata.combining(each))


def _spans(words: Sequence[Token], wanted: Sequence[str]) -> Iterable[tuple[int, int]]:
    """From which word up to which a phrase stands in a text, its last word perhaps only begun."""
    if not wanted:
        return
    *whole, begun = wanted
    for n in range(len(words) - len(wanted) + 1):
        here = [each.folded for each in words[n : n + len(wanted)]]
        if here[:-1] == whole and here[-1].startswith(begun):
            yield n, n + len(wanted)


def _window(words: Sequence[Token], found: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The words that are shown: all of a short text, and those around the first find of a long one."""
    if len(words) <= TOKENS_SHOWN:
        return 0, len(words)
    first = min(found)
    start = max(0, min(first[0] - (TOKENS_SHOWN - (first[1] - first[0])) // 2, len(words) - TOKENS_SHOWN))
    return start, start + TOKENS_SHOWN


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap or touch made one."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged
