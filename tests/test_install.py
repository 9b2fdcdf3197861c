"""What people install: the wheel and the source distribution, the libraries it was pinned to, and what it may do on their computer."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.command_line import SCRIPT
from tests.promises.disk import needs_strace

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = ROOT / "requirements-locked.txt"
WANTED = [
    Requirement(each)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for each in group
]


class Pinned(NamedTuple):
    """A library in the list."""

    version: Version
    hashes: list[str]
    where: str
    """On which systems and Pythons; nothing for all."""


def pinned() -> Iterator[tuple[str, Pinned]]:
    text = re.sub(r"(?m)^\s*#.*$", "", LOCKED.read_text(encoding="utf-8")).replace("\\\n", " ")
    for line in filter(str.strip, text.splitlines()):
        what, *hashes = line.split(" --hash=")
        wanted = Requirement(what.strip())
        (version,) = wanted.specifier
        assert version.operator == "=="
        yield plain(wanted.name), Pinned(Version(version.version), hashes, str(wanted.marker or ""))


def plain(name: str) -> str:
    """A name of a library as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_is_pinned_within_what_the_package_allows_and_with_its_hashes() -> None:
    known = dict(pinned())
    assert len(known) > 30
    assert [name for name, each in known.items() if not each.hashes] == []
    assert [hash_ for each in known.values() for hash_ in each.hashes if not re.fullmatch(r"sha256:[0-9a-f]{64} *", hash_)] == []  # fmt: skip
    wrong = {
        str(wanted): known.get(plain(wanted.name))
        for wanted in WANTED
        if plain(wanted.name) not in known or known[plain(wanted.name)].version not in wanted.specifier
    }
    assert wrong == {}, "make locked pins them anew"
    # One list for all: what only Windows or an older Python needs stands in it, with where it is needed.
    assert 'sys_platform == "win32"' in known["colorama"].where
    assert 'python_full_version < "3.12"' in known["importlib-metadata"].where
    assert all(known[plain(wanted.name)].where == "" for wanted in WANTED)


def test_the_list_names_no_place_where_libraries_come_from() -> None:
    assert re.findall(r"://|--(?:index|extra|find|trusted)\S*", LOCKED.read_text(encoding="utf-8")) == []


# -- what it writes

LINES = [
    "demo", "open herefordshire --subject M-1 --from Trust --to County --about x", "open lincolnshire --from A --to B --about y", "due", "show 1", "explain 1", "advance 1", "done 1 --help", "note 1 hello",
    "report --output r.html", "export json e.json", "export ics e.ics", "export xlsx e.xlsx", "form 1 appendix-1 --format docx", "backup", "erase 2 --yes", "verify", "doctor", "protocol new mine --like lincolnshire", "digest --always",
    "config", "calc today '3 working days'", "search hello", "no-such-command",
]  # fmt: skip
STRACE = ["strace", "-f", "--seccomp-bpf", "-y", "-e", "trace=?open,openat,?openat2,?creat,?mkdir,mkdirat,?rename,renameat,renameat2,?link,linkat,?symlink,symlinkat,?unlink,unlinkat,?rmdir,?chmod,fchmodat,truncate", "-e", "signal=none"]  # fmt: skip
READS = re.compile(r"O_RDONLY(?!.*(O_CREAT|O_TRUNC))|O_PATH")


