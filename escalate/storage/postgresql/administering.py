"""What an administrator of the database does: make the schema, and say which login belongs to which agency.

Every function takes an open connection of psycopg2 in autocommit, of a superuser or of the owner of the database with CREATEROLE.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from escalate.domain.deadlines.model import RULES
from escalate.errors import Refused
from escalate.storage.interface import SCHEMA_VERSION, WORKED_OUT_BY
from escalate.storage.postgresql.connecting import allow_long
from escalate.storage.postgresql.database import STATEMENTS
from escalate.storage.postgresql.line import ON_DISK
from escalate.storage.postgresql.structure import Part, differences

if TYPE_CHECKING:
    from psycopg2 import extensions

UNIT = "*"
"""The key of the business unit, which sees everything."""

_ONE_AT_A_TIME = 0x45534341  # "ESCA": the advisory lock under which the schema is made
_ROLES = ("escalate_owner", "escalate_member")
_TABLES, _FUNCTIONS, _READING, _QUIET, _LOOKS, _REASONS, _OTHER_READINGS, _OPEN_CASES, _DAYS_OF_HOLDING = (
    "001_tables.sql",
    "002_functions.sql",
    "003_reading.sql",
    "004_quiet.sql",
    "005_looks.sql",
    "006_reasons.sql",
    "007_other_readings.sql",
    "008_open_cases.sql",
    "009_days_of_holding.sql",
)

_MAKE_ROLE = """
DO $$ BEGIN
    CREATE ROLE {0} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN  -- roles are the whole server's: another database has them
    NULL;
