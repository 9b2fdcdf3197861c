"""`escalate calc` against the oracle, and the library's calendar against GOV.UK's own lists."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from escalate.storage.files.bank_holidays import library_calendar
from tests import oracle
from tests.command_line import Ran
from tests.driver import escalate
from tests.oracle import NATIONS, moment, written
from tests.sizes import size

EW, SCOTLAND, NI = NATIONS

# Why, from when (London time, or an instant with its offset), how long, on which calendar, and the day counted by hand.
BY_HAND: tuple[tuple[str, str, str, str, str], ...] = (
    ("a plain week", "2026-11-18 14:05", "5 working days", EW, "2026-11-25"),
    ("a whole week on", "2026-11-18 14:05", "1 week", EW, "2026-11-25"),
    ("a bare day", "2026-11-18 14:05", "1 day", EW, "2026-11-19"),
    # Weekends: day 0 is day 0, whatever it is.
    ("from a Saturday", "2026-11-21 10:00", "1 working day", EW, "2026-11-23"),
    ("from a Sunday", "2026-11-22 10:00", "3 working days", EW, "2026-11-25"),
    ("the last minute of a Friday", "2026-11-20 23:59", "1 working day", EW, "2026-11-23"),
    ("the first minute of a Saturday", "2026-11-21 00:00", "1 working day", EW, "2026-11-23"),
    ("same working day, on one", "2026-11-20 23:59", "same working day", EW, "2026-11-20"),
    ("same working day, from a Saturday", "2026-11-21 10:00", "same working day", EW, "2026-11-23"),
    ("no working days, from a Sunday", "2026-11-22 10:00", "0 working days", EW, "2026-11-23"),
    ("same working day, on Good Friday", "2026-04-03 10:00", "same working day", EW, "2026-04-07"),
    ("immediately, on a Sunday", "2026-11-22 23:59", "immediately", EW, "2026-11-22"),
    ("a day and a night from Friday", "2026-11-20 16:00", "24 hours", EW, "2026-11-21"),
    ("calendar days end on a Sunday", "2026-11-18 16:00", "4 days", EW, "2026-11-22"),
    ("the limit of a range", "2026-11-18 16:00", "1 to 3 working days", EW, "2026-11-23"),
    ("the limit of a range of hours", "2026-11-18 16:00", "24 to 48 hours", EW, "2026-11-20"),
    # Christmas and New Year, with their substitutes.
    ("over Christmas 2026", "2026-12-24 15:00", "1 working day", EW, "2026-12-29"),
    ("to New Year 2027", "2026-12-24 15:00", "4 working days", EW, "2027-01-04"),
    ("to New Year 2027 in Scotland", "2026-12-24 15:00", "4 working days", SCOTLAND, "2027-01-05"),
    ("from Boxing Day 2026", "2026-12-26 10:00", "1 working day", NI, "2026-12-29"),
    ("over Christmas 2027", "2027-12-24 15:00", "1 working day", EW, "2027-12-29"),
    ("to New Year 2028", "2027-12-24 15:00", "4 working days", EW, "2028-01-04"),
    ("to New Year 2028 in Scotland", "2027-12-24 15:00", "4 working days", SCOTLAND, "2028-01-05"),
    ("to New Year 2028 in Northern Ireland", "2027-12-24 15:00", "4 working days", NI, "2028-01-04"),
    ("Christmas on a Sunday, 2022", "2022-12-23 12:00", "1 working day", EW, "2022-12-28"),
    ("2 January on a Monday", "2022-12-30 12:00", "1 working day", SCOTLAND, "2023-01-04"),
    ("2 January is none in England", "2025-12-31 12:00", "1 working day", EW, "2026-01-02"),
    ("2 January is one in Scotland", "2025-12-31 12:00", "1 working day", SCOTLAND, "2026-01-05"),
    # Easter.
    ("over Easter 2026", "2026-04-02 12:00", "1 working day", EW, "2026-04-07"),
    ("Easter Monday works in Scotland", "2026-04-02 12:00", "1 working day", SCOTLAND, "2026-04-06"),
    ("over Easter 2027, the clocks going forward", "2027-03-25 12:00", "1 working day", NI, "2027-03-30"),
    ("Easter Monday 2011", "2011-04-21 12:00", "1 working day", EW, "2011-04-26"),
    # Years that were not like others.
    ("the royal wedding of 2011", "2011-04-28 12:00", "1 working day", EW, "2011-05-03"),
    ("the jubilee of 2012", "2012-06-01 12:00", "1 working day", EW, "2012-06-06"),
    ("VE day 2020: Friday 8 May", "2020-05-07 12:00", "1 working day", EW, "2020-05-11"),
    ("VE day 2020: Monday 4 May was worked", "2020-05-01 12:00", "1 working day", EW, "2020-05-04"),
    ("VE day 2020 in Scotland", "2020-05-01 12:00", "5 working days", SCOTLAND, "2020-05-11"),
    ("the jubilee of 2022", "2022-06-01 12:00", "1 working day", EW, "2022-06-06"),
    ("the end of May 2022 was worked", "2022-05-27 12:00", "1 working day", NI, "2022-05-30"),
    ("the state funeral", "2022-09-16 12:00", "1 working day", SCOTLAND, "2022-09-20"),
    ("the coronation", "2023-05-05 12:00", "1 working day", EW, "2023-05-09"),
    ("the week before the coronation", "2023-04-28 12:00", "5 working days", NI, "2023-05-09"),
    # What only one nation has.
    ("St Andrew's Day", "2026-11-27 12:00", "1 working day", SCOTLAND, "2026-12-01"),
    ("St Andrew's Day in England", "2026-11-27 12:00", "1 working day", EW, "2026-11-30"),
    ("St Andrew's Day on a Saturday", "2024-11-29 12:00", "1 working day", SCOTLAND, "2024-12-03"),
    ("Battle of the Boyne, its substitute", "2026-07-10 12:00", "1 working day", NI, "2026-07-14"),
    ("Battle of the Boyne", "2023-07-11 12:00", "1 working day", NI, "2023-07-13"),
    ("Battle of the Boyne in England", "2023-07-11 12:00", "1 working day", EW, "2023-07-12"),
    ("St Patrick's Day", "2026-03-16 12:00", "1 working day", NI, "2026-03-18"),
    ("the World Cup of 2026", "2026-06-12 12:00", "1 working day", SCOTLAND, "2026-06-16"),
    ("the World Cup of 2026 in England", "2026-06-12 12:00", "1 working day", EW, "2026-06-15"),
    ("the summer bank holiday of Scotland", "2026-07-31 12:00", "1 working day", SCOTLAND, "2026-08-04"),
    ("the summer bank holiday of England", "2026-08-28 12:00", "1 working day", EW, "2026-09-01"),
    # Leap days, and ends of months.
    ("a month from the end of January", "2027-01-31 10:00", "1 month", EW, "2027-02-28"),
    ("a month from the end of January 2028", "2028-01-31 10:00", "1 month", EW, "2028-02-29"),
    ("a year from leap day", "2024-02-29 10:00", "12 months", EW, "2025-02-28"),
    ("four years from leap day", "2024-02-29 10:00", "48 months", EW, "2028-02-29"),
    ("a month from leap day", "2028-02-29 10:00", "1 month", EW, "2028-03-29"),
    ("a day on to leap day", "2028-02-28 10:00", "1 working day", EW, "2028-02-29"),
    ("a month over the year's end", "2026-12-31 10:00", "2 months", EW, "2027-02-28"),
    ("a month is not moved off a weekend", "2026-10-21 10:00", "1 month", EW, "2026-11-21"),
    ("weeks are not moved off a bank holiday", "2026-12-11 10:00", "2 weeks", EW, "2026-12-25"),
    # Clock changes: hours run, days end by the clock.
    ("the clocks going forward in 2026", "2026-03-28 10:00", "24 hours", EW, "2026-03-29"),
    ("the clocks going back in 2026", "2026-10-24 10:00", "24 hours", EW, "2026-10-25"),
    ("to the end of a short night", "2026-03-28 23:30", "1 hour", EW, "2026-03-29"),
    ("days over the clocks going back", "2026-10-24 23:59", "1 day", EW, "2026-10-25"),
    ("half past one, which comes twice", "2026-10-25 01:30", "22 hours", EW, "2026-10-25"),
    ("the first half past one", "2026-10-25T01:30+01:00", "23 hours", EW, "2026-10-25"),
    ("the second half past one", "2026-10-25T01:30+00:00", "23 hours", EW, "2026-10-26"),
    ("the clocks going forward in 2027", "2027-03-27 12:00", "24 hours", EW, "2027-03-28"),
    ("the clocks going back in 2027", "2027-10-30 12:00", "24 hours", EW, "2027-10-31"),
    ("midnight to eleven when they go back", "2027-10-31 00:00", "24 hours", EW, "2027-10-31"),
    ("yesterday in UTC, today in London", "2026-06-01T23:30Z", "1 working day", EW, "2026-06-03"),
    ("tomorrow in Tokyo, today in London", "2026-06-05T06:00+09:00", "immediately", EW, "2026-06-04"),
    # Working hours.
    ("working hours over a weekend", "2026-11-20 16:00", "2 working hours", EW, "2026-11-23"),
    ("working hours to closing time", "2026-11-20 16:00", "1 working hour", EW, "2026-11-20"),
    ("working hours from a bank holiday", "2026-12-25 11:00", "8 working hours", EW, "2026-12-29"),
)

ALLOWANCES = (
    "immediately", "same working day", "0 working days", "1 to 3 working days", "3 to 5 days", "24 to 48 hours",
    "24 to 96 hours", "5 to 10 working days", "1 to 2 weeks", "1 to 2 months", "4 working hours", "1 to 12 working hours",
)  # fmt: skip
UNITS = (("hour", 400), ("working day", 60), ("day", 120), ("week", 20), ("month", 24))


class Question(NamedTuple):
    """A line of `calc -`: the start as it is written and as an instant."""

    why: str
    said: str
    start: datetime
    allowance: str
    calendar: str

    @property
    def line(self) -> str:
        return f"{self.said}\t{self.allowance}\t{self.calendar}"


def by_hand() -> list[Question]:
    return [Question(why, said, when(said), allowance, calendar) for why, said, allowance, calendar, _ in BY_HAND]


def when(said: str) -> datetime:
    read = datetime.fromisoformat(said)
    return read.astimezone(UTC) if read.tzinfo else moment(said)


def at_random(how_many: int, seed: int) -> list[Question]:
    """Starts from 2011 to 2028, every other one at a spiteful time of day, written with its offset or on London's clock."""
    chance = Random(seed)
    questions = []
    for number in range(how_many):
        day = date(2011, 1, 4) + timedelta(days=chance.randrange(6190))
        clock = chance.choice(
            [
                "00:00",
                "23:59:59",
                "23:59",
                "09:00",
                "08:59",
                "17:00",
                "17:01",
                f"{chance.randrange(3, 24):02}:{chance.randrange(60):02}",
            ]
        )
        start = moment(f"{day} {clock}")
        said = chance.choice([f"{day} {clock}", f"{day}T{clock}", f"{written(start)}", f"{start:%Y-%m-%dT%H:%M:%SZ}"])
        unit, most = chance.choice(UNITS)
        n = chance.randint(1, most)
        allowance = chance.choice([chance.choice(ALLOWANCES), *[f"{n} {unit}{'' if n == 1 else 's'}"] * 3])
        questions.append(Question(f"random {number}", said, start, allowance, chance.choice(NATIONS)))
    return [each for each in questions if ends_where_the_file_ends(each)]


