"""Conditions: `severity is high`, with `and`, `or` and `is not`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from escalate.domain.case.details import is_moment
from escalate.errors import BadCondition


@dataclass(frozen=True, slots=True)
class Condition:
    """`severity is high`, with `and`, `or` and `is not`; kept as alternatives of (fact, answer, whether it should be so)."""

    text: str
    alternatives: tuple[tuple[tuple[str, str, bool], ...], ...]

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Whether it is known to hold; a fact nobody has given satisfies neither `is` nor `is not`, save that it is unknown."""
        return any(self._all_agree(terms, facts) for terms in self.alternatives)

    def known_by(self, facts: Mapping[str, str]) -> list[list[str]]:
        """For each alternative that holds, the facts that make it so."""
        return [[fact for fact, _, _ in terms] for terms in self.alternatives if self._all_agree(terms, facts)]

    @property
    def terms(self) -> Iterator[tuple[str, str]]:
        """Every (fact, answer) it mentions."""
        return ((fact, answer) for terms in self.alternatives for fact, answer, _ in terms)

    @staticmethod
    def _all_agree(terms: tuple[tuple[str, str, bool], ...], facts: Mapping[str, str]) -> bool:
        return all(_is(facts.get(fact), answer) is so for fact, answer, so in terms)


def _is(said: str | None, answer: str) -> bool | None:
    """Whether what was said is an answer; of a moment, `known` is that it is. None where nothing was said that could tell."""
    if said is None:
        return {KNOWN: False, UNKNOWN: True}.get(answer)
    return said == answer or (answer == KNOWN and is_moment(said))


KNOWN, UNKNOWN = "known", "unknown"
"""What a condition may ask about a moment, beside which no more is known of it."""


def parse_condition(text: str) -> Condition:
    """Reads a condition as a protocol writes it. Raises BadCondition."""

    def term(part: str) -> tuple[str, str, bool]:
        match = re.fullmatch(r"(\S+) is (not )?(\S+)", part.strip())
        if match is None:
            raise BadCondition(text, f'"{part.strip()}" does not say which fact is what')
        return match[1], match[3], match[2] is None

    return Condition(
        text,
        tuple(tuple(term(part) for part in re.split(r"\s+and\s+", terms)) for terms in re.split(r"\s+or\s+", text)),
    )
