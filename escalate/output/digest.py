"""The digest in every form it leaves in. References only: nobody is named in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escalate.domain.calendar import Calendar
from escalate.domain.digest import Digest
from escalate.domain.lines import CaseLine, DueLine
from escalate.domain.london import spoken, spoken_day
from escalate.domain.standing import Judged
from escalate.output.lines import Document, due_document, instant
from escalate.output.words import counted, inert, markdown, short

INDENT = " " * 4


@dataclass(frozen=True, slots=True)
class Item:
    """Something to act on or to know: the case, what it is about it, and what more there is to say."""

    case: str
    what: str
    more: tuple[str, ...]
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    items: tuple[Item, ...]


def subject(digest: Digest) -> str:
    """The digest in a line: what has to be acted on, the most urgent first."""
    new = sum(digest.is_new(line) for line in digest.overdue)
    parts = [
        f"{len(digest.safety)} safety first" if digest.safety else "",
        f"{len(digest.overdue)} overdue{f' ({new} new)' if new else ''}",
        f"{len(digest.due_soon)} due by {digest.close:%a} {digest.close.day} {digest.close:%b}"
        if digest.due_soon
        else "",
        f"{len(digest.at_risk)} at risk" if digest.at_risk else "",
        f"{len(digest.undated)} undated" if digest.undated else "",
    ]
    return ", ".join(part for part in parts if part)


def sections(digest: Digest, calendars: Mapping[str, Calendar]) -> list[Section]:
    """What a digest says, in the order it is said."""

    def to_do(lines: Sequence[Judged]) -> tuple[Item, ...]:
        return tuple(_to_do(digest, line, calendars[line.case.calendar]) for line in lines)

    met = tuple(Item(_case(line.case), line.deadline.action_name, (_met(digest, line),)) for line in digest.met)
    resolved = tuple(Item(_case(line), f"resolved at stage {line.stage}", (_sides(line),)) for line in digest.resolved)
    found = [
        Section("Safety first", to_do(digest.safety)),
        Section("Overdue", to_do(digest.overdue)),
        Section(f"Due by the close of {spoken_day(digest.close)}", to_do(digest.due_soon)),
        Section("At risk", to_do(digest.at_risk)),
        Section("Undated: no time limit, and no date agreed yet", to_do(digest.undated)),
        Section(f"Done since {spoken(digest.since)}", met),
        Section(f"Resolved since {spoken(digest.since)}", resolved),
    ]
    return [section for section in found if section.items]


def as_text(digest: Digest, calendars: Mapping[str, Calendar]) -> str:
    """Plain lines, that stay whole at any width."""
    parts = [f"Escalations, {spoken(digest.at)}", f"{subject(digest)}.", ""]
    for section in sections(digest, calendars):
        parts += [f"{section.heading} ({len(section.items)})", "-" * len(f"{section.heading} ({len(section.items)})")]
        for item in section.items:
            parts.append(f"{item.case}: {item.what}{'  [new]' if item.is_new else ''}")
            parts += [f"{INDENT}{line}" for line in item.more if line]
        parts.append("")
    return "\n".join([*map(inert, parts), *map(inert, _end(digest)), ""])


def as_markdown(digest: Digest, calendars: Mapping[str, Calendar]) -> str:
    """Markdown, with whatever somebody typed made plain text in it."""
    parts = [f"# Escalations, {markdown(spoken(digest.at))}", "", f"{markdown(subject(digest))}.", ""]
    for section in sections(digest, calendars):
        parts += [f"## {markdown(section.heading)} ({len(section.items)})", ""]
        for item in section.items:
            parts.append(f"- **{markdown(item.case)}**: {markdown(item.what)}{' **new**' if item.is_new else ''}")
            parts += [f"  - {markdown(line)}" for line in item.more if line]
        parts.append("")
    return "\n".join([*parts, *map(markdown, _end(digest)), ""])


def as_html(digest: Digest, calendars: Mapping[str, Calendar]) -> str:
    """A page that mail programs show: tables and styles of its own, nothing from elsewhere."""
    from escalate.output.pages import page

    return page(
        "digest.html",
        title=f"Escalations, {spoken(digest.at)}",
        summary=f"{subject(digest)}.",
        sections=sections(digest, calendars),
        end=_end(digest),
    )


def as_document(digest: Digest) -> Document:
    """`digest --format json`."""

    def to_do(lines: Sequence[Judged]) -> list[Document]:
        return [_document(line) | {"new": digest.is_new(line)} for line in lines]

    return {
        "at": instant(digest.at),
        "since": instant(digest.since),
        "close": digest.close.isoformat(),
        "safety": to_do(digest.safety),
        "overdue": to_do(digest.overdue),
        "due_soon": to_do(digest.due_soon),
        "at_risk": to_do(digest.at_risk),
        "undated": to_do(digest.undated),
        "changed": {
            "newly_overdue": [_document(line) for line in digest.newly_overdue],
            "met": [
                {"case": line.case.ref, "action": line.deadline.action, "met_at": instant(line.deadline.met_at)}
                for line in digest.met
            ],
            "resolved": [line.ref for line in digest.resolved],
        },
        "others": digest.others,
        "head": digest.head,
    }


def _document(line: Judged) -> Document:
    return due_document(line, line.standing)


def _to_do(digest: Digest, line: Judged, calendar: Calendar) -> Item:
    from escalate.output.lists import beside, effects, how_long, when_due, when_to_act

    deadline, now = line.deadline, digest.at
    act = when_to_act(deadline, now)
    times = [
        when_due(deadline, now) if deadline.due_at is None else f"due {when_due(deadline, now)}",
        how_long(deadline, calendar, now),
        act if deadline.outside_hours else f"act by {act}" if act else "",
        *beside(deadline, now),
    ]
    where = f"{line.case.protocol}, stage {deadline.stage}: {deadline.stage_name}"
    contacts = [f"contact: {contact}" for contact in deadline.contacts] if deadline.is_standing else []
    owner = f"owner: {deadline.owner_at(now)}"
    more = (
        "; ".join(part for part in times if part),
        where,
        owner,
        *effects(deadline, now),
        _sides(line.case),
        *contacts,
    )
    return Item(_case(line.case), deadline.action_name, more, digest.is_new(line))


def _met(digest: Digest, line: DueLine) -> str:
    deadline = line.deadline
    assert deadline.met_at is not None
    late = ", late" if deadline.due_at and deadline.met_at > deadline.due_at else ""
    return f"{line.case.protocol}, stage {deadline.stage}: {short(deadline.met_at, digest.at)}{late}"


def _case(line: CaseLine) -> str:
    return f"{line.ref} ({line.subject})" if line.subject else line.ref


def _sides(line: CaseLine) -> str:
    return f"{line.raising_agency or '?'} to {line.receiving_agency or '?'}" if line.agencies else ""


def _end(digest: Digest) -> list[str]:
    others = f"{counted(digest.others, 'other deadline')} on track or waiting. " if digest.others else ""
    return [
        f"{others}Changes since {spoken(digest.since)}. escalate explain CASE proves a date.",
        f"Head of the record, for escalate verify --head: {digest.head}",
    ]
