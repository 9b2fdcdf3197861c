"""Papers for a meeting: `--output` of show, explain, log, plan, protocol show and protocol compare."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.driver import Office

run = Office("2026-12-29T10:00", environment={"COLUMNS": "400"})

LIFE = [
    ("2026-12-14T10:00", "open", "hull-east-riding", "--subject", "M-1", "--from", "Humber <b>Trust</b>", "--to", "Hull Council"),
    ("2026-12-14T10:10", "set", "1", "name=Ada Example", "born=1 May 2014", "immediate-risk=yes"),
    ("2026-12-14T10:20", "assign", "1", "raising", "Jo Bell", "--role", "Team manager"),
    ("2026-12-14T15:00", "done", "1", "discussion"),
    ("2026-12-16T09:00", "advance", "1", "--because", "no-response"),
    ("2026-12-17T09:00", "note", "1", "No manager <script>alert(1)</script> & nobody else"),
    ("2026-12-18T09:00", "set", "1", "immediate-risk=no"),
    ("2026-12-22T16:00", "advance", "1", "--because", "unresolved"),
    ("2026-12-22T16:30", "agree", "1", "Thu 31 Dec 2026 12:00"),
]  # fmt: skip

LINES = [
    "show 1",
    "show 1 --as-of 2026-12-17T10:00",
    "explain 1",
    "explain 1 discussion",
    "log 1",
    "log 1 --kind noted",
    "plan herefordshire --at 2026-12-23T10:00",
    "protocol show lincolnshire",
    "protocol show north-east-lincolnshire --route serious-case",
    "protocol compare herefordshire lincolnshire",
    "protocol compare herefordshire lincolnshire --at 2026-12-23T10:00",
    "protocol compare lincolnshire lincolnshire",
]
"""Each command that writes a paper, as it is typed."""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "cases.db"
    for now, *arguments in LIFE:
        run.did(path, *arguments, now=now)
    return path


@pytest.fixture
def write(case: Path, tmp_path: Path) -> Callable[..., Path]:
    """Writes what a line shows into a file with this ending, and returns it."""

    def written(line: str, ending: str = ".html") -> Path:
        paper = tmp_path / f"paper{ending}"
        ran = run(case, *line.split(), "--output", str(paper))
        assert (ran.status, ran.stdout) == (0, ""), ran
        assert ran.stderr.endswith(f" was written to {paper}.\n")
        return paper

    return written


class Text(HTMLParser):
    """What a page says: its text, without its style and its pictures."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "span":
            self.said.append(" ")
        if tag in ("style", "svg"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.said.append(data)


def words(text: str) -> set[str]:
    """The words of a text, without what draws lines at a terminal."""
    return set(re.sub(r"[│├└─]", " ", text).split()) - {"-"}


KEYS = {
    word
    for file in (Path(__file__).parents[2] / "protocols").glob("*.toml")
    for word in re.findall(r'(?:key|id|form|name|within|contact|day) = "([^"\s]+)"', file.read_text("utf-8"))
} | {"at-risk", "on-track", "met-late", "no-response"}
"""What people type."""

TYPED = {
    *[
        "escalate",
        "set",
        "explain",
        "calendar",
        "says",
        "which",
        "By",
        "Action",
        "tests",
        "E0001",
        "yes",
        "no",
        "or",
        "route",
        "Route",
        "Target",
        "Act",
        "examples",
        "that",
        "protocol",
        "check",
        "plays",
    ]
}
"""The other words of commands, who recorded what, and headings of columns in which nothing stands."""


def plain(text: str) -> set[str]:
    """The words of a text, without the marks beside them, and without which edition of a library it was counted with."""
    found = words(re.sub(r"\(holidays [\d.]+\)", " ", text))
    return {each.strip('(),:;"[].').partition("=")[0] for each in found} - {""}


def said_otherwise(shown: str, said: str) -> set[str]:
    """The words that a terminal shows and a paper does not, but for keys and commands: a paper says these by name."""
    return {each.casefold() for each in plain(shown) - KEYS - TYPED} - {each.casefold() for each in plain(said)}


@pytest.mark.parametrize("line", LINES)
def test_a_page_says_every_word_that_the_terminal_does(case: Path, write: Callable[..., Path], line: str) -> None:
    shown = "".join(each for each in run.did(case, *line.split()).splitlines(True) if " was read as " not in each)
    page = write(line).read_text("utf-8")
    assert said_otherwise(shown, "".join(Text(page).said)) == set()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "<b>Trust" not in page
    assert page.count("<h1>") == 1
    assert (page.count("<svg class") + page.count("<pattern")) == 4


@pytest.mark.parametrize("line", LINES)
def test_a_document_is_the_one_for_scripts(case: Path, write: Callable[..., Path], line: str) -> None:
    shown = run.did(case, *line.split(), "--json")
    assert json.loads(write(line, ".json").read_text("utf-8")) == json.loads(shown)


def test_the_page_of_a_case_is_a_word_file_too(case: Path, write: Callable[..., Path]) -> None:
    pytest.importorskip("docx")
    shown = run.did(case, "show", "1")
    content = write("show 1", ".docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = package.read("word/document.xml").decode()
    said = re.sub(r"<[^>]*>", "", re.sub(r"</w:p>|<w:br/>", " ", xml))
    said = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert said_otherwise(shown, said) == set()
    assert "tblHeader" in xml


@pytest.mark.parametrize("ending", [".html", ".docx"])
@pytest.mark.parametrize("line", ["show 1", "log 1"])
def test_nobody_is_named_unless_it_is_asked_for_and_the_look_recorded(
    case: Path, write: Callable[..., Path], tmp_path: Path, line: str, ending: str
) -> None:
    if ending == ".docx":
        pytest.importorskip("docx")
        if line != "show 1":
            return

    def read(path: Path) -> str:
        if ending == ".html":
            return path.read_text("utf-8")
        with zipfile.ZipFile(path) as package:
            return package.read("word/document.xml").decode()

    page = read(write(line, ending))
    assert "Ada Example" not in page
    assert "Jo Bell" not in page
    assert "Nobody is named" in page
    assert "tests" not in page  # who recorded it
    named = tmp_path / f"named{ending}"
    before = run.did(case, "access", "--json")
    assert run(case, *line.split(), "--identify", "--output", str(named)).status == 0
    assert len(json.loads(run.did(case, "access", "--json"))) == len(json.loads(before)) + 1
    page = read(named)
    assert "Ada Example" in page
    assert "Jo Bell" in page
    assert "This names people" in page
    assert "tests" in page


def test_the_pictures_show_each_stage_and_the_days_nobody_works(write: Callable[..., Path], tmp_path: Path) -> None:
    for line, stages, ladders in ((LINES[0], 7, 1), (LINES[6], 5, 1), (LINES[10], 10, 2)):
        page = write(line).read_text("utf-8")
        picture = page[page.index('<svg viewBox="0 0 1000') :].partition("</svg>")[0]
        assert picture.count('<text class="name"') == stages
        assert picture.count('class="limit"') >= stages - 2
        assert picture.count("Christmas Day") == ladders
        assert 'class="weekend"' in picture
        (tmp_path / "paper.html").unlink()


def test_the_page_of_a_protocol_has_its_ladder_in_sheets_that_paper_has_room_for(write: Callable[..., Path]) -> None:
    page = write("protocol show hull-east-riding").read_text("utf-8")
    sheets = re.findall(r'<svg viewBox="0 ([\d.]+) 710 ([\d.]+)"', page)
    assert len(sheets) == page.count('<use href="#drawing"/>') + 1 > 1
    assert page.count('<g id="drawing">') == 1
    assert page.count("<style>") == 1  # that of the page: its policy knows no other
    assert [float(high) <= 1040 for _, high in sheets] == [True] * len(sheets)


def test_what_is_past_its_limit_and_what_is_still_to_come_look_different(write: Callable[..., Path]) -> None:
    page = write("show 1").read_text("utf-8")
    for look in ("within", "over", "left", "planned"):
        assert f'<rect class="{look}"' in page
        assert f'<span class="key {look}">' in page


REFUSED = [
    ("show 1 --output x.pdf", 2, "x.pdf does not end in .html, .htm, .json or .docx: the ending says what to write."),
    ("log 1 --output x.docx", 2, "x.docx does not end in .html, .htm or .json"),
    ("explain 1 --output x", 2, "x does not end in .html"),
    ("plan lincolnshire --output x.svg", 2, "x.svg does not end in .html"),
    ("protocol show lincolnshire --output x.docx", 2, "does not end in .svg, .html, .htm or .json"),
    ("protocol compare lincolnshire herefordshire --output x.xlsx", 2, "does not end in .html"),
    ("show 1 --output x.html --json", 2, "--json prints a document, and --output writes a file: give one of them."),
    ("show 1 --force", 2, "--force replaces a file: name it with --output."),
    ("show 1 --output - --force", 2, "--force replaces a file"),
    ("explain 1 --certificate a.json --output x.html", 2, "--certificate and --output each write a file"),
    ("show 1 --output there.html", 1, "there.html is there already"),
    ("show 1 --output nowhere/x.html", 1, "cannot be written"),
    ("show 2 --output x.html", 1, "2"),
    ("plan lincolnshire --route nowhere --output x.html", 1, 'no route "nowhere"'),
    ("protocol show lincolnshire --route nowhere --output x.html", 1, 'no route "nowhere"'),
    ("log 1 --kind nothing --output x.html", 2, '"nothing" is not a kind of entry'),
]


@pytest.mark.parametrize(("line", "status", "says"), REFUSED)
def test_what_cannot_be_written_is_refused_in_a_sentence_and_nothing_is_left(
    case: Path, tmp_path: Path, line: str, status: int, says: str
) -> None:
    (tmp_path / "there.html").write_text("mine")
    ran = run(case, *line.split(), folder=tmp_path)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1), ran
    assert says in ran.stderr
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("there.html", "mine")]


def test_a_page_that_cannot_be_written_is_no_look_at_names(case: Path, tmp_path: Path) -> None:
    before = run.did(case, "access", "--json")
    (tmp_path / "there.html").write_text("mine")
    assert run(case, "show", "1", "--identify", "--output", "there.html", folder=tmp_path).status == 1
    assert run.did(case, "access", "--json") == before


def test_a_file_is_replaced_with_force_and_only_its_owner_may_read_it(case: Path, tmp_path: Path) -> None:
    path = tmp_path / "there.html"
    path.write_text("mine")
    run.did(case, "show", "1", "--output", str(path), "--force")
    assert "<h1>E0001" in path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_page_can_go_to_standard_output(case: Path) -> None:
    ran = run(case, "plan", "lincolnshire", "--at", "23 Dec 2026 10:00", "--output", "-")
    assert (ran.status, ran.stdout.startswith("<!doctype html>")) == (0, True)
    assert "was read as" in ran.stderr
