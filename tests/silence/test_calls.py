"""Each time something is called for is a call, with its own number, limit and outcome, and none replaces the one before (C15)."""

from pathlib import Path
from typing import NamedTuple

import pytest

from escalate.storage.files.protocols import shipped_folder
from tests.silence.case import Silence


class AtAnyStage(NamedTuple):
    """A standing action, what calls for it, and its limits when it is called for at 09:00 on Monday 2 and Monday 16 November."""

    protocol: str
    fact: str
    action: str
    first: str
    second: str


# Immediately and the same working day end with the day itself (C4, C5), 24 hours at 09:00 of the next (C6).
AT_ANY_STAGE = [
    AtAnyStage("herefordshire", "allegation", "lado-referral", "2026-11-03 09:00", "2026-11-17 09:00"),
    AtAnyStage("herefordshire", "immediate-risk", "safeguarding-referral", "2026-11-02", "2026-11-16"),
    AtAnyStage("hull-east-riding", "at-risk", "lead-told", "2026-11-02", "2026-11-16"),
    AtAnyStage("hull-east-riding", "immediate-risk", "police-and-safeguarding", "2026-11-02", "2026-11-16"),
    AtAnyStage("north-east-lincolnshire --route individual", "significant-harm", "safeguarding-procedure", "2026-11-02", "2026-11-16"),
    AtAnyStage("north-yorkshire", "immediate-risk", "lead-told", "2026-11-02", "2026-11-16"),
    AtAnyStage("north-yorkshire", "immediate-risk", "police-and-social-care", "2026-11-02", "2026-11-16"),
]  # fmt: skip
every_standing_action = pytest.mark.parametrize(
    "called", AT_ANY_STAGE, ids=lambda called: f"{called.protocol[:8]} {called.action}"
)
LADO = AT_ANY_STAGE[0]


def opened(case: Silence, called: AtAnyStage, *more: str) -> None:
    case.play(f"2026-11-02 09:00 open {called.protocol} --subject M-1 --fact {called.fact}=yes", *more)


def test_what_was_done_and_agreed_for_the_first_call_says_nothing_of_the_second(case: Silence) -> None:
    opened(
        case,
        LADO,
        "2026-11-02 10:00 agree 1 2026-11-03 --action lado-referral",
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-16 09:00 set 1 allegation=yes",
    )
    now = "2026-11-18 09:00"
    # The second call: 24 hours from Mon 16 Nov 09:00. The agreed date, the end of Tue 3 Nov, belongs to the first.
    # Beside it stands stage 0, which the limit of stage 1, Thu 5 Nov, has overtaken.
    assert case.due(now, "--overdue") == ["lado-referral 2 overdue 2026-11-17 09:00", "resolve 1 undated no date"]
    assert case.rows(now, "lado-referral") == ["1 met 2026-11-03 09:00", "2 overdue 2026-11-17 09:00"]
    agreed = {
        row["call"]: row["agreed_at"]
        for row in case.json(now, "show 1")["deadlines"]
        if row["action"] == "lado-referral"
    }
    assert agreed == {1: "2026-11-03T23:59:59+00:00", 2: None}
    proof = case.did(now, "explain 1 lado-referral")
    assert "overdue" in proof
    assert "17 Nov" in proof
    assert case.in_time(now) == "1 of 2, 0 late, 1 not met"
    assert [row["action"] for row in case.json(now, "digest")["safety"]] == ["lado-referral"]


@every_standing_action
def test_yes_said_again_after_it_was_done_is_another_call(case: Silence, called: AtAnyStage) -> None:
    opened(
        case,
        called,
        f"2026-11-02 10:00 agree 1 2026-11-04 --action {called.action}",
        f"2026-11-02 15:00 done 1 {called.action}",
    )
    said = case.did("2026-11-16 09:00", f"set 1 {called.fact}=yes")
    assert called.action in said
    now = "2026-11-18 09:00"
    assert case.rows(now, called.action) == [f"1 met {called.first}", f"2 overdue {called.second}"]
    assert f"{called.action} 2 overdue {called.second}" in case.due(now, "--overdue")


@every_standing_action
def test_yes_said_after_a_no_is_another_call(case: Silence, called: AtAnyStage) -> None:
    opened(
        case,
        called,
        f"2026-11-02 15:00 done 1 {called.action}",
        f"2026-11-05 09:00 set 1 {called.fact}=no",
        f"2026-11-16 09:00 set 1 {called.fact}=yes",
    )
    now = "2026-11-18 09:00"
    assert case.rows(now, called.action) == [f"1 met {called.first}", f"2 overdue {called.second}"]


@every_standing_action
def test_yes_said_twice_while_the_call_is_open_is_the_same_call_and_said_to_be(
    case: Silence, called: AtAnyStage
) -> None:
    opened(case, called)
    said = case.did("2026-11-02 09:30", f"set 1 {called.fact}=yes")
    assert called.action in said
    assert "--again" in said
    # The first call goes on as it was, from 09:00 of the opening.
    assert case.rows("2026-11-18 09:00", called.action) == [f"1 overdue {called.first}"]


