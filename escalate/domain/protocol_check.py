"""What a protocol file must also be, once its shape is right: every name it uses has to lead somewhere."""

from collections import Counter
from collections.abc import Iterable, Iterator

from escalate.domain.errors import listed, nearest
from escalate.domain.forms import SOURCES
from escalate.domain.particulars import NAMES
from escalate.domain.protocol import NEXT_STEP, Action, Anchor, Condition, Protocol, Stage, Timescale
from escalate.domain.shape import Problems


def check(protocol: Protocol, problems: Problems) -> None:
    """Notes every name that is used twice or leads nowhere, each with its place."""
    _names_once(protocol, problems)
    for i, fact in enumerate(protocol.facts):
        if fact.key in NAMES:
            problems.add(
                f"facts[{i}].key", f'"{fact.key}" is what set records of every case; give the fact another key'
            )
        if len({answer.casefold() for answer in fact.answers}) < max(len(fact.answers), 2):
            problems.add(
                f"facts[{i}].answers", "are not two or more that differ; a question needs something to choose from"
            )
    for i, route in enumerate(protocol.routes):
        starts = [stage.key for stage in protocol.ladder(route.key)]
        _known(f"routes[{i}].starts", route.starts, starts, f"a stage of the {route.key} route", problems)
        if route.cap:
            _check_timescale(f"routes[{i}].cap", route.cap, protocol, None, problems)
            if route.cap.anchor.kind in ("resolved", "known"):
                problems.add(
                    f"routes[{i}].cap.from",
                    f'"{route.cap.anchor}" is nothing a whole process counts from; try "raised" or "concern"',
                )
    if not protocol.routes:
        problems.add("routes", "is empty: a protocol has at least one route")
    for i, stage in enumerate(protocol.stages):
        _check_stage(f"stages[{i}]", stage, protocol, problems)
    for place, action in _actions_outside_stages(protocol):
        _check_action(place, action, protocol, None, problems)
    for i, form in enumerate(protocol.forms):
        for n, field in enumerate(form.fields):
            _known(f"forms[{i}].fields[{n}].source", field.source, SOURCES, "something that can go in a form", problems)
    for i, reminder in enumerate(protocol.reminders):
        _check_condition(f"reminders[{i}].when", reminder.when, protocol, problems)


def _names_once(protocol: Protocol, problems: Problems) -> None:
    lists: dict[str, Iterable[str]] = {
        "facts": [fact.key for fact in protocol.facts],
        "routes": [route.key for route in protocol.routes],
        "stages": [f"{stage.route}:{stage.key}" for stage in protocol.stages],
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
    if action.form:
        _known(f"{place}.form", action.form, [form.key for form in protocol.forms], "a form", problems)
    for i, contact in enumerate(action.contacts):
        _known(f"{place}.contacts[{i}]", contact, [known.key for known in protocol.contacts], "a contact", problems)
    for i, timescale in enumerate(action.timescales):
        where = f"{place}.timescales[{i}]"
        _check_timescale(where, timescale, protocol, stage, problems)
        for name, anchor in (("from", timescale.anchor), ("failing_that", timescale.failing_that)):
            if anchor == Anchor("action", action.key):
                problems.add(f"{where}.{name}", f'"{action.key}" would count from itself')
            if anchor and anchor.kind == "known" and not (action.when or timescale.when):
                problems.add(f"{where}.{name}", '"known" needs a when, to say which fact')


def _check_timescale(
    place: str, timescale: Timescale, protocol: Protocol, stage: Stage | None, problems: Problems
) -> None:
    _check_condition(f"{place}.when", timescale.when, protocol, problems)
    for name, anchor in (("from", timescale.anchor), ("failing_that", timescale.failing_that)):
        if anchor is None:
            continue
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
        elif anchor.kind == "action":
            _known(
                f"{place}.{name}",
                anchor.key,
                [action.key for action in protocol_actions(protocol)],
                "an action",
                problems,
            )


def _check_condition(place: str, condition: Condition | None, protocol: Protocol, problems: Problems) -> None:
    if condition is None:
        return
    facts = {fact.key: fact.answers for fact in protocol.facts}
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


def protocol_actions(protocol: Protocol) -> Iterator[Action]:
    """Every action of a protocol, wherever it stands."""
    for stage in protocol.stages:
        yield from stage.actions
    for _, action in _actions_outside_stages(protocol):
        yield action


def _actions_outside_stages(protocol: Protocol) -> Iterator[tuple[str, Action]]:
    for name, actions in (
        ("after_resolution", protocol.after_resolution),
        ("standing_actions", protocol.standing_actions),
    ):
        for i, action in enumerate(actions):
            yield f"{name}[{i}]", action
