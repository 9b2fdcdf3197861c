"""The actions of a protocol, each with its place in the file."""

from collections.abc import Iterator
from typing import NamedTuple

from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Stage


class PlacedAction(NamedTuple):
    """An action and where it stands."""

    place: str
    """In the file, as `stages[2].actions[0]`."""
    action: Action
    """The action itself."""
    stage: Stage | None
    """None for what is owed once resolved or at any stage."""

    @property
    def at_any_stage(self) -> bool:
        """It can fall due wherever a case is."""
        return self.place.startswith("standing_actions")

    @property
    def once_resolved(self) -> bool:
        """It is owed after a case is resolved."""
        return self.place.startswith("after_resolution")


def actions_of(number: int, stage: Stage) -> Iterator[PlacedAction]:
    """The actions of a stage; `number` is where the stage stands in the file, from 0."""
    for n, action in enumerate(stage.actions):
        yield PlacedAction(f"stages[{number}].actions[{n}]", action, stage)


def actions_outside_stages(protocol: Protocol) -> Iterator[PlacedAction]:
    """What is owed once resolved, and what can fall due at any stage."""
    for name in ("after_resolution", "standing_actions"):
        for n, action in enumerate(getattr(protocol, name)):
            yield PlacedAction(f"{name}[{n}]", action, None)


def all_actions(protocol: Protocol) -> Iterator[PlacedAction]:
    """Every action, in the order of the file."""
    for number, stage in enumerate(protocol.stages):
        yield from actions_of(number, stage)
    yield from actions_outside_stages(protocol)
