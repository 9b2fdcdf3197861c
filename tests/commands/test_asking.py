"""What a protocol asks about a case is asked of a person at a terminal, and of nobody else."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from escalate.commands.shared import facts as asking
from escalate.domain.protocol.parts import Fact
from tests.command_line import command
from tests.driver import escalate


def environment(path: Path) -> dict[str, str]:
    return {
        "ESCALATE_DB": str(path),
        "ESCALATE_NOW": "2026-11-20T10:00",
        "HOME": str(path.parent),
        "PATH": os.environ["PATH"],
    }


def answered(path: Path, answers: str, *arguments: str) -> str:
    """What a terminal showed while escalate was answered so."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, env=environment(path))
    os.close(theirs)
    os.write(ours, answers.encode())
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(30) == 0, shown.decode()
    return shown.decode()


def facts(path: Path) -> object:
    return json.loads(escalate("show", "1", "--json", environment=environment(path)).stdout)["facts"]


@pytest.mark.script
def test_a_person_is_asked_for_each_fact_that_was_not_given(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    shown = answered(path, "\nyes\nperhaps\nHIGH\n\n\n", "open", "hull-east-riding", "--fact", "core-group=no")
    assert "Is the person thought to be at risk of harm? (yes/no, or Enter if not known)" in shown
    assert "Please answer high, medium or low" in shown
    assert "core group" not in shown
    assert facts(path) == {"core-group": "no", "immediate-risk": "yes", "severity": "high"}


def test_a_question_is_asked_again_whole_however_many_answers_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = tuple(f"answer-{number}" for number in range(100))
    asked: list[str] = []
    said = iter(("perhaps", "answer-99"))

    def ask(question: str) -> str:
        asked.append(question)
        return next(said)

    monkeypatch.setattr(asking, "asked", ask)
    assert asking._ask_answer(Fact("grade", "Which grade?", answers, None)) == "answer-99"
    assert asked[1] == f"Please answer {', '.join(answers[:-1])} or {answers[-1]}"


def test_a_script_is_not_asked(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    assert escalate("open", "hull-east-riding", environment=environment(path)).status == 0
    assert facts(path) == {}


def test_what_was_not_said_is_shown_as_not_known(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    escalate("open", "herefordshire", "--fact", "looked-after=no", environment=environment(path))
    page = escalate("show", "1", environment=environment(path)).stdout
    assert "Not known  protection-plan, childrens-services, immediate-risk, allegation" in page
