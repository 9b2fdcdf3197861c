"""Taking over a log at a terminal: only what is not clear is asked, ten rows are shown, and nothing is written before somebody agrees."""

import contextlib
import json
import os
import pty
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import command
from tests.commands.test_import import run, table, taken
from tests.terminal import at_terminal

HEAD = ["Ref", "Date raised", "Subject", "From", "To", "Status"]
PLAIN = ["R1", "18/11/2026", "M-1", "A school", "Police", "Open"]
UNDER = ("--protocol", "herefordshire")


def log(folder: Path, *rows: dict[str, str], more: Sequence[str] = ()) -> str:
    """A log of rows that say what PLAIN does but for some cells."""
    head = [*HEAD, *more]
    plain = dict(zip(head, [*PLAIN, *[""] * len(more)], strict=True))
    return table(folder, head, *[list((plain | {"Ref": f"R{n}"} | row).values()) for n, row in enumerate(rows, 1)])


def answered(folder: Path, answers: str, *arguments: str, status: int = 0) -> str:
    """What a terminal showed while an import was answered so."""
    surroundings = run.surroundings(folder) | {"PAGER": "cat"}
    ended, shown = at_terminal("import", *arguments, environment=surroundings, answers=answers, folder=folder)
    assert ended == status, shown
    return shown


def cases(folder: Path) -> Any:
    found = json.loads(run(folder, "list", "--json").stdout) if (folder / "cases.db").exists() else []
    return sorted(found, key=lambda case: str(case["case"]))


@pytest.mark.terminal
def test_what_is_clear_is_not_asked_and_one_yes_opens_the_cases(tmp_path: Path) -> None:
    shown = answered(tmp_path, "y\n", log(tmp_path, {}, {"Subject": "M-2"}), *UNDER)
    assert "is not clear" not in shown
    assert "Open 2 cases? [y/N]" in shown
    assert "2 cases were opened." in shown
    assert len(cases(tmp_path)) == 2


@pytest.mark.terminal
@pytest.mark.parametrize("answers", ["n\n", "\n", "\x04"], ids=["no", "Enter", "Ctrl-D"])
def test_without_a_yes_nothing_is_written(tmp_path: Path, answers: str) -> None:
    shown = answered(tmp_path, answers, log(tmp_path, {}), *UNDER, status=130 if answers == "\x04" else 0)
    assert "Nothing was written." in shown
    assert not (tmp_path / "cases.db").exists()


@pytest.mark.terminal
def test_a_question_that_is_left_ends_it_with_nothing_written(tmp_path: Path) -> None:
    shown = answered(tmp_path, "\x04", log(tmp_path, {"Status": "Parked"}), *UNDER, status=130)
    assert "Nothing was written." in shown
    assert not (tmp_path / "cases.db").exists()


@pytest.mark.terminal
def test_the_protocol_is_asked_for_and_the_next_time_it_is_known(tmp_path: Path) -> None:
    shown = answered(tmp_path, "hull\ny\n", log(tmp_path, {}))
    assert "hull-east-riding: Hull and East Riding Safeguarding" in shown
    assert [case["protocol"] for case in cases(tmp_path)] == ["hull-east-riding"]
    again = answered(tmp_path, "y\n", log(tmp_path, {}, {"Subject": "M-2"}))
    assert "Which protocol" not in again
    assert len(cases(tmp_path)) == 2


@pytest.mark.terminal
def test_a_heading_that_is_not_known_is_asked_with_rows_that_show_what_stands_there(tmp_path: Path) -> None:
    path = log(tmp_path, {"Locality": "North"}, {"Locality": "South", "Subject": "M-2"}, more=["Locality"])
    shown = answered(tmp_path, "theme\ny\n", path, *UNDER)
    assert 'The heading "Locality" (G) is not known.' in shown
    assert "row 2: North" in shown
    assert "[note]" in shown
    assert [case["themes"] for case in cases(tmp_path)] == [["North"], ["South"]]


@pytest.mark.terminal
def test_names_are_not_shown_by_a_question(tmp_path: Path) -> None:
    path = log(tmp_path, {"Keyworker": "Ada Example"}, {"Keyworker": "Mrs Bell", "Subject": "M-2"}, more=["Keyworker"])
    shown = answered(tmp_path, "\ny\n", path, *UNDER)
    assert "[skip]" in shown
    assert "not shown: it may name somebody" in shown
    assert "Ada" not in shown
    assert "Bell" not in shown


