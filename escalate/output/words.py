"""The words outputs share: instants as people write them, and text made harmless."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from escalate.domain.case.details import is_instant
from escalate.domain.worktime.clock import LAST_SECOND, clock, london

if TYPE_CHECKING:  # no cycle, but a list does without
    from escalate.domain.worktime.calendar import Calendar

# What a terminal or a reader could take for more than text, or would not show: controls, marks that reorder what stands beside them,
# and what Unicode says is to be shown as nothing (Default_Ignorable_Code_Point), in which words can be hidden or told apart by
# nobody but a program. And what is no character at all.
_ACTIVE_CHARACTERS = (
    r"\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\ufdd0-\ufdef\ud800-\udfff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff" + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
)
# Marks that stand over or under the character before them. No language needs more than four on one; of more, those beyond would
# stand over the lines above and below.
_MARK = (
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc"
    r"\u0ec8-\u0ece\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# One U+FE0F asks for the picture of a sign that can be either (a telephone, a heart): the keyboards of telephones put it there.
_PICTURED = r"[#*0-9\xa9\xae\u2000-\u3299\U0001f000-\U0001faff]"
_ACTIVE = f"[{_ACTIVE_CHARACTERS}]|{_MARK}(?<={_MARK}{{5}})|\ufe0f(?<!{_PICTURED}\ufe0f)"  # made when first used, which is seldom


HALF_A_YEAR = timedelta(days=183)
"""Up to so far away, a day and a month say which year is meant."""


def inert(text: str) -> str:
    """Text that only says what it says: line breaks and tabs become spaces, anything else active is spelt out."""
    if text.isascii() and text.isprintable():
        return text  # as most are: exports have hundreds of thousands
    return re.sub(
        _ACTIVE,
        lambda match: " " if match[0] in "\n\r\t" else match[0].encode("unicode_escape", "surrogatepass").decode(),
        text,
    )


_MARKS = r"(?i:[\\`*_{}\[\]<>#|~&@]|(?=//)|(?<=www)(?=\.)|^(?=[-+=:]))"
_NUMBERED = r"^([0-9]{1,9})(?=[.)])"


def markdown(text: str) -> str:
    """Text that Markdown shows as it is: whatever could be a mark, a link or the start of a list is escaped.

    Spaces at its ends are dropped: before it they would make it code, or a list inside another.
    """
    escaped = re.sub(_MARKS, lambda match: f"\\{match[0]}", inert(text).strip())
    return re.sub(_NUMBERED, r"\1\\", escaped)


def joined(between: str, parts: Iterable[str]) -> Iterator[str]:
    """The same as `between.join(parts)`, piece by piece."""
    for n, part in enumerate(parts):
        yield f"{between}{part}" if n else part


def short(at: datetime, now: datetime) -> str:
    """`Thu 19 Nov 16:00`, with the year where it is far off, and without the time where the whole day counts."""
    local = london(at)
    year = f" {local.year}" if abs(at - now) > HALF_A_YEAR else ""
    hour = "" if local.time() == LAST_SECOND else f" {local:%H:%M}"
    return f"{_day_in_short(local.date())}{year}{hour}"


@lru_cache(maxsize=1_000)
def _day_in_short(day: date) -> str:
    """`Thu 19 Nov`. Kept, because spelling a day out takes as long as all else in a line of a list, and lists have many of the same."""
    return f"{day:%a} {day.day} {day:%b}"


def when_it_began(at: datetime) -> str:
    """The same without the time at the very beginning of a day, as which a day alone is read."""
    return full(at).removesuffix(" 00:00")


DAY_NOT_KNOWN = "day not known"
"""What stands for when a case was closed, where the log it was taken over from does not say."""


def full(at: datetime) -> str:
    """`Thu 19 Nov 2026 16:00`, and to the second at the end of a day."""
    local = london(at)
    return f"{full_day(local)} {clock(local)}"


def full_day(day: date) -> str:
    """`Thu 19 Nov 2026`."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def days(since: date | None, until: date | None) -> str:
    """`from Mon 21 Dec 2026 until Mon 4 Jan 2027`, as far as either is known."""
    said = ((f"from {full_day(since)}" if since else ""), (f"until {full_day(until)}" if until else ""))
    return " ".join(filter(None, said))


def in_full(at: datetime) -> str:
    """`Thu 19 Nov 2026 16:00`; without the time where the whole day counts."""
    return full(at).removesuffix(" 23:59:59")


def answer_in_words(answer: str) -> str:
    """The answer to a question about a case: if it is a moment the day, with the time of day if one was given."""
    if not is_instant(answer):
        return answer
    local = london(datetime.fromisoformat(answer))
    return full(local) if local.time() != time(0) else full_day(local)


def spoken_identity(name: str, said: str | None) -> str | None:
    """Who somebody is, as people write it: a date of birth as `1 May 2014`."""
    if said is None or name != "born":
        return said
    day = date.fromisoformat(said)
    return f"{day.day} {day:%B %Y}"


# -- what the parts of a protocol are called


class Called:
    """By the keys that people type."""

    by_name = False
    """Whether whoever reads it knows no keys, and types nothing."""

    names_staff = True
    """Whether the user names of those who recorded something are told."""

    def action(self, key: str, stage: str | None = None) -> str:  # noqa: ARG002  (a name needs it)
        """An action, or a dated event that something counts from; at a stage where the key is used at several."""
        return key

    def key(self, key: str) -> str:
        """A question, a standing, or why a case went up."""
        return key

    def condition(self, text: str) -> str:
        """`severity is high`."""
        return text

    def known(self, key: str, answer: str) -> str:
        """`severity=high`: what was answered."""
        return f"{key}={answer}"

    def calendar(self, calendar: "Calendar") -> str:
        """A calendar that was counted on."""
        return calendar.title


TYPED: Final = Called()
"""For a terminal."""


def spaced(key: str) -> str:
    """`no response` for `no-response`: a key as words."""
    return re.sub(r"(?<=\w)-(?=\w)", " ", key)


def nation(name: str) -> str:
    """`England and Wales` for `england-and-wales`."""
    return name.replace("-", " ").title().replace(" And ", " and ")
