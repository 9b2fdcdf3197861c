"""What changed calendars do to cases: which cases they concern, and what moves in each. Nothing is written here."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from escalate.domain.deadlines.case_file import CaseFile, case_line
from escalate.domain.deadlines.model import Deadline, DueLine
from escalate.domain.deadlines.shifts import Move, moves
from escalate.domain.worktime.calendar import Calendar
from escalate.storage.case_files import CaseFiles
from escalate.storage.history import batches
from escalate.storage.interface import Database
from escalate.storage.rows import deadline_of, these


def concerned(database: Database, calendars: Iterable[str]) -> list[str]:
    """The cases that count on these calendars and in which something can move: open ones, and those that still owe something.

    Also those of which something was met since the calendar was changed last: that keeps the verdict it had.
    """
    return [row["ref"] for row in database.rows("cases_on_calendars", **these(sorted(calendars)))]


def recounted(
    database: Database, case_files: CaseFiles, refs: Iterable[str], now: datetime, calendars: Mapping[str, Calendar]
) -> Iterator[tuple[CaseFile, list[Move]]]:
    """Cases counted on these calendars instead of those of the same names, each with what moves in it."""
    for several in batches(refs):
        before: dict[str, list[Deadline]] = {}
        for row in database.rows("deadlines_in_cases", **these(several)):
            before.setdefault(row["case_ref"], []).append(deadline_of(row))
        for entries in case_files.history.of_each(several):
            after = case_files.made_of(entries, instead=calendars)
            line = case_line(after)
            was = [DueLine(line, each) for each in before.get(line.ref, [])]
            yield after, moves(was, [DueLine(line, each) for each in after.deadlines], now)
