"""What cannot wait for the next digest: what is told, when, once, and to whom. Times are worked out by hand from the five protocols."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran
from tests.driver import Office
from tests.mail_server import Box, mail_server

run = Office(environment={"ESCALATE_CONFIG": "{home}/config.toml"})
did = run.did

THURSDAY, FRIDAY, SATURDAY, MONDAY = "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-23"


def alerts(path: Path, now: str) -> list[str]:
    """Why, case and action of what is told at a moment, and recorded as told."""
    found: dict[str, Any] = json.loads(did(path, "digest", "--alerts", "--json", now=now))
    return [f"{each['why']} {each['case']} {each['action']}" for each in found["alerts"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.db"


def test_a_danger_that_is_said_is_told_once(path: Path) -> None:
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T09:00")
    alerts(path, f"{FRIDAY}T09:00")
    did(path, "set", "1", "immediate-risk=yes", now=f"{FRIDAY}T10:00")
    assert alerts(path, f"{FRIDAY}T10:15") == ["safety E0001 lead-told", "safety E0001 police-and-safeguarding"]
    assert alerts(path, f"{FRIDAY}T10:30") == []
    assert alerts(path, f"{SATURDAY}T10:30") == []


def test_a_danger_of_some_days_ago_that_is_written_down_late_is_told(path: Path) -> None:
    did(path, "open", "herefordshire", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T09:00")
    did(path, "set", "1", "immediate-risk=yes", "--at", f"{THURSDAY} 10:00", now=f"{MONDAY}T10:00")
    assert [each for each in alerts(path, f"{MONDAY}T10:15") if each.startswith("safety")]


def test_a_time_in_hours_is_told_two_working_hours_before_its_last_working_moment(path: Path) -> None:
    # Stage 1 of Hull takes 24 hours by the clock: from Thursday 10:00 to Friday 10:00. Two working hours before that is Thursday 16:00,
    # as the day begins at nine; the half, at ten at night, comes after it.
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", "--stage", "1", now=f"{THURSDAY}T10:00")
    assert alerts(path, f"{THURSDAY}T15:59") == []
    assert alerts(path, f"{THURSDAY}T16:00") == ["about-to-pass E0001 discussion", "about-to-pass E0001 resolve"]
    assert alerts(path, f"{THURSDAY}T22:00") == []


def test_a_time_in_hours_is_told_at_its_half(path: Path) -> None:
    # 48 hours by the clock, from Wednesday 10:00 to Friday 10:00.
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", "--stage", "4", now="2026-11-18T10:00")
    assert [each for each in alerts(path, f"{THURSDAY}T09:59") if each.startswith("half")] == []
    assert [each for each in alerts(path, f"{THURSDAY}T10:00") if each.startswith("half")] == [
        "half-gone E0001 resolve"
    ]
    assert alerts(path, f"{THURSDAY}T10:15") == []


def test_a_time_in_working_days_waits_for_the_digest(path: Path) -> None:
    did(path, "open", "herefordshire", "--from", "Trust", "--to", "Council", "--stage", "1", now=f"{THURSDAY}T10:00")
    for hour in range(8, 24):
        assert alerts(path, f"{FRIDAY}T{hour:02}:00") == []


def test_an_agreed_time_is_told_two_working_hours_before(path: Path) -> None:
    did(path, "open", "north-east-lincolnshire", "--from", "Police", "--to", "Council", now=f"{THURSDAY}T10:00")
    did(path, "agree", "1", f"{MONDAY} 10:00", now=f"{THURSDAY}T10:05")
    assert alerts(path, f"{FRIDAY}T15:59") == []
    (told,) = alerts(path, f"{FRIDAY}T16:00")
    assert told.startswith("about-to-pass E0001")
    assert alerts(path, f"{FRIDAY}T16:15") == []


def test_what_was_done_meanwhile_is_not_told(path: Path) -> None:
    did(path, "open", "north-east-lincolnshire", "--from", "Police", "--to", "Council", now=f"{THURSDAY}T10:00")
    did(path, "agree", "1", f"{MONDAY} 10:00", now=f"{THURSDAY}T10:05")
    did(path, "resolve", "1", now=f"{FRIDAY}T12:00")
    assert alerts(path, f"{FRIDAY}T16:00") == []


def test_an_overdue_digest_is_told_once_a_day(path: Path) -> None:
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T07:00")
    did(path, "digest", "--alerts", now=f"{THURSDAY}T07:30")
    did(path, "digest", "--always", now=f"{THURSDAY}T08:00")
    assert "The digest" not in did(path, "digest", "--alerts", now=f"{FRIDAY}T09:00")
    assert "none has been made since Thursday 19 November 2026 08:00" in did(
        path, "digest", "--alerts", now=f"{FRIDAY}T09:15"
    )
    assert did(path, "digest", "--alerts", now=f"{FRIDAY}T09:30") == ""
    assert "The digest is overdue" in did(path, "digest", "--alerts", now=f"{SATURDAY}T09:30")


def test_showing_it_records_nothing_and_other_options_are_refused(path: Path) -> None:
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T09:00")
    did(path, "set", "1", "immediate-risk=yes", now=f"{FRIDAY}T10:00")
    shown = did(path, "digest", "--alerts", "--dry-run", now=f"{FRIDAY}T10:15")
    assert shown == did(path, "digest", "--alerts", "--dry-run", now=f"{FRIDAY}T10:15") != ""
    assert did(path, "digest", "--alerts", now=f"{FRIDAY}T10:15") == shown
    for other in (["--agency", "x"], ["--always"], ["--force"], ["--since", "today"], ["--format", "html"]):
        assert run(path, "digest", "--alerts", *other, now=f"{FRIDAY}T10:15").status == 2
    assert run(path, "digest", "--alerts", "--mail", "--json", now=f"{FRIDAY}T10:15").status == 2


# -- by e-mail


def settings(path: Path, port: int) -> None:
    (path.parent / "config.toml").write_text(
        f'[mail]\nserver = "localhost"\nport = {port}\nfrom = "escalate@partnership.example"\ntimeout = 3\nsecurity = "none"\n'
        'assigned = true\n[[mail.recipients]]\nto = "unit@partnership.example"\n'
        '[[mail.recipients]]\nto = "lead@trust.example"\nagency = "Trust"\n',
        encoding="utf-8",
    )


def send(path: Path, now: str, *more: str) -> Ran:
    return run(path, "digest", "--alerts", "--mail", *more, now=now)


def test_each_reader_gets_what_is_theirs_once(path: Path) -> None:
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T09:00")
    did(path, "open", "hull-east-riding", "--from", "Police", "--to", "Council", now=f"{THURSDAY}T09:00")
    box = Box()
    with mail_server(box) as port:
        settings(path, port)
        assert send(path, f"{THURSDAY}T09:15") == (0, "", "")
        assert box.readers == []
        did(path, "set", "2", "immediate-risk=yes", now=f"{FRIDAY}T11:00")
        assert send(path, f"{FRIDAY}T11:15", "--dry-run").status == 0
        assert send(path, f"{FRIDAY}T11:15") == (0, "", "")
        assert box.readers == ["unit@partnership.example"]
        did(path, "assign", "1", "receiving", "Jo Bell", "--email", "Jo.Bell@council.example", now=f"{FRIDAY}T11:20")
        assert send(path, f"{FRIDAY}T11:30") == (0, "", "")
        assert box.readers == ["unit@partnership.example", "jo.bell@council.example"]
        assert send(path, f"{FRIDAY}T11:45") == (0, "", "")
    (_, first), (_, second) = box.letters
    assert first["Subject"].startswith("Escalations: ")
    assert "safety first" in first["Subject"]
    assert second["Subject"] == "Escalations: 1 newly assigned"
    for letter in (first, second):
        body = letter.get_body(("plain",))
        assert body is not None
        assert "Jo Bell" not in body.get_content()


def test_what_could_not_be_sent_goes_with_the_next_run(path: Path) -> None:
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T09:00")
    did(path, "set", "1", "immediate-risk=yes", now=f"{THURSDAY}T10:00")
    box = Box()
    with mail_server(box) as port:
        settings(path, port)
        box.refused.add("unit@partnership.example")
        ran = send(path, f"{THURSDAY}T10:15")
        assert (ran.status, "no such mailbox" in ran.stderr) == (1, True)
        assert box.readers == ["lead@trust.example"]
        box.refused.clear()
        assert send(path, f"{THURSDAY}T10:30") == (0, "", "")
        assert box.readers == ["lead@trust.example", "unit@partnership.example"]


def test_a_forced_digest_and_alerts_do_not_get_in_each_others_way(path: Path) -> None:
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T09:00")
    did(path, "set", "1", "immediate-risk=yes", now=f"{THURSDAY}T10:00")
    box = Box()
    with mail_server(box) as port:
        settings(path, port)
        assert send(path, f"{THURSDAY}T10:15").status == 0
        for more in ((), (), ("--force",)):
            assert run(path, "digest", "--mail", *more, now=f"{THURSDAY}T10:20").status == 0
            assert send(path, f"{THURSDAY}T10:30").status == 0
    assert len(box.readers) == 2 * 3


@pytest.mark.parametrize("scheduler", ["cron", "systemd", "launchd"])
def test_it_has_a_line_of_its_own(path: Path, scheduler: str) -> None:
    did(path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council", now=f"{THURSDAY}T09:00")
    shown = did(path, "digest", "--alerts", "--install", scheduler, now=f"{THURSDAY}T10:15")
    assert {
        "cron": "\n*/15 * * * * ",
        "systemd": "\nOnCalendar=*-*-* *:00/15:00\n",
        "launchd": "<key>Minute</key>\n      <integer>45</integer>",
    }[scheduler] in shown
    assert "digest" in shown
    assert "--alerts" in shown
