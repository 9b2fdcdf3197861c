"""Settings: a flag stands before the environment, that before the settings file, that before the default."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import time
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.calendar import CALENDARS
from escalate.domain.worktime.working_hours import parse_hours
from escalate.errors import BadInput, BadPlace, BrokenFile, EscalateError, Refused, cut, listed, nearest
from escalate.storage.files.paths import is_there, path_from
from escalate.storage.places import WAIT, FilePlace, Place, ServerPlace, read_place

Value = TypeVar("Value")


class Setting(NamedTuple):
    """A setting as it holds now."""

    name: str
    """What it is called in the settings file."""
    value: str
    """What it is set to, as text."""
    source: str
    """Where that comes from: a flag, a variable, the path of the settings file, or `default`."""
    says: str
    """What it is, in a few words."""


class Settings:
    """The settings of one run. Raises BadInput for what cannot be read."""

    def __init__(self, environment: Mapping[str, str], database: str | None = None) -> None:
        self._environment = environment
        self._flags = {} if database is None else {"database": database}
        self._file: dict[str, object] | None = None

    @property
    def place(self) -> Place:
        """Where the cases are: a file, or a server. Raises BadInput, Refused."""
        place = _place(self.find("database"))
        return place if isinstance(place, FilePlace) else place._replace(wait=self.server_timeout)

    @property
    def place_named_by(self) -> str | None:
        """What names where the cases are: `--db`, `ESCALATE_DB`, or the settings file; None where nothing does."""
        source = self.find("database").source
        return None if source == "default" else source

    @property
    def replica(self) -> ServerPlace | None:
        """The replica of the server that has the cases, for what only reads; None where none is set. Raises BadInput.

        It belongs to the database that is set where it is: whoever names another with `--db` does not mean it.
        """
        said, database = self.find("replica"), self.find("database")
        together = said.source in {database.source, "ESCALATE_REPLICA" if database.source == "ESCALATE_DB" else None}
        if not (said.value and together and isinstance(self.place, ServerPlace)):
            return None
        place = _place(said)
        if not isinstance(place, ServerPlace):
            raise BadInput(f"{said.source}: replica is the address of a server, such as postgresql:///?service=NAME.")
        return place._replace(wait=self.server_timeout)

    @property
    def file(self) -> Path | None:
        """The file that holds the cases; None where a server does. Raises BadInput, Refused."""
        place = self.place
        return place.path if isinstance(place, FilePlace) else None

    @property
    def folder(self) -> Path:
        """Where what belongs to the cases goes: their file's folder, and where a server has them, this user's own."""
        return self.file.parent if self.file else _folder("data")

    @property
    def server_timeout(self) -> int:
        """How long a server is waited for, in seconds."""
        return self._read("server_timeout", _seconds)

    @property
    def by(self) -> str:
        """Who is recorded as having written an entry. Raises BadInput."""
        return self._read("by", _text)

    @property
    def protocols(self) -> Path:
        """The folder of the user's own protocol files."""
        return path_from(self.find("protocols").value)

    @property
    def backups(self) -> Path:
        """The folder of backups: beside the file with the cases, unless it is given as a whole path."""
        said = self.find("backups").value
        return path_from(said if said.startswith("~") else str(self.folder / said))

    @property
    def witness(self) -> Path | None:
        """The folder where heads are kept beside those in the folder of backups, on another drive; None where none is set."""
        return self._path("witness")

    @property
    def witness_key(self) -> Path | None:
        """The SSH key that heads are signed with; None where they are not signed."""
        return self._path("witness_key")

    @property
    def witness_signers(self) -> Path | None:
        """The file of those whose signatures count, as ssh-keygen takes it; None where any that fits does."""
        return self._path("witness_signers")

    @property
    def published_calendar(self) -> Path | None:
        """The calendar file that people subscribe to, which digests keep up to date; None where none is set."""
        return self._path("published_calendar")

    @property
    def publishes_each_change(self) -> bool:
        """Whether the published calendar is made anew by every command that records something, and not by digests alone. Raises BadInput."""
        return (
            self.published_calendar is not None and self._one_of("published_when", "digest", EACH_CHANGE) == EACH_CHANGE
        )

    @property
    def calendar(self) -> str:
        """The calendar `calc` counts on, of the names GOV.UK uses."""
        name = self.find("calendar")
        if name.value not in CALENDARS:
            raise BadInput(f'{name.source}: "{name.value}" is not a calendar: say {", ".join(CALENDARS)}.')
        return name.value

    @property
    def at_risk(self) -> Allowance:
        """How near a deadline is at risk (rule C9)."""
        from escalate.domain.worktime.read_allowance import parse_allowance  # no list of what is overdue needs it

        return self._read("at_risk", parse_allowance)

    @property
    def key_file(self) -> Path | None:
        """The file with the key of an encrypted file; None where none is set. Raises Refused."""
        said = self.find("key_file").value
        return path_from(said) if said else None

    def deciding(self) -> dict[str, str]:
        """The settings that decide how a deadline stands, and that no calendar keeps, by their names. Raises BadInput."""
        return {"at_risk": str(self.at_risk)}

    @property
    def requires_reason(self) -> bool:
        """Whether names are shown only to those who say why they look. Raises BadInput."""
        return self._one_of("access_reason", REQUIRED, "optional") == REQUIRED

    @property
    def shows_unrecorded(self) -> bool:
        """Whether names are shown where it cannot be recorded that somebody looks. Raises BadInput."""
        return self._one_of("unrecorded_access", "shown", "refused") == "shown"

    @property
    def working_hours(self) -> tuple[time, time]:
        """Opening and closing time that a calendar starts out with (rule C8)."""
        return self._read("working_hours", parse_hours)

    @property
    def mail(self) -> dict[str, object] | None:
        """What the settings file says of the mail server and of who gets the digest; None where it says nothing."""
        table = self._from_file.get(MAIL)
        if table is None:
            return None
        return table if isinstance(table, dict) else {}

    @property
    def retention(self) -> "dict[str, Allowance]":
        """How long a closed case is kept, by protocol, by how it was closed, or by `default`; nothing where nobody says. Raises BrokenFile."""
        table = self._from_file.get(RETENTION, {})
        assert isinstance(table, dict)  # or it would not have been read
        return {name: _kept_for(said) for name, said in table.items()}

    @property
    def defaults(self) -> dict[str, str]:
        """What Enter takes where `open` asks, by the keys of its table in the settings file; nothing where nobody says."""
        table = self._from_file.get(DEFAULTS, {})
        assert isinstance(table, dict)  # or it would not have been read
        return {name: table.get(name, default) for name, (_, default) in _OFFERED.items()}

    def find(self, name: str) -> Setting:
        """A setting and where it comes from."""
        says, default = _KNOWN[name]
        variable = "ESCALATE_DB" if name == "database" else f"ESCALATE_{name.upper()}"
        if name in self._flags:
            return Setting(name, self._flags[name], "--db", says)
        if self._environment.get(variable):
            return Setting(name, self._environment[variable], variable, says)
        if name in self._from_file:
            return Setting(name, str(self._from_file[name]), str(self.path), says)
        return Setting(name, default(), "default", says)

    def all(self) -> list[Setting]:
        """Every setting, in the order of the documentation. Raises BadPlace where showing them would show a password."""
        found = [self.find(name) for name in _KNOWN]
        with suppress(Refused):  # a path that cannot be one, which is shown as it is
            for each in found:
                if each.name in ADDRESSES and each.value:
                    _place(each)
        return [*found, *self._offered(), *self._mail(), *self._kept()]

    def _offered(self) -> list[Setting]:
        """What Enter takes where `open` asks."""
        said = self._from_file.get(DEFAULTS, {})
        assert isinstance(said, dict)  # or it would not have been read
        return [
            Setting(f"{DEFAULTS}.{name}", value, str(self.path) if name in said else "default", _OFFERED[name][0])
            for name, value in self.defaults.items()
        ]

    def _mail(self) -> list[Setting]:
        """What the settings file says of the digest by e-mail, with the defaults of what it leaves out; no password is in it."""
        if self.mail is None:
            return [Setting(MAIL, "", "default", _MAILED)]
        from escalate.domain.reporting.recipients import mail_fields  # few send mail

        source = str(self.path)
        return [
            Setting(f"{MAIL}.{each.name}", each.value, source if each.is_said else "default", each.says)
            for each in mail_fields(self.mail)
        ]

    def _kept(self) -> list[Setting]:
        """How long closed cases are kept, a setting for each line of the schedule."""
        kept = self._from_file.get(RETENTION, {})
        assert isinstance(kept, dict)  # or it would not have been read
        source = str(self.path) if kept else "default"
        return [
            Setting(f"{RETENTION}.{name}" if name else RETENTION, str(said), source, _KEPT)
            for name, said in (kept or {"": ""}).items()
        ]

    @property
    def path(self) -> Path:
        """Where the settings file is, or would be."""
        named = self._environment.get("ESCALATE_CONFIG")
        return path_from(named) if named else _folder("config") / "config.toml"

    def _path(self, name: str) -> Path | None:
        """The path that a setting names; None for an empty one. Raises Refused."""
        said = self.find(name).value
        return path_from(said) if said else None

    def _read(self, name: str, parse: Callable[[str], Value]) -> Value:
        setting = self.find(name)
        try:
            return parse(setting.value)
        except EscalateError as problem:
            raise BadInput(f"{setting.source}: {name}: {problem.sentence}") from problem

    def _one_of(self, name: str, *words: str) -> str:
        """A setting that is one of two words. Raises BadInput."""

        def parse(said: str) -> str:
            if said.strip().casefold() not in words:
                raise BadInput(f'"{cut(said, 60)}" is neither: say "{words[0]}" or "{words[1]}".')
            return said.strip().casefold()

        return self._read(name, parse)

    @property
    def _from_file(self) -> dict[str, object]:
        """What the settings file says, read the first time it is asked for."""
        if self._file is None:
            file = self._read_file() if is_there(self.path) else {}
            for name, value in file.items():
                self._check(name, value)
            self._file = file
        return self._file

    def _read_file(self) -> dict[str, object]:
        from escalate.storage.files.toml import read_toml  # few have a settings file

        return read_toml(self.path)

    def _check_retention(self, table: object) -> None:
        """Refuse a schedule with mistakes, a sentence for each. Raises BrokenFile."""
        if not isinstance(table, dict):
            raise BrokenFile(
                [f'{self.path}: {RETENTION} should be a table, such as [{RETENTION}] and below it default = "6 years"']
            )
        problems = []
        for name, said in table.items():
            try:
                _kept_for(said)
            except BadInput as problem:
                problems.append(f"{self.path}: {RETENTION}.{name}: {problem.sentence}")
        if problems:
            raise BrokenFile(problems)

    def _check_defaults(self, table: object) -> None:
        """Refuse what `open` cannot offer, a sentence for each. Raises BrokenFile."""
        if not isinstance(table, dict):
            raise BrokenFile(
                [
                    f'{self.path}: {DEFAULTS} should be a table, such as [{DEFAULTS}] and below it agency = "Wye Valley NHS Trust"'
                ]
            )
        problems = []
        for name, said in table.items():
            if name not in _OFFERED:
                problems.append(
                    f'{self.path}: {DEFAULTS}: "{cut(name, 60)}" is not a setting; the settings are {listed(list(_OFFERED), "and")}'
                )
            elif not isinstance(said, str):
                problems.append(f"{self.path}: {DEFAULTS}.{name} should be text in quotes")
            elif name == "side" and said not in SIDES:
                problems.append(
                    f'{self.path}: {DEFAULTS}.side: "{cut(said, 60)}" is neither: say "raising" or "receiving"'
                )
        if problems:
            raise BrokenFile(problems)

    def _check(self, name: str, value: object) -> None:
        """Refuse what is not a setting, or is not text. Raises BadInput, BrokenFile."""
        if name == DEFAULTS:
            self._check_defaults(value)
            return
        if name == MAIL:
            return
        if name == RETENTION:
            self._check_retention(value)
            return
        if name not in _KNOWN:
            near = nearest(name, (*_KNOWN, DEFAULTS, MAIL, RETENTION), most=1)
            advice = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(_KNOWN)}"
            raise BadInput(f'{self.path}: "{name}" is not a setting; {advice}')
        if not isinstance(value, str):
            such = DATABASE if name in ADDRESSES else value  # an address there could have a password in it
            raise BadInput(f'{self.path}: {name} should be text in quotes, such as {name} = "{such}"')


