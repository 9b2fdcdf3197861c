"""Which deadlines move when cases are counted anew, from when to when, and what that makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from escalate.domain.casefile import DueLine
from escalate.domain.deadlines import Deadline

OVERDUE, NO_LONGER = "overdue", "no longer overdue"


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline with another date than before; None where it has none. `turns` says what becomes of it by that, if anything."""

    case: str
    subject: str | None
    protocol: str
    stage: str
    action: str
    action_name: str
    was: datetime | None
    becomes: datetime | None
    act_by_was: datetime | None
    act_by_becomes: datetime | None
    turns: str


def moves(before: Sequence[DueLine], after: Sequence[DueLine], now: datetime) -> list[Move]:
    """The deadlines of cases that are not met and whose target, due or act-by moment is another one than before."""
    then, now_due = _by_key(before), _by_key(after)
    found = []
    for key in dict.fromkeys((*then, *now_due)):
        was = then[key].deadline if key in then else None
        becomes = now_due[key].deadline if key in now_due else None
        if _dates(was) != _dates(becomes):
            found.append(_move(then.get(key) or now_due[key], was, becomes, now))
    return found


def _by_key(lines: Sequence[DueLine]) -> dict[tuple[str, tuple[int, str, int]], DueLine]:
    return {(line.case.ref, line.deadline.key): line for line in lines if line.deadline.met_at is None}


def _dates(deadline: Deadline | None) -> tuple[datetime | None, ...]:
    return (deadline.target_at, deadline.due_at, deadline.act_by) if deadline else (None, None, None)


def _move(line: DueLine, was: Deadline | None, becomes: Deadline | None, now: datetime) -> Move:
    late = (was is not None and was.has_passed(now), becomes is not None and becomes.has_passed(now))
    return Move(
        case=line.case.ref,
        subject=line.case.subject,
        protocol=line.case.protocol,
        stage=line.deadline.stage,
        action=line.deadline.action,
        action_name=line.deadline.action_name,
        was=was.due_at if was else None,
        becomes=becomes.due_at if becomes else None,
        act_by_was=was.act_by if was else None,
        act_by_becomes=becomes.act_by if becomes else None,
        turns={(False, True): OVERDUE, (True, False): NO_LONGER}.get(late, ""),
    )
