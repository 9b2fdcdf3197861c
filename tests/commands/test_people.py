"""Who holds each side, and who the person is: recorded apart from the history, and shown only to whoever asks."""

import json
import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_asking import answered
from tests.driver import CopyOf, Office
from tests.sizes import sampled

NOW = "2026-11-23T10:00"
CANARIES = (
    "Ada Canary",
    "12 Canary Row",
    "2014-05-03",
    "3 May 2014",
    "Bo Keeper",
    "bo.keeper@trust.example",
    "Cy Keeper",
)


run = Office(now=NOW)
did = run.did


def document(path: Path, *arguments: str) -> Any:
    return json.loads(did(path, *arguments, "--json"))


@pytest.fixture
def case(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(known_and_held, tmp_path) / "cases.db"


def known_and_held(path: Path) -> None:
    """A case with both sides held and the person known, two stages up."""
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now="2026-11-20T09:00")
    did(path, "set", "1", "involved=Police", "involved=A school", now="2026-11-20T09:05")
    keeper = ("Bo Keeper", "--role", "Named nurse", "--email", "bo.keeper@trust.example")
    did(path, "assign", "1", "raising", *keeper, now="2026-11-20T09:10")
    did(path, "assign", "1", "police", "Cy Keeper", now="2026-11-20T09:20")
    did(path, "set", "1", "name=Ada Canary", "born=3 May 2014", "address=12 Canary Row", now="2026-11-20T09:30")
    did(path, "advance", "1", now="2026-11-20T11:00")


LOOKS = [
    ("show", "1"), ("due",), ("list",), ("log", "1"), ("explain", "1"), ("search", "Keeper"), ("search", "nurse"),
    ("due", "--owner", "bo keeper"), ("show", "1", "--as-of", "now"), ("due", "--as-of", "now"), ("list", "--as-of", "now"),
    ("due", "--owner", "bo keeper", "--as-of", "now"), ("note", "1", "x"), ("advance", "1"), ("undo", "1"),
    ("assign", "1", "receiving", "Cy Keeper"), ("set", "1", "name=Ada Canary", "born=3 May 2014"),
]  # fmt: skip


@pytest.mark.parametrize(("look", "json_"), sampled(list(product(LOOKS, [False, True])), 3), ids=str)
def test_nobody_is_named_unless_that_was_asked_for(case: Path, look: tuple[str, ...], json_: bool) -> None:
    ran = run(case, *look, *(["--json"] if json_ else []))
    assert ran.status == 0
    assert [canary for canary in CANARIES if canary.casefold() in (ran.stdout + ran.stderr).casefold()] == []


@pytest.mark.parametrize(
    ("look", "named"),
    [
        (("show", "1"), [0, 1, 3, 4, 5, 6]),
        (("log", "1"), [0, 1, 3, 4, 5, 6]),
        (("due",), [0, 4, 5, 6]),
        (("due", "--as-of", "now"), [0, 4, 5, 6]),
        (("list",), [0]),
        (("list", "--as-of", "now"), [0]),
        (("search", "canar", "ada"), [0, 1]),
        (("due", "--json"), [0, 1, 2, 4, 5, 6]),
        (("show", "1", "--json"), [0, 1, 2, 4, 5, 6]),
        (("log", "1", "--json"), [0, 1, 2, 4, 5, 6]),
    ],
    ids=str,
)
def test_with_identify_everybody_is_named(case: Path, look: tuple[str, ...], named: list[int]) -> None:
    ran = run(case, *look, "--identify")
    assert ran.status == 0
    assert [n for n, canary in enumerate(CANARIES) if canary in ran.stdout] == named


