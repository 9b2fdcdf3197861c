"""Cases, deadlines and histories as one JSON document: a case at a time, so that a country's cases need no more room than one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

from escalate.domain.deadlines.case_file import due_lines
from escalate.domain.deadlines.standing import standing
from escalate.domain.worktime.clock import london_date
from escalate.output.case.documents import entry_document, record_document
from escalate.output.case.rows import due_document
from escalate.output.documents import Document
from escalate.output.scratch import scratch
from escalate.output.sending.export_rows import CaseAsKnown


class Fields(Protocol):
    """A row with the names of its columns."""

    def _asdict(self) -> dict[str, Any]: ...


class Record(NamedTuple):
    """The histories as they are recorded, by which another file takes the cases over."""

    format: int
    """The number of its form."""
    file: str
    """The random name of the file."""
    head: str
    """The head of its chain."""
    identified: bool
    """Whether names and the like are in it."""
    editions: Iterable[Fields]
    """The protocols that the cases are or were under."""
    calendars: Iterable[Fields]
    """Every version of the calendars they count on."""
    cases: Iterable[tuple[str, Sequence[object], Sequence[Fields]]]
    """Each case: its reference, where it was before, and its entries."""


def json_pieces(cases: Iterable[CaseAsKnown], record: Record | None) -> Iterator[bytes]:
    """`{cases: [...], deadlines: [...], history: [...], record: {...}}`; deadlines and history wait in files until the cases are out."""
    with scratch() as deadlines, scratch() as history:
        yield b'{"cases": ['
        yield from _items(_cases(cases, deadlines, history))
        for name, waiting in ((b"deadlines", deadlines), (b"history", history)):
            waiting.seek(0)
            yield b'],\n"%b": [' % name
            yield from _items(waiting)
    yield b'],\n"record": '
    yield from _record(record) if record else (b"null",)
    yield b"}\n"


def _record(record: Record) -> Iterator[bytes]:
    first = {name: getattr(record, name) for name in ("format", "file", "head", "identified")}
    yield json.dumps(first).encode()[:-1]
    for name, rows in (("editions", record.editions), ("calendars", record.calendars)):
        yield f', "{name}": ['.encode()
        yield from _items(_line(row._asdict()) for row in rows)
        yield b"]"
    yield b', "cases": ['
    yield from _items(
        _line({"case": ref, "was": was, "entries": [each._asdict() for each in entries]})
        for ref, was, entries in record.cases
    )
    yield b"]}"


def _cases(cases: Iterable[CaseAsKnown], deadlines: BinaryIO, history: BinaryIO) -> Iterator[bytes]:
    """A line for each case; those of its deadlines and its history are written to the files."""
    for file, now, horizon in cases:
        yield _line(record_document(file))
        deadlines.writelines(
            _line(due_document(line.on(london_date(now)), standing(line.deadline, now, horizon)))
            for line in due_lines(file)
        )
        history.writelines(
            _line({"case": file.case.ref, **entry_document(line, file.deadlines)}) for line in file.case.log
        )


def _line(document: Document) -> bytes:
    return f"{json.dumps(document)}\n".encode()


def _items(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines as the items of a JSON list."""
    for number, line in enumerate(lines):
        yield (b",\n" if number else b"\n") + line.rstrip()
