"""Many who record at once: nothing is lost, no number is left out, and the chain is whole."""

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress

import psycopg2
import pytest

from tests.server.county import (
    COUNCIL,
    NHS,
    POLICE,
    UNIT,
    County,
    call,
    derived,
    entry,
    next_ref,
    opening,
    rows,
    transaction,
)
from tests.server.threads import append_at_once, at_once

pytestmark = pytest.mark.server

CLIENTS, APPENDS = 16, 50
RECORDING = ("nora", "noel", "carl", "pia")
SIDES = {"nora": (NHS, COUNCIL), "noel": (NHS, POLICE), "carl": (COUNCIL, NHS), "pia": (POLICE, COUNCIL)}


def gaps(numbers: list[int]) -> list[int]:
    """The numbers from 1 on that are missing."""
    return sorted(set(range(1, len(numbers) + 1)) - set(numbers))


def test_sixteen_clients_append_to_the_same_cases(
    county: County, record_property: Callable[[str, object], None]
) -> None:
    refs = [county.open("nora", NHS, COUNCIL) for _ in range(4)]
    seconds = append_at_once(county, refs, CLIENTS, APPENDS)
    record_property("figure", f"{CLIENTS * APPENDS / seconds:.0f} appends a second by {CLIENTS} clients")
    entries = county.rows(UNIT, "SELECT id, case_ref, seq FROM escalate.chain_entries()")
    assert len(entries) == CLIENTS * APPENDS + len(refs)
    assert gaps([number for number, _, _ in entries]) == []
    for ref in refs:
        assert gaps([seq for _, of_case, seq in entries if of_case == ref]) == []
    assert {text for (text,) in county.rows(UNIT, "SELECT content FROM escalate.words_seen()")} == {
        f"{number} {n}" for number in range(CLIENTS) for n in range(APPENDS)
    }
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []
    for login in ("nora", "carl"):
        assert gaps([n for (n,) in county.rows(login, "SELECT n FROM escalate.agency_link")]) == []
        assert county.rows(login, "SELECT count(*) FROM escalate.agency_link") == [(len(entries),)]


def test_cases_are_opened_at_once_without_a_gap(county: County) -> None:
    def open_cases(number: int) -> None:
        login = RECORDING[number % len(RECORDING)]
        connection, sides = county.database.connect(login), SIDES[login]
        for _ in range(10):
            with transaction(connection):
                ref = next_ref(connection, sides[0])
                call(connection, "record", {"entries": [opening(ref, *sides)]})
                call(connection, "derive", {"cases": [derived(ref, *sides)]})

    at_once(8, open_cases)
    found = county.rows(UNIT, "SELECT ref, number FROM escalate.cases ORDER BY number")
    by_prefix: dict[str, list[int]] = {}
    for ref, _ in found:
        by_prefix.setdefault(ref.partition("-")[0], []).append(int(ref.partition("-")[2]))
    assert {prefix: len(numbers) for prefix, numbers in by_prefix.items()} == {"NHS": 40, "CC": 20, "POL": 20}
    assert all(numbers == sorted(numbers) and gaps(numbers) == [] for numbers in by_prefix.values())
    assert len({number for _, number in found}) == 80
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []


def test_whoever_does_not_wait_for_the_lock_is_told_and_writes_nothing(county: County) -> None:
    """Two who read before they lock: one of them records, the other is told that it has to read again."""
    ref = county.open("nora", NHS, COUNCIL)
    county.append("nora", ref, 2)
    with pytest.raises(psycopg2.Error) as caught:
        county.append("carl", ref, 2)
    assert caught.value.pgcode == "ES002"
    assert county.rows("nora", "SELECT count(*) FROM escalate.entries_seen()") == [(2,)]


def test_a_request_sent_again_by_those_whose_line_was_cut_is_carried_out_once(county: County) -> None:
    """The session is ended right as it commits; the same request is sent again, whether it was committed or not."""
    ref = county.open("nora", NHS, COUNCIL)
    for n in range(20):
        request = str(uuid.uuid4())
        connection = county.database.connect("nora")
        pid = connection.info.backend_pid
        rows(connection, "BEGIN")
        call(connection, "record", {"request": request, "entries": [entry(ref, n + 2, "noted")]})
        killer = threading.Thread(
            target=lambda pid=pid: rows(county.administrator, "SELECT pg_terminate_backend(%s)", pid)
        )
        killer.start()
        with suppress(psycopg2.Error):
            rows(connection, "COMMIT")
        killer.join()
        with transaction(county.login("nora")):
            if not county.rows("nora", "SELECT escalate.is_known(%s)", request)[0][0]:
                call(county.login("nora"), "record", {"request": request, "entries": [entry(ref, n + 2, "noted")]})
        assert county.rows("nora", "SELECT count(*) FROM escalate.entries_seen()") == [(n + 2,)]


def test_those_who_do_not_lock_first_are_told_and_try_again(county: County) -> None:
    """Without `begin_writing` the function locks by itself: whoever read before another recorded gets ES002, and nothing is lost."""
    ref = county.open("nora", NHS, COUNCIL)
    told: list[str] = []

    def append(number: int) -> None:
        connection = county.database.connect("nora" if number % 2 else "carl")
        for _ in range(10):
            while True:
                seq = rows(connection, "SELECT max(seq) + 1 FROM escalate.entries_seen(ARRAY[%s])", ref)[0][0]
                try:
                    call(connection, "record", {"entries": [entry(ref, seq, "noted")]})
                except psycopg2.Error as problem:
                    told.append(str(problem.pgcode))
                else:
                    break

    at_once(8, append)
    assert set(told) == {"ES002"}
    found = [seq for (seq,) in county.rows("nora", "SELECT seq FROM escalate.entries_seen() ORDER BY seq")]
    assert found == list(range(1, 82))
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []
