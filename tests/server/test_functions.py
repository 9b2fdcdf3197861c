"""What the functions of the server write, and what they refuse."""

import hashlib
import json
import re
import sqlite3
import uuid
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from escalate.errors import Refused
from escalate.storage import chain
from escalate.storage.hashes import hash_of
from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.postgresql import administering
from escalate.storage.rows import as_json
from escalate.storage.sqlite.database import STATEMENTS, OpenFile
from escalate.storage.sqlite.schema import migrate
from tests.server.cluster import ADMINISTRATOR, Cluster, Connection, Database
from tests.server.county import (
    CALENDAR,
    COUNCIL,
    DIGEST,
    EDITION,
    NHS,
    NOW,
    POLICE,
    UNIT,
    County,
    call,
    derived,
    entry,
    next_ref,
    opening,
    reasons,
    rows,
    transaction,
)

pytestmark = pytest.mark.server

HOSTILE = [
    '"; DROP TABLE escalate.entry; --',
    "it's \\ a back\\\\slash \\u0041 \\n",
    "".join(map(chr, range(1, 32))),
    "\x7f\x80\x9f\xa0\xad",
    "👩‍👩‍👧 🏴󠁧󠁢󠁷󠁬󠁳󠁿 \U0010ffff",
    "\u2028\u2029\ufeff\ufffe\uffff",
    "\u202eright to left\u202c \u200f \u0627\u0644",
    "$$ $1 %s %(a)s {0} :these",
    "</script><!-- & &amp;",
    "e\u0301 é ﬁ İ ı ß",
    "x" * 1_000_000,
    " ",
    "",
]


def refusal(connection: Connection, function: str, said: Mapping[str, Any]) -> tuple[str | None, str]:
    """The code and the sentence with which a function refuses."""
    with pytest.raises(psycopg2.Error) as caught:
        call(connection, function, said)
    return caught.value.pgcode, str(caught.value.diag.message_primary)


# -- references


def test_each_agency_numbers_its_own_cases_without_gaps(county: County) -> None:
    opened = [county.open(*each) for each in (("nora", NHS, COUNCIL), ("carl", COUNCIL, NHS), ("noel", NHS, POLICE))]
    assert opened == ["NHS-0001", "CC-0001", "NHS-0002"]


def test_a_number_that_was_asked_for_and_not_used_is_the_next(county: County) -> None:
    with transaction(county.login("nora")):
        assert [next_ref(county.login("nora"), NHS) for _ in range(3)] == ["NHS-0001"] * 3
    rows(county.login("nora"), "BEGIN")
    call(county.login("nora"), "record", {"entries": [opening("NHS-0001", NHS, COUNCIL)]})
    rows(county.login("nora"), "ROLLBACK")
    assert county.open("noel", NHS, COUNCIL) == "NHS-0001"


@pytest.mark.parametrize(
    ("last", "ref"), [(998, "NHS-0999"), (999, "NHS-1000"), (9999, "NHS-10000"), (123455, "NHS-123456")]
)
def test_long_numbers_are_not_cut(county: County, last: int, ref: str) -> None:
    rows(county.administrator, "UPDATE escalate.reference SET last = %s WHERE prefix = 'NHS'", last)
    assert county.open("nora", NHS, COUNCIL) == ref


def test_the_number_of_a_case_is_when_it_was_opened_and_orders_cases(county: County) -> None:
    refs = [county.open("nora", NHS, COUNCIL) for _ in range(3)]
    found = county.rows("nora", "SELECT ref, number FROM escalate.cases ORDER BY number")
    assert [ref for ref, _ in found] == refs
    now = rows(county.administrator, "SELECT extract(epoch FROM now()) * 1000000")[0][0]
    assert all(now - 60_000_000 < number <= now + 10 for _, number in found)


def test_several_cases_are_opened_at_once(county: County) -> None:
    refs = [f"NHS-{number:04d}" for number in range(1, 6)]
    with transaction(county.login("nora")):
        county.call("nora", "record", {"entries": [opening(ref, NHS, COUNCIL) for ref in refs]})
        county.call("nora", "derive", {"cases": [derived(ref, NHS, COUNCIL) for ref in refs]})
    assert [ref for (ref,) in county.rows("carl", "SELECT ref FROM escalate.cases ORDER BY number")] == refs


@pytest.mark.parametrize(
    ("login", "ref"),
    [
        ("nora", "NHS-0002"), ("nora", "NHS-1"), ("nora", "NHS-00001"), ("nora", "CC-0001"), ("nora", "E0001"),
        ("nora", "E-0001"), ("nora", "XX-0001"), ("nora", ""), ("unit", "NHS-0002"), ("unit", "XX-0001"), ("nora", None),
    ],
)  # fmt: skip
def test_only_the_next_reference_of_ones_own_prefix_opens_a_case(county: County, login: str, ref: str) -> None:
    code, sentence = refusal(county.login(login), "record", {"entries": [opening(ref, NHS, COUNCIL)]})
    assert (code, sentence) == ("ES001", f"{'Nothing' if ref is None else ref} is not the next reference.")


def test_a_reference_that_was_taken_meanwhile_is_asked_for_again(county: County) -> None:
    county.open("noel", NHS, COUNCIL)
    code, _ = refusal(county.login("nora"), "record", {"entries": [opening("NHS-0001", NHS, COUNCIL)]})
    assert code == "ES002"


# -- entries


