"""A dump of a server that is known to be good: restored into a database of its own on the same server, and verified there."""

import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from escalate import durable
from escalate.errors import BrokenBackup, EscalateError, Refused, cut
from escalate.storage.backups.part_files import flush, part_file, refuse_link
from escalate.storage.backups.part_files import sentences as folder_sentences
from escalate.storage.interface import Database, Made
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql.administering import members, status
from escalate.storage.postgresql.connecting import connect, make_database, remove_database, said_to_programs, sentences
from escalate.storage.postgresql.database import connected


def dump(
    place: ServerPlace, folder: Path, now: datetime, verify: Callable[[Database, tuple[int, str]], Made]
) -> tuple[Path, Made]:
    """Dump a server into a folder, restore that into a database that does not last, verify it there, and give the dump its name.

    `verify` is given that database, and the last link of before. Returns the dump and what `verify` returned.

    For an administrator. Raises Refused, BrokenBackup, StoreError and its kinds.
    """
    programs = [_program(name) for name in ("pg_dump", "pg_restore")]
    name, unit, head = _as_it_is(place)
    with folder_sentences(folder):
        refuse_link(folder)
        durable.make_folder(folder)
        with part_file(folder) as part:
            _run(
                [
                    programs[0],
                    "--format=custom",
                    "--no-password",
                    f"--file={part}",
                    f"--dbname={said_to_programs(place)}",
                ]
            )
            with _scratch(place) as scratch:
                _run(
                    [
                        programs[1],
                        "--exit-on-error",
                        "--no-password",
                        f"--dbname={said_to_programs(place, scratch)}",
                        str(part),
                    ]
                )
                try:
                    with connected(place, database=scratch, login=unit) as restored:
                        held = verify(restored, head)
                except EscalateError as problem:
                    raise BrokenBackup(part, problem.sentence) from problem
            flush(part)
            made = next(path for path in _names(folder, name, now) if durable.put(part, path, replace=False))
        durable.flush_folder(folder)
    return made, held


def _as_it_is(place: ServerPlace) -> tuple[str, str, tuple[int, str]]:
    """The name of the database, a login of the business unit, and the last link of the chain."""
    connection = connect(place)
    try:
        with sentences(place):
            unit = next((each.login for each in members(connection) if each.agency is None and each.is_there), None)
            number, _, link = status(connection).head.partition(":")
            name: str = connection.info.dbname
    finally:
        connection.close()
    if unit is None:
        raise Refused(
            "A dump is verified as the business unit, which nobody belongs to yet: escalate server member add LOGIN --unit."
        )
    return name, unit, (int(number), link)


@contextmanager
def _scratch(place: ServerPlace) -> Iterator[str]:
    """A database for a moment, which nobody else may connect to."""
    name = f"escalate_check_{secrets.token_hex(4)}"
    make_database(place, name)
    try:
        yield name
    finally:
        remove_database(place, name)


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
            f"{Path(words[0]).name} could not do this ({cut(said, 200)}): run this as whoever administers the server. No dump was kept."
        )


def _names(folder: Path, database: str, now: datetime) -> Iterator[Path]:
    """The names that a dump made now may have, each with a higher number in case those before are taken."""
    stem = f"{database}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield folder / f"{stem}.dump"
    yield from (folder / f"{stem}-{n}.dump" for n in count(2))
