"""Looking whether escalate, what it keeps and what it needs are in order, and putting right what can be."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from escalate import __version__
from escalate.commands.shared.options import Json, flag
from escalate.commands.shared.readers import mail_settings, not_reached, readers
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import file_of
from escalate.commands.shared.witness import faults, kept, remarks
from escalate.domain.case.entries import RESOLVED, WITHDRAWN
from escalate.domain.deadlines.coverage import checked, running_out
from escalate.domain.importing.changes import closed_with_duties_left
from escalate.domain.worktime.clock import instant, london_date, spoken, spoken_day
from escalate.errors import BadInput, BrokenFile, EscalateError, Refused, StoreError, cut, listed
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.documents import findings_document
from escalate.output.upkeep.findings import CheckResult, State, each_or, note, repairable, well, wrong
from escalate.output.upkeep.pages import findings_table, moved_by_rules
from escalate.storage import redating
from escalate.storage.backups import restoring
from escalate.storage.backups.encrypting import unencrypted
from escalate.storage.backups.kept import Backup, ancestry, backups_of, newest, no_backups, other_names
from escalate.storage.backups.reaching import copies_in_reach
from escalate.storage.backups.restoring import erase_again, still_has, verified
from escalate.storage.checks import Checks
from escalate.storage.engines import sqlite_version
from escalate.storage.files.paths import is_there
from escalate.storage.files.permissions import close_to_others, left_over, open_to_others
from escalate.storage.files.protocols import all_protocols
from escalate.storage.places import FilePlace, ServerPlace
from escalate.storage.store import Store, open_store
from escalate.wording import how_many

BACK_UP_EVERY = timedelta(days=7)
BACK_UP = "escalate backup makes one, and can be run every night."
APART = timedelta(minutes=2)
"""So far this computer's clock and the server's may be apart: entries have the time of the computer they are recorded on."""

OLD = timedelta(minutes=5)
"""A replica that is so far behind does not follow."""

FOLLOWS = "Ask the server's administrator to check that it still follows."
SET_REPLICA = "escalate config shows where it is set."
CHANGED_THERE = "Ask the server's administrator who could write there; their dumps show what it was."
CHANGED = "Ask who could write there, and look into the backups: escalate restore lists them."
DUMP = "Ask the server's administrator to run escalate server backup every night: it checks that each dump can be restored."
MOST_NAMED = 6
"""So many agencies or cases are named in one finding."""

MADE = 2026
"""The year escalate was made in: a clock that says an earlier one is wrong."""

RIGHT_CLOCK = "Put the computer's clock right before anything more is recorded."
REPAIR_THERE = "escalate doctor says what is wrong there, and its administrator restores a dump of what is"
SOON = timedelta(days=365)
"""So far ahead bank holidays should be known: deadlines rarely lie further."""


def doctor(
    context: typer.Context,
    repair: Annotated[bool, flag("--repair", "Repair what can be rebuilt.")] = False,
    as_json: Json = False,
) -> None:
    """Example: escalate doctor"""
    here = session(context)
    repaired = _repair(here, file_of(here, "doctor --repair", REPAIR_THERE)) if repair else []
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


def _version(here: Session) -> Iterator[CheckResult]:
    python = ".".join(map(str, sys.version_info[:3]))
    with suppress(EscalateError):  # where the cases are cannot be read, which is among the findings
        if here.settings.file is None:  # the server has a version of its own
            yield well("Version", f"escalate {__version__}, Python {python}")
            return
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
    """All there is to say of the cases, and of where they are."""
    try:
        place, is_there = here.settings.place, here.has_file()
    except (Refused, BadInput) as problem:
        yield wrong("Cases", problem.sentence, "escalate config shows which file is meant.")
        return
    if isinstance(place, ServerPlace):
        yield from _on_server(here, place)
    elif not is_there:
        yield note("Cases", f"there is no file yet at {place}", "escalate open makes it with the first case.")
    else:
        yield from _in_file(here, place)


def _on_server(here: Session, place: ServerPlace) -> Iterator[CheckResult]:
    """All there is to say of the cases on a server: its files and backups are its administrator's. If it cannot be opened, why."""
    try:
        with open_store(place) as store:
            for look in _ABOUT_THE_SERVER:
                yield from look(here, store)
    except (StoreError, Refused) as problem:
        yield wrong("Cases", problem.sentence, "escalate config shows which server is meant.")


