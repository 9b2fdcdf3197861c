"""The imports there were, and taking one back."""

from escalate.commands.shared.backing_up import backed_up_before
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import opened
from escalate.domain.case.entries import RECOUNTED, VOIDED, Entry, taken_back
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.importing.changes import entries_from_log
from escalate.domain.importing.imported import FROM_LOG, Run
from escalate.domain.recording import closing, corrections
from escalate.domain.recording.request import Recording
from escalate.errors import BadInput, EscalateError, Refused
from escalate.output.importing.runs import Undone, runs_document, runs_page, undone_document, undone_page
from escalate.output.terminal import show, show_json
from escalate.storage.store import Store

HELD = "it has had entries since, which --with-later takes back with it"


def list_runs(here: Session, *, as_json: bool) -> None:
    """Print the imports there were. Raises Refused, StoreError."""
    with opened(here) as store:
        runs = store.history.runs()
    if as_json:
        show_json(runs_document(runs))
    else:
        show(runs_page(runs))


def undo_run(here: Session, number: int, *, with_later: bool, write: bool, as_json: bool) -> None:
    """Take back what an import recorded: its cases become void, its changes are undone. Raises Refused, StoreError."""
    with opened(here) as store:
        run = _run_numbered(store.history.runs(), number)
        backup = backed_up_before(here, store) if write else None
        with store.writing(dry_run=not write):
            undone = _Undoing(here, store, run, with_later=with_later).all()
    if as_json:
        show_json(undone_document(number, undone, written=write, backup=backup))
    else:
        show(undone_page(number, undone, written=write, backup=backup))


def _run_numbered(runs: list[Run], number: int) -> Run:
    if not 0 < number <= len(runs):
        there = f"there are {len(runs)}" if len(runs) > 1 else "there is one" if runs else "there was none"
        raise Refused(f"There is no import {number}: {there}, and escalate import --runs lists them.")
    return runs[number - 1]


class _Undoing:
    """Takes one import back. Inside `writing`."""

    def __init__(self, here: Session, store: Store, run: Run, *, with_later: bool) -> None:
        self._store, self._run, self._with_later = store, run, with_later
        self._recording = Recording(here.settings.by, here.now, here.now)
        self._found = Undone([], [], [])

    def all(self) -> Undone:
        """What was taken back, and what was left."""
        for ref in self._run.opened:
            self._void(self._store.case(ref))
        for ref, seq in reversed(self._run.changes):
            self._undo(self._store.case(ref), seq)
        return self._found

    def _void(self, file: CaseFile) -> None:
        case = file.case
        if case.status == VOID:
            return
        if not self._with_later and _has_later(case.history, self._run):
            self._found.left.append((case.ref, HELD))
            return
        entry = closing.void(case, self._recording, "The import that opened it was undone")
        self._store.append(entry._replace(data={**entry.data, FROM_LOG: self._run.name}))
        self._found.voided.append(case.ref)

    def _undo(self, file: CaseFile, seq: int) -> None:
        case = file.case
        if case.status == VOID or seq in taken_back(case.history):
            return
        try:
            self._store.append(corrections.undo(file, self._recording, seq, "The import that recorded it was undone"))
        except EscalateError as problem:
            self._found.left.append((case.ref, problem.sentence.rstrip(".")))
        else:
            self._found.undone.append((case.ref, seq))


def _has_later(history: tuple[Entry, ...], run: Run) -> bool:
    """Whether somebody recorded something in a case beside what imports did: what was taken back does not count."""
    ours = {entry.seq for entry in entries_from_log(history)} | {
        entry.data["undoes"] for entry in history if "undoes" in entry.data
    }
    return any(
        entry.seq not in ours and entry.kind not in (RECOUNTED, VOIDED) and "undoes" not in entry.data
        for entry in history
    ) or any(entry.data.get(FROM_LOG, run.name) != run.name for entry in history if entry.seq in ours)


def refuse_without_file() -> BadInput:
    """The error where neither a file nor another thing to do was named."""
    return BadInput("Say which spreadsheet to import: escalate import log.xlsx; --runs lists the imports there were.")
