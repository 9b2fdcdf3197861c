"""How logs are read that were imported before, kept among what the database knows of itself.

In the file with the cases, so that it is there for everybody who imports, and is encrypted and backed up with them.
"""

from escalate.domain.importing.kept import KeptLog, as_document, from_document
from escalate.storage.interface import Database
from escalate.storage.rows import as_json, read_json

_LOG = "log "


def kept_logs(database: Database) -> list[KeptLog]:
    """The logs that were imported before, in the order in which they first were. Raises NotOurFile."""
    facts = database.facts()
    names = sorted((name for name in facts if name.startswith(_LOG)), key=lambda name: int(name.removeprefix(_LOG)))
    with database.undamaged("what is kept of logs"):
        return [from_document(read_json(facts[name])) for name in names]


def keep_log(database: Database, number: int, kept: KeptLog) -> None:
    """Keep how a log is read, by its place among those that are kept. Inside `writing`."""
    database.set_fact(f"{_LOG}{number + 1}", as_json(as_document(kept)))
