"""A card for each case of the board: how it stands, whose turn it is, by when, and what proves that."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import RECOUNTED, Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import RankedLine
from escalate.domain.reporting.board import BoardCase, BoardGroup
from escalate.domain.worktime.clock import london_date
from escalate.output.case.deadline import how_long, when_due
from escalate.output.case.desk import Several, Told, called_again
from escalate.output.case.lists import holds, references
from escalate.output.case.page import facts, process_dates
from escalate.output.case.proof import Proof, proofs_of
from escalate.output.case.questions import safety_questions
from escalate.output.case.sentences import sentence
from escalate.output.case.to_record import to_record
from escalate.output.dates.proof import day_in_words
from escalate.output.names import Named
from escalate.output.words import Called, in_full, short

TAGS = {
    BoardGroup.SAFETY: ("SAFETY FIRST", "safety"),
    BoardGroup.OVERDUE: ("OVERDUE", "overdue"),
    BoardGroup.TODAY: ("TODAY", "today"),
}
"""The word that stands out on a card, and how it looks."""


class Rung(NamedTuple):
    """A stage of the ladder, as a card draws it."""

    key: str
    """The key of the stage."""
    kind: str
    """`been`, `here`, `skipped` or `ahead`."""


class Card(NamedTuple):
    """What a card tells."""

    number: int
    """Which case of the board it is, from 1."""
    ref: str
    """The reference of the case."""
    about: tuple[str, ...]
    """The record number of the person, and the name where it was asked for."""
    tags: tuple[tuple[str, str], ...]
    """The words that stand out, each with how it looks."""
    when: str
    """When it is due, and how long there is or how late it is."""
    act_by: str
    """By when somebody has to act, with its day; `now` where that is over; nothing without a date."""
    owner: str
    """Whose turn it is."""
    action: str
    """What is to be done."""
    sides: str | None
    """Between which agencies it is, if any is known."""
    rows: tuple[tuple[str, str], ...]
    """What else has to be known, each under its name."""
    stage: str
    """The stage in words."""
    ladder: tuple[Rung, ...]
    """The stages of its route."""
    commands: tuple[str, ...]
    """The commands of which one records the next step."""
    stays: tuple[str, ...]
    """The stages it has been at and those that may come, a line each."""
    short: tuple[tuple[str, str], ...]
    """What is known of the case, each under its name."""
    proof: Proof
    """The proof of when it is due."""
    days: tuple[str, ...]
    """The days by which it was counted, a line each."""


def cards(cases: Sequence[BoardCase], now: datetime) -> Iterator[Card]:
    """The card of each case, in the order of the board."""
    several = called_again([line for case in cases for line in case.lines])
    return (_card(number, case, several, now) for number, case in enumerate(cases, 1))


def _card(number: int, case: BoardCase, several: Several, now: datetime) -> Card:
    line, file = case.lines[0], case.file
    called = Named(file.protocol)
    told = Told(case.lines, file.calendar, now, several, called)
    (proof,) = proofs_of(file, [(case.deadline, line.standing)], now, called)
    return Card(
        number=number,
        ref=line.case.ref,
        about=tuple(references(line.case)),
        tags=tuple(_tags(case)),
        when=told.due,
        act_by=_act_by(case.deadline, line, now),
        owner=told.owner,
        action=told.action,
        sides=told.sides,
        rows=tuple((name, said) for name, said in _rows(case, told, now, called) if said),
        stage=_stage(case),
        ladder=tuple(_ladder(file)),
        commands=tuple(to_record(file, case.deadline)),
        stays=tuple(_stays(case, now)),
        short=tuple((name, said) for name, said in _in_short(file, now, called) if said),
        proof=proof,
        days=tuple(_day(*day_in_words(each)) for each in proof.days),
    )


def _tags(case: BoardCase) -> Iterator[tuple[str, str]]:
    """What stands out: which group it is in, and of what comes first that it is overdue as well."""
    if case.group in TAGS:
        yield TAGS[case.group]
    if case.group is BoardGroup.SAFETY and case.lines[0].counts_as_overdue:
        yield TAGS[BoardGroup.OVERDUE]


def _rows(case: BoardCase, told: Told, now: datetime, called: Called) -> Iterator[tuple[str, str | None]]:
    line, file = case.lines[0], case.file
    yield "Mind", "; ".join([*told.before, *told.notes_beside])
    yield "Contact", "; ".join(case.deadline.contacts if case.deadline.at_any_stage else ())
    yield "From, to", told.sides
    yield "Involved", "; ".join(line.case.involved)
    yield "Held by", "; ".join(holds(each) for each in line.holders if each.role or each.name or each.email)
    yield "Partnership", file.protocol.partnership
    yield "Also due", "; ".join(_also(each, file, now) for each in case.lines[1:])
    yield "Recorded last", _last(file.case.history[-1], now, called)


def _act_by(deadline: Deadline, line: RankedLine, now: datetime) -> str:
    act = deadline.act_by
    if act is None:
        return ""
    if line.counts_as_overdue or now > act:
        return "now"
    if deadline.outside_hours:
        return f"{short(act, now)}: its whole time lies outside working hours"
    return f"{short(act, now)}{', today' if london_date(act) == london_date(now) else ''}"


def _also(line: RankedLine, file: CaseFile, now: datetime) -> str:
    """`Send the form, due Wed 2 Dec, 2 working days left`: what else is due in a case."""
    deadline = line.deadline
    said = (when_due(deadline, now), how_long(deadline, file.calendar, now))
    return f"{deadline.action_name} ({', '.join(each for each in said if each)})"


def _last(entry: Entry, now: datetime, called: Called) -> str:
    """What was recorded last and when, without what somebody wrote about it."""
    said = "Calendar changed" if entry.kind == RECOUNTED else sentence(entry, called)
    return f"{short(entry.at, now)}: {said}"


def _stage(case: BoardCase) -> str:
    """`Stage 2: Line manager to line manager`; of a closed case also that it is."""
    line = case.lines[0].case
    closed = "" if line.status == "open" else f"{line.status.capitalize()} at "
    said = f"stage {line.stage}: {line.stage_name}"
    return f"{closed}{said}" if closed else f"{said[0].upper()}{said[1:]}"


def _ladder(file: CaseFile) -> Iterator[Rung]:
    """The stages of the route a case is on: where it has been, where it is, and what was skipped on the way."""
    stay = file.case.stay
    been = {each.stage for each in file.case.stays if each.route == stay.route}
    skipped = {key for each in file.case.stays for key in each.skipped}
    for stage in file.protocol.ladder(stay.route):
        kind = "been" if stage.key in been else "skipped" if stage.key in skipped else "ahead"
        yield Rung(stage.key, "here" if stage.key == stay.stage else kind)


def _stays(case: BoardCase, now: datetime) -> Iterator[str]:
    for stay in case.stays:
        late = stay.due_at and (stay.left_at or now) > stay.due_at
        parts = [
            f"entered {in_full(stay.entered_at)}",
            f"limit {in_full(stay.due_at)}{' (passed)' if late else ''}" if stay.due_at else "no limit",
            f"left {in_full(stay.left_at)}" if stay.left_at else "",
        ]
        yield f"Stage {stay.stage}, {stay.stage_name}: {', '.join(each for each in parts if each)}"
    for planned in case.planned:
        until = f"to {in_full(planned.ends_by)}" if planned.ends_by else "without a limit"
        entered = f"from {in_full(planned.entered_at)} " if planned.is_dated else ""
        yield f"Stage {planned.stage.key}, {planned.stage.name}: planned {entered}{until}"


def _in_short(file: CaseFile, now: datetime, called: Called) -> Iterator[tuple[str, str | None]]:
    """What is known of a case, without what somebody wrote about it."""
    yield from process_dates(file)
    yield from facts(file, now, called)
    yield "Safety questions", "; ".join(safety_questions(file, called))


def _day(on: str, number: str, says: str) -> str:
    """`Saturday 28 November 2026: skipped: weekend`, `Monday 30 November 2026: 1`."""
    counted = [each for each in (number, says) if each and each != "-"]
    return f"{on}: {', '.join(counted)}"
