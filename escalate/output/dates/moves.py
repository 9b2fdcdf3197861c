"""The deadlines that a change of a calendar, or of an edition, moves."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from escalate.domain.deadlines.shifts import BECOMES_OVERDUE, NO_LONGER_OVERDUE, Move
from escalate.domain.worktime.clock import london, london_date
from escalate.output.columns import EMPTY, Cell, Columns, Page, Piece, cell
from escalate.output.terminal import WIDE
from escalate.output.words import short
from escalate.wording import how_many


def moves_page(moves: Sequence[Move], now: datetime, width: int) -> Page:
    """How many deadlines move and what turns by it, and a line for each with when it is due until now, and when then."""
    summary = (moves_summary(moves), "")
    if not moves:
        return Page([summary])
    return Page([summary, EMPTY, _wide_table(moves, now) if width >= WIDE else _narrow_table(moves, now)])


def moves_summary(moves: Sequence[Move]) -> str:
    """`3 deadlines move: 1 becomes overdue, 1 is no longer overdue.`"""
    if not moves:
        return "No deadline moves."
    overdue = sum(move.turns == BECOMES_OVERDUE for move in moves)
    relieved = sum(move.turns == NO_LONGER_OVERDUE for move in moves)
    turns = [f"{overdue or 'none'} {'become' if overdue > 1 else 'becomes'} overdue"]
    turns += [f"{relieved} {'is' if relieved == 1 else 'are'} no longer overdue"] if relieved else []
    return f"{how_many(len(moves), 'deadline')} {'moves' if len(moves) == 1 else 'move'}: {', '.join(turns)}."


def _narrow_table(moves: Sequence[Move], now: datetime) -> Columns:
    def rows() -> Iterator[list[Cell]]:
        for move in moves:
            what = cell(_what(move), f"{move.protocol}: {move.action}")
            until_now, then = _when_due(move, now)
            yield [_case(move), what, until_now, [*then, *([_turn(move)] if move.turns else [])]]

    return Columns(
        "Case",
        "Stage and what is due",
        "Due until now",
        "Due then",
        most={"Case": 12},
        widths={"Due until now": 17, "Due then": 17},  # a date breaks before its time
        low=True,
        rows=rows,
    )


def _wide_table(moves: Sequence[Move], now: datetime) -> Columns:
    def rows() -> Iterator[list[Cell | str]]:
        for move in moves:
            yield [_case(move), move.protocol, _what(move), move.action, *_when_due(move, now), [_turn(move)]]

    return Columns(
        "Case", "Protocol", "Stage and what is due", "Action", "Due until now", "Due then", "", low=True, rows=rows
    )


def _case(move: Move) -> Cell:
    return cell(move.case, move.subject)


def _what(move: Move) -> str:
    return f"{move.stage}  {move.action_name}"


def _when_due(move: Move, now: datetime) -> tuple[Cell, Cell]:
    """When something was due until now, and when it will be."""
    return (
        _dates(move.was, move.target_was, move.act_by_was, now),
        _dates(move.becomes, move.target_becomes, move.act_by_becomes, now),
    )


def _dates(due: datetime | None, target: datetime | None, act: datetime | None, now: datetime) -> Cell:
    """When something is due, and below it when to act, if that is before then, and the target."""
    if due is None:
        return cell("no date")
    same_day = act is not None and london_date(act) == london_date(due)
    act_by = f"act by {london(act):%H:%M}" if act and same_day else f"act by {short(act, now)}" if act else ""
    beside = [act_by if act != due else "", f"target {short(target, now)}" if target else ""]
    return cell(short(due, now), [each for each in beside if each])


def _turn(move: Move) -> Piece:
    """`becomes overdue`, `no longer overdue`, or nothing."""
    if move.turns == BECOMES_OVERDUE:
        return f"becomes {move.turns}", "bold red"
    return move.turns, "bold" if move.turns else ""
