"""Examples in a protocol file: played by `protocol check`, which shows each date that differs, with its proof."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from escalate.domain.protocol.parts import Example
from escalate.storage.files.protocols import read_protocol_file, shipped_folder
from tests.driver import Office
from tests.sizes import sampled

run = Office("2026-11-22T12:00:00+00:00")

LADDER = """
id = "small"
title = "Small"
partnership = "Nowhere"
covers = ["children"]
source = "Nowhere, Small"
calendar = { name = "england-and-wales" }
edition = { dated = "2026" }
[[facts]]
key = "danger"
ask = "Is a child in danger?"
[[moments]]
key = "hearing"
ask = "When is the hearing?"
[[routes]]
key = "main"
name = "Ladder"
starts = "1"
[[stages]]
key = "1"
name = "Talk"
owner = "You"
next = ["2"]
cite = "1"
  [[stages.actions]]
  key = "talk"
  name = "Talk to each other"
  timescales = [{ within = "24 hours", from = "stage", cite = "1" }]
  [[stages.actions]]
  key = "tell"
  name = "Tell the head"
  when = "danger is yes"
  timescales = [{ within = "1 working day", from = "known", cite = "1" }]
  [[stages.actions]]
  key = "settle"
  name = "Settle it"
  ends_stage = true
  timescales = [{ within = "2 working days", from = "concern", cite = "1", reading = "From the concern." }]
[[stages]]
key = "2"
name = "Heads"
owner = "Heads"
next = []
cite = "2"
  [[stages.actions]]
  key = "papers"
  name = "Send the papers"
  timescales = [{ at_least = "2 working days", before = "hearing", cite = "2" }]
  [[stages.actions]]
  key = "write"
  name = "Write to each other"
  [[stages.actions]]
  key = "settle"
  name = "Settle it"
  ends_stage = true
  timescales = [{ within = "5 working days", from = "stage", cite = "2" }]
"""

# 23 December 2026 is a Wednesday; the 25th and 28th are bank holidays, the 26th and 27th a weekend.
RIGHT = """
[[examples]]
name = "Over Christmas"
opened = "23 Dec 2026 10:00"
concern = "22 Dec 2026 09:00"
goes = ["24 Dec 2026 12:00 set danger=yes"]
  [examples.due]
  talk = "24 Dec 2026 10:00"
  tell = "29 Dec 2026"
  settle = "24 Dec 2026"
[[examples]]
name = "Up over the new year"
opened = "2026-12-29T09:00"
facts = ["danger=no"]
goes = [
  "2026-12-29 15:00 done talk",
  "30 December 2026 09:30 advance to 2",
  "30 Dec 2026 10:00 set hearing=12 Jan 2027 10:00",
  "30 Dec 2026 11:00 agree 8 Jan 2027 16:00 write stage 2",
]
cite = "2"
  [examples.due]
  "stage 1 settle" = 2026-12-31
  "2 settle" = "7 Jan 2027"
  papers = "8 Jan 2027"
  write = 2027-01-08T16:00:00
  tell = "not called for"
[[examples]]
name = "The night the clocks go forward"
opened = "27 Mar 2027 12:00"
  [examples.due]
  talk = "28 Mar 2027 13:00"
