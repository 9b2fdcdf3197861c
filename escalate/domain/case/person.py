"""A person as somebody asks for them: by the reference they have in other records, by name, or by both."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.errors import listed


class Person:
    """Whom somebody means. A name is theirs whatever its capitals and spaces; a part of it is not."""

    def __init__(self, reference: str | None, name: str | None) -> None:
        self.reference, self.name = reference, name
        self.names = {name} if name else set()
        """What they are called: as was asked, and as the cases with their reference say."""
        self.references: set[str] = set()
        """The references that cases with their name have."""

    def learn(self, case: Case) -> None:
        """Take up what a case of theirs calls them where it is found by its reference, and its reference where it is found by the name."""
        if self._has_reference(case):
            self.names |= _names(case)
            self.__dict__.pop("_pattern", None)
        if self._has_name(case):
            self.references |= subjects(case)

    def is_subject_of(self, case: Case) -> bool:
        """Whether a case is, or once was, about them."""
        return self._has_reference(case) or self._has_name(case)

    def may_be_subject_of(self, case: Case) -> bool:
        """Whether a case is not found by what was asked, and has a name or a reference that cases of theirs have: ask by both."""
        if self.is_subject_of(case):
            return False
        by_reference = self.name is None and not _alike(self.names).isdisjoint(_alike(_names(case)))
        return by_reference or (
            self.reference is None and not _alike(self.references).isdisjoint(_alike(subjects(case)))
        )

    def is_named_in(self, text: str) -> bool:
        """Whether their reference or their whole name stands in a text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def not_searched(self, beside: Sequence[str]) -> list[str]:
        """What asking by a name alone, or by a reference alone, does not find, and which cases may be meant, a sentence each."""
        if self.reference and self.name:
            return []
        asked, other = ("name", "reference") if self.name else ("reference", "name")
        said = [
            f"Only the {asked} was searched for: a case that has only the {other} is not found. Give both where you know both."
        ]
        if beside:
            have = "has" if len(beside) == 1 else "have"
            said.append(
                f"{listed(beside, 'and')} {have} a {other} that a case with this {asked} has, and not the {asked}: give both if it is the same person."
            )
        return said

    def _has_reference(self, case: Case) -> bool:
        wanted = _plain(self.reference or "")
        return bool(wanted) and any(_plain(each) == wanted for each in subjects(case))

    def _has_name(self, case: Case) -> bool:
        return _plain(self.name or "") in _alike(_names(case))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        named = [whole(names).pattern] if (names := [each for each in self.names if each.strip()]) else []
        reference = self.reference or ""
        referred = [rf"(?<!\w-){whole([reference]).pattern}(?!-\w)"] if reference.strip() else []
        found = "|".join([*referred, *named])  # "M-4" is no part of "M-4-2", which is somebody else's
        return re.compile(found, re.IGNORECASE) if found else None


def subjects(case: Case) -> set[str]:
    """Every reference of the person that the entries of a case have, as far as it is here."""
    return {str(each["subject"]) for entry in case.history for each in _particulars(entry.data) if each.get("subject")}


def whole(said: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these as whole words, whatever the capitals and spaces, the longest first."""
    longest_first = sorted(said, key=len, reverse=True)
    each = (r"\s+".join(map(re.escape, one.split())) for one in longest_first)
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


def _names(case: Case) -> set[str]:
    """Every name of the person that the entries of a case have, as far as it is here."""
    return {entry.identities["name"] for entry in case.history if "name" in entry.identities and _of_subject(entry)}


def _alike(said: Iterable[str]) -> set[str]:
    return {plain for each in said if (plain := _plain(each))}


def _of_subject(entry: Entry) -> bool:
    """Whether the name in an entry is that of the person the case is about, and not of who holds a side."""
    return entry.kind != "assigned"


def _particulars(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    return data, data.get("particulars", {})


def _plain(said: str) -> str:
    return " ".join(said.split()).casefold()
