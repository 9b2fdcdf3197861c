"""Whatever is done to a case, in any order: the derived tables equal a rebuild, undo restores, and nothing is ever gone."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalate.domain import decisions
from escalate.domain.casefile import CaseFile, case_file
from escalate.domain.deadlines import NEXT_STEP
from escalate.domain.decisions import Recording
from escalate.domain.errors import EscalateError
from escalate.domain.history import UNDONE, Entry, replay
from escalate.domain.particulars import Particulars
from escalate.storage.protocol_files import all_protocols, shipped_folder
from escalate.storage.store import Store, open_store
from tests.calendars import ENGLAND, at

PROTOCOLS, _ = all_protocols(shipped_folder())
START = at("2026-12-21 10:00")

Decide = Callable[[CaseFile, Recording, int], Entry]


def _done(file: CaseFile, recording: Recording, pick: int) -> Entry:
    actions = sorted({each.action for each in file.deadlines if each.action != NEXT_STEP}) or ["resolve"]
    return decisions.done(file.protocol, file.case, file.calendar, recording, actions[pick % len(actions)])


def _agree(file: CaseFile, recording: Recording, pick: int) -> Entry:
    until = recording.at + timedelta(hours=1 + pick)
    return decisions.agree(file.protocol, file.case, file.calendar, recording, until)


def _advance(file: CaseFile, recording: Recording, pick: int) -> Entry:
    here = file.protocol.stage(file.case.visit.route, file.case.visit.stage)
    above = [f"{route}:{stage}" for route, stage in file.protocol.reachable(here)]
    return decisions.advance(file.protocol, file.case, recording, above[pick % len(above)] if above else None)


def _set(file: CaseFile, recording: Recording, pick: int) -> Entry:
    fact = file.protocol.facts[pick % len(file.protocol.facts)]
    return decisions.set_known(file.protocol, file.case, recording, {fact.key: fact.answers[pick % len(fact.answers)]})


def _undo(file: CaseFile, recording: Recording, pick: int) -> Entry:
    return decisions.undo(file.case, recording, pick % len(file.case.history) + 1 if pick % 3 else None)


def _correct(file: CaseFile, recording: Recording, pick: int) -> Entry:
    to = recording.now - timedelta(minutes=pick)
    return decisions.correct(file.case, recording, to, pick % len(file.case.history) + 1)


CHOICES: dict[str, Decide] = {
    "note": lambda file, recording, _: decisions.note(file.case, recording, "a remark"),
    "done": _done,
    "agree": _agree,
    "advance": _advance,
    "resolve": lambda file, recording, _: decisions.resolve(file.case, recording),
    "withdraw": lambda file, recording, _: decisions.withdraw(file.case, recording),
    "reopen": lambda file, recording, _: decisions.reopen(file.case, recording),
    "set": _set,
    "undo": _undo,
    "correct": _correct,
}
steps = st.lists(st.tuples(st.sampled_from(sorted(CHOICES)), st.integers(0, 200), st.integers(0, 72)), max_size=14)


def opened(file: Store, chosen: int) -> CaseFile:
    source = PROTOCOLS[chosen % len(PROTOCOLS)]
    route = source.protocol.routes[chosen % len(source.protocol.routes)].key
    entry = decisions.open_case(
        "", source.protocol, source.digest, Recording("tests", START, START), Particulars(), route=route
    )
    with file.writing():
        file.keep_calendar(ENGLAND)
        file.keep_edition(source.protocol, source.text, source.digest, START)
        return file.append(replace(entry, case=file.next_ref()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 100), steps)
def test_whatever_is_done_to_a_case_it_holds_together(chosen: int, taken: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "cases.db") as file:
        case = opened(file, chosen)
        now = START
        for choice, pick, hours in taken:
            now += timedelta(hours=hours)
            before = case
            try:
                entry = CHOICES[choice](case, Recording("tests", now, now), pick)
            except EscalateError as refusal:
                assert refusal.sentence  # noqa: PT017
                continue
            with file.writing():
                case = file.append(entry)
            assert case.case.history[:-1] == before.case.history
            assert undone_again(case).deadlines == before.deadlines or choice == "undo"
            assert case.case.status != "open" or any(each.met_at is None for each in case.deadlines)
        kept = file.derived()
        with file.writing():
            file.rebuild()
        assert file.derived() == kept


def undone_again(file: CaseFile) -> CaseFile:
    """What the case comes to once the last entry is taken back."""
    last = file.case.history[-1]
    taken_back = Entry(
        last.case,
        last.seq + 1,
        UNDONE,
        last.recorded_at,
        last.recorded_at,
        "tests",
        {"undoes": last.seq, "undone_kind": last.kind},
    )
    return case_file(replay((*file.case.history, taken_back)), file.protocol, file.calendar)