def ends_where_the_file_ends(question: Question) -> bool:
    try:
        return oracle.due(question.start, question.allowance, question.calendar)[1] <= oracle.LAST_DAY
    except ValueError:
        return False


QUESTIONS = [*by_hand(), *at_random(size(150, 500), seed=20281231)]


def calc(*arguments: str, given: bytes = b"", zone: str = "UTC") -> Ran:
    """Runs the command with nothing of whoever runs the tests, and no file of cases."""
    nowhere = Path(__file__).parents[1].joinpath("nowhere")
    environment = {"HOME": str(nowhere), "ESCALATE_CONFIG": str(nowhere / "none.toml"), "TZ": zone}
    return escalate("calc", *arguments, environment=environment, stdin=given)


def documents(ran: Ran) -> list[Any]:
    """The lines of the output, each a document of its own."""
    *lines, rest = ran.stdout.split("\n")
    assert not rest
    return [json.loads(line) for line in lines]


@cache
def answers() -> list[Any]:
    """What one run of the command says to all the questions."""
    lines = "".join(f"{question.line}\n" for question in QUESTIONS)
    ran = calc("-", given=lines.encode(), zone="America/New_York")
    assert (ran.status, ran.stderr) == (0, "")
    assert len(documents(ran)) == len(QUESTIONS)
    return documents(ran)


