"""The derived tables: what the entries of every case come to, kept ready for lists, and rebuilt from the entries at will."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from escalate.domain.deadlines.case_file import CaseFile, case_line
from escalate.domain.deadlines.model import Deadline
from escalate.domain.worktime.clock import written
from escalate.storage.case_files import CaseFiles
from escalate.storage.entries import index_rows
from escalate.storage.interface import Database, Row
from escalate.storage.records import DerivedCase, HolderRow
from escalate.storage.rows import (
    CASE_COLUMNS,
    DEADLINE_COLUMNS,
    as_json,
    deadline_values,
    listed,
    these,
    written_or_none,
)
from escalate.storage.search import SearchIndex


class DerivedTables:
    """The derived tables of one file. What changes them does so inside `writing`."""

    def __init__(self, database: Database, case_files: CaseFiles) -> None:
        self._database = database
        self._case_files = case_files
        self._history = case_files.history
        self.index = SearchIndex(database)

    def rows(self) -> list[object]:
        """All that the derived tables have of every case, to compare with a rebuild."""
        cases = [self.kept(ref) for ref in self._history.refs()]
        return [*cases, *sorted(tuple(row) for row in self._database.stream("index_rows"))]

    def kept(self, ref: str) -> DerivedCase:
        """What the derived tables have of a case; nothing of its row in the list of cases where its number is not its own."""
        return self.kept_of([ref])[0]

    def kept_of(self, refs: Sequence[str]) -> list[DerivedCase]:
        """The same of several cases, in their order."""
        cases = {row["ref"]: _named(CASE_COLUMNS, row) for row in self._database.rows("derived_cases", **these(refs))}
        deadlines: dict[str, list[dict[str, object]]] = {}
        holders: dict[str, list[HolderRow]] = {}
        told: dict[str, list[tuple[str, int]]] = {}
        for row in self._database.rows("derived_deadlines", **these(refs)):
            deadlines.setdefault(row["case_ref"], []).append(_named(DEADLINE_COLUMNS, row))
        for row in self._database.rows("derived_holders", **these(refs)):
            holders.setdefault(row["case_ref"], []).append(HolderRow(*(row[name] for name in HolderRow._fields)))
        for row in self._database.rows("derived_told", **these(refs)):
            told.setdefault(row["case_ref"], []).append((row["field"], row["seq"]))
        return [
            DerivedCase(ref, cases.get(ref, {}), deadlines.get(ref, []), holders.get(ref, []), told.get(ref, []))
            for ref in refs
        ]

    def differs(self, before: CaseFile, after: CaseFile) -> bool:
        """Whether a case has other derived rows than before."""
        return derived_case(before.case.ref, before) != derived_case(after.case.ref, after)

    def update(self, file: CaseFile) -> None:
        """Replace the derived rows of a case."""
        self._database.derive([derived_case(file.case.ref, file)])

    def add_new(self, files: Sequence[tuple[str, CaseFile]]) -> None:
        """Add the rows of new cases, each with its reference; those of deadlines that several of them share are made once."""
        rows = {id(file.deadlines): file.deadlines for _, file in files}
        made = {of: _deadline_rows(deadlines) for of, deadlines in rows.items()}
        self._database.derive([_derived_case(ref, file, made[id(file.deadlines)]) for ref, file in files])

    def rebuild(self) -> None:
        """Make every derived row again from the entries."""
        self.clear_index()
        self.rebuild_cases(self._history.refs())

    def clear_index(self) -> None:
        """Remove all that the index has; `rebuild_cases` of all cases has to follow."""
        self._database.clear_index()

    def rebuild_cases(self, refs: Iterable[str]) -> None:
        """Make every derived row of cases again, of whose rows the index has none."""
        for ref in refs:
            self.update(self._case_files.one(ref))
            self._database.index(index_rows(ref, self._history.entries(ref, identify=True)))


def derived_case(ref: str, file: CaseFile) -> DerivedCase:
    """What the derived tables are to have of a case under a reference."""
    return _derived_case(ref, file, _deadline_rows(file.deadlines))


def _deadline_rows(deadlines: Iterable[Deadline]) -> list[dict[str, object]]:
    return [
        dict(zip(DEADLINE_COLUMNS, (n, *deadline_values(each)), strict=True)) for n, each in enumerate(deadlines, 1)
    ]


def _derived_case(ref: str, file: CaseFile, deadlines: Sequence[Mapping[str, object]]) -> DerivedCase:
    case, line = file.case, case_line(file)
    occasions = dict.fromkeys(deadline.occasion for deadline in file.deadlines)
    return DerivedCase(
        ref,
        {
            "ref": ref,
            "protocol": line.protocol,
            "edition": line.edition,
            "edition_digest": case.edition_digest,
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
            "facts": as_json(line.facts) if line.facts else "{}",
            "involved": listed(line.involved),
            "themes": listed(line.themes),
        },
        deadlines,
        [
            HolderRow(occasion.number, n, each.side, each.entry, _iso(each.since), _iso(each.until))
            for occasion in occasions
            for n, each in enumerate(case.assigned_on(occasion), 1)
        ],
        [*case.said_in.items()],
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _named(columns: Iterable[str], row: Row) -> dict[str, object]:
    """Some columns of a row by name."""
    return {name: row[name] for name in columns}
