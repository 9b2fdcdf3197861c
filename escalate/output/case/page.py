"""The page of one case."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.case.details import HOLD, IDENTITIES, TEXTS
from escalate.domain.case.model import Case, Stay
from escalate.domain.deadlines.calls import passed_over
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import onward
from escalate.domain.deadlines.standing import Standing, standing
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.output.case.deadline import RUNNING, STYLES, how_late, how_long, when_due
from escalate.output.case.history import history_table
from escalate.output.case.lists import holds, who
from escalate.output.case.outcome import still_to_do
from escalate.output.tables import bullets, grid, table
from escalate.output.words import answer_in_words, full, inert, short, spoken_identity

Rows = Iterator[tuple[str, str | None]]
"""What is known of a case, each under its name; None or nothing where it is not known."""


def case_page(file: CaseFile, now: datetime, horizon: datetime, width: int) -> RenderableType:
    """A page to bring to a meeting: the case, its stages planned and actual, what is open, and its history."""
    case = file.case
    stage = file.protocol.stage(case.stay.route, case.stay.stage)
    done, reminders = _done_beside(file), _reminders(file)
    return Group(
        Text(f"{case.ref}  {case.status}, stage {stage.key}: {inert(stage.name)}", style="bold"),
        grid((name, known) for name, known in _header(file, now) if known),
        *_section("Stages", _stages(file, now, horizon)),
        *_section("Still to do", still_to_do(file, now, horizon, width, None)),
        *(_section("Done", _done_table(file, done, now)) if done else []),
        *(_section("To keep in mind", bullets(reminders)) if reminders else []),
        *_section("History", history_table(case)),
    )


def _section(heading: str, content: RenderableType) -> list[RenderableType]:
    return [Text(f"\n{heading}", style="bold"), content]


# -- what the case is about


def _header(file: CaseFile, now: datetime) -> Rows:
    """What is known of the case: whom and what it is about, under which protocol, between whom, and when."""
    case = file.case
    yield "Subject", case.subject
    yield from ((heading, spoken_identity(name, case.said(name))) for name, heading in IDENTITIES.items())
    yield from _protocol(file)
    yield from _agencies(case)
    yield "Themes", "; ".join(file.protocol.theme_name(theme) for theme in case.themes)
    yield from ((heading, case.said(name)) for name, heading in TEXTS.items())
    yield "Legal hold", (case.said(HOLD) or "yes") if case.legal_hold else None
    yield from _process_dates(file)
    yield from _facts(file)
    yield "Erased", full(case.history[case.last_erasure - 1].at) if case.last_erasure else None
    yield "This page", f"as of {full(now)}"


def _protocol(file: CaseFile) -> Rows:
    protocol = file.protocol
    edition = "" if protocol.edition.dated == "undated" else f", edition {protocol.edition.dated}"
    yield "Protocol", f"{protocol.partnership}: {protocol.title} ({protocol.id}{edition})"
    yield "Route", protocol.route(file.case.stay.route).name


def _agencies(case: Case) -> Rows:
    """The two sides and the other agencies, each with who holds its side now."""
    held = {each.side: who(each) for each in case.holders(case.stay.occasion)}
    yield "Raised by", _side(case.raising_agency, held.get("raising"))
    yield "With", _side(case.receiving_agency, held.get("receiving"))
    yield "Involved", "; ".join(_side(agency, held.get(agency)) for agency in case.involved)


def _side(agency: str | None, held: str | None) -> str:
    """`Wye Valley NHS Trust (Named nurse)`: an agency, and who holds its side now."""
    return " ".join(part for part in (agency, f"({held})" if held else None) if part)


def _process_dates(file: CaseFile) -> Rows:
    """When the concern arose, when the case was raised, by when all of it is to be settled, and when it was."""
    case = file.case
    here = [deadline for deadline in file.deadlines if deadline.occasion == case.stay.occasion]
    caps = [limit.due.at for deadline in here for limit in deadline.limits if limit.is_cap and limit.due]
    yield "Concern", full(case.concern_at)
    yield "Raised", full(case.raised_at)
    yield "Whole process", f"by {full(min(caps))}" if caps else None
    yield "Resolved", full(case.resolved_at) if case.resolved_at else None


def _facts(file: CaseFile) -> Rows:
    """What the protocol asks about a case: the answers, and what has not been answered."""
    case, protocol = file.case, file.protocol
    asked = [*(fact.key for fact in protocol.facts), *(event.key for event in protocol.dated_events)]
    yield "Facts", "; ".join(f"{key}: {answer_in_words(answer)}" for key, answer in sorted(case.answers.items()))
    yield "Not known", ", ".join(key for key in asked if key not in case.facts)


# -- its stages


def _stages(file: CaseFile, now: datetime, horizon: datetime) -> Table:
    """Every stage the case has been at, with those skipped on the way, and those that may still come as they would fall."""
    stages = _stages_table("Entered")
    for stay in file.case.stays:
        _add_skipped(stages, file, stay)
        _add_stay(stages, file, stay, now, horizon)
    _add_planned(stages, file, now)
    return stages


def _stages_table(when: str) -> Table:
    """A table with a column for the stage, its name, when something happened, when it was due and how it stands."""
    made = table()
    made.add_column("Stage", no_wrap=True)
    for heading in ("", when, "Due", "Standing"):
        made.add_column(heading, overflow="fold", no_wrap=heading in (when, "Due"))
    return made


def _add_skipped(stages: Table, file: CaseFile, stay: Stay) -> None:
    """The stages skipped on the way to a stay, with what each would have asked for."""
    for stage, duties in passed_over(file.protocol, file.case, stay):
        asked = f"\nnot asked for: {', '.join(each.key for each in duties)}" if duties else ""
        stages.add_row(stage.key, Text(f"{inert(stage.name)}{asked}"), "", "", "skipped", style="dim")


def _add_stay(stages: Table, file: CaseFile, stay: Stay, now: datetime, horizon: datetime) -> None:
    """A stay at a stage, with who held the sides, when it was due and how that went."""
    case = file.case
    name = Text(inert(file.protocol.stage(stay.route, stay.stage).name))
    for assigned in case.assigned:
        if assigned.stay == stay.number:
            name.append(f"\n{inert(holds(case.holder(assigned)))}", style="dim")
    closing = next((each for each in file.deadlines if each.occasion == stay.occasion and each.ends_stage), None)
    due = when_due(closing, now) if closing else ""
    went = _how_it_went(file, stay, closing, now, horizon)
    stages.add_row(stay.stage, name, short(stay.entered_at, now), due, went)


def _how_it_went(file: CaseFile, stay: Stay, closing: Deadline | None, now: datetime, horizon: datetime) -> Text:
    """How a stage stands, since when if it was met, and when it was left if that was another moment."""
    left = f"\nleft {short(stay.left_at, now)}" if stay.left_at else ""
    if (
        closing is None
    ):  # a stage left by withdrawing the case was not met, and in one opened by mistake nothing is owed
        return Text(f"{file.case.status}{left}")
    stands = standing(closing, now, horizon)
    length = f", {how_long(closing, file.calendar, now)}" if stands in RUNNING else ""
    met = f" {short(closing.met_at, now)}" if closing.met_at else ""
    what = Text(f"{stands.value}{met}{length}", style=STYLES[stands])
    return what.append("" if stay.left_at == closing.met_at else left, style="not bold dim")


def _add_planned(stages: Table, file: CaseFile, now: datetime) -> None:
    """The stages that may still come, as they would fall."""
    route = file.case.stay.route
    for planned in onward(file, now):
        stage = planned.stage
        entered = short(planned.entered_at, now) if planned.is_dated else ""
        due = short(planned.ends_by, now) if planned.ends_by else "no date"
        stages.add_row(stage.key_on(route), inert(stage.name), entered, due, "planned", style="dim")


# -- what was done, and what to keep in mind


def _done_beside(file: CaseFile) -> list[Deadline]:
    """What was done beside ending a stage."""
    return [each for each in file.deadlines if each.met_at and not each.ends_stage and each.action != NEXT_STEP]


def _done_table(file: CaseFile, done: Sequence[Deadline], now: datetime) -> Table:
    """When each thing was done, and whether that was in time."""
    made = _stages_table("Done")
    for each in done:
        assert each.met_at is not None
        what = Text(inert(each.action_name)).append(f"\n{each.action}", style="dim")
        stage = "" if each.at_any_stage else each.stage
        met = _how_it_was_met(file, each, each.met_at)
        made.add_row(stage, what, short(each.met_at, now), when_due(each, now), met)
    return made


def _how_it_was_met(file: CaseFile, deadline: Deadline, met_at: datetime) -> Text:
    """`met`, or `met-late, 2 working days late`."""
    if deadline.due_at is None or met_at <= deadline.due_at:
        return Text("met")
    late = Text(Standing.MET_LATE.value, style=STYLES[Standing.MET_LATE])
    return late.append(f", {how_late(deadline, file.calendar, met_at)}")


def _reminders(file: CaseFile) -> list[str]:
    """What the protocol says to keep in mind at the stage of an open case, and of any case like it."""
    if file.case.status != "open":
        return []
    stage = file.protocol.stage(file.case.stay.route, file.case.stay.stage)
    general = [each.text for each in file.protocol.reminders if each.when is None or each.when.holds(file.case.answers)]
    return [*stage.reminders, *general]
