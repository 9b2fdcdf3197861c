"""The guide to writing a protocol file: every example in it is sound, nothing is left out, and what it walks through works."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from escalate.domain.authoring.json_schema import DIRECTIVE
from escalate.domain.authoring.review import review
from escalate.domain.protocol.anchors import ANCHORS, parse_anchor
from escalate.domain.protocol.calendar_shape import BESIDE, USUAL
from escalate.domain.protocol.file import ACTION, FORM_FIELD, OTHER_READING, PROTOCOL, STAGE, TIMESCALE, read_protocol
from escalate.domain.protocol.form_sources import SOURCES
from escalate.domain.protocol.shape import REQUIRED, Field, ListOf, Problems, Shape
from escalate.domain.worktime.clock import LAST_SECOND, london
from escalate.domain.worktime.counting import runs_out
from escalate.domain.worktime.read_allowance import parse_protocol_allowance
from escalate.storage.files.protocols import guide, parse_protocol, read_protocol_file
from tests.calendars import ENGLAND, NATIONS, at
from tests.command_line import Ran
from tests.domain.authoring.test_json_schema import refused
from tests.driver import Office
from tests.engine import begins_here
from tests.sizes import sampled

Tree = dict[str, Any]
ROOT = Path(__file__).parents[3]
TEXT = guide().read_text(encoding="utf-8")
NOW = "2026-11-20T16:00"


run = Office(now=NOW, environment={"ESCALATE_PROTOCOLS": "{home}"})


class Block(NamedTuple):
    """A block of code: its language, its first line, and all of it."""

    language: str
    first: str
    text: str


BLOCKS = [
    Block(found[1], found[2].split("\n")[0], found[2]) for found in re.finditer(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
]
SMALL = next(block.text for block in BLOCKS if block.first.startswith("# small.toml"))
RIVERSIDE = "".join(block.text for block in BLOCKS if block.first.startswith("# riverside.toml"))


def small() -> Tree:
    return tomllib.loads(SMALL)


def sound(tree: Tree, spared: str = "nothing is") -> None:
    """Fails for a file with anything wrong in it, but for what is spared."""
    protocol, problems = read_protocol(tree)
    assert problems == []
    assert [str(each) for each in review(protocol, date(2026, 11, 20)) if spared not in each.sentence] == []
    assert refused(tree) == []


def test_every_block_says_where_it_belongs() -> None:
    marks = [
        r"# riverside\.toml, the \w+ piece: .*",
        r"# [a-z-]+\.toml, a whole file.*",
        "# in the file",
        "# in the last of the stages",
    ]
    toml = [block.first for block in BLOCKS if block.language == "toml"]
    assert [first for first in toml if not any(re.fullmatch(mark, first) for mark in marks)] == []
    assert len(toml) >= 12
    assert {block.language for block in BLOCKS} == {"toml", "sh", "text"}


def test_the_pieces_are_a_whole_file() -> None:
    assert len(RIVERSIDE) > 4000
    sound(tomllib.loads(RIVERSIDE))


def test_the_whole_files_are_sound(tmp_path: Path) -> None:
    (tmp_path / "riverside.toml").write_text(RIVERSIDE, encoding="utf-8")
    whole = [block for block in BLOCKS if ", a whole file" in block.first]
    assert len(whole) == 2
    for block in whole:
        path = tmp_path / block.first.split(",")[0].removeprefix("# ")
        path.write_text(block.text, encoding="utf-8")
        protocol = read_protocol_file(path, tmp_path).protocol
        assert (protocol.id, review(protocol, date(2026, 11, 20))) == (path.stem, [])
        assert refused(tomllib.loads(block.text)) == []
        checked = run(tmp_path, "protocol", "check", path.name)
        assert (checked.status, checked.stderr) == (0, "")


FRAGMENTS = [block.text for block in BLOCKS if block.first.startswith("# in the ")]


@pytest.mark.parametrize("text", FRAGMENTS, ids=lambda text: text.split("\n")[1])
def test_a_fragment_fits_into_the_small_file(tmp_path: Path, text: str) -> None:
    whole = f"{SMALL}\n{text}"
    sound(tomllib.loads(whole))
    (tmp_path / "small.toml").write_text(whole, encoding="utf-8")
    checked = run(tmp_path, "protocol", "check", "small.toml")
    assert (checked.status, checked.stderr) == (0, "")
    assert ("1 example." in checked.stdout) is ("[[examples]]" in text)


# -- the tables -----------------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A row of a table: the headings above it, and its cells."""

    section: str
    headings: tuple[str, ...]
    cells: tuple[str, ...]


