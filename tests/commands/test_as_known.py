"""An earlier day is looked at with what was known then: the entries, the calendar, the edition, the verdicts and the settings (rule C22)."""

from pathlib import Path

import pytest

from escalate.storage.files.protocols import shipped_folder
from tests.driver import CopyOf, Desk
from tests.sizes import size

HULL = (shipped_folder() / "hull-east-riding.toml").read_text(encoding="utf-8")
NEWER = HULL.replace('dated = "2025-06"', 'dated = "2026-11"').replace('within = "24 hours"', 'within = "48 hours"')


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def standing(desk: Desk, now: str, action: str, *as_of: str) -> str:
    """How an action stands in the list of what is due."""
    found: str = next(each["standing"] for each in desk.json(now, "due", *as_of) if each["action"] == action)
    return found


# -- the calendar


@pytest.fixture
def closed_for_a_while(copy_of: CopyOf, desk: Desk) -> Desk:
    """Closed Monday 30 November to Thursday 3 December, said on 25 November and taken back on the 27th."""
    copy_of(_closed, desk.folder)
    return desk


def _closed(folder: Path) -> None:
    desk = Desk(folder)
    assert desk.run("2026-11-20T10:00", "open", "herefordshire", "--subject", "M-1").status == 0
    assert desk.run("2026-11-20T11:00", "agree", "1", "4 Dec 2026").status == 0
    closing = ("calendar", "add", "30 Nov 2026", "3 Dec 2026", "--reason", "Flood", "--yes")
    assert desk.run("2026-11-25T10:00", *closing).status == 0
    opening = ("calendar", "remove", "30 Nov 2026", "3 Dec 2026", "--reason", "Dry again", "--yes")
    assert desk.run("2026-11-27T12:00", *opening).status == 0


CLOSED = [
    ("2026-11-25T09:59", "on-track", "before anybody knew of the closure"),
    ("2026-11-25T10:00", "on-track", "the next working day is Thursday"),
    ("2026-11-27T11:59", "at-risk", "the next working day is Friday 4 December"),
    ("2026-11-27T12:00", "on-track", "the next working day is Monday again"),
]


@pytest.mark.parametrize(("when", "stands", "why"), CLOSED)
def test_a_closure_that_was_taken_back_later_counts_as_long_as_it_was_known(
    closed_for_a_while: Desk, when: str, stands: str, why: str
) -> None:
    desk, now = closed_for_a_while, "2026-11-27T18:00"
    assert standing(desk, now, "resolve", "--as-of", when) == stands, why
    shown = desk.json(now, "show", "1", "--as-of", when)["deadlines"]
    assert [each["standing"] for each in shown if each["action"] == "resolve"] == [stands], why
    assert desk.json(now, "explain", "1", "--as-of", when)["standing"] == stands, why


def test_the_list_of_that_day_is_the_list_that_was_shown_then(desk: Desk) -> None:
    assert desk.run("2026-11-20T10:00", "open", "herefordshire", "--subject", "M-1").status == 0
    shown = {}
    for number, (now, line) in enumerate(CHANGES):
        assert desk.run(now, *line).status == 0, line
        if number % size(2, 1):
            continue
        shown[now] = [desk.json(now, *command) for command in LOOKS]
    for now, before in shown.items():
        assert [desk.json("2026-12-10T10:00", *command, "--as-of", now) for command in LOOKS] == before, now


CHANGES = [
    ("2026-11-20T11:00", ("calendar", "add", "23 Nov 2026", "25 Nov 2026", "--reason", "Snow", "--yes")),
    ("2026-11-23T09:00", ("set", "1", "immediate-risk=yes", "--at", "20 Nov 2026 10:30")),
    ("2026-11-23T10:00", ("calendar", "remove", "25 Nov 2026", "--reason", "Thaw", "--yes")),
    ("2026-11-25T10:00", ("advance", "1", "--at", "24 Nov 2026 10:00")),
    ("2026-11-26T10:00", ("calendar", "add", "1 Dec 2026", "--reason", "Snow", "--yes")),
    ("2026-11-27T10:00", ("undo", "1", "--entry", "1", "--at", "19 Nov 2026 10:00")),
    ("2026-12-01T10:00", ("calendar", "remove", "1 Dec 2026", "--reason", "Open after all", "--yes")),
    ("2026-12-02T10:00", ("resolve", "1")),
]
LOOKS = [
    ("due",),
    ("list",),
    ("show", "1"),
    ("log", "1"),
    ("explain", "1", "resolve"),
    ("report", "--quarter", "2026/27 Q3"),
]


# -- verdicts and the edition


def test_a_verdict_that_a_change_of_the_calendar_kept_is_not_known_before_the_change(desk: Desk) -> None:
    assert desk.run("2026-11-20T10:00", "open", "herefordshire", "--subject", "M-1").status == 0
    assert desk.run("2026-11-24T10:00", "advance", "1").status == 0
    assert desk.run("2026-12-01T10:00", "calendar", "add", "23 Nov 2026", "--reason", "Snow", "--yes").status == 0
    after, before = (
        desk.run("2026-12-02T10:00", "explain", "1", "resolve", "--stage", "0", *more).stdout
        for more in ((), ("--as-of", "2026-11-30"))
    )
    assert "keeps that verdict" in after
    assert "keeps that verdict" not in before


