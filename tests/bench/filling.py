"""Very many cases on a server, made in SQL from few that were recorded: what lists read of them, and nothing of their history."""

from tests.server.cluster import ADMINISTRATOR, Connection
from tests.server.county import rows

TABLES = ("party", "cases", "deadline", "holder", "told")
_AS_SPELT = "'E' || to_char(CAST(substr({0}, 2) AS bigint) + copy * {{cases}}, 'FM9999999990000')"
MOVED = {
    "ref": _AS_SPELT.format("ref"),
    "case_ref": _AS_SPELT.format("case_ref"),
    "number": "number + copy * {span}",
}
"""What is different in a copy of a case: as many times further on as it is the copy."""

_OPEN = "SELECT count(*) FROM escalate.deadline WHERE agency = '*' AND met_at IS NULL AND ended_at IS NULL"
_REACH = (
    "SELECT max(CAST(substr(ref, 2) AS bigint)), max(number) - min(number) + 1 FROM escalate.cases WHERE agency = '*'"
)
_COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'escalate' AND table_name = %s"
    " ORDER BY ordinal_position"
)
_TOO_MANY = (
    "DELETE FROM escalate.deadline WHERE (case_ref, n) IN (SELECT case_ref, n FROM escalate.deadline"
    " WHERE agency = '*' AND met_at IS NULL AND ended_at IS NULL ORDER BY case_ref DESC, n DESC LIMIT %s)"
)
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'escalate' AND tablename = ANY (%s)"
_LET_IN = "INSERT INTO escalate.membership (login, agency) VALUES (%s, '*')"


def fill(administrator: Connection, deadlines: int) -> None:
    """Multiply the cases until everybody who may see one has so many open deadlines, and no more."""
    rows(administrator, "SET session_replication_role = replica")  # a copy refers to what its original refers to
    there = rows(administrator, _OPEN)[0][0]
    cases, span = rows(administrator, _REACH)[0]
    copies = -(-deadlines // there) - 1
    for table in TABLES:
        names = [name for (name,) in rows(administrator, _COLUMNS, table)]
        values = [MOVED.get(name, name).format(cases=cases, span=span) for name in names]
        rows(
            administrator,
            f"INSERT INTO escalate.{table} ({', '.join(names)}) SELECT {', '.join(values)}"
            f" FROM escalate.{table}, generate_series(1, %s) AS copy",
            copies,
        )
    rows(administrator, _TOO_MANY, there * (copies + 1) - deadlines)
    for table in TABLES:
        rows(administrator, f"VACUUM ANALYZE escalate.{table}")
    rows(administrator, "CHECKPOINT")
    assert rows(administrator, _OPEN)[0][0] == deadlines


def leave_to_owner(administrator: Connection) -> None:
    """Take the agencies' copies of rows away, and let the administrator, whom no policy holds, run commands on what is left.

    With the indexes that a file has: one that begins with the agency is of no use to who does not ask for one.
    """
    rows(administrator, "SET session_replication_role = replica")
    for table in (*reversed(TABLES), "search_index"):
        rows(administrator, f"DELETE FROM escalate.{table} WHERE agency <> '*'")
    for name, made in rows(administrator, _INDEXES, list(TABLES)):
        if "(agency, " in made:
            rows(administrator, made.replace(f" {name} ", f" {name}_of_all ").replace("(agency, ", "("))
    rows(administrator, _LET_IN, ADMINISTRATOR)
