"""A form filled in from a case: field by field what is known, what is not, and how that is recorded; and the form as text."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from escalate.domain.case.details import TEXTS
from escalate.domain.case.history import ADVANCED, AGREED, DONE, NOTED, Entry, effective
from escalate.domain.case.people import Holder
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.protocol.form_sources import SOURCES
from escalate.domain.protocol.parts import Form, FormField
from escalate.domain.worktime.clock import london_date, moment
from escalate.output.case.sentences import sentence
from escalate.output.words import full, inert, spoken_identity

KNOWN, MISSING, WITHHELD, LATER, BY_HAND = "known", "missing", "withheld", "later", "by-hand"
SAID_OF = {
    MISSING: "not yet recorded",
    WITHHELD: "left out: --identify writes it in",
    LATER: "to be filled in once it is resolved",
    BY_HAND: "",
}
"""What stands in place of a value."""

WIDTH = 96


@dataclass(frozen=True, slots=True)
class Filled:
    """A field of a form with its lines, how it stands (known, missing ...), and for a missing one the command that records it."""

    field: FormField
    state: str
    lines: tuple[str, ...]
    record: str | None = None


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form filled in from a case."""

    form: Form
    file: CaseFile
    at: datetime
    fields: tuple[Filled, ...]
    contacts: tuple[str, ...] = ()

    @property
    def missing(self) -> list[Filled]:
        """The fields the case does not know."""
        return [each for each in self.fields if each.state == MISSING]

    @property
    def sections(self) -> Iterator[tuple[str | None, list[Filled]]]:
        """The fields under the headings of their sections; those before the first have none."""
        part: list[Filled] = []
        heading: str | None = None
        for each in self.fields:
            if each.field.section and part:
                yield heading, part
                part = []
            heading = each.field.section or heading
            part.append(each)
        if part:
            yield heading, part


@dataclass(frozen=True, slots=True)
class _Hand:
    """From what a form is filled in: the case, the moment, and who does it."""

    file: CaseFile
    now: datetime
    by: str


def fill(form: Form, file: CaseFile, now: datetime, by: str, contacts: Sequence[str] = ()) -> FilledForm:
    """Every field of a form, from the case. Names are in it only where the case was read with them."""
    hand = _Hand(file, now, by)
    return FilledForm(form, file, now, tuple(_filled(hand, field) for field in form.fields), tuple(contacts))


def _filled(hand: _Hand, field: FormField) -> Filled:
    source = SOURCES[field.source]
    if field.source == "by-hand":
        return Filled(field, BY_HAND, ())
    lines = tuple(line for text in _VALUES[field.source](hand) for line in text.splitlines() if line.strip())
    if lines:
        return Filled(field, KNOWN, lines)
    if _is_withheld(hand.file, field.source):
        return Filled(field, WITHHELD, ())
    if source.once_resolved and hand.file.case.status == "open":
        return Filled(field, LATER, ())
    record = f"escalate {source.record.format(case=hand.file.case.ref)}" if source.record else None
    return Filled(field, MISSING, (), record)


def _is_withheld(file: CaseFile, source: str) -> bool:
    """Whether it is recorded, and was not asked for."""
    name = {"age": "born", "raising-name": "name", "raising-email": "email"}.get(source, source)
    if source in ("raising-name", "raising-email"):
        held = [each for each in file.case.assigned_on(file.case.visit.occasion) if each.side == "raising"]
        return any(name in file.case.history[each.entry - 1].withheld for each in held)
    return name in file.case.told and file.case.said(name) is None


# -- what goes in ---------------------------------------------------------------------------------------------------------


def _one(said: str | None) -> list[str]:
    return [said] if said else []


def _said(name: str) -> Callable[[_Hand], list[str]]:
    return lambda hand: _one(spoken_identity(name, hand.file.case.said(name)))


def _side(name: str) -> Callable[[_Hand], list[str]]:
    return lambda hand: _one(getattr(hand.file.case, name))


def _raising(part: str) -> Callable[[_Hand], list[str]]:
    return lambda hand: [said for each in _held(hand) if each.side == "raising" and (said := getattr(each, part))]


def _held(hand: _Hand) -> tuple[Holder, ...]:
    return hand.file.case.holders(hand.file.case.visit.occasion)


def _case_reference(hand: _Hand) -> list[str]:
    """The reference here, and the one of the log the case was taken over from."""
    before = hand.file.case.history[0].data.get("imported", {}).get("reference")
    return [f"{hand.file.case.ref} ({before} in the log before)" if before else hand.file.case.ref]


