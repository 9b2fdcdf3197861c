"""The course of a case, as a row tells it: when it was raised, the stages it came to, and how and when it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from escalate.domain.importing.cells import Cells
from escalate.domain.importing.dates import is_made_by_excel
from escalate.domain.importing.headings import ENTERED, folded
from escalate.domain.importing.stages import says_ended, stage_meant
from escalate.domain.importing.values import YES_OR_NO, DateCell, same_day, status_meant
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.domain.worktime.clock import london_date
from escalate.errors import listed

NO_CONCERN = "no date of the concern: limits that count from it count from when it was raised"
NO_DAY = "a day without a time: it begins with the day where it starts a limit, and lasts until its end where it closes a case"
STAYS_OPEN = "an outcome and no date resolved: it stays open, with the outcome as a note (--close-undated closes it, on a day not known)"
DAY_NOT_KNOWN = "it has ended, the log does not say when: closed, day not known"
NO_STAGE = "does not name the stage: taken to be at the first"
NO_STATUS = "does not say whether it is open: taken as its dates say"
EARLIEST = date(1990, 1, 1)
"""Nothing that is tracked here was raised before: a spreadsheet makes such dates of an empty or a small number."""


class Visit(NamedTuple):
    """A stage that a case came to."""

    stage: Stage
    """The stage."""
    at: datetime
    """When it reached it."""
    field: str
    """The field of the cell that says so."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a row says of the course of its case. Times are instants; of a day alone, its first second, or its last where it ends the case."""

    raised_at: datetime
    """When it was raised."""
    concern_at: datetime | None
    """When the concern arose."""
    route: str
    """The key of the route; the protocol's first where the row names none."""
    stage: Stage | None
    """The stage it is at or ended at; None where the row names none."""
    visits: tuple[Visit, ...]
    """The stages it came to, with their dates, in order: those that the row dates."""
    status: str
    """`open`, `resolved` or `withdrawn`."""
    ended_at: datetime | None
    """When it was resolved or withdrawn; None where it is open, or the log does not say when."""
    unsure_hours: int
    """How many hours the ends of a time may be off, as the row gives days alone."""


def raised_in(cells: Cells, *, has_column: bool) -> DateCell | None:
    """When a row was raised; in a log without a column for that, when its first stage was reached. Notes what is wrong as a problem."""
    if has_column:
        return cells.date("raised")
    found = [(cell.first, cell) for name in cells.fields(ENTERED) if (cell := cells.date(name))]
    return min(found, key=lambda each: each[0])[1] if found else None


def read_course(
    cells: Cells, protocol: Protocol, raised: DateCell, now: datetime, *, has_outcome: bool, close_undated: bool
) -> Course:
    """The course of a case. Adds what is wrong to the problems of the row, and what people should know to its remarks.

    `has_outcome` says that the row tells how it was resolved; `close_undated` closes on a day not known what has an outcome and no date.
    """
    goes_on = status_meant(cells.line("resolved")).status == "open"
    concern, ended = cells.date("concern-date"), None if goes_on else cells.date("resolved")
    if raised.day_alone or (ended and ended.day_alone):
        cells.remarks.append(NO_DAY)
    raised_at, concern_at = _in_order(raised, concern)
    for field, at in (("raised", raised_at), ("concern-date", concern_at)):
        if at and at > now:
            cells.problems.append(f"{cells.where(field)} is in the future")
        elif at and london_date(at) < EARLIEST:
            cells.problems.append(f"{cells.where(field)} is a day before {EARLIEST.year}: check it in the sheet")
    if concern_at and concern_at > raised_at:
        cells.problems.append(f"{cells.where('concern-date')} is later than {cells.where('raised')}")
    route, stage = _stage(cells, protocol)
    visits = _visits(cells, protocol, route, stage, raised_at, now)
    if concern is None and protocol.ladders.counts_from_concern(route):
        cells.remarks.append(NO_CONCERN)
    status, ended_at = _status_and_end(
        cells, ended, now, goes_on=goes_on, has_outcome=has_outcome, close_undated=close_undated
    )
    if status == "open" and stage and not cells.text("status"):
        _check_goes_on(cells, protocol, route)
    if ended_at and ended_at < (visits[-1].at if visits else raised_at):
        before = "the last stage that is dated" if visits else "the case was raised"
        cells.problems.append(f"{cells.where('resolved')} is before {before}")
    unsure = 24 * (raised.day_alone + bool(ended and ended.day_alone))
    return Course(
        raised_at, concern_at, route, stage or (visits[-1].stage if visits else None), visits, status, ended_at, unsure
    )


