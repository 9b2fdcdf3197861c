"""The words outputs share: moments as people write them, and text made harmless."""

import re
from datetime import date, datetime, time, timedelta

from escalate.domain.london import LAST_SECOND, clock, london
from escalate.domain.particulars import is_moment

# What a terminal or a reader could take for more than text: controls, and marks that reorder or hide what stands beside them.
_ACTIVE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff]"
)


HALF_A_YEAR = timedelta(days=183)
"""A day and a month say which year is meant, up to so far away."""


def inert(text: str) -> str:
    """Text that only says what it says: line breaks and tabs become spaces, anything else active is spelt out."""
    return _ACTIVE.sub(
        lambda match: " " if match[0] in "\n\r\t" else match[0].encode("unicode_escape", "surrogatepass").decode(), text
    )


_MARKS = re.compile(
    r"([\\`*_{}\[\]<>#|~&@]|(?<=:)(?=//)|(?<=www)(?=\.)|^(?=[-+=])|(?<=^\d)(?=[.)])|(?<=^\d\d)(?=[.)]))", re.IGNORECASE
)


def markdown(text: str) -> str:
    """Text that Markdown takes for nothing more: whatever could be a mark, a link or the start of a list is escaped."""
    return _MARKS.sub(lambda match: f"\\{match[0]}", inert(text))


def short(moment: datetime, now: datetime) -> str:
    """`Thu 19 Nov 16:00`, with the year where it is far off, and without the time where the whole day counts."""
    local = london(moment)
    year = f" {local.year}" if abs(moment - now) > HALF_A_YEAR else ""
    hour = "" if local.time() == LAST_SECOND else f" {local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b}{year}{hour}"


def full(moment: datetime) -> str:
    """`Thu 19 Nov 2026 16:00`, and to the second at the end of a day."""
    local = london(moment)
    return f"{local:%a} {local.day} {local:%b %Y} {clock(local)}"


def answer_in_words(answer: str) -> str:
    """The answer to a question about a case: of a moment, the day, with the time of day if one was given."""
    if not is_moment(answer):
        return answer
    local = london(datetime.fromisoformat(answer))
    return full(local) if local.time() != time(0) else f"{local:%a} {local.day} {local:%b %Y}"


def counted(n: int, singular: str, plural: str = "") -> str:
    """`1 case`, `2 cases`."""
    return f"{n} {singular if n == 1 else plural or singular + 's'}"


def spoken_identity(name: str, said: str | None) -> str | None:
    """Who somebody is, as people write it: a date of birth as `1 May 2014`."""
    if said is None or name != "born":
        return said
    day = date.fromisoformat(said)
    return f"{day.day} {day:%B %Y}"
