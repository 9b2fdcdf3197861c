"""GOV.UK's own list of bank holidays, as people download it: taken over whole, or refused with what is wrong with it.

It has the shape of https://www.gov.uk/bank-holidays.json: a table for each of the three parts of the UK, with its name as
`division`, and `events` with a `title`, a `date` and `notes`. Days missing from a damaged copy would count as working days, and
days too many would put deadlines off, so nothing is guessed.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from escalate.domain.worktime.calendar import CALENDARS
from escalate.domain.worktime.clock import spoken_day
from escalate.errors import BrokenFile, cut, listed
from escalate.storage.files.plain_files import read_plain

ADDRESS = "https://www.gov.uk/bank-holidays.json"

MOST_BYTES = 2_000_000
"""In the file. Eighteen years of all three parts take 45,000."""

FEWEST = {"england-and-wales": 8, "scotland": 9, "northern-ireland": 10}
"""The fewest bank holidays from Monday to Friday that any year from 2011 to 2028 has."""

MOST = 20
"""More bank holidays than this in a year are a mistake. No year has had more than 12: Northern Ireland in 2022."""

LONGEST_TITLE = 200
"""In letters."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMES = listed(CALENDARS, "or")


def read_govuk(path: Path) -> dict[str, dict[date, str]]:
    """The bank holidays of each part of the UK that the file has, at least one, by the name of its calendar.

    The words are GOV.UK's; a substitute day is marked as the library's are. Raises Refused, BrokenFile, in one sentence.
    """
    tree = _parsed(path, _text(path))
    if not isinstance(tree, dict):
        raise _broken(path, f"it is not a table with lists for {_NAMES}")
    unknown = [key for key in tree if key not in CALENDARS]
    if unknown:
        raise _broken(path, f'"{cut(unknown[0], 60)}" is none of {_NAMES}')
    if not tree:
        raise _broken(path, f"there is nothing in it for {_NAMES}")
    return {name: _division(path, name, tree[name]) for name in CALENDARS if name in tree}


def covered(days: Mapping[date, str]) -> tuple[date, date]:
    """The first and the last day of the years a part's bank holidays are given for; none between them is left out."""
    return date(min(days).year, 1, 1), date(max(days).year, 12, 31)


def _broken(path: Path, what: str) -> BrokenFile:
    return BrokenFile([f"{path}: {what}; download it again from {ADDRESS}, and save it as it is."])


def _text(path: Path) -> str:
    """The text of a file. Raises Refused, BrokenFile."""
    content = read_plain(path, MOST_BYTES, _broken(path, "it is larger than a list of bank holidays can be (2 MB)"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _broken(path, f"it is not text in UTF-8 (byte {problem.start + 1} is the first that is not)") from problem


def _parsed(path: Path, text: str) -> object:
    """The JSON of the text, in which no name may stand twice: Python would silently take the last one."""

    def table(entries: list[tuple[str, object]]) -> dict[str, object]:
        name, times = Counter(name for name, _ in entries).most_common(1)[0] if entries else ("", 0)
        if times > 1:
            raise _broken(path, f'"{cut(name, 60)}" is said {times} times in one place')
        return dict(entries)

    try:
        return json.loads(text, object_pairs_hook=table, parse_int=float)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise _broken(path, f"it is not JSON, or only a part of it was saved ({where})") from problem
    except RecursionError as problem:
        raise _broken(path, "it is nested too deeply") from problem


def _division(path: Path, name: str, tree: Any) -> dict[date, str]:
    """The bank holidays of one part of the UK, in order."""
    if not isinstance(tree, dict) or not isinstance(tree.get("events"), list):
        raise _broken(path, f'{name} has no list of "events"')
    if tree.get("division") != name:
        raise _broken(path, f'{name} does not have "{name}" as its "division"')
    if not tree["events"]:
        raise _broken(path, f"{name} has no bank holidays")
    days: dict[date, str] = {}
    for number, event in enumerate(tree["events"], 1):
        problem, day, title = _event(event)
        if problem:
            raise _broken(path, f"{name}, event {number}: {problem}")
        if day in days:
            raise _broken(path, f"{name}, event {number}: {spoken_day(day)} stands there a second time")
        days[day] = title
    missing = _missing(name, days)
    if missing:
        raise _broken(path, f"{name} {missing}")
    return dict(sorted(days.items()))


def _event(event: Any) -> tuple[str, date, str]:
    """What is wrong with an event, or nothing; its date; and what the day is called."""
    if not isinstance(event, dict):
        return "it is not a table with a title and a date", date.min, ""
    said, title, notes = event.get("date"), event.get("title"), event.get("notes", "")
    if not isinstance(said, str) or not _DATE.fullmatch(said):
        return "its date is not one such as 2026-12-25", date.min, ""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return f"there is no day {said}", date.min, ""
    if not isinstance(title, str) or not title.strip():
        return f"{said} has no title", day, ""
    plain = title.replace("\xa0", " ").replace("’", "'")
    if not plain.isprintable() or len(plain) > LONGEST_TITLE:
        return f"the title of {said} is not a line of plain text", day, ""
    if not isinstance(notes, str):
        return f"the notes of {said} are not text", day, ""
    substitute = " (substitute)" if notes.strip().casefold() == "substitute day" else ""
    return "", day, plain.strip() + substitute


def _missing(name: str, days: Mapping[date, str]) -> str:
    """What is missing from the years that are given, or there too often; nothing if they are whole."""
    given = {day.year for day in days}
    for year in range(min(given), max(given) + 1):
        if year not in given:
            return f"has years before and after {year} and nothing for {year}"
        for day in _off_every_year(year):
            if day not in days:
                return f"is not whole in {year}: {spoken_day(day)} is missing"
        found = [day for day in days if day.year == year]
        weekdays = sum(day.weekday() < 5 for day in found)
        if weekdays < FEWEST[name]:
            return f"is not whole in {year}: it has {weekdays} days from Monday to Friday, and every year has {FEWEST[name]}"
        if len(found) > MOST:
            return f"has {len(found)} days in {year}, which are more than can be bank holidays ({MOST})"
    return ""


def _off_every_year(year: int) -> list[date]:
    """The days off for New Year, Christmas Day and Boxing Day all over the UK: the first days from Monday to Friday from then on."""
    january = [date(year, 1, day) for day in (1, 2, 3)]
    december = [date(year, 12, day) for day in (25, 26, 27, 28)]
    return [next(day for day in january if day.weekday() < 5), *[day for day in december if day.weekday() < 5][:2]]
