"""Having cron or systemd run the digest every morning: the exact lines, and putting them there."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from datetime import time
from pathlib import Path
from typing import NamedTuple

from escalate import durable
from escalate.commands.shared.session import Session
from escalate.errors import BadInput, Refused
from escalate.output.files import making
from escalate.output.terminal import complain, say
from escalate.storage.files.paths import path_from

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
"""Variables by which a server is found, and which cron and systemd would not know. PGPASSWORD is none of them: others could read it there."""

PATHS = ("protocols", "witness", "witness_key", "witness_signers", "key_file")
"""The settings that are paths, and would mean another file in another folder."""

WHERE_IT_GOES = {
    "cron": "Cron hands what the digest prints to this computer's own mail; where it has none, nobody sees it. With --mail escalate sends it itself.",
    "systemd": "What the digest prints goes to the journal: journalctl --user --unit {unit}. With --mail escalate sends it.",
}
"""Where a digest goes that is not e-mailed."""

LONDON = "Europe/London"
LONDON_IN_RULES = "GMT0BST,M3.5.0/1,M10.5.0"
"""The zone of London in letters, for a computer that knows no zones by name."""

LONGEST = 60
"""How long crontab or systemctl may take, in seconds."""


def schedule(here: Session, scheduler: str, at: str, *, mail: bool, alerts: bool, write: bool) -> None:
    """Print what runs the digest every day at a time of day in London, and with `write` put it there. Raises BadInput, Refused.

    With `alerts` it is what cannot wait, told every quarter of an hour. It is tried first, as it will be run: with nothing of this
    terminal around it.
    """
    job = _alerts() if alerts else _digest(_clock(at))
    if here.settings.file is None and os.environ.get("PGPASSWORD"):
        complain("PGPASSWORD is left out, as others could read it there: keep the password in ~/.pgpass.")
    command = _command(here, [*job.words, *(["--mail"] if mail else [])])
    _try(command)
    if scheduler == "cron":
        _with_cron(f"# escalate {' '.join(job.words)} {here.settings.place}", job, command, write=write)
    else:
        _with_systemd(job, command, write=write)
    if not mail:
        complain(WHERE_IT_GOES[scheduler].format(unit=job.unit))


class Job(NamedTuple):
    """Something that cron or systemd runs again and again."""

    words: tuple[str, ...]
    """The words of the command."""
    unit: str
    """What systemd calls it."""
    says: str
    """What it is, for systemd."""
    cron: str
    """What stands before the command in a crontab: at which minutes, and a condition."""
    calendar: str
    """When systemd runs it."""
    remark: str
    """What is said of the line of a crontab; nothing where it says all itself."""


def _digest(clock: time) -> Job:
    """The digest at a time of day in London.

    Some crons take a time zone and some do not, and one line's zone would change everybody else's. So cron's line looks every quarter
    of an hour what time it is in London: in every zone the hour begins at one of the quarters.
    """
    minutes = ",".join(str(minute) for minute in sorted((clock.minute + quarter) % 60 for quarter in (0, 15, 30, 45)))
    is_time = rf'[ "$(TZ={_london()} date +\%H\%M)" = {clock:%H%M} ]'
    return Job(
        ("digest",),
        "escalate-digest",
        "The morning digest of escalate",
        f"{minutes} * * * * {is_time} && ",
        f"*-*-* {clock:%H:%M}:00 Europe/London",
        f"It looks every quarter of an hour whether it is {clock:%H:%M} in London, whatever this computer's zone.",
    )


def _alerts() -> Job:
    """What cannot wait, every quarter of an hour."""
    says = "What cannot wait for the digest of escalate"
    return Job(("digest", "--alerts"), "escalate-alerts", says, "*/15 * * * * ", "*-*-* *:00/15:00", "")


def _try(command: list[str]) -> None:
    """Run the digest without sending or recording anything, as cron or systemd would. Raises Refused where it fails."""
    bare = {"HOME": os.environ.get("HOME", "/"), "PATH": "/usr/bin:/bin"}
    try:
        ran = subprocess.run(  # noqa: S603
            [*command, "--dry-run"],
            env=bare,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
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


def _command(here: Session, words: list[str]) -> list[str]:
    """The digest as something that knows nothing of a terminal or a folder can run it. Raises Refused."""
    needed = _settings_in_force(here)
    if here.settings.file is None:
        needed |= {name: os.environ[name] for name in FOR_SERVER if os.environ.get(name)}
    settings = ["/usr/bin/env", *(f"{name}={value}" for name, value in needed.items())] if needed else []
    whole = [*settings, *_escalate(), "--db", str(here.settings.place), *words]
    if any(ord(character) < 32 for word in whole for character in word):
        what = "A path" if here.settings.file else "A path or address"
        raise Refused(f"{what} with a line break or the like in it cannot stand in a schedule: name another.")
    return whole


def _escalate() -> list[str]:
    """What starts escalate: the command itself, or Python where it was started so."""
    script = Path(sys.argv[0]).absolute()
    return [str(script)] if script.is_file() and os.access(script, os.X_OK) else [sys.executable, "-m", "escalate"]


def _settings_in_force(here: Session) -> dict[str, str]:
    """The variables that settings come from now, and which cron and systemd would not know; paths as whole ones. Raises Refused."""
    settings = here.settings
    needed = {name: os.environ[name] for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME") if os.environ.get(name)}
    if os.environ.get("ESCALATE_CONFIG"):
        needed["ESCALATE_CONFIG"] = str(settings.path)
    for setting in settings.all():
        if setting.source.startswith("ESCALATE_") and setting.name != "database":
            is_path = setting.name in PATHS or (setting.name == "backups" and setting.value.startswith("~"))
            needed[setting.source] = str(path_from(setting.value)) if is_path else setting.value
    return needed


# -- cron


def _with_cron(mark: str, job: Job, command: list[str], *, write: bool) -> None:
    """Print the lines of a crontab; `mark` is the first of them, by which a later run finds them again."""
    for_cron = shlex.join(command).replace("%", r"\%")  # which ends a line of a crontab otherwise
    lines = [mark, f"{job.cron}{for_cron}"]
    if write:
        _into_crontab(lines, for_cron)
    say("\n".join(lines))
    if job.remark:
        complain(job.remark)


def _london() -> str:
    """London's zone, as the `date` of this computer takes it."""
    return LONDON if Path("/usr/share/zoneinfo", LONDON).exists() else LONDON_IN_RULES


