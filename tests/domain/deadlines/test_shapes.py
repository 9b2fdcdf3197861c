"""Shapes of protocols that the shipped ones do not have: a small protocol file for each, and dates worked out by hand.

The files are in `tests/shapes`. The dates were counted on paper over GOV.UK's lists, day by day, before anything was run.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from escalate.domain.case.details import is_instant
from escalate.domain.deadlines.case_file import CaseFile, Changed, due_lines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.passed_over import passed_over
from escalate.domain.protocol.file import read_protocol
from escalate.domain.reporting.digest import Digest, DueLines, digest
from escalate.domain.reporting.news import NewsSince
from escalate.domain.reporting.report import report
from escalate.domain.worktime.clock import LAST_SECOND, LONDON
from escalate.domain.worktime.counting import at_risk_horizon
from escalate.domain.worktime.periods import parse_quarter
from escalate.domain.worktime.proof import steps
from escalate.errors import Refused
from escalate.storage.files.protocols import read_protocol_file
from tests import driver
from tests.calendars import NATIONS, at, shown
from tests.driver import Office
from tests.played import Played
from tests.sizes import sampled

SHAPES = Path(__file__).parents[2].joinpath("shapes")


class Row(NamedTuple):
    """What happens in a case, line by line, and what its actions then come to, as `written` puts it."""

    history: tuple[str, ...]
    due: Mapping[str, str]


def row(*history: str, **due: str) -> Row:
    """The names of actions have `_` for `-`; a number after the last one is the time of something that returns."""
    return Row(history, {name.replace("_", "-"): said for name, said in due.items()})


def played(protocol: str, *history: str) -> Played:
    """A case under a protocol of `tests/shapes`, played line by line: `2026-11-02 10:00 done reply`."""
    under = read_protocol_file(SHAPES / f"{protocol}.toml").protocol
    nations = {calendar.name: calendar for calendar in NATIONS}
    own, name = under.own_calendar, under.counts_on
    case = Played(under, calendar=own.made(name, nations.__getitem__) if own else nations[name])
    for line in history:
        play(case, line)
    return case


def play(played_case: Played, line: str) -> None:
    """A line of what happens in a case."""
    day, clock, deed, *said = line.split()
    when = f"{day} {clock}"
    match deed:
        case "open":
            facts = answers(said)
            route, stage, concern = (facts.pop(name, None) for name in ("route", "stage", "concern"))
            played_case.open(when, concern or when, route=route, stage=stage, facts=facts)
        case "set":
            played_case.answer(when, answers(said))
        case "agree":
            until, action, *reason = said
            played_case.agree(when, until, action, " ".join(reason) or None)
        case _:
            getattr(played_case, deed)(when, *said)


def answers(said: Sequence[str]) -> dict[str, str]:
    """`grade=red hearing=2027-03-03T10:00`; an instant is kept with its offset, as the history keeps it."""
    given = dict(each.split("=") for each in said)
    return {
        key: f"{at(answer).astimezone(LONDON).isoformat()}" if is_instant(answer) and key != "concern" else answer
        for key, answer in given.items()
    }


def written(deadline: Deadline | None) -> str:
    """`2026-11-05` for the end of that day, `2026-11-05 12:00`, and what else is to be said of it."""
    if deadline is None:
        return "not owed"
    if deadline.due_at is None:
        return (
            "stopped"
            if deadline.stopped_since
            else "waiting"
            if deadline.waiting
            else "undecided"
            if deadline.unanswered
            else "undated"
        )
    local = deadline.due_at.astimezone(LONDON)
    hour = "" if local.time() == LAST_SECOND else f" {local:%H:%M}"
    second = " for the second time" if local.fold else ""
    ended = "" if deadline.ended_at is None else " missed" if deadline.had_run_out else " ceased"
    return f"{local:%Y-%m-%d}{hour}{second}{' provisional' if deadline.provisional else ''}{ended}"


def holds(protocol: str, expected: Row) -> None:
    case = played(protocol, *expected.history)
    assert {name: written(case.found(name)) for name in expected.due} == expected.due


def each(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("expected", rows, ids=["; ".join(each.history) for each in rows])


# -- other units


UNITS = [
    # working hours: over a bank holiday weekend, up to Friday's own closing time, and from after it
    row("2026-08-28 15:00 open", call_back="2026-09-01 11:30"),
    row("2026-12-24 16:00 open", call_back="2026-12-29 12:00"),
    row("2027-03-25 15:00 open", call_back="2027-03-30 11:00"),
    row("2026-12-04 12:30 open", call_back="2026-12-04 16:30"),
    row("2026-12-04 12:31 open", call_back="2026-12-07 09:01"),
    row("2026-12-04 16:45 open", call_back="2026-12-07 13:00"),
    row("2026-12-05 11:00 open", call_back="2026-12-07 13:00"),
    # minutes, over both clock changes
    row("2026-10-25 00:15 open", alarm="2026-10-25 01:45"),
    row("2026-10-25 00:45 open", alarm="2026-10-25 01:15 for the second time"),
    row("2027-03-28 00:30 open", alarm="2027-03-28 03:00"),
    row("2026-11-02 23:00 open", alarm="2026-11-03 00:30"),
    # a desk that is there at night, over both clock changes
    row("2026-11-02 04:00 open", night_call="2026-11-03 01:00"),
    row("2026-12-25 05:30 open", night_call="2026-12-26 02:30"),
    row("2026-10-25 00:30 open", night_call="2026-10-25 02:30"),
    row("2026-10-25 01:30+00:00 open", night_call="2026-10-25 04:30"),
    row("2026-10-24 05:00 open", night_call="2026-10-25 01:00 for the second time"),
    row("2026-10-25 05:00 open", night_call="2026-10-26 02:00"),
    row("2027-03-28 00:30 open", night_call="2027-03-28 04:30"),
    row("2027-03-27 05:00 open", night_call="2027-03-28 03:00"),
    # school days: over half-term, a training day, Christmas, a bank holiday; outside the terms that are known every day counts
    row("2026-10-21 10:00 open", school_told="2026-11-05"),
    row("2026-10-26 10:00 open", school_told="2026-11-09"),
    row("2026-12-17 10:00 open", school_told="2027-01-07"),
    row("2027-02-11 10:00 open", school_told="2027-02-25"),
    row("2027-04-29 10:00 open", school_told="2027-05-07"),
    row("2027-07-19 10:00 open", school_told="2027-07-26 provisional"),
    row("2026-08-28 10:00 open", school_told="2026-09-07 provisional"),
    row("2026-09-01 10:00 open", school_told="2026-09-08"),
    # working weeks have five working days each; weeks seven days
    row("2026-11-02 10:00 open", meeting="2026-11-16", letter="2026-12-14"),
    row("2026-11-14 10:00 open", meeting="2026-11-27", letter="2026-12-26"),
    row("2026-12-18 10:00 open", meeting="2027-01-06", letter="2027-01-29"),
    row("2027-03-22 10:00 open", meeting="2027-04-07", letter="2027-05-03"),
    # months and years end on the last day of a month that is too short
    row("2027-01-31 10:00 open", plan="2027-02-28", audit="2028-01-31", resolve="2027-04-30"),
    row("2028-01-31 10:00 open", plan="2028-02-29"),
    row("2028-02-29 10:00 open", plan="2028-03-29", audit="2029-02-28 provisional", resolve="2028-05-29"),
    row("2026-11-30 10:00 open", plan="2026-12-30", audit="2027-11-30", resolve="2027-02-28"),
    row("2026-08-31 23:59 open", plan="2026-09-30", audit="2027-08-31"),
]


@each(UNITS)
def test_each_unit_runs_out_when_it_does_on_paper(expected: Row) -> None:
    holds("units", expected)


# -- from what is dated, and back from what is to come


AT_STAGE_4 = (
    "2026-11-02 10:00 open",
    "2026-11-09 10:00 advance",
    "2026-11-16 10:00 advance",
    "2026-11-27 10:00 advance",
)
MOMENTS = [
    row("2026-11-02 10:00 open", answer="waiting", minutes="waiting", comments="2026-11-09 provisional"),
    row("2026-11-02 10:00 open", "2026-11-03 09:00 set letter=2026-10-30T00:00", answer="2026-11-13"),
    row("2026-12-18 10:00 open", "2026-12-18 11:00 set letter=2026-12-17T00:00", answer="2027-01-05"),
    row("2026-11-02 10:00 open", "2026-11-13 18:00 set meeting=2026-11-13T16:30", minutes="2026-11-17"),
    row("2026-12-01 10:00 open", "2026-12-24 18:00 set meeting=2026-12-24T16:30", minutes="2026-12-30"),
    row("2026-11-02 10:00 open", "2026-11-10 10:00 set report=2026-11-06T15:00", comments="2026-11-13"),
    row(
        "2026-11-02 10:00 open",
        "2026-11-10 10:00 set report=2026-11-06T15:00",
        "2026-11-11 10:00 set report=unknown",
        comments="2026-11-09 provisional",
    ),
    row(
        "2026-11-02 10:00 open",
        "2026-11-03 10:00 set meeting=2026-11-02T16:00",
        "2026-11-04 10:00 set meeting=2026-11-03T16:00",
        minutes="2026-11-05",
    ),
    row(*AT_STAGE_4, chronology="2026-11-30", statement="waiting", school_report="waiting", interpreter="waiting"),
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-03-03T10:00",
        statement="2027-02-24",
        bundle="2027-02-27",
        witnesses="2027-02-26",
        school_report="2027-02-24",
        notice="2027-02-03",
        anniversary="2026-03-03",
        interpreter="2027-03-01 10:00",
        papers="2027-03-02 10:00",
        lodging="2027-03-01 12:00",
    ),
    # in the week after half-term
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-02-25T14:00",
        statement="2027-02-18",
        school_report="2027-02-11",
        bundle="2027-02-21",
        witnesses="2027-02-22",
    ),
    # over Easter and the night on which the clocks go forward
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-03-30T11:00",
        statement="2027-03-19",
        interpreter="2027-03-28 11:00",
        papers="2027-03-25 11:00",
        witnesses="2027-03-23",
        lodging="2027-03-24 12:00",
        notice="2027-02-28",
    ),
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-03-29T10:00",
        interpreter="2027-03-27 09:00",
        notice="2027-02-28",
    ),
    # over the New Year
    row(
        *AT_STAGE_4,
        "2026-11-30 10:00 set hearing=2027-01-04T10:00",
        statement="2026-12-23",
        witnesses="2026-12-29",
        papers="2026-12-31 10:00",
        bundle="2026-12-31",
        lodging="2026-12-30 12:00",
    ),
    # the last moment from which a whole working day still runs
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-03T17:00", papers="2027-03-03 09:00"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-03T09:00", papers="2027-03-02 09:00"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-06T12:00", papers="2027-03-05 09:00"),
    # months and years counted back to one that is too short
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-31T10:00", notice="2027-02-28", anniversary="2026-03-31"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2028-02-29T10:00", notice="2028-01-29", anniversary="2027-02-28"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2028-03-31T10:00", notice="2028-02-29"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-06T10:00", briefing="2027-03-05"),
    # moved, and given up
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-03-03T10:00",
        "2027-02-01 10:00 set hearing=2027-03-10T14:00",
        statement="2027-03-03",
        school_report="2027-03-03",
        interpreter="2027-03-08 14:00",
        papers="2027-03-09 14:00",
    ),
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-03-03T10:00",
        "2027-02-01 10:00 set hearing=unknown",
        statement="waiting",
        interpreter="waiting",
        chronology="2026-11-30",
    ),
    # what was done before it was moved was done for the day it then was on, and is called for once more for the new one: five
    # working days before Thursday 25 February, and before Wednesday 10 March; a letter is only ever misdated
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-03-03T10:00",
        "2027-02-20 10:00 done statement",
        "2027-02-22 10:00 set hearing=2027-02-25T14:00",
        statement="2027-02-18",
        bundle="2027-02-21",
    ),
    row(
        *AT_STAGE_4,
        "2027-01-18 10:00 set hearing=2027-03-03T10:00",
        "2027-02-25 10:00 done statement",
        "2027-03-01 10:00 set hearing=2027-03-10T14:00",
        statement="2027-03-03",
        bundle="2027-03-06",
    ),
    row(*AT_STAGE_4, "2027-02-20 10:00 done statement", "2027-02-22 10:00 set hearing=2027-03-03T10:00", statement="waiting"),
    row(
        "2026-11-02 10:00 open",
        "2026-11-03 09:00 set letter=2026-10-30T00:00",
        "2026-11-12 09:00 done answer",
        "2026-11-16 09:00 set letter=2026-10-20T00:00",
        answer="2026-11-03",
    ),
    # the one day is the day of the hearing, and what has to be done before it ends with it
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-03T10:00", briefing="2027-03-03 10:00"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-06T10:00", briefing="2027-03-05", statement="2027-03-01"),
    # over days of which it is not settled whether they count: terms are known from 4 January to 25 March 2027, bank holidays
    # to the end of 2028
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-31T10:00", school_report="2027-03-19 provisional"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-26T10:00", school_report="2027-03-19"),
    row(*AT_STAGE_4, "2026-11-30 10:00 set hearing=2027-01-06T10:00", school_report="2026-12-29 provisional"),
    row(*AT_STAGE_4, "2026-11-30 10:00 set hearing=2027-01-12T10:00", school_report="2027-01-05"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2029-01-04T10:00", statement="2028-12-27 provisional", papers="2029-01-03 10:00 provisional"),
    row(*AT_STAGE_4, "2027-01-18 10:00 set hearing=2028-12-29T10:00", statement="2028-12-20"),
]  # fmt: skip


@each(MOMENTS)
def test_a_time_counts_from_what_was_dated_and_back_from_what_is_to_come(expected: Row) -> None:
    holds("hearing", expected)


AHEAD = [
    (("2026-11-02 10:00 open",), "2026-12-07 23:59:59"),
    (("2026-11-02 10:00 open", "2026-11-09 10:00 advance"), "2026-12-07 23:59:59"),
    (("2026-11-02 10:00 open", "2026-11-09 10:00 set hearing=2026-12-14T10:00"), "2026-11-30 23:59:59"),
    (("2026-11-02 10:00 open", "2026-11-09 10:00 set hearing=2027-03-03T10:00"), "2026-12-07 23:59:59"),
    (
        (
            "2026-11-02 10:00 open",
            "2026-11-09 10:00 set hearing=2026-12-14T10:00",
            "2026-11-10 10:00 set hearing=unknown",
        ),
        "2026-12-07 23:59:59",
    ),
]


@pytest.mark.parametrize(("history", "expected"), AHEAD)
def test_what_runs_for_a_stage_further_up_is_shown_below_it(history: tuple[str, ...], expected: str) -> None:
    deadline = played("hearing", *history).deadline("resolve")
    assert (deadline.due_at, deadline.ahead_of, deadline.ahead_at) == (None, "stage 4", at(expected))


PROOFS = [
    (
        "2027-02-25T14:00",
        "school-report",
        [
            (25, 0, "the day counted back from"),
            *[(24, 1, ""), (23, 2, ""), (22, 3, "")],
            *[(21, None, "weekend"), (20, None, "weekend")],
            *[(day, None, "outside term") for day in (19, 18, 17, 16, 15)],
            *[(14, None, "weekend"), (13, None, "weekend")],
            *[(12, 4, ""), (11, 5, "")],
        ],
    ),
    # from a Saturday
    ("2027-03-06T10:00", "statement", [(6, 0, "the day counted back from"), (5, 1, ""), (4, 2, ""), (3, 3, ""), (2, 4, ""), (1, 5, "")]),
    ("2027-03-06T10:00", "briefing", [(6, None, "weekend"), (5, 1, "")]),
    ("2027-03-06T10:00", "lodging", [(6, 0, "the day counted back from"), (5, 1, ""), (4, 2, "by 12:00")]),
    ("2027-03-03T10:00", "briefing", [(3, 1, "the day counted back from")]),
    (
        "2027-03-03T10:00",
        "bundle",
        [(3, 0, "the day counted back from"), (2, 1, ""), (1, 2, ""), (28, 3, ""), (27, 3, "the last day: those between are clear")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("hearing", "action", "proof"), PROOFS)
def test_the_proof_of_days_counted_back_has_each_of_them(hearing: str, action: str, proof: list[object]) -> None:
    case = played("hearing", *AT_STAGE_4, f"2027-01-18 10:00 set hearing={hearing}")
    counted = case.deadline(action).limits[0]
    assert counted.within
    assert counted.since
    found = steps(counted.since, counted.within, case.calendar, backward=True)
    assert [(step.on.day, step.count, step.why) for step in found] == proof


# -- a time to go up in


RAISED = "2026-11-02 10:00 open"
REPLIED = (RAISED, "2026-11-16 12:00 done reply")
WINDOWS = [
    (("2026-11-02 10:00 open",), "2026-12-20 10:00", "waiting", "waiting"),
    (REPLIED, "2026-12-10 10:00", "2026-12-14", "on-track"),
    (REPLIED, "2026-12-11 10:00", "2026-12-14", "at-risk"),
    (REPLIED, "2026-12-14 23:59:59", "2026-12-14", "at-risk"),
    (REPLIED, "2026-12-15 00:00", "2026-12-14", "lapsed"),
    ((*REPLIED, "2026-12-14 16:00 advance"), "2027-03-01 10:00", "2026-12-14", "met"),
    ((*REPLIED, "2026-12-16 10:00 advance"), "2027-03-01 10:00", "2026-12-14", "met-late"),
    (("2026-12-01 10:00 open", "2026-12-10 09:00 done reply"), "2027-01-12 12:00", "2027-01-12", "at-risk"),
    (("2026-12-01 10:00 open", "2026-12-10 09:00 done reply"), "2027-01-13 12:00", "2027-01-12", "lapsed"),
    ((*REPLIED, "2026-12-15 10:00 resolve", "2026-12-16 10:00 reopen"), "2026-12-16 10:00", "2026-12-14", "lapsed"),
    (("2026-11-02 10:00 open", "2026-11-05 10:00 advance"), "2026-11-06 10:00", "waiting", "met"),
    (("2026-11-02 10:00 open", "2026-11-05 10:00 advance", "2026-11-06 10:00 done reply"), "2026-11-06 11:00", "waiting", "met"),
]  # fmt: skip


@pytest.mark.parametrize(("history", "now", "due", "stands"), WINDOWS)
def test_a_time_to_go_up_in_only_closes(history: tuple[str, ...], now: str, due: str, stands: str) -> None:
    case = played("window", *history)
    assert (written(case.deadline("going-up")), case.stands("going-up", now)) == (due, stands)


@pytest.mark.parametrize("end", ["resolve", "withdraw"])
def test_what_was_settled_did_not_have_to_go_up(end: str) -> None:
    case = played("window", *REPLIED, f"2026-12-15 10:00 {end}")
    assert case.stands("going-up", "2026-12-16 10:00") == "lapsed"
    assert case.ranked("2026-12-16 10:00") == []
    in_time = played("window", *REPLIED, f"2026-12-14 10:00 {end}")
    assert in_time.stands("going-up", "2026-12-16 10:00") == "ceased"


def told(case: Played, now: str, *, since: str | None = None, before: CaseFile | None = None) -> Digest:
    """The digest of one case; with what it was `before` where it has changed since the last one."""
    name, horizon = case.file.case.calendar, at_risk_horizon(at(now), case.calendar)
    lines = {each.place: each for each in due_lines(case.file) if each.deadline.is_open}
    changed = {case.file.case.ref: NewsSince(at(since or now)).of(Changed(before, case.file))} if before else {}
    return digest(
        DueLines(lines.values(), lambda places: map(lines.__getitem__, places)), changed, {name: case.calendar}, {name: horizon},
        at(now), at(since or now), lambda _: True, (), "", lambda *_: case.protocol,
    )  # fmt: skip


def test_nobody_is_told_every_morning_of_a_time_that_has_closed() -> None:
    case = played("window", *REPLIED)
    named = [
        [name for name in ("overdue", "due_soon", "at_risk") for line in getattr(told(case, now), name) if line.deadline.is_window]
        for now in ("2026-12-10 08:00", "2026-12-11 08:00", "2026-12-14 08:00", "2026-12-15 08:00", "2027-01-15 08:00")
    ]  # fmt: skip
    assert named == [[], ["due_soon"], ["due_soon"], [], []]


def test_a_time_to_go_up_in_is_in_no_figure_of_what_was_due() -> None:
    for more in ((), ("2026-12-16 10:00 advance",)):
        found = report([played("window", *REPLIED, *more).file], parse_quarter("2026/27 Q3"), at("2027-01-04 09:00"))
        assert [(line.place.action, line.due) for line in found.actions.lines] == [("reply", 1)]
        assert (found.overdue_count, [line.place.action for line in found.undated]) == (
            0,
            ["resolve"] * (1 + len(more)),
        )


UP = (*REPLIED, "2026-11-25 10:00 advance")
REPLIES = [
    # the reply of the rung below starts nothing on this one
    (UP, "2", {"reply": "2026-12-02", "note": "waiting", "going-up": "waiting"}),
    (UP, "1", {"note": "2026-11-18", "going-up": "2026-12-14"}),
    ((*UP, "2026-12-01 12:00 done reply"), "2", {"note": "2026-12-03", "going-up": "2026-12-31"}),
    # nor that of the rung above on the one below
    ((RAISED, "2026-11-09 10:00 advance"), "1", {"note": "waiting", "going-up": "waiting"}),
    ((RAISED, "2026-11-09 10:00 advance", "2026-11-12 10:00 done reply"), "1", {"note": "waiting", "going-up": "waiting"}),
    # a rung without one counts from the last below it
    ((*UP, "2026-12-01 12:00 done reply", "2026-12-02 10:00 advance"), "3", {"summary": "2026-12-04"}),
    ((*UP, "2026-12-02 10:00 advance"), "3", {"summary": "2026-11-19"}),
]  # fmt: skip


@pytest.mark.parametrize(("history", "stage", "due"), REPLIES)
def test_each_rung_counts_from_its_own_reply(history: tuple[str, ...], stage: str, due: dict[str, str]) -> None:
    found = {each.action: each for each in played("replies", *history).file.deadlines if each.stage == stage}
    assert {name: written(found[name]) for name in due} == due


def test_nobody_passed_over_a_time_to_go_up_in_or_what_follows_from_silence() -> None:
    for protocol, more, expected in (("replies", "", ["reply", "note"]), ("expiry", " proposal=yes", ["reply"])):
        file = played(protocol, f"2026-11-02 10:00 open stage=2{more}").file
        skipped = passed_over(file.protocol, file.case, file.case.stay)
        assert [each.key for _, actions in skipped for each in actions] == expected


# -- days of a protocol's own


OWN_DAYS = [
    row("2026-11-06 10:00 open", receipt="2026-11-06", call="2026-11-06 14:00", note="2026-11-07 12:00", reply="2026-11-10", visit="2026-11-09 09:00", resolve="2026-11-13"),
    row("2026-11-07 11:00 open", receipt="2026-11-07", call="2026-11-09 12:30", note="2026-11-09 18:00", reply="2026-11-11", visit="2026-11-10 09:00", resolve="2026-11-14"),
    row("2026-11-01 10:00 open", receipt="2026-11-02", call="2026-11-02 12:30", note="2026-11-02 18:00", reply="2026-11-04", visit="2026-11-03 10:00", resolve="2026-11-07"),
    row("2026-04-02 15:00 open", receipt="2026-04-02", call="2026-04-07 11:30", note="2026-04-03 18:00", reply="2026-04-06", visit="2026-04-03 17:00", resolve="2026-04-09"),
    row("2026-12-22 17:00 open", receipt="2026-12-22", call="2026-12-23 12:30", note="2026-12-23 18:00", reply="2027-01-04", visit="2027-01-02 10:00", resolve="2027-01-07"),
    row("2026-12-23 12:00 open", receipt="2026-12-23", call="2026-12-23 16:00", note="2027-01-02 12:00", reply="2027-01-05", visit="2027-01-04 11:00", resolve="2027-01-08"),
    # nobody has to publish bank holidays that count as any other day
    row("2028-12-29 10:00 open", call="2028-12-29 14:00", reply="2029-01-02"),
]  # fmt: skip


@each(OWN_DAYS)
def test_an_office_that_works_on_saturdays_and_bank_holidays_counts_them(expected: Row) -> None:
    holds("own-days", expected)


TERM_TIME = [
    row("2026-11-05 10:00 open", receipt="2026-11-05", reply="2026-11-11", visit="2026-11-09 15:00", resolve="2026-11-13"),
    row("2026-11-26 14:00 open", receipt="2026-11-26", reply="2026-12-02", visit="2026-12-01 12:00", resolve="2026-12-04"),
    row("2026-12-17 15:00 open", note="2026-12-18 15:30", reply="2027-01-06", visit="2027-01-05 13:00", resolve="2027-01-08"),
    row("2026-10-08 12:00 open", note="2026-10-09 15:30", reply="2026-10-27", visit="2026-10-26 10:00", resolve="2026-10-29"),
    row("2026-10-15 12:00 open", receipt="2026-10-26", reply="2026-10-28", visit="2026-10-27 13:30", resolve="2026-10-30"),
    row("2027-03-24 10:00 open", note="2027-03-25 15:30", reply="2027-03-30 provisional", resolve="2027-04-01 provisional"),
    row("2026-08-13 10:00 open", note="2026-08-14 15:30 provisional", reply="2026-08-18 provisional", resolve="2026-08-20 provisional"),
]  # fmt: skip


@each(TERM_TIME)
def test_where_only_days_in_term_are_working_days_no_others_count(expected: Row) -> None:
    holds("term-time", expected)


# 15 working days from Friday 6 November: five a week up to the 27th; from Monday the 2nd it would have been the 23rd.
REPEATED = [
    row("2026-11-02 10:00 open", meet="2026-11-09", minutes="2026-11-05 provisional"),
    row("2026-11-02 10:00 open", "2026-11-03 10:00 done meet", "2026-11-06 10:00 advance 1", meet="2026-11-13", minutes="2026-11-11 provisional"),
    # done meets the oldest call: here that of the first meeting, which was never held, and only then that of the second
    row("2026-11-02 10:00 open", "2026-11-06 10:00 advance 1", "2026-11-10 10:00 done meet", minutes="2026-11-11 provisional"),
    row("2026-11-02 10:00 open", "2026-11-05 10:00 done meet", "2026-11-06 10:00 advance 1", "2026-11-10 10:00 done meet", minutes="2026-11-13"),
    row("2026-11-02 10:00 open", "2026-11-06 10:00 advance 1", "2026-11-10 10:00 advance 2", decide="2026-11-27", review="waiting"),
    row("2026-11-02 10:00 open", "2026-11-10 10:00 advance 2", decide="2026-11-23"),
    # one date after the other, each a call of its own; a date put off takes the place of one that had not run out
    row("2026-11-02 10:00 open", "2026-11-10 10:00 advance 2", "2026-11-11 10:00 set next-review=2026-12-01T10:00", review="2026-12-01"),
    row("2026-11-02 10:00 open", "2026-11-10 10:00 advance 2", "2026-11-11 10:00 set next-review=2026-12-01T10:00",
        "2026-12-01 12:00 done review", "2026-12-01 12:30 set next-review=2027-01-11T10:00", review="2027-01-11"),
    row("2026-11-02 10:00 open", "2026-11-10 10:00 advance 2", "2026-11-11 10:00 set next-review=2026-12-01T10:00",
        "2026-11-20 12:30 set next-review=2026-12-07T10:00", review="2026-12-07"),
]  # fmt: skip


@each(REPEATED)
def test_a_stage_once_more_and_dates_one_after_the_other(expected: Row) -> None:
    holds("repeated", expected)


# Off in one of the nations only: 30 November and 4 January 2027 (Scotland), 17 March (Northern Ireland), 31 August (not Scotland). In
# 2028 the 3rd of January is off in England, the 4th in Scotland. After June 2028 nobody knows whether the councils close.
NATIONS_TOGETHER = [
    row("2026-11-27 10:00 open", reply="2026-12-07", call="2026-12-01"),
    row("2027-03-15 10:00 open", reply="2027-03-23", call="2027-03-16"),
    row("2026-08-27 10:00 open", reply="2026-09-04", call="2026-08-28"),
    row("2026-12-22 10:00 open", reply="2027-01-08", call="2026-12-23"),
    row("2027-12-22 10:00 open", reply="2028-01-10", call="2027-12-23"),
    row("2028-12-20 10:00 open", reply="2028-12-29 provisional", call="2028-12-21"),
    # the 29th of February comes back on the 28th
    row("2027-02-25 10:00 open", reply="2027-03-04", call="2027-02-26"),
    row("2028-02-28 10:00 open", reply="2028-03-06", call="2028-03-01"),
    row("2026-02-27 10:00 open", reply="2026-03-06", call="2026-03-02"),
    row("2025-02-27 10:00 open", reply="2025-03-06", call="2025-03-03"),
]


@each(NATIONS_TOGETHER)
def test_days_off_of_several_nations_and_closures_that_come_back(expected: Row) -> None:
    holds("nations", expected)


ACT_BY = [
    ("units", "2026-11-13 10:00 open", "letter", "2026-12-24 17:00"),
    ("units", "2026-12-04 16:00 open", "alarm", "2026-12-04 16:30"),
    ("units", "2026-11-20 12:00 open", "plan", "2026-12-18 16:30"),
    ("own-days", "2026-11-04 10:00 open", "reply", "2026-11-07 12:00"),
    ("own-days", "2026-12-29 10:00 open", "receipt", "2027-01-02 12:00"),
    ("term-time", "2026-12-17 15:00 open", "reply", "2027-01-06 15:30"),
]


@pytest.mark.parametrize(("protocol", "history", "action", "expected"), ACT_BY)
def test_act_by_keeps_to_the_hours_of_the_day(protocol: str, history: str, action: str, expected: str) -> None:
    assert played(protocol, history).deadline(action).act_by == at(expected)


def test_act_by_comes_before_the_weekend_before_the_hearing() -> None:
    case = played("hearing", *AT_STAGE_4, "2027-01-18 10:00 set hearing=2027-03-03T10:00")
    assert {name: case.deadline(name).act_by for name in ("bundle", "interpreter", "lodging")} == {
        "bundle": at("2027-02-26 17:00"),
        "interpreter": at("2027-03-01 10:00"),
        "lodging": at("2027-03-01 12:00"),
    }


# -- more time for a reason


EXTENSIONS = [
    row(RAISED, assessment="2026-11-16", opinion="2026-11-05 10:00", review="waiting"),
    row(RAISED, "2026-11-10 10:00 agree 2026-11-20T12:00 assessment leave", assessment="2026-11-20 12:00"),
    # up to the most, which counts from the start and not from where the base ends
    row(RAISED, "2026-11-10 10:00 agree 2026-11-23T23:59:59 assessment leave", assessment="2026-11-23"),
    row(RAISED, "2026-11-10 10:00 agree 2026-11-24T00:00 assessment leave", assessment="2026-11-16"),
    row(RAISED, "2026-11-10 10:00 agree 2026-12-01T12:00 assessment leave", assessment="2026-11-16"),
    # before the base runs out, and not after
    row(RAISED, "2026-11-16 23:59:59 agree 2026-11-20T12:00 assessment leave", assessment="2026-11-20 12:00"),
    row(RAISED, "2026-11-17 00:00 agree 2026-11-20T12:00 assessment leave", assessment="2026-11-16"),
    # one after another
    row(
        RAISED,
        "2026-11-10 10:00 agree 2026-11-20T12:00 assessment leave",
        "2026-11-11 10:00 agree 2026-12-01T12:00 assessment flood",
        assessment="2026-11-20 12:00",
    ),
    row(
        RAISED,
        "2026-11-10 10:00 agree 2026-11-18T12:00 assessment leave",
        "2026-11-11 10:00 agree 2026-11-20T12:00 assessment flood",
        assessment="2026-11-20 12:00",
    ),
    row(
        RAISED,
        "2026-11-10 10:00 agree 2026-11-18T12:00 assessment leave",
        "2026-11-17 10:00 agree 2026-11-20T12:00 assessment flood",
        assessment="2026-11-18 12:00",
    ),
    row(
        RAISED,
        "2026-11-10 10:00 agree 2026-11-20T12:00 assessment leave",
        "2026-11-11 10:00 agree 2026-11-18T12:00 assessment",
        assessment="2026-11-18 12:00",
    ),
    row(
        RAISED,
        "2026-11-10 10:00 agree 2026-11-20T12:00 assessment leave",
        "2026-11-10 11:00 undo",
        assessment="2026-11-16",
    ),
    # an earlier date needs no reason
    row(RAISED, "2026-11-10 10:00 agree 2026-11-12T12:00 assessment", assessment="2026-11-12 12:00"),
    # hours, extended to days
    row(RAISED, "2026-11-04 10:00 agree 2026-11-09T17:00 opinion leave", opinion="2026-11-09 17:00"),
    row(RAISED, "2026-11-04 10:00 agree 2026-11-10T09:00 opinion leave", opinion="2026-11-05 10:00"),
    row(RAISED, "2026-11-05 10:01 agree 2026-11-09T17:00 opinion leave", opinion="2026-11-05 10:00"),
    # working days, extended to a month from when the assessment was done
    row(RAISED, "2026-11-13 10:00 done assessment", review="2026-11-27"),
    row(
        RAISED,
        "2026-11-13 10:00 done assessment",
        "2026-11-20 10:00 agree 2026-12-13T12:00 review leave",
        review="2026-12-13 12:00",
    ),
    row(
        RAISED,
        "2026-11-13 10:00 done assessment",
        "2026-11-20 10:00 agree 2026-12-14T00:00 review leave",
        review="2026-11-27",
    ),
    # over Christmas
    row("2026-12-14 10:00 open", assessment="2026-12-30"),
    row(
        "2026-12-14 10:00 open",
        "2026-12-29 10:00 agree 2027-01-07T12:00 assessment leave",
        assessment="2027-01-07 12:00",
    ),
    row("2026-12-14 10:00 open", "2026-12-29 10:00 agree 2027-01-08T09:00 assessment leave", assessment="2026-12-30"),
]


@each(EXTENSIONS)
def test_more_time_is_had_in_time_for_a_reason_and_up_to_the_most(expected: Row) -> None:
    holds("extension", expected)


def test_more_time_without_a_reason_is_refused() -> None:
    case = played("extension", RAISED)
    with pytest.raises(Refused, match="only for a reason"):
        play(case, "2026-11-10 10:00 agree 2026-11-20T12:00 assessment")
    assert len(case.entries) == 1


COMPLEX = "2026-11-02 10:00 open complex=yes"
OPINION = "2026-11-05 10:00 agree 2026-11-16T12:00 opinion leave"
EXTENSIONS_WHEN = [
    # without a most: in time and for a reason is enough; ten working days from Mon 2 are over on Mon 16
    row("2026-11-02 10:00 open", "2026-11-13 10:00 agree 2027-01-29T17:00 assessment leave", assessment="2027-01-29 17:00"),
    row("2026-11-02 10:00 open", "2026-11-17 10:00 agree 2027-01-29T17:00 assessment leave", assessment="2026-11-16"),
    row("2026-11-02 10:00 open", "2026-11-13 10:00 agree 2027-01-29T17:00 assessment leave", "2026-11-16 10:00 agree 2027-02-12T17:00 assessment flood", assessment="2027-02-12 17:00"),
    # in some cases: five working days are over on Mon 9, and ten, which is the most, on Mon 16
    row(COMPLEX, OPINION, opinion="2026-11-16 12:00"),
    row(COMPLEX, "2026-11-05 10:00 agree 2026-11-17T09:00 opinion leave", opinion="2026-11-09"),
    row("2026-11-02 10:00 open complex=no", OPINION, opinion="2026-11-09"),
    row(COMPLEX, "2026-11-05 10:00 agree 2026-12-24T12:00 review leave", review="2026-12-24 12:00"),
    row("2026-11-02 10:00 open complex=no", "2026-11-05 10:00 agree 2026-12-24T12:00 review leave", review="2026-11-07"),
    # what was known when it was agreed; a first answer settles what it was all along
    row("2026-11-02 10:00 open", OPINION, opinion="2026-11-09"),
    row("2026-11-02 10:00 open", OPINION, "2026-11-06 10:00 set complex=yes", opinion="2026-11-16 12:00"),
    row("2026-11-02 10:00 open complex=no", OPINION, "2026-11-06 10:00 set complex=yes", opinion="2026-11-09"),
    row(COMPLEX, OPINION, "2026-11-06 10:00 set complex=no", opinion="2026-11-16 12:00"),
]  # fmt: skip


@each(EXTENSIONS_WHEN)
def test_more_time_is_had_without_a_most_or_in_some_cases(expected: Row) -> None:
    holds("extension-when", expected)


def test_why_more_time_is_not_had_is_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("2026-11-02 10:00", "open", "extension-when", "--about", "Thresholds")
    words = ("agree", "1", "2026-11-16T12:00", "--action", "opinion", "--reason", "leave")
    said = desk.run("2026-11-05 10:00", *words).stdout
    assert "the limit stands, Mon 9 Nov" in said
    assert "It can be extended only if complex is yes, and only before the time has run out." in said
    proof = " ".join(desk.run("2026-11-05 10:00", "explain", "1", "opinion").stdout.split())
    assert "5 working days from entry to the stage, extendable to 10 working days if complex is yes" in proof
    assert "10 working days from entry to the stage, extendable" in " ".join(desk.run("2026-11-05 10:00", "explain", "1", "assessment").stdout.split())  # fmt: skip


# -- a grade that chooses the timetable


GREEN = "2026-11-02 10:00 open grade=green"
GRADED_AT_2 = (GREEN, "2026-11-05 10:00 advance")
GRADES = [
    row("2026-11-02 10:00 open", visit="2026-11-02 12:00 provisional", resolve="2026-11-03 10:00 provisional"),
    row("2026-11-02 10:00 open grade=red", visit="2026-11-02 12:00", resolve="2026-11-03 10:00"),
    row("2026-11-02 10:00 open grade=amber", visit="2026-11-03", resolve="2026-11-05"),
    row(GREEN, visit="2026-11-09", resolve="2026-11-16"),
    # graded anew at the first stage: the same start
    row(GREEN, "2026-11-04 15:00 set grade=amber", visit="2026-11-03", resolve="2026-11-05"),
    row(GREEN, "2026-11-04 15:00 set grade=red", visit="2026-11-02 12:00", resolve="2026-11-03 10:00"),
    row("2026-11-02 10:00 open grade=red", "2026-11-02 11:00 set grade=green", visit="2026-11-09", resolve="2026-11-16"),
    row(GREEN, "2026-11-04 15:00 set grade=red", "2026-11-06 15:00 set grade=green", resolve="2026-11-16"),
    # what was done is judged by the grade it had
    row(GREEN, "2026-11-06 10:00 done visit", "2026-11-10 15:00 set grade=red", visit="2026-11-09", resolve="2026-11-03 10:00"),
    row("2026-11-02 10:00 open grade=red", "2026-11-02 13:00 done visit", "2026-11-03 09:00 set grade=green", visit="2026-11-02 12:00", resolve="2026-11-16"),
    row("2026-11-02 10:00 open", "2026-11-06 10:00 done visit", "2026-11-10 15:00 set grade=red", visit="2026-11-02 12:00"),
    # graded anew at the second: it begins anew
    row(*GRADED_AT_2, resolve="2026-11-16"),
    row(*GRADED_AT_2, "2026-11-10 15:00 set grade=red", resolve="2026-11-11 15:00"),
    row(*GRADED_AT_2, "2026-11-06 16:00 set grade=amber", resolve="2026-11-11"),
    row(*GRADED_AT_2, "2026-11-10 15:00 set grade=red", "2026-11-12 09:00 set grade=green", resolve="2026-11-26"),
    row(
        *GRADED_AT_2,
        "2026-11-10 15:00 set grade=red",
        "2026-11-12 09:00 set grade=green",
        "2026-11-13 09:00 set grade=green",
        resolve="2026-11-26",
    ),
    row(*GRADED_AT_2, "2026-12-22 09:00 set grade=amber", resolve="2026-12-29"),
    row("2026-11-02 10:00 open", "2026-11-05 10:00 advance", resolve="undecided"),
    row("2026-11-02 10:00 open", "2026-11-05 10:00 advance", "2026-11-09 12:00 set grade=amber", resolve="2026-11-12"),
]  # fmt: skip


@each(GRADES)
def test_a_grade_chooses_the_timetable_and_a_new_one_another(expected: Row) -> None:
    holds("grades", expected)


def test_a_stage_that_was_left_is_judged_by_the_grade_it_was_left_with() -> None:
    for later in (
        (),
        ("2026-11-10 15:00 set grade=red",),
        ("2026-11-10 15:00 set grade=red", "2026-11-11 09:00 resolve"),
    ):
        case = played("grades", *GRADED_AT_2, *later)
        left = next(each for each in case.file.deadlines if (each.stage, each.action) == ("1", "resolve"))
        assert (written(left), left.met_at) == ("2026-11-16", at("2026-11-05 10:00"))


# -- how an end can be put


ENDS = [
    # the later of two, of which one may not have begun
    row("2026-11-02 10:00 open", plan="2026-11-16 provisional"),
    row("2026-11-02 10:00 open", "2026-11-05 10:00 set assessment=2026-11-04T09:00", plan="2026-11-16"),
    row("2026-11-02 10:00 open", "2026-11-12 10:00 set assessment=2026-11-12T09:00", plan="2026-11-19"),
    row("2026-12-14 10:00 open", "2026-12-23 10:00 set assessment=2026-12-23T09:00", plan="2027-01-04"),
    row(
        "2026-11-02 10:00 open",
        "2026-11-12 10:00 set assessment=2026-11-12T09:00",
        "2026-11-13 10:00 set assessment=unknown",
        plan="2026-11-16 provisional",
    ),
    row(
        "2026-11-02 10:00 open",
        "2026-11-12 10:00 set assessment=2026-11-12T09:00",
        "2026-11-12 11:00 agree 2026-11-18T12:00 plan",
        plan="2026-11-18 12:00",
    ),
    row("2026-11-02 10:00 open concern=2026-10-28T10:00", "2026-11-05 10:00 advance", resolve="2026-11-25"),
    row("2026-11-02 10:00 open concern=2026-10-21T10:00", "2026-11-05 10:00 advance", resolve="2026-11-23"),
    # on one outcome only
    row("2026-11-02 10:00 open", appeal="undecided"),
    row("2026-11-02 10:00 open", "2026-11-10 16:00 set outcome=not-upheld", appeal="2026-11-17"),
    row("2026-11-02 10:00 open", "2026-11-10 16:00 set outcome=upheld", appeal="not owed"),
    row(
        "2026-11-02 10:00 open",
        "2026-11-10 16:00 set outcome=not-upheld",
        "2026-11-11 16:00 set outcome=upheld",
        appeal="2026-11-17 ceased",
    ),
    # clear days, the first day counted, the end of the day after
    row("2026-11-02 10:00 open", notice="2026-11-05", form="2026-11-06", parents_told="2026-11-03"),
    row("2026-11-07 10:00 open", notice="2026-11-10", form="2026-11-13", parents_told="2026-11-08"),
    row("2026-12-24 10:00 open", notice="2026-12-27", form="2027-01-04", parents_told="2026-12-25"),
    # the close of business, which is at four on a Friday, and noon of the next working day
    row("2026-11-02 10:00 open", receipt="2026-11-02 17:00", log="2026-11-03 12:00"),
    row("2026-11-02 17:00 open", receipt="2026-11-02 17:00", log="2026-11-03 12:00"),
    row("2026-11-02 17:01 open", receipt="2026-11-03 17:00", log="2026-11-03 12:00"),
    row("2026-11-06 15:30 open", receipt="2026-11-06 16:00", log="2026-11-09 12:00"),
    row("2026-11-06 16:01 open", receipt="2026-11-09 17:00", log="2026-11-09 12:00"),
    row("2026-11-05 18:00 open", receipt="2026-11-06 16:00", log="2026-11-06 12:00"),
    row("2026-12-24 17:30 open", receipt="2026-12-29 17:00", log="2026-12-29 12:00"),
]


@each(ENDS)
def test_an_end_falls_where_it_was_put(expected: Row) -> None:
    holds("two-limits", expected)


TARGETS = [
    ("2026-11-02 10:00 open", "2026-11-04 10:00", "2026-11-09"),
    ("2026-11-06 15:00 open", "2026-11-08 15:00", "2026-11-13"),
    ("2026-12-23 15:00 open", "2026-12-25 15:00", "2027-01-04"),
]


@pytest.mark.parametrize(("history", "target", "due"), TARGETS)
def test_one_duty_has_a_threshold_in_hours_and_a_limit_in_working_days(history: str, target: str, due: str) -> None:
    case = played("two-limits", history)
    deadline = case.deadline("talk")
    assert (deadline.target_at, written(deadline)) == (at(target), due)
    minute_after = f"{target[:-1]}1"
    assert (case.stands("talk", target), case.stands("talk", minute_after)) == ("on-track", "at-risk")


def test_the_limit_beside_an_agreed_date_is_the_later_of_the_two() -> None:
    history = "2026-11-12 10:00 set assessment=2026-11-12T09:00", "2026-11-12 11:00 agree 2026-11-18T12:00 plan"
    case = played("two-limits", "2026-11-02 10:00 open", *history)
    assert case.deadline("plan").limit_at == at("2026-11-19 23:59:59")


def test_what_runs_out_further_up_is_the_later_of_its_two() -> None:
    deadline = played("two-limits", "2026-11-02 10:00 open concern=2026-10-28T10:00").deadline("resolve")
    assert (deadline.due_at, deadline.ahead_at) == (None, at("2026-11-25 23:59:59"))


# -- clocks that stand still


def away(since: str, until: str | None = None, fact: str = "abroad") -> tuple[str, ...]:
    return f"{since} set {fact}=yes", *((f"{until} set {fact}=no",) if until else ())


MONDAY = "2026-11-02 10:00 open"
STOPS = [
    row(MONDAY, call="2026-11-03 10:00", desk_call="2026-11-03 12:00", report="2026-11-09", visit="2026-11-09", review="2026-12-02"),
    # hours lose what the stop lasts
    row(MONDAY, *away("2026-11-02 14:00", "2026-11-03 08:00"), call="2026-11-04 04:00"),
    row(MONDAY, *away("2026-11-02 12:00", "2026-11-02 13:00"), *away("2026-11-02 20:00", "2026-11-03 06:00"), call="2026-11-03 21:00"),
    row(MONDAY, *away("2026-11-02 14:00", "2026-11-02 16:00"), *away("2026-11-03 11:00", "2026-11-03 11:30"), call="2026-11-03 12:30"),
    row(MONDAY, *away("2026-11-02 14:00", "2026-11-02 16:00"), *away("2026-11-03 11:00"), call="stopped"),
    row(MONDAY, *away("2026-11-02 14:00", "2026-11-02 16:00"), *away("2026-11-03 12:00"), call="2026-11-03 12:00"),
    row(MONDAY, *away("2026-11-03 10:00"), call="2026-11-03 10:00"),
    row(MONDAY, *away("2026-11-03 09:59"), call="stopped"),
    row("2026-10-24 10:00 open", *away("2026-10-24 22:00", "2026-10-25 02:00"), call="2026-10-25 14:00"),
    row("2026-11-02 10:00 open abroad=yes", call="stopped", desk_call="stopped", report="stopped", visit="stopped", review="stopped"),
    row("2026-11-02 10:00 open abroad=yes", "2026-11-04 10:00 set abroad=no", call="2026-11-05 10:00", report="2026-11-10", visit="2026-11-10"),
    # working hours lose the working hours of it
    row(MONDAY, *away("2026-11-02 16:00", "2026-11-03 10:00"), desk_call="2026-11-03 14:00"),
    row(MONDAY, *away("2026-11-02 18:00", "2026-11-03 08:00"), desk_call="2026-11-03 12:00"),
    row(MONDAY, *away("2026-11-02 12:00", "2026-11-04 12:00"), desk_call="2026-11-05 12:00"),
    row(MONDAY, *away("2026-11-02 11:00", "2026-11-02 12:30"), *away("2026-11-03 09:30", "2026-11-03 15:00"), desk_call="2026-11-04 11:00"),
    row("2026-12-24 15:00 open", *away("2026-12-24 16:00", "2026-12-29 11:00"), desk_call="2026-12-30 12:00"),
    row(MONDAY, *away("2026-11-02 16:00"), desk_call="stopped"),
    # working days and days lose the whole ones
    row(MONDAY, *away("2026-11-04 12:00", "2026-11-06 12:00"), report="2026-11-10", visit="2026-11-10"),
    row(MONDAY, *away("2026-11-04 09:00", "2026-11-04 17:00"), report="2026-11-09", visit="2026-11-09"),
    row(MONDAY, *away("2026-11-04 00:00", "2026-11-05 00:00"), report="2026-11-10", visit="2026-11-10"),
    row(MONDAY, *away("2026-11-06 18:00", "2026-11-09 08:00"), report="2026-11-09", visit="2026-11-11"),
    row(MONDAY, *away("2026-11-06 18:00", "2026-11-10 08:00"), report="2026-11-10", visit="2026-11-12"),
    row(MONDAY, *away("2026-11-09 10:00"), report="2026-11-09", visit="2026-11-09"),
    row(MONDAY, *away("2026-11-08 20:00"), report="stopped", visit="stopped"),
    row(MONDAY, *away("2026-11-04 12:00", "2026-11-06 12:00"), *away("2026-11-09 12:00", "2026-11-11 12:00"), report="2026-11-11", visit="2026-11-11"),
    row(MONDAY, *away("2026-11-04 12:00", "2026-11-06 12:00"), *away("2026-11-09 12:00"), report="stopped", visit="stopped"),
    row("2026-12-21 10:00 open", *away("2026-12-23 12:00", "2026-12-30 12:00"), report="2027-01-04", visit="2027-01-03"),
    # months lose whole days, from where the month ends
    row(MONDAY, *away("2026-11-10 09:00", "2026-11-15 09:00"), review="2026-12-06"),
    row(MONDAY, *away("2026-11-10 09:00", "2026-11-15 09:00"), *away("2026-12-04 12:00", "2026-12-08 12:00"), review="2026-12-09"),
    row(MONDAY, *away("2026-11-10 09:00", "2026-11-15 09:00"), *away("2026-12-04 12:00"), review="stopped"),
    row("2027-01-31 10:00 open", *away("2027-02-10 12:00", "2027-02-13 12:00"), review="2027-03-02"),
    # what was done does not stand still afterwards
    row(MONDAY, "2026-11-03 09:00 done call", *away("2026-11-03 09:30"), call="2026-11-03 10:00", desk_call="stopped"),
    row(MONDAY, "2026-11-03 09:00 done visit", *away("2026-11-04 12:00", "2026-11-06 12:00"), visit="2026-11-09", report="2026-11-10"),
    row(MONDAY, "2026-11-05 09:00 done report", *away("2026-11-04 12:00", "2026-11-10 12:00"), report="2026-11-12"),
    # one reason after the other is one stop, in whichever order they are recorded
    row(MONDAY, "2026-11-04 12:00 set abroad=yes", "2026-11-06 12:00 set abroad=no", "2026-11-06 12:00 set hospital=yes", "2026-11-10 12:00 set hospital=no", report="2026-11-12"),
    row(MONDAY, "2026-11-04 12:00 set abroad=yes", "2026-11-06 12:00 set hospital=yes", "2026-11-06 12:00 set abroad=no", "2026-11-10 12:00 set hospital=no", report="2026-11-12"),
    row(MONDAY, *away("2026-11-04 12:00", "2026-11-10 12:00"), *away("2026-11-05 09:00", "2026-11-06 09:00", "hospital"), report="2026-11-12"),
]  # fmt: skip


def in_order(expected: Row) -> Row:
    """The same with its lines in the order of time, as they come about."""
    return expected._replace(history=tuple(sorted(expected.history, key=lambda line: line[:16])))


@each(STOPS)
def test_a_clock_stands_still_while_the_child_is_out_of_reach(expected: Row) -> None:
    holds("stopped", in_order(expected))


def test_the_proof_skips_the_days_on_which_the_clock_stood_still() -> None:
    case = played("stopped", MONDAY, *away("2026-11-04 12:00", "2026-11-06 12:00"))
    counted = case.deadline("report").limits[0]
    assert counted.within
    assert counted.since
    found = steps(counted.since, counted.within, case.calendar, counted.stops)
    assert [(step.on.day, step.count, step.why) for step in found] == [
        (2, 0, "day 0"),
        (3, 1, ""),
        (4, 2, ""),
        (5, None, "the clock was stopped all day"),
        (6, 3, ""),
        (7, None, "weekend"),
        (8, None, "weekend"),
        (9, 4, ""),
        (10, 5, ""),
    ]


RETURNING = [
    # there as long as what calls for them
    row("2026-11-02 10:00 open plan=yes", chair_told="2026-11-05", plan_visit="2026-11-16"),
    row("2026-11-02 10:00 open plan=yes", "2026-11-04 10:00 set plan=no", chair_told="2026-11-05 ceased", plan_visit="2026-11-16 ceased"),
    row("2026-11-02 10:00 open plan=yes", "2026-11-04 10:00 set plan=no", "2026-11-09 10:00 set plan=yes", chair_told="2026-11-12", plan_visit="2026-11-23"),
    row("2026-11-02 10:00 open plan=yes", "2026-11-12 10:00 done plan-visit", plan_visit="2026-11-26"),
    row("2026-11-02 10:00 open plan=yes", "2026-11-12 10:00 done plan-visit", "2026-11-13 10:00 set plan=no", plan_visit_1="2026-11-16", plan_visit_2="2026-11-26 ceased"),
    row("2026-11-02 10:00 open plan=yes", "2026-11-12 10:00 done plan-visit", "2026-11-13 10:00 set plan=no", "2026-12-07 10:00 set plan=yes", plan_visit="2026-12-21"),
    # every six weeks, from when it was last done
    row(MONDAY, supervision="2026-12-14"),
    row(MONDAY, "2026-12-10 12:00 done supervision", supervision_1="2026-12-14", supervision_2="2027-01-21"),
    row(MONDAY, "2026-12-20 12:00 done supervision", supervision_1="2026-12-14", supervision_2="2027-01-31"),
    row(MONDAY, "2026-12-10 12:00 done supervision", *away("2026-12-20 12:00", "2026-12-27 12:00"), supervision="2027-01-27"),
    row(MONDAY, "2026-12-10 12:00 done supervision", "2027-01-20 12:00 done supervision", supervision_3="2027-03-03"),
    # a date agreed is for the time it was agreed for
    row(MONDAY, "2026-12-01 10:00 agree 2026-12-07T12:00 supervision", supervision="2026-12-07 12:00"),
    row(MONDAY, "2026-12-01 10:00 agree 2026-12-07T12:00 supervision", "2026-12-09 10:00 done supervision", supervision_1="2026-12-07 12:00", supervision_2="2027-01-20"),
    row(MONDAY, "2026-12-01 10:00 agree 2026-12-07T12:00 supervision", "2026-12-09 10:00 done supervision", "2026-12-09 10:00 agree 2027-01-15T12:00 supervision", supervision_1="2026-12-07 12:00", supervision_2="2027-01-15 12:00"),
    row(MONDAY, "2026-12-10 10:00 done supervision", "2026-12-09 09:00 agree 2026-12-18T12:00 supervision", supervision_1="2026-12-14", supervision_2="2027-01-21"),
    # not once the stage is left before it was due; what was overdue by then stays
    row(MONDAY, "2026-12-12 10:00 advance", supervision="2026-12-14 ceased"),
    row(MONDAY, "2026-12-16 10:00 advance", supervision="2026-12-14"),
    row(MONDAY, "2026-12-10 12:00 done supervision", "2026-12-12 10:00 resolve", supervision_1="2026-12-14", supervision_2="2027-01-21 ceased"),
    row(MONDAY, "2026-12-12 10:00 resolve", "2026-12-13 10:00 reopen", supervision="2026-12-14"),
    row(MONDAY, "2026-12-16 10:00 withdraw", supervision="2026-12-14 missed"),
    # what was overdue when its stage was left can still be done, and ends with the case
    row(MONDAY, "2026-12-16 10:00 advance", "2026-12-17 10:00 done supervision", supervision_1="2026-12-14", supervision_2="not owed"),
    row(MONDAY, "2026-12-16 10:00 advance", "2026-12-18 10:00 withdraw", supervision_1="2026-12-14 missed", supervision_2="not owed"),
    row(MONDAY, "2026-12-16 10:00 resolve", "2026-12-18 10:00 reopen", supervision_1="2026-12-14", supervision_2="not owed"),
    row(MONDAY, "2026-12-16 10:00 resolve", "2026-12-18 10:00 reopen", "2026-12-19 10:00 done supervision", supervision_1="2026-12-14", supervision_2="2027-01-30"),
    row(MONDAY, "2026-12-01 10:00 agree 2026-12-07T12:00 supervision", "2026-12-09 10:00 done supervision", "2027-01-19 10:00 advance", supervision_1="2026-12-07 12:00", supervision_2="2027-01-20 ceased"),
    # every two hours, while there is danger
    row("2026-11-02 10:00 open danger=yes", check="2026-11-02 12:00"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 11:30 done check", check_1="2026-11-02 12:00", check_2="2026-11-02 13:30"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 14:10 done check", check_2="2026-11-02 16:10"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 11:30 done check", "2026-11-02 12:30 set danger=no", check_1="2026-11-02 12:00", check_2="2026-11-02 13:30 ceased"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 11:30 done check", "2026-11-02 12:30 set danger=no", "2026-11-05 09:00 set danger=yes", check_2="2026-11-02 13:30 ceased", check_3="2026-11-05 11:00"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 11:30 done check", "2026-11-02 12:00 set danger=yes", check_1="2026-11-02 12:00", check_2="2026-11-02 13:30"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-03 10:00 advance", check="2026-11-02 12:00"),
    row("2026-10-25 00:30 open danger=yes", check="2026-10-25 01:30 for the second time"),
    # what a danger calls for outlives the case: it is owed until it is done, or answered no
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 11:30 done check", "2026-11-02 12:30 resolve", check_2="2026-11-02 13:30"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 11:30 done check", "2026-11-02 12:30 resolve", "2026-11-02 13:00 done check", check_2="2026-11-02 13:30", check_3="not owed"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 12:30 resolve", check="2026-11-02 12:00"),
    row("2026-11-02 10:00 open danger=yes", "2026-11-02 12:30 withdraw", check="2026-11-02 12:00"),
]  # fmt: skip


@each(RETURNING)
def test_a_duty_is_there_as_long_as_what_calls_for_it_and_returns(expected: Row) -> None:
    holds("stopped", in_order(expected))


def test_each_time_of_what_returns_is_told_by_itself() -> None:
    case = played("stopped", MONDAY, "2026-12-20 12:00 done supervision")
    before = case.file
    play(case, "2027-01-20 12:00 done supervision")
    met = [line.deadline for line in told(case, "2027-01-20 12:30", before=before).met]
    assert [(each.action, each.occurrence) for each in met] == [("supervision", 2)]


def test_what_is_overdue_again_is_news_though_it_had_been_overdue_before() -> None:
    case = played("stopped", MONDAY)
    before = case.file
    play(case, "2026-12-20 12:00 done supervision")
    found = told(case, "2027-02-01 08:00", since="2026-12-15 08:00", before=before)
    news = [(line.deadline.action, line.deadline.occurrence) for line in found.newly_overdue]
    assert ("supervision", 2) in news


# -- sides of different depth, and more than two


COUNCIL, SCHOOL = "2026-11-02 10:00 open route=council", "2026-11-02 10:00 open route=school"
PARTIES = [
    row(COUNCIL, school_view="2026-11-05", health_view="2026-11-09 provisional", resolve="2026-12-07"),
    row(f"{COUNCIL} health=no", school_view="2026-11-05", health_view="not owed", resolve="2026-12-07"),
    row(f"{COUNCIL} health=yes", school_view="2026-11-05", health_view="2026-11-09"),
    row(COUNCIL, "2026-11-06 10:00 advance facilitated", school_view="2026-11-05", resolve="2026-11-20"),
    row(COUNCIL, "2026-11-06 10:00 advance 2", resolve="2026-11-13"),
    row(COUNCIL, "2026-11-06 10:00 advance facilitated", "2026-11-18 10:00 advance", resolve="2026-11-25"),
    row(COUNCIL, "2026-11-06 10:00 advance 3", resolve="2026-11-13"),
    row(COUNCIL, "2026-11-06 10:00 advance 3", "2026-11-16 10:00 advance", resolve="2026-11-30"),
    row(COUNCIL, "2026-11-06 10:00 advance 3", "2026-12-01 10:00 advance", resolve="2026-12-07"),
    row(SCHOOL, resolve="2026-11-09", school_view="not owed"),
    row(SCHOOL, "2026-11-09 10:00 advance", resolve="2026-11-23"),
    # the ombudsman, beside it all
    row(f"{COUNCIL} ombudsman=no", ombudsman_told="not owed"),
    row(COUNCIL, "2026-11-10 10:00 set ombudsman=yes", ombudsman_told="2026-11-12", ombudsman_asked="waiting"),
    row(COUNCIL, "2026-11-10 10:00 set ombudsman=yes", "2026-11-11 10:00 done ombudsman-told", ombudsman_asked="2027-01-06"),
    row(COUNCIL, "2026-11-10 10:00 set ombudsman=yes", "2026-11-11 10:00 done ombudsman-told", "2026-11-16 10:00 advance 3", "2026-12-01 10:00 advance", ombudsman_asked="2027-01-06", resolve="2026-12-07"),
    row(COUNCIL, "2026-11-10 10:00 set ombudsman=yes", "2026-11-11 10:00 done ombudsman-told", "2026-11-16 10:00 resolve", ombudsman_asked="2027-01-06"),
    row(COUNCIL, "2026-11-10 10:00 set ombudsman=yes", "2026-11-11 10:00 done ombudsman-told", "2026-11-20 10:00 set ombudsman=no", ombudsman_asked="2027-01-06 ceased"),
]  # fmt: skip


@each(PARTIES)
def test_each_side_goes_up_its_own_ladder_and_others_run_beside_it(expected: Row) -> None:
    holds("parties", expected)


def test_each_party_owes_what_is_its_own() -> None:
    case = played("parties", f"{COUNCIL} health=yes")
    found = [(each.action, each.owner, each.side) for each in case.file.deadlines]
    assert found == [
        ("school-view", "Teacher", "receiving"),
        ("health-view", "Named nurse", None),
        ("resolve", "Social worker", None),
    ]


def test_what_need_not_be_held_is_not_skipped() -> None:
    skipped = [
        played("parties", COUNCIL, f"2026-11-06 10:00 advance {to}").file.case.stay.skipped
        for to in ("facilitated", "2", "3")
    ]
    assert skipped == [(), (), ("2",)]


# -- what follows from silence


PROPOSED = "2026-11-02 10:00 open proposal=yes"
SILENCE = [
    row(PROPOSED, reply="2026-11-09", chase="2026-11-10 provisional", objection="2026-11-12 provisional", director_told="2026-11-13 provisional"),
    # where there is nothing to reply to, nor is there silence
    row("2026-11-02 10:00 open proposal=no", reply="not owed", chase="not owed", objection="not owed", director_told="not owed"),
    row("2026-11-02 10:00 open proposal=no", "2026-11-10 10:00 advance", apology="not owed"),
    # as long as nobody has said, there may be
    row("2026-11-02 10:00 open", reply="2026-11-09 provisional", chase="2026-11-10 provisional", objection="2026-11-12 provisional"),
    row("2026-11-02 10:00 open", "2026-11-10 10:00 advance", apology="2026-11-23 provisional"),
    # a reply in time opens nothing
    row(PROPOSED, "2026-11-09 16:00 done reply", chase="not owed", objection="not owed", director_told="not owed"),
    # one that is late comes too late, and the right stays open
    row(PROPOSED, "2026-11-11 16:00 done reply", reply="2026-11-09", chase="2026-11-10", objection="2026-11-12"),
    row(PROPOSED, "2026-11-11 10:00 done objection", director_told="not owed"),
    row(PROPOSED, "2026-11-16 10:00 done objection", objection="2026-11-12 provisional", director_told="2026-11-13 provisional"),
    # a date agreed is a time that can run out
    row(PROPOSED, "2026-11-03 10:00 agree 2026-11-05T12:00 reply", reply="2026-11-05 12:00", chase="2026-11-06 12:00 provisional", objection="2026-11-10 provisional"),
    row(PROPOSED, "2026-11-03 10:00 agree 2026-11-05T12:00 reply", "2026-11-06 10:00 done reply", chase="2026-11-06 12:00", objection="2026-11-10"),
    row(PROPOSED, "2026-11-03 10:00 agree 2026-11-20T12:00 reply", reply="2026-11-09", objection="2026-11-12 provisional"),
    row("2026-12-17 10:00 open proposal=yes", reply="2026-12-24", chase="2026-12-25 provisional", objection="2026-12-31 provisional", director_told="2027-01-04 provisional"),
    # seen from the stage above
    row(PROPOSED, "2026-11-10 10:00 advance", apology="2026-11-23 provisional"),
    row(PROPOSED, "2026-11-06 10:00 done reply", "2026-11-10 10:00 advance", apology="not owed"),
]  # fmt: skip


@each(SILENCE)
def test_what_follows_from_silence_follows_in_time(expected: Row) -> None:
    holds("expiry", expected)


def test_what_holds_once_a_time_has_passed_and_who_has_to_do_with_it_then_is_with_the_deadline() -> None:
    deadline = played("expiry", PROPOSED).deadline("reply")
    assert (deadline.owner, deadline.side, deadline.then_owner, deadline.once_passed) == (
        "Manager of the receiving agency",
        "receiving",
        "Assistant director",
        "The proposal counts as accepted.",
    )


IN_A_CIRCLE = [
    # what an action counts from, what another one does, and which of them are told that they count from themselves
    ("b overdue", "a overdue", "stage", ["stages[0].actions[0]", "stages[0].actions[1]"]),
    ("b overdue", "letter", "a overdue", ["stages[0].actions[0]", "stages[0].actions[1]"]),
    ("b overdue", "stage", "stage", []),
]


@pytest.mark.parametrize(("a", "b", "failing_that", "told"), IN_A_CIRCLE)
def test_what_waits_for_itself_is_found_though_another_stage_has_the_same_names(
    a: str, b: str, failing_that: str, told: list[str]
) -> None:
    file = tomllib.loads((SHAPES / "expiry.toml").read_text(encoding="utf-8"))
    below = [
        {"key": "a", "name": "A", "timescales": [{"within": "2 days", "from": a, "cite": "1"}]},
        {
            "key": "b",
            "name": "B",
            "timescales": [{"within": "2 days", "from": b, "failing_that": failing_that, "cite": "1"}],
        },
    ]
    above = [
        {"key": "b", "name": "B", "timescales": [{"within": "2 days", "from": "stage", "cite": "2"}]},
        {"key": "a", "name": "A", "timescales": [{"within": "2 days", "from": "b overdue", "cite": "2"}]},
    ]
    file["stages"][0]["actions"], file["stages"][1]["actions"] = below, above
    _, problems = read_protocol(file | {"moments": [{"key": "letter", "ask": "When is the letter dated?"}]})
    assert [
        each.place.partition(".timescales")[0] for each in problems if "from itself in the end" in each.sentence
    ] == told
    assert len(problems) == len(told)


def test_no_whole_process_counts_from_a_time_that_ran_out() -> None:
    file = tomllib.loads((SHAPES / "expiry.toml").read_text(encoding="utf-8"))
    file["routes"][0]["cap"] = {"within": "2 days", "from": "resolve overdue", "cite": "1"}
    assert (
        'routes[0].cap.from: "resolve overdue" is nothing a whole process counts from; try "raised" or "concern"'
        in map(str, read_protocol(file)[1])
    )


# -- what begins with something else, without a figure


BEGINS = {
    "2026-11-02 10:00 open begins --about Thresholds": {"reply": "2026-11-09 on-track", "chair-in": "waiting", "thank": "waiting", "minutes": "waiting"},
    "2026-11-03 10:00 set 1 panel=2026-11-12T14:00": {"minutes": "waiting"},
    "2026-11-09 23:00 due": {"chair-in": "waiting"},
    # the fifth working day after Mon 2 is Mon 9: from its end on
    "2026-11-10 09:00 due": {"reply": "2026-11-09 overdue", "chair-in": "undated", "thank": "waiting", "minutes": "waiting"},
    "2026-11-11 09:00 agree 1 2026-11-13T12:00 --action chair-in": {"chair-in": "2026-11-13 12:00 on-track"},
    "2026-11-12 10:00 done 1 reply": {"reply": "2026-11-09 met-late", "chair-in": "2026-11-13 12:00 at-risk", "thank": "undated", "minutes": "waiting"},
    "2026-11-12 15:00 due": {"minutes": "undated"},
    "2026-11-12 16:00 done 1 minutes": {"minutes": "met"},
}  # fmt: skip
BEGINS_NEVER = {
    "2026-11-02 10:00 open begins --about Thresholds": {"chair-in": "waiting"},
    "2026-11-09 16:00 done 1 reply": {"reply": "2026-11-09 met", "chair-in": "not there", "thank": "undated"},
    "2026-11-10 10:00 advance 1": {"chair-in": "not there", "thank": "undated"},
}  # fmt: skip


@pytest.mark.parametrize("steps", [BEGINS, BEGINS_NEVER], ids=["in the end", "never"])
def test_what_begins_with_something_waits_for_it_and_is_then_undated(
    tmp_path: Path, steps: Mapping[str, Mapping[str, str]]
) -> None:
    desk = Desk(tmp_path)
    for step, expected in steps.items():
        now, command = step[:16], step[17:]
        said = desk.said(now, command)
        assert {name: said.get(name, "not there") for name in expected} == expected, step


def test_what_it_waits_for_is_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("2026-11-02 10:00", "open", "begins", "--about", "Thresholds")
    proof = desk.run("2026-11-02 10:00", "explain", "1", "thank").stdout
    assert "It has not begun:" in proof
    assert 'it counts from "reply"' in proof
    assert "waiting" in desk.run("2026-11-02 10:00", "due", "--duties").stdout
    page = " ".join(desk.run("2026-11-02 10:00", "protocol", "show", "begins").stdout.split())
    assert 'from the time for "reply" running out on; no time limit: agree a date [1.2]' in page


# -- a stage that ends with its duties


DUTIES = {
    # Mon 2 Nov is day 0: the fifth working day is Mon 9, the tenth Mon 16
    "2026-11-02 10:00 open duties --about Thresholds": {"reply": "2026-11-09 on-track", "visit": "2026-11-16 on-track", "appeal": "waiting", "resolve": "not there"},
    # a month after Thu 5 Nov is Sat 5 Dec
    "2026-11-05 12:00 done 1 reply": {"reply": "2026-11-09 met", "appeal": "2026-12-05 on-track", "resolve": "not there"},
    "2026-11-06 10:00 done 1 visit": {"visit": "2026-11-16 met", "resolve": "undated"},
    "2026-11-10 10:00 resolve 1": {"appeal": "2026-12-05 on-track"},
    "2026-12-06 09:00 due": {"appeal": "2026-12-05 lapsed"},
    "2026-12-07 10:00 done 1 appeal": {"appeal": "2026-12-05 met-late"},
}  # fmt: skip


def test_a_stage_has_the_time_of_its_duties(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first, second = desk.json("2026-11-02 10:00", "plan", "duties", "--at", "2026-11-02 10:00")["stages"]
    assert (first["due_at"], second["entered_at"]) == ("2026-11-16T23:59:59+00:00", "2026-11-16T23:59:59+00:00")
    assert second["due_at"] is None
    for step, expected in DUTIES.items():
        now, command = step[:16], step[17:]
        said = desk.said(now, command)
        assert {name: said.get(name, "not there") for name in expected} == expected, step


def test_what_has_to_be_raised_in_time_is_no_time_of_the_first_stage(tmp_path: Path) -> None:
    """The guide says to write it as a window: as a plain action it would be the last of the stage's duties, a year away."""
    desk = Desk(tmp_path)
    first = desk.json("2026-12-23 10:00", "plan", "representations", "--at", "2026-12-23 10:00")["stages"][0]
    assert first["due_at"] == "2027-01-11T23:59:59+00:00"  # ten working days over Christmas and the New Year
    opened = ("open", "representations", "--concern", "2025-12-01 09:00", "--about", "Drift")
    assert "Over already: complain (stage 1), open until Tue 1 Dec." in desk.run("2026-12-23 10:00", *opened).stdout
    late = desk.run("2026-12-23 10:05", "done", "1", "complain", "--at", "2026-12-23 10:00").stdout
    assert "Used late: complain (stage 1), open until Tue 1 Dec, done Wed 23 Dec 10:00." in late