def _age(hand: _Hand) -> list[str]:
    said = hand.file.case.said("born")
    if said is None:
        return []
    born, today = date.fromisoformat(said), london_date(hand.now)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return ["not yet born" if born > today else str(age)]


def _agencies(hand: _Hand) -> list[str]:
    case = hand.file.case
    sides = ((case.raising_agency, "raised it"), (case.receiving_agency, "it was raised with them"))
    return [*[f"{agency} ({what})" for agency, what in sides if agency], *case.involved]


def _others(hand: _Hand) -> list[str]:
    """Who holds the sides but the raising one; a name that was not asked for is said to be left out."""
    case, lines = hand.file.case, []
    for assigned in case.assigned_on(case.visit.occasion):
        if assigned.side == "raising":
            continue
        each = case.holder(assigned)
        agency = case.receiving_agency if each.side == "receiving" else each.side
        left_out = ["(name left out)"] if "name" in case.history[assigned.entry - 1].withheld else []
        lines.append(", ".join([*left_out, *[part for part in (each.name, each.role, agency, each.email) if part]]))
    return lines


def _themes(hand: _Hand) -> list[str]:
    return _one("; ".join(map(hand.file.protocol.theme_name, hand.file.case.themes)))


def _stages(hand: _Hand) -> list[str]:
    """Each stage with when it began and ended, and what came of it."""
    case, protocol = hand.file.case, hand.file.protocol
    lines = []
    for visit, following in zip(case.visits, (*case.visits[1:], None), strict=True):
        if visit.skipped:
            lines.append(f"Stage {', '.join(visit.skipped)}: skipped")
        name = f"Stage {visit.stage} ({protocol.stage(visit.route, visit.stage).name}): {_when(visit.entered_at)}"
        if following:
            why = case.history[following.entry - 1].said("text")
            lines.append(
                f"{name} to {_when(following.entered_at)}, {following.because}{f': {_flat(why)}' if why else ''}"
            )
        elif visit.left_at:
            how = case.said("how")
            lines.append(f"{name} to {_when(visit.left_at)}, {case.status}{f': {_flat(how)}' if how else ''}")
        else:
            lines.append(f"{name}, not ended")
    return lines


def _happened(*kinds: str) -> Callable[[_Hand], list[str]]:
    """What happened, of these kinds, in the order it did."""

    def lines(hand: _Hand) -> list[str]:
        entries = sorted(
            (each for each in effective(hand.file.case.history) if each.kind in kinds), key=lambda each: each.at
        )
        return [f"{_dated(each)}{_what(hand.file, each)}" for each in entries]

    return lines


def _dated(entry: Entry) -> str:
    """When it happened; of a note taken over from a log only the taking over is dated."""
    return "" if "undated" in entry.data else f"{_when(entry.at)}: "


def _when(at: datetime) -> str:
    """A moment, and where it is the first of a day the day alone: nobody said at what time."""
    return full(at).removesuffix(" 00:00")


def _what(file: CaseFile, entry: Entry) -> str:
    said = "; ".join(_flat(text) for text in entry.words.values())
    if entry.kind == NOTED:
        return said
    return f"{_by_name(file, entry) or sentence(entry)}{f': {said}' if said else ''}"


def _by_name(file: CaseFile, entry: Entry) -> str | None:
    """What was done or agreed, by the action's name: whoever gets the form knows no keys."""
    data = entry.data
    names = [
        each.action_name
        for each in file.deadlines
        if (each.action, each.occasion.number) == (data.get("action"), data.get("visit"))
    ]
    if not names:
        return None
    return f"Done: {names[0]}" if entry.kind == DONE else f"Agreed {full(moment(data['until']))} for: {names[0]}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _facts(hand: _Hand) -> list[str]:
    asks = {fact.key: fact.ask for fact in hand.file.protocol.facts}
    return [f"{asks.get(key, key)} {answer}" for key, answer in hand.file.case.answers.items()]


def _stage(hand: _Hand) -> list[str]:
    visit = hand.file.case.visit
    return [f"{visit.stage}: {hand.file.protocol.stage(visit.route, visit.stage).name}"]


def _resolved_stage(hand: _Hand) -> list[str]:
    return _stage(hand) if hand.file.case.status == "resolved" else []