@pytest.mark.slow
@pytest.mark.script
def test_nothing_is_written_outside_of_the_users_own_folders(tmp_path: Path) -> None:
    needs_strace()
    home, desk, scratch = (tmp_path / name for name in ("home", "home/desk", "home/tmp"))
    for folder in (home, desk, scratch):
        folder.mkdir()
    given = {"HOME": str(home), "TMPDIR": str(scratch), "PATH": os.environ["PATH"], "ESCALATE_BY": "tests", "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    written: set[str] = set()
    for number, line in enumerate(LINES):
        trace = tmp_path / f"trace-{number}"
        subprocess.run(
            [*STRACE, "-o", trace, "sh", "-c", f'exec "$0" {line}', SCRIPT],
            env=given, cwd=desk, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=300,
        )  # fmt: skip
        written |= {path for each in trace.read_text(errors="replace").splitlines() for path in _written(each, desk)}
    assert any(path.endswith("/desk/r.html") for path in written)
    assert any("/.local/share/escalate/" in path for path in written)
    assert sorted(path for path in written if not path.startswith((f"{home}/", "/dev/", "/proc/self/"))) == []
    # and in there only where programs of a user keep theirs, where the user stands, and scratch
    kept = {Path(path).relative_to(home).parts[0] for path in written if path.startswith(f"{home}/")}
    assert kept == {".local", ".config", "desk", "tmp"}


def _written(line: str, desk: Path) -> Iterator[str]:
    """The files and folders that a call made, changed, named or removed."""
    if " = -1 " in line or READS.search(line):
        return
    for at, name in re.findall(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"', line):
        yield os.path.normpath(Path(at or desk) / name)


# -- the wheel and the source distribution


class Built(NamedTuple):
    """What was built of this folder, and the tool that builds."""

    wheel: Path
    source: Path
    python: Path


def pip(python: Path, *words: str | Path) -> None:
    """Installs something, with nothing from the settings of whoever runs the tests. Skips where no index can be reached."""
    ran = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", "--quiet", *words], capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    if ran.returncode and re.search(
        "connection|Temporary failure|No matching distribution|timed out", ran.stderr, re.IGNORECASE
    ):
        pytest.skip(f"what is needed cannot be had from the index here: {ran.stderr.strip().splitlines()[-1]}")
    assert ran.returncode == 0, ran.stderr


def new_python(folder: Path) -> Path:
    """The interpreter of a new environment that has nothing in it."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    python = new_python(folder / "tool")
    pip(python, "install", "hatchling>=1.26")
    return Built(*_build(python, ROOT, folder), python)


def _build(python: Path, source: Path, folder: Path) -> tuple[Path, Path]:
    ran = subprocess.run([python, "-m", "hatchling", "build", "-d", folder], cwd=source, capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (wheel,), (archive,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, archive


@pytest.mark.slow
def test_the_source_distribution_makes_the_very_same_wheel(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.source) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    wheel, _ = _build(built.python, unpacked, tmp_path / "again")
    assert wheel.read_bytes() == built.wheel.read_bytes()
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
    shipped = {f"escalate/protocols/{path.name}" for path in (ROOT / "protocols").glob("*.toml")}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "escalate").rglob("*.py")}
    assert shipped | modules | {"escalate/storage/queries.sql", "escalate/py.typed"} <= names
    assert [name for name in names if not name.startswith(("escalate/", "escalate-"))] == []


@pytest.mark.slow
def test_the_wheel_works_in_an_environment_that_has_only_what_is_pinned(built: Built, tmp_path: Path) -> None:
    python = new_python(tmp_path / "clean")
    pip(python, "install", "--require-hashes", "--requirement", LOCKED)
    pip(python, "install", "--no-deps", "--no-index", built.wheel)
    pip(python, "check")
    home = tmp_path / "home"
    home.mkdir()
    given = {"HOME": str(home), "PATH": "/usr/bin:/bin", "ESCALATE_NOW": "2026-11-20T10:00", "ESCALATE_BY": "tests"}

    def said(*words: str) -> str:
        ran = subprocess.run(
            [python.with_name("escalate"), *words], env=given, cwd=home, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert ran.returncode == 0, (words, ran.stderr)
        return str(ran.stdout)

    assert said("--version").split()[-1] == built.wheel.name.split("-")[1]
    assert "overdue" in said("demo")
    assert "E0001" in said("open", "herefordshire", "--subject", "M-1", "--from", "Trust", "--to", "County")
    assert "M-1" in said("due")
    assert {each["id"] for each in json.loads(said("protocol", "list", "--json"))} >= {"herefordshire", "lincolnshire"}  # fmt: skip
    said("export", "xlsx", "cases.xlsx")
    said("form", "1", "appendix-1", "--format", "docx")
    said("verify")
    assert sys.prefix not in said("config")
