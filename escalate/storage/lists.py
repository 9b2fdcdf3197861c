"""The lists of a file: its cases and what is due in them, read from rows that are kept ready, and only as far as they are shown.

Nothing here loads what works deadlines out, nor what reads protocols.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from escalate.domain.case.people import Holder
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.model import RULES, CaseLine, DeadlinePlace, DueLine
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import end_of_day, written
from escalate.storage.calendars import Calendars
from escalate.storage.rows import (
    CASE_COLUMNS,
    DEADLINE_COLUMNS,
    IDENTITY,
    TEXT,
    THESE,
    case_line_of,
    deadline_of,
    these,
)
from escalate.storage.sqlite.opening import TO_WIPE, WORKED_OUT_BY, OpenFile, connected

MANY = 10_000
"""Stop counting here what is not shown: an exact total is slow in a very large file."""

SOME = 200
"""How many cases one query reads where lists are read bit by bit."""

FEW = 1000
"""Up to so many lines, what belongs to their cases is looked up by case; for more, all of it is read."""

_DUE = f"SELECT {CASE_COLUMNS}, {DEADLINE_COLUMNS} FROM deadline d JOIN cases c ON c.ref = d.case_ref WHERE d.met_at IS NULL AND d.ended_at IS NULL"
_DUE_BY_CASE = f"{_DUE} ORDER BY c.number, d.n"
_DUE_IN_CASES_FROM_TO = f"{_DUE} AND c.number > ? AND c.number <= ? ORDER BY c.number, d.n"
_DUE_IN_CASES = f"{_DUE} AND d.case_ref IN {THESE}"
_DUE_AFTER = f"{_DUE} AND d.due_at > ? ORDER BY c.number, d.n"
_UNMET = "FROM deadline WHERE met_at IS NULL AND ended_at IS NULL"
_STANDING = "FROM deadline WHERE met_at IS NULL AND ended_at IS NULL AND is_standing = 1"
_LATE = (
    "FROM deadline WHERE met_at IS NULL AND ended_at IS NULL AND is_standing = 0 AND is_window = 0 AND due_at < :now"
)
_OVERTAKEN = (
    "FROM deadline WHERE met_at IS NULL AND ended_at IS NULL AND is_standing = 0 AND ahead_at < :now"
    " AND (due_at IS NULL OR due_at >= :now OR is_window = 1)"
)
_BY_CASE = "length(case_ref), case_ref, n"  # the order of the cases' numbers, which an index on deadlines does not have
_MOST_URGENT = (
    f"SELECT rowid {_STANDING}"
    f" UNION ALL SELECT * FROM (SELECT rowid {_LATE} ORDER BY due_at, {_BY_CASE} LIMIT :late)"
    f" UNION ALL SELECT * FROM (SELECT rowid {_OVERTAKEN} ORDER BY coalesce(act_by, ahead_at), coalesce(due_at, '~'), {_BY_CASE}"
    " LIMIT :overtaken)"
)
_DUE_MOST_URGENT = f"{_DUE} AND d.rowid IN ({_MOST_URGENT}) ORDER BY c.number, d.n"
_NEWEST_CASES = f"SELECT {CASE_COLUMNS} FROM cases c WHERE status <> '{VOID}' ORDER BY number DESC LIMIT ?"
_NEWEST_CASES_AND_VOID = f"SELECT {CASE_COLUMNS} FROM cases c ORDER BY number DESC LIMIT ?"
_THAT_COUNT = f"FROM cases WHERE status <> '{VOID}'"
_LAST_CASE = "SELECT coalesce(max(number), 0) FROM cases"
_COUNTED_ON = "SELECT DISTINCT c.calendar FROM cases c JOIN deadline d ON d.case_ref = c.ref WHERE d.met_at IS NULL AND d.ended_at IS NULL"


def _holders(which: str) -> str:
    return (
        "SELECT h.case_ref, h.visit, h.side, w.field, w.content FROM holder h"
        f" LEFT JOIN words w ON w.entry_id = h.entry_id AND w.kind IN ('{TEXT}', :kind)"
        f" {which} ORDER BY h.case_ref, h.visit, h.n"
    )


def _identities(which: str) -> str:
    return (
        "SELECT t.case_ref, t.field, w.content FROM told t"
        f" JOIN words w ON w.entry_id = t.entry_id AND w.field = t.field AND w.kind = '{IDENTITY}'"
        f" {which} ORDER BY t.case_ref, t.field"
    )


_ALL_HOLDERS, _HOLDERS_IN_CASES = _holders(""), _holders(f"WHERE h.case_ref IN {THESE}")
_ALL_IDENTITIES, _IDENTITIES_IN_CASES = _identities(""), _identities(f"WHERE t.case_ref IN {THESE}")

CasePlace = tuple[str, int]
"""A case, by its reference, and an occasion in it, by its number."""


class Number(NamedTuple):
    """How many there are of something."""

    known: int
    """So many were counted."""
    is_all: bool = True
    """There are no more than that."""

    def __str__(self) -> str:
        return f"{self.known}" if self.is_all else f"more than {self.known}"


class DueList(NamedTuple):
    """The beginning of a list of what is due."""

    lines: list[DueLine]
    """The lines that are shown."""
    of: Number
    """How many lines the whole list has."""


class Reading(ABC):
    """What a file says of its cases: today, or as it was known at an instant (as_known.py)."""

    def __init__(self, calendars: Calendars) -> None:
        self.calendars = calendars

    @property
    @abstractmethod
    def number_of_cases(self) -> int:
        """How many cases there are that count."""

    @abstractmethod
    def cases(self, most: int | None = None, *, identify: bool = False, with_void: bool = False) -> list[CaseLine]:
        """The newest cases, so many at most, the newest first; names only with `identify`, those opened by mistake only `with_void`."""

    @abstractmethod
    def due(self, *, identify: bool = False) -> list[DueLine]:
        """Every deadline that has not been met, by case; names only with `identify`."""

    @abstractmethod
    def holders(self, *, identify: bool) -> Mapping[CasePlace, Sequence[Holder]]:
        """Who holds each side, by the case and the occasion; names only with `identify`."""

    def held_by(self, part: str) -> set[CasePlace]:
        """The cases and occasions that somebody holds whose name, role or e-mail has this in it."""
        wanted = part.casefold()
        return {
            place
            for place, holders in self.holders(identify=True).items()
            for each in holders
            if any(said and wanted in said.casefold() for said in (each.name, each.role, each.email))
        }

    def calendar(self, name: str) -> Calendar | None:
        """A calendar the file holds, with all it was before, or None. Raises NotOurFile."""
        return self.calendars.named(name)


class Lists(Reading):
    """The lists of an open file, as it is today. Made by `open_lists`."""

    def __init__(self, file: OpenFile, calendars: Calendars) -> None:
        super().__init__(calendars)
        self.file = file

    @property
    def are_settled(self) -> bool:
        """Whether what is kept ready was worked out by today's rules, and what was erased is wiped."""
        facts = self.file.facts()
        return facts.get(WORKED_OUT_BY) == str(RULES) and TO_WIPE not in facts

    @property
    def number_of_cases(self) -> int:
        """How many cases there are that count."""
        return self._count(_THAT_COUNT, {})

    def number_due(self, shown: int) -> Number:
        """How many deadlines have not been met, counted beyond MANY only where so many are shown."""
        counted = max(shown, MANY)
        return _number(self._count(_UNMET, {}, counted + 1), counted)

    def cases(self, most: int | None = None, *, identify: bool = False, with_void: bool = False) -> list[CaseLine]:
        """The newest cases, so many at most, the newest first; names only with `identify`, those opened by mistake only `with_void`."""
        query = _NEWEST_CASES_AND_VOID if with_void else _NEWEST_CASES
        rows = self.file.rows(query, [-1 if most is None else most])
        identities = self._identities({row["ref"] for row in rows} if len(rows) < FEW else None) if identify else {}
        with self.file.undamaged("its list of cases"):
            return [case_line_of(row, identities.get(row["ref"])) for row in rows]

    def due(self, *, identify: bool = False) -> list[DueLine]:
        """Every deadline that has not been met, by case; names only with `identify`."""
        return self._due_lines(self.file.rows(_DUE_BY_CASE), identify)

    def due_in_turn(self) -> Iterator[DueLine]:
        """The same lines without names, one after the other: whoever lets each go has only some of them at once."""
        last: int = self.file.row(_LAST_CASE)[0]
        for number in range(0, last, SOME):
            rows = self.file.rows(_DUE_IN_CASES_FROM_TO, [number, number + SOME])
            yield from self._due_lines(rows, identify=False)

    def due_at(self, places: Sequence[DeadlinePlace]) -> Iterator[DueLine]:
        """The lines at some places, in the order of these; what is not due any more is left out."""
        for first in range(0, len(places), SOME):
            several = places[first : first + SOME]
            rows = self.file.rows(_DUE_IN_CASES, these({ref for ref, _ in several}))
            lines = {line.place: line for line in self._due_lines(rows, identify=False)}
            yield from (lines[place] for place in several if place in lines)

    @property
    def counted_on(self) -> set[str]:
        """The calendars that anything due was counted on."""
        return {row["calendar"] for row in self.file.rows(_COUNTED_ON)}

    def late(self, now: datetime, most: int | None = None, *, identify: bool = False) -> DueList:
        """Every standing action, and what has run out by an instant or was overtaken by a limit further up.

        Of what has run out, the most urgent, so that there are `most` lines at most; names only with `identify`.
        """
        values: dict[str, object] = {"now": written(now)}
        standing = self._count(_STANDING, values)
        counted = None if most is None else max(most, standing, MANY)
        late, overtaken = (self._count(which, values, counted and counted + 1) for which in (_LATE, _OVERTAKEN))
        wanted = late + overtaken if most is None else max(most, standing)
        values |= {"late": min(late, wanted), "overtaken": min(overtaken, max(0, wanted - late))}
        rows = self.file.rows(_DUE_MOST_URGENT, values)
        return DueList(self._due_lines(rows, identify), _number(standing + late + overtaken, counted))

    def beyond_published(self) -> list[DueLine]:
        """What runs out after the last day for which bank holidays are published in every calendar (rule C12)."""
        day = self.calendars.known_to
        after = written(end_of_day(day)) if day else "~"
        return self._due_lines(self.file.rows(_DUE_AFTER, [after]), identify=False)

    def holders(self, *, identify: bool, refs: Collection[str] | None = None) -> dict[CasePlace, list[Holder]]:
        """Who holds each side, in all cases or in these, by the case and the occasion; names only with `identify`."""
        kind = {"kind": IDENTITY if identify else TEXT}
        said: dict[tuple[str, int, str], dict[str, str]] = {}
        for row in self._of_cases(_ALL_HOLDERS, _HOLDERS_IN_CASES, refs, kind):
            known = said.setdefault((row["case_ref"], row["visit"], row["side"]), {})
            if row["field"]:
                known[row["field"]] = row["content"]
        found: dict[CasePlace, list[Holder]] = {}
        for (ref, number, side), known in said.items():
            found.setdefault((ref, number), []).append(Holder(side, **known))
        return found

    def held_by_address(self) -> dict[str, set[CasePlace]]:
        """The cases and occasions that somebody holds, by the person's e-mail address in small letters."""
        found: dict[str, set[CasePlace]] = {}
        for place, holders in self.holders(identify=True).items():
            for address in (each.email.casefold() for each in holders if each.email):
                found.setdefault(address, set()).add(place)
        return found

    def _due_lines(self, rows: Sequence[sqlite3.Row], identify: bool) -> list[DueLine]:
        refs = {row["ref"] for row in rows} if len(rows) < FEW else None
        identities = self._identities(refs) if identify else {}
        holders = self.holders(identify=identify, refs=refs)
        with self.file.undamaged("its list of deadlines"):
            cases = {row["ref"]: row for row in rows}
            lines = {ref: case_line_of(row, identities.get(ref)) for ref, row in cases.items()}
            return [
                DueLine(lines[row["ref"]], deadline_of(row), tuple(holders.get((row["ref"], row["visit"]), ())))
                for row in rows
            ]

    def _identities(self, refs: Collection[str] | None = None) -> dict[str, dict[str, str]]:
        """What identifies the person, in all cases or in these, by case."""
        found: dict[str, dict[str, str]] = {}
        for row in self._of_cases(_ALL_IDENTITIES, _IDENTITIES_IN_CASES, refs, {}):
            found.setdefault(row["case_ref"], {})[row["field"]] = row["content"]
        return found

    def _of_cases(
        self, of_all: str, of_these: str, refs: Collection[str] | None, values: Mapping[str, object]
    ) -> list[sqlite3.Row]:
        return self.file.rows(of_all, values) if refs is None else self.file.rows(of_these, {**values, **these(refs)})

    def _count(self, which: str, values: Mapping[str, object], most: int | None = None) -> int:
        """How many rows there are, counted no further than `most`."""
        values = {**values, "most": -1 if most is None else most}
        count: int = self.file.row(f"SELECT count(*) FROM (SELECT 1 {which} LIMIT :most)", values)[0]
        return count


def _number(found: int, counted: int | None) -> Number:
    return Number(found) if counted is None or found <= counted else Number(counted, is_all=False)


@contextmanager
def open_lists(path: Path) -> Iterator[Lists]:
    """The lists of the file with the cases, up to date. Raises StoreError and its kinds."""
    with connected(path) as file:
        lists = Lists(file, Calendars(file))
        if not lists.are_settled:
            from escalate.storage.upkeep import settle  # seldom needed, and loads what works deadlines out

            settle(file)
        yield lists
