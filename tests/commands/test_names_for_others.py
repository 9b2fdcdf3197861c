"""What leaves the office calls a partnership, its routes and its stages by their names: an id is for whoever types it."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.driver import Office

openpyxl = pytest.importorskip("openpyxl")

ID, PARTNERSHIP, ROUTE, STAGE = (
    "zq9-mash",
    "Nether Wallop Safeguarding Board",
    "Disputes about closing",
    "Managers meet",
)
PROTOCOL = f"""
id = "{ID}"
title = "Resolving disagreements"
partnership = "{PARTNERSHIP}"
covers = ["children"]
source = "{PARTNERSHIP}, Resolving disagreements"
edition = {{ dated = "2026" }}
calendar = {{ name = "england-and-wales" }}
routes = [
  {{ key = "rt-qx", name = "{ROUTE}", starts = "1" }},
  {{ key = "rt-zz", name = "Other disputes", starts = "1" }},
]
[[stages]]
route = "rt-qx"
key = "1"
name = "{STAGE}"
owner = "Line manager"
next = []
cite = "1"
[[stages.actions]]
key = "kx-talk"
name = "Talk to each other"
timescales = [{{ within = "2 working days", from = "stage", cite = "1" }}]
[[stages.actions]]
key = "kx-write"
name = "Write it down"
[[stages]]
route = "rt-zz"
key = "1"
name = "Heads meet"
owner = "Heads"
next = []
cite = "2"
"""
NOW = "2026-11-30T10:00:00+00:00"
run = Office(NOW, environment={"ESCALATE_PROTOCOLS": "{home}", "COLUMNS": "100"})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An open case that is overdue, and one that was resolved late, with a lesson."""
    folder = tmp_path_factory.mktemp("names")
    (folder / f"{ID}.toml").write_text(PROTOCOL)
    case = ("--from", "Wye NHS Trust", "--to", "Children's Services", "--about", "Closing it is not safe")
    for subject in ("S-1", "S-2"):
        run.did(folder, "open", ID, "--subject", subject, *case, now="2026-11-02T10:00:00+00:00")
    run.did(folder, "resolve", "2", "--how", "Talked", "--lessons", "Talk sooner", now="2026-11-20T10:00:00+00:00")
    return folder


IN_WORDS = {
    "report": ("report",),
    "report on a narrow terminal": ("report", "--year", "2026/27"),
    "report in Markdown": ("report", "--format", "markdown"),
    "report as a page": ("report", "--format", "html"),
    "report on one protocol": ("report", "--protocol", ID),
    "report for publication": ("report", "--suppress", "5"),
    "digest": ("digest", "--always"),
    "digest in Markdown": ("digest", "--always", "--format", "markdown"),
    "digest as a page": ("digest", "--always", "--format", "html"),
    "calendar": ("export", "ics"),
}


@pytest.mark.parametrize("command", IN_WORDS.values(), ids=IN_WORDS.keys())
def test_no_id_stands_in_what_others_read(office: Path, command: tuple[str, ...]) -> None:
    shown = run.did(office, *command)
    plain = " ".join(shown.replace("\r\n ", "").replace("\\", "").split())
    assert PARTNERSHIP in plain
    commands = ("Proof: escalate", "escalate done", "escalate explain", "escalate agree")
    told = [line for line in shown.splitlines() if not any(each in line for each in commands)]
    said = "\n".join(told).replace("kx-talk@", "")
    for name in (ID, "rt-qx", "rt-zz"):
        assert name not in said, [line for line in told if name in line]


PAGES = {
    "a case": ("show", "3"),
    "its history": ("log", "3"),
    "the proof of a date": ("explain", "3", "kx-more"),
    "the proof of what has no date": ("explain", "3", "kx-write"),
    "a ladder on the calendar": ("plan", ID, "--at", "23 Dec 2026 10:00"),
    "a protocol": ("protocol", "show", ID),
    "two of them rung by rung": ("protocol", "compare", ID, "lincolnshire"),
    "two ladders on the calendar": ("protocol", "compare", ID, "lincolnshire", "--at", "23 Dec 2026 10:00"),
    "two editions": ("protocol", "compare", ID, "zq9-later.toml"),
    "the board": ("board",),
}

