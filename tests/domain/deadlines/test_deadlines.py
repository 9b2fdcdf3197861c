"""Deadlines of a case: which timescale wins (C7), waiting and falling back (C10), conditions, caps, agreed dates, standing (C9)."""

from datetime import datetime
from itertools import permutations

import pytest

from escalate.domain.deadlines.passed_over import passed_over
from escalate.domain.deadlines.plan import onward
from escalate.domain.deadlines.standing import Standing, standing
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.recording.acts import done
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.details import set_details
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.counting import at_risk_horizon
from escalate.errors import NotThereYet, Refused, UnknownName
from escalate.output.case.deadline import working_time_in_words
from tests.calendars import ENGLAND, at, shown
from tests.played import Played

# -- C7: of several timescales the earliest wins


def test_c7_severity_shortens_the_panel_from_5_days_to_3() -> None:
    for facts, expected in (
        ({}, "2026-11-23 23:59:59"),  # as long as nobody has said, it may be high
        ({"severity": "low"}, "2026-11-25 23:59:59"),
        ({"severity": "high"}, "2026-11-23 23:59:59"),
    ):
        case = Played("hull-east-riding", "2026-11-20 10:00", stage="7", facts=facts)
        assert case.due("resolve") == expected


def test_c7_the_limit_with_the_target_before_it() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00", stage="4")
    deadline = case.deadline("resolve")
    assert (shown(deadline.target_at), shown(deadline.due_at)) == ("2026-11-21 10:00", "2026-11-22 10:00")


def test_c7_the_limit_on_the_whole_process_wins_when_a_late_stage_would_pass_it() -> None:
    case = Played("hull-east-riding", "2026-11-02 10:00", stage="3")
    case.advance("2026-12-01 16:00")
    deadline = case.deadline("resolve")
    assert shown(deadline.due_at) == "2026-12-02 23:59:59"
    assert deadline.limits[0].is_cap
    assert [shown(each.due.at) for each in deadline.limits if each.due] == ["2026-12-02 23:59:59", "2026-12-03 16:00"]


@pytest.mark.parametrize(
    ("entered", "expected", "anchor"),
    [("2026-11-20 10:00", "2026-11-20 23:59:59", "raised"), ("2026-11-10 10:00", "2026-11-13 23:59:59", "stage")],
)
def test_c7_north_yorkshire_stage_6_has_two_limits(entered: str, expected: str, anchor: str) -> None:
    case = Played("north-yorkshire", "2026-11-03 10:00", stage="5")
    case.advance(entered)
    deadline = case.deadline("panel-convened")
    assert (shown(deadline.due_at), str(deadline.limits[0].anchor)) == (expected, anchor)


def test_c7_an_agreed_date_wins_when_it_is_earlier_and_is_shown_when_it_is_later() -> None:
    case = Played("herefordshire", "2026-11-20 10:00", stage="2")
    case.agree("2026-11-20 11:00", "2026-12-24 12:00")
    late = case.deadline("resolve")
    assert (shown(late.due_at), shown(late.agreed_until)) == ("2026-12-02 23:59:59", "2026-12-24 12:00")
    case.agree("2026-11-20 12:00", "2026-11-27 12:00")
    early = case.deadline("resolve")
    assert (shown(early.due_at), early.cite) == ("2026-11-27 12:00", "Agreed between the two sides")


def test_the_last_agreement_replaces_the_one_before() -> None:
    case = Played("north-east-lincolnshire", "2026-11-20 10:00", route="individual")
    assert case.due("resolve") is None
    case.agree("2026-11-20 11:00", "2026-11-25 12:00")
    case.agree("2026-11-20 12:00", "2026-11-30 12:00")
    assert case.due("resolve") == "2026-11-30 12:00"


# -- C9 and standing


STANDINGS = [
    ("2026-11-20 10:00", "on-track"),
    ("2026-11-26 10:00", "on-track"),
    ("2026-11-27 10:00", "at-risk"),
    ("2026-11-29 10:00", "at-risk"),
    ("2026-11-30 23:59:59", "at-risk"),
    ("2026-12-01 00:00", "overdue"),
]


@pytest.mark.parametrize(("now", "expected"), STANDINGS)
def test_c9_at_risk_from_the_working_day_before(now: str, expected: str) -> None:
    case = Played("hull-east-riding", "2026-11-23 10:00", stage="3")
    assert case.due("resolve") == "2026-11-30 23:59:59"
    assert case.stands("resolve", now) == expected


