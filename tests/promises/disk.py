"""A disk that can lose its power: what a program really did to its files, and every way those may look after a power cut.

`recorded` runs a program under strace and keeps each thing it did to the files of a folder. `Disk` does the same things again
on a model of a disk with a cache that forgets. By what POSIX promises, and no more:

- what was written to a file since its last fsync may be there, be lost, or be there in part: in any order, and torn at sectors;
- that a file or a folder was made, removed or given another name may be so or not until the folder it stands in has had an fsync,
  whatever was done to the file itself;
- where a file has grown but what was written there is lost, anything at all may be found.

The clock of a disk is the list of what was done, so that a power cut can be at each place in it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

import pytest

from tests.command_line import LONGEST, Ran

Thing = TypeVar("Thing")

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

WATCHED = (
    *("open", "openat", "openat2", "creat", "close", "write", "writev", "pwrite64", "pwritev", "pwritev2", "mmap"),
    *("truncate", "ftruncate", "fallocate", "copy_file_range", "sendfile", "splice"),
    *("fsync", "fdatasync", "sync_file_range", "sync", "syncfs", "msync"),
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("mkdir", "mkdirat", "rmdir"),
)  # fmt: skip
"""Every way to change a file, or to make that last. Those the model does not know fail a recording, rather than be overlooked."""

LINE = re.compile(
    r"(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|\?|0x[0-9a-f]+)(?P<of><[^>]*>)?.*"
)
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
NUMBERED = re.compile(r"(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>")


class Done(NamedTuple):
    """One thing that was done: made, wrote, cut, synced, removed, renamed, or linked; to which file or folder."""

    what: str
    path: str
    content: bytes = b""
    number: int = 0  # where it was written, or how long the file was cut to
    other: str = ""  # the new name


def needs_strace() -> None:
    """Skips a test where nothing can be recorded, and says what would help."""
    if not shutil.which("strace"):
        pytest.skip("strace is not here to record what is done to files: apt-get install strace, or make test as root")
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not watch a process here: {tried.stderr.decode().strip()}")


def recorded(
    words: Sequence[str | Path], environment: Mapping[str, str], folder: Path, trace: Path
) -> tuple[Ran, list[Done]]:
    """Runs a program, and says how it ended and what it did to the files of a folder."""
    watch = "trace=" + ",".join(f"?{name}" for name in WATCHED)
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000000", "-e", watch, "-e", "signal=none", "-o", trace, "--", *words],
        env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=LONGEST,
    )  # fmt: skip
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    with trace.open(encoding="ascii") as lines:
        return ran, [each for line in lines for each in _done(line.rstrip("\n"), f"{folder}/")]


def _done(line: str, folder: str) -> list[Done]:
    """What a line of strace says was done to the files of a folder."""
    if re.fullmatch(r"\d+ +(\+\+\+|---) .*", line):
        return []
    found = LINE.fullmatch(line)
    assert found, f"strace wrote what cannot be read: {line[:300]}"
    if found["result"].startswith("-"):
        return []  # it failed, and so changed nothing
    name, arguments = found["name"], found["arguments"].split(", ")
    paths = _paths(name, found["arguments"], found["of"])
    inside = [path for path in paths if f"{path}/".startswith(folder)]
    if not inside:
        return []
    path = inside[0]
    if name == "write":
        content = _text(arguments[1])
        assert len(content) == int(found["result"]), "not all was written, or not all was recorded"
        return [Done("appended", path, content)]
    if name == "pwrite64":
        content = _text(arguments[1])
        assert len(content) == int(found["result"]), "not all was written, or not all was recorded"
        return [Done("wrote", path, content, int(arguments[3]))]
    made = [Done("made", path)] if "O_CREAT" in found["arguments"] else []
    emptied = [Done("cut", path)] if "O_TRUNC" in found["arguments"] else []
    known = {
        "openat": [*made, *emptied],
        "close": [],
        "ftruncate": [Done("cut", path, number=int(arguments[1]))] if name == "ftruncate" else [],
        "fsync": [Done("synced", path)],
        "fdatasync": [Done("synced", path)],
        "unlink": [Done("removed", path)],
        "mkdir": [Done("made folder", path)],
        "rename": [Done("renamed", path, other=paths[-1])],
        "link": [Done("linked", path, other=paths[-1])],
    }
    if path.endswith("-shm"):  # what SQLite shares in memory beside a WAL is made anew by whoever opens the file first
        known["mmap"] = []
    assert name in known, f"the model of a disk does not know this: {line[:300]}"
    return known[name]


def _paths(name: str, arguments: str, result: str | None) -> list[str]:
    """The files that a call is about: by the number it was given or gave back, or by their names."""
    if name == "openat":
        assert result, arguments[:300]
        return [_decoded(result[1:-1])]
    if name in ("write", "pwrite64", "writev", "pwritev", "pwritev2"):  # what is written may be long
        return [_decoded(each) for each in NUMBERED.findall(arguments.partition(",")[0])]
    numbered = [_decoded(each) for each in NUMBERED.findall(arguments)]
    if not TEXT.search(arguments):
        return numbered
    base = numbered[0] if numbered else ""
    return [os.path.join(base, _decoded(each)) for each in TEXT.findall(arguments)]  # noqa: PTH118


def _decoded(written: str) -> str:
    return os.fsdecode(bytes.fromhex(written.replace("\\x", "")))


def _text(written: str) -> bytes:
    assert written[0] == written[-1] == '"', f"not all was recorded: {written[-100:]}"
    return bytes.fromhex(written[1:-1].replace("\\x", ""))


@dataclass(eq=False)
class File:
    """What of a file is safe, and what was done to it since its last fsync: where, and what was written; or cut to what length."""

    safe: bytes = b""
    unsafe: list[tuple[int, bytes | None]] = field(default_factory=list)


@dataclass(eq=False)
class Folder:
    """What stands in a folder: what is safe, what else was done to names since its last fsync, and how it looks meanwhile."""

    safe: dict[str, "Node"] = field(default_factory=dict)
    unsafe: list[dict[str, "Node | None"]] = field(default_factory=list)
    now: dict[str, "Node"] = field(default_factory=dict)

    def change(self, names: dict[str, "Node | None"]) -> None:
        """Several names at once, as in a renaming: all of it may be lost, but no part."""
        self.unsafe.append(names)
        _apply(self.now, names)


Node = File | Folder
State = dict[str, bytes | None]
"""What is found when the power is back: every file with its bytes, and every folder."""


class Disk:
    """A folder on a disk with a cache that forgets. The folder itself, and all above it, have been there for long."""

    def __init__(self, folder: Path) -> None:
        self._path = str(folder)
        self._root = Folder()

    def does(self, done: Done) -> None:
        """Does what was done."""
        if done.what == "synced":
            self._sync(self._node(done.path))
            return
        folder, name = self._place(done.path)
        node = folder.now.get(name)
        match done.what:
            case "made":
                if node is None:
                    folder.change({name: File()})
            case "made folder":
                folder.change({name: Folder()})
            case "removed":
                folder.change({name: None})
            case "renamed" | "linked":
                assert node is not None
                other, new = self._place(done.other)
                assert other is folder or done.what == "linked", "the model knows new names only in the same folder"
                other.change({new: node} if done.what == "linked" else {name: None, new: node})
            case "appended":  # whoever writes so writes from the beginning of a new file to its end
                assert isinstance(node, File), done.path
                node.unsafe.append((len(_written(node.safe, node.unsafe)), done.content))
            case "wrote" | "cut":
                assert isinstance(node, File), done.path
                node.unsafe.append((done.number, done.content if done.what == "wrote" else None))

    def after_a_cut(self, chance: Random | None, keep: float = 0) -> State:
        """What may be found after a power cut: with `keep` 0 nothing that was not safe, with 1 all; with chance, something between."""
        found: State = {}
        _look(self._root, "", found, chance, keep)
        return found

    def _sync(self, node: Node) -> None:
        if isinstance(node, File):
            node.safe = _written(node.safe, node.unsafe)
        else:
            node.safe = dict(node.now)
        node.unsafe.clear()

    def _node(self, path: str) -> Node:
        if path == self._path:
            return self._root
        folder, name = self._place(path)
        return folder.now[name]

    def _place(self, path: str) -> tuple[Folder, str]:
        """The folder that something stands in, and its name there."""
        *above, name = path.removeprefix(f"{self._path}/").split("/")
        folder = self._root
        for each in above:
            inner = folder.now[each]
            assert isinstance(inner, Folder)
            folder = inner
        return folder, name


def _look(folder: Folder, at: str, found: State, chance: Random | None, keep: float) -> None:
    names = dict(folder.safe)
    for each in _kept(folder.unsafe, chance, keep):
        _apply(names, each)
    for name, node in names.items():
        path = f"{at}{name}"
        if isinstance(node, Folder):
            found[path] = None
            _look(node, f"{path}/", found, chance, keep)
        else:
            found[path] = _torn(node, chance, keep)


def _apply(names: dict[str, Node], changes: dict[str, Node | None]) -> None:
    for name, node in changes.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _kept(things: list[Thing], chance: Random | None, keep: float) -> list[Thing]:
    """Some of what was done: all, none, its beginning, or here and there."""
    if chance is None:
        return things if keep else []
    match chance.randrange(8):
        case 0:
            return []
        case 1:
            return things
        case 2 | 3:
            return things[: chance.randint(0, len(things))]
        case _:
            return [each for each in things if chance.random() < keep]


def _torn(file: File, chance: Random | None, keep: float) -> bytes:
    """A file of which some writes were kept, and of some of these only some sectors; where it grew by what was lost, anything."""
    kept = _kept(file.unsafe, chance, keep)
    if chance is None:
        return _written(file.safe, kept)
    torn: list[tuple[int, bytes | None]] = []
    for where, what in kept:
        if what is None or chance.random() < keep:
            torn.append((where, what))
        else:
            torn += [each for each in _sectors(where, what) if chance.random() < 0.5]
    grown = max((where + len(what) for where, what in file.unsafe if what is not None), default=0)
    if grown > len(file.safe) and chance.random() < 0.25:
        torn.insert(0, (len(file.safe), chance.randbytes(grown - len(file.safe))))
    return _written(file.safe, torn)


def _sectors(where: int, what: bytes) -> Iterator[tuple[int, bytes]]:
    begins = where
    while begins < where + len(what):
        ends = min(begins - begins % SECTOR + SECTOR, where + len(what))
        yield begins, what[begins - where : ends - where]
        begins = ends


def _written(content: bytes, writes: Sequence[tuple[int, bytes | None]]) -> bytes:
    made = bytearray(content)
    for where, what in writes:
        if what is None:
            del made[where:]
        ends = where if what is None else where + len(what)
        made.extend(bytes(max(0, ends - len(made))))
        if what is not None:
            made[where:ends] = what
    return bytes(made)
