"""What a database is given to write. Instants are text as rows have them (`written`), days are ISO text, JSON is text as `as_json` makes it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class NewEntry(NamedTuple):
    """An entry to be added at the end of a case."""

    ref: str
    """The reference of the case."""
    seq: int
    """The number of the entry in its case, from 1."""
    kind: str
    """What happened, as `Entry.kind` has it."""
    at: str
    """When it happened (UTC)."""
    recorded_at: str
    """When it was recorded (UTC)."""
    by: str
    """Who recorded it."""
    data: str
    """All it keeps for good, as JSON."""
    commitments: str
    """A salted hash for every field of its words, as JSON. It stays when the words are erased."""
    words: Sequence[tuple[str, str, str, str]] = ()
    """All that can be erased: kind (`text`, `identity` or `subject`), field, salt and content."""
    indexed: Sequence[tuple[str, str, str]] = ()
    """What the search finds of it: content, field, and kind (`text` or `identity`)."""


class IndexRow(NamedTuple):
    """A row of the search index of a case that is there."""

    content: str
    """What was said."""
    ref: str
    """The reference of the case."""
    seq: int
    """The number of the entry that says it."""
    field: str
    """What the entry calls it."""
    kind: str
    """`text`, or `identity` for who somebody is."""


class HolderRow(NamedTuple):
    """Somebody who holds a side of a case on an occasion; of several on the same day the last holds it."""

    visit: int
    """The number of the occasion."""
    n: int
    """Its place among those of the occasion, from 1."""
    side: str
    """`raising`, `receiving`, or the name of another agency."""
    seq: int
    """The number of the entry that names the person."""
    from_day: str | None
    """The first day on which they hold it, where one was given."""
    until_day: str | None
    """The last day on which they hold it; None where they hold it for good."""


class DerivedCase(NamedTuple):
    """All that the derived tables have of one case. An entry goes by its number in the case."""

    ref: str
    """The reference of the case."""
    case: Mapping[str, object]
    """Its row in `cases` by column, `ref` among them, but `number` and `edition_id`: it has `edition_digest` instead."""
    deadlines: Sequence[Mapping[str, object]]
    """Its rows in `deadline` by column, DEADLINE_FIELDS and `n`; flags are 0 or 1."""
    holders: Sequence["HolderRow"]
    """Who holds it, on one day or another."""
    told: Sequence[tuple[str, int]]
    """Which words hold: field, and the number of the entry that has them."""


class CalendarChange(NamedTuple):
    """A new version of a calendar; with version 1 the calendar itself is new."""

    calendar: str
    """The name of the calendar."""
    own: str | None
    """What a protocol's own calendar is made of, as text; None for a nation's. Only read with version 1."""
    version: Mapping[str, object]
    """The row of `calendar_version` by column, from `version` to `clock`, but `why`, which is apart."""
    ended: Sequence[tuple[str, str]] = ()
    """The days off that end with it: kind and day."""
    added: Sequence[tuple[str, str, str]] = ()
    """The days off that begin with it: kind, day and what the day is called; empty of a closure, whose words are apart."""
    words: Sequence[tuple[str, str, str]] = ()
    """All that can be erased of it: field, salt and content. `why` is why it was made, a day what a closure is called if otherwise."""


class NewEdition(NamedTuple):
    """The text of a protocol that cases are to be under."""

    protocol: str
    """The id of the protocol."""
    dated: str
    """The date of the edition."""
    digest: str
    """The digest of the text, which no other edition has."""
    text: str
    """The text of its file."""
    bases: str
    """The texts of the files it extends, as a JSON list."""
    recorded_at: str
    """When it was recorded (UTC)."""
    clock: str | None = None
    """What the computer's own clock said (UTC), where the present moment was set by hand."""


class NewLook(NamedTuple):
    """A look at names, to be added at the end. Its number, and on a server the agency and the login, are not the caller's to say."""

    at: str
    """When it was (UTC)."""
    by: str
    """Who looked."""
    command: str
    """The command that showed them."""
    cases: str
    """The references of the cases that were shown, as a JSON list."""
    data: str
    """The filters that were given, as JSON."""
    commitments: str
    """A salted hash for every field of its words, as JSON. It stays when the words are erased."""
    words: Sequence[tuple[str, str, str]] = ()
    """All that can be erased: field, salt and content."""


class NewDigest(NamedTuple):
    """A digest that is to be sent to somebody."""

    reader: str
    """What stands for the reader in the database."""
    message: str
    """The part of its Message-ID before the @."""
    since: str
    """From when on it tells (UTC)."""
