"""Protocols of shapes that none of the shipped ones has: what a partnership may write, and what comes of it."""

from typing import Any

from escalate.domain.deadlines.plan import onward, plan
from escalate.domain.protocol.model import Protocol
from escalate.storage.files.protocols import parse_protocol
from tests.calendars import ENGLAND, at, shown
from tests.played import Played

RAISED = "2026-11-18 10:00"


def protocol(body: str, routes: str = '[{key="main", name="m", starts="1"}]') -> Protocol:
    head = 'id="p"\ntitle="t"\npartnership="p"\ncovers=["children"]\nsource="s"\nedition={dated="undated"}\n'
    return parse_protocol(f'{head}calendar={{name="england-and-wales"}}\nroutes={routes}\n{body}', "p.toml")


def stage(key: str, following: str = "", actions: str = "", route: str = "main") -> str:
    return f'{{route="{route}", key="{key}", name="n", owner="o", cite="c", next=[{following}], actions=[{actions}]}}'


def action(key: str, within: str = "", start: str = "stage", more: str = "") -> str:
    timescale = f'{{within="{within}", from="{start}", cite="c"}}' if within else ""
    return f'{{key="{key}", name="n", cite="c", owner="o", {more} timescales=[{timescale}]}}'


ENDS = "ends_stage=true,"


def played(under: Protocol, **opening: Any) -> Played:
    """A case under such a protocol."""
    return Played(under, RAISED, **opening)


def test_a_key_may_have_capitals_and_be_typed_without() -> None:
    case = played(protocol(f"stages=[{stage('1', '', action('LADO-told', '1 working day'))}]"))
    case.done("2026-11-18 11:00", "lado-told")
    assert case.file.case.done[0].action == "LADO-told"


def test_a_cap_counts_in_a_plan_from_what_it_counts_from_in_a_case() -> None:
    cap = '{{within="5 working days", from="{}", cite="c"{}}}'
    facts = 'facts=[{key="q", ask="?"}]\n'
    for start, when, due in (
        ("concern", "", "2026-11-09 23:59:59"),
        ("raised", "", "2026-11-25 23:59:59"),
        ("raised", ', when="q is yes"', "2026-11-25 23:59:59"),  # as long as nobody has said, it may be
    ):
        routes = f'[{{key="main", name="m", starts="1", cap={cap.format(start, when)}}}]'
        under = protocol(f"{facts}stages=[{stage('1')}]", routes)
        planned = plan(under, ENGLAND, at(RAISED), at("2026-11-02 10:00"))
        case = played(under, concern_at=at("2026-11-02 10:00"))
        assert (planned.cap_at and shown(planned.cap_at), case.dues) == (due, [("1 resolve", due)])


def test_a_stage_two_ways_lead_to_is_planned_the_earlier_way() -> None:
    ways = [
        stage("1", '"2", "3"'),
        stage("2", '"4"', action("resolve", "10 working days", more=ENDS)),
        stage("3", '"4"', action("resolve", "2 working days", more=ENDS)),
        stage("4"),
    ]
    planned = plan(protocol(f"stages=[{', '.join(ways)}]"), ENGLAND, at(RAISED)).stages
    assert [(each.stage.key, shown(each.entered_at)) for each in planned][-1] == ("4", "2026-11-20 23:59:59")


def test_going_up_moves_no_standing_action() -> None:
    ladder = ", ".join((stage("1", '"2"', action("call")), stage("2", '"3"', action("call")), stage("3")))
    case = played(protocol(f"stages=[{ladder}]\nstanding_actions=[{action('report', '5 working days', 'call')}]"))
    case.advance("2026-11-19 10:00")
    case.done("2026-11-20 10:00", "call")
    case.done("2026-11-24 10:00", "call", "2026-11-18 12:00", stage="1")
    before = case.dues[-1]
    case.advance("2026-11-25 10:00")
    assert (before, case.dues[-1]) == (("1 report", "2026-11-27 23:59:59"), ("1 report", "2026-11-27 23:59:59"))


