"""An office with very many cases in it, to which things happen at random: every step is a command line, and those that are refused change nothing."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.driver import Office, unit
from tests.model.walk import NAMES, OWN, SHIPPED

SHAPES = Path(__file__).parents[1] / "shapes"
OFTEN = (*NAMES, str(SHAPES / "own-days.toml"), str(SHAPES / "repeated.toml"), str(SHAPES / "grades.toml"))
PROTOCOLS = (*OFTEN, *OFTEN, *sorted(map(str, [*SHAPES.glob("*.toml"), *OWN.glob("*.toml")])))
"""Every protocol there is, those of partnerships and three others more often."""
AGENCIES = ("Wye Valley Trust", "Children's Services", "West Mercia Police", "Hill School", "0-19 Health")
PEOPLE = ("anna.b", "carol.d", "errol.f")
CLOSURES = ("2026-11-27", "2026-12-24", "2027-01-04")
BEGINS = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def fill(database: Path, cases: int, seed: int, closures: tuple[str, ...] = CLOSURES) -> datetime:
    """Make so many cases with some steps each; the calendars are closed on some days on the way. Returns the last moment."""
    chance = Random(seed)
    now = BEGINS
    days = list(closures)
    papers = database.parent / "papers"
    papers.mkdir(parents=True)
    files: list[dict[str, Any]] = []
    for number in range(1, cases + 1):
        now += timedelta(minutes=chance.randrange(1, 400 if cases < 100 else 40))
        protocol = chance.choice(PROTOCOLS)
        files.append(tomllib.loads((SHIPPED / f"{protocol}.toml" if protocol in NAMES else Path(protocol)).read_text()))
        _open(database, number, protocol, chance, now)
        for _ in range(chance.randrange(6)):
            now += timedelta(minutes=chance.randrange(1, 30))
            case = chance.randrange(max(1, number - 8), number + 1)
            line = _step(str(case), files[case - 1], papers, chance)
            _office(chance)(database, *line, now=f"{now:%Y-%m-%dT%H:%M}")
        if days and number % max(1, cases // (len(closures) + 1)) == 0:
            unit.did(
                database, "calendar", "add", days.pop(0), "--reason", "Offices closed", "--yes", now=f"{now:%Y-%m-%dT%H:%M}"
            )  # fmt: skip
    return now + timedelta(days=2)


def _office(chance: Random) -> Office:
    return Office(by=chance.choice(PEOPLE), environment=unit.environment, driver=unit.driver)


def _open(database: Path, number: int, protocol: str, chance: Random, now: datetime) -> None:
    raising, receiving = chance.sample(AGENCIES, 2)
    line = [
        "open",
        protocol,
        "--subject",
        f"M-{chance.randrange(99999)}",
        "--from",
        raising,
        "--to",
        receiving,
    ]
    if chance.random() < 0.6:
        line += ["--about", f'Step-down {number} is not "safe"; = 1+1, ünsure\nand more']
    if chance.random() < 0.3:
        line += ["--fact", "theme=" + chance.choice(("drift", "thresholds"))]
    if chance.random() < 0.4:
        line += ["--concern", f"{now - timedelta(days=chance.randrange(1, 9)):%Y-%m-%d}"]
    _office(chance).did(database, *line, now=f"{now:%Y-%m-%dT%H:%M}")


def _actions(protocol: dict[str, Any]) -> list[str]:
    """The keys of the actions of a protocol."""
    stages = [
        protocol,
        *protocol.get("stages", ()),
        *(each for route in protocol.get("routes", ()) for each in route.get("stages", ())),
    ]
    return [each["key"] for stage in stages for name in ("actions", "standing_actions") for each in stage.get(name, ())]


def _answer(protocol: dict[str, Any], chance: Random) -> str:
    """Any answer to any question of a protocol."""
    fact = chance.choice(protocol.get("facts") or [{"key": "involved"}])
    return f"{fact['key']}={chance.choice(fact.get('answers', ('yes', 'no')))}"


def _paper(papers: Path, chance: Random) -> str:
    """A file to note."""
    path = papers / f"minutes {chance.randrange(9)}, =1.txt"
    path.write_text(path.name)
    return str(path)


def _step(case: str, protocol: dict[str, Any], papers: Path, chance: Random) -> list[str]:
    steps: list[list[str]] = [
        ["note", case, f"Rang at {chance.randrange(99)}; =no answer"],
        ["note", case, "Minutes", "--document", _paper(papers, chance)],
        ["done", case, chance.choice(_actions(protocol) or ["resolve"])],
        ["set", case, _answer(protocol, chance)],
        [
            "done",
            case,
            chance.choice(
                (
                    "discussion",
                    "resolve",
                    "communication",
                    "need-for-action",
                    "plan",
                    "meetings",
                    "written-escalation",
                    "roles",
                )
            ),
        ],
        ["agree", case, "in 3 days", "--reason", "waiting for the report"],
        ["advance", case],
        ["advance", case, "--because", "no-response"],
        ["assign", case, chance.choice(("raising", "receiving")), "Bo Keeper", "--role", "Team manager"],
        ["set", case, "name=Ada Holder", "born=3 May 2014"],
        ["set", case, f"severity={chance.choice(('high', 'low', 'yes', 'no'))}"],
        ["set", case, f"protection-plan={chance.choice(('yes', 'no'))}"],
        ["set", case, f"involved={chance.choice(AGENCIES)}"],
        ["set", case, "immediate-risk=yes"],
        ["resolve", case, "--how", "Joint visit", "--lessons", "Ring first"],
        ["withdraw", case, "--reason", "No longer pursued"],
        ["reopen", case],
        ["undo", case, "--reason", "slip"],
        ["erase", case, "--yes"],
        ["void", case, "--reason", "opened by mistake", "--yes"],
    ]
    return chance.choices(steps, weights=[4, 2, 6, 3, 6, 3, 6, 3, 2, 2, 2, 3, 1, 1, 3, 1, 2, 2, 2, 0.5])[0]
