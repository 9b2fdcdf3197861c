"""Promise 12: what escalate makes is its owner's alone to read, whatever the umask; and nothing is read or written through a link.

Everything is tried under `umask 000`, which leaves a file as open as whoever makes it does.
"""

import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from escalate.storage.files.protocols import shipped_folder
from tests.command_line import command
from tests.connections import connect
from tests.forked import Run, Runs
from tests.promises.commands import assert_none_forgotten
from tests.promises.conftest import Show
from tests.sizes import size

pytestmark = pytest.mark.promise(12)

NOW = "2026-11-23T10:00"


@dataclass
class Home:
    """A home that is empty at first, with stand-ins for what keeps schedules."""

    folder: Path
    run_it: Runs

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder), "TMPDIR": str(self.folder / "scratch"),
            "ESCALATE_NOW": NOW, "ESCALATE_BY": "tests",
        }  # fmt: skip

    @property
    def desk(self) -> Path:
        return self.folder / "desk"

    def run(self, *words: str, stdin: bytes = b"", environment: Mapping[str, str] = {}) -> Run:
        return self.run_it(
            *words, environment=self.environment | dict(environment), folder=self.desk, stdin=stdin, umask=0
        )

    def did(self, *words: str, stdin: bytes = b"") -> None:
        ran = self.run(*words, stdin=stdin)
        assert ran.status == 0, (words, ran.errors)


@pytest.fixture
def home(tmp_path: Path, run_it: Runs) -> Home:
    folder = tmp_path / "home"
    for each in (folder, folder / "bin", folder / "scratch", folder / "desk"):
        each.mkdir(mode=0o700)
    for name in ("crontab", "systemctl", "launchctl"):
        (folder / "bin" / name).write_text('#!/bin/sh\n[ "$1" = - ] && exec cat >/dev/null\nexit 0\n', encoding="utf-8")
        (folder / "bin" / name).chmod(0o700)
    (folder / "desk" / "log.csv").write_text("Ref,Date raised,Protocol\n1,1/10/2026,lincolnshire\n", encoding="utf-8")
    (folder / "desk" / "log.csv").chmod(0o600)
    return Home(folder, run_it)


def everything_in(folder: Path) -> Iterator[Path]:
    """What is in a folder, however deep; `rglob` of this Python ends where a folder goes while it is read."""
    for place, folders, files in os.walk(folder):
        yield from (Path(place) / name for name in (*folders, *files))


def open_to_others(folder: Path) -> list[str]:
    """What in a folder anybody but its owner may read, write or enter. What is gone before it could be looked at was no file."""
    found = []
    for path in everything_in(folder):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        if not stat.S_ISLNK(mode) and mode & 0o077:
            found.append(f"{path.relative_to(folder)} {stat.S_IMODE(mode):o}")
    return found


# -- what commands make ---------------------------------------------------------------------------------------------------


