"""A file of SQLite as a database, while it is open: how each statement is asked, and how each thing is written."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalate.errors import NotWiped, Refused, StoreReplaced, StoreUnwritable
from escalate.storage.interface import TO_WIPE, Database, Made
from escalate.storage.rows import CASE_COLUMNS, DEADLINE_COLUMNS, these
from escalate.storage.sqlite.driver import code_of
from escalate.storage.statements import SHARED, Statements

if TYPE_CHECKING:  # no cycle: see interface.py
    from escalate.storage.records import CalendarChange, DerivedCase, IndexRow, NewDigest, NewEdition, NewEntry, NewLook

BUSY_SECONDS = 10
"""How long SQLite waits for a lock before it gives up."""

BUSY_ROUNDS = 5
"""How often we wait that long again, while other programs get their turn."""

UNDISTURBED_TRIES = 3
"""How often slow work starts again because somebody wrote meanwhile, before it keeps writers out."""

LAST_REFERENCE = "last reference"
"""The fact that says which number the last case had before a backup was restored."""

EVERYBODY = "*"
"""Whose looks at names those in a file are: it knows no agencies, and on a server they are the business unit's."""

STATEMENTS = Statements(SHARED, Path(__file__).with_name("queries.sql"))

_of_case, _of_deadline = itemgetter(*CASE_COLUMNS), itemgetter(*DEADLINE_COLUMNS)
"""The values of a row to write, in order: SQLite takes half as long again to find each by its name."""

_WRITES_OF_OTHERS = "PRAGMA data_version"  # another number after another connection has written
_TAKE_BACK = "ROLLBACK"

Identity = tuple[int, int]
"""Device and inode: which file a path names."""


