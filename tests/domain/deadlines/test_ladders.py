"""The five shipped protocols against the oracle: every stage of every route, from starts that have tripped others up."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from escalate.domain.case.model import Answer, Case, Done, KnownFact, Stay
from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.engine import stage_deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import plan
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.output.protocol.documents import plan_document
from escalate.storage.files.bank_holidays import library_calendar
from escalate.storage.files.protocols import find_protocol
from tests import oracle
from tests.driver import Escalate
from tests.oracle import moment, written
from tests.sizes import sampled, size

# What is tricky about it, when it is raised, and when the concern arose if that was earlier. London time.
STARTS: tuple[tuple[str, str, str | None], ...] = (
    ("an ordinary Wednesday", "2026-11-18 14:05", None),
    ("an ordinary Monday, first thing", "2026-11-02 09:00", None),
    ("the last minute of a Friday", "2026-10-16 23:59", None),
    ("the last second of a Friday", "2026-10-16 23:59:59", None),
    ("the first moment of a Saturday", "2026-10-17 00:00", None),
    ("a Saturday", "2026-06-13 11:30", None),
    ("a Sunday night", "2026-06-14 22:45", None),
    ("Friday at closing time", "2026-09-11 17:00", None),
    ("a minute after closing on a Friday", "2026-09-11 17:01", None),
    ("a minute before opening", "2026-09-14 08:59", None),
    ("two days before Christmas 2026", "2026-12-23 16:00", None),
    ("Christmas Eve 2026", "2026-12-24 12:00", None),
    ("Christmas Day 2026", "2026-12-25 09:30", None),
    ("Boxing Day 2026, a Saturday", "2026-12-26 10:00", None),
    ("the substitute for Boxing Day 2026", "2026-12-28 10:00", None),
    ("New Year's Eve 2026", "2026-12-31 18:00", None),
    ("New Year's Day 2027", "2027-01-01 00:00", None),
    ("a week before Christmas 2027", "2027-12-17 15:00", None),
    ("Christmas Eve 2027, a Friday", "2027-12-24 16:59", None),
    ("Christmas Day 2027, a Saturday", "2027-12-25 12:00", None),
    ("the substitute for Christmas Day 2027", "2027-12-27 08:00", None),
    ("the substitute for Boxing Day 2027", "2027-12-28 17:30", None),
    ("New Year's Eve 2027, a Friday", "2027-12-31 23:59", None),
    ("the substitute for New Year's Day 2028", "2028-01-03 09:00", None),
    ("the Thursday before Easter 2026", "2026-04-02 16:30", None),
    ("Good Friday 2026", "2026-04-03 10:00", None),
    ("Easter Sunday 2026", "2026-04-05 10:00", None),
    ("Easter Monday 2026", "2026-04-06 13:00", None),
    ("the day before the clocks go forward in 2026", "2026-03-28 10:00", None),
    ("the Friday before the clocks go forward in 2026", "2026-03-27 17:30", None),
    ("just after the clocks went forward in 2026", "2026-03-29 02:00", None),
    ("the day before the clocks go back in 2026", "2026-10-24 01:30", None),
    ("the first of the two half past ones in 2026", "2026-10-25 01:30", None),
    ("the day the clocks went back in 2026", "2026-10-25 12:00", None),
    ("the day before the clocks go forward in 2027", "2027-03-27 10:00", None),
    ("Easter Sunday 2027, the clocks going forward", "2027-03-28 03:00", None),
    ("the Friday before the clocks go back in 2027", "2027-10-29 16:00", None),
    ("the day before the clocks go back in 2027", "2027-10-30 01:15", None),
    ("the early May bank holiday", "2026-05-04 10:00", None),
    ("the spring bank holiday", "2026-05-25 09:00", None),
    ("the Friday before the summer bank holiday", "2026-08-28 15:00", None),
    ("the summer bank holiday", "2026-08-31 23:30", None),
    ("leap day 2028", "2028-02-29 10:00", None),
    ("the day before leap day 2028", "2028-02-28 23:59:59", None),
    ("half past midnight in summer, still yesterday in UTC", "2026-07-01 00:30", None),
    ("VE day 2020", "2020-05-08 10:00", None),
    ("the jubilee of 2022", "2022-06-01 16:00", None),
    ("the days before the state funeral", "2022-09-16 17:00", None),
    ("the days before the coronation", "2023-05-05 11:00", None),
    ("a concern the day before", "2026-11-18 14:05", "2026-11-17 09:00"),
    ("a concern three days before, over a weekend", "2026-11-16 09:00", "2026-11-13 16:45"),
    ("a concern four days before, on a Saturday", "2026-11-18 14:05", "2026-11-14 20:00"),
    ("a concern eleven days before", "2026-11-18 14:05", "2026-11-07 10:00"),
    ("a concern three weeks before", "2026-11-18 14:05", "2026-10-28 10:00"),
    ("a concern two months before", "2026-11-18 14:05", "2026-09-18 10:00"),
    ("a concern before Christmas, raised after it", "2027-01-04 10:00", "2026-12-22 15:00"),
    ("a concern before Christmas 2027, raised at New Year", "2027-12-31 10:00", "2027-12-23 15:00"),
    ("a concern before Easter, raised after it", "2026-04-07 09:15", "2026-04-01 12:00"),
    ("a concern before the clocks went back", "2026-10-26 09:00", "2026-10-23 23:30"),
)

# A route, and what is known about the case.
ROUTES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    *((protocol, route, {}) for protocol, route in oracle.LADDERS),
    ("hull-east-riding", "main", {"severity": "high"}),
    ("hull-east-riding", "main", {"severity": "low", "aged-16": "yes"}),
    ("hull-east-riding", "child-protection-plan", {"severity": "high"}),
    ("herefordshire", "main", {"protection-plan": "yes", "childrens-services": "yes"}),
    ("lincolnshire", "main", {"population": "adult", "section-117": "yes"}),
    ("lincolnshire", "main", {"population": "child"}),
)

each_route = pytest.mark.parametrize(
    ("protocol", "route", "facts"),
    sampled(ROUTES, 3),
    ids=[" ".join((protocol, route, *facts)) for protocol, route, facts in ROUTES],
)


def random_starts(how_many: int, seed: int) -> list[tuple[str, datetime, datetime | None]]:
    chance = Random(seed)
    starts: list[tuple[str, datetime, datetime | None]] = []
    for number in range(how_many):
        minutes = chance.randrange(int((datetime(2028, 9, 30) - datetime(2011, 2, 1)).total_seconds() // 60))
        raised = datetime(2011, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        earlier = chance.choice([None, timedelta(minutes=chance.randrange(20 * 24 * 60))])
        starts.append((f"random {number}", raised, raised - earlier if earlier else None))
    return starts


def all_starts() -> list[tuple[str, datetime, datetime | None]]:
    known = [(why, moment(raised), moment(concern) if concern else None) for why, raised, concern in STARTS]
    return known + random_starts(size(10, 60), seed=20260330)


@cache
def shipped(protocol: str) -> Protocol:
    return find_protocol(protocol, Path("nobody has protocols of their own here")).protocol


@cache
def calendar() -> Calendar:
    return library_calendar(oracle.CALENDAR)


def expected_stage(stage: oracle.Stage) -> dict[str, Any]:
    return {
        "stage": stage.key,
        "entered_at": written(stage.entered),
        "target_at": written(stage.target),
        "due_at": written(stage.due),
        "act_by": written(stage.act_by),
        "provisional": stage.provisional,
        "actions": {key: (written(action.due), written(action.act_by)) for key, action in stage.actions.items()},
    }


def found_stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    """A stage of a plan: of its actions, those with a time limit, be it one that has not begun to run."""
    plain = {key: stage[key] for key in ("stage", "entered_at", "target_at", "due_at", "act_by", "provisional")}
    timed = [action for action in stage["actions"] if action["due_at"] or action["waiting"]]
    return plain | {"actions": {action["action"]: (action["due_at"], action["act_by"]) for action in timed}}


@cache
def compared(protocol: str, route: str, *known: tuple[str, str]) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """For every start, what a plan says and what the oracle says."""
    rows, facts = [], dict(known)
    for why, raised, concern in all_starts():
        document = plan_document(plan(shipped(protocol), calendar(), raised, concern, route, facts))
        found = {"cap": document["cap"], "stages": [found_stage(stage) for stage in document["stages"]]}
        stages = oracle.ladder(protocol, route, raised, concern, facts)
        expected = {
            "cap": written(oracle.cap(protocol, raised)),
            "stages": [expected_stage(stage) for stage in stages],
        }
        rows.append((f"{why}: raised {written(raised)}, concern {written(concern)}", found, expected))
    return rows


def differences(
    protocol: str, route: str, facts: Mapping[str, str], look: Callable[[Mapping[str, Any]], Any]
) -> list[str]:
    """Where a plan and the oracle differ in what `look` takes from both."""
    return [
        f"{why}\n  {look(found)}, not\n  {look(expected)}"
        for why, found, expected in compared(protocol, route, *facts.items())
        if look(found) != look(expected)
    ]


def column(*keys: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda document: [{key: stage[key] for key in ("stage", *keys)} for stage in document["stages"]]


@each_route
def test_each_stage_is_due_when_the_readings_say(protocol: str, route: str, facts: Mapping[str, str]) -> None:
    assert not differences(protocol, route, facts, column("due_at", "target_at"))


@each_route
def test_each_stage_is_entered_when_the_one_before_it_is_due(
    protocol: str, route: str, facts: Mapping[str, str]
) -> None:
    assert not differences(protocol, route, facts, column("entered_at"))


@each_route
def test_each_stage_is_to_be_acted_on_inside_working_hours(protocol: str, route: str, facts: Mapping[str, str]) -> None:
    assert not differences(protocol, route, facts, column("act_by"))


@each_route
def test_each_action_has_the_time_limit_of_its_own_that_the_readings_give(
    protocol: str, route: str, facts: Mapping[str, str]
) -> None:
    assert not differences(protocol, route, facts, column("actions"))


@each_route
def test_a_stage_is_provisional_only_where_it_counts_from_a_fallback_or_from_an_entry_that_is_not_firm(
    protocol: str, route: str, facts: Mapping[str, str]
) -> None:
    assert not differences(protocol, route, facts, column("provisional"))


@each_route
def test_the_cap_is_counted_from_when_the_case_was_raised(protocol: str, route: str, facts: Mapping[str, str]) -> None:
    assert not differences(protocol, route, facts, lambda document: document["cap"])


def test_the_oracle_agrees_with_dates_counted_by_hand() -> None:
    raised = moment("2026-12-23 16:00")  # a Wednesday; 25 and 28 December and 1 January are bank holidays
    by_hand = {
        ("hull-east-riding", "main"): (
            "2026-12-24T16:00:00+00:00",
            "2026-12-25T16:00:00+00:00",
            "2027-01-05T23:59:59+00:00",  # 29, 30, 31 December, 4, 5 January
            "2027-01-07T23:59:59+00:00",
            "2027-01-09T23:59:59+00:00",
            "2027-01-11T23:59:59+00:00",
            "2027-01-14T23:59:59+00:00",  # severity is not answered, so that it may be high
        ),
        ("north-yorkshire", "main"): (
            "2026-12-27T16:00:00+00:00",
            "2026-12-27T23:59:59+00:00",
            "2027-01-11T23:59:59+00:00",  # 24, 29, 30, 31 December, 4 to 8, 11 January
            "2027-01-11T23:59:59+00:00",
            "2027-01-12T23:59:59+00:00",
            "2027-01-14T23:59:59+00:00",  # the 13th working day comes before 3 more
            "2027-01-14T23:59:59+00:00",
        ),
        ("lincolnshire", "main"): (
            "2026-12-29T23:59:59+00:00",
            "2027-01-06T23:59:59+00:00",
            "2027-01-08T23:59:59+00:00",
            "2027-01-11T23:59:59+00:00",
            None,
        ),
        # the referral is due the same working day, and stage B has no other time
        ("north-east-lincolnshire", "individual"): (None, "2026-12-23T23:59:59+00:00", None, None, None),
        ("north-east-lincolnshire", "conference-divided"): ("2027-01-18T23:59:59+00:00", None, None, None),
        ("herefordshire", "main"): (
            None,
            "2026-12-30T23:59:59+00:00",
            "2027-01-07T23:59:59+00:00",
            "2027-01-14T23:59:59+00:00",
            "2027-01-25T23:59:59+00:00",
        ),
    }
    assert {key: tuple(written(stage.due) for stage in oracle.ladder(*key, raised)) for key in by_hand} == by_hand
    assert written(oracle.cap("hull-east-riding", raised)) == "2027-01-27T23:59:59+00:00"


# -- a stage that is entered late, which no plan shows ----------------------------------------------


def at_stage(
    protocol: str,
    route: str,
    stage: str,
    entered: datetime,
    raised: datetime,
    concern: datetime | None,
    facts: Mapping[str, str],
    done: Mapping[str, datetime],
) -> dict[str, Deadline]:
    """What is due at a stage of a case, by its action."""
    stay = Stay(1, route, stage, entered, 1)
    case = Case(
        ref="",
        protocol=protocol,
        edition="",
        edition_digest="",
        calendar=oracle.CALENDAR,
        subject=None,
        raising_agency=None,
        receiving_agency=None,
        concern_at=concern or raised,
        raised_at=raised,
        facts={key: KnownFact((Answer(raised, 1, answer, is_dated=False),)) for key, answer in facts.items()},
        stays=(stay,),
        done=tuple(Done(Occasion(stay=1), action, at, 2) for action, at in done.items()),
    )
    return {deadline.action: deadline for deadline in stage_deadlines(shipped(protocol), case, stay, calendar())}


@each_route
def test_a_stage_entered_late_still_ends_when_the_readings_say(
    protocol: str, route: str, facts: Mapping[str, str]
) -> None:
    chance = Random(20260525)
    wrong = []
    for why, raised, concern in all_starts():
        for rung in oracle.LADDERS[protocol, route]:
            entered = raised + timedelta(minutes=chance.randrange(45 * 24 * 60))
            way = "main" if rung in oracle.HULL_MAIN else route
            expected = oracle.stage(protocol, rung, entered, raised, concern, facts)
            actual = at_stage(protocol, way, rung.key, entered, raised, concern, facts, {})
            found = {
                key: oracle.Timed(each.due_at, each.act_by, each.target_at, each.provisional)
                for key, each in actual.items()
                if each.due_at or each.waiting
            }
            if found != expected.actions:
                wrong.append(f"{why}: {rung.key} entered {written(entered)}: {found}, not {expected.actions}")
    assert not wrong


def test_hulls_cap_ends_a_stage_that_would_outlast_it() -> None:
    raised = moment("2026-12-23 16:00")
    ends = at_stage("hull-east-riding", "main", "7", moment("2027-01-25 10:00"), raised, None, {}, {})["resolve"]
    assert written(ends.due_at) == "2027-01-27T23:59:59+00:00"  # 22 working days from raising, not 5 days from entry
    assert written(ends.act_by) == "2027-01-27T17:00:00+00:00"


@pytest.mark.parametrize("recorded", ["2026-12-24 09:30", "2026-12-26 10:00", "2027-01-04 16:00"])
@pytest.mark.parametrize(
    ("protocol", "stage", "action", "counted"),
    [("lincolnshire", "1", "discussion", "plan"), ("hull-east-riding", "7", "panel", "recommendation")],
)
def test_a_limit_counts_from_the_action_it_names_once_that_is_recorded(
    protocol: str, stage: str, action: str, counted: str, recorded: str
) -> None:
    raised, done = moment("2026-12-23 16:00"), {action: moment(recorded)}
    rung = next(rung for rung in oracle.LADDERS[protocol, "main"] if rung.key == stage)
    expected = oracle.stage(protocol, rung, raised, raised, done=done).actions[counted]
    before = at_stage(protocol, "main", stage, raised, raised, None, {}, {})[counted]
    after = at_stage(protocol, "main", stage, raised, raised, None, {}, done)[counted]
    assert (after.due_at, after.act_by, after.provisional, after.waiting) == (
        expected.due,
        expected.act_by,
        False,
        False,
    )
    assert before.provisional or before.waiting


# -- the real command line --------------------------------------------------------------------------


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Nothing of whoever runs the tests."""
    return {
        "ESCALATE_DB": str(tmp_path / "cases.db"),
        "ESCALATE_CONFIG": str(tmp_path / "none.toml"),
        "ESCALATE_PROTOCOLS": str(tmp_path / "none"),
        "ESCALATE_BY": "tests",
    }