def test_c9_at_risk_once_the_target_has_passed_however_far_the_limit_is() -> None:
    case = Played("north-yorkshire", "2026-11-23 10:00")
    deadline = case.deadline("resolve")
    assert (shown(deadline.target_at), shown(deadline.act_by)) == ("2026-11-24 10:00", "2026-11-27 10:00")
    assert case.stands("resolve", "2026-11-24 10:00") == "on-track"
    assert case.stands("resolve", "2026-11-24 10:01") == "at-risk"


def test_the_earliest_target_of_several_timescales_is_the_target() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00", stage="7", facts={"severity": "low"})
    assert shown(case.deadline("resolve").target_at) == "2026-11-23 23:59:59"
    case.agree("2026-11-20 11:00", "2026-11-24 12:00")
    assert (case.due("resolve"), shown(case.deadline("resolve").target_at)) == (
        "2026-11-24 12:00",
        "2026-11-23 23:59:59",
    )


def test_c9_the_allowance_before_at_risk_can_be_longer() -> None:
    horizon = at_risk_horizon(at("2026-11-24 10:00"), ENGLAND, Allowance(3, Unit.WORKING_DAY))
    assert shown(horizon) == "2026-11-27 23:59:59"


def test_what_was_done_is_met_or_met_late_for_good() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.done("2026-11-21 09:00", "discussion")
    case.advance("2026-11-21 11:00")
    assert case.stands("discussion", "2030-01-01 10:00") == "met"
    assert standing(case.deadline("resolve", "1"), at("2030-01-01 10:00"), at("2030-01-02 10:00")) is Standing.MET_LATE


# -- C10: waiting and falling back


def test_c10_the_recommendation_waits_for_the_panel() -> None:
    case = Played("hull-east-riding", "2026-12-18 10:00", stage="7")
    assert (case.due("recommendation"), case.stands("recommendation", "2027-06-01 10:00")) == (None, "waiting")
    case.done("2026-12-22 14:00", "panel")
    assert case.due("recommendation") == "2026-12-31 23:59:59"


def test_c10_the_plan_counts_from_entry_until_the_discussion_is_recorded() -> None:
    case = Played("lincolnshire", "2026-11-20 10:00")
    assert (case.due("plan"), case.deadline("plan").provisional) == ("2026-11-24 23:59:59", True)
    case.done("2026-11-23 09:00", "discussion")
    assert (case.due("plan"), case.deadline("plan").provisional) == ("2026-11-25 23:59:59", False)


# -- undated, conditions, what stays due


def test_a_stage_without_a_limit_is_undated_until_a_date_is_agreed() -> None:
    case = Played("north-east-lincolnshire", "2026-11-20 10:00", route="serious-case")
    assert case.stands("resolve", "2030-01-01 10:00") == "undated"
    case.agree("2026-11-20 11:00", "2026-11-24 23:59:59")
    assert case.stands("resolve", "2026-11-25 10:00") == "overdue"


def test_an_action_appears_only_where_its_condition_holds() -> None:
    neither = {"protection-plan": "no", "looked-after": "no"}
    assert Played("herefordshire", "2026-11-20 10:00", stage="1", facts=neither).open_actions == ["1 resolve"]
    case = Played("herefordshire", "2026-11-20 10:00", stage="1", facts={"protection-plan": "no"})
    assert (case.stands("iro-notified", "2026-12-20 10:00"), case.deadline("iro-notified").unanswered) == (
        "undecided",
        ("looked-after",),
    )
    for fact in ("protection-plan", "looked-after"):
        case = Played("herefordshire", "2026-11-20 10:00", stage="1", facts={fact: "yes"})
        assert case.open_actions == ["1 resolve", "1 iro-notified"]


def test_a_standing_action_falls_due_when_its_fact_is_known() -> None:
    case = Played("herefordshire", "2026-11-21 10:00", facts={"allegation": "yes", "immediate-risk": "yes"})
    assert (case.due("lado-referral"), case.due("safeguarding-referral")) == ("2026-11-22 10:00", "2026-11-23 23:59:59")


