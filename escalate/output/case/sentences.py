"""What an entry of a history says: in a sentence, and the words that stand apart from it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from escalate.domain.case import entries
from escalate.domain.case.details import HOLD, IDENTITIES, LISTS, SIDES, TEXTS
from escalate.domain.case.documents import documents_in, is_document
from escalate.domain.case.entries import Entry
from escalate.domain.worktime.clock import read_instant
from escalate.errors import listed
from escalate.output.words import (
    DAY_NOT_KNOWN,
    TYPED,
    Called,
    answer_in_words,
    days,
    full,
    in_full,
    inert,
    spaced,
    spoken_identity,
    when_it_began,
)
from escalate.wording import how_many

_HEADINGS = {
    name: f"{heading}: "
    for name, heading in {
        **TEXTS,
        HOLD: "Legal hold",
        **IDENTITIES,
        "role": "Role",
        "email": "E-mail",
        "phone": "Telephone",
    }.items()
}
"""What stands before words and identities, by their names, in the order pages have them in."""


def sentence(entry: Entry, called: Called = TYPED) -> str:
    """What happened, without the words that somebody wrote about it."""
    return _SENTENCES[entry.kind](entry, called)


def in_brief(entry: Entry, called: Called = TYPED) -> str:
    """What an entry says, as another sentence refers to it: `immediate-risk=no`, `went up from stage 1 to stage 2: no-response`."""
    if entry.kind == entries.SET:
        return "; ".join(_set_to(entry, called))
    says = sentence(entry, called)
    return says[0].lower() + says[1:]


def said(entry: Entry) -> list[str]:
    """What somebody wrote in an entry, as far as it is here: each piece on a line, under its heading."""
    words = {name: spoken_identity(name, entry.said(name)) or "" for name in (*entry.words, *entry.identities)}
    documents = [f"Document: {inert(each.place)} (SHA-256 {each.digest[:12]}...)" for each in documents_in(entry.words)]
    return [
        *(f"{_HEADINGS.get(name, '')}{inert(words[name])}" for name in in_order(words) if not is_document(name)),
        *documents,
    ]


def in_order(names: Iterable[str]) -> list[str]:
    """The names of words and identities, in the order pages have them in."""
    return sorted(names, key=lambda name: list(_HEADINGS).index(name) if name in _HEADINGS else -1)


def erasable(pieces: Mapping[str, int]) -> str:
    """`2 names or the like, 1 subject, 5 texts`: what of a case was erased, or would be."""
    names = {
        "identities": ("name, date or address", "names, dates and addresses"),
        "subjects": ("subject", "subjects"),
        "words": ("text", "texts"),
    }
    return ", ".join(how_many(n, *names[kind]) for kind, n in pieces.items() if n) or "nothing"


# -- a sentence for each kind ---------------------------------------------------------------------------------------------


def _opened(entry: Entry, called: Called) -> str:
    data = entry.data
    concern = [f"concern of {when_it_began(read_instant(data['concern_at']))}"] if data["concern_at"] else []
    parts = [f"Opened at stage {data['stage']}{_skipped(data)}", *concern, *_known(data, called)]
    return f"{'; '.join(parts)}{_imported(data)}"


def _advanced(entry: Entry, _: Called) -> str:
    data = entry.data
    return f"Went up from stage {data['from']} to stage {data['stage']}: {spaced(data['because'])}{_skipped(data)}"


def _agreed(entry: Entry, called: Called) -> str:
    data = entry.data
    return f"Agreed {in_full(read_instant(data['until']))} for {called.action(data['action'], data['stage'])} (stage {data['stage']}{_call_meant(data)})"


def _closed_or_reopened(entry: Entry, _: Called) -> str:
    undated = f", {DAY_NOT_KNOWN}" if entry.data.get("undated") else ""
    taken_over = ", in the log it was taken over from" if "taken_over" in entry.data else ""
    return f"{entry.kind.capitalize()} at stage {entry.data['stage']}{undated}{taken_over}"


def _done(entry: Entry, called: Called) -> str:
    return f"Done: {called.action(entry.data['action'], entry.data['stage'])} (stage {entry.data['stage']}{_call_meant(entry.data)})"


def _call_meant(data: Mapping[str, Any]) -> str:
    """`, the call of entry 4`, where somebody chose one of several; where that entry began more than one, also which of them."""
    first = f", called for first by entry {data['first_called']}" if data.get("first_called") else ""
    return f", the call of entry {data['call']}{first}" if data.get("call") else ""


def _assigned(entry: Entry, _: Called) -> str:
    since, until = (date.fromisoformat(day) if (day := entry.data.get(key)) else None for key in ("from", "until"))
    on_days = f", {days(since, until)}" if since or until else ""
    return f"Assigned: {entry.data['side']} side (stage {entry.data['stage']}){on_days}"


def _set(entry: Entry, called: Called) -> str:
    again = ", once more" if entry.data.get("again") else ""
    return f"Now known: {'; '.join(_set_to(entry, called))}{again}"


def _set_to(entry: Entry, called: Called) -> list[str]:
    """What an entry makes known: facts and details with what they are, and the names of words and identities."""
    return [
        *_known(entry.data, called),
        *map(called.key, in_order((*entry.words, *entry.identities, *entry.withheld))),
    ]


def _recounted(entry: Entry, called: Called) -> str:
    return f"Calendar changed ({entry.data['why']}){_moved(entry.data['moved'], called)}"


def _adopted(entry: Entry, called: Called) -> str:
    data = entry.data
    return f"Moved from edition {data['from']} to edition {data['edition']}{_moved(data['moved'], called)}"


def _corrected(entry: Entry, _: Called) -> str:
    data = entry.data
    return f"Time of entry {data['corrects']} ({data['corrected_kind']}) corrected to {full(read_instant(data['to']))}"


_SENTENCES: dict[str, Callable[[Entry, Called], str]] = {
    entries.OPENED: _opened,
    entries.NOTED: lambda *_: "Note",
    entries.DONE: _done,
    entries.AGREED: _agreed,
    entries.ADVANCED: _advanced,
    **dict.fromkeys((entries.RESOLVED, entries.WITHDRAWN, entries.REOPENED), _closed_or_reopened),
    entries.ASSIGNED: _assigned,
    entries.SET: _set,
    entries.RECOUNTED: _recounted,
    entries.ADOPTED: _adopted,
    entries.UNDONE: lambda entry, _: f"Took back entry {entry.data['undoes']} ({entry.data['undone_kind']})",
    entries.CORRECTED: _corrected,
    entries.VOIDED: lambda entry, _: (
        f"Voided at stage {entry.data['stage']}: it was opened by mistake, and counts for nothing"
    ),
    entries.ERASED: lambda entry, _: f"Erased: {erasable(entry.data['erased'])}",
}


def _skipped(data: Mapping[str, Any]) -> str:
    return f", skipping {', '.join(data['skipped'])}" if data["skipped"] else ""


def _known(data: Mapping[str, Any], called: Called) -> list[str]:
    """The facts and details that an entry says."""
    facts = [called.known(key, answer_in_words(answer)) for key, answer in sorted(data["facts"].items())]
    details = data.get("particulars", {})
    concern = [f"concern of {when_it_began(read_instant(details['concern_at']))}"] if "concern_at" in details else []
    sides = [called.known(typed, details[name]) for typed, name in SIDES.items() if name in details]
    lists = [
        called.known(typed, ", ".join(details[name]) or "none") for typed, name in LISTS.items() if name in details
    ]
    hold = [f"{'' if details['legal_hold'] else 'no longer '}under a legal hold"] if "legal_hold" in details else []
    return [*facts, *concern, *sides, *lists, *hold]


def _imported(data: Mapping[str, Any]) -> str:
    """Where a case was taken over from, for one that stood in a log before."""
    if "imported" not in data:
        return ""
    log, reference = data["imported"]["log"], data["imported"]["reference"]
    place = f"the log {log}" if log else "a log"
    return f"; taken over from {place}{f', where it is {reference}' if reference else ''}"


def _moved(moved: Sequence[Mapping[str, Any]], called: Called) -> str:
    """Which dates are others now, and which they were."""
    dates = [
        f"{called.action(each['action'], each['stage'])} (stage {each['stage']}) {_from_to(each['was'], each['becomes'])}"
        for each in moved
    ]
    return f": {'; '.join(dates)}" if dates else ""


def _from_to(was: str | None, becomes: str | None) -> str:
    """`from Tue 22 Dec 2026 to Tue 5 Jan 2027`; where only when to act or the target moved, that."""
    if was == becomes:
        return f"still due {_date(was)}, to be acted on by another time or with another target"
    return f"from {_date(was)} to {_date(becomes)}"


def _date(at: str | None) -> str:
    return in_full(read_instant(at)) if at else "no date"


def set_by_hand(entries: Iterable[Entry]) -> str | None:
    """Which entries were recorded with the clock set by hand, in a sentence; None where none was."""
    runs: list[list[int]] = []
    for seq in (entry.seq for entry in entries if entry.clock):
        if runs and seq == runs[-1][-1] + 1:
            runs[-1][1:] = [seq]
        else:
            runs.append([seq])
    if not runs:
        return None
    named = [" to ".join(map(str, run)) for run in runs]
    noun = "entry" if len(runs) == 1 and len(runs[0]) == 1 else "entries"
    return f"Recorded with the clock set by hand: {noun} {listed(named, 'and')}."
