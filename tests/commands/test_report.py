"""The report through the command line: whole outputs, hostile text, files, periods, and what is refused."""

import base64
import hashlib
import json
import os
import re
import stat
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from escalate.output.pages import TEMPLATES
from tests.driver import Office
from tests.kept import same_as_kept
from tests.sizes import later, sampled

NOW = "2027-01-11T10:00"
Q3 = ("--quarter", "2026/27 Q3")


run = Office(now=NOW)


LIFE = (
    ("2026-09-21T09:00", "open", "hull-east-riding", "--subject", "H-1", "--from", "Trust", "--to", "Council", "--fact", "theme=drift"),
    ("2026-09-21T15:00", "done", "1", "discussion"),
    ("2026-09-22T09:00", "advance", "1"),
    ("2026-09-24T09:00", "advance", "1"),
    ("2026-10-01T10:00", "resolve", "1", "--how", "Joint visit", "--lessons", "Ring before writing"),
    ("2026-10-05T09:00", "open", "hull-east-riding", "--from", "Trust", "--to", "Council", "--fact", "theme=drift", "--fact", "theme=Moving house"),
    ("2026-10-07T09:00", "advance", "2"),
    ("2026-10-09T09:00", "withdraw", "2", "--reason", "Raised twice"),
    ("2026-11-02T09:00", "open", "lincolnshire", "--from", "Police", "--to", "Adult Care", "--fact", "theme=roles"),
    ("2026-11-03T12:00", "done", "3", "discussion"),
    ("2026-11-09T12:00", "advance", "3"),
    ("2026-11-12T12:00", "resolve", "3", "--lessons", "Agree who writes it down"),
    ("2026-12-14T09:00", "open", "hull-east-riding", "--from", "A school", "--to", "Council"),
    ("2026-12-15T08:00", "advance", "4"),
    ("2026-12-15T18:00", "advance", "4"),
    ("2026-12-23T09:00", "open", "lincolnshire", "--from", "Police", "--to", "Council"),
    ("2026-12-23T09:30", "open", "north-east-lincolnshire", "--from", "Trust", "--to", "Council", "--route", "individual"),
    ("2027-01-06T09:00", "advance", "4"),
)  # fmt: skip


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six cases of a quarter: two resolved, one withdrawn, three open at its end."""
    path = tmp_path_factory.mktemp("report") / "cases.db"
    for now, *arguments in LIFE:
        ran = run(path, *arguments, now=now)
        assert ran.status == 0, ran.stderr
    return path


def report(path: Path, *arguments: str, now: str = NOW, **environment: str) -> str:
    ran = run(path, "report", *arguments, now=now, **environment)
    assert (ran.status, ran.stderr) == (0, ""), ran.stderr
    return ran.stdout


def document(path: Path, *arguments: str, now: str = NOW) -> Any:
    return json.loads(report(path, *arguments, "--json", now=now))


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def written(cases: Path, folder: Path, name: str, *arguments: str) -> Path:
    ran = run(cases, "report", *arguments, "--output", str(folder / name))
    assert (ran.status, ran.stdout, ran.stderr) == (0, "", f"The report was written to {folder / name}.\n")
    return folder / name


SNAPSHOTS = [
    ("report.txt", ()),
    ("report-80.txt", ("COLUMNS=80",)),
    ("report.md", ("--format", "markdown")),
    ("report.json", ("--json",)),
    ("report.html", ("--format", "html")),
    ("report-suppressed.txt", ("--suppress", "5")),
    ("report-suppressed.md", ("--suppress", "5", "--format", "markdown")),
    ("report-suppressed.json", ("--suppress", "5", "--format", "json")),
    ("report-suppressed.html", ("--suppress", "5", "--format", "html")),
]


@pytest.mark.parametrize(
    ("name", "arguments"),
    sampled(
        [later(each) if each[0] in {"report-suppressed.md", "report-suppressed.json"} else each for each in SNAPSHOTS],
        2,
    ),
    ids=[each[0] for each in SNAPSHOTS],
)
def test_the_report_is_what_was_kept(cases: Path, name: str, arguments: tuple[str, ...]) -> None:
    environment = dict(each.split("=") for each in arguments if "=" in each)
    found = report(cases, *Q3, *(each for each in arguments if "=" not in each), **environment)
    same_as_kept(name, without_style(found) if name.endswith(".html") else found)


def without_style(page: str) -> str:
    """The page without its style sheet, which all pages share and which changes by itself, and without what its policy says of that."""
    bare, sheets = re.subn("<style>.*?</style>", "<style></style>", page, flags=re.DOTALL)
    bare, policies = re.subn("style-src '[^']+'", "style-src", bare)
    assert (sheets, policies) == (1, 1)
    return bare


def test_the_page_has_the_style_of_all_pages(cases: Path) -> None:
    page = report(cases, *Q3, "--format", "html")
    style = (TEMPLATES / "page.css").read_text("utf-8")
    (found,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    assert found == style
    digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page


@pytest.mark.parametrize(
    ("name", "arguments"), [("report-sheets.txt", ()), ("report-suppressed-sheets.txt", ("--suppress", "5"))]
)
def test_the_sheets_are_what_was_kept(cases: Path, tmp_path: Path, name: str, arguments: tuple[str, ...]) -> None:
    found = sheets(written(cases, tmp_path, "report.xlsx", *Q3, *arguments))
    lines = [
        f"{title}: {json.dumps(row, ensure_ascii=False, default=str)}" for title, rows in found.items() for row in rows
    ]
    same_as_kept(name, "\n".join(lines) + "\n")


# -- periods

PERIODS: list[tuple[tuple[str, ...], str, str]] = [
    ((), "2027-01-01", "2027-03-31"),
    (Q3, "2026-10-01", "2026-12-31"),
    (("--year", "2026/27"), "2026-04-01", "2027-03-31"),
    (("--year", "2026"), "2026-01-01", "2026-12-31"),
    (("--from", "1 Nov 2026", "--to", "15 Nov 2026"), "2026-11-01", "2026-11-15"),
    (("--from", "2026-11-01", "--to", "1/11/2026"), "2026-11-01", "2026-11-01"),
    (("--from", "1 Nov"), "2026-11-01", "2027-01-11"),
    (("--from", "1 Nov", "--to", "31 Jan"), "2026-11-01", "2027-01-31"),
    (("--from", "1 Dec", "--to", "yesterday"), "2026-12-01", "2027-01-10"),
]


@pytest.mark.parametrize(("arguments", "first", "last"), PERIODS, ids=str)
def test_a_period_can_be_named_in_many_ways(cases: Path, arguments: tuple[str, ...], first: str, last: str) -> None:
    found = json.loads(run(cases, "report", *arguments, "--json").stdout)["period"]
    assert (found["first_day"], found["last_day"], found["running"]) == (first, last, last >= "2027-01-11")


def test_how_days_were_read_is_said_where_it_does_no_harm(cases: Path) -> None:
    echo = '"1 Dec" was read as Tuesday 1 December 2026.\n'
    assert run(cases, "report", "--from", "1 Dec").stdout.startswith(echo)
    ran = run(cases, "report", "--from", "1 Dec", "--format", "html")
    assert (ran.stderr, ran.stdout[:15]) == (echo, "<!doctype html>")


def test_filters_say_which_cases_are_counted(cases: Path) -> None:
    assert document(cases, *Q3, "--agency", "school")["cases"]["all"] == 1
    assert document(cases, *Q3, "--protocol", "lincolnshire")["cases"]["all"] == 2
    assert document(cases, *Q3, "--theme", "moving")["cases"]["all"] == 1
    assert "Only cases with agency Police, theme roles." in report(cases, *Q3, "--agency", "Police", "--theme", "roles")


# -- what is known when


def test_a_past_quarter_is_reported_the_same_later(cases: Path) -> None:
    def figures(now: str, *arguments: str) -> Any:
        return document(cases, *Q3, *arguments, now=now) | {"known_at": None}

    assert figures("2027-01-11T10:00") == figures("2027-06-11T10:00")
    ran = run(cases, "report", *Q3, "--as-of", "2027-01-05 10:00", "--json", now="2027-06-11T10:00")
    assert json.loads(ran.stdout) | {"known_at": None} == figures("2027-01-11T10:00")


def test_as_of_reports_from_what_had_been_recorded(cases: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cases.db"
    copy.write_bytes(cases.read_bytes())
    before = document(copy, *Q3)
    assert run(copy, "resolve", "6", "--at", "24 Dec 2026 10:00").status == 0
    assert document(copy, *Q3)["cases"]["resolved"] == before["cases"]["resolved"] + 1

    def then(when: str, *arguments: str) -> Any:
        return json.loads(run(copy, "report", *arguments, "--as-of", when, "--json").stdout)

    assert then("2027-01-10 10:00", *Q3)["cases"] == before["cases"]
    assert then("2026-11-20 10:00")["period"]["counted_until"] == "2026-11-20T10:00:00+00:00"


def test_a_file_without_cases_gives_an_empty_report(tmp_path: Path) -> None:
    for form in ("text", "markdown", "html", "json"):
        ran = run(tmp_path, "report", "--format", form, ESCALATE_DB="")
        assert (ran.status, ran.stderr.count("\n")) == (0, 1)
        assert ran.stdout


# -- files


def test_a_file_is_written_for_its_owner_and_not_over_another(cases: Path, tmp_path: Path) -> None:
    path = written(cases, tmp_path, "report.html", *Q3)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("mine")
    ran = run(cases, "report", "--output", str(path))
    assert (ran.status, path.read_text()) == (1, "mine")
    assert "is there already" in ran.stderr
    assert run(cases, "report", "--output", str(path), "--force").status == 0
    assert path.read_text().startswith("<!doctype html>")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_the_ending_of_a_file_says_its_format(cases: Path, tmp_path: Path) -> None:
    assert written(cases, tmp_path, "r.md").read_text().startswith("# Escalations")
    assert json.loads(written(cases, tmp_path, "r.json").read_text())["period"]["name"] == "2026/27 Q4"
    assert written(cases, tmp_path, "r.xlsx").read_bytes()[:2] == b"PK"
    assert written(cases, tmp_path, "r.dat", "--format", "markdown").read_text().startswith("# Escalations")
    assert run(cases, "report", "--format", "markdown", "--output", "-").stdout.startswith("# Escalations")


REFUSED = [
    (("--quarter", "2026 Q3"), 2, '"2026 Q3" is not a quarter'),
    (("--quarter", "2026/28 Q3"), 2, "is not a financial year"),
    (("--year", "soon"), 2, '"soon" is not a year'),
    ((*Q3, "--year", "2026"), 2, "--quarter and --year name different periods"),
    ((*Q3, "--to", "today"), 2, "name different periods"),
    (("--to", "today"), 2, "--to needs the first day as well"),
    (("--from", "1 Nov 2026", "--to", "1 Oct 2026"), 2, "before it begins"),
    (("--from", "1 Nov 2026 10:00"), 2, "a period is made of whole days"),
    (("--from", "never"), 2, '"never" cannot be read'),
    (("--quarter", "2030/31 Q1"), 1, "2030/31 Q1 has not begun yet"),
    (("--from", "1 Feb 2027", "--to", "2 Feb 2027"), 1, "has not begun yet"),
    (("--suppress", "2"), 2, "--suppress 2 would hide nothing that cannot be guessed: say 3 or more"),
    (("--suppress", "few"), 2, "few"),
    (("--format", "pdf"), 2, '"pdf" is not a format: say text, markdown, json, html, xlsx, docx or csv.'),
    (("--format", "xlsx"), 2, "name a file with --output"),
    (("--format", "docx"), 2, "A Word file cannot be shown here"),
    (("--commentary", "said.md"), 1, "said.md cannot be read"),
    (("--format", "xlsx", "--output", "-"), 2, "name a file with --output"),
    (("--format", "html", "--json"), 2, "two formats"),
    (("--output", "report.txt"), 2, "The text is for the screen"),
    (("--output", "no/such/folder/r.html"), 1, "cannot be written"),
    (("--force",), 2, "name it with --output"),
    (("--protocol", "hull"), 1, 'There is no protocol "hull"'),
    pytest.param(
        ("--output", "cases.db", "--format", "json", "--force"),
        1,
        "is where the cases are kept",
        marks=pytest.mark.file_only("writes over the file"),
    ),
]


@pytest.mark.parametrize(("arguments", "status", "says"), REFUSED, ids=str)
def test_what_cannot_be_reported_is_refused_in_a_sentence(
    cases: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    before = cases.read_bytes()
    ran = run(cases, "report", *arguments)
    errors = [line for line in ran.stderr.splitlines() if "was read as" not in line]
    assert (ran.status, ran.stdout, len(errors)) == (status, "", 1)
    assert says in errors[0]
    assert cases.read_bytes() == before
    assert [each.name for each in cases.parent.iterdir()] == ["cases.db"]


def test_a_link_is_not_followed(cases: Path, tmp_path: Path) -> None:
    (tmp_path / "r.html").symlink_to(tmp_path / "other.html")
    ran = run(cases, "report", "--output", str(tmp_path / "r.html"), "--force")
    assert (ran.status, os.path.lexists(tmp_path / "other.html")) == (1, False)
    assert "is a link" in ran.stderr


# -- hostile text

HOSTILE = [
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "=HYPERLINK(1)",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\x1b[31mred\x1b]8;;http://x\x07",
    "abc\u202edef\u200f",
    "[/] [bold]x",
    "| a | **b** `c` [d](http://e.example)",
    "{{ 7*7 }} {% raw %}",
    "a\ttab\rreturn\nline",
    "\u2028\x85\x7f",
    '\' onload="x" &amp;',
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case for each hostile text: as its agencies, its theme and its lesson; resolved, and one more that is open."""
    path = tmp_path_factory.mktemp("hostile") / "cases.db"
    for n, text in enumerate(HOSTILE, 1):
        known = ("--subject", text, "--from", text, "--to", text, "--about", text, "--fact", f"theme={text}")
        assert run(path, "open", "lincolnshire", "--about", "Thresholds", *known, now="2026-11-02T09:00").status == 0
        assert run(path, "resolve", str(n), "--lessons", text, "--how", text, now="2026-11-03T09:00").status == 0
    assert run(path, "open", "lincolnshire", "--from", HOSTILE[0], now="2026-12-20T09:00").status == 0
    return path


ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_hostile_text_is_only_text_on_the_page(hostile: Path) -> None:
    made = report(hostile, *Q3, "--format", "html")
    page = Page(made)
    assert {tag for tag, _ in page.elements} <= {
        "html", "head", "meta", "title", "style", "body", "svg", "defs", "pattern", "rect", "circle", "header", "h1", "p", "nav", "ul", "li",
        "a", "main", "section", "h2", "figure", "desc", "text", "figcaption", "span", "table", "caption", "thead", "tr", "th", "tbody",
        "td", "tfoot", "footer", "line", "path", "div",
    }  # fmt: skip
    attributes = [(name, value or "") for _, given in page.elements for name, value in given.items()]
    assert [each for each in attributes if each[0].startswith("on") or each[0] in ("style", "src", "srcset")] == []
    assert {value[0] for name, value in attributes if name == "href"} == {"#"}
    assert ACTIVE.search(made) is None
    for text in ("<script>alert(1)</script>", "{{ 7*7 }} {% raw %}", "[/] [bold]x", "\\x1b[31mred"):
        assert any(text in each for each in page.texts), text


