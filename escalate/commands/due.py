"""Commands that look at cases and deadlines, and change nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.filters import (
    Agency,
    CaseFilter,
    OfProtocol,
    RaisedSince,
    Stage,
    Status,
    Theme,
    has,
    warn_of_no_match,
)
from escalate.commands.options import WHOLE_NUMBER, AsOf, Case, Identify, Json
from escalate.commands.session import Desk, desk
from escalate.on_demand import OnDemand

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import CaseFile
    from escalate.domain.deadlines.model import Deadline, DueLine
    from escalate.domain.deadlines.standing import Judged
    from escalate.domain.worktime.allowance import Allowance
    from escalate.domain.worktime.calendar import Calendar
    from escalate.storage.lists import Number

Limit = Annotated[
    int | None, typer.Option("--limit", help="No more than so many, the most urgent first.", **WHOLE_NUMBER)
]

NewestFirst = Annotated[
    int | None, typer.Option("--limit", help="No more than so many, the newest first.", **WHOLE_NUMBER)
]

SOMETHING_OVERDUE = 3


def due(
    context: typer.Context,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    at_risk: Annotated[bool, typer.Option("--at-risk", help="Only what is at risk; with --overdue, both.")] = False,
    within: Annotated[
        str | None,
        typer.Option(
            "--within",
            metavar="ALLOWANCE",
            help='Only what has to be acted on in the next "5 working days" or the like, overdue included.',
            show_default=False,
        ),
    ] = None,
    agency: Agency = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            metavar="NAME",
            help="Only what this owner has to do, or a person assigned to the case; a part of the name will do.",
            show_default=False,
        ),
    ] = None,
    protocol: OfProtocol = None,
    limit: Limit = None,
    as_of: AsOf = None,
    identify: Identify = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with status 3 when something is overdue.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what is due, the most urgent first.

    Example: escalate due --overdue --agency "Children's Services"
    """
    from escalate.domain.deadlines import standing
    from escalate.domain.deadlines.standing import Standing
    from escalate.domain.worktime.read_allowance import parse_allowance
    from escalate.storage.lists import Number

    here = desk(context)
    at = here.as_of(as_of)
    allowance = parse_allowance(within) if within else None
    asked_for = CaseFilter(agency=agency, protocol=protocol)
    judged = None
    if (overdue or limit) and not any((at_risk, allowance, agency, owner, protocol, as_of)):
        judged = _late(here, at, limit, overdue, identify, as_json)
    if judged is None:
        with here.listed_as_of(at) if as_of else here.listed() as lists:
            lines = lists.due(identify=identify) if lists else []
            held = lists.held_by(owner) if lists and owner else set()
            calendars = {name: here.kept(lists, name) for name in {line.case.calendar for line in lines}}
        asked_for.refuse_unknown(here, (line.case.protocol for line in lines))
        horizons = {name: here.horizon(calendar, at) for name, calendar in calendars.items()}
        theirs = [line for line in lines if _asked_for(line, asked_for, owner, held)]
        judged = standing.judged(theirs, horizons, at)
        ends = {name: _end(at, allowance, calendar) for name, calendar in calendars.items()}
        chosen = [
            each
            for each in judged
            if each.deadline.at_any_stage or (_wanted(each, overdue, at_risk) and _by(each, ends))
        ]
        _show_due(here, _first(chosen, limit), Number(len(chosen)), calendars, at, as_json)
        _warn_of_unpublished(judged, calendars)
        warn_of_no_match(agency, {name for line in lines for name in line.case.agencies}, "agency")
        warn_of_no_match(None if held else owner, {line.deadline.owner for line in lines}, "owner")
    if exit_code and any(each.shown_under is Standing.OVERDUE for each in judged):
        raise typer.Exit(SOMETHING_OVERDUE)


