"""The counting rules and the five ladders a second time, slowly: written from design.md and readings.md, not from the product.

Nothing here is clever, so that it can be checked by reading: days are walked one by one, London's clock is worked out from
the last Sundays of March and October, and bank holidays are GOV.UK's own lists. It imports nothing but the standard library.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

NATIONS = ("england-and-wales", "scotland", "northern-ireland")
FIRST_DAY, LAST_DAY = date(2011, 1, 1), date(2028, 12, 31)
"""What GOV.UK's file covers. The oracle refuses to say anything about a working day outside it."""

ONE_DAY = timedelta(days=1)
ONE_HOUR = timedelta(hours=1)
OPENS, CLOSES, LAST_SECOND = time(9), time(17), time(23, 59, 59)


# -- London's clock -------------------------------------------------------------------------------


@cache
def clocks_change(year: int, month: int) -> datetime:
    """01:00 UTC on the last Sunday of March or October."""
    day = date(year, month, 31)
    while day.weekday() != 6:
        day -= ONE_DAY
    return datetime.combine(day, time(1), UTC)


def is_summer_time(at: datetime) -> bool:
    return clocks_change(at.year, 3) <= at < clocks_change(at.year, 10)


def clock(at: datetime) -> datetime:
    """What London's clocks show at an instant, as a naive datetime."""
    return at.replace(tzinfo=None) + (ONE_HOUR if is_summer_time(at) else timedelta(0))


def instant(local: datetime) -> datetime:
    """The first instant at which London's clocks show a time."""
    an_hour_ahead = (local - ONE_HOUR).replace(tzinfo=UTC)
    if is_summer_time(an_hour_ahead):
        return an_hour_ahead
    level = local.replace(tzinfo=UTC)
    if is_summer_time(level):
        raise ValueError(f"London's clocks never showed {local}")
    return level


def moment(text: str) -> datetime:
    """`2026-12-23 16:00`, by London's clocks, as an instant."""
    return instant(datetime.fromisoformat(text))


def written(at: datetime | None) -> str | None:
    """An instant as the contract writes it: ISO 8601 with London's offset."""
    if at is None:
        return None
    return f"{clock(at):%Y-%m-%dT%H:%M:%S}{'+01:00' if is_summer_time(at) else '+00:00'}"


# -- the calendar ---------------------------------------------------------------------------------


@cache
def bank_holidays(nation: str) -> dict[date, str]:
    file = Path(__file__).with_name("data") / "govuk-bank-holidays.json"
    events = json.loads(file.read_text(encoding="utf-8"))[nation]["events"]
    return {date.fromisoformat(event["date"]): event["title"] for event in events}


