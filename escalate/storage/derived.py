"""What the derived tables have to say of a case. Lists read them without loading this, and what works deadlines out."""

from collections.abc import Mapping
from typing import NamedTuple

from escalate.domain.deadlines.case_file import CaseFile, case_line
from escalate.domain.worktime.clock import written
from escalate.storage.rows import DEADLINE_FIELDS, as_json, deadline_values, written_or_none


class Derived(NamedTuple):
    """Rows of a derived table: its name, the columns, and what stands in them."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


def derived_rows(ref: str, file: CaseFile, edition_id: int, entry_ids: Mapping[int, int]) -> list[Derived]:
    """What the derived tables have to say of a case under its reference; `entry_ids` are those of its entries, by their numbers in it."""
    case, line = file.case, case_line(file)
    cases: dict[str, object] = {
        "ref": ref,
        "number": int(ref[1:]),
        "protocol": line.protocol,
        "edition": line.edition,
        "edition_id": edition_id,
        "calendar": line.calendar,
        "route": line.route,
        "stage": line.stage,
        "stage_name": line.stage_name,
        "status": line.status,
        "subject": line.subject,
        "raising_agency": line.raising_agency,
        "receiving_agency": line.receiving_agency,
        "concern_at": written(line.concern_at),
        "raised_at": written(line.raised_at),
        "entered_at": written(line.entered_at),
        "resolved_at": written_or_none(case.resolved_at),
        "facts": as_json(line.facts),
        "involved": as_json(line.involved),
        "themes": as_json(line.themes),
    }
    holders: list[tuple[object, ...]] = [
        (ref, occasion.number, n, assigned.side, entry_ids[assigned.entry])
        for occasion in dict.fromkeys(deadline.occasion for deadline in file.deadlines)
        for n, assigned in enumerate(case.assigned_on(occasion), 1)
    ]
    return [
        Derived("cases", tuple(cases), [tuple(cases.values())]),
        Derived(
            "deadline",
            ("case_ref", "n", *DEADLINE_FIELDS),
            [(ref, n, *deadline_values(each)) for n, each in enumerate(file.deadlines, 1)],
        ),
        Derived("holder", ("case_ref", "visit", "n", "side", "entry_id"), holders),
        Derived(
            "told",
            ("case_ref", "field", "entry_id"),
            [(ref, name, entry_ids[seq]) for name, seq in case.said_in.items()],
        ),
    ]
