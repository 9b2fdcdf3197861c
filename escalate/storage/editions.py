"""The editions of protocols that cases are under: the text of each is kept once, and read back to work deadlines out."""

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from escalate.domain.case.model import Case
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.clock import written
from escalate.storage import chain
from escalate.storage.rows import as_json
from escalate.storage.sqlite.opening import OpenFile

if TYPE_CHECKING:  # no cycle: see _protocol
    from escalate.storage.files.protocols import ProtocolFile

_ADD_UNLESS_THERE = (
    "INSERT INTO edition (id, protocol, dated, digest, text, bases, recorded_at)"
    " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM edition), ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING RETURNING id"
)
_TEXTS = "SELECT text, bases FROM edition WHERE digest = ?"
_NAMED = "SELECT digest FROM edition WHERE protocol = ? AND dated = ? ORDER BY id DESC LIMIT 1"
_IDS = "SELECT digest, id FROM edition"


class Editions:
    """The protocol editions of one file."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._read: dict[str, Protocol] = {}
        self._named: dict[tuple[str, str], str] = {}

    def add(self, file: "ProtocolFile", now: datetime) -> None:
        """Add the text of a protocol file, and of those it extends, unless it is there. Inside `writing`."""
        protocol, bases = file.protocol, as_json(list(file.bases))
        added = self._file.row(
            _ADD_UNLESS_THERE, [protocol.id, protocol.edition.dated, file.digest, file.text, bases, written(now)]
        )
        if added:
            chain.seal(self._file.connection, chain.EDITION, added["id"])

    def ids(self) -> dict[str, int]:
        """The ids of all editions, by the digest of their text."""
        return dict(self._file.connection.execute(_IDS).fetchall())

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
            self._named[protocol, dated] = self._file.row(_NAMED, [protocol, dated])["digest"]
        return self._protocol(self._named[protocol, dated])

    def _protocol(self, digest: str) -> Protocol:
        if digest not in self._read:
            from escalate.storage.files.protocols import kept_protocol  # 8 ms that search and backup do without

            row = self._file.row(_TEXTS, [digest])
            self._read[digest] = kept_protocol(row["text"], json.loads(row["bases"]), digest)
        return self._read[digest]
