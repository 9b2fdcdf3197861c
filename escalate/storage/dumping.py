"""A dump of a server that is known to be good: restored into a database of its own on the same server, and verified there.

And the way back: a dump is restored into a database that nobody else may connect to, which takes its name only when all in it was verified.
"""

import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from escalate import durable
from escalate.errors import BrokenBackup, EscalateError, NoDatabase, Refused, StoreError, cut
from escalate.storage.backups.making import Contents
from escalate.storage.backups.part_files import part_file, refuse_link
from escalate.storage.backups.part_files import sentences as folder_sentences
from escalate.storage.interface import Database, Made
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql.administering import (
    is_empty,
    is_made,
    make,
    make_logins,
    make_roles,
    members,
    remove_logins,
    status,
)
from escalate.storage.postgresql.connecting import (
    connect,
    make_database,
    name_database,
    remove_database,
    said_to_programs,
    sentences,
)
from escalate.storage.postgresql.database import connected
from escalate.storage.store import Store


def dump(
    place: ServerPlace, folder: Path, now: datetime, verify: Callable[[Database, tuple[int, str]], Made]
) -> tuple[Path, Made]:
    """Dump a server into a folder, restore that into a database that does not last, verify it there, and give the dump its name.

    `verify` is given that database, and the last link of before. Returns the dump and what `verify` returned.

    For an administrator. Raises Refused, BrokenBackup, StoreError and its kinds.
    """
    program, _ = _program("pg_dump"), _program("pg_restore")
    name, unit, head = _as_it_is(place)
    with folder_sentences(folder):
        refuse_link(folder)
        durable.make_folder(folder)
        with part_file(folder) as part:
            _run(
                [
                    program,
                    "--format=custom",
                    "--no-password",
                    f"--file={part}",
                    f"--dbname={said_to_programs(place)}",
                ]
            )
            with _scratch(place) as scratch:
                _restore_into(place, scratch, part)
                try:
                    with connected(place, database=scratch, login=unit) as restored:
                        held = verify(restored, head)
                except EscalateError as problem:
                    raise BrokenBackup(part, problem.sentence) from problem
            durable.flush(part)
            made = next(path for path in _names(folder, name, now) if durable.put(part, path, replace=False))
        durable.flush_folder(folder)
    return made, held


def restore(
    place: ServerPlace, dump: Path, verify: Callable[[Database], Made], *, dry_run: bool = False
) -> tuple[list[str], Made]:
    """Restore a dump into the database that an address names, which is not there yet or has nothing in it, and verify it before it takes that name.

    What every version of escalate makes is brought up to date. Returns the logins of members that were made, and what `verify` returned;
    in a dry run nothing is left.

    For an administrator. Raises Refused, BrokenBackup, StoreError and its kinds.
    """
    if not dump.is_file():
        raise Refused(f"There is no dump at {dump}: escalate server backup makes one.")
    is_there = _refuse_full(place)
    with _scratch(place) as scratch:
        _administer(place, scratch, make_roles)  # whom the dump gives rights
        _restore_into(place, scratch, dump)
        try:
            _administer(place, scratch, _bring_up_to_date)
            with _logins(place, scratch, keep=not dry_run) as made:
                unit = _administer(place, scratch, _login_of_unit)
                with connected(place, database=scratch, login=unit) as restored:
                    held = verify(restored)
        except EscalateError as problem:
            raise BrokenBackup(dump, problem.sentence) from problem
        if not dry_run:
            name_database(place, scratch, in_the_place_of_another=is_there)
    return made, held


def looked_through(database: Database, head: tuple[int, str] | None = None) -> Contents:
    """What a restored dump holds, as the business unit sees it. Raises StoreError where that is not as it was recorded, or has not a head it had."""
    store = Store(database)
    checks, refs = store.checks, store.history.refs()
    last, faults = checks.history()
    faults += [*checks.file(), *checks.apart()]
    faults += [fault for ref in refs for fault in (*checks.said(ref), *checks.derived(ref))]
    if head and head[0] and (fault := checks.known_head(head)):
        faults.append(fault)
    if faults:
        raise StoreError(faults[0])
    return Contents(Path(), *store.history.size, last, store.own_id)


