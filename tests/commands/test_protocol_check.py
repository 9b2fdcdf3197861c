"""`protocol check`: places that a person finds, and what it thinks of a file that is not finished."""

from pathlib import Path

import pytest

from tests.driver import Office

BASE = """
id = "pan-area"
title = "Ours"
partnership = "Nowhere"
covers = ["children"]
source = "Nowhere, Ours"
[edition]
dated = "2026"
[calendar]
name = "england-and-wales"
[[routes]]
key = "main"
name = "Ladder"
starts = "1"
[[routes]]
key = "other"
name = "Other ladder"
starts = "1"
[[stages]]
key = "1"
name = "Talk"
owner = "You"
next = ["2"]
cite = "1"
reminders = [
  "Two lines, [[stages]]",
  "of a list",  # that does not end here: ], nor begin a text: "
]
  [[stages.actions]]
  key = "talk"
  name = '''Talk
[[stages]] in a "text''''
    [[stages.actions.timescales]]
    within = "2 working days"
    from = "stage"
    cite = "1"
    [[stages.actions.timescales]]
    within = "3 days"
    from = "raised"
    cite = "1"
[[stages]]
key = "2"
name = "Settle"
owner = "Both"
next = []
cite = "2"
[[stages]]
route = "other"
key = "1"
name = "Only"
owner = "Both"
next = []
cite = "3"
"""


run = Office("2026-11-22T12:00:00+00:00")


def said_of(folder: Path, text: str, **others: str) -> list[str]:
    """What is said of a file, with other files beside it."""
    for name, each in {"my": text, **others}.items():
        (folder / f"{name}.toml").write_text(each)
    ran = run(folder, "protocol", "check", "my.toml")
    assert (ran.status, ran.stdout) == (1, ""), ran
    return ran.stderr.splitlines()


def line_of(text: str, wanted: str) -> int:
    assert text.count(wanted) == 1, wanted
    return text[: text.index(wanted)].count("\n") + 1


MISTAKES = [
    ('next = ["2"]', 'next = ["22"]', "stage 1, next, line {}: "),
    ('within = "3 days"', 'within = "3 dais"', "stage 1, action talk, timescale number 2, within, line {}: "),
    ('from = "raised"', 'from = "rased"', "stage 1, action talk, timescale number 2, from, line {}: "),
    ('name = "Only"', 'name = ""', "stage other:1, name, line {}: "),
    ('key = "other"', 'key = "an other"', "route an other, key, line {}: "),
    ('dated = "2026"', 'dated = "June"', "edition, dated, line {}: "),
    ('"of a list",', "7,", "stage 1, reminder number 2, line 25: "),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "place"), MISTAKES, ids=[row[1] for row in MISTAKES])
def test_a_place_is_named_by_keys_and_line(tmp_path: Path, right: str, wrong: str, place: str) -> None:
    line_of(BASE, right)
    text = BASE.replace(right, wrong)
    said = said_of(tmp_path, text)
    assert [line for line in said if line.startswith(f"my.toml: {place.format(line_of(text, wrong))}")], said


EXTENDING = """
extends = "base.toml"
id = "north"
[[stages]]
key = "2"
owner = "Heads"
[[stages]]
key = "1"
  [[stages.actions]]
  key = "talk"
    [[stages.actions.timescales]]
    within = "4 working days"
    from = "stage"
    cite = "1"
"""


@pytest.mark.parametrize(
    ("in_base", "in_own", "says"),
    [
        (("", ""), ('owner = "Heads"', "owner = 1"), "my.toml: stage 2, owner, line 6: "),
        (("", ""), ('within = "4 working days"', 'within = "4 dais"'), "my.toml: stage 1, action talk, within, line 12: "),
        (("", ""), ('    from = "stage"\n', ""), "my.toml: stage 1, action talk, from, line 11: is missing"),
        (("", ""), ('key = "talk"', 'key = "fax"\nremove = true'), "my.toml: stage 1, action fax, remove, line 11: there is no"),
        (('owner = "You"', "owner = 1"), ("", ""), "base.toml: stage 1, owner, line 22: "),
        (('name = "Settle"', "name = 1"), ("", ""), "base.toml: stage 2, name, line 43: "),
        (('dated = "2026"', "dated = 2026-99"), ("", ""), "base.toml is not well-formed TOML: line 8: "),
    ],
)  # fmt: skip
def test_a_mistake_is_said_of_the_file_that_has_it(
    tmp_path: Path, in_base: tuple[str, str], in_own: tuple[str, str], says: str
) -> None:
    said = said_of(tmp_path, EXTENDING.replace(*in_own, 1), base=BASE.replace(*in_base, 1))
    assert [line for line in said if line.startswith(says)], said