def test_what_is_not_done_stays_due_after_going_up_and_after_resolution() -> None:
    case = Played("herefordshire", "2026-11-20 10:00", stage="2", facts={"childrens-services": "yes"})
    case.advance("2026-11-23 10:00")
    assert case.open_actions == ["2 template-sent", "2 service-director-told", "3 resolve", "3 template-updated"]
    case.resolve("2026-11-24 10:00")
    assert case.open_actions == [
        "2 template-sent",
        "2 service-director-told",
        "3 template-updated",
        "3 outcome-shared",
        "3 section-c",
    ]


def test_section_c_is_owed_only_by_a_case_that_reached_stage_2() -> None:
    case = Played("herefordshire", "2026-11-20 10:00", stage="1")
    case.resolve("2026-11-24 10:00")
    assert case.open_actions == ["1 iro-notified", "1 outcome-shared"]


def test_a_case_never_vanishes_from_the_list_while_it_is_open() -> None:
    case = Played("lincolnshire", "2026-11-20 10:00")
    case.done("2026-11-20 11:00", "discussion")
    case.done("2026-11-20 12:00", "plan")
    assert case.open_actions == [f"1 {NEXT_STEP}"]
    case.advance("2026-11-23 10:00")
    assert case.open_actions == ["2 resolve"]


def test_the_limit_of_a_later_stage_is_shown_while_this_one_has_none_or_a_later_one() -> None:
    case = Played("herefordshire", "2026-11-20 10:00", concern="2026-11-18 00:00")
    informal = case.deadline("resolve")
    assert (informal.due_at, informal.ahead_of, shown(informal.ahead_at)) == (None, "stage 1", "2026-11-23 23:59:59")
    for now, expected in (("2026-11-23 23:59:59", False), ("2026-11-24 00:00", True)):
        assert case.ranked(now)[0].overtaken is expected
    case.advance("2026-11-20 11:00")
    assert case.deadline("resolve").ahead_at is None
    late = Played("north-yorkshire", "2026-11-03 10:00", stage="4", concern="2026-11-03 10:00")
    late.advance("2026-11-20 18:00")
    chair = late.deadline("chair-referral")
    assert (shown(chair.due_at), chair.ahead_of, shown(chair.ahead_at)) == (
        "2026-11-23 23:59:59",
        "stage 6",
        "2026-11-20 23:59:59",
    )


def test_the_limit_on_the_whole_process_is_shown_where_the_stage_has_none() -> None:
    case = Played("hull-east-riding", "2026-11-02 10:00", route="child-protection-plan")
    assert (case.deadline("resolve").ahead_of, shown(case.deadline("resolve").ahead_at)) == (
        "the whole process",
        "2026-12-02 23:59:59",
    )
    main = Played("hull-east-riding", "2026-11-02 10:00")
    main.done("2026-11-02 11:00", "resolve")
    step = main.deadline(NEXT_STEP)
    assert (step.ahead_of, shown(step.ahead_at)) == ("stage 1", "2026-11-03 10:00")


def test_a_date_can_be_agreed_for_what_comes_next() -> None:
    case = Played("north-yorkshire", "2026-11-16 10:00", stage="5")
    case.done("2026-11-16 11:00", "chair-referral")
    case.agree("2026-11-16 12:00", "2026-11-18 12:00")
    assert case.due(NEXT_STEP) == "2026-11-18 12:00"


def test_an_action_is_done_for_the_stage_it_was_done_at() -> None:
    case = Played("herefordshire", "2026-11-02 10:00", stage="3")
    case.advance("2026-11-16 10:00")
    late = Recording("tests", at("2026-11-17 10:00"), at("2026-11-10 10:00"))
    case.entries.append(done(case.protocol, case.file.case, ENGLAND, late, "template-updated"))
    assert case.open_actions == ["4 resolve", "4 template-updated"]


# -- facts that become known, and what they call for


def test_conditions_follow_a_fact_at_once() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00", stage="7")
    assert (case.due("resolve"), case.deadline("resolve").provisional) == ("2026-11-23 23:59:59", True)
    case.set("2026-11-21 10:00", severity="high")
    assert (case.due("resolve"), case.deadline("resolve").provisional) == ("2026-11-23 23:59:59", False)
    case.set("2026-11-22 10:00", severity="low")
    assert case.due("resolve") == "2026-11-25 23:59:59"
    assert [case.stands_at(each, "2026-11-22 11:00") for each in case.calls("resolve")] == ["ceased", "on-track"]


