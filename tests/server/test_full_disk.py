"""The disk of the server is full: what was acknowledged stays, what was not is said not to be there, and with room all goes on."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from escalate.errors import ConnectionLost, EscalateError, PerhapsRecorded, ServerAway, StoreError, StoreUnwritable
from escalate.storage.store import open_store
from tests.server.cluster import Cluster
from tests.server.county import rows
from tests.server.killable import killable
from tests.server.office import Office, note

pytestmark = pytest.mark.server

LONG = Random(5).randbytes(40_000).hex()
"""A long note, as somebody may paste it, which the server cannot make much shorter."""
MOST = 400
"""So many notes are more than the disk takes."""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of its own for a folder, for whoever owns that. Skips the test where none may be mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk here")
    owner = folder.stat()
    options = f"size={megabytes}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "small", folder], capture_output=True, check=False, text=True
    )
    if mounted.returncode:
        pytest.skip(f"nothing may be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(file: Path, left: int) -> None:
    """Fill the disk of a file up to so many bytes."""
    free = shutil.disk_usage(file.parent).free
    with file.open("wb") as filler:
        filler.write(b"\0" * max(0, free - left))


def until_full(office: Office, ref: str, name: str) -> tuple[list[str], list[tuple[str, EscalateError]]]:
    """Write notes until several failed. Returns what was recorded, and what was not with why."""
    recorded: list[str] = []
    failed: list[tuple[str, EscalateError]] = []
    for n in range(MOST):
        text = f"{name} {n}: {LONG}"
        try:
            with open_store(office.place("nora", 3)) as store:
                note(store, ref, text)
            recorded.append(text)
        except StoreError as problem:
            failed.append((text, problem))
            if len(failed) == 3:
                break
    return recorded, failed


def test_where_the_cases_are_there_is_no_room_left(cluster: Cluster) -> None:
    folder = cluster.folder / "small"
    folder.mkdir()
    shutil.chown(folder, (cluster.folder / "data").stat().st_uid)
    with small_disk(folder, 40), cluster.empty() as other:
        administrator = other.administrator
        rows(administrator, f"CREATE TABLESPACE small LOCATION '{folder}'")
        rows(administrator, "CREATE DATABASE full_one TEMPLATE template_of_tests TABLESPACE small")
        try:
            with cluster.database_named("full_one") as database:
                rows(database.administrator, "GRANT CONNECT ON DATABASE full_one TO escalate_member")
                office = Office(database)
                ref = office.open("nora")
                fill(folder / "filler", 300_000)
                recorded, failed = until_full(office, ref, "no room")
                assert [type(problem) for _, problem in failed] == [StoreUnwritable] * 3, failed
                assert {problem.sentence for _, problem in failed} == {
                    f"The disk of the server at {office.place('nora')} is full: ask its administrator to make room, and try again."
                    " Nothing was written."
                }
                ran = office.command("nora", "note", ref, LONG[:60_000])
                assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
                texts = office.texts()
                assert [text for text in recorded if texts[text] != 1] == []
                assert [text for text, _ in failed if texts[text]] == []
                (folder / "filler").unlink()
                assert office.command("nora", "note", ref, "with room").status == 0
                assert office.faults() == []
        finally:
            rows(administrator, "DROP DATABASE full_one WITH (FORCE)")
            rows(administrator, "DROP TABLESPACE small")


@pytest.mark.slow
def test_on_the_whole_disk_of_the_server_there_is_no_room_left() -> None:
    """Then the server itself cannot go on: it ends every session, and comes back when there is room."""
    with killable() as server:
        server.kill()
        data = server.folder / "data"
        data.rename(server.folder / "before")
        data.mkdir(mode=0o700)
        owner = (server.folder / "before").stat()
        os.chown(data, owner.st_uid, owner.st_gid)
        with small_disk(data, 160):
            subprocess.run(["cp", "-a", f"{server.folder}/before/.", data], check=True)
            server.begin()
            server.wait()
            server.database.close()
            office = Office(server.database)
            ref = office.open("nora")
            fill(data / "filler", 4_000_000)
            recorded, failed = until_full(office, ref, "no room at all")
            kinds = (StoreUnwritable, ConnectionLost, PerhapsRecorded, ServerAway)
            assert [problem for _, problem in failed if not isinstance(problem, kinds)] == []
            assert len(failed) == 3
            (data / "filler").unlink()
            server.restart()
            server.database.close()
            office.administrator = server.database.administrator
            texts = office.texts()
            assert [text for text in recorded if texts[text] != 1] == []
            assert [text for text, problem in failed if texts[text] and not isinstance(problem, PerhapsRecorded)] == []
            assert office.command("nora", "note", ref, "with room").status == 0
            assert office.faults() == []
            server.stop()
