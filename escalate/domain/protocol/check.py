"""What a protocol file must also be, once its shape is right: every name it uses has to lead somewhere."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from escalate.domain.case.details import NAMES
from escalate.domain.protocol.anchors import ANCHORS, Anchor
from escalate.domain.protocol.conditions import KNOWN, UNKNOWN, Condition
from escalate.domain.protocol.form_sources import SOURCES
from escalate.domain.protocol.model import NEXT_STEP, Action, Protocol, Stage, Timescale
from escalate.domain.protocol.shape import Problems
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.read_allowance import parse_allowance
from escalate.errors import BadAllowance, listed, nearest

LONGEST_SPAN = 2 * 366
"""So many days at most a closure or a term may have: more is a year mistyped."""

MOST = {"calendars": 20, "stages": 60}
"""No procedure has so many. Each calendar takes up a hundred years, and from each stage every way up is gone."""

Rules = Sequence[tuple[str, Callable[[Any], object], str]]
"""The field a rule is about, whether something breaks it, and what is said then."""


def check(protocol: Protocol, problems: Problems) -> None:
    """Notes every name that is used twice or leads nowhere, each with its place; of what is far too long, no more than that it is."""
    there = {name: len(getattr(protocol, name)) for name in MOST}
    if too_many := [name for name, number in there.items() if number > MOST[name]]:
        for name in too_many:
            problems.add(name, f"are {there[name]:,}, and a protocol can have {MOST[name]}; is it the right file?")
        return
    _names_once(protocol, problems)
    _check_calendars(protocol, problems)
    _check_moments(protocol, problems)
    _check_overdue(protocol, problems)
    for i, fact in enumerate(protocol.facts):
        if fact.key in NAMES:
            problems.add(
                f"facts[{i}].key", f'"{fact.key}" is what set records of every case; give the fact another key'
            )
        if len({answer.casefold() for answer in fact.answers}) < max(len(fact.answers), 2):
            problems.add(
                f"facts[{i}].answers", "are not two or more that differ; a question needs something to choose from"
            )
    _check_routes(protocol, problems)
    for i, stage in enumerate(protocol.stages):
        _check_stage(f"stages[{i}]", stage, protocol, problems)
    for place, action in _actions_outside_stages(protocol):
        _check_action(place, action, protocol, None, problems)
    for i, form in enumerate(protocol.forms):
        for n, field in enumerate(form.fields):
            _known(f"forms[{i}].fields[{n}].source", field.source, SOURCES, "something that can go in a form", problems)
    for i, reminder in enumerate(protocol.reminders):
        _check_condition(f"reminders[{i}].when", reminder.when, protocol, problems)


def _check_routes(protocol: Protocol, problems: Problems) -> None:
    for i, route in enumerate(protocol.routes):
        starts = [stage.key for stage in protocol.ladder(route.key)]
        _known(f"routes[{i}].starts", route.starts, starts, f"a stage of the {route.key} route", problems)
        if route.cap:
            _check_timescale(f"routes[{i}].cap", route.cap, protocol, None, problems)
            for name, anchor in _anchors(route.cap):
                if anchor.kind in ("resolved", "known", "overdue"):
                    problems.add(
                        f"routes[{i}].cap.{name}",
                        f'"{anchor}" is nothing a whole process counts from; try "raised" or "concern"',
                    )
            if route.cap.repeats:
                problems.add(f"routes[{i}].cap.every", "the limit on a whole process does not repeat; say within")
    if not protocol.routes:
        problems.add("routes", "is empty: a protocol has at least one route")


def _names_once(protocol: Protocol, problems: Problems) -> None:
    lists: dict[str, Iterable[str]] = {
        "facts": [fact.key for fact in protocol.facts],
        "routes": [route.key for route in protocol.routes],
        "stages": [f"{stage.route}:{stage.key}" for stage in protocol.stages],
        "calendars": [calendar.key for calendar in protocol.calendars],
        "moments": [moment.key for moment in protocol.dated_events],
        "contacts": [contact.key for contact in protocol.contacts],
        "forms": [form.key for form in protocol.forms],
        "themes": [theme.key for theme in protocol.themes],
        "after_resolution": [action.key for action in protocol.after_resolution],
        "standing_actions": [action.key for action in protocol.standing_actions],
    }
    lists |= {
        f"stages[{i}].actions": [action.key for action in stage.actions] for i, stage in enumerate(protocol.stages)
    }
    for place, keys in lists.items():
        for key, times in Counter(key.casefold() for key in keys).items():  # people type them in whatever letters
            if times > 1 and key.rpartition(":")[2]:  # a blank stands for a name already reported
                problems.add(place, f'"{key.removeprefix(":")}" stands here {times} times; give each a key of its own')


def _check_stage(place: str, stage: Stage, protocol: Protocol, problems: Problems) -> None:
    _known(f"{place}.route", stage.route, [route.key for route in protocol.routes], "a route", problems)
    for i, name in enumerate(stage.next):
        if name and protocol.find(stage.route, name) is None:
            _known(
                f"{place}.next[{i}]",
                name,
                [other.key for other in protocol.ladder(stage.route)],
                f"a stage of the {stage.route} route",
                problems,
            )
    following = [protocol.find(stage.route, name) for name in stage.next]
    if stage in following:
        problems.add(f"{place}.next", f"stage {stage.key} leads to itself; name the stages that follow it")
    for name, times in Counter(each.key for each in following if each and each is not stage).items():
        if times > 1 and len({each.route for each in following if each and each.key == name}) < times:
            problems.add(f"{place}.next", f'"{name}" stands here {times} times; once is enough')
    closing = [action.key for action in stage.actions if action.ends_stage]
    if len(closing) > 1:
        problems.add(f"{place}.actions", f"{listed(closing, 'and')} each say ends_stage; a stage ends with one action")
    for i, action in enumerate(stage.actions):
        _check_action(f"{place}.actions[{i}]", action, protocol, stage, problems)


def _check_action(place: str, action: Action, protocol: Protocol, stage: Stage | None, problems: Problems) -> None:
    _check_condition(f"{place}.when", action.when, protocol, problems)
    if action.ends_stage and action.when:
        problems.add(
            f"{place}.when", "the action that ends a stage cannot depend on a fact; put the condition on its timescales"
        )
    if action.ends_stage and stage is None:
        problems.add(f"{place}.ends_stage", "only an action of a stage can end one")
    if action.key == NEXT_STEP:
        problems.add(
            f"{place}.key", f'"{NEXT_STEP}" is what escalate calls a step of its own; give the action another key'
        )
    if action.if_reached:
        named = ":" in action.if_reached
        keys = [f"{known.route}:{known.key}" if named else known.key for known in protocol.stages]
        _known(f"{place}.if_reached", action.if_reached, keys, "a stage", problems)
    _apply(_OF_ACTIONS, place, action, problems)
    if action.window and stage is None:
        problems.add(f"{place}.window", "only an action of a stage can be the time to go up in")
    if action.repeats and action.when is None and place.startswith("after_resolution"):
        problems.add(f"{place}.when", "is missing: what repeats after resolution needs it, to say how long it goes on")
    if action.form:
        _known(f"{place}.form", action.form, [form.key for form in protocol.forms], "a form", problems)
    for i, contact in enumerate(action.contacts):
        _known(f"{place}.contacts[{i}]", contact, [known.key for known in protocol.contacts], "a contact", problems)
    for i, timescale in enumerate(action.timescales):
        where = f"{place}.timescales[{i}]"
        _check_timescale(where, timescale, protocol, stage, problems)
        for name, anchor in _anchors(timescale):
            if anchor in (Anchor("action", action.key), Anchor("overdue", action.key)):
                problems.add(f"{where}.{name}", f'"{action.key}" would count from itself')
            if anchor and anchor.kind == "known" and not (action.when or timescale.when):
                problems.add(f"{where}.{name}", '"known" needs a when, to say which fact')


def _check_timescale(
    place: str, timescale: Timescale, protocol: Protocol, stage: Stage | None, problems: Problems
) -> None:
    _check_condition(f"{place}.when", timescale.when, protocol, problems)
    _check_condition(f"{place}.stops_while", timescale.stops_while, protocol, problems)
    _check_days(place, timescale, protocol, problems)
    _apply(_OF_TIMESCALES, place, timescale, problems)
    if timescale.backward and protocol.dated_event(timescale.anchor.key) is None:
        problems.add(
            f"{place}.before", f'"{timescale.anchor}" is not a moment to come; it has to stand under [[moments]]'
        )
        return
    for name, anchor in _anchors(timescale):
        if anchor.kind == "stage" and stage is None:
            problems.add(f"{place}.{name}", '"stage" has no meaning outside a stage; try "raised" or "concern"')
        elif anchor.kind == "resolved" and stage is not None:
            problems.add(
                f"{place}.{name}",
                '"resolved" never comes while a case is at a stage; put the action under after_resolution',
            )
        elif anchor.kind == "stage-entry":
            keys = [known.key for known in protocol.stages if stage is None or known.route == stage.route]
            _known(f"{place}.{name}", anchor.key, keys, "a stage", problems)
        elif anchor.kind in ("action", "overdue"):
            actions = [action.key for each in protocol.stages for action in each.actions]
            if anchor.kind == "action":
                actions = [
                    *[action.key for action in protocol.actions],
                    *[moment.key for moment in protocol.dated_events],
                ]
            kind = "an action or a moment" if protocol.dated_events and anchor.kind == "action" else "an action"
            _known(f"{place}.{name}", anchor.key, actions, kind, problems)


def _anchors(timescale: Timescale) -> Iterator[tuple[str, Anchor]]:
    """What a timescale counts from, each by the name of its field."""
    yield "before" if timescale.backward else "from", timescale.anchor
    if timescale.failing_that:
        yield "failing_that", timescale.failing_that


def _apply(rules: Rules, place: str, thing: Any, problems: Problems) -> None:
    """Notes each rule that something breaks, at the field the rule is about."""
    for name, broken, sentence in rules:
        if broken(thing):
            problems.add(f"{place}.{name}", sentence)


_OF_ACTIONS: Rules = (
    ("window", lambda action: action.window and action.ends_stage, "what ends a stage is no time to go up in; give the window an action of its own"),
    ("window", lambda action: action.window and action.repeats, "what repeats is no time to go up in"),
    ("timescales", lambda action: action.repeats and not all(each.repeats for each in action.timescales), "either all of them say every, or none does"),
    ("timescales", lambda action: action.repeats and action.ends_stage, "what ends a stage is done once, and cannot say every"),
    ("then_owner", lambda action: action.then_owner and not action.timescales, "needs a timescale, whose time can pass"),
    ("once_passed", lambda action: action.once_passed and not action.timescales, "needs a timescale, whose time can pass"),
    ("whichever", lambda action: action.whichever == "later" and len(action.timescales) < 2, "needs two timescales or more, to take the later of"),
)  # fmt: skip
_OF_TIMESCALES: Rules = (
    ("before", lambda each: each.backward and not each.at_least, 'goes with at_least, as in at_least = "5 working days"'),
    ("at_least", lambda each: each.at_least and not each.backward, 'goes with before, as in before = "hearing"'),
    ("stops_while", lambda each: each.backward and each.stops_while, "cannot stop a time that is counted back"),
    ("failing_that", lambda each: each.backward and each.failing_that, "cannot stand in for a moment that is counted back from"),
    ("extendable_to", lambda each: each.extendable_to and (each.backward or each.repeats), "goes with within only"),
    ("extendable_to", lambda each: each.extendable_to and _is_less(each.extendable_to, each.within), "is less than the time itself"),
    ("at_least", lambda each: each.at_least and each.within.target, "cannot be a range: say the last day, and what to aim at with target"),
    ("target", lambda each: each.target and each.within.target, "is said twice: within is a range already"),
)  # fmt: skip


def _is_less(one: Allowance, other: Allowance) -> bool:
    """Whether an allowance is surely less than another, of the same kind of days."""
    return (one.unit, one.days_of) == (other.unit, other.days_of) and one.limit < other.limit


def _check_days(place: str, timescale: Timescale, protocol: Protocol, problems: Problems) -> None:
    """Notes days and hours of a calendar the protocol does not have; most likely the unit is mistyped."""
    keys = [calendar.key for calendar in protocol.calendars]
    written = {"within": timescale.within, "target": timescale.target, "extendable_to": timescale.extendable_to}
    for name, allowance in written.items():
        if allowance is None or allowance.days_of is None or allowance.days_of in keys:
            continue
        field = name if name != "within" else timescale.written_as
        try:
            parse_allowance(str(allowance))
        except BadAllowance as problem:
            near = nearest(allowance.days_of, ["working", "calendar", *keys], most=1)
            own = f'; give the protocol a calendar with the key "{allowance.days_of}", or mean working days'
            problems.add(f"{place}.{field}", problem.sentence if near else f'"{allowance}" is not an allowance{own}')


def _check_calendars(protocol: Protocol, problems: Problems) -> None:
    for place, calendar in (
        ("calendar", protocol.calendar),
        *((f"calendars[{i}]", calendar) for i, calendar in enumerate(protocol.calendars)),
    ):
        if calendar.key in ("working", "calendar", "clock", "same"):
            problems.add(
                f"{place}.key", f'"{calendar.key} days" has a meaning of its own; give the calendar another key'
            )
        for name, spans in (("closures", calendar.closures), ("terms", calendar.terms)):
            for n, span in enumerate(spans):
                if span.last < span.first:
                    problems.add(f"{place}.{name}[{n}].to", f"{span.last} comes before {span.first}")
                elif (span.last - span.first).days > LONGEST_SPAN:
                    problems.add(f"{place}.{name}[{n}].to", "is more than two years after its beginning")
        terms = sorted(calendar.terms, key=lambda each: each.first)
        for before, after in pairwise(terms):
            if after.first <= before.last:
                problems.add(f"{place}.terms", f"the one from {after.first} begins before the one before it has ended")


def _check_moments(protocol: Protocol, problems: Problems) -> None:
    taken = {
        **dict.fromkeys(NAMES, "what set records of every case"),
        **dict.fromkeys(ANCHORS, "what every protocol can count from"),
        **{fact.key: "a fact" for fact in protocol.facts},
        **{action.key: "an action" for action in protocol.actions},
    }
    for i, moment in enumerate(protocol.dated_events):
        if moment.key in taken:
            problems.add(
                f"moments[{i}].key", f'"{moment.key}" is {taken[moment.key]} already; give the moment another key'
            )


def _check_overdue(protocol: Protocol, problems: Problems) -> None:
    """Notes actions that count from one another's time running out, round in a circle.

    That can only be within a stage: what another stage has of that name is one the case has been at before.
    """
    for i, stage in enumerate(protocol.stages):
        waits = {
            action.key: {
                anchor.key for each in action.timescales for _, anchor in _anchors(each) if anchor.kind == "overdue"
            }
            for action in stage.actions
        }
        for n, action in enumerate(stage.actions):
            seen: set[str] = set()
            ahead = list(waits[action.key])
            while ahead:
                key = ahead.pop()
                if key not in seen:
                    seen.add(key)
                    ahead += waits.get(key, ())
            if action.key in seen and action.key not in waits[action.key]:
                problems.add(
                    f"stages[{i}].actions[{n}].timescales", f'"{action.key}" would count from itself in the end'
                )


def _check_condition(place: str, condition: Condition | None, protocol: Protocol, problems: Problems) -> None:
    if condition is None:
        return
    facts = {fact.key: fact.answers for fact in protocol.facts}
    facts |= {moment.key: (KNOWN, UNKNOWN) for moment in protocol.dated_events}
    for key, answer in condition.terms:
        _known(place, key, facts, "a fact", problems)
        if key in facts and answer not in facts[key]:
            problems.add(place, f'{key} is never "{answer}"; its answers are {listed(list(facts[key]), "and")}')


def _known(place: str, name: str, known: Iterable[str], kind: str, problems: Problems) -> None:
    names = list(known)
    if not name or name in names or "" in names:  # a blank stands for a name already reported, and may be the one meant
        return
    near = nearest(name, names, most=1)
    advice = f'; did you mean "{near[0]}"?' if near else f"; there is {listed(names, 'and')}" if names else ""
    problems.add(place, f'"{name}" is not {kind}{advice}')


def _actions_outside_stages(protocol: Protocol) -> Iterator[tuple[str, Action]]:
    for name, actions in (
        ("after_resolution", protocol.after_resolution),
        ("standing_actions", protocol.standing_actions),
    ):
        for i, action in enumerate(actions):
            yield f"{name}[{i}]", action
