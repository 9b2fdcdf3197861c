"""A name is no reference: what looks like one is questioned at a terminal, and refused where nobody can be asked."""

from pathlib import Path

import pytest

from escalate.domain.importing.likeness import may_name_somebody, personal_in
from tests.driver import Office
from tests.sizes import sampled
from tests.terminal import at_terminal

run = Office()
NOW = "2026-11-23T10:00"

PERSONAL = [
    ("Ada Canary", "the name of a person", "name"),
    ("Canary, Ada", "the name of a person", "name"),
    ("Mrs Canary", "the name of a person", "name"),
    ("born 1/5/2014", "a date of birth", "born"),
    ("01.05.2014", "a date of birth", "born"),
    ("2014-05-01", "a date of birth", "born"),
    ("12 High Street", "an address", "address"),
    ("DSL Jo Canary", "the name of a person", "name"),
]
REFERENCES = ["M-40213", "40213", "NHS 943 476 5919", "M 40213", "LCS/2026/0012", "child 2 of E0007", "A1"]


@pytest.mark.parametrize(("subject", "what", "kept_as"), sampled(PERSONAL, 3))
def test_what_is_no_reference_is_refused_and_nothing_of_it_is_shown(
    tmp_path: Path, subject: str, what: str, kept_as: str
) -> None:
    path = tmp_path / "cases.db"
    ran = run(path, "open", "herefordshire", "--subject", subject, now=NOW)
    assert (ran.status, ran.stdout, path.exists()) == (2, "", False)
    assert f"looks like {what}" in ran.stderr
    assert f"escalate set CASE {kept_as}=-" in ran.stderr
    assert subject not in ran.stderr
    run.did(path, "open", "herefordshire", "--subject", "M-1", now=NOW)
    before = run.did(path, "show", "1", now=NOW)
    ran = run(path, "set", "1", f"subject={subject}", now=NOW)
    assert (ran.status, f"looks like {what}" in ran.stderr, subject in ran.stderr) == (2, True, False)
    assert run.did(path, "show", "1", now=NOW) == before
    run.did(path, "set", "1", f"subject={subject}", "--is-reference", now=NOW)
    assert subject in run.did(path, "show", "1", now=NOW)


@pytest.mark.parametrize("subject", REFERENCES)
def test_a_reference_is_taken(tmp_path: Path, subject: str) -> None:
    run.did(tmp_path / "cases.db", "open", "herefordshire", "--subject", subject, now=NOW)


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 2), ("", 2)])
def test_at_a_terminal_it_is_asked(tmp_path: Path, answer: str, status: int) -> None:
    path = tmp_path / "cases.db"
    surroundings = run.surroundings(path, NOW)
    ended, shown = at_terminal(
        *("open", "herefordshire", "--subject", "Ada Canary", "--from", "A", "--to", "B"),
        environment=surroundings,
        answers=f"{answer}\n" + "\n" * 12,
    )
    assert "looks like the name of a person, and is shown in every list. Is it a reference?" in " ".join(shown.split())
    assert (ended, path.exists()) == (status, status == 0)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["a", "1", "x-", "a@", "a.", "Jo Bell, ", "12 Road ", "d.o.b "])
def test_a_text_of_any_length_is_looked_through_once(piece: str) -> None:
    """Where each letter had all that follows looked through again, this would take hours."""
    long = piece * 200_000
    personal_in.__wrapped__(long)
    may_name_somebody.__wrapped__(long)
