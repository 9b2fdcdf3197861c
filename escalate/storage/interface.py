"""What the store asks of a database, whichever engine keeps it: statements by name to read, and an operation for each thing that is written.

An engine has its statements from `queries.sql`, or its own of the same name (statements.py). Above it nobody knows a driver or SQL.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from escalate.errors import NotOurFile, Refused

if TYPE_CHECKING:  # no cycle, but lists only read, and each of these classes takes a while to make
    from escalate.domain.deadlines.redated import Redated
    from escalate.storage.records import CalendarChange, DerivedCase, IndexRow, NewDigest, NewEdition, NewEntry, NewLook

SCHEMA_VERSION = 12
"""How many migrations a database of today has had, of either engine."""

TO_WIPE, WORKED_OUT_BY = "to wipe", "rules"
"""Facts of the database itself: set while erased words may still lie in unused parts of it; by which version of the rules the
derived tables were worked out."""

FOR_GOOD = "9999-12-31T23:59:59.999999Z"
"""After every instant that a row can have."""

NO_LIMIT = 2**63 - 1
"""More rows than there can be."""

DAMAGE: tuple[type[Exception], ...] = (ValueError, KeyError, TypeError, IndexError, RecursionError, Refused)
"""What reading a row raises when it is not as it was written."""

Made = TypeVar("Made")


class DecidedTooEarly(Exception):
    """Somebody else recorded what something was decided on, before it could be recorded itself; nothing of it was."""


class Row(Protocol):
    """What a statement finds: values by the names of its columns. `tuple(row)` has them in their order."""

    def __getitem__(self, name: str, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


class Database(ABC):
    """An open database. Every part of the store asks its questions through one of these."""

    name: str
    """What messages call it: a path, or a URL without a password."""
    sees_all: bool = True
    """Whoever opened it sees every case in it, and may change what concerns all of them."""
    agency: str | None = None
    """The agency whose cases are all that whoever opened it sees, by its name; None where they see all."""
    is_shared: bool = False
    """It is on a server: several use it from their own computers, and somebody else looks after it."""
    early_tries: int = 0
    """How often it is worth deciding on something before the lock is taken; 0 where nobody waits long for it."""
    redated: "Sequence[Redated]" = ()
    """What got another date as this was opened, because it was worked out by newer rules."""
    is_replica: bool = False
    """It is a copy of a server that follows it, and can only be read."""
    way_back: str = "restore a backup with escalate restore"
    """What to do where it is damaged."""

    # -- reading

    @abstractmethod
    def rows(self, statement: str, /, **values: object) -> Sequence[Row]:
        """Every row that a statement finds, by its name and with values by theirs."""

    @abstractmethod
    def row(self, statement: str, /, **values: object) -> Row | None:
        """The first row that a statement finds, or None."""

    @abstractmethod
    def stream(self, statement: str, /, **values: object) -> Iterator[Row]:
        """The rows that a statement finds, one by one: all at once would take too much room."""

    @abstractmethod
    def cases_with(self, phrase: str, kinds: Sequence[str]) -> set[str]:
        """The cases in which a phrase stands somewhere in words of these kinds; its last word may be the beginning of one."""

    @abstractmethod
    def passages(self, phrases: Sequence[str], kinds: Sequence[str]) -> Sequence[Row]:
        """Where any of the phrases stands in words of these kinds, by case, entry and field.

        Rows have `case_ref`, `seq`, `field`, `kind` of the entry, and `text` with MARK before and after what was found.
        """

    def cases_left(self, since: str, until: str) -> Sequence[Row]:  # noqa: ARG002  # whoever has a file sees every case
        """The cases that whoever asks sees no more because of an entry recorded after one instant and up to another: none in a file.

        Rows have `case_ref`, `seq`, `recorded_at` and `by` of that entry.
        """
        return ()

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """Everything inside sees the database as it is at one moment."""

    @abstractmethod
    def as_it_is(self, make: Callable[[], Made]) -> Made:
        """Make something slow of the database as it is at one moment, without making writers wait."""

    def on_disk(self) -> None:  # noqa: B027  # a file is on the disk before anybody can read it
        """Make sure that what was read is on the disk before it is given out, where somebody could read it earlier than that.

        Inside `reading` or `writing` it is at their end.
        """

    def facts(self) -> dict[str, str]:
        """What the database remembers about itself, by name."""
        return {row["name"]: row["value"] for row in self.rows("facts")}

    @contextmanager
    def undamaged(self, where: str, others: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Say that the database is damaged where something cannot be read as it was written. Raises NotOurFile."""
        try:
            yield
        except (*DAMAGE, *others) as problem:
            raise NotOurFile(f"{self.name} is damaged in {where}: {self.way_back}.") from problem

    # -- writing: everything below, until the next heading, inside `writing`

    @abstractmethod
    def writing(self, dry_run: bool = False) -> AbstractContextManager[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. The lock is taken first. Raises StoreReplaced."""

    def deciding(self, dry_run: bool = False) -> AbstractContextManager[None]:
        """The same for one case, decided on before the lock is taken: nothing is read in it any more once something is to be written.

        Raises DecidedTooEarly, and then nothing happened.
        """
        return self.writing(dry_run)

    @abstractmethod
    def next_refs(self, agencies: Sequence[str | None]) -> list[str]:
        """The references that the next cases get, each by the agency that raises it. None is ever used twice."""

    @abstractmethod
    def record(self, entries: "Sequence[NewEntry]") -> None:
        """Add entries, each at the end of its case, with their words, their links of the chain, and their rows of the index."""

    @abstractmethod
    def derive(self, cases: "Sequence[DerivedCase]") -> None:
        """Replace all derived rows of cases but those of the index."""

    @abstractmethod
    def erase(self, refs: Sequence[str]) -> None:
        """Remove the words of cases, and their rows of the index. `renew_index` has to follow."""

    @abstractmethod
    def index(self, rows: "Sequence[IndexRow]") -> None:
        """Add rows to the index."""

    @abstractmethod
    def clear_index(self) -> None:
        """Remove all rows of the index."""

    @abstractmethod
    def renew_index(self) -> None:
        """Make the index anew of its rows, without anything of what was removed or is damaged."""

    @abstractmethod
    def add_edition(self, edition: "NewEdition") -> None:
        """Add the text of a protocol with its link of the chain, unless one with its digest is there."""

    @abstractmethod
    def add_calendar_version(self, change: "CalendarChange") -> None:
        """Add a version of a calendar with its link of the chain, and the calendar itself with version 1."""

    @abstractmethod
    def erase_reasons(self, keys: Sequence[str]) -> None:
        """Remove the words of versions of calendars, by their keys: `england-and-wales@3`."""

    @abstractmethod
    def record_look(self, look: "NewLook") -> None:
        """Add a look at names at the end, with its words and its link of the chain."""

    @abstractmethod
    def erase_looks(self, keys: Sequence[str]) -> None:
        """Remove the words of looks at names, by their keys."""

    @abstractmethod
    def add_digests(self, day: str, run: int, recorded_at: str, digests: "Sequence[NewDigest]") -> None:
        """Add the digests of a day's run, to readers it has none for yet."""

    @abstractmethod
    def claim_digest(self, number: int, at: str, unless_since: str) -> bool:
        """Take the digest with an id to send it at an instant; False where it is sent, or was taken after `unless_since`."""

    @abstractmethod
    def release_digest(self, number: int) -> None:
        """Give a digest that could not be sent back to the next run."""

    @abstractmethod
    def complete_digest(self, number: int, sent_at: str, told_to: str) -> None:
        """Say of a digest that it was sent, and up to which instant it tells."""

    @abstractmethod
    def keep_setting(self, by: str, name: str, since: str, value: str) -> None:
        """Keep the value that a setting of somebody has since an instant."""

    @abstractmethod
    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact about the database itself."""

    @abstractmethod
    def drop_fact(self, name: str) -> None:
        """Forget a fact about the database itself."""

    # -- the database as a whole

    @property
    @abstractmethod
    def engine(self) -> str:
        """The engine that keeps it, with its version: `SQLite 3.45.1`."""

    def clock(self) -> datetime | None:
        """What time it is where the database is; None where that is this computer."""
        return None

    def age(self) -> timedelta | None:
        """How long ago the last change was made that a replica has; None where it has all that there is. Raises StoreError where it cannot tell."""
        return None

    def is_ours(self, raising: str | None, receiving: str | None) -> bool:  # noqa: ARG002  # a server looks at them
        """Whether whoever opened it may open a case that one agency raises with another."""
        return True

    def strangers(self) -> list[str]:
        """The agencies that cases name and nobody belongs to, so that no one of them sees the case; only for whoever sees all."""
        return []

    @property
    @abstractmethod
    def file(self) -> Path:
        """The file that it is. Raises Refused where it is none."""

    @abstractmethod
    def faults(self) -> list[str]:
        """A sentence for each thing that the engine itself finds damaged, lost or unguarded."""

    @abstractmethod
    def history_faults(self) -> Iterator[str]:
        """A sentence for each thing that is not as the chain of whoever asks says it was recorded."""

    @abstractmethod
    def index_faults(self) -> list[str]:
        """A sentence for each thing that the engine itself finds damaged in the index. Inside `writing`, in a dry run.

        Raises StoreUnwritable where the database cannot be written, without which it cannot be looked at.
        """

    @abstractmethod
    def wipe(self) -> None:
        """Make the database anew without what lies in its unused parts, and drop TO_WIPE. Outside of `writing`. Raises NotWiped."""

    @abstractmethod
    def copy_into(self, path: Path, folder: Path) -> None:
        """Write all of it, as it is now, into an empty file, which is for a folder. Outside of `writing`. Raises Refused."""