def rows() -> Iterator[Row]:
    section, headings = "", None
    for line in TEXT.splitlines():
        if line.startswith("#"):
            section = line.strip("# ")
        cells = tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]) if line.startswith("|") else ()
        if not cells:
            headings = None
        elif headings is None:
            headings = cells
        elif not set("".join(cells)) <= set("-"):
            assert len(cells) == len(headings), line
            yield Row(section, headings, cells)


ROWS = list(rows())
PHRASES = [row for row in ROWS if row.headings[0] == "The document says"]


def code(cell: str) -> str:
    found = re.fullmatch(r"\*{0,2}`(.*)`\*{0,2}", cell)
    assert found, cell
    return found[1]


def written(row: Row) -> list[tuple[str, str]]:
    """What one writes for a phrase, each with where it goes."""
    says, where = (cell.split("<br>") for cell in row.cells[1:])
    assert len(says) == len(where), row
    return [(place, code(each)) for place, each in zip(where, says, strict=True)]


def with_phrase(row: Row) -> Tree:
    """The small file with what one writes for a phrase in its place."""
    tree = small()
    action: Tree = {"key": "x", "name": "n", "timescales": []}
    places = {
        "stage": tree["stages"][1],
        "stage of another route": tree["stages"][0],
        "route": tree["routes"][0],
        "calendar": tree["calendar"],
        "file": tree,
    }
    said = [(where, tomllib.loads(f"it = {{ {text} }}")["it"]) for where, text in written(row) if where != "command"]
    for where, each in said:
        if where in places:
            places[where] |= each
        elif where == "reminder":
            tree["reminders"].append(each)
        elif where == "fact":
            tree["facts"].append(each)
        elif where == "new route":
            tree["routes"].append(each)
            tree["stages"].append({**tree["stages"][0], "route": each["key"], "key": each["starts"]})
        elif where.startswith("timescale"):
            action["timescales"].append({"cite": "c", **each})
        else:
            assert where in ("action", "standing action", "action after resolution")
            action |= each
    if any("of stage 3" in where for where, _ in said):
        tree["stages"][3]["actions"] = [action]
        return tree
    homes = {"standing": "standing_actions", "resolution": "after_resolution"}
    home = next((home for word, home in homes.items() for where, _ in said if word in where), None)
    if any("action" in where or "timescale" in where for where, _ in said):
        (tree.setdefault(home, []) if home else tree["stages"][1]["actions"]).append(action)
    return tree


@pytest.mark.parametrize("row", PHRASES, ids=lambda row: row.cells[0][:60])
def test_what_one_writes_for_a_phrase_is_sound(row: Row) -> None:
    tree = with_phrase(row)
    sound(tree, spared="nothing leads to")  # what stands in the place of one rung may leave others out
    commands = [text for where, text in written(row) if where == "command"]
    assert tree != small() or commands
    assert all(text.startswith("escalate ") for text in commands)


