"""Looking whether escalate, what it keeps and what it needs are in order, and putting right what can be."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

import typer

from escalate import __version__
from escalate.commands.shared.options import Json, flag
from escalate.commands.shared.session import Session, session
from escalate.domain.deadlines.coverage import checked
from escalate.domain.worktime.clock import london_date, spoken, spoken_day
from escalate.errors import EscalateError, Refused, StoreError
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.documents import findings_document
from escalate.output.upkeep.findings import CheckResult, State, each_or, note, repairable, well, wrong
from escalate.output.upkeep.pages import findings_table
from escalate.storage.backups import restoring
from escalate.storage.backups.naming import backups_in, made_at
from escalate.storage.backups.restoring import erase_again, still_has
from escalate.storage.engines import sqlite_version
from escalate.storage.files.paths import is_there
from escalate.storage.files.permissions import close_to_others, left_over, open_to_others
from escalate.storage.files.protocols import all_protocols
from escalate.storage.store import Store, open_store
from escalate.wording import how_many

BACK_UP_EVERY = timedelta(days=7)
MADE = 2026
"""The year escalate was made in: a clock that says an earlier one is wrong."""

RIGHT_CLOCK = "Put the computer's clock right before anything more is recorded."
SOON = timedelta(days=365)
"""So far ahead bank holidays should be known: deadlines rarely lie further."""


def doctor(
    context: typer.Context,
    repair: Annotated[bool, flag("--repair", "Put right what can be worked out anew.")] = False,
    as_json: Json = False,
) -> None:
    """Example: escalate doctor"""
    here = session(context)
    repaired = _repair(here) if repair else []
    found = [finding for look in (*_ABOUT_ESCALATE, _database) for finding in look(here)]
    if as_json:
        show_json({"repaired": repaired, "findings": findings_document(found)})
    else:
        if repaired:
            say("\n".join([*repaired, ""]))
        show(findings_table(found))
    if any(each.state is State.WRONG for each in found):
        raise typer.Exit(1)


# -- what there is to look at


def _version(_: Session) -> Iterator[CheckResult]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield well("Version", f"escalate {__version__}, Python {python}, SQLite {sqlite_version()}")


def _settings(here: Session) -> Iterator[CheckResult]:
    settings = here.settings
    looks: tuple[Callable[[], object], ...] = (
        settings.all,
        lambda: settings.calendar,
        lambda: settings.at_risk,
        lambda: settings.working_hours,
    )
    faults = []
    for look in looks:
        try:
            look()
        except EscalateError as problem:
            faults.append(wrong("Settings", problem.sentence, "escalate config shows what they are."))
    said = f"read from {settings.path}" if is_there(settings.path) else f"none are kept: there is no {settings.path}"
    yield from each_or(dict.fromkeys(faults), well("Settings", said))


def _clock(here: Session) -> Iterator[CheckResult]:
    said = f"the clock says {spoken(here.now)} in London"
    if here.now.year < MADE:
        yield wrong("Clock", f"{said}, before escalate was made", RIGHT_CLOCK)
    else:
        by_hand = ", as ESCALATE_NOW sets it" if os.environ.get("ESCALATE_NOW") else ""
        yield well("Clock", f"{said}{by_hand}")


def _protocols(here: Session) -> Iterator[CheckResult]:
    files, problems = all_protocols(here.settings.protocols)
    faults = [wrong("Protocols", problem, "escalate protocol check FILE lists every mistake.") for problem in problems]
    yield from each_or(faults, well("Protocols", f"{how_many(len(files), 'file')}, all sound"))


_ABOUT_ESCALATE = (_version, _settings, _clock, _protocols)


def _database(here: Session) -> Iterator[CheckResult]:
    """All there is to say of the file with the cases; if it cannot be opened, why."""
    path = here.settings.database
    try:
        if not here.has_file():
            yield note("Cases", f"there is no file {path}", "escalate open makes it with the first case.")
            return
    except Refused as problem:
        yield wrong("Cases", problem.sentence, "escalate config shows which file is meant.")
        return
    try:
        with open_store(path) as store:
            for look in _ABOUT_THE_FILE:
                yield from look(here, store)
    except StoreError as problem:
        yield wrong("Cases", problem.sentence, "escalate restore lists the backups there are.")
    for look_around in _AROUND_THE_FILE:
        yield from look_around(here)


def _file(here: Session, store: Store) -> Iterator[CheckResult]:
    cases, entries, last = store.history.size
    held = f"{how_many(cases, 'case')}, {how_many(entries, 'entry', 'entries')} in {store.name}"
    faults = [wrong("File", fault, "Restore a backup: escalate restore lists them.") for fault in store.checks.file()]
    yield from each_or(faults, well("File", held))
    if last and last > here.now:
        yield wrong("Clock", f"the last entry was recorded {spoken(last)}, which has not come yet", RIGHT_CLOCK)


def _history(_: Session, store: Store) -> Iterator[CheckResult]:
    faults = store.checks.history()[1]
    faults += [fault for ref in store.history.refs() for fault in store.checks.said(ref)]
    advice = "Ask who could write the file; the backups show what it was: escalate restore."
    found = [wrong("History", fault, advice) for fault in faults]
    yield from each_or(found, well("History", "every entry is as it was recorded"))


def _lists(_: Session, store: Store) -> Iterator[CheckResult]:
    found = [repairable("Lists", fault) for fault in _faults_in_lists(store)]
    yield from each_or(found, well("Lists", "cases, deadlines and search are what the history comes to"))


def _faults_in_lists(store: Store) -> list[str]:
    """Where what is kept ready, and the index, are not what the history comes to."""
    return [fault for ref in store.history.refs() for fault in store.checks.derived(ref)] + store.checks.index()


def _erased(here: Session, store: Store) -> Iterator[CheckResult]:
    if not store.is_wiped:
        yield repairable("Erased", "what was erased may still lie in unused parts of the file")
    since = restoring.since(store)
    for path in backups_in(here.settings.backups) if since.erased else ():
        try:
            if still_has(path, since):
                yield repairable("Erased", f"{path.name} still has words that were erased since it was made")
        except EscalateError as problem:
            yield wrong("Backups", problem.sentence, "Remove that file, and make a new one: escalate backup.")


def _calendars(here: Session, store: Store) -> Iterator[CheckResult]:
    today, lines = london_date(here.now), store.lists.due()
    for name in store.calendars.names:
        calendar = here.calendar_of_cases(store, name)
        beyond = checked(calendar, lines, {}).beyond
        known = f"{calendar.title}: bank holidays are published to {spoken_day(calendar.published_to)}"
        more = f", and {how_many(len(beyond), 'open deadline lies', 'open deadlines lie')} beyond" if beyond else ""
        if beyond or calendar.published_to < today + SOON:
            yield note("Calendars", known + more, "escalate calendar refresh takes what was published since.")
        else:
            yield well("Calendars", known)


_ABOUT_THE_FILE = (_file, _history, _lists, _erased, _calendars)


def _private(here: Session) -> Iterator[CheckResult]:
    found = [
        repairable("Private", f"others who use this computer can read {path}")
        for path in open_to_others(here.settings.database, here.settings.backups)
    ]
    yield from each_or(found, well("Private", "nobody else who uses this computer can read the file"))


def _left_over(here: Session) -> Iterator[CheckResult]:
    for path in left_over(here.now, here.settings.database.parent, here.settings.backups):
        yield repairable("Left over", f"{path} was left half made by a run that was interrupted")


def _backups(here: Session) -> Iterator[CheckResult]:
    folder = here.settings.backups
    found = backups_in(folder)
    advice = "escalate backup makes one, and can be run every night."
    if not found:
        yield note("Backups", f"there is none in {folder}", advice)
        return
    made = made_at(found[-1])
    says = f"{len(found)} in {folder}, the last of {spoken(made)}"
    yield note("Backups", says, advice) if here.now - made > BACK_UP_EVERY else well("Backups", says)


_AROUND_THE_FILE = (_private, _left_over, _backups)


# -- putting right


def _repair(here: Session) -> list[str]:
    """Put right what can be worked out anew; what was done, a line each."""
    database, folder = here.settings.database, here.settings.backups
    done = []
    for path in open_to_others(database, folder):
        with suppress(OSError):  # somebody else's file: it stays among the findings
            close_to_others(path)
            done.append(f"Made {path} private.")
    for path in left_over(here.now, database.parent, folder):
        with suppress(OSError):
            path.unlink()
            done.append(f"Removed {path}.")
    if is_there(database):
        with suppress(StoreError), open_store(database) as store:  # it is among the findings, with what to do
            done += _repair_file(here, store)
    return done


def _repair_file(here: Session, store: Store) -> list[str]:
    """Put right what the file and its backups can be brought to by their own history; what was done, a line each."""
    done = []
    if _faults_in_lists(store):
        with store.writing():
            store.derived.index.renew()
            store.derived.rebuild()
        done.append("Worked out the lists of cases and deadlines, and the index, anew from the history.")
    if not store.is_wiped:
        store.wipe()
        done.append("Wiped what was erased from unused parts of the file.")
    since = restoring.since(store)
    for path in backups_in(here.settings.backups) if since.erased else ():
        with suppress(EscalateError):
            if erase_again(path, since):
                done.append(f"Erased in {path.name} what was erased since it was made.")
    return done
