"""A bank holiday is proclaimed nine days ahead; a council closes at Christmas: what moves is shown, then moved, and the past is left alone."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from escalate.commands.shared import calendar_change as calendars
from escalate.commands.shared.session import Session
from escalate.errors import Refused
from escalate.storage.calendars import CLOSURE
from escalate.storage.store import Store, open_store
from tests import driver
from tests.calendars import at, shown
from tests.command_line import Ran

GOVUK = Path(__file__).parents[1] / "data" / "govuk-bank-holidays.json"
FUNERAL = ("calendar", "add", "19 Sep 2022", "--reason", "State funeral")

# now, and what is recorded then, before anybody knew of the bank holiday
BEFORE = [
    ("2022-09-01 09:00", "calendar remove|19 Sep 2022|--reason|not proclaimed yet|--yes"),
    # E0001: 8 working days from Wednesday 7 September: 8 9 12 13 14 15 16 19
    ("2022-09-07 12:00", "open|herefordshire|--about|Thresholds|--stage|2|--concern|2022-09-07 10:00"),
    # E0002: 10 working days from Monday 5 September: 6 7 8 9 12 13 14 15 16 19
    ("2022-09-08 10:00", "open|north-yorkshire|--about|Thresholds|--stage|3|--concern|2022-09-05 10:00"),
    # E0003: 15 working days from Thursday 1 September: 2 5 6 7 8 9 12 13 14 15 16 19 20 21 22
    ("2022-09-08 11:00", "open|north-east-lincolnshire|--about|Thresholds|--route|conference-divided|--concern|2022-09-01 15:00"),
    # E0004: nothing reaches the 19th: 24 hours, and 5 working days from Friday 9 September: 12 13 14 15 16
    ("2022-09-09 10:00", "open|hull-east-riding|--about|Thresholds|--stage|3"),
    # E0005: as E0001, and resolved: met with 19 September as its limit
    ("2022-09-07 12:00", "open|herefordshire|--about|Thresholds|--stage|2|--concern|2022-09-07 10:00"),
    ("2022-09-08 12:00", "resolve|5"),
    # E0006: as E0001, and gone up to stage 3 in time: 13 working days, the 26th; what was met had the 19th as its limit
    ("2022-09-07 12:00", "open|herefordshire|--about|Thresholds|--stage|2|--concern|2022-09-07 10:00"),
    ("2022-09-09 12:00", "advance|6"),
    # E0007 is withdrawn
    ("2022-09-07 12:00", "open|herefordshire|--about|Thresholds|--stage|2|--concern|2022-09-07 10:00"),
    ("2022-09-09 12:00", "withdraw|7"),
    # E0008: late already: 3 working days from Thursday 1 September was Tuesday the 6th
    ("2022-09-05 12:00", "open|herefordshire|--about|Thresholds|--stage|1|--concern|2022-09-01 10:00"),
]  # fmt: skip
NOW = "2022-09-10 10:00"
MOVED = {
    ("E0001", "resolve"): ("2022-09-19 23:59:59", "2022-09-20 23:59:59"),
    ("E0002", "resolve"): ("2022-09-19 23:59:59", "2022-09-20 23:59:59"),
    ("E0003", "reconvened"): ("2022-09-22 23:59:59", "2022-09-23 23:59:59"),
    ("E0006", "resolve"): ("2022-09-26 23:59:59", "2022-09-27 23:59:59"),
}


class Unit(driver.Desk):
    """A business unit with cases, whose calendar changes."""

    def dates(self, now: str) -> dict[tuple[str, str], str | None]:
        return {
            (each["case"], each["action"]): shown(each["due_at"] and at(each["due_at"]))
            for each in self.json(now, "due")
        }


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Unit(tmp_path_factory.mktemp("office"))
    with open_store(office.path):  # begins a file in which no case is yet
        pass
    for now, line in BEFORE:
        words = line.split("|")
        words = [*words[0].split(), *words[1:]]
        ran = office.run(now, *words)
        assert ran.status == 0, (line, ran.stderr)
    return office.path


@pytest.fixture
def office(kept: Path, tmp_path: Path) -> Unit:
    office = Unit(tmp_path)
    office.path.write_bytes(kept.read_bytes())
    office.path.chmod(0o600)
    return office


def moved_in(document: Any) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    return {
        (each["case"], each["action"]): tuple(
            shown(each[name]["due_at"] and at(each[name]["due_at"])) for name in ("was", "becomes")
        )  # type: ignore[misc]
        for each in document["moves"]
    }


def test_a_bank_holiday_proclaimed_nine_days_ahead_moves_exactly_what_it_must(office: Unit) -> None:
    before = office.dates(NOW)
    met = {ref: office.json(NOW, "show", ref)["deadlines"] for ref in ("5", "6", "7")}
    preview = office.json(NOW, *FUNERAL, "--dry-run")
    assert moved_in(preview) == MOVED
    assert (preview["written"], office.dates(NOW)) == (False, before)

    made = office.json(NOW, *FUNERAL, "--yes")
    assert (made["moves"], made["written"]) == (preview["moves"], True)
    after = office.dates(NOW)
    assert {key: (before[key], after[key]) for key in before if before[key] != after[key]} == MOVED
    assert set(after) == set(before)

    for ref, deadlines in met.items():
        verdicts = [each for each in office.json(NOW, "show", ref)["deadlines"] if each["met_at"]]
        assert verdicts == [each for each in deadlines if each["met_at"]]
    verdict = next(each for each in met["5"] if each["action"] == "resolve")
    assert (verdict["standing"], shown(at(verdict["due_at"]))) == ("met", "2022-09-19 23:59:59")


def test_each_case_that_moved_says_so_in_its_history_and_no_other(office: Unit) -> None:
    office.run(NOW, *FUNERAL, "--yes")
    entries = {
        ref: [each for each in office.json(NOW, "log", ref) if each["kind"] == "recounted"]
        for ref in (f"E{n:04}" for n in range(1, 9))
    }
    assert {ref for ref, found in entries.items() if found} == {ref for ref, _ in MOVED}
    assert all(len(found) == 1 for found in entries.values() if found)
    told = office.run(NOW, "log", "1").stdout
    assert "Calendar changed (State funeral): resolve (stage 2) from Mon 19 Sep 2022 to Tue 20 Sep 2022" in told


def test_the_proof_names_the_day_and_the_frozen_one_is_counted_as_it_was(office: Unit) -> None:
    office.run(NOW, *FUNERAL, "--yes")
    assert "skipped: State funeral" in office.run(NOW, "explain", "1").stdout
    page = office.run("2022-09-12 10:00", "explain", "5", "resolve").stdout
    assert "State funeral" not in page
    assert "Saturday 10 September 2022 10:00, and it keeps that verdict" in " ".join(page.split())
    assert "Monday 19 September 2022" in page


def test_what_was_known_before_stands_when_one_looks_back(office: Unit) -> None:
    before = office.json(NOW, "due")
    office.run("2022-09-10 11:00", *FUNERAL, "--yes")
    assert office.json("2022-09-10 12:00", "due", "--as-of", "2022-09-10T10:00:00+01:00") == before


def test_derived_rows_are_the_same_after_a_rebuild(office: Unit) -> None:
    office.run(NOW, *FUNERAL, "--yes")
    office.run("2022-09-12 10:00", "calendar", "add", "12 Sep 2022", "14 Sep 2022", "--reason", "Flood", "--yes")
    with open_store(office.path) as file:
        kept = file.derived.rows()
        with file.writing():
            file.derived.rebuild()
        assert file.derived.rows() == kept


def test_a_closed_case_in_which_all_was_done_keeps_its_verdict_as_a_rebuild_would(office: Unit) -> None:
    for now, line in (
        ("2022-09-10 11:00", ("open", "hull-east-riding", "--about", "Thresholds")),
        ("2022-09-10 11:30", ("done", "9", "discussion")),
        ("2022-09-10 12:00", ("withdraw", "9")),
        ("2022-09-10 13:00", (*FUNERAL, "--yes")),
        ("2022-09-10 14:00", ("verify",)),
    ):
        ran = office.run(now, *line)
        assert ran.status == 0, ran.stderr
    with open_store(office.path) as store:
        found = {
            (each.action, each.ended_at is None, shown(each.judged_until)) for each in store.case("E0009").deadlines
        }
        # What the withdrawal ended stands as well (C15), and keeps its verdict like what was met.
        assert found == {("discussion", True, "2022-09-10 13:00"), ("resolve", False, "2022-09-10 13:00")}


def test_an_open_deadline_can_cease_to_be_overdue_and_become_so_again(office: Unit) -> None:
    closed = ("5 Sep 2022", "9 Sep 2022", "--reason", "Flood")
    added = office.json(NOW, "calendar", "add", *closed, "--yes")
    turns = {(each["case"], each["action"]): each["turns"] for each in added["moves"]}
    assert turns["E0008", "resolve"] == "no longer overdue"
    removed = office.json(NOW, "calendar", "remove", *closed, "--yes")
    turns = {(each["case"], each["action"]): each["turns"] for each in removed["moves"]}
    assert turns["E0008", "resolve"] == "overdue"


def test_dates_in_other_peoples_calendars_change_once(office: Unit) -> None:
    before = sequences(office.run(NOW, "export", "ics").stdout)
    office.run(NOW, *FUNERAL, "--yes")
    after = sequences(office.run(NOW, "export", "ics").stdout)
    assert sum(after.values()) - sum(before.values()) == len(MOVED)


def sequences(text: str) -> dict[str, int]:
    lines = text.splitlines()
    names = [line.removeprefix("UID:") for line in lines if line.startswith("UID:")]
    return dict(
        zip(names, [int(line.removeprefix("SEQUENCE:")) for line in lines if line.startswith("SEQUENCE:")], strict=True)
    )


def test_a_change_of_when_to_act_alone_is_not_told_as_another_date(tmp_path: Path) -> None:
    path, now = tmp_path / "cases.db", "2026-12-22T10:00"
    run = driver.Office(now=now).did
    run(
        path, "open", "north-yorkshire", "--subject", "M-1", "--at", "21 Dec 2026 09:20", now=now
    )  # 96 hours: Fri 25 Dec
    run(path, "calendar", "add", "24 Dec 2026", "--reason", "Council closed", "--yes", now=now)
    log = " ".join(run(path, "log", "1", now=now).split())
    assert (
        "resolve (stage 1) still due Fri 25 Dec 2026 09:20, to be acted on by another time or with another target"
        in log
    )


def test_undo_leaves_a_changed_calendar_alone(office: Unit) -> None:
    office.run(NOW, *FUNERAL, "--yes")
    ran = office.run(NOW, "undo", "6")
    assert "took back entry 2 (went up from stage 2 to stage 3: unresolved)" in ran.stdout
    ran = office.run(NOW, "undo", "1", "--entry", "2")
    assert (ran.status, ran.stderr) == (
        1,
        "Entry 2 of E0001 says what a changed calendar came to: change the calendar again to take that back.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("add", "19 Sep 2022", "--reason", "x"), 1, "Nobody is at a terminal to answer: add --yes"),
        (("add", "19 Sep 2022", "--reason", "x", "--json"), 1, "--json asks no questions"),
        (("add", "18 Sep 2022", "--reason", "x", "--yes"), 1, "There is nothing to add. Already non-working: Sunday 18 September 2022."),
        (("add", "19 Sep 2022 10:00", "--reason", "x", "--yes"), 2, "A calendar is changed by whole days"),
        (("add", "20 Sep 2022", "19 Sep 2022", "--reason", "x", "--yes"), 2, "is not a span of days"),
        (("add", "1 Sep 2022", "1 Oct 2023", "--reason", "x", "--yes"), 2, "is not a span of days"),
        (("add", "19 Sep 2022", "--yes"), 2, "Missing option '--reason'"),
        (("add", "19 Sep 2022", "--reason", " ", "--yes"), 2, "--reason is empty"),
        (("add", "31 Sep 2022", "--reason", "x", "--yes"), 2, "cannot be read as a date"),
        (("add", "19 Sep 2022", "--reason", "x", "--calendar", "wales", "--yes"), 1, 'There is no calendar "wales"'),
        (("add", "18 Sep 2122", "--reason", "x", "--yes"), 1, "covers"),
        (("remove", "20 Sep 2022", "--reason", "x", "--yes"), 1, "There is nothing to remove"),
        (("refresh", "--from", "nowhere.json", "--yes"), 1, "nowhere.json"),
        (("show", "3000"), 1, "covers"),
        (("show", "--calendar", "wales"), 1, 'There is no calendar "wales"'),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    office: Unit, arguments: tuple[str, ...], status: int, says: str
) -> None:
    before = office.path.read_bytes()
    ran = office.run(NOW, "calendar", *arguments)
    assert (ran.status, says in ran.stderr, "Traceback" in ran.stderr) == (status, True, False), ran.stderr
    assert office.path.read_bytes() == before


def test_govuks_file_is_then_the_authority(office: Unit) -> None:
    """It brings back the day that was removed, and a later list of our own does not undo what it says."""
    changed = office.json(NOW, "calendar", "refresh", "--from", str(GOVUK), "--yes")
    assert moved_in(changed) == MOVED
    assert (
        "england-and-wales: a bank holiday: Monday 19 September 2022 (Bank Holiday for the State Funeral of Queen Elizabeth II)."
        in changed["changes"]
    )
    again = office.json(NOW, "calendar", "refresh", "--from", str(GOVUK), "--yes")
    assert (again["changes"], again["written"]) == ([], False)
    ours = office.json(NOW, "calendar", "refresh", "--yes")
    assert (ours["changes"], ours["written"]) == ([], False)
    checked = office.json(NOW, "calendar", "check", "--from", str(GOVUK))
    assert [each["differences"] for each in checked] == [[], [], []]
    assert all("GOV.UK" in each["source"] for each in checked)


def test_our_own_list_brings_a_removed_day_back(office: Unit) -> None:
    assert moved_in(office.json(NOW, "calendar", "refresh", "--dry-run")) == MOVED


def damaged() -> Iterator[str]:
    whole = GOVUK.read_text(encoding="utf-8")
    yield whole[: len(whole) // 2]
    yield whole.replace("2022-09-19", "2022-09-31", 1)
    yield (
        whole.replace('"england-and-wales"', '"wales"', 1)
        .replace('"scotland"', '"s"', 1)
        .replace('"northern-ireland"', '"n"', 1)
    )


@pytest.mark.parametrize("text", list(damaged()))
def test_a_damaged_file_changes_nothing(office: Unit, tmp_path: Path, text: str) -> None:
    file = tmp_path / "holidays.json"
    file.write_text(text, encoding="utf-8")
    before = office.path.read_bytes()
    ran = office.run(NOW, "calendar", "refresh", "--from", str(file), "--yes")
    assert (ran.status, "holidays.json" in ran.stderr, len(ran.stderr.splitlines())) == (1, True, 1), ran.stderr
    assert office.path.read_bytes() == before


def test_a_calendar_can_be_changed_before_there_is_a_case(tmp_path: Path) -> None:
    office = Unit(tmp_path)
    usual = tmp_path / ".local/share/escalate/escalate.db"

    def run(*words: str) -> Ran:
        return office.office(office.path, *words, now=NOW, ESCALATE_DB="")

    assert run("calendar", "show").status == 0
    assert run("calendar", "check").status == 0
    run("calendar", "add", "21 Sep 2022", "--reason", "Flood", "--dry-run")
    assert not usual.exists()
    run("calendar", "add", "12 Sep 2022", "--reason", "Flood", "--yes")
    run("open", "herefordshire", "--about", "Thresholds", "--stage", "1", "--concern", "9 Sep 2022")
    assert shown(at(json.loads(run("due", "--json").stdout)[0]["due_at"])) == "2022-09-15 23:59:59"


def test_every_version_of_a_calendar_is_kept(office: Unit) -> None:
    office.run(NOW, *FUNERAL, "--yes")
    with open_store(office.path) as file:
        why = {each.key: each.words["why"] for each in file.reasons.all()}
        versions = [
            (each.number, each.by, why[f"england-and-wales@{each.number}"])
            for each in file.calendars.versions("england-and-wales")
        ]
        assert versions == [
            (1, "tests", "first needed"),
            (2, "tests", "not proclaimed yet"),
            (3, "tests", "State funeral"),
        ]
        calendar = file.calendar("england-and-wales")
        assert calendar is not None
        funeral = at("2022-09-19 12:00").date()
        known = [
            calendar.as_known(at(moment)).why_not(funeral) for moment in ("2022-08-01 10:00", "2022-09-05 10:00", NOW)
        ]
        assert known == ["Bank Holiday for the State Funeral of Queen Elizabeth II", None, "State funeral"]


def test_what_was_done_just_before_a_change_keeps_its_verdict(office: Unit) -> None:
    """In the very second in which the calendar is changed, and at the stage the case is still at."""
    office.run("2022-09-12 10:00", "done", "4", "written-escalation")
    before = [each for each in office.json("2022-09-12 10:00", "show", "4")["deadlines"] if each["met_at"]]
    assert [(each["action"], each["standing"]) for each in before] == [("written-escalation", "met-late")]
    office.run("2022-09-12 11:00", "done", "4", "resolve")
    office.run("2022-09-12 11:00", "calendar", "add", "13 Sep 2022", "14 Sep 2022", "--reason", "Flood", "--yes")
    after = [each for each in office.json("2022-09-12 11:01", "show", "4")["deadlines"] if each["met_at"]]
    assert after[:1] == before
    assert [(each["action"], shown(at(each["due_at"]))) for each in after[1:]] == [("resolve", "2022-09-16 23:59:59")]


def test_a_change_that_would_move_other_dates_than_were_shown_is_not_made(
    office: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have recorded something while another was looking at what would move."""

    def decide(store: Store) -> calendars.CalendarChange:
        days = {name: {CLOSURE: {date(2022, 9, 19): "State funeral"}} for name in store.calendars.names}
        return calendars.CalendarChange("State funeral", days)

    monkeypatch.setenv("ESCALATE_NOW", NOW)
    before = office.dates(NOW)
    with pytest.raises(Refused, match="Cases have changed in the meantime"):
        calendars._make(Session(str(office.path)), decide, [])
    assert office.dates(NOW) == before
