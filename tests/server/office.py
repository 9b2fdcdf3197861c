"""Two agencies and the unit on a server, who record with the store and the commands themselves, and what has to hold afterwards."""

import json
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from escalate.domain.recording import acts
from escalate.domain.recording.request import Recording
from escalate.storage.derived import derived_case
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql import administering
from escalate.storage.store import Store, open_store
from tests.command_line import Ran
from tests.server.cluster import Database
from tests.server.county import rows

NHS, COUNCIL = "NHS trust", "County council"
UNIT, NORA, CARL = "una", "nora", "carl"
NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
WAIT = 5
"""How long the server is waited for in these tests, in seconds."""

Result = TypeVar("Result")


class Office:
    """Logins of two agencies and the unit, and their cases."""

    def __init__(self, database: Database, agencies: tuple[str, str] = (NHS, COUNCIL)) -> None:
        self.database = database
        self.administrator = administrator = database.administrator
        administering.add_member(administrator, UNIT, None)
        administering.add_member(administrator, NORA, agencies[0], "NHS")
        administering.add_member(administrator, CARL, agencies[1], "CC")

    def place(self, login: str, wait: int = WAIT, folder: Path | None = None) -> ServerPlace:
        """The server as a login names it, or a line to it in another folder."""
        return ServerPlace(
            f"postgresql:///{self.database.name}?host={folder or self.database.folder}&user={login}", wait
        )

    def command(
        self,
        login: str,
        *words: str | bytes,
        folder: Path | None = None,
        wait: int = WAIT,
        variables: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run a command line of a login, in a process of its own."""
        with self.begun(login, *words, folder=folder, wait=wait, variables=variables) as process:
            out, err = process.communicate(timeout=120)
        return Ran(process.returncode, out.decode(), err.decode())

    def begun(
        self,
        login: str,
        *words: str | bytes,
        folder: Path | None = None,
        wait: int = WAIT,
        variables: Mapping[str, str] | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Begin a command line of a login."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.database.folder / f"home of {self.database.name}"),
            "LANG": "C.UTF-8",
            "ESCALATE_NOW": "2026-11-30 10:00",
            "ESCALATE_BY": login,
            "ESCALATE_SERVER_TIMEOUT": f"{wait} seconds",
            **(variables or {}),
        }
        line = [sys.executable, "-m", "escalate", "--db", str(self.place(login, wait, folder)), *words]
        return subprocess.Popen(
            line, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def open(self, login: str) -> str:
        """Have a login open a case between the two agencies. Returns its reference."""
        sides = (NHS, COUNCIL) if login == "nora" else (COUNCIL, NHS)
        about = ("--subject", "M-1", "--fact", "allegation=yes", "--about", "Refused", "--again")
        ran = self.command(login, "open", "herefordshire", "--from", sides[0], "--to", sides[1], *about, "--json")
        assert ran.status == 0, ran.stderr
        return str(json.loads(ran.stdout)["case"])

    def texts(self) -> Counter[str]:
        """What was noted, and how often."""
        return Counter(
            text for (text,) in rows(self.administrator, "SELECT content FROM escalate.words WHERE field = 'text'")
        )

    def entries(self) -> int:
        """How many entries there are."""
        return int(rows(self.administrator, "SELECT count(*) FROM escalate.entry")[0][0])

    def sessions(self) -> int:
        """How many sessions of commands the server has."""
        found = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'escalate' AND datname = current_database()"
        )
        return int(rows(self.administrator, found)[0][0])

    def faults(self) -> list[str]:
        """Everything that is not whole: gaps, chains, words, links, rows of lists and of the index that are not what was said."""
        found = [f"not whole: {row}" for row in rows(self.administrator, "SELECT * FROM escalate.not_whole()")]
        found += [f"{what}: {row}" for what, statement in _HALF.items() for row in rows(self.administrator, statement)]
        for login in ("una", "nora", "carl"):
            with open_store(self.place(login)) as store:
                found += [f"{login}: {fault}" for fault in (*store.database.history_faults(), *store.database.faults())]
                found += [f"{login}: the lists of {ref}" for ref in store.history.refs() if _differs(store, ref)]
        return found


_HALF = {
    "a gap in the chain": "SELECT n FROM (SELECT n, row_number() OVER (ORDER BY n) AS place FROM escalate.entry) e WHERE n <> place",
    "a gap in the links": "SELECT n FROM (SELECT n, row_number() OVER (ORDER BY n) AS place FROM escalate.link) l WHERE n <> place",
    "a gap in a case": "SELECT case_ref, seq FROM (SELECT case_ref, seq, row_number() OVER (PARTITION BY case_ref ORDER BY seq) AS place"
    " FROM escalate.entry) e WHERE seq <> place",
    "a gap in an agency's chain": "SELECT agency, n FROM (SELECT agency, n, row_number() OVER (PARTITION BY agency ORDER BY n) AS place"
    " FROM escalate.agency_link) l WHERE n <> place",
    "an entry without a link": "SELECT n FROM escalate.entry e WHERE NOT EXISTS"
    " (SELECT FROM escalate.link l WHERE l.what = 'entry' AND l.ref = e.n::text)",
    "an entry without an agency's link": "SELECT e.n, p.agency FROM escalate.entry e JOIN escalate.party p ON p.case_ref = e.case_ref"
    " WHERE p.agency <> '*' AND NOT EXISTS (SELECT FROM escalate.agency_link l WHERE l.agency = p.agency AND l.case_ref = e.case_ref AND l.seq = e.seq)",
    "an entry without words": "SELECT n FROM escalate.entry e WHERE (SELECT count(*) FROM escalate.words w WHERE w.entry_id = e.id)"
    " <> (SELECT count(*) FROM jsonb_object_keys(e.commitments::jsonb))",
    "an entry without who was logged in": "SELECT n FROM escalate.entry e WHERE NOT EXISTS (SELECT FROM escalate.recorded r WHERE r.entry_id = e.id)",
    "an entry without its rows of the index": "SELECT e.n, p.agency FROM escalate.entry e JOIN escalate.party p ON p.case_ref = e.case_ref"
    " WHERE e.kind = 'noted' AND NOT EXISTS"
    " (SELECT FROM escalate.search_index s WHERE s.agency = p.agency AND s.case_ref = e.case_ref AND s.seq = e.seq)",
    "a reference that was used and is free": "SELECT prefix FROM escalate.reference r WHERE last <>"
    " (SELECT count(DISTINCT case_ref) FROM escalate.entry e WHERE e.case_ref ~ ('^' || r.prefix || '-?[0-9]'))",
}


def _differs(store: Store, ref: str) -> bool:
    """Whether the rows of lists are not those that the entries of a case come to."""
    return store.derived.kept(ref) != derived_case(ref, store.case(ref))


def note(store: Store, ref: str, text: str) -> None:
    """Write a note into a case."""
    store.decided(lambda: store.append(acts.note(store.case(ref).case, Recording("somebody", NOW, NOW), text)))


def at_once(works: Sequence[Callable[[], Result]], ready: Callable[[], None] = lambda: None) -> list[Result]:
    """Have each done in a process of its own, at the same time. Returns what they return; `ready` is called once all have begun."""
    begun = []
    for work in works:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _do(work, writing)
        os.close(writing)
        begun.append((pid, reading))
    ready()
    results = []
    for pid, reading in begun:
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        os.waitpid(pid, 0)
        is_done, result = pickle.loads(said)
        assert is_done, result
        results.append(result)
    return results


def figure(said: str) -> None:
    """Say what was measured; pytest shows it with -s or -rP."""
    sys.stdout.write(f"\n{said}\n")


def _do(work: Callable[[], Result], writing: int) -> None:
    """Do the work of a process just forked, tell what came of it, and end."""
    signal.alarm(300)
    try:
        said = True, work()
    except BaseException:  # noqa: BLE001  # the test shows it
        said = False, traceback.format_exc()  # type: ignore[assignment]
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(pickle.dumps(said))
    os._exit(0)
