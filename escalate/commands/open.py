"""Commands that open a case, and that record what happens in it."""

from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.key_values import private, read_known
from escalate.commands.options import WHOLE_NUMBER, At, Case, Concern, DryRun, Json, Protocol, Reason, Route
from escalate.commands.session import desk
from escalate.domain.case.grounds import Ground

if TYPE_CHECKING:
    from escalate.commands.key_values import Known
    from escalate.domain.case.entries import Entry
    from escalate.domain.deadlines.case_file import CaseFile


Action = Annotated[
    str, typer.Argument(help="The action, by the short name that due and show give it.", show_default=False)
]


def open_(
    context: typer.Context,
    protocol: Protocol,
    subject: Annotated[
        str | None,
        typer.Option(
            "--subject",
            metavar="REFERENCE",
            help="Whom it is about: a record number, never a name.",
            show_default=False,
        ),
    ] = None,
    raising: Annotated[
        str | None, typer.Option("--from", metavar="AGENCY", help="The agency that raises it.", show_default=False)
    ] = None,
    receiving: Annotated[
        str | None, typer.Option("--to", metavar="AGENCY", help="The agency it is raised with.", show_default=False)
    ] = None,
    about: Annotated[
        str | None, typer.Option("--about", metavar="TEXT", help="What the disagreement is.", show_default=False)
    ] = None,
    concern: Concern = None,
    at: At = None,
    facts: Annotated[
        list[str] | None,
        typer.Option(
            "--fact",
            metavar="FACT=ANSWER",
            help="Something the protocol asks about the case, or else that set takes, such as theme=drift; may be repeated.",
            show_default=False,
        ),
    ] = None,
    route: Route = None,
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="STAGE", help="The stage to begin at, where it is urgent.", show_default=False),
    ] = None,
    because: Annotated[
        Ground | None, typer.Option("--because", help="Why it begins above the first stage.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Open a case under a protocol.

    Example: escalate open herefordshire --subject M-40213 --from "Wye Valley NHS Trust" --to "Children's Services" --concern "18 Nov 2026" --fact protection-plan=yes
    """
    from escalate.domain.case.replay import replay
    from escalate.domain.deadlines.case_file import case_file
    from escalate.domain.recording.opening import open_case
    from escalate.domain.worktime.clock import london_date
    from escalate.storage.files.protocols import find_protocol

    here = desk(context)
    recording = here.recording(at)
    raised_on = london_date(recording.at)
    file = find_protocol(protocol, here.settings.protocols, raised_on)
    known = read_known(here, facts)
    _refuse_options(known)
    known.sides = {name: said for name, said in (("subject", subject), ("from", raising), ("to", receiving)) if said}
    known.words |= {"about": about} if about else {}
    concern_at = here.when(concern, "past", recording.at).at if concern else None
    calendar = here.calendar_of(file.protocol)
    horizon = here.horizon(calendar, here.now)

    def opened_with(facts: dict[str, str]) -> "Entry":
        entry = open_case(
            "", file.protocol, file.digest, recording, known.details,
            concern_at=concern_at, route=route, stage=stage, facts=facts, because=because,
        )  # fmt: skip
        case_file(replay([entry]), file.protocol, calendar)  # refuses what cannot be dated
        return entry

    facts_known = here.facts(file.protocol, known.facts, recording.at)
    entry = opened_with(facts_known)  # whatever is wrong is said before anything is asked, and before a file is made
    if not as_json:
        entry = opened_with(here.ask_facts(file.protocol, entry.data["facts"], recording.at))
    with here.store(dry_run) as store, store.writing(dry_run):
        store.keep_calendars(file.protocol, here.calendar, here.settings.by, here.now)
        store.keep_edition(file, here.now)
        opened = store.append(entry._replace(case=store.next_ref()))
    here.show_change(opened, horizon, dry_run=dry_run, as_json=as_json)


def note(
    context: typer.Context,
    case: Case,
    text: Annotated[str, typer.Argument(help="What to remember.", show_default=False)],
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Write a note into a case's history.

    Example: escalate note 7 "Spoke to the duty manager, who will call back" --at "today 10:15"
    """
    from escalate.domain.recording import acts

    here = desk(context)
    recording = here.recording(at)
    here.change(case, lambda file: acts.note(file.case, recording, text), dry_run=dry_run, as_json=as_json)


def done(
    context: typer.Context,
    case: Case,
    action: Action,
    at: At = None,
    stage: Annotated[
        str | None,
        typer.Option(
            "--stage",
            metavar="STAGE",
            help="The stage it was done for, if not the latest that has it.",
            show_default=False,
        ),
    ] = None,
    remark: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="Anything to remember about it.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Record that an action was done.

    Example: escalate done 7 iro-notified --at "yesterday 15:20"
    """
    from escalate.domain.recording import acts

    here = desk(context)
    recording = here.recording(at)
    here.change(
        case,
        lambda file: acts.done(file.protocol, file.case, file.calendar, recording, action, stage, remark),
        dry_run=dry_run,
        as_json=as_json,
    )


def agree(
    context: typer.Context,
    case: Case,
    when: Annotated[
        str,
        typer.Argument(
            metavar="WHEN",
            help='The date agreed: "Fri 27 Nov 12:00"; a day alone lasts until its end.',
            show_default=False,
        ),
    ],
    action: Annotated[
        str | None,
        typer.Option(
            "--action",
            metavar="ACTION",
            help="The action it was agreed for, if not the stage as a whole.",
            show_default=False,
        ),
    ] = None,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Record a date that the two sides agreed. Earlier than the protocol's limit, it becomes the deadline; later, the limit stands.

    Example: escalate agree 7 "Fri 27 Nov 12:00"
    """
    from escalate.domain.recording import acts

    here = desk(context)
    recording = here.recording(at)
    until = here.until(when, recording.at)
    here.change(
        case,
        lambda file: acts.agree(file.protocol, file.case, file.calendar, recording, until, action, reason),
        dry_run=dry_run,
        as_json=as_json,
    )


def advance(
    context: typer.Context,
    case: Case,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="STAGE",
            help="The stage to go up to, where there is a choice or some are skipped.",
            show_default=False,
        ),
    ] = None,
    because: Annotated[Ground, typer.Option("--because", help="Why it goes up.")] = Ground.UNRESOLVED,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Go up a stage. What was not done stays due; nothing holds a case back.

    Example: escalate advance 7 --because no-response
    """
    from escalate.domain.recording import advancing

    here = desk(context)
    recording = here.recording(at)
    here.change(
        case,
        lambda file: advancing.advance(file.protocol, file.case, recording, to, because, reason),
        dry_run=dry_run,
        as_json=as_json,
    )


def resolve(
    context: typer.Context,
    case: Case,
    how: Annotated[
        str | None, typer.Option("--how", metavar="TEXT", help="How it was resolved.", show_default=False)
    ] = None,
    at: At = None,
    lessons: Annotated[
        str | None,
        typer.Option("--lessons", metavar="TEXT", help="What is to be learned from it.", show_default=False),
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Close a case as resolved. What is owed afterwards, such as sharing the outcome, stays due.

    Example: escalate resolve 7 --how "Both managers agreed a joint visit" --at "today 11:00"
    """
    from escalate.domain.recording import closing

    here = desk(context)
    recording = here.recording(at)
    here.change(
        case,
        lambda file: closing.resolve(file.case, recording, how, lessons),
        dry_run=dry_run,
        as_json=as_json,
    )


def withdraw(
    context: typer.Context,
    case: Case,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Close a case that is not pursued. Nothing more is owed, save what a danger calls for.

    Example: escalate withdraw 7 --reason "Raised twice; see E0006"
    """
    from escalate.domain.recording import closing

    here = desk(context)
    recording = here.recording(at)
    here.change(case, lambda file: closing.withdraw(file.case, recording, reason), dry_run=dry_run, as_json=as_json)


def reopen(
    context: typer.Context,
    case: Case,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take a closed case up again, at the stage it was at. Its deadlines carry on from the history.

    Example: escalate reopen 6 --reason "The agreed visit did not take place"
    """
    from escalate.domain.recording import closing

    here = desk(context)
    recording = here.recording(at)
    here.change(case, lambda file: closing.reopen(file.case, recording, reason), dry_run=dry_run, as_json=as_json)


def assign(
    context: typer.Context,
    case: Case,
    side: Annotated[
        str,
        typer.Argument(
            metavar="SIDE", help="raising, receiving, or the name of another agency involved.", show_default=False
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help='Who holds it; "-" to be asked for the name.', show_default=False),
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="TEXT", help="What they are there.", show_default=False)
    ] = None,
    email: Annotated[
        str | None,
        typer.Option("--email", metavar="ADDRESS", help='Their address; "-" to be asked for it.', show_default=False),
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option("--stage", metavar="STAGE", help="The stage, if not the one it is at.", show_default=False),
    ] = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Record who holds a side of a case. They hold it at later stages as well, until somebody else is assigned.

    Example: escalate assign 7 receiving "Jo Bell" --role "Team manager" --email jo.bell@council.example
    """
    from escalate.domain.recording import acts

    here = desk(context)
    recording = here.recording(at)
    who, address = name and private(name, "name"), email and private(email, "e-mail address")
    here.change(
        case,
        lambda file: acts.assign(file.case, recording, side, who, (role or "").strip(), address, stage),
        dry_run=dry_run,
        as_json=as_json,
    )


def set_(
    context: typer.Context,
    case: Case,
    facts: Annotated[
        list[str],
        typer.Argument(
            metavar="FACT=ANSWER...",
            help="What is now known: a fact of the protocol, or one of the names below.",
            show_default=False,
        ),
    ],
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Record what is now known about a case. What the protocol asks for because of it falls due at once.

    Beside the facts of the protocol:

    - concern=WHEN, subject=, from=, to=: corrections of what it was opened with

    - theme=, involved=: what it is about, and other agencies; say each again for several, or none

    - about=, desired-outcome=, level-current=, level-perceived=, how=, lessons=: in your own words

    - legal-hold=: why nothing of it may be erased; none lifts that

    - name=, born=, address=: who the person is, shown with --identify only; with - for a value it is asked for

    Example: escalate set 7 immediate-risk=yes concern="17 Nov 2026" theme=drift theme=communication
    """
    from escalate.domain.recording.details import set_details

    here = desk(context)
    recording = here.recording(at)
    known = read_known(here, facts)
    here.change(
        case,
        lambda file: set_details(
            file.protocol,
            file.case,
            recording,
            here.facts(file.protocol, known.facts, recording.at),
            known.details,
            known.concern_at,
        ),
        dry_run=dry_run,
        as_json=as_json,
    )


def undo(
    context: typer.Context,
    case: Case,
    entry: Annotated[
        int | None,
        typer.Option("--entry", help="The entry, by its number in the log, if not the last.", **WHOLE_NUMBER),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WHEN", help="Keep the entry, and correct when it happened.", show_default=False),
    ] = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take back the last thing recorded in a case, or correct the time of an entry. All of it stays in the history.

    Example: escalate undo 7 --entry 2 --at "yesterday 11:40" --reason "Wrong day"
    """
    from escalate.domain.recording import corrections
    from escalate.domain.recording.corrections import correct
    from escalate.domain.recording.request import Recording

    here = desk(context)
    to = here.recording(at).at if at else None
    recording = Recording(here.settings.by, here.now, here.now)

    def decide(file: "CaseFile") -> "Entry":
        if to is None:
            return corrections.undo(file.case, recording, entry, reason)
        return correct(file.case, recording, to, entry, reason)

    here.change(case, decide, dry_run=dry_run, as_json=as_json)


def _refuse_options(known: "Known") -> None:
    """Refuses with --fact what open takes with an option of its own. Raises BadFact."""
    from escalate.errors import BadFact

    options = {"concern": "--concern", "subject": "--subject", "from": "--from", "to": "--to", "about": "--about"}
    given = ["concern"] if known.concern_at else []
    for name in (*given, *known.sides, *known.words):
        if name in options:
            raise BadFact(f"{name} is no fact of a protocol: give it with {options[name]}.")
