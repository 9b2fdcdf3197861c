"""EXPORTS.md has a line for each column, key and property that `export` writes: what it is, as what, and when it is empty."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from escalate.output.report.csv import COLUMNS
from escalate.output.sending.export_rows import TABLES
from tests.commands import random_office
from tests.driver import unit

PAGE = Path(__file__).parents[2] / "EXPORTS.md"
SECTIONS = {"cases": "## Cases", "deadlines": "## Deadlines", "history": "## History"}


def lines_of(heading: str) -> dict[str, tuple[str, str, str]]:
    """The lines of a section of the page: what each is, as what, and when it is empty, by its name."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n{heading}", 1)[1].split("\n#", 1)[0]
    found: dict[str, tuple[str, str, str]] = {}
    for line in re.findall(r"^\| (?!column|key|property|---)(.+) \|$", section, re.MULTILINE):
        names, what, form, empty = (part.strip() for part in line.split(" | "))
        for name in re.findall(r"`([^`]+)`", names) or [names]:
            found[name] = what, form, empty
    return found


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, str]:
    """Cases to which things happened at random, as json with names."""
    path = tmp_path_factory.mktemp("busy") / "cases.db"
    now = f"{random_office.fill(path, 12, seed=31):%Y-%m-%dT%H:%M}"
    return json.loads(unit.did(path, "export", "json", "--identify", now=now)), path, now


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_its_line(table: str) -> None:
    found = lines_of(SECTIONS[table])
    columns = [column.heading for column in TABLES[table].shown(identify=True)]
    assert list(found) == columns
    named = {name for name, (what, _, _) in found.items() if what.startswith("*named*")}
    assert named == {column.heading for column in TABLES[table].named}


@pytest.mark.parametrize("part", ["cases", "deadlines", "history", "record"])
def test_every_key_has_its_line(exported: tuple[dict[str, Any], Path, str], part: str) -> None:
    document = exported[0][part]
    keys = set(document) if part == "record" else {key for each in document for key in each}
    assert set(lines_of(f"### `{part}`")) == keys


def test_every_column_of_a_report_has_its_line() -> None:
    assert tuple(lines_of("## What `escalate report")) == COLUMNS


def test_every_property_of_a_calendar_has_its_line(exported: tuple[dict[str, Any], Path, str]) -> None:
    _, path, now = exported
    events = Calendar.from_ical(unit.did(path, "export", "ics", now=now)).events
    keys = {key for each in events for key in each} | {"VALARM"}
    assert set(lines_of("## `ics`")) == keys
    assert all(set(each) == keys - {"VALARM"} for each in events)


def empty_columns(exported: tuple[dict[str, Any], Path, str]) -> Iterator[tuple[str, str]]:
    """The columns and keys that are empty somewhere, each after its section."""
    document, path, now = exported
    for part, heading in SECTIONS.items():
        rows = csv.DictReader(
            io.StringIO(unit.did(path, "export", "csv", "--what", part, now=now).removeprefix("\ufeff"))
        )
        yield from ((heading, name) for row in rows for name, said in row.items() if not said)
        yield from ((f"### `{part}`", key) for each in document[part] for key, said in each.items() if said is None)


def test_what_is_said_never_to_be_empty_never_is(exported: tuple[dict[str, Any], Path, str]) -> None:
    empty = set(empty_columns(exported))
    assert len(empty) > 20
    assert [place for place in empty if lines_of(place[0])[place[1]][2] == "never"] == []
