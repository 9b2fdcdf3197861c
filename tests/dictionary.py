"""The data dictionary of PRIVACY.md, made from the schema of both engines: `python -m tests.dictionary` writes it anew.

What each table and column is, a person says there; what is described stays, and what is new says that it has to be.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.sqlite.schema import migrate

PAGE = Path(__file__).parents[1] / "PRIVACY.md"
BEGINS, ENDS = "<!-- the dictionary begins -->", "<!-- the dictionary ends -->"
TO_DESCRIBE = "TO BE DESCRIBED"
"""What stands where nobody has said yet what something is."""

FILE, SERVER = "file", "server"

Columns = Mapping[str, Mapping[str, set[str]]]
"""Where each column is, of `file` and `server`, by its table and its name."""


def columns() -> Columns:
    """Every column of every table of both engines."""
    found: dict[str, dict[str, set[str]]] = {}
    for where, there in ((FILE, _of_file()), (SERVER, _of_server())):
        for table, column in there:
            found.setdefault(table, {}).setdefault(column, set()).add(where)
    return found


def _of_file() -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        migrate(db, SCHEMA_VERSION)
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for table in tables:
            if not re.match(r"search_index_|sqlite_", table):  # what the index is made of, and SQLite's own
                yield from ((table, row["name"]) for row in db.execute(f"PRAGMA table_info({table})"))


def _of_server() -> Iterator[tuple[str, str]]:
    folder = files("escalate.storage.postgresql").joinpath("schema")
    for each in sorted(folder.iterdir(), key=lambda file: file.name):
        text = each.read_text("utf-8")
        for table in re.finditer(r"^CREATE TABLE escalate\.(\w+) \(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL):
            for line in table[2].splitlines():
                column = re.match(r"    ([a-z_]+) [a-z]", line)
                if column:
                    yield table[1], column[1]
        for table, column_ in re.findall(r"ALTER TABLE escalate\.(\w+) ADD COLUMN (?:IF NOT EXISTS )?(\w+)", text):
            yield table, column_


def described(page: str) -> dict[tuple[str, str], str]:
    """What the page says of each column, and of each table under an empty name."""
    found, table = {}, ""
    for line in page.partition(BEGINS)[2].partition(ENDS)[0].splitlines():
        if heading := re.fullmatch(r"\*\*`(\w+)`\*\*: (.*)", line):
            table = heading[1]
            found[table, ""] = heading[2]
        elif row := re.fullmatch(r"\| `(\w+)` \| (?:[a-z, ]+) \| (.*) \|", line):
            found[table, row[1]] = row[2]
    return found


def dictionary(page: str) -> str:
    """The page with its dictionary made anew."""
    said, lines = described(page), [BEGINS]
    for table, of_table in sorted(columns().items()):
        lines += [
            "",
            f"**`{table}`**: {said.get((table, ''), TO_DESCRIBE)}",
            "",
            "| column | where | what it is |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{column}` | {', '.join(sorted(where))} | {said.get((table, column), TO_DESCRIBE)} |"
            for column, where in of_table.items()
        ]
    before, _, rest = page.partition(BEGINS)
    return before + "\n".join([*lines, "", ENDS]) + rest.partition(ENDS)[2]


if __name__ == "__main__":
    PAGE.write_text(dictionary(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
