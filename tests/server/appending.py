"""Clients that write notes at once, each in a process of its own."""

import functools
import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from escalate.storage.store import open_store
from tests.server.office import Office, at_once, note

CLIENTS = 16
LOGINS = ("nora", "carl", "una")


def noted(appends: int) -> Counter[str]:
    """The notes that all of them write, and how often each is there."""
    return Counter(f"client {client} note {n}" for client in range(CLIENTS) for n in range(appends))


def all_at_once(office: Office, refs: Sequence[str], appends: int) -> float:
    """Have each client write so many notes into one of the cases. Returns how many there were in a second, of all together."""
    reading, writing = os.pipe()

    def begin() -> None:
        while office.sessions() < CLIENTS:
            time.sleep(0.05)
        time.sleep(1)
        os.write(writing, b"." * CLIENTS)

    works = [functools.partial(_appended, office, n, refs[n % len(refs)], reading, appends) for n in range(CLIENTS)]
    seconds = at_once(works, begin)
    for end in (reading, writing):
        with suppress(OSError):
            os.close(end)
    return CLIENTS * appends / max(seconds)


def _appended(office: Office, client: int, ref: str, begin: int, appends: int) -> float:
    """Write notes once a byte comes along a pipe. Returns how many seconds that took."""
    with open_store(office.place(LOGINS[client % len(LOGINS)], 60)) as store:
        store.case(ref)  # what a session reads once, it has read
        os.read(begin, 1)
        began = time.monotonic()
        for n in range(appends):
            note(store, ref, f"client {client} note {n}")
    return time.monotonic() - began
