"""A full or read-only disk fails cleanly: every command that writes, on disks with room for any part of what it writes.

Such a command ends with status 1 and a sentence, the file says what it said before, and nothing is left beside it; or there was
room, and all is done. A disk is full in two ways: no file may grow beyond so many bytes (as with a quota), and a small disk of its
own has no room left. It is read-only in three: it is mounted so, the folder may not be written to, or the file may not.
"""

import functools
import os
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from escalate.storage.store import open_store
from tests.command_line import Ran, escalate
from tests.commands.test_bad_input import assert_sentence, bound_by_modes
from tests.connections import connection_of
from tests.promises.conftest import FULL, Show
from tests.promises.soundness import Content, alike, content, faults
from tests.sizes import size

pytestmark = pytest.mark.promise(5)

SEED = os.environ.get("ESCALATE_SEED", "5")
LOG = Path(__file__).parents[1] / "data" / "log.csv"
HOLIDAYS = Path(__file__).parents[1] / "data" / "govuk-bank-holidays.json"
PAGE = 4096
LONG = "x" * 60_000  # more than the free pages of the file hold

BEFORE = (
    'open hull-east-riding --subject H-1 --from "A trust" --to "A council" --about "Step-down is not safe" --at "2026-11-20 09:00"',
    "open lincolnshire --subject L-2",
    'resolve 2 --how "Both agreed a joint visit"',
    "open herefordshire --subject M-3 --fact protection-plan=yes",
    "advance 3 --because no-response",
    "advance 3 --again --because no-response",
    'calendar add 2026-12-24 --reason "Offices closed" --yes',
)
CHANGES = (
    f"note 1 {LONG}",
    f"open north-yorkshire --about {LONG}",
    f"done 1 discussion --note {LONG}",
    f"agree 1 2026-12-24 --reason {LONG}",
    f"advance 1 --reason {LONG}",
    f"resolve 1 --how {LONG}",
    f"withdraw 1 --reason {LONG}",
    f"reopen 2 --reason {LONG}",
    'assign 1 raising "Jo Bell" --email jo.bell@trust.example',
    "set 1 theme=drift name='Ada Example'",
    f"undo 3 --reason {LONG}",
    'calendar add 2026-12-23 --reason "Offices closed" --yes',
    'calendar remove 2026-12-24 --reason "Open after all" --yes',
    f"calendar refresh --from {HOLIDAYS.as_posix()} --yes",
    "digest --always",
    f"import {LOG.as_posix()} --protocol hull-east-riding --close-undated --skip-bad --write",
)
FILES = (
    "export csv out.csv --what history",
    "export ics out.ics",
    "export xlsx out.xlsx",
    "export json out.json",
    "board --output out.html",
    "report --output out.html",
    "report --output out.xlsx",
    "report --output out.md",
    "report --output out.json",
    "report --output out.docx",
    "report --output out.csv",
    "form 3 --output out.docx",
    "form 3 --output out.txt",
    "form 3 --output out.docx --done",
    "backup",
    "backup out",
    "protocol new north-town --like lincolnshire --to out.toml",
    "protocol new north-town --like lincolnshire",
)
LINES = (*CHANGES, *FILES)
PRINTS_FIRST = ("digest", "calendar")
"""What prints before it writes: a digest that could not be recorded is told again; what a calendar moves is shown first."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder with a file of cases, where somebody works: all of it is on the disk that is full."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "cases.db"

    def run(self, line: str, through: Sequence[str] = ()) -> Ran:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "ESCALATE_DB": str(self.database), "ESCALATE_BY": "tests",
            "ESCALATE_NOW": "2026-11-24T10:00", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        return escalate(*shlex.split(line), environment=environment, folder=self.folder, through=through)

    def files(self) -> dict[str, bytes]:
        """Every file with its bytes; an empty folder counts for nothing."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }

    def says(self) -> Content:
        """What the file says, but for what is made at random; its faults fail the test."""
        with open_store(self.database) as file:
            assert faults(file) == []
            return alike(content(connection_of(file)))


