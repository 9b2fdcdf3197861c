"""Promise 11: whatever somebody typed is shown as text, and does nothing: at a terminal, in a browser, a spreadsheet, a calendar, a mail.

Every hostile text stands in a case and a protocol of its own, wherever text can be put, and in the files that are imported. Every
output is then read by what would act on it, a real parser, and looked through for what a terminal would act on. Each text ends in
a mark of its own, which is looked for again: what had become active would have swallowed it.
"""

import csv
import io
import json
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from xml.etree import ElementTree as ET

import docx
import icalendar
import openpyxl
import pytest
from markdown_it import MarkdownIt

from tests.forked import Run, Runs
from tests.mail_server import Box, mail_server
from tests.promises.conftest import FULL, Show
from tests.promises.hostile import Office, copied, key_of, mail_settings, make_office, protocol_text
from tests.promises.payloads import FAMILIES, NO_TEXT, PAYLOADS, WITH_NUL, Payload
from tests.sizes import size

pytestmark = pytest.mark.promise(11)

Thing = TypeVar("Thing")

EVERY = [*PAYLOADS, *WITH_NUL]
SHORT = [payload for payload in PAYLOADS if len(payload.text) < 500]
"""Those that no output cuts or folds, so that their marks can be looked for as they are."""


def some(things: Sequence[Thing], one_in: int, offset: int = 0) -> list[tuple[int, Thing]]:
    """Things with their numbers from 1 on: every one at full size, and otherwise one in so many, others for another offset."""
    return [(n, thing) for n, thing in enumerate(things, 1) if FULL or n % one_in == offset % one_in]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "office"
    make_office(folder)
    return folder


@pytest.fixture
def office(made: Path, tmp_path: Path, run_it: Runs) -> Office:
    return copied(made, tmp_path / "office", run_it)


@pytest.fixture
def small(made: Path, tmp_path: Path, run_it: Runs) -> Office:
    """An office with one case and one protocol of its own, for what is asked for hundreds of times."""
    office = Office(tmp_path / "small", run_it)
    (office.folder / "protocols").mkdir(parents=True)
    shutil.copy(made / "protocols" / "p001.toml", office.folder / "protocols")
    assert office.run("open", "p001", "--about", "Thresholds", "--fact=severity=high").status == 0
    return office


# -- what must not come out -----------------------------------------------------------------------------------------------

VISIBLE_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Signs of Arabic, Syriac and Kaithi that Unicode counts among the formats, and that are seen."""

SHOWN_AS_NOTHING = {
    0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2065, 0x3164, *range(0xFE00, 0xFE0F), 0xFFA0, *range(0xFFF0, 0xFFF9),
    *range(0xE0000, 0xE1000),
}  # fmt: skip
"""What else Unicode says is to be shown as nothing (Default_Ignorable_Code_Point), beside the formats."""


def acts(character: str) -> bool:
    """Whether a character can do more than be seen: controls, directions, what hides, and what is no character at all."""
    number = ord(character)
    if character == "\n" or number in VISIBLE_FORMATS:
        return False
    no_character = 0xFDD0 <= number <= 0xFDEF or number & 0xFFFE == 0xFFFE
    hides = number in SHOWN_AS_NOTHING or no_character
    return hides or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


STACKED = re.compile("[\u0300-\u036f\u064b-\u065f\u0e47-\u0e4e\u20d0-\u20ff]{7}|\ufe0f\ufe0f")


def assert_still(text: str) -> None:
    """Nothing in a text acts, hides, or stands over what is above and below it; and no error of Python's is in it."""
    assert [ascii(each) for each in sorted(set(text)) if acts(each)] == []
    assert not STACKED.search(text)
    assert "Traceback (most recent call last)" not in text


def assert_fine(ran: Run, statuses: Iterable[int] = (0,)) -> None:
    """It ended as it should, and what it wrote is still."""
    assert ran.status in statuses, (ran.status, ran.errors[-2_000:])
    assert_still(ran.text)
    assert_still(ran.errors)


OWN_STYLES = {"0", "1", "1;4", "2", "7", "31", "35", "1;31", "1;35", "2;31", "3", "4", "1;7", "2;9", "2;3"}
_STYLE = re.compile(r"\x1b\[([0-9;]*)m")


def assert_fine_on_a_terminal(ran: Run, statuses: Iterable[int] = (0,)) -> None:
    """The same once our own colours are taken out, and the line ends that terminals are sent."""
    assert ran.status in statuses, (ran.status, ran.text[-2_000:])
    assert set(_STYLE.findall(ran.text)) <= OWN_STYLES
    assert_still(_STYLE.sub("", ran.text).replace("\r\n", "\n"))


def assert_json(text: str) -> Any:
    """One JSON document in ASCII, that is itself still."""
    assert text.isascii()
    assert_still(text)
    return json.loads(text)


def assert_marked(text: str, payloads: Iterable[Payload] = SHORT) -> None:
    """Every text is there up to its end."""
    assert [(each.family, each.text) for each in payloads if each.mark not in text] == []


# -- terminals ------------------------------------------------------------------------------------------------------------

AT_ONCE = ["due --identify", "due", "list", "list --identify", "search K001K", "protocol list", "digest --always --dry-run", "calendar check",
           "report --from 2026-11-01", "search item --identify", "calendar show 2026", "restore", "backup", "erase --closed-for 1day --dry-run"]  # fmt: skip
