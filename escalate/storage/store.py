"""The database file: one SQLite file that holds every entry, and what the entries come to.

Whatever is written is written inside one BEGIN IMMEDIATE, so that what was read to decide on it cannot have changed.
"""

import json
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from escalate.domain.case.entries import ERASED, Entry
from escalate.domain.case.replay import Misfit, replay
from escalate.domain.deadlines.case_file import (
    MARK,
    CaseFile,
    Changed,
    Found,
    Imported,
    Passage,
    case_file,
    case_line,
    due_lines,
)
from escalate.domain.deadlines.model import RULES, CaseLine, Deadline, DueLine
from escalate.domain.deadlines.shifts import Move, moves
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import moment, spoken, written
from escalate.errors import LONGEST_NAME, Ambiguous, NotOurFile, NotWiped, Refused, StoreReplaced, UnknownName
from escalate.storage import chain
from escalate.storage.derived import Derived, derived_rows
from escalate.storage.entries import commitment, entry_of, indexed, set_apart
from escalate.storage.lists import TO_WIPE, Lists, holding
from escalate.storage.opening import Identity, connected, identity_of, transaction
from escalate.storage.rows import (
    DEADLINE_COLUMNS,
    IDENTITY,
    SUBJECT,
    TEXT,
    as_json,
    deadline_of,
)

if TYPE_CHECKING:
    from escalate.storage.checks import Checks
    from escalate.storage.digest_log import DigestLog
    from escalate.storage.files.protocols import ProtocolFile

AT_ONCE = 100
"""So many cases are read with one query: a query for each takes longer than reading it, and all at once take too much room."""

TRIES = 3
"""So often something that takes long is made again where somebody writes meanwhile."""

_THESE = "(SELECT value FROM json_each(?))"

Made = TypeVar("Made")

LAST_REFERENCE = "last reference"
"""Kept in a file that was restored: the number of the last case of the file before it."""

OPENED_AT_ONCE = 500
"""So many new cases are written together: more would save no time, only take room."""


