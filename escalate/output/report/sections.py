"""The report of a period: what stands in it, in one order for every format, and its text, Markdown and JSON.

Nobody is named in one: there is no --identify here. In a report for publication what is hidden is hidden in every format.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from escalate.domain.reporting.report import (
    DEFINITIONS,
    ByName,
    ByPlace,
    Cases,
    Count,
    Hidden,
    OpenCase,
    Overdue,
    Place,
    Report,
    Spread,
    Stay,
    Timeliness,
    Timetable,
    TimeTaken,
    Undated,
)
from escalate.domain.worktime.clock import spoken
from escalate.output.columns import Cell, Columns, Page, Piece, cell
from escalate.output.documents import Document, instant
from escalate.output.words import full, inert, joined, markdown

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Several:
    """What people read as one (`7 of 9`) and a spreadsheet takes apart."""

    shown: str
    values: tuple[str | int, ...]


Value = str | int | float | None | Several


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `whole` where a value is short and is not to be broken; `taken_apart` are the headings of what a spreadsheet makes of it."""

    heading: str
    numeric: bool = True
    whole: bool = False
    taken_apart: tuple[str, ...] = ()


class Rows:
    """The rows of a table that has one for every case: made as often as they are wanted, so that they need not all be held."""

    def __init__(self, things: Sequence[Thing], rows_of: Callable[[Thing], Iterable[tuple[Value, ...]]]) -> None:
        self._made: Callable[[], Iterator[tuple[Value, ...]]] = lambda: chain.from_iterable(map(rows_of, things))

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        return self._made()

    def __bool__(self) -> bool:
        return next(self._made(), None) is not None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values, the first of which says what the row is about; the total, where there is one, comes last."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...] | Rows
    total: tuple[Value, ...] | None = None

    @property
    def lines(self) -> Iterator[tuple[Value, ...]]:
        """All rows, the total among them."""
        return chain(self.rows, [self.total] if self.total else [])


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is counted under it, and the figures; `name` tells which it is, `none` stands for no figures."""

    name: str
    heading: str
    says: str
    table: Table
    none: str = "None."


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above everything."""

    title: str
    days: str
    lines: tuple[str, ...]


def head(report: Report, filters: Mapping[str, str | None]) -> Head:
    """The period, what was left out, and how the figures came about."""
    only = [f"{name} {value}" for name, value in filters.items() if value]
    lines = [
        f"Only cases with {', '.join(only)}." if only else "",
        f"The period is still running: counted is what had happened by {spoken(report.until)}."
        if report.running
        else "",
        DEFINITIONS["basis"],
        f"As recorded by {spoken(report.known_at)}.",
        _suppression(report.suppressed_under) if report.suppressed_under else "",
    ]
    name = report.period.name or report.period.days
    return Head(f"Escalations, {name}", report.period.days, tuple(line for line in lines if line))


def _suppression(threshold: int) -> str:
    return (
        f"Small numbers are hidden. <{threshold} is a number from 1 to {threshold - 1}; 0 is shown, save in a row with fewer than {threshold}"
        f" cases in all, where <{threshold} may be 0 as well. * is a number left out because it would give a small one away. Least and most,"
        " medians of few, and lists of single cases are left out. Reports of periods that overlap, or of parts of these cases, can be"
        " subtracted from each other: publish one."
    )


def sections(report: Report) -> list[Section]:
    """All that is reported, in its order."""
    found = [
        Section("summary", "In short", DEFINITIONS["cases"] + " " + DEFINITIONS["balance"], _summary(report)),
        Section("protocol", "By protocol", "", _by_place("Protocol", report.by_protocol, report.total)),
        Section("stage", "By stage reached", DEFINITIONS["stage"], _by_place("Stage", report.by_stage, report.total)),
        Section("agencies", "By agencies", DEFINITIONS["agencies"], _by_agencies(report)),
        Section("theme", "By theme", DEFINITIONS["theme"], _by_theme(report.by_theme)),
        Section(
            "stages",
            "Timeliness of stages",
            f"{DEFINITIONS['timeliness']} {DEFINITIONS['late']}",
            _timetable("Stage", report.stages),
        ),
        Section(
            "actions", "Timeliness of other actions", "Limit in the same way.", _timetable("Action", report.actions)
        ),
        Section("undated", "Without a date", DEFINITIONS["undated"], _undated(report.undated)),
        Section("overdue", "Still open and overdue", DEFINITIONS["overdue"], _overdue(report)),
        Section("time-taken", "Time to resolution", DEFINITIONS["resolution"], _time_taken(report)),
    ]
    if report.open_cases is not None:
        says = f"Stage by stage, with the limit of each, as things stood on {spoken(report.until)}."
        found.append(Section("open-cases", "Open cases", says, _open_cases(report)))
    if report.lessons is not None:
        rows = Rows(report.lessons, lambda each: [(each.case, each.protocol, each.text)])
        columns = (
            Column("Case", numeric=False, whole=True),
            Column("Protocol", numeric=False),
            Column("Lesson", numeric=False),
        )
        found.append(Section("lessons", "Lessons", DEFINITIONS["lessons"], Table(columns, rows)))
    return found


