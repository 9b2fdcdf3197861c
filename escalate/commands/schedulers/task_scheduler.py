"""A task of Windows' Task Scheduler that runs a job, and putting it there."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from escalate.commands.schedulers.job import Command, Job, keeps_the_time_of_london, output_of
from escalate.commands.shared.session import Session
from escalate.errors import Refused
from escalate.output.terminal import complain, say_whole

WHERE_IT_GOES = "Task Scheduler shows nobody what the digest prints"

_SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"

_SET_FIRST = "import os; os.environ.update({needed!r}); from escalate.__main__ import main; main()"
"""What Python runs where settings come from variables: a task has none of its own."""


def schedule(here: Session, job: Job, command: Command, *, write: bool) -> None:
    """Print the file of the task, and how to put it there. Raises Refused."""
    if "--mail" not in command.words:
        raise Refused(f"{WHERE_IT_GOES}: say under [mail] in {here.settings.path} who gets it, and add --mail.")
    if job.clock and not keeps_the_time_of_london(here.now.year):
        raise Refused(
            "Task Scheduler goes by this computer's clock, which does not keep the time of London:"
            " set its time zone to (UTC+00:00) Dublin, Edinburgh, Lisbon, London, and try again."
        )
    text = _task(job, command, here.now)
    file = f"{job.name}.xml"
    create = ["schtasks", "/Create", "/TN", job.name, "/XML", file, "/F"]
    if write:
        with TemporaryDirectory(prefix="escalate-") as folder:
            path = Path(folder, file)
            path.write_text(text, encoding="utf-16")  # as schtasks reads it
            output_of([str(path) if word == file else word for word in create])
    say_whole(text)
    if not write:
        say_whole(f"To put it there, keep the lines above as {file}, and then: {subprocess.list2cmdline(create)}")
    complain(
        "It runs only while you are logged in to this computer; if it was off one morning, it catches up when you next log in."
    )


def _task(job: Job, command: Command, now: datetime) -> str:
    """What Task Scheduler is told."""
    program, arguments = _action(command)
    task = ET.Element("Task", {"version": "1.2", "xmlns": _SPACE})
    _add(task, {"RegistrationInfo": {"Description": job.says}})
    trigger = ET.SubElement(ET.SubElement(task, "Triggers"), "CalendarTrigger")
    if job.clock is None:
        _add(trigger, {"Repetition": {"Interval": "PT15M", "Duration": "P1D"}})
    begins = datetime.combine(now.date() - timedelta(days=1), job.clock or time())
    _add(trigger, {"StartBoundary": begins.isoformat(), "Enabled": "true", "ScheduleByDay": {"DaysInterval": "1"}})
    principal = ET.SubElement(ET.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    _add(principal, {"LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"})
    _add(task, {
        "Settings": {
            "MultipleInstancesPolicy": "IgnoreNew", "DisallowStartIfOnBatteries": "false", "StopIfGoingOnBatteries": "false",
            "StartWhenAvailable": "true", "ExecutionTimeLimit": "PT1H",
        }
    })  # fmt: skip
    actions = ET.SubElement(task, "Actions", {"Context": "Author"})
    _add(actions, {"Exec": {"Command": program, "Arguments": subprocess.list2cmdline(arguments)}})
    ET.indent(task)
    return '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(task, encoding="unicode")


Tree = dict[str, "str | Tree"]


def _add(above: ET.Element, tree: Tree) -> None:
    """Put elements with these texts into another, in their order."""
    for name, value in tree.items():
        element = ET.SubElement(above, name)
        if isinstance(value, str):
            element.text = value
        else:
            _add(element, value)


def _action(command: Command) -> tuple[str, list[str]]:
    """What is run, without a window, and its arguments."""
    python = Path(sys.executable)
    no_window = python.with_name("pythonw.exe")
    program = str(no_window if no_window.exists() else python)
    started = ["-c", _SET_FIRST.format(needed=command.needed)] if command.needed else ["-m", "escalate"]
    return program, [*started, *_of_escalate(command.words)]


def _of_escalate(words: list[str]) -> Iterator[str]:
    """The words of a command line after what starts escalate."""
    yield from words[words.index("--db") :]
