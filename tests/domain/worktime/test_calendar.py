"""Rule C1, and counting by arithmetic against walking day by day."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalate.domain.worktime.calendar import Calendar
from escalate.errors import BeyondCalendar, Refused
from tests.calendars import ENGLAND, FIRST, LAST, NATIONS, a_calendar

DAYS = st.dates(date(2011, 1, 1), date(2027, 12, 31))


def test_a_working_day_is_monday_to_friday_and_not_a_day_off() -> None:
    rows = [
        (date(2026, 11, 20), None),
        (date(2026, 11, 21), "weekend"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 28), "Boxing Day (substitute)"),
        (date(2027, 12, 27), "Christmas Day (substitute)"),
        (date(2022, 9, 19), "Bank Holiday for the State Funeral of Queen Elizabeth II"),
    ]
    assert [(day, ENGLAND.why_not(day)) for day, _ in rows] == rows


def test_a_closure_is_no_working_day() -> None:
    closed = a_calendar({date(2026, 12, 24): "council closure"})
    assert closed.why_not(date(2026, 12, 24)) == "council closure"
    assert closed.add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 25)


@given(DAYS, st.integers(1, 300), st.sampled_from(NATIONS))
def test_adding_working_days_is_walking_to_the_nth(start: date, n: int, calendar: Calendar) -> None:
    day, left = start, n
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    assert calendar.add_working_days(start, n) == day


@given(DAYS, st.integers(0, 400), st.sampled_from(NATIONS))
def test_working_days_between_is_counting_them(start: date, length: int, calendar: Calendar) -> None:
    walked = sum(calendar.is_working_day(start + timedelta(days=i)) for i in range(1, length + 1))
    assert calendar.working_days_between(start, start + timedelta(days=length)) == walked


@given(
    st.dates(date(2026, 1, 5), date(2026, 11, 30)),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(1, 20),
)
def test_any_week_and_any_days_off_count_alike(start: date, off: set[date], week: set[int], n: int) -> None:
    calendar = a_calendar(dict.fromkeys(off, "closure"), week=tuple(week), last=date(2027, 12, 31))
    day, left = start, n
    while left:
        day += timedelta(days=1)
        left -= day.weekday() in week and day not in off
    assert calendar.add_working_days(start, n) == day


def test_a_calendar_without_working_days_is_refused() -> None:
    with pytest.raises(Refused, match="no working days"):
        a_calendar({}, week=())


def test_hours_that_do_not_open_before_they_close_are_refused() -> None:
    with pytest.raises(Refused, match="09:00 to 17:00"):
        Calendar("x", {}, first=FIRST, last=LAST, published_to=LAST, opens=time(17), closes=time(9))


@pytest.mark.parametrize(("day", "n"), [(LAST, 1), (FIRST - timedelta(days=1), 1), (date(2026, 1, 1), 99_999)])
def test_what_lies_beyond_the_calendar_is_refused(day: date, n: int) -> None:
    with pytest.raises(BeyondCalendar, match="covers 1 January 1990 to 31 December 2100"):
        ENGLAND.add_working_days(day, n)
