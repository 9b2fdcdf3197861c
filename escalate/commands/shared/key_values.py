"""Reading what people say is known of a case: `severity=high`, `theme=thresholds`, `name=-`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from escalate.commands.shared.asking import private, says_yes
from escalate.commands.shared.facts import given_facts
from escalate.commands.shared.session import Session
from escalate.domain.case.details import HOLD, IDENTITIES, LISTS, LONGEST_THEME, SIDES, TEXTS, UNBORN
from escalate.domain.recording.details import Details
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadFact, BadInput, BadWhen


@dataclass
class Said:
    """What was said of a case, sorted by where it is kept."""

    facts: dict[str, str] = field(default_factory=dict)
    """Answers to what the protocol asks, as they were typed."""
    sides: dict[str, str] = field(default_factory=dict)
    """The subject and the two agencies, by the names in `SIDES`."""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What there may be several of, by the names in `LISTS`."""
    words: dict[str, str] = field(default_factory=dict)
    """Free text, by the names in `TEXTS`, and why there is a legal hold."""
    identities: dict[str, str] = field(default_factory=dict)
    """Who the person is, by the names in `IDENTITIES`."""
    concern_at: datetime | None = None
    """When the concern arose, an instant."""
    legal_hold: bool | None = None
    """Whether nothing of it may be erased; None where nothing was said of that."""

    @property
    def details(self) -> Details:
        """All of it but the facts and the concern."""
        names = {**SIDES, **LISTS}
        said: dict[str, Any] = {names[typed]: value for typed, value in (*self.sides.items(), *self.lists.items())}
        return Details(**said, words=self.words, identities=self.identities, legal_hold=self.legal_hold)


def read_known(here: Session, said: Sequence[str] | None, seen_from: datetime) -> Said:
    """What is said with `set`, or with `--fact` of `open`, of when something happened. Raises BadFact, BadInput, BadWhen."""
    known = Said()
    several: dict[str, list[str]] = {}
    single: list[str] = []
    for each in said or ():
        name, _, value = (part.strip() for part in each.partition("="))
        if name in LISTS and value:
            several.setdefault(name, []).append(" ".join(value.split()))
        elif name in IDENTITIES and value:
            if name in known.identities:
                raise BadFact(f"{name} is given twice: give it once.")
            known.identities[name] = _identity(here, name, private(value, IDENTITIES[name]))
        else:
            single.append(each)
    for name, value in given_facts(single).items():
        _note_single(here, known, name, value, seen_from)
    known.lists = {name: _several(name, values) for name, values in several.items()}
    return known


def checked_subject(here: Session, said: str, *, is_reference: bool) -> str:
    """Whom a case is about, where that looks like no name, date of birth or address, or somebody says that it is a reference.

    Raises BadInput, which shows nothing of it.
    """
    what = None if is_reference else _personal(said)
    if what is None:
        return said
    says = f"The subject looks like {what}, and is shown in every list."
    if here.can_ask and says_yes(f"{says} Is it a reference?"):
        return said
    raise BadInput(
        f"{says} Give the person's record number, and who they are with: escalate set CASE {_KEPT_APART[what]}=-."
        " If it is a reference all the same, add --is-reference."
    )


def _personal(said: str) -> str | None:
    """What a reference seems to say of who a person is; None of most."""
    if not re.search(r"\s|\d[./-]\d|born|d\.?o\.?b", said, re.IGNORECASE):
        return None
    from escalate.domain.importing.likeness import personal_in  # most references are numbers

    found = personal_in(said)
    return found if found in _KEPT_APART else None


_KEPT_APART = {"the name of a person": "name", "a date of birth": "born", "an address": "address"}
"""Where that is kept which must not stand in lists."""


def _note_single(here: Session, known: Said, name: str, value: str, seen_from: datetime) -> None:
    """Note something of which a case has only one. Raises BadWhen."""
    if name == "concern":
        known.concern_at = here.when(value, "past", seen_from).at
    elif name in SIDES:
        known.sides[name] = value
    elif name == HOLD:
        known.legal_hold = value.casefold() not in ("none", "no")
        known.words |= {name: value} if known.legal_hold else {}
    elif name in TEXTS:
        known.words[name] = value
    else:
        known.facts[name] = value


def _several(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """All that was said of what there may be several of; nothing, where `none` is said. Raises BadInput."""
    if "none" in values:
        return ()
    long = next((value for value in values if name == "theme" and len(value) > LONGEST_THEME), None)
    if long:
        raise BadInput(f'"{long[:40]}…" is too long for a theme: a few words, to count cases by.')
    return tuple(values)


def _identity(here: Session, name: str, said: str) -> str:
    """An identity as it is kept: a date of birth year first. Nothing of it is ever echoed. Raises BadInput."""
    return _born(said, here.now) if name == "born" else said


def _born(said: str, now: datetime) -> str:
    """A date of birth, as in 2014-05-01. Raises BadInput, which does not say what was typed."""
    advice = "born cannot be read as a date: give day, month and year, as in 1 May 2014."
    if not re.search(r"\d{4}", said):  # a year that was guessed could not be seen to be wrong
        raise BadInput(advice)
    from escalate.commands.shared.when import read_when  # few say when somebody was born

    try:
        when = read_when(said, now, "past")
    except BadWhen:
        raise BadInput(advice) from None
    if not when.day_only or when.at > now + UNBORN:
        raise BadInput(advice)
    return london_date(when.at).isoformat()
