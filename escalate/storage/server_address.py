"""The address of a server, read as libpq reads it, and refused where it would give something away.

libpq's own reading (`conninfo_uri_parse` in fe-connect.c) is followed step by step: where we saw another host than the one that
is connected to, a check of the host would be worth nothing. Nothing here loads the driver.
"""

import getpass
import os
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from escalate.errors import BadPlace, Refused, cut, nearest

SHAPE = "postgresql://HOST/DATABASE, or postgresql:///?service=NAME"

KEYWORDS = frozenset(
    [
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "dbname",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "host",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "options",
        "passfile",
        "port",
        "require_auth",
        "requirepeer",
        "servicefile",
        "service",
        "ssl",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcertmode",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslkey",
        "sslkeylogfile",
        "sslmode",
        "sslnegotiation",
        "sslrootcert",
        "sslsni",
        "target_session_attrs",
        "tcp_user_timeout",
        "user",
    ]
)
"""What may stand after the question mark: the parameters of libpq, but for those that are a secret."""

PASSWORDS = re.compile(r"pass(?!file$)|pwd|secret|scram_(client|server)_key", re.IGNORECASE)
"""Parameters that are a secret, also by names that libpq does not know."""

SAYS_PASSWORD = re.compile(r"pass(?!file)\w*\s*=", re.IGNORECASE)
"""Where a password is given by name, be it inside of another parameter."""

REVEALING = (
    "The server's address has a password in it, which others could read there: leave it out, and keep it in ~/.pgpass, in a service file"
    " (~/.pg_service.conf) or in the keyring (keyring set escalate, and the address without it)."
)

PARAMETERS = re.compile(r"\s*(?:host|hostaddr|port|dbname|user|password|passfile|service|sslmode)\s*=", re.IGNORECASE)
"""How text begins that gives a server's parameters in libpq's other way, which is not taken here."""

SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]+://", re.IGNORECASE)

SYSTEM_FOLDERS = ("/etc/postgresql-common", "/etc/postgresql", "/etc")
"""Where pg_service.conf may lie where PGSYSCONFDIR does not say: that was settled when libpq was built."""

VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "user": "PGUSER",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}
"""Where libpq finds what neither the address nor the service file says."""


class Address(NamedTuple):
    """The address of a server."""

    uri: str
    """The address as text, without anything around it."""
    given: dict[str, str]
    """What it says, by libpq's names; several hosts stand in `host` with commas between."""


def is_address(said: str) -> bool:
    """Whether somebody means a server, and no file. Raises BadPlace for the address of something else."""
    if re.match(r"\s*postgres(ql)?:", said, re.IGNORECASE):
        return True
    if SCHEME.match(said):
        raise BadPlace(f"escalate knows no server with such an address: write {SHAPE}, or name a file by its path.")
    if PARAMETERS.match(said):
        if SAYS_PASSWORD.search(said):
            raise BadPlace(REVEALING)
        raise BadPlace(f"A server is named by an address: write {SHAPE}.")
    return False


def read_address(said: str) -> Address:
    """The address that somebody gave. Raises BadPlace, which shows nothing of it that could be a password."""
    scheme, _, rest = said.strip().partition(":")
    _refuse_password(rest)
    if not rest.startswith("//"):
        raise BadPlace(f"After {scheme.lower()}: come two slashes: write {SHAPE}.")
    if re.search(r"[\s\x00-\x1f\x7f]", rest):
        raise BadPlace("A server's address has no spaces or line breaks in it: write a space as %20.")
    given = dict(_parts(rest.removeprefix("//")))
    return Address(f"{scheme.lower()}:{rest}", {name: value for name, value in given.items() if value})


def _refuse_password(rest: str) -> None:
    """Refuse an address with a password in it, or with what looks like one. Raises BadPlace."""
    before, query, parameters = rest.partition("?")
    person, at, _ = rest.removeprefix("//").partition("@")
    names = [_plain(each.partition("=")[0]) for each in parameters.split("&")] if query else []
    if (
        (at and "/" not in person and ":" in _plain(person))
        or re.search(r":.*@", _plain(before), re.DOTALL)
        or any(map(PASSWORDS.search, names))
        or SAYS_PASSWORD.search(_plain(rest))
    ):
        raise BadPlace(REVEALING)


