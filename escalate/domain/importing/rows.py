"""Taking over the log a unit kept before: what becomes of each row."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from escalate.domain.case.details import IDENTITIES, LONGEST_THEME, TEXTS, UNBORN
from escalate.domain.case.entries import ERASED, Entry
from escalate.domain.case.model import Case
from escalate.domain.case.replay import followed, replay
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.engine import cache_key, deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.importing.cells import Cells, ReadDate
from escalate.domain.importing.changes import RowChanges, changes_in, unreadable
from escalate.domain.importing.course import Course, raised_in, read_course
from escalate.domain.importing.dates import with_day_first
from escalate.domain.importing.doubts import Doubt
from escalate.domain.importing.headings import (
    ENTERED,
    FIELD_NAMES,
    LEFT_OUT,
    REFUSED_BECAUSE,
    TIME_OF,
    Layout,
    LogColumn,
    folded,
)
from escalate.domain.importing.imported import Imported
from escalate.domain.importing.likeness import is_given_name, looks_like_name
from escalate.domain.importing.matching import About, Match, Matching, RowPlace
from escalate.domain.importing.misplaced import AgencyCells, misplaced
from escalate.domain.importing.shape import log_rows
from escalate.domain.importing.sheet import Row, Sheet
from escalate.domain.importing.values import (
    DateCell,
    answer_meant,
    birthday,
    levels_in,
    one_line,
    parts,
    person_in,
    themes_in,
)
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.domain.recording.acts import assign, note
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.agencies import as_compared
from escalate.domain.recording.closing import resolve, withdraw
from escalate.domain.recording.details import Details
from escalate.domain.recording.opening import open_case
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.errors import EscalateError, OutOfOrder, listed

Agency = TypeVar("Agency", str, str | None)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a case is opened under."""

    protocol: Protocol
    """The protocol, in the edition in force when the case was raised."""
    digest: str
    """The digest of its file."""
    calendar: Calendar
    """The calendar it counts on."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is given for reading the rows of a log."""

    basis: Callable[[str, date | None], Basis]
    """The basis for the protocol a cell names (the one given with the command if it is empty), as in force on a day. Raises EscalateError."""
    when: ReadDate
    """Reads a date."""
    by: str
    """Who imports."""
    now: datetime
    """The instant of the import."""
    known: Mapping[tuple[str | None, str], Imported]
    """The cases imported before: by the log and the reference there, or where it gave none the digest of the row."""
    salt: str
    """Drawn for this import: it goes into the digests of rows."""
    log: str | None = None
    """The name of the log, which tells it from others with the same references."""
    close_undated: bool = False
    """Close what has an outcome and no status, on a day not known."""
    file_of: Callable[[str], CaseFile] | None = None
    """A case that is here already, with its deadlines."""
    came_at: Mapping[str, datetime] = field(default_factory=dict)
    """When a column came to the log, by its heading as it is folded; nothing for those that were always there."""
    called: Mapping[str, str] = field(default_factory=dict)
    """What agencies are called here, by their names in logs as these are compared; nothing for those of which nobody said it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a row: one of `file`, `there`, `left_out` and `reason` is given; with `there` it may have changes."""

    row: int
    """The number of the row in its sheet, from 1."""
    sheet: str | None = None
    """The name of the sheet, where several are read."""
    file: CaseFile | None = None
    """The case it opens, with its deadlines."""
    there: str | None = None
    """The reference of the case that is there already."""
    left_out: str | None = None
    """Why it is no case."""
    reason: str | None = None
    """Why it cannot be imported."""
    remarks: tuple[str, ...] = ()
    """What people should know about it."""
    changes: RowChanges | None = None
    """What has changed in it since its case was taken over."""
    doubts: tuple[Doubt, ...] = ()
    """The words in it of which it is not clear what they mean."""

    @property
    def case(self) -> Case | None:
        """The case it opens."""
        return self.file.case if self.file else None


THE_CASE = "the case"
"""What a case is called before it has a reference."""

