"""`make demo-server` shows what it says it shows, in the width there is, and leaves nothing behind."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.cluster import Cluster

pytestmark = [pytest.mark.server, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("width", [60, 80, 160])
def test_the_demonstration(cluster: Cluster, width: int) -> None:
    around = {**os.environ, "COLUMNS": str(width)}
    ran = subprocess.run([sys.executable, "-m", "tests.server.demo"], env=around, cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("saw the cases it is a side of, and nothing of the others. The server is stopped and removed.\n")  # fmt: skip
    lists = re.findall(r"(\w+) \$ escalate list\n(.*?)\n\n", ran.stdout, re.DOTALL)
    seen = {login: set(re.findall(r"^(?:[A-Z]{2}-|E)\d{4}\b", said, re.MULTILINE)) for login, said in lists}
    assert seen == {"nora": {"WV-0001"}, "carl": {"WV-0001", "CS-0001"}, "sam": {"SC-0001"}, "una": {"WV-0001", "CS-0001", "SC-0001", "E0001", "E0002"}}  # fmt: skip
    assert 'There is no case "SC-0001". Did you mean WV-0001?' in ran.stdout
    tables = [line for _, said in lists for line in said.splitlines()]
    assert max(map(len, tables)) <= width
    (folder,) = re.findall(r"started in (/\S+),", ran.stdout)
    assert not Path(folder).exists()
