"""A stage may end with its duties (C18): what `plan` lays out, and what a case lists, where only duties have limits."""

from pathlib import Path
from typing import Any

import pytest

from tests.calendars import at, shown
from tests.silence.case import Silence

HEAD = """
title = "Test protocol: stages that end with their duties"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
facts = [{ key = "severity", ask = "How severe is it?", answers = ["high", "low"] }]

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Practitioners"
owner = "Practitioner"
next = ["2"]
cite = "1"
"""
DUTIES = f"""
id = "duties"
{HEAD}
  [[stages.actions]]
  key = "talk"
  name = "Talk it over"
  timescales = [{{ within = "2 working days", from = "stage", cite = "1.1" }}]

  [[stages.actions]]
  key = "record"
  name = "Send the record"
  timescales = [{{ within = "5 working days", from = "stage", cite = "1.2" }}]

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = ["3"]
cite = "2"

  [[stages.actions]]
  key = "reply"
  name = "Reply"
  timescales = [{{ within = "24 hours", from = "stage", cite = "2.1" }}]

[[stages]]
key = "3"
name = "Directors"
owner = "Director"
next = []
cite = "3"
"""
REFERRED = f"""
id = "referred"
{HEAD}
  [[stages.actions]]
  key = "referral"
  name = "Refer it to the managers, which takes it up"
  ends_stage = true
  timescales = [{{ within = "5 working days", from = "stage", cite = "1.1" }}]

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = []
cite = "2"

  [[stages.actions]]
  key = "answer"
  name = "Answer the referral"
  timescales = [{{ within = "3 working days", from = "referral", cite = "2.1" }}]
"""


def moment(text: str | None) -> str | None:
    return shown(at(text)).removesuffix(" 23:59:59") if text else None  # type: ignore[union-attr]


def laid_out(case: Silence, now: str, line: str) -> dict[str, tuple[str | None, str | None]]:
    """When each stage of a plan is entered, and when it has to end."""
    return {
        each["stage"]: (moment(each["entered_at"]), moment(each["due_at"])) for each in case.json(now, line)["stages"]
    }


def actions(case: Silence, now: str, line: str) -> dict[str, str | None]:
    """When each action of a plan is due: `2 answer`."""
    stages: list[dict[str, Any]] = case.json(now, line)["stages"]
    return {
        f"{each['stage']} {action['action']}": moment(action["due_at"]) for each in stages for action in each["actions"]
    }


def test_a_stage_without_a_limit_of_its_own_takes_the_time_of_its_duties(case: Silence) -> None:
    case.write("duties", DUTIES)
    # 5 working days from Mon 2 Nov, the longer of two duties: Mon 9 Nov. 24 hours from the last second of it: the last second of Tue 10 Nov.
    plan = laid_out(case, "2026-11-02 09:00", "plan duties --at '2026-11-02 09:00'")
    assert plan["1"] == ("2026-11-02 09:00", "2026-11-09")
    assert plan["2"] == ("2026-11-09", "2026-11-10")
    assert plan["3"][0] == "2026-11-10"


def test_a_stage_of_a_shipped_protocol_whose_only_dated_duty_is_its_referral_takes_that_day(case: Silence) -> None:
    # Stage A has no time; the referral of stage B is for the same working day, and the stages after it have no time either.
    plan = laid_out(case, "2026-11-24 10:00", "plan north-east-lincolnshire --route individual --at '2026-11-24 10:00'")
    assert plan["A"] == ("2026-11-24 10:00", None)
    assert plan["B"] == ("2026-11-24 10:00", "2026-11-24")
    assert plan["C"] == ("2026-11-24", None)


def test_so_does_the_conference_that_was_decided_by_a_majority(case: Silence) -> None:
    plan = laid_out(
        case, "2026-11-24 10:00", "plan north-east-lincolnshire --route conference-majority --at '2026-11-28 10:00'"
    )
    # A Saturday: the same working day is Monday.
    assert plan["A"] == ("2026-11-28 10:00", "2026-11-30")
    assert plan["B"][0] == "2026-11-30"


@pytest.mark.parametrize("back", ['next = ["1", "2"]', 'next = ["2"]'])
def test_the_stage_where_a_case_is_does_not_come_once_more_though_it_may(case: Silence, back: str) -> None:
    shape = (
        (Path(__file__).parents[1] / "shapes" / "repeated.toml").read_text(encoding="utf-8").split("[[examples]]")[0]
    )
    shape = shape.replace('next = ["1", "2"]', back).replace("next = []", 'next = ["1"]')
    case.write("repeated", shape)
    case.did("2026-11-02 09:00", "open repeated --subject M-1")
    assert [each["stage"] for each in case.json("2026-11-02 10:00", "show 1")["planned"]] == ["2"]
    case.did("2026-11-03 09:00", "advance 1 --to 2")
    assert [each["stage"] for each in case.json("2026-11-03 10:00", "show 1")["planned"]] == ["1"]


def test_a_stage_with_neither_takes_no_time(case: Silence) -> None:
    plan = laid_out(
        case, "2026-11-24 10:00", "plan north-east-lincolnshire --route serious-case --at '2026-11-24 10:00'"
    )
    assert set(plan.values()) == {("2026-11-24 10:00", None)}


def test_what_counts_from_the_action_that_going_up_meets_is_dated_as_the_case_would_be(case: Silence) -> None:
    case.write("referred", REFERRED)
    # The referral takes its full time, until Mon 9 Nov, and takes the case up; 3 working days from then: Thu 12 Nov.
    assert actions(case, "2026-11-02 09:00", "plan referred --at '2026-11-02 09:00'")["2 answer"] == "2026-11-12"
    case.play("2026-11-02 09:00 open referred --subject M-1", "2026-11-09 23:59 advance 1")
    assert case.rows("2026-11-10 09:00", "answer") == ["1 on-track 2026-11-12"]


