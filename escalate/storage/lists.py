"""The lists of a file: its cases and what is due in them, read from rows that are kept ready, and only as far as they are shown.

Nothing here loads what works deadlines out, nor what reads protocols.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from escalate.domain.case.people import Holder, held_on
from escalate.domain.deadlines.model import RULES, CaseLine, DeadlinePlace, DueLine
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import end_of_day, written
from escalate.storage.calendars import Calendars
from escalate.storage.engines import connected
from escalate.storage.interface import FOR_GOOD, NO_LIMIT, TO_WIPE, WORKED_OUT_BY, Database, Row
from escalate.storage.places import Place
from escalate.storage.rows import IDENTITY, TEXT, case_line_of, deadline_of, these

MANY = 10_000
"""Stop counting here what is not shown: an exact total is slow in a very large file."""

SOME = 200
"""How many cases one query reads where lists are read bit by bit."""

FEW = 1000
"""Up to so many lines, what belongs to their cases is looked up by case; for more, all of it is read."""

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


class Sides(NamedTuple):
    """A case, and between whom it is."""

    ref: str
    """The reference of the case."""
    raising_agency: str | None
    """The agency that raised it."""
    receiving_agency: str | None
    """The agency it was raised with."""


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

    def due_in(self, refs: Collection[str]) -> list[DueLine]:
        """Every deadline of these cases that has not been met."""
        return [line for line in self.due() if line.case.ref in refs]

    @abstractmethod
    def holders(self, *, identify: bool) -> Mapping[CasePlace, Sequence[Holder]]:
        """Who holds the sides on one day or another, by the case and the occasion; names only with `identify`."""

    def held_by(self, part: str, day: date | None) -> set[CasePlace]:
        """The cases and occasions that somebody holds on a day, or on one day or another, whose name, role or e-mail has this in it."""
        wanted = part.casefold()
        return {
            place
            for place, holders in self.holders(identify=True).items()
            for each in (held_on(day, holders) if day else holders)
            if any(said and wanted in said.casefold() for said in (each.name, each.role, each.email))
        }

    def calendar(self, name: str) -> Calendar | None:
        """A calendar the file holds, with all it was before, or None. Raises NotOurFile."""
        return self.calendars.named(name)


class Lists(Reading):
    """The lists of an open file, as it is today. Made by `open_lists`."""

    def __init__(self, database: Database, calendars: Calendars) -> None:
        super().__init__(calendars)
        self.database = database

    @property
    def are_settled(self) -> bool:
        """Whether what is kept ready was worked out by today's rules, and what was erased is wiped."""
        facts = self.database.facts()
        return facts.get(WORKED_OUT_BY) == str(RULES) and TO_WIPE not in facts

    @property
    def number_of_cases(self) -> int:
        """How many cases there are that count."""
        return self._number("number_of_cases")

    def number_due(self, shown: int) -> Number:
        """How many deadlines have not been met, counted beyond MANY only where so many are shown."""
        counted = max(shown, MANY)
        return _number(self._number("number_unmet", most=counted + 1), counted)

    def cases(self, most: int | None = None, *, identify: bool = False, with_void: bool = False) -> list[CaseLine]:
        """The newest cases, so many at most, the newest first; names only with `identify`, those opened by mistake only `with_void`."""
        newest = "newest_cases_and_void" if with_void else "newest_cases"
        rows = self.database.rows(newest, most=NO_LIMIT if most is None else most)
        identities = self._identities({row["ref"] for row in rows} if len(rows) < FEW else None) if identify else {}
        with self.database.undamaged("its list of cases"):
            return [case_line_of(row, identities.get(row["ref"])) for row in rows]

    def due(self, *, identify: bool = False) -> list[DueLine]:
        """Every deadline that has not been met, by case; names only with `identify`."""
        return self._due_lines(self.database.rows("due_by_case"), identify)

    def due_in(self, refs: Collection[str]) -> list[DueLine]:
        """Every deadline of these cases that has not been met."""
        if len(refs) >= FEW:
            return super().due_in(refs)
        return self._due_lines(self.database.rows("due_in_cases", **these(refs)), identify=False)

    def due_in_turn(self) -> Iterator[DueLine]:
        """The same lines without names, one after the other: whoever lets each go has only some of them at once."""
        after = 0
        while last := self._number("last_of_next_cases", after=after, most=SOME):
            rows = self.database.rows("due_in_cases_from_to", after=after, last=last)
            yield from self._due_lines(rows, identify=False)
            after = last

    def due_at(self, places: Sequence[DeadlinePlace]) -> Iterator[DueLine]:
        """The lines at some places, in the order of these; what is not due any more is left out."""
        for first in range(0, len(places), SOME):
            several = places[first : first + SOME]
            rows = self.database.rows("due_in_cases", **these({ref for ref, _ in several}))
            lines = {line.place: line for line in self._due_lines(rows, identify=False)}
            yield from (lines[place] for place in several if place in lines)

    def open_about(self, subject: str) -> list[Sides]:
        """The newest open cases about a person, by the record number, in capital letters or small ones."""
        spellings = dict.fromkeys((subject, subject.upper(), subject.lower()))
        return [Sides(*row) for row in self.database.rows("open_about", **these(spellings))]

    def open_about_somebody(self) -> Iterator[tuple[str, str]]:
        """The reference and the record number of every open case that has one."""
        return ((row["ref"], row["subject"]) for row in self.database.rows("open_about_somebody"))

    def open_raised(self, since: datetime, until: datetime) -> list[Sides]:
        """The newest open cases raised from one instant until before another."""
        rows = self.database.rows("open_raised", since=written(since), until=written(until), most=SOME)
        return [Sides(*row) for row in rows]

    @property
    def counted_on(self) -> set[str]:
        """The calendars that anything due was counted on."""
        return {row["calendar"] for row in self.database.rows("calendars_of_due")}

    def late(self, now: datetime, most: int | None = None, *, identify: bool = False) -> DueList:
        """Every standing action, and what has run out by an instant or was overtaken by a limit further up.

        Of what has run out, the most urgent, so that there are `most` lines at most; names only with `identify`.
        """
        instant, standing = written(now), self._number("number_standing")
        counted = None if most is None else max(most, standing, MANY)
        limit = NO_LIMIT if counted is None else counted + 1
        late, overtaken = (
            self._number(which, now=instant, most=limit) for which in ("number_late", "number_overtaken")
        )
        wanted = late + overtaken if most is None else max(most, standing)
        shown = {"late": min(late, wanted), "overtaken": min(overtaken, max(0, wanted - late))}
        rows = self.database.rows("due_most_urgent", now=instant, **shown)
        return DueList(self._due_lines(rows, identify), _number(standing + late + overtaken, counted))

    def beyond_published(self) -> list[DueLine]:
        """What runs out after the last day for which bank holidays are published in every calendar (rule C12)."""
        day = self.calendars.known_to
        after = written(end_of_day(day)) if day else FOR_GOOD
        return self._due_lines(self.database.rows("due_after", at=after), identify=False)

    def holders(self, *, identify: bool, refs: Collection[str] | None = None) -> dict[CasePlace, list[Holder]]:
        """Who holds the sides on one day or another, in all cases or in these, by the case and the occasion; names only with `identify`."""
        kind = IDENTITY if identify else TEXT
        said: dict[tuple[str, int, int], dict[str, Any]] = {}
        with self.database.undamaged("its list of people"):
            for row in self._of_cases("holders", "holders_in_cases", refs, kind=kind):
                known = said.setdefault((row["case_ref"], row["visit"], row["n"]), {"side": row["side"]})
                if row["field"] in Holder._fields:
                    known[row["field"]] = row["content"]
                if row["from_day"]:
                    known["since"] = date.fromisoformat(row["from_day"])
                if row["until_day"]:
                    known["until"] = date.fromisoformat(row["until_day"])
        found: dict[CasePlace, list[Holder]] = {}
        for (ref, number, _), known in said.items():
            found.setdefault((ref, number), []).append(Holder(**known))
        return found

    def held_by_address(self) -> dict[str, dict[CasePlace, list[Holder]]]:
        """The cases and occasions that somebody holds on one day or another with all who do, by the person's e-mail address in small letters."""
        found: dict[str, dict[CasePlace, list[Holder]]] = {}
        for place, holders in self.holders(identify=True).items():
            for address in (each.email.casefold() for each in holders if each.email):
                found.setdefault(address, {})[place] = holders
        return found

    def _due_lines(self, rows: Sequence[Row], identify: bool) -> list[DueLine]:
        if not rows:
            return []
        refs = {row["ref"] for row in rows} if len(rows) < FEW else None
        identities = self._identities(refs) if identify else {}
        holders = self.holders(identify=identify, refs=refs)
        with self.database.undamaged("its list of deadlines"):
            cases = {row["ref"]: row for row in rows}
            lines = {ref: case_line_of(row, identities.get(ref)) for ref, row in cases.items()}
            return [
                DueLine(lines[row["ref"]], deadline_of(row), tuple(holders.get((row["ref"], row["visit"]), ())))
                for row in rows
            ]

    def _identities(self, refs: Collection[str] | None = None) -> dict[str, dict[str, str]]:
        """What identifies the person, in all cases or in these, by case."""
        found: dict[str, dict[str, str]] = {}
        for row in self._of_cases("identities", "identities_in_cases", refs):
            found.setdefault(row["case_ref"], {})[row["field"]] = row["content"]
        return found

    def _of_cases(self, of_all: str, of_these: str, refs: Collection[str] | None, **values: object) -> Sequence[Row]:
        if refs is None:
            return self.database.rows(of_all, **values)
        return self.database.rows(of_these, **values, **these(refs))

    def _number(self, which: str, **values: object) -> int:
        """The number that a statement finds; 0 where it finds none."""
        found = self.database.row(which, **values)
        assert found is not None
        return found["number"] or 0


def _number(found: int, counted: int | None) -> Number:
    return Number(found) if counted is None or found <= counted else Number(counted, is_all=False)


@contextmanager
def open_lists(place: Place | Path) -> Iterator[Lists]:
    """The lists of the cases in a place, up to date. Raises StoreError and its kinds, and Refused."""
    with connected(place) as database:
        lists = Lists(database, Calendars(database))
        if not lists.are_settled:
            from escalate.storage.upkeep import settle  # seldom needed, and loads what works deadlines out

            settle(database)
        yield lists