# -- windows that are not for going up


MAY_BE_DONE = {
    "2026-11-02 10:00 open ombudsman --about Thresholds": {"review": "waiting", "copy": "waiting"},
    # ten working days after Thu 5 Nov are over on Thu 19
    "2026-11-05 12:00 done 1 reply": {"review": "2026-11-19 on-track", "copy": "2026-11-19 on-track"},
    "2026-11-06 10:00 advance 1": {"review": "2026-11-19 ceased", "copy": "2026-11-19 on-track"},
    "2026-11-09 10:00 done 1 copy": {"copy": "2026-11-19 met"},
    "2026-11-10 15:00 resolve 1": {"outcome": "2026-11-17 on-track", "complain": "2027-11-10 on-track"},
    "2027-11-11 09:00 due": {"outcome": "2026-11-17 overdue", "complain": "2027-11-10 lapsed"},
    "2027-11-11 09:01 due --overdue": {"outcome": "2026-11-17 overdue", "complain": "not there"},
    "2027-11-12 09:00 done 1 complain": {"complain": "2027-11-10 met-late"},
}
MAY_BE_DONE_AGAIN = {
    "2026-11-02 10:00 open ombudsman --about Thresholds": {"complain": "not there"},
    "2026-11-10 15:00 resolve 1": {"complain": "2027-11-10 on-track"},
    "2027-01-11 10:00 reopen 1": {"complain": "2027-11-10 ceased"},
    "2027-01-12 10:00 resolve 1": {"complain": "2028-01-12 on-track"},
    "2027-03-01 10:00 done 1 complain": {"complain": "2028-01-12 met"},
}


