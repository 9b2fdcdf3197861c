"""GOV.UK's list of bank holidays: the real one against the library, and that a damaged one is never taken."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from escalate.errors import BrokenFile, Refused
from escalate.storage.files.govuk import FEWEST, MOST, MOST_BYTES, covered, read_govuk
from tests.calendars import NATIONS
from tests.sizes import sampled

FILE = Path(__file__).parents[2] / "data" / "govuk-bank-holidays.json"
Tree = dict[str, Any]
NEW_YEAR = "2026-01-01"


def the_list() -> Tree:
    tree: Tree = json.loads(FILE.read_text(encoding="utf-8"))
    return tree


def saved(folder: Path, content: object) -> Path:
    path = folder / "list.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(json.dumps(content), encoding="utf-8")
    return path


# -- the real list


def test_the_real_list_has_all_three_parts_and_covers_2011_to_2028() -> None:
    lists = read_govuk(FILE)
    assert {name: (len(days), covered(days)) for name, days in lists.items()} == {
        "england-and-wales": (149, (date(2011, 1, 1), date(2028, 12, 31))),
        "scotland": (168, (date(2011, 1, 1), date(2028, 12, 31))),
        "northern-ireland": (185, (date(2011, 1, 1), date(2028, 12, 31))),
    }


def test_the_figures_a_year_is_measured_by_are_those_of_the_real_list() -> None:
    years = {name: [day.year for day in days if day.weekday() < 5] for name, days in read_govuk(FILE).items()}
    assert {name: min(days.count(year) for year in range(2011, 2029)) for name, days in years.items()} == FEWEST
    assert max(days.count(year) for days in years.values() for year in range(2011, 2029)) == 12 < MOST


@pytest.mark.parametrize("calendar", NATIONS, ids=lambda calendar: calendar.name)
def test_the_library_has_the_same_days_off_from_monday_to_friday(calendar: Any) -> None:
    theirs = read_govuk(FILE)[calendar.name]
    ours = {day for day in calendar.days_off if 2011 <= day.year <= 2028 and day.weekday() < 5}
    assert set(theirs) == ours


def test_the_list_has_no_bank_holiday_on_a_weekend_where_the_library_has() -> None:
    assert [day for days in read_govuk(FILE).values() for day in days if day.weekday() > 4] == []
    assert NATIONS[0].days_off[date(2027, 12, 25)] == "Christmas Day"


SAME_DAY_OTHER_NAME = {
    # GOV.UK's words, and the library's as they are shown
    ("2nd January", "2nd January; New Year's Day (substitute)"),  # Scotland, 2 January 2012 and 2017
    ("Boxing Day (substitute)", "Christmas Day (substitute)"),  # 27 December 2011
    ("Christmas Day (substitute)", "Boxing Day"),  # 26 December 2011
    ("Early May Bank Holiday", "Early May bank holiday"),  # 2011
    ("Early May bank holiday (VE day)", "Early May bank holiday"),
    ("New Year's Day (substitute)", "2nd January (substitute)"),  # Scotland, 3 January 2012 and 2017
    ("New Year's Day (substitute)", "2nd January; New Year's Day (substitute)"),  # Scotland, 2 January 2023
    ("Royal Wedding", "Royal wedding"),
    ("Spring Bank Holiday", "Spring bank holiday"),  # 2011
    ("Spring bank holiday (substitute)", "Spring bank holiday"),  # 4 June 2012
    ("Summer Bank Holiday", "Summer bank holiday"),  # 2011
}


def test_the_same_day_has_the_same_name_but_for_these() -> None:
    lists = read_govuk(FILE)
    named = {
        (title, calendar.days_off[day])
        for calendar in NATIONS
        for day, title in lists[calendar.name].items()
        if title != calendar.days_off[day]
    }
    assert named == SAME_DAY_OTHER_NAME


def test_a_substitute_day_is_marked_as_the_librarys_are() -> None:
    assert read_govuk(FILE)["england-and-wales"][date(2026, 12, 28)] == "Boxing Day (substitute)"
    assert NATIONS[0].days_off[date(2026, 12, 28)] == "Boxing Day (substitute)"


# -- sound lists of other kinds


def _only_scotland(tree: Tree) -> object:
    return {"scotland": tree["scotland"]}


def _one_year(tree: Tree) -> object:
    for part in tree.values():
        part["events"] = [event for event in part["events"] if event["date"].startswith("2026")]
    return tree


def _backwards(tree: Tree) -> object:
    for part in tree.values():
        part["events"].reverse()
    return tree


def _with_bunting(tree: Tree) -> object:
    for part in tree.values():
        for event in part["events"]:
            event["bunting"] = True
    return tree


SOUND: list[tuple[str, Callable[[Tree], object]]] = [
    ("one part alone", _only_scotland),
    ("one year alone", _one_year),
    ("in no order", _backwards),
    ("with more than is needed", _with_bunting),
    ("with a BOM and Windows line ends", lambda tree: b"\xef\xbb\xbf" + json.dumps(tree, indent=1).replace("\n", "\r\n").encode()),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change"), SOUND, ids=[what for what, _ in SOUND])
def test_a_whole_list_is_read_however_it_is_written(
    tmp_path: Path, what: str, change: Callable[[Tree], object]
) -> None:
    everything = read_govuk(FILE)
    found = read_govuk(saved(tmp_path, change(the_list())))
    for name, days in found.items():
        first, last = covered(days)
        assert list(days.items()) == [item for item in everything[name].items() if first <= item[0] <= last]
    assert list(found) == (["scotland"] if what == "one part alone" else list(everything))


def test_a_link_to_a_list_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "list.json"
    link.symlink_to(FILE)
    assert read_govuk(link) == read_govuk(FILE)


def test_a_bank_holiday_on_a_weekend_does_no_harm(tmp_path: Path) -> None:
    tree = the_list()
    tree["scotland"]["events"].append({"title": "Boxing Day", "date": "2026-12-26", "notes": ""})
    assert read_govuk(saved(tmp_path, tree))["scotland"][date(2026, 12, 26)] == "Boxing Day"


# -- damaged ones


def event(**changes: object) -> Callable[[Tree], Tree]:
    """New Year's Day 2026 in Scotland with other values; None takes one away."""

    def change(tree: Tree) -> Tree:
        events = tree["scotland"]["events"]
        number = next(n for n, each in enumerate(events) if each["date"] == NEW_YEAR)
        events[number] = {key: said for key, said in (events[number] | changes).items() if said is not None}
        return tree

    return change


