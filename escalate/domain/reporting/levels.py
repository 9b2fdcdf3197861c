"""The level of need that a case is counted under, from what was typed of it."""

import re
from collections.abc import Sequence

from escalate.domain.reporting.model import NOT_RECORDED, ByName, Cases, counts_in

OTHER_WORDS = "in other words"
"""What is counted together: a text, and not a level."""

LONGEST = 30
"""Characters: a level in words, such as "Child in need", is no longer; what is longer tells of the case."""

_IN_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_NUMBERED = re.compile(
    rf"(?:level|tier|stage|lvl|l)?[ .:-]*(?P<number>[1-5]|{'|'.join(_IN_WORDS)})", re.IGNORECASE | re.ASCII
)


def level_of_need(said: str | None) -> str:
    """`Level 3` for what is one (`3`, `L3`, `level three`), a few words as they are, and OTHER_WORDS for more of them."""
    plain = " ".join((said or "").split())
    if not plain:
        return NOT_RECORDED
    if found := _NUMBERED.fullmatch(plain):
        number = found["number"].casefold()
        return f"Level {_IN_WORDS.get(number, number)}"
    return plain if len(plain) <= LONGEST else OTHER_WORDS


def in_order(levels: Sequence[ByName]) -> tuple[ByName, ...]:
    """Levels by their names, then those in other words and those nobody recorded."""
    last = (OTHER_WORDS, NOT_RECORDED)
    return tuple(
        sorted(
            levels, key=lambda each: (each.names[0] in last, each.names[0] == NOT_RECORDED, each.names[0].casefold())
        )
    )


def without_own_words(levels: Sequence[ByName]) -> tuple[ByName, ...]:
    """The same for publication: what is in words of somebody's own is one line, as these may tell of a person."""
    lines: dict[str, Cases] = {}
    for each in levels:
        name = each.names[0]
        plain = name if name == NOT_RECORDED or _NUMBERED.fullmatch(name) else OTHER_WORDS
        lines[plain] = _together(lines[plain], each.cases) if plain in lines else each.cases
    return in_order([ByName((name,), cases) for name, cases in lines.items()])


def _together(one: Cases, other: Cases) -> Cases:
    """The cases of two lines, in neither of which anything is hidden."""
    both = ((figures[name] for figures in (counts_in(one), counts_in(other))) for name in counts_in(one))
    return Cases(*(sum(count for count in counts if isinstance(count, int)) for counts in both))
