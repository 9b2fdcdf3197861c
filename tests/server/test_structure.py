"""A server that somebody made into something else is named for it: every table, view, trigger, policy, function and right is compared.

What was added or changed could copy away what is written, show one agency what is another's, hide a case from a list, or guard nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from escalate.storage.postgresql import administering
from escalate.storage.postgresql.structure import STRUCTURE, structure_text
from tests.server.cluster import Cluster, Database
from tests.server.county import rows
from tests.server.offices import COUNCIL, NHS, NORA, UNIT, Offices

pytestmark = pytest.mark.server

OPEN = f"open north-yorkshire --subject M-1 --from '{NHS}' --to '{COUNCIL}'"
NOTHING = "CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
HIDES = (
    "ALTER TABLE escalate.cases RENAME TO real_cases",
    "CREATE VIEW escalate.cases AS SELECT * FROM escalate.real_cases WHERE ref <> 'NHS-0001'",
)
CHANGED, MORE, GONE = "is not as escalate makes it", "is not one of escalate's", "is gone"

TOUCHED: dict[str, tuple[list[str], list[str]]] = {
    "a guard gone": ([f"the trigger entry_is_only_added_to of entry {GONE}"], ["DROP TRIGGER entry_is_only_added_to ON escalate.entry"]),
    "a guard off": ([f"the trigger words_are_never_changed of words {CHANGED}"], ["ALTER TABLE escalate.words DISABLE TRIGGER words_are_never_changed"]),
    "a guard that a replica's rows walk past": ([f"the trigger link_is_only_added_to of link {CHANGED}"], ["ALTER TABLE escalate.link ENABLE TRIGGER link_is_only_added_to"]),
    "a guard that guards nothing": ([f"the function is_only_added_to() {CHANGED}"], ["CREATE OR REPLACE FUNCTION escalate.is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"]),
    "a trigger more": ([f"the trigger mine of words {MORE}"], [NOTHING, "CREATE TRIGGER mine AFTER INSERT ON escalate.words FOR EACH ROW EXECUTE FUNCTION public.nothing()"]),
    "references not checked": ([f"the table words {CHANGED}", f"the trigger words_are_left_as_they_are of words {CHANGED}", f"the trigger words_are_never_changed of words {CHANGED}"], ["ALTER TABLE escalate.words DISABLE TRIGGER ALL"]),
    "a policy gone": ([f"the policy members_read of cases {GONE}"], ["DROP POLICY members_read ON escalate.cases"]),
    "a policy that lets everybody see": ([f"the policy members_read of cases {CHANGED}"], ["ALTER POLICY members_read ON escalate.cases USING (true)"]),
    "a policy more": ([f"the policy mine of cases {MORE}"], ["CREATE POLICY mine ON escalate.cases FOR SELECT TO PUBLIC USING (true)"]),
    "row security off": ([f"the table cases {CHANGED}"], ["ALTER TABLE escalate.cases DISABLE ROW LEVEL SECURITY"]),
    "a function of another text": ([f"the function me() {CHANGED}"], ["CREATE OR REPLACE FUNCTION escalate.me() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT coalesce((SELECT m.agency FROM escalate.membership m WHERE m.login = session_user), '') $$"]),
    "a function with another path": ([f"the function record(said jsonb) {CHANGED}"], ["ALTER FUNCTION escalate.record(jsonb) RESET search_path"]),
    "a function as whoever asks": ([f"the function record(said jsonb) {CHANGED}"], ["ALTER FUNCTION escalate.record(jsonb) SECURITY INVOKER"]),
    "a function of another owner": ([f"the function record(said jsonb) {CHANGED}"], ["ALTER FUNCTION escalate.record(jsonb) OWNER TO escalate_tests"]),
    "a function that everybody may call": ([f"the function admit(to_case text, admitted text[]) {CHANGED}"], ["GRANT EXECUTE ON FUNCTION escalate.admit(text, text[]) TO PUBLIC"]),
    "a function more": ([f"the function me(said text) {MORE}"], ["CREATE FUNCTION escalate.me(said text) RETURNS text LANGUAGE sql AS 'SELECT said'", "REVOKE ALL ON FUNCTION escalate.me(text) FROM PUBLIC"]),
    "a function gone": ([f"the function erase(said jsonb) {GONE}"], ["DROP FUNCTION escalate.erase(jsonb)"]),
    "a column more": ([f"the table cases {CHANGED}"], ["ALTER TABLE escalate.cases ADD COLUMN more text"]),
    "a column of another kind": ([f"the table kept {CHANGED}"], ["ALTER TABLE escalate.kept ALTER COLUMN value TYPE text"]),
    "a column that may be empty": ([f"the table entry {CHANGED}"], ["ALTER TABLE escalate.entry ALTER COLUMN by DROP NOT NULL"]),
    "a column filled in otherwise": ([f"the table reference {CHANGED}"], ["ALTER TABLE escalate.reference ALTER COLUMN last SET DEFAULT 7"]),
    "statistics of who there is": ([f"the table cases {CHANGED}"], ["ALTER TABLE escalate.cases ALTER COLUMN subject SET STATISTICS -1"]),
    "a reference gone": ([f"the table words {CHANGED}"], ["ALTER TABLE escalate.words DROP CONSTRAINT words_entry_id_fkey"]),
    "a rule of a value gone": ([f"the type instant {CHANGED}"], ["ALTER DOMAIN escalate.instant DROP CONSTRAINT instant_check"]),
    "a view in the place of a table": ([f"the policy members_read of cases {GONE}", f"the table cases {GONE}", f"the policy members_read of real_cases {MORE}", f"the table real_cases {MORE}", f"the view cases {MORE}"], [*HIDES, "GRANT SELECT ON escalate.cases TO escalate_member"]),
    "a view that shows all": ([f"the view open_deadline {CHANGED}"], ["ALTER VIEW escalate.open_deadline RESET (security_invoker)"]),
    "a view of another text": ([f"the view case_words {CHANGED}"], ["CREATE OR REPLACE VIEW escalate.case_words WITH (security_invoker = true, security_barrier = true) AS SELECT case_ref, field, NULL::escalate.text_c AS content FROM escalate.told"]),
    "a table more": ([f"the table mine {MORE}"], ["CREATE TABLE escalate.mine (x integer)"]),
    "rows from elsewhere": ([f"the table public.mine below party {MORE}"], ["CREATE TABLE public.mine () INHERITS (escalate.party)"]),
    "a rule more": ([f"the rule mine of request {MORE}"], ["CREATE RULE mine AS ON INSERT TO escalate.request DO INSTEAD NOTHING"]),
    "an index gone": ([f"the index entry_recorded {GONE}"], ["DROP INDEX escalate.entry_recorded"]),
    "an index more": ([f"the index mine {MORE}"], ["CREATE INDEX mine ON escalate.entry (at)"]),
    "a table that everybody may read": ([f"the table party {CHANGED}"], ["GRANT SELECT ON escalate.party TO PUBLIC"]),
    "a column that members may read": ([f"the table entry {CHANGED}"], ["GRANT SELECT (n) ON escalate.entry TO escalate_member"]),
    "a right of one login": ([f"the table counter {CHANGED}"], ["GRANT UPDATE ON escalate.counter TO nora"]),
    "a right gone": ([f"the table told {CHANGED}"], ["REVOKE SELECT ON escalate.told FROM escalate_member", "REVOKE SELECT (field) ON escalate.told FROM escalate_member"]),
    "members may make things": ([f"the schema escalate {CHANGED}"], ["GRANT CREATE ON SCHEMA escalate TO escalate_member"]),
    "what is made anew is for everybody": ([f"the default of new functions {CHANGED}"], ["ALTER DEFAULT PRIVILEGES FOR ROLE escalate_owner GRANT EXECUTE ON FUNCTIONS TO nora"]),
    "an operator more": ([f"the operator = of integer {MORE}"], ["CREATE FUNCTION public.same(text, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'", "CREATE OPERATOR escalate.= (LEFTARG = text, RIGHTARG = integer, FUNCTION = public.same)"]),
    "a name with marks": ([f"the table mine[bold]\u202e {MORE}"], ['CREATE TABLE escalate."mine[bold]\u202e" (x integer)']),
}  # fmt: skip
"""What is said of it, and how it is done by somebody who owns the database."""


UNREAD, UNREADABLE = ("a right gone", "a function as whoever asks"), "in, but not to this (permission denied"
"""Where verify cannot read or call what it needs, which it says in a sentence."""


@pytest.fixture(scope="module")
def begun(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with a case that two agencies see, which nobody is connected to."""
    with cluster.database() as database:
        Offices(database, tmp_path_factory.mktemp("offices")).does(UNIT, OPEN)
        database.close()
        yield database.name


