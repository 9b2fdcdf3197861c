"""Who says that something is called for once more is heard, or told why not; and each of several calls can be named (C15)."""

import pytest

from tests.silence.case import Silence

GRADED = """
id = "graded"
title = "Test protocol: what a grade calls for"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }

[[facts]]
key = "grade"
ask = "How grave is it?"
answers = ["red", "amber"]

[[facts]]
key = "plan"
ask = "Is the child on a protection plan?"

[[facts]]
key = "harm"
ask = "May a worker have done harm?"

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
  key = "visit"
  name = "Visit"
  timescales = [
    { within = "24 hours", from = "known", when = "grade is red", cite = "1.1" },
    { within = "10 working days", from = "stage", cite = "1.2" },
  ]

  [[stages.actions]]
  key = "note"
  name = "Note it on the plan"
  when = "plan is yes"
  timescales = [{ within = "5 working days", from = "stage", cite = "1.3" }]

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = []
cite = "2"

[[standing_actions]]
key = "referral"
name = "Refer it"
owner = "Whoever learns of it"
when = "harm is yes"
timescales = [
  { within = "24 hours", from = "known", when = "grade is red", cite = "3" },
  { within = "5 days", from = "known", when = "grade is not red", cite = "3" },
]
"""


@pytest.fixture
def graded(case: Silence) -> Silence:
    case.write("graded", GRADED)
    return case


# -- a grade of after it was done -----------------------------------------------------------------------------------------------


def test_a_grade_that_brings_time_from_knowing_calls_again_for_what_was_done(graded: Silence) -> None:
    graded.play(
        "2026-12-21 09:00 open graded --subject M-1 --fact grade=amber",
        "2026-12-22 09:00 done 1 visit",
    )
    said = graded.did("2026-12-24 15:00", "set 1 grade=red")
    # 24 hours from Christmas Eve 15:00; ten working days from Mon 21 Dec are Thu 7 Jan: 22, 23, 24, 29, 30, 31 Dec, 4 to 7 Jan.
    assert "Called for: visit (stage 1), call 2, due Fri 25 Dec 15:00." in said
    assert graded.rows("2026-12-28 09:00", "visit") == ["1 met 2027-01-07", "2 overdue 2026-12-25 15:00"]
    assert "visit 2 overdue 2026-12-25 15:00" in graded.due("2026-12-28 09:00", "--overdue")


def test_a_first_grade_after_it_was_done_settles_what_was_done(graded: Silence) -> None:
    graded.play("2026-12-21 09:00 open graded --subject M-1", "2026-12-22 09:00 done 1 visit")
    said = graded.did("2026-12-24 15:00", "set 1 grade=red")
    assert "Called for" not in said
    assert graded.rows("2026-12-28 09:00", "visit") == ["1 met 2027-01-07"]


@pytest.mark.parametrize("first", ["", "--fact grade=amber", "--fact grade=red"])
def test_what_is_said_to_be_once_more_is_another_call_whatever_was_said_before(graded: Silence, first: str) -> None:
    graded.play(f"2026-12-21 09:00 open graded --subject M-1 {first}".strip(), "2026-12-21 12:00 done 1 visit")
    said = graded.did("2026-12-24 15:00", "set 1 grade=red --again")
    assert "Called for: visit (stage 1), call 2, due Fri 25 Dec 15:00." in said
    assert graded.rows("2026-12-28 09:00", "visit")[1:] == ["2 overdue 2026-12-25 15:00"]


def test_a_grade_said_once_more_ends_the_open_call_and_calls_for_another(graded: Silence) -> None:
    graded.play("2026-12-21 09:00 open graded --subject M-1 --fact harm=yes --fact grade=red")
    # 24 hours from Mon 21 Dec ran out; by the other grade it would be Sat 26 Dec, which hid that it had.
    said = graded.did("2026-12-23 10:00", "set 1 grade=amber --again")
    assert "referral, call 1, due Tue 22 Dec 09:00." in said
    assert graded.rows("2026-12-24 09:00", "referral") == [
        "1 missed 2026-12-22 09:00, ended 2026-12-23 10:00 by 2",
        "2 at-risk 2026-12-28",
        "3 at-risk 2026-12-28",
    ]


