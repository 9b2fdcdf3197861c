"""The lines of a crontab that run a job, and putting them there."""

import re
import shlex
from datetime import time
from pathlib import Path

from escalate.commands.schedulers.job import LONDON, Command, Job, failed, output_of, ran
from escalate.commands.shared.session import Session
from escalate.output.terminal import complain, say_whole

WHERE_IT_GOES = "Cron hands what the digest prints to this computer's own mail; where it has none, nobody sees it. With --mail escalate sends it itself."

LONDON_IN_RULES = "GMT0BST,M3.5.0/1,M10.5.0"
"""The zone of London in letters, for a computer that knows no zones by name."""


def schedule(here: Session, job: Job, command: Command, *, write: bool) -> None:
    """Print the lines of a crontab; the first of them tells which cases they are about, and a later run finds them again by it. Raises Refused."""
    mark = f"# escalate {' '.join(job.words)} {here.settings.place}"
    for_cron = shlex.join(command.line).replace("%", r"\%")  # which ends a line of a crontab otherwise
    lines = [mark, f"{_when(job.clock)}{for_cron}"]
    if write:
        _into_crontab(lines, for_cron)
    say_whole("\n".join(lines))
    if job.clock:
        complain(
            f"It looks every quarter of an hour whether it is {job.clock:%H:%M} in London, whatever this computer's zone."
        )


def _when(clock: time | None) -> str:
    """What stands before the command: at which minutes, and a condition.

    Some crons take a time zone and some do not, and one line's zone would change everybody else's. So the line looks every quarter
    of an hour what time it is in London: in every zone the hour begins at one of the quarters.
    """
    if clock is None:
        return "*/15 * * * * "
    minutes = ",".join(str(minute) for minute in sorted((clock.minute + quarter) % 60 for quarter in (0, 15, 30, 45)))
    return rf'{minutes} * * * * [ "$(TZ={_london()} date +\%H\%M)" = {clock:%H%M} ] && '


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
    output_of(["crontab", "-"], stdin="".join([*kept, f"{mark}\n", f"{line}\n"]))


def _is_digest(following: list[str], for_cron: str) -> bool:
    """Whether the line that follows a mark runs the digest of the same cases."""
    of_these_cases = re.sub(r"( --mail)?( --board .*)?$", "", for_cron[for_cron.index("--db ") :], count=1)
    return any(of_these_cases in line for line in following)


def _crontab() -> str:
    """The crontab there is. Raises Refused where it cannot be known."""
    done = ran(["crontab", "-l"])
    if done.returncode and not any(each in done.stderr.casefold() for each in ("no crontab", "no such file")):
        raise failed(["crontab", "-l"], done)
    return "" if done.returncode else done.stdout
