"""The agencies that cases name."""

from collections.abc import Sequence
from typing import Any

from escalate.domain.recording.agencies import AgencyNamed
from escalate.output.columns import EMPTY, Columns, Page, Piece
from escalate.output.words import inert
from escalate.wording import how_many


def agencies_page(agencies: Sequence[AgencyNamed], alike: Sequence[Sequence[str]]) -> Page:
    """Every agency with how many cases name it as what, and the names that may be spellings of one."""
    if not agencies:
        return Page([("No case names an agency.", "")])
    table = Columns("Agency", "Raised", "Raised with", "Involved")
    for each in agencies:
        table.add(each.name, str(each.raising or ""), str(each.receiving or ""), str(each.involved or ""))
    return Page([table, *alike_parts(alike)])


def alike_parts(alike: Sequence[Sequence[str]]) -> list[Piece | Columns]:
    """The names that may be spellings of one agency, and how to give them one name."""
    if not alike:
        return []
    named = [(inert("; ".join(f'"{name}"' for name in group)), "") for group in alike]
    how = "If they are one agency, give them one name: escalate agency join NAME NAME --into NAME. Nothing is joined automatically."
    return [EMPTY, ("Spelled much alike", "bold"), *named, (how, "")]


def agencies_document(agencies: Sequence[AgencyNamed], alike: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The same as JSON."""
    return {"agencies": [each._asdict() for each in agencies], "alike": [list(group) for group in alike]}


def joined_page(names: Sequence[str], into: str, refs: Sequence[str], dry_run: bool) -> Page:
    """In which cases agencies got another name."""
    would = "would be " if dry_run else "is now "
    old = ", ".join(f'"{name}"' for name in names)
    parts: list[Piece | Columns] = [
        (inert(f'{old} {would}"{into}" in {how_many(len(refs), "case")}: {", ".join(refs)}.'), "")
    ]
    if dry_run:
        parts.append(("Nothing was written.", ""))
    return Page(parts)
