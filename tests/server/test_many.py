"""Sixteen colleagues record at once, each in a process of its own: all of it is there, in order, without a gap."""

import functools
import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import pytest

from escalate.storage.store import open_store
from tests.server.cluster import Database
from tests.server.office import Office, at_once, figure, note
from tests.sizes import size

pytestmark = pytest.mark.server

CLIENTS = 16
APPENDS = size(10, 50)
LOGINS = ("nora", "carl", "una")


def appended(office: Office, client: int, ref: str, begin: int) -> float:
    """Write notes once a byte comes along a pipe. Returns how many seconds that took."""
    with open_store(office.place(LOGINS[client % len(LOGINS)], 60)) as store:
        store.case(ref)  # what a session reads once, it has read
        os.read(begin, 1)
        began = time.monotonic()
        for n in range(APPENDS):
            note(store, ref, f"client {client} note {n}")
    return time.monotonic() - began


def all_at_once(office: Office, refs: Sequence[str]) -> float:
    """Have each client write its notes into one of the cases. Returns how many there were in a second, of all together."""
    reading, writing = os.pipe()

    def begin() -> None:
        while office.sessions() < CLIENTS:
            time.sleep(0.05)
        time.sleep(1)
        os.write(writing, b"." * CLIENTS)

    works = [functools.partial(appended, office, n, refs[n % len(refs)], reading) for n in range(CLIENTS)]
    seconds = at_once(works, begin)
    for end in (reading, writing):
        with suppress(OSError):
            os.close(end)
    return CLIENTS * APPENDS / max(seconds)


@pytest.mark.parametrize("cases", [1, CLIENTS])
def test_sixteen_record_at_once_without_a_gap(database: Database, cases: int) -> None:
    office = Office(database)
    refs = [office.open(LOGINS[n % 2]) for n in range(cases)]
    before = office.entries()
    a_second = all_at_once(office, refs)
    figure(f"{a_second:.0f} notes a second by {CLIENTS} clients in {cases} cases")
    wanted = Counter(f"client {client} note {n}" for client in range(CLIENTS) for n in range(APPENDS))
    assert office.texts() == wanted
    assert office.entries() == before + CLIENTS * APPENDS
    assert office.faults() == []


def test_cases_opened_at_once_get_each_number_of_their_agency_once(database: Database) -> None:
    office = Office(database)
    works = [functools.partial(_opened, office, LOGINS[n % 2], size(2, 5)) for n in range(6)]
    refs = sorted(ref for opened in at_once(works) for ref in opened)
    each = 3 * size(2, 5)
    assert refs == [f"{prefix}-{n:04d}" for prefix in ("CC", "NHS") for n in range(1, each + 1)]
    assert office.faults() == []


def _opened(office: Office, login: str, times: int) -> list[str]:
    return [office.open(login) for _ in range(times)]