def _in_order(raised: DateCell, concern: DateCell | None) -> tuple[datetime, datetime | None]:
    """When a case was raised and its concern arose; of a day alone, not before what came first on that day."""
    raised_at, concern_at = raised.first, concern.first if concern else None
    if concern_at and raised.day_alone and same_day(concern_at, raised_at):
        raised_at = max(raised_at, concern_at)
    return raised_at, concern_at


# -- the stages -----------------------------------------------------------------------------------------------------------


def _stage(cells: Cells, protocol: Protocol) -> tuple[str, Stage | None]:
    """The route and the stage the row names: the first route, and no stage, where it names none, or one that is not there."""
    said = cells.text("route")
    named = [each for each in protocol.routes if said and folded(said) in (folded(each.key), folded(each.name))]
    if said and not named:
        keys = listed([each.key for each in protocol.routes], "and")
        cells.problems.append(f"{cells.where('route')} names no route of {protocol.id}, which has {keys}")
    route = (named or protocol.routes)[0].key
    stage_said = cells.text("stage")
    if not stage_said:
        cells.remarks += [f'"{column.label}" {NO_STAGE}' for column in cells.blank if column.field == "stage"]
        return route, None
    column = cells.of("stage")[0][0]
    choices = {stage.key: stage.name for stage in protocol.ladder(route)}
    if column.number not in cells.explained and (cells.is_date(column) or is_made_by_excel(stage_said)):
        cells.ask("stage", choices)
        return route, None  # as is said of every short cell that is a date
    meant = stage_meant(protocol, route, stage_said)
    if meant.why_not:
        cells.problems.append(f"{cells.where('stage')} {meant.why_not}")
        cells.ask("stage", choices, meant.perhaps.key if meant.perhaps else "")
    return meant.stage.route if meant.stage else route, meant.stage


def _check_goes_on(cells: Cells, protocol: Protocol, route: str) -> None:
    """Note as a problem that the cell of the stage says a case has ended, where no other does: it would be opened as one that goes on."""
    column, said = cells.of("stage")[0] if cells.of("stage") else (None, "")
    if column and column.number not in cells.explained and says_ended(said):
        cells.problems.append(
            f"{cells.where('stage')} says that it has ended, and no other cell does: give it a status, or say the stage alone"
        )
        meant = stage_meant(protocol, route, said).stage
        cells.ask("stage", {stage.key: stage.name for stage in protocol.ladder(route)}, meant.key if meant else "")


def _visits(
    cells: Cells, protocol: Protocol, route: str, stage: Stage | None, raised_at: datetime, now: datetime
) -> tuple[Visit, ...]:
    """The stages that the row dates, in order, not before it was raised; what cannot be is noted as a problem."""
    fields, entered = cells.fields(ENTERED), cells.date("stage-entered")
    if not fields and not entered:
        return ()
    ladder = protocol.ladder(route)
    found: list[tuple[Stage, DateCell, str]] = []
    for field in fields:
        dated = protocol.find(route, field.removeprefix(ENTERED))
        if dated is None:
            keys = listed([each.key for each in ladder], "and")
            cells.problems.append(f"{cells.where(field)} dates a stage that {protocol.id} does not have; it has {keys}")
        elif cell := cells.date(field):
            found.append((dated, cell, field))
    if entered and not stage and not cells.text("stage"):
        cells.problems.append(f"{cells.where('stage-entered')} says when a stage was reached, and no cell which")
    if entered and stage:
        same = [cell for each, cell, _ in found if each == stage]
        if same and not same_day(same[0].first, entered.first):
            cells.problems.append(
                f"{cells.where('stage-entered')} is not the day that another column dates the same stage"
            )
        if not same:
            found.append((stage, entered, "stage-entered"))
    found.sort(key=lambda each: (london_date(each[1].first), _place(ladder, each[0])))
    visits: list[Visit] = []
    for dated, cell, field in found:
        before = visits[-1].at if visits else raised_at
        at = max(before, cell.first) if cell.day_alone and same_day(cell.first, before) else cell.first
        if at > now:
            cells.problems.append(f"{cells.where(field)} is in the future")
        elif at < before:
            cells.problems.append(
                f"{cells.where(field)} is before {'the case was raised' if not visits else 'the stage before it'}"
            )
        visits.append(Visit(dated, at, field))
    _check_last(cells, stage, visits, ladder)
    return tuple(visits)


