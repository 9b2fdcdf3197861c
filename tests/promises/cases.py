"""A file of cases with something of everything in it, made by the commands themselves."""

from pathlib import Path

from tests.driver import unit

OPENED, LATER, NOW = "2026-11-20T09:00", "2026-11-23T10:00", "2026-12-01T09:00"
SHAPES = Path(__file__).parent.parent / "shapes"

CANARIES = (
    "Ada Canary",
    "12 Canary Row",
    "2014-05-03",
    "Bo Keepercanary",
    "bo.canary@trust.example",
    "CANARY-4711",
    "canary about",
    "canary outcome",
    "canary remark",
    "canary how",
    "canary lesson",
    "canary reason",
    "canary role",
    "canary asked the duty desk",
)
"""Whatever of the first case can be erased."""


def make_cases(database: Path) -> None:
    """Four cases: the first with every kind of words and resolved; own days, a changed calendar, things taken back."""
    opened: list[tuple[str, ...]] = [
        ("open", "herefordshire", "--subject", "CANARY-4711", "--from", "Trust", "--to", "Council", "--about", "canary about",
         "--fact", "protection-plan=yes", "--fact", "theme=drift"),
        ("open", "hull-east-riding", "--subject", "H-1", "--from", "Trust", "--to", "Council", "--about", "thresholds"),
        ("open", str(SHAPES / "own-days.toml"), "--subject", "O-1"),
        ("open", "lincolnshire", "--from", "Police", "--to", "Council", "--about", "Who takes the lead"),
    ]  # fmt: skip
    for line in opened:
        unit.did(database, *line, now=OPENED)
    unit.did(
        database,
        "set",
        "1",
        "name=-",
        "born=-",
        "address=-",
        now=OPENED,
        stdin="Ada Canary\n3 May 2014\n12 Canary Row\n",
    )
    unit.did(
        database, "assign", "1", "raising", "-", "--role", "canary role", "--email", "-",
        now=OPENED, stdin="Bo Keepercanary\nbo.canary@trust.example\n",
    )  # fmt: skip
    later: list[tuple[str, ...]] = [
        ("set", "1", "desired-outcome=canary outcome"),
        ("note", "1", "canary remark"),
        ("advance", "1", "--reason", "canary reason"),
        ("done", "1", "iro-notified", "--note", "canary remark by telephone"),
        ("undo", "1", "--reason", "canary reason again"),
        ("agree", "2", "Wed 25 Nov 12:00"),
        ("assign", "2", "receiving", "Cy Other", "--role", "Manager"),
        ("set", "2", "name=Di Other", "subject=H-2"),
        ("calendar", "add", "27 Nov 2026", "--reason", "Council closed", "--yes"),
        ("show", "1", "--identify", "--reason", "canary asked the duty desk"),
        ("search", "canary", "--identify"),
        ("list", "--identify"),
        ("show", "2", "--identify", "--reason", "Panel of 23 November"),
        ("resolve", "1", "--how", "canary how", "--lessons", "canary lesson"),
        ("withdraw", "4", "--reason", "Raised twice"),
    ]
    for line in later:
        unit.did(database, *line, now=LATER)


def sound(database: Path, *heads: str) -> bool:
    """Whether `verify` finds nothing wrong."""
    return unit(database, "verify", *(word for head in heads for word in ("--head", head)), now=NOW).status == 0
