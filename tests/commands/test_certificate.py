"""A certificate of dates, and the one file that checks it: what is written, what the checker says, and what it says of a bad file."""

import ast
import atexit
import json
import os
import py_compile
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from escalate import checker
from tests.command_line import Ran
from tests.commands.test_bad_input import assert_refused
from tests.driver import CopyOf, Office
from tests.kept import same_as_kept
from tests.sizes import sampled, size

CHECKER = Path(checker.__file__)
GOVUK = Path(__file__).parents[1] / "data" / "govuk-bank-holidays.json"
NOW = "2026-12-29T10:00"
office = Office(now=NOW, by="tests")

A_CASE = [
    ("2026-12-21T09:00", "open", "hull-east-riding", "--subject", "Zebedee-1", "--from", "Trust", "--to", "Council",
     "--fact", "severity=high", "--about", "Zebedee is not safe"),
    ("2026-12-21T15:00", "advance", "1", "--because", "no-response"),
    ("2026-12-22T11:00", "advance", "1", "--because", "no-response"),
    ("2026-12-22T12:00", "note", "1", "Zebedee was told"),
    ("2026-12-23T10:00", "agree", "1", "2026-12-24 12:00"),
    ("2026-12-30T10:00", "assign", "1", "raising", "Zebedee Quill"),
]  # fmt: skip


@pytest.fixture
def case(copy_of: CopyOf, tmp_path: Path) -> Path:
    """A folder with a file of one case."""
    return copy_of(_played, tmp_path)


def _played(folder: Path) -> None:
    for now, *line in A_CASE:
        office.did(folder, *line, now=now)


def certified(folder: Path, *arguments: str, now: str = NOW) -> Any:
    """The certificate that a command line writes."""
    path = folder / "certificate.json"
    office.did(folder, "explain", *arguments, "--certificate", str(path), "--force", now=now)
    return json.loads(path.read_bytes())


def run(folder: Path, *arguments: str | Path, compiled: bool = True) -> Ran:
    """The checker alone, in a folder with nothing of escalate in it, as an expert runs it, but that it is compiled once for all tests."""
    alone = folder / "alone"
    alone.mkdir(exist_ok=True)
    checker = _compiled() if compiled else CHECKER
    shutil.copyfile(checker, alone / checker.name)
    line = [sys.executable, "-I", checker.name, *map(str, arguments)]
    done = subprocess.run(line, cwd=alone, capture_output=True, text=True, check=False, timeout=60, env={})
    return Ran(done.returncode, done.stdout, done.stderr)


@cache
def _compiled() -> Path:
    folder = tempfile.mkdtemp(prefix="escalate-checker-")
    atexit.register(shutil.rmtree, folder)
    path = py_compile.compile(str(CHECKER), cfile=f"{folder}/checker.pyc", doraise=True)
    assert path
    return Path(path)


# -- what it is and says


def test_it_says_what_it_found_and_what_nobody_can(case: Path) -> None:
    certified(case, "1")
    done = run(case, "../certificate.json", "--bank-holidays", GOVUK, compiled=False)
    assert (done.status, done.stderr) == (0, "")
    paper = json.loads((case / "certificate.json").read_bytes())
    head, text = paper["chain"]["head"].partition(":")[2], paper["editions"][0][3]
    same_as_kept("certificate.txt", done.stdout.replace(head, "HEAD").replace(text, "TEXT"))


def test_it_shares_no_code_and_needs_nothing_but_python() -> None:
    tree = ast.parse(CHECKER.read_text())
    named = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {each.partition(".")[0] for each in named} <= {*sys.stdlib_module_names}
    assert "zoneinfo" not in named


def test_an_action_is_certified_alone(case: Path) -> None:
    assert [each["action"] for each in certified(case, "1", "written-escalation")["dates"]] == ["written-escalation"]
    assert {each["stage"] for each in certified(case, "1", "--stage", "1")["dates"]} == {"1"}
    assert len(certified(case, "1")["dates"]) > 2


