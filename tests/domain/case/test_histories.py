"""Whatever is done to a case, in any order: the derived tables equal a rebuild, undo restores, and nothing is ever gone.

Half of the cases are kept under the protocols that come with escalate, half under protocols nobody would write.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from escalate.domain.case import entries as kinds
from escalate.domain.case.details import is_instant
from escalate.domain.case.entries import Entry, effective
from escalate.domain.case.model import Case
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, case_file
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP, Action
from escalate.domain.recording.acts import agree, assign, done, note
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.closing import reopen, resolve, withdraw
from escalate.domain.recording.corrections import correct, undo
from escalate.domain.recording.details import Details, called_for_by, set_details
from escalate.domain.recording.opening import open_case
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import read_instant, written
from escalate.errors import BeyondCalendar, EscalateError, Refused, UnknownName
from escalate.output.case.history import history_table
from escalate.storage.files.protocols import ProtocolFile, all_protocols, parse_protocol, shipped_folder
from escalate.storage.store import Store, open_store
from tests.calendars import NATIONS, at
from tests.connections import connection_of
from tests.random_protocols import protocols
from tests.sizes import size

SHIPPED, _ = all_protocols(shipped_folder())
RANDOM = "random.toml"
START = at("2026-12-21 10:00")

Decide = Callable[[CaseFile, Recording, int], Entry]


def _note(file: CaseFile, recording: Recording, pick: int) -> Entry:
    return note(file.case, recording, f"remark {pick}, no. {len(file.case.history)}")


def _done(file: CaseFile, recording: Recording, pick: int) -> Entry:
    known = [each for each in file.deadlines if each.action != NEXT_STEP and (each.is_open or pick % 5 == 0)]
    actions = sorted({each.action for each in known})
    if not actions:
        return _note(file, recording, pick)
    action = actions[pick % len(actions)]
    call = next(each.call for each in reversed(known) if each.action == action) if pick % 7 == 0 else None
    return done(file.protocol, file.case, file.calendar, recording, action, call=call)


def _agree(file: CaseFile, recording: Recording, pick: int) -> Entry:
    still_open: list[Deadline | None] = [None, *(each for each in file.deadlines if each.is_open)]
    until = recording.at + timedelta(hours=1 + pick)
    deadline = still_open[pick % len(still_open)]
    action = deadline.action if deadline else None
    call = deadline.call if deadline and pick % 7 == 0 else None
    reason = "both asked" if pick % 3 else None
    return agree(file.protocol, file.case, file.calendar, recording, until, action, reason, call)


def _assign(file: CaseFile, recording: Recording, pick: int) -> Entry:
    return assign(file.case, recording, ("raising", "receiving")[pick % 2], f"Name {pick}", f"Role {pick}")


def _advance(file: CaseFile, recording: Recording, pick: int) -> Entry:
    here = file.protocol.stage(file.case.stay.route, file.case.stay.stage)
    above = [f"{route}:{stage}" for route, stage in file.protocol.ladders.reachable(here)]
    to = above[pick % len(above) if pick % 3 == 0 else 0] if above else None
    return advance(file.protocol, file.case, recording, to)


def _set(file: CaseFile, recording: Recording, pick: int) -> Entry:
    facts = {fact.key: fact.answers[pick % len(fact.answers)] for fact in file.protocol.facts}
    when = written(recording.at + timedelta(hours=pick * 7 - 300)) if pick % 4 else "unknown"
    facts |= {moment.key: when for moment in file.protocol.dated_events}
    known = dict(list(facts.items())[pick % len(facts) :][:2]) if facts and pick % 7 else {}
    concern = None if known else file.case.raised_at - timedelta(hours=pick)
    details = Details(subject=f"M-{pick}", themes=("x",), words={"about": f"about {pick}"})
    again = pick % 6 == 0 and bool(called_for_by(file.protocol, file.case, known))
    return set_details(file.protocol, file.case, recording, known, details, concern_at=concern, again=again)


def _undo(file: CaseFile, recording: Recording, pick: int) -> Entry:
    return undo(file, recording, pick % len(file.case.history) + 1 if pick % 3 else None)


def _correct(file: CaseFile, recording: Recording, pick: int) -> Entry:
    target = file.case.history[pick % len(file.case.history)]
    return correct(file, recording, target.recorded_at - timedelta(hours=pick // 8), target.seq)


CHOICES: dict[str, tuple[int, Decide]] = {
    "note": (1, _note),
    "done": (5, _done),
    "agree": (2, _agree),
    "advance": (5, _advance),
    "resolve": (1, lambda file, recording, _: resolve(file.case, recording)),
    "withdraw": (1, lambda file, recording, _: withdraw(file.case, recording)),
    "reopen": (2, lambda file, recording, _: reopen(file.case, recording)),
    "assign": (1, _assign),
    "set": (3, _set),
    "undo": (2, _undo),
    "correct": (2, _correct),
}
"""What may be done, and how often as against the rest."""

choices = st.sampled_from([choice for choice, (often, _) in CHOICES.items() for _ in range(often)])
hours = st.sampled_from((0, 0, 1, 5, 20, 30, 72, 400))
hours_ago = st.sampled_from((0, 0, 0, 0, 1, 30))
step = st.tuples(choices, st.integers(0, 200), hours, hours_ago)
steps = st.integers(1, 30).flatmap(lambda so_many: st.lists(step, min_size=so_many, max_size=so_many))


class Drawn(ProtocolFile):
    """A protocol file; a failing test names it where it would print it, for its text fills pages."""

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(self.name)


@st.composite
def _files(draw: st.DrawFn) -> ProtocolFile:
    if draw(st.booleans()):
        text = draw(protocols())
        return Drawn(parse_protocol(text, RANDOM), text, RANDOM)
    shipped = SHIPPED[draw(st.integers(0, len(SHIPPED) - 1))]
    return Drawn(shipped.protocol, shipped.text, shipped.name)


files = _files()


def likely(choice: str, status: str, pick: int) -> str:
    """Mostly something that is possible as things stand, or a case would soon be closed and stay so."""
    if status == "open" or pick % 5 == 0:
        return "advance" if choice == "reopen" and pick % 5 else choice
    return "reopen" if choice in ("advance", "agree", "withdraw", "resolve") else choice


def opened(file: Store, source: ProtocolFile, chosen: int) -> CaseFile:
    route = source.protocol.routes[chosen % len(source.protocol.routes)]
    stages = [*[None] * 20, *(stage.key for stage in source.protocol.ladder(route.key))]
    entry = open_case(
        "",
        source.protocol,
        source.digest,
        Recording("tests", START, START),
        Details(),
        concern_at=START - timedelta(hours=chosen) if chosen % 2 else None,
        route=route.key,
        stage=stages[chosen % len(stages)],
        facts={fact.key: fact.answers[0] for fact in source.protocol.facts[: chosen % 3]},
    )
    connection_of(file).execute(
        "PRAGMA synchronous = OFF"
    )  # or nearly all of the time would go by waiting for the disk
    with file.writing():
        named = {calendar.name: calendar for calendar in NATIONS}
        file.keep_calendars(source.protocol, named.__getitem__, "tests", START)
        file.keep_edition(source, START)
        return file.append(entry._replace(case=file.next_ref()))


@settings(max_examples=size(8, 100), suppress_health_check=[HealthCheck.too_slow])
@given(files, st.integers(0, 100), steps)
def test_whatever_is_done_to_a_case_it_holds_together(
    source: ProtocolFile, chosen: int, taken: list[tuple[str, int, int, int]]
) -> None:
    if source.name == RANDOM:
        hypothesis.note(source.text)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "cases.db") as file:
        try:
            case = opened(file, source, chosen)
        except BeyondCalendar:
            reject()
        now = START
        for choice, pick, later, ago in taken:
            now += timedelta(hours=later)
            before = case
            try:
                _, decide = CHOICES[likely(choice, case.case.status, pick)]
                entry = decide(case, Recording("tests", now, now - timedelta(hours=ago)), pick)
                with file.writing():
                    case = file.append(entry)
            except EscalateError as refusal:
                assert is_a_refusal(refusal, choice)  # noqa: PT017
                assert file.case(before.case.ref) == before
                continue
            assert case.case.history[:-1] == before.case.history
            if choice != "undo":
                undone = undone_again(case)
                assert undone.deadlines == before.deadlines
                assert but_for_its_history(undone.case) == but_for_its_history(before.case)
            assert case.case.status != "open" or any(each.is_open for each in case.deadlines)
            assert unexplained(before, case, entry) == []
            assert unsound(case) == []
        assert missing_from_the_log(case) == []
        still_due = [as_listed(each) for each in case.deadlines if each.is_open]
        assert [line.deadline for line in file.lists.due()] == still_due
        kept = file.derived.rows()
        with file.writing():
            file.derived.rebuild()
        assert file.derived.rows() == kept


def is_a_refusal(refusal: EscalateError, choice: str) -> bool:
    """Whether it says what is not possible as things stand: what it was asked for is there, and the file is sound."""
    unknown = isinstance(refusal, UnknownName) and choice not in ("undo", "correct")
    return bool(refusal.sentence) and isinstance(refusal, Refused) and not unknown


def as_listed(deadline: Deadline) -> Deadline:
    """A deadline as a list reads it."""
    return deadline._replace(
        limits=(), called_at=None, called_entry=None, first_called=None, not_known=False, read_otherwise=()
    )


def undone_again(file: CaseFile) -> CaseFile:
    """What the case comes to once the last entry is taken back."""
    last = file.case.history[-1]
    taken_back = undo(file, Recording("tests", last.recorded_at, last.recorded_at))
    assert taken_back.data["undoes"] == last.seq
    return case_file(replay((*file.case.history, taken_back)), file.protocol, file.calendar)


def but_for_its_history(case: Case) -> Case:
    return case._replace(history=())


# -- laws of one step ------------------------------------------------------------------------------------------------------


def unexplained(before: CaseFile, after: CaseFile, entry: Entry) -> list[str]:
    """What became of the deadlines of a case for no reason that lies in what was recorded."""
    if is_a_correction(before.case, entry):
        return []
    now = {each.key: each for each in after.deadlines}
    found = []
    for each in before.deadlines:
        if each.called_at is None or each.called_at > earliest(entry):
            continue  # what is written down late may have come before it: then it begins sooner, or not at all (C20)
        still = now.get(each.key)
        if still is None and is_first_answer(before.case, entry) and not (each.due_at and each.due_at < entry.at):
            continue  # a first answer settles what it was all along, but leaves what ran out before its date
        why = gone(after, entry, each) if still is None else changed(after.protocol, entry, each, still)
        found += [f"{each.action} of {each.occasion.number}, call {each.call}: {why}"] if why else []
    return found


def is_a_correction(case: Case, entry: Entry) -> bool:
    """Whether an entry says that something was never so, or settles by a first answer what it was all along (C14, C15)."""
    if entry.kind in (kinds.UNDONE, kinds.CORRECTED):
        return True
    if entry.kind != kinds.SET:
        return False
    return "concern_at" in entry.data["particulars"] or (is_first_answer(case, entry) and entry.at == entry.recorded_at)


def is_first_answer(case: Case, entry: Entry) -> bool:
    return entry.kind == kinds.SET and any(key not in case.facts for key in entry.data["facts"])


def earliest(entry: Entry) -> datetime:
    """The first instant of which an entry says anything: what is told of an event counts from its date (C20)."""
    dated = [read_instant(said) for said in entry.data.get("facts", {}).values() if is_instant(said)]
    return min([entry.at, *dated])


def gone(after: CaseFile, entry: Entry, was: Deadline) -> str | None:
    """Why a deadline may not be gone; None where it may: nothing was made of it yet, and nobody owes it any more."""
    if was.agreement and was.ended_at and was.ended_at >= earliest(entry):
        return None  # it was done before another date was agreed: the call itself bears the old one
    if not was.is_open:
        return "it was met or had ended, and is gone"
    if was.action == NEXT_STEP:  # one that was taken before its date leaves no row (C15)
        is_taken = entry.kind in (*LEAVES_A_STAGE, kinds.SET) and not (was.due_at and was.due_at < entry.at)
        return None if is_taken else "it was not taken before its date, and is gone"
    if was.ends_stage and was.due_at is None and has_a_dated_duty(after, was):
        return None  # its time is that of its duties (C18)
    has_begun = was.runs_from is not None and was.runs_from < earliest(entry)
    if is_only_if_overdue(action_of(after.protocol, was)) and not has_begun:
        return None  # what it waits for was done in time, or ended (C21)
    return "it was owed, and is gone"


def has_a_dated_duty(file: CaseFile, ends: Deadline) -> bool:
    return any(each.is_open and each.due_at and each.occasion == ends.occasion for each in file.deadlines)


def changed(protocol: Protocol, entry: Entry, was: Deadline, now: Deadline) -> str | None:
    """Why a deadline may not have become what it is; None where it may, or is as it was."""
    if not was.is_open:
        judged_at = was.met_at or was.ended_at
        is_over = judged_at is not None and judged_at < earliest(entry)
        return "what was met or had ended came out otherwise" if is_over and not is_kept(was, now) else None
    if now.met_at is not None:
        # A doing that is written down late, before another, leaves that other one to the next call.
        is_moved_on = entry.kind == kinds.DONE and now.met_at >= entry.at
        is_its_own = now.met_entry == entry.seq or is_moved_on
        return None if is_its_own and may_meet(entry, was) else f"a {entry.kind} met it"
    if now.ended_at is not None:
        if now.ended_entry != entry.seq or not may_end(action_of(protocol, was), entry, was):
            return f"a {entry.kind} ended it"
        # It bears the date that it had, unless it had none, or an event is to come from which it counts.
        is_on_time = entry.at == entry.recorded_at == earliest(entry)
        hangs_on_it = any(counts_from_what_is_to_come(each, entry.at) for each in (was, now))
        stays = is_on_time and was.due_at is not None and not hangs_on_it
        return "it ended with another date" if stays and dates(now) != dates(was) else None
    if dates(now) != dates(was) and not moves(protocol, entry, was, now):
        return "it has moved"
    return None


LEAVES_A_STAGE = (kinds.ADVANCED, kinds.RESOLVED, kinds.WITHDRAWN)


def may_meet(entry: Entry, was: Deadline) -> bool:
    """Whether an entry can meet a deadline: doing it, or leaving the stage where that is as good (C19)."""
    if entry.kind == kinds.DONE:
        return is_about(entry, was)
    if entry.kind == kinds.RESOLVED:
        return was.ends_stage
    return entry.kind == kinds.ADVANCED and (was.ends_stage or was.is_window)


def may_end(action: Action | None, entry: Entry, was: Deadline) -> bool:
    """Whether an entry can end a deadline otherwise than by its being done (C15)."""
    belongs_to_its_stage = was.is_window or was.occurrence > 0 or was.action == NEXT_STEP
    match entry.kind:
        case kinds.SET:
            return action is None or bool(action.when or any(each.when for each in action.timescales) or was.ends_stage)
        case kinds.ADVANCED:
            return belongs_to_its_stage and not was.at_any_stage
        case kinds.RESOLVED:
            return belongs_to_its_stage
        case kinds.WITHDRAWN:
            return not was.comes_first  # a standing call outlives closing
        case kinds.REOPENED:
            return was.occasion.resolution is not None
        case _:
            return False


def moves(protocol: Protocol, entry: Entry, *deadlines: Deadline) -> bool:
    """Whether what is recorded is something that an open deadline counts from, as it was or as it is now."""
    starts = {str(limit.anchor) for each in deadlines for limit in each.limits}
    its_own = is_about(entry, deadlines[0])
    if any(start.endswith(" overdue") for start in starts):
        return True
    # Leaving a stage is as good as doing the action that ends it.
    endings = {stage.closing.key for stage in protocol.stages}
    if entry.kind in (kinds.ADVANCED, kinds.RESOLVED, kinds.REOPENED) and starts.intersection(endings):
        return True
    match entry.kind:
        case kinds.SET:
            return bool(entry.data["facts"])
        case kinds.DONE:
            again = its_own and deadlines[0].occurrence > 0
            return entry.data["action"] in starts or again
        case kinds.AGREED:
            return its_own
        case kinds.ADVANCED:
            return deadlines[0].at_any_stage and f"stage {entry.data['stage']}" in starts
        case kinds.RESOLVED | kinds.REOPENED:
            return "resolved" in starts
        case _:
            return False


def is_about(entry: Entry, deadline: Deadline) -> bool:
    return (entry.data.get("visit"), entry.data.get("action")) == (deadline.occasion.number, deadline.action)


def dates(deadline: Deadline) -> tuple[datetime | None, ...]:
    return deadline.target_at, deadline.due_at, deadline.act_by


def outcome(deadline: Deadline) -> tuple[object, ...]:
    return dates(deadline), deadline.met_at, deadline.met_entry, deadline.ended_at, deadline.ended_entry


def is_kept(was: Deadline, now: Deadline) -> bool:
    """Whether what was met or had ended is as it was; a date that was open still may be found since, but makes nothing late."""
    if outcome(now) == outcome(was):
        return True
    was_open_still = was.provisional or any(each.due is None for each in was.limits) or was.due_at is None
    is_no_worse = now.met_in_time >= was.met_in_time and now.had_run_out <= was.had_run_out
    return was_open_still and is_no_worse and outcome(now)[1:] == outcome(was)[1:]


def counts_from_what_is_to_come(deadline: Deadline, at: datetime) -> bool:
    return any(each.since and each.since > at for each in deadline.limits)


def action_of(protocol: Protocol, deadline: Deadline) -> Action | None:
    """The action that a deadline is of; None for the next step, which no protocol writes."""
    stage = protocol.stage(deadline.route, deadline.stage)
    among = stage.actions if deadline.occasion.stay else (*protocol.standing_actions, *protocol.after_resolution)
    return next((each for each in among if each.key == deadline.action), None)


def is_only_if_overdue(action: Action | None) -> bool:
    """Whether an action is there only where the time of another has run out."""
    if action is None:
        return False
    anchors = [action.begins] if action.begins else [each.anchor for each in action.timescales]
    return bool(anchors) and all(each.kind is AnchorKind.OVERDUE for each in anchors)


# -- laws of what a case comes to ------------------------------------------------------------------------------------------


def unsound(file: CaseFile) -> list[str]:
    """What is wrong with the calls of a case: their numbers, their order, or what became of each."""
    calls: dict[tuple[int, str], list[Deadline]] = {}
    for each in file.deadlines:
        calls.setdefault((each.occasion.number, each.action), []).append(each)
    found = [f"{place}: {why}" for place, rows in calls.items() if (why := misnumbered(rows))]
    counting = {each.seq for each in effective(file.case.history)}
    found += [f"{each.key}: {why}" for each in file.deadlines if (why := impossible(each, counting))]
    met = Counter(
        (each.occasion, each.action, each.met_entry) for each in file.deadlines if each.met_entry and not each.agreement
    )
    # What was done meets one call, never two and never none (C15).
    found += [f"{done} meets {n}" for done in file.case.done if (n := met[done.occasion, done.action, done.entry]) != 1]
    return found


def misnumbered(rows: Sequence[Deadline]) -> str | None:
    """What is wrong with the numbers of the calls for one action on one occasion."""
    calls = [each for each in rows if not each.agreement]
    numbers = [each.call for each in calls]
    if all(
        each.action == NEXT_STEP for each in rows
    ):  # one that was taken in time leaves only the agreed dates that had run out
        numbers = list(dict.fromkeys(each.call for each in rows))
        calls = list(rows)
    if numbers != list(range(1, len(numbers) + 1)):
        return f"calls are numbered {numbers}"
    if any(each.occurrence not in (0, each.call) for each in calls):
        return f"times are numbered {[each.occurrence for each in calls]}"
    if any(each.call not in numbers for each in rows):
        return "an agreed date belongs to no call"
    began = [each.called_at for each in calls if each.called_at]
    return None if began == sorted(began) and len(began) == len(calls) else f"calls begin {began}"


def impossible(deadline: Deadline, counting: Collection[int]) -> str | None:
    """What cannot be of a deadline, by the rules alone."""
    over = deadline.met_at or deadline.ended_at
    if deadline.met_at and deadline.ended_at:
        return "it is met and ended"
    if over and deadline.called_at and over < deadline.called_at:
        return "it was over before it began"
    if over and (deadline.met_entry or deadline.ended_entry) not in counting:
        return "no entry that counts says how it came out"
    if deadline.called_entry not in counting:
        return "no entry that counts called for it"
    if deadline.agreement and not deadline.had_run_out:
        return "an agreed date that had not run out has a row of its own"
    return None


# -- the log ---------------------------------------------------------------------------------------------------------------


def missing_from_the_log(file: CaseFile) -> list[str]:
    """The entries and remarks that the history, as it is shown, does not have."""
    case, page = file.case, "".join(history_table(file).text(200))
    rows = [line.split()[0] for line in page.splitlines() if re.match(r" *[0-9]+  \S", line)]
    numbers = [str(entry.seq) for entry in case.history]
    remarks = [words for entry in case.history for words in entry.words.values()]
    return [number for number in numbers if rows.count(number) != 1] + [
        remark for remark in remarks if remark not in page
    ]
