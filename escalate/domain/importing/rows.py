"""Taking over the log a unit kept before: what entries a row of it becomes.

What is wrong with a row is said without its words: a name may have got into any column.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from escalate.domain.case.details import IDENTITIES, LONGEST_THEME, TEXTS
from escalate.domain.case.history import Case, Entry, followed, replay
from escalate.domain.deadlines.case_file import CaseFile, Imported
from escalate.domain.deadlines.engine import bearing, deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.importing.headings import FIELD_NAMES, LEFT_OUT, Column, Layout, folded, goes_by
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.domain.recording import acts as decisions
from escalate.domain.recording.acts import Particulars, Recording
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadWhen, EscalateError, listed

_PLAIN = {"open": "open ongoing active live inprogress pending current", "withdrawn": "withdrawn notpursued cancelled canceled",
          "resolved": "resolved closed complete completed concluded settled ended"}  # fmt: skip
STATUSES = {word: status for status, words in _PLAIN.items() for word in words.split()}

_NOTHING = {"", "-", "--", "n/a", "na", "none", "not known", "unknown", "tbc", "?", "nil", "not applicable"}


@dataclass(frozen=True, slots=True)
class DateCell:
    """A moment as a cell gives it: the first and, where it is a day alone, the last second it can mean."""

    first: datetime
    last: datetime

    @property
    def day_alone(self) -> bool:
        """Whether no time of day was given."""
        return self.first != self.last


@dataclass(frozen=True, slots=True)
class Under:
    """What cases are opened under: a protocol, the digest of its file, and its calendar."""

    protocol: Protocol
    digest: str
    calendar: Calendar


@dataclass(slots=True)
class Terms:
    """On what terms rows are read. `under` gives a protocol by what a cell says of it, or the one for rows that say nothing, as in force on a day.

    `when` reads a moment, and raises BadWhen. `log` tells logs with the same reference numbers apart. With `close_undated` a case that
    ended on a day the row does not give ended today.
    """

    under: Callable[[str, date | None], Under]
    when: Callable[[str], DateCell]
    by: str
    now: datetime
    known: Mapping[tuple[str | None, str], Imported]
    log: str | None = None
    close_undated: bool = False
    seen: dict[tuple[str | None, str], int] = field(default_factory=dict)
    alike: Counter[str] = field(default_factory=Counter)
    worked_out: dict[Hashable, tuple[Deadline, ...]] = field(default_factory=dict)

    def with_deadlines(self, case: Case, under: Under) -> CaseFile:
        """The case with its deadlines, which are worked out once for all rows that come to the same. Raises BeyondCalendar."""
        key = under.digest, bearing(case)
        if key not in self.worked_out:
            self.worked_out[key] = tuple(deadlines(under.protocol, case, under.calendar))
        return CaseFile(case, under.protocol, under.calendar, self.worked_out[key])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a row: a case it opens, with its deadlines, the case that is there already, or why nothing can."""

    row: int
    file: CaseFile | None = None
    there: str | None = None
    reason: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def case(self) -> Case | None:
        """The case it opens."""
        return self.file.case if self.file else None


THE_CASE = "the case"
"""What a case is called before it has a reference."""

NO_CONCERN = "no date of the concern: limits that count from it count from when it was raised"
NO_DAY = "a day without a time: it begins with the day where it starts a limit, and lasts until its end where it closes a case"
STAGE_UNDATED = "a stage without the date it was reached: taken to have begun there when it was raised"
STAYS_OPEN = (
    "an outcome and no date resolved: it stays open, with the outcome as a note (--close-undated resolves it today)"
)
CLOSED_TODAY = "it has ended, the log does not say when: taken as today"
CHANGED = "the row has changed since it was imported: record what is new with escalate note and escalate set"
NOT_ASKED = "its protocol does not ask what a column says: kept as a note"


def read_rows(rows: Sequence[Sequence[str]], layout: Layout, terms: Terms) -> Iterator[Outcome]:
    """What becomes of each row below the headings that says anything."""
    for number, cells in enumerate(rows[layout.first - 1 :], layout.first):
        there = [column for column in layout.columns if column.number <= len(cells)]
        said = [(column, text) for column in there if (text := cells[column.number - 1]).strip()]
        if said:
            yield _Row(number, said, terms).outcome()


