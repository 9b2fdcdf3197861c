"""Reading a log: which of its sheets hold cases, what their columns say, and what becomes of each row."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from escalate.commands.import_dates import date_reader
from escalate.commands.import_kept import Reading, to_keep
from escalate.commands.import_protocols import Protocols
from escalate.commands.shared.session import Session
from escalate.domain.importing.columns import check_named, lay_out
from escalate.domain.importing.dates import SaidOrder, is_dated
from escalate.domain.importing.headings import ENTERED, LogColumn
from escalate.domain.importing.imported import Imported
from escalate.domain.importing.kept import KeptLog
from escalate.domain.importing.matching import Matching
from escalate.domain.importing.own_export import own_export, without_other_exports
from escalate.domain.importing.rows import Log, Outcome, Terms, read_rows
from escalate.domain.importing.same_person import SeveralOpen, several_open
from escalate.domain.importing.sheet import Book
from escalate.domain.recording.agencies import as_compared, spelled_alike
from escalate.errors import Refused, listed
from escalate.output.terminal import counting
from escalate.storage.logs import joined_agencies
from escalate.storage.store import Store

MOST_COMPARED = 200
"""So many agencies at most are compared with each other: escalate agency list compares more."""


class DateOrder(StrEnum):
    """Which part of a date in numbers comes first, as the option says it."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Seen(NamedTuple):
    """What the file held when the rows were read."""

    head: str
    """The head of its chain."""
    imported: Mapping[tuple[str | None, str], Imported]
    """The cases imported before, by the log and the reference of their row there."""

    def still_holds(self, head: str) -> bool:
        """Whether nothing has been recorded since. Any two empty files are equivalent."""
        return head == self.head or head.partition(":")[0] == self.head.partition(":")[0] == "0"


class Wanted(NamedTuple):
    """What is to be written of a log."""

    write: bool
    """Anything at all."""
    skip_bad: bool
    """What can be, where rows or changed cells cannot."""
    changes: bool
    """What has changed in rows whose cases are here as well."""
    is_shown: bool = False
    """What becomes of the rows was shown, and is what somebody said yes to."""


class LogRead(NamedTuple):
    """A log as it was read."""

    reading: Reading
    """How."""
    logs: Sequence[Log]
    """The sheets that hold cases."""
    outcomes: Sequence[Outcome]
    """What becomes of each row."""
    remarks: Sequence[str]
    """What is to be known about the file."""
    protocols: Protocols
    """The protocols that rows name."""
    seen: Seen
    """What the file with the cases held."""
    keeping: KeptLog
    """How the log is read, to be kept for next time."""
    gone: Sequence[str]
    """The cases that came from this log and have no row in it any more."""
    called: Mapping[str, str]
    """The names of agencies that were just said to be others', to be kept as well."""
    alike: Sequence[Sequence[str]]
    """The names of agencies in it that may be spellings of one, with those in cases that came from logs before."""

    several_open: Sequence[SeveralOpen]
    """The people who have more than one open case with those that rows open."""

    @property
    def bad(self) -> int:
        """How many rows cannot be imported."""
        return sum(each.reason is not None for each in self.outcomes)


def read_log(
    here: Session,
    store: Store,
    book: Book,
    reading: Reading,
    *,
    close_undated: bool,
    called: Mapping[str, str] | None = None,
) -> LogRead:
    """What becomes of each row; `called` are names of agencies that were just said to be others'. Raises BadInput, Refused."""
    protocols = Protocols(here, reading.kept.protocol)
    logs, remarks = logs_of(book, reading, protocols)
    _refuse_incomplete(logs, reading.kept.protocol)
    seen = Seen(store.head, store.history.imported())
    protocols.store = store
    keeping = to_keep(reading, logs, here.now)
    terms = Terms(
        protocols.basis,
        date_reader(here.now),
        here.settings.by,
        here.now,
        seen.imported,
        secrets.token_hex(8),
        reading.kept.log,
        close_undated,
        store.case,
        reading.before.later_columns(keeping.came_at, here.now) if reading.before else {},
        {**joined_agencies(store.database), **(called or {})},
    )
    rows = sum(len(each.sheet.rows) for each in logs)
    matching = Matching(seen.imported, terms.log, terms.salt)
    outcomes = _without_others(store, counting(read_rows(logs, terms, matching), rows, "Reading the rows"))
    return LogRead(
        reading, logs, outcomes, [*remarks, *reading.remarks], protocols, seen, keeping, matching.gone, called or {},
        _alike(outcomes, seen.imported.values(), terms.called),
        several_open(outcomes, store.lists.open_about_somebody()),
    )  # fmt: skip


