"""Random walks of the real command line, compared with the model after every step: 1 in `make test`, 25 in `make check`, 500 once in a while.

`ESCALATE_WALKS=500 pytest tests/model -n 2` walks so many; `ESCALATE_WALKS=17-17` walks that one again.
"""

import ast
import os
from pathlib import Path

import pytest

from tests.model.walk import NEEDS, Walk

FEW, USUAL = 1, 25
STEPS = 40


def _seeds() -> list[object]:
    asked = os.environ.get("ESCALATE_WALKS", "")
    if asked:
        first, _, last = asked.rpartition("-")
        return list(range(int(first or 1), int(last) + 1))
    return [seed if seed <= FEW else pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, USUAL + 1)]


@pytest.mark.parametrize("seed", _seeds())
def test_the_tool_and_the_model_agree_after_every_step(tmp_path: Path, seed: int) -> None:
    Walk(tmp_path, seed).walk(STEPS)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 9))])
def test_they_agree_on_what_a_stage_needs(tmp_path: Path, seed: int) -> None:
    Walk(tmp_path, seed, under=NEEDS).walk(STEPS)


def test_the_model_shares_no_code_with_what_it_checks() -> None:
    files = sorted(Path(__file__).parent.glob("*.py"))
    assert len(files) > 6
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "escalate"], (file.name, names)
            assert not (isinstance(node, ast.Name) and node.id in {"__import__", "import_module", "exec", "eval"}), (
                file.name
            )
            if (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith("tests")
                and "test_" not in file.name
            ):
                assert node.module == "tests.driver" or (node.module or "").startswith("tests.model"), (
                    file.name,
                    node.module,
                )
