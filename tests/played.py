"""A case played entry by entry, without a file: for tests of what its history comes to."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from escalate.domain.case.entries import Entry
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, case_file, case_line
from escalate.domain.deadlines.model import Deadline, DueLine
from escalate.domain.deadlines.standing import RankedLine, ranked_lines, standing
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.acts import agree, done
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.closing import reopen, resolve, withdraw
from escalate.domain.recording.corrections import correct, undo
from escalate.domain.recording.details import Details, set_details
from escalate.domain.recording.opening import open_case
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.counting import at_risk_horizon
from escalate.storage.files.protocols import find_protocol, shipped_folder
from tests.calendars import ENGLAND, at, shown


@cache
def shipped(name: str) -> Protocol:
    """A protocol that comes with escalate."""
    return find_protocol(name, shipped_folder()).protocol


class Played:
    """A case under a protocol, or under a shipped one by its id. Each entry is recorded when it happens, unless it `happened` before."""

    def __init__(
        self, protocol: Protocol | str, raised: str | None = None, calendar: Calendar = ENGLAND, **opening: Any
    ) -> None:
        self.protocol = shipped(protocol) if isinstance(protocol, str) else protocol
        self.calendar = calendar
        self.entries: list[Entry] = []
        if raised:
            self.open(raised, **opening)

    @staticmethod
    def recording(recorded: str, happened: str | None = None) -> Recording:
        return Recording("tests", at(recorded), at(happened or recorded))

    @property
    def file(self) -> CaseFile:
        return case_file(replay(self.entries), self.protocol, self.calendar)

    # -- what happens

    def open(self, raised: str, concern: str | None = None, **opening: Any) -> None:
        if concern:
            opening["concern_at"] = at(concern)
        recording = self.recording(raised)
        self.entries.append(open_case("E0001", self.protocol, "digest", recording, Details(), **opening))

    def done(
        self,
        recorded: str,
        action: str,
        happened: str | None = None,
        stage: str | None = None,
        call: int | None = None,
    ) -> None:
        recording = self.recording(recorded, happened)
        self.entries.append(done(self.protocol, self.file.case, self.calendar, recording, action, stage, call=call))

    def agree(
        self,
        recorded: str,
        until: str,
        action: str | None = None,
        reason: str | None = None,
        happened: str | None = None,
        call: int | None = None,
    ) -> None:
        recording = self.recording(recorded, happened)
        self.entries.append(
            agree(self.protocol, self.file.case, self.calendar, recording, at(until), action, reason, call)
        )

    def advance(self, recorded: str, to: str | None = None) -> None:
        self.entries.append(advance(self.protocol, self.file.case, self.recording(recorded), to))

    def resolve(self, recorded: str) -> None:
        self.entries.append(resolve(self.file.case, self.recording(recorded)))

    def withdraw(self, recorded: str) -> None:
        self.entries.append(withdraw(self.file.case, self.recording(recorded)))

    def reopen(self, recorded: str) -> None:
        self.entries.append(reopen(self.file.case, self.recording(recorded)))

    def set(self, recorded: str, **facts: str) -> None:
        """The names of facts have `_` for `-`."""
        self.answer(recorded, {key.replace("_", "-"): answer for key, answer in facts.items()})

    def answer(
        self, recorded: str, facts: Mapping[str, str], happened: str | None = None, *, again: bool = False
    ) -> None:
        recording = self.recording(recorded, happened)
        self.entries.append(set_details(self.protocol, self.file.case, recording, facts, again=again))

    def details(self, recorded: str, concern_at: datetime | None = None, **corrected: Any) -> None:
        recording = self.recording(recorded)
        self.entries.append(set_details(self.protocol, self.file.case, recording, {}, Details(**corrected), concern_at))

    def undo(self, recorded: str, seq: int | None = None) -> None:
        self.entries.append(undo(self.file, self.recording(recorded), seq))

    def correct(self, recorded: str, seq: int, to: str) -> None:
        self.entries.append(correct(self.file, self.recording(recorded), at(to), seq))

    # -- what it comes to

    def found(self, action: str, stage: str | None = None) -> Deadline | None:
        """The last deadline of an action, or the n-th time of one that returns, as `check-2`."""
        named = [
            each
            for each in self.file.deadlines
            if action in (each.action, f"{each.action}-{each.occurrence}") and stage in (None, each.stage)
        ]
        return named[-1] if named else None

    def deadline(self, action: str, stage: str | None = None) -> Deadline:
        deadline = self.found(action, stage)
        assert deadline, f"{action} is not owed"
        return deadline

    def due(self, action: str, stage: str | None = None) -> str | None:
        return shown(self.deadline(action, stage).due_at)

    @property
    def dues(self) -> list[tuple[str, str | None]]:
        return [(f"{each.stage} {each.action}", shown(each.due_at)) for each in self.file.deadlines]

    @property
    def open_actions(self) -> list[str]:
        return [f"{each.stage} {each.action}" for each in self.file.deadlines if each.is_open]

    def calls(self, action: str) -> list[Deadline]:
        """Every call for an action, in order."""
        return [each for each in self.file.deadlines if each.action == action]

    def stands_at(self, deadline: Deadline, now: str) -> str:
        return standing(deadline, at(now), at_risk_horizon(at(now), self.calendar)).value

    def stands(self, action: str, now: str) -> str:
        return self.stands_at(self.deadline(action), now)

    def ranked(self, now: str) -> list[RankedLine]:
        line = case_line(self.file)
        lines = [DueLine(line, deadline) for deadline in self.file.deadlines]
        return ranked_lines(lines, {line.calendar: at_risk_horizon(at(now), self.calendar)}, at(now))