@pytest.fixture
def copied(cluster: Cluster, begun: str) -> Iterator[Database]:
    """One like it."""
    with cluster.database(begun) as database:
        yield database


def test_a_new_one_is_as_it_is_written_down(database: Database) -> None:
    """After what makes it has changed: python -m tests.server.structure"""
    assert structure_text(administering.structure(database.administrator)) == STRUCTURE.read_text(encoding="utf-8")


def test_one_that_is_as_it_should_be_is_not_named(copied: Database, tmp_path: Path) -> None:
    assert administering.status(copied.administrator).faults == []
    offices = Offices.of(copied, tmp_path)
    for login in (UNIT, NORA):
        offices.does(login, "verify")


@pytest.mark.parametrize("how", TOUCHED)
def test_what_was_changed_is_named_in_a_sentence_each(copied: Database, tmp_path: Path, how: str) -> None:
    says, statements = TOUCHED[how]
    for statement in statements:
        rows(copied.administrator, statement)
    found = administering.status(copied.administrator).faults
    assert found == says or (
        statements[0] == HIDES[0] and {*says} < {*found}
    )  # its indexes and what refers to it as well
    for login in (UNIT, NORA):
        ran = Offices.of(copied, tmp_path).run(login, "verify")
        said = [*ran.stderr.casefold().splitlines()]
        right = [UNREADABLE] if how in UNREAD else [f"{each.casefold()}." for each in says]
        assert ran.status == 1
        assert [each for each in right if not any(each.replace("\u202e", "\\u202e") in line for line in said)] == [], (
            said
        )
