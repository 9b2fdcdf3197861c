"""Things happen in order: nothing before what made it possible, nothing twice by mistake, and no case that nobody meant (C16)."""

import os
from pathlib import Path

import pytest

from tests.silence.case import Silence
from tests.terminal import at_terminal

# 1 to 3 working days from Mon 21 Dec: Thu 24 Dec.
REOPENED = (
    "2026-12-21 09:00 open herefordshire --subject M-1 --stage 1",
    "2026-12-22 09:00 resolve 1",
    "2026-12-30 10:00 reopen 1",
)

NOT_BEFORE_IT_WAS_REOPENED = [
    "resolve 1 --at '2026-12-22 09:30'",
    "resolve 1 --at '2026-12-30 09:59'",
    "withdraw 1 --at '2026-12-23 09:00'",
    "advance 1 --at '2026-12-22 09:30'",
    "advance 1 --at '2026-12-21 10:00'",
    "done 1 resolve --at '2026-12-22 09:30'",
]


@pytest.mark.parametrize("act", NOT_BEFORE_IT_WAS_REOPENED)
def test_nothing_closes_or_takes_up_a_case_before_it_was_last_reopened(case: Silence, act: str) -> None:
    case.play(*REOPENED)
    said = case.refused("2026-12-30 11:00", act)
    # With the earliest that is possible, and how to correct the other entry.
    assert "30 Dec" in said
    assert "undo" in said
    # The closing met it in time; it is owed again, counted as before, and that is past.
    assert case.rows("2026-12-30 12:00", "resolve") == ["1 met 2026-12-24", "2 overdue 2026-12-24"]


def test_a_closing_after_the_reopening_is_taken_and_is_late(case: Silence) -> None:
    case.play(*REOPENED, "2026-12-31 09:00 resolve 1 --at '2026-12-30 10:30'")
    assert case.rows("2026-12-31 10:00", "resolve") == ["1 met 2026-12-24", "2 met-late 2026-12-24"]
    assert case.in_time("2026-12-31 10:00", "stages") == "1 of 2, 1 late, 0 not met"


def test_no_case_is_reopened_before_it_was_closed(case: Silence) -> None:
    case.play(*REOPENED[:2])
    assert "22 Dec" in case.refused("2026-12-30 10:00", "reopen 1 --at '2026-12-21 12:00'")


def test_no_stage_is_left_before_it_was_entered(case: Silence) -> None:
    case.play("2026-11-02 09:00 open hull-east-riding --subject M-1", "2026-11-03 09:00 advance 1")
    said = case.refused("2026-11-03 10:00", "advance 1 --at '2026-11-03 08:00'")
    assert "3 Nov" in said
    assert "undo" in said


def test_nothing_is_done_for_a_stage_before_that_stage(case: Silence) -> None:
    case.play("2026-11-02 09:00 open hull-east-riding --subject M-1", "2026-11-03 09:00 advance 1")
    said = case.refused("2026-11-03 10:00", "done 1 response --at '2026-11-03 08:00'")
    assert "3 Nov" in said
    assert "undo" in said
    case.did("2026-11-03 10:00", "done 1 response --at '2026-11-03 09:00'")


@pytest.mark.parametrize("which", ["", " --call 2"])
def test_nothing_is_done_for_a_call_before_that_call(case: Silence, which: str) -> None:
    case.play(
        "2026-11-02 09:00 open herefordshire --subject M-1 --fact allegation=yes",
        "2026-11-02 15:00 done 1 lado-referral",
        "2026-11-16 09:00 set 1 allegation=yes",
    )
    said = case.refused("2026-11-16 10:00", f"done 1 lado-referral --at '2026-11-15 12:00'{which}")
    assert "16 Nov" in said
    assert case.rows("2026-11-16 11:00", "lado-referral") == ["1 met 2026-11-03 09:00", "2 at-risk 2026-11-17 09:00"]


def test_of_several_agreements_the_one_agreed_last_counts_not_the_one_written_down_last(case: Silence) -> None:
    case.play(
        "2026-11-02 09:00 open north-east-lincolnshire --route individual --subject M-1",
        "2026-11-04 10:00 agree 1 2026-11-20",
        "2026-11-04 11:00 agree 1 2026-11-13 --at '2026-11-03 10:00'",
    )
    assert case.rows("2026-11-04 12:00", "resolve") == ["1 on-track 2026-11-20"]


