"""The same log a month later: rows are known again, what has changed is shown cell by cell, and recorded only with consent."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_import import run, shown, table, taken
from tests.sizes import sampled

UNDER = ("--protocol", "herefordshire")
HEAD = ["Ref", "Date raised", "Subject", "From", "To", "Stage 1 date", "Status", "Date resolved", "Outcome", "Theme", "Notes"]  # fmt: skip
ROW = ["1", "2/11/2026 10:00", "M-1", "A school", "Children's Services", "", "Open", "", "", "drift", "1/11 rang"]


def month(folder: Path, *rows: list[str], head: list[str] = HEAD, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """One import of a log that has these rows."""
    found: dict[str, Any] = taken(folder, table(folder, head, *rows), *UNDER, "--write", *options)
    return found


def with_cells(**cells: str) -> list[str]:
    """The row with other words under some headings, which are written with underscores."""
    return [cells.get(heading.replace(" ", "_"), cell) for heading, cell in zip(HEAD, ROW, strict=True)]


def cells(found: dict[str, Any], row: int = 0) -> list[tuple[str, str | None, str | None]]:
    return [
        (each["place"], each["was"], each["becomes"]) for each in found["rows"][row]["cells"] if not each["refused"]
    ]


RECORDED: list[tuple[dict[str, str], list[tuple[str, str | None, str | None]], list[tuple[str, str]]]] = [
    (
        {"Stage_1_date": "9/11/2026 09:30"},
        [('"Stage 1 date" (F2)', "stage 0", "stage 1, Monday 9 November 2026 09:30")],
        [("advanced", "2026-11-09T09:30:00+00:00")],
    ),
    (
        {"Status": "Closed", "Date_resolved": "10/11/2026", "Outcome": "Joint visit"},
        [('"Date resolved" (H2)', "open", "resolved, Tuesday 10 November 2026")],
        [("resolved", "2026-11-10T23:59:59+00:00")],
    ),
    (
        {"Status": "Withdrawn", "Date_resolved": "10/11/2026 12:00"},
        [('"Date resolved" (H2)', "open", "withdrawn, Tuesday 10 November 2026 12:00")],
        [("withdrawn", "2026-11-10T12:00:00+00:00")],
    ),
    ({"Theme": "drift, communication"}, [('"Theme" (J2)', "drift", "drift; communication")], [("set", "2026-11-24T10:00:00+00:00")]),
    ({"To": "Police"}, [('"To" (E2)', "Children's Services", "Police")], [("set", "2026-11-24T10:00:00+00:00")]),
    (
        {"Notes": "1/11 rang; 9/11 rang again"},
        [('"Notes" (K2)', "1/11 rang", "1/11 rang; 9/11 rang again")],
        [("noted", "2026-11-24T10:00:00+00:00")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "told", "kinds"), sampled(RECORDED, 2))
def test_a_changed_cell_becomes_the_entry_a_person_would_have_recorded_but_only_with_consent(
    tmp_path: Path,
    changed: dict[str, str],
    told: list[tuple[str, str | None, str | None]],
    kinds: list[tuple[str, str]],
) -> None:
    month(tmp_path, ROW)
    before = len(shown(tmp_path)["history"])
    row = with_cells(**changed)
    found = month(tmp_path, row)
    assert (found["opened"], found["already_there"], found["changed"], found["recorded"]) == (0, 1, len(told), False)
    assert cells(found) == told
    assert len(shown(tmp_path)["history"]) == before
    assert month(tmp_path, row, options=("--changes",))["recorded"]
    assert [(each["kind"], each["at"]) for each in shown(tmp_path)["history"][before:]] == kinds
    again = month(tmp_path, row, options=("--changes",))
    assert (again["changed"], again["recorded"], cells(again)) == (0, False, [])


def test_what_a_change_does_to_deadlines_is_said_and_how_to_record_it(tmp_path: Path) -> None:
    month(tmp_path, ROW)
    path = table(tmp_path, HEAD, with_cells(Stage_1_date="9/11/2026 09:30"))
    ran = run(tmp_path, "import", path, *UNDER, "--write")
    assert "Changed in the log" in ran.stdout
    assert "E0001: " in ran.stdout
    assert "Nothing was recorded of what has changed: --write --changes records it." in ran.stdout
    ran = run(tmp_path, "import", path, *UNDER, "--write", "--changes")
    assert "1 changed cell recorded" in ran.stdout


REFUSED = [
    ({"Date_raised": "3/11/2026 10:00"}, 'escalate undo E0001 --entry 1 --at "2026-11-03 10:00" corrects it'),
    ({"Subject": "M-9"}, "escalate set E0001 subject=... records that"),
    (
        {"Status": "Closed"},
        "does not say when, and what is overdue would go with it: escalate resolve E0001 --at WHEN records it",
    ),
    ({"Status": "Withdrawn"}, "escalate withdraw E0001 --at WHEN records it"),
]


@pytest.mark.parametrize(("changed", "said"), REFUSED)
def test_what_cannot_be_an_entry_is_refused_with_the_cell_and_the_command(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    month(tmp_path, ROW)
    path = table(tmp_path, HEAD, with_cells(**changed))
    ran = run(tmp_path, "import", path, *UNDER, "--write", "--changes", COLUMNS="400")
    assert (ran.status, said in ran.stdout, "Nothing was written." in ran.stderr) == (1, True, True)
    assert len(shown(tmp_path)["history"]) == 2


def test_a_stage_that_moved_and_a_stage_without_a_date_are_refused(tmp_path: Path) -> None:
    month(tmp_path, with_cells(Stage_1_date="9/11/2026"))
    found = month(tmp_path, with_cells(Stage_1_date="10/11/2026"))
    assert 'escalate undo E0001 --entry 2 --at "2026-11-10"' in found["rows"][0]["cells"][0]["refused"]
    head = ["Ref", "Date raised", "Subject", "From", "To", "Stage"]
    month(tmp_path, ["7", "2/11/2026", "M-7", "A school", "Police", "1"], head=head)
    found = month(tmp_path, ["7", "2/11/2026", "M-7", "A school", "Police", "2"], head=head)
    assert "escalate advance E0002 --to 2 --at WHEN" in found["rows"][0]["cells"][0]["refused"]


def test_a_closed_case_that_is_open_in_the_log_again_is_refused(tmp_path: Path) -> None:
    month(tmp_path, with_cells(Status="Closed", Date_resolved="10/11/2026"))
    found = month(tmp_path, ROW)
    assert "escalate reopen E0001" in found["rows"][0]["cells"][0]["refused"]


def test_what_was_recorded_here_since_then_is_not_written_over(tmp_path: Path) -> None:
    month(tmp_path, ROW)
    run(tmp_path, "set", "1", "theme=threshold", NOW="2026-11-24T11:00")
    found = month(tmp_path, with_cells(Theme="communication"), options=("--changes",))
    assert "since then: escalate set E0001 theme=..." in found["rows"][0]["cells"][0]["refused"]
    found = month(tmp_path, with_cells(Theme="threshold"), options=("--changes",))
    assert found["rows"][0]["cells"] == []


def test_a_row_without_a_reference_is_known_by_what_it_is_about(tmp_path: Path) -> None:
    head = HEAD[1:]
    month(tmp_path, ROW[1:], head=head)
    found = month(tmp_path, with_cells(Theme="communication")[1:], head=head)
    assert (found["opened"], found["already_there"]) == (0, 1)
    assert cells(found) == [('"Theme" (I2)', "drift", "communication")]
    two = month(tmp_path, with_cells(Theme="a")[1:], with_cells(Theme="b")[1:], head=head)
    assert (two["opened"], two["bad"]) == (0, 1)
    assert "has the subject, agencies and day of row 2" in two["rows"][1]["reason"]


def test_a_row_that_is_gone_and_a_cell_that_is_empty_are_said_and_change_nothing(tmp_path: Path) -> None:
    month(tmp_path, ROW, with_cells(Ref="2", Subject="M-2"))
    found = month(tmp_path, with_cells(Theme=""), options=("--changes",))
    assert (found["gone"], found["recorded"], found["changed"]) == (["E0002"], False, 0)
    assert found["rows"][0]["cells"] == [
        {"place": '"Theme" (J2)', "was": "drift", "becomes": None, "refused": None, "emptied": True}
    ]
    ran = run(tmp_path, "import", table(tmp_path, HEAD, with_cells(Theme="")), *UNDER, "--write")
    assert "No longer in this file: E0002. Nothing is changed in them." in ran.stdout


def test_names_that_are_new_are_kept_apart_and_not_shown(tmp_path: Path) -> None:
    head = [*HEAD, "Name"]
    month(tmp_path, [*ROW, ""], head=head)
    path = table(tmp_path, head, [*ROW, "Ada Canary"])
    ran = run(tmp_path, "import", path, *UNDER, "--write", "--changes")
    assert "Canary" not in ran.stdout + ran.stderr
    assert shown(tmp_path)["identity"]["name"] == "Ada Canary"


# -- how it was read is kept


def test_what_was_said_of_a_log_is_used_again_and_said(tmp_path: Path) -> None:
    head = ["Ref", "Opened on", "Client", "Status"]
    path = table(tmp_path, head, ["1", "1/10/2026", "M-1", "Parked"])
    said = ("--map", "Opened on=raised", "--map", "Client=subject", "--value", "Status: Parked=open", "--write")
    assert taken(tmp_path, path, *UNDER, *said)["opened"] == 1
    path = table(tmp_path, head, ["1", "1/10/2026", "M-1", "Parked"], ["2", "2/10/2026", "M-2", "Parked"])
    ran = run(tmp_path, "import", path, "--write", COLUMNS="400")
    assert (ran.status, ran.stderr.partition("No backup was made before")[0]) == (0, "")  # which is said on a server
    assert (
        'As last time: protocol herefordshire, "Client" as subject, "Opened on" as raised and "Status: parked" as open.'
        in ran.stdout
    )
    assert shown(tmp_path, "2")["subject"] == "M-2"
    assert "No column says when a case was raised" in run(tmp_path, "import", path, "--forget").stderr
    other = table(tmp_path, ["Number", "Logged", "Who"], ["1", "1/10/2026", "M-1"], name="other.csv")
    assert "No column says when a case was raised" in run(tmp_path, "import", other).stderr


def test_a_new_column_changes_nothing_in_the_cases_that_are_there(tmp_path: Path) -> None:
    month(tmp_path, ROW)
    later = {"ESCALATE_NOW": "2026-12-24T10:00"}
    path = table(tmp_path, [*HEAD, "Comments"], [*ROW, "Mine"], [*with_cells(Ref="2", Subject="M-2"), "Hers"])
    ran = run(tmp_path, "import", path, "--write", "--changes", **later)
    assert (ran.status, "1 case was opened; 1 row already there." in ran.stdout) == (0, True)
    assert "a column came to the log after its case was taken over" in ran.stdout
    assert "Mine" not in run(tmp_path, "log", "1").stdout
    assert "Hers" in run(tmp_path, "log", "2").stdout


# -- an import taken back


def test_an_import_is_listed_and_taken_back_after_a_backup(tmp_path: Path) -> None:
    month(tmp_path, ROW)
    found = month(tmp_path, ROW, with_cells(Ref="2", Subject="M-2"), with_cells(Ref="3", Subject="M-3"))
    assert found["backup"] is None or Path(found["backup"]).exists()  # a server has an administrator who makes them
    run(tmp_path, "note", "E0003", "Seen")
    listed = run(tmp_path, "import", "--runs")
    assert "2 cases (E0002 to E0003)" in listed.stdout
    dry = run(tmp_path, "import", "--undo", "2")
    assert "1 case would be void: E0002" in dry.stdout
    assert "E0003 is left: it has had entries since, which --with-later takes back with it." in dry.stdout
    assert shown(tmp_path, "2")["status"] == "open"
    assert run(tmp_path, "import", "--undo", "2", "--write").status == 0
    assert [shown(tmp_path, each)["status"] for each in "123"] == ["open", "void", "open"]
    run(tmp_path, "import", "--undo", "2", "--yes", "--with-later")
    assert shown(tmp_path, "3")["status"] == "void"
    assert run(tmp_path, "verify").status == 0
    again = month(tmp_path, ROW, with_cells(Ref="2", Subject="M-2"))
    assert (again["opened"], again["already_there"]) == (1, 1)
    assert "there are 3" in run(tmp_path, "import", "--undo", "9").stderr


def test_changes_that_an_import_recorded_are_undone_and_shown_again(tmp_path: Path) -> None:
    month(tmp_path, ROW)
    changed = with_cells(Theme="communication", Stage_1_date="9/11/2026")
    month(tmp_path, changed, options=("--changes",))
    assert shown(tmp_path)["stage"] == "1"
    found = json.loads(run(tmp_path, "import", "--undo", "2", "--write", "--json").stdout)
    assert (len(found["undone"]), found["voided"], found["left"]) == (2, [], [])
    case = shown(tmp_path)
    assert (case["stage"], case["status"], case["themes"]) == ("0", "open", ["drift"])
    assert month(tmp_path, changed)["changed"] == 2


def test_an_order_of_dates_kept_from_last_time_is_not_used_for_a_column_that_has_another(tmp_path: Path) -> None:
    """25/11 can only be a day and a month: with it, 10/11 is no 11 October."""
    head = ["Ref", "Subject", "From", "To", "Date raised"]
    sides = ["M-1", "Trust", "Council"]
    first = table(tmp_path, head, ["1", *sides, "11/12/2026"])
    assert run(tmp_path, "import", first, "--protocol", "lincolnshire", "--dates", "month-first", "--write").status == 0
    later = table(tmp_path, head, ["1", *sides, "11/12/2026"], ["2", *sides, "25/11/2026"], ["3", *sides, "10/11/2026"])
    ran = run(tmp_path, "import", later, "--write", "--skip-bad", COLUMNS="400")
    assert (
        "had the month first last time, and row 3 can only have the day first, so none of it is taken: say --dates day-first"
        in ran.stdout + ran.stderr
    )
    assert len(json.loads(run(tmp_path, "list", "--json").stdout)) == 1
    ran = run(tmp_path, "import", later, "--dates", "day-first", "--write", "--skip-bad", COLUMNS="400")
    assert "Tue 10 Nov 2026" in ran.stdout


def test_a_row_without_a_reference_whose_day_was_put_right_is_said_to_be_like_one_that_is_gone(tmp_path: Path) -> None:
    head = ["Date raised", "Subject", "From", "To"]
    rows = [["18/10/2026", "M-1", "A school", "Police"], ["18/10/2026", "M-2", "A school", "Police"]]
    taken(tmp_path, table(tmp_path, head, *rows), "--protocol", "herefordshire", "--write")
    rows[0][0] = "19/10/2026"
    moved, _ = taken(tmp_path, table(tmp_path, head, *rows))["rows"]
    assert moved["outcome"] == "would-open"
    assert any("the subject and agencies of E0001, which no longer has a row" in each for each in moved["remarks"])
    another = taken(tmp_path, table(tmp_path, head, ["18/10/2026", "M-1", "A school", "Police"], rows[0]))["rows"][1]
    assert not any("no longer has a row" in each for each in another["remarks"])
