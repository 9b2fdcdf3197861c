"""The model itself, against dates worked out by hand: a few histories for each rule, so that it can be trusted as a yardstick.

C17 (how late) and C23 (what is asked or named) are about words and not about rows: the model has nothing to say on them. Of C12 it says
nothing either, beyond refusing days that GOV.UK has not published. C22 is in the table, and in every walk, as `--as-of`.
"""

from datetime import date

import pytest

from tests.model import calendar
from tests.model.calendar import NOTHING_CLOSED, at
from tests.model.told import Told
from tests.model.walk import PROTOCOLS

# -- counting (C1 to C8, C11 to C13)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-12-24", True), ("2026-12-25", False), ("2026-12-26", False), ("2026-12-28", False), ("2026-12-29", True), ("2026-11-21", False),
        ("2026-11-23", False),
    ],
)  # fmt: skip
def test_c1_working_days(day: str, works: bool) -> None:
    assert calendar.is_working_day(date.fromisoformat(day), frozenset({date(2026, 11, 23)})) is works


RUNS_OUT = [  # worked out on a wall calendar
    ("C2", "2026-11-20 16:00", "5 working days", "2026-11-27 23:59:59"),
    ("C2", "2026-11-21 08:00", "1 working day", "2026-11-23 23:59:59"),
    ("C2", "2026-12-23 10:00", "2 working days", "2026-12-29 23:59:59"),
    ("C2", "2026-12-25 10:00", "same working day", "2026-12-29 23:59:59"),
    ("C3", "2026-11-20 16:00", "3 days", "2026-11-23 23:59:59"),
    ("C3", "2026-11-20 16:00", "2 weeks", "2026-12-04 23:59:59"),
    ("C3", "2027-01-31 09:00", "1 month", "2027-02-28 23:59:59"),
    ("C4", "2026-11-21 22:00", "immediately", "2026-11-21 23:59:59"),
    ("C5", "2026-06-01 09:00", "1 day", "2026-06-02 23:59:59"),
    ("C6", "2026-03-28 10:00", "24 hours", "2026-03-29 11:00:00"),
    ("C6", "2026-10-24 10:00", "24 hours", "2026-10-25 09:00:00"),
]


@pytest.mark.parametrize(("rule", "start", "allowance", "due"), RUNS_OUT)
def test_where_an_allowance_runs_out(rule: str, start: str, allowance: str, due: str) -> None:
    n, unit, _ = calendar.read_allowance(allowance)
    found = calendar.runs_out(at(start), n, unit, NOTHING_CLOSED)
    assert found
    assert str(calendar.clock(found)) == due


STOPPED = [
    ("24 hours", "2026-11-20 16:00", [("2026-11-20 20:00", "2026-11-22 20:00")], "2026-11-23 16:00:00"),
    ("24 hours", "2026-11-20 16:00", [("2026-11-21 16:00", None)], "2026-11-21 16:00:00"),
    ("24 hours", "2026-11-20 16:00", [("2026-11-21 15:00", None)], None),
    ("3 working days", "2026-11-20 16:00", [("2026-11-24 12:00", "2026-11-26 12:00")], "2026-11-26 23:59:59"),
    ("1 month", "2026-11-20 16:00", [("2026-12-01 00:00", "2026-12-03 00:00")], "2026-12-22 23:59:59"),
]


@pytest.mark.parametrize(("allowance", "start", "stops", "due"), STOPPED)
def test_a_clock_that_stands_still(
    allowance: str, start: str, stops: list[tuple[str, str | None]], due: str | None
) -> None:
    n, unit, _ = calendar.read_allowance(allowance)
    held = tuple((at(begins), at(ends) if ends else None) for begins, ends in stops)
    found = calendar.runs_out(at(start), n, unit, NOTHING_CLOSED, held)
    assert (str(calendar.clock(found)) if found else None) == due


