"""What became of deadlines by what was recorded: a table of before and after, and what is said of it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.model import CaseLine, Deadline, DueLine
from escalate.domain.deadlines.shifts import ShiftKind, moves, shifts
from escalate.output.case.shifts import Recorded, left_open, several_calls, shift_lines, shifts_document
from tests.calendars import at

NOW = "2026-11-24 10:00"
MONDAY, TUESDAY = "2026-11-23 17:00", "2026-11-24 09:00"
FRIDAY, NEXT = "2026-11-27 23:59:59", "2026-12-01 23:59:59"
ENTRY = 9
"""The number of the entry that makes the change."""


def row(due: str | None = None, action: str = "reply", stay: int = 2, **more: Any) -> Deadline:
    """A deadline at stage 2, on its second stay; instants as London shows them."""
    instants = ("met_at", "ended_at", "target_at", "act_by", "ahead_at", "stopped_since")
    fields: dict[str, Any] = {name: at(value) if name in instants else value for name, value in more.items()}
    due_at = at(due) if due else None
    return Deadline(
        Occasion.numbered(stay), "main", "2", "Managers", action, "Reply", "Manager", None, due_at=due_at, **fields
    )


def told(
    before: Sequence[Deadline],
    after: Sequence[Deadline],
    answers: Mapping[str, str] = MappingProxyType({}),
    entered: int | None = None,
) -> list[str]:
    """What is said of it."""
    recorded = Recorded(ENTRY, entered, opens=False, answers=answers, several=several_calls((*before, *after)))
    return shift_lines(shifts(before, after, at(NOW)), at(NOW), recorded)


def kinds(before: Sequence[Deadline], after: Sequence[Deadline]) -> list[str]:
    return [each.kind.value for each in shifts(before, after, at(NOW))]


SAID: list[tuple[str, list[Deadline], list[Deadline], list[str]]] = [
    # what happens, before, after, and what is said
    ("nothing", [row(FRIDAY)], [row(FRIDAY)], []),
    ("nothing without a date", [row()], [row()], []),
    ("only the order", [row(FRIDAY), row(action="b")], [row(action="b"), row(FRIDAY)], []),
    ("later", [row(FRIDAY)], [row(NEXT)], ["Later: reply (stage 2), from Fri 27 Nov to Tue 1 Dec."]),
    ("earlier", [row(NEXT)], [row(FRIDAY)], ["Earlier: reply (stage 2), from Tue 1 Dec to Fri 27 Nov."]),
    ("overdue by it", [row(FRIDAY)], [row(MONDAY)], ["Now overdue: reply (stage 2), from Fri 27 Nov to Mon 23 Nov 17:00."]),
    ("no more overdue", [row(MONDAY)], [row(FRIDAY)], ["No longer overdue: reply (stage 2), from Mon 23 Nov 17:00 to Fri 27 Nov."]),
    ("overdue later", [row(MONDAY)], [row(TUESDAY)], ["Later: reply (stage 2), from Mon 23 Nov 17:00 to Tue 24 Nov 09:00."]),
    ("due this very moment", [row(FRIDAY)], [row(NOW)], ["Earlier: reply (stage 2), from Fri 27 Nov to Tue 24 Nov 10:00."]),
    ("a date", [row()], [row(FRIDAY)], ["Dated: reply (stage 2), due Fri 27 Nov."]),
    ("a date that has passed", [row(waiting=True)], [row(MONDAY)], ["Dated, and overdue already: reply (stage 2), due Mon 23 Nov 17:00."]),
    ("no date", [row(FRIDAY)], [row()], ["No longer dated: reply (stage 2), until now Fri 27 Nov."]),
    ("waiting", [row(FRIDAY)], [row(waiting=True)], ["No longer dated: reply (stage 2), until now Fri 27 Nov (waiting)."]),
    ("the clock stops", [row(MONDAY)], [row(waiting=True, stopped_since=NOW)], ["No longer dated: reply (stage 2), until now Mon 23 Nov 17:00 (its clock is stopped)."]),
    ("undecided", [row(FRIDAY)], [row(unanswered=("severity",))], ["Undecided: reply (stage 2), until now Fri 27 Nov; it depends on severity."]),
    ("decided", [row(unanswered=("severity",))], [row(FRIDAY)], ["Decided: reply (stage 2), due Fri 27 Nov."]),
    ("decided too late", [row(unanswered=("severity",))], [row(MONDAY)], ["Decided, and overdue already: reply (stage 2), due Mon 23 Nov 17:00."]),
    ("decided without a date", [row(unanswered=("severity",))], [row()], ["Decided: reply (stage 2)."]),
    ("missed", [row(MONDAY)], [row(MONDAY, ended_at=NOW)], ["Missed, and no longer called for: reply (stage 2), due Mon 23 Nov 17:00."]),
    ("ceased", [row(FRIDAY)], [row(FRIDAY, ended_at=NOW)], ["No longer called for: reply (stage 2), due Fri 27 Nov."]),
    ("ceased at the limit", [row(NOW)], [row(NOW, ended_at=NOW)], ["No longer called for: reply (stage 2), due Tue 24 Nov 10:00."]),
    ("ceased without a date", [row()], [row(ended_at=NOW)], ["No longer called for: reply (stage 2)."]),
    ("ended before as well", [row(MONDAY, ended_at=NOW)], [row(MONDAY, ended_at=NOW)], []),
    ("missed by a correction", [row(FRIDAY, ended_at=TUESDAY)], [row(MONDAY, ended_at=TUESDAY)], ["Missed after all: reply (stage 2), due Mon 23 Nov 17:00."]),
    ("not missed by a correction", [row(MONDAY, ended_at=TUESDAY)], [row(FRIDAY, ended_at=TUESDAY)], ["Not missed after all: reply (stage 2), due Fri 27 Nov."]),
    ("missed later", [row("2026-11-20 16:00", ended_at=NOW)], [row(MONDAY, ended_at=NOW)], ["Later: reply (stage 2), from Fri 20 Nov 16:00 to Mon 23 Nov 17:00, missed all the same."]),
    ("done in time", [row(FRIDAY)], [row(FRIDAY, met_at=NOW, met_entry=ENTRY)], []),
    ("done late", [row(MONDAY)], [row(MONDAY, met_at=NOW, met_entry=ENTRY)], ["Late: reply (stage 2), due Mon 23 Nov 17:00, done Tue 24 Nov 10:00."]),
    ("met by another entry", [row(FRIDAY)], [row(FRIDAY, met_at=NOW, met_entry=3)], ["Met: reply (stage 2), due Fri 27 Nov."]),
    ("in time now", [row(MONDAY, met_at=TUESDAY)], [row(FRIDAY, met_at=TUESDAY)], ["In time now: reply (stage 2), due Fri 27 Nov."]),
    ("late now", [row(FRIDAY, met_at=TUESDAY)], [row(MONDAY, met_at=TUESDAY)], ["Late now: reply (stage 2), due Mon 23 Nov 17:00, done Tue 24 Nov 09:00."]),
    ("met after it was missed", [row(MONDAY, ended_at=NOW)], [row(MONDAY, met_at="2026-11-23 09:00", met_entry=ENTRY)], ["Met after all: reply (stage 2), due Mon 23 Nov 17:00."]),
    ("met late after it was missed", [row(MONDAY, ended_at=NOW)], [row(MONDAY, met_at=TUESDAY, met_entry=ENTRY)], ["Met after all, late: reply (stage 2), due Mon 23 Nov 17:00, done Tue 24 Nov 09:00."]),
    ("met, and due then as well", [row(FRIDAY, met_at=NOW)], [row(NEXT, met_at=NOW)], []),
    ("open again", [row(FRIDAY, met_at=NOW)], [row(FRIDAY)], ["Open again: reply (stage 2), due Fri 27 Nov."]),
    ("open again, and late", [row(MONDAY, ended_at=NOW)], [row(MONDAY)], ["Open again, and overdue already: reply (stage 2), due Mon 23 Nov 17:00."]),
    ("gone", [row(FRIDAY)], [], ["No longer there: reply (stage 2), due Fri 27 Nov."]),
    ("gone while overdue", [row(MONDAY)], [], ["No longer there: reply (stage 2), due Mon 23 Nov 17:00, overdue."]),
    ("gone without a date", [row()], [], ["No longer there: reply (stage 2), which had no date."]),
    ("gone though met", [row(MONDAY, met_at=TUESDAY)], [], ["No longer there: reply (stage 2), which stood as met late."]),
    ("gone though missed", [row(MONDAY, ended_at=TUESDAY)], [], ["No longer there: reply (stage 2), which stood as missed."]),
    ("gone though ceased", [row(FRIDAY, ended_at=TUESDAY)], [], ["No longer there: reply (stage 2), which stood as ceased."]),
    ("new", [], [row(FRIDAY)], ["Called for: reply (stage 2), due Fri 27 Nov."]),
    ("new and late", [], [row(MONDAY)], ["Called for, and overdue already: reply (stage 2), due Mon 23 Nov 17:00."]),
    ("at any stage", [], [row(FRIDAY, stay=0)], ["Called for: reply, due Fri 27 Nov."]),
    ("after the end", [], [row(stay=-1)], ["Called for: reply (once resolved)."]),
    ("a window ends later", [row(FRIDAY, is_window=True)], [row(NEXT, is_window=True)], ["Later: reply (stage 2), from Fri 27 Nov to Tue 1 Dec."]),
    ("a window closes", [row(FRIDAY, is_window=True)], [row(MONDAY, is_window=True)], ["Over already: reply (stage 2), open until Mon 23 Nov 17:00."]),
    ("a window closed long ago", [], [row(MONDAY, is_window=True)], ["Over already: reply (stage 2), open until Mon 23 Nov 17:00."]),
    ("a window used late", [row(MONDAY, is_window=True)], [row(MONDAY, is_window=True, met_at=NOW, met_entry=ENTRY)], ["Used late: reply (stage 2), open until Mon 23 Nov 17:00, done Tue 24 Nov 10:00."]),
    ("a window used", [row(FRIDAY, is_window=True)], [row(FRIDAY, is_window=True, met_at=NOW, met_entry=ENTRY)], []),
    ("a window not used", [row(MONDAY, is_window=True)], [row(MONDAY, is_window=True, ended_at=NOW)], ["Closed unused: reply (stage 2), open until Mon 23 Nov 17:00."]),
    ("only the target", [row(FRIDAY, target_at=MONDAY)], [row(FRIDAY, target_at=TUESDAY)], []),
    ("a limit further up later", [row(ahead_of="stage 3", ahead_at=FRIDAY)], [row(ahead_of="stage 3", ahead_at=NEXT)], ["Later: limit of stage 3, further up than reply (stage 2), from Fri 27 Nov to Tue 1 Dec."]),
    ("no more past a limit further up", [row(ahead_of="stage 3", ahead_at=MONDAY)], [row(ahead_of="stage 3", ahead_at=NEXT)], ["No longer overdue: limit of stage 3, further up than reply (stage 2), from Mon 23 Nov 17:00 to Tue 1 Dec."]),
    ("past a limit further up", [row(ahead_of="stage 3", ahead_at=FRIDAY)], [row(ahead_of="stage 3", ahead_at=MONDAY)], ["Now overdue: limit of stage 3, further up than reply (stage 2), from Fri 27 Nov to Mon 23 Nov 17:00."]),
    ("several alike", [row(FRIDAY), row(FRIDAY, "form"), row(action="talk")], [row(NEXT), row(NEXT, "form"), row(action="talk")], ["Later: reply (stage 2), from Fri 27 Nov to Tue 1 Dec; form (stage 2), from Fri 27 Nov to Tue 1 Dec."]),
    ("the date agreed before", [row(MONDAY)], [row(FRIDAY), row(MONDAY, agreement=5, ended_at=NOW)], ["Missed: reply (stage 2), the date agreed before, due Mon 23 Nov 17:00.", "No longer overdue: reply (stage 2), from Mon 23 Nov 17:00 to Fri 27 Nov."]),
    ("the next time", [row(FRIDAY, occurrence=1)], [row(FRIDAY, occurrence=1, met_at=NOW, met_entry=ENTRY), row(NEXT, occurrence=2)], ["Called for: reply (stage 2), time 2, due Tue 1 Dec."]),
    ("regraded too late", [row(MONDAY)], [row(MONDAY, ended_at=NOW), row(NEXT, call=2)], ["Missed: reply (stage 2), call 1, due Mon 23 Nov 17:00.", "Called for: reply (stage 2), call 2, due Tue 1 Dec, in place of call 1."]),
    ("done, with another open", [row(MONDAY), row(FRIDAY, call=2)], [row(MONDAY, met_at=TUESDAY, met_entry=ENTRY), row(FRIDAY, call=2)], ["Late: reply (stage 2), call 1, due Mon 23 Nov 17:00, done Tue 24 Nov 09:00."]),
    ("done in time, with another open", [row(FRIDAY), row(NEXT, call=2)], [row(FRIDAY, met_at=TUESDAY, met_entry=ENTRY), row(NEXT, call=2)], ["Met: reply (stage 2), call 1, due Fri 27 Nov."]),
    ("counted anew", [row(MONDAY, called_entry=2, met_at=TUESDAY), row(FRIDAY, call=2, called_entry=5)], [row(FRIDAY, called_entry=5)], ["No longer there: reply (stage 2), call 1, which stood as met late.", "Call 2 of reply is call 1 now."]),
    ("begun earlier", [row(FRIDAY, called_entry=2)], [row(TUESDAY, called_entry=7)], ["Now overdue: reply (stage 2), from Fri 27 Nov to Tue 24 Nov 09:00."]),
    ("the next step is taken back with what it rests on", [row(FRIDAY, "resolve", ends_stage=True, met_at=NOW), row(FRIDAY, "next-step")], [row(FRIDAY, "resolve", ends_stage=True)], ["Open again: resolve (stage 2), due Fri 27 Nov."]),
    ("the whole stage goes", [row(MONDAY, "next-step"), row(action="resolve", ends_stage=True, met_at=NOW)], [], ["No longer there: next-step (stage 2), due Mon 23 Nov 17:00, overdue; resolve (stage 2), which stood as met."]),
    ("a stage without a time of its own steps back behind a duty", [row(action="resolve", ends_stage=True), row()], [row(FRIDAY)], ["Dated: reply (stage 2), due Fri 27 Nov."]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "says"), [each[1:] for each in SAID], ids=[each[0] for each in SAID])
def test_what_changed_is_said_by_name_and_nothing_else(
    before: list[Deadline], after: list[Deadline], says: list[str]
) -> None:
    assert told(before, after) == says


@pytest.mark.parametrize(("before", "after"), [each[1:3] for each in SAID], ids=[each[0] for each in SAID])
def test_no_deadline_is_made_later_or_taken_away_without_its_name(
    before: list[Deadline], after: list[Deadline]
) -> None:
    """Whatever stands in the table: said of every open deadline with a date that is later, or open no more though not met."""
    said = " ".join(told(before, after))
    for was in before:
        same = [each for each in after if each.key == was.key]
        is_later = any(each.is_open and (each.due_at or at("2100-01-01")) > was.due_at for each in same if was.due_at)
        if was.is_open and was.due_at and was.action != "next-step" and (is_later or not same):
            assert was.action in said


PROVISIONAL = row(FRIDAY, "resolve", provisional=True, unanswered=("severity",))
SETTLED: list[tuple[Deadline, Deadline, Mapping[str, str], list[str]]] = [
    (PROVISIONAL, row("2026-11-29 23:59:59", "resolve"), {"severity": "low"},
     ["The provisional Fri 27 Nov no longer holds: resolve (stage 2) is due Sun 29 Nov (severity is low)."]),
    (PROVISIONAL, row(NEXT, "resolve"), {}, ["The provisional Fri 27 Nov no longer holds: resolve (stage 2) is due Tue 1 Dec."]),
    (PROVISIONAL._replace(due_at=at(MONDAY)), row(NEXT, "resolve"), {"severity": "low", "at-risk": "no"},
     ["The provisional Mon 23 Nov 17:00 no longer holds: resolve (stage 2) is due Tue 1 Dec (severity is low), and no longer overdue."]),
    (PROVISIONAL, row(MONDAY, "resolve"), {},
     ["The provisional Fri 27 Nov no longer holds: resolve (stage 2) is due Mon 23 Nov 17:00, and now overdue."]),
    (PROVISIONAL, row(NEXT, "resolve", provisional=True), {}, ["Later: resolve (stage 2), from Fri 27 Nov to Tue 1 Dec."]),
    (PROVISIONAL, row(FRIDAY, "resolve"), {"severity": "high"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "answers", "says"), SETTLED)
def test_a_provisional_date_that_no_longer_holds_is_said_with_the_answer_that_settles_it(
    before: Deadline, after: Deadline, answers: Mapping[str, str], says: list[str]
) -> None:
    assert told([before], [after], answers) == says


def test_what_is_new_at_a_stage_just_entered_stands_below_unless_it_is_over() -> None:
    new = [row(FRIDAY), row(MONDAY, "form"), row(MONDAY, "appeal", is_window=True), row(FRIDAY, "referral", stay=0)]
    assert told([], new, entered=2) == [
        "Over already: appeal (stage 2), open until Mon 23 Nov 17:00.",
        "Called for: referral, due Fri 27 Nov.",
        "Called for, and overdue already: form (stage 2), due Mon 23 Nov 17:00.",
    ]
    opening = Recorded(1, 2, opens=True)
    assert shift_lines(shifts([], new[::3], at(NOW)), at(NOW), opening) == []


def test_what_is_left_open_of_what_was_done_is_said_by_its_number() -> None:
    rows = [
        row(MONDAY, met_at=NOW, met_entry=ENTRY), row(FRIDAY, call=2), row(call=3), row(call=4, met_at=NOW, met_entry=2),
        row(FRIDAY, "form", call=2), row(FRIDAY, call=2, stay=3),
    ]  # fmt: skip
    assert left_open(rows, at(NOW), ENTRY) == [
        "Call 2 of reply is still open, due Fri 27 Nov.",
        "Call 3 of reply is still open.",
    ]


def test_scripts_get_what_changed_in_the_order_it_is_told() -> None:
    before = [row(MONDAY, called_entry=2), row(FRIDAY, call=2, called_entry=5), row(action="form")]
    after = [row(NEXT, called_entry=5), row(FRIDAY, "form")]
    blank = {"stage": "2", "call": 1, "was_call": None}
    assert shifts_document(shifts(before, after, at(NOW))) == [
        blank | {"action": "reply", "kind": "gone", "was": "2026-11-23T17:00:00+00:00", "becomes": None},
        blank | {"action": "reply", "kind": "later", "was": "2026-11-27T23:59:59+00:00", "becomes": "2026-12-01T23:59:59+00:00"},
        blank | {"action": "form", "kind": "dated", "was": None, "becomes": "2026-11-27T23:59:59+00:00"},
        blank | {"action": "reply", "kind": "renumbered", "was_call": 2, "was": "2026-11-27T23:59:59+00:00", "becomes": "2026-12-01T23:59:59+00:00"},
    ]  # fmt: skip


def test_every_kind_of_change_is_in_the_table() -> None:
    assert {kind for _, before, after, _ in SAID for kind in kinds(before, after)} == {each.value for each in ShiftKind}


def test_a_call_that_begins_as_another_ends_is_one_date_that_moves() -> None:
    line = CaseLine("E1", "hull", "x", "main", "open", "2", "M", at(NOW), at(NOW), at(NOW), None, None, None, "x", {})
    before, after = [row(FRIDAY)], [row(FRIDAY, ended_at=NOW), row(NEXT, call=2)]
    were, are = ([DueLine(line, each) for each in rows] for rows in (before, after))
    assert [(each.was, each.becomes, each.turns) for each in moves(were, are, at(NOW))] == [(at(FRIDAY), at(NEXT), "")]
    assert [each.becomes for each in moves(were, are[1:], at(NOW))] == [None, at(NEXT)]
