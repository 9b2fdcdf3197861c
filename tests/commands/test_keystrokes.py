"""Three things an office does every day, typed into a real terminal: how many keys each takes, Enter included."""

import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.driver import Office
from tests.sizes import later, sampled
from tests.terminal import Shell, shell

run = Office(now="2026-11-20T10:00", by="unit")
WORDS = "Step-down to child in need is not safe"
BEFORE = 'escalate open herefordshire --subject M-40213 --from "Wye Valley NHS Trust" --to "Children\'s Services" --about "Step-down to child in need is not safe" --concern "18 Nov 2026" --fact protection-plan=yes\n'
"""As the README shows it for scripts."""

pytestmark = pytest.mark.script


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An office that opened a case last week."""
    found = tmp_path / "cases.db"
    run.did(
        found, "open", "herefordshire", "--subject", "M-7", "--from", "Wye Valley NHS Trust", "--to", "Children's Services",
        "--fact", "protection-plan=yes", "--at", "2026-11-19 10:00",
    )  # fmt: skip
    run.did(found, "advance", "1", "--at", "2026-11-19 15:00")
    return found


def due(path: Path) -> set[str]:
    return {each["action"] for each in run.json(path, "due")}


@pytest.fixture
def desk(path: Path) -> Iterator[Shell]:
    with shell({**run.surroundings(path), "PATH": os.environ["PATH"], "COLUMNS": "80"}) as opened:
        yield opened


def test_an_escalation_is_recorded_with_45_keys_and_its_words(desk: Shell, path: Path) -> None:
    assert "[herefordshire]: " in desk.types("escalate new\n", ": ")
    desk.types("\n", ": ")
    assert "[Wye Valley NHS Trust]" in desk.types("M-40213\n", ": ")
    assert "[Children's Services]" in desk.types("\n", ": ")
    desk.types("\n", ": ")
    desk.types(f"{WORDS}\n", ": ")
    assert "child protection plan" in desk.types("18 nov\n", ": ")
    desk.types("y\n", ": ")
    desk.types("\n", ": ")
    desk.types("\n", ": ")
    desk.types("\n", ": ")
    desk.types("\n")
    asked = run.json(path, "show", "2")
    assert (desk.keys - len(WORDS), len(WORDS), len(BEFORE)) == (38, 38, 203)
    run.did(path, *shlex.split(BEFORE)[1:], "--again")
    typed = run.json(path, "show", "3")
    same = ("protocol", "subject", "raising_agency", "receiving_agency", "about", "concern_at", "facts")
    assert {name: asked[name] for name in same} == {name: typed[name] for name in same}


def test_something_happened_with_20_keys(desk: Shell, path: Path) -> None:
    assert "iro-notified" in due(path)
    desk.types("escalate done 1 iro\n")
    assert desk.keys == 20
    assert "iro-notified" not in due(path)


@pytest.mark.slow
def test_or_with_18_without_knowing_what_it_is_called(desk: Shell, path: Path) -> None:
    assert "E0001 (M-7)  " in desk.types("escalate done\n", "Which case? ")
    assert "2  iro-notified: Notify the Independent Reviewing Officer" in desk.types(
        "1\n", "Which action was done? (or several: 1, 2): "
    )
    desk.types("2\n")
    assert (desk.keys, "iro-notified" in due(path)) == (18, False)


@pytest.mark.parametrize("key", sampled(["\x03", "\x04"], 2))
@pytest.mark.parametrize(
    ("line", "question"),
    [("new", "]: "), *map(later, [("done", "case? "), ("note 1", "remember? "), ("set 1", "known? ")])],
)
def test_a_question_is_left_with_nothing_written(desk: Shell, path: Path, line: str, question: str, key: str) -> None:
    before = path.read_bytes()
    desk.types(f"escalate {line}\n", question)
    time.sleep(0.5)  # nobody is faster, and Python does not hear of a Ctrl-C in the moment in which it begins to read
    assert "Nothing was written." in desk.types(key)
    assert "130" in desk.types("echo $?\n")
    assert path.read_bytes() == before


def test_what_is_due_with_9_keys(desk: Shell) -> None:
    assert "E0001 (M-7)" in desk.types("escalate\n")
    assert desk.keys == 9
