"""A protocol as its TOML file says it, as far as deadlines hang on it: no check, no texts."""

import re
import tomllib
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from tests.model.calendar import Allowance, read_allowance

RESOLVE, NEXT_STEP = "resolve", "next-step"

Facts = Mapping[str, str | None]
"""What is known of the questions of a protocol; without those nobody answered."""


class Condition(NamedTuple):
    """Alternatives of (fact, answer, whether it is so), as `a is yes and b is not no or c is yes`."""

    alternatives: tuple[tuple[tuple[str, str, bool], ...], ...]

    @property
    def asked(self) -> frozenset[str]:
        """The questions it mentions."""
        return frozenset(fact for terms in self.alternatives for fact, _, _ in terms)

    def value(self, facts: Facts) -> bool | None:
        """C14: it holds, it does not, or it is not known yet."""
        values = [[_value(facts, *term) for term in terms] for terms in self.alternatives]
        each = [False if False in terms else None if None in terms else True for terms in values]
        return True if True in each else None if None in each else False

    def made_so_by(self, facts: Facts) -> frozenset[str]:
        """The questions whose answers make it hold."""
        hold = [terms for terms in self.alternatives if all(_value(facts, *term) for term in terms)]
        return frozenset(fact for terms in hold for fact, _, _ in terms)


def _value(facts: Facts, fact: str, answer: str, so: bool) -> bool | None:
    said = facts.get(fact)
    if answer in {"known", "unknown"}:  # of a moment, which is unknown from the start
        is_known = said is not None and said != "unknown"
        return (is_known == (answer == "known")) is so
    return None if said is None else (said == answer) is so


class Other(NamedTuple):
    """How somebody reads a timescale otherwise; what is None they read as it is."""

    read_by: str
    allowance: Allowance | None
    anchor: str | None
    failing_that: str | None


class Timescale(NamedTuple):
    allowance: Allowance
    target: Allowance | None
    anchor: str
    failing_that: str | None
    when: Condition | None
    stops_while: Condition | None
    repeats: bool
    backward: bool
    extendable: bool
    """A later date can be agreed for a reason, before the time has run out."""
    extendable_to: Allowance | None
    """The most that can be agreed, from the same moment."""
    extendable_when: Condition | None
    others: tuple[Other, ...] = ()

    def as_read_by(self, reader: str) -> "Timescale":
        """As somebody reads it: as it is where they have no other reading of it."""
        for other in self.others:
            if other.read_by == reader:
                allowance = other.allowance or self.allowance
                lower = Allowance(allowance.target, allowance.unit) if allowance.target else None
                return self._replace(
                    allowance=allowance,
                    target=lower if other.allowance else self.target,
                    anchor=other.anchor or self.anchor,
                    failing_that=other.failing_that if other.anchor else other.failing_that or self.failing_that,
                )
        return self


class Action(NamedTuple):
    key: str
    when: Condition | None
    timescales: tuple[Timescale, ...]
    ends_stage: bool = False
    window: bool = False
    leads_to: tuple[str, ...] = ()
    outlives: str | None = None
    later: bool = False
    """Of several timescales the later counts."""
    if_reached: str | None = None
    not_for_going_up: bool = False
    begins: str | None = None
    """What it begins with, where it has no time limit."""

    @property
    def anchors(self) -> list[str]:
        """What its time counts from, or it begins with."""
        return [self.begins] if self.begins else [each.anchor for each in self.timescales]

    @property
    def repeats(self) -> bool:
        return any(each.repeats for each in self.timescales)

    @property
    def counts_from_known(self) -> bool:
        return any(each.anchor == "known" for each in self.timescales)


class Stage(NamedTuple):
    route: str
    key: str
    next: tuple[str, ...]
    actions: tuple[Action, ...]
    needs: tuple[str, ...] = ()
    """The actions that have to be done before it."""

    @property
    def place(self) -> tuple[str, str]:
        return self.route, self.key

    @property
    def closing(self) -> Action:
        return next(each for each in self.actions if each.ends_stage)


