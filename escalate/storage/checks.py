"""What is looked for in a file: damage, and everything that is not as it was recorded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from escalate.domain.case.entries import ERASED, Entry
from escalate.errors import EscalateError, NotOurFile, StoreUnwritable
from escalate.storage import chain
from escalate.storage.case_files import CaseFiles
from escalate.storage.clocks import Clocks, clocks
from escalate.storage.derived import DerivedTables, derived_case
from escalate.storage.entries import OF_A_PERSON, commitment
from escalate.storage.history import batches
from escalate.storage.interface import Database, Row
from escalate.storage.looks import Looks
from escalate.storage.reasons import Reasons
from escalate.storage.records import DerivedCase
from escalate.storage.rows import IDENTITY, SUBJECT, TEXT, read_json, these
from escalate.storage.search import sum_of

_NOT_INDEXED = "the full-text index does not have what was said"
_NOT_WORKED_OUT = "what its history comes to cannot be worked out"


class Checks:
    """The checks of one file. Each gives a sentence for every fault it finds, and changes nothing."""

    def __init__(self, database: Database, case_files: CaseFiles, derived: DerivedTables) -> None:
        self._database = database
        self._case_files = case_files
        self._derived = derived
        self.unchecked: list[str] = []
        """What could not be looked at in this place, in sentences, and why. That is no fault."""

    def file(self) -> list[str]:
        """Whether the engine can read all of it, every row has those it refers to, and what guards the history is there."""
        with self._database.reading():
            return self._database.faults()

    def history(self) -> tuple[str, list[str]]:
        """The head of the chain, and what is not as it was recorded."""
        with self._database.reading():
            faults = list(self._database.history_faults())
            lost = [row["ref"] for row in self._database.rows("cases_without_history")]
            faults += [f"{ref} is in the list of cases, and has no history" for ref in lost]
            return chain.head(self._database), faults

    @property
    def chain(self) -> str:
        """Which chain is checked, in words: on a server each agency has its own beside that over everything."""
        return f"the chain of {self._database.agency}" if self._database.agency else "the chain over all cases"

    def known_head(self, known: tuple[int, str]) -> str | None:
        """What is wrong where this file never had a head that was written down; None where it did."""
        held = chain.holds(self._database, known)
        if held:
            return None
        place = "record" if self._database.is_shared else "file"
        if held is None:
            fault = f"the {place} ends before link {known[0]}: what was recorded last is gone, or it is an older copy"
        else:
            fault = f"link {known[0]} is not what was written down: something recorded by then was changed since"
        return (
            f"{fault}, unless it was a head of another chain: this is {self.chain}"
            if self._database.is_shared
            else fault
        )

    def said(self, ref: str) -> list[str]:
        """Whether the words of a case are those it was recorded with."""
        with self._database.reading():
            return list(self.words([ref]))

    def words(self, refs: Iterable[str]) -> Iterator[str]:
        """The same of several cases, of which many are read at a time. Inside `reading` or `writing`."""
        for several in batches(refs):
            entries, said = self._commitments_of(several), self._words_of(several)
            for ref in several:
                for fault in _faults_of_words(ref, entries.get(ref, []), said.get(ref, {})):
                    yield f"{ref}: {fault}"

    def apart(self) -> list[str]:
        """Whether the words of looks at names, and those of changes of calendars, are those they were recorded with."""
        with self._database.reading():
            try:
                return [*Looks(self._database).faults(), *Reasons(self._database).faults()]
            except NotOurFile as problem:
                return [problem.sentence.removesuffix(".")]

    def clocks(self) -> Clocks:
        """By which clock everything was recorded. What it says is no fault."""
        with self._database.reading():
            return clocks(self._database)

    def derived(self, ref: str) -> list[str]:
        """Whether the derived tables have what the history of a case comes to."""
        with self._database.reading():
            return [f"{ref}: {fault}" for fault in self._derived_faults(ref)]

    def index(self) -> list[str]:
        """Whether the full-text index has what the cases say, and nothing else. Where it cannot be written, `unchecked` says so."""
        history, index = self._case_files.history, self._derived.index
        with self._database.reading():
            held = index.sums()
            for ref in history.refs():
                held[ref] -= sum_of(ref, history.entries(ref, identify=True))
            faults = [f"{ref}: {_NOT_INDEXED}" for ref, left in held.items() if left]
        try:
            with self._database.writing(dry_run=True):
                faults += index.faults()
        except StoreUnwritable:
            self.unchecked.append(
                "the inner order of the full-text index cannot be checked here, as that takes a place that can be written:"
                " make a copy where you may write, and check that"
            )
        return faults

    def cases(self, refs: Iterable[str]) -> Iterator[list[str]]:
        """For each case, whether its words and derived rows, and what the index has of it, are what its history comes to.

        After the last there is a list more, for cases that only the index has. Many are read at a time. Inside `reading`.
        """
        indexed = self._derived.index.sums()
        for several in batches(refs):
            said = self._words_of(several)
            entries = self._commitments_of(several)
            histories = self._case_files.history.of_each(several, identify=True)
            for ref, kept, history in zip(several, self._derived.kept_of(several), histories, strict=True):
                faults = [
                    *_faults_of_words(ref, entries.get(ref, []), said.get(ref, {})),
                    *self._differences(kept, ref, history),
                ]
                indexed[ref] -= sum_of(ref, history)
                if indexed.pop(ref):
                    faults.append(_NOT_INDEXED)
                yield [f"{ref}: {fault}" for fault in faults]
        yield [f"{ref}: {_NOT_INDEXED}" for ref in indexed]

    def _words_of(self, refs: Sequence[str]) -> dict[str, dict[int, dict[str, Row]]]:
        """The words of cases: by the case, by the id of the entry, by field."""
        found: dict[str, dict[int, dict[str, Row]]] = {}
        for row in self._database.rows("kept_words_of_cases", **these(refs)):
            found.setdefault(row["case_ref"], {}).setdefault(row["entry_id"], {})[row["field"]] = row
        return found

    def _commitments_of(self, refs: Sequence[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._database.rows("commitments_of_cases", **these(refs)):
            found.setdefault(row["case_ref"], []).append(row)
        return found

    def _derived_faults(self, ref: str) -> Iterator[str]:
        try:
            history = self._case_files.history.entries(ref, identify=False)
        except EscalateError as problem:
            yield f"{_NOT_WORKED_OUT}: {problem.sentence}"
            return
        yield from self._differences(self._derived.kept(ref), ref, history)

    def _differences(self, kept: DerivedCase, ref: str, history: Sequence[Entry]) -> Iterator[str]:
        """Where what is kept of a case is not what its entries come to."""
        try:
            right = derived_case(ref, self._case_files.made_of(history))
        except EscalateError as problem:
            yield f"{_NOT_WORKED_OUT}: {problem.sentence}"
            return
        for table, made, there in (
            ("cases", right.case, kept.case),
            ("deadline", right.deadlines, kept.deadlines),
            ("holder", sorted(right.holders), sorted(kept.holders)),
            ("told", sorted(right.told), sorted(kept.told)),
        ):
            if made != there:
                yield f"the table {table} does not have what its history comes to"


def _faults_of_words(ref: str, entries: Sequence[Row], said: Mapping[int, Mapping[str, Row]]) -> Iterator[str]:
    """What does not fit the commitments of a case's entries; `said` has its words by the id of the entry and by field."""
    last_erasure = max((row["seq"] for row in entries if row["kind"] == ERASED), default=0)
    for number in said.keys() - {row["id"] for row in entries}:
        yield f"words of entry {number}, which is of another case"
    for row in entries:
        yield from _faults_of_entry(row["seq"], ref, _object(row["commitments"]), said.get(row["id"], {}), last_erasure)


def _faults_of_entry(
    seq: int, ref: str, commitments: Mapping[str, Any], said: Mapping[str, Row], last_erasure: int
) -> Iterator[str]:
    """What is wrong with the words of an entry: they may be gone only where a later entry says that they were erased."""
    for field in said.keys() - commitments.keys():
        yield f"entry {seq} has a {field} that was not recorded with it"
    for field, commits in commitments.items():
        if field in said and not _is_committed(said[field], field, ref, commits):
            yield f"the {field} of entry {seq} is not what was recorded"
        if field in said and seq < last_erasure:
            yield f"the {field} of entry {seq} is there again, after it was erased"
        if field not in said and seq >= last_erasure:
            yield f"the {field} of entry {seq} is gone, and no entry says that it was erased"


def _is_committed(row: Row, field: str, ref: str, commits: object) -> bool:
    """Whether words are those that their entry committed to."""
    kind = SUBJECT if field == SUBJECT else IDENTITY if field in OF_A_PERSON else TEXT
    return row["kind"] == kind and row["case_ref"] == ref and commitment(row["salt"], row["content"]) == commits


def _object(text: str) -> dict[str, Any]:
    """The table that JSON says; an empty one where it says none, as then the chain says that the entry was changed."""
    try:
        found = read_json(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
