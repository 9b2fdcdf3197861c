"""Connections that call the functions of the schema at once, each in a thread of its own."""

import threading
import time
import uuid
from collections.abc import Callable, Sequence

from tests.server.county import County, call, entry, rows, transaction


def at_once(clients: int, work: Callable[[int], None]) -> float:
    """Have so many threads do the same, each with its number. Returns the seconds they took."""
    problems: list[BaseException] = []
    together = threading.Barrier(clients + 1)

    def one(number: int) -> None:
        together.wait()
        try:
            work(number)
        except BaseException as problem:  # noqa: BLE001  # the test raises it
            problems.append(problem)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(clients)]
    for each in threads:
        each.start()
    together.wait()
    began = time.monotonic()
    for each in threads:
        each.join()
    if problems:
        raise problems[0]
    return time.monotonic() - began


def append_at_once(county: County, refs: Sequence[str], clients: int, appends: int) -> float:
    """Have so many connections of two agencies add as many entries each, in turn in the cases. Returns the seconds they took."""
    connections = [county.database.connect("nora" if number % 2 else "carl") for number in range(clients)]

    def append(number: int) -> None:
        connection, ref = connections[number], refs[number % len(refs)]
        for n in range(appends):
            with transaction(connection):
                seq = rows(connection, "SELECT max(seq) + 1 FROM escalate.entry WHERE case_ref = %s", ref)[0][0]
                call(
                    connection,
                    "record",
                    {"request": str(uuid.uuid4()), "entries": [entry(ref, seq, "noted", about=f"{number} {n}")]},
                )

    return at_once(clients, append)
