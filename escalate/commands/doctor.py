"""Commands that look whether all is as it was recorded, and whether escalate and what it needs is in order."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from escalate import __version__
from escalate.commands.options import Json
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.output.upkeep.findings import Finding
    from escalate.storage.store import Store

BACK_UP_EVERY = timedelta(days=7)
MADE = 2026
"""The year escalate was made in: a clock that says an earlier one is wrong."""

RIGHT_CLOCK = "Put the computer's clock right before anything more is recorded."
SOON = timedelta(days=365)
"""So far ahead bank holidays should be known: deadlines rarely lie further."""


def verify(
    context: typer.Context,
    heads: Annotated[
        list[str] | None,
        typer.Option(
            "--head",
            metavar="HEAD",
            help="A head that verify, digest or backup printed earlier; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that everything is as it was recorded: every entry, edition and calendar by the chain, words by their commitments, lists by the history.

    Without --head, someone who can write the file and knows how it is made could have changed it and the chain with it. With a head
    that was kept elsewhere, as in an e-mailed digest, that shows for all that came before it.

    Example: escalate verify
    """
    from escalate.output import words
    from escalate.output.terminal import complain, counting, say, show_json

    here = desk(context)
    known = [_head(said) for said in heads or ()]
    with here.existing() as store:
        checks = store.checks
        head, faults = checks.history()
        faults += checks.file()
        refs = store.history.refs()
        for ref in counting(refs, len(refs), "Checking cases"):
            faults += [*checks.said(ref), *checks.derived(ref)]
        faults += checks.index()
        faults += [fault for each in known if (fault := checks.known_head(each))]
        cases, entries, _ = store.history.size
    if as_json:
        show_json({"sound": not faults, "faults": faults, "cases": cases, "entries": entries, "head": head})
    elif not faults:
        counted = words.counted
        say(
            f"{counted(cases, 'case')} and {counted(entries, 'entry', 'entries')} are as they were recorded"
            f"{', and what was written down is still so' if known else ''}.\nHead: {head}"
        )
    if faults:
        complain(*[f"{fault[0].upper()}{fault[1:]}." for fault in faults])
        raise typer.Exit(1)


def doctor(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Put right what can be worked out anew.")] = False,
    as_json: Json = False,
) -> None:
    """Look whether all is in order: the file, its history, who may read it, backups, calendars, protocols, the clock. Says what to do.

    Example: escalate doctor
    """
    from escalate.output.terminal import say, show, show_json
    from escalate.output.upkeep.findings import State
    from escalate.output.upkeep.pages import findings_document, findings_table

    here = desk(context)
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


def _head(said: str) -> tuple[int, str]:
    """A head as it was printed. Raises BadInput."""
    from escalate.errors import BadInput, cut

    if not (found := re.fullmatch(r"\s*([0-9]{1,15}):([0-9a-f]{64}|[0-9a-f]{32})\s*", said)):
        raise BadInput(f'"{cut(said, 60)}" is not a head: copy it whole, the number, the colon and all that follows.')
    return int(found[1]), found[2]


# -- what there is to look at


def _version(_: Desk) -> "Iterator[Finding]":
    from escalate.output.upkeep.findings import well
    from escalate.storage.files.permissions import sqlite_version

    python = ".".join(map(str, sys.version_info[:3]))
    yield well("Version", f"escalate {__version__}, Python {python}, SQLite {sqlite_version()}")


def _settings(here: Desk) -> "Iterator[Finding]":
    from escalate.errors import EscalateError
    from escalate.output.upkeep import findings as health_domain
    from escalate.storage.files.paths import is_there

    health, settings = health_domain, here.settings
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
            faults.append(health.wrong("Settings", problem.sentence, "escalate config shows what they are."))
    read = is_there(settings.path)
    said = f"read from {settings.path}" if read else f"none are kept: there is no {settings.path}"
    yield from health.each_or(dict.fromkeys(faults), health.well("Settings", said))


