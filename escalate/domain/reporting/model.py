"""What a report on a period says: its figures, what each of them counts, and the single cases it lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple, Self

from escalate.domain.deadlines.lateness import Lateness
from escalate.domain.worktime.calendar import Calendar, KeptByHand
from escalate.domain.worktime.periods import Period

DEFINITIONS: Mapping[str, str] = {
    "basis": "The figures count what had happened by the end of the period, at the time at which it happened, however late it was recorded."
    " What a case is about, its agencies and its lessons are taken as they are recorded now.",
    "cases": "A case belongs to the period if it was open at any time in it."
    " It is opened in the period in which it was raised, and open, resolved or withdrawn as it stood at the end;"
    " one that was resolved or withdrawn and reopened before the end counts as open."
    " Void is how many were taken back in it as opened by mistake: they are in no other figure, also not in that of the period they were opened in.",
    "balance": "Open at the start, opened, and closed before and taken up again come to the same number as open at the end, resolved and withdrawn."
    " Reopened is how many cases were reopened in the period, wherever else they count.",
    "outcome": "How the cases of the period stood at its end.",
    "stage": "The stage reached is the one a case was at when the period ended, or when it was closed.",
    "resolved_at": "The stage that the resolved cases had reached.",
    "agencies": "The raising agency first, then the receiving one.",
    "raising": "Each case by the agency that raised it.",
    "receiving": "Each case by the agency that it was raised with.",
    "none_raised": "Agencies that raised no case of this report: those that any case here names, whenever it was raised, as the one that raised it, as"
    " the one it was raised with or as another that is involved. An agency that no case names is not known here.",
    "level": "The current level of need, as it is recorded of the case: a level by its number, and a few words as they are.",
    "taken_over": "Of what fell due, as much as had fallen due before its case was taken over from a log: what became of that is as the log has it.",
    "beside": "The same figures for each quarter of the year, for the year, and for the year before. A deadline that was met in a later quarter is not met in"
    " its own, and late in the year; a case that was open in several quarters is a case of each.",
    "theme": "A case may have several themes and counts once under each, so that the rows come to more than the number of cases.",
    "timeliness": "A deadline belongs to the period in which it fell due. Met in time is how many of those that fell due were met at or"
    " before their limit; late is how many were met after it, by the end of the period; not met is how many were not met by then."
    " Missed is how many of those are owed no more, because their time had run out when an answer changed, the case was withdrawn or"
    " reopened, or another date was agreed: that does not make up for them. What was owed no more before its time ran out is not among them,"
    " and neither is what has no date. Each time that something is called for counts on its own."
    " The limit of a stage is met by resolving the case or going up. A target that was missed is not late: only the limit counts.",
    "late": "How late is told in the unit of the limit: in working days or hours where the limit is counted in them, and else in hours and"
    " days by the clock, as for hours, calendar days, agreed dates and what is due at once. What was met late has a median and a most in each"
    " unit. Less than 1 working day is later on the same day, or before the next working day.",
    "undated": "What has no time limit and no agreed date, or waits for the moment its time counts from: done in the period, or still to do at its"
    " end; undecided is what depends on a question that nobody had answered by then.",
    "ended": "What was no longer owed, in the period, though it had not been done, because an answer changed, the case was withdrawn or"
    " reopened, or another date was agreed. Missed had run out by then, and stands among what was not met in the period in which it fell due;"
    " ceased had not. Not known is what belongs to a closed case that was taken over from a log which does not tell what became of it: it stands"
    " in the period in which it was called for, and among nothing that was met, late or not met.",
    "overdue": "Every deadline that had passed by the end of the period and was still to be met, whenever it fell due, and every one still to be met"
    " while a limit further up the ladder, or that of the whole process, had passed: as many as escalate due counted as overdue then.",
    "resolution": "From the day a case was raised to the day it was resolved, for cases resolved in the period and not reopened by its"
    " end; working days by the calendar of the case.",
    "lessons": "Of the cases that were resolved or withdrawn in the period.",
}
"""What each figure counts. Every report has these sentences beside its figures."""

LEAST_THRESHOLD = 3
"""Of counts that are published none is under this: below 2 there is only 1, and the mark itself would give it away."""

NOT_RECORDED = "not recorded"
"""The name of an agency or a theme that nobody recorded."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is published in place of a count."""

    text: str
    """`<5` for a small count, `*` for one that would give a small one away."""


