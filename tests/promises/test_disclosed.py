"""Disclosed: all that is held of one person, over all cases, and of nobody else."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_bad_input import assert_refused
from tests.driver import Office
from tests.private import is_private
from tests.promises.conftest import Show

pytestmark = pytest.mark.promise(16)

NOW = "2026-11-24T10:00"
run = Office(now=NOW, by="pat.keeper", environment={"ESCALATE_CONFIG": "{home}/no-settings.toml"})

HERS = ("Ada Example", "2014-05-01", "9 Elm Row", "M-40213", "ada example was not at school", "Adas wishes: to stay")
OTHERS = (
    "Jo Roe",
    "Ms Roe",
    "jo.roe@trust.example",
    "Cy Poe",
    "cy@council.example",
    "someone@else.example",
    "Ben Example",
    "M-50000",
    "pat.keeper",
    "sam.looker",
)
"""Whoever else is in her cases, and must not be in what she gets."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("disclosed") / "cases.db"
    sides = ("--from", "Trust", "--to", "Council")
    for line in (
        ("open", "herefordshire", "--subject", "M-40213", *sides, "--about", "Ada Example, with Ms Roe and someone@else.example", "--fact", "name=Ada Example", "--fact", "born=1 May 2014", "--fact", "address=9 Elm Row"),
        ("open", "lincolnshire", "--subject", "M-50000", *sides, "--about", "Ben Example, whose sister ada  EXAMPLE was not at school", "--fact", "name=Ben Example"),
        ("open", "hull-east-riding", "--subject", "m-40213", "--from", "Police", "--about", "Brother is M-50000"),
        ("open", "hull-east-riding", "--subject", "H-9", "--about", "Nothing to do with either; Adaline Exampleton"),
        ("assign", "1", "raising", "Jo Roe", "--role", "Named nurse", "--email", "jo.roe@trust.example"),
        ("assign", "2", "receiving", "Cy Poe", "--email", "cy@council.example"),
        ("note", "1", "Adas wishes: to stay; Cy Poe was told, Ben Example not"),
        ("note", "2", "Nothing of hers is here"),
    ):  # fmt: skip
        run.did(path, *line, now="2026-11-20T10:00")
    run.did(path, "show", "1", "--identify", "--reason", "Jo Roe asked", ESCALATE_BY="sam.looker")
    run.did(path, "show", "4", "--identify", ESCALATE_BY="sam.looker")
    return path


def disclosed(path: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.did(path, "disclose", *words, "--json"))
    return found


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    shutil.copyfile(made, tmp_path / "cases.db")
    return tmp_path / "cases.db"


def test_by_reference_all_that_is_hers_is_there_and_nobody_else(cases: Path, shown: Show) -> None:
    found = disclosed(cases, "M-40213")
    assert [each["case"] for each in found["cases"]] == ["E0001", "E0003"]
    assert found["cases"][0]["identity"] == {"name": "Ada Example", "born": "2014-05-01", "address": "9 Elm Row"}
    assert [(each["case"], each["entry"], list(each["words"])) for each in found["mentions"]] == [
        ("E0002", 1, ["about"])
    ]
    assert [(each["by"], each["cases"], each["reason"]) for each in found["looks"]] == [
        ("[another person]", ["E0001"], "[another person] asked")
    ]
    for words in (("--json",), (), ("--output", "p.html")):
        said = run.did(cases, "disclose", "M-40213", *words)
        text = (cases.parent / "p.html").read_text() if "p.html" in words else said
        text = " ".join(text.split())
        assert [each for each in OTHERS if each in text] == []
        assert [
            each for each in HERS if each.casefold() not in text.casefold().replace("1 may 2014", "2014-05-01")
        ] == []
        assert "Adaline" not in text
        assert "Nothing of hers" not in text
    assert found["left_out"] == {"names": 6, "emails": 2, "phones": 0, "recorders": 6, "references": 1}
    shown(
        f"{len(HERS)} of {len(HERS)} things of hers, 0 of {len(OTHERS)} of others; {sum(found['left_out'].values())} places left out"
    )


