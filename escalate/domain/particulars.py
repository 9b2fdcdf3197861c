"""What is recorded of a case beside the facts its protocol asks for, by the names people type for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SIDES = {"subject": "subject", "from": "raising_agency", "to": "receiving_agency"}
"""The reference of the person, and the two sides: what is typed, and what the history calls it."""

LISTS = {"involved": "involved", "theme": "themes"}
"""What there may be several of: other agencies involved, and what it was about."""

LONGEST_THEME = 60

TEXTS = {
    "about": "About",
    "desired-outcome": "Desired outcome",
    "level-current": "Current level of need",
    "level-perceived": "Perceived level of need",
    "how": "How it was resolved",
    "lessons": "Lessons",
}
"""Free text, and its headings. It lives apart from the history, so that it can be erased."""

IDENTITIES = {"name": "Name", "born": "Born", "address": "Address"}
"""Who the person is, and the headings. It lives apart like free text, and is shown only to whoever asks for it."""

HOLD = "legal-hold"
"""Said of a case of which nothing may be erased, in a few words why; `none` lifts it."""

NAMES = ("concern", *SIDES, *LISTS, *TEXTS, *IDENTITIES, HOLD)
"""Everything `set` takes beside facts, so that no fact can have one of these names."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a case is opened with, or is now known to be; None, or left out, where nothing is said.

    `subject` is a reference, never a name. `words` and `identities` go by the names in `TEXTS` and `IDENTITIES`.
    """

    subject: str | None = None
    raising_agency: str | None = None
    receiving_agency: str | None = None
    involved: tuple[str, ...] | None = None
    themes: tuple[str, ...] | None = None
    legal_hold: bool | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)


def is_moment(answer: str) -> bool:
    """Whether the answer to a question, as the history keeps it, is a moment and not a word of the protocol's."""
    return ":" in answer