def _server(here: Session, store: Store) -> Iterator[CheckResult]:
    from escalate.storage.server_address import login_at  # no file needs it

    whose = store.agency or "the business unit, which sees the cases of all"
    place = str(here.settings.place)
    login = login_at(place, os.environ)
    yield well("Server", f"{store.database.engine} at {place}, where you are {login}, of {whose}")
    there = store.database.clock()
    if there and not os.environ.get("ESCALATE_NOW") and abs(there - here.now) > APART:
        yield wrong(
            "Clock", f"the server's clock says {spoken(there)}, and this computer's {spoken(here.now)}", RIGHT_CLOCK
        )


def _replica(here: Session, _: Store) -> Iterator[CheckResult]:
    replica = here.settings.replica
    if replica is None:
        return
    try:
        with open_store(replica) as store:
            age = store.database.age()
            if age is not None and age > OLD:
                yield wrong(
                    "Replica", f"{replica} is {how_many(int(age.total_seconds() // 60), 'minute')} behind", FOLLOWS
                )
            else:
                yield well("Replica", f"{replica} follows the server")
    except (StoreError, Refused) as problem:
        yield wrong("Replica", problem.sentence, f"Until then everything is read from the server itself. {SET_REPLICA}")


def _dumps(here: Session, store: Store) -> Iterator[CheckResult]:
    """When the server was last dumped, as far as that can be seen from here; an agency's login has nothing to do with that."""
    if store.agency is not None:
        return
    folder = here.settings.backups
    made = _last_dump(folder)
    if made is None:
        yield note("Dumps", f"none can be seen from here: there is no file *.dump in {folder}", DUMP)
    elif here.now - made > BACK_UP_EVERY:
        yield note("Dumps", f"the last in {folder} is of {spoken(made)}", DUMP)
    else:
        yield well("Dumps", f"the last in {folder} is of {spoken(made)}")


def _last_dump(folder: Path) -> datetime | None:
    """When the newest dump in a folder was written."""
    times = []
    with suppress(OSError):  # no such folder, or one of the dumps is just being removed
        times = [path.stat().st_mtime for path in folder.glob("*.dump")]
    return instant(datetime.fromtimestamp(max(times), UTC)) if times else None


