"""Histories as tables."""

from collections.abc import Collection, Sequence

from escalate.domain.case.entries import Entry, LogLine
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import how_it_ended
from escalate.output.case.calls import Duty, called_several_times, which_call
from escalate.output.case.deadline import STYLES
from escalate.output.case.sentences import in_brief, in_order, said, sentence, set_by_hand
from escalate.output.columns import Cell, Columns, Page
from escalate.output.words import TYPED, Called, full, in_full, inert


def history_table(file: CaseFile, lines: Sequence[LogLine] | None = None, called: Called = TYPED) -> Page:
    """Entries, all of them if none are named, in the order they were recorded, with both times where they differ.

    Below an entry stands what it ended otherwise than by its being done, and below all which were recorded with the clock set by hand.
    """
    history = Columns("#", "Happened", *(["By"] if called.names_staff else []), "What", right=["#"])
    last_erasure, several = file.case.last_erasure, called_several_times(file.deadlines)
    ended: dict[int, list[Deadline]] = {}
    for each in file.deadlines:
        if each.ended_entry is not None:
            ended.setdefault(each.ended_entry, []).append(each)
    shown = file.case.log if lines is None else lines
    for line in shown:
        entry = line.entry
        what = _what(line, last_erasure, called)
        for each in ended.get(entry.seq, ()):
            what.append((inert(_ended(each, several, called)), STYLES[how_it_ended(each)] or "dim"))
        by = [entry.by] if called.names_staff else []
        history.add(str(entry.seq), in_full(line.happened_at), *by, what)
    by_hand = set_by_hand(line.entry for line in shown)
    return Page([history, *([(by_hand, "dim")] if by_hand else [])])


def _ended(deadline: Deadline, several: Collection[Duty], called: Called) -> str:
    """`missed: lado-referral (stage 1, call 2), due Fri 20 Nov 2026 16:00, ended Mon 23 Nov 2026 09:10`."""
    assert deadline.ended_at is not None
    where = ", ".join(part for part in (f"stage {deadline.stage}", which_call(deadline, several)) if part)
    due = f"due {in_full(deadline.due_at)}" if deadline.due_at else "no date"
    return f"{called.key(how_it_ended(deadline))}: {deadline.action_name if called.by_name else deadline.action} ({where}), {due}, ended {in_full(deadline.ended_at)}"


def _what(line: LogLine, last_erasure: int, called: Called) -> Cell:
    """What an entry says and what somebody wrote in it; whether it was taken back, and its other times."""
    entry, happened_at, undone = line
    first = f"{inert(sentence(entry, called))}{'  (taken back)' if undone else ''}"
    what = [(first, "strike dim" if undone else "")]
    for words in said(entry):
        what += [(each, "dim" if undone else "") for each in words.split("\n")]
    if entry.withheld:
        how = "erased" if entry.seq < last_erasure else "shown with --identify"
        names = [_SPOKEN.get(name, called.key(name)) for name in in_order(entry.withheld)]
        what.append((f"{', '.join(names)}: {how}", "dim"))
    if happened_at != entry.at:
        what.append((f"at first given as {full(entry.at)}", "dim"))
    if entry.recorded_at != happened_at:
        what.append((f"recorded {full(entry.recorded_at)}", "dim"))
    return what


_SPOKEN = {"email": "e-mail", "phone": "telephone"}
"""What is said of whoever holds a side, as pages call it; the rest is called what people type."""


def by_entry(deadline: Deadline, history: Sequence[Entry], called: Called = TYPED) -> str:
    """` by entry 4 (immediate-risk=no)`; nothing where no entry is known to say so."""
    number = deadline.ended_entry
    if number is None or not 0 < number <= len(history):
        return ""
    return f" by entry {number} ({in_brief(history[number - 1], called)})"