@every_standing_action
def test_yes_said_to_be_another_while_the_call_is_open_is_a_second_call(case: Silence, called: AtAnyStage) -> None:
    opened(case, called)
    case.did("2026-11-16 09:00", f"set 1 {called.fact}=yes --again")
    now = "2026-11-18 09:00"
    assert case.rows(now, called.action) == [f"1 overdue {called.first}", f"2 overdue {called.second}"]
    mine = [line for line in case.due(now, "--overdue") if line.startswith(called.action)]
    assert mine == [f"{called.action} 1 overdue {called.first}", f"{called.action} 2 overdue {called.second}"]


@every_standing_action
def test_what_ran_out_before_the_answer_changed_stays_missed(case: Silence, called: AtAnyStage) -> None:
    opened(case, called)
    # A risk that the other question may still show would go on being owed: both are answered, in one entry (the second of the case).
    other = " immediate-risk=no" if called.fact == "at-risk" else ""
    said = case.did("2026-11-09 09:00", f"set 1 {called.fact}=no{other}")
    assert called.action in said
    assert "missed" in said.lower()
    assert case.rows("2026-11-09 10:00", called.action) == [f"1 missed {called.first}, ended 2026-11-09 09:00 by 2"]
    assert not any(line.startswith(called.action) for line in case.due("2026-11-09 10:00"))


def test_two_safety_duties_of_a_friday_that_nobody_did_stay_missed_everywhere(case: Silence) -> None:
    case.play("2026-11-06 16:00 open north-yorkshire --subject M-1 --fact immediate-risk=yes")
    assert case.due("2026-11-09 08:59", "--overdue") == [
        "lead-told 1 overdue 2026-11-06",
        "police-and-social-care 1 overdue 2026-11-06",
    ]
    said = case.did("2026-11-09 09:00", "set 1 immediate-risk=no")
    now = "2026-11-09 10:00"
    for action in ("lead-told", "police-and-social-care"):
        assert action in said
        # Immediately, from Friday 6 November: run out with that day, three days before the no of Monday.
        assert case.rows(now, action) == ["1 missed 2026-11-06, ended 2026-11-09 09:00 by 2"]
        proof = case.did(now, f"explain 1 {action}")
        assert "missed" in proof.lower()
        assert "6 Nov" in proof
        assert case.json(now, f"explain 1 {action}")["standing"] == "missed"
        assert action in case.did(now, "log 1")
    assert "missed" in case.did(now, "show 1").lower()
    assert "missed" in case.did(now, "log 1").lower()
    assert case.in_time(now) == "0 of 2, 0 late, 2 not met"
    assert "0 of 2" in case.did(now, "report")
    # `due` lists what is open only; on Sunday they were.
    assert not any(line.startswith(("lead-told", "police")) for line in case.due(now))
    assert case.due("2026-11-09 10:00", "--overdue --as-of '2026-11-08 12:00'") == [
        "lead-told 1 overdue 2026-11-06",
        "police-and-social-care 1 overdue 2026-11-06",
    ]


@pytest.mark.parametrize(
    ("ended", "standing"),
    [("2026-11-02 17:00", "ceased"), ("2026-11-03 09:00", "ceased"), ("2026-11-03 09:01", "missed")],
    ids=["before the limit", "exactly at the limit", "a minute after it"],
)
def test_a_no_ends_a_call_as_its_limit_stands_at_that_moment(case: Silence, ended: str, standing: str) -> None:
    opened(case, LADO)
    said = case.did(ended, "set 1 allegation=no")
    assert "lado-referral" in said
    # 24 hours from Mon 2 Nov 09:00; exactly at the limit is not run out.
    assert case.rows("2026-11-09 09:00", "lado-referral") == [f"1 {standing} 2026-11-03 09:00, ended {ended} by 2"]


def test_one_referral_late_and_one_in_time_are_two(case: Silence) -> None:
    opened(
        case,
        LADO,
        "2026-11-04 09:00 done 1 lado-referral",
        "2026-11-16 09:00 set 1 allegation=yes",
        "2026-11-16 12:00 done 1 lado-referral",
    )
    now = "2026-11-18 09:00"
    assert case.rows(now, "lado-referral") == ["1 met-late 2026-11-03 09:00", "2 met 2026-11-17 09:00"]
    assert case.in_time(now) == "1 of 2, 1 late, 0 not met"
    proof = case.did(now, "explain 1 lado-referral")
    assert "3 Nov" in proof
    assert "17 Nov" in proof
    assert "late" in proof


def test_a_doing_meets_the_oldest_open_call_and_an_agreement_is_about_the_newest(case: Silence) -> None:
    opened(case, LADO, "2026-11-02 12:00 set 1 allegation=yes --again")
    # Two calls: until Tue 3 Nov 09:00 and 12:00. Agreed is the newest: the earlier time of the two wins.
    case.did("2026-11-02 13:00", "agree 1 '2026-11-03 10:00' --action lado-referral")
    assert case.rows("2026-11-02 13:30", "lado-referral") == [
        "1 at-risk 2026-11-03 09:00",
        "2 at-risk 2026-11-03 10:00",
    ]
    said = case.did("2026-11-02 14:00", "done 1 lado-referral")
    assert "call" in said
    assert case.rows("2026-11-02 15:00", "lado-referral") == ["1 met 2026-11-03 09:00", "2 at-risk 2026-11-03 10:00"]


