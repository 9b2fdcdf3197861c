"""What is reported for a period: counts of cases, timeliness of deadlines, time to resolution, lessons.

Everything is counted from what had happened by the end of the period (or by now, while it still runs), at the times at
which it happened, however late it was recorded: a report for a past quarter comes out the same whenever it is run, unless
something of that time is recorded or corrected afterwards. What a case is about (agencies, themes, its concern and its
lessons) has no time of its own and is taken as it is recorded now. To have an old report again to the letter, give the
files as they were known then.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import TypeVar, cast

from escalate.domain.case import history
from escalate.domain.case.history import Entry
from escalate.domain.deadlines.case_file import CaseFile, case_file
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.worktime.allowance import Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.domain.worktime.counting import elapsed
from escalate.domain.worktime.periods import Period

DEFINITIONS: Mapping[str, str] = {
    "basis": "Limit is what had happened by the end of the period, at the time at which it happened, however late it was recorded."
    " What a case is about, its agencies and its lessons are taken as they are recorded now.",
    "cases": "A case belongs to the period if it was open at any time in it."
    " It is opened in the period in which it was raised, and open, resolved or withdrawn as it stood at the end;"
    " one that was resolved or withdrawn and taken up again before the end counts as open.",
    "balance": "Open at the start, opened and taken up again come to the same number as open at the end, resolved and withdrawn.",
    "stage": "The stage reached is the one a case was at when the period ended, or when it was closed.",
    "agencies": "The raising agency first, then the receiving one.",
    "theme": "A case may have several themes and counts once under each, so that the rows come to more than the number of cases.",
    "timeliness": "A deadline belongs to the period in which it fell due. Met in time is how many of those that fell due were met at or"
    " before their limit; late is how many were met after it, by the end of the period; not met is how many were not met by then, or"
    " had run out when the case was withdrawn. The limit of a stage is met by resolving the case or going up."
    " What has no date is not among them. A target that was missed is not late: only the limit counts.",
    "late": "How late is counted for what was met late, in working days after the day it was due; 0 is later on the same day, or before"
    " the next working day.",
    "undated": "What has no time limit and no agreed date, or waits for the moment its time counts from: done in the period, or still to do at its end.",
    "overdue": "Every deadline that had passed by the end of the period and was still to be met, whenever it fell due.",
    "resolution": "From the day a case was raised to the day it was resolved, for cases resolved in the period and not taken up again by its"
    " end; working days by the calendar of the case.",
    "lessons": "Of the cases that were resolved or withdrawn in the period.",
}
"""What each figure counts. Stands in every report beside the figures."""

Each = TypeVar("Each")
Same = TypeVar("Same", bound=Hashable)
NOT_RECORDED = "not recorded"
ANY_STAGE, AFTERWARDS = "at any stage", "after resolution"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What stands in the place of a count that is not published: `<5`, or `*` for one that would give another away."""

    text: str


Count = int | Hidden


@dataclass(frozen=True, slots=True)
class Cases:
    """How many cases belong to the period, and of these: raised in it, and how they stood at its end."""

    all: Count
    opened: Count
    open: Count
    resolved: Count
    withdrawn: Count


@dataclass(frozen=True, slots=True)
class Place:
    """A protocol, a stage of it, or an action at a stage: what is counted together. `route` only where there are several."""

    protocol: str
    route: str = ""
    stage: str = ""
    stage_name: str = ""
    action: str = ""
    action_name: str = ""


@dataclass(frozen=True, slots=True)
class ByPlace:
    """The cases of a protocol, or that reached a stage."""

    place: Place
    cases: Cases


@dataclass(frozen=True, slots=True)
class ByName:
    """The cases of a theme, or between two agencies: the raising and the receiving one."""

    names: tuple[str, ...]
    cases: Cases


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle, least and most of some figures; None where there are none, or where one would tell of a single case."""

    median: float | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Of the deadlines that fell due in the period: met in time, met late, not met; and how late, in working days."""

    place: Place
    due: Count
    in_time: Count
    late: Count
    not_met: Count
    how_late: Spread


@dataclass(frozen=True, slots=True)
class Timetable:
    """Timeliness line by line, and of all lines together."""

    lines: tuple[Timeliness, ...]
    total: Timeliness


@dataclass(frozen=True, slots=True)
class Undated:
    """What had no date: done in the period, and still to do at its end."""

    place: Place
    all: Count
    done: Count
    to_do: Count


