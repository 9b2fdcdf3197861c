"""Calls: each time something is called for has its own number, limit and outcome (C15), in the order things happened (C16, C20).

A table for each sentence of the fine print: what happened, and the rows that one action comes to.
"""

from typing import NamedTuple

import pytest

from escalate.domain.deadlines.model import Deadline
from tests.calendars import shown
from tests.played import Played

NOW = "2026-11-18 09:00"
"""The Wednesday on which everything below is looked at."""


class Row(NamedTuple):
    """A history, an action and what it comes to."""

    what: str
    """What it shows."""
    action: str
    """The action that is looked at."""
    history: tuple[str, ...]
    """`2026-11-12 09:00 done lado-referral at 2026-11-02 15:00`: recorded, what, and when it happened."""
    rows: tuple[str, ...]
    """`1 missed 2026-11-03 09:00, ended 2026-11-09 09:00 by 2`: a day alone is the end of it, `~` provisional, `?` an open question."""


def played(history: tuple[str, ...]) -> Played:
    """The first line says how the case is opened: `2026-11-02 09:00 open herefordshire 1 allegation=yes`."""
    opened, *rest = history
    protocol, stage, *facts = opened[22:].split()
    case = Played(protocol, opened[:16], stage=stage, facts=answers(facts))
    for line in rest:
        what, _, happened = line[17:].partition(" at ")
        play(case, line[:16], what.split(), happened or None)
    return case


def play(case: Played, recorded: str, what: list[str], happened: str | None) -> None:
    """A line of what happens in a case."""
    deed, *said = what
    call = int(said.pop()[5:]) if said and said[-1].startswith("call=") else None
    match deed:
        case "set":
            case.answer(recorded, answers([each for each in said if each != "again"]), happened, again="again" in said)
        case "done":
            case.done(recorded, said[0], happened, call=call)
        case "agree":
            case.agree(recorded, f"{said[0]} {said[1]}", said[2], happened=happened, call=call)
        case "undo":
            case.undo(recorded, int(said[0]))
        case _:
            getattr(case, deed)(recorded, *said)


def answers(said: list[str]) -> dict[str, str]:
    return {key: answer for key, _, answer in (each.partition("=") for each in said)}


def brief(case: Played, deadline: Deadline) -> str:
    due = (shown(deadline.due_at) or "no date").removesuffix(" 23:59:59")
    said = f"{deadline.call} {case.stands_at(deadline, NOW)} {due}{' ~' if deadline.provisional else ''}"
    if deadline.ended_at:
        said += f", ended {shown(deadline.ended_at)} by {deadline.ended_entry}"
    return said + (f"? {', '.join(deadline.unanswered)}" if deadline.unanswered else "")


def row(what: str, action: str, *history: str, rows: tuple[str, ...]) -> Row:
    return Row(what, action, history, rows)


ALLEGED = "2026-11-02 09:00 open herefordshire 1 allegation=yes"
"""An allegation on Monday 2 November at 09:00: the referral is due 24 hours later. Stage 1 ends with Thursday the 5th, three working days on."""
OPENED = "2026-11-02 09:00 open herefordshire 1"
HIGH = "2026-11-02 10:00 open hull-east-riding 7 severity=high"
"""Stage 7 has three days where severity is high, to the end of Thursday the 5th, and else five, to the end of Saturday the 7th."""
LOW = HIGH.replace("high", "low")
UNGRADED = HIGH.replace(" severity=high", "")