@pytest.mark.parametrize(
    ("zone", "protocol", "route", "at", "concern", "facts"),
    [
        ("UTC", "hull-east-riding", None, "2026-12-23 16:00", None, {}),
        ("America/New_York", "hull-east-riding", "main", "2026-10-23 23:59", None, {"severity": "high"}),
        ("Asia/Tokyo", "hull-east-riding", "child-protection-plan", "2027-12-24 16:59", None, {}),
        ("America/New_York", "north-yorkshire", None, "2026-03-27 17:30", "2026-03-20 12:00", {}),
        ("Asia/Tokyo", "lincolnshire", None, "2026-07-01 00:30", None, {"population": "child"}),
        ("America/New_York", "north-east-lincolnshire", "individual", "2026-04-03 10:00", None, {}),
        ("Asia/Tokyo", "north-east-lincolnshire", "conference-divided", "2026-12-14 23:30", "2026-12-11 23:45", {}),
        ("UTC", "herefordshire", None, "2028-02-29 10:00", "2028-02-25 23:30", {"looked-after": "yes"}),
        ("Asia/Tokyo", "herefordshire", "main", "2027-01-04 10:00", "2026-12-22 00:15", {}),
    ],
)
def test_the_plan_command_prints_the_ladder_wherever_the_machine_stands(
    escalate: Escalate,
    environment: dict[str, str],
    zone: str,
    protocol: str,
    route: str | None,
    at: str,
    concern: str | None,
    facts: Mapping[str, str],
) -> None:
    given = [*(("--concern", concern) if concern else ()), *(("--route", route) if route else ())]
    given += [word for fact in facts.items() for word in ("--fact", "=".join(fact))]
    ran = escalate("plan", protocol, "--at", at, *given, "--json", environment=environment | {"TZ": zone})
    assert ran.status == 0, ran.stderr
    document = json.loads(ran.stdout)

    way = route or "main"
    stages = oracle.ladder(protocol, way, moment(at), moment(concern) if concern else None, facts)
    assert [found_stage(stage) for stage in document["stages"]] == [expected_stage(stage) for stage in stages]
    assert document["cap"] == written(oracle.cap(protocol, moment(at)))
    assert (document["protocol"], document["route"]) == (protocol, way)
    assert document.keys() >= {"protocol", "edition", "route", "cap", "stages"}
    for stage in document["stages"]:
        assert stage.keys() >= {
            "stage", "name", "owner", "entered_at", "target_at", "due_at", "act_by", "provisional", "actions",
        }  # fmt: skip
        for action in stage["actions"]:
            assert action.keys() >= {"action", "name", "due_at", "act_by", "cite"}


