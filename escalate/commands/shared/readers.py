"""Who gets the digest by e-mail, as the settings file and the cases name them, and who got nothing."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from escalate.commands.shared.filters import CaseFilter, has, has_to_do
from escalate.commands.shared.morning import IsTold
from escalate.commands.shared.session import Session
from escalate.domain.case.people import Holder, held_on
from escalate.domain.deadlines.model import DueLine
from escalate.domain.reporting.digest import NotReached
from escalate.domain.reporting.recipients import Mail, Recipient, read_mail
from escalate.errors import BrokenFile, Refused
from escalate.storage.lists import CasePlace
from escalate.storage.store import Store


class Reader(NamedTuple):
    """Somebody who gets a digest."""

    address: str
    """The e-mail address."""
    label: str
    """What to call them where the address must not be read."""
    told_of: tuple[IsTold, ...]
    """Which deadlines they are told of: what any of these wants."""

    is_unit: bool
    """Whether they are of the business unit, which is told all there is, and keeps the log."""
    is_of_all: bool
    """Whether they are told of every case that whoever sends it sees."""
    held: frozenset[CasePlace] = frozenset()
    """The cases, each with an occasion, on which they hold a side on one day or another: of these they are told who takes it over."""

    def wants(self, line: DueLine) -> bool:
        """Whether a deadline is one of theirs."""
        return any(wanted(line) for wanted in self.told_of)


def mail_settings(here: Session) -> Mail:
    """The mail server and who gets the digest, as the settings file says. Raises Refused, BrokenFile."""
    path, table = here.settings.path, here.settings.mail
    if table is None:
        raise Refused(f"{path} has no [mail] table: it names the mail server and who gets the digest.")
    mail, problems = read_mail(table)
    if problems:
        raise BrokenFile(f"{path.name}: {problem}" for problem in problems)
    return mail


def readers(store: Store, mail: Mail, day: date) -> dict[str, Reader]:
    """Everybody who gets a digest on a day, by address: one message each, however often the settings and the cases name them."""
    found: dict[str, Reader] = {}

    def tell(
        address: str,
        label: str,
        wanted: IsTold,
        held: Iterable[CasePlace],
        *,
        is_unit: bool = False,
        is_of_all: bool = False,
    ) -> None:
        known = found.get(address.casefold(), Reader(address, label, (), is_unit=False, is_of_all=False))
        found[address.casefold()] = known._replace(
            told_of=(*known.told_of, wanted),
            is_unit=known.is_unit or is_unit,
            is_of_all=known.is_of_all or is_of_all,
            held=known.held | frozenset(held),
        )

    for recipient in mail.recipients:
        held, ever_held = (store.lists.held_by(recipient.owner, on) if recipient.owner else set() for on in (day, None))
        tell(
            recipient.to,
            recipient.to,
            _of_recipient(recipient, held),
            ever_held,
            is_unit=recipient.is_unit,
            is_of_all=_is_of_all(store, recipient),
        )
    for address, places in (store.lists.held_by_address() if mail.assigned else {}).items():
        today = {place for place, holders in places.items() if _holds(address, held_on(day, holders))}
        tell(address, f"somebody assigned in {min(ref for ref, _ in places)}", _of_places(today), places)
    return found


def not_reached(store: Store, found: dict[str, Reader], before: date) -> dict[str, NotReached]:
    """Who of the readers has still to be sent the last digest that was made for them before a day, by address."""
    days = {address: store.digests.last_unsent(address, before) for address in found}
    return {address: NotReached(found[address].label, day) for address, day in days.items() if day}


def _is_of_all(store: Store, recipient: Recipient) -> bool:
    return recipient.owner is None and recipient.protocol is None and has(recipient.agency, store.agency)


def _of_recipient(recipient: Recipient, held: set[tuple[str, int]]) -> IsTold:
    """What the settings have a recipient told of."""
    cases = CaseFilter(agency=recipient.agency, protocol=recipient.protocol)
    return lambda line: has_to_do(recipient.owner, held, line) and cases.wants(line.case)


def _holds(address: str, holders: Iterable[Holder]) -> bool:
    return any(each.email and each.email.casefold() == address for each in holders)


def _of_places(places: set[tuple[str, int]]) -> IsTold:
    """What somebody assigned is told of: what is due on the occasions on which they hold a side."""
    return lambda line: (line.case.ref, line.deadline.occasion.number) in places
