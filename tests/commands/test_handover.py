"""Handing over all that somebody holds: every case that goes on, whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.driver import CopyOf, Office
from tests.mail_server import Box, mail_server

run = Office(now="2026-11-24T10:00")
did = run.did


@pytest.fixture
def desk(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(jo_bells, tmp_path)


def jo_bells(folder: Path) -> None:
    """Jo Bell holds sides of cases 1 and 2, which are open, of 3, where something is still to do, and of 4, which is over; another one of 2."""
    for number in range(1, 5):
        did(
            folder,
            "open",
            "herefordshire",
            "--subject",
            f"M-{number}",
            "--from",
            "School",
            "--to",
            "Council",
            now="2026-11-20T09:00",
        )
        did(
            folder,
            "assign",
            str(number),
            "receiving",
            "Jo  bell",
            "--role",
            f"Manager {number}",
            now="2026-11-20T10:00",
        )
    did(folder, "assign", "2", "raising", "Cy Keeper", "--email", "cy@school.example", now="2026-11-20T10:00")
    did(folder, "resolve", "3", "--how", "Agreed", now="2026-11-23T10:00")
    did(folder, "withdraw", "4", "--reason", "Moved away", now="2026-11-23T10:00")


def holders(folder: Path, case: str) -> list[tuple[Any, ...]]:
    """Who holds each side at last."""
    found = json.loads(did(folder, "show", case, "--identify", "--json"))["holders"]
    last = {each["side"]: (each["side"], each["name"], each["role"], each["email"]) for each in found}
    return sorted(last.values())


def test_all_that_somebody_holds_in_open_cases_is_handed_over(desk: Path) -> None:
    said = did(desk, "assign", "--everything-of", "JO Bell", "--to", "Sam Hart", "--email", "sam@council.example")
    assert said.splitlines() == [
        "E0001: receiving: Sam Hart, Manager 1",
        "E0002: receiving: Sam Hart, Manager 2",
        "E0003: receiving: Sam Hart, Manager 3",
        "3 sides handed over. escalate undo takes it back, a case at a time.",
    ]
    assert holders(desk, "1") == [("receiving", "Sam Hart", "Manager 1", "sam@council.example")]
    assert holders(desk, "2") == [
        ("raising", "Cy Keeper", None, "cy@school.example"),
        ("receiving", "Sam Hart", "Manager 2", "sam@council.example"),
    ]
    assert holders(desk, "3") == [("receiving", "Sam Hart", "Manager 3", "sam@council.example")]
    assert holders(desk, "4") == [("receiving", "Jo bell", "Manager 4", None)]
    assert did(desk, "due", "--owner", "Jo Bell") == did(desk, "due", "--owner", "nobody at all")
    did(desk, "undo", "1")
    assert holders(desk, "1") == [("receiving", "Jo bell", "Manager 1", None)]


def test_an_address_says_who_as_well_and_a_role_takes_the_place_of_all(desk: Path) -> None:
    did(desk, "assign", "--everything-of", "cy@school.example", "--to", "Sam Hart", "--role", "Head")
    assert holders(desk, "2")[0] == ("raising", "Sam Hart", "Head", None)


def test_a_dry_run_writes_nothing_and_json_names_nobody(desk: Path) -> None:
    before = (desk / "cases.db").read_bytes()
    ran = run(desk, "assign", "--everything-of", "Jo Bell", "--to", "Sam Hart", "--dry-run", "--json")
    assert json.loads(ran.stdout) == {
        "held": [
            {"case": "E0001", "side": "receiving", "role": "Manager 1", "from": None, "until": None},
            {"case": "E0002", "side": "receiving", "role": "Manager 2", "from": None, "until": None},
            {"case": "E0003", "side": "receiving", "role": "Manager 3", "from": None, "until": None},
        ],
        "dry_run": True,
    }
    assert did(desk, "assign", "--everything-of", "Jo Bell", "--to", "Sam Hart", "--dry-run").endswith(
        "Nothing was recorded: 3 sides would be handed over.\n"
    )
    assert (desk / "cases.db").read_bytes() == before


AWAY = ("--everything-of", "Jo Bell", "--to", "Sam Hart")
"""Jo Bell's are to be handed over to Sam Hart."""