LOOPING = """
id = "looping"
title = "Test protocol: back to where it came from"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }

[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Managers"
owner = "Manager"
next = ["2"]
cite = "1"

  [[stages.actions]]
  key = "record"
  name = "Write the record"
  timescales = [{ within = "2 working days", from = "stage", cite = "1.1" }]

[[stages]]
key = "2"
name = "Panel"
owner = "Chair"
next = ["1"]
cite = "2"
"""
# Stage 1 from Mon 2 Nov (2 working days: Wed 4 Nov) and again from Mon 9 Nov (Wed 11 Nov).
TWO_STAYS = (
    "2026-11-02 09:00 open looping --subject M-1",
    "2026-11-03 09:00 advance 1",
    "2026-11-09 09:00 advance 1",
)


def test_what_two_stays_at_a_stage_owe_is_done_for_the_older_first(case: Silence) -> None:
    case.write("looping", LOOPING)
    case.play(*TWO_STAYS)
    listed = [line.split(" ", 2)[2] for line in case.due("2026-11-09 10:00") if line.startswith("record")]
    assert sorted(listed) == ["at-risk 2026-11-11", "overdue 2026-11-04"] or sorted(listed) == [
        "on-track 2026-11-11",
        "overdue 2026-11-04",
    ]
    said = case.did("2026-11-09 10:00", "done 1 record")
    # It says which is left: that of Wed 11 Nov.
    assert "11 Nov" in said
    rows = sorted(row.split(" ", 1)[1] for row in case.rows("2026-11-10 10:00", "record"))
    assert rows == ["at-risk 2026-11-11", "met-late 2026-11-04"]
    case.did("2026-11-10 10:00", "done 1 record")
    rows = sorted(row.split(" ", 1)[1] for row in case.rows("2026-11-10 11:00", "record"))
    assert rows == ["met 2026-11-11", "met-late 2026-11-04"]


def test_what_was_done_before_the_second_stay_is_for_the_first(case: Silence) -> None:
    case.write("looping", LOOPING)
    case.play(*TWO_STAYS, "2026-11-09 10:00 done 1 record --at '2026-11-04 10:00'")
    rows = sorted(row.split(" ", 1)[1] for row in case.rows("2026-11-10 10:00", "record"))
    assert rows == ["at-risk 2026-11-11", "met 2026-11-04"]


# -- twice by mistake -----------------------------------------------------------------------------

HEREFORD = "2026-11-02 08:00 open herefordshire --subject M-1"


def test_a_case_that_a_colleague_took_up_a_moment_ago_is_not_taken_up_twice(case: Silence) -> None:
    case.play(HEREFORD)
    case.did("2026-11-02T09:00:00", "advance 1", ESCALATE_BY="reader")
    said = case.refused("2026-11-02T09:00:40", "advance 1", ESCALATE_BY="writer")
    assert "stage 1" in said
    assert "--again" in said
    assert case.json("2026-11-02T09:01:00", "show 1")["stage"] == "1"


def test_whoever_means_it_goes_up_twice(case: Silence) -> None:
    case.play(HEREFORD)
    case.did("2026-11-02T09:00:00", "advance 1", ESCALATE_BY="reader")
    case.did("2026-11-02T09:00:40", "advance 1 --again", ESCALATE_BY="writer")
    assert case.json("2026-11-02T09:01:00", "show 1")["stage"] == "2"


def test_the_next_day_a_case_goes_up_without_a_question(case: Silence) -> None:
    case.play(HEREFORD, "2026-11-02 09:00 advance 1", "2026-11-03 09:00 advance 1")
    assert case.json("2026-11-03 10:00", "show 1")["stage"] == "2"


def test_a_dry_run_of_going_up_twice_says_so_too(case: Silence) -> None:
    case.play(HEREFORD)
    case.did("2026-11-02T09:00:00", "advance 1")
    assert "--again" in case.refused("2026-11-02T09:00:40", "advance 1 --dry-run")


