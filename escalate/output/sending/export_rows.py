"""Cases, deadlines and histories as the rows of a spreadsheet: what stands in which column, whatever the file is made of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES, TEXTS
from escalate.domain.case.entries import LogLine
from escalate.domain.case.people import Holder
from escalate.domain.deadlines.case_file import CaseFile, due_lines
from escalate.domain.deadlines.model import DueLine
from escalate.domain.deadlines.standing import Standing, standing
from escalate.domain.worktime.clock import london, london_date
from escalate.output.case.lists import holds
from escalate.output.case.sentences import said, sentence
from escalate.output.words import inert

CellValue = str | int | date | datetime | None
"""What stands in a cell. An instant is one on a London clock, without its offset: spreadsheets know none."""


class CaseAsKnown(NamedTuple):
    """A case as it was known at an instant."""

    file: CaseFile
    """The case, from what had been recorded by then."""
    now: datetime
    """The instant."""
    horizon: datetime
    """Up to when what is due counted as at risk then."""


class ExportColumn(NamedTuple):
    """A column of a table."""

    heading: str
    """What stands above it."""
    width: int
    """How wide a sheet shows it, in characters."""
    value: Callable[..., CellValue]
    """What stands under it, from what the row is of."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table for other programs."""

    columns: tuple[ExportColumn, ...]
    """Its columns."""
    things: Callable[[CaseAsKnown], Iterator[tuple[object, ...]]]
    """What of a case has a row each."""
    named: tuple[ExportColumn, ...] = ()
    """Columns that say who somebody is."""

    def shown(self, identify: bool) -> tuple[ExportColumn, ...]:
        """The columns that may be shown."""
        return (*self.columns, *(self.named if identify else ()))

    def rows(self, case: CaseAsKnown, identify: bool) -> Iterator[list[CellValue]]:
        """The rows of a case, in which text does nothing but say what it says."""
        for things in self.things(case):
            values = [column.value(*things) for column in self.shown(identify)]
            yield [inert(value) if isinstance(value, str) else value for value in values]


def _clock(at: datetime | None) -> datetime | None:
    return london(at).replace(tzinfo=None) if at else None


def _yes(holds: bool) -> str | None:
    return "yes" if holds else None


def _held(sides: tuple[Holder, ...]) -> str:
    return "; ".join(holds(each) for each in sides)


def _text(name: str) -> Callable[..., str | None]:
    return lambda file, *_: file.case.said(name)


def _identity(name: str) -> Callable[..., CellValue]:
    def value(file: CaseFile, *_: object) -> CellValue:
        known = file.case.said(name)
        return date.fromisoformat(known) if known and name == "born" else known

    return value


def _facts(facts: Mapping[str, str]) -> str:
    return "; ".join(f"{key}={answer}" for key, answer in sorted(facts.items()))


def _cases(case: CaseAsKnown) -> Iterator[tuple[CaseFile, date]]:
    yield case.file, london_date(case.now)


def _deadlines(case: CaseAsKnown) -> Iterator[tuple[DueLine, Standing, CaseFile]]:
    for line in due_lines(case.file):
        yield line.on(london_date(case.now)), standing(line.deadline, case.now, case.horizon), case.file


def _history(case: CaseAsKnown) -> Iterator[tuple[LogLine]]:
    for line in case.file.case.log:
        yield (line,)


CASES = ExportTable(
    (
        ExportColumn("Case", 9, lambda file, *_: file.case.ref),
        ExportColumn("Subject", 16, lambda file, *_: file.case.subject),
        ExportColumn("Status", 11, lambda file, *_: file.case.status),
        ExportColumn("Protocol", 24, lambda file, *_: file.case.protocol),
        ExportColumn("Edition", 11, lambda file, *_: file.case.edition),
        ExportColumn("Route", 12, lambda file, *_: file.case.stay.route),
        ExportColumn("Stage", 8, lambda file, *_: file.case.stay.stage),
        ExportColumn(
            "Stage name", 28, lambda file, *_: file.protocol.stage(file.case.stay.route, file.case.stay.stage).name
        ),
        ExportColumn("Raised by", 28, lambda file, *_: file.case.raising_agency),
        ExportColumn("With", 28, lambda file, *_: file.case.receiving_agency),
        ExportColumn("Others involved", 28, lambda file, *_: "; ".join(file.case.involved)),
        ExportColumn("Concern", 17, lambda file, *_: _clock(file.case.concern_at)),
        ExportColumn("Raised", 17, lambda file, *_: _clock(file.case.raised_at)),
        ExportColumn("At this stage since", 19, lambda file, *_: _clock(file.case.stay.entered_at)),
        ExportColumn("Closed", 17, lambda file, *_: _clock(file.case.closed_at)),
        ExportColumn(
            "Themes", 28, lambda file, *_: "; ".join(file.protocol.theme_name(theme) for theme in file.case.themes)
        ),
        ExportColumn("Facts", 28, lambda file, *_: _facts(file.case.answers)),
        *(ExportColumn(heading, 45, _text(name)) for name, heading in TEXTS.items()),
        ExportColumn("Held by", 28, lambda file, today: _held(file.case.holders(file.case.stay.occasion, today))),
        ExportColumn("Partnership", 45, lambda file, *_: file.protocol.partnership),
        ExportColumn("Related cases", 17, lambda file, *_: "; ".join(file.case.related)),
    ),
    _cases,
    tuple(ExportColumn(heading, 28 if name != "born" else 12, _identity(name)) for name, heading in IDENTITIES.items()),
)