def test_what_the_guide_says_of_a_stopped_clock_is_so(tmp_path: Path) -> None:
    stopped = next(text for text in FRAGMENTS if "family-called" in text)
    (tmp_path / "small.toml").write_text(f"{SMALL}\n{stopped}", encoding="utf-8")
    run.did(tmp_path, "open", "small", "--about", "Thresholds", "--fact", "protection-plan=yes")
    assert "clock stopped" not in run.did(tmp_path, "due", "--duties")
    run.did(tmp_path, "set", "1", "abroad=yes")
    assert run.did(tmp_path, "due", "--duties").count("clock stopped") == 2


@pytest.mark.parametrize(
    ("timescale", "shown"),
    [
        ('[{ within = "2 days", from = "stage", cite = "3" }]', "the stage has the time of its duties"),
        ("[]", "no time limit: agree a date"),
    ],
)
def test_what_the_guide_says_of_the_end_of_a_stage_is_so(tmp_path: Path, timescale: str, shown: str) -> None:
    asked = 'name = "Head of service to head of service"\nowner = "Head of service"\n'
    action = f'actions = [{{ key = "meet", name = "Meet", timescales = {timescale} }}]\n'
    assert SMALL.count(asked) == 1
    (tmp_path / "small.toml").write_text(SMALL.replace(asked, asked + action), encoding="utf-8")
    tree = run.did(tmp_path, "protocol", "show", "small")
    end = tree[tree.index("stage 3: Head of service") :].partition("resolve: Resolve")[2].partition("next:")[0]
    assert shown in plainly(end.replace("│", ""))
    run.did(tmp_path, "open", "small", "--about", "Thresholds", "--stage", "3", "--because", "urgent")
    listed = run.did(tmp_path, "due")
    assert ("resolve" in listed) is (timescale == "[]")
    run.did(tmp_path, "agree", "1", "Fri 27 Nov 12:00")
    assert "resolve" in run.did(tmp_path, "due")


PLAYED = [re.split("`", row.cells[1])[1] for row in rows() if row.headings[1:] == ("A step of `goes`",)]


@pytest.mark.parametrize("step", PLAYED)
def test_each_step_of_an_example_can_be_played(tmp_path: Path, step: str) -> None:
    """In Riverside, whose cases are raised on 23 December: stage 1 settles by the 29th, two working days later."""
    moment = '[[moments]]\nkey = "hearing"\nask = "When is the hearing?"\n'
    example = f"""[[examples]]
name = "A step"
opened = "23 Dec 2026 10:00"
goes = ["{step}"]
due = {{ "1 settle" = "{"4 Jan 2027" if "agree" in step else "29 Dec 2026"}" }}
"""
    (tmp_path / "riverside.toml").write_text(RIVERSIDE + moment + example, encoding="utf-8")
    ran = run(tmp_path, "protocol", "check", "riverside.toml")
    assert "goes" not in ran.stderr
    late = "agree" in step  # the protocol's own limit still stands (C7)
    assert (ran.status, ran.stderr.count("expected")) == ((1, 1) if late else (0, 0)), ran


def test_every_command_of_a_step_is_in_the_guide() -> None:
    assert {step.split()[4] for step in PLAYED} == {"done", "agree", "advance", "set", "resolve"}


def test_there_is_a_row_for_what_procedures_say() -> None:
    assert len(PHRASES) >= 60
    assert len({row.cells[0] for row in PHRASES}) == len(PHRASES)


WITH_COMMANDS = [row for row in PHRASES if "command" in row.cells[2]]


@pytest.mark.parametrize("row", sampled(map(pytest.param, WITH_COMMANDS), 2), ids=lambda row: row.cells[0][:60])
def test_the_commands_beside_a_phrase_work(tmp_path: Path, row: Row) -> None:
    (tmp_path / "small.toml").write_text(as_toml(with_phrase(row)), encoding="utf-8")
    assert run(tmp_path, "open", "small", "--about", "Thresholds").status == 0
    for where, text in written(row):
        if where == "command":
            assert run(tmp_path, *shlex.split(text)[1:])._replace(stdout="") == (0, "", "")


