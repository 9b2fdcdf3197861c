"""New editions of a protocol, moving a case to one, and files that extend another."""

import json
from datetime import date
from pathlib import Path

import pytest

from escalate.storage.files.protocols import digest_of, shipped_folder
from escalate.storage.store import open_store
from tests.calendars import at, shown
from tests.connections import connection_of
from tests.driver import Desk
from tests.promises.test_tampering import past_the_guards

HULL = (shipped_folder() / "hull-east-riding.toml").read_text(encoding="utf-8")
NEWER = HULL.replace('dated = "2025-06"', 'dated = "2026-06"').replace('within = "24 hours"', 'within = "48 hours"')
NOW = "2026-07-06 10:00"


class Adopting(Desk):
    """Where editions of protocols come and go."""

    def due(self, now: str, action: str) -> str | None:
        found = next(each for each in self.json(now, "due") if each["action"] == action)
        return shown(found["due_at"] and at(found["due_at"]))


@pytest.fixture
def office(tmp_path: Path) -> Adopting:
    office = Adopting(tmp_path)
    office.write("hull 2026.toml", NEWER)
    return office


def test_a_new_case_comes_under_the_edition_in_force_when_it_is_raised(office: Adopting) -> None:
    raised = {
        when: office.json(NOW, "open", "hull-east-riding", "--about", "Thresholds", "--at", when)["edition"]
        for when in ("2024-01-05 10:00", "2026-05-29 10:00", "2026-05-31 23:59", "2026-06-01 00:00", NOW)
    }
    assert list(raised.values()) == ["2025-06", "2025-06", "2025-06", "2026-06", "2026-06"]
    chosen = office.json(NOW, "open", "hull-east-riding@2025-06", "--about", "Thresholds", "--at", NOW)
    assert chosen["edition"] == "2025-06"
    editions = [each["edition"] for each in office.json(NOW, "protocol", "list") if each["id"] == "hull-east-riding"]
    assert editions == ["2025-06", "2026-06"]
    assert office.json("2026-05-04 10:00", "protocol", "show", "hull-east-riding")["edition"]["dated"] == "2025-06"
    assert office.json(NOW, "plan", "hull-east-riding", "--at", NOW)["edition"] == "2026-06"


def test_an_edition_may_come_into_force_later_than_its_date(office: Adopting) -> None:
    office.write("hull 2026.toml", NEWER.replace('dated = "2026-06"', 'dated = "2026-06"\nin_force = "2026-09-01"'))
    assert office.json(NOW, "open", "hull-east-riding", "--about", "Thresholds")["edition"] == "2025-06"
    assert office.json("2026-09-01 00:00", "open", "hull-east-riding", "--about", "Thresholds")["edition"] == "2026-06"


@pytest.mark.file_only("opens the file by itself")
def test_an_open_case_keeps_its_edition_until_it_is_moved(office: Adopting) -> None:
    office.json("2026-05-29 10:00", "open", "hull-east-riding", "--about", "Thresholds")
    office.json(NOW, "advance", "1", "--at", "2026-05-29 12:00")
    before = office.json(NOW, "show", "1")
    assert (before["edition"], office.due(NOW, "response")) == ("2025-06", "2026-05-30 12:00")
    preview = office.json("2026-07-06 10:01", "protocol", "adopt", "1", "--dry-run")
    assert office.json(NOW, "show", "1") == before
    after = office.json("2026-07-06 10:01", "protocol", "adopt", "1", "--yes", "--reason", "Both sides asked for it")
    assert (preview.pop("dry_run"), after.pop("dry_run")) == (True, False)
    assert {key: value for key, value in preview.items() if key != "history"} == {
        key: value for key, value in after.items() if key != "history"
    }
    assert (after["edition"], office.due(NOW, "response")) == ("2026-06", "2026-05-31 12:00")
    entry = after["history"][-1]
    assert (entry["kind"], entry["text"], entry["data"]["from"]) == ("adopted", "Both sides asked for it", "2025-06")
    moved = {(each["stage"], each["action"]): each["becomes"] for each in entry["data"]["moved"]}
    assert moved["2", "response"] == "2026-05-31T11:00:00Z"
    met = next(each for each in after["deadlines"] if (each["stage"], each["action"]) == ("1", "resolve"))
    assert met == next(each for each in before["deadlines"] if (each["stage"], each["action"]) == ("1", "resolve"))
    assert shown(at(met["due_at"])) == "2026-05-30 10:00"

    page = office.run("2026-07-06 10:02", "show", "1").stdout
    assert "Moved from edition 2025-06 to edition 2026-06: " in page
    assert office.json("2026-07-06 10:02", "show", "1", "--as-of", "2026-07-06T09:59:59+01:00")["edition"] == "2025-06"
    office.json("2026-07-06 10:03", "undo", "1")
    assert office.due("2026-07-06 10:03", "response") == "2026-05-30 12:00"
    with open_store(office.path) as file:
        kept = file.derived.rows()
        with file.writing():
            file.derived.rebuild()
        assert file.derived.rows() == kept


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("1", "2026-06"), 1, "Nobody is at a terminal to answer: add --yes"),
        (("1", "2025-06", "--yes"), 1, "E0001 is under the 2025-06 edition of hull-east-riding already."),
        (("1", "2031", "--yes"), 1, 'There is no edition "2031" of hull-east-riding.'),
        (("9", "--yes"), 1, 'There is no case "9".'),
    ],
)
def test_what_a_case_cannot_be_moved_to_is_said(
    office: Adopting, arguments: tuple[str, ...], status: int, says: str
) -> None:
    office.json("2026-05-29 10:00", "open", "hull-east-riding", "--about", "Thresholds")
    before = office.path.read_bytes()
    ran = office.run(NOW, "protocol", "adopt", *arguments)
    assert (ran.status, says in ran.stderr) == (status, True), ran.stderr
    assert office.path.read_bytes() == before


