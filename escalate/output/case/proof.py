"""The proof of a deadline: what it counts from, every day counted or skipped and why, and which of its limits decides."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from escalate.domain.case.entries import CORRECTED, Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline, Limit, ReadOtherwise
from escalate.domain.deadlines.proof import days_counted
from escalate.domain.deadlines.standing import Standing
from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken
from escalate.domain.worktime.counting import runs_out
from escalate.domain.worktime.due import ActBy
from escalate.domain.worktime.proof import Step
from escalate.errors import listed
from escalate.output.case.calls import Duty, called_several_times, hangs_on, legend, which_call
from escalate.output.case.deadline import RUNNING, STYLES, how_long
from escalate.output.case.questions import asked
from escalate.output.case.readings import anchor_in_words, reasons
from escalate.output.case.sentences import sentence, set_by_hand
from escalate.output.dates.hours import week_hours_in_words
from escalate.output.dates.proof import act_by_in_words
from escalate.output.words import TYPED, Called, full, in_full, inert

if TYPE_CHECKING:  # no cycle, but a page that is no terminal's does without Rich
    from rich.console import RenderableType

Rows = Iterator[tuple[str, str]]
"""What is said of a deadline or a limit, each under its name."""


class Aside(NamedTuple):
    """What else bears on a deadline, or might."""

    heading: str
    """What stands above it."""
    lines: tuple[str, ...]
    """What it is, a line each."""


class Proof(NamedTuple):
    """The proof of one deadline, in words."""

    title: str
    """Which deadline it is."""
    stands: Standing
    """How it stands."""
    as_it_stands: tuple[tuple[str, str], ...]
    """How it stands, when it was met and when it is due, each under its name."""
    undated: str | None
    """Why it has no date, and what gives it one; None where it has."""
    limit: tuple[tuple[str, str], ...]
    """What the limit that decides allows, what it counts from and on which calendar, each under its name."""
    days: tuple[Step, ...]
    """Every day it was counted by."""
    within: Allowance | None
    """What was counted; None where nothing was."""
    further_up: str | None
    """What further up runs out before this does."""
    asides: tuple[Aside, ...]
    """The limits that do not decide, and the dates by other readings."""


def proof_page(
    file: CaseFile, calls: Sequence[tuple[Deadline, Standing]], now: datetime, called: Called = TYPED
) -> "RenderableType":
    """Why each deadline of an action is what it is: one for each time that it was called for, with how it stands."""
    from rich.console import Group
    from rich.text import Text

    proofs = [_shown(each) for each in proofs_of(file, calls, now, called)]
    by_hand = set_by_hand(file.case.history)
    meanings = [*([by_hand] if by_hand else []), *legend({stands for _, stands in calls}, called)]
    return Group(
        *(part for n, proof in enumerate(proofs) for part in ([Text()] if n else []) + proof),
        *([Text()] if meanings else []),
        *(Text(meaning, style="dim") for meaning in meanings),
    )


def proofs_of(
    file: CaseFile, calls: Sequence[tuple[Deadline, Standing]], now: datetime, called: Called = TYPED
) -> list[Proof]:
    """The proof of each of these deadlines, which are of one action, with how it stands."""
    several = called_several_times(deadline for deadline, _ in calls)
    return [_proof(file, deadline, stands, now, several, called) for deadline, stands in calls]


def _proof(
    file: CaseFile, deadline: Deadline, stands: Standing, now: datetime, several: Collection[Duty], called: Called
) -> Proof:
    call, limit = which_call(deadline, several), deadline.decided_by
    undated = _why_undated(file, deadline, limit, called)
    key = "" if called.by_name else f" ({deadline.action})"
    return Proof(
        title=f"{file.case.ref}, stage {deadline.stage}: {deadline.action_name}{key}{f', {call}' if call else ''}",
        stands=stands,
        as_it_stands=tuple(_as_it_stands(file, deadline, stands, now, called)),
        undated=undated,
        limit=tuple(_limit(file, limit, called)) if limit else (),
        days=tuple(days_counted(file, deadline, limit)) if limit and not undated else (),
        within=limit.within if limit else None,
        further_up=_further_up(deadline),
        asides=tuple(
            each
            for each in (_also_considered(file, deadline, called), _read_otherwise(file, deadline, now, called))
            if each
        ),
    )


def _shown(proof: Proof) -> "list[RenderableType]":
    """A proof as a terminal shows it."""
    from rich.text import Text

    from escalate.output.dates.calc import NAMES, days_table
    from escalate.output.tables import bullets, grid

    bold = {"Standing": STYLES[proof.stands], "Due": "bold"}
    days: list[RenderableType] = []
    if proof.days and proof.within:
        days = [Text(), days_table(proof.days, proof.within)]
    rows = ((name, Text(said, style=bold[name]) if name in bold else said) for name, said in proof.as_it_stands)
    return [
        Text(inert(proof.title), style="bold"),
        grid(rows, NAMES),
        *([Text(f"\n{inert(proof.undated)}")] if proof.undated else []),
        *([grid((("", ""), *proof.limit), NAMES)] if proof.limit else []),
        *days,
        *([Text(f"\n{proof.further_up}")] if proof.further_up else []),
        *(
            part
            for each in proof.asides
            for part in (
                Text(f"\n{each.heading}", style="bold"),
                bullets(each.lines),
            )
        ),
    ]


def _as_it_stands(file: CaseFile, deadline: Deadline, stands: Standing, now: datetime, called: Called) -> Rows:
    """How it stands, when it was met, and when it is due."""
    length = f": {how_long(deadline, file.calendar, now)}" if stands in RUNNING else ""
    yield "Standing", f"{called.key(stands)}{length}"
    if deadline.called_at and deadline.at_any_stage:
        yield "Called for", f"{spoken(deadline.called_at)}{_by(file, deadline.called_entry, called)}"
    if deadline.met_at:
        yield "Met", spoken(deadline.met_at)
    if deadline.ended_at:
        yield "Ended", f"{spoken(deadline.ended_at)}{_by(file, deadline.ended_entry, called)}"
    if deadline.due_at and deadline.act_by:
        if deadline.target_at:
            yield "Target", spoken(deadline.target_at)
        yield "Due", spoken(deadline.due_at)
        yield "Act by", act_by_in_words(ActBy(deadline.act_by, deadline.outside_hours))
    if deadline.judged_until:
        yield "Judged", f"by what held until {spoken(deadline.judged_until)}, and it keeps that verdict"
    if deadline.provisional:
        yield "Provisional", _why_provisional(deadline, called)
    for question in asked(file.protocol, file.case.ref, deadline.unanswered):
        yield "Not answered", question.said(called)


def _by(file: CaseFile, number: int | None, called: Called) -> str:
    """`, by entry 4: ...`, as a proof refers to an entry; nothing where none is known to say so."""
    entry = next((entry for entry in file.case.history if entry.seq == number), None)
    return f", by {_recorded(file, entry, called)}" if entry else ""


def _why_provisional(deadline: Deadline, called: Called) -> str:
    decided_by = deadline.decided_by
    if deadline.unanswered:
        return (
            f"{hangs_on(deadline, called)}. The answer settles it; until then the earliest limit that may apply counts"
        )
    if decided_by and decided_by.due and decided_by.due.provisional:
        return "beyond the bank holidays published so far, or the terms that are known"
    return "counted from what it falls back on, until the moment itself is recorded"


# -- the limit that decides


def _why_undated(file: CaseFile, deadline: Deadline, limit: Limit | None, called: Called) -> str | None:
    """Why it has no date, and what gives it one; None where it has."""
    ref = file.case.ref
    if deadline.not_known:
        return "The log that its case was taken over from does not tell what became of it: nothing of it is owed."
    if limit is None and deadline.unanswered:
        return f"Whether it is owed is undecided: it {hangs_on(deadline, called)}."
    if limit is None:
        if deadline.waiting and (begins := _begins(file, deadline)):
            return f"It has not begun: {_not_yet(file, begins, called)}."
        agree = "" if called.by_name else f": escalate agree {ref} WHEN --action {deadline.action}"
        return f"The protocol gives this no time limit, as things stand [{deadline.cite or ''}]. Agree a date{agree}."
    if deadline.stopped_since:
        stopped = f"Its clock has been stopped since {spoken(deadline.stopped_since)}"
        said = "" if called.by_name else f", escalate set {ref} says so"
        return f"{stopped}: it runs on when what stopped it is over{said}."
    if limit.due is None:
        return f"Its time has not begun: {_not_yet(file, limit.anchor, called)}."
    return None


def _begins(file: CaseFile, deadline: Deadline) -> Anchor | None:
    """What something without a time limit begins with, by the first action of its key that says so."""
    return next((each.begins for each in file.protocol.actions if each.key == deadline.action and each.begins), None)


def _not_yet(file: CaseFile, anchor: Anchor, called: Called) -> str:
    """What has to happen before a time begins, and how whoever types records that."""
    if anchor.kind is not AnchorKind.ACTION:
        return f"it counts from {anchor_in_words(anchor, called)}, which has not happened yet"
    asked = file.protocol.dated_event(anchor.key)
    if asked and called.by_name:
        return f"it counts from a day that is not known yet ({asked.ask})"
    if asked:
        return f"{asked.ask} When that is known, escalate set {file.case.ref} {asked.key}=WHEN"
    if called.by_name:
        return f"it counts from {anchor_in_words(anchor, called)}, which has not happened yet"
    return f'it counts from "{anchor}"; when that has happened, escalate done {file.case.ref} {anchor}'


def _limit(file: CaseFile, limit: Limit, called: Called) -> Rows:
    """What a limit allows, what it counts from, and on which calendar."""
    if limit.within:
        yield "Allowed", _allowed(limit, limit.within, called)
        yield from _extended(file, limit)
        for begins, ends in limit.stops:
            yield "Stopped", f"from {spoken(begins)} {f'to {spoken(ends)}' if ends else 'on, and it still is'}"
        yield "Written in", limit.cite
    else:
        yield "Allowed", "until the date the two sides agreed"
    if limit.reading:
        yield "Read as", limit.reading
    entry = next((entry for entry in file.case.history if entry.seq == limit.entry), None)
    if limit.since and entry:
        since = f"{spoken(limit.since)}, which is in {_recorded(file, entry, called)}"
        yield "Counts back" if limit.backward else "Counts from", since
    calendar = file.calendar.calendar_of(limit.within.days_of) if limit.within else file.calendar
    yield "Calendar", _known(calendar, called)


def _extended(file: CaseFile, limit: Limit) -> Rows:
    """To when it was extended, and to when it might be."""
    if limit.extended_to and limit.since:
        most = limit.extendable_to and runs_out(limit.since, limit.extendable_to, file.calendar, limit.stops)
        until = f", which may be {spoken(most.at)} at most" if most else ""
        yield "Extended", f"by agreement to {spoken(limit.extended_to)}{until}"


def _recorded(file: CaseFile, entry: Entry, called: Called) -> str:
    """An entry as a proof refers to it: what it says, when it was recorded and by whom, if that is told, and whether its time was corrected."""
    corrections = [
        each.seq
        for each in file.case.history
        if each.kind == CORRECTED and each.data["corrects"] == entry.seq and each.seq not in file.case.undone
    ]
    corrected = f", its time corrected in entry {corrections[-1]}" if corrections else ""
    by = f" by {entry.by}" if entry.by and called.names_staff else ""
    return f"entry {entry.seq}: {sentence(entry, called)} (recorded {full(entry.recorded_at)}{by}{corrected})"


def _known(calendar: Calendar, called: Called) -> str:
    """A calendar, how far its bank holidays are published, and its working hours."""
    to = calendar.published_to
    source = "" if called.by_name else f" ({calendar.source})"
    known = f"bank holidays published to {to.day} {to:%B %Y}{source}"
    return f"{called.calendar(calendar)}, {known}, working hours {week_hours_in_words(calendar, ', ')}"


def _allowed(limit: Limit, within: Allowance, called: Called) -> str:
    """`3 days from entry to the stage, because severity is high`."""
    because = f", {'if' if limit.unanswered else 'because'} {called.condition(limit.when)}" if limit.when else ""
    because += (
        f" ({listed([called.key(each) for each in limit.unanswered], 'and')} not answered)" if limit.unanswered else ""
    )
    whole = " (the limit on the whole process)" if limit.is_cap else ""
    most = (
        f", extendable to {limit.extendable_to}" if limit.extendable_to else ", extendable" if limit.extendable else ""
    )
    most += f" if {called.condition(limit.extendable_when)}" if most and limit.extendable_when else ""
    so_long = f"at least {within} before" if limit.backward else f"{within} from"
    every = "every " if limit.repeats else ""
    return f"{every}{so_long} {anchor_in_words(limit.anchor, called)}{most}{because}{whole}"


# -- what else bears on it


def _further_up(deadline: Deadline) -> str | None:
    """What further up runs out before this does."""
    if deadline.ahead_at is None:
        return None
    return f"Further up: {deadline.ahead_of} runs until {spoken(deadline.ahead_at)}, which comes before this."


def _also_considered(file: CaseFile, deadline: Deadline, called: Called) -> Aside | None:
    """The limits that do not decide, and whether that is because they come later or earlier."""
    decided_by, others = deadline.decided_by, deadline.limits[1:]
    if not others:
        return None
    own = [each.due.at for each in others if each.within and not each.is_cap and each.due]
    later = decided_by is not None and decided_by.due is not None and any(at < decided_by.due.at for at in own)
    counts = "the later of its own counts" if later else "the earliest counts"
    lines = (_limit_in_a_line(file, deadline, each, called) for each in others)
    return Aside(f"Also considered; {counts}", tuple(lines))


def _limit_in_a_line(file: CaseFile, deadline: Deadline, limit: Limit, called: Called) -> str:
    when = in_full(limit.due.at) if limit.due else "not dated yet"
    if limit.within is None:
        return f"{when}: the date the two sides agreed"
    return f"{when}: {_allowed(limit, limit.within, called)}{_on_the_last_day(file, deadline, limit)} [{limit.cite}]"


def _on_the_last_day(file: CaseFile, deadline: Deadline, limit: Limit) -> str:
    """What the proof says of the last day of a limit, such as that the month has no such day; nothing where there is nothing to say."""
    days = days_counted(file, deadline, limit) if limit.due else []
    why = days[-1].why if days else ""
    return f" ({why})" if why else ""


def _read_otherwise(file: CaseFile, deadline: Deadline, now: datetime, called: Called) -> Aside | None:
    """The date by each other reading of the protocol, who might read it so, and why."""
    if not deadline.read_otherwise:
        return None
    return Aside(
        "By another reading, which counts for nothing here",
        tuple(_by_reading(file, deadline, each, now, called) for each in deadline.read_otherwise),
    )


def _by_reading(file: CaseFile, deadline: Deadline, otherwise: ReadOtherwise, now: datetime, called: Called) -> str:
    if otherwise.due_at is None:
        when = "no date yet"
    elif otherwise.due_at == deadline.due_at:
        when = "the same date"
    else:
        past = ", which has passed" if now > otherwise.due_at and deadline.is_open else ""
        when = f"{'~' if otherwise.provisional else ''}{in_full(otherwise.due_at)}{past}"
    limits = [
        f"{_allowed(limit, limit.within, called)}{_on_the_last_day(file, deadline, limit)}"
        for limit in otherwise.limits
        if limit.within
    ]
    return f"{when}: {listed(limits, 'and')}, as read by {otherwise.read_by}. {reasons(otherwise)}"
