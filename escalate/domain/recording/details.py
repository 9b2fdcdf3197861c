"""What is said of a case beside its facts, as it is opened with it or as it is known later."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import (
    SET,
    Entry,
)
from escalate.domain.case.model import Case
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.request import (
    Recording,
    new_entry,
)
from escalate.domain.worktime.clock import spoken, written
from escalate.errors import Refused


class Details(NamedTuple):
    """What a case is opened with, or is now known to be; None, or left out, where nothing is said.

    `subject` is a reference, never a name. `words` and `identities` go by the names in `TEXTS` and `IDENTITIES`.
    """

    subject: str | None = None
    raising_agency: str | None = None
    receiving_agency: str | None = None
    involved: tuple[str, ...] | None = None
    themes: tuple[str, ...] | None = None
    legal_hold: bool | None = None
    words: Mapping[str, str] = {}
    identities: Mapping[str, str] = {}


def set_details(
    protocol: Protocol,
    case: Case,
    recording: Recording,
    facts: Mapping[str, str],
    particulars: Details | None = None,
    concern_at: datetime | None = None,
) -> Entry:
    """Records what is now known about a case; conditions follow at once. Raises UnknownName, Refused."""
    known = particulars or Details()
    if concern_at and concern_at > case.raised_at:
        raise Refused(
            f"The concern ({spoken(concern_at)}) cannot come after {case.ref} was raised ({spoken(case.raised_at)})."
        )
    concern = {"concern_at": written(concern_at)} if concern_at else {}
    data = {"facts": protocol.checked_facts(facts), "particulars": concern | as_kept(protocol, known)}
    return new_entry(case, SET, recording, data, known.words, known.identities)


def as_kept(protocol: Protocol, particulars: Details) -> dict[str, object]:
    """What is said of a case, as the history keeps it."""
    themes = particulars.themes
    given = {
        "subject": particulars.subject,
        "raising_agency": particulars.raising_agency,
        "receiving_agency": particulars.receiving_agency,
        "involved": particulars.involved if particulars.involved is None else list(dict.fromkeys(particulars.involved)),
        "themes": themes if themes is None else list(dict.fromkeys(protocol.theme(theme) for theme in themes)),
        "legal_hold": particulars.legal_hold,
    }
    return {name: value for name, value in given.items() if value is not None}
