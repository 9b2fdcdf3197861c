"""The calendar that people subscribe to: where an office day shows it, without what nobody outside may know, and the same bytes while no date changes."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from icalendar import Calendar

from tests.driver import CopyOf, Office

run = Office(now="2026-11-24T10:00", environment={"ESCALATE_CONFIG": "{home}/config.toml"})
did = run.did
OPENED = ("open", "hull-east-riding", "--from", "Trust", "--to", "Council", "--about", "Canary concern")


@pytest.fixture
def desk(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(three_cases, tmp_path)


def three_cases(folder: Path) -> None:
    """One with a record number, one without, and one that is over."""
    did(folder, *OPENED, "--subject", "M-40213")
    did(folder, "set", "1", "name=Ada Canary")
    did(folder, "assign", "1", "raising", "Bo Canary", "--email", "bo.canary@trust.example")
    did(folder, "note", "1", "Canary note")
    did(folder, *OPENED)
    did(folder, *OPENED, "--subject", "M-3")
    did(folder, "withdraw", "3", "--reason", "Canary reason")


def published(folder: Path, *more: str, **given: Any) -> Path:
    did(folder, "export", "ics", "--publish", "dates.ics", *more, **given)
    return folder / "dates.ics"


def events(file: Path) -> dict[str, Any]:
    return {str(each["summary"]): each for each in Calendar.from_ical(file.read_bytes()).events}


def test_an_event_stands_in_the_hour_before_it_has_to_be_acted_on(desk: Path) -> None:
    act_by = datetime(2026, 11, 25, 10, tzinfo=UTC)  # 24 hours from Tuesday 10:00 are over in working hours
    found = events(published(desk))
    first = found["M-40213: Discuss the issue with the other agency"]
    assert (first.start, first.end, str(first["status"])) == (act_by - timedelta(hours=1), act_by, "CONFIRMED")
    assert "Due Wed 25 Nov 2026 10:00." in first["description"]
    assert {summary.split(":")[0] for summary in found} == {"M-40213", "E0002"}  # what is over is left out
    assert [each.walk("VALARM") for each in found.values()] == [[]] * len(found)


def test_of_a_deadline_on_a_weekend_it_stands_on_the_working_day_before(desk: Path) -> None:
    did(desk, *OPENED, "--subject", "M-4", now="2026-11-27T16:00")
    first = events(published(desk, now="2026-11-27T16:30"))["M-4: Discuss the issue with the other agency"]
    assert (first.start, first.end) == (datetime(2026, 11, 27, 16, tzinfo=UTC), datetime(2026, 11, 27, 17, tzinfo=UTC))


def test_nobody_is_named_and_nothing_that_was_written_is_told(desk: Path) -> None:
    text = published(desk).read_text(encoding="utf-8").replace("\r\n ", "").casefold()
    assert [each for each in ("canary", "trust", "council", "escalate explain") if each in text] == []


def test_while_no_date_changes_the_file_is_not_written(desk: Path) -> None:
    file = published(desk)
    os.utime(file, (1, 1))
    did(desk, "note", "1", "a remark")
    did(desk, "assign", "1", "receiving", "Cy Keeper")
    said = did(desk, "export", "ics", "--publish", "dates.ics", now="2026-11-24T12:00")
    assert (said, file.stat().st_mtime) == ("dates.ics: left as it is, as no date has changed.\n", 1)


def test_what_changes_keeps_its_event_and_counts_up(desk: Path) -> None:
    before = events(published(desk))["M-40213: Discuss the issue with the other agency"]
    did(desk, "done", "1", "discussion", now="2026-11-24T15:00")
    after = events(published(desk))["Done: M-40213: Discuss the issue with the other agency"]
    assert (after["uid"], after["sequence"]) == (before["uid"], before["sequence"] + 1)
    exported = Calendar.from_ical(did(desk, "export", "ics")).events
    assert after["uid"] not in [each["uid"] for each in exported]  # who has both sees no event move


def test_it_has_the_cases_that_were_asked_for(desk: Path) -> None:
    did(desk, "open", "lincolnshire", "--subject", "L-1", "--from", "School", "--to", "County", "--about", "x")
    assert all(summary.startswith("L-1") for summary in events(published(desk, "--protocol", "lincolnshire")))


@pytest.mark.skipif(os.name != "posix", reason="has no modes")
def test_others_may_read_it_and_go_on_doing_so(desk: Path) -> None:
    file = published(desk)
    assert S_IMODE(file.stat().st_mode) == 0o644
    file.chmod(0o640)
    did(desk, "done", "1", "discussion", now="2026-11-24T15:00")
    assert S_IMODE(published(desk).stat().st_mode) == 0o640


def settings(folder: Path, said: str) -> None:
    (folder / "config.toml").write_text(said, encoding="utf-8")


@pytest.mark.parametrize("digest", [("digest",), ("digest", "--alerts")], ids=" ".join)
def test_digests_keep_it_up_to_date(desk: Path, digest: tuple[str, ...]) -> None:
    folder = desk / "web"
    folder.mkdir()
    settings(desk, f'published_calendar = "{folder.as_posix()}/dates.ics"\n')
    did(desk, *digest, "--dry-run")
    assert list(folder.iterdir()) == []
    did(desk, *digest)
    before = (folder / "dates.ics").read_bytes()
    did(desk, "done", "1", "discussion", now="2026-11-24T15:00")
    did(desk, *digest, now="2026-11-24T15:15")
    assert (folder / "dates.ics").read_bytes() != before


def test_where_it_cannot_be_written_the_digest_stands_and_a_sentence_says_so(desk: Path) -> None:
    settings(desk, f'published_calendar = "{desk.as_posix()}/away/dates.ics"\n')
    ran = run(desk, "digest", "--always")
    assert ran.status == 1
    assert "E0001" in ran.stdout
    assert "The published calendar is not up to date: " in ran.stderr
    assert "away/dates.ics cannot be written (No such file or directory): nothing was left there." in ran.stderr


CHANGES = (
    ("done", "1", "discussion"),
    ("advance", "1"),
    ("agree", "2", "2026-11-27T12:00"),
    ("set", "1", "severity=high"),
    ("set", "1", "subject=M-4"),
    ("resolve", "1"),
    ("void", "1", "--reason", "x", "--yes"),
    OPENED,
    ("reopen", "3"),
    ("calendar", "add", "2026-11-25", "--reason", "Closed", "--yes"),
    ("erase", "3", "--yes"),
    ("import", "more.csv", "--protocol", "hull-east-riding", "--write", "--yes"),
)
"""What may change a date, or what is said of one."""


@pytest.mark.parametrize("line", CHANGES, ids=" ".join)
def test_every_command_keeps_it_up_to_date_where_the_settings_say_so(desk: Path, line: tuple[str, ...]) -> None:
    settings(desk, f'published_calendar = "{desk.as_posix()}/dates.ics"\npublished_when = "change"\n')
    (desk / "more.csv").write_text("Reference,Raised,From,To\nM-5,24/11/2026,Trust,Council\n", encoding="utf-8")
    file = published(desk)
    before = file.read_bytes()
    later = "2026-11-24T15:00"
    did(desk, *line, "--dry-run", now=later) if line[0] != "import" else did(desk, *line[:4], now=later)
    assert file.read_bytes() == before
    did(desk, *line, now=later)
    after = file.read_bytes()
    published(desk, now=later)
    assert file.read_bytes() == after
    assert (after != before) == (line[0] not in ("erase", "set") or "subject=M-4" in line)


def test_what_was_recorded_stands_where_it_cannot_be_written(desk: Path) -> None:
    settings(desk, f'published_calendar = "{desk.as_posix()}/away/dates.ics"\npublished_when = "change"\n')
    ran = run(desk, "advance", "1", now="2026-11-24T15:00")
    assert (ran.status, "stage 2" in ran.stdout) == (0, True)
    assert ran.stderr.count("The published calendar is not up to date: ") == 1
    assert "Went up from stage 1 to stage 2" in did(desk, "log", "1")


def test_it_is_left_to_digests_unless_the_settings_say_otherwise(desk: Path) -> None:
    settings(desk, f'published_calendar = "{desk.as_posix()}/dates.ics"\n')
    did(desk, "advance", "1")
    assert not (desk / "dates.ics").exists()
    settings(desk, f'published_calendar = "{desk.as_posix()}/dates.ics"\npublished_when = "often"\n')
    before = did(desk, "log", "1")
    ran = run(desk, "advance", "1")
    assert (ran.status, ran.stdout) == (2, "")
    assert 'say "digest" or "change"' in ran.stderr
    settings(desk, "")
    assert did(desk, "log", "1") == before


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("ics", "--publish", "-"), 2, "People subscribe to a file: name one with --publish."),
    (("csv", "--what", "cases", "--publish", "a.ics"), 2, "--publish is of a calendar: say escalate export ics --publish a.ics."),
    (("ics", "b.ics", "--publish", "a.ics"), 2, "--publish names the file to make: leave the other one out."),
    (("ics", "--publish", "a.ics", "--as-of", "yesterday"), 2, "What is published is of today: leave --as-of out."),
    (("ics", "--publish", "a.ics", "--identify"), 2, "A calendar never names anybody: leave --identify out for ics."),
    (("ics", "--publish", "web"), 1, "web is a folder: name a file in it."),
    (("ics", "--publish", "no/a.ics"), 1, "no/a.ics cannot be written (No such file or directory): nothing was left there."),
    (("ics", "--publish", "other.ics"), 1, "other.ics is there already and is not a published calendar, so it was left alone"),
    (("ics", "--publish", "a.ics", "--protocol", "hul"), 1, 'There is no protocol "hul"'),
]  # fmt: skip


@pytest.mark.parametrize(("words", "status", "says"), REFUSED)
def test_what_cannot_be_published_is_refused_and_nothing_is_written(
    desk: Path, words: tuple[str, ...], status: int, says: str
) -> None:
    (desk / "web").mkdir()
    (desk / "other.ics").write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    before = sorted(each.name for each in desk.iterdir())
    ran = run(desk, "export", *words)
    assert (ran.status, ran.stdout) == (status, ""), ran
    assert says in ran.stderr
    assert sorted(each.name for each in desk.iterdir()) == before