def test_hostile_text_is_only_text_at_the_terminal_in_markdown_and_in_json(hostile: Path) -> None:
    for arguments in ((), ("--format", "markdown"), ("--json",)):
        assert ACTIVE.search(report(hostile, *Q3, *arguments)) is None
    assert "[/] [bold]x" in report(hostile, *Q3)
    lines = report(hostile, *Q3, "--format", "markdown").splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert any("\\<script\\>" in line for line in rows)
    assert [line for line in rows if "\\|" in line and "\\*\\*b\\*\\*" in line]
    assert [line for line in lines if re.search(r"(?<!\\)<(?!5)", line)] == []
    lessons = json.loads(report(hostile, *Q3, "--json"))["lessons"]
    assert next(each["text"] for each in lessons) == "<script>alert(1)</script>"


def test_hostile_text_is_only_text_in_excel(hostile: Path, tmp_path: Path) -> None:
    path = written(hostile, tmp_path, "r.xlsx", *Q3)
    book = openpyxl.load_workbook(path)
    cells: list[Any] = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}
    assert all(cell.quotePrefix for cell in texts if cell.value[:1] in "=+-@")
    assert {"=HYPERLINK(1)", "+1+1", "-2", "@SUM(A1)"} <= {cell.value for cell in texts}
    assert [cell.value for cell in texts if ACTIVE.search(cell.value)] == []


