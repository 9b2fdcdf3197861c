"""What is well-formed in a protocol file and wrong all the same: each finding, and beside it the nearest thing that is not one."""

import json
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from escalate.domain.authoring.review import review
from escalate.domain.protocol.file import read_protocol
from escalate.domain.protocol.model import Protocol
from escalate.storage.files.protocols import all_protocols, shipped_folder
from tests.driver import Office
from tests.storage.files.test_protocols import SMALL, small

TODAY = date(2026, 11, 22)
Table = dict[str, Any]


def reviewed(changes: Table, today: date = TODAY) -> list[tuple[str, str]]:
    """What is found in a small protocol with some of it changed: whether it is wrong, and the line about it."""
    protocol, problems = read_protocol(small(**{"facts": [], **changes}))
    assert problems == []
    return [("wrong" if finding.wrong else "warning", str(finding)) for finding in review(protocol, today)]


def stage(key: str, following: str = "", *actions: Table, route: str = "main") -> Table:
    said = {"route": route, "key": key, "name": "n", "owner": "o", "cite": "c"}
    return {**said, "next": following.split(), "actions": list(actions)}


def action(key: str, *timescales: Table, **more: Any) -> Table:
    return {"key": key, "name": "n", "timescales": list(timescales), **more}


def within(allowance: str, start: str = "stage", **more: Any) -> Table:
    return {"within": allowance, "from": start, "cite": "c", **more}


def at_least(allowance: str, before: str, **more: Any) -> Table:
    return {"at_least": allowance, "before": before, "cite": "c", **more}


def fact(key: str, *answers: str) -> Table:
    return {"key": key, "ask": "?", **({"answers": list(answers)} if answers else {})}


def routes(*names: str, **more: Any) -> list[Table]:
    return [{"key": name, "name": "n", "starts": "1", **more} for name in names or ("main",)]


def ladder(*stages: Table, **more: Any) -> Table:
    return {"stages": list(stages), **more}


def ends(*timescales: Table) -> Table:
    return action("resolve", *timescales, ends_stage=True)


def counting(*timescales: Table, **more: Any) -> Table:
    """A ladder of one stage with an action that has these timescales."""
    return ladder(stage("1", "", action("call", *timescales)), **more)


def capped(cap: str, *stages: Table, start: str = "raised", **more: Any) -> Table:
    return ladder(*stages, routes=routes(cap=within(cap, start, **more)))


def timed(key: str, following: str, limit: str) -> Table:
    return stage(key, following, ends(within(limit)))


HEARING = [{"key": "hearing", "ask": "When?"}]
CALL = "stages[0].actions[0].timescales[0]"
A, B, Q = fact("a"), fact("b"), fact("q", "high", "medium", "low")
CALLED = ladder(stage("1", "", action("call", within("1 day"), when="a is yes")), facts=[A])
SCHOOL = {
    "key": "school",
    "name": "scotland",
    "terms": [{"from": "2026-05-01", "to": "2026-06-02"}, {"from": "2026-08-31", "to": "2027-06-30"}],
}
FIRST = "count from something that can come first"