def test_an_entry_comes_next_in_its_case(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    county.append("carl", ref, 2)
    for seq in (2, 4, 0, -1):
        assert refusal(county.login("nora"), "record", {"entries": [entry(ref, seq, "noted")]}) == (
            "ES002",
            f"{ref} was recorded in meanwhile.",
        )
    county.append("nora", ref, 3)
    found = county.rows("nora", "SELECT seq FROM escalate.entries_seen() WHERE case_ref = %s ORDER BY seq", ref)
    assert found == [(1,), (2,), (3,)]


def test_who_was_logged_in_is_kept_beside_the_name_that_was_given(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    county.append("carl", ref, 2)
    found = rows(
        county.administrator,
        'SELECT r.login, e."by" FROM escalate.recorded r JOIN escalate.entry e ON e.id = r.entry_id ORDER BY e.n',
    )
    assert found == [("nora", "somebody"), ("carl", "somebody")]


def test_ids_tell_nothing(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    for seq in range(2, 30):
        county.append("nora", ref, seq)
    ids = [found for (found,) in county.rows("nora", "SELECT id FROM escalate.entries_seen() ORDER BY seq")]
    assert ids != sorted(ids)
    assert len(set(ids)) == 29
    assert all(0 < each < 2**52 for each in ids)
    assert max(ids) > 2**40


@pytest.mark.parametrize(
    "spoiled",
    [
        {"words": []},
        {"words": [("text", "about", "salt", "something else")]},
        {"commitments": "{}"},
        {"words": [("text", "other", "s", "c")]},
    ],
)
def test_words_are_those_that_the_entry_commits_to(county: County, spoiled: dict[str, Any]) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    said = entry(ref, 2, "noted", about="something") | spoiled
    assert refusal(county.login("nora"), "record", {"entries": [said]})[0] == "ES001"


@pytest.mark.parametrize(
    "spoiled",
    [
        {"seq": "two"}, {"seq": 10**30}, {"seq": 2.5}, {"seq": None}, {"at": "yesterday"}, {"at": None}, {"recorded_at": "2026-11-30"}, {"data": "[]"},
        {"data": "{"}, {"data": None}, {"commitments": "1"}, {"kind": None}, {"kind": "opened"}, {"kind": "erased"}, {"by": None},
        {"words": "x"}, {"words": [1]}, {"indexed": {"a": 1}}, {"indexed": [[None, None, None, None]]}, {"ref": None}, {"ref": ["a"]},
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_read_again_is_refused(county: County, spoiled: dict[str, Any]) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    before = county.rows(UNIT, "SELECT count(*) FROM escalate.entries_seen()")
    with pytest.raises(psycopg2.Error):
        county.call("nora", "record", {"entries": [entry(ref, 2, "noted") | spoiled]})
    assert county.rows(UNIT, "SELECT count(*) FROM escalate.entries_seen()") == before


# -- requests


def test_a_request_that_is_sent_again_adds_nothing(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    said = {"request": str(uuid.uuid4()), "entries": [entry(ref, 2, "noted")]}
    assert county.call("nora", "record", said) is True
    assert county.call("nora", "record", said) is False
    assert county.rows("nora", "SELECT count(*) FROM escalate.entries_seen()") == [(2,)]
    assert county.rows("nora", "SELECT escalate.is_known(%s)", said["request"]) == [(True,)]
    assert county.rows("nora", "SELECT escalate.is_known(%s)", str(uuid.uuid4())) == [(False,)]
    assert county.rows("carl", "SELECT escalate.is_known(%s)", said["request"]) == [(False,)]
    assert refusal(county.login("carl"), "record", said)[0] == "ES001"


def test_a_request_goes_on_through_its_transaction(county: County) -> None:
    ref, request = county.open("nora", NHS, COUNCIL), str(uuid.uuid4())
    with transaction(county.login("nora")):
        for seq in (2, 3):
            assert county.call("nora", "record", {"request": request, "entries": [entry(ref, seq, "noted")]}) is True
            assert county.rows("nora", "SELECT escalate.is_known(%s)", request) == [(False,)]
    assert county.rows("nora", "SELECT escalate.is_known(%s)", request) == [(True,)]
    assert county.rows("nora", "SELECT count(*) FROM escalate.entries_seen()") == [(3,)]


def test_a_request_without_entries_is_noted(county: County) -> None:
    request = str(uuid.uuid4())
    assert county.call("nora", "record", {"request": request, "entries": []}) is True
    assert county.call("nora", "record", {"request": request, "entries": []}) is False


# -- the chain

ENTRY_COLUMNS, VERSION_COLUMNS = (
    STATEMENTS[name].removeprefix("SELECT ").partition(" FROM ")[0].partition(", (SELECT")[0]
    for name in ("entry_recorded", "versions_of_calendar")
)


LOOK_COLUMNS = "agency, id, at, by, login, command, cases, data, commitments"


def as_file(county: County) -> OpenFile:
    """The history of the server as a file has it, as the functions for the unit give it."""
    made = sqlite3.connect(":memory:")
    made.row_factory = sqlite3.Row
    migrate(made, SCHEMA_VERSION)
    made.execute(
        "UPDATE kept SET value = ? WHERE name = 'file'",
        county.rows(UNIT, "SELECT value FROM escalate.kept WHERE name = 'file'")[0],
    )
    for table, columns, source in (
        ("edition", "id, protocol, dated, digest, text, recorded_at, bases, clock", "escalate.edition ORDER BY id"),
        ("calendar", "name, own", "escalate.calendar"),
        (
            "calendar_version",
            f"calendar, {VERSION_COLUMNS}",
            "escalate.calendar_version ORDER BY calendar, version",
        ),
        ("day_off", "calendar, day, kind, since, until, name", "escalate.day_off"),
        ("calendar_words", "calendar, version, field, salt, content", "escalate.calendar_words"),
        ("entry", ENTRY_COLUMNS, "escalate.chain_entries()"),
        ("words", "entry_id, case_ref, kind, field, salt, content", "escalate.chain_words()"),
        ("look", LOOK_COLUMNS, "escalate.look ORDER BY agency, id"),
        ("look_words", "agency, look, field, salt, content", "escalate.look_words"),
        ("link", "n, what, ref, digest, hash", "escalate.chain_links()"),
    ):
        found = county.rows(UNIT, f"SELECT {columns} FROM {source}")
        marks = ", ".join("?" * (columns.count(",") + 1))
        made.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", found)
    return opened(made)


def opened(connection: sqlite3.Connection) -> OpenFile:
    """A connection as the checks of the chain read it."""
    connection.row_factory = sqlite3.Row  # as `connected` sets it
    return OpenFile(connection, Path(":memory:"), None)


def agency_chain(county: County, login: str, key: str) -> list[tuple[Any, ...]]:
    """The chain that an agency should have over the entries it reads now, in the order of its links."""
    first = county.rows(login, "SELECT value FROM escalate.kept WHERE name = 'file'")[0][0] + "/" + key
    before = hashlib.sha256(first.encode()).hexdigest()
    made = []
    order = county.rows(login, "SELECT n, case_ref, seq FROM escalate.agency_link WHERE agency = %s ORDER BY n", key)
    for n, ref, seq in order:
        content = county.rows(
            login, 'SELECT case_ref, seq, kind, at, recorded_at, "by", data, commitments FROM escalate.entries_seen() WHERE case_ref = %s AND seq = %s', ref, seq
        )[0]  # fmt: skip
        digest = hashlib.sha256(as_json(content).encode()).hexdigest()
        before = hashlib.sha256(as_json([before, n, ref, seq, digest]).encode()).hexdigest()
        made.append((n, ref, seq, digest, before))
    return made


def test_the_chain_is_the_one_that_a_file_would_have_whatever_was_said(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    for seq, text in enumerate(HOSTILE, 2):
        said = entry(
            ref, seq, "noted", {text or "nothing": [text, {"a": text}]}, by=text or "-", **{text[:99] or "about": text}
        )
        county.call("nora" if seq % 2 else "carl", "record", {"entries": [said]})
    hostile_text = "\n".join(HOSTILE)
    county.call(
        "nora",
        "add_edition",
        EDITION | {"text": hostile_text, "bases": as_json(HOSTILE), "digest": digest_of(hostile_text, HOSTILE)},
    )
    county.call(UNIT, "add_calendar_version", CALENDAR | {
        "version": 2, "source": HOSTILE[2], "ended": [["bank holiday", "2026-12-25"]], "clock": NOW,
        **reasons(HOSTILE[0], {"2026-12-24": HOSTILE[4]}),
        "added": [["closure", "2026-12-24", ""], ["bank holiday", "2026-12-26", HOSTILE[1]], ["bank holiday", "2026-12-25", "Other"]],
    })  # fmt: skip
    county.call(
        "carl",
        "add_calendar_version",
        CALENDAR
        | {"name": "Own\u2028one", "own": HOSTILE[7], "authority_from": "2026-01-01", "authority_to": "2026-12-31"},
    )
    file = as_file(county)
    assert list(chain.broken(file)) == []
    number, last = chain.last_link(file)
    assert number == len(HOSTILE) + 1 + 2 + 3
    assert administering.status(county.administrator).head == f"{number}:{last}" == chain.head(file)
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []
    assert tuple(file.connection.execute("SELECT count(*) FROM words").fetchone()) == (len(HOSTILE),)
    for login, key in (("nora", "nhs trust"), ("carl", "county council")):
        kept = county.rows(login, "SELECT n, case_ref, seq, digest, hash FROM escalate.agency_link ORDER BY n")
        assert kept == agency_chain(county, login, key)
        assert len(kept) == len(HOSTILE) + 1


def digest_of(text: str, bases: list[str]) -> str:
    return hashlib.sha256("\0".join((text, *bases)).encode()).hexdigest()


def test_an_edition_is_added_once_and_has_the_digest_of_its_text(county: County) -> None:
    assert county.call("nora", "add_edition", EDITION) is False
    assert refusal(county.login("nora"), "add_edition", EDITION | {"digest": "0" * 64})[0] == "ES001"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE escalate.entry SET data = '{\"a\":1}' WHERE n = 2", "entry 2 is not what was recorded"),
        ("UPDATE escalate.edition SET text = 'other'", "edition 1 is not what was recorded"),
        ("UPDATE escalate.day_off SET name = 'other'", "calendar England and Wales@1 is not what was recorded"),
        ("UPDATE escalate.calendar SET own = 'x'", "calendar England and Wales@1 is not what was recorded"),
        (f"UPDATE escalate.link SET hash = '{'0' * 64}' WHERE n = 3", "link 3 of the chain (entry 1) does not follow from the one before it"),
        ("DELETE FROM escalate.link WHERE n = 3", "a link before link 4 of the chain is missing"),
        ("DELETE FROM escalate.link WHERE n = 4", "entry 2 was added past the chain"),
        ("INSERT INTO escalate.day_off VALUES ('England and Wales', '2026-12-28', 'closure', 7, NULL, 'x')", "calendar England and Wales@7 was added past the chain"),
    ],
)  # fmt: skip
def test_what_was_changed_past_the_functions_is_found(county: County, change: str, fault: str) -> None:
    county.append("nora", county.open("nora", NHS, COUNCIL), 2)
    for table in ("entry", "edition", "link"):
        rows(county.administrator, f"ALTER TABLE escalate.{table} DISABLE TRIGGER USER")
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []
    rows(county.administrator, change)
    assert (fault,) in county.rows(UNIT, "SELECT * FROM escalate.not_whole()")
    assert len(list(chain.broken(as_tampered(county)))) > 0
    assert (
        "the trigger link_is_only_added_to of link is not as escalate makes it"
        in administering.status(county.administrator).faults
    )


def as_tampered(county: County) -> OpenFile:
    """The same, with the guards of the file out of the way."""
    kept = county.rows(UNIT, "SELECT n, what, ref, digest, hash FROM escalate.chain_links()")
    made = sqlite3.connect(":memory:")
    made.row_factory = sqlite3.Row
    migrate(made, SCHEMA_VERSION)
    for (name,) in made.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        made.execute(f"DROP TRIGGER {name}")
    made.executemany("INSERT INTO link VALUES (?, ?, ?, ?, ?)", kept)
    return opened(made)


# -- guards


@pytest.mark.parametrize("table", ["entry", "link", "edition", "calendar_version", "agency_link"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {} = {} WHERE false"]
)
def test_what_is_recorded_is_only_added_to_by_the_administrator_too(county: County, table: str, change: str) -> None:
    county.open("nora", NHS, COUNCIL)
    column = "hash" if "link" in table else "kind" if table == "entry" else "source" if "calendar" in table else "text"
    for setting in ("origin", "replica"):
        rows(county.administrator, f"SET session_replication_role = {setting}")
        with pytest.raises(psycopg2.Error) as caught:
            rows(county.administrator, change.format(f"escalate.{table}", column, column))
        assert caught.value.pgcode == "ES004"


@pytest.mark.parametrize("change", ["UPDATE escalate.words SET content = 'x'", "TRUNCATE escalate.words"])
def test_words_are_never_changed_only_erased(county: County, change: str) -> None:
    county.open("nora", NHS, COUNCIL, about="something")
    with pytest.raises(psycopg2.Error, match="only added to"):
        rows(county.administrator, change)
    rows(county.administrator, "DELETE FROM escalate.words")


@pytest.mark.parametrize(
    "added",
    [
        "INSERT INTO escalate.entry SELECT 1, n + 2, case_ref, seq + 1, kind, at, recorded_at, by, data, commitments FROM escalate.entry",
        "INSERT INTO escalate.entry SELECT 1, n + 1, case_ref, seq + 2, kind, at, recorded_at, by, data, commitments FROM escalate.entry",
        "INSERT INTO escalate.link SELECT n + 7, 'entry', '9', digest, hash FROM escalate.link WHERE n = 1",
        "INSERT INTO escalate.agency_link SELECT agency, n + 7, 'x', seq, digest, hash FROM escalate.agency_link",
    ],
)
def test_rows_are_added_at_the_end_alone(county: County, added: str) -> None:
    county.open("nora", NHS, COUNCIL)
    with pytest.raises(psycopg2.Error, match="at the end"):
        rows(county.administrator, added)


# -- who sees what


def test_a_case_is_seen_by_the_agencies_it_names_and_the_unit(county: County) -> None:
    ref = county.open("nora", " nhs   TRUST", COUNCIL, about="unheard of")
    for table, column in (("cases", "ref"), ("deadline", "case_ref"), ("entries_seen()", "case_ref"), ("words_seen()", "case_ref"), ("holder", "case_ref"),
                          ("search_index", "case_ref"), ("open_deadline", "case_ref")):  # fmt: skip
        seen = {
            login: county.rows(login, f"SELECT {column} FROM escalate.{table}")
            for login in ("nora", "noel", "carl", UNIT, "pia")
        }
        assert seen == {"nora": [(ref,)], "noel": [(ref,)], "carl": [(ref,)], UNIT: [(ref,)], "pia": []}, table


def test_when_the_sides_change_who_leaves_sees_nothing_and_who_comes_everything(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL, about="unheard of")
    county.append("carl", ref, 2, more="indeed")
    kept = county.rows("carl", "SELECT n, hash FROM escalate.agency_link ORDER BY n")
    county.move("nora", ref, 3, NHS, POLICE)
    for table in ("cases", "deadline", "entries_seen()", "words_seen()", "holder", "search_index", "cases_seen()"):
        assert county.rows("carl", f"SELECT count(*) FROM escalate.{table}") == [(0,)], table
        assert county.rows("pia", f"SELECT count(*) FROM escalate.{table}") == county.rows(
            "nora", f"SELECT count(*) FROM escalate.{table}"
        )
    assert county.rows(
        "pia", "SELECT n, case_ref, seq, digest, hash FROM escalate.agency_link ORDER BY n"
    ) == agency_chain(county, "pia", "police")
    assert len(agency_chain(county, "pia", "police")) == 3
    assert county.rows("carl", "SELECT n, hash FROM escalate.agency_link ORDER BY n")[:2] == kept
    assert refusal(county.login("carl"), "record", {"entries": [entry(ref, 4, "noted")]}) == (
        "ES001",
        f"There is no case {ref}.",
    )
    county.append("pia", ref, 4)
    county.move("nora", ref, 5, NHS, COUNCIL)
    assert county.rows("carl", "SELECT count(*) FROM escalate.entries_seen()") == [(5,)]
    order = county.rows("carl", "SELECT seq FROM escalate.agency_link ORDER BY n")
    assert order == [(1,), (2,), (3,), (4,), (5,)]
    assert county.rows(
        "carl", "SELECT n, case_ref, seq, digest, hash FROM escalate.agency_link ORDER BY n"
    ) == agency_chain(county, "carl", "county council")
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []


def test_an_agency_that_is_added_sees_the_cases_that_name_it_already(county: County) -> None:
    ref = county.open("nora", NHS, "Fire  Service", about="unheard of")
    county.open("nora", NHS, COUNCIL)
    county.append("nora", ref, 2, more="indeed")
    administering.add_member(county.administrator, "fay", "fire service", "FS")
    for table in ("cases", "deadline", "entries_seen()", "words_seen()", "holder", "search_index", "cases_seen()"):
        seen = county.rows("fay", f"SELECT count(*) FROM escalate.{table}")[0][0]
        assert seen == (2 if table in {"entries_seen()", "words_seen()", "search_index"} else 1), table
    assert county.rows(
        "fay", "SELECT c.ref, d.due_at FROM escalate.cases c JOIN escalate.deadline d ON d.case_ref = c.ref"
    ) == [(ref, "2026-12-01T09:00:00Z")]
    kept = county.rows("fay", "SELECT n, case_ref, seq, digest, hash FROM escalate.agency_link ORDER BY n")
    assert kept == agency_chain(county, "fay", "fire service")
    assert len(kept) == 2


def test_the_unit_opens_under_the_prefix_of_who_raised_it_and_its_own_where_that_is_no_agency(county: County) -> None:
    assert county.open(UNIT, NHS, COUNCIL) == "NHS-0001"
    assert county.open(UNIT, "A school", COUNCIL) == "E0001"
    assert county.open(UNIT, None, None) == "E0002"
    assert county.open("carl", NHS, COUNCIL) == "CC-0001"  # how many the trust has raised is not the council's to count
    assert county.rows("carl", "SELECT ref FROM escalate.cases ORDER BY number") == [
        ("NHS-0001",),
        ("E0001",),
        ("CC-0001",),
    ]


def test_the_number_of_a_case_stays_when_its_rows_are_made_again(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    before = county.rows("nora", "SELECT number FROM escalate.cases")
    county.move("nora", ref, 2, NHS, POLICE)
    assert (
        county.rows("pia", "SELECT number FROM escalate.cases")
        == county.rows(UNIT, "SELECT number FROM escalate.cases")
        == before
    )


def test_derived_rows_are_replaced_and_refer_to_entries_by_id(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL, about="unheard of")
    county.append("nora", ref, 2, more="indeed")
    county.call(
        "carl",
        "derive",
        {"cases": [derived(ref, NHS, COUNCIL, [("about", 1), ("more", 2)], due="2027-01-01T00:00:00Z")]},
    )
    for login in ("nora", "carl", UNIT):
        assert county.rows(login, "SELECT due_at FROM escalate.deadline") == [("2027-01-01T00:00:00Z",)]
        assert county.rows(login, "SELECT field, content FROM escalate.case_words ORDER BY field") == [
            ("about", "unheard of"),
            ("more", "indeed"),
        ]


# -- what is the unit's alone


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("erase", {"refs": ["NHS-0001"]}),
        ("reindex", {"cases": []}),
        ("add_calendar_version", CALENDAR | {"version": 2}),
        ("set_fact", {"name": "rules", "value": "1"}),
        ("drop_fact", {"name": "rules"}),
        ("take_over", {}),
        ("record", {"entries": [entry("NHS-0001", 2, "erased")]}),
    ],
)
def test_what_concerns_everybody_is_the_units(county: County, function: str, said: dict[str, Any]) -> None:
    county.open("nora", NHS, COUNCIL)
    code, sentence = refusal(county.login("nora"), function, said)
    assert code == "ES001"
    assert sentence.startswith("Only the business unit ")


@pytest.mark.parametrize(
    "function",
    [
        "taken_over",
        "not_whole",
        "chain_links",
        "chain_entries",
        "chain_words",
        "chain_holders",
        "chain_told",
        "all_digests",
        "all_settings",
    ],
)
def test_the_whole_is_the_units_to_read(county: County, function: str) -> None:
    with pytest.raises(psycopg2.Error, match="Only the business unit "):
        county.rows("nora", f"SELECT * FROM escalate.{function}()")


def test_the_unit_erases_words_and_makes_the_index_anew(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL, about="unheard of")
    with transaction(county.login(UNIT)):
        county.call(UNIT, "erase", {"refs": [ref]})
        county.call(
            UNIT,
            "reindex",
            {"cases": [{"ref": ref, "entries": [{"seq": 1, "indexed": [["NHS Trust", "from", "text", "nhs trust"]]}]}]},
        )
        county.call(UNIT, "record", {"entries": [entry(ref, 2, "erased")]})
    assert county.rows("carl", "SELECT count(*) FROM escalate.words_seen()") == [(0,)]
    for login in ("nora", "carl", UNIT):
        assert county.rows(login, "SELECT content, seq, folded FROM escalate.search_index") == [
            ("NHS Trust", 1, "nhs trust")
        ]
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []


def test_facts_that_the_chain_rests_on_stay(county: County) -> None:
    county.call(UNIT, "set_fact", {"name": "rules", "value": "9"})
    assert county.rows("nora", "SELECT value FROM escalate.kept WHERE name = 'rules'") == [("9",)]
    county.call(UNIT, "drop_fact", {"name": "rules"})
    for name in ("file", "schema", "taking over"):
        assert refusal(county.login(UNIT), "set_fact", {"name": name, "value": "x"})[0] == "ES001"
        assert refusal(county.login(UNIT), "drop_fact", {"name": name})[0] == "ES001"


def test_a_calendar_is_changed_in_turn(county: County) -> None:
    for version in (1, 3):
        assert (
            refusal(county.login(UNIT), "add_calendar_version", CALENDAR | {"version": version, "added": []})[0]
            == "ES002"
        )
    assert (
        refusal(
            county.login(UNIT), "add_calendar_version", CALENDAR | {"version": 2, "ended": [["closure", "2026-12-25"]]}
        )[0]
        == "ES001"
    )


def test_why_a_calendar_is_changed_is_what_its_version_commits_to_and_only_the_unit_erases_it(county: County) -> None:
    second = CALENDAR | {"version": 2, "added": [["closure", "2026-12-24", ""]]} | reasons("Closed")
    wrongs: list[dict[str, object]] = [
        {"commitments": None, "words": []},
        {"words": reasons("Open")["words"]},
        {"words": []},
        {"added": [["closure", "2026-12-24", "Closed"]]},
    ]
    for wrong in wrongs:
        assert refusal(county.login(UNIT), "add_calendar_version", second | wrong)[0] == "ES001"
    county.call(UNIT, "add_calendar_version", second)
    found = "SELECT version, content FROM escalate.calendar_words ORDER BY version"
    assert county.rows("nora", found) == [(1, "first needed"), (2, "Closed")]
    keys = {"keys": ["England and Wales@2"]}
    assert refusal(county.login("nora"), "erase_reasons", keys)[0] == "ES001"
    county.call(UNIT, "erase_reasons", keys)
    county.call(UNIT, "wipe", {})
    assert county.rows("nora", found) == [(1, "first needed")]
    assert county.rows(UNIT, "SELECT * FROM escalate.not_whole()") == []


def test_a_server_of_before_has_its_reasons_apart_once_it_is_brought_up_to_date(county: County) -> None:
    with county.administrator.cursor() as cursor:
        for statement in (
            "DROP TABLE escalate.calendar_words",
            "ALTER TABLE escalate.calendar_version DROP COLUMN commitments, DROP COLUMN clock",
            "ALTER TABLE escalate.edition DROP COLUMN clock",
            "ALTER TABLE escalate.calendar_version DISABLE TRIGGER calendar_version_is_only_added_to",
            "ALTER TABLE escalate.calendar_version DISABLE TRIGGER calendar_version_is_left_as_it_is",
            "UPDATE escalate.calendar_version SET why = 'first needed'",
            "INSERT INTO escalate.calendar_version SELECT calendar, 2, made_at, by, 'Closed', opens, closes, first, last, published_to,"
            " authority_from, authority_to, source FROM escalate.calendar_version",
            "INSERT INTO escalate.day_off (calendar, day, kind, since, name) VALUES ('England and Wales', '2026-12-24', 'closure', 2, 'Closed')",
            "INSERT INTO escalate.day_off (calendar, day, kind, since, name) VALUES ('England and Wales', '2026-12-23', 'closure', 2, 'Flood')",
            "UPDATE escalate.kept SET value = '8' WHERE name = 'schema'",
        ):
            cursor.execute(statement)
    administering.make(county.administrator)
    found = county.rows(UNIT, "SELECT version, field, content FROM escalate.calendar_words ORDER BY version, field")
    assert found == [(1, "why", "first needed"), (2, "2026-12-23", "Flood"), (2, "why", "Closed")]
    assert county.rows(UNIT, "SELECT DISTINCT why FROM escalate.calendar_version") == [("",)]
    with county.administrator.cursor() as cursor:
        cursor.execute("SELECT escalate.calendar_digest(v) FROM escalate.calendar_version v WHERE version = 2")
        [(digest,)] = cursor.fetchall()
        cursor.execute(
            "SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'escalate.calendar_version'::regclass AND NOT tgisinternal"
        )
        assert {row[0] for row in cursor.fetchall()} == {"A", "O"}
    days = [["2026-12-23", "closure", "Flood", 2], ["2026-12-24", "closure", "Closed", 2]]
    content = [
        "England and Wales", 2, NOW, "nora", "Closed", "09:00", "17:00", "2020-01-01", "2030-12-31", "2028-12-31", None, None, "GOV.UK",
        None, days, [],
    ]  # fmt: skip
    assert digest == hash_of(as_json(content))


def test_a_server_of_before_has_days_of_holding_once_it_is_brought_up_to_date(county: County) -> None:
    before = administering.structure(county.administrator)
    with county.administrator.cursor() as cursor:
        for statement in (
            "ALTER TABLE escalate.holder DROP COLUMN from_day, DROP COLUMN until_day",
            "DROP FUNCTION escalate.chain_holders()",
            "CREATE FUNCTION escalate.chain_holders() RETURNS TABLE (case_ref text, visit integer, n integer, side text, entry_id bigint)"
            " LANGUAGE sql AS 'SELECT NULL::text, 1, 1, NULL::text, 1::bigint'",
            "UPDATE escalate.kept SET value = '11' WHERE name = 'schema'",
        ):
            cursor.execute(statement)
    administering.make(county.administrator)
    assert administering.structure(county.administrator) == before


# -- what each agency keeps


def test_digests_are_each_agencys_own(county: County) -> None:
    message = {"day": "2026-11-30", "run": 1, "reader": "r", "message": "m", "since": NOW, "recorded_at": NOW}
    for login in ("nora", "carl", UNIT):
        county.call(login, "add_digests", {"digests": [message, message | {"reader": "s"}]})
        assert county.rows(login, "SELECT id FROM escalate.digest ORDER BY id") == [(1,), (2,)]
    assert county.call("nora", "claim_digest", {"id": 1, "claimed_at": NOW, "stale": "2026-11-30T08:55:00Z"}) is True
    assert county.call("noel", "claim_digest", {"id": 1, "claimed_at": NOW, "stale": "2026-11-30T08:55:00Z"}) is False
    assert county.call("carl", "claim_digest", {"id": 1, "claimed_at": NOW, "stale": "2026-11-30T08:55:00Z"}) is True
    county.call("nora", "release_digest", {"id": 1})
    assert county.call("noel", "claim_digest", {"id": 1, "claimed_at": NOW, "stale": "2026-11-30T08:55:00Z"}) is True
    assert (
        county.call("nora", "claim_digest", {"id": 1, "claimed_at": "2026-11-30T09:10:00Z", "stale": NOW}) is True
    )  # the lease is over
    county.call("nora", "complete_digest", {"id": 1, "sent_at": NOW, "told_to": NOW})
    assert county.call("noel", "claim_digest", {"id": 1, "claimed_at": NOW, "stale": "2030-01-01T00:00:00Z"}) is False
    assert county.rows("carl", "SELECT sent_at FROM escalate.digest WHERE id = 1") == [(None,)]
    assert len(county.rows(UNIT, "SELECT * FROM escalate.all_digests()")) == 6


def test_settings_are_each_agencys_own(county: County) -> None:
    for login, value in (("nora", "1 day"), ("carl", "2 days"), ("noel", "3 days")):
        county.call(login, "keep_setting", {"by": "somebody", "name": "at_risk", "since": NOW, "value": value})
    assert county.rows("nora", "SELECT value FROM escalate.setting_used") == [("3 days",)]
    assert county.rows("carl", "SELECT value FROM escalate.setting_used") == [("2 days",)]
    assert len(county.rows(UNIT, "SELECT * FROM escalate.all_settings()")) == 2


# -- a whole file


def whole_file(path: Path) -> dict[str, Any]:
    """All of a file, as `take_over` takes it."""
    with closing(sqlite3.connect(path)) as file, file:
        file.row_factory = sqlite3.Row
        tables = {
            "editions": "edition ORDER BY id", "calendars": "calendar", "versions": "calendar_version", "days_off": "day_off",
            "entries": "entry ORDER BY id", "words": "words", "links": "link ORDER BY n", "digests": "digest", "settings": "setting_used",
            "looks": "look ORDER BY id", "look_words": "look_words",
        }  # fmt: skip
        said: dict[str, Any] = {
            key: [dict(row) for row in file.execute(f"SELECT * FROM {source}")] for key, source in tables.items()
        }
        said["kept"] = {row["name"]: row["value"] for row in file.execute("SELECT * FROM kept")}
    file.close()
    return said


@pytest.mark.parametrize("at_once", [7, 100_000])
def test_a_file_is_taken_over_with_its_head_and_given_back(database: Database, made: Path, at_once: int) -> None:
    county, said = with_unit(database), whole_file(made)
    first = {key: said[key] for key in said.keys() - {"entries", "words", "links"}}
    with transaction(county.login(UNIT)):
        county.call(UNIT, "take_over", first)
        for start in range(0, len(said["entries"]), at_once):
            some = said["entries"][start : start + at_once]
            ids = {each["id"] for each in some}
            county.call(
                UNIT,
                "take_over",
                {"entries": some, "words": [each for each in said["words"] if each["entry_id"] in ids]},
            )
        county.call(UNIT, "take_over", {"links": said["links"]})
        head = county.rows(UNIT, "SELECT escalate.taken_over()")[0][0]
    with closing(sqlite3.connect(made)) as file, file:
        assert head == chain.head(opened(file))
        again = as_file(county)
        assert list(chain.broken(again)) == []
        assert chain.head(again) == head
        for query in (
            f"SELECT {ENTRY_COLUMNS} FROM entry ORDER BY id",
            "SELECT entry_id, case_ref, kind, field, salt, content FROM words ORDER BY entry_id, field",
            "SELECT * FROM look ORDER BY id",
            "SELECT * FROM look_words ORDER BY look, field",
            "SELECT * FROM link ORDER BY n",
        ):
            rows = [list(map(tuple, each.execute(query))) for each in (again.connection, file)]
            assert rows[0] == rows[1]
    file.close()
    assert len(said["entries"]) > 10
    ref = said["entries"][0]["case_ref"]
    last = max(each["seq"] for each in said["entries"] if each["case_ref"] == ref)
    case = derived(ref, None, None)
    case["case"] |= {"edition_digest": said["editions"][0]["digest"], "calendar": said["calendars"][0]["name"]}
    county.call(UNIT, "derive", {"cases": [case]})
    county.append(UNIT, ref, last + 1)
    assert list(chain.broken(as_file(county))) == []


def with_unit(database: Database) -> County:
    """A database with a login of the unit and nothing else."""
    county = object.__new__(County)
    county.database, county.administrator, county._connections = database, database.administrator, {}
    administering.add_member(county.administrator, UNIT, None)
    administering.add_member(county.administrator, "nora", NHS, "NHS")
    return county


def test_a_file_that_is_not_whole_is_not_taken_over(database: Database, made: Path) -> None:
    county, said = with_unit(database), whole_file(made)
    said["entries"][3]["by"] = "somebody else"
    rows(county.login(UNIT), "BEGIN")
    county.call(UNIT, "take_over", said)
    with pytest.raises(psycopg2.Error) as caught:
        county.rows(UNIT, "SELECT escalate.taken_over()")
    assert caught.value.pgcode == "ES003"
    assert "entry 4 is not what was recorded" in str(caught.value)
    rows(county.login(UNIT), "ROLLBACK")
    assert county.rows(UNIT, "SELECT count(*) FROM escalate.entries_seen()") == [(0,)]


def test_a_file_is_taken_over_where_there_is_nothing_and_nobody_records_meanwhile(
    county: County, database: Database
) -> None:
    assert refusal(county.login(UNIT), "take_over", {})[0] == "ES001"


def test_nobody_records_while_a_file_is_taken_over(database: Database) -> None:
    county = with_unit(database)
    county.call(UNIT, "take_over", {})
    assert refusal(county.login("nora"), "add_edition", EDITION) == ("ES001", "A file is being taken over.")
    county.rows(UNIT, "SELECT escalate.taken_over()")
    assert county.call("nora", "add_edition", EDITION) is True
    with pytest.raises(psycopg2.Error, match="No file is being taken over"):
        county.rows(UNIT, "SELECT escalate.taken_over()")


# -- administering


def test_making_it_again_changes_nothing_and_puts_rights_right(county: County) -> None:
    ref = county.open("nora", NHS, COUNCIL)
    rows(
        county.administrator,
        "ALTER TABLE escalate.entry DISABLE ROW LEVEL SECURITY; GRANT ALL ON ALL TABLES IN SCHEMA escalate TO PUBLIC",
    )
    assert "the table entry is not as escalate makes it" in administering.status(county.administrator).faults
    before = administering.status(county.administrator)
    administering.make(county.administrator)
    assert administering.status(county.administrator) == before._replace(faults=[])
    assert county.rows("pia", "SELECT count(*) FROM escalate.entries_seen()") == [(0,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        county.rows("pia", "DELETE FROM escalate.party")
    county.append("nora", ref, 2)


def test_a_trigger_that_is_gone_is_seen(county: County) -> None:
    rows(county.administrator, "DROP TRIGGER words_are_never_changed ON escalate.words")
    assert administering.status(county.administrator).faults == ["the trigger words_are_never_changed of words is gone"]


def test_what_everybody_may_do_is_seen(county: County) -> None:
    """In the database, in the schema that each has, and with what PostgreSQL tells: of which the first is named."""
    administrator = county.administrator
    rows(administrator, f"GRANT CONNECT, TEMP ON DATABASE {county.database.name} TO PUBLIC")
    rows(administrator, "GRANT CREATE ON SCHEMA public TO PUBLIC")
    rows(administrator, "GRANT EXECUTE ON FUNCTION pg_lock_status() TO PUBLIC")
    rows(administrator, "GRANT SELECT ON pg_catalog.pg_class TO PUBLIC")
    assert administering.status(administrator).faults == [
        "everybody may connect to the database",
        "everybody may make temporary tables and functions in the database",
        "everybody may make tables and functions in the schema public",
        "every login can read how much is written (pg_catalog.pg_class.reltuples and 1 more): only a superuser can take that away",
    ]
    administering.make(administrator)
    assert administering.status(administrator).faults == []


@pytest.mark.parametrize("role", ["pg_read_all_data", "escalate_owner"])
def test_what_members_are_let_to_do_as_others_is_seen(county: County, role: str) -> None:
    rows(county.administrator, f"GRANT {role} TO escalate_member")
    try:
        assert (
            "the role escalate_member is not as escalate makes it" in administering.status(county.administrator).faults
        )
    finally:
        rows(county.administrator, f"REVOKE {role} FROM escalate_member")


def test_newer_tables_and_another_file_are_refused(county: County) -> None:
    with pytest.raises(Refused, match="under another random name"):
        administering.make(county.administrator, "b" * 32)
    administering.make(county.administrator, "a" * 32)
    rows(county.administrator, "UPDATE escalate.kept SET value = '99' WHERE name = 'schema'")
    with pytest.raises(Refused, match="newer escalate"):
        administering.make(county.administrator)


def test_a_new_one_has_a_random_name(cluster: Cluster) -> None:
    with cluster.empty() as database:
        administering.make(database.administrator)
        assert re.fullmatch("[0-9a-f]{32}", administering.status(database.administrator).file_name)


def test_members_are_added_listed_and_removed(county: County) -> None:
    found = {each.login: (each.agency, each.prefix) for each in administering.members(county.administrator)}
    assert found == {
        "unit": (None, "E"),
        "nora": (NHS, "NHS"),
        "noel": (NHS, "NHS"),
        "carl": (COUNCIL, "CC"),
        "pia": (POLICE, "POL"),
    }
    county.open("nora", NHS, COUNCIL)
    assert county.rows("nora", "SELECT count(*) FROM escalate.cases") == [(1,)]
    administering.remove_member(county.administrator, "nora")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):  # in the session that was open already
        county.rows("nora", "SELECT count(*) FROM escalate.cases")
    assert "nora" not in {each.login for each in administering.members(county.administrator)}
    with pytest.raises(Refused):
        administering.remove_member(county.administrator, "nora")
    administering.add_member(county.administrator, "nora", COUNCIL)
    assert county.rows("nora", "SELECT key, name, prefix FROM escalate.my_agency()") == [
        ("county council", COUNCIL, "CC")
    ]


@pytest.mark.parametrize(
    ("login", "agency", "prefix"),
    [
        ("nora", COUNCIL, None), ("new", "Unheard of", None), ("new", "*", "X"), ("new", " ", "X"), ("new", "Other", "E"), ("new", "Other", "nhs"),
        ("new", "Other", "NHS"), ("new", "Other", "A-B"), ("new", "Other", "A'B"), ("new", NHS, "XX"), ("escalate_tests", NHS, None),
    ],
)  # fmt: skip
def test_a_member_belongs_to_one_agency_that_is_there(
    county: County, login: str, agency: str, prefix: str | None
) -> None:
    before = administering.members(county.administrator)
    with pytest.raises(Refused):
        administering.add_member(county.administrator, login, agency, prefix)
    assert administering.members(county.administrator) == before


@pytest.mark.parametrize("right", ["BYPASSRLS", "CREATEROLE", "SUPERUSER", "REPLICATION"])
def test_a_login_that_sees_past_row_security_is_no_member(county: County, right: str) -> None:
    rows(county.administrator, f"CREATE ROLE strong LOGIN {right}")
    with pytest.raises(Refused, match="see past row security"):
        administering.add_member(county.administrator, "strong", NHS)
    rows(county.administrator, "DROP ROLE strong")
    rows(county.administrator, f"ALTER ROLE nora {right}")
    assert administering.status(county.administrator).faults == ["the login nora has rights that see past row security"]
    rows(county.administrator, f"ALTER ROLE nora NO{right}")


def test_names_and_passwords_are_data(county: County) -> None:
    name = 'o"neil; DROP TABLE escalate.entry; --'
    administering.add_member(county.administrator, name, NHS, password='it\'s \\ "secret"')
    assert name in {each.login for each in administering.members(county.administrator)}
    assert county.rows(name, "SELECT key FROM escalate.my_agency()") == [("nhs trust",)]
    administering.remove_member(county.administrator, name)
    rows(county.administrator, 'DROP ROLE "o""neil; DROP TABLE escalate.entry; --"')


def test_a_member_of_another_database_of_the_same_server_sees_nothing_here(county: County, cluster: Cluster) -> None:
    county.open("nora", NHS, COUNCIL)
    with cluster.database() as other:
        administering.add_member(other.administrator, "stranger", NHS, "NHS")
        connection = county.login("stranger")
        tables = rows(
            county.administrator,
            "SELECT c.relname FROM pg_class c WHERE relnamespace = 'escalate'::regnamespace AND relkind IN ('r', 'v')",
        )
        for (table,) in tables:
            if table not in {"counter", "request", "entry", "words", "party"}:
                assert rows(connection, f"SELECT count(*) FROM escalate.{table}") == [(0,)], table
        assert refusal(connection, "add_edition", EDITION) == ("ES001", "This login belongs to no agency.")
        connection.close()
        administering.remove_member(other.administrator, "stranger")


@pytest.mark.parametrize(("text", "key"), [("  NHS \t Trust\n", "nhs trust"), ("YSBYTY MÔN", "ysbyty môn"), ("", "")])
def test_names_of_agencies_are_the_same_whatever_their_capitals_and_spaces(county: County, text: str, key: str) -> None:
    assert rows(county.administrator, "SELECT escalate.agency_key(%s)", text) == [(key,)]


def test_what_is_said_is_json_as_python_writes_it(county: County) -> None:
    for text in HOSTILE:
        assert rows(county.administrator, "SELECT escalate.quoted(%s)", text) == [(as_json(text),)]
    every = "".join(chr(each) for each in [*range(1, 0xD800), *range(0xE000, 0x11000)])
    assert rows(county.administrator, "SELECT escalate.quoted(%s)", every) == [(as_json(every),)]
    assert json.loads(as_json(every)) == every
    assert EDITION["digest"] == DIGEST


def test_an_administrator_who_is_no_superuser_makes_it_too_and_is_told_what_is_left(cluster: Cluster) -> None:
    with cluster.empty() as database:
        chief = database.administrator
        rows(chief, "CREATE ROLE dba LOGIN CREATEROLE")
        rows(
            chief, "GRANT escalate_owner, escalate_member TO dba WITH ADMIN OPTION"
        )  # of another database of the same server
        rows(chief, f"ALTER DATABASE {database.name} OWNER TO dba")
        try:
            administrator = database.connect("dba")
            administering.make(administrator)
            administering.add_member(administrator, "dora", NHS, "NHS")
            county = object.__new__(County)
            county.database, county.administrator, county._connections = database, administrator, {}
            call(county.login("dora"), "add_edition", EDITION)
            call(county.login("dora"), "add_calendar_version", CALENDAR)
            assert county.open("dora", NHS, COUNCIL) == "NHS-0001"
            (fault,) = administering.status(administrator).faults
            assert re.fullmatch(
                r"every login can read how much is written \(.* and \d\d\d more\): only a superuser can take that away",
                fault,
            )
            administering.make(chief)
            assert administering.status(chief).faults == []
            administering.remove_member(administrator, "dora")
        finally:
            database.close()
            chief = database.administrator
            rows(chief, f"ALTER DATABASE {database.name} OWNER TO {ADMINISTRATOR}")
            rows(chief, "DROP OWNED BY dba CASCADE; DROP ROLE dba; DROP ROLE dora")
