"""What commands say that they did to deadlines: what is later, earlier, missed, gone or over already, by name."""

import re
import shlex
from pathlib import Path

import pytest

from escalate.storage.files.protocols import shipped_folder
from tests.command_line import Ran
from tests.commands.test_asking import answered
from tests.driver import Desk, Office
from tests.sizes import sampled

HULL = (shipped_folder() / "hull-east-riding.toml").read_text(encoding="utf-8")
SHAPES = Path(__file__).parents[1] / "shapes"
HEARING = """
id = "hearing-held"
title = "Test protocol: a hearing to be held in time"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = { dated = "2026-09" }
calendar = { name = "england-and-wales" }
moments = [{ key = "hearing", ask = "When is the hearing?" }]
routes = [{ key = "main", name = "The only one", starts = "1" }]

[[stages]]
key = "1"
name = "Panel"
owner = "Chair"
next = []
cite = "1"

  [[stages.actions]]
  key = "hearing-held"
  name = "Hold the hearing"
  timescales = [{ within = "20 working days", from = "stage", cite = "1.1" }]

  [[stages.actions]]
  key = "papers"
  name = "Send the papers round"
  timescales = [{ at_least = "5 working days", before = "hearing", cite = "1.2" }]

  [[stages.actions]]
  key = "resolve"
  name = "Decide"
  ends_stage = true
"""


class Telling(Desk):
    """Where each line is `2026-11-02 09:00: set 1 allegation=yes`."""

    def play(self, *lines: str) -> list[str]:
        """Gives the lines, and returns what the last said of the change, after its title and above what is due next."""
        *earlier, last = lines
        for line in earlier:
            self.line(line)
        said = self.line(last).stdout.partition("\n\n")[0].splitlines()
        return [each for each in said if " was read as " not in each][1:]

    def line(self, line: str, status: int = 0) -> Ran:
        ran = self.run(line[:16], *shlex.split(line[18:]))
        assert ran.status == status, f"{line}: {ran.stderr}"
        return ran


@pytest.fixture
def desk(tmp_path: Path) -> Telling:
    return Telling(tmp_path)


OPENED = "2026-11-02 09:00: open herefordshire --about Thresholds"
AT_STAGE_1 = [OPENED, "2026-11-02 10:00: advance 1"]
AT_STAGE_2 = ["2026-11-02 09:00: open hull-east-riding --about Thresholds", "2026-11-02 10:00: advance 1"]
ALLEGED = [OPENED, "2026-11-02 09:10: set 1 allegation=yes"]
NOW_STAGE_2 = "Now at stage 2: Safeguarding lead, service manager or head of service to their counterpart. Owner: Safeguarding lead, service manager or head of service."

HANGING = "Not done, and depending on a question: iro-notified, on protection-plan and looked-after."

