"""A new protocol file made from the text of another one.

The text is changed and not written anew, so that its remarks stay. Only this loads tomlkit.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Item, Key, Table

from escalate.domain.authoring.template import REACHED_BY, SAID_ANEW, Names, edition, head, intended, remark
from escalate.errors import Refused
from escalate.storage.files.protocols import ProtocolFile, bases_of, parse_protocol
from escalate.storage.files.toml import parse_toml

Entry = tuple[Key | None, Item]
"""A key with its value, or a table with its name; remarks and empty lines have none."""


def copied_file(like: ProtocolFile, names: Names, place: Path, users_folder: Path) -> str:
    """The text of a new file that says what another one says, and is sound at its place. Raises BrokenFile, Refused."""
    refusal = Refused(
        f"{like.name} is laid out so that it cannot be copied line by line: begin from another one with --like, or give"
        " each thing it says of its edition, contacts and forms a line of its own."
    )
    try:
        text = copied(like.text, like.protocol.id, names)
    except TOMLKitError as problem:
        raise refusal from problem
    if parse_toml(text, place.name) != intended(parse_toml(like.text, like.name), names):
        raise refusal
    parse_protocol(text, place.name, tuple(bases_of(place, text, users_folder)))
    return text


def copied(text: str, like: str, names: Names) -> str:
    """The text of a new file, from that of the file `like`. Raises TOMLKitError."""
    document = tomlkit.parse(f"{text}\n")
    entries = [(key, item) for key, item in document.body if key is None or key.key not in SAID_ANEW]
    first = next((n for n, entry in enumerate(entries) if _tables(*entry)), len(entries))

    def written(some: Iterable[Entry]) -> str:
        document.body[:] = some
        return document.as_string()

    kept = written(_remarked((entry for entry in entries[:first] if entry[0]), like))
    tables = written(_remarked(entries[first:], like))
    return f"{head(like, names)}{kept}\n{edition(names)}\n{tables}".rstrip("\n") + "\n"


def _remarked(entries: Iterable[Entry], like: str) -> Iterator[Entry]:
    """Entries with a remark before the first of each name, and without what says whom to reach there."""
    seen: set[str] = set()
    for key, item in entries:
        if key and not key.is_dotted() and key.key not in seen:
            seen.add(key.key)
            first: Item = next(iter(_tables(key, item)), item)
            first.trivia.indent = remark(key.key, like) + first.trivia.indent
            for table in _tables(key, item):
                _leave_out(table, REACHED_BY.get(key.key, ()))
        yield key, item


def _tables(key: Key | None, item: Item) -> list[Table]:
    """The tables with a header of their own that an entry consists of."""
    if isinstance(item, AoT):
        return item.body
    return [item] if isinstance(item, Table) and key and not key.is_dotted() else []


def _leave_out(table: Table, fields: Iterable[str]) -> None:
    for n, (key, _) in enumerate(table.value.body):
        if key and key.key in fields:
            table.value.body[n] = None, tomlkit.comment(f'{key.key} = ""')
