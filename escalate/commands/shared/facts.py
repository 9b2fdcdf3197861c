"""The answers to what a protocol asks about a case: read, and asked for at the terminal."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from escalate.commands.shared.asking import asked, asked_until_read
from escalate.commands.shared.session import Session
from escalate.domain.protocol.conditions import UNKNOWN
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import DatedEvent, Fact
from escalate.domain.worktime.clock import london
from escalate.errors import BadFact, listed
from escalate.output.terminal import is_terminal


def given_facts(said: Sequence[str] | None) -> dict[str, str]:
    """`severity=high` and the like. Raises BadFact."""
    facts: dict[str, str] = {}
    for each in said or ():
        key, equals, answer = (part.strip() for part in each.partition("="))
        if not (key and equals and answer):
            raise BadFact(f'"{each}" does not give a fact: write it as severity=high.')
        if facts.setdefault(key, answer) != answer:
            raise BadFact(f"{key} is given twice, as {facts[key]} and as {answer}: give it once.")
    return facts


def read_facts(
    here: Session, protocol: Protocol, given: Mapping[str, str], seen_from: datetime | None = None
) -> dict[str, str]:
    """The answers given, with the dates of the protocol's events read. Raises BadWhen."""
    return {key: _read_fact(here, protocol, key, said, seen_from) for key, said in given.items()}


def _read_fact(here: Session, protocol: Protocol, key: str, said: str, seen_from: datetime | None) -> str:
    event = protocol.dated_event(key)
    if event is None:
        return said
    return UNKNOWN if said.casefold() == UNKNOWN else _read_date(here, protocol, event, said, seen_from)


def _read_date(here: Session, protocol: Protocol, event: DatedEvent, said: str, seen_from: datetime | None) -> str:
    when = here.when(said, "future" if protocol.lies_ahead(event) else "past", seen_from)
    return london(when.at).isoformat()


def ask_facts(here: Session, protocol: Protocol, known: Mapping[str, str], seen_from: datetime) -> dict[str, str]:
    """What is known, and what a person at a terminal answers when asked for the rest; an empty answer leaves it unknown.

    Only events that lie ahead are asked for: the others mostly have not happened yet.
    """
    if not is_terminal(sys.stdin):
        return dict(known)
    events = [event for event in protocol.dated_events if event.key not in known and protocol.lies_ahead(event)]
    facts = [fact for fact in protocol.facts if fact.key not in known]
    answers = {event.key: _ask_date(here, protocol, event, seen_from) for event in events}
    answers |= {fact.key: _ask_answer(fact) for fact in facts}
    return {**known, **{key: answer for key, answer in answers.items() if answer}}


def ask_one(here: Session, protocol: Protocol, key: str, seen_from: datetime) -> str | None:
    """The answer to one of a protocol's questions, by its key; None for an empty one."""
    if event := protocol.dated_event(key):
        return _ask_date(here, protocol, event, seen_from)
    return _ask_answer(next(fact for fact in protocol.facts if fact.key == key))


def _ask_date(here: Session, protocol: Protocol, event: DatedEvent, seen_from: datetime) -> str | None:
    question = f"{event.ask} (a date, or Enter if not known)"
    return asked_until_read(question, lambda said: _read_fact(here, protocol, event.key, said, seen_from))


def _ask_answer(fact: Fact) -> str | None:
    otherwise = f"for {fact.unless_said} until somebody says otherwise" if fact.unless_said else "if not known"
    question = f"{fact.ask} ({'/'.join(fact.answers)}, or Enter {otherwise})"
    while said := asked(question):
        if answer := fact.answer(said):
            return answer
        question = f"Please answer {listed(fact.answers, 'or')} (or Enter {otherwise})"
    return None
