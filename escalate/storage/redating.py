"""Open deadlines that are other than they were as a file is worked out anew by newer rules: found before and after, and kept to be told again."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

from escalate.domain.deadlines.redated import Redated
from escalate.domain.worktime.clock import read_instant
from escalate.storage.derived import DerivedTables
from escalate.storage.history import batches
from escalate.storage.interface import Database
from escalate.storage.rows import as_json, these, written_or_none

_FACT = "redated"
"""The fact of the database that has them: what the last rules that moved any date moved. A server, which is read by many agencies, keeps none."""

_Duty = tuple[str, int, str, str]
"""What is owed: the case, the number of the occasion, the stage and the action."""

OpenDates = Mapping[_Duty, Counter[str]]
"""When each open call of a duty is due; empty text where it has no date."""


def worked_out_anew(database: Database, derived: DerivedTables, refs: Iterable[str]) -> list[Redated]:
    """Make every derived row again from the entries; what is open and has other dates now. Inside `writing`.

    Of very many cases the dates of a few are held at a time.
    """
    derived.clear_index()
    moved: list[Redated] = []
    for several in batches(refs):
        before = _open_dates(database, several)
        derived.rebuild_cases(several)
        moved += _redated(before, _open_dates(database, several))
    return moved


def _open_dates(database: Database, refs: Sequence[str]) -> OpenDates:
    """The dates of everything open in these cases, as the derived tables have them."""
    found: dict[_Duty, Counter[str]] = defaultdict(Counter)
    for row in database.rows("derived_deadlines", **these(refs)):
        if row["met_at"] is None and row["ended_at"] is None:
            found[row["case_ref"], row["visit"], row["stage"], row["action"]][row["due_at"] or ""] += 1
    return found


def _redated(before: OpenDates, after: OpenDates) -> list[Redated]:
    """What is open and has another date, is no longer open, or was not open before."""
    nothing: Counter[str] = Counter()
    return [
        Redated(case, stage, action, _instant(was), _instant(becomes), was is not None, becomes is not None)
        for case, occasion, stage, action in dict.fromkeys([*before, *after])
        for was, becomes in _moves(
            before.get((case, occasion, stage, action), nothing), after.get((case, occasion, stage, action), nothing)
        )
    ]


def _moves(before: Counter[str], after: Counter[str]) -> Iterator[tuple[str | None, str | None]]:
    """The dates that are gone, each with the one in its place, and those that are new; None where there is none."""
    return zip_longest(sorted((before - after).elements()), sorted((after - before).elements()))


def keep(database: Database, moved: Sequence[Redated]) -> None:
    """Keep what moved, if anything did, in the place of what moved before. Inside `writing`."""
    if moved and not database.is_shared:
        database.set_fact(_FACT, as_json([_as_kept(each) for each in moved]))


def kept(database: Database) -> list[Redated]:
    """What moved when a file was last worked out by rules that moved any date."""
    found = json.loads(database.facts().get(_FACT, "[]"))
    return [
        Redated(case, stage, action, _instant(was), _instant(becomes), was_open, is_open)
        for case, stage, action, was, becomes, was_open, is_open in found
    ]


def _as_kept(each: Redated) -> list[object]:
    dates = written_or_none(each.was), written_or_none(each.becomes)
    return [each.case, each.stage, each.action, *dates, each.was_open, each.is_open]


def _instant(text: str | None) -> datetime | None:
    return read_instant(text) if text else None