LINES: list[tuple[list[str], list[str]]] = [
    # a note, and whoever holds a side, change nothing
    ([*AT_STAGE_1, "2026-11-03 10:00: note 1 'Rang'"], []),
    ([*AT_STAGE_1, "2026-11-03 10:00: assign 1 raising --role Nurse"], []),
    ([*AT_STAGE_1, "2026-11-03 10:00: set 1 subject=S-1 about='A child'"], []),
    # what is called for by an answer, and what was done late or in time
    (ALLEGED, ["Called for: lado-referral, due Tue 3 Nov 09:10."]),
    ([*ALLEGED, "2026-11-02 12:00: done 1 lado-referral"], []),
    ([*ALLEGED, "2026-11-04 12:00: done 1 lado-referral"], ["Late: lado-referral, due Tue 3 Nov 09:10, done Wed 4 Nov 12:00."]),
    ([OPENED, "2026-11-04 12:00: set 1 allegation=yes --at '2 Nov 2026 12:00'"], ["Called for, and overdue already: lado-referral, due Tue 3 Nov 12:00."]),
    # yes said twice is one call
    ([*ALLEGED, "2026-11-02 15:00: set 1 allegation=yes"], ["lado-referral was called for already on Mon 2 Nov 2026 09:10, and is not done yet. That is the same call: add --again if it is another."]),
    ([*ALLEGED, "2026-11-02 15:00: set 1 looked-after=no"], []),
    # agreed dates
    ([*AT_STAGE_1, "2026-11-02 11:00: agree 1 '4 Nov 2026'"], ["Earlier: resolve (stage 1), from Thu 5 Nov to Wed 4 Nov."]),
    ([*AT_STAGE_1, "2026-11-02 11:00: agree 1 '9 Nov 2026'"], ["That is later than the protocol allows: the limit stands, Thu 5 Nov."]),
    ([OPENED, "2026-11-02 11:00: agree 1 '4 Nov 2026 12:00'"], ["Dated: resolve (stage 0), due Wed 4 Nov 12:00."]),
    ([*AT_STAGE_1, "2026-11-02 11:00: agree 1 '3 Nov 2026'", "2026-11-04 11:00: agree 1 '5 Nov 2026 12:00'", "2026-11-04 11:01: undo 1"], ["No longer there: resolve (stage 1), the date agreed before, which stood as missed.", "Now overdue: resolve (stage 1), from Thu 5 Nov 12:00 to Tue 3 Nov."]),
    # corrections move what they move, by name
    ([*AT_STAGE_1, "2026-11-03 11:00: set 1 concern='30 Oct 2026'"], ["Earlier: resolve (stage 1), from Thu 5 Nov to Wed 4 Nov."]),
    (["2026-11-02 09:00: open herefordshire --about Thresholds --concern '26 Oct 2026'", "2026-11-02 10:00: advance 1", "2026-11-03 11:00: set 1 concern='30 Oct 2026'"], ["No longer overdue: resolve (stage 1), from Thu 29 Oct to Wed 4 Nov."]),
    (["2026-11-02 09:00: open herefordshire --about Thresholds --concern '26 Oct 2026'", "2026-11-03 11:00: set 1 concern='30 Oct 2026'"], ["No longer overdue: limit of stage 1, further up than resolve (stage 0), from Thu 29 Oct to Wed 4 Nov."]),
    ([*AT_STAGE_2, "2026-11-04 11:00: undo 1 --at '2 Nov 2026 09:30'"], ["Earlier: response (stage 2), from Tue 3 Nov 10:00 to Tue 3 Nov 09:30; resolve (stage 2), from Tue 3 Nov 10:00 to Tue 3 Nov 09:30."]),
    (["2026-11-04 12:00: open hull-east-riding --about Thresholds --at '2 Nov 2026 10:00'", "2026-11-04 12:10: undo 1 --at '4 Nov 2026 09:00'"], ["No longer overdue: discussion (stage 1), from Tue 3 Nov 10:00 to Thu 5 Nov 09:00; resolve (stage 1), from Tue 3 Nov 10:00 to Thu 5 Nov 09:00."]),
    ([*ALLEGED, "2026-11-02 12:00: done 1 lado-referral", "2026-11-04 12:00: undo 1"], ["Open again, and overdue already: lado-referral, due Tue 3 Nov 09:10."]),
    ([*ALLEGED, "2026-11-04 12:00: done 1 lado-referral", "2026-11-04 12:10: undo 1 --at '2 Nov 2026 12:00'"], ["In time now: lado-referral, due Tue 3 Nov 09:10."]),
    ([*ALLEGED, "2026-11-04 12:00: done 1 lado-referral --at '2 Nov 2026 12:00'", "2026-11-04 12:10: undo 1 --at '4 Nov 2026 12:00'"], ["Late now: lado-referral, due Tue 3 Nov 09:10, done Wed 4 Nov 12:00."]),
    ([*ALLEGED, "2026-11-02 12:00: undo 1"], ["No longer there: lado-referral, due Tue 3 Nov 09:10."]),
    ([*ALLEGED, "2026-11-04 12:00: undo 1"], ["No longer there: lado-referral, due Tue 3 Nov 09:10, overdue."]),
    ([*AT_STAGE_2, "2026-11-02 10:30: undo 1"], ["No longer there: response (stage 2), due Tue 3 Nov 10:00; resolve (stage 2), due Tue 3 Nov 10:00.", "Open again: resolve (stage 1), due Tue 3 Nov 09:00."]),
    # what is not known, and what settles it
    (["2026-11-24 09:00: open hull-east-riding --about Thresholds --stage 7", "2026-11-28 09:00: set 1 severity=high"], []),
    (["2026-11-24 09:00: open hull-east-riding --about Thresholds --stage 7", "2026-11-28 09:00: set 1 severity=low"], ["The provisional Fri 27 Nov no longer holds: resolve (stage 7) is due Sun 29 Nov (severity is low), and no longer overdue."]),
    ([*AT_STAGE_1, "2026-11-02 11:00: set 1 protection-plan=yes"], ["Decided: iro-notified (stage 1)."]),
    ([*AT_STAGE_1, "2026-11-02 11:00: set 1 protection-plan=no looked-after=no"], ["Not called for: iro-notified (stage 1) (protection-plan is no and looked-after is no)."]),
    # what has run out stays so, and is named
    (["2026-11-24 09:00: open hull-east-riding --about Thresholds --stage 7 --fact severity=high", "2026-11-28 09:10: set 1 severity=low"],
     ["Missed: resolve (stage 7), call 1, due Fri 27 Nov.", "Called for: resolve (stage 7), call 2, due Sun 29 Nov, in place of call 1."]),
    (["2026-11-20 16:00: open north-yorkshire --about Thresholds --fact immediate-risk=yes", "2026-11-23 09:00: set 1 immediate-risk=no"],
     ["Missed, and no longer called for: lead-told, due Fri 20 Nov; police-and-social-care, due Fri 20 Nov."]),
    ([*ALLEGED, "2026-11-02 12:00: set 1 allegation=no"], ["No longer called for: lado-referral, due Tue 3 Nov 09:10."]),
    ([*AT_STAGE_2, "2026-11-03 12:00: withdraw 1"], ["Missed, and no longer called for: discussion (stage 1), due Tue 3 Nov 09:00; response (stage 2), due Tue 3 Nov 10:00; resolve (stage 2), due Tue 3 Nov 10:00."]),
    (["2026-11-20 16:00: open hull-east-riding --about Thresholds", "2026-11-20 16:00: agree 1 '20 Nov 2026 18:00'", "2026-11-20 19:00: agree 1 '21 Nov 2026 10:00'"],
     ["Missed: resolve (stage 1), the date agreed before, due Fri 20 Nov 18:00.", "No longer overdue: resolve (stage 1), from Fri 20 Nov 18:00 to Sat 21 Nov 10:00."]),
    # calls, and their numbers
    ([*ALLEGED, "2026-11-02 12:00: done 1 lado-referral", "2026-11-16 09:00: set 1 allegation=yes"], ["Called for: lado-referral, call 2, due Tue 17 Nov 09:00."]),
    ([*ALLEGED, "2026-11-02 12:00: set 1 allegation=yes --again"], ["Called for: lado-referral, call 2, due Tue 3 Nov 12:00."]),
    ([*ALLEGED, "2026-11-02 12:00: set 1 allegation=yes --again", "2026-11-02 13:00: done 1 lado-referral"], ["Met: lado-referral, call 1, due Tue 3 Nov 09:10.", "Call 2 of lado-referral is still open, due Tue 3 Nov 12:00."]),
    ([*ALLEGED, "2026-11-02 12:00: set 1 allegation=yes --again", "2026-11-02 13:00: agree 1 '3 Nov 2026 10:00' --action lado-referral"], ["That is for call 2 of lado-referral.", "Earlier: lado-referral, call 2, from Tue 3 Nov 12:00 to Tue 3 Nov 10:00."]),
    ([*ALLEGED, "2026-11-02 12:00: set 1 allegation=yes --again", "2026-11-02 13:00: undo 1 --entry 2"], ["No longer there: lado-referral, call 1, due Tue 3 Nov 09:10.", "Call 2 of lado-referral is call 1 now."]),
    # going up: what is new stands below, unless it is over already
    ([*AT_STAGE_1, "2026-11-05 10:00: advance 1"], [NOW_STAGE_2, HANGING]),
    ([*AT_STAGE_1, "2026-11-16 10:00: advance 1"], [NOW_STAGE_2, HANGING, "Called for, and overdue already: resolve (stage 2), due Thu 12 Nov.", "Late: resolve (stage 1), due Thu 5 Nov, done Mon 16 Nov 10:00."]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "says"), sampled(LINES, 3), ids=[each[0][-1][18:] for each in LINES])
