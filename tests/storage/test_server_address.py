"""A server's address is read as libpq reads it, and nothing that could be a password is ever shown."""

from pathlib import Path

import psycopg2.extensions
import pytest

from escalate.errors import BadPlace, Refused
from escalate.storage.places import FilePlace, ServerPlace, read_place
from escalate.storage.server_address import read_address, refuse_unproven, settled

FILES = [
    "cases.db",
    "C:\\cases",
    "C:/cases/x.db",
    "a=b.db",
    "x?y=1.db",
    "./postgresql:x",
    "postgres.db",
    "http:x",
    "7:30.db",
    "pass=x.db/y",
]


@pytest.mark.parametrize("said", FILES)
def test_a_path_is_a_file(said: str) -> None:
    assert read_place(said) == FilePlace(Path(said).absolute())


READ: list[tuple[str, dict[str, str]]] = [
    # as it is typed, what libpq makes of it
    ("postgresql://", {}),
    ("postgresql:///?service=escalate", {"service": "escalate"}),
    ("postgres://h/db", {"host": "h", "dbname": "db"}),
    (" PostgreSQL://localhost/db \n", {"host": "localhost", "dbname": "db"}),
    ("POSTGRES://Ann@H:5433/Db", {"user": "Ann", "host": "H", "port": "5433", "dbname": "Db"}),
    ("postgresql://h1,h2:5433/db", {"host": "h1,h2", "port": ",5433", "dbname": "db"}),
    ("postgresql://h1:1,h2/db", {"host": "h1,h2", "port": "1,", "dbname": "db"}),
    ("postgresql://[::1]:5432/db", {"host": "::1", "port": "5432", "dbname": "db"}),
    ("postgresql://[2001:db8::7],[::1]/db", {"host": "2001:db8::7,::1", "dbname": "db", "port": ","}),
    ("postgresql://%2Ftmp%2Fs/my%20cases", {"host": "/tmp/s", "dbname": "my cases"}),
    ("postgresql:///db?host=/tmp&port=5433&user=me%40corp", {"dbname": "db", "host": "/tmp", "port": "5433", "user": "me@corp"}),
    ("postgresql://localhost/db?host=elsewhere.example", {"dbname": "db", "host": "elsewhere.example"}),
    ("postgresql://?user=me@elsewhere.example", {"user": "?user=me", "host": "elsewhere.example"}),
    ("postgresql://h/db?ssl=true", {"host": "h", "dbname": "db", "sslmode": "require"}),
    ("postgresql://h/db?s%73lmode=verify-full", {"host": "h", "dbname": "db", "sslmode": "verify-full"}),
    ("postgresql://h/db?passfile=/etc/pgpass", {"host": "h", "dbname": "db", "passfile": "/etc/pgpass"}),
    ("postgresql://h/a/b", {"host": "h", "dbname": "a/b"}),
    ("postgresql://h?", {"host": "h"}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "wanted"), READ, ids=[row[0] for row in READ])
def test_an_address_is_read_as_libpq_reads_it(said: str, wanted: dict[str, str]) -> None:
    place = read_place(said)
    assert isinstance(place, ServerPlace)
    by_libpq = {name: str(value) for name, value in psycopg2.extensions.parse_dsn(place.uri).items() if value}
    found = read_address(said).given
    assert by_libpq.pop("port", "").strip(",") == found.pop("port", "").strip(",") == wanted.get("port", "").strip(",")
    assert found == by_libpq == {name: value for name, value in wanted.items() if name != "port"}


WITH_PASSWORD = [
    "postgresql://u:hunter2@h/db", "postgres://u:hunter2@/db", "PostgreSQL://u:hunter2@h", "postgresql:/u:hunter2@h/db", "postgresql:u:hunter2@h",
    "postgresql://u:hunter2/x@h/db", "postgresql://u:hunter2@x@h/db", "postgresql://u:hun?ter2@h/db", "postgresql://u%3Ahunter2@h/db", "postgresql://u:hunter2@h,h2/db",
    "postgresql://u:%68unter2@h/db", "postgresql://h/db?password=hunter2", "postgresql://h/db?PASSWORD=hunter2", "postgresql://h/db?pass%77ord=hunter2",
    "postgresql://h/db?user=u&sslpassword=hunter2", "postgresql://h/db?pwd=hunter2", "postgresql://h/db?pasword=x&pass=hunter2", "postgresql:///?dbname=host%3Dh%20password%3Dhunter2",
    "postgresql://h/db?options=-c%20x.password%3Dhunter2", "postgresql://h/db?scram_client_key=hunter2", "postgresql://h/db?oauth_client_secret=hunter2", "host=h password=hunter2", "password = hunter2",
    " postgresql://u:hunter2@h\n", "postgresql://u:hunter2 @h/db",
]  # fmt: skip


@pytest.mark.parametrize("said", WITH_PASSWORD)
def test_an_address_with_a_password_is_refused_and_the_password_not_shown(said: str) -> None:
    with pytest.raises(BadPlace) as refused:
        read_place(said)
    assert ".pgpass" in refused.value.sentence
    assert "service file" in refused.value.sentence
    assert "keyring" in refused.value.sentence
    assert "hun" not in repr(refused.value)
    assert refused.value.__cause__ is None