@pytest.mark.parametrize("steps", [MAY_BE_DONE, MAY_BE_DONE_AGAIN], ids=["once", "resolved again"])
def test_what_may_be_done_lapses_and_is_used_only_by_doing_it(
    tmp_path: Path, steps: Mapping[str, Mapping[str, str]]
) -> None:
    desk = Desk(tmp_path)
    for step, expected in steps.items():
        now, command = step[:16], step[17:]
        said = desk.said(now, command)
        assert {name: said.get(name, "not there") for name in expected} == expected, step


def test_what_may_be_done_is_said_plainly(tmp_path: Path) -> None:
    page = " ".join(Desk(tmp_path).run("2026-11-02 10:00", "protocol", "show", "ombudsman").stdout.split())
    assert "it may be done, and need not be │ │ within 10 working days" in page
    assert "it may be done, and need not be, and goes on after its stage is left" in page
    assert "may be used until then; not overdue afterwards" in page
    assert "go up in" not in page


# -- what has to be there before a step


def test_what_a_stage_needs_is_said_until_it_is_done_and_holds_nobody_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("2026-11-02 10:00", "open", "needs", "--about", "Thresholds")
    assert desk.json("2026-11-02 10:00", "show", "1")["needed"] == []
    desk.run("2026-11-02 11:00", "done", "1", "talk")
    went_up = desk.run("2026-11-03 10:00", "advance", "1")
    assert went_up.status == 0
    assert "Needed before this stage, and not done: form-sent (Send the form)." in went_up.stdout
    assert "talk (Talk)" not in went_up.stdout
    page = desk.run("2026-11-03 10:00", "show", "1").stdout
    assert re.search(r"Needed, not done +form-sent \(Send the form\)\n", page)
    assert desk.said("2026-11-05 10:00", "due")["form-sent"] == "2026-11-04 overdue"
    desk.run("2026-11-05 11:00", "done", "1", "form-sent")
    assert desk.json("2026-11-05 11:00", "show", "1")["needed"] == []
    assert "Needed" not in desk.run("2026-11-05 11:00", "show", "1").stdout
    assert "needed before it: form-sent and talk" in desk.run("2026-11-05 11:00", "protocol", "show", "needs").stdout