AGAIN = [
    row("yes again while it is open is the same call", "lado-referral",
        ALLEGED, "2026-11-16 09:00 set allegation=yes",
        rows=("1 overdue 2026-11-03 09:00",)),
    row("unless it is said to be another", "lado-referral",
        ALLEGED, "2026-11-16 09:00 set allegation=yes again",
        rows=("1 overdue 2026-11-03 09:00", "2 overdue 2026-11-17 09:00")),
    row("yes again once it was done", "lado-referral",
        ALLEGED, "2026-11-02 15:00 done lado-referral", "2026-11-16 09:00 set allegation=yes",
        rows=("1 met 2026-11-03 09:00", "2 overdue 2026-11-17 09:00")),
    row("yes again after a no", "lado-referral",
        ALLEGED, "2026-11-09 09:00 set allegation=no", "2026-11-16 09:00 set allegation=yes",
        rows=("1 missed 2026-11-03 09:00, ended 2026-11-09 09:00 by 2", "2 overdue 2026-11-17 09:00")),
    row("what a stage asks for is not called for again by yes alone", "iro-notified",
        OPENED, "2026-11-03 09:00 set protection-plan=yes", "2026-11-04 09:00 done iro-notified", "2026-11-05 09:00 set protection-plan=yes",
        rows=("1 met no date",)),
    row("but after a no", "iro-notified",
        OPENED, "2026-11-03 09:00 set protection-plan=yes looked-after=no", "2026-11-04 09:00 done iro-notified",
        "2026-11-05 09:00 set protection-plan=no", "2026-11-06 09:00 set protection-plan=yes",
        rows=("1 met no date", "2 undated no date")),
    row("a doing meets the oldest call that is open", "lado-referral",
        ALLEGED, "2026-11-16 09:00 set allegation=yes again", "2026-11-16 12:00 done lado-referral",
        rows=("1 met-late 2026-11-03 09:00", "2 overdue 2026-11-17 09:00")),
    row("or the one that is chosen", "lado-referral",
        ALLEGED, "2026-11-16 09:00 set allegation=yes again", "2026-11-16 12:00 done lado-referral call=2",
        rows=("1 overdue 2026-11-03 09:00", "2 met 2026-11-17 09:00")),
    row("an agreed date is of the newest call", "lado-referral",
        ALLEGED, "2026-11-16 09:00 set allegation=yes again", "2026-11-16 12:00 agree 2026-11-16 17:00 lado-referral",
        rows=("1 overdue 2026-11-03 09:00", "2 overdue 2026-11-16 17:00")),
    row("the newest that is open, though a newer one was done", "lado-referral",
        ALLEGED, "2026-11-02 10:00 set allegation=yes again", "2026-11-02 11:00 done lado-referral call=2",
        "2026-11-02 12:00 agree 2026-11-02 17:00 lado-referral",
        rows=("1 overdue 2026-11-02 17:00", "2 met 2026-11-03 10:00")),
    row("and stays of it, whatever call is written down later", "lado-referral",
        ALLEGED, "2026-11-02 12:00 agree 2026-11-02 17:00 lado-referral",
        "2026-11-02 13:00 set allegation=yes again at 2026-11-02 10:00",
        rows=("1 overdue 2026-11-02 17:00", "2 overdue 2026-11-03 10:00")),
]  # fmt: skip

ENDED = [
    row("a no before the limit", "lado-referral", ALLEGED, "2026-11-02 17:00 set allegation=no",
        rows=("1 ceased 2026-11-03 09:00, ended 2026-11-02 17:00 by 2",)),
    row("exactly at the limit it has not run out", "lado-referral", ALLEGED, "2026-11-03 09:00 set allegation=no",
        rows=("1 ceased 2026-11-03 09:00, ended 2026-11-03 09:00 by 2",)),
    row("a minute after it", "lado-referral", ALLEGED, "2026-11-03 09:01 set allegation=no",
        rows=("1 missed 2026-11-03 09:00, ended 2026-11-03 09:01 by 2",)),
    row("a no of the same minute comes after the yes that was written down before it", "lado-referral",
        ALLEGED, "2026-11-02 09:00 set allegation=no",
        rows=("1 ceased 2026-11-03 09:00, ended 2026-11-02 09:00 by 2",)),
    row("and after the opening, for what belongs to a stage", "iro-notified",
        f"{OPENED} protection-plan=yes looked-after=no", "2026-11-02 09:00 set protection-plan=no",
        rows=("1 ceased no date, ended 2026-11-02 09:00 by 2",)),
    row("a no written down later ends it by its own date", "lado-referral",
        ALLEGED, "2026-11-16 09:00 set allegation=no at 2026-11-02 17:00",
        rows=("1 ceased 2026-11-03 09:00, ended 2026-11-02 17:00 by 2",)),
    row("withdrawn with its limit run out", "resolve", ALLEGED, "2026-11-06 09:00 withdraw",
        rows=("1 missed 2026-11-05, ended 2026-11-06 09:00 by 2",)),
    row("withdrawn before it had", "resolve", ALLEGED, "2026-11-04 09:00 withdraw",
        rows=("1 ceased 2026-11-05, ended 2026-11-04 09:00 by 2",)),
    row("a standing call outlives withdrawing", "lado-referral", ALLEGED, "2026-11-04 09:00 withdraw",
        rows=("1 overdue 2026-11-03 09:00",)),
    row("and resolving", "lado-referral", ALLEGED, "2026-11-04 09:00 resolve", rows=("1 overdue 2026-11-03 09:00",)),
    row("until it is answered no", "lado-referral",
        ALLEGED, "2026-11-04 09:00 resolve", "2026-11-05 09:00 set allegation=no",
        rows=("1 missed 2026-11-03 09:00, ended 2026-11-05 09:00 by 3",)),
    row("what is undated ceases, and stays to be seen", "iro-notified",
        OPENED, "2026-11-03 09:00 set protection-plan=yes", "2026-11-04 09:00 withdraw",
        rows=("1 ceased no date, ended 2026-11-04 09:00 by 3",)),
    row("so does what is undecided", "iro-notified", OPENED, "2026-11-04 09:00 withdraw",
        rows=("1 ceased no date, ended 2026-11-04 09:00 by 2? protection-plan, looked-after",)),
    row("what a yes would have called for while it was withdrawn is called for when it is reopened", "iro-notified",
        f"{OPENED} protection-plan=no looked-after=no", "2026-11-04 09:00 withdraw", "2026-11-05 09:00 set protection-plan=yes",
        "2026-11-16 09:00 reopen",
        rows=("1 undated no date",)),
    row("reopened: a new call that counts as before", "resolve",
        OPENED, "2026-11-04 09:00 resolve", "2026-11-16 09:00 reopen",
        rows=("1 met 2026-11-05", "2 overdue 2026-11-05")),
    row("reopened after it was withdrawn", "resolve",
        OPENED, "2026-11-06 09:00 withdraw", "2026-11-16 09:00 reopen",
        rows=("1 missed 2026-11-05, ended 2026-11-06 09:00 by 2", "2 overdue 2026-11-05")),
    row("a next step that is taken before its date leaves no row", "next-step",
        OPENED, "2026-11-03 09:00 done resolve", "2026-11-04 09:00 resolve", rows=()),
]  # fmt: skip

