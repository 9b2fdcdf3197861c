"""The lists of a file: its cases and what is due in them, read from rows that are kept ready, and as far as they are shown.

Nothing here loads what works deadlines out, nor what reads protocols.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from escalate.domain.case.people import Holder
from escalate.domain.deadlines.model import RULES, CaseLine, DeadlinePlace, DueLine
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import end_of_day, written
from escalate.errors import NotOurFile, Refused
from escalate.storage.calendars import Calendars
from escalate.storage.opening import connected
from escalate.storage.rows import (
    CASE_COLUMNS,
    DEADLINE_COLUMNS,
    IDENTITY,
    TEXT,
    as_json,
    case_line_of,
    deadline_of,
)

TO_WIPE = "to wipe"
"""Kept while what was erased may still lie in unused parts of the file."""

_DUE = f"SELECT {CASE_COLUMNS}, {DEADLINE_COLUMNS} FROM deadline d JOIN cases c ON c.ref = d.case_ref WHERE d.met_at IS NULL"
_STANDING = "FROM deadline WHERE met_at IS NULL AND is_standing = 1"
_LATE = "FROM deadline WHERE met_at IS NULL AND is_standing = 0 AND is_window = 0 AND due_at < :now"
_OVERTAKEN = (
    "FROM deadline WHERE met_at IS NULL AND is_standing = 0 AND ahead_at < :now"
    " AND (due_at IS NULL OR due_at >= :now OR is_window = 1)"
)
_BY_CASE = "length(case_ref), case_ref, n"  # as the numbers of cases go, of which an index on deadlines knows nothing
_MOST_URGENT = (
    f"SELECT rowid {_STANDING}"
    f" UNION ALL SELECT * FROM (SELECT rowid {_LATE} ORDER BY due_at, {_BY_CASE} LIMIT :late)"
    f" UNION ALL SELECT * FROM (SELECT rowid {_OVERTAKEN} ORDER BY coalesce(act_by, ahead_at), coalesce(due_at, '~'), {_BY_CASE}"
    " LIMIT :overtaken)"
)


MANY = 10_000
"""Beyond so many, how many more there are is not counted where they are not read: in a country's file that takes longest."""


class Number(NamedTuple):
    """How many there are of something: so many, or more than so many."""

    known: int
    is_all: bool = True

    def __str__(self) -> str:
        return f"{self.known}" if self.is_all else f"more than {self.known}"


class DueList(NamedTuple):
    """Lines of what is due, and of how many."""

    lines: list[DueLine]
    of: Number


DAMAGE: tuple[type[Exception], ...] = (ValueError, KeyError, TypeError, IndexError, Refused)
"""What reading something raises that is not as it was written."""


