"""Retained: what is over is erased when somebody has signed it off, nothing that is held, and a certificate says so."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_bad_input import assert_refused
from tests.driver import Office
from tests.private import is_private
from tests.promises.conftest import Show

pytestmark = pytest.mark.promise(17)

CLOSED, NOW = "2026-01-06T10:00", "2029-01-06T10:00"
SCHEDULE = '[retention]\ndefault = "2 years"\nherefordshire = "10 years"\nwithdrawn = "6 months"\n'
run = Office(now=NOW, by="una", environment={"ESCALATE_CONFIG": "{home}/config.toml"})

CASES = [
    # protocol, subject, name, how it was closed, and by which rule it is due since when in January 2029
    ("herefordshire", "M-1", "Ada Example", "resolve", None),
    ("herefordshire", "M-2", "Bo Kind", "withdraw", None),
    ("lincolnshire", "M-3", "Ada Example", "withdraw", ("withdrawn", "6 months", "2026-07-06T23:59:59+01:00")),
    ("lincolnshire", "M-4", "Di Young", "resolve", ("default", "2 years", "2028-01-06T23:59:59+00:00")),
    ("hull-east-riding", "M-5", "Ed Old", "resolve", ("default", "2 years", "2028-01-06T23:59:59+00:00")),
    ("lincolnshire", "M-6", "Ada Example", None, None),
    ("lincolnshire", "M-7", "Fa Sister", None, None),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("retained") / "cases.db"
    for n, (protocol, subject, name, closes, _) in enumerate(CASES, 1):
        about = f"{name} canary" if n < 7 else "Sister of Ada Example canary"
        run.did(
            path,
            "open",
            protocol,
            "--subject",
            subject,
            "--from",
            "Trust",
            "--about",
            about,
            "--fact",
            f"name={name}",
            now="2026-01-05T10:00",
        )
        if closes:
            run.did(path, closes, str(n), now=CLOSED)
    run.did(path, "set", "5", "legal-hold=Inquest, letter of 7 January", now="2026-01-07T10:00")
    run.did(path, "search", "Ada Example", "--identify", "--reason", "Ada Example rang", now="2026-01-08T10:00")
    run.did(path, "search", "Ada Exampleton", "--identify", now="2026-01-08T10:00")
    return path


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    shutil.copyfile(made, tmp_path / "cases.db")
    (tmp_path / "config.toml").write_text(SCHEDULE, encoding="utf-8")
    return tmp_path / "cases.db"


def erased(path: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.did(path, "erase", *words, "--json"))
    return found


def test_what_is_due_is_listed_with_its_rule_and_nothing_is_erased(cases: Path) -> None:
    before = cases.read_bytes()
    due = erased(cases, "--due")
    assert [(each["case"], each["rule"], each["kept_for"], each["due_since"]) for each in due["due"]] == [
        (f"E000{n}", *rule) for n, (*_, rule) in enumerate(CASES, 1) if rule
    ]
    assert [(each["case"], each["hold"]) for each in due["due"] if each["held"]] == [
        ("E0005", "Inquest, letter of 7 January")
    ]
    assert (due["erased"], due["certificate"]) == ([], None)
    page = run.did(cases, "erase", "--due")
    assert "withdrawn: 6 months" in page
    assert "nothing: it is under a legal hold (Inquest, letter of 7 January)" in page
    assert "sign it off: escalate erase --due --signed-off-by NAME" in page
    assert erased(cases, "--due", "--yes")["erased"] == [], "without a name it is a list, whatever else is said"
    assert cases.read_bytes() == before


@pytest.mark.parametrize(
    ("now", "due"),
    [("2026-07-06T12:00", []), ("2026-07-07T00:01", ["E0003"]), ("2028-01-06T12:00", ["E0003"]), ("2028-01-07T00:01", ["E0003", "E0004", "E0005"]), ("2036-01-07T00:01", ["E0001", "E0002", "E0003", "E0004", "E0005"])],
)  # fmt: skip
def test_a_case_is_due_when_its_time_has_run_out_to_the_day(cases: Path, now: str, due: list[str]) -> None:
    found = json.loads(run.did(cases, "erase", "--due", "--json", now=now))
    assert [each["case"] for each in found["due"]] == due


def test_signed_off_all_of_it_goes_that_is_not_held_and_the_certificate_names_references_only(
    cases: Path, shown: Show
) -> None:
    run.backs_up(cases, now="2028-12-31T10:00")
    head = run.json(cases, "verify")["head"]
    preview = erased(cases, "--due", "--signed-off-by", "Una Head", "--dry-run")
    assert [each["case"] for each in preview["erased"]] == ["E0003", "E0004"]
    assert run.json(cases, "verify")["head"] == head
    found = erased(cases, "--due", "--signed-off-by", "Una Head", "--yes", "--certificate", "c.html")
    paper = found["certificate"]
    after = run.json(cases, "verify", "--head", head)["head"]
    assert (paper["signed_off_by"], paper["by"], paper["at"]) == ("Una Head", "una", "2029-01-06T10:00:00+00:00")
    assert (paper["head_before"], paper["head_after"], paper["held"]) == (head, after, ["E0005"])
    assert [(each["case"], each["rule"], each["identities"]) for each in paper["erased"]] == [
        ("E0003", "withdrawn: 6 months", 1),
        ("E0004", "default: 2 years", 1),
    ]
    page = (cases.parent / "c.html").read_text(encoding="utf-8")
    assert [
        each for each in ("E0003", "E0004", "withdrawn: 6 months", "Una Head", head, after, "E0005") if each not in page
    ] == []
    assert [name for _, subject, name, *_ in CASES for name in (name, subject) if name in page] == []
    assert is_private(cases.parent / "c.html")
    assert "Di Young" not in run.did(cases, "show", "4", "--identify")
    assert "Retention period over; signed off by Una Head" in run.did(cases, "log", "4")
    assert "Ed Old" in run.did(cases, "show", "5", "--identify")
    for each in (cases, *(cases.parent / "backups").glob("*.db")):
        assert b"Di Young" not in each.read_bytes()
    again = erased(cases, "--due", "--signed-off-by", "Una Head", "--yes")
    assert (again["erased"], again["certificate"]) == ([], None)
    shown("2 of 2 cases due erased when signed off, 1 of 1 held left alone, and a certificate of references only")


def test_a_person_of_whom_nothing_is_said_is_not_what_is_due(cases: Path) -> None:
    before = cases.read_bytes()
    for nothing in ("--person", "--name"):
        assert_refused(run(cases, "erase", nothing, "", "--yes"), 2, f"{nothing} is empty")
    assert cases.read_bytes() == before


def test_a_reference_is_not_found_in_a_longer_one(cases: Path) -> None:
    run.did(cases, "search", "nobody", "--identify", "--reason", "M-1-2 rang, and X-M-1")
    run.did(cases, "search", "nobody", "--identify", "--reason", "of M-1, M-2/M-1")
    assert_refused(run(cases, "erase", "--person", "M", "--dry-run"), 1, "No case is about such a person")
    looks = erased(cases, "--person", "M-1", "--yes")["looks"]
    left = [each["reason"] for each in json.loads(run.did(cases, "access", "--json"))]
    assert len(looks) == 2, "one names Ada Example, and one the reference"
    assert ("M-1-2 rang, and X-M-1" in left, "of M-1, M-2/M-1" in left) == (True, False)


def test_a_person_is_erased_over_all_closed_cases_and_what_stays_is_named(cases: Path, shown: Show) -> None:
    run.did(cases, "set", "3", "legal-hold=Complaint")
    run.backs_up(cases)
    found = json.loads(
        run.did(cases, "erase", "--name", "-", "--yes", "--json", "--certificate", "c.json", stdin="ada  EXAMPLE\n")
    )
    assert ([each["case"] for each in found["erased"]], found["held"], found["open"]) == (
        ["E0001"],
        ["E0003"],
        ["E0006"],
    )
    assert found["not_reached"] == [
        "E0007 names the person in entry 1, and is about somebody else: nothing of it was erased."
    ]
    assert json.loads((cases.parent / "c.json").read_text(encoding="utf-8")) == found["certificate"]
    looks = json.loads(run.did(cases, "access", "--identify", "--json"))
    assert [each["asked"] for each in looks if each["command"] == "search"] == ["Ada Exampleton", None]
    for each in (cases, *(cases.parent / "backups").glob("*.db")):
        assert b"Ada Example rang" not in each.read_bytes()
    assert run(cases, "verify").status == 0
    by_reference = erased(cases, "--person", "m-2", "--dry-run")
    assert [each["case"] for each in by_reference["erased"]] == ["E0002"]
    shown("a person erased by name over all cases and looks; what stays is named")


def test_somebody_who_was_only_searched_for_is_erased_from_the_looks_and_their_copies(cases: Path) -> None:
    run.did(cases, "search", "Zoe Nobody", "--identify")
    run.backs_up(cases)
    assert "The words of 1 look at names go as well" in run.did(cases, "erase", "--name", "Zoe Nobody", "--dry-run")
    found = erased(cases, "--name", "Zoe Nobody", "--yes", "--certificate", "c.html")
    assert (found["erased"], found["looks"], found["certificate"]["looks"]) == ([], ["*@3"], ["*@3"])
    assert "*@3" in (cases.parent / "c.html").read_text(encoding="utf-8")
    for each in (cases, *(cases.parent / "backups").glob("*.db")):
        assert b"Zoe Nobody" not in each.read_bytes()
    assert "Zoe" not in run.did(cases, "access", "--identify")
    for each in (cases, *(cases.parent / "backups").glob("*.db")):
        assert run(each, "verify").status == 0


def test_holds_are_listed_with_their_reasons(cases: Path) -> None:
    assert json.loads(run.did(cases, "erase", "--holds", "--json")) == [
        {"case": "E0005", "status": "resolved", "reason": "Inquest, letter of 7 January", "since": "2026-01-07T10:00:00+00:00", "by": "una"}
    ]  # fmt: skip
    assert "Inquest, letter of 7 January" in run.did(cases, "erase", "--holds")
    run.did(cases, "set", "5", "legal-hold=none")
    assert "No case is under a legal hold." in run.did(cases, "erase", "--holds")


SETTINGS = [
    # what stands below [retention], and what is said of it, a line each
    ('default = "6 yeers"', ['retention.default: "6 yeers" is not how long a case is kept: say so many days, weeks, months or years']),
    ("default = 6", ['retention.default: 6 is not a time: write it in quotes, such as "6 years"']),
    ('default = "24 hours"\nlincolnshire = "immediately"\nresolved = "5 working days"', ['retention.default: "24 hours" is not', 'retention.lincolnshire: "immediately" is not', 'retention.resolved: "5 working days" is not']),
    ('default = "0 years"', ['retention.default: "0 years" is not how long']),
    ('default = "2 to 3 years"', ['retention.default: "2 to 3 years" is not how long']),
]  # fmt: skip


@pytest.mark.parametrize(("table", "says"), SETTINGS, ids=[table for table, _ in SETTINGS])
def test_a_schedule_with_mistakes_is_refused_when_settings_are_read_a_sentence_for_each(
    cases: Path, table: str, says: list[str]
) -> None:
    (cases.parent / "config.toml").write_text(f"[retention]\n{table}\n", encoding="utf-8")
    for line in (("list",), ("erase", "--due")):
        ran = run(cases, *line)
        assert (ran.status, ran.stdout) == (1, "")
        lines = ran.stderr.splitlines()
        assert [said for said, line in zip(says, lines, strict=True) if said not in line] == []


REFUSED = [
    (("erase", "--due"), "", 1, "How long cases are kept is not set: write it into"),
    (("erase", "--due"), '[retention]\nherefordshyre = "6 years"', 2, "retention.herefordshyre is not a protocol, nor default, resolved, withdrawn or void"),
    (("list",), 'retention = "6 years"', 1, "retention should be a table"),
    (("erase", "--due", "--signed-off-by", "Una"), SCHEDULE, 1, "Nobody is at a terminal to answer: add --yes"),
    (("erase", "--due", "--signed-off-by", "Una", "--json"), SCHEDULE, 1, "add --yes to erase, or --dry-run"),
    (("erase", "--due", "--signed-off-by", " "), SCHEDULE, 2, "--signed-off-by is empty"),
    (("erase", "4", "--signed-off-by", "Una"), SCHEDULE, 2, "--signed-off-by says who signs the list of --due off"),
    (("erase", "4", "--due"), SCHEDULE, 2, "Say what to erase: a case, or --closed-for"),
    (("erase", "4", "--name", "x", "--yes"), "", 2, "Say what to erase: a case, or --closed-for"),
    (("erase", "5", "--yes"), "", 1, "E0005 is under a legal hold"),
    (("erase", "--person", "X-9", "--yes"), "", 1, "No case is about such a person, and nothing names them"),
    (("erase", "4", "--yes", "--certificate", "c.pdf"), "", 2, "c.pdf ends neither in .html nor in .json"),
    (("erase", "4", "--yes", "--force"), "", 2, "--force replaces a file: name it with --certificate"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "settings", "status", "says"), REFUSED, ids=str)
def test_what_cannot_be_is_refused_and_nothing_is_erased(
    cases: Path, line: tuple[str, ...], settings: str, status: int, says: str
) -> None:
    (cases.parent / "config.toml").write_text(settings, encoding="utf-8")
    before = cases.read_bytes()
    ran = run(cases, *line)
    assert (ran.status, says in ran.stderr, cases.read_bytes() == before) == (status, True, True), ran
    if line[-1] != "Una":  # the list stands before the question
        assert_refused(ran, status, says)


def test_where_the_certificate_cannot_be_written_nothing_is_erased(cases: Path) -> None:
    (cases.parent / "c.html").write_text("mine", encoding="utf-8")
    before = cases.read_bytes()
    ran = run(cases, "erase", "4", "--yes", "--certificate", "c.html")
    assert (ran.status, "c.html is there already" in ran.stderr) == (1, True)
    assert cases.read_bytes() == before


def test_lists_and_exports_take_a_subject(cases: Path) -> None:
    assert [each["case"] for each in json.loads(run.did(cases, "list", "--subject", "m-3", "--json"))] == ["E0003"]
    assert json.loads(run.did(cases, "list", "--subject", "m", "--json")) == []
    csv = run.did(cases, "export", "csv", "--what", "cases", "--subject", "M-3")
    assert ("E0003" in csv, "E0004" in csv) == (True, False)
    run.did(cases, "list", "--subject", "M-3", "--identify")
    assert json.loads(run.did(cases, "access", "--identify", "--json"))[0]["asked"] == "M-3"


def test_the_schedule_is_shown_among_the_settings_and_the_doctor_says_what_is_due(cases: Path) -> None:
    shown = json.loads(run.did(cases, "config", "--json"))["settings"]
    scheduled = {name: each["value"] for name, each in shown.items() if name.startswith("retention.")}
    assert scheduled == {
        "retention.default": "2 years",
        "retention.herefordshire": "10 years",
        "retention.withdrawn": "6 months",
    }
    assert "retention.withdrawn" in run.did(cases, "config")

    def said(now: str) -> list[tuple[str, str]]:
        findings = json.loads(run(cases, "doctor", "--json", now=now).stdout)["findings"]
        return [(each["state"], each["says"]) for each in findings if each["about"] == "Retention"]

    due = "2 closed cases were kept as long as the settings say, and 1 more under a legal hold"
    assert said(NOW) == [("note", due)]
    assert said("2026-02-01T10:00") == [("well", "no closed case is due to be erased")]
    (cases.parent / "config.toml").write_text('[retention]\nno-such-protocol = "2 years"\n', encoding="utf-8")
    [(state, says)] = said(NOW)
    assert (state, "retention.no-such-protocol is not a protocol" in says) == ("wrong", True)
    (cases.parent / "config.toml").write_text("", encoding="utf-8")
    assert said(NOW) == []