def test_why_a_calendar_was_changed_names_nobody_else_where_it_moved_dates_of_hers(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    run.did(
        path, "open", "hull-east-riding", "--subject", "M-1", "--about", "x", "--stage", "3", now="2026-12-21T10:00"
    )
    run.did(path, "open", "hull-east-riding", "--about", "y", "--fact", "name=Cy Poe", now="2026-12-21T10:00")
    run.did(path, "calendar", "add", "23 Dec 2026", "--reason", "Funeral of Cy Poe", "--yes", now="2026-12-21T11:00")
    told = run.did(path, "disclose", "M-1", now="2026-12-21T12:00")
    assert ("Calendar changed (Funeral of [another person])" in " ".join(told.split()), "Cy Poe" in told) == (
        True,
        False,
    )


def test_others_are_in_it_when_that_is_said(cases: Path) -> None:
    text = run.did(cases, "disclose", "M-40213", "--include-others")
    assert [each for each in OTHERS if each not in text] == ["cy@council.example"]
    assert "Nobody was left out." in text


def test_by_name_as_well_and_of_whoever_holds_a_side(cases: Path) -> None:
    by_name = disclosed(cases, "--name", "ada example")
    assert [each["case"] for each in by_name["cases"]] == ["E0001"]
    assert [each["case"] for each in by_name["mentions"]] == ["E0002"]
    both = disclosed(cases, "M-40213", "--name", "Ada Example")
    assert [each["case"] for each in both["cases"]] == ["E0001", "E0003"]
    assert by_name["not_searched"] == [
        "Only the name was searched for: a case that has only the reference is not found. Give both where you know both.",
        "E0003 has a reference that a case with this name has, and not the name: give both if it is the same person.",
    ]
    assert both["not_searched"] == []
    asked = json.loads(run.did(cases, "disclose", "--name", "-", "--json", stdin="Ada Example\n"))
    assert asked["cases"] == by_name["cases"]
    holder = disclosed(cases, "--name", "Jo Roe")
    assert holder["cases"] == []
    assert holder["mentions"][0]["words"] == {
        "role": "Named nurse", "name": "Jo Roe", "email": "jo.roe@trust.example",
    }  # fmt: skip
    assert [each["reason"] for each in holder["looks"]] == ["Jo Roe asked"]
    nobody = disclosed(cases, "X-1")
    assert (nobody["cases"], nobody["mentions"], nobody["looks"]) == ([], [], [])


def test_it_is_recorded_as_a_look_and_the_page_is_private(cases: Path) -> None:
    run.did(cases, "disclose", "M-40213", "--output", "p.html", "--reason", "Request of 12 November")
    newest = json.loads(run.did(cases, "access", "--json", "--identify"))[0]
    assert (newest["command"], newest["cases"], newest["reason"], newest["asked"]) == (
        "disclose", ["E0001", "E0003", "E0002"], "Request of 12 November", "M-40213",
    )  # fmt: skip
    assert is_private(cases.parent / "p.html")
    assert "M-40213" not in run.did(cases, "access")


REFUSED = [
    (("disclose",), 2, "Say who it is: the reference that cases have under subject, or --name"),
    (("disclose", "--name", "-"), 2, "Nothing was given for Name"),
    (("disclose", "M-1", "--output", "p.pdf"), 2, "p.pdf does not end in .html"),
    (("disclose", "M-1", "--output", "p.html", "--json"), 2, "give one of them"),
    (("disclose", "M-1", "--force"), 2, "--force replaces a file: name it with --output"),
    (("disclose", "M-1", "--reason", " "), 2, "--reason is empty"),
]


@pytest.mark.parametrize(
    ("line", "status", "says"), REFUSED, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_what_cannot_be_is_refused(cases: Path, line: tuple[str, ...], status: int, says: str) -> None:
    before = cases.read_bytes()
    assert_refused(run(cases, *line), status, says)
    assert cases.read_bytes() == before


def test_asked_by_a_reference_alone_a_case_with_the_name_alone_is_named_and_left(cases: Path) -> None:
    run.did(cases, "open", "hull-east-riding", "--about", "x", "--fact", "name=ada  example", now="2026-11-20T10:00")
    ran = run(cases, "disclose", "M-40213")
    assert "Only the reference was searched for: a case that has only the name is not found." in ran.stderr
    assert "E0005 has a name that a case with this reference has, and not the reference" in ran.stderr
    assert [each["case"] for each in disclosed(cases, "M-40213")["cases"]] == ["E0001", "E0003"]
    assert [each["case"] for each in disclosed(cases, "M-40213", "--name", "Ada Example")["cases"]][-1] == "E0005"
    ran = run(cases, "erase", "--person", "M-40213", "--dry-run")
    assert "E0005 has a name that a case with this reference has" in ran.stderr
    ran = run(cases, "erase", "--name", "Nobody At All", "--dry-run")
    assert (ran.status, "nothing names them. Only the name was searched for" in ran.stderr) == (1, True)


def test_why_a_calendar_was_changed_is_disclosed_where_it_names_her(cases: Path) -> None:
    for reason, day in (("Tea for Ada  Example, with Cy Poe", "30 Nov 2026"), ("Adaline's tea", "1 Dec 2026")):
        run.did(cases, "calendar", "add", day, "--reason", reason, "--calendar", "england-and-wales", "--yes")
    said = [each["reason"] for each in disclosed(cases, "M-40213")["reasons"]]
    assert said == ["Tea for Ada Example, with [another person]"]
    assert "Tea for Ada Example, with [another person]" in " ".join(run.did(cases, "disclose", "M-40213").split())
    run.did(cases, "disclose", "M-40213", "--output", "p.html")
    assert "Tea for Ada Example, with [another person]" in (cases.parent / "p.html").read_text()
