"""Beginning a protocol file: a copy of the nearest one, under its own names, without whom to reach there, and sound at once."""

import json
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from escalate.domain.authoring.json_schema import NAME, schema_text
from escalate.domain.authoring.summary import in_a_line
from escalate.domain.authoring.template import MARK, Names, addresses_in
from escalate.storage.files.protocols import guide, shipped, shipped_folder
from escalate.storage.files.template import copied
from tests.commands.test_asking import answered
from tests.domain.authoring.test_json_schema import refused
from tests.driver import Office
from tests.sizes import sampled
from tests.storage.files.test_protocols import SMALL

FILES = sorted(shipped_folder().glob("*.toml"))
NOW = "2026-11-20T10:00"
NAMES = ("--title", 'Resolving "differences"', "--partnership", "North Town Partnership")


run = Office(now=NOW, by=None, environment={"ESCALATE_PROTOCOLS": "{home}/own/protocols"})


def own(home: Path, name: str = "north-town") -> Path:
    return home / "own" / "protocols" / f"{name}.toml"


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("like", sampled(FILES, 3), ids=lambda path: path.stem)
def test_a_copy_says_what_the_other_says_under_its_own_names(tmp_path: Path, like: Path) -> None:
    assert run(tmp_path, "protocol", "new", "north-town", "--like", like.stem, *NAMES).status == 0
    tree, other = read(own(tmp_path)), read(like)
    assert refused(tree) == []
    assert {name: tree.pop(name) for name in ("id", "title", "partnership", "source", "edition")} == {
        "id": "north-town",
        "title": 'Resolving "differences"',
        "partnership": "North Town Partnership",
        "source": 'North Town Partnership, Resolving "differences"',
        "edition": {"dated": "2026-11", "review": "2027-11"},
    }
    for table, gone in (("contacts", ("area", "email", "phone")), ("forms", ("send_to",))):
        for item in other.get(table, ()):
            for name in gone:
                item.pop(name, None)
    assert tree == {
        name: value for name, value in other.items() if name not in ("id", "title", "partnership", "source", "edition")
    }


@pytest.mark.parametrize("like", sampled(FILES, 5), ids=lambda path: path.stem)
def test_a_copy_can_be_used_at_once(tmp_path: Path, like: Path) -> None:
    made = run(tmp_path, "protocol", "new", "north-town", "--like", like.stem)
    assert (made.status, made.stderr) == (0, "")
    commands = re.findall(r"^  escalate (.*)$", made.stdout, re.MULTILINE)
    assert [command.split()[:2] for command in commands] == [
        ["protocol", "check"],
        ["protocol", "show"],
        ["plan", "north-town"],
    ]
    for command in (*commands, "open north-town --about Thresholds --dry-run"):
        ran = run(tmp_path, *command.split(), ESCALATE_DB="")
        assert (ran.status, ran.stderr) == (0, ""), command


def test_nobody_elsewhere_can_be_reached_through_a_copy(tmp_path: Path) -> None:
    made = run(tmp_path, "protocol", "new", "north-town", "--like", "hull-east-riding")
    text = own(tmp_path).read_text(encoding="utf-8")
    assert "Left out: how to reach 22 contacts (their roles stay), and where 1 form goes." in made.stdout
    assert addresses_in(text) == []
    assert len(addresses_in((shipped_folder() / "hull-east-riding.toml").read_text(encoding="utf-8"))) > 20
    assert ("hullcc" in text, "01482" in text, text.count('# email = ""') > 10) == (False, False, True)