def _clock(here: Desk) -> "Iterator[Finding]":
    from escalate.domain.worktime.clock import spoken
    from escalate.output.upkeep.findings import well, wrong

    said = f"the clock says {spoken(here.now)} in London"
    if here.now.year < MADE:
        yield wrong("Clock", f"{said}, before escalate was made", RIGHT_CLOCK)
    else:
        by_hand = ", as ESCALATE_NOW sets it" if os.environ.get("ESCALATE_NOW") else ""
        yield well("Clock", f"{said}{by_hand}")


def _protocols(here: Desk) -> "Iterator[Finding]":
    from escalate.output.upkeep import findings as health_domain
    from escalate.output.words import counted
    from escalate.storage.files.protocols import all_protocols

    health = health_domain
    files, problems = all_protocols(here.settings.protocols)
    faults = [
        health.wrong("Protocols", problem, "escalate protocol check FILE lists every mistake.") for problem in problems
    ]
    yield from health.each_or(faults, health.well("Protocols", f"{counted(len(files), 'file')}, all sound"))


_ABOUT_ESCALATE = (_version, _settings, _clock, _protocols)


def _database(here: Desk) -> "Iterator[Finding]":
    """All there is to say of the file with the cases; if it cannot be opened, why."""
    from escalate.errors import StoreError
    from escalate.output.upkeep import findings as health_domain
    from escalate.storage.files.paths import is_there

    health, path = health_domain, here.settings.database
    if not is_there(path):
        yield health.note("Cases", f"there is no file {path}", "escalate open makes it with the first case.")
        return
    try:
        with here.store() as store:
            for look in _ABOUT_THE_FILE:
                yield from look(here, store)
    except StoreError as problem:
        yield health.wrong("Cases", problem.sentence, "escalate restore lists the backups there are.")
    for look_around in _AROUND_THE_FILE:
        yield from look_around(here)


def _file(here: Desk, store: "Store") -> "Iterator[Finding]":
    from escalate.domain.worktime.clock import spoken
    from escalate.output import words
    from escalate.output.upkeep import findings as health_domain

    health = health_domain
    cases, entries, last = store.history.size
    counted = words.counted
    held = f"{counted(cases, 'case')}, {counted(entries, 'entry', 'entries')} in {store.path}"
    faults = [
        health.wrong("File", fault, "Restore a backup: escalate restore lists them.") for fault in store.checks.file()
    ]
    yield from health.each_or(faults, health.well("File", held))
    if last and last > here.now:
        yield health.wrong(
            "Clock",
            f"the last entry was recorded {spoken(last)}, which has not come yet",
            RIGHT_CLOCK,
        )


def _history(_: Desk, store: "Store") -> "Iterator[Finding]":
    from escalate.output.upkeep import findings as health_domain

    health = health_domain
    faults = store.checks.history()[1]
    faults += [fault for ref in store.history.refs() for fault in store.checks.said(ref)]
    found = [
        health.wrong("History", fault, "Ask who could write the file; the backups show what it was: escalate restore.")
        for fault in faults
    ]
    yield from health.each_or(found, health.well("History", "every entry is as it was recorded"))


def _lists(_: Desk, store: "Store") -> "Iterator[Finding]":
    from escalate.output.upkeep import findings as health_domain

    health = health_domain
    faults = [fault for ref in store.history.refs() for fault in store.checks.derived(ref)]
    faults += store.checks.index()
    found = [health.repairable("Lists", fault) for fault in faults]
    yield from health.each_or(found, health.well("Lists", "cases, deadlines and search are what the history comes to"))