def test_a_command_says_what_it_did_to_deadlines(desk: Telling, lines: list[str], says: list[str]) -> None:
    said = desk.play(*lines)
    assert sorted(said) == sorted(says)


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Telling) -> None:
    *earlier, last = [*ALLEGED, "2026-11-04 12:00: undo 1"]
    would = desk.play(*earlier, f"{last} --dry-run")
    before = desk.path.read_bytes()
    assert desk.play(f"{last} --dry-run") == would == desk.play(last)
    assert desk.path.read_bytes() != before


def test_scripts_get_what_changed_beside_the_case(desk: Telling) -> None:
    for line in ALLEGED:
        desk.line(line)
    shown = desk.json("2026-11-04 12:00", "undo", "1")
    assert shown["changes"] == [
        {
            "action": "lado-referral", "stage": "0", "call": 1, "was_call": None, "kind": "gone",
            "was": "2026-11-03T09:10:00+00:00", "becomes": None,
        }
    ]  # fmt: skip
    assert "changes" not in desk.json("2026-11-04 12:00", "show", "1")
    opened = desk.json("2026-11-04 12:00", "open", "hull-east-riding", "--about", "Thresholds")
    assert {(each["action"], each["kind"]) for each in opened["changes"]} == {("discussion", "new"), ("resolve", "new")}
    assert desk.json("2026-11-04 12:01", "note", "2", "Rang")["changes"] == []


