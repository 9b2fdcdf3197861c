"""Having cron or systemd run the digest every morning: the exact lines, and putting them there."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from datetime import time
from pathlib import Path

from escalate import durable
from escalate.commands.shared.session import Session
from escalate.errors import BadInput, Refused
from escalate.output.files import making
from escalate.output.terminal import complain, say

CLOCKS_CHANGE = (time(1), time(3))
"""Between these a time of day can be missing on one night of the year, and come twice on another."""

UNIT = "escalate-digest"
"""What systemd calls it."""

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
"""Variables by which a server is found, and which cron and systemd would not know. PGPASSWORD is none of them: others could read it there."""

LONGEST = 60
"""How long crontab or systemctl may take, in seconds."""


def schedule(here: Session, scheduler: str, at: str, *, mail: bool, write: bool) -> None:
    """Print what runs the digest every day at a time of day, and with `write` put it there. Raises BadInput, Refused."""
    clock = _clock(at)
    if here.settings.file is None and os.environ.get("PGPASSWORD"):
        complain("PGPASSWORD is left out, as others could read it there: keep the password in ~/.pgpass.")
    command = _command(here, mail=mail)
    if scheduler == "cron":
        _with_cron(f"# escalate digest {here.settings.place}", command, clock, write=write)
    else:
        _with_systemd(command, clock, write=write)


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


def _command(here: Session, *, mail: bool) -> list[str]:
    """The digest as something that knows nothing of a terminal or a folder can run it. Raises Refused."""
    script = Path(sys.argv[0]).absolute()
    needed = {"ESCALATE_CONFIG": str(here.settings.path)} if os.environ.get("ESCALATE_CONFIG") else {}
    if here.settings.file is None:
        needed |= {name: os.environ[name] for name in FOR_SERVER if os.environ.get(name)}
    settings = ["/usr/bin/env", *(f"{name}={value}" for name, value in needed.items())] if needed else []
    words = [*settings, str(script), "--db", str(here.settings.place), "digest", *(["--mail"] if mail else [])]
    if any(ord(character) < 32 for word in words for character in word):
        what = "A path" if here.settings.file else "A path or address"
        raise Refused(f"{what} with a line break or the like in it cannot stand in a schedule: name another.")
    return words


# -- cron


def _with_cron(mark: str, command: list[str], clock: time, *, write: bool) -> None:
    """Print the lines of a crontab; `mark` is the first of them, by which a later run finds them again."""
    for_cron = shlex.join(command).replace("%", r"\%")  # which ends a line of a crontab otherwise
    lines = [mark, f"{clock.minute} {clock.hour} * * * {for_cron}"]
    if write:
        _into_crontab(mark, lines)
    say("\n".join(lines))


def _into_crontab(mark: str, lines: list[str]) -> None:
    """Add the lines to the crontab, in place of those that an earlier run put there. Raises Refused."""
    kept = _output_of(["crontab", "-l"], may_fail=True).splitlines()
    if mark in kept:
        where = kept.index(mark)
        del kept[where : where + 2]
    _output_of(["crontab", "-"], stdin="\n".join([*kept, *lines, ""]))


# -- systemd


def _with_systemd(command: list[str], clock: time, *, write: bool) -> None:
    """Print the files of a timer of systemd, and how to start it."""
    units = _units(command, clock)
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
    if write:
        _into_systemd(folder, units)
    for name, text in units.items():
        say(f"# {folder / name}\n{text}")
    if not write:
        say(f"# and then: systemctl --user enable --now {UNIT}.timer")


def _units(command: list[str], clock: time) -> dict[str, str]:
    """The two files systemd needs. Persistent: a morning the computer was off is made up for."""
    words = " ".join(
        '"{}"'.format(re.sub(r'(["\\])', r"\\\1", word).replace("%", "%%").replace("$", "$$")) for word in command
    )
    return {
        f"{UNIT}.service": f"[Unit]\nDescription=The morning digest of escalate\n\n[Service]\nType=oneshot\nExecStart={words}\n",
        f"{UNIT}.timer": (
            f"[Unit]\nDescription=Every morning: the digest of escalate\n\n[Timer]\nOnCalendar=*-*-* {clock:%H:%M}:00 Europe/London\n"
            "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
        ),
    }


def _into_systemd(folder: Path, units: dict[str, str]) -> None:
    """Write the files, both or none, and start the timer. Raises Refused."""
    reload = ["systemctl", "--user", "daemon-reload"]
    _output_of(reload)  # refused before anything is written, where there is no systemd
    try:
        durable.make_folder(folder)
    except OSError as problem:
        raise Refused(f"{folder} cannot be written: {problem.strerror or problem}.") from problem
    with ExitStack() as both:
        files = [both.enter_context(making(folder / name, force=True)) for name in units]
        for file, text in zip(files, units.values(), strict=True):
            file.write(text.encode())
    _output_of(reload)
    _output_of(["systemctl", "--user", "enable", "--now", f"{UNIT}.timer"])


def _output_of(command: list[str], stdin: str = "", *, may_fail: bool = False) -> str:
    """What a command of the system prints; nothing, where it fails and may. Raises Refused."""
    try:
        ran = subprocess.run(  # noqa: S603
            command, input=stdin, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it does not answer"
        raise Refused(f"{command[0]} cannot be run ({reason}): without --write the lines are printed.") from problem
    if ran.returncode and not may_fail:
        said = " ".join(ran.stderr.split())
        raise Refused(f"{' '.join(command)} failed ({said or ran.returncode}): without --write the lines are printed.")
    return ran.stdout if not ran.returncode else ""
