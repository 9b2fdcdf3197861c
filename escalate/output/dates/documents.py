"""The JSON documents of calendars, and of what moves with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from escalate.domain.deadlines.coverage import Checked, runs_out
from escalate.domain.deadlines.shifts import Move
from escalate.domain.worktime.calendar import Calendar, KeptByHand
from escalate.domain.worktime.local_calendar import WEEKDAYS
from escalate.domain.worktime.working_hours import Hours
from escalate.output.dates.by_hand import kept_by_hand_document
from escalate.output.dates.hours import unusual_hours
from escalate.output.dates.year import year_of
from escalate.output.documents import Document, instant


def calendar_document(
    calendar: Calendar, year: int, deadlines: Mapping[date, int], by_hand: Sequence[KeptByHand] = ()
) -> Document:
    """`calendar show --json`: of the days those that have a name or deadlines. Raises BeyondCalendar."""
    shown = year_of(calendar, year, deadlines)
    return {
        "calendar": calendar.title,
        "year": year,
        "published_to": calendar.published_to.isoformat(),
        "source": calendar.source or None,
        "week": [WEEKDAYS[day] for day in calendar.week],
        **_hours_document((calendar.opens, calendar.closes)),
        "hours_on": {WEEKDAYS[day]: _hours_document(hours) for day, hours in unusual_hours(calendar).items()},
        "days": [
            {
                "date": day.isoformat(),
                "working": calendar.is_working_day(day),
                "why": shown.why_not(day),
                "deadlines": deadlines.get(day, 0),
            }
            for day in shown.span.days
            if day in calendar.days_off or deadlines.get(day)
        ],
        "clock_set_by_hand": [kept_by_hand_document(each) for each in by_hand],
    }


def _hours_document(hours: Hours) -> Document:
    opens, closes = hours
    return {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}


def moves_document(moves: Iterable[Move]) -> Iterator[Document]:
    """The moves for --json, in the order they are shown in; `turns` is null where nothing turns."""
    return (
        {
            "case": move.case,
            "subject": move.subject,
            "protocol": move.protocol,
            "stage": move.stage,
            "action": move.action,
            "action_name": move.action_name,
            "was": _dates(move.was, move.target_was, move.act_by_was),
            "becomes": _dates(move.becomes, move.target_becomes, move.act_by_becomes),
            "turns": move.turns or None,
        }
        for move in moves
    )


def _dates(due_at: datetime | None, target_at: datetime | None, act_by: datetime | None) -> Document:
    return {"due_at": instant(due_at), "target_at": instant(target_at), "act_by": instant(act_by)}


def check_document(checked: Sequence[Checked]) -> list[Document]:
    """`calendar check --json`."""
    return [
        {
            "calendar": each.calendar.title,
            "published_to": each.calendar.published_to.isoformat(),
            "source": each.calendar.source,
            "runs_out": [one._asdict() | {"day": one.day.isoformat()} for one in runs_out(each.calendar)],
            "beyond": [
                {"case": line.case.ref, "action": line.deadline.action, "due_at": instant(line.deadline.due_at)}
                for line in each.beyond
            ],
            "differences": [
                {"date": one.day.isoformat(), "named": dict(one.named), "missing": list(one.missing)}
                for one in each.differences
            ],
        }
        for each in checked
    ]
