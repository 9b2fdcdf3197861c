"""A partnership's own Word file: filled in from a case, or with a row for each; what may stand in it, and what is said where it cannot be used."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pytest

from escalate.domain.protocol.form_sources import SOURCES, STAGE_PARTS
from tests.commands.test_form import text_of
from tests.driver import CopyOf, Office
from tests.sizes import sampled

FORM = """
[[forms]]
key = "{key}"
name = "Their own form"
cite = "Appendix Z"
template = "{name}"
"""

run = Office(now="2026-11-24T10:00", by="Jo Bell", environment={"ESCALATE_PROTOCOLS": "{home}/protocols"})
ours = run.did


def word(
    folder: Path, paragraphs: Sequence[str] = (), rows: Sequence[Sequence[str]] = (), name: str = "own.docx"
) -> Path:
    """A Word file with these paragraphs, and a table of these rows."""
    paper: Any = docx.Document()
    for said in paragraphs:
        paper.add_paragraph(said)
    if rows:
        table = paper.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
        for row in rows:
            for cell, said in zip(table.add_row().cells, row, strict=True):
                cell.text = said
    paper.core_properties.author = "Somebody Else"
    folder.mkdir(exist_ok=True)
    paper.save(str(folder / name))
    return folder / name


@pytest.fixture
def desk(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(two_cases, tmp_path)


def two_cases(folder: Path) -> None:
    """Two cases under a protocol like Herefordshire's, whose file names a Word file beside it."""
    own = folder / "protocols"
    own.mkdir()
    (own / "ours.toml").write_text(
        f'extends = "herefordshire"\nid = "ours"\npartnership = "Ours & Co"\n{FORM.format(key="own", name="own.docx")}',
        encoding="utf-8",
    )
    for number, asks in (("M-1", "Not safe <b>"), ("M-2", "Thresholds")):
        ours(
            folder, "open", "ours", "--subject", number, "--from", "School", "--to", "Council", "--about", asks,
            now="2026-11-19T09:00",
        )  # fmt: skip


def refused(folder: Path, *words: str) -> str:
    ran = run(folder, *words)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1), ran
    return ran.stderr


def test_each_field_stands_where_the_partnership_has_it(desk: Path) -> None:
    word(
        desk / "protocols",
        [
            "{{ partnership }}: {{ subject }}, {{ from }} to {{ to }}",
            "By {{ receiving_name }}, {{ receiving_role }}, {{ receiving_email }}, {{ receiving_phone }}",
            "Stage 0 from {{ stage_0_begun }} to {{ stage_0_ended }}: {{ stage_0_outcome }}",
            "Stage 1 from {{ stage_1_begun }} to {{ stage_1_ended }}: {{ stage_1_outcome }}",
            "{% if born %}Born {{ born }}{% else %}No date of birth{% endif %}",
            "Family: {{ family }} Signed: {{ signature }} by {{ by }}",
        ],
    )
    ours(
        desk, "assign", "1", "receiving", "Bo Keeper", "--role", "Manager", "--email", "bo@council.example",
        "--phone", "01632 960000 ext 12", now="2026-11-19T10:00",
    )  # fmt: skip
    ours(desk, "advance", "1", "--reason", "They differ", now="2026-11-23T10:00")
    ours(desk, "form", "1", "own", "--identify", "--output", "out.docx")
    assert text_of(desk / "out.docx").splitlines() == [
        "Ours & Co: M-1, School to Council",
        "By Bo Keeper, Manager, bo@council.example, 01632 960000 ext 12",
        "Stage 0 from Thu 19 Nov 2026 09:00 to Mon 23 Nov 2026 10:00: They differ",
        "Stage 1 from Mon 23 Nov 2026 10:00 to : ",
        "No date of birth",
        "Family:  Signed:  by Jo Bell",
    ]
    about = docx.Document(str(desk / "out.docx")).core_properties
    assert (about.author, about.last_modified_by) == ("", "")


