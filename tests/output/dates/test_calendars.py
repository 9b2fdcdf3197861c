"""A calendar as people are shown it, and what a change of one does to deadlines."""

import json
import os
import re
import subprocess
import sys
from calendar import monthcalendar
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

import pytest
from rich.console import Console

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.case_file import case_file, due_lines
from escalate.domain.deadlines.model import CaseLine, Deadline, DueLine
from escalate.domain.deadlines.shifts import Move, moves
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.local_calendar import CalendarChoice, OwnCalendar, Span
from escalate.errors import BeyondCalendar
from escalate.output.dates.calendar import calendar_page
from escalate.output.dates.documents import calendar_document, moves_document
from escalate.output.dates.moves import moves_page, moves_summary
from escalate.output.terminal import console, show
from tests.calendars import ENGLAND, SCOTLAND, at, shown
from tests.kept import same_as_kept
from tests.played import Played
from tests.sizes import sampled

TODAY = date(2026, 11, 24)
NOW = "2026-11-24 10:00"
DEADLINES = {
    date(2026, 6, 30): 120,
    date(2026, 11, 24): 2,
    date(2026, 11, 27): 1,
    date(2026, 12, 1): 12,
    date(2026, 12, 26): 1,
    date(2027, 1, 4): 3,
}


def days(first: date, last: date, name: str) -> dict[date, str]:
    return dict.fromkeys(Span(first, last, name).days, name)


def closed(calendar: Calendar, closures: Mapping[date, str], name: str | None = None) -> Calendar:
    """A nation's calendar with closures."""
    return Calendar(
        name or calendar.name,
        calendar.days_off,
        closures=closures,
        first=calendar.first,
        last=calendar.last,
        published_to=calendar.published_to,
        source="holidays 0.109",
    )


def told(value: object) -> str:
    """A row's value in the name of its test."""
    return value.name if isinstance(value, Calendar) else str(value)[:60]