@dataclass(frozen=True, slots=True)
class Whole:
    """What a command comes to where there is room: what the file then says, and every file with its size."""

    says: Content
    sizes: dict[str, int]


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with three cases, from real commands."""
    desk = Desk(tmp_path_factory.mktemp("seed"))
    for line in BEFORE:
        assert desk.run(line).status == 0, line
    return desk.database


def fresh(folder: Path, seed: Path) -> Desk:
    shutil.copy2(seed, empty(folder) / "cases.db")
    return Desk(folder)


def empty(folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, seed: Path) -> Callable[[str], Whole]:
    """What commands come to where there is room, each tried once."""

    @functools.cache
    def tried(line: str) -> Whole:
        desk = fresh(tmp_path_factory.mktemp("whole") / "desk", seed)
        ran = desk.run(line)
        assert ran.status == 0, (line, ran)
        return Whole(desk.says(), {name: len(bytes_) for name, bytes_ in desk.files().items()})

    return tried


def judge(
    line: str, ran: Ran, before: Content, desk: Desk, seed: Path, there_was_room: Whole, *, may_wait: bool = False
) -> str:
    """Whether a command failed cleanly or did all it should; anything else fails the test.

    With `may_wait` what it wrote may be taken back by the next command, from the journal: a limit below the size of the file
    keeps SQLite from putting back in place what was there, which no full disk does.
    """
    told = f"ESCALATE_SEED={SEED}: {line[:80]}", ran
    files = desk.files()
    if ran.status == 0:
        assert (desk.says(), set(files)) == (there_was_room.says, set(there_was_room.sizes)), told
        return "done"
    assert ran.status == 1, told
    assert_sentence(ran.stderr, "")
    assert not ran.stdout or line.startswith(PRINTS_FIRST), told
    if may_wait:
        assert set(files) <= {"cases.db", "cases.db-journal"}, (told, "something was left")
    else:
        assert set(files) == {"cases.db"}, (told, "something was left")
        assert files["cases.db"] == seed.read_bytes(), (told, "the file is not as it was")
    assert desk.says() == before, told
    assert set(desk.files()) == {"cases.db"}, (told, "the next command left something")
    return "refused"


# -- no file may grow beyond so many bytes


def no_file_above(limit: int) -> tuple[str, ...]:
    return ("prlimit", f"--fsize={limit}")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("prlimit"), reason="no prlimit to bound files with: apt-get install util-linux")
def test_a_limit_to_what_a_file_may_hold_refuses_every_command_whole(
    tmp_path: Path, seed: Path, whole: Callable[[str], Whole], shown: Show
) -> None:
    before = fresh(tmp_path / "before", seed).says()
    chance = Random(SEED)
    seen = Counter[str]()
    lines = LINES[:: size(5, 1, 1)]
    for line in lines:
        there_was_room = whole(line)
        made = [each for name, each in there_was_room.sizes.items() if name != "cases.db" or line in CHANGES]
        limits = {each // 16 for each in made}
        if FULL:
            limits |= {0, 1, PAGE, 2 * max(there_was_room.sizes.values())}
            limits |= {each - less for each in made for less in (each // 2, 0, 1, PAGE)}
            limits |= {chance.randint(0, max(made)) for _ in range(8)}
        found = Counter[str]()
        for limit in sorted(limits):
            desk = fresh(tmp_path / "desk", seed)
            ran = desk.run(line, no_file_above(limit))
            may_wait = limit < seed.stat().st_size
            found[judge(line, ran, before, desk, seed, there_was_room, may_wait=may_wait)] += 1
        assert found["refused"], line
        assert found["done"] or not FULL, line
        seen += found
    shown(f"{seen.total()} limits to files in {len(lines)} commands, {seen['refused']} refused whole, 0 half written")


# -- a small disk without room


def a_disk_of(pages: int, desk: Desk, out: Path) -> tuple[str, ...]:
    """What to start escalate through, so that where it works is a small disk of its own; what is then on that is copied out."""
    script = """
    mount -t tmpfs -o "size=$1,mode=0700" small "$2" && cd "$2" || exit 99
    if [ -e "$3" ]; then cp -p "$3" cases.db || exit 97; fi
    out="$4"; here="$2"; shift 4
    "$@"; status=$?
    cp -pr "$here/." "$out" && exit $status || exit 98
    """
    aside = desk.folder.with_name("aside.db")
    aside.unlink(missing_ok=True)
    if desk.database.exists():
        shutil.copy2(desk.database, aside)
    return (*OWN_MOUNTS, "sh", "-c", script, "sh", str(pages * PAGE), str(desk.folder), str(aside), str(out))


OWN_MOUNTS = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--mount", "--map-root-user")


def needs_mounts() -> None:
    """Skips a test where a process cannot have a disk of its own mounted, and says so."""
    if not shutil.which("unshare"):
        pytest.skip("there is no unshare to mount a small disk with: apt-get install util-linux")
    tried = subprocess.run(
        [*OWN_MOUNTS, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, check=False, text=True
    )
    if tried.returncode:
        pytest.skip(f"nothing may be mounted here, even for a single process: {tried.stderr.strip()}")


@pytest.mark.slow
def test_a_disk_without_room_refuses_every_command_whole(
    tmp_path: Path, seed: Path, whole: Callable[[str], Whole], shown: Show
) -> None:
    needs_mounts()
    before = fresh(tmp_path / "before", seed).says()
    chance = Random(SEED)
    full = seed.stat().st_size // PAGE
    seen = Counter[str]()
    lines = LINES[:: size(5, 1, 1)]
    for line in lines:
        there_was_room = whole(line)
        rooms = {full + chance.randint(0, 1)}
        if FULL:
            rooms |= {full, full + 1, full + 2 * sum(there_was_room.sizes.values()) // PAGE}
            rooms |= {chance.randint(full, full + 60) for _ in range(10)}
        found = Counter[str]()
        for pages in sorted(rooms):
            desk, out = fresh(tmp_path / "desk", seed), empty(tmp_path / "out")
            ran = desk.run(line, a_disk_of(pages, desk, out))
            found[judge(line, ran, before, Desk(out), seed, there_was_room)] += 1
        assert found["refused"] or not FULL, line
        assert found["done"] or not FULL, line
        seen += found
    assert seen["refused"] > len(lines) / 2
    shown(f"{seen.total()} small disks, {seen['refused']} refused whole, 0 half written")


def test_a_first_case_on_a_small_disk_is_there_whole_or_not_at_all(tmp_path: Path, shown: Show) -> None:
    """The file may have been made by then, but it is whole and has nothing in it."""
    needs_mounts()
    seen = Counter[str]()
    for pages in sorted(Random(SEED).sample(range(1, 200), size(2, 4, 40))):
        desk, out = Desk(empty(tmp_path / "desk")), empty(tmp_path / "out")
        ran = desk.run("open hull-east-riding --subject H-1", a_disk_of(pages, desk, out))
        assert set(Desk(out).files()) <= {"cases.db"}, (pages, ran)
        if ran.status == 0:
            assert len(Desk(out).says()["cases"]) == 1, (pages, ran)
        else:
            assert (ran.status, ran.stdout) == (1, ""), (pages, ran)
            assert_sentence(ran.stderr, "cases.db")
            assert Desk(out).says() == {}, (pages, ran)
        seen["done" if ran.status == 0 else "refused"] += 1
    assert seen["refused"], seen
    shown(f"{seen.total()} small disks for a first case, {seen['refused']} refused whole")


# -- a disk, a folder or a file that may only be read

READS = (
    "list",
    "show 1",
    "due",
    "log 1",
    "explain 1",
    "search working",
    "calendar show 2026",
    "report",
    "export csv --what cases",
)


def on_a_read_only_disk(desk: Desk) -> tuple[str, ...]:
    needs_mounts()
    script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" || exit 99; shift; exec "$@"'
    return (*OWN_MOUNTS, "sh", "-c", script, "sh", str(desk.folder))


def in_a_read_only_folder(desk: Desk) -> tuple[str, ...]:
    through = bound_by_modes()
    desk.folder.chmod(0o555)
    return through


def with_a_read_only_file(desk: Desk) -> tuple[str, ...]:
    through = bound_by_modes()
    desk.database.chmod(0o444)
    return through


READ_ONLY = (on_a_read_only_disk, in_a_read_only_folder, with_a_read_only_file)


@pytest.mark.slow
@pytest.mark.parametrize("only_read", READ_ONLY)
def test_what_may_only_be_read_refuses_every_change_and_can_be_looked_at(
    tmp_path: Path, seed: Path, only_read: Callable[[Desk], tuple[str, ...]], shown: Show
) -> None:
    before = fresh(tmp_path / "before", seed).says()
    lines = (CHANGES if only_read is with_a_read_only_file else LINES)[:: size(12, 4, 1)]
    for line in lines:
        desk = fresh(tmp_path / "desk", seed)
        ran = desk.run(line, only_read(desk))
        desk.folder.chmod(0o700)
        assert judge(line, ran, before, desk, seed, NOTHING) == "refused"
    for line in READS[:: size(9, 4, 1)]:
        desk = fresh(tmp_path / "desk", seed)
        ran = desk.run(line, only_read(desk))
        desk.folder.chmod(0o700)
        assert (ran.status, ran.stderr, bool(ran.stdout)) == (0, "", True), (line, ran)
        assert desk.files() == {"cases.db": seed.read_bytes()}, line
    shown(f"{len(lines)} changes refused {only_read.__name__.replace('_', ' ')}")


NOTHING = Whole({}, {})