def _place(ladder: Sequence[Stage], stage: Stage) -> int:
    return ladder.index(stage) if stage in ladder else len(ladder)


def _check_last(cells: Cells, stage: Stage | None, visits: Sequence[Visit], ladder: Sequence[Stage]) -> None:
    """Note as a problem what the row says of the stage and what it dates, where these cannot both be."""
    places = [_place(ladder, each.stage) for each in visits]
    if places != sorted(places):
        cells.problems.append(f"{cells.where(visits[-1].field)} is a lower stage than one that is dated before it")
    elif stage and visits and visits[-1].stage != stage:
        last = cells.where(visits[-1].field)
        cells.problems.append(
            f"{cells.where('stage')} names stage {stage.key}, and the last that is dated is {visits[-1].stage.key} in {last}"
        )


# -- the end --------------------------------------------------------------------------------------------------------------


def _status_and_end(
    cells: Cells, ended: DateCell | None, now: datetime, *, goes_on: bool, has_outcome: bool, close_undated: bool
) -> tuple[str, datetime | None]:
    """The status of the case, and when it ended; `goes_on` where a word stands for the day that says it has not."""
    status = _status(cells)
    if goes_on and status not in ("", "open"):
        cells.problems.append(
            f"{cells.where('resolved')} says that it goes on, and {cells.where('status')} that it has ended"
        )
    status = status or ("open" if goes_on else "")
    if ended:
        if status == "open":
            cells.problems.append(
                f"{cells.where('status')} says open, and {cells.where('resolved')} when it was resolved"
            )
        if ended.first > now:
            cells.problems.append(f"{cells.where('resolved')} is in the future")
        return status or "resolved", min(ended.last, now)
    if status in ("resolved", "withdrawn") or (has_outcome and not status and close_undated):
        cells.remarks.append(DAY_NOT_KNOWN)
        return status or "resolved", None
    if has_outcome and not status:
        cells.remarks.append(STAYS_OPEN)
    return "open", None


_STATUSES = {
    "open": "it goes on",
    "resolved": "it has ended, whether by agreement or not",
    "withdrawn": "whoever raised it did not go on with it",
}


def _status(cells: Cells) -> str:
    """What the row says of the status; empty where it says nothing."""
    said = cells.text("status")
    meant = status_meant(said)
    if said and not meant.status:
        heading = next(column.label for column, _ in cells.of("status"))
        cells.problems.append(
            f"{cells.where('status')} is not a status: say open, resolved or withdrawn, or what its word means with"
            f' --value "{heading}: WORD=resolved"'
        )
        cells.ask("status", _STATUSES, "resolved" if cells.of("resolved") else "open")
    if meant.remark:
        cells.remarks.append(meant.remark)
    if not said:
        cells.remarks += [f'"{column.label}" {NO_STATUS}' for column in cells.blank if column.field == "status"]
    status = meant.status
    for field, yes, no in (("ended", "resolved", "open"), ("goes-on", "open", "resolved")):
        if found := _answered(cells, field, yes, no):
            if status and (status == "open") != (found == "open"):
                cells.problems.append(f"{cells.where(field)} and {cells.where('status')} do not agree")
            status = status or found
    return status


def _answered(cells: Cells, field: str, yes: str, no: str) -> str:
    """What a column of yes and no says of the status; empty where it says nothing."""
    said = cells.line(field)
    answer = YES_OR_NO.get(said.casefold()) if said else None
    if said and answer is None:
        cells.problems.append(f"{cells.where(field)} is neither yes nor no")
        cells.ask(field, {"yes": _STATUSES[yes], "no": _STATUSES[no]})
    return {"yes": yes, "no": no}.get(answer or "", "")
