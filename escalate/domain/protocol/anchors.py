"""What a timescale counts from."""

import re
from enum import StrEnum
from typing import NamedTuple

from escalate.errors import BadInput

KEY = r"[A-Za-z0-9][A-Za-z0-9-]*"
"""What the key of a stage, an action or a dated event looks like."""


class AnchorKind(StrEnum):
    """The kinds of things a time counts from. Those of ANCHORS are written as they are; _WRITTEN says how the others are."""

    CONCERN = "concern"
    RAISED = "raised"
    STAGE = "stage"
    KNOWN = "known"
    RESOLVED = "resolved"
    STAGE_ENTRY = "stage-entry"
    """Entry to the stage that is named, which need not be the one the timescale belongs to."""
    ACTION = "action"
    """An action being done, or a dated event."""
    OVERDUE = "overdue"
    """The time for an action running out without it."""
    AGREED = "agreed"
    """A date the two sides agreed; only in the limits of a case."""
    DONE_BEFORE = "done-before"
    """An action that repeats having been done the time before; only in the limits of a case."""


class Anchor(NamedTuple):
    """What a timescale counts from."""

    kind: AnchorKind
    """What kind of thing it is."""
    key: str = ""
    """The key of the stage, the action or the dated event; empty for the kinds of ANCHORS."""

    def __str__(self) -> str:
        return _WRITTEN.get(self.kind, self.kind).format(self.key)


_WRITTEN = {
    AnchorKind.STAGE_ENTRY: "stage {}",
    AnchorKind.ACTION: "{}",
    AnchorKind.OVERDUE: "{} overdue",
    AnchorKind.AGREED: "the agreed date",
    AnchorKind.DONE_BEFORE: "{} being done",
}

AGREED = Anchor(AnchorKind.AGREED)
"""The anchor of a date the two sides agreed: it counts from nothing but the agreement."""

ANCHORS: dict[str, str] = {
    AnchorKind.CONCERN: "the disputed decision, or when the concern first arose",
    AnchorKind.RAISED: "when the case was raised",
    AnchorKind.STAGE: "entry to the stage",
    AnchorKind.KNOWN: "when the fact that calls for it became known",
    AnchorKind.RESOLVED: "when the case was resolved",
}
"""What every protocol can count from, by the word for it, and what that is in other words."""

ANCHOR_EXAMPLES = (*ANCHORS, "stage 2", "reply", "hearing", "reply overdue")
"""Something of every kind that a protocol can write."""


def parse_anchor(text: str) -> Anchor:
    """Read what a timescale counts from, as a protocol writes it. Raises BadInput.

    That is one of ANCHORS, `stage 3` for entry to a stage, `reply overdue` for the time of an action having run out without
    it, or the key of an action or of one of the file's dated events.
    """
    if text in ANCHORS:
        return Anchor(AnchorKind(text))
    if match := re.fullmatch(r"stage (\S+)", text):
        return Anchor(AnchorKind.STAGE_ENTRY, match[1])
    if match := re.fullmatch(rf"({KEY}) overdue", text):
        return Anchor(AnchorKind.OVERDUE, match[1])
    if re.fullmatch(KEY, text):
        return Anchor(AnchorKind.ACTION, text)
    raise BadInput(f'"{text}" is not something to count from{_advice(text)}')


_WORDS_OF_DOCUMENTS = (
    (r"referral|referred|escalation|escalated|complaint|request|notification|submission",
        'if that is when the case was raised, write "raised"'),
    (r"incident|decision|dispute|disagreement|event", 'if that is the decision in dispute, or what the concern is about, write "concern"'),
    (r"receipt|received|receiving|entry|arrival",
        'if that is when it came to this stage, write "stage"; if when something was sent, the key of the action that sends it'),
    (r"awareness|aware|discovery|learning", 'if that is when an answer became known, write "known"'),
    (r"outcome|resolution|closure|closed", 'if that is when the case was resolved, write "resolved"'),
)  # fmt: skip
"""What documents count from, and what that may be; which it is only who has the document can say."""


def in_words_of_documents(text: str) -> str | None:
    """What to write for a word that documents use for what they count from; None where there is no such word in the text."""
    return next(
        (instead for said, instead in _WORDS_OF_DOCUMENTS if re.search(rf"\b(?:{said})\b", text.casefold())), None
    )


def _advice(text: str) -> str:
    """What to write instead of what is not something to count from."""
    plain = " ".join(text.casefold().split())
    if entered := re.fullmatch(
        r"(?:(?:from|on|when|the|entry|entering|start|beginning|to|into|of) )*stage( \S+)?(?: (?:entry|is entered|was entered|begins|starts))?",
        plain,
    ):
        return f'; try "stage{entered[1] or ""}"'
    if re.search(r"\bstage\b", text):
        return (
            ': a stage ends where another begins, so try "stage 3" for entry to that one,'
            ' the key of the action that ends it, or that key with "overdue"'
        )
    if said := re.search(r"\bwhen .*\b(raised|resolved|known)$", plain):
        return f'; try "{said[1]}"'
    words = " ".join(text.split()[:8])  # more than these are no key with a few words around it
    if late := re.fullmatch(
        rf"({KEY}) (?:is |was )?(?:late|not done|missed|expired|expires|lapsed|passed|runs out|ran out)", words
    ):
        return f'; try "{late[1]} overdue"'
    around = r"(?: (?:date|is|was|being|done|completed|sent|received))*"
    said = re.fullmatch(rf"(?:(?:after|from|when|the|date of) )*({KEY}){around}", words)
    if said and not in_words_of_documents(said[1]):
        return f'; try "{said[1]}"'
    if instead := in_words_of_documents(plain):
        return f"; {instead}"
    names = ", ".join(f'"{name}"' for name in ANCHORS)
    return f'; try {names}, "stage 3", the key of an action or a moment, or "reply overdue"'
