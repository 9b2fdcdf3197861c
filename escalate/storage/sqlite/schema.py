"""The tables, made and migrated by sqlite-utils. A migration that has been released is never changed; a new one follows it.

entry      the truth: what happened in each case, only ever added to
words      free text, identities and the subject of an entry, apart so that they can be erased; the entry keeps a commitment to them
edition    every protocol edition a case was opened under, with the text of its file
kept       by which version of the rules the derived tables were worked out, a random name of this file, the last reference that
           was given before a backup was restored, and whether erased words have still to be wiped from unused pages
setting_used  how near a deadline was at risk, by the settings of whoever recorded something, and since when
digest     which digests were made for whom, and sent
calendar   the working days of a part of the UK, or of a protocol that has its own: which it is then made by
calendar_version  what held from when on: hours, and how far bank holidays are known and by whom they were published
calendar_words  why each version was made, and what a closure is called where that is something else, so that it can be erased
day_off    bank holidays and closures, from which version of the calendar up to which
look       who looked at names, of which cases, when and by which command; look_words has why, and whom they asked for, so that it
           can be erased
link       the chain of hashes over every entry, edition, version of a calendar and look (storage/chain.py)
cases      what the entries of a case come to              } derived from entry in the same
deadline   every deadline a case has had                   } transaction, and rebuilt from it
holder     which entry says who holds a side, on which days } at will; of words and identities
told       which entry has the words that hold             } only the index has copies
search_index  every word, theme, agency and reference      }

To read with other programs there are views: open_deadline has what is owed still, missed_deadline what had run out when it ended
otherwise than by being done (rule C15), and case_words the words of each case that hold.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from sqlite_utils import Database, Migrations

from escalate.storage.entries import commitment, set_apart
from escalate.storage.rows import as_json
from escalate.storage.sqlite.database import OpenFile
from escalate.storage.sqlite.guards import CHAIN_GUARDS, ENTRY_GUARDS, LOOK_GUARDS, REASON_GUARDS, Guard

migrations = Migrations("escalate")


@migrations()
def m001_first_tables(db: Database) -> None:
    """Entries, what is derived from them, and what they were judged by."""
    db.table("edition").create(
        {"id": int, "protocol": str, "dated": str, "digest": str, "text": str, "recorded_at": str},
        pk="id", not_null={"protocol", "dated", "digest", "text", "recorded_at"}, strict=True,
    ).create_index(["digest"], unique=True)  # fmt: skip
    db.table("kept").create({"name": str, "value": str}, pk="name", not_null={"value"}, strict=True)
    db.table("calendar").create(
        {"name": str, "version": int, "opens": str, "closes": str, "first": str, "last": str, "published_to": str, "source": str},
        pk="name", not_null={"version", "opens", "closes", "first", "last", "published_to", "source"}, strict=True,
    )  # fmt: skip
    db.table("day_off").create(
        {"calendar": str, "day": str, "name": str, "kind": str},
        pk=("calendar", "day", "kind"), not_null={"calendar", "day", "name", "kind"},
        foreign_keys=[("calendar", "calendar", "name")], strict=True,
    )  # fmt: skip
    db.table("entry").create(
        {
            "id": int, "case_ref": str, "seq": int, "kind": str, "at": str, "recorded_at": str, "by": str, "data": str, "commitments": str,
        },
        pk="id", not_null={"case_ref", "seq", "kind", "at", "recorded_at", "by", "data", "commitments"}, strict=True,
    ).create_index(["case_ref", "seq"], unique=True)  # fmt: skip
    db.table("words").create(
        {"entry_id": int, "case_ref": str, "kind": str, "field": str, "salt": str, "content": str},
        pk=("entry_id", "field"), not_null={"entry_id", "case_ref", "kind", "field", "salt", "content"},
        foreign_keys=[("entry_id", "entry", "id")], strict=True,
    ).create_index(["case_ref"])  # fmt: skip
    db.table("cases").create(
        {
            "ref": str, "number": int, "protocol": str, "edition": str, "edition_id": int, "calendar": str, "calendar_version": int,
            "route": str, "stage": str, "stage_name": str, "status": str, "subject": str, "raising_agency": str, "receiving_agency": str,
            "concern_at": str, "raised_at": str, "entered_at": str, "resolved_at": str, "facts": str,
        },
        pk="ref",
        not_null={
            "number", "protocol", "edition", "edition_id", "calendar", "calendar_version", "route", "stage", "stage_name", "status",
            "concern_at", "raised_at", "entered_at", "facts",
        },
        foreign_keys=[("edition_id", "edition", "id"), ("calendar", "calendar", "name")], strict=True,
    ).create_index(["number"], unique=True)  # fmt: skip
    db.table("deadline").create(
        {
            "case_ref": str, "n": int, "visit": int, "route": str, "stage": str, "stage_name": str, "action": str, "action_name": str,
            "owner": str, "cite": str, "target_at": str, "due_at": str, "act_by": str, "outside_hours": int, "provisional": int,
            "waiting": int, "agreed_until": str, "met_at": str, "ends_stage": int, "is_standing": int, "contacts": str,
            "ahead_of": str, "ahead_at": str,
        },
        pk=("case_ref", "n"),
        not_null={
            "visit", "route", "stage", "stage_name", "action", "action_name", "owner", "outside_hours", "provisional", "waiting", "ends_stage",
            "is_standing", "contacts",
        },
        foreign_keys=[("case_ref", "cases", "ref")], strict=True,
    )  # fmt: skip
    db.execute("CREATE INDEX deadline_open ON deadline (due_at) WHERE met_at IS NULL")
    _set(db, ENTRY_GUARDS)
    db.create_view(
        "open_deadline",
        """
        SELECT d.case_ref, c.subject, c.protocol, d.stage, d.stage_name, d.action, d.action_name, d.owner,
               d.target_at, d.due_at, d.act_by, c.raising_agency, c.receiving_agency, d.cite
        FROM deadline d JOIN cases c ON c.ref = d.case_ref
        WHERE d.met_at IS NULL
        """,
    )


@migrations()
def m002_people_and_words(db: Database) -> None:
    """Who holds a case, what it was about, and a full-text index; an entry's words may be identities."""
    table = db.table("cases")
    table.add_column("involved", str, not_null_default="[]")
    table.add_column("themes", str, not_null_default="[]")
    db.table("holder").create(
        {"case_ref": str, "visit": int, "n": int, "side": str, "entry_id": int},
        pk=("case_ref", "visit", "n"), not_null={"case_ref", "visit", "n", "side", "entry_id"},
        foreign_keys=[("case_ref", "cases", "ref"), ("entry_id", "entry", "id")], strict=True,
    )  # fmt: skip
    db.table("told").create(
        {"case_ref": str, "field": str, "entry_id": int},
        pk=("case_ref", "field"), not_null={"case_ref", "field", "entry_id"},
        foreign_keys=[("case_ref", "cases", "ref"), ("entry_id", "entry", "id")], strict=True,
    )  # fmt: skip
    db.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5(content, case_ref UNINDEXED, seq UNINDEXED, field UNINDEXED, kind UNINDEXED,"
        " tokenize = 'unicode61 remove_diacritics 2')"
    )
    db.create_view(
        "case_words",
        """
        SELECT t.case_ref, t.field, w.content
        FROM told t JOIN words w ON w.entry_id = t.entry_id AND w.field = t.field
        WHERE w.kind = 'text'
        """,
    )
    db.execute("DELETE FROM kept WHERE name = 'rules'")  # what is derived is worked out anew