# -- the page itself


def test_the_page_can_be_read_without_seeing_it(cases: Path) -> None:
    page = Page(report(cases, *Q3, "--format", "html"))
    elements = page.elements
    assert elements[0] == ("html", {"lang": "en-GB"})
    assert [tag for tag, _ in elements if re.fullmatch(r"h\d", tag)] == ["h1", *["h2"] * 19]
    names = [given["id"] for _, given in elements if given.get("id")]
    assert len(names) == len(set(names))
    pictures = [given for tag, given in elements if tag == "svg" and given.get("role") == "img"]
    assert len(pictures) == 3
    for given in pictures:
        assert set(str(given["aria-labelledby"]).split()) <= set(names)
    assert all(given.get("scope") in ("col", "row") for tag, given in elements if tag == "th")
    assert sum(tag == "caption" for tag, _ in elements) == sum(tag == "table" for tag, _ in elements)


def test_the_page_holds_everything_it_needs_and_may_load_nothing(cases: Path) -> None:
    made = report(cases, *Q3, "--format", "html")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', made)
    assert policy
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert re.findall(r"https?:|@import|<link|<script|<iframe", made) == []
    assert set(re.findall(r"url\(([^)]*)\)", made)) == {"#hatched", "#dotted", "#ruled"}


def test_a_hidden_count_has_no_bar(cases: Path) -> None:
    page = Page(report(cases, *Q3, "--format", "html", "--suppress", "5"))
    kinds = [given.get("class") for tag, given in page.elements if tag == "rect"]
    assert kinds == ["behind", "stroke", "behind", "shaded", "rule"]  # those of the patterns