def test_a_stage_needs_only_what_can_be_done_before() -> None:
    file = tomllib.loads((SHAPES / "needs.toml").read_text(encoding="utf-8"))
    file["stages"][1]["needs"] = ["form-snet"]
    assert [str(each) for each in read_protocol(file)[1]] == [
        'stages[1].needs[0]: "form-snet" is not an action that can be done before it; did you mean "form-sent"?'
    ]


# -- so, unless somebody says otherwise


GRANTED = [
    # Mon 2 Nov is day 0: the tenth working day is Mon 16, the second Wed 4, the third Thu 5; the fifth day is Sat 7
    row("2026-11-02 10:00 open", reply="2026-11-16", told="not owed", explain="not owed", letter="2026-11-04", visit="2026-11-05 provisional"),
    row("2026-11-02 10:00 open severity=high consent=no", reply="2026-11-04", told="2026-11-03 10:00", explain="2026-11-07", letter="not owed", visit="not owed"),
    row("2026-11-02 10:00 open at-home=yes", visit="2026-11-05"),
    # a later answer changes what holds from then on: it is no first answer, which would settle what it was all along
    row("2026-11-02 10:00 open", "2026-11-03 15:00 set severity=high", reply="2026-11-04", told="2026-11-04 15:00"),
    row("2026-11-02 10:00 open", "2026-11-17 09:00 set severity=high", reply="2026-11-04"),
    row("2026-11-02 10:00 open", "2026-11-03 15:00 set consent=no", explain="2026-11-07", letter="2026-11-04 ceased", visit="2026-11-05 provisional ceased"),
    row("2026-11-02 10:00 open", "2026-11-05 09:00 set consent=no", letter="2026-11-04 missed"),
    row("2026-11-02 10:00 open", "2026-11-03 15:00 set severity=high", "2026-11-03 16:00 set severity=low", reply="2026-11-16", told="2026-11-04 15:00 ceased"),
    # to say what is taken for granted changes nothing
    row("2026-11-02 10:00 open", "2026-11-03 15:00 set severity=low consent=yes", reply="2026-11-16", letter="2026-11-04"),
]  # fmt: skip