def test_a_wrong_concern_is_corrected_and_every_deadline_follows() -> None:
    case = Played("herefordshire", "2026-11-20 10:00", stage="1")
    assert case.due("resolve") == "2026-11-25 23:59:59"
    case.details("2026-11-20 11:00", concern_at=at("2026-11-17 00:00"), raising_agency="Trust")
    assert (case.due("resolve"), case.file.case.raising_agency) == ("2026-11-20 23:59:59", "Trust")
    assert case.deadline("resolve").limits[0].entry == 2
    with pytest.raises(Refused, match="cannot come after E0001 was raised"):
        case.details("2026-11-20 12:00", concern_at=at("2026-11-20 10:01"))
    with pytest.raises(Refused, match="rests on it"):
        case.correct("2026-11-20 13:00", 1, "2026-11-16 10:00")
    case.undo("2026-11-20 14:00")
    assert case.due("resolve") == "2026-11-25 23:59:59"


def test_a_standing_action_counts_from_when_its_fact_became_known() -> None:
    case = Played("herefordshire", "2026-11-20 10:00")
    case.set("2026-11-21 10:00", allegation="yes")
    assert (case.due("lado-referral"), case.deadline("lado-referral").at_any_stage) == ("2026-11-22 10:00", True)
    case.done("2026-11-21 12:00", "lado-referral")
    assert "0 lado-referral" not in case.open_actions
    case.set("2026-11-25 10:00", allegation="yes")
    assert case.due("lado-referral") == "2026-11-26 10:00"
    assert "0 lado-referral" in case.open_actions


def test_a_standing_action_comes_before_everything_else() -> None:
    case = Played("hull-east-riding", "2026-11-16 10:00")
    case.set("2026-11-20 10:00", immediate_risk="yes")
    ranked = case.ranked("2026-11-20 11:00")
    assert [each.deadline.action for each in ranked] == [
        "lead-told",
        "police-and-safeguarding",
        "discussion",
        "resolve",
    ]
    assert ranked[1].deadline.contacts[0].startswith("Protecting Vulnerable Persons")


def test_saying_again_what_is_known_does_not_restart_a_clock() -> None:
    case = Played("herefordshire", "2026-11-18 10:00", facts={"allegation": "yes"})
    case.set("2026-11-20 10:00", allegation="yes")
    assert case.due("lado-referral") == "2026-11-19 10:00"


def test_the_answer_that_came_about_last_holds_in_whatever_order_it_is_written_down() -> None:
    case = Played("herefordshire", "2026-11-18 10:00")
    case.set("2026-11-20 10:00", immediate_risk="yes")
    back_filled = Recording("tests", at("2026-11-20 11:00"), at("2026-11-19 09:00"))
    case.entries.append(set_details(case.protocol, case.file.case, back_filled, {"immediate-risk": "no"}))
    assert case.due("safeguarding-referral") == "2026-11-20 23:59:59"


def test_the_same_happenings_come_to_the_same_whatever_the_order_they_are_written_down_in() -> None:
    said = [("2026-11-10 10:00", "yes"), ("2026-11-11 10:00", "no"), ("2026-11-12 10:00", "yes")]
    dues = set()
    for order in permutations(said):
        case = Played("herefordshire", "2026-11-08 09:00")
        for happened, answer in order:
            recording = Recording("tests", at("2026-11-18 13:00"), at(happened))
            case.entries.append(set_details(case.protocol, case.file.case, recording, {"immediate-risk": answer}))
        dues.add(case.due("safeguarding-referral"))
    assert dues == {"2026-11-12 23:59:59"}


def test_what_was_done_late_stays_late_when_the_danger_has_passed() -> None:
    case = Played("herefordshire", "2026-11-16 09:00", facts={"immediate-risk": "yes"})
    case.done("2026-11-18 09:00", "safeguarding-referral")
    before = case.deadline("safeguarding-referral")
    case.set("2026-11-19 09:00", immediate_risk="no")
    assert case.deadline("safeguarding-referral") == before
    assert case.stands("safeguarding-referral", "2026-11-20 09:00") == "met-late"