class OpenFile(Database):
    """The file with the cases. Made by `connected` (opening.py)."""

    def __init__(self, connection: sqlite3.Connection, path: Path, identity: Identity | None) -> None:
        self.connection = connection
        self.name = str(path)
        self._path = path
        self._identity = identity

    # -- reading

    def rows(self, statement: str, /, **values: object) -> list[sqlite3.Row]:
        """Every row that a statement finds, by its name and with values by theirs."""
        return self.connection.execute(STATEMENTS[statement], values).fetchall()

    def row(self, statement: str, /, **values: object) -> Any:
        """The first row that a statement finds, or None."""
        return self.connection.execute(STATEMENTS[statement], values).fetchone()

    def stream(self, statement: str, /, **values: object) -> Iterator[sqlite3.Row]:
        """The rows that a statement finds, one by one."""
        return self.connection.execute(STATEMENTS[statement], values)

    def cases_with(self, phrase: str, kinds: Sequence[str]) -> set[str]:
        """The cases in which a phrase stands somewhere in words of these kinds; its last word may be the beginning of one."""
        return {row["case_ref"] for row in self.rows("cases_with", phrase=_wanted(phrase), **these(kinds))}

    def passages(self, phrases: Sequence[str], kinds: Sequence[str]) -> list[sqlite3.Row]:
        """Where any of the phrases stands in words of these kinds, by case, entry and field."""
        from escalate.domain.deadlines.search_results import MARK  # only a search needs it

        return self.rows("passages", phrase=" OR ".join(map(_wanted, phrases)), mark=MARK, **these(kinds))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything inside sees the file as it is at one moment."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if self.connection.in_transaction:
                self.connection.execute(_TAKE_BACK)

    def as_it_is(self, make: Callable[[], Made]) -> Made:
        """Make something slow of the file as it is at one moment, without making writers wait.

        Starts again where somebody wrote meanwhile; the last time it keeps writers out.
        """
        for _ in range(UNDISTURBED_TRIES):
            before = self._writes_of_others
            made = make()
            if self._writes_of_others == before:
                return made
        with self.reading():
            return make()

    # -- writing

    @contextmanager
    def writing(self, dry_run: bool = False) -> Iterator[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. Raises StoreReplaced."""
        with transaction(self.connection, _TAKE_BACK if dry_run else "COMMIT"):
            if identity_of(self._path) != self._identity:
                raise StoreReplaced(self.name)
            yield

    @property
    def last_number(self) -> int:
        """The number of the last case there was. None is ever removed; a restored file knows how far the one before it had come."""
        number: int = self.row("last_number", fact=LAST_REFERENCE)["number"]
        return number

    def next_refs(self, agencies: Sequence[str | None]) -> list[str]:
        """The references that the next cases get, as in `E0007`, whoever raises them. None is ever used twice."""
        return [f"E{number:04d}" for number, _ in enumerate(agencies, self.last_number + 1)]

    def record(self, entries: "Sequence[NewEntry]") -> None:
        """Add entries, each at the end of its case, with their words, their links of the chain, and their rows of the index."""
        first: int = self.row("next_entry")["id"]
        rows = [(number, *entry[:-2]) for number, entry in enumerate(entries, first)]
        numbered = list(zip(rows, entries, strict=True))
        self._each("add_entry", rows)
        self._each("add_words", [(row[0], entry.ref, *said) for row, entry in numbered for said in entry.words])
        self._seal_entries(rows)
        self._each(
            "add_to_index",
            [
                (content, entry.ref, entry.seq, field, kind)
                for entry in entries
                for content, field, kind in entry.indexed
            ],
        )

    def derive(self, cases: "Sequence[DerivedCase]") -> None:
        """Replace all derived rows of cases but those of the index."""
        refs = these([each.ref for each in cases])
        self._each("add_case", [(*_of_case(each.case), _own_number(each.ref)) for each in cases])
        self._do("remove_deadlines", **refs)
        self._each("add_deadline", [(each.ref, *_of_deadline(row)) for each in cases for row in each.deadlines])
        self._do("remove_holders", **refs)
        self._each("add_holder", [(each.ref, *row) for each in cases for row in each.holders])
        self._do("remove_told", **refs)
        self._each("add_told", [(each.ref, *row) for each in cases for row in each.told])

    def erase(self, refs: Sequence[str]) -> None:
        """Remove the words of cases, and their rows of the index. `renew_index` has to follow."""
        self._do("erase_words", **these(refs))
        self._do("erase_in_index", **these(refs))

    def index(self, rows: "Sequence[IndexRow]") -> None:
        """Add rows to the index."""
        self._each("add_to_index", rows)

    def clear_index(self) -> None:
        """Remove all rows of the index."""
        self._do("clear_index")

    def renew_index(self) -> None:
        """Make the index anew of its rows, without anything of what was removed or is damaged."""
        self._do("renew_index")

    def add_edition(self, edition: "NewEdition") -> None:
        """Add the text of a protocol with its link of the chain, unless one with its digest is there."""
        from escalate.storage import chain

        added = self.row("add_edition", **edition._asdict())
        if added:
            self._seal(chain.EDITION, str(added["id"]))

    def add_calendar_version(self, change: "CalendarChange") -> None:
        """Add a version of a calendar with its link of the chain, and the calendar itself with version 1."""
        from escalate.storage import chain

        name, own, version, ended, added, words = change
        number = version["version"]
        if number == 1:
            self._do("add_calendar", name=name, own=own)
        self._do("add_version", calendar=name, **version)
        self._each("end_day_off", [(number, name, *day) for day in ended])
        self._each("add_day_off", [(name, number, *day) for day in added])
        self._each("add_calendar_words", [(name, number, *said) for said in words])
        self._seal(chain.CALENDAR, f"{name}@{number}")

    def erase_reasons(self, keys: Sequence[str]) -> None:
        """Remove the words of versions of calendars, by their keys."""
        self._do("erase_calendar_words", **these(keys))

    def record_look(self, look: "NewLook") -> None:
        """Add a look at names at the end, with its words and its link of the chain."""
        from escalate.storage import chain

        at, by, command, cases, data, commitments, words = look
        number: int = self.row("next_look", agency=EVERYBODY)["id"]
        self._each("add_look", [(EVERYBODY, number, at, by, None, command, cases, data, commitments)])
        self._each("add_look_words", [(EVERYBODY, number, *said) for said in words])
        self._seal(chain.LOOK, f"{EVERYBODY}@{number}")

    def erase_looks(self, keys: Sequence[str]) -> None:
        """Remove the words of looks at names, by their keys."""
        self._do("erase_look_words", **these(keys))

    def add_digests(self, day: str, run: int, recorded_at: str, digests: "Sequence[NewDigest]") -> None:
        """Add the digests of a day's run, to readers it has none for yet."""
        known = {row["reader"] for row in self.rows("readers_of_run", day=day, run=run)}
        for digest in digests:
            if digest.reader not in known:
                self._do("add_digest", day=day, run=run, recorded_at=recorded_at, **digest._asdict())

    def claim_digest(self, number: int, at: str, unless_since: str) -> bool:
        """Take the digest with an id to send it at an instant; False where it is sent, or was taken after `unless_since`."""
        return self._do("claim_digest", id=number, at=at, unless_since=unless_since) == 1

    def release_digest(self, number: int) -> None:
        """Give a digest that could not be sent back to the next run."""
        self._do("release_digest", id=number)

    def complete_digest(self, number: int, sent_at: str, told_to: str) -> None:
        """Say of a digest that it was sent, and up to which instant it tells."""
        self._do("complete_digest", id=number, sent_at=sent_at, told_to=told_to)

    def keep_setting(self, by: str, name: str, since: str, value: str) -> None:
        """Keep the value that a setting of somebody has since an instant."""
        self._do("keep_setting", by=by, name=name, since=since, value=value)

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact about the file itself."""
        self._do("set_fact", name=name, value=value)

    def drop_fact(self, name: str) -> None:
        """Forget a fact about the file itself."""
        self._do("drop_fact", name=name)

    def seal_all(self, *, at_first: bool = False) -> None:
        """Begin the chain of a file that has none with all that is recorded, or `at_first` of one of the fifth schema. Inside a transaction."""
        from escalate.storage import chain

        last = chain.last_link(self)
        for what, ref in list((chain.recorded_at_first if at_first else chain.recorded)(self)):
            last = self._seal_after(last, what, ref, chain.digest_at_first if at_first else chain.digest_of)

    def _do(self, statement: str, /, **values: object) -> int:
        """Change rows; how many there were."""
        return self.connection.execute(STATEMENTS[statement], values).rowcount

    def _each(self, statement: str, rows: Iterable[Any]) -> None:
        """Change rows, with the values of one after the other."""
        self.connection.executemany(STATEMENTS[statement], rows)

    def _seal(self, what: str, ref: str) -> None:
        """Add the link of something just recorded. Inside the transaction that recorded it."""
        from escalate.storage import chain

        self._seal_after(chain.last_link(self), what, ref, chain.digest_of)

    def _seal_after(
        self,
        last: tuple[int, str],
        what: str,
        ref: str,
        digest_of: Callable[[Database, str, str], str | None],
    ) -> tuple[int, str]:
        """Add the link of something after the one with a number and a hash. Returns its own."""
        from escalate.storage import chain

        number, before = last
        digest = digest_of(self, what, ref)
        assert digest is not None
        link = chain.link(number + 1, before, what, ref, digest)
        self._each("add_link", [link])
        return number + 1, link[-1]

    def _seal_entries(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Add the links of entries just recorded as these rows. Inside the transaction that recorded them."""
        from escalate.storage import chain

        last, before = chain.last_link(self)
        links = []
        for number, row in enumerate(rows, last + 1):
            link = chain.link(number, before, chain.ENTRY, str(row[0]), chain.digest(row))
            before = link[-1]
            links.append(link)
        self._each("add_link", links)

    # -- the file as a whole

    @property
    def engine(self) -> str:
        """SQLite, with its version."""
        return f"SQLite {self.connection.execute('SELECT sqlite_version()').fetchone()[0]}"

    @property
    def file(self) -> Path:
        """The file that it is."""
        return self._path

    def faults(self) -> list[str]:
        """Whether SQLite can read all of it, and every row has those it refers to."""
        said = [str(row["integrity_check"]) for row in self.rows("integrity")]
        lost = Counter((row["table"], row["parent"]) for row in self.rows("lost_rows"))
        return [
            *(f"SQLite says: {each}" for each in said if each != "ok"),
            *(f"{n} of {table} belong to a {other} that is not there" for (table, other), n in lost.items()),
        ]

    def history_faults(self) -> Iterator[str]:
        """A sentence for each thing that is not as the chain says it was recorded."""
        from escalate.storage import chain

        return chain.broken(self)

    def index_faults(self) -> list[str]:
        """What SQLite finds when it compares the index with its rows. Inside `writing`, in a dry run.

        SQLite has that asked for as if it were a change. Raises StoreUnwritable where there can be none.
        """
        try:
            self._do("check_index")
        except self.connection.DatabaseError as problem:
            if code_of(problem) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
                raise StoreUnwritable(f"{self.name} cannot be written ({problem}).") from problem
            return [f"the full-text index is damaged ({problem})"]
        return []

    def wipe(self) -> None:
        """Make the file anew without what lies in its unused pages. Outside of `writing`. Raises NotWiped."""
        try:
            self._do("make_anew")
            with self.writing():
                self.drop_fact(TO_WIPE)
        except self.connection.OperationalError as problem:
            raise NotWiped(self.name, problem) from problem

    def copy_into(self, path: Path, folder: Path) -> None:
        """Write the whole file, as it is now, into an empty one, which is for a folder. Outside of `writing`. Raises Refused."""
        try:
            self._do("copy_into", path=str(path))
        except self.connection.OperationalError as problem:
            if code_of(problem) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT):
                raise
            raise Refused(
                f"{folder} cannot take the backup ({problem}): make room, or name another folder. Nothing was left there."
            ) from problem

    @property
    def _writes_of_others(self) -> int:
        return number_of(self.connection, _WRITES_OF_OTHERS)


