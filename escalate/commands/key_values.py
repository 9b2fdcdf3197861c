"""Reading what people say is known of a case: `severity=high`, `theme=thresholds`, `name=-`."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from escalate.commands.session import asked

if TYPE_CHECKING:
    from escalate.commands.session import Desk
    from escalate.domain.recording.details import Details

ASK = "-"
"""Said instead of a name or an address, has it asked for: a command line can be read by others."""


@dataclass
class Known:
    """What was said, in the terms of the domain."""

    facts: dict[str, str] = field(default_factory=dict)
    sides: dict[str, str] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    concern_at: datetime | None = None
    legal_hold: bool | None = None

    @property
    def details(self) -> "Details":
        """All of it but the facts and the concern."""
        from escalate.domain.case.details import LISTS, SIDES
        from escalate.domain.recording.details import Details

        names = {**SIDES, **LISTS}
        said: dict[str, Any] = {names[typed]: value for typed, value in (*self.sides.items(), *self.lists.items())}
        return Details(**said, words=self.words, identities=self.identities, legal_hold=self.legal_hold)


def read_known(here: "Desk", said: Sequence[str] | None) -> Known:
    """What is said with `set`, or with `--fact` of `open`. Raises BadFact, BadInput, BadWhen."""
    from escalate.domain.case import details as names
    from escalate.errors import BadFact

    known = Known()
    several: dict[str, list[str]] = {}
    single: list[str] = []
    for each in said or ():
        name, _, value = (part.strip() for part in each.partition("="))
        if name in names.LISTS and value:
            several.setdefault(name, []).append(" ".join(value.split()))
        elif name in names.IDENTITIES and value:
            if name in known.identities:
                raise BadFact(f"{name} is given twice: give it once.")
            known.identities[name] = _identity(here, name, private(value, names.IDENTITIES[name]))
        else:
            single.append(each)
    for name, value in given_facts(single).items():
        if name == "concern":
            known.concern_at = here.past(value)
        elif name in names.SIDES:
            known.sides[name] = value
        elif name == names.HOLD:
            known.legal_hold = value.casefold() not in ("none", "no")
            known.words |= {name: value} if known.legal_hold else {}
        elif name in names.TEXTS:
            known.words[name] = value
        else:
            known.facts[name] = value
    known.lists = {name: _several(name, values) for name, values in several.items()}
    return known


def given_facts(said: Sequence[str] | None) -> dict[str, str]:
    """`severity=high` and the like. Raises BadFact."""
    from escalate.errors import BadFact

    facts: dict[str, str] = {}
    for each in said or ():
        key, equals, answer = (part.strip() for part in each.partition("="))
        if not (key and equals and answer):
            raise BadFact(f'"{each}" does not give a fact: write it as severity=high.')
        if facts.setdefault(key, answer) != answer:
            raise BadFact(f"{key} is given twice, as {facts[key]} and as {answer}: give it once.")
    return facts


def private(said: str, what: str) -> str:
    """What was said, or for `-` what is asked for at the terminal, or stands on the next line of standard input. Raises BadInput."""
    from escalate.errors import BadInput

    if said != ASK:
        return " ".join(said.split())
    answer = asked(what) if sys.stdin.isatty() else sys.stdin.buffer.readline().decode("utf-8", errors="replace")
    if not answer.strip():
        raise BadInput(f"Nothing was given for {what}: type it when asked, or put it on standard input.")
    return " ".join(answer.split())


def _several(name: str, values: Sequence[str]) -> tuple[str, ...]:
    from escalate.domain.case.details import LONGEST_THEME
    from escalate.errors import BadInput

    if "none" in values:
        return ()
    long = next((value for value in values if name == "theme" and len(value) > LONGEST_THEME), None)
    if long:
        raise BadInput(f'"{long[:40]}…" is too long for a theme: a few words, to count cases by.')
    return tuple(values)


def _identity(here: "Desk", name: str, said: str) -> str:
    """An identity as it is kept: a date of birth year first. Nothing of it is ever echoed. Raises BadInput."""
    from escalate.domain.case.details import UNBORN
    from escalate.domain.worktime.clock import london_date
    from escalate.errors import BadInput, BadWhen

    if name != "born":
        return said
    from escalate.commands.when import read_when

    advice = "born cannot be read as a date: give day, month and year, as in 1 May 2014."
    if not re.search(r"\d{4}", said):  # a year that was guessed could not be seen to be wrong
        raise BadInput(advice)
    try:
        when = read_when(said, here.now, "past")
    except BadWhen:
        raise BadInput(advice) from None
    if not when.day_only or when.at > here.now + UNBORN:
        raise BadInput(advice)
    return london_date(when.at).isoformat()
