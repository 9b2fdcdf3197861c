"""What is held of one person: as text, as a page to be printed, and as a document."""

from collections.abc import Iterator
from datetime import datetime

from escalate.domain.case.details import IDENTITIES, TEXTS
from escalate.domain.case.look import REASON
from escalate.domain.reporting.disclosure import (
    EMAILS,
    NAMES,
    PHONES,
    RECORDERS,
    REFERENCES,
    DisclosedCase,
    DisclosedEntry,
    DisclosedLook,
    DisclosedReason,
    Disclosure,
)
from escalate.domain.worktime.clock import spoken
from escalate.errors import listed
from escalate.output.case.sentences import said, sentence
from escalate.output.columns import Page, Piece
from escalate.output.documents import Document, instant
from escalate.output.pages import page
from escalate.output.words import full, in_full, inert, spoken_identity, when_it_began
from escalate.wording import how_many

READ_IT = (
    "Other people are left out as far as escalate knows them: who holds a side, whom other cases are about, who recorded, and e-mail addresses."
    " Nobody else who is named in a text is known to it. Read all of it before it is given to anybody."
)
"""What whoever discloses has to know."""

NOT_HERE = "Not in here: what was erased; exports, forms, mail and backups that were made; and what the agencies hold in records of their own."
"""What nobody can see in the cases."""


def _left_out(found: Disclosure) -> str:
    """How much was left out, in a sentence."""
    kinds = {
        NAMES: ("name", "names"),
        EMAILS: ("e-mail address", "e-mail addresses"),
        PHONES: ("telephone number", "telephone numbers"),
        RECORDERS: ("name of who recorded or looked", "names of who recorded or looked"),
        REFERENCES: ("reference of somebody else", "references of somebody else"),
    }
    counted = [how_many(n, *kinds[kind]) for kind, n in found.left_out.items() if n]
    return f"Left out: {listed(counted, 'and')}." if counted else "Nobody was left out."


def _facts(case: DisclosedCase) -> list[tuple[str, str]]:
    """What a case says, as headings and values."""
    file, held = case.file, case.file.case
    rows = [
        ("Reference of the person", case.subject),
        *((heading, spoken_identity(name, case.identity.get(name))) for name, heading in IDENTITIES.items()),
        ("Protocol", f"{file.protocol.title}, edition {held.edition}"),
        ("Raised by", held.raising_agency),
        ("Raised with", held.receiving_agency),
        ("Also involved", ", ".join(held.involved) or None),
        ("Concern of", when_it_began(held.concern_at)),
        ("Raised", full(held.raised_at)),
        ("Status", f"{held.status}, {in_full(held.closed_at)}" if held.closed_at else held.status),
        ("Themes", ", ".join(held.themes) or None),
        *((f"Question {name}", answer) for name, answer in held.answers.items()),
        *((heading, case.words.get(name)) for name, heading in TEXTS.items()),
    ]
    return [(heading, value) for heading, value in rows if value]


def _line(entry: DisclosedEntry, what: str) -> str:
    late = f", recorded {full(entry.recorded_at)}" if entry.recorded_at != entry.at else ""
    return f"{in_full(entry.at)}{late}, by {entry.by}: {what}"


def _entry_lines(entry: DisclosedEntry) -> list[str]:
    """An entry, and below it what was written in it."""
    return [_line(entry, sentence(entry.entry)), *said(entry.entry)]


def _mention_lines(entry: DisclosedEntry) -> list[str]:
    return [_line(entry, entry.kind), *said(entry.entry)]


def _look_line(look: DisclosedLook) -> str:
    why = f": {look.words[REASON]}" if REASON in look.words else ""
    cases = f" ({', '.join(look.cases)})" if look.cases else ""
    return f"{full(look.at)}, {look.by}, {look.command}{cases}{why}"


