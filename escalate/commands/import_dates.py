"""Reading dates as spreadsheets have them: a whole date, the day first; midnight is how they write a day alone."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache

from escalate.commands.shared.when import read_when
from escalate.domain.importing.values import DateCell
from escalate.errors import BadWhen

_DAY_FIRST = r"^(\d{1,2})[.\-/ ](\d{1,2}|[A-Za-z]{3,9})[.\-/ ,]+(\d{2,4})(?![\d:])"
_MONTH_IN_WORDS = r"^(?:[A-Za-z]+,? )?([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)"
_MIDNIGHT = r"^(\d{4}-\d\d-\d\d)[T ]00:00(:00)?$|(?<=\d)[ ,]+00:00(:00)?$"
_WHOLE_DATE = r"\d{4}-\d\d-\d\d|\d/\d{1,2}/(\d{4}|\d\d)\b|\d(st|nd|rd|th)? [a-z]{3,9}\.?[ ,]+(\d{4}|\d\d)\b(?![:.])"


def date_reader(now: datetime) -> Callable[[str, bool], DateCell]:
    """What reads the dates of a sheet, with the month first or not, each wording once. It raises BadWhen."""

    @cache
    def read(said: str, month_first: bool) -> DateCell:
        plain = re.sub(_MONTH_IN_WORDS, r"\2 \1 \3", " ".join(said.split()))
        plain = re.sub(_DAY_FIRST, _month_first if month_first else _spaced, plain)
        plain = re.sub(_MIDNIGHT, r"\1", plain)
        if not re.search(_WHOLE_DATE, plain, re.IGNORECASE):
            raise BadWhen(said, "day, month and year are needed")
        when = read_when(plain, now, "past")
        return DateCell(when.at, when.until, when.remark)

    return read


def _spaced(found: re.Match[str]) -> str:
    """`18.11.2026`, `18-Nov-26` and the like as read_when has them."""
    divider = "/" if found[2].isdigit() else " "
    return divider.join(found.groups())


def _month_first(found: re.Match[str]) -> str:
    """`11/18/2026` with the day first; a month in words says itself what it is."""
    return f"{found[2]}/{found[1]}/{found[3]}" if found[2].isdigit() else _spaced(found)
