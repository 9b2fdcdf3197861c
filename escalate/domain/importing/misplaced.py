"""What stands in the wrong column: names of people, dates of birth and addresses where lists and reports would show them, and dates that Excel made."""

import re
from collections.abc import Iterator
from functools import cache

from escalate.domain.importing.cells import Cells
from escalate.domain.importing.dates import is_made_by_excel
from escalate.domain.importing.headings import FIELD_NAMES, LogColumn
from escalate.domain.importing.likeness import (
    A_NAME,
    divided,
    is_family,
    looks_like_agency,
    looks_like_name,
    names_somebody,
    names_within,
    personal_in,
)
from escalate.domain.importing.values import one_line, parts

SHOWN = ("reference", "subject", "theme")
"""Fields beside the agencies that lists and reports show."""

SHORT = frozenset(
    (*SHOWN, "stage", "route", "protocol", "status", "from", "to", "involved", "level-current", "level-perceived")
)
"""Fields in which a date alone makes no sense."""

WAS_A_DATE = "is a date: Excel makes one of what is typed as 2/3; format the cell as text, and type it again"
SHORTENED = "is a number that Excel has shortened: format the column as text, and type it again"

_SHORTENED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_LONG = frozenset(FIELD_NAMES)
_NUMBERED = ("reference", "subject")
_SIDES = {"from": "raising", "to": "receiving"}


def misplaced(cells: Cells) -> Iterator[str]:
    """What is wrong with a row because something stands where it does not belong, each as a sentence that shows nothing of it."""
    for name, found in cells.by_field:
        if name not in SHORT and (name is None or name in _LONG or ":" in name):
            continue
        for column, text in found:
            if column.number in cells.explained:
                continue
            if name in _SIDES and _is_one_agency(text):
                continue
            if is_made_by_excel(text):
                yield f"{cells.place(column)} {WAS_A_DATE}"
            elif name in SHOWN and (" " in text or "@" in text) and (what := _personal(name, text)):
                yield _seems(cells, column, what)
            elif name in _NUMBERED and _SHORTENED.fullmatch(text):
                yield f"{cells.place(column)} {SHORTENED}"


def _personal(name: str, text: str) -> str | None:
    """What a cell that is shown says of who a person is; a name for a subject is kept apart and is not wrong."""
    plain = one_line(text)
    if name == "subject" and is_family(plain):
        return A_NAME
    found = personal_in(plain, words_too=name != "theme")
    return None if name == "subject" and found == A_NAME and looks_like_name(plain) else found


def _seems(cells: Cells, column: LogColumn, what: str) -> str:
    return (
        f"{cells.place(column)} seems to hold {what}, and would be shown in lists and reports: put it into a column of its own,"
        f' or say what it is with --value "{column.label}: WORDS=MEANING"'
    )


@cache
def _is_one_agency(text: str) -> bool:
    """Whether a text surely names an agency, and nobody with it."""
    return looks_like_agency(text) and not re.search(r"[,;(/\d@–—-]", text) and not names_within(text)


class AgencyCells:
    """The agencies of a row, and the people who are named with them; what is no agency is noted as a problem of the row."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self.named: dict[str, str] = {}
        """The agencies of the two sides, by `from` and `to`."""
        self.people: dict[str, str] = {}
        """Who is named with them, by `raising` and `receiving`."""
        self.involved: list[str] = []
        """Other agencies."""
        for field, side in _SIDES.items():
            for column, text in cells.of(field):
                agency, person = self._agency(column, one_line(text))
                self.named[field] = agency
                if person:
                    self.people[side] = person
        for column, text in cells.of("involved"):
            self.involved += [self._agency(column, part)[0] for part in parts(text, r"[;\n]")]

    def _agency(self, column: LogColumn, text: str) -> tuple[str, str | None]:
        """The agency that a text names, and the person named with it."""
        if _is_one_agency(text) or column.number in self._cells.explained:
            return text, None
        what = personal_in(text)
        if what in (None, A_NAME) and (found := divided(text)):
            return found
        if what or names_somebody(text):
            self._cells.problems.append(_seems(self._cells, column, what or A_NAME))
        return text, None
