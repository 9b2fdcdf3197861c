"""What is written down late counts from when it happened (C20), and what others rest on is not taken back (C15)."""

from pathlib import Path

import pytest

from tests.silence.case import Silence

LADO = "2026-11-02 09:00 open herefordshire --subject M-1 --fact allegation=yes"
"""24 hours, until Tuesday 3 November 09:00."""


@pytest.mark.parametrize(
    ("happened", "standing"),
    [("2026-11-03 08:00", "ceased"), ("2026-11-03 09:00", "ceased"), ("2026-11-03 10:00", "missed")],
)
def test_a_no_ends_a_call_when_it_was_said_not_when_it_was_written_down(
    case: Silence, happened: str, standing: str
) -> None:
    case.play(LADO)
    assert "lado-referral" in case.did("2026-11-05 09:00", f"set 1 allegation=no --at '{happened}'")
    assert case.rows("2026-11-05 10:00", "lado-referral") == [f"1 {standing} 2026-11-03 09:00, ended {happened} by 2"]
    # The log has both times.
    log = case.did("2026-11-05 10:00", "log 1")
    assert "3 Nov" in log
    assert "5 Nov" in log
    # As it was known on Wednesday, it was overdue.
    assert case.rows("2026-11-05 10:00", "lado-referral", "--as-of '2026-11-04 09:00'") == [
        "1 overdue 2026-11-03 09:00"
    ]


@pytest.mark.parametrize(
    ("done", "row", "told"),
    [
        ("2026-11-02 15:00", "1 met 2026-11-03 09:00", "1 of 1, 0 late, 0 not met"),
        ("2026-11-03 12:00", "1 met-late 2026-11-03 09:00", "0 of 1, 1 late, 0 not met"),
    ],
    ids=["in time", "late"],
)
def test_what_was_done_before_the_call_ended_is_taken_after_it(case: Silence, done: str, row: str, told: str) -> None:
    case.play(LADO, "2026-11-05 09:00 set 1 allegation=no")
    assert case.rows("2026-11-05 10:00", "lado-referral") == ["1 missed 2026-11-03 09:00, ended 2026-11-05 09:00 by 2"]
    case.did("2026-11-06 09:00", f"done 1 lado-referral --at '{done}'")
    assert case.rows("2026-11-06 10:00", "lado-referral") == [row]
    assert case.in_time("2026-11-06 10:00") == told


def test_what_was_done_after_the_call_ended_meets_nothing(case: Silence) -> None:
    case.play(LADO, "2026-11-05 09:00 set 1 allegation=no")
    case.refused("2026-11-06 09:00", "done 1 lado-referral --at '2026-11-05 12:00'")


def test_an_end_of_before_the_limit_that_was_written_down_later_undoes_the_miss(case: Silence) -> None:
    # North Yorkshire, immediately on Fri 6 Nov: the risk had passed at 18:00 that day, which is written down on Monday.
    case.play("2026-11-06 16:00 open north-yorkshire --subject M-1 --fact immediate-risk=yes")
    case.did("2026-11-09 09:00", "set 1 immediate-risk=no --at '2026-11-06 18:00'")
    for action in ("lead-told", "police-and-social-care"):
        assert case.rows("2026-11-09 10:00", action) == ["1 ceased 2026-11-06, ended 2026-11-06 18:00 by 2"]
    assert case.in_time("2026-11-09 10:00").endswith("0 not met")


def test_a_second_yes_that_is_written_down_late_counts_from_its_date(case: Silence) -> None:
    case.play(
        LADO, "2026-11-02 15:00 done 1 lado-referral", "2026-11-20 09:00 set 1 allegation=yes --at '2026-11-16 09:00'"
    )
    assert case.rows("2026-11-20 10:00", "lado-referral") == ["1 met 2026-11-03 09:00", "2 overdue 2026-11-17 09:00"]