def test_a_danger_that_changes_its_name_is_the_same_danger() -> None:
    facts = 'facts=[{key="at-risk", ask="?"}, {key="immediate-risk", ask="?"}]\n'
    told = action("told", "1 working day", "known", 'when="at-risk is yes or immediate-risk is yes",')
    under = protocol(f"{facts}stages=[{stage('1')}]\nstanding_actions=[{told}]")
    at_once, one_by_one = played(under, facts={"at-risk": "yes"}), played(under, facts={"at-risk": "yes"})
    at_once.set("2026-11-25 10:00", at_risk="no", immediate_risk="yes")
    one_by_one.set("2026-11-25 10:00", immediate_risk="yes")
    one_by_one.set("2026-11-25 10:00", at_risk="no")
    assert at_once.dues == one_by_one.dues == [("1 resolve", None), ("1 told", "2026-11-19 23:59:59")]


def test_where_a_way_leads_back_a_lower_stage_is_not_above() -> None:
    ladder = ", ".join((stage("1", '"2"', action("resolve", "1 working day", "concern", ENDS)), stage("2", '"1"')))
    owed = action("report", more='if_reached="2",')
    case = played(protocol(f"stages=[{ladder}]\nafter_resolution=[{owed}]"))
    case.resolve("2026-11-18 11:00")
    assert [each.action for each in case.file.deadlines] == ["resolve"]
    case = played(case.protocol)
    case.advance("2026-11-20 11:00")
    assert case.file.deadlines[-1].ahead_at is None


def test_a_stage_of_another_route_with_the_same_name_starts_nothing() -> None:
    routes = '[{key="a", name="m", starts="2"}, {key="b", name="m", starts="1"}]'
    ladder = [
        stage("2", '"b:1"', route="a"),
        stage("1", '"2"', action("call", "5 working days", "stage 2"), "b"),
        stage("2", "", "", "b"),
    ]
    case = played(protocol(f"stages=[{', '.join(ladder)}]", routes))
    case.advance("2026-11-20 10:00")
    assert ("1 call", None) in case.dues


def test_an_action_that_a_stage_and_every_stage_have_is_the_stages_where_the_stage_is_named() -> None:
    both = f"stages=[{stage('1', '', action('call', '1 working day'))}]\nstanding_actions=[{action('call', '2 days', 'raised')}]"
    case = played(protocol(both))
    case.done("2026-11-18 11:00", "call", stage="1")
    assert [(each.at_any_stage, each.met_at is not None) for each in case.file.deadlines if each.action == "call"] == [
        (False, True),
        (True, False),
    ]


def test_stages_beyond_the_calendar_keep_nobody_from_the_page_of_a_case() -> None:
    far = ", ".join((stage("1", '"2"'), stage("2", '"3"', action("resolve", "900 months", more=ENDS)), stage("3")))
    assert onward(played(protocol(f"stages=[{far}]")).file, at(RAISED)) == []


def test_a_fact_may_have_or_in_its_name() -> None:
    under = protocol(f'facts=[{{key="child-or-adult", ask="?"}}]\nstages=[{stage("1", "", action("x", more=_WHEN))}]')
    assert played(under, facts={"child-or-adult": "yes"}).dues[0] == ("1 x", None)


_WHEN = 'when="child-or-adult is yes",'


def test_what_was_done_after_resolution_stays_done_whatever_becomes_known() -> None:
    owed = action("told", more='when="q is yes",')
    under = protocol(f'facts=[{{key="q", ask="?"}}]\nstages=[{stage("1")}]\nafter_resolution=[{owed}]')
    case = played(under, facts={"q": "yes"})
    case.resolve("2026-11-18 11:00")
    case.done("2026-11-18 12:00", "told")
    case.set("2026-11-18 13:00", q="no")
    assert [(each.action, each.met_at is not None) for each in case.file.deadlines] == [
        ("resolve", True),
        ("told", True),
    ]


