"""Deadlines that count from one another's time running out: each is worked out once, however long the chain."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest

from escalate.domain.case.model import Stay
from escalate.domain.deadlines import engine
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.deadlines.known import Since
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.workings import Workings
from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action
from escalate.errors import Refused
from tests.calendars import ENGLAND, shown
from tests.domain.deadlines.test_odd_protocols import action, played, protocol, stage

LINKS = [f"link-{n}" for n in range(1, 13)]


def chain(order: Iterable[str] = LINKS) -> Protocol:
    """A stage whose actions have a working day each from when the time of the one before ran out, in an order of the file."""
    starts = {key: f"{before} overdue" for before, key in pairwise(LINKS)}
    actions = [action(key, "1 working day", starts.get(key, "stage")) for key in order]
    return protocol(f"stages=[{stage('1', '', ', '.join(actions))}]")


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the deadlines of each action were worked out."""
    times: Counter[str] = Counter()
    really = engine._deadlines_of_action

    def counted(workings: Workings, stay: Stay, each: Action, by: Since | None = None) -> tuple[Deadline, ...]:
        times[each.key] += 1
        return really(workings, stay, each, by)

    monkeypatch.setattr(engine, "_deadlines_of_action", counted)
    return times


@pytest.mark.parametrize("order", [LINKS, LINKS[::-1]], ids=["as they follow", "the last one first"])
def test_each_deadline_of_a_chain_is_worked_out_once(order: list[str], worked_out: Counter[str]) -> None:
    under = chain(order)
    case = played(under).file.case
    worked_out.clear()
    found = {each.action: shown(each.due_at) for each in deadlines(under, case, ENGLAND)}
    assert worked_out == dict.fromkeys([*LINKS, "resolve"], 1)
    assert [found[key] for key in (LINKS[0], LINKS[1], LINKS[11])] == [
        "2026-11-19 23:59:59",
        "2026-11-20 23:59:59",
        "2026-12-04 23:59:59",
    ]


def test_a_chain_ends_where_something_was_done_in_time(worked_out: Counter[str]) -> None:
    case = played(chain())
    case.done("2026-11-20 10:00", LINKS[0])
    case.done("2026-11-20 12:00", LINKS[1])
    worked_out.clear()
    found = case.file.deadlines
    assert [each.action for each in found] == [LINKS[0], LINKS[1], "resolve"]
    # The first is worked out as it is, and as it was when the second was done.
    assert worked_out == dict.fromkeys([*LINKS, "resolve"], 1) | {LINKS[0]: 2}


def test_a_chain_of_which_each_was_done_late_is_worked_out_by_each_doing(worked_out: Counter[str]) -> None:
    case = played(chain())
    for hour, link in enumerate(LINKS):
        case.done(f"2026-12-30 {hour + 10}:00", link)
    worked_out.clear()
    assert not any(each.met_in_time for each in case.file.deadlines if each.action in LINKS)
    assert all(times <= len(LINKS) for times in worked_out.values())


def test_what_would_count_from_itself_in_the_end_is_refused() -> None:
    under = chain()
    case = played(under).file.case
    (only,) = under.stages
    first, *others = only.actions
    (timescale,) = first.timescales
    circle = first._replace(timescales=(timescale._replace(anchor=Anchor(AnchorKind.OVERDUE, LINKS[-1])),))
    round_it_goes = replace(under, stages=(only._replace(actions=(circle, *others)),))
    with pytest.raises(Refused, match="would count from itself in the end"):
        deadlines(round_it_goes, case, ENGLAND)