@migrations()
def m003_digests_and_limits(db: Database) -> None:
    """Which digests were made for whom and sent, a random name for the file, and the limit that an agreed date comes before."""
    db.table("digest").create(
        {
            "id": int, "day": str, "run": int, "reader": str, "message": str, "since": str, "recorded_at": str,
            "claimed_at": str, "told_to": str, "sent_at": str,
        },
        pk="id", not_null={"day", "run", "reader", "message", "since", "recorded_at"}, strict=True,
    ).create_index(["day", "run", "reader"], unique=True)  # fmt: skip
    db.table("deadline").add_column("limit_at", str)
    db.execute("CREATE INDEX digest_reader ON digest (reader, day)")
    db.execute("CREATE INDEX entry_recorded ON entry (recorded_at)")
    db.table("kept").insert({"name": "file", "value": secrets.token_hex(16)})


@migrations()
def m004_calendars_over_time(db: Database) -> None:
    """What a calendar was before each change, calendars of a protocol's own, and what deadlines of new shapes come to."""
    db.table("calendar_version").create(
        {
            "calendar": str, "version": int, "made_at": str, "by": str, "why": str, "opens": str, "closes": str, "first": str, "last": str,
            "published_to": str, "authority_from": str, "authority_to": str, "source": str,
        },
        pk=("calendar", "version"),
        not_null={"calendar", "version", "made_at", "by", "why", "opens", "closes", "first", "last", "published_to", "source"},
        strict=True,
    )  # fmt: skip
    db.execute(
        'INSERT INTO calendar_version (calendar, version, made_at, "by", why, opens, closes, first, last, published_to, source)'
        " SELECT name, 1, coalesce((SELECT min(recorded_at) FROM entry), '2026-01-01T00:00:00Z'), 'escalate', 'first needed', opens, closes,"
        " first, last, published_to, source FROM calendar"
    )
    db.table("calendar").add_column("own", str)
    for column in ("version", "opens", "closes", "first", "last", "published_to", "source"):
        db.execute(f"ALTER TABLE calendar DROP COLUMN {column}")
    db.table("new_day_off").create(
        {"calendar": str, "day": str, "kind": str, "since": int, "until": int, "name": str},
        pk=("calendar", "day", "kind", "since"), not_null={"calendar", "day", "kind", "since", "name"}, strict=True,
    )  # fmt: skip
    db.execute(
        "INSERT INTO new_day_off (calendar, day, kind, since, name) SELECT calendar, day, kind, 1, name FROM day_off"
    )
    db.execute("DROP TABLE day_off")
    db.execute("ALTER TABLE new_day_off RENAME TO day_off")
    db.execute("ALTER TABLE cases DROP COLUMN calendar_version")  # which held when, the calendar's versions say
    deadline = db.table("deadline")
    for flag in ("occurrence", "is_window"):
        deadline.add_column(flag, int, not_null_default=0)
    for text in ("side", "once_passed", "then_owner", "stopped_since", "judged_until"):
        deadline.add_column(text, str)
    db.table("edition").add_column("bases", str, not_null_default="[]")
    db.execute("CREATE INDEX deadline_unmet ON deadline (case_ref) WHERE met_at IS NULL")
    db.execute("DELETE FROM kept WHERE name = 'rules'")


