"""Changes to the calendars of a file: each is a new version, with a link in the chain, and none takes back what was before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import written
from escalate.domain.worktime.local_calendar import OwnCalendar
from escalate.storage.calendars import BANK_HOLIDAY, CLOSURE, Calendars, Version
from escalate.storage.interface import Database
from escalate.storage.records import CalendarChange


class ChangeableCalendars(Calendars):
    """The calendars of one file, to read and to change. Everything that writes does so inside `writing`.

    Where the present moment was set by hand, `clock` is what the computer's own clock says.
    """

    def __init__(self, database: Database, clock: datetime | None = None) -> None:
        super().__init__(database)
        self._clock = clock

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
        self._made.pop(name, None)
        self._recorded.pop(name, None)
        first = Version(1, now, by, like.opens, like.closes, like.first, like.last, like.published_to, like.source)
        days = {} if own else like.days_off
        added = [(BANK_HOLIDAY, day, title) for day, title in days.items()]
        self._add(name, first, "first needed", added, own=own)

    def change(
        self, name: str, made_at: datetime, by: str, why: str, days: Mapping[str, Mapping[date, str]], **others: Any
    ) -> None:
        """Add a version, in which `days` takes the place of the days off of each kind given, and `others` of its other fields."""
        last = self.versions(name)[-1]
        ended: list[tuple[str, date]] = []
        added: list[tuple[str, date, str]] = []
        for kind, wanted in days.items():
            present = self.days_off(name, kind)
            ended += [(kind, day) for day, title in present.items() if wanted.get(day) != title]
            added += [(kind, day, title) for day, title in wanted.items() if present.get(day) != title]
        self._add(
            name, last._replace(number=last.number + 1, made_at=made_at, by=by, **others), why, added, ended=ended
        )
        self.forget()

    def forget(self) -> None:
        """Read every calendar again when it is next asked for: what was read in a transaction that was taken back does not hold."""
        self._made.clear()
        self._recorded.clear()

    def _add(
        self,
        name: str,
        version: Version,
        why: str,
        added: Sequence[tuple[str, date, str]],
        *,
        ended: Iterable[tuple[str, date]] = (),
        own: OwnCalendar | None = None,
    ) -> None:
        """Add a version, with the days off that begin and end with it: their kind, the day, and what it is called.

        Why it is made and what closures are called is apart, so that it can be erased; what bank holidays are called is public.
        """
        from escalate.storage.reasons import WHY, set_apart  # few calendars are changed

        closed = {day.isoformat(): title for kind, day, title in added if kind == CLOSURE and title != why}
        words, commitments = set_apart({WHY: why, **closed})
        taken_over = [day.isoformat() for day in version.authority] if version.authority else (None, None)
        row = {
            "version": version.number,
            "made_at": written(version.made_at),
            "by": version.by,
            "opens": f"{version.opens:%H:%M}",
            "closes": f"{version.closes:%H:%M}",
            "first": version.first.isoformat(),
            "last": version.last.isoformat(),
            "published_to": version.published_to.isoformat(),
            "authority_from": taken_over[0],
            "authority_to": taken_over[1],
            "source": version.source,
            "commitments": commitments,
            "clock": written(self._clock) if self._clock else None,
        }
        self._database.add_calendar_version(
            CalendarChange(
                name,
                own.text if own else None,
                row,
                [(kind, day.isoformat()) for kind, day in ended],
                [(kind, day.isoformat(), "" if kind == CLOSURE else title) for kind, day, title in added],
                words,
            )
        )
