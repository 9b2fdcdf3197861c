"""The morning digest: what has to be acted on now, and what changed since the one before."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from escalate.domain.calendar import Calendar
from escalate.domain.casefile import Changed, case_line, due_lines
from escalate.domain.lines import CaseLine, DueLine
from escalate.domain.london import end_of_day, london_date
from escalate.domain.standing import Judged, Standing, judged


@dataclass(frozen=True, slots=True)
class Digest:
    """What one reader is told at `at`. Every deadline stands in one list only, the most urgent first.

    `head` stands for all that was recorded by then: a digest that is kept elsewhere shows later whether anything of it was changed.
    `due_soon` is what is due by the close of the next working day, `close`; `at_risk` is what else has to be acted on by
    then. `newly_overdue` ran out, `met` was done and `resolved` was closed after `since`.
    """

    at: datetime
    since: datetime
    close: date
    safety: tuple[Judged, ...]
    overdue: tuple[Judged, ...]
    due_soon: tuple[Judged, ...]
    at_risk: tuple[Judged, ...]
    undated: tuple[Judged, ...]
    newly_overdue: tuple[Judged, ...]
    met: tuple[DueLine, ...]
    resolved: tuple[CaseLine, ...]
    others: int
    head: str
    new: frozenset[tuple[str, int, str, str, int]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        to_do = (self.safety, self.overdue, self.due_soon, self.at_risk, self.undated)
        return not any((*to_do, self.newly_overdue, self.met, self.resolved))

    def is_new(self, line: Judged) -> bool:
        """Whether an overdue line ran out since the last digest."""
        return (line.case.ref, *_key(line)) in self.new


def digest(
    lines: Iterable[DueLine],
    changes: Sequence[Changed],
    calendars: Mapping[str, Calendar],
    horizons: Mapping[str, datetime],
    at: datetime,
    since: datetime,
    wanted: Callable[[DueLine], bool],
    head: str,
) -> Digest:
    """What has to be acted on at `at`, of the lines `wanted`, and what changed after `since`.

    `changes` are the cases with entries recorded since; in the others only time can have made something overdue.
    """
    closes = {name: end_of_day(calendar.add_working_days(london_date(at), 1)) for name, calendar in calendars.items()}
    told: dict[str, list[Judged]] = {name: [] for name in ("safety", "overdue", "due_soon", "at_risk", "undated", "")}
    for line in judged((line for line in lines if wanted(line)), horizons, at):
        told[_list_of(line, closes[line.case.calendar])].append(line)
    others = told.pop("")
    known_before = {change.after.case.ref: _standings(change, since) for change in changes}
    newly = [line for line in told["overdue"] if _is_new(line, since, known_before)]
    return Digest(
        at=at,
        since=since,
        close=max((london_date(close) for close in closes.values()), default=london_date(at)),
        newly_overdue=tuple(newly),
        new=frozenset((line.case.ref, *_key(line)) for line in newly),
        met=tuple(line for change in changes for line in _met(change) if wanted(line)),
        resolved=tuple(_resolved(changes, wanted)),
        others=len(others),
        head=head,
        **{name: tuple(found) for name, found in told.items()},
    )


def _list_of(line: Judged, close: datetime) -> str:
    """The one list a line stands in; none for what is on track or waiting."""
    if line.deadline.comes_first:
        return "safety"
    if line.shown_under is Standing.OVERDUE:
        return "overdue"
    if line.standing is Standing.LAPSED:
        return ""
    ends = [moment for moment in (line.deadline.due_at, line.deadline.ahead_at) if moment]
    if ends and min(ends) <= close:
        return "due_soon"
    return {Standing.AT_RISK: "at_risk", Standing.UNDATED: "undated"}.get(line.shown_under, "")


Key = tuple[int, str, str, int]


def _key(line: DueLine | Judged) -> Key:
    deadline = line.deadline
    return deadline.visit, deadline.stage, deadline.action, deadline.occurrence


def _standings(change: Changed, since: datetime) -> dict[Key, bool]:
    """Of a case that changed: which deadlines it had when the last digest was made, and whether they were overdue then."""
    lines = due_lines(change.before) if change.before else []
    return {_key(line): _ran_out(line) <= since for line in lines if line.deadline.met_at is None}


_NEVER = datetime.max.replace(tzinfo=UTC)


def _ran_out(line: DueLine | Judged) -> datetime:
    """When a deadline, or the limit further up that ends sooner, is over."""
    ends = [moment for moment in (line.deadline.due_at, line.deadline.ahead_at) if moment]
    return min(ends, default=_NEVER)


def _is_new(line: Judged, since: datetime, known_before: Mapping[str, Mapping[Key, bool]]) -> bool:
    if line.case.ref in known_before:
        return not known_before[line.case.ref].get(_key(line), False)
    return _ran_out(line) > since


def _met(change: Changed) -> Iterator[DueLine]:
    """What was met by what was recorded since;"""
    before = {_key(line) for line in due_lines(change.before) if line.deadline.met_at} if change.before else set()
    for line in due_lines(change.after):
        if line.deadline.met_at is not None and _key(line) not in before:
            yield line


def _resolved(changes: Sequence[Changed], wanted: Callable[[DueLine], bool]) -> Iterator[CaseLine]:
    for change in changes:
        was = change.before.case.status if change.before else "open"
        if change.after.case.status == "resolved" != was and any(wanted(line) for line in due_lines(change.after)):
            yield case_line(change.after)