"""Commands that look at all cases, or at none."""

ALL_SEEN = {"due", "list", "protocol list", "digest --always --dry-run", "report --from 2026-11-01"}
"""Those that show something of every case or protocol, so that every mark has to be there."""

OF_EACH = ["show {case}", "show {case} --identify", "log {case}", "log {case} --identify", "explain {case}", "explain {case} talk", "form {case} --identify",
           "search {mark} --identify", "plan {file}", "protocol show {file}", "protocol check {file}", "protocol compare {file} {other}",
           "protocol compare {file} {other} --at 2026-11-16", "calendar show 2026 --calendar {key}", "note {case} x --dry-run"]  # fmt: skip
"""Commands that look at a case or a protocol."""

NO_JSON = ("report", "digest")
"""Commands with --format json, which is looked at below."""


def line_for(template: str, number: int) -> list[str]:
    """A command line for the case and the protocol of the payload of that number."""
    other = number % len(EVERY) + 1
    names = {
        "case": str(number), "key": key_of(number), "mark": EVERY[number - 1].mark,
        "file": f"protocols/{key_of(number)}.toml", "other": f"protocols/{key_of(other)}.toml",
    }  # fmt: skip
    return template.format(**names).split()


@pytest.mark.slow
@pytest.mark.parametrize("line", AT_ONCE)
def test_what_looks_at_all_cases_is_still(office: Office, line: str, shown: Show) -> None:
    ran = office.run(*line.split())
    assert_fine(ran)
    if line in ALL_SEEN:
        assert_marked(ran.text)
    if line.partition(" ")[0] not in NO_JSON:
        assert_json(office.run(*line.split(), "--json").text)
    for width in (20, 80, 160) if FULL else (80,):
        assert_fine_on_a_terminal(office.run(*line.split(), columns=width))
    shown(f"{len(EVERY)} texts in {line.partition(' --')[0]}")


@pytest.mark.slow
@pytest.mark.parametrize("template", OF_EACH)
def test_what_looks_at_one_case_or_protocol_is_still(office: Office, template: str, shown: Show) -> None:
    looked = 0
    for number, payload in some(EVERY, 9, OF_EACH.index(template)):
        if payload in WITH_NUL and "search" in template:
            continue  # these stand in protocols, which are not searched
        line = line_for(template, number)
        ran = office.run(*line)
        statuses = (0, 1) if template.startswith("explain") else (0,)  # of a closed case there is nothing to explain
        assert_fine(ran, statuses)
        if payload in SHORT and not template.startswith(("note", "protocol check", "explain")):
            assert payload.mark in ran.text, payload
        looked += 1
        if FULL or number % 3 == 0:
            as_json = office.run(*line, "--json")
            assert_still(as_json.errors)
            if as_json.status == 0:
                assert_json(as_json.text)
            for width in (80, 160):
                asked = b"n\n" if line[0] == "form" else b""  # whether to record that it was filled in
                assert_fine_on_a_terminal(office.run(*line, stdin=asked, columns=width), statuses)
    shown(f"{looked} texts in {template.partition(' {')[0]}")


@pytest.mark.slow
def test_markup_is_shown_as_it_was_typed(office: Office) -> None:
    listed = office.run("list").text
    for payload in PAYLOADS:
        if payload.family in ("markup of Rich", "templates", "shells and SQL"):
            assert payload.text in listed, payload


def test_json_gives_every_text_back_as_it_was_typed(office: Office) -> None:
    subjects = {each["case"]: each["subject"] for each in assert_json(office.run("list", "--json").text)}
    told = [(payload, subjects[f"E{number:04}"]) for number, payload in enumerate(PAYLOADS, 1)]
    assert [payload for payload, subject in told if subject.split() != payload.text.split()] == []


def test_a_question_at_a_terminal_is_still(office: Office, shown: Show) -> None:
    """What `open` asks at a terminal is in the words of the protocol, and what it says of an answer has that answer in it."""
    chosen = some(EVERY, 3)
    for number, payload in chosen:
        line = ("open", f"protocols/{key_of(number)}.toml", "--about", "Thresholds", "--dry-run")
        ran = office.run(*line, stdin=b"\n\n\n\nmaybe\n\n\n\n", columns=120)
        assert_fine_on_a_terminal(ran)
        assert payload.mark in ran.text.replace("\r\n", ""), payload
    shown(f"{len(chosen)} texts in questions")


@pytest.mark.parametrize("how", ["complete_bash", "complete_zsh", "complete_fish"])
def test_what_completes_a_command_line_is_still(office: Office, how: str) -> None:
    for _, payload in some(PAYLOADS, 8):
        words = f"escalate show {payload.cut(500)}"
        asked = {"_ESCALATE_COMPLETE": how, "COMP_WORDS": words, "COMP_CWORD": "2", "_TYPER_COMPLETE_ARGS": words}
        assert_fine(office.run(environment=asked), (0, 1))


# -- what is quoted when something is refused ------------------------------------------------------------------------------

