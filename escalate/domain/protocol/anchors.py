"""What a timescale counts from."""

import re
from typing import NamedTuple

from escalate.errors import BadInput

KEY = r"[A-Za-z0-9][A-Za-z0-9-]*"
"""What the key of a stage, an action or a dated event looks like."""


class Anchor(NamedTuple):
    """What a timescale counts from."""

    kind: str
    """One of ANCHORS, or `stage-entry`, `action`, `overdue`; in the limits of a case also `agreed` and `done-before`."""
    key: str = ""
    """Of which stage or action; `action` may also name a dated event."""

    def __str__(self) -> str:
        return _WRITTEN.get(self.kind, self.kind).format(self.key)


_WRITTEN = {
    "stage-entry": "stage {}",
    "action": "{}",
    "overdue": "{} overdue",
    "agreed": "the agreed date",
    "done-before": "{} being done",
}

AGREED = Anchor("agreed")
"""Of a date the two sides agreed: it counts from nothing but the agreement."""

ANCHORS = {
    "concern": "the disputed decision, or when the concern first arose",
    "raised": "when the case was raised",
    "stage": "entry to the stage",
    "known": "when the fact that calls for it became known",
    "resolved": "when the case was resolved",
}
"""What every protocol can count from, and what it is in words."""


def parse_anchor(text: str) -> Anchor:
    """Read what a timescale counts from, as a protocol writes it. Raises BadInput.

    That is one of ANCHORS, `stage 3` for entry to a stage, `reply overdue` for an action's time running out without it, or
    the key of an action or of one of the file's dated events.
    """
    if text in ANCHORS:
        return Anchor(text)
    if match := re.fullmatch(r"stage (\S+)", text):
        return Anchor("stage-entry", match[1])
    if match := re.fullmatch(rf"({KEY}) overdue", text):
        return Anchor("overdue", match[1])
    if re.fullmatch(KEY, text):
        return Anchor("action", text)
    names = ", ".join(f'"{name}"' for name in ANCHORS)
    raise BadInput(
        f'"{text}" is not something to count from; try {names}, "stage 3", the key of an action or a moment, or "reply overdue"'
    )
