"""With `--engine=postgresql`, a database on the server takes the place of each file that a test names (tests/engine.py)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import engine
from tests.driver import Office
from tests.server.cluster import Cluster

pytestmark = pytest.mark.server

run = Office(now="2026-11-23T10:00")
OPEN = ("open", "herefordshire", "--about", "Thresholds")


@pytest.fixture
def server(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[engine.Server]:
    with monkeypatch.context() as patch:
        made = engine.Server(cluster)
        patch.setattr(engine, "chosen", made)
        yield made
    cluster.drop(engine.EMPTY)


def numbers(path: Path) -> list[str]:
    return [case["case"] for case in run.json(path, "list")]


def test_lines_run_on_the_server_and_a_copy_of_the_file_is_a_copy_of_the_database(
    server: engine.Server, tmp_path: Path
) -> None:
    path, copy = tmp_path / "cases.db", tmp_path / "copy.db"
    assert numbers(path) == []
    assert not path.exists()
    run.did(path, *OPEN)
    before = path.read_bytes()
    assert before.startswith(b"on the server: ")
    shutil.copyfile(path, copy)
    run.did(copy, *OPEN)
    assert (numbers(path), numbers(copy)) == (["E0001"], ["E0002", "E0001"])
    assert path.read_bytes() == before != copy.read_bytes()
    assert (server.lines, server.lines_on_files) == (5, 0)
    assert "postgresql://" not in run(path, "doctor").stdout
    server.forget(tmp_path)


def test_a_copy_of_what_has_changed_since_is_refused(server: engine.Server, tmp_path: Path) -> None:
    path, copy = tmp_path / "cases.db", tmp_path / "copy.db"
    run.did(path, *OPEN)
    shutil.copyfile(path, copy)
    run.did(path, "note", "1", "more")
    with pytest.raises(AssertionError, match="has changed since"):
        numbers(copy)
    server.forget(tmp_path)


def test_a_real_file_is_used_as_it_is(server: engine.Server, tmp_path: Path) -> None:
    (tmp_path / "cases.db").write_text("nothing of ours", encoding="utf-8")
    assert "is not an escalate database" in run(tmp_path, "list").stderr
    assert (server.lines, server.lines_on_files) == (0, 1)
