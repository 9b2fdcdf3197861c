"""Conditions: `severity is high`, with `and`, `or` and `is not`."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from escalate.domain.case.details import is_instant
from escalate.errors import BadCondition

KNOWN, UNKNOWN = "known", "unknown"
"""What a condition may ask about a dated event: only whether its date is known."""


_LONGEST_SAID = 60
"""What is longer is not looked through for what was meant."""


class Term(NamedTuple):
    """`severity is high`, or `severity is not high`."""

    fact: str
    """The key of a fact or a dated event."""
    answer: str
    """The answer it has to have, or must not have."""
    so: bool
    """False where it is not to be so."""


def _is(said: str | None, answer: str) -> bool | None:
    """Whether what was recorded is an answer; any date counts as `known`. None where nothing was recorded, and that cannot tell."""
    if said is None:
        return {KNOWN: False, UNKNOWN: True}.get(answer)
    return said == answer or (answer == KNOWN and is_instant(said))


class Condition(NamedTuple):
    """One or several alternatives, each of terms that all have to hold."""

    text: str
    """As the protocol writes it."""
    alternatives: tuple[tuple[Term, ...], ...]
    """What stands between `or`: each is the terms joined by `and`."""

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Whether it certainly holds. A fact nobody has given satisfies neither `is` nor `is not`, but a dated event is then unknown."""
        return any(_all_hold(terms, facts) for terms in self.alternatives)

    def value(self, facts: Mapping[str, str]) -> bool | None:
        """Whether it holds; None where that depends on a question nobody has answered (C14)."""
        values = [_all_hold_or_may(terms, facts) for terms in self.alternatives]
        return True if True in values else None if None in values else False

    def unanswered(self, facts: Mapping[str, str]) -> list[str]:
        """The questions it hangs on, by the keys of their facts; none where it is settled."""
        if self.value(facts) is not None:
            return []
        open_still = [terms for terms in self.alternatives if _all_hold_or_may(terms, facts) is None]
        asked = (term.fact for terms in open_still for term in terms if _is(facts.get(term.fact), term.answer) is None)
        return list(dict.fromkeys(asked))

    def known_by(self, facts: Mapping[str, str]) -> list[list[str]]:
        """For each alternative that holds, the facts that make it so."""
        return [[term.fact for term in terms] for terms in self.alternatives if _all_hold(terms, facts)]

    @property
    def terms(self) -> Iterator[tuple[str, str]]:
        """Every (fact, answer) it mentions."""
        return ((term.fact, term.answer) for terms in self.alternatives for term in terms)


def _all_hold(terms: tuple[Term, ...], facts: Mapping[str, str]) -> bool:
    return all(_is(facts.get(fact), answer) is so for fact, answer, so in terms)


def _all_hold_or_may(terms: tuple[Term, ...], facts: Mapping[str, str]) -> bool | None:
    """Whether all terms hold; None where that depends on a question nobody has answered."""
    values = [None if (said := _is(facts.get(fact), answer)) is None else said is so for fact, answer, so in terms]
    return False if False in values else None if None in values else True


def parse_condition(text: str) -> Condition:
    """Read a condition as a protocol writes it. Raises BadCondition."""
    if re.search(r"[()]", text):
        raise BadCondition(
            text, "it can have no brackets, so write it out", "a is yes and b is yes or a is yes and c is yes"
        )

    def term(part: str) -> Term:
        match = re.fullmatch(r"(\S+) is (not )?(\S+)", part.strip())
        if match is None:
            which = "it" if part == text else f'"{part.strip()}"'
            raise BadCondition(text, f"{which} does not say which fact is what", _meant(part.strip()))
        return Term(match[1], match[3], match[2] is None)

    return Condition(
        text,
        tuple(tuple(term(part) for part in re.split(r"\s+and\s+", terms)) for terms in re.split(r"\s+or\s+", text)),
    )


def _meant(part: str) -> str:
    """What somebody meant who wrote a term as one would say it; empty where that cannot be told."""
    if len(part) > _LONGEST_SAID:
        return ""
    said = re.fullmatch(r"(?:(?:only )?(?:if|when|where) )?(not )?(.+?)(?:(?:\s*[=:]+\s*| is )(not )?(\S+))?", part)
    name = "-".join(said[2].split()) if said else ""
    if not said or not re.fullmatch(r"[\w-]+", name):
        return ""
    return f"{name} is {'not ' if bool(said[1]) is not bool(said[3]) else ''}{said[4] or 'yes'}"
