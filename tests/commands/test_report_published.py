"""What annual reports print, and what a report for publication gives away: nothing in any part of any file."""

import json
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import openpyxl
import pytest

from tests.driver import Office

NOW = "2027-04-20T10:00"
YEAR = ("--year", "2026/27")
AGENCIES = ("Trust", "Police", "A school", "Council")

run = Office(now=NOW)


def opened(path: Path, at: str, *arguments: str) -> str:
    ran = run(path, "open", "lincolnshire", *arguments, "--json", now=at)
    assert ran.status == 0, ran.stderr
    return str(json.loads(ran.stdout)["case"])


def did(path: Path, at: str, *arguments: str) -> None:
    ran = run(path, *arguments, now=at)
    assert ran.status == 0, ran.stderr


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases of two years: more in some quarters than in others, most resolved, some reopened."""
    path = tmp_path_factory.mktemp("year") / "cases.db"
    months = ["2026-02", *["2026-04"] * 7, *["2026-05"] * 6, *["2026-08"] * 6, "2026-11", "2026-11", *["2027-01"] * 6]
    for n, month in enumerate(months):
        level = ("level 2", "L3", "3", "")[n % 4]
        known = ("--from", AGENCIES[n % 3], "--to", AGENCIES[3 - n % 2], "--fact", f"theme={('drift', 'roles')[n % 2]}")
        case = opened(path, f"{month}-0{1 + n % 9}T09:00", *known)
        if level:
            did(path, f"{month}-1{n % 9}T09:00", "set", case, f"level-current={level}")
        if n % 3:
            did(path, f"{month}-2{n % 8}T15:00", "resolve", case)
        if n in (4, 5):
            did(path, "2026-07-10T09:00", "reopen", case, "--reason", "It did not hold")
    return path


def report(path: Path, *arguments: str, now: str = NOW) -> str:
    ran = run(path, "report", *arguments, now=now)
    assert ran.status == 0, ran.stderr
    return ran.stdout


def document(path: Path, *arguments: str, now: str = NOW) -> Any:
    return json.loads(report(path, *arguments, "--json", now=now))


# -- what annual reports print


def test_the_periods_side_by_side_are_what_a_report_on_each_says(year: Path) -> None:
    beside = document(year, *YEAR)["beside"]
    names = [each["period"]["name"] for each in beside]
    assert names == ["2026/27 Q1", "2026/27 Q2", "2026/27 Q3", "2026/27 Q4", "2025/26"]
    for each in beside:
        name = each["period"]["name"]
        alone = document(year, "--quarter" if "Q" in name else "--year", name)
        assert {**each["cases"], "void": 0, "taken_over": 0} == alone["cases"]
        assert (each["stages"], each["actions"]) == (alone["stages"]["total"], alone["actions"]["total"])
        assert (
            each["working_days_to_resolution"]["median"]
            == alone["time_to_resolution"]["total"]["working_days"]["median"]
        )
    assert sum(each["cases"]["opened"] for each in beside[:4]) == document(year, *YEAR)["cases"]["opened"] == 27


def test_a_calendar_year_has_its_own_quarters_and_other_days_have_none(year: Path) -> None:
    names = [each["period"]["name"] for each in document(year, "--year", "2026")["beside"]]
    assert names == ["2025/26 Q4", "2026/27 Q1", "2026/27 Q2", "2026/27 Q3", "2025"]
    assert document(year, "--from", "1 Apr 2026", "--to", "1 May 2026")["beside"] == []
    running = document(year, *YEAR, now="2026-08-20T10:00")["beside"]
    assert [(each["period"]["name"], each["period"]["running"]) for each in running] == [
        ("2026/27 Q1", False),
        ("2026/27 Q2", True),
        ("2025/26", False),
    ]


def test_reopened_counts_what_was_reopened_in_the_period(year: Path) -> None:
    whole, second = document(year, *YEAR)["cases"], document(year, "--quarter", "2026/27 Q2")["cases"]
    assert (whole["reopened"], whole["taken_up_again"]) == (2, 0)
    assert (second["reopened"], second["taken_up_again"]) == (2, 2)
    assert document(year, "--quarter", "2026/27 Q3")["cases"]["reopened"] == 0


def test_cases_are_counted_by_each_agency_and_by_level_of_need(year: Path) -> None:
    found = document(year, *YEAR)
    for table, side in (("by_raising_agency", "raising_agency"), ("by_receiving_agency", "receiving_agency")):
        for each in found[table]:
            pairs = [pair["all"] for pair in found["by_agencies"] if pair[side] == each["agency"]]
            assert each["all"] == sum(pairs)
        assert sum(each["all"] for each in found[table]) == found["cases"]["all"]
    assert found["raised_none"] == ["Council"]
    assert [each["level"] for each in found["by_level"]] == ["Level 2", "Level 3", "not recorded"]
    assert sum(each["all"] for each in found["by_level"]) == found["cases"]["all"]


def test_a_level_of_need_in_words_is_not_published(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    for day, level in enumerate(("Ask Ada at No 4", "More than thirty letters about a child and her family", "3"), 2):
        case = opened(path, f"2026-11-0{day}T09:00", "--from", "Trust", "--to", "Council")
        did(path, NOW, "set", case, f"level-current={level}")
    assert {"Ask Ada at No 4", "in other words"} <= {each["level"] for each in document(path, *YEAR)["by_level"]}
    for form in ("text", "json", "html", "markdown", "csv"):
        published = report(path, *YEAR, "--suppress", "5", "--format", form)
        assert "in other words" in published
        assert "Ada" not in published


def test_what_was_taken_over_from_a_log_is_counted_apart(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("Ref,Date raised,From agency,To agency,Stage\nA,02/11/2026 09:00,Trust,Council,2\n")
    path = tmp_path / "cases.db"
    did(path, "2026-12-01T10:00", "import", str(log), "--protocol", "herefordshire", "--write")
    opened(path, "2026-12-02T09:00", "--from", "Trust", "--to", "Council")
    found = document(path, "--quarter", "2026/27 Q3")
    assert (found["cases"]["all"], found["cases"]["taken_over"]) == (2, 1)
    assert found["stages"]["total"]["taken_over"] == 1
    assert found["actions"]["total"]["fell_due"] > found["actions"]["total"]["taken_over"]
    assert "Of all from a log" in report(path, "--quarter", "2026/27 Q3")


# -- a commentary

COMMENTARY = """# What we saw

