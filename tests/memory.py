"""A database that is nowhere but in memory, for unit tests of what is above it.

It is SQLite's own `:memory:`: a double of dictionaries would have to answer some eighty questions, which is no less than a second store, and one
that nobody checks. This has the statements, the guards and the numbering of a file, and opens in a few milliseconds.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from escalate.storage import upkeep
from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.sqlite.database import OpenFile, transaction
from escalate.storage.store import Store
from tests.new_files import migrate


@contextmanager
def memory_store() -> Iterator[Store]:
    """A store without cases, which is gone at the end."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        with transaction(connection):
            migrate(connection, SCHEMA_VERSION)
        database = OpenFile(connection, Path(":memory:"), None)
        upkeep.settle(database)
        yield Store(database)
