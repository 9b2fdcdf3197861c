"""A server's database as the store asks it: statements by name to read, and a function of the owner's for each change."""

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from escalate.errors import NotSetUp, Refused, StoreError
from escalate.storage import chain
from escalate.storage.interface import SCHEMA_VERSION, TO_WIPE, Database, Made, Row
from escalate.storage.places import WAY_BACK, ServerPlace
from escalate.storage.postgresql import agency_chain
from escalate.storage.postgresql.connecting import Progress, not_a_member, refuse_other_schema, sentences
from escalate.storage.postgresql.line import Line
from escalate.storage.postgresql.searching import folded, passage, pattern
from escalate.storage.records import CalendarChange, DerivedCase, IndexRow, NewDigest, NewEdition, NewEntry, NewLook
from escalate.storage.rows import as_json, these
from escalate.storage.statements import SHARED, Statements
from escalate.wording import as_typed

UNIT, UNIT_PREFIX = "*", "E"
"""The key of the business unit, which sees everything, and what its references begin with."""

_WHO = (
    "SELECT escalate.me(), (SELECT value FROM escalate.kept WHERE name = 'schema'), (SELECT name FROM escalate.my_agency()),"
    " pg_is_in_recovery(), EXISTS (SELECT FROM escalate.kept WHERE name = 'taking over'),"
    " (SELECT count(*) FROM escalate.calendar_version), (SELECT jsonb_object_agg(name, value) FROM escalate.kept)"
)
STATEMENTS = Statements(SHARED, Path(__file__).with_name("queries.sql"))
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
    early_tries = 1
    way_back = WAY_BACK

    def __init__(
        self, place: ServerPlace, progress: Progress, database: str | None = None, login: str | None = None
    ) -> None:
        self.name = str(place)
        self._line = Line(place, progress, database, login)
        who, schema, agency, self.is_replica, is_arriving, versions, self._facts = self._line.greet(_WHO)
        if not who:
            raise not_a_member(place)
        refuse_other_schema(schema, SCHEMA_VERSION, place)
        if is_arriving:
            raise NotSetUp(
                f"A file is being moved to {place}, and not all of it is there yet: wait until that is done, or run escalate move again."
            )
        self._line.know_versions(versions)
        self.sees_all = who == UNIT
        self.agency = None if self.sees_all else agency

    def close(self) -> None:
        """Let the server go."""
        self._line.close()

    # -- reading

    def rows(self, statement: str, /, **values: object) -> Sequence[Row]:
        """Every row that a statement finds, by its name and with values by theirs."""
        with closing(self._line.connection.cursor()) as cursor:
            self._line.execute(cursor, _text(statement), values)
            places = _places(cursor)
            return [ServerRow(row, places) for row in cursor]

    def row(self, statement: str, /, **values: object) -> Row | None:
        """The first row that a statement finds, or None."""
        with closing(self._line.connection.cursor()) as cursor:
            self._line.execute(cursor, _text(statement), values)
            found = cursor.fetchone()
            return ServerRow(found, _places(cursor)) if found else None

    def stream(self, statement: str, /, **values: object) -> Iterator[Row]:
        """The rows that a statement finds, one by one: the server keeps the others until they are asked for."""
        self._line.need_lock()  # a cursor cannot begin what is decided on
        with closing(self._line.connection.cursor(f"escalate_{uuid.uuid4().hex}", withhold=True)) as cursor:
            self._line.execute(cursor, _text(statement), values)
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

    def cases_left(self, since: str, until: str) -> Sequence[Row]:
        """The cases that the agency of whoever asks is no side of any more since an entry recorded after one instant and up to another."""
        return () if self.sees_all else self.rows("cases_left", since=since, until=until)

    def reading(self) -> AbstractContextManager[None]:
        """Everything inside sees the database as it is at one moment."""
        return self._line.reading()

    def as_it_is(self, make: Callable[[], Made]) -> Made:
        """Make something slow of the database as it is at one moment: nobody who writes waits for that here."""
        with self.reading():
            return make()

    def on_disk(self) -> None:
        """Wait for the disk: others can read an entry in the milliseconds before it is there."""
        self._line.on_disk()

    # -- writing

    def writing(self, dry_run: bool = False) -> AbstractContextManager[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. Raises PerhapsRecorded."""
        return self._line.writing(dry_run)

    def deciding(self, dry_run: bool = False) -> AbstractContextManager[None]:
        """The same, without the lock while it is decided on. Raises DecidedTooEarly where somebody else recorded meanwhile, PerhapsRecorded."""
        return self._line.deciding(dry_run)

    def next_refs(self, agencies: Sequence[str | None]) -> list[str]:
        """The references that the next cases get, each by the agency that raises it: `NHS-0007`. None is ever used twice."""
        series = {
            agency: self._line.first("SELECT prefix, number FROM escalate.next_reference(%s)", agency)
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
        self._line.change("record", {"entries": added})

    def derive(self, cases: Sequence[DerivedCase]) -> None:
        """Replace all derived rows of cases but those of the index."""
        self._line.change("derive", {"cases": [each._asdict() for each in cases]})

    def erase(self, refs: Sequence[str]) -> None:
        """Remove the words of cases, and their rows of the index. `renew_index` has to follow."""
        self._line.change("erase", {"refs": list(refs)})

    def index(self, rows: Sequence[IndexRow]) -> None:
        """Give the cases of these rows these rows in the index, and no others."""
        cases: dict[str, dict[int, list[tuple[str, str, str]]]] = {}
        for each in rows:
            cases.setdefault(each.ref, {}).setdefault(each.seq, []).append((each.content, each.field, each.kind))
        given = [
            {"ref": ref, "entries": [{"seq": n, "indexed": _with_folded(said)} for n, said in entries.items()]}
            for ref, entries in cases.items()
        ]
        self._line.change("reindex", {"cases": given})

    def clear_index(self) -> None:
        """Nothing: `index` leaves a case only the rows that it is given."""

    def renew_index(self) -> None:
        """Nothing: a server's index has its rows alone."""

    def add_edition(self, edition: NewEdition) -> None:
        """Add the text of a protocol with its link of the chain, unless one with its digest is there."""
        self._line.change("add_edition", edition._asdict())

    def add_calendar_version(self, change: CalendarChange) -> None:
        """Add a version of a calendar with its link of the chain, and the calendar itself with version 1."""
        _, _, _, ended, added, words = change
        given = {"name": change.calendar, "own": change.own, "ended": ended, "added": added, "words": words}
        self._line.change("add_calendar_version", {**change.version, **given})

    def erase_reasons(self, keys: Sequence[str]) -> None:
        """Remove the words of versions of calendars, by their keys."""
        self._line.change("erase_reasons", {"keys": list(keys)})

    def record_look(self, look: NewLook) -> None:
        """Add a look at names at the end, with its words and its link of the chain: of the agency and the login of whoever asks."""
        self._line.change("look", look._asdict())

    def erase_looks(self, keys: Sequence[str]) -> None:
        """Remove the words of looks at names, by their keys."""
        self._line.change("erase_looks", {"keys": list(keys)})

    def add_digests(self, day: str, run: int, recorded_at: str, digests: Sequence[NewDigest]) -> None:
        """Add the digests of a day's run, to readers it has none for yet."""
        of_run = {"day": day, "run": run, "recorded_at": recorded_at}
        self._line.change("add_digests", {"digests": [{**of_run, **each._asdict()} for each in digests]})

    def claim_digest(self, number: int, at: str, unless_since: str) -> bool:
        """Take the digest with an id to send it at an instant; False where it is sent, or was taken after `unless_since`."""
        return bool(self._line.change_now("claim_digest", {"id": number, "claimed_at": at, "stale": unless_since}))

    def release_digest(self, number: int) -> None:
        """Give a digest that could not be sent back to the next run."""
        self._line.change("release_digest", {"id": number})

    def complete_digest(self, number: int, sent_at: str, told_to: str) -> None:
        """Say of a digest that it was sent, and up to which instant it tells."""
        self._line.change("complete_digest", {"id": number, "sent_at": sent_at, "told_to": told_to})

    def keep_setting(self, by: str, name: str, since: str, value: str) -> None:
        """Keep the value that a setting of somebody has since an instant."""
        self._line.change("keep_setting", {"by": by, "name": name, "since": since, "value": value})

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact about the database itself."""
        self._facts = None
        self._line.change("set_fact", {"name": name, "value": value})

    def drop_fact(self, name: str) -> None:
        """Forget a fact about the database itself."""
        self._facts = None
        self._line.change("drop_fact", {"name": name})

    # -- the database as a whole

    def facts(self) -> dict[str, str]:
        """What the database remembers about itself, by name; the first time as it was when it was opened."""
        facts, self._facts = self._facts, None
        return facts or super().facts()

    @property
    def engine(self) -> str:
        """PostgreSQL, with its version."""
        major, minor = divmod(self._line.connection.server_version, 10_000)
        return f"PostgreSQL {major}.{minor}"

    def clock(self) -> datetime | None:
        """What time it is on the server."""
        at: datetime = self._line.do("SELECT clock_timestamp()")
        return at

    def age(self) -> timedelta | None:
        """How long ago the last change was made that a replica has; None where it has all that there is. Raises StoreError where it cannot tell."""
        if not self.is_replica:
            raise StoreError(f"{self.name} is a server of its own, not a replica.")
        is_current, age = self._line.first("SELECT is_current, age FROM escalate.replica_age()")
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
            f"{self.name} is a server, not a file: the business unit copies all of it into one with escalate move {as_typed(self.name)} FILE."
        )

    def faults(self) -> list[str]:
        """A sentence for each part of the schema that is not as escalate makes it: what guards the history, and who may see what."""
        from escalate.storage.postgresql.structure import Part, differences

        return differences(Part._make(row) for row in self.rows("structure"))

    def history_faults(self) -> Iterator[str]:
        """A sentence for each thing that is not as the chain says: that over everything, or an agency's own."""
        return chain.broken(self) if self.sees_all else agency_chain.broken(self)

    def index_faults(self) -> list[str]:
        """Nothing: a server's index has its rows alone, and those are compared with what was said."""
        return []

    def wipe(self) -> None:
        """Make the tables anew in which erased words still lie, and drop TO_WIPE. Outside of `writing`."""
        with self.writing():
            self._line.change("wipe", {})
            self.drop_fact(TO_WIPE)

    def copy_into(self, path: Path, folder: Path) -> None:
        """Refused: a server is copied by `escalate move`, or by its administrator."""
        assert self.file, (path, folder)


@contextmanager
def connected(place: ServerPlace, database: str | None = None, login: str | None = None) -> Iterator[ServerDatabase]:
    """A server, with a sentence for whatever goes wrong; another `database` of it, as another `login`, if they are named.

    Raises StoreError and its kinds, and Refused.
    """
    with sentences(place) as progress:
        opened = ServerDatabase(place, progress, database, login)
        try:
            yield opened
        finally:
            opened.close()


def spelt(prefix: str, number: int) -> str:
    """A reference: `NHS-0007`, and of the unit `E0007`, as in a file."""
    return f"{prefix}{number:04d}" if prefix == UNIT_PREFIX else f"{prefix}-{number:04d}"


def _with_folded(rows: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str, str]]:
    """Rows of the index with how they are searched beside what they say."""
    return [(*each, folded(each[0])) for each in rows]


@cache
def _text(statement: str) -> str:
    """A statement as the driver takes it: its values by name, a percent sign doubled."""
    return _VALUE.sub(r"%(\1)s", STATEMENTS[statement].replace("%", "%%"))


def _places(cursor: Any) -> dict[str, int]:
    return {column.name: n for n, column in enumerate(cursor.description)}
