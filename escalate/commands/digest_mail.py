"""Sending the digest by e-mail to everybody whom the settings and the cases name."""

from collections.abc import Sequence
from typing import NamedTuple

import typer

from escalate.commands.shared.filters import CaseFilter, has_to_do
from escalate.commands.shared.morning import IsTold, Morning
from escalate.commands.shared.session import Session
from escalate.domain.deadlines.model import DueLine
from escalate.domain.reporting.digest import Digest, DueLines
from escalate.domain.reporting.recipients import Mail, Recipient, read_mail
from escalate.errors import BrokenFile, NotSent, Refused
from escalate.output.sending.digest import as_html, as_text, subject
from escalate.output.sending.mail import Server, connected, message
from escalate.output.terminal import complain, is_screen, say, write
from escalate.storage.digest_log import Letter
from escalate.storage.files.passwords import password
from escalate.storage.store import Store
from escalate.wording import how_many


class Reader(NamedTuple):
    """Somebody who gets a digest."""

    address: str
    """The e-mail address."""
    label: str
    """What to call them where the address must not be read."""
    told_of: tuple[IsTold, ...]
    """Which deadlines they are told of: what any of these wants."""

    def wants(self, line: DueLine) -> bool:
        """Whether a deadline is one of theirs."""
        return any(wanted(line) for wanted in self.told_of)


class Post(NamedTuple):
    """A digest on its way to its reader, and the record of it."""

    reader: Reader
    """Who gets it."""
    letter: Letter
    """The record of it."""
    digest: Digest
    """What it tells."""


def send(here: Session, store: Store, *, always: bool, force: bool, dry_run: bool) -> None:
    """Send every reader the digest that is still to be sent today. Ends with status 1 if one could not be. Raises StoreError."""
    lines = {line.place: line for line in store.lists.due()}  # once for every reader, of whom there may be many
    morning = Morning(here, store, DueLines(lines.values(), lambda places: map(lines.__getitem__, places)))
    mail = _mail(here)
    readers = _readers(store, mail)
    since = {address: morning.told_to(address) for address in readers}
    if dry_run:
        for address, reader in readers.items():
            _show(morning, reader, morning.digest(since[address], reader.wants))
        return
    with store.writing():
        letters = store.digests.still_to_send(morning.today, morning.now, since, anew=force)
    posts = [_addressed(morning, readers[letter.reader], letter) for letter in letters]
    to_send = [post for post in posts if always or not post.digest.is_empty]
    silent = [post for post in posts if post.digest.is_empty and not always]
    with store.writing():
        for post in silent:
            store.digests.sent(post.letter, morning.now, morning.now)
    sent = _send_all(morning, mail, to_send) if to_send else 0
    if is_screen():
        already = f"{how_many(len(readers) - len(posts), 'reader')} had it before. "
        say(f"Sent to {sent}; nothing to tell {len(silent)}. {already if len(posts) < len(readers) else ''}")
    if sent < len(to_send):
        raise typer.Exit(1)


def _addressed(morning: Morning, reader: Reader, letter: Letter) -> Post:
    return Post(reader, letter, morning.digest(letter.since, reader.wants))


def _show(morning: Morning, reader: Reader, digest: Digest) -> None:
    """Show what would be sent to a reader."""
    if digest.is_empty:
        say(f"To {reader.label}: nothing, as there is nothing to tell.")
        return
    say(f"To {reader.label}: {subject(digest)}\n")
    write(as_text(digest, morning.calendars))


# -- who gets it


def _mail(here: Session) -> Mail:
    """The mail server and who gets the digest, as the settings file says. Raises Refused, BrokenFile."""
    path, table = here.settings.path, here.settings.mail
    if table is None:
        raise Refused(f"{path} has no [mail] table: it names the mail server and who gets the digest.")
    mail, problems = read_mail(table)
    if problems:
        raise BrokenFile(f"{path.name}: {problem}" for problem in problems)
    return mail


def _readers(store: Store, mail: Mail) -> dict[str, Reader]:
    """Everybody who gets a digest, by address: one message each, however often the settings and the cases name them."""
    readers: dict[str, Reader] = {}

    def tell(address: str, label: str, wanted: IsTold) -> None:
        known = readers.get(address.casefold(), Reader(address, label, ()))
        readers[address.casefold()] = known._replace(told_of=(*known.told_of, wanted))

    for recipient in mail.recipients:
        held = store.lists.held_by(recipient.owner) if recipient.owner else set()
        tell(recipient.to, recipient.to, _of_recipient(recipient, held))
    for address, places in (store.lists.held_by_address() if mail.assigned else {}).items():
        tell(address, f"somebody assigned in {min(ref for ref, _ in places)}", _of_places(places))
    return readers


def _of_recipient(recipient: Recipient, held: set[tuple[str, int]]) -> IsTold:
    """What the settings have a recipient told of."""
    cases = CaseFilter(agency=recipient.agency, protocol=recipient.protocol)
    return lambda line: has_to_do(recipient.owner, held, line) and cases.wants(line.case)


def _of_places(places: set[tuple[str, int]]) -> IsTold:
    """What somebody assigned is told of: what is due on the occasions on which they hold a side."""
    return lambda line: (line.case.ref, line.deadline.occasion.number) in places


# -- sending


def _send_all(morning: Morning, mail: Mail, posts: Sequence[Post]) -> int:
    """Send the digests until the server fails, and say how many it took."""
    sent = 0
    try:
        with connected(mail, password(mail)) as server:
            for post in posts:
                sent += _send_one(morning, mail, server, post)
    except NotSent as problem:
        complain(problem.sentence)
    return sent


def _send_one(morning: Morning, mail: Mail, server: Server, post: Post) -> bool:
    """Send one digest, unless another run is sending it; it is recorded before the next one goes. Raises NotSent where none can go."""
    store, log, reader = morning.store, morning.store.digests, post.reader
    with store.writing():
        if not log.claim(post.letter, morning.now):
            complain(f"Another run is sending the digest for {reader.label} just now: it is left to that run.")
            return False
    about = f"Escalations: {subject(post.digest)}"
    text, html = ("".join(pieces(post.digest, morning.calendars)) for pieces in (as_text, as_html))
    letter = message(mail, reader.address, about, text, html, post.letter.message_id, morning.now)
    try:
        server.send(letter, reader.label)
    except NotSent as problem:
        with store.writing():
            log.release(post.letter)
        if problem.fatal:
            raise
        complain(problem.sentence)
        return False
    with store.writing():
        log.sent(post.letter, morning.now, morning.now)
    return True