class Store:
    """An open database file. Made by `open_store`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, identity: Identity | None) -> None:
        self._db = connection
        self._identity = identity
        self.path = path
        self._protocols: dict[str, Protocol] = {}
        self.lists = Lists(connection, path)
        self.calendars = self.lists.calendars

    # -- transactions

    @contextmanager
    def writing(self, dry_run: bool = False) -> Iterator[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. Raises StoreReplaced."""
        with transaction(self._db, "ROLLBACK" if dry_run else "COMMIT"):
            if identity_of(self.path) != self._identity:
                raise StoreReplaced(self.path)
            yield

    def as_it_is(self, make: Callable[[], Made]) -> Made:
        """Makes something of the file as it is at one moment: again, where somebody wrote meanwhile, and at last so that nobody can.

        Whoever writes should not have to wait for what takes long.
        """
        for _ in range(TRIES):
            before = self._one("PRAGMA data_version")[0]
            made = make()
            if self._one("PRAGMA data_version")[0] == before:
                return made
        self._db.execute("BEGIN")
        try:
            return make()
        finally:
            self._db.execute("ROLLBACK")

    # -- cases

    def next_ref(self) -> str:
        """The reference the next case gets: `E0007`. None is ever used twice."""
        return self.next_refs(1)[0]

    def next_refs(self, cases: int) -> list[str]:
        """Those the next so many cases get."""
        last = self.last_number
        return [f"E{number:04d}" for number in range(last + 1, last + cases + 1)]

    @property
    def last_number(self) -> int:
        """The number of the last case there was. None is ever removed; a restored file knows how far the one before it had come."""
        number: int = self._one(
            "SELECT max(coalesce((SELECT max(number) FROM cases), 0), coalesce((SELECT CAST(value AS INTEGER) FROM kept WHERE name = ?), 0))",
            [LAST_REFERENCE],
        )[0]
        return number

    def find(self, text: str) -> str:
        """The case a person means by its reference, its number, or a unique ending. Raises UnknownName, Ambiguous."""
        wanted = text.strip().upper() if len(text) < LONGEST_NAME else ""
        refs: list[str]
        numbered = re.fullmatch(r"E?0*([0-9]{1,15})", wanted)
        if numbered:
            row = self._db.execute("SELECT ref FROM cases WHERE number = ?", [int(numbered[1])]).fetchone()
            if row:
                return str(row[0])
        ending = "%" + re.sub(r"([%_\\])", r"\\\1", wanted)
        refs = (
            [
                row["ref"]
                for row in self._rows("SELECT ref FROM cases WHERE ref LIKE ? ESCAPE '\\' ORDER BY number", [ending])
            ]
            if wanted
            else []
        )
        if len(refs) > 1:
            raise Ambiguous(text, refs)
        if refs:
            return refs[0]
        latest = [row["ref"] for row in self._rows("SELECT ref FROM cases ORDER BY number DESC LIMIT 12")]
        raise UnknownName("case", text, reversed(latest))

    def case(self, ref: str, known_at: datetime | None = None, *, identify: bool = False) -> CaseFile:
        """A case by its reference; with `known_at`, as far as it had been recorded by then; names only with `identify`.

        Raises UnknownName.
        """
        entries = self._history(ref, identify)
        if known_at is not None:
            entries = _by(entries, known_at)
            if not entries:
                raise Refused(f"Nothing was recorded of {ref} by {spoken(known_at)}.")
        return self._file(entries, known_at)

    def cases(
        self, refs: Iterable[str], known_at: datetime | None = None, *, identify: bool = False
    ) -> Iterator[CaseFile]:
        """Cases by their references, one after the other: who lets each go has no more of them than a few histories at once.

        With `known_at`, as far as they had been recorded by then, which has to be something; names only with `identify`.
        """
        for entries in self._histories(refs, identify):
            yield self._file(entries if known_at is None else _by(entries, known_at), known_at)

    def append(self, entry: Entry, *more: Entry) -> CaseFile:
        """Adds entries of a case, and brings what is derived from it up to date. Inside `writing`. Raises BeyondCalendar."""
        self._add([(each.case, each) for each in (entry, *more)])
        file = self._file(self._history(entry.case))
        self._derive(file)
        return file

    def open_worked_out(self, files: Iterable[tuple[str, CaseFile]]) -> None:
        """Adds new cases, each with the reference it gets, with deadlines that were worked out by what this file holds.

        They are not read back, nor worked out again: of thousands that would be most of the work. Inside `writing`.
        """
        editions = {row["digest"]: row["id"] for row in self._rows("SELECT digest, id FROM edition")}
        left = iter(files)
        while some := list(islice(left, OPENED_AT_ONCE)):
            ids = iter(self._add([(ref, entry) for ref, file in some for entry in file.case.history]))
            tables = [
                derived_rows(
                    ref, file, editions[file.case.edition_digest], {entry.seq: next(ids) for entry in file.case.history}
                )
                for ref, file in some
            ]
            for alike in zip(*tables, strict=True):  # the same table of each case
                self._insert(alike[0]._replace(rows=[row for derived in alike for row in derived.rows]))

    def _add(self, entries: Sequence[tuple[str, Entry]]) -> range:
        """Adds entries, each of the case with a reference, at the end, with words, links and what is found in them; gives their ids."""
        first = self._one("SELECT coalesce(max(id), 0) + 1 FROM entry")[0]
        ids = range(first, first + len(entries))
        rows: list[tuple[object, ...]] = []
        words: list[tuple[object, ...]] = []
        for entry_id, (ref, entry) in zip(ids, entries, strict=True):
            data, apart = set_apart(entry.data)
            commitments: dict[str, str] = {}
            for kind, said in ((TEXT, entry.words), (IDENTITY, entry.identities), (SUBJECT, apart)):
                for field, content in said.items():
                    salt = secrets.token_hex(16)
                    commitments[field] = commitment(salt, content)
                    words.append((entry_id, ref, kind, field, salt, content))
            at, recorded_at = written(entry.at), written(entry.recorded_at)
            rows.append(
                (
                    entry_id, ref, entry.seq, entry.kind, at, recorded_at, entry.by, as_json(data), as_json(commitments),
                )
            )  # fmt: skip
        self._db.executemany(
            f"INSERT INTO entry ({chain.ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        self._db.executemany(
            "INSERT INTO words (entry_id, case_ref, kind, field, salt, content) VALUES (?, ?, ?, ?, ?, ?)", words
        )
        chain.seal_entries(self._db, rows)
        self._index(entries)
        return ids

    def lines(self, known_at: datetime | None = None, *, identify: bool = False) -> list[CaseLine]:
        """Every case, the newest first; with `known_at`, as far as it had been recorded by then; names only with `identify`."""
        if known_at is not None:
            return [case_line(file) for file in self.files(known_at, identify=identify)][::-1]
        return self.lists.cases(identify=identify)

    def due(self, known_at: datetime | None = None, *, identify: bool = False) -> list[DueLine]:
        """Every deadline that has not been met; with `known_at`, from the entries recorded by then; names only with `identify`."""
        if known_at is not None:
            files = self.files(known_at, identify=identify)
            return [line for file in files for line in due_lines(file) if line.deadline.met_at is None]
        return self.lists.due(identify=identify)

    def search(self, phrases: Sequence[str], *, identify: bool = False) -> list[Found]:
        """The cases in which every phrase stands somewhere, the newest first; in names only with `identify`.

        The last word of a phrase may be the beginning of one.
        """
        kinds = ", ".join(f"'{kind}'" for kind in ((TEXT, IDENTITY) if identify else (TEXT,)))
        wanted = ['"{}"*'.format(phrase.replace('"', '""')) for phrase in phrases]
        matching = f"FROM search_index WHERE search_index MATCH ? AND kind IN ({kinds})"
        having = [{row["case_ref"] for row in self._rows(f"SELECT case_ref {matching}", [each])} for each in wanted]
        refs = set.intersection(*having)
        taken_back = {
            (row["case_ref"], json.loads(row["data"])["undoes"])
            for row in self._rows("SELECT case_ref, data FROM entry WHERE kind = 'undone'")
        }
        passages: dict[str, list[Passage]] = {}
        for row in self._rows(
            f"SELECT s.case_ref, s.seq, s.field, e.kind, snippet(search_index, 0, '{MARK}', '{MARK}', '…', 24) AS text"
            " FROM search_index s JOIN entry e ON e.case_ref = s.case_ref AND e.seq = s.seq"
            f" WHERE search_index MATCH ? AND s.kind IN ({kinds}) ORDER BY s.case_ref, s.seq, s.field",
            [" OR ".join(wanted)],
        ):
            if row["case_ref"] in refs:
                passages.setdefault(row["case_ref"], []).append(
                    Passage(
                        row["seq"], row["kind"], row["field"], row["text"], (row["case_ref"], row["seq"]) in taken_back
                    )
                )
        return [Found(line, tuple(passages[line.ref])) for line in self.lines(identify=identify) if line.ref in refs]

    def imported(self) -> dict[tuple[str | None, str], Imported]:
        """The cases opened from rows of a log: by the log and the reference there, or where it gave none the digest of the row."""
        rows = self._db.execute(
            "SELECT e.case_ref, e.at, e.data, w.content AS subject FROM entry e"
            " LEFT JOIN words w ON w.entry_id = e.id AND w.kind = 'subject' WHERE e.seq = 1 AND e.data LIKE ?",
            ['%"imported":{%'],
        )
        found = {}
        with self._undamaged("what was imported"):
            for row in rows:  # one by one: what a long log said takes more room than all else
                imported = json.loads(row["data"]).get("imported")
                if imported:
                    found[imported["log"], imported["reference"] or imported["digest"]] = Imported(
                        row["case_ref"], imported["digest"], row["subject"], moment(row["at"])
                    )
        return found

    def held_by(self, part: str, known_at: datetime | None = None) -> set[tuple[str, int]]:
        """The cases and visits that somebody holds whose name, role or e-mail has this in it."""
        if known_at is None:
            return self.lists.held_by(part)
        lines = (line for file in self.files(known_at, identify=True) for line in due_lines(file))
        return holding(part, {(line.case.ref, line.deadline.occasion.number): line.holders for line in lines})

    def files(self, known_at: datetime | None = None, *, identify: bool = False) -> Iterator[CaseFile]:
        """Every case with all that belongs to it, the oldest first; with `known_at`, from the entries recorded by then."""
        if known_at is None:
            rows = self._rows("SELECT ref FROM cases ORDER BY number")
        else:
            rows = self._rows(
                "SELECT case_ref FROM entry WHERE seq = 1 AND recorded_at <= ? ORDER BY id", [written(known_at)]
            )
        return self.cases([row[0] for row in rows], known_at, identify=identify)

    def protocols(self, known_at: datetime | None = None) -> list[str]:
        """The protocols that cases are under; with `known_at`, those of which something had been recorded by then."""
        rows = self._rows(
            "SELECT DISTINCT c.protocol FROM cases c JOIN entry e ON e.case_ref = c.ref AND e.seq = 1 WHERE e.recorded_at <= ?",
            [written(known_at) if known_at else "~"],
        )
        return [row["protocol"] for row in rows]

    def changes(self, since: datetime, until: datetime) -> Iterator[Changed]:
        """The cases that had entries recorded after one instant and up to another, as they were known before and are now."""
        rows = self._rows(
            "SELECT DISTINCT e.case_ref, f.recorded_at FROM entry e JOIN entry f ON f.case_ref = e.case_ref AND f.seq = 1"
            " WHERE e.recorded_at > ? AND e.recorded_at <= ? ORDER BY e.case_ref",
            [written(since), written(until)],
        )
        for (_, first), entries in zip(rows, self._histories([ref for ref, _ in rows]), strict=True):
            before = self._file(_by(entries, since), since) if moment(first) <= since else None
            yield Changed(before, self._file(entries))

    def holders_by_address(self) -> dict[str, set[tuple[str, int]]]:
        """The cases and visits that somebody holds, by the person's e-mail address."""
        found: dict[str, set[tuple[str, int]]] = {}
        for place, holders in self.lists.holders(identify=True).items():
            for address in (each.email.casefold() for each in holders if each.email):
                found.setdefault(address, set()).add(place)
        return found

    @property
    def digests(self) -> "DigestLog":
        """Which digests were made and sent."""
        from escalate.storage.digest_log import DigestLog

        return DigestLog(self._db)

    # -- erasing

    def erase(self, entries: Sequence[Entry]) -> None:
        """Erases all that was said in words in cases, each with the entry that says so. Inside `writing`, and `wipe` after it."""
        refs = as_json([entry.case for entry in entries])
        for table in ("words", "search_index"):
            self._db.execute(f"DELETE FROM {table} WHERE case_ref IN (SELECT value FROM json_each(?))", [refs])
        for entry in entries:
            self._index([(entry.case, each) for each in self.entries(entry.case)])
            self.append(entry)
        self.remake_index()
        self.keep(TO_WIPE, "1")

    def remake_index(self) -> None:
        """Makes the full-text index anew of what it has the words of: until then what was deleted stays in it, or what is damaged."""
        self._db.execute("INSERT INTO search_index (search_index) VALUES ('rebuild')")

    def erasures(self) -> list[Entry]:
        """Of every case in which words were erased, the last entry that says so."""
        rows = self._rows("SELECT case_ref, max(seq) AS seq FROM entry WHERE kind = ? GROUP BY case_ref", [ERASED])
        return [self.entries(row["case_ref"])[row["seq"] - 1] for row in rows]

    def wipe(self) -> None:
        """Makes the file anew without what lies in its unused parts. Outside of `writing`. Raises NotWiped."""
        try:
            self._db.execute("VACUUM")
            with self.writing():
                self._db.execute("DELETE FROM kept WHERE name = ?", [TO_WIPE])
        except sqlite3.OperationalError as problem:
            raise NotWiped(self.path, problem) from problem

    @property
    def is_wiped(self) -> bool:
        """Whether nothing that was erased is left in unused parts of the file."""
        return self._one("SELECT 1 FROM kept WHERE name = ?", [TO_WIPE]) is None

    # -- copies

    def copy_into(self, path: Path) -> None:
        """Writes the whole file, as it is now, into an empty one. Outside of `writing`."""
        self._db.execute("VACUUM INTO ?", [str(path)])

    def keep(self, name: str, value: str) -> None:
        """Keeps a fact about the file itself. Inside `writing`."""
        _upsert(self._db, "kept", {"name": name, "value": value})

    @property
    def size(self) -> tuple[int, int, datetime | None]:
        """How many cases and entries there are, and when the last was recorded."""
        cases, entries, last = self._one(
            "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM entry), (SELECT max(recorded_at) FROM entry)"
        )
        return cases, entries, moment(last) if last else None

    @property
    def checks(self) -> "Checks":
        """What can be looked for in the file."""
        from escalate.storage.checks import Checks

        return Checks(self._db, self)

    @property
    def own_id(self) -> str:
        """What tells this file from every other: the references of its cases are its own affair alone."""
        return chain.file_name(self._db)

    @property
    def head(self) -> str:
        """What stands for all that was recorded: written down elsewhere, it shows later that nothing before it was changed."""
        return chain.head(self._db)

    # -- what cases are judged by

    def keep_edition(self, file: "ProtocolFile", now: datetime) -> None:
        """Keeps the text of a protocol file, and of those it extends, once, by its digest."""
        kept = self._db.execute(
            "INSERT INTO edition (id, protocol, dated, digest, text, bases, recorded_at)"
            " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM edition), ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING RETURNING id",
            [
                file.protocol.id, file.protocol.edition.dated, file.digest, file.text, as_json(list(file.bases)), written(now),
            ],
        ).fetchone()  # fmt: skip
        if kept:
            chain.seal(self._db, chain.EDITION, kept["id"])

    def keep_calendars(self, protocol: Protocol, base: Callable[[str], Calendar], by: str, now: datetime) -> None:
        """Keeps the calendar a protocol counts on, unless it is there; `base` gives those of the nations by name."""
        own = protocol.own_calendar
        for nation in own.nations if own else (protocol.calendar.name,):
            if self.calendar(nation) is None:
                self.calendars.keep(base(nation), by, now)
        if own:
            self.calendars.keep_own(protocol.counts_on, own, by, now)

    def calendar(self, name: str) -> Calendar | None:
        """A calendar the file holds, with all it was before, or None."""
        return self.lists.calendar(name)

    # -- derived tables

    def settle(self) -> None:
        """Finishes what is left to do: derives anew what was derived by other rules than today's, and wipes what was erased."""
        kept = {row["name"]: row["value"] for row in self._rows("SELECT name, value FROM kept")}
        if kept.get("rules") != str(RULES):
            with self.writing():
                self.rebuild()
                self.keep("rules", str(RULES))
        if TO_WIPE in kept:
            with suppress(NotWiped):  # another is at work, or the disk cannot be written: the next one does it
                self.wipe()

    def rebuild(self) -> None:
        """Makes every derived row again from the entries. Inside `writing`."""
        self._db.execute("DELETE FROM search_index")
        for ref in self.refs():
            self._derive(self.case(ref))
            self._index([(ref, entry) for entry in self.entries(ref)])

    def derived(self) -> list[tuple[Any, ...]]:
        """Every derived row, to compare with a rebuild."""
        return [
            tuple(row)
            for query in (
                "SELECT * FROM cases ORDER BY ref",
                "SELECT * FROM deadline ORDER BY case_ref, n",
                "SELECT * FROM holder ORDER BY case_ref, visit, n",
                "SELECT * FROM told ORDER BY case_ref, field",
                "SELECT * FROM search_index ORDER BY case_ref, seq, field, content",
            )
            for row in self._rows(query)
        ]

    def entries(self, ref: str) -> list[Entry]:
        """All entries of a case, with everybody's names."""
        return self._history(ref, identify=True)

    def refs(self) -> list[str]:
        """The references of all cases that have entries."""
        return [row["case_ref"] for row in self._rows("SELECT DISTINCT case_ref FROM entry ORDER BY case_ref")]

    def to_recount(self, calendars: Iterable[str]) -> list[str]:
        """The cases that count on one of these calendars and have something that can move: open ones, and what is still owed.

        And those of which something was met since the calendar was changed last: that keeps from now on the verdict it had.
        """
        names = sorted(calendars)
        rows = self._rows(
            f"SELECT ref FROM cases c WHERE calendar IN ({', '.join('?' * len(names))}) AND (status = 'open'"
            " OR EXISTS (SELECT 1 FROM deadline d WHERE d.case_ref = c.ref AND (d.met_at IS NULL OR d.judged_until IS NULL)))"
            " ORDER BY number",
            names,
        )
        return [row["ref"] for row in rows]

    def recounted(
        self, refs: Iterable[str], now: datetime, calendars: Mapping[str, Calendar]
    ) -> Iterator[tuple[CaseFile, list[Move]]]:
        """Cases counted anew on these calendars instead of those of the same names, each with what moves in it."""
        for several in _batches(refs):
            before: dict[str, list[Deadline]] = {}
            for row in self._rows(
                f"SELECT d.case_ref, {DEADLINE_COLUMNS} FROM deadline d WHERE d.case_ref IN {_THESE} AND d.met_at IS NULL"
                " ORDER BY d.case_ref, d.n",
                [as_json(several)],
            ):
                before.setdefault(row["case_ref"], []).append(deadline_of(row))
            for entries in self._histories(several):
                file = self._file(entries, calendars=calendars)
                line = case_line(file)
                was = [DueLine(line, each) for each in before.get(line.ref, [])]
                yield file, moves(was, [DueLine(line, each) for each in file.deadlines], now)

    def derive(self, file: CaseFile) -> None:
        """Makes the derived rows of a case again. Inside `writing`."""
        self._derive(file)

    def _derive(self, file: CaseFile) -> None:
        cases, *others = self.derived_rows(file)
        _upsert(self._db, cases.table, dict(zip(cases.columns, cases.rows[0], strict=True)))
        for each in others:
            self._db.execute(f"DELETE FROM {each.table} WHERE case_ref = ?", [file.case.ref])
            self._insert(each)

    def _insert(self, derived: Derived) -> None:
        marks = ", ".join("?" * len(derived.columns))
        self._db.executemany(
            f"INSERT INTO {derived.table} ({', '.join(derived.columns)}) VALUES ({marks})", derived.rows
        )

    def derived_rows(self, file: CaseFile) -> list[Derived]:
        """What the derived tables have to say of a case that the file holds."""
        case = file.case
        edition = self._one("SELECT id FROM edition WHERE digest = ?", [case.edition_digest])
        ids = {row["seq"]: row["id"] for row in self._rows("SELECT seq, id FROM entry WHERE case_ref = ?", [case.ref])}
        return derived_rows(case.ref, file, edition["id"], ids)

    def _index(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Adds all that was said in entries, each of the case with a reference, to the full-text index."""
        self._db.executemany(
            "INSERT INTO search_index (content, case_ref, seq, field, kind) VALUES (?, ?, ?, ?, ?)",
            [row for ref, entry in entries for row in indexed(ref, entry)],
        )

    def _file(
        self,
        entries: Sequence[Entry],
        known_at: datetime | None = None,
        calendars: Mapping[str, Calendar] | None = None,
    ) -> CaseFile:
        with self._undamaged("its history"):
            case = replay(entries)
            protocol = self._protocol(case.edition_digest)
            if case.editions:
                earlier = tuple((each.until, self._protocol(each.digest)) for each in case.editions)
                protocol = replace(protocol, earlier=earlier)
            for visit in case.visits:
                protocol.stage(visit.route, visit.stage)
        changed = calendars or {}
        calendar = changed.get(case.calendar) or self._kept(case.calendar)
        for each in reversed(case.editions):
            calendar = calendar.following(each.until, changed.get(each.calendar) or self._kept(each.calendar))
        return case_file(case, protocol, calendar if known_at is None else calendar.as_known(known_at))

    def _kept(self, name: str) -> Calendar:
        calendar = self.calendar(name)
        if calendar is None:
            raise NotOurFile(f"{self.path} has lost its {name} calendar: restore a backup with escalate restore.")
        return calendar

    def _protocol(self, digest: str) -> Protocol:
        if digest not in self._protocols:
            from escalate.storage.files.protocols import kept_protocol

            row = self._one("SELECT text, bases FROM edition WHERE digest = ?", [digest])
            self._protocols[digest] = kept_protocol(row["text"], json.loads(row["bases"]), digest)
        return self._protocols[digest]

    def _history(self, ref: str, identify: bool = False) -> list[Entry]:
        return next(self._histories([ref], identify))

    def _histories(self, refs: Iterable[str], identify: bool = False) -> Iterator[list[Entry]]:
        """The history of each case, in the order of the references; they are read from the file several at a time."""
        kinds = (TEXT, SUBJECT, IDENTITY) if identify else (TEXT, SUBJECT)
        for several in _batches(refs):
            wanted = [as_json(several)]
            said: dict[int, dict[str, dict[str, str]]] = {}
            for row in self._rows(
                f"SELECT entry_id, kind, field, content FROM words WHERE case_ref IN {_THESE} ORDER BY entry_id, field",
                wanted,
            ):
                if row["kind"] in kinds:
                    said.setdefault(row["entry_id"], {}).setdefault(row["kind"], {})[row["field"]] = row["content"]
            found: dict[str, list[sqlite3.Row]] = {}
            for row in self._rows(
                'SELECT id, case_ref, seq, kind, at, recorded_at, "by", data, commitments FROM entry'
                f" WHERE case_ref IN {_THESE} ORDER BY case_ref, seq",
                wanted,
            ):
                found.setdefault(row["case_ref"], []).append(row)
            for ref in several:
                with self._undamaged(f"the history of {ref}"):
                    entries = [entry_of(row, said.get(row["id"], {})) for row in found.pop(ref, [])]
                    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)):
                        raise ValueError("entries are missing")
                yield entries

    def _undamaged(self, where: str) -> AbstractContextManager[None]:
        return self.lists.undamaged(where, (Misfit,))

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        return self._db.execute(query, values).fetchall()

    def _one(self, query: str, values: Sequence[object] = ()) -> Any:
        return self._db.execute(query, values).fetchone()


class ListsAsKnown:
    """The lists of an open file as they were known at an instant; what they say is that of `Lists`."""

    def __init__(self, store: Store, at: datetime) -> None:
        self._store, self._at = store, at

    @property
    def number_of_cases(self) -> int:
        return len(self._store.lines(self._at))

    def cases(self, most: int | None = None, *, identify: bool = False) -> list[CaseLine]:
        return self._store.lines(self._at, identify=identify)[:most]

    def due(self, *, identify: bool = False) -> list[DueLine]:
        return self._store.due(self._at, identify=identify)

    def held_by(self, part: str) -> set[tuple[str, int]]:
        return self._store.held_by(part, self._at)

    def calendar(self, name: str) -> Calendar | None:
        return self._store.calendar(name)


@contextmanager
def open_store(path: Path) -> Iterator[Store]:
    """The file with the cases, ready to be read and written. Raises StoreError and its kinds."""
    with connected(path) as (connection, identity):
        store = Store(connection, path, identity)
        store.settle()
        yield store


def _by(entries: Iterable[Entry], at: datetime) -> list[Entry]:
    """The beginning of a history, as far as it had been recorded by an instant."""
    return list(takewhile(lambda entry: entry.recorded_at <= at, entries))


def _batches(refs: Iterable[str]) -> Iterator[list[str]]:
    """The same references, so many at a time as are read at once."""
    left = iter(refs)
    while several := list(islice(left, AT_ONCE)):
        yield several


def _upsert(db: sqlite3.Connection, table: str, values: Mapping[str, object]) -> None:
    """Adds a row, or changes the one with its first column."""
    key, *others = values
    marks = ", ".join("?" * len(values))
    changes = ", ".join(f"{column} = excluded.{column}" for column in others)
    db.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {changes}",
        list(values.values()),
    )