@dataclass(frozen=True, slots=True)
class _Course:
    """When a case was raised, where it stands or stood, and how and when it ended."""

    raised_at: datetime
    concern_at: datetime | None
    route: str | None
    stage: Stage | None
    entered_at: datetime | None
    status: str
    ended_at: datetime | None


class _Row:
    """One row while it is read; what is wrong with it is gathered, so that one mistake does not hide another."""

    def __init__(self, number: int, cells: Sequence[tuple[Column, str]], terms: Terms) -> None:
        self.number, self.terms, self.cells = number, terms, cells
        self.filled: dict[str | None, list[tuple[Column, str]]] = {}
        for column, text in cells:
            if not _is_nothing(text):
                self.filled.setdefault(column.field, []).append((column, text.strip()))
        self.problems: list[str] = []
        self.remarks: list[str] = []
        self.notes: list[str] = []
        self.said: dict[str, str] = {}
        self.person = _person(self._one("child")) if "child" in self.filled else {}

    def outcome(self) -> Outcome:
        """What becomes of it."""
        digest = self._digest()
        reference = " ".join(self._one("reference").split()) or None
        key = (self.terms.log, reference or digest)
        before = self.terms.seen.setdefault(key, self.number)
        if before != self.number:
            return self._refused(f"{self._cell('reference')} has the same reference as row {before}")
        there = self.terms.known.get(key)
        if there and there.digest == digest:
            return Outcome(self.number, there=there.case)
        raised = self._when("raised")
        under = self._under(raised)
        if raised is None and not self.problems:
            self.problems.append(f"{self._cell('raised')} does not say when it was raised")
        if there and under and raised:
            return self._changed(there, raised)
        imported = {"log": self.terms.log, "reference": reference, "digest": digest}
        file = self._file(under, raised, imported) if under and raised else None
        if file is None:
            return self._refused("; ".join(self.problems))
        return Outcome(self.number, file, remarks=tuple(dict.fromkeys(self.remarks)))

    # -- parts

    def _file(self, under: Under, raised: DateCell, imported: Mapping[str, str | None]) -> CaseFile | None:
        """The case the row becomes, as far as it can be dated; None where a problem was found."""
        course = self._course(under.protocol, raised)
        facts, particulars = self._facts(under.protocol), self._particulars(under.protocol, course)
        if self.problems:
            return None
        try:
            opened = self._opened(under, course, facts, particulars, imported)
            return self.terms.with_deadlines(self._what_followed(under.protocol, opened, course), under)
        except EscalateError as problem:
            self.problems.append(problem.sentence.rstrip("."))
            return None

    def _course(self, protocol: Protocol, raised: DateCell) -> "_Course":
        """When what happened. A day alone begins with its first second where it starts a limit, and ends with its last."""
        concern, entered, ended = self._when("concern-date"), self._when("stage-entered"), self._when("resolved")
        at, concern_at = raised.first, concern.first if concern else None
        if concern_at and raised.day_alone and _same_day(concern_at, at):
            at = max(at, concern_at)  # a case is not raised before its concern
        if raised.day_alone or (ended and ended.day_alone):
            self.remarks.append(NO_DAY)
        entered_at = entered.first if entered else None
        for what, moment in (("raised", at), ("concern-date", concern_at), ("stage-entered", entered_at)):
            if moment and moment > self.terms.now:
                self.problems.append(f"{self._cell(what)} is a day that has not come yet")
        if concern_at and concern_at > at:
            self.problems.append(f"{self._cell('concern-date')} is later than {self._cell('raised')}")
        if entered and entered_at and entered.day_alone and _same_day(entered_at, at):
            entered_at = max(entered_at, at)
        route, stage = self._stage(protocol)
        if concern is None and protocol.ladders.counts_from_concern(route):
            self.remarks.append(NO_CONCERN)
        self._read_texts()
        status, ended_at = self._status(ended)
        return _Course(at, concern_at, route, stage, entered_at, status, ended_at)

    def _opened(
        self,
        under: Under,
        course: "_Course",
        facts: Mapping[str, str],
        particulars: Particulars,
        imported: Mapping[str, str | None],
    ) -> Entry:
        """The opening: at the stage the row names, unless it says when that was reached."""
        opened = decisions.open_case(
            THE_CASE, under.protocol, under.digest, self._at(course.raised_at), particulars,
            concern_at=course.concern_at, route=course.route, facts=facts,
            stage=course.stage.key if course.stage and not course.entered_at else None, imported=imported,
        )  # fmt: skip
        if opened.data["skipped"]:
            self.remarks.append(STAGE_UNDATED)
        return opened

    def _what_followed(self, protocol: Protocol, opened: Entry, course: "_Course") -> Case:
        """The case after going up, who holds the sides, the end, and what is kept as notes."""
        case = replay([opened])
        if course.stage and course.entered_at and course.stage.key != opened.data["stage"]:
            case = followed(case, decisions.advance(protocol, case, self._at(course.entered_at), course.stage.key))
        for side in ("raising", "receiving"):
            if name := " ".join(self._one(side).split()):
                case = followed(case, decisions.assign(case, self._at(course.raised_at), side, name))
        if course.ended_at:
            case = followed(case, self._ended(case, self._at(course.ended_at), course.status))
        for text in self.notes:  # when that happened, the log does not say
            noted = decisions.note(case, self._at(self.terms.now), text)
            case = followed(case, noted._replace(data={"undated": True}))
        return case

    def _at(self, moment: datetime) -> Recording:
        return Recording(self.terms.by, self.terms.now, moment)

    def _ended(self, case: Case, recording: Recording, status: str) -> Entry:
        if status == "withdrawn":
            return decisions.withdraw(case, recording, self.said.get("how"))
        return decisions.resolve(case, recording, self.said.get("how"), self.said.get("lessons"))

    def _under(self, raised: DateCell | None) -> Under | None:
        try:
            return self.terms.under(self._one("protocol"), london_date(raised.first) if raised else None)
        except EscalateError as problem:
            where = f"{self._cell('protocol')}: " if self._one("protocol") else ""
            self.problems.append(f"{where}{problem.sentence.rstrip('.')}")
            return None

    def _stage(self, protocol: Protocol) -> tuple[str, Stage | None]:
        """The route and the stage the row names: the first route, and no stage, where it names none, or one that is not there."""
        said = self._one("route")
        named = [each for each in protocol.routes if said and folded(said) in (folded(each.key), folded(each.name))]
        if said and not named:
            self.problems.append(
                f"{self._cell('route')} names no route of {protocol.id}: there is {listed([each.key for each in protocol.routes], 'and')}"
            )
        route = (named or protocol.routes)[0].key
        stage_said = self._one("stage")
        if not stage_said:
            return route, None
        stage = _stage_meant(protocol, route, stage_said)
        if stage is None:
            there = listed([each.key for each in protocol.ladder(route)], "and")
            self.problems.append(f"{self._cell('stage')} names no stage of {protocol.id}: there is {there}")
        return stage.route if stage else route, stage

    def _facts(self, protocol: Protocol) -> dict[str, str]:
        facts = {}
        asked = {fact.key: fact for fact in protocol.facts}
        for column, text in self.cells:
            if column.field in FIELD_NAMES or column.field in (None, LEFT_OUT) or _is_nothing(text):
                continue
            fact = asked.get(str(column.field))
            if fact is None:
                self.remarks.append(NOT_ASKED)
                self.notes.append(f"{column.label}: {text}")
                continue
            answer = fact.answer(text.strip())
            if answer is None:
                self.problems.append(
                    f"{self._place(column)} does not answer {fact.key} with {listed(fact.answers, 'or')}"
                )
            else:
                facts[fact.key] = answer
        return facts

    def _read_texts(self) -> None:
        """What the columns say in words; more than one saying the same each under its heading."""
        for name in TEXTS:
            filled = self.filled.get(name, [])
            if len(filled) > 1:
                self.said[name] = "\n".join(f"{column.label}: {text}" for column, text in filled)
            elif filled:
                self.said[name] = filled[0][1]
        self._split_levels()
        self._gather_notes()

    def _particulars(self, protocol: Protocol, course: "_Course") -> Particulars:
        later = {"resolved": ("how", "lessons"), "withdrawn": ("how",)}.get(course.status, ())
        subject = " ".join((self._one("subject") or self.person.get("subject", "")).split())
        themes = [theme for text in self._all("theme") for theme in _themes(protocol, text)]
        if any(len(theme) > LONGEST_THEME for theme in themes):
            self.problems.append(
                f"{self._cell('theme')} is too long for a theme, a few words to count cases by: map it to about or note"
            )
        involved = [part for text in self._all("involved") for part in _parts(text, r"[;\n]")]
        return Particulars(
            subject=subject or None,
            raising_agency=" ".join(self._one("from").split()) or None,
            receiving_agency=" ".join(self._one("to").split()) or None,
            involved=tuple(involved) or None,
            themes=tuple(themes) or None,
            words={name: text for name, text in self.said.items() if name not in later},
            identities=self._identities(),
        )

    def _split_levels(self) -> None:
        """Divides `Current: 3, proposed: 4`, which the log's own heading asks for."""
        if "level-current" not in self.said or "level-perceived" in self.said:
            return
        found = re.fullmatch(
            r"\s*current\b[\s:-]*(?P<current>.+?)[\s,;/]*\b(?:proposed|perceived)\b[\s:-]*(?P<perceived>.+)",
            self.said["level-current"],
            re.IGNORECASE | re.DOTALL,
        )
        if found:
            self.said |= {"level-current": found["current"].strip(), "level-perceived": found["perceived"].strip()}

    def _gather_notes(self) -> None:
        age = self._one("age") or self.person.get("age", "")
        self.notes += [f"Age in the log: {' '.join(age.split())}"] if age else []
        self.notes += [f"{column.label}: {text}" for column, text in self._cells_of("note")]

    def _identities(self) -> dict[str, str]:
        found = {name: " ".join((self._one(name) or self.person.get(name, "")).split()) for name in IDENTITIES}
        if found["born"]:
            found["born"] = self._born(found["born"])
        return {name: said for name, said in found.items() if said}

    def _born(self, said: str) -> str:
        """A date of birth, year first; one with two digits to its year lies in the past."""
        place = self._cell("born") if self._one("born") else self._cell("child")
        try:
            moment = self.terms.when(said)
        except BadWhen:
            moment = None
        if moment is None or not moment.day_alone:
            self.problems.append(f"the date of birth in {place} cannot be read as a day")
            return ""
        day = london_date(moment.first)
        if re.search(r"\d{4}", said) is None and day > london_date(self.terms.now):
            day = day.replace(year=day.year - 100)
        if day > london_date(self.terms.now + timedelta(days=300)):
            self.problems.append(f"the date of birth in {place} lies too far ahead")
        return day.isoformat()

    def _status(self, ended: DateCell | None) -> tuple[str, datetime | None]:
        """Whether the case has ended, and when."""
        said = self._one("status")
        status = STATUSES.get(folded(said), "") if said else ""
        if said and not status:
            self.problems.append(f"{self._cell('status')} is not a status: say open, resolved or withdrawn")
        if ended:
            if status == "open":
                self.problems.append(
                    f"{self._cell('status')} says open, and {self._cell('resolved')} when it was resolved"
                )
            if ended.first > self.terms.now:
                self.problems.append(f"{self._cell('resolved')} is a day that has not come yet")
            return status or "resolved", min(ended.last, self.terms.now)
        if status in ("resolved", "withdrawn") or ("how" in self.said and not status):
            if self.terms.close_undated:
                self.remarks.append(CLOSED_TODAY)
                return status or "resolved", self.terms.now
            if status:
                self.problems.append(
                    f"{self._cell('status')} says {status} and no column when: fill that in, or take today with --close-undated"
                )
            else:
                self.remarks.append(STAYS_OPEN)
        if "how" in self.said:
            column, _ = self._cells_of("how")[0]
            self.notes.append(f"{column.label}: {self.said.pop('how')}")
        return "open", None

    def _changed(self, there: Imported, raised: DateCell) -> Outcome:
        """A row whose reference is known and whose words are others: the same escalation later on, or one of another log."""
        subject = " ".join((self._one("subject") or self.person.get("subject", "")).split()) or None
        if subject == there.subject and _same_day(raised.first, there.raised_at):
            return Outcome(self.number, there=there.case, remarks=(CHANGED,))
        return self._refused(
            f"{self._cell('reference')} is the reference of {there.case}, which had another subject or day when it was imported:"
            " if it is another log's, name that log with --log"
        )

    # -- cells

    def _cells_of(self, name: str) -> list[tuple[Column, str]]:
        return self.filled.get(name, [])

    def _all(self, name: str) -> list[str]:
        return [text for _, text in self._cells_of(name)]

    def _one(self, name: str) -> str:
        filled = self.filled.get(name)
        return filled[0][1] if filled else ""

    def _when(self, name: str) -> DateCell | None:
        said = self._one(name)
        if not said:
            return None
        try:
            return self.terms.when(said)
        except BadWhen as problem:
            why = (
                problem.sentence.rpartition(": ")[2]
                if "clocks" in problem.sentence
                else "day, month and year are needed, the day first"
            )
            self.problems.append(f"{self._cell(name)} cannot be read as a date: {why}")
            return None

    def _cell(self, name: str) -> str:
        """`"Date raised" (D7)`: where in the sheet a field stands."""
        column = next((column for column, _ in self.cells if column.field == name), None)
        return self._place(column) if column else f"the {name} column"

    def _place(self, column: Column) -> str:
        return f'"{column.label}" ({column.letter}{self.number})'

    def _refused(self, reason: str) -> Outcome:
        return Outcome(self.number, reason=reason)

    def _digest(self) -> str:
        """What the row is known by again. Who the person is is no part of it: it is kept for good.

        Rows that say the same but for that are told apart by how many came before.
        """
        named = ((_known_by(column.heading, column.field), text) for column, text in self.cells)
        said = sorted(f"{heading}={' '.join(text.split())}" for heading, text in named if heading is not None)
        digest = hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]
        self.terms.alike[digest] += 1
        return digest if self.terms.alike[digest] == 1 else f"{digest}-{self.terms.alike[digest]}"


