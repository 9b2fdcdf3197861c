"""Taking the cases of another office's file into this one."""

from typing import Annotated

import typer

from escalate.commands.shared.options import DryRun, Json, argument
from escalate.commands.shared.session import session
from escalate.commands.shared.store import opened_or_made
from escalate.commands.shared.taking import refuse_server, take_over
from escalate.errors import BadInput, NotOurFile, Refused
from escalate.output.terminal import counting
from escalate.storage.carried import FileRecord
from escalate.storage.engines import leaving
from escalate.storage.places import FilePlace, read_place
from escalate.storage.store import Store


def merge(
    context: typer.Context,
    other: Annotated[str, argument("The other file of cases.", "OTHER")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """OTHER is checked first, and only read. Every entry comes with its time and who recorded it, every case with its protocol; the head that OTHER had is
    recorded. A case keeps its reference, unless it is in use here: then it gets the next, and is found by the old one too. Calendars have to have the
    same days. Run again, it takes only what is new there. A backup is made first.

    Example: escalate merge north-office.db --dry-run
    """
    here = session(context, begins_file=True)
    refuse_server(here, "merge")
    place = read_place(other)
    if not isinstance(place, FilePlace):
        raise BadInput("OTHER is the address of a server: bring its cases into a file first, with escalate move.")
    with opened_or_made(here, dry_run=True):  # what is wrong with this file is told first
        pass
    if here.settings.file and here.has_file() and place.path.exists() and place.path.samefile(here.settings.file):
        raise BadInput(f"{place} is the file of cases itself: name another.")
    with leaving(place) as database, database.reading():
        store = Store(database)
        _refuse_faults(store, str(place))
        take_over(
            here,
            FileRecord(database),
            str(place),
            "merge",
            [f"{place} is as it was. Who looked at names there, and which digests were sent, stays in it: keep it."],
            write=not dry_run,
            as_json=as_json,
            other=store,
            hint="Dry run: nothing was written.",
        )


def _refuse_faults(store: Store, place: str) -> None:
    """Refuse a file that is not as it was recorded, or not what its history comes to. Raises Refused, NotOurFile."""
    refs = store.history.refs()
    if not refs:
        raise Refused(f"There are no cases in {place}.")
    faults = [*store.database.faults(), *store.database.history_faults()]
    for found in counting(store.checks.cases(refs), len(refs), "Checking the other file"):
        faults += found
    if faults:
        raise NotOurFile(
            f"{place} is not in order ({faults[0]}): see what escalate doctor says of it. Nothing was taken over."
        )
