"""The chain of hashes over everything that is recorded: a change of what came before a head that is known elsewhere shows.

Every entry, every edition and every version of a calendar has a link. A link takes up the digest of what it stands for and the
hash before it; the first takes up the random name of the file. Of free text and identities an entry has salted commitments
only, so that they can be erased and the chain still holds.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

from escalate.storage.rows import as_json

ENTRY, EDITION, CALENDAR = "entry", "edition", "calendar"
"""What a link can stand for."""

ENTRY_COLUMNS = 'id, case_ref, seq, kind, at, recorded_at, "by", data, commitments'
"""What the digest of an entry is made of, in this order."""

VERSION_COLUMNS = (
    'version, made_at, "by", why, opens, closes, first, last, published_to, authority_from, authority_to, source'
)
"""What the digest of a version of a calendar is made of, in this order, beside what the calendar is made of and its days off."""

_CONTENT = {
    ENTRY: f"SELECT {ENTRY_COLUMNS} FROM entry WHERE id = ?",
    EDITION: "SELECT id, protocol, dated, digest, text, bases, recorded_at FROM edition WHERE id = ?",
}
_VERSION = f"SELECT {VERSION_COLUMNS}, own FROM calendar_version JOIN calendar ON name = calendar WHERE calendar = ? AND version = ?"
_DAYS_BEGUN = "SELECT day, kind, name, since FROM day_off WHERE calendar = ? AND since = ? ORDER BY day, kind, since"
_DAYS_ENDED = "SELECT day, kind, name, since FROM day_off WHERE calendar = ? AND until = ? ORDER BY day, kind, since"

_ADD_LINK = "INSERT INTO link (n, what, ref, digest, hash) VALUES (?, ?, ?, ?, ?)"
_LAST_LINK = "SELECT n, hash FROM link ORDER BY n DESC LIMIT 1"
_LINKS = "SELECT n, what, ref, digest, hash FROM link ORDER BY n"
_LINK_NUMBERED = "SELECT hash FROM link WHERE n = ?"
_FILE_NAME = "SELECT value FROM kept WHERE name = 'file'"

_EDITION_IDS = "SELECT id FROM edition ORDER BY id"
_ENTRY_IDS = "SELECT id FROM entry ORDER BY id"
_CALENDARS_AND_VERSIONS = (  # a calendar without its first version, or a day of no version, is found by having no link
    "SELECT name, 1 FROM calendar UNION SELECT calendar, version FROM calendar_version"
    " UNION SELECT calendar, since FROM day_off UNION SELECT calendar, until FROM day_off WHERE until IS NOT NULL"
    " ORDER BY 1, 2"
)


def seal(db: sqlite3.Connection, what: str, ref: str | int) -> None:
    """Add the link of something just recorded. Inside the transaction that recorded it."""
    number, before = last_link(db)
    _add(db, number + 1, before, what, str(ref))


def seal_entries(db: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> None:
    """Add the links of entries just recorded as these rows of ENTRY_COLUMNS. Inside the transaction that recorded them."""
    last, before = last_link(db)
    links = []
    for number, row in enumerate(rows, last + 1):
        link = _link(number, before, ENTRY, str(row[0]), _hash(list(row)))
        before = link[-1]
        links.append(link)
    db.executemany(_ADD_LINK, links)


def seal_all(db: sqlite3.Connection) -> None:
    """Begin the chain of a file that had none. Inside the transaction that makes its table."""
    number, before = last_link(db)
    for what, ref in list(_recorded(db)):
        number += 1
        before = _add(db, number, before, what, ref)


def last_link(db: sqlite3.Connection) -> tuple[int, str]:
    """The number and the hash of the last link; before the first, 0 and the random name of the file."""
    row = db.execute(_LAST_LINK).fetchone()
    return (row[0], row[1]) if row else (0, file_name(db))


def file_name(db: sqlite3.Connection) -> str:
    """The random name that tells this file from every other; empty where that is lost."""
    row = db.execute(_FILE_NAME).fetchone()
    return str(row[0]) if row else ""


def head(db: sqlite3.Connection) -> str:
    """`1204:9f3a...`: the number and the hash of the last link. Written down elsewhere, it shows later that nothing was changed."""
    number, last = last_link(db)
    return f"{number}:{last}"


def broken(db: sqlite3.Connection) -> Iterator[str]:
    """A sentence for each thing that is not as the chain says it was recorded."""
    expected, before = 1, file_name(db)
    linked: set[tuple[str, str]] = set()
    for number, what, ref, digest, stated in db.execute(_LINKS):
        name = said(what, ref)
        if number != expected:
            yield f"link {expected} of the chain is missing"
        if stated != link_hash(before, number, what, ref, digest):
            yield f"link {number} of the chain ({name}) does not follow from the one before it"
        if (what, ref) in linked:
            yield f"{name} stands in the chain twice"
        elif digest_of(db, what, ref) != digest:
            yield f"{name} is not what was recorded"
        linked.add((what, ref))
        expected, before = number + 1, stated
    for what, ref in _recorded(db):
        if (what, ref) not in linked:
            yield f"{said(what, ref)} was added past the chain"


def holds(db: sqlite3.Connection, known: tuple[int, str]) -> bool | None:
    """Whether this file once had a head that was written down elsewhere; None where the file ends before it."""
    number, stated = known
    if number == 0:
        return stated == file_name(db)
    row = db.execute(_LINK_NUMBERED, [number]).fetchone()
    return None if row is None else bool(row[0] == stated)


def said(what: str, ref: str) -> str:
    """What a link stands for, in words for people."""
    if what == CALENDAR:
        name, _, version = ref.rpartition("@")
        return f"version {version} of the {name} calendar"
    return f"{what} {ref}"


def link_hash(before: str, number: int, what: str, ref: str, digest: str) -> str:
    """The hash of a link: over the hash before it, its number, what it stands for, and the digest of that."""
    return _hash([before, number, what, ref, digest])


def digest_of(db: sqlite3.Connection, what: str, ref: str) -> str | None:
    """The digest of all that is recorded of something; None where there is no such thing."""
    content = _calendar(db, ref) if what == CALENDAR else _row(db, what, ref)
    return None if content is None else _hash(content)


def _hash(content: object) -> str:
    return hashlib.sha256(as_json(content).encode("utf-8", "surrogatepass")).hexdigest()


def _add(db: sqlite3.Connection, number: int, before: str, what: str, ref: str) -> str:
    digest = digest_of(db, what, ref)
    assert digest is not None
    link = _link(number, before, what, ref, digest)
    db.execute(_ADD_LINK, link)
    return link[-1]


def _link(number: int, before: str, what: str, ref: str, digest: str) -> tuple[int, str, str, str, str]:
    return number, what, ref, digest, link_hash(before, number, what, ref, digest)


def _row(db: sqlite3.Connection, what: str, ref: str) -> list[object] | None:
    if what not in _CONTENT or not ref.isdecimal():
        return None
    row = db.execute(_CONTENT[what], [int(ref)]).fetchone()
    return list(row) if row else None


def _calendar(db: sqlite3.Connection, ref: str) -> list[object] | None:
    """What a version of a calendar says beside its days, what it is made of, and the days off that began or ended with it."""
    name, _, version = ref.rpartition("@")
    if not version.isdecimal():
        return None
    key = [name, int(version)]
    row = db.execute(_VERSION, key).fetchone()
    if row is None:
        return None
    began, ended = ([list(each) for each in db.execute(days, key)] for days in (_DAYS_BEGUN, _DAYS_ENDED))
    return [name, *row, began, ended]


def _recorded(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Everything that has to have a link, in the order in which an older file is given its links."""
    for row in db.execute(_EDITION_IDS):
        yield EDITION, str(row[0])
    for row in db.execute(_CALENDARS_AND_VERSIONS):
        yield CALENDAR, f"{row[0]}@{row[1]}"
    for row in db.execute(_ENTRY_IDS):
        yield ENTRY, str(row[0])