def test_to_say_that_a_stage_is_resolved_does_not_stop_its_clock() -> None:
    case = Played("herefordshire", "2026-11-16 09:00", stage="4")
    case.done("2026-11-17 09:00", "resolve")
    step = case.deadline(NEXT_STEP)
    assert (step.due_at, step.ahead_of, shown(step.ahead_at)) == (None, "stage 4", "2026-12-14 23:59:59")
    assert case.ranked("2026-12-15 09:00")[0].overtaken


def test_nothing_is_done_before_the_stage_or_the_resolution_it_belongs_to() -> None:
    case = Played("hull-east-riding", "2026-11-02 10:00", stage="6")
    case.advance("2026-11-06 10:00")
    late = Recording("tests", at("2026-11-09 10:00"), at("2026-11-03 11:00"))
    with pytest.raises(Refused, match="is before E0001 reached stage 7"):
        done(case.protocol, case.file.case, ENGLAND, late, "panel")
    case.resolve("2026-11-09 10:00")
    with pytest.raises(Refused, match="is before E0001 was resolved"):
        done(case.protocol, case.file.case, ENGLAND, late, "outcome-shared")
    case.done("2026-11-09 11:00", "outcome-shared")
    with pytest.raises(Refused, match="nothing before Monday 9 November 2026 10:00 is possible"):
        case.correct("2026-11-09 12:00", 4, "2026-11-08 10:00")


def test_the_concern_never_comes_after_the_raising() -> None:
    case = Played("herefordshire", "2026-11-18 11:00", concern="2026-11-18 10:00")
    case.details("2026-11-18 12:00", concern_at=at("2026-11-17 09:00"))
    with pytest.raises(Refused):
        case.correct("2026-11-18 12:00", 1, "2026-11-17 08:00")
    case.correct("2026-11-18 12:00", 1, "2026-11-18 10:30")
    case.undo("2026-11-18 13:00", 2)
    with pytest.raises(Refused):
        case.correct("2026-11-18 14:00", 1, "2026-11-18 09:00")


def test_an_act_before_the_call_does_not_answer_it() -> None:
    case = Played("herefordshire", "2026-11-16 10:00", facts={"immediate-risk": "yes"})
    case.done("2026-11-16 11:00", "safeguarding-referral")
    case.set("2026-11-18 10:00", immediate_risk="yes")
    early = Recording("tests", at("2026-11-18 11:00"), at("2026-11-17 10:00"))
    with pytest.raises(Refused, match="before safeguarding-referral was called for"):
        done(case.protocol, case.file.case, ENGLAND, early, "safeguarding-referral")
    assert case.stands("safeguarding-referral", "2026-11-19 10:00") == "overdue"


def test_a_second_reason_calls_for_a_standing_action_afresh() -> None:
    case = Played("hull-east-riding", "2026-11-16 10:00", facts={"at-risk": "yes"})
    case.done("2026-11-16 11:00", "lead-told")
    case.set("2026-11-18 10:00", immediate_risk="yes")
    assert case.due("lead-told") == "2026-11-18 23:59:59"
    assert "1 lead-told" in case.open_actions


# -- closing, and taking up again


def test_a_withdrawn_case_owes_only_what_a_danger_calls_for() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00", facts={"at-risk": "yes"})
    case.withdraw("2026-11-20 11:00")
    assert (case.file.case.status, case.open_actions) == ("withdrawn", ["1 lead-told"])


def test_a_reopened_case_carries_on_where_it_was() -> None:
    case = Played("herefordshire", "2026-11-20 10:00", stage="2")
    before = case.file.deadlines
    case.resolve("2026-11-23 10:00")
    case.done("2026-11-23 11:00", "outcome-shared")
    case.reopen("2026-11-25 10:00")
    still_open = [(each.action, each.due_at) for each in case.file.deadlines if each.is_open]
    assert sorted(still_open) == sorted((each.action, each.due_at) for each in before)
    assert [(each.call, each.met_at is None) for each in case.calls("resolve")] == [(1, False), (2, True)]
    case.resolve("2026-12-03 10:00")
    assert case.open_actions == ["2 template-sent", "2 service-director-told", "2 outcome-shared", "2 section-c"]
    assert standing(case.deadline("resolve"), at("2027-01-01 10:00"), at("2027-01-04 10:00")) is Standing.MET_LATE