REFUSED = [
    (("--everything-of", "Jo Bell"), 2, "say --everything-of NAME and --to NAME"),
    (("--to", "Jo Bell"), 2, "say --everything-of NAME and --to NAME"),
    (("1", "--everything-of", "Jo Bell", "--to", "Sam Hart"), 2, "and no case, side or stage"),
    (("--everything-of", "Jo Bell", "--to", "Sam Hart", "--stage", "1"), 2, "and no case, side or stage"),
    (
        ("--everything-of", "Nobody", "--to", "Sam Hart"),
        1,
        'Nobody called "Nobody" holds a side of a case that goes on',
    ),
    (("--everything-of", "Jo Bell", "--to", "Sam Hart", "--email", "sam"), 2, "--email is not an address"),
    (("1",), 2, "Say which case, which side and who"),
    ((), 2, "Say which case, which side and who"),
    (
        (*AWAY, "--from", "22 Dec 2026", "--until", "21 Dec 2026"),
        2,
        "--until (Monday 21 December 2026) is before --from (Tuesday 22",
    ),
    ((*AWAY, "--until", "23 Nov 2026"), 2, "--until (Monday 23 November 2026) is before --from (Tuesday 24"),
    ((*AWAY, "--from", "16 Nov 2026", "--until", "23 Nov 2026"), 1, "Monday 23 November 2026 is over"),
    ((*AWAY, "--until", "4 Jan 2027 14:00"), 2, "--until takes a day without a time of day"),
    ((*AWAY, "--from", "noon"), 2, "--from takes a day without a time of day"),
    ((*AWAY, "--until", "30 Feb"), 2, '"30 Feb" cannot be read'),
    (("1", "receiving", "X", "--from", "9 Dec 2026", "--until", "8 Dec 2026"), 2, "is before --from"),
    (("--from", "9 Dec 2026"), 2, "Say which case, which side and who"),
]


@pytest.mark.parametrize(("words", "status", "says"), REFUSED)
def test_what_cannot_be_handed_over_is_refused(desk: Path, words: tuple[str, ...], status: int, says: str) -> None:
    before = (desk / "cases.db").read_bytes()
    ran = run(desk, "assign", *words)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1), ran
    assert says in ran.stderr
    assert (desk / "cases.db").read_bytes() == before


def test_where_one_case_cannot_have_it_none_has(desk: Path) -> None:
    """At a time before the second case was raised, but not the first."""
    did(
        desk, "open", "herefordshire", "--subject", "M-5", "--from", "School", "--to", "Council", now="2026-11-23T09:00"
    )
    did(desk, "assign", "5", "receiving", "Jo Bell", now="2026-11-23T10:00")
    ran = run(desk, "assign", "--everything-of", "Jo Bell", "--to", "Sam Hart", "--at", "21 Nov 2026 09:00")
    assert ran.status == 1
    assert holders(desk, "1") == [("receiving", "Jo bell", "Manager 1", None)]


# -- while somebody is away

CHRISTMAS = ("--from", "21 Dec 2026", "--until", "4 Jan 2027")
DAY_BY_DAY = ["2026-12-18", "2026-12-21", "2027-01-04", "2027-01-05"]
"""The working day before, the first and the last day, and the day after."""


def held(folder: Path, case: str, *days: str) -> list[str | None]:
    """Who holds the receiving side on each of these days, by what is due."""
    found = [json.loads(did(folder, "due", "--identify", "--json", now=f"{day}T08:00")) for day in days]
    return [_receiving(lines, case) for lines in found]


def _receiving(lines: list[dict[str, Any]], case: str) -> str | None:
    said = [[h["name"] for h in each["holders"] if h["side"] == "receiving"] for each in lines if each["case"] == case]
    assert all(names == said[0] for names in said)
    return ", ".join(said[0])


def test_somebody_stands_in_while_another_is_away_and_then_it_comes_back_by_itself(desk: Path) -> None:
    assert did(desk, "assign", *AWAY, *CHRISTMAS).splitlines() == [
        '"21 Dec 2026" was read as Monday 21 December 2026 00:00.',
        '"4 Jan 2027" was read as the end of Monday 4 January 2027.',
        *[f"E000{n}: receiving: Sam Hart, Manager {n}, from Mon 21 Dec 2026 until Mon 4 Jan 2027" for n in (1, 2, 3)],
        "3 sides handed over. On the day after, each goes back to whoever had it. escalate undo takes it back, a case at a time.",
    ]
    for case in ("E0001", "E0002", "E0003"):
        assert held(desk, case, *DAY_BY_DAY) == ["Jo bell", "Sam Hart", "Sam Hart", "Jo bell"]
    for now, who, others in (("2026-12-21T08:00", "Sam Hart", "Jo Bell"), ("2027-01-05T08:00", "Jo Bell", "Sam Hart")):
        owned = {each["case"] for each in json.loads(did(desk, "due", "--owner", who, "--json", now=now))}
        assert owned == {"E0001", "E0002", "E0003"}
        assert json.loads(did(desk, "due", "--owner", others, "--json", now=now)) == []


