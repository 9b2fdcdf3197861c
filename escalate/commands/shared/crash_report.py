"""What is done about an error that nobody foresaw: it is reported in a file, without anything that anybody typed."""

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from escalate import durable
from escalate.commands.shared.session import Session
from escalate.errors import EscalateError
from escalate.output.upkeep import crash_report


def saved_report(problem: Exception, words: Sequence[str], known: Collection[str]) -> str:
    """Save the report of an error, and say in a sentence where it is."""
    here = Session(None)
    try:
        at = here.now
    except EscalateError:  # what sets the present moment cannot be read, which is not what went wrong
        at = None
    report = crash_report.report(problem, words, known, at)
    what = f"Something went wrong inside escalate ({crash_report.kind(problem)})"
    for folder in _folders(here):
        try:
            durable.make_folder(folder)
            number, name = durable.begin_part(folder, "escalate-error-", ".txt")
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(report)
        except OSError:
            continue
        return (
            f"{what}. A report of it, without anything that was typed or recorded, was saved as {name}:"
            " pass it on to whoever looks after escalate."
        )
    return f"{what}, and no report of it could be saved. What was recorded before stands."


def _folders(here: Session) -> Iterator[Path]:
    """Where a report may go: beside the file with the cases, in this user's own folder where a server has them, or among the files that do not last."""
    with suppress(EscalateError):  # the settings cannot be read, or name no place
        yield here.settings.folder / "errors"
    yield Path(tempfile.gettempdir())
