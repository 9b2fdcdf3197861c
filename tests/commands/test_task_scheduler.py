"""The digest as a task of Windows' Task Scheduler: what its file says, and that what it runs is the digest with the settings in force."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.command_line import Ran, with_system
from tests.driver import CopyOf, Office

MONDAY = "2026-11-30"
SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
LONDON = {"TZ": "Europe/London"}

run = Office(now=f"{MONDAY}T08:00", environment={"ESCALATE_CONFIG": "{home}/config.toml"})

MAIL = """[mail]
server = "localhost"
port = 9
security = "none"
from = "escalate@partnership.example"
[[mail.recipients]]
to = "unit@partnership.example"
"""


def _fill(folder: Path) -> None:
    """A case that is overdue, and settings that say who gets the digest."""
    (folder / "config.toml").write_text(MAIL, encoding="utf-8")
    run.did(folder, "open", "hull-east-riding", "--subject", "H-1", "--at", "20 Nov 2026 10:00")


@pytest.fixture
def folder(tmp_path: Path, copy_of: CopyOf) -> Path:
    return copy_of(_fill, tmp_path)


def task(said: str) -> ET.Element:
    return ET.fromstring(said.partition("?>")[2].partition("To put it there")[0])


def text(found: ET.Element, *names: str) -> str:
    return found.findtext("/".join(f"{SPACE}{name}" for name in names)) or ""


def installed(folder: Path, *words: str, **environment: str) -> Ran:
    return run(folder, "digest", "--mail", "--install", "task-scheduler", *words, **(LONDON | environment))


def test_it_runs_each_morning_and_makes_up_for_one_that_the_computer_was_off(folder: Path) -> None:
    ran = installed(folder, "--time", "7:50")
    assert ran.status == 0, ran.stderr
    made = task(ran.stdout)
    assert text(made, "Triggers", "CalendarTrigger", "StartBoundary") == "2026-11-29T07:50:00"
    assert text(made, "Triggers", "CalendarTrigger", "ScheduleByDay", "DaysInterval") == "1"
    assert text(made, "Triggers", "CalendarTrigger", "Repetition", "Interval") == ""
    assert text(made, "Settings", "StartWhenAvailable") == "true"
    assert text(made, "Settings", "DisallowStartIfOnBatteries") == "false"
    assert "schtasks /Create /TN escalate-digest /XML escalate-digest.xml /F" in ran.stdout
    assert "only while you are logged in" in ran.stderr


def test_what_cannot_wait_is_looked_for_every_quarter_of_an_hour(folder: Path) -> None:
    made = task(installed(folder, "--alerts", TZ="Asia/Kathmandu").stdout)
    assert text(made, "Triggers", "CalendarTrigger", "Repetition", "Interval") == "PT15M"
    assert text(made, "Triggers", "CalendarTrigger", "StartBoundary") == "2026-11-29T00:00:00"
    assert text(made, "Actions", "Exec", "Arguments").endswith("digest --alerts --mail")


@pytest.mark.skipif(sys.platform == "win32", reason="its words are taken apart as a shell of Unix does")
def test_what_it_runs_is_the_digest_with_every_setting_that_holds_now(folder: Path) -> None:
    ran = installed(folder, ESCALATE_AT_RISK="3 working days", ESCALATE_PROTOCOLS=str(folder / "it's mine"))
    made = task(ran.stdout)
    assert text(made, "Actions", "Exec", "Command") == sys.executable  # where there is no pythonw.exe beside it
    words = shlex.split(text(made, "Actions", "Exec", "Arguments"))
    assert words[0] == "-c"
    assert words[-4:] == ["--db", str(folder / "cases.db"), "digest", "--mail"]
    (folder / "it's mine").mkdir()
    bare = with_system({"PATH": os.environ["PATH"], "HOME": str(folder)})
    for more, wanted in ((["--dry-run"], "unit@partnership.example"),):
        done = subprocess.run(
            [sys.executable, *words, *more], env=bare, cwd="/", capture_output=True, text=True, check=True
        )
        assert wanted in done.stdout
    shown = subprocess.run(
        [sys.executable, *words[:-2], "config"], env=bare, cwd="/", capture_output=True, text=True, check=True
    ).stdout
    assert "3 working days" in shown
    assert "it's mine" in shown


def test_without_settings_in_variables_python_starts_it_by_its_name(folder: Path) -> None:
    (folder / ".config" / "escalate").mkdir(parents=True)
    (folder / "config.toml").rename(folder / ".config" / "escalate" / "config.toml")
    plain = Office(now=f"{MONDAY}T08:00", by=None)
    ran = plain(folder, "digest", "--mail", "--install", "task-scheduler", **LONDON)
    if sys.platform != "win32":  # which has its settings elsewhere
        assert text(task(ran.stdout), "Actions", "Exec", "Arguments").startswith("-m escalate --db ")


REFUSED = [
    (["digest", "--install", "task-scheduler"], LONDON, 1, "Task Scheduler shows nobody what the digest prints"),
    (["digest", "--mail", "--install", "task-scheduler"], {"TZ": "UTC"}, 1, "does not keep the time of London"),
    (["digest", "--mail", "--install", "task-scheduler", "--time", "1:30"], LONDON, 2, "the clocks change"),
    (
        ["digest", "--mail", "--install", "task-scheduler", "--write"],
        LONDON | {"PATH": ""},
        1,
        "schtasks cannot be run",
    ),
]


@pytest.mark.parametrize(("words", "environment", "status", "says"), REFUSED)
def test_what_would_not_be_seen_or_run_at_another_time_is_refused(
    folder: Path, words: list[str], environment: dict[str, str], status: int, says: str
) -> None:
    ran = run(folder, *words, **environment)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1), ran.stderr
    assert says in ran.stderr


SCHTASKS = """#!/bin/sh
echo "$@" >>{folder}/said
cp "$5" {folder}/put.xml
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has a program of that name itself")
def test_it_is_put_there_in_the_place_of_an_earlier_one_and_no_file_is_left(folder: Path) -> None:
    (folder / "schtasks").write_text(SCHTASKS.format(folder=folder), encoding="utf-8")
    (folder / "schtasks").chmod(0o700)
    ran = installed(folder, "--write", PATH=f"{folder}:{os.environ['PATH']}")
    assert ran.status == 0, ran.stderr
    said = (folder / "said").read_text(encoding="utf-8").split()
    assert said[:3] == ["/Create", "/TN", "escalate-digest"]
    assert said[-1] == "/F"
    assert not Path(said[4]).exists()
    put = (folder / "put.xml").read_bytes().decode("utf-16")
    assert task(put).find(f"{SPACE}Actions") is not None
    assert put.splitlines() == ran.stdout.rstrip("\n").splitlines()