def test_again_is_kept_and_makes_another_call_of_the_same_answer(desk: Telling) -> None:
    assert desk.play(*ALLEGED, "2026-11-02 15:00: set 1 allegation=yes --again")[:1] != [
        "lado-referral was called for already on Mon 2 Nov 2026 09:10, and is not done yet. That is the same call: add --again if it is another."
    ]
    history = desk.json("2026-11-02 16:00", "show", "1")["history"]
    assert [each["data"].get("again") for each in history] == [None, None, True]


def test_a_script_is_told_of_the_same_call_where_it_reads_no_document(desk: Telling) -> None:
    for line in ALLEGED:
        desk.line(line)
    ran = desk.run("2026-11-02 15:00", "set", "1", "allegation=yes", "--json")
    assert ran.stderr == "lado-referral was called for already on Mon 2 Nov 2026 09:10, and is not done yet.\n", (
        ran.stderr
    )


@pytest.mark.parametrize("said", ["allegation=no", "looked-after=yes", "subject=S-1"])
def test_again_is_refused_where_nothing_is_called_for(desk: Telling, said: str) -> None:
    desk.line(OPENED)
    ran = desk.line(f"2026-11-02 15:00: set 1 {said} --again", status=1)
    assert re.fullmatch(
        r"--again calls for something once more, and .* calls for nothing\. Nothing was recorded\.\n", ran.stderr
    )
    assert len(desk.json("2026-11-02 16:00", "show", "1")["history"]) == 1


