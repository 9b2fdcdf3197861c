"""Cases, deadlines and histories as one JSON document: a case at a time, so that a country's cases need no more room than one."""

import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from escalate.domain.deadlines.case_file import due_lines
from escalate.domain.deadlines.standing import standing
from escalate.output.case.documents import entry_document, record_document
from escalate.output.case.rows import due_document
from escalate.output.documents import Document
from escalate.output.scratch import scratch
from escalate.output.sending.export_rows import CaseAsKnown


def json_pieces(cases: Iterable[CaseAsKnown]) -> Iterator[bytes]:
    """`{cases: [...], deadlines: [...], history: [...]}`; deadlines and history wait in files until the cases are out."""
    with scratch() as deadlines, scratch() as history:
        yield b'{"cases": ['
        yield from _items(_cases(cases, deadlines, history))
        for name, waiting in ((b"deadlines", deadlines), (b"history", history)):
            waiting.seek(0)
            yield b'],\n"%b": [' % name
            yield from _items(waiting)
        yield b"]}\n"


def _cases(cases: Iterable[CaseAsKnown], deadlines: BinaryIO, history: BinaryIO) -> Iterator[bytes]:
    """A line for each case; those of its deadlines and its history are written to the files."""
    for file, now, horizon in cases:
        yield _line(record_document(file))
        deadlines.writelines(
            _line(due_document(line, standing(line.deadline, now, horizon))) for line in due_lines(file)
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