@each(GRANTED)
def test_what_is_taken_for_granted_holds_until_somebody_says_otherwise(expected: Row) -> None:
    holds("granted", expected)


@each(GRANTED)
def test_what_is_taken_for_granted_is_as_if_said_at_the_opening(expected: Row) -> None:
    opened, *others = expected.history
    said = [each for each in ("severity=low", "consent=yes") if f"{each.partition('=')[0]}=" not in opened]
    holds("granted", expected._replace(history=(" ".join([opened, *said]), *others)))


def test_what_is_taken_for_granted_is_said_as_long_as_it_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    opened = desk.run("2026-11-02 10:00", "open", "granted", "--about", "Thresholds", "--fact", "consent=yes")
    assert "Taken for granted: severity: low, until somebody says otherwise\n" in opened.stdout
    assert "consent: yes, until" not in opened.stdout
    page = desk.run("2026-11-02 10:00", "show", "1").stdout
    assert re.search(r"Taken for granted +severity: low, until somebody says otherwise\n", page)
    assert re.search(r"Not known +at-home\n", page)
    assert desk.json("2026-11-02 10:00", "show", "1")["taken_for_granted"] == {"severity": "low"}
    desk.run("2026-11-03 15:00", "set", "1", "severity=high")
    assert desk.json("2026-11-03 15:00", "show", "1")["taken_for_granted"] == {}
    assert "Taken for granted" not in desk.run("2026-11-03 15:00", "show", "1").stdout


