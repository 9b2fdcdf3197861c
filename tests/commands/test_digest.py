"""The morning digest: what stands in it, when it is silent, and that every reader gets it once."""

import csv
import json
import os
import plistlib
import re
import shlex
import signal
import subprocess
import tomllib
from datetime import datetime
from email.message import EmailMessage
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalate.domain.reporting.recipients import read_mail
from tests.command_line import SCRIPT, Ran, command
from tests.driver import CopyOf, Escalate, Office
from tests.kept import same_as_kept
from tests.mail_server import PASSWORD, USER, Box, certificate, mail_server, waited_for
from tests.sizes import sampled

HEAD = r"\d+:[0-9a-f]{64}"  # another one in every file, which has a random name
FRIDAY, MONDAY, TUESDAY = "2026-11-20", "2026-11-23", "2026-11-24"


run = Office(environment={"ESCALATE_CONFIG": "{home}/config.toml"})
did = run.did
kim = Office(environment={"ESCALATE_CONFIG": "{home}/config.toml"}, by="Kim")
environment = run.surroundings


def digest(path: Path, *arguments: str, now: str) -> Any:
    return json.loads(did(path, "digest", "--always", *arguments, "--format", "json", now=now))


@pytest.fixture
def cases(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(fridays, tmp_path) / "cases.db"


def fridays(path: Path) -> None:
    """Friday's four cases: one in hours, one in working days, one that has no limits, one in danger; with people and names."""
    for minute, arguments in enumerate((
        ("open", "hull-east-riding", "--subject", "H-1", "--from", "Trust", "--to", "Council"),
        ("open", "herefordshire", "--subject", "M-2", "--from", "Trust", "--to", "County", "--stage", "1"),
        ("open", "north-east-lincolnshire", "--from", "Police", "--to", "Council"),
        ("open", "lincolnshire", "--from", "A school", "--to", "County"),
        ("assign", "1", "raising", "Bo Keeper", "--email", "bo.keeper@trust.example"),
        ("set", "2", "name=Ada Canary"),
    )):  # fmt: skip
        did(path, *arguments, now=f"{FRIDAY}T10:{minute:02}")


def listed(found: Any, *names: str) -> dict[str, list[str]]:
    return {name: [f"{each['case']} {each['action']}" for each in found[name]] for name in names}


LISTS = ("safety", "overdue", "due_soon", "at_risk", "undated")


def test_every_deadline_stands_in_the_list_that_says_when_to_act(cases: Path) -> None:
    assert listed(digest(cases, now=f"{FRIDAY}T15:00"), *LISTS) == {
        "safety": [],
        "overdue": [],
        # Hull's 24 hours end on Saturday, Lincolnshire's discussion today, its 2 working days on Tuesday, Herefordshire's 3 on Wednesday
        "due_soon": ["E0004 discussion", "E0001 discussion", "E0001 resolve"],
        "at_risk": [],
        "undated": ["E0003 resolve"],
    }
    assert listed(digest(cases, now=f"{MONDAY}T08:00"), *LISTS) == {
        "safety": [],
        "overdue": ["E0004 discussion", "E0001 discussion", "E0001 resolve"],
        "due_soon": ["E0004 plan"],
        "at_risk": [],  # Herefordshire's target, the first working day, ends with this day
        "undated": ["E0003 resolve"],
    }
    assert listed(digest(cases, now=f"{TUESDAY}T08:00"), "due_soon", "at_risk") == {
        "due_soon": ["E0004 plan", "E0002 resolve"],
        "at_risk": [],
    }


def test_what_is_past_its_target_but_not_due_soon_is_at_risk(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    did(path, "open", "north-yorkshire", "--about", "Thresholds", now="2026-11-16T09:00")  # 24 to 96 hours
    found = digest(path, now="2026-11-17T10:00")
    assert listed(found, "due_soon", "at_risk") == {"due_soon": [], "at_risk": ["E0001 resolve"]}


def test_danger_comes_first(cases: Path) -> None:
    did(cases, "set", "3", "significant-harm=yes", now=f"{MONDAY}T07:00")
    assert [each["case"] for each in digest(cases, now=f"{MONDAY}T08:00")["safety"]] == ["E0003"]
    assert run(cases, "digest", now=f"{MONDAY}T08:00").stdout.splitlines()[3].startswith("Safety first (1)")


def test_what_changed_is_told_since_the_digest_before(cases: Path) -> None:
    did(cases, "digest", now=f"{FRIDAY}T15:00")
    did(cases, "done", "4", "discussion", "--at", f"{FRIDAY} 16:00", now=f"{MONDAY}T07:30")
    did(cases, "resolve", "2", now=f"{MONDAY}T07:40")
    monday = digest(cases, now=f"{MONDAY}T08:00")
    assert monday["since"] == "2026-11-20T15:00:00+00:00"
    assert [f"{each['case']} {each['action']}" for each in monday["changed"]["newly_overdue"]] == [
        "E0001 discussion",
        "E0001 resolve",
    ]
    assert [f"{each['case']} {each['action']}" for each in monday["changed"]["met"]] == [
        "E0002 resolve",
        "E0004 discussion",
    ]
    assert monday["changed"]["resolved"] == ["E0002"]
    tuesday = digest(cases, now=f"{TUESDAY}T08:00")
    assert tuesday["since"] == "2026-11-23T08:00:00+00:00"
    assert tuesday["changed"] == {
        "newly_overdue": [],
        "met": [],
        "missed": [],
        "ceased": [],
        "resolved": [],
        "left": [],
        "takeovers": [],
    }
    assert [each["new"] for each in tuesday["overdue"]] == [False, False]


def test_a_case_that_leaves_an_agencys_list_is_told_to_that_agency_once(cases: Path) -> None:
    for agency in ("trust", "council", "county"):
        did(cases, "digest", "--agency", agency, now=f"{FRIDAY}T15:00")
    kim.did(cases, "set", "1", "from=Police", now=f"{FRIDAY}T16:00")
    told = did(cases, "digest", "--agency", "TRUST", now=f"{MONDAY}T08:00")
    assert "No longer on this list since Friday 20 November 2026 15:00 (1)" in told
    assert "E0001: left this list on Friday 20 November 2026, by entry 3 of Kim\n" in told
    assert left(cases, "--agency", "council", now=f"{MONDAY}T08:00") == []
    assert left(cases, now=f"{MONDAY}T08:00") == []  # who is told of every case has it still
    tuesday = digest(cases, "--agency", "trust", now=f"{TUESDAY}T08:00")
    assert (tuesday["changed"]["left"], tuesday["since"]) == ([], "2026-11-23T08:00:00+00:00")


def test_what_left_a_list_and_came_back_did_not_leave_it(cases: Path) -> None:
    did(cases, "set", "1", "from=Police", now=f"{FRIDAY}T16:00")
    did(cases, "undo", "1", now=f"{FRIDAY}T16:10")
    assert left(cases, "--agency", "trust", now=f"{MONDAY}T08:00") == []
    assert [
        each["entry"] for each in left(cases, "--agency", "police", now=f"{MONDAY}T08:00") if each["case"] == "E0001"
    ] == [4]


def test_a_case_that_came_and_left_between_two_digests_left_the_list(cases: Path) -> None:
    did(
        cases,
        "open",
        "herefordshire",
        "--about",
        "Thresholds",
        "--from",
        "Hospice",
        "--to",
        "Council",
        now=f"{FRIDAY}T16:00",
    )
    did(cases, "set", "5", "from=  hospice", now=f"{FRIDAY}T16:05")  # the same, written otherwise
    kim.did(cases, "set", "5", "from=Trust", now=f"{FRIDAY}T16:10")
    assert left(cases, "--agency", "hospice", now=f"{MONDAY}T08:00") == [
        {"case": "E0005", "entry": 3, "at": "2026-11-20T16:10:00+00:00", "by": "Kim"}
    ]
    assert left(cases, "--agency", "hospice", "--protocol", "lincolnshire", now=f"{MONDAY}T08:00") == []


def left(path: Path, *arguments: str, now: str) -> Any:
    return digest(path, *arguments, "--dry-run", now=now)["changed"]["left"]


def test_a_deadline_that_was_overdue_when_it_became_known_is_new(cases: Path) -> None:
    did(cases, "digest", now=f"{TUESDAY}T08:00")
    did(cases, "open", "hull-east-riding", "--about", "Thresholds", "--at", "16 Nov 2026 09:00", now=f"{TUESDAY}T09:00")
    found = digest(cases, now="2026-11-25T08:00")
    assert {each["case"] for each in found["changed"]["newly_overdue"]} == {"E0004", "E0005"}


def test_after_missed_days_everything_since_the_last_digest_is_told(cases: Path) -> None:
    did(cases, "digest", now=f"{FRIDAY}T15:00")
    assert digest(cases, now="2026-12-04T08:00")["since"] == "2026-11-20T15:00:00+00:00"


def test_a_second_look_on_the_same_day_tells_the_same(cases: Path) -> None:
    did(cases, "digest", now=f"{FRIDAY}T15:00")
    first, second = (digest(cases, now=f"{MONDAY}T{hour}:00")["since"] for hour in ("08", "11"))
    assert first == second == "2026-11-20T15:00:00+00:00"


def test_a_dry_run_and_a_look_since_some_day_move_nothing(cases: Path) -> None:
    did(cases, "digest", now=f"{FRIDAY}T15:00")
    did(cases, "digest", "--dry-run", now=f"{MONDAY}T08:00")
    did(cases, "digest", "--since", "19 Nov 2026", now=f"{MONDAY}T08:00")
    assert digest(cases, now=f"{TUESDAY}T08:00")["since"] == "2026-11-20T15:00:00+00:00"


def test_where_there_is_nothing_to_tell_it_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    did(
        path,
        "open",
        "herefordshire",
        "--about",
        "Thresholds",
        "--stage",
        "1",
        "--at",
        f"{FRIDAY} 09:00",
        now=f"{FRIDAY}T09:00",
    )
    assert "1 undecided" in did(path, "digest", now=f"{FRIDAY}T09:00")
    did(path, "set", "1", "protection-plan=no", "looked-after=no", now=f"{FRIDAY}T09:00")
    ran = run(path, "digest", now=f"{FRIDAY}T09:00")
    assert ran == (0, "", "")
    assert "0 overdue." in did(path, "digest", "--always", now=f"{FRIDAY}T09:00")
    for words in (("--json",), ("--format", "json")):
        ran = run(path, "digest", *words, now=f"{FRIDAY}T09:00")
        assert json.loads(ran.stdout)["overdue"] == []


def test_a_schedule_is_no_document(cases: Path) -> None:
    ran = run(cases, "digest", "--install", "cron", "--json", now=f"{FRIDAY}T09:00")
    assert (ran.status, ran.stdout, "leave --json out" in ran.stderr) == (2, "", True)


def test_the_digest_is_what_was_kept(cases: Path) -> None:
    did(cases, "digest", now=f"{FRIDAY}T15:00")
    did(cases, "set", "3", "significant-harm=yes", now=f"{MONDAY}T07:00")
    did(cases, "done", "4", "discussion", "--at", f"{FRIDAY} 16:00", now=f"{MONDAY}T07:30")
    did(cases, "open", "north-yorkshire", "--about", "Thresholds", "--at", "22 Nov 2026 06:00", now=f"{MONDAY}T07:40")
    did(cases, "resolve", "2", now=f"{MONDAY}T07:50")
    for form, ending in (("text", "txt"), ("markdown", "md"), ("html", "html"), ("json", "json")):
        shown = did(cases, "digest", "--format", form, "--dry-run", now=f"{MONDAY}T08:00")
        same_as_kept(f"digest.{ending}", re.sub(HEAD, "(head)", shown))


@pytest.mark.file_only("a file that is not there")
def test_a_file_that_is_not_there_is_an_error_and_not_silence(tmp_path: Path) -> None:
    ran = run(tmp_path / "none.db", "digest", now=f"{FRIDAY}T09:00")
    assert (ran.status, ran.stdout) == (1, "")
    assert "none.db is not there, and ESCALATE_DB names it" in ran.stderr
    ran = run(tmp_path, "digest", now=f"{FRIDAY}T09:00", ESCALATE_DB="")
    assert (ran.status, ran.stdout) == (1, "")
    assert "There are no cases yet" in ran.stderr


@pytest.mark.parametrize(
    ("filters", "cases_told"),
    [
        (["--agency", "trust"], {"E0001", "E0002"}),
        (["--owner", "bo keeper"], {"E0001"}),
        (["--protocol", "lincolnshire"], {"E0004"}),
    ],
)
def test_filters_choose_the_cases(cases: Path, filters: list[str], cases_told: set[str]) -> None:
    found = digest(cases, *filters, now=f"{TUESDAY}T08:00")
    assert {each["case"] for name in LISTS for each in found[name]} == cases_told


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_nobody_is_named_in_any_form(cases: Path, form: str) -> None:
    shown = did(cases, "digest", "--format", form, now=f"{MONDAY}T08:00")
    assert not re.search("ada canary|bo keeper|bo.keeper", shown, re.IGNORECASE)


@pytest.mark.script
def test_the_digest_needs_no_terminal_no_home_and_no_utf_8(escalate: Escalate, cases: Path) -> None:
    did(cases, "set", "1", "from=Tŷ Gwyn", now=f"{MONDAY}T07:00")
    bare = {"ESCALATE_DB": str(cases), "ESCALATE_NOW": f"{MONDAY}T08:00", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    ran = escalate("digest", environment=bare)
    assert (ran.status, ran.stderr) == (0, "")
    assert r"T\u0177 Gwyn to Council" in ran.stdout


# -- by e-mail


def settings(path: Path, port: int, *lines: str, recipients: str = "") -> None:
    (path.parent / "config.toml").write_text(
        f'[mail]\nserver = "localhost"\nport = {port}\nfrom = "escalate@partnership.example"\ntimeout = 3\n'
        + "\n".join(lines or ('security = "none"',))
        + (recipients or '\n[[mail.recipients]]\nto = "unit@partnership.example"\n'
           '[[mail.recipients]]\nto = "lead@trust.example"\nagency = "Trust"\n'),
        encoding="utf-8",
    )  # fmt: skip


def send(path: Path, *arguments: str, now: str = f"{MONDAY}T08:00") -> Ran:
    return run(path, "digest", "--mail", *arguments, now=now)


def part(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_every_reader_gets_one_letter_with_their_cases_only(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        assert send(cases) == (0, "", "")
    unit, lead = (dict(box.letters)[to] for to in ("unit@partnership.example", "lead@trust.example"))
    assert (unit["From"], unit["To"]) == ("escalate@partnership.example", "unit@partnership.example")
    assert unit["Subject"] == "Escalations: 3 overdue (3 new), 1 due by Tue 24 Nov, 1 undated, 1 undecided"
    assert unit["Auto-Submitted"] == "auto-generated"
    assert datetime.strptime(unit["Date"], "%a, %d %b %Y %H:%M:%S %z").isoformat() == "2026-11-23T08:00:00+00:00"
    assert unit["Bcc"] is None
    for kind in ("plain", "html"):
        assert {ref for ref in ("E0001", "E0003", "E0004") if ref in part(unit, kind)} == {"E0001", "E0003", "E0004"}
        assert {ref for ref in ("E0001", "E0003", "E0004") if ref in part(lead, kind)} == {"E0001"}


def test_a_letter_is_what_was_kept(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        assert send(cases).status == 0
    letter = dict(box.letters)["lead@trust.example"]
    heads = [f"{name}: {value}" for name, value in letter.items() if name in LETTER_HEADS]
    kept = "\n".join([*heads, "", part(letter, "plain"), part(letter, "html")])
    masked = re.sub(r"[0-9a-f]{20}", "(reader)", re.sub(HEAD, "(head)", kept))
    same_as_kept("digest-letter.txt", masked.replace("\r\n", "\n"))


LETTER_HEADS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted")


def test_a_second_run_on_the_same_day_sends_nothing_unless_forced(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        for _ in range(2):
            assert send(cases).status == 0
        assert len(box.letters) == 2
        assert send(cases, "--force", now=f"{MONDAY}T09:00").status == 0
    ids = [letter["Message-ID"] for _, letter in box.letters]
    assert len(ids) == len(set(ids)) == 4
    assert all(re.fullmatch(r"<escalate\.20261123\.[12]\.[0-9a-f]{20}@partnership\.example>", each) for each in ids)


def test_what_was_refused_is_sent_by_the_next_run_under_the_same_id(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        box.refused.add("unit@partnership.example")
        ran = send(cases)
        assert (ran.status, ran.stdout) == (1, "")
        assert ran.stderr == (
            "localhost does not take mail for unit@partnership.example: 550 5.1.1 <unit@partnership.example>: no such mailbox.\n"
            "Nothing was sent to unit@partnership.example. The next run sends it: escalate digest --mail.\n"
        )
        assert box.readers == ["lead@trust.example"]
        box.refused.clear()
        assert send(cases, now=f"{MONDAY}T09:00").status == 0
    assert box.readers == ["lead@trust.example", "unit@partnership.example"]


def test_whoever_missed_a_day_is_told_of_it_on_the_next(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        assert send(cases, now=f"{FRIDAY}T15:00").status == 0
        box.refused.add("lead@trust.example")
        assert send(cases, now=f"{MONDAY}T08:00").status == 1
        box.refused.clear()
        assert send(cases, now=f"{TUESDAY}T08:00").status == 0
    last = {to: part(letter, "plain") for to, letter in box.letters}
    assert "Changes since Monday 23 November 2026 08:00" in last["unit@partnership.example"]
    assert "Changes since Friday 20 November 2026 15:00" in last["lead@trust.example"]


READERS = [f"r{number}@x.example" for number in range(6)]
FAILS: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "refused by address": ({"refused": {READERS[1]}}, [READERS[1]], "550 5.1.1 <r1@x.example>: no such mailbox"),
    "refused at the end": ({"not_taken": {READERS[1]: "554 5.7.1 looks like spam"}}, [READERS[1]], "554 5.7.1 looks"),
    "not now": ({"not_taken": {READERS[2]: "452 4.3.1 mailbox full"}}, [READERS[2]], "452 4.3.1 mailbox full"),
    "two letters a connection": ({"at_most": 2}, [], ""),
    "two letters, and not a word": ({"at_most": 2, "silently": True}, [], ""),
    "closing at the end": ({"not_taken": {READERS[3]: "421 4.3.2 closing"}}, [READERS[3]], "421 4.3.2 closing"),
    "dropped": ({"dropped": {READERS[0], READERS[4]}}, [READERS[0], READERS[4]], "closed"),
    "hangs": ({"slow": {READERS[2]}}, [READERS[2]], "it does not answer"),
}
"""How a server fails, who gets nothing, and what is said."""


@pytest.mark.parametrize(
    "fails",
    sampled(
        [
            pytest.param(each, marks=pytest.mark.slow if each in {"closing at the end", "hangs"} else ())
            for each in FAILS
        ],
        3,
    ),
)
def test_a_letter_that_is_not_taken_keeps_nobody_else_from_theirs(cases: Path, fails: str) -> None:
    how, without, says = FAILS[fails]
    box = Box()
    with mail_server(box) as port:
        to_six_readers(cases, port)
        for name, value in how.items():
            setattr(box, name, value)
        ran = send(cases)
        assert sorted(box.readers) == [reader for reader in READERS if reader not in without]
        assert (ran.status, says in ran.stderr) == (1 if without else 0, True)
        said = ran.stderr.splitlines()[-1] if without else ""
        assert [reader for reader in READERS if reader in said] == without
        for name in how:
            setattr(box, name, getattr(Box(), name))
        assert send(cases, now=f"{MONDAY}T08:20") == (0, "", "")
    assert sorted(box.readers) == READERS


def to_six_readers(path: Path, port: int) -> None:
    settings(path, port, recipients="\n" + "".join(f'[[mail.recipients]]\nto = "{each}"\n' for each in READERS))


def test_a_server_that_fails_every_time_is_given_up(cases: Path) -> None:
    box = Box()
    box.dropped = set(READERS)
    with mail_server(box) as port:
        to_six_readers(cases, port)
        ran = send(cases)
        assert ran.status == 1
        assert len(ran.stderr.splitlines()) == 3 + 1
        assert all(reader in ran.stderr.splitlines()[-1] for reader in READERS)
        box.dropped = set()
        assert send(cases, now=f"{MONDAY}T08:20") == (0, "", "")
    assert sorted(box.readers) == READERS


def test_nobody_is_always_last(cases: Path) -> None:
    lasts = set()
    for day in range(23, 29):
        box = Box()
        with mail_server(box) as port:
            to_six_readers(cases, port)
            assert send(cases, now=f"2026-11-{day}T08:00").status == 0
        lasts.add(box.readers[-1])
    assert lasts == set(READERS)


def test_who_got_nothing_comes_first_the_next_day_and_is_told_of(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        box.refused.add("lead@trust.example")
        assert send(cases).status == 1
        doctor = run(cases, "doctor", now=f"{MONDAY}T09:00")
        assert doctor.status == 1
        assert "lead@trust.example got none on Monday 23 November 2026" in " ".join(doctor.stdout.split())
        assert "lead@trust.example: got no digest on Monday 23 November 2026" in did(
            cases, "digest", now=f"{TUESDAY}T07:00"
        )
        box.refused.clear()
        assert send(cases, now=f"{TUESDAY}T08:00").status == 0
        doctor = run(cases, "doctor", now=f"{TUESDAY}T09:00")
        assert "everybody was sent the last" in " ".join(doctor.stdout.split())
        assert "lead@trust" not in did(cases, "digest", now="2026-11-25T08:00")
    assert box.readers == ["unit@partnership.example", "lead@trust.example", "unit@partnership.example"]
    told = {to: part(letter, "plain") for to, letter in box.letters}
    assert "Not reached by the last digest (1)" in told["unit@partnership.example"]
    assert "Not reached" not in told["lead@trust.example"]


def test_who_does_not_keep_the_log_gets_no_command_and_no_hash(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        assert send(cases).status == 0
    for to, used in (("unit@partnership.example", True), ("lead@trust.example", False)):
        for kind in ("plain", "html"):
            written = part(dict(box.letters)[to], kind)
            assert [bool(re.search(each, written)) for each in (HEAD, "escalate (set|explain|verify)")] == [used, used]
    assert "Undecided" in part(dict(box.letters)["lead@trust.example"], "plain")  # and how it is answered is not told


@pytest.mark.script
def test_a_run_that_is_killed_between_two_readers_is_finished_by_the_next(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        box.slow.add("unit@partnership.example")
        started = subprocess.Popen(command("digest", "--mail"), env=environment(cases, f"{MONDAY}T08:00"))
        assert waited_for(box.seen)
        started.send_signal(signal.SIGKILL)
        started.wait(30)
        assert box.readers == ["lead@trust.example"]
        box.slow.clear()
        ran = send(cases, now=f"{MONDAY}T08:01")
        assert (ran.status, ran.stderr) == (
            1,
            "Another run is sending the digest for unit@partnership.example just now: it is left to that run.\n",
        )
        assert send(cases, now=f"{MONDAY}T08:06").status == 0
    assert box.readers == ["lead@trust.example", "unit@partnership.example"]


@pytest.mark.script
def test_two_runs_at_once_send_each_letter_once(cases: Path) -> None:
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        runs = [
            subprocess.Popen(command("digest", "--mail"), env=environment(cases, f"{MONDAY}T08:00")) for _ in range(4)
        ]
        assert {each.wait(60) for each in runs} <= {0, 1}
    assert sorted(box.readers) == ["lead@trust.example", "unit@partnership.example"]


def test_the_connection_is_private_and_logged_in_to(cases: Path) -> None:
    made, key = certificate(cases.parent)
    box = Box()
    secret = cases.parent / "password"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    secret.chmod(0o600)
    log_in = (f'user = "{USER}"', f'password_file = "{secret}"')
    with mail_server(box, (made, key), login=True) as port:
        settings(cases, port, 'security = "starttls"', *log_in)
        ran = send(cases)
        assert (ran.status, "certificate verify failed" in ran.stderr) == (1, True)
        settings(cases, port, 'security = "starttls"', f'ca_file = "{made}"', *log_in)
        assert send(cases) == (0, "", "")
        secret.write_text("wrong\n", encoding="utf-8")
        ran = send(cases, "--force")
    assert len(box.letters) == 2
    assert (ran.status, ran.stderr) == (
        1,
        "localhost does not let escalate in: 535 5.7.8 Authentication credentials invalid.\n"
        "Nothing was sent to lead@trust.example and unit@partnership.example. The next run sends it: escalate digest --mail.\n",
    )


def test_people_assigned_get_their_cases_where_that_is_switched_on(cases: Path) -> None:
    did(cases, "assign", "3", "receiving", "--email", "unit@partnership.example", now=f"{FRIDAY}T11:00")
    box = Box()
    with mail_server(box) as port:
        settings(cases, port, 'security = "none"', "assigned = true", recipients="\n")
        box.refused.add("bo.keeper@trust.example")
        ran = send(cases)
        assert "bo.keeper" not in ran.stderr
        assert "somebody assigned in E0001" in ran.stderr
        assert "bo.keeper" not in did(cases, "digest", "--mail", "--dry-run", now=f"{MONDAY}T08:10")
        box.refused.clear()
        assert send(cases, now=f"{MONDAY}T09:00").status == 0
    assert box.readers == ["unit@partnership.example", "bo.keeper@trust.example"]
    told = {to: set(re.findall(r"E\d{4}", part(letter, "plain"))) for to, letter in box.letters}
    assert told == {"unit@partnership.example": {"E0003"}, "bo.keeper@trust.example": {"E0001"}}


def test_a_dry_run_shows_the_letters_and_sends_none(cases: Path) -> None:
    settings(cases, 9)
    shown = did(cases, "digest", "--mail", "--dry-run", now=f"{MONDAY}T08:00")
    assert "To unit@partnership.example: 3 overdue" in shown
    assert "To lead@trust.example: 2 overdue" in shown
    ran = send(cases)
    assert ran.status == 1
    assert "The mail server localhost, port 9, cannot be used: Connection refused." in ran.stderr


WRONG_SETTINGS = [
    ('security = "starttls"\nrecipient = 1', ["mail.recipient: is not known; did you mean"]),
    ('port = "25"', ['mail.port: "25" should be a whole number from 1 to 65535']),
    (
        'server = "mail.example"\nsecurity = "none"',
        ['mail.security: "none" would send through mail.example for all to read'],
    ),
    ('user = "x"', ["mail.user: needs a password"]),
    ('from = "Unit <unit@x.example>"\ntimeout = 0', ["mail.from:", "mail.timeout:"]),
    ('[[mail.recipients]]\nto = "a@x.example, b@x.example"', ["mail.recipients[0].to:"]),
    ('[[mail.recipients]]\nto = "a@x.example\\nBcc: b@x.example"', ["mail.recipients[0].to:"]),
    ("", ["mail.recipients: is empty"]),
]


@pytest.mark.parametrize(("wrong", "says"), WRONG_SETTINGS, ids=lambda value: str(value)[:30])
def test_every_mistake_in_the_mail_settings_is_said(cases: Path, wrong: str, says: list[str]) -> None:
    keys = {line.partition(" ")[0] for line in wrong.splitlines()}
    usual = {"server": '"localhost"', "from": '"escalate@x.example"', "security": '"none"', "port": "25"}
    lines = [f"{key} = {value}" for key, value in usual.items() if key not in keys]
    if "recipients" not in wrong and wrong:
        wrong += "\nassigned = true"
    (cases.parent / "config.toml").write_text("[mail]\n" + "\n".join([*lines, wrong]), encoding="utf-8")
    ran = send(cases)
    assert (ran.status, ran.stdout) == (1, "")
    assert [each for each in says if each not in ran.stderr] == []
    assert len(ran.stderr.splitlines()) == len(says)


def test_mail_takes_no_other_say_in_who_gets_what(cases: Path) -> None:
    for other in (["--agency", "x"], ["--since", "today"], ["--format", "html"], ["--json"]):
        assert send(cases, *other).status == 2


def test_a_password_that_others_can_read_is_refused(cases: Path) -> None:
    secret = cases.parent / "password"
    secret.write_text("x", encoding="utf-8")
    secret.chmod(0o644)
    settings(cases, 9, 'security = "none"', 'user = "x"', f'password_file = "{secret}"')
    ran = send(cases)
    assert (ran.status, "can be read by others" in ran.stderr) == (1, True)


def test_hostile_text_is_inert_in_every_form(cases: Path) -> None:
    hostile = "<script>alert(1)</script>[x](http://e.example)\x1b[31m\u202e\r\nBcc: x@x.example `=1+1`"
    did(cases, "set", "1", f"from={hostile}", f"subject={hostile}", now=f"{MONDAY}T07:00")
    for form in ("text", "markdown", "html"):
        shown = did(cases, "digest", "--format", form, now=f"{MONDAY}T08:00")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
        assert "\nBcc" not in shown
        assert form != "html" or "<script" not in shown
        assert form != "markdown" or not re.search(r"(?<!\\)\[x|(?<!\\)<script|(?<!\\)`", shown)
    (told,) = [each for each in digest(cases, now=f"{MONDAY}T08:00")["overdue"] if each["action"] == "resolve"]
    assert (told["subject"], told["raising_agency"]) == (
        hostile,
        hostile,
    )  # as it was typed; JSON cannot be broken out of
    box = Box()
    with mail_server(box) as port:
        settings(cases, port)
        assert send(cases).status == 0
    assert {letter["Bcc"] for _, letter in box.letters} == {None}
    assert "<script" not in part(box.letters[0][1], "html")


# -- every morning


def as_cron(line: str, cases: Path, now: str, clock: str) -> subprocess.CompletedProcess[str]:
    """What cron would run of a line, when the clock of London says so: `date` is one of ours."""
    tools = cases.parent / "clock"
    tools.mkdir(exist_ok=True)
    (tools / "date").write_text(f'#!/bin/sh\n[ "$TZ" = Europe/London ] || exit 1\necho {clock}\n', encoding="utf-8")
    (tools / "date").chmod(0o755)
    shell = line.split(" ", 5)[5].replace("\\%", "%")  # as cron hands it on
    bare = ["env", "-i", f"PATH={tools}:/usr/bin:/bin", f"ESCALATE_NOW={now}"]
    return subprocess.run([*bare, "/bin/sh", "-c", shell], capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.script
def test_the_cron_line_runs_the_digest_at_its_time_in_london_with_nothing_around_it(
    cases: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "100% of it"
    odd.mkdir()
    moved = cases.rename(odd / "cases.db")
    said = did(moved, "--db", str(moved), "digest", "--install", "cron", "--time", "7:30", now=f"{MONDAY}T08:00")
    line = said.splitlines()[1]
    assert line.startswith("0,15,30,45 * * * * ")
    ran = as_cron(line, moved, f"{MONDAY}T08:00", "0730")
    assert (ran.stdout.startswith("Escalations, Monday 23 November 2026 08:00\n3 overdue"), ran.stderr) == (True, "")
    ran = as_cron(line, moved, f"{MONDAY}T08:00", "0745")
    assert (ran.stdout, ran.stderr) == ("", "")


@pytest.mark.script
def test_the_line_looks_once_at_each_quarter_so_every_zone_meets_the_hour(cases: Path) -> None:
    line = did(cases, "digest", "--install", "cron", "--time", "8:05", now=f"{MONDAY}T08:00").splitlines()[1]
    minutes = {int(each) for each in line.split(" ")[0].split(",")}
    zones = ("UTC", "Europe/London", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York")
    for month, zone in product((1, 7), zones):
        told = datetime(2026, month, 1, 8, 5, tzinfo=ZoneInfo("Europe/London")).astimezone(ZoneInfo(zone))
        assert told.minute in minutes, zone


def crontab_in(folder: Path, listing: str = "exec cat {table}") -> tuple[Path, dict[str, str]]:
    """A crontab command of our own: the file it keeps, and the variables with which it is found."""
    tools, table = folder / "bin", folder / "table"
    tools.mkdir()
    script = f'#!/bin/sh\n[ "$1" = -l ] && {listing.format(table=table)}\n[ "$1" = - ] && exec cat > {table}\n'
    (tools / "crontab").write_text(script, encoding="utf-8")
    (tools / "crontab").chmod(0o755)
    return table, {"PATH": f"{tools}:{os.environ['PATH']}"}


@pytest.mark.file_only("names the file in a crontab")
def test_cron_is_given_the_lines_once_and_no_other_line_is_touched(
    escalate: Escalate, cases: Path, tmp_path: Path
) -> None:
    settings(cases, 9)
    table, found = crontab_in(tmp_path)
    theirs = f"# escalate digest {cases}\n5 5 * * * something else\n\n  # mine\nMAILTO=unit@x.example"
    table.write_text(theirs, encoding="utf-8")
    for more in (("08:00",), ("07:45", "--board", str(tmp_path / "board.html")), ("09:15",)):
        ran = escalate(
            *("digest", "--mail", "--install", "cron", "--write", "--time", *more),
            environment=environment(cases, f"{MONDAY}T08:00") | found,
        )
        assert ran.status == 0
    lines = table.read_text(encoding="utf-8").splitlines()
    assert lines[:-2] == theirs.splitlines()[1:]
    assert (lines[-2], lines[-1].endswith("digest --mail"), "= 0915 ]" in lines[-1]) == (
        theirs.splitlines()[0],
        True,
        True,
    )


@pytest.mark.parametrize(
    ("listing", "status"),
    [
        ("{{ echo 'no crontab for root' >&2; exit 1; }}", 0),
        ("{{ echo 'you are not allowed to use this' >&2; exit 1; }}", 1),
    ],
)
def test_a_crontab_that_cannot_be_read_is_not_written_over(
    escalate: Escalate, cases: Path, tmp_path: Path, listing: str, status: int
) -> None:
    table, found = crontab_in(tmp_path, listing)
    ran = escalate("digest", "--install", "cron", "--write", environment=environment(cases, f"{MONDAY}T08:00") | found)
    assert (ran.status, table.exists()) == (status, status == 0)
    assert status == 0 or "crontab -l failed (you are not allowed to use this)" in ran.stderr


def test_the_settings_in_force_go_with_the_schedule(escalate: Escalate, cases: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    more = {
        "ESCALATE_PROTOCOLS": str(tmp_path / "mine"),
        "ESCALATE_AT_RISK": "2 working days",
        "XDG_DATA_HOME": str(tmp_path),
    }
    given = environment(cases, f"{MONDAY}T08:00") | more
    for scheduler in ("cron", "systemd", "launchd"):
        ran = escalate("digest", "--install", scheduler, environment=given)
        for name, value in more.items():
            set_there = (
                f"<key>{name}</key>\n    <string>{value}</string>" if scheduler == "launchd" else f"{name}={value}"
            )
            assert set_there in ran.stdout.replace("'", "")
        assert "ESCALATE_NOW" not in ran.stdout


@pytest.mark.parametrize("scheduler", sampled(["cron", "systemd", "launchd"], 3))
def test_a_schedule_that_cannot_work_is_not_given(cases: Path, scheduler: str) -> None:
    ran = run(cases, "digest", "--mail", "--install", scheduler, now=f"{MONDAY}T08:00")
    assert (ran.status, ran.stdout) == (1, "")
    assert "so no schedule is given." in ran.stderr
    assert "has no [mail] table" in ran.stderr
    settings(cases, 9, 'security = "none"', 'user = "x"', f'password_file = "{cases.parent / "none"}"')
    ran = run(cases, "digest", "--mail", "--install", scheduler, now=f"{MONDAY}T08:00")
    assert (ran.status, ran.stdout, "so no schedule is given." in ran.stderr) == (1, "", True)


@pytest.mark.parametrize("scheduler", sampled(["cron", "systemd"], 2))
def test_what_runs_it_every_morning_is_what_was_kept(cases: Path, tmp_path: Path, scheduler: str) -> None:
    settings(cases, 9)
    shown = did(cases, "digest", "--mail", "--install", scheduler, now=f"{MONDAY}T08:00")
    same_as_kept(f"digest-{scheduler}.txt", shown.replace(str(SCRIPT), "(escalate)").replace(str(tmp_path), "(folder)"))
    assert not (tmp_path / ".config").exists()


@pytest.mark.script
@pytest.mark.parametrize(
    ("zone", "times"),
    sampled(
        [
            ("Europe/London", {"Hour": 7, "Minute": 50}),
            ("Europe/Lisbon", {"Hour": 7, "Minute": 50}),  # the same all the year round
            ("UTC", [{"Minute": minute} for minute in (5, 20, 35, 50)]),  # the same in winter only
            ("Asia/Kathmandu", [{"Minute": minute} for minute in (5, 20, 35, 50)]),
        ],
        4,
    ),
)
def test_a_mac_runs_it_at_its_time_in_london_whatever_its_zone(
    escalate: Escalate, cases: Path, zone: str, times: object
) -> None:
    given = environment(cases, f"{MONDAY}T08:00") | {"TZ": zone}
    ran = escalate("digest", "--install", "launchd", "--time", "7:50", environment=given)
    job = plistlib.loads(ran.stdout.partition("\n")[2].partition("# and then")[0].encode())
    assert (ran.status, job["StartCalendarInterval"], job["Umask"]) == (0, times, "077")
    words = job["ProgramArguments"]
    if isinstance(times, list):
        assert "whether it is 07:50 there" in ran.stderr
        assert words[:2] == ["/bin/sh", "-c"]
        condition, _, line = words[2].partition(" && exec ")
        assert condition == '[ "$(TZ=Europe/London date +%H%M)" = 0750 ]'
        words = shlex.split(line)
    assert words[-3:] == ["--db", str(cases), "digest"]


LAUNCHCTL = """#!/bin/sh
echo "$@" >>{said}
case $1 in
  bootout) exit 3;;  # what it says of a job that is not there
  {fails}) echo "Domain does not support specified action" >&2; exit 125;;
esac
"""


@pytest.mark.parametrize(
    ("fails", "asked"), sampled([("nothing", ["print", "bootout", "bootstrap"]), ("print", ["print"])], 2)
)
def test_a_job_of_launchd_is_put_there_and_started_in_the_place_of_an_earlier_one(
    escalate: Escalate, cases: Path, fails: str, asked: list[str]
) -> None:
    folder = cases.parent
    (folder / "launchctl").write_text(LAUNCHCTL.format(said=folder / "said", fails=fails), encoding="utf-8")
    (folder / "launchctl").chmod(0o755)
    given = environment(cases, f"{MONDAY}T08:00") | {"PATH": f"{folder}:{os.environ['PATH']}", "TZ": "Europe/London"}
    file = folder / "Library" / "LaunchAgents" / "escalate-alerts.plist"
    for _ in range(2):
        ran = escalate("digest", "--alerts", "--install", "launchd", "--write", environment=given)
        assert (ran.status, file.exists()) == ((1, False) if fails == "print" else (0, True)), ran.stderr
    said = [line.split() for line in (folder / "said").read_text(encoding="utf-8").splitlines()]
    assert [words[0] for words in said] == 2 * asked
    if file.exists():
        user = f"gui/{os.getuid()}"
        assert said[:3] == [["print", user], ["bootout", f"{user}/escalate-alerts"], ["bootstrap", user, str(file)]]
        job = plistlib.loads(file.read_bytes())
        assert job["Label"] == "escalate-alerts"
        assert job["ProgramArguments"][-4:] == ["--db", str(cases), "digest", "--alerts"]
    else:
        assert "launchctl print" in ran.stderr
        assert "without --write the lines are printed" in ran.stderr


@pytest.mark.parametrize(
    ("clock", "says"),
    [("02:00", "clocks change"), ("1:30", "clocks change"), ("24:00", "not a time"), ("8", "not a time")],
)
def test_a_time_at_which_the_clocks_change_is_refused(cases: Path, clock: str, says: str) -> None:
    ran = run(cases, "digest", "--install", "cron", "--time", clock, now=f"{MONDAY}T08:00")
    assert (ran.status, says in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    ("scheduler", "tool"), sampled([("cron", "crontab"), ("systemd", "systemctl"), ("launchd", "launchctl")], 3)
)
def test_where_a_scheduler_is_missing_nothing_is_written_and_the_lines_can_still_be_printed(
    escalate: Escalate, cases: Path, scheduler: str, tool: str
) -> None:
    without = environment(cases, f"{MONDAY}T08:00") | {"PATH": str(cases.parent)}
    ran = escalate("digest", "--install", scheduler, "--write", environment=without)
    assert (ran.status, ran.stdout) == (1, "")
    assert f"{tool} cannot be run" in ran.stderr
    assert not (cases.parent / ".config").exists()
    assert not (cases.parent / "Library").exists()


def test_the_settings_in_the_readme_are_sound() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (block,) = [each for each in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "[mail]" in each]
    assert read_mail(tomllib.loads(block)["mail"])[1] == []


# -- names


def test_what_leaves_the_office_has_the_name_of_the_partnership_and_the_id_at_most_in_a_column_beside_it(
    tmp_path: Path,
) -> None:
    text = (Path(__file__).parents[2] / "protocols" / "hull-east-riding.toml").read_text(encoding="utf-8")
    name = re.search(r'^partnership = "(.*)"$', text, re.MULTILINE)
    assert name
    (tmp_path / "zq-77.toml").write_text(text.replace('id = "hull-east-riding"', 'id = "zq-77"', 1), encoding="utf-8")
    path = tmp_path / "cases.db"

    def told(*words: str, now: str) -> str:
        return run.did(path, *words, now=now, ESCALATE_PROTOCOLS=str(tmp_path))

    told("open", "zq-77", "--about", "x", "--from", "Trust", "--to", "Council", now=f"{FRIDAY}T09:00")
    told("open", "zq-77", "--about", "y", "--from", "Trust", "--to", "Council", now=f"{FRIDAY}T09:10")
    told("set", "2", "immediate-risk=yes", now=f"{FRIDAY}T09:15")
    told("done", "1", "discussion", now=f"{FRIDAY}T09:20")
    told("set", "2", "immediate-risk=no", now=f"{FRIDAY}T09:40")
    for form in ("text", "markdown", "html"):
        page = told("digest", "--format", form, "--dry-run", now=f"{MONDAY}T08:00")
        assert ("zq-77" in page, "Done since" in page) == (False, True), form
        assert name[1].replace("-", "\\-" if form == "markdown" else "-") in page, form
    alerts = told("digest", "--alerts", "--dry-run", now=f"{FRIDAY}T22:00")
    assert ("zq-77" in alerts, name[1] in alerts) == (False, True)
    appointments = told("export", "ics", now=f"{FRIDAY}T10:00")
    assert name[1][:40] in appointments.replace("\r\n ", "")
    for what in ("cases", "deadlines"):
        rows = list(csv.DictReader(told("export", "csv", "--what", what, now=f"{FRIDAY}T10:00").splitlines()))
        assert {(each["Protocol"], each["Partnership"]) for each in rows} == {("zq-77", name[1])}