def test_it_has_no_words_and_no_names(case: Path) -> None:
    certified(case, "1")
    text = (case / "certificate.json").read_text()
    assert "Zebedee" not in text
    assert "Quill" not in text


def test_of_other_cases_it_has_hashes_only(case: Path) -> None:
    office.did(case, "open", "lincolnshire", "--subject", "Other", "--from", "Someone Else", "--to", "Council", now=NOW)
    paper = certified(case, "1", now="2026-12-29T11:00")
    assert "Someone Else" not in json.dumps(paper)
    assert {row[1] for row in paper["entries"]} == {"E0001"}
    assert int(paper["chain"]["head"].partition(":")[0]) > len(paper["entries"])
    assert run(case, "../certificate.json").status == 0


def test_the_document_says_where_it_is(case: Path) -> None:
    path = case / "c.json"
    said = json.loads(office.did(case, "explain", "1", "--certificate", str(path), "--json", now=NOW))
    head = json.loads(office.did(case, "verify", "--json", now=NOW))["head"]
    assert said == {
        "case": "E0001",
        "certificate": str(path),
        "dates": len(json.loads(path.read_bytes())["dates"]),
        "head": head,
    }
    assert path.stat().st_mode & 0o777 == 0o600


# -- what was judged before something changed


CHANGES = {
    "a closure": [("2026-12-23T12:00", "calendar", "add", "2026-12-29", "--reason", "Council closed", "--yes")],
    "a time corrected": [
        ("2026-12-23T12:00", "undo", "2"),
        ("2026-12-23T13:00", "set", "1", "concern=2026-12-20 10:00"),
    ],
    "withdrawn and taken up again": [
        ("2026-12-23T12:00", "withdraw", "1", "--reason", "x"),
        ("2026-12-28T12:00", "reopen", "1"),
    ],
    "resolved": [("2026-12-24T09:00", "resolve", "1", "--how", "agreed")],
    "agreed anew": [("2026-12-28T12:00", "agree", "1", "2026-12-31 12:00")],
}


@pytest.mark.parametrize("lines", sampled(CHANGES.values(), 2), ids=CHANGES)
def test_what_changed_checks(case: Path, lines: Sequence[tuple[str, ...]]) -> None:
    for now, *line in lines:
        office(case, *line, now=now)
    certified(case, "1")
    done = run(case, "../certificate.json", "--bank-holidays", GOVUK)
    assert (done.status, done.stderr) == (0, ""), done.stdout


# -- several calls for what can be extended

EXTENDABLE = """
id = "extendable"
title = "Test protocol: more time for a reason"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }

[[facts]]
key = "risk"
ask = "Is there a risk?"

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Managers"
owner = "Manager"
next = []
cite = "1"

  [[stages.actions]]
  key = "opinion"
  name = "Ask for a second opinion"
  when = "risk is yes"
  timescales = [{ within = "10 working days", from = "stage", extendable = true, cite = "1.1" }]

[[standing_actions]]
key = "visit"
name = "Visit"
owner = "Whoever sees the risk"
when = "risk is yes"
timescales = [{ within = "3 working days", from = "known", extendable_to = "10 working days", cite = "2" }]
"""

OPENED = ("2026-11-02T09:00", "open", "extendable", "--subject", "Zebedee-1", "--fact", "risk=yes")
TWICE = [
    ("2026-11-04T09:00", "done", "1", "opinion"),
    ("2026-11-05T09:00", "set", "1", "risk=no"),
    ("2026-11-05T10:00", "set", "1", "risk=yes"),
]
MORE = ("2026-11-03T09:00", "agree", "1", "2026-11-20 12:00", "--action", "opinion", "--reason", "The expert is away")


@pytest.fixture
def extendable(tmp_path: Path) -> Path:
    """A folder with a protocol in which an action may be called for again and its time be extended."""
    (tmp_path / "protocols").mkdir()
    (tmp_path / "protocols" / "extendable.toml").write_text(EXTENDABLE)
    return tmp_path


