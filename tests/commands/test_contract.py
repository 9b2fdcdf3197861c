"""The contract for scripts: keys that are always there, statuses, filters, and one JSON document and nothing else."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from escalate import cli
from tests.driver import Office
from tests.sizes import sampled

NOW = "2026-11-23T10:00"
DUE_KEYS = {
    "case",
    "subject",
    "protocol",
    "route",
    "stage",
    "stage_name",
    "action",
    "action_name",
    "owner",
    "raising_agency",
    "receiving_agency",
    "target_at",
    "due_at",
    "act_by",
    "standing",
    "provisional",
    "cite",
}
CASE_KEYS = {
    "case",
    "protocol",
    "edition",
    "route",
    "status",
    "stage",
    "entered_at",
    "concern_at",
    "raised_at",
    "subject",
    "raising_agency",
    "receiving_agency",
    "facts",
}
PROTOCOLS = Path(__file__).parents[2] / "protocols"
LONDON = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[01]:00")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three cases: one overdue, one at risk and undated, one resolved with its outcome to share."""
    path = tmp_path_factory.mktemp("contract") / "cases.db"
    for now, *arguments in (
        ("2026-11-20T09:00", "open", "hull-east-riding", "--subject", "H-1", "--from", "Trust", "--to", "Council"),
        ("2026-11-21T09:00", "open", "north-east-lincolnshire", "--stage", "B", "--from", "Police", "--to", "Council"),
        ("2026-11-21T10:00", "open", "herefordshire", "--about", "Thresholds", "--fact", "protection-plan=yes"),
        ("2026-11-21T11:00", "resolve", "3"),
    ):
        assert run(path, *arguments, now=now).status == 0
    return path


run = Office(now=NOW)