# -- an answer that calls for something, and another that grades it ---------------------------------------------------------------


def test_a_second_yes_under_an_old_grade_counts_from_that_yes(graded: Silence) -> None:
    graded.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact harm=yes --fact grade=red",
        "2026-11-02 15:00 done 1 referral",
    )
    said = graded.did("2026-11-16 09:00", "set 1 harm=yes")
    # 24 hours from Mon 16 Nov 09:00: it was known on the 2nd that it is red, and of this harm only now.
    assert "Called for: referral, call 2, due Tue 17 Nov 09:00." in said
    assert graded.rows("2026-11-16 10:00", "referral") == ["1 met 2026-11-03 09:00", "2 at-risk 2026-11-17 09:00"]
    assert "referral 2 overdue 2026-11-17 09:00" in graded.due("2026-11-17 10:00", "--overdue")


@pytest.mark.parametrize("again", ["", " --again"])
def test_a_yes_after_a_no_under_an_old_grade_counts_from_that_yes(graded: Silence, again: str) -> None:
    graded.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact harm=yes --fact grade=red",
        "2026-11-02 15:00 set 1 harm=no",
        f"2026-11-16 09:00 set 1 harm=yes{again}",
    )
    ceased = "1 ceased 2026-11-03 09:00, ended 2026-11-02 15:00 by 2"
    assert graded.rows("2026-11-16 10:00", "referral") == [ceased, "2 at-risk 2026-11-17 09:00"]


@pytest.mark.parametrize(
    ("first", "then", "due"),
    [
        ("grade=red", "harm=yes", "2026-11-06 09:00"),  # from the 5th: only then is something to be referred
        ("harm=yes", "grade=red", "2026-11-06 09:00"),  # from the 5th: only then are 24 hours the time
        ("grade=amber", "harm=yes", "2026-11-10"),
    ],
)
def test_time_counts_from_when_both_are_known_whichever_is_said_first(
    graded: Silence, first: str, then: str, due: str
) -> None:
    graded.play(
        "2026-11-02 09:00 open graded --subject M-1",
        f"2026-11-03 09:00 set 1 {first}",
        f"2026-11-05 09:00 set 1 {then}",
    )
    assert graded.rows("2026-11-05 10:00", "referral")[-1].split(maxsplit=2)[2] == due


def test_a_grade_of_after_the_second_yes_counts_from_itself(graded: Silence) -> None:
    graded.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact harm=yes --fact grade=red",
        "2026-11-02 15:00 done 1 referral",
        "2026-11-16 09:00 set 1 harm=yes",
        "2026-11-16 12:00 set 1 grade=amber",
        "2026-11-16 18:00 set 1 grade=red",
    )
    assert graded.rows("2026-11-16 19:00", "referral")[-1] == "4 at-risk 2026-11-17 18:00"


BOTH = GRADED.replace(
    """  timescales = [{ within = "5 working days", from = "stage", cite = "1.3" }]""",
    """  timescales = [{ within = "24 hours", from = "known", when = "grade is red", cite = "1.3" }]""",
).replace(
    """    { within = "10 working days", from = "stage", cite = "1.2" },""",
    """    { within = "48 hours", from = "known", when = "grade is amber", cite = "1.2" },""",
)


def test_so_it_is_with_what_a_stage_calls_for(case: Silence) -> None:
    case.write("graded", BOTH)
    case.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact plan=yes --fact grade=red",
        "2026-11-02 15:00 done 1 note",
        "2026-11-16 09:00 set 1 plan=yes",
    )
    assert case.rows("2026-11-16 10:00", "note") == ["1 met 2026-11-03 09:00", "2 at-risk 2026-11-17 09:00"]