own = Office(now=NOW, by="tests", environment={"ESCALATE_PROTOCOLS": "{home}/protocols"})


def checked(folder: Path, *, now: str = NOW) -> tuple[Ran, Any]:
    """What the checker says of a certificate of every date, and that certificate."""
    own.did(folder, "explain", "1", "--certificate", str(folder / "certificate.json"), "--force", now=now)
    return run(folder, "../certificate.json"), json.loads((folder / "certificate.json").read_bytes())


LONGER = ("2026-11-06T09:00", "agree", "1", "2026-11-25 12:00", "--action", "opinion", "--reason", "She is ill")


@pytest.mark.parametrize(
    ("agreed", "extended"),
    sampled(
        [
            # More time for the first call says nothing of the second, which has the ten working days of the stage: to Mon 16 Nov.
            ([MORE], ["2026-11-20T12:00:00Z", None]),
            ([LONGER], [None, "2026-11-25T12:00:00Z"]),
            ([MORE, LONGER], ["2026-11-20T12:00:00Z", "2026-11-25T12:00:00Z"]),
        ],
        3,
    ),
)
def test_more_time_for_one_call_is_none_for_another(
    extendable: Path, agreed: Sequence[tuple[str, ...]], extended: Sequence[str | None]
) -> None:
    for now, *line in sorted([OPENED, *agreed, *TWICE]):
        own.did(extendable, *line, now=now)
    done, paper = checked(extendable, now="2026-11-07T09:00")
    assert done.status == 0, done.stdout
    proofs = [each for each in paper["dates"] if each["action"] == "opinion"]
    limits = [next(limit for limit in each["limits"] if limit["rule"]) for each in proofs]
    assert [each["extended_to"] for each in limits] == extended


@pytest.mark.parametrize("seed", sampled(range(size(3, 12, 60)), 3))
def test_random_cases_of_several_calls_check(extendable: Path, seed: int) -> None:
    chance = random.Random(seed)
    now = datetime(2026, 11, 2, 9)
    own.did(extendable, *OPENED[1:], now=OPENED[0])
    for _ in range(12):
        now += timedelta(hours=chance.choice([1, 3, 8, 26]))
        action, until = chance.choice(["visit", "opinion"]), now + timedelta(hours=chance.randrange(100, 500))
        more = ["agree", "1", f"{until:%Y-%m-%d %H:%M}", "--action", action, "--reason", "x"]
        done, before = ["done", "1", action], ["--at", f"{now - timedelta(hours=5):%Y-%m-%d %H:%M}"]
        yes, no = ["set", "1", "risk=yes"], ["set", "1", "risk=no"]
        lines = [more, more, [*more, "--call", "1"], [*more, *before], done, [*done, *before], no]
        lines += [yes, yes, [*yes, "--again"], [*yes, *before], ["withdraw", "1"], ["reopen", "1"]]
        own(extendable, *chance.choice(lines), now=f"{now:%Y-%m-%dT%H:%M}")
    said, _ = checked(extendable, now=f"{now:%Y-%m-%dT%H:%M}")
    assert said.status == 0, said.stdout


# -- heads and bank holidays kept elsewhere


def test_it_holds_the_chain_against_a_head_kept_elsewhere(case: Path) -> None:
    head = json.loads(office.did(case, "verify", "--json", now=NOW))["head"]
    office.did(case, "note", "1", "later", now="2026-12-30T11:00")
    certified(case, "1", now="2026-12-30T12:00")
    assert run(case, "../certificate.json", "--head", head).status == 0
    assert "is one of this chain" in run(case, "../certificate.json", "--head", head).stdout
    other = run(case, "../certificate.json", "--head", f"{head[:-1]}{'0' if head[-1] != '0' else '1'}")
    assert other.status == 1
    assert "is not one of this chain: the file is another" in other.stdout
    office.did(case, "note", "1", "later still", now="2026-12-30T13:00")
    later = run(case, "../certificate.json", "--head", office.json(case, "verify", now=NOW)["head"])
    assert later.status == 1
    assert "Either the head was kept later, and a certificate that is made now will show it" in later.stdout