def test_names_are_in_it_only_with_identify(desk: Path) -> None:
    word(desk / "protocols", ["{{ name }} {{ receiving_name }} {{ receiving_phone }}"])
    ours(desk, "set", "1", "name=Ada Canary")
    ours(desk, "assign", "1", "receiving", "Bo Keeper", "--phone", "01632 960000")
    for identify, said in ((), "  "), (("--identify",), "Ada Canary Bo Keeper 01632 960000"):
        ours(desk, "form", "1", "own", *identify, "--output", "out.docx", "--force")
        assert text_of(desk / "out.docx") == f"{said}\n"
    assert "01632" not in ours(desk, "show", "1") + ours(desk, "show", "1", "--json") + ours(desk, "log", "1")
    assert "01632 960000" in ours(desk, "show", "1", "--identify")


def test_whatever_was_typed_is_text(desk: Path) -> None:
    word(desk / "protocols", ["{{ about }}|{{ desired_outcome }}"])
    ours(desk, "set", "1", "desired-outcome={{ subject }} {% for x in y %} </w:t> \x1b[31m &amp;")
    ours(desk, "form", "1", "own", "--output", "out.docx")
    assert text_of(desk / "out.docx") == "Not safe <b>|{{ subject }} {% for x in y %} </w:t> \\x1b[31m &amp;\n"


def test_a_field_of_several_lines_has_them_below_each_other(desk: Path) -> None:
    word(desk / "protocols", ["{{ progress }}"])
    ours(desk, "note", "1", "Rang them", now="2026-11-20T12:00")
    ours(desk, "advance", "1", "--reason", "They differ", now="2026-11-23T10:00")
    ours(desk, "form", "1", "own", "--output", "out.docx")
    first, second = text_of(desk / "out.docx").splitlines()
    assert first == "Fri 20 Nov 2026 12:00: Rang them"
    assert second == "Mon 23 Nov 2026 10:00: Escalated to stage 1 (Line manager to line manager): They differ"


def test_a_log_has_a_row_for_each_case(desk: Path) -> None:
    word(
        desk / "protocols",
        ["Log of {{ partnership }}, {{ today }}"],
        [
            ("Reference", "About"),
            ("{%tr for case in cases %}", ""),
            ("{{ case.subject }}", "{{ case.about }}"),
            ("{%tr endfor %}", ""),
        ],
    )
    assert ours(desk, "form", "ours", "own", "--output", "log.docx").endswith("log.docx is written, with 2 cases.\n")
    assert text_of(desk / "log.docx").splitlines() == [
        "Log of Ours & Co, 24 November 2026",
        "  Reference | About",
        "  M-1 | Not safe <b>",
        "  M-2 | Thresholds",
    ]
    ours(desk, "form", "2", "own", "--output", "one.docx")
    assert "M-1" not in text_of(desk / "one.docx")


def test_a_log_in_our_own_layout(desk: Path) -> None:
    """Of a form without a Word file, such as Herefordshire's Appendix 1."""
    ours(desk, "form", "ours", "appendix-1", "--output", "log.docx")
    paper = docx.Document(str(desk / "log.docx"))
    rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    headings = rows[0]
    assert [row[headings.index("Unique identifier")] for row in rows[1:]] == ["M-1", "M-2"]
    assert paper.sections[0].page_width > paper.sections[0].page_height  # type: ignore[operator]
    found = json.loads(ours(desk, "form", "ours", "appendix-1", "--json"))
    assert [each["case"] for each in found["cases"]] == ["E0001", "E0002"]
    assert ours(desk, "form", "ours", "appendix-1").count("Agency escalation summary log") == 2


def test_a_look_at_names_in_a_log_is_recorded_for_each_case(desk: Path) -> None:
    ours(desk, "set", "1", "name=Ada Canary")
    assert "Ada Canary" not in ours(desk, "form", "ours", "appendix-1")
    assert "Ada Canary" in ours(desk, "form", "ours", "appendix-1", "--identify")
    looks = json.loads(ours(desk, "access", "--json"))
    assert [each["cases"] for each in looks] == [["E0001", "E0002"]]