# -- openings by mistake --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "protocol",
    [
        "herefordshire",
        "hull-east-riding",
        "lincolnshire",
        "north-yorkshire",
        "north-east-lincolnshire --route individual",
    ],
)
def test_an_opening_with_nothing_but_a_protocol_is_refused(case: Silence, protocol: str) -> None:
    case.play("2026-11-02 08:00 open herefordshire --subject M-1")
    ran = case.office(case.path, "open", *protocol.split(), now="2026-11-02 09:00")
    # Something is missing from the line itself, as with any option that is not there: status 2.
    assert (ran.status, ran.stdout, ran.stderr[:20]) == (2, "", "Say who or what the "), ran
    assert [each["case"] for each in case.json("2026-11-02 10:00", "list")] == ["E0001"]


def test_a_case_that_was_opened_by_mistake_is_voided_and_counts_nowhere(case: Silence) -> None:
    case.play(
        "2026-11-02 08:00 open herefordshire --subject M-1 --stage 1",
        "2026-11-02 09:00 open herefordshire --subject M-2 --stage 1",
    )
    said = case.did("2026-11-09 09:00", "void 2 --reason 'The same as E0001' --yes")
    assert "E0002" in said
    now = "2026-11-09 10:00"
    assert {row["case"] for row in case.json(now, "due")} == {"E0001"}
    assert {row["case"] for row in case.json(now, "digest --always")["overdue"]} == {"E0001"}
    assert case.json(now, "report")["cases"]["all"] == 1
    assert case.in_time(now, "stages") == "0 of 1, 0 late, 1 not met"
    # Out of every count but its own: it can still be looked at, and it says what it is.
    assert "void" in case.did(now, "show 2").lower()
    assert "The same as E0001" in case.did(now, "log 2")
    # Its number is never used again.
    assert case.json(now, "open herefordshire --subject M-3")["case"] == "E0003"
    assert case.office(case.path, "verify", now=now).status == 0


def test_a_voiding_says_why_in_the_log_of_its_case(case: Silence) -> None:
    case.play("2026-11-02 08:00 open herefordshire --subject M-1", "2026-11-02 09:00 void 1 --reason Twice --yes")
    assert "Twice" in case.did("2026-11-02 10:00", "log 1")


@pytest.mark.parametrize(
    "act",
    [
        "done 1 resolve",
        "advance 1",
        "set 1 allegation=yes",
        "resolve 1",
        "withdraw 1",
        "reopen 1",
        "agree 1 2026-11-20",
    ],
)
def test_nothing_is_recorded_in_a_case_that_was_voided(case: Silence, act: str) -> None:
    case.play(
        "2026-11-02 08:00 open herefordshire --subject M-1 --stage 1", "2026-11-02 09:00 void 1 --reason Mistake --yes"
    )
    assert "void" in case.refused("2026-11-02 10:00", act).lower()


# -- a wrong clock --------------------------------------------------------------------------------


def test_a_case_that_was_opened_under_a_wrong_clock_can_be_corrected_or_voided(case: Silence) -> None:
    case.play(
        "2030-01-07 09:00 open herefordshire --subject M-1 --stage 1",
        "2030-01-07 09:10 open herefordshire --subject M-2 --stage 1",
    )
    # The clock is right again: the time of the opening is corrected, and its dates follow. 3 working days from Mon 2 Nov: Thu 5 Nov.
    case.did("2026-11-02 10:00", "undo 1 --entry 1 --at '2026-11-02 09:00' --reason 'The clock was wrong'")
    assert case.json("2026-11-02 10:05", "show 1")["raised_at"] == "2026-11-02T09:00:00+00:00"
    case.did("2026-11-02 10:10", "advance 1")
    case.did("2026-11-02 10:20", "void 2 --reason 'The clock was wrong' --yes")
    assert {row["case"] for row in case.json("2026-11-02 11:00", "due")} == {"E0001"}


# -- a file that was named and is not there -------------------------------------------------------

READING = [
    "due --overdue --exit-code", "due", "list", "search Trust", "report", "export json", "digest", "show 1", "log 1", "explain 1",
    "verify", "note 1 x", "done 1 resolve", "advance 1", "set 1 allegation=yes", "calendar add 2026-12-24 --reason Closed --yes",
]  # fmt: skip


@pytest.mark.file_only("whether a file is there")
@pytest.mark.parametrize("line", READING)
def test_an_absent_file_that_was_named_in_the_environment_never_looks_like_an_empty_list(
    case: Silence, line: str
) -> None:
    assert "cases.db" in case.refused("2026-11-02 09:00", line)
    assert not case.path.exists()


