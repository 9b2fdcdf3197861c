"""Taking over a log: what columns say, what rows become, what is refused, and that nothing is taken over twice or in part."""

import csv
import io
import json
import os
import pty
import secrets
import signal
import sqlite3
import subprocess
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from escalate.commands import import_ as importing
from escalate.commands import import_reading as reading
from escalate.commands.shared.session import Session
from escalate.domain.case.model import Case
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.importing import rows
from escalate.domain.importing.columns import lay_out
from escalate.domain.importing.headings import FIELD_NAMES, FIELDS, LogColumn, folded
from escalate.domain.importing.sheet import Sheet
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.storage.files import bank_holidays
from escalate.storage.store import Store
from tests.command_line import command
from tests.connections import connection_of
from tests.driver import Office, unit
from tests.kept import same_as_kept
from tests.sizes import sampled, size

ROOT = Path(__file__).parents[2]
LOG = ROOT / "tests" / "data" / "log.csv"
KEPT = ROOT / "tests" / "snapshots"
NOW = "2026-11-24T10:00"
ACTIVE = "\x1b[31m=cmd|'/c calc'!A0 [bold]x[/] [/] <script>\u202e"


run = Office(now=NOW)
environment = run.surroundings


def table(folder: Path, *rows: list[str], name: str = "log.csv") -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (folder / name).write_text(text.getvalue(), encoding="utf-8", newline="")
    return name


def taken(folder: Path, *arguments: str) -> Any:
    ran = run(folder, "import", *arguments, "--json")
    return json.loads(ran.stdout) | {"status": ran.status}


def shown(folder: Path, case: str = "1") -> Any:
    return json.loads(run(folder, "show", case, "--identify", "--json").stdout)


# -- what it shows


@pytest.mark.parametrize("width", [80, 160])
def test_a_dry_run_says_row_by_row_what_would_be_opened_and_writes_nothing(tmp_path: Path, width: int) -> None:
    (tmp_path / "log.csv").write_bytes(LOG.read_bytes())
    ran = run(tmp_path, "import", "log.csv", "--protocol", "herefordshire", COLUMNS=str(width))
    assert (ran.status, ran.stderr) == (0, "")
    same_as_kept(f"import-{width}.txt", ran.stdout)
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_the_page_of_an_imported_case(tmp_path: Path) -> None:
    run(tmp_path, "import", str(LOG), "--protocol", "herefordshire", "--write")
    same_as_kept("import-case.txt", run(tmp_path, "show", "1").stdout)


@pytest.mark.file_only("looks into the file")
def test_nobody_is_named_by_an_import(tmp_path: Path) -> None:
    for options in ([], ["--json"], ["--write"], ["--write"]):
        ran = run(tmp_path, "import", str(LOG), "--protocol", "herefordshire", *options)
        assert ran.status == 0
        assert "Example" not in ran.stdout + ran.stderr
        assert "2014" not in ran.stdout + ran.stderr
    with closing(sqlite3.connect(tmp_path / "cases.db")) as db:
        assert not [row for row in db.execute("SELECT data FROM entry") if "Example" in str(row) or "2014" in str(row)]


# -- what a row becomes


def test_a_log_like_appendix_1_becomes_cases(tmp_path: Path) -> None:
    found = taken(tmp_path, str(LOG), "--protocol", "herefordshire", "--write")
    assert (found["opened"], found["already_there"], found["bad"], found["headings"]) == (3, 0, 0, 3)
    assert [(row["row"], row["case"], row["stage"], row["status"]) for row in found["rows"]] == [
        (4, "E0001", "1", "resolved"), (5, "E0002", "2", "open"), (7, "E0003", "0", "open"),
    ]  # fmt: skip
    case = shown(tmp_path)
    assert case["identity"] == {"name": "Ada Example", "born": "2014-05-03", "address": None}
    assert (case["subject"], case["raising_agency"], case["receiving_agency"]) == (
        "M-40213",
        "A primary school",
        "Children's Services",
    )
    assert (case["themes"], case["level_current"], case["level_perceived"]) == (["drift", "communication"], "3", "4")
    assert (
        case["about"]
        == "Concern: Neglect\nSummary of Professional Difference: Step-down is not safe, in the view of the school"
    )
    assert (case["raised_at"], case["how"]) == ("2026-11-02T00:00:00+00:00", "Joint visit agreed")
    history = [(entry["kind"], entry["at"], entry["recorded_at"]) for entry in case["history"]]
    now = "2026-11-24T10:00:00+00:00"
    assert history == [
        ("opened", "2026-11-02T00:00:00+00:00", now), ("resolved", "2026-11-05T23:59:59+00:00", now),
        ("noted", now, now), ("noted", now, now),
    ]  # fmt: skip
    assert case["history"][3]["text"] == "Action taken / Progress updates: Rang the team manager.\nNo reply by Friday."
    assert case["history"][0]["data"]["imported"]["reference"] == "HE-01"
    assert json.loads(run(tmp_path, "search", "HE-01", "--json").stdout)[0]["case"] == "E0001"