def test_the_edition_is_the_one_the_case_was_kept_under_then(desk: Desk) -> None:
    desk.json("2026-10-30T10:00", "open", "hull-east-riding", "--subject", "M-1")
    desk.write("hull 2026.toml", NEWER)
    then = desk.json("2026-11-02T10:00", "due")
    desk.json("2026-11-03T10:00", "protocol", "adopt", "1", "--yes")
    now = "2026-11-04T10:00"
    editions = {
        when: {
            desk.json(now, "show", "1", "--as-of", when)["edition"],
            *(each["edition"] for each in desk.json(now, "list", "--as-of", when)),
        }
        for when in ("2026-11-03T09:59", "2026-11-03T10:00")
    }
    assert editions == {"2026-11-03T09:59": {"2025-06"}, "2026-11-03T10:00": {"2026-11"}}
    assert desk.json(now, "due", "--as-of", "2026-11-02T10:00") == then


# -- the settings


def test_at_risk_is_as_it_was_set_when_something_was_recorded(desk: Desk) -> None:
    desk.json("2026-11-02T10:00", "open", "herefordshire", "--subject", "M-1")
    desk.json("2026-11-02T11:00", "agree", "1", "13 Nov 2026")
    settled(desk, "9 working days")
    desk.json("2026-11-03T10:00", "note", "1", "Rang them")
    settled(desk, "1 working day")
    desk.json("2026-11-05T10:00", "note", "1", "Rang them again")
    now = "2026-11-06T10:00"
    for when, stands in (
        ("2026-11-02T18:00", "on-track"),
        ("2026-11-04T10:00", "at-risk"),
        ("2026-11-05T10:00", "on-track"),
    ):
        assert standing(desk, now, "resolve", "--as-of", when) == stands, when
        assert desk.json(now, "explain", "1", "--as-of", when)["standing"] == stands, when
        said = desk.run(now, "export", "csv", "--what", "deadlines", "--as-of", when).stdout
        assert (f",{stands}," in said) is True, when


def test_a_page_says_where_at_risk_was_set_otherwise(desk: Desk) -> None:
    settled(desk, "5 working days")
    desk.json("2026-11-02T10:00", "open", "herefordshire", "--subject", "M-1")
    settled(desk, "2 working days")
    now, sentence = (
        "2026-11-06T10:00",
        "At risk is what has to be acted on within 5 working days, as it was set then; now it is 2 working days.",
    )
    for line in (("due",), ("show", "1"), ("explain", "1")):
        ran = desk.run(now, *line, "--as-of", "2026-11-03T10:00")
        assert ran.stdout.count(sentence) == 1, line
        assert sentence in desk.run(now, *line, "--as-of", "2026-11-03T10:00", "--json").stderr, line
        assert sentence not in desk.run(now, *line).stdout, line
    for line in (("list",), ("log", "1"), ("report",)):  # which show nothing that is at risk
        assert sentence not in desk.run(now, *line, "--as-of", "2026-11-03T10:00").stdout, line


def test_each_person_looks_back_with_their_own_setting(desk: Desk) -> None:
    """Colleagues share a file, and each has settings of their own: who has recorded nothing looks with today's."""
    settled(desk, "9 working days")
    desk.json("2026-11-02T10:00", "open", "herefordshire", "--subject", "M-1")
    settled(desk, "1 working day")
    line = ("due", "--as-of", "2026-11-02T12:00", "--json")
    mine, theirs = (
        desk.office(desk.path, *line, now="2026-11-06T10:00", ESCALATE_BY=by) for by in ("tests", "another")
    )
    assert ("At risk" in mine.stderr, "At risk" in theirs.stderr) == (True, False)
    assert desk.office(desk.path, "note", "1", "x", now="2026-11-06T10:00", ESCALATE_BY="another").status == 0
    assert "At risk" in desk.office(desk.path, *line, now="2026-11-06T11:00").stderr


def test_what_was_not_written_leaves_no_setting(desk: Desk) -> None:
    desk.json("2026-11-02T10:00", "open", "herefordshire", "--subject", "M-1")
    settled(desk, "9 working days")
    desk.json("2026-11-03T10:00", "note", "1", "x", "--dry-run")
    settled(desk, "1 working day")
    assert desk.run("2026-11-06T10:00", "due", "--as-of", "2026-11-04", "--json").stderr.count("At risk") == 0


def test_working_hours_are_those_that_the_calendar_began_with(desk: Desk) -> None:
    desk.json("2026-11-02T10:00", "open", "hull-east-riding", "--subject", "M-1")
    before = desk.json("2026-11-02T10:00", "due")
    (desk.folder / "settings.toml").write_text('working_hours = "10:00 to 11:00"\n', encoding="utf-8")
    ran = desk.office.json(
        desk.path,
        "due",
        "--as-of",
        "2026-11-02T10:00",
        now="2026-11-06T10:00",
        ESCALATE_CONFIG=str(desk.folder / "settings.toml"),
    )
    assert ran == before


def settled(desk: Desk, at_risk: str) -> None:
    """Sets how near a deadline is at risk, as the settings file of that folder has it."""
    folder = desk.folder / ".config" / "escalate"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(f'at_risk = "{at_risk}"\n', encoding="utf-8")