WRITERS: list[tuple[tuple[str, ...], str]] = [
    # the words, and what they make, seen from the home
    (("open", "herefordshire", "--stage", "1", "--subject", "M-1", "--from", "Trust", "--to", "Council"), ".local/share/escalate/escalate.db"),
    (("note", "1", "Spoke to her"), ""),
    (("assign", "1", "raising", "Bo Keeper"), ""),
    (("set", "1", "name=Ada Canary"), ""),
    (("done", "1", "resolve"), ""),
    (("agree", "1", "tomorrow"), ""),
    (("advance", "1"), ""),
    (("undo", "1"), ""),
    (("resolve", "1", "--how", "Agreed"), ""),
    (("reopen", "1"), ""),
    (("withdraw", "1"), ""),
    (("open", "north-yorkshire", "--about", "Thresholds"), ""),
    (("due",), ""),
    (("list",), ""),
    (("show", "1"), ""),
    (("log", "1"), ""),
    (("explain", "2"), ""),
    (("search", "her"), ""),
    (("plan", "herefordshire"), ""),
    (("calc", "today", "1 day"), ""),
    (("calendar", "show"), ""),
    (("calendar", "add", "24 Dec 2026", "--reason", "Closed", "--yes"), ""),
    (("calendar", "remove", "24 Dec 2026", "--reason", "Open", "--yes"), ""),
    (("calendar", "refresh", "--yes"), ""),
    (("calendar", "check"), ""),
    (("protocol", "new", "north-town", "--like", "lincolnshire"), ".config/escalate/protocols/north-town.toml"),
    (("protocol", "new", "south-town", "--like", "lincolnshire", "--to", "south-town.toml"), "desk/south-town.toml"),
    (("protocol", "list"), ""),
    (("protocol", "show", "north-town"), ""),
    (("protocol", "check", "south-town.toml"), ""),
    (("protocol", "compare", "herefordshire", "lincolnshire"), ""),
    (("protocol", "adopt", "2", "2026-10", "--yes"), ""),
    (("digest", "--always"), ""),
    (("digest", "--install", "cron", "--write"), ""),
    (("digest", "--install", "systemd", "--write"), ".config/systemd/user/escalate-digest.service"),
    (("digest", "--install", "launchd", "--write"), "Library/LaunchAgents/escalate-digest.plist"),
    (("board", "--output", "b.html", "--identify"), "desk/b.html"),
    (("report", "--output", "r.html"), "desk/r.html"),
    (("report", "--output", "r.md"), "desk/r.md"),
    (("report", "--output", "r.json"), "desk/r.json"),
    (("report", "--output", "r.xlsx"), "desk/r.xlsx"),
    (("report", "--output", "r.docx"), "desk/r.docx"),
    (("report", "--output", "r.csv"), "desk/r.csv"),
    (("protocol", "show", "lincolnshire", "--output", "l.svg"), "desk/l.svg"),
    (("form", "1", "appendix-1", "--identify", "--format", "docx"), "desk/E0001-appendix-1.docx"),
    (("form", "1", "appendix-1", "--identify", "--output", "f.txt"), "desk/f.txt"),
    (("export", "csv", "c.csv", "--what", "cases", "--identify"), "desk/c.csv"),
    (("export", "json", "c.json", "--identify"), "desk/c.json"),
    (("export", "xlsx", "c.xlsx", "--identify"), "desk/c.xlsx"),
    (("export", "ics", "c.ics"), "desk/c.ics"),
    (("export", "csv", "c.csv", "--what", "history", "--identify", "--force"), "desk/c.csv"),
    (("import", "log.csv", "--write"), ""),
    (("config",), ""),
    (("demo",), ""),
    (("backup",), ".local/share/escalate/backups/escalate-20261123T100000Z.db"),
    (("backup", "stick", "--keep", "3"), "desk/stick/escalate-20261123T100000Z.db"),
    (("merge", "stick/escalate-20261123T100000Z.db"), ""),
    (("restore", "latest", "--yes"), ".local/share/escalate/backups/escalate-replaced-20261123T100000Z.db"),
    (("void", "2", "--reason", "Opened twice", "--yes"), ""),
    (("agency", "list"), ""),
    (("agency", "join", "Trust", "--into", "The Trust", "--dry-run"), ""),
    (("access",), ""),
    (("disclose", "M-1"), ""),
    (("disclose", "M-1", "--output", "d.html"), "desk/d.html"),
    (("erase", "1", "--yes"), ""),
    (("verify",), ""),
    (("doctor",), ""),
    (("doctor", "--repair"), ""),
    (("encrypt", "--yes"), "keys/key"),
    (("rekey", "--yes"), "keys/key"),
    (("decrypt", "--yes"), ""),
]  # fmt: skip


def key_in(home: Home, file: Path) -> None:
    """Has the key of an encrypted file kept in a file, which is not there yet."""
    settings = home.folder / ".config" / "escalate" / "config.toml"
    settings.write_text(f'key_file = "{file}"\n', encoding="utf-8")
    settings.chmod(0o600)


