"""What is due in one case, as its page and every command that changed it say it."""

from datetime import datetime

from escalate.domain.deadlines.case_file import CaseFile, due_lines
from escalate.domain.deadlines.standing import ranked_lines
from escalate.output.case.lists import due_page
from escalate.output.columns import Page


def still_to_do(file: CaseFile, now: datetime, horizon: datetime, width: int, contacts: int | None) -> Page:
    """What is due in a case, with so many contacts of each, or all."""
    lines = ranked_lines(due_lines(file), {file.calendar.name: horizon}, now)
    if not lines:
        return Page([("Nothing is due any more.", "")])
    return due_page(lines, lambda _: file.calendar, now, width, with_case=False, contacts=contacts)
