"""The engine that keeps the cases of tests: a file by default, with `pytest --engine=postgresql` a database on a server in its place.

A test names a file, as ESCALATE_DB or after `--db`, and each line that it runs is given the address of the database in that file's
place. In what the line says, the file stands again. Where something is recorded, a note with the name of the database lies at the path
itself: where a test copies the file, it copies the note, and the next line copies the database. A real file there is used as it is.
"""

import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.command_line import Ran

if TYPE_CHECKING:  # no cycle, but the driver is loaded for a server alone
    from tests.server.cluster import Cluster

ENGINES = ("sqlite", "postgresql")

UNIT = "unit"
"""The login that lines are run with, of the business unit, which sees everything."""

EMPTY = "empty_of_tests"
"""A database with the tables, the unit's login, and no case."""

STATE = """
SELECT md5(concat((SELECT c::text FROM escalate.counter c), (SELECT string_agg(d::text, '' ORDER BY d.id) FROM escalate.digest d),
(SELECT string_agg(s::text, '' ORDER BY s::text) FROM escalate.setting_used s), (SELECT string_agg(k::text, '' ORDER BY k::text)
FROM escalate.kept k), (SELECT count(*) FROM escalate.words), (SELECT count(*) FROM escalate.calendar)))
"""
"""What differs whenever anything was recorded."""

FILE_COMMANDS = ("backup", "restore", "encrypt", "decrypt", "rekey")
"""The commands that work on a file alone, and say so of a server."""

NOTE = re.compile(rb"on the server: (\w+) (\w+)\n")


class Place(NamedTuple):
    """The database in the place of a file."""

    name: str
    note: bytes
    """What lay in the file when it was last looked at."""


class Server:
    """Databases in the place of files."""

    def __init__(self, cluster: "Cluster") -> None:
        from escalate.storage.postgresql import administering

        self._cluster = cluster
        self._places: dict[Path, Place] = {}
        self._blank: list[str] = []
        self.lines = self.lines_on_files = 0
        cluster.make(EMPTY, "template_of_tests")
        with cluster.database_named(EMPTY) as database:
            administering.add_member(database.administrator, UNIT, None)
        self._state_when_blank = self._state(EMPTY)

    def run(
        self,
        run: Callable[..., Ran],
        *arguments: str | bytes,
        environment: Mapping[str, str],
        folder: Path | None = None,
        **more: object,
    ) -> Ran:
        """How a line ends that is run on the server."""
        addresses: dict[str, str] = {}
        used: dict[Path, str] = {}

        def address(said: str) -> str:
            path = Path(os.path.abspath((folder or Path.cwd()) / said))  # noqa: PTH100  # a symbolic link is another place
            name = used.get(path) or self._database(path)
            if name is None:
                return said
            used[path] = name
            addresses[said] = f"postgresql:///{name}?host={self._cluster.folder}&user={UNIT}"
            return addresses[said]

        given = with_database([os.fsdecode(each) for each in arguments], address)
        if environment.get("ESCALATE_DB"):
            environment = {**environment, "ESCALATE_DB": address(environment["ESCALATE_DB"])}
        self.lines += bool(addresses)
        self.lines_on_files += not addresses
        ran = run(*given, environment=environment, folder=folder, **more)
        for path, name in used.items():
            self._keep_note(path, name)
        return Ran(ran.status, *(with_paths(text, addresses) for text in (ran.stdout, ran.stderr)))

    def _database(self, path: Path) -> str | None:
        """The database in the place of a file; a copy where the file is one, a blank one where there is none, None for a real file."""
        place = self._places.pop(path, None)
        if not is_there(path):
            return self._blank.pop() if self._blank else self._cluster.copy_of(EMPTY)
        content = path.read_bytes() if path.is_file() else b""
        note = NOTE.fullmatch(content)
        if note is None:
            return None
        if place is None or place.note != content:
            of, state = note[1].decode(), note[2].decode()
            assert self._state(of) == state, f"{path} is a copy of a file that has changed since"
            place = Place(self._cluster.copy_of(of), content)
        self._places[path] = place
        return place.name

    def _keep_note(self, path: Path, name: str) -> None:
        """Note a database in the place of its file once something was recorded; one in which nothing was serves again elsewhere."""
        state = self._state(name)
        place = self._places.get(path)
        if place is None and state == self._state_when_blank:
            self._blank.append(name)
        elif place is None or NOTE.fullmatch(place.note)[2].decode() != state:  # type: ignore[index]
            note = f"on the server: {name} {state}\n".encode()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(note)
            self._places[path] = Place(name, note)

    def _state(self, name: str) -> str:
        """Something that differs whenever anything was recorded in a database."""
        with self._cluster.database_named(name) as database, database.administrator.cursor() as cursor:
            cursor.execute(STATE)
            return str((cursor.fetchone() or [None])[0])

    def give_id(self, path: Path, own_id: str) -> None:
        """Give the database in the place of a file another random name, so that what is made of it is the same each time."""
        name = self._places[path].name
        with self._cluster.database_named(name) as database, database.administrator.cursor() as cursor:
            cursor.execute("UPDATE escalate.kept SET value = %s WHERE name = 'file'", [own_id])
        self._keep_note(path, name)

    def forget(self, folder: Path) -> None:
        """Remove the databases in the place of files in a folder that is done with."""
        for path in [each for each in self._places if each.is_relative_to(folder)]:
            self._cluster.drop(self._places.pop(path).name)


def is_there(path: Path) -> bool:
    """Whether anything lies at a path, or what cannot be looked at."""
    try:
        return os.path.lexists(path) or not path.parent.is_dir()
    except ValueError:
        return True


chosen: Server | None = None
"""The server that lines are run on; None for files. Set by the fixture `_engine` (conftest.py)."""


def with_database(arguments: Sequence[str], address: Callable[[str], str]) -> list[str]:
    """A line with the address of a database wherever it names a file with `--db`."""
    before = ["", *arguments]
    return [
        address(word) if last == "--db" else re.sub("^--db=(.*)", lambda found: f"--db={address(found[1])}", word)
        for last, word in zip(before, arguments, strict=False)
    ]


def with_paths(text: str, addresses: Mapping[str, str]) -> str:
    """What a line said with each file in the place of its database."""
    for path, address in addresses.items():
        text = text.replace(shlex.quote(address), shlex.quote(path)).replace(address, path)
    return text


def begins_here(path: Path) -> str:
    """What a line says that begins a file; a server is there before."""
    return "" if chosen else f"A new file of cases begins here: {path}.\n"
