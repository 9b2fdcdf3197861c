"""What is due as a desk reads it: a block for each case, under a heading for how its most urgent duty stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from escalate.domain.deadlines.standing import RankedLine, Standing
from escalate.domain.worktime.calendar import Calendar
from escalate.output.case.calls import Duty, hangs_on, which_call
from escalate.output.case.deadline import (
    PROVISIONAL,
    STYLES,
    effects,
    how_long,
    sooner,
    target_and_agreed,
    when_due,
    when_to_act,
)
from escalate.output.case.lists import held, references, sides
from escalate.output.columns import DOTS, EMPTY, GAP, Cell, Columns, Page, Piece, indented, measured, shortened
from escalate.output.terminal import CARD
from escalate.output.words import TYPED, Called, inert
from escalate.wording import how_many

FIRST, PAST = ("Safety first", "bold red"), ("Overdue further up: past a limit of the ladder that runs on", "bold red")
_HEADINGS = {
    stands: (heading, STYLES[stands])
    for stands, heading in {
        Standing.OVERDUE: "Overdue",
        Standing.AT_RISK: "At risk",
        Standing.ON_TRACK: "On track",
        Standing.UNDATED: "Undated: no time limit, and no date agreed yet",
        Standing.WAITING: "Waiting for the moment the time counts from, or with the clock stopped",
        Standing.UNDECIDED: "Undecided: it depends on a question not answered yet",
        Standing.LAPSED: "Lapsed: the time in which it could be done is over",
    }.items()
}
_IN_ORDER = (FIRST, _HEADINGS[Standing.OVERDUE], PAST, *_HEADINGS.values())
"""The headings as they follow each other; of one that stands here twice the first place counts."""

Several = Mapping[str, set[Duty]]
"""What was called for more than once, by the references of the cases."""

FEW = 1
"""How many contacts of an action a list shows; the page of the case has them all."""

Block = Sequence[RankedLine]
"""What is due in one case, the most urgent first; or one duty alone."""

LEAST_FOR_AGENCIES = 30
"""Columns that the two agencies get at the least, where they do not fit whole."""

WIDEST_REFERENCE = 24
"""Columns that the references of cases and people take at most: what is longer is broken over lines."""


def desk_page(
    lines: Sequence[RankedLine],
    calendars: Callable[[str], Calendar],
    now: datetime,
    width: int,
    *,
    apart: bool = False,
    with_case: bool = True,
    contacts: int | None = FEW,
) -> Page:
    """A block of three lines for each case, in the order given; where the terminal is too narrow a card, with each thing on a line of its own.

    A block tells when, whose turn it is to do what, and how far up and between whom: of the most urgent that is due in its case, while
    it names the rest. With `apart` each duty has a block of its own.
    """
    several = called_again(lines)
    blocks = [[line] for line in lines] if apart else _by_case(lines)
    about = [each for block in blocks for each in (block[0].case.ref, *references(block[0].case))]
    left = min(WIDEST_REFERENCE, max(map(measured, about), default=0))
    parts: list[Piece | Columns] = []
    for heading, style, group in by_heading(blocks):
        parts += [EMPTY] if parts else []
        parts.append((f"{heading} ({len(group) if apart else how_many(len(group), 'case')})", style))
        told = [Told(block, calendars(block[0].case.calendar), now, several) for block in group]
        parts += (
            [part for each in told for part in each.card(with_case)]
            if width <= CARD
            else [_three_lines(told, left, width)]
        )
        parts += reached_by([line for block in group for line in block], contacts)
    dated = [block[0].deadline for block in blocks]  # what else is due in a case has no date here
    if any(each.provisional and not each.unanswered for each in dated):
        parts += [EMPTY, (PROVISIONAL, "")]
    return Page(parts)


def by_heading(blocks: Iterable[Block]) -> list[tuple[str, str, list[Block]]]:
    """Each heading, its style, and the blocks under it: standing actions first, then the rest by standing, with what was overtaken set apart."""
    groups: dict[Piece, list[Block]] = {heading: [] for heading in _IN_ORDER}
    for block in blocks:
        groups[_heading(block[0])].append(block)
    return [(heading, style, group) for (heading, style), group in groups.items() if group]


def _heading(line: RankedLine) -> Piece:
    if line.deadline.comes_first:
        return FIRST
    return PAST if line.overtaken else _HEADINGS[line.shown_under]


def _by_case(lines: Sequence[RankedLine]) -> list[list[RankedLine]]:
    found: dict[str, list[RankedLine]] = {}
    for line in lines:
        found.setdefault(line.case.ref, []).append(line)
    return list(found.values())


def called_again(lines: Sequence[RankedLine]) -> Several:
    """What was called for more than once in these cases."""
    found: dict[str, set[Duty]] = {}
    for line in lines:
        deadline = line.deadline
        if deadline.call > 1 and not deadline.occurrence:
            found.setdefault(line.case.ref, set()).add((deadline.occasion, deadline.action))
    return found


def notes(line: RankedLine, several: Several, now: datetime, called: Called = TYPED) -> list[str]:
    """Which call it is, the questions it hangs on, whose a window is, and what holds once a time has passed."""
    notes = (which_call(line.deadline, several.get(line.case.ref, ())), hangs_on(line.deadline, called))
    return [*(note for note in notes if note), *effects(line.deadline, now)]


def reached_by(lines: Sequence[RankedLine], most: int | None, called: Called = TYPED) -> list[Piece]:
    """Whom to reach, where there is no time to look it up, so many for each action; all of them, for whatever is to do, on the page of a case.

    They stand below the blocks or the table, once for all cases: an address that is broken over two lines cannot be copied.
    """
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for line in lines:
        contacts = line.deadline.contacts if line.deadline.at_any_stage or most is None else ()
        if contacts:
            of = line.deadline.action_name if called.by_name else line.deadline.action
            found.setdefault((of, contacts), []).append(line.case.ref)
    pieces: list[Piece] = []
    for (action, contacts), refs in found.items():
        of = action if called.by_name else f"{', '.join(dict.fromkeys(refs))} {action}"
        pieces += [(f"{of}: contact {inert(contact)}", "") for contact in contacts[:most]]
        if most is not None and len(contacts) > most:
            pieces.append((f"{of}: {len(contacts) - most} more contacts in escalate show {refs[0]}", ""))
    return pieces


# -- what a block tells ----------------------------------------------------------------------------------------------------------


class Told:
    """What is told of a block, in the words of its most urgent duty."""

    def __init__(
        self, block: Block, calendar: Calendar, now: datetime, several: Several, called: Called = TYPED
    ) -> None:
        line = self.line = block[0]
        deadline, case = line.deadline, line.case
        due, how = when_due(deadline, now), how_long(deadline, calendar, now)
        verb = "open until" if deadline.is_window else "due"
        self.style = STYLES[line.standing]
        self.due = ", ".join(part for part in (due if deadline.due_at is None else f"{verb} {due}", how) if part)
        act = when_to_act(deadline, now)
        self.before = [*sooner(deadline, now), *notes(line, several, now, called)]
        """What comes before that, and what it hangs on: never left out."""
        self.notes_beside = target_and_agreed(deadline, now)
        """The target, and what was agreed."""
        self.beside = [
            *([act if deadline.outside_hours else f"act by {act}"] if act else []),
            *self.notes_beside,
        ]
        """What else has to be known of when."""
        self.owner = deadline.owner_at(now)
        of_before = f" (stage {deadline.stage})" if deadline.stage != case.stage and not deadline.at_any_stage else ""
        self.key = f"[{deadline.action}{of_before}]"
        """What is typed after `done`, and of which stage it is where the case has gone on."""
        self.action = deadline.action_name
        closed = "" if case.status == "open" else f"{case.status}, "
        self.place = f"{closed}stage {case.stage}, {case.protocol}"
        self.stage_name = case.stage_name
        self.sides = sides(case)
        self.also, self.how_many_more = _and_more(block[1:], now)

    @property
    def about(self) -> Cell:
        """The references of the case and of the person, and the name where it was asked for."""
        return [
            (inert(each), "bold" if n == 0 else "")
            for n, each in enumerate((self.line.case.ref, *references(self.line.case)))
        ]

    def card(self, with_case: bool) -> list[Piece | Columns]:
        """Each thing on a line of its own."""
        said = [
            (self.due, self.style),
            *((each, "") for each in (*self.before, *self.beside)),
            (f"{self.owner}: {self.action} {self.key}", ""),
        ]
        if with_case:
            said += [
                (each, "dim")
                for each in (f"{self.place} ({self.stage_name})", self.sides, f"also {self.also}" if self.also else "")
                if each
            ]
            said += [(each, "dim") for each in held(self.line)]
        return [*([("  ".join(text for text, _ in self.about), "bold")] if with_case else []), indented(said)]

    def when(self, room: int) -> tuple[str, list[str]]:
        """When it is due, and as much as there is room for of what has to be known beside that and of how far up the case is; and the rest."""
        said, left_over = self.due, []
        for each in (*self.before, self.place, *self.beside):
            if measured(said) + 2 + measured(each) <= room:
                said = f"{said}; {each}"
            else:
                left_over.append(each)
        named = said.replace(self.place, f"{self.place} ({self.stage_name})", 1)
        return said if left_over or measured(named) > room else named, left_over

    def turn(self, room: int) -> str:
        """Whose turn it is, to do what, and what to type for it; the longest of it cut short where there is no room."""
        room -= measured(self.key) + 3
        owner, action = _within(self.owner, self.action, room, at_least=room // 3)
        return f"{owner}: {action} {self.key}"

    def where(self, left_over: Sequence[str], room: int) -> str:
        """What is left to say of when and how far up, between whom, and what else is due in the case.

        Where there is no room for all of it, the target and what was agreed are left out first, then the agencies are cut short.
        """
        for more in (f"also {self.also}" if self.also else "", self.how_many_more):
            said = "; ".join(part for part in (*left_over, self.sides, more) if part)
            if measured(said) <= room:
                return said
        case, more = self.line.case, self.how_many_more
        shown = list(left_over)
        least = min(measured(self.sides or ""), LEAST_FOR_AGENCIES)

        def taken() -> int:
            return sum(measured(part) + 2 for part in (*shown, more) if part)

        while shown and shown[-1] in self.beside and taken() + least > room:
            shown.pop()
        if shown and taken() + least > room:
            shown = [
                shortened("; ".join(shown), max(len(DOTS), room - least - (measured(more) + 2 if more else 0) - 2))
            ]
        between = " to ".join(
            _within(case.raising_agency or "?", case.receiving_agency or "?", max(4, room - taken() - 4))
        )
        return "; ".join(part for part in (*shown, between if self.sides else "", more) if part)


def _and_more(rest: Block, now: datetime) -> tuple[str, str]:
    """What else is due in a case, by name, and in figures where there is no room for names."""
    if not rest:
        return "", ""
    names = [f"{each.deadline.action}{_mark(each, now)}" for each in rest]
    otherwise = sum(_is_past_otherwise(each, now) for each in rest)
    by_another = f", {otherwise} past by another reading" if otherwise else ""
    overdue = sum(each.counts_as_overdue for each in rest)
    how_many_are = (
        "overdue" if overdue == len(rest) == 1 else "all overdue" if overdue == len(rest) else f"{overdue} overdue"
    )
    return ", ".join(names), f"{len(rest)} more{f', {how_many_are}' if overdue else ''}{by_another}"


def _is_past_otherwise(line: RankedLine, now: datetime) -> bool:
    return not line.counts_as_overdue and line.deadline.has_passed_by_another_reading(now)


def _mark(line: RankedLine, now: datetime) -> str:
    if line.counts_as_overdue:
        return " (overdue)"
    if _is_past_otherwise(line, now):
        return " (past by another reading)"
    return " (undecided)" if line.standing is Standing.UNDECIDED else ""


def _within(one: str, other: str, room: int, at_least: int | None = None) -> tuple[str, str]:
    """Two texts that have so much room together: what is too long is cut short, the second to no less than half of it or `at_least`."""
    least = min(measured(other), room // 2 if at_least is None else at_least)
    kept = shortened(one, room - least)
    return kept, shortened(other, room - measured(kept))


def _three_lines(told: Sequence[Told], left: int, width: int) -> Columns:
    """Blocks one below the other: references beside when, whose turn and where."""
    table = Columns("Case", "Said", headed=False, widths={"Case": left}, whole=["Case"])
    room = max(1, width - left - GAP)
    for each in told:
        when, left_over = each.when(room)
        lines = [(when, each.style), (each.turn(room), ""), (each.where(left_over, room), "dim")]
        lines += [(said, "dim") for said in held(each.line)]
        table.add(each.about, [(inert(text), style) for text, style in lines])
    return table
