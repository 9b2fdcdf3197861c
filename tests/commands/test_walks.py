"""A case under each protocol, walked from its first stage to resolution by the real command line, with the clock set."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.calendars import at, shown
from tests.driver import Office
from tests.sizes import sampled


class Step(NamedTuple):
    """At a moment a command is given; then these are due: `stage action` and when, as London's clock shows it."""

    now: str
    arguments: str
    due: dict[str, str | None]


class Walk:
    """A database of one case, and a clock."""

    def __init__(self, path: Path, zone: str = "UTC") -> None:
        self.path, self.office = path, Office(environment={"TZ": zone})

    def run(self, now: str, *arguments: str) -> Any:
        ran = self.office(self.path, *arguments, "--json", now=now)
        said = [
            line
            for line in ran.stderr.splitlines()
            if not re.search("was read as|^A new file of cases begins here: ", line)
        ]
        assert (ran.status, said) == (0, []), ran.stderr
        return json.loads(ran.stdout)

    def due(self, now: str) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self.run(now, "due")
        return lines

    def take(self, step: Step) -> None:
        self.run(step.now, *step.arguments.split())
        found = {
            f"{line['stage']} {line['action']}": shown(line["due_at"] and at(line["due_at"]))
            for line in self.due(step.now)
        }
        assert found == step.due, f"after {step.arguments} at {step.now}"