MONDAY = date(2027, 1, 4)
REFUSED_LINES = [
    "show {}", "log {}", "explain {}", "explain 1 {}", "explain 1 --stage {}", "note {} x", "note 1 x --at {}", "done 1 {}", "done 1 talk --stage {}",
    "agree 1 {}", "agree 1 tomorrow --action {}", "advance 1 --to {}", "advance 1 --because {}", "reopen {}", "assign 1 {} x", "assign 1 raising x --email {}",
    "set 1 {}", "set 1 severity={}", "set 1 born={}", "set 1 concern={}", "undo {}", "undo 1 --entry {}", "open {}", "open ./{}", "open lincolnshire --fact {}",
    "open lincolnshire --route {}", "open lincolnshire --stage {}", "open lincolnshire --concern {}", "due --within {}", "due --as-of {}", "due --limit {}",
    "due --protocol {}", "list --status {}", "list --since {}", "log 1 --kind {}", "search ... {}", "plan {}", "plan lincolnshire --at {}",
    "plan lincolnshire --fact {}", "calc {} 1day", "calc today {}", "calc today 1day --calendar {}", "calendar show {}", "calendar show --calendar {}",
    "calendar add {} --reason x", "calendar refresh --from {}", "protocol show {}", "protocol check {}", "protocol compare {} {}", "protocol new {}",
    "protocol new x --like {}", "protocol new x --to {}", "protocol adopt {}", "protocol adopt 1 {}", "digest --format {}", "digest --since {}",
    "digest --install cron --time {}", "report --quarter {}", "report --year {}", "report --from {}", "report --format {}", "report --output {}/x.html", "board --output {}/x.html",
    "form 1 {}", "form 1 form --output {}/x", "export {}", "export csv --what {}", "export json {}/x", "import {}", "import log.csv --map {}",
    "import log.csv --sheet {}", "import log.csv --protocol {}", "verify --head {}", "backup {}/x", "restore {}", "erase {}", "erase --closed-for {}", "--db {}/x list", "--{} x", "{}", "calendar {}", "protocol {}", "due {}",
]  # fmt: skip
"""Command lines that are refused, mostly, with a sentence that quotes what was typed; {} is where it goes."""

REFUSED_SETTINGS = ["ESCALATE_DB", "ESCALATE_NOW", "ESCALATE_CONFIG", "ESCALATE_PROTOCOLS", "ESCALATE_CALENDAR", "ESCALATE_AT_RISK", "ESCALATE_WORKING_HOURS"]  # fmt: skip


def refused(office: Office, line: str, text: str) -> Run:
    return office.run(*(word.replace("{}", text) for word in line.split()))


@pytest.mark.slow
def test_what_is_quoted_where_something_is_refused_is_still(small: Office, shown: Show) -> None:
    (small.folder / "log.csv").write_text("Ref,Date raised\n1,1/10/2026\n", encoding="utf-8")
    tried = 0
    lines = [*REFUSED_LINES, *REFUSED_SETTINGS]
    quoted: dict[str, int] = dict.fromkeys(lines, 0)
    for number, payload in enumerate(PAYLOADS):
        for _, line in some(lines, size(6, 24), number):
            if line in REFUSED_SETTINGS:
                runs_ = [
                    small.run(*words, environment={line: payload.text})
                    for words in (("calc", "today", "1 day"), ("config",))
                ]
            else:
                runs_ = [refused(small, line, payload.text)]
            for ran in runs_:
                assert_fine(ran, (0, 1, 2))
                assert ran.status == 0 or ran.stdout == b"" or line in SAYS_MORE, (line, payload, ran)
                quoted[line] += payload.mark in ran.text + ran.errors
            tried += 1
    assert [line for line, times in quoted.items() if times == 0 and line not in NEVER_QUOTED] == []
    shown(f"{tried} refusals")


SAYS_MORE = ("protocol check {}",)
NEVER_QUOTED = ("set 1 born={}", "assign 1 raising x --email {}", "search ... {}", "import log.csv --sheet {}")
"""A date of birth and an address are not repeated, whatever is wrong with them; of the others something else is wrong."""


@pytest.mark.slow
def test_bytes_that_are_no_text_are_refused_or_shown_as_what_they_are(small: Office, shown: Show) -> None:
    lines = [
        "show",
        "note 1",
        "open",
        "calc today",
        "protocol check",
        "import",
        "export json",
        "form 1 form --output",
        "search",
    ]
    for bytes_ in NO_TEXT:
        for line in lines:
            assert_fine(small.run(*line.split(), bytes_), (1, 2))
        assert_fine(small.run("set", "1", "name=-", "address=-", stdin=bytes_ + b"\n" + bytes_ + b"\n"))
        assert_fine(small.run("calc", "-", stdin=bytes_ + b"\t" + bytes_ + b"\n"))
        (small.folder / "x.toml").write_bytes(b'id = "' + bytes_ + b'"')
        assert_fine(small.run("protocol", "check", "x.toml"), (1,))
        (small.folder / "x.csv").write_bytes(
            b"Ref,Date raised,Protocol,From\n1,1/10/2026,lincolnshire," + bytes_ + b"\n"
        )
        assert_fine(small.run("import", "x.csv"), (0, 1))
        (small.folder / "x.json").write_bytes(b'{"' + bytes_ + b'": 1}')
        assert_fine(small.run("calendar", "refresh", "--from", "x.json", "--dry-run"), (1,))
    for look in (["show", "1", "--identify"], ["log", "1", "--identify"]):
        assert_fine(small.run(*look))
    shown(f"{len(NO_TEXT)} texts that are none")


