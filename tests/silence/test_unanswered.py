"""What is not known counts as it may be, until the question is answered (C14)."""

import pytest

from tests.silence.case import Silence, one_stage

# Opened at stage 7 on Tuesday 24 November 12:00: 3 days end on Fri 27 Nov, 5 on Sun 29 Nov; the cap of 22 working days, on Thu 24 Dec, decides nothing.
STAGE_7 = "2026-11-24 12:00 open hull-east-riding --subject M-1 --stage 7"
NOON = "2026-11-28 12:00"


def test_a_limit_that_an_answer_may_make_shorter_is_listed_as_the_shorter_from_the_start(case: Silence) -> None:
    case.play(STAGE_7)
    assert case.rows("2026-11-24 12:00", "resolve") == ["1 on-track 2026-11-27 ~? severity"]
    # Act by Fri 27 Nov 17:00: at risk from Thursday, the working day before it.
    assert case.rows("2026-11-26 12:00", "resolve") == ["1 at-risk 2026-11-27 ~? severity"]
    assert case.rows(NOON, "resolve") == ["1 overdue 2026-11-27 ~? severity"]
    assert "resolve 1 overdue 2026-11-27 ~? severity" in case.due(NOON, "--overdue")
    listed = case.did(NOON, "due --overdue")
    assert "severity" in listed
    assert "not answered" in listed
    proof = case.did(NOON, "explain 1 resolve")
    assert "27 Nov" in proof
    assert "severity" in proof
    assert "not answered" in proof
    assert [row["unanswered"] for row in case.json(NOON, "digest")["overdue"]] == [["severity"]]


def test_what_ends_with_status_3_counts_it_too(case: Silence) -> None:
    case.play(STAGE_7)
    ran = case.office(case.path, "due", "--overdue", "--exit-code", now=NOON)
    assert ran.status == 3, ran


def test_the_first_answer_settles_what_it_was_all_along(case: Silence) -> None:
    case.play(STAGE_7)
    said = case.did(NOON, "set 1 severity=low")
    # It was Sun 29 Nov from the beginning: nothing was missed, and the provisional Fri 27 Nov is named. Its target, Fri 27 Nov, is past.
    assert "27 Nov" in said
    assert "provisional" in said
    assert case.rows(NOON, "resolve") == ["1 at-risk 2026-11-29"]
    assert not any(line.startswith("resolve") for line in case.due(NOON, "--overdue"))


def test_the_first_answer_may_say_that_it_was_overdue_all_along(case: Silence) -> None:
    case.play(STAGE_7, f"{NOON} set 1 severity=high")
    assert case.rows(NOON, "resolve") == ["1 overdue 2026-11-27"]


def test_an_answer_that_holds_only_from_a_moment_leaves_what_had_run_out_before_it(case: Silence) -> None:
    case.play(STAGE_7)
    case.did(NOON, "set 1 severity=low --at '2026-11-28 10:00'")
    # No answer says what it was until 10:00, and Fri 27 Nov had run out by then.
    rows = case.rows(NOON, "resolve")
    assert rows[0].startswith("1 missed 2026-11-27 ~, ended 2026-11-28 10:00 by 2")
    assert rows[1:] == ["2 at-risk 2026-11-29"]


def test_the_answer_that_is_taken_back_leaves_the_question_open_again(case: Silence) -> None:
    case.play(STAGE_7, f"{NOON} set 1 severity=low")
    said = case.did("2026-11-28 13:00", "undo 1")
    assert "27 Nov" in said
    assert case.rows("2026-11-28 13:00", "resolve") == ["1 overdue 2026-11-27 ~? severity"]


def test_before_the_answer_was_recorded_the_question_was_open(case: Silence) -> None:
    case.play(STAGE_7, f"{NOON} set 1 severity=low")
    assert case.rows("2026-11-28 13:00", "resolve", "--as-of '2026-11-28 11:00'") == [
        "1 overdue 2026-11-27 ~? severity"
    ]


def test_what_was_done_while_the_question_was_open_is_settled_by_the_first_answer(case: Silence) -> None:
    case.play(STAGE_7, f"{NOON} resolve 1")
    resolved = case.rows("2026-11-28 13:00", "resolve")
    assert [row.split("?")[0] for row in resolved] == ["1 met-late 2026-11-27 ~"]
    case.did("2026-11-28 14:00", "set 1 severity=low")
    assert case.rows("2026-11-28 15:00", "resolve") == ["1 met 2026-11-29"]


