"""The cells of one row, and what is found wrong in them while it is read.

What is wrong is said without the words of the cell: a name may have got into any column.
"""

from collections.abc import Callable, Sequence

from escalate.domain.importing.headings import LogColumn
from escalate.domain.importing.values import NOTHING, DateCell, one_line
from escalate.errors import BadWhen


class Cells:
    """The cells of a row that say anything, by the fields they are taken for."""

    def __init__(
        self, number: int, cells: Sequence[tuple[LogColumn, str]], read_date: Callable[[str], DateCell]
    ) -> None:
        """`number` is that of the row in its sheet; `read_date` raises BadWhen."""
        self.number, self.all = number, cells
        self._read_date = read_date
        self._by_field: dict[str | None, list[tuple[LogColumn, str]]] = {}
        for column, text in cells:
            plain = text.strip()
            if plain.casefold() not in NOTHING:
                self._by_field.setdefault(column.field, []).append((column, plain))
        self.problems: list[str] = []
        self.remarks: list[str] = []

    def of(self, field: str) -> list[tuple[LogColumn, str]]:
        """The cells of a field, with their columns."""
        return self._by_field.get(field, [])

    def texts(self, field: str) -> list[str]:
        """What the cells of a field say."""
        return [text for _, text in self.of(field)]

    def text(self, field: str) -> str:
        """What the first cell of a field says."""
        found = self._by_field.get(field)
        return found[0][1] if found else ""

    def line(self, field: str) -> str:
        """What the first cell of a field says, on one line."""
        found = self._by_field.get(field)
        return one_line(found[0][1]) if found else ""

    def date(self, field: str) -> DateCell | None:
        """The date a field gives; None where it gives none, or one that cannot be read, which is noted as a problem."""
        said = self.text(field)
        if not said:
            return None
        try:
            return self._read_date(said)
        except BadWhen as problem:
            clocks = "clocks" in problem.sentence
            why = problem.sentence.rpartition(": ")[2] if clocks else "day, month and year are needed, the day first"
            self.problems.append(f"{self.where(field)} cannot be read as a date: {why}")
            return None

    def day(self, said: str) -> DateCell | None:
        """A date without a time of day; None where the text is not one."""
        try:
            found = self._read_date(said)
        except BadWhen:
            return None
        return found if found.day_alone else None

    def where(self, field: str) -> str:
        """`"Date raised" (D7)`: where in the sheet a field stands."""
        column = next((column for column, _ in self.all if column.field == field), None)
        return self.place(column) if column else f"the {field} column"

    def place(self, column: LogColumn) -> str:
        """`"Date raised" (D7)`: where in the sheet the row's cell in a column is."""
        return f'"{column.label}" ({column.letter}{self.number})'