@pytest.mark.parametrize(
    ("anchor", "due", "act_by"),
    [
        ("2026-11-20 16:00", "2026-11-21 16:00", "2026-11-20 17:00"),
        ("2026-11-20 18:00", "2026-11-21 18:00", "2026-11-21 18:00"),
        ("2026-11-20 16:00", "2026-11-23 08:59", "2026-11-20 17:00"),
        ("2026-11-20 16:00", "2026-11-23 11:30", "2026-11-23 11:30"),
        ("2026-12-24 10:00", "2026-12-28 23:59:59", "2026-12-24 17:00"),
    ],
)
def test_c8_the_last_moment_to_act(anchor: str, due: str, act_by: str) -> None:
    assert calendar.act_by(at(anchor), at(due), NOTHING_CLOSED) == at(act_by)


def test_c11_london_has_an_hour_twice_and_one_not_at_all() -> None:
    assert at("2026-10-25 01:30").isoformat() == "2026-10-25T00:30:00+00:00"
    with pytest.raises(ValueError, match="never showed"):
        at("2026-03-29 01:30")


def test_c12_what_is_not_published_is_not_counted() -> None:
    with pytest.raises(ValueError, match="does not know"):
        calendar.runs_out(at("2028-12-28 09:00"), 9, "working day", NOTHING_CLOSED)


@pytest.mark.parametrize("unit", ["hour", "day", "working day", "week", "month"])
def test_c13_a_later_start_never_gives_an_earlier_deadline(unit: str) -> None:
    starts = [at("2026-12-18 07:00") + n * 5 * calendar.HOUR for n in range(80)]
    for n in (1, 2, 5):
        ends = [calendar.runs_out(start, n, unit, NOTHING_CLOSED) for start in starts]
        assert ends == sorted(end for end in ends if end)


# -- histories (C7, C9, C10, C14 to C16, C18 to C22)

HEREFORD, HULL, LINCOLN, NORTH_EAST, YORK = (
    "herefordshire", "hull-east-riding", "lincolnshire", "north-east-lincolnshire", "north-yorkshire",
)  # fmt: skip
EXTENSIONS, KNOWN = "model-extensions", "model-known"
QUESTIONS, CLOCKS, WINDOWS = "model-questions", "model-clocks", "model-windows"