def test_the_remarks_stay_and_say_what_to_change(tmp_path: Path) -> None:
    made = run(tmp_path, "protocol", "new", "north-town", "--like", "lincolnshire", "--title", "T")
    lines = own(tmp_path).read_text(encoding="utf-8").splitlines()
    head = lines[: lines.index("[calendar]")]
    assert head == [
        "#:schema ./protocol.schema.json",
        "# north-town: copied from lincolnshire, and theirs until you have made it yours.",
        "#",
        "# Go through it from the top with your own document beside it. Each place to look at says CHANGE; take the remark out when you",
        "# are done there. `cite`, `reading` and `other_readings` still speak of their document: put in where yours says it, how you",
        "# read it, and how else it may be read.",
        "",
        'id = "north-town"',
        'title = "T"',
        'partnership = "Your partnership"   # CHANGE',
        'source = "Your partnership, T"   # CHANGE: with its date, if it has one',
        "# CHANGE if it is about others.",
        'covers = ["adults", "children"]',
        "# CHANGE what it must not be used for.",
        "not_for = [",
        '  "Complaints about a named professional: the organisation\'s complaints or allegations procedure applies (section 4).",',
        '  "Disputes within one agency, which has its own escalation protocol (Scope).",',
        "]",
        "",
        '# CHANGE to the dates of your document, with the year first: "2026-11", "2026-11-30" or "undated".',
        "[edition]",
        'dated = "2026-11"',
        'review = "2027-11"',
        "",
        "# CHANGE if another nation's bank holidays count for you, or your offices close on other days as well.",
    ]
    marks = sum(f"# {MARK}" in line for line in lines)
    assert f"{marks} places to look at are marked CHANGE." in made.stdout
    assert (
        "# -- the ladder -----------------------------------------------------------------------------------" in lines
    )
    assert f"What to do next is in the guide: {guide()}\n" in made.stdout
    assert guide().is_file()


def test_what_is_made_is_private_and_has_the_schema_beside_it(tmp_path: Path) -> None:
    assert run(tmp_path, "protocol", "new", "north-town").status == 0
    folder = own(tmp_path).parent
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"protocols": 0o700, "north-town.toml": 0o600, NAME: 0o600}
    assert (folder / NAME).read_text(encoding="utf-8") == schema_text()


def test_where_nobody_says_the_usual_one_is_taken_and_named(tmp_path: Path) -> None:
    made = run(tmp_path, "protocol", "new", "north-town")
    assert "copied from lincolnshire; with --like another" in made.stdout
    assert len(read(own(tmp_path))["stages"]) == 5
    as_json = json.loads(run(tmp_path, "protocol", "new", "south-town", "--json").stdout)
    assert as_json == {
        "id": "south-town",
        "file": str(own(tmp_path, "south-town")),
        "like": "lincolnshire",
        "schema": str(own(tmp_path).with_name(NAME)),
        "guide": str(guide()),
        "look_at": [],
    }