HEADINGS = ["Ref", "Date raised", "Protocol"]
ROWS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"Date raised": "3/4/2026"}, {"raised_at": "2026-04-03T00:00:00+01:00"}),
    ({"Date raised": "3.4.26"}, {"raised_at": "2026-04-03T00:00:00+01:00"}),
    ({"Date raised": "03-Apr-26"}, {"raised_at": "2026-04-03T00:00:00+01:00"}),
    ({"Date raised": "2026-04-03 00:00:00"}, {"raised_at": "2026-04-03T00:00:00+01:00"}),
    ({"Date raised": "03/04/2026 00:00"}, {"raised_at": "2026-04-03T00:00:00+01:00"}),
    ({"Date raised": "3rd April 2026 2:15pm"}, {"raised_at": "2026-04-03T14:15:00+01:00"}),
    ({"Date raised": "Friday, 3 April 2026"}, {"raised_at": "2026-04-03T00:00:00+01:00"}),
    ({"Protocol": "North East Lincolnshire"}, {"protocol": "north-east-lincolnshire"}),
    ({"Protocol": "hull"}, {"protocol": "hull-east-riding"}),
    ({"Protocol": "Herefordshire Safeguarding Children Partnership"}, {"protocol": "herefordshire"}),
    ({"Stage": "Stage 3"}, {"stage": "3", "entered_at": "2026-10-01T09:00:00+01:00"}),
    ({"Stage": "3 - directors"}, {"stage": "3"}),
    ({"Stage": "line manager to line manager"}, {"stage": "2"}),
    ({"Stage": "dissent", "Route": "child-protection-plan"}, {"stage": "dissent", "route": "child-protection-plan"}),
    ({"Stage": "3", "Date stage entered": "5/10/2026"}, {"stage": "3", "entered_at": "2026-10-05T00:00:00+01:00"}),
    ({"Stage": "3", "Date stage entered": "1/10/2026"}, {"stage": "3", "entered_at": "2026-10-01T09:00:00+01:00"}),
    ({"Date of concern": "1/10/2026"}, {"concern_at": "2026-10-01T00:00:00+01:00"}),
    ({"Date of concern": "1/10/2026 10:00", "Date raised": "1/10/2026"}, {"raised_at": "2026-10-01T10:00:00+01:00"}),
    ({"Date resolved": "2/10/2026"}, {"status": "resolved"}),
    ({"Date resolved": "1/10/2026"}, {"status": "resolved"}),
    ({"Date resolved": "24/11/2026"}, {"status": "resolved"}),  # today
    ({"Date resolved": "2/10/2026", "Status": "Withdrawn"}, {"status": "withdrawn"}),
    ({"Outcome": "Agreed"}, {"status": "open", "how": None}),
    ({"Outcome": "Agreed", "Date closed": "2/10/2026"}, {"status": "resolved", "how": "Agreed"}),
    ({"Status": "closed"}, {"status": "resolved"}),
    ({"Date raised": "11/18/2026"}, {"raised_at": "2026-11-18T00:00:00+00:00"}),
    ({"Status": "ongoing", "Outcome": "n/a"}, {"status": "open", "how": None}),
    ({"Lessons learned": "Ring first"}, {"lessons": "Ring first"}),
    ({"Lessons learned": "Ring first", "Date closed": "2/10/2026"}, {"lessons": "Ring first"}),
    ({"severity": "High"}, {"facts": {"severity": "high"}}),
    ({"severity": "-"}, {"facts": {}}),
    ({"Themes": "my own, drift"}, {"themes": ["my own", "drift"]}),
    ({"Other agencies": "Police; A school"}, {"involved": ["Police", "A school"]}),
    ({"DOB": "1/2/14"}, {"identity": {"name": None, "born": "2014-02-01", "address": None}}),
    ({"DOB": "1/2/78"}, {"identity": {"name": None, "born": "1978-02-01", "address": None}}),
    ({"Child Details": "Ada Example DOB 3"}, {"identity": {"name": "Ada Example DOB 3", "born": None, "address": None}}),
    ({"Child Details": "Ada Example, DOB: 3/5/2014, ID: M-1"},
     {"identity": {"name": "Ada Example", "born": "2014-05-03", "address": None}, "subject": "M-1"}),
    ({"Level of need": "current: level 2 / perceived level 4"}, {"level_current": "level 2", "level_perceived": "level 4"}),
    ({"Raised by": "Jo Bell"}, {"holders": [{"stage": "1", "side": "raising", "role": None, "name": "Jo Bell", "email": None, "phone": None, "from": None, "until": None, "stands_in_for": None}]}),
]  # fmt: skip


@pytest.mark.parametrize(("row", "expected"), sampled(ROWS, 3), ids=str)
def test_a_row_becomes_what_it_says(tmp_path: Path, row: dict[str, str], expected: dict[str, Any]) -> None:
    cells = {"Ref": "R1", "Date raised": "1/10/2026 09:00", "Protocol": "hull-east-riding", **row}
    path = table(tmp_path, list(cells), list(cells.values()))
    assert taken(tmp_path, path, "--write")["opened"] == 1
    case = shown(tmp_path)
    assert {name: case[name] for name in expected} == expected


