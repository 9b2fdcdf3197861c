"""The cells of one row, and what is found wrong in them while it is read.

What is wrong is said without the words of the cell: a name may have got into any column.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from escalate.domain.importing.dates import Order
from escalate.domain.importing.doubts import Doubt
from escalate.domain.importing.headings import LEFT_OUT, TIME_OF, Layout, LogColumn
from escalate.domain.importing.sheet import Sheet
from escalate.domain.importing.values import NOTHING, DateCell, one_line
from escalate.errors import BadWhen

ReadDate = Callable[[str, bool], DateCell]
"""Reads a date, with the month first or not. Raises BadWhen."""

ERRORS = {"#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#num!", "#null!", "#spill!", "#calc!", "#field!"}
"""What a spreadsheet shows, in small letters, where a formula went wrong."""

_LONGEST_NOTHING = max(map(len, NOTHING))
_AN_ERROR = "holds an error instead of a value: put it right in the sheet"
_TOO_NARROW = (
    "holds nothing but #, as a column shows what is too wide for it: widen it in the sheet, and save that again"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


class Cells:
    """The cells of a row that say anything, by the fields they are taken for."""

    def __init__(
        self, number: int, cells: Sequence[tuple[LogColumn, str]], read_date: ReadDate, layout: Layout, sheet: Sheet
    ) -> None:
        """`number` is that of the row in its sheet."""
        self.number, self.all = number, cells
        self._read_date, self._orders, self._sheet = read_date, layout.orders, sheet
        self._columns = layout.columns
        self._by_field: dict[str | None, list[tuple[LogColumn, str]]] = {}
        self.problems: list[str] = []
        self.remarks: list[str] = []
        self.blank: list[LogColumn] = []
        """The columns in which something stands that says nothing, such as `N/A`."""
        self.doubts: list[Doubt] = []
        """The words of which it is not clear what they mean, as somebody could be asked."""
        self.explained: set[int] = set()
        """The numbers of the columns whose words people said the meaning of."""
        by_field, values, faults = self._by_field, layout.values, sheet.faults
        for column, text in cells:
            plain = text
            if values and (meant := values.get(column.number, {}).get(one_line(text).casefold())) is not None:
                plain = meant
                self.explained.add(column.number)
            if (faults or plain[0] == "#") and (fault := self._fault(column, plain)):
                self.problems.append(f"{self.place(column)} {fault}")
            elif len(plain) <= _LONGEST_NOTHING and plain.casefold() in NOTHING:
                self.blank.append(column)
            elif column.field in by_field:
                by_field[column.field].append((column, plain))
            else:
                by_field[column.field] = [(column, plain)]

    def _fault(self, column: LogColumn, text: str) -> str | None:
        """Why what a cell says is not to be had, of a column that is taken over."""
        if column.field is None or column.field == LEFT_OUT:
            return None
        if self._sheet.faults and (self.number, column.number) in self._sheet.faults:
            return self._sheet.faults[self.number, column.number]
        if text.startswith("#"):
            return (
                _AN_ERROR
                if text.casefold() in ERRORS
                else _TOO_NARROW
                if len(text) > 1 and not text.strip("#")
                else None
            )
        return None

    @property
    def by_field(self) -> Iterable[tuple[str | None, list[tuple[LogColumn, str]]]]:
        """All that the row says, by the fields it is taken for."""
        return self._by_field.items()

    def of(self, field: str) -> Sequence[tuple[LogColumn, str]]:
        """The cells of a field, with their columns."""
        return self._by_field.get(field, ())

    def texts(self, field: str) -> list[str]:
        """What the cells of a field say."""
        return [text for _, text in self.of(field)]

    def text(self, field: str) -> str:
        """What the first cell of a field says."""
        found = self._by_field.get(field)
        return found[0][1] if found else ""

    def ask(self, field: str, choices: Mapping[str, str], likeliest: str = "") -> None:
        """Note that it is not clear what the first cell of a field means, and what it may mean."""
        column, text = self.of(field)[0]
        self.doubts.append(Doubt(column, one_line(text), choices, likeliest))

    def line(self, field: str) -> str:
        """What the first cell of a field says, on one line."""
        found = self._by_field.get(field)
        return one_line(found[0][1]) if found else ""

    def fields(self, beginning: str) -> list[str]:
        """The fields of the row's cells whose names begin so."""
        return [name for name in self._by_field if name and name.startswith(beginning)]

    def is_date(self, column: LogColumn) -> bool:
        """Whether the file itself keeps the row's cell in a column as a date."""
        return (self.number, column.number) in self._sheet.dates

    def date(self, field: str) -> DateCell | None:
        """The date a field gives; None where it gives none, or one that cannot be read, which is noted as a problem."""
        found = self._by_field.get(field)
        if not found:
            if self.of(f"{field}{TIME_OF}"):
                self.problems.append(f"{self.where(f'{field}{TIME_OF}')} gives a time of day, and no cell the day")
            return None
        column, said = found[0]
        order = self._orders.get(column.number, _DAY_FIRST)
        if order.doubt:
            self.problems.append(f"the column of {self.place(column)} {order.doubt}")
            return None
        if order.remark:
            self.remarks.append(f'"{column.label}" {order.remark}')
        try:
            read = self._read_date(self._with_time(field, said, order), order.month_first)
        except BadWhen as problem:
            if self.line(f"{field}{TIME_OF}") and "clocks" not in problem.sentence and self.day(field, said):
                self.problems.append(
                    f"{self.where(f'{field}{TIME_OF}')} cannot be read as a time of day, such as 14:30"
                )
            else:
                self.problems.append(f"{self.place(column)} cannot be read as a date: {_why(said, problem, order)}")
            return None
        if read.remark:
            self.remarks.append(f"{self.place(column)}: {read.remark}")
        return read

    def _with_time(self, field: str, said: str, order: Order) -> str:
        """A date with its time of day, where that stands in a column of its own and the date has none."""
        time = self.line(f"{field}{TIME_OF}")
        if not time:
            return said
        if not self._read_date(said, order.month_first).day_alone:
            self.problems.append(
                f"{self.where(field)} has a time of day, and {self.where(f'{field}{TIME_OF}')} another"
            )
            return said
        return f"{re.sub(r'[T ]00:00(:00)?$', '', said)} {re.sub(r' ?hrs$', '', time)}"

    def day(self, field: str, said: str) -> DateCell | None:
        """A date without a time of day, read as the column of a field is; None where the text is not one."""
        found = self._by_field.get(field)
        order = self._orders.get(found[0][0].number, _DAY_FIRST) if found else _DAY_FIRST
        if order.doubt:
            return None
        try:
            read = self._read_date(said, order.month_first)
        except BadWhen:
            return None
        return read if read.day_alone else None

    def where(self, field: str) -> str:
        """`"Date raised" (D7)`: where in the sheet a field stands."""
        said = [column for column, _ in self.all]
        column = next((column for column in (*said, *self._columns) if column.field == field), None)
        return self.place(column) if column else f"the {field} column"

    def place(self, column: LogColumn) -> str:
        """`"Date raised" (D7)`: where in the sheet the row's cell in a column is."""
        return f'"{column.label}" ({column.letter}{self.number})'


_DAY_FIRST = Order()


def _why(said: str, problem: BadWhen, order: Order) -> str:
    """Why a date cannot be read, without its words."""
    if "clocks" in problem.sentence:
        return problem.sentence.rpartition(": ")[2]
    if _SERIAL.fullmatch(said):
        return "it is a number, which a spreadsheet shows as a date only where the cell is formatted as one"
    return f"day, month and year are needed, the {'month' if order.month_first else 'day'} first"
