"""Promise 14: of an encrypted file nothing plain is ever written, and encrypting leaves the old file or the new one, whole."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from escalate.errors import EscalateError
from escalate.storage.encryption.kept_secrets import put_into_file
from escalate.storage.encryption.keys import Keys
from escalate.storage.encryption.secret import MARK, new_secret
from escalate.storage.sqlite.driver import header_of, key_of, unlock_with
from escalate.storage.store import open_store
from tests.command_line import LONGEST, SCRIPT, command, escalate
from tests.connections import connection_of
from tests.promises.conftest import Show
from tests.promises.disk import Done, needs_strace, recorded
from tests.promises.soundness import Content, alike, content, faults
from tests.promises.test_power_loss import SEED, Cut, Recording, cuts, different, put
from tests.sizes import SIZE, size

pytestmark = [pytest.mark.promise(14), pytest.mark.plain_only("encrypts and decrypts by itself")]

CANARY = b"canary"
PLAIN = b"SQLite format 3"
NOW = "2026-11-24T10:00"


def surroundings(folder: Path, now: str = NOW) -> dict[str, str]:
    """The environment of a run: all that it may write to lies in a folder, but for the key, which lies beside that."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder / "scratch"), "ESCALATE_DB": str(folder / "share" / "cases.db"),
        "ESCALATE_KEY_FILE": str(folder.parent / "keys" / "key"), "ESCALATE_BY": "tests", "ESCALATE_NOW": now, "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder, and a key beside it."""
    folder = tmp_path / "disk"
    (folder / "scratch").mkdir(parents=True)
    (folder / "share").mkdir()
    put_into_file(tmp_path / "keys" / "key", new_secret())
    unlock_with(lambda: Keys(lambda: tmp_path / "keys" / "key", None), lambda: None)
    return folder


LINES = (
    'open hull-east-riding --subject CANARY-1 --about "canary about"',
    'note 1 "{long}"',
    "backup",
    "digest --always",
    *([] if SIZE == "small" else ["search canary", "report --format html", "export json", "list --json", "show 1", "due", "explain 1", "export csv --what cases", "form 1 appendix-1"]),
    "import log.csv --protocol hull-east-riding --write",
    'resolve 1 --how "canary how"',
    "restore latest --yes",
    "rekey --yes",
    'resolve 1 --how "canary how"',
    "erase 1 --yes",
    "doctor --repair",
    *([] if SIZE == "small" else ["verify"]),
)  # fmt: skip


def test_no_byte_of_a_canary_is_ever_written(folder: Path, shown: Show) -> None:
    """Whatever the commands write to whichever file is recorded, also to those that are gone when they end."""
    needs_strace()
    (folder.parent / "log.csv").write_text("Ref,Date raised,Subject\n1,1/10/2026,CANARY-2\n", encoding="utf-8")
    written, names = 0, set()
    for minute, line in enumerate(LINES):
        words = shlex.split(line.format(long="canary note " * size(1000, 4000)))
        words = [str(folder.parent / "log.csv") if word == "log.csv" else word for word in words]
        ran, did = recorded(
            [SCRIPT, *words], surroundings(folder, f"2026-11-24T10:{minute:02}"), folder, folder.parent / "trace"
        )
        assert ran.status == 0 or line.startswith("form"), (line, ran)
        for each in did:
            assert CANARY not in (each.content or b"").lower(), (line, each.path)
            assert PLAIN not in (each.content or b""), (line, each.path)
        written += sum(len(each.content or b"") for each in did)
        names |= {Path(each.path).suffix for each in did if each.content}
    assert {".db", ".part", ".db-journal"} <= names
    assert plain_in(folder) == []
    shown(f"{len(LINES)} commands wrote {written:,} bytes to files, journals, backups and half-made files: 0 canaries")


WRITES_AT_ONCE = """
from pathlib import Path
from escalate.storage.encryption.keys import Keys
from escalate.storage.sqlite.driver import connect, unlock_with
database, key = {names}
unlock_with(lambda: Keys(lambda: Path(key), None), lambda: None)
connect(Path(database)).execute("BEGIN IMMEDIATE")
"""


def test_whoever_looks_at_a_file_again_while_it_writes_keeps_others_out_all_the_same(folder: Path) -> None:
    """A system takes all the locks on a file away from a program that closes it once, even where it has it open twice."""
    environment = surroundings(folder)
    assert escalate("open", "hull-east-riding", "--subject", "M-1", environment=environment).status == 0
    database = Path(environment["ESCALATE_DB"])
    names = (str(database), environment["ESCALATE_KEY_FILE"])

    def other() -> str:
        line = [sys.executable, "-c", WRITES_AT_ONCE.format(names=names)]
        return subprocess.run(line, capture_output=True, text=True, check=False).stderr

    with open_store(database) as store:
        with store.writing():
            assert header_of(database)
            assert key_of(database)
            with open_store(database) as again:
                assert again.lists.cases()
            assert other().endswith("OperationalError: database is locked\n")
        assert other() == ""