# -- the tables

_COUNTS = tuple(Column(heading) for heading in ("Cases", "Opened", "Open at the end", "Resolved", "Withdrawn"))
_PARTS = ("Protocol", "Route", "Stage", "Name of the stage", "Action", "Name of the action")


def where(place: Place) -> str:
    """`herefordshire, stage 2: Managers meet`, or of an action `herefordshire, stage 2: Send the form`."""
    stage = f"stage {place.stage}" if place.stage else place.stage_name
    at = ", ".join(part for part in (place.protocol, place.route, stage) if part)
    name = place.action_name or (place.stage_name if place.stage else "")
    return f"{at}: {name}" if name else at or "All"


def _where(place: Place) -> Several:
    values = (place.protocol, place.route, place.stage, place.stage_name, place.action, place.action_name)
    return Several(where(place), values if place.protocol else ("All", "", "", "", "", ""))


def _count(count: Count) -> int | str:
    return count.text if isinstance(count, Hidden) else count


def _counts(cases: Cases) -> tuple[Value, ...]:
    return tuple(_count(each) for each in (cases.all, cases.opened, cases.open, cases.resolved, cases.withdrawn))


def _of(part: Count, whole: Count) -> Several:
    return Several(f"{_count(part)} of {_count(whole)}", (_count(part), _count(whole)))


def _summary(report: Report) -> Table:
    total, stages, taken = report.total, report.stages.total, report.time_taken_total
    rows: list[tuple[Value, ...]] = [
        ("Open at the start", _count(report.open_at_start)),
        ("Opened", _count(total.opened)),
        ("Taken up again", _count(report.taken_up_again)),
        ("Resolved", _count(total.resolved)),
        ("Withdrawn", _count(total.withdrawn)),
        ("Open at the end", _count(total.open)),
        ("Cases in all", _count(total.all)),
        ("Limits of stages met in time", _of(stages.in_time, stages.due).shown),
        ("Other actions met in time", _of(report.actions.total.in_time, report.actions.total.due).shown),
        ("Deadlines open and overdue at the end", _count(report.overdue_count)),
        ("Time to resolution, median", counted_days(taken.working_days.median, "working day")),
    ]
    return Table((Column("Figure", numeric=False), Column("Number")), tuple(rows))


def counted_days(median: float | None, what: str) -> str:
    """`2.5 working days`, or that there is no such figure."""
    if median is None:
        return "-"
    return f"{median:g} {what}{'' if median == 1 else 's'}"


def _by_place(heading: str, lines: Sequence[ByPlace], total: Cases) -> Table:
    rows = tuple((_where(each.place), *_counts(each.cases)) for each in lines)
    return _with_total(Column(heading, numeric=False, taken_apart=_PARTS), rows, _where(Place("")), total)


def _by_agencies(report: Report) -> Table:
    column = Column("From and to", numeric=False, taken_apart=("Raising agency", "Receiving agency"))
    rows = tuple((_pair(each.names), *_counts(each.cases)) for each in report.by_agencies)
    return _with_total(column, rows, Several("All", ("All", "")), report.total)


def _pair(names: tuple[str, ...]) -> Several:
    return Several(" to ".join(names), names)


def _with_total(column: Column, rows: tuple[tuple[Value, ...], ...], every: Value, total: Cases) -> Table:
    return Table((column, *_COUNTS), rows, (every, *_counts(total)) if rows else None)


def _by_theme(lines: Sequence[ByName]) -> Table:
    rows = tuple((each.names[0], *_counts(each.cases)) for each in lines)
    return Table((Column("Theme", numeric=False), *_COUNTS), rows)


def _timetable(heading: str, table: Timetable) -> Table:
    columns = (
        Column(heading, numeric=False, taken_apart=_PARTS),
        Column("Met in time", taken_apart=("Met in time", "Fell due")),
        Column("Met late"),
        Column("Not met"),
        Column("Working days late, median"),
        Column("Working days late, most"),
    )
    rows = tuple(_timeliness(each) for each in table.lines)
    return Table(columns, rows, _timeliness(table.total) if rows else None)


def _timeliness(each: Timeliness) -> tuple[Value, ...]:
    counts = (_of(each.in_time, each.due), _count(each.late), _count(each.not_met))
    return (_where(each.place), *counts, each.how_late.median, each.how_late.most)


