"""What is said of a case beside its facts, when it is opened or later."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import SET, Entry
from escalate.domain.case.model import Case
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.request import Recording, check_concern, new_entry
from escalate.domain.worktime.clock import written


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
) -> Entry:
    """Records what is now known about a case; conditions follow at once. Raises UnknownName, Refused."""
    details = details or Details()
    check_concern(concern_at, case.raised_at, f"{case.ref} was raised")
    concern = {"concern_at": written(concern_at)} if concern_at else {}
    data = {"facts": checked_facts(protocol, facts), "particulars": concern | as_kept(protocol, details)}
    return new_entry(case, SET, recording, data, details.words, details.identities)


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
