"""A stage whose owner must not be that of one before: told where it is the same person, by assign, advance and show, and never refused."""

from pathlib import Path

import pytest

from tests.driver import Office

SHAPES = Path(__file__).parents[1] / "shapes"
office = Office("2026-11-09T10:00", environment={"ESCALATE_PROTOCOLS": str(SHAPES)})
TOLD = "is held by whoever held stage 1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    office.did(tmp_path, "open", "somebody-else", "--about", "x", "--from", "Trust", "--to", "Council")
    return tmp_path


def same(home: Path) -> list[tuple[str, str]]:
    return [(each["side"], each["stage"]) for each in office.json(home, "show", "1")["same_holder"]]


def test_who_carries_on_from_a_stage_before_is_told_until_another_is_assigned(home: Path) -> None:
    office.did(home, "assign", "1", "receiving", "Jo Bell")
    assert same(home) == []
    gone_up = office.did(home, "advance", "1", "--because", "unresolved")
    assert (
        f"The receiving side {TOLD}, and somebody-else needs somebody else: escalate assign E0001 says who." in gone_up
    )
    assert f"Needs somebody else  The receiving side {TOLD}" in office.did(home, "show", "1")
    assert "Jo Bell" not in office.did(home, "show", "1")
    assert TOLD not in office.did(home, "assign", "1", "receiving", "Ada Moss")
    assert same(home) == []
    office.did(home, "advance", "1", "--because", "unresolved", "--again")
    assert same(home) == [("receiving", "2")]
    assert TOLD in office.did(home, "assign", "1", "receiving", "jo  BELL")
    assert same(home) == [("receiving", "1")]
    office.did(home, "resolve", "1", "--how", "settled")
    assert same(home) == []


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        (("receiving", "Jo Bell"), ("receiving", "Jo Bell"), [("receiving", "1")]),
        (("receiving", "Jo Bell"), ("receiving", "Jo Belling"), []),
        (("raising", "Jo Bell"), ("receiving", "Jo Bell"), [("raising", "1"), ("receiving", "1")]),
        (
            ("receiving", "Jo Bell", "--email", "jo@x.example"),
            ("receiving", "J. Bell", "--email", "JO@x.example"),
            [("receiving", "1")],
        ),
        (("receiving", "--role", "Manager"), ("receiving", "--role", "Manager"), []),  # two may have one role
    ],
)
def test_people_are_the_same_by_name_or_by_address(
    home: Path, first: tuple[str, ...], then: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    office.did(home, "assign", "1", *first)
    office.did(home, "advance", "1", "--because", "unresolved")
    office.did(home, "assign", "1", *then)
    assert sorted(same(home)) == expected


def test_what_was_erased_or_taken_back_is_not_told(home: Path) -> None:
    office.did(home, "assign", "1", "receiving", "Jo Bell")
    office.did(home, "advance", "1", "--because", "unresolved")
    office.did(home, "assign", "1", "receiving", "Jo Bell")
    assert same(home) == [("receiving", "1")]
    office.did(home, "undo", "1", "--reason", "wrong name")
    assert same(home) == [("receiving", "1")]  # as before: whoever held stage 1 carries on


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ('["9"]', '"9" is not a stage of the main route'),
        ('["2"]', "stage 2 is the stage itself; name those before it"),
        ('["1", "1"]', '"1" is here 2 times'),
    ],
)
def test_a_stage_that_cannot_be_meant_is_named(tmp_path: Path, named: str, says: str) -> None:
    text = (SHAPES / "somebody-else.toml").read_text("utf-8").replace('not_owner_of = ["1"]', f"not_owner_of = {named}")
    (tmp_path / "x.toml").write_text(text, "utf-8")
    ran = office(tmp_path, "protocol", "check", "x.toml")
    assert (ran.status, says in ran.stderr, "stage 2, not_owner_of" in ran.stderr) == (1, True, True), ran.stderr