@pytest.mark.file_only("looks into the file")
def test_names_stand_in_words_alone_and_in_the_index_over_them(case: Path) -> None:
    with closing(sqlite3.connect(case)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        having = {
            table
            for table in tables
            for row in db.execute(f"SELECT * FROM {table}")
            if any(canary in str(row) for canary in CANARIES)
        }
    assert having == {"words", "search_index", "search_index_content"}


def test_whoever_holds_a_side_carries_on_until_another_is_assigned(case: Path) -> None:
    def holders() -> dict[str, list[tuple[str, str | None]]]:
        lines = document(case, "due", "--identify")
        return {
            f"{each['stage']} {each['action']}": [(h["side"], h["name"]) for h in each["holders"]] for each in lines
        }

    police = ("Police", "Cy Keeper")
    assert holders()["2 response"] == [("raising", "Bo Keeper"), police]
    did(case, "assign", "1", "raising", "Di Other", "--role", "Manager")
    assert holders()["2 response"] == [("raising", "Di Other"), police]
    assert holders()["1 discussion"] == [("raising", "Bo Keeper"), police]
    did(case, "assign", "1", "raising", "Ed Third", "--stage", "1")
    assert holders()["2 response"] == [("raising", "Di Other"), police]
    assert holders()["1 discussion"] == [("raising", "Ed Third"), police]
    did(case, "undo", "1")
    assert holders()["1 discussion"] == [("raising", "Bo Keeper"), police]


@pytest.mark.parametrize(
    ("owner", "found"),
    [
        ("bo keeper", True), ("KEEPER@TRUST", True), ("named nurse", True), ("cy k", True),
        ("line manager", True), ("somebody else", False),
    ],
)  # fmt: skip
def test_due_finds_what_an_owner_or_a_person_assigned_has_to_do(case: Path, owner: str, found: bool) -> None:
    for as_of in ([], ["--as-of", "now"]):
        ran = run(case, "due", "--owner", owner, *as_of)
        assert ("E0001" in ran.stdout, "No open case" in ran.stderr) == (found, not found)


def test_due_by_agency_knows_the_others_involved(case: Path) -> None:
    assert document(case, "due", "--agency", "a school") != []
    assert document(case, "list", "--agency", "police") != []
    assert "Nothing of that is due.\n" in run(case, "due", "--agency", "ambulance").stdout


@pytest.mark.file_only("a terminal of its own")
def test_a_name_can_be_given_where_nobody_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    did(path, "open", "lincolnshire", "--about", "Thresholds", now="2026-11-20T09:00")
    did(path, "assign", "1", "raising", "-", "--email", "-", stdin="Bo Keeper\nbo.keeper@trust.example\n")
    did(path, "set", "1", "name=-", "born=-", stdin="Ada Canary\n3/5/2014\n")
    shown = answered(path, "12 Canary Row\n", "set", "1", "address=-")
    assert "Address:" in shown
    found = document(path, "show", "1", "--identify")
    assert found["identity"] == {"name": "Ada Canary", "born": "2014-05-03", "address": "12 Canary Row"}
    assert [(each["name"], each["email"]) for each in found["holders"]] == [("Bo Keeper", "bo.keeper@trust.example")]


REFUSED = [
    (("assign", "1", "raising"), 2, "Say who holds the raising side: a name, --role, --email or --phone."),
    (("assign", "1", "raising", " "), 2, "Say who holds the raising side"),
    (("assign", "1", "raising", "-"), 2, "Nothing was given for name"),
    (("assign", "1", "rasing", "X"), 1, 'There is no side "rasing" in E0001. Did you mean raising?'),
    (("assign", "1", "ambulance", "X"), 1, "There is raising, receiving, Police and A school."),
    (("assign", "1", "raising", "X", "--stage", "7"), 1, "There is 1 and 2."),
    (("assign", "1", "raising", "X", "--at", "19 Nov 2026"), 1, "is before E0001 was raised"),
    (("assign", "1", "raising", "--email", "Bo Keeper <bo@x.example>"), 2, "is not an address"),
    (("assign", "1", "raising", "--email", "bo@x.example,cy@x.example"), 2, "is not an address"),
    (("assign", "1", "raising", "--email", "bo@x"), 2, "is not an address"),
    (("set", "1", "born=3 May"), 2, "born cannot be read as a date"),
    (("set", "1", "born=31 Feb 2014"), 2, "born cannot be read as a date"),
    (("set", "1", "born=3 May 2014 10:00"), 2, "born cannot be read as a date"),
    (("set", "1", "born=3 May 2034"), 2, "born cannot be read as a date"),
    (("set", "1", "name="), 2, "does not give a fact"),
    (("set", "1", "name=A", "name=B"), 2, "name is given twice: give it once."),
]


@pytest.mark.parametrize(("arguments", "status", "says"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_cannot_be_recorded_is_refused_in_a_sentence(
    case: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    before = case.read_bytes()
    ran = run(case, *arguments)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1)
    assert says in ran.stderr
    assert case.read_bytes() == before


def test_a_child_that_is_yet_to_be_born_has_a_date(case: Path) -> None:
    did(case, "set", "1", "born=1 Mar 2027")
    assert document(case, "show", "1", "--identify")["identity"]["born"] == "2027-03-01"


def test_going_up_cannot_be_taken_back_while_somebody_is_assigned_there(case: Path) -> None:
    did(case, "assign", "1", "raising", "Di Other")
    assert "rests on it" in run(case, "undo", "1", "--entry", "6").stderr


def test_as_of_knows_nobody_who_was_recorded_later(case: Path) -> None:
    at = ("--identify", "--as-of", "2026-11-20T09:15")
    assert document(case, "list", *at)[0]["identity"]["name"] is None
    assert [each["name"] for each in document(case, "due", *at)[0]["holders"]] == ["Bo Keeper"]
    assert "Nothing of that is due.\n" in run(case, "due", "--owner", "Cy Keeper", "--as-of", "2026-11-20T09:15").stdout


def test_what_is_read_from_the_tables_is_what_the_history_says(case: Path) -> None:
    did(case, "open", "lincolnshire", "--from", "A", "--fact", "theme=roles")
    did(case, "resolve", "1", "--lessons", "Ring first")
    for look in (["due"], ["list"], ["due", "--identify"], ["list", "--identify"]):
        assert document(case, *look) == document(case, *look, "--as-of", "now")
