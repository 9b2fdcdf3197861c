"""What a filter leaves out of a list is said, so that a short list is no good news by itself."""

import pytest

from tests.silence.case import Silence


@pytest.fixture
def cases(case: Silence) -> Silence:
    """Two cases, in which four deadlines are due: one today, two tomorrow at 09:00, and one the day after."""
    case.play(
        "2026-11-02 09:00 open lincolnshire --subject M-1 --from Police --to Council",
        "2026-11-02 09:00 open hull-east-riding --subject M-2 --from Trust --to Council",
    )
    return case


EARLY = "Monday 2 November 2026 09:10: "


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        ("--overdue", ["Nothing is overdue.", "4 other deadlines are due, and were not asked for."]),
        ("--overdue --limit 1", ["Nothing is overdue.", "4 other deadlines are due, and were not asked for."]),
        ("--at-risk", ["3 deadlines in 2 cases. 0 overdue, 3 at risk, 0 others.", "1 other deadline is due, and was not asked for."]),
        ("--overdue --at-risk --agency trust", ["2 deadlines in 1 case. 0 overdue, 2 at risk, 0 others.", "2 other deadlines are due, and were not asked for."]),
        ("--agency police", ["2 deadlines in 1 case. 0 overdue, 1 at risk, 1 other.", "2 other deadlines are due, and were not asked for."]),
        ("--agency police --overdue", ["Nothing of that is overdue.", "4 other deadlines are due, and were not asked for."]),
        ("--protocol herefordshire", ["Nothing of that is due.", "4 other deadlines are due, and were not asked for."]),
        ("--within '0 working days'", ["0 overdue, 1 at risk, 0 others.", "3 other deadlines are due, and were not asked for."]),
        ("--at-risk --limit 1", ["0 overdue, 1 at risk, 0 others.", "Showing 1 of 3.", "1 other deadline is due, and was not asked for."]),
        ("--limit 1", ["0 overdue, 1 at risk, 0 others.", "Showing 1 of 4."]),
        ("", ["4 deadlines in 2 cases. 0 overdue, 3 at risk, 1 other."]),
    ],
)  # fmt: skip
def test_due_says_what_is_due_beside_what_was_asked_for(cases: Silence, options: str, summary: list[str]) -> None:
    said = cases.did("2026-11-02 09:10", f"due {options}").splitlines()
    begins = next(n for n, line in enumerate(said) if line.startswith(EARLY))
    assert [said[begins].removeprefix(EARLY), *said[begins + 1 :]] == summary


def test_where_nothing_at_all_is_due_that_is_what_is_said(case: Silence) -> None:
    case.play("2026-11-02 09:00 open herefordshire --subject M-1", "2026-11-02 09:05 withdraw 1")
    assert case.did("2026-11-02 09:10", "due --overdue").splitlines() == [f"{EARLY}Nothing is due."]


@pytest.mark.parametrize(
    ("options", "last"),
    [
        ("--stage 3", ["No cases like that.", "2 other cases are there, and were not asked for."]),
        ("--protocol lincolnshire", ["1 other case is there, and was not asked for."]),
        ("--status void", ["No cases like that.", "2 other cases are there, and were not asked for."]),
    ],
)
def test_list_says_how_many_cases_were_not_asked_for(cases: Silence, options: str, last: list[str]) -> None:
    said = cases.did("2026-11-02 09:10", f"list {options}").splitlines()
    assert said[-len(last) :] == last


def test_lists_for_scripts_have_what_was_asked_for_and_no_more(cases: Silence) -> None:
    assert cases.json("2026-11-02 09:10", "due --overdue") == []
    assert cases.json("2026-11-02 09:10", "list --stage 3") == []