def test_it_is_said_for_whom_and_until_when_and_names_nobody_unasked(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    said = did(desk, "show", "1", "--identify", now="2026-12-22T08:00")
    assert "Council (Sam Hart, Manager 1, for Jo bell until Mon 4 Jan 2027)" in said
    said = did(desk, "show", "1", now="2026-12-22T08:00")
    assert "Council (Manager 1, from Mon 21 Dec 2026 until Mon 4 Jan 2027)" in said
    assert "Sam" not in said
    line = json.loads(did(desk, "due", "--identify", "--json", now="2026-12-22T08:00"))[0]["holders"][-1]
    assert (line["from"], line["until"], line["stands_in_for"]) == ("2026-12-21", "2027-01-04", "Jo bell")
    log = did(desk, "log", "1", "--identify")
    assert "Assigned: receiving side (stage 0), from Mon 21 Dec 2026 until Mon 4 Jan 2027" in log
    cases, deadlines = (
        did(desk, "export", "csv", "--identify", "--what", what, now="2026-12-22T08:00")
        for what in ("cases", "deadlines")
    )
    assert "Sam Hart, Manager 1, for Jo bell until Mon 4 Jan 2027" in cases
    assert "Sam Hart, Manager 1, for Jo bell until Mon 4 Jan 2027" in deadlines


def test_who_stands_in_for_a_stand_in_does_so_only_as_long_as_they_would(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    did(desk, "assign", "1", "raising", "Sam Hart")
    said = did(
        desk,
        "assign",
        "--everything-of",
        "Sam Hart",
        "--to",
        "Ann Lee",
        "--from",
        "30 Dec 2026",
        "--until",
        "8 Jan 2027",
    )
    assert [line for line in said.splitlines() if line.startswith("E0001")] == [
        "E0001: receiving: Ann Lee, Manager 1, from Wed 30 Dec 2026 until Mon 4 Jan 2027",
        "E0001: raising: Ann Lee, from Wed 30 Dec 2026 until Fri 8 Jan 2027",
    ]
    days = ["2026-12-29", "2026-12-30", "2027-01-04", "2027-01-05"]
    assert held(desk, "E0001", *days) == ["Sam Hart", "Ann Lee", "Ann Lee", "Jo bell"]


def test_plans_change_and_the_last_word_counts(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    assert run(desk, "assign", *AWAY, *CHRISTMAS).stderr == '"Sam Hart" holds all of that already.\n'
    did(desk, "assign", *AWAY, "--from", "21 Dec 2026", "--until", "8 Jan 2027")  # longer than planned
    assert held(desk, "E0001", "2027-01-08", "2027-01-11") == ["Sam Hart", "Jo bell"]
    did(desk, "assign", "--everything-of", "Jo Bell", "--to", "Jo Bell", now="2027-01-04T09:00")  # back before that
    assert held(desk, "E0001", "2027-01-04", "2027-01-08") == ["Jo Bell", "Jo Bell"]
    did(desk, "undo", "1", now="2027-01-04T09:05")
    assert held(desk, "E0001", "2027-01-04", "2027-01-11") == ["Sam Hart", "Jo bell"]


def test_whoever_leaves_while_away_or_on_a_later_day_hands_over_what_others_do_for_them(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    did(desk, "assign", "--everything-of", "Jo Bell", "--to", "Kim Roe", "--from", "1 Jan 2027")
    assert held(desk, "E0001", "2026-12-31", "2027-01-01", "2027-02-01") == ["Sam Hart", "Kim Roe", "Kim Roe"]
    did(desk, "assign", "--everything-of", "Jo Bell", "--to", "Di Other", now="2026-12-22T09:00")
    assert held(desk, "E0001", "2026-12-22", "2027-01-01") == ["Di Other", "Kim Roe"]


def test_an_assignment_for_good_ends_what_was_planned_and_says_so(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    said = did(desk, "assign", "1", "receiving", "Zed Other", now="2026-12-10T09:00")
    assert (
        "That goes for every day: whoever was to hold the receiving side from Mon 21 Dec 2026 until Mon 4 Jan 2027 (entry 3) no longer does."
        in said
    )
    assert held(desk, "E0001", "2026-12-22") == ["Zed Other"]


def test_whoever_is_given_something_while_away_is_said_to_be_away(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    opened = ("open", "herefordshire", "--subject", "M-5", "--from", "School", "--to", "Council")
    did(desk, *opened, now="2026-12-22T09:00")
    ran = run(desk, "assign", "5", "receiving", "jo BELL", now="2026-12-22T10:00")
    assert ran.stderr == (
        "They are away until Mon 4 Jan 2027: somebody stands in for them in 3 cases."
        ' To have somebody stand in here too: escalate assign 5 receiving NAME --until "4 Jan 2027"\n'
    )
    assert run(desk, "assign", "5", "raising", "Cy Keeper", now="2026-12-22T10:00").stderr == ""
    did(desk, "assign", "5", "receiving", "Sam Hart", "--until", "4 Jan 2027", now="2026-12-22T10:05")
    assert held(desk, "E0005", "2026-12-22", "2027-01-05") == ["Sam Hart", "jo BELL"]
    ran = run(desk, "assign", "--everything-of", "Cy Keeper", "--to", "Jo Bell", now="2026-12-23T10:00")
    assert ran.stderr.startswith("They are away until Mon 4 Jan 2027")


def test_a_stage_entered_meanwhile_goes_on_with_the_stand_in_and_what_an_earlier_one_owes_is_handed_over_too(
    desk: Path,
) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    did(desk, "advance", "1", "--because", "no-response", now="2026-12-22T09:00")
    assert held(desk, "E0001", "2026-12-23", "2027-01-05") == ["Sam Hart", "Jo bell"]
    did(desk, "assign", "1", "receiving", "Zed Other", now="2026-12-22T10:00")
    lines = [
        each
        for each in json.loads(did(desk, "due", "--identify", "--json", now="2026-12-23T09:00"))
        if each["case"] == "E0001"
    ]
    assert {(each["stage"], each["holders"][0]["name"]) for each in lines} >= {("1", "Zed Other")}


def test_what_an_earlier_stage_still_owes_is_handed_over_though_somebody_else_holds_the_stage_it_is_at(
    tmp_path: Path,
) -> None:
    did(tmp_path, "open", "hull-east-riding", "--from", "Trust", "--to", "Council")
    did(tmp_path, "assign", "1", "receiving", "Jo Bell")
    did(tmp_path, "advance", "1", now="2026-11-25T09:00")
    did(tmp_path, "assign", "1", "receiving", "Kim Roe", now="2026-11-25T09:05")
    for extra, day in (CHRISTMAS, "2026-12-22"), ((), "2026-11-26"):
        did(tmp_path, "assign", *AWAY, *extra, now="2026-11-25T10:00")
        lines = json.loads(did(tmp_path, "due", "--identify", "--json", now=f"{day}T08:00"))
        assert {(each["stage"], each["holders"][0]["name"]) for each in lines} == {("1", "Sam Hart"), ("2", "Kim Roe")}


def test_as_of_an_earlier_day_it_is_as_was_known_and_held_then(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS, now="2026-12-22T09:00")
    for moment, who in (("2026-12-21 12:00", "Jo bell"), ("2026-12-22 12:00", "Sam Hart")):
        lines = json.loads(did(desk, "due", "--identify", "--json", "--as-of", moment, now="2027-01-10T09:00"))
        assert _receiving(lines, "E0001") == who


def test_each_is_told_in_the_digest_of_the_day_on_which_it_begins_and_of_the_day_after_it_ends(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    begins = "E0001 (M-1): somebody stands in on the receiving side from Mon 21 Dec 2026 until Mon 4 Jan 2027"
    over = "E0001 (M-1): the receiving side is back with whoever held it before: Mon 4 Jan 2027 was the last day of the stand-in"
    for who in ("Jo Bell", "Sam Hart"):
        told = {day: did(desk, "digest", "--owner", who, now=f"{day}T08:00") for day in (*DAY_BY_DAY, "2027-01-06")}
        assert {day: (begins in said, over in said) for day, said in told.items()} == {
            "2026-12-18": (False, False), "2026-12-21": (True, False), "2027-01-04": (False, False), "2027-01-05": (False, True),
            "2027-01-06": (False, False),
        }, who  # fmt: skip
    everybody = json.loads(did(desk, "digest", "--format", "json", "--since", "2026-12-20", now="2026-12-21T08:00"))
    assert everybody["changed"]["takeovers"][0] == {
        "case": "E0001", "side": "receiving", "from": "2026-12-21", "until": "2027-01-04", "is_over": False
    }  # fmt: skip


def test_what_is_kept_ready_is_what_the_history_comes_to(desk: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    did(desk, "verify")
    did(desk, "withdraw", "1", "--reason", "Moved away")
    did(desk, "erase", "1", "--yes", "--reason", "Asked for")
    did(desk, "verify")
    said = did(desk, "show", "1", "--identify", now="2026-12-22T09:00")
    assert "erased Tuesday 24 November 2026, from Mon 21 Dec 2026 until Mon 4 Jan 2027" in said
    assert "Sam" not in said


@pytest.mark.file_only("takes a file over from an export")
def test_the_days_go_with_a_case_into_another_file(desk: Path, tmp_path: Path) -> None:
    did(desk, "assign", *AWAY, *CHRISTMAS)
    (tmp_path / "all.json").write_text(did(desk, "export", "json", "--identify"))
    other = tmp_path / "other"
    other.mkdir()
    did(other, "import", str(tmp_path / "all.json"), "--write")
    assert held(other, "E0001", *DAY_BY_DAY) == ["Jo bell", "Sam Hart", "Sam Hart", "Jo bell"]


# -- by e-mail

MAILING = Office(now="2026-11-24T10:00", environment={"ESCALATE_CONFIG": "{home}/config.toml"})


def letters(folder: Path, *words: str, now: str) -> dict[str, str]:
    """What each reader is sent, by address."""
    box = Box()
    with mail_server(box) as port:
        (folder / "config.toml").write_text(
            f'[mail]\nserver = "localhost"\nport = {port}\nfrom = "escalate@partnership.example"\ntimeout = 3\nsecurity = "none"\nassigned = true\n',
            encoding="utf-8",
        )
        MAILING.did(folder, "digest", "--mail", *words, now=now)
    found = {}
    for reader, letter in zip(box.readers, (each for _, each in box.letters), strict=True):
        body = letter.get_body(("plain",))
        assert body is not None
        found[reader] = body.get_content()
    return found


def test_by_e_mail_each_gets_what_they_hold_that_day_and_is_told_when_it_changes(desk: Path) -> None:
    did(desk, "assign", "1", "receiving", "Jo Bell", "--email", "jo@council.example")
    did(desk, "assign", *AWAY, *CHRISTMAS, "--email", "sam@council.example")
    began, over = "somebody stands in on the receiving side", "the receiving side is back with whoever held it before"

    def told(day: str) -> dict[str, tuple[bool, bool, bool]]:
        sent = letters(desk, now=f"{day}T08:00")
        return {
            reader.split("@")[0]: ("Resolve, or go up to stage 1" in text, began in text, over in text)
            for reader, text in sent.items()
            if reader.endswith("@council.example")
        }

    assert told("2026-12-18") == {"jo": (True, False, False)}
    assert told("2026-12-21") == {"jo": (False, True, False), "sam": (True, True, False)}
    assert told("2026-12-22") == {"sam": (True, False, False)}
    assert told("2027-01-05") == {"jo": (True, False, True), "sam": (False, False, True)}
    assert told("2027-01-06") == {"jo": (True, False, False)}


def test_whoever_is_to_stand_in_is_told_within_the_day(desk: Path) -> None:
    letters(desk, "--alerts", now="2026-11-24T10:00")
    did(desk, "assign", *AWAY, *CHRISTMAS, "--email", "sam@council.example", now="2026-11-24T11:00")
    sent = letters(desk, "--alerts", now="2026-11-24T11:15")
    assert {reader for reader, text in sent.items() if "Newly assigned" in text} == {"sam@council.example"}
    assert letters(desk, "--alerts", now="2026-11-24T11:30") == {}
