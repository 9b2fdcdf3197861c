"""What is left to do when a file is opened, and what is done to a file as a whole: wiping and copying it."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from escalate.domain.deadlines.model import RULES
from escalate.errors import NotWiped
from escalate.storage.calendars import Calendars
from escalate.storage.case_files import CaseFiles
from escalate.storage.derived import DerivedTables
from escalate.storage.sqlite.opening import TO_WIPE, WORKED_OUT_BY, OpenFile

_MAKE_ANEW = "VACUUM"
_COPY_INTO = "VACUUM INTO ?"


def settle(file: OpenFile) -> None:
    """Finish what is left to do: derive what was derived by other rules than today's, and wipe what was erased."""
    facts = file.facts()
    if facts.get(WORKED_OUT_BY) != str(RULES):
        with file.writing():
            DerivedTables(file, CaseFiles(file, Calendars(file))).rebuild()
            file.set_fact(WORKED_OUT_BY, str(RULES))
    if TO_WIPE in facts:
        with suppress(NotWiped):  # another is at work, or the disk cannot be written: the next one does it
            wipe(file)


def wipe(file: OpenFile) -> None:
    """Make the file anew without what lies in its unused pages. Outside of `writing`. Raises NotWiped."""
    try:
        file.connection.execute(_MAKE_ANEW)
        with file.writing():
            file.drop_fact(TO_WIPE)
    except sqlite3.OperationalError as problem:
        raise NotWiped(file.path, problem) from problem


def copy_into(file: OpenFile, path: Path) -> None:
    """Write the whole file, as it is now, into an empty one. Outside of `writing`."""
    file.connection.execute(_COPY_INTO, [str(path)])
