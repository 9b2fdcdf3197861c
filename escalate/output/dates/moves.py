"""The deadlines that a change of a calendar, or of an edition, moves."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from escalate.domain.deadlines.shifts import BECOMES_OVERDUE, NO_LONGER_OVERDUE, Move
from escalate.domain.worktime.clock import london, london_date
from escalate.output.columns import Cell, Columns, Page, Piece, cell
from escalate.output.terminal import WIDE
from escalate.output.words import counted, inert, short


def moves_page(moves: Sequence[Move], now: datetime, width: int) -> Page:
    """How many deadlines move and what turns by it, and a line for each with when it is due until now, and when then."""
    summary = (moves_summary(moves), "")
    return Page(
        [summary, ("", ""), (_wide_moves if width >= WIDE else _narrow_moves)(moves, now)] if moves else [summary]
    )


def moves_summary(moves: Sequence[Move]) -> str:
    """`3 deadlines move: 1 becomes overdue, 1 is no longer overdue.`"""
    if not moves:
        return "No deadline moves."
    overdue = sum(move.turns == BECOMES_OVERDUE for move in moves)
    relieved = sum(move.turns == NO_LONGER_OVERDUE for move in moves)
    turns = [f"{overdue or 'none'} {'become' if overdue > 1 else 'becomes'} overdue"]
    turns += [f"{relieved} {'is' if relieved == 1 else 'are'} no longer overdue"] if relieved else []
    return f"{counted(len(moves), 'deadline')} {'moves' if len(moves) == 1 else 'move'}: {', '.join(turns)}."


def _narrow_moves(moves: Sequence[Move], now: datetime) -> Columns:
    def rows() -> Iterator[list[Cell]]:
        for move in moves:
            what = cell(f"{move.stage}  {move.action_name}", f"{move.protocol}: {move.action}")
            turn = [_turn(move)] if move.turns else []
            yield [_case(move), what, _until_now(move, now), [*_then(move, now), *turn]]

    # a date breaks before its time
    widths = {"Due until now": 17, "Due then": 17}
    return Columns(
        "Case",
        "Stage and what is due",
        "Due until now",
        "Due then",
        most={"Case": 12},
        widths=widths,
        low=True,
        rows=rows,
    )


def _wide_moves(moves: Sequence[Move], now: datetime) -> Columns:
    def rows() -> Iterator[list[Cell | str]]:
        for move in moves:
            what = f"{move.stage}  {move.action_name}"
            yield [
                _case(move), move.protocol, what, move.action, _until_now(move, now), _then(move, now), [_turn(move)],
            ]  # fmt: skip

    return Columns(
        "Case", "Protocol", "Stage and what is due", "Action", "Due until now", "Due then", "", low=True, rows=rows
    )


def _case(move: Move) -> Cell:
    return cell(move.case, move.subject or ())


def _until_now(move: Move, now: datetime) -> Cell:
    return _when_due(move.was, move.target_was, move.act_by_was, now)


def _then(move: Move, now: datetime) -> Cell:
    return _when_due(move.becomes, move.target_becomes, move.act_by_becomes, now)


def _when_due(due: datetime | None, target: datetime | None, act: datetime | None, now: datetime) -> Cell:
    """When something is due, and below it when to act, if that is before then, and the target."""
    if due is None:
        return cell("no date")
    same_day = act is not None and london_date(act) == london_date(due)
    act_by = f"act by {london(act):%H:%M}" if act and same_day else f"act by {short(act, now)}" if act else ""
    beside = [act_by if act != due else "", f"target {short(target, now)}" if target else ""]
    return cell(short(due, now), [each for each in beside if each])


def _turn(move: Move) -> Piece:
    style = "bold red" if move.turns == BECOMES_OVERDUE else "bold" if move.turns else ""
    return inert(f"becomes {move.turns}" if move.turns == BECOMES_OVERDUE else move.turns), style