def test_who_fills_it_in_is_never_the_name_of_an_account(desk: Path) -> None:
    word(desk / "protocols", ["By {{ by }}."])
    nobody = Office(
        now="2026-11-24T10:00",
        environment={"ESCALATE_PROTOCOLS": "{home}/protocols", "LOGNAME": "root", "ESCALATE_BY": ""},
    )
    ran = nobody(desk, "form", "1", "own", "--output", "out.docx")
    assert 'who fills it in: write by = "YOUR NAME" in the settings file' in ran.stdout
    assert text_of(desk / "out.docx") == "By .\n"


ONLY = "only fields such as {{ subject }}, {% if subject %}, and in a log {%tr for case in cases %}"
NOT_READ = {
    "a mistyped field": (["{{ subjct }}"], "own.docx: {{ subjct }} is not something that can go in a form; did you mean {{ subject }}?"),
    "a sum": (["{{ 9 ** 9 ** 9 }}"], ONLY),
    "a call": (["{{ subject.upper() }}"], ONLY),
    "a hidden attribute": (["{{ subject.__class__ }}"], ONLY),
    "a filter": (["{{ subject|upper }}"], ONLY),
    "a list of its own": (["{% for a in range(99999999) %}x{% endfor %}"], ONLY),
    "rows in rows": (["{% for a in cases %}{% for b in cases %}x{% endfor %}{% endfor %}"], ONLY),
    "a name of its own": (["{% set a = subject %}"], ONLY),
    "another file": (["{% include 'cases.db' %}"], ONLY),
    "a mark that does not end": (["{{ subject"], "a mark of a field cannot be read"),
    "a question that does not end": (["{% if subject %}yes"], "a mark of a field cannot be read"),
    "a field of one case in a log": (
        ["{{ subject }}{% for a in cases %}{{ a.to }}{% endfor %}"],
        "own.docx: {{ subject }} is of one case, and this is a log: write it in the row, as in {{ case.subject }}",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("paragraphs", "says"), sampled(NOT_READ.values(), 3), ids=NOT_READ.keys())
def test_what_cannot_stand_in_a_word_file_is_refused(desk: Path, paragraphs: list[str], says: str) -> None:
    word(desk / "protocols", paragraphs)
    assert says in refused(desk, "form", "1", "own", "--output", "out.docx")
    assert not (desk / "out.docx").exists()
    checked = run(desk, "protocol", "check", "ours")
    assert checked.status == 1
    assert says in checked.stderr


def bomb() -> bytes:
    """A few kilobytes that unpack to more than 50 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 60_000_000)
    return content.getvalue()


NO_WORD_FILES = {
    "nothing": (b"", "own.docx is damaged, or not a Word file: open it in Word and save it as .docx."),
    "text": (b"Dear all", "own.docx is damaged, or not a Word file"),
    "an empty package": (b"PK\x05\x06" + b"\0" * 18, "own.docx is damaged, or not a Word file"),
    "too much": (bomb(), "own.docx unpacks to more than 50 MB: is it the right file?"),
}


@pytest.mark.parametrize(("content", "says"), NO_WORD_FILES.values(), ids=NO_WORD_FILES.keys())
def test_what_is_no_word_file_is_refused(desk: Path, content: bytes, says: str) -> None:
    (desk / "protocols" / "own.docx").write_bytes(content)
    assert says in refused(desk, "form", "1", "own", "--output", "out.docx")
    assert says in run(desk, "protocol", "check", "ours").stderr


RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def related(kind: str, target: str) -> str:
    """Something outside a Word file that it refers to."""
    return f'<Relationship Id="rId990" Type="{RELATIONSHIP}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'


def coded(*parts: str) -> str:
    """One of Word's own fields, whose code is in several parts."""
    words = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in parts)
    ends = [f'<w:r><w:fldChar w:fldCharType="{each}"/></w:r>' for each in ("begin", "end")]
    return f"<w:p>{ends[0]}{words}{ends[1]}</w:p><w:sectPr"


