"""Cases, deadlines and histories as the rows of a spreadsheet: what stands in which column, whatever the file is made of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES, TEXTS
from escalate.domain.case.history import Entry
from escalate.domain.case.people import Holder
from escalate.domain.deadlines.case_file import CaseFile, due_lines
from escalate.domain.deadlines.model import DueLine
from escalate.domain.deadlines.standing import Standing, standing
from escalate.domain.worktime.clock import london
from escalate.output.case.lists import holds
from escalate.output.case.sentences import said, sentence
from escalate.output.words import inert

Cell = str | int | date | datetime | None
"""A moment is one on a London clock, without its offset: spreadsheets know none."""


class Seen(NamedTuple):
    """A case as it is at a moment, and up to when what is due counts as at risk."""

    file: CaseFile
    now: datetime
    horizon: datetime


class Column(NamedTuple):
    """A heading, how many characters wide a sheet shows it, and what stands under it."""

    heading: str
    width: int
    value: Callable[..., Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, and of what each case gives it rows; `named` are columns that say who somebody is."""

    columns: tuple[Column, ...]
    things: Callable[[Seen], Iterator[tuple[object, ...]]]
    named: tuple[Column, ...] = ()

    def shown(self, identify: bool) -> tuple[Column, ...]:
        """The columns that may be shown."""
        return (*self.columns, *(self.named if identify else ()))

    def rows(self, seen: Seen, identify: bool) -> Iterator[list[Cell]]:
        """The rows of a case, in which text does nothing but say what it says."""
        for things in self.things(seen):
            values = [column.value(*things) for column in self.shown(identify)]
            yield [inert(value) if isinstance(value, str) else value for value in values]


def _clock(at: datetime | None) -> datetime | None:
    return london(at).replace(tzinfo=None) if at else None


def _yes(true: bool) -> str | None:
    return "yes" if true else None


def _held(sides: tuple[Holder, ...]) -> str:
    return "; ".join(holds(each) for each in sides)


def _text(name: str) -> Callable[[CaseFile], str | None]:
    return lambda file: file.case.said(name)


def _identity(name: str) -> Callable[[CaseFile], Cell]:
    def value(file: CaseFile) -> Cell:
        known = file.case.said(name)
        return date.fromisoformat(known) if known and name == "born" else known

    return value


def _facts(facts: Mapping[str, str]) -> str:
    return "; ".join(f"{key}={answer}" for key, answer in sorted(facts.items()))


def _cases(seen: Seen) -> Iterator[tuple[CaseFile]]:
    yield (seen.file,)


def _deadlines(seen: Seen) -> Iterator[tuple[DueLine, Standing]]:
    for line in due_lines(seen.file):
        yield line, standing(line.deadline, seen.now, seen.horizon)


def _history(seen: Seen) -> Iterator[tuple[CaseFile, Entry]]:
    for entry in seen.file.case.history:
        yield seen.file, entry


CASES = Table(
    (
        Column("Case", 9, lambda file: file.case.ref),
        Column("Subject", 16, lambda file: file.case.subject),
        Column("Status", 11, lambda file: file.case.status),
        Column("Protocol", 24, lambda file: file.case.protocol),
        Column("Edition", 11, lambda file: file.case.edition),
        Column("Route", 12, lambda file: file.case.visit.route),
        Column("Stage", 8, lambda file: file.case.visit.stage),
        Column("Stage name", 28, lambda file: file.protocol.stage(file.case.visit.route, file.case.visit.stage).name),
        Column("Raised by", 28, lambda file: file.case.raising_agency),
        Column("With", 28, lambda file: file.case.receiving_agency),
        Column("Others involved", 28, lambda file: "; ".join(file.case.involved)),
        Column("Concern", 17, lambda file: _clock(file.case.concern_at)),
        Column("Raised", 17, lambda file: _clock(file.case.raised_at)),
        Column("At this stage since", 19, lambda file: _clock(file.case.visit.entered_at)),
        Column("Closed", 17, lambda file: _clock(file.case.visit.left_at)),
        Column("Themes", 28, lambda file: "; ".join(file.protocol.theme_name(theme) for theme in file.case.themes)),
        Column("Facts", 28, lambda file: _facts(file.case.answers)),
        *(Column(heading, 45, _text(name)) for name, heading in TEXTS.items()),
        Column("Held by", 28, lambda file: _held(file.case.holders(file.case.visit.occasion))),
    ),
    _cases,
    tuple(Column(heading, 28 if name != "born" else 12, _identity(name)) for name, heading in IDENTITIES.items()),
)

DEADLINES = Table(
    (
        Column("Case", 9, lambda line, _: line.case.ref),
        Column("Subject", 16, lambda line, _: line.case.subject),
        Column("Standing", 11, lambda _, stands: stands.value),
        Column("Action", 45, lambda line, _: line.deadline.action_name),
        Column("Owner", 28, lambda line, _: line.deadline.owner),
        Column("Target", 17, lambda line, _: _clock(line.deadline.target_at)),
        Column("Act by", 17, lambda line, _: _clock(line.deadline.act_by)),
        Column("Due", 17, lambda line, _: _clock(line.deadline.due_at)),
        Column("Agreed", 17, lambda line, _: _clock(line.deadline.agreed_until)),
        Column("Protocol's limit", 17, lambda line, _: _clock(line.deadline.limit_at)),
        Column("Met", 17, lambda line, _: _clock(line.deadline.met_at)),
        Column("Provisional", 13, lambda line, _: _yes(line.deadline.provisional)),
        Column("Limit further up", 17, lambda line, _: _clock(line.deadline.ahead_at)),
        Column("That of", 20, lambda line, _: line.deadline.ahead_of),
        Column("Protocol", 24, lambda line, _: line.case.protocol),
        Column("Stage", 8, lambda line, _: line.deadline.stage),
        Column("Stage name", 28, lambda line, _: line.deadline.stage_name),
        Column("Raised by", 28, lambda line, _: line.case.raising_agency),
        Column("With", 28, lambda line, _: line.case.receiving_agency),
        Column("Held by", 28, lambda line, _: _held(line.holders)),
        Column("Written in", 45, lambda line, _: line.deadline.cite),
    ),
    _deadlines,
    (Column("Name", 28, lambda line, _: line.case.identity.get("name")),),
)

HISTORY = Table(
    (
        Column("Case", 9, lambda file, _: file.case.ref),
        Column("Entry", 8, lambda _, entry: entry.seq),
        Column("Happened", 17, lambda file, entry: _clock(file.case.happened(entry))),
        Column("Recorded", 17, lambda _, entry: _clock(entry.recorded_at)),
        Column("By", 20, lambda _, entry: entry.by),
        Column("Kind", 11, lambda _, entry: entry.kind),
        Column("What", 45, lambda _, entry: sentence(entry)),
        Column("Words", 60, lambda _, entry: "; ".join(said(entry))),
        Column("Taken back", 11, lambda file, entry: _yes(entry.seq in file.case.undone)),
    ),
    _history,
)

TABLES = {"cases": CASES, "deadlines": DEADLINES, "history": HISTORY}
"""Every table there is, by the name people ask for it with."""