END $$
"""
_IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
_IS_MADE = "SELECT to_regclass('escalate.kept') IS NOT NULL"
_IS_EMPTY = (
    "SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')"
    " AND NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'escalate')"
)
_SEAL_LOOKS = "SELECT escalate.seal_looks(key) FROM escalate.agency"
_HAS_LOOKS = "SELECT to_regclass('escalate.look') IS NOT NULL"
_HAS_REASONS = "SELECT to_regclass('escalate.calendar_words') IS NOT NULL"
_FACT = "SELECT value FROM escalate.kept WHERE name = %s"
_SET_FACT = (
    "INSERT INTO escalate.kept (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_LETTERS = (  # by which capital and small letters are the same, whatever the database was made with
    "SELECT collname FROM pg_collation WHERE collname IN ('und-x-icu', 'C.utf8') AND collnamespace = 'pg_catalog'::regnamespace"
    " ORDER BY collname = 'und-x-icu' DESC LIMIT 1"
)
_KEY = "SELECT escalate.agency_key(%s)"
_AGENCY = "SELECT name, prefix FROM escalate.agency WHERE key = %s"
_PREFIX = "SELECT name FROM escalate.agency WHERE prefix = %s"
_BEGIN_AGENCY = "SELECT escalate.begin_agency(%s, %s)"
_LOGIN = (
    "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication OR pg_has_role(rolname, 'escalate_owner', 'MEMBER')"
    " OR pg_has_role(rolname, 'pg_read_all_data', 'MEMBER') OR pg_has_role(rolname, 'pg_write_all_data', 'MEMBER')"
    " OR pg_has_role(rolname, 'pg_read_all_stats', 'MEMBER') OR pg_has_role(rolname, 'pg_execute_server_program', 'MEMBER')"
    " OR pg_has_role(rolname, 'pg_read_server_files', 'MEMBER') AS sees_past FROM pg_roles WHERE rolname = %s"
)
_MEMBERSHIP = "SELECT a.name FROM escalate.membership m JOIN escalate.agency a ON a.key = m.agency WHERE m.login = %s"
_ADD_MEMBERSHIP = "INSERT INTO escalate.membership (login, agency) VALUES (%s, %s)"
_REMOVE_MEMBERSHIP = "DELETE FROM escalate.membership WHERE login = %s"
_MEMBERS = (
    "SELECT m.login, CASE WHEN a.key <> '*' THEN a.name END, a.prefix, EXISTS (SELECT FROM pg_roles r WHERE r.rolname = m.login)"
    " FROM escalate.membership m JOIN escalate.agency a ON a.key = m.agency ORDER BY a.key, m.login"
)
_STATUS = (
    "SELECT (SELECT value FROM escalate.kept WHERE name = 'schema')::integer, (SELECT value FROM escalate.kept WHERE name = 'file'),"
    " (SELECT count(*) FROM escalate.agency WHERE key <> '*'), (SELECT count(*) FROM escalate.membership), entry_n,"
    " link_n || ':' || link_hash FROM escalate.counter"
)
_TOLD = "SELECT count(*), min(named) FROM escalate.telltales() WHERE is_open"
_LET_IN = (  # what everybody may do in a database that escalate has not made ready
    "SELECT 'everybody may ' || each FROM unnest(ARRAY["
    " CASE WHEN has_database_privilege('public', current_database(), 'CONNECT') THEN 'connect to the database' END,"
    " CASE WHEN has_database_privilege('public', current_database(), 'TEMP') THEN 'make temporary tables and functions in the database' END,"
    " CASE WHEN has_schema_privilege('public', 'public', 'CREATE') THEN 'make tables and functions in the schema public' END]) each"
    " WHERE each IS NOT NULL"
)
_ITS_PATH, _USUAL_PATH = "SET search_path = escalate, pg_temp", "RESET search_path"


class Member(NamedTuple):
    """A login, and whose it is."""

    login: str
    """The name of the login."""
    agency: str | None
    """The name of the agency; None for the business unit."""
    prefix: str
    """What the references of the agency begin with, as in `NHS-0007`."""
    is_there: bool
    """Whether the server still has such a login."""


class Status(NamedTuple):
    """What there is on the server."""

    schema: int
    """After how many migrations the tables are."""
    file_name: str
    """The random name that the chain begins with."""
    agencies: int
    """How many agencies there are, beside the business unit."""
    members: int
    """How many logins belong to one, or to the unit."""
    entries: int
    """How many entries were recorded."""
    head: str
    """The number and the hash of the last link of the chain."""
    faults: list[str]
    """A sentence for each part of the schema that is not as escalate makes it, and for each login that sees past it."""


def make(connection: "extensions.connection", file_name: str | None = None) -> None:
    """Make roles, tables, functions and rights, or bring them up to date; `file_name` begins the chain of a new one. Raises Refused."""
    with _at_once(connection) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        is_superuser = _value(cursor, _IS_SUPERUSER)
        _make_roles(cursor, is_superuser)
        if _value(cursor, _IS_MADE):
            _refuse_others(cursor, file_name)
        else:
            cursor.execute(_format_database("GRANT CREATE ON DATABASE {} TO escalate_owner", cursor))
            cursor.execute(_text(_TABLES))
            name = file_name or secrets.token_hex(16)
            cursor.execute("INSERT INTO escalate.counter (link_hash) VALUES (%s)", [name])
            cursor.execute(_SET_FACT, ["file", name])
            cursor.execute(_SET_FACT, [WORKED_OUT_BY, str(RULES)])
        if not _value(cursor, _HAS_LOOKS):  # since the eighth migration
            cursor.execute(_text(_LOOKS))
        if not _value(cursor, _HAS_REASONS):  # since the ninth migration
            cursor.execute(_text(_REASONS))
        cursor.execute(_text(_OTHER_READINGS))
        cursor.execute(_text(_OPEN_CASES))
        cursor.execute(_text(_DAYS_OF_HOLDING))
        letters = _value(cursor, _LETTERS) or "default"
        cursor.execute(_text(_FUNCTIONS).replace("{letters}", f'pg_catalog."{letters}"'))
        cursor.execute(_text(_READING))
        cursor.execute(_SEAL_LOOKS)  # those of before their agencies' chains had them
        cursor.execute(_SET_FACT, ["schema", str(SCHEMA_VERSION)])
        for change in (
            "REVOKE CREATE ON DATABASE {} FROM escalate_owner",
            "REVOKE ALL ON DATABASE {} FROM PUBLIC",  # nobody else connects, and nobody makes temporary tables or functions
            "GRANT CONNECT ON DATABASE {} TO escalate_member",
        ):
            cursor.execute(_format_database(change, cursor))
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        if is_superuser:
            cursor.execute(_text(_QUIET))


def make_roles(connection: "extensions.connection") -> None:
    """Make the roles that everything of escalate belongs to, and is given to."""
    with _at_once(connection) as cursor:
        _make_roles(cursor, _value(cursor, _IS_SUPERUSER))


def make_logins(connection: "extensions.connection") -> list[str]:
    """Make a login without a password for every member that the server has none for, and let all of them in. Returns those that were made."""
    from psycopg2 import sql

    made = []
    with _at_once(connection) as cursor:
        for login, *_, is_there in _rows(cursor, _MEMBERS):
            if not is_there:
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(login)))
                made.append(login)
            cursor.execute(sql.SQL("GRANT escalate_member TO {}").format(sql.Identifier(login)))
    return made


def remove_logins(connection: "extensions.connection", logins: Sequence[str]) -> None:
    """Remove logins that were just made."""
    from psycopg2 import sql

    with _at_once(connection) as cursor:
        for login in logins:
            cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(login)))


def is_made(connection: "extensions.connection") -> bool:
    """Whether the database has a place for cases."""
    with connection.cursor() as cursor:
        return bool(_value(cursor, _IS_MADE))


def is_empty(connection: "extensions.connection") -> bool:
    """Whether the database has nothing but what PostgreSQL puts into every new one."""
    with connection.cursor() as cursor:
        return bool(_value(cursor, _IS_EMPTY))


def add_agency(connection: "extensions.connection", name: str, prefix: str) -> None:
    """Add an agency, whose references begin with a prefix: up to ten capital letters and digits. Raises Refused.

    It sees the cases that name it already.
    """
    with _at_once(connection) as cursor:
        _add_agency(cursor, name, prefix)


def add_member(
    connection: "extensions.connection",
    login: str,
    agency: str | None,
    prefix: str | None = None,
    *,
    password: str | None = None,
) -> bool:
    """Let a login see the cases of an agency, or of all for the unit (None); makes the login, and with a prefix the agency. Raises Refused.

    A login that is there keeps its password unless one is given. Returns whether the login was made.
    """
    from psycopg2 import sql

    with _at_once(connection) as cursor:
        key = UNIT if agency is None else _key(cursor, agency)
        if agency is not None and _row(cursor, _AGENCY, [key]) is None:
            if prefix is None:
                raise Refused(f'There is no agency "{agency}"; name the prefix its references begin with to add it.')
            _add_agency(cursor, agency, prefix)
        elif agency is not None and prefix is not None and _row(cursor, _AGENCY, [key])[1] != prefix:
            raise Refused(f'The references of "{agency}" begin with {_row(cursor, _AGENCY, [key])[1]}.')
        belongs = _row(cursor, _MEMBERSHIP, [login])
        if belongs is not None:
            raise Refused(f'The login {login} already belongs to "{belongs[0]}"; remove it there first.')
        known = _row(cursor, _LOGIN, [login])
        if known is None:
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(login)))
        elif known[0]:
            raise Refused(f"The login {login} has rights that see past row security: a member cannot have them.")
        if password is not None:
            change = sql.SQL("ALTER ROLE {} PASSWORD {}")
            cursor.execute(change.format(sql.Identifier(login), sql.Literal(password)))
        cursor.execute(sql.SQL("GRANT escalate_member TO {}").format(sql.Identifier(login)))
        cursor.execute(_ADD_MEMBERSHIP, [login, key])
    return known is None


def remove_member(connection: "extensions.connection", login: str) -> None:
    """Let a login see nothing any more, from this moment on. The login itself stays. Raises Refused."""
    from psycopg2 import sql

    with _at_once(connection) as cursor:
        cursor.execute(_REMOVE_MEMBERSHIP, [login])
        if cursor.rowcount != 1:
            raise Refused(f"The login {login} belongs to no agency.")
        if _row(cursor, _LOGIN, [login]) is not None:
            cursor.execute(sql.SQL("REVOKE escalate_member FROM {}").format(sql.Identifier(login)))


def members(connection: "extensions.connection") -> list[Member]:
    """Every login that belongs to an agency or the unit, the unit's first."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS)
        return [Member(*row) for row in cursor.fetchall()]


