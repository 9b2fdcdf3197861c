"""A date that was agreed and ran out stays overdue when other timescales come that change no date of the protocol's (C15)."""

import pytest

from tests.silence.case import Silence, one_stage

GRADED = one_stage(
    "graded",
    """
[[facts]]
key = "grade"
ask = "How grave is it?"
answers = ["red", "amber", "green"]

[[moments]]
key = "letter"
ask = "When did the letter come?"
""",
    """
  [[stages.actions]]
  key = "meet"
  name = "Meet"
  timescales = [
    { within = "2 working days", from = "known", when = "grade is red", cite = "1.1" },
    { within = "3 working days", from = "letter", when = "grade is amber", cite = "1.1" },
    { within = "5 working days", from = "letter", when = "grade is green", cite = "1.1" },
  ]
""",
)


@pytest.fixture
def graded(case: Silence) -> Silence:
    case.write("graded", GRADED)
    case.play(
        "2026-11-02 09:00 open graded --subject M-1 --fact grade=amber",
        "2026-11-02 10:00 agree 1 '5 Nov 2026' --action meet",
    )
    return case


def test_it_is_overdue_before_and_after(graded: Silence) -> None:
    assert graded.due("2026-11-09 09:00") == ["meet 1 overdue 2026-11-05"]
    said = graded.did("2026-11-09 10:00", "set 1 grade=green")
    assert "Missed" not in said
    assert graded.due("2026-11-09 11:00") == ["meet 1 overdue 2026-11-05"]
    assert graded.rows("2026-11-09 11:00", "meet") == ["1 overdue 2026-11-05"]


def test_a_date_of_the_protocols_own_makes_another_call(graded: Silence) -> None:
    """Red from Mon 9 Nov 10:00: two working days are Wed 11 Nov."""
    said = graded.did("2026-11-09 10:00", "set 1 grade=red")
    assert "meet (stage 1)" in said
    assert graded.rows("2026-11-09 11:00", "meet") == [
        "1 missed 2026-11-05, ended 2026-11-09 10:00 by 3",
        "2 on-track 2026-11-11",
    ]


def test_it_goes_on_over_several_grades_and_is_met_late(graded: Silence) -> None:
    for day, grade in (("09", "green"), ("10", "amber"), ("11", "green")):
        graded.did(f"2026-11-{day} 10:00", f"set 1 grade={grade}")
    assert graded.rows("2026-11-11 11:00", "meet") == ["1 overdue 2026-11-05"]
    graded.did("2026-11-12 09:00", "done 1 meet")
    assert graded.rows("2026-11-12 11:00", "meet") == ["1 met-late 2026-11-05"]


def test_a_date_agreed_after_the_new_grade_is_the_deadline(graded: Silence) -> None:
    graded.did("2026-11-09 10:00", "set 1 grade=green")
    graded.did("2026-11-09 12:00", "agree 1 '13 Nov 2026' --action meet")
    assert graded.rows("2026-11-10 11:00", "meet")[-1] == "1 on-track 2026-11-13"