STAGE_UNDATED = "a stage without the date it was reached: taken to have begun there when it was raised"
IS_VOID = "its case was taken back here as opened by mistake, so that nothing of the row is compared"
ERASED_HERE = "what was said in its case was erased here, so that nothing of the row is compared"
LATER_COLUMNS = "a column came to the log after its case was taken over, and nothing of it is recorded there"
KNOWN_BY = "no reference that is known here: taken for the case of the same subject, agencies and day"
NOT_IN_FORCE = "raised before the edition that it is kept under was in force: edition"
NAME_FOR_A_SUBJECT = "the name of a person stands where their reference should: kept apart, as the name"
NOT_ASKED = "its protocol does not ask what a column says: kept as a note"


@dataclass(frozen=True, slots=True)
class Log:
    """A sheet that holds cases, and what its columns are taken for."""

    sheet: Sheet
    """The sheet."""
    layout: Layout
    """Its columns."""
    name: str | None = None
    """The name of the sheet, where several are read."""


def read_rows(logs: Iterable[Log], terms: Terms, matching: Matching | None = None) -> Iterator[Outcome]:
    """What becomes of each row below the headings that says anything, sheet by sheet. `matching` is made of what is given, if nobody keeps it."""
    matching = matching or Matching(terms.known, terms.log, terms.salt)
    rows: Iterable[_Row | Outcome] = _rows(logs, terms)
    if terms.known:  # rows that are known by what they say first, so that what others are about is not taken for theirs
        rows = list(rows)
        for row in rows:
            if isinstance(row, _Row):
                row.recognise(matching)
    for row in rows:
        yield row if isinstance(row, Outcome) else row.outcome(matching)


def _rows(logs: Iterable[Log], terms: Terms) -> "Iterator[_Row | Outcome]":
    """Every row that says anything, read, or what becomes of it where it is no case."""
    files = _Files()
    for log in logs:
        has_raised = bool(log.layout.of("raised"))
        columns = [(column.number - 1, column) for column in log.layout.columns]
        for row in log_rows(log.sheet, log.layout):
            if row.left_out:
                yield Outcome(row.number, log.name, left_out=row.left_out)
                continue
            texts, width = row.texts, len(row.texts)
            said = [(column, texts[at]) for at, column in columns if at < width and texts[at]]
            cells = Cells(row.number, said, terms.when, log.layout, log.sheet)
            if row.merged:
                cells.problems.append(f"{row.merged} is merged over several columns: divide it in the sheet")
            yield _Row(cells, log, terms, files, has_raised=has_raised)


class RefusedRows(NamedTuple):
    """The rows of a sheet that could not be imported."""

    sheet: str | None
    """The name of the sheet; None in a file that has no sheets."""
    headings: tuple[str, ...]
    """Its headings, one for each column from the first on."""
    rows: tuple[tuple[Row, str], ...]
    """What each row says, cells that are merged with one above filled, and why it was refused."""


def refused_rows(logs: Iterable[Log], outcomes: Iterable[Outcome]) -> list[RefusedRows]:
    """The refused rows of every sheet that has any."""
    reasons = {(each.sheet, each.row): each.reason for each in outcomes if each.reason}
    found = []
    for log in logs:
        rows = [
            (_with_day_first(row.texts, log.layout), reason)
            for row in log_rows(log.sheet, log.layout)
            if (reason := reasons.get((log.name, row.number)))
        ]
        heads = {
            column.number: column.heading or column.label
            for column in log.layout.columns
            if column.heading != REFUSED_BECAUSE
        }
        headings = tuple(heads.get(number, "") for number in range(1, max(heads, default=0) + 1))
        if rows:
            found.append(RefusedRows(log.sheet.name, headings, tuple(rows)))
    return found


def _with_day_first(texts: Row, layout: Layout) -> Row:
    """What a row says, with its dates so that they are read alike without the column that proves how they are meant."""
    months_first = {number for number, order in layout.orders.items() if order.month_first}
    return tuple(with_day_first(text) if number in months_first else text for number, text in enumerate(texts, 1))


def entries_of(ref: str, case: Case) -> list[Entry]:
    """The entries of a case that a row opens, with its reference."""
    return [entry._replace(case=ref) for entry in case.history]


class _Files:
    """Makes case files; deadlines are worked out once for all cases that must have the same."""

    def __init__(self) -> None:
        self._deadlines: dict[Hashable, tuple[Deadline, ...]] = {}

    def file(self, case: Case, basis: Basis) -> CaseFile:
        """The case with its deadlines. Raises BeyondCalendar."""
        key = basis.digest, cache_key(case)
        if key not in self._deadlines:
            self._deadlines[key] = tuple(deadlines(basis.protocol, case, basis.calendar))
        return CaseFile(case, basis.protocol, basis.calendar, self._deadlines[key])


