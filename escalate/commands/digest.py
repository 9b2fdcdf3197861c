"""The morning digest: printed, or sent to everybody who has to act."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from escalate.commands.filters import Agency, CaseFilter, OfProtocol, has
from escalate.commands.options import Json
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.domain.deadlines.model import DeadlinePlace, DueLine
    from escalate.domain.reporting.digest import Digest, News
    from escalate.domain.reporting.recipients import Mail, Recipient
    from escalate.domain.worktime.calendar import Calendar
    from escalate.output.sending.mail import Server
    from escalate.storage.digest_log import Letter
    from escalate.storage.store import Store

A_DAY = timedelta(days=1)
Wanted = Callable[["DueLine"], bool]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets a digest: the address, what to call it where it must not be read, and which deadlines it tells of."""

    address: str
    label: str
    wanted: tuple[Wanted, ...]

    def wants(self, line: "DueLine") -> bool:
        """Whether a deadline is one of theirs."""
        return any(wanted(line) for wanted in self.wanted)


class Format(StrEnum):
    """How the digest is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class Scheduler(StrEnum):
    """What runs the digest every morning."""

    CRON = "cron"
    SYSTEMD = "systemd"


def digest(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
    mail: Annotated[
        bool, typer.Option("--mail", help="Send it to the recipients that the settings file names.")
    ] = False,
    agency: Agency = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner", metavar="NAME", help="Only what this owner, or a person assigned, has to do.", show_default=False
        ),
    ] = None,
    protocol: OfProtocol = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="WHEN", help="Changes since then, not since the last digest.", show_default=False
        ),
    ] = None,
    always: Annotated[bool, typer.Option("--always", help="Say so where there is nothing to tell.")] = False,
    force: Annotated[bool, typer.Option("--force", help="With --mail: send again what was sent today.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent to whom, and send and record nothing.")
    ] = False,
    install: Annotated[
        Scheduler | None,
        typer.Option("--install", help="Print what has cron or systemd run it every morning.", show_default=False),
    ] = None,
    time: Annotated[
        str, typer.Option("--time", metavar="HH:MM", help="With --install: at what time of day.")
    ] = "08:00",
    write: Annotated[bool, typer.Option("--write", help="With --install: put it there.")] = False,
    as_json: Json = False,
) -> None:
    """Tell what is overdue, due next, at risk and undated, and what changed since the last digest. Silent when there is nothing.

    Example: escalate digest --always --agency "Children's Services" --format markdown
    """
    from escalate.errors import BadInput
    from escalate.output import terminal

    here = desk(context)
    if install:
        from escalate.commands.schedule import schedule

        schedule(here, install.value, time, mail=mail, write=write)
        return
    if mail and (agency or owner or protocol or since or as_json or form is not Format.TEXT):
        raise BadInput("With --mail the settings file says who gets what: leave the other options out.")
    cases = CaseFilter(agency=agency, protocol=protocol)
    from_when = here.past(since) if since else None
    with here.existing() as store:
        if mail:
            lines = {line.place: line for line in store.due()}  # once for every reader, of whom there may be many
            morning = Morning(here, store, lines.values(), lambda places: map(lines.__getitem__, places))
            _send(morning, here.settings.mail, always=always, force=force, dry_run=dry_run)
            return
        cases.refuse_unknown(here, store.protocols() if protocol else ())
        held = store.held_by(owner) if owner else set()

        def wanted(line: "DueLine") -> bool:
            theirs = (
                has(owner, line.deadline.owner)
                or has(owner, line.deadline.then_owner)
                or (line.case.ref, line.deadline.occasion.number) in held
            )
            return theirs and cases.wants(line.case)

        reader = f"standard output {agency} {owner} {protocol}"

        def tell(held_back: TextIO) -> tuple[Morning, datetime]:
            morning = Morning(here, store, store.lists.due_in_turn(), store.lists.due_at)
            told_to = from_when or morning.told_to(reader)
            made = morning.digest(told_to, wanted)
            if always or sys.stdout.isatty() or not made.is_empty:
                held_back.writelines(_pieces(made, morning.calendars, Format.JSON if as_json else form))
            return morning, told_to

        with terminal.held_back() as anew:
            morning, told_to = store.as_it_is(lambda: tell(anew()))
        if not (dry_run or since or sys.stdout.isatty()):
            morning.record(reader, told_to)


class Morning:
    """All that a run of the digest reads: every line that is due, and how the lines at some places are read again."""

    def __init__(
        self,
        here: Desk,
        store: "Store",
        lines: "Iterable[DueLine]",
        again: "Callable[[Sequence[DeadlinePlace]], Iterable[DueLine]]",
    ) -> None:
        from escalate.domain.worktime.clock import london_date

        self.now = here.now
        self.today = london_date(here.now)
        self.store = store
        self._lines = lines
        self._again = again
        self._head = store.head
        self._news: dict[datetime, list[News]] = {}
        self.calendars = {name: here.kept(store, name) for name in store.lists.counted_on}
        self._horizons = {name: here.horizon(calendar, here.now) for name, calendar in self.calendars.items()}

    def told_to(self, reader: str) -> datetime:
        """Since when a reader is to be told: the last digest of an earlier day, or else the same time on the working day before."""
        last = self.store.digests.last_told(reader, self.today)
        yesterday = self.today - A_DAY
        before = min((each.on_or_before(yesterday) for each in self.calendars.values()), default=yesterday)
        return last or self.now - (self.today - before)

    def digest(self, since: datetime, wanted: Wanted) -> "Digest":
        """What one reader is told."""
        from escalate.domain.reporting import digest as digest_domain
        from escalate.domain.reporting.digest import Gathering

        if since not in self._news:
            gathering = Gathering(since)
            self._news[since] = [gathering.news(change) for change in self.store.changes(since, self.now)]
        return digest_domain.digest(
            self._lines,
            self._again,
            self._news[since],
            self.calendars,
            self._horizons,
            self.now,
            since,
            wanted,
            self._head,
        )

    def record(self, reader: str, since: datetime) -> None:
        """Records that a reader has been told."""
        with self.store.writing():
            for letter in self.store.digests.still_to_send(self.today, self.now, {reader: since}, anew=False):
                self.store.digests.sent(letter, self.now, self.now)


def _pieces(made: "Digest", calendars: "Mapping[str, Calendar]", form: Format) -> Iterator[str]:
    from escalate.output.documents import json_pieces
    from escalate.output.sending.digest import as_document, as_html, as_markdown, as_text

    match form:
        case Format.JSON:
            return json_pieces(as_document(made))
        case Format.HTML:
            return as_html(made, calendars)
        case Format.MARKDOWN:
            return as_markdown(made, calendars)
        case _:
            return as_text(made, calendars)


def _send(morning: Morning, mail: "Mail", *, always: bool, force: bool, dry_run: bool) -> None:
    """Sends every reader the digest that is still to be sent today. Ends with status 1 if one could not be."""
    from escalate.output.terminal import say
    from escalate.output.words import counted

    readers = _readers(morning.store, mail)
    log, store = morning.store.digests, morning.store
    since = {reader: morning.told_to(reader) for reader in readers}
    if dry_run:
        for address, reader in readers.items():
            _show_letter(morning, reader, morning.digest(since[address], reader.wants))
        return
    with store.writing():
        letters = log.still_to_send(morning.today, morning.now, since, anew=force)
    made = {letter.reader: morning.digest(letter.since, readers[letter.reader].wants) for letter in letters}
    silent = [letter for letter in letters if made[letter.reader].is_empty and not always]
    with store.writing():
        for letter in silent:
            log.sent(letter, morning.now, morning.now)
    to_send = [letter for letter in letters if letter not in silent]
    sent = _post(morning, mail, [(readers[each.reader], each, made[each.reader]) for each in to_send]) if to_send else 0
    if sys.stdout.isatty():
        already = f"{counted(len(readers) - len(letters), 'reader')} had it before. "
        say(f"Sent to {sent}; nothing to tell {len(silent)}. {already if len(letters) < len(readers) else ''}")
    if sent < len(to_send):
        raise typer.Exit(1)


def _readers(store: "Store", mail: "Mail") -> dict[str, Reader]:
    """Everybody who gets a digest, by address: one message each, however often the settings and the cases name them."""
    readers: dict[str, Reader] = {}
    for recipient in mail.recipients:
        held = store.held_by(recipient.owner) if recipient.owner else set()
        known = readers.get(recipient.to.casefold(), Reader(recipient.to, recipient.to, ()))
        readers[recipient.to.casefold()] = replace(known, wanted=(*known.wanted, _of_recipient(recipient, held)))
    for address, places in (store.holders_by_address() if mail.assigned else {}).items():
        label = f"somebody assigned in {min(ref for ref, _ in places)}"
        known = readers.get(address, Reader(address, label, ()))
        readers[address] = replace(known, wanted=(*known.wanted, _of_places(places)))
    return readers


def _of_recipient(recipient: "Recipient", held: set[tuple[str, int]]) -> Wanted:
    cases = CaseFilter(agency=recipient.agency, protocol=recipient.protocol)

    def wanted(line: "DueLine") -> bool:
        theirs = (
            has(recipient.owner, line.deadline.owner)
            or has(recipient.owner, line.deadline.then_owner)
            or (line.case.ref, line.deadline.occasion.number) in held
        )
        return theirs and cases.wants(line.case)

    return wanted


def _of_places(places: set[tuple[str, int]]) -> Wanted:
    return lambda line: (line.case.ref, line.deadline.occasion.number) in places


def _show_letter(morning: Morning, reader: Reader, made: "Digest") -> None:
    from escalate.output.sending.digest import as_text, subject
    from escalate.output.terminal import say, write

    if made.is_empty:
        say(f"To {reader.label}: nothing, as there is nothing to tell.")
        return
    say(f"To {reader.label}: {subject(made)}\n")
    write(as_text(made, morning.calendars))


def _post(morning: Morning, mail: "Mail", letters: "list[tuple[Reader, Letter, Digest]]") -> int:
    """How many letters the server took; each is recorded as sent before the next one goes."""
    from escalate.errors import NotSent
    from escalate.output.sending.mail import connected
    from escalate.output.terminal import complain
    from escalate.storage.files.passwords import password

    sent = 0
    try:
        with connected(mail, password(mail)) as server:
            for reader, letter, made in letters:
                sent += _post_one(morning, mail, server, reader, letter, made)
    except NotSent as problem:
        complain(problem.sentence)
    return sent


def _post_one(
    morning: Morning, mail: "Mail", server: "Server", reader: Reader, letter: "Letter", made: "Digest"
) -> bool:
    from escalate.errors import NotSent
    from escalate.output.sending import digest as digest_output
    from escalate.output.sending import mail as post
    from escalate.output.sending.digest import as_html, as_text
    from escalate.output.terminal import complain

    store, log = morning.store, morning.store.digests
    with store.writing():
        if not log.claim(letter, morning.now):
            complain(f"Another run is sending the digest for {reader.label} just now: it is left to that run.")
            return False
    subject = f"Escalations: {digest_output.subject(made)}"
    text, html = ("".join(pieces(made, morning.calendars)) for pieces in (as_text, as_html))
    message = post.message(mail, reader.address, subject, text, html, letter.message_id, morning.now)
    try:
        server.send(message, reader.label)
    except NotSent as problem:
        with store.writing():
            log.release(letter)
        if problem.fatal:
            raise
        complain(problem.sentence)
        return False
    with store.writing():
        log.sent(letter, morning.now, morning.now)
    return True
