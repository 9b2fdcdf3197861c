"""Runs command lines through the real `escalate`, and keeps all that can be seen of each: status, streams, and files."""

import contextlib
import fcntl
import gzip
import hashlib
import io
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import termios
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests.recorded.script import Deed, Line
from tests.recorded.tables import tables

Record = dict[str, Any]

TESTS = Path(__file__).parent.parent
SCRATCH = Path("/tmp/escalate-recorded")
"""Always the same, so that no path has to be masked and lines break where they did."""

LONGEST = 60  # seconds: a run that takes longer waits for something that nobody gives, and is ended

REPEATABLE = '''"""Python loads this by itself: random bytes that are the same whenever the same command is recorded."""

import hashlib
import itertools
import os
import secrets

_drawn = itertools.count()


def token_bytes(nbytes=None):
    return hashlib.shake_256(f"{os.environ['RECORDED_LINE']} {next(_drawn)}".encode()).digest(nbytes or 32)


os.urandom = secrets.token_bytes = token_bytes
'''
"""Salts and the name of a file are random, and with them commitments, heads of the record and the identifiers in a calendar. Masked,
nothing would show that those are still worked out the same way; so it is the chance that is taken away."""

MODIFIED = re.compile(r"(<dcterms:modified [^>]*>)([^<]*)")
"""When an Office file was last changed: openpyxl writes the present moment there as it saves."""

FIRST_NOW = "2026-11-23T10:00"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """The scratch folder, empty, while nobody else records on this machine."""
    with Path(f"{SCRATCH}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(SCRATCH, ignore_errors=True)
        (SCRATCH / "python").mkdir(parents=True)
        (SCRATCH / "python" / "sitecustomize.py").write_text(REPEATABLE, encoding="utf-8")
        try:
            yield
        finally:
            shutil.rmtree(SCRATCH, ignore_errors=True)


def place_of_package(script: Path) -> str:
    """The folder that the script's `escalate` stands in, which differs from checkout to checkout and is masked where it is shown."""
    python = script.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").strip()
    asked = "import escalate, pathlib; print(pathlib.Path(escalate.__file__).parent.parent)"
    return subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True, cwd="/").stdout.strip()


class Player(NamedTuple):
    """What runs files of lines."""

    script: Path
    package: str
    """The folder of the package that the script runs, masked in outputs."""

    def play(self, name: str, steps: Sequence[Line | Deed]) -> list[Record]:
        """Everything in one file of lines, in a folder of its own; at the end, what stands in its databases."""
        desk = SCRATCH / name
        self._prepare(desk)
        records: list[Record] = []
        for number, step in enumerate(steps):
            if isinstance(step, Line):
                records.append(self._record(name, f"{name} {number}", desk, step))
            elif step.name == "tables":
                records.append(_table_record(name, desk / step.words[0]))
            else:
                _do(desk, step)
        return [*records, *(_table_record(name, path) for path in sorted(desk.glob("*.db")))]

    def _prepare(self, desk: Path) -> None:
        for folder in ("home", "protocols", "bin", "scratch"):
            (desk / folder).mkdir(parents=True)
        (desk / "bin" / "escalate").symlink_to(self.script)
        (desk / "bin" / "bash").symlink_to("/bin/bash")  # whose version completion asks for
        shutil.copytree(TESTS / "shapes", desk / "shapes")
        shutil.copytree(TESTS / "data", desk / "data")

    def _record(self, name: str, number: str, desk: Path, line: Line) -> Record:
        environment = {
            "PATH": str(desk / "bin"),  # these two and nothing more, so that nobody's cron or systemd is reached
            "HOME": str(desk / "home"),
            "TMPDIR": str(desk / "scratch"),
            "LANG": "C.UTF-8",
            "TZ": "Europe/London",
            "ESCALATE_DB": str(desk / "cases.db"),
            "ESCALATE_NOW": FIRST_NOW,
            "ESCALATE_BY": "unit",
            "ESCALATE_CONFIG": str(desk / "settings.toml"),
            "ESCALATE_PROTOCOLS": str(desk / "protocols"),
            "PYTHONPATH": ":".join(filter(None, (str(SCRATCH / "python"), os.environ.get("PYTHONPATH")))),
            "RECORDED_LINE": number,
            **({"TERM": "xterm-256color", "PAGER": "cat"} if line.columns else {"COLUMNS": "100"}),
            **{key: value.replace("{DESK}", str(desk)) for key, value in line.environment.items()},
        }
        before = _seen(desk)
        status, stdout, stderr = _run([str(desk / "bin" / "escalate"), *line.words], environment, desk, line)
        after = _seen(desk)
        return {
            "file": name,
            "words": [word.encode("utf-8", "backslashreplace").decode() for word in line.words],
            "stdin": line.stdin,
            "environment": line.environment,
            "columns": line.columns,
            "status": status,
            "stdout": self._text(stdout),
            "stderr": self._text(stderr),
            "files": {
                path: None if path not in after else self._file(desk / path)
                for path in sorted({*before, *after})
                if before.get(path) != after.get(path)
            },
        }

    def _text(self, content: bytes) -> str:
        if zipfile.is_zipfile(io.BytesIO(content)):
            return json.dumps(_parts(io.BytesIO(content)), ensure_ascii=False)
        return content.decode("utf-8", "backslashreplace").replace(self.package, "<checkout>")

    def _file(self, path: Path) -> Record:
        """A file that was written: who may read it, and its text; of a database only that it is there, as its tables are read later."""
        said: Record = {"mode": oct(path.lstat().st_mode & 0o7777)}
        if path.suffix == ".db" or path.is_symlink():
            return said
        content = path.read_bytes()
        if not zipfile.is_zipfile(path):
            return {**said, "text": self._text(content)}
        return {**said, "parts": _parts(path)}