@pytest.mark.parametrize("head", sampled(["", "1204:9f3a...", "x", "7:" + "g" * 64, "7" * 20 + ":" + "a" * 64], 3))
def test_a_head_that_was_not_copied_whole_is_no_forgery(case: Path, head: str) -> None:
    certified(case, "1")
    ran = run(case, "../certificate.json", "--head", head)
    refused(ran)
    assert "is not a head: copy it whole" in ran.stderr


@pytest.mark.parametrize("day", ["2026-12-25", "2026-12-28"])
def test_it_compares_the_days_with_govuks_own_list(case: Path, day: str) -> None:
    certified(case, "1")
    lists = json.loads(GOVUK.read_bytes())
    events = lists["england-and-wales"]["events"]
    lists["england-and-wales"]["events"] = [each for each in events if each["date"] != day]
    (case / "other.json").write_text(json.dumps(lists))
    done = run(case, "../certificate.json", "--bank-holidays", "../other.json")
    assert done.status == 1
    assert f"the bank holiday of {day} is in the certificate and not in GOV.UK's list" in done.stdout


# -- bad files


BAD = {
    "empty": b"",
    "truncated": b'{"certificate": "escalate: dates of a case", "form',
    "not JSON": b"PK\x03\x04\x00\xff",
    "nested": b"[" * 100_000,
    "nested and whole": b'{"certificate":' * 100_000 + b"1" + b"}" * 100_000,
    "a list": b"[]",
    "a text": b'"certificate"',
    "null": b"null",
    "another document": b'{"case": "E0001"}',
    "not a number": b'{"certificate": "escalate: dates of a case", "format": NaN}',
    "a long number": b'{"certificate": "escalate: dates of a case", "format": ' + b"9" * 10_000 + b"}",
    "twice": b'{"certificate": "x", "certificate": "escalate: dates of a case", "format": 1}',
    "another format": b'{"certificate": "escalate: dates of a case", "format": 2}',
    "parts missing": b'{"certificate": "escalate: dates of a case", "format": 1}',
    "bank holidays": GOVUK.read_bytes(),
}


@pytest.mark.parametrize("content", sampled(BAD.values(), 3), ids=BAD)
def test_what_is_no_certificate_gets_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    refused(run(tmp_path, "../bad.json"))


def test_what_is_no_file_gets_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(2**30)
    for name in ("none.json", ".", "pipe", "large.json", "/dev/zero"):
        refused(run(tmp_path, tmp_path / name))


def refused(done: Ran) -> None:
    assert done.status == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_values_of_other_kinds_get_a_sentence(case: Path) -> None:
    paper = certified(case, "1")
    for part in paper:
        values: Sequence[Any] = (None, 1, "x", [], {}, [[]], [{}], [None], {"x": {}}, -1, True, 10**400)
        for value in values:
            changed = paper | {part: value}
            try:
                assert checker.check(changed).faults or changed == paper or part == "for_the_reader"
            except checker.NotACertificate as problem:
                assert str(problem).endswith(".")  # noqa: PT017


# -- what is refused


def test_what_cannot_be_certified_is_refused(case: Path) -> None:
    (case / "there.json").write_text("x")
    rows = [
        (("--certificate", "there.json"), 1, "is there already"),
        (("--certificate", "x.json", "--as-of", "2026-12-23"), 2, "leave --as-of out"),
        (("--certificate", "nowhere/x.json"), 1, "nothing was left there"),
        (("--certificate", "."), 1, "is a folder"),
        (("x", "--certificate", "x.json"), 1, 'no action "x"'),
    ]
    for arguments, status, sentence in rows:
        done = office(case, "explain", "1", *arguments, now=NOW)
        assert (done.status, done.stdout) == (status, "")
        assert sentence in done.stderr
    assert (case / "there.json").read_text() == "x"
    assert not (case / "x.json").exists()


