"""A clock that was set by hand, or set back: what was recorded so is marked for good, and told."""

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest

from escalate.commands.shared import session
from tests.driver import Office, begin

office = Office(driver=begin, environment={"ESCALATE_CONFIG": "{home}/no-settings.toml"})
HAND = "Recorded with the clock set by hand"

Clock = Callable[[str], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the computer's own clock."""

    def to(said: str) -> None:
        class Set(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> "Set":
                return cls.fromisoformat(said).replace(tzinfo=UTC).astimezone(tz)

        monkeypatch.setattr(session, "datetime", Set)

    return to


@pytest.fixture
def in_time(tmp_path: Path, clock: Clock) -> Path:
    """A case whose discussion was due on 18 November, and written down on 30 November with the clock set to 17 November."""
    clock("2026-11-16T10:00")
    office.did(tmp_path, "open", "hull-east-riding", "--about", "x", "--from", "Trust", "--to", "Council")
    clock("2026-11-30T10:30")
    office.did(tmp_path, "done", "1", "discussion", now="2026-11-17T09:00")
    office.did(tmp_path, "note", "1", "by the computer's clock")
    return tmp_path


def test_what_is_recorded_by_the_computers_own_clock_has_no_mark(tmp_path: Path, clock: Clock) -> None:
    clock("2026-11-16T10:00")
    office.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    for line in ("log 1", "show 1", "explain 1", "verify", "report", "calendar show"):
        assert "by hand" not in office.did(tmp_path, *line.split()), line
    verified = office.json(tmp_path, "verify")
    assert (verified["clock_set_by_hand"], verified["clock_set_back"]) == ([], [])
    assert [each["clock_set_by_hand"] for each in office.json(tmp_path, "log", "1")] == [False]
    assert office.json(tmp_path, "report")["clock_set_by_hand"] == {"entries": 0, "cases": 0}


def test_an_entry_recorded_with_the_clock_set_by_hand_is_told_everywhere(in_time: Path) -> None:
    for line in ("log", "show", "explain"):
        assert f"{HAND}: entry 2." in office.did(in_time, line, "1"), line
    entries = office.json(in_time, "log", "1")
    assert [each["clock_set_by_hand"] for each in entries] == [False, True, False]
    assert not any("clock" in each["data"] for each in entries)
    assert "by hand" not in office.did(in_time, "log", "1", "--kind", "noted")


def test_a_calendar_kept_with_the_clock_set_by_hand_is_told_where_its_days_are_and_where_figures_rest_on_it(
    in_time: Path,
) -> None:
    add = ("calendar", "add", "23 Dec 2026", "--reason", "Closed", "--calendar", "england-and-wales", "--yes")
    assert "by hand" not in office.did(in_time, "calendar", "show", "2026")
    office.did(in_time, *add, now="2026-11-20T09:00")
    said = f"{HAND}: version 2 of the calendar England and Wales (from Fri 20 Nov 2026 09:00)."
    version = {"calendar": "england-and-wales", "version": 2, "since": "2026-11-20T09:00:00+00:00"}
    for line in ("calendar show 2026", "report"):
        assert said in " ".join(office.did(in_time, *line.split()).split()), line
    assert office.json(in_time, "calendar", "show", "2026")["clock_set_by_hand"] == [version]
    assert office.json(in_time, "report")["calendars_set_by_hand"] == [version]
    # of what was known before, and of cases that do not count on that calendar, there is nothing to tell
    assert office.json(in_time, "report", "--as-of", "19 Nov 2026 10:00")["calendars_set_by_hand"] == []
    assert office.json(in_time, "report", "--protocol", "lincolnshire")["calendars_set_by_hand"] == []


def test_verify_says_how_far_it_was_from_the_computers_own_clock(in_time: Path) -> None:
    ran = office(in_time, "verify")
    assert (ran.status, ran.stderr) == (0, "")
    assert (
        "1 entry was recorded with the clock set by hand. The furthest from the computer's own clock is entry 2 of E0001: recorded as of"
        " Tuesday 17 November 2026 09:00, when that clock said Monday 30 November 2026 10:30."
    ) in ran.stdout
    found = office.json(in_time, "verify")
    assert [(each["what"], each["clock"][:16]) for each in found["clock_set_by_hand"]] == [
        ("entry 2 of E0001", "2026-11-30T10:30")
    ]
    assert found["clock_set_back"] == []


def test_a_report_says_that_its_figures_rest_on_it(in_time: Path) -> None:
    says = f"{HAND}: 1 entry of 1 case. What was in time or late goes by the times that were given there."
    for format_ in ("text", "markdown", "html"):
        assert says in office.did(in_time, "report", "--format", format_), format_
    assert office.json(in_time, "report")["clock_set_by_hand"] == {"entries": 1, "cases": 1}
    assert f"{HAND}: some entries." in office.did(in_time, "report", "--suppress", "5")
    assert office.json(in_time, "report", "--suppress", "5")["clock_set_by_hand"] == {"entries": None, "cases": None}
    assert HAND not in office.did(in_time, "report", "--from", "1 Nov 2026", "--to", "10 Nov 2026")


@pytest.mark.file_only("a row of it is changed")
@pytest.mark.plain_only("by hand")
def test_the_mark_cannot_be_taken_off(in_time: Path) -> None:
    with closing(sqlite3.connect(in_time / "cases.db", isolation_level=None)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'"
        )
        for name, text in triggers.fetchall():
            if "UPDATE" not in text.upper().split("ON")[0]:
                continue
            connection.execute(f"DROP TRIGGER {name}")
            changed = connection.execute("UPDATE entry SET data = json_remove(data, '$.clock') WHERE seq = 2").rowcount
            connection.execute(text)
            assert changed == 1
    ran = office(in_time, "verify")
    assert (ran.status, "Entry 2 is not what was recorded" in ran.stderr) == (1, True), ran.stderr


def test_all_that_records_has_the_mark(tmp_path: Path, clock: Clock) -> None:
    clock("2026-11-30T10:30")
    with (tmp_path / "log.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["Protocol", "Date raised", "Subject"], ["hull-east-riding", "16/11/2026", "S-1"]])
    now = "2026-11-17T09:00"
    office.did(tmp_path, "import", "log.csv", "--write", now=now)
    office.did(tmp_path, "open", "hull-east-riding", "--about", "x", now=now)
    office.did(tmp_path, "calendar", "add", "2026-11-20", "--reason", "Closed", "--yes", now=now)
    office.did(tmp_path, "show", "2", "--identify", now=now)
    for case in ("1", "2"):
        entries = office.json(tmp_path, "log", case)
        assert {each["clock_set_by_hand"] for each in entries} == {True}, entries
    office.did(tmp_path, "show", "2", "--identify")
    assert [each["clock_set_by_hand"] for each in office.json(tmp_path, "access")] == [False, True]
    assert office.did(tmp_path, "access").count("clock set by hand") == 1
    assert any(each["what"] == "look *@1" for each in office.json(tmp_path, "verify")["clock_set_by_hand"])
    judged = {each["what"] for each in office.json(tmp_path, "verify")["clock_set_by_hand"] if "@" not in each["what"]}
    assert {"the edition 2025-06 of hull-east-riding", "version 2 of the england-and-wales calendar"} <= judged
    said = office.did(tmp_path, "verify")
    assert (
        "1 look at names, 1 edition of a protocol and 6 versions of calendars were recorded with the clock set by hand"
        in said
    )


def test_a_computers_clock_that_was_set_back_is_told_and_breaks_nothing(tmp_path: Path, clock: Clock) -> None:
    clock("2026-11-16T10:00")
    office.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    clock("2026-12-01T10:00")
    office.did(tmp_path, "note", "1", "ahead")
    clock("2026-12-01T09:55")
    office.did(tmp_path, "note", "1", "somebody thought about it before")
    assert office(tmp_path, "verify").stderr == ""
    clock("2026-11-17T10:00")
    office.did(tmp_path, "open", "hull-east-riding", "--about", "y")
    ran = office(tmp_path, "verify")
    assert (ran.status, ran.stderr) == (
        0,
        "The computer's clock was set back: entry 1 of E0002 was recorded by it on Tuesday 17 November 2026 10:00, after entry 3 of E0001"
        " on Tuesday 1 December 2026 09:55. One of the two times is wrong.\n",
    )
    assert [(each["what"], each["before"]) for each in office.json(tmp_path, "verify")["clock_set_back"]] == [
        ("entry 1 of E0002", "entry 3 of E0001")
    ]
