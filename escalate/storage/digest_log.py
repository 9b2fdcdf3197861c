"""Which digests were made for whom, and which of them were sent: recorded before sending, completed after."""

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from escalate.domain.worktime.clock import moment, written

LEASE = timedelta(minutes=5)
"""So long a message that a run has begun to send is left to that run; then it is taken to have crashed."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of one day's run that is still to be sent; `name` stands for the reader, `message_id` is the same at every try."""

    id: int
    reader: str
    name: str
    message_id: str
    since: datetime


class DigestLog:
    """The digests of a database file. Readers go by a digest of their address, which is theirs to be forgotten."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def last_told(self, reader: str, before: date) -> datetime | None:
        """How far a reader was told of on an earlier day; None if never."""
        row = self._db.execute(
            "SELECT max(told_to) FROM digest WHERE reader = ? AND sent_at IS NOT NULL AND day < ?",
            [_name(reader), before.isoformat()],
        ).fetchone()
        return moment(row[0]) if row[0] else None

    def still_to_send(self, day: date, now: datetime, readers: Mapping[str, datetime], *, anew: bool) -> list[Letter]:
        """Records a day's run for readers and since when each is to be told, and says what of it is still to be sent. Inside `writing`.

        The first run of a day is the day's; later ones send what it did not, and only `anew` begins another.
        """
        last = self._db.execute("SELECT coalesce(max(run), 0) FROM digest WHERE day = ?", [day.isoformat()]).fetchone()[
            0
        ]
        run = last + 1 if anew or not last else last
        there = self._db.execute(
            "SELECT reader FROM digest WHERE day = ? AND run = ?", [day.isoformat(), run]
        ).fetchall()
        known = {row[0] for row in there}
        for reader, since in readers.items():
            if _name(reader) not in known:
                self._db.execute(
                    "INSERT INTO digest (id, day, run, reader, message, since, recorded_at)"
                    " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM digest), ?, ?, ?, ?, ?, ?)",
                    [
                        day.isoformat(),
                        run,
                        _name(reader),
                        self._message(day, run, reader),
                        written(since),
                        written(now),
                    ],
                )
        rows = self._db.execute(
            "SELECT id, reader, message, since FROM digest WHERE day = ? AND run = ? AND sent_at IS NULL",
            [day.isoformat(), run],
        ).fetchall()
        waiting = {row[1]: row for row in rows}
        return [
            Letter(row[0], reader, row[1], row[2], moment(row[3]))
            for reader in readers
            if (row := waiting.get(_name(reader))) is not None
        ]

    def claim(self, letter: Letter, now: datetime) -> bool:
        """Takes a message to send it, unless another run is sending it just now. Inside `writing`."""
        taken = self._db.execute(
            "UPDATE digest SET claimed_at = ? WHERE id = ? AND sent_at IS NULL AND (claimed_at IS NULL OR claimed_at <= ?)",
            [written(now), letter.id, written(now - LEASE)],
        )
        return taken.rowcount == 1

    def release(self, letter: Letter) -> None:
        """Gives a message back that could not be sent, for the next run. Inside `writing`."""
        self._db.execute("UPDATE digest SET claimed_at = NULL WHERE id = ?", [letter.id])

    def sent(self, letter: Letter, told_to: datetime, now: datetime) -> None:
        """Completes a message: its reader has been told of everything up to `told_to`. Inside `writing`."""
        self._db.execute(
            "UPDATE digest SET sent_at = ?, told_to = ? WHERE id = ?", [written(now), written(told_to), letter.id]
        )

    def _message(self, day: date, run: int, reader: str) -> str:
        """The part of a Message-ID before the @: the same for the same reader, day and run of this file."""
        row = self._db.execute("SELECT value FROM kept WHERE name = 'file'").fetchone()
        return f"escalate.{day:%Y%m%d}.{run}.{_name(row[0] + reader)[:20]}"


def _name(reader: str) -> str:
    return hashlib.sha256(reader.casefold().encode()).hexdigest()[:32]