@dataclass(frozen=True, slots=True)
class Overdue:
    """A deadline that had passed and was not met by the end, and how many working days it was over."""

    case: str
    place: Place
    owner: str
    due_at: datetime
    working_days: int


@dataclass(frozen=True, slots=True)
class TimeTaken:
    """How long resolved cases took, from the day they were raised: a line for each protocol, and for all."""

    place: Place
    resolved: Count
    working_days: Spread
    days: Spread


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned from a case."""

    case: str
    protocol: str
    text: str


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay at a stage, and its limit as far as it has one."""

    stage: str
    stage_name: str
    entered_at: datetime
    left_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that was open at the end, with the stages it has been at."""

    case: str
    protocol: str
    calendar: Calendar
    raised_at: datetime
    stays: tuple[Stay, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period. `until` is the last instant counted: the end of the period, or now while it is `running`.

    What lists single cases (`overdue`, `lessons`, `open_cases`) is None in a report for publication, whose counts from 1 up to
    below `suppressed_under` are hidden.
    """

    period: Period
    until: datetime
    running: bool
    known_at: datetime
    total: Cases
    open_at_start: Count
    taken_up_again: Count
    by_protocol: tuple[ByPlace, ...]
    by_stage: tuple[ByPlace, ...]
    by_agencies: tuple[ByName, ...]
    by_theme: tuple[ByName, ...]
    stages: Timetable
    actions: Timetable
    undated: tuple[Undated, ...]
    overdue_count: Count
    overdue: tuple[Overdue, ...] | None
    time_taken: tuple[TimeTaken, ...]
    time_taken_total: TimeTaken
    lessons: tuple[Lesson, ...] | None
    open_cases: tuple[OpenCase, ...] | None
    suppressed_under: int | None = None


def report(files: Iterable[CaseFile], period: Period, now: datetime) -> Report:
    """The figures of a period, from case files as they are known now, of which each is let go before the next. Raises BeyondCalendar."""
    until, running = min(period.ends, now), now <= period.ends
    order = _Order()
    every = [seen for file in files if (seen := _seen(file, period, until, running, order)) is not None]
    cases = [each for each in every if each.belongs]
    passed = [line for each in every for line in each.passed]
    overdue = [line for each in every for line in each.overdue]
    resolved = [each for each in cases if each.status == "resolved"]
    return Report(
        period=period,
        until=until,
        running=running,
        known_at=now,
        total=_cases(cases),
        open_at_start=sum(each.open_at_start for each in cases),
        taken_up_again=sum(not each.open_at_start and not each.opened for each in cases),
        by_protocol=_by_place(cases, lambda each: each.protocol, order),
        by_stage=_by_place(cases, lambda each: each.stage, order),
        by_agencies=_by_name(cases, lambda each: [each.agencies]),
        by_theme=_by_name(cases, lambda each: [(name,) for name in each.themes]),
        stages=_timetable([line for line in passed if line.ends_stage], order),
        actions=_timetable([line for line in passed if not line.ends_stage], order),
        undated=_undated([line for each in every for line in each.undated], order),
        overdue_count=len(overdue),
        overdue=tuple(sorted(overdue, key=lambda each: (each.due_at, each.case))),
        time_taken=tuple(
            _time_taken(place, group) for place, group in order.grouped(resolved, lambda each: each.protocol)
        ),
        time_taken_total=_time_taken(Place(""), resolved),
        lessons=tuple(each.lesson for each in cases if each.lesson),
        open_cases=tuple(each.open_case for each in cases if each.open_case),
    )


# -- a case as it stood at the end of the period


@dataclass(frozen=True, slots=True)
class _Seen:
    """What counts of a case as it stood at the end: what it is counted under, and its deadlines that are.

    There is one for every case, so that nothing else of a case need be held. What many of them have alike is held once.
    """

    belongs: bool
    opened: bool
    open_at_start: bool
    status: str
    protocol: Place
    stage: Place
    agencies: tuple[str, str]
    themes: tuple[str, ...]
    took: tuple[int, int] | None
    lesson: Lesson | None
    open_case: OpenCase | None
    passed: tuple["_Passed", ...]
    overdue: tuple[Overdue, ...]
    undated: tuple["_Dateless", ...]


