"""A timer of systemd that runs a job, and starting it."""

import os
import re
from pathlib import Path

from escalate.commands.schedulers.job import LONDON, Command, Job, output_of
from escalate.commands.schedulers.own_files import put_there
from escalate.commands.shared.session import Session
from escalate.output.terminal import complain, say_whole

WHERE_IT_GOES = (
    "What the digest prints goes to the journal: journalctl --user --unit {name}. With --mail escalate sends it."
)


def schedule(here: Session, job: Job, command: Command, *, write: bool) -> None:  # noqa: ARG001 - each is called alike
    """Print the files of a timer, and how to start it. Raises Refused."""
    units = _units(job, command)
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
    if write:
        reload = ["systemctl", "--user", "daemon-reload"]
        output_of(reload)  # refused before anything is written, where there is no systemd
        put_there(folder, units)
        output_of(reload)
        output_of(["systemctl", "--user", "enable", "--now", f"{job.name}.timer"])
    for name, text in units.items():
        say_whole(f"# {folder / name}\n{text}")
    if not write:
        say_whole(f"# and then: systemctl --user enable --now {job.name}.timer")
    complain("It runs when nobody is logged in only once you have said: loginctl enable-linger")


def _units(job: Job, command: Command) -> dict[str, str]:
    """The two files systemd needs. Persistent: a morning the computer was off is made up for."""
    calendar = f"*-*-* {job.clock:%H:%M}:00 {LONDON}" if job.clock else "*-*-* *:00/15:00"
    words = " ".join(
        '"{}"'.format(re.sub(r'(["\\])', r"\\\1", word).replace("%", "%%").replace("$", "$$")) for word in command.line
    )
    return {
        f"{job.name}.service": f"[Unit]\nDescription={job.says}\n\n[Service]\nType=oneshot\nExecStart={words}\n",
        f"{job.name}.timer": (
            f"[Unit]\nDescription={job.says}\n\n[Timer]\nOnCalendar={calendar}\n"
            "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
        ),
    }
