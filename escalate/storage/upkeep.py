"""What is left to do when a file is opened."""

from contextlib import suppress

from escalate.domain.deadlines.model import RULES
from escalate.errors import NotWiped, OtherSchema
from escalate.storage.calendars import Calendars
from escalate.storage.case_files import CaseFiles
from escalate.storage.derived import DerivedTables
from escalate.storage.interface import TO_WIPE, WORKED_OUT_BY, Database


def settle(database: Database) -> None:
    """Finish what is left to do: derive what was derived by other rules than today's, and wipe what was erased."""
    facts = database.facts()
    if facts.get(WORKED_OUT_BY) != str(RULES):
        if not database.sees_all or database.is_replica:
            raise OtherSchema(
                f"{database.name} has deadlines by other rules than those of this escalate:"
                " ask the business unit to open it once with the newest escalate, and use that."
            )
        from escalate.storage import redating  # once after new rules

        files = CaseFiles(database, Calendars(database))
        with database.writing():
            derived = DerivedTables(database, files)
            database.redated = redating.worked_out_anew(database, derived, files.history.refs())
            redating.keep(database, database.redated)
            database.set_fact(WORKED_OUT_BY, str(RULES))
    if TO_WIPE in facts and database.sees_all and not database.is_replica:
        with suppress(NotWiped):  # another is at work, or the disk cannot be written: the next one does it
            database.wipe()