def _erased(here: Desk, store: "Store") -> "Iterator[Finding]":
    from escalate.errors import EscalateError
    from escalate.output.upkeep import findings as health_domain
    from escalate.storage.backups import restoring
    from escalate.storage.backups.naming import backups_in
    from escalate.storage.backups.restoring import still_has

    health = health_domain
    if not store.is_wiped:
        yield health.repairable("Erased", "what was erased may still lie in unused parts of the file")
    since = restoring.since(store)
    for path in backups_in(here.settings.backups) if since.erased else ():
        try:
            if still_has(path, since):
                yield health.repairable("Erased", f"{path.name} still has words that were erased since it was made")
        except EscalateError as problem:
            yield health.wrong("Backups", problem.sentence, "Remove that file, and make a new one: escalate backup.")


def _calendars(here: Desk, store: "Store") -> "Iterator[Finding]":
    from escalate.domain.deadlines.coverage import checked
    from escalate.domain.worktime.clock import london_date, spoken_day
    from escalate.output.upkeep import findings as health_domain
    from escalate.output.words import counted

    health, today = health_domain, london_date(here.now)
    lines, spoken = store.lists.due(), spoken_day
    for name in store.calendars.names:
        calendar = here.kept(store, name)
        beyond = checked(calendar, lines, {}).beyond
        known = f"{calendar.title}: bank holidays are published to {spoken(calendar.published_to)}"
        more = f", and {counted(len(beyond), 'open deadline lies', 'open deadlines lie')} beyond" if beyond else ""
        if beyond or calendar.published_to < today + SOON:
            yield health.note("Calendars", known + more, "escalate calendar refresh takes what was published since.")
        else:
            yield health.well("Calendars", known)


_ABOUT_THE_FILE = (_file, _history, _lists, _erased, _calendars)


def _private(here: Desk) -> "Iterator[Finding]":
    from escalate.output.upkeep import findings as health_domain
    from escalate.storage.files.permissions import open_to_others

    health = health_domain
    found = [
        health.repairable("Private", f"others who use this computer can read {path}")
        for path in open_to_others(here.settings.database, here.settings.backups)
    ]
    yield from health.each_or(found, health.well("Private", "nobody else who uses this computer can read the file"))


def _left_over(here: Desk) -> "Iterator[Finding]":
    from escalate.output.upkeep.findings import repairable
    from escalate.storage.files.permissions import left_over

    folders = (here.settings.database.parent, here.settings.backups)
    for path in left_over(here.now, *folders):
        yield repairable("Left over", f"{path} was left half made by a run that was interrupted")


def _backups(here: Desk) -> "Iterator[Finding]":
    from escalate.domain.worktime.clock import spoken
    from escalate.output.upkeep import findings as health_domain
    from escalate.storage.backups.naming import backups_in, made_at

    health, folder = health_domain, here.settings.backups
    found = backups_in(folder)
    advice = "escalate backup makes one, and can be run every night."
    if not found:
        yield health.note("Backups", f"there is none in {folder}", advice)
        return
    made = made_at(found[-1])
    says = f"{len(found)} in {folder}, the last of {spoken(made)}"
    yield health.note("Backups", says, advice) if here.now - made > BACK_UP_EVERY else health.well("Backups", says)


_AROUND_THE_FILE = (_private, _left_over, _backups)


# -- putting right


def _repair(here: Desk) -> list[str]:
    """Puts right what can be worked out anew; what was done, a line each."""
    from escalate.errors import StoreError
    from escalate.storage.files.paths import is_there
    from escalate.storage.files.permissions import close_to_others, left_over, open_to_others

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
    if not is_there(database):
        return done
    try:
        with here.store() as store:
            done += _repair_file(here, store)
    except StoreError:  # it is among the findings, with what to do
        return done
    return done


def _repair_file(here: Desk, store: "Store") -> list[str]:
    from escalate.errors import EscalateError
    from escalate.storage.backups import restoring
    from escalate.storage.backups.naming import backups_in
    from escalate.storage.backups.restoring import erase_again

    done = []
    faults = [fault for ref in store.history.refs() for fault in store.checks.derived(ref)] + store.checks.index()
    if faults:
        with store.writing():
            store.derived.index.rebuild()
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
