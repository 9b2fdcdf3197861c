"""Moving all cases from a file to a server, or from a server to a file."""

from typing import Annotated

import typer

from escalate.commands.shared.options import DryRun, Json, argument
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import OTHER_CASES, spared
from escalate.errors import BadInput, BadPlace, ConnectionLost, PerhapsRecorded, Refused
from escalate.output.terminal import counting, say, show_json
from escalate.output.upkeep.moved import moved_document, moved_page
from escalate.storage.files.paths import is_one
from escalate.storage.moving import move as moved
from escalate.storage.places import FilePlace, Place, read_place


def move(
    context: typer.Context,
    source: Annotated[str, argument("Where the cases are: a file, or the address of a server.", "SOURCE")],
    target: Annotated[
        str, argument("Where they go: a server with nothing on it yet, or a file that is not there.", "TARGET")
    ],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """One of the two is a file and the other a server, of which you need a login of the business unit. Everything goes: the history with its head,
    words, protocols, calendars, digests. What arrived is checked before anybody sees it. SOURCE is not changed. If it is interrupted, run it again.

    Example: escalate move cases.db postgresql:///escalate
    """
    here = session(context)
    start, end = _place(here, source, "SOURCE"), _place(here, target, "TARGET")
    if isinstance(start, FilePlace) == isinstance(end, FilePlace):
        raise BadInput(
            "One of the two has to be a file and the other a server: a file is copied with escalate backup, and a server by its administrator."
        )
    if isinstance(end, FilePlace) and end.path != here.settings.file and (what := _spared(here, end)):
        raise Refused(f"{end} is {what}: name another file.")
    try:
        done = moved(start, end, counting, dry_run=dry_run)
    except PerhapsRecorded:
        raise ConnectionLost(
            f"The connection to {end} was lost just as the last of it arrived: run the same escalate move again, which says whether all is there."
        ) from None
    if as_json:
        show_json(moved_document(done, start, end, dry_run=dry_run))
    else:
        say(*moved_page(done, start, end, dry_run=dry_run))


def _spared(here: Session, end: FilePlace) -> str | None:
    """What stands where a move would go, and is left alone; a file of cases may be what an earlier run of it brought there, which moving finds out."""
    what = spared(here)(end.path)
    is_a_backup = is_one(end.path.resolve().parent, here.settings.backups)
    return None if what == OTHER_CASES and not is_a_backup else what


def _place(here: Session, said: str, name: str) -> Place:
    try:
        place = read_place(said)
    except BadPlace as problem:
        raise BadPlace(f"{name}: {problem.sentence}") from None
    return place if isinstance(place, FilePlace) else place._replace(wait=here.settings.server_timeout)
