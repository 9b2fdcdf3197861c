"""Checking that everything is as it was recorded."""

import re
from collections.abc import Iterator
from typing import Annotated

import typer

from escalate.commands.shared.options import Json, flag, option
from escalate.commands.shared.session import session
from escalate.commands.shared.store import opened
from escalate.commands.shared.witness import faults as witness_faults
from escalate.commands.shared.witness import kept, remarks
from escalate.domain.worktime.clock import spoken
from escalate.errors import BadInput, cut, listed
from escalate.output.documents import instant
from escalate.output.terminal import complain, counting, say, show_json
from escalate.storage.clocks import SetBack, SetByHand
from escalate.storage.store import Store
from escalate.wording import how_many

_MOST = 5
"""So many times that a clock was set back are told one by one."""


def verify(
    context: typer.Context,
    heads: Annotated[
        list[str] | None,
        option("--head", "HEAD", "A head that verify, digest or backup printed earlier; may be repeated."),
    ] = None,
    documents: Annotated[
        bool, flag("--documents", "Read the documents that notes name as well, and say which are gone or changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Without --head, someone who can write the file and knows how it is made could have changed it and the chain with it. With a head
    that was kept elsewhere, as in an e-mailed digest, that shows for all that came before it. On a server each agency's login checks the chain
    over its own cases, and the business unit's that over all.

    Example: escalate verify
    """
    here = session(context)
    known = [_head(said) for said in heads or ()]
    with opened(here) as store:
        checks = store.checks
        head, faults = checks.history()
        faults += [*checks.file(), *checks.apart()]
        refs = store.history.refs()
        for ref in counting(refs, len(refs), "Checking cases"):
            faults += [*checks.said(ref), *checks.derived(ref)]
        faults += checks.index()
        faults += [fault for each in known if (fault := checks.known_head(each))]
        looked_at = _documents(store) if documents else {}
        faults += [fault for fault in looked_at.values() if fault]
        found = kept(here, store)
        faults += witness_faults(here, store, found, all_signatures=True)
        notes, witnessed = remarks(store, found), found.heads
        cases, entries, _ = store.history.size
        by_hand, back = checks.clocks()
        agency, is_shared, chain = store.agency, store.database.is_shared, checks.chain
    if as_json:
        show_json({
            "sound": not faults, "faults": faults, "unchecked": checks.unchecked,
            "cases": cases, "entries": entries, "head": head, "agency": agency, "witnessed": len(witnessed),
            "documents": len(looked_at) if documents else None,
            "clock_set_by_hand": [
                {"what": each.what, "recorded_at": instant(each.recorded_at), "clock": instant(each.clock)} for each in by_hand
            ],
            "clock_set_back": [
                {"what": each.what, "clock": instant(each.clock), "before": each.before, "clock_before": instant(each.clock_before)}
                for each in back
            ],
        })  # fmt: skip
    elif not faults:
        say(
            f"{how_many(cases, 'case')} and {how_many(entries, 'entry', 'entries')} are as they were recorded"
            f"{', and what was written down is still so' if known else ''}.\nHead: {head}"
        )
        if documents:
            say(f"{how_many(len(looked_at), 'document')} that notes name: each is as it was recorded.")
        if is_shared:
            say(f"It is the head of {chain}.")
        if witnessed:
            say(
                f"Held against {how_many(len(witnessed), 'head')} kept elsewhere, the last of {spoken(witnessed[-1].at)}."
            )
        if by_hand:
            say(_set_by_hand(by_hand))
    complain(*_sentences(checks.unchecked), *_sentences(notes), *_sentences(faults), *_set_back(back))
    if faults:
        raise typer.Exit(1)


def _documents(store: Store) -> dict[str, str | None]:
    """What is wrong with each document that entries name, by where it is named; None where it is as it was."""
    from escalate.domain.case.documents import documents_in  # few ask for them
    from escalate.storage.files.documents import fault_of

    return {
        f"{ref}, entry {entry.seq}, {each.place}": (fault := fault_of(each)) and f"{ref}, entry {entry.seq}: {fault}"
        for ref in store.history.refs()
        for entry in store.history.entries(ref, identify=False)
        for each in documents_in(entry.words)
    }


def _set_by_hand(by_hand: list[SetByHand]) -> str:
    """How much was recorded with the clock set by hand, and what of it is the furthest from the computer's own."""
    furthest = max(by_hand, key=lambda each: abs(each.clock - each.recorded_at))
    return (
        f"{_what_it_is(by_hand)} recorded with the clock set by hand. The furthest from the computer's own clock is {furthest.what}:"
        f" recorded as of {spoken(furthest.recorded_at)}, when that clock said {spoken(furthest.clock)}. --json lists every one."
    )


def _set_back(back: list[SetBack]) -> Iterator[str]:
    """Every time that the computer's clock was set back, a sentence each; of many the first few."""
    for each in back[:_MOST]:
        yield (
            f"The computer's clock was set back: {each.what} was recorded by it on {spoken(each.clock)}, after {each.before}"
            f" on {spoken(each.clock_before)}. One of the two times is wrong."
        )
    if len(back) > _MOST:
        yield f"So it was {how_many(len(back) - _MOST, 'more time')}: --json lists every one."


def _what_it_is(by_hand: list[SetByHand]) -> str:
    kinds = {
        "entry ": ("entry", "entries"),
        "look ": ("look at names", "looks at names"),
        "the edition ": ("edition of a protocol", "editions of protocols"),
        "version ": ("version of a calendar", "versions of calendars"),
    }
    counts = {said: sum(each.what.startswith(begins) for each in by_hand) for begins, said in kinds.items()}
    parts = [how_many(count, *said) for said, count in counts.items() if count]
    return f"{listed(parts, 'and')} {'was' if len(by_hand) == 1 else 'were'}"


def _sentences(said: list[str]) -> list[str]:
    return [f"{each[0].upper()}{each[1:]}." for each in said]


def _head(said: str) -> tuple[int, str]:
    """A head as it was printed: the number of its entry, and the commitment. Raises BadInput."""
    if not (found := re.fullmatch(r"\s*([0-9]{1,15}):([0-9a-f]{64}|[0-9a-f]{32})\s*", said)):
        raise BadInput(f'"{cut(said, 60)}" is not a head: copy it whole, the number, the colon and all that follows.')
    return int(found[1]), found[2]
