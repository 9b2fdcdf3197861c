"""What a command line left out of a case that is there, asked for at a terminal: which case, which action, what is known."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from escalate.commands.shared.asking import asked_until_read, asked_which, asked_which_of, show_folded
from escalate.commands.shared.facts import ask_one
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import case_named, opened
from escalate.commands.shared.urgent import called, most_urgent, short_line
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.worktime.clock import NEVER
from escalate.errors import Refused
from escalate.output.case.deadline import how_long, when_due
from escalate.storage.store import Store

SHOWN = 9
"""So many cases are shown to choose from."""


def ask_case(here: Session) -> str | None:
    """Which case is meant, by anything that names one; None where nobody says. The most urgent are shown. Raises Refused, StoreError."""
    with opened(here) as store:
        lines = list(islice(_to_choose_from(here, store), SHOWN))
    return _asked_case(here, lines)


def ask_closed_case(here: Session) -> str | None:
    """The same of those that are closed, of which the newest are shown. Raises Refused, StoreError."""
    with opened(here) as store:
        closed = (case for case in store.lists.cases(LOOKED_THROUGH) if case.status != "open")
        lines = [f"{called(case)}  {case.status}" for case in islice(closed, SHOWN)]
    return _asked_case(here, lines)


def _asked_case(here: Session, lines: Sequence[str]) -> str | None:
    show_folded(lines)
    return asked_until_read("Which case?", lambda said: case_named(here, said).case.ref)


LOOKED_THROUGH = 500
"""So many of the newest cases are looked through for those that are closed."""


def _to_choose_from(here: Session, store: Store) -> Iterator[str]:
    """A line for each case, the most urgent first, and after those the newest of the others that are open."""
    shown = set()
    for line in most_urgent(here, store.lists, SHOWN):
        if line.case.ref not in shown:
            shown.add(line.case.ref)
            yield short_line(here, store.lists, line)
    for case in store.lists.cases(2 * SHOWN):
        if case.ref not in shown and case.status == "open":
            yield f"{called(case)}  nothing due"


def ask_action(here: Session, case: str) -> list[str] | None:
    """Which of the open actions of a case are meant, by their numbers in a list or their names; None where nobody says. Raises Refused, StoreError."""
    file = case_named(here, case)
    actions: dict[str, str] = {}
    for each in sorted(file.deadlines, key=_urgency):
        if each.is_open and each.action != NEXT_STEP and not each.agreement:
            actions.setdefault(each.action, f"{each.action_name}, {_how_due(file, each, here)}")
    if not actions:
        raise Refused(f"There is nothing to do in {file.case.ref}: escalate show {file.case.ref} says how it stands.")
    several = "Which action was done? (or several: 1, 2)"
    return asked_which_of("Which action was done?" if len(actions) == 1 else several, actions)


def _urgency(deadline: Deadline) -> tuple[bool, datetime]:
    return not deadline.comes_first, deadline.act_by or deadline.due_at or NEVER


def _how_due(file: CaseFile, deadline: Deadline, here: Session) -> str:
    parts = (when_due(deadline, here.now), how_long(deadline, file.calendar, here.now))
    return ", ".join(part for part in parts if part)


def ask_facts(here: Session, case: str) -> list[str]:
    """What is now known of a case, one of its protocol's questions after the other until nobody says more: `severity=high` and the like.

    Raises Refused, StoreError.
    """
    file = case_named(here, case)
    protocol, said = file.protocol, dict[str, str]()
    asks = {fact.key: fact.ask for fact in protocol.facts} | {event.key: event.ask for event in protocol.dated_events}
    questions = {key: _and_answer(file, key, ask) for key, ask in asks.items()}
    question = "What is now known?"
    while questions and (key := asked_which(question, questions)):
        if answer := ask_one(here, protocol, key, here.now):
            said[key] = answer
        del questions[key]
        question = "What else? (or Enter for nothing more)"
    return [f"{key}={answer}" for key, answer in said.items()]


def _and_answer(file: CaseFile, key: str, question: str) -> str:
    answer = file.case.answers.get(key)
    return f"{question} (so far: {answer})" if answer else question
