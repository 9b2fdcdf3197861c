"""Bringing bank holidays up to date."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import typer

from escalate.commands.shared.calendar_change import CalendarChange, FromFile, carry_out
from escalate.commands.shared.counted_on import fresh_calendar
from escalate.commands.shared.options import DryRun, Json, Yes
from escalate.commands.shared.session import Session, session
from escalate.domain.deadlines.coverage import matters
from escalate.domain.worktime.calendar import CALENDARS, Calendar
from escalate.domain.worktime.clock import spoken_day
from escalate.storage.calendars import BANK_HOLIDAY
from escalate.storage.files.govuk import covered, read_govuk
from escalate.storage.files.paths import path_from
from escalate.storage.store import Store
from escalate.wording import how_many

Days = Mapping[date, str]
"""Days off, and what each is called."""

Authority = tuple[date, date] | None
"""The first and the last day for which GOV.UK's file is what counts; None where it never was given."""


def refresh(
    context: typer.Context, file: FromFile = None, yes: Yes = False, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Example: escalate calendar refresh --dry-run"""
    here = session(context)
    published = read_govuk(path_from(str(file))) if file else None

    def decide(store: Store) -> CalendarChange:
        change = CalendarChange(f"bank holidays of {file.name}" if file else "bank holidays of escalate's list")
        for name in CALENDARS:
            if published is None or name in published:
                _refresh(here, store, name, published[name] if published else {}, change)
            else:
                change.says.append(f"{name}: the file says nothing about it.")
        return change

    carry_out(here, decide, yes=yes, dry_run=dry_run, as_json=as_json)


def _refresh(here: Session, store: Store, name: str, published: Days, change: CalendarChange) -> None:
    """Note what a list of bank holidays makes different in a calendar."""
    fresh, version = fresh_calendar(here, name), store.calendars.versions(name)[-1]
    present = store.calendars.days_off(name, BANK_HOLIDAY)
    authority = _authority(version.authority, published)
    wanted = _bank_holidays(fresh, present, published, authority)
    facts = _facts(fresh, authority)
    known = {fact: getattr(version, fact) for fact in facts}
    if wanted != present or facts != known:
        change.days[name] = {BANK_HOLIDAY: dict(sorted(wanted.items()))}
        change.facts[name] = facts
    change.says += [f"{name}: {line}." for line in _differences(present, wanted)]
    if facts != known:
        change.says.append(f"{name}: published to {spoken_day(facts['published_to'])} ({facts['source']}).")


def _authority(before: Authority, published: Days) -> Authority:
    """The years for which GOV.UK's file is what counts: those it had given before, and those it gives now."""
    if not published:
        return before
    first, last = covered(published)
    return (min(first, before[0]), max(last, before[1])) if before else (first, last)


def _bank_holidays(fresh: Calendar, present: Days, published: Days, authority: Authority) -> dict[date, str]:
    """The bank holidays there are to be. The file of GOV.UK is right for its years, escalate's list for all others."""
    if authority is None:
        return dict(fresh.days_off)
    first, last = authority
    wanted = {day: title for day, title in fresh.days_off.items() if not first <= day <= last}
    wanted |= {day: title for day, title in present.items() if first <= day <= last}
    # GOV.UK leaves out what falls on a weekend and has its substitute; where Saturdays are worked that is a day off all the same.
    weekends = {day: title for day, title in fresh.days_off.items() if not matters(day)}
    years = {day.year for day in published}
    return {day: title for day, title in wanted.items() if day.year not in years} | weekends | dict(published)


def _facts(fresh: Calendar, authority: Authority) -> dict[str, Any]:
    """What the new version of a calendar says beside its days off."""
    published_to, source = fresh.published_to, fresh.source
    if authority:
        published_to = max(published_to, authority[1])
        source = f"GOV.UK's list of {authority[0].year} to {authority[1].year}, and {source}"
    return {
        "first": fresh.first,
        "last": fresh.last,
        "published_to": published_to,
        "source": source,
        "authority": authority,
    }


def _differences(present: Days, wanted: Days) -> list[str]:
    """What is different on days that would be working days, each in words; and how many are only called otherwise."""
    weekdays = [day for day in sorted({*present, *wanted}) if matters(day)]
    lines = [f"a bank holiday: {spoken_day(day)} ({wanted[day]})" for day in weekdays if day not in present]
    lines += [f"no longer a bank holiday: {spoken_day(day)} ({present[day]})" for day in weekdays if day not in wanted]
    renamed = sum(day in present and day in wanted and present[day] != wanted[day] for day in weekdays)
    return lines + ([f"{how_many(renamed, 'day')} with another name"] if renamed else [])
