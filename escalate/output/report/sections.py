"""What stands in a report, in one order for every format.

Nobody is named in one: there is no --identify here. In a report for publication what is hidden is hidden in every format.
"""

from collections.abc import Callable, Mapping, Sequence

from escalate.domain.deadlines.lateness import Lateness
from escalate.domain.reporting.model import (
    DEFINITIONS,
    EVERYWHERE,
    ByName,
    ByPlace,
    Cases,
    Count,
    Ended,
    Headline,
    Hidden,
    LadderPlace,
    LadderStay,
    OpenCase,
    Overdue,
    Report,
    SetByHand,
    Timeliness,
    Timetable,
    TimeTaken,
    Undated,
    counts_in,
)
from escalate.domain.worktime.clock import spoken
from escalate.output.dates.by_hand import kept_by_hand_in_words
from escalate.output.report.tables import (
    FigureColumn,
    FigureTable,
    Head,
    ReportSection,
    Row,
    Rows,
    Several,
    Share,
    Value,
)
from escalate.output.words import in_full
from escalate.wording import how_many

_PROTOCOL = ("Partnership", "Protocol")
"""What a spreadsheet makes of a protocol: what it is called, and its id."""

_PLACE = (*_PROTOCOL, "Route", "Stage", "Name of the stage", "Action", "Name of the action")
"""What a spreadsheet makes of a place."""

BESIDE_OTHERS = (
    "This holds for this report by itself. Another report that counts some of these cases may tell what is hidden here, when one is subtracted from the other:"
    " on days that overlap, on the quarter before or after, or on one agency, protocol or theme. Publish only one of them; a report on a year"
    " shows its quarters as well."
)
"""What a report for publication says of others."""

_CASES = tuple(map(FigureColumn, ("Cases", "Opened", "Open at the end", "Resolved", "Withdrawn")))
"""The counts of cases, in the order of `Cases`."""


def head(report: Report, filters: Mapping[str, str | None]) -> Head:
    """The period, what was left out, and how the figures came about."""
    only = [
        f"{name} {report.names.protocol(value) if name == 'protocol' else value}"
        for name, value in filters.items()
        if value
    ]
    lines = [
        f"Only cases with {', '.join(only)}." if only else "",
        f"The period is still running: the figures count what had happened by {spoken(report.until)}."
        if report.running
        else "",
        DEFINITIONS["basis"],
        f"As recorded by {spoken(report.known_at)}.",
        _set_by_hand(report.by_hand) if report.by_hand else "",
        kept_by_hand_in_words(report.calendars_by_hand) or "",
        f"{_what_is_hidden(report.suppressed_under)} {BESIDE_OTHERS}" if report.suppressed_under else "",
    ]
    name, days = report.period.name, report.period.days
    return Head(f"Escalations, {name or days}", days if name else None, tuple(line for line in lines if line))


def _set_by_hand(by_hand: SetByHand) -> str:
    entries, cases = by_hand
    of = (
        "some entries"
        if entries is None or cases is None
        else f"{how_many(entries, 'entry', 'entries')} of {how_many(cases, 'case')}"
    )
    return (
        f"Recorded with the clock set by hand: {of}. What was in time or late goes by the times that were given there."
    )


def _what_is_hidden(threshold: int) -> str:
    return (
        f"Small numbers are hidden. <{threshold} is a number from 1 to {threshold - 1}; 0 is shown, save in a row with fewer than {threshold}"
        f" cases in all, where <{threshold} may be 0 as well. * is a number left out because it would give a small one away. Least and most,"
        " medians of few, and lists of single cases are left out."
    )


