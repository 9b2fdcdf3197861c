"""Cases that belong together: each says so of the other, and whoever opens a case is told which open ones may be about the same."""

import json
from pathlib import Path

import pytest

from tests.command_line import Ran
from tests.driver import Office, unit
from tests.sizes import sampled

run = Office(now="2026-11-24T10:00")
did = run.did

SIDES = ("--from", "Trust", "--to", "Council")


def opened(
    folder: Path, subject: str, *more: str, sides: tuple[str, ...] = SIDES, now: str = "2026-11-24T09:00"
) -> Ran:
    ran = run(folder, "open", "hull-east-riding", "--subject", subject, *sides, *more, now=now)
    assert ran.status == 0, ran.stderr
    return ran


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Three siblings, each with an open case between the same two agencies."""
    for number in (1, 2, 3):
        opened(tmp_path, f"M-{number}")
    return tmp_path


def related(folder: Path) -> dict[str, list[str]]:
    """What each case says it belongs together with, on its page as in its document."""
    found = {}
    for each in run.json(folder, "list"):
        ref = each["case"]
        found[ref] = run.json(folder, "show", ref)["related"]
        lines = [line for line in did(folder, "show", ref).splitlines() if line.startswith("Related ")]
        assert [line.removeprefix("Related").strip() for line in lines] == [", ".join(found[ref])] * bool(found[ref])
    return found


def test_both_say_so(desk: Path) -> None:
    said = did(desk, "set", "1", "related=2", "related=E0003")
    assert said.splitlines()[:2] == ["E0001: now known: related=E0002, E0003", "Recorded in E0002 and E0003 as well."]
    assert related(desk) == {"E0001": ["E0002", "E0003"], "E0002": ["E0001"], "E0003": ["E0001"]}
    assert [each["data"]["particulars"] for each in run.json(desk, "log", "2", "--kind", "set")] == [
        {"related": ["E0001"]}
    ]
    assert did(desk, "search", "E0003").startswith("E0001")
    assert did(desk, "export", "csv", "--what", "cases").splitlines()[1].rpartition(",")[2] == '"E0002; E0003"'


@pytest.mark.parametrize(
    ("line", "left"),
    sampled([
        (("set", "1", "related=E0003"), {"E0001": ["E0003"], "E0002": [], "E0003": ["E0001"]}),
        (("set", "1", "related=none"), {"E0001": [], "E0002": [], "E0003": []}),
        (("set", "2", "related=none"), {"E0001": ["E0003"], "E0002": [], "E0003": ["E0001"]}),
        (("undo", "1"), {"E0001": [], "E0002": [], "E0003": []}),
        (("undo", "3"), {"E0001": ["E0002"], "E0002": ["E0001"], "E0003": []}),
        (("set", "3", "related=1", "related=2"), {"E0001": ["E0002", "E0003"], "E0002": ["E0001", "E0003"], "E0003": ["E0001", "E0002"]}),
        (("set", "1", "theme=drift"), {"E0001": ["E0002", "E0003"], "E0002": ["E0001"], "E0003": ["E0001"]}),
    ], 3),
    ids=str,
)  # fmt: skip
def test_both_say_so_no_more(desk: Path, line: tuple[str, ...], left: dict[str, list[str]]) -> None:
    did(desk, "set", "1", "related=2", "related=3")
    did(desk, *line)
    assert related(desk) == left
    assert "are as they were recorded" in did(desk, "verify")


def test_what_is_dropped_is_named(desk: Path) -> None:
    did(desk, "set", "1", "related=2", "related=3")
    assert "No longer related to E0002, which says so too.\n" in did(desk, "set", "1", "related=3")


def test_nothing_is_written_anywhere_in_a_dry_run(desk: Path) -> None:
    did(desk, "set", "1", "related=2", "--dry-run")
    assert related(desk) == {"E0001": [], "E0002": [], "E0003": []}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("set", "1", "related=1"), "E0001 cannot be related to itself: name another case."),
        (("set", "1", "related=E0099"), 'There is no case "E0099".'),
        (("set", "1", "related=2", "related=4"), "E0004 takes nothing but a note, as it was voided"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_recorded_in_neither(desk: Path, line: tuple[str, ...], why: str) -> None:
    opened(desk, "M-4")
    did(desk, "void", "4", "--yes")
    ran = run(desk, *line)
    assert (ran.status, ran.stdout) == (1, "")
    assert why in ran.stderr
    assert set(map(tuple, related(desk).values())) == {()}


def test_a_case_opened_by_mistake_can_be_let_go(desk: Path) -> None:
    did(desk, "set", "1", "related=2", "related=3")
    did(desk, "void", "3", "--yes")
    did(desk, "set", "1", "related=2")
    assert run.json(desk, "show", "1")["related"] == ["E0002"]


# -- a warning when a case is opened

SAME_PERSON = "Open for the same person: {}. If they belong together: escalate set {} {}"
SAME_SIDES = "Open between the same two agencies since the same day: {}. If they belong together: escalate set {} {}"
OTHERS = ("--from", "School", "--to", "Police")


@pytest.mark.parametrize(
    ("subject", "sides", "now", "warning"),
    sampled([
        ("M-1", OTHERS, "2026-11-26T10:00", SAME_PERSON.format("E0001", "E0004", "related=E0001")),
        ("m-1", OTHERS, "2026-11-26T10:00", SAME_PERSON.format("E0001", "E0004", "related=E0001")),
        ("M-9", OTHERS, "2026-11-24T10:00", ""),
        ("M-9", SIDES, "2026-11-25T00:00", ""),
        ("M-9", ("--from", "Trust"), "2026-11-24T10:00", ""),
        ("M-9", SIDES, "2026-11-24T23:59", SAME_SIDES.format("E0003, E0002, E0001", "E0004", "related=E0003 related=E0002 related=E0001")),
        ("M-9", ("--from", "council", "--to", " trust"), "2026-11-24T10:00", SAME_SIDES.format("E0003, E0002, E0001", "E0004", "related=E0003 related=E0002 related=E0001")),
    ], 3),
    ids=str,
)  # fmt: skip
@pytest.mark.file_only
def test_an_open_case_that_may_be_about_the_same_is_told(
    desk: Path, subject: str, sides: tuple[str, ...], now: str, warning: str
) -> None:
    """Never instead of opening it; and what is told is a command that links them."""
    ran = opened(desk, subject, sides=sides, now=now)
    assert ran.stderr == (warning and f"{warning}\n")
    if warning:
        did(desk, *warning.partition(": escalate ")[2].split(), now=now)
        assert run.json(desk, "show", "E0004")["related"] == [
            part.removeprefix("related=") for part in warning.split() if part.startswith("related=")
        ]


def test_both_are_told_and_of_many_three_are_named(desk: Path) -> None:
    opened(desk, "M-4")
    ran = opened(desk, "M-4", "--again", "--json", now="2026-11-24T11:00")
    assert json.loads(ran.stdout)["case"] == "E0005"
    assert ran.stderr.splitlines() == [
        SAME_PERSON.format("E0004", "E0005", "related=E0004"),
        SAME_SIDES.format("E0003, E0002, E0001", "E0005", "related=E0003 related=E0002 related=E0001"),
    ]
    assert opened(desk, "M-7", now="2026-11-24T12:00").stderr.startswith(
        "Open between the same two agencies since the same day: E0005, E0004, E0003, 2 others."
    )


def test_what_is_closed_or_said_already_is_not_told(desk: Path) -> None:
    did(desk, "resolve", "1", "--how", "Agreed")
    did(desk, "withdraw", "2", "--reason", "Moved away")
    assert opened(desk, "M-1", "--fact", "related=3", now="2026-11-24T11:00").stderr == ""
    assert related(desk) == {"E0001": [], "E0002": [], "E0003": ["E0004"], "E0004": ["E0003"]}


def test_in_a_dry_run_no_command_is_given_for_a_case_that_is_not_there(desk: Path) -> None:
    ran = opened(desk, "M-1", "--dry-run", sides=OTHERS, now="2026-11-24T11:00")
    assert ran.stderr == "Open for the same person: E0001.\n"


@pytest.mark.file_only
def test_a_file_taken_over_keeps_its_links_under_the_references_they_get(tmp_path: Path) -> None:
    """The sibling that comes later in the file has its new reference in the first one already; what was linked since is taken as well."""
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    for path, number in ((ours, 2), (theirs, 3)):
        for each in range(number):
            unit.did(
                path, "open", "hull-east-riding", "--subject", f"{path.stem}-{each}", *SIDES, now="2026-11-24T09:00"
            )
    unit.did(theirs, "set", "1", "related=3", now="2026-11-24T10:00")
    unit.did(ours, "merge", str(theirs), now="2026-11-24T11:00")
    taken = {each["subject"]: each["case"] for each in unit.json(ours, "list", now="2026-11-24T11:00")}
    first, second, third = (taken[f"theirs-{each}"] for each in range(3))

    def links(ref: str) -> object:
        return unit.json(ours, "show", ref, now="2026-11-24T14:00")["related"]

    assert (links(first), links(second), links(third)) == ([third], [], [first])
    assert (links("E0001"), links("E0002")) == ([], [])
    unit.did(theirs, "set", "2", "related=1", now="2026-11-24T12:00")
    unit.did(ours, "merge", str(theirs), now="2026-11-24T13:00")
    assert (links(first), links(second), links(third)) == ([third, second], [first], [first])
    assert "are as they were recorded" in unit.did(ours, "verify", now="2026-11-24T14:00")
