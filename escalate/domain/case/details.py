"""What `set` takes of a case beside the facts its protocol asks for, by the names people type."""

import re
from datetime import timedelta

SIDES = {"subject": "subject", "from": "raising_agency", "to": "receiving_agency"}
"""The reference of the person, and the two sides: what is typed, and what the history calls it."""

RELATED = "related"
"""The references of the cases that one belongs together with."""

LISTS = {"involved": "involved", "theme": "themes", RELATED: RELATED}
"""Of these a case may have several: other agencies involved, what it is about, and cases it belongs together with."""

LONGEST_THEME = 60
"""Characters: a theme is a few words, to count cases by."""

TEXTS = {
    "about": "About",
    "desired-outcome": "Desired outcome",
    "level-current": "Current level of need",
    "level-perceived": "Perceived level of need",
    "how": "How it was resolved",
    "lessons": "Lessons",
}
"""Free text, with its headings. It is stored apart from the history, so that it can be erased."""

IDENTITIES = {"name": "Name", "born": "Born", "address": "Address"}
"""Who the person is, with the headings. It is stored apart like free text, and shown only to those who ask for it."""

UNBORN = timedelta(days=300)
"""How far ahead a date of birth may lie: a case may be about a child that is yet to be born."""

HOLD = "legal-hold"
"""Why nothing of a case may be erased; `none` lifts it."""

NAMES = ("concern", *SIDES, *LISTS, *TEXTS, *IDENTITIES, HOLD)
"""Every name that `set` takes beside facts; no fact can have one of them."""


ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
"""An e-mail address as office servers know them: no display name, no quotes, nothing that could end a header."""


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address and nothing more."""
    return re.fullmatch(ADDRESS, text) is not None


def is_phone(text: str) -> bool:
    """Whether a text is a telephone number as people write one: digits with spaces between them, and an extension."""
    return re.fullmatch(r"\+?[0-9 ()./-]{3,30}((ext|x)\.? ?[0-9]{1,8})?", text, re.IGNORECASE) is not None and any(
        letter.isdigit() for letter in text
    )


def is_instant(answer: str) -> bool:
    """Whether an answer, as the history keeps it, is an instant and not a word of the protocol's."""
    return ":" in answer
