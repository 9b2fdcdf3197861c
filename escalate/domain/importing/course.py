"""The course of a case, as a row tells it: when it was raised, the stage it came to, and how and when it ended."""

from dataclasses import dataclass
from datetime import datetime

from escalate.domain.importing.cells import Cells
from escalate.domain.importing.headings import folded
from escalate.domain.importing.values import DateCell, same_day, stage_meant, status_meant
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.errors import listed

NO_CONCERN = "no date of the concern: limits that count from it count from when it was raised"
NO_DAY = "a day without a time: it begins with the day where it starts a limit, and lasts until its end where it closes a case"
STAYS_OPEN = (
    "an outcome and no date resolved: it stays open, with the outcome as a note (--close-undated resolves it today)"
)
CLOSED_TODAY = "it has ended, the log does not say when: taken as today"


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
    entered_at: datetime | None
    """When it reached that stage."""
    status: str
    """`open`, `resolved` or `withdrawn`."""
    ended_at: datetime | None
    """When it was resolved or withdrawn."""


def read_course(
    cells: Cells, protocol: Protocol, raised: DateCell, now: datetime, *, has_outcome: bool, close_undated: bool
) -> Course:
    """The course of a case. Adds what is wrong to the problems of the row, and what people should know to its remarks.

    `has_outcome` says that the row tells how it was resolved; `close_undated` takes today for an end that has no date.
    """
    concern, entered, ended = cells.date("concern-date"), cells.date("stage-entered"), cells.date("resolved")
    if raised.day_alone or (ended and ended.day_alone):
        cells.remarks.append(NO_DAY)
    raised_at, concern_at, entered_at = _in_order(raised, concern, entered)
    for field, at in (
        ("raised", raised_at),
        ("concern-date", concern_at),
        ("stage-entered", entered and entered.first),
    ):
        if at and at > now:
            cells.problems.append(f"{cells.where(field)} is a day that has not come yet")
    if concern_at and concern_at > raised_at:
        cells.problems.append(f"{cells.where('concern-date')} is later than {cells.where('raised')}")
    route, stage = _stage(cells, protocol)
    if concern is None and protocol.ladders.counts_from_concern(route):
        cells.remarks.append(NO_CONCERN)
    status, ended_at = _status_and_end(cells, ended, now, has_outcome=has_outcome, close_undated=close_undated)
    return Course(raised_at, concern_at, route, stage, entered_at, status, ended_at)


def _in_order(
    raised: DateCell, concern: DateCell | None, entered: DateCell | None
) -> tuple[datetime, datetime | None, datetime | None]:
    """When a case was raised, its concern arose, and it reached its stage; of a day alone, not before what came first on that day."""
    raised_at, concern_at = raised.first, concern.first if concern else None
    if concern_at and raised.day_alone and same_day(concern_at, raised_at):
        raised_at = max(raised_at, concern_at)
    entered_at = entered.first if entered else None
    if entered and entered_at and entered.day_alone and same_day(entered_at, raised_at):
        entered_at = max(entered_at, raised_at)
    return raised_at, concern_at, entered_at


def _stage(cells: Cells, protocol: Protocol) -> tuple[str, Stage | None]:
    """The route and the stage the row names: the first route, and no stage, where it names none, or one that is not there."""
    said = cells.text("route")
    named = [each for each in protocol.routes if said and folded(said) in (folded(each.key), folded(each.name))]
    if said and not named:
        keys = listed([each.key for each in protocol.routes], "and")
        cells.problems.append(f"{cells.where('route')} names no route of {protocol.id}: there is {keys}")
    route = (named or protocol.routes)[0].key
    stage_said = cells.text("stage")
    stage = stage_meant(protocol, route, stage_said) if stage_said else None
    if stage_said and stage is None:
        keys = listed([each.key for each in protocol.ladder(route)], "and")
        cells.problems.append(f"{cells.where('stage')} names no stage of {protocol.id}: there is {keys}")
    return stage.route if stage else route, stage


def _status_and_end(
    cells: Cells, ended: DateCell | None, now: datetime, *, has_outcome: bool, close_undated: bool
) -> tuple[str, datetime | None]:
    """The status of the case, and when it ended."""
    status = status_meant(cells.text("status"))
    if cells.text("status") and not status:
        cells.problems.append(f"{cells.where('status')} is not a status: say open, resolved or withdrawn")
    if ended:
        if status == "open":
            cells.problems.append(
                f"{cells.where('status')} says open, and {cells.where('resolved')} when it was resolved"
            )
        if ended.first > now:
            cells.problems.append(f"{cells.where('resolved')} is a day that has not come yet")
        return status or "resolved", min(ended.last, now)
    is_over = status in ("resolved", "withdrawn") or (has_outcome and not status)
    if is_over and close_undated:
        cells.remarks.append(CLOSED_TODAY)
        return status or "resolved", now
    if is_over and status:
        cells.problems.append(
            f"{cells.where('status')} says {status} and no column when: fill that in, or take today with --close-undated"
        )
    elif is_over:
        cells.remarks.append(STAYS_OPEN)
    return "open", None
