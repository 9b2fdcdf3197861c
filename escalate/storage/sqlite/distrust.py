"""What is done about a file that somebody else may have touched: nothing that stands in it is run, and no step in it is endless.

SQLite has a defensive mode for this (SQLITE_DBCONFIG_DEFENSIVE), which Python can set from 3.12 on; before that only through the
inner layout of its objects, which is no way to treat a file with cases. It would keep statements from changing the schema by hand.
We give none but our own, and the schema is compared before the first of them reads a row, so without it nothing is open.
"""

import sqlite3
import sys

MOST_IN_A_ROW = 50_000_000
"""Bytes in one text or row. The longest that escalate writes, a digest over thousands of cases, has a tenth of that."""

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MOST_IN_A_ROW,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,  # ours set nothing off
}

_TRUSTS_NOTHING = (
    "PRAGMA trusted_schema = OFF",  # what the schema calls may do no more than work something out
    "PRAGMA cell_size_check = ON",  # a damaged page is found before it is read
)


Parts = list[tuple[str, ...]]
"""Tables, indexes, triggers and views: kind, name, the table that each belongs to, and the statement that makes it, or nothing."""

_PARTS = (  # other programs may have left how many rows there are, by which SQLite chooses its way
    "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
    " WHERE NOT (name = 'sqlite_stat1' AND sql = 'CREATE TABLE sqlite_stat1(tbl,idx,stat)') ORDER BY type, name"
)


def set_bounds(connection: sqlite3.Connection) -> None:
    """Have a connection trust nothing in its file, and end every step. Raises sqlite3.DatabaseError."""
    if hasattr(connection, "setlimit"):  # SQLCipher's has none; nobody without its key has touched an encrypted file
        for limit, most in _LIMITS.items():
            connection.setlimit(limit, most)
    if sys.version_info >= (3, 12) and hasattr(connection, "setconfig"):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    for pragma in _TRUSTS_NOTHING:
        connection.execute(pragma)


def parts_of(connection: sqlite3.Connection) -> Parts:
    """All that a file is made of, in order. Nothing that stands in it is run. Raises sqlite3.DatabaseError."""
    try:
        return [tuple(row) for row in connection.execute(_PARTS)]
    except UnicodeDecodeError:  # not `from`: the bytes stay out of every report
        damaged = sqlite3.DatabaseError("there are bytes in it that are not text")
        damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damaged from None


def structure_text(parts: Parts) -> str:
    """All of it as one text, a line each, which no other parts have."""
    return "".join(f"{part!r}\n" for part in parts)
