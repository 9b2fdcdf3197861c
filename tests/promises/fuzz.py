"""Runs whatever inputs there are through escalate, and says of each whether it did what an input may do, and nothing worse.

A run may end with 0, 1, 2, 3 or 130. It may not say anything that is meant for programmers, nor let a byte through that acts on a
terminal; it may not take over five seconds, nor 500 MB. Where it refuses, it says so and leaves every file as it was; where it
writes, the file with the cases can be read by what comes after.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.command_line import SCRIPT, escalate
from tests.commands.test_bad_input import ACTIVE, NOW, new_office
from tests.connections import connect
from tests.sizes import size

SECONDS = 5
MEMORY = 500_000_000
STATUSES = (0, 1, 2, 3, 130)
REFUSED = (1, 2)
MAILING = {"digest", "--mail"}
"""What a run of the digest was about to send is recorded before it is sent, and stays so where the server cannot be reached."""
TOO_LONG = 128 * 1024
"""Bytes: with so long an argument Linux starts no process (MAX_ARG_STRLEN)."""

EVERY = size(5, 40)
"""Of so many inputs one goes through the real script as well: the way round it must not hide anything."""

FOR_PROGRAMMERS = re.compile(r"Traceback|Errno|object at 0x|Exception ignored|<class '|codec can't|recursion depth")
ROOM = 'ulimit -v 2000000; exec "$@"'

LOOKING = (
    "due", "list", "due --json", "list --json", "log 1", "show 1", "show 0007 --json --identify", "explain 1", "search a",
    "export ics", "export csv --what cases", "export csv --what deadlines", "export csv --what history", "report --from 2020-01-01",
    "report --format html --from 1990-01-01", "digest --always --format html", "calendar check", "calendar show 2026",
)  # fmt: skip
"""What is read of a file with cases after something was written into it."""


@dataclass(frozen=True, slots=True, repr=False)
class Input:
    """A command line with all there is around it. What is no text in an argument is a surrogate, as Python has it."""

    arguments: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    database: bool = True

    def __repr__(self) -> str:
        said = " ".join(ascii(word if len(word) < 300 else f"{word[:100]}...({len(word)})") for word in self.arguments)
        files = "".join(f"\n  {name}: {len(content)} bytes {content[:2000]!r}" for name, content in self.files.items())
        around = {name: value[:200] for name, value in self.environment.items()}
        return f"escalate {said}\n  in {around!a} database={self.database} stdin={self.stdin[:300]!r}{files}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: a status, or minus the signal that killed it; how long it took, and the most memory it held."""

    status: int
    seconds: float
    peak: int
    stdout: str
    stderr: str


@dataclass
class Seen:
    """What was seen so far."""

    inputs: int = 0
    peak: int = 0
    longest: float = 0
    through_script: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def figure(self) -> str:
        """In a few words; what crashed or hung would have ended the test."""
        most = f"largest {self.peak // 1_000_000} MB, longest {self.longest:.1f} s"
        return f"{self.inputs:,} inputs, 0 tracebacks, 0 hangs, {most}"