DEADLINES = ExportTable(
    (
        ExportColumn("Case", 9, lambda line, *_: line.case.ref),
        ExportColumn("Subject", 16, lambda line, *_: line.case.subject),
        ExportColumn("Standing", 11, lambda _, stands, __: stands.value),
        ExportColumn("Action", 45, lambda line, *_: line.deadline.action_name),
        ExportColumn("Owner", 28, lambda line, *_: line.deadline.owner),
        ExportColumn("Target", 17, lambda line, *_: _clock(line.deadline.target_at)),
        ExportColumn("Act by", 17, lambda line, *_: _clock(line.deadline.act_by)),
        ExportColumn("Due", 17, lambda line, *_: _clock(line.deadline.due_at)),
        ExportColumn("Agreed", 17, lambda line, *_: _clock(line.deadline.agreed_until)),
        ExportColumn("Protocol's limit", 17, lambda line, *_: _clock(line.deadline.limit_at)),
        ExportColumn("Met", 17, lambda line, *_: _clock(line.deadline.met_at)),
        ExportColumn("Provisional", 13, lambda line, *_: _yes(line.deadline.provisional)),
        ExportColumn("Limit further up", 17, lambda line, *_: _clock(line.deadline.ahead_at)),
        ExportColumn("That of", 20, lambda line, *_: line.deadline.ahead_of),
        ExportColumn("Protocol", 24, lambda line, *_: line.case.protocol),
        ExportColumn("Stage", 8, lambda line, *_: line.deadline.stage),
        ExportColumn("Stage name", 28, lambda line, *_: line.deadline.stage_name),
        ExportColumn("Raised by", 28, lambda line, *_: line.case.raising_agency),
        ExportColumn("With", 28, lambda line, *_: line.case.receiving_agency),
        ExportColumn("Held by", 28, lambda line, *_: _held(line.holders)),
        ExportColumn("Written in", 45, lambda line, *_: line.deadline.cite),
        ExportColumn("Call", 8, lambda line, *_: line.deadline.call),
        ExportColumn("Ended", 17, lambda line, *_: _clock(line.deadline.ended_at)),
        ExportColumn("Ended by entry", 15, lambda line, *_: line.deadline.ended_entry),
        ExportColumn("Not answered", 28, lambda line, *_: "; ".join(line.deadline.unanswered) or None),
        ExportColumn("Due by another reading", 24, lambda line, *_: _clock(line.deadline.other_reading_at)),
        ExportColumn("Partnership", 45, lambda _, __, file: file.protocol.partnership),
    ),
    _deadlines,
    (ExportColumn("Name", 28, lambda line, *_: line.case.identity.get("name")),),
)

HISTORY = ExportTable(
    (
        ExportColumn("Case", 9, lambda line: line.entry.case),
        ExportColumn("Entry", 8, lambda line: line.entry.seq),
        ExportColumn("Happened", 17, lambda line: _clock(line.happened_at)),
        ExportColumn("Recorded", 17, lambda line: _clock(line.entry.recorded_at)),
        ExportColumn("By", 20, lambda line: line.entry.by),
        ExportColumn("Kind", 11, lambda line: line.entry.kind),
        ExportColumn("What", 45, lambda line: sentence(line.entry)),
        ExportColumn("Words", 60, lambda line: "; ".join(said(line.entry))),
        ExportColumn("Taken back", 11, lambda line: _yes(line.taken_back)),
    ),
    _history,
)

TABLES = {"cases": CASES, "deadlines": DEADLINES, "history": HISTORY}
"""Every table there is, by the name people ask for it with."""