def test_what_was_called_for_once_more_and_graded_anew_counts_from_the_new_grade(case: Silence) -> None:
    case.write("graded", BOTH)
    case.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact grade=red",
        "2026-11-02 15:00 done 1 visit",
        "2026-11-16 09:00 set 1 grade=red --again",
        "2026-11-16 12:00 set 1 grade=amber",
    )
    # 48 hours from Mon 16 Nov 12:00, when it became known that those are the time.
    assert case.rows("2026-11-16 13:00", "visit")[-1] == "3 on-track 2026-11-18 12:00"


def test_what_is_done_again_and_again_is_not_overdue_at_once_when_it_is_called_for_anew(case: Silence) -> None:
    stages, at_any_stage = GRADED.split("[[standing_actions]]")
    case.write("graded", f"{stages}[[standing_actions]]{at_any_stage.replace('within', 'every')}")
    case.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact harm=yes --fact grade=red",
        "2026-11-02 15:00 done 1 referral",
        "2026-11-03 09:00 set 1 harm=no",
        "2026-11-16 09:00 set 1 harm=yes",
    )
    assert "referral 3 at-risk 2026-11-17 09:00" in case.due("2026-11-16 10:00")


def test_a_letter_that_came_before_the_stage_was_left_is_to_be_answered_though_it_is_told_later(case: Silence) -> None:
    letter = '[[moments]]\nkey = "letter"\nask = "When is the letter dated?"\n\n[[routes]]'
    answer = '  [[stages.actions]]\n  key = "answer"\n  name = "Answer the letter"\n  timescales = [{ within = "3 working days", from = "letter", failing_that = "stage", cite = "1.4" }]\n\n[[stages]]\nkey = "2"'
    case.write("graded", GRADED.replace("[[routes]]", letter).replace('[[stages]]\nkey = "2"', answer))
    case.play(
        "2026-11-02 09:00 open graded --subject M-1",
        "2026-11-03 09:00 done 1 answer",
        "2026-11-04 12:00 set 1 letter='2026-11-04 10:00'",
        "2026-11-05 09:00 advance 1",
        "2026-11-09 09:00 set 1 letter='2026-11-04 11:00'",
    )
    # Another letter of Wed 4 Nov, when the case was at that stage: three working days are 5, 6 and 9 Nov.
    assert case.rows("2026-11-10 09:00", "answer")[-1] == "2 overdue 2026-11-09"


# -- what a stage has of its own ------------------------------------------------------------------------------------------------

ONCE = "called for again only after a no, or when the case comes"


@pytest.mark.parametrize("is_done", [True, False])
def test_a_stages_own_action_said_to_be_once_more_is_refused_in_a_sentence(graded: Silence, is_done: bool) -> None:
    graded.play("2026-11-02 09:00 open graded --subject M-1 --fact plan=yes")
    if is_done:
        graded.did("2026-11-03 09:00", "done 1 note")
    said = graded.refused("2026-11-04 09:00", "set 1 plan=yes --again")
    assert f"note (stage 1) is {ONCE} there another time. Nothing was recorded." in said
    # What the sentence says is possible.
    graded.play("2026-11-04 10:00 set 1 plan=no", "2026-11-04 11:00 set 1 plan=yes")
    first = "1 met 2026-11-09" if is_done else "1 ceased 2026-11-09, ended 2026-11-04 10:00 by 2"
    assert graded.rows("2026-11-04 12:00", "note") == [first, "2 on-track 2026-11-09"]


def test_what_is_not_called_for_once_more_is_said_beside_what_is(graded: Silence) -> None:
    graded.play("2026-11-02 09:00 open graded --subject M-1 --fact plan=yes", "2026-11-03 09:00 done 1 note")
    line = "set 1 plan=yes harm=yes --again"
    said = graded.did("2026-11-04 09:00", line)
    told = f"Not called for again: note (stage 1). What belongs to a stage is {ONCE} there another time."
    assert told in said
    assert "Called for: referral" in said
    ran = graded.office(graded.path, *line.split(), "--json", now="2026-11-04 10:00")
    assert (ran.status, ran.stderr) == (0, f"{told}\n")
    assert graded.rows("2026-11-05 09:00", "note") == ["1 met 2026-11-09"]
    assert len(graded.rows("2026-11-05 09:00", "referral")) == 2


