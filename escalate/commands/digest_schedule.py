"""Having cron, systemd, launchd or Task Scheduler run the digest every morning: the exact lines, and putting them there."""

import os
import re
import subprocess
import sys
from datetime import time
from pathlib import Path

from escalate.commands.schedulers import cron, launchd, systemd, task_scheduler
from escalate.commands.schedulers.job import LONGEST, Command, Job
from escalate.commands.shared.session import Session
from escalate.errors import BadInput, Refused
from escalate.output.terminal import complain
from escalate.storage.files.paths import path_from
from escalate.wording import IS_WINDOWS

_OF_WINDOWS = {
    name: value
    for name, value in os.environ.items()
    if name.upper() in {"SYSTEMROOT", "PATH", "TEMP", "TMP", "USERNAME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"}
}
"""What every program that a user of Windows starts has around it, one that a task starts too."""

CLOCKS_CHANGE = (time(1), time(3))
"""Between these a time of day can be missing on one night of the year, and come twice on another."""

FOR_SERVER = (
    *(
        "PGHOST",
        "PGHOSTADDR",
        "PGPORT",
        "PGDATABASE",
        "PGUSER",
        "PGPASSFILE",
        "PGSERVICE",
        "PGSERVICEFILE",
        "PGSYSCONFDIR",
    ),
    *("PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"),
)
"""Variables by which a server is found, and which a scheduler would not know. PGPASSWORD is none of them: others could read it there."""

PATHS = ("protocols", "witness", "witness_key", "witness_signers", "published_calendar", "key_file")
"""The settings that are paths, and would mean another file in another folder."""

SCHEDULERS = {
    "cron": (cron.schedule, cron.WHERE_IT_GOES),
    "systemd": (systemd.schedule, systemd.WHERE_IT_GOES),
    "launchd": (launchd.schedule, launchd.WHERE_IT_GOES),
    "task-scheduler": (task_scheduler.schedule, task_scheduler.WHERE_IT_GOES),
}
"""What each prints and puts there, and where a digest goes that is not e-mailed."""


def schedule(
    here: Session, scheduler: str, at: str, *, mail: bool, alerts: bool, board: str | None, write: bool
) -> None:
    """Print what runs the digest every day at a time of day in London, and with `write` put it there. Raises BadInput, Refused.

    With `alerts` it is what cannot wait, told every quarter of an hour. It is tried first, as it will be run: with nothing of this
    terminal around it.
    """
    job = _alerts() if alerts else _digest(_clock(at))
    if here.settings.file is None and os.environ.get("PGPASSWORD"):
        complain("PGPASSWORD is left out, as others could read it there: keep the password in ~/.pgpass.")
    if board and alerts:
        raise BadInput("The board is made each morning: install it with the digest, and --alerts without it.")
    for_board = ["--board", str(path_from(board).absolute())] if board else []
    command = _command(here, [*job.words, *(["--mail"] if mail else []), *for_board])
    _try(command)
    put_there, where_it_goes = SCHEDULERS[scheduler]
    put_there(here, job, command, write=write)
    if not mail:
        complain(where_it_goes.format(name=job.name))


def _digest(clock: time) -> Job:
    """The digest at a time of day in London."""
    return Job(("digest",), "escalate-digest", "The morning digest of escalate", clock)


def _alerts() -> Job:
    """What cannot wait, every quarter of an hour."""
    return Job(("digest", "--alerts"), "escalate-alerts", "What cannot wait for the digest of escalate", None)


def _try(command: Command) -> None:
    """Run the digest without sending or recording anything, as a scheduler would. Raises Refused where it fails."""
    bare = _OF_WINDOWS if IS_WINDOWS else {"HOME": os.environ.get("HOME", "/"), "PATH": "/usr/bin:/bin"}
    try:
        ran = subprocess.run(  # noqa: S603
            [*command.words, "--dry-run"],
            env=bare | command.needed,
            cwd=Path(sys.executable).anchor,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=LONGEST,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it takes too long"
        raise Refused(f"The digest cannot be run without a terminal ({reason}), so no schedule is given.") from problem
    if ran.returncode:
        said = " ".join(ran.stderr.split())
        raise Refused(f"Run without this terminal the digest fails, so no schedule is given. {said}")


def _clock(said: str) -> time:
    """The time of day somebody named. Raises BadInput."""
    shape = re.fullmatch(r"(\d{1,2})[:.](\d\d)", said.strip(), re.ASCII)
    if not shape or int(shape[1]) > 23 or int(shape[2]) > 59:
        raise BadInput(f'"{said}" is not a time of day: write it as 08:00.')
    clock = time(int(shape[1]), int(shape[2]))
    if CLOCKS_CHANGE[0] <= clock < CLOCKS_CHANGE[1]:
        raise BadInput(
            f"At {clock:%H:%M} the clocks change twice a year, and the digest would be left out or run twice: choose a time outside 01:00 to 03:00."
        )
    return clock


def _command(here: Session, words: list[str]) -> Command:
    """The digest as something that knows nothing of a terminal or a folder can run it. Raises Refused."""
    needed = _settings_in_force(here)
    if here.settings.file is None:
        needed |= {name: os.environ[name] for name in FOR_SERVER if os.environ.get(name)}
    command = Command(needed, [*_escalate(), "--db", str(here.settings.place), *words])
    if any(ord(character) < 32 for word in (*command.words, *needed.values()) for character in word):
        what = "A path" if here.settings.file else "A path or address"
        raise Refused(f"{what} with a line break or the like in it cannot go into a schedule: name another.")
    return command


def _escalate() -> list[str]:
    """What starts escalate: the command itself, or Python where it was started so."""
    script = Path(sys.argv[0]).absolute()
    return [str(script)] if script.is_file() and os.access(script, os.X_OK) else [sys.executable, "-m", "escalate"]


def _settings_in_force(here: Session) -> dict[str, str]:
    """The variables that settings come from now, and which a scheduler would not know; paths as whole ones. Raises Refused."""
    settings = here.settings
    needed = {name: os.environ[name] for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME") if os.environ.get(name)}
    if os.environ.get("ESCALATE_CONFIG"):
        needed["ESCALATE_CONFIG"] = str(settings.path)
    for setting in settings.all():
        if setting.source.startswith("ESCALATE_") and setting.name != "database":
            is_path = setting.name in PATHS or (setting.name == "backups" and setting.value.startswith("~"))
            needed[setting.source] = str(path_from(setting.value)) if is_path else setting.value
    return needed