@pytest.mark.file_only("whether a file is there")
@pytest.mark.parametrize("line", ["due --overdue --exit-code", "list", "report", "export json"])
def test_nor_does_one_that_was_named_on_the_line(case: Silence, line: str) -> None:
    case.play("2026-11-02 08:00 open herefordshire --subject M-1 --fact allegation=yes")
    other = case.path.with_name("share.db")
    assert "share.db" in case.refused("2026-11-09 09:00", f"--db {other} {line}")
    assert not other.exists()


@pytest.mark.file_only("whether a file is there")
@pytest.mark.parametrize("line", ["due --overdue --exit-code", "list", "report", "export json"])
def test_nor_does_one_that_the_settings_name(case: Silence, line: str, tmp_path: Path) -> None:
    other = tmp_path / "share.db"
    (tmp_path / "settings.toml").write_text(f"database = '{other}'\n", encoding="utf-8")
    ran = case.office(case.path, *line.split(), now="2026-11-09 09:00", ESCALATE_DB="")
    assert (ran.status, ran.stdout) == (1, ""), ran
    assert "share.db" in ran.stderr
    assert not other.exists()


@pytest.mark.file_only("whether a file is there")
def test_the_doctor_finds_an_absent_file_ill(case: Silence) -> None:
    ran = case.office(case.path, "doctor", now="2026-11-09 09:00")
    assert ran.status == 1
    assert "cases.db" in ran.stdout + ran.stderr


@pytest.mark.file_only("whether a file is there")
def test_an_opening_says_that_it_begins_a_new_file_and_where(case: Silence) -> None:
    assert "cases.db" in case.did("2026-11-02 09:00", "open herefordshire --subject M-1")
    assert "cases.db" not in case.did("2026-11-02 09:00", "open herefordshire --subject M-2")


# -- asked at a terminal --------------------------------------------------------------------------


def answered(case: Silence, now: str, answers: str, *arguments: str) -> tuple[int, str]:
    """How a line ended at a terminal, where it was answered so, and what was shown."""
    environment = case.office.surroundings(case.path, now) | {"PATH": os.environ["PATH"]}
    return at_terminal(*arguments, environment=environment, answers=answers)


@pytest.mark.terminal
def test_at_a_terminal_an_opening_with_nothing_but_a_protocol_asks_what_it_is_about(case: Silence) -> None:
    _, shown = answered(case, "2026-11-02 09:00", "M-40213\n" + "\n" * 20, "open", "herefordshire")
    assert "M-40213" in str(case.json("2026-11-02 10:00", "show 1")), shown


@pytest.mark.terminal
@pytest.mark.parametrize(("answer", "stage"), [("y\n", "2"), ("n\n", "1")])
def test_at_a_terminal_going_up_twice_is_asked(case: Silence, answer: str, stage: str) -> None:
    case.play("2026-11-02 08:00 open herefordshire --subject M-1", "2026-11-02 09:00 advance 1")
    _, shown = answered(case, "2026-11-02T09:00:40", answer, "advance", "1")
    assert "stage 1" in shown
    assert case.json("2026-11-02 09:02", "show 1")["stage"] == stage


@pytest.mark.terminal
@pytest.mark.parametrize(("answer", "calls"), [("y\n", 2), ("n\n", 1)])
def test_at_a_terminal_yes_said_twice_is_asked(case: Silence, answer: str, calls: int) -> None:
    case.play("2026-11-02 08:00 open herefordshire --subject M-1 --fact allegation=yes")
    _, shown = answered(case, "2026-11-02 10:00", answer, "set", "1", "allegation=yes")
    assert "lado-referral" in shown
    assert len(case.rows("2026-11-02 11:00", "lado-referral")) == calls


@pytest.mark.terminal
def test_at_a_terminal_a_day_without_a_year_that_is_far_off_is_asked(case: Silence) -> None:
    case.play("2026-12-21 09:00 open herefordshire --subject M-1 --stage 1")
    answered(case, "2026-12-24 09:00", "n\n", "agree", "1", "1 Dec")
    row = next(row for row in case.json("2026-12-24 10:00", "show 1")["deadlines"] if row["action"] == "resolve")
    assert row["agreed_at"] is None
