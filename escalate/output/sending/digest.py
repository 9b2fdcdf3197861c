"""The digest in every form it leaves in. References only: nobody is named in one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from escalate.domain.deadlines.model import CaseLine, Deadline, DueLine
from escalate.domain.deadlines.standing import RankedLine
from escalate.domain.protocol.parts import SIDES
from escalate.domain.reporting.digest import LISTS, CaseQuestions, Digest, Told
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, spoken, spoken_day
from escalate.output.case.calls import called_several_times, hangs_on, which_call
from escalate.output.case.deadline import beside, effects, how_long, when_due, when_to_act
from escalate.output.case.lists import overdue_in_words
from escalate.output.case.questions import Asked, asked
from escalate.output.case.rows import due_document
from escalate.output.documents import Document, instant
from escalate.output.pages import pieces
from escalate.output.words import days, full_day, inert, markdown, short
from escalate.wording import how_many

if TYPE_CHECKING:  # no cycle, but few protocols have days that run out, and few people are away
    from escalate.domain.deadlines.coverage import RunsOut
    from escalate.domain.reporting.stand_ins import Takeover

INDENT = " " * 4

ASK = "Its agencies were changed. If that is a mistake, tell the other side of it, or whoever keeps the log."


class Item(NamedTuple):
    """Something to act on or to know."""

    case: str
    """The reference of the case, and its subject."""
    what: str
    """What is to be done, or what happened."""
    more: tuple[str, ...]
    """What more there is to say of it, line by line."""
    is_new: bool = False
    """It ran out since the last digest."""


class DigestSection(NamedTuple):
    """A part of a digest."""

    heading: str
    """What stands above it."""
    number: int
    """How many items it has."""
    items: Iterator[Item]
    """The items, which can be had once."""


def subject(digest: Digest) -> str:
    """The digest in a line: what has to be acted on, the most urgent first."""
    new, overdue = len(digest.newly_overdue), digest.overdue_count
    first = len(digest.safety) - overdue.safety_first
    parts = [
        f"{first} safety first" if first else "",
        overdue_in_words(overdue, f"{new} new" if new else ""),
        f"{len(digest.due_soon)} due by {digest.close:%a} {digest.close.day} {digest.close:%b}"
        if digest.due_soon
        else "",
        f"{len(digest.at_risk)} at risk" if digest.at_risk else "",
        f"{len(digest.undated)} undated" if digest.undated else "",
        f"{len(digest.undecided)} undecided" if digest.undecided else "",
        f"{how_many(len(digest.not_reached), 'reader')} not reached" if digest.not_reached else "",
        f"{how_many(len(digest.takeovers), 'side')} with somebody else" if digest.takeovers else "",
    ]
    return ", ".join(part for part in parts if part)


def sections(digest: Digest, calendars: Mapping[str, Calendar]) -> list[DigestSection]:
    """What a digest says, in the order it is said."""

    def to_do(heading: str, lines: Told) -> DigestSection:
        return DigestSection(
            heading, len(lines), (_to_do(digest, line, calendars[line.case.calendar]) for line in lines)
        )

    def ended(heading: str, lines: Sequence[DueLine]) -> DigestSection:
        items = (Item(named_case(line.case), line.deadline.action_name, _ended(digest, line)) for line in lines)
        return DigestSection(f"{heading} since {spoken(digest.since)}", len(lines), items)

    questions = (
        Item(_named(each.case, each.subject), _partnership(digest, each), _asked(digest, each))
        for each in digest.open_questions
    )
    met = (Item(named_case(line.case), line.deadline.action_name, (_met(digest, line),)) for line in digest.met)
    resolved = (
        Item(named_case(line), f"resolved at stage {line.stage}", (both_sides(line),)) for line in digest.resolved
    )
    left = (
        Item(
            each.case,
            f"left this list on {spoken_day(london_date(each.at))}, by entry {each.entry} of {each.by}",
            (ASK,),
        )
        for each in digest.left
    )
    unreached = (
        Item(each.reader, f"got no digest on {spoken_day(each.day)}", ("Today's tells them what changed since.",))
        for each in digest.not_reached
    )
    takeovers = (Item(named_case(each.case), _takeover(each), ()) for each in digest.takeovers)
    ends = digest.running_out if digest.is_for_unit else ()
    found = [
        to_do("Safety first", digest.safety),
        to_do("Overdue", digest.overdue),
        to_do(f"Due by the close of {spoken_day(digest.close)}", digest.due_soon),
        to_do("At risk", digest.at_risk),
        to_do("Undated: no time limit, and no date agreed yet", digest.undated),
        to_do("Undecided: it depends on a question nobody has answered", digest.undecided),
        DigestSection("Safety questions nobody has answered", len(digest.open_questions), questions),
        ended("Missed", digest.missed),
        ended("Ceased, no longer owed", digest.ceased),
        DigestSection(f"Done since {spoken(digest.since)}", len(digest.met), met),
        DigestSection(f"Resolved since {spoken(digest.since)}", len(digest.resolved), resolved),
        DigestSection(f"No longer on this list since {spoken(digest.since)}", len(digest.left), left),
        DigestSection(
            f"With somebody else since {spoken_day(london_date(digest.since))}", len(digest.takeovers), takeovers
        ),
        DigestSection("Not reached by the last digest", len(digest.not_reached), unreached),
        DigestSection("Days that protocols give only so far", len(ends), (_runs_out(each) for each in ends)),
    ]
    return [section for section in found if section.number]


def as_text(digest: Digest, calendars: Mapping[str, Calendar]) -> Iterator[str]:
    """Plain lines, that stay whole at any width, one after the other."""
    return (f"{inert(line)}\n" for line in _text_lines(digest, calendars))


def _text_lines(digest: Digest, calendars: Mapping[str, Calendar]) -> Iterator[str]:
    yield from (f"Escalations, {spoken(digest.at)}", f"{subject(digest)}.", "")
    yield from section_lines(sections(digest, calendars))
    yield from _closing_lines(digest)


def section_lines(found: Iterable[DigestSection]) -> Iterator[str]:
    """Sections as plain lines, a blank one after each."""
    for section in found:
        heading = f"{section.heading} ({section.number})"
        yield from (heading, "-" * len(heading))
        for item in section.items:
            yield f"{item.case}: {item.what}{'  [new]' if item.is_new else ''}"
            yield from (f"{INDENT}{line}" for line in item.more if line)
        yield ""


def as_markdown(digest: Digest, calendars: Mapping[str, Calendar]) -> Iterator[str]:
    """Markdown, with whatever somebody typed made plain text in it, line by line."""
    yield from (f"# Escalations, {markdown(spoken(digest.at))}\n", "\n", f"{markdown(subject(digest))}.\n", "\n")
    for section in sections(digest, calendars):
        yield from (f"## {markdown(section.heading)} ({section.number})\n", "\n")
        for item in section.items:
            yield f"- **{markdown(item.case)}**: {markdown(item.what)}{' **new**' if item.is_new else ''}\n"
            yield from (f"  - {markdown(line)}\n" for line in item.more if line)
        yield "\n"
    yield from (f"{markdown(line)}\n" for line in _closing_lines(digest))


def as_html(digest: Digest, calendars: Mapping[str, Calendar]) -> Iterator[str]:
    """A page that mail programs show: tables and styles of its own, nothing from elsewhere."""
    return pieces(
        "digest.html",
        title=f"Escalations, {spoken(digest.at)}",
        summary=f"{subject(digest)}.",
        sections=sections(digest, calendars),
        end=_closing_lines(digest),
    )


def as_document(digest: Digest) -> Document:
    """`digest --format json`, whose lists are made as they are written."""

    def to_do(lines: Told) -> Iterator[Document]:
        return (_document(line) | {"new": digest.is_new(line)} for line in lines)

    return {
        "at": instant(digest.at),
        "since": instant(digest.since),
        "close": digest.close.isoformat(),
        **{name: to_do(getattr(digest, name)) for name in LISTS},
        "changed": {
            "newly_overdue": map(_document, digest.newly_overdue),
            "met": [
                {"case": line.case.ref, "action": line.deadline.action, "met_at": instant(line.deadline.met_at)}
                for line in digest.met
            ],
            "missed": list(map(_ended_document, digest.missed)),
            "ceased": list(map(_ended_document, digest.ceased)),
            "resolved": [line.ref for line in digest.resolved],
            "left": [each._asdict() | {"at": instant(each.at)} for each in digest.left],
            "takeovers": [
                {
                    "case": each.case.ref,
                    "side": each.side,
                    "from": each.since.isoformat() if each.since else None,
                    "until": each.until.isoformat() if each.until else None,
                    "is_over": each.is_over,
                }
                for each in digest.takeovers
            ],
        },
        "overdue_count": digest.overdue_count.all,
        "open_questions": [{"case": each.case, "questions": list(each.keys)} for each in digest.open_questions],
        "not_reached": [{"reader": each.reader, "day": each.day.isoformat()} for each in digest.not_reached],
        "running_out": [each._asdict() | {"day": each.day.isoformat()} for each in digest.running_out],
        "others": digest.others,
        "head": digest.head,
    }


def _takeover(each: "Takeover") -> str:
    """Who holds a side now, without a name."""
    side = f"the {each.side} side" if each.side in SIDES else f"what {each.side} has to do"
    if each.until and each.is_over:
        return f"{side} is back with whoever held it before: {full_day(each.until)} was the last day of the stand-in"
    if each.until is None:
        return f"{side} is with somebody else {days(each.since, None)}"
    return f"somebody stands in on {side} {days(each.since, each.until)}"


def _runs_out(each: "RunsOut") -> Item:
    """What a protocol gives only up to some day, and what to do about it."""
    more = (
        "Add what follows to the protocol's file, as a new edition; escalate protocol adopt brings open cases under it."
    )
    return Item(each.calendar, f"{each.what}: given up to {spoken_day(each.day)}", (more,))


def _ended_document(line: DueLine) -> Document:
    deadline = line.deadline
    return {
        "case": line.case.ref,
        "action": deadline.action,
        "call": deadline.call,
        "due_at": instant(deadline.due_at),
        "ended_at": instant(deadline.ended_at),
        "ended_entry": deadline.ended_entry,
    }


def _document(line: RankedLine) -> Document:
    return due_document(line, line.standing)


def _to_do(digest: Digest, line: RankedLine, calendar: Calendar) -> Item:
    """Something to act on: when, at which stage, who, and whom to reach where it is about somebody's safety."""
    deadline, now = line.deadline, digest.at
    more = (
        when_and_how_long(deadline, calendar, now),
        f"{_partnership(digest, line.case)}, stage {deadline.stage}: {deadline.stage_name}",
        f"owner: {deadline.owner_at(now)}",
        *_which_and_whether(digest, line),
        *effects(deadline, now),
        both_sides(line.case),
        *(f"contact: {contact}" for contact in (deadline.contacts if deadline.at_any_stage else ())),
    )
    return Item(named_case(line.case), deadline.action_name, more, digest.is_new(line))


