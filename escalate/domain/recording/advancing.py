"""Going up: which stage may follow, which are passed over, and on what ground."""

from collections.abc import Sequence

from escalate.domain.case.entries import ADVANCED, Entry
from escalate.domain.case.grounds import Ground
from escalate.domain.case.model import Case
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.domain.recording.repeated import gone_up
from escalate.domain.recording.request import Recording, as_text, check_open, check_order, new_entry
from escalate.errors import BadInput, Refused, listed


def advance(
    protocol: Protocol,
    case: Case,
    recording: Recording,
    to: str | None = None,
    because: str | None = None,
    reason: str | None = None,
    *,
    again: bool = False,
) -> Entry:
    """Goes up: to the stage that follows, to one of those that do, or past some of them. Raises BadInput, Refused.

    `again` says that it is to go up once more, where it did just now.
    """
    check_open(case, ADVANCED, "go up")
    here = protocol.stage(case.stay.route, case.stay.stage)
    entered = _stage_above(protocol, here, to)
    check_order(case, recording)
    repeated = None if again else gone_up(case, recording)
    if repeated:
        raise Refused(f"{repeated.said}. Add --again if it is to go up once more.")
    data = {
        "from": here.key,
        "route": entered.route,
        "stage": entered.key,
        "skipped": stages_between(protocol, here, entered),
        "because": checked_ground(because) or Ground.UNRESOLVED.value,
    }
    return new_entry(case, ADVANCED, recording, data, as_text(reason))


def checked_ground(because: str | None) -> str | None:
    """The ground, if it is one. Raises BadInput."""
    if because is not None and because not in list(Ground):
        raise BadInput(f'"{because}" is not a ground for going up: say {listed(list(Ground), "or")}.')
    return because


def stages_between(protocol: Protocol, here: Stage, entered: Stage) -> list[str]:
    """The stages passed over on the shortest way from one stage to another."""
    way = protocol.ladders.reachable(here).get((entered.route, entered.key), ())
    return [stage.key for stage in way[:-1]]


def _stage_above(protocol: Protocol, here: Stage, to: str | None) -> Stage:
    """The stage to enter: the one named, or the only one that may follow. Raises Refused."""
    following = protocol.ladders.following(here)
    if not following:
        raise Refused(
            f"Stage {here.key} is the last: nothing follows it. When it is settled, escalate resolve closes the case."
        )
    return _single_stage(following, here) if to is None else _stage_called(protocol, following, here, to)


def _single_stage(following: Sequence[Stage], here: Stage) -> Stage:
    """The one stage that may follow. Raises Refused where there is a choice."""
    if len(following) == 1:
        return following[0]
    names = [stage.key_on(here.route) for stage in following]
    choices = "; ".join(f"{name} ({stage.name})" for name, stage in zip(names, following, strict=True))
    raise Refused(
        f"More than one stage may follow stage {here.key}: choose with --to {listed(names, 'or')}. They are {choices}."
    )


def _stage_called(protocol: Protocol, following: Sequence[Stage], here: Stage, name: str) -> Stage:
    """The stage of that name, if it lies above this one. Raises Refused."""
    wanted = protocol.find(here.route, name)
    above = protocol.ladders.reachable(here)
    if wanted and (wanted in following or (wanted.route, wanted.key) in above):
        return wanted
    unknown = "" if wanted else f': "{name}" is not a stage of {protocol.id}'
    beyond = [way[-1].key_on(here.route) for way in above.values() if way[-1] not in following]
    more = f", and by skipping {listed(beyond, 'or')}" if beyond else ""
    names = listed([stage.key_on(here.route) for stage in following], "or")
    raise Refused(f"Stage {name} cannot follow stage {here.key}{unknown}. What may follow is {names}{more}.")
