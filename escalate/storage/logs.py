"""How logs are read that were imported before, kept among what the database knows of itself.

In the file with the cases, so that it is there for everybody who imports, and is encrypted and backed up with them.
"""

from collections.abc import Iterable, Mapping

from escalate.domain.importing.kept import KeptLog, as_document, from_document
from escalate.domain.recording.agencies import joined_with
from escalate.storage.interface import Database
from escalate.storage.rows import as_json, read_json

_LOG = "log "
_JOINED = "agencies joined"


def kept_logs(database: Database) -> list[KeptLog]:
    """The logs that were imported before, in the order in which they first were. Raises NotOurFile."""
    facts = database.facts()
    names = sorted((name for name in facts if name.startswith(_LOG)), key=lambda name: int(name.removeprefix(_LOG)))
    with database.undamaged("what is kept of logs"):
        return [from_document(read_json(facts[name])) for name in names]


def keep_log(database: Database, number: int, kept: KeptLog) -> None:
    """Keep how a log is read, by its place among those that are kept. Inside `writing`."""
    database.set_fact(f"{_LOG}{number + 1}", as_json(as_document(kept)))


def joined_agencies(database: Database) -> dict[str, str]:
    """The names that agencies of logs have here, by those that logs have for them, as these are compared. Raises NotOurFile."""
    kept = database.facts().get(_JOINED)
    with database.undamaged("what is kept of agencies"):
        return dict(read_json(kept)) if kept else {}


def join_agencies(database: Database, names: Iterable[str], into: str) -> None:
    """Have logs that name one of these agencies mean another from now on. Inside `writing`."""
    call_agencies(database, joined_with(joined_agencies(database), names, into))


def call_agencies(database: Database, called: Mapping[str, str]) -> None:
    """Keep what agencies of logs are called here, beside what is kept already. Inside `writing`."""
    if called:
        database.set_fact(_JOINED, as_json({**joined_agencies(database), **called}))