def test_a_yes_of_before_the_first_that_is_open_begins_that_call_earlier(case: Silence) -> None:
    # Known since Sun 1 Nov 12:00: 24 hours, Mon 2 Nov 12:00, instead of Tue 3 Nov 09:00.
    case.play("2026-11-01 09:00 open herefordshire --subject M-1", "2026-11-02 09:00 set 1 allegation=yes")
    case.did("2026-11-02 10:00", "set 1 allegation=yes --at '2026-11-01 12:00'")
    assert case.rows("2026-11-02 11:00", "lado-referral") == ["1 at-risk 2026-11-02 12:00"]


def test_a_yes_of_before_the_first_that_was_done_is_a_call_of_its_own(case: Silence) -> None:
    case.play(
        "2026-11-01 09:00 open herefordshire --subject M-1",
        "2026-11-04 09:00 set 1 allegation=yes",
        "2026-11-04 10:00 done 1 lado-referral",
    )
    case.did("2026-11-05 10:00", "set 1 allegation=yes --at '2026-11-01 12:00'")
    # Two calls: of Sun 1 Nov, until Mon 2 Nov 12:00, and of Wed 4 Nov, until Thu 5 Nov 09:00. A doing meets the oldest that was open at its moment,
    # late by what held then; what is left is the second.
    rows = case.rows("2026-11-05 11:00", "lado-referral")
    assert [row.split()[0] for row in rows] == ["1", "2"]
    assert sorted(row.split(" ", 2)[2] for row in rows) == ["2026-11-02 12:00", "2026-11-05 09:00"]


def test_what_was_answered_no_late_was_owed_until_then_for_a_stage_too(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1 --fact protection-plan=yes --fact looked-after=no"
    )
    case.did("2026-11-05 09:00", "agree 1 2026-11-06 --action iro-notified")
    case.did("2026-11-10 09:00", "set 1 protection-plan=no --at '2026-11-06 12:00'")
    # Agreed for the end of Fri 6 Nov, which had not run out at noon.
    assert case.rows("2026-11-10 10:00", "iro-notified") == ["1 ceased 2026-11-06, ended 2026-11-06 12:00 by 3"]


# -- clocks that stand still ----------------------------------------------------------------------

CLARIFYING = """
id = "clarifying"
title = "Test protocol: a clock that waits for an answer"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
facts = [{ key = "abroad", ask = "Is the family abroad?" }]
moments = [{ key = "queried", ask = "When was it queried?" }, { key = "clarified", ask = "When was the query answered?" }]

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Managers"
owner = "Manager"
next = []
cite = "1"

  [[stages.actions]]
  key = "reply"
  name = "Reply in writing"
  timescales = [{ within = "20 days", from = "stage", stops_while = "queried is known and clarified is unknown", cite = "1.1" }]

  [[stages.actions]]
  key = "visit"
  name = "Visit the family"
  timescales = [{ within = "10 days", from = "stage", stops_while = "abroad is yes", cite = "1.2" }]
"""


def test_a_moment_that_is_written_down_late_starts_the_clock_when_it_happened(case: Silence) -> None:
    case.write("clarifying", CLARIFYING)
    case.play(
        "2026-11-02 09:00 open clarifying --subject M-1",
        "2026-11-09 09:00 set 1 queried='2026-11-09 09:00'",
        "2026-11-23 09:00 set 1 clarified='2026-11-12 09:00'",
    )
    # 20 days from Mon 2 Nov: Sun 22 Nov. It stood still for all of the 10th and the 11th, and not until the 23rd: Tue 24 Nov.
    assert [row.split()[2] for row in case.rows("2026-11-23 10:00", "reply")] == ["2026-11-24"]
    proof = case.did("2026-11-23 10:00", "explain 1 reply")
    assert "12 Nov" in proof
    assert "24 Nov" in proof


def test_a_moment_that_was_written_down_in_time_says_the_same(case: Silence) -> None:
    case.write("clarifying", CLARIFYING)
    case.play(
        "2026-11-02 09:00 open clarifying --subject M-1",
        "2026-11-09 09:00 set 1 queried='2026-11-09 09:00'",
        "2026-11-12 09:00 set 1 clarified='2026-11-12 09:00'",
    )
    assert [row.split()[2] for row in case.rows("2026-11-23 10:00", "reply")] == ["2026-11-24"]


