"""The calendars the file keeps, and every version of them: what was judged on one keeps its verdict."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import moment, written

if TYPE_CHECKING:
    from escalate.domain.worktime.local_calendar import OwnCalendar

KINDS = BANK_HOLIDAY, CLOSURE = "bank holiday", "closure"
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Version(NamedTuple):
    """One version of a calendar: since when it holds, who made it and why, and what it says beside its days off."""

    number: int
    made_at: datetime
    by: str
    why: str
    opens: time
    closes: time
    first: date
    last: date
    published_to: date
    source: str
    authority: tuple[date, date] | None = None


class Calendars:
    """The calendars of one file. Everything that writes does so inside `writing`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._made: dict[str, Calendar] = {}

    @property
    def names(self) -> list[str]:
        """Those there are, the nations' first."""
        rows = self._db.execute("SELECT name FROM calendar ORDER BY own IS NOT NULL, name")
        return [row["name"] for row in rows]

    def own(self, name: str) -> "OwnCalendar | None":
        """What a protocol's own calendar is made of; None for a nation's. Raises ValueError where that is damaged."""
        row = self._db.execute("SELECT own FROM calendar WHERE name = ?", [name]).fetchone()
        return _read_own(row["own"]) if row and row["own"] else None

    def resting_on(self, names: Iterable[str]) -> list[str]:
        """These calendars, and those that are made of them."""
        wanted = set(names)
        return [
            name
            for name in self.names
            if name in wanted or ((own := self.own(name)) and wanted.intersection(own.nations))
        ]

    def named(self, name: str) -> Calendar | None:
        """A calendar with all it was before, or None. Raises ValueError, KeyError where what is kept is damaged."""
        if name not in self._made:
            row = self._db.execute("SELECT own FROM calendar WHERE name = ?", [name]).fetchone()
            if row is None:
                return None
            own = _read_own(row["own"]) if row["own"] else None
            self._made[name] = self._own(name, own) if own else self._nations(name)
        return self._made[name]

    @property
    def known_to(self) -> date | None:
        """Up to when bank holidays are published for every calendar; None where there is none."""
        ends = [date.fromisoformat(row[0]) for row in self._db.execute("SELECT published_to FROM calendar_version")]
        own = [self.named(row[0]) for row in self._db.execute("SELECT name FROM calendar WHERE own IS NOT NULL")]
        return min([*ends, *(calendar.published_to for calendar in own if calendar)], default=None)

    def keep(self, calendar: Calendar, by: str, now: datetime) -> None:
        """Keeps a nation's calendar, unless the file already holds one of that name."""
        if self.named(calendar.name) is not None:
            return
        self._db.execute("INSERT INTO calendar (name) VALUES (?)", [calendar.name])
        self._made.pop(calendar.name, None)
        self._write(
            calendar.name,
            Version(
                1, now, by, "first needed", calendar.opens, calendar.closes, calendar.first, calendar.last,
                calendar.published_to, calendar.source,
            ),
        )  # fmt: skip
        self._add(calendar.name, 1, BANK_HOLIDAY, calendar.days_off)
        self._seal(calendar.name, 1)

    def keep_own(self, name: str, own: "OwnCalendar", by: str, now: datetime) -> None:
        """Keeps what a protocol's own calendar is made of; the nations' have to be there."""
        if self.named(name) is not None:
            return
        usual = self.named(own.usual.name)
        assert usual is not None
        self._db.execute("INSERT INTO calendar (name, own) VALUES (?, ?)", [name, own.text])
        first = Version(
            1,
            now,
            by,
            "first needed",
            usual.opens,
            usual.closes,
            usual.first,
            usual.last,
            usual.published_to,
            usual.source,
        )
        self._write(name, first)
        self._seal(name, 1)

    def versions(self, name: str) -> list[Version]:
        """Every version of a calendar, the oldest first."""
        rows = self._db.execute("SELECT * FROM calendar_version WHERE calendar = ? ORDER BY version", [name]).fetchall()
        return [_version_of(row) for row in rows]

    def days_off(self, name: str, kind: str, version: int | None = None) -> dict[date, str]:
        """The days off of a kind, as they are now or were in a version."""
        held = "until IS NULL" if version is None else f"since <= {version} AND (until IS NULL OR until > {version})"
        rows = self._db.execute(
            f"SELECT day, name FROM day_off WHERE calendar = ? AND kind = ? AND {held} ORDER BY day", [name, kind]
        )
        return {date.fromisoformat(row["day"]): row["name"] for row in rows}

    def change(
        self, name: str, made_at: datetime, by: str, why: str, days: Mapping[str, Mapping[date, str]], **others: Any
    ) -> None:
        """A new version, with these days off of each kind given instead of the present ones, and other facts of a version."""
        last = self.versions(name)[-1]
        number = last.number + 1
        self._write(name, last._replace(number=number, made_at=made_at, by=by, why=why, **others))
        for kind, wanted in days.items():
            present = self.days_off(name, kind)
            gone = [day for day, title in present.items() if wanted.get(day) != title]
            self._db.executemany(
                "UPDATE day_off SET until = ? WHERE calendar = ? AND kind = ? AND day = ? AND until IS NULL",
                [(number, name, kind, day.isoformat()) for day in gone],
            )
            self._add(name, number, kind, {day: title for day, title in wanted.items() if present.get(day) != title})
        self._seal(name, number)
        self._made.clear()

    def forget(self) -> None:
        """Reads every calendar anew: what was read inside a transaction that was taken back does not hold."""
        self._made.clear()

    def _nations(self, name: str) -> Calendar:
        before: list[tuple[Version, Calendar]] = []
        for version in self.versions(name):
            earlier = [(after.made_at, made) for (_, made), after in _followed(before, version)]
            before.append((version, self._version(name, version, earlier)))
        return before[-1][1]

    def _version(self, name: str, version: Version, earlier: Sequence[tuple[datetime, Calendar]]) -> Calendar:
        return Calendar(
            name,
            self.days_off(name, BANK_HOLIDAY, version.number),
            closures=self.days_off(name, CLOSURE, version.number),
            opens=version.opens,
            closes=version.closes,
            first=version.first,
            last=version.last,
            published_to=version.published_to,
            source=version.source,
            earlier=earlier,
        )

    def _own(self, name: str, own: "OwnCalendar") -> Calendar:
        """Changes whenever a calendar it is made of does, or is closed on days of its own."""
        bases = {nation: self.named(nation) for nation in own.nations}
        versions = self.versions(name)
        turns = {until for base in bases.values() if base for until, _ in base.earlier}
        turns |= {version.made_at for version in versions[1:]}
        earlier: list[tuple[datetime, Calendar]] = []
        calendar: Calendar | None = None
        for turn in [_BEGINNING, *sorted(turns)]:
            if calendar is not None:
                earlier.append((turn, calendar))
            number = max([version.number for version in versions if version.made_at <= turn], default=1)
            then = {nation: base.as_known(turn) for nation, base in bases.items() if base}
            calendar = own.made(name, then.__getitem__, self.days_off(name, CLOSURE, number))
            calendar.earlier = tuple(earlier)
        assert calendar is not None
        return calendar

    def _add(self, name: str, version: int, kind: str, days: Mapping[date, str]) -> None:
        self._db.executemany(
            "INSERT INTO day_off (calendar, day, kind, since, name) VALUES (?, ?, ?, ?, ?)",
            [(name, day.isoformat(), kind, version, title) for day, title in days.items()],
        )

    def _seal(self, name: str, version: int) -> None:
        from escalate.storage import chain

        chain.seal(self._db, chain.CALENDAR, f"{name}@{version}")

    def _write(self, name: str, version: Version) -> None:
        authority = version.authority
        self._db.execute(
            'INSERT INTO calendar_version (calendar, version, made_at, "by", why, opens, closes, first, last, published_to,'
            " authority_from, authority_to, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                name, version.number, written(version.made_at), version.by, version.why, f"{version.opens:%H:%M}", f"{version.closes:%H:%M}",
                version.first.isoformat(), version.last.isoformat(), version.published_to.isoformat(),
                authority[0].isoformat() if authority else None, authority[1].isoformat() if authority else None, version.source,
            ],
        )  # fmt: skip


def _followed(
    before: Sequence[tuple[Version, Calendar]], last: Version
) -> list[tuple[tuple[Version, Calendar], Version]]:
    """Each version with the one that came after it."""
    return list(zip(before, [*[version for version, _ in before[1:]], last], strict=True)) if before else []


def _version_of(row: sqlite3.Row) -> Version:
    authority = (
        (date.fromisoformat(row["authority_from"]), date.fromisoformat(row["authority_to"]))
        if row["authority_from"] and row["authority_to"]
        else None
    )
    return Version(
        number=row["version"],
        made_at=moment(row["made_at"]),
        by=row["by"],
        why=row["why"],
        opens=time.fromisoformat(row["opens"]),
        closes=time.fromisoformat(row["closes"]),
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(row["last"]),
        published_to=date.fromisoformat(row["published_to"]),
        source=row["source"],
        authority=authority,
    )


def _read_own(text: str) -> "OwnCalendar":
    from escalate.domain.protocol.calendar_shape import read_own_calendar

    return read_own_calendar(text)