@pytest.mark.slow
def test_a_list_of_bank_holidays_names_no_day_by_what_acts(small: Office) -> None:
    """JSON alone can carry half of a pair of surrogates, which no file and no stream can."""
    events = json.loads(
        (Path(__file__).parent.parent / "data" / "govuk-bank-holidays.json").read_text(encoding="utf-8")
    )
    first = events["england-and-wales"]["events"][0]
    for text in ("\ud800", "\udfff\ud800", *(payload.text for _, payload in some(SHORT, 10))):
        first["title"] = text
        (small.folder / "x.json").write_text(json.dumps(events), encoding="utf-8")
        ran = small.run("calendar", "refresh", "--from", "x.json", "--dry-run")
        assert_fine(ran, (0, 1))
        assert_fine(small.run("calendar", "refresh", "--from", "x.json", "--dry-run", "--json"), (0, 1))
    first["title"] = "New Year's Day"
    events["england-and-wales"]["division"] = "\ud800"
    events["\ud800\x1b[31m"] = {}
    (small.folder / "x.json").write_text(json.dumps(events), encoding="utf-8")
    assert_fine(small.run("calendar", "refresh", "--from", "x.json", "--dry-run"), (1,))


# -- calendars of our own, settings, and protocols that are made or are wrong -----------------------------------------------


@pytest.mark.slow
def test_a_reason_for_a_closure_is_still_wherever_it_is_shown(small: Office, shown: Show) -> None:
    reasons = some(PAYLOADS, 6)
    for _, payload in reasons:
        ran = small.run("calendar", "add", "2027-03-01", f"--reason={payload.text}", "--dry-run")
        assert_fine(ran)
        assert payload not in SHORT or payload.mark in ran.text
    chosen = [each for each in SHORT if each.family in ("terminal", "markup of Rich", "what cannot be seen")][:30]
    for n, payload in enumerate(chosen, 1):
        day = f"{MONDAY + timedelta(days=n // 5 * 7 + n % 5):%Y-%m-%d}"
        assert_fine(small.run("calendar", "add", day, f"--reason={payload.text}", "--yes"))
    for look in (
        ["calendar", "show", "2026"],
        ["calendar", "check"],
        ["calc", "2026-12-01", "60 working days"],
        ["log", "1"],
    ):
        assert_fine(small.run(*look))
    shown(f"{len(reasons) + len(chosen)} reasons for a closure")


@pytest.mark.slow
def test_a_protocol_file_that_is_wrong_is_told_of_in_still_words(small: Office, shown: Show) -> None:
    """Each text where something else has to stand: in place of an id, a key, an allowance, a date, a name of a table."""
    told, sound = 0, []
    for _, payload in some(EVERY, 10):
        good = protocol_text(payload, "wrong")
        said = re.search(r"^title = (.*)$", good, re.MULTILINE)
        assert said
        for before, after in (
            ('id = "wrong"', f"id = {said[1]}"), ('key = "main"', f"key = {said[1]}"), ('within = "24 hours"', f"within = {said[1]}"),
            ('when = "severity is high"', f"when = {said[1]}"), ('dated = "2026-01"', f"dated = {said[1]}"), ("[calendar]", f"[{said[1]}]"),
            ('next = ["2"]', f"next = [{said[1]}]"), ('from = "raised"', f"from = {said[1]}"), ("covers =", f"extends = {said[1]}\ncovers ="),
            ('name = "england-and-wales"', f"name = {said[1]}"), ('source = "subject"', f"source = {said[1]}"),
        ):  # fmt: skip
            assert before in good
            (small.folder / "wrong.toml").write_text(good.replace(before, after, 1), encoding="utf-8")
            ran = small.run("protocol", "check", "wrong.toml")
            assert_fine(ran, (0, 1))
            sound += [(before, payload)] if ran.status == 0 else []
            assert_json(small.run("protocol", "check", "wrong.toml", "--json").text)
            told += 1
    assert len(sound) < told / 10, sound
    shown(f"{told} wrong protocols")


def test_a_protocol_begun_from_a_hostile_one_holds_no_more_than_it(office: Office, shown: Show) -> None:
    chosen = some(EVERY, 10)
    for number, payload in chosen:
        name, file = f"new-{number}", office.folder / f"new-{number}.toml"
        titles = [] if payload in WITH_NUL else [f"--title={payload.cut(500)}", f"--partnership={payload.cut(500)}"]
        ran = office.run("protocol", "new", name, f"--like=protocols/{key_of(number)}.toml", f"--to={file}", *titles)
        assert_fine(ran)
        assert_fine(office.run("protocol", "check", str(file)), (0, 1))
        assert_fine(office.run("protocol", "show", str(file)))
        text = file.read_text(encoding="utf-8")
        assert [ascii(each) for each in sorted(set(text)) if not each.isprintable() and each != "\n"] == []
        file.unlink()
    shown(f"{len(chosen)} protocols begun")


# -- spreadsheets ---------------------------------------------------------------------------------------------------------

FORMULA = tuple("=+-@\t\r＝＋－＠﹢−")
DIVIDERS = ",;\t|"
"""What programs take for the end of a cell, by the country they are set to or by what somebody chooses."""


