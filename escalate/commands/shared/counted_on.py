"""The calendars that something new is counted on: as the file with the cases holds them, or as it would get them."""

from collections.abc import Callable

from escalate.commands.shared.session import Session
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.storage.files import bank_holidays
from escalate.storage.store import open_store


def calendar(here: Session, name: str) -> Calendar:
    """The calendar the file holds, with its closures; where it holds none, the library's. Raises UnknownName, StoreError."""
    return _held(here, bank_holidays.calendar_named(name)) or fresh_calendar(here, name)


def calendar_of(here: Session, protocol: Protocol) -> Calendar:
    """The calendar a protocol counts on, as the file holds it or as it would be kept there. Raises StoreError."""
    return held_or_made(protocol, lambda name: _held(here, name), lambda name: fresh_calendar(here, name))


def held_or_made(
    protocol: Protocol, held: Callable[[str], Calendar | None], fresh: Callable[[str], Calendar]
) -> Calendar:
    """The calendar a protocol counts on: `held` has those of the file, `fresh` makes those of the nations, both by name."""

    def nations(name: str) -> Calendar:
        return held(name) or fresh(name)

    own = protocol.own_calendar
    if own is None:
        return nations(protocol.calendar.name)
    return held(protocol.counts_on) or own.made(protocol.counts_on, nations)


def _held(here: Session, name: str) -> Calendar | None:
    """The calendar of this name in the file; None where there is no file, or none in it. Raises StoreError."""
    if not here.has_calendars():
        return None
    if here.kept_store is not None:
        return here.kept_store.calendar(name)
    with open_store(here.settings.place) as store:
        return store.calendar(name)


def fresh_calendar(here: Session, name: str) -> Calendar:
    """A nation's calendar as a file that holds none of that name would get it. Raises UnknownName."""
    return bank_holidays.library_calendar(name, *here.settings.working_hours)
