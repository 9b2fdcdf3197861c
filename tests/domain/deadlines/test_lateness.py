"""How late something is: in the unit of its limit, never less as time passes, and the same everywhere (C17)."""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.lateness import late_in, lateness
from escalate.domain.deadlines.model import Deadline, Limit
from escalate.domain.protocol.anchors import AGREED
from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.counting import runs_out
from escalate.domain.worktime.read_allowance import parse_allowance
from tests.calendars import at
from tests.driver import Desk, Office
from tests.sizes import sampled

CHRISTMAS = {date(2026, 12, 25): "Christmas Day", date(2026, 12, 28): "Boxing Day (substitute)"}


def calendar_with(days_off: dict[date, str]) -> Calendar:
    first, last = date(2025, 1, 1), date(2029, 12, 31)
    return Calendar("a", days_off, first=first, last=last, published_to=last)


ENGLAND = calendar_with(CHRISTMAS)


def deadline_of(allowance: Allowance | None, start: datetime, calendar: Calendar = ENGLAND) -> Deadline:
    """What so much time from an instant comes to; None for a date agreed for that instant."""
    due = runs_out(start, allowance, calendar) if allowance else None
    limit = Limit(allowance, AGREED, start, 1, due, None, False, "")
    row = Deadline(Occasion(stay=1), "main", "1", "One", "act", "Act", "Somebody", None)
    return row._replace(due_at=due.at if due else start, late_in=late_in(limit), limits=(limit,))


IN_WORDS = [
    # an allowance from Thursday 24 December 2026 10:00 (None: agreed for then), looked at when, and how late it is
    ("24 hours", "2026-12-25 10:00", "less than 1 minute"),
    ("24 hours", "2026-12-25 10:40", "40 minutes"),
    ("24 hours", "2026-12-26 10:00", "24 hours"),
    ("24 hours", "2026-12-27 09:59", "47 hours"),
    ("24 hours", "2026-12-27 10:00", "2 days"),
    ("immediately", "2026-12-28 09:00", "3 days"),
    ("immediately", "2026-12-29 09:00", "4 days"),
    ("same working day", "2026-12-29 09:00", "4 days"),
    ("1 day", "2026-12-29 09:00", "3 days"),
    ("1 week", "2027-01-04 12:00", "3 days"),
    ("1 working day", "2026-12-30 00:00", "1 working day"),
    ("1 working day by 12:00", "2026-12-29 15:00", "less than 1 working day"),
    ("1 working day", "2026-12-30 09:00", "1 working day"),
    ("1 working day", "2027-01-04 09:00", "4 working days"),
    ("1 working week", "2027-01-05 09:00", "1 working day"),
    ("5 working hours", "2026-12-24 15:30", "30 working minutes"),
    ("5 working hours", "2026-12-28 15:00", "2 working hours"),
    ("5 working hours", "2026-12-30 10:00", "11 working hours"),
    (None, "2026-12-24 15:00", "5 hours"),
    (None, "2026-12-28 15:00", "4 days"),
]


@pytest.mark.parametrize(("allowance", "now", "words"), IN_WORDS)
def test_lateness_is_told_in_the_unit_of_the_limit(allowance: str | None, now: str, words: str) -> None:
    deadline = deadline_of(parse_allowance(allowance) if allowance else None, at("2026-12-24 10:00"))
    assert str(lateness(deadline, ENGLAND, at(now))) == words


AT_ONCE = (Unit.IMMEDIATELY, Unit.SAME_WORKING_DAY)
ALLOWANCES = st.tuples(st.integers(1, 30), st.sampled_from([unit for unit in Unit if unit is not Unit.YEAR])).map(
    lambda each: Allowance(0 if each[1] in AT_ONCE else each[0], each[1])
)
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1)).map(lambda each: at(f"{each:%Y-%m-%d 12:%M}"))
CLOSURES = st.dictionaries(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.just("Closed"), max_size=60)
MINUTES = st.integers(1, 60 * 24 * 120).map(lambda n: timedelta(minutes=n))

SIZES = {"minute": 1, "hour": 60, "day": 24 * 60}


def size_of(words: str) -> float:
    """How much the words say, to compare two of one limit."""
    figure, unit = re.fullmatch(r"(?:less than )?([\d.]+) (?:working )?(minute|hour|day)s?", words).groups()  # type: ignore[union-attr]
    return 0 if words.startswith("less") else float(figure) * SIZES[unit]


@given(ALLOWANCES | st.none(), STARTS, CLOSURES, MINUTES, MINUTES)
def test_lateness_never_shrinks_as_time_passes(
    allowance: Allowance | None, start: datetime, closures: dict[date, str], first: timedelta, more: timedelta
) -> None:
    calendar = calendar_with(CHRISTMAS | closures)
    deadline = deadline_of(allowance, start, calendar)
    assert deadline.due_at is not None
    earlier = lateness(deadline, calendar, deadline.due_at + first)
    later = lateness(deadline, calendar, deadline.due_at + first + more)
    assert earlier.unit == later.unit == deadline.late_in
    assert earlier.amount <= later.amount
    assert size_of(str(earlier)) <= size_of(str(later))
    assert ("working" in str(later)) == ("working" in deadline.late_in)


