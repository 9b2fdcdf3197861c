"""The board of the cases as they are now: for the command that makes one, and for the digest that makes one each morning."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from escalate.commands.shared.filters import DueFilter, has, not_asked_for, warn_of_no_match
from escalate.commands.shared.looking import LookAsked
from escalate.commands.shared.session import Session
from escalate.commands.shared.spared import spared
from escalate.domain.deadlines.standing import ranked_lines
from escalate.domain.reporting.board import Board, board
from escalate.domain.worktime.clock import london_date
from escalate.output.board.page import BoardPage, as_html
from escalate.output.files import making
from escalate.storage.files.bank_holidays import library_calendar
from escalate.storage.lists import Number, Reading
from escalate.storage.store import Store


class BoardAsked(NamedTuple):
    """What of all that is due a board is to show."""

    which: DueFilter
    """Of which cases, whose, and how it stands."""
    within: str | None
    """Within how long it has to be acted on, as somebody said that; None for whenever."""
    look: LookAsked | None = None
    """Whether names are to be shown, and why; None where that cannot be asked for."""

    @property
    def identify(self) -> bool:
        """Names are shown."""
        return self.look is not None and self.look.identify


def board_of(here: Session, store: Store | None, asked: BoardAsked) -> tuple[Board, BoardPage]:
    """The board of the cases in a file as they are at one moment, and what is told beside them. Raises StoreError, UnknownName."""
    if store is None:
        return _of_none(here, asked)
    return store.as_it_is(lambda: _of(here, store, asked))


def write_board(here: Session, path: Path | None, made: Board, about: BoardPage, *, force: bool) -> None:
    """Write a board to a file, whole or not at all; to standard output where that is None. Raises Refused."""
    with making(path, force=force, spared=spared(here)) as file:
        file.writelines(piece.encode() for piece in as_html(made, about))


def _of_none(here: Session, asked: BoardAsked) -> tuple[Board, BoardPage]:
    """The board of no cases."""
    asked.which.cases.refuse_unknown(here, ())
    calendar = library_calendar(here.settings.calendar, *here.settings.working_hours)
    page = BoardPage(list(_filters(asked, owner_is_person=False)), None, asked.identify)
    return board([], lambda _: [], [calendar], here.now), page


def _of(here: Session, store: Store, asked: BoardAsked) -> tuple[Board, BoardPage]:
    which, lists, now = asked.which, store.lists, here.now
    due_lines = lists.due(identify=asked.identify)
    held = lists.held_by(which.owner, london_date(now)) if which.owner else set()
    which.cases.refuse_unknown(here, (line.case.protocol for line in due_lines))
    calendars = {name: here.calendar_of_cases(lists, name) for name in {line.case.calendar for line in due_lines}}
    horizons = {name: here.horizon(calendar, now) for name, calendar in calendars.items()}
    ends = which.ends(here, calendars, now)
    theirs = ranked_lines((line for line in due_lines if which.is_theirs(line, held)), horizons, now)
    chosen = [line for line in theirs if which.stands_so(line, ends.get(line.case.calendar))]
    warn_of_no_match(which.cases.agency, {name for line in due_lines for name in line.case.agencies}, "agency")
    warn_of_no_match(None if held else which.owner, {line.deadline.owner for line in due_lines}, "owner")
    if not calendars:
        return _of_none(here, asked)
    made = board(chosen, store.files_of, calendars.values(), now)
    filters = list(_filters(asked, owner_is_person=which.owner is not None and _is_person(lists, which.owner)))
    return made, BoardPage(filters, _left_out(len(due_lines) - len(chosen)), asked.identify)


def _is_person(lists: Reading, part: str) -> bool:
    """Whether what was typed for an owner names, or may name, somebody who holds a case, and not only a role."""
    holders = (each for several in lists.holders(identify=True).values() for each in several)
    return any(said and has(part, said) for each in holders for said in (each.name, each.email))


def _left_out(others: int) -> str | None:
    """How much else is due; None where nothing is."""
    return not_asked_for(Number(others), "other deadline", "due") if others else None


def _filters(asked: BoardAsked, *, owner_is_person: bool) -> Iterator[str]:
    """What was asked for, in words. Who holds a case is a person: no page names one unless that was asked for."""
    which = asked.which
    if which.cases.agency:
        yield f"agency {which.cases.agency}"
    if which.cases.protocol:
        yield f"protocol {which.cases.protocol}"
    if which.owner:
        yield f"owner {which.owner}" if asked.identify or not owner_is_person else "one owner, who is not named here"
    if which.overdue or which.at_risk:
        yield " or ".join(
            word for word, is_asked in {"overdue": which.overdue, "at risk": which.at_risk}.items() if is_asked
        )
    if asked.within:
        yield f"to act on within {asked.within}"
