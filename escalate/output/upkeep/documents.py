"""The JSON documents of backups, of erasing and of what a look at the whole office found."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.erasing import left_to_erase
from escalate.domain.recording.retention import DueToErase, Hold, hold_on
from escalate.output.documents import Document, instant
from escalate.output.upkeep.findings import CheckResult


class CasesHeld(Protocol):
    """What a file with cases holds."""

    @property
    def path(self) -> Path: ...
    @property
    def cases(self) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def recorded_at(self) -> datetime | None: ...
    @property
    def head(self) -> str: ...
    @property
    def own_id(self) -> str: ...


def held_document(file: CasesHeld) -> Document:
    """The same for a script."""
    return {
        "file": str(file.path),
        "cases": file.cases,
        "entries": file.entries,
        "recorded_at": instant(file.recorded_at),
        "head": file.head,
    }


def erased_document(files: Sequence[CaseFile], held: Sequence[CaseFile]) -> Document:
    """`erase --json`: what is erased, or would be, and which cases are held."""
    return {
        "erased": [{"case": file.case.ref, **left_to_erase(file.case)} for file in files],
        "held": [file.case.ref for file in held],
    }


def due_document(due: Sequence[DueToErase]) -> list[Document]:
    """The list of `erase --due`, held cases too."""
    return [
        {
            "case": each.file.case.ref,
            "protocol": each.file.case.protocol,
            "status": each.file.case.status,
            "closed_at": instant(each.file.case.closed_at),
            "kept_from": instant(each.file.case.stay.left_at),
            "rule": each.rule,
            "kept_for": str(each.kept_for),
            "due_since": instant(each.since),
            "held": each.file.case.legal_hold,
            "hold": hold.reason if (hold := hold_on(each.file.case)) else None,
            **left_to_erase(each.file.case),
        }
        for each in due
    ]


def holds_document(holds: Sequence[Hold]) -> list[Document]:
    """`erase --holds --json`."""
    return [
        {
            "case": each.case.ref,
            "status": each.case.status,
            "reason": each.reason,
            "since": instant(each.at),
            "by": each.by,
        }
        for each in holds
    ]


def findings_document(found: Sequence[CheckResult]) -> list[Document]:
    """`doctor --json`."""
    return [
        {
            "about": each.about,
            "state": each.state.value,
            "says": each.says,
            "advice": each.advice or None,
            "repairable": each.repairable,
        }
        for each in found
    ]