def as_excel_reads(text: str) -> str:
    """A cell with what Excel decodes in it decoded: _x000D_ stands for a carriage return."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["cases", "deadlines", "history"])
@pytest.mark.parametrize("identify", [False, True])
def test_no_cell_of_a_csv_is_a_formula(office: Office, what: str, identify: bool, shown: Show) -> None:
    ran = office.run("export", "csv", "--what", what, *(["--identify"] if identify else []))
    shown(f"{assert_csv(ran)} cells of csv")


def assert_csv(ran: Run) -> int:
    """A table with no cell that a spreadsheet takes for a formula, wherever it divides: how many cells there were."""
    assert_fine(Run(ran.status, ran.stdout.replace(b"\r\n", b"\n").removeprefix("\ufeff".encode()), ran.stderr))
    text, cells = ran.text.removeprefix("\ufeff"), 0
    csv.field_size_limit(10**9)
    for divider in DIVIDERS:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=divider))
        found = [cell for row in rows for cell in row]
        assert [cell for cell in found if cell.strip().startswith(FORMULA)] == [], divider
        cells += len(found)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert_marked(text)
    return cells


def parts(content: bytes) -> dict[str, ET.Element]:
    """The parts of an Office file that are XML, each well-formed."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                found[name] = ET.fromstring(package.read(name))
    return found


def assert_no_active_part(found: dict[str, ET.Element]) -> None:
    """No formula, field, link, script, embedded thing or reference to anything outside."""
    for name, root in found.items():
        if name.startswith("xl/charts/"):  # a chart is drawn from cells of our own sheets
            drawn_from = [element for element in root.iter() if element.tag.endswith("}f")]
            assert all(
                re.fullmatch(r"'[A-Za-z ]+'!\$?[A-Z]\$?\d+(:\$?[A-Z]\$?\d+)?", each.text or "") for each in drawn_from
            )
            for each in drawn_from:
                each.tag = "drawn from"
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"f", "hyperlink", "hyperlinks", "fldSimple", "fldChar", "instrText", "oleObject", "object", "altChunk", "externalReference", "ddeLink"}, name  # fmt: skip
        assert all(element.get("TargetMode") != "External" for element in root.iter())
    assert not [name for name in found if re.search("vba|macro|embed|external|activeX", name, re.IGNORECASE)]


def assert_sheets(content: bytes, payloads: Iterable[Payload] = SHORT) -> int:
    """The cells of a workbook, all of them plain: how many there were."""
    assert_no_active_part(parts(content))
    cells: list[Any] = [
        cell for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row
    ]
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}
    assert [cell.value for cell in texts if cell.value.strip().startswith(FORMULA) and not cell.quotePrefix] == []
    assert [cell.coordinate for cell in cells if cell.hyperlink] == []
    together = "\n".join(cell.value for cell in texts)
    assert_still(together)
    assert_still(as_excel_reads(together.replace("_x005F_", "_x005f-")))
    assert_marked(together, payloads)
    return len(texts)


@pytest.mark.slow
@pytest.mark.parametrize("identify", [False, True])
def test_no_cell_of_a_workbook_is_a_formula(office: Office, identify: bool, shown: Show) -> None:
    assert_fine(office.run("export", "xlsx", "out.xlsx", *(["--identify"] if identify else [])))
    shown(f"{assert_sheets((office.folder / 'out.xlsx').read_bytes())} cells of xlsx")


@pytest.mark.slow
def test_what_is_exported_as_json_is_json(office: Office) -> None:
    found = assert_json(office.run("export", "json", "--identify").text)
    assert {" ".join(str(each["subject"]).split()) for each in found["cases"]} >= {
        " ".join(payload.text.split()) for payload in PAYLOADS
    }


# -- reports and digests ----------------------------------------------------------------------------------------------------

