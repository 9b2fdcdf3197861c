"""The statements of an engine, by name: those of `queries.sql` beside this file, and its own, which win over them.

A statement begins with a line `-- name: entries_of_cases`, then a line says what it finds, and its text goes on until the next name. Values
stand in it as `:case`. `{due}` stands for a piece, a text that several share: a piece begins with `-- piece: due`. An engine may
have its own of each, such as `{in_these}`: is any of the values in the JSON list `:these`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

SHARED = Path(__file__).with_name("queries.sql")
"""The statements that run on every engine."""


class Statements:
    """The statements in files; a later file wins over an earlier one."""

    def __init__(self, *files: Path) -> None:
        self._texts: dict[str, str] = {}
        for file in files:
            _, *parts = file.read_text(encoding="utf-8").replace("\n-- piece: ", "\n-- name: {").split("\n-- name: ")
            for part in parts:
                name, _, text = part.partition("\n")
                self._texts[name] = text
        self._whole: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """The statement of a name, with every piece in its place. Raises KeyError."""
        if name not in self._whole:
            self._whole[name] = self._with_pieces(self._texts[name])
        return self._whole[name]

    def __iter__(self) -> Iterator[str]:
        """The names of all statements."""
        return (name for name in self._texts if name[0] != "{")

    def _with_pieces(self, text: str) -> str:
        lines = [line.strip() for line in text.split("\n") if not line.startswith("--")]
        return re.sub(r"(\{\w+)\}", lambda found: self._with_pieces(self._texts[found[1]]), " ".join(lines)).strip()
