"""Opening a case."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.shared.asking import can_ask, go_on_if_meant
from escalate.commands.shared.counted_on import calendar_of, fresh_calendar
from escalate.commands.shared.facts import ask_facts, read_facts
from escalate.commands.shared.key_values import Said, checked_subject, read_known
from escalate.commands.shared.options import Again, AskedProtocol, At, Concern, DryRun, IsReference, Json, Route, option
from escalate.commands.shared.recording import Recorder, record_related
from escalate.commands.shared.related import OpenAlready, find_related, open_already, open_of_person, warn_of_open
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import one_session, opened, opened_or_made
from escalate.domain.case.entries import Entry
from escalate.domain.case.grounds import Ground
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, Changed, case_file
from escalate.domain.recording import repeated as repetition
from escalate.domain.recording.opening import NOBODY_AND_NOTHING, open_case, says_what_it_is
from escalate.domain.recording.repeated import Repeated
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadFact, BadInput, Refused
from escalate.storage.files.paths import is_there
from escalate.storage.files.protocols import find_protocol
from escalate.storage.lists import Sides
from escalate.storage.store import Store

if TYPE_CHECKING:  # no cycle, but scripts are asked nothing
    from escalate.commands.open_asked import Usual


def open_(
    context: typer.Context,
    protocol: AskedProtocol = None,
    subject: Annotated[
        str | None, option("--subject", "REFERENCE", "Who it is about: a record number, never a name.")
    ] = None,
    raising: Annotated[str | None, option("--from", "AGENCY", "The agency that raises it.")] = None,
    receiving: Annotated[str | None, option("--to", "AGENCY", "The agency it is raised with.")] = None,
    about: Annotated[str | None, option("--about", "TEXT", "What the disagreement is.")] = None,
    concern: Concern = None,
    at: At = None,
    facts: Annotated[
        list[str] | None,
        option(
            "--fact",
            "FACT=ANSWER",
            "Something the protocol asks about the case, or else that set takes, such as theme=drift; may be repeated.",
        ),
    ] = None,
    route: Route = None,
    stage: Annotated[str | None, option("--stage", "STAGE", "The stage to begin at, where it is urgent.")] = None,
    because: Annotated[Ground | None, option("--because", None, "Why it begins above the first stage.")] = None,
    is_reference: IsReference = False,
    again: Again = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """At least one of --subject, --from, --to and --about has to be given.

    Example: escalate open herefordshire --subject M-40213 --from "Wye Valley NHS Trust" --to "Children's Services" --concern "18 Nov 2026" --fact protection-plan=yes
    """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json, begins_file=True)
    here, recording = recorder.session, recorder.recording
    asks = can_ask(as_json)
    usual = (
        _usual(here) if asks and not (protocol and subject and raising and receiving and about and concern) else None
    )
    named = recorder.wanted("PROTOCOL", protocol, lambda: usual.ask_protocol() if usual else None)
    file = find_protocol(named, here.settings.protocols, london_date(recording.at))
    known = read_known(here, facts, recording.at)
    _refuse_what_has_an_option(known)
    known.sides = {name: said for name, said in (("subject", subject), ("from", raising), ("to", receiving)) if said}
    if subject:
        checked_subject(here, subject, is_reference=is_reference)
    known.words |= {"about": about} if about else {}
    find_related(here, known)
    concern_at = here.when(concern, "past", recording.at).at if concern else None
    with nullcontext() if asks else one_session(here):  # no session waits for what somebody types
        counted_on = calendar_of(here, file.protocol)
        horizon = here.horizon(counted_on, here.now)

        def opened_with(facts: Mapping[str, str]) -> Entry:
            entry = open_case(
                "", file.protocol, file.digest, recording, known.details,
                concern_at=concern_at, route=route, stage=stage, facts=facts, because=because,
            )  # fmt: skip
            case_file(replay([entry]), file.protocol, counted_on)  # refuses what cannot be dated
            return entry

        # whatever is wrong is said before anything is asked, and before a file is made
        entry = opened_with(read_facts(here, file.protocol, known.facts, recording.at))
        if usual and not subject:
            usual.ask_subject(known, is_reference=is_reference)
            entry = opened_with(entry.data["facts"])
        agreed = _agreed(here, entry, recording) if asks and not again else None
        if usual:
            usual.ask_what_it_is(known)
        if not says_what_it_is(known.details):
            raise BadInput(NOBODY_AND_NOTHING)
        if usual:
            concern_at = concern_at or usual.ask_concern(recording.at)
            entry = opened_with(entry.data["facts"])
        if asks and here.settings.file is None:
            # a server: whoever may not open it is told before anything more is asked
            with opened(here) as store:
                _refuse_of_others(store, entry)
        if not as_json:
            entry = opened_with(ask_facts(here, file.protocol, entry.data["facts"], recording.at))

        def begun_in(store: Store) -> tuple[CaseFile, list[OpenAlready]]:
            others = _others_open(store, entry, recording, agreed, again=again)
            store.keep_calendars(file.protocol, lambda name: fresh_calendar(here, name), here.settings.by, here.now)
            begun = store.append(entry._replace(case=store.next_ref(entry.data["raising_agency"])), under=file)
            record_related(store, None, begun.case, recording)
            return begun, others

        with opened_or_made(here, dry_run) as store:
            begun, others = store.decided(lambda: begun_in(store), dry_run)
    warn_of_open(begun.case.ref, others, dry_run=dry_run)
    recorder.show(Changed(None, begun), horizon)


def _others_open(
    store: Store, entry: Entry, recording: Recording, agreed: str | None, *, again: bool
) -> list[OpenAlready]:
    """The open cases that may be about the same as one that is to be opened. Raises Refused where one of them seems to be that one, or it may not be opened."""
    _refuse_of_others(store, entry)
    of_person = open_of_person(store, entry)
    repeated = None if again else _opened_just_now(store, entry, recording, of_person)
    if repeated and repeated.case != agreed:
        raise Refused(f"{repeated.said}. Add --again if this is another case.")
    return open_already(store, entry, of_person)


def _refuse_of_others(store: Store, entry: Entry) -> None:
    """Refuse a case that neither side of is the agency of whoever opens it, on a server. Raises Refused."""
    if not store.is_ours(entry.data["raising_agency"], entry.data["receiving_agency"]):
        raise Refused(
            f'A case that you open here is raised by {store.agency} or with it: say --from "{store.agency}" or --to "{store.agency}".'
        )


def _usual(here: Session) -> "Usual":
    """What is offered to whoever is asked. Raises StoreError."""
    from escalate.commands.open_asked import Usual  # scripts are asked nothing

    return Usual(here)


def _agreed(here: Session, entry: Entry, recording: Recording) -> str | None:
    """The case that was opened just now for the same person, if there is one and somebody says that another is meant. Raises StoreError."""
    if here.settings.file and not is_there(here.settings.file):
        return None
    with opened(here) as store:
        repeated = _opened_just_now(store, entry, recording, open_of_person(store, entry))
    if repeated:
        go_on_if_meant(repeated, "Open another?")
    return repeated.case if repeated else None


def _opened_just_now(store: Store, entry: Entry, recording: Recording, of_person: Sequence[Sides]) -> Repeated | None:
    """Which of a person's open cases was opened just now under the same protocol."""
    for each in of_person:
        case = store.case(each.ref).case
        repeated = repetition.opened(case, recording) if case.protocol == entry.data["protocol"] else None
        if repeated:
            return repeated
    return None


_OPTIONS = {"concern": "--concern", "subject": "--subject", "from": "--from", "to": "--to", "about": "--about"}
"""What set takes by these names has options of its own here."""


def _refuse_what_has_an_option(known: Said) -> None:
    """Refuse with --fact what has an option of its own. Raises BadFact."""
    given = ["concern"] if known.concern_at else []
    for name in (*given, *known.sides, *known.words):
        if name in _OPTIONS:
            raise BadFact(f"{name} is not a fact of a protocol: give it with {_OPTIONS[name]}.")
