"""Whether a newer Typer may be taken than the package allows: it fails when one may, and says so."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from tests.test_install import WANTED, pip

pytestmark = pytest.mark.system

(ALLOWED,) = [wanted.specifier for wanted in WANTED if wanted.name == "typer"]
TOO_HEAVY = ("pydantic", "rich")
"""What no list may load: each takes longer than all of escalate."""
LOOK = """
import json, sys
import typer
from typing import Annotated
app = typer.Typer(rich_markup_mode=None, add_completion=False)
@app.command()
def due(case: Annotated[str, typer.Argument()], over: Annotated[bool, typer.Option("--over")] = False) -> None: ...
app(["1", "--over"], standalone_mode=False)
print(json.dumps([typer.__version__, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def test_the_newest_typer_loads_too_much_or_is_allowed_already(tmp_path: Path) -> None:
    pip(Path(sys.executable), "install", "--upgrade", "--target", tmp_path, "typer")
    ran = subprocess.run(
        [sys.executable, "-c", LOOK], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    version, loaded = json.loads(ran.stdout)
    bound = re.findall(r"<\s*([\d.]+)", str(ALLOWED))[0]
    heavy = [name for name in TOO_HEAVY if name in loaded]
    assert Version(version) in ALLOWED or heavy, (
        f"Typer {version} loads neither {' nor '.join(TOO_HEAVY)}: raise its bound (<{bound}) in pyproject.toml, make locked, and run all tests."
    )
