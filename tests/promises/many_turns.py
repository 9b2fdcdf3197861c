"""A history in which what is owed changes again and again, to be kept as a file of each schema.

`python -m tests.promises.many_turns` keeps two files of today's schema in tests/data, before the next one is begun: the one of the schema before
brought up to date, and one that the lines here make. What they come to may change with the rules; the lines may not.
"""

import gzip
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.store import open_store
from tests.driver import Desk
from tests.promises.cases import SHAPES

HULL = Path(__file__).parents[2] / "protocols" / "hull-east-riding.toml"
DATA = Path(__file__).parents[1] / "data"
LOG = DATA / "log.csv"

LINES = """
2026-11-02T10:00  open herefordshire --subject M-1 --from Trust --to Council --about "Turns" --fact allegation=yes
2026-11-02T11:00  agree 1 "3 Nov 2026 09:00" --action lado-referral
2026-11-02T15:00  done 1 lado-referral --at "2 Nov 2026 14:30"
2026-11-09T10:00  set 1 allegation=no
2026-11-16T09:00  set 1 allegation=yes
2026-11-18T10:00  set 1 allegation=no
2026-11-19T09:00  set 1 allegation=yes
2026-11-23T10:00  advance 1 --at "23 Nov 2026 09:00"
2026-11-23T16:00  advance 1 --reason "No answer" --at "23 Nov 2026 15:00"

2026-11-06T16:00  open north-yorkshire --subject Y-1 --from Police --to Council --fact immediate-risk=yes
2026-11-09T09:00  set 2 immediate-risk=no
2026-11-10T09:00  set 2 immediate-risk=yes --at "9 Nov 2026 17:00"
2026-11-11T09:00  done 2 police-and-social-care --note "Late"
2026-11-24T09:00  withdraw 2 --reason "Raised twice"
2026-11-30T09:00  reopen 2 --reason "It was not"

2026-11-23T10:00  open hull-east-riding --subject H-1 --stage 7
2026-11-24T09:00  set 3 severity=high
2026-11-30T09:00  set 3 severity=low
2026-11-24T09:30  open hull-east-riding --subject H-2 --fact at-risk=yes
2026-11-24T10:00  agree 4 "25 Nov 2026 12:00"
2026-11-25T15:00  agree 4 "27 Nov 2026 12:00"
2026-11-26T09:00  done 4 discussion
2026-11-26T10:00  undo 4 --entry 4 --at "26 Nov 2026 08:00" --reason "Wrong hour"
2026-11-27T09:00  advance 4
2026-11-30T10:00  undo 4 --reason "Not yet"

2026-11-30T11:00  calendar add "4 Dec 2026" --reason "Council closed" --yes
2026-12-01T09:00  calendar remove "4 Dec 2026" --reason "Open after all" --yes
2026-12-01T10:00  open lincolnshire --subject L-1 --from Police --to Council
2026-12-02T10:00  resolve 5 --how "A joint visit" --lessons "Ring first"
2026-12-09T10:00  reopen 5 --reason "There was no visit"
2026-12-10T10:00  resolve 5 --how "Now there was"

2026-12-10T11:00  protocol adopt 3 --yes --reason "Both asked for it"
2026-12-11T09:00  import log.csv --protocol herefordshire --close-undated --write
2026-12-11T10:00  set 6 allegation=yes --at "10 Dec 2026 10:00"
2026-12-14T10:00  open stopped --subject S-1
2026-12-14T11:00  set 1 allegation=no --at "14 Dec 2026 09:00"
2026-12-14T12:00  erase 5 --yes --reason "Asked for"
"""
"""Each with the moment at which it was typed. The blocks overlap in time: every line is given in the order of these moments."""


def make_many_turns(folder: Path) -> Path:
    """The file of cases that the lines make in an empty folder."""
    desk = Desk(folder)
    desk.write("stopped.toml", (SHAPES / "stopped.toml").read_text(encoding="utf-8"))
    newer = (
        HULL.read_text(encoding="utf-8")
        .replace('dated = "2025-06"', 'dated = "2026-12"')
        .replace('"3 days"', '"2 days"')
    )
    (folder / "log.csv").write_bytes(LOG.read_bytes())
    for line in sorted(each for each in LINES.splitlines() if each):
        if line > "2026-12-10":
            desk.write("hull 2026.toml", newer)
        moment, *words = shlex.split(line)
        ran = desk.run(moment, *words)
        assert ran.status == 0, f"{line}: {ran.stderr}"
    return desk.path


def keep_for_the_next() -> None:
    """Keep what the code of today makes, as files of its schema."""
    with TemporaryDirectory() as folder:
        path = make_many_turns(Path(folder))
        _keep(path, f"schema-{SCHEMA_VERSION}-turns.db.gz")
        path.write_bytes(gzip.decompress((DATA / f"schema-{SCHEMA_VERSION - 1}.db.gz").read_bytes()))
        with open_store(path):
            pass
        _keep(path, f"schema-{SCHEMA_VERSION}.db.gz")


def _keep(path: Path, name: str) -> None:
    (DATA / name).write_bytes(gzip.compress(path.read_bytes(), mtime=0))


if __name__ == "__main__":
    keep_for_the_next()
