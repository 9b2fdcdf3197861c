"""The history of every case: entries are added at the end, and read a few cases at a time."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES
from escalate.domain.case.entries import ERASED, RECOUNTED, UNDONE, VERSIONS, VOIDED, Entry, effective
from escalate.domain.case.replay import Misfit
from escalate.domain.importing.imported import FROM_LOG, SALTED, Imported, Run
from escalate.domain.worktime.clock import read_instant, written
from escalate.errors import LONGEST_NAME, Ambiguous, UnknownName
from escalate.storage.entries import commitment, entry_of, indexed, set_apart
from escalate.storage.hashes import new_salt
from escalate.storage.interface import FOR_GOOD, Database, Row
from escalate.storage.records import NewEntry
from escalate.storage.rows import CLOCK, IDENTITY, SUBJECT, TEXT, as_json, read_json, these

AT_ONCE = 100
"""How many cases one query reads: a query for each takes longer than reading it, and all at once take too much room."""

REASON_ERASED = "the reason was erased"
"""What an entry says whose dates a calendar moved, where why it was changed was erased."""

_IMPORTED = '%"imported":{%'
"""What the first entry of a case has in it that was opened from a row of a log."""

_FROM_LOG = f'%"{FROM_LOG}":%'
"""What an entry has in it that was recorded of a changed row."""

_IDENTITIES = IDENTITIES.keys()


class Size(NamedTuple):
    """How much a file holds."""

    cases: int
    """How many cases."""
    entries: int
    """How many entries they have."""
    recorded_at: datetime | None
    """When the last entry was recorded (UTC)."""


class History:
    """The entries of every case in a file. What adds or erases does so inside `writing`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[str, list[Entry]] | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else records meanwhile: the entries of a case are read once."""
        self._held = {}
        try:
            yield
        finally:
            self._held = None

    def begins(self, ref: str) -> None:
        """A case begins, which is to be read back: there is nothing of it yet that would have to be read."""
        if self._held is not None:
            self._held[ref] = []

    def is_held(self, ref: str, number: int) -> bool:
        """Whether the entries of a case were read while nobody else records, and are so many."""
        return self._held is not None and len(self._held.get(ref, ())) == number

    # -- references

    def find(self, text: str) -> str:
        """The case a person means by its reference, its number, a unique ending, or else the record number of whom it is about, or what it was
        called in the file it was taken over from.

        Raises UnknownName, Ambiguous.
        """
        wanted = text.strip().upper() if len(text) < LONGEST_NAME else ""
        refs = self._refs_numbered(wanted) or self._refs_ending(wanted)
        if len(refs) > 1:
            raise Ambiguous(text, refs, "give more of the reference")
        if not refs and wanted:
            refs = self._refs("refs_about", subject=text.strip(), lowered=wanted.lower())
            if len(refs) > 1:
                raise Ambiguous(text, refs, "say which case")
        if not refs and wanted:
            from escalate.storage.origins import called_before  # few cases are called by what they were elsewhere

            refs = called_before(self._database, wanted)
            if len(refs) > 1:
                raise Ambiguous(text, refs, "say which case")
        if refs:
            return refs[0]
        raise UnknownName("case", text, reversed(self._refs("newest_refs")))

    def _refs_numbered(self, wanted: str) -> list[str]:
        found = re.fullmatch(r"([A-Z][A-Z0-9]*-|[A-Z]*)0*([0-9]{1,15})", wanted)
        return self._refs("refs_numbered", prefix=found[1], number=int(found[2])) if found else []

    def _refs_ending(self, wanted: str) -> list[str]:
        pattern = "%" + re.sub(r"([%_\\])", r"\\\1", wanted)
        return self._refs("refs_ending", pattern=pattern) if wanted else []

    def refs(self) -> list[str]:
        """The references of all cases that have entries, in alphabetical order."""
        return self._refs("refs")

    def refs_known(self, known_at: datetime | None = None) -> list[str]:
        """The references of all cases, or of those recorded by an instant, the oldest first."""
        return self._refs("refs_in_order") if known_at is None else self._refs("refs_known_by", at=written(known_at))

    def refs_changed(self, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """The cases that had entries recorded after one instant and up to another, and when each was first recorded."""
        found = self._database.rows("refs_changed_between", since=written(since), until=written(until))
        return [(row["ref"], read_instant(row["first"])) for row in found]

    def protocols(self, known_at: datetime | None = None) -> list[str]:
        """The protocols that cases are under, or that cases recorded by an instant were."""
        found = self._database.rows("protocols_known_by", at=written(known_at) if known_at else FOR_GOOD)
        return [row["protocol"] for row in found]

    # -- reading

    def entries(self, ref: str, *, identify: bool) -> list[Entry]:
        """All entries of a case; names only with `identify`. Raises NotOurFile."""
        if identify or self._held is None:
            return next(self.of_each([ref], identify=identify))
        if ref not in self._held:
            self._held[ref] = next(self.of_each([ref]))
        return list(self._held[ref])

    def of_each(self, refs: Iterable[str], *, identify: bool = False) -> Iterator[list[Entry]]:
        """The entries of each case, in the order of the references; they are read several cases at a time. Raises NotOurFile."""
        for several in batches(refs):
            words = self._words(several, (TEXT, SUBJECT, IDENTITY) if identify else (TEXT, SUBJECT))
            found: dict[str, list[Row]] = {}
            for row in self._database.rows("entries_of_cases", **these(several)):
                found.setdefault(row["case_ref"], []).append(row)
            for ref in several:
                with self._database.undamaged(f"the history of {ref}", (Misfit,)):
                    entries = [entry_of(row, words.get(row["id"], {})) for row in found.pop(ref, [])]
                    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)):
                        raise ValueError("entries are missing")
                yield self._with_reasons(entries)

    def _with_reasons(self, entries: list[Entry]) -> list[Entry]:
        """The same, where a change of a calendar moved dates with why it was made, as far as that was not erased."""
        if not any(entry.kind == RECOUNTED and VERSIONS in entry.data for entry in entries):
            return entries
        from escalate.storage.reasons import reasons_of  # few calendars are changed

        reasons = reasons_of(self._database)
        return [
            entry._replace(data={**entry.data, "why": _why(said, reasons)})
            if entry.kind == RECOUNTED and (said := entry.data.get(VERSIONS))
            else entry
            for entry in entries
        ]

    def old_reasons(self) -> list[tuple[str, str]]:
        """The reasons of changes of calendars that entries of earlier versions have in them for good, each with its case."""
        rows = self._database.rows("entries_of_kind", kind=RECOUNTED)
        said = [(row["case_ref"], read_json(row["data"])) for row in rows]
        return [(ref, data["why"]) for ref, data in said if "why" in data]

    def _words(self, refs: Sequence[str], kinds: Sequence[str]) -> dict[int, dict[str, dict[str, str]]]:
        """The words of these kinds in cases: by the id of the entry, by kind, by field."""
        said: dict[int, dict[str, dict[str, str]]] = {}
        for row in self._database.rows("words_of_cases", **these(refs)):
            if row["kind"] in kinds:
                said.setdefault(row["entry_id"], {}).setdefault(row["kind"], {})[row["field"]] = row["content"]
        return said

    def erasures(self) -> list[Entry]:
        """The last entry about an erasure in every case in which words were erased."""
        rows = self._database.rows("last_entries_of_kind", kind=ERASED)
        return [self.entries(row["case_ref"], identify=False)[row["seq"] - 1] for row in rows]

    def taken_back(self) -> set[tuple[str, int]]:
        """The entries that were undone, by case and number."""
        undone = self._database.rows("entries_of_kind", kind=UNDONE)
        return {(row["case_ref"], read_json(row["data"])["undoes"]) for row in undone}

    def imported(self) -> dict[tuple[str | None, str], Imported]:
        """The cases opened from rows of a log, by the log and the reference there, or the digest of a row without one.

        Without those whose import was undone: they are as if they had never been imported.
        """
        found: dict[tuple[str | None, str], Imported] = {}
        undone = self._imports_undone()
        changed = {row["case_ref"] for row in self._database.rows("entries_like", pattern=_FROM_LOG)}
        with self._database.undamaged("what was imported", (Misfit,)):
            for row in self._database.stream("first_entries_like", pattern=_IMPORTED):
                data = read_json(row["data"])
                imported = data.get("imported")
                if imported and row["case_ref"] not in undone:
                    found[imported["log"], imported["reference"] or imported["digest"]] = Imported(
                        row["case_ref"],
                        imported["digest"],
                        row["subject"],
                        read_instant(row["at"]),
                        imported["reference"],
                        data["raising_agency"],
                        data["receiving_agency"],
                        read_instant(row["recorded_at"]),
                        frozenset(_IDENTITIES & read_json(row["commitments"]).keys()),
                        row["case_ref"] in changed,
                    )
        return found

    def runs(self) -> list[Run]:
        """Every import by which something was recorded, the oldest first, those that were undone included."""
        found: dict[str, tuple[datetime, list[str], list[tuple[str, int]]]] = {}
        with self._database.undamaged("what was imported", (Misfit,)):
            for row in self._database.stream("first_entries_like", pattern=_IMPORTED):
                imported = read_json(row["data"]).get("imported")
                if imported:  # earlier versions left nothing but the instant that all cases of one have in common
                    name = imported["digest"].rpartition(SALTED)[0] or row["recorded_at"]
                    found.setdefault(name, (read_instant(row["recorded_at"]), [], []))[1].append(row["case_ref"])
            for row in self._database.rows("entries_like", pattern=_FROM_LOG):
                if row["kind"] != VOIDED:
                    name = read_json(row["data"])[FROM_LOG]
                    place = row["case_ref"], row["seq"]
                    found.setdefault(name, (read_instant(row["recorded_at"]), [], []))[2].append(place)
        runs = [Run(name, at, tuple(sorted(opened)), tuple(changes)) for name, (at, opened, changes) in found.items()]
        return sorted(runs, key=lambda run: (run.at, not run.opened, run.opened, run.changes))

    def _imports_undone(self) -> set[str]:
        """The cases that were taken back because the import that opened them was."""
        voided = [
            row["case_ref"]
            for row in self._database.rows("entries_of_kind", kind=VOIDED)
            if FROM_LOG in read_json(row["data"])
        ]
        histories = zip(voided, self.of_each(voided), strict=True)
        return {
            ref
            for ref, entries in histories
            if any(entry.kind == VOIDED and FROM_LOG in entry.data for entry in effective(entries))
        }

    @property
    def size(self) -> Size:
        """How many cases and entries there are, and when the last was recorded."""
        found = self._database.row("size")
        assert found is not None
        last = found["recorded_at"]
        return Size(found["cases"], found["entries"], read_instant(last) if last else None)

    # -- adding and erasing

    def add(self, entries: Sequence[tuple[str, Entry]]) -> None:
        """Add entries at the end, each to the case with a reference, with their words, their links and what the index has of them."""
        added = [_new_entry(ref, entry) for ref, entry in entries]
        self._database.record(added)
        for each in added:
            if self._held and each.ref in self._held:
                self._held[each.ref] += self._with_reasons([_read_back(each)])

    def erase(self, refs: Sequence[str]) -> None:
        """Remove the words of cases."""
        self._database.erase(refs)
        if self._held is not None:
            self._held.clear()

    def _refs(self, statement: str, **values: object) -> list[str]:
        return [row["ref"] for row in self._database.rows(statement, **values)]


def _why(versions: Sequence[str], reasons: Mapping[str, str]) -> str:
    return next((reasons[key] for key in versions if key in reasons), REASON_ERASED)


def _new_entry(ref: str, entry: Entry) -> NewEntry:
    """An entry of a case as it is recorded: what is erased one day is apart, with a salt of its own for each."""
    data, apart = set_apart(entry.data)
    if entry.clock:  # in what the chain has a hash of, so that it cannot be taken off
        data[CLOCK] = written(entry.clock)
    commitments: dict[str, str] = {}
    words: list[tuple[str, str, str, str]] = []
    for kind, said in ((TEXT, entry.words), (IDENTITY, entry.identities), (SUBJECT, apart)):
        for field, content in said.items():
            salt = new_salt()
            commitments[field] = commitment(salt, content)
            words.append((kind, field, salt, content))
    return NewEntry(
        ref, entry.seq, entry.kind, written(entry.at), written(entry.recorded_at), entry.by,
        as_json(data), as_json(commitments), words, indexed(entry),
    )  # fmt: skip


def _read_back(new: NewEntry) -> Entry:
    """An entry as it is read without names, once it is recorded."""
    words: dict[str, dict[str, str]] = {}
    for kind, field, _, content in new.words:
        if kind in (TEXT, SUBJECT):
            words.setdefault(kind, {})[field] = content
    return entry_of({**new._asdict(), "case_ref": new.ref}, words)


def as_known(entries: Sequence[Entry], at: datetime) -> list[Entry]:
    """The beginning of a history, as far as it had been recorded by an instant.

    What stands before an entry of that time was there, whatever it says itself: the clock may have run ahead when it was recorded.
    """
    return list(entries[: max((n for n, entry in enumerate(entries, 1) if entry.recorded_at <= at), default=0)])


def batches(refs: Iterable[str]) -> Iterator[list[str]]:
    """The same references, as many at a time as one query reads."""
    left = iter(refs)
    while several := list(islice(left, AT_ONCE)):
        yield several