def differences(key: str, expected: Mapping[int, object]) -> list[str]:
    return [
        f"{QUESTIONS[number].why}: {QUESTIONS[number].line!r}: {answers()[number].get(key)}, not {right}"
        for number, right in expected.items()
        if answers()[number].get(key, "missing") != right
    ]


def test_the_oracle_agrees_with_days_counted_by_hand() -> None:
    counted = [(question.why, oracle.due(*question[2:])[1].isoformat()) for question in by_hand()]
    assert counted == [(why, due_on) for why, *_, due_on in BY_HAND]


def test_there_are_enough_questions_of_every_kind() -> None:
    assert len(QUESTIONS) > size(150, 450)
    assert {question.calendar for question in QUESTIONS} == set(NATIONS)
    assert {oracle.figures(question.allowance)[2] for question in QUESTIONS} == {
        "hour", "working hour", "day", "working day", "week", "month", "immediately", "same working day",
    }  # fmt: skip


def test_every_line_starts_when_it_says() -> None:
    assert not differences("start", {i: written(each.start) for i, each in enumerate(QUESTIONS)})
    assert not differences("calendar", {i: each.calendar for i, each in enumerate(QUESTIONS)})


def test_every_line_is_due_on_the_day_the_rules_give() -> None:
    assert not differences("due_on", {i: oracle.due(*each[2:])[1].isoformat() for i, each in enumerate(QUESTIONS)})


