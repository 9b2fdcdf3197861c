"""The line to a server, and what is written along it: each piece of work is there once, wherever the line is cut.

Every transaction that writes has an id of its own. Where the line is cut while it commits, all of it is sent again under that id. Whoever
writes takes the lock on the counter first, unless it is decided on ahead: then all of it is one message, and the lock is held only while the
server carries that out. The server refuses what was decided on too early.

A transaction that holds the lock does not wait for the disk: the next one can begin meanwhile, and one flush of the disk does for
both. The message about it goes on with one that does wait, so that nothing is said to be recorded that is not on the disk.
"""

import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from time import monotonic, sleep
from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, quote_ident

from escalate.errors import EscalateError, PerhapsRecorded, Refused
from escalate.storage.interface import DecidedTooEarly
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql.connecting import LOST, MEANWHILE, NO_TEXT, SILENT_SECONDS, Progress, connect
from escalate.storage.rows import as_json

PAUSES = (0.0, 0.2, 0.5, 1.0)
"""How long to wait before each try to reach a server that was lost while it committed, in seconds; the last before every further one."""

SHORTEST = 2
"""What libpq waits at least for a connection, in seconds."""

AT_ONCE = 1_000_000
"""So many characters of changes are kept back at most, to be sent together."""

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
STOPPED = "57014"
"""The code of what was stopped at the server because somebody asked."""

_PATH = "SET search_path = escalate, pg_temp"
ON_DISK = "SELECT escalate.on_disk()"
"""A transaction that writes no row, and waits until it is on the disk: so is everything that was committed before it."""

RECORD = "record"
"""The function that adds entries, and notes the piece of work."""

Change = tuple[str, str]
"""A function of the owner's, and the JSON it is given."""