# what is found; the file in which it is; one that comes close and is sound; whether it is wrong, and the line about it
FINDINGS: list[tuple[str, Table, Table, str, str]] = [
    (
        "a stage that nothing leads to",
        ladder(stage("1", "2"), stage("2"), stage("3", "2")),
        ladder(stage("1", "2 3"), stage("2"), stage("3", "2")),
        "wrong",
        "stages[2]: nothing leads to stage 3; name it in the next of another stage, or take it away",
    ),
    (
        "a stage that only a stage of another route might have led to",
        ladder(stage("1"), stage("1", route="b"), stage("2", route="b"), routes=routes("main", "b")),
        ladder(stage("1", "b:2"), stage("1", route="b"), stage("2", route="b"), routes=routes("main", "b")),
        "wrong",
        "stages[2]: nothing leads to stage b:2; name it in the next of another stage, or take it away",
    ),
    (
        "stages that only lead to each other",
        ladder(stage("1", "2 4"), stage("2", "3"), stage("3", "2"), stage("4")),
        ladder(stage("1", "2 4"), stage("2", "3"), stage("3", "2 4"), stage("4")),
        "wrong",
        "stages[1].next: stages 2 and 3 lead only to each other, so going up never ends; let one lead to a stage with next = []",
    ),
    (
        "a ladder that only ends in a circle",
        ladder(stage("1", "2"), stage("2", "3"), stage("3", "2")),
        ladder(stage("1", "2"), stage("2", "3"), stage("3", "2 4"), stage("4", "1 5"), stage("5")),
        "wrong",
        "stages[1].next: stages 2 and 3 lead only to each other, so going up never ends; let one lead to a stage with next = []",
    ),
    (
        "a window to go to a stage that no case can come to from there",
        ladder(stage("1", "2 3"), stage("2", "3"), stage("3", "4", action("up", window=True, leads_to=["4", "2"])), stage("4")),
        ladder(stage("1", "2 3"), stage("2", "3", action("up", window=True, leads_to=["4"])), stage("3", "4"), stage("4")),
        "wrong",
        "stages[2].actions[0].leads_to[1]: a case never comes from stage 3 to stage 2; name a stage that can follow, or put it into the next of one",
    ),
    (
        "a window to go to another route that nothing leads to",
        ladder(stage("1", "", action("up", window=True, leads_to=["b:1"])), stage("1", route="b"), routes=routes("main", "b")),
        ladder(stage("1", "b:1", action("up", window=True, leads_to=["b:1"])), stage("1", route="b"), routes=routes("main", "b")),
        "wrong",
        "stages[0].actions[0].leads_to[0]: a case never comes from stage main:1 to stage b:1; name a stage that can follow, or put it into the next of one",
    ),
    (
        "a later stage",
        ladder(stage("1", "2", action("call", within("1 day", "stage 2"))), stage("2")),
        ladder(stage("1", "2"), stage("2", "3", action("call", within("1 day", "stage 1"))), stage("3")),
        "wrong",
        f"{CALL}.from: stage 2 never comes before stage 1; {FIRST}",
    ),
    (
        "a later stage that a case can be taken back from",
        ladder(stage("1", "2"), stage("2", "3", action("call", within("1 day", "stage 3"))), stage("3")),
        ladder(stage("1", "2"), stage("2", "3", action("call", within("1 day", "stage 3"))), stage("3", "2 4"), stage("4")),
        "wrong",
        f"stages[1].actions[0].timescales[0].from: stage 3 never comes before stage 2; {FIRST}",
    ),
    (
        "a stage on the other branch",
        ladder(stage("1", "4a 4b"), stage("4a"), stage("4b", "", action("call", within("1 day", "stage 4a")))),
        ladder(stage("1", "4a 4b"), stage("4a", "4b"), stage("4b", "", action("call", within("1 day", "stage 4a")))),
        "wrong",
        f"stages[2].actions[0].timescales[0].from: stage 4a never comes before stage 4b; {FIRST}",
    ),
    (
        "a later stage to fall back on",
        ladder(stage("1", "2", action("call", within("1 day", failing_that="stage 2"))), stage("2")),
        ladder(stage("1", "2", action("call", within("1 day", failing_that="stage 1"))), stage("2")),
        "wrong",
        f"{CALL}.failing_that: stage 2 never comes before stage 1; {FIRST}",
    ),
    (
        "an action of a later stage",
        ladder(stage("1", "2", action("call", within("1 day", "panel"))), stage("2", "", action("panel"))),
        ladder(stage("1", "2", action("panel")), stage("2", "", action("panel"), action("call", within("1 day", "panel")))),
        "wrong",
        f'{CALL}.from: "panel" belongs to stage 2, and that never comes before stage 1; {FIRST}',
    ),
    (
        "an action of a stage of another route that does not lead here",
        ladder(
            stage("1", "", action("call", within("1 day", "panel"))),
            stage("1", "", action("panel"), route="b"),
            routes=routes("main", "b"),
        ),
        ladder(
            stage("1", "", action("call", within("1 day", "panel"))),
            stage("1", "main:1", action("panel"), route="b"),
            routes=routes("main", "b"),
        ),
        "wrong",
        f'{CALL}.from: "panel" belongs to stage b:1, and that never comes before stage main:1; {FIRST}',
    ),
    (
        "an action after resolution, at a stage",
        counting(within("1 day", "letter"), after_resolution=[action("letter")]),
        counting(within("1 day", "letter"), standing_actions=[action("letter")]),
        "wrong",
        f'{CALL}.from: "letter" is done once a case is resolved, and not before stage 1; {FIRST}',
    ),
    (
        "an action after resolution, for the whole process",
        capped("9 days", stage("1", "2"), stage("2"), start="letter") | {"after_resolution": [action("letter")]},
        ladder(stage("1"), after_resolution=[action("letter"), action("filed", within("9 days", "letter"))]),
        "wrong",
        f'routes[0].cap.from: "letter" is done once a case is resolved, and not before any stage of the route; {FIRST}',
    ),
    (
        "the time of an action of a later stage",
        ladder(stage("1", "2", action("call", within("1 day", "reply overdue"))), stage("2", "", action("reply", within("1 day")))),
        ladder(stage("1", "2", action("reply", within("1 day"))), stage("2", "", action("call", within("1 day", "reply overdue")))),
        "wrong",
        f'{CALL}.from: "reply" belongs to stage 2, and that never comes before stage 1; {FIRST}',
    ),
    (
        "the time of an action that only a later stage has, and every stage under its name",
        ladder(
            stage("1", "2", action("call", within("1 day", "reply overdue"))),
            stage("2", "", action("reply", within("1 day"))),
            standing_actions=[action("reply")],
        ),
        ladder(
            stage("1", "2", action("call", within("1 day", "reply"))),
            stage("2", "", action("reply", within("1 day"))),
            standing_actions=[action("reply")],
        ),
        "wrong",
        f'{CALL}.from: "reply" belongs to stage 2, and that never comes before stage 1; {FIRST}',
    ),
    (
        "the time of an action that has none",
        ladder(stage("1", "", action("reply"), action("call", within("1 day", "reply overdue")))),
        ladder(stage("1", "", action("reply", within("1 day")), action("call", within("1 day", "reply overdue")))),
        "warning",
        'stages[0].actions[1].timescales[0].from: "reply" has no time limit, so that only a date agreed for it can pass;'
        " give it a timescale if the document has one",
    ),
    (
        "the time of a stage that has none",
        ladder(stage("1", "", ends(), action("call", within("1 day", "resolve overdue")))),
        capped("9 days", stage("1", "", ends(), action("call", within("1 day", "resolve overdue")))),
        "warning",
        'stages[0].actions[1].timescales[0].from: "resolve" has no time limit, so that only a date agreed for it can pass;'
        " give it a timescale if the document has one",
    ),
    (
        "one answer that is two",
        CALLED | {"reminders": [{"text": "t", "cite": "c", "when": "q is high and q is low"}], "facts": [A, Q]},
        CALLED | {"reminders": [{"text": "t", "cite": "c", "when": "q is high and q is not low"}], "facts": [A, Q]},
        "wrong",
        'reminders[0].when: no answers make "q is high and q is low" hold; write or between answers that cannot both be given',
    ),
    (
        "no answer that is left",
        counting(within("1 day", when="a is not yes and a is not no"), facts=[A]),
        counting(within("1 day", when="q is not high and q is not low"), facts=[Q]),
        "wrong",
        f'{CALL}.when: no answers make "a is not yes and a is not no" hold; write or between answers that cannot both be given',
    ),
    (
        "a clock that never stops",
        counting(within("1 day", stops_while="a is yes and a is not yes"), facts=[A]),
        counting(within("1 day", stops_while="a is yes and a is not yes or b is yes"), facts=[A, B]),
        "wrong",
        f'{CALL}.stops_while: no answers make "a is yes and a is not yes" hold; write or between answers that cannot both be given',
    ),
    (
        "a moment both known and not",
        counting(at_least("1 day", "hearing", when="hearing is known and hearing is unknown"), moments=HEARING),
        counting(at_least("1 day", "hearing", when="hearing is known and hearing is not unknown"), moments=HEARING),
        "wrong",
        f'{CALL}.when: no answers make "hearing is known and hearing is unknown" hold; write or between answers that cannot both be given',
    ),
    (
        "a timescale for cases in which nothing is to be done",
        ladder(stage("1", "", action("call", within("1 day", when="a is no"), when="a is yes")), facts=[A]),
        ladder(stage("1", "", action("call", within("1 day", when="a is no"), when="a is yes or b is yes")), facts=[A, B]),
        "wrong",
        f'{CALL}.when: "a is no" never holds together with the when of its action, "a is yes"; change one',
    ),
    (
        "a clock that stops in cases in which it does not run",
        counting(within("1 day", when="a is yes and a is no"), facts=[A]),
        counting(within("1 day", when="a is no", stops_while="a is yes"), facts=[A]),  # it ran until the answer changed
        "wrong",
        f'{CALL}.when: no answers make "a is yes and a is no" hold; write or between answers that cannot both be given',
    ),
    (
        "a fact that nothing asks for",
        CALLED | {"facts": [A, B]},
        CALLED | {"facts": [A, B], "reminders": [{"text": "t", "cite": "c", "when": "b is no"}]},
        "warning",
        'facts[1]: no condition asks for "b"; use it in a when, or take it away',
    ),
    (
        "a fact that no clock stops for",
        CALLED | {"facts": [A, B]},
        CALLED | {"facts": [A, B], "routes": routes(cap=within("9 days", "raised", stops_while="b is yes"))},
        "warning",
        'facts[1]: no condition asks for "b"; use it in a when, or take it away',
    ),
    (
        "a moment that nothing counts from",
        ladder(stage("1"), moments=HEARING),
        counting(within("1 day", failing_that="hearing"), moments=HEARING),
        "warning",
        'moments[0]: nothing counts from "hearing" or asks for it; use it, or take it away',
    ),
    (
        "a moment that nothing asks for",
        ladder(stage("1"), moments=HEARING),
        counting(within("1 day", when="hearing is known"), moments=HEARING),
        "warning",
        'moments[0]: nothing counts from "hearing" or asks for it; use it, or take it away',
    ),
    (
        "a target above its limit",
        counting(within("5 working days", target="6 working days")),
        counting(within("5 working days", target="5 working days")),
        "wrong",
        f"{CALL}.target: a target of 6 working days always falls later than the limit of 5 working days; give one that falls before it",
    ),
    (
        "a target in hours of a limit in days",
        counting(within("2 days", target="72 hours")),
        counting(within("2 days", target="71 hours")),  # begun at midnight, that is still the last day
        "wrong",
        f"{CALL}.target: a target of 72 hours always falls later than the limit of 2 days; give one that falls before it",
    ),
    (
        "a target in hours of a limit in working days, however long the holidays",
        counting(within("3 working days", target="1000 hours")),
        counting(within("3 working days", target="200 hours")),  # over Christmas three working days are longer
        "wrong",
        f"{CALL}.target: a target of 1000 hours always falls later than the limit of 3 working days; give one that falls before it",
    ),
    (
        "a target in days of a limit in months",
        counting(within("1 month", target="32 days")),
        counting(within("1 month", target="31 days")),
        "wrong",
        f"{CALL}.target: a target of 32 days always falls later than the limit of 1 month; give one that falls before it",
    ),
    (
        "a target of a month",
        counting(within("27 days", target="1 month")),
        counting(within("28 days", target="1 month")),  # which is February
        "wrong",
        f"{CALL}.target: a target of 1 month always falls later than the limit of 27 days; give one that falls before it",
    ),
    (
        "a target in working hours",
        counting(within("8 working hours", target="9 working hours")),
        counting(within("1 working day", target="90 working hours")),  # nobody knows how many hours a day will have
        "wrong",
        f"{CALL}.target: a target of 9 working hours always falls later than the limit of 8 working hours; give one that falls before it",
    ),
    (
        "a target in days of a calendar of the protocol's own",
        counting(within("5 school days", target="6 school days"), calendars=[{"key": "school", "name": "scotland"}]),
        counting(within("5 school days", target="60 days"), calendars=[{"key": "school", "name": "scotland"}]),
        "wrong",
        f"{CALL}.target: a target of 6 school days always falls later than the limit of 5 school days; give one that falls before it",
    ),
    (
        "a target that leaves less time before a moment than the limit",
        counting(at_least("5 working days", "hearing", target="3 working days"), moments=HEARING),
        counting(at_least("5 working days", "hearing", target="10 working days"), moments=HEARING),
        "wrong",
        f"{CALL}.target: a target of 3 working days always falls later than the limit of 5 working days; give one that falls before it",
    ),
    (
        "a cap that ends before the stages",
        capped("9 working days", timed("1", "2", "5 working days"), timed("2", "", "5 working days")),
        capped("10 working days", timed("1", "2", "5 working days"), timed("2", "", "5 working days")),
        "warning",
        "routes[0].cap: 9 working days may end before the stages do, 1 (5 working days) and 2 (5 working days): from Monday 1 June"
        " 2026 09:00 on, without bank holidays, it ends Friday 12 June 2026 and they end Monday 15 June 2026;"
        " check the figures",
    ),
    (
        "a cap that ends before the duties of a stage without a limit of its own",
        capped("6 working days", stage("1", "2", action("reply", within("5 working days"))), timed("2", "", "2 working days")),
        capped("7 working days", stage("1", "2", action("reply", within("5 working days"))), timed("2", "", "2 working days")),
        "warning",
        "routes[0].cap: 6 working days may end before the stages do, 1 (5 working days) and 2 (2 working days): from Monday 1 June 2026 09:00 on,"
        " without bank holidays, it ends Tuesday 9 June 2026 and they end Wednesday 10 June 2026; check the figures",
    ),
    (
        "a cap in days over a weekend",
        capped("5 days", timed("1", "", "5 working days")),
        capped("1 week", timed("1", "", "5 working days")),
        "warning",
        "routes[0].cap: 5 days may end before the stages do, 1 (5 working days): from Monday 1 June 2026 09:00 on, without bank"
        " holidays, it ends Saturday 6 June 2026 and they end Monday 8 June 2026; check the figures",
    ),
    (
        "a cap beside stages in days of school",
        capped("1 day", timed("1", "", "5 school days"), start="concern") | {"calendars": [SCHOOL]},
        capped("1 week", timed("1", "", "5 school days"), start="concern") | {"calendars": [SCHOOL]},  # wherever the holidays are
        "warning",
        "routes[0].cap: 1 day may end before the stages do, 1 (5 school days): from Monday 1 June 2026 09:00 on, without bank"
        " holidays, it ends Tuesday 2 June 2026 and they end Monday 8 June 2026; check the figures",
    ),
    (
        "a cap beside stages that may be skipped",
        capped("4 days", timed("1", "2 3", "2 days"), timed("2", "3", "2 days"), timed("3", "", "1 day")),
        capped("5 days", timed("1", "2 3", "2 days"), timed("2", "3", "2 days"), timed("3", "1", "1 day"), timed("4", "", "1 day"))
        | {"stages": [timed("1", "2 3", "2 days"), timed("2", "3", "2 days"), timed("3", "1 4", "1 day"), stage("4")]},
        "warning",
        "routes[0].cap: 4 days may end before the stages do, 1 (2 days), 2 (2 days) and 3 (1 day): from Monday 1 June 2026 09:00 on,"
        " without bank holidays, it ends Friday 5 June 2026 and they end Saturday 6 June 2026; check the figures",
    ),
    (
        "a cap from a stage on",
        capped("1 day", timed("1", "2", "2 days"), timed("2", "", "2 days"), start="stage 2"),
        capped("2 days", timed("1", "2", "2 days"), timed("2", "", "2 days"), start="stage 2"),
        "warning",
        "routes[0].cap: 1 day may end before the stages do, 1 (2 days) and 2 (2 days): from Monday 1 June 2026 09:00 on, without"
        " bank holidays, it ends Thursday 4 June 2026 and they end Friday 5 June 2026; check the figures",
    ),
    (
        "a cap beside stages that count from the concern",
        capped("9 days", stage("1", "2", ends(within("5 days", "concern"))), stage("2", "", ends(within("10 days", "concern")))),
        capped("10 days", stage("1", "2", ends(within("5 days", "concern"))), stage("2", "", ends(within("10 days", "concern")))),
        "warning",
        "routes[0].cap: 9 days may end before the stages do, 1 (5 days) and 2 (10 days): from Monday 1 June 2026 09:00 on, without"
        " bank holidays, it ends Wednesday 10 June 2026 and they end Thursday 11 June 2026; check the figures",
    ),
    (
        "a cap in all cases",
        capped("1 day", timed("1", "", "2 days")) | {"facts": []},
        capped("1 day", timed("1", "", "2 days"), when="a is yes") | {"facts": [A]},  # so may be the limit of the stage
        "warning",
        "routes[0].cap: 1 day may end before the stages do, 1 (2 days): from Monday 1 June 2026 09:00 on, without bank holidays, it"
        " ends Tuesday 2 June 2026 and they end Wednesday 3 June 2026; check the figures",
    ),
    (
        "an extension to no more than the limit",
        counting(within("5 working days", extendable_to="5 working days")),
        counting(within("5 working days", extendable_to="6 working days")),
        "warning",
        f"{CALL}.extendable_to: 5 working days is no more than the limit of 5 working days; say how much it can come to in all",
    ),
    (
        "an extension in another unit",
        counting(within("2 weeks", extendable_to="14 days")),
        counting(within("2 weeks", extendable_to="10 working days")),  # over Christmas that is more
        "warning",
        f"{CALL}.extendable_to: 14 days is no more than the limit of 2 weeks; say how much it can come to in all",
    ),
    (
        "terms that have run out",
        ladder(
            stage("1"),
            calendar={"name": "scotland", "terms": [{"from": "2026-08-17", "to": "2026-11-21"}]},
        ),
        ladder(
            stage("1"),
            calendar={"name": "scotland", "terms": [{"from": "2026-08-17", "to": "2026-11-22"}]},
        ),
        "warning",
        "calendar.terms: the last ended on 21 November 2026, and days out of term count since; add those that follow",
    ),
    (
        "terms of a calendar beside the usual one",
        counting(
            within("5 school days"),
            calendars=[{"key": "school", "name": "scotland", "terms": [{"from": "2026-08-17", "to": "2026-10-09"}]}],
        ),
        counting(
            within("5 school days"),
            calendars=[
                {
                    "key": "school",
                    "name": "scotland",
                    "terms": [{"from": "2026-10-19", "to": "2026-12-18"}, {"from": "2026-08-17", "to": "2026-10-09"}],
                }
            ],
        ),
        "warning",
        "calendars[0].terms: the last ended on 9 October 2026, and days out of term count since; add those that follow",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "standing", "line"), [(row[1], *row[3:]) for row in FINDINGS], ids=[row[0] for row in FINDINGS])  # fmt: skip