def _parts(file: Path | io.BytesIO) -> dict[str, str]:
    """What an Office file is packed of, without the time by the real clock that each part was packed at."""
    with zipfile.ZipFile(file) as package:
        return {part: _part(part, package.read(part)) for part in package.namelist()}


def _part(name: str, content: bytes) -> str:
    """The text of a part of an Office file, or what it comes to where it is none."""
    if not name.endswith((".xml", ".rels")):
        return hashlib.sha256(content).hexdigest()
    text = content.decode("utf-8", "backslashreplace")
    return MODIFIED.sub(_masked, text) if name == "docProps/core.xml" else text


def _masked(modified: re.Match[str]) -> str:
    """Only where it is by the real clock: what is written by ESCALATE_NOW has to stay as it is."""
    age = datetime.now(UTC) - datetime.fromisoformat(modified[2])
    return f"{modified[1]}(by the real clock)" if abs(age) < timedelta(minutes=1) else modified[0]


def _seen(desk: Path) -> dict[str, str]:
    """Every file with what tells one content from another; databases change all the time, and only whether they are there counts."""
    return {
        str(path.relative_to(desk)): "" if path.suffix == ".db" else hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (desk, desk / "home", desk / "protocols", desk / "backups", desk / "elsewhere", desk / "scratch")
        for path in (folder.rglob("*") if folder == desk / "home" else folder.glob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "-journal"))
    }


def _table_record(name: str, path: Path) -> Record:
    try:
        said = tables(path)
    except sqlite3.DatabaseError as problem:  # what a line has spoilt on purpose
        said = f"cannot be read: {problem}\n"
    words = ["(tables)", path.name]
    return {"file": name, "words": words, "stdin": "", "environment": {}, "columns": None, "status": 0, "stdout": said, "stderr": "", "files": {}}  # fmt: skip


# -- what is done to the folder ---------------------------------------------------------------------------------------------


def _do(desk: Path, deed: Deed) -> None:
    target = desk / deed.words[-1]
    target.parent.mkdir(exist_ok=True)
    if deed.name == "write":
        target.write_text(deed.text, encoding="utf-8")
    elif deed.name == "copy":
        source = (desk / deed.words[0]).read_bytes()
        target.write_bytes(gzip.decompress(source) if deed.words[0].endswith(".gz") else source)
        target.chmod(0o600)
    elif deed.name == "remove":
        target.unlink()
    elif deed.name == "mode":
        target.chmod(int(deed.words[0], 8))
    else:
        with closing(sqlite3.connect(target)) as connection:
            guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                connection.execute(f"DROP TRIGGER {name}")
            connection.executescript(deed.text)
            for _, sql in guards:  # without them it would not be read at all
                connection.execute(sql)


# -- a process --------------------------------------------------------------------------------------------------------------


def _run(words: list[str], environment: dict[str, str], desk: Path, line: Line) -> tuple[int, bytes, bytes]:
    """How it ended, and what it wrote to standard output and standard error; on a terminal both are one."""
    if line.columns:
        status, shown = _on_a_terminal(words, environment, desk, line.stdin.encode(), line.columns)
        return status, shown, b""
    done = subprocess.run(
        list(map(os.fsencode, words)),
        env=environment,
        cwd=desk,
        input=line.stdin.encode(),
        capture_output=True,
        check=False,
        timeout=LONGEST,
        umask=0o022,
    )
    return done.returncode, done.stdout, done.stderr


def _on_a_terminal(
    words: list[str], environment: dict[str, str], desk: Path, typed: bytes, columns: int
) -> tuple[int, bytes]:
    number, ours = pty.fork()
    if number == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.chdir(desk)
        os.umask(0o022)
        signal.alarm(LONGEST)
        os.execve(words[0], words, environment)
    os.write(ours, typed)
    shown = bytearray()
    with contextlib.suppress(OSError):  # Linux says so once the other end is closed
        while more := os.read(ours, 65_536):
            shown += more
    os.close(ours)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), bytes(shown)
