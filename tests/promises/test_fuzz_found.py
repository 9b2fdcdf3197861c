"""Inputs that once crashed escalate, hung it or made it hold too much memory, as small as they could be made."""

import io
import json
import shlex
import zipfile
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.commands.test_bad_input import assert_sentence
from tests.promises.fuzz import Bench, Input
from tests.promises.fuzz_inputs import SHEET, STRINGS, whole_workbook

pytestmark = pytest.mark.promise(13)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("found")) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "status", "phrase"),
    [
        ("calendar add '' --reason x --yes", 2, '"" cannot be read as a date'),
        ("calendar remove today '' --reason x --yes", 2, '"" cannot be read as a date'),
    ],
)
def test_a_command_line_that_once_crashed_it_is_refused(bench: Bench, line: str, status: int, phrase: str) -> None:
    ran = bench.check(Input(tuple(shlex.split(line))))
    assert (ran.status, ran.stdout) == (status, "")
    assert_sentence(ran.stderr, phrase)


# -- protocol files: each was read or laid out for minutes, or held more memory than there was

HEAD = """
id = "far-too-long"
title = "Ours"
partnership = "Partnership of nowhere"
covers = ["adults"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
routes = [{ key = "main", name = "The only one", starts = "0" }]
"""


def stages(number: int, onward: Callable[[int], Iterable[int]]) -> str:
    """So many stages, and what may follow each."""
    shape = '[[stages]]\nkey = "{}"\nname = "Talk"\nowner = "You"\ncite = "1"\nnext = [{}]\n'
    return "".join(
        shape.format(n, ", ".join(f'"{after}"' for after in onward(n) if after < number)) for n in range(number)
    )