def as_it_stood(file: CaseFile, until: datetime) -> CaseFile | None:
    """A case from what had happened by an instant, at the times at which it happened; None if it had not been raised.

    What it is about is left as it is recorded now: that has no time of its own.
    """
    kept = _happened_by(file, until)
    return _file(file, kept) if kept else None


def _seen(file: CaseFile, period: Period, until: datetime, running: bool, order: "_Order") -> _Seen | None:
    kept = _happened_by(file, until)
    if not kept:
        return None
    view = _file(file, kept)
    case, spells = view.case, _spells(kept)
    order.learn(case.protocol, view.protocol)
    raised_before = case.raised_at < period.starts
    belongs = any(closed is None or closed >= period.starts for _, closed in spells)
    lapsed = _lapsed(file, kept) if case.status == "withdrawn" else ()
    due = list(_fallen_due(view, lapsed, until, running))
    said = file.case.said("lessons") if belongs and case.status != "open" else None
    return _Seen(
        belongs=belongs,
        opened=not raised_before,
        open_at_start=any(
            opened < period.starts and (closed is None or closed >= period.starts) for opened, closed in spells
        ),
        status=case.status,
        protocol=order.once(Place(case.protocol)),
        stage=order.once(_stage(view, case.visit.route, case.visit.stage)),
        agencies=order.once(_agencies(view)),
        themes=order.once(tuple(_themes(view))),
        took=(_took(view, Unit.WORKING_DAY), _took(view, Unit.DAY)) if belongs and case.status == "resolved" else None,
        lesson=Lesson(case.ref, case.protocol, said) if said else None,
        open_case=_open_case(view) if belongs and case.status == "open" else None,
        passed=order.once(tuple(_passed(view, each, at) for each, at, _ in due if at >= period.starts)),
        overdue=tuple(_overdue(view, each, at, until, order) for each, at, owed in due if each.met_at is None and owed),
        undated=order.once(tuple(_dateless(view, period))),
    )


def _happened_by(file: CaseFile, until: datetime) -> list[Entry]:
    """The entries that count and had happened, numbered anew; what was set later of facts is left out, of particulars not."""
    kept: list[Entry] = []
    for entry in history.effective(file.case.history):
        if entry.kind in (history.NOTED, history.ASSIGNED, history.UNDONE, history.CORRECTED):
            continue
        if entry.kind == history.SET and entry.at > until:
            kept.append(entry._replace(data={**entry.data, "facts": {}}))
        elif entry.at <= until and (entry.kind != history.AGREED or _has_begun(kept, entry.data["visit"])):
            kept.append(entry)
    if not kept or kept[0].kind != history.OPENED:
        return []
    return [entry._replace(seq=number) for number, entry in enumerate(kept, 1)]


def _has_begun(kept: Sequence[Entry], visit: int) -> bool:
    """Whether what a date was agreed for, as a deadline numbers it, had come by then: it may be agreed beforehand."""
    kind = history.RESOLVED if visit < 0 else history.ADVANCED
    return sum(entry.kind == kind for entry in kept) >= (-visit if visit < 0 else visit - 1)


def _file(file: CaseFile, entries: Iterable[Entry]) -> CaseFile:
    return case_file(history.replay(entries), file.protocol, file.calendar)


def _spells(entries: Sequence[Entry]) -> list[tuple[datetime, datetime | None]]:
    """From when to when a case was open, each time."""
    spells: list[tuple[datetime, datetime | None]] = [(entries[0].at, None)]
    for entry in entries:
        if entry.kind in (history.RESOLVED, history.WITHDRAWN):
            spells[-1] = spells[-1][0], entry.at
        elif entry.kind == history.REOPENED:
            spells.append((entry.at, None))
    return spells


def _lapsed(file: CaseFile, kept: Sequence[Entry]) -> tuple[Deadline, ...]:
    """What had run out when a case was withdrawn, and was not met: withdrawing it does not make that good."""
    last = next(entry for entry in reversed(kept) if entry.kind == history.WITHDRAWN)
    before = _file(file, [entry._replace(seq=n) for n, entry in enumerate((e for e in kept if e is not last), 1)])
    return tuple(
        each
        for each in before.deadlines
        if each.met_at is None and not each.at_any_stage and each.due_at is not None and each.due_at < last.at
    )


# -- counts of cases