def changed(path: Path, part: str, before: str, after: str) -> None:
    """A Word file in which one part says something else, or is new."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(content, "w") as made:
        for name in package.namelist():
            text = package.read(name)
            made.writestr(name, text.replace(before.encode(), after.encode(), 1) if name == part else text)
        if part not in package.namelist():
            made.writestr(part, after)
    path.write_bytes(content.getvalue())


IN_TEXT, IN_LINKS = ("word/document.xml", "<w:sectPr"), ("word/_rels/document.xml.rels", "</Relationships>")
ACTS = {
    "macros": ("word/vbaProject.bin", "", "x", "has macros or objects of other programs in it"),
    "an object": ("word/embeddings/sheet.xlsx", "", "x", "has macros or objects of other programs in it"),
    "a picture of somebody's": (*IN_LINKS, related("image", "http://a.example/hyperlink"), "brings in http://a.example/hyperlink, which would be fetched"),
    "an object of somebody's": (*IN_LINKS, related("oleObject", "file://a/b"), "brings in file://a/b"),
    "another document": (*IN_TEXT, '<w:altChunk xmlns:r="x" r:id="a"/><w:sectPr', "brings in another file"),
    "a program": (*IN_TEXT, coded("DDE", "AUTO c:\\\\cmd.exe"), "a field of Word's own, DDEAUTO, that runs or fetches something"),
    "a picture by a field": (*IN_TEXT, '<w:p><w:fldSimple w:instr=" IncludePicture http://a.example"/></w:p><w:sectPr', "INCLUDEPICTURE"),
    "by another prefix": (*IN_TEXT, '<w:p><x:instrText xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main">&#76;INK a</x:instrText></w:p><w:sectPr', "LINK"),
    "what was typed": (*IN_TEXT, coded("QUOTE {{ about }}"), "a field of Word's own, QUOTE"),
    "a mark in the properties": ("docProps/core.xml", "Somebody Else", "{{ 9 ** 9 }}", ONLY),
}  # fmt: skip


@pytest.mark.parametrize(("part", "before", "after", "says"), ACTS.values(), ids=ACTS.keys())
def test_what_acts_once_somebody_opens_the_form_is_refused(
    desk: Path, part: str, before: str, after: str, says: str
) -> None:
    changed(word(desk / "protocols", ["{{ subject }}"]), part, before, after)
    assert says in refused(desk, "form", "1", "own", "--output", "out.docx")
    assert says in run(desk, "protocol", "check", "ours").stderr
    assert not (desk / "out.docx").exists()


HARMLESS = [
    (*IN_TEXT, coded("PAGE")), (*IN_LINKS, related("hyperlink", "mailto:team@partnership.example")),
    ("word/_rels/settings.xml.rels", "</Relationships>", related("attachedTemplate", "file:///C:/Users/somebody/Ours.dotm")),
]  # fmt: skip


@pytest.mark.parametrize(("part", "before", "after"), HARMLESS, ids=["a page number", "a link", "the template it was made from"])  # fmt: skip
def test_what_word_files_usually_have_is_no_hindrance(desk: Path, part: str, before: str, after: str) -> None:
    path = word(desk / "protocols", ["{{ subject }}"])
    if "settings" in part:
        after = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{after}'
    changed(path, part, before, after)
    ours(desk, "form", "1", "own", "--output", "out.docx")
    with zipfile.ZipFile(desk / "out.docx") as package:
        assert not any(b"Ours.dotm" in package.read(name) for name in package.namelist())


def test_a_file_with_every_field_is_filled_in_whole(desk: Path) -> None:
    stages = [f"stage_{stage}_{part}" for stage in "01234" for part in STAGE_PARTS]
    fields = [*(name.replace("-", "_") for name in SOURCES), *stages]
    word(desk / "protocols", [f"{name}: {{{{ {name} }}}}" for name in fields])
    ours(desk, "set", "1", "name=Ada Canary", "born=3 May 2014", "theme=drift", "looked-after=yes")
    ours(desk, "assign", "1", "receiving", "Bo Keeper", "--role", "Manager", "--phone", "01632 960000")
    ours(desk, "advance", "1", "--reason", "They differ", now="2026-11-23T10:00")
    assert run(desk, "protocol", "check", "ours").stderr == ""
    ours(desk, "form", "1", "own", "--identify", "--output", "out.docx")
    said = dict(line.split(": ", 1) for line in text_of(desk / "out.docx").splitlines() if ": " in line)
    assert [name for name in fields if name not in said] == []
    assert (said["age"], said["stage_0_outcome"], said["receiving_role"], said["by"]) == ("12", "They differ", "Manager", "Jo Bell")  # fmt: skip
    assert not [line for line in said.values() if "{{" in line or "from stage" in line]


def test_a_word_file_that_is_not_there_is_asked_for(desk: Path) -> None:
    assert (
        refused(desk, "form", "1", "own") == f"The Word file own.docx is not there: put it into {desk / 'protocols'}.\n"
    )


@pytest.mark.parametrize("name", ["", "own.doc", "../own.docx", "a/own.docx", "a\\\\own.docx", ".docx", "own"])
def test_a_template_is_the_name_of_a_word_file(desk: Path, name: str) -> None:
    (desk / "protocols" / "ours.toml").write_text(
        f'extends = "herefordshire"\nid = "ours"\n{FORM.format(key="own", name=name)}', encoding="utf-8"
    )
    ran = run(desk, "protocol", "check", "ours")
    assert ran.status == 1
    assert "template" in ran.stderr


def test_a_word_file_added_later_is_used_for_cases_that_are_open(desk: Path) -> None:
    path = desk / "protocols" / "ours.toml"
    path.write_text(path.read_text().replace('template = "own.docx"', ""))
    ours(desk, "open", "ours", "--subject", "M-3", "--about", "Late")
    path.write_text(f'{path.read_text()}template = "own.docx"\n')
    word(desk / "protocols", ["{{ subject }}"])
    ours(desk, "form", "3", "own", "--output", "out.docx")
    assert text_of(desk / "out.docx") == "M-3\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("form", "ours"), "ours has appendix-1, appendix-2 and own: name the one to make a log of."),
        (("form", "lincolnshire", "1"), "lincolnshire asks for no form."),
        (("form", "hull-east-riding"), "No case is under hull-east-riding: there is nothing to write in its log."),
        (("form", "ours", "nine"), 'There is no form "nine" in ours.'),
        (("form", "ours", "own"), "own.docx is filled in from one case: name a case in the place of ours."),
    ],
)
def test_a_log_that_cannot_be_made_is_refused(desk: Path, words: tuple[str, ...], says: str) -> None:
    word(desk / "protocols", ["{{ subject }}"])
    assert says in refused(desk, *words)


@pytest.mark.parametrize("number", ["01632 960000", "+44 (0)1632 960000", "960000 ext 4", "999"])
def test_a_telephone_number_is_taken(desk: Path, number: str) -> None:
    ours(desk, "assign", "1", "raising", "--phone", number)
    holders = json.loads(ours(desk, "show", "1", "--identify", "--json"))["holders"]
    assert [each["phone"] for each in holders] == [number]


@pytest.mark.parametrize("number", ["ring me", "jo@council.example", "   ", "1" * 60])
def test_what_is_no_telephone_number_is_refused(desk: Path, number: str) -> None:
    ran = run(desk, "assign", "1", "raising", "--phone", number)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
