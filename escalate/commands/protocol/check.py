"""Checking a protocol file."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.counted_on import calendar_of
from escalate.commands.shared.forms import template_problems
from escalate.commands.shared.options import Json, argument
from escalate.commands.shared.session import Session, session
from escalate.domain.authoring.ambiguous import doubtful
from escalate.domain.authoring.examples import Difference, played
from escalate.domain.authoring.review import review
from escalate.domain.authoring.template import MARK
from escalate.domain.deadlines.standing import standing
from escalate.domain.protocol.file import ID
from escalate.domain.worktime.clock import london_date
from escalate.errors import LONGEST_NAME, BrokenFile, cut
from escalate.output.terminal import complain, say, show, show_json
from escalate.storage.files.protocols import ProtocolFile, find_protocol, read_protocol_file, tree_of
from escalate.wording import how_many


def check(
    context: typer.Context,
    file: Annotated[str, argument("The protocol file to check, or the id of a protocol.", "FILE")],
    as_json: Json = False,
) -> None:
    """Example: escalate protocol check protocols/herefordshire.toml"""
    here = session(context)
    name = Path(file).name
    warnings: list[str] = []
    parting: list[Difference] = []
    size = ""
    marked = 0
    try:
        read = _protocol(here, file)
    except BrokenFile as broken:
        problems = list(broken.problems)
    else:
        name, protocol = read.name, read.protocol
        today = london_date(here.now)
        calendar = calendar_of(here, protocol)
        found = review(protocol, today) + doubtful(protocol, tree_of(read.text, read.bases), calendar, today)
        problems, warnings = (
            [cut(line) for line in read.located((each.place, each.sentence) for each in found if each.wrong is wrong)]
            for wrong in (True, False)
        )
        beside = here.settings.protocols if _is_an_id(file) else Path(file).parent
        problems += [f"{name}: {said}" for said in template_problems(here, protocol, beside)]
        parting = list(played(protocol, calendar)) if not problems else []
        problems += [cut(line) for line in read.located((each.place, each.sentence) for each in parting)]
        marks = _marked(read.text)
        marked = len(marks)
        if marks:
            said = f"{how_many(marked, 'place is', 'places are')} still marked {MARK}, the first in line {marks[0]}"
            warnings.append(f"{name}: {said}: make each your own, and take its remark out")
        numbers = {"route": protocol.routes, "stage": protocol.stages, "example": protocol.examples}
        size = ", ".join(how_many(len(things), name) for name, things in numbers.items() if things)
    if as_json:
        show_json({"file": name, "problems": problems, "warnings": warnings})
    else:
        complain(*problems)
        _show_proofs(parting)
        for warning in warnings:
            say(f"Warning: {warning}")
        if not problems:
            aside = f", {how_many(len(warnings), 'warning')}" if warnings else ""
            say(f"{name}: {'not finished' if marked else 'no problems'}{aside}; {size}.")
    if problems:
        raise typer.Exit(1)


def _show_proofs(parting: Sequence[Difference]) -> None:
    """Prove each date that differs from its example."""
    for each in parting:
        if each.file and each.deadline:
            from escalate.output.case.proof import proof_page  # loads Rich

            now = each.file.case.history[-1].recorded_at
            stands = standing(each.deadline, now, now)
            show("", proof_page(each.file, [(each.deadline, stands)], now))


def _protocol(here: Session, named: str) -> ProtocolFile:
    """The protocol of a file, or of an id that is no file here. Raises BrokenFile, Refused, UnknownName."""
    if _is_an_id(named):
        return find_protocol(named, here.settings.protocols)
    return read_protocol_file(Path(named), here.settings.protocols)


def _is_an_id(named: str) -> bool:
    """Whether somebody named a protocol by its id, and no file that is here."""
    return bool(re.fullmatch(rf"{ID}(@[0-9-]+)?", named)) and len(named) < LONGEST_NAME and not Path(named).exists()


def _marked(text: str) -> list[int]:
    """The numbers of the lines, from 1, with a remark that says to change something."""
    return [number for number, line in enumerate(text.splitlines(), 1) if f"# {MARK}" in line]