def test_a_case_without_a_date_has_nothing_to_certify(tmp_path: Path) -> None:
    office.did(tmp_path, "open", "herefordshire", "--from", "Trust", "--to", "Council", now=NOW)
    done = office(tmp_path, "explain", "1", "--certificate", "x.json", now=NOW)
    assert done.status == 1
    assert "has no date there to certify" in done.stderr


def test_it_can_go_to_standard_output(case: Path) -> None:
    ran = office(case, "explain", "1", "--certificate", "-")
    assert (ran.status, ran.stderr.startswith("This proves ")) == (0, True), ran
    (case / "given.json").write_text(ran.stdout, encoding="utf-8")
    assert run(case, case / "given.json").status == 0
    assert not (case / "-").exists()
    assert_refused(office(case, "explain", "1", "--certificate", "-", "--json"), 2, "both write to standard output")
    assert_refused(office(case, "explain", "1", "--force"), 2, "name it with --certificate or --output.")


@pytest.mark.file_only("on a server no file has the cases")
def test_it_is_never_written_over_the_cases(case: Path) -> None:
    before = (case / "cases.db").read_bytes()
    done = office(case, "explain", "1", "--certificate", "cases.db", "--force", now=NOW)
    assert (done.status, done.stdout) == (1, "")
    assert "name another file" in done.stderr
    assert (case / "cases.db").read_bytes() == before


# -- another edition, on another calendar


EARLIER = """
id = "x"
title = "X"
partnership = "P"
covers = ["children"]
source = "S"
edition = { dated = "2026-06" }
calendar = { name = "england-and-wales" }
calendars = [{ key = "school", name = "england-and-wales", terms = [{ from = 2026-09-02, to = 2026-10-23 }] }]
routes = [{ key = "main", name = "L", starts = "1" }]

[[stages]]
key = "1"
name = "A"
owner = "O"
next = []
cite = "1"
actions = [
  { key = "reply", name = "Reply", timescales = [{ within = "5 school days", from = "stage", cite = "1" }] },
  { key = "call", name = "Call", timescales = [{ within = "3 working days", from = "stage", cite = "1" }] },
]
"""


def test_another_edition_that_counts_on_other_days_leaves_what_was_judged(tmp_path: Path) -> None:
    """What the new edition has no days for was counted on those of the earlier one, and is still."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    (folder / "x-1.toml").write_text(EARLIER)
    lines = [each for each in EARLIER.splitlines() if not each.startswith("calendars")]
    later = (
        "\n".join(lines)
        .replace("2026-06", "2026-10")
        .replace("5 school", "6 working")
        .replace("3 working", "4 working")
    )
    (folder / "x-2.toml").write_text(later.replace('{ name = "england-and-wales" }', '{ name = "scotland" }'))
    of_both = Office(by="tests", environment={"ESCALATE_PROTOCOLS": str(folder)})
    for now, *line in (
        ("2026-10-16T10:00", "open", "x@2026-06", "--about", "T", "--from", "A", "--to", "B"),
        ("2026-10-19T11:00", "done", "1", "call"),
        ("2026-10-20T10:00", "protocol", "adopt", "1", "--yes"),
        ("2026-10-21T10:00", "explain", "1", "--certificate", "certificate.json"),
    ):
        of_both.did(tmp_path, *line, now=now)
    paper = json.loads((tmp_path / "certificate.json").read_bytes())
    found = [(each["action"], each["due_at"][:10], each["verdict"]) for each in paper["dates"]]
    assert found == [("reply", "2026-10-23", "ceased"), ("reply", "2026-10-26", "open"), ("call", "2026-10-21", "met")]
    done = run(tmp_path, "../certificate.json", "--bank-holidays", GOVUK)
    assert (done.status, done.stderr) == (0, ""), done.stdout