def as_toml(tree: Tree) -> str:
    """A tree as the text of a file, every table of it in a line."""

    def value(thing: Any) -> str:
        if isinstance(thing, dict):
            return f"{{ {', '.join(f'{name} = {value(each)}' for name, each in thing.items())} }}"
        if isinstance(thing, list):
            return f"[{', '.join(map(value, thing))}]"
        return json.dumps(thing, default=str)

    return "".join(f"{name} = {value(thing)}\n" for name, thing in tree.items())


# -- nothing is left out --------------------------------------------------------------------------------------------------


def shape_of(shape: Shape, name: str) -> Shape:
    """The shape of the tables in a field."""
    kind = next(field.kind for field in shape.fields if field.name == name)
    inner = kind.kind if isinstance(kind, ListOf) else kind
    assert isinstance(inner, Shape)
    return inner


SHAPES: dict[tuple[str, str], list[Shape]] = {
    ("The file", "Key"): [PROTOCOL],
    ("Edition", "Key"): [shape_of(PROTOCOL, "edition")],
    ("Calendars", "Key"): [USUAL],
    ("Facts and moments", "Key"): [shape_of(PROTOCOL, "facts"), shape_of(PROTOCOL, "moments")],
    ("Routes", "Key"): [shape_of(PROTOCOL, "routes")],
    ("Stages", "Key"): [STAGE],
    ("Actions", "Key"): [ACTION],
    ("Timescales", "Key"): [TIMESCALE],
    ("Other readings", "Key of another reading"): [OTHER_READING],
    ("Reminders, contacts, forms and themes", "Key of a reminder"): [shape_of(PROTOCOL, "reminders")],
    ("Reminders, contacts, forms and themes", "Key of a contact"): [shape_of(PROTOCOL, "contacts")],
    ("Reminders, contacts, forms and themes", "Key of a form"): [shape_of(PROTOCOL, "forms")],
    ("Reminders, contacts, forms and themes", "Key of a field"): [FORM_FIELD],
    ("Reminders, contacts, forms and themes", "Key of a theme"): [shape_of(PROTOCOL, "themes")],
    ("Examples", "Key of an example"): [shape_of(PROTOCOL, "examples")],
}


@pytest.mark.parametrize(("place", "shapes"), SHAPES.items(), ids=[" ".join(place) for place in SHAPES])
def test_every_key_is_there_in_its_order_with_an_example_that_can_be_read(place: Any, shapes: list[Shape]) -> None:
    found = [row for row in ROWS if (row.section, row.headings[0]) == place]
    fields: dict[str, Field] = {field.name: field for shape in shapes for field in shape.fields}
    in_order = sorted(fields, key=[field.name for shape in shapes for field in shape.fields].index)
    assert sorted(code(row.cells[0]) for row in found) == sorted(in_order)
    for row in found:
        field = fields[code(row.cells[0])]
        said = tomllib.loads(code(row.cells[2]))
        assert list(said) == [field.name]
        problems = Problems()
        field.kind.read(said[field.name], field.name, problems)
        assert problems.found == []
        assert row.cells[0].startswith("**") is (field.default is REQUIRED)


def test_the_shapes_beside_these_have_no_other_keys() -> None:
    assert {field.name for field in BESIDE.fields} - {field.name for field in USUAL.fields} == {"key"}
    assert [
        each for each in ("on", "from", "to", "remove", "extends") if f"`{each}" not in TEXT and f"{each} =" not in TEXT
    ] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.section == "Allowances"], ids=lambda row: row.cells[0])
def test_an_allowance_runs_out_when_the_guide_says(row: Row) -> None:
    own = parse_protocol(SMALL, "small.toml").own_calendar
    assert own
    nations = {calendar.name: calendar for calendar in NATIONS}
    due = runs_out(
        at("2026-11-20 16:00"), parse_protocol_allowance(code(row.cells[0])), own.made("small", nations.__getitem__)
    )
    assert due
    local = london(due.at)
    day = f"{local:%a} {local.day} {local:%b}"
    assert row.cells[2] == (f"end of {day}" if local.time() == LAST_SECOND else f"{day} {local:%H:%M}")
    assert ENGLAND.name in nations


