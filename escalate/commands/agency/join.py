"""Giving an agency another name, or several spellings of one agency one name."""

from collections.abc import Sequence
from typing import Annotated

import typer

from escalate.commands.shared.asking import NOTHING_WRITTEN, confirmed, refuse_to_ask
from escalate.commands.shared.options import DryRun, Json, Yes, argument, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import opened, unit_only
from escalate.domain.recording.agencies import agencies_named, is_called, renamed
from escalate.domain.recording.request import Recording
from escalate.domain.reporting.left import agencies_left
from escalate.errors import BadInput, UnknownName
from escalate.output.agencies import joined_page
from escalate.output.terminal import complain, say, show, show_json
from escalate.storage.logs import join_agencies
from escalate.wording import as_typed, how_many


def join(
    context: typer.Context,
    names: Annotated[list[str], argument("The names that cases have, one or several.", "NAME...")],
    into: Annotated[str, option("--into", "NAME", "The name that they all get.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Every case that names one of them gets an entry, so that undo takes it back there. With one name alone the agency is renamed. A log that names one of them is read so from then on.

    Example: escalate agency join CSC --into "Children's Social Care" --dry-run
    """
    refuse_to_ask("give them one name", as_json=as_json, yes=yes, dry_run=dry_run)
    here, name = session(context), " ".join(into.split())
    if any(not each.strip() for each in names):
        raise BadInput("One of the names is empty: say which agency, or leave it out.")
    refs, left = _joined(here, names, name, dry_run=True)
    complain(*(_sees_no_more(agency, those, name) for agency, those in left.items()))
    if not dry_run:
        if not yes:
            show(joined_page(names, name, refs, dry_run=True))
            if not confirmed(f"Record that in {len(refs)} of the cases?"):
                say(NOTHING_WRITTEN)
                return
        refs, _ = _joined(here, names, name, dry_run=False)
    if as_json:
        show_json({"names": names, "into": name, "cases": refs, "dry_run": dry_run})
    else:
        show(joined_page(names, name, refs, dry_run))


def _joined(here: Session, names: Sequence[str], into: str, *, dry_run: bool) -> tuple[list[str], dict[str, list[str]]]:
    """The cases in which agencies get another name; and those that an agency on a server does not see any more then, by its name.

    Raises UnknownName, Refused.
    """
    recording = Recording(here.settings.by, here.now, here.now)
    refs: list[str] = []
    left: dict[str, list[str]] = {}
    with opened(here) as store:
        unit_only(store, "gives agencies another name")
        blind = set(store.database.strangers())
        with store.writing(dry_run):
            lines = store.lists.cases()
            _check_named(names, [each.name for each in agencies_named(lines)])
            for line in reversed(lines):
                agencies = (line.raising_agency, line.receiving_agency, *line.involved)
                if not any(each and is_called(each, name) for each in agencies for name in names):
                    continue
                file = store.case(line.ref)
                if entry := renamed(file.protocol, file.case, recording, names, into):
                    after = store.append(entry)
                    refs.append(line.ref)
                    for agency in agencies_left(file.case, after.case) if store.database.is_shared else ():
                        if agency not in blind:
                            left.setdefault(" ".join(agency.split()), []).append(line.ref)
            join_agencies(store.database, names, into)
    return refs, left


def _sees_no_more(agency: str, refs: Sequence[str], into: str) -> str:
    """Who belongs to an agency on a server sees the cases that name it: with another name they are not its own any more."""
    return (
        f"With that {agency} no longer sees {how_many(len(refs), 'case')}, nor what is due there: {', '.join(refs)}."
        f" If they are {into} as well, ask the server's administrator to move each of their logins: escalate server member remove LOGIN,"
        f" and then escalate server member add LOGIN --agency {as_typed(into)}"
    )


def _check_named(names: Sequence[str], there: Sequence[str]) -> None:
    """Refuse a name that no case has. Raises UnknownName."""
    for name in names:
        if not any(is_called(each, name) for each in there):
            raise UnknownName("agency", name, there)