def _which_and_whether(digest: Digest, line: RankedLine) -> list[str]:
    """Which call it is, where there was one before; the questions it hangs on, and how they are answered."""
    case, deadline = line.case, line.deadline
    notes = [which_call(deadline, called_several_times([deadline]))]
    if deadline.unanswered:
        from escalate.output.names import Named  # few deadlines hang on a question

        notes.append(hangs_on(deadline, Named()))
        protocol = digest.edition_of(case.protocol, case.edition)
        notes += _questions(digest, asked(protocol, case.ref, deadline.unanswered))
    return [note for note in notes if note]


def _asked(digest: Digest, each: CaseQuestions) -> tuple[str, ...]:
    """The questions of a case."""
    return tuple(_questions(digest, asked(digest.edition_of(each.protocol, each.edition), each.case, each.keys)))


def _questions(digest: Digest, found: Iterable[Asked]) -> list[str]:
    """Questions, each with the command that answers it where the reader keeps the log."""
    return [str(each) if digest.is_for_unit else each.ask for each in found]


def when_and_how_long(deadline: Deadline, calendar: Calendar, now: datetime) -> str:
    """`due Thu 19 Nov 16:00; in 2 working days; act by Thu 19 Nov 15:59`, and what else there is to say of its time."""
    act = when_to_act(deadline, now)
    parts = (
        when_due(deadline, now) if deadline.due_at is None else f"due {when_due(deadline, now)}",
        how_long(deadline, calendar, now),
        act if deadline.outside_hours else f"act by {act}" if act else "",
        *beside(deadline, now),
    )
    return "; ".join(part for part in parts if part)


