"""The morning digest: what has to be acted on now, and what changed since the one before."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from escalate.domain.deadlines.case_file import Changed, due_lines
from escalate.domain.deadlines.model import CaseLine, Deadline, DeadlineKey, DeadlinePlace, DueLine
from escalate.domain.deadlines.standing import Judged, Standing, judge, urgency
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import NEVER, end_of_day, london_date


class Told:
    """Deadlines in their order. Of each only its place is held, as there may be very many; they are read whenever they are wanted."""

    def __init__(
        self, places: Sequence[DeadlinePlace], read: Callable[[Sequence[DeadlinePlace]], Iterable[Judged]]
    ) -> None:
        self._places = places
        self._read = read

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Judged]:
        return iter(self._read(self._places))


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell of a case that had entries since: what was met, and whether it was resolved, with its deadlines if so.

    `overdue` are the deadlines that were so already.
    """

    case: str
    overdue: frozenset[DeadlineKey]
    met: tuple[DueLine, ...]
    resolved: tuple[DueLine, ...]


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
    safety: Told
    overdue: Told
    due_soon: Told
    at_risk: Told
    undated: Told
    newly_overdue: Told
    met: tuple[DueLine, ...]
    resolved: tuple[CaseLine, ...]
    others: int
    head: str
    new: frozenset[DeadlinePlace]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        to_do = (self.safety, self.overdue, self.due_soon, self.at_risk, self.undated)
        return not any((*to_do, self.newly_overdue, self.met, self.resolved))

    def is_new(self, line: Judged) -> bool:
        """Whether an overdue line ran out since the last digest."""
        return (line.case.ref, line.deadline.key) in self.new


def digest(
    lines: Iterable[DueLine],
    again: Callable[[Sequence[DeadlinePlace]], Iterable[DueLine]],
    changes: Sequence[News],
    calendars: Mapping[str, Calendar],
    horizons: Mapping[str, datetime],
    at: datetime,
    since: datetime,
    wanted: Callable[[DueLine], bool],
    head: str,
) -> Digest:
    """What has to be acted on at `at`, of the lines `wanted`, and what changed after `since`.

    `changes` are the cases with entries recorded since; in the others only time can have made something overdue. `again` gives
    the lines at some places once more, in the order of these.
    """
    closes = {name: end_of_day(calendar.add_working_days(london_date(at), 1)) for name, calendar in calendars.items()}
    known_before = {change.case: change.overdue for change in changes}
    found: dict[str, list[tuple[Urgency, DeadlinePlace]]] = {name: [] for name in _LISTS}
    new: set[DeadlinePlace] = set()
    once: dict[object, Any] = {}  # of what is the same again and again, the first is held
    others = 0
    for line in (judge(line, horizons, at) for line in lines if wanted(line)):
        name = _list_of(line, closes[line.case.calendar])
        if not name:
            others += 1
            continue
        ref, key = line.case.ref, line.deadline.key
        place = once.setdefault(ref, ref), once.setdefault(key, key)
        urgent = urgency(line)
        found[name].append((once.setdefault(urgent, urgent), place))
        if name == "overdue" and _is_new(line, since, known_before):
            new.add(place)

    def read(places: Sequence[DeadlinePlace]) -> Iterator[Judged]:
        return (judge(line, horizons, at) for line in again(places))

    places = {name: _in_order(found.pop(name)) for name in _LISTS}
    return Digest(
        at=at,
        since=since,
        close=max((london_date(close) for close in closes.values()), default=london_date(at)),
        newly_overdue=Told([place for place in places["overdue"] if place in new], read),
        new=frozenset(new),
        met=tuple(line for change in changes for line in change.met if wanted(line)),
        resolved=tuple(change.resolved[0].case for change in changes if any(map(wanted, change.resolved))),
        others=others,
        head=head,
        **{name: Told(several, read) for name, several in places.items()},
    )


_LISTS = ("safety", "overdue", "due_soon", "at_risk", "undated")
Urgency = tuple[bool, int, bool, datetime, datetime]


def _in_order(found: list[tuple[Urgency, DeadlinePlace]]) -> list[DeadlinePlace]:
    """The places of what is most urgent first; what is as urgent as another stays where it was."""
    found.sort(key=lambda each: each[0])
    return [place for _, place in found]


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


def _ran_out(line: DueLine | Judged) -> datetime:
    """When a deadline, or the limit further up that ends sooner, is over."""
    ends = [moment for moment in (line.deadline.due_at, line.deadline.ahead_at) if moment]
    return min(ends, default=NEVER)


def _is_new(line: Judged, since: datetime, known_before: Mapping[str, frozenset[DeadlineKey]]) -> bool:
    if line.case.ref in known_before:
        return line.deadline.key not in known_before[line.case.ref]
    return _ran_out(line) > since


class Gathering:
    """What there is to tell of changes since the last digest, without the case files: what they have alike is held once."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._once: dict[object, Any] = {}

    def news(self, change: Changed) -> News:
        """What there is to tell of a change."""
        before = due_lines(change.before) if change.before else []
        after = due_lines(change.after)
        overdue = [line for line in before if line.deadline.met_at is None and _ran_out(line) <= self._since]
        met_before = {line.deadline.key for line in before if line.deadline.met_at}
        met = [line for line in after if line.deadline.met_at is not None and line.deadline.key not in met_before]
        was = change.before.case.status if change.before else "open"
        resolved = after if change.after.case.status == "resolved" != was else []
        return News(
            case=self._held(change.after.case.ref),
            overdue=frozenset(line.deadline.key for line in overdue) if overdue else _NONE,
            met=tuple(map(self._lean, met)),
            resolved=tuple(map(self._lean, resolved)),
        )

    def _lean(self, line: DueLine) -> DueLine:
        """A line without how it was counted."""
        case = CaseLine(*map(self._held, line.case))
        deadline = Deadline(*map(self._held, line.deadline._replace(limits=())))
        return DueLine(case, deadline, line.holders)

    def _held(self, value: Any) -> Any:
        """A value, or the first that was the same."""
        return self._once.setdefault(value, value) if isinstance(value, str | datetime | tuple) else value


_NONE: frozenset[DeadlineKey] = frozenset()