@contextmanager
def _logins(place: ServerPlace, scratch: str, *, keep: bool) -> Iterator[list[str]]:
    """A login for every member, and which of them were made; those go again if something fails, or they are not to be kept."""
    made = _administer(place, scratch, make_logins)
    is_done = False
    try:
        yield made
        is_done = True
    finally:
        if made and not (keep and is_done):
            _administer(place, scratch, lambda connection: remove_logins(connection, made))


def _refuse_full(place: ServerPlace) -> bool:
    """Refuse a database that has anything in it; whether there is one with nothing."""
    try:
        connection = connect(place)
    except NoDatabase:
        return False
    try:
        with sentences(place):
            if not is_empty(connection):
                raise Refused(
                    f"There is something at {place} already, and a dump is restored into a new database: name one that is not there yet."
                )
    finally:
        connection.close()
    return True


def _administer(place: ServerPlace, database: str, do: Callable[[Any], Made]) -> Made:
    """What an administrator does in a database of a server."""
    connection = connect(place, database)
    try:
        with sentences(place):
            return do(connection)
    finally:
        connection.close()


def _bring_up_to_date(connection: Any) -> None:
    """Bring what was restored up to date. Raises Refused where that is nothing of ours, or newer."""
    if not is_made(connection):
        raise Refused("there are no cases of escalate in it")
    make(connection)


def _login_of_unit(connection: Any) -> str:
    """A login of the business unit, as which all that is there can be read. Raises Refused where nobody belongs to it."""
    unit = next((each.login for each in members(connection) if each.agency is None and each.is_there), None)
    if unit is None:
        raise Refused(
            "A dump is verified as the business unit, which nobody belongs to yet: escalate server member add LOGIN --unit."
        )
    return unit


def _as_it_is(place: ServerPlace) -> tuple[str, str, tuple[int, str]]:
    """The name of the database, a login of the business unit, and the last link of the chain."""
    connection = connect(place)
    try:
        with sentences(place):
            unit = _login_of_unit(connection)
            number, _, link = status(connection).head.partition(":")
            name: str = connection.info.dbname
    finally:
        connection.close()
    return name, unit, (int(number), link)


@contextmanager
def _scratch(place: ServerPlace) -> Iterator[str]:
    """A database for a moment, which nobody else may connect to; it goes unless it was given another name."""
    name = f"escalate_check_{secrets.token_hex(4)}"
    make_database(place, name)
    try:
        yield name
    finally:
        remove_database(place, name)


def _restore_into(place: ServerPlace, scratch: str, dump: Path) -> None:
    """Have PostgreSQL restore a dump. Raises Refused."""
    at = f"--dbname={said_to_programs(place, scratch)}"
    _run([_program("pg_restore"), "--exit-on-error", "--no-password", at, str(dump)])


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Refused(f"{name} is not here, which a server is dumped with: apt install postgresql-client.")
    return found


def _run(words: Sequence[str]) -> None:
    """Run a program of PostgreSQL's. Raises Refused with the last that it said."""
    ran = subprocess.run(  # noqa: S603  # our own words; no shell
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    if ran.returncode:
        said = (ran.stderr.strip().splitlines() or ["it does not say why"])[0]
        raise Refused(
            f"{Path(words[0]).name} could not do this ({cut(said, 200)}): run this as whoever administers the server. Nothing was kept of it."
        )


def _names(folder: Path, database: str, now: datetime) -> Iterator[Path]:
    """The names that a dump made now may have, each with a higher number in case those before are taken."""
    stem = f"{database}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield folder / f"{stem}.dump"
    yield from (folder / f"{stem}-{n}.dump" for n in count(2))
