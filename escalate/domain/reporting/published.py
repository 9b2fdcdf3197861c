"""A report that was published before, read from its JSON document: its period, its cases, and what it says for each count."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from escalate.domain.reporting.model import LadderPlace, Report
from escalate.domain.reporting.report_sums import (
    ACTIONS,
    AGENCIES,
    ALL_CASES,
    ENDED,
    LEVEL,
    OPEN_AT_START,
    OVERDUE,
    PROTOCOL,
    RAISING,
    RECEIVING,
    REOPENED,
    STAGE,
    STAGES,
    TAKEN_OVER,
    TAKEN_UP_AGAIN,
    THEME,
    TOTAL,
    UNDATED,
    VOIDED,
    ReportSums,
)
from escalate.domain.reporting.suppression import CountKey
from escalate.domain.worktime.periods import Period

Document = Mapping[str, Any]

Shown = Mapping[CountKey, int | str]
"""What a report says for each count: a number, or the mark in its place."""

_FILTERS = ("agency", "protocol", "theme")
"""What the cases of a report can be chosen by."""

_CASES = ("all", "opened", "open", "resolved", "withdrawn")
_TIMELINESS = {
    "fell_due": "due", "met_in_time": "in_time", "met_late": "late", "not_met": "not_met", "missed": "missed", "taken_over": "taken_over",
}  # fmt: skip
_ALONE = {
    "open_at_start": OPEN_AT_START, "taken_up_again": TAKEN_UP_AGAIN, "reopened": REOPENED, "taken_over": TAKEN_OVER, "void": VOIDED,
}  # fmt: skip
_NAMES = {
    "by_agencies": (AGENCIES, ("raising_agency", "receiving_agency")),
    "by_raising_agency": (RAISING, ("agency",)),
    "by_receiving_agency": (RECEIVING, ("agency",)),
    "by_theme": (THEME, ("theme",)),
    "by_level": (LEVEL, ("level",)),
}
"""The tables of cases by names: the table, and what the names are called."""

_MARK = re.compile(r"\*|<[1-9][0-9]{0,5}")


class PublishedDocument(NamedTuple):
    """What the document of a report says."""

    period: Period
    """The days it is on."""
    known_at: datetime
    """When it was counted."""
    filters: Mapping[str, str | None]
    """Which cases it is of."""
    shown: Shown
    """What it says for each count, by the key of that."""
    beside: tuple[Shown, ...]
    """The same of each period that stands beside."""


class Published(NamedTuple):
    """A report that was published before, with what its hidden counts are."""

    report: Report
    """Its figures before anything was hidden, worked out again."""
    document: PublishedDocument
    """What it says."""

    @property
    def differing(self) -> int:
        """How many of the numbers that it shows are others in the figures as they were worked out again."""
        counts = ReportSums(self.report).counts
        return sum(isinstance(said, int) and counts.get(key, 0) != said for key, said in self.document.shown.items())


def read_published(document: Document) -> PublishedDocument:
    """What `report --json` wrote. Raises AttributeError, KeyError, TypeError and ValueError where it is no such document."""
    period, filters = document["period"], document["filters"]
    if (
        "all" not in document["cases"]
        or filters.keys() - set(_FILTERS)
        or datetime.fromisoformat(document["known_at"]).tzinfo is None
    ):
        raise ValueError(filters)
    return PublishedDocument(
        Period(
            str(period["name"] or ""), date.fromisoformat(period["first_day"]), date.fromisoformat(period["last_day"])
        ),
        datetime.fromisoformat(document["known_at"]),
        {name: None if said is None else str(said) for name, said in filters.items()},
        dict(_counts(document)),
        tuple(dict(_headline(each)) for each in document.get("beside", ())),
    )


def _counts(document: Document) -> Iterator[tuple[CountKey, int | str]]:
    yield from _headline(document)
    yield OVERDUE, _count(document["overdue_count"])
    for each in document["by_protocol"]:
        yield from _line(each, PROTOCOL, str(each["protocol"]), _CASES)
    for each in document["by_stage"]:
        yield from _line(each, STAGE, _place(each), _CASES)
    for table, (called, names) in _NAMES.items():
        for each in document.get(table, ()):
            yield from _line(each, called, tuple(str(each[name]).casefold() for name in names), _CASES)
    for table, called in (("stages", STAGES), ("actions", ACTIONS)):
        for each in document[table]["lines"]:
            yield from _timeliness(each, called, _place(each))
    for each in document["undated"]:
        yield from _line(each, UNDATED, _place(each), ("all", "done", "to_do", "undecided"))
    for each in document["ended"]:
        yield from _line(each, ENDED, _place(each), ("all", "missed", "ceased", "not_known"))


def _headline(document: Document) -> Iterator[tuple[CountKey, int | str]]:
    """The chief figures, which a report has and each period beside it."""
    cases = document["cases"]
    yield from ((key, _count(cases[name])) for name, key in _ALONE.items() if name in cases)
    yield from _line(cases, ALL_CASES, TOTAL, _CASES)
    for table, called in (("stages", STAGES), ("actions", ACTIONS)):
        yield from _timeliness(document[table].get("total", document[table]), called, TOTAL)


def _timeliness(each: Document, table: str, line: object) -> Iterator[tuple[CountKey, int | str]]:
    for said, name in _TIMELINESS.items():
        if said in each:
            yield (table, line, name), _count(each[said])


def _line(each: Document, table: str, line: object, names: tuple[str, ...]) -> Iterator[tuple[CountKey, int | str]]:
    for name in names:
        if name in each:
            yield (table, line, name), _count(each[name])


def _place(each: Document) -> tuple[str, ...]:
    parts = (
        each["protocol"],
        each["route"],
        each["stage"],
        each["stage_name"],
        each.get("action"),
        each.get("action_name"),
    )
    return LadderPlace(*(str(part or "") for part in parts)).key


def _count(said: object) -> int | str:
    """A number, or a mark. Raises ValueError."""
    if (isinstance(said, int) and not isinstance(said, bool) and said >= 0) or (
        isinstance(said, str) and _MARK.fullmatch(said)
    ):
        return said
    raise ValueError(said)
