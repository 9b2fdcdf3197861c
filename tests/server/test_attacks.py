"""Ways round the row security, each tried twice: with the guard it would have to get past, and without it, where it has to succeed.

Pia, of the police, has a login of her own, and a case with the council. She goes for NHS-0001, which is not hers. An attack that does
not succeed without its guard would show nothing about the guard, and fails the test.
"""

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import psycopg2
import pytest

from escalate.storage.entries import commitment
from tests.server.cluster import Cluster, Connection, Database
from tests.server.county import (
    CALENDAR,
    COUNCIL,
    EDITION,
    NHS,
    NOW,
    POLICE,
    UNIT,
    County,
    derived,
    entry,
    opening,
    rows,
    transaction,
)

pytestmark = pytest.mark.server

SECRET = "Xanthippe"
"""Stands in every text of the case that is not hers."""
OTHERS, OWN, NONE = "NHS-0001", "POL-0001", "NHS-0999"
REQUEST = "0b0e7b1c-7c3c-4c57-9d2c-2f6f0a3b7e11"
"""The id of a request of Nora's, which somehow became known."""

Happened = Callable[[str, Connection], bool]
"""Whether an attack succeeded, by all that was said to her and what the administrator finds."""


class Pia:
    """The attacker: all that the server says to her is kept, whether rows, notices or errors."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.connection = database.connect("pia")
        self.nora = database.connect("nora")
        self.heard: list[str] = []

    def tries(self, *statements: str, values: tuple[object, ...] = ()) -> None:
        """Run statements one by one, whatever comes of each."""
        for statement in statements:
            with self.connection.cursor() as cursor:
                try:
                    cursor.execute(statement, values or None)
                    self.heard.append(f"ok {cursor.rowcount}")
                    if cursor.description:
                        self.heard += map(str, cursor.fetchall())
                except psycopg2.Error as problem:
                    said = problem.diag
                    self.heard.append(
                        f"{problem.pgcode} {said.message_primary} {said.message_detail} {said.message_hint} {said.context}"
                    )
            self.heard += self.connection.notices
            self.connection.notices.clear()

    def calls(self, function: str, said: object) -> None:
        """Call a function of the schema with one argument."""
        self.tries(f"SELECT escalate.{function}(%s::jsonb)", values=(json.dumps(said, ensure_ascii=False),))

    def copies(self, statement: str) -> None:
        """Copy to the client."""
        into = io.StringIO()
        with self.connection.cursor() as cursor:
            try:
                cursor.copy_expert(statement, into)
            except psycopg2.Error as problem:
                self.heard.append(str(problem))
        self.heard.append(into.getvalue())


FILLED = {
    "search_index": "INSERT INTO escalate.search_index SELECT s.* FROM escalate.search_index s, generate_series(1, 40) WHERE s.case_ref = 'NHS-0001'",
}
"""More rows like those of the case that is not hers, so that it stands in the statistics."""


class Attack(NamedTuple):
    """One way round."""

    name: str
    """What is tried."""
    attack: str | tuple[str, ...] | Callable[[Pia], object]
    """The statements, or what she does."""
    happened: Happened
    """What must not happen."""
    guard: str
    """SQL that takes the guard away."""
    given: str = ""
    """SQL that gives her more than she has, both times: the guard has to hold by itself."""
    undo: str = ""
    """SQL that takes back what outlasts the database."""


def reads(*marks: str) -> Happened:
    """She was told one of these."""
    return lambda heard, _: any(mark in heard for mark in marks)


def finds(query: str) -> Happened:
    """The administrator finds it done."""
    return lambda _, administrator: bool(rows(administrator, query)[0][0])


def hears(pattern: str) -> Happened:
    """She was told something like this."""
    return lambda heard, _: re.search(pattern, heard, re.MULTILINE) is not None


NOT_BUILT = "unsupported XML feature"
SUCCEEDS = hears(r"\Aok -?[0-9]+")
"""The first statement was carried out."""


def no_rls(*tables: str) -> str:
    """Row security off; and of what members may not read at all, that they may."""
    unread = [table for table in tables if table in {"entry", "words", "party"}]
    given = "".join(f"; GRANT SELECT ON escalate.{table} TO escalate_member" for table in unread)
    return given.removeprefix("; ") + ("; " if given else "") + _no_rls(*tables)


def _no_rls(*tables: str) -> str:
    return "; ".join(f"ALTER TABLE escalate.{table} DISABLE ROW LEVEL SECURITY" for table in tables)


def without(function: str, *changes: tuple[str, str]) -> str:
    """Make a function anew with parts of its text changed; each has to be in it."""
    said = "definition"
    checks = ""
    for old, new in changes:
        checks += f"ASSERT position({quoted(old)} IN pg_get_functiondef('escalate.{function}'::regprocedure)) > 0, {quoted(function)};"
        said = f"replace({said}, {quoted(old)}, {quoted(new)})"
    return (
        f"DO $do$ DECLARE definition text := pg_get_functiondef('escalate.{function}'::regprocedure);"
        f" BEGIN {checks} EXECUTE {said}; END $do$"
    )


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


ALL_WORDS = without(
    "words_seen(text[],bigint[])",
    ("w.case_ref IN (SELECT p.case_ref FROM escalate.party p WHERE p.agency = asking)", "true"),
)
TEMP = "GRANT TEMP ON DATABASE {database} TO pia; GRANT USAGE ON LANGUAGE plpgsql, sql TO pia"
LEAK = (
    "CREATE FUNCTION pg_temp.leak(said text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001"
    " AS $$ BEGIN RAISE NOTICE 'leaked: %', said; RETURN true; END $$"
)
OWNER = "GRANT escalate_owner TO pia"
NOT_OWNER = "REVOKE escalate_owner FROM pia"
PATHLESS_ME = (
    "CREATE OR REPLACE FUNCTION escalate.me() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER AS"
    " $$ BEGIN RETURN coalesce((SELECT m.agency FROM membership m WHERE m.login = session_user LIMIT 1), ''); END $$;"
    " ALTER FUNCTION escalate.me() RESET ALL"
)
UNITS = "PERFORM escalate.unit_only("
NOBODYS = "PERFORM ("

LOOK = {"at": NOW, "by": "pia", "command": "show", "cases": "[]", "data": "{}", "commitments": "{}"}
MESSAGE = {"day": "2026-11-30", "run": 1, "reader": "r", "message": "m", "since": NOW, "recorded_at": NOW}


def selects(table: str, *marks: str, guard: str = "") -> Attack:
    return Attack(
        f"select from {table}", f"SELECT * FROM escalate.{table}", reads(*marks or (OTHERS,)), guard or no_rls(table)
    )


def hijacks(pia: Pia) -> None:
    case = derived(OWN, NHS, POLICE)
    case["case"]["ref"] = OTHERS
    pia.calls("derive", {"cases": [case]})


def plants(pia: Pia) -> None:
    case = derived(OWN, POLICE, COUNCIL)
    case["deadlines"][0] |= {"agency": "nhs trust", "action_name": "planted"}
    pia.calls("derive", {"cases": [case]})


def compares(function: str, said: Callable[[str], object]) -> Callable[[Pia], None]:
    """Ask the same of another's case and of one that is not there, and keep only whether it was told apart."""

    def attack(pia: Pia) -> None:
        told = []
        for ref in (OTHERS, NONE):
            pia.heard.clear()
            pia.calls(function, said(ref))
            told.append("\n".join(pia.heard).replace(ref, "it"))
        pia.heard = ["told apart" if told[0] != told[1] else "the same"]

    return attack