def _kept_for(said: object) -> Allowance:
    """A retention period. Raises BadInput."""
    from escalate.domain.worktime.read_allowance import parse_allowance  # few have a schedule

    if not isinstance(said, str):
        raise BadInput(f'{said} is not a time: write it in quotes, such as "6 years".')
    try:
        allowance = parse_allowance(said)
    except EscalateError:
        allowance = None
    if allowance is None or allowance.unit not in LONG_UNITS or allowance.target is not None or not allowance.limit:
        raise BadInput(
            f'"{cut(said, 60)}" is not how long a case is kept: say so many days, weeks, months or years, such as "6 years".'
        )
    return allowance


def _place(setting: Setting) -> Place:
    """The place that a setting names. Raises BadPlace, which says where it is named, and Refused."""
    try:
        return read_place(setting.value)
    except BadPlace as problem:
        # Not `from`: what was read stays out of every report.
        raise BadPlace(f"{setting.source}: {problem.sentence}") from None


EACH_CHANGE = "change"
"""What `published_when` says where the published calendar is made anew by every command that changes a date."""

REQUIRED = "required"
"""What `access_reason` says where names are shown only to those who say why they look."""

LONG_UNITS = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR)
"""What a retention period is counted in."""

_KEPT = "how long a closed case is kept before escalate erase --due lists it"

