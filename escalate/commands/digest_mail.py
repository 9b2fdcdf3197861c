"""Sending the digest by e-mail to everybody whom the settings and the cases name."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import typer

from escalate.commands.shared.morning import Morning
from escalate.commands.shared.readers import Reader, mail_settings, not_reached, readers
from escalate.commands.shared.session import Session
from escalate.domain.reporting.digest import Digest, DueLines
from escalate.domain.reporting.recipients import Mail
from escalate.errors import NotSent, listed
from escalate.output.sending.digest import as_html, as_text, subject
from escalate.output.sending.mail import Server, mail_server, message
from escalate.output.terminal import complain, is_screen, say, write
from escalate.storage.digest_log import Letter
from escalate.storage.files.passwords import password
from escalate.storage.store import Store
from escalate.wording import how_many


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
    mail = mail_settings(here)
    run = Run(morning, readers(store, mail, morning.today))
    if dry_run:
        password(mail)  # or nothing could be sent
        for address, reader in run.readers.items():
            _show(morning, reader, run.digest(address, morning.told_to(address)))
        return
    since = {address: morning.told_to(address) for address in run.readers}
    with store.writing():
        letters = store.digests.still_to_send(morning.today, morning.now, since, anew=force)
    posts = [Post(run.readers[letter.reader], letter, run.digest(letter.reader, letter.since)) for letter in letters]
    to_send = [post for post in posts if always or not post.digest.is_empty]
    silent = [post for post in posts if post.digest.is_empty and not always]
    with store.writing():
        for post in silent:
            store.digests.sent(post.letter, morning.now, morning.now)
    sent = _send_all(morning, mail, to_send) if to_send else 0
    if is_screen():
        already = f"{how_many(len(since) - len(posts), 'reader')} had it before. "
        say(f"Sent to {sent}; nothing to tell {len(silent)}. {already if len(posts) < len(since) else ''}")
    if sent < len(to_send):
        raise typer.Exit(1)


class Run:
    """The digests of one run by e-mail, for all its readers."""

    def __init__(self, morning: Morning, found: dict[str, Reader]) -> None:
        self._morning = morning
        self._not_reached = not_reached(morning.store, found, morning.today)
        self.readers = {address: found[address] for address in self._in_turn(list(found))}
        """Everybody who gets a digest, by address, in the order in which they get it."""

    def digest(self, address: str, since: datetime) -> Digest:
        """What a reader is told; the business unit also who was not reached."""
        reader = self.readers[address]
        missed = tuple(self._not_reached.values()) if reader.is_unit else ()
        return replace(
            self._morning.digest(since, reader.wants, reader.held, is_of_all=reader.is_of_all),
            is_for_unit=reader.is_unit,
            not_reached=missed,
        )

    def _in_turn(self, addresses: list[str]) -> list[str]:
        """Those first who got nothing the last time, and the others from another one on each day: whoever is last is so once in a while."""
        first = self._morning.today.toordinal() % (len(addresses) or 1)
        rotated = [*addresses[first:], *addresses[:first]]
        return sorted(rotated, key=lambda address: address not in self._not_reached)


def _show(morning: Morning, reader: Reader, digest: Digest) -> None:
    """Show what would be sent to a reader."""
    if digest.is_empty:
        say(f"To {reader.label}: nothing, as there is nothing to tell.")
        return
    say(f"To {reader.label}: {subject(digest)}\n")
    write(as_text(digest, morning.calendars))


# -- sending


def _send_all(morning: Morning, mail: Mail, posts: Sequence[Post]) -> int:
    """Send the digests, each whether or not another could be sent; say at the end who got nothing, and return how many went."""
    sent = 0
    without: list[str] = []
    with mail_server(mail, password(mail)) as server:
        for number, post in enumerate(posts):
            try:
                sent += _send_one(morning, mail, server, post)
            except NotSent as problem:
                complain(problem.sentence)
                without.append(post.reader.label)
                if problem.fatal:
                    without += [each.reader.label for each in posts[number + 1 :]]
                    break
    if without:
        complain(f"Nothing was sent to {listed(without, 'and')}. The next run sends it: escalate digest --mail.")
    return sent


def _send_one(morning: Morning, mail: Mail, server: Server, post: Post) -> bool:
    """Send one digest, unless another run is sending it; it is recorded before the next one goes. Raises NotSent."""
    store, log, reader = morning.store, morning.store.digests, post.reader
    with store.writing():
        if not log.claim(post.letter, morning.moment):
            complain(f"Another run is sending the digest for {reader.label} just now: it is left to that run.")
            return False
    about = f"Escalations: {subject(post.digest)}"
    text, html = ("".join(pieces(post.digest, morning.calendars)) for pieces in (as_text, as_html))
    letter = message(mail, reader.address, about, text, html, post.letter.message_id, morning.now)
    try:
        server.send(letter, reader.label)
    except NotSent:
        with store.writing():
            log.release(post.letter)
        raise
    with store.writing():
        log.sent(post.letter, morning.now, morning.now)
    return True
