"""Handing over what somebody holds: all of it, for good, as when they leave, or on some days, as while they are away."""

from collections.abc import Iterator
from datetime import date, time
from typing import NamedTuple

from escalate.commands.shared.session import Session
from escalate.commands.shared.store import opened
from escalate.domain.case.model import Stay
from escalate.domain.case.people import Days, Holder, behind
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import acts
from escalate.domain.recording.holding import turns
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import end_of_day, london, london_date
from escalate.errors import BadInput, Refused, cut
from escalate.output.case.lists import holds
from escalate.output.terminal import complain, say, show_json
from escalate.output.words import full_day
from escalate.storage.store import Store
from escalate.wording import how_many


class Found(NamedTuple):
    """What became of all that somebody holds."""

    handed: list[tuple[str, Holder]]
    """Each side that was handed over, with the reference of its case, and who holds it then on which days."""
    is_so_already: bool
    """Some of it was held by whoever takes over, on all of those days."""


def days_asked(here: Session, since: str | None, until: str | None) -> Days:
    """The days that were typed. Raises BadWhen, BadInput."""
    first = here.when(since, "future").at if since is not None else None
    last = here.until(until, here.now) if until is not None else None
    for said, name, is_day in (
        (since, "--from", first is None or london(first).time() == time(0)),
        (until, "--until", last is None or last == end_of_day(london_date(last))),
    ):
        if not is_day:
            raise BadInput(f'{name} takes a day without a time of day, as in {name} "4 Jan 2027", not "{said}".')
    return Days(london_date(first) if first else None, london_date(last) if last else None)


def hand_over(
    here: Session, recording: Recording, of: str, to: Holder, days: Days, *, dry_run: bool, as_json: bool
) -> None:
    """Record that somebody holds every side of open cases that another holds, on some days, in all of them or in none. Raises Refused, BadInput."""
    days = acts.checked_days(days, london_date(recording.at))
    with opened(here) as store, store.writing(dry_run):
        found = _recorded(store, recording, of, to, days)
        away = until_when_away(store, to.name or "", recording)
    if not found.handed:
        raise Refused(_nothing(of, to, found))
    here.echo(as_json)
    if away:
        complain(_is_away(*away))
    if as_json:
        show_json({"held": [_document(ref, each) for ref, each in found.handed], "dry_run": dry_run})
        return
    say(*(f"{ref}: {holds(each)}" for ref, each in found.handed), _summary(found.handed, dry_run))


def until_when_away(store: Store, name: str, recording: Recording) -> tuple[date, int] | None:
    """Until when somebody has others standing in for them, and in how many cases; None where nobody does."""
    day = london_date(recording.at)
    away: dict[str, date] = {}
    for (ref, _), holders in store.lists.holders(identify=True).items():
        for side in dict.fromkeys(each.side for each in holders if each.until):
            in_turn = behind(day, holders, side)
            until = in_turn[0].until if in_turn else None
            if until and not in_turn[0].is_called(name) and any(each.is_called(name) for each in in_turn):
                away[ref] = max(until, away.get(ref, until))
    return (max(away.values()), len(away)) if away else None


def tell_if_away(here: Session, case: str, side: str, name: str, recording: Recording) -> None:
    """Say so where others stand in for somebody who was just given a side."""
    with opened(here) as store:
        away = until_when_away(store, name, recording)
    if away:
        until = away[0]
        complain(
            f"{_is_away(*away)} To have somebody stand in here too:"
            f' escalate assign {case} {side} NAME --until "{until.day} {until:%b %Y}"'
        )


def _is_away(until: date, number: int) -> str:
    return f"They are away until {full_day(until)}: somebody stands in for them in {how_many(number, 'case')}."


def _recorded(store: Store, recording: Recording, of: str, to: Holder, days: Days) -> Found:
    handed: list[tuple[str, Holder]] = []
    is_so_already = False
    today = london_date(recording.at)
    for ref in _refs_held_by(store, of):
        file = store.case(ref, identify=True)
        for stay in _stays_that_go_on(file):
            for turn in list(turns(file.case, [stay], of, to, days, today)):
                is_so_already = is_so_already or turn.is_so_already
                if turn.is_so_already:
                    continue
                who = turn.to
                entry = acts.assign(
                    file.case, recording, who.side, who.name, who.role, who.email, who.phone, turn.stay, turn.days
                )
                file = store.append(entry)
                handed.append((ref, Holder(who.side, who.role, who.name, since=turn.days.since, until=turn.days.until)))
    return Found(handed, is_so_already)


def _refs_held_by(store: Store, of: str) -> list[str]:
    """The cases in which somebody holds a side at some stage, in their order."""
    holders = store.lists.holders(identify=True)
    return sorted({ref for (ref, _), held in holders.items() if any(each.is_called(of) for each in held)})


def _stays_that_go_on(file: CaseFile) -> Iterator[Stay]:
    """The stays of which something is still to do, and the one the case is at; none where all is over."""
    still = {each.occasion.stay or file.case.stay.number for each in file.deadlines if each.is_open}
    if file.case.status == "open" or still:
        still.add(file.case.stay.number)
    return (stay for stay in file.case.stays if stay.number in still)


def _nothing(of: str, to: Holder, found: Found) -> str:
    """Why nothing is handed over."""
    if found.is_so_already:
        return f'"{cut(to.name or "", 60)}" holds all of that already.'
    return (
        f'Nobody called "{cut(of, 60)}" holds a side of a case that goes on: escalate list --identify shows who does.'
    )


def _document(ref: str, holder: Holder) -> dict[str, str | None]:
    return {
        "case": ref,
        "side": holder.side,
        "role": holder.role,
        "from": holder.since.isoformat() if holder.since else None,
        "until": holder.until.isoformat() if holder.until else None,
    }


def _summary(handed: list[tuple[str, Holder]], dry_run: bool) -> str:
    sides = how_many(len(handed), "side", "sides")
    if dry_run:
        return f"Nothing was recorded: {sides} would be handed over."
    back = " On the day after, each goes back to whoever had it." if any(each.until for _, each in handed) else ""
    return f"{sides} handed over.{back} escalate undo takes it back, a case at a time."
