"""The morning digest: what has to be acted on now, and what changed since the one before."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from escalate.domain.deadlines.model import CaseLine, DeadlinePlace, DueLine
from escalate.domain.deadlines.questions import left_open
from escalate.domain.deadlines.standing import OverdueCount, RankedLine, Standing, how_it_ended, ranked_line, urgency
from escalate.domain.protocol.model import Protocol
from escalate.domain.reporting.left import Departure
from escalate.domain.reporting.news import News, runs_out_at
from escalate.domain.reporting.shared import Shared
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import NEVER, end_of_day, london_date

if TYPE_CHECKING:  # no cycle, but few protocols have days that run out, and few people are away
    from escalate.domain.deadlines.coverage import RunsOut
    from escalate.domain.reporting.stand_ins import Takeover

LISTS = ("safety", "overdue", "due_soon", "at_risk", "undated", "undecided")
"""The lists of what has to be acted on: each is a field of a digest."""


EditionOf = Callable[[str, str], Protocol]
"""Finds a protocol by its id and the date of the edition."""


class CaseQuestions(NamedTuple):
    """The safety questions of an open case that nobody has answered."""

    case: str
    """The reference of the case."""
    subject: str | None
    """The reference of the person it is about."""
    protocol: str
    """The id of its protocol."""
    edition: str
    """The date of the edition it is under."""
    keys: tuple[str, ...]
    """The keys of the questions."""


class OpenQuestions:
    """The safety questions nobody has answered, by case. Very many cases have them: each takes little room until it is told."""

    def __init__(self) -> None:
        self._cases: list[str] = []
        self._subjects: list[str | None] = []
        self._asked: list[tuple[str, str, tuple[str, ...]]] = []
        self._shared = Shared()

    def add(self, case: CaseLine, keys: tuple[str, ...]) -> None:
        """Adds the questions of a case, by their keys."""
        self._cases.append(case.ref)
        self._subjects.append(case.subject)
        self._asked.append(self._shared((case.protocol, case.edition, keys)))

    def __len__(self) -> int:
        return len(self._cases)

    def __iter__(self) -> Iterator[CaseQuestions]:
        found = zip(self._cases, self._subjects, self._asked, strict=True)
        return (CaseQuestions(case, subject, *asked) for case, subject, asked in found)


class NotReached(NamedTuple):
    """Somebody whom the last digest that was made for them did not reach."""

    reader: str
    """What to call them."""
    day: date
    """The day of that digest."""


class DueLines(NamedTuple):
    """All that is due. It may be very long: it is read once from end to end, and then again where it is shown."""

    every: Iterable[DueLine]
    """Every deadline that is not met."""
    at: Callable[[Sequence[DeadlinePlace]], Iterable[DueLine]]
    """Reads those at some places, in the order of the places."""


class Told:
    """Deadlines a reader is told of, in order. Only their places are held; they are read whenever they are wanted."""

    def __init__(
        self, places: Sequence[DeadlinePlace], read: Callable[[Sequence[DeadlinePlace]], Iterable[RankedLine]]
    ) -> None:
        self._places = places
        self._read = read

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[RankedLine]:
        return iter(self._read(self._places))


@dataclass(frozen=True, slots=True)
class Digest:
    """What one reader is told. Every deadline stands in one list only, the most urgent first."""

    at: datetime
    """The instant at which it is told."""
    since: datetime
    """The instant up to which the reader was told before."""
    close: date
    """The next working day; where calendars differ, the latest."""
    safety: Told
    """What is about somebody's safety."""
    overdue: Told
    """What has run out, and what is overtaken."""
    due_soon: Told
    """What runs out by the close of the next working day."""
    at_risk: Told
    """What else has to be acted on by then."""
    undated: Told
    """What has no time limit and no agreed date."""
    undecided: Told
    """What depends on a question nobody has answered, and has no date."""
    overdue_count: OverdueCount
    """How many lines of all these lists count as overdue."""
    newly_overdue: Told
    """What of the overdue ran out after `since`."""
    met: tuple[DueLine, ...]
    """What was done after `since`."""
    missed: tuple[DueLine, ...]
    """What ended after `since` with its time run out."""
    ceased: tuple[DueLine, ...]
    """What ended after `since` before its time ran out."""
    open_questions: OpenQuestions
    """The safety questions nobody has answered, by case."""
    edition_of: EditionOf
    """Finds the edition a case is under, which has the questions in words."""
    resolved: tuple[CaseLine, ...]
    """The cases resolved after `since`."""
    others: int
    """How many deadlines are on track or waiting."""
    head: str
    """The number and the hash of the last entry by then: kept elsewhere, it shows later whether anything before it was changed."""
    new: frozenset[DeadlinePlace]
    """The places of what is newly overdue."""
    is_for_unit: bool
    """Whether the reader keeps the log, and can use its commands and its head."""
    not_reached: tuple[NotReached, ...]
    """Whom the last digest did not reach."""
    left: tuple[Departure, ...] = ()
    """The cases that left the reader's list after `since`."""
    takeovers: "tuple[Takeover, ...]" = ()
    """The sides that went to somebody on a day that was said before, or came back, after `since`."""
    running_out: "tuple[RunsOut, ...]" = ()
    """What protocols give only up to some day, where that is near or over. It is no reason for a digest by itself."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        told = (self.met, self.missed, self.ceased, self.resolved, self.left, self.not_reached, self.takeovers)
        return not any((*(getattr(self, name) for name in LISTS), *told))

    def is_new(self, line: RankedLine) -> bool:
        """Whether an overdue line ran out since the last digest."""
        return (line.case.ref, line.deadline.key) in self.new


def digest(
    due: DueLines,
    news: Mapping[str, News],
    calendars: Mapping[str, Calendar],
    horizons: Mapping[str, datetime],
    at: datetime,
    since: datetime,
    wanted: Callable[[DueLine], bool],
    held: Collection[tuple[str, int]],
    head: str,
    edition_of: EditionOf,
) -> Digest:
    """What has to be acted on at an instant, of the lines `wanted`, and what changed since another.

    `news` are of the cases with entries recorded since, by their references; in the others only time can have made something
    overdue. `calendars` and `horizons` go by the names of calendars; `held` has the cases, each with the number of an occasion, on which
    the reader holds a side on one day or another.
    """
    closes = {name: end_of_day(calendar.add_working_days(london_date(at), 1)) for name, calendar in calendars.items()}
    sorter = _Sorter(closes, since, news)
    questions = _Questions(edition_of)
    changed: dict[tuple[str, str], Takeover] = {}  # by case and side: a case has several lines
    for line in due.every:
        is_wanted = wanted(line)
        if is_wanted:
            sorter.put(ranked_line(line, horizons, at))
            questions.look_at(line.case)
        if line.has_dated_holders and (is_wanted or (line.case.ref, line.deadline.occasion.number) in held):
            changed |= _takeovers(line, since, at, has_news=line.case.ref in news)
    ended = [line for each in news.values() for line in each.ended if wanted(line)]

    def read(places: Sequence[DeadlinePlace]) -> Iterator[RankedLine]:
        return (ranked_line(line, horizons, at) for line in due.at(places))

    places = {name: sorter.in_order(name) for name in LISTS}
    return Digest(
        at=at,
        since=since,
        close=max((london_date(close) for close in closes.values()), default=london_date(at)),
        newly_overdue=Told([place for place in places["overdue"] if place in sorter.new], read),
        new=frozenset(sorter.new),
        met=tuple(line for each in news.values() for line in each.met if wanted(line)),
        missed=tuple(line for line in ended if how_it_ended(line.deadline) is Standing.MISSED),
        ceased=tuple(line for line in ended if how_it_ended(line.deadline) is Standing.CEASED),
        overdue_count=sorter.overdue,
        open_questions=questions.found,
        edition_of=edition_of,
        resolved=tuple(each.resolved[0].case for each in news.values() if any(map(wanted, each.resolved))),
        left=tuple(gone for each in news.values() if (gone := _left(each, wanted))),
        others=sorter.others,
        head=head,
        is_for_unit=True,
        takeovers=tuple(changed.values()),
        running_out=_running_out(list(calendars.values()), london_date(at)),
        not_reached=(),
        **{name: Told(several, read) for name, several in places.items()},
    )


def _left(news: News, wanted: Callable[[DueLine], bool]) -> Departure | None:
    """When a case left the list of a reader who was told of it between its sides of before, and is not between those of today."""
    if any(map(wanted, news.stayed)):
        return None
    return next((gone for gone, lines in reversed(news.left) if any(map(wanted, lines))), None)


def _takeovers(line: DueLine, since: datetime, at: datetime, *, has_news: bool) -> dict[tuple[str, str], "Takeover"]:
    """Who took over the sides of a case, by its reference and the side."""
    from escalate.domain.reporting.stand_ins import takeovers  # seldom does anybody hold a side on some days alone

    found = takeovers(line, london_date(since), london_date(at), has_news=has_news)
    return {(each.case.ref, each.side): each for each in found}


def _running_out(calendars: Sequence[Calendar], today: date) -> "tuple[RunsOut, ...]":
    if not any(each.runs_out or each.others for each in calendars):
        return ()
    from escalate.domain.deadlines.coverage import running_out

    return tuple(running_out(calendars, today))


class _Sorter:
    """Puts lines into the lists of a digest and keeps only where each is found; equal values are held once."""

    def __init__(
        self,
        closes: Mapping[str, datetime],
        since: datetime,
        news: Mapping[str, News],
    ) -> None:
        self._closes, self._since, self._news = closes, since, news
        self._found: dict[str, list[tuple[Urgency, DeadlinePlace]]] = {name: [] for name in LISTS}
        self._shared = Shared()
        self.new: set[DeadlinePlace] = set()
        """What of the overdue ran out since the last digest."""
        self.others = 0
        """How many lines stand in no list."""
        self.overdue = OverdueCount()
        """How many lines count as overdue."""

    def put(self, line: RankedLine) -> None:
        """Puts a line into its list."""
        self.overdue = self.overdue.and_(line)
        name = _list_name(line, self._closes[line.case.calendar])
        if name is None:
            self.others += 1
            return
        shared = self._shared
        place = shared(line.case.ref), shared(line.deadline.key)
        self._found[name].append((shared(urgency(line)), place))
        if name == "overdue" and self._is_new(line):
            self.new.add(place)

    def in_order(self, name: str) -> list[DeadlinePlace]:
        """The places of a list, the most urgent first; equally urgent ones keep their order."""
        found = self._found.pop(name)
        found.sort(key=lambda each: each[0])
        return [place for _, place in found]

    def _is_new(self, line: RankedLine) -> bool:
        """Whether an overdue line was not overdue when the reader was told last."""
        if line.case.ref in self._news:
            return line.deadline.key not in self._news[line.case.ref].overdue
        return runs_out_at(line) > self._since


class _Questions:
    """Looks for open safety questions case by case; lines of one case come one after the other."""

    def __init__(self, edition_of: EditionOf) -> None:
        self._edition_of = edition_of
        self._last = ""
        self.found = OpenQuestions()

    def look_at(self, case: CaseLine) -> None:
        """Notes the questions of a case, unless it was looked at just before."""
        if case.ref == self._last:
            return
        self._last = case.ref
        if case.status != "open":
            return
        keys = tuple(left_open(self._edition_of(case.protocol, case.edition), case.facts))
        if keys:
            self.found.add(case, keys)


Urgency = tuple[bool, int, bool, datetime, datetime]


def _list_name(line: RankedLine, close: datetime) -> str | None:
    """The list a line stands in; none if it is on track or waiting, or only closed."""
    if line.deadline.comes_first:
        return "safety"
    if line.counts_as_overdue:
        return "overdue"
    if line.standing is Standing.LAPSED:
        return None
    runs_out = (line.deadline.ahead_at or NEVER) if line.standing is Standing.WAITING else runs_out_at(line)
    if runs_out <= close:
        return "due_soon"
    lists = {Standing.AT_RISK: "at_risk", Standing.UNDATED: "undated", Standing.UNDECIDED: "undecided"}
    return lists.get(line.shown_under)
