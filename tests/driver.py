"""How tests run escalate: in this process by default, through the installed script with `pytest --driver=script`.

A test marked `script` needs a process of its own, and always has the script.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from escalate.commands.shared.completion import complete
from tests import command_line, engine, in_process
from tests.command_line import Ran

Escalate = Callable[..., Ran]
"""What the fixture `escalate` gives: see the function of that name."""

CopyOf = Callable[[Callable[[Path], object], Path], Path]
"""What the fixture `copy_of` gives."""

DRIVERS = ("process", "script")
_chosen = DRIVERS[0]


def choose(name: str) -> str:
    """Takes this driver from now on, and returns the one before."""
    global _chosen
    before, _chosen = _chosen, name
    return before


def escalate(
    *arguments: str | bytes,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    folder: Path | None = None,
    through: Sequence[str] = (),
) -> Ran:
    """Runs escalate in nothing but this environment, with the driver that was chosen.

    `through` is a command that starts it, such as `("setpriv", ...)`, and needs the script.
    """
    if through or _chosen == "script":
        return _on_engine(
            command_line.escalate, *arguments, environment=environment, stdin=stdin, folder=folder, through=through
        )
    return begin(*arguments, environment=environment, stdin=stdin, folder=folder)


def begin(
    *arguments: str | bytes, environment: Mapping[str, str], stdin: bytes = b"", folder: Path | None = None
) -> Ran:
    """Runs escalate in this process, whatever driver was chosen, with the engine that was."""
    return _on_engine(in_process.escalate, *arguments, environment=environment, stdin=stdin, folder=folder)


def completed(environment: Mapping[str, str]) -> str | None:
    """What a shell that asks in this process is answered, with the engine that was chosen; None where Typer answers."""

    def run(*, environment: Mapping[str, str], **given: Any) -> Ran:
        answer = complete(environment)
        return Ran(int(answer is None), answer or "", "")

    ran = _on_engine(run, environment=environment)
    return None if ran.status else ran.stdout


def _on_engine(run: Callable[..., Ran], *arguments: str | bytes, **given: Any) -> Ran:
    server = engine.chosen
    return server.run(run, *arguments, **given) if server else run(*arguments, **given)


@dataclass(frozen=True)
class Office:
    """Runs command lines at a fixed moment, in an environment of nothing but what stands here.

    `office(path, "due", "--json")` runs a line with the file of cases at that path, or `cases.db` in that folder, which is also home
    and the folder it runs in unless `folder` is another or it is not there yet. In the values of `environment`, `{home}` is that folder.
    """

    now: str | None = None
    by: str | None = "tests"
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    driver: Any = escalate

    def __call__(
        self,
        path: Path,
        *arguments: str | bytes,
        now: str | None = None,
        stdin: str = "",
        folder: Path | str | None = None,
        through: Sequence[str] = (),
        **environment: str,
    ) -> Ran:
        """How a line ended."""
        more = {"through": through} if through else {}
        home = path if path.is_dir() else path.parent
        ran: Ran = self.driver(
            *arguments,
            environment=self.surroundings(path, now) | environment,
            stdin=stdin.encode(),
            folder=Path(folder) if folder else self.folder or (home if home.is_dir() else None),
            **more,
        )
        return ran

    def backs_up(self, path: Path, **given: Any) -> None:
        """Make a backup of a file; those of a server are its administrator's."""
        if engine.chosen is None:
            self.did(path, "backup", **given)

    def surroundings(self, path: Path, now: str | None = None) -> dict[str, str]:
        """The environment of a run."""
        database, home = (path / "cases.db", path) if path.is_dir() else (path, path.parent)
        moment = now or self.now
        return {
            "ESCALATE_DB": str(database),
            "HOME": str(home),
            **({"ESCALATE_NOW": moment} if moment else {}),
            **({"ESCALATE_BY": self.by} if self.by else {}),
            **{name: value.format(home=home) for name, value in self.environment.items()},
        }

    def did(self, path: Path, *arguments: str | bytes, **given: Any) -> str:
        """What a line that has to succeed said."""
        ran = self(path, *arguments, **given)
        assert ran.status == 0, f"{arguments}: {ran.stderr}"
        return ran.stdout

    def json(self, path: Path, *arguments: str | bytes, **given: Any) -> Any:
        """The document that a line which has to succeed answered with."""
        return json.loads(self.did(path, *arguments, "--json", **given))


class Desk:
    """A folder with a file of cases in it and its own protocols, and a line at a time with the moment it is given at."""

    office = Office(environment={"ESCALATE_PROTOCOLS": "{home}/protocols"})

    def __init__(self, folder: Path) -> None:
        self.folder, self.path, self.protocols = folder, folder / "cases.db", folder / "protocols"
        self.protocols.mkdir()

    def write(self, name: str, text: str) -> Path:
        """A protocol file of its own."""
        path = self.protocols / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, now: str, *arguments: str) -> Ran:
        """How a line ended."""
        return self.office(self.path, *arguments, now=now)

    def json(self, now: str, *arguments: str) -> Any:
        """The document that a line which has to succeed answered with."""
        return self.office.json(self.path, *arguments, now=now)


unit = Office(
    by="unit",
    environment={"ESCALATE_CONFIG": "{home}/no-settings.toml", "ESCALATE_PROTOCOLS": "{home}/no-protocols"},
    driver=begin,
)
"""What tests begin from is made with this, whatever driver runs what they look at."""