def test_the_call_that_is_meant_can_be_named(case: Silence) -> None:
    opened(case, LADO, "2026-11-02 12:00 set 1 allegation=yes --again")
    case.did("2026-11-02 13:00", "agree 1 '2026-11-02 17:00' --action lado-referral --call 1")
    case.did("2026-11-02 14:00", "done 1 lado-referral --call 2")
    assert case.rows("2026-11-02 15:00", "lado-referral") == ["1 at-risk 2026-11-02 17:00", "2 met 2026-11-03 12:00"]


@pytest.mark.parametrize(
    "act", ["done 1 lado-referral --call 3", "agree 1 '2026-11-03 10:00' --action lado-referral --call 3"]
)
def test_a_call_that_there_is_not_is_refused(case: Silence, act: str) -> None:
    opened(case, LADO, "2026-11-02 12:00 set 1 allegation=yes --again")
    assert "3" in case.refused("2026-11-02 14:00", act)


def test_a_second_yes_that_is_taken_back_was_never_a_call(case: Silence) -> None:
    opened(case, LADO, "2026-11-02 15:00 done 1 lado-referral", "2026-11-16 09:00 set 1 allegation=yes")
    assert "lado-referral" in case.did("2026-11-18 09:00", "undo 1 --reason 'Another child'")
    assert case.rows("2026-11-18 10:00", "lado-referral") == ["1 met 2026-11-03 09:00"]
    assert case.in_time("2026-11-18 10:00") == "1 of 1, 0 late, 0 not met"


def test_a_second_yes_whose_time_is_corrected_counts_from_the_right_time(case: Silence) -> None:
    opened(
        case,
        LADO,
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-17 12:00 set 1 allegation=yes --at '2026-11-16 09:00'",
    )
    assert case.rows("2026-11-17 12:00", "lado-referral")[-1] == "2 overdue 2026-11-17 09:00"
    said = case.did("2026-11-18 09:00", "undo 1 --entry 3 --at '2026-11-17 10:00'")
    # A correction: 24 hours from Tue 17 Nov 10:00, and what ran out on Tue 17 Nov 09:00 was never so.
    assert "lado-referral" in said
    assert "18 Nov" in said
    assert case.rows("2026-11-18 09:30", "lado-referral") == ["1 met 2026-11-03 09:00", "2 at-risk 2026-11-18 10:00"]


def test_a_second_call_is_not_known_before_it_was_recorded(case: Silence) -> None:
    opened(case, LADO, "2026-11-02 15:00 done 1 lado-referral", "2026-11-16 09:00 set 1 allegation=yes")
    assert case.rows("2026-11-18 09:00", "lado-referral", "--as-of 2026-11-12") == ["1 met 2026-11-03 09:00"]


def test_a_call_bears_the_stage_it_was_called_for_at(case: Silence) -> None:
    opened(
        case,
        LADO,
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-04 09:00 advance 1",
        "2026-11-16 09:00 set 1 allegation=yes",
        "2026-11-16 12:00 advance 1",
    )
    calls = [row for row in case.json("2026-11-18 09:00", "show 1")["deadlines"] if row["action"] == "lado-referral"]
    assert [(row["call"], row["stage"]) for row in calls] == [(1, "0"), (2, "1")]


@pytest.mark.parametrize("closing", ["withdraw 1", "resolve 1"])
def test_a_standing_call_outlives_the_case(case: Silence, closing: str) -> None:
    opened(
        case,
        LADO,
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-16 09:00 set 1 allegation=yes",
        f"2026-11-18 09:00 {closing}",
    )
    assert "lado-referral 2 overdue 2026-11-17 09:00" in case.due("2026-11-18 10:00")
    assert "lado-referral 2 overdue 2026-11-17 09:00" in case.due("2026-11-18 10:00", "--overdue")
    case.did("2026-11-18 11:00", "set 1 allegation=no")
    assert case.rows("2026-11-18 12:00", "lado-referral") == [
        "1 met 2026-11-03 09:00",
        "2 missed 2026-11-17 09:00, ended 2026-11-18 11:00 by 5",
    ]


def test_a_call_of_a_case_that_was_taken_over_from_a_log_is_a_call_too(case: Silence) -> None:
    log = case.path.parent / "log.csv"
    log.write_text("Reference,Raised,allegation\nM-1,02/11/2026,yes\n", encoding="utf-8")
    case.play(
        f"2026-11-02 09:00 import {log.as_posix()} --protocol herefordshire --write",
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-16 09:00 set 1 allegation=yes",
    )
    rows = case.rows("2026-11-18 09:00", "lado-referral")
    assert rows[0].startswith("1 met 2026-11-0")
    assert rows[1:] == ["2 overdue 2026-11-17 09:00"]


# -- calls of a stage's own actions ---------------------------------------------------------------


