"""Every command line of tests/recorded says on a server what it says on a file, but for what stands in DIFFERENT."""

import gzip
import itertools
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import cache
from hashlib import shake_256
from pathlib import Path
from typing import NamedTuple

import pytest

from escalate.commands.shared import session
from tests import engine, in_process
from tests.command_line import Ran
from tests.driver import begin
from tests.recorded.playing import FIRST_NOW, TESTS
from tests.recorded.script import FOLDER, Deed, Line, read
from tests.server.cluster import Cluster

pytestmark = pytest.mark.server

DIFFERENT = {
    "backup": "a server's backups are its administrator's",
    "config": "shows the address and the login",
    "doctor": "looks at what a server has, and not at what a file has",
    "restore": "a server's backups are its administrator's",
}
"""The commands that say something else on a server, and why."""

NOT_THERE = re.compile(r"is not there, and (ESCALATE_DB|--db) names it")
"""What is said of a file that is not there. A server is, or nothing can be asked of it."""

NOT_TAKEN = "takes cases into a file, and these are on a server"
"""What is said on a server of cases that another file has: they are taken into a file alone."""

OF_ONE_ALONE = re.compile(
    r"A new file of cases begins here: .*\n|There are no cases yet: .*\n"
    r"|^.* is not there: counted without the closures that it may hold\.\n"
    r"|It is the head of the chain over all cases\.\n|,\n  \"agency\": null(?=\n})"
    r"|With that .* no longer sees .*, nor what is due in it: tell them\.\n"
    r"|(?<=^Open for the same person: E\d{4}\.) If they belong together: .*"
    r"|(A|No) backup was made before:(.|\n)*?\.\n|Held against .* kept elsewhere.*\n|  \"witnessed\": \d+,\n",
    re.MULTILINE,
)
"""What is said of a file before it is there; that of a server's chains a head is of that over all cases; which agency sees a
case no more, where a file shows everybody everything; a link to a case of other agencies, which on a server one of them would learn of; the backups that are made of a file alone, and the heads kept of them."""

NO_CASES = ("help-and-usage",)
"""The files of lines that ask nothing of a database; some of theirs need a process of their own."""

HEADS = "heads.txt"
"""Where heads are kept: beside the backups, which are beside a file, and of a server where settings say or in one's own folder."""

RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}")
"""The random name of a database, and all hashes that follow from it."""