REPORT = ("report", "--from", "2026-11-01", "--to", "2026-11-24")
PAGE_TAGS = {
    "html", "head", "meta", "title", "style", "body", "svg", "defs", "pattern", "rect", "circle", "header", "h1", "p", "nav", "ul", "li", "a", "main",
    "section", "h2", "figure", "desc", "text", "figcaption", "span", "table", "caption", "thead", "tr", "th", "tbody", "td", "tfoot", "footer", "line",
    "path", "dl", "dt", "dd", "strong", "div",
}  # fmt: skip
PAGE_ATTRIBUTES = {
    "aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "content", "cx", "cy", "d", "data-label", "focusable", "height", "href", "http-equiv",
    "id", "lang", "name", "patterntransform", "patternunits", "r", "role", "scope", "tabindex", "text-anchor", "viewbox", "width", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip
WORDS_OF_OURS = re.compile(r"[a-zA-Z0-9#%.,:;()'=/+ -]*")
"""What the values of attributes are made of: nothing in one comes from what somebody typed."""


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, its text, and whatever else stands in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.others: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def assert_page(text: str, payloads: Iterable[Payload] = SHORT) -> int:
    """A page of our own elements only, with every text in it as text: how many elements there were."""
    assert_still(text)
    page = Page(text)
    assert page.others == ["doctype html"]
    assert {tag for tag, _ in page.elements} <= PAGE_TAGS
    attributes = [(name, value or "") for _, given in page.elements for name, value in given.items()]
    assert {name for name, _ in attributes} <= PAGE_ATTRIBUTES
    assert [value for _, value in attributes if not WORDS_OF_OURS.fullmatch(value)] == []
    assert {value[:1] for name, value in attributes if name == "href"} <= {"#"}
    assert [tag for tag, _ in page.elements].count("style") == 1
    assert [
        given
        for tag, given in page.elements
        if tag == "meta" and given.get("http-equiv") not in (None, "Content-Security-Policy")
    ] == []
    assert_marked("".join(page.texts), payloads)
    return len(page.elements)


REPORT_OR_DIGEST = [REPORT, ("digest", "--always", "--dry-run")]


@pytest.mark.slow
@pytest.mark.parametrize("line", REPORT_OR_DIGEST, ids=lambda line: line[0])
def test_a_page_has_our_elements_only(office: Office, line: tuple[str, ...], shown: Show) -> None:
    ran = office.run(*line, "--format", "html")
    assert ran.status == 0
    assert_still(ran.errors)
    shown(f"{assert_page(ran.text)} elements of HTML")


MARKDOWN_TOKENS = {
    "inline", "text", "text_special", "strong_open", "strong_close", "heading_open", "heading_close", "paragraph_open", "paragraph_close", "softbreak",
    "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "table_open", "table_close", "thead_open", "thead_close", "tbody_open",
    "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close",
}  # fmt: skip


def markdown_tokens(text: str) -> Iterator[Any]:
    """The tokens of a document as GitHub reads one, which makes links of bare addresses too; not of names without www or //."""
    reader = MarkdownIt("gfm-like")
    assert reader.linkify is not None
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    for token in reader.parse(text):
        yield token
        yield from token.children or ()


def assert_markdown(text: str, payloads: Iterable[Payload] = SHORT) -> int:
    """A document of our own marks only, with every text in it as text: how many tokens there were."""
    assert_still(text)
    tokens = list(markdown_tokens(text))
    assert {token.type for token in tokens} <= MARKDOWN_TOKENS
    lines = text.splitlines()
    assert sum(token.type == "heading_open" for token in tokens) == sum(each.startswith("#") for each in lines) < 30
    items = sum(bool(re.match(" *- ", each)) for each in lines)
    assert sum(token.type == "list_item_open" for token in tokens) == items
    columns = {token.attrs.get("style") for token in tokens if token.type == "td_open"}
    assert columns <= {"text-align:left", "text-align:right"}
    assert_marked("".join(token.content for token in tokens if token.type == "text"), payloads)
    return len(tokens)


@pytest.mark.slow
@pytest.mark.parametrize("line", REPORT_OR_DIGEST, ids=lambda line: line[0])
def test_markdown_has_our_marks_only(office: Office, line: tuple[str, ...], shown: Show) -> None:
    ran = office.run(*line, "--format", "markdown")
    assert ran.status == 0
    assert_still(ran.errors)
    shown(f"{assert_markdown(ran.text)} tokens of Markdown")


@pytest.mark.slow
def test_a_report_as_a_workbook_or_json_is_plain(office: Office, shown: Show) -> None:
    assert office.run(*REPORT, "--output", "out.xlsx").status == 0
    cells = assert_sheets((office.folder / "out.xlsx").read_bytes())
    assert_json(office.run(*REPORT, "--json").text)
    assert_json(office.run("digest", "--always", "--dry-run", "--format", "json").text)
    assert office.run(*REPORT, "--output", "out.docx").status == 0
    cells += len(assert_document((office.folder / "out.docx").read_bytes()))
    cells += assert_csv(office.run(*REPORT, "--format", "csv"))
    shown(f"{cells} cells of the report")


@pytest.mark.slow
def test_a_report_for_publication_is_plain_in_every_format(office: Office, shown: Show) -> None:
    """Of a case at a time: what may be published of hundreds of agencies takes minutes to prove."""
    chosen = SHORT[:: size(10, 60, 6)]
    for payload in chosen:
        line = (*REPORT, "--suppress", "5", "--agency", payload.mark)
        ran = office.run(*line)
        assert_fine(ran)
        assert payload.mark in ran.text
        assert_json(office.run(*line, "--json").text)
        assert_page(office.run(*line, "--format", "html").text, [payload])
        assert_markdown(office.run(*line, "--format", "markdown").text, [payload])
        assert office.run(*line, "--output", "out.xlsx", "--force").status == 0
        assert_sheets((office.folder / "out.xlsx").read_bytes(), [payload])
    shown(f"{len(chosen)} reports for publication")


FILTERS = [("report", "--agency"), ("report", "--theme"), ("digest", "--agency"), ("digest", "--owner"), ("due", "--agency"), ("due", "--owner"), ("list", "--agency")]  # fmt: skip


def test_what_was_asked_for_is_repeated_as_text(office: Office, shown: Show) -> None:
    """The head of a report says what it was asked for."""
    asked = 0
    for number, payload in some(SHORT, 6):
        command, option = FILTERS[number % len(FILTERS)]
        always = ["--always", "--dry-run"] if command == "digest" else []
        ran = office.run(command, *always, f"{option}={payload.text}")
        assert_fine(ran)
        if command != "report":
            continue
        assert payload.mark in ran.text
        assert_page(office.run(*REPORT, f"{option}={payload.text}", "--format", "html").text, [payload])
        assert_markdown(office.run(*REPORT, f"{option}={payload.text}", "--format", "markdown").text, [payload])
        asked += 1
    shown(f"{asked} reports by a filter")


# -- calendars --------------------------------------------------------------------------------------------------------------

EVENT_LINES = {
    "BEGIN", "END", "UID", "SEQUENCE", "CREATED", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "STATUS", "TRANSP", "SUMMARY", "DESCRIPTION",
    "ACTION", "TRIGGER", "PRODID", "VERSION", "X-WR-CALNAME",
}  # fmt: skip


def test_a_calendar_has_our_lines_only(office: Office, shown: Show) -> None:
    ran = office.run("export", "ics")
    assert ran.status == 0
    assert_still(ran.errors)
    assert_still(ran.text.replace("\r\n", "\n"))
    assert "\n" not in ran.text.replace("\r\n", "")
    assert max(len(line) for line in ran.stdout.split(b"\r\n")) <= 75
    lines = ran.text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert {re.split("[;:]", line)[0] for line in lines} == EVENT_LINES
    calendar = icalendar.Calendar.from_ical(ran.stdout)
    components = list(calendar.walk())
    assert {component.name for component in components} == {"VCALENDAR", "VEVENT", "VALARM"}
    assert {name for component in components for name in component} == EVENT_LINES - {"BEGIN", "END"}
    assert {str(component["ACTION"]) for component in components if component.name == "VALARM"} == {"DISPLAY"}
    assert [error for component in components for error in component.errors] == []
    assert all(
        not value.params or set(value.params) <= {"VALUE"}
        for component in components
        for value in component.values()
        if hasattr(value, "params")
    )
    assert_marked("".join(str(component["DESCRIPTION"]) for component in components if component.name == "VEVENT"))
    shown(f"{len(components)} parts of a calendar")


# -- mail -------------------------------------------------------------------------------------------------------------------

LETTER_HEADS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}


