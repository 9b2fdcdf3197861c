"""Files that are not well-formed TOML: the cause by name, with its line."""

import pytest

from escalate.errors import Refused
from escalate.storage.files.toml import parse_toml

CURLY = "it has curly quotes, as a word processor puts them in; write straight ones: "
MISSING = "a quote is missing, at the beginning or the end of the text"
THERE = "this part is there already; say all of it in one place or, where there may be several, begin each with two brackets: "
BRACKET = "a bracket is missing; one more of a kind begins with two and ends with two: [[stages]]"
ONE_BRACKET = "there may be several of these, so begin each with two brackets: "
QUOTED = "write a date or a number such as this one in quotes, a date with the year first: "
LIST = 'a list is not closed, or a comma is missing between two of its entries; it reads ["one", "two"]'
YEAR_FIRST = "write a date with the year first, as in 2026-12-24"
COMMA = "a comma is missing between two fields in curly brackets"
CURLY_BRACKET = "a curly bracket is not closed; write all that is in curly brackets in one line"
NEITHER = 'it is neither NAME = "text" nor the beginning of a part; a remark begins with #'
SPACE = "it has a space that is not an ordinary one, as a word processor or a web page puts in; delete it, and type it again"
CAUSES = [
    ("title = \u201cOurs\u201d", 1, f'{CURLY}title = "Ours"'),
    ("title = \u2018Ours\u2019", 1, f"{CURLY}title = 'Ours'"),
    ('\u201ctitle\u201d = "Ours"', 1, f'{CURLY}"title" = "Ours"'),
    ('next = ["2", \u201c3\u201d]', 1, f'{CURLY}next = ["2", "3"]'),
    ('id = "x"\ntitle = "Ours', 2, MISSING),
    ('title = "Ours\nid = "x"', 1, MISSING),
    ("title = Ours", 1, 'write a text in quotes: title = "Ours"'),
    ("within = 5 working days", 1, 'write a text in quotes: within = "5 working days"'),
    ("title = 'it's ours'", 1, "an apostrophe ends the text; put it in double quotes instead of single ones"),
    ('title = "the "best" one"', 1, "there are quotes within the quotes; write single ones inside, as in 'so'"),
    ('title = "Ours" now', 1, "there is something after the text; put it within the quotes, or into a line of its own"),
    ('template = "C:\\users"', 1, "a backslash has a meaning of its own in quotes; write it twice, or put the text in single quotes"),
    ('reading = """So\nid = "x"', 1, "the text that begins with three quotes is not ended by three"),
    ('[stages]\nkey = "1"\n[stages]\nkey = "2"', 3, f"{THERE}[[stages]]"),
    ("[[stages]\n", 1, BRACKET),
    ("[stages]]\n", 1, BRACKET),
    ("id = 'x'\n[[stages", 2, "a bracket is missing at the end of the line"),
    ('[[stages]] key = "2"', 1, "begin a new line after the brackets"),
    ('[the stages]\nkey = "2"', 1, "a name in brackets has no spaces"),
    ('key = "1"\nkey = "2"', 2, "something is said twice; say it once"),
    ("ends_stage = True", 1, "write true or false, in small letters and without quotes"),
    ("ends_stage = yes", 1, "write true or false, in small letters and without quotes"),
    ("dated = 2026-03", 1, f'{QUOTED}dated = "2026-03"'),
    ("dated = 24/12/2026", 1, f'{QUOTED}dated = "24/12/2026"'),
    ("dated = 24.12.2026", 1, f'{QUOTED}dated = "24.12.2026"'),
    ('next = ["2", "3"\ncite = "2"', 2, LIST),
    ('next = ["2" "3"]', 1, LIST),
    ('title: "Ours"', 1, 'write an equals sign instead of the colon, as in title = "text"'),
    ("title =", 1, "there is nothing after the equals sign"),
    ("Stage two", 1, NEITHER),
    ('title =\N{NO-BREAK SPACE}"Ours"', 1, SPACE),
    ('\N{EM SPACE}title = "Ours"', 1, SPACE),
    ('[[stage]]\nkey = "1"\n[[stages.actions]]\nkey = "talk"\n[[stages]]\nkey = "2"', 3, "what it is part of does not stand above it; see whether [[stages]] is mistyped there, or left out"),
    ('[[stages]]\nkey = "1"\n[[stages.action]]\nkey = "talk"\n[[stages.actions.timescales]]\ncite = "1"\n[[stages.actions]]\nkey = "x"', 5,
        "what it is part of does not stand above it; see whether [[stages.actions]] is mistyped there, or left out"),
    ('[facts]\nkey = "a"\n[[facts]]\nkey = "b"', 1, f"{ONE_BRACKET}[[facts]]"),
    ('[[stages]]\nkey = "1"\n[stages.actions]\nkey = "talk"\n[[stages.actions]]\nkey = "x"', 3, f"{ONE_BRACKET}[[stages.actions]]"),
    ('dated = 2026-03    # the date; "undated" if it has none', 1, f'{QUOTED}dated = "2026-03"'),
    ('title = Ours    # "our" title', 1, 'write a text in quotes: title = "Ours"'),
    ('closures = [{ on = 24/12/2026, name = "x" }]', 1, YEAR_FIRST),
    ('closures = [{ on = 24.12.2026, name = "x" }]', 1, YEAR_FIRST),
    ('closures = [{ from = 24 Dec 2026, name = "x" }]', 1, YEAR_FIRST),
    ("terms = [{ from = 2026-9-2, to = 2026-10-23 }]", 1, YEAR_FIRST),
    ('closures = [{ on = 2026-12-24 name = "x" }]', 1, COMMA),
    ('timescales = [{ within = "5 days" from = "stage" }]', 1, COMMA),
    ('timescales = [{ within = 5 days, from = "stage" }]', 1, 'write a text in quotes: within = "5 days"'),
    ('closures = [{ on = "2026-12-24", name = closed }]', 1, 'write a text in quotes: name = "closed"'),
    ("edition = { dated = 2026-06 }", 1, 'write a text in quotes: dated = "2026-06"'),
    ('timescales = [{ within: "5 days", from = "stage" }]', 1, 'write an equals sign instead of the colon, as in within = "text"'),
    ('timescales = [{ within = "5 days", from = "stage" ]', 1, CURLY_BRACKET),
    ('edition = { dated = "2026",\nreview = "2027" }', 1, CURLY_BRACKET),
    ('edition = {\ndated = "2026" }', 1, CURLY_BRACKET),
    ('timescales = [ within = "5 days", from = "stage" ]', 1, "a list of parts has curly brackets around each: [{ one }, { another }]"),
    ('edition = { dated = "2026", }', 1, "leave out the comma before the closing curly bracket"),
    ('edition = { dated = "2026 }', 1, MISSING),
    ('next = ["2, "3"]', 1, MISSING),
    ('title = "Ours"\0', 1, "it has a character that no text has; delete it, or the whole line, and type it again"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "cause"), CAUSES, ids=[row[0] for row in CAUSES])
def test_the_cause_is_said_by_name_with_its_line(text: str, line: int, cause: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_toml(f"# ours\n{text}", "my.toml")
    assert refusal.value.sentence == f"my.toml is not well-formed TOML: line {line + 1}: {cause}."


def test_what_is_written_instead_is_well_formed() -> None:
    said = [
        cause.partition(phrase)[2]
        for _, _, cause in CAUSES
        for phrase in ("straight ones: ", "in quotes: ", "year first: ")
    ]
    instead = [each for each in said if each]
    assert len(instead) > 8
    assert all(parse_toml(each, "my.toml") for each in instead)


def test_a_cause_that_is_not_known_is_said_as_it_is() -> None:
    with pytest.raises(Refused, match=r"Invalid value \(at line 1, column 6\)"):
        parse_toml("x = [=]", "my.toml")