class _Row:
    """One row while it is read; what is wrong with it is gathered, so that one mistake does not hide another."""

    def __init__(self, cells: Cells, log: Log, terms: Terms, files: _Files, *, has_raised: bool) -> None:
        """`has_raised` says that a column of the log says when cases were raised."""
        self.has_raised = has_raised
        self.cells, self.log, self.terms, self.files = cells, log, terms, files
        self.problems, self.remarks = cells.problems, cells.remarks
        self.remarks += log.sheet.marks.get(cells.number, ())
        self.notes: list[str] = []
        self.person = person_in(cells.text("child")) if cells.of("child") else {}
        self.agencies = AgencyCells(cells)
        subject = self._personal("subject")
        self.name_for_a_subject = is_given_name(subject) or looks_like_name(subject)
        """Whether the name of the person stands where their reference should."""
        self.reference = cells.line("reference") or None
        self.match: Match | None = None

    def recognise(self, matching: Matching) -> Match:
        """What it is recognised by. Give each row once, in order."""
        self.match = matching.match((self.log.name, self.cells.number), self.reference, self.cells.all)
        return self.match

    def outcome(self, matching: Matching) -> Outcome:
        """What becomes of it, with the words of which it is not clear what they mean."""
        found = self._becomes(matching)
        return replace(found, doubts=tuple(self.cells.doubts)) if self.cells.doubts else found

    def _becomes(self, matching: Matching) -> Outcome:
        """What becomes of it."""
        number, reference = self.cells.number, self.reference
        match = self.match or self.recognise(matching)
        if match.row != (self.log.name, number):
            return self._refused(
                f"{self.cells.where('reference')} has the same reference as {_row_called(match.row, self.log)}"
            )
        if match.elsewhere:
            return self._refused(
                f"the row says the same as {_row_called(match.elsewhere, self.log)}: give the two references, if they are two cases"
            )
        if match.case and match.unchanged and not self._names_more(match.case):
            return self._outcome(there=match.case.case)
        raised = raised_in(self.cells, has_column=self.has_raised)
        basis = self._basis(raised)
        if raised is None and not self.problems:
            self.problems.append(f"{self.cells.where('raised')} does not say when it was raised")
        there = match.case
        if raised and not there:
            there = self._about(matching, london_date(raised.first))
        if there and basis and raised:
            return self._again(there, basis, raised, match)
        file = self.file(basis, raised, reference, match) if basis and raised else None
        if file is None:
            return self._refused("; ".join(dict.fromkeys(self.problems)))
        return self._outcome(file=file, remarks=tuple(dict.fromkeys(self.remarks)))

    def _outcome(
        self,
        file: CaseFile | None = None,
        there: str | None = None,
        reason: str | None = None,
        remarks: tuple[str, ...] = (),
    ) -> Outcome:
        return Outcome(self.cells.number, self.log.name, file, there, None, reason, remarks)

    def _refused(self, reason: str) -> Outcome:
        return self._outcome(reason=reason)

    def _basis(self, raised: DateCell | None) -> Basis | None:
        """What the case is opened under; None where the row names no protocol."""
        said = self.cells.text("protocol")
        try:
            return self.terms.basis(said, london_date(raised.first) if raised else None)
        except EscalateError as problem:
            where = f"{self.cells.where('protocol')}: " if said else ""
            self.problems.append(f"{where}{problem.sentence.rstrip('.')}")
            if said:
                self.cells.ask("protocol", {})
            return None

    def _names_more(self, there: Imported) -> bool:
        """Whether the row says more than it did of who the person is, which nothing it is recognised by tells."""
        return any(each not in there.identities and self._personal(each) for each in IDENTITIES)

    def _about(self, matching: Matching, raised_on: date) -> Imported | None:
        """The case that the row is about, where it has no reference that is known here. What is not sure is noted as a problem."""
        named = self.agencies.named
        about = About(self._subject(), named.get("from"), named.get("to"), raised_on)
        found = matching.about((self.log.name, self.cells.number), self.reference, about)
        if isinstance(found, Imported):
            self.remarks.append(KNOWN_BY)
            return found
        if found:
            self.problems.append(
                f"it has the subject, agencies and day of {_row_called(found, self.log)}, which is taken for the case that is here:"
                " give the two references, if they are two cases"
            )
        elif not self.reference and (same := matching.same_day(self._subject(), raised_on)):
            self.problems.append(
                f"it has no reference, and the subject and day of {same}, whose row named other agencies or says the same in another row:"
                " if it is that case, record what is new with escalate note and escalate set; if it is another, open it with escalate open"
            )
        elif not self.reference and (gone := matching.without_row(about)):
            self.remarks.append(
                f"it has the subject and agencies of {gone}, which no longer has a row, and another day: if only the day was put right,"
                f" leave this row out, and correct that case with escalate undo {gone} --entry 1 --at WHEN"
            )
        return None

    def _again(self, there: Imported, basis: Basis, raised: DateCell, match: Match) -> Outcome:
        """What becomes of a row whose case is here and that says something else: what has changed in it, or that it is one of another log."""
        if self._subject() != there.subject and there.subject is not None:
            return self._refused(
                f"{self.cells.where('reference')} is the reference of {there.case}, which had another subject when it was imported:"
                f" if it is another log's, name that log with --log; if the subject is put right, escalate set {there.case} subject=... records that"
            )
        file = self.terms.file_of(there.case) if self.terms.file_of else None
        if file is None:
            return self._outcome(there=there.case)
        if file.case.status == VOID:
            return self._outcome(there=there.case, remarks=(IS_VOID,))
        if any(entry.kind == ERASED for entry in file.case.history):
            return self._outcome(there=there.case, remarks=(ERASED_HERE,))
        row = self._as_it_was_laid_out(there)
        reads_all = row is self
        opened = row.file(basis, raised, self.reference, match)
        if opened is None:
            self.cells.doubts += row.cells.doubts if row is not self else []
            found = unreadable(file, "; ".join(dict.fromkeys(row.problems)))
            return Outcome(self.cells.number, self.log.name, there=there.case, changes=found)
        found = changes_in(file, opened.case, row.cells, self.terms.now, self.terms.by, self.terms.salt)
        remarks = [each for each in self.remarks if each == KNOWN_BY] + ([] if reads_all else [LATER_COLUMNS])
        changes = found if found.cells else None
        return Outcome(
            self.cells.number, self.log.name, None, there.case, None, None, tuple(dict.fromkeys(remarks)), changes
        )

    def _as_it_was_laid_out(self, there: Imported) -> "_Row":
        """The row without the columns that came to the log after its case was taken over; itself, where nothing stands in such."""
        came_at, since = self.terms.came_at, there.recorded_at
        said = [
            (column, text)
            for column, text in self.cells.all
            if not (since and (came := came_at.get(folded(column.heading))) and came > since)
        ]
        if len(said) == len(self.cells.all):
            return self
        cells = Cells(self.cells.number, said, self.terms.when, self.log.layout, self.log.sheet)
        return _Row(cells, self.log, self.terms, self.files, has_raised=self.has_raised)

    def file(self, basis: Basis, raised: DateCell, reference: str | None, match: Match) -> CaseFile | None:
        """The case the row becomes, as far as it can be dated; None where a problem was found."""
        protocol, words = basis.protocol, self._words()
        self.problems += misplaced(self.cells)
        course = read_course(
            self.cells, protocol, raised, self.terms.now,
            has_outcome="how" in words, close_undated=self.terms.close_undated,
        )  # fmt: skip
        self._gather_notes(words, course)
        facts, details = self._facts(protocol), self._details(protocol, words, course)
        if self.problems:
            return None
        in_force = protocol.edition.begins <= london_date(course.raised_at).isoformat()
        if not in_force:
            self.remarks.append(f"{NOT_IN_FORCE} {protocol.edition.dated}")
        imported: dict[str, Any] = {"log": self.terms.log, "reference": reference, "digest": match.digest}
        try:
            opened = self._opened(basis, course, facts, details, imported)
            case = self._what_followed(protocol, opened, course, words, in_force=in_force)
            imported["entries"] = len(case.history)
            return self.files.file(case, basis)
        except OutOfOrder as problem:
            self.problems.append(problem.fault)
            return None
        except EscalateError as problem:
            self.problems.append(problem.sentence.rstrip("."))
            return None

    # -- its entries

    def _opened(
        self,
        basis: Basis,
        course: Course,
        facts: Mapping[str, str],
        details: Details,
        imported: Mapping[str, Any],
    ) -> Entry:
        """The entry that opens the case: at the stage the row names, unless the row says when it was reached."""
        begins = _raised_at_stage(course)
        stage = begins or (course.stage if not course.visits else None)
        opened = open_case(
            THE_CASE, basis.protocol, basis.digest, self._recording(course.raised_at), details,
            concern_at=course.concern_at, route=course.route, facts=facts,
            stage=stage.key if stage else None, imported=imported,
        )  # fmt: skip
        if opened.data["skipped"] and not begins:
            self.remarks.append(STAGE_UNDATED)
        return opened

    def _what_followed(
        self, protocol: Protocol, opened: Entry, course: Course, words: Mapping[str, str], *, in_force: bool
    ) -> Case:
        """The case after the entries that follow: going up, who holds the sides, the end, and the notes."""
        case = replay([opened])
        for visit in course.visits:
            if visit.stage.key != case.stay.stage:
                case = followed(case, advance(protocol, case, self._recording(visit.at), visit.stage.key))
        for side in ("raising", "receiving"):
            if name := self.cells.line(side) or self.agencies.people.get(side):
                case = followed(case, assign(case, self._recording(course.raised_at), side, name))
        if course.status != "open":
            at = course.ended_at or self.terms.now
            taken_over = _taken_over(case, course, opened, in_force=in_force)
            case = followed(case, _ended(case, self._recording(at), course, words, taken_over))
        for text in self.notes:  # the log does not say when that happened
            noted = note(case, self._recording(self.terms.now), text)
            case = followed(case, noted._replace(data={"undated": True}))
        return case

    def _recording(self, at: datetime) -> Recording:
        return Recording(self.terms.by, self.terms.now, at)

    # -- what is said in it

    def _words(self) -> dict[str, str]:
        """Free text by its name; what several columns say stands under their headings."""
        words = {}
        for name in TEXTS:
            filled = self.cells.of(name)
            if len(filled) > 1:
                words[name] = "\n".join(f"{column.label}: {text}" for column, text in filled)
            elif filled:
                words[name] = filled[0][1]
        if "level-current" in words and "level-perceived" not in words:
            words |= levels_in(words["level-current"])
        return words

    def _gather_notes(self, words: dict[str, str], course: Course) -> None:
        """Gathers what is kept as notes: the age, the columns for notes, and the outcome of a case that stays open."""
        if age := self._personal("age"):
            self.notes.append(f"Age in the log: {age}")
        self.notes += [f"{column.label}: {text}" for column, text in self.cells.of("note")]
        if course.status == "open" and "how" in words:
            column, _ = self.cells.of("how")[0]
            self.notes.append(f"{column.label}: {words.pop('how')}")

    def _facts(self, protocol: Protocol) -> dict[str, str]:
        """The facts that columns answer; what the protocol does not ask is noted."""
        facts: dict[str, str] = {}
        asked = {fact.key: fact for fact in protocol.facts}
        for column, key, text in self._answers():
            fact = asked.get(key)
            if fact is None:
                self.remarks.append(NOT_ASKED)
                self.notes.append(f"{column.label}: {text}")
                continue
            answer = answer_meant(fact, text)
            if answer is None:
                answers = listed(fact.answers, "or")
                self.problems.append(f"{self.cells.place(column)} does not answer {fact.key} with {answers}")
                if self.cells.of(key):
                    self.cells.ask(key, dict.fromkeys(fact.answers, ""))
            else:
                facts[fact.key] = answer
        return facts

    def _answers(self) -> Iterator[tuple[LogColumn, str, str]]:
        """What the row answers: the column, the question and the answer."""
        for name, cells in self.cells.by_field:
            if name is None or name in _NO_FACTS or name.startswith(ENTERED) or name.endswith(TIME_OF):
                continue
            for column, text in cells:
                yield column, name, text
        for column, text in self.cells.of("facts"):
            for part in parts(text, r"[;\n]"):
                key, _, answer = part.partition("=")
                yield column, key.strip(), answer.strip()

    def _details(self, protocol: Protocol, words: Mapping[str, str], course: Course) -> Details:
        """What the case is opened with apart from facts; how it ended goes with its end."""
        themes = [theme for text in self.cells.texts("theme") for theme in themes_in(protocol, text)]
        if any(len(theme) > LONGEST_THEME for theme in themes):
            self.problems.append(
                f"{self.cells.where('theme')} is too long for a theme, a few words to count cases by: map it to about or note"
            )
        at_the_end = _SAID_AT_THE_END.get(course.status, ())
        return Details(
            subject=self._subject(),
            raising_agency=self._called(self.agencies.named.get("from")),
            receiving_agency=self._called(self.agencies.named.get("to")),
            involved=tuple(dict.fromkeys(self._called(each) for each in self.agencies.involved)) or None,
            themes=tuple(themes) or None,
            words={name: text for name, text in words.items() if name not in at_the_end},
            identities=self._identities(),
        )

    def _called(self, agency: Agency) -> Agency:
        """What an agency of the row is called here."""
        called = self.terms.called.get(as_compared(agency)) if agency and self.terms.called else None
        if called is None or called == agency:
            return agency
        self.remarks.append(f'"{agency}" is called "{called}" here')
        return called

    def _subject(self) -> str | None:
        return None if self.name_for_a_subject else self._personal("subject") or None

    def _personal(self, name: str) -> str:
        """What the row says of the person: in a column of its own, or in the one for all about them."""
        said = self.cells.line(name)
        return one_line(self.person[name]) if not said and name in self.person else said

    def _identities(self) -> dict[str, str]:
        found = {name: said for name in IDENTITIES if (said := self._personal(name))}
        if self.name_for_a_subject:
            self.remarks.append(NAME_FOR_A_SUBJECT)
            found.setdefault("name", self._personal("subject"))
        if "born" in found:
            found["born"] = self._born(found["born"])
        return found

    def _born(self, said: str) -> str:
        """A date of birth, year first; what is wrong with it is noted."""
        where = self.cells.where("born" if self.cells.text("born") else "child")
        cell = self.cells.day("born", said)
        if cell is None:
            self.problems.append(f"the date of birth in {where} cannot be read as a day")
            return said
        day = birthday(cell, said, self.terms.now)
        if day > london_date(self.terms.now + UNBORN):
            self.problems.append(f"the date of birth in {where} is too far in the future")
        return day.isoformat()


