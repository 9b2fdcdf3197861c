"""`protocol show`: all that a file says, in sentences a manager would say."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from escalate.storage.files.protocols import shipped_folder
from tests.driver import Office
from tests.sizes import sampled

run = Office("2026-11-22T12:00:00+00:00", environment={"COLUMNS": "400"})
FILES = sorted([*shipped_folder().glob("*.toml"), *(Path(__file__).parents[1] / "shapes").glob("*.toml")])

# What stands in other words, which the table below compares: times and what they count from, what leads where, and the file's own workings.
SAID_OTHERWISE = {"from", "begins", "before", "failing_that", "within", "at_least", "every", "next", "starts", "leads_to", "outlives", "extends", "week", "hours", "hours_on"}  # fmt: skip


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text and date of a file, with the name of the field it stands in."""
    if isinstance(value, dict):
        for field, each in value.items():
            if field != "examples":  # they are for protocol check; the page has their names
                yield from texts(each, field)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, name)
    elif isinstance(value, date):
        yield name, f"{value.day} {value:%B %Y}"
    elif isinstance(value, str):
        yield name, " ".join(value.split())


@pytest.mark.parametrize("file", sampled(FILES, 3), ids=lambda file: file.stem)
def test_all_that_a_file_says_is_shown(tmp_path: Path, file: Path) -> None:
    shown = " ".join(run.did(tmp_path, "protocol", "show", str(file)).split())
    said = [(name, text) for name, text in texts(tomllib.loads(file.read_text("utf-8"))) if name not in SAID_OTHERWISE]
    assert len(said) > 8
    assert [(name, text) for name, text in said if text not in shown] == []


HEAD = """
id = "small"
title = "Small"
partnership = "Nowhere"
covers = ["children"]
source = "Nowhere, Small"
calendar = {{ name = "england-and-wales"{calendar} }}
edition = {{ dated = "2026"{edition} }}
{more}
[[facts]]
key = "severity"
ask = "How severe?"
answers = ["high", "low"]
[[moments]]
key = "hearing"
ask = "When is the hearing?"
[[calendars]]
key = "school"
name = "england-and-wales"
[[routes]]
key = "main"
name = "Ladder"
starts = "1"
[[stages]]
key = "1"
name = "Line manager to line manager"
owner = "Line manager"
next = ["2"]
cite = "1"
  [[stages.actions]]
  key = "acknowledge"
  name = "Acknowledge it"
  [[stages.actions]]
  key = "it"
  name = "Do it"
  {action}
  [[stages.actions.timescales]]
  cite = "1"
  {timescale}
[[stages]]
key = "2"
name = "Heads"
owner = "Heads"
next = []
cite = "2"
"""


def shown(folder: Path, timescale: str = 'within = "1 day"\nfrom = "stage"', **said: str) -> str:
    parts = {"calendar": "", "edition": "", "more": "", "action": ""} | said
    (folder / "small.toml").write_text(HEAD.format(timescale=timescale, **parts))
    return run.did(folder, "protocol", "show", "./small.toml")


TIMES = [
    ('within = "10 working days"\nfrom = "acknowledge"\nfailing_that = "raised"\nextendable_to = "20 working days"',
        'within 10 working days of "acknowledge" being done (until then: of the raising of the case); at most 20 working days if extended for a reason'),
    ('within = "5 working days"\nfrom = "stage"', "within 5 working days of entry to the stage"),
    ('within = "1 to 3 working days"\nfrom = "concern"', "within 1 to 3 working days of the disputed decision, or the concern first arising"),
    ('within = "2 days"\nfrom = "stage 2"', "within 2 days of entry to stage 2"),
    ('within = "2 days"\nfrom = "hearing"', 'within 2 days of "hearing"'),
    ('within = "2 days"\nfrom = "acknowledge overdue"', 'within 2 days of the time for "acknowledge" running out'),
    ('within = "immediately"\nfrom = "stage"', "the same day as entry to the stage"),
    ('within = "same day by 12:00"\nfrom = "stage"', "by 12:00 the same day as entry to the stage"),
    ('within = "immediately"\nfrom = "known"\nwhen = "severity is high"', "the same day it becomes known, if severity is high"),
    ('within = "same working day"\nfrom = "known"\nwhen = "severity is high"', "the same working day it becomes known, if severity is high"),
    ('within = "same school day"\nfrom = "stage"', "the same school day as entry to the stage"),
    ('within = "1 working day by close of business"\nfrom = "stage"', "within 1 working day of entry to the stage, by close of business"),
    ('at_least = "5 working days"\nbefore = "hearing"', 'at least 5 working days before "hearing"'),
    ('every = "6 weeks"\nfrom = "stage"', "every 6 weeks, the first within 6 weeks of entry to the stage"),
    ('within = "5 days"\nfrom = "stage"\ntarget = "24 hours"', "within 5 days of entry to the stage, aiming at 24 hours"),
    ('within = "5 days"\nfrom = "stage"\nextendable = true', "within 5 days of entry to the stage; a later date can be agreed for a reason"),
    ('within = "5 days"\nfrom = "stage"\nextendable_to = "8 days"\nextendable_when = "severity is low"', "within 5 days of entry to the stage; at most 8 days if extended for a reason (only if severity is low)"),
    ('within = "5 days"\nfrom = "stage"\nstops_while = "severity is low"', "within 5 days of entry to the stage; the clock stops while severity is low"),
]  # fmt: skip