def test_an_action_of_a_stage_is_called_for_again_only_after_a_no(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1 --fact protection-plan=yes --fact looked-after=no",
        "2026-11-02 10:00 done 1 iro-notified",
        "2026-11-03 09:00 set 1 protection-plan=yes",
    )
    assert case.rows("2026-11-03 10:00", "iro-notified") == ["1 met no date"]
    case.play("2026-11-03 11:00 set 1 protection-plan=no", "2026-11-03 12:00 set 1 protection-plan=yes")
    assert case.rows("2026-11-03 13:00", "iro-notified") == ["1 met no date", "2 undated no date"]


def test_a_call_without_a_date_that_ends_is_ceased_and_stands(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1 --fact protection-plan=yes --fact looked-after=no"
    )
    assert "iro-notified" in case.did("2026-11-03 09:00", "set 1 protection-plan=no")
    assert case.rows("2026-11-03 10:00", "iro-notified") == ["1 ceased no date, ended 2026-11-03 09:00 by 2"]
    assert not any(line.startswith("iro-notified") for line in case.due("2026-11-03 10:00"))


def test_a_second_resolution_calls_again_for_what_follows_one(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-03 09:00 resolve 1",
        "2026-11-03 10:00 done 1 outcome-shared",
        "2026-11-04 09:00 reopen 1",
        "2026-11-04 10:00 resolve 1",
    )
    assert [row.split()[1] for row in case.rows("2026-11-04 11:00", "outcome-shared")] == ["met", "undated"]
    assert "outcome-shared 1 undated no date" in case.due(
        "2026-11-04 11:00"
    ) or "outcome-shared 2 undated no date" in case.due("2026-11-04 11:00")


# -- calls that end otherwise ---------------------------------------------------------------------


def test_a_limit_that_ran_out_before_withdrawing_is_missed(case: Silence) -> None:
    # 1 to 3 working days from Mon 2 Nov: Thu 5 Nov, four days before.
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 1", "2026-11-09 09:00 withdraw 1")
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 missed 2026-11-05, ended 2026-11-09 09:00 by 2"]
    assert "missed" in case.did("2026-11-09 10:00", "show 1").lower()
    assert case.in_time("2026-11-09 10:00", "stages") == "0 of 1, 0 late, 1 not met"
    assert case.due("2026-11-09 10:00") == []


def test_a_limit_that_had_not_run_out_when_the_case_was_withdrawn_is_ceased(case: Silence) -> None:
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 1", "2026-11-04 09:00 withdraw 1")
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 ceased 2026-11-05, ended 2026-11-04 09:00 by 2"]
    assert case.in_time("2026-11-09 10:00", "stages").endswith("0 not met")


def test_what_was_missed_before_the_case_was_taken_up_again_stays_beside_the_new_call(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-09 09:00 withdraw 1",
        "2026-11-10 09:00 reopen 1",
    )
    # Counted as before, from the concern: both calls have Thu 5 Nov.
    assert case.rows("2026-11-10 10:00", "resolve") == [
        "1 missed 2026-11-05, ended 2026-11-09 09:00 by 2",
        "2 overdue 2026-11-05",
    ]


def test_a_withdrawal_that_is_taken_back_leaves_the_limit_as_it_was(case: Silence) -> None:
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 1", "2026-11-09 09:00 withdraw 1")
    assert "resolve" in case.did("2026-11-09 10:00", "undo 1")
    assert case.rows("2026-11-09 11:00", "resolve") == ["1 overdue 2026-11-05"]


def test_a_reopening_that_is_taken_back_takes_the_new_call_with_it(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-09 09:00 withdraw 1",
        "2026-11-10 09:00 reopen 1",
        "2026-11-10 10:00 undo 1",
    )
    assert case.rows("2026-11-10 11:00", "resolve") == ["1 missed 2026-11-05, ended 2026-11-09 09:00 by 2"]


def test_calls_are_numbered_as_the_history_stands_and_a_number_that_changed_is_named(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1",
        "2026-11-02 10:00 set 1 allegation=yes",
        "2026-11-04 09:00 set 1 allegation=yes --again",
    )
    assert case.rows("2026-11-05 10:00", "lado-referral") == [
        "1 overdue 2026-11-03 10:00",
        "2 overdue 2026-11-05 09:00",
    ]
    said = case.did("2026-11-05 11:00", "undo 1 --entry 2")
    assert "lado-referral" in said
    assert "call" in said
    # The yes of Wed 4 Nov is the first now: until Thu 5 Nov 09:00.
    assert case.rows("2026-11-05 12:00", "lado-referral") == ["1 overdue 2026-11-05 09:00"]


def test_a_reopening_ends_what_had_run_out_after_the_resolution(case: Silence) -> None:
    # What is owed after a resolution had no date, and was agreed for Wed 4 Nov; on Mon 9 Nov the case is taken up again.
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-03 09:00 resolve 1",
        "2026-11-03 10:00 agree 1 2026-11-04 --action outcome-shared",
    )
    said = case.did("2026-11-09 09:00", "reopen 1")
    assert "outcome-shared" in said
    assert case.rows("2026-11-09 10:00", "outcome-shared") == ["1 missed 2026-11-04, ended 2026-11-09 09:00 by 4"]
    # The resolution met the stage in time, and stays; it is owed again, and Thu 5 Nov is past.
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 met 2026-11-05", "2 overdue 2026-11-05"]


