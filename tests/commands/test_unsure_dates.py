"""A date without a year that lies more than six months off is asked, or refused where nobody can be asked (C23)."""

import json
import os
from pathlib import Path

import pytest

from tests.command_line import Ran
from tests.driver import CopyOf, Office
from tests.terminal import at_terminal

office = Office(now="2026-12-24T10:00")

UNSURE = "cannot be read as a date and time: it could be"


def with_case(folder: Path) -> None:
    office.did(folder, "open", "herefordshire", "--about", "x", "--at", "2026-12-21 10:00")
    office.did(folder, "open", "north-east-lincolnshire", "--about", "x", "--at", "2026-12-21 10:00")


@pytest.fixture
def folder(tmp_path: Path, copy_of: CopyOf) -> Path:
    return copy_of(with_case, tmp_path)


def refused(ran: Ran, said: str, *days: str) -> None:
    assert (ran.status, ran.stdout) == (2, ""), ran
    assert f'"{said}" {UNSURE} {days[0]} or {days[1]}; write the year as well, as in "' in ran.stderr


LAST_MAY, NEXT_MAY = "Friday 1 May 2026", "Saturday 1 May 2027"

LINES = [
    # a line, what of it is unsure, and the two days it could be
    (("agree", "1", "1 Dec"), "1 Dec", "Tuesday 1 December 2026", "Wednesday 1 December 2027"),
    (("agree", "1", "1 Jul", "--at", "2026-12-22 10:00"), "1 Jul", "Wednesday 1 July 2026", "Thursday 1 July 2027"),
    (("note", "1", "x", "--at", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("done", "1", "template-sent", "--at", "1 May 10:00"), "1 May 10:00", LAST_MAY, NEXT_MAY),
    (("undo", "1", "--at", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("set", "1", "concern=1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("set", "1", "concern=24 Dec", "--at", "2026-12-22 10:00"), "24 Dec", "Wednesday 24 December 2025", "Thursday 24 December 2026"),
    (("open", "herefordshire", "--about", "x", "--concern", "25 Dec", "--at", "2026-12-20 10:00"), "25 Dec", "Thursday 25 December 2025", "Friday 25 December 2026"),
    (("open", "herefordshire", "--about", "x", "--concern", "25 Dec", "--at", "20 Dec"), "25 Dec", "Thursday 25 December 2025", "Friday 25 December 2026"),
    (("open", "herefordshire", "--about", "x", "--at", "25 Dec"), "25 Dec", "Thursday 25 December 2025", "Friday 25 December 2026"),
    (("open", "herefordshire", "--about", "x", "--fact", "concern=1 May", "--at", "2026-12-20"), "1 May", LAST_MAY, NEXT_MAY),
    (("plan", "herefordshire", "--at", "1 Dec"), "1 Dec", "Tuesday 1 December 2026", "Wednesday 1 December 2027"),
    (("plan", "herefordshire", "--concern", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("calc", "1 Dec", "3 working days"), "1 Dec", "Tuesday 1 December 2026", "Wednesday 1 December 2027"),
    (("calendar", "add", "1 Dec", "--reason", "x", "--dry-run"), "1 Dec", "Tuesday 1 December 2026", "Wednesday 1 December 2027"),
    (("due", "--as-of", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("show", "1", "--as-of", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("list", "--since", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("log", "1", "--since", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
    (("report", "--from", "1 May"), "1 May", LAST_MAY, NEXT_MAY),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said", "earlier", "later"), LINES)
def test_a_date_more_than_six_months_off_is_refused_with_the_days_it_could_be(
    folder: Path, line: tuple[str, ...], said: str, earlier: str, later: str
) -> None:
    before = (folder / "cases.db").read_bytes()
    refused(office(folder, *line), said, earlier, later)
    assert (folder / "cases.db").read_bytes() == before


def test_with_its_year_the_same_date_is_taken(folder: Path) -> None:
    assert "1 December 2027" in office.did(folder, "agree", "1", "1 Dec 2027")
    office.did(folder, "open", "herefordshire", "--about", "x", "--concern", "25 Dec 2025", "--at", "20 Dec")
    assert office.json(folder, "show", "3")["concern_at"].startswith("2025-12-25")


def test_a_concern_is_read_as_seen_from_when_the_case_was_raised(folder: Path) -> None:
    """On 24 December the 20th is this one; seen from the 20th of June it is not read as one that had not come."""
    office.did(
        folder, "open", "herefordshire", "--about", "x", "--concern", "1 May", "--at", "20 Jun 2026 10:00", "--dry-run"
    )
    case = office.json(
        folder, "open", "herefordshire", "--about", "x", "--concern", "1 May", "--at", "2026-06-20 10:00"
    )
    assert case["concern_at"].startswith("2026-05-01")
    office.did(folder, "set", "3", "concern=30 Apr", "--at", "2026-06-21 10:00")
    assert office.json(folder, "show", "3")["concern_at"].startswith("2026-04-30")


@pytest.mark.parametrize(("first", "last", "days"), [
    ("1 Jan 2026", "31 Mar", "2026-01-01 2026-03-31"),  # far from now, and near where the period begins
    ("1 Oct 2025", "31 Mar", "2025-10-01 2026-03-31"),
    ("1 Oct", "30 Nov", "2026-10-01 2026-11-30"),
    ("1 Sep 2026", "24 Dec", "2026-09-01 2026-12-24"),
])  # fmt: skip
def test_the_end_of_a_period_is_sure_where_it_is_near_its_beginning(
    folder: Path, first: str, last: str, days: str
) -> None:
    period = json.loads(office.did(folder, "report", "--from", first, "--to", last, "--format", "json"))["period"]
    assert f"{period['first_day']} {period['last_day']}" == days


def test_a_line_of_calc_is_answered_with_why_it_is_not_sure(folder: Path) -> None:
    ran = office(folder, "calc", "-", stdin="1 Dec\t1 day\n2 Jan\t1 day\n")
    first, second = map(json.loads, ran.stdout.splitlines())
    assert "it could be Tuesday 1 December 2026 or Wednesday 1 December 2027" in first["error"]
    assert second["due_on"] == "2027-01-03"


def test_a_date_without_a_year_in_a_sheet_is_a_problem_of_its_row(folder: Path) -> None:
    (folder / "log.csv").write_text("Date raised\n1 May\n1 May 2026\n", encoding="utf-8")
    ran = office(folder, "import", "log.csv", "--protocol", "herefordshire")
    assert ran.status == 1
    assert "day, month and year are needed" in " ".join(ran.stdout.split())


def answered(folder: Path, answers: str, *arguments: str) -> tuple[int, str]:
    """How a line at a terminal ended whose questions were answered so, and what the terminal showed."""
    environment = office.surroundings(folder) | {"PATH": os.environ["PATH"]}
    status, shown = at_terminal(*arguments, environment=environment, answers=answers, folder=folder)
    return status, shown.replace("\r\n", "\n")


@pytest.mark.terminal
def test_at_a_terminal_it_is_asked_which_year_is_meant(folder: Path) -> None:
    status, shown = answered(folder, "2028\n2027\n", "agree", "1", "1 Dec")
    assert status == 0, shown
    assert '"1 Dec" could be Tuesday 1 December 2026 or Wednesday 1 December 2027: which year' in " ".join(
        shown.split()
    )
    assert "Please answer 2026 or 2027" in shown
    assert '"1 Dec" was read as the end of Wednesday 1 December 2027' in shown


@pytest.mark.terminal
def test_at_a_terminal_no_answer_refuses_and_nothing_is_written(folder: Path) -> None:
    before = (folder / "cases.db").read_bytes()
    status, shown = answered(folder, "\n", "agree", "1", "1 Dec")
    assert (status, UNSURE in shown) == (2, True)
    status, shown = answered(folder, "", "agree", "1", "1 Dec", "--json")
    assert (status, "which year" in shown) == (2, False)
    assert (folder / "cases.db").read_bytes() == before
