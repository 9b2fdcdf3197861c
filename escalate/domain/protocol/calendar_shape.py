"""The shape of a calendar in a protocol file, and how a stored one is read."""

import json
from datetime import date

from escalate.domain.protocol.shape import Choice, Day, Field, ListOf, Parsed, Problems, Shape, Text, YesNo
from escalate.domain.worktime.calendar import CALENDARS
from escalate.domain.worktime.local_calendar import WEEKDAYS, CalendarChoice, OwnCalendar, Span
from escalate.domain.worktime.working_hours import Hours, parse_hours


def read_own_calendar(text: str) -> OwnCalendar:
    """What `OwnCalendar.text` wrote. Raises ValueError where it is damaged."""
    problems = Problems()
    tree = json.loads(text)
    own = OwnCalendar(
        CALENDAR.read(tree["usual"], "", problems),
        tuple(CALENDAR.read(each, "", problems) for each in tree["beside"]),
    )
    if problems.found:
        raise ValueError(str(problems.found[0]))
    return own


def _span(
    from_: date | None,
    to: date | None,
    name: str,
    on: date | None = None,
    every_year: bool = False,
    until: date | None = None,
) -> Span:
    first = from_ or on or to or date.min
    return Span(first, to or first, name, every_year, until)


def _hours_on(**hours: Hours | None) -> dict[str, Hours]:
    return {day: said for day, said in hours.items() if said}


_hours = Parsed(parse_hours, None)

_name = Field("name", Text(), "what the days are called, such as council closed", "closed")

CLOSURE = Shape(
    _span,
    (
        Field("on", Day(), "the day, where it is one", None),
        Field("from", Day(), "the first day", None, attribute="from_"),
        Field("to", Day(), "the last day", None),
        _name,
        Field("every_year", YesNo(), "whether it comes back on the same days of every year that follows", False),
        Field("until", Day(), "of what comes back: the last day for which that is known", None),
    ),
    one_of=(("on", "from"),),
)

TERM = Shape(
    _span,
    (
        Field("from", Day(), "the first day", attribute="from_"),
        Field("to", Day(), "the last day"),
        Field("name", Text(), "what the term is called", "term"),
    ),
)

_FIELDS = (
    Field("name", Choice(CALENDARS), "whose bank holidays count"),
    Field("also", ListOf(Choice(CALENDARS)), "other nations, whose bank holidays count as well", ()),
    Field("week", ListOf(Choice(WEEKDAYS)), "the working days of the week, if not Monday to Friday", ()),
    Field("bank_holidays", YesNo(), "whether bank holidays are days off", True),
    Field("hours", _hours, 'the working hours, such as "08:30 to 17:00"', None),
    Field(
        "hours_on",
        Shape(_hours_on, tuple(Field(day, _hours, f"the hours of {day.capitalize()}", None) for day in WEEKDAYS)),
        'days with other hours, such as { friday = "08:30 to 16:30" }',
        {},
    ),
    Field("closures", ListOf(CLOSURE), "days on which nobody works", ()),
    Field("terms", ListOf(TERM), "the only days that count, where only days in term do", ()),
)

_KEY = Field(
    "key",
    Text(r"[a-z0-9][a-z0-9-]*", "small letters, digits and hyphens"),
    'what its days are called: "school" for "5 school days"',
)

USUAL = Shape(CalendarChoice, _FIELDS)
"""The calendar of a protocol."""

BESIDE = Shape(CalendarChoice, (_KEY, *_FIELDS))
"""Another calendar of a protocol, whose days go by its key."""

CALENDAR = Shape(CalendarChoice, (_KEY._replace(default=""), *_FIELDS))
"""Either of them, as it is stored."""
