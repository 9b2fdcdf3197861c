"""`protocol show --output`: the ladder as a picture."""

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from escalate.output.svg import broken, text_width
from escalate.storage.files.protocols import guide, shipped_folder
from tests.domain.authoring.test_guide import RIVERSIDE
from tests.driver import Office

run = Office("2026-11-22T12:00:00+00:00", environment={"ESCALATE_PROTOCOLS": "{home}"})
SHIPPED = sorted(shipped_folder().glob("*.toml"))
SVG = "{http://www.w3.org/2000/svg}"

# Clocks: B waits for A's moment, C begins with its stage, D with A; of the cap the clock begins when the case is raised. K is known.
CLOCKS = """
id = "clocks"
title = "Clocks & <script>alert(1)</script>"
partnership = "Nowhere"
covers = ["adults"]
source = "Nowhere, Clocks"
edition = { dated = "2026-03" }
calendar = { name = "england-and-wales" }
moments = [{ key = "hearing", ask = "When is the hearing?" }]
facts = [{ key = "harm", ask = "Is there harm?" }]
routes = [{ key = "main", name = "The ladder", starts = "1", cap = { within = "20 working days", from = "raised", cite = "9" } }]
standing_actions = [{ key = "k", name = "Tell", when = "harm is yes", timescales = [{ within = "24 hours", from = "known", cite = "8" }] }]

[[stages]]
key = "1"
name = "First </text>"
owner = "Practitioner"
next = ["2", "3"]
cite = "1"
actions = [
  { key = "a", name = "Do A", timescales = [{ within = "3 days", from = "hearing", cite = "1" }] },
  { key = "c", name = "Do C", timescales = [{ within = "5 working days", from = "stage", cite = "1" }] },
]

[[stages]]
key = "2"
name = "Second"
owner = "Manager"
next = ["3"]
cite = "2"
actions = [{ key = "d", name = "Do D", timescales = [{ within = "2 weeks", from = "a", failing_that = "a overdue", cite = "2" }] }]

[[stages]]
key = "3"
name = "Third"
owner = "Chair"
next = []
cite = "3"
"""


def drawn(home: Path, protocol: str, *more: str) -> ET.Element:
    run.did(home, "protocol", "show", protocol, "--output", "x.svg", "--force", *more)
    return ET.fromstring((home / "x.svg").read_text("utf-8"))


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def dots(picture: ET.Element) -> list[tuple[str, str]]:
    return [(each.attrib["cx"], each.attrib["cy"]) for each in picture.iter(f"{SVG}circle")]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_stage_owner_and_limit_is_in_the_picture(tmp_path: Path, file: Path) -> None:
    tree = tomllib.loads(file.read_text("utf-8"))
    said = " ".join(texts(drawn(tmp_path, file.stem)))
    actions = [*(action for stage in tree["stages"] for action in stage.get("actions", ()))]
    actions += [*tree.get("after_resolution", ()), *tree.get("standing_actions", ())]
    wanted = [stage[name] for stage in tree["stages"] for name in ("name", "owner", "counterpart") if name in stage]
    wanted += [action["name"] for action in actions]
    assert len(wanted) > 15
    assert [text for text in wanted if " ".join(text.split()) not in said] == []
    figures = [each["within"] for action in actions for each in action.get("timescales", ())]
    plain = [figure for figure in figures if re.match(r"\d", figure)]
    assert [figure for figure in plain if f"within {figure}" not in said] == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_nothing_stands_outside_the_picture_or_over_an_edge(tmp_path: Path, file: Path) -> None:
    picture = drawn(tmp_path, file.stem)
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    for each in picture.iter(f"{SVG}text"):
        x, y, size = (float(each.attrib[name]) for name in ("x", "y", "font-size"))
        wide = text_width(each.text or "", size, bold="font-weight" in each.attrib)
        assert (0 < x < x + wide <= width, 0 < y < height, size >= 12) == (True, True, True), each.text
    for each in picture.iter(f"{SVG}rect"):
        x, y = (float(each.attrib.get(name, 0)) for name in ("x", "y"))
        assert x + float(each.attrib["width"]) <= width
        assert y + float(each.attrib["height"]) <= height


