"""A certificate: one JSON document with all that the dates of a case rest on, which `escalate/checker.py` checks without escalate.

Instants are in UTC, as the entries have them. The names of its parts are those that the checker asks for.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.known import OPENING
from escalate.domain.deadlines.model import Deadline, Limit
from escalate.domain.deadlines.proof import days_counted
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Timescale
from escalate.domain.worktime.clock import clock_change, written
from escalate.output.documents import Document

FORMAT = 2
"""Raise this whenever a checker of before could not read what is written."""

Tree = Mapping[str, Any]
"""The tables of a protocol, as its text has them."""

NOT_CHECKED = (
    "Nothing under for_the_reader bears on a date, and no checker looks at it. Everything else is checked by checker.py, which comes"
    " with escalate and needs nothing but Python: python3 checker.py THIS_FILE. It does not show that the case has no later entry, unless the"
    " chain is an agency's, nor that no other answer is the one with which a time began that counts from when something became known."
)


def certificate(
    file: CaseFile, deadlines: Sequence[Deadline], recorded: Document, tree_of: Callable[[str], Tree], now: datetime
) -> Document:
    """The certificate of these deadlines, each of which has a date.

    `recorded` is what the store has of all they rest on: `chain`, `entries`, `editions` and `calendars`; `tree_of` gives the
    tables of an edition by its digest.
    """
    edition = file.protocol.edition
    made: Document = {
        "certificate": "escalate: dates of a case",
        "format": FORMAT,
        "for_the_reader": {
            "what_is_not_checked": NOT_CHECKED,
            "protocol": file.protocol.title,
            "partnership": file.protocol.partnership,
            "source": file.protocol.source,
            "edition": edition.dated,
            "made_at": written(now),
        },
        "case": file.case.ref,
        **recorded,
        "dates": [_Proof(file, tree_of, each).document() for each in deadlines],
    }
    return made | {"digest": _digest(made)}


def certificate_text(document: Document) -> str:
    """A certificate as it is written into a file."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _digest(document: Document) -> str:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Proof:
    """One deadline with the edition and the answers by which it was judged."""

    def __init__(
        self, file: CaseFile, tree_of: Callable[[str], Tree], deadline: Deadline, until: datetime | None = None
    ) -> None:
        self._file, self._tree_of = file, tree_of
        self._until = deadline.judged_until or until
        self._deadline = deadline._replace(judged_until=self._until)
        protocol, digest = self._edition()
        tree = tree_of(digest)
        self._action, said = _action_of(protocol, tree, deadline)
        own = zip(self._action.timescales if self._action else (), said.get("timescales", ()), strict=True)
        self._rules: list[tuple[Timescale, Tree, bool]] = [(each, table, False) for each, table in own]
        cap = protocol.route(deadline.route).cap if deadline.ends_stage else None
        if cap:
            route = next(each for each in tree["routes"] if each["key"] == deadline.route)
            self._rules.append((cap, route["cap"], True))

    def _edition(self) -> tuple[Protocol, str]:
        """The edition by which the deadline was judged, and its digest."""
        case = self._file.case
        if self._until is None:
            return self._file.protocol, case.edition_digest
        digests = [each.digest for each in case.editions if self._until <= each.until]
        known = self._file.protocol.as_known(self._until - timedelta(seconds=1))
        return known, digests[0] if digests else case.edition_digest

    def document(self) -> Document:
        """All that is said of it."""
        deadline = self._deadline
        stay = deadline.occasion.stay
        return {
            "occasion": deadline.occasion.number,
            "route": deadline.route if stay else None,
            "stage": deadline.stage if stay else None,
            "action": deadline.action,
            "agreement": deadline.agreement or None,
            "judged_until": _written(deadline.judged_until),
            "answers": self._answers(),
            "unanswered": list(deadline.unanswered),
            "limits": [self._limit(each) for each in deadline.limits],
            "target_at": _written(deadline.target_at),
            "due_at": _written(deadline.due_at),
            "act_by": _written(deadline.act_by),
            "outside_hours": deadline.outside_hours,
            "provisional": deadline.provisional,
            "met": _said(deadline.met_at, deadline.met_entry),
            "ended": _said(deadline.ended_at, deadline.ended_entry),
            "verdict": verdict(deadline),
            "for_the_reader": {"name": deadline.action_name, "call": deadline.call},
        }

    def _answers(self) -> dict[str, list[object]]:
        """The answers by which it was judged which rules apply, each with the entry that gave it."""
        answers = self._deadline.limits[0].answers if self._deadline.limits else {}
        asked = dict.fromkeys(fact for each in self._conditions() for fact, _ in each.terms)
        return {fact: [answers[fact], self._said_in(fact, answers[fact])] for fact in asked if fact in answers}

    def _conditions(self) -> Iterator[Condition]:
        if self._action and self._action.when:
            yield self._action.when
        yield from (timescale.when for timescale, _, _ in self._rules if timescale.when)

    def _said_in(self, fact: str, answer: str) -> int:
        """The entry that gave an answer: the last that did; the one that opened the case for what is taken for granted."""
        said = self._file.case.facts.get(fact)
        return max((each.entry for each in (said.said if said else ()) if each.said == answer), default=OPENING)

    def _limit(self, limit: Limit) -> Document:
        return {
            "rule": None if limit.within is None else _that_counts(self._rule(limit)),
            "is_cap": limit.is_cap,
            "counts_from": str(limit.anchor),
            "since": _written(limit.since),
            "entry": limit.entry,
            "after": _Proof(self._file, self._tree_of, limit.after, self._until).document() if limit.after else None,
            "after_may_be_in_time": limit.after_may_be_in_time,
            "stops": [[written(begins), _written(ends)] for begins, ends in limit.stops],
            "extended_to": _written(limit.extended_to),
            "target_at": _written(limit.target_at),
            "due_at": _written(limit.due.at if limit.due else None),
            "steps": [
                [f"{step.on:%Y-%m-%d}", step.count, step.why if step.count is None else _remark(limit, step.on)]
                for step in days_counted(self._file, self._deadline, limit)
            ],
        }

    def _rule(self, limit: Limit) -> Tree:
        """The rule that a limit is of, as the protocol's text has it: rules that say the same are one as good as the other."""
        return next(
            table
            for timescale, table, is_cap in self._rules
            if (timescale.within, timescale.cite, timescale.reading, timescale.backward, timescale.repeats, is_cap)
            == (limit.within, limit.cite, limit.reading, limit.backward, limit.repeats, limit.is_cap)
            and (timescale.when.text if timescale.when else None) == limit.when
            and (limit.anchor in (timescale.anchor, timescale.failing_that) or timescale.repeats)
        )