def test_what_was_withdrawn_while_the_question_was_open_is_settled_by_the_first_answer(case: Silence) -> None:
    case.play(STAGE_7, f"{NOON} withdraw 1")
    withdrawn = case.rows("2026-11-28 13:00", "resolve")
    assert [row.split("?")[0] for row in withdrawn] == ["1 missed 2026-11-27 ~, ended 2026-11-28 12:00 by 2"]
    case.did("2026-11-28 14:00", "set 1 severity=low")
    # Sun 29 Nov had not run out on Saturday.
    assert case.rows("2026-11-28 15:00", "resolve") == ["1 ceased 2026-11-29, ended 2026-11-28 12:00 by 2"]


def test_a_date_that_no_answer_can_move_is_firm(case: Silence) -> None:
    # Agreed for Thu 26 Nov, before any date that an answer gives.
    case.play(STAGE_7, "2026-11-24 13:00 agree 1 '2026-11-26 12:00'")
    row = next(row for row in case.json("2026-11-24 14:00", "show 1")["deadlines"] if row["action"] == "resolve")
    assert (row["due_at"], row["provisional"]) == ("2026-11-26T12:00:00+00:00", False)
    # The limit that stands behind it is the earliest that may apply.
    assert row["limit_at"] == "2026-11-27T23:59:59+00:00"


def test_an_agreed_date_later_than_what_may_apply_leaves_it(case: Silence) -> None:
    case.play(STAGE_7, "2026-11-24 13:00 agree 1 '2026-11-28 12:00'")
    assert case.rows("2026-11-24 14:00", "resolve") == ["1 on-track 2026-11-27 ~? severity"]


def test_a_case_taken_over_from_a_log_that_does_not_say_is_listed_as_it_may_be(case: Silence) -> None:
    log = case.path.parent / "log.csv"
    log.write_text("Reference,Raised,Stage\nM-1,24/11/2026,7\n", encoding="utf-8")
    case.did("2026-11-24 12:00", f"import {log.as_posix()} --protocol hull-east-riding --write")
    assert case.rows(NOON, "resolve") == ["1 overdue 2026-11-27 ~? severity"]


# -- actions that may be owed ---------------------------------------------------------------------

MAY_BE_OWED = [
    (
        "herefordshire --stage 1",
        "iro-notified",
        "protection-plan, looked-after",
        "set 1 protection-plan=no looked-after=no",
    ),
    ("herefordshire --stage 2", "service-director-told", "childrens-services", "set 1 childrens-services=no"),
    ("hull-east-riding --route child-protection-plan", "chair-copied", "core-group", "set 1 core-group=no"),
]
every_open_question = pytest.mark.parametrize(
    ("protocol", "action", "asked", "no"), MAY_BE_OWED, ids=[each[1] for each in MAY_BE_OWED]
)


@every_open_question
def test_an_action_that_may_be_owed_is_listed_with_the_question(
    case: Silence, protocol: str, action: str, asked: str, no: str
) -> None:
    case.play(f"2026-11-02 09:00 open {protocol} --subject M-1")
    # No time is given, so no date comes of it whatever the answer.
    assert [row.replace(" ~", "") for row in case.rows("2026-11-02 10:00", action)] == [f"1 undecided no date? {asked}"]
    assert any(line.startswith(f"{action} 1 undecided") for line in case.due("2026-11-02 10:00"))
    listed = case.did("2026-11-02 10:00", "due --duties")
    assert all(question in listed for question in asked.split(", "))


@every_open_question
def test_an_action_that_turns_out_not_to_be_owed_never_was(
    case: Silence, protocol: str, action: str, asked: str, no: str
) -> None:
    case.play(f"2026-11-02 09:00 open {protocol} --subject M-1", f"2026-11-03 09:00 {no}")
    assert case.rows("2026-11-03 10:00", action) == []


@every_open_question
def test_an_action_that_turns_out_to_be_owed_is(case: Silence, protocol: str, action: str, asked: str, no: str) -> None:
    yes = asked.split(", ", maxsplit=1)[0]
    case.play(f"2026-11-02 09:00 open {protocol} --subject M-1", f"2026-11-03 09:00 set 1 {yes}=yes")
    assert case.rows("2026-11-03 10:00", action) == ["1 undated no date"]