# -- an owner that depends on a question


OWNERS = [
    (("2026-11-02 10:00 open", "2026-11-03 10:00 advance"), "reply", "Manager"),
    (("2026-11-02 10:00 open severity=high",), "reply", "Head of service"),
    (("2026-11-02 10:00 open population=adult", "2026-11-03 10:00 advance"), "meet", "Adults' board"),
    (("2026-11-02 10:00 open population=child", "2026-11-03 10:00 advance"), "meet", "Children's board"),
    (("2026-11-02 10:00 open population=adult severity=high", "2026-11-03 10:00 advance"), "meet", "Chief officer"),
    (("2026-11-02 10:00 open population=adult severity=high", "2026-11-03 10:00 advance"), "minutes", "Clerk"),
    # until it is answered: the usual owner, and who else it may be
    (("2026-11-02 10:00 open", "2026-11-03 10:00 advance"), "meet", "Children's board; if population is adult: Adults' board"),
    (("2026-11-02 10:00 open severity=high", "2026-11-03 10:00 advance"), "meet", "Children's board; if population is adult and severity is high: Chief officer; if population is adult: Adults' board"),
    # what was done was the business of whoever was responsible then
    (("2026-11-02 10:00 open population=child", "2026-11-03 10:00 advance", "2026-11-04 10:00 done meet", "2026-11-05 10:00 set population=adult"), "meet", "Children's board"),
    (("2026-11-02 10:00 open population=child", "2026-11-03 10:00 advance", "2026-11-05 10:00 set population=adult"), "meet", "Adults' board"),
]  # fmt: skip