def test_a_letter_has_our_headers_one_reader_and_all_of_its_text(office: Office, shown: Show) -> None:
    """Through a real mail server. One letter is about all cases, and one each about the cases of an agency with a hostile name."""
    box, names = Box(), {"unit@partnership.example": "K"}
    names |= {f"reader{n}@agency.example": payload.text for n, payload in some(SHORT, 8)}
    with mail_server(box) as port:
        mail_settings(office, port, names)
        assert_fine(office.run("digest", "--mail", "--dry-run"))
        assert_fine(office.run("digest", "--mail"))
    assert sorted(box.readers) == sorted(names)
    for to, letter in box.letters:
        assert letter.defects == []
        assert set(letter.keys()) == LETTER_HEADS
        assert len(letter.keys()) == len(LETTER_HEADS)
        assert (letter["To"], letter["From"]) == (to, "unit@partnership.example")
        assert re.fullmatch(r"Escalations: [a-zA-Z0-9 ,()]+", letter["Subject"])
        bodies = list(letter.walk())
        assert [part.get_content_type() for part in bodies] == ["multipart/alternative", "text/plain", "text/html"]
        assert all(
            set(part.keys()) <= {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"} for part in bodies[1:]
        )
        told = SHORT if to.startswith("unit") else []
        assert_still(_body(bodies[1]))
        assert_marked(_body(bodies[1]), told)
        assert_page(_body(bodies[2]), told)
    shown(f"{len(box.letters)} letters")


def _body(part: Any) -> str:
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


# -- forms ------------------------------------------------------------------------------------------------------------------


def assert_document(content: bytes) -> list[str]:
    """A Word file in which nothing acts: its paragraphs and cells."""
    assert_no_active_part(parts(content))
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    texts = [*(each.text for each in document.paragraphs), *cells]
    assert_still("\n".join(texts))
    assert_still("".join(str(value) for value in (document.core_properties.title, document.core_properties.author)))
    return texts


@pytest.mark.slow
def test_a_form_for_word_is_only_text(office: Office, shown: Show) -> None:
    paragraphs = 0
    for number, payload in some(EVERY, 6):
        assert_fine(office.run("form", str(number), "--identify", "--output", "out.docx", "--force"))
        texts = assert_document((office.folder / "out.docx").read_bytes())
        assert payload.mark in "\n".join(texts), payload
        paragraphs += len(texts)
        assert_fine(office.run("form", str(number), "--json"))
        assert_fine(office.run("form", str(number), "--format", "docx"))
        made = [each.name for each in office.folder.glob("*.docx") if each.name != "out.docx"]
        assert made == [f"E{number:04}-form.docx"], (
            "a file gets its name from the case and the form, which have no text in them"
        )
        (office.folder / made[0]).unlink()
    shown(f"{paragraphs} cells of Word")


# -- what is imported -------------------------------------------------------------------------------------------------------

HEADINGS = ("Ref", "Date raised", "Protocol", "Unique identifier", "Name", "Address", "From", "To", "Other agencies", "Theme", "Concern",
            "Raised by", "Received by", "Level of need", "Desired outcome", "Outcome", "Lessons", "Comments", "Odd heading")  # fmt: skip


def row_of(payload: Payload) -> list[str]:
    text, short = payload.text[:30_000], payload.cut(50)
    return [text[:200], "1/10/2026", "lincolnshire", text, text, text, text, text, text, short, *[text] * 8, text]


def as_csv(rows: list[list[str]]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerows(rows)
    return line.getvalue().encode()


def as_xlsx(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = book.active.cell(number, column)
            cell.value = re.sub(
                "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", lambda found: f"_x{ord(found[0]):04X}_", text
            )
            cell.data_type = "s"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


class Kind(NamedTuple):
    """A kind of file, and how one is made."""

    name: str
    made: Callable[[list[list[str]]], bytes]
    payloads: list[Payload]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [Kind("log.csv", as_csv, PAYLOADS), Kind("log.xlsx", as_xlsx, PAYLOADS)], ids=lambda kind: kind.name
)
def test_what_stands_in_an_imported_file_is_still_before_and_after(
    tmp_path: Path, run_it: Runs, kind: Kind, shown: Show
) -> None:
    office = Office(tmp_path, run_it)
    (tmp_path / kind.name).write_bytes(kind.made([list(HEADINGS), *map(row_of, kind.payloads)]))
    for options in ([], ["--json"], ["--write", "--skip-bad"], ["--write", "--skip-bad"]):
        ran = office.run("import", kind.name, *options)
        assert_fine(ran, (0, 1) if not options or options == ["--json"] else (0,))
        if options == ["--json"]:
            assert_json(ran.text)
    for half in (kind.payloads[:150], kind.payloads[150:]):  # so few that no bar says how far it is
        (tmp_path / f"half-{kind.name}").write_bytes(kind.made([list(HEADINGS), *map(row_of, half)]))
        assert_fine_on_a_terminal(office.run("import", f"half-{kind.name}", "--skip-bad", columns=80, stdin=b"\n" * 50))
    opened = assert_json(office.run("list", "--json").text)
    assert len(opened) > 0.9 * len(kind.payloads)
    for number in range(1, len(opened) + 1, size(10, 10, 1)):
        for look in ("show", "log"):
            assert_fine(office.run(look, str(number), "--identify"))
    for line in (["list", "--identify"], ["due", "--identify"], ["export", "csv", "--what", "history", "--identify"]):
        ran = office.run(*line)
        assert_fine(Run(ran.status, ran.stdout.replace(b"\r\n", b"\n").removeprefix("\ufeff".encode()), ran.stderr))
    office.run("export", "xlsx", "out.xlsx", "--identify")
    assert_sheets((tmp_path / "out.xlsx").read_bytes(), [])
    shown(f"{len(opened)} rows of {kind.name}")


def test_a_csv_with_a_nul_in_it_is_refused_in_still_words(tmp_path: Path, run_it: Runs) -> None:
    office = Office(tmp_path, run_it)
    for payload in WITH_NUL:
        (tmp_path / "nul.csv").write_bytes(as_csv([list(HEADINGS), row_of(payload)]))
        ran = office.run("import", "nul.csv", "--write", "--skip-bad")
        assert_fine(ran, (1,))
        assert "is not a spreadsheet" in ran.errors


@pytest.mark.slow
def test_a_heading_or_a_bad_row_of_an_imported_file_is_quoted_as_text(
    tmp_path: Path, run_it: Runs, shown: Show
) -> None:
    office = Office(tmp_path, run_it)
    chosen = some(EVERY, 4)
    for _, payload in chosen:
        text = payload.cut(1_000)
        bad = [[text, text, "Ref"], [text, text, text]]
        (tmp_path / "bad.csv").write_bytes(as_csv(bad))
        assert_fine(office.run("import", "bad.csv"), (0, 1, 2))
        wrong = [["Ref", "Date raised", "Protocol", text, "Stage", "Status"], [text, text, text, text, text, text], ["2", "1/10/2026", text, "", text, text],
                 ["3", "1/10/2026", "lincolnshire", text, text, ""], ["4", "1/10/2026", "lincolnshire", text, "", text]]  # fmt: skip
        (tmp_path / "bad.csv").write_bytes(as_csv(wrong))
        assert_fine(office.run("import", "bad.csv", "--skip-bad"), (0, 1, 2))
        as_json = office.run("import", "bad.csv", "--skip-bad", "--json")
        assert_still(as_json.errors)
        if as_json.status == 0:
            assert_json(as_json.text)
        if FULL:
            assert_fine_on_a_terminal(
                office.run("import", "bad.csv", "--skip-bad", columns=80, stdin=b"\n" * 50), (0, 1, 2)
            )
    shown(f"{len(chosen)} bad files")


# -- the test itself --------------------------------------------------------------------------------------------------------


def test_there_are_enough_texts_of_every_family(shown: Show) -> None:
    assert sum(map(len, FAMILIES.values())) >= 60
    assert min(len(texts) for texts in FAMILIES.values()) >= 4
    shown(f"{len(EVERY)} texts of {len(FAMILIES) + 1} families")


OF_TERMINALS = ("terminal", "what cannot be seen", "what stands over its neighbours")


def test_every_text_that_acts_on_a_terminal_would_be_noticed() -> None:
    """A check that nothing can fail shows nothing: as it was typed, each of these fails it."""
    acting = [payload for payload in PAYLOADS if payload.family in OF_TERMINALS]
    assert len(acting) > size(5, 40)
    for payload in acting:
        with pytest.raises(AssertionError):
            assert_still(payload.text)