@pytest.mark.slow
@pytest.mark.plain_only("encrypts and decrypts by itself")
def test_whatever_a_command_makes_is_its_owners_alone(home: Home, shown: Show) -> None:
    """Every command there is, one after another, in a home where there was nothing."""
    assert_none_forgotten(
        (words for words, _ in WRITERS), but={"move"}
    )  # which needs a server: tests/server/test_move.py
    for words, made in WRITERS:
        if words[:2] == ("protocol", "adopt"):
            newer_edition(home)
        if words[0] == "encrypt":
            key_in(home, home.folder / "keys" / "key")
        home.did(*words)
        assert not made or (home.folder / made).is_file(), made
        assert open_to_others(home.folder) == [], words
    assert list((home.folder / "scratch").iterdir()) == []
    files = sum(path.is_file() for path in home.folder.rglob("*"))
    folders = sum(path.is_dir() for path in home.folder.rglob("*"))
    shown(f"{files} files and {folders} folders of {len(WRITERS)} runs under umask 000, none open to others")


def newer_edition(home: Home) -> None:
    """A newer edition of the protocol of the second case, so that there is one to adopt."""
    text = (shipped_folder() / "north-yorkshire.toml").read_text(encoding="utf-8")
    path = home.folder / ".config" / "escalate" / "protocols" / "north-yorkshire.toml"
    path.touch(mode=0o600)
    path.write_text(re.sub("dated = .*", 'dated = "2026-10"', text), encoding="utf-8")


