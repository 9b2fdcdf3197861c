"""WHEN: what is read as which moment, seen from Saturday 21 November 2026 23:40."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalate.commands.shared.when import Direction, read_when
from escalate.domain.worktime.clock import LONDON, london_date, spoken_day, written
from escalate.errors import BadWhen
from tests.calendars import at, shown
from tests.driver import Office

NOW = at("2026-11-21 23:40")

READ = [
    # what is typed, looking back, looking ahead
    ("now", "2026-11-21 23:40", "2026-11-21 23:40"),
    ("2026-11-18", "2026-11-18 00:00", "2026-11-18 00:00"),
    ("2026-11-18 14:05", "2026-11-18 14:05", "2026-11-18 14:05"),
    ("2026-11-18T14:05:06Z", "2026-11-18 14:05:06", "2026-11-18 14:05:06"),
    ("2026-07-18T14:05:00+00:00", "2026-07-18 15:05", "2026-07-18 15:05"),
    ("2026-04-03", "2026-04-03 00:00", "2026-04-03 00:00"),
    ("2026-03-04", "2026-03-04 00:00", "2026-03-04 00:00"),
    ("3/4/2026", "2026-04-03 00:00", "2026-04-03 00:00"),
    ("3/4/26", "2026-04-03 00:00", "2026-04-03 00:00"),
    ("18-11-2026 09:15", "2026-11-18 09:15", "2026-11-18 09:15"),
    ("18 Nov 2026", "2026-11-18 00:00", "2026-11-18 00:00"),
    ("18th November 2026 at 2pm", "2026-11-18 14:00", "2026-11-18 14:00"),
    ("Wed 18 Nov 2026, 2.30 pm", "2026-11-18 14:30", "2026-11-18 14:30"),
    ("today 14:00", "2026-11-21 14:00", "2026-11-21 14:00"),
    ("yesterday", "2026-11-20 00:00", "2026-11-20 00:00"),
    ("yesterday 15:20", "2026-11-20 15:20", "2026-11-20 15:20"),
    ("tomorrow noon", "2026-11-22 12:00", "2026-11-22 12:00"),
    ("Fri 12:00", "2026-11-20 12:00", "2026-11-27 12:00"),
    ("saturday", "2026-11-21 00:00", "2026-11-21 00:00"),
    ("Sat 14:00", "2026-11-21 14:00", "2026-11-28 14:00"),
    ("2pm", "2026-11-21 14:00", "2026-11-21 14:00"),
    ("noon", "2026-11-21 12:00", "2026-11-21 12:00"),
    ("12am", "2026-11-21 00:00", "2026-11-21 00:00"),
    ("2026-10-25 01:30", "2026-10-25 01:30", "2026-10-25 01:30"),
    # NOW is a Saturday
    ("24.12.2026", "2026-12-24 00:00", "2026-12-24 00:00"),
    ("24.12.26", "2026-12-24 00:00", "2026-12-24 00:00"),
    ("1.2.2026 14.30", "2026-02-01 14:30", "2026-02-01 14:30"),
    ("Nov 21", "2026-11-21 00:00", "2026-11-21 00:00"),
    ("Dec 24, 2026", "2026-12-24 00:00", "2026-12-24 00:00"),
    ("Thursday, December 24th 2026 at 3pm", "2026-12-24 15:00", "2026-12-24 15:00"),
    ("24th of December 2026", "2026-12-24 00:00", "2026-12-24 00:00"),
    ("next Tuesday", "2026-11-24 00:00", "2026-11-24 00:00"),
    ("next Sat 9:30", "2026-11-28 09:30", "2026-11-28 09:30"),
    ("last Saturday", "2026-11-14 00:00", "2026-11-14 00:00"),
    ("last Sun at noon", "2026-11-15 12:00", "2026-11-15 12:00"),
    ("this Friday", "2026-11-20 00:00", "2026-11-20 00:00"),
    ("2 days ago", "2026-11-19 00:00", "2026-11-19 00:00"),
    ("two days ago at 14:00", "2026-11-19 14:00", "2026-11-19 14:00"),
    ("a week ago", "2026-11-14 00:00", "2026-11-14 00:00"),
    ("in a fortnight", "2026-12-05 00:00", "2026-12-05 00:00"),
    ("in 3 months", "2027-02-21 00:00", "2027-02-21 00:00"),
    ("2 days from now", "2026-11-23 00:00", "2026-11-23 00:00"),
    ("an hour ago", "2026-11-21 22:40", "2026-11-21 22:40"),
    ("in 90 minutes", "2026-11-22 01:10", "2026-11-22 01:10"),
    ("the day before yesterday", "2026-11-19 00:00", "2026-11-19 00:00"),
    ("day after tomorrow 9am", "2026-11-23 09:00", "2026-11-23 09:00"),
    ("3pm on 24 Dec 2026", "2026-12-24 15:00", "2026-12-24 15:00"),
    ("15:00 24/12/2026", "2026-12-24 15:00", "2026-12-24 15:00"),
    ("3pm Friday", "2026-11-20 15:00", "2026-11-27 15:00"),
    ("noon on Friday", "2026-11-20 12:00", "2026-11-27 12:00"),
    ("1530", "2026-11-21 15:30", "2026-11-21 15:30"),
    ("Fri 0930", "2026-11-20 09:30", "2026-11-27 09:30"),
    ("24 Dec 2026 1530", "2026-12-24 15:30", "2026-12-24 15:30"),
    ("24 Dec 2026 at 0930", "2026-12-24 09:30", "2026-12-24 09:30"),
    ("at 1530", "2026-11-21 15:30", "2026-11-21 15:30"),
    ("on Friday", "2026-11-20 00:00", "2026-11-27 00:00"),
    ("end of the month", "2026-11-30 00:00", "2026-11-30 00:00"),
    ("Christmas Day 2026 at noon", "2026-12-25 12:00", "2026-12-25 12:00"),
    ("New Year\u2019s Day 2027", "2027-01-01 00:00", "2027-01-01 00:00"),
    ("midday", "2026-11-21 12:00", "2026-11-21 12:00"),
    ("just now", "2026-11-21 23:40", "2026-11-21 23:40"),
    ("a week today", "2026-11-28 00:00", "2026-11-28 00:00"),
    ("a week on Friday", "2026-12-04 00:00", "2026-12-04 00:00"),
    ("Friday week 9am", "2026-12-04 09:00", "2026-12-04 09:00"),
    ("end of next month", "2026-12-31 00:00", "2026-12-31 00:00"),
    ("the end of the year", "2026-12-31 00:00", "2026-12-31 00:00"),
    ("end of June 2027", "2027-06-30 00:00", "2027-06-30 00:00"),
    ("end of February 2028 noon", "2028-02-29 12:00", "2028-02-29 12:00"),
]


@pytest.mark.parametrize(("said", "back", "ahead"), READ)
def test_a_moment_is_read(said: str, back: str, ahead: str) -> None:
    assert (shown(read_when(said, NOW, "past").at), shown(read_when(said, NOW, "future").at)) == (back, ahead)


NEAR = [
    # a date without a year, the direction, and what it is read as: within six months to the day
    ("18 nov", "past", "2026-11-18 00:00"),
    ("21 Nov", "past", "2026-11-21 00:00"),
    ("21 Nov", "future", "2026-11-21 00:00"),
    ("21 May", "past", "2026-05-21 00:00"),
    ("21/5", "future", "2027-05-21 00:00"),
    ("Christmas Eve", "future", "2026-12-24 00:00"),
    ("1 Mar 9:00", "future", "2027-03-01 09:00"),
]


@pytest.mark.parametrize(("said", "direction", "expected"), NEAR)
def test_a_date_without_a_year_is_the_nearest_within_six_months(said: str, direction: Direction, expected: str) -> None:
    assert shown(read_when(said, NOW, direction).at) == expected


FAR = [
    # a date without a year, the direction, and the two days it could be
    ("18 nov", "future", "Wednesday 18 November 2026", "Thursday 18 November 2027"),
    ("22 Nov", "past", "Saturday 22 November 2025", "Sunday 22 November 2026"),
    ("20 May", "past", "Wednesday 20 May 2026", "Thursday 20 May 2027"),
    ("22 May", "future", "Friday 22 May 2026", "Saturday 22 May 2027"),
    ("21 Nov 23:50", "past", "Friday 21 November 2025", "Saturday 21 November 2026"),
    ("29 Feb", "past", "Thursday 29 February 2024", "Tuesday 29 February 2028"),
    ("29 Feb", "future", "Thursday 29 February 2024", "Tuesday 29 February 2028"),
]


@pytest.mark.parametrize(("said", "direction", "earlier", "later"), FAR)
def test_beyond_six_months_it_is_asked_which_of_two_days_is_meant(
    said: str, direction: Direction, earlier: str, later: str
) -> None:
    with pytest.raises(BadWhen, match=f'it could be {earlier} or {later}; write the year as well, as in "'):
        read_when(said, NOW, direction)
    offered: list[date] = []

    def answer(_: str, days: Sequence[date]) -> date:
        offered.extend(days)
        return days[1]

    when = read_when(said, NOW, direction, answer)
    assert [spoken_day(day) for day in offered] == [earlier, later]
    assert spoken_day(london_date(when.at)) == later
    with pytest.raises(BadWhen):
        read_when(said, NOW, direction, lambda _, __: None)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.sampled_from(["past", "future"]))  # fmt: skip
def test_a_date_without_a_year_is_never_read_as_one_further_off_than_six_months(
    today: date, day: date, direction: Direction
) -> None:
    now = at(f"{today} 12:00")
    try:
        read = london_date(read_when(f"{day:%d %b}", now, direction).at)
    except BadWhen:
        return
    assert (read.month, read.day) == (day.month, day.day)
    assert abs(read - today) <= timedelta(days=184)
    assert read <= today if direction == "past" else read >= today


def test_a_future_day_without_a_year_is_the_next() -> None:
    assert shown(read_when("Fri 27 Nov 12:00", NOW, "future").at) == "2026-11-27 12:00"


REFUSED = [
    ("31 Feb 2026", "February 2026 has 28 days"),
    ("30 Feb", "February has 28 or 29 days"),
    ("31 November 2026", "November has 30 days"),
    ("Nov 31", "November has 30 days"),
    ("2026-02-29", "February 2026 has 28 days"),
    ("2026-11-31 14:00", "November has 30 days"),
    ("2026-13-01", "there is no month 13"),
    ("2026-11-18 25:00", "there is no such day or time"),
    ("31.11.2026", "November has 30 days"),
    ("12.10.26", "it could be a day or a time of day; write 12/10/2026 or 12:10:26"),
    ("this Fri 24:10", "not a time of day"),
    ("last Friday", "it could be Friday 13 November 2026 or Friday 20 November 2026; write the day"),
    ("next Sunday", "it could be Sunday 22 November 2026 or Sunday 29 November 2026; write the day"),
    ("end of February", "which day that is depends on the year"),
    ("end of the week", "it leaves the day open"),
    ("1000 days ago", "1000 days are too many"),
    ("24 Dec 1530", "the year 1530 is too far away"),
    ("in 0 days", 'say "today"'),
    ("2 hours ago at 9:00", "leave the time of day out"),
    ("in 2 days ago", "try"),
    ("2 days", 'say "2 days ago" or "in 2 days"'),
    ("half past two", "write the time of day in figures, as in 14:30"),
    ("ten to three", "write the time of day in figures, as in 14:30"),
    ("tomorrow at 9", "write an hour as 9am or 09:00"),
    ("this morning", "it leaves the hour open"),
    ("tonight", "it leaves the hour open"),
    ("COB Friday", "it leaves the hour open"),
    ("end of the day", "it leaves the hour open"),
    ("the 3rd", "it leaves the month open"),
    ("next week", "it leaves the day open"),
    ("Monday next week", "it leaves the day open"),
    ("Good Friday", "it leaves the day open"),
    ("Saturday week", "it could be Saturday 28 November 2026 or Saturday 5 December 2026"),
    ("3 working days ago", "working days cannot be counted here"),
    ("2026", "a time of day is written 20:26"),
    ("4/13/2026", "the day comes first, and there is no month 13"),
    ("31 nov", "November has 30 days"),
    ("Tue 18 Nov 2026", "18 November 2026 is a Wednesday"),
    ("Fri 27 Nov 12:00", "it could be Thursday 27 November 2025 or Friday 27 November 2026; write the year"),
    ("12 foo 2026", "there is no month foo"),
    ("25:00", "not a time of day"),
    ("13pm", "not a time of day"),
    ("2026-03-29 01:30", "London clocks went forward"),
    ("29 Mar 2026 01:59", "London clocks went forward"),
    ("0001-01-01", "too far away"),
    ("9999-12-31 23:59", "too far away"),
    ("2026-W48", "try"),
    ("20261118", "try"),
    ("next week", "it leaves the day open"),
    ("soon", "try"),
    ("١٨ Nov 2026", "try"),
    ("99999999999999999999", "try"),
    ("", "try"),
]


@pytest.mark.parametrize(("said", "why"), REFUSED)
def test_what_cannot_be_or_is_not_sure_is_refused(said: str, why: str) -> None:
    with pytest.raises(BadWhen) as refusal:
        read_when(said, NOW, "past")
    assert why in refusal.value.sentence


def test_a_time_that_happens_twice_is_the_first_and_said_to_be() -> None:
    first = read_when("2026-10-25 01:30", NOW, "past")
    assert first.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "happened twice" in first.echo(first.at)
    assert read_when("2026-10-25 01:30+00:00", NOW, "past").at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_day_alone_begins_a_count_at_its_start_and_ends_one_at_its_end() -> None:
    day = read_when("27 Nov 2026", NOW, "future")
    assert (shown(day.at), shown(day.until)) == ("2026-11-27 00:00", "2026-11-27 23:59:59")
    moment = read_when("27 Nov 2026 12:00", NOW, "future")
    assert moment.until == moment.at


@given(st.text(max_size=30), st.sampled_from(["past", "future"]))
def test_any_text_is_read_or_refused(said: str, direction: Direction) -> None:
    try:
        assert read_when(said, NOW, direction).at.tzinfo is UTC
    except BadWhen as refusal:
        assert refusal.sentence  # noqa: PT017


def test_a_moment_is_kept_in_utc_whatever_zone_it_comes_in() -> None:
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=LONDON)
    assert written(summer) == written(summer.astimezone(UTC)) == "2026-07-01T09:00:00Z"


# -- through the command line

run = Office()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    run.did(
        tmp_path / "cases.db", "open", "north-east-lincolnshire", "--from", "A", "--to", "B", now="2026-12-23T10:00"
    )
    return tmp_path / "cases.db"


def test_working_days_are_counted_on_the_calendar_of_the_case(path: Path) -> None:
    ran = run(path, "agree", "1", "in 3 working days", now="2026-12-23T10:00")
    # Thursday 24, Tuesday 29 and Wednesday 30 December: 25 and 28 are bank holidays.
    assert ran.status == 0
    assert (
        '"in 3 working days" was read as the end of Wednesday 30 December 2026; working days are those of england-and-wales.'
        in ran.stdout
    )
    (told,) = json.loads(run.did(path, "due", "--json", now="2026-12-23T10:01"))
    assert told["agreed_at"] == "2026-12-30T23:59:59+00:00"


def test_working_days_back_from_now_are_counted_on_that_of_calc(path: Path) -> None:
    ran = run(path, "calc", "2 working days ago", "1 working day", "--json", now="2026-12-29T10:00")
    assert json.loads(ran.stdout)["start"] == "2026-12-23T00:00:00+00:00"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("31 Nov 2026", "November has 30 days"),
        ("Wed 24 Nov 2026", "24 November 2026 is a Tuesday"),
        ("last Monday", "it could be"),
    ],
)
def test_what_cannot_be_is_refused_with_the_true_reason_and_nothing_is_written(path: Path, said: str, why: str) -> None:
    before = run.did(path, "log", "1", now="2026-12-23T10:01")
    ran = run(path, "note", "1", "x", "--at", said, now="2026-12-23T10:01")
    assert (ran.status, ran.stdout, why in ran.stderr) == (2, "", True)
    assert run.did(path, "log", "1", now="2026-12-23T10:01") == before
