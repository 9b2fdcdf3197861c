"""Runs the quick tests on every Python from 3.11 that this computer has: `make test-pythons`, or `python -m tests.pythons 3.12` for one.

On the oldest of them they run once more, with the oldest libraries that the package allows: `python -m tests.pythons --oldest`. Each has an environment of its own in `.pythons`, made anew when what is installed in it has changed.
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

OLDEST = "--oldest"
"""Runs the tests with the oldest libraries only."""

Version = tuple[int, int]


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def claimed() -> list[Version]:
    """The Pythons that the package says it was tried on."""
    found = [re.fullmatch(r"Programming Language :: Python :: (\d+)\.(\d+)", each) for each in PROJECT["classifiers"]]
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


def oldest() -> dict[str, str]:
    """The oldest version of each library that the package allows."""
    groups = (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    bounds = [re.match(r"([\w.-]+)>=([\w.]+)", each) for group in groups for each in group]
    return {each[1]: each[2] for each in bounds if each}


def ready(name: str, path: Path, *, constraints: Mapping[str, str]) -> Path:
    """The interpreter of the environment of a name, with everything in it that tests need; some libraries in just this version."""
    folder = KEPT / name
    python, stamp = folder / "bin" / "python", folder / "ready"
    if not stamp.exists() or stamp.stat().st_mtime < max(each.stat().st_mtime for each in ASKED_OF):
        subprocess.run([path, "-m", "venv", "--clear", folder], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        held = folder / "constraints.txt"
        held.write_text("".join(f"{library}=={release}\n" for library, release in constraints.items()))
        subprocess.run(
            [*pip, "--editable", f"{ROOT}[office]", "--requirement", ASKED_OF[1], "--constraint", held], check=True
        )
        stamp.touch()
    return python


def _named(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def main(arguments: Iterable[str]) -> int:
    """Runs the tests on those that are named, or on all, and says which were not there. The status is 0 where all that ran passed."""
    given = list(arguments)
    parts = [each for each in given if each.startswith("tests/")]  # of the tests; all of them where none is named
    asked = [each for each in given if each not in parts]
    there = found(os.environ)
    default = (sys.version_info[0], sys.version_info[1])
    others = {version: path for version, path in there.items() if version != default and version in claimed()}
    chosen: list[tuple[str, Path, Mapping[str, str]]] = [
        (_named(version), path, {}) for version, path in there.items() if not asked or _named(version) in asked
    ]
    if NEWEST_ONLY in asked:
        chosen = [(_named(version), path, {}) for version, path in sorted(others.items())[-1:]]
    if not asked or OLDEST in asked:
        chosen += [(f"{_named(version)}-oldest", path, oldest()) for version, path in sorted(there.items())[:1]]
    missing = [_named(each) for each in claimed() if each not in there]
    print(f"Found: {', '.join(f'{_named(each)} ({path})' for each, path in there.items())}.", flush=True)
    if missing:
        print(f"Not found, and not tried: {', '.join(missing)}.", flush=True)
    if not chosen:
        print("There is no other Python to run the tests on.")
    failed = []
    for name, path, constraints in chosen:
        print(f"\nPython {name}, {path}", flush=True)
        python = ready(name, path, constraints=constraints)
        if subprocess.run([python, "-m", "pytest", "-p", "no:cacheprovider", *parts], cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"Tests failed on Python {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