def test_what_stops_a_clock_and_is_written_down_late_stops_it_from_its_date(case: Silence) -> None:
    case.write("clarifying", CLARIFYING)
    case.play(
        "2026-11-02 09:00 open clarifying --subject M-1 --fact abroad=no",
        "2026-11-10 09:00 set 1 abroad=yes --at '2026-11-04 09:00'",
        "2026-11-11 09:00 set 1 abroad=no --at '2026-11-06 09:00'",
    )
    # 10 days from Mon 2 Nov: Thu 12 Nov, and one more for Thu 5 Nov, the whole of which they were abroad.
    assert [row.split()[2] for row in case.rows("2026-11-11 10:00", "visit")] == ["2026-11-13"]


# -- what counts from what has not happened -------------------------------------------------------


def test_what_counts_from_an_overdue_reply_waits_until_the_reply_has_run_out(case: Silence) -> None:
    shape = Path(__file__).parents[1] / "shapes" / "expiry.toml"
    case.write("expiry", shape.read_text(encoding="utf-8"))
    case.play("2026-11-02 09:00 open expiry --subject M-1 --fact proposal=yes")
    # 5 working days from Mon 2 Nov: Mon 9 Nov; 24 hours from the end of it: the end of Tue 10 Nov.
    assert [row.split()[1] for row in case.rows("2026-11-06 12:00", "chase")] == ["waiting"]
    assert not any(line.startswith("chase") for line in case.due("2026-11-06 12:00", "--at-risk --overdue"))
    # Provisional, as a reply in time could still be written down: then there was never anything to chase (C20).
    assert case.rows("2026-11-10 09:00", "chase") == ["1 at-risk 2026-11-10 ~"]
    # Replied in time, it was never to be chased.
    case.did("2026-11-10 10:00", "done 1 reply --at '2026-11-06 12:00'")
    assert [row.split()[1] for row in case.rows("2026-11-10 11:00", "chase")] in ([], ["waiting"], ["ceased"])


def test_a_date_that_counted_from_the_stage_failing_the_discussion_is_settled_by_the_discussion(case: Silence) -> None:
    # 2 working days from Mon 2 Nov, failing the discussion: Wed 4 Nov; from the discussion of Mon 9 Nov: Wed 11 Nov. The first was provisional.
    case.play("2026-11-02 09:00 open lincolnshire --subject M-1")
    assert case.rows("2026-11-05 09:00", "plan") == ["1 overdue 2026-11-04 ~"]
    said = case.did("2026-11-09 12:00", "done 1 discussion --at '2026-11-09 10:00'")
    assert "4 Nov" in said
    assert case.rows("2026-11-09 13:00", "plan") == ["1 on-track 2026-11-11"]


# -- what others rest on --------------------------------------------------------------------------


def test_a_yes_that_a_doing_rests_on_is_not_taken_back(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1",
        "2026-11-02 10:00 set 1 allegation=yes",
        "2026-11-02 15:00 done 1 lado-referral",
    )
    said = case.refused("2026-11-03 09:00", "undo 1 --entry 2")
    assert "entry 3" in said.lower()
    assert "done" in said.lower()
    assert case.rows("2026-11-03 10:00", "lado-referral") == ["1 met 2026-11-03 10:00"]


def test_a_yes_that_a_doing_rests_on_is_not_moved_after_it(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1",
        "2026-11-02 17:00 set 1 allegation=yes --at '2026-11-02 10:00'",
        "2026-11-02 17:05 done 1 lado-referral --at '2026-11-02 15:00'",
    )
    assert "entry 3" in case.refused("2026-11-03 09:00", "undo 1 --entry 2 --at '2026-11-02 16:00'").lower()
    assert case.rows("2026-11-03 10:00", "lado-referral") == ["1 met 2026-11-03 10:00"]


def test_a_second_yes_that_a_doing_rests_on_is_not_taken_back(case: Silence) -> None:
    case.play(
        LADO,
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-16 09:00 set 1 allegation=yes",
        "2026-11-16 12:00 done 1 lado-referral",
    )
    assert "entry 4" in case.refused("2026-11-17 09:00", "undo 1 --entry 3").lower()


