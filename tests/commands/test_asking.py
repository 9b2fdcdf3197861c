"""What a protocol asks about a case is asked of a person at a terminal, and of nobody else."""

import json
import os
import re
from pathlib import Path

import pytest
import typer

from escalate.commands.shared import asking as questions
from escalate.commands.shared import facts as asking
from escalate.domain.protocol.parts import Fact
from tests.driver import escalate
from tests.terminal import at_terminal


def environment(path: Path) -> dict[str, str]:
    return {
        "ESCALATE_DB": str(path),
        "ESCALATE_NOW": "2026-11-20T10:00",
        "HOME": str(path.parent),
        "PATH": os.environ["PATH"],
    }


def answered(path: Path, answers: str, *arguments: str, status: int = 0) -> str:
    """What a terminal showed while escalate was answered so."""
    ended, shown = at_terminal(*arguments, environment=environment(path), answers=answers)
    assert ended == status, shown
    return shown


def facts(path: Path) -> object:
    return json.loads(escalate("show", "1", "--json", environment=environment(path)).stdout)["facts"]


@pytest.mark.terminal
def test_a_person_is_asked_for_each_fact_that_was_not_given(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    shown = answered(
        path,
        "\n\n\n\n\nyes\nperhaps\nHIGH\n\n\n",
        "open",
        "hull-east-riding",
        "--to",
        "A council",
        "--fact",
        "core-group=no",
    )
    assert "Is the person thought to be at risk of harm? (yes/no, or Enter if not known)" in shown
    assert "Please answer high, medium or low" in shown
    assert "core group" not in shown
    assert facts(path) == {"core-group": "no", "immediate-risk": "yes", "severity": "high"}


@pytest.mark.terminal
def test_whoever_opens_a_case_with_nothing_but_a_protocol_is_asked_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    shown = answered(path, "M-9\nWye Trust\n\n\n18 Nov 2026\n\n\n\n\n\n", "open", "hull-east-riding")
    assert "Who is it about? A record number, never a name (or Enter if not known)" in shown
    assert "Which agency is it raised with?" in shown
    assert shown.index("When did the concern arise?") < shown.index("Is the person thought")
    case = json.loads(escalate("show", "1", "--json", environment=environment(path)).stdout)
    assert (case["subject"], case["raising_agency"], case["receiving_agency"]) == ("M-9", "Wye Trust", None)
    assert case["concern_at"] == "2026-11-18T00:00:00+00:00"


@pytest.mark.terminal
def test_whoever_answers_none_of_it_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    assert "Say who or what the case is about" in answered(path, "\n \n\n\n", "open", "hull-east-riding", status=2)
    assert not path.exists()


@pytest.mark.terminal
def test_what_was_said_is_not_asked(tmp_path: Path) -> None:
    shown = answered(tmp_path / "cases.db", "\n" * 10, "open", "hull-east-riding", "--about", "Thresholds")
    assert ("Who is it about" in shown, "What is the disagreement" in shown) == (True, False)


@pytest.mark.parametrize("given", [(), ("--fact", "severity=high"), ("--concern", "18 Nov 2026"), ("--json",)])
def test_a_script_that_says_nothing_of_a_case_is_refused(tmp_path: Path, given: tuple[str, ...]) -> None:
    path = tmp_path / "cases.db"
    ran = escalate("open", "hull-east-riding", *given, environment=environment(path))
    assert (ran.status, ran.stdout, path.exists()) == (2, "", False)
    assert ran.stderr.endswith(
        "give at least one of --subject (a record number), --from and --to (the agencies) and --about.\n"
    )


@pytest.mark.parametrize(
    "given", [("--subject", "M-9"), ("--from", "Trust"), ("--to", "Council"), ("--about", "Drift")]
)
def test_one_of_them_is_enough(tmp_path: Path, given: tuple[str, ...]) -> None:
    assert escalate("open", "hull-east-riding", *given, environment=environment(tmp_path / "cases.db")).status == 0


@pytest.mark.terminal
@pytest.mark.parametrize(("answer", "stage"), [("n", "2"), ("", "2"), ("y", "3")])
def test_whoever_takes_a_case_up_that_went_up_just_now_is_asked(tmp_path: Path, answer: str, stage: str) -> None:
    path = tmp_path / "cases.db"
    for line in (("open", "hull-east-riding", "--to", "A council"), ("advance", "1")):
        assert escalate(*line, environment=environment(path)).status == 0
    shown = answered(path, f"{answer}\n", "advance", "1")
    assert "E0001 went up to stage 2 just now (entry 2, by " in shown
    assert "Go up once more? [y/N]" in shown
    assert ("Nothing was written." in shown) == (stage == "2")
    assert json.loads(escalate("show", "1", "--json", environment=environment(path)).stdout)["stage"] == stage


@pytest.mark.terminal
@pytest.mark.parametrize(("answer", "cases"), [("n", 1), ("y", 2)])
def test_whoever_opens_a_second_case_for_the_same_person_just_now_is_asked(
    tmp_path: Path, answer: str, cases: int
) -> None:
    path = tmp_path / "cases.db"
    line = ("open", "hull-east-riding", "--subject", "H-7")
    assert escalate(*line, environment=environment(path)).status == 0
    shown = answered(path, f"{answer}\n" + "\n" * 10, *line)
    assert "E0001 was opened for H-7 under hull-east-riding just now" in shown
    assert len(json.loads(escalate("list", "--json", environment=environment(path)).stdout)) == cases


@pytest.mark.terminal
@pytest.mark.parametrize(("answer", "status"), [("n", "open"), ("y", "void")])
def test_whoever_voids_a_case_is_asked(tmp_path: Path, answer: str, status: str) -> None:
    path = tmp_path / "cases.db"
    assert escalate("open", "hull-east-riding", "--subject", "H-7", environment=environment(path)).status == 0
    shown = answered(path, f"{answer}\nOpened twice\n", "void", "1")
    assert "E0001 (H-7): raised Fri 20 Nov 2026 10:00 under hull-east-riding" in shown
    assert "Void E0001? [y/N]" in shown
    assert json.loads(escalate("show", "1", "--json", environment=environment(path)).stdout)["status"] == status


def test_a_question_is_asked_again_whole_however_many_answers_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = tuple(f"answer-{number}" for number in range(100))
    asked: list[str] = []
    said = iter(("perhaps", "answer-99"))

    def ask(question: str) -> str:
        asked.append(question)
        return next(said)

    monkeypatch.setattr(asking, "asked", ask)
    assert asking._ask_answer(Fact("grade", "Which grade?", answers, None)) == "answer-99"
    assert asked[1].startswith(f"Please answer {', '.join(answers[:-1])} or {answers[-1]} (or Enter ")


def test_a_script_is_not_asked(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    assert escalate("open", "hull-east-riding", "--to", "A council", environment=environment(path)).status == 0
    assert facts(path) == {}


def test_what_was_not_said_is_shown_as_not_known(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    escalate("open", "herefordshire", "--to", "A council", "--fact", "looked-after=no", environment=environment(path))
    page = escalate("show", "1", environment=environment(path)).stdout
    assert "Not known  protection-plan, childrens-services, immediate-risk, allegation" in page


@pytest.mark.terminal
def test_whoever_ends_a_question_writes_nothing_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    shown = answered(path, "M-9\n\x04", "open", "hull-east-riding", status=130)
    assert shown.rstrip().endswith("Nothing was written.")
    assert not path.exists()


@pytest.mark.parametrize(
    ("answers", "chosen"), [(["2"], "beta"), (["GAMMA"], "gamma"), (["b"], "beta"), (["x", "", "1"], "gamma"), ([""], "gamma")]
)  # fmt: skip
def test_one_of_several_is_named_by_its_number_its_name_or_its_beginning(
    monkeypatch: pytest.MonkeyPatch, answers: list[str], chosen: str
) -> None:
    said = iter(answers)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(said))
    assert questions.asked_which("Which?", {"alpha": "the first", "beta": "", "gamma": ""}, "gamma") == chosen


def test_a_wrong_answer_is_said_to_be_and_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = iter(["0", "4", "z", "a"])
    shown: list[str] = []

    def prompt(question: str, **_: object) -> str:
        shown.append(question)
        return next(said)

    monkeypatch.setattr(typer, "prompt", prompt)
    assert questions.asked_which("Which?", {"alpha": "the first", "beta": "", "gamma": ""}) == "alpha"
    assert shown == ["Which?"] * 4
    assert capsys.readouterr().err.splitlines() == [
        "  1  alpha: the first", "  2  beta", "  3  gamma",
        *["Please answer with a number from 1 to 3, or with one of the names."] * 3,
    ]  # fmt: skip


# -- what Enter takes

OPENED = ("open", "lincolnshire", "--subject", "M-1", "--from", "A", "--to", "B")
DEFAULTS = '[defaults]\nprotocol = "herefordshire"\nagency = "Own Trust"\n'


def offered(tmp_path: Path, settings: str, *opened: tuple[str, ...]) -> list[str]:
    """What a terminal offers whoever opens a case: the answers in brackets."""
    config = tmp_path / "config.toml"
    config.write_text(settings, encoding="utf-8")
    surroundings = {**environment(tmp_path / "cases.db"), "ESCALATE_CONFIG": str(config)}
    for line in opened:
        assert escalate(*line, environment=surroundings).status == 0
    _, shown = at_terminal("new", environment=surroundings, answers="\n" * 20)
    return [found for found in re.findall(r"\[([^]]*)\]: ", shown) if found != "y/N"]


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("settings", "opened", "brackets"),
    [
        ("", [], []),
        ("", [OPENED], ["lincolnshire", "A", "B"]),
        (DEFAULTS, [], ["herefordshire", "Own Trust"]),
        (DEFAULTS, [OPENED], ["herefordshire", "Own Trust", "B"]),
        (DEFAULTS + 'side = "receiving"\n', [OPENED], ["herefordshire", "A", "Own Trust"]),
        (DEFAULTS, [(*OPENED[:-1], "Own Trust")], ["herefordshire", "Own Trust", "A"]),  # it was raised with us last
        ('[defaults]\nprotocol = "gone"\n', [], []),
    ],
)  # fmt: skip
def test_what_was_used_last_or_the_settings_say_is_what_enter_takes(
    tmp_path: Path, settings: str, opened: list[tuple[str, ...]], brackets: list[str]
) -> None:
    assert offered(tmp_path, settings, *opened) == brackets


@pytest.mark.terminal
def test_a_dash_says_that_an_agency_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    assert escalate(*OPENED, environment=environment(path)).status == 0
    answered(path, "\nM-2\n-\nnone\n" + "\n" * 12, "new")
    case = json.loads(escalate("show", "2", "--json", environment=environment(path)).stdout)
    assert (case["protocol"], case["raising_agency"], case["receiving_agency"]) == ("lincolnshire", None, None)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("defaults = 3", "defaults should be a table, such as [defaults] and below it agency = "),
        ("[defaults]\nagncy = 'A'", '"agncy" is not a setting; the settings are protocol, agency and side'),
        ("[defaults]\nagency = 3", "defaults.agency should be text in quotes"),
        ("[defaults]\nside = 'ours'", 'defaults.side: "ours" is neither: say "raising" or "receiving"'),
    ],
)
def test_a_default_that_cannot_be_is_refused(tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(settings, encoding="utf-8")
    surroundings = {**environment(tmp_path / "cases.db"), "ESCALATE_CONFIG": str(tmp_path / "config.toml")}
    ran = escalate(*OPENED, environment=surroundings)
    assert (ran.status, ran.stdout, said in ran.stderr) == (1, "", True)


# -- what is missing in a case that is there


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("line", "answers", "kind", "said"),
    [
        (("note",), "9\nM-1\nSpoke to B\n", "noted", "Spoke to B"),
        (("note", "1"), "Spoke to B\n", "noted", "Spoke to B"),
        (("done",), "1\ndisc\n", "done", "discussion"),
        (("done", "1"), "1,2\n", "done", "resolve"),
        (("done", "1"), "2 1,\n", "done", "discussion"),
        (("done", "1"), "1, 9\nres; res\n", "done", "resolve"),
        (("agree", "1"), "soon\n1 Dec 2026\n", "agreed", "2026-12-01"),
        (("set", "1"), "immediate\nno\n\n", "set", "immediate-risk"),
        (("resolve",), "1\nAgreed a visit\n", "resolved", "Agreed a visit"),
        (("resolve", "1"), "Agreed a visit\n", "resolved", "Agreed a visit"),
        (("withdraw", "1"), "Raised twice\n", "withdrawn", "Raised twice"),
        (("withdraw",), "1\n\n", "withdrawn", ""),
        (("advance",), "1\n", "advanced", ""),
    ],
)  # fmt: skip
def test_what_a_line_left_out_is_asked_for(
    tmp_path: Path, line: tuple[str, ...], answers: str, kind: str, said: str
) -> None:
    path = tmp_path / "cases.db"
    assert escalate("open", "hull-east-riding", *OPENED[2:], environment=environment(path)).status == 0
    shown = answered(path, answers, *line)
    if line == ("note",):
        assert "E0001 (M-1)  " in shown
        assert 'There is no case "9"' in shown
    last = json.loads(escalate("log", "1", "--json", environment=environment(path)).stdout)[-1]
    assert (last["kind"], said in json.dumps(last)) == (kind, True)