TOLD_APART = "IF EXISTS (SELECT FROM escalate.entry e WHERE e.case_ref = ref) THEN PERFORM escalate.refuse('not yours'); END IF; PERFORM escalate.no_case(ref)"


def counts_ids(pia: Pia) -> None:
    """Record before and after Nora does, and see by how much the ids differ."""
    pia.calls("record", {"entries": [entry(OWN, 2, "noted")]})
    said = json.dumps({"entries": [entry(OTHERS, 2, "noted")]})
    rows(pia.nora, "SELECT escalate.record(%s::jsonb)", said)
    pia.calls("record", {"entries": [entry(OWN, 3, "noted")]})
    found = dict(rows(pia.connection, "SELECT seq, id FROM escalate.entries_seen(ARRAY[%s])", OWN))
    pia.heard = [f"between: {found[3] - found[2] - 1}"]


def listens(pia: Pia) -> None:
    pia.tries("LISTEN escalate")
    rows(pia.nora, "SELECT escalate.record(%s::jsonb)", json.dumps({"entries": [entry(OTHERS, 2, "noted")]}))
    until = time.monotonic() + 1
    while not pia.connection.notifies and time.monotonic() < until:
        rows(pia.connection, "SELECT pg_sleep(0.05)")
    pia.heard += [each.payload for each in pia.connection.notifies]


def terminates(pia: Pia) -> None:
    pia.tries(f"SELECT pg_terminate_backend({pia.nora.info.backend_pid})")


def records(ref: str, seq: int, kind: str = "noted", **spoiled: object) -> Callable[[Pia], None]:
    return lambda pia: pia.calls("record", {"entries": [entry(ref, seq, kind) | spoiled]})


def derives(raising: str, receiving: str, ref: str = OWN, **spoiled: object) -> Callable[[Pia], None]:
    def attack(pia: Pia) -> None:
        case = derived(ref, raising, receiving)
        case["deadlines"][0] |= spoiled
        pia.calls("derive", {"cases": [case]})

    return attack


def opens(ref: str, *sides: str) -> Callable[[Pia], None]:
    return lambda pia: pia.calls("record", {"entries": [opening(ref, *sides)]})


def explains(statement: str) -> Callable[[Pia], None]:
    """Have a statement explained, carried out, for another's case and for one that is not there, and keep only whether that was told apart."""

    def attack(pia: Pia) -> None:
        told = []
        for ref in (OTHERS, NONE):
            pia.heard.clear()
            pia.tries(f"EXPLAIN (ANALYZE, TIMING off, SUMMARY off, BUFFERS off) {statement}", values=(ref,))
            told.append("\n".join(pia.heard).replace(ref, "it"))
        pia.heard = ["told apart" if told[0] != told[1] else "the same"]

    return attack


APART = reads("told apart")
READ_IN_TABLE = "; ".join(
    f"GRANT SELECT ON escalate.{table} TO escalate_member; CREATE POLICY own ON escalate.{table} FOR SELECT TO escalate_member USING"
    " (EXISTS (SELECT FROM escalate.cases p WHERE p.agency = (SELECT escalate.me()) AND p.ref = case_ref))"
    for table in ("entry", "words", "party")
)
"""What members had before: a policy in the place of the functions."""


