"""Twelve logs as offices keep them: no row of theirs is read as something else, and none is lost."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import column_index_from_string

from escalate.storage.files.sheet_rows import MOST_ROWS
from tests.commands.made_logs import LOGS, MadeLog, MadeSheet, Says, Truth, american
from tests.driver import Office
from tests.sizes import sampled, size

run = Office(now="2026-11-24T10:00")


def said_by(case: dict[str, Any], name: str) -> Any:
    """What a case of an export says, in the form in which a made log has it."""
    if name == "visits":
        return [
            (entry["data"]["stage"], entry["at"][:10])
            for entry in case["history"]
            if entry["kind"] in ("opened", "advanced")
        ]
    if name == "holders":
        return [each["name"] for each in case["holders"]]
    if name == "said_at_the_end":
        return case["history"][-1]["text"]
    return case[name]


def wrong_in(case: dict[str, Any], truth: Says) -> Iterator[str]:
    """What a case says otherwise than its row."""
    for name, wanted in truth.items():
        found = said_by(case, name)
        if found != wanted and not (name.endswith("_at") and wanted and found and found.startswith(wanted)):
            yield f"{name} is {found!r}, and not {wanted!r}"


def faults(row: dict[str, Any] | None, truth: Truth, cases: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What is wrong with what became of a row; `row` is None where nothing is said of it."""
    if row is None:
        if truth is not None:
            yield "lost: nothing is said of it"
    elif truth is None:
        if row["outcome"] != "left-out":
            yield f"taken for a case: {row['outcome']}, {row['reason']}"
    elif isinstance(truth, str):
        if row["outcome"] != "bad":
            yield f"read, and not refused for {truth}: {row['outcome']}"
        elif f"({truth}{row['row']})" not in row["reason"] and truth != "raised":
            yield f"refused for something else than {truth}: {row['reason']}"
    elif row["outcome"] != "opened":
        yield f"{row['outcome']}: {row['reason']}"
    else:
        yield from wrong_in(cases[row["case"]], truth)


KEPT_WHOLE = ("about", "how", "lessons", "note", "theme")


def lost_words(
    sheet: MadeSheet, imported: dict[str, Any], rows: dict[Any, dict[str, Any]], cases: dict[str, dict[str, Any]]
) -> Iterator[str]:
    """Words of rows that opened a case, and are nowhere in it."""
    several = len(imported["sheets"]) > 1
    for document in imported["sheets"]:
        for column in document["columns"] if not several or document["sheet"] == sheet.name else ():
            number = column_index_from_string(column["column"]) - 1
            for row in sheet.truth if column["field"] in KEPT_WHOLE else ():
                cells, became = sheet.rows[row - 1], rows.get((sheet.name if several else None, row))
                text = str(cells[number] or "") if number < len(cells) else ""
                if became and became["outcome"] == "opened" and text:
                    plain = " ".join(text.replace("_x000D_", "").split()).casefold()
                    if plain not in " ".join(str(cases[became["case"]]).replace("\\n", " ").split()).casefold():
                        yield f"{row}: {column['heading']} is lost"


def outcome(folder: Path, log: MadeLog) -> tuple[dict[str, Any], list[str]]:
    """What an import says of a log, and what is wrong with what became of its rows."""
    log.write(folder)
    imported = json.loads(run(folder, "import", log.file, *log.options, "--write", "--skip-bad", "--json").stdout)
    exported = json.loads(run.did(folder, "export", "json", "--identify"))
    cases = {each["case"]: {**each, "history": []} for each in exported["cases"]}
    for entry in exported["history"]:
        cases[entry["case"]]["history"].append(entry)
    rows = {(each["sheet"], each["row"]): each for each in imported["rows"]}
    truth = (
        log.truth if len(imported["sheets"]) > 1 else {(None, number): each for (_, number), each in log.truth.items()}
    )
    found = [f"{place}: {fault}" for place, each in truth.items() for fault in faults(rows.get(place), each, cases)]
    found += [fault for sheet in log.sheets for fault in lost_words(sheet, imported, rows, cases)]
    found += [f"{place}: {rows[place]['outcome']}, and nobody knows of it" for place in rows if place not in truth]
    unused = {
        column["heading"] for sheet in imported["sheets"] for column in sheet["columns"] if column["field"] is None
    }
    found += [f"the columns {sorted(unused)} are not taken over"] if unused != set(log.unused) else []
    return imported, found


@pytest.mark.parametrize("make", sampled(LOGS, 3), ids=[each.__name__ for each in LOGS])
def test_no_row_is_read_as_something_else_and_none_is_lost(tmp_path: Path, make: Callable[[], MadeLog]) -> None:
    log = make()
    imported, found = outcome(tmp_path, log)
    assert found == []
    outcomes = Counter(each["outcome"] for each in imported["rows"])
    assert outcomes["opened"] == sum(isinstance(each, dict) for each in log.truth.values()) > 10


@pytest.mark.slow
def test_nor_of_a_long_one(tmp_path: Path) -> None:
    _, found = outcome(tmp_path, american(size(2000, 2000, MOST_ROWS - 200)))
    assert found == []
