"""The table of cases, whom and what cases are about, and the sentence that counts what is due."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from escalate.domain.case.people import Holder
from escalate.domain.deadlines.model import CaseLine
from escalate.domain.deadlines.standing import OverdueCount, RankedLine, Standing, count_overdue
from escalate.domain.worktime.clock import london_date, spoken_day
from escalate.output.case.deadline import when_due
from escalate.output.columns import Cell, Columns, Page, Piece, cell, indented
from escalate.output.terminal import CARD, WIDE
from escalate.output.words import days, inert, short
from escalate.wording import how_many


def cases_table(lines: Sequence[CaseLine], due: Mapping[str, RankedLine], now: datetime, width: int) -> Page:
    """A row for each case, with what is due next in it; `due` has that by the references of cases."""
    if width <= CARD:
        return Page([part for line in lines for part in _card(line, due.get(line.ref), now)])
    if width < WIDE:
        table = Columns("Case", "Protocol and stage", "Status, raised", "Due next", whole=["Case", "Status, raised"])
        for line in lines:
            where = cell(f"{line.protocol}, stage {line.stage}", sides(line))
            status = cell(line.status, short(line.raised_at, now))
            table.add(cell(line.ref, references(line)), where, status, _next(due.get(line.ref), now))
        return Page([table])
    table = Columns(
        "Case",
        "Subject",
        "Protocol",
        "Stage",
        "Status",
        "Raised",
        "At this stage since",
        "From",
        "To",
        "Due next",
        whole=["Case", "Protocol", "Status", "Raised", "Due next"],
    )
    for line in lines:
        table.add(
            line.ref, cell(line.subject or "-", names(line)), line.protocol, f"{line.stage}  {line.stage_name}", line.status,
            short(line.raised_at, now), short(line.entered_at, now), line.raising_agency or "-", line.receiving_agency or "-",
            _next(due.get(line.ref), now),
        )  # fmt: skip
    return Page([table])


def _card(line: CaseLine, due: RankedLine | None, now: datetime) -> list[Piece | Columns]:
    """Each thing on a line of its own, for a narrow terminal."""
    said = [
        f"{line.protocol}, stage {line.stage}: {line.stage_name}",
        sides(line),
        f"{line.status}, raised {short(line.raised_at, now)}",
        f"due next: {', '.join(text for text, _ in _next(due, now))}" if due else None,
    ]
    return [
        ("  ".join(inert(each) for each in (line.ref, *references(line))), "bold"),
        indented((each, "") for each in said if each),
    ]


def _next(due: RankedLine | None, now: datetime) -> Cell:
    """When something is due, and below that what it is, and whether that is over; a dash where nothing is."""
    if due is None:
        return cell(None)
    overdue = ", overdue" if due.counts_as_overdue else ""
    first = "safety first: " if due.deadline.comes_first else ""
    return cell(when_due(due.deadline, now), f"{first}{due.deadline.action}{overdue}", "bold red" if overdue else "")


def holds(holder: Holder) -> str:
    """`raising: Jo Bell, Team manager, jo.bell@council.example`, as far as it is here."""
    return f"{holder.side}: {who(holder)}"


def who(holder: Holder) -> str:
    """`Jo Bell, Team manager, jo.bell@council.example`, as far as it is here, and on which days; where it was erased, on which day."""
    known = [part for part in (holder.name, holder.role, holder.email, holder.phone) if part]
    on_days = _on_days(holder)
    if known:
        return ", ".join([*known, *on_days])
    if holder.erased_at:
        return ", ".join([f"erased {spoken_day(london_date(holder.erased_at))}", *on_days])
    return f"{' '.join(['somebody', *on_days])}: see --identify"


def _on_days(holder: Holder) -> list[str]:
    """`for Jo Bell until Mon 4 Jan 2027`, of somebody who holds a side on some days alone."""
    if holder.stands_in_for:
        return [f"for {holder.stands_in_for} {days(None, holder.until)}"]
    return [said] if (said := days(holder.since, holder.until)) else []


def names(line: CaseLine) -> list[str]:
    """The name of the person, where it was asked for; the page of the case has the rest."""
    return [line.identity["name"]] if "name" in line.identity else []


def references(line: CaseLine) -> list[str]:
    """Whom a case is about: the reference, and the name where it was asked for."""
    return [*([line.subject] if line.subject else []), *names(line)]


def held(line: RankedLine) -> list[str]:
    """Who holds the sides, where names were asked for."""
    return [holds(each) for each in line.holders if each.name or each.email or each.phone]


def sides(line: CaseLine) -> str | None:
    """`Hull City Council to ?`: the agencies on the two sides, if either is known."""
    return between(line.raising_agency, line.receiving_agency)


def between(raising: str | None, receiving: str | None) -> str | None:
    """The same of the agencies by themselves."""
    return f"{raising or '?'} to {receiving or '?'}" if raising or receiving else None


def due_summary(lines: Sequence[RankedLine]) -> str:
    """`8 deadlines in 5 cases. 1 safety first, 2 overdue (1 safety first), 1 at risk, 4 others.`: every line once, what counts as overdue as that.

    What is counted is said where a case has more than one: headings may count cases.
    """
    overdue = count_overdue(lines)
    rest = [line for line in lines if not line.counts_as_overdue]
    first = sum(line.deadline.comes_first for line in rest)
    at_risk = sum(line.shown_under is Standing.AT_RISK and not line.deadline.comes_first for line in rest)
    parts = [f"{first} safety first"] if first else []
    parts += (
        [overdue_in_words(overdue)] if overdue.all or not first else []
    )  # what is to be done at once is no "0 overdue"
    parts += [f"{at_risk} at risk", how_many(len(rest) - first - at_risk, "other")]
    cases = len({line.case.ref for line in lines})
    counted = f"{how_many(len(lines), 'deadline')} in {how_many(cases, 'case')}. " if cases != len(lines) else ""
    return f"{counted}{', '.join(parts)}."


def overdue_in_words(overdue: OverdueCount, *more: str) -> str:
    """`3 overdue (1 safety first, 1 past a limit further up)`, with whatever more there is to say of them."""
    parts = [
        f"{overdue.safety_first} safety first" if overdue.safety_first else "",
        f"{overdue.past_a_limit} past a limit further up" if overdue.past_a_limit else "",
        *more,
    ]
    said = ", ".join(part for part in parts if part)
    return f"{overdue.all} overdue{f' ({said})' if said else ''}"
