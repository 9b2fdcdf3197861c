"""The agencies that cases name: how often each, which are spelled much alike, and giving some of them one name."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.deadlines.model import CaseLine
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.details import Details, set_details
from escalate.domain.recording.request import Recording

_ALIKE = 0.85
"""From this likeness of their letters on, two names may be spellings of one."""

_WORDS_ALIKE = 0.75
"""The same of two words."""

_SMALL = {"and", "of", "the", "for", "nhs", "trust", "foundation"}
_LEAST = 2  # letters of a name that may be short for another


class AgencyNamed(NamedTuple):
    """A name of an agency, and what it is in how many cases."""

    name: str
    """The name as cases have it."""
    raising: int
    """In how many cases it raised the escalation."""
    receiving: int
    """In how many it was raised with it."""
    involved: int
    """In how many it is involved otherwise."""


def agencies_named(lines: Iterable[CaseLine]) -> list[AgencyNamed]:
    """Every name of an agency in cases, in alphabetical order."""
    raising: Counter[str] = Counter()
    receiving: Counter[str] = Counter()
    involved: Counter[str] = Counter()
    for line in lines:
        raising.update([line.raising_agency] if line.raising_agency else [])
        receiving.update([line.receiving_agency] if line.receiving_agency else [])
        involved.update(line.involved)
    names = sorted({*raising, *receiving, *involved}, key=str.casefold)
    return [AgencyNamed(name, raising[name], receiving[name], involved[name]) for name in names]


def spelled_alike(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The names that may be spellings of one agency, together."""
    groups: list[list[str]] = []
    for name in names:
        near = [group for group in groups if any(_may_be_one(name, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(each for group in near for each in group), name])
    return [tuple(group) for group in groups if len(group) > 1]


def _may_be_one(one: str, other: str) -> bool:
    words, others = _words(one), _words(other)
    letters, other_letters = "".join(words), "".join(others)
    if letters == other_letters or _short_for(one, others) or _short_for(other, words):
        return True
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    if len(words) == len(others):  # or North and South Primary School would be one
        return all(SequenceMatcher(None, *pair).ratio() >= _WORDS_ALIKE for pair in zip(words, others, strict=True))
    return SequenceMatcher(None, letters, other_letters).ratio() >= _ALIKE


def _words(name: str) -> list[str]:
    plain = re.sub(r"['’.]", "", name.casefold().replace("&", " and "))
    return [word for word in re.findall(r"\w+", plain) if word not in _SMALL]


def _short_for(short: str, words: Sequence[str]) -> bool:
    """Whether a name is made of the first letters of words: CSC of Children's Social Care."""
    letters = re.sub(r"[^\w]", "", short).casefold()
    return len(letters) >= _LEAST and len(words) > 1 and letters == "".join(word[0] for word in words)


def renamed(protocol: Protocol, case: Case, recording: Recording, names: Sequence[str], into: str) -> Entry | None:
    """The entry that gives agencies of a case another name; None where it has none of them. Raises Refused."""
    old = {as_compared(each) for each in names}

    def new_name(agency: str | None) -> str | None:
        return into if agency and as_compared(agency) in old and agency != into else None

    raising, receiving = new_name(case.raising_agency), new_name(case.receiving_agency)
    involved = tuple(dict.fromkeys(new_name(each) or each for each in case.involved))
    if not (raising or receiving or involved != case.involved):
        return None
    details = Details(
        raising_agency=raising,
        receiving_agency=receiving,
        involved=involved if involved != case.involved else None,
    )
    return set_details(protocol, case, recording, {}, details)


def as_compared(agency: str) -> str:
    """The name of an agency as it is compared: capital letters and spaces make no difference."""
    return " ".join(agency.split()).casefold()


def joined_with(joined: Mapping[str, str], names: Iterable[str], into: str) -> dict[str, str]:
    """What agencies are called, by their names as they are compared, once some of them have been given another name."""
    old = {as_compared(each) for each in names}
    found = {name: into if as_compared(called) in old else called for name, called in joined.items()}
    return {**found, **dict.fromkeys(old, into), as_compared(into): into}


def is_called(agency: str, said: str) -> bool:
    """Whether somebody means an agency by a name, however it is written."""
    return as_compared(agency) == as_compared(said)