def document(path: Path, *arguments: str, now: str = NOW) -> Any:
    ran = run(path, *arguments, "--json", now=now)
    assert (ran.status, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def test_a_clock_that_runs_is_shown_to_the_minute(cases: Path) -> None:
    for look in (["due"], ["show", "1"], ["explain", "1"]):
        assert ":00:46" not in run(cases, *look, now="2026-11-23T10:00:46").stdout
    assert "Monday 23 November 2026 10:00: " in run(cases, "due", now="2026-11-23T10:00:46").stdout


def test_due_lists_the_most_urgent_first_with_every_key(cases: Path) -> None:
    lines = document(cases, "due")
    assert [(line["case"], line["action"], line["standing"]) for line in lines] == [
        ("E0001", "discussion", "overdue"),
        ("E0001", "resolve", "overdue"),
        ("E0002", "referral", "at-risk"),  # and no row for the stage itself, which ends with this duty (C18)
        ("E0003", "outcome-shared", "undated"),
    ]
    assert all(set(line) >= DUE_KEYS for line in lines)
    assert lines[0] | {"cite": ""} == lines[0] | {
        "case": "E0001",
        "subject": "H-1",
        "protocol": "hull-east-riding",
        "route": "main",
        "stage": "1",
        "stage_name": "Practitioner to practitioner",
        "owner": "The practitioner raising the issue",
        "raising_agency": "Trust",
        "receiving_agency": "Council",
        "target_at": None,
        "due_at": "2026-11-21T09:00:00+00:00",
        "act_by": "2026-11-20T17:00:00+00:00",
        "provisional": False,
        "cite": "",
    }


FILTERS = [
    (["--overdue"], ["E0001", "E0001"]),
    (["--at-risk"], ["E0002"]),
    (["--overdue", "--at-risk"], ["E0001", "E0001", "E0002"]),
    (["--within", "1 working day"], ["E0001", "E0001", "E0002"]),
    (["--within", "1 hour"], ["E0001", "E0001"]),
    (["--agency", "council"], ["E0001", "E0001", "E0002"]),
    (["--agency", "Trust"], ["E0001", "E0001"]),
    (["--owner", "each of the practitioners"], ["E0002"]),
    (["--protocol", "herefordshire"], ["E0003"]),
    (["--limit", "2"], ["E0001", "E0001"]),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_due_filters(cases: Path, filters: list[str], expected: list[str]) -> None:
    assert [line["case"] for line in document(cases, "due", *filters)] == expected


def test_a_filter_that_matches_nothing_says_so_and_an_unknown_protocol_is_refused(cases: Path) -> None:
    ran = run(cases, "due", "--json", "--agency", "nobody")
    assert (ran.status, json.loads(ran.stdout)) == (0, [])
    assert ran.stderr == 'No open case has an agency like "nobody"; there is Council, Police and Trust.\n'
    for command in ("due", "list"):
        refused = run(cases, command, "--protocol", "hull-east-ridng")
        assert (refused.status, refused.stdout) == (1, "")
        assert 'There is no protocol "hull-east-ridng". Did you mean hull-east-riding?' in refused.stderr


def test_what_a_limit_further_up_has_overtaken_is_never_left_out(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    run(path, "open", "herefordshire", "--about", "Thresholds", "--concern", "2026-11-18", now="2026-11-20T10:00")
    assert [line["ahead_at"] for line in document(path, "due", "--at-risk", now="2026-11-23T10:00")] == [
        "2026-11-23T23:59:59+00:00"
    ]
    assert document(path, "due", "--overdue", now="2026-11-23T10:00") == []
    for filters in (["--overdue"], ["--within", "1 working day"], []):
        assert [line["standing"] for line in document(path, "due", *filters, now="2026-11-24T10:00")] == ["undated"]
    assert run(path, "due", "--exit-code", now="2026-11-24T10:00").status == 3


def test_a_deadline_beyond_the_published_bank_holidays_is_provisional_and_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    assert (
        run(path, "open", "herefordshire", "--about", "Thresholds", "--stage", "2", now="2028-12-28T10:00").status == 0
    )
    ran = run(path, "due", "--json", now="2028-12-28T10:00")
    assert [line["provisional"] for line in json.loads(ran.stdout)] == [True, False, False]
    assert ran.stderr == "1 open deadline beyond the bank holidays published so far: provisional until they are.\n"
    page = run(path, "due", now="2028-12-28T10:00").stdout
    assert "~Wed 10 Jan" in page
    assert "~ provisional: " in page


def test_a_day_without_a_time_is_not_enough_where_the_time_decides(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    run(path, "open", "hull-east-riding", "--about", "Thresholds", now="2026-11-18T10:00")
    for arguments in (["done", "1", "discussion"], ["advance", "1"], ["resolve", "1"]):
        ran = run(path, *arguments, "--at", "today", now="2026-11-19T16:00")
        assert (ran.status, ran.stdout) == (1, "")
        assert "something due Thursday 19 November 2026 10:00: say at what time of that day it happened" in ran.stderr
    assert run(path, "note", "1", "x", "--at", "today", now="2026-11-19T16:00").status == 0


def test_a_standing_action_passes_every_filter_and_limit(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    for now in ("2026-11-16T10:00", "2026-11-23T10:00"):
        run(path, "open", "hull-east-riding", "--from", "Trust", now=now)
    run(path, "set", "2", "immediate-risk=yes", now="2026-11-23T10:00")
    for filters in (
        ["--limit", "1"],
        ["--overdue"],
        ["--agency", "nobody"],
        ["--owner", "nobody"],
        ["--protocol", "herefordshire"],
    ):
        lines = json.loads(run(path, "due", "--json", *filters, now="2026-11-23T10:30").stdout)
        assert [line["action"] for line in lines][:2] == ["lead-told", "police-and-safeguarding"], filters
        assert all(line["contacts"] for line in lines if line["action"] == "police-and-safeguarding")


def test_what_will_be_overtaken_today_comes_before_what_is_on_track(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    run(path, "open", "herefordshire", "--about", "Thresholds", now="2026-11-16T10:00")
    run(path, "open", "herefordshire", "--about", "Thresholds", "--stage", "3", now="2026-11-19T10:00")
    lines = document(path, "due", "--limit", "1", now="2026-11-19T10:00")
    assert [(line["case"], line["standing"]) for line in lines] == [("E0001", "undated")]


def test_a_correction_needs_the_time_of_day_too(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    run(path, "open", "hull-east-riding", "--about", "Thresholds", now="2026-03-02T10:00")
    run(path, "done", "1", "discussion", "--at", "today 15:00", now="2026-03-03T16:00")
    ran = run(path, "undo", "1", "--entry", "2", "--at", "3 Mar", now="2026-03-03T16:00")
    assert (ran.status, "say at what time of that day" in ran.stderr) == (1, True)
    assert run(path, "undo", "1", "--entry", "2", "--at", "3 Mar 14:00", now="2026-03-03T16:00").status == 0


def test_checking_a_protocol_gives_its_problems_as_json(cases: Path, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('id = "my"\n')
    ran = run(cases, "protocol", "check", str(tmp_path / "my.toml"), "--json")
    assert (ran.status, ran.stderr) == (1, "")
    assert "my.toml: title: is missing; it says what the document is called" in json.loads(ran.stdout)["problems"]


def test_show_has_the_case_its_deadlines_and_its_history(cases: Path) -> None:
    shown = document(cases, "show", "3")
    assert set(shown) >= CASE_KEYS | {"deadlines", "history"}
    assert (shown["status"], shown["stage"], shown["facts"], shown["edition"]) == (
        "resolved",
        "0",
        {"protection-plan": "yes"},
        "undated",
    )
    assert all(set(line) >= DUE_KEYS for line in shown["deadlines"])
    assert [entry["kind"] for entry in shown["history"]] == ["opened", "resolved"]
    assert set(shown["history"][0]) >= {"at", "recorded_at", "by", "kind"}


def test_list_has_the_cases_without_their_history(cases: Path) -> None:
    lines = document(cases, "list")
    assert [line["case"] for line in lines] == ["E0003", "E0002", "E0001"]
    assert all(set(line) >= CASE_KEYS and "history" not in line for line in lines)
    assert [line["case"] for line in document(cases, "list", "--status", "open", "--protocol", "hull-east-riding")] == [
        "E0001"
    ]


def test_plan_has_the_stages_with_their_actions(cases: Path) -> None:
    planned = json.loads(run(cases, "plan", "lincolnshire", "--at", "2026-07-01T10:00+00:00", "--json").stdout)
    assert set(planned) >= {"protocol", "edition", "route", "cap", "stages"}
    assert [stage["stage"] for stage in planned["stages"]] == ["1", "2", "3", "4a", "4b"]
    keys = {"stage", "name", "owner", "entered_at", "target_at", "due_at", "act_by", "provisional", "actions"}
    assert all(set(stage) >= keys for stage in planned["stages"])
    assert set(planned["stages"][0]["actions"][0]) >= {"action", "name", "due_at", "act_by", "cite"}
    assert planned["stages"][0]["entered_at"] == "2026-07-01T11:00:00+01:00"


def test_protocol_list_has_the_five(cases: Path) -> None:
    found = document(cases, "protocol", "list")
    assert [each["id"] for each in found] == [
        "herefordshire",
        "hull-east-riding",
        "lincolnshire",
        "north-east-lincolnshire",
        "north-yorkshire",
    ]
    assert all(set(each) >= {"id", "title", "partnership", "edition", "routes"} for each in found)


EVERY_JSON = [
    ["due"], ["list"], ["show", "1"], ["log", "1"], ["explain", "1"], ["config"], ["demo"], ["plan", "hull-east-riding"],
    ["calc", "2026-11-20", "5 working days"], ["protocol", "list"], ["protocol", "show", "north-yorkshire"],
    ["protocol", "compare", "herefordshire", "lincolnshire", "--at", "2026-12-23T10:00"],
    ["note", "1", "x", "--dry-run"], ["done", "1", "discussion", "--dry-run"], ["advance", "1", "--dry-run"], ["resolve", "1", "--dry-run"],
    ["agree", "1", "2026-11-27", "--dry-run"], ["open", "lincolnshire", "--about", "Thresholds", "--dry-run"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", sampled(EVERY_JSON, 3), ids=" ".join)
def test_json_is_one_document_and_its_moments_are_londons(cases: Path, arguments: list[str]) -> None:
    before = cases.read_bytes()
    ran = run(cases, *arguments, "--json")
    assert ran.status == 0
    moments = [
        value
        for key, value in pairs(json.loads(ran.stdout))
        if key.endswith("_at") or key in ("act_by", "start", "cap")
    ]
    assert all(value is None or LONDON.fullmatch(value) for value in moments)
    assert cases.read_bytes() == before


def pairs(document: Any) -> list[tuple[str, Any]]:
    if isinstance(document, dict):
        inner = [pair for key, value in document.items() if key != "data" for pair in pairs(value)]
        return [(key, value) for key, value in document.items() if not isinstance(value, dict | list)] + inner
    return [pair for item in document for pair in pairs(item)] if isinstance(document, list) else []


def test_a_command_that_changes_a_case_prints_the_case(cases: Path) -> None:
    changed = document(cases, "advance", "1", "--dry-run")
    assert set(changed) == {*document(cases, "show", "1"), "changes", "dry_run"}
    assert (changed["stage"], changed["history"][-1]["kind"]) == ("2", "advanced")


DRY = [
    "advance 1", "agree 1 2026-11-27", "assign 1 raising 'Jo Roe'", "done 1 discussion", "erase 3", "note 1 x", "open lincolnshire --about x", "reopen 3",
    "resolve 1", "set 1 theme=x", "undo 1 --reason x --entry 1 --at '20 Nov 2026 08:00'", "void 1", "withdraw 1", "calendar add 2026-12-23 --reason x", "calendar refresh",
    "calendar remove 2026-12-25 --reason x", "restore latest", "encrypt --key-file {key}", "protocol adopt 1", "digest", "digest --alerts", "digest --format json",
    "agency join Trust --into 'Wye Valley Trust'",
]  # fmt: skip
"""A line of every command that takes --dry-run and --json, but those that need what is not here."""
NOT_HERE = {"decrypt", "rekey", "move", "merge", "server restore"}
"""What needs an encrypted file, another file or a server: their own tests look at their documents."""


@pytest.mark.file_only("backups")
@pytest.mark.parametrize("line", sampled(DRY, 4))
def test_a_document_says_that_it_is_of_a_dry_run(cases: Path, tmp_path: Path, line: str) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(cases.read_bytes())
    path.chmod(0o600)
    if line.startswith("restore"):
        assert run(path, "backup").status == 0
    if line.startswith("protocol adopt"):
        newer = (
            (PROTOCOLS / "hull-east-riding.toml")
            .read_text(encoding="utf-8")
            .replace('dated = "2025-06"', 'dated = "2026-10"')
        )
        (tmp_path / "newer.toml").write_text(newer, encoding="utf-8")
    ran = run(
        path,
        *shlex.split(line.format(key=tmp_path / "apart" / "key")),
        "--dry-run",
        "--json",
        ESCALATE_PROTOCOLS=str(tmp_path),
    )
    assert ran.status == 0, ran.stderr
    assert json.loads(ran.stdout)["dry_run"] is True


def test_every_command_with_a_dry_run_is_tried() -> None:
    with_both = set()
    for name, command in get_command(cli.app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        for each, one in (
            {f"{name} {sub}": sub_command for sub, sub_command in inner.items()} if inner else {name: command}
        ).items():
            options = {option for param in one.params for option in param.opts}
            with_both |= {each} if {"--dry-run", "--json"} <= options else set()
    assert with_both - NOT_HERE == {name for name in with_both for line in DRY if f"{line} ".startswith(f"{name} ")}


EXITS = [
    (["due"], NOW, 0),
    (["due", "--exit-code"], NOW, 3),
    (["due", "--exit-code", "--at-risk"], NOW, 3),
    (["due", "--exit-code", "--protocol", "herefordshire"], NOW, 0),
    (["due", "--exit-code", "--json"], NOW, 3),
    (["show", "99"], NOW, 1),
    (["show"], NOW, 2),
    (["calc", "2026-11-20", "5 workng days"], NOW, 2),
    (["--version"], NOW, 0),
    ([], NOW, 0),
]


@pytest.mark.parametrize(
    ("arguments", "now", "status"), EXITS, ids=lambda value: " ".join(value) if isinstance(value, list) else None
)
def test_exit_statuses(cases: Path, arguments: list[str], now: str, status: int) -> None:
    assert run(cases, *arguments, now=now).status == status


def test_as_of_shows_what_was_known_and_due_then(cases: Path) -> None:
    ran = run(cases, "due", "--json", "--as-of", "2026-11-20 12:00")
    assert [(line["case"], line["standing"]) for line in json.loads(ran.stdout)] == [
        ("E0001", "at-risk"),
        ("E0001", "at-risk"),
    ]
    assert ran.stderr == '"2026-11-20 12:00" was read as Friday 20 November 2026 12:00.\n'


def test_the_database_may_be_named_before_the_command(cases: Path, tmp_path: Path) -> None:
    ran = run(tmp_path / "other.db", "--db", str(cases), "list", "--json")
    assert len(json.loads(ran.stdout)) == 3


def test_settings_come_from_flags_then_environment_then_file(cases: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('at_risk = "3 working days"\nby = "the business unit"\n')
    ran = run(
        cases,
        "--db",
        str(tmp_path / "x.db"),
        "config",
        "--json",
        ESCALATE_CONFIG=str(config),
        ESCALATE_AT_RISK="2 working days",
    )
    settings = json.loads(ran.stdout)["settings"]
    assert settings["database"] == {"value": str(tmp_path / "x.db"), "source": "--db"}
    assert settings["at_risk"] == {"value": "2 working days", "source": "ESCALATE_AT_RISK"}
    assert settings["by"] == {"value": "tests", "source": "ESCALATE_BY"}
    assert settings["working_hours"] == {"value": "09:00 to 17:00", "source": "default"}


@pytest.mark.parametrize(
    "now",
    sampled(["2026-11-22T00:07", "2026-11-25T12:00", "2026-12-25T18:00", "2027-01-04T08:00", "2026-03-29T12:00"], 2),
)
def test_the_demonstration_has_something_overdue_and_something_at_risk_on_any_day(tmp_path: Path, now: str) -> None:
    lines = document(tmp_path / "none.db", "demo", now=now)
    assert {line["protocol"] for line in lines} == {
        "herefordshire",
        "hull-east-riding",
        "lincolnshire",
        "north-east-lincolnshire",
        "north-yorkshire",
    }
    assert {"overdue", "at-risk"} <= {line["standing"] for line in lines}
    assert not (tmp_path / "none.db").exists()
