"""Opening a case."""

from collections.abc import Mapping
from typing import Annotated

import typer

from escalate.commands.shared.counted_on import calendar, calendar_of
from escalate.commands.shared.facts import ask_facts, read_facts
from escalate.commands.shared.key_values import Said, read_known
from escalate.commands.shared.options import At, Concern, DryRun, Json, Protocol, Route, option
from escalate.commands.shared.recording import Recorder
from escalate.commands.shared.store import opened_or_made
from escalate.domain.case.entries import Entry
from escalate.domain.case.grounds import Ground
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import Changed, case_file
from escalate.domain.recording.opening import open_case
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadFact
from escalate.storage.files.protocols import find_protocol


def open_(
    context: typer.Context,
    protocol: Protocol,
    subject: Annotated[
        str | None, option("--subject", "REFERENCE", "Whom it is about: a record number, never a name.")
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
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate open herefordshire --subject M-40213 --from "Wye Valley NHS Trust" --to "Children's Services" --concern "18 Nov 2026" --fact protection-plan=yes"""
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json, begins_file=True)
    here, recording = recorder.session, recorder.recording
    file = find_protocol(protocol, here.settings.protocols, london_date(recording.at))
    known = read_known(here, facts, recording.at)
    _refuse_what_has_an_option(known)
    known.sides = {name: said for name, said in (("subject", subject), ("from", raising), ("to", receiving)) if said}
    known.words |= {"about": about} if about else {}
    concern_at = here.when(concern, "past", recording.at).at if concern else None
    counted_on = calendar_of(here, file.protocol)
    horizon = here.horizon(counted_on, here.now)

    def opened_with(facts: Mapping[str, str]) -> Entry:
        entry = open_case(
            "", file.protocol, file.digest, recording, known.details,
            concern_at=concern_at, route=route, stage=stage, facts=facts, because=because,
        )  # fmt: skip
        case_file(replay([entry]), file.protocol, counted_on)  # refuses what cannot be dated
        return entry

    entry = opened_with(read_facts(here, file.protocol, known.facts, recording.at))
    if not as_json:  # whatever is wrong is said before anything is asked, and before a file is made
        entry = opened_with(ask_facts(here, file.protocol, entry.data["facts"], recording.at))
    with opened_or_made(here, dry_run) as store, store.writing(dry_run):
        store.keep_calendars(file.protocol, lambda name: calendar(here, name), here.settings.by, here.now)
        store.keep_edition(file, here.now)
        opened = store.append(entry._replace(case=store.next_ref()))
    recorder.show(Changed(None, opened), horizon)


_OPTIONS = {"concern": "--concern", "subject": "--subject", "from": "--from", "to": "--to", "about": "--about"}
"""What set takes by these names has options of its own here."""


def _refuse_what_has_an_option(known: Said) -> None:
    """Refuse with --fact what has an option of its own. Raises BadFact."""
    given = ["concern"] if known.concern_at else []
    for name in (*given, *known.sides, *known.words):
        if name in _OPTIONS:
            raise BadFact(f"{name} is no fact of a protocol: give it with {_OPTIONS[name]}.")