def _alike(outcomes: Iterable[Outcome], before: Iterable[Imported], called: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The names of agencies that may be spellings of one, where some row has one of them of which nobody has said that yet."""
    new = {
        name
        for each in outcomes
        if each.case
        for name in (each.case.raising_agency, each.case.receiving_agency, *each.case.involved)
        if name
    }
    old = {
        called.get(as_compared(name), name)
        for each in before
        for name in (each.raising_agency, each.receiving_agency)
        if name
    }
    if not 1 < len(new | old) <= MOST_COMPARED:
        return []
    groups = spelled_alike(sorted(new | old, key=str.casefold))
    return [
        group
        for group in groups
        if not new.isdisjoint(group) and any(as_compared(each) not in called for each in group)
    ]


def logs_of(book: Book, reading: Reading, protocols: Protocols) -> tuple[list[Log], list[str]]:
    """The sheets that hold cases, and what is to be known about the file; of one sheet alone nothing is left out. Raises BadInput."""
    facts, several = protocols.facts(), len(book.sheets) > 1
    mapped, values, dates = reading.kept.mapped, reading.kept.values, reading.kept.dates
    order = SaidOrder(dates == DateOrder.MONTH_FIRST, reading.dates_are_of_last_time) if dates else None
    every = []
    for each in without_other_exports(book.sheets):
        own = own_export(each)
        sheet, known = own or (each, {})
        layout = lay_out(sheet, {**known, **mapped}, facts, values, order)
        every.append(Log(sheet, layout, sheet.name if several else None))
    check_named([each.layout for each in every], mapped, "map")
    check_named([each.layout for each in every], values, "say a word of")
    logs = [each for each in every if says_when(each)] or every
    read = [each.sheet.name for each in logs]
    unread = [f'"{each.name}"' for each in book.sheets if each.name not in read]
    remarks = [*book.remarks, *(remark for each in logs for remark in each.sheet.remarks)]
    if unread:
        remarks.append(f"Not read: {listed(unread, 'and')}: no column there says when a case was raised.")
    return logs, remarks


def says_when(log: Log) -> bool:
    """Whether a column says when cases were raised, or when they came to a stage."""
    return any(
        column.field and (column.field == "raised" or column.field.startswith(ENTERED)) for column in log.layout.columns
    )


def _refuse_incomplete(logs: Sequence[Log], protocol: str | None) -> None:
    """Refuse sheets that do not say when cases were raised, or under which protocol. Raises Refused."""
    columns = [column for log in logs for column in log.layout.columns]
    if not any(says_when(each) for each in logs):
        raise Refused(
            'No column says when a case was raised: map the one that does, as in --map "Date opened"=raised; '
            f"there is {_headings(columns)}."
        )
    if protocol is None and not all(each.layout.of("protocol") for each in logs):
        raise Refused(
            "No column says which protocol a case is under: name the one of all with --protocol, or --map a column to protocol."
        )


def _headings(columns: Sequence[LogColumn]) -> str:
    """The headings of columns, so far as anybody can look through them; of a sheet without any, nothing that stands in it."""
    if any(is_dated(column.heading) for column in columns):
        return "no row of headings"
    headings = list(dict.fromkeys(f'"{column.label}"' for column in columns))[:20]
    return listed(headings, "and") if headings else "none"


def _without_others(store: Store, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """What becomes of the rows; on a server none opens a case for an agency's login that its agency is no side of."""
    may_open = cache(store.is_ours)
    reason = f"neither side is {store.agency}, whose cases you see here: have one of the two, or the business unit, import it"
    return [
        Outcome(each.row, each.sheet, reason=reason)
        if each.case and not may_open(each.case.raising_agency, each.case.receiving_agency)
        else each
        for each in outcomes
    ]
