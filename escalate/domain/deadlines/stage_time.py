"""How long a stage takes: its own limit, and where the protocol gives it none, the time of its duties (C18)."""

from collections.abc import Sequence

from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.parts import Action, Stage


def stage_time(stage: Stage, found: Sequence[Deadline]) -> tuple[Deadline | None, str | None]:
    """The deadline of the action that ends a stage, and which duty it has its dates from, where none of its limits is its own (C18).

    Of such a stage the last of its duties says how long it takes, but never longer than the limit on the whole process. Where
    what ends the stage is not among the deadlines found, its duty stands for it.
    """
    closing = max((each for each in found if each.ends_stage), key=lambda each: (each.is_open, each.call), default=None)
    own = [limit for limit in closing.limits if not limit.is_cap] if closing else []
    duties = [each for each in found if _bears_on_stage(stage, each)]
    dated = [(each.due_at, each) for each in duties if each.due_at]
    if any(limit.due for limit in own) or not dated:
        return closing, None
    ends_at, last = max(dated, key=lambda each: each[0])
    if closing and closing.due_at and closing.due_at <= ends_at:
        return closing, None
    may_take_longer = bool(own) or len(dated) < len(duties)
    return _with_dates_of(closing or last, last, provisional=last.provisional or may_take_longer), last.action


def _bears_on_stage(stage: Stage, deadline: Deadline) -> bool:
    """Whether a stage that has no limit of its own lasts until something is done there: a duty that is open and has a limit.

    A window, what repeats, what is there only because something else ran out, and what counts from the stage having ended do not
    bear on that.
    """
    action = next((each for each in stage.actions if each.key == deadline.action), None)
    if action is None or action.ends_stage or action.window or action.repeats or not deadline.is_open:
        return False
    counts_from = [limit.anchor.kind for limit in deadline.limits[:1]]
    has_limit = bool(counts_from) or bool(deadline.unanswered)
    return has_limit and AnchorKind.OVERDUE not in counts_from and not _comes_after(action, stage.closing)


def _comes_after(action: Action, closing: Action) -> bool:
    """Whether the time of an action counts from its stage having ended."""
    return any(anchor.key == closing.key for timescale in action.timescales for _, anchor in timescale.anchors)


def _with_dates_of(closing: Deadline, duty: Deadline, *, provisional: bool) -> Deadline:
    """The deadline of the action that ends a stage, with the dates of a duty."""
    return closing._replace(
        target_at=duty.target_at,
        due_at=duty.due_at,
        act_by=duty.act_by,
        outside_hours=duty.outside_hours,
        provisional=provisional,
        waiting=False,
        unanswered=duty.unanswered,
        cite=duty.cite,
        limits=duty.limits,
        read_otherwise=duty.read_otherwise,
        other_reading_at=duty.other_reading_at,
    )