@migrations()
def m005_chain(db: Database) -> None:
    """The chain of hashes; before it begins, the reference of the person goes where it can be erased; and what may never change."""
    for guard in ENTRY_GUARDS:
        db.execute(f"DROP TRIGGER {guard.name}")
    for entry_id, ref, data, commitments in db.execute("SELECT id, case_ref, data, commitments FROM entry").fetchall():
        left, apart = set_apart(json.loads(data))
        salts = {field: secrets.token_hex(16) for field in apart}
        made = {field: commitment(salts[field], said) for field, said in apart.items()}
        db.execute(
            "UPDATE entry SET data = ?, commitments = ? WHERE id = ?",
            [as_json(left), as_json(json.loads(commitments) | made), entry_id],
        )
        db.conn.executemany(
            "INSERT INTO words (entry_id, case_ref, kind, field, salt, content) VALUES (?, ?, 'subject', ?, ?, ?)",
            [(entry_id, ref, field, salts[field], said) for field, said in apart.items()],
        )
    _set(db, ENTRY_GUARDS)
    db.table("link").create(
        {"n": int, "what": str, "ref": str, "digest": str, "hash": str},
        pk="n", not_null={"what", "ref", "digest", "hash"}, strict=True,
    ).create_index(["what", "ref"], unique=True)  # fmt: skip
    OpenFile(db.conn, Path(), None).seal_all(at_first=True)
    _set(db, CHAIN_GUARDS)


@migrations()
def m006_lists_read_as_far_as_shown(db: Database) -> None:
    """What is late, and what is about safety, is found, counted and put in order in indexes alone."""
    db.execute("DROP INDEX deadline_open")
    db.execute("DROP INDEX deadline_unmet")  # by case there is the primary key
    for name, columns, which in (
        ("open", "due_at, is_standing, is_window, case_ref, n", ""),
        ("overtaken", "ahead_at, is_standing, due_at, is_window, act_by, case_ref, n", " AND ahead_at IS NOT NULL"),
        ("standing", "case_ref, n, is_standing", " AND is_standing = 1"),
    ):
        # SQLite reads the table as well, unless the column of the condition is in the index
        db.execute(f"CREATE INDEX deadline_{name} ON deadline ({columns}, met_at) WHERE met_at IS NULL{which}")


