"""Whatever is done to a case, in any order: the derived tables equal a rebuild, undo restores, and nothing is ever gone.

Half of the cases are kept under the protocols that come with escalate, half under protocols nobody would write.
"""

import tempfile
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter
from rich.console import Console

from escalate.domain.case import entries as kinds
from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, case_file
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.recording.acts import agree, assign, done, note
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.closing import reopen, resolve, withdraw
from escalate.domain.recording.corrections import correct, undo
from escalate.domain.recording.details import Details, set_details
from escalate.domain.recording.opening import open_case
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import written
from escalate.errors import BeyondCalendar, EscalateError, Refused, UnknownName
from escalate.output.case.history import history_table
from escalate.storage.files.protocols import ProtocolFile, all_protocols, parse_protocol, shipped_folder
from escalate.storage.store import Store, open_store
from tests.calendars import NATIONS, at
from tests.random_protocols import protocols
from tests.sizes import size

SHIPPED, _ = all_protocols(shipped_folder())
RANDOM = "random.toml"
START = at("2026-12-21 10:00")

Decide = Callable[[CaseFile, Recording, int], Entry]


def _note(file: CaseFile, recording: Recording, pick: int) -> Entry:
    return note(file.case, recording, f"remark {pick}, no. {len(file.case.history)}")


def _done(file: CaseFile, recording: Recording, pick: int) -> Entry:
    known = [each for each in file.deadlines if each.action != NEXT_STEP and (each.met_at is None or pick % 5 == 0)]
    actions = sorted({each.action for each in known})
    if not actions:
        return _note(file, recording, pick)
    return done(file.protocol, file.case, file.calendar, recording, actions[pick % len(actions)])


def _agree(file: CaseFile, recording: Recording, pick: int) -> Entry:
    actions = [None, *(each.action for each in file.deadlines if each.met_at is None)]
    until = recording.at + timedelta(hours=1 + pick)
    action = actions[pick % len(actions)]
    return agree(file.protocol, file.case, file.calendar, recording, until, action, "both asked" if pick % 3 else None)


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
    return set_details(file.protocol, file.case, recording, known, details, concern_at=concern)


def _undo(file: CaseFile, recording: Recording, pick: int) -> Entry:
    return undo(file.case, recording, pick % len(file.case.history) + 1 if pick % 3 else None)


