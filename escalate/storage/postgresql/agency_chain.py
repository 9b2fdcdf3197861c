"""The chain of hashes of one agency, over the entries it got to see and its looks at names, in that order: what its own login can check.

A link takes up the digest of an entry, or of a look, and the hash before it; the first takes up the random name of the database and the agency's key.
Neither has the number of the entry in the whole record: that would tell how much others record.
"""

from collections.abc import Iterator

from escalate.domain.case.look import key
from escalate.storage.chain import Segment, digest, end_of, file_name
from escalate.storage.hashes import hash_of
from escalate.storage.interface import Database, Row

LOOKS = "@"
"""What stands in the place of a case in the link of a look, with the number of the look in the place of the entry's."""


def broken(database: Database) -> Iterator[str]:
    """A sentence for each entry that is not as it was when the agency got to see it, and each look that is not as it was recorded."""
    expected, before = 1, _beginning(database)
    looks = {row["id"]: (key(row["agency"], row["id"]), digest(row)) for row in database.rows("own_looks")}
    for row in database.stream("agency_links"):
        look = looks.pop(row["seq"], (f"number {row['seq']}", None)) if row["case_ref"] == LOOKS else None
        name = f"look {look[0]}" if look else f"entry {row['seq']} of {row['case_ref']}"
        if row["n"] != expected:
            yield f"link {expected} of your agency's chain is missing"
        if row["hash"] != digest([before, row["n"], row["case_ref"], row["seq"], row["digest"]]):
            yield f"link {row['n']} of your agency's chain ({name}) does not follow from the one before it"
        if (look or row["is_seen"]) and row["digest"] != (look[1] if look else _digest_of(row)):
            yield f"{name} is not what was recorded"
        expected, before = row["n"] + 1, row["hash"]
    for row in database.rows("entries_without_link"):
        yield f"entry {row['seq']} of {row['case_ref']} was added past your agency's chain"
    for name, _ in looks.values():
        yield f"look {name} was added past your agency's chain"


def segment(database: Database, ref: str) -> Segment:
    """The end of the chain from the first entry of a case on. What is before that is not read."""
    from_before = database.stream("agency_links_from_case", ref=ref)
    links = ((row["case_ref"], row["seq"], row["digest"], row["n"], row["hash"]) for row in from_before)
    found = end_of("agency", _beginning(database), links, lambda case, _: case == ref)
    database.on_disk()
    return found


def _beginning(database: Database) -> str:
    whose = database.row("whose")
    assert whose is not None
    return hash_of(f"{file_name(database)}/{whose['agency']}")


def _digest_of(row: Row) -> str | None:
    """The digest of an entry that should be there; None where it is gone."""
    if row["kind"] is None:
        return None
    columns = ("case_ref", "seq", "kind", "at", "recorded_at", "by", "data", "commitments")
    return digest([row[name] for name in columns])