# -- what a case lists ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "duty", "due"),
    [
        ("north-east-lincolnshire --route individual --stage B", "referral", "2026-11-24"),
        ("north-east-lincolnshire --route conference-majority", "referral", "2026-11-24"),
    ],
)
def test_no_undated_row_nags_beside_a_dated_duty_that_is_open(
    case: Silence, protocol: str, duty: str, due: str
) -> None:
    case.play(f"2026-11-24 10:00 open {protocol} --subject M-1")
    assert case.due("2026-11-24 11:00") == [f"{duty} 1 at-risk {due}"]
    # Once it is done, what remains is to settle it.
    case.did("2026-11-24 12:00", f"done 1 {duty}")
    assert case.due("2026-11-24 13:00") == ["resolve 1 undated no date"]


def test_a_row_with_an_agreed_date_is_never_hidden_and_agreeing_means_the_stage(case: Silence) -> None:
    case.play(
        "2026-11-24 10:00 open north-east-lincolnshire --route individual --stage B --subject M-1",
        "2026-11-24 11:00 agree 1 2026-12-04",
    )
    assert case.due("2026-11-24 12:00") == ["referral 1 at-risk 2026-11-24", "resolve 1 on-track 2026-12-04"]


def test_a_duty_with_an_agreed_date_is_dated(case: Silence) -> None:
    # Asking in writing has no time in the protocol. Undated, it leaves the row of the stage; agreed for Fri 4 Dec, it is a dated duty.
    case.play("2026-11-24 10:00 open north-east-lincolnshire --route convening-conference --subject M-1")
    assert case.due("2026-11-24 11:00") == ["resolve 1 undated no date", "written-request 1 undated no date"]
    case.did("2026-11-24 12:00", "agree 1 2026-12-04 --action written-request")
    assert case.due("2026-11-24 13:00") == ["written-request 1 on-track 2026-12-04"]


def test_a_row_with_a_limit_further_up_is_never_hidden(case: Silence) -> None:
    # Stage 1 of Herefordshire runs until Thu 26 Nov; a safety duty of that day does not hide that.
    case.play("2026-11-23 10:00 open herefordshire --subject M-1 --fact immediate-risk=yes")
    assert case.due("2026-11-23 11:00") == ["resolve 1 undated no date", "safeguarding-referral 1 at-risk 2026-11-23"]


ANSWERED = f"""
id = "answered"
{HEAD}
  [[stages.actions]]
  key = "report"
  name = "Write the report"
  timescales = [{{ within = "5 working days", from = "stage", cite = "1.1" }}]

  [[stages.actions]]
  key = "answer"
  name = "Answer the report"
  timescales = [{{ within = "2 working days", from = "report", failing_that = "stage", cite = "1.2" }}]

  [[stages.actions]]
  key = "thanks"
  name = "Thank them for the answer"
  timescales = [{{ within = "24 hours", from = "answer", cite = "1.3" }}]

  [[stages.actions]]
  key = "reminder"
  name = "Remind them of the report"
  timescales = [{{ within = "1 working day", from = "report overdue", cite = "1.4" }}]

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = []
cite = "2"

  [[stages.actions]]
  key = "copy"
  name = "Send a copy of the report"
  timescales = [{{ within = "10 working days", from = "report", failing_that = "concern", cite = "2.1" }}]

  [[stages.actions]]
  key = "visit"
  name = "Visit by what the grade says"
  when = "severity is high"
  timescales = [{{ within = "1 working day", from = "stage", cite = "2.2" }}]

  [[stages.actions]]
  key = "minutes"
  name = "Send what was seen"
  timescales = [{{ within = "3 days", from = "visit", failing_that = "concern", cite = "2.3" }}]
"""


def test_what_counts_from_a_duty_is_planned_from_when_that_is_due_and_not_from_what_it_may_fall_back_on(
    case: Silence,
) -> None:
    case.write("answered", ANSWERED)
    # The report: 5 working days from Mon 21 Dec, which are 22, 23, 24, 29 and 30 Dec. The answer: 2 more, 31 Dec and Mon 4 Jan.
    # The thanks: 24 hours after the last second of Mon 4 Jan. Stage 1 lasts until then; the visit is a working day later, Wed 6 Jan,
    # and what was seen 3 days after that. The copy: 10 working days from Wed 30 Dec: 31 Dec, 4 to 8 Jan, 11 to 14 Jan.
    line = "plan answered --at '2026-12-21 09:00'"
    assert actions(case, "2026-12-21 09:00", line) == {
        "1 report": "2026-12-30",
        "1 answer": "2027-01-04",
        "1 thanks": "2027-01-05",
        "1 reminder": "2026-12-31",
        "1 resolve": None,
        "2 copy": "2027-01-14",
        "2 visit": "2027-01-06",
        "2 minutes": "2027-01-09",
        "2 resolve": None,
    }
    assert laid_out(case, "2026-12-21 09:00", line) == {
        "1": ("2026-12-21 09:00", "2027-01-05"), "2": ("2027-01-05", "2027-01-14"),
    }  # fmt: skip
    provisional = {
        action["action"]: action["provisional"]
        for stage in case.json("2026-12-21 09:00", line)["stages"]
        for action in stage["actions"]
    }
    # All but the report counts from something that is still to be done, or from a stage that lasts until then.
    assert [key for key, is_so in provisional.items() if not is_so] == ["report", "resolve"]
    assert "~ stage 1, answer: as if report is done when it is due" in case.did("2026-12-21 09:00", line)