_PERSONAL = {*IDENTITIES, "child", "age", "raising", "receiving"}


@cache
def _known_by(heading: str, name: str | None) -> str | None:
    """The heading under which a column is part of what its row is known by; None where it says who the person is."""
    return None if _PERSONAL & {name, goes_by(heading)} else folded(heading)


def _is_nothing(text: str) -> bool:
    return text.strip().casefold() in _NOTHING


def _same_day(one: datetime, other: datetime) -> bool:
    return london_date(one) == london_date(other)


def _parts(text: str, divider: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(divider, text) if part.strip()]


def _themes(protocol: Protocol, text: str) -> list[str]:
    """The themes of a cell: divided by commas, unless it is the whole name of one that has commas in it."""
    parts = _parts(text, r"[;\n|]")
    keys = {theme.key for theme in protocol.themes}
    return [theme for part in parts for theme in ([part] if protocol.theme(part) in keys else _parts(part, ","))]


def _stage_meant(protocol: Protocol, route: str, said: str) -> Stage | None:
    """`2`, `Stage 2`, `2: line managers`, `main:2`, or the name of a stage."""
    plain = " ".join(said.split())
    short = re.match(r"(?:stage|step|level)?[\s:.#]*((?:[a-z0-9-]+:)?[a-z0-9-]+)(?=$|[\s:.,(–-])", plain, re.IGNORECASE)
    for name in (plain, short[1] if short else plain):
        if found := protocol.find(route, name):
            return found
    return next((stage for stage in protocol.ladder(route) if folded(stage.name) == folded(plain)), None)


_PERSON = {"name": "name", "dob": "born", "d.o.b": "born", "date of birth": "born", "born": "born", "age": "age", "address": "address",
           "unique identifier": "subject", "unique id": "subject", "identifier": "subject", "id": "subject"}  # fmt: skip
_LABEL = re.compile(
    rf"\b({'|'.join(re.escape(label) for label in sorted(_PERSON, key=len, reverse=True))})\b\.?\s*[:=]\s*",
    re.IGNORECASE,
)


def _person(text: str) -> dict[str, str]:
    """`Name: ... DOB: ... Age: ... Unique identifier: ...` in one cell; what stands before the first label is the name."""
    found: dict[str, str] = {}
    first, *parts = _LABEL.split(text)
    for label, said in [("name", first), *zip(parts[::2], parts[1::2], strict=True)]:
        if said.strip(" ,;\n"):
            found.setdefault(_PERSON[label.casefold()], said.strip(" ,;\n"))
    return found


def entries_of(ref: str, case: Case) -> list[Entry]:
    """What the case of a row consists of, under the reference it is given."""
    return [entry._replace(case=ref) for entry in case.history]
