"""The board: how long it holds, which group a case stands in, and which days are drawn."""

from datetime import date
from typing import Any

import pytest

from escalate.domain.deadlines.standing import Standing
from escalate.domain.reporting.board import BoardGroup, board, group_of, next_morning
from tests.calendars import ENGLAND, at
from tests.played import Played


@pytest.mark.parametrize(
    ("made", "holds_until"),
    [
        ("2026-11-30T08:00", "2026-11-30T09:00"),  # before the office opens, the night's board is the day's before
        ("2026-11-30T09:00", "2026-12-01T09:00"),
        ("2026-11-30T17:30", "2026-12-01T09:00"),
        ("2026-12-04T10:00", "2026-12-07T09:00"),  # Friday
        ("2026-12-05T10:00", "2026-12-07T09:00"),  # Saturday
        ("2026-12-24T10:00", "2026-12-29T09:00"),  # Christmas Eve
        ("2026-12-25T10:00", "2026-12-29T09:00"),
    ],
)
def test_a_board_holds_until_the_next_working_day_begins(made: str, holds_until: str) -> None:
    assert next_morning(ENGLAND, at(made)) == at(holds_until)


HULL = "hull-east-riding"


@pytest.mark.parametrize(
    ("protocol", "raised", "options", "now", "group"),
    [
        # Hull, stage 1: discuss within 24 hours
        (HULL, "2026-11-23T10:00", {}, "2026-11-24T10:01", BoardGroup.OVERDUE),
        (HULL, "2026-11-23T10:00", {}, "2026-11-23T11:00", BoardGroup.WEEK),  # to act on tomorrow
        (HULL, "2026-11-23T10:00", {}, "2026-11-24T00:01", BoardGroup.TODAY),
        (HULL, "2026-11-27T16:00", {}, "2026-11-27T16:30", BoardGroup.TODAY),  # due on Saturday: to act on today
        (HULL, "2026-11-27T16:00", {}, "2026-11-28T10:00", BoardGroup.TODAY),  # and on Saturday the hour to act is over
        # Herefordshire, stage 0: no limit
        ("herefordshire", "2026-11-23T10:00", {}, "2026-11-23T11:00", BoardGroup.UNDATED),
        (
            "herefordshire",
            "2026-11-23T10:00",
            {"facts": {"immediate-risk": "yes"}},
            "2026-11-23T11:00",
            BoardGroup.SAFETY,
        ),
    ],
)
def test_the_most_urgent_duty_says_where_a_case_stands(
    protocol: str, raised: str, options: dict[str, Any], now: str, group: BoardGroup
) -> None:
    played = Played(protocol, raised, **options)
    assert group_of(played.ranked(now)[0], at(now)) is group


@pytest.mark.parametrize(
    ("shown_under", "due", "more", "group"),
    [
        (Standing.ON_TRACK, "2026-12-07T23:59:59", {}, BoardGroup.WEEK),
        (Standing.ON_TRACK, "2026-12-08T00:00:00", {}, BoardGroup.LATER),
        (Standing.AT_RISK, "2026-12-20T10:00", {}, BoardGroup.WEEK),  # over a long closure the next working day is far
        (Standing.ON_TRACK, "2026-12-20T10:00", {"ahead_at": "2026-12-01T10:00"}, BoardGroup.WEEK),
        (Standing.AT_RISK, "2026-12-20T10:00", {"ahead_at": "2026-11-30T17:00"}, BoardGroup.TODAY),
        (Standing.AT_RISK, "2026-12-20T10:00", {"other_reading_at": "2026-11-29T10:00"}, BoardGroup.TODAY),
        (Standing.UNDATED, None, {}, BoardGroup.UNDATED),
        (Standing.UNDECIDED, None, {}, BoardGroup.UNDECIDED),
        (Standing.WAITING, None, {}, BoardGroup.WAITING),
        (Standing.LAPSED, "2026-11-29T10:00", {}, BoardGroup.WAITING),
    ],
)
def test_when_it_has_to_be_acted_on_says_which_group(
    shown_under: Standing, due: str | None, more: dict[str, str], group: BoardGroup
) -> None:
    now = "2026-11-30T10:00"
    line = Played(HULL, now).ranked(now)[0]
    due_at = at(due) if due else None
    dates: dict[str, Any] = {name: at(said) for name, said in more.items()}
    deadline = line.deadline._replace(due_at=due_at, act_by=due_at, **dates)
    assert group_of(line._replace(deadline=deadline, shown_under=shown_under), at(now)) is group


@pytest.mark.parametrize(
    ("raised", "now", "days"),
    [
        ("2026-11-30T09:00", "2026-11-30T10:00", (date(2026, 11, 23), date(2026, 12, 7))),  # a week to both sides
        ("2026-09-01T09:00", "2026-11-30T10:00", (date(2026, 11, 9), date(2026, 12, 7))),  # three weeks back
    ],
)
def test_so_many_days_are_drawn(raised: str, now: str, days: tuple[date, date]) -> None:
    played = Played(HULL, raised)
    made = board(played.ranked(now), lambda _: [played.file], [ENGLAND], at(now))
    assert (made.first, made.last) == days
    assert [case.file.case.ref for case in made.cases] == ["E0001"]
    assert {entry.by for case in made.cases for entry in case.file.case.history} == {""}


def test_a_board_of_nothing_is_empty_and_holds_as_long() -> None:
    made = board([], lambda _: [], [ENGLAND], at("2026-11-30T10:00"))
    assert (made.cases, made.fresh_until) == ((), at("2026-12-01T09:00"))
