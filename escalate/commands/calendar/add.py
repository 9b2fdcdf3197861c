"""Adding days on which nobody works."""

import typer

from escalate.commands.shared.calendar_change import (
    CalendarChange,
    CalendarName,
    FirstDay,
    LastDay,
    Why,
    calendars_meant,
    carry_out,
    days_meant,
    in_words,
    reason_given,
)
from escalate.commands.shared.options import DryRun, Json, Yes
from escalate.commands.shared.session import session
from escalate.errors import Refused
from escalate.storage.calendars import CLOSURE
from escalate.storage.store import Store


def add(
    context: typer.Context,
    day: FirstDay,
    reason: Why,
    last: LastDay = None,
    calendar: CalendarName = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate calendar add "24 Dec 2026" "31 Dec 2026" --reason "Council closed" --dry-run"""
    here = session(context)
    days, why = days_meant(here, day, last), reason_given(reason)

    def decide(store: Store) -> CalendarChange:
        change = CalendarChange(why)
        for name in calendars_meant(store, calendar):
            known = here.calendar_of_cases(store, name)
            known.check(days[0])
            known.check(days[-1])
            fresh = [each for each in days if known.is_working_day(each)]
            if fresh:
                change.days[name] = {CLOSURE: {**store.calendars.days_off(name, CLOSURE), **dict.fromkeys(fresh, why)}}
                change.says.append(f"{known.title}: non-working day: {in_words(fresh)} ({why}).")
        if not change.names:
            raise Refused(f"There is nothing to add. Already non-working: {in_words(days)}.")
        return change

    carry_out(here, decide, yes=yes, dry_run=dry_run, as_json=as_json)
