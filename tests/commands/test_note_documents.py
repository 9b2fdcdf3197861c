"""A document that a note is about: where it is and what it was are recorded, and it is never copied."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.driver import Office

run = Office(now="2026-11-24T10:00")
did = run.did


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    did(tmp_path, "open", "herefordshire", "--subject", "M-1", "--about", "Thresholds")
    (tmp_path / "minutes.pdf").write_bytes(b"who said what")
    (tmp_path / "a (SHA-256 b).txt").write_bytes(b"beside")
    return tmp_path


def test_where_it_is_and_what_it_was_are_recorded(desk: Path) -> None:
    named = ("minutes.pdf", "a (SHA-256 b).txt", "minutes.pdf")
    did(desk, "note", "1", "Minutes", *(word for each in named for word in ("--document", each)))
    last = json.loads(did(desk, "show", "1", "--json"))["history"][-1]
    digest, other = (sha256(content).hexdigest() for content in (b"who said what", b"beside"))
    assert last["text"] == "Minutes"
    assert last["words"] == {
        "text": "Minutes",
        "document": f"{desk / 'minutes.pdf'} (SHA-256 {digest})",
        "document-2": f"{desk / 'a (SHA-256 b).txt'} (SHA-256 {other})",
    }
    assert f"minutes.pdf (SHA-256 {digest[:12]}...)" in " ".join(did(desk, "log", "1").split())
    assert b"who said what" not in (desk / "cases.db").read_bytes()


def test_verify_reads_them_where_it_is_asked_to(desk: Path) -> None:
    did(desk, "note", "1", "Minutes", "--document", "minutes.pdf")
    did(desk, "note", "1", "More", "--document", "a (SHA-256 b).txt")
    assert "2 documents that notes name: each is as it was recorded." in did(desk, "verify", "--documents")
    assert json.loads(did(desk, "verify", "--documents", "--json"))["documents"] == 2
    (desk / "minutes.pdf").write_bytes(b"who said that")
    (desk / "a (SHA-256 b).txt").unlink()
    ran = run(desk, "verify", "--documents")
    assert (ran.status, ran.stdout) == (1, "")
    assert f"E0001, entry 2: the document {desk / 'minutes.pdf'} is not as it was recorded." in ran.stderr
    assert f"E0001, entry 3: the document can no longer be read: {desk / 'a (SHA-256 b).txt'}" in ran.stderr
    assert json.loads(did(desk, "verify", "--json"))["documents"] is None


@pytest.mark.parametrize(("named", "says"), [("none.pdf", "cannot be read: No such file"), (".", "is a folder")])
def test_what_is_no_document_is_refused_and_nothing_is_written(desk: Path, named: str, says: str) -> None:
    before = (desk / "cases.db").read_bytes()
    ran = run(desk, "note", "1", "Minutes", "--document", named)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1), ran
    assert says in ran.stderr
    assert (desk / "cases.db").read_bytes() == before


def test_erasing_a_case_takes_the_places_of_its_documents_too(desk: Path) -> None:
    did(desk, "note", "1", "Minutes", "--document", "minutes.pdf")
    did(desk, "resolve", "1", "--how", "Agreed")
    did(desk, "erase", "1", "--yes")
    assert b"minutes.pdf" not in (desk / "cases.db").read_bytes()
    assert "0 documents that notes name" in did(desk, "verify", "--documents")


def test_a_form_says_the_note_without_its_documents(desk: Path) -> None:
    did(desk, "note", "1", "Minutes", "--document", "minutes.pdf")
    text = did(desk, "form", "1", "appendix-1")
    assert "Minutes" in text
    assert "minutes.pdf" not in text