class Line:
    """A connection to a server, made anew where it is cut."""

    def __init__(
        self, place: ServerPlace, progress: Progress, database: str | None = None, login: str | None = None
    ) -> None:
        self._place, self._progress = place, progress
        self._noted: dict[str, object] = {}
        self._changes: list[Change] = []
        self._unsent: list[Change] = []
        self._is_deciding = False
        self._has_snapshot = False
        self._is_given_out = False
        self._versions: int | None = None
        self.connection = connect(place, database)
        if login:  # what a superuser may
            self.do(f"SET SESSION AUTHORIZATION {quote_ident(login, self.connection)}")

    def close(self) -> None:
        """Let the server go."""
        self.connection.close()

    # -- reading

    def greet(self, statement: str) -> Any:
        """The first row of the statement that is asked before all others, in the message that says whose tables are meant."""
        return self.first(f"{_PATH}; {statement}")

    def execute(self, cursor: Any, statement: str, values: object = None) -> None:
        """Carry a statement out, after the changes that were kept back. Raises Refused for a value that is no text to the driver."""
        self._send()
        if self._is_deciding and not self._has_snapshot:
            statement, self._has_snapshot = f"{SNAPSHOT}; {statement}", True
        _execute(cursor, statement, values)

    def first(self, statement: str, *values: object) -> Any:
        """The first row of a statement of the engine's own, if it has any."""
        with closing(self.connection.cursor()) as cursor:
            self.execute(cursor, statement, values)
            return cursor.fetchone() if cursor.description else None

    def do(self, statement: str, *values: object) -> Any:
        """The one value that a statement of the engine's own answers with, if any."""
        found = self.first(statement, *values)
        return found[0] if found else None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything inside sees the database as it is at one moment."""
        self.do(SNAPSHOT)
        try:
            yield
        finally:
            self._take_back()
        self._wait_for_disk()

    def on_disk(self) -> None:
        """Wait until what was read is on the disk, as it is to be given out: at once, or at the end of what is open."""
        self._is_given_out = True
        if not self._is_deciding and self.connection.get_transaction_status() == TRANSACTION_STATUS_IDLE:
            self._wait_for_disk()

    def _wait_for_disk(self) -> None:
        if self._is_given_out:
            self._is_given_out = False
            self.do(ON_DISK)

    # -- writing

    @contextmanager
    def writing(self, dry_run: bool = False) -> Iterator[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. The lock is taken first. Raises PerhapsRecorded."""
        self._note(None)
        try:
            self._begin()
            self._know_versions()
            yield
            if dry_run:
                self._send()
                self._take_back()
        except BaseException:
            self._unsent = []
            self._take_back()
            raise
        if not dry_run:
            self._commit()  # which waits for the disk
        self._wait_for_disk()

    @contextmanager
    def deciding(self, dry_run: bool = False) -> Iterator[None]:
        """The same, decided on before the lock is taken. Raises DecidedTooEarly where somebody else recorded meanwhile, and PerhapsRecorded."""
        self._is_deciding, self._has_snapshot = True, False
        self._unsent = []
        try:
            self._note(self._know_versions())
            yield
        except BaseException:
            self._unsent, self._has_snapshot = [], False
            self._take_back()
            raise
        finally:
            self._is_deciding = False
        try:
            first = self._unsent.pop(0) if self._unsent and self._unsent[0][0] == RECORD else None
            if dry_run:
                self._send_in(self._beginning(first), self._unsent, "ROLLBACK")
            elif self._changes:
                self._commit(self._beginning(first))
        except psycopg2.Error as problem:
            if problem.pgcode != MEANWHILE:
                raise
            self._versions = None
            raise DecidedTooEarly from problem
        finally:
            self._unsent, self._has_snapshot = [], False
            self._take_back()
        self._wait_for_disk()

    def change(self, function: str, given: object) -> None:
        """Have a function of the owner's called, at the latest with the commit; what it is given is remembered until then."""
        change = function, as_json(given)
        self._changes.append(change)
        self._unsent.append(change)
        if not self._is_deciding and sum(len(text) for _, text in self._unsent) > AT_ONCE:
            self._send()

    def change_now(self, function: str, given: object) -> Any:
        """What a function of the owner's answers with; it is called at once, and remembered as well. Raises DecidedTooEarly without the lock."""
        self.need_lock()
        self._changes.append((function, as_json(given)))
        return self.call(function, given)

    def call(self, function: str, given: object) -> Any:
        """What a function of the owner's answers with."""
        return self.do(_calls([function]), as_json(given))

    def keep(self) -> None:
        """Commit what was begun and sent without `writing`; the line may be cut meanwhile, and it is not sent again."""
        self._progress.is_committing = True
        self.do(f"COMMIT; {ON_DISK}")
        self._progress.is_committing = self._is_given_out = False

    def need_lock(self) -> None:
        """Raises DecidedTooEarly where something is decided on without the lock."""
        if self._is_deciding:
            raise DecidedTooEarly

    def know_versions(self, number: int) -> None:
        """How many versions of calendars there were before any of them was read."""
        self._versions = number

    def _know_versions(self) -> int:
        if self._versions is None:
            self._versions = self.do("SELECT count(*) FROM escalate.calendar_version")
        assert self._versions is not None
        return self._versions

    def _note(self, versions: int | None) -> None:
        """Begin a piece of work with an id of its own; `versions` of calendars it is decided on, unless the lock is taken first."""
        self._changes, self._unsent = [], []
        self._noted = {"request": str(uuid.uuid4()), "entries": [], "versions": versions}

    def _beginning(self, first: Change | None = None) -> Change:
        """The statements that begin to write, and their value: take the lock, and note the piece of work, with the `first` entries if there are any."""
        silent = f"SET LOCAL idle_in_transaction_session_timeout = '{max(self._place.wait, SILENT_SECONDS)}s'"
        before = "ROLLBACK; " if self._has_snapshot else ""
        noted = self._noted | (json.loads(first[1]) if first else {})
        return f"{before}BEGIN; {silent}; SET LOCAL synchronous_commit = off; {_calls([RECORD])}", as_json(noted)

    def _begin(self) -> bool:
        """Begin to write, and tell whether the piece of work is new, or another transaction carried it out."""
        return bool(self.do(*self._beginning()))

    def _commit(self, beginning: Change | None = None) -> None:
        """Send what is left, and commit. Where the connection is cut meanwhile nobody knows what became of it. Raises PerhapsRecorded."""
        self._progress.is_committing = True
        unsent, self._unsent = self._unsent, []
        try:
            self.connection.is_committing, self.connection.is_stopped = True, False
            try:
                self._send_in(beginning, unsent, f"COMMIT; {ON_DISK}")
            except psycopg2.Error as problem:
                if not self._is_lost(problem):  # the server says that it did not
                    if self.connection.is_stopped and problem.pgcode == STOPPED:
                        raise KeyboardInterrupt from None
                    raise
                self._commit_again(problem)
            except KeyboardInterrupt:
                raise PerhapsRecorded(self._place) from None
        except (psycopg2.Error, KeyboardInterrupt):
            self._progress.is_committing = False
            self.connection.is_committing = False
            self._take_back()
            raise
        self._progress.is_committing = self.connection.is_committing = self._is_given_out = False

    def _commit_again(self, lost: BaseException) -> None:
        """Find out what became of a piece of work, and carry it out if nothing did, as long as a server may be waited for. Raises PerhapsRecorded.

        Whoever carried it out first has ended by the time that the lock is ours.
        """
        until = monotonic() + self._place.wait
        for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
            left = until - monotonic()
            if left < pause:
                break
            sleep(pause)
            self.connection.close()
            self._has_snapshot = False
            try:
                self.connection = connect(self._place._replace(wait=max(SHORTEST, int(left - pause))))
                self.do(_PATH)
                is_new = self._begin()
            except (psycopg2.Error, EscalateError) as problem:  # whatever it says: not what became of it
                if getattr(problem, "pgcode", None) == MEANWHILE:
                    raise
                lost = problem
                continue
            try:
                self._send_in(None, self._changes if is_new else (), f"COMMIT; {ON_DISK}")
            except psycopg2.Error as problem:
                if not self._is_lost(problem):
                    raise
                lost = problem
            else:
                return
        raise PerhapsRecorded(self._place) from lost

    def _is_lost(self, problem: psycopg2.Error) -> bool:
        """Whether nobody says what became of a commit: the server may have carried it out before the connection ended, or before the flush failed."""
        if self.connection.closed or (problem.pgcode or "").startswith(LOST):
            return True
        is_over: bool = self.connection.get_transaction_status() == TRANSACTION_STATUS_IDLE
        return is_over

    def _send(self) -> None:
        """Send the changes that were kept back, before something is read. Raises DecidedTooEarly without the lock."""
        if self._unsent:
            self.need_lock()
            unsent, self._unsent = self._unsent, []
            self._send_in(None, unsent)

    def _send_in(self, beginning: Change | None, changes: Sequence[Change], end: str = "") -> None:
        """Send a beginning, changes and an end as one message: it takes the way to the server and back once."""
        begin, noted = beginning or ("", None)
        statement = "; ".join(filter(None, (begin, _calls(function for function, _ in changes), end)))
        with closing(self.connection.cursor()) as cursor:
            _execute(cursor, statement, [*([noted] if beginning else []), *(text for _, text in changes)])

    def _take_back(self) -> None:
        if not self.connection.closed and self.connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            with closing(self.connection.cursor()) as cursor:
                cursor.execute("ROLLBACK")


def _calls(functions: Iterable[str]) -> str:
    """A statement that calls functions of the owner's one after the other, each with a text of JSON."""
    return "; ".join(f"SELECT escalate.{function}(CAST(%s AS jsonb))" for function in functions)


def _execute(cursor: Any, statement: str, values: object) -> None:
    """Carry a statement out. Raises Refused for a value that is no text to the driver: NUL, or half a character."""
    try:
        cursor.execute(statement, values)
    except ValueError as problem:
        raise Refused(NO_TEXT) from problem