HULL = [
    Step("2026-12-22 10:00", "open hull-east-riding --about Thresholds --fact severity=high", {"1 discussion": "2026-12-23 10:00", "1 resolve": "2026-12-23 10:00"}),
    Step("2026-12-22 15:00", "done 1 discussion", {"1 resolve": "2026-12-23 10:00"}),
    Step("2026-12-23 09:00", "advance 1", {"2 response": "2026-12-24 09:00", "2 resolve": "2026-12-24 09:00"}),
    Step("2026-12-24 08:00", "done 1 response", {"2 resolve": "2026-12-24 09:00"}),
    Step("2026-12-24 09:00", "advance 1", {"3 written-escalation": "2026-12-25 09:00", "3 resolve": "2027-01-05 23:59:59"}),
    Step("2026-12-24 16:00", "done 1 written-escalation", {"3 resolve": "2027-01-05 23:59:59"}),
    Step("2027-01-05 10:00", "advance 1", {"4 resolve": "2027-01-07 10:00"}),
    Step("2027-01-07 10:00", "advance 1", {"5 resolve": "2027-01-09 10:00"}),
    Step("2027-01-08 16:00", "advance 1", {"6 resolve": "2027-01-10 16:00", "6 form-sent": None}),
    Step("2027-01-08 17:00", "done 1 form-sent", {"6 resolve": "2027-01-10 16:00"}),
    Step("2027-01-10 16:00", "advance 1", {"7 resolve": "2027-01-13 23:59:59", "7 panel": None, "7 recommendation": None}),
    Step("2027-01-13 12:00", "done 1 panel", {"7 resolve": "2027-01-13 23:59:59", "7 recommendation": "2027-01-20 23:59:59"}),
    Step("2027-01-13 13:00", "resolve 1", {"7 recommendation": "2027-01-20 23:59:59", "7 outcome-shared": None}),
    Step("2027-01-14 13:00", "done 1 recommendation", {"7 outcome-shared": None}),
    Step("2027-01-14 13:00", "done 1 outcome-shared", {}),
]  # fmt: skip
HULL_CONFERENCE = [
    Step(
        "2026-11-20 10:00",
        "open hull-east-riding --about Thresholds --route child-protection-plan",
        {"dissent resolve": None, "dissent chair-copied": None},  # the second depends on a question (C14)
    ),
    Step("2026-11-20 11:00", "advance 1", {"quality-assurance resolve": None, "dissent chair-copied": None}),
    Step("2026-11-23 10:00", "set 1 core-group=no", {"quality-assurance resolve": None}),
    Step("2026-11-23 11:00", "advance 1", {"1 discussion": "2026-11-24 11:00", "1 resolve": "2026-11-24 11:00"}),
]
NORTH_YORKSHIRE = [
    Step(
        "2026-11-20 10:00",
        "open north-yorkshire --about Thresholds --concern 2026-11-18",
        {"1 resolve": "2026-11-24 10:00"},
    ),
    Step("2026-11-23 10:00", "advance 1", {"2 resolve": "2026-11-23 23:59:59"}),
    Step("2026-11-23 12:00", "advance 1", {"3 resolve": "2026-12-02 23:59:59"}),
    Step("2026-11-30 12:00", "advance 1", {"4 resolve": "2026-12-02 23:59:59"}),
    Step("2026-12-02 12:00", "advance 1", {"5 chair-referral": "2026-12-03 23:59:59"}),
    Step("2026-12-03 12:00", "advance 1", {"6 panel-convened": "2026-12-08 23:59:59"}),
    Step("2026-12-08 12:00", "advance 1", {"7 recommendation": "2026-12-09 23:59:59"}),
    Step("2026-12-09 12:00", "resolve 1", {"7 outcome-shared": None}),
]
LINCOLNSHIRE = [
    Step(
        "2026-12-23 14:00",
        "open lincolnshire --about Thresholds",
        {"1 discussion": "2026-12-23 23:59:59", "1 plan": "2026-12-29 23:59:59"},
    ),
    Step("2026-12-24 10:00", "done 1 discussion", {"1 plan": "2026-12-30 23:59:59"}),
    Step("2026-12-30 10:00", "advance 1", {"2 resolve": "2027-01-07 23:59:59"}),
    Step("2027-01-07 10:00", "advance 1", {"3 slo-contacted": "2027-01-07 23:59:59", "3 plan": "2027-01-11 23:59:59"}),
    Step("2027-01-07 11:00", "done 1 slo-contacted", {"3 plan": "2027-01-11 23:59:59"}),
]
LINCOLNSHIRE_URGENT = [
    *LINCOLNSHIRE,
    Step("2027-01-08 10:00", "advance 1 --to 4a", {"4a meeting-date": "2027-01-11 23:59:59", "4a meeting": None}),
    Step("2027-01-08 12:00", "done 1 meeting-date", {"4a next-step": None, "4a meeting": None}),
    Step("2027-01-12 12:00", "done 1 meeting", {"4a next-step": None}),
    Step("2027-01-12 12:00", "resolve 1", {"4a outcome-shared": None}),
]
LINCOLNSHIRE_LESSONS = [
    *LINCOLNSHIRE,
    Step("2027-01-08 10:00", "advance 1 --to 4b", {"4b resolve": None}),
    Step("2027-01-12 12:00", "resolve 1", {"4b outcome-shared": None}),
]
HEREFORDSHIRE = [
    Step(
        "2026-12-21 10:00",
        "open herefordshire --about Thresholds --concern 2026-12-18 --fact looked-after=yes",
        {"0 resolve": None},
    ),
    Step("2026-12-22 10:00", "advance 1", {"1 resolve": "2026-12-23 23:59:59", "1 iro-notified": None}),
    Step("2026-12-22 11:00", "done 1 iro-notified", {"1 resolve": "2026-12-23 23:59:59"}),
    Step(
        "2026-12-23 10:00",
        "advance 1 --because no-response",
        {"2 resolve": "2027-01-04 23:59:59", "2 template-sent": None, "2 service-director-told": None},
    ),
    Step(
        "2026-12-23 11:00",
        "done 1 template-sent",
        {"2 resolve": "2027-01-04 23:59:59", "2 service-director-told": None},
    ),
    Step("2026-12-23 12:00", "set 1 childrens-services=no", {"2 resolve": "2027-01-04 23:59:59"}),
    Step("2027-01-04 10:00", "advance 1", {"3 resolve": "2027-01-11 23:59:59", "3 template-updated": None}),
    Step("2027-01-04 11:00", "done 1 template-updated", {"3 resolve": "2027-01-11 23:59:59"}),
    Step("2027-01-11 10:00", "advance 1", {"4 resolve": "2027-01-20 23:59:59", "4 template-updated": None}),
    Step("2027-01-11 11:00", "done 1 template-updated", {"4 resolve": "2027-01-20 23:59:59"}),
    Step("2027-01-20 10:00", "resolve 1", {"4 outcome-shared": None, "4 section-c": None}),
    Step("2027-01-20 11:00", "done 1 section-c", {"4 outcome-shared": None}),
]
# A stage that ends with its dated duty has no row of its own beside it (C18).
NEL_INDIVIDUAL = [
    Step("2026-11-20 10:00", "open north-east-lincolnshire --about Thresholds --route individual", {"A resolve": None}),
    Step("2026-11-21 10:00", "advance 1", {"B referral": "2026-11-23 23:59:59"}),
    Step("2026-11-21 11:00", "done 1 referral", {"B resolve": None}),
    Step("2026-11-23 11:00", "agree 1 2026-11-25T12:00", {"B resolve": "2026-11-25 12:00"}),
    Step("2026-11-25 11:00", "advance 1", {"C resolve": None}),
    Step("2026-11-26 11:00", "advance 1", {"D resolve": None, "D written-record": None}),
    Step("2026-11-26 12:00", "done 1 written-record", {"D resolve": None}),
    Step("2026-11-27 11:00", "advance 1", {"E resolve": None}),
    Step("2026-11-30 11:00", "resolve 1", {"E outcome-shared": None}),
]
NEL_CONVENING = [
    Step(
        "2026-11-20 10:00",
        "open north-east-lincolnshire --about Thresholds --route convening-conference",
        {"A resolve": None, "A written-request": None},
    ),
    Step("2026-11-20 11:00", "done 1 written-request", {"A resolve": None}),
    Step("2026-11-23 10:00", "advance 1", {"B resolve": None}),
    Step("2026-11-24 10:00", "advance 1", {"C resolve": None, "C written-record": None}),
    Step("2026-11-24 12:00", "done 1 written-record", {"C resolve": None}),
    Step("2026-11-25 10:00", "advance 1", {"D resolve": None}),
    Step("2026-11-26 10:00", "resolve 1", {"D outcome-shared": None}),
]
NEL_MAJORITY = [
    Step(
        "2026-11-21 10:00",
        "open north-east-lincolnshire --about Thresholds --route conference-majority",
        {"A referral": "2026-11-23 23:59:59"},
    ),
    Step("2026-11-21 11:00", "done 1 referral", {"A resolve": None}),
    Step("2026-11-23 10:00", "advance 1", {"B resolve": None}),
    Step("2026-11-24 10:00", "advance 1", {"C resolve": None, "C written-record": None}),
    Step("2026-11-24 12:00", "done 1 written-record", {"C resolve": None}),
    Step("2026-11-25 10:00", "advance 1", {"D resolve": None}),
    Step("2026-11-26 10:00", "resolve 1", {"D outcome-shared": None}),
]
NEL_DIVIDED = [
    Step("2026-12-17 10:00", "open north-east-lincolnshire --about Thresholds --route conference-divided --concern 2026-12-15", {"adjourned reconvened": "2027-01-08 23:59:59"}),
    Step("2027-01-07 10:00", "advance 1", {"A resolve": None}),
    Step("2027-01-08 10:00", "advance 1", {"B resolve": None, "B written-record": None}),
    Step("2027-01-08 12:00", "done 1 written-record", {"B resolve": None}),
    Step("2027-01-11 10:00", "advance 1", {"C resolve": None}),
    Step("2027-01-12 10:00", "resolve 1", {"C outcome-shared": None}),
]  # fmt: skip
NEL_SERIOUS = [
    Step(
        "2026-11-20 10:00", "open north-east-lincolnshire --about Thresholds --route serious-case", {"A resolve": None}
    ),
    Step("2026-11-23 10:00", "advance 1", {"B resolve": None}),
    Step("2026-11-24 10:00", "advance 1", {"C resolve": None}),
    Step("2026-11-26 10:00", "resolve 1", {"C outcome-shared": None}),
]

