"""What is said of a case beside its facts, when it is opened or later."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import SET, Entry
from escalate.domain.case.model import Case
from escalate.domain.deadlines.calls import calling_conditions, counts_from_known
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.known import Since, known_of
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action
from escalate.domain.recording.request import Recording, check_concern, new_entry
from escalate.domain.worktime.clock import written
from escalate.errors import Refused, listed


class Details(NamedTuple):
    """What is said of a case; None, or left out, where nothing is said."""

    subject: str | None = None
    """The reference of the person, never a name."""
    raising_agency: str | None = None
    """The agency that raised it."""
    receiving_agency: str | None = None
    """The agency it was raised with."""
    involved: tuple[str, ...] | None = None
    """The other agencies involved, all of them; empty where there are none any more."""
    themes: tuple[str, ...] | None = None
    """What it is about, all of it: names or keys of the protocol's themes, or words of its own."""
    related: tuple[str, ...] | None = None
    """The references of all the cases that it belongs together with; empty where there are none any more."""
    legal_hold: bool | None = None
    """Whether nothing of it may be erased."""
    words: Mapping[str, str] = {}
    """Free text, by the names in `TEXTS`, and why there is a legal hold."""
    identities: Mapping[str, str] = {}
    """Who the person is, by the names in `IDENTITIES`."""


def set_details(
    protocol: Protocol,
    case: Case,
    recording: Recording,
    facts: Mapping[str, str],
    details: Details | None = None,
    concern_at: datetime | None = None,
    *,
    again: bool = False,
) -> Entry:
    """Records what is now known about a case; conditions follow at once. Raises UnknownName, Refused.

    With `again` the answers call for what they call for once more, though a call is open (C15).
    """
    details = details or Details()
    check_concern(concern_at, case.raised_at, f"{case.ref} was raised")
    concern = {"concern_at": written(concern_at)} if concern_at else {}
    said = checked_facts(protocol, facts)
    if again and not called_for_by(protocol, case, said):
        raise Refused(_why_not_again(protocol, case, said))
    data = {
        "facts": said,
        "particulars": concern | as_kept(protocol, details),
        **({"again": True} if again else {}),
    }
    return new_entry(case, SET, recording, data, details.words, details.identities)


def called_for_by(protocol: Protocol, case: Case, facts: Mapping[str, str]) -> list[Action]:
    """What answers call for, each time that they are given: actions at any stage, and those of stages it has come to that count from then."""
    owed = [action for _, action in _owed_so_far(protocol, case) if counts_from_known(action)]
    known = protocol.as_answered({**case.answers, **facts})
    return [each for each in (*owed, *protocol.standing_actions) if _is_called_by(each, facts, known)]


def _owed_so_far(protocol: Protocol, case: Case) -> Iterator[tuple[str, Action]]:
    """What belongs to the stages a case has come to, and to its resolutions, each with the stage in words."""
    for route, key in dict.fromkeys((stay.route, stay.stage) for stay in case.stays):
        yield from ((f"stage {key}", action) for action in protocol.stage(route, key).actions)
    if any(closing.resolution for closing in case.closings):
        yield from (("once resolved", action) for action in protocol.after_resolution)


def _is_called_by(action: Action, said: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Whether answers make what calls for an action hold, or say once more what does."""
    return any(fact in said for each in calling_conditions(action) for facts in each.known_by(known) for fact in facts)


_ONLY_AFTER_A_NO = "called for again only after a no, or when the case comes there another time"


def _why_not_again(protocol: Protocol, case: Case, said: Mapping[str, str]) -> str:
    """Why answers call for nothing once more."""
    given = listed([f"{key}={answer}" for key, answer in said.items()], "and") or "what was said"
    known = protocol.as_answered({**case.answers, **said})
    once = [f"{each.key} ({place})" for place, each in _owed_so_far(protocol, case) if _is_called_by(each, said, known)]
    but = f" {listed(once, 'and')} {'is' if len(once) == 1 else 'are'} {_ONLY_AFTER_A_NO}." if once else ""
    return f"--again calls for something once more, and {given} calls for nothing.{but} Nothing was recorded."


def not_called_again(file: CaseFile) -> list[str]:
    """What hangs on answers that were said last to call for something once more, and is not called for by them, in sentences (C15)."""
    entry, case, protocol = file.case.history[-1], file.case, file.protocol
    if entry.kind != SET or not entry.data.get("again"):
        return []
    said, known = entry.data["facts"], protocol.as_answered(case.answers)
    heard = {(each.action, _place_of(each)) for each in file.deadlines if each.first_called == entry.seq}
    unheard = [
        (counts_from_known(action) and case.status != "open", f"{action.key} ({place})")
        for place, action in _owed_so_far(protocol, case)
        if _is_called_by(action, said, known) and (action.key, place) not in heard
    ]
    closed = [name for is_closed, name in unheard if is_closed]
    once = [name for is_closed, name in unheard if not is_closed]
    return [
        *([f"Not called for as long as {case.ref} is {case.status}: {listed(closed, 'and')}."] if closed else []),
        *(
            [f"Not called for again: {listed(once, 'and')}. What belongs to a stage is {_ONLY_AFTER_A_NO}."]
            if once
            else []
        ),
    ]


def _place_of(deadline: Deadline) -> str:
    return "once resolved" if deadline.occasion.resolution else f"stage {deadline.stage}"


def calls_open_already(file: CaseFile, facts: Mapping[str, str], at: datetime) -> list[Deadline]:
    """The calls that answers from an instant on only repeat: open still, or then, and called for by the same answers before (C15)."""
    again = _called_for_anew(file, facts, file.case.answers)
    then = _called_for_anew(file, facts, known_of(file.protocol, file.case).said_by(Since(at, len(file.case.history))))
    return [
        each
        for each in file.deadlines
        if not each.occurrence
        and ((each.is_open and each.action in again) or (_was_open(each, at) and each.action in then))
    ]


def _called_for_anew(file: CaseFile, facts: Mapping[str, str], held: Mapping[str, str]) -> set[str]:
    """The actions that answers call for though the same was said before."""
    before = file.protocol.as_answered(held)
    said = {key: answer for key, answer in facts.items() if before.get(key) == answer}
    return {action.key for action in called_for_by(file.protocol, file.case, said)} if said else set()


def _was_open(call: Deadline, at: datetime) -> bool:
    """Whether a call that is over was open at an instant."""
    over = call.met_at or call.ended_at
    return over is not None and call.called_at is not None and call.called_at <= at < over and not call.agreement


def as_kept(protocol: Protocol, details: Details) -> dict[str, object]:
    """Details as an entry's data has them: only those that are said, and nothing twice."""
    themes = None if details.themes is None else [protocol.theme(theme) for theme in details.themes]
    said = {
        "subject": details.subject,
        "raising_agency": details.raising_agency,
        "receiving_agency": details.receiving_agency,
        "involved": None if details.involved is None else list(dict.fromkeys(details.involved)),
        "themes": None if themes is None else list(dict.fromkeys(themes)),
        "related": None if details.related is None else list(dict.fromkeys(details.related)),
        "legal_hold": details.legal_hold,
    }
    return {name: value for name, value in said.items() if value is not None}