@migrations()
def m007_calls(db: Database) -> None:
    """Each call for an action with its outcome, and the questions on which a deadline hangs."""
    deadline = db.table("deadline")
    deadline.add_column("call", int, not_null_default=1)
    deadline.add_column("agreement", int, not_null_default=0)
    deadline.add_column("ended_at", str)
    deadline.add_column("runs_from", str)
    deadline.add_column("ended_entry", int)
    deadline.add_column("unanswered", str, not_null_default="[]")
    deadline.add_column("late_in", str, not_null_default="hour")
    for name, columns, which in (
        ("open", "due_at, is_standing, is_window, case_ref, n", ""),
        ("overtaken", "ahead_at, is_standing, due_at, is_window, act_by, case_ref, n", " AND ahead_at IS NOT NULL"),
        ("standing", "case_ref, n, is_standing", " AND is_standing = 1"),
    ):
        db.execute(f"DROP INDEX deadline_{name}")
        db.execute(
            f"CREATE INDEX deadline_{name} ON deadline ({columns}, met_at, ended_at) WHERE met_at IS NULL AND ended_at IS NULL{which}"
        )
    db.table("setting_used").create(
        {"by": str, "name": str, "since": str, "value": str},
        pk=("by", "name", "since"), not_null={"by", "name", "since", "value"}, strict=True,
    )  # fmt: skip
    db.execute("DROP VIEW open_deadline")
    db.create_view(
        "open_deadline",
        """
        SELECT d.case_ref, c.subject, c.protocol, d.stage, d.stage_name, d.action, d.action_name, d.owner,
               d.target_at, d.due_at, d.act_by, c.raising_agency, c.receiving_agency, d.cite, d.unanswered
        FROM deadline d JOIN cases c ON c.ref = d.case_ref
        WHERE d.met_at IS NULL AND d.ended_at IS NULL
        """,
    )
    db.create_view(
        "missed_deadline",
        """
        SELECT d.case_ref, c.subject, c.protocol, d.stage, d.stage_name, d.action, d.action_name, d.call, d.owner,
               d.due_at, d.ended_at, d.ended_entry, c.raising_agency, c.receiving_agency, d.cite, d.provisional, d.unanswered
        FROM deadline d JOIN cases c ON c.ref = d.case_ref
        WHERE d.met_at IS NULL AND d.ended_at > d.due_at AND d.is_window = 0
        """,
    )
    db.execute("DELETE FROM kept WHERE name = 'rules'")


@migrations()
def m008_looks(db: Database) -> None:
    """Who looked at names."""
    db.table("look").create(
        {
            "agency": str, "id": int, "at": str, "by": str, "login": str, "command": str, "cases": str, "data": str, "commitments": str,
        },
        pk=("agency", "id"), not_null={"agency", "id", "at", "by", "command", "cases", "data", "commitments"}, strict=True,
    )  # fmt: skip
    db.table("look_words").create(
        {"agency": str, "look": int, "field": str, "salt": str, "content": str},
        pk=("agency", "look", "field"), not_null={"agency", "look", "field", "salt", "content"}, strict=True,
    )  # fmt: skip
    _set(db, LOOK_GUARDS)


@migrations()
def m009_reasons_apart(db: Database) -> None:
    """Why calendars were changed, and what closures are called, where it can be erased; and the clock that was set by hand."""
    db.table("calendar_words").create(
        {"calendar": str, "version": int, "field": str, "salt": str, "content": str},
        pk=("calendar", "version", "field"), not_null={"calendar", "version", "field", "salt", "content"}, strict=True,
    )  # fmt: skip
    version = db.table("calendar_version")
    version.add_column("commitments", str)
    version.add_column("clock", str)
    db.table("edition").add_column("clock", str)
    guards = [guard for guard in CHAIN_GUARDS if guard.table == "calendar_version"]
    for guard in guards:
        db.execute(f"DROP TRIGGER {guard.name}")
    words = [
        (name, number, field, secrets.token_hex(16), said)
        for name, number, field, said in db.execute(
            """
            SELECT calendar, version, 'why', why FROM calendar_version
            UNION ALL
            SELECT d.calendar, d.since, d.day, d.name FROM day_off d
            JOIN calendar_version v ON v.calendar = d.calendar AND v.version = d.since
            WHERE d.kind = 'closure' AND d.name <> v.why
            """
        ).fetchall()
    ]
    db.conn.executemany(
        "INSERT INTO calendar_words (calendar, version, field, salt, content) VALUES (?, ?, ?, ?, ?)", words
    )
    db.execute("UPDATE calendar_version SET why = ''")
    db.execute("UPDATE day_off SET name = '' WHERE kind = 'closure'")
    _set(db, guards)
    _set(db, REASON_GUARDS)


@migrations()
def m010_other_readings(db: Database) -> None:
    """When something is due by another reading of its protocol. No protocol that was kept before has one, so that nothing is worked out anew."""
    db.table("deadline").add_column("other_reading_at", str)


@migrations()
def m011_open_cases_of_one_person(db: Database) -> None:
    """Whether a person, or two agencies on one day, have an open case is found in indexes."""
    db.execute("CREATE INDEX cases_subject ON cases (subject, number) WHERE status = 'open'")
    db.execute("CREATE INDEX cases_raised ON cases (raised_at, number) WHERE status = 'open'")


@migrations()
def m012_days_of_holding(db: Database) -> None:
    """On which days somebody holds a side. Before there were none, so that nothing is worked out anew."""
    holder = db.table("holder")
    holder.add_column("from_day", str)
    holder.add_column("until_day", str)


def _set(db: Database, guards: Iterable[Guard]) -> None:
    for guard in guards:
        db.execute(guard.statement)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file to what it is after so many migrations. Inside the transaction the caller has begun."""
    database = Database(connection, execute_plugins=False)
    beyond = [each.name for each in migrations.pending(database)][version:]
    migrations.apply(database, stop_before=beyond)
    connection.execute(f"PRAGMA user_version = {version}")
