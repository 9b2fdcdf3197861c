"""A case that was opened by mistake is taken back; one that was opened by a wrong clock is put right, or taken back."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.driver import CopyOf, Office
from tests.sizes import sampled

office = Office(now="2026-11-20T10:00")
REASON = ("--reason", "Opened twice", "--yes")


@pytest.fixture
def cases(copy_of: CopyOf, tmp_path: Path) -> Path:
    """Two cases in which something is overdue, of which the first is to be voided."""
    return copy_of(_overdue, tmp_path) / "cases.db"


def _overdue(folder: Path) -> None:
    path = folder / "cases.db"
    for subject in ("V-1", "K-2"):
        office.did(
            path,
            "open",
            "hull-east-riding",
            "--subject",
            subject,
            "--to",
            "A council",
            "--fact",
            "immediate-risk=yes",
            now="2026-11-02T10:00",
        )
        office.did(path, "advance", subject[2], now="2026-11-03T10:00")


def cases_in(document: Any) -> list[str]:
    return sorted({each["case"] for each in document})


def test_a_voided_case_is_in_no_list_but_its_own(cases: Path) -> None:
    office.did(cases, "void", "1", *REASON)
    assert cases_in(office.json(cases, "due")) == ["E0002"]
    assert cases_in(office.json(cases, "list")) == ["E0002"]
    assert cases_in(office.json(cases, "list", "--protocol", "hull-east-riding")) == ["E0002"]
    assert cases_in(office.json(cases, "search", "council")) == ["E0002"]
    (void,) = office.json(cases, "list", "--status", "void")
    assert (void["case"], void["status"]) == ("E0001", "void")
    assert office.json(cases, "list", "--status", "open", "--limit", "1")[0]["case"] == "E0002"
    assert "E0001" not in office.did(cases, "list", "--limit", "1") + office.did(cases, "digest")


def test_a_limited_list_counts_without_it(cases: Path) -> None:
    office.did(cases, "open", "lincolnshire", "--to", "A council")
    office.did(cases, "void", "3", *REASON)
    said = office.did(cases, "list", "--limit", "1")
    assert "E0002" in said
    assert "Showing 1 of 2." in said


def test_a_voided_case_is_in_no_figure_of_a_report_and_in_no_calendar(cases: Path) -> None:
    period = ("report", "--from", "1 Nov 2026", "--to", "30 Nov 2026")
    before = office.json(cases, *period)
    office.did(cases, "void", "1", *REASON)
    after = office.json(cases, *period)
    assert (before["cases"]["all"], after["cases"]["all"]) == (2, 1)
    assert (before["cases"]["void"], after["cases"]["void"]) == (0, 1)
    text = office.did(cases, *period)
    assert re.search(r"Void: opened by mistake +1\n", text)
    assert re.search(r"opened by mistake +<5\n", office.did(cases, *period, "--suppress", "5"))
    # It is told of the period in which it was taken back, and only where it is one of the cases asked for.
    earlier = office.json(cases, "report", "--from", "1 Nov 2026", "--to", "10 Nov 2026")
    assert (earlier["cases"]["void"], earlier["cases"]["all"]) == (0, 1)
    assert office.json(cases, *period, "--protocol", "lincolnshire")["cases"]["void"] == 0
    assert office.json(cases, *period, "--agency", "A council")["cases"]["void"] == 1
    assert {each["case"] for each in after["overdue"]} == {"E0002"}
    assert {each["case"] for each in office.json(cases, *period, "--as-of", "19 Nov 2026")["overdue"]} == {
        "E0001",
        "E0002",
    }
    assert "E0001" not in office.did(cases, "export", "ics")
    exported = json.loads(office.did(cases, "export", "json"))
    assert {each["case"] for table in ("cases", "deadlines", "history") for each in exported[table]} == {"E0002"}
    void = json.loads(office.did(cases, "export", "json", "--status", "void"))
    assert [each["case"] for each in void["cases"]] == ["E0001"]


def test_its_own_pages_stay(cases: Path) -> None:
    said = office.did(cases, "void", "1", *REASON)
    assert "E0001: voided at stage 2: it was opened by mistake, and counts for nothing" in said
    assert "Nothing more is due." in said
    shown = office.did(cases, "show", "1")
    assert "E0001  void, stage 2" in shown
    assert "Opened twice" in office.did(cases, "log", "1")
    assert [each["kind"] for each in office.json(cases, "log", "1")][-1] == "voided"
    ran = office(cases, "explain", "1")
    assert (ran.status, "E0001 is void and has no deadline to explain" in ran.stderr) == (1, True)
    assert office(cases, "verify").status == 0
    assert office(cases, "doctor").status == 0


NOTHING_MORE = [
    ("advance", "1"), ("resolve", "1"), ("withdraw", "1"), ("reopen", "1"),
    ("assign", "1", "raising", "--role", "Head"), ("set", "1", "severity=high"), ("void", "1", "--yes"), ("undo", "1", "--entry", "2"),
    ("undo", "1", "--entry", "2", "--at", "yesterday"),
]  # fmt: skip


@pytest.mark.parametrize("line", sampled(map(pytest.param, NOTHING_MORE), 3), ids=" ".join)
def test_nothing_more_is_recorded_in_it(cases: Path, line: tuple[str, ...]) -> None:
    office.did(cases, "void", "1", *REASON)
    ran = office(cases, *line)
    assert (ran.status, ran.stdout) == (1, "")
    assert "E0001" in ran.stderr
    assert "voided Friday 20 November 2026 10:00" in ran.stderr
    assert "escalate undo E0001 --entry 3 takes that back" in ran.stderr


@pytest.mark.parametrize("line", [("done", "1", "discussion"), ("agree", "1", "1 Dec 2026")], ids=" ".join)
def test_nothing_is_done_or_agreed_in_it(cases: Path, line: tuple[str, ...]) -> None:
    office.did(cases, "void", "1", *REASON)
    before = cases.read_bytes()
    ran = office(cases, *line)
    assert (ran.status, ran.stdout) == (1, "")
    assert "E0001" in ran.stderr
    assert cases.read_bytes() == before


def test_a_note_is_and_the_voiding_can_be_taken_back(cases: Path) -> None:
    before = office.json(cases, "due")
    office.did(cases, "void", "1", *REASON)
    office.did(cases, "note", "1", "It is the same child as in E0002")
    office.did(cases, "undo", "1", "--entry", "3")
    after = office.json(cases, "show", "1")
    assert (after["status"], after["stage"]) == ("open", "2")
    assert office.json(cases, "due") == before
    office.did(cases, "resolve", "1")


def test_a_closed_case_is_voided_too_and_comes_back_as_it_was(cases: Path) -> None:
    office.did(cases, "resolve", "1", "--at", "19 Nov 2026 10:00")
    office.did(cases, "void", "1", *REASON)
    assert office.json(cases, "show", "1")["status"] == "void"
    office.did(cases, "undo", "1")
    assert office.json(cases, "show", "1")["status"] == "resolved"


def test_its_number_is_not_used_again_and_what_was_said_in_it_can_be_erased(cases: Path) -> None:
    office.did(cases, "void", "2", *REASON)
    assert office.json(cases, "open", "lincolnshire", "--to", "A council")["case"] == "E0003"
    assert "Erased." in office.did(cases, "erase", "2", "--yes")
    assert office.json(cases, "show", "2")["subject"] is None
    office.did(cases, "void", "1", *REASON, now="2026-11-20T11:00")
    assert "E0001" in office.did(cases, "erase", "--closed-for", "1 week", "--dry-run", now="2026-11-30T10:00")


def test_a_calendar_that_is_changed_leaves_it_alone(cases: Path) -> None:
    office.did(cases, "void", "1", *REASON)
    office.did(cases, "calendar", "add", "24 Nov 2026", "--reason", "Flood", "--yes")
    assert [each["kind"] for each in office.json(cases, "log", "1")][-1] == "voided"
    assert office(cases, "verify").status == 0


def test_what_would_be_voided_is_shown_and_asked_about(cases: Path) -> None:
    before = cases.read_bytes()
    ran = office(cases, "void", "1")
    assert ran.status == 1
    assert "E0001 (V-1, A council): raised Mon 2 Nov 2026 10:00 under hull-east-riding, open, 2 entries" in ran.stdout
    assert "Nobody is at a terminal to answer: add --yes" in ran.stderr
    ran = office(cases, "void", "1", "--json")
    assert (ran.status, ran.stdout, "--yes" in ran.stderr) == (1, "", True)
    said = office.did(cases, "void", "1", "--dry-run")
    assert "dry run: nothing was written" in said
    assert cases.read_bytes() == before
    assert office.json(cases, "void", "1", "--yes")["status"] == "void"


def test_to_undo_an_opening_names_the_way_out(tmp_path: Path) -> None:
    office.did(tmp_path, "open", "lincolnshire", "--to", "A council")
    for line in (("undo", "1"), ("undo", "1", "--entry", "1")):
        ran = office(tmp_path, *line)
        assert ran.status == 1
        assert "escalate void E0001 takes the case back" in ran.stderr


# -- opened by a wrong clock -----------------------------------------------------------------------------------------------

AHEAD = "2030-03-04T09:00"


@pytest.fixture
def ahead(copy_of: CopyOf, tmp_path: Path) -> Path:
    """A case that was opened, and went up, while the clock said 2030."""
    return copy_of(_ahead, tmp_path) / "cases.db"


def _ahead(folder: Path) -> None:
    path = folder / "cases.db"
    office.did(path, "open", "hull-east-riding", "--subject", "W-1", now=AHEAD)
    office.did(path, "advance", "1", now="2030-03-04T09:30")


@pytest.mark.parametrize(
    "line", [("note", "1", "x"), ("advance", "1"), ("withdraw", "1"), ("set", "1", "severity=high")], ids=" ".join
)
def test_what_cannot_be_recorded_in_a_case_of_a_wrong_clock_says_what_to_do(ahead: Path, line: tuple[str, ...]) -> None:
    ran = office(ahead, *line)
    assert (ran.status, ran.stdout) == (1, "")
    if line[0] in ("advance", "withdraw"):
        assert "escalate undo E0001 --entry 2 --at WHEN" in ran.stderr
    else:
        assert "the clock was wrong when it was opened" in ran.stderr
        assert "escalate undo E0001 --entry 1 --at WHEN, or take the case back with escalate void E0001" in ran.stderr


def test_its_times_are_corrected_and_the_log_shows_both(ahead: Path) -> None:
    office.did(ahead, "undo", "1", "--entry", "1", "--at", "20 Nov 2026 08:00")
    office.did(ahead, "undo", "1", "--entry", "2", "--at", "20 Nov 2026 09:00")
    shown = office.json(ahead, "show", "1")
    assert (shown["raised_at"], shown["entered_at"]) == ("2026-11-20T08:00:00+00:00", "2026-11-20T09:00:00+00:00")
    log = " ".join(office.did(ahead, "log", "1", COLUMNS="200").split())
    assert "Fri 20 Nov 2026 08:00" in log
    assert "at first given as Mon 4 Mar 2030 09:00" in log
    office.did(ahead, "done", "1", "response")
    office.did(ahead, "resolve", "1")
    assert office(ahead, "verify").status in (0, 1)


def test_no_time_that_has_not_come_is_given_to_it(ahead: Path) -> None:
    ran = office(ahead, "undo", "1", "--entry", "1", "--at", "1 Jan 2027 10:00")
    assert (ran.status, "is in the future" in ran.stderr) == (1, True)


def test_a_concern_of_the_same_clock_says_the_way_out(tmp_path: Path) -> None:
    office.did(tmp_path, "open", "hull-east-riding", "--subject", "W-1", "--concern", "1 Mar 2030", now=AHEAD)
    ran = office(tmp_path, "undo", "1", "--entry", "1", "--at", "20 Nov 2026 08:00")
    assert ran.status == 1
    assert "cannot be raised before its concern" in ran.stderr
    assert "escalate void E0001" in ran.stderr


def test_it_can_be_voided_and_that_be_taken_back(ahead: Path) -> None:
    office.did(ahead, "void", "1", *REASON)
    assert office.json(ahead, "due") == office.json(ahead, "list") == []
    office.did(ahead, "undo", "1")
    assert office.json(ahead, "show", "1")["status"] == "open"
    office.did(ahead, "void", "1", *REASON)
    assert "Erased." in office.did(ahead, "erase", "1", "--yes")