def list_(
    context: typer.Context,
    status: Status = None,
    agency: Agency = None,
    protocol: OfProtocol = None,
    stage: Stage = None,
    theme: Theme = None,
    since: RaisedSince = None,
    limit: NewestFirst = None,
    as_of: AsOf = None,
    identify: Identify = False,
    as_json: Json = False,
) -> None:
    """List cases, the newest first.

    Example: escalate list --status open --protocol herefordshire --since "1 Oct 2026"
    """
    from escalate.output import terminal
    from escalate.output.case.lists import cases_table
    from escalate.output.case.rows import line_document
    from escalate.output.terminal import say, show_json, width
    from escalate.storage.lists import Number

    here = desk(context)
    at = here.as_of(as_of)
    raised_from = here.past(since) if since else None
    asked_for = CaseFilter(status, agency, protocol, stage, theme, raised_from)
    with here.listed_as_of(at) if as_of else here.listed() as lists:
        if lists and not any((status, agency, protocol, stage, theme, since, as_of)):
            of, lines = lists.number_of_cases, lists.cases(limit, identify=identify)
        else:
            every = lists.cases(identify=identify) if lists else []
            asked_for.refuse_unknown(here, (line.protocol for line in every))
            chosen = [line for line in every if asked_for.wants(line)]
            of, lines = len(chosen), chosen[:limit]
    here.echo(as_json)
    if as_json:
        show_json([line_document(line) for line in lines])
    elif lines:
        terminal.show(cases_table(lines, at, width()))
        _say_more(Number(of), limit)
    else:
        say("No cases.")


def show(
    context: typer.Context, case: Case, as_of: AsOf = None, identify: Identify = False, as_json: Json = False
) -> None:
    """Show a case: a page to bring to a meeting.

    Example: escalate show 7 --identify
    """
    from escalate.output import terminal
    from escalate.output.case.documents import case_document
    from escalate.output.case.page import case_page
    from escalate.output.terminal import show_json, width

    here = desk(context)
    at = here.as_of(as_of)
    file = _case(here, case, at if as_of else None, identify)
    horizon = here.horizon(file.calendar, at)
    here.echo(as_json)
    if as_json:
        show_json(case_document(file, at, horizon))
    else:
        terminal.show(case_page(file, at, horizon, width()))


def log(
    context: typer.Context,
    case: Case,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", metavar="KIND", help="Only entries of this kind: noted, done, advanced ...", show_default=False
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="WHEN", help="Only what happened then or later.", show_default=False),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="NAME", help="Only what this person recorded; a part will do.", show_default=False
        ),
    ] = None,
    as_of: AsOf = None,
    identify: Identify = False,
    as_json: Json = False,
) -> None:
    """Show the whole history of a case, and what was taken back.

    Example: escalate log 7 --kind noted --since "1 Nov 2026"
    """
    from escalate.output import terminal
    from escalate.output.case.documents import entry_document
    from escalate.output.case.history import history_table
    from escalate.output.terminal import say, show_json

    here = desk(context)
    _refuse_kinds(kinds or [])
    known_at = here.as_of(as_of) if as_of else None
    from_when = here.past(since) if since else None
    file = _case(here, case, known_at, identify)
    entries = [
        entry
        for entry in file.case.history
        if (not kinds or entry.kind in kinds)
        and (from_when is None or file.case.happened(entry) >= from_when)
        and has(by, entry.by)
    ]
    here.echo(as_json)
    if as_json:
        show_json([entry_document(entry, file.case) for entry in entries])
    elif entries:
        terminal.show(history_table(file.case, entries))
    else:
        say(f"No such entries among the {len(file.case.history)} of {file.case.ref}.")