Fewer **escalations** than *last* year, see [our page](https://example.org/x).

- Ring first
- <b>Then</b> write ![a child](http://example.org/x.png)

1. One
2. Two

> We were heard.

| a | b |
| - | - |

    =HYPERLINK(1)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("said") / "said.md"
    path.write_text(COMMENTARY, encoding="utf-8")
    return path


def test_a_commentary_stands_before_the_figures_in_every_format(year: Path, said: Path, tmp_path: Path) -> None:
    for form in ("text", "markdown", "html", "csv"):
        found = report(year, *YEAR, "--commentary", str(said), "--format", form)
        assert found.index("We were heard") < found.index("Cases in all"), form
    assert document(year, *YEAR, "--commentary", str(said))["commentary"] == COMMENTARY
    for name in ("r.docx", "r.xlsx"):
        assert run(year, "report", *YEAR, "--commentary", str(said), "--output", str(tmp_path / name)).status == 0
    paper = docx.Document(str(tmp_path / "r.docx"))
    texts = [each.text for each in paper.paragraphs]
    assert texts.index("• Ring first" if "• Ring first" in texts else "Ring first") < texts.index("In short")
    assert [run.text for each in paper.paragraphs for run in each.runs if run.bold and run.text == "escalations"]
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["Commentary"]
    assert [cell.value for cell in sheet["A"]][:2] == [
        "What we saw",
        "Fewer escalations than last year, see our page (https://example.org/x).",
    ]


def test_a_commentary_brings_nothing_in_but_its_words(year: Path, said: Path) -> None:
    page = report(year, *YEAR, "--commentary", str(said), "--format", "html")
    assert "<h3>What we saw</h3>" in page
    assert "<strong>escalations</strong> than <em>last</em> year, see our page (https://example.org/x)." in page
    assert "&lt;b&gt;Then&lt;/b&gt; write a child" in page
    assert re.findall(r"<img|<b>|href=\"[^#]|<code|x\.png", page) == []
    plain = report(year, *YEAR, "--commentary", str(said), "--format", "markdown")
    assert "\\<b\\>Then\\</b\\> write a child" in plain
    assert "**escalations** than *last* year" in plain


BROKEN = [
    (b"", "said.md is empty"),
    (b"\n  \n", "said.md is empty"),
    (b"One\nTwo \xe9\n", "is not text in UTF-8, from line 2 on"),
    (b"x" * 200_001, "is larger than 200 kB"),
]


@pytest.mark.parametrize(("content", "says"), BROKEN, ids=[each[1] for each in BROKEN])
def test_a_commentary_that_cannot_be_read_is_refused(year: Path, tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "said.md"
    path.write_bytes(content)
    ran = run(year, "report", "--commentary", str(path), "--output", str(tmp_path / "r.html"))
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert says in ran.stderr
    assert not (tmp_path / "r.html").exists()


# -- what is hidden is nowhere


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two files of which everything that a report hides differs, and nothing that it shows."""
    paths = []
    for many in (2, 3):
        path = tmp_path_factory.mktemp("alike") / "cases.db"
        for n in range(many):
            for stood in ("open", "resolved", "withdrawn"):
                known = ("--from", "Trust", "--to", "Council", "--fact", "theme=drift")
                case = opened(path, f"2026-1{n % 2}-0{n + 2}T09:00", *known)
                if stood != "open":
                    did(path, f"2026-1{n % 2}-1{n + 2}T09:00", {"resolved": "resolve"}.get(stood, "withdraw"), case)
        paths.append(path)
    return paths[0], paths[1]


def parts(path: Path) -> dict[str, bytes]:
    """What is in a file, and in the parts of one of Office."""
    if path.suffix not in (".xlsx", ".docx"):
        return {"": path.read_bytes()}
    with ZipFile(path) as package:
        return {
            name: package.read(name) for name in package.namelist() if name != "docProps/core.xml"
        }  # when it was written


@pytest.mark.parametrize("ending", ["html", "json", "md", "csv", "docx", "xlsx"])
def test_nothing_in_a_file_depends_on_what_is_hidden_in_it(
    alike: tuple[Path, Path], tmp_path: Path, ending: str
) -> None:
    made = []
    for n, path in enumerate(alike):
        to = tmp_path / f"{n}.{ending}"
        ran = run(path, "report", *YEAR, "--suppress", "1000", "--output", str(to))
        assert ran.status == 0, ran.stderr
        made.append(parts(to))
    assert made[0] == made[1]
    assert [name for name in made[0] if "chart" in name or "drawing" in name] == []


def test_charts_in_excel_are_drawn_from_the_cells_of_whole_tables(year: Path, tmp_path: Path) -> None:
    charts = {}
    for name, suppress in (("all.xlsx", ()), ("hidden.xlsx", ("--suppress", "5"))):
        assert run(year, "report", *YEAR, *suppress, "--output", str(tmp_path / name)).status == 0
        book = openpyxl.load_workbook(tmp_path / name)
        charts[name] = [sheet.title for sheet in book if vars(sheet)["_charts"]]
        for part, content in parts(tmp_path / name).items():
            if "charts/" in part:
                assert b"<c:v>" not in content
                assert b"<v>" not in content
        for sheet in (book[title] for title in charts[name]):
            marks = [cell for row in sheet.iter_rows() for cell in row if str(cell.value)[:1] in ("<", "*")]
            assert marks == []
    assert charts["all.xlsx"] == [
        "Side by side", "By stage reached", "By agency raising", "By agency receiving", "By theme", "By level of need",
    ]  # fmt: skip
    assert set(charts["hidden.xlsx"]) < set(charts["all.xlsx"])


# -- what two reports tell of each other


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year with many cases between two agencies, all resolved, and two of them in the third quarter."""
    folder = tmp_path_factory.mktemp("busy")
    rows = ["Ref,Date raised,From agency,To agency,Stage,Status,Date closed"]
    for month, many in (("04", 30), ("08", 25), ("11", 2), ("01", 20)):
        whole = f"{month}/{'2027' if month == '01' else '2026'}"
        rows += [
            f"{month}-{n},{1 + n % 9:02}/{whole} 09:00,Trust,Council,2,Resolved,{15 + n % 9}/{whole}"
            for n in range(many)
        ]
    (folder / "log.csv").write_text("\n".join(rows) + "\n")
    path = folder / "cases.db"
    did(path, NOW, "import", str(folder / "log.csv"), "--protocol", "herefordshire", "--write")
    return path


def test_two_reports_can_be_subtracted_and_each_of_them_says_so(busy: Path) -> None:
    """Two cases were opened in the third quarter: days with it less the other quarters tell that, which no report by itself can hide."""
    days = (
        "--from",
        "31 Mar 2026",
        "--to",
        "31 Mar 2027",
        "--suppress",
        "5",
    )  # no year, so that no quarters stand beside
    quarters = [document(busy, "--quarter", f"2026/27 Q{n}", "--suppress", "5")["cases"]["opened"] for n in (1, 2, 4)]
    assert document(busy, *days)["cases"]["opened"] - sum(quarters) == 2
    for arguments in (days, ("--quarter", "2026/27 Q1", "--suppress", "5")):
        says = " ".join(report(busy, *arguments).split())
        assert "Another report that counts some of these cases may tell what is hidden here" in says
    assert "Another report" not in report(busy, *days[:-2])
    assert "publish only one" in " ".join(report(busy, "--help").split())


def test_the_quarters_beside_a_year_do_not_tell_of_each_other(busy: Path) -> None:
    found = document(busy, *YEAR, "--suppress", "5")
    opened_in = [each["cases"]["opened"] for each in found["beside"][:4]]
    hidden = [count for count in [*opened_in, found["cases"]["opened"]] if not isinstance(count, int)]
    assert opened_in[2] == "<5"
    assert len(hidden) > 1