class Seen(threading.Thread):
    """Looks through a folder over and over, while something runs, for whatever others could read; and remembers the names it saw."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.open: set[str] = set()
        self.names: set[str] = set()
        self.looks = 0
        self.enough = False

    def run(self) -> None:
        while not self.enough:
            self.open |= set(open_to_others(self.folder))
            self.names |= {path.name for path in everything_in(self.folder)}
            self.looks += 1


@contextmanager
def watched(folder: Path) -> Iterator[Seen]:
    seen = Seen(folder)
    seen.start()
    try:
        yield seen
    finally:
        seen.enough = True
        seen.join(30)


@pytest.mark.slow
def test_what_a_command_needs_for_a_moment_is_its_owners_alone(home: Home, shown: Show) -> None:
    home.did("open", "herefordshire", "--about", "Thresholds", "--stage", "1", "--fact", "name=Ada Canary")
    rows = "".join(f"{n},1/10/2026,lincolnshire\n" for n in range(2, size(150, 150, 1500)))
    (home.desk / "log.csv").write_text(f"Ref,Date raised,Protocol\n{rows}", encoding="utf-8")
    with watched(home.folder) as seen:
        for words in (
            ("import", "log.csv", "--write"), ("export", "xlsx", "c.xlsx"), ("export", "json", "c.json"), ("export", "csv", "c.csv", "--what", "history"),
            ("report", "--output", "r.xlsx"), ("calendar", "add", "24 Dec 2026", "--reason", "x", "--yes"), ("demo",),
            *[("note", "1", "x")] * size(4, 20, 200),
        ):  # fmt: skip
            home.did(*words)
    assert seen.open == set()
    passing = {
        ".part": "a file in the making",
        "openpyxl.": "a sheet in the making",
        "-journal": "a journal",
        "demo.db": "the demonstration",
    }
    assert {ending for ending in passing if not any(ending in name for name in seen.names)} == set(), (
        "they were not seen"
    )
    assert list((home.folder / "scratch").iterdir()) == []
    shown(f"{seen.looks} looks at files in passing")


def test_the_journal_is_its_owners_alone_while_a_change_is_written(home: Home) -> None:
    """A reader keeps the change from being finished, so that its journal can be looked at."""
    home.did("open", "herefordshire", "--about", "Thresholds")
    database = home.folder / ".local" / "share" / "escalate" / "escalate.db"
    journal = database.with_name("escalate.db-journal")
    with closing(connect(database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()
        writer = subprocess.Popen(
            ["sh", "-c", 'umask 000 && exec "$@"', "sh", *command("note", "1", "x")], env=home.environment
        )
        try:
            end = time.monotonic() + 30
            while not journal.exists():
                assert time.monotonic() < end, "no journal was made"
                time.sleep(0.005)
            assert stat.S_IMODE(journal.stat().st_mode) == 0o600
        finally:
            reader.execute("ROLLBACK")
            assert writer.wait(60) == 0
    assert not journal.exists()


# -- links ------------------------------------------------------------------------------------------------------------------


class Link(NamedTuple):
    """Something that is a link to somewhere else; the words that would read or write it, and what they say."""

    what: str
    path: str
    words: tuple[str, ...]
    says: str = "is a link to another file"
    status: int = 1
    environment: Mapping[str, str] = {}


DATABASE = ("--db", "cases.db")
LINKS = [
    Link("the database", "cases.db", (*DATABASE, "list")),
    Link("the database", "cases.db", (*DATABASE, "due", "--json")),
    Link("the database", "cases.db", (*DATABASE, "show", "1")),
    Link("the database", "cases.db", (*DATABASE, "open", "lincolnshire", "--about", "Thresholds")),
    Link("the database", "cases.db", (*DATABASE, "note", "1", "x")),
    Link("the database", "cases.db", (*DATABASE, "note", "1", "x", "--dry-run")),
    Link("the database", "cases.db", (*DATABASE, "import", "log.csv", "--write")),
    Link("the database", "cases.db", (*DATABASE, "export", "json")),
    Link("the database", "cases.db", (*DATABASE, "calendar", "add", "24 Dec 2026", "--reason", "x", "--yes")),
    Link("the database", "cases.db", (*DATABASE, "digest", "--always")),
    Link("the database", "cases.db", ("list",), environment={"ESCALATE_DB": "cases.db"}),
    Link("the journal", "whole.db-journal", ("--db", "whole.db", "note", "1", "x")),
    Link("the journal", "whole.db-journal", ("--db", "whole.db", "list")),
    Link("the journal of a database to come", "new.db-journal", ("--db", "new.db", "open", "lincolnshire", "--about", "Thresholds")),
    Link("a write-ahead log", "whole.db-wal", ("--db", "whole.db", "note", "1", "x")),
    Link("its index", "whole.db-shm", ("--db", "whole.db", "note", "1", "x")),
    *[
        Link("an export", "out", ("--db", "whole.db", "export", format_, "out", *options, *force))
        for format_, options in (("csv", ("--what", "cases")), ("json", ()), ("xlsx", ()), ("ics", ()))
        for force in ((), ("--force",))
    ],
    *[
        Link("a report", name, ("--db", "whole.db", "report", "--output", name, *force))
        for name in ("r.html", "r.md", "r.json", "r.xlsx")
        for force in ((), ("--force",))
    ],
    Link("a form", "f.docx", ("--db", "whole.db", "form", "1", "appendix-1", "--output", "f.docx", "--force")),
    Link("a form", "f.txt", ("--db", "whole.db", "form", "1", "appendix-1", "--output", "f.txt")),
    Link("a form under its usual name", "E0001-appendix-1.docx", ("--db", "whole.db", "form", "1", "appendix-1", "--format", "docx", "--force")),
    Link("the folder of backups", "backups", ("--db", "whole.db", "backup"), "is a link to another place"),
    Link("a folder for a backup", "stick", ("--db", "whole.db", "backup", "stick"), "is a link to another place"),
    Link("a backup to restore", "b.db", ("--db", "whole.db", "restore", "b.db", "--yes"), "is a link to another place"),
    Link("the file to be replaced", "cases.db", (*DATABASE, "restore", "whole.db", "--yes")),
    Link("the file that is verified", "cases.db", (*DATABASE, "verify")),
    Link("a new protocol", "n.toml", ("protocol", "new", "n", "--like", "lincolnshire", "--to", "n.toml", "--force")),
    Link("a new protocol", "n.toml", ("protocol", "new", "n", "--like", "lincolnshire", "--to", "n.toml"), "is there already"),
    Link("the schema beside it", "protocol.schema.json", ("protocol", "new", "n", "--like", "lincolnshire", "--to", "n.toml", "--force")),
    Link("a unit of systemd", "units/systemd/user/escalate-digest.service", ("--db", "whole.db", "digest", "--install", "systemd", "--write"), environment={"XDG_CONFIG_HOME": "units"}),
    Link("a timer of systemd", "units/systemd/user/escalate-digest.timer", ("--db", "whole.db", "digest", "--install", "systemd", "--write"), environment={"XDG_CONFIG_HOME": "units"}),
]  # fmt: skip
"""A row for each; both a link to a file and one to nowhere are tried."""


@pytest.fixture(scope="module")
def whole(run_it: Runs) -> Iterator[bytes]:
    """A database with a case."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "whole.db"
        environment = {"ESCALATE_DB": str(path), "HOME": scratch, "ESCALATE_NOW": NOW, "ESCALATE_BY": "tests"}
        assert (
            run_it(
                "open",
                "herefordshire",
                "--about",
                "Thresholds",
                "--stage",
                "1",
                environment=environment,
                folder=Path(scratch),
            ).status
            == 0
        )
        yield path.read_bytes()