@pytest.mark.parametrize(("timescale", "sentence"), TIMES, ids=[row[0].partition("\n")[0] for row in TIMES])
def test_a_time_is_said_as_a_manager_would(tmp_path: Path, timescale: str, sentence: str) -> None:
    assert f"{sentence}  [1]\n" in shown(tmp_path, timescale)


OTHERS = [
    ({"action": "window = true"}, "may be used until then; not overdue afterwards"),
    ({"edition": ', in_force = "2026-12-01", agreed = "2026-05", review = "2027"'}, "Edition: 2026, agreed 2026-05, in force from 2026-12-01, to be reviewed 2027"),
    ({"calendar": ', closures = [{ on = 2026-12-24, name = "Council closed" }]'}, "Working days: those of England and Wales (england-and-wales), closed 24 December 2026 (Council closed)"),
    ({"calendar": ', hours = "08:30 to 17:00"'}, "Working days: those of England and Wales (england-and-wales), hours 08:30 to 17:00"),
    ({"calendar": ', also = ["scotland", "northern-ireland"]'}, "Working days: those of England and Wales (england-and-wales), with the bank holidays of Scotland (scotland) and Northern Ireland (northern-ireland) as well"),
    ({"action": 'cite = "Annex B"'}, "it: Do it  [Annex B]\n│   │   within 1 day of entry to the stage  [1]"),
    ({"more": 'forms = [{ key = "f", name = "Form", cite = "7", fields = [{ heading = "Ref", source = "case" }, { section = "Child", heading = "Born", source = "born" }] }]'},
        "forms\n└── f: Form  [7]\n    ├── Ref: case\n    └── Child\n        └── Born: born\n"),
    ({}, "next: stage 2"),
    ({}, "Last stage"),
    ({}, "From: Nowhere, Small"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "line"), OTHERS)
def test_what_else_a_file_says_is_said_plainly(tmp_path: Path, said: dict[str, str], line: str) -> None:
    assert line in shown(tmp_path, **said)


def test_which_of_two_times_counts_is_said(tmp_path: Path) -> None:
    two = 'within = "1 day"\nfrom = "stage"\n[[stages.actions.timescales]]\ncite = "1"\nwithin = "2 days"\nfrom = "raised"'
    assert "the earlier of these:\n" in shown(tmp_path, two)
    assert "the later of these:\n" in shown(tmp_path, two, action='whichever = "later"')
    assert "of these" not in shown(tmp_path)


EITHER = """within = "1 day"
from = "stage"
when = "severity is {}"
[[stages.actions.timescales]]
cite = "1"
within = "2 days"
from = "stage"
when = "severity is {}"
"""


def test_of_times_that_exclude_each_other_the_one_that_applies_counts(tmp_path: Path) -> None:
    assert "the one that applies, and until that is known the earliest:\n" in shown(
        tmp_path, EITHER.format("high", "low")
    )
    assert "the one that applies" not in shown(tmp_path, EITHER.format("high", "not low"))


WITHOUT = [
    ("a stage with its duties", "x", "", "resolve: Resolve, or go up to stage 2\n│   │   no time limit of its own: the stage has the time of its duties  [1]"),
    ("an action", "", "", "acknowledge: Acknowledge it\n│   │   no time limit: agree a date  [1]"),
    ("a window", "", "window = true", "no time limit: open until its stage is left  [1]"),
    ("a window after the stage", "", 'window = true\noutlives = "stage"', "no time limit: open until the case is closed  [1]"),
    ("a window after the case", "", 'window = true\noutlives = "case"', "no time limit: open until it is used  [1]"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "kept", "action", "line"), WITHOUT, ids=[row[0] for row in WITHOUT])
def test_what_there_is_instead_of_a_time_is_said(tmp_path: Path, what: str, kept: str, action: str, line: str) -> None:
    text = shown(tmp_path) if kept else shown(tmp_path, action=action)
    if action:  # without any time: the file is written anew
        path = tmp_path / "small.toml"
        head, _, tail = path.read_text().partition('  [[stages.actions.timescales]]\n  cite = "1"\n')
        path.write_text(head + tail.partition('from = "stage"\n')[2])
        text = run.did(tmp_path, "protocol", "show", "./small.toml")
        assert "not overdue afterwards" not in text
    assert line in text


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ('side = "receiving"', "by the receiving side"),
        ('side = "raising"\nowner = "The parent"', "by: The parent, on the raising side"),
        ('owner = "The parent"', "by: The parent\n"),
    ],
)
def test_whose_it_is_is_said_in_one_line(tmp_path: Path, action: str, line: str) -> None:
    text = shown(tmp_path, action=action)
    assert line in text
    assert text.count("by: ") + text.count("by the ") == 1


def test_what_a_document_calls_its_concern_is_used(tmp_path: Path) -> None:
    assert "within 1 day of the referral  [1]" in shown(tmp_path, 'within = "1 day"\nfrom = "concern"', more='concern = "the referral"')  # fmt: skip


def test_hours_are_said_where_they_matter(tmp_path: Path) -> None:
    usual = "Working hours: those of the nation's calendar"
    assert usual in shown(tmp_path, 'within = "4 working hours"\nfrom = "stage"')
    assert usual in shown(tmp_path, 'within = "1 day by close of business"\nfrom = "stage"')
    assert usual not in shown(tmp_path)