@pytest.mark.parametrize("protocol", sorted({protocol for protocol, *_ in oracle.STANDING}))
def test_what_can_fall_due_at_any_stage_counts_from_when_it_became_known(
    escalate: Escalate, environment: dict[str, str], protocol: str
) -> None:
    known = "2026-10-24 11:00"  # a Saturday, and the clocks go back that night
    duties = [(fact, action, within) for each, fact, action, within in oracle.STANDING if each == protocol]
    facts = [word for fact, _, _ in duties for word in ("--fact", f"{fact}=yes")]
    route = next(("--route", route) for each, route in oracle.LADDERS if each == protocol)
    given = ["--at", known, *route, *facts, "--json"]
    ran = escalate(
        "open",
        protocol,
        "--about",
        "Thresholds",
        *given,
        environment=environment | {"ESCALATE_NOW": "2026-10-26T09:00"},
    )
    assert ran.status == 0, ran.stderr

    found = {line["action"]: (line["due_at"], line["act_by"]) for line in json.loads(ran.stdout)["deadlines"]}
    for _, action, within in duties:
        due_at, _ = oracle.due(moment(known), within, oracle.CALENDAR)
        assert found[action] == (written(due_at), written(oracle.act_by(moment(known), due_at, oracle.CALENDAR)))
