"""Erasing what was said of people in cases that are over: first what would go, then, if that is wanted, for good."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.disclose import person_meant
from escalate.commands.shared.asking import confirmed, refuse_to_ask
from escalate.commands.shared.disposal import (
    Chosen,
    chosen_case,
    chosen_closed_for,
    chosen_due,
    chosen_of,
    dispose,
    holds_in,
    with_reasons,
)
from escalate.commands.shared.options import DryRun, Force, Json, Reason, Yes, argument, flag, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import opened, opened_to_read, unit_only
from escalate.domain.case.person import Person
from escalate.domain.recording import erasing
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.calendar import title_of
from escalate.domain.worktime.clock import spoken
from escalate.domain.worktime.read_allowance import parse_allowance
from escalate.errors import BadInput
from escalate.output.files import making
from escalate.output.terminal import complain, say, show, show_json
from escalate.output.upkeep.certificate import Disposal, certificate_document, certificate_pieces
from escalate.output.upkeep.documents import due_document, erased_document, holds_document
from escalate.output.upkeep.pages import holds_table, to_erase
from escalate.storage.backups.reaching import NotReached
from escalate.storage.store import Store
from escalate.wording import how_many


def erase(
    context: typer.Context,
    case: Annotated[str | None, argument("The case, if it is one by its reference.")] = None,
    closed_for: Annotated[
        str | None,
        option("--closed-for", "ALLOWANCE", 'Every case that was closed so long ago or longer: "6 years".'),
    ] = None,
    person: Annotated[
        str | None, option("--person", "REFERENCE", "Every closed case about the person with this reference.")
    ] = None,
    name: Annotated[
        str | None,
        option("--name", "NAME", "... or of this whole name, with --person or without; with - it is asked for."),
    ] = None,
    due: Annotated[
        bool,
        flag(
            "--due",
            "Every case that was kept as long as the settings say (retention); only a list, until it is signed off.",
        ),
    ] = False,
    signed_off_by: Annotated[
        str | None, option("--signed-off-by", "NAME", "Who looked through the list of --due and signs it off.")
    ] = None,
    holds: Annotated[bool, flag("--holds", "List the legal holds with their reasons, and erase nothing.")] = False,
    certificate: Annotated[
        Path | None,
        option("--certificate", "FILE", "Write a certificate of what was erased: .html to print, or .json."),
    ] = None,
    force: Force = False,
    reason: Reason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Stages, dates, agencies and themes stay, and so do the figures of reports. Backups in the folder of backups are erased too; those elsewhere
    are not; on a server, nor is what its administrator keeps. A case under a legal hold is left alone: escalate set CASE legal-hold=REASON.

    Example: escalate erase 6 --reason "Retention period over" --yes
    """
    here = session(context)
    _refuse_mixture(case, closed_for, person, name, due=due, holds=holds, signed_off_by=signed_off_by)
    _refuse_certificate(certificate, force=force, listed=holds or (due and signed_off_by is None))
    if holds:
        _show_holds(here, as_json)
        return
    only_listed = due and signed_off_by is None
    if not only_listed:
        refuse_to_ask("erase", as_json=as_json, yes=yes, dry_run=dry_run)
    why = f"{reason or 'Retention period over'}; signed off by {signed_off_by}" if signed_off_by else reason
    recording = Recording(here.settings.by, here.now, here.now)
    with opened(here) as store:
        unit_only(store, "erases what was said")
        about = person_meant(person, name) if person is not None or name is not None else None
        chosen = _chosen(here, store, case, closed_for, about)
        unsearched = about.not_searched(chosen.beside) if about else []
        chosen = with_reasons(store, chosen)
        for file in chosen.files:
            erasing.erase(file.case, recording, why)  # refuses what may not be erased
        out_of_reach = OUT_OF_REACH if store.database.is_shared else None
        if not as_json:
            complain(*unsearched)
            _show_chosen(chosen, here.now, out_of_reach)
        wanted = bool(chosen.files or chosen.looks or chosen.reasons) and not dry_run and not only_listed
        wanted = wanted and (yes or confirmed("Erase this for good?"))
        before, not_reached, paper = store.head, NotReached([], []), None
        if wanted:
            with ExitStack() as stack:
                made = certificate and stack.enter_context(making(certificate, force=force, spared=spared(here)))
                not_reached = dispose(here, store, chosen, recording, why)
                left = [
                    *not_reached.left,
                    *not_reached.unseen,
                    *chosen.mentions,
                    *([out_of_reach] if out_of_reach else []),
                ]
                signed = Disposal(here.now, here.settings.by, signed_off_by, before, store.head, left)
                paper = certificate_document(chosen.files, chosen.held, chosen.rules, signed) | {
                    "looks": list(chosen.looks),
                    "reasons": [each.key for each in chosen.reasons],
                }
                if made:
                    made.writelines(piece.encode() for piece in certificate_pieces(paper, str(certificate)))
    if as_json:
        document = erased_document([] if only_listed else chosen.files, chosen.held)
        there = [*not_reached.left, *not_reached.unseen, *chosen.mentions]
        document |= {
            "out_of_reach": out_of_reach,
            "not_reached": there,
            "not_searched": unsearched,
            "open": [file.case.ref for file in chosen.open],
        }
        document |= {"looks": list(chosen.looks), "reasons": [each.key for each in chosen.reasons]}
        show_json(document | {"due": due_document(chosen.due), "dry_run": dry_run, "certificate": paper})
    else:
        _say_what_was_done(chosen, only_listed=only_listed, dry_run=dry_run, wanted=wanted)
    complain(*not_reached.left, *not_reached.unseen, *chosen.mentions)
    if paper and certificate:
        complain(f"The certificate was written to {certificate}.")
    if not_reached.left:
        raise typer.Exit(1)