def _into_crontab(lines: list[str], for_cron: str) -> None:
    """Add the lines to the crontab, in place of those that an earlier run put there; all others stay as they are. Raises Refused."""
    mark, line = lines
    kept = _crontab().splitlines(keepends=True)
    if kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    marks = [number for number, each in enumerate(kept) if each.rstrip("\n") == mark]
    for number in reversed(marks):
        own = kept[number + 1 : number + 2] if _is_digest(kept[number + 1 : number + 2], for_cron) else []
        del kept[number : number + 1 + len(own)]
    _output_of(["crontab", "-"], stdin="".join([*kept, f"{mark}\n", f"{line}\n"]))


def _is_digest(following: list[str], for_cron: str) -> bool:
    """Whether the line that follows a mark runs the digest of the same cases."""
    of_these_cases = for_cron[for_cron.index("--db ") :].removesuffix(" --mail")
    return any(of_these_cases in line for line in following)


def _crontab() -> str:
    """The crontab there is. Raises Refused where it cannot be known."""
    ran = _ran(["crontab", "-l"])
    if ran.returncode and not any(each in ran.stderr.casefold() for each in ("no crontab", "no such file")):
        raise _failed(["crontab", "-l"], ran)
    return "" if ran.returncode else ran.stdout


# -- systemd


def _with_systemd(job: Job, command: list[str], *, write: bool) -> None:
    """Print the files of a timer of systemd, and how to start it."""
    units = _units(job, command)
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
    if write:
        _into_systemd(folder, job, units)
    for name, text in units.items():
        say(f"# {folder / name}\n{text}")
    if not write:
        say(f"# and then: systemctl --user enable --now {job.unit}.timer")
    complain("It runs when nobody is logged in only once you have said: loginctl enable-linger")


def _units(job: Job, command: list[str]) -> dict[str, str]:
    """The two files systemd needs. Persistent: a morning the computer was off is made up for."""
    words = " ".join(
        '"{}"'.format(re.sub(r'(["\\])', r"\\\1", word).replace("%", "%%").replace("$", "$$")) for word in command
    )
    return {
        f"{job.unit}.service": f"[Unit]\nDescription={job.says}\n\n[Service]\nType=oneshot\nExecStart={words}\n",
        f"{job.unit}.timer": (
            f"[Unit]\nDescription={job.says}\n\n[Timer]\nOnCalendar={job.calendar}\n"
            "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
        ),
    }


def _into_systemd(folder: Path, job: Job, units: dict[str, str]) -> None:
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
    _output_of(["systemctl", "--user", "enable", "--now", f"{job.unit}.timer"])


def _output_of(command: list[str], stdin: str = "") -> str:
    """What a command of the system prints. Raises Refused."""
    ran = _ran(command, stdin)
    if ran.returncode:
        raise _failed(command, ran)
    return ran.stdout


def _ran(command: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command of the system, run. Raises Refused."""
    try:
        return subprocess.run(  # noqa: S603
            command, input=stdin, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it does not answer"
        raise Refused(f"{command[0]} cannot be run ({reason}): without --write the lines are printed.") from problem


def _failed(command: list[str], ran: subprocess.CompletedProcess[str]) -> Refused:
    said = " ".join(ran.stderr.split())
    return Refused(f"{' '.join(command)} failed ({said or ran.returncode}): without --write the lines are printed.")