def test_a_case_stays_where_the_new_edition_has_no_such_stage(office: Adopting) -> None:
    office.json("2026-05-29 10:00", "open", "hull-east-riding", "--about", "Thresholds", "--stage", "4")
    gone = NEWER.replace('key = "4"', 'key = "4a"').replace('next = ["4"]', 'next = ["4a"]')
    office.write("hull 2026.toml", gone)
    ran = office.run(NOW, "protocol", "adopt", "1", "--yes")
    assert (ran.status, "has no stage 4 on the main route, where E0001 has been" in ran.stderr) == (1, True), ran.stderr


BASE = """
id = "pan-area"
title = "Resolution procedure"
partnership = "Three partnerships"
covers = ["children"]
source = "made up"

[edition]
dated = "2026-01"

[calendar]
name = "england-and-wales"

[[routes]]
key = "main"
name = "Main"
starts = "1"

[[stages]]
key = "1"
name = "Manager to manager"
owner = "Manager"
next = ["2"]
cite = "1"

  [[stages.actions]]
  key = "resolve"
  name = "Settle it"
  ends_stage = true

    [[stages.actions.timescales]]
    within = "5 working days"
    from = "stage"
    cite = "1.1"

  [[stages.actions]]
  key = "form"
  name = "Send the form"

[[stages]]
key = "2"
name = "Directors"
owner = "Director"
next = []
cite = "2"
"""
OWN = """
extends = "pan-area"
id = "north"
partnership = "North"

[edition]
agreed = "2026-02"

[[stages]]
key = "1"
owner = "Team manager"

  [[stages.actions]]
  key = "form"
  remove = true

  [[stages.actions]]
  key = "resolve"

    [[stages.actions.timescales]]
    within = "3 working days"
    from = "stage"
    cite = "North 1.1"

  [[stages.actions]]
  key = "call"
  name = "Call the other side"
"""


def test_a_file_takes_another_and_goes_over_it(office: Adopting) -> None:
    office.write("pan-area.toml", BASE)
    office.write("north.toml", OWN)
    ran = office.run(NOW, "protocol", "check", str(office.protocols / "north.toml"))
    assert (ran.status, ran.stderr) == (0, "")
    tree = office.json(NOW, "protocol", "show", "north")
    assert (tree["id"], tree["title"], tree["partnership"]) == ("north", "Resolution procedure", "North")
    assert (tree["edition"]["dated"], tree["edition"]["agreed"]) == ("2026-01", "2026-02")
    first, second = tree["stages"]
    assert (first["name"], first["owner"], second["name"]) == ("Manager to manager", "Team manager", "Directors")
    assert [action["key"] for action in first["actions"]] == ["resolve", "call"]
    assert [each["within"] for each in first["actions"][0]["timescales"]] == ["3 working days"]