class Lists:
    """The lists of an open file. Made by `open_lists`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path
        self.calendars = Calendars(connection)

    @property
    def are_settled(self) -> bool:
        """Whether what is kept ready was worked out by today's rules, and what was erased is wiped."""
        kept = dict(self._db.execute("SELECT name, value FROM kept").fetchall())
        return kept.get("rules") == str(RULES) and TO_WIPE not in kept

    @property
    def number_of_cases(self) -> int:
        """How many cases there are."""
        return self._count("FROM cases", {})

    def number_due(self, shown: int) -> Number:
        """How many deadlines have not been met, of which so many are shown."""
        counted = max(shown, MANY)
        return _number(self._count("FROM deadline WHERE met_at IS NULL", {}, counted + 1), counted)

    def cases(self, most: int | None = None, *, identify: bool = False) -> list[CaseLine]:
        """Every case, or the newest so many, the newest first; names only with `identify`."""
        rows = self._rows(
            f"SELECT {CASE_COLUMNS} FROM cases c ORDER BY number DESC LIMIT ?", [-1 if most is None else most]
        )
        identities = self._identities({row["ref"] for row in rows} if len(rows) < FEW else None) if identify else {}
        with self.undamaged("its list of cases"):
            return [case_line_of(row, identities.get(row["ref"])) for row in rows]

    def due(self, *, identify: bool = False) -> list[DueLine]:
        """Every deadline that has not been met, by case; names only with `identify`."""
        return self._due_lines(self._rows(f"{_DUE} ORDER BY c.number, d.n"), identify)

    def due_in_turn(self) -> Iterator[DueLine]:
        """The same lines without names, one after the other: who lets each go has no more of them than some at once."""
        last = self._db.execute("SELECT coalesce(max(number), 0) FROM cases").fetchone()[0]
        for number in range(0, last, SOME):
            several = f"{_DUE} AND c.number > ? AND c.number <= ? ORDER BY c.number, d.n"
            yield from self._due_lines(self._rows(several, [number, number + SOME]), identify=False)

    def due_at(self, places: Sequence[DeadlinePlace]) -> Iterator[DueLine]:
        """The lines at some places, in the order of these; what is not due any more is left out."""
        for first in range(0, len(places), SOME):
            several = places[first : first + SOME]
            query = f"{_DUE} AND d.case_ref IN (SELECT value FROM json_each(?))"
            rows = self._rows(query, [as_json(sorted({ref for ref, _ in several}))])
            lines = {line.place: line for line in self._due_lines(rows, identify=False)}
            yield from (lines[place] for place in several if place in lines)

    @property
    def counted_on(self) -> set[str]:
        """The calendars that anything due was counted on."""
        query = "SELECT DISTINCT c.calendar FROM cases c JOIN deadline d ON d.case_ref = c.ref WHERE d.met_at IS NULL"
        return {row["calendar"] for row in self._rows(query)}

    def late(self, now: datetime, most: int | None = None, *, identify: bool = False) -> DueList:
        """What has run out by an instant, or was overtaken by a limit further up, beside every standing action.

        At most so many of them, the most urgent first, in addition to the standing actions; names only with `identify`.
        """
        values: dict[str, object] = {"now": written(now)}
        standing = self._count(_STANDING, values)
        counted = None if most is None else max(most, standing, MANY)
        late, overtaken = (self._count(which, values, counted and counted + 1) for which in (_LATE, _OVERTAKEN))
        wanted = late + overtaken if most is None else max(most, standing)
        values |= {"late": min(late, wanted), "overtaken": min(overtaken, max(0, wanted - late))}
        rows = self._rows(f"{_DUE} AND d.rowid IN ({_MOST_URGENT}) ORDER BY c.number, d.n", values)
        return DueList(self._due_lines(rows, identify), _number(standing + late + overtaken, counted))

    def beyond_published(self) -> list[DueLine]:
        """What runs out after the day up to which bank holidays are published for every calendar (rule C12)."""
        with self.undamaged("its calendars"):
            day = self.calendars.known_to
        after = written(end_of_day(day)) if day else "~"
        return self._due_lines(self._rows(f"{_DUE} AND d.due_at > ? ORDER BY c.number, d.n", [after]), identify=False)

    def calendar(self, name: str) -> Calendar | None:
        """A calendar the file holds, with all it was before, or None."""
        with self.undamaged(f"its {name} calendar"):
            return self.calendars.named(name)

    def holders(self, identify: bool, refs: Collection[str] | None = None) -> dict[tuple[str, int], list[Holder]]:
        """Who holds each side of each case, or of these, by the visit."""
        kinds = f"'{TEXT}', '{IDENTITY}'" if identify else f"'{TEXT}'"
        said: dict[tuple[str, int, str], dict[str, str]] = {}
        for row in self._rows(
            "SELECT h.case_ref, h.visit, h.side, w.field, w.content FROM holder h"
            f" LEFT JOIN words w ON w.entry_id = h.entry_id AND w.kind IN ({kinds})"
            f" {_of('h', refs)} ORDER BY h.case_ref, h.visit, h.n",
            {"refs": as_json(sorted(refs or ()))},
        ):
            known = said.setdefault((row["case_ref"], row["visit"], row["side"]), {})
            if row["field"]:
                known[row["field"]] = row["content"]
        found: dict[tuple[str, int], list[Holder]] = {}
        for (ref, visit, side), known in said.items():
            found.setdefault((ref, visit), []).append(Holder(side, **known))
        return found

    def held_by(self, part: str) -> set[tuple[str, int]]:
        """The cases and visits that somebody holds whose name, role or e-mail has this in it."""
        return holding(part, self.holders(identify=True))

    @contextmanager
    def undamaged(self, where: str, others: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """What cannot be read as it was written is damage, and is said to be."""
        try:
            yield
        except (*DAMAGE, *others) as problem:
            raise NotOurFile(f"{self.path} is damaged in {where}: restore a backup with escalate restore.") from problem

    def _due_lines(self, rows: Sequence[sqlite3.Row], identify: bool) -> list[DueLine]:
        refs = {row["ref"] for row in rows} if len(rows) < FEW else None
        identities = self._identities(refs) if identify else {}
        holders = self.holders(identify, refs)
        with self.undamaged("its list of deadlines"):
            cases = {row["ref"]: row for row in rows}
            lines = {ref: case_line_of(row, identities.get(ref)) for ref, row in cases.items()}
            return [
                DueLine(lines[row["ref"]], deadline_of(row), tuple(holders.get((row["ref"], row["visit"]), ())))
                for row in rows
            ]

    def _identities(self, refs: Collection[str] | None = None) -> dict[str, dict[str, str]]:
        """Who the person of each case, or of these, is."""
        found: dict[str, dict[str, str]] = {}
        for row in self._rows(
            "SELECT t.case_ref, t.field, w.content FROM told t"
            f" JOIN words w ON w.entry_id = t.entry_id AND w.field = t.field AND w.kind = '{IDENTITY}'"
            f" {_of('t', refs)} ORDER BY t.case_ref, t.field",
            {"refs": as_json(sorted(refs or ()))},
        ):
            found.setdefault(row["case_ref"], {})[row["field"]] = row["content"]
        return found

    def _count(self, which: str, values: Mapping[str, object], most: int | None = None) -> int:
        """How many rows there are, counted no further than so many."""
        values = {**values, "most": -1 if most is None else most}
        count: int = self._db.execute(f"SELECT count(*) FROM (SELECT 1 {which} LIMIT :most)", values).fetchone()[0]
        return count

    def _rows(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[sqlite3.Row]:
        return self._db.execute(query, values).fetchall()


def holding(part: str, held: Mapping[tuple[str, int], Sequence[Holder]]) -> set[tuple[str, int]]:
    """Those of the cases and visits that somebody holds whose name, role or e-mail has this in it."""
    return {
        place
        for place, holders in held.items()
        for each in holders
        if any(said and part.casefold() in said.casefold() for said in (each.name, each.role, each.email))
    }


def _number(found: int, counted: int | None) -> Number:
    return Number(found) if counted is None or found <= counted else Number(counted, is_all=False)


SOME = 200
"""So many cases are read at once where they are read one after the other."""

FEW = 1000
"""Of so many lines, what belongs to their cases is looked up by case; of more, all of it is read."""


def _of(table: str, refs: Collection[str] | None) -> str:
    return "" if refs is None else f"WHERE {table}.case_ref IN (SELECT value FROM json_each(:refs))"


@contextmanager
def open_lists(path: Path) -> Iterator[Lists]:
    """The lists of the file with the cases, up to date. Raises StoreError and its kinds."""
    with connected(path) as (connection, identity):
        lists = Lists(connection, path)
        if not lists.are_settled:
            from escalate.storage.store import Store

            Store(connection, path, identity).settle()
        yield lists