CLOSURES = {
    date(2026, 7, 3): "Staff conference",
    date(2026, 8, 1): "Boiler",
    **days(date(2026, 12, 24), date(2027, 1, 2), "Council offices closed"),
}
COUNCIL = closed(ENGLAND, CLOSURES)
NORTH = OwnCalendar(
    CalendarChoice(
        "scotland",
        week=("monday", "tuesday", "wednesday", "thursday", "saturday"),
        hours_on={"thursday": (time(9), time(19))},
        terms=(
            Span(date(2026, 8, 12), date(2026, 10, 9), "autumn"),
            Span(date(2026, 10, 20), date(2026, 12, 18), "winter"),
            Span(date(2027, 1, 5), date(2027, 3, 26), "spring"),
        ),
    )
)
OWN = NORTH.made(NORTH.name_for("north-town"), lambda _: closed(SCOTLAND, {}), {date(2026, 9, 1): "In-service day"})


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What is written of a page at a width, and on a pipe where that is None."""

    def written(page: Any, width: int | None) -> str:
        if width:
            monkeypatch.setenv("COLUMNS", str(width))
        else:
            monkeypatch.delenv("COLUMNS", raising=False)
        show(page(console().width))
        return capsys.readouterr().out

    return written


def on_a_page(calendar: Calendar, year: int, today: date = TODAY, deadlines: Mapping[date, int] = DEADLINES) -> Any:
    return lambda width: calendar_page(calendar, year, today, deadlines, width)


# -- the whole of it


PAGES = [
    ("calendar-80.txt", COUNCIL, 2026, 80),
    ("calendar-160.txt", COUNCIL, 2026, 160),
    ("calendar-own.txt", OWN, 2026, 80),
]


@pytest.mark.parametrize(("name", "calendar", "year", "width"), PAGES, ids=[row[0] for row in PAGES])
def test_a_year_is_what_was_kept(wide: Any, name: str, calendar: Calendar, year: int, width: int) -> None:
    same_as_kept(name, wide(on_a_page(calendar, year), width))


def test_a_year_on_a_pipe_is_as_on_the_widest_screen(wide: Any) -> None:
    assert wide(on_a_page(COUNCIL, 2026), None) == wide(on_a_page(COUNCIL, 2026), 160)


def test_a_year_for_scripts_is_what_was_kept() -> None:
    documents = [calendar_document(COUNCIL, 2026, DEADLINES), calendar_document(OWN, 2026, DEADLINES)]
    same_as_kept("calendar.json", json.dumps(documents, indent=2) + "\n")


# -- the months


Cell = tuple[int, str, str]  # the column it stands in, its mark, and what stands under it


def read_back(text: str, year: int = 2026) -> dict[date, Cell]:
    """Every day of a year as it stands on a sheet."""
    lines = text.splitlines()
    found: dict[date, Cell] = {}
    month = 0
    for number, line in enumerate(lines):
        if not line.startswith("Mo Tu We Th Fr Sa Su"):
            continue
        names = re.findall(r"[A-Z][a-z]+", lines[number - 1])
        for block, name in enumerate(names):
            month += 1
            assert name == f"{date(2000, month, 1):%B}"
            week: list[date | None] = []
            for below in lines[number + 1 : lines.index("", number)]:
                cells = [below.ljust(200)[block * 25 + 3 * n : block * 25 + 3 * n + 3] for n in range(7)]
                if any(re.fullmatch(r"[ 123]\d[ .*+<]", cell) for cell in cells):
                    week = [date(year, month, int(cell[:2])) if cell.strip() else None for cell in cells]
                    found |= {day: (n, cells[n][2].strip(), "") for n, day in enumerate(week) if day}
                else:
                    found |= {day: (*found[day][:2], cells[n].strip()) for n, day in enumerate(week) if day}
    assert month == 12
    return found


@pytest.mark.parametrize("width", [21, 46, 71, 80, 96, 120, 146, 160, None])
@pytest.mark.parametrize("year", [1990, 2026, 2028, 2100])
def test_every_day_of_the_year_stands_once_under_its_day_of_the_week(wide: Any, year: int, width: int | None) -> None:
    found = read_back(wide(on_a_page(ENGLAND, year, deadlines={}), width), year)
    assert list(found) == sorted(found)
    assert {day: column for day, (column, _, _) in found.items()} == {
        day: day.weekday() for day in days(date(year, 1, 1), date(year, 12, 31), "")
    }


def test_what_is_no_working_day_is_marked_and_nothing_else_is(wide: Any) -> None:
    for calendar in (COUNCIL, OWN, ENGLAND):
        found = read_back(wide(on_a_page(calendar, 2026, today=date(2020, 1, 1)), 80))
        assert {day for day, (_, mark, _) in found.items() if not mark} == {
            day for day in found if calendar.is_working_day(day)
        }


MARKS = [
    (COUNCIL, date(2026, 11, 23), ""),
    (COUNCIL, TODAY, "<"),
    (COUNCIL, date(2026, 11, 28), "."),
    (COUNCIL, date(2026, 7, 3), "+"),
    (COUNCIL, date(2026, 8, 1), "+"),  # closed on a Saturday
    (COUNCIL, date(2026, 12, 24), "+"),
    (COUNCIL, date(2026, 12, 25), "*"),  # a bank holiday on which the offices are closed too
    (COUNCIL, date(2026, 12, 26), "*"),  # Boxing Day, a Saturday
    (COUNCIL, date(2026, 12, 28), "*"),
    (OWN, date(2026, 11, 27), "."),  # nobody works on a Friday
    (OWN, date(2026, 11, 28), ""),  # but on a Saturday
    (OWN, date(2026, 11, 30), "*"),
    (OWN, date(2026, 9, 1), "+"),
    (OWN, date(2026, 10, 12), "+"),  # outside term
]


@pytest.mark.parametrize(("calendar", "day", "mark"), sampled(MARKS, 3), ids=told)
def test_a_day_is_marked_by_what_it_is(wide: Any, calendar: Calendar, day: date, mark: str) -> None:
    assert read_back(wide(on_a_page(calendar, 2026), 80))[day] == (day.weekday(), mark, under(day))


def under(day: date) -> str:
    several = DEADLINES.get(day, 0)
    return "" if not several else f"x{several}" if several < 100 else "99+"


def test_deadlines_stand_under_their_day_and_only_where_there_are_some(wide: Any) -> None:
    with_some = wide(on_a_page(COUNCIL, 2026), 80)
    without = wide(on_a_page(COUNCIL, 2026, deadlines={TODAY: 0, date(2027, 1, 4): 3}), 80)
    assert {day: cell[2] for day, cell in read_back(with_some).items() if cell[2]} == {
        day: under(day) for day in DEADLINES if day.year == 2026
    }
    assert {cell[2] for cell in read_back(without).values()} == {""}
    rows = [max(len(monthcalendar(2026, month + n)) for n in range(3)) for month in (1, 4, 7, 10)]
    sheet = without.splitlines()
    assert len(sheet[sheet.index("") : sheet.index(". weekend  * bank holiday  + closed  < today")]) == 1 + sum(
        2 + weeks + 1 for weeks in rows
    )
    assert "x2 two deadlines due" in with_some
    assert "deadlines" not in without


@pytest.mark.parametrize(
    ("width", "across"), [(20, 1), (45, 1), (46, 2), (71, 3), (80, 3), (96, 4), (146, 6), (160, 6)]
)
def test_as_many_months_stand_side_by_side_as_there_is_room_for(wide: Any, width: int, across: int) -> None:
    text = wide(on_a_page(ENGLAND, 2026, deadlines={}), width)
    assert max(line.count("Mo Tu") for line in text.splitlines()) == across
    months = [line for line in text.splitlines() if re.match(r"[ \d]\d[ .*+<]", line)]
    assert width < 21 or max(len(line) for line in months) <= width


def test_nothing_hangs_on_a_colour() -> None:
    page = calendar_page(COUNCIL, 2026, TODAY, DEADLINES, 80)

    def seen(**how: Any) -> str:
        screen = Console(width=80, force_terminal=True, highlight=False, **how)
        with screen.capture() as captured:
            screen.print(page)
        return captured.get()

    plain, coloured = seen(color_system=None, no_color=True), seen(color_system="truecolor")
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert "\x1b[2m25*\x1b[0m" in coloured
    assert "\x1b[1;7m24<\x1b[0m" in coloured
    assert not re.search(r"\x1b\[[\d;]*(?:3[0-8]|9[0-7])[\d;]*m", coloured)


# -- what stands beside them


LEGENDS = [
    (COUNCIL, 2026, DEADLINES, ". weekend  * bank holiday  + closed  < today  x2 two deadlines due"),
    (COUNCIL, 2025, DEADLINES, ". weekend  * bank holiday"),
    (COUNCIL, 2027, DEADLINES, ". weekend  * bank holiday  + closed  x2 two deadlines due"),
    (OWN, 2026, DEADLINES, ". not worked  * bank holiday  + closed  < today  x2 two deadlines due"),
    (ENGLAND, 2026, {}, ". weekend  * bank holiday  < today"),
]


@pytest.mark.parametrize(("calendar", "year", "deadlines", "legend"), LEGENDS, ids=told)
def test_the_legend_says_what_each_mark_on_the_sheet_means(
    wide: Any, calendar: Calendar, year: int, deadlines: Mapping[date, int], legend: str
) -> None:
    lines = wide(on_a_page(calendar, year, deadlines=deadlines), 80).splitlines()
    assert legend in lines
    assert len(legend) <= 80


BEYOND = "Bank holidays from 2029 on are worked out, not published."
IN_TERM = "What comes after Friday 26 March 2027 is provisional: worked out, or not known yet."
ABOVE: list[tuple[Calendar, int, date, list[str]]] = [
    (COUNCIL, 2026, TODAY, []),
    (COUNCIL, 2028, TODAY, []),
    (COUNCIL, 2029, TODAY, [BEYOND]),
    (COUNCIL, 2100, TODAY, [BEYOND]),
    (OWN, 2026, TODAY, []),
    (OWN, 2027, TODAY, [IN_TERM]),
    (COUNCIL, 2026, date(2026, 12, 24), ["Today, Thursday 24 December 2026, is a non-working day: Council offices closed."]),
    (COUNCIL, 2026, date(2026, 12, 28), ["Today, Monday 28 December 2026, is a non-working day: Boxing Day (substitute)."]),
    (COUNCIL, 2026, date(2026, 11, 29), ["Today, Sunday 29 November 2026, is a non-working day: weekend."]),
    (OWN, 2026, date(2026, 11, 27), ["Today, Friday 27 November 2026, is a non-working day: not a working day of the week."]),
]  # fmt: skip


@pytest.mark.parametrize(("calendar", "year", "today", "says"), ABOVE, ids=told)
def test_what_is_not_published_and_a_today_without_work_are_said(
    wide: Any, calendar: Calendar, year: int, today: date, says: list[str]
) -> None:
    lines = wide(on_a_page(calendar, year, today), 160).splitlines()
    assert lines[3 : lines.index("")] == says


WEEKS = [
    ((0, 1, 2, 3, 4), "Monday to Friday"),
    ((0, 1, 2, 3, 4, 5), "Monday to Saturday"),
    ((0, 1, 3), "Monday, Tuesday and Thursday"),
    ((1, 2), "Tuesday and Wednesday"),
    ((6,), "Sunday"),
]


@pytest.mark.parametrize(("week", "said"), WEEKS)
def test_the_week_and_the_hours_are_said(wide: Any, week: tuple[int, ...], said: str) -> None:
    calendar = Calendar(
        "x", {}, first=ENGLAND.first, last=ENGLAND.last, published_to=ENGLAND.last, week=week, opens=time(8, 30)
    )
    text = wide(on_a_page(calendar, 2026, today=date(2020, 1, 1)), 80)
    assert text.splitlines()[:3] == ["x, 2026", f"Working days: {said}, 08:30 to 17:00.", ""]


def test_a_protocols_calendar_is_shown_without_the_mark_of_what_it_says(wide: Any) -> None:
    text = wide(on_a_page(OWN, 2026), 160)
    assert text.splitlines()[:2] == [
        "north-town, 2026",
        "Working days: Monday, Tuesday, Wednesday, Thursday and Saturday, 09:00 to 17:00; Thursday 09:00 to 19:00.",
    ]
    assert "#" not in text
    assert calendar_document(OWN, 2026, {})["calendar"] == "north-town"


RUNS: list[tuple[Mapping[date, str], int, list[str]]] = [
    ({date(2026, 7, 3): "shut"}, 2026, ["Fri 3 Jul  shut"]),
    ({date(2026, 7, 3): "shut", date(2026, 7, 6): "shut"}, 2026, ["Fri 3 Jul to Mon 6 Jul  shut"]),  # a weekend between
    (
        {date(2026, 7, 6): "shut", date(2026, 7, 3): "shut"},
        2026,
        ["Fri 3 Jul to Mon 6 Jul  shut"],
    ),  # written in any order
    ({date(2026, 7, 3): "shut", date(2026, 7, 6): "fire"}, 2026, ["Fri 3 Jul  shut", "Mon 6 Jul  fire"]),
    ({date(2026, 7, 6): "shut", date(2026, 7, 8): "shut"}, 2026, ["Mon 6 Jul  shut", "Wed 8 Jul  shut"]),
    ({date(2026, 4, 2): "shut", date(2026, 4, 7): "shut"}, 2026, ["Thu 2 Apr to Tue 7 Apr  shut"]),  # Easter between
    (days(date(2026, 12, 29), date(2027, 1, 2), "shut"), 2026, ["Tue 29 Dec to Sat 2 Jan 2027  shut"]),
    (days(date(2026, 12, 29), date(2027, 1, 2), "shut"), 2027, ["Tue 29 Dec 2026 to Sat 2 Jan  shut"]),
    (days(date(2026, 12, 29), date(2027, 1, 2), "shut"), 2025, []),
    (days(date(2026, 12, 29), date(2028, 1, 2), "shut"), 2027, ["Tue 29 Dec 2026 to Sun 2 Jan 2028  shut"]),
    ({date(2026, 12, 25): "shut"}, 2026, ["Fri 25 Dec  shut"]),  # the bank holiday stands beside it
    ({date(2026, 7, 3): "[bold]\x1b[31m\n=x"}, 2026, ["Fri 3 Jul  [bold]\\x1b[31m =x"]),
]


@pytest.mark.parametrize(("closures", "year", "said"), RUNS, ids=told)
def test_days_closed_without_a_working_day_between_are_one_line(
    wide: Any, closures: Mapping[date, str], year: int, said: list[str]
) -> None:
    text = wide(on_a_page(closed(ENGLAND, closures), year, deadlines={}), 160)
    assert [re.sub("  +", "  ", line)[3:] for line in text.splitlines() if line.startswith("+  ")] == said
    if year < 2029 and len(closures) < 100:
        assert text.count("Christmas Day") == sum(
            day.year == year and "Christmas Day" in name for day, name in ENGLAND.days_off.items()
        )


def test_a_year_outside_the_calendar_is_refused() -> None:
    for year in (-1, 0, 1989, 2101, 10_000):
        with pytest.raises(BeyondCalendar, match="the north-town calendar covers 1 January 1990 to 31 December 2100"):
            calendar_page(OWN, year, TODAY, {}, 80)
        with pytest.raises(BeyondCalendar, match="the north-town calendar covers"):
            calendar_document(OWN, year, {})


def test_the_document_has_the_named_days_and_those_with_deadlines() -> None:
    found = calendar_document(COUNCIL, 2026, DEADLINES)["days"]
    assert [day["date"] for day in found] == sorted(
        day.isoformat() for day in {*COUNCIL.days_off, *DEADLINES} if day.year == 2026
    )
    by_day = {day.pop("date"): day for day in found}
    assert by_day["2026-11-24"] == {"working": True, "why": None, "deadlines": 2}
    assert by_day["2026-12-26"] == {"working": False, "why": "Boxing Day", "deadlines": 1}
    assert by_day["2026-07-03"] == {"working": False, "why": "Staff conference", "deadlines": 0}
    on_saturday = calendar_document(ENGLAND, 2026, {date(2026, 11, 28): 1})["days"]
    assert {"date": "2026-11-28", "working": False, "why": "weekend", "deadlines": 1} in on_saturday


IN_C = """
from datetime import date
from escalate.domain.worktime.calendar import Calendar
from escalate.output.dates.calendar import calendar_page
from escalate.output.terminal import prepare, show
prepare()
calendar = Calendar("x", {date(2026, 7, 3): "L\\xe1 Fh\\xe9ile \\u2013 \\u2019x\\u2019"}, first=date(2026, 1, 1), last=date(2026, 12, 31), published_to=date(2026, 12, 31))
show(calendar_page(calendar, 2026, date(2026, 7, 3), {date(2026, 7, 3): 1}, 80))
"""


def test_no_encoding_stops_a_page() -> None:
    environment = {
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PATH": os.environ["PATH"],
    }
    ran = subprocess.run([sys.executable, "-c", IN_C], env=environment, capture_output=True, text=True, check=True)
    assert r"Fri 3 Jul  L\xe1 Fh\xe9ile \u2013 \u2019x\u2019" in ran.stdout
    assert ran.stderr == ""


# -- moves


def due(
    action: str = "reply",
    due_at: str | None = None,
    target: str | None = None,
    act_by: str | None = None,
    met: str | None = None,
    **more: Any,
) -> DueLine:
    """A deadline of case E0001; what is due is so by the hour given, and has to be acted on by then."""
    case = CaseLine(
        "E0001", "hull", "2025", "main", "open", "1", "One", at(NOW), at(NOW), at(NOW), "M-1", None, None, "x", {}
    )
    moments = [at(each) if each else None for each in (target, due_at, act_by or due_at, met)]
    fields = dict(zip(("target_at", "due_at", "act_by", "met_at"), moments, strict=True)) | more
    return DueLine(
        case,
        Deadline(
            Occasion.numbered(fields.pop("visit", 1)), "main", "1", "One", action, "Reply", "Manager", None, **fields
        ),
    )


PASSED, EARLIER, AHEAD, LATER = "2026-11-23 17:00", "2026-11-20 17:00", "2026-11-25 17:00", "2026-11-26 17:00"
MOVED: list[tuple[DueLine | None, DueLine | None, tuple[str | None, str | None, str] | None]] = [
    # before, after; when it was due and is, and what turns
    (due(due_at=AHEAD), due(due_at=AHEAD), None),
    (due(due_at=AHEAD), due(due_at=LATER), (AHEAD, LATER, "")),
    (due(due_at=LATER), due(due_at=AHEAD), (LATER, AHEAD, "")),
    (due(due_at=AHEAD), due(due_at=PASSED), (AHEAD, PASSED, "overdue")),
    (due(due_at=PASSED), due(due_at=AHEAD), (PASSED, AHEAD, "no longer overdue")),
    (due(due_at=PASSED), due(due_at=EARLIER), (PASSED, EARLIER, "")),
    (due(due_at=AHEAD), due(due_at=NOW), (AHEAD, NOW, "")),  # overdue is what has passed
    (due(due_at=AHEAD, act_by=PASSED), due(due_at=AHEAD), (AHEAD, AHEAD, "")),
    (due(due_at=AHEAD, target=PASSED), due(due_at=AHEAD, target=EARLIER), (AHEAD, AHEAD, "")),
    (due(), due(), None),
    (due(), due(due_at=AHEAD), (None, AHEAD, "")),
    (due(), due(due_at=PASSED), (None, PASSED, "overdue")),
    (due(due_at=PASSED), due(), (PASSED, None, "no longer overdue")),
    (None, due(due_at=AHEAD), (None, AHEAD, "")),
    (None, due(due_at=PASSED), (None, PASSED, "overdue")),
    (None, due(), None),
    (due(due_at=PASSED), None, (PASSED, None, "no longer overdue")),
    (due(), None, None),
    (due(due_at=AHEAD, met=PASSED), due(due_at=PASSED, met=PASSED), None),
    (due(due_at=AHEAD, met=PASSED), None, None),
    (None, due(due_at=AHEAD, met=PASSED), None),
    (due(due_at=AHEAD, is_window=True), due(due_at=PASSED, is_window=True), (AHEAD, PASSED, "")),  # it lapses
    (due(due_at=AHEAD, is_window=True), due(due_at=LATER, is_window=True), (AHEAD, LATER, "")),
]


@pytest.mark.parametrize(("before", "after", "moved"), MOVED)
def test_a_deadline_moves_where_any_of_its_moments_does(
    before: DueLine | None, after: DueLine | None, moved: tuple[str | None, str | None, str] | None
) -> None:
    found = moves([before] if before else [], [after] if after else [], at(NOW))
    assert [(shown(move.was), shown(move.becomes), move.turns) for move in found] == ([moved] if moved else [])


def test_a_move_says_every_moment_before_and_after() -> None:
    before, after = due(due_at=AHEAD, target=PASSED, act_by=NOW), due(due_at=LATER, target=AHEAD, act_by=AHEAD)
    assert moves([before], [after], at(NOW)) == [
        Move(
            case="E0001", subject="M-1", protocol="hull", stage="1", action="reply", action_name="Reply",
            was=at(AHEAD), becomes=at(LATER), target_was=at(PASSED), target_becomes=at(AHEAD),
            act_by_was=at(NOW), act_by_becomes=at(AHEAD), turns="",
        )
    ]  # fmt: skip


def test_deadlines_are_told_apart_by_case_visit_action_and_time() -> None:
    one = due(due_at=AHEAD)
    others = [
        due(due_at=LATER)._replace(case=one.case._replace(ref="E0002")),
        due(due_at=LATER, visit=2),
        due(due_at=LATER, occurrence=2),
        due(due_at=LATER, action="meet"),
    ]
    assert moves([one, *others], [*others, one], at(NOW)) == []
    assert [move.was for move in moves([*others, one], others, at(NOW))] == [at(AHEAD)]


def test_what_turns_comes_first_and_then_what_is_due_first() -> None:
    rows = [("a", LATER, AHEAD), ("b", EARLIER, AHEAD), ("c", AHEAD, PASSED), ("d", AHEAD, EARLIER), ("e", AHEAD, None)]
    before = [due(action, was) for action, was, _ in rows]
    after = [due(action, becomes) for action, _, becomes in rows]
    assert [(move.action, move.turns) for move in moves(before, after, at(NOW))] == [
        ("d", "overdue"), ("c", "overdue"), ("b", "no longer overdue"), ("a", ""), ("e", ""),
    ]  # fmt: skip


def on(calendar: Calendar, protocol: str, raised: str, ref: str, subject: str | None) -> list[DueLine]:
    """What is due in a case on a calendar."""
    case = Played(protocol, raised)
    if protocol == "herefordshire":  # whose first stage has no time limit
        case.advance(raised.replace(" 10", " 12"))
    lines = due_lines(case_file(case.file.case, case.protocol, calendar))
    return [line._replace(case=line.case._replace(ref=ref, subject=subject)) for line in lines]


FLOOD = {
    1: days(date(2026, 11, 20), date(2026, 11, 25), "flood"),
    2: days(date(2026, 11, 13), date(2026, 11, 20), "flood"),
}


def real_moves() -> list[Move]:
    """Cases of three protocols: one closure is added for the first and the third, another is taken back for the second."""
    rows = [
        ("lincolnshire", "2026-11-19 10:00", "E0001", "M-40213", {}, FLOOD[1]),
        ("herefordshire", "2026-11-12 10:00", "E0002", None, FLOOD[2], {}),
        ("north-yorkshire", "2026-11-19 10:00", "E0003", "[bold]\x1b[31m a long reference", {}, FLOOD[1]),
    ]
    before, after = [], []
    for protocol, raised, ref, subject, was, becomes in rows:
        before += on(closed(ENGLAND, was), protocol, raised, ref, subject)
        after += on(closed(ENGLAND, becomes), protocol, raised, ref, subject)
    return moves(before, after, at(NOW))


@pytest.mark.parametrize("width", [80, 160])
def test_the_moves_are_shown_as_they_were_kept(wide: Any, width: int) -> None:
    text = wide(lambda room: moves_page(real_moves(), at(NOW), room), width)
    same_as_kept(f"moves-{width}.txt", text)
    assert max(len(line) for line in text.splitlines()) <= width


def test_the_moves_on_a_pipe_are_whole(wide: Any) -> None:
    text = wide(lambda room: moves_page(real_moves(), at(NOW), room), None)
    assert all(move.action_name in text for move in real_moves())


def test_the_moves_for_scripts_are_what_was_kept() -> None:
    same_as_kept("moves.json", json.dumps(list(moves_document(real_moves())), indent=2) + "\n")


def turning(*turns: str) -> list[Move]:
    move = moves([], [due(due_at=AHEAD)], at(NOW))[0]
    return [move._replace(turns=each) for each in turns]


SUMMARIES: list[tuple[Sequence[str], str]] = [
    ([], "No deadline moves."),
    ([""], "1 deadline moves: none becomes overdue."),
    (["", ""], "2 deadlines move: none becomes overdue."),
    (["overdue"], "1 deadline moves: 1 becomes overdue."),
    (["overdue", "overdue", ""], "3 deadlines move: 2 become overdue."),
    (["overdue", "no longer overdue", ""], "3 deadlines move: 1 becomes overdue, 1 is no longer overdue."),
    (["no longer overdue"] * 2, "2 deadlines move: none becomes overdue, 2 are no longer overdue."),
]


@pytest.mark.parametrize(("turns", "says"), SUMMARIES)
def test_a_sentence_counts_what_moves_and_what_turns(wide: Any, turns: Sequence[str], says: str) -> None:
    assert moves_summary(turning(*turns)) == says
    assert wide(lambda room: moves_page(turning(*turns), at(NOW), room), 80).splitlines()[0] == says
