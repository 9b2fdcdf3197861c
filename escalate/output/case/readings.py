"""What deadlines come to by other readings of their protocol, in sentences."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from escalate.domain.deadlines.model import Deadline, Limit, ReadOtherwise
from escalate.domain.protocol.anchors import ANCHORS, Anchor, AnchorKind
from escalate.errors import listed
from escalate.output.words import TYPED, Called, short


class ReadBy(NamedTuple):
    """A date by another reading."""

    of: str
    """What it is the date of."""
    at: datetime
    """The instant (UTC)."""
    read_by: str
    """Who might read it so, by role."""
    limits: tuple[Limit, ...]
    """The limits they read otherwise."""

    def sentence(self, now: datetime, called: Called = TYPED) -> str:
        """`stage 1, plan: Sun 20 Dec 2026 16:00 (past), 48 hours from "discussion", as read by agencies open at weekends`."""
        past = " (past)" if now > self.at else ""
        first = "" if any(each.due and each.due.at == self.at for each in self.limits) else "another limit, before "
        return (
            f"{self.of}: {short(self.at, now)}{past}, {first}{in_words(self.limits, called)}, as read by {self.read_by}"
        )


def other_dates(deadlines: Iterable[tuple[str, Deadline]]) -> Iterator[ReadBy]:
    """The dates of deadlines, each with what it is called, by other readings that come to another date; then those of the whole process."""
    caps: dict[str, ReadBy] = {}
    for name, deadline in deadlines:
        for each in deadline.read_otherwise:
            if each.due_at and each.due_at != deadline.due_at:
                yield ReadBy(name, each.due_at, each.read_by, each.limits)
            for limit in each.limits:
                if limit.is_cap and limit.due and limit.due.at not in _caps_of(deadline):
                    caps.setdefault(each.read_by, ReadBy("the whole process", limit.due.at, each.read_by, (limit,)))
    yield from caps.values()


def _caps_of(deadline: Deadline) -> list[datetime]:
    """When the whole process ends by the reading of the file."""
    return [each.due.at for each in deadline.limits if each.is_cap and each.due]


def in_words(limits: Iterable[Limit], called: Called = TYPED) -> str:
    """`48 hours from entry to the stage, and 1 month from when the case was raised`: limits as they are read."""
    return listed([_in_words(each, called) for each in limits], "and")


def _in_words(limit: Limit, called: Called) -> str:
    counted = f"at least {limit.within} before" if limit.backward else f"{limit.within} from"
    condition = f", if {called.condition(limit.when)}" if limit.when else ""
    return f"{'every ' if limit.repeats else ''}{counted} {anchor_in_words(limit.anchor, called)}{condition}"


def anchor_in_words(anchor: Anchor, called: Called = TYPED) -> str:
    """What a time counts from: `entry to the stage`, `the time for reply having run out`."""
    if anchor.kind is AnchorKind.OVERDUE:
        return f"the time for {_what(anchor, called)} having run out"
    if anchor.kind is AnchorKind.ACTION:
        return _what(anchor, called)
    if anchor.kind is AnchorKind.DONE_BEFORE:
        return f"{_what(anchor, called)} being done"
    if anchor.kind is AnchorKind.STAGE_ENTRY and called.by_name:
        return f"entry to {anchor}"
    return ANCHORS.get(anchor.kind, str(anchor))


def _what(anchor: Anchor, called: Called) -> str:
    """What has to be done or to happen before a time begins."""
    name = called.action(anchor.key)
    return f'"{name}"' if called.by_name else name


def reasons(otherwise: ReadOtherwise) -> str:
    """How somebody reads it, and why."""
    return " ".join(dict.fromkeys(each.reading for each in otherwise.limits if each.reading))
