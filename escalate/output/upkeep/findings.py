"""What `doctor` found: what is well, what is worth knowing, and what has to be put right, and how."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something was found."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at."""

    about: str
    """What was looked at."""
    state: State
    """How it was found."""
    says: str
    """What was seen, in a sentence."""
    advice: str = ""
    """What to do about it; empty where there is nothing to do."""
    repairable: bool = False
    """`doctor --repair` puts it right."""


def well(about: str, says: str) -> CheckResult:
    """Nothing to be done."""
    return CheckResult(about, State.WELL, says)


def note(about: str, says: str, advice: str) -> CheckResult:
    """Worth knowing, and no harm done yet."""
    return CheckResult(about, State.NOTE, says, advice)


def wrong(about: str, says: str, advice: str) -> CheckResult:
    """To be put right by somebody."""
    return CheckResult(about, State.WRONG, says, advice)


REPAIR = "escalate doctor --repair puts it right."


def repairable(about: str, says: str) -> CheckResult:
    """To be put right, which --repair does."""
    return CheckResult(about, State.WRONG, says, REPAIR, repairable=True)


def each_or(faults: Iterable[CheckResult], sound: CheckResult) -> list[CheckResult]:
    """What was found wrong; if nothing, that it is well."""
    return list(faults) or [sound]