def test_a_stage_left_by_withdrawing_was_not_met() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.withdraw("2026-11-20 11:00")
    assert {each.action: case.stands_at(each, "2026-11-23 10:00") for each in case.file.deadlines} == {
        "discussion": "ceased",
        "resolve": "ceased",
    }
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.withdraw("2026-11-23 11:00")  # after the 24 hours
    assert case.stands("discussion", "2026-11-23 12:00") == "missed"


def test_taking_a_resolution_back_takes_back_first_what_followed_from_it() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.resolve("2026-11-20 11:00")
    case.done("2026-11-20 12:00", "outcome-shared")
    with pytest.raises(Refused, match=r"entry 3 \(done Friday 20 November 2026 12:00\) rests on it"):
        case.undo("2026-11-20 13:00", 2)


CLOSED = [
    ("resolve", "withdraw", "was resolved .* cannot be withdrawn; escalate reopen E0001"),
    ("withdraw", "resolve", "was withdrawn .* cannot be resolved"),
    ("withdraw", "advance", "was withdrawn .* cannot go up"),
    ("note", "reopen", "is open already, at stage 1"),
]


@pytest.mark.parametrize(("first", "then", "why"), CLOSED)
def test_a_closed_case_is_reopened_before_anything_else(first: str, then: str, why: str) -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    if first != "note":
        getattr(case, first)("2026-11-20 11:00")
    with pytest.raises(Refused, match=why):
        getattr(case, then)("2026-11-20 12:00")


# -- going up


def test_stages_passed_over_are_skipped_and_never_missed() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.advance("2026-11-20 12:00", to="4")
    stay = case.file.case.stay
    assert (stay.stage, stay.skipped) == ("4", ("2", "3"))
    assert [each.stage for each in case.file.deadlines] == ["1", "1", "4"]


def test_a_case_may_begin_at_a_higher_stage() -> None:
    case = Played("north-east-lincolnshire", "2026-11-20 10:00", route="individual", stage="C", because="urgent")
    assert (case.file.case.stay.stage, case.file.case.stay.skipped) == ("C", ("A", "B"))


def test_the_conference_route_joins_the_main_ladder() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00", route="child-protection-plan")
    case.advance("2026-11-20 11:00")
    case.advance("2026-11-20 12:00")
    assert (case.file.case.stay.route, case.file.case.stay.stage) == ("main", "1")
    assert case.due("discussion") == "2026-11-21 12:00"


REFUSALS = [
    ("lincolnshire", "3", None, "choose with --to 4a or 4b"),
    ("lincolnshire", "3", "2", "What may follow is 4a or 4b"),
    ("lincolnshire", "4a", None, "is the last"),
    ("hull-east-riding", "2", "9", "What may follow is 3, and by skipping 4, 5, 6 or 7"),
    ("hull-east-riding", "2", "1", "What may follow is 3, and by skipping 4, 5, 6 or 7"),
]


@pytest.mark.parametrize(("protocol", "stage", "to", "why"), REFUSALS)
def test_a_stage_that_does_not_follow_is_refused_with_those_that_do(
    protocol: str, stage: str, to: str | None, why: str
) -> None:
    case = Played(protocol, "2026-11-20 10:00", stage=stage)
    with pytest.raises(Refused, match=why):
        case.advance("2026-11-20 11:00", to)


# -- taking back


def test_undo_restores_the_state_before_and_keeps_the_history() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    before = case.file
    case.advance("2026-11-20 11:00")
    case.done("2026-11-20 12:00", "response")
    case.undo("2026-11-20 13:00")
    case.undo("2026-11-20 14:00")
    after = case.file
    assert after.deadlines == before.deadlines
    assert [entry.kind for entry in after.case.history] == ["opened", "advanced", "done", "undone", "undone"]
    with pytest.raises(Refused, match="Nothing in E0001 is left to undo"):
        case.undo("2026-11-20 15:00")


def test_an_earlier_entry_is_taken_back_when_nothing_rests_on_it() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.done("2026-11-20 11:00", "discussion")
    case.advance("2026-11-20 12:00")
    case.advance("2026-11-20 13:00")
    case.undo("2026-11-20 14:00", 2)
    assert case.open_actions == ["1 discussion", "2 response", "3 written-escalation", "3 resolve"]
    with pytest.raises(Refused, match=r"entry 4 \(advanced Friday 20 November 2026 13:00\) rests on it"):
        case.undo("2026-11-20 14:00", 3)
    with pytest.raises(Refused, match="Entry 2 of E0001 was taken back already"):
        case.undo("2026-11-20 14:00", 2)
    with pytest.raises(Refused, match="There is no entry 9 to change in E0001: its entries are 1 to 5"):
        case.undo("2026-11-20 14:00", 9)


