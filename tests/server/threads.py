"""Connections that call the functions of the schema at once, each in a thread of its own."""

import threading
import time
from collections.abc import Callable, Sequence

from escalate.storage.interface import DecidedTooEarly
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql.connecting import Progress
from escalate.storage.postgresql.line import Line
from tests.server.county import County, entry


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
    folder, name = county.database.folder, county.database.name
    places = {login: ServerPlace(f"postgresql:///{name}?host={folder}&user={login}", 60) for login in ("nora", "carl")}
    lines = [Line(places["nora" if number % 2 else "carl"], Progress()) for number in range(clients)]

    def append(number: int) -> None:
        line, ref = lines[number], refs[number % len(refs)]
        for n in range(appends):
            while not _has_added(line, ref, f"{number} {n}"):
                pass

    try:
        return at_once(clients, append)
    finally:
        for line in lines:
            line.close()


def _has_added(line: Line, ref: str, about: str) -> bool:
    """Add an entry to a case as an engine does; False where somebody else did meanwhile."""
    try:
        with line.deciding():
            seq = line.do("SELECT max(seq) + 1 FROM escalate.entries_seen(ARRAY[%s])", ref)
            line.change("record", {"entries": [entry(ref, seq, "noted", about=about)]})
    except DecidedTooEarly:
        return False
    return True
