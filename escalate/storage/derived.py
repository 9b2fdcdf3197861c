"""The derived tables: what the entries of every case come to, kept ready for lists, and rebuilt from the entries at will."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from escalate.domain.deadlines.case_file import CaseFile, case_line
from escalate.domain.worktime.clock import written
from escalate.storage.case_files import CaseFiles
from escalate.storage.rows import DEADLINE_FIELDS, as_json, deadline_values, written_or_none
from escalate.storage.search import SearchIndex
from escalate.storage.sqlite.opening import OpenFile

_ALL_ROWS = (
    "SELECT * FROM cases ORDER BY ref",
    "SELECT * FROM deadline ORDER BY case_ref, n",
    "SELECT * FROM holder ORDER BY case_ref, visit, n",
    "SELECT * FROM told ORDER BY case_ref, field",
    "SELECT * FROM search_index ORDER BY case_ref, seq, field, content",
)


class Derived(NamedTuple):
    """The rows of one derived table that belong to a case, or to several."""

    table: str
    """The name of the table."""
    columns: tuple[str, ...]
    """The first has the reference of the case."""
    rows: list[tuple[object, ...]]
    """Their values, in the order of the columns."""

    @property
    def add(self) -> str:
        """The statement that adds a row."""
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES ({', '.join('?' * len(self.columns))})"

    @property
    def add_or_change(self) -> str:
        """The statement that adds the only row of a case, or changes it."""
        key, *others = self.columns
        changes = ", ".join(f"{column} = excluded.{column}" for column in others)
        return f"{self.add} ON CONFLICT ({key}) DO UPDATE SET {changes}"

    @property
    def remove(self) -> str:
        """The statement that removes the rows of a case."""
        return f"DELETE FROM {self.table} WHERE {self.columns[0]} = ?"

    @property
    def find(self) -> str:
        """The statement that finds the rows of a case."""
        return f"SELECT {', '.join(self.columns)} FROM {self.table} WHERE {self.columns[0]} = ?"


class DerivedTables:
    """The derived tables of one file. What changes them does so inside `writing`."""

    def __init__(self, file: OpenFile, case_files: CaseFiles) -> None:
        self._file = file
        self._case_files = case_files
        self._history = case_files.history
        self.index = SearchIndex(file)

    def rows(self) -> list[tuple[object, ...]]:
        """Every derived row of the file, to compare with a rebuild."""
        return [tuple(row) for query in _ALL_ROWS for row in self._file.rows(query)]

    def rows_of(self, file: CaseFile) -> list[Derived]:
        """What the derived tables should have of a case that the file holds."""
        case = file.case
        edition = self._case_files.editions.ids()[case.edition_digest]
        return _derived_rows(case.ref, file, edition, self._history.ids(case.ref))

    def update(self, file: CaseFile) -> None:
        """Replace the derived rows of a case."""
        cases, *others = self.rows_of(file)
        self._file.connection.execute(cases.add_or_change, cases.rows[0])
        for each in others:
            self._file.connection.execute(each.remove, [file.case.ref])
            self._add(each)

    def add_new(self, files: Sequence[tuple[str, CaseFile]], ids: Iterator[int]) -> None:
        """Add the rows of new cases, each with its reference; `ids` are those of their entries, one case after the other."""
        editions = self._case_files.editions.ids()
        cases = [
            _derived_rows(
                ref, file, editions[file.case.edition_digest], {entry.seq: next(ids) for entry in file.case.history}
            )
            for ref, file in files
        ]
        for same_table in zip(*cases, strict=True):
            self._add(same_table[0]._replace(rows=[row for each in same_table for row in each.rows]))

    def rebuild(self) -> None:
        """Make every derived row again from the entries."""
        self.index.clear()
        for ref in self._history.refs():
            self.update(self._case_files.one(ref))
            self.index.add((ref, entry) for entry in self._history.entries(ref, identify=True))

    def _add(self, derived: Derived) -> None:
        self._file.connection.executemany(derived.add, derived.rows)


def _derived_rows(ref: str, file: CaseFile, edition_id: int, entry_ids: Mapping[int, int]) -> list[Derived]:
    """The rows of a case under its reference, cases first, which the others refer to; `entry_ids` are by the entries' numbers."""
    case, line = file.case, case_line(file)
    cases: dict[str, object] = {
        "ref": ref,
        "number": int(ref[1:]),
        "protocol": line.protocol,
        "edition": line.edition,
        "edition_id": edition_id,
        "calendar": line.calendar,
        "route": line.route,
        "stage": line.stage,
        "stage_name": line.stage_name,
        "status": line.status,
        "subject": line.subject,
        "raising_agency": line.raising_agency,
        "receiving_agency": line.receiving_agency,
        "concern_at": written(line.concern_at),
        "raised_at": written(line.raised_at),
        "entered_at": written(line.entered_at),
        "resolved_at": written_or_none(case.resolved_at),
        "facts": as_json(line.facts),
        "involved": as_json(line.involved),
        "themes": as_json(line.themes),
    }
    holders: list[tuple[object, ...]] = [
        (ref, occasion.number, n, assigned.side, entry_ids[assigned.entry])
        for occasion in dict.fromkeys(deadline.occasion for deadline in file.deadlines)
        for n, assigned in enumerate(case.assigned_on(occasion), 1)
    ]
    return [
        Derived("cases", tuple(cases), [tuple(cases.values())]),
        Derived(
            "deadline",
            ("case_ref", "n", *DEADLINE_FIELDS),
            [(ref, n, *deadline_values(each)) for n, each in enumerate(file.deadlines, 1)],
        ),
        Derived("holder", ("case_ref", "visit", "n", "side", "entry_id"), holders),
        Derived(
            "told",
            ("case_ref", "field", "entry_id"),
            [(ref, name, entry_ids[seq]) for name, seq in case.said_in.items()],
        ),
    ]
