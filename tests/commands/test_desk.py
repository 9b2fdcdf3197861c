"""What is due as a desk reads it: a block for each case, as wide as the terminal, in a pager where it is long."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tests.command_line import LONGEST, command
from tests.driver import Office
from tests.terminal import at_terminal

run = Office()
NOW = "2026-11-30T10:30"
LONG = ("Northern Lincolnshire and Goole NHS Foundation Trust", "St Mary's Church of England Primary School")
OPENED = [
    # protocol, when, what happened then
    ("hull-east-riding", "2026-11-24T10:30", ("advance", "1")),
    ("north-east-lincolnshire", "2026-11-27T07:30", ("advance", "2")),
    ("herefordshire", "2026-11-10T10:30", ("set", "3", "immediate-risk=yes")),
    ("lincolnshire", "2026-11-26T09:00", ("agree", "4", "Wed 2 Dec 12:00")),
    ("north-yorkshire", "2026-11-27T07:30", ("note", "5", "x")),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case under each protocol, between two agencies with long names."""
    found = tmp_path_factory.mktemp("desk") / "cases.db"
    for number, (protocol, when, then) in enumerate(OPENED):
        words = ("open", protocol, "--subject", f"M-{number}", "--from", LONG[0], "--to", LONG[1])
        run.did(found, *words, now=when)
        run.did(found, *then, now="2026-11-28T09:00")
    return found


def blocks(page: str) -> dict[str, list[str]]:
    """The lines of each block, by the reference of its case."""
    found: dict[str, list[str]] = {}
    block: list[str] | None = None
    for line in page.splitlines():
        if line.startswith("E0"):
            block = found.setdefault(line.split()[0], [])
        elif not line or not line.startswith((" ", "M-")):
            block = None
        if block is not None:
            block.append(line)
    return found


@pytest.mark.parametrize("columns", [71, 80, 100, 160, 200])
def test_a_case_is_a_block_of_three_lines_with_both_agencies(path: Path, columns: int) -> None:
    page = run.did(path, "due", now=NOW, COLUMNS=str(columns))
    assert max(map(len, page.splitlines())) <= columns
    found = blocks(page)
    assert sorted(found) == ["E0001", "E0002", "E0003", "E0004", "E0005"]
    for lines in found.values():
        assert len(lines) == 3
        said = " ".join(lines)
        assert "stage " in said
        assert "[" in lines[1]  # what is typed after `done`
        assert " to " in lines[2]
        assert "North" in lines[2]
        assert "St" in lines[2]


def test_a_block_says_when_whose_turn_it_is_and_between_whom(path: Path) -> None:
    found = blocks(run.did(path, "due", now=NOW, COLUMNS="170"))
    assert found["E0001"] == [
        "E0001  due Wed 25 Nov 10:30, 5 days late; stage 2, hull-east-riding (Line manager to line manager)",
        "M-0    The practitioner raising the issue: Discuss the issue with the other agency [discussion (stage 1)]",
        f"       {LONG[0]} to {LONG[1]}; also response (overdue), resolve (overdue)",
    ]


def test_safety_comes_first_and_what_else_is_overdue_is_counted_with_it(path: Path) -> None:
    page = run.did(path, "due", now=NOW, COLUMNS="200")
    assert page.startswith("Safety first (1 case)\nE0003 ")
    assert "(overdue)" in " ".join(blocks(page)["E0003"])


def test_what_headings_count_and_what_the_last_line_counts_add_up(path: Path, tmp_path: Path) -> None:
    page = run.did(path, "due", now=NOW, COLUMNS="200").splitlines()
    rows = run.json(path, "due", now=NOW)
    cases = sum(int(found[1]) for line in page if (found := re.search(r"\((\d+) cases?\)$", line)))
    assert cases == len({row["case"] for row in rows})
    counted, _, parts = page[-1].partition(": ")[2].partition(". ")
    assert counted == f"{len(rows)} deadlines in {cases} cases"
    assert sum(int(number) for number in re.findall(r"(?:^|, )(\d+)", re.sub(r"\([^)]*\)", "", parts))) == len(rows)
    run.did(tmp_path / "one.db", "open", "herefordshire", "--subject", "M-1", now=NOW)
    assert run.did(tmp_path / "one.db", "due", now=NOW).splitlines()[-1].partition(": ")[2].startswith("0 overdue")