# -- the same words everywhere

PROTOCOL = """
id = "one-limit"
title = "Test protocol: a single limit"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = {{ dated = "2026-09" }}
calendar = {{ name = "england-and-wales" }}

[[calendars]]
key = "school"
name = "england-and-wales"
terms = [{{ from = 2026-09-02, to = 2026-12-18, name = "autumn" }}, {{ from = 2027-01-04, to = 2027-03-25, name = "spring" }}]

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Managers"
owner = "Manager"
next = []
cite = "1"

  [[stages.actions]]
  key = "resolve"
  name = "Resolve"
  ends_stage = true
  timescales = [{{ within = "{within}", from = "stage", cite = "1" }}]
"""

LATE = [
    # a limit from Friday 11 December 2026 10:00, looked at when, and how late it then is by every page
    ("24 hours", "2026-12-14 09:00", "47 hours"),
    ("24 hours", "2026-12-29 09:00", "16 days"),
    ("immediately", "2026-12-14 09:00", "2 days"),
    ("same working day", "2026-12-14 09:00", "2 days"),
    ("3 days", "2026-12-17 15:00", "2 days"),
    ("1 working day", "2026-12-15 00:30", "1 working day"),
    ("1 working day", "2026-12-29 09:00", "9 working days"),
    ("1 working day by 12:00", "2026-12-14 15:00", "less than 1 working day"),
    ("4 working hours", "2026-12-14 12:00", "6 working hours"),
    ("4 working hours", "2026-12-16 16:00", "26 working hours"),
    ("2 school days", "2027-01-05 16:00", "5 school days"),
]


def told(desk: Desk, now: str) -> dict[str, set[str]]:
    """How late the one deadline that is overdue is, by each page that tells it."""
    pages = {"due": ["due"], "digest": ["digest"], "letter": ["digest", "--format", "html"], "explain": ["explain", "1"], "show": ["show", "1"]}  # fmt: skip
    late = re.compile(r"((?:less than )?\d+ (?:[a-z]+ )?(?:minute|hour|day)s?) late\b")
    found = {name: set(late.findall(" ".join(desk.run(now, *line).stdout.split()))) for name, line in pages.items()}
    report = json.loads(desk.run(now, "report", "--from", "2026-12-01", "--format", "json").stdout)
    return found | {"report": {each["how_late"] for each in report["overdue"]}}


@pytest.mark.parametrize(("within", "now", "words"), sampled(LATE, 3))
def test_every_page_tells_the_same_lateness(tmp_path: Path, within: str, now: str, words: str) -> None:
    desk = Desk(tmp_path)
    desk.write("one-limit.toml", PROTOCOL.format(within=within))
    assert desk.run("2026-12-11T10:00", "open", "one-limit", "--subject", "M-1").status == 0
    assert told(desk, now) == {name: {words} for name in ("due", "digest", "letter", "explain", "show", "report")}
    assert desk.run(now, "resolve", "1").status == 0
    done = json.loads(desk.run(now, "report", "--from", "2026-12-01", "--format", "json").stdout)
    (line,) = done["stages"]["lines"]
    assert [each["median_in_words"] for each in line["how_late"]] == [words]
    page = " ".join(desk.run(now, "report", "--from", "2026-12-01").stdout.split())
    assert words in page


def test_a_date_agreed_is_passed_by_the_clock(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("one-limit.toml", PROTOCOL.format(within="5 working days"))
    desk.run("2026-12-11T10:00", "open", "one-limit", "--subject", "M-1")
    desk.run("2026-12-11T10:00", "agree", "1", "2026-12-14 10:00")
    assert set.union(*told(desk, "2026-12-17T15:00").values()) == {"3 days"}


def test_an_emergency_of_christmas_eve_grows_later_every_day(tmp_path: Path) -> None:
    office = Office(now="2026-12-24T10:00")
    office.did(
        tmp_path,
        "open",
        "hull-east-riding",
        "--subject",
        "M-1",
        "--fact",
        "immediate-risk=yes",
        "--fact",
        "severity=low",
    )
    days = []
    for day in (28, 29, 30, 31):
        lines = office.did(tmp_path, "due", "--duties", now=f"2026-12-{day}T10:00", COLUMNS="300").splitlines()
        days += [re.findall(r"(\w+ \w+) late", line) for line in lines if "police-and-safeguarding  " in line]
    assert days == [["3 days"], ["4 days"], ["5 days"], ["6 days"]]
