"""Opening a case."""

from collections.abc import Mapping
from datetime import datetime

from escalate.domain.case.details import LISTS
from escalate.domain.case.entries import OPENED, Entry
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.advancing import checked_ground, stages_between
from escalate.domain.recording.details import Details, as_kept
from escalate.domain.recording.request import Recording, check_concern
from escalate.domain.worktime.clock import spoken, written
from escalate.errors import Refused


def open_case(
    ref: str,
    protocol: Protocol,
    edition_digest: str,
    recording: Recording,
    details: Details,
    *,
    concern_at: datetime | None = None,
    route: str | None = None,
    stage: str | None = None,
    facts: Mapping[str, str] | None = None,
    because: str | None = None,
    imported: Mapping[str, object] | None = None,
) -> Entry:
    """Opens a case at the first stage of a route, or higher. Raises BadInput, UnknownName, Refused.

    `edition_digest` is that of the kept protocol file. `imported` is what tells the row of a log it is opened from.
    """
    if recording.at > recording.now:
        raise Refused(f"{spoken(recording.at)} is in the future: a case is raised now or in the past.")
    check_concern(concern_at, recording.at, "the case was raised", ": give an earlier --concern, or --at")
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
        "subject": details.subject,
        "raising_agency": details.raising_agency,
        "receiving_agency": details.receiving_agency,
        "concern_at": written(concern_at) if concern_at else None,
        "facts": checked_facts(protocol, facts or {}),
        "particulars": {name: said for name, said in as_kept(protocol, details).items() if name in _BESIDE_THE_SIDES},
        **({"imported": imported} if imported else {}),
    }
    by, words, identities = recording.by, details.words, details.identities
    return Entry(ref, 1, OPENED, recording.at, recording.now, by, data, words, identities)


NOBODY_AND_NOTHING = "Say who or what the case is about: give at least one of --subject (a record number), --from and --to (the agencies) and --about."


def says_what_it_is(details: Details) -> bool:
    """Whether a case can be told from others: by its subject, by an agency, or by what it is about."""
    said = (details.subject, details.raising_agency, details.receiving_agency, details.words.get("about"))
    return any(each and each.strip() for each in said)


_BESIDE_THE_SIDES = (*LISTS.values(), "legal_hold")
"""Details that an opening keeps as particulars; the subject and the agencies have places of their own in it."""