def test_what_is_due_on_the_day_says_so_once(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "lincolnshire", "--subject", "M-1", now=NOW)
    for line in ("due", "due --duties", "show 1", "digest", "done --dry-run 1 discussion", "note 1 x"):
        page = run.did(tmp_path, *line.split(), now=NOW)
        assert "due today" not in page
    assert "due Mon 30 Nov, today; act by" in run.did(tmp_path, "note", "1", "x", now=NOW).replace(
        "; stage 1, lincolnshire", ""
    )


def test_safety_duties_alone_are_never_called_none_overdue(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "herefordshire", "--subject", "M-1", "--fact", "immediate-risk=yes", now=NOW)
    summary = run.did(tmp_path, "due", now=NOW).splitlines()[-1]
    assert "safety first" in summary
    assert "0 overdue" not in summary
    late = run.did(tmp_path, "due", now="2026-12-02T10:00").splitlines()[-1]
    assert "overdue (" in late
    assert "0 overdue" not in late


@pytest.mark.parametrize("line", ["due", "due --duties", "list"])
@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_breaks_no_word(path: Path, line: str, columns: int) -> None:
    narrow = run.did(path, *line.split(), now=NOW, COLUMNS=str(columns))
    assert max(map(len, narrow.splitlines())) <= columns
    whole = [run.did(path, *words.split(), now=NOW, COLUMNS="400") for words in ("due", "due --duties", "list")]
    known = {word.strip(MARKS) for page in whole for word in page.split()} | {"raised", "next", "due", "act"}
    assert {word for word in (each.strip(MARKS) for each in narrow.split()) if word not in known} == set()


MARKS = "[]():;,."


@pytest.mark.parametrize(("line", "are_shown"), [((), False), (("--duties",), True)])
def test_a_mark_is_told_where_it_stands(tmp_path: Path, line: tuple[str, ...], are_shown: bool) -> None:
    path = tmp_path / "cases.db"
    run.did(path, "open", "lincolnshire", "--subject", "M-1", now=NOW)
    page = run.did(path, "due", *line, now=NOW)
    assert ("~Wed 2 Dec" in page, "~ provisional" in page) == (are_shown, are_shown)


def test_every_duty_is_listed_where_that_is_asked_for(path: Path) -> None:
    listed = run.did(path, "due", "--duties", now=NOW, COLUMNS="200")
    for row in run.json(path, "due", now=NOW):
        assert row["action"] in listed
        assert " ".join(row["action_name"].split()[:3]) in listed


def test_a_list_of_cases_says_what_is_due_next(path: Path) -> None:
    rows = run.did(path, "list", now=NOW, COLUMNS="240").splitlines()
    assert rows[0].split()[-2:] == ["Due", "next"]
    (hull,) = (n for n, row in enumerate(rows) if row.startswith("E0001"))
    assert rows[hull].endswith("Wed 25 Nov 10:30")
    assert rows[hull + 1].endswith("discussion, overdue")
    run.did(path, "open", "herefordshire", "--about", "x", now=NOW)
    run.did(path, "void", "6", "--reason", "x", "--yes", now=NOW)
    assert "-" in run.did(path, "list", "--status", "void", now=NOW)


# -- the pager, and the pipe


