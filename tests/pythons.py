"""Runs the quick tests on every Python from 3.11 that this computer has: `make test-pythons`, or `python -m tests.pythons 3.12` for one.

Each has an environment of its own in `.pythons`, made anew when what is installed in it has changed.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from shutil import which

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".pythons"
ASKED_OF = (ROOT / "pyproject.toml", ROOT / "requirements-dev.txt")
NEWEST_ONLY = "--newest"
"""Runs one only, the newest beside the one that runs this: for .ci/run."""

Version = tuple[int, int]


def claimed() -> list[Version]:
    """The Pythons that the package says it was tried on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [re.fullmatch(r"Programming Language :: Python :: (\d+)\.(\d+)", each) for each in project["classifiers"]]
    return [(int(each[1]), int(each[2])) for each in found if each]


def found(environment: Mapping[str, str]) -> dict[Version, Path]:
    """Every Python from 3.11 on: of the search path, of pyenv and of uv; the newest release of each."""
    known: dict[Version, tuple[list[int], Path]] = {}
    for path in _candidates(environment):
        release = _release(path)
        if release and release[:2] >= [3, 11]:
            version = (release[0], release[1])
            known[version] = max(known.get(version, (release, path)), (release, path), key=lambda each: each[0])
    return {version: path for version, (_, path) in sorted(known.items())}


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME", "/"))
    for minor in range(11, 30):
        if there := which(f"python3.{minor}", path=environment.get("PATH")):
            yield Path(there)
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    uv = Path(environment.get("UV_PYTHON_INSTALL_DIR") or home / ".local" / "share" / "uv" / "python")
    for versions in (pyenv / "versions", uv):
        yield from sorted(versions.glob("*3.*/bin/python3"))


def _release(path: Path) -> list[int]:
    """The release that an interpreter says it is; nothing where it does not run, as pyenv's stand-ins for what is not chosen."""
    asked: list[str | Path] = [
        path,
        "-I",
        "-c",
        "import sys; print(*sys.version_info[:3]) if sys.implementation.name == 'cpython' else 0",
    ]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False)
    return [int(part) for part in ran.stdout.split()] if ran.returncode == 0 else []


def ready(version: Version, path: Path) -> Path:
    """The interpreter of the environment of a version, with everything in it that tests need."""
    folder = KEPT / _named(version)
    python, stamp = folder / "bin" / "python", folder / "ready"
    if not stamp.exists() or stamp.stat().st_mtime < max(each.stat().st_mtime for each in ASKED_OF):
        subprocess.run([path, "-m", "venv", "--clear", folder], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--editable", f"{ROOT}[office]", "--requirement", ASKED_OF[1]], check=True)
        stamp.touch()
    return python


def _named(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def main(arguments: Iterable[str]) -> int:
    """Runs the tests on those that are named, or on all, and says which were not there. The status is 0 where all that ran passed."""
    asked = list(arguments)
    there = found(os.environ)
    default = (sys.version_info[0], sys.version_info[1])
    chosen = {version: path for version, path in there.items() if not asked or _named(version) in asked}
    if asked == [NEWEST_ONLY]:
        chosen = {version: path for version, path in there.items() if version != default and version in claimed()}
        chosen = dict(sorted(chosen.items())[-1:])
    missing = [_named(each) for each in claimed() if each not in there]
    print(f"Found: {', '.join(f'{_named(each)} ({path})' for each, path in there.items())}.", flush=True)
    if missing:
        print(f"Not found, and not tried: {', '.join(missing)}.", flush=True)
    if not chosen:
        print("There is no other Python to run the tests on.")
    failed = []
    for version, path in chosen.items():
        print(f"\nPython {_named(version)}, {path}", flush=True)
        python = ready(version, path)
        if subprocess.run([python, "-m", "pytest", "-p", "no:cacheprovider"], cwd=ROOT, check=False).returncode:
            failed.append(_named(version))
    if failed:
        print(f"Tests failed on Python {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
