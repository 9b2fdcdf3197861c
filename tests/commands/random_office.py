"""An office with very many cases in it, to which things happen at random: every step is a command line, and those that are refused change nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tests.driver import Office, unit
from tests.model.walk import NAMES

SHAPES = Path(__file__).parents[1] / "shapes"
PROTOCOLS = (*NAMES, str(SHAPES / "own-days.toml"), str(SHAPES / "repeated.toml"), str(SHAPES / "grades.toml"))
AGENCIES = ("Wye Valley Trust", "Children's Services", "West Mercia Police", "Hill School", "0-19 Health")
PEOPLE = ("anna.b", "carol.d", "errol.f")
CLOSURES = ("2026-11-27", "2026-12-24", "2027-01-04")
BEGINS = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def fill(database: Path, cases: int, seed: int, closures: tuple[str, ...] = CLOSURES) -> datetime:
    """Make so many cases with some steps each; the calendars are closed on some days on the way. Returns the last moment."""
    chance = Random(seed)
    now = BEGINS
    days = list(closures)
    for number in range(1, cases + 1):
        now += timedelta(minutes=chance.randrange(1, 400 if cases < 100 else 40))
        _open(database, number, chance, now)
        for _ in range(chance.randrange(6)):
            now += timedelta(minutes=chance.randrange(1, 30))
            line = _step(str(chance.randrange(max(1, number - 8), number + 1)), chance)
            _office(chance)(database, *line, now=f"{now:%Y-%m-%dT%H:%M}")
        if days and number % max(1, cases // (len(closures) + 1)) == 0:
            unit.did(
                database, "calendar", "add", days.pop(0), "--reason", "Offices closed", "--yes", now=f"{now:%Y-%m-%dT%H:%M}"
            )  # fmt: skip
    return now + timedelta(days=2)


def _office(chance: Random) -> Office:
    return Office(by=chance.choice(PEOPLE), environment=unit.environment, driver=unit.driver)


def _open(database: Path, number: int, chance: Random, now: datetime) -> None:
    raising, receiving = chance.sample(AGENCIES, 2)
    line = [
        "open",
        chance.choice(PROTOCOLS),
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


def _step(case: str, chance: Random) -> list[str]:
    steps: list[list[str]] = [
        ["note", case, f"Rang at {chance.randrange(99)}; =no answer"],
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
    return chance.choices(steps, weights=[4, 6, 3, 6, 3, 2, 2, 2, 3, 1, 1, 3, 1, 2, 2, 2, 0.5])[0]