def status(connection: "extensions.connection") -> Status:
    """What there is on the server, and what is not as it should be."""
    with connection.cursor() as cursor:
        faults = differences(structure(connection))
        faults += [row[0] for row in _rows(cursor, _LET_IN)]
        for member in members(connection):
            known = _row(cursor, _LOGIN, [member.login])
            if known is not None and known[0]:
                faults.append(f"the login {member.login} has rights that see past row security")
        told, first = _row(cursor, _TOLD)
        if told:
            others = f" and {told - 1} more" if told > 1 else ""
            faults.append(
                f"every login can read how much is written ({first}{others}): only a superuser can take that away"
            )
        found = Status._make((*_row(cursor, _STATUS), faults))
        cursor.execute(ON_DISK)  # before the head is given out
        return found


def structure(connection: "extensions.connection") -> list[Part]:
    """All that the schema is made of, named as a member sees it."""
    with connection.cursor() as cursor:
        cursor.execute(_ITS_PATH)
        found = [Part._make(row) for row in _rows(cursor, STATEMENTS["structure"])]
        cursor.execute(_USUAL_PATH)
        return found


def _make_roles(cursor: "extensions.cursor", is_superuser: bool) -> None:
    for role in _ROLES:
        cursor.execute(_MAKE_ROLE.format(role))
    if not is_superuser:  # a superuser is whoever it wants to be
        cursor.execute("GRANT escalate_owner TO CURRENT_USER")


