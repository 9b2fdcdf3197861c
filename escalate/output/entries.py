"""What an entry says, in a sentence, and histories as tables."""

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from escalate.domain.history import Case, Entry, moment
from escalate.output.words import full, inert


def sentence(entry: Entry) -> str:
    """What happened, without the words that somebody wrote about it."""
    data = entry.data
    skipped = f", skipping {', '.join(data['skipped'])}" if data.get("skipped") else ""
    match entry.kind:
        case "opened":
            facts = _facts(data["facts"])
            since = f"; concern of {full(moment(data['concern_at']))}" if data["concern_at"] else ""
            return f"Opened at stage {data['stage']}{skipped}{since}{'; ' + facts if facts else ''}"
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
        case "set":
            return f"Now known: {'; '.join(part for part in (_facts(data['facts']), *_corrections(data['particulars'])) if part)}"
        case "corrected":
            return (
                f"Time of entry {data['corrects']} ({data['corrected_kind']}) corrected to {full(moment(data['to']))}"
            )
        case _:
            return f"Took back entry {data['undoes']} ({data['undone_kind']})"


def _facts(facts: Mapping[str, str]) -> str:
    return "; ".join(f"{key}={answer}" for key, answer in sorted(facts.items()))


def _corrections(particulars: Mapping[str, str]) -> list[str]:
    names = {"subject": "subject", "raising_agency": "from", "receiving_agency": "to"}
    concern = [f"concern of {full(moment(particulars['concern_at']))}"] if "concern_at" in particulars else []
    return concern + [f"{label}={particulars[name]}" for name, label in names.items() if name in particulars]


def history_table(case: Case) -> Table:
    """Entries in the order they were recorded, with both times where they differ."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("Happened", no_wrap=True)
    table.add_column("By", overflow="fold")
    table.add_column("What", overflow="fold")
    for entry in case.history:
        undone, happened = entry.seq in case.undone, case.happened(entry)
        what = Text(inert(sentence(entry)), style="strike dim" if undone else "")
        if undone:
            what.append("  (taken back)", style="not strike")
        for words in entry.words.values():
            what.append(f"\n{inert(words)}", style="not strike")
        if happened != entry.at:
            what.append(f"\nfirst recorded as {full(entry.at)}", style="dim")
        if entry.recorded_at != happened:
            what.append(f"\nrecorded {full(entry.recorded_at)}", style="dim")
        table.add_row(str(entry.seq), full(happened), inert(entry.by), what)
    return table
