"""Taking over a log at a terminal: what is not clear is asked, each with the rows that show it; then what becomes of the rows is shown, and agreed to.

Every answer is what an option would say, and is kept like those. Nothing is written before the last of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import typer

from escalate.commands.import_changes import agreed_at_terminal
from escalate.commands.import_dates import date_reader
from escalate.commands.import_kept import Reading
from escalate.commands.import_protocols import Protocols
from escalate.commands.import_reading import DateOrder, LogRead, Wanted, logs_of, read_log, says_when
from escalate.commands.shared.asking import NOTHING_WRITTEN, asked_which, says_yes
from escalate.commands.shared.session import Session
from escalate.domain.importing.dates import may_be_either
from escalate.domain.importing.doubts import SAYS, OpenColumn, columns_open, dates_open, shown, words_open
from escalate.domain.importing.headings import name_alone
from escalate.domain.importing.rows import Log, Outcome
from escalate.domain.importing.sheet import Book
from escalate.domain.recording.agencies import as_compared
from escalate.domain.worktime.clock import london_date, spoken_day
from escalate.errors import BadWhen, TwoForOne
from escalate.output.importing.changes import cells_that
from escalate.output.importing.page import Done, import_page, rows_of
from escalate.output.terminal import complain, show
from escalate.storage.store import Store
from escalate.wording import how_many

LEAVE = "leave"
"""The answer that leaves rows as they are: they cannot be imported."""

APART = "apart"
"""The answer that keeps agencies apart."""

HOW_TO_ANSWER = (
    "What is not clear in the log is asked now. Enter takes the answer in brackets.",
    "With Ctrl-C nothing is written.",
)

ROWS_SHOWN = 10
"""So many rows of each kind are shown before somebody agrees."""


class Wizard:
    """What is asked of one log."""

    def __init__(self, here: Session) -> None:
        self._here = here
        self._answers = 0
        self._words: set[tuple[str, str]] = set()
        """The words that were asked for, by their columns."""

    def read(self, here: Session, store: Store, book: Book, reading: Reading, *, close_undated: bool) -> LogRead:
        """The log as it is read once somebody has said what is not clear. Raises BadInput, Refused."""
        reading = self._about_columns(store, book, reading)
        found = read_log(here, store, book, reading, close_undated=close_undated)
        while values := dict(self._about_words(found)):  # a row that can be read so far may go on with another doubt
            reading = _with_values(reading, values)
            found = read_log(here, store, book, reading, close_undated=close_undated)
        if called := self._about_agencies(found):
            found = read_log(here, store, book, reading, close_undated=close_undated, called=called)
        return found

    def agreed_to(self, found: LogRead, wanted: Wanted) -> Wanted | None:
        """What is to be written once somebody has seen what becomes of the rows; None where they do not want it."""
        if wanted.write and not self._answers:
            return wanted._replace(changes=wanted.changes or agreed_at_terminal(found.outcomes))
        new = sum(each.case is not None for each in found.outcomes)
        cells = cells_that(found.outcomes, lambda cell: cell.can_be_recorded)
        if not (new or cells):
            return wanted
        show(
            import_page(
                found.logs, found.outcomes, Done(gone=found.gone), found.remarks, self._here.now, most=ROWS_SHOWN
            )
        )
        if new and not _says_yes(f"Open {how_many(new, 'case')}{_without(found.bad)}?"):
            return None
        changes = bool(cells) and (wanted.changes or _says_yes(_changes(found, cells)))
        return Wanted(True, True, changes, True) if new or changes else None

    def _asked(self, question: str, choices: Mapping[str, str], likeliest: str = "") -> str:
        """The one of several things that somebody says is meant, asked until they do."""
        self._answers += 1
        while not (answer := asked_which(question, choices, likeliest)):
            complain("Please choose one; Ctrl-C ends it, and nothing is written.")
        return answer

    def _show(self, what: str, rows: Sequence[str] = ()) -> None:
        """Say what is asked about, with the rows that show it."""
        if not self._answers:
            complain(*HOW_TO_ANSWER)
        complain("", what, *(f"  {row}" for row in rows))

    # -- what columns say

    def _about_columns(self, store: Store, book: Book, reading: Reading) -> Reading:
        """How a log is read once somebody has said which protocol it is of, what its columns say, and how its dates are written."""
        protocols = Protocols(self._here, reading.kept.protocol)
        reading, logs = self._one_column_each(book, reading, protocols)
        if reading.kept.protocol is None and not all(each.layout.of("protocol") for each in logs):
            newest = store.lists.cases(most=1)
            there = protocols.there()
            likeliest = self._here.settings.defaults["protocol"] or (newest[0].protocol if newest else "")
            self._show("No column says which protocol the cases are under.")
            protocol = self._asked("Which protocol is it?", there, likeliest if likeliest in there else "")
            reading = reading._replace(kept=reading.kept._replace(protocol=protocol))
            protocols = Protocols(self._here, protocol)
        for log in logs:
            for each in columns_open(log.sheet, log.layout, protocols.facts()):
                name = name_alone(each.column, log.layout.columns)
                if name in reading.kept.mapped:
                    continue  # said of another sheet just now
                reading = _mapped(reading, name, self._what_says(log, each))
        reading, logs = self._one_column_each(book, reading, protocols)
        return self._about_dates(logs, reading)

    def _one_column_each(self, book: Book, reading: Reading, protocols: Protocols) -> tuple[Reading, list[Log]]:
        """The sheets, once somebody has said which of several columns for one thing says it."""
        while True:
            try:
                return reading, logs_of(book, reading, protocols)[0]
            except TwoForOne as problem:
                labels = {label: f"column {letter}" for label, letter in problem.columns}
                says = SAYS.get(problem.field, problem.field)
                self._show(f"Several columns may say {says}. Those that do not are kept as notes.")
                chosen = self._asked("Which column is it?", labels, next(iter(labels)))
                for label in labels:
                    reading = _mapped(reading, label, problem.field if label == chosen else "note")

    def _what_says(self, log: Log, each: OpenColumn) -> str:
        """What somebody says that a column says."""
        choices = {name: SAYS.get(name, "a question of the protocol") for name in each.fields}
        if not says_when(log) and "raised" in choices:
            choices = {"raised": choices.pop("raised"), **choices}
        self._show(f'The heading "{each.column.label}" ({each.column.letter}) is not known.', shown(each.cells))
        return self._asked("What does it say?", choices, each.likeliest)

    def _about_dates(self, logs: Sequence[Log], reading: Reading) -> Reading:
        """How dates are read, where no column proves it."""
        found = [each for log in logs for each in dates_open(log.sheet, log.layout)]
        if not found or (reading.kept.dates and not reading.dates_are_of_last_time):
            return reading
        for column, cells in found:
            self._show(f'The dates in "{column.label}" ({column.letter}) can be read in two ways.', shown(cells))
        either = [cell.text for _, cells in found for cell in cells if may_be_either(cell)]
        choices: dict[str, str] = {
            order: f"as in {where}{self._read_as(either, order)}"
            for order, where in ((DateOrder.DAY_FIRST, "the United Kingdom"), (DateOrder.MONTH_FIRST, "the USA"))
        }
        order = self._asked("Which comes first?", choices, DateOrder.DAY_FIRST)
        return reading._replace(kept=reading.kept._replace(dates=order), dates_are_of_last_time=False)

    def _read_as(self, dates: Sequence[str], order: str) -> str:
        """What the first date becomes in an order, if there is one that can be read."""
        with suppress(BadWhen, IndexError):
            read = date_reader(self._here.now)(dates[0], order == DateOrder.MONTH_FIRST)
            return f": {dates[0]} is {spoken_day(london_date(read.first))}"
        return ""

    # -- what words mean

    def _about_words(self, found: LogRead) -> Iterator[tuple[tuple[str, str], str]]:
        """What somebody says that words mean, by the column and the word."""
        doubts = words_open((each, doubt) for each in found.outcomes for doubt in each.doubts)
        for key, (doubt, rows) in doubts.items():
            if key in self._words:
                continue
            self._words.add(key)
            self._show(f'"{doubt.word}" in "{doubt.column.label}" is not clear: {rows_of(rows)}.')
            choices = doubt.choices or found.protocols.there()
            answer = self._asked(
                "What does it mean?", {**choices, LEAVE: "these rows are not imported"}, doubt.likeliest or LEAVE
            )
            if answer != LEAVE:
                yield key, answer

    # -- agencies

    def _about_agencies(self, found: LogRead) -> dict[str, str]:
        """What agencies are called that are spelled much alike, by their names as they are compared."""
        times: dict[str, list[Outcome]] = {}
        for each in found.outcomes:
            if case := each.case:
                for name in filter(None, {case.raising_agency, case.receiving_agency, *case.involved}):
                    times.setdefault(name, []).append(each)
        called: dict[str, str] = {}
        for group in found.alike:
            choices = {name: rows_of(times[name]) if name in times else "in cases that are here" for name in group}
            likeliest = max(group, key=lambda name: (name not in times, len(times.get(name, ())), len(name)))
            self._show("These may be one agency:")
            name = self._asked(
                "What are all of them called?", {**choices, APART: "they are different agencies"}, likeliest
            )
            called |= {as_compared(each): each if name == APART else name for each in group}
        return called


def _mapped(reading: Reading, label: str, field: str) -> Reading:
    return reading._replace(kept=reading.kept._replace(mapped={**reading.kept.mapped, label: field}))


def _with_values(reading: Reading, said: Mapping[tuple[str, str], str]) -> Reading:
    values = {heading: dict(words) for heading, words in reading.kept.values.items()}
    for (heading, word), meaning in said.items():
        values.setdefault(heading, {})[word] = meaning
    return reading._replace(kept=reading.kept._replace(values=values))


def _says_yes(question: str) -> bool:
    """Ask whether something is to be written; where the question is left, say that nothing was."""
    try:
        return says_yes(question)
    except typer.Abort:
        complain("", NOTHING_WRITTEN)
        raise


def _without(bad: int) -> str:
    return f", without the {how_many(bad, 'row')} that cannot be imported" if bad else ""


def _changes(found: LogRead, cells: int) -> str:
    cases = how_many(len({each.there for each in found.outcomes if each.changes}), "case")
    return f"Record {how_many(cells, 'change')} in {cases}?"
