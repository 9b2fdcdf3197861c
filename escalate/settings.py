"""Settings: a flag stands before the environment, that before the settings file, that before the default."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from escalate.domain.worktime.local_calendar import CALENDARS
from escalate.errors import BadInput, BrokenFile, EscalateError, Refused, nearest

if TYPE_CHECKING:
    from escalate.domain.reporting.recipients import Mail
    from escalate.domain.worktime.allowance import Allowance

Value = TypeVar("Value")


class Setting(NamedTuple):
    """A setting as it holds now: its value as text, and where it comes from."""

    name: str
    value: str
    source: str
    says: str


class Settings:
    """The settings of one run. Read from the file the first time one is asked for. Raises BadInput for what cannot be read."""

    def __init__(self, environment: Mapping[str, str], database: Path | None = None) -> None:
        self._environment = environment
        self._flags = {} if database is None else {"database": str(database)}
        self._file: dict[str, object] | None = None

    @property
    def database(self) -> Path:
        """The file that holds the cases."""
        from escalate.storage.files.paths import path_from

        return path_from(self.find("database").value)

    @property
    def by(self) -> str:
        """Who is recorded as having written an entry."""
        return self.find("by").value

    @property
    def protocols(self) -> Path:
        """The folder of the user's own protocol files."""
        from escalate.storage.files.paths import path_from

        return path_from(self.find("protocols").value)

    @property
    def backups(self) -> Path:
        """The folder of backups: beside the file with the cases, unless it is given as a whole path."""
        from escalate.storage.files.paths import path_from

        said = self.find("backups").value
        return path_from(said if said.startswith("~") else str(self.database.parent / said))

    @property
    def calendar(self) -> str:
        """The calendar `calc` counts on, of the names GOV.UK uses."""
        from escalate.domain.worktime.local_calendar import CALENDARS

        name, known = self.find("calendar"), CALENDARS
        if name.value not in known:
            raise BadInput(f'{name.source}: "{name.value}" is not a calendar: say {", ".join(known)}.')
        return name.value

    @property
    def at_risk(self) -> "Allowance":
        """How near a deadline is at risk (rule C9)."""
        from escalate.domain.worktime.read_allowance import parse_allowance

        return self._read("at_risk", parse_allowance)

    @property
    def working_hours(self) -> tuple[time, time]:
        """Opening and closing time that a calendar starts out with (rule C8)."""
        from escalate.domain.worktime.hours import parse_hours

        return self._read("working_hours", parse_hours)

    @property
    def mail(self) -> "Mail":
        """The mail server and who gets the digest. Raises Refused, BrokenFile."""
        from escalate.domain.reporting.recipients import read_mail

        table = self._from_file().get("mail")
        if table is None:
            raise Refused(f"{self.path} has no [mail] table: it names the mail server and who gets the digest.")
        mail, problems = read_mail(table if isinstance(table, dict) else {})
        if problems:
            raise BrokenFile(self.path.name, problems)
        return mail

    def find(self, name: str) -> Setting:
        """A setting and where it comes from."""
        says, default = _KNOWN[name]
        variable = "ESCALATE_DB" if name == "database" else f"ESCALATE_{name.upper()}"
        if name in self._flags:
            return Setting(name, self._flags[name], "--db", says)
        if self._environment.get(variable):
            return Setting(name, self._environment[variable], variable, says)
        if name in self._from_file():
            return Setting(name, str(self._from_file()[name]), str(self.path), says)
        return Setting(name, default(), "default", says)

    def all(self) -> list[Setting]:
        """Every setting, in the order of the documentation."""
        return [self.find(name) for name in _KNOWN]

    @property
    def path(self) -> Path:
        """Where the settings file is, or would be."""
        from escalate.storage.files.paths import path_from

        named = self._environment.get("ESCALATE_CONFIG")
        return path_from(named) if named else _folder("config") / "config.toml"

    def _read(self, name: str, parse: Callable[[str], Value]) -> Value:
        setting = self.find(name)
        try:
            return parse(setting.value)
        except EscalateError as problem:
            raise BadInput(f"{setting.source}: {name}: {problem.sentence}") from problem

    def _from_file(self) -> dict[str, object]:
        from escalate.storage.files.paths import is_there
        from escalate.storage.files.toml import read_toml

        if self._file is None:
            self._file = read_toml(self.path) if is_there(self.path) else {}
            for name, value in self._file.items():
                if name == "mail":
                    continue
                if name not in _KNOWN:
                    near = nearest(name, (*_KNOWN, "mail"), most=1)
                    raise BadInput(
                        f'{self.path}: "{name}" is not a setting; {f"did you mean {near[0]}?" if near else "there is " + ", ".join(_KNOWN)}'
                    )
                if not isinstance(value, str):
                    raise BadInput(f'{self.path}: {name} should be text in quotes, such as {name} = "{value}"')
        return self._file


USUAL_FOLDERS = {"config": ".config", "data": ".local/share"}
"""The XDG Base Directory Specification's, in the home folder."""


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
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name in the environment, and none for this user id
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"


_KNOWN: dict[str, tuple[str, Callable[[], str]]] = {
    "database": ("the file that holds the cases", lambda: str(_folder("data") / "escalate.db")),
    "by": ("who is recorded as having written an entry", _whoever),
    "calendar": ("the calendar calc counts on", lambda: CALENDARS[0]),
    "at_risk": ("how near to acting a deadline is at risk", lambda: "1 working day"),
    "working_hours": ("the working hours a calendar starts out with", lambda: "09:00 to 17:00"),
    "backups": ("the folder of backups, beside the file with the cases unless it is a whole path", lambda: "backups"),
    "protocols": ("the folder of your own protocol files", lambda: str(_folder("config") / "protocols")),
}
