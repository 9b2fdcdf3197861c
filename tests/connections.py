"""The connection under a store: what a test does to a file past everything that guards it, or sees SQLite do."""

import sqlite3

from escalate.storage.lists import Lists
from escalate.storage.sqlite.database import OpenFile
from escalate.storage.store import Store


def connection_of(opened: Store | Lists) -> sqlite3.Connection:
    """The connection that a store, or lists, ask their questions through."""
    assert isinstance(opened.database, OpenFile)
    return opened.database.connection