_NO_FACTS = {*FIELD_NAMES, LEFT_OUT}
"""What a column may be taken for that is not a fact."""

_SAID_AT_THE_END = {"resolved": ("how", "lessons"), "withdrawn": ("how",)}
"""The words that go with the end of a case, by its status."""


def _row_called(row: RowPlace, log: Log) -> str:
    """`row 7`, or `row 7 of the sheet "2025"` where that is another."""
    sheet, number = row
    return f"row {number}" if sheet == log.name else f'row {number} of the sheet "{sheet}"'


def _raised_at_stage(course: Course) -> Stage | None:
    """The stage a row dates to the moment it was raised."""
    first = course.visits[0] if course.visits else None
    return first.stage if first and first.at == course.raised_at else None


def _taken_over(case: Case, course: Course, opened: Entry, *, in_force: bool) -> dict[str, object]:
    """What is kept of a closed case with its end: the stays that the log dates from their beginning to their end, and how exactly.

    Of all else that was due nobody knows what became of it.
    """
    begun_when_raised = not opened.data["skipped"] or _raised_at_stage(course) is not None
    ended = [
        stay.number
        for stay, after in zip(case.stays, [*case.stays[1:], None], strict=True)
        if in_force and (not after.skipped if after else course.ended_at is not None and course.stage is not None)
    ]
    known = [number for number in ended if number > 1 or begun_when_raised]
    return {"stays": known, "ended": ended, "unsure_hours": course.unsure_hours}


def _ended(
    case: Case, recording: Recording, course: Course, words: Mapping[str, str], taken_over: Mapping[str, object]
) -> Entry:
    """The entry that closes the case."""
    if course.status == "withdrawn":
        ended = withdraw(case, recording, words.get("how"))
    else:
        ended = resolve(case, recording, words.get("how"), words.get("lessons"))
    undated = {} if course.ended_at else {"undated": True}
    return ended._replace(data={**ended.data, "taken_over": taken_over, **undated})
