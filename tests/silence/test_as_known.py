"""As it was known includes the calendar and the edition of that moment (C22)."""

import pytest

from escalate.storage.files.protocols import shipped_folder
from tests.silence.case import Silence

HOURS = """
id = "hours"
title = "Test protocol: seventy-two hours"
partnership = "Partnership of nowhere"
covers = ["children"]
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
next = []
cite = "1"

  [[stages.actions]]
  key = "resolve"
  name = "Resolve it"
  ends_stage = true
  timescales = [{ within = "72 hours", from = "stage", cite = "1.1" }]
"""


def test_what_was_at_risk_by_a_closure_that_was_removed_later_was_at_risk(case: Silence) -> None:
    # 72 hours from Mon 9 Nov 10:00: Thu 12 Nov 10:00. On Tuesday the next working day is Thursday while Wednesday is closed, and Wednesday else.
    case.write("hours", HOURS)
    case.play(
        "2026-11-09 10:00 open hours --subject M-1",
        "2026-11-09 12:00 calendar add 2026-11-11 --reason Closed --yes",
    )
    then = "2026-11-10 12:00"
    assert case.due(then) == ["resolve 1 at-risk 2026-11-12 10:00"]
    case.did("2026-11-13 09:00", "calendar remove 2026-11-11 --reason 'Not closed' --yes")
    now = "2026-11-16 09:00"
    assert case.due(now, f"--as-of '{then}'") == ["resolve 1 at-risk 2026-11-12 10:00"]
    assert case.due(now, f"--at-risk --as-of '{then}'") == ["resolve 1 at-risk 2026-11-12 10:00"]
    assert case.rows(now, "resolve", f"--as-of '{then}'") == ["1 at-risk 2026-11-12 10:00"]
    assert case.json(now, f"explain 1 resolve --as-of '{then}'")["standing"] == "at-risk"


def test_what_was_on_track_before_a_closure_was_known_was_on_track(case: Silence) -> None:
    case.write("hours", HOURS)
    case.play(
        "2026-11-09 10:00 open hours --subject M-1", "2026-11-10 13:00 calendar add 2026-11-11 --reason Closed --yes"
    )
    assert case.due("2026-11-10 14:00") == ["resolve 1 at-risk 2026-11-12 10:00"]
    assert case.due("2026-11-10 14:00", "--as-of '2026-11-10 12:00'") == ["resolve 1 on-track 2026-11-12 10:00"]


@pytest.mark.parametrize(
    ("then", "row"),
    [
        # 3 working days from Mon 2 Nov: Thu 5 Nov; with Wed 4 Nov closed, Fri 6 Nov.
        ("2026-11-02 11:00", "1 on-track 2026-11-05"),
        ("2026-11-06 12:00", "1 at-risk 2026-11-06"),
        ("2026-11-09 10:00", "1 overdue 2026-11-05"),
    ],
    ids=["before it was added", "in between", "after it was removed"],
)
def test_a_limit_was_what_the_calendar_of_that_moment_made_it(case: Silence, then: str, row: str) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-02 12:00 calendar add 2026-11-04 --reason Closed --yes",
        "2026-11-09 09:00 calendar remove 2026-11-04 --reason 'Not closed' --yes",
    )
    now = "2026-11-10 09:00"
    assert case.rows(now, "resolve", f"--as-of '{then}'") == [row]
    assert f"resolve {row}" in case.due(now, f"--as-of '{then}'")
    proof = case.did(now, f"explain 1 resolve --as-of '{then}'")
    assert ("Closed" in proof) == ("2026-11-06" in row)


def test_a_report_as_of_a_moment_counts_on_the_calendar_of_it(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-02 12:00 calendar add 2026-11-04 --reason Closed --yes",
        "2026-11-09 09:00 calendar remove 2026-11-04 --reason 'Not closed' --yes",
    )
    # On Fri 6 Nov at noon it was due by the end of that day.
    assert case.json("2026-11-10 09:00", "report --as-of '2026-11-06 12:00'")["overdue"] == []
    assert len(case.json("2026-11-10 09:00", "report")["overdue"]) == 1


def test_a_verdict_counts_on_the_calendar_that_held_when_what_met_it_was_written_down(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-02 12:00 calendar add 2026-11-04 --reason Closed --yes",
        "2026-11-06 12:00 resolve 1",
        "2026-11-09 09:00 calendar remove 2026-11-04 --reason 'Not closed' --yes",
    )
    assert case.rows("2026-11-10 09:00", "resolve") == ["1 met 2026-11-06"]
    assert case.in_time("2026-11-10 09:00", "stages") == "1 of 1, 0 late, 0 not met"


def test_before_a_case_was_moved_to_another_edition_it_was_under_the_old_one(case: Silence) -> None:
    case.play("2026-11-24 12:00 open herefordshire --subject M-1 --fact allegation=yes")
    shipped = (shipped_folder() / "herefordshire.toml").read_text(encoding="utf-8")
    newer = shipped.replace('dated = "undated"', 'dated = "2026-11"').replace(
        'within = "24 hours"', 'within = "96 hours"'
    )
    case.write("newer", newer)
    case.did("2026-11-26 12:00", "protocol adopt 1 2026-11 --yes")
    then = "--as-of '2026-11-26 11:00'"
    assert case.json("2026-11-26 13:00", f"show 1 {then}")["edition"] == "undated"
    assert case.rows("2026-11-26 13:00", "lado-referral", then) == ["1 overdue 2026-11-25 12:00"]
    assert "lado-referral 1 overdue 2026-11-25 12:00" in case.due("2026-11-26 13:00", then)
