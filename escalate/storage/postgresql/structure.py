"""What tells the schema on a server from what escalate makes: tables, views, policies, triggers, functions, and who has which right to them.

structure.txt has what escalate makes, the same with every version of PostgreSQL, a line each; `make schema` writes it anew. Whoever owns
the server can show anything instead: this is for what was changed by hand, by another program, or by somebody who does not know of it.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

STRUCTURE = Path(__file__).with_name("structure.txt")


class Part(NamedTuple):
    """A table, a view, an index, a trigger, a policy, a function, a type, or what a role may do."""

    kind: str
    """What it is."""
    name: str
    """Its name, with the arguments of a function, and the table of a trigger or a policy."""
    text: str
    """All that was said of it, of a function the hash of that; its owner, and who else has which right."""

    def __str__(self) -> str:
        return f"the {self.kind} {self.name}"


def differences(found: Iterable[Part]) -> list[str]:
    """A sentence for each part that is not as escalate makes it, is gone, or is none of it."""
    its, ours = ({(each.kind, each.name): each for each in parts} for parts in (found, made()))
    return [
        *(f"{each} is gone" for key, each in ours.items() if key not in its),
        *(f"{each} is not as escalate makes it" for key, each in its.items() if ours.get(key, each) != each),
        *(f"{each} is not one of escalate's" for key, each in its.items() if key not in ours),
    ]


def made() -> list[Part]:
    """What escalate makes."""
    return [Part(*json.loads(line)) for line in STRUCTURE.read_text("utf-8").splitlines()]


def structure_text(parts: Iterable[Part]) -> str:
    """All of it as one text, a line each."""
    return "".join(f"{json.dumps(part)}\n" for part in parts)
