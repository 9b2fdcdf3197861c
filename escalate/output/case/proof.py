"""The proof of a deadline: what it counts from, every day counted or skipped and why, and which timescale won."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.case.entries import CORRECTED, Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline, Limit
from escalate.domain.deadlines.standing import Standing
from escalate.domain.protocol.anchors import ANCHORS
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken, spoken_day
from escalate.domain.worktime.counting import runs_out
from escalate.domain.worktime.due import ActBy, Due
from escalate.domain.worktime.local_calendar import WEEKDAYS
from escalate.domain.worktime.proof import Step, steps
from escalate.output.case.lists import STYLES, how_long
from escalate.output.case.sentences import sentence
from escalate.output.words import full, inert


def proof_page(file: CaseFile, deadline: Deadline, stands: Standing, now: datetime) -> RenderableType:
    """Why a deadline of a case is what it is."""
    title = Text(
        f"{file.case.ref}, stage {deadline.stage}: {inert(deadline.action_name)} ({deadline.action})", style="bold"
    )
    parts: list[RenderableType] = [title, _outcome(file, deadline, stands, now)]
    won = deadline.decided_by
    if won is None:
        agree = f"escalate agree {file.case.ref} WHEN --action {deadline.action}"
        parts.append(
            Text(
                f"\nThe protocol gives this no time limit, as things stand [{inert(deadline.cite or '')}]. Agree a date: {agree}."
            )
        )
    elif deadline.stopped_since:
        stopped = f"Its clock has stood still since {spoken(deadline.stopped_since)}"
        parts.append(
            Text(f"\n{stopped}: it runs on when what stopped it is over, escalate set {file.case.ref} says so.")
        )
        parts.append(_rule(file, won))
    elif won.due is None:
        parts.append(Text(f"\nIts time has not begun: {_not_yet(file, won)}."))
        parts.append(_rule(file, won))
    else:
        parts += [_rule(file, won), *_days(won, _calendar(file, deadline))]
    if deadline.ahead_at:
        ahead = f"{deadline.ahead_of} runs until {spoken(deadline.ahead_at)}, which comes before this"
        parts.append(Text(f"\nFurther up: {ahead}."))
    others = deadline.limits[1:]
    if others:
        own = [each.due.at for each in others if each.within and not each.is_cap and each.due]
        later = won is not None and won.due is not None and any(at < won.due.at for at in own)
        counts = "the later of its own counts" if later else "the earliest counts"
        parts.append(Text(f"\nAlso considered; {counts}", style="bold"))
        parts += [Text(f"- {inert(_other(each))}") for each in others]
    return Group(*parts)


def proof_document(file: CaseFile, deadline: Deadline, stands: Standing) -> dict[str, object]:
    """`explain --json`: the same as plain values."""
    from escalate.output.case.rows import instant

    return {
        "case": file.case.ref,
        "stage": deadline.stage,
        "action": deadline.action,
        "standing": stands.value,
        "due_at": instant(deadline.due_at),
        "act_by": instant(deadline.act_by),
        "met_at": instant(deadline.met_at),
        "provisional": deadline.provisional,
        "calendar": file.calendar.title,
        "calendar_source": file.calendar.source,
        "counted": [
            {
                "within": str(each.within) if each.within else None,
                "counts_from": str(each.anchor),
                "since": instant(each.since),
                "entry": each.entry,
                "due_at": instant(each.due.at) if each.due else None,
                "target_at": instant(each.target_at),
                "provisional": each.provisional,
                "is_cap": each.is_cap,
                "backward": each.backward,
                "repeats": each.repeats,
                "stops": [{"from": instant(begins), "to": instant(ends)} for begins, ends in each.stops],
                "extended_to": instant(each.extended_to),
                "cite": each.cite,
                "reading": each.reading,
                "when": each.when,
                "steps": [
                    {"on": step.on.isoformat(), "count": step.count, "why": step.why or None}
                    for step in _steps(each, _calendar(file, deadline))
                ],
            }
            for each in deadline.limits
        ],
    }


def _calendar(file: CaseFile, deadline: Deadline) -> Calendar:
    """The calendar a deadline was counted on: as it is now, or as it was when it was judged."""
    if deadline.judged_until is None:
        return file.calendar
    return file.calendar.as_known(deadline.judged_until - timedelta(seconds=1))


def calc_page(
    start: datetime,
    allowance: Allowance,
    calendar: Calendar,
    due: Due,
    target: Due | None,
    act: ActBy,
    counted: Sequence[Step],
) -> RenderableType:
    """A date worked out, and every day on the way."""
    grid = _grid()
    grid.add_row("From", spoken(start))
    grid.add_row("Allowed", str(allowance))
    if target:
        grid.add_row("Target", spoken(target.at))
    grid.add_row("Due", Text(spoken(due.at) + (_BEYOND if due.provisional else ""), style="bold"))
    grid.add_row("Act by", _act_by(act))
    grid.add_row("Calendar", f"{calendar.title} ({calendar.source})")
    return Group(grid, Text(), _steps_table(counted, allowance))


_BEYOND = "  (provisional: beyond the bank holidays published so far)"


def _outcome(file: CaseFile, deadline: Deadline, stands: Standing, now: datetime) -> Table:
    grid = _grid()
    length = (
        f": {how_long(deadline, file.calendar, now)}"
        if stands in (Standing.OVERDUE, Standing.AT_RISK, Standing.ON_TRACK)
        else ""
    )
    grid.add_row("Standing", Text(f"{stands.value}{length}", style=STYLES[stands]))
    if deadline.met_at:
        grid.add_row("Met", spoken(deadline.met_at))
    if deadline.due_at and deadline.act_by:
        if deadline.target_at:
            grid.add_row("Target", spoken(deadline.target_at))
        grid.add_row("Due", Text(spoken(deadline.due_at), style="bold"))
        grid.add_row("Act by", _act_by(ActBy(deadline.act_by, deadline.outside_hours)))
    if deadline.judged_until:
        grid.add_row("Judged", f"by what held until {spoken(deadline.judged_until)}, and it keeps that verdict")
    if deadline.provisional:
        beyond = deadline.limits[0].due is not None and deadline.limits[0].due.provisional
        grid.add_row(
            "Provisional",
            "beyond the bank holidays published so far, or the terms that are known"
            if beyond
            else "counted from what it falls back on, until the moment itself is recorded",
        )
    return grid


def _rule(file: CaseFile, won: Limit) -> Table:
    grid = _grid()
    grid.add_row("", "")
    if won.within:
        grid.add_row("Allowed", Text(inert(_allowed(won))))
        if won.extended_to and won.since and won.extendable_to:
            most = runs_out(won.since, won.extendable_to, file.calendar, won.stops)
            until = f", which may be {spoken(most.at)} at most" if most else ""
            grid.add_row("Extended", f"by agreement to {spoken(won.extended_to)}{until}")
        for begins, ends in won.stops:
            grid.add_row("Stopped", f"from {spoken(begins)} {f'to {spoken(ends)}' if ends else 'on, and it still is'}")
        grid.add_row("Written in", Text(inert(won.cite)))
    else:
        grid.add_row("Allowed", "until the date the two sides agreed")
    if won.reading:
        grid.add_row("Read as", Text(inert(won.reading)))
    entry = next((entry for entry in file.case.history if entry.seq == won.entry), None)
    if won.since and entry:
        heading = "Counts back" if won.backward else "Counts from"
        grid.add_row(heading, Text(f"{spoken(won.since)}, which is in {inert(_recorded(file, entry))}"))
    calendar = file.calendar.counting(won.within.days_of) if won.within else file.calendar
    published, opens, closes = calendar.published_to, calendar.opens, calendar.closes
    known = f"bank holidays published to {published.day} {published:%B %Y} ({calendar.source})"
    grid.add_row(
        "Calendar", f"{calendar.title}, {known}, working hours {opens:%H:%M} to {closes:%H:%M}{_other_hours(calendar)}"
    )
    return grid


def _other_hours(calendar: Calendar) -> str:
    """`, Friday to 16:30`: the days of the week with hours of their own."""
    usual = (calendar.opens, calendar.closes)
    days = [(WEEKDAYS[day].capitalize(), calendar.hours_of(day)) for day in calendar.week]
    return "".join(
        f", {day} {opens:%H:%M} to {closes:%H:%M}" for day, (opens, closes) in days if (opens, closes) != usual
    )


def _allowed(counted: Limit) -> str:
    """`3 days from entry to the stage, because severity is high`."""
    because = f", because {counted.when}" if counted.when else ""
    whole = " (the limit on the whole process)" if counted.is_cap else ""
    most = f", extendable to {counted.extendable_to}" if counted.extendable_to else ""
    so_long = f"at least {counted.within} before" if counted.backward else f"{counted.within} from"
    every = "every " if counted.repeats else ""
    return f"{every}{so_long} {_anchor(counted)}{most}{because}{whole}"


def _anchor(counted: Limit) -> str:
    """What a time counts from, in words."""
    anchor = counted.anchor
    if anchor.kind == "overdue":
        return f"the time for {anchor.key} having run out"
    return ANCHORS.get(anchor.kind, str(anchor))


def _not_yet(file: CaseFile, waiting: Limit) -> str:
    """What has to happen before a time begins, and how that is recorded."""
    if waiting.anchor.kind != "action":
        return f"it counts from {_anchor(waiting)}, which has not come yet"
    asked = file.protocol.dated_event(waiting.anchor.key)
    if asked:
        return f"{asked.ask} When that is known, escalate set {file.case.ref} {asked.key}=WHEN"
    return f'it counts from "{waiting.anchor}"; when that has happened, escalate done {file.case.ref} {waiting.anchor}'


def _recorded(file: CaseFile, entry: Entry) -> str:
    corrections = [
        each.seq for each in file.case.history if each.kind == CORRECTED and each.data["corrects"] == entry.seq
    ]
    standing = [seq for seq in corrections if seq not in file.case.undone]
    corrected = f", its time corrected in entry {standing[-1]}" if standing else ""
    return f"entry {entry.seq}: {sentence(entry)} (recorded {full(entry.recorded_at)} by {entry.by}{corrected})"


def _days(won: Limit, calendar: Calendar) -> list[RenderableType]:
    counted = _steps(won, calendar)
    return [Text(), _steps_table(counted, won.within)] if counted and won.within else []


def _steps(counted: Limit, calendar: Calendar) -> list[Step]:
    if counted.within is None or counted.since is None:
        return []
    return list(steps(counted.since, counted.within, calendar, counted.stops, backward=counted.backward))


def _steps_table(counted: Sequence[Step], allowance: Allowance) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Day")
    table.add_column(f"{allowance.day_name}s" if allowance.limit else "Limit", justify="right")
    table.add_column("")
    for step in counted:
        number = "-" if step.count is None else str(step.count)
        style = "dim" if step.count is None else ""
        table.add_row(
            spoken_day(step.on),
            number,
            Text(inert(f"skipped: {step.why}" if step.count is None else step.why)),
            style=style,
        )
    return table


def _other(each: Limit) -> str:
    when = full(each.due.at) if each.due else "not dated yet"
    return f"{when}: {_allowed(each)} [{each.cite}]" if each.within else f"{when}: the date the two sides agreed"


def _act_by(act: ActBy) -> str:
    return f"{spoken(act.at)}" + ("  (the whole time lies outside working hours)" if act.outside_hours else "")


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True, min_width=11)
    grid.add_column(overflow="fold")
    return grid
