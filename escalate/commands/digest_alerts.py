"""Telling, within the day, what cannot wait for the next digest: each thing once, to each reader."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import typer

from escalate.commands.shared.readers import Reader, mail_settings, readers
from escalate.commands.shared.session import Session
from escalate.domain.reporting.alerts import A_DAY, Alert, Why, candidates, of_change, of_time
from escalate.domain.reporting.recipients import Mail
from escalate.domain.worktime.clock import london_date, spoken
from escalate.errors import NotSent
from escalate.output.documents import instant, json_pieces
from escalate.output.sending.alerts import alert_sections, alerts_as_html, alerts_as_text
from escalate.output.sending.digest import DigestSection, Item
from escalate.output.sending.mail import Server, mail_server, message
from escalate.output.terminal import complain, held_back, say, write
from escalate.storage.digest_log import Letter
from escalate.storage.files.passwords import password
from escalate.storage.store import Store

SCREEN = "standard output"
"""The reader of what is printed."""

LATE = timedelta(hours=25)
"""So long after the last digest the next is overdue: it is made each morning, and twice a year an hour later."""


class Found(NamedTuple):
    """What cannot wait at a moment."""

    alerts: Sequence[Alert]
    """What came up in cases."""
    overdue_since: datetime | None
    """When the last digest was made, where the next is overdue; None where it is not."""


class Untold(NamedTuple):
    """What a reader has not been told."""

    found: Found
    """What it is."""
    letters: Sequence[Letter]
    """The records of it; none where it is only to be shown."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.found.alerts or self.found.overdue_since)


class Telling:
    """One run: what cannot wait now, and what of it each reader has not been told."""

    def __init__(self, here: Session, store: Store) -> None:
        self.now = here.now
        self.store = store
        self.calendars = {name: here.calendar_of_cases(store, name) for name in store.lists.counted_on}
        since = self.now - A_DAY
        changed = [
            alert
            for change in store.changes(since, self.now)
            for alert in of_change(change, since, london_date(self.now))
        ]
        refs = candidates(store.lists.due(), self.now)
        self._alerts = [*changed, *(alert for ref in refs for alert in of_time(store.case(ref), self.now))]
        last = store.digests.last_made
        self._overdue_since = last if last and self.now - last > LATE else None

    def for_everybody(self) -> Found:
        """All of it."""
        return Found(self._alerts, self._overdue_since)

    def for_reader(self, address: str, reader: Reader) -> Found:
        """What concerns a reader: of people assigned, only themselves; that no digest came, only the business unit."""
        alerts = [
            alert
            for alert in self._alerts
            if (self._is_for(alert, address) if alert.why is Why.ASSIGNED else reader.wants(alert.line))
        ]
        return Found(alerts, self._overdue_since if reader.is_unit else None)

    def new_to(self, reader: str, found: Found, *, dry_run: bool) -> "Untold":
        """What of it a reader has not been told, recorded as still to be told unless it is only to be shown."""
        # The day is part of the record: that of the case stays the same however often it is looked at.
        alerts = {f"{reader} {each.key}": each for each in found.alerts}
        days = {key: london_date(each.line.case.raised_at) for key, each in alerts.items()}
        the_digest = f"{reader} digest"
        if found.overdue_since:
            days[the_digest] = london_date(self.now)
        if dry_run:
            return Untold(found, ())
        with self.store.writing():
            letters = self.store.digests.still_to_alert(self.now, days)
        keys = {letter.reader for letter in letters}
        new = [each for key, each in alerts.items() if key in keys]
        return Untold(Found(new, found.overdue_since if the_digest in keys else None), letters)

    def sections(self, found: Found) -> list[DigestSection]:
        """What is told, in the order in which it is told."""
        told = alert_sections(found.alerts, self.calendars, self.store.edition, self.now)
        if found.overdue_since:
            what = Item(
                "The digest",
                f"none has been made since {spoken(found.overdue_since)}",
                ("What is overdue may be in none: escalate due lists it.",),
            )
            told.append(DigestSection("The digest is overdue", 1, iter([what])))
        return told

    def _is_for(self, alert: Alert, address: str) -> bool:
        file = self.store.case(alert.line.case.ref, identify=True)
        said = {each.entry: file.case.holder(each).email for each in file.case.assigned}
        email = said.get(alert.entry or 0)
        return email is not None and email.casefold() == address


def alert(here: Session, store: Store, *, mail: bool, dry_run: bool, as_json: bool) -> None:
    """Tell everybody what cannot wait and what they have not been told. Ends with status 1 if one could not be. Raises StoreError."""
    telling = Telling(here, store)
    if mail:
        _send(telling, mail_settings(here), dry_run=dry_run)
    else:
        _print(telling, dry_run=dry_run, as_json=as_json)


# -- printed


def _print(telling: Telling, *, dry_run: bool, as_json: bool) -> None:
    new = telling.new_to(SCREEN, telling.for_everybody(), dry_run=dry_run)
    with held_back() as anew:
        held = anew()
        if as_json:
            held.writelines(json_pieces(_document(new.found) | {"dry_run": dry_run}))
        elif not new.is_empty:
            held.writelines(alerts_as_text(telling.sections(new.found), telling.now))
    _record(telling, new)


def _document(found: Found) -> dict[str, object]:
    rows = [
        {
            "why": each.why.value,
            "case": each.line.case.ref,
            "action": each.line.deadline.action,
            "due_at": instant(each.line.deadline.due_at),
        }
        for each in found.alerts
    ]
    return {"alerts": rows, "no_digest_since": instant(found.overdue_since)}


def _record(telling: Telling, new: Untold) -> None:
    with telling.store.writing():
        for letter in new.letters:
            telling.store.digests.sent(letter, telling.now, telling.now)


# -- by e-mail


def _send(telling: Telling, mail: Mail, *, dry_run: bool) -> None:
    without = []
    with mail_server(mail, password(mail)) as server:
        for address, reader in readers(telling.store, mail, london_date(telling.now)).items():
            new = telling.new_to(address, telling.for_reader(address, reader), dry_run=dry_run)
            if dry_run and not new.is_empty:
                say(f"To {reader.label}:")
                write(alerts_as_text(telling.sections(new.found), telling.now))
            elif not new.is_empty:
                try:
                    _send_one(telling, mail, server, reader, new)
                except NotSent as problem:
                    complain(problem.sentence)
                    without.append(reader.label)
                    if problem.fatal:
                        break
    if without:
        complain("The next run tries again: escalate digest --alerts --mail.")
        raise typer.Exit(1)


def _send_one(telling: Telling, mail: Mail, server: Server, reader: Reader, new: Untold) -> None:
    """Send a reader one message of all that is new to them, unless another run is sending it. Raises NotSent."""
    log = telling.store.digests
    with telling.store.writing():
        if not all(log.claim(letter, telling.now) for letter in new.letters):
            complain(f"Another run is sending what is new to {reader.label} just now: it is left to that run.")
            return
    parts = telling.sections(new.found)
    about = "Escalations: " + ", ".join(f"{part.number} {part.heading[0].lower()}{part.heading[1:]}" for part in parts)
    text = "".join(alerts_as_text(parts, telling.now))
    html = "".join(alerts_as_html(telling.sections(new.found), telling.now))
    letter = message(mail, reader.address, about, text, html, new.letters[0].message_id, telling.now)
    try:
        server.send(letter, reader.label)
    except NotSent:
        with telling.store.writing():
            for each in new.letters:
                log.release(each)
        raise
    _record(telling, new)
