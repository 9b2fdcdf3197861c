"""What a protocol gives only up to some day: it is said before that day comes, and afterwards."""

from pathlib import Path

import pytest

from tests.driver import Office

SMALL = """
id = "small"
title = "Small"
partnership = "Nowhere"
covers = ["children"]
source = "Nowhere, Small"
edition = { dated = "2026" }
calendar = { name = "england-and-wales", closures = [CLOSURE] }
routes = [{ key = "main", name = "The ladder", starts = "1" }]

[[calendars]]
key = "school"
name = "england-and-wales"
terms = [{ from = 2026-09-02, to = 2026-10-23 }, { from = 2026-11-02, to = 2027-02-12 }]

[[stages]]
key = "1"
name = "Managers"
owner = "Manager"
next = []
cite = "1"
actions = [{ key = "reply", name = "Reply", timescales = [{ within = "5 school days", from = "stage", cite = "1" }] }]
"""
CLOSED = '{ from = 2026-12-24, to = 2027-01-01, name = "council closed", every_year = true, until = 2027-06-30 }'
office = Office(environment={"ESCALATE_PROTOCOLS": "{home}"})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "small.toml").write_text(SMALL.replace("CLOSURE", CLOSED), "utf-8")
    office.did(tmp_path, "open", "small", "--about", "x", now="2026-11-23T10:00")
    return tmp_path


# Two months before 12 February 2027 is 14 December 2026, and before 30 June 2027 the 1st of May.
TOLD = [
    ("2026-12-13T10:00", []),
    ("2026-12-15T10:00", ["term dates"]),
    ("2027-04-30T10:00", ["term dates"]),
    ("2027-05-03T10:00", ["term dates", "council closed"]),
    ("2028-05-03T10:00", ["term dates", "council closed"]),
]


@pytest.mark.parametrize(("now", "ends"), TOLD)
def test_doctor_digest_and_calendar_say_what_runs_out(home: Path, now: str, ends: list[str]) -> None:
    doctor = office.did(home, "doctor", now=now)
    digest = office.did(home, "digest", "--always", now=now)
    said = [(what, what in doctor, f"{what}: given up to" in digest) for what in ("term dates", "council closed")]
    assert said == [(what, what in ends, what in ends) for what in ("term dates", "council closed")]
    assert [each["what"] for each in office.json(home, "digest", "--always", now=now)["running_out"]] == ends
    shown = office.did(home, "calendar", "show", "--calendar", "small", now=now)
    assert ("Council closed: given up to Wednesday 30 June 2027" in shown) is ("council closed" in ends)
    checked = {each["calendar"]: each["runs_out"] for each in office.json(home, "calendar", "check", now=now)}
    assert checked["england-and-wales"] == []
    assert checked["small"] == [
        {"calendar": "small", "what": "council closed", "day": "2027-06-30"},
        {"calendar": "small/school", "what": "term dates", "day": "2027-02-12"},
    ]


def test_it_is_no_reason_for_a_digest_by_itself_and_nobody_else_is_told(home: Path) -> None:
    office.did(home, "done", "1", "reply", now="2026-11-24T10:00")
    office.did(home, "resolve", "1", "--how", "settled", now="2026-11-24T11:00")
    assert office.did(home, "digest", now="2027-05-10T10:00") == ""


BAD = [
    ("{ on = 2026-12-24, until = 2029-12-31 }", "goes with every_year = true"),
    ("{ from = 2026-01-01, to = 2027-06-30, every_year = true }", "it is longer than a year"),
    ("{ from = 2026-12-24, to = 2027-01-01, every_year = true, until = 2026-12-31 }", "comes before the last day"),
    ('{ on = 2026-12-24, every_year = "yes" }', "should be true or false"),
    ("{ on = 2026-12-24, every_year = true, until = 2029 }", "should be a date with the year first"),
]


@pytest.mark.parametrize(("closure", "says"), BAD)
def test_a_closure_that_cannot_come_back_is_named(tmp_path: Path, closure: str, says: str) -> None:
    (tmp_path / "small.toml").write_text(SMALL.replace("CLOSURE", closure), "utf-8")
    ran = office(tmp_path, "protocol", "check", "small.toml")
    assert (ran.status, says in ran.stderr, "calendar, closure" in ran.stderr) == (1, True, True), ran.stderr


@pytest.mark.parametrize(
    ("calendar", "says"),
    [
        ('name = "scotland", also = ["scotland"]', '"scotland" is named already; once is enough'),
        ('name = "scotland", also = ["northern-ireland", "northern-ireland"]', '"northern-ireland" is named already'),
        ('name = "scotland", also = ["wales"]', '"wales" should be'),
        (
            'name = "scotland", also = ["england-and-wales"], bank_holidays = false',
            "with bank_holidays = false none do",
        ),
    ],
)
def test_nations_that_do_not_go_together_are_named(tmp_path: Path, calendar: str, says: str) -> None:
    text = SMALL.replace('name = "england-and-wales", closures = [CLOSURE]', calendar)
    (tmp_path / "small.toml").write_text(text, "utf-8")
    ran = office(tmp_path, "protocol", "check", "small.toml")
    assert (ran.status, says in ran.stderr) == (1, True), ran.stderr


def test_a_closure_that_was_over_is_a_warning_of_check(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL.replace("CLOSURE", CLOSED), "utf-8")
    ran = office(tmp_path, "protocol", "check", "small.toml", now="2027-07-01T10:00")
    assert (ran.status, "30 June 2027 is over; say up to when it comes back after that" in ran.stdout + ran.stderr) == (
        0,
        True,
    )