@pytest.mark.file_only("opens the file by itself")
def test_a_case_keeps_the_text_of_every_file_it_was_opened_under(office: Adopting) -> None:
    office.write("pan-area.toml", BASE)
    office.write("north.toml", OWN)
    office.json(NOW, "open", "north", "--about", "Thresholds")
    office.write("pan-area.toml", BASE.replace("5 working days", "9 working days").replace("Directors", "Chiefs"))
    (office.protocols / "north.toml").unlink()
    assert office.due(NOW, "resolve") == "2026-07-09 23:59:59"
    assert (
        "2  Directors"
        in " ".join(office.run(NOW, "show", "1").stdout.split("\n")[12:]).replace("   ", "  ").replace("      ", "  ")
        or "Directors" in office.run(NOW, "show", "1").stdout
    )
    with open_store(office.path) as file:
        kept = connection_of(file).execute("SELECT text, bases FROM edition").fetchone()
    assert (kept["text"], json.loads(kept["bases"])) == (OWN, [BASE])


@pytest.mark.parametrize(
    ("own", "says"),
    [
        (OWN.replace('"pan-area"', '"pan-aria"'), 'there is no protocol "pan-aria"; there is pan-area'),
        (OWN.replace('"pan-area"', '"../nowhere.toml"'), 'there is no file "../nowhere.toml" beside it'),
        (OWN.replace('"pan-area"', '"north.toml"'), 'extends: "north.toml" comes back to a file that extends it'),
        (OWN.replace('"pan-area"', "7"), "extends: should name a protocol or a file in quotes"),
        (
            OWN.replace('key = "form"', 'key = "fax"'),
            'north.toml: stage 1, action fax, remove, line 15: there is no "fax" to take away',
        ),
        (
            OWN.replace('within = "3 working days"', ""),
            "north.toml: stage 1, action resolve, within, line 20: is missing",
        ),
    ],
)
def test_what_a_file_that_extends_another_gets_wrong_is_said(office: Adopting, own: str, says: str) -> None:
    office.write("pan-area.toml", BASE)
    office.write("north.toml", own)
    ran = office.run(NOW, "protocol", "check", str(office.protocols / "north.toml"))
    assert (ran.status, says in ran.stderr, "Traceback" in ran.stderr) == (1, True, False), ran.stderr


@pytest.mark.file_only("opens the file by itself")
def test_a_protocols_own_calendar_follows_its_nations(office: Adopting) -> None:
    own = BASE.replace(
        'name = "england-and-wales"',
        'name = "england-and-wales"\nclosures = [{ on = 2026-07-08, name = "Moving house" }]',
    )
    office.write("pan-area.toml", own)
    office.json(NOW, "open", "pan-area", "--about", "Thresholds")
    assert office.due(NOW, "resolve") == "2026-07-14 23:59:59"
    office.json("2026-07-06 10:05", "calendar", "add", "9 July 2026", "--reason", "Flood", "--yes")
    assert office.due("2026-07-06 10:06", "resolve") == "2026-07-15 23:59:59"
    office.json(
        "2026-07-06 10:07",
        "calendar",
        "add",
        "10 July 2026",
        "--reason",
        "Moved again",
        "--calendar",
        "pan-area",
        "--yes",
    )
    assert office.due("2026-07-06 10:08", "resolve") == "2026-07-16 23:59:59"
    proof = office.run("2026-07-06 10:08", "explain", "1", "resolve").stdout
    assert [reason for reason in ("Moving house", "Flood", "Moved again") if f"skipped: {reason}" in proof] == [
        "Moving house",
        "Flood",
        "Moved again",
    ]
    assert office.json("2026-07-06 10:08", "calc", "2026-07-06 10:00", "5 working days")["due_on"] == "2026-07-14"
    with open_store(office.path) as file:
        kept = file.derived.rows()
        with file.writing():
            file.derived.rebuild()
        assert file.derived.rows() == kept
        calendar = file.calendar(file.lists.cases()[0].calendar)
        assert calendar is not None
        days = [date(2026, 7, day) for day in (8, 9, 10)]
        known = [calendar.as_known(at(f"2026-07-06 10:0{minute}")) for minute in (0, 6, 8)]
        assert [[each.is_working_day(day) for day in days] for each in known] == [
            [False, True, True],
            [False, False, True],
            [False, False, False],
        ]
    later = office.json("2026-07-06 10:09", "open", "pan-area", "--about", "Thresholds")
    assert later["deadlines"][0]["due_at"] == "2026-07-16T23:59:59+01:00"


