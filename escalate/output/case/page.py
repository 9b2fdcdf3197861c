"""The page of one case, and what a command that changed a case says."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.case.details import HOLD, IDENTITIES, TEXTS
from escalate.domain.case.model import Visit
from escalate.domain.deadlines.calls import passed_over
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import onward
from escalate.domain.deadlines.standing import Standing, standing
from escalate.domain.protocol.parts import NEXT_STEP, DatedEvent, Fact
from escalate.output.case.history import history_table
from escalate.output.case.lists import STYLES, holds, how_late, how_long, when_due, who
from escalate.output.case.outcome import still_to_do
from escalate.output.words import answer_in_words, full, inert, short, spoken_identity


def case_page(file: CaseFile, now: datetime, horizon: datetime, width: int) -> RenderableType:
    """A page to bring to a meeting: the case, its stages planned and actual, what is open, and its history."""
    case = file.case
    stage = file.protocol.stage(case.visit.route, case.visit.stage)
    parts: list[RenderableType] = [
        Text(f"{case.ref}  {case.status}, stage {stage.key}: {inert(stage.name)}", style="bold"),
        _header(file, now),
        Text("\nStages", style="bold"),
        _stages(file, now, horizon),
        Text("\nStill to do", style="bold"),
        still_to_do(file, now, horizon, width, None),
        *_done(file, now),
    ]
    reminders = _reminders(file)
    if reminders:
        listed = Table.grid(padding=(0, 1, 0, 0))
        for line in reminders:
            listed.add_row("-", Text(inert(line)))
        parts += [Text("\nTo keep in mind", style="bold"), listed]
    return Group(*parts, Text("\nHistory", style="bold"), history_table(case))


def _header(file: CaseFile, now: datetime) -> Table:
    case, protocol = file.case, file.protocol
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    held = {each.side: who(each) for each in case.holders(case.visit.occasion)}
    here = [line for line in file.deadlines if line.occasion == case.visit.occasion]
    caps = [each.due.at for line in here for each in line.limits if each.is_cap and each.due]
    cap = min(caps, default=None)
    asked: tuple[Fact | DatedEvent, ...] = (*protocol.facts, *protocol.dated_events)
    edition = "" if protocol.edition.dated == "undated" else f", edition {protocol.edition.dated}"
    rows = [
        ("Subject", case.subject),
        *[(heading, spoken_identity(name, case.said(name))) for name, heading in IDENTITIES.items()],
        ("Protocol", f"{protocol.partnership}: {protocol.title} ({protocol.id}{edition})"),
        ("Route", protocol.route(case.visit.route).name),
        ("Raised by", _side(case.raising_agency, held.get("raising"))),
        ("With", _side(case.receiving_agency, held.get("receiving"))),
        ("Involved", "; ".join(_side(agency, held.get(agency)) for agency in case.involved)),
        ("Themes", "; ".join(file.protocol.theme_name(theme) for theme in case.themes)),
        *[(heading, case.said(name)) for name, heading in TEXTS.items()],
        ("Legal hold", (case.said(HOLD) or "yes") if case.legal_hold else None),
        ("Concern", full(case.concern_at)),
        ("Raised", full(case.raised_at)),
        ("Whole process", f"by {full(cap)}" if cap else None),
        ("Resolved", full(case.resolved_at) if case.resolved_at else None),
        ("Facts", "; ".join(f"{key}: {answer_in_words(said)}" for key, said in sorted(case.answers.items())) or None),
        ("Not known", ", ".join(each.key for each in asked if each.key not in case.facts) or None),
        ("Erased", full(case.history[case.erased - 1].at) if case.erased else None),
        ("This page", f"as of {full(now)}"),
    ]
    for name, value in rows:
        if value:
            table.add_row(name, Text(inert(value)))
    return table


def _side(agency: str | None, held: str | None) -> str:
    """`Wye Valley NHS Trust (Named nurse)`: an agency, and who holds its side now."""
    return " ".join(part for part in (agency, f"({held})" if held else None) if part)


def _stages(file: CaseFile, now: datetime, horizon: datetime) -> Table:
    """Every stage the case has been at, with those skipped on the way, and those that may still come as they would fall."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Stage", no_wrap=True)
    for heading in ("", "Entered", "Due", "Standing"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Entered", "Due"))
    case = file.case
    for visit in case.visits:
        for stage, duties in passed_over(file.protocol, case, visit):
            asked = f"\nnot asked for: {', '.join(each.key for each in duties)}" if duties else ""
            table.add_row(stage.key, Text(f"{inert(stage.name)}{asked}"), "", "", "skipped", style="dim")
        name = Text(inert(file.protocol.stage(visit.route, visit.stage).name))
        for assigned in (each for each in case.assigned if each.visit == visit.number):
            name.append(f"\n{inert(holds(case.holder(assigned)))}", style="dim")
        closing = next((each for each in file.deadlines if each.occasion == visit.occasion and each.ends_stage), None)
        due = when_due(closing, now) if closing else ""
        table.add_row(
            visit.stage, name, short(visit.entered_at, now), due, _how_it_went(file, visit, closing, now, horizon)
        )
    for planned in onward(file, now):
        stage = planned.stage
        table.add_row(
            stage.key if stage.route == case.visit.route else f"{stage.route}:{stage.key}",
            inert(stage.name),
            short(planned.entered_at, now) if planned.dated else "",
            short(planned.ends_by, now) if planned.ends_by else "no date",
            "planned",
            style="dim",
        )
    return table


def _how_it_went(file: CaseFile, visit: Visit, closing: Deadline | None, now: datetime, horizon: datetime) -> Text:
    """How a stage stands, since when if it was met, and when it was left if that was another moment."""
    left = f"\nleft {short(visit.left_at, now)}" if visit.left_at else ""
    if closing is None:  # a stage left by withdrawing the case was not met
        return Text(f"withdrawn{left}")
    stands = standing(closing, now, horizon)
    running = stands in (Standing.OVERDUE, Standing.AT_RISK, Standing.ON_TRACK)
    length = f", {how_long(closing, file.calendar, now)}" if running else ""
    met = f" {short(closing.met_at, now)}" if closing.met_at else ""
    what = Text(f"{stands.value}{met}{length}", style=STYLES[stands])
    return what.append("" if visit.left_at == closing.met_at else left, style="not bold dim")


def _done(file: CaseFile, now: datetime) -> list[RenderableType]:
    """What was done beside ending a stage, and whether that was in time."""
    met = [each for each in file.deadlines if each.met_at and not each.ends_stage and each.action != NEXT_STEP]
    if not met:
        return []
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Stage", no_wrap=True)
    for heading in ("", "Done", "Due", "Standing"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Done", "Due"))
    for each in met:
        late = each.due_at is not None and each.met_at is not None and each.met_at > each.due_at
        what = Text(inert(each.action_name)).append(f"\n{each.action}", style="dim")
        stands = Text("met-late", style=STYLES[Standing.MET_LATE]) if late else Text("met")
        if late and each.met_at:
            stands.append(f", {how_late(each, file.calendar, each.met_at)}")
        stage = "" if each.at_any_stage else each.stage
        table.add_row(stage, what, short(each.met_at, now) if each.met_at else "", when_due(each, now), stands)
    return [Text("\nDone", style="bold"), table]


def _reminders(file: CaseFile) -> list[str]:
    if file.case.status != "open":
        return []
    stage = file.protocol.stage(file.case.visit.route, file.case.visit.stage)
    general = [each.text for each in file.protocol.reminders if each.when is None or each.when.holds(file.case.answers)]
    return [*stage.reminders, *general]
