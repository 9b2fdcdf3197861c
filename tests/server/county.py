"""A county on the server: three agencies and the unit, who record in it, and what they say, in the form that the functions take."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from escalate.storage.entries import commitment
from escalate.storage.postgresql import administering
from escalate.storage.postgresql.database import spelt
from escalate.storage.reasons import set_apart
from escalate.storage.rows import as_json
from tests.server.cluster import Connection, Database

NHS, COUNCIL, POLICE = "NHS Trust", "County Council", "Police"
UNIT = "unit"
LOGINS = {"nora": NHS, "noel": NHS, "carl": COUNCIL, "pia": POLICE, UNIT: None}
PREFIXES = {NHS: "NHS", COUNCIL: "CC", POLICE: "POL"}
NOW = "2026-11-30T09:00:00Z"
TEXT = 'name = "A protocol"\n'
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()

EDITION = {"protocol": "county", "dated": "2026-01", "digest": DIGEST, "text": TEXT, "bases": "[]", "recorded_at": NOW}


def reasons(why: str, closures: Mapping[str, str] | None = None) -> dict[str, object]:
    """Why a calendar is changed, and what closures are called by their days, as the server is given it."""
    words, commitments = set_apart({"why": why, **(closures or {})})
    return {"words": words, "commitments": commitments}


CALENDAR = {
    "name": "England and Wales", "own": None, "version": 1, "made_at": NOW, "by": "nora", "opens": "09:00",
    "closes": "17:00", "first": "2020-01-01", "last": "2030-12-31", "published_to": "2028-12-31", "authority_from": None,
    "authority_to": None, "source": "GOV.UK", "ended": [], "added": [["bank holiday", "2026-12-25", "Christmas Day"]],
    "clock": None, **reasons("first needed"),
}  # fmt: skip


class County:
    """A database of the server with logins, and what they do in it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        administrator = database.administrator
        for login, agency in LOGINS.items():
            administering.add_member(administrator, login, agency, None if agency is None else PREFIXES[agency])
        self.administrator = administrator
        self._connections: dict[str, Connection] = {}
        self.call(UNIT, "add_edition", EDITION)
        self.call(UNIT, "add_calendar_version", CALENDAR)

    def login(self, login: str) -> Connection:
        """The connection of a login, in autocommit."""
        if login not in self._connections:
            self._connections[login] = self.database.connect(login)
        return self._connections[login]

    def rows(self, login: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a statement gives a login."""
        return rows(self.login(login), statement, *values)

    def call(self, login: str, function: str, said: Mapping[str, Any]) -> Any:
        """Have a login call a function of the schema."""
        return call(self.login(login), function, said)

    def open(self, login: str, raising: str | None, receiving: str | None, **words: str) -> str:
        """Have a login open a case, with its derived rows. Returns its reference."""
        connection = self.login(login)
        with transaction(connection):
            ref = next_ref(connection, raising)
            call(connection, "record", {"entries": [opening(ref, raising, receiving, **words)]})
            call(connection, "derive", {"cases": [derived(ref, raising, receiving)]})
        return ref

    def append(self, login: str, ref: str, seq: int, **words: str) -> Any:
        """Have a login add a note to a case."""
        return self.call(login, "record", {"entries": [entry(ref, seq, "noted", None, **words)]})

    def move(self, login: str, ref: str, seq: int, raising: str | None, receiving: str | None) -> None:
        """Have a login change the sides of a case."""
        connection = self.login(login)
        with transaction(connection):
            data = {"particulars": {"raising_agency": raising, "receiving_agency": receiving}}
            call(connection, "record", {"entries": [entry(ref, seq, "set", data)]})
            call(connection, "derive", {"cases": [derived(ref, raising, receiving)]})


class transaction:  # noqa: N801  # reads as a word at its place
    """Everything inside happens, or nothing does; the lock is taken first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        rows(self._connection, "BEGIN")
        rows(self._connection, "SELECT escalate.begin_writing()")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        rows(self._connection, "ROLLBACK" if kind else "COMMIT")


def rows(connection: Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What a statement gives, in psycopg2's own way of naming values."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def call(connection: Connection, function: str, said: Mapping[str, Any]) -> Any:
    """Call a function of the schema with one argument."""
    return rows(connection, f"SELECT escalate.{function}(%s::jsonb)", json.dumps(said, ensure_ascii=False))[0][0]


def next_ref(connection: Connection, agency: str | None) -> str:
    """The reference of the next case, as an engine formats it."""
    prefix, number = rows(connection, "SELECT prefix, number FROM escalate.next_reference(%s)", agency)[0]
    return spelt(prefix, number)


def entry(
    ref: str, seq: int, kind: str, data: Mapping[str, Any] | None = None, by: str = "somebody", **words: str
) -> dict[str, Any]:
    """An entry as `record` takes it, with free text by field."""
    apart = [("text", field, secrets.token_hex(16), content) for field, content in words.items()]
    return {
        "ref": ref,
        "seq": seq,
        "kind": kind,
        "at": NOW,
        "recorded_at": NOW,
        "by": by,
        "data": as_json(data or {}),
        "commitments": as_json({field: commitment(salt, content) for _, field, salt, content in apart}),
        "words": apart,
        "indexed": [(content, field, kind, content.casefold()) for kind, field, _, content in apart],
    }


def opening(ref: str, raising: str | None, receiving: str | None, **words: str) -> dict[str, Any]:
    """The first entry of a case."""
    return entry(ref, 1, "opened", {"raising_agency": raising, "receiving_agency": receiving}, **words)


def derived(
    ref: str,
    raising: str | None,
    receiving: str | None,
    told: Sequence[tuple[str, int]] = (),
    due: str = "2026-12-01T09:00:00Z",
) -> dict[str, Any]:
    """The derived rows of a case with one open deadline."""
    case = {
        "protocol": "county", "edition": "2026-01", "edition_digest": DIGEST, "calendar": "England and Wales", "route": "usual",
        "stage": "first", "stage_name": "First", "status": "open", "subject": f"Subject of {ref}", "raising_agency": raising,
        "receiving_agency": receiving, "concern_at": NOW, "raised_at": NOW, "entered_at": NOW, "resolved_at": None, "facts": "{}",
        "involved": "[]", "themes": "[]",
    }  # fmt: skip
    deadline = {
        "n": 1, "visit": 1, "route": "usual", "stage": "first", "stage_name": "First", "action": "call", "action_name": "Call",
        "owner": "raising", "cite": None, "target_at": None, "due_at": due, "act_by": None, "outside_hours": 0, "provisional": 0,
        "waiting": 0, "agreed_until": None, "met_at": None, "ends_stage": 0, "is_standing": 0, "contacts": "[]", "ahead_of": None,
        "ahead_at": None, "limit_at": None, "occurrence": 0, "is_window": 0, "side": None, "once_passed": None, "then_owner": None,
        "stopped_since": None, "judged_until": None, "call": 1, "agreement": 0, "ended_at": None, "runs_from": None,
        "ended_entry": None, "unanswered": "[]", "late_in": "hour",
    }  # fmt: skip
    return {"ref": ref, "case": case, "deadlines": [deadline], "holders": [[1, 1, "raising", 1]], "told": list(told)}