def _met(digest: Digest, line: DueLine) -> str:
    deadline = line.deadline
    assert deadline.met_at is not None
    late = ", late" if deadline.due_at and deadline.met_at > deadline.due_at else ""
    return f"{_where(digest, line)}: {short(deadline.met_at, digest.at)}{late}"


def _where(digest: Digest, line: DueLine) -> str:
    """`North Town Safeguarding Partnership, stage 1 (Manager to manager)`: whoever reads it elsewhere knows no ids."""
    return f"{_partnership(digest, line.case)}, stage {line.deadline.stage} ({line.deadline.stage_name})"


def _partnership(digest: Digest, case: CaseLine | CaseQuestions) -> str:
    """The name of the partnership whose protocol a case is under."""
    return digest.edition_of(case.protocol, case.edition).partnership


def _ended(digest: Digest, line: DueLine) -> tuple[str, ...]:
    """`North Town Partnership, stage 1 (Manager to manager), call 2: due Fri 20 Nov 16:00, ended Mon 23 Nov 09:10 by entry 4`."""
    deadline = line.deadline
    assert deadline.ended_at is not None
    call = which_call(deadline, called_several_times([deadline]))
    where = ", ".join(part for part in (_where(digest, line), call) if part)
    due = f"due {short(deadline.due_at, digest.at)}" if deadline.due_at else "no date"
    by = f" by entry {deadline.ended_entry}" if deadline.ended_entry else ""
    return (f"{where}: {due}, ended {short(deadline.ended_at, digest.at)}{by}",)


def named_case(line: CaseLine) -> str:
    """The reference of a case, and that of the person it is about."""
    return _named(line.ref, line.subject)


def _named(ref: str, subject: str | None) -> str:
    return f"{ref} ({subject})" if subject else ref


def both_sides(line: CaseLine) -> str:
    """Who raised it with whom; nothing where no agency is recorded."""
    return f"{line.raising_agency or '?'} to {line.receiving_agency or '?'}" if line.agencies else ""


def _closing_lines(digest: Digest) -> list[str]:
    others = f"{how_many(digest.others, 'other deadline')} on track or waiting. " if digest.others else ""
    changes = f"{others}Changes since {spoken(digest.since)}."
    if not digest.is_for_unit:
        return [changes, "Tell whoever keeps the log what was done, and ask them how a date was worked out."]
    return [
        f"{changes} escalate explain CASE proves a date.",
        f"Head of the record, for escalate verify --head: {digest.head}",
    ]
