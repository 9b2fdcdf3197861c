"""The morning digest: printed, or sent to everybody who has to act."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TextIO, assert_never

import typer

from escalate.commands.shared.filters import Agency, CaseFilter, DueFilter, OfProtocol, has, has_to_do
from escalate.commands.shared.morning import IsTold, Morning
from escalate.commands.shared.options import Json, flag, option, something
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import opened
from escalate.domain.reporting.digest import Digest, DueLines, NotReached
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadInput, BrokenFile
from escalate.output.documents import json_pieces
from escalate.output.sending.digest import as_document, as_html, as_markdown, as_text
from escalate.output.terminal import for_screen, held_back, is_screen
from escalate.storage.lists import CasePlace
from escalate.storage.store import Store


class DigestFormat(StrEnum):
    """How the digest is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class Scheduler(StrEnum):
    """What runs the digest every morning."""

    CRON = "cron"
    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    TASK_SCHEDULER = "task-scheduler"


def digest(
    context: typer.Context,
    format_: Annotated[DigestFormat, typer.Option("--format", help="How to write it.")] = DigestFormat.TEXT,
    mail: Annotated[bool, flag("--mail", "Send it to the recipients that the settings file names.")] = False,
    agency: Agency = None,
    owner: Annotated[
        str | None, option("--owner", "NAME", "Only what this owner, or a person assigned, has to do.")
    ] = None,
    protocol: OfProtocol = None,
    since: Annotated[str | None, option("--since", "WHEN", "Changes since then, not since the last digest.")] = None,
    always: Annotated[bool, flag("--always", "Say so where there is nothing to tell.")] = False,
    alerts: Annotated[
        bool,
        flag(
            "--alerts",
            "Only what is new and cannot wait till tomorrow, each thing once: run it every quarter of an hour.",
        ),
    ] = False,
    force: Annotated[bool, flag("--force", "With --mail: send again what was sent today.")] = False,
    dry_run: Annotated[
        bool, flag("--dry-run", "Show what would be sent to whom, and send and record nothing.")
    ] = False,
    board: Annotated[
        str | None,
        option("--board", "FILE", "Make the board as well, in the place of the one before (see escalate board)."),
    ] = None,
    install: Annotated[
        Scheduler | None,
        option(
            "--install",
            None,
            "Print what makes cron, systemd, launchd (macOS) or task-scheduler (Windows) run it every morning.",
        ),
    ] = None,
    time: Annotated[
        str, typer.Option("--time", metavar="HH:MM", help="With --install: at what time of day.", callback=something)
    ] = "08:00",
    write: Annotated[bool, flag("--write", "With --install: put it there.")] = False,
    as_json: Json = False,
) -> None:
    """Example: escalate digest --always --agency "Children's Services" --format markdown"""
    here = session(context)
    if install:
        if as_json:
            raise BadInput("--install prints lines for a scheduler, and no document: leave --json out.")
        from escalate.commands.digest_schedule import schedule  # loads what runs other programs

        schedule(here, install.value, time, mail=mail, alerts=alerts, board=board, write=write)
        return
    if alerts:
        _alert(
            here,
            mail=mail,
            dry_run=dry_run,
            as_json=as_json,
            others=bool(agency or owner or protocol or since or force or always or board)
            or format_ is not DigestFormat.TEXT,
        )
        return
    if mail and (agency or owner or protocol or since or as_json or format_ is not DigestFormat.TEXT):
        raise BadInput("With --mail the settings file says who gets what: leave the other options out.")
    cases = CaseFilter(agency=agency, protocol=protocol)
    from_when = here.past(since) if since else None
    which = DueFilter(cases, owner)
    with (
        opened(here) as store,
        _calendar_after(here, store, dry_run=dry_run),
        _board_after(here, store, board, which, dry_run=dry_run),
    ):
        if mail:
            from escalate.commands.digest_mail import send  # loads what speaks to mail servers

            send(here, store, always=always, force=force, dry_run=dry_run)
            _bear_witness(here, store, dry_run)
            return
        cases.refuse_unknown(here, store.history.protocols() if protocol else ())
        today = london_date(here.now)
        held, ever_held = (store.lists.held_by(owner, day) if owner else set() for day in (today, None))
        reader = f"standard output {agency} {owner} {protocol}"
        format_ = DigestFormat.JSON if as_json else format_
        morning, told_to = _print(
            here,
            store,
            reader,
            lambda line: has_to_do(owner, held, line) and cases.wants(line.case),
            ever_held,
            from_when,
            format_,
            always=always or format_ is DigestFormat.JSON or is_screen(),
            is_unit=not (agency or owner or protocol),
            is_of_all=not (owner or protocol) and has(agency, store.agency),
            dry_run=dry_run,
        )
        if not (dry_run or since or is_screen()):
            morning.record(reader, told_to)
        _bear_witness(here, store, dry_run)


