"""Things happen in order: nothing is closed or taken up a stage before it could be, however late it is written down (C16)."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from escalate.domain.case.entries import RESOLVED, Entry
from escalate.domain.worktime.clock import read_instant
from escalate.storage.store import open_store
from tests.driver import CopyOf, Office

office = Office(now="2026-12-31T10:00")

REOPENED: Sequence[tuple[str, ...]] = (
    ("2026-12-21T10:00", "open", "hull-east-riding", "--to", "A council"),
    ("2026-12-22T10:00", "resolve", "1"),
    ("2026-12-30T09:00", "reopen", "1"),
)
"""A case that was resolved, and taken up again by entry 3."""


def played(path: Path, lines: Sequence[tuple[str, ...]]) -> Path:
    for now, *line in lines:
        office.did(path, *line, now=now)
    return path


@pytest.fixture
def case(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(_reopened, tmp_path) / "cases.db"


def _reopened(folder: Path) -> None:
    played(folder / "cases.db", REOPENED)


@pytest.mark.parametrize("command", ["resolve", "withdraw", "advance"])
def test_nothing_leaves_a_stage_before_the_case_was_last_reopened(case: Path, command: str) -> None:
    ran = office(case, command, "1", "--at", "22 Dec 2026 11:30")
    assert (ran.status, ran.stdout) == (1, "")
    assert ran.stderr == (
        "Tuesday 22 December 2026 11:30 is before E0001 was reopened (Wednesday 30 December 2026 09:00); nothing earlier is possible."
        " If that is wrong, escalate undo E0001 --entry 3 --at WHEN corrects it.\n"
    )
    assert office(case, command, "1", "--at", "30 Dec 2026 09:00").status == 0


@pytest.mark.parametrize("command", ["resolve", "withdraw", "advance"])
def test_what_is_refused_can_be_recorded_once_the_other_entry_is_corrected_as_was_said(
    case: Path, command: str
) -> None:
    office.did(case, "undo", "E0001", "--entry", "3", "--at", "22 Dec 2026 11:00")
    office.did(case, command, "1", "--at", "22 Dec 2026 11:30")


def test_a_stage_is_not_left_before_it_was_entered(tmp_path: Path) -> None:
    path = played(
        tmp_path / "cases.db",
        [
            ("2026-12-21T10:00", "open", "hull-east-riding", "--to", "A council"),
            ("2026-12-22T10:00", "advance", "1"),
        ],
    )
    for command in ("resolve", "withdraw", "advance"):
        ran = office(path, command, "1", "--at", "22 Dec 2026 09:00")
        assert ran.status == 1
        assert (
            "is before E0001 reached stage 2 (Tuesday 22 December 2026 10:00); nothing earlier is possible."
            in ran.stderr
        )
        assert "escalate undo E0001 --entry 2 --at WHEN" in ran.stderr


def test_a_case_is_not_reopened_before_it_was_closed(tmp_path: Path) -> None:
    path = played(tmp_path / "cases.db", REOPENED[:2])
    ran = office(path, "reopen", "1", "--at", "22 Dec 2026 09:59")
    assert ran.status == 1
    assert "is before E0001 was resolved (Tuesday 22 December 2026 10:00); nothing earlier is possible." in ran.stderr
    assert "escalate undo E0001 --entry 2 --at WHEN" in ran.stderr


def test_of_a_day_alone_the_time_is_asked_for(case: Path) -> None:
    ran = office(case, "resolve", "1", "--at", "30 Dec 2026")
    assert ran.status == 1
    assert "give the time of day as well" in ran.stderr


CORRECTIONS = [
    # what was closed or went up after the reopening, the correction, and what is said
    ("resolve", ("--entry", "4", "--at", "22 Dec 2026 11:00"), "Entry 4 cannot have that time: nothing before Wednesday 30 December 2026 09:00"),
    ("advance", ("--entry", "4", "--at", "22 Dec 2026 11:00"), "is possible (entry 3, reopened); if that is wrong, escalate undo E0001 --entry 3 --at WHEN"),
    ("withdraw", ("--entry", "4", "--at", "22 Dec 2026 11:00"), "nothing before Wednesday 30 December 2026 09:00 is possible"),
    ("resolve", ("--entry", "3", "--at", "30 Dec 2026 11:30"), "entry 4 (resolved Wednesday 30 December 2026 11:00) rests on it. Change that one first"),
    ("advance", ("--entry", "3", "--at", "30 Dec 2026 11:30"), "entry 4 (advanced Wednesday 30 December 2026 11:00) rests on it"),
    ("resolve", ("--entry", "3", "--at", "22 Dec 2026 09:00"), "Entry 3 cannot have that time: nothing before Tuesday 22 December 2026 10:00 is possible (entry 2, resolved)"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "correction", "said"), CORRECTIONS)
def test_no_correction_puts_things_out_of_order(
    tmp_path: Path, command: str, correction: tuple[str, ...], said: str
) -> None:
    late = [
        ("2026-12-30T12:00", "reopen", "1", "--at", "30 Dec 2026 09:00"),
        ("2026-12-30T12:05", command, "1", "--at", "30 Dec 2026 11:00"),
    ]
    case = played(tmp_path / "cases.db", [*REOPENED[:2], *late])
    ran = office(case, "undo", "1", *correction, now="2026-12-30T12:30")
    assert (ran.status, ran.stdout) == (1, "")
    assert said in ran.stderr


def test_taking_back_a_correction_puts_nothing_out_of_order_either(case: Path) -> None:
    office.did(case, "undo", "1", "--entry", "3", "--at", "22 Dec 2026 11:00")
    office.did(case, "resolve", "1", "--at", "22 Dec 2026 12:00")
    ran = office(case, "undo", "1", "--entry", "4")
    assert ran.status == 1
    assert "entry 5 (resolved Tuesday 22 December 2026 12:00) rests on it" in ran.stderr


@pytest.fixture
def earlier(case: Path) -> Path:
    """What an earlier version took: the case resolved once more, by entry 4, before it was reopened."""
    happened, now = read_instant("2026-12-22T11:30:00+00:00"), read_instant("2026-12-30T11:00:00+00:00")
    with open_store(case) as store, store.writing():
        store.append(Entry("E0001", 4, RESOLVED, happened, now, "tests", {"stage": "1", "route": "main"}))
    return case


@pytest.mark.file_only("writes into the file what no version writes today")
def test_a_history_that_an_earlier_version_put_out_of_order_is_read_and_goes_on(earlier: Path) -> None:
    assert office.json(earlier, "show", "1")["status"] == "resolved"
    for line in ("list", "due", "log 1", "verify", "export json", "report --from 2026-12-01 --to 2026-12-31"):
        assert office(earlier, *line.split()).status == 0, line
    office.did(earlier, "note", "1", "Found out later")
    office.did(earlier, "undo", "1", "--entry", "5", "--reason", "Another case")
    office.did(earlier, "reopen", "1")
    office.did(earlier, "advance", "1")


@pytest.mark.file_only("writes into the file what no version writes today")
def test_what_an_earlier_version_put_out_of_order_can_be_put_right(earlier: Path) -> None:
    office.did(earlier, "undo", "1", "--entry", "4", "--at", "30 Dec 2026 09:30")
    ran = office(earlier, "undo", "1", "--entry", "4", "--at", "22 Dec 2026 12:00")
    assert ran.status == 1, "once it is in order it stays so"


# -- the same twice --------------------------------------------------------------------------------------------------------

GONE_UP: Sequence[tuple[str, ...]] = (
    ("2026-12-21T10:00", "open", "hull-east-riding", "--to", "A council"),
    ("2026-12-22T10:00", "advance", "1"),
)


@pytest.mark.parametrize(
    ("now", "ago"),
    [("10:00:30", "just now"), ("10:01:10", "a minute ago"), ("10:09:59", "9 minutes ago"), ("09:59:50", None)],
)
def test_who_takes_a_case_up_that_went_up_just_now_is_refused_without_again(
    tmp_path: Path, now: str, ago: str | None
) -> None:
    path = played(tmp_path / "cases.db", GONE_UP)
    ran = office(path, "advance", "1", now=f"2026-12-22T{now}", ESCALATE_BY="somebody else")
    assert (ran.status, ran.stdout) == (1, "")
    if ago is None:  # a clock behind the other's
        assert "is before E0001 reached stage 2" in ran.stderr
        return
    assert (
        ran.stderr == f"E0001 went up to stage 2 {ago} (entry 2, by tests). Add --again if it is to go up once more.\n"
    )
    up = office.json(path, "advance", "1", "--again", now=f"2026-12-22T{now}")
    assert up["stage"] == "3"


NO_REPETITION = [
    ("2026-12-22T10:10", ()),
    ("2026-12-24T10:05", ("--at", "22 Dec 2026 15:00")),
]


@pytest.mark.parametrize(("now", "given"), NO_REPETITION)
def test_whoever_takes_it_up_later_is_not_asked(tmp_path: Path, now: str, given: tuple[str, ...]) -> None:
    path = played(tmp_path / "cases.db", GONE_UP)
    assert office.json(path, "advance", "1", *given, now=now)["stage"] == "3"


def test_a_history_that_is_written_down_late_goes_up_day_by_day(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    office.did(path, "open", "hull-east-riding", "--to", "A council", "--at", "1 Dec 2026 10:00")
    office.did(path, "advance", "1", "--at", "3 Dec 2026 10:00")
    assert office.json(path, "advance", "1", "--at", "7 Dec 2026 10:00")["stage"] == "3"
    ran = office(path, "advance", "1", "--at", "7 Dec 2026 12:00")
    assert (ran.status, "went up to stage 3 just now" in ran.stderr) == (1, True)


def test_what_cannot_follow_is_said_before_that_it_went_up_just_now(tmp_path: Path) -> None:
    path = played(tmp_path / "cases.db", GONE_UP)
    ran = office(path, "advance", "1", "--to", "9", now="2026-12-22T10:01")
    assert (ran.status, "Stage 9 cannot follow" in ran.stderr) == (1, True)


def test_after_going_up_just_now_a_case_can_be_closed_and_what_was_taken_back_does_not_count(tmp_path: Path) -> None:
    path = played(tmp_path / "cases.db", GONE_UP)
    office.did(path, "undo", "1", now="2026-12-22T10:01")
    assert office.json(path, "advance", "1", now="2026-12-22T10:02")["stage"] == "2"
    office.did(path, "resolve", "1", now="2026-12-22T10:03")


SAME = ("open", "hull-east-riding", "--subject", "H-7")


def test_a_second_case_for_the_same_person_within_minutes_is_refused_without_again(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    office.did(path, *SAME, now="2026-12-22T10:00")
    ran = office(
        path,
        "open",
        "hull-east-riding",
        "--subject",
        "h-7",
        "--about",
        "More",
        now="2026-12-22T10:02",
        ESCALATE_BY="another",
    )
    assert (ran.status, ran.stdout) == (1, "")
    assert ran.stderr == (
        "E0001 was opened for H-7 under hull-east-riding 2 minutes ago (by tests). Add --again if this is another case.\n"
    )
    assert office.json(path, *SAME, "--again", now="2026-12-22T10:02")["case"] == "E0002"


@pytest.mark.parametrize(
    ("now", "line"),
    [
        ("2026-12-22T10:10", SAME),
        ("2026-12-22T10:02", ("open", "herefordshire", "--subject", "H-7")),
        ("2026-12-22T10:02", ("open", "hull-east-riding", "--subject", "H-8")),
        ("2026-12-22T10:02", ("open", "hull-east-riding", "--to", "A council")),
        ("2026-12-22T10:02", (*SAME, "--at", "20 Dec 2026 10:00")),
    ],
)
def test_another_case_is_not_asked_about(tmp_path: Path, now: str, line: tuple[str, ...]) -> None:
    path = tmp_path / "cases.db"
    office.did(path, *SAME, now="2026-12-22T10:00")
    assert office.json(path, *line, now=now)["case"] == "E0002"


def test_a_case_that_was_voided_is_opened_anew_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    office.did(path, *SAME, now="2026-12-22T10:00")
    office.did(path, "void", "1", "--yes", now="2026-12-22T10:01")
    assert office.json(path, *SAME, now="2026-12-22T10:02")["case"] == "E0002"


def test_what_is_refused_writes_nothing(case: Path) -> None:
    before = case.read_bytes()
    assert office(case, "resolve", "1", "--at", "22 Dec 2026 11:30").status == 1
    assert case.read_bytes() == before
    assert json.loads(office.did(case, "list", "--json"))[0]["status"] == "open"


@pytest.mark.file_only("writes into the file what no version writes today")
def test_reports_on_any_time_are_made_of_such_a_history(earlier: Path) -> None:
    for day in ("21 Dec 2026", "22 Dec 2026", "25 Dec 2026", "30 Dec 2026"):
        ran = office(earlier, "report", "--from", "1 Dec 2026", "--to", day)
        assert (ran.status, ran.stderr) == (0, ""), day


ROWS = (
    "1,1/10/2026,2,10/11/2026,resolved,5/11/2026",
    "2,1/10/2026,1,,withdrawn,5/9/2026",
    "3,1/10/2026,2,5/9/2026,,",
)
"""Closed before its stage was entered, closed before it was raised, taken up before it was raised."""


def test_rows_of_a_log_are_in_order_too(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("\n".join(("Ref,Date raised,Stage,Stage entered,Status,Date resolved", *ROWS)), encoding="utf-8")
    ran = office(tmp_path, "import", "log.csv", "--protocol", "hull-east-riding", "--write", COLUMNS="200")
    assert ran.status == 1
    assert 'row 2  "Date resolved" (F2) is before the last stage that is dated' in ran.stdout
    assert 'row 3  "Date resolved" (F3) is before the case was raised' in ran.stdout
    assert 'row 4  "Stage entered" (D4) is before the case was raised' in ran.stdout
    assert "escalate undo" not in ran.stdout + ran.stderr, "what is not in the file yet is corrected in the log"
    assert not (tmp_path / "cases.db").exists()


def test_rows_that_go_up_and_close_on_one_day_are_not_asked_about(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = ("Ref,Date raised,Stage,Stage entered,Subject", *(f"{n},1/10/2026,2,1/10/2026,H-7" for n in (1, 2)))
    log.write_text("\n".join(rows), encoding="utf-8")
    office.did(tmp_path, "import", "log.csv", "--protocol", "hull-east-riding", "--write")
    assert len(office.json(tmp_path, "list")) == 2
