"""How a log was read last time: used again, and kept for the next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.importing.headings import folded
from escalate.domain.importing.kept import ALWAYS, KeptLog, headings_in, headings_of, log_known
from escalate.domain.importing.rows import Log
from escalate.domain.importing.sheet import Book
from escalate.domain.worktime.clock import written
from escalate.errors import listed
from escalate.storage.logs import kept_logs
from escalate.storage.store import Store


class Reading(NamedTuple):
    """How a log is to be read: as somebody said now, and else as they said last time."""

    number: int
    """Its place among the logs that are kept."""
    before: KeptLog | None
    """As it was kept; None where it is new here."""
    kept: KeptLog
    """As it is to be read, and kept."""
    used: Sequence[str]
    """What is used of last time, in words."""
    dates_are_of_last_time: bool = False
    """How dates are read is used of last time."""

    @property
    def remarks(self) -> list[str]:
        """What is used of last time, in a sentence."""
        return [f"As last time: {listed(self.used, 'and')}. --forget uses nothing of it."] if self.used else []


def reading_of(store: Store, book: Book, said: KeptLog, *, forget: bool) -> Reading:
    """How a log is read by what was said now, and what was said of it before unless that is to be forgotten."""
    every = kept_logs(store.database)
    number = log_known(every, book, said.log)
    before = every[number] if number is not None else None
    number = len(every) if number is None else number
    if before is None or forget:
        return Reading(number, before, said, ())
    there = headings_in(book)
    mapped = {each: name for each, name in before.mapped.items() if each not in said.mapped and folded(each) in there}
    values = {each: words for each, words in before.values.items() if folded(each) in there}
    words = {
        each: {word: meaning for word, meaning in values[each].items() if word not in said.values.get(each, {})}
        for each in values
    }
    sheets = [each.name for each in book.sheets]
    used = KeptLog(
        said.log,
        {},
        None if said.protocol else before.protocol,
        mapped,
        {each: left for each, left in words.items() if left},
        None if said.dates else before.dates,
        before.sheet if not said.sheet and before.sheet in sheets else None,
    )
    joined = said._replace(
        protocol=said.protocol or used.protocol,
        mapped={**mapped, **said.mapped},
        values={each: {**values.get(each, {}), **said.values.get(each, {})} for each in {**values, **said.values}},
        dates=said.dates or used.dates,
        sheet=said.sheet or used.sheet,
    )
    return Reading(number, before, joined, used.said(), used.dates is not None)


def to_keep(reading: Reading, logs: Sequence[Log], now: datetime) -> KeptLog:
    """What is kept of a log once it was read."""
    headings = headings_of([column for each in logs for column in each.layout.columns])
    before: Mapping[str, str] = reading.before.came_at if reading.before else {}
    since = written(now) if reading.before else ALWAYS
    return reading.kept._replace(came_at={**before, **{each: before.get(each, since) for each in headings}})