BAD_ROWS: list[tuple[dict[str, str], str]] = [
    ({"Date raised": ""}, '"Date raised" (B2) does not say when it was raised'),
    ({"Date raised": "31/02/2026"}, '"Date raised" (B2) cannot be read as a date'),
    ({"Date raised": "31/18/2026"}, "the day first"),
    ({"Date raised": "Friday"}, "day, month and year are needed"),
    ({"Date raised": "3 Nov"}, "day, month and year are needed"),
    ({"Date raised": "46344"}, "cannot be read as a date"),
    ({"Date raised": "29/3/2026 01:30"}, "that time did not exist"),
    ({"Date raised": "1/12/2026"}, '"Date raised" (B2) is in the future'),
    ({"Protocol": "Ada Canary"}, '"Protocol" (C2): It names no protocol: choose from herefordshire, hull-east-riding'),
    ({"Protocol": ""}, "No protocol is named: fill that in, or give one with --protocol"),
    ({"Stage": "Ada Canary"}, '"Stage" (D2) names no stage of hull-east-riding, which has 1, 2, 3, 4, 5, 6 and 7'),
    ({"Route": "Ada Canary"}, "names no route of hull-east-riding, which has main and child-protection-plan"),
    ({"severity": "Ada Canary"}, '"severity" (D2) does not answer severity with high, medium or low'),
    ({"Status": "Ada Canary"}, '"Status" (D2) is not a status: say open, resolved or withdrawn'),
    ({"Status": "open", "Date closed": "2/10/2026"}, "says open, and"),
    ({"Date closed": "30/9/2026"}, "is before the case"),
    ({"Date closed": "1/1/2027"}, "is in the future"),
    ({"Date of concern": "2/10/2026"}, '"Date of concern" (D2) is later than "Date raised" (B2)'),
    ({"Stage": "2", "Stage date": "30/9/2026"}, "is before the case"),
    ({"DOB": "Ada Canary"}, 'the date of birth in "DOB" (D2) cannot be read as a day'),
    ({"DOB": "1/1/2040"}, "is too far in the future"),
    ({"Theme": "x" * 61}, '"Theme" (D2) is too long for a theme'),
]  # fmt: skip


@pytest.mark.parametrize(("row", "reason"), sampled(BAD_ROWS, 3), ids=lambda value: str(value)[:50])
def test_a_bad_row_is_named_by_its_number_with_the_reason(tmp_path: Path, row: dict[str, str], reason: str) -> None:
    cells = {"Ref": "R1", "Date raised": "1/10/2026 09:00", "Protocol": "hull-east-riding", **row}
    path = table(tmp_path, list(cells), list(cells.values()))
    found = taken(tmp_path, path, "--write")
    assert (found["status"], found["opened"], found["bad"], found["rows"][0]["row"]) == (1, 0, 1, 2)
    assert reason in found["rows"][0]["reason"]
    ran = run(tmp_path, "import", path)
    assert ran.stderr == (
        "1 row cannot be imported: put right what is said of each, or leave them out with --skip-bad. Nothing was written.\n"
    )
    assert "Canary" not in ran.stdout + ran.stderr
    assert not (tmp_path / "cases.db").exists()


@pytest.mark.parametrize(
    "heading",
    sampled(
        ["Child ref", "Client No.", "Mosaic ID", "LCS number", "Young person's record number", "Service User ID"], 3
    ),
)
def test_the_record_number_of_a_person_is_known_by_what_offices_call_it(tmp_path: Path, heading: str) -> None:
    path = table(tmp_path, [*HEADINGS, heading], ["1", "1/10/2026", "lincolnshire", "M-40213"])
    assert taken(tmp_path, path, "--write")["opened"] == 1
    assert shown(tmp_path)["subject"] == "M-40213"


def test_several_mistakes_of_a_row_are_said_together(tmp_path: Path) -> None:
    path = table(tmp_path, [*HEADINGS, "Stage", "DOB"], ["1", "1/10/2026", "lincolnshire", "9", "x"])
    assert taken(tmp_path, path)["rows"][0]["reason"] == (
        '"Stage" (D2) names no stage of lincolnshire, which has 1, 2, 3, 4a and 4b; the date of birth in "DOB" (E2) cannot be read as a day'
    )


def test_what_was_learned_is_recorded_with_the_end_or_where_there_is_none_with_the_opening(tmp_path: Path) -> None:
    head = [*HEADINGS, "Lessons", "Date resolved"]
    rows = [
        ["1", "1/10/2026", "lincolnshire", "Ring first", ""],
        ["2", "1/10/2026", "lincolnshire", "Ring first", "2/10/2026"],
    ]
    taken(tmp_path, table(tmp_path, head, *rows), "--write")
    said = [
        [entry["kind"] for entry in shown(tmp_path, case)["history"] if "lessons" in entry["words"]] for case in "12"
    ]
    assert said == [["opened"], ["resolved"]]


def test_what_has_an_outcome_and_no_date_is_closed_where_that_is_said(tmp_path: Path) -> None:
    path = table(tmp_path, [*HEADINGS, "Outcome"], ["1", "1/10/2026", "lincolnshire", "Agreed"])
    found = taken(tmp_path, path, "--close-undated", "--write")["rows"][0]
    assert (found["status"], found["closed_at"]) == ("resolved", None)


# -- all or nothing, and never twice


def test_one_bad_row_holds_back_the_others_unless_it_is_skipped(tmp_path: Path) -> None:
    path = table(tmp_path, HEADINGS, ["1", "1/10/2026", "lincolnshire"], ["2", "x", "lincolnshire"])
    assert taken(tmp_path, path, "--write")["written"] is False
    assert not (tmp_path / "cases.db").exists()
    found = taken(tmp_path, path, "--write", "--skip-bad")
    assert (found["status"], found["opened"], [row["outcome"] for row in found["rows"]]) == (0, 1, ["opened", "bad"])


