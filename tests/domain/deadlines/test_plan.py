"""The whole ladder laid out: what a stage without a limit of its own takes, what going up starts, and what is not firm."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from escalate.domain.deadlines.plan import Plan, onward, plan
from escalate.domain.protocol.model import Protocol
from escalate.output.protocol.documents import plan_document
from escalate.output.protocol.plan import NOT_YET, why_provisional
from escalate.storage.files.protocols import find_protocol, shipped_folder
from tests.calendars import ENGLAND, at, shown
from tests.domain.deadlines.test_odd_protocols import ENDS, RAISED, action, played, protocol, stage
from tests.driver import Office
from tests.played import Played

DAY = "23:59:59"
FACTS = 'facts=[{key="q", ask="?"}]\nmoments=[{key="hearing", ask="?"}]\n'
ASKS_ALL = stage("9", "", action("a", "1 day", "hearing", 'when="q is yes",'))
"""A stage that nothing leads to, which asks for what the others need not."""


def laid_out(under: Protocol, facts: Mapping[str, str] | None = None) -> Plan:
    return plan(under, ENGLAND, at(RAISED), facts=facts)


def ladder(*stages: str, facts: str = FACTS, more: str = "") -> Protocol:
    return protocol(f"{facts}stages=[{', '.join((*stages, ASKS_ALL))}]\n{more}")


def stages(planned: Plan) -> list[tuple[str, str, str | None]]:
    """Each stage with when it is entered and when it is due; `~` where that is provisional."""
    return [
        (
            each.stage.key,
            f"{'' if each.is_firm else '~'}{shown(each.entered_at)}",
            f"{'~' if each.closing.provisional else ''}{shown(each.closing.due_at)}" if each.closing.due_at else None,
        )
        for each in planned.stages
    ]


def dated(planned: Plan, stage: str) -> dict[str, str | None]:
    """What is to be done at a stage, and by when; `~` where that is provisional."""
    (found,) = [each for each in planned.stages if each.stage.key == stage]
    return {
        each.action: f"{'~' if each.provisional else ''}{shown(each.due_at)}" if each.due_at else None
        for each in found.actions
    }


# -- a stage without a limit of its own (C18)

IF_YES = 'when="q is yes",'
LETTER = action("letter", "2 working days")
REPLY = action("reply", "5 working days")
HOW_LONG: list[tuple[str, str, str | None, str | None]] = [
    # what stage 1 asks for beside ending, when it ends, and the duty it ends with
    ("nothing", "", None, None),
    ("a duty without a limit", action("letter"), None, None),
    ("one duty", LETTER, f"2026-11-20 {DAY}", "letter"),
    ("the last of several", f"{LETTER}, {REPLY}, {action('note')}", f"2026-11-25 {DAY}", "reply"),
    ("a limit of its own", f"{LETTER}, {action('resolve', '1 working day', more=ENDS)}", f"2026-11-19 {DAY}", None),
    ("a window", f"{LETTER}, {action('up', '9 working days', more='window=true,')}", f"2026-11-20 {DAY}", "letter"),
    ("a window alone", action("up", "9 working days", more="window=true,"), None, None),
    ("what repeats", f'{LETTER}, {{key="ask", name="n", timescales=[{{every="6 weeks", from="stage", cite="c"}}]}}', f"2026-11-20 {DAY}", "letter"),
    ("a reminder", f"{LETTER}, {action('remind', '9 working days', 'letter overdue')}", f"2026-11-20 {DAY}", "letter"),
    ("what comes after going up", f'{LETTER}, {{key="minutes", name="n", timescales=[{{within="9 days", from="resolve", failing_that="stage", cite="c"}}]}}', f"2026-11-20 {DAY}", "letter"),
    ("what is not called for", f"{LETTER}, {action('visit', '9 working days', more=IF_YES)}", f"2026-11-20 {DAY}", "letter"),
    ("what has not begun to count", f"{LETTER}, {action('minutes', '1 day', 'note')}, {action('note')}", f"~2026-11-20 {DAY}", "letter"),
    ("what counts from a fallback", '{key="reply", name="n", timescales=[{within="5 working days", from="note", failing_that="stage", cite="c"}]}, ' + action("note"), f"~2026-11-25 {DAY}", "reply"),
    ("a limit of its own that has not begun to count", f"{LETTER}, {action('note')}, {action('resolve', '1 day', 'note', ENDS)}", f"~2026-11-20 {DAY}", "letter"),
    ("a duty that was due before the stage began", action("letter", "0 working days", "concern"), f"2026-11-02 {DAY}", "letter"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "due", "ends_with"), [row[1:] for row in HOW_LONG], ids=[row[0] for row in HOW_LONG])
def test_a_stage_without_a_limit_of_its_own_ends_when_its_duties_do(
    asked: str, due: str | None, ends_with: str | None
) -> None:
    under = ladder(stage("1", '"2"', asked), stage("2"))
    first, second = (planned := plan(under, ENGLAND, at(RAISED), at("2026-11-02 10:00"), facts={"q": "no"})).stages
    assert (stages(planned)[0], first.ends_with) == (("1", RAISED, due), ends_with)
    ends_at = (due or "").strip("~")
    assert shown(second.entered_at) == max(RAISED, ends_at)
    assert second.is_dated is (due is not None)
    assert second.is_firm is (due is not None and due == ends_at)
    assert dated(planned, "1").get("resolve") == (None if ends_with else due)  # no row has a limit that nobody gave it


def test_a_stage_never_takes_longer_than_the_whole_may() -> None:
    for days, due, ends_with in (("3", f"2026-11-23 {DAY}", None), ("9", f"2026-11-25 {DAY}", "reply")):
        cap = f'cap={{within="{days} working days", from="raised", cite="c"}}'
        routes = f'[{{key="main", name="m", starts="1", {cap}}}]'
        (planned,) = laid_out(protocol(f"stages=[{stage('1', '', REPLY)}]", routes)).stages
        assert (shown(planned.closing.due_at or at(RAISED)), planned.ends_with) == (due, ends_with)


def test_what_follows_a_stage_that_ends_provisionally_is_provisional_where_it_counts_from_that() -> None:
    first = (
        '{key="reply", name="n", timescales=[{within="5 working days", from="note", failing_that="stage", cite="c"}]}, '
    )
    second = f"{action('meet', '1 working day')}, {action('tell', '9 working days', 'raised')}"
    planned = laid_out(ladder(stage("1", '"2"', first + action("note")), stage("2", '"3"', second), stage("3")))
    assert dated(planned, "2") == {"meet": f"~2026-11-26 {DAY}", "tell": f"2026-12-01 {DAY}", "resolve": None}
    assert stages(planned)[2] == ("3", f"~2026-12-01 {DAY}", None)


# -- what going up starts, and what is there only if something runs out


def test_going_up_meets_what_ends_a_stage_so_that_what_counts_from_it_is_dated() -> None:
    closing = action("decide", "5 working days", more=ENDS)
    told = f"{action('told', '2 working days', 'decide')}, {action('sent', '1 working day', 'letter')}"
    planned = laid_out(
        ladder(stage("1", '"2"', f"{closing}, {action('letter')}"), stage("2", '"3"', told), stage("3", "", told))
    )
    case = played(planned.protocol)
    case.advance("2026-11-25 23:59:59")
    in_case = [each.due_at for each in case.file.deadlines if each.action == "told"]
    assert [shown(each) for each in in_case if each] == [f"2026-11-27 {DAY}"]
    for key in ("2", "3"):
        assert dated(planned, key) == {"told": f"2026-11-27 {DAY}", "sent": None, "resolve": None}


def test_what_is_there_only_if_another_runs_out_is_planned_as_if_that_did() -> None:
    first = f"{action('reply', '5 working days')}, {action('remind', '1 working day', 'reply overdue')}, {action('decide', '6 working days', more=ENDS)}"
    second = f"{action('chase', '2 working days', 'reply overdue')}, {action('complain', '3 working days', 'decide overdue')}"
    planned = laid_out(ladder(stage("1", '"2"', first), stage("2", "", second)))
    assert dated(planned, "1")["remind"] == f"~2026-11-26 {DAY}"
    assert dated(planned, "2") == {"chase": f"~2026-11-27 {DAY}", "complain": f"~2026-12-01 {DAY}", "resolve": None}
    assert list(why_provisional(planned)) == [
        "~ stage 1, remind: only if reply runs out",
        "~ stage 2, chase: only if reply runs out",
        "~ stage 2, complain: only if decide runs out",
    ]
    runs_from = {each["action"]: each["runs_from"] for each in plan_document(planned)["stages"][0]["actions"]}
    assert runs_from == {"reply": None, "remind": "2026-11-25T23:59:59+00:00", "decide": None}


# -- the stages to come of a case


def to_come(case: Played, now: str) -> list[tuple[str, str | None, str | None]]:
    return [
        (
            each.stage.key,
            shown(each.entered_at) if each.is_dated else None,
            shown(each.ends_by) if each.ends_by else None,
        )
        for each in onward(case.file, at(now))
    ]


def test_a_case_is_planned_on_from_the_last_open_duty_of_its_stage() -> None:
    case = played(ladder(stage("1", '"2"', f"{LETTER}, {REPLY}"), stage("2", '"3"', LETTER), stage("3")))
    assert to_come(case, "2026-11-18 11:00") == [
        ("2", f"2026-11-25 {DAY}", f"2026-11-27 {DAY}"),
        ("3", f"2026-11-27 {DAY}", None),
    ]
    case.done("2026-11-18 12:00", "reply")
    assert to_come(case, "2026-11-18 13:00")[0] == ("2", f"2026-11-20 {DAY}", f"2026-11-24 {DAY}")
    assert to_come(case, "2026-11-23 13:00")[0] == ("2", "2026-11-23 13:00", f"2026-11-25 {DAY}")  # it is overdue
    case.done("2026-11-18 14:00", "letter")
    assert to_come(case, "2026-11-18 15:00") == [("2", None, None), ("3", None, None)]  # nobody can tell any more


def test_what_counts_from_the_present_stage_being_left_is_planned() -> None:
    told = action("told", "2 working days", "decide", more="")
    ladder_ = ladder(stage("1", '"2"', action("decide", "5 working days", more=ENDS)), stage("2", "", told))
    (planned,) = onward(played(ladder_).file, at("2026-11-18 11:00"))
    assert [shown(each.due_at) for each in planned.actions if each.due_at] == [f"2026-11-27 {DAY}"]
    assert planned.ends_by == planned.actions[0].due_at


# -- questions nobody has answered (C14)


def hull(**facts: str) -> Plan:
    return plan(find_protocol("hull-east-riding", shipped_folder()).protocol, ENGLAND, at(RAISED), facts=facts)


def test_a_plan_says_which_answer_would_settle_a_date() -> None:
    document = plan_document(hull())["stages"]
    assert [(each["due_at"], each["provisional"], each["unanswered"]) for each in document[-2:]] == [
        ("2026-12-03T23:59:59+00:00", False, []),
        ("2026-12-06T23:59:59+00:00", True, ["severity"]),
    ]
    unanswered = {each["action"]: each["unanswered"] for each in document[-1]["actions"]}
    assert unanswered == {"resolve": ["severity"], "panel": [], "recommendation": []}
    assert list(why_provisional(hull())) == ["~ stage 7, resolve: if severity is high; not answered"]


@pytest.mark.parametrize(("severity", "due"), [("high", f"2026-12-06 {DAY}"), ("low", f"2026-12-08 {DAY}")])
def test_an_answer_settles_it(severity: str, due: str) -> None:
    planned = hull(severity=severity)
    assert (stages(planned)[-1], list(why_provisional(planned))) == (("7", f"2026-12-03 {DAY}", due), [])


def test_a_duty_that_an_answer_may_call_for_holds_its_stage_provisionally() -> None:
    under = ladder(
        stage("1", '"2"', f"{LETTER}, {action('visit', '5 working days', more=IF_YES)}"), stage("2", "", LETTER)
    )
    for facts, ends, second in (
        ({}, f"~2026-11-25 {DAY}", ("2", f"~2026-11-25 {DAY}", f"~2026-11-27 {DAY}")),
        ({"q": "yes"}, f"2026-11-25 {DAY}", ("2", f"2026-11-25 {DAY}", f"2026-11-27 {DAY}")),
        ({"q": "no"}, f"2026-11-20 {DAY}", ("2", f"2026-11-20 {DAY}", f"2026-11-24 {DAY}")),
    ):
        assert stages(laid_out(under, facts)) == [("1", RAISED, ends), second]
    assert plan_document(laid_out(under))["stages"][0]["unanswered"] == ["q"]
    assert list(why_provisional(laid_out(under)))[-1] == "~ stage 1, visit: if q is yes; not answered"


def test_a_plan_says_that_a_duty_does_not_run_yet() -> None:
    planned = laid_out(
        ladder(stage("1", "", f"{LETTER}, {action('minutes', '1 day', 'note')}, {action('note')}")), {"q": "no"}
    )
    assert list(why_provisional(planned)) == [NOT_YET]


def test_a_limit_on_the_whole_that_only_an_answer_brings_is_provisional() -> None:
    cap = 'cap={within="5 working days", from="raised", when="q is yes", cite="c"}'
    under = protocol(f"{FACTS}stages=[{stage('1')}, {ASKS_ALL}]", f'[{{key="main", name="m", starts="1", {cap}}}]')
    for facts, expected in (
        ({}, ("2026-11-25T23:59:59+00:00", True)),
        ({"q": "yes"}, ("2026-11-25T23:59:59+00:00", False)),
        ({"q": "no"}, (None, False)),
    ):
        document = plan_document(laid_out(under, facts))
        assert (document["cap"], document["cap_provisional"]) == expected


def test_a_plan_with_nothing_provisional_says_nothing_about_that() -> None:
    assert list(why_provisional(laid_out(ladder(stage("1", '"2"', LETTER), stage("2")), {"q": "no"}))) == []


# -- the command


run = Office(now="2026-11-18T10:00")


def test_plan_gives_a_stage_the_time_of_its_referral(tmp_path: Path) -> None:
    line = ("plan", "north-east-lincolnshire", "--route", "individual")
    page = run.did(tmp_path, *line)
    assert "with referral" in page
    assert "~ provisional: it comes after a stage that ends provisionally, or after one without" in " ".join(
        page.split()
    )
    second, third = run.json(tmp_path, *line)["stages"][1:3]
    assert (second["due_at"], second["ends_with"]) == ("2026-11-18T23:59:59+00:00", "referral")
    assert (third["entered_at"], third["entered_provisional"]) == ("2026-11-18T23:59:59+00:00", True)
