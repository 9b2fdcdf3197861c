"""On a server what is missing is asked for as on a file, with the own agency for Enter to take; and a shell is offered own cases alone."""

import os

import pytest

from escalate.commands.shared.completion import complete
from tests.server.cluster import Database
from tests.server.office import CARL, COUNCIL, NHS, NORA, UNIT, Office
from tests.terminal import at_terminal

pytestmark = pytest.mark.server


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def surroundings(office: Office, login: str) -> dict[str, str]:
    return {
        "ESCALATE_DB": str(office.place(login)), "ESCALATE_NOW": "2026-11-30 12:00", "ESCALATE_BY": login,
        "HOME": str(office.database.folder / f"home of {office.database.name}"), "PATH": os.environ["PATH"],
    }  # fmt: skip


def offered(office: Office, login: str, typed: str) -> list[str]:
    asked = {"_ESCALATE_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": f"escalate {typed}"}
    answer = complete(surroundings(office, login) | asked)
    return [line.partition("\t")[0] for line in (answer or "").splitlines()]


def test_an_agency_is_offered_itself_and_what_it_sees(office: Office) -> None:
    seen = office.open(NORA)
    status, shown = at_terminal(
        "new", environment=surroundings(office, NORA), answers=f"\nM-2\n\nPolice\nDrift\n{chr(10) * 12}"
    )
    assert status == 0, shown
    assert f"[{NHS}]" in shown
    assert f"[{COUNCIL}]" in shown
    own = next(ref for ref in offered(office, UNIT, "done ") if ref != seen)
    assert offered(office, NORA, "done ") == [own, seen]
    assert offered(office, CARL, "done ") == [seen]
    assert offered(office, CARL, f"done {own} ") == []
    assert "Police" not in offered(office, CARL, "open x --to ")
    assert offered(office, NORA, "open x --to Po") == ["Police"]
    status, shown = at_terminal("note", environment=surroundings(office, NORA), answers=f"{own}\nRang\n")
    assert (status, "What is there to remember?" in shown) == (0, True), shown
