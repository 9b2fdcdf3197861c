"""Going up: which stage may follow, which are passed over, and on what ground."""

from escalate.domain.case.entries import (
    ADVANCED,
    Entry,
)
from escalate.domain.case.model import Case
from escalate.domain.protocol.model import Protocol, Stage
from escalate.domain.recording.request import (
    Recording,
    as_text,
    must_be_open,
    new_entry,
    not_before_stage,
)
from escalate.errors import BadInput, Refused, listed

GROUNDS = ("unresolved", "no-response", "urgent")


def advance(
    protocol: Protocol,
    case: Case,
    recording: Recording,
    to: str | None = None,
    because: str | None = None,
    reason: str | None = None,
) -> Entry:
    """Goes up: to the stage that follows, to one of those that do, or past some of them. Raises Refused."""
    must_be_open(case, "go up")
    here = protocol.stage(case.visit.route, case.visit.stage)
    entered = _stage_above(protocol, here, to)
    not_before_stage(case, recording)
    data = {
        "from": here.key,
        "route": entered.route,
        "stage": entered.key,
        "skipped": stages_between(protocol, here, entered),
        "because": checked_ground(because) or "unresolved",
    }
    return new_entry(case, ADVANCED, recording, data, as_text(reason))


def _stage_above(protocol: Protocol, here: Stage, to: str | None) -> Stage:
    following = protocol.following(here)
    if not following:
        raise Refused(
            f"Stage {here.key} is the last: nothing follows it. When it is settled, escalate resolve closes the case."
        )
    names = [_name(stage, here) for stage in following]
    if to is None:
        if len(following) > 1:
            choices = "; ".join(f"{name} ({stage.name})" for name, stage in zip(names, following, strict=True))
            raise Refused(
                f"More than one stage may follow stage {here.key}: choose with --to {listed(names, 'or')}. They are {choices}."
            )
        return following[0]
    wanted = protocol.find(here.route, to)
    above = protocol.reachable(here)
    if wanted is None or (wanted.route, wanted.key) not in above:
        unknown = f': "{to}" is not a stage of {protocol.id}' if wanted is None else ""
        beyond = [_name(stage[-1], here) for stage in above.values() if stage[-1] not in following]
        more = f", and by skipping {listed(beyond, 'or')}" if beyond else ""
        raise Refused(
            f"Stage {to} cannot follow stage {here.key}{unknown}. What may follow is {listed(names, 'or')}{more}."
        )
    return wanted


def _name(stage: Stage, seen_from: Stage) -> str:
    return stage.key if stage.route == seen_from.route else f"{stage.route}:{stage.key}"


def stages_between(protocol: Protocol, here: Stage, entered: Stage) -> list[str]:
    """The stages passed over on the shortest way from one stage to another."""
    way = protocol.reachable(here).get((entered.route, entered.key), ())
    return [stage.key for stage in way[:-1]]


def checked_ground(because: str | None) -> str | None:
    if because is not None and because not in GROUNDS:
        raise BadInput(f'"{because}" is not a ground for going up: say {listed(GROUNDS, "or")}.')
    return because
