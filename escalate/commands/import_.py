"""Taking over the spreadsheet a unit kept before."""

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.options import Json
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import Imported
    from escalate.domain.importing.headings import Layout
    from escalate.domain.importing.rows import Basis, Outcome
    from escalate.domain.importing.values import DateCell
    from escalate.domain.protocol.model import Protocol
    from escalate.domain.worktime.calendar import Calendar
    from escalate.storage.files.protocols import ProtocolFile
    from escalate.storage.store import Store


def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The spreadsheet, .xlsx or .csv.", show_default=False)],
    protocol: Annotated[
        str | None,
        typer.Option(
            "--protocol", metavar="PROTOCOL", help="The protocol of rows that do not name one.", show_default=False
        ),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="What a column says, where its heading is not understood.",
            show_default=False,
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            "--sheet", metavar="NAME", help="The sheet, where more than one has something in it.", show_default=False
        ),
    ] = None,
    log: Annotated[
        str | None,
        typer.Option(
            "--log",
            metavar="NAME",
            help="Which log it is, where several have the same reference numbers.",
            show_default=False,
        ),
    ] = None,
    close_undated: Annotated[
        bool, typer.Option("--close-undated", help="Close today what has ended on a day the row does not give.")
    ] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out the rows that cannot be imported.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Open the cases; without it, nothing is written.")] = False,
    as_json: Json = False,
) -> None:
    """Take over a log of escalations kept in a spreadsheet. Says row by row what would be opened; opens it with --write.

    What columns say is guessed from their headings. With --map a column is taken for one of:

    - reference, raised, protocol, route, stage, stage-entered, concern-date, status, resolved

    - subject, name, born, age, address, child (all of these in one cell)

    - from, to, involved, raising, receiving: the agencies, and who holds the two sides

    - theme, about, level-current, level-perceived, desired-outcome, how, lessons, or a fact of the protocol

    - note, which keeps it as a note, or skip, which leaves it out

    Nothing is taken over twice: a row is known again by its reference number, or by what it says where it has none.

    Example: escalate import log.csv --protocol herefordshire --map "Team=note"
    """
    from escalate.domain.importing.headings import lay_out
    from escalate.domain.importing.rows import Terms, read_rows
    from escalate.errors import Refused
    from escalate.output.importing.page import import_document, import_page
    from escalate.output.terminal import counting, say, show, show_json
    from escalate.output.words import counted
    from escalate.storage.files.paths import path_from
    from escalate.storage.files.spreadsheets import read_sheet

    context.with_resource(_nothing_collected())
    here = desk(context)
    path = path_from(file)
    found = read_sheet(path, sheet)
    protocols = _Protocols(here, protocol)
    layout = lay_out(found.rows, _mapping(mapped or []), protocols.facts())
    _refuse_incomplete(layout, protocol)
    name = " ".join((log or "").split()) or None
    with here.store(dry_run=True) as store:
        head, known = store.head, store.history.imported()
        protocols.store = store
        terms = Terms(protocols.basis, _reader(here), here.settings.by, here.now, known, name, close_undated)
        reading = read_rows(found.rows, layout, terms)
        outcomes = list(counting(reading, len(found.rows), "Reading the rows"))
    bad = sum(each.reason is not None for each in outcomes)
    writing = write and (skip_bad or not bad)
    opened = _open(here, protocols, outcomes, _Seen(head, known)) if writing else []
    if as_json:
        show_json(import_document(path.name, layout, outcomes, opened, writing))
    else:
        show(import_page(layout, outcomes, opened, found.remark))
        if not write and any(each.case for each in outcomes):
            say("Nothing was written: --write opens the cases.")
    if bad and not skip_bad:
        number = counted(bad, "row")
        raise Refused(
            f"{number} cannot be imported: put right what is said of each, or leave them out with --skip-bad. Nothing was written."
        )


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keeps Python from looking for cycles: for every few cases made it looks through all there are, and none has one."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the file held when the rows were read: the head of its chain, and the cases imported before."""

    head: str
    imported: "Mapping[tuple[str | None, str], Imported]"

    def still_holds(self, head: str) -> bool:
        """Whether nothing has been recorded since; of files in which nothing is, one is as good as another."""
        return head == self.head or head.partition(":")[0] == self.head.partition(":")[0] == "0"