def _undated(lines: Sequence[Undated]) -> Table:
    columns = (
        Column("Action", numeric=False, taken_apart=_PARTS),
        Column("In all"),
        Column("Done"),
        Column("Still to do"),
    )
    rows = tuple((_where(each.place), _count(each.all), _count(each.done), _count(each.to_do)) for each in lines)
    return Table(columns, rows)


def _overdue(report: Report) -> Table:
    if report.overdue is None:
        return Table(
            (Column("Figure", numeric=False), Column("Number")), (("Deadlines", _count(report.overdue_count)),)
        )
    columns = (
        Column("Case", numeric=False, whole=True),
        Column("What is due", numeric=False, taken_apart=_PARTS),
        Column("By", numeric=False),
        Column("Was due", numeric=False),
        Column("Working days over"),
    )
    rows = Rows(
        report.overdue,
        lambda each: [(each.case, _where(each.place), each.owner, moment(each.due_at), each.working_days)],
    )
    return Table(columns, rows)


def _time_taken(report: Report) -> Table:
    columns = (
        Column("Protocol", numeric=False),
        Column("Resolved"),
        *(Column(f"{unit}, {which}") for unit in ("Working days", "Days") for which in ("median", "least", "most")),
    )
    rows = tuple(_taken(each) for each in report.time_taken)
    return Table(columns, rows, _taken(report.time_taken_total) if rows else None)


def _taken(each: TimeTaken) -> tuple[Value, ...]:
    spreads = [(spread.median, spread.least, spread.most) for spread in (each.working_days, each.days)]
    return (each.place.protocol or "All", _count(each.resolved), *chain(*spreads))


def _open_cases(report: Report) -> Table:
    columns = tuple(
        Column(heading, numeric=False, whole=heading == "Case")
        for heading in ("Case", "Protocol", "Stage", "Entered", "Limit", "Left", "How it stands")
    )
    cases = report.open_cases or ()
    return Table(columns, Rows(cases, lambda case: (_stay(report, case, stay) for stay in case.stays)))


def _stay(report: Report, case: OpenCase, stay: Stay) -> tuple[Value, ...]:
    return (
        case.case,
        case.protocol,
        f"{stay.stage}  {stay.stage_name}",
        moment(stay.entered_at),
        moment(stay.due_at) if stay.due_at else "no date",
        moment(stay.left_at) if stay.left_at else "still there",
        how_it_stands(report, stay),
    )


def how_it_stands(report: Report, stay: Stay) -> str:
    """How the limit of a stage stood at the end."""
    if stay.due_at is None:
        return "left" if stay.left_at else "no limit"
    late = (stay.left_at or report.until) > stay.due_at
    if stay.left_at:
        return "left late" if late else "left in time"
    return "overdue" if late else "running"


def moment(at: datetime) -> str:
    """`Thu 19 Nov 2026 16:00`; without the time where the whole day counts."""
    return full(at).removesuffix(" 23:59:59")


# -- text, for a terminal


def text(report: Report, filters: Mapping[str, str | None]) -> Page:
    """Tables with headings."""
    top = head(report, filters)
    parts: list[Piece | Columns] = [(inert(f"{top.title} ({top.days})"), "bold")]
    parts += [(inert(line), "dim") for line in top.lines]
    for section in sections(report):
        parts += [("", ""), (section.heading, "bold"), *([(inert(section.says), "dim")] if section.says else [])]
        parts.append(_columns(section.table) if section.table.rows else (section.none, ""))
    return Page(parts)


def _columns(table: Table) -> Columns:
    def rows() -> Iterator[list[Cell]]:
        for row in table.lines:
            yield [cell(shown(value), style="bold" if row is table.total else "") for value in row]

    numeric = [column.heading for column in table.columns if column.numeric]
    return Columns(*(column.heading for column in table.columns), right=numeric, low=True, rows=rows)


def shown(value: Value) -> str:
    """A value as people read it."""
    if isinstance(value, Several):
        return value.shown
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


# -- Markdown


def as_markdown(report: Report, filters: Mapping[str, str | None]) -> Iterator[str]:
    """Headings, paragraphs and tables, line by line."""
    top = head(report, filters)
    lines = chain(
        (f"# {markdown(top.title)}", "", markdown(top.days), ""), *((markdown(line), "") for line in top.lines)
    )
    tables = chain.from_iterable(map(_markdown_section, sections(report)))
    return joined("\n", chain(lines, tables))


def _markdown_section(section: Section) -> Iterator[str]:
    yield from (f"## {section.heading}", "")
    yield from (markdown(section.says), "") if section.says else ()
    yield from _markdown_table(section.table) if section.table.rows else [section.none]
    yield ""


