"""What a protocol file must also be, once its shape is right: every name it uses has to lead somewhere."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from escalate.domain.case.details import NAMES
from escalate.domain.protocol.anchors import ANCHORS, Anchor, AnchorKind, in_words_of_documents
from escalate.domain.protocol.conditions import KNOWN, UNKNOWN, Condition
from escalate.domain.protocol.form_sources import is_name_of_template, sources_of
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP, Action, Form, Route, Stage, Timescale
from escalate.domain.protocol.placed import PlacedAction, actions_of, actions_outside_stages
from escalate.domain.protocol.shape import Problems
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.local_calendar import CalendarChoice
from escalate.domain.worktime.read_allowance import parse_allowance
from escalate.errors import BadAllowance, cut, listed, nearest

LONGEST_SPAN = 2 * 366
"""The most days a closure or a term may have: if it has more, a year is mistyped."""

MOST = {"calendars": 20, "stages": 60}
"""No procedure has more. They cost time: each calendar covers a hundred years, and every way up is followed from each stage."""

LONGEST_CHAIN = 20
"""The most actions whose time has to run out, one after the other, before that of another begins. Each is looked up from the next."""

Rules = Sequence[tuple[str, Callable[[Any], object], str]]
"""The field a rule is about, whether something breaks it, and what is said then."""

Key = TypeVar("Key")
"""What tells an action from others: its key, at a stage or together with it."""


def check(protocol: Protocol, problems: Problems) -> None:
    """Note every name that is used twice or leads nowhere, each with its place. Of a file that is far too long, say only that."""
    numbers = {name: len(getattr(protocol, name)) for name in MOST}
    too_many = [name for name, number in numbers.items() if number > MOST[name]]
    for name in too_many:
        problems.add(name, f"are {numbers[name]:,}, and a protocol can have {MOST[name]}; is it the right file?")
    if not too_many:
        _Check(protocol, problems).everything()


class _Check:
    """One check of a protocol."""

    def __init__(self, protocol: Protocol, problems: Problems) -> None:
        self.protocol = protocol
        self.note = problems.add
        self.stage_actions = [action.key for stage in protocol.stages for action in stage.actions]
        self.events = [event.key for event in protocol.dated_events]

    def everything(self) -> None:
        protocol = self.protocol
        self._names_once()
        self._calendars()
        self._dated_events()
        self._circles()
        self._chains()
        self._facts()
        for i, route in enumerate(protocol.routes):
            self._route(f"routes[{i}]", route)
        if not protocol.routes:
            self.note("routes", "is empty: a protocol has at least one route")
        for i, stage in enumerate(protocol.stages):
            self._stage(f"stages[{i}]", stage)
            for placed in actions_of(i, stage):
                self._action(placed)
        for placed in actions_outside_stages(protocol):
            self._action(placed)
        for i, form in enumerate(protocol.forms):
            self._form(f"forms[{i}]", form)
        for i, reminder in enumerate(protocol.reminders):
            self._condition(f"reminders[{i}].when", reminder.when)

    def _form(self, place: str, form: Form) -> None:
        sources = sources_of(self.protocol)
        for n, field in enumerate(form.fields):
            self._known(f"{place}.fields[{n}].source", field.source, sources, "something that can go in a form")
        if form.template is not None and not is_name_of_template(form.template):
            self.note(
                f"{place}.template",
                f'"{cut(form.template, 60)}" is not the name of a Word file: say it without its folder, as in "appendix-b.docx", and put the file beside this one',
            )

    def _rules(self, rules: Rules, place: str, thing: Any) -> None:
        """Note each rule that something breaks, at the field the rule is about."""
        for name, broken, sentence in rules:
            if broken(thing):
                self.note(f"{place}.{name}", sentence)

    def _known(self, place: str, name: str, known: Iterable[str], kind: str) -> None:
        """Note a name that is none of those known."""
        names = list(known)
        if (
            not name or name in names or "" in names
        ):  # a blank stands for a name already reported, and may be the one meant
            return
        near = nearest(name, names, most=1)
        advice = f'; did you mean "{near[0]}"?' if near else f"; there is {listed(names, 'and')}" if names else ""
        self.note(place, f'"{name}" is not {kind}{advice}')

    # -- keys

    def _names_once(self) -> None:
        for place, keys in self._lists_of_keys().items():
            for key, times in Counter(key.casefold() for key in keys).items():  # people type them in whatever letters
                if times > 1 and key.rpartition(":")[2]:  # a blank stands for a name already reported
                    self.note(place, f'"{key.removeprefix(":")}" is here {times} times; give each a key of its own')

    def _lists_of_keys(self) -> dict[str, list[str]]:
        """The keys of everything that has one, by the place of the list it stands in."""
        protocol = self.protocol
        lists: dict[str, Iterable[Any]] = {
            "facts": protocol.facts,
            "routes": protocol.routes,
            "stages": protocol.stages,
            "calendars": protocol.calendars,
            "moments": protocol.dated_events,
            "contacts": protocol.contacts,
            "forms": protocol.forms,
            "themes": protocol.themes,
            "after_resolution": protocol.after_resolution,
            "standing_actions": protocol.standing_actions,
        }
        keys = {place: [each.key for each in things] for place, things in lists.items()}
        keys["stages"] = [":".join(stage.place) for stage in protocol.stages]
        return keys | {
            f"stages[{i}].actions": [action.key for action in stage.actions] for i, stage in enumerate(protocol.stages)
        }

    def _dated_events(self) -> None:
        """Note the keys of dated events that mean something else already."""
        taken = {
            **dict.fromkeys(NAMES, "what set records of every case"),
            **dict.fromkeys(ANCHORS, "what every protocol can count from"),
            **{fact.key: "a fact" for fact in self.protocol.facts},
            **{action.key: "an action" for action in self.protocol.actions},
        }
        for i, key in enumerate(self.events):
            if key in taken:
                self.note(f"moments[{i}].key", f'"{key}" is {taken[key]} already; give the moment another key')

    def _facts(self) -> None:
        for i, fact in enumerate(self.protocol.facts):
            if fact.key in NAMES:
                self.note(
                    f"facts[{i}].key", f'"{fact.key}" is what set records of every case; give the fact another key'
                )
            if len({answer.casefold() for answer in fact.answers}) < max(len(fact.answers), 2):
                self.note(
                    f"facts[{i}].answers", "are not two or more that differ; a question needs something to choose from"
                )
            if fact.unless_said:
                self._known(f"facts[{i}].unless_said", fact.unless_said, fact.answers, f"an answer to {fact.key}")

    # -- calendars

    def _calendars(self) -> None:
        beside = {f"calendars[{i}]": calendar for i, calendar in enumerate(self.protocol.calendars)}
        for place, calendar in {"calendar": self.protocol.calendar, **beside}.items():
            self._calendar(place, calendar)

    def _calendar(self, place: str, calendar: CalendarChoice) -> None:
        if calendar.key in ("working", "calendar", "clock", "same"):
            self.note(f"{place}.key", f'"{calendar.key} days" has a meaning of its own; give the calendar another key')
        for name, spans in (("closures", calendar.closures), ("terms", calendar.terms)):
            for n, span in enumerate(spans):
                if span.last < span.first:
                    self.note(f"{place}.{name}[{n}].to", f"{span.last} comes before {span.first}")
                elif (span.last - span.first).days > LONGEST_SPAN:
                    self.note(f"{place}.{name}[{n}].to", "is more than two years after its beginning")
                self._rules(_RULES_OF_SPANS, f"{place}.{name}[{n}]", span)
        if not calendar.bank_holidays and calendar.also:
            self.note(f"{place}.also", "names whose bank holidays count as well; with bank_holidays = false none do")
        for i, also in enumerate(calendar.also):
            if also == calendar.name or also in calendar.also[:i]:
                self.note(f"{place}.also[{i}]", f'"{also}" is named already; once is enough')
        terms = sorted(calendar.terms, key=lambda each: each.first)
        for before, after in pairwise(terms):
            if after.first <= before.last:
                self.note(f"{place}.terms", f"the one from {after.first} begins before the one before it has ended")

    # -- routes and stages

    def _route(self, place: str, route: Route) -> None:
        starts = [stage.key for stage in self.protocol.ladder(route.key)]
        self._known(f"{place}.starts", route.starts, starts, f"a stage of the {route.key} route")
        if route.cap:
            self._cap(f"{place}.cap", route.cap)

    def _cap(self, place: str, cap: Timescale) -> None:
        """Note what is wrong with the limit on a whole route."""
        self._timescale(place, cap, None)
        for name, anchor in (*cap.anchors, *cap.other_anchors):
            if anchor.kind in (AnchorKind.RESOLVED, AnchorKind.KNOWN, AnchorKind.OVERDUE):
                self.note(
                    f"{place}.{name}", f'"{anchor}" is nothing a whole process counts from; try "raised" or "concern"'
                )
        if cap.repeats:
            self.note(f"{place}.every", "the limit on a whole process does not repeat; say within")

    def _stage(self, place: str, stage: Stage) -> None:
        self._known(f"{place}.route", stage.route, [route.key for route in self.protocol.routes], "a route")
        self._next(f"{place}.next", stage)
        self._owners(place, stage)
        before = [
            action.key
            for action in self.protocol.actions
            if action not in (*stage.actions, *self.protocol.after_resolution)
        ]
        for i, key in enumerate(stage.needs):
            self._known(f"{place}.needs[{i}]", key, dict.fromkeys(before), "an action that can be done before it")
        said = f"stage {stage.key} is the stage itself; name those before it"
        self._ways(f"{place}.not_owner_of", stage, stage.not_owner_of, said)
        closing = [action.key for action in stage.actions if action.ends_stage]
        if len(closing) > 1:
            said = f"{listed(closing, 'and')} each say ends_stage; a stage ends with one action"
            self.note(f"{place}.actions", said)

    def _next(self, place: str, stage: Stage) -> None:
        """Note what leads from a stage to nowhere, or twice to the same; to itself it may lead, where it can be repeated."""
        self._ways(place, stage, stage.next, "")

    def _ways(self, place: str, stage: Stage, names: Sequence[str], to_itself: str) -> None:
        """Note which of the stages named at a stage is none, is that stage, or is named twice; `to_itself` says the second, if it matters."""
        protocol = self.protocol
        following = [protocol.find(stage.route, name) for name in names]
        for i, (name, after) in enumerate(zip(names, following, strict=True)):
            if after is None:
                keys = [other.key for other in protocol.ladder(stage.route)]
                self._known(f"{place}[{i}]", name, keys, f"a stage of the {stage.route} route")
        if to_itself and stage in following:
            self.note(place, to_itself)
        others = [each for each in following if each]
        for key, times in Counter(each.key for each in others if each is not stage or not to_itself).items():
            if times > 1 and len({each.route for each in others if each.key == key}) < times:
                self.note(place, f'"{key}" is here {times} times; once is enough')

    # -- actions

    def _action(self, placed: PlacedAction) -> None:
        place, action, stage = placed
        self._condition(f"{place}.when", action.when)
        self._owners(place, action)
        self._rules(_RULES_OF_PLACES, place, placed)
        if action.if_reached:
            self._known(f"{place}.if_reached", action.if_reached, self._stage_names(action.if_reached), "a stage")
        self._rules(_RULES_OF_ACTIONS, place, action)
        self._rules(_LATER_RULES_OF_PLACES, place, placed)
        if stage and action.window:
            said = f"stage {stage.key} is the one the window belongs to; name the stages it is the time to go to"
            self._ways(f"{place}.leads_to", stage, action.leads_to, said)
        if action.form:
            self._known(f"{place}.form", action.form, [form.key for form in self.protocol.forms], "a form")
        contacts = [contact.key for contact in self.protocol.contacts]
        for i, key in enumerate(action.contacts):
            self._known(f"{place}.contacts[{i}]", key, contacts, "a contact")
        for i, timescale in enumerate(action.timescales):
            self._timescale(f"{place}.timescales[{i}]", timescale, placed.stage)
            self._anchors_of_action(f"{place}.timescales[{i}]", timescale, action)
        if action.begins:
            self._anchor(f"{place}.begins", action.begins, placed.stage)
            self._anchors_of_action(place, action.counted[0], action)

    def _stage_names(self, like: str) -> list[str]:
        """What stages are called: with their route, where that is said."""
        return [":".join(stage.place) if ":" in like else stage.key for stage in self.protocol.stages]

    def _anchors_of_action(self, place: str, timescale: Timescale, action: Action) -> None:
        for name, anchor in (*timescale.anchors, *timescale.other_anchors):
            if anchor.kind in (AnchorKind.ACTION, AnchorKind.OVERDUE) and anchor.key == action.key:
                self.note(f"{place}.{name}", f'"{action.key}" would count from itself')
            if anchor.kind is AnchorKind.KNOWN and not (action.when or timescale.when):
                self.note(f"{place}.{name}", '"known" needs a when, to say which fact')

    def _circles(self) -> None:
        """Note actions that count from one another's time running out, round in a circle.

        That can only happen within a stage: an action of that name elsewhere is at a stage the case was at before.
        """
        for i, stage in enumerate(self.protocol.stages):
            waits_for = {action.key: set(_overdue_before(action)) for action in stage.actions}
            for n, action in enumerate(stage.actions):
                if action.key not in waits_for[action.key] and action.key in _all_before(action.key, waits_for):
                    place = f"stages[{i}].actions[{n}].timescales"
                    self.note(place, f'"{action.key}" would count from itself in the end')

    def _chains(self) -> None:
        """Note the first action of each stage for which too many others have to run out before, at its stage and those before it."""
        stages = self.protocol.stages
        at = {(i, action.key): action for i, stage in enumerate(stages) for action in stage.actions}
        asked_at: dict[str, list[int]] = {}
        for i, key in at:
            asked_at.setdefault(key, []).append(i)
        waits_for = {
            (i, key): {
                (j, before)
                for before in _overdue_before(action)
                for j in ([i] if (i, before) in at else asked_at.get(before, ()))
            }
            for (i, key), action in at.items()
        }
        for i, stage in enumerate(stages):
            for n, action in enumerate(stage.actions):
                if len(_all_before((i, action.key), waits_for, LONGEST_CHAIN)) > LONGEST_CHAIN:
                    said = f'"{action.key}" waits for more than {LONGEST_CHAIN} others to run out, one after the other'
                    self.note(f"stages[{i}].actions[{n}].timescales", f"{said}; count it from something nearer")
                    break

    # -- timescales and conditions

    def _timescale(self, place: str, timescale: Timescale, stage: Stage | None) -> None:
        self._condition(f"{place}.when", timescale.when)
        self._condition(f"{place}.stops_while", timescale.stops_while)
        self._condition(f"{place}.extendable_when", timescale.extendable_when)
        self._days(place, timescale)
        self._rules(_RULES_OF_TIMESCALES, place, timescale)
        if timescale.backward and timescale.anchor.key not in self.events:
            said = f'"{timescale.anchor}" is not a moment to come; it has to stand under [[moments]]'
            self.note(f"{place}.before", said)
            return
        for name, anchor in timescale.anchors:
            self._anchor(f"{place}.{name}", anchor, stage)
        self._other_readings(place, timescale, stage)

    def _other_readings(self, place: str, timescale: Timescale, stage: Stage | None) -> None:
        """Note what is wrong in the other readings of a timescale."""
        readers = Counter(each.read_by for each in timescale.other_readings)
        for i, other in enumerate(timescale.other_readings):
            where = f"{place}.other_readings[{i}]"
            self._rules(_RULES_OF_READINGS, where, (timescale, other))
            self._days_named(where, {other.written_as or "within": other.within})
            if readers[other.read_by] > 1 and other.read_by:
                self.note(f"{where}.read_by", "has another reading of this time already; say who else reads it so")
        for name, anchor in timescale.other_anchors:
            if anchor.kind not in (
                AnchorKind.ACTION,
                AnchorKind.STAGE_ENTRY,
            ):  # those are for review: a file that is extended may lose them
                self._anchor(f"{place}.{name}", anchor, stage)
            if anchor.kind is AnchorKind.OVERDUE:
                said = f'"{anchor}" cannot be said of another reading; count it from something that happens'
                self.note(f"{place}.{name}", said)

    def _days(self, place: str, timescale: Timescale) -> None:
        """Note days and hours of a calendar the protocol does not have; most likely the unit is mistyped."""
        written = {
            timescale.written_as: timescale.within,
            "target": timescale.target,
            "extendable_to": timescale.extendable_to,
        }
        self._days_named(place, written)

    def _days_named(self, place: str, written: Mapping[str, Allowance | None]) -> None:
        """Note such days and hours in allowances, each by the name of its field."""
        keys = [calendar.key for calendar in self.protocol.calendars]
        for field, allowance in written.items():
            if allowance is None or allowance.days_of is None or allowance.days_of in keys:
                continue
            try:
                parse_allowance(str(allowance))
            except BadAllowance as problem:
                own = f'; give the protocol a calendar with the key "{allowance.days_of}", or write working days'
                said = problem.sentence if problem.is_explained else f'"{allowance}" is not an allowance{own}'
                self.note(f"{place}.{field}", said)

    def _anchor(self, place: str, anchor: Anchor, stage: Stage | None) -> None:
        """Note what cannot be counted from at a stage, or outside of any."""
        match anchor.kind:
            case AnchorKind.STAGE if stage is None:
                self.note(place, '"stage" has no meaning outside a stage; try "raised" or "concern"')
            case AnchorKind.RESOLVED if stage is not None:
                said = '"resolved" never comes while a case is at a stage; put the action under after_resolution'
                self.note(place, said)
            case AnchorKind.STAGE_ENTRY:
                stages = self.protocol.stages if stage is None else self.protocol.ladder(stage.route)
                self._known(place, anchor.key, [each.key for each in stages], "a stage")
            case AnchorKind.OVERDUE:
                self._known(place, anchor.key, self.stage_actions, "an action")
            case AnchorKind.ACTION:
                self._counted_from(place, anchor.key, stage)

    def _counted_from(self, place: str, key: str, stage: Stage | None) -> None:
        """Note a key that is no action and no dated event; what was meant may be something else to count from."""
        own = [*(action.key for action in self.protocol.actions), *self.events]
        if key in own or "" in own:  # a blank stands for a key already reported, and may be the one meant
            return
        if key in ("none", "nothing", "never"):
            self.note(place, f'"{key}" is not something to count from; if there is nothing, leave the line out')
            return
        words = [word for word in ANCHORS if stage or word != AnchorKind.STAGE]
        stages = self.protocol.stages if stage is None else self.protocol.ladder(stage.route)
        near = nearest(key, [*own, *words, *(f"stage {each.key}" for each in stages)], most=1)
        there = f"there is {listed(list(dict.fromkeys([*own, *words])), 'and')}"
        advice = f'did you mean "{near[0]}"?' if near else in_words_of_documents(key) or there
        self.note(place, f'"{key}" is not something to count from; {advice}')

    def _owners(self, place: str, thing: Stage | Action) -> None:
        for i, each in enumerate(thing.owners):
            self._condition(f"{place}.owners[{i}].when", each.when)

    def _condition(self, place: str, condition: Condition | None) -> None:
        answers: dict[str, tuple[str, ...]] = {fact.key: fact.answers for fact in self.protocol.facts}
        answers |= dict.fromkeys(self.events, (KNOWN, UNKNOWN))
        for key, answer in condition.terms if condition else ():
            self._known(place, key, answers, "a fact")
            if key in answers and answer not in answers[key]:
                self.note(place, f'{key} is never "{answer}"; its answers are {listed(answers[key], "and")}')


def _overdue_before(action: Action) -> Iterator[str]:
    """The keys of the actions whose time has to run out before that of an action begins."""
    for timescale in action.counted:
        yield from (anchor.key for _, anchor in timescale.anchors if anchor.kind is AnchorKind.OVERDUE)


def _all_before(key: Key, waits_for: Mapping[Key, set[Key]], enough: int | None = None) -> set[Key]:
    """The keys of all that an action waits for, directly or through another action; of more than enough, only some."""
    seen: set[Key] = set()
    ahead = list(waits_for[key])
    while ahead and (enough is None or len(seen) <= enough):
        each = ahead.pop()
        if each not in seen:
            seen.add(each)
            ahead += waits_for.get(each, ())
    return seen


def _is_less(one: Allowance, other: Allowance) -> bool:
    """Whether an allowance is certainly less than another: nothing is certain between different units or kinds of days."""
    return (one.unit, one.days_of) == (other.unit, other.days_of) and one.limit < other.limit


_RULES_OF_PLACES: Rules = (
    ("when", lambda placed: placed.action.ends_stage and placed.action.when, "the action that ends a stage cannot depend on a fact; put the condition on its timescales"),
    ("ends_stage", lambda placed: placed.action.ends_stage and not placed.stage, "only an action of a stage can end one"),
    ("key", lambda placed: placed.action.key.casefold() in ANCHORS, "is what every protocol can count from; give the action another key"),
    ("key", lambda placed: placed.action.key == NEXT_STEP, f'"{NEXT_STEP}" is what escalate calls a step of its own; give the action another key'),
)  # fmt: skip
_RULES_OF_ACTIONS: Rules = (
    ("window", lambda action: action.window and action.ends_stage, "what ends a stage is not a window; give the window an action of its own"),
    ("window", lambda action: action.window and action.repeats, "what repeats is not a window"),
    ("leads_to", lambda action: action.leads_to and not action.window, "goes with window = true: it names the stages that a window is the time to go to"),
    ("not_for_going_up", lambda action: action.not_for_going_up and not action.window, "goes with window = true"),
    ("not_for_going_up", lambda action: action.not_for_going_up and action.leads_to, "goes without leads_to, which names the stages a window is the time to go to"),
    ("outlives", lambda action: action.outlives and not action.window, "goes with window = true: only a window closes, and anything else stays due until it is done"),
    ("timescales", lambda action: action.repeats and not all(each.repeats for each in action.timescales), "either all of them say every, or none does"),
    ("timescales", lambda action: action.repeats and action.ends_stage, "what ends a stage is done once, and cannot say every"),
    ("begins", lambda action: action.begins and action.timescales, "is for what has no time limit: a timescale says itself what it counts from"),
    ("begins", lambda action: action.begins and action.ends_stage, "cannot be said of what ends a stage, which is there from the first"),
    ("then_owner", lambda action: action.then_owner and not action.timescales, "needs a timescale, whose time can pass"),
    ("once_passed", lambda action: action.once_passed and not action.timescales, "needs a timescale, whose time can pass"),
    ("whichever", lambda action: action.whichever == "later" and len(action.timescales) < 2, "needs two timescales or more, to take the later of"),
)  # fmt: skip
_LATER_RULES_OF_PLACES: Rules = (
    ("window", lambda placed: placed.action.window and placed.at_any_stage, "cannot be said of a standing action; put it under a stage or after_resolution"),
    *((name, lambda placed, name=name: placed.once_resolved and placed.action.window and getattr(placed.action, name),
       "goes with a window of a stage; one after resolution is open until it is used, and goes nowhere")
      for name in ("leads_to", "outlives", "not_for_going_up")),
    ("when", lambda placed: placed.once_resolved and placed.action.repeats and not placed.action.when, "is missing: what repeats after resolution needs it, to say how long it goes on"),
)  # fmt: skip
_RULES_OF_SPANS: Rules = (
    ("every_year", lambda span: span.every_year and (span.last - span.first).days > 364, "comes back before it is over: it is longer than a year"),
    ("until", lambda span: span.until and not span.every_year, "goes with every_year = true; what comes once has its last day in to"),
    ("until", lambda span: span.every_year and span.until and span.until < span.last, "comes before the last day of the first time"),
)  # fmt: skip
_RULES_OF_READINGS: Rules = (
    ("within", lambda pair: not (pair[1].within or pair[1].anchor or pair[1].failing_that), "is missing, and so is from: by another reading there is another time, or it counts from something else"),
    ("within", lambda pair: pair[1].written_as and pair[1].written_as != pair[0].written_as, "goes with a time that says within; use the word that the time itself uses"),
    ("from", lambda pair: pair[1].backward is not None and pair[1].backward is not pair[0].backward, "does not go with the time itself; use the word that it uses, from or before"),
)  # fmt: skip
_RULES_OF_TIMESCALES: Rules = (
    ("before", lambda each: each.backward and not each.at_least, 'goes with at_least, as in at_least = "5 working days"'),
    ("at_least", lambda each: each.at_least and not each.backward, 'goes with before, as in before = "hearing"'),
    ("stops_while", lambda each: each.backward and each.stops_while, "cannot stop a time that is counted back"),
    ("failing_that", lambda each: each.backward and each.failing_that, "cannot stand in for a moment that is counted back from"),
    ("extendable_to", lambda each: each.extendable_to and (each.backward or each.repeats), "goes with within only"),
    ("extendable_to", lambda each: each.extendable_to and _is_less(each.extendable_to, each.within), "is less than the time itself"),
    ("extendable", lambda each: each.extendable and (each.backward or each.repeats), "goes with within only"),
    ("extendable", lambda each: each.extendable and each.extendable_to, "is said by extendable_to already; take one of them away"),
    ("extendable_when", lambda each: each.extendable_when and not each.can_be_extended, "goes with extendable_to, or with extendable = true"),
    ("at_least", lambda each: each.at_least and each.within.target, "cannot be a range: say the last day, and what to aim at with target"),
    ("target", lambda each: each.target and each.within.target, "is said twice: within is a range already"),
)  # fmt: skip