def _correct(file: CaseFile, recording: Recording, pick: int) -> Entry:
    target = file.case.history[pick % len(file.case.history)]
    return correct(file.case, recording, target.recorded_at - timedelta(hours=pick // 8), target.seq)


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
    file.file.connection.execute(
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
            assert case.case.status != "open" or any(each.met_at is None for each in case.deadlines)
            assert unexplained(case.protocol, before.deadlines, case.deadlines, entry) == []
            assert entry.kind != kinds.DONE or any(
                each.met_at or called_for_since(entry, each) for each in case.deadlines if is_about(entry, each)
            )
        assert missing_from_the_log(case) == []
        still_due = [each._replace(limits=()) for each in case.deadlines if each.met_at is None]
        assert [line.deadline for line in file.lists.due()] == still_due
        kept = file.derived.rows()
        with file.writing():
            file.derived.rebuild()
        assert file.derived.rows() == kept


def is_a_refusal(refusal: EscalateError, choice: str) -> bool:
    """Whether it says what is not possible as things stand: what it was asked for is there, and the file is sound."""
    unknown = isinstance(refusal, UnknownName) and choice not in ("undo", "correct")
    return bool(refusal.sentence) and isinstance(refusal, Refused) and not unknown


def undone_again(file: CaseFile) -> CaseFile:
    """What the case comes to once the last entry is taken back."""
    last = file.case.history[-1]
    taken_back = undo(file.case, Recording("tests", last.recorded_at, last.recorded_at))
    assert taken_back.data["undoes"] == last.seq
    return case_file(replay((*file.case.history, taken_back)), file.protocol, file.calendar)


def but_for_its_history(case: Case) -> Case:
    return case._replace(history=())


def unexplained(protocol: Protocol, before: Iterable[Deadline], after: Iterable[Deadline], entry: Entry) -> list[str]:
    """The deadlines that are gone, have moved or are owed again for no reason that lies in what was recorded."""
    # Leaving a stage is as good as doing the action that ends it.
    endings = {stage.closing.key for stage in protocol.stages}
    # These wait for another to run out, also while their time counts from what stands in for that.
    waiting = {
        action.key
        for action in protocol.actions
        if any(each.anchor.kind is AnchorKind.OVERDUE for each in action.timescales)
    }
    if entry.kind == kinds.UNDONE:
        return []
    now = {each.key: each for each in after}
    found = []
    for each in before:
        still = now.get(each.key)
        if still is None:
            found += [] if ends(entry, waiting, each) else [f"{each.action} of {each.occasion.number} is gone"]
        elif dates(still) != dates(each):
            found += (
                [] if moves(entry, endings, each, still) else [f"{each.action} of {each.occasion.number} has moved"]
            )
        elif each.met_at and not still.met_at:
            again = moves(entry, endings, each, still) or (entry.kind == kinds.REOPENED and each.ends_stage)
            found += [] if again else [f"{each.action} of {each.occasion.number} is owed again"]
    return found


def dates(deadline: Deadline) -> tuple[datetime | None, ...]:
    return deadline.target_at, deadline.due_at, deadline.act_by


def ends(entry: Entry, waiting: Collection[str], deadline: Deadline) -> bool:
    """Whether a deadline is no more once that is recorded; what has been done is kept, as long as its resolution stands."""
    if deadline.action in waiting and entry.kind in (kinds.DONE, kinds.AGREED, kinds.ADVANCED, kinds.RESOLVED):
        return True  # what did not happen in time has happened, or has another time
    match entry.kind:
        case kinds.ADVANCED | kinds.RESOLVED:
            ceases = deadline.is_window or deadline.occurrence > 0
            return deadline.action == NEXT_STEP or (ceases and deadline.met_at is None)
        case kinds.REOPENED:
            return deadline.occasion.resolution is not None
        case kinds.WITHDRAWN:
            return deadline.met_at is None and (not deadline.at_any_stage or deadline.occurrence > 0)
        case kinds.SET | kinds.CORRECTED:
            return deadline.met_at is None or deadline.is_window  # which going up has met, and nobody who did something
        case _:
            return False


def moves(entry: Entry, endings: Collection[str], *deadlines: Deadline) -> bool:
    """Whether what is recorded is something a deadline counts from, as it was or as it is now."""
    starts = {str(limit.anchor) for each in deadlines for limit in each.limits}
    its_own = is_about(entry, deadlines[0])
    if len({each.met_at for each in deadlines}) > 1:
        return True  # what was met is judged by what was known by then
    if any(start.endswith(" overdue") for start in starts):
        return True
    if entry.kind in (kinds.ADVANCED, kinds.RESOLVED, kinds.REOPENED) and starts.intersection(endings):
        return True
    match entry.kind:
        case kinds.SET | kinds.CORRECTED:
            return True
        case kinds.DONE:
            again = its_own and deadlines[0].occurrence > 0
            return entry.data["action"] in starts or (its_own and "known" in starts) or again
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


def called_for_since(entry: Entry, deadline: Deadline) -> bool:
    """Whether what was done, which was written down late, has been called for anew between then and now."""
    return any(each.since and entry.at < each.since <= entry.recorded_at for each in deadline.limits)


def missing_from_the_log(file: CaseFile) -> list[str]:
    """The entries and remarks that the history, as it is shown, does not have."""
    case, table = file.case, history_table(file)
    page = StringIO()
    Console(file=page, width=200).print(table)
    rows = list(table.columns[0].cells)
    numbers = [str(entry.seq) for entry in case.history]
    remarks = [words for entry in case.history for words in entry.words.values()]
    return [number for number in numbers if rows.count(number) != 1] + [
        remark for remark in remarks if remark not in page.getvalue()
    ]