_MAILED = "the table that says how the digest is sent by e-mail, and to whom"

MAIL = "mail"
"""The table of the settings file that names the mail server and who gets the digest."""

RETENTION = "retention"
"""The table of the settings file that says how long closed cases are kept."""

DEFAULTS = "defaults"
"""The table of the settings file that says what Enter takes where a case is opened at a terminal."""

SIDES = ("raising", "receiving")
"""The two sides of a case."""

_OFFERED = {
    "protocol": ("the protocol that Enter takes when open asks; empty for that of the case opened last", ""),
    "agency": ("your own agency, which Enter takes when open asks; empty for that of the case opened last", ""),
    "side": ('which side your own agency is on: "raising" or "receiving"', SIDES[0]),
}
"""What each key of that table is, and what it is where nobody sets it."""

SECONDS = {"second": 1, "minute": 60}
"""How many seconds there are in what a server's time limit is given in."""

LEAST, MOST = 2, 3600
"""A server's time limit, in seconds: libpq waits no shorter for a connection."""


def _text(said: str) -> str:
    """Text as it was given. Raises BadInput for what was no text in UTF-8."""
    try:
        said.encode()
    except UnicodeEncodeError:
        raise BadInput("there are bytes in it that are not text in UTF-8") from None
    return said


def _seconds(said: str) -> int:
    """A time limit such as `30 seconds`, in seconds. Raises BadInput."""
    number, _, unit = said.strip().lower().partition(" ")
    each = SECONDS.get(unit.strip().removesuffix("s"))
    if not (each and number.isascii() and number.isdecimal() and LEAST <= int(number[:6]) * each <= MOST):
        raise BadInput(
            f'"{cut(said, 60)}" is not a time limit: say "30 seconds" or "2 minutes", from {LEAST} seconds to an hour.'
        )
    return int(number) * each