@pytest.mark.terminal
@pytest.mark.parametrize(("answer", "again"), [("y\n", True), ("\n", None)])
def test_a_person_is_asked_whether_the_same_answer_is_another_call(
    tmp_path: Path, answer: str, again: bool | None
) -> None:
    office, path = Office(now="2026-11-20 09:00"), tmp_path / "cases.db"
    office.did(path, "open", "herefordshire", "--about", "Thresholds", "--fact", "allegation=yes")
    shown = answered(path, answer, "set", "1", "allegation=yes")
    asked = "lado-referral was called for already on Fri 20 Nov 2026 09:00, and is not done yet. Is it another one"
    assert asked in " ".join(shown.split())
    assert office.json(path, "show", "1", now="2026-11-20 11:00")["history"][-1]["data"].get("again") is again
    assert "Is it another one" not in answered(path, "", "set", "1", "immediate-risk=yes")


BEYOND: list[tuple[str, list[str], list[str]]] = [
    # the protocol, what is said, and what comes of it
    ("hearing-held", ["2026-11-02 09:00: open hearing-held --about Thresholds", "2026-11-03 09:00: set 1 hearing='4 Jan 2027 10:00'"],
     ["Too late: hearing, Mon 4 Jan 10:00, is after the limit of hearing-held (stage 1), Mon 30 Nov. The limit stands."]),
    ("hearing-held", ["2026-11-02 09:00: open hearing-held --about Thresholds", "2026-11-03 09:00: set 1 hearing='30 Nov 2026 10:00'"], []),
    ("hearing-held", ["2026-11-02 09:00: open hearing-held --about Thresholds", "2026-11-03 09:00: done 1 hearing-held", "2026-11-03 09:00: set 1 hearing='4 Jan 2027 10:00'"], []),
    ("hearing-held", ["2026-11-02 09:00: open hearing-held --about Thresholds", "2026-11-03 09:00: set 1 hearing=unknown"], []),
    ("hearing-held", ["2026-11-02 09:00: open hearing-held --about Thresholds", "2026-11-02 09:00: agree 1 '18 Dec 2026'", "2026-11-03 09:00: set 1 hearing='4 Jan 2027 10:00'"],
     ["Too late: hearing, Mon 4 Jan 10:00, is after the limit of hearing-held (stage 1), Mon 30 Nov. The limit stands.",
      "Too late: hearing, Mon 4 Jan 10:00, is after the limit of resolve (stage 1), Fri 18 Dec. The limit stands."]),
    # 25 working days from stage 1, which the hearing was to come well within
    ("hearing", ["2026-11-02 09:00: open hearing --about Thresholds --stage 4", "2026-11-03 09:00: set 1 hearing='1 Feb 2027 10:00'"], []),
    ("hearing", ["2026-11-02 09:00: open hearing --about Thresholds", "2026-11-02 10:00: advance 1 --to 4", "2026-11-03 09:00: set 1 hearing='1 Feb 2027 10:00'"],
     ["Too late: hearing, Mon 1 Feb 10:00, is after the limit of resolve (stage 4), Mon 7 Dec. The limit stands."]),
]  # fmt: skip


@pytest.mark.parametrize(("protocol", "lines", "says"), BEYOND)
def test_an_event_set_beyond_the_limit_it_has_to_keep_to_is_said_at_once(
    desk: Telling, protocol: str, lines: list[str], says: list[str]
) -> None:
    text = HEARING if protocol == "hearing-held" else (SHAPES / f"{protocol}.toml").read_text(encoding="utf-8")
    desk.write(f"{protocol}.toml", text)
    assert [each for each in desk.play(*lines) if each.startswith("Too late")] == says


