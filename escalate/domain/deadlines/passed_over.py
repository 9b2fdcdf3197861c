"""What the stages that a case passed over would have asked for."""

from escalate.domain.case.model import Case, Stay
from escalate.domain.deadlines.known import known_of
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Stage


def passed_over(protocol: Protocol, case: Case, stay: Stay) -> list[tuple[Stage, list[Action]]]:
    """The stages skipped to enter one, each with what it would have asked for beside ending it."""
    skipped = [
        protocol.find(stay.route, key) or next(each for each in protocol.stages if each.key == key)
        for key in stay.skipped
    ]
    known = known_of(protocol, case)
    return [
        (stage, [each for each in stage.actions if _is_asked_for(each) and known.holds(each.when)]) for stage in skipped
    ]


def _is_asked_for(action: Action) -> bool:
    """Whether something has to be done at a stage, beside ending it, whatever comes of the rest."""
    return not (action.ends_stage or action.window or action.is_only_if_overdue)