def sections(report: Report) -> list[ReportSection]:
    """All that is reported, in its order."""
    says = DEFINITIONS
    found = [
        ReportSection("summary", "In short", f"{says['cases']} {says['balance']}", _summary(report)),
        *([ReportSection("beside", "Side by side", says["beside"], _beside(report))] if report.beside else []),
        ReportSection("outcome", "Outcome", says["outcome"], _outcome(report.total)),
        ReportSection("protocol", "By protocol", "", _by_place("Partnership", report, report.by_protocol)),
        ReportSection("stage", "By stage reached", says["stage"], _by_place("Stage", report, report.by_stage)),
        ReportSection("resolved-at", "Stage at which resolved", says["resolved_at"], _resolved_at(report)),
        ReportSection(
            "raising", "By agency raising", says["raising"], _by_agency("Raising agency", report, report.by_raising)
        ),
        ReportSection(
            "receiving",
            "By agency receiving",
            says["receiving"],
            _by_agency("Receiving agency", report, report.by_receiving),
        ),
        ReportSection("none-raised", "Agencies that raised none", says["none_raised"], _none_raised(report)),
        ReportSection("agencies", "By agencies", says["agencies"], _by_agencies(report)),
        ReportSection("theme", "By theme", says["theme"], _by_name("Theme", report.by_theme)),
        ReportSection("level", "By level of need", says["level"], _by_level(report)),
        ReportSection(
            "stages",
            "Timeliness of stages",
            " ".join([says["timeliness"], says["late"], *([says["taken_over"]] if _has_taken_over(report) else [])]),
            _timetable("Stage", report, report.stages),
        ),
        ReportSection(
            "actions",
            "Timeliness of other actions",
            "Counted in the same way.",
            _timetable("Action", report, report.actions),
        ),
        ReportSection("undated", "Without a date", says["undated"], _undated(report)),
        ReportSection("ended", "Missed and ceased", says["ended"], _ended(report)),
        ReportSection("overdue", "Still open and overdue", says["overdue"], _overdue(report)),
        ReportSection("time-taken", "Time to resolution", says["resolution"], _time_taken(report)),
    ]
    if report.open_cases is not None:
        stood = f"Stage by stage, with the limit of each, as things stood on {spoken(report.until)}."
        found.append(ReportSection("open-cases", "Open cases", stood, _open_cases(report, report.open_cases)))
    if report.lessons is not None:
        rows = Rows(report.lessons, lambda each: [(each.case, _protocol(report, each.protocol), each.text)])
        columns = (_case_column(), _protocol_column(), *_texts("Lesson"))
        found.append(ReportSection("lessons", "Lessons", says["lessons"], FigureTable(columns, rows)))
    return found


# -- values


def plain(count: Count) -> int | str:
    """A count, or the mark in its place."""
    return count.text if isinstance(count, Hidden) else count


def plain_counts(figures: Cases | Undated | Ended) -> dict[str, int | str]:
    """The counts of a line by their names, or the marks in their places."""
    return {name: plain(count) for name, count in counts_in(figures).items()}


def where(report: Report, place: LadderPlace) -> str:
    """`Nowhere Safeguarding Board, stage 2: Managers meet`, or of an action `Nowhere Safeguarding Board, stage 2: Send the form`."""
    stage = f"stage {place.stage}" if place.stage else place.stage_name
    named = (report.names.protocol(place.protocol), report.names.route(place), stage)
    at = ", ".join(part for part in named if part)
    name = place.action_name or (place.stage_name if place.stage else "")
    return f"{at}: {name}" if name else at or "All"


def stage_first(report: Report, place: LadderPlace) -> str:
    """`stage 2: Managers meet, Nowhere Safeguarding Board`, for a label that may be cut at its end."""
    of = (report.names.route(place), report.names.protocol(place.protocol))
    return ", ".join([f"stage {place.stage}: {place.stage_name}", *(each for each in of if each)])


def how_it_stands(report: Report, stay: LadderStay) -> str:
    """How the limit of a stage stood at the end."""
    if stay.due_at is None:
        return "left" if stay.left_at else "no limit"
    late = (stay.left_at or report.until) > stay.due_at
    if stay.left_at:
        return "left late" if late else "left in time"
    return "overdue" if late else "running"


def _place(report: Report, place: LadderPlace) -> Several:
    names = report.names
    values = (
        names.protocol(place.protocol),
        place.protocol,
        names.route(place),
        place.stage,
        place.stage_name,
        place.action,
        place.action_name,
    )
    return Several(where(report, place), values if place.protocol else ("All", *[""] * (len(_PLACE) - 1)))


