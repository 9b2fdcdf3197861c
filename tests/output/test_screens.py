"""Every page on every screen: narrow and wide, without colours, read aloud, and in encodings that have not every character."""

import re
import shlex
import subprocess
import sys
import unicodedata
from io import StringIO
from pathlib import Path

import pytest

from escalate.output.terminal import say
from tests.command_line import command
from tests.driver import CopyOf, unit
from tests.promises.cases import NOW, make_cases
from tests.sizes import sampled
from tests.terminal import at_terminal

PAGES = [
    "", "due", "due --duties", "list", "show 1", "show 4", "log 1", "explain 1", "report", "plan herefordshire", "calc today '3 working days'", "protocol list", "protocol show herefordshire",
    "protocol compare herefordshire lincolnshire", "calendar show", "calendar check", "config", "doctor", "agency list", "access", "search reason", "undo 1 --dry-run", "import --runs", "due --help",
]  # fmt: skip
"""A line for each kind of page."""

READ_ALOUD = {"TERM": "dumb"}
WIDTHS = (40, 60, 80, 120, 200)
SAYS_LESS = re.compile(r"^$|due|list|show \d|report|config|access|--help")
"""Where a page is cut to what a screen holds, leaves headings or columns out by design, breaks long names, or is Typer's help."""

COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
STYLE = re.compile(r"\x1b\[[0-9;]*m")
DRAWN = re.compile("[\u2190-\u2bff]")
"""Arrows, lines, boxes, blocks and signs."""


def fill(folder: Path) -> None:
    make_cases(folder / "cases.db")
    unit.did(folder / "cases.db", "open", "lincolnshire", "--about", "Zoë → ✓ 7€ 漢字", "--from", "Trust", "--to", "Café", now=NOW)  # fmt: skip


@pytest.fixture
def desk(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(fill, tmp_path)


def around(desk: Path) -> dict[str, str]:
    return unit.surroundings(desk / "cases.db", NOW) | {"HOME": str(desk)}


def shown(desk: Path, line: str, columns: int, **environment: str) -> str:
    """What a terminal of so many columns is given."""
    given = around(desk) | {"COLUMNS": str(columns)} | environment
    status, written = at_terminal(*shlex.split(line), environment=given, folder=desk)
    assert status == 0, written
    return written.replace("\r\n", "\n")


def cells(line: str) -> int:
    """How many columns a line takes on a terminal."""
    return sum(0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)  # fmt: skip


def squeezed(text: str) -> str:
    """A text without anything that depends on where its lines break."""
    return re.sub(r"[\s─│└├]+", "", STYLE.sub("", text))


@pytest.mark.terminal
@pytest.mark.parametrize("line", sampled(PAGES, 8))
def test_what_can_only_print_or_is_read_aloud_gets_the_same_words_and_nothing_drawn(desk: Path, line: str) -> None:
    for columns in (40, 120):
        usual, plain = (shown(desk, line, columns, TERM=term) for term in ("xterm", "dumb"))
        assert "\x1b" not in plain
        assert DRAWN.findall(plain.replace("Zoë → ✓", "")) == []
        assert squeezed(plain) == squeezed(usual)  # so no colour says what no word says


@pytest.mark.terminal
@pytest.mark.parametrize("line", sampled(PAGES, 8))
def test_who_wants_no_colours_gets_none_and_the_same_words(desk: Path, line: str) -> None:
    usual, plain = shown(desk, line, 100, TERM="xterm"), shown(desk, line, 100, TERM="xterm", NO_COLOR="1")
    assert COLOUR.findall(plain) == []
    assert STYLE.sub("", plain) == STYLE.sub("", usual)


@pytest.mark.terminal
@pytest.mark.parametrize("line", sampled([page for page in PAGES if "--help" not in page], 8))
def test_no_page_is_wider_than_its_screen(desk: Path, line: str) -> None:
    """But for a path, or another word that is longer than the screen: broken it could not be copied."""
    for columns in WIDTHS:
        for term in ("xterm", "dumb"):
            lines = STYLE.sub("", shown(desk, line, columns, TERM=term)).splitlines()
            assert [each for each in lines if cells(each) > columns and " " in each.strip()] == []


@pytest.mark.terminal
@pytest.mark.parametrize("line", sampled([page for page in PAGES if not SAYS_LESS.search(page)], 6))
def test_a_narrow_page_says_all_that_a_wide_one_says(desk: Path, line: str) -> None:
    wide, narrow = shown(desk, line, 80, **READ_ALOUD), squeezed(shown(desk, line, 40, **READ_ALOUD))
    assert [word for word in re.findall(r"[\w:/.-]+", wide) if word not in narrow] == []


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp850", "utf-16"])
@pytest.mark.parametrize("line", PAGES)
def test_a_page_in_any_encoding_spells_out_what_that_has_not(desk: Path, line: str, encoding: str) -> None:
    def written(named: str) -> bytes:
        given = around(desk) | {"PYTHONIOENCODING": named}
        done = subprocess.run(command(*shlex.split(line)), env=given, cwd=desk, capture_output=True, check=False)
        assert (done.returncode, done.stderr.decode(named)) == (0, done.stderr.decode(named)), done.stderr
        return done.stdout

    in_full = written("utf-8").decode()
    if not encoding.startswith("utf"):
        for drawn, typed in (("├──", "+--"), ("└──", "`--"), ("│", "|")):  # which a tree has lines of its own for
            in_full = in_full.replace(drawn, typed)
    assert written(encoding).decode(encoding) == in_full.encode(encoding, "backslashreplace").decode(encoding)


COPIED = [
    ("digest --install cron", r"(?m)^[\d,]+ \* .* digest$"),
    ("digest --install systemd", r'(?m)^ExecStart=.*digest"?$'),
    ("import --runs", r"(?m)^Nothing was imported yet\.$"),
    ("void 1 --reason Twice --yes", r"(?m)escalate undo E0001$"),
]
"""A command, and what somebody takes from its screen with a mouse, in one line."""


@pytest.mark.terminal
@pytest.mark.parametrize(("line", "copied"), COPIED)
def test_what_is_copied_from_a_narrow_screen_stands_in_one_line(desk: Path, line: str, copied: str) -> None:
    assert re.search(copied, STYLE.sub("", shown(desk, line, 40))) is not None


FOLDED = [
    ("Somebody holds it: escalate undo E0001 --entry 2 --at WHEN corrects it.", ["Somebody holds it:", "escalate undo E0001 --entry 2 --at WHEN corrects it."]),
    ("It is due on Friday, and escalate due lists it.", ["It is due on Friday, and", "escalate due lists it."]),
    ("  It is due on Friday, and nothing else.", ["  It is due on Friday, and", "  nothing else."]),
    ("It goes on where escalate verify says has the longer record.", ["It goes on where escalate", "verify says has the longer", "record."]),
]  # fmt: skip
"""A sentence, and its lines at a terminal of thirty columns."""


@pytest.mark.parametrize(("sentence", "lines"), FOLDED)
def test_a_sentence_is_folded_but_not_a_command_in_it(
    sentence: str, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    stream = StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", stream)
    say(sentence)
    assert stream.getvalue().splitlines() == lines