TWICE = [*ALLEGED, "2026-11-02 12:00: set 1 allegation=yes --again"]
CALLS: list[tuple[list[str], list[str]]] = [
    # a call that is named, and what is left open
    ([*TWICE, "2026-11-02 13:00: done 1 lado-referral --call 2"],
     ["Met: lado-referral, call 2, due Tue 3 Nov 12:00.", "Call 1 of lado-referral is still open, due Tue 3 Nov 09:10."]),
    ([*TWICE, "2026-11-02 13:00: agree 1 '2 Nov 2026 20:00' --action lado-referral --call 1"],
     ["That is for call 1 of lado-referral.", "Earlier: lado-referral, call 1, from Tue 3 Nov 09:10 to Mon 2 Nov 20:00."]),
    # what was done in time and is written down after the call had ended
    ([*ALLEGED, "2026-11-04 09:00: set 1 allegation=no", "2026-11-04 09:10: done 1 lado-referral --at '2 Nov 2026 12:00'"],
     ["Met after all: lado-referral, due Tue 3 Nov 09:10."]),
    ([*ALLEGED, "2026-11-04 09:00: set 1 allegation=no", "2026-11-04 09:10: done 1 lado-referral --at '3 Nov 2026 12:00'"],
     ["Met after all, late: lado-referral, due Tue 3 Nov 09:10, done Tue 3 Nov 12:00."]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "says"), CALLS)
def test_what_was_done_or_agreed_says_for_which_call(desk: Telling, lines: list[str], says: list[str]) -> None:
    assert sorted(desk.play(*lines)) == sorted(says)


WINDOW = ["2026-11-02 09:00: open window --about Thresholds", "2026-11-03 09:00: done 1 reply"]
WINDOWS: list[tuple[list[str], list[str]]] = [
    (WINDOW, ["Dated: going-up (stage 1), open until Tue 1 Dec."]),
    ([*WINDOW, "2026-12-01 09:00: advance 1"], []),
    ([*WINDOW, "2026-12-22 09:00: advance 1"], ["Used late: going-up (stage 1), open until Tue 1 Dec, done Tue 22 Dec 09:00."]),
    ([*WINDOW, "2026-12-22 09:00: advance 1", "2026-12-22 09:10: undo 1"], ["No longer there: resolve (stage 2), which had no date.", "Open again: going-up (stage 1), open until Tue 1 Dec; resolve (stage 1)."]),
    ([*WINDOW, "2026-12-22 09:00: withdraw 1"], ["Closed unused: going-up (stage 1), open until Tue 1 Dec.", "No longer called for: resolve (stage 1)."]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "says"), WINDOWS)
def test_a_window_used_late_or_closed_unused_is_said_at_once(desk: Telling, lines: list[str], says: list[str]) -> None:
    desk.write("window.toml", (SHAPES / "window.toml").read_text(encoding="utf-8"))
    assert [each for each in desk.play(*lines) if not each.startswith("Now at")] == says


def test_a_move_to_another_edition_says_what_it_moves_before_it_asks(desk: Telling) -> None:
    newer = HULL.replace('dated = "2025-06"', 'dated = "2026-06"').replace('key = "discussion"', 'key = "talk"')
    desk.write("newer.toml", newer)
    desk.line("2026-11-02 09:00: open hull-east-riding@2025-06 --about Thresholds")
    said = desk.line("2026-11-04 09:00: protocol adopt 1 --dry-run").stdout
    before_due = said.partition("E0001: moved")[0]
    assert "Missed, and no longer called for: discussion (stage 1), due Tue 3 Nov 09:00." in before_due
    assert "Called for, and overdue already: talk (stage 1), due Tue 3 Nov 09:00." in before_due
    assert said.count("Missed, and") == 1
    kinds = {
        each["action"]: each["kind"]
        for each in desk.json("2026-11-04 09:00", "protocol", "adopt", "1", "--yes")["changes"]
    }
    assert kinds == {"discussion": "missed", "talk": "new"}
