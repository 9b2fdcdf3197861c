"""What an entry of a history says: in a sentence, and the words that stand apart from it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from escalate.domain.case.details import HOLD, IDENTITIES, LISTS, SIDES, TEXTS
from escalate.domain.case.history import Entry
from escalate.domain.worktime.clock import moment
from escalate.output.words import answer_in_words, full, inert, spoken_identity
from escalate.wording import how_many

_HEADINGS = {
    name: f"{heading}: "
    for name, heading in {**TEXTS, HOLD: "Legal hold", **IDENTITIES, "role": "Role", "email": "E-mail"}.items()
}


def sentence(entry: Entry) -> str:
    """What happened, without the words that somebody wrote about it."""
    data = entry.data
    skipped = f", skipping {', '.join(data['skipped'])}" if data.get("skipped") else ""
    match entry.kind:
        case "opened":
            facts = "; ".join(
                part for part in (_facts(data["facts"]), *_particulars(data.get("particulars", {}))) if part
            )
            since = f"; concern of {full(moment(data['concern_at']))}" if data["concern_at"] else ""
            return f"Opened at stage {data['stage']}{skipped}{since}{'; ' + facts if facts else ''}{_imported(data)}"
        case "noted":
            return "Note"
        case "done":
            return f"Done: {data['action']} (stage {data['stage']})"
        case "agreed":
            return f"Agreed {full(moment(data['until']))} for {data['action']} (stage {data['stage']})"
        case "advanced":
            return f"Went up from stage {data['from']} to stage {data['stage']}: {data['because']}{skipped}"
        case "resolved" | "withdrawn" | "reopened":
            return f"{entry.kind.capitalize()} at stage {data['stage']}"
        case "assigned":
            return f"Assigned: {data['side']} side (stage {data['stage']})"
        case "set":
            told = in_order((*entry.words, *entry.identities, *entry.withheld))
            parts = (_facts(data["facts"]), *_particulars(data["particulars"]), *told)
            return f"Now known: {'; '.join(part for part in parts if part)}"
        case _:
            return _of_the_file(entry)


def _of_the_file(entry: Entry) -> str:
    """What was done to the file of a case, and did not happen in it."""
    data = entry.data
    match entry.kind:
        case "recounted":
            return f"Calendar changed ({data['why']}){_moved(data['moved'])}"
        case "adopted":
            return f"Moved from edition {data['from']} to edition {data['edition']}{_moved(data['moved'])}"
        case "corrected":
            return (
                f"Time of entry {data['corrects']} ({data['corrected_kind']}) corrected to {full(moment(data['to']))}"
            )
        case "erased":
            return f"Erased: {erasable(data['erased'])}"
        case _:
            return f"Took back entry {data['undoes']} ({data['undone_kind']})"


def erasable(pieces: Mapping[str, int]) -> str:
    """`2 names or the like, 1 subject, 5 texts`: what of a case was erased, or would be."""
    names = {
        "identities": ("name, date or address", "names, dates and addresses"),
        "subjects": ("subject", "subjects"),
        "words": ("text", "texts"),
    }
    return ", ".join(how_many(n, *names[kind]) for kind, n in pieces.items() if n) or "nothing"


def said(entry: Entry) -> list[str]:
    """What somebody wrote in an entry, as far as it is here: each piece on a line, under its heading."""
    words = {name: spoken_identity(name, entry.said(name)) or "" for name in (*entry.words, *entry.identities)}
    return [f"{_HEADINGS.get(name, '')}{inert(words[name])}" for name in in_order(words)]


def in_order(names: Iterable[str]) -> list[str]:
    """The names of words and identities, in the order pages have them in."""
    return sorted(names, key=lambda name: list(_HEADINGS).index(name) if name in _HEADINGS else -1)


def _facts(facts: Mapping[str, str]) -> str:
    return "; ".join(f"{key}={answer_in_words(answer)}" for key, answer in sorted(facts.items()))


def _moved(moved: Sequence[Mapping[str, Any]]) -> str:
    """Which dates are others now, and which they were."""
    lines = [
        f"{each['action']} (stage {each['stage']}) from {_date(each['was'])} to {_date(each['becomes'])}"
        for each in moved
    ]
    return f": {'; '.join(lines)}" if lines else ""


def _date(at: str | None) -> str:
    return full(moment(at)) if at else "no date"


def _particulars(known: Mapping[str, Any]) -> list[str]:
    """What is said in the history of a case, by the names people type for it."""
    concern = [f"concern of {full(moment(known['concern_at']))}"] if "concern_at" in known else []
    sides = [f"{typed}={known[name]}" for typed, name in SIDES.items() if name in known]
    lists = [f"{typed}={', '.join(known[name]) or 'none'}" for typed, name in LISTS.items() if name in known]
    held = [f"{'' if known['legal_hold'] else 'no longer '}under a legal hold"] if "legal_hold" in known else []
    return concern + sides + lists + held


def _imported(data: Mapping[str, Any]) -> str:
    """Where a case was taken over from, for one that stood in a log before."""
    if "imported" not in data:
        return ""
    log, reference = data["imported"]["log"], data["imported"]["reference"]
    return (
        f"; taken over from {f'the log {log}' if log else 'a log'}{f', where it is {reference}' if reference else ''}"
    )
