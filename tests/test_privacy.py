"""PRIVACY.md has every table and column of both engines with what it is, and commands that are there."""

import re
import shlex

import pytest
import typer
from typer.core import TyperGroup

from escalate import cli
from tests.dictionary import PAGE, TO_DESCRIBE, columns, described, dictionary

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_dictionary_is_that_of_the_schema() -> None:
    assert dictionary(TEXT) == TEXT, "write it anew: python -m tests.dictionary"


def test_every_column_is_described() -> None:
    """A new one is not, as long as nobody has said what it is."""
    said = described(TEXT)
    assert [f"{table}.{column}" for (table, column), what in said.items() if what == TO_DESCRIBE] == []
    there = {(table, column) for table, of_table in columns().items() for column in (*of_table, "")}
    assert there == said.keys()
    assert len(there) > 200
    missing = re.sub(r"\| `salt` .*\n", "", TEXT)
    assert TO_DESCRIBE in dictionary(missing)


LINES = re.findall(r"`(escalate [^`]+)`", TEXT)


@pytest.mark.parametrize("line", [*dict.fromkeys(LINES)])
def test_the_commands_it_names_are_there(line: str) -> None:
    _, name, *words = shlex.split(line)
    group = typer.main.get_command(cli.app)
    assert isinstance(group, TyperGroup)
    options = {each for option in group.commands[name].params for each in option.opts}
    assert {word for word in words if word.startswith("--")} <= options
