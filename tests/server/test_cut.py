"""The line to the server is cut, or stalls, at any moment: what was recorded is there once, and no sentence claims more than is known."""

import itertools
import time
from collections.abc import Iterator

import pytest

from escalate.errors import ConnectionLost, EscalateError, PerhapsRecorded
from escalate.storage.postgresql.connecting import GRACE, SILENT_SECONDS
from escalate.storage.store import open_store
from tests.server.cluster import Cluster
from tests.server.office import NHS, WAIT, Office, note
from tests.server.relay import Cut, Relay, Where, commits, numbered, relay
from tests.sizes import size

pytestmark = pytest.mark.server

SHORT = 2
"""How long the server is waited for where it does not come back, in seconds."""

CUTS = (Where.BEFORE, Where.INSIDE, Where.AFTER, Where.ANSWER, Where.LATE)
NOTHING, PERHAPS = "Nothing was written.", "may be recorded or not"


@pytest.fixture(scope="module")
def office(cluster: Cluster) -> Iterator[Office]:
    with cluster.database() as database:
        yield Office(database)


@pytest.fixture(scope="module")
def ref(office: Office) -> str:
    return office.open("nora")


@pytest.fixture(scope="module")
def line(office: Office) -> Iterator[Relay]:
    with relay(office.database.folder) as made:
        yield made


_NUMBERS = itertools.count(1)


def noted(office: Office, line: Relay, ref: str, wait: int = WAIT) -> tuple[EscalateError | None, int]:
    """Write a note along the line. Returns how that ended, and how often the note is there."""
    text = f"cut {next(_NUMBERS)}"
    problem: EscalateError | None = None
    try:
        with open_store(office.place("nora", wait, line.folder)) as store:
            note(store, ref, text)
    except EscalateError as caught:
        problem = caught
    time.sleep(0.05)  # what the server was told it may still be doing
    return problem, office.texts()[text]


def messages(office: Office, line: Relay, ref: str) -> int:
    """How many messages a note takes: the last says goodbye."""
    line.plan([])
    assert noted(office, line, ref) == (None, 1)
    assert line.messages[-1][:1] == b"X"
    return len(line.messages)


def test_what_a_note_leaves_as_it_was_is_not_sent_again(office: Office, line: Relay, ref: str) -> None:
    messages(office, line, ref)
    (commit,) = (message for message in line.messages if commits(0, message))
    assert commit.count(b"SELECT escalate.record(") == 1
    assert b"escalate.derive" not in commit