ADDRESSES = ("database", "replica")
"""The settings that may be addresses of servers."""

DATABASE = "escalate.db"
"""What the file with the cases is called where nobody names it."""

USUAL_FOLDERS = {"config": ".config", "data": ".local/share"}
"""Where the XDG Base Directory Specification puts files of each kind, in the home folder."""


def _folder(kind: str) -> Path:
    """Where this user's files of a kind, `config` or `data`, are kept."""
    home = os.environ.get("HOME", "")
    if sys.platform == "linux" and home.startswith("/"):
        # As platformdirs says as well, which takes as long to load as all of our own modules that a list needs.
        said = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
        return Path(said if said.startswith("/") else f"{home}/{USUAL_FOLDERS[kind]}", "escalate")
    import platformdirs

    folder: Any = getattr(platformdirs, f"user_{kind}_path")("escalate", appauthor=False)
    return Path(folder)


def _whoever() -> str:
    """The name of whoever runs this, as their system knows them: what `getpass` finds as well, which loads more."""
    named = next(filter(None, map(os.environ.get, ("LOGNAME", "USER", "LNAME", "USERNAME"))), None)
    if named:
        return named
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, ImportError):  # no name for this user id
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"


_KNOWN: dict[str, tuple[str, Callable[[], str]]] = {
    "database": (
        "the file that holds the cases, or the address of the server that does",
        lambda: str(_folder("data") / DATABASE),
    ),
    "by": ("who is recorded as having written an entry", _whoever),
    "calendar": ("the calendar calc counts on", lambda: CALENDARS[0]),
    "at_risk": ("how near to acting a deadline is at risk", lambda: "1 working day"),
    "working_hours": ("the working hours a calendar starts out with", lambda: "09:00 to 17:00"),
    "backups": (
        "the folder of backups, beside the file with the cases unless it is a whole path; or of a server's dumps",
        lambda: "backups",
    ),
    "witness": (
        "a folder on another drive, where the head of each digest and backup is kept as well; empty for none",
        str,
    ),
    "witness_key": ("the SSH key that heads are signed with; empty for none", str),
    "witness_signers": ("the file of allowed signers, by whom heads have to be signed; empty for anybody", str),
    "published_calendar": ("the calendar file people subscribe to, which digests keep up to date; empty for none", str),
    "published_when": (
        'when the published calendar is made anew: by each "digest", or by every "change" of a date as well',
        lambda: "digest",
    ),
    "protocols": ("the folder of your own protocol files", lambda: str(_folder("config") / "protocols")),
    "key_file": ("a file that only you can read, with the key of an encrypted file; empty for none", str),
    "replica": ("a replica of the server, which lists, pages and reports are read from; empty for none", str),
    "access_reason": ('whether a look at names has to say why: "optional" or "required"', lambda: "optional"),
    "unrecorded_access": (
        'what --identify does where a look cannot be recorded: names are "shown", which is said, or "refused"',
        lambda: "shown",
    ),
    "server_timeout": ("how long a server is waited for, where the cases are on one", lambda: f"{WAIT} seconds"),
}
"""What each setting is, and what it is where nobody sets it."""