def disclosure_page(found: Disclosure, at: datetime, agency: str | None) -> Page:
    """All of it on a terminal."""
    parts: list[Piece] = [(line, "") for line in _head(found, at, agency)]
    for case in found.cases:
        parts += [("", ""), (inert(f"{case.file.case.ref}, about them"), "bold")]
        parts += [(inert(f"{heading}: {value}"), "") for heading, value in _facts(case)]
        parts += [
            (("" if n == 0 else "  ") + inert(line), "" if n == 0 else "dim")
            for entry in case.entries
            for n, line in enumerate(_entry_lines(entry))
        ]
    if found.mentions:
        parts += [("", ""), ("Named in cases about others", "bold")]
        parts += [
            (inert(f"{each.case}: {line}" if n == 0 else f"  {line}"), "")
            for each in found.mentions
            for n, line in enumerate(_mention_lines(each.entry))
        ]
    if found.looks:
        parts += [
            ("", ""),
            ("Who looked at their names", "bold"),
            *((inert(_look_line(each)), "") for each in found.looks),
        ]
    if found.reasons:
        parts += [
            ("", ""),
            ("Named where a calendar was changed", "bold"),
            *((inert(_reason_line(each)), "") for each in found.reasons),
        ]
    return Page([*parts, ("", ""), (_left_out(found), ""), (READ_IT, ""), (NOT_HERE, "")])


def _reason_line(reason: DisclosedReason) -> str:
    return f"{reason.calendar}, {spoken(reason.at)}: {reason.words}"


def _head(found: Disclosure, at: datetime, agency: str | None) -> list[str]:
    whom = [inert(each) for each in (found.person.reference, found.person.name) if each]
    lines = [f"All that is held of {' / '.join(whom)}, {spoken(at)}"]
    lines += [f"In the cases that {inert(agency)} sees."] if agency else []
    held = [how_many(len(found.cases), "case is about them", "cases are about them")]
    held += [
        f"{how_many(len(found.mentions), 'entry', 'entries')} of other cases {'names' if len(found.mentions) == 1 else 'name'} them"
    ]
    held += [
        f"{how_many(len(found.looks), 'look', 'looks')} at their names {'was' if len(found.looks) == 1 else 'were'} recorded"
    ]
    return [*lines, f"{'; '.join(held)}."]


def disclosure_html(found: Disclosure, at: datetime, agency: str | None) -> Iterator[str]:
    """All of it as one page that needs nothing else, to be printed."""
    return page(
        "disclosure.html",
        head=_head(found, at, agency),
        cases=[
            (case.file.case.ref, _facts(case), [_entry_lines(entry) for entry in case.entries]) for case in found.cases
        ],
        mentions=[(each.case, _mention_lines(each.entry)) for each in found.mentions],
        looks=[_look_line(each) for each in found.looks],
        reasons=[_reason_line(each) for each in found.reasons],
        left_out=_left_out(found),
        not_here=NOT_HERE,
    )


def disclosure_document(found: Disclosure, at: datetime, agency: str | None) -> Document:
    """`disclose --json`."""
    return {
        "reference": found.person.reference,
        "name": found.person.name,
        "at": instant(at),
        "agency": agency,
        "cases": [_case_document(each) for each in found.cases],
        "mentions": [{"case": each.case, **_entry_document(each.entry)} for each in found.mentions],
        "looks": [
            {
                "at": instant(each.at),
                "by": each.by,
                "command": each.command,
                "cases": list(each.cases),
                "reason": each.words.get(REASON),
            }
            for each in found.looks
        ],
        "reasons": [
            {"calendar": each.calendar, "at": instant(each.at), "reason": each.words} for each in found.reasons
        ],
        "left_out": found.left_out,
        "not_here": NOT_HERE,
    }


def _case_document(case: DisclosedCase) -> Document:
    held = case.file.case
    return {
        "case": held.ref,
        "protocol": held.protocol,
        "edition": held.edition,
        "status": held.status,
        "stage": held.stay.stage,
        "concern_at": instant(held.concern_at),
        "raised_at": instant(held.raised_at),
        "closed_at": instant(held.closed_at) if held.status != "open" else None,
        "raising_agency": held.raising_agency,
        "receiving_agency": held.receiving_agency,
        "involved": list(held.involved),
        "themes": list(held.themes),
        "facts": held.answers,
        "subject": case.subject,
        "identity": {name: case.identity.get(name) for name in IDENTITIES},
        "words": {name: case.words.get(name) for name in TEXTS},
        "imported": held.history[0].data.get("imported"),
        "entries": [_entry_document(each) | {"says": sentence(each.entry)} for each in case.entries],
    }


def _entry_document(each: DisclosedEntry) -> Document:
    return {
        "entry": each.seq,
        "kind": each.kind,
        "at": instant(each.at),
        "recorded_at": instant(each.recorded_at),
        "by": each.by,
        "words": {**each.entry.words, **each.entry.identities},
    }