A4_HIGH, A4_WIDE, MARGINS = 297.0, 210.0, (10.0, 12.7)
"""In millimetres; browsers have margins of 10 mm, or of half an inch."""


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_no_sheet_of_paper_ends_within_a_stage_and_the_type_can_be_read(tmp_path: Path, file: Path) -> None:
    picture = drawn(tmp_path, file.stem)
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    assert width * 25.4 / 96 <= A4_WIDE - 2 * min(MARGINS)  # so that a browser does not make it smaller
    assert min(float(each.attrib["font-size"]) for each in picture.iter(f"{SVG}text")) * 72 / 96 >= 8  # points
    _, *boxes = picture.iter(f"{SVG}rect")
    lines = [(float(each.attrib["y"]) - 10, 12.0) for each in picture.iter(f"{SVG}text")]
    spans = [*((float(each.attrib["y"]), float(each.attrib["height"])) for each in boxes), *lines]
    for margin in MARGINS:
        sheet = (A4_HIGH - 2 * margin) * 96 / 25.4
        ends = [n * sheet for n in range(1, int(height / sheet) + 1)]
        assert [span for span in spans for end in ends if span[0] < end < sum(span)] == []


def test_a_dot_stands_where_a_clock_starts_and_an_arrow_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "clocks.toml").write_text(CLOCKS, "utf-8")
    picture = drawn(tmp_path, "clocks")
    assert len(dots(picture)) == 4  # raised, hearing, entry to stage 1, and A being done
    heads = [each for each in picture.iter(f"{SVG}path") if each.attrib["d"].endswith("z")]
    assert len(heads) == 4 + 2 + 1  # to each limit but K's; down twice; past stage 2 to stage 3
    [dashed] = [each for each in picture.iter(f"{SVG}path") if "stroke-dasharray" in each.attrib]
    assert dashed.attrib["d"].count("V") == 1
    said = texts(picture)
    assert {"The case is raised", "When is the hearing?", "Or on to stage 3", "Last stage"} <= {*said}


def test_what_a_file_says_is_text_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "clocks.toml").write_text(CLOCKS.replace("Manager", "\\u001b[31m\\u202E" + "M" * 300), "utf-8")
    picture = drawn(tmp_path, "clocks")
    assert {each.tag.removeprefix(SVG) for each in picture.iter()} == {
        "svg",
        "rect",
        "path",
        "circle",
        "title",
        "desc",
        "text",
        "style",
    }
    assert [each.text for each in picture.iter(f"{SVG}style")] == ["@page { size: A4; margin: 10mm }"]
    assert not [name for each in picture.iter() for name in each.attrib if name.startswith("on") or "href" in name]
    said = texts(picture)
    assert "First </text>" in said
    assert r"\x1b[31m\u202e" in "".join(said)
    assert "".join(said).count("M") == 300


def test_a_route_has_a_picture_of_its_own(tmp_path: Path) -> None:
    whole = texts(drawn(tmp_path, "hull-east-riding"))
    main = texts(drawn(tmp_path, "hull-east-riding", "--route", "main"))
    assert ("quality-assurance" in whole, "quality-assurance" in main) == (True, False)
    assert {"Once resolved", "At any stage", "The whole of it"} <= {*main}