@dataclass
class Elsewhere:
    """Where the link leads: a folder of somebody else's, with a file in it or without."""

    folder: Path
    content: bytes | None
    file: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o755)
        self.file = self.folder / "theirs"
        if self.content is not None:
            self.file.write_bytes(self.content)
            self.file.chmod(0o644)

    def changed(self) -> Iterator[str]:
        """What was done to the file, or beside it."""
        found = {each.name: (each.read_bytes(), stat.S_IMODE(each.stat().st_mode)) for each in self.folder.iterdir()}
        if found != ({} if self.content is None else {"theirs": (self.content, 0o644)}):
            yield f"changed what the link leads to: {sorted(found)}"


@pytest.mark.slow
@pytest.mark.parametrize("dangling", [False, True], ids=["to a file", "to nowhere"])
def test_a_link_is_refused_and_what_it_leads_to_is_unchanged(
    home: Home, whole: bytes, dangling: bool, shown: Show
) -> None:
    """Each row in a desk of its own; whatever is wrong is told of every row at once."""
    wrong = []
    for number, link in enumerate(LINKS):
        elsewhere = Elsewhere(home.folder.parent / f"elsewhere-{number}", None if dangling else whole)
        wrong += [
            f"{link.what}: {' '.join(link.words)}: {each}" for each in _what_is_wrong(home, whole, link, elsewhere)
        ]
    assert wrong == []
    shown(f"{len(LINKS)} links {'to nowhere' if dangling else 'to a file'} refused, nothing behind them touched")


def _what_is_wrong(home: Home, whole: bytes, link: Link, elsewhere: Elsewhere) -> Iterator[str]:
    shutil.rmtree(home.desk)
    home.desk.mkdir(mode=0o700)
    for name, content in (("whole.db", whole), ("log.csv", b"Ref,Date raised,Protocol\n1,1/10/2026,lincolnshire\n")):
        (home.desk / name).write_bytes(content)
        (home.desk / name).chmod(0o600)
    path = home.desk / link.path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.symlink_to(elsewhere.file)
    before = {each: each.read_bytes() if each.is_file() else None for each in home.folder.rglob("*")}
    ran = home.run(*link.words, environment=link.environment)
    if (ran.status, ran.text, ran.errors.count("\n")) != (link.status, "", 1) or link.says not in ran.errors:
        yield f"said {ran}"
    yield from elsewhere.changed()
    after = {each: each.read_bytes() if each.is_file() else None for each in home.folder.rglob("*")}
    if not path.is_symlink() or after != before:
        yield f"left {[str(each) for each in after if after[each] != before.get(each)]}"


def test_a_folder_on_the_way_may_be_a_link(home: Home, whole: bytes) -> None:
    """As /tmp is on a Mac, and a home on a network drive often."""
    (home.folder / "real").mkdir(mode=0o700)
    (home.folder / "linked").symlink_to(home.folder / "real")
    path = home.folder / "linked" / "cases.db"
    path.write_bytes(whole)
    path.chmod(0o600)
    home.did("--db", str(path), "note", "1", "x")
    home.did("--db", str(path), "export", "csv", str(path.with_name("out.csv")), "--what", "cases")
    assert sorted(each.name for each in (home.folder / "real").iterdir()) == ["cases.db", "out.csv"]
