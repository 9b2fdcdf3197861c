"""Where cases came from that were taken over from another file: what the records of it in the chain say."""

from typing import Any

from escalate.domain.case.look import TAKEN_OVER
from escalate.storage.interface import Database
from escalate.storage.rows import read_json

Origin = tuple[str, str]
"""Where a case was once: the random name of the file, and the reference there."""


def origins(database: Database) -> dict[str, list[Origin]]:
    """Where the cases of a database were that were taken over, by their references now; all the places, the first first."""
    return {
        ref: [(file, was) for file, was in places]
        for said in _takings(database)
        for ref, places in said["cases"].items()
    }


def called_before(database: Database, reference: str) -> list[str]:
    """The cases that had a reference in another file, by their references now."""
    return [ref for ref, places in origins(database).items() if any(was == reference for _, was in places)]


def taken_entries(database: Database) -> list[tuple[int, int]]:
    """The ids of the first and the last entry of each taking: they were recorded elsewhere, by other clocks."""
    return [(said["first"], said["last"]) for said in _takings(database)]


def _takings(database: Database) -> list[dict[str, Any]]:
    found = []
    for row in database.rows("takings"):
        with database.undamaged("the record of cases that were taken over"):
            found.append(read_json(row["data"])[TAKEN_OVER])
    return found