def _protocol(report: Report, name: str) -> Several:
    called = report.names.protocol(name) or "All"
    return Several(called, (called, name))


def _part_of(part: Count, whole: Count) -> Several:
    return Several(f"{plain(part)} of {plain(whole)}", (plain(part), plain(whole)))


# -- columns


def _case_column() -> FigureColumn:
    return FigureColumn("Case", numeric=False, whole=True)


def _protocol_column() -> FigureColumn:
    return FigureColumn("Partnership", numeric=False, taken_apart=_PROTOCOL)


def _place_column(heading: str) -> FigureColumn:
    return FigureColumn(heading, numeric=False, taken_apart=_PLACE)


def _texts(*headings: str) -> tuple[FigureColumn, ...]:
    return tuple(FigureColumn(heading, numeric=False) for heading in headings)


# -- tables of counts


def _summary(report: Report) -> FigureTable:
    total, stages, actions = report.total, report.stages.total, report.actions.total
    median = report.time_taken_total.working_days.median
    rows: tuple[Row, ...] = (
        ("Open at the start", plain(report.open_at_start)),
        ("Opened", plain(total.opened)),
        ("Closed before and taken up again", plain(report.taken_up_again)),
        ("Reopened", plain(report.reopened)),
        ("Resolved", plain(total.resolved)),
        ("Withdrawn", plain(total.withdrawn)),
        ("Open at the end", plain(total.open)),
        ("Cases in all", plain(total.all)),
        ("Void: opened by mistake", plain(report.void)),
        *([("Taken over from a log", plain(report.taken_over))] if report.taken_over != 0 else []),
        ("Limits of stages met in time", _part_of(stages.in_time, stages.due).shown),
        ("Other actions met in time", _part_of(actions.in_time, actions.due).shown),
        ("Deadlines open and overdue at the end", plain(report.overdue_count)),
        ("Time to resolution, median", "-" if median is None else _working_days(median)),
    )
    return FigureTable((*_texts("Figure"), FigureColumn("Number")), rows)


def _outcome(total: Cases) -> FigureTable:
    stood = (("Resolved", total.resolved), ("Withdrawn", total.withdrawn), ("Still open", total.open))
    rows: tuple[Row, ...] = tuple((name, plain(count), _share(count, total.all)) for name, count in stood)
    columns = (*_texts("Outcome"), FigureColumn("Cases"), FigureColumn("Share"))
    return FigureTable(columns, rows if total.all != 0 else (), ("All", plain(total.all), _share(total.all, total.all)))


def _share(part: Count, whole: Count) -> Share | None:
    """What part that is; nothing where one of them is hidden, or there is no whole."""
    return Share(part / whole) if isinstance(part, int) and isinstance(whole, int) and whole else None


def _resolved_at(report: Report) -> FigureTable:
    columns = (_place_column("Stage"), FigureColumn("Resolved"), FigureColumn("Share"))
    total = report.total.resolved
    rows: tuple[Row, ...] = tuple(
        (_place(report, each.place), plain(each.cases.resolved), _share(each.cases.resolved, total))
        for each in report.by_stage
        if each.cases.resolved != 0
    )
    return FigureTable(
        columns, rows, (_place(report, EVERYWHERE), plain(total), _share(total, total)) if rows else None
    )


def side_by_side(report: Report) -> list[tuple[str, Headline]]:
    """The year before, the quarters and the year itself, in this order, and what each is called."""
    if not report.beside:
        return []
    *quarters, year_before = report.beside
    periods = [year_before, *quarters, report.headline]
    return [(f"{each.period.name}{' so far' if each.running else ''}", each) for each in periods]