AS_SAID = [
    ("from", "after talk", 'try "talk"'),
    ("from", "talk done", 'try "talk"'),
    ("from", "hearing date", 'try "hearing"'),
    ("from", "talk late", 'try "talk overdue"'),
    ("from", "when it was raised", 'try "raised"'),
    ("from", "entry to the stage", 'try "stage"'),
    ("from", "entry to stage 2", 'try "stage 2"'),
    ("from", "when stage 2 begins", 'try "stage 2"'),
    ("from", "the referral", 'if that is when the case was raised, write "raised"'),
    ("from", "escalation", 'if that is when the case was raised, write "raised"'),
    ("from", "date of the incident", 'if that is the decision in dispute, or what the concern is about, write "concern"'),
    ("from", "receipt", 'if that is when it came to this stage, write "stage"; if when something was sent, the key of the action that sends it'),
    ("from", "becoming aware", 'if that is when an answer became known, write "known"'),
    ("from", "end of stage 1", 'a stage ends where another begins, so try "stage 3" for entry to that one, the key of the action that ends it, or that key with "overdue"'),
    ("from", "stage 1 overdue", 'a stage ends where another begins, so try "stage 3" for entry to that one, the key of the action that ends it, or that key with "overdue"'),
    ("failing_that", "none", "if there is nothing, leave the line out"),
    ("when", "looked-after", 'it does not say which fact is what; try "looked-after is yes"'),
    ("when", "if looked-after is yes", 'it does not say which fact is what; try "looked-after is yes"'),
    ("when", "looked-after = no", 'it does not say which fact is what; try "looked-after is no"'),
    ("when", "looked after is yes", 'it does not say which fact is what; try "looked-after is yes"'),
    ("when", "not looked-after is yes", 'it does not say which fact is what; try "looked-after is not yes"'),
    ("when", "looked-after is yes and on a plan", '"on a plan" does not say which fact is what; try "on-a-plan is yes"'),
    ("when", "the child, 5", 'it does not say which fact is what; try "severity is high" or "looked-after is yes or protection-plan is yes"'),
    ("when", "(looked-after is yes)", 'it can have no brackets, so write it out; try "a is yes and b is yes or a is yes and c is yes"'),
]  # fmt: skip


@pytest.mark.parametrize(("field", "said", "advice"), AS_SAID, ids=[row[1] for row in AS_SAID])
def test_what_is_written_as_one_would_say_it_is_put_as_a_file_does(
    tmp_path: Path, field: str, said: str, advice: str
) -> None:
    line = f'from = "{said}"' if field == "from" else f'from = "raised"\n    {field} = "{said}"'
    fact = '\n[[facts]]\nkey = "looked-after"\nask = "Is the child looked after?"\n'
    lines = said_of(tmp_path, BASE.replace('from = "raised"', line) + fact)
    assert lines[0].startswith(f"my.toml: stage 1, action talk, timescale number 2, {field}, line ")
    assert lines[0].endswith(advice), lines


CHANGING = """
extends = "base.toml"
id = "north"
[[stages]]
key = "1"
  [[stages.actions]]
  key = "talk"
    [stages.actions.timescales]
    within = "4 working days"
    cite = "Annex N"
"""
ONE = BASE.replace(
    """    [[stages.actions.timescales]]
    within = "3 days"
    from = "raised"
    cite = "1"
""",
    "",
)


def test_single_brackets_change_the_only_timescale_that_another_file_has(tmp_path: Path) -> None:
    for name, text in {"my": CHANGING, "base": ONE}.items():
        (tmp_path / f"{name}.toml").write_text(text)
    assert run(tmp_path, "protocol", "check", "my.toml").status == 0
    said = run(tmp_path, "protocol", "show", "my.toml").stdout
    assert "within 4 working days of entry to the stage  [Annex N]" in said


