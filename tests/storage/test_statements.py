"""The statements: each stands once, is used, is found, and runs; and what is to run on every engine has nothing that only SQLite has."""

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from escalate.storage import lists
from escalate.storage.lists import open_lists
from escalate.storage.rows import CASE_COLUMNS, CASE_FIELDS, DEADLINE_COLUMNS, DEADLINE_FIELDS
from escalate.storage.sqlite import database
from escalate.storage.sqlite.database import STATEMENTS
from escalate.storage.statements import SHARED, Statements
from tests.connections import connection_of
from tests.driver import unit

if TYPE_CHECKING:  # no cycle, but the driver is loaded for a server alone
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from tests.server.cluster import Cluster

STORAGE = SHARED.parent
OWN = Path(database.__file__).with_name("queries.sql")
SERVERS = STORAGE / "postgresql" / "queries.sql"
ON_SERVER = Statements(SHARED, SERVERS)
ASKING = ("rows", "row", "stream", "_do", "_each", "_number", "_refs", "_of_cases")
"""What takes the name of a statement first."""

ONLY_SQLITE = re.compile(
    r"\browid\b|json_each|\bGLOB\b|\bMATCH\b|'~'|LIMIT -1|\?|PRAGMA|\bIS NOT (?!NULL)|\bIS (?!NOT|NULL)", re.IGNORECASE
)


def trees(without: str) -> Iterator[ast.AST]:
    """All that stands in the code of the store, without that of another engine."""
    for path in (each for each in STORAGE.rglob("*.py") if each.parent.name != without):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def names(file: Path) -> list[str]:
    """The names of the statements and pieces in a file, as they are said there."""
    return re.findall(r"^-- (?:name|piece): (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("file", "least"), [(SHARED, 70), (OWN, 30), (SERVERS, 10)], ids=["shared", "sqlite", "postgresql"]
)
def test_each_stands_once_in_a_file_and_has_a_plain_name(file: Path, least: int) -> None:
    assert len(names(file)) == len(set(names(file))) > least
    assert [name for name in names(file) if not re.fullmatch("[a-z_]+", name)] == []


ENGINES = pytest.mark.parametrize(
    ("own", "statements", "other"),
    [(OWN, STATEMENTS, "postgresql"), (SERVERS, ON_SERVER, "sqlite")],
    ids=["sqlite", "postgresql"],
)


@ENGINES
def test_each_is_used(own: Path, statements: Statements, other: str) -> None:
    said = {node.value for node in trees(other) if isinstance(node, ast.Constant)}
    assert [name for name in statements if name not in said] == []
    texts = SHARED.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")
    pieces = re.findall(r"^-- piece: (.*)$", texts, re.MULTILINE)
    assert [name for name in pieces if f"{{{name}}}" not in texts] == []


@ENGINES
def test_each_that_is_asked_for_is_there(own: Path, statements: Statements, other: str) -> None:
    asked = [
        node.args[0].value
        for node in trees(other)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ASKING
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and " " not in str(node.args[0].value)  # a statement of the engine itself, such as BEGIN, has no name
    ]
    assert len(asked) > 60
    assert [name for name in asked if name not in {*statements, "BEGIN", "COMMIT", "ROLLBACK"}] == []


@pytest.mark.parametrize("own", [OWN, SERVERS], ids=["sqlite", "postgresql"])
def test_an_engine_says_otherwise_only_what_differs(own: Path) -> None:
    shared, its = Statements(SHARED), Statements(own)
    assert [name for name in {*shared} & {*its} if shared._texts[name] == its._texts[name]] == []


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "cases.db"
    with open_lists(path):
        return path


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_each_runs_on_sqlite(empty: Path, name: str) -> None:
    text = STATEMENTS[name]
    assert "{" not in text
    with open_lists(empty) as read:
        values = dict.fromkeys(re.findall(r":(\w+)", text))
        marks = [None] * max(map(int, re.findall(r"\?(\d+)", text)), default=text.count("?"))
        connection_of(read).execute(f"EXPLAIN {text}", values or marks).fetchall()