UNREADABLE = [
    ("postgresql:/x", "two slashes"), ("postgresql:x", "two slashes"), ("postgres:", "two slashes"), ("mysql://h/db", "knows no server"), ("sqlite:///x.db", "knows no server"),
    ("file:///x.db", "name a file by its path"), ("service=escalate", "named by an address"), ("host=h dbname=x", "named by an address"), ("postgresql://::1/db", "in brackets"),
    ("postgresql://[::1/db", "in brackets"), ("postgresql://[::1]x/db", "in brackets"), ("postgresql://h:hunter2/db", "port is a number"), ("postgresql://h:0/db", "port is a number"),
    ("postgresql://h:65536/db", "port is a number"), ("postgresql://h/d b", "%20"), ("postgresql://h/d\tb", "%20"), ("postgresql://h/d\0b", "%20"), ("postgresql://h/d%zz", "%25"), ("postgresql://h/d%", "%25"),
    ("postgresql://h/d%00", "%25"), ("postgresql://h/%ff", "UTF-8"), ("postgresql://h/db?sslmod=verify-full", "did you mean sslmode?"), ("postgresql://h/db?hunter2", "NAME=VALUE"),
    ("postgresql://h/db?a=b=c", "NAME=VALUE"), ("postgresql://h/db?=x", "NAME=VALUE"), ("postgresql://h/db?user=x&", "NAME=VALUE"), ("postgresql://h/db?quux=1", "leave it out"), ("postgresql://h/db?ssl=1", "no parameter"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "words"), UNREADABLE, ids=[row[0] for row in UNREADABLE])
def test_what_is_no_address_is_refused_in_a_sentence(said: str, words: str) -> None:
    with pytest.raises(BadPlace) as refused:
        read_place(said)
    assert words in refused.value.sentence
    assert "hunter2" not in refused.value.sentence
    assert refused.value.sentence.count("\n") == 0


SERVICES = """
# comments and other sections are passed over
[other]
host=elsewhere.example
[near]
host=/var/run/postgresql
password=hunter2
[far]
host=db.example
dbname=cases
dbname=another
[proven]
host=db.example
sslmode=verify-full
"""
FAR, PROVEN = "postgresql://db.example/x", "postgresql://db.example/x?sslmode=verify-full"
HOSTS = [
    # address, environment, whether it is refused
    ("postgresql://", {}, False), ("postgresql:///db", {}, False), ("postgresql://localhost/db", {}, False), ("postgresql://LocalHost/db", {}, False),
    ("postgresql://127.0.0.1/db", {}, False), ("postgresql://127.8.9.10/db", {}, False), ("postgresql://[::1]/db", {}, False), ("postgresql://%2Ftmp/db", {}, False), ("postgresql:///db?host=@abstract", {}, False),
    (FAR, {}, True), (PROVEN, {}, False), (FAR, {"PGSSLMODE": "verify-full"}, False), (FAR, {"PGSSLMODE": "verify-ca"}, True), (f"{FAR}?sslmode=require", {"PGSSLMODE": "verify-full"}, True),
    (f"{FAR}?ssl=true", {}, True), (f"{PROVEN}&sslmode=prefer", {}, True), ("postgresql://127.0.0.1.example/db", {}, True), ("postgresql://localhost.example/db", {}, True), ("postgresql://localhost,db.example/db", {}, True),
    ("postgresql://[2001:db8::7]/db", {}, True), ("postgresql://10.0.0.1/db", {}, True), ("postgresql://0.0.0.0/db", {}, True), ("postgresql://localhost/db?hostaddr=10.0.0.1", {}, True),
    ("postgresql://db.example/x?hostaddr=127.0.0.1", {}, True), ("postgresql:///db?hostaddr=,127.0.0.1&host=db.example,localhost", {}, True), ("postgresql://localhost/db?host=db.example", {}, True), ("postgresql://?user=me@db.example", {}, True),
    ("postgresql:///db", {"PGHOST": "db.example"}, True), ("postgresql:///db", {"PGHOSTADDR": "10.0.0.1"}, True), ("postgresql://localhost/db", {"PGHOST": "db.example"}, False),
    ("postgresql:///?service=near", {}, False), ("postgresql:///?service=far", {}, True), ("postgresql:///?service=proven", {}, False), ("postgresql:///", {"PGSERVICE": "far"}, True),
    ("postgresql:///?service=far&sslmode=verify-full", {}, False), ("postgresql://localhost/?service=far", {}, False), ("postgresql:///?service=near", {"PGHOST": "db.example"}, False), ("postgresql:///?service=proven&sslmode=prefer", {}, True),
    ("postgresql:///?service=unknown", {}, False),
]  # fmt: skip


@pytest.mark.parametrize("file", ["HOME", "PGSERVICEFILE", "PGSYSCONFDIR"])
@pytest.mark.parametrize(("said", "environment", "refused"), HOSTS, ids=[f"{row[0]} {row[1] or ''}" for row in HOSTS])
def test_another_computer_has_to_prove_which_it_is(
    tmp_path: Path, said: str, environment: dict[str, str], refused: bool, file: str
) -> None:
    name = {"HOME": ".pg_service.conf"}.get(file, "pg_service.conf")
    (tmp_path / name).write_text(SERVICES, encoding="utf-8")
    where = tmp_path / name if file == "PGSERVICEFILE" else tmp_path
    holds = settled(read_address(said).given, environment | {file: str(where)})
    assert "hunter2" not in holds.values()
    assert holds.get("dbname") != "another"  # of two lines with one name, the first
    if refused:
        with pytest.raises(Refused, match="add sslmode=verify-full to the address"):
            refuse_unproven(holds)
    else:
        refuse_unproven(holds)