def test_every_line_is_due_at_the_moment_the_rules_give() -> None:
    assert not differences("due_at", {i: written(oracle.due(*each[2:])[0]) for i, each in enumerate(QUESTIONS)})


def test_every_line_is_to_be_acted_on_by_the_last_working_moment() -> None:
    assert not differences(
        "act_by",
        {
            i: written(oracle.act_by(each.start, oracle.due(*each[2:])[0], each.calendar))
            for i, each in enumerate(QUESTIONS)
        },
    )


def test_the_lower_figure_of_a_range_is_the_target() -> None:
    assert not differences("target_at", {i: written(oracle.target(*each[2:])) for i, each in enumerate(QUESTIONS)})


def test_it_is_said_when_the_whole_time_lies_outside_working_hours() -> None:
    assert not differences(
        "outside_hours",
        {
            i: not oracle.is_open(oracle.act_by(each.start, oracle.due(*each[2:])[0], each.calendar), each.calendar)
            for i, each in enumerate(QUESTIONS)
        },
    )


@pytest.mark.parametrize(
    ("start", "allowance", "due_at", "act_by"),
    [
        ("2026-03-28 10:00", "24 hours", "2026-03-29T11:00:00+01:00", "2026-03-29T11:00:00+01:00"),  # C6
        ("2026-11-20 16:00", "24 hours", "2026-11-21T16:00:00+00:00", "2026-11-20T17:00:00+00:00"),  # C8
    ],
)
def test_the_examples_of_the_design_come_out_as_it_says(start: str, allowance: str, due_at: str, act_by: str) -> None:
    answer = json.loads(calc(start, allowance, "--json").stdout)
    assert (answer["due_at"], answer["act_by"]) == (due_at, act_by)


@pytest.mark.parametrize("calendar", NATIONS)
def test_one_date_as_json_has_every_documented_key(calendar: str) -> None:
    ran = calc("2026-12-24 15:00", "4 working days", "--calendar", calendar, "--json", zone="Asia/Tokyo")
    answer = json.loads(ran.stdout)
    assert ran.status == 0
    assert answer.keys() >= {"start", "allowance", "calendar", "due_on", "due_at", "act_by", "steps"}
    due_at, due_on = oracle.due(moment("2026-12-24 15:00"), "4 working days", calendar)
    assert {key: answer[key] for key in ("start", "allowance", "calendar", "due_on", "due_at")} == {
        "start": "2026-12-24T15:00:00+00:00",
        "allowance": "4 working days",
        "calendar": calendar,
        "due_on": due_on.isoformat(),
        "due_at": written(due_at),
    }
    assert isinstance(answer["steps"], list)
    assert answer["steps"]


