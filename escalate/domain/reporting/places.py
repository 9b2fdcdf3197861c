"""The places on protocols' ladders that lines of figures are about, and the order these lines stand in."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.model import Protocol
from escalate.domain.reporting.model import LadderNames, LadderPlace

Figure = TypeVar("Figure")

AT_ANY_STAGE, AFTER_RESOLUTION = "at any stage", "after resolution"


def stage_place(file: CaseFile, route: str, stage: str) -> LadderPlace:
    """A stage; its route is named where the protocol has several."""
    names = file.protocol.stage(route, stage)
    return LadderPlace(file.case.protocol, names.route if len(file.protocol.routes) > 1 else "", names.key, names.name)


def action_place(file: CaseFile, deadline: Deadline) -> LadderPlace:
    """The action of a deadline, at its stage or outside of any."""
    if deadline.occasion.stay:
        at_stage = stage_place(file, deadline.route, deadline.stage)
    else:
        outside = AT_ANY_STAGE if deadline.at_any_stage else AFTER_RESOLUTION
        at_stage = LadderPlace(file.case.protocol, stage_name=outside)
    return at_stage._replace(action=deadline.action, action_name=deadline.action_name)


class LadderOrder:
    """Protocols by their ids, stages and actions as their files set them out; what is owed after resolution and at any stage last.

    Where cases are under several editions of a protocol, the latest of these decides.
    """

    def __init__(self) -> None:
        self._editions: dict[str, Protocol] = {}

    def learn(self, name: str, edition: Protocol) -> None:
        """Notes the edition of a protocol that a case is under."""
        known = self._editions.get(name)
        if known is None or known.edition.dated <= edition.edition.dated:
            self._editions[name] = edition

    def names(self) -> LadderNames:
        """What these protocols, their routes and their questions are called."""
        partnerships = [edition.partnership for edition in self._editions.values()]
        return LadderNames(
            {
                name: edition.partnership
                if partnerships.count(edition.partnership) == 1
                else f"{edition.partnership}: {edition.title}"
                for name, edition in self._editions.items()
            },
            {(name, route.key): route.name for name, edition in self._editions.items() for route in edition.routes},
            {
                (name, key): ask
                for name, edition in self._editions.items()
                for key, ask in (
                    *((fact.key, fact.ask) for fact in edition.facts),
                    *((event.key, event.ask) for event in edition.dated_events),
                )
            },
        )

    def grouped(
        self, figures: Iterable[Figure], place_of: Callable[[Figure], LadderPlace]
    ) -> list[tuple[LadderPlace, list[Figure]]]:
        """The figures of each place together, the places in order; one that was renamed goes by its last name."""
        groups: dict[tuple[str, ...], list[Figure]] = {}
        places: dict[tuple[str, ...], LadderPlace] = {}
        for figure in figures:
            place = place_of(figure)
            groups.setdefault(place.key, []).append(figure)
            places[place.key] = place
        ranked = sorted(groups, key=lambda key: (self._rank(places[key]), key))
        return [(places[key], groups[key]) for key in ranked]

    def _rank(self, place: LadderPlace) -> tuple[str, int, int]:
        """What places are sorted by: the protocol, the number of the stage in it, and that of the action at the stage."""
        edition = self._editions[place.protocol]
        for number, stage in enumerate(edition.stages):
            if stage.key == place.stage and place.route in ("", stage.route):
                keys = [action.key for action in stage.actions]
                return place.protocol, number, keys.index(place.action) if place.action in keys else len(keys)
        return place.protocol, len(edition.stages) + (place.stage_name == AT_ANY_STAGE), 0