ATTACKS = [
    # -- whether there is a case of others, by what is said of a statement
    *(
        Attack(f"the plan of a look at {table}", explains(f"SELECT case_ref FROM escalate.{table} WHERE case_ref = %s"), APART, READ_IN_TABLE)
        for table in ("entry", "words", "party")
    ),
    *(
        Attack(f"what is expected of {table}", explains(f"SELECT {column} FROM escalate.{table} WHERE {column} = %s"), APART,
               f"ALTER TABLE escalate.{table} ALTER {column} SET STATISTICS 100; INSERT INTO escalate.party SELECT agency, 'X-' || n FROM escalate.party, generate_series(1, 40) n"
               f" WHERE case_ref = 'NHS-0001'; {FILLED[table]}; ANALYZE escalate.{table}")
        for table, column in (("search_index", "case_ref"),)
    ),
    Attack("the plan inside a function", (
               "SET client_min_messages = log", "SET debug_print_plan = on", "SELECT * FROM escalate.cases_seen(ARRAY['NHS-0001'])"),
           reads('"agency" "case_ref"'), "ALTER FUNCTION escalate.cases_seen(text[]) RESET client_min_messages"),
    # -- reading tables and views
    selects("cases", SECRET),
    selects("deadline"),
    selects("party"),
    selects("holder"),
    selects("told"),
    selects("search_index", SECRET),
    Attack("select from entry", "SELECT case_ref, data, by FROM escalate.entry", reads(SECRET), no_rls("entry")),
    selects("words", SECRET),
    selects("digest", "nhs trust"),
    selects("setting_used", "nhs trust"),
    selects("look"),
    selects("look_words", SECRET),
    selects("agency_link"),
    selects("link", "edition"),
    selects("agency", NHS),
    selects("membership", "nora"),
    selects("recorded", "nora"),
    selects("reference", "NHS"),
    selects("counter", "ok 1", guard="GRANT SELECT ON escalate.counter TO pia; " + no_rls("counter")),
    selects("request", "nora", guard="GRANT SELECT ON escalate.request TO pia; " + no_rls("request")),
    selects("open_deadline", SECRET, guard="ALTER VIEW escalate.open_deadline SET (security_invoker = false)"),
    selects("missed_deadline", SECRET, guard="ALTER VIEW escalate.missed_deadline SET (security_invoker = false)"),
    selects("case_words", SECRET, guard=ALL_WORDS + "; ALTER VIEW escalate.case_words SET (security_invoker = false)"),
    Attack("the policy of another agency's copies", "SELECT * FROM escalate.cases WHERE agency = 'nhs trust'", reads(SECRET),
           "CREATE POLICY more ON escalate.cases FOR SELECT TO escalate_member USING (true)"),
    Attack("the copies of the unit", "SELECT * FROM escalate.cases WHERE agency = '*'", reads(SECRET),
           "UPDATE escalate.membership SET agency = '*' WHERE login = 'pia'"),
    Attack("the number of an entry in the chain", "SELECT n FROM escalate.entry", SUCCEEDS, "GRANT SELECT (n) ON escalate.entry TO pia"),
    Attack("whole rows", "SELECT e FROM escalate.entry e", SUCCEEDS, "GRANT SELECT ON escalate.entry TO pia"),
    Attack("where rows lie", "SELECT ctid FROM escalate.cases", SUCCEEDS, "GRANT SELECT ON escalate.cases TO pia"),
    Attack("which transactions wrote", "SELECT xmin, cmin FROM escalate.cases", SUCCEEDS, "GRANT SELECT ON escalate.cases TO pia"),
    Attack("a join on what is another's", "SELECT w.content FROM escalate.party p RIGHT JOIN escalate.words w ON true", reads(SECRET), no_rls("words", "party")),
    Attack("a cursor that outlasts its transaction", ("BEGIN", "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM escalate.cases", "COMMIT", "FETCH ALL c"),
           reads(SECRET), no_rls("cases")),
    Attack("a prepared statement", ("PREPARE p AS SELECT * FROM escalate.cases", *["EXECUTE p"] * 7), reads(SECRET), no_rls("cases")),
    Attack("copy to the client", lambda pia: pia.copies("COPY (SELECT * FROM escalate.cases) TO STDOUT"), reads(SECRET), no_rls("cases")),
    Attack("copy a table", lambda pia: pia.copies("COPY escalate.words TO STDOUT"), reads(SECRET), no_rls("words")),
    Attack("a table as XML", "SELECT table_to_xml('escalate.cases', true, false, '')", reads(SECRET), no_rls("cases")),
    Attack("a statement in a function of XML", "SELECT query_to_xml('SELECT * FROM escalate.words', true, false, '')", reads(SECRET), no_rls("words")),
    # -- another login, another role, another setting
    Attack("the role of the owner", ("SET ROLE escalate_owner", "SELECT * FROM escalate.cases"), reads(SECRET), OWNER, undo=NOT_OWNER),
    Attack("the session of another", ("SET SESSION AUTHORIZATION nora", "SELECT * FROM escalate.cases"), reads(SECRET), "ALTER ROLE pia SUPERUSER",
           undo="ALTER ROLE pia NOSUPERUSER"),
    Attack("the role of another, which she was given", ("SET ROLE nora", "SELECT * FROM escalate.cases"), reads(SECRET),
           "CREATE OR REPLACE FUNCTION escalate.me() RETURNS text LANGUAGE sql STABLE AS"
           " $$ SELECT agency::text FROM escalate.membership WHERE login = current_user $$;"
           " GRANT SELECT ON escalate.membership TO nora; GRANT USAGE ON LANGUAGE sql TO PUBLIC; " + no_rls("membership"),
           given="GRANT nora TO pia", undo="REVOKE nora FROM pia"),
    Attack("a setting that says who asks", ("SET escalate.agency = 'nhs trust'", "SET \"escalate.login\" = 'nora'", "SELECT * FROM escalate.cases"), reads(SECRET),
           "CREATE OR REPLACE FUNCTION escalate.me() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('escalate.agency', true) $$"),
    Attack("row security off", ("SET row_security = off", "SELECT * FROM escalate.cases"), reads(SECRET), "ALTER ROLE pia BYPASSRLS",
           undo="ALTER ROLE pia NOBYPASSRLS"),
    Attack("triggers off", "SET session_replication_role = replica", SUCCEEDS, "GRANT SET ON PARAMETER session_replication_role TO pia",
           undo="REVOKE SET ON PARAMETER session_replication_role FROM pia"),
    Attack("a membership table of her own", (
               "CREATE TEMP TABLE membership (login name, agency text)", "INSERT INTO membership VALUES ('pia', 'nhs trust')",
               "GRANT ALL ON membership TO PUBLIC", "SET search_path = pg_temp, escalate", "SELECT * FROM escalate.cases"), reads(SECRET), PATHLESS_ME, given=TEMP),
    Attack("an operator of her own", (
               "CREATE SCHEMA mine", "GRANT USAGE ON SCHEMA mine TO PUBLIC",
               "CREATE FUNCTION mine.same(name, name) RETURNS boolean LANGUAGE sql AS $$ SELECT $1 OPERATOR(pg_catalog.=) 'nora' $$",
               "CREATE OPERATOR mine.= (LEFTARG = name, RIGHTARG = name, FUNCTION = mine.same)",
               "SET search_path = mine, pg_catalog, escalate", "SELECT * FROM escalate.cases"), reads(SECRET), PATHLESS_ME,
           given=TEMP + "; GRANT CREATE ON DATABASE {database} TO pia"),
    Attack("a function of her own that the owner would call", (
               "CREATE SCHEMA mine", "GRANT USAGE ON SCHEMA mine TO PUBLIC",
               "CREATE FUNCTION mine.coalesced(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO escalate.party VALUES ('police', 'NHS-0001'); RETURN $1; END $$",
               "SET search_path = mine, pg_catalog, escalate", "SELECT escalate.begin_writing()"),
           finds("SELECT count(*) > 0 FROM escalate.party WHERE agency = 'police' AND case_ref = 'NHS-0001'"),
           "CREATE OR REPLACE FUNCTION escalate.begin_writing() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM coalesced('x'); END $$;"
           " ALTER FUNCTION escalate.begin_writing() RESET ALL", given=TEMP + "; GRANT CREATE ON DATABASE {database} TO pia"),
    # -- what leaks out of a condition
    Attack("a cheap function that talks", (LEAK, "SELECT 1 FROM escalate.cases WHERE pg_temp.leak(subject)"), reads(SECRET), no_rls("cases"), given=TEMP),
    Attack("a cheap function on a view", (LEAK, "SELECT 1 FROM escalate.case_words WHERE pg_temp.leak(content)"), reads(SECRET), no_rls("told") + "; " + ALL_WORDS, given=TEMP),
    Attack("a cheap function on words", (LEAK, "SELECT 1 FROM escalate.words WHERE pg_temp.leak(content) ORDER BY pg_temp.leak(salt)"), reads(SECRET), no_rls("words"), given=TEMP),
    Attack("a function that says it does not leak", (LEAK + " LEAKPROOF", "SELECT 1 FROM escalate.cases WHERE pg_temp.leak(subject)"), reads(SECRET),
           "ALTER ROLE pia SUPERUSER", given=TEMP, undo="ALTER ROLE pia NOSUPERUSER"),
    Attack("an operator that talks", (
               LEAK.replace("pg_temp.leak(said text)", "public.leak(said text, text)"),
               "CREATE OPERATOR public.<<< (LEFTARG = text, RIGHTARG = text, FUNCTION = public.leak)",
               "SELECT 1 FROM escalate.cases WHERE subject OPERATOR(public.<<<) 'x'"), reads(SECRET), no_rls("cases"),
           given=TEMP + "; GRANT CREATE ON SCHEMA public TO pia"),
    Attack("a cast that fails on what it reads", "SELECT 1 FROM escalate.cases WHERE subject::integer = 1", reads(SECRET), no_rls("cases")),
    Attack("a cast that fails on words", "SELECT 1 FROM escalate.words WHERE content::date > '2026-01-01'", reads(SECRET), no_rls("words")),
    Attack("a division that fails for the row sought", "SELECT 1 FROM escalate.cases WHERE 1 / (CASE WHEN subject LIKE 'Xan%' THEN 0 ELSE 1 END) = 1",
           reads("division by zero"), no_rls("cases")),
    Attack("a pattern that takes long for the row sought", (
               "SET statement_timeout = '300ms'", "SELECT 1 FROM escalate.cases WHERE CASE WHEN subject LIKE 'Xan%' THEN pg_sleep(1) IS NULL END"),
           reads("canceling statement"), no_rls("cases")),
    Attack("what the planner knows", "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE tablename = 'cases'", reads(SECRET), no_rls("cases") + "; ALTER TABLE escalate.cases ALTER subject SET STATISTICS 100; ANALYZE escalate.cases"),
    Attack("what the planner knows, itself", "SELECT stavalues1::text, stavalues2::text FROM pg_statistic", reads(SECRET), "GRANT SELECT ON pg_statistic TO pia"),
    # -- what the server says of the database as a whole
    Attack("how many rows there are", "SELECT reltuples FROM pg_class", SUCCEEDS, "GRANT SELECT ON pg_class TO PUBLIC"),
    Attack("how many rows were written", "SELECT n_tup_ins FROM pg_stat_user_tables", SUCCEEDS,
           "GRANT SELECT ON pg_stat_user_tables TO PUBLIC; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog TO PUBLIC"),
    Attack("how many rows were written, by number", "SELECT pg_stat_get_tuples_inserted('escalate.entry'::regclass)", SUCCEEDS,
           "GRANT EXECUTE ON FUNCTION pg_stat_get_tuples_inserted(oid) TO PUBLIC"),
    Attack("how large a table is", "SELECT pg_relation_size('escalate.entry')", SUCCEEDS,
           "GRANT EXECUTE ON FUNCTION pg_relation_size(regclass), pg_relation_size(regclass, text) TO PUBLIC"),
    Attack("how large the database is", "SELECT pg_database_size(current_database())", SUCCEEDS, "GRANT EXECUTE ON FUNCTION pg_database_size(name) TO PUBLIC"),
    Attack("how many transactions there were", "SELECT pg_current_xact_id()", SUCCEEDS, "GRANT EXECUTE ON FUNCTION pg_current_xact_id() TO PUBLIC"),
    Attack("how many transactions there were, by age", "SELECT age('3'::xid)", SUCCEEDS, "GRANT EXECUTE ON FUNCTION age(xid) TO PUBLIC"),
    Attack("how many transactions there were, by snapshot", "SELECT txid_current_snapshot()", SUCCEEDS, "GRANT EXECUTE ON FUNCTION txid_current_snapshot() TO PUBLIC"),
    Attack("how much was written", "SELECT pg_current_wal_lsn()", SUCCEEDS, "GRANT EXECUTE ON FUNCTION pg_current_wal_lsn() TO PUBLIC"),
    Attack("how much was written, by a message", "SELECT pg_logical_emit_message(true, '', '')", SUCCEEDS,
           "DO $$ BEGIN EXECUTE (SELECT string_agg(format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', oid::regprocedure), ';') FROM pg_proc WHERE proname = 'pg_logical_emit_message'); END $$"),
    Attack("who is connected", "SELECT usename FROM pg_stat_activity", reads("nora"),
           "GRANT SELECT ON pg_stat_activity TO PUBLIC; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog TO PUBLIC"),
    Attack("who waits for whom", "SELECT * FROM pg_locks", SUCCEEDS, "GRANT SELECT ON pg_locks TO PUBLIC; GRANT EXECUTE ON FUNCTION pg_lock_status() TO PUBLIC"),
    Attack("who there is", "SELECT rolname FROM pg_roles", reads("nora"), "GRANT SELECT ON pg_roles TO PUBLIC"),
    Attack("who is a member", "SELECT member::regrole FROM pg_auth_members", reads("nora"), "GRANT SELECT ON pg_auth_members TO PUBLIC"),
    Attack("what functions say in their source", "SELECT prosrc FROM pg_proc", reads("a" * 32),
           "CREATE OR REPLACE FUNCTION escalate.file_name() RETURNS text LANGUAGE sql AS $$ SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' $$"),
    Attack("what policies say", "SELECT qual FROM pg_policies", reads("nhs trust"),
           "CREATE POLICY named ON escalate.cases FOR SELECT TO nora USING (agency = 'nhs trust')"),
    Attack("ids that follow one another", counts_ids, hears(r"between: 1\Z"),
           "CREATE OR REPLACE FUNCTION escalate.random_id() RETURNS bigint LANGUAGE sql AS $$ SELECT coalesce(max(id), 0) + 1 FROM escalate.entry $$"),
    Attack("what is notified", listens, reads(OTHERS),
           "CREATE FUNCTION escalate.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('escalate', NEW.case_ref); RETURN NULL; END $$;"
           " CREATE TRIGGER tell AFTER INSERT ON escalate.entry FOR EACH ROW EXECUTE FUNCTION escalate.tell()"),
    Attack("another's numbers", lambda pia: pia.tries("SELECT * FROM escalate.next_reference('NHS Trust')"), reads("NHS"),
           without("next_reference(text)", ("CASE WHEN asking = '*' THEN escalate.agency_key(agency) END", "escalate.agency_key(agency)"), ("ORDER BY a.key = '*'", "ORDER BY a.key"))),
    # -- files and programs of the server
    Attack("a program of the server", "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'", SUCCEEDS, "GRANT pg_execute_server_program TO pia",
           undo="REVOKE pg_execute_server_program FROM pia"),
    Attack("a file of the server", ("CREATE TEMP TABLE t (line text)", "COPY t FROM '/etc/passwd'", "SELECT * FROM t"), reads("root:"),
           "GRANT pg_read_server_files TO pia", given=TEMP, undo="REVOKE pg_read_server_files FROM pia"),
    Attack("a file by a function", "SELECT pg_read_file('/etc/passwd')", reads("root:"), "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO pia; GRANT pg_read_server_files TO pia",
           undo="REVOKE pg_read_server_files FROM pia"),
    Attack("a large object", "SELECT lo_create(0)", SUCCEEDS, "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC"),
    Attack("a library of the server's", "LOAD 'plpgsql'", SUCCEEDS, "ALTER ROLE pia SUPERUSER", undo="ALTER ROLE pia NOSUPERUSER"),
    Attack("another's session", terminates, reads("(True,)"), "GRANT pg_signal_backend TO pia", undo="REVOKE pg_signal_backend FROM pia"),
    # -- making things of her own
    Attack("a temporary table", "CREATE TEMP TABLE t (a integer)", SUCCEEDS, "GRANT TEMP ON DATABASE {database} TO pia"),
    Attack("a schema", "CREATE SCHEMA mine", SUCCEEDS, "GRANT CREATE ON DATABASE {database} TO pia"),
    Attack("a table in public", "CREATE TABLE public.t (a integer)", SUCCEEDS, "GRANT CREATE ON SCHEMA public TO pia"),
    Attack("a table among ours", "CREATE TABLE escalate.t (a integer)", SUCCEEDS, "GRANT CREATE ON SCHEMA escalate TO pia"),
    Attack("a block of code", "DO $$ BEGIN RAISE NOTICE 'I ran'; END $$", reads("I ran"), "GRANT USAGE ON LANGUAGE plpgsql TO pia"),
    Attack("a view of her own", ("CREATE VIEW public.v AS SELECT * FROM escalate.cases", "SELECT * FROM public.v"), reads(SECRET), no_rls("cases"),
           given="GRANT CREATE ON SCHEMA public TO pia"),
    Attack("a function of her own with the definer's rights", (
               "CREATE FUNCTION public.f() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS $$ SELECT subject FROM escalate.cases $$", "SELECT public.f()"),
           reads(SECRET), no_rls("cases"), given=TEMP + "; GRANT CREATE ON SCHEMA public TO pia"),
    Attack("a trigger on a table of ours", (
               "CREATE FUNCTION pg_temp.t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
               "CREATE TRIGGER t BEFORE INSERT ON escalate.cases FOR EACH ROW EXECUTE FUNCTION pg_temp.t()"),
           finds("SELECT count(*) > 0 FROM pg_trigger WHERE tgname = 't'"), "GRANT TRIGGER ON escalate.cases TO pia", given=TEMP),
    Attack("ask which cases left others' lists", "SELECT * FROM escalate.cases_left('', '9999')", reads(OTHERS),
           without("cases_left(text,text)", ("l.agency = asking AND l.case_ref", "l.case_ref"))),
    # -- writing to tables
    Attack("insert a membership", "INSERT INTO escalate.membership VALUES ('pia2', 'nhs trust')", finds("SELECT count(*) > 0 FROM escalate.membership WHERE login = 'pia2'"),
           "GRANT INSERT ON escalate.membership TO pia; " + no_rls("membership")),
    Attack("change her membership", ("UPDATE escalate.membership SET agency = 'nhs trust' WHERE login = 'pia'", "SELECT * FROM escalate.cases"), reads(SECRET),
           "GRANT UPDATE ON escalate.membership TO pia; " + no_rls("membership")),
    Attack("make herself a party", ("INSERT INTO escalate.party VALUES ('police', 'NHS-0001')", "SELECT * FROM escalate.words_seen()"), reads(SECRET),
           "GRANT INSERT ON escalate.party TO pia; " + no_rls("party")),
    Attack("probe by what conflicts", "INSERT INTO escalate.party VALUES ('nhs trust', 'NHS-0001')", reads("already exists"),
           "GRANT INSERT ON escalate.party TO pia; " + no_rls("party")),
    Attack("probe by what is passed over", "INSERT INTO escalate.party VALUES ('nhs trust', 'NHS-0001') ON CONFLICT DO NOTHING", hears(r"\Aok 0"),
           "GRANT INSERT ON escalate.party TO pia; GRANT SELECT ON escalate.party TO pia; " + no_rls("party")),
    Attack("probe by what it refers to", "INSERT INTO escalate.words VALUES (1, 'NHS-0001', 'text', 'x', 's', 'c')", reads("is not present in table"),
           "GRANT INSERT ON escalate.words TO pia; " + no_rls("words")),
    Attack("update and return", "UPDATE escalate.digest SET reader = reader RETURNING *", reads("nhs trust"), "GRANT UPDATE ON escalate.digest TO pia; " + no_rls("digest")),
    Attack("delete and return", "DELETE FROM escalate.words RETURNING *", reads(SECRET), "GRANT DELETE ON escalate.words TO pia; " + no_rls("words")),
    Attack("merge", "MERGE INTO escalate.digest d USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET reader = 'x'", finds("SELECT count(*) > 0 FROM escalate.digest WHERE reader = 'x'"),
           "GRANT UPDATE ON escalate.digest TO pia; " + no_rls("digest")),
    Attack("rewrite the history", "UPDATE escalate.entry SET by = 'pia'", finds("SELECT count(*) > 0 FROM escalate.entry WHERE by = 'pia'"),
           "GRANT UPDATE ON escalate.entry TO pia; ALTER TABLE escalate.entry DISABLE TRIGGER USER; " + no_rls("entry")),
    Attack("rewrite the history with the rights to", "UPDATE escalate.entry SET by = 'pia'", finds("SELECT count(*) > 0 FROM escalate.entry WHERE by = 'pia'"),
           "ALTER TABLE escalate.entry DISABLE TRIGGER USER", given="GRANT UPDATE ON escalate.entry TO pia; " + no_rls("entry")),
    Attack("cut the history off", "TRUNCATE escalate.agency_link", finds("SELECT count(*) = 0 FROM escalate.agency_link"),
           "ALTER TABLE escalate.agency_link DISABLE TRIGGER USER", given="GRANT TRUNCATE ON escalate.agency_link TO pia"),
    Attack("truncate the words", "TRUNCATE escalate.words", finds("SELECT count(*) = 0 FROM escalate.words"),
           "GRANT TRUNCATE ON escalate.words TO pia; ALTER TABLE escalate.words DISABLE TRIGGER USER"),
    Attack("read how the unit reads logs", "SELECT name, value FROM escalate.kept", reads("nhs trust"), no_rls("kept"),
           given="INSERT INTO escalate.kept VALUES ('agencies joined', '{\"the trust\": \"nhs trust\"}')"),
    Attack("change a fact", "UPDATE escalate.kept SET value = 'x'", finds("SELECT count(*) > 0 FROM escalate.kept WHERE value = 'x'"),
           "GRANT UPDATE ON escalate.kept TO pia; " + no_rls("kept")),
    Attack("rows locked for an update", "SELECT ref FROM escalate.cases FOR UPDATE", SUCCEEDS, "GRANT UPDATE ON escalate.cases TO pia"),
    Attack("a table locked against all", lambda pia: pia.tries("BEGIN", "LOCK TABLE escalate.counter IN ACCESS EXCLUSIVE MODE", "ROLLBACK"), hears(r"ok -1\nok -1"),
           "GRANT UPDATE ON escalate.counter TO pia"),
    # -- changing what guards
    *[
        Attack(name, statement, finds(query), OWNER, undo=NOT_OWNER)
        for name, statement, query in (
            ("row security of a table off", no_rls("cases"), "SELECT NOT relrowsecurity FROM pg_class WHERE oid = 'escalate.cases'::regclass"),
            ("drop a policy", "DROP POLICY members_read ON escalate.cases", "SELECT count(*) = 0 FROM pg_policies WHERE tablename = 'cases'"),
            ("a policy of her own", "CREATE POLICY more ON escalate.cases USING (true)", "SELECT count(*) = 2 FROM pg_policies WHERE tablename = 'cases'"),
            ("give herself rights", "GRANT SELECT ON escalate.counter TO pia", "SELECT has_table_privilege('pia', 'escalate.counter', 'SELECT')"),
            ("another function in place of ours", "CREATE OR REPLACE FUNCTION escalate.refuse(sentence text, code text DEFAULT 'ES001') RETURNS void LANGUAGE sql AS $$ SELECT NULL::void $$",
             "SELECT prosrc LIKE '%NULL%' FROM pg_proc WHERE proname = 'refuse' AND pronamespace = 'escalate'::regnamespace"),
            ("drop a guard", "DROP TRIGGER words_are_never_changed ON escalate.words", "SELECT count(*) = 0 FROM pg_trigger WHERE tgname = 'words_are_never_changed'"),
            ("drop a table", "DROP TABLE escalate.request", "SELECT to_regclass('escalate.request') IS NULL"),
            ("rename a table", "ALTER TABLE escalate.request RENAME TO gone", "SELECT to_regclass('escalate.request') IS NULL"),
            ("drop everything", "DROP SCHEMA escalate CASCADE", "SELECT to_regclass('escalate.request') IS NULL"),
        )
    ],
    Attack("make another an owner", "GRANT escalate_owner TO carl", finds("SELECT pg_has_role('carl', 'escalate_owner', 'MEMBER')"),
           "GRANT escalate_owner TO pia WITH ADMIN OPTION", undo="REVOKE escalate_owner FROM pia CASCADE; REVOKE escalate_owner FROM carl"),
    Attack("see past row security by right", "ALTER ROLE pia BYPASSRLS", finds("SELECT rolbypassrls FROM pg_roles WHERE rolname = 'pia'"), "ALTER ROLE pia SUPERUSER",
           undo="ALTER ROLE pia NOSUPERUSER NOBYPASSRLS"),
    # -- misusing the functions
    *[
        Attack(f"call {call}", f"SELECT escalate.{call}", finds("SELECT count(*) > 0 FROM escalate.party WHERE agency = 'police' AND case_ref = 'NHS-0001'"),
               f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA escalate TO pia; ALTER FUNCTION escalate.{function} SECURITY DEFINER")
        for call, function in (("admit('NHS-0001', ARRAY['police', 'nhs trust', '*'])", "admit(text, text[])"),)
    ],
    Attack("record in another's case", records(OTHERS, 2), finds("SELECT count(*) > 1 FROM escalate.entry WHERE case_ref = 'NHS-0001'"),
           without("record(jsonb)", ("PERFORM escalate.must_see(e.case_ref);", ""))),
    Attack("open a case in others' names", opens("POL-0002", NHS, COUNCIL), finds("SELECT count(*) > 0 FROM escalate.entry WHERE case_ref = 'POL-0002'"),
           without("may_open(text,jsonb)", ("ELSIF asking <> '*' AND", "ELSIF false AND"))),
    Attack("open a case under another's prefix", opens("NHS-0002", NHS, POLICE), finds("SELECT count(*) > 0 FROM escalate.entry WHERE case_ref = 'NHS-0002'"),
           without("may_open(text,jsonb)", ("(asking = '*' OR a.key = asking)", "true"))),
    Attack("leave out numbers", opens("POL-0005", POLICE, NHS), finds("SELECT last > 1 FROM escalate.reference WHERE prefix = 'POL'"),
           without("may_open(text,jsonb)", ("number > taken + 1 OR", ""))),
    Attack("open another's case a second time", opens(OTHERS, NHS, POLICE), finds("SELECT count(*) > 0 FROM escalate.party WHERE agency = 'police' AND case_ref = 'NHS-0001'"),
           without("record(jsonb)", ("PERFORM escalate.may_open(e.case_ref, e.data::jsonb);", "e.seq := 2;"), ("IF e.seq = 1 THEN", "IF true THEN"))),
    Attack("derive another's case with herself in it", derives(NHS, POLICE, ref=OTHERS), finds("SELECT count(*) > 0 FROM escalate.cases WHERE agency = 'police' AND ref = 'NHS-0001'"),
           without("derive(jsonb)", ("PERFORM escalate.must_see_or_begin(each ->> 'ref');", ""), ("IF NOT escalate.is_named_in", "IF false AND NOT escalate.is_named_in"))
           + ";" + without("derive(jsonb)", ("OR NOT escalate.is_named_in(c.ref, c.receiving_agency)", ""))),
    Attack("derive another's case under her own reference", hijacks, finds("SELECT count(*) > 0 FROM escalate.cases WHERE agency = 'police' AND ref = 'NHS-0001'"),
           without("derive(jsonb)", ("c.ref := each ->> 'ref';", "c.ref := coalesce(each -> 'case' ->> 'ref', each ->> 'ref');"),
                   ("OR NOT escalate.is_named_in(c.ref, c.receiving_agency)", ""))),
    Attack("a row in another's list", plants, finds("SELECT count(*) > 0 FROM escalate.deadline WHERE agency = 'nhs trust' AND action_name = 'planted'"),
           "ALTER TABLE escalate.deadline DROP CONSTRAINT deadline_agency_case_ref_fkey; "
           + without("derive(jsonb)", ("SELECT a, c.ref, d.n,", "SELECT CASE WHEN a = '*' THEN coalesce(d.agency, a) ELSE a END, c.ref, d.n,"))),
    Attack("a case to an agency that no entry names", derives(POLICE, NHS), finds("SELECT count(*) > 0 FROM escalate.cases WHERE agency = 'nhs trust' AND ref = 'POL-0001'"),
           without("derive(jsonb)", ("OR NOT escalate.is_named_in(c.ref, c.receiving_agency)", ""))),
    Attack("erase another's words", lambda pia: pia.calls("erase", {"refs": [OTHERS]}), finds("SELECT count(*) = 0 FROM escalate.words WHERE case_ref = 'NHS-0001'"),
           without("erase(jsonb)", (UNITS, NOBODYS))),
    Attack("erase why a calendar was changed", lambda pia: pia.calls("erase_reasons", {"keys": ["England and Wales@1"]}), finds("SELECT count(*) = 0 FROM escalate.calendar_words"), without("erase_reasons(jsonb)", (UNITS, NOBODYS))),
    Attack("erase why others looked", lambda pia: pia.calls("erase_looks", {"keys": ["nhs trust@1"]}), finds("SELECT count(*) = 0 FROM escalate.look_words"), without("erase_looks(jsonb)", (UNITS, NOBODYS))),
    Attack("a look at a case of others", lambda pia: pia.calls("look", LOOK | {"cases": json.dumps([OTHERS])}), finds("SELECT count(*) > 1 FROM escalate.look"),
           without("look(jsonb)", ("PERFORM escalate.refuse('A look is recorded of cases that whoever looks can see.')", "NULL"))),
    Attack("a look in another's name", lambda pia: pia.calls("look", LOOK | {"login": "nora"}), finds("SELECT count(*) > 1 FROM escalate.look WHERE login = 'nora'"),
           without("look(jsonb)", ("l.login := session_user;", "l.login := said ->> 'login';"))),
    Attack("say that words were erased", records(OWN, 2, "erased"), finds("SELECT count(*) > 0 FROM escalate.entry WHERE kind = 'erased'"),
           without("record(jsonb)", (UNITS, NOBODYS))),
    Attack("empty another's index", lambda pia: pia.calls("reindex", {"cases": [{"ref": OTHERS, "entries": []}]}),
           finds("SELECT count(*) = 0 FROM escalate.search_index WHERE case_ref = 'NHS-0001'"),
           without("reindex(jsonb)", (UNITS, NOBODYS), ("PERFORM escalate.must_see(each ->> 'ref');", ""))),
    Attack("change a calendar", lambda pia: pia.calls("add_calendar_version", CALENDAR | {"version": 2, "added": []}), finds("SELECT max(version) = 2 FROM escalate.calendar_version"),
           without("add_calendar_version(jsonb)", (UNITS, NOBODYS))),
    Attack("set a fact of the whole", lambda pia: pia.calls("set_fact", {"name": "rules", "value": "x"}), finds("SELECT count(*) > 0 FROM escalate.kept WHERE value = 'x'"),
           without("set_fact(jsonb)", (UNITS, NOBODYS))),
    Attack("set what the chain begins with", lambda pia: pia.calls("set_fact", {"name": "file", "value": "x"}), finds("SELECT count(*) > 0 FROM escalate.kept WHERE value = 'x'"),
           without("set_fact(jsonb)", (UNITS, NOBODYS), ("IN ('file', 'schema', 'taking over')", "IN ('')"))),
    Attack("drop a fact of the whole", lambda pia: pia.calls("drop_fact", {"name": "rules"}), finds("SELECT count(*) = 0 FROM escalate.kept WHERE name = 'rules'"),
           without("drop_fact(jsonb)", (UNITS, NOBODYS))),
    Attack("take a file over", lambda pia: pia.calls("take_over", {"kept": {"last reference": "7"}}), finds("SELECT count(*) > 0 FROM escalate.kept WHERE name = 'last reference'"),
           without("take_over(jsonb)", (UNITS, NOBODYS), ("IF EXISTS (SELECT FROM escalate.link) OR EXISTS (SELECT FROM escalate.digest) OR EXISTS (SELECT FROM escalate.setting_used)", "IF false"))),
    *[
        Attack(f"read {name}", f"SELECT * FROM escalate.{name}()", reads(OTHERS, "nhs trust", "was recorded", "edition"), without(function, (UNITS, NOBODYS)))
        for name, function in (("chain_links", "chain_links(bigint,bigint)"), ("chain_entries", "chain_entries(bigint,bigint)"), ("chain_words", "chain_words(bigint,bigint)"),
                               ("chain_holders", "chain_holders()"),
                               ("all_digests", "all_digests()"), ("all_settings", "all_settings()"))
    ],
    Attack("claim another's message", lambda pia: pia.calls("claim_digest", {"id": 1, "claimed_at": NOW, "stale": NOW}), finds("SELECT count(*) > 0 FROM escalate.digest WHERE claimed_at IS NOT NULL"),
           without("claim_digest(jsonb)", ("d.agency = escalate.whose() AND", ""))),
    Attack("complete another's message", lambda pia: pia.calls("complete_digest", {"id": 1, "sent_at": NOW, "told_to": NOW}),
           finds("SELECT count(*) > 0 FROM escalate.digest WHERE sent_at IS NOT NULL"), without("complete_digest(jsonb)", ("d.agency = escalate.whose() AND", ""))),
    Attack("messages in another's name", lambda pia: pia.calls("add_digests", {"digests": [MESSAGE | {"run": 7, "agency": "nhs trust"}], "agency": "nhs trust"}),
           finds("SELECT count(*) > 0 FROM escalate.digest WHERE agency = 'nhs trust' AND run = 7"),
           without("add_digests(jsonb)", ("SELECT escalate.whose(),", "SELECT said ->> 'agency',"), ("o.agency = escalate.whose()", "o.agency = said ->> 'agency'"))),
    Attack("another's settings", lambda pia: pia.calls("keep_setting", {"agency": "nhs trust", "by": "b", "name": "at_risk", "since": NOW, "value": "evil"}),
           finds("SELECT count(*) > 0 FROM escalate.setting_used WHERE agency = 'nhs trust' AND value = 'evil'"),
           without("keep_setting(jsonb)", ("VALUES (escalate.whose(),", "VALUES (said ->> 'agency',"))),
    Attack("record as somebody else", records(OWN, 2, login="nora"), finds("SELECT count(*) > 1 FROM escalate.recorded WHERE login = 'nora'"),
           without("record(jsonb)", ("VALUES (e.id, session_user,", "VALUES (e.id, each ->> 'login',"))),
    Attack("whether another's request was carried out", f"SELECT escalate.is_known('{REQUEST}')", reads("(True,)"), without("is_known(uuid)", ("AND r.login = session_user", ""))),
    Attack("drop an entry as a repetition of another's", lambda pia: pia.calls("record", {"request": REQUEST, "entries": []}), reads("(False,)"),
           without("record(jsonb)", ("IF request.login <> session_user THEN", "IF false THEN"))),
    Attack("SQL in a value", lambda pia: pia.calls("keep_setting", {"by": "b", "name": "n", "since": NOW, "value": "x'); UPDATE escalate.kept SET value = 'owned'; --"}),
           finds("SELECT count(*) > 0 FROM escalate.kept WHERE value = 'owned'"),
           "CREATE OR REPLACE FUNCTION escalate.keep_setting(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN EXECUTE"
           " 'INSERT INTO escalate.setting_used VALUES (''police'', ''b'', ''n'', ''2026-11-30T09:00:00Z'', ''' || (said ->> 'value') || ''')'; END $$"),
    # -- what would make others' lists unreadable
    Attack("an instant that is none", derives(POLICE, COUNCIL, due_at="soon"), finds("SELECT count(*) > 0 FROM escalate.deadline WHERE due_at = 'soon'"),
           "ALTER DOMAIN escalate.instant DROP CONSTRAINT instant_check"),
    Attack("a list that is none", derives(POLICE, COUNCIL, contacts="{}"), finds("SELECT count(*) > 0 FROM escalate.deadline WHERE contacts = '{}'"),
           "ALTER DOMAIN escalate.list DROP CONSTRAINT list_check"),
    Attack("a flag that is none", derives(POLICE, COUNCIL, is_window=7), finds("SELECT count(*) > 0 FROM escalate.deadline WHERE is_window = 7"),
           "ALTER DOMAIN escalate.flag DROP CONSTRAINT flag_check"),
    Attack("data that is none", records(OWN, 2, data="[]"), finds("SELECT count(*) > 0 FROM escalate.entry WHERE data = '[]'"),
           "ALTER DOMAIN escalate.object DROP CONSTRAINT object_check"),
    Attack("an entry that leaves a gap", records(OWN, 5), finds("SELECT count(*) > 0 FROM escalate.entry WHERE seq = 5"),
           "ALTER TABLE escalate.entry DISABLE TRIGGER entry_comes_next_in_its_case; " + without("record(jsonb)", ("e.seq IS DISTINCT FROM (SELECT", "false AND e.seq IS DISTINCT FROM (SELECT"))),
    Attack("words that no entry commits to", records(OWN, 2, words=[["text", "about", "salt", "planted"]]), finds("SELECT count(*) > 0 FROM escalate.words WHERE content = 'planted'"),
           without("keep_words(escalate.entry,jsonb)", ("IF wrong THEN", "IF false THEN"))),
    Attack("a protocol under another's digest", lambda pia: pia.calls("add_edition", EDITION | {"digest": "0" * 64, "text": "evil"}), finds("SELECT count(*) > 0 FROM escalate.edition WHERE text = 'evil'"),
           without("add_edition(jsonb)", ("ELSIF said ->> 'digest' IS DISTINCT FROM escalate.edition_text_digest(said ->> 'text', said ->> 'bases') THEN", "ELSIF false THEN"))),
    # -- whether a case is there
    *[
        Attack(f"what {function} says of a case that is another's, and of none", compares(function, said), reads("told apart"),
               without("must_see(text)", ("PERFORM escalate.no_case(ref)", TOLD_APART)))
        for function, said in (
            ("record", lambda ref: {"entries": [entry(ref, 2, "noted")]}),
            ("derive", lambda ref: {"cases": [derived(ref, POLICE, None)]}),
        )
    ],
    Attack("what opening says of a case that is another's, and of none", compares("record", lambda ref: {"entries": [opening(ref, POLICE, NHS)]}), reads("told apart"),
           without("may_open(text,jsonb)", ("(asking = '*' OR a.key = asking)", "true"))),
    Attack("what erasing says of a case that is another's, and of none", compares("erase", lambda ref: {"refs": [ref]}), reads("told apart"),
           without("erase(jsonb)", ("PERFORM escalate.unit_only('erases what was said');",
                                    "IF EXISTS (SELECT FROM escalate.entry e WHERE e.case_ref = said -> 'refs' ->> 0) THEN PERFORM escalate.refuse('not yours'); END IF;"))),
]  # fmt: skip


@pytest.fixture(scope="module")
def prepared(cluster: Cluster) -> Iterator[str]:
    """The name of a database with a case of the trust and the council, and one of the police and the council."""
    with cluster.empty() as database:
        from escalate.storage.postgresql import administering

        administering.make(database.administrator, "a" * 32)
        county = County(database)
        data = {"raising_agency": NHS, "receiving_agency": COUNCIL, "x": SECRET}
        first = entry(OTHERS, 1, "opened", data, about=f"{SECRET} said")
        case = derived(OTHERS, NHS, COUNCIL, [("about", 1)])
        case["case"]["subject"] = SECRET
        case["deadlines"].append(case["deadlines"][0] | {"n": 2, "ended_at": "2026-12-02T00:00:00Z"})
        with transaction(county.login("nora")):
            county.call("nora", "record", {"request": REQUEST, "entries": [first]})
            county.call("nora", "derive", {"cases": [case]})
        said = {
            "commitments": json.dumps({"reason": commitment("5a17", SECRET)}),
            "words": [["reason", "5a17", SECRET]],
        }
        county.call("nora", "look", LOOK | said | {"cases": json.dumps([OTHERS])})
        assert county.open("pia", POLICE, COUNCIL, about="her own") == OWN
        for login in ("nora", UNIT):
            county.call(login, "add_digests", {"digests": [MESSAGE]})
            county.call(login, "keep_setting", {"by": "b", "name": "at_risk", "since": NOW, "value": "1 day"})
        county.call(UNIT, "set_fact", {"name": "rules", "value": "9"})
        rows(county.administrator, "ANALYZE")
        database.close()
        yield database.name


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_an_attack_fails_and_would_succeed_without_its_guard(cluster: Cluster, prepared: str, attack: Attack) -> None:
    assert not _happens(cluster, prepared, attack, attack.given), "it succeeds"
    assert _happens(cluster, prepared, attack, f"{attack.given}; {attack.guard}"), "it shows nothing about its guard"


def _happens(cluster: Cluster, prepared: str, attack: Attack, first: str) -> bool:
    """Whether an attack succeeds in a copy of the database after some statements of the administrator's."""
    with cluster.database(prepared) as database:
        administrator = database.administrator
        try:
            for statement in [first.replace("{database}", database.name)] if first.strip("; ") else []:
                rows(administrator, statement)
            pia = Pia(database)
            if callable(attack.attack):
                attack.attack(pia)
            else:
                pia.tries(*([attack.attack] if isinstance(attack.attack, str) else attack.attack))
            heard = "\n".join(pia.heard)
            if NOT_BUILT in heard:
                pytest.skip("this PostgreSQL was built without XML")
            return attack.happened(heard, administrator)
        finally:
            if attack.undo:
                rows(administrator, attack.undo)


def test_there_are_enough_and_each_has_a_name() -> None:
    assert len(ATTACKS) >= 60
    assert len({each.name for each in ATTACKS}) == len(ATTACKS)


PAYLOADS = [
    "'; DROP TABLE escalate.entry; --",
    "$$; DROP TABLE escalate.entry; $$",
    '"; DROP TABLE escalate.entry; --',
    "\\'; DROP TABLE escalate.entry; --",
    "%s %I {}",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_text_in_every_argument_is_data(cluster: Cluster, prepared: str, payload: str) -> None:
    """Put in the place of each value, one at a time, it is refused or kept as it is."""
    arguments = {
        "record": {"request": REQUEST.replace("0", "1"), "entries": [entry(OWN, 2, "noted", about="x")]}, "derive": {"cases": [derived(OWN, POLICE, COUNCIL, [("about", 1)])]},
        "add_edition": EDITION, "add_calendar_version": CALENDAR | {"name": "new"}, "add_digests": {"digests": [MESSAGE]},
        "claim_digest": {"id": 1, "claimed_at": NOW, "stale": NOW}, "keep_setting": {"by": "b", "name": "n", "since": NOW, "value": "v"},
        "erase": {"refs": ["x"]}, "set_fact": {"name": "x", "value": "y"}, "look": LOOK, "erase_looks": {"keys": ["x"]}, "erase_reasons": {"keys": ["x"]}, "take_over": {"kept": {"a": "b"}}, "reindex": {"cases": [{"ref": "x", "entries": []}]},
    }  # fmt: skip
    with cluster.database(prepared) as database:
        administrator = database.administrator
        connections = [database.connect(login) for login in ("pia", UNIT)]
        tried = 0
        for function, said in arguments.items():
            for spoiled in _spoiled(said, payload):
                for connection in connections:
                    rows(connection, "BEGIN")
                    code = _code(connection, f"SELECT escalate.{function}(%s::jsonb)", json.dumps(spoiled))
                    rows(connection, "ROLLBACK")
                    # a syntax error, or a name that is not there, would be an injection
                    assert not code.startswith(("42", "XX")), (function, spoiled)
                    tried += 1
        assert tried > 200
        assert rows(administrator, "SELECT count(*) FROM escalate.entry") == [(2,)]


def _code(connection: Connection, statement: str, *values: object) -> str:
    """The code of the error that a statement ends with; empty where it ends well."""
    try:
        rows(connection, statement, *values)
    except psycopg2.Error as problem:
        return problem.pgcode or "XX000"
    return ""


def _spoiled(said: object, payload: str) -> Iterator[object]:
    """The same with the payload in the place of each value, one at a time."""
    if isinstance(said, dict):
        yield from ({**said, key: each} for key, value in said.items() for each in _spoiled(value, payload))
    elif isinstance(said, list | tuple):
        yield from (
            [*said[:n], each, *said[n + 1 :]] for n, value in enumerate(said) for each in _spoiled(value, payload)
        )
    yield payload


HUGE: list[object] = [
    10**400,
    -(10**400),
    1e308,
    2**63,
    -1,
    1.5,
    True,
    None,
    [],
    {},
    [[]],
    "9" * 100_000,
    {"a": {"b": []}},
    "NaN",
    "\ufeff",
    "\ud7ff",
]


@pytest.mark.parametrize("value", HUGE, ids=lambda each: repr(each)[:20])
def test_a_value_of_any_kind_is_refused_or_kept(cluster: Cluster, prepared: str, value: object) -> None:
    with cluster.database(prepared) as database:
        connection = database.connect("pia")
        for function, said in (
            ("record", {"entries": [entry(OWN, 2, "noted", about="x")]}),
            ("derive", {"cases": [derived(OWN, POLICE, COUNCIL)]}),
            ("claim_digest", {"id": 1, "claimed_at": NOW, "stale": NOW}),
            ("add_edition", EDITION),
        ):
            for spoiled in _spoiled(said, ""):
                text = json.dumps(spoiled).replace('""', json.dumps(value), 1)
                rows(connection, "BEGIN")
                code = _code(connection, f"SELECT escalate.{function}(%s::jsonb)", text)
                rows(connection, "ROLLBACK")
                assert code[:2] in {"", "22", "23", "ES", "54"}, (function, text[:300])
        assert rows(database.administrator, "SELECT count(*) FROM escalate.entry") == [(2,)]


def test_the_plan_tells_how_many_rows_there_are_and_nothing_of_what_is_in_them(cluster: Cluster, prepared: str) -> None:
    """A limit: EXPLAIN says how many rows the policy passed over. PostgreSQL has no right that takes it away."""
    with cluster.database(prepared) as database:
        pia = Pia(database)
        pia.tries("SET enable_indexscan = off", "SET enable_bitmapscan = off", "SET enable_indexonlyscan = off",
                  "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM escalate.cases", "EXPLAIN (ANALYZE, VERBOSE) SELECT content FROM escalate.words_seen()")  # fmt: skip
        heard = "\n".join(pia.heard)
        assert "Rows Removed by Filter" in heard
        assert not any(mark in heard for mark in (SECRET, "NHS", "nhs", "council"))
