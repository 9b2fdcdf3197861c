"""What was missed, what ceased and what hangs on a question: where each page, list, digest and report tells of it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.driver import CopyOf, Desk, Office
from tests.sizes import sampled

run = Office(environment={"ESCALATE_CONFIG": "{home}/no-settings.toml"})

OPENED, SAID_NO, LATER = "2026-11-20T16:00", "2026-11-23T09:10", "2026-11-23T10:00"
"""A Friday afternoon with a child at immediate risk, the Monday on which that is no longer so, and an hour later."""


@pytest.fixture
def missed(tmp_path: Path) -> Path:
    """Two safety duties of a Friday that nobody did, until an answer ended them."""
    path = tmp_path / "cases.db"
    run.did(path, "open", "north-yorkshire", "--subject", "Y-1", "--fact", "immediate-risk=yes", now=OPENED)
    run.did(path, "set", "1", "immediate-risk=no", now=SAID_NO)
    return path


@pytest.fixture
def called_twice(copy_of: CopyOf, tmp_path: Path) -> Path:
    """A referral that was made late, and one that was called for afterwards and made in time."""
    return copy_of(_called_twice, tmp_path) / "cases.db"


def _called_twice(folder: Path) -> None:
    path = folder / "cases.db"
    run.did(path, "open", "herefordshire", "--subject", "M-1", "--fact", "allegation=yes", now="2026-11-02T09:00")
    run.did(path, "done", "1", "lado-referral", now="2026-11-04T09:00")
    run.did(path, "set", "1", "allegation=yes", now="2026-11-16T09:00")
    run.did(path, "done", "1", "lado-referral", now="2026-11-16T15:00")


@pytest.fixture
def undecided(tmp_path: Path) -> Path:
    """A case at a stage that asks for something only if a question is answered so, and nobody answered it."""
    path = tmp_path / "cases.db"
    run.did(path, "open", "herefordshire", "--subject", "H-2", "--stage", "1", now="2026-11-16T09:00")
    return path


def words(page: str) -> str:
    """A page without its line breaks and columns."""
    return " ".join(page.split())


# -- missed and ceased


def test_the_page_of_a_case_says_when_and_by_what_each_ended(missed: Path) -> None:
    page = words(run.did(missed, "show", "1", now=LATER, COLUMNS="160"))
    assert "Missed and ceased Stage Ended Due Standing 1 Tell the agency's own designated safeguarding lead" in page
    assert page.count("Mon 23 Nov 09:10 Fri 20 Nov missed") == 2
    assert page.count("by entry 2 (immediate-risk=no)") == 2
    assert "missed: this date is owed no more, and had run out before it ended" in page
    assert "ceased:" not in page


def test_the_history_says_below_an_entry_what_it_ended(missed: Path) -> None:
    said = words(run.did(missed, "log", "1", now=LATER, COLUMNS="200"))
    for action in ("lead-told", "police-and-social-care"):
        assert f"missed: {action} (stage 1), due Fri 20 Nov 2026, ended Mon 23 Nov 2026 09:10" in said
    first, second = run.json(missed, "log", "1", now=LATER)
    assert first["ended"] == []
    assert [(each["action"], each["call"], each["standing"]) for each in second["ended"]] == [
        ("lead-told", 1, "missed"),
        ("police-and-social-care", 1, "missed"),
    ]


def test_the_history_has_both_times_where_they_differ(missed: Path) -> None:
    run.did(missed, "done", "1", "resolve", "--at", "23 Nov 2026 09:30", now=LATER)
    said = run.did(missed, "log", "1", "--kind", "done", now=LATER)
    assert "Mon 23 Nov 2026 09:30" in said
    assert "recorded Mon 23 Nov 2026 10:00" in said


def test_what_ended_is_never_due_and_is_proved_all_the_same(missed: Path) -> None:
    assert [each["action"] for each in run.json(missed, "due", now=LATER)] == ["resolve"]
    proof = words(run.did(missed, "explain", "1", "lead-told", now=LATER))
    assert "Standing missed" in proof
    assert "Ended Monday 23 November 2026 09:10, by entry 2: Now known: immediate-risk=no" in proof
    found = run.json(missed, "explain", "1", "lead-told", now=LATER)
    assert (found["standing"], found["ended_at"], found["ended_entry"]) == ("missed", "2026-11-23T09:10:00+00:00", 2)


def test_the_report_counts_what_was_missed_as_not_met(missed: Path) -> None:
    found = run.json(missed, "report", now=LATER)
    total = found["actions"]["total"]
    assert (total["fell_due"], total["met_in_time"], total["not_met"], total["missed"]) == (2, 0, 2, 2)
    assert [(each["action"], each["all"], each["missed"], each["ceased"]) for each in found["ended"]] == [
        ("lead-told", 1, 1, 0),
        ("police-and-social-care", 1, 1, 0),
    ]
    assert found["overdue_count"] == 0
    assert "Other actions met in time              0 of 2" in run.did(missed, "report", now=LATER)


def test_what_ends_before_its_time_runs_out_has_ceased_and_was_not_due(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "herefordshire", "--subject", "M-1", "--fact", "allegation=yes", now="2026-11-02T09:00")
    run.did(tmp_path, "set", "1", "allegation=no", now="2026-11-02T12:00")
    found = run.json(tmp_path, "report", now="2026-12-01T09:00")
    assert (found["actions"]["total"]["fell_due"], found["overdue_count"]) == (0, 1)  # the limit of stage 1 has passed
    assert [(each["action"], each["missed"], each["ceased"]) for each in found["ended"]] == [("lado-referral", 0, 1)]
    assert "ceased: this date is owed no more, and had not run out" in words(
        run.did(tmp_path, "show", "1", now="2026-11-02T13:00")
    )


def test_a_stage_that_a_case_was_withdrawn_from_after_its_limit_was_missed(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--subject", "M-1", now="2026-11-16T09:00")  # 24 hours
    run.did(tmp_path, "withdraw", "1", now="2026-11-18T09:00")
    found = run.json(tmp_path, "report", now="2026-11-18T10:00")
    total = found["stages"]["total"]
    assert (total["fell_due"], total["not_met"], total["missed"], found["overdue_count"]) == (1, 1, 1, 0)
    assert "withdrawn, missed" in words(run.did(tmp_path, "show", "1", now="2026-11-18T10:00"))


def test_the_digest_tells_what_ended_since_the_one_before(missed: Path) -> None:
    found = json.loads(run.did(missed, "digest", "--format", "json", "--since", "20 Nov 2026 17:00", now=LATER))
    assert found["changed"]["ceased"] == []
    assert [(each["action"], each["ended_entry"]) for each in found["changed"]["missed"]] == [
        ("lead-told", 2),
        ("police-and-social-care", 2),
    ]
    text = run.did(missed, "digest", "--since", "20 Nov 2026 17:00", now=LATER)
    assert "Missed since Friday 20 November 2026 17:00 (2)" in text
    assert "due Fri 20 Nov, ended Mon 23 Nov 09:10 by entry 2" in text
    assert "Missed since" not in run.did(missed, "digest", "--always", "--since", "23 Nov 2026 09:30", now=LATER)


def test_other_peoples_calendars_call_it_off(missed: Path) -> None:
    events = run.did(missed, "export", "ics", now=LATER).replace("\n ", "").split("BEGIN:VEVENT")[1:]
    off = [event for event in events if "STATUS:CANCELLED" in event]
    assert len(off) == 2
    assert all("SUMMARY:Missed: E0001" in event and "BEGIN:VALARM" not in event for event in off)


def test_a_table_has_it_with_its_standing_and_its_end(missed: Path) -> None:
    table = run.did(missed, "export", "csv", "--what", "deadlines", now=LATER).lstrip("\ufeff")
    rows = list(csv.DictReader(table.splitlines()))
    assert [(each["Standing"], each["Ended"], each["Ended by entry"]) for each in rows if each["Ended"]] == [
        ("missed", "2026-11-23 09:10", "2")
    ] * 2


# -- calls


def test_calls_count_each_on_their_own(called_twice: Path) -> None:
    total = run.json(called_twice, "report", now="2026-11-17T09:00")["actions"]["total"]
    assert (total["fell_due"], total["met_in_time"], total["met_late"]) == (
        1,
        0,
        1,
    )  # the second falls due at this moment
    total = run.json(called_twice, "report", now="2026-11-17T09:01")["actions"]["total"]
    assert (total["fell_due"], total["met_in_time"], total["met_late"]) == (2, 1, 1)


def test_several_calls_are_numbered_and_one_is_not(called_twice: Path, missed: Path) -> None:
    page = words(run.did(called_twice, "show", "1", now="2026-11-17T09:00", COLUMNS="160"))
    assert "lado-referral, call 1" in page
    assert "lado-referral, call 2" in page


def test_one_call_bears_no_number(missed: Path) -> None:
    assert "call 1" not in run.did(missed, "show", "1", now=LATER)


def test_every_call_is_proved_the_one_that_is_open_first(called_twice: Path) -> None:
    run.did(called_twice, "set", "1", "allegation=yes", now="2026-11-18T09:00")
    found = run.json(called_twice, "explain", "1", "lado-referral", now="2026-11-18T10:00")
    assert found["call"] == 3
    assert [(each["call"], each["standing"]) for each in found["calls"]] == [
        (3, "at-risk"),
        (2, "met"),
        (1, "met-late"),
    ]
    proof = words(run.did(called_twice, "explain", "1", "lado-referral", now="2026-11-18T10:00", COLUMNS="200"))
    at = [proof.index(f"(lado-referral), call {number}") for number in (3, 2, 1)]
    assert at == sorted(at)
    assert "Called for Wednesday 18 November 2026 09:00, by entry 5" in proof
    assert "lado-referral" in run.did(called_twice, "due", now="2026-11-18T10:00")
    assert "call 3" in run.did(called_twice, "due", now="2026-11-18T10:00")


# -- questions


def test_what_is_undecided_stands_in_a_group_of_its_own_with_its_question(undecided: Path) -> None:
    now = "2026-11-16T10:00"
    page = words(run.did(undecided, "due", "--duties", now=now, COLUMNS="200"))
    assert "Undecided: it depends on a question not answered yet (1)" in page
    assert "depends on protection-plan and looked-after; not answered" in page
    found = run.json(undecided, "report", now=now)
    assert [(each["action"], each["undecided"], each["to_do"]) for each in found["undated"]] == [("iro-notified", 1, 0)]
    proof = words(run.did(undecided, "explain", "1", "iro-notified", now=now, COLUMNS="200"))
    assert "Whether it is owed is undecided" in proof
    assert (
        "Is the child looked after by the local authority? escalate set E0001 looked-after=ANSWER (yes or no)" in proof
    )


def test_the_digest_asks_the_questions(undecided: Path) -> None:
    now = "2026-11-16T10:00"
    found = json.loads(run.did(undecided, "digest", "--format", "json", "--always", now=now))
    assert [each["action"] for each in found["undecided"]] == ["iro-notified"]
    assert found["open_questions"] == [{"case": "E0001", "questions": ["immediate-risk", "allegation"]}]
    text = run.did(undecided, "digest", now=now)
    assert "1 undecided" in text.splitlines()[1]
    assert (
        "Is the child subject to a child protection plan? escalate set E0001 protection-plan=ANSWER (yes or no)" in text
    )
    assert "Safety questions nobody has answered (1)" in text


def test_a_limit_that_may_apply_says_what_it_hangs_on(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--subject", "M-1", "--stage", "7", now="2026-11-25T09:00")
    now = "2026-11-25T10:00"
    assert "if severity is high; not answered" in words(run.did(tmp_path, "show", "1", now=now))
    assert "depends on severity; not answered" in words(run.did(tmp_path, "due", now=now))
    proof = words(run.did(tmp_path, "explain", "1", now=now))
    assert "3 days from entry to the stage, if severity is high (severity not answered)" in proof
    run.did(tmp_path, "report", "--output", "report.md", now="2027-03-01T09:00")
    assert "(not answered: How severe is the risk?)" in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "How severe is the risk? escalate set E0001 severity=ANSWER (high, medium or low)" in proof
    first, second, *_ = run.json(tmp_path, "explain", "1", now=now)["counted"]
    assert (first["unanswered"], second["unanswered"]) == (["severity"], [])


@pytest.mark.parametrize(
    ("protocol", "answers", "expected"),
    [
        ("herefordshire", [], ["immediate-risk", "allegation"]),
        ("herefordshire", ["immediate-risk=no"], ["allegation"]),
        ("herefordshire", ["immediate-risk=no", "allegation=yes"], []),
        ("hull-east-riding", [], ["at-risk", "immediate-risk"]),
        # that somebody is at risk settles that the lead is told, and not whether the police are
        ("hull-east-riding", ["at-risk=yes"], ["immediate-risk"]),
        ("hull-east-riding", ["immediate-risk=yes"], []),
        ("lincolnshire", [], []),
    ],
)
def test_safety_questions_are_open_until_they_are_answered(
    tmp_path: Path, protocol: str, answers: list[str], expected: list[str]
) -> None:
    facts = [part for answer in answers for part in ("--fact", answer)]
    run.did(tmp_path, "open", protocol, "--subject", "M-1", *facts, now="2026-11-16T09:00")
    assert run.json(tmp_path, "show", "1", now="2026-11-16T09:00")["open_questions"] == expected
    asked = "Safety questions nobody has answered" in run.did(tmp_path, "show", "1", now="2026-11-16T09:00")
    assert asked is bool(expected)
    run.did(tmp_path, "resolve", "1", now="2026-11-16T10:00")
    assert run.json(tmp_path, "show", "1", now="2026-11-16T10:00")["open_questions"] == []


# -- one count of what is overdue


def overdue_everywhere(path: Path, now: str) -> dict[str, Any]:
    """What each page says is overdue."""
    due = run.did(path, "due", now=now).splitlines()[-1].split(": ", 1)[1].split(". ")[-1]
    digest = json.loads(run.did(path, "digest", "--format", "json", "--always", "--since", "1 Nov 2026", now=now))
    report = run.json(path, "report", now=now)
    return {
        "due": due.split(", ")[0] if "(" not in due else f"{due.split(')')[0]})",
        "status": run(path, "due", "--exit-code", now=now).status,
        "digest": digest["overdue_count"],
        "report": report["overdue_count"],
        "listed": len(report["overdue"]),
    }


def test_what_a_limit_further_up_has_overtaken_is_overdue_everywhere(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "herefordshire", "--subject", "H-1", now="2026-11-02T09:00")
    now = "2026-11-18T10:00"
    assert overdue_everywhere(tmp_path, now) == {
        "due": "1 overdue (1 past a limit further up)", "status": 3, "digest": 1, "report": 1, "listed": 1,
    }  # fmt: skip
    (line,) = run.json(tmp_path, "report", now=now)["overdue"]
    assert (line["action"], line["past_limit_of"], line["due_at"]) == (
        "resolve",
        "stage 1",
        "2026-11-05T23:59:59+00:00",
    )
    assert "Overdue further up: past a limit of the ladder that runs on (1 case)" in run.did(tmp_path, "due", now=now)


def test_what_is_about_safety_and_overdue_is_among_what_is_overdue(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "north-yorkshire", "--subject", "M-1", "--fact", "immediate-risk=yes", now=OPENED)
    run.did(tmp_path, "open", "herefordshire", "--subject", "M-1", "--stage", "1", now="2026-11-02T09:00")
    assert overdue_everywhere(tmp_path, LATER) == {
        "due": "3 overdue (2 safety first)", "status": 3, "digest": 3, "report": 3, "listed": 3,
    }  # fmt: skip
    assert run.did(tmp_path, "digest", now=LATER).splitlines()[1].startswith("3 overdue (2 safety first), ")


def test_what_is_not_overdue_is_so_nowhere(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "north-yorkshire", "--subject", "M-1", "--fact", "immediate-risk=yes", now=OPENED)
    assert overdue_everywhere(tmp_path, OPENED) == {
        "due": "2 safety first", "status": 0, "digest": 0, "report": 0, "listed": 0,
    }  # fmt: skip


# -- no filter hides a standing call

VISITS = """
id = "visits"
title = "Visits"
partnership = "Testing"
covers = ["children"]
source = "made up"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }

[[facts]]
key = "at-risk"
ask = "Is somebody at risk?"

[[routes]]
key = "main"
name = "Main"
starts = "1"

[[stages]]
key = "1"
name = "Talk"
owner = "Both"
next = []
cite = "1"

  [[stages.actions]]
  key = "resolve"
  name = "Settle it"
  ends_stage = true
  timescales = [{ within = "1 working day", from = "stage", cite = "1" }]

[[standing_actions]]
key = "visit"
name = "Visit"
owner = "A visitor"
when = "at-risk is yes"
timescales = [{ every = "20 working days", from = "known", cite = "2" }]
"""


@pytest.mark.parametrize(
    "options",
    sampled(
        map(
            pytest.param,
            [
                (),
                ("--overdue",),
                ("--at-risk",),
                ("--within", "1 hour"),
                ("--agency", "Nobody"),
                ("--owner", "Nobody"),
                ("--protocol", "herefordshire"),
                ("--limit", "1"),
                ("--limit", "2"),
                ("--overdue", "--limit", "1"),
            ],
        ),
        3,
    ),
    ids=" ".join,
)
def test_no_filter_hides_a_standing_call(tmp_path: Path, options: tuple[str, ...]) -> None:
    desk = Desk(tmp_path)
    desk.write("visits.toml", VISITS)
    assert desk.run("2026-11-16T09:00", "open", "visits", "--subject", "M-1", "--fact", "at-risk=yes").status == 0
    assert desk.run("2026-11-16T09:00", "open", "herefordshire", "--subject", "M-1", "--stage", "1").status == 0
    actions = [each["action"] for each in desk.json("2026-11-30T09:00", "due", *options)]
    assert "visit" in actions, actions
    page = desk.run("2026-11-30T09:00", "due", *options).stdout
    assert "visit" in page