def _beside(report: Report) -> FigureTable:
    periods = [headline for _, headline in side_by_side(report)]
    figures: list[tuple[str, Callable[[Headline], Value]]] = [
        ("Open at the start", lambda each: plain(each.open_at_start)),
        ("Opened", lambda each: plain(each.total.opened)),
        ("Reopened", lambda each: plain(each.reopened)),
        ("Resolved", lambda each: plain(each.total.resolved)),
        ("Withdrawn", lambda each: plain(each.total.withdrawn)),
        ("Open at the end", lambda each: plain(each.total.open)),
        ("Cases in all", lambda each: plain(each.total.all)),
        ("Limits of stages that fell due", lambda each: plain(each.stages.due)),
        ("Of these met in time", lambda each: plain(each.stages.in_time)),
        ("Share met in time", lambda each: _share(each.stages.in_time, each.stages.due)),
        ("Other actions that fell due", lambda each: plain(each.actions.due)),
        ("Of these met in time", lambda each: plain(each.actions.in_time)),
        ("Share met in time", lambda each: _share(each.actions.in_time, each.actions.due)),
        ("Working days to resolution, median", lambda each: each.working_days.median),
    ]
    columns = (*_texts("Figure"), *(FigureColumn(name) for name, _ in side_by_side(report)))
    return FigureTable(columns, tuple((name, *map(figure, periods)) for name, figure in figures))


def _working_days(median: float) -> str:
    """`2.5 working days`."""
    return f"{median:g} working day{'' if median == 1 else 's'}"


def _by_place(heading: str, report: Report, lines: Sequence[ByPlace]) -> FigureTable:
    rows = tuple((_place(report, each.place), *plain_counts(each.cases).values()) for each in lines)
    return _with_total(_place_column(heading), rows, _place(report, EVERYWHERE), report.total)


def _by_agencies(report: Report) -> FigureTable:
    column = FigureColumn("From and to", numeric=False, taken_apart=("Raising agency", "Receiving agency"))
    rows = tuple(
        (Several(" to ".join(each.names), each.names), *plain_counts(each.cases).values())
        for each in report.by_agencies
    )
    return _with_total(column, rows, Several("All", ("All", "")), report.total)


def _with_total(column: FigureColumn, rows: tuple[Row, ...], everything: Value, total: Cases) -> FigureTable:
    """A table of cases, each of which stands in one row."""
    return FigureTable((column, *_CASES), rows, (everything, *plain_counts(total).values()) if rows else None)


def _by_name(heading: str, lines: Sequence[ByName]) -> FigureTable:
    """A table in which a case may stand in several rows, or in one."""
    rows = tuple((each.names[0], *plain_counts(each.cases).values()) for each in lines)
    return FigureTable((*_texts(heading), *_CASES), rows)


def _by_agency(heading: str, report: Report, lines: Sequence[ByName]) -> FigureTable:
    table = _by_name(heading, lines)
    return _with_total(table.columns[0], tuple(table.rows), "All", report.total)


def _by_level(report: Report) -> FigureTable:
    table = _by_name("Level of need", report.by_level)
    return _with_total(table.columns[0], tuple(table.rows), "All", report.total)


def _none_raised(report: Report) -> FigureTable:
    return FigureTable(_texts("Agency"), tuple((name,) for name in report.none_raised))


def _timetable(heading: str, report: Report, table: Timetable) -> FigureTable:
    columns = (
        _place_column(heading),
        FigureColumn("Met in time", taken_apart=("Met in time", "Fell due")),
        FigureColumn("Met late"),
        FigureColumn("Not met"),
        FigureColumn("Of these missed"),
        *([FigureColumn("Of all from a log")] if _has_taken_over(report) else []),
        FigureColumn("How late, median"),
        FigureColumn("How late, most"),
    )
    rows = tuple(_timeliness(report, each) for each in table.lines)
    return FigureTable(columns, rows, _timeliness(report, table.total) if rows else None)


def _timeliness(report: Report, each: Timeliness) -> Row:
    counts: tuple[Value, ...] = (
        _part_of(each.in_time, each.due),
        plain(each.late),
        plain(each.not_met),
        plain(each.missed),
    )
    if _has_taken_over(report):
        counts = (*counts, plain(each.taken_over))
    most = [spread.most for spread in each.late_by if spread.most]
    return (_place(report, each.place), *counts, _in_units([spread.median for spread in each.late_by]), _in_units(most))


