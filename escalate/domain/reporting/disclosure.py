"""All that is held of one person over all cases, for whoever asks what is held of them: without other people's names, unless they are wanted."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from escalate.domain.case.details import ADDRESS
from escalate.domain.case.entries import ASSIGNED, Entry
from escalate.domain.case.look import ASKED, Look
from escalate.domain.case.model import Case
from escalate.domain.case.person import Person, subjects, whole
from escalate.domain.deadlines.case_file import CaseFile

ANOTHER = "[another person]"
"""What stands where somebody else is left out."""

NAMES, EMAILS, PHONES, RECORDERS, REFERENCES = "names", "emails", "phones", "recorders", "references"
"""The kinds of what is left out: names in texts and of who holds a side, e-mail addresses, who recorded or looked, references of others."""

_EMAIL = re.compile(ADDRESS)
_SHORTEST = 3
"""A part of a name of fewer letters is left where it stands: it would be taken out of the middle of sentences."""


class DisclosedEntry(NamedTuple):
    """An entry of which something is disclosed."""

    seq: int
    """Its number in the case."""
    kind: str
    """What happened, as `Entry.kind` has it."""
    at: datetime
    """When it happened (UTC)."""
    recorded_at: datetime
    """When it was recorded (UTC)."""
    by: str
    """Who recorded it."""
    entry: Entry
    """The entry with its words as they are disclosed."""


class DisclosedCase(NamedTuple):
    """A case that is about the person."""

    file: CaseFile
    """The case. Nothing but what cannot name others is shown of it beside what follows."""
    subject: str | None
    """The reference of the person."""
    identity: dict[str, str]
    """Who they are, by the names in `IDENTITIES`."""
    words: dict[str, str]
    """Free text about them that holds, by the names in `TEXTS`."""
    entries: tuple[DisclosedEntry, ...]
    """All its entries."""


class Mention(NamedTuple):
    """Where a case about somebody else names the person."""

    case: str
    """The reference of the case."""
    entry: DisclosedEntry
    """The entry, with those of its words alone that name them."""


class DisclosedLook(NamedTuple):
    """A look at the names in cases about the person."""

    at: datetime
    """When (UTC)."""
    by: str
    """Who."""
    command: str
    """The command."""
    cases: tuple[str, ...]
    """Those of the cases shown that are about the person."""
    words: dict[str, str]
    """The reason."""


class DisclosedReason(NamedTuple):
    """Why a calendar was changed, where that names the person."""

    calendar: str
    """The title of the calendar."""
    at: datetime
    """When it was changed (UTC)."""
    words: str
    """What was said."""


class Disclosure(NamedTuple):
    """What is held of one person."""

    person: Person
    """Whom it is about."""
    cases: tuple[DisclosedCase, ...]
    """The cases about them."""
    mentions: tuple[Mention, ...]
    """Where other cases name them."""
    looks: tuple[DisclosedLook, ...]
    """Who looked at the names in those cases."""
    reasons: tuple[DisclosedReason, ...]
    """Why calendars were changed, where that names the person."""
    left_out: dict[str, int]
    """How often somebody else was left out, by kind."""
    beside: tuple[str, ...]
    """The cases that were not found by what was asked, and have a name or a reference that cases about the person have."""


def disclosure(
    files: Callable[[], Iterable[CaseFile]],
    looks: Sequence[Look],
    reasons: Iterable[DisclosedReason],
    person: Person,
    *,
    include_others: bool,
) -> Disclosure:
    """Gather what is held; `files` gives every case with names, each time it is asked, `reasons` is why calendars were changed."""
    others: set[str] = set()
    phones: set[str] = set()
    references: set[str] = set()
    own: list[str] = []
    for file in files():  # first who everybody is: the last case may say who is named in the first
        person.learn(file.case)
        is_theirs = person.is_subject_of(file.case)
        own += [file.case.ref] if is_theirs else []
        references |= set() if is_theirs else subjects(file.case)
        for entry in file.case.history:
            said = entry.identities
            others |= {entry.by, said.get("name", "")} - {""}
            phones |= {said.get("phone", "")} - {""}
    left_out = _LeftOut(person, others, references, phones, include_others=include_others)
    cases, mentions = [], []
    beside: list[str] = []
    for file in files():
        beside += [file.case.ref] if person.may_be_subject_of(file.case) else []
        if file.case.ref in own:
            cases.append(_case(file, person, left_out))
        else:
            mentions += _mentions(file.case, person, left_out)
    found = [
        _look(each, own, left_out) for each in looks if not set(own).isdisjoint(each.cases) or _asks_for(each, person)
    ]
    named = [each._replace(words=left_out.text(each.words)) for each in reasons if person.is_named_in(each.words)]
    return Disclosure(
        person, tuple(cases), tuple(mentions), tuple(found), tuple(named), left_out.counted, tuple(beside)
    )


class _LeftOut:
    """Leaves other people out of texts, and counts them."""

    def __init__(
        self, person: Person, others: set[str], references: set[str], phones: set[str], *, include_others: bool
    ) -> None:
        self._include, self._person = include_others, person
        self._count: Counter[str] = Counter()
        mine = {part.casefold() for name in person.names for part in name.split()}
        theirs = {name for name in others if not person.is_named_in(name)}
        parts = {part for name in theirs for part in re.split(r"[\s.,_@-]+", name) if len(part) >= _SHORTEST}
        parts = {f"{part[0].upper()}{part[1:]}" for part in parts if part.casefold() not in mine}
        self._names = whole(theirs) if theirs else None
        # A surname alone is one only with a capital: "Will" and "May" are words as well.
        self._parts = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(parts)))})(?!\w)") if parts else None
        self._references = whole(references) if references else None
        self._phones = whole(phones) if phones else None

    def text(self, said: str) -> str:
        """A text without other people."""
        if self._include:
            return said
        for kind, pattern in (
            (EMAILS, _EMAIL),
            (PHONES, self._phones),
            (REFERENCES, self._references),
            (NAMES, self._names),
            (NAMES, self._parts),
        ):
            if pattern is not None:
                said = pattern.sub(lambda match, kind=kind: self._leave(kind, match[0]), said)  # type: ignore[misc]
        return said

    def who(self, said: str, kind: str) -> str:
        """Who somebody is, left out unless it is the person."""
        return said if self._include else self._leave(kind, said)

    def _leave(self, kind: str, said: str) -> str:
        if self._person.is_named_in(said):
            return said
        self._count[kind] += 1
        return ANOTHER

    @property
    def counted(self) -> dict[str, int]:
        """How often somebody was left out, by kind."""
        return {kind: self._count[kind] for kind in (NAMES, EMAILS, PHONES, RECORDERS, REFERENCES)}


def _case(file: CaseFile, person: Person, left_out: _LeftOut) -> DisclosedCase:
    case = file.case
    entries = tuple(
        _entry(each, _words_of(each, person, left_out), _identities_of(each, person, left_out), left_out)
        for each in case.history
    )
    latest = {name: entries[number - 1].entry for name, number in case.said_in.items()}
    return DisclosedCase(
        file,
        case.subject,
        {name: said for name, entry in latest.items() if (said := entry.identities.get(name))},
        {name: said for name, entry in latest.items() if (said := entry.words.get(name))},
        entries,
    )


def _words_of(entry: Entry, _: Person, left_out: _LeftOut) -> dict[str, str]:
    return {name: left_out.text(said) for name, said in entry.words.items()}


def _identities_of(entry: Entry, person: Person, left_out: _LeftOut) -> dict[str, str]:
    """Who the person is; who holds a side is somebody else, unless it is them."""
    if entry.kind != ASSIGNED or person.is_named_in(entry.identities.get("name", "")):
        return dict(entry.identities)
    kinds = {"email": EMAILS, "phone": PHONES}
    return {name: left_out.who(said, kinds.get(name, NAMES)) for name, said in entry.identities.items()}


def _entry(entry: Entry, words: dict[str, str], identities: dict[str, str], left_out: _LeftOut) -> DisclosedEntry:
    by = left_out.who(entry.by, RECORDERS)
    return DisclosedEntry(
        entry.seq,
        entry.kind,
        entry.at,
        entry.recorded_at,
        by,
        entry._replace(by=by, data=_data(entry, left_out), words=words, identities=identities),
    )


def _data(entry: Entry, left_out: _LeftOut) -> Mapping[str, Any]:
    """What the history keeps of an entry; why a calendar was changed may name somebody."""
    why = entry.data.get("why")
    return {**entry.data, "why": left_out.text(why)} if isinstance(why, str) else entry.data


def _mentions(case: Case, person: Person, left_out: _LeftOut) -> list[Mention]:
    """The entries of a case about somebody else that name the person, with what names them alone."""
    found = []
    for entry in case.history:
        is_theirs = person.is_named_in(entry.identities.get("name", ""))  # they hold a side
        held = dict(entry.identities) if is_theirs else {}
        words = {name: said for name, said in entry.words.items() if is_theirs or person.is_named_in(said)}
        if words or held:
            # Of its other words nothing is theirs: an entry may be about both.
            bare = entry._replace(data={}, withheld=())
            found.append(
                Mention(
                    case.ref, _entry(bare, {name: left_out.text(said) for name, said in words.items()}, held, left_out)
                )
            )
    return found


def _asks_for(look: Look, person: Person) -> bool:
    return any(person.is_named_in(said) for said in look.words.values())


def _look(look: Look, own: Sequence[str], left_out: _LeftOut) -> DisclosedLook:
    words = {name: left_out.text(said) for name, said in look.words.items() if name != ASKED}
    return DisclosedLook(
        look.at,
        left_out.who(look.by, RECORDERS),
        look.command,
        tuple(each for each in look.cases if each in own),
        words,
    )
