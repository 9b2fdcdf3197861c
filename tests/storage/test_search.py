"""Finding cases: by what was written in them, by themes and sides, by filters; and a case's log by its entries."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.driver import Office
from tests.sizes import sampled

NOW = "2026-11-23T10:00"


run = Office(now=NOW)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four cases: on step-down, on a naïve plan, on housing, and one with a name."""
    path = tmp_path_factory.mktemp("search") / "cases.db"
    for now, *arguments in (
        ("2026-10-01T09:00", "open", "herefordshire", "--subject", "M-1", "--about", "Step-down to child in need is not safe"),
        ("2026-10-01T09:05", "set", "1", "theme=drift", "theme=Moving house", "level-current=Level 3", "desired-outcome=Stay on plan"),
        ("2026-10-02T09:00", "note", "1", "The plan was called naïve, and then unsafe"),
        ("2026-10-03T09:00", "resolve", "1", "--how", "Joint visit", "--lessons", "Ring before writing"),
        ("2026-11-02T09:00", "open", "lincolnshire", "--from", "Lincolnshire Police", "--fact", "theme=roles"),
        ("2026-11-02T10:00", "note", "2", "Housing was asked, the child was not in need of it"),
        ("2026-11-02T11:00", "advance", "2"),
        ("2026-11-03T09:00", "note", "2", "Visit agreed with police", "--at", "2 Nov 2026 10:30"),
        ("2026-11-20T09:00", "open", "lincolnshire", "--subject", "L-9"),
        ("2026-11-20T09:10", "set", "3", "name=Ada Canary"),
        ("2026-11-20T09:20", "note", "3", 'A "quoted" OR AND NOT note(*) with % and _ in it: ^caret'),
    ):  # fmt: skip
        assert run(path, *arguments, now=now).status == 0
    return path


def found(path: Path, *arguments: str) -> list[str]:
    return [each["case"] for each in document(path, "search", *arguments)]


