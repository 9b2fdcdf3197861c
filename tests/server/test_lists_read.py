"""Lists on a server read what they show and no more, among however many cases: row security, functions and plans included."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from escalate.errors import UnknownName
from escalate.storage import lists
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql.database import ServerDatabase
from escalate.storage.store import Store, open_store
from tests.bench.filling import fill
from tests.server.cluster import Cluster, Database
from tests.server.county import COUNCIL, UNIT, County, derived, rows

pytestmark = pytest.mark.server

DUE = 12_000
"""How many deadlines the agency and the unit have open, one in each case."""

NOW = datetime(2027, 1, 4, 10, tzinfo=UTC)
"""A day on which every one of them is overdue."""

EARLIER = datetime(2026, 11, 30, 10, tzinfo=UTC)
"""One on which none is."""

_COUNT = """
CREATE FUNCTION public.rows_read() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_catalog.pg_stat_xact_user_tables WHERE schemaname = 'escalate' $$;
GRANT EXECUTE ON FUNCTION public.rows_read() TO PUBLIC
"""
"""How many rows a session has looked at since its transaction began; members may not ask that themselves."""

REFS = [f"E{number:04d}" for number in range(1, 200, 4)]

SOME: dict[str, Callable[[Store], object]] = {
    "due --overdue --limit 50": lambda store: store.lists.late(NOW, 50),
    "due --overdue --identify --limit 50": lambda store: store.lists.late(NOW, 50, identify=True),
    "due --overdue, when nothing is": lambda store: store.lists.late(EARLIER, 50),
    "how many are due": lambda store: store.lists.number_due(50),
    "list --limit 50": lambda store: store.lists.cases(50),
    "list --identify --limit 50": lambda store: store.lists.cases(50, identify=True),
    "list with those opened by mistake": lambda store: store.lists.cases(50, with_void=True),
    "what is due at some places": lambda store: list(
        store.lists.due_at([line.place for line in store.lists.late(NOW, 50).lines])
    ),
    "what bank holidays are not published for": lambda store: store.lists.beyond_published(),
    "who holds some cases": lambda store: store.lists.holders(identify=True, refs=REFS),
    "the cases read first of all, one after the other": lambda store: next(store.lists.due_in_turn(), None),
    "the open cases of a person": lambda store: store.lists.open_about("M-1"),
    "the open cases raised on a day": lambda store: store.lists.open_raised(
        EARLIER - timedelta(days=20), EARLIER - timedelta(days=19)
    ),
    "a case by its number": lambda store: store.history.find("7"),
    "a case by a short reference": lambda store: store.history.find("E7"),
    "a case by its reference": lambda store: store.history.find("E0007"),
    "what is kept of some cases": lambda store: store.derived.kept_of(REFS),
}
"""What is asked for some of them."""

ALL: dict[str, Callable[[Store], object]] = {
    "due --overdue": lambda store: store.lists.late(NOW),
    "due, with whatever it is filtered by": lambda store: store.lists.due(),
    "due --identify": lambda store: store.lists.due(identify=True),
    "list, with whatever it is filtered by": lambda store: store.lists.cases(with_void=True),
    "list --identify": lambda store: store.lists.cases(identify=True),
    "all that is due, one after the other": lambda store: list(store.lists.due_in_turn()),
    "how many cases there are": lambda store: store.lists.number_of_cases,
    "which calendars were counted on": lambda store: store.lists.counted_on,
}
"""What is asked for all of them."""


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> Iterator[Database]:
    """Two cases of an agency, multiplied."""
    with cluster.database() as database:
        county = County(database)
        for _ in range(2):
            ref = county.open(UNIT, None, COUNCIL)
            county.call(UNIT, "derive", {"cases": [derived(ref, None, COUNCIL, told=[("names", 1)])]})
        fill(database.administrator, DUE)
        rows(database.administrator, _COUNT)
        yield database


def rows_read(database: Database, login: str, ask: Callable[[Store], object]) -> int:
    """How many rows the server looks at to answer: in tables, and in the functions and policies that a statement calls."""
    with open_store(ServerPlace(f"postgresql:///{database.name}?host={database.folder}&user={login}", 60)) as store:
        assert isinstance(store.database, ServerDatabase)
        line = store.database._line
        assert (line.do("SHOW jit"), line.do("SHOW enable_seqscan")) == ("off", "off")
        with store.database.reading():
            before = line.do("SELECT public.rows_read()")
            ask(store)
            return int(line.do("SELECT public.rows_read()") - before)


@pytest.mark.parametrize("login", [UNIT, "carl"])
@pytest.mark.parametrize("said", SOME)
def test_what_is_not_shown_is_not_read(
    filled: Database, login: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MANY", 100)  # what is not shown is counted so far
    assert rows_read(filled, login, SOME[said]) < 8 * lists.SOME


@pytest.mark.parametrize("login", [UNIT, "carl"])
@pytest.mark.parametrize("said", ALL)
def test_what_all_of_is_asked_for_is_read_once(filled: Database, login: str, said: str) -> None:
    """A deadline with its case, the words of it, and who holds it: each a row."""
    assert rows_read(filled, login, ALL[said]) < 12 * DUE


def test_who_sees_nothing_reads_nothing(filled: Database) -> None:
    for ask in (*SOME.values(), *ALL.values()):
        with suppress(UnknownName):
            assert rows_read(filled, "nora", ask) < 100
