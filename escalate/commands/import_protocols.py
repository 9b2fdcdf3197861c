"""The protocols that rows of a spreadsheet name."""

from collections.abc import Sequence
from datetime import date

from escalate.commands.shared.counted_on import fresh_calendar, held_or_made
from escalate.commands.shared.session import Session
from escalate.domain.importing.headings import folded
from escalate.domain.importing.rows import Basis
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.errors import Refused, listed
from escalate.on_demand import OnDemand
from escalate.storage.files.protocols import ProtocolFile, all_protocols, find_protocol, in_force
from escalate.storage.store import Store


class Protocols:
    """The protocols rows name, each read once; `default` is that of rows that name none. Raises UnknownName."""

    def __init__(self, here: Session, default: str | None) -> None:
        self._here = here
        self._default = find_protocol(default, here.settings.protocols) if default else None
        self._all: list[ProtocolFile] | None = None
        self._meant: dict[tuple[str, date | None], Basis] = {}
        self._basis: dict[str, Basis] = {}
        self._fresh: dict[str, Calendar] = OnDemand(lambda name: fresh_calendar(here, name))
        self.used: dict[str, ProtocolFile] = {}
        """The files of the protocols that were meant, by their digests."""
        self.store: Store | None = None
        """The file with the cases, if it holds calendars already."""

    def facts(self) -> list[str]:
        """The keys of every fact that a column may answer."""
        files = [self._default] if self._default else self._every
        return list(dict.fromkeys(fact.key for file in files for fact in file.protocol.facts))

    def there(self) -> dict[str, str]:
        """The partnership of every protocol there is, by its id."""
        return {file.protocol.id: file.protocol.partnership for file in self._every}

    def fresh_calendar(self, name: str) -> Calendar:
        """A nation's calendar as a file that holds none would get it; the library takes longer for one than many rows do."""
        return self._fresh[name]

    def basis(self, said: str, on: date | None) -> Basis:
        """What a cell means, or where it is empty the protocol given with the command, as in force on a day. Raises Refused."""
        if (said, on) not in self._meant:
            meant = self._file(folded(said))
            editions = [each for each in self._every if each.protocol.id == meant.protocol.id]
            self._meant[said, on] = self._basis_of(in_force(editions, on) if meant in editions else meant)
        return self._meant[said, on]

    def _basis_of(self, file: ProtocolFile) -> Basis:
        """By file, not by day: a log of years has few editions."""
        digest = file.digest
        if digest not in self.used:
            self.used[digest] = file
            self._basis[digest] = Basis(file.protocol, digest, self._calendar(file.protocol))
        return self._basis[digest]

    def _calendar(self, protocol: Protocol) -> Calendar:
        """The calendar cases under a protocol count on: the one the file holds, or would get."""
        return held_or_made(protocol, self._held, self.fresh_calendar)

    def _held(self, name: str) -> Calendar | None:
        return self.store.calendar(name) if self.store else None

    def _file(self, plain: str) -> ProtocolFile:
        """The protocol of that id, partnership or title, or of an id that begins so; for nothing, the default. Raises Refused."""
        if not plain:
            if self._default is None:
                raise Refused("No protocol is named: fill that in, or give one with --protocol.")
            return self._default
        files = [*([self._default] if self._default else []), *self._every]
        found = _called(plain, files) or _begins_so(plain, files)
        if found is None:
            ids = listed([file.protocol.id for file in self._every], "and")
            raise Refused(f"It names no protocol: choose from {ids}.")
        return found

    @property
    def _every(self) -> list[ProtocolFile]:
        """Every protocol there is, in all its editions."""
        if self._all is None:
            self._all, _ = all_protocols(self._here.settings.protocols)
        return self._all


def _called(plain: str, files: Sequence[ProtocolFile]) -> ProtocolFile | None:
    """The first of that id, partnership or title."""
    for file in files:
        if plain in (folded(file.protocol.id), folded(file.protocol.partnership), folded(file.protocol.title)):
            return file
    return None


def _begins_so(plain: str, files: Sequence[ProtocolFile]) -> ProtocolFile | None:
    """The only one of an id that begins so."""
    found = {file.digest: file for file in files if folded(file.protocol.id).startswith(plain)}
    return next(iter(found.values())) if len(found) == 1 else None
