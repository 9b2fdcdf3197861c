"""Which cases are to be erased, for each way of saying it, and erasing them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.commands.shared.session import Session
from escalate.domain.case.person import Person, subjects, whole
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import erasing
from escalate.domain.recording.erasing import left_to_erase
from escalate.domain.recording.request import Recording
from escalate.domain.recording.retention import DueToErase, Hold, Schedule, due_to_erase, hold_on, kept_until, strangers
from escalate.domain.worktime.allowance import Allowance
from escalate.errors import BadInput, Refused, listed
from escalate.storage.backups.reaching import NotReached, copies_of_moved, erase_in_copies
from escalate.storage.backups.restoring import since
from escalate.storage.files.protocols import all_protocols
from escalate.storage.reasons import Reason
from escalate.storage.store import Store


class Chosen(NamedTuple):
    """What is to be erased, and what is left alone."""

    files: Sequence[CaseFile]
    """The cases to erase, with their names."""
    held: Sequence[CaseFile] = ()
    """Those that a legal hold protects."""
    open: Sequence[CaseFile] = ()
    """Those that are open."""
    due: Sequence[DueToErase] = ()
    """Those that were kept as long as the schedule says, held ones too."""
    looks: Sequence[str] = ()
    """Looks at names whose words name the person, by their keys."""
    reasons: Sequence[Reason] = ()
    """Changes of calendars whose reasons name somebody who is to be erased."""
    beside: Sequence[str] = ()
    """Cases that were not found by what was asked of a person, and have a name or a reference that theirs have."""
    mentions: Sequence[str] = ()
    """Where the person is named and is not erased, a sentence each."""

    @property
    def rules(self) -> dict[str, str]:
        """By which rule each case is due, in words, by its reference."""
        return {each.file.case.ref: f"{each.rule}: {each.kept_for}" for each in self.due}

    @property
    def due_since(self) -> dict[str, datetime]:
        """Since when each case is due, by its reference (UTC)."""
        return {each.file.case.ref: each.since for each in self.due}


def chosen_case(store: Store, said: str) -> Chosen:
    """A case that somebody named; whether it may be erased shows later. Raises UnknownName, Ambiguous."""
    return Chosen([store.case(store.find(said), identify=True)])


def chosen_closed_for(store: Store, allowance: Allowance, now: datetime) -> Chosen:
    """The cases that were closed so long ago and have something to erase, the oldest first."""
    return _without_held([file for file in _closed(store) if _is_over(kept_until(file, allowance), now)])


def chosen_due(here: Session, store: Store) -> Chosen:
    """The cases that were kept as long as the schedule of the settings says. Raises Refused where there is none, BadInput."""
    schedule = here.settings.retention
    if not schedule:
        raise Refused(
            f'How long cases are kept is not set: write it into {here.settings.path}, as in [retention] and below it default = "6 years".'
        )
    _refuse_strangers(here, store, schedule)
    due = [found for file in _closed(store) if (found := due_to_erase(schedule, file, here.now))]
    return _without_held([each.file for each in due])._replace(due=due)


def chosen_of(store: Store, person: Person) -> Chosen:
    """The closed cases about a person, what else names them, and which of it stays."""
    files = list(store.files(identify=True))
    for file in files:
        person.learn(file.case)
    theirs = [file for file in files if person.is_subject_of(file.case)]
    refs = {file.case.ref for file in theirs}
    looks = [key for key, look in store.looks.with_words().items() if any(map(person.is_named_in, look.words.values()))]
    mentions = [
        f"{file.case.ref} names the person in entry {listed(places, 'and')}, and is about somebody else: nothing of it was erased."
        for file in files
        if file.case.ref not in refs and (places := _places(file, person.is_named_in))
    ]
    reasons = [each for each in store.reasons.all() if any(map(person.is_named_in, each.words.values()))]
    mentions += _old_reasons(store, person.is_named_in)
    beside = [file.case.ref for file in files if person.may_be_subject_of(file.case)]
    if not (theirs or looks or reasons or mentions):
        raise Refused(
            " ".join(["No case is about such a person, and nothing names them.", *person.not_searched(beside)])
        )
    closed = [file for file in theirs if file.case.status != "open" and any(left_to_erase(file.case).values())]
    open_ones = [file for file in theirs if file.case.status == "open"]
    return _without_held(closed)._replace(
        open=open_ones, looks=looks, reasons=reasons, beside=beside, mentions=mentions
    )


def holds_in(store: Store) -> list[Hold]:
    """Every legal hold, the oldest case first."""
    return [hold for file in store.files() if (hold := hold_on(file.case))]


def dispose(here: Session, store: Store, chosen: Chosen, recording: Recording, reason: str | None) -> NotReached:
    """Erase for good, in the file and in its copies; what may still have it."""
    with store.writing():
        cases = [store.case(file.case.ref, identify=True).case for file in chosen.files]
        store.erase([erasing.erase(case, recording, reason) for case in cases])
        store.erase_looks(chosen.looks, recording.by, recording.now)
        store.erase_reasons([each.key for each in chosen.reasons], recording.by, recording.now)
    store.wipe()
    backups = here.settings.backups
    if store.database.is_shared:  # its backups are its administrator's
        return NotReached(copies_of_moved(here.settings.folder, backups, store.own_id), [])
    return erase_in_copies(store.path, backups, since(store))


def with_reasons(store: Store, chosen: Chosen) -> Chosen:
    """The same, with the changes of calendars whose reasons name the people of these cases, or who holds a side of them."""
    cases = [file.case for file in chosen.files]
    said = {name for case in cases for entry in case.history for key, name in entry.identities.items() if key == "name"}
    said |= {subject for case in cases for subject in subjects(case)}
    if not any(each.strip() for each in said):
        return chosen
    pattern = whole(each for each in said if each.strip())
    there = {each.key: each for each in chosen.reasons}
    there |= {each.key: each for each in store.reasons.all() if any(map(pattern.search, each.words.values()))}
    old = _old_reasons(store, lambda text: pattern.search(text) is not None)
    return chosen._replace(reasons=list(there.values()), mentions=list(dict.fromkeys([*chosen.mentions, *old])))


def _old_reasons(store: Store, is_named_in: Callable[[str], bool]) -> list[str]:
    """The cases in which an entry of an earlier version has a reason in it that names somebody: entries are never changed."""
    refs = dict.fromkeys(ref for ref, why in store.history.old_reasons() if is_named_in(why))
    return [
        f"An entry of {ref} that an earlier version recorded has why a calendar was changed, which names the person: it stays."
        for ref in refs
    ]


def _closed(store: Store) -> Iterator[CaseFile]:
    """The closed cases that have something to erase, the oldest first."""
    for line in reversed(store.lists.cases(with_void=True)):
        if line.status != "open":
            file = store.case(line.ref, identify=True)
            if any(left_to_erase(file.case).values()):
                yield file


def _is_over(until: datetime | None, now: datetime) -> bool:
    return until is not None and until < now


def _without_held(files: Sequence[CaseFile]) -> Chosen:
    return Chosen(
        [file for file in files if not file.case.legal_hold], [file for file in files if file.case.legal_hold]
    )


def _places(file: CaseFile, is_named_in: Callable[[str], bool]) -> list[str]:
    """The numbers of the entries that name somebody."""
    return [
        str(entry.seq)
        for entry in file.case.history
        if any(map(is_named_in, (*entry.words.values(), *entry.identities.values())))
    ]


def _refuse_strangers(here: Session, store: Store, schedule: Schedule) -> None:
    """Refuse a schedule with a line that is about no protocol: a mistyped one would keep its cases for another time. Raises BadInput."""
    known = {*store.history.protocols(), *(file.protocol.id for file in all_protocols(here.settings.protocols)[0])}
    wrong = strangers(schedule, known)
    if wrong:
        raise BadInput(
            f"{here.settings.path}: retention.{wrong[0]} is not a protocol, nor default, resolved, withdrawn or void: correct it."
        )
