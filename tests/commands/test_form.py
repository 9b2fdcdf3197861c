"""Forms: filled in from a case, with what is missing and how to record it, as text and for Word, and the action recorded if wanted."""

import io
import json
import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest

from escalate.domain.protocol.file import read_protocol
from escalate.domain.protocol.form_sources import BY_HAND, SOURCES
from escalate.domain.recording.forms import form_meant
from escalate.output.sending.form_values import VALUES
from escalate.storage.files.protocols import find_protocol
from tests.commands.test_asking import answered
from tests.driver import CopyOf, Office
from tests.kept import same_as_kept
from tests.sizes import sampled
from tests.storage.files.test_protocols import small

KEPT = Path(__file__).parents[1] / "snapshots"
ACTIVE = "\x1b[31m=1+1 [bold]x[/] [/] <w:t>&\u202e\x00"
INERT = "\\x1b[31m=1+1 [bold]x[/] [/] <w:t>&\\u202e"
CANARIES = ("Ada Canary", "Canary Row", "2014", "Bo Keeper", "bo.keeper@")


run = Office(now="2026-11-24T10:00")
did = run.did


def text_of(path: Path) -> str:
    """What a .docx says: its lines, and a line for each row of its tables."""
    paper = docx.Document(str(path))
    lines: Iterator[Any] = paper.iter_inner_content()
    return "".join(
        f"{part.text}\n"
        if hasattr(part, "text")
        else "".join(f"  {' | '.join(c.text for c in row.cells)}\n" for row in part.rows)
        for part in lines
    )