def test_when_the_doing_is_taken_back_first_so_is_the_yes(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1",
        "2026-11-02 10:00 set 1 allegation=yes",
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-03 09:00 undo 1 --entry 3",
        "2026-11-03 09:30 undo 1 --entry 2",
    )
    assert case.rows("2026-11-03 10:00", "lado-referral") == []


def test_a_stage_that_a_doing_rests_on_is_not_taken_back(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open hull-east-riding --subject M-1",
        "2026-11-03 09:00 advance 1",
        "2026-11-03 10:00 done 1 response",
    )
    said = case.refused("2026-11-03 12:00", "undo 1 --entry 2")
    assert "entry 3" in said.lower()
    assert "done" in said.lower()


# -- corrections ----------------------------------------------------------------------------------


def test_a_concern_that_was_later_is_a_correction_and_names_what_moved(case: Silence) -> None:
    # 3 working days from Mon 2 Nov: Thu 5 Nov; from Fri 6 Nov: Wed 11 Nov.
    case.play("2026-11-06 09:00 open herefordshire --subject M-1 --stage 1 --concern 2026-11-02")
    assert case.rows("2026-11-09 09:00", "resolve") == ["1 overdue 2026-11-05"]
    said = case.did("2026-11-09 09:00", "set 1 concern=2026-11-06")
    assert "resolve" in said
    assert "5 Nov" in said
    assert "11 Nov" in said
    # Nothing was missed: it was never due on Thursday.
    assert case.rows("2026-11-09 10:00", "resolve") == ["1 on-track 2026-11-11"]
    assert case.in_time("2026-11-09 10:00", "stages") == "0 of 0, 0 late, 0 not met"


def test_an_entry_to_a_stage_whose_time_is_corrected_names_what_moved(case: Silence) -> None:
    # 24 hours at stage 2: from Tue 3 Nov 09:00 until Wed 4 Nov 09:00; from Wed 4 Nov 08:00 until Thu 5 Nov 08:00.
    case.play(
        "2026-11-02 09:00 open hull-east-riding --subject M-1", "2026-11-04 10:00 advance 1 --at '2026-11-03 09:00'"
    )
    assert case.rows("2026-11-04 10:00", "response") == ["1 overdue 2026-11-04 09:00"]
    said = case.did("2026-11-04 10:00", "undo 1 --entry 2 --at '2026-11-04 08:00'")
    assert "response" in said
    assert "4 Nov 09:00" in said
    assert "5 Nov 08:00" in said
    assert case.rows("2026-11-04 10:30", "response") == ["1 at-risk 2026-11-05 08:00"]


def test_a_yes_that_is_taken_back_was_never_said_and_what_goes_with_it_is_named(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open north-yorkshire --subject M-1",
        "2026-11-06 16:00 set 1 immediate-risk=yes",
    )
    said = case.did("2026-11-09 09:00", "undo 1")
    assert "lead-told" in said
    assert "police-and-social-care" in said
    assert case.rows("2026-11-09 10:00", "lead-told") == []
    assert case.in_time("2026-11-09 10:00") == "0 of 0, 0 late, 0 not met"


def test_a_no_that_is_taken_back_leaves_the_call_open_as_it_was(case: Silence) -> None:
    case.play(LADO, "2026-11-05 09:00 set 1 allegation=no")
    assert "lado-referral" in case.did("2026-11-05 10:00", "undo 1")
    assert case.rows("2026-11-05 11:00", "lado-referral") == ["1 overdue 2026-11-03 09:00"]


def test_an_agreement_that_is_taken_back_makes_the_deadline_earlier_or_later_by_name(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1", "2026-11-02 10:00 agree 1 '2026-11-04 12:00'"
    )
    # Without it, the limit of Thu 5 Nov.
    said = case.did("2026-11-02 11:00", "undo 1")
    assert "4 Nov" in said
    assert "5 Nov" in said
    assert case.rows("2026-11-02 12:00", "resolve") == ["1 on-track 2026-11-05"]
