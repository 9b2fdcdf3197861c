"""What leads where on the ladders of a protocol, and which limits further up a case may already run into."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.parts import Place, Route, Stage, Timescale
from escalate.errors import UnknownName

Way = tuple[Stage, ...]
"""The stages on the way from one to another, without the first and with the last."""

_BEFORE_ENTRY = (AnchorKind.CONCERN, AnchorKind.RAISED, AnchorKind.STAGE_ENTRY)
"""Kinds of anchors that can lie before the entry to a stage."""


class LimitsAbove(NamedTuple):
    """The limits above a stage that can run before a case gets to them."""

    stages: tuple[tuple[Stage, tuple[Timescale, ...]], ...]
    """The stages above that have such limits, each with them."""
    caps: tuple[Timescale, ...]
    """The limits on whole routes that the stage is on or leads to."""


class Ladders:
    """The stages of a protocol as a graph. It remembers what it works out: the answer is the same for every case at a stage."""

    def __init__(
        self, protocol: str, routes: Sequence[Route], stages: Sequence[Stage], dated_events: Iterable[str]
    ) -> None:
        self._protocol = protocol
        self._caps = {route.key: route.cap for route in routes}
        self._stages = stages
        self._dated_events = frozenset(dated_events)
        self._at = {each.place: each for each in reversed(stages)}
        self._named = {(each.route.casefold(), each.key.casefold()): each for each in reversed(stages)}
        self._reachable: dict[Place, dict[Place, Way]] = {}
        self._above: dict[Place, list[Stage]] = {}
        self._limits_above: dict[Place, LimitsAbove] = {}
        self._from_concern: dict[str, bool] = {}

    def find(self, route: str, name: str) -> Stage | None:
        """The stage that `4` means on a route, or that `main:1` means anywhere, in capitals or not."""
        elsewhere, _, key = name.casefold().rpartition(":")
        return self._named.get((elsewhere or route.casefold(), key))

    def stage(self, route: str, name: str) -> Stage:
        """A stage by name. Raises UnknownName."""
        found = self._at.get((route, name)) or self.find(route, name)  # as histories name it, or as people do
        if found is None:
            known = [stage.key for stage in self._stages if stage.route == route]
            raise UnknownName("stage", name, known, f" on the {route} route of {self._protocol}")
        return found

    def following(self, stage: Stage) -> list[Stage]:
        """The stages that may follow one."""
        return [self.stage(stage.route, name) for name in stage.next]

    def reachable(self, stage: Stage) -> dict[Place, Way]:
        """Every stage a case can come to from one, with the shortest way there."""
        if stage.place not in self._reachable:
            ways: dict[Place, Way] = {}
            waiting: list[tuple[Stage, Way]] = [(stage, ())]
            for here, way in waiting:
                for after in self.following(here):
                    if after.place not in ways and after.place != stage.place:
                        ways[after.place] = (*way, after)
                        waiting.append((after, ways[after.place]))
            self._reachable[stage.place] = ways
        return self._reachable[stage.place]

    def leads_to(self, stage: Stage, other: Stage) -> bool:
        """Whether a case can come from one stage to another."""
        return other.place in self.reachable(stage)

    def above(self, stage: Stage) -> list[Stage]:
        """The stages a case can come to from a stage, without those that lead back to it."""
        if stage.place not in self._above:
            reached = [way[-1] for way in self.reachable(stage).values()]
            self._above[stage.place] = [each for each in reached if not self.leads_to(each, stage)]
        return self._above[stage.place]

    def limits_above(self, stage: Stage) -> LimitsAbove:
        """What may run out further up while a case is at a stage."""
        if stage.place not in self._limits_above:
            above = self.above(stage)
            early = [(each, tuple(filter(self._runs_before_entry, each.closing.timescales))) for each in above]
            caps = [self._caps[route] for route in dict.fromkeys(each.route for each in (stage, *above))]
            self._limits_above[stage.place] = LimitsAbove(
                tuple(each for each in early if each[1]),
                tuple(cap for cap in caps if cap and self._runs_before_entry(cap)),
            )
        return self._limits_above[stage.place]

    def _runs_before_entry(self, timescale: Timescale) -> bool:
        """Whether a timescale can run before its stage is entered, going by what it counts from first."""
        return timescale.anchor.kind in _BEFORE_ENTRY or timescale.anchor.key in self._dated_events

    def counts_from_concern(self, route: str) -> bool:
        """Whether a limit on a route counts from the concern."""
        if route not in self._from_concern:
            actions = [action for stage in self._stages if stage.route == route for action in stage.actions]
            kinds = {timescale.anchor.kind for action in actions for timescale in action.timescales}
            self._from_concern[route] = AnchorKind.CONCERN in kinds
        return self._from_concern[route]