@pytest.mark.parametrize(
    ("base", "wrong", "says"),
    [
        (ONE, ('"4 working days"', '"4 dais"'), "my.toml: stage 1, action talk, within, line 9: "),
        (ONE.replace('from = "stage"', 'from = "tlak"'), ("", ""), "base.toml: stage 1, action talk, from, line 35: "),
        (ONE, ('"Annex N"', '"Annex N"\n    every = "2 weeks"'), "my.toml: stage 1, action talk, "),
        (BASE, ("", ""), "my.toml: stage 1, action talk, timescales, line 8: single brackets change the only timescale there is, and here there are 2; write all of them, each begun with two brackets"),
        (ONE, ('key = "talk"', 'key = "fax"\n  name = "Fax"'), "my.toml: stage 1, action fax, timescales, line 9: a table should be a list"),
    ],
    ids=["typo", "typo of the other", "two of a kind", "several", "none"],
)  # fmt: skip
def test_a_mistake_in_changing_a_timescale_is_said_where_it_stands(
    tmp_path: Path, base: str, wrong: tuple[str, str], says: str
) -> None:
    said = said_of(tmp_path, CHANGING.replace(*wrong, 1), base=base)
    assert [line for line in said if line.startswith(says)], said


def test_an_edition_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    for extends, status in {"pan-area@2026": 0, "pan-area@2025": 1}.items():
        text = CHANGING.replace("base.toml", extends)
        for name, each in {"my": text, "base": ONE}.items():
            (tmp_path / f"{name}.toml").write_text(each)
        ran = run(tmp_path, "protocol", "check", "my.toml")
        assert ran.status == status
    assert ran.stderr == 'my.toml: extends: there is no protocol "pan-area@2025"; there is pan-area@2026\n'


EXAMPLE = """
[[examples]]
name = "On a Monday"
opened = "23 Nov 2026 10:00"
due = { "1 talk" = "25 Nov 2026" }
route = "main"
"""


def test_examples_are_played_for_the_file_they_stand_in(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(ONE + EXAMPLE)
    (tmp_path / "my.toml").write_text(CHANGING)
    for name, examples in {"base": ", 1 example", "my": ""}.items():
        ran = run(tmp_path, "protocol", "check", f"{name}.toml")
        assert ran == (0, f"{name}.toml: no problems; 2 routes, 3 stages{examples}.\n", "")
    (tmp_path / "my.toml").write_text(CHANGING + EXAMPLE)
    ran = run(tmp_path, "protocol", "check", "my.toml")
    assert ran.status == 1
    assert "Wednesday 25 November 2026 is expected, and it comes to Friday 27 November 2026" in ran.stderr


@pytest.mark.parametrize("command", [("check", "my.toml"), ("check", "my"), ("show", "my")])
def test_a_file_that_notepad_gave_another_ending_is_named(tmp_path: Path, command: tuple[str, str]) -> None:
    (tmp_path / "my.toml.txt").write_text(BASE)
    office = Office("2026-11-22T12:00:00+00:00", environment={"ESCALATE_PROTOCOLS": "{home}"})
    ran = office(tmp_path, "protocol", *command)
    assert (ran.status, ran.stdout) == (1, "")
    assert ran.stderr.endswith("my.toml.txt is not read, because its name ends in .txt: rename it to my.toml.\n")


def test_what_is_about_neither_children_nor_adults_has_an_empty_list(tmp_path: Path) -> None:
    said = said_of(tmp_path, BASE.replace('["children"]', '["families"]'))
    assert said == [
        'my.toml: covers, line 5: "families" should be "children" or "adults"; where it is about neither, the list is empty: covers = []'
    ]
    (tmp_path / "my.toml").write_text(BASE.replace('["children"]', "[]"))
    assert run(tmp_path, "protocol", "check", "my.toml").status == 0
    assert "Nowhere, for whom it concerns\n" in run(tmp_path, "protocol", "show", "my.toml").stdout


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('route = "main"', 'facts = ["plan is yes"]', 'facts, line 55: "plan is yes" does not answer a question'),
        ('route = "main"', 'goes = ["20 Nov 2026 10:00 advance"]', "nothing earlier is possible"),
    ],
)
def test_a_mistake_in_an_example_is_said_of_the_file(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    said = said_of(tmp_path, ONE + EXAMPLE.replace(right, wrong))
    assert len(said) == 1
    assert says in said[0]
    assert "escalate undo" not in said[0]


def test_a_single_bracket_where_there_may_be_several_is_said(tmp_path: Path) -> None:
    said = said_of(tmp_path, BASE + '[after_resolution]\nkey = "shared"\n')
    number = BASE.count("\n") + 1
    assert said == [
        f"my.toml: after_resolution, line {number}: a table should be a list: each begins with two brackets, [[after_resolution]]"
    ]


def test_an_action_cannot_be_called_what_every_protocol_counts_from(tmp_path: Path) -> None:
    said = said_of(tmp_path, BASE.replace('key = "talk"', 'key = "raised"'))
    assert said == [
        "my.toml: stage 1, action raised, key, line 30: is what every protocol can count from; give the action another key"
    ]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("20 school days", 'give the protocol a calendar with the key "school", or write working days'),
        ("five school days", 'try "5 school days"'),
        ("5 consecutive days", 'try "5 days"'),
        ("5 business days", 'try "5 working days"'),
        ("3 full days", 'try "3 days"'),
    ],
)
def test_days_of_no_calendar_get_the_sentence_that_helps(tmp_path: Path, said: str, advice: str) -> None:
    lines = said_of(tmp_path, BASE.replace('within = "3 days"', f'within = "{said}"'))
    assert lines == [
        f'my.toml: stage 1, action talk, timescale number 2, within, line 38: "{said}" is not an allowance; {advice}'
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stage2", "stage 2"),
        ("resovled", "resolved"),
        ("tlak", "talk"),
        ("rased", "raised"),
        ("known-", "known"),
        ("heering", "hearing"),
    ],
)
def test_what_was_meant_to_be_counted_from_is_found_among_all_there_is(tmp_path: Path, said: str, meant: str) -> None:
    moment = '\n[[moments]]\nkey = "hearing"\nask = "When is the hearing?"\n'
    lines = said_of(tmp_path, BASE.replace('from = "raised"', f'from = "{said}"') + moment)
    assert lines[0].endswith(f'did you mean "{meant}"?'), lines


