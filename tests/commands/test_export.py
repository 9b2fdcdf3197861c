"""Cases for other programs: whole outputs, what stays the same, who is named, what is inert, and what is refused."""

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from escalate.cli import app
from escalate.output.sending.export_rows import TABLES
from tests import engine
from tests.command_line import command, with_system
from tests.commands.test_asking import answered
from tests.driver import Office
from tests.kept import same_as_kept
from tests.promises.test_tampering import past_the_guards
from tests.sizes import sampled

NOW = "2026-11-30T10:00"
OWN_ID = "0123456789abcdef0123456789abcdef"
FORMATS = [
    ("ics",),
    ("csv", "--what", "cases"),
    ("csv", "--what", "deadlines"),
    ("csv", "--what", "history"),
    ("json",),
]
EVERYTHING = [
    ("2026-11-20T09:00", "open", "hull-east-riding", "--subject", "H-1", "--from", "Trust", "--to", "Council",
     "--fact", "severity=high", "--about", "Step-down is not safe", "--fact", "theme=drift"),
    ("2026-11-20T09:10", "assign", "1", "raising", "Bo Keeper", "--role", "Named nurse", "--email", "bo.keeper@trust.example"),
    ("2026-11-20T09:20", "set", "1", "name=Ada Canary", "born=3 May 2014", "address=12 Canary Row"),
    ("2026-11-20T11:00", "done", "1", "discussion"),
    ("2026-11-20T16:00", "advance", "1"),
    ("2026-11-20T16:05", "note", "1", "Rang twice"),
    ("2026-11-20T16:30", "agree", "1", "Mon 23 Nov 12:00"),
    ("2026-11-23T09:00", "advance", "1"),
    ("2026-11-23T10:00", "undo", "1"),
    ("2026-11-23T11:00", "open", "north-yorkshire", "--subject", "NY-2", "--from", "Police", "--to", "Council",
     "--concern", "20 Nov 2026"),
    ("2026-11-24T11:00", "resolve", "2", "--how", "Joint visit", "--lessons", "Ring before writing"),
    ("2026-11-25T11:00", "open", "herefordshire", "--subject", "M-3", "--to", "Children's Services"),
    ("2026-11-25T12:00", "open", "lincolnshire", "--from", "Lincolnshire Police"),
    ("2026-11-26T12:00", "withdraw", "4"),
]  # fmt: skip


run = Office(now=NOW)
did = run.did


def excel(file: Path | io.BytesIO) -> Any:
    """An Excel file as openpyxl reads it."""
    return load_workbook(file)


def give_id(path: Path, own_id: str = OWN_ID) -> None:
    if engine.chosen:
        engine.chosen.give_id(path, own_id)
        return
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO kept VALUES ('file', ?) ON CONFLICT DO UPDATE SET value = excluded.value", [own_id])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four cases: one with all there is, one resolved, one without a date, one withdrawn."""
    path = tmp_path_factory.mktemp("export") / "cases.db"
    for now, *arguments in EVERYTHING:
        did(path, *arguments, now=now)
    give_id(path)
    return path


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "cases.db"
    path.write_bytes(made.read_bytes())
    return path


def events(path: Path, *arguments: str, now: str = NOW) -> dict[str, Any]:
    """The events of an export by their summaries."""
    return {
        str(each["summary"]): each
        for each in Calendar.from_ical(did(path, "export", "ics", *arguments, now=now)).events
    }


def table(path: Path, *arguments: str) -> list[dict[str, str]]:
    text = did(path, "export", "csv", *arguments)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def sheets(path: Path, *arguments: str) -> dict[str, list[list[Any]]]:
    file = path.with_name("sheets.xlsx")
    did(path, "export", "xlsx", str(file), "--force", *arguments)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in excel(file)}


# -- whole outputs


@pytest.mark.parametrize("format_", FORMATS, ids=" ".join)
def test_everything_exported_is_as_it_was(cases: Path, format_: tuple[str, ...]) -> None:
    exported, record, _ = did(cases, "export", *format_).partition('],\n"record": ')  # that is for test_taking_over.py
    assert bool(record) == (format_ == ("json",))
    exported = re.sub(r'"[0-9a-f]{64}"', '"(digest)"', exported) + (
        "]}\n" if record else ""
    )  # of a file with comments in it
    same_as_kept(f"export-{format_[-1]}.{format_[0]}", exported)