@pytest.mark.parametrize("ref", ["R1", ""], ids=["by its reference", "by what it says"])
def test_the_same_file_again_adds_nothing(tmp_path: Path, ref: str) -> None:
    rows = [[ref, "1/10/2026", "lincolnshire", name] for name in ("Ada Example",)]
    path = table(tmp_path, [*HEADINGS, "Name"], *rows)
    assert taken(tmp_path, path, "--write")["opened"] == 1
    again = taken(tmp_path, path, "--write")
    assert [(row["outcome"], row["case"], row["remarks"]) for row in again["rows"]] == [("already-there", "E0001", [])]
    assert "row 2  E0001" in run(tmp_path, "import", path).stdout
    assert taken(tmp_path, path, "--write", "--map", "Name=skip")["already_there"] == 1
    assert len(json.loads(run(tmp_path, "list", "--json").stdout)) == 1


def test_rows_that_differ_in_the_name_alone_are_cases_of_their_own(tmp_path: Path) -> None:
    children = [["", "1/10/2026", "lincolnshire", name] for name in ("Ada Example", "Jo Example")]
    path = table(tmp_path, [*HEADINGS, "Name"], *children)
    assert taken(tmp_path, path, "--write")["opened"] == 2
    table(tmp_path, [*HEADINGS, "Name"], *children, ["", "1/10/2026", "lincolnshire", "Cy Example"])
    again = taken(tmp_path, path, "--write")
    assert [row["case"] for row in again["rows"]] == ["E0001", "E0002", "E0003"]


def test_open_cases_of_the_same_person_are_said_to_be(tmp_path: Path) -> None:
    """Those here, in capital letters or small ones, and those that other rows open; not what is closed, here or in the log."""
    head = [*HEADINGS, "Subject", "Outcome", "Date closed"]
    for subject, status in (("m-1", "open"), ("M-2", "resolved"), ("M-3", "open")):
        run(tmp_path, "open", "lincolnshire", "--subject", subject, "--at", "1 Oct 2026")
        if status == "resolved":
            run(tmp_path, "resolve", "2", "--at", "2 Oct 2026")
    rows = [
        ["1", "5/10/2026", "lincolnshire", "M-1", "", ""],
        ["2", "6/10/2026", "lincolnshire", "M-2", "", ""],
        ["3", "7/10/2026", "lincolnshire", "M-3", "Resolved", "9/10/2026"],
        ["4", "8/10/2026", "lincolnshire", "M-4", "", ""],
        ["5", "9/10/2026", "lincolnshire", "M-4", "", ""],
    ]
    path = table(tmp_path, head, *rows)
    several = [
        {"subject": "M-1", "cases": ["E0001"], "rows": ["2"]},
        {"subject": "M-4", "cases": [], "rows": ["5", "6"]},
    ]
    assert taken(tmp_path, path)["several_open"] == several
    page = run(tmp_path, "import", path).stdout
    assert (
        "Open cases of the same person\nM-1: E0001 and row 2\nM-4: row 5 and row 6\nescalate search RECORD-NUMBER"
        in page
    )
    page = run(tmp_path, "import", path, "--write").stdout
    assert "M-1: E0001 and E0004\nM-4: E0007 and E0008\n" in page
    assert "E0001" in run(tmp_path, "search", "M-1").stdout
    assert "Open cases of the same person" not in run(tmp_path, "import", path, "--write").stdout


def test_a_reference_that_stands_in_a_file_twice_is_a_mistake(tmp_path: Path) -> None:
    path = table(tmp_path, HEADINGS, ["1", "1/10/2026", "lincolnshire"], ["1", "2/10/2026", "lincolnshire"])
    assert taken(tmp_path, path)["rows"][1]["reason"] == '"Ref" (A3) has the same reference as row 2'


def test_a_row_that_has_changed_is_said_to_have_and_one_of_another_log_is_not_lost(tmp_path: Path) -> None:
    head = [*HEADINGS, "Unique identifier", "Notes"]
    path = table(tmp_path, head, ["1", "1/10/2026", "lincolnshire", "M-1", ""])
    taken(tmp_path, path, "--write")
    table(tmp_path, head, ["1", "1/10/2026", "lincolnshire", "M-1", "Rang"])
    changed = taken(tmp_path, path, "--write")["rows"][0]
    assert (changed["outcome"], changed["cells"][0]["becomes"]) == ("already-there", "Rang")
    table(tmp_path, head, ["1", "5/10/2026", "lincolnshire", "M-2", "Rang"])
    assert "name that log with --log" in taken(tmp_path, path, "--write")["rows"][0]["reason"]
    assert taken(tmp_path, path, "--write", "--log", "schools")["opened"] == 1
    assert taken(tmp_path, path, "--write", "--log", "schools")["already_there"] == 1


@pytest.mark.file_only("opens the file by itself")
def test_what_was_imported_is_what_a_rebuild_makes_of_it(tmp_path: Path) -> None:
    from escalate.storage.store import open_store

    taken(tmp_path, str(LOG), "--protocol", "herefordshire", "--write")
    with open_store(tmp_path / "cases.db") as store:
        before = store.derived.rows()
        with store.writing():
            store.derived.rebuild()
        assert store.derived.rows() == before


