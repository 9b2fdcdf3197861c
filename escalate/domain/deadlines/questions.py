"""The questions about a case that nobody has answered: which of them are about somebody's safety."""

from collections.abc import Mapping

from escalate.domain.case.model import Case
from escalate.domain.protocol.model import Protocol


def open_questions(protocol: Protocol, case: Case) -> list[str]:
    """The safety questions of an open case that nobody has answered, by the keys of their facts; none of a closed one (C14)."""
    return left_open(protocol, case.answers) if case.status == "open" else []


def left_open(protocol: Protocol, answers: Mapping[str, str]) -> list[str]:
    """The questions that decide whether a standing action is called for and that these answers leave open, each once."""
    answers = protocol.as_answered(answers)
    conditions = [action.when for action in protocol.standing_actions if action.when]
    return list(dict.fromkeys(key for condition in conditions for key in condition.unanswered(answers)))