def _add_agency(cursor: "extensions.cursor", name: str, prefix: str) -> None:
    key = _key(cursor, name)
    if key in {"", UNIT}:
        raise Refused(f'An agency cannot be called "{name}".')
    if not re.fullmatch("[A-Z][A-Z0-9]{0,9}", prefix) or prefix == "E":
        raise Refused(
            f'"{prefix}" cannot begin references: take up to ten capital letters and digits, and not E alone.'
        )
    if _row(cursor, _AGENCY, [key]) is not None:
        raise Refused(f'There is already an agency "{name}".')
    if (taken := _row(cursor, _PREFIX, [prefix])) is not None:
        raise Refused(f'{prefix} begins the references of "{taken[0]}".')
    allow_long(cursor.connection)  # there may be very many cases that name it
    cursor.execute(_BEGIN_AGENCY, [" ".join(name.split()), prefix])


def _refuse_others(cursor: "extensions.cursor", file_name: str | None) -> None:
    """Refuse tables that a newer escalate made, and another beginning of the chain."""
    schema, kept = _value(cursor, _FACT, ["schema"]), _value(cursor, _FACT, ["file"])
    if int(schema) > SCHEMA_VERSION:
        raise Refused("A newer escalate made these tables; install that one.")
    if file_name not in {None, kept}:
        raise Refused("There are cases here already, under another random name.")


def _key(cursor: "extensions.cursor", agency: str) -> str:
    return str(_value(cursor, _KEY, [agency]))


@contextmanager
def _at_once(connection: "extensions.connection") -> Iterator["extensions.cursor"]:
    """Everything inside happens, or nothing does."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            yield cursor
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")


def _format_database(statement: str, cursor: "extensions.cursor") -> str:
    """A statement about the database of the connection."""
    return statement.format(_value(cursor, "SELECT quote_ident(current_database())"))


def _text(name: str) -> str:
    return files("escalate.storage.postgresql").joinpath("schema", name).read_text("utf-8")


def _rows(cursor: "extensions.cursor", statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    cursor.execute(statement, values)
    return cursor.fetchall()


def _row(cursor: "extensions.cursor", statement: str, values: list[Any] | None = None) -> Any:
    return next(iter(_rows(cursor, statement, values)), None)


def _value(cursor: "extensions.cursor", statement: str, values: list[Any] | None = None) -> Any:
    return _row(cursor, statement, values)[0]
