"""What a cell of a log says: days, statuses, stages, themes, and a person all in one cell. Nothing here knows its row."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from escalate.domain.importing.headings import folded
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.domain.worktime.clock import london_date

# -- any cell -------------------------------------------------------------------------------------------------------------

NOTHING = {"", "-", "--", "n/a", "na", "none", "not known", "unknown", "tbc", "?", "nil", "not applicable"}
"""What people write, in small letters, in a cell that has nothing to say."""


def one_line(text: str) -> str:
    """A text on one line, with single spaces."""
    return " ".join(text.split())


def parts(text: str, divider: str) -> list[str]:
    """The parts of a cell that names several things; `divider` is a regular expression."""
    return [one_line(part) for part in re.split(divider, text) if part.strip()]


# -- dates ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DateCell:
    """A date as a cell gives it."""

    first: datetime
    """The instant it means; of a day alone, the first second."""
    last: datetime
    """The same; of a day alone, the last second."""

    @property
    def day_alone(self) -> bool:
        """Whether no time of day was given."""
        return self.first != self.last


def same_day(one: datetime, other: datetime) -> bool:
    """Whether two instants are on one day in London."""
    return london_date(one) == london_date(other)


def birthday(cell: DateCell, said: str, now: datetime) -> date:
    """A date of birth; a year of two digits is taken to be in the past."""
    day = london_date(cell.first)
    guessed = re.search(r"\d{4}", said) is None
    return day.replace(year=day.year - 100) if guessed and day > london_date(now) else day


# -- the protocol's own words ---------------------------------------------------------------------------------------------

_WORDS = {"open": "open ongoing active live inprogress pending current", "withdrawn": "withdrawn notpursued cancelled canceled",
          "resolved": "resolved closed complete completed concluded settled ended"}  # fmt: skip
_STATUSES = {word: status for status, words in _WORDS.items() for word in words.split()}


def status_meant(said: str) -> str:
    """`open`, `resolved` or `withdrawn`; empty where the cell is empty or says something else."""
    return _STATUSES.get(folded(said), "") if said else ""


def stage_meant(protocol: Protocol, route: str, said: str) -> Stage | None:
    """`2`, `Stage 2`, `2: line managers`, `main:2`, or the name of a stage."""
    plain = one_line(said)
    short = re.match(r"(?:stage|step|level)?[\s:.#]*((?:[a-z0-9-]+:)?[a-z0-9-]+)(?=$|[\s:.,(–-])", plain, re.IGNORECASE)
    for name in (plain, short[1] if short else plain):
        if found := protocol.find(route, name):
            return found
    return next((stage for stage in protocol.ladder(route) if folded(stage.name) == folded(plain)), None)


def themes_in(protocol: Protocol, text: str) -> list[str]:
    """The themes of a cell, divided by commas; a theme of the protocol that has commas in its name stays whole."""
    keys = {theme.key for theme in protocol.themes}
    found = parts(text, r"[;\n|]")
    return [theme for part in found for theme in ([part] if protocol.theme(part) in keys else parts(part, ","))]


# -- several things in one cell -------------------------------------------------------------------------------------------

_LEVELS = re.compile(
    r"\s*current\b[\s:-]*(?P<current>.+?)[\s,;/]*\b(?:proposed|perceived)\b[\s:-]*(?P<perceived>.+)",
    re.IGNORECASE | re.DOTALL,
)


def levels_in(text: str) -> dict[str, str]:
    """The two levels of `Current: 3, proposed: 4`, by their fields; empty where the cell does not give both."""
    found = _LEVELS.fullmatch(text)
    if not found:
        return {}
    return {"level-current": found["current"].strip(), "level-perceived": found["perceived"].strip()}


_PERSON = {"name": "name", "dob": "born", "d.o.b": "born", "date of birth": "born", "born": "born", "age": "age", "address": "address",
           "unique identifier": "subject", "unique id": "subject", "identifier": "subject", "id": "subject"}  # fmt: skip
_LABEL = re.compile(
    rf"\b({'|'.join(re.escape(label) for label in sorted(_PERSON, key=len, reverse=True))})\b\.?\s*[:=]\s*",
    re.IGNORECASE,
)


def person_in(text: str) -> dict[str, str]:
    """`Name: ... DOB: ... Age: ... Unique identifier: ...` by fields; what stands before the first label is the name."""
    found: dict[str, str] = {}
    first, *rest = _LABEL.split(text)
    for label, said in [("name", first), *zip(rest[::2], rest[1::2], strict=True)]:
        if plain := said.strip(" ,;\n"):
            found.setdefault(_PERSON[label.casefold()], plain)
    return found