def test_an_agreed_date_that_ran_out_and_was_agreed_anew_is_missed_beside_the_new_one(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open north-east-lincolnshire --route individual --subject M-1",
        "2026-11-02 10:00 agree 1 2026-11-04",
    )
    said = case.did("2026-11-09 09:00", "agree 1 2026-11-20")
    assert "4 Nov" in said
    assert case.rows("2026-11-09 10:00", "resolve") == [
        "1 missed 2026-11-04, ended 2026-11-09 09:00 by 3",
        "1 on-track 2026-11-20",
    ]
    assert case.in_time("2026-11-09 10:00", "stages") == "0 of 1, 0 late, 1 not met"
    assert case.due("2026-11-09 10:00") == ["resolve 1 on-track 2026-11-20"]


def test_an_agreed_date_that_had_not_run_out_leaves_no_row(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open north-east-lincolnshire --route individual --subject M-1",
        "2026-11-02 10:00 agree 1 2026-11-04",
    )
    # Made later by an entry, so named; but it was no date that ran out.
    said = case.did("2026-11-03 09:00", "agree 1 2026-11-20")
    assert "4 Nov" in said
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 on-track 2026-11-20"]


def test_an_agreed_date_that_was_not_the_deadline_is_not_missed(case: Silence) -> None:
    # The limit of Thu 5 Nov stands before the agreed Fri 6 Nov (C7): that one was never the date owed.
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-02 10:00 agree 1 2026-11-06",
        "2026-11-09 09:00 agree 1 2026-11-20",
    )
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 overdue 2026-11-05"]


def test_leaving_a_stage_ends_what_is_of_no_use_any_more_and_leaves_its_paperwork(case: Silence) -> None:
    # Going up meets the stage's own limit, late, and the paperwork without a date stays due until it is done.
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 2", "2026-11-18 09:00 advance 1")
    # 8 working days from Mon 2 Nov: Thu 12 Nov.
    assert case.rows("2026-11-18 10:00", "resolve")[0] == "1 met-late 2026-11-12"
    assert case.rows("2026-11-18 10:00", "template-sent") == ["1 undated no date"]


def test_regrading_ends_a_call_only_where_other_timescales_apply(case: Silence) -> None:
    case.play(
        "2026-11-24 12:00 open hull-east-riding --subject M-1 --stage 7 --fact severity=medium",
        "2026-11-25 12:00 set 1 severity=low",
    )
    # Medium and low have the same 3 to 5 days from Tue 24 Nov: Sun 29 Nov.
    assert case.rows("2026-11-25 13:00", "resolve") == ["1 on-track 2026-11-29"]


@pytest.mark.parametrize(
    ("graded", "at", "anew", "rows"),
    [
        # 3 days from Tue 24 Nov end on Fri 27 Nov, 5 on Sun 29 Nov.
        (
            "high",
            "2026-11-28 12:00",
            "low",
            ["1 missed 2026-11-27, ended 2026-11-28 12:00 by 2", "2 overdue 2026-11-29"],
        ),
        (
            "high",
            "2026-11-26 12:00",
            "low",
            ["1 ceased 2026-11-27, ended 2026-11-26 12:00 by 2", "2 overdue 2026-11-29"],
        ),
        (
            "low",
            "2026-11-28 12:00",
            "high",
            ["1 ceased 2026-11-29, ended 2026-11-28 12:00 by 2", "2 overdue 2026-11-27"],
        ),
        (
            "low",
            "2026-11-30 12:00",
            "high",
            ["1 missed 2026-11-29, ended 2026-11-30 12:00 by 2", "2 overdue 2026-11-27"],
        ),
    ],
)
def test_a_limit_that_had_run_out_when_the_grade_changed_is_missed(
    case: Silence, graded: str, at: str, anew: str, rows: list[str]
) -> None:
    case.play(f"2026-11-24 12:00 open hull-east-riding --subject M-1 --stage 7 --fact severity={graded}")
    said = case.did(at, f"set 1 severity={anew}")
    assert "27 Nov" in said
    assert "29 Nov" in said
    assert case.rows("2026-11-30 13:00", "resolve") == rows


def test_an_agreed_date_that_is_still_running_goes_on_through_a_regrading(case: Silence) -> None:
    case.play(
        "2026-11-24 12:00 open hull-east-riding --subject M-1 --stage 7 --fact severity=high",
        "2026-11-24 13:00 agree 1 '2026-11-26 12:00'",
        "2026-11-25 12:00 set 1 severity=low",
    )
    assert case.rows("2026-11-25 13:00", "resolve")[-1].endswith("at-risk 2026-11-26 12:00")


