"""The editions of protocols that cases are under: the text of each is kept once, and read back to work deadlines out."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from escalate.domain.case.model import Case
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.clock import written
from escalate.storage.interface import Database
from escalate.storage.records import NewEdition
from escalate.storage.rows import as_json, read_json

if TYPE_CHECKING:  # no cycle: see _protocol
    from escalate.storage.files.protocols import ProtocolFile


class Editions:
    """The protocol editions of one file."""

    def __init__(self, database: Database, clock: datetime | None = None) -> None:
        self._database = database
        self._clock = clock
        self._read: dict[str, Protocol] = {}
        self._named: dict[tuple[str, str], str] = {}

    def add(self, file: "ProtocolFile", now: datetime) -> None:
        """Add the text of a protocol file, and of those it extends, unless it is there. Inside `writing`."""
        protocol, bases = file.protocol, as_json(list(file.bases))
        self._read[file.digest] = protocol
        self._database.add_edition(
            NewEdition(
                protocol.id,
                protocol.edition.dated,
                file.digest,
                file.text,
                bases,
                written(now),
                written(self._clock) if self._clock else None,
            )
        )

    def protocol_of(self, case: Case) -> Protocol:
        """The protocol a case is under, with the editions it was under before."""
        protocol = self._protocol(case.edition_digest)
        if case.editions:
            earlier = tuple((each.until, self._protocol(each.digest)) for each in case.editions)
            protocol = replace(protocol, earlier=earlier)
        return protocol

    def named(self, protocol: str, dated: str) -> Protocol:
        """A protocol by its id and the date of the edition; of several texts of one edition the one kept last."""
        if (protocol, dated) not in self._named:
            found = self._database.row("edition_dated", protocol=protocol, dated=dated)
            assert found is not None
            self._named[protocol, dated] = found["digest"]
        return self._protocol(self._named[protocol, dated])

    def _protocol(self, digest: str) -> Protocol:
        if digest not in self._read:
            from escalate.storage.files.protocols import kept_protocol  # 8 ms that search and backup do without

            row = self._database.row("edition_text", digest=digest)
            if row is None:
                raise KeyError(digest)
            self._read[digest] = kept_protocol(row["text"], read_json(row["bases"]), digest)
        return self._read[digest]
