"""What export wrote as csv or for Excel comes back as the cases it was of; what is not in it is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_import import run

WORDS = ("about", "how", "lessons")

BEGINNING = (
    ("open", "herefordshire", "--subject", "M1", "--from", "Health (0-19)", "--to", "Children's Services", "--about", "-5 hours; =1+1",
     "--concern", "1 Sep 2026 09:00", "--fact", "protection-plan=yes", "--at", "2 Sep 2026 10:00"),
    ("advance", "1", "--at", "4 Sep 2026 10:00"),
    ("advance", "1", "--at", "7 Sep 2026 11:00"),
    ("resolve", "1", "--how", "Joint visit", "--lessons", "Ring first", "--at", "9 Sep 2026 15:00"),
    ("open", "herefordshire", "--subject", "M2", "--from", "Police", "--to", "Health (0-19)", "--about", "'quoted'", "--at", "17 Nov 2026 09:30"),
    ("set", "2", "theme=drift", "theme=Our own", "involved=GP", "involved=A school", "born=1 May 2014"),
    ("assign", "2", "raising", "Jo Bell"),
    ("open", "lincolnshire", "--subject", "M3", "--about", "=cmd", "--at", "20 Nov 2026"),
    ("withdraw", "3", "--at", "22 Nov 2026 10:00"),
)  # fmt: skip


def listed(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(folder, "list", "--json").stdout)
    return sorted(found, key=lambda case: str(case["subject"]))


@pytest.fixture
def office(tmp_path: Path) -> Path:
    home = tmp_path / "office"
    home.mkdir()
    for line in BEGINNING:
        assert run(home, *line).status == 0, line
    return home


@pytest.mark.parametrize("file", ["cases.csv", "cases.xlsx"])
@pytest.mark.parametrize("more", [(), ("--identify",)], ids=["without names", "with names"])
def test_cases_come_back_as_they_were(office: Path, tmp_path: Path, file: str, more: tuple[str, ...]) -> None:
    what = ("--what", "cases") if file.endswith("csv") else ()
    assert run(office, "export", file.partition(".")[2], str(tmp_path / file), *what, *more).status == 0
    ran = run(tmp_path, "import", file, "--write")
    assert ran.status == 0, ran.stderr
    assert "escalate export json has all of it" in " ".join(ran.stdout.split())
    assert "Not taken over" not in ran.stdout
    assert listed(tmp_path) == listed(office)
    for ref in "123":
        was, now = (json.loads(run(each, "show", ref, "--json").stdout) for each in (office, tmp_path))
        assert [now[name] for name in WORDS] == [was[name] for name in WORDS]
    again = json.loads(run(tmp_path, "import", file, "--json").stdout)
    assert (again["already_there"], again["would_open"]) == (3, 0)


@pytest.mark.parametrize(
    ("what", "says"), [("deadlines", "are worked out again"), ("history", "no case can be opened")]
)
def test_what_holds_no_cases_is_refused_with_what_does(office: Path, tmp_path: Path, what: str, says: str) -> None:
    run(office, "export", "csv", str(tmp_path / "other.csv"), "--what", what)
    ran = run(tmp_path, "import", "other.csv", "--protocol", "herefordshire", "--write")
    assert (ran.status, says in ran.stderr, "escalate export json" in ran.stderr) == (1, True, True)
