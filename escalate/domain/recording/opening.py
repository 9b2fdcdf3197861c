"""Opening a case."""

from collections.abc import Mapping
from datetime import datetime

from escalate.domain.case.details import LISTS
from escalate.domain.case.entries import (
    OPENED,
    Entry,
)
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.advancing import checked_ground, stages_between
from escalate.domain.recording.details import Details, as_kept
from escalate.domain.recording.request import (
    Recording,
)
from escalate.domain.worktime.clock import spoken, written
from escalate.errors import Refused

_KEPT_WITH_AN_OPENING = (*LISTS.values(), "legal_hold")
"""What of the particulars an opening keeps under that name."""


def open_case(
    ref: str,
    protocol: Protocol,
    edition_digest: str,
    recording: Recording,
    particulars: Details,
    *,
    concern_at: datetime | None = None,
    route: str | None = None,
    stage: str | None = None,
    facts: Mapping[str, str] | None = None,
    because: str | None = None,
    imported: Mapping[str, str | None] | None = None,
) -> Entry:
    """Opens a case at the first stage of a route, or higher. Raises Refused.

    `edition_digest` is that of the kept protocol file. `imported` is what tells the row of a log it is opened from.
    """
    if recording.at > recording.now:
        raise Refused(f"{spoken(recording.at)} has not come yet: a case is raised now or in the past.")
    concern = concern_at or recording.at
    if concern > recording.at:
        raise Refused(
            f"The concern ({spoken(concern)}) cannot come after the case was raised ({spoken(recording.at)}): give an earlier --concern, or --at."
        )
    way = protocol.route(route)
    first = protocol.stage(way.key, way.starts)
    entered = protocol.stage(way.key, stage) if stage else first
    data = {
        "protocol": protocol.id,
        "edition": protocol.edition.dated,
        "edition_digest": edition_digest,
        "calendar": protocol.counts_on,
        "route": entered.route,
        "stage": entered.key,
        "skipped": [] if entered is first else [first.key, *stages_between(protocol, first, entered)],
        "because": checked_ground(because),
        "subject": particulars.subject,
        "raising_agency": particulars.raising_agency,
        "receiving_agency": particulars.receiving_agency,
        "concern_at": written(concern_at) if concern_at else None,
        "facts": protocol.checked_facts(facts or {}),
        "particulars": {
            name: known for name, known in as_kept(protocol, particulars).items() if name in _KEPT_WITH_AN_OPENING
        },
        **({"imported": imported} if imported else {}),
    }
    words, identities = particulars.words, particulars.identities
    return Entry(ref, 1, OPENED, recording.at, recording.now, recording.by, data, words, identities)
