"""The real `escalate` script, run the way a person or another program runs it: as a process of its own."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

IS_WINDOWS = sys.platform == "win32"
SCRIPT = Path(sysconfig.get_path("scripts"), "escalate.exe" if IS_WINDOWS else "escalate")
OF_WINDOWS = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
LONGEST = 60  # seconds: a run that takes longer will not end


class Ran(NamedTuple):
    """How a run ended, and what it wrote."""

    status: int
    stdout: str
    stderr: str


def escalate(
    *arguments: str | bytes,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    folder: Path | None = None,
    through: Sequence[str] = (),
) -> Ran:
    """Runs escalate in nothing but this environment; `through` is a command that starts it, such as `("setpriv", ...)`.

    Both streams have to be UTF-8, and come back as they were written, line ends included.
    """
    done = subprocess.run(
        command(*arguments, through=through),
        env=with_system(not_compiled(environment) if through else environment),
        input=stdin,
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=LONGEST,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def with_system(environment: Mapping[str, str]) -> Mapping[str, str]:
    """An environment with what no program of Windows starts without, and home under the name it has there."""
    if not IS_WINDOWS:
        return environment
    home: dict[str, str] = {}
    if own := environment.get("HOME"):
        home = {"USERPROFILE": own, "WIN_PD_OVERRIDE_LOCAL_APPDATA": str(Path(own, "AppData", "Local"))}
    return {**OF_WINDOWS, **home, **environment}


def not_compiled(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Python keeps nothing of modules: where files are bounded, that would be cut short, and nothing would start again."""
    return {**environment, "PYTHONDONTWRITEBYTECODE": "1"}


def command(*arguments: str | bytes, through: Sequence[str] = ()) -> list[str] | list[bytes]:
    """The same as the words of a command line."""
    words = (*through, SCRIPT, *arguments)
    return [os.fsdecode(word) for word in words] if IS_WINDOWS else [os.fsencode(word) for word in words]