def test_a_wrong_time_is_corrected_and_every_deadline_follows() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.advance("2026-11-20 12:00")
    case.advance("2026-11-20 13:00")
    case.correct("2026-11-20 14:00", 3, "2026-11-20 12:30")
    assert case.due("written-escalation") == "2026-11-21 12:30"
    case.correct("2026-11-20 14:00", 1, "2026-11-20 09:00")
    assert case.due("discussion") == "2026-11-21 09:00"
    assert shown(case.file.case.log[2].happened_at) == "2026-11-20 12:30"
    with pytest.raises(
        Refused, match="Entry 2 was recorded Friday 20 November 2026 12:00, and says what had happened by then"
    ):
        case.correct("2026-11-20 14:00", 2, "2026-11-20 12:45")
    with pytest.raises(Refused, match="nothing before Friday 20 November 2026 09:00 is possible"):
        case.correct("2026-11-20 14:00", 2, "2026-11-20 08:00")
    case.undo("2026-11-20 15:00")
    case.undo("2026-11-20 15:00")
    assert (case.due("discussion"), case.due("written-escalation")) == ("2026-11-21 10:00", "2026-11-21 13:00")


def test_moments_have_to_lie_between_the_beginning_and_now() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    file = case.file
    for happened, why in (("2026-11-20 09:00", "is before E0001 was raised"), ("2026-11-20 12:00", "is in the future")):
        recording = Recording("tests", at("2026-11-20 11:00"), at(happened))
        with pytest.raises(Refused, match=why):
            done(case.protocol, file.case, ENGLAND, recording, "discussion")
    case.advance("2026-11-20 11:00")
    with pytest.raises(Refused, match="is before E0001 reached stage 2"):
        advance(case.protocol, case.file.case, Recording("tests", at("2026-11-20 12:00"), at("2026-11-20 10:30")))


def test_an_action_is_done_once_and_an_unknown_one_is_not_done_at_all() -> None:
    case = Played("hull-east-riding", "2026-11-20 10:00")
    case.done("2026-11-20 11:00", "discussion")
    with pytest.raises(Refused, match="already recorded as done Friday 20 November 2026 11:00"):
        case.done("2026-11-20 12:00", "discussion")
    with pytest.raises(UnknownName, match="There is resolve"):
        case.done("2026-11-20 12:00", "fax")
    with pytest.raises(NotThereYet, match="panel belongs to stage 7"):
        case.done("2026-11-20 12:00", "panel")


def test_what_was_done_about_a_danger_belongs_to_the_stage_it_was_done_at() -> None:
    case = Played("herefordshire", "2026-11-18 10:00", stage="2")
    case.set("2026-11-18 11:00", allegation="yes")
    case.advance("2026-11-19 09:00", "4")
    entry = done(
        case.protocol,
        case.file.case,
        ENGLAND,
        Recording("tests", at("2026-11-19 10:00"), at("2026-11-18 16:00")),
        "lado-referral",
    )
    assert entry.data["stage"] == "2"


@pytest.mark.parametrize(
    ("until", "due", "limit"),
    [
        (
            "2026-11-19 12:00",
            "2026-11-19 12:00",
            "2026-11-23 23:59:59",
        ),  # sooner: the deadline, with the limit beside it
        ("2026-11-27 12:00", "2026-11-23 23:59:59", None),  # later: the limit stands
    ],
)
def test_an_agreed_date_stands_beside_the_limit_of_the_protocol(until: str, due: str, limit: str | None) -> None:
    case = Played("herefordshire", "2026-11-18 10:00", stage="1")
    case.agree("2026-11-18 11:00", until)
    found = case.deadline("resolve")
    assert (shown(found.due_at), found.limit_at and shown(found.limit_at)) == (due, limit)