class Bench:
    """An office in which inputs are tried, one after the other, each finding it as the first one did."""

    def __init__(self, folder: Path) -> None:
        self.office = new_office(folder / "office")
        self.streams = folder / "streams"
        self.streams.mkdir()
        self.seen = Seen()
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.promises.fuzz_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={"PATH": os.environ["PATH"]},
        )
        self._cases = b""
        self._cases = self._made_cases()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def check(self, given: Input) -> Outcome:
        """Runs an input, and fails where it did what no input may do."""
        self._lay_out(given)
        before = self.office.contents()
        ran = self.run(given)
        self._judge(given, ran, before)
        self.seen.inputs += 1
        self.seen.statuses[ran.status] += 1
        self.seen.peak, self.seen.longest = max(self.seen.peak, ran.peak), max(self.seen.longest, ran.seconds)
        if self.office.contents().get("cases.db") not in (None, before.get("cases.db")):
            self._read_back(given)
        is_due = self.seen.inputs >= EVERY * (self.seen.through_script + 1)
        if is_due and all(len(os.fsencode(word)) < TOO_LONG for word in given.arguments):
            self._through_script(given, ran)
        return ran

    # -- running

    def run(self, given: Input) -> Outcome:
        """Runs an input as the office stands."""
        (self.streams / "stdin").write_bytes(given.stdin)
        asked: dict[str, Any] = {name: str(self.streams / name) for name in ("stdin", "stdout", "stderr")}
        asked |= {
            "arguments": given.arguments,
            "environment": self._environment(given),
            "folder": str(self.office.folder / "desk"),
            "script": str(SCRIPT),
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        stdout, stderr = ((self.streams / name).read_bytes() for name in ("stdout", "stderr"))
        text = "" if stdout.startswith(b"PK\x03\x04") else stdout.decode()
        return Outcome(answer["status"], answer["seconds"], answer["peak"], text, stderr.decode())

    def _environment(self, given: Input) -> dict[str, str]:
        """Where no program can be found: none of those that escalate would call to change this machine."""
        return {**self.office.environment(given.environment), "PATH": str(self.office.folder / "scratch")}

    # -- the office

    def _lay_out(self, given: Input) -> None:
        """Makes the office what it was at the first, but for the files of this input."""
        for path in (*self.office.folder.iterdir(), *(self.office.folder / "desk").iterdir()):
            if path.name not in ("desk", "cases.db"):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for name in ("home", "scratch"):
            (self.office.folder / name).mkdir(mode=0o700)
        for name, content in given.files.items():
            (self.office.folder / "desk" / name).write_bytes(content)
        database = self.office.database
        if not (given.database and self._cases):
            database.unlink(missing_ok=True)
        elif not database.exists() or database.read_bytes() != self._cases:
            database.write_bytes(self._cases)
            database.chmod(0o600)

    def _made_cases(self) -> bytes:
        """A file with a case or two under each of the protocols that come with escalate, at one point or another of its course."""
        lines = (
            ("open", "herefordshire", "--subject", "M-1", "--from", "A school", "--to", "Children's Services", "--fact", "protection-plan=yes", "--about", "=1+1 [bold]\x1b[31m", "--at", "2026-11-20 10:00"),
            ("set", "1", "name=Ada Example", "born=2014-05-03", "address=1 Long Road"),
            ("advance", "1", "--at", "2026-11-23 11:00"),
            ("assign", "1", "raising", "Kit Example", "--email", "kit@example.org"),
            ("open", "lincolnshire", "--about", "Thresholds", "--stage", "3", "--because", "urgent", "--at", "2026-11-23 10:00"),
            ("open", "north-yorkshire", "--about", "Thresholds", "--at", "2026-11-16 10:00"),
            ("agree", "3", "Fri 27 Nov 12:00"),
            ("open", "hull-east-riding", "--about", "Thresholds", "--at", "2026-11-20 10:00"),
            ("done", "4", "discussion", "--at", "2026-11-20 12:00"),
            ("note", "4", "rang twice"),
            ("set", "4", "theme=drift"),
            ("open", "north-east-lincolnshire", "--about", "Thresholds", "--at", "2026-11-23 10:00"),
            ("open", "herefordshire", "--about", "Thresholds", "--at", "2026-11-10 10:00"),
            ("resolve", "6", "--how", "agreed", "--at", "2026-11-12 10:00"),
            ("open", "herefordshire", "--about", "Thresholds", "--at", "2026-11-10 10:00"),
            ("withdraw", "7"),
            ("open", "hull-east-riding", "--about", "Thresholds", "--fact", "severity=high", "--concern", "2026-11-01", "--at", "2026-11-10 10:00"),
        )  # fmt: skip
        self._lay_out(Input(()))
        for line in lines:
            ran = self.run(Input(line))
            begins = "A new file of cases begins here" if line is lines[0] else ""
            assert (ran.status, ran.stderr[: len(begins) or None]) == (0, begins), (line, ran)
        return self.office.database.read_bytes()

    # -- judging

    def _judge(self, given: Input, ran: Outcome, before: Mapping[str, bytes | None]) -> None:
        cost = f"{ran.seconds:.1f} s with {ran.peak // 1_000_000} MB"
        where = self.office.folder / "desk"
        said = f"{given}\n  whose files are in {where}\n  -> {ran.status} after {cost}\n{ran.stderr[-3000:]}"
        assert ran.seconds <= SECONDS, f"took over {SECONDS} s: {said}"
        assert ran.status in STATUSES, f"ended with {ran.status}: {said}"
        assert ran.peak <= MEMORY, f"held {ran.peak // 1_000_000} MB: {said}"
        self._judge_words(ran.status, ran.stdout, ran.stderr, said)
        if ran.status in REFUSED and not set(given.arguments) >= MAILING:
            after = self.office.contents()
            changed = [name for name in {*before, *after} if before.get(name, "") != after.get(name, "")]
            assert not changed, f"refused, and changed {changed}: {said}"

    @staticmethod
    def _judge_words(status: int, stdout: str, stderr: str, said: str) -> None:
        found = FOR_PROGRAMMERS.search(stderr)
        assert found is None, f"says {found and found[0]}: {said}"
        for name, text in (
            ("standard output", stdout.removeprefix("\ufeff").replace("\r\n", "\n")),
            ("standard error", stderr),
        ):
            acting = ACTIVE.search(text.replace("\t", " "))
            assert acting is None, (
                f"{name} has {acting and ascii(text[max(0, acting.start() - 80) : acting.end() + 80])}: {said}"
            )
        if status in REFUSED:
            assert (stderr or stdout).strip(), f"refused without a word: {said}"

    def _read_back(self, given: Input) -> None:
        """What was written can be read: by SQLite or, where it was encrypted, by its key; and by what looks at cases."""
        environment = {"ESCALATE_NOW": given.environment.get("ESCALATE_NOW", NOW)}
        if self.office.database.read_bytes().startswith(b"SQLite format 3"):
            with closing(connect(self.office.database)) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], str(given)
        else:
            environment["ESCALATE_KEY_FILE"] = str(self.office.folder / "desk" / _key_file(given.arguments))
        chosen = zlib.crc32(ascii(given.arguments).encode()) % len(LOOKING)
        for line in ("export json", LOOKING[chosen]):
            after = Input(tuple(line.split()), environment=environment)
            ran = self.run(after)
            self._judge_words(ran.status, ran.stdout, ran.stderr, f"{given}\nwas written, and then {line}")
            missing = not given.database and ran.stderr.startswith("There is no case")  # of those the kept file has
            beyond = environment["ESCALATE_NOW"] >= "2100-12" and ran.stderr.startswith(
                "That date cannot be worked out"
            )
            assert ran.status == 0 or missing or beyond, f"{given}\nwas written, and then {line}: {ran.stderr[-2000:]}"

    def _through_script(self, given: Input, in_process: Outcome) -> None:
        """The script as a process of its own ends the same way."""
        self._lay_out(given)
        before = self.office.contents()
        ran = escalate(
            *given.arguments,
            environment=self._environment(given),
            stdin=given.stdin,
            folder=self.office.folder / "desk",
            through=("/bin/sh", "-c", ROOM, "sh"),
        )
        outcome = Outcome(ran.status, 0, 0, ran.stdout, ran.stderr)
        self._judge(given, outcome, before)
        assert (ran.status, ran.stderr) == (in_process.status, in_process.stderr), f"{given}\n{in_process}\n{ran}"
        self.seen.through_script += 1


def _key_file(arguments: Sequence[str | bytes]) -> str:
    """The file that `encrypt` or `rekey` was told to write the key to."""
    words = [word if isinstance(word, str) else os.fsdecode(word) for word in arguments]
    return next(
        word.removeprefix("--key-file=") if word.startswith("--key-file=") else words[n + 1]
        for n, word in enumerate(words)
        if word.startswith("--key-file")
    )