def test_another_edition_is_like_a_regrading(case: Silence) -> None:
    case.play("2026-11-24 12:00 open herefordshire --subject M-1 --fact allegation=yes")
    shipped = (shipped_folder() / "herefordshire.toml").read_text(encoding="utf-8")
    newer = shipped.replace('dated = "undated"', 'dated = "2026-11"').replace(
        'within = "24 hours"', 'within = "96 hours"'
    )
    case.write("newer", newer)
    # Act by Fri 27 Nov 17:00, the next working day: at risk. On Thu 26 Nov the 24 hours of the old edition, Wed 25 Nov 12:00, have run out; 96 hours from Tue 24 Nov end on Sat 28 Nov 12:00.
    said = case.did("2026-11-26 12:00", "protocol adopt 1 2026-11 --yes")
    assert "lado-referral" in said
    assert case.rows("2026-11-26 13:00", "lado-referral") == [
        "1 missed 2026-11-25 12:00, ended 2026-11-26 12:00 by 2",
        "2 at-risk 2026-11-28 12:00",
    ]


def test_a_duty_that_the_new_edition_has_not_stays_missed(case: Silence) -> None:
    case.play("2026-11-24 12:00 open herefordshire --subject M-1 --fact allegation=yes")
    shipped = (shipped_folder() / "herefordshire.toml").read_text(encoding="utf-8")
    newer = shipped.replace('dated = "undated"', 'dated = "2026-11"').replace(
        '"lado-referral"', '"designated-officer-told"'
    )
    case.write("newer", newer)
    case.did("2026-11-26 12:00", "protocol adopt 1 2026-11 --yes")
    assert case.rows("2026-11-26 13:00", "lado-referral") == ["1 missed 2026-11-25 12:00, ended 2026-11-26 12:00 by 2"]


def test_an_edition_that_changes_no_date_goes_on_with_the_same_call(case: Silence) -> None:
    case.play("2026-11-24 12:00 open herefordshire --subject M-1 --fact allegation=yes")
    shipped = (shipped_folder() / "herefordshire.toml").read_text(encoding="utf-8")
    case.write("newer", shipped.replace('dated = "undated"', 'dated = "2026-11"'))
    case.did("2026-11-26 12:00", "protocol adopt 1 2026-11 --yes")
    assert case.rows("2026-11-26 13:00", "lado-referral") == ["1 overdue 2026-11-25 12:00"]


def test_a_calendar_change_moves_an_overdue_call_and_is_no_other_call(case: Silence) -> None:
    # 3 working days from Mon 2 Nov: Thu 5 Nov; with Thu 5 Nov closed, Fri 6 Nov. Met calls keep their verdict.
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 1")
    said = case.did("2026-11-09 09:00", "calendar add 2026-11-05 --reason Closed --yes")
    assert "E0001" in said
    assert "5 Nov" in said
    assert "6 Nov" in said
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 overdue 2026-11-06"]


def test_a_calendar_change_leaves_what_was_missed_as_it_was(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-06 09:00 withdraw 1",
        "2026-11-09 09:00 calendar add 2026-11-05 --reason Closed --yes",
    )
    # Thu 5 Nov had run out on Fri 6 Nov by the calendar that held then.
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 missed 2026-11-05, ended 2026-11-06 09:00 by 2"]


# -- again what counts from knowing ---------------------------------------------------------------

RETURNING = """
id = "returning"
title = "Test protocol: duties that count from knowing"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
facts = [{ key = "plan", ask = "Is the child on a protection plan?" }, { key = "danger", ask = "Is the child in danger?" }]
moments = [{ key = "conference", ask = "When is the conference?" }]

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Practitioners"
owner = "Practitioner"
next = ["2"]
cite = "1"

  [[stages.actions]]
  key = "chair-told"
  name = "Tell the conference chair"
  when = "plan is yes"
  timescales = [{ within = "3 working days", from = "known", cite = "1.1" }]

  [[stages.actions]]
  key = "summary"
  name = "Send the summary"
  timescales = [{ at_least = "2 working days", before = "conference", cite = "1.2" }]

  [[stages.actions]]
  key = "visit"
  name = "Visit after a conference"
  timescales = [{ every = "2 weeks", from = "conference", cite = "1.3" }]

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = []
cite = "2"
"""


def test_what_counts_from_knowing_is_called_for_again_when_yes_is_said_again_after_it_was_done(case: Silence) -> None:
    case.write("returning", RETURNING)
    case.play(
        "2026-11-02 09:00 open returning --subject M-1 --fact plan=yes --fact danger=no",
        "2026-11-03 09:00 done 1 chair-told",
        "2026-11-09 09:00 set 1 plan=yes",
    )
    # 3 working days from Mon 2 Nov: Thu 5 Nov; from Mon 9 Nov: Thu 12 Nov.
    assert case.rows("2026-11-16 09:00", "chair-told") == ["1 met 2026-11-05", "2 overdue 2026-11-12"]


def test_what_was_done_for_one_date_is_called_for_again_when_a_new_date_is_set(case: Silence) -> None:
    case.write("returning", RETURNING)
    case.play(
        "2026-11-02 09:00 open returning --subject M-1 --fact plan=no",
        "2026-11-02 10:00 set 1 conference='2026-11-04 10:00'",
        "2026-11-02 12:00 done 1 summary",
        "2026-11-05 09:00 set 1 conference='2026-12-01 10:00'",
    )
    # 2 working days before Wed 4 Nov: Mon 2 Nov, met; before Tue 1 Dec: Fri 27 Nov, for the conference after it.
    assert case.rows("2026-11-05 10:00", "summary") == ["1 met 2026-11-02", "2 on-track 2026-11-27"]
    assert "summary 2 on-track 2026-11-27" in case.due("2026-11-05 10:00")