@pytest.mark.terminal
def test_of_two_columns_for_one_thing_one_is_chosen_and_the_other_kept_as_a_note(tmp_path: Path) -> None:
    path = log(tmp_path, {"Date opened": "17/11/2026"}, more=["Date opened"])
    shown = answered(tmp_path, "Date opened\ny\n", path, *UNDER)
    assert "Several columns may say when it was raised" in shown
    (case,) = cases(tmp_path)
    assert case["raised_at"].startswith("2026-11-17")
    assert "Date raised: 18/11/2026" in run(tmp_path, "log", "1").stdout


@pytest.mark.terminal
@pytest.mark.parametrize(("answer", "day"), [("", "2026-11-09"), ("month-first", "2026-09-11")])
def test_an_order_of_dates_that_nothing_proves_is_asked(tmp_path: Path, answer: str, day: str) -> None:
    shown = answered(tmp_path, f"{answer}\ny\n", log(tmp_path, {"Date raised": "9/11/2026"}), *UNDER)
    assert 'The dates in "Date raised" (B) can be read in two ways.' in shown
    assert "9/11/2026 is Friday 11 September 2026" in shown
    assert cases(tmp_path)[0]["raised_at"].startswith(day)


@pytest.mark.terminal
def test_an_order_that_a_column_proves_is_not_asked(tmp_path: Path) -> None:
    path = log(tmp_path, {"Date raised": "9/11/2026"}, {"Date raised": "18/11/2026", "Subject": "M-2"})
    assert "two ways" not in answered(tmp_path, "n\n", path, *UNDER)


WORDS = [
    ({"Status": "Parked"}, "", "open", "1"),
    ({"Status": "Sorted", "Date resolved": "20/11/2026"}, "", "resolved", "1"),
    ({"Status": "Sorted", "Date resolved": "20/11/2026"}, "withdrawn", "withdrawn", "1"),
    ({"Stage": "2 or 3"}, "3", "open", "3"),
    ({"Stage": "Stage 1 & 2"}, "", "open", "2"),
    ({"Stage": "02/03/2026"}, "2", "open", "2"),
]


@pytest.mark.terminal
@pytest.mark.parametrize(("row", "answer", "status", "stage"), WORDS)
def test_a_word_that_is_not_clear_is_asked_once_and_known_the_next_time(
    tmp_path: Path, row: dict[str, str], answer: str, status: str, stage: str
) -> None:
    first = {"Stage": "1", "Subject": "M-2"} | row
    path = log(tmp_path, first, first | {"Subject": "M-3"}, more=["Stage", "Date resolved"])
    shown = answered(tmp_path, f"{answer}\ny\n", path, *UNDER)
    assert shown.count("is not clear: rows 2 to 3.") == 1
    assert [(case["status"], case["stage"]) for case in cases(tmp_path)] == [(status, stage)] * 2
    again = log(
        tmp_path, first, first | {"Subject": "M-3"}, first | {"Subject": "M-4"}, more=["Stage", "Date resolved"]
    )
    assert "is not clear" not in answered(tmp_path, "y\n", again)
    assert len(cases(tmp_path)) == 3


@pytest.mark.terminal
def test_a_row_can_be_left_and_the_others_are_opened(tmp_path: Path) -> None:
    shown = answered(tmp_path, "leave\ny\n", log(tmp_path, {"Status": "Parked"}, {"Subject": "M-2"}), *UNDER)
    assert "Open 1 case, without the 1 row that cannot be imported?" in shown
    assert [case["subject"] for case in cases(tmp_path)] == ["M-2"]


@pytest.mark.terminal
def test_spellings_of_one_agency_are_joined_with_consent_and_stay_so_next_month(tmp_path: Path) -> None:
    rows = [{"From": "Children's Social Care"}, {"From": "CSC", "Subject": "M-2"}]
    shown = answered(tmp_path, "\ny\n", log(tmp_path, *rows), *UNDER)
    assert "These may be one agency:" in shown
    assert [case["raising_agency"] for case in cases(tmp_path)] == ["Children's Social Care"] * 2
    again = answered(tmp_path, "y\n", log(tmp_path, *rows, {"From": "csc", "Subject": "M-3"}))
    assert "These may be" not in again
    assert '"csc" is called "Children\'s Social Care" here' in " ".join(again.split())
    assert {case["raising_agency"] for case in cases(tmp_path)} == {"Children's Social Care"}


