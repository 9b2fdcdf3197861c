"""The certificate of a disposal: what was erased, by which rule, when and by whom. It names references only, and is kept when the cases are not."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.erasing import left_to_erase
from escalate.output.case.sentences import erasable
from escalate.output.documents import Document, instant
from escalate.output.pages import PageColumn, page
from escalate.output.words import full

COLUMNS = [PageColumn(heading) for heading in ("Case", "Closed", "Rule", "Erased")]


class Disposal(NamedTuple):
    """How an erasure went."""

    at: datetime
    """When (UTC)."""
    by: str
    """Who did it."""
    signed_off_by: str | None
    """Who signed it off; None where nobody had to."""
    before: str
    """The head of the chain before it."""
    after: str
    """The head after it."""
    left: Sequence[str]
    """What was not reached, a sentence each."""


def certificate_document(
    files: Sequence[CaseFile], held: Sequence[CaseFile], rules: Mapping[str, str], how: Disposal
) -> Document:
    """What was erased, for a script and for the page. Nothing in it names anybody that the cases are about."""
    return {
        "at": instant(how.at),
        "by": how.by,
        "signed_off_by": how.signed_off_by,
        "erased": [
            {
                "case": file.case.ref,
                "protocol": file.case.protocol,
                "status": file.case.status,
                "closed_at": instant(file.case.closed_at),
                "rule": rules.get(file.case.ref),
                **left_to_erase(file.case),
            }
            for file in files
        ],
        "held": [file.case.ref for file in held],
        "head_before": how.before,
        "head_after": how.after,
        "not_reached": list(how.left),
    }


def certificate_pieces(paper: Document, name: str) -> Iterator[str]:
    """The certificate as a file of that name has it: a page to be printed, or JSON."""
    if name.casefold().endswith(".json"):
        return iter([f"{json.dumps(paper, indent=2)}\n"])
    return page(
        "certificate.html",
        paper=paper,
        at=full(datetime.fromisoformat(paper["at"])),
        columns=COLUMNS,
        rows=[_row(each) for each in paper["erased"]],
    )


def _row(erased: Document) -> list[str]:
    closed = full(datetime.fromisoformat(erased["closed_at"])) if erased["closed_at"] else ""
    pieces_erased = erasable({kind: erased[kind] for kind in ("identities", "subjects", "words")})
    return [erased["case"], f"{erased['status']} {closed}", erased["rule"] or "as was asked for", pieces_erased]
