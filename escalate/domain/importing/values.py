"""What a cell of a log says: days, statuses, stages, themes, and a person all in one cell. Nothing here knows its row."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from escalate.domain.importing.headings import folded
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Fact
from escalate.domain.worktime.clock import london_date

# -- any cell -------------------------------------------------------------------------------------------------------------

NOTHING = {"", "-", "--", "–", "n/a", "na", "none", "not known", "unknown", "tbc", "?", "nil", "not applicable",
           "n.a.", "n/k", "nk", "n/r", "not recorded", "not stated"}  # fmt: skip
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

    remark: str | None = None
    """What to say where it was not clear which of two instants is meant (C11)."""

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


# -- statuses and answers -------------------------------------------------------------------------------------------------

_WORDS = {
    "open": """open ongoing active live inprogress pending current new awaiting reopened underreview onhold paused outstanding unresolved notresolved notyetresolved
        raised escalated continuing inhand stillopen notclosed opened underway""",
    "withdrawn": "withdrawn notpursued cancelled canceled retracted rescinded withdrew withdrawnbyreferrer",
    "resolved": "resolved closed complete completed concluded settled ended finished finalised finalized caseclosed nowclosed resolvedandclosed closedandresolved",
    "nfa": "nfa nofurtheraction nofurtheractionneeded nofurtheractionrequired closednfa nfaclosed",
}  # fmt: skip
_STATUSES = {word: status for status, words in _WORDS.items() for word in words.split()}
_ONLY_CLOSED = {"closed", "caseclosed", "nowclosed", "ended", "complete", "completed", "concluded", "finished"}

YES_OR_NO = {"yes": "yes", "y": "yes", "true": "yes", "✓": "yes", "✔": "yes", "no": "no", "n": "no", "false": "no"}
"""What people write, in small letters, for yes and no."""

TAKEN_AS_RESOLVED = 'no further action is taken as resolved: --value "STATUS COLUMN: NFA=withdrawn" takes it otherwise'


@dataclass(frozen=True, slots=True)
class StatusMeant:
    """What a cell says of the status."""

    status: str = ""
    """`open`, `resolved` or `withdrawn`; empty where the cell is empty or says something else."""
    remark: str | None = None
    """What is to be known about how it was read."""


def status_meant(said: str) -> StatusMeant:
    """The status that words mean; a cell that says it twice, `Closed - withdrawn`, has to say the same, or the one more closely."""
    if not said or "?" in said:
        return StatusMeant()
    whole = _status_word(said)
    parted = [whole] if whole else [_status_word(part) for part in re.split(r"[-–—:/;,()\n]+", said) if part.strip()]
    found = set(parted)
    if found in ({"resolved", "withdrawn"}, {"resolved", "nfa"}) and _is_only_closed(said):
        found.discard("resolved")
    if len(found) != 1 or None in found:
        return StatusMeant()
    status = found.pop() or ""
    return StatusMeant("resolved", TAKEN_AS_RESOLVED) if status == "nfa" else StatusMeant(status)


def _status_word(said: str) -> str | None:
    plain = folded(said)
    return "open" if plain.startswith("awaiting") else _STATUSES.get(plain)


def _is_only_closed(said: str) -> bool:
    """Whether the word of a cell that means resolved only says that it was closed, so that another may say how."""
    parts = [folded(part) for part in re.split(r"[-–—:/;,()\n]+", said)]
    return all(part in _ONLY_CLOSED for part in parts if _STATUSES.get(part) == "resolved")


def answer_meant(fact: Fact, said: str) -> str | None:
    """The answer to a question of the protocol that a cell means; a tick is a yes."""
    return fact.answer(said) or fact.answer(YES_OR_NO.get(said.casefold(), ""))


# -- the protocol's own words ---------------------------------------------------------------------------------------------


_DIVIDED = re.compile(r"[;\n|,]")


def themes_in(protocol: Protocol, text: str) -> list[str]:
    """The themes of a cell, divided by commas; a theme of the protocol that has commas in its name stays whole."""
    if not _DIVIDED.search(text):
        return [one_line(text)]
    keys = {theme.key for theme in protocol.themes}
    found = parts(text, r"[;\n|]")
    return [theme for part in found for theme in ([part] if protocol.theme(part) in keys else parts(part, ","))]


# -- several things in one cell -------------------------------------------------------------------------------------------

_LEVELS = re.compile(
    r"\s*current\b[\s:-]*+(?P<current>.+?)\b(?:proposed|perceived)\b[\s:-]*+(?P<perceived>.+)",
    re.IGNORECASE | re.DOTALL,
)


def levels_in(text: str) -> dict[str, str]:
    """The two levels of `Current: 3, proposed: 4`, by their fields; empty where the cell does not give both."""
    found = _LEVELS.fullmatch(text)
    if not found:
        return {}
    return {"level-current": found["current"].rstrip(" \t\n,;/"), "level-perceived": found["perceived"].strip()}


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
