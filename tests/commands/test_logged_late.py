"""Something that happened before its stage was logged: at a terminal the stage is recorded first, elsewhere the sentence says what to type."""

import json
from pathlib import Path

import pytest

from tests.driver import Office
from tests.sizes import sampled
from tests.terminal import at_terminal

run = Office(now="2026-11-24T10:00", by="unit")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A case that went up to stage 1 on Friday, as was logged that day at ten."""
    found = tmp_path / "cases.db"
    run.did(
        found, "open", "herefordshire", "--subject", "M-1", "--from", "A", "--to", "B",
        "--fact", "protection-plan=yes", "--fact", "immediate-risk=no", "--at", "2026-11-19 09:00",
    )  # fmt: skip
    run.did(found, "advance", "1", "--at", "2026-11-20 10:00")
    return found


def answered(path: Path, answers: str, *line: str, status: int = 0) -> str:
    ended, shown = at_terminal(*line, environment=run.surroundings(path), answers=answers)
    assert ended == status, shown
    return " ".join(shown.split())


def history(path: Path) -> list[tuple[str, str]]:
    return [(each["kind"], each["at"][:16]) for each in run.json(path, "log", "1")]


DONE = ("done", "1", "iro-notified", "--at", "2026-11-20 09:30")
ADVANCED_LATE = ("advance", "1", "--to", "2", "--at", "2026-11-20 09:30", "--again")
OF_STAGE_2 = ("done", "1", "template-sent", "--at", "2026-11-23 15:00")
OPENING, UP = ("opened", "2026-11-19T09:00"), ("advanced", "2026-11-20T10:00")


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("line", "answers", "asked", "recorded"),
    sampled([
        (DONE, "\n", "Entry 2 happened earlier, then: when?", [("corrected", "2026-11-24T10:00"), ("done", "2026-11-20T09:30")]),
        (DONE, "20 Nov 2026 11:00\n20 Nov 2026 09:00\n", "is after Friday 20 November 2026 09:30", [("corrected", "2026-11-24T10:00"), ("done", "2026-11-20T09:30")]),
        (DONE, "n\n", "Nothing was written.", []),
        (ADVANCED_LATE, "\n", "is before E0001 reached stage 1", [("corrected", "2026-11-24T10:00"), ("advanced", "2026-11-20T09:30")]),
        (("note", "1", "Rang", "--at", "2026-11-18 09:00"), "\n", "is before E0001 was raised", [("corrected", "2026-11-24T10:00"), ("noted", "2026-11-18T09:00")]),
        (OF_STAGE_2, "\n", "The case came to stage 2 before that, then: when?", [("advanced", "2026-11-23T15:00"), ("done", "2026-11-23T15:00")]),
        (OF_STAGE_2, "no\n", "Nothing was written.", []),
    ], 3),
)  # fmt: skip
def test_at_a_terminal_the_stage_is_recorded_first(
    path: Path, line: tuple[str, ...], answers: str, asked: str, recorded: list[tuple[str, str]]
) -> None:
    before = history(path)
    assert asked in answered(path, answers, *line)
    assert history(path)[len(before) :] == recorded
    run.did(path, "verify")


@pytest.mark.terminal
def test_the_time_that_is_given_is_the_one_that_holds(path: Path) -> None:
    answered(path, "20 Nov 2026 09:00\n", *DONE)
    assert "2026-11-20T09:00" in json.dumps(run.json(path, "log", "1")[2])


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (DONE, "If that is wrong, escalate undo E0001 --entry 2 --at WHEN corrects it."),
        (OF_STAGE_2, "template-sent belongs to stage 2, and E0001 is at stage 1: if it came there, record that first, with escalate advance E0001 --to 2 --at WHEN."),
    ],
)  # fmt: skip
def test_elsewhere_it_says_what_to_type(path: Path, line: tuple[str, ...], said: str, as_json: tuple[str, ...]) -> None:
    before = history(path)
    ran = run(path, *line, *as_json)
    assert (ran.status, ran.stdout, said in ran.stderr, history(path)) == (1, "", True, before)


def test_what_it_says_to_type_is_taken(path: Path) -> None:
    run.did(path, "undo", "E0001", "--entry", "2", "--at", "2026-11-20 09:00")
    run.did(path, *DONE)
    run.did(path, "advance", "E0001", "--to", "2", "--at", "2026-11-23 14:00")
    run.did(path, *OF_STAGE_2)
    assert "template-sent" in json.dumps(run.json(path, "log", "1"))