Count = int | Hidden


class SetByHand(NamedTuple):
    """How much was recorded with the clock set by hand; in a report for publication it is only said that something was."""

    entries: int | None
    """So many entries."""
    cases: int | None
    """They are of so many cases."""


@dataclass(frozen=True, slots=True)
class Cases:
    """How many cases there are, and how many of them are what."""

    all: Count
    """Cases open at any time in the period."""
    opened: Count
    """Those raised in the period."""
    open: Count
    """Those open at its end."""
    resolved: Count
    """Those resolved by its end."""
    withdrawn: Count
    """Those withdrawn by its end."""


class LadderPlace(NamedTuple):
    """What a line of figures is about: a protocol, a stage of it, or an action at a stage; all of them where nothing is named."""

    protocol: str
    """The id of the protocol."""
    route: str = ""
    """The key of the route, where the protocol has several."""
    stage: str = ""
    """The key of the stage."""
    stage_name: str = ""
    """Its name; of an action that belongs to no stage, when it is owed."""
    action: str = ""
    """The key of the action."""
    action_name: str = ""
    """What is to be done."""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from other places, whatever it is called in one edition or another."""
        return self.protocol, self.route, self.stage or self.stage_name, self.action


EVERYWHERE = LadderPlace("")
"""What a total is about."""


class LadderNames(NamedTuple):
    """What protocols, their routes and their questions are called, by the last of the editions that cases are under."""

    protocols: Mapping[str, str] = {}
    """The partnership of each protocol by its id, with the title where a partnership has several."""
    routes: Mapping[tuple[str, str], str] = {}
    """The name of each route by the id of its protocol and its key."""
    questions: Mapping[tuple[str, str], str] = {}
    """Each question about a case by the id of its protocol and its key."""

    def protocol(self, name: str) -> str:
        """What a protocol is called; its id where that is all there is."""
        return self.protocols.get(name, name)

    def route(self, place: LadderPlace) -> str:
        """What the route of a place is called; empty where the protocol has only one."""
        return self.routes.get((place.protocol, place.route), place.route)

    def question(self, protocol: str, key: str) -> str:
        """A question about a case as it is asked."""
        return self.questions.get((protocol, key), key)


NO_NAMES = LadderNames()
"""What there is to call them where no case is under any: their ids."""


@dataclass(frozen=True, slots=True)
class ByPlace:
    """The cases under a protocol, or that reached a stage."""

    place: LadderPlace
    """The protocol, or the stage reached."""
    cases: Cases
    """How many cases that is."""


@dataclass(frozen=True, slots=True)
class ByName:
    """The cases about a theme, with a level of need, of one agency, or between two."""

    names: tuple[str, ...]
    """The theme, the level or the agency, or the raising and the receiving agency."""
    cases: Cases
    """How many cases that is."""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from others, whatever capitals it is written in."""
        return tuple(name.casefold() for name in self.names)


def _middle(figures: Sequence[float]) -> float:
    """The median, as `statistics` has it, which loads fractions, decimals and chance as well."""
    ordered, half = sorted(figures), len(figures) // 2
    return ordered[half] if len(figures) % 2 else (ordered[half - 1] + ordered[half]) / 2


class Spread(NamedTuple):
    """The middle, the least and the most of some figures; None where there are none, or where one would tell of a single case."""

    median: float | None = None
    """The middle one; between two, half-way."""
    least: int | None = None
    """The smallest."""
    most: int | None = None
    """The largest."""

    @classmethod
    def over(cls, figures: Sequence[int]) -> Self:
        """The spread of these figures."""
        return cls(_middle(figures), min(figures), max(figures)) if figures else cls()


class LateSpread(NamedTuple):
    """By how much some things were late whose limits have the same unit."""

    unit: str
    """The unit, as of a lateness."""
    number: int
    """How many things they are."""
    median: Lateness
    """The middle one; between two, half-way."""
    most: Lateness | None
    """The largest; None where it would tell of a single case."""

    @classmethod
    def over_each_unit(cls, late: Sequence[Lateness]) -> tuple[Self, ...]:
        """The spread in each unit, in the order of their names."""
        amounts: dict[str, list[float]] = {}
        for each in late:
            amounts.setdefault(each.unit, []).append(each.amount)
        return tuple(
            cls(unit, len(several), Lateness(unit, _middle(several)), Lateness(unit, max(several)))
            for unit, several in sorted(amounts.items())
        )


@dataclass(frozen=True, slots=True)
class Timeliness:
    """What became of the deadlines of one stage or action that fell due in the period."""

    place: LadderPlace
    """The stage that ends with them, or the action."""
    due: Count
    """Deadlines that fell due in the period."""
    in_time: Count
    """Those met at or before their limit."""
    late: Count
    """Those met after it, by the end of the period."""
    not_met: Count
    """Those not met by then."""
    missed: Count
    """Those of them that are owed no more: their time had run out when they ended (C15)."""
    how_late: Spread
    """By how much those met late were late, in working days after the day they were due, whatever the unit of their limits."""
    late_by: "tuple[LateSpread, ...]" = ()
    """The same in the units of their limits, a spread for each unit."""
    taken_over: Count = 0
    """Those that had fallen due before their case was taken over from a log, which says what became of them."""


class Timetable(NamedTuple):
    """Timeliness line by line, and of all lines together."""

    lines: tuple[Timeliness, ...]
    """A line for each stage or action of which something fell due."""
    total: Timeliness
    """All lines together."""


@dataclass(frozen=True, slots=True)
class Undated:
    """What has no date: no time limit and none agreed, or what its time counts from has not happened."""

    place: LadderPlace
    """The action."""
    all: Count
    """How often it was done in the period or still to do at its end."""
    done: Count
    """How often it was done in the period."""
    to_do: Count
    """How often it was still to do at its end."""
    undecided: Count
    """How often it hung on a question then that nobody had answered (C14)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended in the period otherwise than by being done."""

    place: LadderPlace
    """The stage that ends with it, or the action."""
    all: Count
    """How often it ended so."""
    missed: Count
    """How often its time had run out by then."""
    ceased: Count
    """How often it had not."""
    not_known: Count
    """How often a log from which its case was taken over does not tell what became of it."""


def counts_in(figures: "Cases | Timeliness | Undated | Ended") -> dict[str, Count]:
    """The counts of one line by their names, the whole first."""
    values = {field.name: getattr(figures, field.name) for field in fields(figures)}
    return {name: value for name, value in values.items() if isinstance(value, int | Hidden)}


class Overdue(NamedTuple):
    """A deadline that counted as overdue at the end of the period."""

    case: str
    """The reference of the case."""
    place: LadderPlace
    """The action."""
    owner: str
    """Who is to do it, by role."""
    due_at: datetime
    """When its time ran out, or that of the limit further up."""
    working_days: int
    """Working days from that day to the end of the period, by the calendar of the case, whatever the unit of its limit."""
    late: Lateness | None
    """How late it was at the end of the period, in the unit of its limit; None where only a limit further up has passed."""
    call: int = 1
    """Which of the calls for the action it answers."""
    past_limit_of: str | None = None
    """The stage further up whose limit has passed, or the whole process; None where its own time has run out."""
    unanswered: tuple[str, ...] = ()
    """The questions on which it hangs: keys of facts nobody has answered."""


class TimeTaken(NamedTuple):
    """How long resolved cases took, from the day they were raised to the day they were resolved."""

    place: LadderPlace
    """The protocol."""
    resolved: Count
    """Cases resolved in the period."""
    working_days: Spread
    """How long they took, in working days by the calendar of each."""
    days: Spread
    """How long they took, in days."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The chief figures of one of several periods that stand side by side."""

    period: Period
    """The days they are about."""
    running: bool
    """The period is not over."""
    total: Cases
    """All cases of the period."""
    open_at_start: Count
    """Those open when it began."""
    taken_up_again: Count
    """Those closed when it began, and reopened in it."""
    reopened: Count
    """Those reopened in it."""
    stages: Timeliness
    """Whether the limits of stages were kept."""
    actions: Timeliness
    """Whether all other deadlines were."""
    working_days: Spread
    """How long resolved cases took, in working days."""


class Lesson(NamedTuple):
    """What was learned from a case that was closed in the period."""

    case: str
    """The reference of the case."""
    protocol: str
    """The id of its protocol."""
    text: str
    """The lesson, as it was written down when the case was closed."""


class LadderStay(NamedTuple):
    """One stay of a case at a stage."""

    stage: str
    """The key of the stage."""
    stage_name: str
    """Its name."""
    entered_at: datetime
    """When the case came to it."""
    left_at: datetime | None
    """When it left; None while it is there."""
    due_at: datetime | None
    """The limit of the stage; None where it has no date."""


class OpenCase(NamedTuple):
    """A case that was open at the end of the period."""

    case: str
    """Its reference."""
    protocol: str
    """The id of its protocol."""
    calendar: Calendar
    """The calendar it counts on."""
    raised_at: datetime
    """When it was raised."""
    stays: tuple[LadderStay, ...]
    """The stages it has been at, in the order in which it came to them."""


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period.

    In a report for publication small counts are hidden, and the lists of single cases (`overdue`, `lessons`, `open_cases`) are None.
    """

    period: Period
    """The days it is about."""
    until: datetime
    """The last instant counted: the end of the period, or `known_at` while it is `running`."""
    running: bool
    """The period is not over."""
    known_at: datetime
    """When the figures were counted: what was recorded later is not in them."""
    total: Cases
    """All cases of the period."""
    open_at_start: Count
    """Those open when it began."""
    taken_up_again: Count
    """Those closed when it began, and reopened in it."""
    reopened: Count
    """Those reopened in it, however they stood when it began."""
    taken_over: Count
    """Those that were taken over from a log."""
    void: Count
    """Those that were voided in it, as opened by mistake: they count nowhere else."""
    by_protocol: tuple[ByPlace, ...]
    """The cases under each protocol."""
    by_stage: tuple[ByPlace, ...]
    """The cases that reached each stage."""
    by_agencies: tuple[ByName, ...]
    """The cases between each two agencies, the most first."""
    by_raising: tuple[ByName, ...]
    """The cases that each agency raised, the most first."""
    by_receiving: tuple[ByName, ...]
    """The cases that were raised with each agency, the most first."""
    none_raised: tuple[str, ...]
    """The agencies known here that raised none of them."""
    by_theme: tuple[ByName, ...]
    """The cases about each theme, the most first."""
    by_level: tuple[ByName, ...]
    """The cases with each level of need, by its name."""
    stages: Timetable
    """Whether the limits of stages were kept."""
    actions: Timetable
    """Whether all other deadlines were."""
    undated: tuple[Undated, ...]
    """What has no date."""
    ended: tuple[Ended, ...]
    """What ended otherwise than by being done."""
    overdue_count: Count
    """Deadlines that counted as overdue at the end."""
    overdue: tuple[Overdue, ...] | None
    """Each of them, the longest overdue first."""
    time_taken: tuple[TimeTaken, ...]
    """How long resolved cases took, by protocol."""
    time_taken_total: TimeTaken
    """How long all of them took."""
    lessons: tuple[Lesson, ...] | None
    """What was learned from the cases closed in the period."""
    open_cases: tuple[OpenCase, ...] | None
    """The cases open at the end."""
    beside: tuple[Headline, ...] = ()
    """Of a year: each quarter of it that has begun, and the year before."""
    by_hand: SetByHand | None = None
    """What of the history of these cases was recorded with the clock set by hand; None where nothing was."""
    calendars_by_hand: Sequence[KeptByHand] = ()
    """The versions of their calendars that were recorded so."""
    names: LadderNames = NO_NAMES
    """What its protocols and routes are called."""
    suppressed_under: int | None = None
    """Counts from 1 up to below this are hidden; None where nothing is."""
    commentary: str | None = None
    """What somebody wrote to stand before the figures, in Markdown."""

    @property
    def headline(self) -> Headline:
        """The chief figures."""
        return Headline(
            period=self.period,
            running=self.running,
            total=self.total,
            open_at_start=self.open_at_start,
            taken_up_again=self.taken_up_again,
            reopened=self.reopened,
            stages=self.stages.total,
            actions=self.actions.total,
            working_days=self.time_taken_total.working_days,
        )