HISTORIES = [
    # The earliest of several: a cap, and an agreed date, which never puts a limit off.
    ("C7", HULL, ["2026-11-02 09:00 open 3"], "2026-11-03 10:00", "resolve", ["3 resolve: on-track, due 09 Nov"]),
    (
        "C7", HULL, ["2026-11-02 09:00 open 3", "2026-12-01 09:00 advance 4"], "2026-12-01 10:00", "resolve",
        ["3 resolve: met-late, due 09 Nov, met 01 Dec 09:00", "4 resolve: at-risk, due 02 Dec"],
    ),
    (
        "C7", HULL, ["2026-11-02 09:00 open 3", "2026-11-03 09:00 agree resolve 2026-11-20T12:00"], "2026-11-03 10:00", "resolve",
        ["3 resolve: on-track, due 09 Nov"],
    ),
    ("C9", HULL, ["2026-11-02 09:00 open 3"], "2026-11-06 10:00", "resolve", ["3 resolve: at-risk, due 09 Nov"]),
    ("C9", HEREFORD, ["2026-11-02 09:00 open 1"], "2026-11-03 10:00", "resolve", ["1 resolve: on-track, due 05 Nov"]),
    ("C9", HEREFORD, ["2026-11-02 09:00 open 1"], "2026-11-04 00:00", "resolve", ["1 resolve: at-risk, due 05 Nov"]),
    ("C9", HEREFORD, ["2026-11-02 09:00 open 0"], "2026-11-03 10:00", "resolve", ["0 resolve: undated, ahead 05 Nov"]),
    ("C10", LINCOLN, ["2026-11-02 09:00 open 1"], "2026-11-02 10:00", "plan", ["1 plan: on-track, due 04 Nov, provisional"]),
    (
        "C10", LINCOLN, ["2026-11-02 09:00 open 1", "2026-11-04 09:00 done discussion"], "2026-11-04 10:00", "plan",
        ["1 plan: on-track, due 06 Nov"],
    ),
    ("C10", HULL, ["2026-11-02 09:00 open 7 severity=low"], "2026-11-02 10:00", "recommendation", ["7 recommendation: waiting"]),
    # What is not known counts as it may be.
    ("C14", HULL, ["2026-11-24 09:00 open 7"], "2026-11-28 10:00", "resolve", ["7 resolve: overdue, due 27 Nov, provisional, asks severity"]),
    (
        "C14", HULL, ["2026-11-24 09:00 open 7", "2026-11-28 09:00 set severity=low"], "2026-11-28 10:00", "resolve",
        ["7 resolve: at-risk, due 29 Nov"],
    ),
    (
        "C14", HULL, ["2026-11-24 09:00 open 7", "2026-11-28 09:00 set severity=high"], "2026-11-28 10:00", "resolve",
        ["7 resolve: overdue, due 27 Nov"],
    ),
    (
        "C14, what had run out before a dated first answer", HULL,
        ["2026-11-24 09:00 open 7", "2026-11-28 09:00 set severity=low at 2026-11-28 08:00"], "2026-11-28 10:00", "resolve",
        ["7 resolve: missed, due 27 Nov, ended 28 Nov 08:00, provisional, asks severity", "7 resolve 2: at-risk, due 29 Nov"],
    ),
    (
        "C14, an agreed date comes earlier", HULL, ["2026-11-24 09:00 open 7", "2026-11-24 10:00 agree resolve 2026-11-25T12:00"],
        "2026-11-24 11:00", "resolve", ["7 resolve: at-risk, due 25 Nov 12:00"],
    ),
    (
        "C14", HEREFORD, ["2026-11-02 09:00 open 1 looked-after=no"], "2026-11-03 10:00", "iro-notified",
        ["1 iro-notified: undecided, asks protection-plan"],
    ),
    ("C14", HEREFORD, ["2026-11-02 09:00 open 1 looked-after=yes"], "2026-11-03 10:00", "iro-notified", ["1 iro-notified: undated"]),
    (
        "C14", HEREFORD, ["2026-11-02 09:00 open 1", "2026-11-03 09:00 set looked-after=no protection-plan=no"], "2026-11-03 10:00",
        "iro-notified", [],
    ),
    ("C14", HEREFORD, ["2026-11-02 09:00 open 1"], "2026-11-03 10:00", "lado-referral", []),
    (
        "C14, done while its question was open", QUESTIONS,
        ["2026-11-02 09:00 open 1 care=no", "2026-11-04 09:00 done told", "2026-11-09 09:00 set plan=yes"], "2026-11-09 10:00", "told",
        ["1 told: met, due 05 Nov, met 04 Nov 09:00"],
    ),
    (
        "C14, three grades, none answered", QUESTIONS, ["2026-11-02 09:00 open 1"], "2026-11-02 10:00", "visit",
        ["1 visit: at-risk, due 02 Nov 11:00, provisional, asks grade"],
    ),
    (
        "C14, the cap comes earlier", QUESTIONS, ["2026-11-02 09:00 open 2"], "2026-11-02 10:00", "resolve",
        ["2 resolve: on-track, due 23 Nov"],
    ),
    # What has run out stays run out.
    (
        "C15, called for again", HEREFORD,
        [
            "2026-11-02 09:00 open 0 allegation=yes", "2026-11-02 09:30 agree lado-referral 2026-11-03T08:00",
            "2026-11-02 15:00 done lado-referral", "2026-11-16 09:00 set allegation=yes",
        ], "2026-11-18 10:00", "lado-referral",
        ["0 lado-referral: met, due 03 Nov 08:00, met 02 Nov 15:00", "0 lado-referral 2: overdue, due 17 Nov 09:00"],
    ),
    (
        "C15, a yes while it is open", HEREFORD, ["2026-11-02 09:00 open 0 allegation=yes", "2026-11-02 12:00 set allegation=yes"],
        "2026-11-02 13:00", "lado-referral", ["0 lado-referral: at-risk, due 03 Nov 09:00"],
    ),
    (
        "C15, said to be another", HEREFORD, ["2026-11-02 09:00 open 0 allegation=yes", "2026-11-02 12:00 set allegation=yes again"],
        "2026-11-02 13:00", "lado-referral",
        ["0 lado-referral: at-risk, due 03 Nov 09:00", "0 lado-referral 2: at-risk, due 03 Nov 12:00"],
    ),
    (
        "C15, a doing meets the oldest", HEREFORD,
        ["2026-11-02 09:00 open 0 allegation=yes", "2026-11-02 12:00 set allegation=yes again", "2026-11-03 10:00 done lado-referral"],
        "2026-11-03 11:00", "lado-referral",
        ["0 lado-referral: met-late, due 03 Nov 09:00, met 03 Nov 10:00", "0 lado-referral 2: at-risk, due 03 Nov 12:00"],
    ),
    (
        "C15, a changed answer", YORK, ["2026-11-20 15:00 open 1", "2026-11-20 16:00 set immediate-risk=yes", "2026-11-23 09:00 set immediate-risk=no"],
        "2026-11-23 10:00", "lead-told", ["1 lead-told: missed, due 20 Nov, ended 23 Nov 09:00"],
    ),
    (
        "C15, exactly at the limit is not run out", HEREFORD,
        ["2026-11-02 09:00 open 0 allegation=yes", "2026-11-03 12:00 set allegation=no at 2026-11-03 09:00"], "2026-11-04 10:00", "lado-referral",
        ["0 lado-referral: ceased, due 03 Nov 09:00, ended 03 Nov 09:00"],
    ),
    (
        "C15, after a no", HEREFORD,
        ["2026-11-02 09:00 open 0 allegation=yes", "2026-11-02 12:00 set allegation=no", "2026-11-09 09:00 set allegation=yes"],
        "2026-11-09 10:00", "lado-referral",
        ["0 lado-referral: ceased, due 03 Nov 09:00, ended 02 Nov 12:00", "0 lado-referral 2: at-risk, due 10 Nov 09:00"],
    ),
    (
        "C15, graded anew", HULL, ["2026-11-24 09:00 open 7 severity=high", "2026-11-28 09:00 set severity=low"], "2026-11-28 10:00", "resolve",
        ["7 resolve: missed, due 27 Nov, ended 28 Nov 09:00", "7 resolve 2: at-risk, due 29 Nov"],
    ),
    (
        "C15, withdrawn", HULL, ["2026-11-02 09:00 open 3", "2026-11-05 09:00 withdraw"], "2026-11-05 10:00", "written-escalation",
        ["3 written-escalation: missed, due 03 Nov 09:00, ended 05 Nov 09:00"],
    ),
    (
        "C15, withdrawn and reopened", HULL, ["2026-11-02 09:00 open 3", "2026-11-05 09:00 withdraw", "2026-11-06 09:00 reopen"],
        "2026-11-06 10:00", "resolve", ["3 resolve: ceased, due 09 Nov, ended 05 Nov 09:00", "3 resolve 2: at-risk, due 09 Nov"],
    ),
    (
        "C15, resolved and reopened", HULL, ["2026-11-02 09:00 open 3", "2026-11-05 09:00 resolve", "2026-11-12 09:00 reopen"],
        "2026-11-12 10:00", "resolve", ["3 resolve: met, due 09 Nov, met 05 Nov 09:00", "3 resolve 2: overdue, due 09 Nov"],
    ),
    (
        "C15, what follows a resolution that did not hold", HULL,
        ["2026-11-02 09:00 open 3", "2026-11-05 09:00 resolve", "2026-11-12 09:00 reopen"], "2026-11-12 10:00", "outcome-shared",
        ["3 outcome-shared: ceased, ended 12 Nov 09:00"],
    ),
    (
        "C15, agreed anew", HEREFORD,
        ["2026-11-02 09:00 open 0", "2026-11-02 10:00 agree resolve 2026-11-03T12:00", "2026-11-04 09:00 agree resolve 2026-11-05T12:00"],
        "2026-11-04 10:00", "resolve", ["0 resolve: missed, due 03 Nov 12:00, ended 04 Nov 09:00", "0 resolve: at-risk, due 05 Nov 12:00"],
    ),
    (
        "C15, agreed anew before it ran out", HEREFORD,
        ["2026-11-02 09:00 open 0", "2026-11-02 10:00 agree resolve 2026-11-05T12:00", "2026-11-04 09:00 agree resolve 2026-11-05T15:00"],
        "2026-11-04 10:00", "resolve", ["0 resolve: at-risk, due 05 Nov 15:00"],
    ),
    (
        "C15, an agreed date still running goes on", HULL,
        [
            "2026-11-24 09:00 open 7 severity=high", "2026-11-24 10:00 agree resolve 2026-11-26T12:00", "2026-11-25 09:00 set severity=low",
        ], "2026-11-25 10:00", "resolve",
        ["7 resolve: ceased, due 26 Nov 12:00, ended 25 Nov 09:00", "7 resolve 2: at-risk, due 26 Nov 12:00"],
    ),
    (
        "C15, known again after it was done and left", QUESTIONS,
        [
            "2026-11-02 09:00 open 1 care=yes plan=yes", "2026-11-03 09:00 advance 2", "2026-11-04 09:00 done visit",
            "2026-11-05 09:00 advance 3", "2026-11-06 09:00 set care=yes",
        ], "2026-11-06 10:00", "visit",
        ["1 visit: overdue, due 02 Nov 11:00, provisional, asks grade", "2 visit: met, due 04 Nov, met 04 Nov 09:00",
         "2 visit 2: on-track, due 10 Nov", "3 visit: at-risk, due 07 Nov"],
    ),
    (
        "C15, known again while withdrawn", QUESTIONS,
        [
            "2026-11-02 09:00 open 2 care=yes plan=yes", "2026-11-03 09:00 done visit", "2026-11-03 10:00 withdraw",
            "2026-11-05 09:00 set care=yes", "2026-11-09 09:00 reopen",
        ], "2026-11-09 10:00", "visit", ["2 visit: met, due 04 Nov, met 03 Nov 09:00", "2 visit 2: at-risk, due 09 Nov"],
    ),
    (
        "C15, a grade that brings time from knowing, after it was done", QUESTIONS,
        ["2026-12-21 09:00 open 2 grade=amber", "2026-12-22 09:00 done resolve", "2026-12-24 15:00 set grade=red"], "2026-12-24 16:00",
        "resolve", ["2 resolve: met, due 24 Dec, met 22 Dec 09:00", "2 resolve 2: at-risk, due 25 Dec 15:00"],
    ),
    (
        "C15, a first answer said to call once more", QUESTIONS,
        ["2026-12-21 09:00 open 2", "2026-12-22 09:00 done resolve", "2026-12-24 15:00 set grade=red again"], "2026-12-24 16:00",
        "resolve", ["2 resolve: met, due 14 Jan, met 22 Dec 09:00", "2 resolve 2: at-risk, due 25 Dec 15:00"],
    ),
    (
        "C15, a stage's own action said to be called for once more", QUESTIONS,
        ["2026-11-02 09:00 open 1 plan=yes", "2026-11-03 09:00 done told", "2026-11-04 09:00 set plan=yes again"], "2026-11-04 10:00",
        "told", ["1 told: met, due 05 Nov, met 03 Nov 09:00"],
    ),
    (
        "C15, graded anew and once more", QUESTIONS,
        ["2026-11-02 09:00 open 2 grade=red", "2026-11-04 10:00 set grade=amber again"], "2026-11-04 11:00", "resolve",
        [
            "2 resolve: missed, due 03 Nov 09:00, ended 04 Nov 10:00", "2 resolve 2: on-track, due 09 Nov",
            "2 resolve 3: on-track, due 09 Nov",
        ],
    ),
    (
        "C16, agreed before its step began", LINCOLN,
        [
            "2026-12-01 09:00 open 1", "2026-12-02 09:00 resolve", "2026-12-03 09:00 reopen", "2026-12-05 09:00 done plan",
            "2026-12-08 09:00 agree next-step 2026-12-10T12:00 at 2026-12-04 12:00",
        ], "2026-12-08 10:00", "next-step", ["1: on-track, due 10 Dec 12:00"],
    ),
    (
        "C15, a correction", YORK,
        ["2026-11-20 15:00 open 1", "2026-11-20 16:00 set immediate-risk=yes", "2026-11-23 09:00 set immediate-risk=no", "2026-11-23 10:00 undo 2"],
        "2026-11-23 11:00", "lead-told", [],
    ),
    (
        "C15, a verdict counts on the calendar that held", HULL,
        ["2026-11-02 09:00 open 3", "2026-11-10 09:00 advance 4", "2026-11-11 09:00 close 2026-11-06"], "2026-11-11 10:00", "resolve",
        ["3 resolve: met-late, due 09 Nov, met 10 Nov 09:00", "4 resolve: at-risk, due 12 Nov 09:00"],
    ),
    (
        "C15, an overdue one follows the calendar", HULL, ["2026-11-02 09:00 open 3", "2026-11-10 09:00 close 2026-11-06"], "2026-11-10 10:00",
        "resolve", ["3 resolve: at-risk, due 10 Nov"],
    ),
    (
        "C15, outlives withdrawing", HEREFORD, ["2026-11-02 09:00 open 0 allegation=yes", "2026-11-02 12:00 withdraw"], "2026-11-04 10:00",
        "lado-referral", ["0 lado-referral: overdue, due 03 Nov 09:00"],
    ),
    # Things happen in order, and what is dated counts from its date.
    (
        "C16, the one agreed last", HEREFORD,
        [
            "2026-11-02 09:00 open 0", "2026-11-04 10:00 agree resolve 2026-11-06T12:00",
            "2026-11-04 11:00 agree resolve 2026-11-05T12:00 at 2026-11-03 10:00",
        ], "2026-11-04 12:00", "resolve", ["0 resolve: on-track, due 06 Nov 12:00, ahead 05 Nov"],
    ),
    (
        "C16, written down after its call had ended", HEREFORD,
        [
            "2026-11-02 09:00 open 0 allegation=yes", "2026-11-03 12:00 set allegation=no",
            "2026-11-03 13:00 done lado-referral at 2026-11-02 16:00",
        ], "2026-11-03 14:00", "lado-referral", ["0 lado-referral: met, due 03 Nov 09:00, met 02 Nov 16:00"],
    ),
    (
        "C18, beside a dated duty that is open", NORTH_EAST, ["2026-11-02 09:00 open individual:B"], "2026-11-02 10:00", "resolve", [],
    ),
    (
        "C18, once the duty is done", NORTH_EAST, ["2026-11-02 09:00 open individual:B", "2026-11-02 10:00 done referral"], "2026-11-02 11:00",
        "resolve", ["B resolve: undated"],
    ),
    (
        "C18, an agreed date is never hidden", NORTH_EAST,
        ["2026-11-02 09:00 open individual:B", "2026-11-02 10:00 agree resolve 2026-11-20T12:00"], "2026-11-02 11:00", "resolve",
        ["B resolve: on-track, due 20 Nov 12:00"],
    ),
    (
        "C19, going up uses it", CLOCKS, ["2026-11-02 09:00 open 1 proposal=yes", "2026-11-04 09:00 done reply", "2026-11-05 09:00 advance 2"],
        "2026-11-05 10:00", "going-up", ["1 going-up: met, due 16 Nov, met 05 Nov 09:00"],
    ),
    (
        "C19, late", CLOCKS, ["2026-11-02 09:00 open 1 proposal=yes", "2026-11-04 09:00 done reply", "2026-11-17 09:00 advance 2"],
        "2026-11-17 10:00", "going-up", ["1 going-up: met-late, due 16 Nov, met 17 Nov 09:00"],
    ),
    (
        "C19, not used", CLOCKS, ["2026-11-02 09:00 open 1 proposal=yes", "2026-11-04 09:00 done reply"], "2026-11-17 10:00", "going-up",
        ["1 going-up: lapsed, due 16 Nov"],
    ),
    (
        "C19, a no ends one that outlives the case, though that is withdrawn", WINDOWS,
        ["2026-11-02 09:00 open 1 consent=no", "2026-11-10 09:00 withdraw", "2026-11-23 09:00 set consent=yes"], "2026-11-23 10:00",
        "objection", ["1 objection: lapsed, due 18 Nov, ended 23 Nov 09:00"],
    ),
    (
        "C20, a moment told late stops a clock from its own date",
        CLOCKS,
        ["2026-11-02 09:00 open 1", "2026-11-20 09:00 set letter=2026-11-03T09:00"],
        "2026-11-20 11:00",
        "call",
        ["1 call: waiting"],
    ),
    (
        "C20, a doing is judged by what held then", LINCOLN,
        ["2026-11-02 09:00 open 1", "2026-11-05 09:00 done plan", "2026-11-06 09:00 done discussion"], "2026-11-06 10:00", "plan",
        ["1 plan: met-late, due 04 Nov, met 05 Nov 09:00, provisional"],
    ),
    (
        "C20, a yes of before the one that was done", HEREFORD,
        [
            "2026-11-02 09:00 open 0", "2026-11-09 09:00 set allegation=yes", "2026-11-09 15:00 done lado-referral",
            "2026-11-10 09:00 set allegation=yes at 2026-11-04 09:00",
        ], "2026-11-10 10:00", "lado-referral",
        ["0 lado-referral: overdue, due 05 Nov 09:00", "0 lado-referral 2: met, due 10 Nov 09:00, met 09 Nov 15:00"],
    ),
    (
        "C20, a yes of before the one that is open", HEREFORD,
        ["2026-11-02 09:00 open 0", "2026-11-09 09:00 set allegation=yes", "2026-11-09 10:00 set allegation=yes at 2026-11-04 09:00"],
        "2026-11-09 11:00", "lado-referral", ["0 lado-referral: overdue, due 05 Nov 09:00"],
    ),
    (
        "C21, waits until it has run out", CLOCKS, ["2026-11-02 09:00 open 1 proposal=yes"], "2026-11-09 10:00", "chase",
        ["1 chase: waiting, due 10 Nov, provisional"],
    ),
    (
        "C21, has run out", CLOCKS, ["2026-11-02 09:00 open 1 proposal=yes"], "2026-11-10 10:00", "chase",
        ["1 chase: at-risk, due 10 Nov, provisional"],
    ),
    (
        "C21, done in time", CLOCKS, ["2026-11-02 09:00 open 1 proposal=yes", "2026-11-05 10:00 done reply"], "2026-11-10 10:00", "chase", [],
    ),
    # Extensions, by hand: 3 working days from Monday the 2nd are the 5th, and 8 the 12th; 4 days from the 2nd are the 6th.
    (
        "C16, more time agreed for a reason", EXTENSIONS,
        ["2026-11-02 09:00 open 1", "2026-11-04 09:00 agree assessment 2026-11-11T12:00 reason"], "2026-11-05 09:00", "assessment",
        ["1 assessment: on-track, due 11 Nov 12:00"],
    ),
    (
        "C7, without a reason the limit still stands", EXTENSIONS,
        ["2026-11-02 09:00 open 1", "2026-11-04 09:00 agree assessment 2026-11-11T12:00"], "2026-11-04 10:00", "assessment",
        ["1 assessment: at-risk, due 05 Nov"],
    ),
    (
        "C7, further than the most", EXTENSIONS,
        ["2026-11-02 09:00 open 1", "2026-11-04 09:00 agree assessment 2026-11-13T12:00 reason"], "2026-11-04 10:00", "assessment",
        ["1 assessment: at-risk, due 05 Nov"],
    ),
    (
        "C15, agreed when it had run out", EXTENSIONS,
        ["2026-11-02 09:00 open 1", "2026-11-06 09:00 agree assessment 2026-11-11T12:00 reason"], "2026-11-06 10:00", "assessment",
        ["1 assessment: overdue, due 05 Nov"],
    ),
    (
        "C14, only in some cases, and nobody has answered", EXTENSIONS,
        ["2026-11-02 09:00 open 1", "2026-11-04 09:00 agree visit 2026-11-20T12:00 reason"], "2026-11-04 10:00", "visit",
        ["1 visit: on-track, due 06 Nov, provisional"],
    ),
    (
        "C14, the first answer settles it", EXTENSIONS,
        ["2026-11-02 09:00 open 1", "2026-11-04 09:00 agree visit 2026-11-20T12:00 reason", "2026-11-05 09:00 set complex=yes"], "2026-11-05 10:00", "visit",
        ["1 visit: on-track, due 20 Nov 12:00, provisional"],
    ),
    # Time from knowing, by hand: 24 hours from the yes, where it was known before that it is red.
    (
        "C15, a second yes under an old grade", KNOWN,
        ["2026-11-02 09:00 open 1 charge=yes grade=red", "2026-11-02 15:00 done officer", "2026-11-16 09:00 set charge=yes"], "2026-11-16 10:00", "officer",
        ["1 officer: met, due 03 Nov 09:00, met 02 Nov 15:00", "1 officer 2: at-risk, due 17 Nov 09:00"],
    ),
    (
        "C22, by the calendar of then", HULL,
        ["2026-11-02 09:00 open 3", "2026-11-05 09:00 close 2026-11-06", "2026-11-10 09:00 clear"], "2026-11-05 10:00", "resolve",
        ["3 resolve: on-track, due 10 Nov"],
    ),
    (
        "C22, by the calendar of now", HULL,
        ["2026-11-02 09:00 open 3", "2026-11-05 09:00 close 2026-11-06", "2026-11-10 09:00 clear"], "2026-11-10 10:00", "resolve",
        ["3 resolve: overdue, due 09 Nov"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "protocol", "lines", "now", "action", "rows"), HISTORIES)
def test_what_a_history_comes_to(
    rule: str, protocol: str, lines: list[str], now: str, action: str, rows: list[str]
) -> None:
    assert Told(protocol, *lines).rows(now, action) == rows


def test_every_rule_that_rows_show_has_a_history() -> None:
    named = {rule.split(",")[0] for rule, *_ in HISTORIES}
    assert named == {f"C{n}" for n in (7, 9, 10, 14, 15, 16, 18, 19, 20, 21, 22)}


def test_the_model_reads_every_protocol_that_walks_are_made_under() -> None:
    assert {
        HEREFORD,
        HULL,
        LINCOLN,
        NORTH_EAST,
        YORK,
        QUESTIONS,
        CLOCKS,
        WINDOWS,
        EXTENSIONS,
        KNOWN,
    } <= PROTOCOLS.keys()