def test_what_hangs_on_a_moment_being_unknown_is_owed_from_the_start(office: Adopting) -> None:
    """Until it is known, and again once it is not: nothing has to be typed for it first."""
    asks = """
[[moments]]
key = "hearing"
ask = "When is the hearing?"

[[standing_actions]]
key = "find-out"
name = "Find out when the hearing is"
when = "hearing is unknown"

[[standing_actions]]
key = "bundle"
name = "File the bundle"
when = "hearing is not unknown"
"""
    office.write("pan-area.toml", BASE + asks)
    office.json(NOW, "open", "pan-area", "--about", "Thresholds")
    owed = {each["action"] for each in office.json(NOW, "due")}
    assert owed == {"find-out", "resolve", "form"}
    office.json(NOW, "set", "1", "hearing=3 August 2026")
    assert {each["action"] for each in office.json(NOW, "due")} == {"bundle", "resolve", "form"}
    office.json(NOW, "set", "1", "hearing=unknown")
    assert {each["action"] for each in office.json(NOW, "due")} == {"find-out", "resolve", "form"}


def test_what_is_called_for_again_is_owed_again(office: Adopting) -> None:
    """A hazard is graded as an emergency, made safe, graded down, and then up again: there are new 24 hours."""
    graded = """
[[facts]]
key = "grade"
ask = "How grave is it?"
answers = ["emergency", "significant"]
"""
    action = """
  [[stages.actions]]
  key = "made-safe"
  name = "Make it safe"
  when = "grade is emergency"

    [[stages.actions.timescales]]
    within = "24 hours"
    from = "known"
    cite = "1.2"

[[stages]]
key = "2"
"""
    text = BASE.replace('[[stages]]\nkey = "2"\n', action.lstrip("\n")).replace("[[routes]]", f"{graded}\n[[routes]]")
    office.write("pan-area.toml", text)
    office.json("2026-07-06 10:00", "open", "pan-area", "--about", "Thresholds", "--fact", "grade=emergency")
    assert office.due("2026-07-06 10:00", "made-safe") == "2026-07-07 10:00"
    office.json("2026-07-06 15:00", "done", "1", "made-safe")
    office.json("2026-07-06 16:00", "set", "1", "grade=significant")
    assert "made-safe" not in {each["action"] for each in office.json("2026-07-06 16:00", "due")}
    office.json("2026-07-08 09:00", "set", "1", "grade=emergency")
    assert office.due("2026-07-08 09:00", "made-safe") == "2026-07-09 09:00"
    office.json("2026-07-08 12:00", "done", "1", "made-safe")
    assert "made-safe" not in {each["action"] for each in office.json("2026-07-08 12:00", "due")}


def test_a_file_extends_the_newest_edition_or_the_one_it_names(office: Adopting) -> None:
    """Whatever the files are called."""
    office.write("pan-area.toml", BASE)
    office.write("later.toml", BASE.replace("2026-01", "2026-05").replace("Directors", "Chiefs"))
    office.write("north.toml", OWN)
    assert office.json(NOW, "protocol", "show", "north")["stages"][1]["name"] == "Chiefs"
    office.write("north.toml", OWN.replace('"pan-area"', '"pan-area@2026-01"'))
    assert office.json(NOW, "protocol", "show", "north")["stages"][1]["name"] == "Directors"


@pytest.mark.file_only("opens the file by itself")
def test_a_case_goes_on_under_a_text_that_would_be_refused_today(office: Adopting) -> None:
    """What is checked may grow; what was kept is kept."""
    office.write("pan-area.toml", BASE)
    office.json(NOW, "open", "pan-area", "--about", "Thresholds")
    odd = BASE.replace('dated = "2026-01"', 'dated = "2026-13"')
    with past_the_guards(office.path) as db:
        db.execute("UPDATE edition SET text = ?, digest = ?", [odd, digest_of(odd, ())])
        data = json.loads(db.execute("SELECT data FROM entry").fetchone()[0]) | {"edition_digest": digest_of(odd, ())}
        db.execute("UPDATE entry SET data = ?", [json.dumps(data)])
    assert office.due(NOW, "resolve") == "2026-07-13 23:59:59"
    assert office.run(NOW, "advance", "1").status == 0
    assert office.run(NOW, "show", "1").status == 0
