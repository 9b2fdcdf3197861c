"""A server's database as the store asks it: statements by name to read, and a function of the owner's for each change.

Whoever writes takes the lock on the counter first, so that what was read to decide on it cannot have changed. Every transaction that
writes has an id of its own: where the connection is cut, all of it is sent again, and is there once.
"""

import itertools
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from shlex import quote
from time import monotonic, sleep
from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from escalate.errors import EscalateError, NotSetUp, PerhapsRecorded, Refused, StoreError
from escalate.storage import chain
from escalate.storage.interface import SCHEMA_VERSION, TO_WIPE, Database, Made, Row
from escalate.storage.places import WAY_BACK, ServerPlace
from escalate.storage.postgresql import agency_chain
from escalate.storage.postgresql.connecting import (
    LOST,
    NO_TEXT,
    SILENT_SECONDS,
    Progress,
    connect,
    not_a_member,
    refuse_other_schema,
    sentences,
)
from escalate.storage.postgresql.searching import folded, passage, pattern
from escalate.storage.records import CalendarChange, DerivedCase, IndexRow, NewDigest, NewEdition, NewEntry, NewLook
from escalate.storage.rows import as_json, these
from escalate.storage.statements import SHARED, Statements

PAUSES = (0.0, 0.2, 0.5, 1.0)
"""How long to wait before each try to reach a server that was lost while it committed, in seconds; the last before every further one."""

SHORTEST = 2
"""What libpq waits at least for a connection, in seconds."""

AT_ONCE = 1_000_000
"""So many characters of changes are kept back at most, to be sent together."""

UNIT, UNIT_PREFIX = "*", "E"
"""The key of the business unit, which sees everything, and what its references begin with."""

_WHO = (
    "SELECT escalate.me(), (SELECT value FROM escalate.kept WHERE name = 'schema'), (SELECT name FROM escalate.my_agency()),"
    " pg_is_in_recovery(), EXISTS (SELECT FROM escalate.kept WHERE name = 'taking over')"
)
_STATEMENTS = Statements(SHARED, Path(__file__).with_name("queries.sql"))
_VALUE = re.compile(r"(?<!:):(\w+)")


class ServerRow:
    """A row by the names of its columns."""

    __slots__ = ("_places", "_values")

    def __init__(self, values: tuple[Any, ...], places: dict[str, int]) -> None:
        self._values, self._places = values, places

    def __getitem__(self, name: str, /) -> Any:
        return self._values[self._places[name]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)