def test_the_sheets_of_excel_have_what_the_tables_have(cases: Path) -> None:
    found = sheets(cases)
    assert list(found) == ["Cases", "Deadlines", "History"]
    for name, rows in found.items():
        text = [
            [f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else str(cell or "") for cell in row]
            for row in rows
        ]
        same = [dict(zip(text[0], row, strict=True)) for row in text[1:]]
        assert same == table(cases, "--what", name.lower())


def test_a_sheet_is_ready_to_use(cases: Path) -> None:
    did(cases, "export", "xlsx", "out.xlsx", "--identify")
    book = excel(cases.with_name("out.xlsx"))
    for sheet in book:
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", sheet.dimensions)
        assert all(cell.font.bold for cell in sheet[1])
        for cell in sheet[1]:  # a heading may take two lines
            assert sheet.column_dimensions[cell.column_letter].width >= max(map(len, str(cell.value).split())), (
                cell.value
            )
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
        wide = sum(each.width for each in sheet.column_dimensions.values())
        across = sheet.page_setup.fitToWidth  # no more pages side by side than letters of 7 points need
        assert wide / across <= 235 < wide / (across - 1 or 0.1)
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$A")
        for row in sheet.iter_rows(min_row=2):
            lines = max(
                len(wrap(str(cell.value), int(sheet.column_dimensions[cell.column_letter].width)))
                for cell in row
                if isinstance(cell.value, str)
            )
            assert (sheet.row_dimensions[row[0].row].height or 15) >= 15 * lines
    dates = [cell for row in book["Deadlines"].iter_rows(min_row=2) for cell in row if isinstance(cell.value, datetime)]
    assert len(dates) > 10
    assert all(cell.is_date and cell.number_format == "yyyy-mm-dd hh:mm" for cell in dates)
    assert (book.properties.creator, book.properties.created) == ("escalate", datetime(2026, 11, 30, 10))
    born = [cell for row in book["Cases"].iter_rows() for cell in row if cell.value == datetime(2014, 5, 3)]
    assert [cell.number_format for cell in born] == ["yyyy-mm-dd"]