REGRADED = [
    row("other timescales are another call", "resolve", HIGH, "2026-11-04 10:00 set severity=low",
        rows=("1 ceased 2026-11-05, ended 2026-11-04 10:00 by 2", "2 overdue 2026-11-07")),
    row("missed where the first had run out", "resolve", HIGH, "2026-11-06 10:00 set severity=low",
        rows=("1 missed 2026-11-05, ended 2026-11-06 10:00 by 2", "2 overdue 2026-11-07")),
    row("the same timescales are the same call", "resolve", LOW, "2026-11-06 10:00 set severity=medium",
        rows=("1 overdue 2026-11-07",)),
    row("an agreed date still running goes on, and is the date of both: the same call", "resolve",
        HIGH, "2026-11-03 10:00 agree 2026-11-04 17:00 resolve", "2026-11-04 10:00 set severity=low",
        rows=("1 overdue 2026-11-04 17:00",)),
    row("an agreed date that is still running goes on beside a limit that comes before it", "resolve",
        LOW, "2026-11-03 10:00 agree 2026-11-06 12:00 resolve", "2026-11-04 10:00 set severity=high",
        rows=("1 ceased 2026-11-06 12:00, ended 2026-11-04 10:00 by 3", "2 overdue 2026-11-05")),
    row("one that had run out does not", "resolve",
        HIGH, "2026-11-03 10:00 agree 2026-11-04 09:00 resolve", "2026-11-04 10:00 set severity=low",
        rows=("1 missed 2026-11-04 09:00, ended 2026-11-04 10:00 by 3", "2 overdue 2026-11-07")),
]  # fmt: skip

UNANSWERED = [
    row("the earliest that may apply, provisional", "resolve", UNGRADED, rows=("1 overdue 2026-11-05 ~? severity",)),
    row("a first answer settles what it was all along", "resolve", UNGRADED, "2026-11-06 10:00 set severity=low",
        rows=("1 overdue 2026-11-07",)),
    row("said from when, it leaves what had run out by then", "resolve",
        UNGRADED, "2026-11-09 10:00 set severity=low at 2026-11-06 10:00",
        rows=("1 missed 2026-11-05 ~, ended 2026-11-06 10:00 by 2? severity", "2 overdue 2026-11-07")),
    row("said from before it had run out, it is the same call", "resolve",
        UNGRADED, "2026-11-09 10:00 set severity=low at 2026-11-04 10:00",
        rows=("1 overdue 2026-11-07",)),
    row("what was met meanwhile is settled too", "resolve",
        UNGRADED, "2026-11-06 10:00 resolve", "2026-11-09 10:00 set severity=high",
        rows=("1 met-late 2026-11-05",)),
    row("an action whose question is open is undecided", "iro-notified", OPENED,
        rows=("1 undecided no date? protection-plan, looked-after",)),
    row("a first no says that it never was", "iro-notified", OPENED, "2026-11-03 09:00 set protection-plan=no looked-after=no",
        rows=()),
    row("a standing action of which nobody asked is not listed", "lado-referral", OPENED, rows=()),
]  # fmt: skip

