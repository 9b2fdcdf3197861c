"""The dates of a case in other people's calendars: which is which, how often each changed, and when."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from escalate.domain.deadlines.appointments import Appointment, appointments
from escalate.domain.recording.acts import note
from escalate.domain.recording.request import Recording
from escalate.errors import BeyondCalendar, EscalateError
from escalate.storage.files.protocols import ProtocolFile
from escalate.storage.store import open_store
from tests.calendars import at, shown
from tests.domain.case.test_histories import CHOICES, START, files, opened, steps
from tests.played import Played
from tests.sizes import size

DISCUSSION, RESOLVE = "1/main:1/discussion", "1/main:1/resolve"
RESPONSE, SECOND = "2/main:2/response", "2/main:2/resolve"


def played(*steps: tuple[Any, ...]) -> dict[str, Appointment]:
    """The dates of a case opened under Hull's protocol on Monday 23 November 2026 at 09:00, after these steps."""
    case = Played("hull-east-riding", "2026-11-23 09:00")
    for command, *arguments in steps:
        getattr(case, command)(*arguments)
    return {each.key: each for each in appointments(case.file)}


DONE = ("done", "2026-11-23 11:00", "discussion")
UP = ("advance", "2026-11-23 12:00")
CHANGES = [
    # steps, and how often each date changed; `-` before one that is gone
    ([], {DISCUSSION: "0", RESOLVE: "0"}),
    ([DONE], {DISCUSSION: "1", RESOLVE: "0"}),
    ([DONE, ("undo", "2026-11-23 11:30")], {DISCUSSION: "2", RESOLVE: "0"}),
    ([DONE, ("correct", "2026-11-23 11:30", 2, "2026-11-23 10:00")], {DISCUSSION: "2", RESOLVE: "0"}),
    ([DONE, ("correct", "2026-11-23 11:30", 2, "2026-11-23 11:00")], {DISCUSSION: "1", RESOLVE: "0"}),
    ([UP], {DISCUSSION: "0", RESOLVE: "1", RESPONSE: "0", SECOND: "0"}),
    ([UP, ("undo", "2026-11-23 12:30")], {DISCUSSION: "0", RESOLVE: "2", RESPONSE: "-1", SECOND: "-1"}),
    (
        [UP, ("undo", "2026-11-23 12:30"), ("advance", "2026-11-23 13:00")],
        {DISCUSSION: "0", RESOLVE: "3", RESPONSE: "2", SECOND: "2"},
    ),
    ([("withdraw", "2026-11-23 12:00")], {DISCUSSION: "-1", RESOLVE: "-1"}),
    (
        [("withdraw", "2026-11-23 12:00"), ("reopen", "2026-11-23 13:00")],
        {DISCUSSION: "-1", RESOLVE: "-1", f"{DISCUSSION}/2": "0", f"{RESOLVE}/2": "0"},
    ),
    ([("agree", "2026-11-23 10:00", "2026-11-23 16:00")], {DISCUSSION: "0", RESOLVE: "1"}),
    # a date agreed beyond the limit is recorded and shown, and the limit still stands
    ([("agree", "2026-11-23 10:00", "2026-11-27 16:00")], {DISCUSSION: "0", RESOLVE: "1"}),
]


@pytest.mark.parametrize(("steps", "expected"), CHANGES, ids=str)
def test_changes_are_counted_from_the_history_alone(steps: list[tuple[Any, ...]], expected: dict[str, str]) -> None:
    found = {key: f"{'-' if each.gone else ''}{each.changes}" for key, each in played(*steps).items()}
    assert found == expected


def test_what_is_gone_is_as_it_was_last() -> None:
    gone = played(UP, ("undo", "2026-11-23 12:30"))[RESPONSE]
    assert shown(gone.deadline.due_at) == "2026-11-24 12:00"
    assert (gone.made_at, gone.changed_at) == (at("2026-11-23 12:00"), at("2026-11-23 12:30"))


def test_a_date_changed_last_when_the_entry_that_changed_it_was_recorded() -> None:
    found = played(DONE, UP)
    assert found[DISCUSSION].changed_at == at("2026-11-23 11:00")
    assert found[RESOLVE].changed_at == at("2026-11-23 12:00")
    assert {each.made_at for each in found.values()} == {at("2026-11-23 09:00"), at("2026-11-23 12:00")}


def test_what_a_danger_calls_for_is_the_same_at_every_stage() -> None:
    danger = ("set", "2026-11-23 10:00")
    case = Played("hull-east-riding", "2026-11-23 09:00")
    case.set(danger[1], immediate_risk="yes")
    before = [each for each in appointments(case.file) if each.key.startswith("0/")]
    case.advance("2026-11-23 12:00")
    assert [each for each in appointments(case.file) if each.key.startswith("0/")] == before != []


def test_what_has_no_date_is_in_no_calendar() -> None:
    case = Played("herefordshire", "2026-11-23 09:00")
    assert [each.action for each in case.file.deadlines] == ["resolve"]
    assert appointments(case.file) == []


@settings(max_examples=size(3, 60), suppress_health_check=[HealthCheck.too_slow])
@given(files, st.integers(0, 100), steps)
def test_whatever_happens_a_date_changes_its_number_just_when_it_changes(
    source: ProtocolFile, chosen: int, taken: list[tuple[str, int, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "cases.db") as file:
        try:
            case = opened(file, source, chosen)
        except BeyondCalendar:
            reject()
        now, before = START, {each.key: each for each in appointments(case)}
        for choice, pick, hours, ago in [*taken, ("note", 0, 1, 0)]:
            now += timedelta(hours=hours)
            try:
                _, decide = CHOICES[choice]
                entry = decide(case, Recording("tests", now, now - timedelta(hours=ago)), pick)
                with file.writing():
                    case = file.append(entry)
            except EscalateError:
                continue
            after = {each.key: each for each in appointments(case)}
            assert before.keys() <= after.keys()
            for key, each in before.items():
                differs = (each.deadline, each.gone) != (after[key].deadline, after[key].gone)
                assert after[key].changes == each.changes + differs
                assert after[key] == each or after[key].changed_at == now
            standing = [each.due_at for each in case.deadlines if each.due_at and each.ended_at is None]
            assert sorted(standing) == sorted(
                each.deadline.due_at for each in after.values() if each.deadline.due_at and not each.gone
            )
            before = after


def test_a_limit_further_up_that_moves_does_not_change_a_date_agreed_beyond_it() -> None:
    case = Played("herefordshire", "2026-11-23 09:00")
    case.agree("2026-11-23 10:00", "2026-12-10 12:00")
    before, limit = appointments(case.file), case.deadline("resolve").ahead_at
    case.details("2026-11-23 11:00", concern_at=at("2026-11-20 09:00"))
    assert None is not limit != case.deadline("resolve").ahead_at is not None
    assert appointments(case.file) == before != []


def test_a_note_and_somebody_assigned_change_no_date() -> None:
    case = Played("hull-east-riding", "2026-11-23 09:00")
    before = appointments(case.file)
    recording = case.recording("2026-11-23 10:00")
    case.entries.append(note(case.file.case, recording, "a remark"))
    assert appointments(case.file) == before