def _that_counts(rule: Tree) -> Document:
    """A rule without its other readings, on which no date rests."""
    return {name: said for name, said in rule.items() if name != "other_readings"}


def verdict(deadline: Deadline) -> str:
    """`met`, `met-late`, `missed`, `ceased` or `lapsed` of what is over, and `open` of what is not, whatever the time is."""
    if deadline.met_at is not None:
        return "met" if deadline.met_in_time else "met-late"
    if deadline.ended_at is None:
        return "open"
    if not deadline.had_run_out:
        return "ceased"
    return "lapsed" if deadline.is_window else "missed"


def _action_of(protocol: Protocol, tree: Tree, deadline: Deadline) -> tuple[Action | None, Tree]:
    """The action of a deadline, and its table; None and an empty one for what no protocol has to name."""
    occasion = deadline.occasion
    if occasion.stay:
        stage = protocol.stage(deadline.route, deadline.stage)
        actions = stage.actions
        tables = tree["stages"][protocol.stages.index(stage)].get("actions", [])
    else:
        which = "after_resolution" if occasion.resolution else "standing_actions"
        actions, tables = getattr(protocol, which), tree.get(which, [])
    action = next((each for each in actions if each.key == deadline.action), None)
    return action, next((each for each in tables if each["key"] == deadline.action), {})


def _remark(limit: Limit, day: Any) -> str:
    """What the clocks did on a day of hours that counts."""
    return clock_change(day) or "" if limit.within and limit.within.in_hours else ""


def _written(at: datetime | None) -> str | None:
    return written(at) if at else None


def _said(at: datetime | None, entry: int | None) -> Document | None:
    return {"at": written(at), "entry": entry} if at else None
