"""What is recorded of a case beside the facts its protocol asks for, by the names people type for it."""

import re

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


ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
"""An e-mail address as office servers know them: no display name, no quotes, nothing that could end a header."""


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address and nothing more."""
    return re.fullmatch(ADDRESS, text) is not None


def is_moment(answer: str) -> bool:
    """Whether the answer to a question, as the history keeps it, is a moment and not a word of the protocol's."""
    return ":" in answer