def _board_after(
    here: Session, store: Store, named: str | None, which: DueFilter, *, dry_run: bool
) -> AbstractContextManager[None]:
    """What makes the board, if one is named, once the digest is out. Raises BadInput for what no page is called."""
    if named is None:
        return nullcontext()
    from escalate.commands.shared.board import BoardAsked  # loads all that makes pages
    from escalate.commands.shared.board_each_morning import board_file, followed_by_board

    return followed_by_board(here, store, board_file(named), BoardAsked(which, None), dry_run=dry_run)


def _alert(here: Session, *, mail: bool, dry_run: bool, as_json: bool, others: bool) -> None:
    """Tell what cannot wait. Raises BadInput for options that say nothing of it."""
    from escalate.commands.digest_alerts import alert  # loads what speaks to mail servers

    if others:
        raise BadInput("--alerts goes with --mail, --dry-run and --json alone: it tells of all cases, each thing once.")
    if mail and as_json:
        raise BadInput("With --mail the settings file says who gets what: leave --json out.")
    with opened(here) as store, _calendar_after(here, store, dry_run=dry_run):
        alert(here, store, mail=mail, dry_run=dry_run, as_json=as_json)


def _calendar_after(here: Session, store: Store, *, dry_run: bool) -> AbstractContextManager[None]:
    """What keeps the calendar that people subscribe to up to date, if the settings name one, once the digest is out."""
    if here.settings.published_calendar is None:
        return nullcontext()
    from escalate.commands.shared.afterwards import followed_by
    from escalate.commands.shared.published import kept_up_to_date  # loads icalendar

    return followed_by(lambda: kept_up_to_date(here, store, dry_run=dry_run))


def _bear_witness(here: Session, store: Store, dry_run: bool) -> None:
    """Keep the head that the digest tells of, unless it is only shown what it would be."""
    if not dry_run:
        from escalate.commands.shared.witness import bear_witness  # after the digest is out
        from escalate.storage.files.witness import DIGEST

        bear_witness(here, store, DIGEST)


def _print(
    here: Session,
    store: Store,
    reader: str,
    wanted: IsTold,
    held_by_them: Collection[CasePlace],
    since: datetime | None,
    format_: DigestFormat,
    *,
    always: bool,
    is_unit: bool,
    is_of_all: bool,
    dry_run: bool,
) -> tuple[Morning, datetime]:
    """Print the digest of the file as it is at one moment; returns also since when it tells of changes."""

    def tell(held: TextIO) -> tuple[Morning, datetime]:
        morning = Morning(here, store, DueLines(store.lists.due_in_turn(), store.lists.due_at))
        told_to = since or morning.told_to(reader)
        made = morning.digest(told_to, wanted, held_by_them, is_of_all=is_of_all)
        if is_unit and here.settings.mail is not None:
            made = replace(made, not_reached=_not_reached(here, store, morning))
        if always or not made.is_empty:
            pieces = _pieces(made, morning.calendars, format_, dry_run=dry_run)
            held.writelines(for_screen(pieces) if format_ is DigestFormat.TEXT else pieces)
        return morning, told_to

    with held_back() as anew:
        return store.as_it_is(lambda: tell(anew()))


def _not_reached(here: Session, store: Store, morning: Morning) -> tuple[NotReached, ...]:
    """Whom the last digest by e-mail did not reach. Where the settings for it have a mistake, sending and doctor say so."""
    from escalate.commands.shared.readers import mail_settings, not_reached, readers  # only where digests are e-mailed

    with suppress(BrokenFile):
        return tuple(not_reached(store, readers(store, mail_settings(here), morning.today), morning.today).values())
    return ()


def _pieces(made: Digest, calendars: Mapping[str, Calendar], format_: DigestFormat, *, dry_run: bool) -> Iterator[str]:
    """The digest as it is written."""
    match format_:
        case DigestFormat.JSON:
            return json_pieces(as_document(made) | {"dry_run": dry_run})
        case DigestFormat.HTML:
            return as_html(made, calendars)
        case DigestFormat.MARKDOWN:
            return as_markdown(made, calendars)
        case DigestFormat.TEXT:
            return as_text(made, calendars)
        case _:
            assert_never(format_)