class ServerDatabase(Database):
    """An open connection to a server. Made by `connected`."""

    is_shared = True
    way_back = WAY_BACK

    def __init__(self, place: ServerPlace, progress: Progress) -> None:
        self.name = str(place)
        self._place, self._progress = place, progress
        self._changes: list[tuple[str, str]] = []
        self._unsent: list[tuple[str, str]] = []
        self._connect(place)
        who, schema, agency, self.is_replica, is_arriving = self._first(_WHO)
        if not who:
            raise not_a_member(place)
        refuse_other_schema(schema, SCHEMA_VERSION, place)
        if is_arriving:
            raise NotSetUp(
                f"A file is being moved to {place}, and not all of it is there yet: wait until that is done, or run escalate move again."
            )
        self.sees_all = who == UNIT
        self.agency = None if self.sees_all else agency

    def _connect(self, place: ServerPlace) -> None:
        self._connection = connect(place)
        self._do("SET search_path = escalate, pg_temp")

    def close(self) -> None:
        """Let the server go."""
        self._connection.close()

    # -- reading

    def rows(self, statement: str, /, **values: object) -> Sequence[Row]:
        """Every row that a statement finds, by its name and with values by theirs."""
        self._send()
        with closing(self._connection.cursor()) as cursor:
            _execute(cursor, _text(statement), values)
            places = _places(cursor)
            return [ServerRow(row, places) for row in cursor]

    def row(self, statement: str, /, **values: object) -> Row | None:
        """The first row that a statement finds, or None."""
        self._send()
        with closing(self._connection.cursor()) as cursor:
            _execute(cursor, _text(statement), values)
            found = cursor.fetchone()
            return ServerRow(found, _places(cursor)) if found else None

    def stream(self, statement: str, /, **values: object) -> Iterator[Row]:
        """The rows that a statement finds, one by one: the server keeps the others until they are asked for."""
        self._send()
        with closing(self._connection.cursor(f"escalate_{uuid.uuid4().hex}", withhold=True)) as cursor:
            _execute(cursor, _text(statement), values)
            for row in cursor:
                yield ServerRow(row, _places(cursor))

    def cases_with(self, phrase: str, kinds: Sequence[str]) -> set[str]:
        """The cases in which a phrase stands somewhere in words of these kinds; its last word may be the beginning of one."""
        wanted = pattern(phrase)
        found = self.rows("cases_with", pattern=wanted, **these(kinds)) if wanted else []
        return {row["case_ref"] for row in found}

    def passages(self, phrases: Sequence[str], kinds: Sequence[str]) -> Sequence[Row]:
        """Where any of the phrases stands in words of these kinds, by case, entry and field."""
        patterns = as_json([each for each in map(pattern, phrases) if each])
        found = self.rows("passages", patterns=patterns, **these(kinds))
        columns = ("case_ref", "seq", "field", "kind", "text")
        places = {name: n for n, name in enumerate(columns)}
        return [
            ServerRow((*(row[name] for name in columns[:-1]), passage(row["content"], phrases)), places)
            for row in found
        ]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything inside sees the database as it is at one moment."""
        self._do("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self._take_back()

    def as_it_is(self, make: Callable[[], Made]) -> Made:
        """Make something slow of the database as it is at one moment: nobody who writes waits for that here."""
        with self.reading():
            return make()

    # -- writing

    @contextmanager
    def writing(self, dry_run: bool = False) -> Iterator[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. Raises PerhapsRecorded."""
        request = str(uuid.uuid4())
        self._changes, self._unsent = [], []
        try:
            self._begin(request)
            yield
            if dry_run:
                self._send()
                self._take_back()
        except BaseException:
            self._unsent = []
            self._take_back()
            raise
        if not dry_run:
            self._commit(request)

    def _begin(self, request: str) -> bool:
        """Begin to write: take the lock, note the request, and tell whether it is new, or another transaction carried it out."""
        noted = as_json({"request": request, "entries": []})
        silent = f"SET LOCAL idle_in_transaction_session_timeout = '{max(self._place.wait, SILENT_SECONDS)}s'"
        return bool(self._do(f"BEGIN; {silent}; SELECT escalate.begin_writing(); {_calls(['record'])}", noted))

    def _commit(self, request: str) -> None:
        """Send what is left, and commit. Where the connection is cut meanwhile nobody knows what became of it. Raises PerhapsRecorded."""
        self._progress.is_committing = True
        try:
            try:
                self._send_and_commit(self._unsent)
            except psycopg2.Error as problem:
                if not self._is_lost(problem):  # the server says that it did not
                    raise
                self._commit_again(request, problem)
            except KeyboardInterrupt:
                raise PerhapsRecorded(self._place) from None
        except psycopg2.Error:
            self._progress.is_committing = False
            self._take_back()
            raise
        finally:
            self._unsent = []
        self._progress.is_committing = False

    def _commit_again(self, request: str, lost: BaseException) -> None:
        """Find out what became of a request, and carry it out if nothing did, as long as a server may be waited for. Raises PerhapsRecorded.

        Whoever carried it out first has ended by the time that the lock is ours.
        """
        until = monotonic() + self._place.wait
        for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
            left = until - monotonic()
            if left < pause:
                break
            sleep(pause)
            self._connection.close()
            try:
                self._connect(self._place._replace(wait=max(SHORTEST, int(left - pause))))
                is_new = self._begin(request)
            except (psycopg2.Error, EscalateError) as problem:  # whatever it says: not what became of the request
                lost = problem
                continue
            if not is_new:
                self._take_back()
                return
            try:
                self._send_and_commit(self._changes)
            except psycopg2.Error as problem:
                if not self._is_lost(problem):
                    raise
                lost = problem
            else:
                return
        raise PerhapsRecorded(self._place) from lost

    def _is_lost(self, problem: psycopg2.Error) -> bool:
        """Whether nobody is there any more who could say what became of a commit: the server may have carried it out before it ended."""
        return bool(self._connection.closed) or (problem.pgcode or "").startswith(LOST)

    def _send(self) -> None:
        """Send the changes that were kept back."""
        if self._unsent:
            unsent, self._unsent = self._unsent, []
            self._do(_calls(function for function, _ in unsent), *(text for _, text in unsent))

    def _send_and_commit(self, changes: Sequence[tuple[str, str]]) -> None:
        """Send changes and the commit as one statement: it takes the way to the server and back once."""
        calls = _calls(function for function, _ in changes)
        self._do(f"{calls}; COMMIT" if calls else "COMMIT", *(text for _, text in changes))

    def next_refs(self, agencies: Sequence[str | None]) -> list[str]:
        """The references that the next cases get, each by the agency that raises it: `NHS-0007`. None is ever used twice."""
        self._send()
        series = {
            agency: self._first("SELECT prefix, number FROM escalate.next_reference(%s)", agency)
            for agency in dict.fromkeys(agencies)
        }
        given: Counter[str] = Counter()  # agencies that nobody has added share the unit's
        refs = []
        for agency in agencies:
            prefix, first = series[agency]
            refs.append(spelt(prefix, first + given[prefix]))
            given[prefix] += 1
        return refs

    def record(self, entries: Sequence[NewEntry]) -> None:
        """Add entries, each at the end of its case, with their words, their links of the chain, and their rows of the index."""
        added = [{**each._asdict(), "indexed": _with_folded(each.indexed)} for each in entries]
        self._change("record", {"entries": added})

    def derive(self, cases: Sequence[DerivedCase]) -> None:
        """Replace all derived rows of cases but those of the index."""
        self._change("derive", {"cases": [each._asdict() for each in cases]})

    def erase(self, refs: Sequence[str]) -> None:
        """Remove the words of cases, and their rows of the index. `renew_index` has to follow."""
        self._change("erase", {"refs": list(refs)})

    def index(self, rows: Sequence[IndexRow]) -> None:
        """Give the cases of these rows these rows in the index, and no others."""
        cases: dict[str, dict[int, list[tuple[str, str, str]]]] = {}
        for each in rows:
            cases.setdefault(each.ref, {}).setdefault(each.seq, []).append((each.content, each.field, each.kind))
        given = [
            {"ref": ref, "entries": [{"seq": n, "indexed": _with_folded(said)} for n, said in entries.items()]}
            for ref, entries in cases.items()
        ]
        self._change("reindex", {"cases": given})

    def clear_index(self) -> None:
        """Nothing: `index` leaves a case only the rows that it is given."""

    def renew_index(self) -> None:
        """Nothing: a server's index has its rows alone."""

    def add_edition(self, edition: NewEdition) -> None:
        """Add the text of a protocol with its link of the chain, unless one with its digest is there."""
        self._change("add_edition", edition._asdict())

    def add_calendar_version(self, change: CalendarChange) -> None:
        """Add a version of a calendar with its link of the chain, and the calendar itself with version 1."""
        given = {"name": change.calendar, "own": change.own, "ended": change.ended, "added": change.added}
        self._change("add_calendar_version", {**change.version, **given})

    def record_look(self, look: NewLook) -> None:
        """Add a look at names at the end, with its words and its link of the chain: of the agency and the login of whoever asks."""
        self._change("look", look._asdict())

    def erase_looks(self, keys: Sequence[str]) -> None:
        """Remove the words of looks at names, by their keys."""
        self._change("erase_looks", {"keys": list(keys)})

    def add_digests(self, day: str, run: int, recorded_at: str, digests: Sequence[NewDigest]) -> None:
        """Add the digests of a day's run, to readers it has none for yet."""
        of_run = {"day": day, "run": run, "recorded_at": recorded_at}
        self._change("add_digests", {"digests": [{**of_run, **each._asdict()} for each in digests]})

    def claim_digest(self, number: int, at: str, unless_since: str) -> bool:
        """Take the digest with an id to send it at an instant; False where it is sent, or was taken after `unless_since`."""
        self._send()
        change = "claim_digest", as_json({"id": number, "claimed_at": at, "stale": unless_since})
        self._changes.append(change)
        return bool(self._call(*change))

    def release_digest(self, number: int) -> None:
        """Give a digest that could not be sent back to the next run."""
        self._change("release_digest", {"id": number})

    def complete_digest(self, number: int, sent_at: str, told_to: str) -> None:
        """Say of a digest that it was sent, and up to which instant it tells."""
        self._change("complete_digest", {"id": number, "sent_at": sent_at, "told_to": told_to})

    def keep_setting(self, by: str, name: str, since: str, value: str) -> None:
        """Keep the value that a setting of somebody has since an instant."""
        self._change("keep_setting", {"by": by, "name": name, "since": since, "value": value})

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact about the database itself."""
        self._change("set_fact", {"name": name, "value": value})

    def drop_fact(self, name: str) -> None:
        """Forget a fact about the database itself."""
        self._change("drop_fact", {"name": name})

    # -- the database as a whole

    @property
    def engine(self) -> str:
        """PostgreSQL, with its version."""
        major, minor = divmod(self._connection.server_version, 10_000)
        return f"PostgreSQL {major}.{minor}"

    def clock(self) -> datetime | None:
        """What time it is on the server."""
        at: datetime = self._do("SELECT clock_timestamp()")
        return at

    def age(self) -> timedelta | None:
        """How long ago the last change was made that a replica has; None where it has all that there is. Raises StoreError where it cannot tell."""
        if not self.is_replica:
            raise StoreError(f"{self.name} is a server of its own, and no replica.")
        is_current, age = self._first("SELECT is_current, age FROM escalate.replica_age()")
        if age is None and not is_current:
            raise StoreError(f"{self.name} cannot say how old it is.")
        return None if is_current else age

    def is_ours(self, raising: str | None, receiving: str | None) -> bool:
        """Whether the case is one of the agency of whoever asks, or they see all."""
        found = None if self.sees_all else self.row("is_of_mine", raising=raising, receiving=receiving)
        return found is None or bool(found["it_is"])

    def strangers(self) -> list[str]:
        """The agencies that cases name and nobody belongs to, so that no one of them sees the case; only for whoever sees all."""
        return [row["agency"] for row in self.rows("strangers")] if self.sees_all else []

    @property
    def file(self) -> Path:
        """Refused: it is on a server."""
        raise Refused(
            f"{self.name} is a server, and no file: the business unit copies all of it into one with escalate move {quote(self.name)} FILE."
        )

    def faults(self) -> list[str]:
        """A sentence for each guard of the history that is gone or off."""
        gone = [row["name"] for row in self.rows("guards_gone")]
        return [f"the trigger {name} is gone, which keeps the history as it is" for name in gone]

    def history_faults(self) -> Iterator[str]:
        """A sentence for each thing that is not as the chain says: that over everything, or an agency's own."""
        return chain.broken(self) if self.sees_all else agency_chain.broken(self)

    def index_faults(self) -> list[str]:
        """Nothing: a server's index has its rows alone, and those are compared with what was said."""
        return []

    def wipe(self) -> None:
        """Make the tables anew in which erased words still lie, and drop TO_WIPE. Outside of `writing`."""
        with self.writing():
            self._change("wipe", {})
            self.drop_fact(TO_WIPE)

    def copy_into(self, path: Path, folder: Path) -> None:
        """Refused: a server is copied by `escalate move`, or by its administrator."""
        assert self.file, (path, folder)

    # -- how it is asked

    def _change(self, function: str, given: object) -> None:
        """Have a function of the owner's called, at the latest with the commit; what it is given is remembered until then."""
        change = function, as_json(given)
        self._changes.append(change)
        self._unsent.append(change)
        if sum(len(text) for _, text in self._unsent) > AT_ONCE:
            self._send()

    def _call(self, function: str, text: str) -> Any:
        """What a function of the owner's answers with."""
        return self._do(_calls([function]), text)

    def _do(self, statement: str, *values: object) -> Any:
        """The one value that a statement of the engine's own answers with, if any."""
        found = self._first(statement, *values)
        return found[0] if found else None

    def _first(self, statement: str, *values: object) -> Any:
        with closing(self._connection.cursor()) as cursor:
            _execute(cursor, statement, values)
            return cursor.fetchone() if cursor.description else None

    def _take_back(self) -> None:
        if not self._connection.closed and self._connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            self._do("ROLLBACK")