CALENDARS = "".join(f'[[calendars]]\nkey = "c{n}"\nname = "scotland"\nweek = ["monday"]\n' for n in range(3000))
PARTS = ".a" * 900
PROTOCOLS = {
    "1,500 stages with three ways up from each": (HEAD + stages(1500, lambda n: range(n + 1, n + 4)), "stages ... are 1,500, and a protocol can have 60"),
    "170 stages that all lead to each other": (HEAD + stages(170, lambda n: set(range(170)) - {n}), "stages ... are 170, and a protocol can have 60"),
    "3,000 calendars": (HEAD + CALENDARS + stages(1, lambda _: ()), "calendars ... are 3,000, and a protocol can have 20"),
    "keys of 900 parts": ("".join(f"k{n}{PARTS} = 1\n" for n in range(100)), "nested too deeply; is it the right file?"),
    "keys in a table of 900 parts": (f"[a{PARTS}]\n" + "".join(f"k{n} = 1\n" for n in range(15_000)), "nested too deeply; is it the right file?"),
    "a megabyte of keys": ("".join(f"k{n} = 1\n" for n in range(90_000)), "is larger than a protocol or settings file can be (200 kB)"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("line", ["protocol check my.toml", "plan ./my.toml", "open ./my.toml --about Thresholds"])
@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_file_that_would_fill_the_memory_or_take_minutes_is_refused(
    bench: Bench, name: str, line: str
) -> None:
    text, phrase = PROTOCOLS[name]
    ran = bench.check(Input(tuple(line.split()), {"my.toml": text.encode()}))
    assert (ran.status, ran.stdout) == (1, "")
    assert_sentence(ran.stderr, phrase)


@pytest.mark.slow
@pytest.mark.parametrize("line", ["protocol check my.toml", "plan ./my.toml", "open ./my.toml --about Thresholds", "protocol compare ./my.toml herefordshire"])  # fmt: skip
def test_the_most_a_protocol_file_can_say_is_taken_in_time(bench: Bench, line: str) -> None:
    """Sixty stages, and from each a way to all the others but back from the last: more ways than there are seconds."""
    text = HEAD + stages(60, lambda n: set(range(60)) - {n} if n < 59 else ())
    assert bench.check(Input(tuple(line.split()), {"my.toml": text.encode()})).status == 0


# -- standard input


@pytest.mark.slow
def test_a_line_without_an_end_is_not_gathered(bench: Bench) -> None:
    ran = bench.check(Input(("calc", "-"), stdin=b"x" * 250_000_000 + b"\n2026-11-24\t1 day\n"))
    refused, answered = map(json.loads, ran.stdout.splitlines())
    assert refused["error"].startswith("A line is WHEN, ALLOWANCE")
    assert answered["due_on"] == "2026-11-25"
    assert ran.peak < 100_000_000


# -- spreadsheets: each of these few kilobytes held more memory than there was, or was read for minutes

STYLES, LINKS, CORE = "xl/styles.xml", "xl/_rels/workbook.xml.rels", "docProps/core.xml"
DAMAGED = "is damaged"
CELLS = "log.csv has too many cells, the empty ones counted: delete the rows and columns with nothing in them, or divide it."
BEYOND = "log.csv has more rows or columns than Excel: is it the right file?"
UNPACKS = "unpacks to more than 100 MB: is it the right file?"
STYLED = "has too many styles, names or links in it: copy the cells into a new file, and import that."
BOOK = "has more than 131,072 letters in one cell of row 6: is it the right file?"
LONG = b"x" * 100_000


def grown(part: str, before: bytes, piece: bytes, times: int) -> bytes:
    """The workbook of the log with so much of a piece put into a part of it."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole_workbook())) as whole,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            package.writestr(name, content.replace(before, piece * times + before, 1) if name == part else content)
    return made.getvalue()


def unending(rows: int) -> bytes:
    """A text of 100,000 letters that so many cells share."""
    one = grown(STRINGS, b"</sst>", b"<si><t>" + LONG + b"</t></si>", 1)
    with zipfile.ZipFile(io.BytesIO(one)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    last = parts[STRINGS].count(b"<si>") - 1
    row = f'<row><c t="s"><v>{last}</v></c></row>'.encode()
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", row * rows + b"</sheetData>")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def of_parts(number: int) -> bytes:
    """A package of nothing but names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for n in range(number):
            package.writestr(f"xl/{n}", b"")
    return made.getvalue()


SHEETS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a row so far down that all above it is gone through": (lambda: grown(SHEET, b"</sheetData>", b'<row r="99999999"><c><v>1</v></c></row>', 1), CELLS),
    "cells in columns that Excel does not have": (lambda: grown(SHEET, b"</sheetData>", b'<row><c r="ZZZ1"/></row>', 150_000), BEYOND),
    "rows without end": (lambda: grown(SHEET, b"</sheetData>", b"<row/>", 2_000_000), CELLS),
    "cells without end": (lambda: grown(SHEET, b"</sheetData>", b"<row>" + b"<c><v>1</v></c>" * 20 + b"</row>", 50_000), CELLS),
    "tags that never close": (lambda: grown(SHEET, b"</sheetData>", b"<a>", 3_000_000), CELLS),
    "texts without end": (lambda: grown(STRINGS, b"</sst>", b"<si><t>abc</t></si>", 1_000_000), CELLS),
    "spaces without end": (lambda: grown(SHEET, b"</sheetData>", b" " * 1000, 380_000), UNPACKS),
    "a description without end": (lambda: grown(CORE, b"</cp:coreProperties>", b" " * 1000, 380_000), UNPACKS),
    "styles without end": (lambda: grown(STYLES, b"</cellXfs>", b'<xf numFmtId="0"/>', 1_000_000), STYLED),
    "links without end": (lambda: grown(LINKS, b"</Relationships>", b'<Relationship Id="a" Type="x" Target="y"/>', 2_000_000), STYLED),
    "kinds of parts without end": (lambda: grown("[Content_Types].xml", b"</Types>", b'<Override PartName="/x" ContentType="y"/>', 2_000_000), STYLED),
    "a cell of 90 MB": (lambda: grown(SHEET, b"</sheetData>", b'<row><c t="inlineStr"><is><t>' + LONG * 900 + b"</t></is></c></row>", 1), BOOK),
    "a long text that many cells share": (lambda: unending(5000), "log.csv has more than 20 million letters in it: divide it, and import the parts."),
    "parts without end": (lambda: of_parts(20_000), DAMAGED),
    "a .csv of line ends": (lambda: b"Ref,Date raised\n1,2\n" + b"\n" * 19_000_000, BEYOND),
    "a .csv of commas": (lambda: b"Ref,Date raised\n1,2\n" + b"," * 19_000_000, BEYOND),
    "a .csv of quotation marks": (lambda: b"Ref,Date raised\n1,2\n" + b'"\n' * 9_000_000, CELLS),
    "a .csv of 21 MB": (lambda: b"Ref,Date raised\n1,2\n" + b"\n" * 21_000_000, "is larger than 20 MB: divide it, and import the parts."),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", SHEETS)
def test_a_spreadsheet_that_would_fill_the_memory_or_take_minutes_is_refused(bench: Bench, name: str) -> None:
    content, phrase = SHEETS[name]
    ran = bench.check(Input(("import", "log.csv", "--protocol", "herefordshire"), {"log.csv": content()}))
    assert (ran.status, ran.stdout) == (1, "")
    assert_sentence(ran.stderr, phrase)


@pytest.mark.slow
def test_very_many_empty_cells_in_one_place_are_as_none(bench: Bench) -> None:
    content = grown(SHEET, b"</sheetData>", b'<row><c r="XFD1"/></row>', 150_000)
    ran = bench.check(Input(("import", "log.csv", "--protocol", "herefordshire"), {"log.csv": content}))
    assert "3 cases would be opened; 1 row cannot be imported." in ran.stdout