def test_a_duty_that_returns_keeps_what_was_done_when_the_date_it_counts_from_is_set_anew(case: Silence) -> None:
    case.write("returning", RETURNING)
    case.play(
        "2026-11-02 09:00 open returning --subject M-1 --fact plan=no",
        "2026-11-02 10:00 set 1 conference='2026-11-04 10:00'",
        "2026-11-18 12:00 done 1 visit",
        "2026-11-19 09:00 set 1 conference='2026-12-01 10:00'",
    )
    # Two weeks after Wed 4 Nov: Wed 18 Nov, done that day. A conference of after it does not count for it.
    assert case.rows("2026-11-19 10:00", "visit")[0] == "1 met 2026-11-18"
    assert any(line.startswith("visit ") for line in case.due("2026-11-19 10:00"))


def test_what_counts_from_knowing_is_called_for_again_wherever_the_case_has_come_since(case: Silence) -> None:
    case.write("returning", RETURNING)
    case.play(
        "2026-11-02 09:00 open returning --subject M-1 --fact plan=yes --fact danger=no",
        "2026-11-03 09:00 done 1 chair-told",
        "2026-11-04 09:00 advance 1 --to 2",
    )
    said = case.did("2026-11-09 09:00", "set 1 plan=yes")
    assert "Called for: chair-told (stage 1), call 2, due Thu 12 Nov." in said
    assert case.rows("2026-11-16 09:00", "chair-told") == ["1 met 2026-11-05", "2 overdue 2026-11-12"]


def test_a_first_yes_from_after_it_was_done_calls_for_it_again_though_the_case_has_left_its_stage(
    case: Silence,
) -> None:
    case.write("returning", RETURNING)
    case.play(
        "2026-11-02 09:00 open returning --subject M-1 --fact danger=no",
        "2026-11-03 09:00 done 1 chair-told",
        "2026-11-04 09:00 advance 1 --to 2",
        "2026-11-05 09:00 resolve 1",
    )
    said = case.did("2026-11-10 09:00", "set 1 plan=yes --at '2026-11-09 09:00'")
    assert "Called for: chair-told (stage 1), call 2, due Thu 12 Nov." in said
    # What was done on Tue 3 Nov was done before anything called for it: nobody had answered.
    assert case.rows("2026-11-16 09:00", "chair-told") == ["1 met no date? plan", "2 overdue 2026-11-12"]


def test_a_yes_said_again_in_a_withdrawn_case_calls_for_it_once_that_is_reopened(case: Silence) -> None:
    case.write("returning", RETURNING)
    case.play(
        "2026-11-02 09:00 open returning --subject M-1 --fact plan=yes --fact danger=no",
        "2026-11-03 09:00 done 1 chair-told",
        "2026-11-04 09:00 withdraw 1",
        "2026-11-05 09:00 set 1 plan=yes",
    )
    assert case.rows("2026-11-06 09:00", "chair-told") == ["1 met 2026-11-05"]
    assert "chair-told (stage 1), call 2, due Tue 10 Nov" in case.did("2026-11-09 09:00", "reopen 1")
    # 3 working days from the yes of Thu 5 Nov, which nothing was done for.
    assert case.rows("2026-11-16 09:00", "chair-told") == ["1 met 2026-11-05", "2 overdue 2026-11-10"]


CHOSEN = (
    "2026-11-02 09:00 open herefordshire --subject M-1 --fact allegation=yes",
    "2026-11-02 15:00 done 1 lado-referral",
    "2026-11-16 09:00 set 1 allegation=yes",
    "2026-11-18 09:00 set 1 allegation=yes --again",
)


@pytest.mark.parametrize(
    ("no_from", "second"),
    [
        # 24 hours from Mon 16 Nov 09:00: it had run out, or had not, by the time from which the answer was no; it was done late either way.
        ("2026-11-17 12:00", "2 met-late 2026-11-17 09:00"),
        ("2026-11-16 12:00", "2 met-late 2026-11-17 09:00"),
    ],
)
def test_what_was_done_for_a_call_that_somebody_named_meets_no_other_whatever_is_learned_later(
    case: Silence, no_from: str, second: str
) -> None:
    case.play(*CHOSEN, "2026-11-20 10:00 done 1 lado-referral --call 2")
    case.did("2026-11-23 09:00", f"set 1 allegation=no --at '{no_from}'")
    assert case.rows("2026-11-23 10:00", "lado-referral") == [
        "1 met 2026-11-03 09:00",
        second,
        "3 overdue 2026-11-19 09:00",
    ]
    assert "lado-referral 3 overdue 2026-11-19 09:00" in case.due("2026-11-23 10:00", "--overdue")


# -- a date agreed for an action that two stages have open --------------------------------------------------------------------


