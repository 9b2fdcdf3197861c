"""Showing the history of a case."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer

from escalate.commands.shared.filters import has
from escalate.commands.shared.looking import LookAsked, look_asked
from escalate.commands.shared.options import AsOf, Case, Force, Identify, Json, LookReason, NoPager, ToPage, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import case_read
from escalate.domain.case.entries import KINDS, LogLine
from escalate.domain.deadlines.case_file import CaseFile
from escalate.errors import BadInput, listed
from escalate.output.terminal import paged, say, show, show_json


class _Wanted(NamedTuple):
    """Which entries are wanted."""

    kinds: Sequence[str]
    """Of which kinds; of all, if none is named."""
    since: str | None
    """From when on, as it was typed."""
    by: str | None
    """Whose, or a part of that."""

    @property
    def in_words(self) -> str:
        """`kind noted, since "1 Nov"`: what was asked for; nothing where all of them are wanted."""
        kinds = f"kind {listed(self.kinds, 'or')}" if self.kinds else ""
        since = f'since "{self.since}"' if self.since else ""
        return ", ".join(part for part in (kinds, since, f"by {self.by}" if self.by else "") if part)


def log(
    context: typer.Context,
    case: Case,
    kinds: Annotated[
        list[str] | None, option("--kind", "KIND", "Only entries of this kind: noted, done, advanced ...")
    ] = None,
    since: Annotated[str | None, option("--since", "WHEN", "Only what happened then or later.")] = None,
    by: Annotated[str | None, option("--by", "NAME", "Only what this person recorded; a part will do.")] = None,
    as_of: AsOf = None,
    identify: Identify = False,
    reason: LookReason = None,
    to_file: ToPage = None,
    force: Force = False,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Example: escalate log 7 --kind noted --since "1 Nov 2026" """
    here = session(context)
    _refuse_unknown(kinds or ())
    look = look_asked(here, "log", identify=identify, reason=reason, as_of=as_of)
    wanted = _Wanted(kinds or (), since, by)
    if to_file is not None or force:
        _write(here, case, as_of, look, wanted, to_file, force=force, as_json=as_json)
        return
    file, lines = _read(here, case, as_of, look, wanted)
    here.echo(as_json)
    if as_json:
        from escalate.output.case.documents import entry_document  # a page does without it

        show_json([entry_document(line, file.deadlines) for line in lines])
    elif lines:
        from escalate.output.case.history import history_table  # a document does without it

        with paged(not no_pager):
            show(history_table(file, lines))
    else:
        say(f"No such entries among the {len(file.case.history)} of {file.case.ref}.")


def _read(
    here: Session, case: str, as_of: str | None, look: LookAsked, wanted: _Wanted
) -> tuple[CaseFile, list[LogLine]]:
    """The case, and those of its entries that are wanted. Raises BadWhen, Refused."""
    known_at = here.as_of(as_of) if as_of else None
    from_when = here.past(wanted.since) if wanted.since else None
    file = case_read(here, case, known_at, look)
    return file, [
        line
        for line in file.case.log
        if (not wanted.kinds or line.entry.kind in wanted.kinds)
        and (from_when is None or line.happened_at >= from_when)
        and has(wanted.by, line.entry.by)
    ]


def _write(
    here: Session,
    case: str,
    as_of: str | None,
    look: LookAsked,
    wanted: _Wanted,
    to_file: str | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Write the history into a file. Raises BadInput, Refused."""
    from escalate.commands.shared.written import PAGE, written  # a look does without all of this
    from escalate.output.case.documents import entry_document
    from escalate.output.paper.case import log_paper
    from escalate.output.paper.formats import in_format

    with written(here, to_file, PAGE, force=force, as_json=as_json) as into:
        file, lines = _read(here, case, as_of, look, wanted)
        at = here.as_of(as_of)
        here.echo(as_json=True)
        into.file.writelines(
            in_format(
                into.format,
                lambda: log_paper(file, lines, at, wanted.in_words, identify=look.identify),
                lambda: [entry_document(line, file.deadlines) for line in lines],
            )
        )


def _refuse_unknown(kinds: Sequence[str]) -> None:
    """Refuse what is not a kind of entry. Raises BadInput."""
    for kind in kinds:
        if kind not in KINDS:
            raise BadInput(f'"{kind}" is not a kind of entry: say {listed(KINDS, "or")}.')
