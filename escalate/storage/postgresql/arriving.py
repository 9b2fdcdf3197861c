"""An empty server that takes in all that another database holds, in one transaction: until the end nobody else sees any of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from escalate.domain.deadlines.model import RULES
from escalate.errors import Refused
from escalate.storage.interface import WORKED_OUT_BY
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql.connecting import Progress, allow_long, sentences
from escalate.storage.postgresql.database import ServerDatabase
from escalate.storage.postgresql.searching import folded
from escalate.storage.whole import FACTS, INDEX, Arrival, Part, Values


class OpenServer(ServerDatabase):
    """A server that is read, or written to, for as long as it takes."""

    def __init__(self, place: ServerPlace, progress: Progress) -> None:
        super().__init__(place, progress)
        if not self.sees_all:
            raise Refused(
                f"Only the business unit moves all cases from or to a server, and your login at {place} is an agency's."
            )
        allow_long(self._line.connection)


class ArrivingServer(OpenServer, Arrival):
    """A server that nobody has recorded anything on yet."""

    @property
    def database(self) -> ServerDatabase:
        """The server as this transaction sees it."""
        return self

    def begin(self) -> None:
        """Lock it: others wait who record. Raises Refused where something was recorded there."""
        self._line.do("BEGIN")
        self._line.do("SELECT escalate.begin_writing()")
        self._line.call("set_fact", {"name": WORKED_OUT_BY, "value": str(RULES)})
        self._line.call("take_over", {})
        self._facts = None  # what was read on opening, before another record's facts arrive

    def take(self, part: Part, rows: Sequence[Values]) -> None:
        """Add rows."""
        if part.name == FACTS:
            given: object = {str(name): value for name, value in rows}
        elif part.name == INDEX:
            given = [{**dict(zip(part.columns, row, strict=True)), "folded": folded(str(row[0]))} for row in rows]
        else:
            given = [dict(zip(part.columns, row, strict=True)) for row in rows]
        self._line.call("take_over", {part.name: given})

    def complete(self) -> None:
        """Check the chain, and give each agency that is there already its copies. Raises Refused where the chain is not whole."""
        self._line.do("SELECT escalate.taken_over()")

    def keep(self) -> None:
        """Commit. Raises PerhapsRecorded where the connection is lost meanwhile."""
        self._line.keep()


@contextmanager
def leaving(place: ServerPlace) -> Iterator[OpenServer]:
    """A server, to be read as a whole. Raises StoreError and its kinds, Refused for an agency's login."""
    with sentences(place) as progress:
        server = OpenServer(place, progress)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def arriving(place: ServerPlace) -> Iterator[ArrivingServer]:
    """A server on which nothing was recorded yet. Raises StoreError and its kinds, Refused."""
    with sentences(place) as progress:
        server = ArrivingServer(place, progress)
        try:
            server.begin()
            yield server
        finally:
            server.close()