def _open(here: Desk, protocols: "_Protocols", outcomes: "Sequence[Outcome]", seen: _Seen) -> list[str]:
    """Opens the cases of all rows that can be, or none of them. Raises Refused where somebody else has imported meanwhile."""
    from escalate.domain.importing.rows import entries_of
    from escalate.errors import Refused
    from escalate.output.terminal import counting

    new = [each.file for each in outcomes if each.file]
    if not new:
        return []
    with here.store() as store, store.writing():
        as_read = seen.still_holds(store.head)
        if not as_read and store.history.imported() != seen.imported:
            raise Refused("Somebody else has just imported cases: look at the file anew. Nothing was written.")
        for file in (protocols.used[digest] for digest in dict.fromkeys(each.case.edition_digest for each in new)):
            store.keep_calendars(file.protocol, protocols.fresh, here.settings.by, here.now)
            store.keep_edition(file, here.now)
        refs = store.history.next_refs(len(new))
        opening = counting(zip(refs, new, strict=True), len(new), "Opening the cases")
        if as_read:
            store.open_worked_out(opening)
        else:  # a calendar may have changed as well
            for ref, each in opening:
                store.append(*entries_of(ref, each.case))
    return refs


class _Protocols:
    """The protocols rows name, each read once."""

    def __init__(self, here: Desk, default: str | None) -> None:
        from escalate.storage.files.protocols import find_protocol

        self._here = here
        self._default = find_protocol(default, here.settings.protocols) if default else None
        self._all: list[ProtocolFile] | None = None
        self._meant: dict[tuple[str, date | None], Basis] = {}
        self._basis: dict[str, Basis] = {}
        self._fresh: dict[str, Calendar] = {}
        self.used: dict[str, ProtocolFile] = {}
        self.store: Store | None = None

    def facts(self) -> list[str]:
        """The keys of every fact that a column may answer."""
        files = [self._default] if self._default else self._there()
        return list(dict.fromkeys(fact.key for file in files for fact in file.protocol.facts))

    def _calendar(self, protocol: "Protocol") -> "Calendar":
        """The calendar cases under a protocol count on: the one the file holds, or would get."""
        own = protocol.own_calendar
        kept = self.store.calendar(protocol.counts_on) if self.store else None
        return kept or (own.made(protocol.counts_on, self._nations) if own else self._nations(protocol.calendar.name))

    def _nations(self, name: str) -> "Calendar":
        return (self.store.calendar(name) if self.store else None) or self.fresh(name)

    def fresh(self, name: str) -> "Calendar":
        """A nation's calendar as a file that holds none would get it; the library takes longer for one than many rows do."""
        if name not in self._fresh:
            self._fresh[name] = self._here.fresh_calendar(name)
        return self._fresh[name]

    def basis(self, said: str, on: date | None) -> "Basis":
        """What a cell means, or where it is empty the protocol given with the command, as in force on a day. Raises Refused."""
        from escalate.domain.importing.headings import folded
        from escalate.domain.importing.rows import Basis
        from escalate.storage.files.protocols import in_force

        if (said, on) not in self._meant:
            meant = self._file(folded(said))
            editions = [each for each in self._there() if each.protocol.id == meant.protocol.id]
            file = in_force(editions, on) if meant in editions else meant
            digest = file.digest
            if digest not in self.used:  # by file, not by day: a log of years has few editions
                self.used[digest] = file
                self._basis[digest] = Basis(file.protocol, digest, self._calendar(file.protocol))
            self._meant[said, on] = self._basis[digest]
        return self._meant[said, on]

    def _file(self, plain: str) -> "ProtocolFile":
        from escalate.domain.importing import headings as columns
        from escalate.errors import Refused, listed

        if not plain:
            if self._default is None:
                raise Refused("No protocol is named: fill that in, or give one with --protocol.")
            return self._default
        folded = columns.folded
        files = [*([self._default] if self._default else []), *self._there()]
        for file in files:
            if plain in (folded(file.protocol.id), folded(file.protocol.partnership), folded(file.protocol.title)):
                return file
        near = {file.digest: file for file in files if folded(file.protocol.id).startswith(plain)}
        if len(near) == 1:
            return next(iter(near.values()))
        ids = listed([file.protocol.id for file in self._there()], "and")
        raise Refused(f"It names no protocol: there is {ids}.")

    def _there(self) -> "list[ProtocolFile]":
        from escalate.storage.files.protocols import all_protocols

        if self._all is None:
            self._all, _ = all_protocols(self._here.settings.protocols)
        return self._all