@pytest.mark.script
def test_csv_opens_rightly_in_excel(cases: Path) -> None:
    did(cases, "note", "1", "naïve, “quoted”\nand broken")
    done = subprocess.run(
        command("export", "csv", "--what", "history"),
        env=with_system({"ESCALATE_DB": str(cases), "LANG": "C", "ESCALATE_NOW": NOW}), capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(b"\xef\xbb\xbfCase,Entry,")
    lines = done.stdout.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == ""
    assert not any("\n" in line or "\r" in line for line in lines)
    assert any("naïve, “quoted” and broken" in line for line in lines)


def test_json_has_the_documents_of_the_other_commands(cases: Path) -> None:
    found = json.loads(did(cases, "export", "json"))
    assert list(found) == ["cases", "deadlines", "history", "record"]
    for case in found["cases"]:
        shown = json.loads(did(cases, "show", case["case"], "--json"))
        assert case == {key: shown[key] for key in case}
        assert [each for each in found["deadlines"] if each["case"] == case["case"]] == shown["deadlines"]
        history = [{"case": case["case"], **entry} for entry in shown["history"]]
        assert [each for each in found["history"] if each["case"] == case["case"]] == history
    assert found["cases"][1]["closed_at"] == "2026-11-24T11:00:00+00:00"


def test_where_there_are_no_cases_everything_is_empty_and_no_file_is_made(tmp_path: Path) -> None:
    def exported(*words: str) -> str:
        return did(tmp_path, "export", *words, ESCALATE_DB="")  # a file that is not named

    assert json.loads(exported("json")) == {"cases": [], "deadlines": [], "history": [], "record": None}
    assert Calendar.from_ical(exported("ics")).events == []
    for name in TABLES:
        assert len(exported("csv", "--what", name).splitlines()) == 1
    exported("xlsx", str(tmp_path / "sheets.xlsx"))
    assert [sheet.max_row for sheet in excel(tmp_path / "sheets.xlsx")] == [1, 1, 1]
    assert [each.name for each in tmp_path.iterdir()] == ["sheets.xlsx"]


@pytest.mark.script
def test_whoever_stops_reading_is_told_nothing(cases: Path) -> None:
    reader = subprocess.Popen(
        command("export", "json"), env={"ESCALATE_DB": str(cases), "ESCALATE_NOW": NOW}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert reader.stdout
    assert reader.stderr
    reader.stdout.close()
    assert (reader.stderr.read(), reader.wait(30)) == (b"", 0)
    reader.stderr.close()


# -- the calendar


def test_an_event_lasts_from_act_by_until_the_deadline(cases: Path) -> None:
    deadlines = {
        each["action"]: each
        for each in json.loads(did(cases, "export", "json"))["deadlines"]
        if each["case"] == "E0001"
    }
    response = events(cases)["E0001 Respond by email, and record it as management oversight or supervision"]
    assert (
        response.start
        == datetime.fromisoformat(deadlines["response"]["act_by"])
        == datetime(2026, 11, 20, 17, tzinfo=UTC)
    )
    assert (
        response.end
        == datetime.fromisoformat(deadlines["response"]["due_at"])
        == datetime(2026, 11, 21, 16, tzinfo=UTC)
    )
    for event in events(cases).values():
        assert event.start < event.end
        for alarm in event.walk("VALARM"):
            line = next(
                each
                for each in deadlines.values()
                if each["due_at"] and datetime.fromisoformat(each["due_at"]) == event.end
            )
            assert event.start + alarm["trigger"].dt == datetime.fromisoformat(line["act_by"]) - timedelta(hours=2)


def test_where_act_by_is_the_deadline_itself_the_event_ends_there(cases: Path) -> None:
    did(cases, "open", "hull-east-riding", "--about", "Thresholds", now="2026-11-24T11:00")
    found = [each for summary, each in events(cases).items() if summary.startswith("E0005")]
    ends = datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert {(each.start, each.end) for each in found} == {(ends - timedelta(minutes=30), ends)}
    assert {each.start + each.walk("VALARM")[0]["trigger"].dt for each in found} == {ends - timedelta(hours=2)}


def test_every_deadline_with_a_date_has_one_event_and_no_other_has(cases: Path) -> None:
    deadlines = json.loads(did(cases, "export", "json"))["deadlines"]
    dated = [each for each in deadlines if each["due_at"] and not each["ended_at"]]
    calendar = Calendar.from_ical(did(cases, "export", "ics"))
    live = [each for each in calendar.events if each["status"] != "CANCELLED"]
    assert sorted(each.end for each in live) == sorted(datetime.fromisoformat(each["due_at"]) for each in dated)
    uids = [each["uid"] for each in calendar.events]
    assert len(set(uids)) == len(uids) == len(calendar.events)
    says = run(cases, "export", "ics").stderr
    assert says == "2 things to do have no date, and no place in a calendar: escalate due lists what is undated.\n"


def test_standing_shows_in_the_status(cases: Path) -> None:
    found = {summary: (str(each["status"]), len(each.walk("VALARM"))) for summary, each in events(cases).items()}
    assert found["Done: E0001 Discuss the issue with the other agency"] == ("CONFIRMED", 0)
    assert found["E0001 Agree a resolution between line managers, or go up to stage 3"] == ("CONFIRMED", 1)
    gone = [summary for summary, (status, alarms) in found.items() if status == "CANCELLED" and not alarms]
    assert {summary[:20] for summary in gone} == {
        "No longer due: E0001",
        "No longer due: E0004",
        "Missed: E0004 Discus",
    }
    assert all(status != "CANCELLED" for summary, (status, _) in found.items() if summary not in gone)


def test_what_may_still_move_is_tentative(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    did(path, "open", "hull-east-riding", "--about", "Thresholds", now="2028-12-31T12:00")
    assert {str(each["status"]) for each in events(path, now="2029-01-03T10:00").values()} == {"TENTATIVE"}


def test_while_nothing_changes_not_a_byte_does(cases: Path) -> None:
    before = did(cases, "export", "ics")
    assert did(cases, "export", "ics", now="2027-06-01T10:00") == before
    did(cases, "note", "1", "a remark")
    did(cases, "assign", "1", "receiving", "Cy Keeper")
    assert did(cases, "export", "ics") == before
    if engine.chosen is None:
        with closing(sqlite3.connect(cases)) as db, db:
            db.execute("DELETE FROM kept WHERE name = 'rules'")  # every table is worked out anew
        assert did(cases, "export", "ics") == before


def test_what_changes_keeps_its_uid_and_raises_its_number(cases: Path) -> None:
    summary = "E0001 Respond by email, and record it as management oversight or supervision"
    before = events(cases)
    did(cases, "done", "1", "response", "--at", "23 Nov 2026 11:00", now="2026-11-30T09:00")
    after = events(cases)
    was, done = before.pop(summary), after.pop(f"Done: {summary}")
    assert (done["uid"], int(was["sequence"]), int(done["sequence"])) == (was["uid"], 0, 1)
    assert (done.stamp, done.last_modified) == (datetime(2026, 11, 30, 9, tzinfo=UTC),) * 2
    assert "That was late." in done["description"]
    assert {name: each.to_ical() for name, each in after.items()} == {
        name: each.to_ical() for name, each in before.items()
    }


def test_a_filter_changes_no_event(cases: Path) -> None:
    whole = events(cases)
    part = events(cases, "--agency", "Trust")
    assert 0 < len(part) < len(whole)
    assert all(whole[summary].to_ical() == each.to_ical() for summary, each in part.items())


def test_another_file_has_other_uids_for_the_same_cases(cases: Path) -> None:
    before = {str(each["uid"]) for each in events(cases).values()}
    give_id(cases, "f" * 32)
    assert before.isdisjoint(str(each["uid"]) for each in events(cases).values())


def test_a_file_gets_its_id_when_it_first_needs_one_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    did(path, "open", "hull-east-riding", "--about", "Thresholds")
    first = did(path, "export", "ics")
    assert did(path, "export", "ics") == first
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    assert did(copy, "export", "ics") == first


def test_lines_are_folded_and_end_as_they_must(cases: Path) -> None:
    text = did(cases, "export", "ics")
    assert text.replace("\r\n", "").count("\n") == 0
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


@pytest.mark.script
@pytest.mark.system
@pytest.mark.skipif(shutil.which("khal") is None, reason="khal is not installed")
def test_khal_reads_the_calendar(cases: Path, tmp_path: Path) -> None:
    did(cases, "export", "ics", "deadlines.ics")
    (tmp_path / "calendar").mkdir()
    (tmp_path / "khal.conf").write_text(f"""
[calendars]
[[escalations]]
path = {tmp_path}/calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/London
default_timezone = Europe/London
[sqlite]
path = {tmp_path}/khal.db
""")

    def khal(*arguments: str) -> str:
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        words = ["khal", "-c", str(tmp_path / "khal.conf"), *arguments]
        return subprocess.run(words, env=environment, check=True, capture_output=True, text=True, cwd=tmp_path).stdout

    for _ in range(2):  # importing it again adds nothing
        khal("import", "--batch", "-a", "escalations", "deadlines.ics")
    listed = khal(
        "list", "--format", "{start}|{end}|{status}|{title}", "--day-format", "", "--once", "2026-11-20", "14d"
    )
    found = {line.split("|")[3]: line.split("|")[:3] for line in listed.splitlines() if line}
    assert found == {
        summary: [
            f"{each.start:%Y-%m-%d %H:%M}", f"{each.end:%Y-%m-%d %H:%M}", f"{each['status']} ",
        ]
        for summary, each in events(cases).items()
    }  # fmt: skip


# -- who is named


CANARIES = ("Ada Canary", "12 Canary Row", "2014-05-03", "3 May 2014", "Bo Keeper", "bo.keeper@trust.example")


@pytest.mark.parametrize("format_", [*FORMATS, ("xlsx",)], ids=" ".join)
def test_nobody_is_named_unless_that_was_asked_for(cases: Path, format_: tuple[str, ...]) -> None:
    def named(*more: str) -> list[str]:
        if format_[0] == "xlsx":
            text = str(sheets(cases, *more))
        else:
            text = did(cases, "export", *format_, *more).replace("\r\n ", "")
        return [canary for canary in CANARIES if canary.casefold() in text.casefold()]

    assert named() == []
    assert format_[0] == "ics" or len(named("--identify")) >= 3


# -- which cases


FILTERS = [
    ([], ["E0001", "E0002", "E0003", "E0004"]),
    (["--status", "open"], ["E0001", "E0003"]),
    (["--agency", "police"], ["E0002", "E0004"]),
    (["--agency", "Children's Services"], ["E0003"]),
    (["--protocol", "lincolnshire"], ["E0004"]),
    (["--protocol", "north-east-lincolnshire"], []),
    (["--stage", "2"], ["E0001"]),
    (["--theme", "drift"], ["E0001"]),
    (["--since", "24 Nov 2026"], ["E0003", "E0004"]),
    (["--as-of", "2026-11-24T10:00"], ["E0001", "E0002"]),
    (["--as-of", "2026-11-24T10:00", "--status", "resolved"], []),
    (["--status", "withdrawn", "--agency", "trust"], []),
]


@pytest.mark.parametrize(("filters", "expected"), sampled(FILTERS, 3), ids=str)
def test_only_the_cases_asked_for_are_exported(cases: Path, filters: list[str], expected: list[str]) -> None:
    found = json.loads(did(cases, "export", "json", *filters))
    record = found.pop("record")
    assert {each["case"] for each in record["cases"]} == set(expected) if record else "--as-of" in filters
    for part in found.values():
        assert set(expected) >= {each["case"] for each in part}
    assert [each["case"] for each in found["cases"]] == expected
    for name in TABLES:
        assert {row["Case"] for row in table(cases, "--what", name, *filters)} <= set(expected)
    assert {re.sub("^(Done|Missed|No longer due): ", "", summary)[:5] for summary in events(cases, *filters)} <= set(
        expected
    )


def test_as_of_is_as_it_was_known_and_stood(cases: Path) -> None:
    at = ("--as-of", "2026-11-20T16:10")
    assert {each["kind"] for each in table(cases, "--what", "history", *at) for each in [{"kind": each["Kind"]}]} == {
        "opened", "assigned", "set", "done", "advanced", "noted",
    }  # fmt: skip
    assert "overdue" not in {row["Standing"] for row in table(cases, "--what", "deadlines", *at)}
    assert "overdue" in {row["Standing"] for row in table(cases, "--what", "deadlines")}
    assert not any(summary.startswith("No longer") for summary in events(cases, *at))


def test_what_was_made_is_said(cases: Path) -> None:
    ran = run(cases, "export", "csv", "out.csv", "--what", "cases", "--since", "24 Nov 2026")
    assert (ran.status, ran.stderr) == (0, "")
    assert ran.stdout.endswith("out.csv: 2 cases.\n")
    assert "Tuesday 24 November 2026" in ran.stdout
    to_script = run(cases, "export", "json", "--since", "24 Nov 2026")
    assert len(json.loads(to_script.stdout)["cases"]) == 2
    assert "Tuesday 24 November 2026" in to_script.stderr


# -- what is refused


REFUSED = [
    (("pdf",), 2, '"pdf" is not a format: say ics, csv, xlsx or json.'),
    (("csv",), 2, "A csv is of one table: say which with --what cases, deadlines or history."),
    (("csv", "--what", "people"), 2, '"people" is not a table: say cases, deadlines or history.'),
    (("json", "--what", "cases"), 2, "--what chooses the table of a csv: leave it out for json."),
    (("ics", "--what", "deadlines"), 2, "--what chooses the table of a csv: leave it out for ics."),
    (("ics", "--identify"), 2, "A calendar never names anybody: leave --identify out for ics."),
    (("json", "--status", "done"), 2, '"done" is not a status'),
    (("json", "--protocol", "hul"), 1, 'There is no protocol "hul"'),
    (("json", "--as-of", "2027-01-01"), 1, "is in the future"),
    (("json", "--since", "soon"), 2, '"soon" cannot be read as a date and time'),
    ((), 2, "Missing argument"),
    (("json", "a", "b"), 2, "There is more than escalate export takes: b."),
]


@pytest.mark.parametrize(("arguments", "status", "says"), REFUSED, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("to_file", [False, True])
def test_what_cannot_be_exported_is_refused_in_a_sentence(
    cases: Path, arguments: tuple[str, ...], status: int, says: str, to_file: bool
) -> None:
    file = ["out"] if to_file and len(arguments) and "b" not in arguments else []
    ran = run(cases, "export", *arguments[:1], *file, *arguments[1:])
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1)
    assert says in ran.stderr
    assert [each.name for each in cases.parent.iterdir()] == ["cases.db"]


@pytest.mark.file_only("a terminal of its own")
def test_excel_is_not_written_to_a_terminal(cases: Path) -> None:
    with pytest.raises(AssertionError, match="An Excel file cannot be read on a terminal: name a file"):
        answered(cases, "", "export", "xlsx")
    assert "Case,Subject" in answered(cases, "", "export", "csv", "--what", "cases", "--as-of", "2026-11-20T10:00")


@pytest.mark.script
def test_excel_goes_through_a_pipe(cases: Path) -> None:
    environment = {"ESCALATE_DB": str(cases), "ESCALATE_NOW": NOW}
    done = subprocess.run(command("export", "xlsx"), env=environment, capture_output=True, check=True)
    assert excel(io.BytesIO(done.stdout)).sheetnames == ["Cases", "Deadlines", "History"]


@pytest.mark.script
def test_without_its_library_excel_says_how_to_get_it(cases: Path) -> None:
    script = "import sys; sys.modules['openpyxl'] = None; sys.argv = ['escalate', *sys.argv[1:]]; from escalate.cli import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", script, "export", "xlsx", str(cases.with_name("out.xlsx"))],
        env={"ESCALATE_DB": str(cases), "ESCALATE_NOW": NOW}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "pip install 'escalate[office]' brings it" in done.stderr
    assert [each.name for each in cases.parent.iterdir()] == ["cases.db"]


@pytest.mark.file_only("damages the file")
def test_a_damaged_case_leaves_no_half_of_an_export(cases: Path) -> None:
    with past_the_guards(cases) as db:
        db.execute("UPDATE entry SET data = '{' WHERE case_ref = 'E0003'")
    for format_ in [*FORMATS, ("xlsx",)]:
        for file in ([], ["out"]):
            ran = run(cases, "export", format_[0], *file, *format_[1:])
            assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
            assert "is damaged in the history of E0003" in ran.stderr
    assert [each.name for each in cases.parent.iterdir()] == ["cases.db"]


# -- hostile text


HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1", "\u00a0=1", "\uff1d1+1", "[/] [bold]x[/bold]", "\x1b[31mred", "<script>alert(1)</script>",
    "a\r\nATTENDEE:mailto:x@y.example\r\nBEGIN:VEVENT", "abc\u202edef\u2066", "bell\x07\x0b\x1f\x7f\x9b", "'; DROP TABLE cases;--",
    '=HYPERLINK("http://x.example","x")', "_x003D_1+1", "\ufffe\uffff", 'a,b;c\\n\\,"q"', "DDE|x", "é" * 80,
]  # fmt: skip
CONTROLS = {chr(n) for n in (*range(32), *range(127, 160))} | set("\u202e\u2066\ufffe\uffff")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case for each text, which stands wherever one can be typed. Made in this process: there are many, and only the output counts."""
    path = tmp_path_factory.mktemp("hostile") / "cases.db"
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {"ESCALATE_DB": str(path), "ESCALATE_NOW": NOW, "ESCALATE_BY": "tests"}.items():
            patched.setenv(name, value)
        for number, text in enumerate(HOSTILE, 1):
            sides = [f"--subject={text}", f"--from={text}", f"--to={text}", f"--about={text}"]
            known = [f"name={text}", f"involved={text}", f"lessons={text}", f"address={text}", f"theme={text[:50]}"]
            app(["open", "hull-east-riding", *sides], standalone_mode=False)
            app(["note", str(number), "--", text], standalone_mode=False)
            app(["set", str(number), *known], standalone_mode=False)
            app(["assign", str(number), "raising", "--role", text, "--", text], standalone_mode=False)
    return path


@pytest.mark.slow
def test_in_csv_hostile_text_is_only_text(hostile: Path) -> None:
    for name in TABLES:
        text = did(hostile, "export", "csv", "--what", name, "--identify")
        assert not CONTROLS & set(text.replace("\r\n", ""))
        cells = [cell for row in table(hostile, "--what", name, "--identify") for cell in row.values()]
        assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@", "＝"))] == []
        assert name == "deadlines" or any(cell.startswith("'=HYPERLINK") for cell in cells)


def test_in_excel_hostile_text_is_only_text(hostile: Path) -> None:
    did(hostile, "export", "xlsx", "out.xlsx", "--identify")
    cells = [cell for sheet in excel(hostile.with_name("out.xlsx")) for row in sheet.iter_rows() for cell in row]
    text = [cell for cell in cells if isinstance(cell.value, str)]
    assert {cell.data_type for cell in text} == {"s"}
    assert all(cell.quotePrefix == cell.value.strip().startswith(("=", "+", "-", "@", "＝")) for cell in text)
    assert not CONTROLS & set("".join(cell.value for cell in text))
    values = {cell.value for cell in text}
    assert {"=1+1", '=HYPERLINK("http://x.example","x")', "_x005F_x003D_1+1"} <= values


def test_in_json_hostile_text_is_as_it_was_typed(hostile: Path) -> None:
    text = did(hostile, "export", "json")
    assert text.isascii()
    assert not CONTROLS & set(text.replace("\n", ""))
    notes = [each["text"] for each in json.loads(text)["history"] if each["kind"] == "noted"]
    assert len(notes) == len(HOSTILE)
    assert {"=1+1", "\x1b[31mred"} <= set(notes)


def test_in_a_calendar_no_text_that_somebody_typed_stands_at_all(hostile: Path) -> None:
    text = did(hostile, "export", "ics")
    assert not CONTROLS & set(text.replace("\r\n", ""))
    unfolded = text.replace("\r\n ", "")
    assert [each for each in HOSTILE if len(each) > 4 and each in unfolded] == []


def test_a_hostile_protocol_adds_no_line_to_a_calendar(tmp_path: Path) -> None:
    path, protocol = tmp_path / "cases.db", tmp_path / "hostile.toml"
    changed = (Path(__file__).parents[2] / "protocols" / "hull-east-riding.toml").read_text(encoding="utf-8")
    bad = r"\r\nATTENDEE:mailto:x@y.example\r\n\u001b[31m\u0007\u202e\\, ; end"
    for text in (
        "Discuss the issue with the other agency",
        "Practitioner to practitioner",
        "The practitioner raising the issue",
    ):
        assert f'"{text}"' in changed
        changed = changed.replace(f'"{text}"', f'"{text}{bad}"')
    protocol.write_text(changed, encoding="utf-8")
    did(path, "open", str(protocol), "--about", "Thresholds")
    text = did(path, "export", "ics")
    assert not CONTROLS & set(text.replace("\r\n", ""))
    assert "\r\nATTENDEE" not in text.replace("\r\n ", "")
    summary = "E0001 Discuss the issue with the other agency ATTENDEE:mailto:x@y.example \\x1b[31m\\x07\\u202e\\, ; end"
    lines = events(path)[summary]["description"].split("\n")
    assert any(line.startswith("Stage 1: Practitioner to practitioner ATTENDEE:") for line in lines)
    assert any(line.startswith("For: The practitioner raising the issue ATTENDEE:") for line in lines)


def test_text_longer_than_a_cell_is_cut_where_it_shows(cases: Path) -> None:
    did(cases, "note", "1", "x" * 40_000)
    longest = max((str(cell) for row in sheets(cases)["History"] for cell in row), key=len)
    assert len(longest) == 32_767
    assert longest.endswith("x … (cut: escalate log has all of it)")
