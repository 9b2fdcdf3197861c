"""The figures of a period, each worked out by hand: cases, timeliness, time to resolution, and what counts when.

The protocols are those of the repository: Hull's stage 1 allows 24 hours and its stage 3 five working days from entry, its
discussion is due in 24 hours, Lincolnshire's stage 1 wants a plan in two working days; North East Lincolnshire's has no limit.
"""

from datetime import date
from typing import Any

import pytest

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.acts import agree, note
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.request import Recording
from escalate.domain.reporting.model import NOT_RECORDED, Cases, LadderPlace, Report, Spread
from escalate.domain.reporting.report import report
from escalate.domain.worktime.periods import Period, days, parse_quarter, parse_year, quarter_of
from escalate.errors import BadInput
from tests.calendars import at, shown
from tests.played import Played

Q3 = parse_quarter("2026/27 Q3")
AFTERWARDS = "2027-03-01 09:00"

QUARTERS = [
    ("2026/27 Q1", "2026-04-01", "2026-06-30"),
    ("2026/27 Q2", "2026-07-01", "2026-09-30"),
    ("2026/27 q3", "2026-10-01", "2026-12-31"),
    ("2026/27 Q4", "2027-01-01", "2027-03-31"),
    ("2026-27 Q3", "2026-10-01", "2026-12-31"),
    ("Q3 2026/2027", "2026-10-01", "2026-12-31"),
    ("2026/27, quarter 3", "2026-10-01", "2026-12-31"),
    ("1999/00 Q4", "2000-01-01", "2000-03-31"),
]