@pytest.mark.terminal
def test_agencies_that_are_kept_apart_are_not_asked_about_again(tmp_path: Path) -> None:
    rows = [{"From": "Health Visiting Team"}, {"From": "Health Visitin Team", "Subject": "M-2"}]
    answered(tmp_path, "apart\ny\n", log(tmp_path, *rows), *UNDER)
    assert len({case["raising_agency"] for case in cases(tmp_path)}) == 2
    again = answered(tmp_path, "y\n", log(tmp_path, *rows, {"From": "Health Visitin Team", "Subject": "M-3"}))
    assert "These may be" not in again


@pytest.mark.terminal
def test_ten_rows_are_shown_within_80_columns_with_the_counts(tmp_path: Path) -> None:
    path = log(tmp_path, *({"Subject": f"M-{n}"} for n in range(14)), {"Status": "Open", "Date raised": "tomorrow"})
    shown = answered(tmp_path, "n\n", path, *UNDER)
    assert "and 4 more." in shown
    assert "14 cases would be opened; 1 row cannot be imported." in shown
    lines = shown.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "").splitlines()
    table_of_rows = lines[next(n for n, line in enumerate(lines) if line.startswith("Would be opened")) :]
    assert sum(line.strip().partition(" ")[0].isdecimal() and "M-" in line for line in table_of_rows) == 10
    assert all(len(line) <= 80 for line in lines if not line.startswith("Open 14"))


@pytest.mark.terminal
def test_what_has_changed_is_asked_for_by_itself(tmp_path: Path) -> None:
    answered(tmp_path, "y\n", log(tmp_path, {}, more=["Theme"]), *UNDER)
    shown = answered(tmp_path, "y\n", log(tmp_path, {"Theme": "Thresholds"}, more=["Theme"]))
    assert "Record 1 change in 1 case? [y/N]" in shown
    assert cases(tmp_path)[0]["themes"] == ["Thresholds"]


@pytest.mark.terminal
def test_yes_asks_nothing_and_writes(tmp_path: Path) -> None:
    shown = answered(tmp_path, "", log(tmp_path, {}), *UNDER, "--yes")
    assert "[y/N]" not in shown
    assert len(cases(tmp_path)) == 1


@pytest.mark.terminal
def test_yes_and_json_refuse_what_is_not_clear_as_a_script_is_refused(tmp_path: Path) -> None:
    path = log(tmp_path, {"Status": "Parked"})
    assert "is not a status" in " ".join(answered(tmp_path, "", path, *UNDER, "--yes", status=1).split())
    assert '"outcome": "bad"' in answered(tmp_path, "", path, *UNDER, "--json", status=1)
    assert not (tmp_path / "cases.db").exists()


QUESTION = b"What does it mean?"


@pytest.mark.script
def test_ctrl_c_at_a_question_ends_it_with_nothing_written(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("import", log(tmp_path, {"Status": "Parked"}), *UNDER),
        env=run.surroundings(tmp_path),
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while part := os.read(ours, 4096):
            was_asked = QUESTION in shown
            shown += part
            if QUESTION in shown and not was_asked:  # which may come in two parts
                process.send_signal(signal.SIGINT)
    os.close(ours)
    assert process.wait(60) == 130
    assert b"Nothing was written." in shown
    assert not (tmp_path / "cases.db").exists()


def test_a_pipe_is_asked_nothing(tmp_path: Path) -> None:
    ran = run(tmp_path, "import", log(tmp_path, {"Status": "Parked"}), *UNDER, stdin="open\ny\n")
    assert ran.status == 1
    assert "is not a status" in ran.stdout
    assert not (tmp_path / "cases.db").exists()


def test_what_excel_made_a_date_of_can_be_said(tmp_path: Path) -> None:
    """Said with --value, it was taken for no stage at all, and nothing was said."""
    path = log(tmp_path, {"Stage": "02/03/2026"}, more=["Stage"])
    (row,) = taken(tmp_path, path, *UNDER, "--value", "Stage: 02/03/2026=2")["rows"]
    assert (row["outcome"], row["stage"]) == ("would-open", "2")