def test_a_date_for_an_action_that_two_stages_have_open_asks_for_which(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --stage 3 --subject M-1",
        "2026-11-03 09:00 advance 1 --to 4",
    )
    asks = case.refused("2026-11-04 09:00", "agree 1 2026-11-11 --action template-updated")
    assert asks == (
        "template-updated of E0001 is open at stage 3 (no date) and at stage 4 (no date):"
        " say with --stage which of them the date is for.\n"
    )
    said = case.did("2026-11-04 09:00", "agree 1 2026-11-11 --action template-updated --stage 3")
    assert "for template-updated (stage 3)" in said
    rows = [row for row in case.json("2026-11-04 10:00", "show 1")["deadlines"] if row["action"] == "template-updated"]
    assert {row["stage"]: (row["agreed_at"] or "")[:10] for row in rows} == {"3": "2026-11-11", "4": ""}
    refused = case.refused("2026-11-04 09:00", "agree 1 2026-11-11 --action template-updated --stage 5")
    assert "at stage 5" in refused


def test_a_date_for_what_two_stays_at_one_stage_have_open_is_for_the_last_of_them(case: Silence) -> None:
    windows = Path(__file__).parents[1] / "model" / "protocols" / "windows.toml"
    case.write("windows", windows.read_text(encoding="utf-8"))
    case.play(
        "2026-12-02 10:00 open model-windows --subject M-1 --fact consent=no",
        "2026-12-18 11:00 advance 1 --to 2",
        "2027-01-04 23:00 advance 1 --to 1",
        # One answer begins a call in either stay, where it is the second.
        "2027-01-05 09:00 set 1 consent=yes",
        "2027-01-15 09:00 set 1 consent=no",
        "2027-01-16 09:00 agree 1 '2027-01-18 12:00' --action objection",
    )
    last = case.json("2027-01-16 10:00", "show 1")["deadlines"]
    agreed = [(row["due_at"], row["standing"]) for row in last if row["action"] == "objection" and row["agreed_at"]]
    assert agreed == [("2027-01-18T12:00:00+00:00", "at-risk")]


def test_a_date_agreed_before_its_step_began_is_that_of_the_step_that_is_open(case: Silence) -> None:
    case.play(
        "2026-12-01 09:00 open lincolnshire --subject M-1",
        "2026-12-02 09:00 done 1 plan",
        "2026-12-02 12:00 agree 1 '2026-12-30 12:00' --action next-step",
        "2026-12-03 09:00 resolve 1",
        "2026-12-07 09:00 reopen 1",
        "2026-12-08 09:00 agree 1 '2026-12-10 12:00' --action next-step --at '2026-12-04 12:00'",
    )
    assert case.rows("2026-12-08 10:00", "next-step") == ["1 on-track 2026-12-10 12:00"]


# -- a duty that returns, and a clock of "not known yet" ----------------------------------------------------------------------

LETTERS = """
id = "letters"
title = "Test protocol: until the letter has come"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
moments = [{ key = "letter", ask = "When did the letter come?" }]

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Practitioners"
owner = "Practitioner"
next = []
cite = "1"

  [[stages.actions]]
  key = "chased"
  name = "Ask for the letter"
  timescales = [
    { every = "10 days", from = "known", when = "letter is unknown", cite = "1.1" },
    { every = "20 days", from = "stage", when = "letter is unknown", cite = "1.2" },
  ]
"""


def test_what_ended_when_the_letter_came_keeps_its_date_when_that_is_said_to_be_unknown_again(case: Silence) -> None:
    case.write("letters", LETTERS)
    case.play("2026-11-02 09:00 open letters --subject M-1", "2026-11-04 09:00 set 1 letter='2026-11-04 08:00'")
    # 20 days from Mon 2 Nov: that it is unknown since no instant says nothing of the other limit.
    first = "1 ceased 2026-11-22, ended 2026-11-04 08:00 by 2"
    assert case.rows("2026-11-05 09:00", "chased") == [first, "2 undated no date"]
    case.did("2026-11-06 09:00", "set 1 letter=unknown")
    # The third counts 10 days from Fri 6 Nov; what had ended before is none the earlier for that.
    assert case.rows("2026-11-07 09:00", "chased") == [
        first,
        "2 ceased no date, ended 2026-11-06 09:00 by 3",
        "3 on-track 2026-11-16",
    ]


def test_a_calendar_change_names_the_limit_further_up_that_it_moves(case: Silence) -> None:
    case.play("2026-11-02 09:00 open herefordshire --subject M-1")
    # Stage 0 has no time of its own; stage 1's, three working days from Mon 2 Nov, overtakes it: Thu 5 Nov.
    added = "calendar add 2026-11-04 --reason Closed --calendar england-and-wales"
    said = case.did("2026-11-02 10:00", f"{added} --yes")
    assert "No deadline moves" not in said
    assert "Limit of stage 1, further up" in said
    assert "Thu 5 Nov" in said
    assert "Fri 6 Nov" in said
    assert "resolve (stage 0) from Thu 5 Nov 2026 to Fri 6 Nov 2026" in case.did("2026-11-02 11:00", "log 1")
    # Taken away once the earlier limit has passed, it makes the case overdue; added then, no longer.
    removed = case.json(
        "2026-11-06 10:00", "calendar remove 2026-11-04 --reason x --calendar england-and-wales --dry-run"
    )
    assert [(move["action"], move["turns"]) for move in removed["moves"]] == [("resolve", "overdue")]
