"""A job of launchd, which is what macOS has in the place of cron, and starting it."""

import os
import plistlib
import shlex
from datetime import time
from pathlib import Path

from escalate.commands.schedulers.job import LONDON, Command, Job, keeps_the_time_of_london, output_of, ran
from escalate.commands.schedulers.own_files import put_there
from escalate.commands.shared.session import Session
from escalate.output.terminal import complain, say_whole

WHERE_IT_GOES = "What the digest prints is added to ~/Library/Logs/{name}.log. With --mail escalate sends it."

QUARTERS = (0, 15, 30, 45)

FOR_OWNER_ALONE = "077"
"""The umask of what is run: launchd's own lets everybody read."""


def schedule(here: Session, job: Job, command: Command, *, write: bool) -> None:
    """Print the file of the job, and how to start it. Raises Refused."""
    in_london = job.clock is None or keeps_the_time_of_london(here.now.year)
    file = Path.home() / "Library" / "LaunchAgents" / f"{job.name}.plist"
    text = plistlib.dumps(_job(job, command, in_london=in_london), sort_keys=False).decode().replace("\t", "  ")
    domain = f"gui/{os.getuid()}"
    start = ["launchctl", "bootstrap", domain, str(file)]
    if write:
        output_of(["launchctl", "print", domain])  # refused before anything is written, where there is no launchd
        put_there(file.parent, {file.name: text})
        ran(["launchctl", "bootout", f"{domain}/{job.name}"])  # an earlier one; it fails where there is none
        output_of(start)
    say_whole(f"# {file}\n{text}")
    if not write:
        say_whole(f"# and then: {shlex.join(start)}")
    if not in_london:
        complain(
            f"This computer does not keep the time of London, so it looks every quarter of an hour whether it is {job.clock:%H:%M} there. "
            "It does not catch up on a morning when it is asleep."
        )
    complain("It runs only while you are logged in to this Mac.")


def _job(job: Job, command: Command, *, in_london: bool) -> dict[str, object]:
    """What launchd is told. A time of day that the computer slept through is made up for when it wakes."""
    log = str(Path.home() / "Library" / "Logs" / f"{job.name}.log")
    return {
        "Label": job.name,
        "ProgramArguments": command.words if in_london else ["/bin/sh", "-c", _if_it_is(job.clock, command.words)],
        **({"EnvironmentVariables": command.needed} if command.needed else {}),
        "StartCalendarInterval": _times(job.clock, in_london=in_london),
        "ProcessType": "Background",
        "Umask": FOR_OWNER_ALONE,
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }


def _times(clock: time | None, *, in_london: bool) -> dict[str, int] | list[dict[str, int]]:
    """When it runs, by the computer's own clock."""
    if clock and in_london:
        return {"Hour": clock.hour, "Minute": clock.minute}
    past = clock.minute if clock else 0
    return [{"Minute": minute} for minute in sorted((past + quarter) % 60 for quarter in QUARTERS)]


def _if_it_is(clock: time | None, words: list[str]) -> str:
    """A line for a shell that does something only at a time of day in London."""
    return f'[ "$(TZ={LONDON} date +%H%M)" = {clock:%H%M} ] && exec {shlex.join(words)}'