"""


def checked(folder: Path, text: str) -> tuple[int, str, list[str]]:
    (folder / "small.toml").write_text(LADDER + text)
    ran = run(folder, "protocol", "check", "small.toml")
    return ran.status, ran.stdout, ran.stderr.splitlines()


def test_examples_whose_dates_come_out_are_counted(tmp_path: Path) -> None:
    assert checked(tmp_path, RIGHT) == (0, "small.toml: no problems; 1 route, 2 stages, 3 examples.\n", [])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("agree 8 Jan 2027 16:00 write stage 2", "agree 8 Jan 2027 16:00 --action write --stage 2 --reason on leave"),
        ("done talk", "done talk --stage 1"),
        ("advance to 2", "advance --to 2 --because no-response"),
        ("advance to 2", "advance 2"),
    ],
)
def test_a_step_may_be_said_as_on_the_command_line(tmp_path: Path, right: str, wrong: str) -> None:
    assert RIGHT.count(right) == 1
    assert checked(tmp_path, RIGHT.replace(right, wrong))[0] == 0


def test_a_date_that_differs_is_said_with_its_place_and_its_proof(tmp_path: Path) -> None:
    status, out, err = checked(tmp_path, RIGHT.replace('tell = "29 Dec 2026"', 'tell = "28 Dec 2026"'))
    line = LADDER.count("\n") + RIGHT[: RIGHT.index("  [examples.due]")].count("\n") + 1
    assert (status, err) == (
        1,
        [
            f'small.toml: example Over Christmas, due, line {line}: "tell": Monday 28 December 2026 is expected, and it comes to Tuesday 29 December 2026'
        ],
    )
    assert "the example, stage 1: Tell the head (tell)" in out
    assert "Christmas" in out, "the proof names the days that do not count"
    assert "no problems" not in out


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    sampled([
        ('tell = "29 Dec 2026"', 'tell = "undated"', '"tell": undated is expected, and it comes to Tuesday 29 December 2026'),
        ('tell = "not called for"', 'tell = "undated"', '"tell": undated is expected, and it is not called for'),
        ("write = 2027-01-08T16:00:00", 'write = "not called for"', '"write": not called for is expected, and it comes to Friday 8 January 2027 16:00'),
        ('talk = "28 Mar 2027 13:00"', 'talk = "28 Mar 2027 12:00"', '"talk": Sunday 28 March 2027 12:00 is expected, and it comes to Sunday 28 March 2027 13:00'),
        ('talk = "28 Mar 2027 13:00"', 'tlak = "28 Mar 2027 13:00"', '"tlak" is not an action; did you mean talk?'),
        ('"2 settle"', '"3 settle"', '"3 settle" begins with a stage that there is not'),
        ('talk = "28 Mar 2027 13:00"', 'talk = "soon"', '"soon" is not a date with a time of day, such as "2026-12-23 10:00" or "23 Dec 2026 10:00", a day alone, "undated" or "not called for"'),
        ('opened = "27 Mar 2027 12:00"', 'opened = "27 Mar 2027"', '"27 Mar 2027" is not a date with a time of day, such as "2026-12-23 10:00" or "23 Dec 2026 10:00"'),
        ('opened = "27 Mar 2027 12:00"', 'opened = "28 Mar 2027 01:30"', '"28 Mar 2027 01:30" cannot be read as a date and time'),
        ('opened = "27 Mar 2027 12:00"', 'opened = "27 Mar 2027 12:00"\nstage = "9"', 'no stage "9"'),
        ('opened = "27 Mar 2027 12:00"', 'opened = "27 Mar 2027 12:00"\nfacts = ["danger"]', '"danger" does not answer a question: write it as in "looked-after=yes"'),
        ('opened = "27 Mar 2027 12:00"', 'opened = "27 Mar 2027 12:00"\nfacts = ["danger=perhaps"]', '"perhaps" does not answer danger'),
        ("15:00 done talk", "15:00 done tlak", 'no action "tlak"'),
        ("15:00 done talk", "15:00 done", 'say what was done, as in "done talk" or "done talk stage 2"'),
        ("15:00 done talk", "15:00 did talk", "say when, then one of done, agree, advance, set, resolve, withdraw and reopen, as on the command line"),
        ("15:00 done talk", "done talk", '"2026-12-29" is not a date with a time of day'),
        ("agree 8 Jan 2027 16:00 write", "agree write", 'say until when, then which action, as in "agree 23 Dec 2026 10:00 reply"'),
        ("09:30 advance to 2", "09:30 advance to 7", "7"),
        ("30 December 2026 09:30 advance", "28 December 2026 09:30 advance", "28 December 2026 09:30"),
    ], 3),
)  # fmt: skip
def test_what_does_not_come_out_or_cannot_be_played_is_said(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    assert RIGHT.count(right) == 1
    status, _, err = checked(tmp_path, RIGHT.replace(right, wrong))
    assert (status, len(err)) == (1, 1), err
    assert err[0].startswith("small.toml: example ")
    assert says in err[0]


def test_examples_are_no_hindrance_to_a_case(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(LADDER + RIGHT.replace('talk = "28 Mar 2027 13:00"', 'talk = "soon"'))
    assert run(tmp_path, "open", "./small.toml", "--about", "Thresholds").status == 0
    shown = run.did(tmp_path, "protocol", "show", "./small.toml")
    assert "examples that protocol check plays" in shown
    assert "Up over the new year  [2]" in shown


def test_an_example_counts_on_the_calendar_of_the_file_with_its_closures(tmp_path: Path) -> None:
    closed = 'name = "england-and-wales", closures = [{ on = 2026-12-29, name = "Council closed" }]'
    text = LADDER.replace('name = "england-and-wales"', closed) + RIGHT
    (tmp_path / "small.toml").write_text(text)
    ran = run(tmp_path, "protocol", "check", "small.toml")
    assert ran.status == 1
    assert '"tell": Tuesday 29 December 2026 is expected, and it comes to Wednesday 30 December 2026' in ran.stderr
    assert "Council closed" in ran.stdout


CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)}
CLOCKS_CHANGE = {date(2026, 10, 25), date(2027, 3, 28)}


@pytest.mark.parametrize("file", sorted(shipped_folder().glob("*.toml")), ids=lambda file: file.stem)
def test_a_shipped_file_has_examples_over_christmas_and_a_clock_change_that_come_out(
    tmp_path: Path, file: Path
) -> None:
    ran = run(tmp_path, "protocol", "check", str(file))
    assert (ran.status, ran.stderr) == (0, "")
    examples = read_protocol_file(file).protocol.examples
    assert len(examples) >= 6
    assert f"{len(examples)} examples" in ran.stdout
    days = [sorted(days_in(example)) for example in examples]
    for wanted in (CHRISTMAS, CLOCKS_CHANGE):
        assert [each for each in days if any(each[0] <= day <= each[-1] for day in wanted)]


def days_in(example: Example) -> set[date]:
    said = " ".join([example.opened, *example.goes, *example.due.values()])
    return {datetime.strptime(day, "%d %b %Y").date() for day in re.findall(r"\d{1,2} [A-Z][a-z]{2} \d{4}", said)}