@contextmanager
def connected(place: ServerPlace) -> Iterator[ServerDatabase]:
    """A server, with a sentence for whatever goes wrong. Raises StoreError and its kinds, and Refused."""
    with sentences(place) as progress:
        database = ServerDatabase(place, progress)
        try:
            yield database
        finally:
            database.close()


def spelt(prefix: str, number: int) -> str:
    """A reference: `NHS-0007`, and of the unit `E0007`, as in a file."""
    return f"{prefix}{number:04d}" if prefix == UNIT_PREFIX else f"{prefix}-{number:04d}"


def _calls(functions: Iterable[str]) -> str:
    """A statement that calls functions of the owner's one after the other, each with a text of JSON."""
    return "; ".join(f"SELECT escalate.{function}(CAST(%s AS jsonb))" for function in functions)


def _with_folded(rows: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str, str]]:
    """Rows of the index with how they are searched beside what they say."""
    return [(*each, folded(each[0])) for each in rows]


@cache
def _text(statement: str) -> str:
    """A statement as the driver takes it: its values by name, a percent sign doubled."""
    return _VALUE.sub(r"%(\1)s", _STATEMENTS[statement].replace("%", "%%"))


def _execute(cursor: Any, statement: str, values: object) -> None:
    """Carry a statement out. Raises Refused for a value that is no text to the driver: NUL, or half a character."""
    try:
        cursor.execute(statement, values)
    except ValueError as problem:
        raise Refused(NO_TEXT) from problem


def _places(cursor: Any) -> dict[str, int]:
    return {column.name: n for n, column in enumerate(cursor.description)}
