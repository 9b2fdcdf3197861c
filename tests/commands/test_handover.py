"""Handing over all that somebody holds: every case that goes on, whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.driver import CopyOf, Office

run = Office(now="2026-11-24T10:00")
did = run.did


@pytest.fixture
def desk(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(jo_bells, tmp_path)


def jo_bells(folder: Path) -> None:
    """Jo Bell holds sides of cases 1 and 2, which are open, of 3, where something is still to do, and of 4, which is over; another one of 2."""
    for number in range(1, 5):
        did(
            folder,
            "open",
            "herefordshire",
            "--subject",
            f"M-{number}",
            "--from",
            "School",
            "--to",
            "Council",
            now="2026-11-20T09:00",
        )
        did(
            folder,
            "assign",
            str(number),
            "receiving",
            "Jo  bell",
            "--role",
            f"Manager {number}",
            now="2026-11-20T10:00",
        )
    did(folder, "assign", "2", "raising", "Cy Keeper", "--email", "cy@school.example", now="2026-11-20T10:00")
    did(folder, "resolve", "3", "--how", "Agreed", now="2026-11-23T10:00")
    did(folder, "withdraw", "4", "--reason", "Moved away", now="2026-11-23T10:00")


def holders(folder: Path, case: str) -> list[tuple[Any, ...]]:
    """Who holds each side at last."""
    found = json.loads(did(folder, "show", case, "--identify", "--json"))["holders"]
    last = {each["side"]: (each["side"], each["name"], each["role"], each["email"]) for each in found}
    return sorted(last.values())


def test_all_that_somebody_holds_in_open_cases_is_handed_over(desk: Path) -> None:
    said = did(desk, "assign", "--everything-of", "JO Bell", "--to", "Sam Hart", "--email", "sam@council.example")
    assert said.splitlines() == [
        "E0001: receiving: Sam Hart, Manager 1",
        "E0002: receiving: Sam Hart, Manager 2",
        "E0003: receiving: Sam Hart, Manager 3",
        "3 sides handed over. escalate undo takes it back, a case at a time.",
    ]
    assert holders(desk, "1") == [("receiving", "Sam Hart", "Manager 1", "sam@council.example")]
    assert holders(desk, "2") == [
        ("raising", "Cy Keeper", None, "cy@school.example"),
        ("receiving", "Sam Hart", "Manager 2", "sam@council.example"),
    ]
    assert holders(desk, "3") == [("receiving", "Sam Hart", "Manager 3", "sam@council.example")]
    assert holders(desk, "4") == [("receiving", "Jo bell", "Manager 4", None)]
    assert did(desk, "due", "--owner", "Jo Bell") == did(desk, "due", "--owner", "nobody at all")
    did(desk, "undo", "1")
    assert holders(desk, "1") == [("receiving", "Jo bell", "Manager 1", None)]


def test_an_address_says_who_as_well_and_a_role_takes_the_place_of_all(desk: Path) -> None:
    did(desk, "assign", "--everything-of", "cy@school.example", "--to", "Sam Hart", "--role", "Head")
    assert holders(desk, "2")[0] == ("raising", "Sam Hart", "Head", None)


def test_a_dry_run_writes_nothing_and_json_names_nobody(desk: Path) -> None:
    before = (desk / "cases.db").read_bytes()
    ran = run(desk, "assign", "--everything-of", "Jo Bell", "--to", "Sam Hart", "--dry-run", "--json")
    assert json.loads(ran.stdout) == {
        "held": [
            {"case": "E0001", "side": "receiving", "role": "Manager 1"},
            {"case": "E0002", "side": "receiving", "role": "Manager 2"},
            {"case": "E0003", "side": "receiving", "role": "Manager 3"},
        ],
        "dry_run": True,
    }
    assert did(desk, "assign", "--everything-of", "Jo Bell", "--to", "Sam Hart", "--dry-run").endswith(
        "Nothing was recorded: 3 sides would be handed over.\n"
    )
    assert (desk / "cases.db").read_bytes() == before


REFUSED = [
    (("--everything-of", "Jo Bell"), 2, "say --everything-of NAME and --to NAME"),
    (("--to", "Jo Bell"), 2, "say --everything-of NAME and --to NAME"),
    (("1", "--everything-of", "Jo Bell", "--to", "Sam Hart"), 2, "and no case, side or stage"),
    (("--everything-of", "Jo Bell", "--to", "Sam Hart", "--stage", "1"), 2, "and no case, side or stage"),
    (
        ("--everything-of", "Nobody", "--to", "Sam Hart"),
        1,
        'Nobody called "Nobody" holds a side of a case that goes on',
    ),
    (("--everything-of", "Jo Bell", "--to", "Sam Hart", "--email", "sam"), 2, "--email is not an address"),
    (("1",), 2, "Say which case, which side and who"),
    ((), 2, "Say which case, which side and who"),
]


@pytest.mark.parametrize(("words", "status", "says"), REFUSED)
def test_what_cannot_be_handed_over_is_refused(desk: Path, words: tuple[str, ...], status: int, says: str) -> None:
    before = (desk / "cases.db").read_bytes()
    ran = run(desk, "assign", *words)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1), ran
    assert says in ran.stderr
    assert (desk / "cases.db").read_bytes() == before


def test_where_one_case_cannot_have_it_none_has(desk: Path) -> None:
    """At a time before the second case was raised, but not the first."""
    did(
        desk, "open", "herefordshire", "--subject", "M-5", "--from", "School", "--to", "Council", now="2026-11-23T09:00"
    )
    did(desk, "assign", "5", "receiving", "Jo Bell", now="2026-11-23T10:00")
    ran = run(desk, "assign", "--everything-of", "Jo Bell", "--to", "Sam Hart", "--at", "21 Nov 2026 09:00")
    assert ran.status == 1
    assert holders(desk, "1") == [("receiving", "Jo bell", "Manager 1", None)]