def part(name: str, said: object) -> Callable[[Tree], Tree]:
    return lambda tree: tree | {name: said}


def events(said: object) -> Callable[[Tree], Tree]:
    return lambda tree: tree | {"scotland": {"division": "scotland", "events": said}}


def more(*dates: str) -> Callable[[Tree], Tree]:
    def change(tree: Tree) -> Tree:
        tree["england-and-wales"]["events"] += [{"title": "Extra", "date": day, "notes": ""} for day in dates]
        return tree

    return change


def without(*dates: str, of: str = "england-and-wales") -> Callable[[Tree], Tree]:
    """Without the days that begin so."""

    def change(tree: Tree) -> Tree:
        tree[of]["events"] = [each for each in tree[of]["events"] if not each["date"].startswith(dates)]
        return tree

    return change


def raw(change: Callable[[bytes], bytes]) -> Callable[[Tree], bytes]:
    return lambda _: change(FILE.read_bytes())


NAMES = "england-and-wales, scotland or northern-ireland"
E2026 = "scotland, event 141:"
DAMAGED: list[tuple[str, Callable[[Tree], object], str]] = [
    ("nothing", raw(lambda _: b""), "it is not JSON, or only a part of it was saved (line 1, column 1)"),
    ("spaces", raw(lambda _: b"  \n "), "it is not JSON, or only a part of it was saved (line 2, column 2)"),
    ("a web page", raw(lambda _: b"<!DOCTYPE html>"), "it is not JSON"),
    ("cut off in the middle", raw(lambda text: text[: len(text) // 2]), "only a part of it was saved (line "),
    ("without its last brace", raw(lambda text: text.rstrip()[:-1]), "only a part of it was saved (line "),
    ("twice over", raw(lambda text: text + text), "it is not JSON"),
    ("the Windows encoding", raw(lambda text: text.replace("’".encode(), b"\x92")), "it is not text in UTF-8 (byte "),
    ("UTF-16", raw(lambda text: text.decode().encode("utf-16")), "it is not text in UTF-8 (byte 1 "),
    ("nested without end", raw(lambda _: b"[" * 500_000), "it is nested too deeply"),
    ("a number without end", raw(lambda _: b"9" * 100_000), f"it is not a table with lists for {NAMES}"),
    ("a list", lambda tree: [tree], f"it is not a table with lists for {NAMES}"),
    ("null", lambda _: None, f"it is not a table with lists for {NAMES}"),
    ("no part", lambda _: {}, f"there is nothing in it for {NAMES}"),
    ("a part of another name", lambda tree: {"england": tree["scotland"]}, f'"england" is none of {NAMES}'),
    ("a part more", part("wales", {}), f'"wales" is none of {NAMES}'),
    ("a part twice", raw(lambda text: text.replace(b'"scotland": {', b'"northern-ireland": {')), '"northern-ireland" is said 2 times in one place'),
    ("a part that is a list", part("scotland", []), 'scotland has no list of "events"'),
    ("a part that is null", part("scotland", None), 'scotland has no list of "events"'),
    ("events that are missing", part("scotland", {"division": "scotland"}), 'scotland has no list of "events"'),
    ("events that are a table", events({}), 'scotland has no list of "events"'),
    ("no events", events([]), "scotland has no bank holidays"),
    ("no division", part("scotland", {"events": [{}]}), 'scotland does not have "scotland" as its "division"'),
    ("another's division", lambda tree: tree | {"scotland": tree["england-and-wales"]}, 'scotland does not have "scotland" as its "division"'),
    ("an event that is text", events([NEW_YEAR]), "scotland, event 1: it is not a table with a title and a date"),
    ("an event that is a list", events([[]]), "scotland, event 1: it is not a table with a title and a date"),
    ("no date", event(date=None), f"{E2026} its date is not one such as 2026-12-25"),
    ("a date that is a number", event(date=20260101), f"{E2026} its date is not one such as 2026-12-25"),
    ("a date that is a word", event(date="New Year"), f"{E2026} its date is not one such as 2026-12-25"),
    ("a UK date", event(date="01/01/2026"), f"{E2026} its date is not one such as 2026-12-25"),
    ("a date with a time", event(date="2026-01-01T00:00"), f"{E2026} its date is not one such as 2026-12-25"),
    ("a date without hyphens", event(date="20260101"), f"{E2026} its date is not one such as 2026-12-25"),
    ("a date in other digits", event(date="２０２６-01-01"), f"{E2026} its date is not one such as 2026-12-25"),
    ("30 February", event(date="2026-02-30"), f"{E2026} there is no day 2026-02-30"),
    ("the year 0", event(date="0000-01-01"), f"{E2026} there is no day 0000-01-01"),
    ("a date said twice", raw(lambda text: text.replace(b'"date": "2026-01-01"', b'"date": "2026-01-01", "date": "2026-01-05"')), '"date" is said 2 times in one place'),
    ("no title", event(title=None), f"{E2026} 2026-01-01 has no title"),
    ("a title that is a list", event(title=["x"]), f"{E2026} 2026-01-01 has no title"),
    ("an empty title", event(title=" "), f"{E2026} 2026-01-01 has no title"),
    ("a title with an escape sequence", event(title="New \x1b[31mYear"), f"{E2026} the title of 2026-01-01 is not a line of plain text"),
    ("a title of two lines", event(title="New Year\n"), f"{E2026} the title of 2026-01-01 is not a line of plain text"),
    ("a title that turns round", event(title="New \u202eYear"), f"{E2026} the title of 2026-01-01 is not a line of plain text"),
    ("a title of half a letter", event(title="New \ud800"), f"{E2026} the title of 2026-01-01 is not a line of plain text"),
    ("a title without end", event(title="x" * 201), f"{E2026} the title of 2026-01-01 is not a line of plain text"),
    ("notes that are no text", event(notes=False), f"{E2026} the notes of 2026-01-01 are not text"),
    ("a date twice", event(date="2026-01-02"), "scotland, event 142: Friday 2 January 2026 stands there a second time"),
    ("no New Year", without("2026-01-01"), "england-and-wales is not whole in 2026: Thursday 1 January 2026 is missing"),
    ("no substitute for New Year", without("2028-01-03"), "england-and-wales is not whole in 2028: Monday 3 January 2028 is missing"),
    ("no Christmas", without("2025-12-25"), "england-and-wales is not whole in 2025: Thursday 25 December 2025 is missing"),
    ("no substitute for Boxing Day", without("2026-12-28"), "england-and-wales is not whole in 2026: Monday 28 December 2026 is missing"),
    ("no August", without("2027-08"), "england-and-wales is not whole in 2027: it has 7 days from Monday to Friday, and every year has 8"),
    ("no St Andrew", without("2026-11", "2026-06", of="scotland"), "scotland is not whole in 2026: it has 8 days from Monday to Friday, and every year has 9"),
    ("no St Patrick", without("2027-03-17", of="northern-ireland"), "northern-ireland is not whole in 2027: it has 9 days from Monday to Friday, and every year has 10"),
    ("a Saturday for a weekday", lambda tree: more("2027-08-28")(without("2027-08")(tree)), "it has 7 days from Monday to Friday, and every year has 8"),
    ("the last year begun", more("2029-01-01"), "england-and-wales is not whole in 2029: Tuesday 25 December 2029 is missing"),
    ("a year left out", without("2019"), "england-and-wales has years before and after 2019 and nothing for 2019"),
    ("a year mistyped", more("2206-05-04"), "england-and-wales has years before and after 2029 and nothing for 2029"),
    ("a month off", more(*[f"2026-06-{day:02}" for day in range(1, 29)]), "england-and-wales has 36 days in 2026, which are more than can be bank holidays (20)"),
    ("too large", raw(lambda text: text + b" " * MOST_BYTES), "it is larger than a list of bank holidays can be (2 MB)"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change", "says"), sampled(DAMAGED, 3), ids=[what for what, _, _ in DAMAGED])
def test_a_damaged_list_is_refused_in_a_sentence(
    tmp_path: Path, what: str, change: Callable[[Tree], object], says: str
) -> None:
    path = saved(tmp_path, change(the_list()))
    with pytest.raises(BrokenFile) as refused:
        read_govuk(path)
    sentence = refused.value.sentence
    assert sentence.startswith(f"{path}: ")
    assert says in sentence
    assert sentence.endswith("; download it again from https://www.gov.uk/bank-holidays.json, and save it as it is.")
    assert "\n" not in sentence


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def _round(path: Path) -> None:
    path.symlink_to(path)


def _to_a_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to(path.with_name("pipe"))


NO_FILES: list[tuple[str, Callable[[Path], object], str]] = [
    ("nothing there", str, "cannot be read: No such file or directory."),
    ("a folder", Path.mkdir, "is a folder: name the file itself."),
    ("a pipe", os.mkfifo, "is not a plain file: save its contents in one"),
    ("a link to a pipe", _to_a_pipe, "is not a plain file: save its contents in one"),
    ("a link to nothing", _dangling, "cannot be read: No such file or directory"),
    ("a link to itself", _round, "cannot be read: Too many levels of symbolic links"),
]


@pytest.mark.parametrize(("what", "prepare", "says"), NO_FILES, ids=[what for what, _, _ in NO_FILES])
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path, what: str, prepare: Callable[[Path], object], says: str
) -> None:
    path = tmp_path / "list.json"
    prepare(path)
    with pytest.raises(Refused) as refused:
        read_govuk(path)
    assert refused.value.sentence.startswith(f"{path} {says}")


def test_a_device_and_a_name_that_cannot_be_are_refused() -> None:
    with pytest.raises(Refused, match="/dev/zero is not a plain file"):
        read_govuk(Path("/dev/zero"))
    with pytest.raises(Refused, match="cannot be read: no file can have that name"):
        read_govuk(Path("list\0.json"))


def test_a_list_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, the_list())
    path.chmod(0)
    code = f"from pathlib import Path\nfrom escalate.storage.files.govuk import read_govuk\nread_govuk(Path({str(path)!r}))"
    ran = subprocess.run([*_bound_by_modes(), sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"Refused: {path} cannot be read: Permission denied." in ran.stderr


def _bound_by_modes() -> list[str]:
    """What to start Python through so that file modes count: nothing, unless we are root."""
    if os.geteuid() != 0:
        return []
    humbled = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if not shutil.which("setpriv") or subprocess.run([*humbled, "true"], capture_output=True, check=False).returncode:
        pytest.skip("file modes do not bind root, and there is no setpriv to change that")
    return humbled