def _plain(text: str) -> str:
    """The text with what is percent-encoded decoded as far as it can be: for a look, and nothing else."""
    return re.sub(r"%([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)


def _parts(rest: str) -> Iterator[tuple[str, str]]:
    """What stands after the two slashes, by libpq's names; what comes later takes the place of what came before. Raises BadPlace."""
    person, at, after = rest.partition("@")
    if at and "/" not in person:
        yield "user", _decoded(person)
        rest = after
    found = re.match(r"[^/?]*", rest)
    hosts = found[0] if found else ""
    pairs = [_host_and_port(each) for each in hosts.split(",")]
    yield "host", ",".join(host for host, _ in pairs)
    yield "port", ",".join(port for _, port in pairs).strip(",")
    path, question, parameters = rest[len(hosts) :].partition("?")
    yield "dbname", _decoded(path.removeprefix("/"))
    for parameter in parameters.split("&") if question and parameters else ():
        yield _parameter(parameter)


def _host_and_port(text: str) -> tuple[str, str]:
    """One host of an address, and its port; "" for what is not said. Raises BadPlace."""
    if text.startswith("["):
        host, closed, after = text[1:].partition("]")
        if not (closed and host and (not after or after.startswith(":"))):
            raise BadPlace("Put an address with colons in brackets, as in postgresql://[2001:db8::7]:5432/DATABASE.")
        port = after.removeprefix(":")
    else:
        host, _, port = text.partition(":")
        if ":" in port:
            raise BadPlace("Put an address with colons in brackets, as in postgresql://[2001:db8::7]:5432/DATABASE.")
    if port and not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise BadPlace("A server's port is a number from 1 to 65535: write it as in postgresql://HOST:5432/DATABASE.")
    return _decoded(host), port


def _parameter(text: str) -> tuple[str, str]:
    """One parameter after the question mark. Raises BadPlace."""
    name, equals, value = text.partition("=")
    name = _decoded(name)
    if not equals or "=" in value or not re.fullmatch(r"\w{1,40}", name, re.ASCII):
        raise BadPlace("After the question mark of a server's address comes NAME=VALUE, with & between several.")
    if name == "ssl" and value == "true":  # as other drivers write it, and libpq reads it
        return "sslmode", "require"
    if name not in KEYWORDS or name == "ssl":
        near = nearest(name, KEYWORDS - {"ssl"}, most=1)
        raise BadPlace(
            f'A server\'s address has no parameter "{name}": {f"did you mean {near[0]}?" if near else "leave it out."}'
        )
    return name, _decoded(value)


def _decoded(text: str) -> str:
    """The text with what is percent-encoded decoded. Raises BadPlace."""
    if re.search(r"%(?![0-9a-fA-F]{2})|%00", text):
        raise BadPlace(
            "In a server's address two digits of a character's code come after each %: write % itself as %25."
        )
    try:
        return re.sub(rb"%(..)", lambda found: bytes.fromhex(found[1].decode()), text.encode()).decode()
    except UnicodeError:
        raise BadPlace("A server's address has bytes in it that are not text in UTF-8: write it again.") from None


# -- what holds, with what the service file and the environment add


def settled(given: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """What holds for a connection: what the address says, then the service file, then the environment."""
    service = given.get("service") or environment.get("PGSERVICE", "")
    variables = {name: environment[variable] for name, variable in VARIABLES.items() if environment.get(variable)}
    return variables | (in_service_file(service, given, environment) if service else {}) | dict(given)


def in_service_file(service: str, given: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """What the service files say of a service, but for its password; nothing where they cannot be read."""
    named = given.get("servicefile") or environment.get("PGSERVICEFILE")
    home = environment.get("HOME", "")
    folders = [environment["PGSYSCONFDIR"]] if environment.get("PGSYSCONFDIR") else SYSTEM_FOLDERS
    for path in (
        Path(named) if named else Path(home, ".pg_service.conf"),
        *(Path(each, "pg_service.conf") for each in folders),
    ):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeError, ValueError):  # libpq says it, or finds it somewhere else
            continue
        if (found := _section(lines, service)) is not None:
            return found
    return {}


def _section(lines: list[str], service: str) -> dict[str, str] | None:
    """The section of a service file with this name: as in libpq the first, and the first of each name in it."""
    found: dict[str, str] | None = None
    for line in map(str.strip, lines):
        if line.startswith("["):
            if found is not None:
                return found
            found = {} if line.startswith(f"[{service}]") else None
        elif found is not None and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            if not PASSWORDS.search(name):
                found.setdefault(name, value)
    return found


def refuse_unproven(holds: Mapping[str, str]) -> None:
    """Refuse to go to another computer unless it has to prove which it is. Raises Refused."""
    far = [host for host in (holds.get("hostaddr") or holds.get("host", "")).split(",") if not _is_local(host)]
    far = far or [host for host in holds.get("host", "").split(",") if not _is_local(host)]
    if far and holds.get("sslmode") != "verify-full":
        raise Refused(
            f"{cut(far[0], 80)} is another computer, and has to prove that it is the server: add sslmode=verify-full to the address, to the service"
            " file or as PGSSLMODE, and put the certificate of its authority into ~/.postgresql/root.crt, which its administrator has."
        )


def _is_local(host: str) -> bool:
    """Whether a host is this computer: a socket, or an address of the loopback."""
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def login_at(uri: str, environment: Mapping[str, str]) -> str:
    """The login that a server at an address is asked with."""
    return settled(read_address(uri).given, environment).get("user") or _this_user()


def _this_user() -> str:
    """Whoever runs this, as libpq asks the system."""
    try:
        import pwd  # not everywhere
    except ImportError:
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"