@pytest.mark.parametrize(("text", "first", "last"), QUARTERS)
def test_a_quarter_is_one_of_the_financial_year(text: str, first: str, last: str) -> None:
    found = parse_quarter(text)
    assert (str(found.first), str(found.last)) == (first, last)
    assert quarter_of(found.first) == quarter_of(found.last) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Q3",
        "2026 Q3",
        "2026/28 Q3",
        "2026/27 Q5",
        "2026/27 Q0",
        "2026/27",
        "0000/01 Q1",
        "9999/00 Q1",
        "²026/27 Q1",
    ],
)
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"is not a (quarter|financial year)"):
        parse_quarter(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026/27", "2026-04-01", "2027-03-31"),
        ("2027/2028", "2027-04-01", "2028-03-31"),
        ("2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_year_is_financial_or_of_the_calendar(text: str, first: str, last: str) -> None:
    found = parse_year(text)
    assert (str(found.first), str(found.last)) == (first, last)


@pytest.mark.parametrize("text", ["", "26", "2026/29", "next", "0000", "99999"])
def test_what_is_no_year_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"is not a (financial )?year"):
        parse_year(text)


def test_a_period_is_made_of_london_days() -> None:
    summer = parse_quarter("2026/27 Q1")
    assert (summer.starts.isoformat(), summer.ends.isoformat()) == (
        "2026-03-31T23:00:00+00:00",
        "2026-06-30T22:59:59+00:00",
    )
    assert days(date(2026, 5, 1), date(2026, 5, 1)).days == "1 May 2026"
    assert days(date(2026, 12, 30), date(2027, 1, 2)).days == "30 December 2026 to 2 January 2027"


class Log:
    """Cases played one after the other, and reported on."""

    def __init__(self) -> None:
        self.files: list[CaseFile] = []

    def add(self, case: Played) -> None:
        ref = f"E{len(self.files) + 1:04}"
        case.entries = [entry._replace(case=ref) for entry in case.entries]
        self.files.append(case.file)

    def report(self, period: Period = Q3, now: str = AFTERWARDS) -> Report:
        return report(self.files, period, at(now))


def reported(case: Played, now: str = AFTERWARDS, period: Period = Q3) -> Report:
    log = Log()
    log.add(case)
    return log.report(period, now)


def cases(found: Report) -> tuple[int | object, ...]:
    """Open at the start, opened, taken up again; open at the end, resolved, withdrawn."""
    total = found.total
    return found.open_at_start, total.opened, found.taken_up_again, total.open, total.resolved, total.withdrawn


# what happened, and: open at the start, opened, taken up again, open at the end, resolved, withdrawn
LIVES: list[tuple[list[tuple[str, str]], tuple[int, ...]]] = [
    ([("raise", "2026-10-01 00:00")], (0, 1, 0, 1, 0, 0)),
    ([("raise", "2026-09-30 23:59")], (1, 0, 0, 1, 0, 0)),
    ([("raise", "2026-12-31 23:59")], (0, 1, 0, 1, 0, 0)),
    ([("raise", "2027-01-01 00:00")], (0, 0, 0, 0, 0, 0)),
    ([("raise", "2026-10-05 10:00"), ("resolve", "2026-10-09 10:00")], (0, 1, 0, 0, 1, 0)),
    ([("raise", "2026-10-05 10:00"), ("resolve", "2027-01-01 00:00")], (0, 1, 0, 1, 0, 0)),
    ([("raise", "2026-09-01 10:00"), ("resolve", "2026-10-01 00:00")], (1, 0, 0, 0, 1, 0)),
    ([("raise", "2026-09-01 10:00"), ("resolve", "2026-09-30 23:59:59")], (0, 0, 0, 0, 0, 0)),
    ([("raise", "2026-09-01 10:00"), ("withdraw", "2026-11-01 10:00")], (1, 0, 0, 0, 0, 1)),
    (
        [("raise", "2026-09-01 10:00"), ("resolve", "2026-09-02 10:00"), ("reopen", "2026-10-02 10:00")],
        (0, 0, 1, 1, 0, 0),
    ),
    (
        [
            ("raise", "2026-09-01 10:00"),
            ("resolve", "2026-09-02 10:00"),
            ("reopen", "2026-10-02 10:00"),
            ("withdraw", "2026-10-03 10:00"),
        ],
        (0, 0, 1, 0, 0, 1),
    ),
    (
        [
            ("raise", "2026-10-02 10:00"),
            ("resolve", "2026-10-05 10:00"),
            ("reopen", "2026-10-06 10:00"),
            ("resolve", "2026-10-07 10:00"),
        ],
        (0, 1, 0, 0, 1, 0),
    ),
    (
        [("raise", "2026-09-01 10:00"), ("resolve", "2026-09-02 10:00"), ("reopen", "2027-01-02 10:00")],
        (0, 0, 0, 0, 0, 0),
    ),
    (
        [("raise", "2026-10-05 10:00"), ("resolve", "2026-12-30 10:00"), ("reopen", "2027-01-02 10:00")],
        (0, 1, 0, 0, 1, 0),
    ),
]


@pytest.mark.parametrize(("events", "expected"), LIVES, ids=str)
def test_a_case_is_counted_as_it_stood_at_the_end_of_the_period(
    events: list[tuple[str, str]], expected: tuple[int, ...]
) -> None:
    case = Played("north-east-lincolnshire", events[0][1], route="individual")
    for command, when in events[1:]:
        getattr(case, command)(when)
    found = reported(case)
    assert cases(found) == expected
    assert sum(expected[:3]) == sum(expected[3:]) == found.total.all


def test_the_cases_are_divided_by_protocol_stage_agencies_and_theme() -> None:
    log = Log()
    for protocol, agencies, themes, advances in (
        ("hull-east-riding", ("Trust", "Council"), ("Moving house",), 2),
        ("hull-east-riding", ("trust ", "COUNCIL"), ("unsafe-practice", "moving  House"), 0),
        ("lincolnshire", ("Police", None), (), 1),
    ):
        case = Played(protocol, "2026-10-05 10:00")
        case.details(
            "2027-02-01 10:00", raising_agency=agencies[0], receiving_agency=agencies[1], themes=themes or None
        )
        for n in range(advances):
            case.advance(f"2026-10-0{6 + n} 10:00")
        log.add(case)
    found = log.report()
    assert [(each.place.protocol, each.cases.all) for each in found.by_protocol] == [
        ("hull-east-riding", 2),
        ("lincolnshire", 1),
    ]
    assert [(each.place.protocol, each.place.route, each.place.stage, each.cases.all) for each in found.by_stage] == [
        ("hull-east-riding", "main", "1", 1),
        ("hull-east-riding", "main", "3", 1),
        ("lincolnshire", "", "2", 1),
    ]
    assert [(each.names, each.cases.all) for each in found.by_agencies] == [
        (("Trust", "Council"), 2),
        (("Police", NOT_RECORDED), 1),
    ]
    assert [(each.names, each.cases.all) for each in found.by_theme] == [
        (("Moving house",), 2),
        (("Unsafe practice",), 1),
        ((NOT_RECORDED,), 1),
    ]
    assert found.by_protocol[0].cases == Cases(2, 2, 2, 0, 0)


def hull(raised: str, **opening: Any) -> Played:
    return Played("hull-east-riding", raised, **opening)


def stage_1(found: Report) -> tuple[Any, ...]:
    """Of Hull's stage 1, 24 hours: fell due, in time, late, not met, and how late."""
    for line in found.stages.lines:
        if line.place.stage == "1":
            return line.due, line.in_time, line.late, line.not_met, line.how_late.median, line.how_late.most
    return (0, 0, 0, 0, None, None)


# raised, what ended stage 1 and when, now; fell due, in time, late, not met, how late: median and most
TIMES: list[tuple[str, str, str, tuple[Any, ...]]] = [
    ("2026-11-20 16:00", "advance 2026-11-21 16:00", AFTERWARDS, (1, 1, 0, 0, None, None)),  # to the second
    ("2026-11-20 16:00", "advance 2026-11-21 16:01", AFTERWARDS, (1, 0, 1, 0, 0, 0)),  # a Saturday
    ("2026-11-20 16:00", "resolve 2026-11-23 09:00", AFTERWARDS, (1, 0, 1, 0, 1, 1)),  # Monday
    ("2026-11-20 16:00", "resolve 2026-11-27 09:00", AFTERWARDS, (1, 0, 1, 0, 5, 5)),
    ("2026-12-23 10:00", "advance 2026-12-29 10:00", AFTERWARDS, (1, 0, 1, 0, 1, 1)),  # 25 and 28 are bank holidays
    ("2026-12-30 10:00", "advance 2027-01-04 10:00", AFTERWARDS, (1, 0, 0, 1, None, None)),  # met after the period
    ("2026-12-31 10:00", "advance 2026-12-31 12:00", AFTERWARDS, (0, 0, 0, 0, None, None)),  # falls due in the next
    ("2026-09-29 10:00", "advance 2026-10-05 10:00", AFTERWARDS, (0, 0, 0, 0, None, None)),  # fell due in the last
    ("2026-09-30 10:00", "advance 2026-09-30 12:00", AFTERWARDS, (1, 1, 0, 0, None, None)),  # met before it began
    ("2026-11-20 16:00", "", "2026-11-21 15:59", (0, 0, 0, 0, None, None)),  # has not fallen due yet
    ("2026-11-20 16:00", "", "2026-11-21 16:00", (0, 0, 0, 0, None, None)),
    ("2026-11-20 16:00", "", "2026-11-21 16:01", (1, 0, 0, 1, None, None)),
    (
        "2026-11-20 16:00",
        "withdraw 2026-11-21 15:00",
        AFTERWARDS,
        (0, 0, 0, 0, None, None),
    ),  # nothing was owed any more
    ("2026-11-20 16:00", "withdraw 2026-11-24 15:00", AFTERWARDS, (1, 0, 0, 1, None, None)),  # it had run out by then
]


@pytest.mark.parametrize(("raised", "event", "now", "expected"), TIMES)
def test_a_limit_counts_in_the_period_in_which_it_fell_due(
    raised: str, event: str, now: str, expected: tuple[Any, ...]
) -> None:
    case = hull(raised)
    if event:
        command, when = event.split(" ", 1)
        getattr(case, command)(when)
    assert stage_1(reported(case, now)) == expected


def test_how_late_is_the_median_and_the_most_of_what_was_late() -> None:
    log = Log()
    for left in ("2026-11-21 10:00", "2026-11-23 09:00", "2026-11-24 09:00", "2026-11-26 09:00", "2026-12-01 09:00"):
        case = hull("2026-11-20 16:00")
        case.advance(left)
        log.add(case)
    found = log.report()
    assert stage_1(found) == (5, 1, 4, 0, 3.0, 7)  # late by 1, 2, 4 and 7 working days
    assert (found.stages.total.due, found.stages.total.in_time) == (10, 1)  # and stage 2 of each, never left


def test_actions_are_counted_apart_from_the_limits_of_stages() -> None:
    case = hull("2026-11-20 16:00")
    case.done("2026-11-23 10:00", "discussion")
    found = reported(case)
    line = found.actions.lines[0]
    assert (line.place.action, line.due, line.in_time, line.late, line.not_met) == ("discussion", 1, 0, 1, 0)
    assert [each.place.action for each in found.stages.lines] == [""]


def test_what_has_no_date_stands_apart() -> None:
    case = Played("north-east-lincolnshire", "2026-10-05 10:00", route="individual")
    found = reported(case)
    assert next((each.place.stage, each.all, each.done, each.to_do) for each in found.undated) == ("A", 1, 0, 1)
    assert all(each.place.stage != "A" or each.place.action != "resolve" for each in found.stages.lines)
    case.advance("2026-10-06 10:00")
    assert next((each.all, each.done, each.to_do) for each in reported(case).undated) == (1, 1, 0)
    assert all(each.place.stage != "A" for each in reported(case, period=parse_quarter("2026/27 Q4")).undated)


def test_what_is_overdue_at_the_end_is_listed_whenever_it_fell_due() -> None:
    log = Log()
    log.add(hull("2026-09-01 10:00"))
    late = hull("2026-12-30 10:00")
    late.advance("2027-01-04 10:00")
    log.add(late)
    gone = hull("2026-11-02 10:00")
    gone.withdraw("2026-11-20 10:00")
    log.add(gone)
    found = log.report()
    assert [(each.case, each.place.action, shown(each.due_at), each.working_days) for each in found.overdue or ()] == [
        ("E0001", "discussion", "2026-09-02 10:00", 84),
        ("E0001", "resolve", "2026-09-02 10:00", 84),
        ("E0002", "discussion", "2026-12-31 10:00", 0),
        ("E0002", "resolve", "2026-12-31 10:00", 0),
    ]
    assert found.overdue_count == 4


def test_time_to_resolution_runs_from_the_day_raised_to_the_day_resolved() -> None:
    log = Log()
    for protocol, raised, resolved in (
        ("hull-east-riding", "2026-10-02 16:00", "2026-10-05 09:00"),  # Friday to Monday
        ("hull-east-riding", "2026-12-23 09:00", "2026-12-30 17:00"),  # over Christmas: 24, 29 and 30
        ("lincolnshire", "2026-08-31 09:00", "2026-10-01 09:00"),  # begun before the period, on a bank holiday
        ("lincolnshire", "2026-12-30 09:00", "2027-01-05 09:00"),  # not in it
    ):
        case = Played(protocol, raised)
        case.resolve(resolved)
        log.add(case)
    found = log.report()
    assert [(each.place.protocol, each.resolved, each.working_days, each.days) for each in found.time_taken] == [
        ("hull-east-riding", 2, Spread(2.0, 1, 3), Spread(5.0, 3, 7)),
        ("lincolnshire", 1, Spread(23, 23, 23), Spread(31, 31, 31)),
    ]
    assert (found.time_taken_total.working_days, found.time_taken_total.days) == (Spread(3, 1, 23), Spread(7, 3, 31))


def test_lessons_are_those_of_cases_closed_in_the_period_whenever_they_were_written() -> None:
    log = Log()
    closed, still_open, earlier = (
        hull(raised) for raised in ("2026-10-05 10:00", "2026-10-05 10:00", "2026-09-01 10:00")
    )
    closed.resolve("2026-10-09 10:00")
    earlier.resolve("2026-09-09 10:00")
    for case in (closed, still_open, earlier):
        case.details("2027-01-20 10:00", words={"lessons": "Ring before writing"})
        log.add(case)
    assert [(each.case, each.text) for each in log.report().lessons or ()] == [("E0001", "Ring before writing")]


# -- a report for a past quarter comes out the same whenever it is run


def test_what_happened_after_the_period_changes_nothing() -> None:
    case = hull("2026-12-28 10:00")
    case.advance("2026-12-29 11:00")
    before = reported(case)
    case.set("2027-01-05 10:00", severity="high")
    case.agree("2027-01-05 11:00", "2027-01-20 12:00")
    case.done("2027-01-06 10:00", "discussion")
    case.advance("2027-01-07 10:00")
    case.resolve("2027-01-08 10:00")
    case.reopen("2027-01-09 10:00")
    case.withdraw("2027-01-10 10:00")
    assert reported(case) == before


def test_a_fact_that_became_known_after_the_period_shortens_no_limit_in_it() -> None:
    def limit(case: Played) -> str | None:
        (line,) = reported(case).open_cases or ()
        return shown(line.stays[0].due_at)

    case = hull("2026-12-22 10:00", stage="7")
    assert limit(case) == "2026-12-25 23:59:59"  # three days, as long as severity may be high
    case.set("2027-01-05 10:00", severity="low")
    assert limit(case) == "2026-12-27 23:59:59"  # five: the first answer settles what it was all along
    case.set("2027-01-06 10:00", severity="high")
    assert limit(case) == "2026-12-27 23:59:59"
    case = hull("2026-12-22 10:00", stage="7")
    case.set("2026-12-23 10:00", severity="high")
    assert limit(case) == "2026-12-25 23:59:59"


def test_an_answer_given_after_the_period_calls_for_nothing_in_it() -> None:
    case = Played("herefordshire", "2026-12-01 10:00", stage="1")
    before = reported(case)
    case.set("2027-01-05 10:00", allegation="yes")
    assert reported(case) == before
    assert before.undated != ()  # whether the reviewing officer is told depends on a question
    case.set("2027-01-06 10:00", protection_plan="no", looked_after="no")
    assert reported(case).undated == ()


def test_what_was_done_for_a_call_that_was_chosen_counts_for_that_call() -> None:
    """The entries of a report are numbered anew, without those that no figure comes from."""
    case = Played("herefordshire", "2026-11-02 09:00")
    case.set("2026-11-02 09:00", allegation="yes")
    case.entries.append(note(case.file.case, case.recording("2026-11-03 10:00"), "Rang twice"))
    case.set("2026-11-04 09:00", allegation="yes")
    second = case.entries[-1]
    case.entries[-1] = second._replace(data={**second.data, "again": True})
    case.done("2026-11-04 15:00", "lado-referral")
    done = case.entries[-1]
    case.entries[-1] = done._replace(data={**done.data, "call": second.seq})
    total = reported(case).actions.total
    assert (total.due, total.in_time, total.late, total.not_met) == (2, 1, 0, 1)


def test_what_was_recorded_afterwards_counts_when_it_happened() -> None:
    case = hull("2026-11-20 16:00")
    assert stage_1(reported(case)) == (1, 0, 0, 1, None, None)
    protocol, file = case.protocol, case.file
    recording = Recording("tests", at("2027-02-01 10:00"), at("2026-11-21 10:00"))
    case.entries.append(advance(protocol, file.case, recording))
    assert stage_1(reported(case)) == (1, 1, 0, 0, None, None)
    case.correct("2027-02-02 10:00", 2, "2026-11-23 10:00")
    assert stage_1(reported(case)) == (1, 0, 1, 0, 1, 1)
    case.undo("2027-02-03 10:00", 2)
    assert stage_1(reported(case)) == (1, 0, 0, 1, None, None)


def test_a_date_agreed_beforehand_for_a_stage_that_came_later_is_no_hindrance() -> None:
    case = hull("2026-12-28 10:00")
    case.advance("2027-01-02 10:00")
    entry = agree(
        case.protocol,
        case.file.case,
        case.file.calendar,
        Recording("tests", at("2027-01-03 10:00"), at("2026-12-30 10:00")),
        at("2027-01-20 10:00"),
        None,
    )
    case.entries.append(entry)
    assert cases(reported(case)) == (0, 1, 0, 1, 0, 0)


def test_an_open_case_has_a_line_with_its_stages_and_their_limits() -> None:
    case = hull("2026-12-28 10:00")
    case.advance("2026-12-29 11:00")
    case.advance("2027-01-02 10:00")
    (line,) = reported(case).open_cases or ()
    assert [(each.stage, shown(each.entered_at), shown(each.due_at), shown(each.left_at)) for each in line.stays] == [
        ("1", "2026-12-28 10:00", "2026-12-29 10:00", "2026-12-29 11:00"),
        ("2", "2026-12-29 11:00", "2026-12-30 11:00", None),
    ]


def test_lines_stand_in_the_order_of_the_protocol() -> None:
    case = hull("2026-11-02 10:00")
    for day in (3, 4):
        case.advance(f"2026-11-0{day} 10:00")
    found = reported(case)
    assert [each.place.stage for each in found.stages.lines] == ["1", "2", "3"]
    assert found.stages.lines[0].place == LadderPlace("hull-east-riding", "main", "1", "Practitioner to practitioner")