@pytest.mark.parametrize("name", ["case_in_chain", "entry_recorded", "first_link", "links_from", "link_numbered"])
def test_what_a_certificate_rests_on_is_found_and_not_looked_for(empty: Path, name: str) -> None:
    """By an index, so that it takes no longer the more others have recorded."""
    with open_lists(empty) as read:
        values = dict.fromkeys(re.findall(r":(\w+)", STATEMENTS[name]))
        plan = [row["detail"] for row in connection_of(read).execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", values)]
    assert [step for step in plan if re.match("SCAN (entry|link)|USE TEMP", step)] == []


UNIT_ALONE = {
    "case_in_chain", "entry_ids", "entries_recorded", "entry_recorded", "whole_digests", "whole_entries", "whole_holders", "whole_settings", "whole_told", "whole_words",
}  # fmt: skip
"""What an agency is refused, as it shows what others have."""


@pytest.fixture(scope="module")
def logins(cluster: "Cluster") -> Iterator[dict[str, "Connection"]]:
    """A connection of the unit, and one of an agency, which sees least and still has to be let to ask everything."""
    from escalate.storage.postgresql import administering

    with cluster.database() as made:
        administering.add_member(made.administrator, "unit", None)
        administering.add_member(made.administrator, "nora", "Trust", "NHS")
        connections = {login: made.connect(login) for login in ("unit", "nora")}
        for each in connections.values():
            with each.cursor() as cursor:
                cursor.execute("SET search_path = escalate, pg_temp")
        yield connections


@pytest.mark.server
@pytest.mark.parametrize("name", sorted(ON_SERVER))
def test_each_runs_on_postgresql(logins: dict[str, "Connection"], name: str) -> None:
    from psycopg2 import DatabaseError

    text = re.sub(r"(?<!:):(\w+)", "NULL", ON_SERVER[name])
    assert "{" not in text
    for login, connection in logins.items():
        is_refused = login == "nora" and name in UNIT_ALONE
        with (
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match=r"^Only the business unit") if is_refused else nullcontext(),
        ):
            cursor.execute(text)  # what it may read is looked at only as it runs
            assert cursor.description is not None


def test_what_every_engine_is_asked_has_nothing_that_only_sqlite_has() -> None:
    lines = [line for line in SHARED.read_text(encoding="utf-8").splitlines() if not line.startswith("--")]
    assert [line for line in lines if ONLY_SQLITE.search(line)] == []


def columns(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\b[cd]\.(\w+)", text))


def test_the_columns_of_lists_are_the_fields_they_are_read_into() -> None:
    assert columns(STATEMENTS["newest_cases_and_void"]) == CASE_FIELDS
    assert columns(STATEMENTS["deadlines_in_cases"].split(" FROM ")[0])[1:] == DEADLINE_FIELDS
    assert columns(STATEMENTS["due_by_case"].split(" FROM ")[0]) == (*CASE_FIELDS, *DEADLINE_FIELDS)


def test_all_that_is_derived_is_written() -> None:
    """A value that no statement names would be lost without a word."""
    assert named(STATEMENTS["add_deadline"]) == ["case_ref", *DEADLINE_COLUMNS]
    assert STATEMENTS["add_deadline"].count("?") == len(DEADLINE_COLUMNS) + 1
    taken = ["edition_id" if name == "edition_digest" else name for name in CASE_COLUMNS]
    written = named(STATEMENTS["add_case"])
    assert written == [taken[0], "number", *taken[1:]]
    numbers = re.findall(r"\?(\d+)", STATEMENTS["add_case"].partition("(SELECT id FROM edition")[2])
    assert numbers == [str(n) for n in range(taken.index("edition_id") + 1, len(taken) + 1)]
    changed = re.findall(r"(\w+) = excluded\.\1", STATEMENTS["add_case"])
    assert changed == written[1:]


def named(insert: str) -> list[str]:
    """The columns that a statement writes, in its order."""
    return re.findall(r"\w+", insert.partition("(")[2].partition(")")[0])


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.db"
    for day in ("2026-11-10", "2026-11-12", "2026-11-16"):
        unit.did(
            path,
            "open",
            "herefordshire",
            "--stage",
            "1",
            "--fact",
            "protection-plan=yes",
            "--about",
            day,
            "--at",
            f"{day} 10:00",
            now="2026-11-24T09:00",
        )
    return path


def test_what_is_most_urgent_is_the_same_as_sqlite_and_others_look_for_it(cases: Path) -> None:
    values = {"now": "2027-03-01T10:00:00Z", "late": 2, "overtaken": 2}
    with open_lists(cases) as read:
        own, shared = (
            [tuple(row) for row in connection_of(read).execute(text["due_most_urgent"], values)]
            for text in (STATEMENTS, Statements(SHARED))
        )
    assert own == shared
    assert len(own) >= 2


def test_lists_in_turn_find_cases_however_far_apart_their_numbers_are(
    cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SOME", 2)
    with closing(sqlite3.connect(cases)) as db, db:
        db.execute("UPDATE cases SET number = 1790000000000000 + number * 86400000000")
    with open_lists(cases) as read:
        assert list(read.due_in_turn()) == read.due() != []
