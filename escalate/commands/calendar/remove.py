"""Making days working days again."""

from collections.abc import Sequence
from datetime import date

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
from escalate.commands.shared.session import Session, session
from escalate.errors import Refused
from escalate.storage.calendars import KINDS
from escalate.storage.store import Store


def remove(
    context: typer.Context,
    day: FirstDay,
    reason: Why,
    last: LastDay = None,
    calendar: CalendarName = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate calendar remove "28 Dec 2026" --reason "Open after all" --dry-run"""
    here = session(context)
    days, why = days_meant(here, day, last), reason_given(reason)

    def decide(store: Store) -> CalendarChange:
        change, names = CalendarChange(why), calendars_meant(store, calendar)
        for name in names:
            _remove(here, store, name, days, change)
        if not change.names:
            for name in names:
                _refuse_from_elsewhere(here, store, name, days)
            raise Refused(f"There is nothing to remove. Not a bank holiday or closure: {in_words(days)}.")
        return change

    carry_out(here, decide, yes=yes, dry_run=dry_run, as_json=as_json)


def _remove(here: Session, store: Store, name: str, days: Sequence[date], change: CalendarChange) -> None:
    """Note what removing the days makes different in a calendar."""
    kinds = {kind: store.calendars.days_off(name, kind) for kind in KINDS}
    gone = [day for day in days if any(day in present for present in kinds.values())]
    if not gone:
        return
    change.days[name] = {
        kind: {day: title for day, title in present.items() if day not in gone} for kind, present in kinds.items()
    }
    titles = dict.fromkeys(present[day] for present in kinds.values() for day in gone if day in present)
    change.says.append(
        f"{here.calendar_of_cases(store, name).title}: no longer a day off: {in_words(gone)} ({'; '.join(titles)})."
    )


def _refuse_from_elsewhere(here: Session, store: Store, name: str, days: Sequence[date]) -> None:
    """Refuse to remove from a protocol's own calendar what it has from its nation's, or from its file. Raises Refused."""
    own, calendar = store.calendars.own(name), here.calendar_of_cases(store, name)
    titles = [calendar.days_off[day] for day in days if day in calendar.days_off]
    if own and titles:
        raise Refused(
            f"{calendar.title} has {in_words(days)} ({titles[0]}) from the {own.usual.name} calendar or from its protocol file:"
            " change it there."
        )