@pytest.fixture
def desk(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(two_cases, tmp_path)


def two_cases(folder: Path) -> None:
    """Case 1 under Hull's protocol at stage 6, all known; case 2 under Herefordshire's at stage 2, with little known."""
    did(
        folder,
        "open",
        "hull-east-riding",
        "--subject",
        "H-1",
        "--from",
        "Trust",
        "--to",
        "Council",
        "--about",
        "Not safe",
        now="2026-11-16T09:00",
    )
    did(
        folder,
        "set",
        "1",
        "name=Ada Canary",
        "born=3 May 2014",
        "address=12 Canary Row",
        "desired-outcome=A plan",
        "involved=Police",
        now="2026-11-16T09:05",
    )
    did(
        folder,
        "assign",
        "1",
        "raising",
        "Bo Keeper",
        "--role",
        "Named nurse",
        "--email",
        "bo.keeper@trust.example",
        now="2026-11-16T09:10",
    )
    did(folder, "done", "1", "discussion", "--note", "They differ", now="2026-11-16T15:00")
    for stage in range(2, 7):
        did(folder, "advance", "1", "--reason", "No agreement", now=f"2026-11-{15 + stage}T10:00")
    did(
        folder,
        "open",
        "herefordshire",
        "--subject",
        "M-1",
        "--from",
        "School",
        "--concern",
        "18 Nov 2026",
        now="2026-11-19T09:00",
    )
    did(folder, "assign", "2", "receiving", "Bo Keeper", "--role", "Manager", now="2026-11-19T09:10")
    did(folder, "set", "2", "born=3 May 2014", "theme=drift", "theme=my own", now="2026-11-19T09:20")
    did(folder, "advance", "2", now="2026-11-20T09:00")
    did(folder, "agree", "2", "27 Nov 2026 12:00", "--reason", "Both managers", now="2026-11-20T10:00")
    did(folder, "advance", "2", now="2026-11-20T11:00")
    did(folder, "note", "2", "Rang the\nmanager", now="2026-11-20T12:00")


FORMS = [("1", "appendix-b"), ("2", "appendix-1"), ("2", "appendix-2")]


@pytest.mark.parametrize(("case", "form"), sampled(FORMS, 3))
@pytest.mark.parametrize("identify", [False, True], ids=["", "identified"])
def test_a_form_as_text_and_for_word(desk: Path, case: str, form: str, identify: bool) -> None:
    named = ["--identify"] if identify else []
    name = f"form-{form}{'-identified' if identify else ''}"
    ran = run(desk, "form", case, form, *named)
    assert ran.status == 0
    same_as_kept(f"{name}.txt", f"{ran.stdout}\n---- standard error\n{ran.stderr}")
    did(desk, "form", case, form, *named, "--output", "form.docx")
    same_as_kept(f"{name}.docx.txt", text_of(desk / "form.docx"))
    if not identify:
        said = ran.stdout + ran.stderr + text_of(desk / "form.docx")
        assert [canary for canary in CANARIES if canary in said] == []


def test_once_resolved_the_last_part_is_filled_in(desk: Path) -> None:
    did(desk, "resolve", "2", "--how", "Joint visit", "--lessons", "Ring first", now="2026-11-24T09:00")
    fields = {each["heading"]: each["value"] for each in json.loads(did(desk, "form", "2", "--json"))["fields"]}
    assert fields["How the disagreement was resolved"] == "Joint visit"
    assert (
        fields["Resolved at stage"] == "2: Safeguarding lead, service manager or head of service to their counterpart"
    )
    assert fields["Resolved on"] == "Tue 24 Nov 2026 09:00"
    assert fields["Lessons learned, themes, recommendations and feedback"] == "Ring first"


def test_json_says_of_every_field_how_it_stands(desk: Path) -> None:
    document = json.loads(did(desk, "form", "2", "appendix-2", "--json"))
    states = {each["heading"]: (each["state"], each["record"]) for each in document["fields"]}
    assert states["1.2 D.O.B."] == ("withheld", None)
    assert states["1.3 Child's address"] == ("missing", "escalate set E0002 address=-")
    assert states["4.3 Date of initial concern"] == ("known", None)
    assert states["Date received"] == ("by-hand", None)
    assert states["Resolved on"] == ("later", None)
    assert "1.3 Child's address" in document["missing"]
    assert (document["form"], document["file"], document["recorded"]) == ("appendix-2", None, None)


def test_what_it_says_to_type_records_what_is_missing(desk: Path) -> None:
    given = {"REFERENCE": "M-2", "AGENCY": "Council", "ROLE": "Nurse", "THEME": "drift", "WHEN": "17 Nov 2026", "...": "Said",
             "ACTION": "template-sent"}  # fmt: skip
    did(desk, "open", "hull-east-riding", "--about", "Thresholds", now="2026-11-24T08:00")
    for form, case in (("appendix-2", "2"), ("appendix-b", "3")):
        fields = json.loads(did(desk, "form", case, form, "--json"))["fields"]
        for record in dict.fromkeys(each["record"] for each in fields if each["record"]):
            words = shlex.split(record)[1:]
            for placeholder, said in given.items():
                words = [word.replace(placeholder, said) for word in words]
            ran = run(desk, *words, stdin="1 May 2014\n" if "born=-" in words else "Bo Keeper\nbo@trust.example\n")
            assert ran.status == 0, (record, ran.stderr)
        assert json.loads(did(desk, "form", case, form, "--identify", "--json"))["missing"] == []


# -- recording the action


def test_done_records_the_action_the_form_is_needed_for(desk: Path) -> None:
    ran = run(desk, "form", "1", "--done", "--output", "form.txt")
    assert ran.stdout.splitlines()[-1] == "E0001: recorded that form-sent was done."
    last = json.loads(did(desk, "show", "1", "--json"))["history"][-1]
    assert (last["kind"], last["data"]["action"], last["data"]["stage"]) == ("done", "form-sent", "6")
    again = run(desk, "form", "1", "appendix-b", "--done")
    assert (again.status, again.stdout) == (1, "")
    assert again.stderr == "Nothing that E0001 still has to do needs appendix-b: leave --done out.\n"


def test_a_script_is_not_asked_and_records_nothing(desk: Path) -> None:
    before = (desk / "cases.db").read_bytes()
    assert run(desk, "form", "1", stdin="y\n").status == 0
    assert (desk / "cases.db").read_bytes() == before


@pytest.mark.file_only("a terminal of its own")
@pytest.mark.parametrize(("answer", "recorded"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_somebody_at_a_terminal_is_asked_whether_it_was_done(tmp_path: Path, answer: str, recorded: bool) -> None:
    did(tmp_path, "open", "herefordshire", "--about", "Thresholds", "--stage", "2", now="2026-11-19T09:00")
    shown = answered(tmp_path / "cases.db", answer, "form", "1", "2")
    assert "Record that template-sent (Send the Appendix 2 template" in shown
    assert ("recorded that template-sent was done" in shown) is recorded
    assert ("template-sent" in did(tmp_path, "log", "1")) is recorded


@pytest.mark.file_only("a terminal of its own")
def test_json_never_asks(desk: Path) -> None:
    assert "Record that" not in answered(desk / "cases.db", "", "form", "2", "2", "--json")


# -- files


def test_a_file_is_for_its_owner_alone_and_no_other_is_written_over(desk: Path) -> None:
    did(desk, "form", "2", "2", "--format", "docx")
    path = desk / "E0002-appendix-2.docx"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("mine")
    ran = run(desk, "form", "2", "2", "--format", "docx", "--done")
    assert (ran.status, ran.stderr) == (
        1,
        f"{path} is there already: name another file, or replace it with --force.\n",
    )
    assert path.read_text() == "mine"
    assert "template-sent" not in did(desk, "log", "2")
    did(desk, "form", "2", "2", "--format", "docx", "--force")
    assert docx.Document(str(path)).paragraphs[0].text.startswith("Report to HSCP")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {each.name for each in desk.iterdir()} == {"cases.db", path.name}


def test_a_file_of_text_says_what_standard_output_does(desk: Path) -> None:
    did(desk, "form", "2", "2", "--output", "form.txt")
    assert (desk / "form.txt").read_text(encoding="utf-8") == did(desk, "form", "2", "2", "--output", "-")


def test_the_same_case_gives_the_same_bytes(desk: Path) -> None:
    for name in ("one.docx", "two.docx"):
        did(desk, "form", "2", "2", "--output", name)
    one, two = ((desk / name).read_bytes() for name in ("one.docx", "two.docx"))
    assert text_of(desk / "one.docx") == text_of(desk / "two.docx")
    assert docx.Document(io.BytesIO(one)).core_properties.author == ""
    assert len(one) == len(two)


REFUSED = [
    (("form", "9"), 1, 'There is no case "9"'),
    (("form", "2", "appendix-3"), 1, 'There is no form "appendix-3" in herefordshire. Did you mean'),
    (("form", "3"), 1, "lincolnshire, which E0003 is under, asks for no form."),
    (("form", "4"), 1, "E0004 could need appendix-1 or appendix-2: name the one to fill in."),
    (("form", "2", "2", "--format", "pdf"), 2, "--format"),
    (("form", "2", "2", "--format", "docx", "--output", "-"), 2, "A .docx cannot go to standard output"),
    (("form", "2", "2", "--output", "here"), 1, "is a folder: name a file in it."),
    (("form", "2", "2", "--output", "none/form.txt"), 1, "cannot be written (No such file or directory)"),
    (("form", "2", "2", "--output", "link.txt", "--force"), 1, "is a link to another file: name the file itself."),
    (("form", "2", "1", "--done"), 1, "Nothing that E0002 still has to do needs appendix-1"),
]


@pytest.mark.parametrize(("arguments", "status", "says"), sampled(REFUSED, 3), ids=lambda value: str(value)[:60])
def test_what_cannot_be_made_is_refused_in_a_sentence(
    desk: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    did(desk, "open", "lincolnshire", "--about", "Thresholds")
    did(desk, "open", "herefordshire", "--about", "Thresholds")
    (desk / "here").mkdir()
    (desk / "link.txt").symlink_to(desk / "there.txt")
    before = {path: path.read_bytes() for path in desk.iterdir() if path.is_file()}
    ran = run(desk, *arguments)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1), ran
    assert says in ran.stderr
    assert {path: path.read_bytes() for path in desk.iterdir() if path.is_file()} == before


def test_whatever_somebody_typed_comes_out_inert(desk: Path) -> None:
    hostile = ACTIVE.replace("\x00", "")
    said = [
        f"{name}={hostile}"
        for name in ("about", "desired-outcome", "level-current", "subject", "from", "theme", "name")
    ]
    did(desk, "set", "2", *said)
    did(desk, "note", "2", hostile)
    did(desk, "done", "2", "template-sent", "--note", hostile)
    text = did(desk, "form", "2", "2", "--identify")
    did(desk, "form", "2", "2", "--identify", "--output", "form.docx")
    for each in (text, text_of(desk / "form.docx")):
        assert not set(each) & {"\x1b", "\u202e", "\x00"}
        assert each.count(INERT) >= 8


# -- forms are data


def test_every_source_has_a_value_and_every_value_a_source() -> None:
    assert set(VALUES) == set(SOURCES) - set(BY_HAND)


def test_a_source_that_is_none_is_a_mistake_with_a_suggestion() -> None:
    form = {
        "key": "a",
        "name": "A",
        "cite": "1",
        "fields": [{"heading": "Level", "source": "level-curent"}, {"heading": ""}],
    }
    assert [str(each) for each in read_protocol(small(forms=[form]))[1]] == [
        "forms[0].fields[1].heading: is empty",
        'forms[0].fields[1].source: is missing; it says what goes there, such as "subject" or "level-current"',
        'forms[0].fields[0].source: "level-curent" is not something that can go in a form; did you mean "level-current"?',
    ]


@pytest.mark.parametrize(
    "name", ["herefordshire", "hull-east-riding", "lincolnshire", "north-east-lincolnshire", "north-yorkshire"]
)
def test_every_form_an_action_needs_says_what_goes_in(name: str) -> None:
    for form in find_protocol(name, Path("/nowhere")).protocol.forms:
        assert len(form.fields) > 10


def test_protocol_show_lists_the_fields(desk: Path) -> None:
    page = did(desk, "protocol", "show", "herefordshire")
    assert "4.1 Current level of need: level-current" in page
    tree = json.loads(did(desk, "protocol", "show", "herefordshire", "--json"))
    assert tree["forms"][1]["fields"][0]["source"] == "name"


def test_a_form_is_named_by_its_key_or_a_unique_ending() -> None:
    forms = find_protocol("herefordshire", Path("/nowhere")).protocol.forms
    meant = {
        said: (found := form_meant(forms, said)) and found.key for said in ("1", "2", "APPENDIX-2", "appendix", "3", "")
    }
    assert meant == {
        "1": "appendix-1",
        "2": "appendix-2",
        "APPENDIX-2": "appendix-2",
        "appendix": None,
        "3": None,
        "": None,
    }


def test_a_case_whose_edition_names_no_fields_gets_the_form_of_today(desk: Path) -> None:
    text = find_protocol("herefordshire", Path("/nowhere")).text
    old = re.sub(r"\n  \[\[forms\.fields\]\]\n(  .+\n)+", "", text)
    assert "forms.fields" not in old
    (desk / "old.toml").write_text(old, encoding="utf-8")
    did(desk, "open", str(desk / "old.toml"), "--about", "Thresholds", "--stage", "2")
    assert "4.1 Current level of need" in did(desk, "form", "3")