def test_a_person_is_asked_which_ladder_is_nearest(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    shown = answered(tmp_path / "cases.db", "7\n5\n", "protocol", "new", "north-town", "--to", str(file))
    for number, protocol in enumerate(shipped(), 1):
        assert re.search(rf"{number} {protocol.id} {re.escape(in_a_line(protocol))}", " ".join(shown.split()))
    assert "Please answer with a number from 1 to 5" in shown
    assert "copied from north-yorkshire." in shown
    assert len(read(file)["stages"]) == 7


def test_each_ladder_is_told_from_the_others_in_a_line() -> None:
    assert [(each.id, in_a_line(each)) for each in shipped()] == [
        ("herefordshire", "5 stages; every limit from the concern"),
        (
            "hull-east-riding",
            "2 routes of 2 to 7 stages; limits from entry to each stage; 22 working days for the whole",
        ),
        ("lincolnshire", "5 stages; limits from entry to each stage"),
        ("north-east-lincolnshire", "5 routes of 3 to 5 stages; hardly any limits from the concern"),
        ("north-yorkshire", "7 stages; limits from entry to each stage, the concern and the raising of the case"),
    ]


REFUSED = [
    (["North Town"], 2, '"North Town" cannot be an id: it has small letters, digits and hyphens, as in north-town.'),
    (["-x"], 2, "No such option"),
    ([""], 2, '"" cannot be an id'),
    (["../up"], 2, '"../up" cannot be an id: it has small letters, digits and hyphens, as in up.'),
    (["Ünï"], 2, '"Ünï" cannot be an id'),
    (["a\nb"], 2, '"a b" cannot be an id'),
    (["x" * 300], 1, "cannot be opened (File name too long)"),
    (["lincolnshire"], 1, 'There is a protocol "lincolnshire" already, in '),
    (["there"], 1, "is there already: change it, choose another id, or replace it with --force."),
    (["there", "--to", "elsewhere.toml"], 1, 'There is a protocol "there" already, in '),
    (["x", "--like", "lincolnshre"], 1, 'There is no protocol "lincolnshre". Did you mean lincolnshire'),
    (["x", "--like", "nowhere.toml"], 1, "cannot be read: No such file or directory."),
    (["x", "--like", "./broken.toml"], 1, "broken.toml is not well-formed TOML"),
    (["x", "--like", "./inline.toml"], 1, "inline.toml is laid out so that it cannot be copied line by line"),
    (["x", "--like", "./far/over.toml"], 1, 'x.toml: extends: there is no file "base.toml" beside it'),
    (["x", "--title", " "], 2, "--title is empty: say what, or leave it out."),
    (["x", "--to", "x.txt"], 2, "x.txt is not a name for a protocol file: let it end in .toml."),
    (["x", "--to", "-"], 2, "is not a name for a protocol file"),
    (["x", "--to", "none/x.toml"], 1, "none/x.toml cannot be written (No such file or directory)"),
    (["x", "--to", "/proc/x.toml"], 1, "/proc/x.toml cannot be written"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "status", "says"), REFUSED, ids=[row[2][:50] for row in REFUSED])
def test_what_cannot_be_begun_is_refused_in_a_sentence(
    tmp_path: Path, arguments: list[str], status: int, says: str
) -> None:
    (tmp_path / "far").mkdir()
    own(tmp_path).parent.mkdir(parents=True)
    own(tmp_path, "there").write_text(SMALL.replace('"small"', '"there"'), encoding="utf-8")
    (tmp_path / "broken.toml").write_text("id = ", encoding="utf-8")
    (tmp_path / "inline.toml").write_text(
        'contacts = [{ key = "a", role = "r", email = "a@b.example" }]\n' + SMALL, encoding="utf-8"
    )
    (tmp_path / "far" / "base.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "far" / "over.toml").write_text('extends = "base.toml"\nid = "over"\n', encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    ran = run(tmp_path, "protocol", "new", *arguments)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1)
    assert says in ran.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("folder", ["/proc/protocols", "{home}/file/protocols"])
def test_a_folder_that_cannot_be_made_is_said_to_be_one(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = run(tmp_path, "protocol", "new", "x", ESCALATE_PROTOCOLS=folder.format(home=tmp_path))
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert re.search(r"protocols(/x.toml)? cannot be (made|opened) \(", ran.stderr)


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    assert run(tmp_path, "protocol", "new", "north-town").status == 0
    own(tmp_path).write_text(own(tmp_path).read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    own(tmp_path).with_name(NAME).write_text("{}\n", encoding="utf-8")
    assert run(tmp_path, "protocol", "new", "north-town").status == 1
    assert own(tmp_path).read_text(encoding="utf-8").endswith("# mine\n")
    beside = run(tmp_path, "protocol", "new", "south-town")
    assert "protocol.schema.json beside it is of another version of escalate" in beside.stdout
    assert own(tmp_path).with_name(NAME).read_text(encoding="utf-8") == "{}\n"
    again = run(tmp_path, "protocol", "new", "north-town", "--force")
    assert (again.status, "another version" in again.stdout) == (0, False)
    assert "# mine" not in own(tmp_path).read_text(encoding="utf-8")
    assert own(tmp_path).with_name(NAME).read_text(encoding="utf-8") == schema_text()


def test_a_file_elsewhere_is_named_by_its_path(tmp_path: Path) -> None:
    made = run(tmp_path, "protocol", "new", "north-town", "--to", "with space.toml")
    assert f"  escalate plan '{tmp_path}/with space.toml'\n" in made.stdout
    assert run(tmp_path, "plan", f"{tmp_path}/with space.toml").status == 0
    assert not own(tmp_path).parent.exists()


def test_a_file_that_takes_another_is_copied_where_that_one_is_found(tmp_path: Path) -> None:
    own(tmp_path).parent.mkdir(parents=True)
    own(tmp_path, "small").write_text(SMALL, encoding="utf-8")
    over = 'extends = "small"\nid = "over"\npartnership = "Over"\n[[stages]]\nkey = "2"\nowner = "Somebody else"\n'
    own(tmp_path, "over").write_text(over, encoding="utf-8")
    assert run(tmp_path, "protocol", "new", "north-town", "--like", "over", *NAMES).status == 0
    tree = json.loads(run(tmp_path, "protocol", "show", "north-town", "--json").stdout)
    assert (tree["partnership"], tree["stages"][1]["owner"]) == ("North Town Partnership", "Somebody else")


@pytest.mark.parametrize(
    "said", sampled(['"', "\\", "[bold]", "line\nbreak", "'''", "\x7f", "😀 Réunion", "# CHANGE", "{0}", "\x1b[31m"], 5)
)
def test_any_title_stays_what_it_is(tmp_path: Path, said: str) -> None:
    assert (
        run(tmp_path, "protocol", "new", "north-town", "--title", f"a {said} b", "--partnership", said + "c").status
        == 0
    )
    tree = read(own(tmp_path))
    assert (tree["title"], tree["partnership"]) == (f"a {said} b", said + "c")


# -- the parts of a file --------------------------------------------------------------------------------------------------

AWKWARD = '''
id = "x" # a remark with [brackets] and = and "quotes
"title" = """
[[contacts]]
email = "not = one"
"""
edition.dated = "2026"
not_for = [
  "one ] of them", # ]
  'two \\',
]   # after
edition = { dated = "2026", x = [
  1 ] }

[[ contacts ]] # first
  key = "a"
  email = """
a@b.example"""
  phone = \'\'\'0123
"""\'\'\'
[forms.x]
a = "\\"]"
'''


AWKWARD_COPIED = """\
# CHANGE what it must not be used for.
not_for = [
  "one ] of them", # ]
  'two \\',
]   # after

# CHANGE to the dates of your document, with the year first: "2026-11", "2026-11-30" or "undated".
[edition]
dated = "2026-11"
review = "2027-11"

# CHANGE the contacts: they are the roles of x, and their addresses, numbers and areas are left out.
# When you take one out, take it out of the `contacts` of actions too.
[[ contacts ]] # first
  key = "a"
# email = ""
# phone = ""
[forms.x]
a = "\\"]"
"""


def copy_of(text: str) -> str:
    return copied(text, "x", Names("y", None, None, "2026-11", "2027-11"))


def test_a_file_is_copied_without_losing_a_line() -> None:
    copy = copy_of(AWKWARD.replace('edition.dated = "2026"\n', ""))
    assert copy.partition("with its date, if it has one\n")[2] == AWKWARD_COPIED


@pytest.mark.parametrize("like", FILES, ids=lambda path: path.stem)
def test_every_line_of_a_shipped_file_is_in_its_copy_but_for_whom_to_reach(like: Path) -> None:
    text = like.read_text(encoding="utf-8")
    said, copy = (each[each.index("[calendar]") :].splitlines() for each in (text, copy_of(text)))
    inserted = ("# CHANGE", "# When you take one out")
    assert [line for line in copy if not line.startswith(inserted)] == [
        re.sub(r"^(area|email|phone|send_to) = .*$", r'# \1 = ""', line) for line in said
    ]


def test_a_text_over_several_lines_is_taken_out_whole() -> None:
    made = tomllib.loads(copy_of(AWKWARD.replace('edition.dated = "2026"\n', "")))
    assert (made["title"], made["contacts"]) == ("The title of your document", [{"key": "a"}])
    assert made["not_for"] == ["one ] of them", "two \\"]


ADDRESSES = [
    ("someone@council.gov.uk", True),
    ('email = "LADO@hull.example"', True),
    ("Ring 01482 880066.", True),
    ("Ring 0300 123 4567", True),
    ("020-7946-0000", True),
    ("2026-11-20 to 2027-01-01", False),
    ("riverside@2026-03", False),
    ("section 3.0, 09:00 to 17:00", False),
    ("within 24 to 48 hours", False),
]


@pytest.mark.parametrize(("line", "found"), ADDRESSES)
def test_what_looks_like_an_address_or_a_number_is_found(line: str, found: bool) -> None:
    assert (addresses_in(f"\n{line}\n") == [2]) is found


def test_an_address_left_in_a_text_is_pointed_to(tmp_path: Path) -> None:
    (tmp_path / "like.toml").write_text(
        SMALL.replace('owner = "Manager"', 'owner = "Manager, 01482 880066"'), encoding="utf-8"
    )
    made = run(tmp_path, "protocol", "new", "north-town", "--like", "./like.toml")
    line = next(
        n for n, line in enumerate(own(tmp_path).read_text(encoding="utf-8").splitlines(), 1) if "880066" in line
    )
    assert f"Look at line {line}: there may be an address or a number of theirs." in made.stdout