@pytest.mark.slow
@pytest.mark.script
def test_an_import_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    many = size(2000, 6000)
    rows = [[str(n), "1/10/2026", "lincolnshire"] for n in range(many)]
    path = table(tmp_path, HEADINGS, *rows)
    run(tmp_path, "open", "lincolnshire", "--about", "Thresholds")
    process = subprocess.Popen(
        command("import", path, "--write"), env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    journal = tmp_path / "cases.db-journal"
    for _ in range(6000):
        if journal.exists() or process.poll() is not None:
            break
        time.sleep(0.01)
    time.sleep(0.1)
    assert process.poll() is None, "it was over before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [case["case"] for case in json.loads(run(tmp_path, "list", "--json").stdout)] == ["E0001"]
    assert taken(tmp_path, path)["would_open"] == many


@pytest.mark.slow
@pytest.mark.script
def test_a_bar_is_shown_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    path = table(tmp_path, HEADINGS, *[[str(n), "1/10/2026", "lincolnshire"] for n in range(300)])
    assert run(tmp_path, "import", path).stderr == ""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("import", path),
        env=environment(tmp_path) | {"TERM": "xterm"},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(60) == 0
    assert b"Reading the rows" in shown


# -- opened as they were worked out, without reading them back


RICH = ["Ref", "Date raised", "Protocol", "Date of concern", "Stage", "Date stage entered", "Unique identifier", "Name", "DOB",
        "Raising agency", "Receiving agency", "Other agencies", "Raised by", "Received by", "Themes", "Concern", "Level of need",
        "Date resolved", "Status", "Outcome", "Lessons", "Notes", "severity"]  # fmt: skip


def rich_log(folder: Path) -> Path:
    """A log with something in every column, under every protocol, of cases at many points of their way."""
    rows = []
    for protocol, stage in (
        ("herefordshire", "2"), ("hull-east-riding", "3"), ("lincolnshire", "2"), ("north-east-lincolnshire", ""), ("north-yorkshire", ""),
    ):  # fmt: skip
        plain = [
            protocol,
            "",
            "",
            "",
            "M-1",
            "",
            "",
            "A school",
            "Housing",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ]
        full = [protocol, "27/9/2026", stage, "5/10/2026" if stage else "", "M-2", "Ada Example", "3/5/2014", "A school", "Housing",
                "Police; Probation", "Jo Bell", "Cy Bell", "drift, my own", "Not safe\nat all", "Current: 3, proposed: 4",
                "9/10/2026", "", "Agreed", "Ring first", "No reply", "high"]  # fmt: skip
        withdrawn = [*full[:16], "Withdrawn", "Not pursued", "", "", "-"]
        rows += [[f"{protocol}-{n}", "1/10/2026 09:00", *row] for n, row in enumerate((plain, full, withdrawn))]
    return folder / table(folder, RICH, *rows)


def every_row(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that a file holds, table by table, but for how the full-text index keeps it."""
    with closing(sqlite3.connect(path)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        held = [name for name in tables if not name.startswith(("search_index_", "_sqlite"))]
        return {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in held}


def taken_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.Seen, "still_holds", lambda *_: False)


@pytest.mark.file_only("looks into the file")
def test_a_log_opened_at_once_is_what_it_is_when_every_case_is_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = rich_log(tmp_path)
    unit.did(tmp_path / "first.db", "open", "herefordshire", "--about", "x", now=NOW)  # what is made once draws as well
    files = [tmp_path / "at-once.db", tmp_path / "one-by-one.db"]
    for file in files:
        drawn = count()
        with monkeypatch.context() as patched:
            patched.setattr(secrets, "token_hex", lambda size, drawn=drawn: f"{next(drawn):0{2 * size}x}")
            patched.setattr(os, "urandom", lambda size, drawn=drawn: next(drawn).to_bytes(size))
            patched.setattr(Session, "clock_behind", None)  # the computer's clock goes on between the two
            if file == files[1]:
                taken_one_by_one(patched)
            unit.did(file, "import", str(log), "--write", now=NOW)
    assert every_row(files[0]) == every_row(files[1])
    assert len(every_row(files[0])["cases"]) == 15
    for file in files:
        unit.did(file, "verify", now=NOW)


@pytest.mark.file_only("opens the file by itself")
def test_what_others_record_while_rows_are_read_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from escalate.storage.store import open_store

    path, log = tmp_path / "cases.db", rich_log(tmp_path)
    unit.did(path, "open", "herefordshire", "--about", "Thresholds", now=NOW)
    opening = importing._open

    def late(*given: Any) -> Any:
        unit.did(
            path,
            "calendar",
            "add",
            "2 October 2026",
            "--calendar",
            "england-and-wales",
            "--reason",
            "Flood",
            "--yes",
            now=NOW,
        )
        return opening(*given)

    monkeypatch.setattr(importing, "_open", late)
    unit.did(path, "import", str(log), "--write", now=NOW)
    with open_store(path) as store:
        before = store.derived.rows()
        with store.writing():
            store.derived.rebuild()
        assert store.derived.rows() == before


@pytest.mark.file_only("one line inside another")
def test_an_import_of_somebody_else_while_rows_are_read_refuses_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, log = tmp_path / "cases.db", rich_log(tmp_path)
    opening = importing._open

    def late(*given: Any) -> Any:
        monkeypatch.setattr(importing, "_open", opening)
        unit.did(path, "import", str(log), "--write", now=NOW)
        return opening(*given)

    monkeypatch.setattr(importing, "_open", late)
    ran = unit(path, "import", str(log), "--write", now=NOW)
    assert (ran.status, ran.stderr) == (
        1,
        "Somebody else has just imported cases: check the file again. Nothing was written.\n",
    )


# -- how much work it is, counted so that no clock is needed


def test_a_calendar_is_worked_out_once_however_many_days_and_protocols_rows_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    library_calendar = bank_holidays.library_calendar

    def counted(name: str, *hours: Any) -> Calendar:
        made.append(name)
        return library_calendar(name, *hours)

    monkeypatch.setattr(bank_holidays, "library_calendar", counted)
    protocols = ("lincolnshire", "herefordshire", "north-east-lincolnshire")
    rows = [[str(n), f"{n}/10/2026", protocols[n % 3]] for n in range(1, 20)]
    path = tmp_path / table(tmp_path, HEADINGS, *rows)
    unit.did(tmp_path / "cases.db", "import", str(path), now=NOW)
    assert made == ["england-and-wales"]
    unit.did(tmp_path / "cases.db", "import", str(path), "--write", now=NOW)
    assert made == ["england-and-wales"] * 2


@pytest.mark.file_only("counts what SQLite is asked")
def test_the_work_of_opening_cases_does_not_grow_with_their_number_but_for_the_rows_that_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    writing = Store.writing

    def traced(store: Store, dry_run: bool = False) -> AbstractContextManager[None]:
        connection_of(store).set_trace_callback(done.append)
        return writing(store, dry_run)

    monkeypatch.setattr(Store, "writing", traced)

    def others(rows: int) -> list[str]:
        """What is asked of SQLite beside adding rows, and what triggers ask."""
        path = tmp_path / table(tmp_path, HEADINGS, *[[str(n), "1/10/2026", "lincolnshire"] for n in range(rows)])
        done.clear()
        unit.did(tmp_path / f"{rows}.db", "import", str(path), "--write", now=NOW)
        return [each for each in done if not each.startswith(("INSERT", "--"))]

    few, many = others(3), others(30)
    assert [each.split()[0] for each in few] == [each.split()[0] for each in many]
    assert sum(each.startswith("INSERT INTO cases ") for each in done) == 30


def test_deadlines_are_worked_out_once_for_all_rows_that_come_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[str | None] = []

    def noted(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
        worked_out.append(case.subject)
        return deadlines(protocol, case, calendar)

    monkeypatch.setattr(rows, "deadlines", noted)
    days = ("1/10/2026", "2/10/2026 09:00", "2/10/2026 09:00:01")
    log = [
        [str(n), days[n % 3], protocol, f"M-{n}"] for n, protocol in enumerate(["lincolnshire", "herefordshire"] * 9)
    ]
    path = tmp_path / table(tmp_path, [*HEADINGS, "Unique identifier"], *log)
    unit.did(tmp_path / "cases.db", "import", str(path), "--write", now=NOW)
    assert worked_out == [f"M-{n}" for n in range(6)]  # of three moments and two protocols the first each


# -- columns


def test_every_field_goes_by_its_own_name_and_no_heading_by_two() -> None:
    for name in FIELD_NAMES:
        assert [column.field for column in lay_out(Sheet(((name,),)), {}, []).columns] == [name]
    known = [plain for each in FIELDS for plain in {folded(heading) for heading in (each.name, *each.headings)}]
    assert [heading for heading, times in Counter(known).items() if times > 1] == []


def test_columns_are_mapped_by_heading_by_its_first_words_and_by_letter(tmp_path: Path) -> None:
    path = table(tmp_path, ["When (day)", "Ward", "", "Kept"], ["1/10/2026", "M-1", "free", "x"])
    options = ["--protocol", "lincolnshire", "--map", "when=raised", "--map", "WARD=subject", "--map", "column c=note"]
    found = taken(tmp_path, path, *options, "--write")
    assert [column["field"] for column in found["columns"]] == ["raised", "subject", "note", None]
    case = shown(tmp_path)
    assert (case["subject"], case["history"][1]["text"]) == ("M-1", "column C: free")


def test_two_columns_for_one_thing_are_refused_unless_one_is_empty(tmp_path: Path) -> None:
    head = ["Date", "Date raised", "Protocol"]
    ran = run(tmp_path, "import", table(tmp_path, head, ["x", "1/10/2026", "lincolnshire"]))
    assert (ran.status, ran.stderr) == (
        2,
        '"Date" (A) and "Date raised" (B) are both taken for raised: leave one out, or keep it as a note, as in --map "Date raised"=note.\n',
    )
    path = table(tmp_path, head, ["", "1/10/2026", "lincolnshire"])
    assert [column["field"] for column in taken(tmp_path, path)["columns"]] == [None, "raised", "protocol"]
    assert 'Not taken over: "Date".' in run(tmp_path, "import", path).stdout


def test_a_heading_over_several_columns_has_theirs_in_the_row_below() -> None:
    rows = [
        ["Ref", "Child details", "", "", "Date raised"],
        ["", "Name", "DOB", "Unique identifier", ""],
        ["1", "A", "", "M", "x"],
    ]
    layout = lay_out(Sheet(tuple(map(tuple, rows))), {}, [])
    assert ([column.field for column in layout.columns], layout.first) == (
        ["reference", "name", "born", "subject", "raised"],
        3,
    )


@pytest.mark.parametrize(("number", "letter"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (703, "AAA")])
def test_columns_have_the_letters_spreadsheets_give_them(number: int, letter: str) -> None:
    assert LogColumn(number, "").letter == letter


# -- files


def sheet_of(folder: Path, rows: Sequence[Sequence[Any]], name: str = "log.xlsx") -> str:
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / name)
    return name


def test_an_excel_file_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Log", None], [None, None],
        [*HEADINGS, "Unique identifier", "immediate-risk", "DOB", "Date resolved"],
        [7, datetime(2026, 10, 1, 9, 30), "lincolnshire", 40213.0, True, date(2014, 5, 3), date(2026, 10, 2)],
        [None, None, None],
        ["R8", date(2026, 10, 1), "lincolnshire", "M-1", None, None, None],
    ]  # fmt: skip
    path = sheet_of(tmp_path, rows)
    found = taken(tmp_path, path, "--write")
    assert [(row["row"], row["outcome"]) for row in found["rows"]] == [(4, "opened"), (6, "opened")]
    case = shown(tmp_path)
    assert (case["subject"], case["raised_at"]) == ("40213", "2026-10-01T09:30:00+01:00")
    assert (case["identity"]["born"], case["status"]) == ("2014-05-03", "resolved")
    assert taken(tmp_path, path, "--write")["already_there"] == 2


def test_the_same_rows_in_excel_and_as_csv_are_the_same_cases(tmp_path: Path) -> None:
    rows: list[list[str]] = [[*HEADINGS, "Concern"], ["1", "2026-10-01", "lincolnshire", "a\nb"]]
    taken(tmp_path, table(tmp_path, *rows), "--write")
    assert taken(tmp_path, sheet_of(tmp_path, rows), "--write")["already_there"] == 1


def test_all_sheets_with_cases_are_read_and_one_can_be_named(tmp_path: Path) -> None:
    book: Any = openpyxl.Workbook()
    book.active.title = "2025"
    book.active.append(HEADINGS)
    book.active.append(["1", "1/10/2025", "lincolnshire"])
    book.create_sheet("Empty")
    book.save(tmp_path / "log.xlsx")
    found = taken(tmp_path, "log.xlsx")
    assert (found["would_open"], found["rows"][0]["sheet"]) == (1, None)
    for row in (["Protocol", "Ref", "Date raised"], ["lincolnshire", "2", "1/10/2026"]):
        (book["2026"] if "2026" in book.sheetnames else book.create_sheet("2026")).append(row)
    book.create_sheet("Lists").append(["x"])
    book.create_sheet("Old").append(["y"])
    book["Old"].sheet_state = "hidden"
    book.save(tmp_path / "log.xlsx")
    found = taken(tmp_path, "log.xlsx", "--write")
    assert [(row["sheet"], row["row"], row["outcome"]) for row in found["rows"]] == [
        ("2025", 2, "opened"),
        ("2026", 2, "opened"),
    ]
    assert [sheet["sheet"] for sheet in found["sheets"]] == ["2025", "2026"]
    page = run(tmp_path, "import", "log.xlsx").stdout
    assert 'Not read: "Lists": no column there says when a case was raised.' in page
    assert 'Not read: "Old", which is hidden in the file; --sheet NAME reads one.' in page
    assert "row 2026: 2  E0002" in page
    assert taken(tmp_path, "log.xlsx", "--sheet", "2026")["already_there"] == 1
    assert "Did you mean Lists?" in run(tmp_path, "import", "log.xlsx", "--sheet", "List").stderr


def test_a_row_that_stands_on_two_sheets_is_not_opened_twice(tmp_path: Path) -> None:
    book: Any = openpyxl.Workbook()
    book.active.title = "2025"
    for sheet in (book.active, book.create_sheet("2026")):
        for row in (
            [*HEADINGS, "Concern"],
            ["1", "1/10/2025", "lincolnshire", "x"],
            ["", "2/10/2025", "lincolnshire", "y"],
        ):
            sheet.append(row)
    book.save(tmp_path / "log.xlsx")
    reasons = [row["reason"] for row in taken(tmp_path, "log.xlsx")["rows"]]
    assert reasons == [
        None, None, '"Ref" (A2) has the same reference as row 2 of the sheet "2025"',
        'the row says the same as row 3 of the sheet "2025": give the two references, if they are two cases',
    ]  # fmt: skip


TEXT = 'Ref;Date raised;Protocol;Concern\r\n1;1/10/2026;lincolnshire;"Zoë, naïve;\r\nand ""so"" on"\r\n;;;\r\n'
ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": TEXT.encode("utf-8-sig"),
    "windows": TEXT.encode("cp1252"),
    "utf-16": TEXT.encode("utf-16"),
    "commas": TEXT.replace(";", ",").replace("Zoë,", "Zoë;").replace("naïve,", "naïve;").encode(),
    "tabs": TEXT.replace(";", "\t").encode(),
    "says which": f"sep=;\r\n{TEXT}".encode(),
}


@pytest.mark.parametrize("name", sampled(ENCODED, 3))
def test_csv_is_read_however_excel_writes_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "log.csv").write_bytes(ENCODED[name])
    found = taken(tmp_path, "log.csv", "--write")
    assert (found["opened"], len(found["rows"])) == (1, 1)
    about = shown(tmp_path)["about"]
    assert "Zoë" in about
    assert '"so" on' in about
    assert ("Windows encoding" in run(tmp_path, "import", "log.csv").stdout) is (name == "windows")


def packed(**parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name.replace("__", "/"), text)
    return content.getvalue()


def bomb() -> bytes:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/big.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(450):
            part.write(bytes(1_000_000))
    return content.getvalue()


OLD = b"\xd0\xcf\x11\xe0" + bytes(600)
GOOD = b"Ref,Date raised,Protocol\n1,1/10/2026,lincolnshire\n"
BAD_FILES: list[tuple[str, Any, list[str], str]] = [
    ("nothing in it", b"", [], "log.csv is empty."),
    ("blank", b" \n\n", [], "log.csv is empty."),
    ("a picture", b"\x89PNG\r\n\x1a\n\0\0", [], "is not a spreadsheet: give an .xlsx, .ods or .csv file."),
    ("an old one", OLD, [], "is in a format of old Office programs: save it as .xlsx or .csv"),
    ("a locked one", OLD + "EncryptedPackage".encode("utf-16-le"), [], "is protected by a password"),
    ("a zip", packed(x="y"), [], "is not an .xlsx file"),
    ("half a zip", packed(x="y")[:40], [], "is damaged"),
    ("no workbook", packed(xl__x="y"), [], "is damaged, or not a spreadsheet"),
    ("bad xml", packed(**{"xl__workbook.xml": "<x", "[Content_Types].xml": "<x"}), [], "is damaged, or not a spreadsheet"),
    ("a bomb", bomb, [], "unpacks to more than 100 MB"),
    ("an open quotation", b'Ref,Date raised\n1,"x\n2,y\n', [], "a quotation mark opens there and does not close"),
    ("no known heading", b"a,b\n1,2\n", [], 'No column says when a case was raised: map the one that does ... there is "a" and "b".'),
    ("no protocol", b"Ref,Date raised\n1,1/10/2026\n", [], "No column says which protocol a case is under"),
    ("a heading twice", b"Date raised,Ref,ref.\n1,2,3\n", [], 'The heading "Ref" is in columns B and C: give each'),
    ("no such column", GOOD, ["--map", "Refs=note"], 'There is no column "Refs" to map: there is "Ref".'),
    ("no such field", GOOD, ["--map", "Ref=refrence"], '"refrence" is not something a column can say; did you mean reference?'),
    ("no map", GOOD, ["--map", "Ref"], '"Ref" does not map a column: write it as "Date raised"=raised.'),
    ("two maps", GOOD, ["--map", "Ref=note", "--map", "Ref=skip"], '"Ref" is mapped twice, to note and to skip'),
    ("no such protocol", GOOD, ["--protocol", "lincolnshre"], "Did you mean lincolnshire"),
    ("no sheets", GOOD, ["--sheet", "x"], "is not an .xlsx file and has no sheets"),
    ("too wide", b"Ref,Date raised" + b"," * 400 + b"x\n", [], "has something in column 402 of row 1"),
    ("unknown encoding", b"Ref,\x81\x8d\n", [], "is text in an encoding that is not known"),
    ("a folder", None, [], "is a folder"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "content", "options", "says"), BAD_FILES, ids=[row[0] for row in BAD_FILES])
def test_a_bad_file_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: Any, options: list[str], says: str
) -> None:
    path = tmp_path / "log.csv"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content() if callable(content) else content)
    ran = run(tmp_path, "import", "log.csv", *options, "--write")
    assert (ran.status in (1, 2), ran.stdout, ran.stderr.count("\n")) == (True, "", 1), ran
    for part in says.split(" ... "):
        assert part in ran.stderr
    assert not (tmp_path / "cases.db").exists()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert (
        run(tmp_path, "import", "none.csv").stderr
        == f"{tmp_path}/none.csv cannot be read: No such file or directory.\n"
    )


def test_entities_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    sheet_of(tmp_path, [HEADINGS])
    source = zipfile.ZipFile(tmp_path / "log.xlsx")
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as package:
        for part in source.infolist():
            text = source.read(part).decode()
            if part.filename.endswith("sheet1.xml"):
                text = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]>' + text.replace("Ref", "&a11;").replace(
                    't="s"', 't="str"'
                )
                text = text.replace("<v>0</v>", "<v>&a11;</v>")
            package.writestr(part.filename, text)
    ran = run(tmp_path, "import", "bomb.xlsx")
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)


def test_what_somebody_typed_into_a_cell_comes_out_as_text(tmp_path: Path) -> None:
    head = [*HEADINGS, f"Kept {ACTIVE}", "Unique identifier", "From", "Themes", "Concern"]
    path = table(tmp_path, head, [ACTIVE, "1/10/2026", "lincolnshire", ACTIVE, ACTIVE, ACTIVE, ACTIVE, ACTIVE])
    for options in ([], ["--write"], ["--write"]):
        ran = run(tmp_path, "import", path, *options)
        assert ran.status == 0
        assert not set(ran.stdout + ran.stderr) & {"\x1b", "\u202e"}
        assert "[bold]x[/] [/] <script>" in ran.stdout
    for look in (("show", "1"), ("log", "1"), ("list",)):
        assert not set(run(tmp_path, *look).stdout) & {"\x1b", "\u202e"}
