"""Questions nobody has answered, as they are asked, and how each is answered."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.people import same_holder_from
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.needed import not_done_before
from escalate.domain.deadlines.questions import open_questions
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import SIDES
from escalate.domain.worktime.clock import london_date
from escalate.errors import listed
from escalate.output.words import TYPED, Called


class Asked(NamedTuple):
    """A question of a protocol, as it is asked about one case."""

    ask: str
    """The question."""
    record: str
    """The command that answers it."""

    def __str__(self) -> str:
        return f"{self.ask} {self.record}"

    def said(self, called: Called = TYPED, between: str = " ") -> str:
        """The question, with the command where one is typed: after a blank, or on a line of its own."""
        return self.ask if called.by_name else f"{self.ask}{between}{self.record}"


def safety_questions(file: CaseFile, called: Called = TYPED, between: str = " ") -> list[str]:
    """The safety questions of an open case that nobody has answered, each with the command that answers it, where one is typed."""
    found = asked(file.protocol, file.case.ref, open_questions(file.protocol, file.case))
    return [each.said(called, between) for each in found]


def taken_for_granted(file: CaseFile, called: Called = TYPED) -> list[str]:
    """What the protocol takes for granted of a case, as nobody has said otherwise: `severity: low, until somebody says otherwise`."""
    granted = file.protocol.taken_for_granted.items()
    return [
        f"{called.key(key)}: {answer}, until somebody says otherwise"
        for key, answer in granted
        if key not in file.case.facts
    ]


def needed_first(file: CaseFile, called: Called = TYPED) -> list[str]:
    """What the present stage needs and nobody has done: `form-sent (Send the form)`."""
    return [each.name if called.by_name else f"{each.key} ({each.name})" for each in not_done_before(file)]


def same_holders(file: CaseFile, now: datetime) -> list[str]:
    """Who holds a side though the protocol wants somebody else there: `The receiving side is held by whoever held stage 1`."""
    return [
        f"{f'The {each.side} side' if each.side in SIDES else each.side} is held by whoever held stage {each.stage}"
        for each in same_holder_from(file.same_holder, london_date(now))
    ]


def asked(protocol: Protocol, ref: str, keys: Iterable[str]) -> list[Asked]:
    """The questions behind these keys, each with the command that answers it; a dated event is answered with a date."""
    return [_asked(protocol, ref, key) for key in keys]


def _asked(protocol: Protocol, ref: str, key: str) -> Asked:
    event = protocol.dated_event(key)
    if event:
        return Asked(event.ask, f"escalate set {ref} {key}=WHEN")
    fact = protocol.fact(key)
    return Asked(fact.ask, f"escalate set {ref} {key}=ANSWER ({listed(fact.answers, 'or')})")
