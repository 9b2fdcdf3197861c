"""A certificate from a server: the unit's is held to the chain over everything, an agency's to its own chain, and both check alone."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from escalate import checker
from tests.server.cluster import Cluster
from tests.server.county import rows
from tests.server.offices import CARL, COUNCIL, NHS, NORA, UNIT, Offices

pytestmark = pytest.mark.server

OPEN = f"open hull-east-riding --subject Zebedee --from '{NHS}' --to '{COUNCIL}' --about 'Zebedee is not safe' --fact severity=high"
OF_OTHERS = f"open north-yorkshire --subject M-2 --from Police --to '{COUNCIL}'"


@pytest.fixture
def offices(cluster: Cluster, tmp_path: Path) -> Iterator[Offices]:
    """A case between the trust and the council, with others recorded before it and meanwhile."""
    with cluster.database() as database:
        made = Offices(database, tmp_path)
        made.does(UNIT, OF_OTHERS)
        made.does(NORA, OPEN)
        made.does(UNIT, OF_OTHERS.replace("M-2", "M-3"))
        made.does(CARL, "advance NHS-0001 --because no-response")
        yield made


@pytest.mark.parametrize(("login", "of"), [(UNIT, "everything"), (NORA, "agency"), (CARL, "agency")])
def test_what_a_login_certifies_checks_alone(offices: Offices, tmp_path: Path, login: str, of: str) -> None:
    path = tmp_path / f"{login}.json"
    offices.does(login, f"explain NHS-0001 --certificate {path}")
    paper: Any = json.loads(path.read_bytes())
    assert paper["chain"]["of"] == of
    assert "Zebedee" not in path.read_text()
    head = json.loads(offices.does(login, "verify --json"))["head"]
    line = [sys.executable, "-I", checker.__file__, str(path), "--head", head]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert ("The chain is that of one agency" in done.stdout) is (of == "agency")


@pytest.mark.parametrize("login", [UNIT, NORA])
def test_a_changed_entry_or_link_shows(offices: Offices, tmp_path: Path, login: str) -> None:
    path = tmp_path / "certificate.json"
    offices.does(login, f"explain NHS-0001 --certificate {path}")
    for place in (("entries", 0, 6), ("entries", 1, 7), ("chain", "links", 1, 2), ("editions", 0, 4)):
        paper: Any = json.loads(path.read_bytes())
        table = paper
        for step in place[:-1]:
            table = table[step]
        said = table[place[-1]]
        table[place[-1]] = said.replace(said[1], "0" if said[1] != "0" else "1", 1)
        del paper["digest"]
        assert not holds(paper | {"digest": checker.sha(paper)}), place


@pytest.mark.parametrize("login", [UNIT, NORA])
def test_it_reads_no_more_the_more_others_have_recorded(offices: Offices, tmp_path: Path, login: str) -> None:
    """Of what was recorded before the case, and in others after it, no entry is read."""
    line = f"explain NHS-0001 --certificate {tmp_path}/{{}}.json"
    first = entries_read(offices, login, line.format("first"))
    for n in range(12):
        offices.does(UNIT, f"note E0001 'Note {n}'")
    assert entries_read(offices, login, line.format("second")) == first > 0


def entries_read(offices: Offices, login: str, line: str) -> int:
    """How many entries the server reads for a line of a login."""
    before = entries_read_so_far(offices)
    offices.does(login, line)
    return entries_read_so_far(offices) - before


def entries_read_so_far(offices: Offices) -> int:
    """How many entries all sessions have read that are over: what a session has read is counted when it ends."""
    administrator = offices.database.administrator
    until = time.monotonic() + 30
    while rows(administrator, SESSIONS) != [(0,)]:
        assert time.monotonic() < until
        time.sleep(0.02)
    return int(rows(administrator, READ)[0][0])


SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'escalate' AND datname = current_database()"
READ = (
    "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE schemaname = 'escalate' AND relname = 'entry'"
)


def holds(paper: Any) -> bool:
    """Whether a certificate checks."""
    try:
        return not checker.check(paper).faults
    except checker.NotACertificate:
        return False
