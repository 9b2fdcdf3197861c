"""What holds of counting in every unit and reckoning, forwards and back, over stops, and on any hours of opening."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from escalate.domain.worktime.allowance import Allowance, Reckoning, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.domain.worktime.counting import counted_back, runs_out
from escalate.domain.worktime.due import Stop
from escalate.domain.worktime.proof import steps
from escalate.domain.worktime.read_allowance import parse_protocol_allowance
from tests.calendars import ENGLAND, FIRST, LAST, a_calendar, at, shown
from tests.sizes import size

settings.register_profile("laws", max_examples=size(25, 60))
few = settings(settings.get_profile("laws"))

SCHOOL = Calendar(
    "school",
    {date(2027, 2, 15) + timedelta(days=n): "half-term" for n in range(5)},
    first=FIRST,
    last=LAST,
    published_to=LAST,
    opens=time(8, 30),
    closes=time(15, 30),
    hours_on={4: (time(8, 30), time(12))},
)
CALENDAR = Calendar(
    "test",
    ENGLAND.days_off,
    first=FIRST,
    last=LAST,
    published_to=LAST,
    hours_on={4: (time(9), time(16, 30))},
    others={"school": SCHOOL},
)
MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2028, 3, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
FIGURES = st.integers(1, 30)
SPANS = st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
KINDS = [
    *("{} minutes", "{} hours", "{} working hours", "{} school hours"),
    *(
        f"{{}} {clear}{unit}s{inclusive}{by}"
        for unit in ("day", "working day", "school day", "week", "working week", "month", "year")
        for clear, inclusive in (("", ""), ("clear ", ""), ("", " inclusive"))
        for by in ("", " by 12:00", " by close of business")
    ),
]
"""Every allowance with a figure that a protocol can name, but for those with none."""
WITHOUT_FIGURES = ["immediately", "same day by 12:00", "same working day", "same school day by close of business"]


@st.composite
def allowances(draw: st.DrawFn, kinds: Sequence[str] = (*KINDS, *WITHOUT_FIGURES)) -> Allowance:
    return parse_protocol_allowance(draw(st.sampled_from(kinds)).format(draw(FIGURES)))


@st.composite
def stops(draw: st.DrawFn) -> list[Stop]:
    """Some that follow one another, the last perhaps still standing."""
    turns = sorted(draw(st.lists(MOMENTS, max_size=6, unique=True)))
    ends: list[datetime | None] = [*turns[1::2], *([None] if len(turns) % 2 else [])]
    return list(zip(turns[::2], ends, strict=True))


def united(one: Sequence[Stop], other: Sequence[Stop]) -> list[Stop]:
    """The times at which either stands, those that touch or overlap as one."""
    found: list[Stop] = []
    for begins, ends in sorted([*one, *other], key=lambda stop: stop[0]):
        last = found[-1] if found else None
        if last and (last[1] is None or begins <= last[1]):
            found[-1] = (last[0], None if last[1] is None or ends is None else max(last[1], ends))
        else:
            found.append((begins, ends))
    return found


def ends(start: datetime, allowance: Allowance, stood: Sequence[Stop] = ()) -> datetime:
    """When it runs out, and never where its clock stands still."""
    due = runs_out(start, allowance, CALENDAR, stood)
    return due.at if due else datetime.max.replace(tzinfo=UTC)


@few
@given(MOMENTS, FIGURES, st.sampled_from(KINDS), stops())
def test_a_longer_allowance_never_ends_sooner(start: datetime, n: int, kind: str, stood: list[Stop]) -> None:
    shorter, longer = (parse_protocol_allowance(kind.format(figure)) for figure in (n, n + 1))
    assert start <= ends(start, shorter, stood) <= ends(start, longer, stood)
    assert counted_back(start, longer, CALENDAR).at <= counted_back(start, shorter, CALENDAR).at <= start


@few
@given(MOMENTS, SPANS, allowances())
def test_what_begins_later_never_ends_sooner_forwards_or_back(
    start: datetime, later: timedelta, allowance: Allowance
) -> None:
    assert ends(start, allowance) <= ends(start + later, allowance)
    assert counted_back(start, allowance, CALENDAR).at <= counted_back(start + later, allowance, CALENDAR).at


@few
@given(MOMENTS, allowances([kind for kind in KINDS if " by " not in kind]))
@example(at("2027-06-28 01:00"), parse_protocol_allowance("16 months inclusive"))
def test_what_is_counted_back_leaves_the_allowance_before_the_event(event: datetime, allowance: Allowance) -> None:
    back = counted_back(event, allowance, CALENDAR)
    if allowance.unit is Unit.WORKING_HOUR:
        own = CALENDAR.calendar_of(allowance.days_of)
        assert own.working_time_between(back.at, event) == timedelta(hours=allowance.limit)
        assert own.working_time_between(back.at + timedelta(seconds=1), event) < timedelta(hours=allowance.limit)
    elif allowance.in_hours:
        assert ends(back.at, allowance) == event
    else:
        own = CALENDAR.calendar_of(allowance.days_of)
        assume(not allowance.unit.of_working_days or own.is_working_day(london_date(event)))
        again = runs_out(at(f"{back.on} 00:00"), allowance, CALENDAR)
        more = timedelta(days=1) if allowance.reckoning is Reckoning.CLEAR else timedelta(0)
        assert again
        last = own.add_working_days(again.on, 1) if more and allowance.unit.of_working_days else again.on + more
        if allowance.unit in (Unit.MONTH, Unit.YEAR):  # a month that is too short is a day or more short of it
            assert last <= london_date(event) <= last + timedelta(days=3)
        else:
            assert last == london_date(event)


@few
@given(MOMENTS, allowances(), stops(), stops())
def test_a_stop_never_makes_a_deadline_earlier(
    start: datetime, allowance: Allowance, stood: list[Stop], more: list[Stop]
) -> None:
    assert ends(start, allowance, united(stood, [])) <= ends(start, allowance, united(stood, more))


@few
@given(MOMENTS, allowances(), stops(), MOMENTS)
def test_a_stop_of_no_length_changes_nothing(
    start: datetime, allowance: Allowance, stood: list[Stop], when: datetime
) -> None:
    within = any(begins <= when and (until is None or when <= until) for begins, until in stood)
    assume(not within)
    assert ends(start, allowance, sorted([*stood, (when, when)])) == ends(start, allowance, stood)


@few
@given(MOMENTS, st.integers(1, 200), stops())
def test_hours_lose_exactly_what_their_stops_last(start: datetime, hours: int, stood: list[Stop]) -> None:
    due = ends(start, Allowance(hours, Unit.HOUR), stood)
    assume(due.year < 9999)
    lost = sum(
        (max(min(until or due, due) - max(begins, start), timedelta(0)) for begins, until in stood), timedelta(0)
    )
    assert due - start - lost == timedelta(hours=hours)


@few
@example(at("2026-09-01 12:01"), 1, "{} working days inclusive by 12:00", [(at("2026-09-01 00:00"), None)])
@given(MOMENTS, st.integers(1, 12), st.sampled_from([*KINDS, *WITHOUT_FIGURES]), stops())
def test_the_proof_has_every_day_once_and_ends_on_the_deadline(
    start: datetime, n: int, kind: str, stood: list[Stop]
) -> None:
    allowance = parse_protocol_allowance(kind.format(n))
    due = runs_out(start, allowance, CALENDAR, stood)
    proof = list(steps(start, allowance, CALENDAR, stood))
    if due is None:
        assert proof == []
        return
    assert all(after.on - before.on == timedelta(days=1) for before, after in pairwise(proof))
    assert (proof[0].on, proof[-1].on, proof[-1].count) == (london_date(start), due.on, allowance.limit)
    counts = [step.count for step in proof if step.count is not None]
    assert counts == sorted(counts)
    assert all(step.why for step in proof if step.count is None)


@few
@given(MOMENTS, st.integers(1, 12), st.sampled_from([*KINDS, *WITHOUT_FIGURES]))
def test_the_proof_of_what_is_counted_back_has_every_day_once(event: datetime, n: int, kind: str) -> None:
    allowance = parse_protocol_allowance(kind.format(n))
    due = counted_back(event, allowance, CALENDAR)
    proof = list(steps(event, allowance, CALENDAR, backward=True))
    ends_of_it = {proof[0].on, proof[-1].on}
    assert all(abs(after.on - before.on) == timedelta(days=1) for before, after in pairwise(proof))
    assert len({step.on for step in proof}) == len(proof)
    assert ends_of_it == {london_date(event), due.on}
    counts = [step.count for step in proof if step.count is not None]
    assert counts == sorted(counts)
    assert counts[-1] == allowance.limit


WEEKS = st.sets(st.integers(0, 6), min_size=1)
CLOCKS = st.integers(0, 24 * 4 - 1).map(lambda quarters: time(quarters // 4, quarters % 4 * 15))


@st.composite
def offices(draw: st.DrawFn) -> Calendar:
    """Open on any days and at any hours, each day of the week at its own."""

    def hours() -> tuple[time, time]:
        opens, closes = sorted(draw(st.lists(CLOCKS, min_size=2, max_size=2, unique=True)))
        return opens, closes

    opens, closes = hours()
    off = draw(st.sets(st.dates(date(2026, 9, 1), date(2028, 3, 31)), max_size=30))
    return Calendar(
        "office",
        dict.fromkeys(off, "closure"),
        first=FIRST,
        last=LAST,
        published_to=LAST,
        week=tuple(draw(WEEKS)),
        opens=opens,
        closes=closes,
        hours_on={day: hours() for day in draw(st.sets(st.integers(0, 6), max_size=3))},
    )


@few
@given(offices(), MOMENTS, st.integers(1, 60 * 100))
def test_working_time_added_has_run_and_taken_away_still_runs(office: Calendar, moment: datetime, minutes: int) -> None:
    span = timedelta(minutes=minutes)
    after, before = office.add_working_time(moment, span), office.subtract_working_time(moment, span)
    assert before < moment < after
    assert office.working_time_between(moment, after) == office.working_time_between(before, moment) == span
    a_second = timedelta(seconds=1)  # the first instant at which it has run, and the last from which it still does
    assert office.working_time_between(moment, after - a_second) < span
    assert office.working_time_between(before + a_second, moment) < span


@few
@given(offices(), MOMENTS, st.integers(0, 60 * 24 * 20))
def test_working_time_is_what_runs_minute_by_minute(office: Calendar, moment: datetime, minutes: int) -> None:
    later = moment + timedelta(minutes=minutes)
    assert office.working_time_between(moment, later) == -office.working_time_between(later, moment)
    halfway = moment + timedelta(minutes=minutes // 2)
    parts = [office.working_time_between(*each) for each in ((moment, halfway), (halfway, later))]
    assert office.working_time_between(moment, later) == sum(parts, timedelta(0)) <= later - moment


@pytest.mark.parametrize(
    ("start", "allowance", "proof"),
    [
        # what is over on the first day ends on the next, and that is no second day
        ("2026-11-02 13:00", "same working day by 12:00", [(2, 0, "day 0"), (3, 0, "first working day, by 12:00")]),
        ("2026-11-02 13:00", "1 working day inclusive by 12:00", [(2, 1, "counts as well"), (3, 1, "by 12:00")]),
    ],
)
def test_the_proof_of_an_hour_that_was_over_does_not_count_too_much(
    start: str, allowance: str, proof: list[object]
) -> None:
    found = list(steps(at(start), parse_protocol_allowance(allowance), CALENDAR))
    assert [(step.on.day, step.count, step.why) for step in found] == proof
    assert shown(ends(at(start), parse_protocol_allowance(allowance))) == "2026-11-03 12:00"


def test_an_office_that_is_never_open_on_a_day_it_is_asked_for_still_answers() -> None:
    sundays = a_calendar({}, week=(6,), opens=time(1, 30), closes=time(1, 45))
    assert shown(sundays.add_working_time(at("2026-10-24 10:00"), timedelta(minutes=30))) == "2026-11-01 01:45"