@every_open_question
def test_an_action_that_may_be_owed_can_be_done_and_agreed(
    case: Silence, protocol: str, action: str, asked: str, no: str
) -> None:
    case.play(
        f"2026-11-02 09:00 open {protocol} --subject M-1",
        f"2026-11-02 10:00 agree 1 '2026-11-04 12:00' --action {action}",
    )
    assert [row.split(" ~")[0].split("?")[0] for row in case.rows("2026-11-02 10:00", action)] == [
        "1 on-track 2026-11-04 12:00"
    ]
    case.did("2026-11-03 09:00", f"done 1 {action}")
    assert [row.split(" ~")[0].split("?")[0] for row in case.rows("2026-11-03 10:00", action)] == [
        "1 met 2026-11-04 12:00"
    ]


def test_one_no_and_one_question_not_answered_is_not_known(case: Silence) -> None:
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 1 --fact looked-after=no")
    assert [row.replace(" ~", "") for row in case.rows("2026-11-02 10:00", "iro-notified")] == [
        "1 undecided no date? protection-plan"
    ]


def test_one_yes_is_enough(case: Silence) -> None:
    case.play("2026-11-02 09:00 open herefordshire --subject M-1 --stage 1 --fact looked-after=yes")
    assert case.rows("2026-11-02 10:00", "iro-notified") == ["1 undated no date"]


# -- questions of safety --------------------------------------------------------------------------

SAFETY = [
    ("herefordshire", ("immediate-risk", "allegation")),
    ("hull-east-riding", ("at-risk", "immediate-risk")),
    ("north-east-lincolnshire --route individual", ("significant-harm",)),
    ("north-yorkshire", ("immediate-risk",)),
]


@pytest.mark.parametrize(("protocol", "questions"), SAFETY, ids=[each[0].split()[0] for each in SAFETY])
def test_a_safety_question_that_nobody_answered_is_said_and_calls_for_nothing(
    case: Silence, protocol: str, questions: tuple[str, ...]
) -> None:
    said = case.did("2026-11-02 09:00", f"open {protocol} --subject M-1")
    page = case.did("2026-11-02 10:00", "show 1")
    told = case.did("2026-11-02 10:00", "digest --always")
    shown, digest = case.json("2026-11-02 10:00", "show 1"), case.json("2026-11-02 10:00", "digest --always")
    for question in questions:
        assert all(names(question, text) for text in (said, page, told))
        assert question in str(shown["open_questions"])
        assert question in str(digest["open_questions"])
    assert not any(row["standing_action"] for row in shown["deadlines"])
    # Answered, it is not open any more.
    case.did("2026-11-02 11:00", f"set 1 {questions[0]}=no")
    assert questions[0] not in str(case.json("2026-11-02 12:00", "show 1")["open_questions"])


def names(question: str, text: str) -> bool:
    """Whether a text has a question, by its key or in its words."""
    return any(
        words in text.lower()
        for words in (question, question.replace("-", " "), question.replace("allegation", "alleged"))
    )


LATER = one_stage(
    "later",
    """
[[facts]]
key = "grade"
ask = "How grave is it?"
answers = ["red", "amber"]
""",
    """
  [[stages.actions]]
  key = "reply"
  name = "Reply"
  whichever = "later"
  timescales = [
    { within = "2 working days", from = "stage", when = "grade is red", cite = "1.1" },
    { within = "5 working days", from = "stage", when = "grade is not red", cite = "1.1" },
  ]
""",
)
"""The later of two, neither of which is sure to apply."""


def test_the_later_of_two_that_hang_on_one_question_is_until_then_the_earlier(case: Silence) -> None:
    """From Monday 2 November: two working days end with the 4th, five with the 9th."""
    case.write("later", LATER)
    case.play("2026-11-02 09:00 open later --subject M-1")
    assert case.rows("2026-11-03 09:00", "reply") == ["1 at-risk 2026-11-04 ~? grade"]
    case.did("2026-11-03 10:00", "set 1 grade=amber")
    assert case.rows("2026-11-03 11:00", "reply") == ["1 on-track 2026-11-09"]


def test_of_two_targets_that_hang_on_one_question_the_earlier_is_shown(case: Silence) -> None:
    """From Monday 2 November: one working day ends with the 3rd, two with the 4th, four with the 6th."""
    ranges = LATER.replace("2 working days", "1 to 4 working days").replace("5 working days", "2 to 5 working days")
    case.write("later", ranges.replace('  whichever = "later"\n', ""))
    case.play("2026-11-02 09:00 open later --subject M-1")
    (row,) = case.json("2026-11-02 10:00", "show 1")["deadlines"]
    assert (row["target_at"][:10], row["due_at"][:10]) == ("2026-11-03", "2026-11-06")