ASKS = """
[[facts]]
key = "kx-risk"
ask = "Is anybody at risk?"
[[stages]]
route = "rt-qx"
key = "1"
"""
MORE = """
[[stages.actions]]
key = "kx-more"
name = "Tell the lead"
when = "kx-risk is yes"
timescales = [{ within = "3 days", from = "kx-talk", failing_that = "stage", cite = "1", when = "kx-risk is yes" }]
[[stages]]
route = "rt-zz"
"""


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case in which all that has a key was used, under a protocol that asks, and an edition of it that asks otherwise."""
    folder = tmp_path_factory.mktemp("asking")
    asks = PROTOCOL.replace('[[stages]]\nroute = "rt-qx"\nkey = "1"\n', ASKS).replace(
        '[[stages]]\nroute = "rt-zz"\n', MORE
    )
    later = asks.replace('"2026"', '"2027"').replace("2 working days", "3 working days")
    later = later.replace('when = "kx-risk is yes"\ntimescales', "timescales").replace('"3 days"', '"4 days"')
    (folder / f"{ID}.toml").write_text(asks)
    (folder / "zq9-later.toml").write_text(later)
    case = ("--from", "Wye NHS Trust", "--to", "Children's Services", "--about", "Closing it is not safe")
    for number in range(3):
        run.did(folder, "open", ID, "--subject", f"S-{number}", *case, now="2026-11-27T10:00:00+00:00")
    run.did(folder, "set", "3", "kx-risk=yes", now="2026-11-27T10:05:00+00:00")
    run.did(folder, "done", "3", "kx-talk", now="2026-11-27T11:00:00+00:00")
    return folder


@pytest.mark.parametrize("command", PAGES.values(), ids=PAGES.keys())
def test_no_key_stands_on_a_page(asking: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    pytest.importorskip("jinja2")
    page = tmp_path / "page.html"
    run.did(asking, *command, "--output", str(page))
    said = re.sub(r"<code>escalate .*?</code>|<style>.*?</style>", "", page.read_text("utf-8"), flags=re.DOTALL)
    for key in (
        "zq9",
        "rt-qx",
        "rt-zz",
        "kx-",
        "england-and-wales",
        "no-response",
        "met-late",
        "at-risk",
        "on-track",
        "by tests",
    ):
        assert key not in said, re.findall(f".{{0,80}}{key}.{{0,80}}", said)


def test_an_alert_names_the_partnership(tmp_path: Path) -> None:
    (tmp_path / f"{ID}.toml").write_text(PROTOCOL.replace("2 working days", "24 hours"))
    case = ("--subject", "S-1", "--from", "Wye NHS Trust", "--to", "Police", "--about", "It is not safe")
    run.did(tmp_path, "open", ID, *case, now="2026-11-02T10:00:00+00:00")
    told = run.did(tmp_path, "digest", "--alerts", now="2026-11-02T22:00:00+00:00")
    assert f"{PARTNERSHIP}, stage 1: {STAGE}" in told
    assert ID not in told


def test_a_spreadsheet_has_the_name_and_the_id_in_a_column_of_its_own(office: Path, tmp_path: Path) -> None:
    for command in (("report", "--output"), ("export", "xlsx")):
        path = tmp_path / f"{command[0]}.xlsx"
        run.did(office, *command, str(path))
        tables = [list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path)]
        _held_in_columns(tables)
    for what in ("cases", "deadlines"):
        table = list(csv.reader(io.StringIO(run.did(office, "export", "csv", "--what", what))))
        _held_in_columns([table])


def _held_in_columns(tables: list[list[Any]]) -> None:
    """Wherever an id stands, the heading is Protocol, and the partnership stands beside it."""
    found = 0
    for heading, *rows in tables:
        for row in rows:
            held = [
                str(title).casefold() for title, value in zip(heading, row, strict=False) if value and ID in str(value)
            ]
            assert held in ([], ["protocol"])
            assert not held or PARTNERSHIP in row, (heading, row)
            found += len(held)
    assert found


def test_the_document_of_a_report_has_both(office: Path) -> None:
    report = json.loads(run.did(office, "report", "--json"))
    assert (report["by_protocol"][0]["protocol"], report["by_protocol"][0]["partnership"]) == (ID, PARTNERSHIP)
    stage = report["by_stage"][0]
    assert (stage["route"], stage["route_name"], stage["stage_name"]) == ("rt-qx", ROUTE, STAGE)


def test_where_a_partnership_has_two_protocols_the_title_tells_them_apart(tmp_path: Path) -> None:
    other = PROTOCOL.replace(ID, "zq9-other").replace('"Resolving disagreements"', '"Complaints"')
    for name, text in {ID: PROTOCOL, "zq9-other": other}.items():
        (tmp_path / f"{name}.toml").write_text(text)
        run.did(
            tmp_path, "open", name, "--subject", "S-1", "--from", "Wye NHS Trust", "--to", "Police", "--about", "It"
        )
    by_protocol = json.loads(run.did(tmp_path, "report", "--json"))["by_protocol"]
    titles = ("Resolving disagreements", "Complaints")
    assert {each["partnership"] for each in by_protocol} == {f"{PARTNERSHIP}: {title}" for title in titles}
