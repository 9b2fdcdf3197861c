"""Handing over all that somebody holds, as when they leave."""

from typing import NamedTuple

from escalate.commands.shared.session import Session
from escalate.commands.shared.store import opened
from escalate.domain.case.people import Holder
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import acts
from escalate.domain.recording.request import Recording
from escalate.errors import Refused, cut
from escalate.output.case.lists import holds
from escalate.output.terminal import say, show_json
from escalate.storage.store import Store
from escalate.wording import how_many


class Successor(NamedTuple):
    """Who takes over, as far as it was said; where no role was, each side's stays what it was."""

    name: str
    role: str | None = None
    email: str | None = None
    phone: str | None = None


def hand_over(here: Session, recording: Recording, of: str, to: Successor, *, dry_run: bool, as_json: bool) -> None:
    """Record that somebody holds every side of open cases that another held, in all of them or in none. Raises Refused."""

    def recorded() -> list[tuple[str, Holder]]:
        found = []
        for ref in _refs_held_by(store, of):
            file = store.case(ref, identify=True)
            for holder in _held_by(file, of):
                role = to.role or holder.role
                file = store.append(acts.assign(file.case, recording, holder.side, to.name, role, to.email, to.phone))
                found.append((ref, Holder(holder.side, role)))
        return found

    with opened(here) as store, store.writing(dry_run):
        found = recorded()
    if not found:
        raise Refused(
            f'Nobody called "{cut(of, 60)}" holds a side of a case that goes on: escalate list --identify shows who does.'
        )
    here.echo(as_json)
    if as_json:
        show_json({
            "held": [{"case": ref, "side": each.side, "role": each.role} for ref, each in found],
            "dry_run": dry_run,
        })  # fmt: skip
        return
    sides = how_many(len(found), "side", "sides")
    say(
        *(f"{ref}: {holds(each._replace(name=to.name))}" for ref, each in found),
        f"Nothing was recorded: {sides} would be handed over."
        if dry_run
        else f"{sides} handed over. escalate undo takes it back, a case at a time.",
    )


def _refs_held_by(store: Store, of: str) -> list[str]:
    """The cases in which somebody holds a side at some stage, in their order."""
    holders = store.lists.holders(identify=True)
    return sorted({ref for (ref, _), held in holders.items() if any(_is(each, of) for each in held)})


def _held_by(file: CaseFile, of: str) -> list[Holder]:
    """The sides that somebody holds today of a case that is open, or in which something is still to do."""
    goes_on = file.case.status == "open" or any(deadline.is_open for deadline in file.deadlines)
    return [each for each in file.case.holders(file.case.stay.occasion) if _is(each, of)] if goes_on else []


def _is(holder: Holder, of: str) -> bool:
    """Whether somebody is meant by a name or an e-mail address."""
    said = (holder.name, holder.email)
    return any(each and _plain(each) == _plain(of) for each in said)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