def document(path: Path, *arguments: str) -> Any:
    ran = run(path, *arguments, "--json")
    assert (ran.status, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


SEARCHES = [
    (["step-down"], ["E0001"]),
    (["STEP", "visit"], ["E0001"]),  # each somewhere in the case
    (["child in need"], ["E0001"]),  # together
    (["need child"], []),
    (["child", "need"], ["E0002", "E0001"]),  # the newest first
    (["hous"], ["E0002", "E0001"]),  # the beginning of a word: in a note, and in a theme of one's own
    (["ousing"], []),
    (["naive"], ["E0001"]),  # whatever its accents
    (["drift"], ["E0001"]),
    (["roles"], ["E0002"]),
    (["level 3"], ["E0001"]),
    (["ring", "joint", "stay"], ["E0001"]),
    (["lincolnshire police"], ["E0002"]),
    (["L-9"], ["E0003"]),
    (["ada"], []),
    (["ada", "--identify"], ["E0003"]),
    (['"quoted" OR'], ["E0003"]),
    (["note(*)"], ["E0003"]),
    (["^caret"], ["E0003"]),
    (["NOT"], ["E0003", "E0002", "E0001"]),  # a word like any other
    (["content:note"], []),
    (["--limit", "1", "child"], ["E0002"]),
    (["–²"], []),
]


@pytest.mark.parametrize(("arguments", "expected"), sampled(SEARCHES, 3), ids=str)
def test_search_finds_words_wherever_they_stand_in_a_case(
    cases: Path, arguments: list[str], expected: list[str]
) -> None:
    assert found(cases, *arguments) == expected


def test_search_says_in_which_entry_and_where(cases: Path) -> None:
    passages = document(cases, "search", "plan")[0]["found"]
    assert [(each["entry"], each["field"]) for each in passages] == [(2, "desired-outcome"), (3, "text")]
    page = run(cases, "search", "plan", "step").stdout
    assert page.splitlines() == [
        "E0001  resolved  stage 0  herefordshire  M-1",
        "  entry 1, about: Step-down to child in need is not safe",
        "  entry 2, desired-outcome: Stay on plan",
        "  entry 3, note: The plan was called naïve, and then unsafe",
    ]


def test_nothing_found_is_said_to_be_nothing(cases: Path) -> None:
    ran = run(cases, "search", "zebra")
    assert (ran.status, ran.stdout) == (0, "Nothing was found; names are looked at with --identify.\n")
    assert run(cases, "search", "zebra", "--limit", "2", "--json").stdout == "[]\n"


def test_a_search_for_no_word_at_all_is_refused(cases: Path) -> None:
    ran = run(cases, "search", "plan", "%*")
    assert (ran.status, ran.stderr) == (2, 'There is nothing to search for in "%*": give a word, or its beginning.\n')


def test_search_finds_what_was_taken_back_too(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    for arguments in (["open", "lincolnshire", "--about", "Thresholds"], ["note", "1", "a zebra"], ["undo", "1"]):
        run(path, *arguments)
    assert found(path, "zebra") == ["E0001"]
    assert "entry 2, note (taken back): a zebra" in run(path, "search", "zebra").stdout


LISTS = [
    ([], ["E0003", "E0002", "E0001"]),
    (["--theme", "house"], ["E0001"]),
    (["--theme", "ROLES"], ["E0002"]),
    (["--stage", "2"], ["E0002"]),
    (["--since", "2 Nov 2026"], ["E0003", "E0002"]),
    (["--since", "2 Nov 2026 09:01"], ["E0003"]),
    (["--since", "1 Oct 2026", "--status", "resolved"], ["E0001"]),
    (["--as-of", "2026-11-19T10:00"], ["E0002", "E0001"]),
    (["--as-of", "2026-10-02T10:00", "--status", "open"], ["E0001"]),
    (["--as-of", "2026-09-02T10:00"], []),
]


@pytest.mark.parametrize(("filters", "expected"), LISTS, ids=str)
def test_list_shows_the_cases_asked_for(cases: Path, filters: list[str], expected: list[str]) -> None:
    ran = run(cases, "list", *filters, "--json")
    assert [each["case"] for each in json.loads(ran.stdout)] == expected


LOGS = [
    ([], [1, 2, 3, 4]),
    (["--kind", "noted"], [2, 4]),
    (["--kind", "noted", "--kind", "advanced"], [2, 3, 4]),
    (["--since", "2 Nov 2026 10:30"], [3, 4]),
    (["--since", "2 Nov 2026 10:31"], [3]),  # by when it happened, not when it was written down
    (["--by", "TEST"], [1, 2, 3, 4]),
    (["--by", "nobody"], []),
    (["--as-of", "2026-11-02T10:30"], [1, 2]),
]


@pytest.mark.parametrize(("filters", "expected"), LOGS, ids=str)
def test_log_shows_the_entries_asked_for(cases: Path, filters: list[str], expected: list[int]) -> None:
    ran = run(cases, "log", "2", *filters, "--json")
    assert [each["entry"] for each in json.loads(ran.stdout)] == expected
    assert ("#  Happened" if expected else "No such entries among the 4 of E0002.") in run(
        cases, "log", "2", *filters
    ).stdout


def test_a_kind_of_entry_that_there_is_not_is_refused(cases: Path) -> None:
    ran = run(cases, "log", "2", "--kind", "note")
    assert (ran.status, ran.stdout) == (2, "")
    assert '"note" is not a kind of entry' in ran.stderr


def test_what_a_case_was_about_is_kept_and_shown(cases: Path) -> None:
    case = document(cases, "show", "1")
    assert {key: case[key] for key in ("about", "themes", "level_current", "level_perceived", "desired_outcome", "how", "lessons")} == {
        "about": "Step-down to child in need is not safe", "themes": ["drift", "Moving house"], "level_current": "Level 3",
        "level_perceived": None, "desired_outcome": "Stay on plan", "how": "Joint visit", "lessons": "Ring before writing",
    }  # fmt: skip
    page = run(cases, "show", "1").stdout
    for line in ("Themes                 Drift or delay; Moving house", "How it was resolved    Joint visit"):
        assert line in page


def test_themes_are_known_anew_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    run(
        path,
        "open",
        "herefordshire",
        "--about",
        "Thresholds",
        "--fact",
        "theme=drift",
        "--fact",
        "theme=Drift or DELAY",
        "--fact",
        "theme=plan",
    )
    assert document(path, "show", "1")["themes"] == ["drift", "plan"]
    assert document(path, "set", "1", "theme=information")["themes"] == ["information-sharing"]
    assert document(path, "undo", "1")["themes"] == ["drift", "plan"]
    assert document(path, "set", "1", "theme=none")["themes"] == []


def test_how_it_was_resolved_is_forgotten_by_the_page_when_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    run(path, "open", "herefordshire", "--about", "Thresholds")
    assert document(path, "resolve", "1", "--how", "A visit", "--lessons", "Ring")["how"] == "A visit"
    reopened = document(path, "reopen", "1")
    assert (reopened["how"], reopened["lessons"]) == (None, "Ring")
    assert document(path, "resolve", "1")["how"] is None