def test_a_note_is_there_once_wherever_the_line_is_cut(
    office: Office, line: Relay, ref: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every message of a note, and every place in it: the connections after that are whole."""
    number = messages(office, line, ref)
    places = [(n, where) for n in range(number) for where in CUTS]
    every = max(1, len(places) // size(20, 100))
    said = []
    for n, where in places[::every]:
        line.plan([Cut(where, numbered(n))])
        problem, times = noted(office, line, ref)
        said.append((n, where.name, problem, times))
        assert not isinstance(problem, PerhapsRecorded), said[-1]  # the server is there, and can be asked
        assert times == (problem is None), said[-1]
    assert any(problem for _, _, problem, _ in said)
    assert capfd.readouterr().err == ""  # the library below the driver can write there by itself
    assert office.faults() == []


@pytest.mark.parametrize("first", CUTS)
def test_a_commit_that_is_cut_is_found_out_about(office: Office, line: Relay, ref: str, first: Where) -> None:
    for _ in range(size(1, 6)):
        line.plan([Cut(first, commits)])
        assert noted(office, line, ref) == (None, 1)
    assert office.faults() == []


@pytest.mark.parametrize("first", CUTS)
@pytest.mark.parametrize("second", CUTS)
def test_a_commit_that_is_cut_again_while_it_is_found_out_about(
    office: Office, line: Relay, ref: str, first: Where, second: Where
) -> None:
    for is_second in (commits, numbered(0), numbered(3), numbered(4))[: size(1, 4)]:
        line.plan([Cut(first, commits), Cut(second, is_second), Cut(second, is_second)])
        assert noted(office, line, ref) == (None, 1)


@pytest.mark.parametrize("first", CUTS)
def test_where_the_server_does_not_come_back_it_may_be_recorded_or_not(
    office: Office, line: Relay, ref: str, first: Where
) -> None:
    line.plan([Cut(first, commits)], is_gone_after=True)
    began = time.monotonic()
    problem, times = noted(office, line, ref, SHORT)
    assert time.monotonic() - began < SHORT + 2
    assert isinstance(problem, PerhapsRecorded)
    assert PERHAPS in problem.sentence
    assert NOTHING not in problem.sentence
    assert times == (first in (Where.AFTER, Where.ANSWER, Where.LATE))
    assert office.faults() == []


@pytest.mark.parametrize("where", [Where.STALL, Where.STALL_AFTER])
def test_a_stalled_line_is_given_up_after_the_time_that_was_set(
    office: Office, line: Relay, ref: str, where: Where
) -> None:
    last = messages(office, line, ref)
    is_commit = [commits(n, message) for n, message in enumerate(line.messages)]
    for n in range(0, last, size(3, 1)) if where is Where.STALL else [is_commit.index(True)]:
        line.plan([Cut(where, numbered(n))])
        began = time.monotonic()
        problem, times = noted(office, line, ref, SHORT)
        took = time.monotonic() - began
        assert took < SHORT + GRACE + (SHORT + GRACE if is_commit[n] else 0) + 1, (n, took, problem)
        if is_commit[n]:  # the next connection is whole: it waits for what stalls to be given up, or finds it done
            assert (problem, times) == (None, 1) or isinstance(problem, PerhapsRecorded), (n, took, problem, times)
        elif problem is not None:
            assert times == 0
            assert "seconds" in problem.sentence, problem.sentence
        else:  # what is left is to say goodbye
            assert n > is_commit.index(True)
        line.close_all()  # otherwise the server waits a while for more
    assert office.faults() == []


def test_who_holds_the_lock_and_falls_silent_does_not_hold_up_the_others(office: Office, line: Relay, ref: str) -> None:
    """A question that never arrives, after the message that took the lock: a note is decided on before it is taken, other changes are not."""

    def asks_under_the_lock(_: int, message: bytes) -> bool:
        return b"A QUESTION" in message

    line.plan([Cut(Where.STALL, asks_under_the_lock)])
    began = time.monotonic()
    with (
        pytest.raises(ConnectionLost),
        open_store(office.place("nora", SHORT, line.folder)) as store,
        store.writing(),
    ):
        store.find("a question")
    with open_store(office.place("carl", 20)) as store:
        note(store, ref, "the next one")
    assert time.monotonic() - began < SHORT + GRACE + SILENT_SECONDS
    line.close_all()


def test_a_command_says_that_it_may_be_recorded_or_not_and_ends_with_one(office: Office, line: Relay, ref: str) -> None:
    line.plan([Cut(Where.AFTER, commits)], is_gone_after=True)
    ran = office.command("nora", "note", ref, "by the command", folder=line.folder, wait=SHORT)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert PERHAPS in ran.stderr
    line.plan([Cut(Where.AFTER, commits)])
    ran = office.command("nora", "note", ref, "by the command again", folder=line.folder)
    assert (ran.status, ran.stderr) == (0, "")
    assert {text: times for text, times in office.texts().items() if "command" in text} == {
        "by the command": 1,
        "by the command again": 1,
    }


@pytest.mark.parametrize(
    ("words", "most"),
    [
        (("list",), 8),
        (("due", "--overdue"), 15),
        (("show", "1"), 10),
        (("explain", "1"), 10),
        (("note", "1", "They rang"), 12),
        (("done", "1", "lado-referral"), 12),
        (("open", "herefordshire", "--from", NHS, "--about", "Refused"), 10),
        (("report",), 10),
    ],
)
def test_a_command_asks_no_more_often_than_it_did(
    office: Office, line: Relay, ref: str, words: tuple[str, ...], most: int
) -> None:
    """Each message waits for the way to the server and back: that is what a server far away costs."""
    line.plan([])
    ran = office.command("nora", *words, folder=line.folder)
    assert (ran.status, ran.stderr) == (0, "")
    assert len(line.messages) <= most, ref
