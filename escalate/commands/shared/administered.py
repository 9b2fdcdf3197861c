"""The server that a command sets up, with a connection of whoever administers it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from escalate.commands.shared.session import Session
from escalate.errors import BadInput, NoDatabase, NotLetIn, PerhapsRecorded, Refused
from escalate.output.terminal import complain
from escalate.storage.places import ServerPlace, read_place
from escalate.storage.postgresql.connecting import connect, make_database, sentences


def server_of(here: Session, address: str | None = None) -> ServerPlace:
    """The server at an address, or the one that has the cases. Raises BadInput, Refused for a file."""
    if address is None:
        place = here.settings.place
        if isinstance(place, ServerPlace):
            return place
        raise Refused(f"These cases are in a file ({place}): name a server by its address with --db.")
    named = read_place(address)
    if not isinstance(named, ServerPlace):
        raise BadInput(
            "That is not the address of a server: write postgresql://HOST/DATABASE, or postgresql:///?service=NAME."
        )
    return named._replace(wait=here.settings.server_timeout)


@contextmanager
def administered(place: ServerPlace) -> Iterator[Any]:
    """A connection to the server while it is set up. Raises StoreError and its kinds, and Refused."""
    with as_administrator(place):
        connection = connect(place)
        try:
            with sentences(place) as progress:
                progress.is_committing = True  # at any moment, as far as we can see from here
                yield connection
        finally:
            connection.close()


@contextmanager
def as_administrator(place: ServerPlace) -> Iterator[None]:
    """Say who may do this where somebody else tries, and what to look at where it is not known whether it was done. Raises NotLetIn, PerhapsRecorded."""
    try:
        yield
    except NotLetIn:
        raise NotLetIn(
            f"Only whoever administers the server at {place} does this: name their login, as in --db 'postgresql:///escalate?user=postgres'."
        ) from None
    except PerhapsRecorded:
        raise PerhapsRecorded(place, "escalate server status, or escalate server member list,") from None


def complain_of(faults: Sequence[str]) -> None:
    """Say what is not as it should be, a sentence for each."""
    complain(*[f"{fault[0].upper()}{fault[1:]}." for fault in faults])


def with_database(place: ServerPlace) -> bool:
    """Make the database that the address names where the server has none, and say whether it was made. Raises StoreError."""
    try:
        connect(place).close()
    except NoDatabase:
        make_database(place)
        return True
    return False
