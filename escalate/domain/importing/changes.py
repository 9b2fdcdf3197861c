"""What has changed in a row since its case was taken over: cell by cell, each with the entry that a person would have recorded of it.

What the log said before is in the entries that imports made, so that nothing has to be kept of a row beside its case.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES, LISTS, SIDES, TEXTS
from escalate.domain.case.entries import RESOLVED, WITHDRAWN, Entry, effective, taken_back
from escalate.domain.case.model import Case
from escalate.domain.case.replay import followed
from escalate.domain.deadlines.case_file import CaseFile, Changed, case_file
from escalate.domain.importing.cells import Cells
from escalate.domain.importing.headings import ENTERED
from escalate.domain.importing.imported import FROM_LOG
from escalate.domain.importing.said import GOES_ON, Said, StageSaid, said_by
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.acts import assign, note
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.closing import resolve, withdraw
from escalate.domain.recording.details import Details, set_details
from escalate.domain.recording.request import Recording, refuse_day_alone
from escalate.domain.worktime.clock import london, london_date, spoken, spoken_day
from escalate.errors import EscalateError


class CellChange(NamedTuple):
    """A cell that says something else than it did when its row was last taken over."""

    place: str
    """Where it is: `"Status" (F7)`."""
    was: str | None
    """What it said; None where it said nothing, or nobody may see it here."""
    becomes: str | None
    """What it says now; None where it says nothing, or nobody may see it here."""
    refused: str | None = None
    """Why it cannot be recorded, and what to do instead, as the end of a sentence."""
    emptied: bool = False
    """It says nothing any more: nothing is taken back because of that."""

    @property
    def can_be_recorded(self) -> bool:
        """Whether there is an entry for it."""
        return not (self.refused or self.emptied)


class RowChanges(NamedTuple):
    """All that has changed in a row."""

    cells: tuple[CellChange, ...]
    """The cells."""
    entries: tuple[Entry, ...]
    """What would be recorded of them."""
    changed: Changed
    """The case as it is, and with these entries."""


def changes_in(file: CaseFile, row: Case, cells: Cells, now: datetime, by: str, run: str) -> RowChanges:
    """What has changed in a row of which a case was taken over; `row` is the case that the row would open today, `run` this import."""
    return _Changes(file, row, cells, now, by, run).all()


def unreadable(file: CaseFile, why: str) -> RowChanges:
    """What has changed in a row of which a case was taken over and that cannot be read any more."""
    return RowChanges((CellChange("the row", None, None, f"cannot be read: {why}"),), (), Changed(file, file))


def entries_from_log(history: Sequence[Entry]) -> list[Entry]:
    """The entries that imports made of the row of a case, as they were recorded: those of opening it, and what changed later and stands."""
    first, undone = history[0], taken_back(history)
    opening = first.data["imported"].get("entries")
    return [
        entry
        for entry in history
        if (
            entry.seq <= opening
            if opening
            else (entry.recorded_at, entry.by) == (first.recorded_at, first.by) and FROM_LOG not in entry.data
        )
        or (FROM_LOG in entry.data and entry.seq not in undone)
    ]


def closed_with_duties_left(history: Sequence[Entry]) -> bool:
    """Whether an import of an earlier version closed a case, and did not say that what became of its duties is not known."""
    if not history[0].data.get("imported"):
        return False
    closed = [entry for entry in effective(history) if entry.kind in (RESOLVED, WITHDRAWN)]
    from_log = {entry.seq for entry in entries_from_log(history)}
    return bool(closed) and closed[-1].seq in from_log and "taken_over" not in closed[-1].data


class _Changes:
    """The changes in one row while they are found."""

    def __init__(self, file: CaseFile, row: Case, cells: Cells, now: datetime, by: str, run: str) -> None:
        self.file, self.row, self.cells = file, row, cells
        self.recording = Recording(by, now, now)
        self.run = run
        self.new_names = [each for each in IDENTITIES if each in row.said_in and each not in file.case.said_in]
        self.then = said_by(entries_from_log(file.case.history))
        self.said = said_by(row.history)
        self.here = said_by(effective(file.case.history))
        self.case = file.case
        self.found: list[CellChange] = []
        self.entries: list[Entry] = []

    def all(self) -> RowChanges:
        """All that has changed, in the order of a case."""
        self._when_raised()
        concern = self._concern()
        self._stages()
        told = self._end()
        self._details(concern, told)
        self._people()
        self._notes()
        after = case_file(self.case, self.file.protocol, self.file.calendar) if self.entries else self.file
        return RowChanges(tuple(self.found), tuple(self.entries), Changed(self.file, after))

    @property
    def ref(self) -> str:
        return self.file.case.ref

    @property
    def protocol(self) -> Protocol:
        return self.file.protocol

    # -- finding

    def _note(self, fields: Sequence[str], was: str | None, becomes: str | None, refused: str | None = None) -> None:
        place = next((self.cells.where(each) for each in fields if self.cells.of(each)), None)
        self.found.append(
            CellChange(
                place or self.cells.where(fields[0]), was, becomes, refused, emptied=becomes is None and not refused
            )
        )

    def _record(self, fields: Sequence[str], was: str | None, becomes: str, *decide: Callable[[Case], Entry]) -> None:
        """What is recorded of a change, or why it cannot be."""
        case, added = self.case, []
        try:
            for each in decide:
                entry = each(case)
                entry = entry._replace(data={**entry.data, FROM_LOG: self.run})
                if london(entry.at).time() == time(0):
                    refuse_day_alone(case_file(case, self.protocol, self.file.calendar), entry)
                case = followed(case, entry)
                added.append(entry)
        except EscalateError as problem:
            self._note(fields, was, becomes, problem.sentence.rstrip("."))
            return
        self.case = case
        self.entries += added
        self._note(fields, was, becomes)

    def _when_raised(self) -> None:
        was, becomes = self.then.raised_at, self.said.raised_at
        if becomes in (was, self.here.raised_at) or was is None or becomes is None:
            return
        self._note(("raised", "concern-date"), _day(was), _day(becomes), self._moved(1, becomes))

    def _moved(self, entry: int, to: datetime) -> str:
        return f'is a date of the past, which moves deadlines: escalate undo {self.ref} --entry {entry} --at "{_typed(to)}" corrects it'

    def _concern(self) -> datetime | None:
        """When the concern arose, where the log says so now and did not."""
        was, becomes = self.then.concern_at, self.said.concern_at
        if was == becomes or (becomes and self.here.concern_at == becomes):
            return None
        fields = ("concern-date",)
        if becomes and (was or self.here.concern_at):
            way = f'escalate set {self.ref} concern="{_typed(becomes)}" corrects it'
            self._note(
                fields,
                _day(was) if was else None,
                _day(becomes),
                f"is a date of the past, which moves deadlines: {way}",
            )
        elif becomes:
            return becomes
        elif was:
            self._note(fields, _day(was), None)
        return None

    # -- the stages

    def _stages(self) -> None:
        was, becomes = self.then.stages, self.said.stages
        for old, new in zip(was, becomes, strict=False):
            if (old.route, old.stage) != (new.route, new.stage):
                self._another_stage(old, new)
                return
            if old.at != new.at and old is not was[0] and not self._is_here(new):
                self._note(_dating(new), _day(old.at), _day(new.at), self._moved(self._entry_of(old), new.at))
        for new in becomes[len(was) :]:
            self._reached(new, was[-1])
        if len(becomes) < len(was):
            self._note(
                ("stage", "stage-entered"), f"stage {was[-1].stage}", f"stage {becomes[-1].stage}", self._back(was[-1])
            )

    def _is_here(self, stage: StageSaid) -> bool:
        return any(
            (each.route, each.stage) == (stage.route, stage.stage) and _same(each.at, stage.at)
            for each in self.here.stages
        )

    def _entry_of(self, stage: StageSaid) -> int:
        """The entry by which the case came to a stage here."""
        found = [each for each in self.here.stages if (each.route, each.stage) == (stage.route, stage.stage)]
        return found[0].entry if found else stage.entry

    def _another_stage(self, old: StageSaid, new: StageSaid) -> None:
        """The row names another stage than it did, and does not say when the case reached it."""
        at_stage = self.said.stages[-1].stage
        stays = {(each.route, each.stage) for each in self.here.stages}
        if (new.route, self.said.stages[-1].stage) in stays and len(self.said.stages) == 1:
            return  # somebody has recorded it here
        above = self.protocol.ladders.reachable(self.protocol.stage(old.route, self.then.stages[-1].stage))
        goes_up = (new.route, at_stage) in above
        way = (
            f"does not say when: escalate advance {self.ref} --to {at_stage} --at WHEN records it"
            if goes_up
            else self._back(self.then.stages[-1])
        )
        self._note(_dating(new), f"stage {self.then.stages[-1].stage}", f"stage {at_stage}", way)

    def _back(self, last: StageSaid) -> str:
        entry = self._entry_of(last)
        return (
            f"is not a stage that follows: if the case never came to stage {last.stage}, escalate undo {self.ref} --entry {entry} takes that back"
            if entry > 1
            else f"is not a stage that follows: if the case was never at stage {last.stage}, escalate void {self.ref} takes it back, to be opened again"
        )

    def _reached(self, new: StageSaid, last: StageSaid) -> None:
        """The row dates a stage that it did not."""
        stays = [each for each in self.here.stages if (each.route, each.stage) == (new.route, new.stage)]
        if self._is_here(new):
            return
        says = f"stage {new.stage}, {_day(new.at)}"
        if stays:
            self._note(
                _dating(new),
                None,
                says,
                f'is another day than is recorded here ({_day(stays[-1].at)}): escalate undo {self.ref} --entry {stays[-1].entry} --at "{_typed(new.at)}" corrects it',
            )
            return
        self._record(
            _dating(new),
            f"stage {last.stage}",
            says,
            lambda case: advance(self.protocol, case, self.recording._replace(at=new.at), new.stage, again=True),
        )

    # -- the end

    def _end(self) -> bool:
        """Whether the words of the end go with an entry that closes the case."""
        was, becomes, here = self.then, self.said, self.here
        if (was.status, was.ended_at) == (becomes.status, becomes.ended_at):
            return False
        fields = ("resolved", "status", "ended", "goes-on")
        old, new = _ended(was), _ended(becomes)
        if (here.status, here.ended_at) == (becomes.status, becomes.ended_at):
            return False
        if here.status == becomes.status == "open":
            return False
        if becomes.status == "open":
            self._note(
                fields[1:] if was.ended_at is None else fields,
                old,
                new,
                f"reopens the case: escalate reopen {self.ref} records that",
            )
        elif here.status == "open" and was.status == "open" and any(each.refused for each in self.found):
            self._note(fields, old, new, "waits until what is said of its dates and stages is put right")
        elif here.status == "open" and was.status == "open" and becomes.ended_at is None:
            command = "withdraw" if becomes.status == "withdrawn" else "resolve"
            way = f"does not say when, and what is overdue would go with it: escalate {command} {self.ref} --at WHEN records it"
            self._note(fields, old, new, way)
        elif here.status == "open" and was.status == "open":
            self._record(fields, old, new, self._closes)
            return True
        elif becomes.ended_at and becomes.status == here.status:
            if not (here.ended_at and _same(here.ended_at, becomes.ended_at)):
                self._note(fields, old, new, self._moved(here.ended_entry or 1, becomes.ended_at))
        elif becomes.status != here.status:
            way = f"it is {here.status} here: escalate undo {self.ref} --entry {here.ended_entry} takes that back"
            self._note(fields, old, new, way)
        return False

    def _closes(self, case: Case) -> Entry:
        """The entry that closes the case, on the day the log says."""
        said, at = self.said, self.said.ended_at
        assert at is not None
        recording = self.recording._replace(at=at)
        if said.status == "withdrawn":
            return withdraw(case, recording, said.words.get("how"))
        return resolve(case, recording, said.words.get("how"), said.words.get("lessons"))

    # -- what is known of it

    def _details(self, concern: datetime | None, told: bool) -> None:
        """What one entry sets: the concern, the sides, the lists, the facts, the words, and identities that were not there."""
        values = {key: value for key, value in self.said.values.items() if self._is_news(key)}
        words = {
            name: text
            for name, text in self.said.words.items()
            if name in TEXTS and not (told and name in ("how", "lessons")) and self._are_new_words(name, text)
        }
        self._emptied()
        if not (values or words or concern or self.new_names):
            return
        sides = {SIDES[key]: value for key, value in values.items() if key in SIDES}
        lists = {
            LISTS[key]: tuple(part for part in value.split("; ") if part)
            for key, value in values.items()
            if key in LISTS
        }
        facts = {key: value for key, value in values.items() if key not in SIDES and key not in LISTS}
        identities = {
            name: entry.identities[name]
            for entry in self.row.history
            for name in entry.identities
            if name in self.new_names
        }
        details = Details(**sides, **lists, words=words, identities=identities)  # type: ignore[arg-type]  # by their names
        try:
            entry = set_details(self.protocol, self.case, self.recording, facts, details, concern)
            entry = entry._replace(data={**entry.data, FROM_LOG: self.run})
            self.case = followed(self.case, entry)
        except EscalateError as problem:
            refused: str | None = problem.sentence.rstrip(".")
        else:
            refused = None
            self.entries.append(entry)
        if concern:
            self._note(("concern-date",), None, _day(concern), refused)
        for key, value in values.items():
            self._note((key, "facts"), self.then.values.get(key), value, refused)
        for name, text in words.items():
            self._note((name, "level-current"), self.then.words.get(name), text, refused)
        for name in self.new_names:
            self._note((name, "child", "subject"), None, _NOT_SHOWN, refused)

    def _is_news(self, key: str) -> bool:
        """Whether a value is another than the log had, and not what is recorded here already; what was recorded otherwise here is refused."""
        was, becomes, here = (each.values.get(key) for each in (self.then, self.said, self.here))
        if key == "subject" or _alike(was) == _alike(becomes) or _alike(here) == _alike(becomes) or becomes is None:
            return False
        if _alike(here) != _alike(was):
            self._note((key, "facts"), was, becomes, self._otherwise(key, here))
            return False
        return True

    def _otherwise(self, key: str, here: str | None) -> str:
        said = "nothing" if here in (None, "") else f'"{here}"'
        return f"was set to {said} here since then: escalate set {self.ref} {key}=... says which is right"

    def _are_new_words(self, name: str, text: str) -> bool:
        if name in self.then.hidden or name in self.here.hidden:
            return False
        was, here = self.then.words.get(name), self.here.words.get(name)
        if text in (was, here):
            return False
        if here != was:
            self._note(
                (name,),
                was,
                text,
                f"is worded otherwise here since then: escalate set {self.ref} {name}=... says which is right",
            )
            return False
        return True

    def _emptied(self) -> None:
        gone = [(key, was) for key, was in self.then.values.items() if was and not self.said.values.get(key)]
        gone += [
            (name, was)
            for name, was in self.then.words.items()
            if name in TEXTS and name not in self.said.words and not self._is_kept_as_note(was)
        ]
        for key, was in gone:
            if key != "subject" and self.here.values.get(key, self.here.words.get(key)) == was:
                self._note((key, "facts"), was, None)

    def _is_kept_as_note(self, text: str) -> bool:
        """Whether words stand in a note now, as an outcome does while a case is open."""
        return any(each.endswith(text) for each in self.said.notes)

    # -- people and notes

    def _people(self) -> None:
        for entry in self.row.history:
            side = entry.data.get("side")
            if side and side not in self.then.held and side not in self.here.held:
                fields = (str(side), "from" if side == "raising" else "to")
                self._record(fields, None, _NOT_SHOWN, self._holds(str(side), entry.identities["name"]))

    def _holds(self, side: str, name: str) -> Callable[[Case], Entry]:
        return lambda case: assign(case, self.recording, side, name)

    def _says(self, label: str, text: str, *, goes_on: bool) -> Callable[[Case], Entry]:
        def decide(case: Case) -> Entry:
            noted = note(case, self.recording, f"{label}: {text}")
            return noted._replace(data={GOES_ON: True}) if goes_on else noted

        return decide

    def _notes(self) -> None:
        """Cells that are kept as notes; of one that goes on from what it said, only what was added is noted."""
        left = list(self.then.notes)
        for text in self.said.notes:
            same = next((each for each in left if _letters(each) == _letters(text)), None)
            if same is not None:
                left.remove(same)
                continue
            label, _, said = text.partition(": ")
            before = next((each for each in left if each.startswith(f"{label}: ")), None)
            if before:
                left.remove(before)
            was = before.partition(": ")[2] if before else None
            is_outcome = was is None and said in (self.here.words.get("how"), self.then.words.get("how"))
            if is_outcome or any(_letters(each) == _letters(text) for each in self.here.notes):
                continue
            added = _added(was, said) if was else None
            self._record(
                self._columns_called(label), was, said, self._says(label, added or said, goes_on=added is not None)
            )
        for each in left:
            label, _, said = each.partition(": ")
            if said and said not in self.said.words.values():
                self._note(self._columns_called(label), said, None)

    def _columns_called(self, label: str) -> Sequence[str]:
        """The field of the column that a note came from."""
        return next(
            ((column.field,) for column, _ in self.cells.all if column.label == label and column.field), ("note",)
        )


_NOT_SHOWN = "(kept apart, not shown)"


def _dating(stage: StageSaid) -> Sequence[str]:
    """The fields of the cells that may date a stage."""
    return (f"{ENTERED}{stage.stage.casefold()}", "stage-entered", "stage")


def _ended(said: Said) -> str:
    if said.status == "open":
        return "open"
    return f"{said.status}, {_day(said.ended_at)}" if said.ended_at else f"{said.status}, day not known"


def _alike(value: str | None) -> str:
    return " ".join((value or "").split()).casefold()


def _letters(text: str) -> str:
    """What is compared of a text: its letters and figures."""
    return "".join(each for each in text.casefold() if each.isalnum())


def _added(was: str, becomes: str) -> str | None:
    """What stands in a text after all that it was; None where it does not go on from that, or nothing does."""
    if not _letters(becomes).startswith(_letters(was)):
        return None
    left = len(_letters(was))
    at = 0
    while left and at < len(becomes):
        left -= len(_letters(becomes[at]))
        at += 1
    return becomes[at:].lstrip(" \n;,.-") or None


def _same(one: datetime, other: datetime) -> bool:
    """Whether two times are one, as far as both say: a day alone may be any time of it."""
    if one == other:
        return True
    return london_date(one) == london_date(other) and (_is_day(one) or _is_day(other))


def _is_day(at: datetime) -> bool:
    return london(at).time() in (time(0), time(23, 59, 59))


def _day(at: datetime) -> str:
    """An instant in words; the day alone where it is the first or the last second of one."""
    return spoken_day(london_date(at)) if _is_day(at) else spoken(at)


def _typed(at: datetime) -> str:
    """An instant as people type it."""
    local = london(at)
    return f"{local:%Y-%m-%d}" if _is_day(at) else f"{local:%Y-%m-%d %H:%M}"