def test_what_cannot_be_meant_is_found_with_its_place_and_nothing_else_is(
    changes: Table, standing: str, line: str
) -> None:
    assert reviewed(changes) == [(standing, line)]


@pytest.mark.parametrize("changes", [row[2] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_what_comes_close_is_not_found(changes: Table) -> None:
    assert reviewed(changes) == []


def test_an_action_that_is_never_called_for_is_nothing_to_count_from() -> None:
    panel = action("panel", when="a is yes and a is no")
    assert reviewed(ladder(stage("1", "", action("call", within("1 day", "panel")), panel), facts=[A])) == [
        ("wrong", f'{CALL}.from: "panel" is never called for, because its own when can never hold; {FIRST}'),
        ("wrong", 'stages[0].actions[1].when: no answers make "a is yes and a is no" hold; write or between answers that cannot both be given'),
    ]  # fmt: skip


def test_of_a_stage_that_nothing_leads_to_only_that_is_said() -> None:
    lost = stage("3", "", action("call", within("1 day", "stage 2")))
    assert [line.split(":")[0] for _, line in reviewed(ladder(stage("1", "2"), stage("2"), lost))] == ["stages[2]"]


def test_stages_without_a_timescale_and_routes_that_nothing_leads_to_are_as_they_should_be() -> None:
    assert reviewed(ladder(stage("1"), stage("1", route="b"), routes=routes("main", "b"))) == []


@pytest.mark.parametrize(
    ("review_date", "today", "last"),
    [
        ("2025-06", "2025-06-30", None),
        ("2025-06", "2025-07-01", "30 June 2025"),
        ("2024-02", "2024-03-01", "29 February 2024"),
        ("2025", "2025-12-31", None),
        ("2025", "2026-01-01", "31 December 2025"),
        ("2025-06-15", "2025-06-15", None),
        ("2025-06-15", "2025-06-16", "15 June 2025"),
    ],
)
def test_a_review_date_lasts_to_the_end_of_what_it_names(review_date: str, today: str, last: str | None) -> None:
    edition = {"dated": "2024", "review": review_date}
    found = reviewed(ladder(stage("1"), edition=edition), date.fromisoformat(today))
    line = f"edition.review: the review was due by {last}; see whether there is a newer edition"
    assert found == ([("warning", line)] if last else [])


def test_figures_beyond_all_calendars_stop_nothing() -> None:
    long = within("99999 years", target="99998 years", extendable_to="99999 years")
    assert reviewed(ladder(timed("1", "", "99999 weeks"), routes=routes(cap=within("1 day", "raised")))) == []
    assert reviewed(counting(long)) == []


SHIPPED = [file.protocol for file in all_protocols(shipped_folder())[0]]


@pytest.mark.parametrize("protocol", SHIPPED, ids=lambda protocol: protocol.id)
def test_the_shipped_protocols_have_nothing_wrong(protocol: Protocol) -> None:
    places = {"hull-east-riding": ["edition.review"]}
    found = review(protocol, TODAY)
    assert [finding for finding in found if finding.wrong] == []
    assert [finding.place for finding in found] == places.get(protocol.id, [])


# -- the command -----------------------------------------------------------------------------------------------------------


run = Office(now="2026-11-22T10:00", by=None, environment={"PATH": os.environ["PATH"]})


SOUND = SMALL.replace('from = "stage"', 'from = "stage"\n    when = "severity is high"')
OLD = SOUND.replace('dated = "2026"', 'dated = "2026", review = "2026-10"')
LOST = OLD.replace('next = ["2"]', "next = []")
REVIEWED = (
    "my.toml: edition, review, line 7: the review was due by 31 October 2026; see whether there is a newer edition"
)
NOWHERE = "my.toml: stage 2, line 38: nothing leads to stage 2; name it in the next of another stage, or take it away"
SIZE = "1 route, 2 stages."
CHECKED = [
    (SOUND, 0, f"my.toml: no problems; {SIZE}\n", "", [], []),
    (OLD, 0, f"Warning: {REVIEWED}\nmy.toml: no problems, 1 warning; {SIZE}\n", "", [], [REVIEWED]),
    (LOST, 1, f"Warning: {REVIEWED}\n", f"{NOWHERE}\n", [NOWHERE], [REVIEWED]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "status", "out", "err", "problems", "warnings"), CHECKED)
def test_checking_says_what_is_wrong_apart_from_what_may_be(
    tmp_path: Path, text: str, status: int, out: str, err: str, problems: list[str], warnings: list[str]
) -> None:
    (tmp_path / "my.toml").write_text(text)
    assert run(tmp_path, "protocol", "check", "my.toml") == (status, out, err)
    ran = run(tmp_path, "protocol", "check", "my.toml", "--json")
    assert (ran.status, ran.stderr) == (status, "")
    assert json.loads(ran.stdout) == {"file": "my.toml", "problems": problems, "warnings": warnings}


def test_what_is_warned_of_depends_on_the_day(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(OLD)
    assert run(tmp_path, "protocol", "check", "my.toml", now="2026-10-31T23:59").stdout.startswith(
        "my.toml: no problems;"
    )
    assert run(tmp_path, "protocol", "check", "my.toml", now="2026-11-01T00:00").stdout.startswith("Warning: ")


def test_a_file_with_problems_has_no_findings_beside_them(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(LOST.replace('owner = "Manager"', ""))
    ran = run(tmp_path, "protocol", "check", "my.toml", "--json")
    line = "my.toml: stage 2, owner, line 38: is missing; it says who is responsible"
    assert (ran.status, json.loads(ran.stdout)) == (1, {"file": "my.toml", "problems": [line], "warnings": []})


def test_a_file_that_only_has_findings_goes_on_working(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(LOST)
    for line in (
        ("open", "./my.toml", "--about", "Thresholds"),
        ("plan", "./my.toml"),
        ("protocol", "show", "./my.toml"),
        ("due",),
    ):
        assert run(tmp_path, *line).status == 0
    assert run(tmp_path, "resolve", "1").status == 0


def test_a_file_that_extends_one_of_the_users_own_is_checked_together_with_it(tmp_path: Path) -> None:
    settings = run(tmp_path, "config", "--json")
    own = Path(json.loads(settings.stdout)["settings"]["protocols"]["value"])
    own.mkdir(parents=True)
    (own / "ours.toml").write_text(SOUND.replace('id = "small"', 'id = "pan-area"'))
    (tmp_path / "my.toml").write_text('extends = "pan-area"\nid = "my"\n[[stages]]\nkey = "1"\nnext = []\n')
    assert run(tmp_path, "protocol", "check", "my.toml") == (1, "", f"{NOWHERE.replace('my.toml', 'ours.toml')}\n")


def test_a_chain_that_is_far_too_long_is_refused_in_a_sentence_by_every_command(tmp_path: Path) -> None:
    chain = "".join(
        f'  [[stages.actions]]\n  key = "a{n}"\n  name = "n"\n'
        f'  timescales = [{{ within = "1 day", from = "{f"a{n + 1} overdue" if n < 149 else "stage"}", cite = "c" }}]\n'
        for n in range(150)
    )
    (tmp_path / "my.toml").write_text(SOUND + chain)
    line = 'my.toml: stage 2, action a0, timescales, line 47: "a0" waits for more than 20 others to run out, one after the other; count it from something nearer\n'
    for arguments in (("protocol", "check", "my.toml"), ("plan", "./my.toml"), ("open", "./my.toml")):
        assert run(tmp_path, *arguments) == (1, "", line)


def test_the_sound_file_is_sound() -> None:
    protocol, problems = read_protocol(tomllib.loads(SOUND))
    assert (problems, review(protocol, TODAY)) == ([], [])
