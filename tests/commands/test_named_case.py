"""A case is named by its reference, its number, or the record number of the person it is about."""

from pathlib import Path

import pytest

from tests.driver import CopyOf, Office

run = Office()
NOW = "2026-11-23T10:00"


@pytest.fixture
def path(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(_five, tmp_path) / "cases.db"


def _five(folder: Path) -> None:
    found = folder / "cases.db"
    for subject in ("M-40213", "m-7", "M-9", "M-9", "2"):
        run.did(found, "open", "herefordshire", "--subject", subject, "--from", "A", "--to", "B", "--again", now=NOW)


@pytest.mark.parametrize("said", ["M-40213", "m-40213", " M-40213 "])
def test_by_a_record_number(path: Path, said: str) -> None:
    assert run.did(path, "show", said, now=NOW) == run.did(path, "show", "E0001", now=NOW)
    run.did(path, "note", said, "Rang", now=NOW)
    assert "Rang" in run.did(path, "log", "1", now=NOW)
    assert run.did(path, "explain", said, now=NOW) == run.did(path, "explain", "1", now=NOW)


def test_where_several_are_about_the_person_they_are_named_and_nothing_is_written(path: Path) -> None:
    ran = run(path, "note", "M-9", "Rang", now=NOW)
    assert (ran.status, ran.stderr) == (1, '"M-9" could be E0003 or E0004: say which case.\n')
    assert "Rang" not in run.did(path, "log", "3", now=NOW) + run.did(path, "log", "4", now=NOW)


def test_a_case_of_that_number_comes_before_a_person_of_that_number(path: Path) -> None:
    assert run.did(path, "show", "2", now=NOW) == run.did(path, "show", "E0002", now=NOW)


def test_a_case_opened_by_mistake_is_not_meant(path: Path) -> None:
    run.did(path, "void", "3", "--reason", "Typed twice", "--yes", now=NOW)
    assert run.did(path, "show", "M-9", now=NOW) == run.did(path, "show", "E0004", now=NOW)


@pytest.mark.parametrize("said", ["M-8", "%", "M-_", "'; --"])
def test_what_names_no_case_is_refused(path: Path, said: str) -> None:
    ran = run(path, "note", said, "Rang", now=NOW)
    assert (ran.status, ran.stdout) == (1, "")
