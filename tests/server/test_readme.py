"""The README's section for several offices, line by line: from nothing to a member's own cases, those of a file that was moved among them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import in_process
from tests.command_line import Ran
from tests.server.cluster import ADMINISTRATOR, Cluster

pytestmark = pytest.mark.server

README = Path(__file__).parents[2] / "README.md"
OURS = "postgresql:///escalate"


BEGINS = re.compile(r"A new file of cases begins here: .*\n")


def blocks() -> list[str]:
    """What the section has people type, for each of those it speaks to: who administers, a member once, who moves a file, a member daily, who takes over another office's."""
    section = README.read_text(encoding="utf-8").split("## For several offices")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def lines(block: str) -> list[list[str]]:
    """The command lines of escalate in a block, as words."""
    typed = [shlex.split(line, comments=True) for line in block.splitlines() if line.startswith("escalate ")]
    return [words[1:] for words in typed]


@pytest.fixture
def admin(cluster: Cluster) -> Iterator[str]:
    """The address that the section gives the database, on this server; gone at the end."""
    with cluster.database_named("postgres") as maintenance, maintenance.administrator.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS una, nora")  # of other tests
    yield f"{OURS}?host={cluster.folder}&user={ADMINISTRATOR}"
    with cluster.database_named("postgres") as maintenance, maintenance.administrator.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS escalate WITH (FORCE)")


def test_the_section_leads_to_a_members_own_cases(cluster: Cluster, admin: str, tmp_path: Path) -> None:
    administers, once, moves, daily, merges = blocks()
    assert lines(merges)[0][0] == "merge"  # takes a file into a file: tests/commands/test_merge.py

    def run(home: Path, words: list[str], place: str | None) -> Ran:
        around = {"HOME": str(home), "PGHOST": str(cluster.folder)} | ({"ESCALATE_DB": place} if place else {})
        typed = (word.replace(OURS, admin).replace("~", str(home)) for word in words)
        ran = in_process.escalate(*typed, environment=around, folder=home)
        assert (ran.status, BEGINS.sub("", ran.stderr)) == (0, ""), words
        return ran

    (tmp_path / "admin").mkdir()
    assert f"export ESCALATE_DB={OURS} " in administers
    for words in lines(administers):
        ran = run(tmp_path / "admin", words, admin)
        if words[:3] == ["server", "member", "add"]:
            assert rf"psql '{admin}' -c '\password" in ran.stdout
            assert rf"psql escalate -c '\password {words[3]}'" in administers
    listed = in_process.escalate("server", "member", "list", environment={"HOME": str(tmp_path), "ESCALATE_DB": admin})
    assert {"una", "nora", "(the business unit)"} <= set(re.split(r"\s{2,}|\n", listed.stdout))

    (looks,) = lines(once)
    (moved,) = lines(moves)
    opens, due = lines(daily)
    una, nora = (set_up(tmp_path / login, once, cluster) for login in ("una", "nora"))
    assert "where you are una, of the business unit" in run(una, looks, None).stdout
    assert "where you are nora, of Wye Valley NHS Trust" in run(nora, looks, None).stdout
    earlier = [word.replace("M-40213", "M-1").replace("Children's Services", "Hospital") for word in opens]
    run(una, earlier, str(una / ".local/share/escalate/escalate.db"))
    assert "1 case and 1 entry were moved" in run(una, moved, None).stdout
    assert run(nora, opens, None).stdout.startswith("WV-0001: opened at stage 0")
    seen = run(nora, due, None).stdout
    assert ("WV-0001" in seen, "E0001" in seen) == (True, True)


def set_up(home: Path, once: str, cluster: Cluster) -> Path:
    """A member's home folder, with what the section has each member write there once."""
    (home / ".config" / "escalate").mkdir(parents=True)
    (service,) = re.findall(r"<<end\n(.*?\n)end\n", once, re.DOTALL)
    here = service.replace("db.county.example", str(cluster.folder)).replace("sslmode=verify-full\n", "")
    assert here != service
    (home / ".pg_service.conf").write_text(here.replace("user=nora", f"user={home.name}"), encoding="utf-8")
    (setting,) = re.findall(r"echo '(database = .*)' >>~/.config/escalate/config.toml", once)
    (home / ".config" / "escalate" / "config.toml").write_text(setting, encoding="utf-8")
    return home