class Protocol(NamedTuple):
    id: str
    edition: str
    routes: Mapping[str, str]
    """The first stage of each route."""
    caps: Mapping[str, Timescale | None]
    stages: tuple[Stage, ...]
    after: tuple[Action, ...]
    standing: tuple[Action, ...]
    facts: Mapping[str, tuple[str, ...]]
    moments: tuple[str, ...]
    unless_said: Mapping[str, str]
    """What a question counts as until somebody says otherwise."""

    @property
    def can_extend(self) -> bool:
        """Whether a time of any stage can be extended."""
        return any(each.extendable for stage in self.stages for action in stage.actions for each in action.timescales)

    def find(self, route: str, name: str) -> Stage | None:
        """The stage that `4` means on a route, or `main:1` on any."""
        elsewhere, _, key = name.rpartition(":")
        return next((each for each in self.stages if each.place == (elsewhere or route, key)), None)

    def stage(self, route: str, name: str) -> Stage:
        found = self.find(route, name)
        assert found, (route, name)
        return found

    def reachable(self, stage: Stage) -> list[Stage]:
        """Every other stage that a case can come to from one."""
        found: list[Stage] = []
        waiting = [stage]
        while waiting:
            here = waiting.pop(0)
            for name in here.next:
                after = self.stage(here.route, name)
                if after not in found and after != stage:
                    found.append(after)
                    waiting.append(after)
        return found

    def above(self, stage: Stage) -> list[Stage]:
        """Those that do not lead back."""
        return [each for each in self.reachable(stage) if stage not in self.reachable(each)]

    def assignments(self, facts: Facts, asked: frozenset[str]) -> list[dict[str, str]]:
        """Every way in which the questions of these that nobody answered can be answered."""
        open_still = sorted(fact for fact in asked if fact in self.facts and facts.get(fact) is None)
        return [
            dict(zip(open_still, said, strict=True)) for said in product(*(self.facts[each] for each in open_still))
        ]


def read_protocol(path: Path) -> Protocol:
    """A protocol from its file."""
    with path.open("rb") as file:
        tree = tomllib.load(file)
    assert "extends" not in tree, "the model does not read files that change another"
    default = tree["routes"][0]["key"]
    return Protocol(
        id=tree["id"],
        edition=tree["edition"]["dated"],
        routes={route["key"]: route["starts"] for route in tree["routes"]},
        caps={route["key"]: _timescale(route["cap"]) if "cap" in route else None for route in tree["routes"]},
        stages=tuple(_stage(stage, default) for stage in tree["stages"]),
        after=tuple(map(_action, tree.get("after_resolution", ()))),
        standing=tuple(map(_action, tree.get("standing_actions", ()))),
        facts={fact["key"]: tuple(fact.get("answers", ("yes", "no"))) for fact in tree.get("facts", ())},
        moments=tuple(moment["key"] for moment in tree.get("moments", ())),
        unless_said={fact["key"]: fact["unless_said"] for fact in tree.get("facts", ()) if "unless_said" in fact},
    )


def _stage(tree: Mapping[str, Any], default: str) -> Stage:
    actions = tuple(map(_action, tree.get("actions", ())))
    if not any(each.ends_stage for each in actions):
        actions = (*actions, Action(RESOLVE, None, (), ends_stage=True))
    return Stage(tree.get("route", default), tree["key"], tuple(tree["next"]), actions, tuple(tree.get("needs", ())))


def _action(tree: Mapping[str, Any]) -> Action:
    return Action(
        key=tree["key"],
        when=_condition(tree.get("when")),
        timescales=tuple(map(_timescale, tree.get("timescales", ()))),
        ends_stage=tree.get("ends_stage", False),
        window=tree.get("window", False),
        leads_to=tuple(tree.get("leads_to", ())),
        outlives=tree.get("outlives"),
        later=tree.get("whichever") == "later",
        if_reached=tree.get("if_reached"),
        not_for_going_up=tree.get("not_for_going_up", False),
        begins=tree.get("begins"),
    )


def _timescale(tree: Mapping[str, Any]) -> Timescale:
    allowance = read_allowance(tree.get("within") or tree.get("every") or tree["at_least"])
    lower = Allowance(allowance.target, allowance.unit) if allowance.target else None
    return Timescale(
        allowance=allowance,
        target=read_allowance(tree["target"]) if "target" in tree else lower,
        anchor=tree.get("from") or tree["before"],
        failing_that=tree.get("failing_that"),
        when=_condition(tree.get("when")),
        stops_while=_condition(tree.get("stops_while")),
        repeats="every" in tree,
        backward="at_least" in tree,
        extendable=bool({"extendable_to", "extendable"} & tree.keys()),
        extendable_to=read_allowance(tree["extendable_to"]) if "extendable_to" in tree else None,
        extendable_when=_condition(tree.get("extendable_when")),
        others=tuple(map(_other, tree.get("other_readings", ()))),
    )


def _other(tree: Mapping[str, Any]) -> Other:
    said = next((tree[name] for name in ("within", "every", "at_least") if name in tree), None)
    anchor = tree.get("from") or tree.get("before")
    return Other(tree["read_by"], read_allowance(said) if said else None, anchor, tree.get("failing_that"))


def _condition(text: str | None) -> Condition | None:
    if text is None:
        return None
    return Condition(tuple(tuple(_term(term) for term in terms.split(" and ")) for terms in text.split(" or ")))


def _term(text: str) -> tuple[str, str, bool]:
    found = re.fullmatch(r"(\S+) is (not )?(\S+)", text.strip())
    assert found, text
    return found[1], found[3], found[2] is None
