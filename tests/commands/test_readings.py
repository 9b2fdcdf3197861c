"""Other readings of a protocol: the date by each beside ours, counting for nothing. Every date is worked out by hand from the documents.

Bank holidays that matter: 25 and 28 December 2026, 1 January 2027. The clocks go back on 25 October 2026.
"""

from pathlib import Path
from typing import Any

import pytest

from escalate.storage.files.protocols import shipped_folder
from tests.calendars import at, shown
from tests.driver import Desk
from tests.sizes import sampled

DATES: list[tuple[str, tuple[str, ...], str, str | None, dict[str, str | None]]] = [
    # Lincolnshire: 2 working days, and 48 hours; from when a step was entered, and from the beginning of the step before it
    ("2026-12-18 16:00", ("open lincolnshire",), "1 plan", "2026-12-22 23:59:59", {"go by the clock": "2026-12-20 16:00"}),
    ("2026-10-23 16:00", ("open lincolnshire",), "1 plan", "2026-10-27 23:59:59", {"go by the clock": "2026-10-25 15:00"}),
    ("2026-12-21 10:00", ("open lincolnshire", "done 1 discussion"), "1 plan", "2026-12-23 23:59:59", {"go by the clock": "2026-12-23 10:00"}),
    ("2026-12-18 16:00", ("open lincolnshire", "agree 1 2026-12-19T12:00 --action plan"), "1 plan", "2026-12-19 12:00", {"go by the clock": "2026-12-19 12:00"}),
    ("2026-12-31 09:00", ("open lincolnshire --stage 3",), "3 plan", "2027-01-05 23:59:59", {"go by the clock": "2027-01-02 09:00"}),
    ("2026-12-18 16:00", ("open lincolnshire --stage 2",), "2 resolve", "2026-12-29 23:59:59", {"beginning of the step": None}),
    # Hull and East Riding: days or working days at the panel; from the panel or from the case coming to it; from the written escalation
    ("2027-01-14 10:00", ("open hull-east-riding --stage 7 --fact severity=high",), "7 resolve", "2027-01-17 23:59:59", {"days for working": "2027-01-19 23:59:59"}),
    ("2026-12-23 10:00", ("open hull-east-riding --stage 7 --fact severity=low",), "7 resolve", "2026-12-28 23:59:59", {"days for working": "2027-01-04 23:59:59"}),
    ("2027-01-14 10:00", ("open hull-east-riding --stage 7",), "7 recommendation", None, {"coming to the panel": "2027-01-21 23:59:59"}),
    ("2027-01-18 10:00", ("open hull-east-riding --stage 7", "done 1 panel"), "7 recommendation", "2027-01-25 23:59:59", {"coming to the panel": "2027-01-25 23:59:59"}),
    ("2026-12-18 10:00", ("open hull-east-riding --stage 3",), "3 resolve", "2026-12-29 23:59:59", {"the written escalation": None, "1 month as": "2026-12-29 23:59:59"}),
    # North Yorkshire: from the raising or from the disputed decision; ten days of stage 4's own
    ("2026-12-01 09:00", ("open north-yorkshire --concern 2026-11-30T12:00",), "1 resolve", "2026-12-05 09:00", {"disputed decision": "2026-12-04 12:00"}),
    ("2026-12-01 09:00", ("open north-yorkshire --stage 3 --concern 2026-11-27T12:00",), "3 resolve", "2026-12-11 23:59:59", {"from the raising": "2026-12-15 23:59:59"}),
    ("2026-12-01 09:00", ("open north-yorkshire --stage 4 --concern 2026-11-27T12:00",), "4 resolve", "2026-12-11 23:59:59", {"its own": "2026-12-15 23:59:59"}),
    ("2026-12-01 09:00", ("open north-yorkshire --stage 7 --concern 2026-11-11T12:00",), "7 recommendation", "2026-12-03 09:00", {"disputed decision": "2026-11-30 23:59:59"}),
    # Herefordshire: from the concern or from the initial escalation
    ("2026-12-14 09:00", ("open herefordshire --stage 1 --concern 2026-12-10T12:00",), "1 resolve", "2026-12-15 23:59:59", {"initial escalation": "2026-12-17 23:59:59", "comes to them": "2026-12-17 23:59:59"}),
    ("2026-12-14 09:00", ("open herefordshire --stage 2 --concern 2026-12-10T12:00",), "2 resolve", "2026-12-22 23:59:59", {"initial escalation": "2026-12-24 23:59:59"}),
    # North East Lincolnshire: straight away is the same working day, or that very day
    ("2026-12-19 12:00", ("open north-east-lincolnshire --stage B",), "B referral", "2026-12-21 23:59:59", {"at its word": "2026-12-19 23:59:59"}),
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def played(desk: Desk, now: str, *lines: str) -> None:
    for line in lines:
        ran = desk.run(now, *line.split(), *(("--subject", "M-1") if line.startswith("open") else ()))
        assert ran.status == 0, ran.stderr


def of(found: list[dict[str, Any]], place: str) -> list[dict[str, Any]]:
    return [each for each in found if f"{each['stage']} {each['action']}" == place]


def when(told: str | None) -> str | None:
    return shown(at(told)) if told else None


@pytest.mark.parametrize(
    ("now", "lines", "place", "ours", "others"), sampled(DATES, 2), ids=lambda value: str(value)[:50]
)
def test_the_date_by_each_reading_is_the_one_worked_out_by_hand(
    desk: Desk, now: str, lines: tuple[str, ...], place: str, ours: str | None, others: dict[str, str | None]
) -> None:
    played(desk, now, *lines)
    stage, action = place.split()
    proof = desk.json(now, "explain", "1", action, "--stage", stage)
    assert when(proof["due_at"]) == ours
    for reader, due_at in others.items():
        (read,) = [each for each in proof["other_readings"] if reader in each["read_by"]]
        assert when(read["due_at"]) == due_at
    shown_ = desk.json(now, "show", "1")
    assert [
        {name: each[name] for name in ("read_by", "due_at", "provisional")} for each in proof["other_readings"]
    ] == [
        {name: each[name] for name in ("read_by", "due_at", "provisional")}
        for each in of(shown_["other_readings"], place)
    ]
    earliest = min(
        (each["due_at"] for each in proof["other_readings"] if each["due_at"] not in (None, proof["due_at"])),
        default=None,
    )
    (listed,) = of(desk.json(now, "due"), place)
    (kept,) = of(shown_["deadlines"], place)
    assert listed["other_reading_at"] == kept["other_reading_at"] == earliest
    assert desk.run(now, "verify").status == 0


def test_what_has_passed_by_another_reading_is_said_and_listed_as_at_risk(desk: Desk) -> None:
    played(desk, "2026-12-01 09:00", "open hull-east-riding --stage 7")
    early, late = "2026-12-08 12:00", "2026-12-09 09:00"  # 5 working days from entry end with 8 December
    (line,) = of(desk.json(late, "due", "--at-risk"), "7 recommendation")
    assert (line["standing"], line["due_at"]) == ("waiting", None)
    assert of(desk.json(early, "due", "--at-risk"), "7 recommendation") == []
    assert "also recommendation (past by another reading), panel" in desk.run(late, "due").stdout
    assert "also panel, recommendation\n" in desk.run(early, "due").stdout
    assert "by another reading Tue 8 Dec (past)" in desk.run(late, "due", "--duties").stdout
    assert "by another reading Tue 8 Dec\n" in desk.run(early, "due", "--duties").stdout + "\n"
    (told,) = of(desk.json(late, "digest", "--always")["at_risk"], "7 recommendation")
    assert when(told["other_reading_at"]) == "2026-12-08 23:59:59"
    assert "by another reading Tue 8 Dec (past)" in desk.run(late, "digest", "--always").stdout
    page = desk.run(late, "show", "1").stdout
    assert "stage 7, recommendation: Tue 8 Dec (past), 5 working days from entry to the stage" in page


def test_what_is_later_by_another_reading_is_on_the_page_of_the_case_and_not_in_lists(desk: Desk) -> None:
    played(desk, "2026-12-14 09:00", "open herefordshire --stage 2 --concern 2026-12-10T12:00")
    assert "by another reading" not in desk.run("2026-12-14 09:00", "due").stdout
    page = " ".join(desk.run("2026-12-14 09:00", "show", "1").stdout.split())
    assert (
        "stage 2, resolve: Thu 24 Dec, 8 working days from when the case was raised, as read by agencies that" in page
    )


def test_a_plan_has_the_dates_by_other_readings(desk: Desk) -> None:
    words = ("plan", "lincolnshire", "--at", "18 Dec 2026 16:00")
    # The discussion is due on the day of entry, and 48 hours run from the end of that.
    plan = desk.json("2026-12-01 09:00", *words)
    (plan_of_stage_1,) = [each for each in plan["stages"][0]["actions"] if each["action"] == "plan"]
    assert [when(each["due_at"]) for each in plan_of_stage_1["other_readings"]] == ["2026-12-20 23:59:59"]
    assert "stage 1, plan: Sun 20 Dec, 48 hours from discussion, as read by agencies that go by the clock" in desk.run("2026-12-01 09:00", *words).stdout  # fmt: skip
    whole = " ".join(desk.run("2026-12-01 09:00", "plan", "hull-east-riding", "--at", "31 Dec 2026 16:00", "--concern", "20 Dec 2026 12:00").stdout.split())  # fmt: skip
    assert "settled by Tue 2 Feb 2027" in whole
    assert "the whole process: Sun 31 Jan, 1 month from when the case was raised" in whole
    assert "the whole process: Fri 22 Jan, 22 working days from the disputed decision" in whole


def test_a_month_that_has_no_such_day_is_said_in_the_proof(desk: Desk) -> None:
    """31 January and 1 month is 28 February, while 22 working days end with 2 March."""
    played(desk, "2027-01-31 12:00", "open hull-east-riding")
    said = " ".join(desk.run("2027-01-31 12:00", "explain", "1").stdout.split())
    assert "Tue 2 Mar 2027: 22 working days from when the case was raised (the limit on the whole process)" in said
    assert "the same date: 1 month from when the case was raised (the limit on the whole process) (the month has no 31st: its last day)" in said  # fmt: skip


def test_the_proof_says_who_reads_it_how_and_why(desk: Desk) -> None:
    played(desk, "2026-12-18 16:00", "open lincolnshire")
    said = " ".join(desk.run("2026-12-21 09:00", "explain", "1").stdout.split())
    assert (
        "By another reading, which counts for nothing here - Sun 20 Dec 2026 16:00, which has passed: 48 hours from entry to the stage,"
        " as read by agencies that go by the clock. The text gives 48 hours first, and the 2 working days only in brackets."
    ) in said.replace("~", "")


def test_a_case_under_a_text_without_other_readings_goes_on_as_it_was_and_moves_without_a_date_moving(
    desk: Desk,
) -> None:
    text = (shipped_folder() / "lincolnshire.toml").read_text(encoding="utf-8")
    blocks = text.split("\n\n")
    before = "\n\n".join(
        block for block in blocks if not block.lstrip().startswith("[[stages.actions.timescales.other_readings]]")
    )
    assert "other_readings" not in before
    path = desk.write("lincolnshire.toml", before)
    played(desk, "2026-12-18 16:00", f"open {path}")
    path.unlink()
    now = "2026-12-21 09:00"
    was = desk.json(now, "show", "1")
    assert {each["other_reading_at"] for each in was["deadlines"]} == {None}
    assert desk.run(now, "verify").status == 0
    moved = desk.json(now, "protocol", "adopt", "1", "--yes")
    (adopted,) = [each for each in moved["history"] if each["kind"] == "adopted"]
    assert adopted["data"]["moved"] == []
    dates = [(each["action"], each["due_at"], each["met_at"], each["ended_at"]) for each in moved["deadlines"]]
    assert dates == [(each["action"], each["due_at"], each["met_at"], each["ended_at"]) for each in was["deadlines"]]
    assert [when(each["other_reading_at"]) for each in moved["deadlines"]] == [None, "2026-12-20 16:00"]
    assert desk.run(now, "verify").status == 0


FRIDAY = "2026-12-18 09:00"
PLAIN = """
id = "plain"
title = "A protocol that says nothing of how it is read"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
routes = [{ key = "main", name = "The only one", starts = "1" }]

[[stages]]
key = "1"
name = "Talk"
owner = "Practitioner"
next = []
cite = "1"

  [[stages.actions]]
  key = "settle"
  name = "Settle it"
  ends_stage = true
  timescales = [{ within = "WITHIN", from = "FROM", cite = "1.1" }]

  [[stages.actions]]
  key = "answer"
  name = "Answer"
  timescales = [{ within = "2 working days", from = "concern", cite = "1.2", reading = "From the concern." }]
"""
DOUBTS = [
    ("48 hours", "stage", '"48 hours" can also be read as "2 working days": from Friday 18 December 2026 16:00 the one ends on Sunday 20 December 2026, the other on Tuesday 22 December 2026'),
    ("24 to 72 hours", "stage", '"24 to 72 hours" can also be read as "3 working days": from Friday 18 December 2026 16:00 the one ends on Monday 21 December 2026, the other on Wednesday 23 December 2026'),
    ("3 days", "stage", '"3 days" can also be read as "3 working days": from Friday 18 December 2026 16:00 the one ends on Monday 21 December 2026, the other on Wednesday 23 December 2026'),
    ("2 weeks", "stage", '"2 weeks" can also be read as "10 working days": from Friday 18 December 2026 16:00 the one ends on Friday 1 January 2027, the other on Wednesday 6 January 2027'),
    ("1 month", "stage", '"1 month" can also be read as "22 working days": from Friday 18 December 2026 16:00 the one ends on Monday 18 January 2027, the other on Friday 22 January 2027'),
    ("22 working days", "stage", '"22 working days" can also be read as "1 month": from Friday 18 December 2026 16:00 the one ends on Friday 22 January 2027, the other on Monday 18 January 2027'),
    ("5 working days", "raised", 'from "raised" can also be read as from "concern": of a concern on Friday 18 December 2026 16:00, raised on Tuesday 22 December 2026 10:00, the one ends on Thursday 31 December 2026, the other on Tuesday 29 December 2026'),
    ("5 working days", "concern", 'from "concern" can also be read as from "raised": of a concern on Friday 18 December 2026 16:00, raised on Tuesday 22 December 2026 10:00, the one ends on Tuesday 29 December 2026, the other on Thursday 31 December 2026'),
    ("24 hours", "stage", None),
    ("3 calendar days", "stage", None),
    ("3 clear days", "stage", None),
    ("5 working days", "stage", None),
    ("immediately", "stage", None),
]  # fmt: skip


@pytest.mark.parametrize(("within", "anchor", "said"), DOUBTS, ids=lambda value: str(value)[:30])
def test_check_points_at_what_can_be_read_in_two_ways_with_a_day_on_which_they_part(
    desk: Desk, within: str, anchor: str, said: str | None
) -> None:
    path = desk.write("plain.toml", PLAIN.replace("WITHIN", within).replace("FROM", anchor))
    checked = desk.json(FRIDAY, "protocol", "check", str(path))
    place = "within, line 22" if said and said.startswith('"') else "from, line 22"
    expected = f"plain.toml: stage 1, action settle, {place}: {said}; say how you read it with reading, and how else it may be read under other_readings"
    assert (checked["problems"], checked["warnings"]) == ([], [expected] if said else [])


def test_what_is_given_a_reading_or_a_name_is_not_pointed_at(desk: Desk) -> None:
    read = (
        PLAIN.replace("WITHIN", "48 hours")
        .replace("FROM", "raised")
        .replace('cite = "1.1"', 'cite = "1.1", reading = "By the clock."')
    )
    named = (
        PLAIN.replace("WITHIN", "5 working days")
        .replace("FROM", "concern")
        .replace('source = "', 'concern = "the first concern"\nsource = "')
    )
    for n, text in enumerate((read, named)):
        path = desk.write(f"plain{n}.toml", text)
        assert desk.json(FRIDAY, "protocol", "check", str(path))["warnings"] == []


OTHER = 'other_readings = [{ READ, read_by = "others", reading = "So." }]'
MISTAKES = [
    ('within = "2 days", from = "stage"', "is missing, and so is from", ""),
    ('within = "2 days", from = "stage"', "goes with a time that says within", 'every = "1 day"'),
    ('at_least = "2 days", before = "hearing"', "goes with a time that says within", 'within = "1 day"'),
    ('within = "2 days", from = "stage"', "use the word that it uses, from or before", 'before = "hearing"'),
    ('within = "2 days", from = "stage"', '"5 workng days" is not an allowance; try "5 working days"', 'within = "5 workng days"'),
    ('within = "2 days", from = "stage"', "cannot be said of another reading", 'from = "answer overdue"'),
    ('within = "2 days", from = "stage"', "is not something to count from; name what there is", 'from = "reply"'),
    ('within = "2 days", from = "stage"', "is not something to count from; name what there is", 'from = "stage 9"'),
]  # fmt: skip


@pytest.mark.parametrize(("own", "said", "read"), MISTAKES, ids=lambda value: str(value)[:40])
def test_what_is_wrong_in_another_reading_is_said_with_its_place(desk: Desk, own: str, said: str, read: str) -> None:
    other = OTHER.replace("READ, ", f"{read}, " if read else "")
    text = PLAIN.replace('within = "WITHIN", from = "FROM", cite = "1.1"', f'{own}, cite = "1.1", {other}')
    text = text.replace("routes = ", 'moments = [{ key = "hearing", ask = "When is the hearing?" }]\nroutes = ')
    ran = desk.run(FRIDAY, "protocol", "check", str(desk.write("plain.toml", text)))
    assert ran.status == 1
    assert said in ran.stderr
    assert "stage 1, action settle, other_readings" in ran.stderr


def test_a_file_that_takes_another_keeps_its_other_readings_only_where_the_phrase_is_the_same(desk: Desk) -> None:
    own = """
extends = "lincolnshire"
id = "own"

[[stages]]
key = "1"
  [[stages.actions]]
  key = "plan"
    [stages.actions.timescales]
    within = "3 working days"
    reading = "Ours says three."

[[stages]]
key = "3"
  [[stages.actions]]
  key = "plan"
    [stages.actions.timescales]
    cite = "Annex"
"""
    desk.write("own.toml", own)
    tree = desk.json(FRIDAY, "protocol", "show", "own")
    found = {
        f"{stage['key']} {action['key']}": len(action["timescales"][0]["other_readings"])
        for stage in tree["stages"]
        for action in stage["actions"]
        if action["timescales"]
    }
    assert (found["1 plan"], found["3 plan"]) == (0, 1)


def test_a_protocol_is_shown_with_its_other_readings(desk: Desk) -> None:
    said = " ".join(desk.run(FRIDAY, "protocol", "show", "lincolnshire").stdout.replace("\u2502", "").split())
    assert (
        'or within 48 hours of "discussion" being done (until then: of entry to the stage), as read by agencies that go by the clock'
        in said
    )
    assert "reading: The text gives 48 hours first, and the 2 working days only in brackets." in said


@pytest.mark.parametrize(
    ("when", "allowance", "last", "said"),
    [
        ("31 Jan 2027", "1 month", "Sunday 28 February 2027", "the month has no 31st: its last day"),
        ("29 Feb 2028", "1 year", "Wednesday 28 February 2029", "the month has no 29th: its last day"),
        ("31 Jan 2027", "1 month inclusive", "Saturday 27 February 2027", "the month has no 31st: its last day is taken for it"),
        ("15 Jan 2027", "1 month inclusive", "Sunday 14 February 2027", ""),
        ("28 Jan 2027", "1 month", "Sunday 28 February 2027", ""),
    ],
)  # fmt: skip
def test_a_month_without_such_a_day_is_said_and_no_other(
    desk: Desk, when: str, allowance: str, last: str, said: str
) -> None:
    *_, line = desk.run(FRIDAY, "calc", when, allowance).stdout.rstrip().splitlines()
    assert line.startswith(last)
    assert line.removeprefix(last).strip().partition(" ")[2].strip() == said
