"""The page of one case."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from escalate.domain.case.details import HOLD, IDENTITIES, TEXTS
from escalate.domain.case.model import Case, Stay
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.passed_over import passed_over
from escalate.domain.deadlines.plan import onward
from escalate.domain.deadlines.standing import Standing, how_it_ended, of_the_stage, standing
from escalate.domain.protocol.parts import NEXT_STEP, DatedEvent, Fact
from escalate.domain.worktime.clock import london_date
from escalate.output.case.calls import Duty, called_several_times, hangs_on, legend, which_call
from escalate.output.case.deadline import RUNNING, STYLES, how_late, how_long, when_due
from escalate.output.case.duties import still_to_do
from escalate.output.case.history import by_entry, history_table
from escalate.output.case.lists import holds, who
from escalate.output.case.questions import needed_first, safety_questions, same_holders, taken_for_granted
from escalate.output.case.readings import other_dates
from escalate.output.columns import EMPTY, Cell, Columns, Heading, Page, Piece, bullets, cell, named_lines
from escalate.output.words import (
    DAY_NOT_KNOWN,
    TYPED,
    Called,
    answer_in_words,
    full,
    in_full,
    inert,
    short,
    spoken_identity,
    when_it_began,
)

Rows = Iterator[tuple[str, str | None]]
"""What is known of a case, each under its name; None or nothing where it is not known."""


NOT_BOLD = "not bold dim"
"""The style of what stands faint below a standing, whatever the style of that is."""


def case_page(file: CaseFile, now: datetime, horizon: datetime, width: int, called: Called = TYPED) -> Page:
    """A page to bring to a meeting: the case, its stages planned and actual, what is open, and its history."""
    case = file.case
    stage = file.protocol.stage(case.stay.route, case.stay.stage)
    ended, done, reminders = _ended(file), _done_beside(file), _reminders(file)
    questions = safety_questions(file, called, "\n")
    otherwise = [each.sentence(now, called) for each in other_dates(_open_by_name(file, called))]
    return Page(
        [
            (f"{case.ref}  {case.status}, stage {stage.key}: {inert(stage.name)}", "bold"),
            named_lines((name, known) for name, known in _header(file, now, called) if known),
            *_section("Stages", _stages(file, now, horizon, called)),
            *_section("Still to do", *still_to_do(file, now, horizon, width, None, called).parts),
            *(_section("By other readings of the protocol", bullets(otherwise)) if otherwise else []),
            *(_section("Safety questions nobody has answered", bullets(questions)) if questions else []),
            *(_section("Missed and ceased", _ended_table(file, ended, now, called)) if ended else []),
            *((line, "dim") for line in legend({how_it_ended(each) for each in ended}, called)),
            *(_section("Done", _done_table(file, done, now, called)) if done else []),
            *(_section("To keep in mind", bullets(reminders)) if reminders else []),
            *_section("History", *history_table(file, called=called).parts),
        ]
    )


def _section(heading: str, *content: Piece | Columns) -> list[Piece | Columns]:
    return [EMPTY, Heading(heading), *content]


# -- what the case is about


def _header(file: CaseFile, now: datetime, called: Called) -> Rows:
    """What is known of the case: whom and what it is about, under which protocol, between whom, and when."""
    case = file.case
    yield "Subject", case.subject
    yield from ((heading, spoken_identity(name, case.said(name))) for name, heading in IDENTITIES.items())
    yield from _protocol(file, called)
    yield from _agencies(case, now)
    yield "Related", ", ".join(case.related)
    yield "Themes", "; ".join(file.protocol.theme_name(theme) for theme in case.themes)
    yield from ((heading, case.said(name)) for name, heading in TEXTS.items())
    yield "Legal hold", (case.said(HOLD) or "yes") if case.legal_hold else None
    yield from process_dates(file)
    yield from facts(file, now, called)
    yield "Erased", full(case.history[case.last_erasure - 1].at) if case.last_erasure else None
    yield "This page", f"as of {full(now)}"


def _protocol(file: CaseFile, called: Called) -> Rows:
    protocol = file.protocol
    edition = "" if protocol.edition.dated == "undated" else f"edition {protocol.edition.dated}"
    which = ", ".join(part for part in ("" if called.by_name else protocol.id, edition) if part)
    yield "Protocol", f"{protocol.partnership}: {protocol.title}{f' ({which})' if which else ''}"
    yield "Route", protocol.route(file.case.stay.route).name


def _agencies(case: Case, now: datetime) -> Rows:
    """The two sides and the other agencies, each with who holds its side now."""
    held = {each.side: who(each) for each in case.holders(case.stay.occasion, london_date(now))}
    yield "Raised by", _side(case.raising_agency, held.get("raising"))
    yield "With", _side(case.receiving_agency, held.get("receiving"))
    yield "Involved", "; ".join(_side(agency, held.get(agency)) for agency in case.involved)


def _side(agency: str | None, held: str | None) -> str:
    """`Wye Valley NHS Trust (Named nurse)`: an agency, and who holds its side now."""
    return " ".join(part for part in (agency, f"({held})" if held else None) if part)


def process_dates(file: CaseFile) -> Rows:
    """When the concern arose, when the case was raised, by when all of it is to be settled, and when it was."""
    case = file.case
    here = [each for each in file.deadlines if each.occasion == case.stay.occasion and each.ended_at is None]
    caps = [limit.due.at for deadline in here for limit in deadline.limits if limit.is_cap and limit.due]
    yield "Concern", when_it_began(case.concern_at)
    yield "Raised", full(case.raised_at)
    yield "Whole process", f"by {in_full(min(caps))}" if caps else None
    yield "Resolved", in_full(case.resolved_at) if case.resolved_at else None
    if case.status != "open" and case.closings[-1].undated:
        yield "Closed", DAY_NOT_KNOWN


def facts(file: CaseFile, now: datetime, called: Called = TYPED) -> Rows:
    """What the protocol asks about a case: the answers, and what has not been answered."""
    case, protocol = file.case, file.protocol
    asked: list[Fact | DatedEvent] = [*protocol.facts, *protocol.dated_events]
    yield (
        "Facts",
        "; ".join(f"{called.key(key)}: {answer_in_words(answer)}" for key, answer in sorted(case.answers.items())),
    )
    yield "Needed, not done", "; ".join(needed_first(file, called))
    yield "Needs somebody else", "; ".join(same_holders(file, now))
    yield "Taken for granted", "; ".join(taken_for_granted(file, called))
    unknown = [each for each in asked if each.key not in protocol.as_answered(case.answers)]
    yield (
        "Not known",
        " ".join(each.ask for each in unknown) if called.by_name else ", ".join(each.key for each in unknown),
    )


# -- its stages


def _stages(file: CaseFile, now: datetime, horizon: datetime, called: Called) -> Columns:
    """Every stage the case has been at, with those skipped on the way, and those that may still come as they would fall."""
    stages = _stages_table("Entered")
    for stay in file.case.stays:
        _add_skipped(stages, file, stay, called)
        _add_stay(stages, file, stay, now, horizon, called)
    _add_planned(stages, file, now)
    return stages


def _stages_table(when: str) -> Columns:
    """A table with a column for the stage, its name, when something happened, when it was due and how it stands."""
    return Columns("Stage", "", when, "Due", "Standing", whole=["Stage", when, "Due"], low=True)


def _faint(*texts: str) -> list[Cell]:
    """The cells of a row that is faint as a whole, each of one line."""
    return [[(inert(text), "dim")] for text in texts]


def _add_skipped(stages: Columns, file: CaseFile, stay: Stay, called: Called) -> None:
    """The stages skipped on the way to a stay, with what each would have asked for."""
    for stage, duties in passed_over(file.protocol, file.case, stay):
        key, name, *rest = _faint(stage.key, stage.name, "", "", "skipped")
        if duties:
            name.append(
                (f"not asked for: {', '.join(each.name if called.by_name else each.key for each in duties)}", "dim")
            )
        stages.add(key, name, *rest)


def _add_stay(stages: Columns, file: CaseFile, stay: Stay, now: datetime, horizon: datetime, called: Called) -> None:
    """A stay at a stage, with who held the sides, when it was due and how that went."""
    case = file.case
    holding = [holds(case.holder(assigned)) for assigned in case.assigned if assigned.stay == stay.number]
    name = cell(file.protocol.stage(stay.route, stay.stage).name, holding)
    closing = of_the_stage(file.deadlines, stay.occasion)
    due = when_due(closing, now) if closing else ""
    went = _how_it_went(file, stay, closing, now, horizon, called)
    stages.add(stay.stage, name, short(stay.entered_at, now), due, went)


def _how_it_went(
    file: CaseFile, stay: Stay, closing: Deadline | None, now: datetime, horizon: datetime, called: Called
) -> Cell:
    """How a stage stands, since when if it was met, and when it was left if that was another moment."""
    left_at = file.case.closed_at if stay is file.case.stay else stay.left_at
    left = f"left {short(left_at, now)}" if left_at else ""
    if closing is None:
        # A stage left by withdrawing the case was not met, and in one opened by mistake nothing is owed.
        return [(file.case.status, ""), *([(left, "")] if left else [])]
    stands = standing(closing, now, horizon)
    if closing.ended_at:
        withdrawn = "withdrawn, " if _was_withdrawn(file.case, stay) else ""
        return _stands(f"{withdrawn}{called.key(stands)}", stands, left)
    length = f", {how_long(closing, file.calendar, now)}" if stands in RUNNING else ""
    met = f" {short(closing.met_at, now)}" if closing.met_at else ""
    return _stands(f"{called.key(stands)}{met}{length}", stands, "" if left_at == closing.met_at else left)


def _stands(said: str, stands: Standing, below: str = "") -> Cell:
    """How something stands, in the style of that, and what stands faint below it."""
    first = (inert(said), STYLES[stands])
    return [first, (inert(below), f"{STYLES[stands]} {NOT_BOLD}".strip())] if below else [first]


def _was_withdrawn(case: Case, stay: Stay) -> bool:
    """Whether a stay ended with the case being withdrawn."""
    return any(each.stay == stay.number and each.status == "withdrawn" for each in case.closings)


def _add_planned(stages: Columns, file: CaseFile, now: datetime) -> None:
    """The stages that may still come, as they would fall."""
    route = file.case.stay.route
    for planned in onward(file, now):
        stage = planned.stage
        entered = ("" if planned.is_firm else "~") + short(planned.entered_at, now) if planned.is_dated else ""
        due = (
            ("~" if planned.closing.provisional else "") + short(planned.ends_by, now) if planned.ends_by else "no date"
        )
        stages.add(*_faint(stage.key_on(route), stage.name, entered, due, "planned"))


# -- what ended, what was done, and what to keep in mind


def _open_by_name(file: CaseFile, called: Called) -> Iterator[tuple[str, Deadline]]:
    """What is open, each with its stage and what it is called."""
    several = called_several_times(file.deadlines)
    for each in file.deadlines:
        if each.is_open:
            call = which_call(each, several)
            action = each.action_name if called.by_name else each.action
            name = action if each.at_any_stage else f"stage {each.stage}, {action}"
            yield f"{name}, {call}" if call else name, each


def _ended(file: CaseFile) -> list[Deadline]:
    """What ended otherwise than by being done, in the order in which it did."""
    ended = [(each.ended_at, each) for each in file.deadlines if each.ended_at]
    return [each for _, each in sorted(ended, key=lambda pair: pair[0])]


def _ended_table(file: CaseFile, ended: Sequence[Deadline], now: datetime, called: Called) -> Columns:
    """When each was due, when and by which entry it ended, and whether its time had run out by then."""
    made, several = _stages_table("Ended"), called_several_times(file.deadlines)
    for each in ended:
        assert each.ended_at is not None
        stands = how_it_ended(each)
        what = _stands(called.key(stands), stands, by_entry(each, file.case.history, called).strip())
        made.add(each.stage, _what(each, several, called), short(each.ended_at, now), when_due(each, now), what)
    return made


def _what(deadline: Deadline, several: Collection[Duty], called: Called) -> Cell:
    """What is to be done, with its key where that is typed, which call it is, and the questions it hangs on."""
    notes = [note for note in (which_call(deadline, several), hangs_on(deadline, called)) if note]
    below = ", ".join([*([] if called.by_name else [deadline.action]), *notes])
    return cell(deadline.action_name, below)


def _done_beside(file: CaseFile) -> list[Deadline]:
    """What was done beside ending a stage."""
    return [each for each in file.deadlines if each.met_at and not each.ends_stage and each.action != NEXT_STEP]


def _done_table(file: CaseFile, done: Sequence[Deadline], now: datetime, called: Called) -> Columns:
    """When each thing was done, and whether that was in time."""
    made, several = _stages_table("Done"), called_several_times(file.deadlines)
    for each in done:
        assert each.met_at is not None
        met = _how_it_was_met(file, each, each.met_at, called)
        made.add(each.stage, _what(each, several, called), short(each.met_at, now), when_due(each, now), met)
    return made


def _how_it_was_met(file: CaseFile, deadline: Deadline, met_at: datetime, called: Called) -> Cell:
    """`met`, or `met-late, 2 working days late`."""
    if deadline.due_at is None or met_at <= deadline.due_at:
        return cell("met")
    return _stands(f"{called.key(Standing.MET_LATE)}, {how_late(deadline, file.calendar, met_at)}", Standing.MET_LATE)


def _reminders(file: CaseFile) -> list[str]:
    """What the protocol says to keep in mind at the stage of an open case, and of any case like it."""
    if file.case.status != "open":
        return []
    stage = file.protocol.stage(file.case.stay.route, file.case.stay.stage)
    answers = file.protocol.as_answered(file.case.answers)
    general = [each.text for each in file.protocol.reminders if each.when is None or each.when.holds(answers)]
    return [*stage.reminders, *general]