def _strangers(_: Session, store: Store) -> Iterator[CheckResult]:
    if found := store.database.strangers():
        shown = [f'"{cut(agency, 60)}"' for agency in found[:MOST_NAMED]]
        more = [f"{len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else []
        yield note(
            "Agencies",
            f"nobody belongs to {listed([*shown, *more], 'and')}, which cases name, so only the other side sees those cases",
            "escalate server member add lets somebody in; escalate agency join NAME --into NAME puts a name right that was written wrong, in every case.",
        )


def _in_file(here: Session, place: FilePlace) -> Iterator[CheckResult]:
    """All there is to say of the file with the cases; if it cannot be opened, why."""
    try:
        with open_store(place) as store:
            for look in _ABOUT_THE_FILE:
                yield from look(here, store)
            yield from _backups(here, place.path, store)
    except StoreError as problem:
        yield wrong("Cases", problem.sentence, "escalate restore lists the backups there are.")
        yield from _backups(here, place.path, None)
    for look_around in _AROUND_THE_FILE:
        yield from look_around(here, place.path)


def _file(here: Session, store: Store) -> Iterator[CheckResult]:
    cases, entries, last = store.history.size
    held = f"{how_many(cases, 'case')}, {how_many(entries, 'entry', 'entries')} in {store.name}"
    faults = [wrong("File", fault, "Restore a backup: escalate restore lists them.") for fault in store.checks.file()]
    yield from each_or(faults, well("File", held))
    if last and last > here.now:
        yield wrong("Clock", f"the last entry was recorded {spoken(last)}, which is in the future", RIGHT_CLOCK)


def _cases(here: Session, store: Store) -> Iterator[CheckResult]:
    cases, entries, last = store.history.size
    held = f"{how_many(cases, 'case')} and {how_many(entries, 'entry', 'entries')}"
    held += f" that {store.agency} sees" if store.agency else ""
    advice = f"{store.database.way_back[0].upper()}{store.database.way_back[1:]}, or escalate server init put back what guards it."
    yield from each_or([wrong("Cases", fault, advice) for fault in store.checks.file()], well("Cases", held))
    if last and last > here.now:
        yield wrong("Clock", f"the last entry was recorded {spoken(last)}, which is in the future", RIGHT_CLOCK)


def _history(_: Session, store: Store) -> Iterator[CheckResult]:
    faults = store.checks.history()[1] + store.checks.apart()
    faults += [fault for ref in store.history.refs() for fault in store.checks.said(ref)]
    advice = "Ask who could write the file; the backups show what it was: escalate restore."
    said = "every entry is as it was recorded"
    if store.database.is_shared:
        advice = CHANGED_THERE
        said += f", by {store.checks.chain}"
    found = [wrong("History", fault, advice) for fault in faults]
    yield from each_or(found, well("History", said))


def _lists(_: Session, store: Store) -> Iterator[CheckResult]:
    checks = store.checks
    faults = _faults_in_lists(store, checks)
    if store.database.is_shared:
        found = [wrong("Lists", fault, "Ask the server's administrator who changed them.") for fault in faults]
    else:
        found = [repairable("Lists", fault) for fault in faults]
    found += [note("Lists", each, "Until then all else is checked.") for each in checks.unchecked]
    yield from each_or(found, well("Lists", "cases, deadlines and search are what the history comes to"))


def _faults_in_lists(store: Store, checks: Checks) -> list[str]:
    """Where what is kept ready, and the index, are not what the history comes to."""
    return [fault for ref in store.history.refs() for fault in checks.derived(ref)] + checks.index()


def _erased(here: Session, store: Store) -> Iterator[CheckResult]:
    if not store.is_wiped:
        yield repairable("Erased", "what was erased may still lie in unused parts of the file")
    since = restoring.since(store)
    for path in copies_in_reach(store.path, here.settings.backups, since.own_id) if since.erased or since.looks else ():
        try:
            if still_has(path, since):
                yield repairable("Erased", f"{path.name} still has words that were erased since it was made")
        except EscalateError as problem:
            yield wrong("Backups", problem.sentence, "Remove that file, and make a new one: escalate backup.")


def _retention(here: Session, store: Store) -> Iterator[CheckResult]:
    """Whether cases were kept longer than the settings say; where those say nothing, nothing is said."""
    if not here.settings.retention or not store.database.sees_all:
        return
    from escalate.commands.shared.disposal import chosen_due  # few have a schedule

    try:
        due = chosen_due(here, store)
    except BadInput as problem:
        yield wrong("Retention", problem.sentence, "Until it is put right, nothing is listed as due to be erased.")
        return
    held = f", and {how_many(len(due.held), 'more', 'more')} under a legal hold" if due.held else ""
    if due.files:
        yield note(
            "Retention",
            f"{how_many(len(due.files), 'closed case was', 'closed cases were')} kept as long as the settings say{held}",
            "escalate erase --due lists them, to be looked through and signed off.",
        )
    else:
        yield well("Retention", f"no closed case is due to be erased{held}")


def _calendars(here: Session, store: Store) -> Iterator[CheckResult]:
    today, lines = london_date(here.now), store.lists.due()
    for name in store.calendars.names:
        calendar = here.calendar_of_cases(store, name)
        beyond = checked(calendar, lines, {}).beyond
        is_known = "days off are known" if calendar.runs_out else "bank holidays are published"
        known = f"{calendar.title}: {is_known} to {spoken_day(calendar.published_to)}"
        more = f", and {how_many(len(beyond), 'open deadline lies', 'open deadlines lie')} beyond" if beyond else ""
        if beyond or (calendar.published_to < today + SOON and not calendar.runs_out):
            yield note("Calendars", known + more, "escalate calendar refresh takes what was published since.")
        else:
            yield well("Calendars", known)
        for each in running_out([calendar], today):
            more = "is over" if each.day < today else "is near"
            yield note(
                "Calendars",
                f"{each.calendar}: {each.what} are given up to {spoken_day(each.day)}, which {more}",
                "Add what follows to the protocol's file, as a new edition; escalate protocol adopt brings open cases under it.",
            )


def _redated(here: Session, store: Store) -> Iterator[CheckResult]:
    """What got another date when the file was last worked out by newer rules."""
    if moved := redating.kept(store.database):
        yield well("Newer rules", f"when they came, {moved_by_rules(moved, here.now)}")


def _taken_over(_: Session, store: Store) -> Iterator[CheckResult]:
    """Cases that an earlier version closed from a log, and that have had duties ever since, for all of them once."""
    due = {line.case.ref for line in store.lists.due() if line.case.status in (RESOLVED, WITHDRAWN)}
    refs = sorted(due & {each.case for each in store.history.imported().values()})
    left = [
        ref for ref, history in zip(refs, store.history.of_each(refs), strict=True) if closed_with_duties_left(history)
    ]
    if left:
        more = [f"{len(left) - MOST_NAMED} more"] if len(left) > MOST_NAMED else []
        yield note(
            "Taken over",
            f"{listed([*left[:MOST_NAMED], *more], 'and')} came closed from a log, by an earlier version that kept their duties due",
            "Record what was done with escalate done; or take that import back (escalate import --runs, then --undo N) and import the log again: nothing is due then.",
        )


def _witness(here: Session, store: Store) -> Iterator[CheckResult]:
    """Whether the record goes on from every head that was kept of it."""
    found = kept(here, store)
    for remark in remarks(store, found):
        yield note("Witness", remark, "escalate verify holds the record against every head that was kept.")
    heads = found.heads
    shared = store.database.is_shared
    lost = [
        wrong("Witness", fault, CHANGED_THERE if shared else CHANGED)
        for fault in faults(here, store, found, all_signatures=False)
    ]
    if not heads:
        keeps = "escalate digest keeps one." if shared else "escalate digest and escalate backup keep one."
        yield note("Witness", "no head of this record is kept so far", keeps)
    else:
        where = listed([str(each.path) for each in found.places if each.heads], "and")
        says = f"{how_many(len(heads), 'head')} in {where}, the last of {spoken(heads[-1].at)}"
        yield from each_or(lost, well("Witness", f"{says}, all in the record"))


def _mail(here: Session, store: Store) -> Iterator[CheckResult]:
    """Whether everybody got the last digest that was made for them; where none is e-mailed nothing is said."""
    try:
        if here.settings.mail is None:
            return
        mail = mail_settings(here)
    except (BrokenFile, Refused) as problem:
        yield wrong("Digest", problem.sentence, f"Until it is put right in {here.settings.path}, nobody gets a digest.")
        return
    today = london_date(here.now)
    missed = not_reached(store, readers(store, mail, today), today + timedelta(days=1)).values()
    found = [
        wrong("Digest", f"{each.reader} got none on {spoken_day(each.day)}", "escalate digest --mail sends it.")
        for each in missed
    ]
    yield from each_or(found, well("Digest", "everybody was sent the last that was made for them"))


_ABOUT_THE_FILE = (_file, _history, _witness, _lists, _redated, _taken_over, _erased, _retention, _calendars, _mail)
_ABOUT_THE_SERVER = (
    _server,
    _cases,
    _history,
    _witness,
    _lists,
    _taken_over,
    _retention,
    _calendars,
    _mail,
    _strangers,
    _replica,
    _dumps,
)


def _private(here: Session, database: Path) -> Iterator[CheckResult]:
    found = [
        repairable("Private", f"others who use this computer can read {path}")
        for path in open_to_others(database, here.settings.backups)
    ]
    yield from each_or(found, well("Private", "nobody else who uses this computer can read the file"))


def _encrypted(here: Session, database: Path) -> Iterator[CheckResult]:
    """Whether all copies of an encrypted file are encrypted too; of a plain file nothing is said."""
    with suppress(StoreError, Refused):  # without its key it cannot be opened, which is among the findings
        plain = unencrypted(database, here.settings.backups)
        if plain is not None:
            advice = "escalate encrypt encrypts its copies in the folder of backups; remove the others."
            found = [wrong("Encrypted", f"{path} is not encrypted", advice) for path in plain]
            yield from each_or(found, well("Encrypted", "the file is encrypted, and so is every copy of it here"))


def _left_over(here: Session, database: Path) -> Iterator[CheckResult]:
    for path in left_over(here.now, database.parent, here.settings.backups):
        yield repairable("Left over", f"{path} was left half made by a run that was interrupted")
    for path in other_names(database, here.settings.backups):
        yield repairable(
            "Left over", f"{path} is not a copy but the file itself, left by a restore that was interrupted"
        )


def _backups(here: Session, database: Path, store: Store | None) -> Iterator[CheckResult]:
    """Whether there is a backup that can be restored, and not too old; which of them are none, and which are dated ahead."""
    folder = here.settings.backups
    for path in no_backups(folder, database):
        yield wrong("Backups", f"{path.name} is not a backup: it cannot be read", f"Remove it from {folder}.")
    found = backups_of(folder, database, store.own_id if store else "")
    for each in found:
        if each.dated[0] > here.now:
            says = f"{each.path.name} is dated {spoken(each.dated[0])}, which is in the future"
            yield note("Backups", says, "It counts by what it holds. Remove it when there are newer ones.")
    its_own = ancestry(found, store.database) if store else []
    try:
        yield _newest_backup(here, folder, newest(its_own or found, here.now))
    except EscalateError as problem:
        yield wrong("Backups", problem.sentence, BACK_UP)


def _newest_backup(here: Session, folder: Path, last: Backup | None) -> CheckResult:
    """How the newest backup was found, which is opened and verified. Raises BrokenBackup, NewerFile, Refused."""
    if last is None:
        return note("Backups", f"there is none in {folder}", BACK_UP)
    verified(last.path)
    made = last.dated[0]
    says = f"{last.path.name} in {folder} is the newest, of {spoken(made)}, and can be restored"
    return well("Backups", says) if timedelta(0) <= here.now - made <= BACK_UP_EVERY else note("Backups", says, BACK_UP)


_AROUND_THE_FILE = (_private, _encrypted, _left_over)


# -- putting right


def _repair(here: Session, database: Path) -> list[str]:
    """Put right what can be worked out anew; what was done, a line each."""
    folder = here.settings.backups
    done = []
    for path in open_to_others(database, folder):
        with suppress(OSError):  # somebody else's file: it stays among the findings
            close_to_others(path)
            done.append(f"Made {path} private.")
    for path in [*left_over(here.now, database.parent, folder), *other_names(database, folder)]:
        with suppress(OSError):
            path.unlink()
            done.append(f"Removed {path}.")
    if is_there(database):
        with (
            suppress(StoreError),
            open_store(FilePlace(database)) as store,
        ):  # it is among the findings, with what to do
            done += _repair_file(here, store)
    return done


def _repair_file(here: Session, store: Store) -> list[str]:
    """Put right what the file and its backups can be brought to by their own history; what was done, a line each."""
    done = []
    if _faults_in_lists(store, store.checks):
        with store.writing():
            store.derived.index.renew()
            store.derived.rebuild()
        done.append("Rebuilt the lists of cases and deadlines, and the index, from the history.")
    if not store.is_wiped:
        store.wipe()
        done.append("Wiped what was erased from unused parts of the file.")
    since = restoring.since(store)
    for path in copies_in_reach(store.path, here.settings.backups, since.own_id) if since.erased or since.looks else ():
        with suppress(EscalateError):
            if erase_again(path, since):
                done.append(f"Erased in {path.name} what was erased since it was made.")
    return done
