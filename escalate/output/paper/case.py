"""Papers about a case: its page, its history, and the proof of a deadline."""

from collections.abc import Sequence
from datetime import datetime

from escalate.domain.case.entries import LogLine
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import Standing
from escalate.domain.worktime.clock import spoken
from escalate.output.case.history import history_table
from escalate.output.case.page import case_page
from escalate.output.case.proof import proof_page
from escalate.output.columns import Page
from escalate.output.names import Named
from escalate.output.paper.drawing import case_drawing
from escalate.output.paper.model import NAMED, UNNAMED, Paper, paper
from escalate.output.terminal import WIDE


def case_paper(file: CaseFile, at: datetime, horizon: datetime, *, identify: bool) -> Paper:
    """The page of a case."""
    shown = case_page(file, at, horizon, WIDE, Named(file.protocol, names_staff=identify))
    return paper(shown, at, _notes(at, identify=identify), pictures=[case_drawing(file, at)])


def log_paper(file: CaseFile, lines: Sequence[LogLine], at: datetime, wanted: str, *, identify: bool) -> Paper:
    """The history of a case; `wanted` says which entries it is about, if not about all of them."""
    only = [f"Only entries of {wanted}: {len(lines)} of {len(file.case.history)}."] if wanted else []
    called = Named(file.protocol, names_staff=identify)
    shown = history_table(file, lines, called) if lines else Page([("No such entries.", "")])
    return paper(shown, at, [*only, *_notes(at, identify=identify)], f"{file.case.ref}: history")


def proof_paper(file: CaseFile, calls: Sequence[tuple[Deadline, Standing]], at: datetime) -> Paper:
    """Why the deadlines of an action are what they are."""
    shown = proof_page(file, calls, at, Named(file.protocol))
    return paper(shown, at, _notes(at, identify=False), f"{file.case.ref}: the proof of its dates")


def _notes(at: datetime, *, identify: bool) -> list[str]:
    return [f"Made with escalate, as of {spoken(at)}.", NAMED if identify else UNNAMED]
