"""What is said of a case beside its facts, when it is opened or later."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import SET, Entry
from escalate.domain.case.model import Case
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.protocol.conditions import Condition
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
        given = listed([f"{key}={answer}" for key, answer in said.items()], "and") or "what was said"
        raise Refused(f"--again calls for something once more, and {given} calls for nothing. Nothing was recorded.")
    data = {
        "facts": said,
        "particulars": concern | as_kept(protocol, details),
        **({"again": True} if again else {}),
    }
    return new_entry(case, SET, recording, data, details.words, details.identities)


def called_for_by(protocol: Protocol, case: Case, facts: Mapping[str, str]) -> list[Action]:
    """What answers call for, each time that they are given: actions at any stage, and those of stages it has come to that count from then."""
    stages = {(stay.route, stay.stage): protocol.stage(stay.route, stay.stage) for stay in case.stays}
    actions = [action for stage in stages.values() for action in stage.actions]
    known = protocol.as_answered({**case.answers, **facts})
    return [
        action
        for action in (*actions, *protocol.standing_actions)
        if any(
            fact in facts
            for each in _conditions(protocol, action)
            for facts_of in each.known_by(known)
            for fact in facts_of
        )
    ]


def _conditions(protocol: Protocol, action: Action) -> Iterator[Condition]:
    """What has to become known for an action to be called for."""
    if action.when and action in protocol.standing_actions:
        yield action.when
    for timescale in action.timescales:
        condition = timescale.when or action.when
        if timescale.anchor.kind is AnchorKind.KNOWN and condition:
            yield condition


def calls_open_already(file: CaseFile, facts: Mapping[str, str]) -> list[Deadline]:
    """The calls that answers only repeat: still open, and called for by the same answers before (C15)."""
    held = file.protocol.as_answered(file.case.answers)
    said = {key: answer for key, answer in facts.items() if held.get(key) == answer}
    again = {action.key for action in called_for_by(file.protocol, file.case, said)} if said else set()
    return [each for each in file.deadlines if each.is_open and not each.occurrence and each.action in again]


def as_kept(protocol: Protocol, details: Details) -> dict[str, object]:
    """Details as an entry's data has them: only those that are said, and nothing twice."""
    themes = None if details.themes is None else [protocol.theme(theme) for theme in details.themes]
    said = {
        "subject": details.subject,
        "raising_agency": details.raising_agency,
        "receiving_agency": details.receiving_agency,
        "involved": None if details.involved is None else list(dict.fromkeys(details.involved)),
        "themes": None if themes is None else list(dict.fromkeys(themes)),
        "legal_hold": details.legal_hold,
    }
    return {name: value for name, value in said.items() if value is not None}