def explain(
    context: typer.Context,
    case: Case,
    action: Annotated[
        str | None,
        typer.Argument(
            help="The action whose deadline to prove; the stage's own if none is named.", show_default=False
        ),
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option(
            "--stage",
            metavar="STAGE",
            help="The stage it belongs to, if not the latest that has it.",
            show_default=False,
        ),
    ] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Prove a deadline: what it counts from, each day counted and each skipped, and where it is written.

    Example: escalate explain 7
    """
    from escalate.domain.deadlines.standing import standing
    from escalate.output import terminal
    from escalate.output.case.proof import proof_document, proof_page
    from escalate.output.terminal import show_json

    here = desk(context)
    at = here.as_of(as_of)
    file = _case(here, case, at if as_of else None)
    deadline = _deadline(file, action, stage)
    stands = standing(deadline, at, here.horizon(file.calendar, at))
    here.echo(as_json)
    if as_json:
        show_json(proof_document(file, deadline, stands))
    else:
        terminal.show(proof_page(file, deadline, stands, at))


def search(
    context: typer.Context,
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT...",
            help="What to look for; every one has to stand somewhere in the case.",
            show_default=False,
        ),
    ],
    limit: NewestFirst = None,
    identify: Identify = False,
    as_json: Json = False,
) -> None:
    """Find cases by what was written in them, their themes, agencies and references; by names too with --identify.

    Words in quotes have to stand together; the beginning of a word will do.

    Example: escalate search step-down "child in need"
    """
    from escalate.errors import BadInput
    from escalate.output import terminal
    from escalate.output.case.documents import found_document
    from escalate.output.case.history import found_page
    from escalate.output.terminal import say, show_json
    from escalate.storage.lists import Number

    here = desk(context)
    for each in text:
        if not any(character.isalnum() for character in each):
            raise BadInput(f'There is nothing to look for in "{each}": give a word, or its beginning.')
    with here.stored() as store:
        found = store.search(text, identify=identify) if store else []
    if as_json:
        show_json([found_document(each) for each in found[:limit]])
    elif found:
        terminal.show(found_page(found[:limit]))
        _say_more(Number(len(found)), limit)
    else:
        say("Nothing was found." if identify else "Nothing was found; names are looked at with --identify.")


def _refuse_kinds(kinds: list[str]) -> None:
    from escalate.domain.case.entries import KINDS
    from escalate.errors import BadInput, listed

    for kind in kinds:
        if kind not in KINDS:
            raise BadInput(f'"{kind}" is not a kind of entry: say {listed(KINDS, "or")}.')


def _late(
    here: Desk, at: datetime, limit: int | None, overdue: bool, identify: bool, as_json: bool
) -> "list[Judged] | None":
    """Lists what is overdue, read no further than it is shown; None where more is asked for, and that is not enough of it."""
    from escalate.domain.deadlines import standing as standing_domain
    from escalate.storage.lists import Number

    with here.listed() as lists:
        if lists is None:
            _show_due(here, [], Number(0), {}, at, as_json)
            return []
        found = lists.late(at, limit, identify=identify)
        standing = sum(each.deadline.at_any_stage for each in found.lines)
        if not overdue and len(found.lines) - standing < max(limit or 0, standing):
            return None
        calendars: dict[str, Calendar] = OnDemand(lambda name: here.kept(lists, name))
        horizons: dict[str, datetime] = OnDemand(lambda name: here.horizon(calendars[name], at))
        judged = standing_domain.judged(found.lines, horizons, at)
        shown = _first(judged, limit)
        of = found.of if overdue else lists.number_due(len(shown))
        _show_due(here, shown, of, calendars, at, as_json)
        _warn_of_unpublished(lists.beyond_published(), calendars)
        return judged


def _first(lines: "list[Judged]", limit: int | None) -> "list[Judged]":
    """So many lines, and never fewer than there are standing actions."""
    return lines if limit is None else lines[: max(limit, sum(each.deadline.at_any_stage for each in lines))]


def _show_due(
    here: Desk, lines: "list[Judged]", of: "Number", calendars: "dict[str, Calendar]", at: datetime, as_json: bool
) -> None:
    from escalate.domain.worktime.clock import spoken
    from escalate.output import terminal
    from escalate.output.case.lists import due_page, due_summary
    from escalate.output.case.rows import due_document
    from escalate.output.terminal import say, show_json

    here.echo(as_json)
    if as_json:
        show_json([due_document(each, each.standing) for each in lines])
        return
    if lines:
        width = terminal.width()
        terminal.show(due_page(lines, calendars.__getitem__, at, width))
        say("")
    summary = due_summary(lines) if lines else "Nothing is due."
    say(f"{spoken(at)}: {summary}")
    _say_more(of, len(lines))


def _say_more(of: "Number", shown: int | None) -> None:
    from escalate.output.terminal import say

    if shown is not None and (shown < of.known or not of.is_all):
        say(f"Showing {shown} of {of}.")


def _case(here: Desk, text: str, known_at: datetime | None, identify: bool = False) -> "CaseFile":
    with here.existing() as store:
        return store.case(store.find(text), known_at, identify=identify)


def _deadline(file: "CaseFile", action: str | None, stage: str | None) -> "Deadline":
    from escalate.errors import Refused, UnknownName, listed

    at_stage = [
        deadline for deadline in file.deadlines if stage is None or deadline.stage.casefold() == stage.casefold()
    ]
    if not file.deadlines:
        raise Refused(
            f"{file.case.ref} is {file.case.status} and has no deadline to explain; escalate log shows its history."
        )
    if not at_stage and stage is not None:
        raise UnknownName(
            "stage",
            stage,
            dict.fromkeys(visit.stage for visit in file.case.visits),
            f" that {file.case.ref} has been at",
        )
    named = [
        deadline
        for deadline in at_stage
        if (deadline.ends_stage if action is None else deadline.action.casefold() == action.casefold())
    ]
    if not named and action is None:
        there = listed(list(dict.fromkeys(deadline.action for deadline in at_stage)), "or")
        raise Refused(
            f"{file.case.ref} is {file.case.status}, and no limit of a stage runs any more: name what to explain, {there}."
        )
    if not named:
        raise UnknownName(
            "action", str(action), dict.fromkeys(deadline.action for deadline in at_stage), f" in {file.case.ref}"
        )
    return named[-1]


def _asked_for(line: "DueLine", cases: CaseFilter, owner: str | None, held: set[tuple[str, int]]) -> bool:
    """Whether a line passes the filters; a standing action passes every one, because it cannot wait to be looked for."""
    if line.deadline.at_any_stage:
        return True
    theirs = (
        has(owner, line.deadline.owner)
        or has(owner, line.deadline.then_owner)
        or (line.case.ref, line.deadline.occasion.number) in held
    )
    return theirs and cases.wants(line.case)


def _wanted(line: "Judged", overdue: bool, at_risk: bool) -> bool:
    """Whether a line stands as asked for; one that a limit further up has overtaken is as good as overdue."""
    from escalate.domain.deadlines.standing import Standing

    standings = Standing
    wanted = {standings.OVERDUE} if overdue else set()
    wanted |= {standings.AT_RISK} if at_risk else set()
    return not wanted or line.shown_under in wanted


def _end(at: datetime, allowance: "Allowance | None", calendar: "Calendar") -> datetime | None:
    from escalate.domain.worktime.counting import at_risk_horizon

    return at_risk_horizon(at, calendar, allowance) if allowance else None


def _by(line: "Judged", ends: "dict[str, datetime | None]") -> bool:
    """Whether a line has to be acted on, or will be overtaken, before the end asked for, if one was."""
    end = ends[line.case.calendar]
    return end is None or any(moment <= end for moment in (line.deadline.act_by, line.deadline.ahead_at) if moment)


def _warn_of_unpublished(lines: "Sequence[Judged | DueLine]", calendars: "dict[str, Calendar]") -> None:
    """Says how many open deadlines lie beyond the bank holidays published so far (rule C12)."""
    from escalate.domain.worktime.clock import london_date
    from escalate.output.terminal import complain
    from escalate.output.words import counted

    dates = [(each.case.calendar, london_date(each.deadline.due_at)) for each in lines if each.deadline.due_at]
    beyond = sum(day > calendars[calendar].published_to for calendar, day in dates)
    if beyond:
        number = counted(beyond, "open deadline")
        complain(f"{number} beyond the bank holidays published so far: provisional until they are.")
