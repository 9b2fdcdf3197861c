"""Answers to what a protocol asks about a case."""

from collections.abc import Mapping
from datetime import datetime

from escalate.domain.protocol.conditions import UNKNOWN
from escalate.domain.protocol.model import Protocol
from escalate.errors import Refused, listed


def checked_facts(protocol: Protocol, given: Mapping[str, str]) -> dict[str, str]:
    """The facts given, each with the answer as the protocol spells it. Raises UnknownName, Refused."""
    return {
        key: _checked_date(key, said) if protocol.dated_event(key) else _checked_answer(protocol, key, said)
        for key, said in given.items()
    }


def _checked_answer(protocol: Protocol, key: str, said: str) -> str:
    fact = protocol.fact(key)
    answer = fact.answer(said)
    if answer is None:
        words = [f"{key}={word}" for word in fact.answers]
        raise Refused(f'"{said}" does not answer {key}: say {listed(words, "or")}.')
    return answer


def _checked_date(key: str, said: str) -> str:
    """What was said about when a dated event is: an instant, or `unknown`. Raises Refused."""
    if said != UNKNOWN:
        try:
            known = datetime.fromisoformat(said)
        except ValueError:
            known = None
        if known is None or known.tzinfo is None:
            raise Refused(f'"{said}" does not say when {key} is: give a date, or {UNKNOWN}.')
    return said
