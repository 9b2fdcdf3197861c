"""Protocol files: what is read, and that every mistake is reported at once, each with its place."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalate.domain.protocol.conditions import parse_condition
from escalate.domain.protocol.file import read_protocol
from escalate.domain.protocol.model import Protocol
from escalate.errors import BadCondition, BrokenFile, Refused
from escalate.output.documents import json_pieces
from escalate.output.protocol.documents import tree_document
from escalate.storage.files.protocols import all_protocols, find_protocol, parse_protocol, shipped_folder
from tests.sizes import sampled

SMALL = """
id = "small"
title = "A small protocol"
partnership = "Nowhere"
covers = ["children"]
source = "made up"
edition = { dated = "2026" }
calendar = { name = "scotland" }

[[facts]]
key = "severity"
ask = "How severe?"
answers = ["high", "low"]

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Practitioner to practitioner"
owner = "Practitioner"
next = ["2"]
cite = "1.1"

  [[stages.actions]]
  key = "talk"
  name = "Talk"
  ends_stage = true

    [[stages.actions.timescales]]
    within = "5 working days"
    from = "stage"
    cite = "1.1"

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = []
cite = "1.2"
"""


def small(**changes: Any) -> dict[str, Any]:
    return tomllib.loads(SMALL) | changes


def problems(tree: dict[str, Any]) -> list[str]:
    return [str(each) for each in read_protocol(tree)[1]]


def test_a_sound_file_has_no_problems_and_says_what_it_says() -> None:
    protocol, found = read_protocol(small())
    assert found == []
    assert [(stage.route, stage.key, stage.closing.key) for stage in protocol.stages] == [
        ("main", "1", "talk"),
        ("main", "2", "resolve"),
    ]
    assert str(protocol.stages[0].closing.timescales[0].within) == "5 working days"


def test_every_mistake_is_reported_at_once_with_its_place() -> None:
    tree = small(covers=["dogs"], colour="red")
    del tree["title"]
    first, second = tree["stages"]
    first["actions"][0]["timescales"][0] |= {"within": "5 workng days", "from": "tomorow"}
    first["actions"].append(
        {"key": "form", "name": "Send it", "ends_stage": True, "form": "appendix", "when": "severty is high"}
    )
    second |= {"key": 2, "nxt": [], "owner": ""}
    tree["routes"][0]["starts"] = "9"
    assert problems(tree) == [
        "colour: is not known; what may stand here is id, title, partnership, covers, source, concern, edition, calendar, calendars, "
        "facts, moments, routes, stages, after_resolution, standing_actions, reminders, contacts, forms, themes, not_for and examples",
        "title: is missing; it says what the document is called",
        'covers[0]: "dogs" should be "children" or "adults"; where it is about neither, the list is empty: covers = []',
        'stages[1].nxt: is not known; did you mean "next"?',
        'stages[1].key: 2 should be text in quotes: "2"',
        "stages[1].owner: is empty",
        "stages[0].actions: talk and form each say ends_stage; a stage ends with one action",
        'stages[0].actions[0].timescales[0].within: "5 workng days" is not an allowance; try "5 working days"',
        'stages[0].actions[0].timescales[0].from: "tomorow" is not something to count from; there is talk, form, resolve, concern, raised, stage, known and resolved',
        'stages[0].actions[1].when: "severty" is not a fact; did you mean "severity"?',
        "stages[0].actions[1].when: the action that ends a stage cannot depend on a fact; put the condition on its timescales",
        'stages[0].actions[1].form: "appendix" is not a form',
    ]


MISTAKES = [
    ({"id": "No Spaces"}, 'id: "No Spaces" should be small letters, digits and hyphens'),
    (
        {"edition": {"dated": "June"}},
        'edition.dated: "June" should be a date with the year first, such as "2025-06" or "2025-06-30", or "undated"',
    ),
    ({"edition": "2026"}, 'edition: "2026" should be a table of its own'),
    (
        {"calendar": {"name": "wales"}},
        'calendar.name: "wales" should be "england-and-wales", "scotland" or "northern-ireland"',
    ),
    (
        {"facts": [{"key": "a", "ask": "?"}, {"key": "a", "ask": "?"}]},
        'facts: "a" is here 2 times; give each a key of its own',
    ),
    ({"facts": 7}, "facts: 7 should be a list: each begins with two brackets, [[facts]]"),
    ({"routes": []}, "routes: is empty: a protocol has at least one route"),
    ({"not_for": [True]}, "not_for[0]: true should be text in quotes"),
    (
        {"standing_actions": [{"key": "x", "name": "X", "when": "severity is dire"}]},
        'standing_actions[0].when: severity is never "dire"; its answers are high and low',
    ),
    (
        {
            "standing_actions": [
                {"key": "x", "name": "X", "timescales": [{"within": "immediately", "from": "stage", "cite": "1"}]}
            ]
        },
        'standing_actions[0].timescales[0].from: "stage" has no meaning outside a stage; try "raised" or "concern"',
    ),
    (
        {
            "standing_actions": [
                {"key": "x", "name": "X", "timescales": [{"within": "immediately", "from": "known", "cite": "1"}]}
            ]
        },
        'standing_actions[0].timescales[0].from: "known" needs a when, to say which fact',
    ),
    (
        {"after_resolution": [{"key": "x", "name": "X", "ends_stage": True}]},
        "after_resolution[0].ends_stage: only an action of a stage can end one",
    ),
    (
        {"after_resolution": [{"key": "x", "name": "X", "if_reached": "7"}]},
        'after_resolution[0].if_reached: "7" is not a stage; there is 1 and 2',
    ),
]


WINDOWS = [
    ({"leads_to": ["2"]}, "leads_to: goes with window = true: it names the stages that a window is the time to go to"),
    ({"outlives": "case"}, "outlives: goes with window = true: only a window closes, and anything else stays due until it is done"),
    ({"window": True, "leads_to": ["9"]}, 'leads_to[0]: "9" is not a stage of the main route; there is 1 and 2'),
    ({"window": True, "leads_to": ["2", "main:2"]}, 'leads_to: "2" is here 2 times; once is enough'),
    ({"window": True, "leads_to": ["1"]}, "leads_to: stage 1 is the one the window belongs to; name the stages it is the time to go to"),
    ({"window": True, "leads_to": "2"}, 'leads_to: "2" should be a list in square brackets: ["2"]'),
    ({"window": True, "leads_to": ["stage 2"]}, 'leads_to[0]: "stage 2" should be the key of a stage such as "4", or of one on another route such as "main:1"'),
    ({"window": True, "outlives": "route"}, 'outlives: "route" should be "stage" or "case"'),
]  # fmt: skip


@pytest.mark.parametrize(("said", "problem"), WINDOWS)
def test_each_mistake_about_a_window_has_its_sentence(said: dict[str, Any], problem: str) -> None:
    first, second = small()["stages"]
    first["actions"].append({"key": "up", "name": "Go up", **said})
    assert problems(small(stages=[first, second])) == [f"stages[0].actions[1].{problem}"]


def test_a_window_says_where_it_leads_and_what_it_goes_on_after() -> None:
    first, second = small()["stages"]
    first["actions"].append({"key": "up", "name": "Go up", "window": True, "leads_to": ["2"], "outlives": "case"})
    protocol, found = read_protocol(small(stages=[first, second]))
    window = protocol.stages[0].actions[1]
    assert (found, window.leads_to, window.outlives) == ([], ("2",), "case")
    shown = json.loads("".join(json_pieces(tree_document(window))))
    assert (shown["leads_to"], shown["outlives"]) == (["2"], "case")


def waiting(count: int, key: str = "a") -> list[dict[str, Any]]:
    """So many actions, each to be done a day after the time of the one below it ran out; the last counts from the stage."""
    starts = [*(f"{key}{n} overdue" for n in range(1, count)), "stage"]
    return [
        {"key": f"{key}{n}", "name": "n", "timescales": [{"within": "1 day", "from": start, "cite": "c"}]}
        for n, start in enumerate(starts)
    ]


@pytest.mark.parametrize("count", sampled([150, 2000], 2))
def test_a_chain_that_is_far_too_long_is_a_mistake(count: int) -> None:
    first, second = small()["stages"]
    said = '"a0" waits for more than 20 others to run out, one after the other; count it from something nearer'
    assert problems(small(stages=[first | {"actions": waiting(count)}, second])) == [
        f"stages[0].actions[0].timescales: {said}"
    ]


def test_a_chain_may_be_as_long_as_any_procedure_has_and_no_longer_over_several_stages() -> None:
    first, second = small()["stages"]
    assert problems(small(stages=[first | {"actions": waiting(21)}, second])) == []
    over = {"key": "b", "name": "n", "timescales": [{"within": "1 day", "from": "a0 overdue", "cite": "c"}]}
    assert [
        each.split(":")[0]
        for each in problems(small(stages=[first | {"actions": waiting(21)}, second | {"actions": [over]}]))
    ] == ["stages[1].actions[0].timescales"]


@pytest.mark.parametrize(("change", "problem"), MISTAKES)
def test_each_mistake_has_its_sentence(change: dict[str, Any], problem: str) -> None:
    assert problem in problems(small(**change))


def test_a_protocol_with_nothing_in_it_says_all_that_is_missing() -> None:
    missing = [problem.split(":")[0] for problem in problems({})]
    assert missing == [
        "id",
        "title",
        "partnership",
        "covers",
        "source",
        "edition",
        "calendar",
        "routes",
        "stages",
        "routes",
    ]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "name", "stages", "actions", "within", "from", "next", "when"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(list(small())), plain, max_size=8))
def test_no_tree_however_wrong_stops_the_reading(change: dict[str, Any]) -> None:
    assert isinstance(problems(small(**change)), list)


CONDITIONS = [
    ("severity is high", {"severity": "high"}, True),
    ("severity is high", {"severity": "low"}, False),
    ("severity is high", {}, False),
    ("severity is not high", {"severity": "low"}, True),
    ("severity is not high", {}, False),
    ("a is yes or b is yes", {"b": "yes"}, True),
    ("a is yes and b is yes", {"b": "yes"}, False),
    ("a is yes and b is yes or c is no", {"c": "no"}, True),
]


@pytest.mark.parametrize(("text", "facts", "holds"), CONDITIONS)
def test_a_condition_holds_when_it_is_known_to(text: str, facts: dict[str, str], holds: bool) -> None:
    assert parse_condition(text).holds(facts) is holds


@pytest.mark.parametrize("text", ["severity", "severity = high", "is high", "severity is high and", "a is b is c"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(BadCondition):
        parse_condition(text)


SHIPPED = [file.protocol for file in all_protocols(shipped_folder())[0]]


def test_the_five_protocols_are_shipped() -> None:
    assert {protocol.id: [route.key for route in protocol.routes] for protocol in SHIPPED} == {
        "herefordshire": ["main"],
        "hull-east-riding": ["main", "child-protection-plan"],
        "lincolnshire": ["main"],
        "north-east-lincolnshire": [
            "individual",
            "convening-conference",
            "conference-majority",
            "conference-divided",
            "serious-case",
        ],
        "north-yorkshire": ["main"],
    }


LADDERS = {
    ("herefordshire", "main"): "0 1 2 3 4",
    ("hull-east-riding", "main"): "1 2 3 4 5 6 7",
    ("hull-east-riding", "child-protection-plan"): "dissent quality-assurance",
    ("lincolnshire", "main"): "1 2 3 4a 4b",
    ("north-east-lincolnshire", "individual"): "A B C D E",
    ("north-east-lincolnshire", "convening-conference"): "A B C D",
    ("north-east-lincolnshire", "conference-majority"): "A B C D",
    ("north-east-lincolnshire", "conference-divided"): "adjourned A B C",
    ("north-east-lincolnshire", "serious-case"): "A B C",
    ("north-yorkshire", "main"): "1 2 3 4 5 6 7",
}


def test_every_route_has_its_stages() -> None:
    assert {
        (protocol.id, route.key): " ".join(stage.key for stage in protocol.ladder(route.key))
        for protocol in SHIPPED
        for route in protocol.routes
    } == LADDERS


@pytest.mark.parametrize("protocol", SHIPPED, ids=lambda protocol: protocol.id)
def test_every_stage_can_be_reached_and_every_ladder_ends(protocol: Protocol) -> None:
    for route in protocol.routes:
        first = protocol.stage(route.key, route.starts)
        reached = {(first.route, first.key), *protocol.ladders.reachable(first)}
        assert {(stage.route, stage.key) for stage in protocol.ladder(route.key)} <= reached
        assert any(not protocol.stage(*key).next for key in reached)


@pytest.mark.parametrize("protocol", SHIPPED, ids=lambda protocol: protocol.id)
def test_every_case_ends_by_sharing_its_outcome(protocol: Protocol) -> None:
    assert "outcome-shared" in [action.key for action in protocol.after_resolution]


def test_a_broken_file_names_itself_on_every_line() -> None:
    with pytest.raises(BrokenFile) as refusal:
        parse_protocol(
            SMALL.replace('title = "A small protocol"', "title = 3").replace('id = "small"', "id = 1"), "my.toml"
        )
    assert [line.partition(": ")[0] for line in refusal.value.sentence.splitlines()] == ["my.toml", "my.toml"]


def test_a_file_of_ones_own_goes_by_its_id_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "copied.toml").write_text(SMALL)
    assert find_protocol("small", tmp_path).name == "copied.toml"
    (tmp_path / "again.toml").write_text(SMALL.replace('"small"', '"hull-east-riding"'))
    assert find_protocol("hull-east-riding", tmp_path).protocol.title == "A small protocol"
    (tmp_path / "twice.toml").write_text(SMALL)
    with pytest.raises(Refused, match=r'copied.toml and twice.toml both have the id "small" and the same date'):
        find_protocol("small", tmp_path)
    assert find_protocol("herefordshire", tmp_path).protocol.id == "herefordshire"
    assert 'both have the id "small"' in all_protocols(tmp_path)[1][0]


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text('id = "broken"')
    files, problems = all_protocols(tmp_path)
    assert [file.protocol.id for file in files] == [protocol.id for protocol in SHIPPED]
    assert "broken.toml: title: is missing; it says what the document is called" in problems


NEVER = [
    ({"facts": [{"key": "q", "ask": "?", "answers": ["Yes", "yes"]}]}, "facts[0].answers: are not two or more that differ"),
    ({"facts": [{"key": "q", "ask": "?", "answers": []}]}, "facts[0].answers: are not two or more that differ"),
    ({"stages": [{"key": "1", "next": ["1", "main:1"]}]}, 'stages[0].next: "1" is here 2 times'),
    ({"stages": [{"key": "1", "next": ["2", "main:2"]}, {"key": "2", "next": []}]}, 'stages[0].next: "2" is here 2 times'),
    ({"stages": [{"key": "4a", "next": []}, {"key": "4A", "next": []}]}, 'stages: "main:4a" is here 2 times'),
    ({"after_resolution": [{"key": "x", "name": "n", "if_reached": "nowhere:1"}]}, 'after_resolution[0].if_reached: "nowhere:1" is not a stage'),
    ({"after_resolution": [{"key": "next-step", "name": "n"}]}, 'after_resolution[0].key: "next-step" is what escalate calls'),
    ({"routes": [{"key": "main", "name": "n", "starts": "1", "cap": {"within": "5 days", "from": "resolved", "cite": "c"}}]}, 'routes[0].cap.from: "resolved" is nothing'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), NEVER, ids=lambda value: str(value)[:50])
def test_what_could_never_come_about_is_a_mistake(changes: dict[str, Any], says: str) -> None:
    for stage in changes.get("stages", ()):
        stage |= {"name": "n", "owner": "o", "cite": "c"}
    if "stages" in changes:
        changes |= {"routes": [{"key": "main", "name": "n", "starts": changes["stages"][0]["key"]}]}
    assert [problem for problem in problems(small(**changes)) if problem.startswith(says)] != []


def test_a_day_may_stand_without_quotes() -> None:
    protocol, found = read_protocol(
        tomllib.loads(SMALL.replace('dated = "2026"', "dated = 2026-03-01, review = 2027-03-01"))
    )
    assert (found, protocol.edition.dated, protocol.edition.review) == ([], "2026-03-01", "2027-03-01")
    assert problems(small(edition={"dated": "2026"}, title=tomllib.loads("it = 2026-03-01")["it"])) == [
        'title: 2026-03-01 should be text in quotes: "2026-03-01"'
    ]


def test_hours_and_closures_of_ones_own_can_be_shown_as_json() -> None:
    closed = {"on": "2026-12-24", "name": "closed"}
    protocol, found = read_protocol(
        small(calendar={"name": "scotland", "hours": "08:30 to 17:00", "closures": [closed]})
    )
    calendar = json.loads("".join(json_pieces(tree_document(protocol))))["calendar"]
    assert found == []
    assert calendar["hours"] == ["08:30", "17:00"]
    assert calendar["closures"] == [
        {"first": "2026-12-24", "last": "2026-12-24", "name": "closed", "every_year": False, "until": None}
    ]