@pytest.mark.parametrize(("history", "action", "owner"), OWNERS)
def test_an_owner_hangs_on_a_question(history: tuple[str, ...], action: str, owner: str) -> None:
    found = played("owners", *history).found(action)
    assert found
    assert found.owner == owner


def test_who_is_responsible_is_said_wherever_owners_are(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("2026-11-02 10:00", "open", "owners", "--about", "Thresholds", "--fact", "population=adult")
    went_up = desk.run("2026-11-03 10:00", "advance", "1").stdout
    assert "Now at stage 2: Boards. Owner: Adults' board." in went_up
    due = desk.json("2026-11-03 10:00", "due", "--owner", "adults")
    assert [(each["action"], each["owner"]) for each in due] == [("meet", "Adults' board")]
    planned = desk.json("2026-11-03 10:00", "plan", "owners", "--fact", "population=adult")["stages"]
    assert [each["owner"] for each in planned] == ["Manager", "Adults' board"]
    shown_page = " ".join(desk.run("2026-11-03 10:00", "protocol", "show", "owners").stdout.split())
    assert "owner: Children's board owner: Chief officer, if population is adult and severity is high" in shown_page
    assert "by: Head of service, if severity is high" in shown_page


# -- on the command line


class Step(NamedTuple):
    """At a moment a command is given; then this is said of these actions: when they are due, and how they stand."""

    now: str
    command: str
    said: Mapping[str, str]


WALKS = {
    "window": [
        Step("2026-11-02 10:00", "open window --about Thresholds", {"reply": "2026-11-16 on-track", "going-up": "waiting"}),
        Step("2026-11-16 12:00", "done 1 reply", {"reply": "2026-11-16 met", "going-up": "2026-12-14 on-track"}),
        Step("2026-12-15 10:00", "due", {"going-up": "2026-12-14 lapsed", "resolve": "undated"}),
        Step("2026-12-15 10:00", "due --overdue --exit-code", {"going-up": "not there", "resolve": "not there"}),
        Step("2026-12-16 10:00", "advance 1", {"going-up": "2026-12-14 met-late"}),
        Step("2026-12-16 11:00", "due", {"going-up": "not there", "resolve": "undated"}),
    ],
    "grades": [
        Step("2026-11-02 10:00", "open grades --about Thresholds --fact grade=green", {"visit": "2026-11-09 on-track", "resolve": "2026-11-16 on-track"}),
        Step("2026-11-04 15:00", "set 1 grade=red", {"visit": "2026-11-02 12:00 overdue", "resolve": "2026-11-03 10:00 overdue"}),
        Step("2026-11-04 16:00", "advance 1", {"resolve": "2026-11-05 15:00 at-risk"}),
        Step("2026-11-05 09:00", "set 1 grade=amber", {"resolve": "2026-11-10 on-track"}),
    ],
    "stopped": [
        Step("2026-11-02 10:00", "open stopped --about Thresholds", {"call": "2026-11-03 10:00 at-risk", "report": "2026-11-09 on-track"}),
        Step("2026-11-02 14:00", "set 1 abroad=yes", {"call": "waiting", "report": "waiting"}),
        Step("2026-11-03 08:00", "set 1 abroad=no danger=yes", {"call": "2026-11-04 04:00 at-risk", "report": "2026-11-09 on-track", "check": "2026-11-03 10:00 at-risk"}),
        Step("2026-11-03 11:30", "done 1 check", {"check": "2026-11-03 13:30 at-risk"}),
        Step("2026-11-03 12:00", "set 1 danger=no", {"check": "2026-11-03 13:30 ceased"}),
    ],
    "own-days": [
        Step("2026-12-22 17:00", "open own-days --about Thresholds", {"note": "2026-12-23 18:00 at-risk", "reply": "2027-01-04 on-track"}),
        Step("2027-01-02 09:00", "due", {"note": "2026-12-23 18:00 overdue", "reply": "2027-01-04 at-risk"}),
    ],
    "parties": [
        Step("2026-11-02 10:00", "open parties --about Thresholds --route school", {"resolve": "2026-11-09 on-track"}),
        Step("2026-11-09 10:00", "advance 1", {"resolve": "2026-11-23 on-track"}),
    ],
    "expiry": [
        Step("2026-11-02 10:00", "open expiry --about Thresholds --fact proposal=yes", {"reply": "2026-11-09 on-track", "objection": "2026-11-12 waiting"}),
        Step("2026-11-09 16:00", "done 1 reply", {"reply": "2026-11-09 met", "objection": "not there", "chase": "not there"}),
    ],
    "the path of a file": [
        Step("2026-11-02 10:00", f"open {SHAPES / 'extension.toml'} --about Thresholds", {"assessment": "2026-11-16 on-track"}),
        Step("2026-11-10 10:00", "agree 1 2026-11-20T12:00 --action assessment --reason leave", {"assessment": "2026-11-20 12:00 on-track"}),
        Step("2026-11-17 10:00", "agree 1 2026-11-23T12:00 --action assessment --reason flood", {"assessment": "2026-11-20 12:00 on-track"}),
    ],
}  # fmt: skip


class Desk(driver.Desk):
    """The real command, a file of its own, and the folder of these protocols."""

    office = Office(environment={"ESCALATE_PROTOCOLS": str(SHAPES)})

    def said(self, now: str, command: str) -> dict[str, str]:
        """The deadlines that a command answers with; of those with one name, the last."""
        answer = self.json(now, *command.split())
        lines = answer if isinstance(answer, list) else answer["deadlines"]
        return {line["action"]: f"{_day(line['due_at'])}{line['standing']}" for line in lines}


def _day(due_at: str | None) -> str:
    return f"{shown(at(due_at))} ".replace(" 23:59:59", "") if due_at else ""


@pytest.mark.parametrize("steps", sampled(WALKS.values(), 3), ids=WALKS.keys())
def test_the_command_line_says_the_same(tmp_path: Path, steps: list[Step]) -> None:
    desk = Desk(tmp_path)
    for step in steps:
        said = desk.said(step.now, step.command)
        assert {name: said.get(name, "not there") for name in step.said} == step.said, step.command


def test_more_time_without_a_reason_is_refused_in_a_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    before = desk.said("2026-11-02 10:00", "open extension --about Thresholds")
    ran = desk.run("2026-11-10 10:00", *["agree", "1", "2026-11-20T12:00", "--action", "assessment"])
    assert (ran.status, ran.stdout) == (1, "")
    assert "only for a reason" in ran.stderr
    assert desk.said("2026-11-02 10:00", "show 1") == before


def test_the_command_line_proves_school_days_with_each_day_that_was_skipped(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.said("2026-10-21 10:00", "open units --about Thresholds")
    proof = desk.json("2026-10-21 10:00", "explain", "1", "school-told")["counted"][0]
    assert [(step["on"], step["count"], step["why"]) for step in proof["steps"]] == [
        ("2026-10-21", 0, "day 0"),
        ("2026-10-22", 1, None),
        ("2026-10-23", 2, None),
        *[(f"2026-10-{day}", None, "weekend") for day in (24, 25)],
        *[(f"2026-10-{day}", None, "outside term") for day in range(26, 31)],
        *[(day, None, "weekend") for day in ("2026-10-31", "2026-11-01")],
        ("2026-11-02", None, "training day"),
        ("2026-11-03", 3, None),
        ("2026-11-04", 4, None),
        ("2026-11-05", 5, None),
    ]


# -- the list of shapes


def test_the_list_of_shapes_names_what_there_is() -> None:
    tests, root = Path(__file__).read_text(encoding="utf-8"), SHAPES.parents[1]
    guide = " ".join((root / "protocols" / "GUIDE.md").read_text(encoding="utf-8").split())
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]]
        for line in (SHAPES / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    assert len(rows) > 20
    for _, _, file, test in rows[2:]:
        assert (test in guide) if file == "guide" else (SHAPES / file).exists(), file
        assert file == "guide" or f"def {test}(" in tests or (root / test).exists(), test


@pytest.mark.parametrize(
    "file", sorted(each.name for each in SHAPES.glob("*.toml") if "[[examples]]" in each.read_text(encoding="utf-8"))
)
def test_the_examples_of_a_shape_come_out(tmp_path: Path, file: str) -> None:
    ran = Desk(tmp_path).run("2026-11-02 10:00", "protocol", "check", str(SHAPES / file))
    assert (ran.status, ran.stderr) == (0, "")