WALKS = {
    "hull": HULL,
    "hull, conference route": HULL_CONFERENCE,
    "north yorkshire": NORTH_YORKSHIRE,
    "lincolnshire, urgent": LINCOLNSHIRE_URGENT,
    "lincolnshire, lessons": LINCOLNSHIRE_LESSONS,
    "herefordshire": HEREFORDSHIRE,
    "north east lincolnshire, individual": NEL_INDIVIDUAL,
    "north east lincolnshire, convening": NEL_CONVENING,
    "north east lincolnshire, majority": NEL_MAJORITY,
    "north east lincolnshire, divided": NEL_DIVIDED,
    "north east lincolnshire, serious": NEL_SERIOUS,
}


@pytest.mark.parametrize("steps", sampled(WALKS.values(), 3), ids=WALKS.keys())
def test_a_case_is_walked_from_its_first_stage_to_resolution(tmp_path: Path, steps: list[Step]) -> None:
    walk = Walk(tmp_path / "cases.db")
    for step in steps:
        walk.take(step)


def test_due_is_the_same_wherever_the_machine_thinks_it_is(tmp_path: Path) -> None:
    for step in HULL[:5]:
        Walk(tmp_path / "cases.db").take(step)
    answers = [
        Walk(tmp_path / "cases.db", zone).due("2026-12-24 23:30")
        for zone in ("Europe/London", "Asia/Tokyo", "America/New_York", "Nonsense/Zone")
    ]
    assert answers[0]
    assert answers == [answers[0]] * 4


def test_standing_moves_as_the_clock_does(tmp_path: Path) -> None:
    walk = Walk(tmp_path / "cases.db")
    walk.run("2026-11-20 16:00", "open", "hull-east-riding", "--about", "Thresholds")
    seen = [
        (now, [line["standing"] for line in walk.due(now)])
        for now in ("2026-11-20 16:00", "2026-11-21 16:00", "2026-11-21 16:01")
    ]
    assert seen == [
        ("2026-11-20 16:00", ["at-risk", "at-risk"]),
        ("2026-11-21 16:00", ["at-risk", "at-risk"]),
        ("2026-11-21 16:01", ["overdue", "overdue"]),
    ]