GOOD = b"2026-12-24 15:00\t1 working day"
BAD = (
    b"",
    b"   ",
    b"nonsense",
    b"2026-12-24 15:00",
    b"2026-12-24 15:00\t",
    b"\t1 working day",
    b"2026-12-24 15:00\t5 workng days",
    b"2026-12-24 15:00\t-1 days",
    b"2026-12-24 15:00\t5 to 3 days",
    b"2026-12-24 15:00\t1 working day\tengland",
    b"2026-12-24 15:00\t1 working day\tscotland\tmore",
    b"2026-02-30 15:00\t1 working day",
    b"2026-03-29 01:30\t1 hour",
    b"2026-12-24 15:00\t99999 months",
    b"2026-12-24 15:00\t999999999999999999999999 hours",
    b"9999-12-31 23:59\t1 day",
    b"0001-01-01T00:00+14:00\t1 day",
    b"\xff\xfe\x00\t1 day",
    b"2026-12-24\x0b15:00\x85\xe2\x80\xa8\t\x1b[31m1 day",
    b'{"start": "2026-12-24"}',
)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_bad_line_gets_an_error_in_its_place_and_does_not_stop_the_rest(ending: bytes) -> None:
    lines = [line for bad in BAD for line in (bad, GOOD)]
    ran = calc("-", given=ending.join(lines) + ending)
    assert "Traceback" not in ran.stderr
    assert len(documents(ran)) == len(lines)
    for number, (line, answer) in enumerate(zip(lines, documents(ran), strict=True), 1):
        if line == GOOD:
            assert answer["due_on"] == "2026-12-29"
        else:
            assert answer.keys() == {"line", "error"}, line
            assert answer["line"] == number
            assert answer["error"]


def test_a_last_line_that_is_not_ended_is_answered_too() -> None:
    assert [answer["due_on"] for answer in documents(calc("-", given=GOOD + b"\n" + GOOD))] == [
        "2026-12-29",
        "2026-12-29",
    ]


def test_the_calendar_of_a_line_may_be_left_out() -> None:
    england, scotland = b"2026-12-31 15:00\t1 working day", b"2026-12-31 15:00\t1 working day\tscotland"
    given = b"\n".join([england, england + b"\t", scotland, b""])
    assert [each["due_on"] for each in documents(calc("-", given=given))] == ["2027-01-04", "2027-01-04", "2027-01-05"]
    left_out = documents(calc("-", "--calendar", "scotland", given=england))
    assert [each["due_on"] for each in left_out] == ["2027-01-05"]


def test_no_lines_give_no_lines() -> None:
    assert calc("-", given=b"") == Ran(0, "", "")


@pytest.mark.parametrize(
    ("allowance", "provisional"), [("3 days", False), ("4 days", True), ("1 week", True), ("96 hours", True)]
)
def test_what_lies_beyond_the_published_bank_holidays_is_provisional(allowance: str, provisional: bool) -> None:
    answer = json.loads(calc("2028-12-28 10:00", allowance, "--json").stdout)
    assert answer["provisional"] is provisional


# -- the calendar itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("nation", NATIONS)
def test_the_library_knows_every_bank_holiday_that_gov_uk_has_published(nation: str) -> None:
    calendar = library_calendar(nation)
    days = oracle.day_to_day(oracle.FIRST_DAY, oracle.LAST_DAY)
    assert len(days) == 6575
    wrong = {
        day: calendar.why_not(day) for day in days if calendar.is_working_day(day) != oracle.is_working_day(day, nation)
    }
    assert not wrong


@pytest.mark.parametrize("nation", NATIONS)
def test_every_day_that_is_not_worked_has_a_reason(nation: str) -> None:
    calendar = library_calendar(nation)
    assert all(name.strip() for name in calendar.days_off.values())
    assert all(calendar.days_off[day].strip() for day in oracle.bank_holidays(nation))