@pytest.mark.parametrize(
    ("line", "status", "says"),
    [
        ("--output x.png", 2, "x.png does not end in .svg, .html, .htm or .json"),
        ("--output x", 2, "x does not end in .svg"),
        ("--output x.svg --json", 2, "--json prints a document, and --output writes a file"),
        ("--force", 2, "--force replaces a file: name it with --output."),
        ("--output - --force", 2, "--force replaces a file"),
        ("--output x.svg --route nowhere", 1, 'no route "nowhere" in lincolnshire'),
        ("--output there.svg", 1, "there.svg is there already"),
        ("--output no-folder/x.svg", 1, "cannot be written"),
        ("--output x.svg --paper a5", 2, '"a5" is not a paper that a ladder is drawn for: say a4 or a3.'),
        ("--output x.html --paper a3", 2, "--paper is for a picture: name a file that ends in .svg with --output."),
        ("--paper a3", 2, "--paper is for a picture"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_written(tmp_path: Path, line: str, status: int, says: str) -> None:
    (tmp_path / "there.svg").write_text("mine")
    ran = run(tmp_path, "protocol", "show", "lincolnshire", *line.split())
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1)
    assert says in ran.stderr
    assert ([each.name for each in tmp_path.glob("*.svg")], (tmp_path / "there.svg").read_text()) == (
        ["there.svg"],
        "mine",
    )


def test_it_can_go_to_standard_output(tmp_path: Path) -> None:
    shown = run.did(tmp_path, "protocol", "show", "lincolnshire", "--output", "-")
    assert ET.fromstring(shown).tag == f"{SVG}svg"


def test_only_a_word_wider_than_a_line_is_broken() -> None:
    assert broken("a long-winded sentence of words", 90, 12) == ["a long-winded", "sentence of", "words"]
    assert "".join(broken("W" * 40, 90, 12)) == "W" * 40
    assert broken(" ", 90, 12) == []


def test_the_picture_in_the_guide_is_of_its_own_file(tmp_path: Path) -> None:
    """If it is to change: write the pieces of the guide into riverside.toml, and `escalate protocol show` draws it anew."""
    (tmp_path / "riverside.toml").write_text(RIVERSIDE, "utf-8")
    shown = run.did(tmp_path, "protocol", "show", "riverside", "--output", "-")
    assert guide().with_name("riverside.svg").read_text("utf-8") == shown
    assert "](riverside.svg)" in guide().read_text("utf-8")


# -- on its side, for a wall


WALL_WIDE, WALL_HIGH = 277 * 96 / 25.4, 190 * 96 / 25.4
"""A4 on its side, between margins of 10 mm."""


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_what_hangs_on_a_wall_says_what_the_upright_one_does(tmp_path: Path, file: Path) -> None:
    def said(*more: str) -> set[str]:
        return set(re.findall(r"[\w'-]+", " ".join(texts(drawn(tmp_path, file.stem, *more)))))

    only_upright = {"dot", "leads", "line", "its", "Or"}
    assert said() - said("--paper", "a3") <= only_upright


@pytest.mark.parametrize("paper", ["a4", "A3"])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_what_hangs_on_a_wall_can_be_read_and_no_sheet_ends_within_a_box(
    tmp_path: Path, file: Path, paper: str
) -> None:
    picture = drawn(tmp_path, file.stem, "--paper", paper)
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    larger = 1 if paper == "a4" else 2**0.5
    assert abs(float(picture.attrib["width"]) - width * larger) < 1
    assert width <= WALL_WIDE
    [style] = picture.iter(f"{SVG}style")
    assert str(style.text).startswith(f"@page {{ size: {paper.upper()} landscape; margin: 1")
    sizes = [float(each.attrib["font-size"]) for each in picture.iter(f"{SVG}text")]
    assert min(sizes) * 72 / 96 >= 9  # points
    stages = [stage["name"] for stage in tomllib.loads(file.read_text("utf-8"))["stages"]]
    large = " ".join(each.text or "" for each in picture.iter(f"{SVG}text") if float(each.attrib["font-size"]) >= 20)
    assert [name for name in stages if name not in large] == []
    ground, *boxes = picture.iter(f"{SVG}rect")
    assert ground.attrib["fill"] == "#fff"
    spans = [(float(each.attrib["y"]), float(each.attrib["height"])) for each in boxes]
    spans += [(float(each.attrib["y"]) - 10, 12) for each in picture.iter(f"{SVG}text")]
    ends = [n * WALL_HIGH for n in range(1, int(height / WALL_HIGH) + 1)]
    assert [span for span in spans for end in ends if span[0] < end - 0.5 and end + 0.5 < sum(span)] == []
    for each in picture.iter(f"{SVG}text"):
        x, size = float(each.attrib["x"]), float(each.attrib["font-size"])
        assert 0 < x < x + text_width(each.text or "", size, bold="font-weight" in each.attrib) <= width, each.text


def test_a_black_letter_starts_a_clock_and_a_ring_stands_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "clocks.toml").write_text(CLOCKS, "utf-8")
    picture = drawn(tmp_path, "clocks", "--paper", "a4")
    discs = [each.attrib["fill"] for each in picture.iter(f"{SVG}circle")]
    assert (discs.count("#111"), discs.count("#fff")) == (4, 4)
    letters = [each for each in texts(picture) if re.fullmatch("[A-D]", each)]
    assert sorted(letters) == ["A", "A", "B", "B", "C", "C", "D", "D"]
    assert {"The case is raised", "Or on to stage 3", "Last stage", "Once resolved"} - {*texts(picture)} == {
        "Once resolved"
    }


def test_what_a_file_says_is_text_on_a_wall_too(tmp_path: Path) -> None:
    (tmp_path / "clocks.toml").write_text(CLOCKS.replace("Manager", "\\u001b[31m\\u202E" + "M" * 300), "utf-8")
    picture = drawn(tmp_path, "clocks", "--paper", "a3")
    assert {each.tag.removeprefix(SVG) for each in picture.iter()} == {
        "svg", "rect", "path", "circle", "title", "desc", "text", "style",
    }  # fmt: skip
    assert r"\x1b[31m\u202e" in "".join(texts(picture))
    assert "".join(texts(picture)).count("M") == 300