PAGED = {"PAGER": "sed s/^/|/", "TERM": "xterm"}


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("words", "environment", "is_paged"),
    [
        (("due",), PAGED, True),
        (("list",), PAGED, False),  # it is not longer than the terminal
        (("due", "--no-pager"), PAGED, False),
        (("show", "1"), PAGED, True),
        (("show", "1", "--no-pager"), PAGED, False),
        (("explain", "1"), PAGED, True),
        (("log", "1"), PAGED, False),  # it is not longer than the terminal
        (("due", "--json"), PAGED, False),
        (("due",), PAGED | {"TERM": "dumb"}, False),
        (("due",), {"PAGER": PAGED["PAGER"]}, False),
        (("due",), PAGED | {"PAGER": "no-such-pager"}, False),
        (("due",), PAGED | {"PAGER": "false"}, False),  # what it cannot show is written as it is
        (("due",), PAGED | {"PAGER": ""}, False),
        (("due",), PAGED | {"PAGER": "cat"}, False),
    ],
)
def test_what_is_longer_than_the_terminal_is_shown_in_a_pager(
    path: Path, words: tuple[str, ...], environment: dict[str, str], is_paged: bool
) -> None:
    surroundings = run.surroundings(path, NOW) | {"PATH": os.environ["PATH"], "COLUMNS": "50", **environment}
    if words == ("list",):
        surroundings |= {"COLUMNS": "160", "LINES": "60"}
    status, shown = at_terminal(*words, environment=surroundings)
    assert status == 0
    assert "M-0" in shown or words[0] in ("explain", "log") or words == ("due", "--json")
    assert ("Safety first" in shown) is (words[0] == "due" and "--json" not in words)
    assert any(line.startswith("|") for line in shown.splitlines()) is is_paged


def test_a_pipe_is_never_paged(path: Path) -> None:
    assert not any(line.startswith("|") for line in run.did(path, "due", now=NOW, **PAGED).splitlines())


@pytest.mark.script
def test_a_pipe_at_a_terminal_is_no_wider_than_that(path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = run.surroundings(path, NOW)
    for words in (("due",), ("due", "--duties"), ("list",)):
        ran = subprocess.run(
            command(*words), stdout=subprocess.PIPE, stderr=theirs, stdin=subprocess.DEVNULL, env=environment,
            check=True, timeout=LONGEST,
        )  # fmt: skip
        assert 60 < max(map(len, ran.stdout.decode().splitlines())) <= 80
    os.close(ours)
    os.close(theirs)


# -- what a command says that recorded something


NEXT = [
    # a line, and what it says after what was recorded
    ("done 1 disc --dry-run", ["E0001: done: discussion (stage 1) (dry run: nothing was written)"]),
    (
        "done 1 disc",
        [
            "E0001: done: discussion (stage 1)",
            "",
            "Next: due Tue 1 Dec 10:30, 1 working day left",
            "The practitioner raising the issue: Agree a resolution between practitioners, or go up to stage 2 [resolve]",
            "To take it back: escalate undo E0001",
        ],
    ),
    ("undo 1", ["E0001: took back entry 2 (done: discussion (stage 1))"]),
    ("void 1 --yes", ["Nothing more is due.", "To take it back: escalate undo E0001"]),
]


def test_a_change_is_told_with_what_is_due_next_and_how_to_take_it_back(tmp_path: Path) -> None:
    words = ("open", "hull-east-riding", "--subject", "M-1", "--from", "Police", "--to", "Council")
    opened = run.did(tmp_path, *words, now=NOW).splitlines()
    assert opened[0] == "E0001: opened at stage 1; M-1, Police to Council, hull-east-riding"
    assert opened[-4:] == [
        "Next: due Tue 1 Dec 10:30, 1 working day left",
        "The practitioner raising the issue: Discuss the issue with the other agency [discussion]",
        "Open as well: resolve.",
        "To take it back: escalate void E0001",
    ]
    for line, expected in NEXT:
        told = run.did(tmp_path, *line.split(), now=NOW).splitlines()
        assert [each for each in expected if each not in told] == []
        assert ("To take it back" in " ".join(told)) is not (line == "undo 1" or "--dry-run" in line)


def test_several_things_done_are_each_told(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "lincolnshire", "--subject", "M-1", now=NOW)
    told = run.did(tmp_path, "done", "1", "discussion", "plan", now=NOW).splitlines()
    assert told[:2] == ["E0001: done: discussion (stage 1)", "E0001: done: plan (stage 1)"]
    assert told[-1] == "To take back the last of these: escalate undo E0001"