class Stopped(datetime):
    """The computer's own clock, which says the same however long the lines take."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Stopped":
        return cls(2026, 11, 30, 10, tzinfo=UTC).astimezone(tz)


class Played(NamedTuple):
    """What a line said, and the files that were there then."""

    words: tuple[str, ...]
    ran: Ran
    files: dict[str, str]


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> Iterator[engine.Server]:
    """Databases in the place of files."""
    yield engine.Server(cluster)
    cluster.drop(engine.EMPTY)


@pytest.mark.parametrize("name", sorted({path.stem for path in FOLDER.glob("*.txt")} - {*NO_CASES}))
def test_lines_say_the_same(
    server: engine.Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    record_property: Callable[[str, object], None],
) -> None:
    lines = []
    for chosen in (None, server):
        monkeypatch.setattr(engine, "chosen", chosen)
        monkeypatch.setattr(session, "datetime", Stopped)
        drawn = chance()
        monkeypatch.setattr(secrets, "token_bytes", drawn)
        monkeypatch.setattr(os, "urandom", drawn)
        lines.append(list(play(tmp_path / "desk", name)))
        shutil.rmtree(tmp_path / "desk")
    server.forget(tmp_path)
    on_file, on_server = lines
    assert len(on_file) == len(on_server) > 10
    pairs = itertools.takewhile(lambda pair: not has_restored(pair[0]), zip(on_file, on_server, strict=True))
    compared = [pair for pair in pairs if not may_differ(pair[0]) and NOT_TAKEN not in pair[1].ran.stderr]
    record_property(
        "figure", f"{len(compared)} of {len(on_file)} lines of {name} said the same on a server as on a file"
    )
    assert len(compared) > 10
    for one, other in compared:
        assert other == one


def chance() -> Callable[..., bytes]:
    """Random bytes that are the same in each run of the same lines."""
    drawn = itertools.count()
    return lambda nbytes=None: shake_256(f"{next(drawn)}".encode()).digest(nbytes or 32)


def has_restored(one: Played) -> bool:
    """Whether a line put a backup in the place of the file: what follows is another history than a server has."""
    return {"restore", "--yes"} <= {*one.words} and one.ran.status == 0


def may_differ(one: Played) -> bool:
    """Whether a line that was played on a file may say something else on a server."""
    return bool({*one.words[:1]} & {*DIFFERENT}) or NOT_THERE.search(one.ran.stdout + one.ran.stderr) is not None


def play(desk: Path, name: str) -> Iterator[Played]:
    """Run the lines of a file in a folder, as far as nothing is done to the database past escalate."""
    for folder in ("home", "protocols", "scratch"):
        (desk / folder).mkdir(parents=True)
    for folder in ("shapes", "data"):
        shutil.copytree(TESTS / folder, desk / folder)
    for step in read(name):
        if isinstance(step, Line):
            yield played(desk, step)
        elif step.name == "tables":
            continue
        elif step.name == "sql" or ".db" in " ".join(step.words):
            return
        else:
            do(desk, step)


def played(desk: Path, step: Line) -> Played:
    """Run a line. What an Excel file on standard output has is not looked at."""
    environment = {
        "PATH": str(desk / "bin"),
        "HOME": str(desk / "home"),
        "TMPDIR": str(desk / "scratch"),
        "TZ": "Europe/London",
        "ESCALATE_DB": str(desk / "cases.db"),
        "ESCALATE_NOW": FIRST_NOW,
        "ESCALATE_BY": "unit",
        "ESCALATE_CONFIG": str(desk / "settings.toml"),
        "ESCALATE_PROTOCOLS": str(desk / "protocols"),
        "COLUMNS": str(step.columns or 100),
        **{
            key: value.replace("{DESK}", str(desk))
            for key, value in step.environment.items()
            if not in_process.READ_BY_PYTHON.fullmatch(key)
        },
    }
    try:
        ran = begin(*step.words, environment=environment, stdin=step.stdin.encode(), folder=desk)
    except UnicodeDecodeError:
        ran = Ran(0, "an Excel file", "")
    ran = Ran(ran.status, masked(ran.stdout), masked(ran.stderr))
    files = {
        str(path.relative_to(desk)): masked(path.read_bytes().decode("latin-1"))
        for path in sorted([*desk.glob("*"), *(desk / "home").rglob("*"), *(desk / "protocols").glob("*")])
        if path.is_file() and ".db" not in path.name and path.suffix not in {".xlsx", ".docx"} and path.name != HEADS
    }
    lines = [line for path in sorted(desk.rglob(HEADS)) for line in masked(path.read_text("utf-8")).splitlines()]
    kept = [line for line in lines if " digest " in line]  # a server's backups are its administrator's
    return Played(step.words, ran, files | ({HEADS: "\n".join(kept)} if kept else {}))


@cache
def masked(text: str) -> str:
    """A text without what is random, and what only one engine says."""
    return RANDOM.sub("<random>", OF_ONE_ALONE.sub("", text))


def do(desk: Path, deed: Deed) -> None:
    """Do to the folder what stands between two lines."""
    target = desk / deed.words[-1]
    target.parent.mkdir(exist_ok=True)
    if deed.name == "write":
        target.write_text(deed.text, encoding="utf-8")
    elif deed.name == "copy":
        source = (desk / deed.words[0]).read_bytes()
        target.write_bytes(gzip.decompress(source) if deed.words[0].endswith(".gz") else source)
    elif deed.name == "remove":
        target.unlink()
    else:
        target.chmod(int(deed.words[0], 8))
