"""The demonstration on a server: the demo's cases recorded by three agencies, and what each of them sees. `make demo-server` runs it.

The server is one of its own, in a folder that does not last; everything is done with the command lines that people type.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from escalate.commands.demo import SCENES, Scene
from escalate.domain.worktime.clock import LONDON
from tests.server.cluster import ADMINISTRATOR, Cluster, binaries, running

SCRIPT = Path(sys.executable).with_name("escalate")
ADMINISTRATION = "admin"
"""The service by which the server's administrator goes."""

NO_SERVER = "There is no PostgreSQL here to start: apt-get install postgresql, as the administrator of this computer."


class Office(NamedTuple):
    """A login, and whose it is."""

    login: str
    """The name of the login."""
    agency: str | None
    """The agency; None for the business unit."""
    prefix: str = ""
    """What the references of its cases begin with."""


UNIT = Office("una", None)
OFFICES = (
    Office("nora", "Wye Valley NHS Trust", "WV"),
    Office("carl", "Children's Services", "CS"),
    Office("sam", "A secondary school", "SC"),
    UNIT,
)


class Demonstration:
    """Command lines run as logins of a server, and shown as they are typed."""

    def __init__(self, home: Path, cluster: Cluster) -> None:
        self._home = home
        self._now = datetime.now(UTC).replace(second=0, microsecond=0)
        logins = {ADMINISTRATION: ADMINISTRATOR} | {office.login: office.login for office in OFFICES}
        services = [
            f"[{name}]\nhost={cluster.folder}\ndbname=escalate\nuser={login}\n" for name, login in logins.items()
        ]
        (home / ".pg_service.conf").write_text("\n".join(services), encoding="utf-8")

    def run(self, login: str, *words: str, hours_ago: int = 0) -> str:
        """Run a command line as a login, now or as if it was earlier, and return what it prints. Raises CalledProcessError."""
        around = {name: os.environ[name] for name in ("PATH", "LANG", "TERM", "COLUMNS") if name in os.environ}
        around |= {"HOME": str(self._home), "ESCALATE_DB": f"postgresql:///?service={login}", "ESCALATE_BY": login}
        if hours_ago:
            at = (self._now - timedelta(hours=hours_ago)).astimezone(LONDON)
            around["ESCALATE_NOW"] = at.strftime("%Y-%m-%d %H:%M")
        around.setdefault("COLUMNS", str(_columns()))
        ran = subprocess.run([SCRIPT, *words], env=around, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise subprocess.CalledProcessError(ran.returncode, words, ran.stdout, ran.stderr)
        return ran.stdout

    def show(self, login: str, *words: str) -> None:
        """Run a command line as a login, and show it with what it prints, or says where it refuses."""
        typed = " ".join(f'"{word}"' if " " in word else word for word in words)
        print(f"{login} $ escalate {typed}")
        try:
            print(self.run(login, *words))
        except subprocess.CalledProcessError as problem:
            print(problem.stderr)

    def play(self, scene: Scene) -> None:
        """Open a scene's case as one of its two agencies, or as the unit where none of them has a login, and let everything happen."""
        login = next((each.login for each in OFFICES if each.agency in {scene.raising, scene.receiving}), UNIT.login)
        sides = ["--subject", scene.subject, "--from", scene.raising, "--to", scene.receiving]
        facts = [word for name, answer in scene.facts.items() for word in ("--fact", f"{name}={answer}")]
        route = ["--route", scene.route] if scene.route else []
        opening = ["open", scene.protocol, *sides, *facts, *route, "--again", "--json"]
        ref = json.loads(self.run(login, *opening, hours_ago=scene.hours_ago))["case"]
        for command, hours_ago, action in scene.events:
            self.run(login, command, ref, *([action] if action else ["--again"]), hours_ago=hours_ago)

    def list(self, login: str) -> list[dict[str, Any]]:
        """The cases that a login lists."""
        cases: list[dict[str, Any]] = json.loads(self.run(login, "list", "--json"))
        return cases


@contextmanager
def demonstration() -> Iterator[Demonstration]:
    """A demonstration on a server of its own, with the offices in it and no case yet."""
    programs = binaries()
    if programs is None:
        sys.exit(NO_SERVER)
    with TemporaryDirectory() as home, running(programs) as cluster:
        shown = Demonstration(Path(home), cluster)
        print(f"A PostgreSQL {cluster.version // 10_000} was started in {cluster.folder}, and goes when this ends.\n")
        shown.show(ADMINISTRATION, "server", "init")
        for office in OFFICES:
            whose = ["--agency", office.agency, "--prefix", office.prefix] if office.agency else ["--unit"]
            shown.show(ADMINISTRATION, "server", "member", "add", office.login, *whose)
        yield shown


def others_seen(shown: Demonstration) -> list[str]:
    """A line for each case that an agency sees and is no side of, or is a side of and does not see."""
    everything = {each["case"]: each for each in shown.list(UNIT.login)}
    wrong = []
    for office in OFFICES[:-1]:
        seen = {each["case"] for each in shown.list(office.login)}
        sides = ("raising_agency", "receiving_agency")
        own = {ref for ref, each in everything.items() if office.agency in {each[side] for side in sides}}
        wrong += [f"{office.login}: {ref}" for ref in sorted(seen ^ own)]
    return wrong


def main() -> None:
    """Show it."""
    with demonstration() as shown:
        for scene in SCENES:
            shown.play(scene)
        print(
            "The five cases of the demo were opened, each by one of its agencies that is here, or else by the unit.\n"
        )
        for office in OFFICES:
            print(f"-- {office.login}, of {office.agency or 'the business unit'}\n")
            shown.show(office.login, "due", "--overdue")
            shown.show(office.login, "list")
        print("-- What nora finds of a case that is not hers\n")
        shown.show("nora", "show", "SC-0001")
        shown.show("nora", "search", "NY-204")
        if wrong := others_seen(shown):
            sys.exit(f"Somebody sees what is not theirs, or not what is: {', '.join(wrong)}.")
        print(
            "Each agency saw the cases it is a side of, and nothing of the others. The server is stopped and removed."
        )


def _columns() -> int:
    try:
        return os.get_terminal_size().columns
    except OSError:  # no terminal
        return 120


if __name__ == "__main__":
    main()
