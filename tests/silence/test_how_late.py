"""Lateness is told in the unit of the limit, never shrinks, and every list, page, digest and report tells the same (C17)."""

import re
from itertools import pairwise

import pytest

from tests.silence.case import Silence

LATE = re.compile(r"(\d+) (working day|working hour|day|hour|minute)s?\b(?: \d+ \w+)? late")
HOURS = {"working day": 8.0, "working hour": 1.0, "day": 24.0, "hour": 1.0, "minute": 1 / 60}


def late(text: str) -> tuple[str, str]:
    """How late the only thing overdue in a list is told to be, whole and as a unit."""
    (found,) = LATE.finditer(text)
    return found.group().removesuffix(" late"), found.group(2)


def so_many(text: str) -> float:
    """The same in hours, or in working hours of which a working day has eight."""
    (found,) = LATE.finditer(text)
    return int(found[1]) * HOURS[found[2]]


# North Yorkshire, immediately, on Thursday 24 December: until the end of it. Christmas, the weekend and the 28th are no working days.
EMERGENCY = "2026-12-24 10:00 open north-yorkshire --subject M-1 --stage 7 --fact immediate-risk=yes"
MOMENTS = [
    "2026-12-25 12:00", "2026-12-26 12:00", "2026-12-27 12:00", "2026-12-28 08:00", "2026-12-28 12:00", "2026-12-28 23:00", "2026-12-29 08:00",
    "2026-12-29 12:00", "2026-12-30 12:00", "2027-01-01 12:00", "2027-01-04 12:00",
]  # fmt: skip


@pytest.fixture
def emergency(case: Silence) -> Silence:
    case.play(
        "2026-12-24 10:00 open north-yorkshire --subject M-1 --fact immediate-risk=yes",
        "2026-12-24 11:00 done 1 lead-told",
    )
    case.play("2026-12-24 11:30 withdraw 1")  # a standing call outlives it, alone
    return case


def test_what_was_to_be_done_immediately_is_late_by_the_clock_and_ever_later(emergency: Silence) -> None:
    lists = [emergency.did(moment, "due") for moment in MOMENTS]
    assert all("working" not in late(text)[1] for text in lists), [late(text) for text in lists]
    told = [so_many(text) for text in lists]
    assert all(before <= after for before, after in pairwise(told)), told
    # By noon of Tuesday 29 December four days and a half had gone by since Thursday ended.
    assert told[MOMENTS.index("2026-12-29 12:00")] >= 4 * 24


@pytest.mark.parametrize("moment", ["2026-12-25 12:00", "2026-12-28 12:00", "2026-12-29 12:00", "2027-01-04 12:00"])
def test_an_emergency_is_equally_late_wherever_it_is_told(emergency: Silence, moment: str) -> None:
    told, _ = late(emergency.did(moment, "due"))
    for line in ("show 1", "digest", "report", "explain 1 police-and-social-care"):
        assert told in emergency.did(moment, line), line


# 1 to 3 working days from Mon 2 Nov: Thu 5 Nov, by its end.
STAGE = "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1"


@pytest.mark.parametrize(
    "moment", ["2026-11-06 09:30", "2026-11-06 14:00", "2026-11-09 14:00", "2026-11-10 15:00", "2026-11-15 12:00"]
)
def test_a_limit_in_working_days_is_equally_late_wherever_it_is_told(case: Silence, moment: str) -> None:
    case.play(STAGE)
    told, unit = late(case.did(moment, "due"))
    assert "working" in unit
    for line in ("show 1", "digest", "report", "explain 1 resolve"):
        assert told in case.did(moment, line), line


def test_a_limit_in_working_days_is_ever_later(case: Silence) -> None:
    case.play(STAGE)
    moments = [f"2026-11-{day:02} {hour}" for day in range(6, 14) for hour in ("08:00", "12:00", "16:30", "22:00")]
    told = [so_many(case.did(moment, "due")) for moment in moments if "late" in case.did(moment, "due")]
    assert told
    assert all(before <= after for before, after in pairwise(told)), told


def test_a_limit_in_hours_is_late_by_the_clock(case: Silence) -> None:
    # 24 hours from Thu 24 Dec 10:00; the LADO is not told over Christmas.
    case.play("2026-12-24 10:00 open herefordshire --subject M-1 --fact allegation=yes", "2026-12-24 11:00 withdraw 1")
    lists = [case.did(moment, "due") for moment in MOMENTS]
    assert all("working" not in late(text)[1] for text in lists)
    told = [so_many(text) for text in lists]
    assert all(before <= after for before, after in pairwise(told)), told


def test_an_agreed_date_is_late_by_the_clock(case: Silence) -> None:
    case.play(
        "2026-12-21 10:00 open north-east-lincolnshire --route individual --subject M-1",
        "2026-12-21 11:00 agree 1 '2026-12-24 12:00'",
    )
    lists = [case.did(moment, "due") for moment in MOMENTS]
    assert all("working" not in late(text)[1] for text in lists), [late(text) for text in lists]
    told = [so_many(text) for text in lists]
    assert all(before <= after for before, after in pairwise(told)), told


# -- one count ------------------------------------------------------------------------------------


def counts(case: Silence, now: str) -> tuple[int, int, int]:
    """How much is overdue by `due`, by `digest` and by `report`."""
    digest = case.json(now, "digest --always")
    told = [
        row
        for part in ("safety", "overdue")
        for row in digest[part]
        if part == "overdue" or row["standing"] == "overdue"
    ]
    return len(case.json(now, "due --overdue")), len(told), len(case.json(now, "report")["overdue"])


@pytest.mark.parametrize("more", ["", " --fact immediate-risk=yes"], ids=["alone", "beside a safety duty"])
def test_a_limit_further_up_that_is_past_counts_alike_everywhere(case: Silence, more: str) -> None:
    # Stage 0 has no limit of its own; that of stage 1, Thu 5 Nov, is past.
    case.play(f"2026-11-02 09:00 open herefordshire --subject M-1{more}")
    now = "2026-11-11 09:00"
    due, digest, report = counts(case, now)
    assert due == digest == report == (2 if more else 1)
    for line in ("due", "digest --always"):
        assert "past a limit" in case.did(now, line).lower(), line


@pytest.mark.parametrize(
    "opened",
    [
        "herefordshire --stage 1",
        "hull-east-riding --stage 7",
        "hull-east-riding --fact immediate-risk=yes",
        "north-yorkshire --fact immediate-risk=yes",
        "lincolnshire",
        "north-east-lincolnshire --route individual --stage B",
    ],
)
def test_what_is_overdue_counts_alike_everywhere(case: Silence, opened: str) -> None:
    case.play(f"2026-11-02 09:00 open {opened} --subject M-1")
    due, digest, report = counts(case, "2026-11-18 09:00")
    assert due == digest == report
    assert due