def _own_number(ref: str) -> int | None:
    """The number of a case in its reference; None where a server gave it that, for an agency."""
    return int(ref[1:]) if ref[:1] == "E" and ref[1:].isdecimal() else None


def identity_of(path: Path) -> Identity | None:
    """Which file a path names now, if any: another one after a backup was restored there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def transaction(connection: sqlite3.Connection, end: str = "COMMIT") -> Iterator[None]:
    """All of it or nothing, with the file ours from the first read on."""
    _begin(connection)
    try:
        yield
        connection.execute(end)
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself where the disk is full
            connection.execute(_TAKE_BACK)
        raise


def _begin(connection: sqlite3.Connection) -> None:
    """Take the lock for writing. Raises its OperationalError where one program holds it for longer than BUSY_SECONDS.

    SQLite asks ever more seldom and so lets latecomers go first: of many at once, some wait longer than any of them takes.
    So we wait again, BUSY_ROUNDS times at most, while others do get their turn.
    """
    for _ in range(BUSY_ROUNDS):
        before = number_of(connection, _WRITES_OF_OTHERS)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except connection.OperationalError as problem:
            waited = problem
            others_wrote = number_of(connection, _WRITES_OF_OTHERS) != before
            if code_of(problem) != sqlite3.SQLITE_BUSY or not others_wrote:
                raise
        else:
            return
    raise waited


def number_of(connection: sqlite3.Connection, pragma: str) -> int:
    """The number that a pragma says."""
    number: int = connection.execute(pragma).fetchone()[0]
    return number


def _wanted(phrase: str) -> str:
    """A phrase as the index is asked for it."""
    return '"{}"*'.format(phrase.replace('"', '""'))
