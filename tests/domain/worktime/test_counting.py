"""The counting rules C2 to C8, C12 and C13, each in a table of its own."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.counting import act_by, add, elapsed
from escalate.domain.worktime.proof import steps
from escalate.domain.worktime.read_allowance import parse_allowance
from escalate.errors import BeyondCalendar
from tests.calendars import ENGLAND, NATIONS, NORTHERN_IRELAND, SCOTLAND, a_calendar, at, shown

MOMENTS = st.datetimes(datetime(2011, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: at(moment.replace(microsecond=0).isoformat())
)
COUNTED = [
    Unit.MINUTE,
    Unit.HOUR,
    Unit.WORKING_HOUR,
    Unit.DAY,
    Unit.WORKING_DAY,
    Unit.WEEK,
    Unit.WORKING_WEEK,
    Unit.MONTH,
    Unit.YEAR,
]


def due(start: str, allowance: str, calendar: Calendar = ENGLAND) -> str | None:
    parsed = parse_allowance(allowance)
    return shown(add(at(start), parsed.limit, parsed.unit, calendar).at)


C2_WORKING_DAYS = [
    ("2026-11-20 16:00", "1 working day", "2026-11-23 23:59:59"),
    ("2026-11-20 23:59", "1 working day", "2026-11-23 23:59:59"),
    ("2026-11-20 00:00", "1 working day", "2026-11-23 23:59:59"),
    ("2026-11-21 10:00", "1 working day", "2026-11-23 23:59:59"),
    ("2026-11-22 10:00", "3 working days", "2026-11-25 23:59:59"),
    ("2026-11-21 10:00", "same working day", "2026-11-23 23:59:59"),
    ("2026-11-20 10:00", "0 working days", "2026-11-20 23:59:59"),
    ("2026-12-25 10:00", "same working day", "2026-12-29 23:59:59"),
    ("2026-12-24 10:00", "1 working day", "2026-12-29 23:59:59"),
    ("2026-12-24 10:00", "5 working days", "2027-01-05 23:59:59"),
    ("2027-12-24 10:00", "1 working day", "2027-12-29 23:59:59"),
    ("2027-12-23 10:00", "5 working days", "2028-01-04 23:59:59"),
    ("2026-04-02 10:00", "1 working day", "2026-04-07 23:59:59"),
    ("2020-05-07 10:00", "1 working day", "2020-05-11 23:59:59"),
    ("2020-05-01 10:00", "1 working day", "2020-05-04 23:59:59"),
    ("2022-06-01 10:00", "1 working day", "2022-06-06 23:59:59"),
    ("2022-09-16 10:00", "1 working day", "2022-09-20 23:59:59"),
    ("2023-05-05 10:00", "1 working day", "2023-05-09 23:59:59"),
    ("2028-02-28 10:00", "1 working day", "2028-02-29 23:59:59"),
    ("2026-06-01 23:30", "1 working day", "2026-06-02 23:59:59"),
]


@pytest.mark.parametrize(("start", "allowance", "expected"), C2_WORKING_DAYS)
def test_c2_day_0_is_the_start_whatever_its_hour(start: str, allowance: str, expected: str) -> None:
    assert due(start, allowance) == expected


def test_c2_takes_the_date_in_london_not_in_utc() -> None:
    assert due("2026-06-01 23:30+00:00", "1 working day") == "2026-06-03 23:59:59"


@pytest.mark.parametrize(
    ("calendar", "start", "expected"),
    [
        (SCOTLAND, "2026-12-31 10:00", "2027-01-05 23:59:59"),
        (ENGLAND, "2026-12-31 10:00", "2027-01-04 23:59:59"),
        (SCOTLAND, "2026-11-27 10:00", "2026-12-01 23:59:59"),
        (SCOTLAND, "2026-04-02 10:00", "2026-04-06 23:59:59"),
        (SCOTLAND, "2026-06-12 10:00", "2026-06-16 23:59:59"),
        (NORTHERN_IRELAND, "2026-07-10 10:00", "2026-07-14 23:59:59"),
        (NORTHERN_IRELAND, "2026-03-16 10:00", "2026-03-18 23:59:59"),
    ],
)
def test_c2_counts_on_the_calendar_of_the_nation(calendar: Calendar, start: str, expected: str) -> None:
    assert due(start, "1 working day", calendar) == expected


C3_CALENDAR_UNITS = [
    ("2026-11-20 16:00", "3 days", "2026-11-23 23:59:59"),
    ("2026-11-20 16:00", "1 day", "2026-11-21 23:59:59"),
    ("2026-11-20 16:00", "2 weeks", "2026-12-04 23:59:59"),
    ("2026-01-31 16:00", "1 month", "2026-02-28 23:59:59"),
    ("2028-01-31 16:00", "1 month", "2028-02-29 23:59:59"),
    ("2028-02-29 16:00", "12 months", "2029-02-28 23:59:59"),
    ("2026-12-15 16:00", "1 month", "2027-01-15 23:59:59"),
    ("2026-10-31 16:00", "1 month", "2026-11-30 23:59:59"),
]


@pytest.mark.parametrize(("start", "allowance", "expected"), C3_CALENDAR_UNITS)
def test_c3_calendar_units_are_not_moved_off_a_weekend(start: str, allowance: str, expected: str) -> None:
    assert due(start, allowance) == expected


def test_c4_immediately_is_due_on_the_same_date_whatever_the_day() -> None:
    assert due("2026-11-21 10:00", "immediately") == "2026-11-21 23:59:59"
    assert due("2026-12-25 23:59", "immediately") == "2026-12-25 23:59:59"


def test_c5_a_day_ends_in_london_in_summer_and_in_winter() -> None:
    assert add(at("2026-07-01 10:00"), 1, Unit.DAY, ENGLAND).at == at("2026-07-02 22:59:59+00:00")
    assert add(at("2026-12-01 10:00"), 1, Unit.DAY, ENGLAND).at == at("2026-12-02 23:59:59+00:00")


C6_HOURS = [
    ("2026-03-28 10:00", "24 hours", "2026-03-29 11:00"),
    ("2026-03-27 18:00", "48 hours", "2026-03-29 19:00"),
    ("2026-10-24 10:00", "24 hours", "2026-10-25 09:00"),
    ("2026-11-20 16:00", "24 hours", "2026-11-21 16:00"),
    ("2026-12-24 23:59", "48 hours", "2026-12-26 23:59"),
    ("2026-03-28 10:00", "1 day", "2026-03-29 23:59:59"),
    ("2026-11-20 16:00", "1 working hour", "2026-11-20 17:00"),
    ("2026-11-20 16:00", "2 working hours", "2026-11-23 10:00"),
    ("2026-11-21 12:00", "8 working hours", "2026-11-23 17:00"),
    ("2026-11-20 08:00", "1 working hour", "2026-11-20 10:00"),
    ("2026-11-20 18:00", "1 working hour", "2026-11-23 10:00"),
    ("2026-12-24 16:30", "1 working hour", "2026-12-29 09:30"),
]


@pytest.mark.parametrize(("start", "allowance", "expected"), C6_HOURS)
def test_c6_hours_run_on_and_working_hours_do_not(start: str, allowance: str, expected: str) -> None:
    assert due(start, allowance) == expected


C8_ACT_BY = [
    # anchor, due, act by, whole time outside working hours
    ("2026-11-20 16:00", "2026-11-21 16:00", "2026-11-20 17:00", False),
    ("2026-11-20 10:00", "2026-11-23 23:59:59", "2026-11-23 17:00", False),
    ("2026-11-20 10:00", "2026-11-20 12:00", "2026-11-20 12:00", False),
    ("2026-11-20 07:00", "2026-11-20 09:00", "2026-11-20 09:00", False),
    ("2026-11-20 18:00", "2026-11-21 18:00", "2026-11-21 18:00", True),
    ("2026-11-20 17:00", "2026-11-21 17:00", "2026-11-20 17:00", False),
    ("2026-11-20 17:01", "2026-11-21 17:01", "2026-11-21 17:01", True),
    ("2026-11-19 20:00", "2026-11-20 08:00", "2026-11-20 08:00", True),
    ("2026-11-19 12:00", "2026-11-20 08:00", "2026-11-19 17:00", False),
    ("2026-12-24 12:00", "2026-12-27 12:00", "2026-12-24 17:00", False),
    ("2026-12-25 12:00", "2026-12-25 23:59:59", "2026-12-25 23:59:59", True),
]


@pytest.mark.parametrize(("anchor", "deadline", "expected", "outside"), C8_ACT_BY)
def test_c8_act_by_is_the_last_working_moment(anchor: str, deadline: str, expected: str, outside: bool) -> None:
    found = act_by(at(anchor), at(deadline), ENGLAND)
    assert (shown(found.at), found.outside_hours) == (expected, outside)


def test_c12_beyond_what_is_published_is_provisional_and_beyond_what_is_known_is_refused() -> None:
    assert not add(at("2028-12-20 10:00"), 5, Unit.WORKING_DAY, ENGLAND).provisional
    assert add(at("2028-12-28 10:00"), 5, Unit.WORKING_DAY, ENGLAND).provisional
    assert add(at("2028-12-31 10:00"), 24, Unit.HOUR, ENGLAND).provisional
    for unit in COUNTED:
        with pytest.raises(BeyondCalendar):
            add(at("2100-12-31 10:00"), 999, unit, ENGLAND)
        with pytest.raises(BeyondCalendar):
            add(at("1985-01-01 10:00"), 1, unit, ENGLAND)
        with pytest.raises(BeyondCalendar):
            add(at("2026-01-01 10:00"), 99_999 * (1_000 if unit.in_hours else 1), unit, ENGLAND)


@given(MOMENTS, st.integers(1, 200), st.sampled_from(COUNTED), st.sampled_from(NATIONS))
def test_c13_what_was_added_has_elapsed(start: datetime, n: int, unit: Unit, calendar: Calendar) -> None:
    n = n if unit is not Unit.YEAR else n % 70 + 1  # no calendar here goes beyond 2100
    assert elapsed(start, add(start, n, unit, calendar).at, unit, calendar) == n


@given(MOMENTS, MOMENTS, st.integers(0, 60), st.sampled_from(COUNTED), st.sampled_from(NATIONS))
def test_c13_a_later_start_never_gives_an_earlier_deadline(
    first: datetime, second: datetime, n: int, unit: Unit, calendar: Calendar
) -> None:
    assume(n or unit.in_hours)
    earlier, later = sorted([first, second])
    assert add(earlier, n or 1, unit, calendar).at <= add(later, n or 1, unit, calendar).at


@given(MOMENTS, st.integers(1, 60), st.sampled_from(COUNTED), st.sampled_from(NATIONS))
def test_more_allowance_never_ends_sooner(start: datetime, n: int, unit: Unit, calendar: Calendar) -> None:
    assert add(start, n, unit, calendar).at < add(start, n + 1, unit, calendar).at


@given(MOMENTS, st.integers(1, 40), st.sampled_from([*COUNTED, Unit.IMMEDIATELY, Unit.SAME_WORKING_DAY]))
def test_the_proof_has_every_day_once_and_ends_on_the_deadline_with_all_of_it_counted(
    start: datetime, n: int, unit: Unit
) -> None:
    n = 0 if unit not in COUNTED else n if unit is not Unit.YEAR else n % 4 + 1  # forty years of days take too long
    proof = list(steps(start, Allowance(n, unit), ENGLAND))
    days = [step.on for step in proof]
    assert days == [days[0] + timedelta(days=i) for i in range(len(days))]
    assert days[-1] == add(start, n, unit, ENGLAND).on
    assert proof[-1].count == n
    assert all(step.why for step in proof if step.count is None)


def test_the_proof_names_what_was_skipped() -> None:
    proof = list(steps(at("2026-12-24 15:00"), Allowance(2, Unit.WORKING_DAY), ENGLAND))
    assert [(step.on.day, step.count, step.why) for step in proof] == [
        (24, 0, "day 0"),
        (25, None, "Christmas Day"),
        (26, None, "weekend"),
        (27, None, "weekend"),
        (28, None, "Boxing Day (substitute)"),
        (29, 1, ""),
        (30, 2, ""),
    ]


def test_the_proof_in_hours_says_what_the_clocks_did() -> None:
    proof = list(steps(at("2026-03-28 10:00"), Allowance(24, Unit.HOUR), ENGLAND))
    assert [(step.on.day, step.count, step.why) for step in proof] == [(28, 14, ""), (29, 24, "clocks went forward")]


def test_working_hours_follow_the_calendar_not_the_nation() -> None:
    long_days = a_calendar({}, opens=at("2026-11-20 08:00").time(), closes=at("2026-11-20 20:00").time())
    assert due("2026-11-20 19:00", "2 working hours", long_days) == "2026-11-23 09:00"
    assert long_days.working_days_between(date(2026, 11, 20), date(2026, 11, 23)) == 1
