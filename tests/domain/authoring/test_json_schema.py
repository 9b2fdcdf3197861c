"""The JSON Schema of protocol files: it is up to date, takes what the reading takes, and refuses nothing else."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from escalate.domain.authoring.json_schema import NAME, file_schema, schema_text
from escalate.domain.protocol.anchors import parse_anchor
from escalate.domain.protocol.conditions import parse_condition
from escalate.domain.protocol.extends import extended
from escalate.domain.protocol.file import read_protocol
from escalate.domain.protocol.shape import Problems
from escalate.domain.worktime.read_allowance import AT_ONCE, UNITS, parse_protocol_allowance
from escalate.domain.worktime.working_hours import parse_hours
from escalate.errors import BadInput
from escalate.storage.files.protocols import shipped_folder
from escalate.storage.files.toml import read_toml
from tests.domain.worktime import test_allowance
from tests.random_protocols import protocols
from tests.sizes import sampled, size
from tests.storage.files import test_protocols as test_protocol_files
from tests.storage.files.test_protocols import small

Tree = dict[str, Any]
SCHEMA = file_schema()
CHECKED = Draft7Validator(SCHEMA, format_checker=FormatChecker(["date"]))
FILES = sorted(shipped_folder().glob("*.toml"))


def refused(tree: Mapping[str, Any]) -> list[str]:
    """What the schema has against a tree, as an editor sees it: a date without quotes is text to it."""
    as_json = json.loads(json.dumps(tree, default=lambda value: value.isoformat()))
    return [f"{error.json_path}: {error.message}" for error in CHECKED.iter_errors(as_json)]


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_the_shipped_schema_says_what_the_shape_says() -> None:
    kept = (shipped_folder() / NAME).read_text(encoding="utf-8")
    assert kept == schema_text(), "the shape of a protocol file has changed: make schema writes the schema anew"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_protocol_fits(path: Path) -> None:
    assert refused(read_toml(path)) == []


@settings(max_examples=size(8, 30))
@given(protocols())
def test_any_protocol_that_can_be_read_fits(text: str) -> None:
    assert refused(tomllib.loads(text)) == []


STAGE = {"key": "3", "name": "n", "owner": "o", "next": [], "cite": "c"}
TIMESCALE = {"within": "5 days", "from": "raised", "cite": "c"}


def stage(**more: Any) -> Tree:
    return {"stages": [*small()["stages"], STAGE | more]}


def timed(**more: Any) -> Tree:
    """An action with a timescale; a field that is None is left out."""
    timescale = {name: value for name, value in (TIMESCALE | more).items() if value is not None}
    return stage(actions=[{"key": "x", "name": "n", "timescales": [timescale]}])


def calendar(**more: Any) -> Tree:
    return {"calendar": {"name": "scotland"} | more}


HEARING = {"moments": [{"key": "hearing", "ask": "When is the hearing?"}]}
SOUND: list[Tree] = [
    {},
    HEARING | timed(**{"within": None, "from": None, "at_least": "3 clear days", "before": "hearing"}) | {"reminders": []},
    timed(**{"within": None, "every": "6 weeks", "from": "stage"}),
    timed(target="1 working day", extendable_to="2 months", reading="r"),
    timed(extendable=True, extendable_when="severity is high"),
    timed(failing_that="stage 1", when="severity is  high", stops_while="severity is not low"),
    timed(within="5 school days") | {"calendars": [{"key": "school", "name": "scotland"}]},
    timed(**{"from": "talk overdue"}),
    calendar(closures=[{"on": "2026-12-24"}, {"from": date(2026, 12, 28), "to": date(2027, 1, 1), "name": "closed"}]),
    calendar(terms=[{"from": date(2026, 9, 1), "to": "2026-12-18"}], bank_holidays=False, week=["monday", "sunday"]),
    calendar(hours="08:30 to 17:00", hours_on={"friday": "08:30 to 16:30"}),
    {"edition": {"dated": "2026-02-28", "agreed": "2026", "review": "2027-03", "in_force": "2026-04-01"}},
    {"edition": {"dated": date(2026, 2, 28), "review": date(2027, 3, 1)}},
    {"routes": [{"key": "main", "name": "n", "starts": "1", "cap": TIMESCALE, "use": "u"}]},
    {"facts": [{"key": "severity", "ask": "?", "answers": ["high", "low"], "unless_said": "low"}]},
    stage(owners=[{"when": "severity is high", "owner": "Board"}]),
    {"forms": [{"key": "f", "name": "n", "cite": "c", "fields": [{"heading": "h", "source": "subject"}]}]},
    stage(actions=[{"key": "x", "name": "n", "window": True, "leads_to": ["main:1"], "outlives": "stage", "side": "raising", "form": "a"}])
    | {"forms": [{"key": "a", "name": "n", "cite": "c"}]}
    | {"contacts": [{"key": "k", "role": "r", "email": "a@b"}], "not_for": ["x"], "covers": ["adults", "children"]},
]  # fmt: skip


@pytest.mark.parametrize("tree", SOUND, ids=lambda tree: str(tree)[:60])
def test_what_is_sound_fits(tree: Tree) -> None:
    assert read_protocol(small(**tree))[1] == []
    assert refused(small(**tree)) == []


MISTAKES: list[Tree] = [
    {"colour": "red"},
    {"title": None},
    {"routes": None},
    {"id": "No Spaces"},
    {"id": 7},
    {"title": "  "},
    {"covers": "children"},
    {"covers": ["dogs"]},
    {"edition": "2026"},
    {"edition": {"dated": "June 2026"}},
    {"edition": {"dated": "2026-13"}},
    {"edition": {"dated": "2026", "review": "2026-02-32"}},
    {"edition": {"agreed": "2026"}},
    {"calendar": {}},
    {"calendars": [{"name": "scotland"}]},
    {"calendars": [{"key": "School", "name": "scotland"}]},
    {"facts": 7},
    {"facts": [{"key": "in time", "ask": "?"}]},
    {"facts": [{"key": "a", "ask": "?", "answers": [True]}]},
    {"facts": [{"key": "a", "ask": "?", "remove": True}]},
    {"moments": [{"key": "hearing"}]},
    {"routes": [{"key": "main", "name": "n"}]},
    {"routes": [{"key": "main", "name": "n", "starts": "1", "cap": {"within": "5 days", "cite": "c"}}]},
    {"reminders": [{"text": "t"}]},
    {"contacts": [{"key": "a", "role": "r", "mail": "a@b"}]},
    {"forms": [{"key": "a", "name": "n", "cite": "c", "fields": [{"heading": "h"}]}]},
    {"themes": [{"key": "a", "name": "n"}]},
    {"not_for": [True]},
    stage(next="4"),
    stage(next=["stage 4"]),
    stage(owner=None),
    stage(nxt=[]),
    stage(remove=True),
    stage(actions=[{"key": "x"}]),
    stage(actions=[{"key": "x", "name": "n", "ends_stage": "yes"}]),
    stage(actions=[{"key": "x", "name": "n", "side": "both"}]),
    stage(actions=[{"key": "x", "name": "n", "window": True, "leads_to": "1"}]),
    stage(actions=[{"key": "x", "name": "n", "window": True, "leads_to": ["stage 1"]}]),
    stage(actions=[{"key": "x", "name": "n", "window": True, "outlives": "route"}]),
    stage(actions=[{"key": "x", "name": "n", "whichever": "last"}]),
    stage(actions=[{"key": "x", "name": "n", "if_reached": "stage 2"}]),
    timed(cite=None),
    timed(within=None),
    timed(**{"from": None}),
    timed(every="6 weeks"),
    timed(before="raised"),
    timed(within="five days"),
    timed(within="5"),
    timed(within="5 wrkng dys"),
    timed(within="5 working days by lunch"),
    timed(within="as soon as possible"),
    timed(within=5),
    timed(**{"from": "the concern"}),
    timed(**{"from": "stage 2 overdue"}),
    timed(failing_that=""),
    timed(when="severity"),
    timed(when="severity = high"),
    timed(stops_while="severity is high and"),
    calendar(week=["Monday"]),
    calendar(bank_holidays="no"),
    calendar(hours="9 to 5"),
    calendar(hours_on={"friday": "until 16:30"}),
    calendar(hours_on={"Friday": "09:00 to 16:30"}),
    calendar(closures=[{"name": "council closed"}]),
    calendar(also=["wales"]),
    calendar(closures=[{"on": "2026-12-24", "every_year": "yes"}]),
    calendar(closures=[{"on": "24 December 2026"}]),
    calendar(closures=[{"on": "2026-12-24", "from": "2026-12-24"}]),
    calendar(closures=[{"on": "2026-W52-4"}]),
    calendar(terms=[{"from": "2026-09-01"}]),
]


@pytest.mark.parametrize("tree", sampled(MISTAKES, 3), ids=lambda tree: str(tree)[:70])
def test_a_mistake_is_refused_by_the_schema_and_by_the_reading(tree: Tree) -> None:
    with_mistake = {name: value for name, value in small(**tree).items() if value is not None}
    assert read_protocol(with_mistake)[1] != []
    assert refused(with_mistake) != []


OVER: list[tuple[Tree, bool]] = [
    ({}, True),
    ({"title": "Another"}, True),
    ({"edition": {"review": "2027"}}, True),
    ({"routes": [{"key": "main", "cap": {"within": "20 days", "from": "raised", "cite": "c"}}]}, True),
    ({"stages": [{"key": "2", "remove": True}]}, True),
    ({"stages": [{"key": "1", "actions": [{"key": "talk", "owner": "Me"}]}]}, True),
    ({"stages": [{"key": "1", "actions": [{"key": "talk", "remove": True}]}]}, True),
    ({"stages": [{"key": "1", "actions": [{"key": "talk", "timescales": [TIMESCALE]}]}]}, True),
    ({"stages": [{"key": "1", "actions": [{"key": "talk", "timescales": [{"within": "5 days"}]}]}]}, False),
    ({"stages": [{"key": "1", "actions": [{"key": "talk", "timescales": {"within": "5 days"}}]}]}, True),
    ({"stages": [{"key": "1", "actions": [{"key": "talk", "timescales": {"withn": "5 days"}}]}]}, False),
    ({"stages": [{"key": "1", "actions": [{"owner": "Me"}]}]}, False),
    ({"stages": [{"name": "No key"}]}, False),
    ({"stages": [{"key": "1", "ownr": "Me"}]}, False),
    ({"routes": [{"key": "main", "cap": {"within": "2 days", "every": "2 days", "from": "raised", "cite": "c"}}]}, False),
    ({"reminders": [{"text": "no cite"}]}, False),
    ({"remove": True}, False),
    ({"extends": 7}, False),
]  # fmt: skip


@pytest.mark.parametrize(("own", "sound"), OVER, ids=lambda value: str(value)[:70])
def test_a_file_over_another_says_only_what_is_different(own: Tree, sound: bool) -> None:
    assert (refused({"extends": "small"} | own) == []) is sound
    if "extends" not in own:  # who extends what is for the storage to say
        found = Problems()
        together = extended(small(), own, found)
        together["stages"][0]["next"] = [key for key in ["2"] if len(together["stages"]) > 1]
        assert (found.found + read_protocol(together)[1] == []) is sound


# -- the small grammars ---------------------------------------------------------------------------------------------------


def pattern(name: str) -> str:
    return str(SCHEMA["definitions"][name]["pattern"])


ALLOWANCES = [
    "3 clear days",
    "5 Working Days inclusive",
    "1 working day by noon",
    "1 working day by 9:30",
    "2 days by close of business",
    "same day by 16:00",
    "the same school day",
    "4 desk hours",
    "30 mins",
    "2 working weeks",
    "1 year",
]


def texts() -> Iterator[tuple[str, str]]:
    """Every text that the tests of the parsers and the shipped files have for each grammar."""
    yield from (("allowance", text) for text, _, _ in test_allowance.READ)
    yield from (("allowance", text) for text in ALLOWANCES if parse_protocol_allowance(text))
    yield from (("condition", text) for text, _, _ in test_protocol_files.CONDITIONS)
    fields = {
        "within": "allowance",
        "from": "anchor",
        "failing_that": "anchor",
        "when": "condition",
        "hours": "hours",
    }
    for path in FILES:
        for name, grammar in fields.items():
            found = re.findall(rf'^\s*{name} = "(.*)"', path.read_text(encoding="utf-8"), re.MULTILINE)
            yield from ((grammar, text) for text in found)


def test_what_the_parsers_are_tested_with_fits_their_patterns() -> None:
    found = set(texts())
    assert len(found) > 50
    assert {grammar for grammar, _ in found} == {"allowance", "anchor", "condition"}
    assert [(grammar, text) for grammar, text in found if not re.search(pattern(grammar), text)] == []


def pieces(*words: str) -> st.SearchStrategy[str]:
    """Texts put together at random from what a grammar is made of."""
    joints = st.sampled_from(["", " ", " ", "  "])
    return st.lists(st.tuples(joints, st.sampled_from(words)), min_size=1, max_size=7).map(
        lambda parts: "".join(joint + word for joint, word in parts)
    )


GRAMMARS: list[tuple[str, Callable[[str], object], st.SearchStrategy[str]]] = [
    ("allowance", parse_protocol_allowance, pieces(
        *UNITS, *AT_ONCE, "1", "24", "07", "to", "-", "–", "s", "S", "clear", "Clear", "inclusive", "by", "BY", "noon", "12:00", "9:15",
        "close of business", "the", "same", "school", "desk-2", "day", "Hours", "working",
    )),
    ("anchor", parse_anchor, pieces("stage", "4a", "main:1", "concern", "reply", "overdue", "known", "-", "é")),
    ("condition", parse_condition, pieces("a", "is", "not", "b=c", "and", "or", "looked-after", " is yes", " or ")),
    ("hours", parse_hours, pieces("09:00", "17:00", " to ", "T0900", "12", "24", "+01:00", "17:30:59.5", "Z")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parse", "said"), GRAMMARS, ids=[row[0] for row in GRAMMARS])
@given(data=st.data())
def test_a_pattern_takes_whatever_its_parser_takes(
    name: str, parse: Callable[[str], object], said: st.SearchStrategy[str], data: st.DataObject
) -> None:
    text = data.draw(said)
    try:
        parse(" ".join(text.split()))
    except BadInput:
        return
    assert re.search(pattern(name), text)


EXAMPLES = re.compile(r"It may say (.*)\.$")


def test_the_examples_in_the_descriptions_can_be_read() -> None:
    parsers = {name: parse for name, parse, _ in GRAMMARS}
    seen = set()
    for name, field in described(SCHEMA):
        for grammar in (each for each in field.get("anyOf", ()) if "$ref" in each):
            parse = parsers[grammar["$ref"].rpartition("/")[2]]
            examples = EXAMPLES.search(field["description"])
            assert examples, name
            for text in re.findall(r'"([^"]*)"', examples[1]):
                parse(text)
                seen.add(text)
    assert len(seen) > 25


def described(tree: Any) -> Iterator[tuple[str, Tree]]:
    """Every field of the schema that says what it is for."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            if isinstance(value, dict) and "description" in value:
                yield name, value
            yield from described(value)
    elif isinstance(tree, list):
        for each in tree:
            yield from described(each)


def test_every_field_says_what_it_is_for() -> None:
    def silent(tree: Any) -> Iterator[str]:
        if isinstance(tree, dict):
            whole = tree.get("additionalProperties") is False
            yield from (
                name for name, each in tree.get("properties", {}).items() if whole and "description" not in each
            )
            for value in tree.values():
                yield from silent(value)

    assert list(silent(SCHEMA)) == []
    assert len(list(described(SCHEMA))) > 100
