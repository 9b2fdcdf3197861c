"""The board as one HTML page that needs nothing else.

All it says can be read without a script. The one it has shows, when the page is opened later, that it is out of date.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from escalate.domain.reporting.board import A_WEEK, Board, BoardCase, BoardGroup
from escalate.domain.worktime.clock import london_date, spoken, spoken_day, written
from escalate.errors import listed
from escalate.output.board.cards import Card, cards
from escalate.output.board.picture import BoardPicture, BoardRow, today_in_short
from escalate.output.names import Named
from escalate.output.pages import page
from escalate.wording import how_many

ENDINGS = {".html": "html", ".htm": "html"}
"""What a file with a board is called."""

_MARK = b'<meta name="generator" content="escalate board">'
"""What stands in a board and in no other page."""

FIRST = 3
"""So many cases stand at the top, with which to begin."""

ROWS = 25
"""So many rows stand below one line of dates, so that a printed page has it."""

LEGEND = (
    ("within", "a stage within its limit, or without one; its key stands in it"),
    ("over", "past the limit"),
    ("left", "the time that is left"),
    ("planned", "a stage that may come, if each takes its full time"),
    ("weekend", "a weekend"),
    ("holiday", "a bank holiday or closure"),
)
"""What the looks of the timeline mean."""


@dataclass(frozen=True, slots=True)
class BoardSection:
    """A group of the board."""

    name: str
    """Its name, for links."""
    called: str
    """What it is called in a few words."""
    heading: str
    """What stands above it."""
    number: int
    """How many cases it has."""
    cards: list[Card]
    """The cards of its cases."""
    rows: list[list[tuple[BoardRow, Card]]]
    """The rows of its cases on the axis, each with its card, so many together as stand below one line of dates."""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """What is told beside the cases."""

    filters: Sequence[str]
    """What was asked for, in words; nothing where that is all."""
    left_out: str | None
    """How much else is due that was not asked for."""
    identifies: bool
    """Names are shown."""


def as_html(board: Board, about: BoardPage) -> Iterator[str]:
    """The page piece by piece."""
    picture = BoardPicture(board)
    found = list(_sections(board, picture))
    calendars = dict.fromkeys(Named(case.file.protocol).calendar(case.file.calendar) for case in board.cases)
    return page(
        "board.html",
        script="board.js",
        title=f"Board of open cases, {spoken(board.at)}",
        made=spoken(board.at),
        fresh_until=spoken(board.fresh_until),
        fresh_until_utc=written(board.fresh_until),
        number=how_many(len(board.cases), "case"),
        calendars=listed(list(calendars), "and"),
        about=about,
        sections=found,
        first=list(islice((card for each in found for card in each.cards), FIRST)),
        picture=picture,
        today=today_in_short(board),
        legend=LEGEND,
    )


def is_board(page: bytes) -> bool:
    """Whether a page is a board, which may be replaced by a newer one."""
    return _MARK in page[:100_000]


def _called(group: BoardGroup, board: Board) -> tuple[str, str]:
    """What a group is called in a few words, and what is said of it where it stands; nothing where that says all."""
    today = london_date(board.at)
    called: Mapping[BoardGroup, tuple[str, str]] = {
        BoardGroup.SAFETY: ("Safety first", ""),
        BoardGroup.OVERDUE: ("Overdue", ""),
        BoardGroup.TODAY: ("Today", f"to act on by the end of {spoken_day(today)}"),
        BoardGroup.WEEK: ("In the next seven days", f"by {spoken_day(today + A_WEEK)}"),
        BoardGroup.LATER: ("Later", ""),
        BoardGroup.UNDATED: ("Undated", "no time limit, and no date agreed yet"),
        BoardGroup.UNDECIDED: ("Undecided", "it depends on a question not answered yet"),
        BoardGroup.WAITING: ("Waiting", "for the moment the time counts from, or a time to do something is over"),
    }
    return called[group]


def _sections(board: Board, picture: BoardPicture) -> Iterator[BoardSection]:
    told = cards(board.cases, board.at)
    for group, cases in board.grouped().items():
        made = list(islice(told, len(cases)))
        rows = [(picture.row(card.number, case), card) for card, case in zip(made, cases, strict=True)]
        called, means = _called(group, board)
        yield BoardSection(
            name=group.value,
            called=called,
            heading=f"{called}: {means}" if means else called,
            number=len(cases),
            cards=made,
            rows=[rows[start : start + ROWS] for start in range(0, len(rows), ROWS)],
        )


def as_document(board: Board) -> dict[str, object]:
    """`board --json`: when it was made, until when it holds, and which cases stand in which group."""
    groups = board.grouped()
    return {
        "made_at": written(board.at),
        "fresh_until": written(board.fresh_until),
        "cases": len(board.cases),
        "groups": {group.value: _refs(groups.get(group, [])) for group in BoardGroup},
    }


def _refs(cases: Sequence[BoardCase]) -> list[str]:
    return [case.file.case.ref for case in cases]