@pytest.mark.terminal
def test_whoever_reopens_a_case_is_shown_those_that_are_closed_and_asked_why(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    for line in (OPENED, (*OPENED[:3], "M-2"), ("resolve", "2")):
        assert escalate(*line, environment=environment(path)).status == 0
    shown = answered(path, "M-2\nIt did not last\n", "reopen")
    assert ("E0002 (M-2)  resolved" in shown, "E0001 (M-1)  " in shown) == (True, False)
    last = json.loads(escalate("log", "2", "--json", environment=environment(path)).stdout)[-1]
    assert (last["kind"], "It did not last" in json.dumps(last)) == ("reopened", True)


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("line", "refused"), [("resolve", "so it cannot be resolved"), ("withdraw", "so it cannot be withdrawn")]
)
def test_nobody_is_asked_for_words_about_what_cannot_be(tmp_path: Path, line: str, refused: str) -> None:
    path = tmp_path / "cases.db"
    for each in (OPENED, ("resolve", "1")):
        assert escalate(*each, environment=environment(path)).status == 0
    shown = answered(path, "", line, "1", status=1)
    assert (refused in shown, "?" in shown) == (True, False)


@pytest.mark.terminal
@pytest.mark.parametrize("line", [("done", "1"), ("note", "1"), ("agree", "1"), ("set", "1"), ("note",)])
def test_whoever_answers_nothing_changes_nothing(tmp_path: Path, line: tuple[str, ...]) -> None:
    path = tmp_path / "cases.db"
    assert escalate("open", "hull-east-riding", *OPENED[2:], environment=environment(path)).status == 0
    before = path.read_bytes()
    assert "Missing argument" in answered(path, "\n", *line, status=2)
    assert path.read_bytes() == before


@pytest.mark.terminal
def test_what_is_about_safety_is_the_first_to_choose_from(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    opened = ("open", "hull-east-riding", "--subject", "M-1", "--fact", "at-risk=yes")
    assert escalate(*opened, environment=environment(path)).status == 0
    assert "done: lead-told" in answered(path, "1\n", "done", "1")