def _cases(cases: Sequence[_Seen]) -> Cases:
    stood = [each.status for each in cases]
    return Cases(
        all=len(cases),
        opened=sum(each.opened for each in cases),
        open=stood.count("open"),
        resolved=stood.count("resolved"),
        withdrawn=stood.count("withdrawn"),
    )


def _by_place(cases: Sequence[_Seen], place: Callable[[_Seen], Place], order: "_Order") -> tuple[ByPlace, ...]:
    return tuple(ByPlace(where, _cases(group)) for where, group in order.grouped(cases, place))


def _by_name(cases: Sequence[_Seen], names: Callable[[_Seen], list[tuple[str, ...]]]) -> tuple[ByName, ...]:
    """The most first, and last of all what is not recorded. Names that differ only in capitals or spaces are one; shown is the way it was written first."""
    written: dict[tuple[str, ...], tuple[str, ...]] = {}
    groups: dict[tuple[str, ...], list[_Seen]] = {}
    for each in cases:
        keys = {}
        for said in names(each):
            plain = tuple(" ".join(name.split()) for name in said)
            keys[tuple(name.casefold() for name in plain)] = plain
        for key, plain in keys.items():
            written.setdefault(key, plain)
            groups.setdefault(key, []).append(each)
    ranked = sorted(groups, key=lambda key: (key == (NOT_RECORDED,), -len(groups[key]), key))
    return tuple(ByName(written[key], _cases(groups[key])) for key in ranked)


def _agencies(file: CaseFile) -> tuple[str, str]:
    return file.case.raising_agency or NOT_RECORDED, file.case.receiving_agency or NOT_RECORDED


def _themes(file: CaseFile) -> list[str]:
    """The themes of a case by the names its protocol gives them, or as somebody's own."""
    return [*map(file.protocol.theme_name, file.case.themes)] or [NOT_RECORDED]


def _stage(file: CaseFile, route: str, stage: str) -> Place:
    """A stage by its names; its route too, where the protocol has more than one."""
    names = file.protocol.stage(route, stage)
    return Place(file.case.protocol, names.route if len(file.protocol.routes) > 1 else "", names.key, names.name)


# -- deadlines

_IN_TIME, _LATE, _NOT_MET = "in time", "late", "not met"


@dataclass(frozen=True, slots=True)
class _Passed:
    """A deadline that fell due in the period: where, what became of it by the end, and how late it was met if it was."""

    place: Place
    ends_stage: bool
    outcome: str
    late: int | None


@dataclass(frozen=True, slots=True)
class _Dateless:
    """Something without a date that was done in the period, or was still to do at its end."""

    place: Place
    done: bool


def _place(file: CaseFile, deadline: Deadline) -> Place:
    if deadline.occasion.stay:
        at_stage = _stage(file, deadline.route, deadline.stage)
    else:
        at_stage = Place(file.case.protocol, stage_name=ANY_STAGE if deadline.at_any_stage else AFTERWARDS)
    return replace(at_stage, action=deadline.action, action_name=deadline.action_name)


def _fallen_due(
    file: CaseFile, lapsed: Iterable[Deadline], until: datetime, running: bool
) -> Iterator[tuple[Deadline, datetime, bool]]:
    """What has fallen due, when, and whether it is still owed, which what had lapsed when its case was withdrawn is not.

    At the end of a period that is over that is all that was due in it; while it runs, what was due before now. A time to go up
    in only closes, and is due from nobody.
    """
    before = until if running else until + timedelta(seconds=1)
    for deadlines, owed in ((file.deadlines, True), (lapsed, False)):
        for each in deadlines:
            if each.action == NEXT_STEP or each.is_window:
                continue
            if each.due_at is not None and each.due_at < before:
                yield each, each.due_at, owed


def _passed(file: CaseFile, deadline: Deadline, due_at: datetime) -> _Passed:
    met = deadline.met_at
    place = _stage(file, deadline.route, deadline.stage) if deadline.ends_stage else _place(file, deadline)
    if met is None or met <= due_at:
        return _Passed(place, deadline.ends_stage, _NOT_MET if met is None else _IN_TIME, None)
    return _Passed(place, deadline.ends_stage, _LATE, _working_days(file.calendar, due_at, met))


def _timetable(lines: Sequence[_Passed], order: "_Order") -> Timetable:
    grouped = order.grouped(lines, lambda line: line.place)
    return Timetable(tuple(_timeliness(place, group) for place, group in grouped), _timeliness(Place(""), lines))


