"""All that a database holds, table by table, as it is moved into another: what is read from any engine, and what takes it in.

Entries go by their numbers in the chain, whatever ids the engine gives them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from escalate.storage.interface import Database
from escalate.storage.rows import DEADLINE_FIELDS

Values = tuple[object, ...]
"""A row in the order of its part's columns."""

AT_MOST = 2_000
"""How many rows are read and written together."""

AT_MOST_TEXT = 1_000_000
"""How many characters they have together, but for a single row that has more."""


class Part(NamedTuple):
    """One table of a database as a whole."""

    name: str
    """What those who take it in call it."""
    statement: str
    """The name of the statement that reads it."""
    columns: tuple[str, ...]
    """Its columns in the order in which that statement has them."""


_VERSION = (
    "version", "made_at", "by", "why", "opens", "closes", "first", "last", "published_to", "authority_from", "authority_to", "source",
    "commitments", "clock",
)  # fmt: skip
FACTS, ENTRIES, LINKS, CASES, INDEX = "kept", "entries", "links", "cases", "index"
PARTS = (
    Part(FACTS, "whole_facts", ("name", "value")),
    Part("editions", "whole_editions", ("id", "protocol", "dated", "digest", "text", "recorded_at", "bases", "clock")),
    Part("calendars", "whole_calendars", ("name", "own")),
    Part("versions", "whole_versions", ("calendar", *_VERSION)),
    Part("days_off", "whole_days_off", ("calendar", "day", "kind", "since", "until", "name")),
    Part("calendar_words", "calendar_words", ("calendar", "version", "field", "salt", "content")),
    Part(ENTRIES, "whole_entries", ("id", "case_ref", "seq", "kind", "at", "recorded_at", "by", "data", "commitments")),
    Part("words", "whole_words", ("entry_id", "case_ref", "kind", "field", "salt", "content")),
    Part("looks", "whole_looks", ("agency", "id", "at", "by", "login", "command", "cases", "data", "commitments")),
    Part("look_words", "whole_look_words", ("agency", "look", "field", "salt", "content")),
    Part(LINKS, "links", ("n", "what", "ref", "digest", "hash")),
    Part(
        "digests",
        "whole_digests",
        ("id", "day", "run", "reader", "message", "since", "recorded_at", "claimed_at", "told_to", "sent_at"),
    ),
    Part("settings", "whole_settings", ("by", "name", "since", "value")),
    Part(
        CASES, "whole_cases",
        (
            "ref", "number", "protocol", "edition", "edition_id", "calendar", "route", "stage", "stage_name", "status", "subject",
            "raising_agency", "receiving_agency", "concern_at", "raised_at", "entered_at", "resolved_at", "facts", "involved", "themes",
        ),
    ),
    Part("deadlines", "whole_deadlines", ("case_ref", "n", *DEADLINE_FIELDS)),
    Part("holders", "whole_holders", ("case_ref", "visit", "n", "side", "entry_id", "from_day", "until_day")),
    Part("told", "whole_told", ("case_ref", "field", "entry_id")),
    Part(INDEX, "index_rows", ("content", "case_ref", "seq", "field", "kind")),
)  # fmt: skip
"""All of it, each after what it refers to."""


def rows_of(database: Database, part: Part) -> Iterator[Sequence[Values]]:
    """The rows of a part, a few at a time, so that they never take much room. Inside `reading`."""
    some: list[Values] = []
    text = 0
    for row in database.stream(part.statement):
        values = tuple(row)
        some.append(values)
        text += sum(len(each) for each in values if isinstance(each, str))
        if len(some) == AT_MOST or text > AT_MOST_TEXT:
            yield some
            some, text = [], 0
    if some:
        yield some


class Arrival(ABC):
    """An empty database while it takes another in. Until `keep` nobody else sees anything of it; without, nothing is left of it."""

    @property
    @abstractmethod
    def database(self) -> Database:
        """The database, to look at what has arrived."""

    @abstractmethod
    def take(self, part: Part, rows: Sequence[Values]) -> None:
        """Add rows. The parts come in the order of PARTS."""

    @abstractmethod
    def complete(self) -> None:
        """Have what belongs to all of it follow from the rows, which were the last. Raises NotOurFile where the chain is not whole."""

    @abstractmethod
    def keep(self) -> None:
        """Keep all of it, for good and for everybody. Raises StoreError, Refused."""