def test_what_is_not_called_for_because_the_case_is_withdrawn_is_said(graded: Silence) -> None:
    graded.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact grade=red",
        "2026-11-02 10:00 done 1 visit",
        "2026-11-03 09:00 withdraw 1",
    )
    said = graded.did("2026-11-04 09:00", "set 1 grade=red --again")
    assert "Not called for as long as E0001 is withdrawn: visit (stage 1)." in said
    assert "visit (stage 1), call 2, due Thu 5 Nov 09:00" in graded.did("2026-11-04 10:00", "reopen 1")


# -- several calls that one entry began ---------------------------------------------------------------------------------------

TWO = (
    "2026-11-02 09:00 open graded --subject M-1 --fact harm=yes --fact grade=red",
    "2026-11-02 10:00 set 1 harm=yes --again",
    "2026-11-02 11:00 set 1 grade=amber",  # both calls go on by the new grade from here: 5 days from each yes that began them
)


def test_of_several_calls_that_one_entry_began_each_can_be_named(graded: Silence) -> None:
    graded.play(*TWO)
    assert graded.rows("2026-11-02 12:00", "referral") == [
        "1 ceased 2026-11-03 09:00, ended 2026-11-02 11:00 by 3",
        "2 ceased 2026-11-03 10:00, ended 2026-11-02 11:00 by 3",
        "3 on-track 2026-11-07",
        "4 on-track 2026-11-07",
    ]
    graded.did("2026-11-02 12:00", "agree 1 '2026-11-04 12:00' --action referral --call 3")
    graded.did("2026-11-02 12:10", "agree 1 '2026-11-05 12:00' --action referral --call 4")
    said = graded.did("2026-11-02 13:00", "done 1 referral --call 4")
    assert "Met: referral, call 4, due Thu 5 Nov 12:00." in said
    assert "Call 3 of referral is still open, due Wed 4 Nov 12:00." in said
    # The numbers stay as they were, whichever is done.
    assert graded.rows("2026-11-02 14:00", "referral")[2:] == ["3 on-track 2026-11-04 12:00", "4 met 2026-11-05 12:00"]
    assert "already" in graded.refused("2026-11-02 14:00", "done 1 referral --call 4")
    assert "called for first by entry 2" in graded.did("2026-11-02 14:00", "log 1")


def test_what_was_done_for_one_of_several_stays_with_it_when_they_go_on_once_more(graded: Silence) -> None:
    graded.play(
        *TWO,
        "2026-11-02 12:00 done 1 referral --call 4 --at '2026-11-02 11:30'",
        "2026-11-02 13:00 set 1 grade=red --at '2026-11-02 11:20'",
    )
    # From 11:20 on it was red once more: what was done at 11:30 is of the later call, whatever its number is by then.
    assert graded.rows("2026-11-02 14:00", "referral")[-2:] == ["5 at-risk 2026-11-03 11:20", "6 met 2026-11-03 11:20"]


def test_a_change_says_which_call_goes_on_as_which(graded: Silence) -> None:
    *before, last = TWO
    graded.play(*before)
    said = graded.did(last[:16], last[17:])
    assert "referral, call 3, due Sat 7 Nov, in place of call 1" in said
    assert "referral, call 4, due Sat 7 Nov, in place of call 2" in said


# -- what was done twice, and a case that was withdrawn -----------------------------------------------------------------------


def test_the_next_step_of_a_stage_that_was_ended_twice_is_owed_once_the_case_is_reopened(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --stage 1 --fact protection-plan=no --fact looked-after=no",
        "2026-11-05 09:00 done 1 resolve",
        "2026-11-05 10:00 withdraw 1 --at '2026-11-04 09:00'",
        "2026-11-05 11:00 done 1 resolve --at '2026-11-03 09:00'",
        "2026-11-06 09:00 reopen 1",
    )
    # Done on Tue 3 Nov, withdrawn on Wed, done once more on Thu, taken up on Fri: it has to go up, or be resolved.
    assert case.due("2026-11-06 10:00") == ["next-step 1 undated no date"]


