"""Documents that entries are about: where each is, and what it was when it was recorded. They stay where they are."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

FIELD = "document"
"""The words of an entry that name a document; of several the next is `document-2`."""


class Kept(NamedTuple):
    """A document outside, as it was when it was recorded."""

    place: str
    """The whole path."""
    digest: str
    """The SHA-256 of its bytes, in hexadecimal digits."""


def words_of(documents: Iterable[Kept]) -> dict[str, str]:
    """Documents as the words of an entry, which can be erased: names stand in paths."""
    return {
        FIELD if number == 1 else f"{FIELD}-{number}": f"{each.place} (SHA-256 {each.digest})"
        for number, each in enumerate(documents, 1)
    }


def is_document(field: str) -> bool:
    """Whether words of that name are a document."""
    return re.fullmatch(rf"{FIELD}(-[0-9]+)?", field) is not None


def documents_in(words: Mapping[str, str]) -> list[Kept]:
    """The documents among the words of an entry, in their order."""
    found = (
        re.fullmatch(r"(.+) \(SHA-256 ([0-9a-f]{64})\)", said, re.DOTALL)
        for field, said in words.items()
        if is_document(field)
    )
    return [Kept(match[1], match[2]) for match in found if match]
