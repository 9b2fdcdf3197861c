"""Reports that were published before, for a report that is to be published now."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from escalate.commands.shared.filters import CaseFilter
from escalate.domain.deadlines.case_file import case_line
from escalate.domain.reporting import report as reporting
from escalate.domain.reporting.published import Published, PublishedDocument, read_published
from escalate.errors import Refused
from escalate.output.terminal import complain
from escalate.storage.files.paths import path_from
from escalate.storage.files.report_files import read_document
from escalate.storage.store import Store
from escalate.wording import how_many


def published_before(store: Store | None, named: Sequence[str], now: datetime) -> list[Published]:
    """What each of these reports says, and its figures worked out again from what was known then. Raises Refused."""
    return [_published(store, path, document, now) for path, document in map(_read, named)]


def _read(named: str) -> tuple[Path, PublishedDocument]:
    path = path_from(named)
    tree = read_document(path)
    try:
        document = read_published(tree)
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise Refused(
            f"{path} is not what escalate report --json wrote: name the JSON of the report that was published."
        ) from problem
    return path, document


def _published(store: Store | None, path: Path, document: PublishedDocument, now: datetime) -> Published:
    if document.known_at > now:
        raise Refused(f"{path} was made later than this report is: take into account only what was published before.")
    chosen = document.filters
    cases = CaseFilter(agency=chosen.get("agency"), protocol=chosen.get("protocol"), theme=chosen.get("theme"))
    files = store.files(document.known_at) if store else iter(())
    wanted = (file for file in files if cases.wants_however_it_stands(case_line(file)))
    found = Published(reporting.report(wanted, document.period, document.known_at), document)
    if found.differing:
        complain(
            f"{path}: {how_many(found.differing, 'number')} in it differ from what the records give as of then."
            " They are taken as published; check that it is a report on these cases."
        )
    return found
