"""Changes to the calendars of a file: each is a new version, with a link in the chain, and none takes back what was before."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import written
from escalate.domain.worktime.local_calendar import OwnCalendar
from escalate.storage import chain
from escalate.storage.calendars import BANK_HOLIDAY, Calendars, Version

_ADD_CALENDAR = "INSERT INTO calendar (name, own) VALUES (?, ?)"
_ADD_VERSION = (
    f"INSERT INTO calendar_version (calendar, {chain.VERSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_DAY_OFF = "INSERT INTO day_off (calendar, day, kind, since, name) VALUES (?, ?, ?, ?, ?)"
_END_DAY_OFF = "UPDATE day_off SET until = ? WHERE calendar = ? AND kind = ? AND day = ? AND until IS NULL"


class ChangeableCalendars(Calendars):
    """The calendars of one file, to read and to change. Everything that writes does so inside `writing`."""

    def keep_for(self, protocol: Protocol, base: Callable[[str], Calendar], by: str, now: datetime) -> None:
        """Keep the calendar a protocol counts on, unless it is there; `base` gives those of the nations by name."""
        own = protocol.own_calendar
        for nation in own.nations if own else (protocol.calendar.name,):
            if self.named(nation) is None:
                self.keep(base(nation), by, now)
        if own:
            self._keep_own(protocol.counts_on, own, by, now)

    def keep(self, calendar: Calendar, by: str, now: datetime) -> None:
        """Keep a nation's calendar, unless the file already holds one of that name."""
        if self._whole(calendar.name) is None:
            self._begin(calendar.name, None, calendar, by, now)

    def _keep_own(self, name: str, own: OwnCalendar, by: str, now: datetime) -> None:
        """Keep what a protocol's own calendar is made of; the nations' have to be there."""
        if self._whole(name) is None:
            usual = self._whole(own.usual.name)
            assert usual is not None
            self._begin(name, own, usual, by, now)

    def _begin(self, name: str, own: OwnCalendar | None, like: Calendar, by: str, now: datetime) -> None:
        """Add the first version of a calendar; the days off of one that is made of others are theirs."""
        self._file.connection.execute(_ADD_CALENDAR, [name, own.text if own else None])
        self._made.pop(name, None)
        first = Version(
            1, now, by, "first needed", like.opens, like.closes, like.first, like.last, like.published_to, like.source
        )
        self._add_version(name, first)
        self._add_days(name, 1, BANK_HOLIDAY, {} if own else like.days_off)
        self._seal(name, 1)

    def change(
        self, name: str, made_at: datetime, by: str, why: str, days: Mapping[str, Mapping[date, str]], **others: Any
    ) -> None:
        """Add a version, in which `days` takes the place of the days off of each kind given, and `others` of its other fields."""
        last = self.versions(name)[-1]
        number = last.number + 1
        self._add_version(name, last._replace(number=number, made_at=made_at, by=by, why=why, **others))
        for kind, wanted in days.items():
            present = self.days_off(name, kind)
            ended = [day for day, title in present.items() if wanted.get(day) != title]
            self._file.connection.executemany(_END_DAY_OFF, [(number, name, kind, day.isoformat()) for day in ended])
            added = {day: title for day, title in wanted.items() if present.get(day) != title}
            self._add_days(name, number, kind, added)
        self._seal(name, number)
        self.forget()

    def forget(self) -> None:
        """Read every calendar again when it is next asked for: what was read in a transaction that was taken back does not hold."""
        self._made.clear()

    def _add_version(self, name: str, version: Version) -> None:
        *_, first, last, published_to, source, authority = version
        covered = [day.isoformat() for day in (first, last, published_to)]
        taken_over = [day.isoformat() for day in authority] if authority else [None, None]
        hours = [f"{version.opens:%H:%M}", f"{version.closes:%H:%M}"]
        made = [version.number, written(version.made_at), version.by, version.why]
        self._file.connection.execute(_ADD_VERSION, [name, *made, *hours, *covered, *taken_over, source])

    def _add_days(self, name: str, version: int, kind: str, days: Mapping[date, str]) -> None:
        self._file.connection.executemany(
            _ADD_DAY_OFF, [(name, day.isoformat(), kind, version, title) for day, title in days.items()]
        )

    def _seal(self, name: str, version: int) -> None:
        chain.seal(self._file.connection, chain.CALENDAR, f"{name}@{version}")