def test_a_question_that_nothing_hangs_on_is_a_remark(tmp_path: Path) -> None:
    base = BASE.replace('"3 days"', '"3 calendar days"')
    (tmp_path / "my.toml").write_text(f'{base}\n[[facts]]\nkey = "seen"\nask = "Was the child seen?"\n')
    ran = run(tmp_path, "protocol", "check", "my.toml")
    assert ran == (
        0,
        'Warning: my.toml: fact seen, line 55: no condition asks for "seen"; use it in a when, or take it away\n'
        "my.toml: no problems, 1 warning; 2 routes, 3 stages.\n",
        "",
    )


def test_a_copy_that_nobody_has_edited_is_not_finished(tmp_path: Path) -> None:
    assert run(tmp_path, "protocol", "new", "north", "--like", "lincolnshire", "--to", "north.toml").status == 0
    text = (tmp_path / "north.toml").read_text()
    marked = [number for number, line in enumerate(text.splitlines(), 1) if "# CHANGE" in line]
    ran = run(tmp_path, "protocol", "check", "north.toml")
    assert ran.stdout == (
        f"Warning: north.toml: {len(marked)} places are still marked CHANGE, the first in line {marked[0]}: make each your own, and"
        " take its remark out\nnorth.toml: not finished, 1 warning; 1 route, 5 stages, 6 examples.\n"
    )
    (tmp_path / "north.toml").write_text(text.replace("# CHANGE", "#"))
    said = "north.toml: no problems; 1 route, 5 stages, 6 examples.\n"
    assert run(tmp_path, "protocol", "check", "north.toml").stdout == said


def test_a_protocol_is_checked_by_its_id_as_well(tmp_path: Path) -> None:
    by_id = run(tmp_path, "protocol", "check", "herefordshire")
    assert by_id == (0, "herefordshire.toml: no problems; 1 route, 5 stages, 7 examples.\n", "")
    assert run(tmp_path, "protocol", "check", "hereford").stderr.startswith(
        'There is no protocol "hereford". Did you mean'
    )
