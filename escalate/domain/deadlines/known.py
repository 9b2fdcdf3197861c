"""Facts over time: what was known of a case at an instant, and in which stretches of time a condition held."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from escalate.domain.case.details import is_instant
from escalate.domain.case.model import KnownFact
from escalate.domain.protocol.conditions import Condition
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


class Said(NamedTuple):
    """What one entry says of the facts, and what was then known."""

    at: datetime
    """From when on it holds (UTC)."""
    entry: int
    """The number of the entry."""
    answers: Mapping[str, str]
    """What the entry says, by the keys of the facts."""
    known: Mapping[str, str]
    """The answers to all facts once that was said."""


class Known:
    """What is known of a case, and since when: one walk over what was said, in the order it came about."""

    def __init__(self, facts: Mapping[str, KnownFact]) -> None:
        self._facts = facts

    @cached_property
    def answers(self) -> Mapping[str, str]:
        """The answers that hold now."""
        return {key: fact.answer for key, fact in self._facts.items()}

    @cached_property
    def _said(self) -> list[Said]:
        """Everything that was said, in the order it came about, however late it was written down."""
        answers = sorted(
            (each.at, each.entry, key, each.said) for key, fact in self._facts.items() for each in fact.said
        )
        known: dict[str, str] = {}
        found = []
        for (at, entry), together in groupby(answers, key=lambda each: each[:2]):
            now = {key: answer for _, _, key, answer in together}
            known = known | now
            found.append(Said(at, entry, now, known))
        return found

    def holds(self, condition: Condition | None) -> bool:
        """Whether a condition holds now, if there is one at all."""
        return condition is None or condition.holds(self.answers)

    def answers_at(self, at: datetime) -> Mapping[str, str]:
        """The answers that held at an instant."""
        return next((said.known for said in reversed(self._said) if said.at <= at), {})

    def stretches(self, condition: Condition) -> list[Stretch]:
        """The stretches of time in which a condition held.

        One begins when something is said that makes it hold: what holds because nothing is known yet does so since no instant.
        """
        found: list[Stretch] = []
        held = False
        for said in self._said:
            if not condition.holds(said.known):
                held = False
            elif any(fact in said.answers for facts in condition.known_by(said.known) for fact in facts):
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
        for at, known in {said.at: said.known for said in self._said}.items():  # the last that was said of an instant
            holds = condition.holds(known)
            if holds and since is None:
                since = at
            elif not holds and since is not None:
                found.append((since, at))
                since = None
        return [*found, (since, None)] if since else found

    def dated(self, event: str, told_by: datetime | None) -> Since | None:
        """When a dated event is, as it was told by an instant, or for the first time after; without one, as it was told last."""
        fact = self._facts.get(event)
        if fact is None:
            return None
        told = [each for each in fact.said if told_by is None or each.at <= told_by] or fact.said[:1]
        last = told[-1]
        return Since(read_instant(last.said), last.entry) if is_instant(last.said) else None
