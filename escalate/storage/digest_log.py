"""Which digests were made for whom, and which of them were sent: recorded before sending, completed after."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from escalate.domain.worktime.clock import read_instant, written
from escalate.storage import chain
from escalate.storage.hashes import hash_of
from escalate.storage.interface import Database
from escalate.storage.records import NewDigest

LEASE = timedelta(minutes=5)
"""How long a message is left to the run that has begun to send it; then that run is taken to have crashed."""


ALERTS = 0
"""The run that what cannot wait is recorded under; those of digests count from 1."""


class Letter(NamedTuple):
    """A message of one day's run that is still to be sent."""

    id: int
    """The id of its row."""
    reader: str
    """The address it goes to."""
    name: str
    """What stands for the reader in the file."""
    message_id: str
    """The part of its Message-ID before the @, the same at every try."""
    since: datetime
    """From when on it tells (UTC)."""


class DigestLog:
    """The digests of a file. Readers go by a hash of their address, so that the address itself is nowhere in the file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_told(self, reader: str, before: date) -> datetime | None:
        """Up to when a reader was told on an earlier day; None if never."""
        found = self._database.row("told_to", reader=_name(reader), day=before.isoformat())
        return read_instant(found["told_to"]) if found and found["told_to"] else None

    def last_unsent(self, reader: str, before: date) -> date | None:
        """The day of the last digest made for a reader before a day, if it was not sent; None if it was, or there is none."""
        found = self._database.row("last_digest", reader=_name(reader), day=before.isoformat())
        return date.fromisoformat(found["day"]) if found and not found["sent_at"] else None

    def still_to_send(self, day: date, now: datetime, readers: Mapping[str, datetime], *, anew: bool) -> list[Letter]:
        """Record a day's run, with since when each reader is to be told, and return what of it is still to be sent.

        The first run of a day is the day's; later ones send what it did not, and only `anew` begins another. Inside `writing`.
        """
        found = self._database.row("last_run", day=day.isoformat())
        last: int = found["run"] if found else 0
        run = last + 1 if anew or not last else last
        self._add(day, run, now, readers)
        return self._unsent(day, run, readers)

    def still_to_alert(self, now: datetime, told: Mapping[str, date]) -> list[Letter]:
        """Record what cannot wait, each for its reader under a key of its own with the day it came up; what is still to be told. Inside `writing`."""
        found = []
        for day in sorted(set(told.values())):
            since = {key: now for key, each in told.items() if each == day}
            self._add(day, ALERTS, now, since)
            found += self._unsent(day, ALERTS, since)
        return found

    @property
    def last_made(self) -> datetime | None:
        """When a digest last reached anybody; None if none ever did."""
        found = self._database.row("last_made")
        return read_instant(found["sent_at"]) if found and found["sent_at"] else None

    def claim(self, letter: Letter, now: datetime) -> bool:
        """Take a message to send it; False where another run is sending it. Inside `writing`."""
        return self._database.claim_digest(letter.id, written(now), written(now - LEASE))

    def release(self, letter: Letter) -> None:
        """Give a message that could not be sent back to the next run. Inside `writing`."""
        self._database.release_digest(letter.id)

    def sent(self, letter: Letter, told_to: datetime, now: datetime) -> None:
        """Complete a message: its reader has been told of everything up to `told_to`. Inside `writing`."""
        self._database.complete_digest(letter.id, written(now), written(told_to))

    def _add(self, day: date, run: int, now: datetime, readers: Mapping[str, datetime]) -> None:
        """Record the messages of a run to readers it has none for yet."""
        digests = [
            NewDigest(_name(reader), self._message(day, run, reader), written(since))
            for reader, since in readers.items()
        ]
        self._database.add_digests(day.isoformat(), run, written(now), digests)

    def _unsent(self, day: date, run: int, readers: Iterable[str]) -> list[Letter]:
        unsent = {row["reader"]: row for row in self._database.rows("unsent", day=day.isoformat(), run=run)}
        return [
            Letter(row["id"], reader, row["reader"], row["message"], read_instant(row["since"]))
            for reader in readers
            if (row := unsent.get(_name(reader))) is not None
        ]

    def _message(self, day: date, run: int, reader: str) -> str:
        """The part of a Message-ID before the @: the same for the same reader, day and run of this file."""
        return f"escalate.{day:%Y%m%d}.{run}.{_name(chain.file_name(self._database) + reader)[:20]}"


def _name(reader: str) -> str:
    return hash_of(reader.casefold())[:32]