def test_every_anchor_is_there() -> None:
    anchors = [parse_anchor(code(row.cells[0])) for row in ROWS if row.section == "Anchors"]
    assert [anchor.kind for anchor in anchors if anchor.kind in ANCHORS] == [
        "concern",
        "raised",
        "stage",
        "known",
        "resolved",
    ]
    assert {anchor.kind for anchor in anchors} == {*ANCHORS, "stage-entry", "action", "overdue"}


def test_every_source_of_a_form_is_there() -> None:
    listed = re.search(r"What can go in a form, as `source`: (.*?)left empty", TEXT, re.DOTALL)
    assert listed
    assert re.findall(r"`([a-z-]+)`", listed[1]) == list(SOURCES)


def test_every_link_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", line.strip("# ").lower()).replace(" ", "-")
        for line in TEXT.splitlines()
        if line.startswith("#")
    }
    links = re.findall(r"\]\(#([^)]*)\)", TEXT)
    assert len(links) > 8
    assert [link for link in links if link not in headings] == []
    assert "(protocols/GUIDE.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


# -- walking through it ---------------------------------------------------------------------------------------------------


def plainly(text: str) -> str:
    return " ".join(text.split())


def test_the_walk_through_works_as_it_stands(tmp_path: Path) -> None:
    walk = TEXT[: TEXT.index("# Part 2")]
    shown = commands = 0
    last = Ran(0, "", "")
    for block in (each for each in BLOCKS if each.text in walk):
        if block.language == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                last = run(tmp_path, *shlex.split(line)[1:], ESCALATE_DB="")
                commands += 1
                begins = begins_here(tmp_path / "trial.db") if " open " in line else ""
                drawn = f"The picture was written to {tmp_path / 'riverside.svg'}.\n" if ".svg" in line else ""
                assert (last.status, last.stderr) == (0, begins or drawn), line
                if " protocol new " in line:
                    file = tmp_path / "riverside.toml"
                    assert str(file) in last.stdout
                    assert file.read_text(encoding="utf-8").startswith(f"{DIRECTIVE}\n")
                    file.write_text(f"{DIRECTIVE}\n{RIVERSIDE}", encoding="utf-8")
        elif block.language == "text":
            shown += 1
            if "workng" in block.text:
                assert RIVERSIDE.count('"5 working days"\n    from = "set-out"') == 1
                wrong = RIVERSIDE.replace(
                    '"5 working days"\n    from = "set-out"', '"5 workng days"\n    from = "set-out"'
                )
                (tmp_path / "wrong").mkdir()
                (tmp_path / "wrong" / "riverside.toml").write_text(wrong, encoding="utf-8")
                assert run(tmp_path, "protocol", "check", "wrong/riverside.toml").stderr == block.text
            else:
                assert plainly(block.text) in plainly(last.stdout)
    assert (commands, shown) == (11, 3)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".db"] == ["trial.db"]


def test_the_dates_that_the_walk_through_explains_are_right(tmp_path: Path) -> None:
    (tmp_path / "riverside.toml").write_text(RIVERSIDE, encoding="utf-8")
    proof = run(tmp_path, "calc", "23 Dec 2026 10:00", "2 working days").stdout
    assert re.search(r"29 December 2026 +2", proof)
    assert re.search(r"28 December 2026 +- +skipped: Boxing Day \(substitute\)", proof)
    meet = json.loads(run(tmp_path, "plan", "riverside", "--at", "20 Nov 2026 16:00", "--json").stdout)["stages"][2][
        "actions"
    ][0]
    assert meet["action"] == "meet"