def _has_taken_over(report: Report) -> bool:
    """Whether anything that fell due came from a log."""
    return report.stages.total.taken_over != 0 or report.actions.total.taken_over != 0


def _in_units(late: Sequence[Lateness]) -> str | None:
    """`3 days; 2 working days`: how late in each unit; None for nothing."""
    return "; ".join(map(str, late)) or None


def _undated(report: Report) -> FigureTable:
    columns = (_place_column("Action"), *map(FigureColumn, ("In all", "Done", "Still to do", "Undecided")))
    return FigureTable(
        columns, tuple((_place(report, each.place), *plain_counts(each).values()) for each in report.undated)
    )


def _ended(report: Report) -> FigureTable:
    columns = (_place_column("Stage or action"), *map(FigureColumn, ("In all", "Missed", "Ceased", "Not known")))
    return FigureTable(
        columns, tuple((_place(report, each.place), *plain_counts(each).values()) for each in report.ended)
    )


def _time_taken(report: Report) -> FigureTable:
    columns = (
        _protocol_column(),
        FigureColumn("Resolved"),
        *(
            FigureColumn(f"{unit}, {which}")
            for unit in ("Working days", "Days")
            for which in ("median", "least", "most")
        ),
    )
    rows = tuple(_taken(report, each) for each in report.time_taken)
    return FigureTable(columns, rows, _taken(report, report.time_taken_total) if rows else None)


def _taken(report: Report, each: TimeTaken) -> Row:
    working_days, days = ((spread.median, spread.least, spread.most) for spread in (each.working_days, each.days))
    return (_protocol(report, each.place.protocol), plain(each.resolved), *working_days, *days)


# -- tables of single cases


def _overdue(report: Report) -> FigureTable:
    if report.overdue is None:
        number: Row = ("Deadlines", plain(report.overdue_count))
        return FigureTable((*_texts("Figure"), FigureColumn("Number")), (number,))
    columns = (
        _case_column(),
        _place_column("What is due"),
        *_texts("By"),
        FigureColumn("Was due", numeric=False, taken_apart=("Was due", "Limit of", "Not answered")),
        FigureColumn("How late", taken_apart=("Late by", "Counted in")),
    )
    rows = Rows(
        report.overdue,
        lambda each: [
            (each.case, _place(report, each.place), each.owner, _was_due(report, each), _how_late(each.late))
        ],
    )
    return FigureTable(columns, rows)


def _how_late(late: Lateness | None) -> Value:
    """`2 working days`, and apart 2 and `working day`."""
    return Several(str(late), (late.figure, f"{late.unit}s")) if late else Several("-", (None, None))


def _was_due(report: Report, each: Overdue) -> Several:
    """`Thu 19 Nov 2026 16:00`, with whose limit that was further up, and which questions it hangs on."""
    at, further_up = in_full(each.due_at), each.past_limit_of or ""
    questions = " ".join(report.names.question(each.place.protocol, key) for key in each.unanswered)
    notes = [f"limit of {further_up}" if further_up else "", f"not answered: {questions}" if questions else ""]
    shown = ", ".join(note for note in notes if note)
    return Several(f"{at} ({shown})" if shown else at, (each.due_at, further_up, questions))


def _open_cases(report: Report, cases: Sequence[OpenCase]) -> FigureTable:
    columns = (_case_column(), _protocol_column(), *_texts("Stage", "Entered", "Limit", "Left", "How it stands"))
    return FigureTable(columns, Rows(cases, lambda case: (_stay(report, case, stay) for stay in case.stays)))


def _stay(report: Report, case: OpenCase, stay: LadderStay) -> Row:
    return (
        case.case,
        _protocol(report, case.protocol),
        f"{stay.stage}  {stay.stage_name}",
        stay.entered_at,
        stay.due_at or "no date",
        stay.left_at or "still there",
        how_it_stands(report, stay),
    )
