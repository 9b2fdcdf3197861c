"""The chain of hashes over everything that is recorded: a change of what came before a head that is known elsewhere shows.

Every entry, every edition, every version of a calendar and every look at names has a link. A link takes up the digest of what it stands for and the
hash before it; the first takes up the random name of the file. Of free text and identities an entry has salted commitments
only, so that they can be erased and the chain still holds.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from escalate.storage.hashes import expect_many, hash_of
from escalate.storage.interface import Database, Row
from escalate.storage.rows import as_json, these

ENTRY, EDITION, CALENDAR, LOOK = "entry", "edition", "calendar", "look"
"""What a link can stand for."""

_CONTENT = {ENTRY: "entry_recorded", EDITION: "edition_recorded"}

AT_ONCE = 500
"""So many links are checked at a time."""

FILE_NAME = "file"
"""The fact that is the random name of the file."""


class Segment(NamedTuple):
    """The end of a chain, from some link to the head: whoever has it can follow the hashes."""

    of: str
    """`everything`, or `agency` for what one agency sees on a server."""
    before: tuple[int, str]
    """The number and the hash of the link before the first one."""
    links: list[tuple[str, str | int, str]]
    """What each link stands for, and the digest of that: `entry`, its id and the digest; of an agency the case, the number in it and the digest."""
    head: str
    """The number and the hash of the last one."""


def last_link(database: Database) -> tuple[int, str]:
    """The number and the hash of the last link, which is on the disk; before the first, 0 and the random name of the file."""
    row = database.row("last_link")
    database.on_disk()
    return (row["n"], row["hash"]) if row else (0, file_name(database))


def file_name(database: Database) -> str:
    """The random name that tells this file from every other; empty where that is lost."""
    return database.facts().get(FILE_NAME, "")


def head(database: Database) -> str:
    """`1204:9f3a...`: the number and the hash of the last link. Written down elsewhere, it shows later that nothing was changed."""
    number, last = last_link(database)
    return f"{number}:{last}"


def read_head(said: str) -> tuple[int, str]:
    """The number and the hash in a head."""
    number, _, stated = said.partition(":")
    return int(number), stated


def broken(database: Database) -> Iterator[str]:
    """A sentence for each thing that is not as the chain says it was recorded."""
    expected, before = 1, file_name(database)
    linked: set[tuple[str, str]] = set()
    links = database.stream("links")
    while several := list(islice(links, AT_ONCE)):
        if expected > AT_ONCE:
            expect_many()
        read_ahead = _digests_of_entries(database, several)
        for row in several:
            number, what, ref, stated = row["n"], row["what"], row["ref"], row["hash"]
            if number != expected:
                yield f"link {expected} of the chain is missing"
            if stated != link_hash(before, number, what, ref, row["digest"]):
                yield f"link {number} of the chain ({said(what, ref)}) does not follow from the one before it"
            if (what, ref) in linked:
                yield f"{said(what, ref)} is in the chain twice"
            elif (read_ahead.get((what, ref)) or digest_of(database, what, ref)) != row["digest"]:
                yield f"{said(what, ref)} is not what was recorded"
            linked.add((what, ref))
            expected, before = number + 1, stated
    for what, ref in recorded(database):
        if (what, ref) not in linked:
            yield f"{said(what, ref)} was added past the chain"


def _digests_of_entries(database: Database, links: Iterable[Row]) -> dict[tuple[str, str], str]:
    """The digests of the entries that links stand for, by what and ref; of those that follow one another, as all do in a sound chain."""
    ids = [int(row["ref"]) for row in links if row["what"] == ENTRY and row["ref"].isdecimal()]
    entries = database.rows("entries_recorded", first=min(ids), most=len(ids)) if ids else []
    return {(ENTRY, str(row["id"])): digest(row) for row in entries}


def holds(database: Database, known: tuple[int, str]) -> bool | None:
    """Whether this file once had a head that was written down elsewhere; None where the file ends before it."""
    number, stated = known
    if number == 0:
        return stated == file_name(database)
    row = database.row("link_numbered", n=number)
    return None if row is None else bool(row["hash"] == stated)


def segment(database: Database, needed: Collection[tuple[str, str | int]]) -> Segment:
    """The end of the chain from the first link on that stands for something needed. What is before that is not read."""
    refs: dict[str, list[str]] = {}
    for what, ref in needed:
        refs.setdefault(what, []).append(str(ref))
    found_first = [database.rows("first_link", what=what, **these(each))[0]["n"] for what, each in refs.items()]
    first = min((n for n in found_first if n is not None), default=1)
    from_before = database.stream("links_from", n=first - 1)
    links = ((row["what"], row["ref"], row["digest"], row["n"], row["hash"]) for row in from_before)
    found = end_of("everything", file_name(database), links, lambda what, ref: (what, ref) in needed)
    database.on_disk()
    return found


def end_of(
    of: str,
    beginning: str,
    links: Iterable[tuple[str, str | int, str, int, str]],
    is_needed: Callable[[str, str | int], bool],
) -> Segment:
    """The end of a chain from the first link on that is needed; each link with its number and its hash."""
    before = last = (0, beginning)
    found: list[tuple[str, str | int, str]] = []
    for what, ref, made, number, stated in links:
        if found or is_needed(what, ref):
            before = before if found else last
            found.append((what, ref, made))
        last = number, stated
    return Segment(of, before, found, f"{last[0]}:{last[1]}")


def said(what: str, ref: str) -> str:
    """What a link stands for, in words for people."""
    if what == CALENDAR:
        name, _, version = ref.rpartition("@")
        return f"version {version} of the {name} calendar"
    return f"{what} {ref}"


def link_hash(before: str, number: int, what: str, ref: str, digest: str) -> str:
    """The hash of a link: over the hash before it, its number, what it stands for, and the digest of that."""
    return hash_of(as_json([before, number, what, ref, digest]))


def link(number: int, before: str, what: str, ref: str, digest: str) -> tuple[int, str, str, str, str]:
    """The row of a link that follows from the hash before it."""
    return number, what, ref, digest, link_hash(before, number, what, ref, digest)


def digest_of(database: Database, what: str, ref: str) -> str | None:
    """The digest of all that is recorded of something; None where there is no such thing."""
    if what == CALENDAR:
        from escalate.storage.reasons import digest_of_version  # few commands look at calendars

        return digest_of_version(database, ref)
    content = _look(database, ref) if what == LOOK else _row(database, what, ref)
    return None if content is None else digest(content)


def digest_at_first(database: Database, what: str, ref: str) -> str | None:
    """The same of a file before the ninth migration, as far as `recorded_at_first` goes."""
    if what == CALENDAR:
        from escalate.storage.reasons import kept_version

        version = kept_version(database, ref, at_first=True)
        return version and version.digest_at_first
    name = "edition_recorded_at_first" if what == EDITION else _CONTENT[what]
    row = database.row(name, id=int(ref))
    return None if row is None else digest(row)


def digest(content: Iterable[object]) -> str:
    """The digest of all that is recorded of something, in the order of its columns."""
    return hash_of(as_json(list(content)))


def recorded(database: Database) -> Iterator[tuple[str, str]]:
    """Everything that has to have a link."""
    yield from recorded_at_first(database)
    for row in database.stream("look_ids"):
        yield LOOK, f"{row['agency']}@{row['id']}"


def recorded_at_first(database: Database) -> Iterator[tuple[str, str]]:
    """What a file had before there was a chain, in the order in which it is given its links."""
    for row in database.stream("edition_ids"):
        yield EDITION, str(row["id"])
    for row in database.stream("calendars_and_versions"):
        yield CALENDAR, f"{row['calendar']}@{row['version']}"
    for row in database.stream("entry_ids"):
        yield ENTRY, str(row["id"])


def _row(database: Database, what: str, ref: str) -> Iterable[object] | None:
    if what not in _CONTENT or not ref.isdecimal():
        return None
    row = database.row(_CONTENT[what], id=int(ref))
    return edition_content(row) if row and what == EDITION else row


def edition_content(row: Iterable[object]) -> list[object]:
    """What the digest of an edition is made of: the clock only where it was set by hand."""
    *content, clock = row
    return content if clock is None else [*content, clock]


def _look(database: Database, ref: str) -> Row | None:
    agency, _, number = ref.rpartition("@")
    return database.row("look_recorded", agency=agency, id=int(number)) if number.isdecimal() else None
