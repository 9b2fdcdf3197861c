"""A form filled in from a case: field by field what is known, what is not, and how that is recorded; and the form as text."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.protocol import form_sources
from escalate.domain.protocol.form_sources import sources_of
from escalate.domain.protocol.parts import Form, FormField
from escalate.output.sending.form_values import Filling, is_withheld, value_of
from escalate.output.words import full, inert

KNOWN, MISSING, WITHHELD, LATER, BY_HAND = "known", "missing", "withheld", "later", "by-hand"
IN_ITS_PLACE = {
    MISSING: "not yet recorded",
    WITHHELD: "left out: --identify writes it in",
    LATER: "to be filled in once it is resolved",
}
"""What stands in the place of a value; nothing where the field is filled in by hand."""

WIDTH = 96
"""Characters in a line of the text."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A field of a form, filled in as far as the case goes."""

    field: FormField
    """The field, as the protocol file describes it."""
    state: str
    """`known`, `missing`, `withheld`, `later` or `by-hand`."""
    lines: tuple[str, ...] = ()
    """What goes in."""
    record: str | None = None
    """The command that records what is missing."""
    advice: str | None = None
    """What to do where no command does."""


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form filled in from a case."""

    form: Form
    """The form, as the protocol file describes it."""
    file: CaseFile
    """The case."""
    at: datetime
    """When it was filled in, as an instant."""
    fields: tuple[Filled, ...]
    """Its fields in order."""
    contacts: tuple[str, ...] = ()
    """Where it goes, by role."""

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


def fill(form: Form, file: CaseFile, now: datetime, by: str | None, contacts: Sequence[str] = ()) -> FilledForm:
    """Every field of a form, from the case. Names are in it only where the case was read with them, and `by` is who fills it in."""
    filling = Filling(file, now, by)
    return FilledForm(form, file, now, tuple(_filled(filling, field) for field in form.fields), tuple(contacts))


def _filled(filling: Filling, field: FormField) -> Filled:
    """A field with its lines, or why it has none."""
    if field.source in form_sources.BY_HAND:
        return Filled(field, BY_HAND)
    lines = tuple(line for text in value_of(field.source)(filling) for line in text.splitlines() if line.strip())
    if lines:
        return Filled(field, KNOWN, lines)
    if is_withheld(filling, field.source):
        return Filled(field, WITHHELD)
    source, case = sources_of(filling.file.protocol)[field.source], filling.file.case
    if source.once_resolved and case.status == "open":
        return Filled(field, LATER)
    record = f"escalate {source.record.format(case=case.ref)}" if source.record else None
    return Filled(field, MISSING, record=record, advice=source.otherwise)


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
    if each.lines or each.state == BY_HAND:
        return list(each.lines)
    return [f"[{IN_ITS_PLACE[each.state]}]"]


def _wrapped(text: str, indent: str) -> list[str]:
    """A text in lines that fit the page."""
    return textwrap.wrap(inert(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def missing_text(filled: FilledForm) -> str:
    """What is not yet recorded, and how to record it."""
    if not filled.missing:
        return "Everything the form asks for is recorded."
    headings: dict[str | None, list[str]] = {}
    for each in filled.missing:
        headings.setdefault(each.record or each.advice, []).append(inert(each.field.heading))
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