def _timeliness(place: Place, lines: Sequence[_Passed]) -> Timeliness:
    outcomes = [line.outcome for line in lines]
    late = [line.late for line in lines if line.late is not None]
    return Timeliness(place, len(lines), outcomes.count(_IN_TIME), len(late), outcomes.count(_NOT_MET), _spread(late))


def _overdue(file: CaseFile, deadline: Deadline, due_at: datetime, until: datetime, order: "_Order") -> Overdue:
    over = _working_days(file.calendar, due_at, until)
    return Overdue(file.case.ref, order.once(_place(file, deadline)), deadline.owner, due_at, over)


def _working_days(calendar: Calendar, due: datetime, then: datetime) -> int:
    return calendar.working_days_between(london_date(due), london_date(then))


def _dateless(file: CaseFile, period: Period) -> Iterator[_Dateless]:
    for each in file.deadlines:
        if each.due_at is not None or each.action == NEXT_STEP or each.is_window:
            continue
        if each.met_at is None or each.met_at >= period.starts:
            yield _Dateless(_place(file, each), each.met_at is not None)


def _undated(found: Sequence[_Dateless], order: "_Order") -> tuple[Undated, ...]:
    lines = []
    for place, group in order.grouped(found, lambda each: each.place):
        done = sum(each.done for each in group)
        lines.append(Undated(place, len(group), done, len(group) - done))
    return tuple(lines)


# -- time to resolution, and open cases


def _time_taken(place: Place, cases: Sequence[_Seen]) -> TimeTaken:
    took = [each.took for each in cases if each.took]
    return TimeTaken(place, len(cases), _spread([working for working, _ in took]), _spread([days for _, days in took]))


def _took(file: CaseFile, unit: Unit) -> int:
    assert file.case.resolved_at is not None
    return elapsed(file.case.raised_at, file.case.resolved_at, unit, file.calendar)


def _spread(figures: Sequence[int]) -> Spread:
    return Spread(median(figures), min(figures), max(figures)) if figures else Spread()


def _open_case(file: CaseFile) -> OpenCase:
    limits = {each.occasion: each.due_at for each in file.deadlines if each.ends_stage}
    stays = tuple(
        Stay(
            visit.stage,
            file.protocol.stage(visit.route, visit.stage).name,
            visit.entered_at,
            visit.left_at,
            limits.get(visit.occasion),
        )
        for visit in file.case.visits
    )
    return OpenCase(file.case.ref, file.case.protocol, file.calendar, file.case.raised_at, stays)


# -- the order of lines


class _Order:
    """Protocols by their ids, stages and actions as their files set them out; names as the latest edition in use has them."""

    def __init__(self) -> None:
        self._protocols: dict[str, Protocol] = {}
        self._once: dict[Hashable, Hashable] = {}

    def learn(self, name: str, edition: Protocol) -> None:
        """Notes the edition of a protocol that a case is under."""
        known = self._protocols.get(name)
        if known is None or known.edition.dated <= edition.edition.dated:
            self._protocols[name] = edition

    def once(self, same: Same) -> Same:
        """The first of all that were the same: there are few places, and many cases at each."""
        return cast("Same", self._once.setdefault(same, same))

    def grouped(self, many: Iterable[Each], place: Callable[[Each], Place]) -> list[tuple[Place, list[Each]]]:
        """What stands at the same place, together."""
        groups: dict[tuple[str, ...], list[Each]] = {}
        names: dict[tuple[str, ...], Place] = {}
        for each in many:
            where = place(each)
            key = (where.protocol, where.route, where.stage or where.stage_name, where.action)
            groups.setdefault(key, []).append(each)
            names[key] = where
        ranked = sorted(groups, key=lambda key: (self._rank(names[key]), key))
        return [(names[key], groups[key]) for key in ranked]

    def _rank(self, place: Place) -> tuple[str, int, int]:
        protocol = self._protocols[place.protocol]
        for number, stage in enumerate(protocol.stages):
            if stage.key == place.stage and place.route in ("", stage.route):
                keys = [action.key for action in stage.actions]
                return place.protocol, number, keys.index(place.action) if place.action in keys else len(keys)
        return place.protocol, len(protocol.stages) + (place.stage_name == ANY_STAGE), 0
