"""Facts over time: what was known of a case at an instant, and in which stretches of time a condition held."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from escalate.domain.case.details import is_instant
from escalate.domain.case.model import Answer, Case, KnownFact
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.clock import read_instant
from escalate.domain.worktime.due import Stop


class Since(NamedTuple):
    """An instant from which something counts or holds."""

    at: datetime
    """The instant (UTC)."""
    entry: int | None
    """The entry of the history that says so."""


OPENING = 1
"""The number of the entry that opens a case: the first of its history."""

Stretch = list[Since]
"""A stretch of time in which a condition held: each time something was said that makes it hold; it begins with the first."""

Answers = Mapping[str, str]
"""Answers by the keys of their facts."""


class Said(NamedTuple):
    """What one entry says of the facts, and what was then known."""

    at: datetime
    """From when on it holds (UTC)."""
    entry: int
    """The number of the entry."""
    answers: Answers
    """What the entry says."""
    before: Answers
    """The answers to all facts until then."""
    known: Answers
    """The answers to all facts once that was said."""
    calls_again: bool
    """It calls for everything once more, though a call is open."""


class Known:
    """What is known of a case, and since when: one walk over what was said, in the order it came about."""

    def __init__(self, facts: Mapping[str, KnownFact]) -> None:
        self._facts = facts
        self.answers: Answers = {key: fact.answer for key, fact in facts.items()}
        """The answers that hold now."""
        first = [(key, fact.said[0]) for key, fact in facts.items()]
        self.all_along: Answers = {
            key: each.said for key, each in first if not (each.is_dated or is_instant(each.said))
        }
        """First answers that somebody gave without saying from when: they settle what it was all along (C14)."""
        self._answers_at: dict[Since, Answers] = {}

    @cached_property
    def said(self) -> list[Said]:
        """Everything that was said, in the order it came about, however late it was written down."""
        answers = sorted(
            (_holds_from(each), each.entry, key, each.said, each.calls_again)
            for key, fact in self._facts.items()
            for each in _not_overtaken(fact)
        )
        known: dict[str, str] = {}
        found = []
        for (at, entry), group in groupby(answers, key=lambda each: each[:2]):
            together = list(group)
            now = {key: answer for _, _, key, answer, _ in together}
            found.append(Said(at, entry, now, known, known | now, any(again for *_, again in together)))
            known = known | now
        return found

    def holds(self, condition: Condition | None) -> bool:
        """Whether a condition holds now, if there is one at all."""
        return condition is None or condition.holds(self.answers)

    def may_hold(self, condition: Condition | None) -> bool:
        """Whether a condition holds now, or may: a question it hangs on is open (C14)."""
        return condition is None or condition.value(self.answers) is not False

    def answers_at(self, since: Since) -> Answers:
        """The answers that held when something happened, first answers that settle what it was all along included."""
        found = self._answers_at.get(since)
        if found is None:
            found = self._answers_at[since] = {**self.all_along, **self.said_by(since)} if self._facts else {}
        return found

    def said_by(self, since: Since) -> Answers:
        """The answers that had been given when something happened, each from when it holds; of one instant, in the order of the entries."""
        for each in reversed(self.said):
            if (each.at, each.entry) <= (since.at, since.entry or OPENING):
                return each.known
        return {}

    def stretches(self, *conditions: Condition) -> list[Stretch]:
        """The stretches of time in which all of these conditions held.

        One begins when something is said that makes them hold: what holds because nothing is known yet does so since no instant.
        """
        found: list[Stretch] = []
        held = False
        for said in self.said:
            if not all(each.holds(said.known) for each in conditions):
                held = False
            elif any(says_so(said, each) for each in conditions):
                if not held:
                    found.append([])
                found[-1].append(Since(said.at, said.entry))
                held = True
        return found

    def stops(self, condition: Condition | None) -> list[Stop]:
        """The times during which a clock stood still because a condition held."""
        if condition is None:
            return []
        found: list[Stop] = []
        since: datetime | None = None
        for at, known in {said.at: said.known for said in self.said}.items():  # the last that was said of an instant
            holds = condition.holds(known)
            if holds and since is None:
                since = at
            elif not holds and since is not None:
                found.append((since, at))
                since = None
        return [*found, (since, None)] if since else found

    def dated(self, event: str, over: Since | None) -> Since | None:
        """When a dated event is, as it was told before something was over; without that, as it was told last."""
        return _date_of(self._told_before(event, over)[-1:])

    def come(self, event: str, over: Since | None) -> Since | None:
        """When a dated event came about, if that was before something was over; None once its date is said to be unknown."""
        fact = self._facts.get(event)
        said = [each for each in fact.said if over is None or _holds_from(each) <= over.at] if fact else []
        return _date_of(said[-1:])

    def _told_before(self, event: str, over: Since | None) -> Sequence[Answer]:
        """What was said of the date of an event before something was over."""
        fact = self._facts.get(event)
        said = fact.said if fact else ()
        return [each for each in said if over is None or _comes_before(each.at, each.entry, over)]

    def told(self, event: str) -> list[tuple[Since, datetime | None]]:
        """Each time something was said of the date of an event: from when that holds (C20), and that date; None where it was said not to be known."""
        fact = self._facts.get(event)
        return [
            (Since(_holds_from(each), each.entry), read_instant(each.said) if is_instant(each.said) else None)
            for each in (fact.said if fact else ())
        ]


def known_of(protocol: Protocol, case: Case) -> Known:
    """What is known of a case: what was said, and what its protocol takes for granted, as if that had been said when it was opened."""
    if not protocol.taken_for_granted:
        return Known(case.facts)
    said = {key: each.said for key, each in case.facts.items()}
    for key, answer in protocol.taken_for_granted.items():
        granted, others = Answer(case.raised_at, OPENING, answer, is_dated=False), said.get(key, ())
        if not others or (granted.at, granted.entry) < (others[0].at, others[0].entry):
            said[key] = (granted, *others)
    return Known({key: KnownFact(each) for key, each in said.items()})


def _date_of(told: Sequence[Answer]) -> Since | None:
    """The date of an event by what was said of it, if anything was; None where that is that it is not known."""
    return Since(read_instant(told[0].said), told[0].entry) if told and is_instant(told[0].said) else None


def says_so(said: Said, condition: Condition) -> bool:
    """Whether something that was said makes a condition hold, or says once more what does."""
    return any(fact in said.answers for facts in condition.known_by(said.known) for fact in facts)


def _holds_from(answer: Answer) -> datetime:
    """From when an answer holds: what has happened on a date of its own is so from that date, however late it was told (C20)."""
    return min(answer.at, read_instant(answer.said)) if is_instant(answer.said) else answer.at


def _not_overtaken(fact: KnownFact) -> list[Answer]:
    """What was said of a fact, save what was said in between and has been overtaken: an event came after all, and before that."""
    found: list[Answer] = []
    for each in fact.said:
        found = [before for before in found if _holds_from(before) <= _holds_from(each)]
        found.append(each)
    return found


def _comes_before(at: datetime, entry: int, over: Since) -> bool:
    """Whether an entry comes before the one by which something was over."""
    return (at, entry) < (over.at, over.entry or OPENING)