AGREED_ANEW = [
    row("the old date stays missed beside the row of the same call", "lado-referral",
        ALLEGED, "2026-11-02 10:00 agree 2026-11-02 17:00 lado-referral", "2026-11-02 18:00 agree 2026-11-02 20:00 lado-referral",
        rows=("1 missed 2026-11-02 17:00, ended 2026-11-02 18:00 by 3", "1 overdue 2026-11-02 20:00")),
    row("agreed anew before it had run out, it leaves none", "lado-referral",
        ALLEGED, "2026-11-02 10:00 agree 2026-11-02 17:00 lado-referral", "2026-11-02 16:00 agree 2026-11-02 20:00 lado-referral",
        rows=("1 overdue 2026-11-02 20:00",)),
    row("nor one that was not the deadline", "lado-referral",
        ALLEGED, "2026-11-02 10:00 agree 2026-11-04 17:00 lado-referral", "2026-11-05 09:00 agree 2026-11-06 17:00 lado-referral",
        rows=("1 overdue 2026-11-03 09:00",)),
    row("of several the one agreed last counts, not the one written down last", "lado-referral",
        ALLEGED, "2026-11-02 12:00 agree 2026-11-02 17:00 lado-referral",
        "2026-11-02 13:00 agree 2026-11-02 20:00 lado-referral at 2026-11-02 11:00",
        rows=("1 overdue 2026-11-02 17:00",)),
    row("nor one of what nobody knew to be owed when it was agreed anew", "iro-notified",
        OPENED, "2026-11-03 10:00 agree 2026-11-04 17:00 iro-notified", "2026-11-05 10:00 agree 2026-11-06 17:00 iro-notified",
        "2026-11-09 10:00 set protection-plan=yes at 2026-11-06 10:00",
        rows=("1 overdue 2026-11-06 17:00",)),
    row("one agreed before a reopening, though written down after it, gives way to one agreed later", "resolve",
        OPENED, "2026-11-03 10:00 agree 2026-11-04 17:00 resolve", "2026-11-03 12:00 resolve", "2026-11-05 09:00 reopen",
        "2026-11-06 09:00 agree 2026-11-03 17:00 resolve call=2 at 2026-11-02 10:00",
        rows=("1 met 2026-11-04 17:00", "2 overdue 2026-11-04 17:00")),
]  # fmt: skip

WRITTEN_DOWN_LATE = [
    row("done in time, written down after the no", "lado-referral",
        ALLEGED, "2026-11-09 09:00 set allegation=no", "2026-11-10 09:00 done lado-referral at 2026-11-02 15:00",
        rows=("1 met 2026-11-03 09:00",)),
    row("done late, written down after the no", "lado-referral",
        ALLEGED, "2026-11-09 09:00 set allegation=no", "2026-11-10 09:00 done lado-referral at 2026-11-04 09:00",
        rows=("1 met-late 2026-11-03 09:00",)),
    row("done while it was resolved, written down after it was reopened", "outcome-shared",
        OPENED, "2026-11-04 09:00 resolve", "2026-11-05 09:00 reopen", "2026-11-06 09:00 done outcome-shared at 2026-11-04 10:00",
        rows=("1 met no date",)),
    row("a yes that precedes one begins that call earlier", "lado-referral",
        OPENED, "2026-11-09 09:00 set allegation=yes", "2026-11-10 09:00 set allegation=yes at 2026-11-04 09:00",
        rows=("1 overdue 2026-11-05 09:00",)),
    row("and is a call of its own if that was done", "lado-referral",
        OPENED, "2026-11-09 09:00 set allegation=yes", "2026-11-09 15:00 done lado-referral",
        "2026-11-10 09:00 set allegation=yes at 2026-11-04 09:00",
        rows=("1 overdue 2026-11-05 09:00", "2 met 2026-11-10 09:00")),
    row("but not if a no came before that was done", "lado-referral",
        OPENED, "2026-11-09 09:00 set allegation=yes", "2026-11-12 15:00 done lado-referral",
        "2026-11-13 09:00 set allegation=yes at 2026-11-04 09:00", "2026-11-13 10:00 set allegation=no at 2026-11-10 17:00",
        rows=("1 missed 2026-11-05 09:00, ended 2026-11-10 17:00 by 5", "2 met-late 2026-11-05 09:00")),
    row("a correction takes the verdict with it, and the numbers are counted anew", "lado-referral",
        OPENED, "2026-11-02 09:00 set allegation=yes", "2026-11-04 09:00 set allegation=no", "2026-11-16 09:00 set allegation=yes",
        "2026-11-17 09:00 undo 2",
        rows=("1 overdue 2026-11-17 09:00",)),
]  # fmt: skip


@pytest.mark.parametrize(
    "expected",
    [*AGAIN, *ENDED, *REGRADED, *UNANSWERED, *AGREED_ANEW, *WRITTEN_DOWN_LATE],
    ids=lambda expected: expected.what,
)
def test_what_is_called_for_comes_to_these_rows(expected: Row) -> None:
    case = played(expected.history)
    assert [brief(case, each) for each in case.calls(expected.action)] == list(expected.rows)
