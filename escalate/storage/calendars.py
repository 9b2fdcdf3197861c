"""The calendars the file keeps, and every version of them: what was judged on one keeps its verdict. Read only: `due` loads this."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from escalate.domain.worktime.calendar import Calendar, KeptByHand
from escalate.domain.worktime.clock import read_instant
from escalate.storage.interface import Database, Row

if TYPE_CHECKING:  # no cycle, but few files have a calendar of their own, and no list should load what makes one
    from escalate.domain.worktime.local_calendar import OwnCalendar

KINDS = BANK_HOLIDAY, CLOSURE = "bank holiday", "closure"
"""Why a day is off."""

ERASED_TITLE = "closed (why was erased)"
"""What a closure is called whose reason was erased."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Version(NamedTuple):
    """One version of a calendar, beside its days off."""

    number: int
    """From 1."""
    made_at: datetime
    """Since when it holds (UTC)."""
    by: str
    """Who made it."""
    opens: time
    """When a working day begins, by London time."""
    closes: time
    """When a working day ends, by London time."""
    first: date
    """The first day it can say anything about."""
    last: date
    """The last day it can say anything about."""
    published_to: date
    """The last day for which bank holidays are proclaimed (rule C12)."""
    source: str
    """Where the bank holidays come from."""
    authority: tuple[date, date] | None = None
    """The first and last day taken over from GOV.UK's own list, where one was."""
    clock: datetime | None = None
    """What the computer's own clock said (UTC), where `made_at` is of a clock that was set by hand; None where it is the computer's."""