def _mapping(said: Sequence[str]) -> dict[str, str]:
    """`"Date raised"=raised` and the like. Raises BadInput."""
    from escalate.errors import BadInput

    mapped: dict[str, str] = {}
    for each in said:
        heading, equals, name = (part.strip() for part in each.rpartition("="))
        if not (heading and equals and name):
            raise BadInput(f'"{each}" does not map a column: write it as "Date raised"=raised.')
        if mapped.setdefault(heading, name) != name:
            raise BadInput(f'"{heading}" is mapped twice, to {mapped[heading]} and to {name}: map it once.')
    return mapped


def _refuse_incomplete(layout: "Layout", protocol: str | None) -> None:
    """Refuses a sheet that does not say when cases were raised, or under which protocol. Raises Refused."""
    from escalate.errors import Refused, listed

    headings = [f'"{column.label}"' for column in layout.columns][:20]
    there = listed(headings, "and") if headings else "none"
    if not layout.of("raised"):
        raise Refused(
            f'No column says when a case was raised: map the one that does, as in --map "Date opened"=raised; there is {there}.'
        )
    if protocol is None and not layout.of("protocol"):
        raise Refused(
            "No column says which protocol a case is under: name the one of all with --protocol, or --map a column to protocol."
        )


def _reader(here: Desk) -> "Callable[[str], DateCell]":
    """Reads moments as spreadsheets have them: a whole date, the day first; midnight is how they write a day alone."""
    from functools import cache

    from escalate.commands.when import read_when
    from escalate.domain.importing.values import DateCell
    from escalate.errors import BadWhen

    @cache
    def read(said: str) -> "DateCell":
        plain = " ".join(said.split())
        plain = re.sub(r"^(\d{1,2})[.\-/ ](\d{1,2}|[A-Za-z]{3,9})[.\-/ ,]+(\d{2,4})(?![\d:])", _spaced, plain)
        plain = re.sub(r"^(\d{4}-\d\d-\d\d)[T ]00:00(:00)?$|(?<=\d)[ ,]+00:00(:00)?$", r"\1", plain)
        if not re.search(_WHOLE_DATE, plain, re.IGNORECASE):
            raise BadWhen(said, "day, month and year are needed")
        when = read_when(plain, here.now, "past")
        return DateCell(when.at, when.until)

    return read


def _spaced(found: re.Match[str]) -> str:
    """`18.11.2026`, `18-Nov-26` and the like as read_when has them."""
    divider = "/" if found[2].isdigit() else " "
    return divider.join(found.groups())


_WHOLE_DATE = r"\d{4}-\d\d-\d\d|\d/\d{1,2}/(\d{4}|\d\d)\b|\d(st|nd|rd|th)? [a-z]{3,9}\.?[ ,]+(\d{4}|\d\d)\b(?![:.])"