def test_what_waits_for_another_to_run_out_was_never_there_if_that_was_called_for_only_later(case: Silence) -> None:
    case.write(
        "waits",
        GRADED.replace('id = "graded"', 'id = "waits"').replace(
            '[[stages]]\nkey = "2"',
            '  [[stages.actions]]\n  key = "chase"\n  name = "Chase it"\n'
            '  timescales = [{ within = "24 hours", from = "note overdue", cite = "1.4" }]\n\n[[stages]]\nkey = "2"',
        ),
    )
    case.play(
        "2026-11-02 09:00 open waits --subject M-1 --fact plan=no",
        "2026-11-16 09:00 withdraw 1",
        "2026-11-17 09:00 reopen 1",
        "2026-11-18 09:00 set 1 plan=yes",
    )
    # Five working days from Mon 2 Nov are over; the note was not called for when the case was withdrawn, so nothing was to be chased then.
    assert case.rows("2026-11-18 10:00", "chase") == ["1 overdue 2026-11-10 ~"]


def test_a_yes_from_when_its_call_was_open_is_the_same_call_and_said_to_be_though_that_is_done(case: Silence) -> None:
    # 24 hours from Sat 27 Mar 2027 16:00, while the clocks go forward: Sun 28 Mar 17:00.
    case.play(
        "2027-03-27 16:00 open herefordshire --subject M-1 --fact allegation=yes",
        "2027-03-28 17:30 done 1 lado-referral --at '2027-03-28 16:30'",
    )
    said = case.did("2027-03-28 17:40", "set 1 allegation=yes --at '2027-03-27 20:00'")
    told = "lado-referral was called for already on Sat 27 Mar 2027 16:00, and was not done by then. That is the same call: add --again"
    assert told in said
    assert case.rows("2027-03-28 18:00", "lado-referral") == ["1 met 2027-03-28 17:00"]
    assert "call 2, due Sun 28 Mar 21:00" in case.did(
        "2027-03-28 18:10", "set 1 allegation=yes --again --at '2027-03-27 20:00'"
    )


def test_a_yes_from_before_the_one_that_was_done_is_a_call_of_its_own_and_not_said_to_be_the_same(
    case: Silence,
) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1",
        "2026-11-09 09:00 set 1 allegation=yes",
        "2026-11-09 15:00 done 1 lado-referral",
    )
    assert "same call" not in case.did("2026-11-10 09:00", "set 1 allegation=yes --at '2026-11-04 09:00'")


LATER = """
id = "later"
title = "Test protocol: what waits for a stage that comes later"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }

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

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = []
cite = "2"

  [[stages.actions]]
  key = "reply"
  name = "Reply"
  timescales = [{ within = "2 working days", from = "stage", cite = "2.1" }]

[[after_resolution]]
key = "complaint"
name = "Complain that nobody replied"
timescales = [{ within = "5 days", from = "reply overdue", cite = "3" }]
"""


def test_what_ended_before_the_case_came_to_the_stage_it_waits_for_stays(case: Silence) -> None:
    case.write("later", LATER)
    case.play(
        "2026-11-02 09:00 open later --subject M-1",
        "2026-11-03 09:00 resolve 1",
        "2026-11-04 09:00 reopen 1",
    )
    ceased = "1 ceased no date, ended 2026-11-04 09:00 by 3"
    assert case.rows("2026-11-04 10:00", "complaint") == [ceased]
    case.did("2026-11-05 09:00", "advance 1")
    # What is to be replied to from Thu 5 Nov on says nothing of what had ended the day before.
    assert case.rows("2026-11-05 10:00", "complaint") == [ceased]
    assert case.rows("2026-11-10 10:00", "complaint") == [ceased]
