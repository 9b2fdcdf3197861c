"""A window is a time in which something may be done: only doing it, or the move that it is for, uses it (C19)."""

from pathlib import Path

import pytest

from tests.driver import CopyOf
from tests.silence.case import Silence

PROTOCOL = """
id = "windows"
title = "Test protocol: times to go up in"
partnership = "Partnership of nowhere"
covers = ["adults"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Managers"
owner = "Manager"
next = ["2", "mediation"]
cite = "1"

  [[stages.actions]]
  key = "going-up"
  name = "Take it to the directors"
  window = true
  leads_to = ["2"]
  timescales = [{ within = "20 working days", from = "stage", cite = "1.1" }]

  [[stages.actions]]
  key = "comment"
  name = "Comment on the record"
  window = true
  leads_to = ["2"]
  outlives = "stage"
  timescales = [{ within = "20 working days", from = "stage", cite = "1.2" }]

  [[stages.actions]]
  key = "complaint"
  name = "Complain to the ombudsman"
  window = true
  leads_to = ["2"]
  outlives = "case"
  timescales = [{ within = "20 working days", from = "stage", cite = "1.3" }]

[[stages]]
key = "2"
name = "Directors"
owner = "Director"
next = []
cite = "2"

[[stages]]
key = "mediation"
name = "Mediation"
owner = "Mediator"
next = ["2"]
cite = "3"
"""
WINDOWS = ("going-up", "comment", "complaint")
NOT_USED = ("ceased", "lapsed")
# 20 working days from Mon 2 Nov: Mon 30 Nov.
OPENED = "2026-11-02 09:00 open windows --subject M-1"


@pytest.fixture
def windows(copy_of: CopyOf, case: Silence) -> Silence:
    copy_of(_opened, case.path.parent)
    return case


def _opened(folder: Path) -> None:
    case = Silence(folder)
    case.write("windows", PROTOCOL)
    case.play(OPENED)


def stands(case: Silence, now: str, action: str) -> str:
    """How the only window of that name stands."""
    (row,) = (row for row in case.json(now, "show 1")["deadlines"] if row["action"] == action)
    assert row["window"]
    return str(row["standing"])


@pytest.mark.parametrize("action", WINDOWS)
def test_the_move_that_it_is_for_uses_a_window(windows: Silence, action: str) -> None:
    windows.play("2026-11-16 09:00 advance 1 --to 2")
    assert windows.rows("2026-11-16 10:00", action) == ["1 met 2026-11-30"]


@pytest.mark.parametrize("action", WINDOWS)
def test_using_a_window_late_is_late_and_said_at_once(windows: Silence, action: str) -> None:
    # Three weeks after Mon 30 Nov.
    said = windows.did("2026-12-21 09:00", "advance 1 --to 2")
    assert "30 Nov" in said
    assert action in said
    assert windows.rows("2026-12-21 10:00", action) == ["1 met-late 2026-11-30"]


@pytest.mark.parametrize("action", WINDOWS)
def test_doing_it_late_is_late_and_said_at_once(windows: Silence, action: str) -> None:
    said = windows.did("2026-12-21 09:00", f"done 1 {action}")
    assert "30 Nov" in said
    assert "late" in said
    assert windows.rows("2026-12-21 10:00", action) == ["1 met-late 2026-11-30"]


@pytest.mark.parametrize("action", WINDOWS)
def test_doing_it_in_time_uses_it(windows: Silence, action: str) -> None:
    windows.play(f"2026-11-16 09:00 done 1 {action}")
    assert windows.rows("2026-11-16 10:00", action) == ["1 met 2026-11-30"]


@pytest.mark.parametrize("action", WINDOWS)
def test_a_move_elsewhere_does_not_use_it(windows: Silence, action: str) -> None:
    windows.play("2026-11-16 09:00 advance 1 --to mediation")
    assert stands(windows, "2026-11-16 10:00", action) in (NOT_USED if action == "going-up" else ("on-track",))
    listed = [line.split()[0] for line in windows.due("2026-11-16 10:00")]
    assert (action in listed) == (action != "going-up")


