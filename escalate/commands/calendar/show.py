"""Showing a year of a calendar."""

from collections import Counter
from typing import Annotated

import typer

from escalate.commands.shared.calendar_change import CalendarName, calendars_meant
from escalate.commands.shared.counted_on import fresh_calendar
from escalate.commands.shared.options import WHOLE_NUMBER, Json
from escalate.commands.shared.session import session
from escalate.commands.shared.store import opened_or_made
from escalate.domain.worktime.clock import london_date
from escalate.output import terminal
from escalate.output.dates.documents import calendar_document


def show(
    context: typer.Context,
    year: Annotated[int | None, typer.Argument(help="The year, if not this one.", **WHOLE_NUMBER)] = None,
    calendar: CalendarName = None,
    as_json: Json = False,
) -> None:
    """Example: escalate calendar show 2026"""
    here = session(context)
    today = london_date(here.now)
    with opened_or_made(here, dry_run=True) as store:
        name = calendars_meant(store, calendar or here.settings.calendar)[-1]
        shown = store.calendar(name) or fresh_calendar(here, name)
        by_hand = store.calendars.kept_by_hand([name])
        resting = store.calendars.resting_on([name])
        due = [
            london_date(line.deadline.due_at)
            for line in store.lists.due()
            if line.case.calendar in resting and line.deadline.due_at
        ]
    wanted = year or today.year
    deadlines = dict(sorted(Counter(due).items()))
    if as_json:
        terminal.show_json(calendar_document(shown, wanted, deadlines, by_hand))
    else:
        from escalate.output.dates.calendar import calendar_page  # it loads Rich, which a document does not need

        terminal.show(calendar_page(shown, wanted, today, deadlines, terminal.width(), by_hand))
