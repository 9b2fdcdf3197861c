"""Every command there is, so that none can be forgotten by a test that says it looks at all of them."""

from collections.abc import Collection, Iterable

import typer
from typer.core import TyperGroup

from escalate.cli import app


def all_commands() -> set[str]:
    """The commands that work on a file, as they are typed: `due`, `calendar add` and so on.

    Those that set a server up show nothing of a case: tests/storage/postgresql looks at them.
    """
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    found: set[str] = set()
    for name, command in group.commands.items():
        if name == "server":
            continue
        found |= {f"{name} {inner}" for inner in command.commands} if isinstance(command, TyperGroup) else {name}
    return found


def assert_none_forgotten(lines: Iterable[tuple[str, ...]], but: Collection[str] = ()) -> None:
    """Each command begins one of the lines, the words of which stand apart, but those that are looked at elsewhere."""
    typed = {" ".join(line[:n]) for line in lines for n in (1, 2)}
    assert all_commands() - typed == set(but)