@pytest.mark.parametrize("action", ["comment", "complaint"])
def test_one_that_outlives_its_stage_is_used_afterwards(windows: Silence, action: str) -> None:
    windows.play("2026-11-16 09:00 advance 1 --to mediation", f"2026-11-20 09:00 done 1 {action}")
    assert windows.rows("2026-11-20 10:00", action) == ["1 met 2026-11-30"]


@pytest.mark.parametrize("action", ["comment", "complaint"])
def test_going_where_it_leads_from_elsewhere_does_not_use_it(windows: Silence, action: str) -> None:
    windows.play("2026-11-16 09:00 advance 1 --to mediation", "2026-11-23 09:00 advance 1 --to 2")
    # The move it is for begins at its own stage: from elsewhere it stays until it is done or lapses.
    assert windows.rows("2026-11-23 10:00", action) == ["1 on-track 2026-11-30"]


@pytest.mark.parametrize("closing", ["resolve 1", "withdraw 1"])
@pytest.mark.parametrize("action", WINDOWS)
def test_only_one_that_outlives_the_case_goes_on_after_it(windows: Silence, action: str, closing: str) -> None:
    windows.play(f"2026-11-16 09:00 {closing}")
    assert stands(windows, "2026-11-16 10:00", action) in (("on-track",) if action == "complaint" else NOT_USED)


def test_what_outlives_the_case_is_used_after_it(windows: Silence) -> None:
    windows.play("2026-11-16 09:00 resolve 1", "2026-11-20 09:00 done 1 complaint")
    assert windows.rows("2026-11-20 10:00", "complaint") == ["1 met 2026-11-30"]


@pytest.mark.parametrize("action", WINDOWS)
def test_one_that_nobody_used_lapses_and_is_never_overdue(windows: Silence, action: str) -> None:
    assert stands(windows, "2026-12-01 09:00", action) == "lapsed"
    assert not any(line.startswith(action) for line in windows.due("2026-12-01 09:00", "--overdue"))
    assert windows.in_time("2026-12-01 09:00").startswith("0 of 0")


@pytest.mark.parametrize("action", ["comment", "complaint"])
def test_one_that_outlives_its_stage_lapses_afterwards(windows: Silence, action: str) -> None:
    windows.play("2026-11-16 09:00 advance 1 --to mediation")
    assert stands(windows, "2026-12-01 09:00", action) == "lapsed"


def test_one_that_had_lapsed_when_the_stage_was_left_stays_lapsed(windows: Silence) -> None:
    windows.play("2026-12-01 09:00 advance 1 --to mediation")
    assert stands(windows, "2026-12-01 10:00", "going-up") == "lapsed"


def test_going_up_long_after_a_reply_is_said(case: Silence) -> None:
    # The reply of Mon 2 Nov opens ten working days to go up in: Mon 16 Nov. Three weeks later is Mon 7 Dec.
    text = PROTOCOL.replace('from = "stage", cite = "1.1"', 'from = "reply", cite = "1.1"').replace(
        "20 working days", "10 working days", 1
    )
    reply = '\n  [[stages.actions]]\n  key = "reply"\n  name = "Reply"\n  timescales = [{ within = "5 working days", from = "stage", cite = "1" }]\n'
    case.write("windows", text.replace('cite = "1"\n', 'cite = "1"\n' + reply, 1))
    case.play(OPENED, "2026-11-02 15:00 done 1 reply")
    said = case.did("2026-12-07 09:00", "advance 1 --to 2")
    assert "16 Nov" in said
    assert "going-up" in said
    assert case.rows("2026-12-07 10:00", "going-up") == ["1 met-late 2026-11-16"]


@pytest.mark.parametrize(
    ("written", "instead", "mistake"),
    [('leads_to = ["2"]', 'leads_to = ["9"]', '"9"'), ('outlives = "stage"', 'outlives = "summer"', '"summer"')],
)
def test_a_window_that_leads_nowhere_or_outlives_nothing_is_a_mistake(
    case: Silence, written: str, instead: str, mistake: str
) -> None:
    case.write("windows", PROTOCOL.replace(written, instead, 1))
    ran = case.office(case.path, "protocol", "check", str(case.protocols / "windows.toml"), now="2026-11-02 09:00")
    assert ran.status == 1
    assert written.partition(" ")[0] in ran.stdout + ran.stderr
    assert mistake in ran.stdout + ran.stderr
