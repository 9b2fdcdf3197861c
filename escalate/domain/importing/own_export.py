"""What escalate itself exported as a spreadsheet: its columns are known, and what is not in it is said."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from escalate.domain.importing.headings import LEFT_OUT
from escalate.domain.importing.sheet import Sheet
from escalate.errors import Refused

CASES = ("Case", "Subject", "Status", "Protocol", "Edition", "Route", "Stage", "Stage name")
"""How the headings of exported cases begin."""

_OTHERS = {
    ("Case", "Subject", "Standing", "Action"): "deadlines, which are worked out again from the cases",
    ("Case", "Entry", "Happened", "Recorded"): "histories, from which no case can be opened",
}
"""How the headings of other exports begin, and what is in them."""

COLUMNS = {
    "Case": "reference", "Edition": LEFT_OUT, "Stage name": LEFT_OUT, "Raised by": "from", "With": "to", "Others involved": "involved",
    "Concern": "concern-date", "Raised": "raised", "At this stage since": "stage-entered", "Closed": "resolved", "Held by": LEFT_OUT,
    "Related cases": LEFT_OUT, "Partnership": LEFT_OUT,
}  # fmt: skip
"""What columns of exported cases are taken for that their headings do not tell of other logs."""

NOT_IN_IT = (
    "This is an export of escalate. It has the cases, where they stand and since when; who holds a side, related cases, what was done and noted,"
    " and the way up to the stage are not taken from it, and deadlines are worked out again."
    " escalate export json has all of it, and comes back whole."
)

_MARK = re.compile(r"(^|[;|]\s*)'(?=\s*[=+@＝＋－＠﹦﹢﹣﹫−-])")
"""What stands in a csv before what a spreadsheet would take for a formula."""


class OwnExport(NamedTuple):
    """A sheet of cases that escalate exported."""

    sheet: Sheet
    """The sheet, as it was before it was made safe for a spreadsheet to open."""
    columns: Mapping[str, str]
    """What its columns are taken for, by their headings."""


def own_export(sheet: Sheet) -> OwnExport | None:
    """A sheet as our export of cases; None where it is none."""
    heads = sheet.rows[0] if sheet.rows else ()
    if heads[: len(CASES)] != CASES:
        return None
    rows = (heads, *(tuple(_MARK.sub(r"\1", cell) if "'" in cell else cell for cell in row) for row in sheet.rows[1:]))
    columns = {heading: name for heading, name in COLUMNS.items() if heading in heads}
    return OwnExport(replace(sheet, rows=rows, remarks=(*sheet.remarks, NOT_IN_IT)), columns)


def without_other_exports(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets of a file but for our exports that hold no cases. Raises Refused where there is nothing else in it."""
    found = {sheet.name: _other_export(sheet) for sheet in sheets}
    left = [sheet for sheet in sheets if not found[sheet.name]]
    if not left:
        raise Refused(
            f"This is what escalate exported of {found[sheets[0].name]}: import the export of cases, or that of escalate export json, which has everything."
        )
    return left


def _other_export(sheet: Sheet) -> str | None:
    """What is in an export of ours that holds no cases; None of any other sheet."""
    heads = sheet.rows[0] if sheet.rows else ()
    return next((what for begins, what in _OTHERS.items() if heads[: len(begins)] == begins), None)
