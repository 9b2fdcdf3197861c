"""The record of cases in a file that `escalate export json` wrote: read whole, and refused where it is not as it was written."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from escalate.domain.case.entries import KINDS
from escalate.domain.worktime.clock import read_instant
from escalate.errors import LostCalendar, NotOurFile, Refused
from escalate.storage.carried import FORMAT, CarriedEntry, CarriedRecord
from escalate.storage.files.plain_files import read_plain
from escalate.storage.files.protocols import kept_protocol
from escalate.storage.origins import Origin
from escalate.storage.records import CalendarChange, NewEdition
from escalate.storage.rows import read_json

MOST_BYTES = 1_000_000_000
"""More than an export of a hundred thousand cases has."""

_REFERENCE = re.compile(r"E[0-9]{4,12}|[A-Z0-9]{1,20}-[0-9]{1,12}")
_TEXT, _TEXT_OR_NONE, _NUMBER = (str,), (str, type(None)), (int,)
_EDITION = dict.fromkeys(NewEdition._fields, _TEXT) | {"clock": _TEXT_OR_NONE}
_ENTRY = dict.fromkeys(CarriedEntry._fields, _TEXT) | {"seq": _NUMBER, "words": (list,)}
_CALENDAR = {
    "calendar": _TEXT,
    "own": _TEXT_OR_NONE,
    "version": (dict,),
    "ended": (list,),
    "added": (list,),
    "words": (list,),
}
_VERSION = dict.fromkeys(("made_at", "by", "opens", "closes", "first", "last", "published_to", "source"), _TEXT) | {
    **dict.fromkeys(("authority_from", "authority_to", "commitments", "clock"), _TEXT_OR_NONE),
    "version": _NUMBER,
}


class WrittenRecord(CarriedRecord):
    """The record in an export, whose shape was looked at; what it says is looked at when it is taken over."""

    def __init__(self, name: str, record: Mapping[str, Any]) -> None:
        """Raises ValueError, KeyError, TypeError where it is not as it was written."""
        self.name, self.own_id, self.head = name, _text(record["file"]), _text(record["head"])
        self.identified = bool(record["identified"])
        self._cases = {_reference(each["case"]): each for each in record["cases"]}
        if len(self._cases) != len(record["cases"]):
            raise ValueError("a case is in it twice")
        self._editions = [NewEdition(**_checked(each, _EDITION)) for each in record["editions"]]
        self._calendars = [_calendar(each) for each in record["calendars"]]
        for edition in self._editions:
            kept_protocol(edition.text, read_json(edition.bases), edition.digest)

    def refs(self) -> list[str]:
        """The references its cases had, the oldest first."""
        return list(self._cases)

    def histories(self, refs: Iterable[str]) -> Iterator[tuple[str, list[CarriedEntry]]]:
        """The entries of each case."""
        for ref in refs:
            entries = [_entry(each) for each in self._cases[ref]["entries"]]
            if not entries or [entry.seq for entry in entries] != list(range(1, len(entries) + 1)):
                raise ValueError(f"entries of {ref} are missing")
            yield ref, entries

    def origins(self) -> Mapping[str, list[Origin]]:
        """Where cases were before."""
        return {ref: [(_text(file), _text(was)) for file, was in each["was"]] for ref, each in self._cases.items()}

    def editions(self) -> Iterator[NewEdition]:
        """The editions its cases are or were under."""
        return iter(self._editions)

    def calendars(self) -> Iterator[CalendarChange]:
        """Every version of the calendars they count on."""
        return iter(self._calendars)


def read_record(path: Path) -> WrittenRecord:
    """The record in an export. Raises Refused."""
    too_large = Refused(
        f"{path} is too large to be read at once: export fewer cases, or take the file itself with escalate merge."
    )
    try:
        tree = json.loads(read_plain(path, MOST_BYTES, too_large).decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise Refused(f"{path} is not JSON that can be read: export it again with escalate export json.") from problem
    if not (isinstance(tree, dict) and isinstance(tree.get("cases"), list)):
        raise Refused(
            f"{path} is not what escalate export json writes: a spreadsheet is imported from .xlsx, .ods or .csv."
        )
    record = tree.get("record")
    if not isinstance(record, dict):
        raise Refused(
            f"{path} has no histories to import: it was exported as of an earlier moment, or by an earlier version. Export it again with escalate export json."
        )
    if record.get("format") != FORMAT:
        raise Refused(f"{path} was exported by a later version of escalate: update escalate to import it.")
    with as_written(path):
        return WrittenRecord(str(path), record)


@contextmanager
def as_written(path: Path) -> Iterator[None]:
    """Say of an export that it is not as it was written, where what it says cannot be. Raises Refused."""
    try:
        yield
    except Refused:
        raise
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
        NotOurFile,
        LostCalendar,
    ) as problem:
        raise Refused(
            f"{path} is not as escalate export json wrote it: export it again, or take the file itself with escalate merge. Nothing was taken over."
        ) from problem


def _entry(said: object) -> CarriedEntry:
    entry = CarriedEntry(**_checked(said, _ENTRY))
    if entry.kind not in KINDS or not all(
        isinstance(read_json(each), dict) for each in (entry.data, entry.commitments)
    ):
        raise ValueError("no such entry")
    for at in (entry.at, entry.recorded_at):
        read_instant(at)
    return entry._replace(words=tuple(_texts(each, 4) for each in entry.words))  # type: ignore[misc]


def _calendar(said: object) -> CalendarChange:
    change = CalendarChange(**_checked(said, _CALENDAR))
    return change._replace(
        version=_checked(change.version, _VERSION),
        ended=[_texts(each, 2) for each in change.ended],  # type: ignore[misc]
        added=[_texts(each, 3) for each in change.added],  # type: ignore[misc]
        words=[_texts(each, 3) for each in change.words],  # type: ignore[misc]
    )


def _checked(said: object, fields: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """A table with these fields, each of one of its types. Raises ValueError."""
    if not isinstance(said, dict) or said.keys() != fields.keys():
        raise ValueError("other fields")
    for name, types in fields.items():
        if type(said[name]) not in types:
            raise ValueError(name)
    return said


def _texts(said: object, number: int) -> tuple[str, ...]:
    if not isinstance(said, list) or len(said) != number:
        raise ValueError("other values")
    return tuple(map(_text, said))


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError("no text")
    return said


def _reference(said: object) -> str:
    if not isinstance(said, str) or not _REFERENCE.fullmatch(said):
        raise ValueError("no reference")
    return said
