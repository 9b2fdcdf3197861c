"""The file with the cases, opened as a command needs it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from escalate.commands.shared.looking import LookAsked
from escalate.commands.shared.session import Session
from escalate.domain.deadlines.case_file import CaseFile
from escalate.errors import Refused
from escalate.output.terminal import complain
from escalate.storage.places import FilePlace, Place
from escalate.storage.store import Store, open_store


def file_of(here: Session, command: str, instead: str) -> Path:
    """The file with the cases, for a command that works on nothing else; `instead` says what to do on a server. Raises Refused."""
    file = here.settings.file
    if file is None:
        raise Refused(
            f"escalate {command} works on a file, and these cases are on a server ({here.settings.place}): {instead}."
        )
    return file


def unit_only(store: Store, does: str) -> None:
    """Refuse what only the business unit does on a server to whoever belongs to an agency there. Raises Refused."""
    if store.agency is not None:
        raise Refused(f"Only the business unit {does}, and you belong to {store.agency} here: ask it to.")


@contextmanager
def opened(here: Session) -> Iterator[Store]:
    """The file with the cases, which has to be there. Raises Refused, StoreError."""
    _refuse_missing(here)
    with _open_or_kept(here, here.settings.place) as store, _published_after(here, store):
        yield store
    here.tell_open_to_others()


@contextmanager
def _published_after(here: Session, store: Store) -> Iterator[None]:
    """Make the calendar that people subscribe to anew once something was recorded inside, where the settings say so. Raises BadInput for them.

    What was recorded stays recorded: where the calendar cannot be written, that is said.
    """
    if not here.settings.publishes_each_change:
        yield
        return
    try:
        yield
    finally:
        if store.has_written:
            from escalate.commands.shared.published import kept_up_to_date  # loads icalendar

            store.has_written = False
            kept_up_to_date(here, store, dry_run=False)


@contextmanager
def one_session(here: Session) -> Iterator[None]:
    """Ask a server in one session all that is asked inside; a file is opened each time, as there may be none yet. Raises Refused, StoreError."""
    if here.settings.file is not None:
        yield
        return
    with _open_or_kept(here, here.settings.place) as store:
        here.kept_store = store
        try:
            yield
        finally:
            here.kept_store = None


@contextmanager
def _open_or_kept(here: Session, place: Place) -> Iterator[Store]:
    if here.kept_store is not None:
        yield here.kept_store
        return
    with open_store(place, here.settings.deciding, here.clock_behind) as store:
        here.tell_redated(store.database)
        yield store


@contextmanager
def opened_to_read(here: Session) -> Iterator[Store]:
    """The file with the cases, which has to be there, or a replica of the server, for what only reads. Raises Refused, StoreError."""
    _refuse_missing(here)
    with here.to_read(open_store) as store:
        yield store


def _refuse_missing(here: Session) -> None:
    if not here.has_file():
        raise Refused(
            f"There are no cases yet: {here.settings.place} does not exist. Open one with escalate open, or name another file with --db."
        )


@contextmanager
def opened_if_there(here: Session, known_at: datetime | None = None) -> Iterator[Store | None]:
    """The file with the cases, to read as it was known at an instant if one is given; None where there is none yet, which is said.

    Raises Refused, StoreError.
    """
    if here.has_cases():
        with here.to_read(open_store) as store:
            here.look_back(store, known_at)
            yield store
    else:
        yield None


@contextmanager
def opened_or_made(here: Session, dry_run: bool = False) -> Iterator[Store]:
    """The file with the cases, made if there is none; a dry run makes it somewhere that does not last.

    A command that begins files says where it made one. Raises Refused, StoreError.
    """
    named = place = here.settings.place
    is_new = not here.has_file()
    with ExitStack() as stack:
        if dry_run and is_new and isinstance(place, FilePlace):
            from tempfile import TemporaryDirectory  # few commands that record need it

            place = FilePlace(Path(stack.enter_context(TemporaryDirectory())) / place.path.name)
        store = stack.enter_context(_open_or_kept(here, place))
        if not dry_run:
            stack.enter_context(_published_after(here, store))
        yield store
    if not dry_run:
        here.tell_open_to_others()
    if is_new and here.begins_file and not dry_run:
        complain(f"A new file of cases begins here: {named}.")


def case_named(here: Session, said: str, look: LookAsked | None = None) -> CaseFile:
    """A case somebody named, for a command that goes on to write; names only as far as they are looked at. Raises Refused, StoreError."""
    with opened(here) as store:
        return _case(store, said, None, look)


def case_read(here: Session, said: str, known_at: datetime | None = None, look: LookAsked | None = None) -> CaseFile:
    """A case somebody named, as it is or was known at an instant, for a command that only reads. Raises Refused, StoreError."""
    with opened_to_read(here) as store:
        here.look_back(store, known_at)
        return _case(store, said, known_at, look)


def _case(store: Store, said: str, known_at: datetime | None, look: LookAsked | None) -> CaseFile:
    file = store.case(store.find(said), known_at, identify=look is not None and look.identify)
    if look:
        look.record([file.case.ref])
    return file