def is_working_day(day: date, nation: str) -> bool:
    """C1."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"GOV.UK's file does not say whether {day} is a bank holiday")
    return day.weekday() < 5 and day not in bank_holidays(nation)


def is_open(at: datetime, nation: str) -> bool:
    """Whether an instant lies inside working hours, opening and closing time included (C8)."""
    return is_working_day(clock(at).date(), nation) and OPENS <= clock(at).time() <= CLOSES


def day_to_day(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


# -- the counting rules ---------------------------------------------------------------------------


def figures(allowance: str) -> tuple[int | None, int, str]:
    """The target (None where there is no range), the limit and the unit."""
    if allowance in ("immediately", "same working day"):
        return None, 0, allowance
    found = re.fullmatch(r"(?:(\d+) to )?(\d+) (hour|working hour|day|working day|week|month)s?", allowance)
    assert found, allowance
    return int(found[1]) if found[1] else None, int(found[2]), found[3]


def due(start: datetime, allowance: str, nation: str) -> tuple[datetime, date]:
    """When an allowance runs out, and on which day in London."""
    _, limit, unit = figures(allowance)
    return run_out(start, limit, unit, nation)


def target(start: datetime, allowance: str, nation: str) -> datetime | None:
    """When the lower figure of a range runs out."""
    lower, _, unit = figures(allowance)
    return run_out(start, lower, unit, nation)[0] if lower else None


def run_out(start: datetime, n: int, unit: str, nation: str) -> tuple[datetime, date]:
    if unit == "hour":  # C6
        end = start + n * ONE_HOUR
        return end, clock(end).date()
    if unit == "working hour":  # C6
        end = working_minutes_later(start, n * 60, nation)
        return end, clock(end).date()
    day = last_day(clock(start).date(), n, unit, nation)
    return instant(datetime.combine(day, LAST_SECOND)), day  # C5


def last_day(day: date, n: int, unit: str, nation: str) -> date:
    if unit == "immediately":  # C4
        return day
    if unit == "same working day" or (unit == "working day" and n == 0):  # C2
        while not is_working_day(day, nation):
            day += ONE_DAY
        return day
    if unit == "working day":  # C2
        while n:
            day += ONE_DAY
            n -= is_working_day(day, nation)
        return day
    if unit == "month":  # C3
        return same_day_of_a_later_month(day, n)
    for _ in range(n * 7 if unit == "week" else n):  # C3
        day += ONE_DAY
    return day


def same_day_of_a_later_month(day: date, n: int) -> date:
    year, month = day.year, day.month
    for _ in range(n):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError(day)


def working_minutes_later(at: datetime, minutes: int, nation: str) -> datetime:
    """Counts whole minutes, so a start inside working hours has to be on one."""
    while minutes:
        local = clock(at)
        if is_working_day(local.date(), nation) and OPENS <= local.time() < CLOSES:
            assert local.second == 0, local
            minutes -= 1
        at = at.replace(second=0) + timedelta(minutes=1)
    return at


def act_by(anchor: datetime, due_at: datetime, nation: str) -> datetime:
    """C8: the last moment inside working hours from the anchor to the deadline; failing that, the deadline."""
    for day in reversed(day_to_day(clock(anchor).date(), clock(due_at).date())):
        if is_working_day(day, nation):
            opens, closes = (instant(datetime.combine(day, hour)) for hour in (OPENS, CLOSES))
            last = min(closes, due_at)
            if last >= max(opens, anchor):
                return last
    return due_at


# -- the five ladders -----------------------------------------------------------------------------


class Limit(NamedTuple):
    """An allowance and what it counts from: `concern`, `raised`, `stage`, or an action that was recorded."""

    within: str
    since: str
    failing_that: str | None = None
    may_apply: bool = False


class Rung(NamedTuple):
    """A stage: its own limits (none, and it is undated), the action they are set on, and other actions with limits of
    their own. It is entered after the rung before it in the list, unless `after` says which."""

    key: str
    limits: tuple[Limit, ...] = ()
    action: str = "resolve"
    others: tuple[tuple[str, Limit], ...] = ()
    after: str | None = None


class Timed(NamedTuple):
    """An action with a time limit; `due` and `act_by` are None while what it counts from has not happened."""

    due: datetime | None
    act_by: datetime | None
    target: datetime | None = None
    provisional: bool = False


class Stage(NamedTuple):
    """A stage as it falls. `actions` are those with a time limit, the one that closes the stage among them."""

    key: str
    entered: datetime
    target: datetime | None
    due: datetime | None
    act_by: datetime | None
    provisional: bool
    actions: dict[str, Timed]


CAPS = {("hull-east-riding", "main"): Limit("22 working days", "raised")}
CALENDAR = "england-and-wales"  # of all five

HULL_MAIN = (
    Rung("1", (Limit("24 hours", "stage"),), others=(("discussion", Limit("24 hours", "stage")),)),
    Rung("2", (Limit("24 hours", "stage"),), others=(("response", Limit("24 hours", "stage")),)),
    Rung("3", (Limit("5 working days", "stage"),), others=(("written-escalation", Limit("24 hours", "stage")),)),
    Rung("4", (Limit("24 to 48 hours", "stage"),)),
    Rung("5", (Limit("24 to 48 hours", "stage"),)),
    Rung("6", (Limit("24 to 48 hours", "stage"),)),
    Rung("7", (Limit("3 to 5 days", "stage"),), others=(("recommendation", Limit("5 working days", "panel")),)),
)

LADDERS: dict[tuple[str, str], tuple[Rung, ...]] = {
    ("hull-east-riding", "main"): HULL_MAIN,
    ("hull-east-riding", "child-protection-plan"): (Rung("dissent"), Rung("quality-assurance"), *HULL_MAIN),
    ("north-yorkshire", "main"): (
        Rung("1", (Limit("24 to 96 hours", "raised"),)),
        Rung("2", (Limit("immediately", "stage"),)),
        Rung("3", (Limit("10 working days", "concern"),)),
        Rung("4", (Limit("10 working days", "concern"),)),
        Rung("5", (Limit("1 working day", "stage"),), "chair-referral"),
        Rung("6", (Limit("3 working days", "stage"), Limit("13 working days", "raised")), "panel-convened"),
        Rung("7", (Limit("48 hours", "stage"), Limit("13 working days", "raised")), "recommendation"),
    ),
    ("lincolnshire", "main"): (
        Rung(
            "1",
            (Limit("2 working days", "discussion", failing_that="stage"),),
            "plan",
            (("discussion", Limit("immediately", "stage")),),
        ),
        Rung("2", (Limit("5 working days", "stage"),)),
        Rung("3", (Limit("2 working days", "stage"),), "plan", (("slo-contacted", Limit("immediately", "stage")),)),
        Rung("4a", (Limit("1 working day", "stage"),), "meeting-date", after="3"),
        Rung("4b", after="3"),
    ),
    ("north-east-lincolnshire", "individual"): (
        Rung("A"),
        Rung("B", others=(("referral", Limit("same working day", "stage")),)),
        Rung("C"),
        Rung("D"),
        Rung("E"),
    ),
    ("north-east-lincolnshire", "convening-conference"): (Rung("A"), Rung("B"), Rung("C"), Rung("D")),
    ("north-east-lincolnshire", "conference-majority"): (
        Rung("A", others=(("referral", Limit("same working day", "stage")),)),
        Rung("B"),
        Rung("C"),
        Rung("D"),
    ),
    # The divided conference is the decision in dispute, so its date is the concern.
    ("north-east-lincolnshire", "conference-divided"): (
        Rung("adjourned", (Limit("15 working days", "concern"),), "reconvened"),
        Rung("A"),
        Rung("B"),
        Rung("C"),
    ),
    ("north-east-lincolnshire", "serious-case"): (Rung("A"), Rung("B"), Rung("C")),
    ("herefordshire", "main"): (
        Rung("0"),
        Rung("1", (Limit("1 to 3 working days", "concern"),)),
        Rung("2", (Limit("8 working days", "concern"),)),
        Rung("3", (Limit("13 working days", "concern"),)),
        Rung("4", (Limit("20 working days", "concern"),)),
    ),
}

STANDING = (
    ("hull-east-riding", "at-risk", "lead-told", "immediately"),
    ("hull-east-riding", "immediate-risk", "police-and-safeguarding", "immediately"),
    ("north-yorkshire", "immediate-risk", "lead-told", "immediately"),
    ("north-east-lincolnshire", "significant-harm", "safeguarding-procedure", "same working day"),
    ("herefordshire", "immediate-risk", "safeguarding-referral", "same working day"),
    ("herefordshire", "allegation", "lado-referral", "24 hours"),
)
"""Protocol, the fact that calls for it, the action, and how long there is from when the fact became known."""


def cap(protocol: str, raised: datetime) -> datetime | None:
    """The limit on the whole; a route that runs into the main ladder runs into its cap."""
    whole = CAPS.get((protocol, "main"))
    return due(raised, whole.within, CALENDAR)[0] if whole else None


def limits_of(protocol: str, rung: Rung, facts: Mapping[str, str]) -> tuple[Limit, ...]:
    """The limits that hold for a rung in a case: its own, what facts add, and the cap (a timescale like any other, C7)."""
    limits = rung.limits
    if protocol == "hull-east-riding" and rung.key == "7" and facts.get("severity", "high") == "high":
        limits = (*limits, Limit("3 days", "stage", may_apply="severity" not in facts))  # C14
    if protocol == "hull-east-riding" and rung in HULL_MAIN:
        limits = (*limits, CAPS[protocol, "main"])
    return limits


def earliest(limits: tuple[Limit, ...], moments: Mapping[str, datetime], firm: bool = True) -> Timed:
    """C7. A target that does not come before the deadline is none. What counts from entry to a stage is no firmer than that entry;
    of limits that end together one that is certain decides, for nothing can move the deadline."""
    found: list[Timed] = []
    for limit in limits:
        falls_back = limit.since not in moments and limit.failing_that is not None  # C10
        provisional = falls_back or limit.may_apply or (not firm and limit.since == "stage")
        since = moments.get(limit.since) or moments.get(limit.failing_that or "")
        if since:
            due_at, _ = due(since, limit.within, CALENDAR)
            found.append(
                Timed(due_at, act_by(since, due_at, CALENDAR), target(since, limit.within, CALENDAR), provisional)
            )
    if not found:
        return Timed(None, None)
    first = found[0]
    for other in found[1:]:
        if other.due and first.due and (other.due, other.provisional) < (first.due, first.provisional):
            first = other
    targets = [each.target for each in found if each.target and first.due and each.target < first.due]
    return first._replace(target=min(targets, default=None))


def stage(
    protocol: str,
    rung: Rung,
    entered: datetime,
    raised: datetime,
    concern: datetime | None = None,
    facts: Mapping[str, str] | None = None,
    done: Mapping[str, datetime] | None = None,
    firm: bool = True,
) -> Stage:
    """One stage, whenever it was entered; `done` says when actions were recorded as done, `firm` whether that entry is."""
    moments = {"raised": raised, "concern": concern or raised, "stage": entered, **(done or {})}
    limits = limits_of(protocol, rung, facts or {})
    closing = earliest(limits, moments, firm)
    actions = {key: earliest((limit,), moments, firm) for key, limit in rung.others}
    if limits:
        actions[rung.action] = closing
    elif actions:  # C18: the stage ends with the last of its duties
        closing = max(actions.values(), key=lambda timed: timed.due or entered)
    return Stage(rung.key, entered, closing.target, closing.due, closing.act_by, closing.provisional, actions)


def ladder(
    protocol: str,
    route: str,
    raised: datetime,
    concern: datetime | None = None,
    facts: Mapping[str, str] | None = None,
) -> list[Stage]:
    """Every stage of a route if each takes its full time: entered when the one before is due, or at once if that has passed.

    Nothing is firm after a stage without a time, or after one that ends provisionally.
    """
    stages: dict[str, Stage] = {}
    firmly: dict[str, bool] = {}
    entered, before = raised, None
    for rung in LADDERS[protocol, route]:
        after = rung.after or before or ""
        previous = stages.get(after)
        if previous:
            entered = max(previous.entered, previous.due or previous.entered)
        firmly[rung.key] = previous is None or (firmly[after] and previous.due is not None and not previous.provisional)
        stages[rung.key] = stage(protocol, rung, entered, raised, concern, facts, firm=firmly[rung.key])
        before = rung.key
    return list(stages.values())