def _resolved_at(hand: _Hand) -> list[str]:
    at = hand.file.case.resolved_at
    return [_when(at)] if at else []


def _today(hand: _Hand) -> list[str]:
    day = london_date(hand.now)
    return [f"{day.day} {day:%B %Y}"]


def _concern(hand: _Hand) -> list[str]:
    """When the concern arose, where somebody said so."""
    case = hand.file.case
    given = case.concern_entry > 1 or case.history[0].data["concern_at"]
    return [_when(case.concern_at)] if given else []


_VALUES: dict[str, Callable[[_Hand], list[str]]] = {
    "case": _case_reference,
    "subject": _side("subject"),
    "name": _said("name"),
    "born": _said("born"),
    "age": _age,
    "address": _said("address"),
    "from": _side("raising_agency"),
    "to": _side("receiving_agency"),
    "involved": lambda hand: list(hand.file.case.involved),
    "agencies": _agencies,
    "raising-name": _raising("name"),
    "raising-role": _raising("role"),
    "raising-email": _raising("email"),
    "others": _others,
    "theme": _themes,
    **{name: _said(name) for name in TEXTS},
    "facts": _facts,
    "concern": _concern,
    "raised": lambda hand: [_when(hand.file.case.raised_at)],
    "stage": _stage,
    "stages": _stages,
    "actions": _happened(DONE, ADVANCED),
    "progress": _happened(DONE, ADVANCED, AGREED, NOTED),
    "resolved-stage": _resolved_stage,
    "resolved-at": _resolved_at,
    "by": lambda hand: [hand.by],
    "today": _today,
}


# -- as text --------------------------------------------------------------------------------------------------------------


def title(filled: FilledForm) -> str:
    """What the form is called, and where it stands in the document."""
    return f"{filled.form.name} ({filled.form.cite})"


def head(filled: FilledForm) -> list[tuple[str, str]]:
    """What stands above the fields."""
    protocol = filled.file.protocol
    return [
        ("Partnership", protocol.partnership),
        ("Protocol", protocol.title),
        ("Case", filled.file.case.ref),
        *([("Send to", filled.form.send_to)] if filled.form.send_to else []),
        *[("Contact", contact) for contact in filled.contacts],
        ("Filled in", f"from the record, {full(filled.at)}"),
    ]


def form_text(filled: FilledForm) -> str:
    """The form as plain text, each field under its heading."""
    lines = [inert(title(filled)), "=" * len(inert(title(filled))), ""]
    for name, value in head(filled):
        lines += textwrap.wrap(f"{name}: {inert(value)}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    for section, fields in filled.sections:
        lines += ["", *([inert(section), "-" * len(inert(section))] if section else [])]
        for each in fields:
            lines += ["", *_wrapped(each.field.heading, "")]
            lines += _wrapped(f"({each.field.hint})", "  ") if each.field.hint else []
            for line in shown(each) or ["_" * 40]:
                lines += _wrapped(line, "    ")
    return "\n".join(lines)


def shown(each: Filled) -> list[str]:
    """The lines of a field, or what stands in their place; none where it is to be filled in by hand."""
    return list(each.lines) or [line for line in [f"[{SAID_OF[each.state]}]"] if SAID_OF[each.state]]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(inert(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def missing_text(filled: FilledForm) -> str:
    """What is not yet recorded, and how to record it."""
    if not filled.missing:
        return "Everything the form asks for is recorded."
    headings: dict[str | None, list[str]] = {}
    for each in filled.missing:
        headings.setdefault(each.record, []).append(inert(each.field.heading))
    lines = [f"  {', '.join(names)}{f': {record}' if record else ''}" for record, names in headings.items()]
    return "\n".join(["Not yet recorded:", *lines])


def form_document(filled: FilledForm, path: str | None, recorded: str | None) -> dict[str, Any]:
    """`form --json`: the fields with what goes in, and what is missing."""
    return {
        "case": filled.file.case.ref,
        "form": filled.form.key,
        "name": filled.form.name,
        "protocol": filled.file.protocol.id,
        "send_to": filled.form.send_to,
        "contacts": list(filled.contacts),
        "fields": [
            {
                "section": section,
                "heading": each.field.heading,
                "source": each.field.source,
                "state": each.state,
                "value": "\n".join(each.lines) or None,
                "record": each.record,
            }
            for section, fields in filled.sections
            for each in fields
        ],
        "missing": [each.field.heading for each in filled.missing],
        "file": path,
        "recorded": recorded,
    }