def plain_in(folder: Path) -> list[str]:
    """The files that have a canary in them, or begin as plain ones do."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if CANARY in path.read_bytes().lower() or path.read_bytes().startswith(PLAIN)]


def made(folder: Path) -> None:
    """A plain file with a case, and a backup of it."""
    for line in ('open hull-east-riding --subject CANARY-1 --about "canary about"', 'note 1 "canary note"', "backup"):
        environment = surroundings(folder)
        del environment["ESCALATE_KEY_FILE"]
        assert escalate(*shlex.split(line), environment=environment).status == 0


def said_in(path: Path) -> Content:
    """What a file says, plain or encrypted; its faults fail the test."""
    with open_store(path) as file:
        assert faults(file) == []
        return alike(content(connection_of(file)))


KILLS = size(6, 30, 200)
CHANGES = ("encrypt --yes", "rekey --yes", "decrypt --yes")


@pytest.mark.slow
def test_being_killed_while_it_encrypts_leaves_the_old_file_or_the_new_one(folder: Path, shown: Show) -> None:
    made(folder)
    database, chance, seen = folder / "share" / "cases.db", Random(SEED), Counter[str]()
    said = said_in(database)
    took = {line: timed(line, surroundings(folder)) for line in CHANGES}
    for n in range(KILLS):
        is_plain = database.read_bytes().startswith(PLAIN)
        line = "encrypt --yes" if is_plain else CHANGES[1 + n % 2]
        before = database.stat().st_ino
        parts = set(folder.rglob("*.part"))  # what a killed decrypt left is plain
        status = killed(line, surroundings(folder), folder / "share", chance, took[line] if n % 3 == 0 else None)
        assert status in (0, -signal.SIGKILL), line
        assert said_in(database) == said, (line, f"ESCALATE_SEED={SEED}, kill {n}")
        assert said_in(next((folder / "share" / "backups").glob("*.db"))) == said
        seen["done" if status == 0 else "before" if database.stat().st_ino == before else "after it was swapped"] += 1
        left = [path for path in folder.rglob("*.part") if path not in parts]
        assert line.startswith("decrypt") or not any(path.read_bytes().startswith(PLAIN) for path in left)
    for line in ("encrypt --yes", "doctor --repair"):
        ran = escalate(*shlex.split(line), environment=surroundings(folder, "2026-11-25T10:00"))
        assert ran.status == 0, (line, ran)
        for part in folder.rglob("*.part"):
            part.unlink()  # what is younger than an hour may still be somebody's, and the doctor names it
    assert plain_in(folder) == []
    shown(f"{KILLS} kills, {dict(seen)}: 0 files lost, 0 half encrypted, nothing plain after the next encrypt")


def timed(line: str, environment: dict[str, str]) -> float:
    """How long a command takes that nobody kills, in seconds."""
    began = time.monotonic()
    assert escalate(*shlex.split(line), environment=environment).status == 0
    return time.monotonic() - began


def killed(line: str, environment: dict[str, str], folder: Path, chance: Random, took: float | None) -> int:
    """Starts a command and kills it: at any moment of the time it takes, or else soon after it has begun to write; how it ended."""
    began = time.monotonic()
    with subprocess.Popen(
        command(*shlex.split(line)),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        if took is None:
            parts = set(folder.glob("*.part"))
            while not set(folder.glob("*.part")) - parts and running.poll() is None:
                assert time.monotonic() < began + LONGEST
            seconds = time.monotonic() - began + chance.uniform(0, 0.25)
        else:
            seconds = took * chance.uniform(0, 1.1)
        while time.monotonic() < began + seconds and running.poll() is None:
            time.sleep(0.0005)
        running.kill()
        return running.wait(timeout=LONGEST)


@pytest.mark.slow
def test_a_power_cut_while_it_encrypts_leaves_every_file_whole(folder: Path, shown: Show) -> None:
    needs_strace()
    made(folder)
    database = folder / "share" / "cases.db"
    said, there = said_in(database), {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    before = [Done("made folder", str(path)) for path in sorted(folder.rglob("*")) if path.is_dir()]
    before += [
        done
        for path in there
        for done in (Done("made", str(path)), Done("wrote", str(path), there[path], 0), Done("synced", str(path)))
    ]
    before += [Done("synced", str(path)) for path in (folder, *sorted(folder.rglob("*"))) if path.is_dir()]
    done = []
    for line in CHANGES:
        ran, did = recorded([SCRIPT, *shlex.split(line)], surroundings(folder), folder, folder.parent / "trace")
        assert ran.status == 0, (line, ran)
        done.append(tuple(did))
    recording = Recording(folder, database, (tuple(before), *done), ())
    found = [cut for cut in different(cuts(recording, Random(SEED), size(1, 2, 12))) if cut.acknowledged]
    found = found[:: size(4, 1, 1)]
    for n, cut in enumerate(found):
        state = folder.parent / f"state-{n}"
        put(cut.state, state)
        wrong = faults_after(cut, state / "share", said)
        assert wrong == [], (cut.where, f"ESCALATE_SEED={SEED}")
        shutil.rmtree(state)
    assert len(found) > size(10, 40, 100)
    shown(f"{len(found)} states of a power cut, 0 files or backups damaged or lost")


def faults_after(cut: Cut, folder: Path, said: Content) -> list[str]:
    """What is wrong with the file or its backup, once the power is back."""
    wrong = []
    for path in (folder / "cases.db", *(folder / "backups").glob("*.db")):
        try:
            wrong += [] if said_in(path) == said else [f"{path.name} says something else"]
        except (EscalateError, OSError) as problem:
            wrong.append(f"{path.name}: {problem}")
    if cut.acknowledged == 2 and not (folder / "cases.db").read_bytes().startswith(MARK):
        wrong.append("the file is plain again")
    return wrong