def _chosen(here: Session, store: Store, case: str | None, closed_for: str | None, person: Person | None) -> Chosen:
    """What is to be erased, as it was said; what is due where nothing else was. Raises Refused, BadInput."""
    if case is not None:
        return chosen_case(store, case)
    if closed_for is not None:
        return chosen_closed_for(store, parse_allowance(closed_for), here.now)
    if person is not None:
        return chosen_of(store, person)
    return chosen_due(here, store)


def _show_chosen(chosen: Chosen, now: datetime, out_of_reach: str | None) -> None:
    """Show what would go, and what is left alone."""
    if chosen.files or chosen.held or chosen.open or not (chosen.looks or chosen.reasons):
        show(to_erase(chosen.files, chosen.held, now, chosen.rules, chosen.open, chosen.due_since))
    if chosen.looks:
        say(f"The words of {how_many(len(chosen.looks), 'look')} at names go as well: what was searched for, and why.")
    for each in chosen.reasons:
        say(
            f"Why the {title_of(each.calendar)} calendar was changed on {spoken(each.made_at)} goes as well: it names somebody who is erased."
        )
    if chosen.files and out_of_reach:
        say(f"\n{out_of_reach}\n")


def _say_what_was_done(chosen: Chosen, *, only_listed: bool, dry_run: bool, wanted: bool) -> None:
    if only_listed:
        if chosen.files:
            say("Nothing was erased. Look through the list, and sign it off: escalate erase --due --signed-off-by NAME")
    elif not (chosen.files or chosen.looks or chosen.reasons):
        say(*["Nothing was erased."] * bool(chosen.open))
    else:
        say("Dry run: nothing was erased." if dry_run else "Erased." if wanted else "Nothing was erased.")


def _refuse_mixture(
    case: str | None,
    closed_for: str | None,
    person: str | None,
    name: str | None,
    *,
    due: bool,
    holds: bool,
    signed_off_by: str | None,
) -> None:
    """Raises BadInput unless it is said in one way what to erase."""
    ways = (case is not None, closed_for is not None, person is not None or name is not None, due, holds)
    if sum(ways) != 1:
        raise BadInput(
            "Say what to erase: a case, or --closed-for with a time such as 6 years, or --person, --name, --due; --holds lists legal holds."
        )
    if signed_off_by is not None and not (due and signed_off_by.strip()):
        raise BadInput("--signed-off-by says who signs the list of --due off: give both, and a name.")


def _refuse_certificate(certificate: Path | None, *, force: bool, listed: bool) -> None:
    """Raises BadInput for a certificate that cannot be made, or not of what is only `listed`."""
    if certificate is not None and listed:
        raise BadInput(
            "A certificate is of what was erased, and a list erases nothing: leave --certificate out, or sign --due off with --signed-off-by."
        )
    if certificate is None and force:
        raise BadInput("--force replaces a file: name it with --certificate.")
    if certificate is not None and certificate.suffix.casefold() not in (".html", ".htm", ".json"):
        raise BadInput(f"{certificate} ends neither in .html nor in .json: a certificate is a page or a document.")


def _show_holds(here: Session, as_json: bool) -> None:
    """List the legal holds. Raises Refused, StoreError."""
    with opened_to_read(here) as store:
        found = holds_in(store)
    if as_json:
        show_json(holds_document(found))
    elif found:
        show(holds_table(found, here.now))
    else:
        say("No case is under a legal hold.")


OUT_OF_REACH = (
    "Erasing takes it out of the server's database. It does not reach what the server's administrator keeps of earlier times: archived WAL, base backups"
    " and dumps have it until they are thrown away, and a replica until it has caught up. Ask them after how long that is."
)
"""What is said before and with every erasure on a server."""