class Calendars:
    """The calendars of one file, to read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made: dict[str, Calendar] = {}
        self._recorded: dict[str, Sequence[Row]] = {}

    @property
    def names(self) -> list[str]:
        """The names of all calendars, the nations' first."""
        return [row["name"] for row in self._database.rows("calendar_names")]

    def named(self, name: str) -> Calendar | None:
        """A calendar with all it was before, or None where the file holds none of that name. Raises NotOurFile."""
        with self._database.undamaged(f"its {name} calendar"):
            return self._whole(name)

    def own(self, name: str) -> "OwnCalendar | None":
        """What a protocol's own calendar is made of; None for a nation's. Raises ValueError where that is damaged."""
        row = self._database.row("calendar_named", name=name)
        return _read_own(row["own"]) if row and row["own"] else None

    def resting_on(self, names: Iterable[str]) -> list[str]:
        """These calendars, and those that are made of them."""
        wanted = set(names)
        return [
            name
            for name in self.names
            if name in wanted or ((own := self.own(name)) and wanted.intersection(own.nations))
        ]

    @property
    def known_to(self) -> date | None:
        """The last day for which bank holidays are published in every calendar; None where there is none. Raises NotOurFile."""
        with self._database.undamaged("its calendars"):
            ends = [date.fromisoformat(row["published_to"]) for row in self._database.rows("published_to")]
            own = [self._whole(row["name"]) for row in self._database.rows("own_calendar_names")]
            return min([*ends, *(calendar.published_to for calendar in own if calendar)], default=None)

    def versions(self, name: str) -> list[Version]:
        """Every version of a calendar, the oldest first."""
        return [_read_version(row) for row in self._database.rows("versions_of_calendar", calendar=name)]

    def kept_by_hand(self, names: Iterable[str], known_at: datetime | None = None) -> list[KeptByHand]:
        """The versions of these calendars, and of those they are made of, that were kept with the clock set by hand; by `known_at`, or by now."""
        every: dict[str, None] = {}
        for name in names:
            recorded = self._rows(name)
            own = _read_own(recorded[0]["own"]) if recorded and recorded[0]["own"] else None
            every |= dict.fromkeys((name, *(own.nations if own else ())))
        return [
            KeptByHand(name, version.number, version.made_at)
            for name in every
            for version in map(_read_version, self._rows(name))
            if version.clock and (known_at is None or version.made_at <= known_at)
        ]

    def days_off(self, name: str, kind: str) -> dict[date, str]:
        """The days off of a kind and what they are called, as they are now."""
        rows = self._database.rows("days_off_now", calendar=name, kind=kind, erased=ERASED_TITLE)
        return {date.fromisoformat(row["day"]): row["name"] for row in rows}

    def _days_off_in(self, name: str, version: int) -> dict[str, dict[date, str]]:
        """The days off by their kinds, and what they are called, as they were in a version."""
        days: dict[str, dict[date, str]] = {BANK_HOLIDAY: {}, CLOSURE: {}}
        for row in self._database.rows("days_off_in_version", calendar=name, version=version, erased=ERASED_TITLE):
            days[row["kind"]][date.fromisoformat(row["day"])] = row["name"]
        return days

    def _whole(self, name: str) -> Calendar | None:
        """The same as `named`. Raises ValueError, KeyError where what is kept is damaged."""
        if name not in self._made:
            recorded = self._rows(name)
            if not (recorded[0]["held"] if recorded else self._database.row("calendar_named", name=name)):
                return None
            own, versions = recorded[0]["own"], [_read_version(row) for row in recorded]
            self._made[name] = (
                self._own_calendar(name, _read_own(own), versions) if own else self._nations(name, versions)
            )
        return self._made[name]

    def _rows(self, name: str) -> Sequence[Row]:
        """Every version of a calendar as it is recorded, each with what the calendar is made of; read once."""
        if not self._recorded.get(name):
            self._recorded[name] = self._database.rows("versions_of_calendar", calendar=name)
        return self._recorded[name]

    def _nations(self, name: str, versions: Sequence[Version]) -> Calendar:
        """The calendar of a nation as it is now; each version knows what it was before, and until when."""
        made: list[Calendar] = []
        for version in versions:
            until = [after.made_at for _, after in pairwise(versions[: len(made) + 1])]
            made.append(self._version(name, version, list(zip(until, made, strict=True))))
        return made[-1]

    def _version(self, name: str, version: Version, earlier: Sequence[tuple[datetime, Calendar]]) -> Calendar:
        days = self._days_off_in(name, version.number)
        return Calendar(
            name,
            days[BANK_HOLIDAY],
            closures=days[CLOSURE],
            opens=version.opens,
            closes=version.closes,
            first=version.first,
            last=version.last,
            published_to=version.published_to,
            source=version.source,
            earlier=earlier,
        )

    def _own_calendar(self, name: str, own: "OwnCalendar", versions: Sequence[Version]) -> Calendar:
        """A protocol's own calendar: it changes whenever one it is made of does, or it is closed on days of its own."""
        bases = {nation: base for nation in own.nations if (base := self._whole(nation))}
        earlier: list[tuple[datetime, Calendar]] = []
        calendar: Calendar | None = None
        for since in [_BEGINNING, *_changes(bases, versions)]:
            if calendar is not None:
                earlier.append((since, calendar))
            number = max([version.number for version in versions if version.made_at <= since], default=1)
            then = {nation: base.as_known(since) for nation, base in bases.items()}
            closed = self._days_off_in(name, number)[CLOSURE]
            calendar = own.made(name, then.__getitem__, closed).with_earlier(earlier)
        assert calendar is not None
        return calendar


def _changes(bases: Mapping[str, Calendar], versions: Sequence[Version]) -> list[datetime]:
    """When a calendar changed: when one it is made of did, and when each version after its first was made."""
    instants = {until for base in bases.values() for until, _ in base.earlier}
    return sorted(instants | {version.made_at for version in versions[1:]})


def _read_version(row: Row) -> Version:
    authority = (
        (date.fromisoformat(row["authority_from"]), date.fromisoformat(row["authority_to"]))
        if row["authority_from"] and row["authority_to"]
        else None
    )
    return Version(
        number=row["version"],
        made_at=read_instant(row["made_at"]),
        by=row["by"],
        opens=time.fromisoformat(row["opens"]),
        closes=time.fromisoformat(row["closes"]),
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(row["last"]),
        published_to=date.fromisoformat(row["published_to"]),
        source=row["source"],
        authority=authority,
        clock=read_instant(row["clock"]) if row["clock"] else None,
    )


def _read_own(text: str) -> "OwnCalendar":
    from escalate.domain.protocol.calendar_shape import read_own_calendar  # loads what reads protocols

    return read_own_calendar(text)