def test_a_stage_reached_on_one_route_was_reached_though_the_case_ended_on_another() -> None:
    routes = '[{key="main", name="m", starts="1"}, {key="urgent", name="u", starts="A"}]'
    ladder = ", ".join((stage("1", '"2"'), stage("2", '"urgent:A"'), stage("A", route="urgent")))
    owed = action("told", more='if_reached="2",')
    case = played(protocol(f"stages=[{ladder}]\nafter_resolution=[{owed}]", routes))
    case.advance("2026-11-19 10:00")
    case.advance("2026-11-20 10:00")
    case.resolve("2026-11-20 11:00")
    assert case.file.deadlines[-1].action == "told"


def test_a_stage_whose_end_waits_for_something_that_cannot_run_out_stays_on_the_list() -> None:
    never = action("talk")
    ends = action("resolve", "same working day", "talk overdue", ENDS)
    case = played(protocol(f"stages=[{stage('1', '', f'{never}, {ends}')}]"))
    case.done("2026-11-19 10:00", "talk")
    assert [each.action for each in case.file.deadlines if each.met_at is None] == ["resolve"]


def test_what_holds_because_nothing_is_known_yet_has_begun_at_no_moment() -> None:
    told = (
        '{key="told", name="n", cite="c", owner="o", when="hearing is unknown or severity is high",'
        ' timescales=[{within="1 working day", from="known", failing_that="stage", cite="c"}]}'
    )
    known = 'facts=[{key="severity", ask="a", answers=["high", "low"], cite="c"}]\nmoments=[{key="hearing", ask="a", cite="c"}]\n'
    ends = action("resolve", "5 working days", "stage", ENDS)
    case = played(protocol(f"{known}stages=[{stage('1', '', f'{told}, {ends}')}]"))
    due = [("1 told", "2026-11-19 23:59:59"), ("1 resolve", "2026-11-25 23:59:59")]
    assert case.dues == due
    case.set("2026-11-18 11:00", severity="low")  # says nothing of what calls for it, which holds all the same
    assert case.dues == due
    case.set("2026-11-20 10:00", hearing="unknown")
    assert case.dues[0] == ("1 told", "2026-11-23 23:59:59")


def test_what_was_done_keeps_the_date_it_had_though_what_it_waited_for_is_dated_anew() -> None:
    call = '{key="call", name="n", cite="c", owner="o", timescales=[{within="1 hour", from="resolve", failing_that="stage", cite="c"}]}'
    ends = action("resolve", "5 working days", "concern", ENDS)
    tell = action("tell", "1 hour", "call overdue")
    under = protocol(f"stages=[{stage('1', '', f'{ends}, {call}, {tell}')}]")
    case = played(under)
    case.done("2026-11-18 15:00", "tell")
    dates = [case.due("tell")]
    case.resolve("2026-11-19 10:00")
    dates.append(case.due("tell"))
    case.reopen("2026-11-19 12:00")
    dates.append(case.due("tell"))
    assert dates == ["2026-11-18 12:00"] * 3


def test_a_next_step_that_ran_out_stands_though_what_ends_the_stage_is_called_for_again() -> None:
    time = '{within="1 working day", from="known", when="q is yes", cite="c"}'
    ends = f'{{key="meet", name="n", cite="c", owner="o", ends_stage=true, timescales=[{time}]}}'
    under = protocol(f'facts=[{{key="q", ask="?"}}]\nstages=[{stage("1", "", ends)}]')
    case = played(under, facts={"q": "yes"})
    case.done("2026-11-18 11:00", "meet")
    case.agree("2026-11-18 12:00", "2026-11-19 12:00", "next-step")
    case.answer("2026-11-20 09:00", {"q": "yes"}, again=True)
    (missed,) = case.calls("next-step")
    assert (shown(missed.due_at), missed.had_run_out, missed.ended_entry) == ("2026-11-19 12:00", True, 4)
    assert [each.met_entry for each in case.calls("meet")] == [2, None]
    case.done("2026-11-20 10:00", "meet")
    assert [(each.call, each.is_open) for each in case.calls("next-step")] == [(1, False), (2, True)]