def _markdown_table(table: Table) -> Iterable[str]:
    yield _markdown_row(column.heading for column in table.columns)
    yield _markdown_row("--:" if column.numeric else ":--" for column in table.columns)
    for row in table.lines:
        cells = [markdown(shown(value)) for value in row]
        yield _markdown_row(f"**{cell}**" if row is table.total and cell else cell for cell in cells)


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


# -- JSON


def as_document(report: Report, filters: Mapping[str, str | None]) -> Document:
    """`report --json`. A hidden count is text, `"<5"` or `"*"`; a list that is left out is null, and one of cases is made as it is written."""
    return {
        "period": {
            "name": report.period.name or None,
            "first_day": report.period.first.isoformat(),
            "last_day": report.period.last.isoformat(),
            "running": report.running,
            "counted_until": instant(report.until),
        },
        "known_at": instant(report.known_at),
        "filters": dict(filters),
        "suppressed_under": report.suppressed_under,
        "definitions": dict(DEFINITIONS),
        "cases": {
            "open_at_start": _count(report.open_at_start),
            "taken_up_again": _count(report.taken_up_again),
            **_cases_document(report.total),
        },
        "by_protocol": [
            {"protocol": each.place.protocol, **_cases_document(each.cases)} for each in report.by_protocol
        ],
        "by_stage": [_stage_document(each.place) | _cases_document(each.cases) for each in report.by_stage],
        "by_agencies": [
            {"raising_agency": each.names[0], "receiving_agency": each.names[1], **_cases_document(each.cases)}
            for each in report.by_agencies
        ],
        "by_theme": [{"theme": each.names[0], **_cases_document(each.cases)} for each in report.by_theme],
        "stages": _timetable_document(report.stages),
        "actions": _timetable_document(report.actions),
        "undated": [
            _place_document(each.place)
            | {"all": _count(each.all), "done": _count(each.done), "to_do": _count(each.to_do)}
            for each in report.undated
        ],
        "overdue_count": _count(report.overdue_count),
        "overdue": None if report.overdue is None else map(_overdue_document, report.overdue),
        "time_to_resolution": {
            "lines": [{"protocol": each.place.protocol, **_taken_document(each)} for each in report.time_taken],
            "total": _taken_document(report.time_taken_total),
        },
        "lessons": None
        if report.lessons is None
        else ({"case": each.case, "protocol": each.protocol, "text": each.text} for each in report.lessons),
        "open_cases": None
        if report.open_cases is None
        else (
            {
                "case": each.case,
                "protocol": each.protocol,
                "raised_at": instant(each.raised_at),
                "stages": [_stay_document(report, stay) for stay in each.stays],
            }
            for each in report.open_cases
        ),
    }


def _cases_document(cases: Cases) -> Document:
    return {
        "all": _count(cases.all),
        "opened": _count(cases.opened),
        "open": _count(cases.open),
        "resolved": _count(cases.resolved),
        "withdrawn": _count(cases.withdrawn),
    }


def _stage_document(place: Place) -> Document:
    return {
        "protocol": place.protocol,
        "route": place.route or None,
        "stage": place.stage or None,
        "stage_name": place.stage_name,
    }


def _place_document(place: Place) -> Document:
    return _stage_document(place) | {"action": place.action, "action_name": place.action_name}


def _timetable_document(table: Timetable) -> Document:
    lines = [_place_document(each.place) | _timeliness_document(each) for each in table.lines]
    return {"lines": lines, "total": _timeliness_document(table.total)}


def _timeliness_document(each: Timeliness) -> Document:
    return {
        "fell_due": _count(each.due),
        "met_in_time": _count(each.in_time),
        "met_late": _count(each.late),
        "not_met": _count(each.not_met),
        "working_days_late": {"median": each.how_late.median, "most": each.how_late.most},
    }


def _overdue_document(each: Overdue) -> Document:
    return (
        {"case": each.case}
        | _place_document(each.place)
        | {"owner": each.owner, "due_at": instant(each.due_at), "working_days_over": each.working_days}
    )


def _taken_document(each: TimeTaken) -> Document:
    def spread(figures: Spread) -> Document:
        return {"median": figures.median, "least": figures.least, "most": figures.most}

    return {"resolved": _count(each.resolved), "working_days": spread(each.working_days), "days": spread(each.days)}


def _stay_document(report: Report, stay: Stay) -> Document:
    return {
        "stage": stay.stage,
        "stage_name": stay.stage_name,
        "entered_at": instant(stay.entered_at),
        "due_at": instant(stay.due_at),
        "left_at": instant(stay.left_at),
        "stands": how_it_stands(report, stay),
    }
