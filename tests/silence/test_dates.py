"""What is too good to be true is said: a day without a year that is far off, and a date that gets later or goes away (C23)."""

import shlex

import pytest

from tests.silence.case import Silence

# 1 to 3 working days from Mon 21 Dec: Thu 24 Dec.
OPENED = "2026-12-21 09:00 open herefordshire --subject M-1 --stage 1"
NOW = "2026-12-24 09:00"

FAR = [
    "agree 1 '1 Dec'",  # next year's
    "agree 1 '24 Jul'",  # seven months
    "open herefordshire --subject M-2 --at '20 Dec' --concern '25 Dec'",  # last year's
    "open herefordshire --subject M-2 --concern '30 Dec'",
    "open herefordshire --subject M-2 --concern '1 Mar'",  # nearly ten months
    "set 1 concern='25 Dec'",
    "list --as-of '30 Dec'",
    "due --as-of '25 Dec'",
]


@pytest.mark.parametrize("line", FAR)
def test_a_day_without_a_year_that_is_over_half_a_year_off_is_refused_without_a_terminal(
    case: Silence, line: str
) -> None:
    case.play(OPENED)
    ran = case.office(case.path, *shlex.split(line), now=NOW)
    assert ran.status in (1, 2), ran
    assert ran.stdout == ""
    assert "year" in ran.stderr
    # Nothing was written.
    assert len(case.json(NOW, "list")) == 1
    assert len(case.json(NOW, "show 1")["history"]) == 1


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("agree 1 '1 Jan'", "1 January 2027"),
        ("agree 1 '24 May'", "24 May 2027"),
        ("agree 1 '1 Dec 2027'", "1 December 2027"),
        ("open herefordshire --subject M-2 --concern '1 Dec'", "1 December 2026"),
        ("open herefordshire --subject M-2 --concern '1 Jul'", "1 July 2026"),
        ("open herefordshire --subject M-2 --concern '25 Dec 2025'", "25 December 2025"),
    ],
)
def test_a_day_within_half_a_year_or_with_its_year_is_read_and_echoed(case: Silence, line: str, read: str) -> None:
    case.play(OPENED)
    assert read in case.did(NOW, line)


HEARING = """
id = "hearing-held"
title = "Test protocol: a hearing that has to be held"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
moments = [{ key = "hearing", ask = "When is the hearing?" }]

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
  key = "hold"
  name = "Hold the hearing"
  timescales = [
    { within = "20 working days", from = "stage", when = "hearing is unknown", cite = "1.1" },
    { at_least = "1 day", before = "hearing", cite = "1.2" },
  ]
"""


def test_a_hearing_that_is_set_beyond_its_limit_is_said_at_once_with_the_limit(case: Silence) -> None:
    case.write("hearing-held", HEARING)
    # 20 working days from Mon 2 Nov: Mon 30 Nov. The day before Fri 8 Jan: Thu 7 Jan.
    case.play("2026-11-02 09:00 open hearing-held --subject M-1")
    assert case.rows("2026-11-02 10:00", "hold") == ["1 on-track 2026-11-30"]
    said = case.did("2026-11-03 09:00", "set 1 hearing='2027-01-08 10:00'")
    assert "hold" in said
    assert "30 Nov" in said
    assert "7 Jan" in said


def test_a_hearing_that_is_put_off_is_said_with_the_date_that_it_was(case: Silence) -> None:
    case.write("hearing-held", HEARING)
    case.play("2026-11-02 09:00 open hearing-held --subject M-1", "2026-11-02 10:00 set 1 hearing='2026-11-20 10:00'")
    said = case.did("2026-11-03 09:00", "set 1 hearing='2027-01-08 10:00'")
    # The day before Fri 20 Nov: Thu 19 Nov.
    assert "19 Nov" in said
    assert "7 Jan" in said


def test_a_date_agreed_beyond_the_limit_is_said_at_once_and_the_limit_stands(case: Silence) -> None:
    # 20 working days from Mon 2 Nov: Mon 30 Nov.
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 4")
    said = case.did("2026-11-03 09:00", "agree 1 2027-01-08")
    assert "30 Nov" in said
    assert case.rows("2026-11-03 10:00", "resolve") == ["1 on-track 2026-11-30"]


LATER = [
    # what was owed, what makes it later or takes it away, what it was
    (
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1 --concern 2026-10-30",
        "set 1 concern=2026-11-02",
        "4 Nov",
    ),
    ("2026-11-02 09:00 open herefordshire --subject M-1 --fact allegation=yes", "set 1 allegation=no", "3 Nov 09:00"),
    ("2026-11-02 09:00 open herefordshire --subject M-1 --stage 1", "withdraw 1", "5 Nov"),
    (
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "calendar add 2026-11-04 --reason Closed --yes",
        "5 Nov",
    ),
]


@pytest.mark.parametrize(("opened", "act", "was"), LATER)
def test_a_deadline_that_gets_later_or_goes_away_is_named_with_what_it_was(
    case: Silence, opened: str, act: str, was: str
) -> None:
    # 3 working days from Fri 30 Oct: Wed 4 Nov, from Mon 2 Nov: Thu 5 Nov; 24 hours from Mon 2 Nov 09:00.
    case.play(opened)
    assert was in case.did("2026-11-02 10:00", act)