def test_the_timeline_shades_what_nobody_works_and_marks_limits(cases: Path) -> None:
    page = Page(report(cases, *Q3, "--format", "html"))
    kinds = [str(given.get("class")) for _, given in page.elements]
    assert (kinds.count("case"), kinds.count("limit")) == (3, 4)
    titles = " ".join(page.texts)
    assert "Christmas Day, 25 Dec" in titles
    assert "Limit of stage 2: Wed 16 Dec 2026 08:00" in titles
    assert "weekend, 19 Dec" in titles


def test_nobody_is_named(cases: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cases.db"
    copy.write_bytes(cases.read_bytes())
    assert run(copy, "set", "4", "name=Ada Example", "born=1 May 2014", "address=1 Long Row").status == 0
    assert run(copy, "assign", "4", "raising", "Jo Bell", "--email", "jo.bell@school.example").status == 0
    for form in ("text", "markdown", "json", "html"):
        made = report(copy, *Q3, "--format", form)
        assert [name for name in ("Ada", "2014", "Long Row", "Jo Bell", "jo.bell") if name in made] == []
    assert run(copy, "report", "--identify").status == 2


def test_no_sheet_is_printed_in_letters_too_small_to_read(cases: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(cases, tmp_path, "wide.xlsx", *Q3))
    across = {}
    for sheet in book:
        wide = sum(each.width for each in sheet.column_dimensions.values())
        assert wide / int(sheet.page_setup.fitToWidth or 1) <= 235, sheet.title
        across[sheet.title] = sheet.page_setup.fitToWidth
    assert across["In short"] == 1
    assert across["Still open and overdue"] == 2
    assert book["Still open and overdue"].print_title_cols == "$A:$A"
