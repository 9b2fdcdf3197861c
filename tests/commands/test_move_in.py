"""The README's section for an office that moves in, line by line as it stands: from its spreadsheet to the first digest."""

import re
import shlex
from pathlib import Path

import pytest

from tests.command_line import Ran
from tests.commands.test_import import run, table
from tests.terminal import at_terminal

README = Path(__file__).parents[2] / "README.md"

LOG = [
    ["Escalations 2026"],
    ["Ref", "Date raised", "Child ID", "Escalated by", "Against", "Stage", "Date of stage", "Status", "Date closed", "Outcome", "Team", "Issue"],
    ["1", "02/11/2026", "M-1", "A primary school", "Children's Services", "Stage 1", "3/11/2026", "Closed - resolved", "13/11/2026", "Joint visit", "North", "Thresholds"],
    ["2", "17/11/2026 10:00", "M-2", "Police", "Children's Services", "S1", "18/11/2026 14:00", "Ongoing", "", "", "South", "Step-down"],
    ["3", "18/11/2026", "M-3", "Police Service", "Children's Services", "", "", "Parked", "", "", "North", "Medical not asked for"],
    ["4", "19/11/2026", "M-4", "Police", "Health Visiting", "Stage 1 & 2", "", "", "", "", "", "Drift"],
    ["5", "tomorrow", "M-5", "Police", "Health Visiting", "1", "", "", "", "", "", "Drift"],
]  # fmt: skip

ANSWERS = {"import log.csv --protocol herefordshire": "\n\n\ny\n"}
"""What is answered to lines that ask: Enter, and yes to what is shown."""


def blocks() -> list[list[str]]:
    """The lines of the section, those for a person and those for a script."""
    section = README.read_text(encoding="utf-8").split("## Move in\n")[1].split("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [[shlex.join(shlex.split(line, comments=True)[1:]) for line in block.splitlines()] for block in found]


@pytest.mark.terminal
def test_the_section_leads_from_a_spreadsheet_to_the_first_digest(tmp_path: Path) -> None:
    person, _ = blocks()
    table(tmp_path, *LOG)
    now = "2026-11-20T16:00"
    surroundings = run.surroundings(tmp_path) | {"ESCALATE_NOW": now, "PAGER": "cat"}
    shown = {}
    for line in person:
        status, shown[line] = at_terminal(
            *shlex.split(line), environment=surroundings, answers=ANSWERS.get(line, ""), folder=tmp_path
        )
        refused = line.endswith("refused.xlsx")  # a row cannot be imported, which a script has to notice
        assert status == refused, f"{line}: {shown[line]}"
    assert set(ANSWERS) <= set(person)
    first = shown[person[1]]
    assert 'The heading "Team"' in first
    assert '"Parked" in "Status" is not clear' in first
    assert "4 cases were opened; 1 row cannot be imported." in first
    assert (tmp_path / "refused.xlsx").exists()
    assert "M-2" not in shown["due --overdue"].partition("iro")[0]
    assert "M-3" in shown["digest"]


def test_a_script_needs_no_answers(tmp_path: Path) -> None:
    _, script = blocks()
    table(tmp_path, *LOG)

    def typed(line: str) -> Ran:
        return run(tmp_path, *shlex.split(line), "--protocol", "herefordshire", now="2026-11-20T16:00")

    looked, written = (typed(line) for line in script)
    assert (looked.status, "would be opened" in looked.stdout) == (1, True)
    assert (written.status, "3 cases were opened; 2 rows cannot be imported." in written.stdout) == (0, True)