def test_what_skipped_stages_would_have_asked_for_is_known() -> None:
    case = Played("herefordshire", "2026-11-18 10:00", facts={"protection-plan": "yes", "looked-after": "no"})
    case.advance("2026-11-18 12:00", "3")
    skipped = passed_over(case.protocol, case.file.case, case.file.case.stay)
    assert [(stage.key, [each.key for each in duties]) for stage, duties in skipped] == [
        ("1", ["iro-notified"]),
        ("2", ["template-sent"]),
    ]


def to_come(case: Played, now: str) -> list[tuple[str, str | None, str | None]]:
    """The stages that may still come: when each is entered, where that can be told, and when it is due."""
    return [
        (
            each.stage.key,
            shown(each.entered_at) if each.is_dated else None,
            shown(each.ends_by) if each.ends_by else None,
        )
        for each in onward(case.file, at(now))
    ]


def test_the_stages_to_come_are_planned_from_the_one_it_is_at() -> None:
    case = Played("hull-east-riding", "2026-12-23 10:00")
    assert to_come(case, "2026-12-23 11:00") == [
        ("2", "2026-12-24 10:00", "2026-12-25 10:00"),
        ("3", "2026-12-25 10:00", "2027-01-05 23:59:59"),
        ("4", "2027-01-05 23:59:59", "2027-01-07 23:59:59"),
        ("5", "2027-01-07 23:59:59", "2027-01-09 23:59:59"),
        ("6", "2027-01-09 23:59:59", "2027-01-11 23:59:59"),
        ("7", "2027-01-11 23:59:59", "2027-01-14 23:59:59"),  # severity is not answered
    ]


def test_once_its_time_is_up_the_next_stage_is_planned_for_now() -> None:
    case = Played("hull-east-riding", "2026-12-23 10:00")
    assert to_come(case, "2026-12-30 12:00")[0] == ("2", "2026-12-30 12:00", "2026-12-31 12:00")


def test_after_a_stage_without_a_limit_only_what_runs_already_is_dated() -> None:
    case = Played("herefordshire", "2026-12-18 10:00", concern="2026-12-17 10:00")
    assert to_come(case, "2026-12-18 11:00") == [
        ("1", None, "2026-12-22 23:59:59"),
        ("2", None, "2026-12-31 23:59:59"),
        ("3", None, "2027-01-08 23:59:59"),
        ("4", None, "2027-01-19 23:59:59"),
    ]
    assert {row[1:] for row in to_come(Played("north-east-lincolnshire", "2026-12-18 10:00"), "2026-12-18 11:00")} == {
        (None, None)
    }


def test_an_agreed_date_dates_what_comes_after_it() -> None:
    case = Played("north-east-lincolnshire", "2026-12-18 10:00")
    case.agree("2026-12-18 10:00", "2026-12-21 12:00")
    assert to_come(case, "2026-12-18 11:00") == [
        ("B", "2026-12-21 12:00", "2026-12-21 23:59:59"),  # which ends with its referral
        ("C", "2026-12-21 23:59:59", None),
        ("D", None, None),
        ("E", None, None),
    ]


def test_every_branch_that_may_follow_is_planned_and_none_of_a_closed_case() -> None:
    case = Played("lincolnshire", "2026-11-20 10:00", stage="3")
    assert [key for key, _, _ in to_come(case, "2026-11-20 11:00")] == ["4a", "4b"]
    case.resolve("2026-11-20 12:00")
    assert to_come(case, "2026-11-20 13:00") == []


WORKING_TIME = [
    ("2026-11-20 16:00", "2026-11-20 17:00", "1 working hour"),
    ("2026-11-20 16:00", "2026-11-23 09:30", "1 working hour"),
    ("2026-11-20 16:45", "2026-11-20 17:00", "15 working minutes"),
    ("2026-11-20 09:00", "2026-11-23 17:00", "2 working days"),
    ("2026-11-20 09:00", "2026-11-23 12:00", "1 working day 3 hours"),
    ("2026-11-21 09:00", "2026-11-22 12:00", "no working time"),
    ("2026-12-24 17:00", "2026-12-29 17:00", "1 working day"),
]


@pytest.mark.parametrize(("start", "end", "words"), WORKING_TIME)
def test_working_time_in_words(start: str, end: str, words: str) -> None:
    first: datetime = at(start)
    assert working_time_in_words(ENGLAND.working_time_between(first, at(end)), ENGLAND) == words
