"""What is recorded in a case is decided on before the lock is taken, and again where somebody was quicker."""

from collections.abc import Callable, Iterator

import pytest

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import acts
from escalate.domain.recording.request import Recording
from escalate.errors import Refused
from escalate.storage.calendars import CLOSURE
from escalate.storage.store import Store, open_store
from tests.server.cluster import Cluster
from tests.server.county import rows
from tests.server.office import NOW, Office, note

pytestmark = pytest.mark.server

RECORDING = Recording("somebody", NOW, NOW)


@pytest.fixture(scope="module")
def office(cluster: Cluster) -> Iterator[Office]:
    with cluster.database() as database:
        yield Office(database)


def change_calendar(office: Office) -> None:
    """Have the unit change the calendar that all cases count on."""
    with open_store(office.place("una")) as store, store.writing():
        day = NOW.date()
        store.calendars.change("england-and-wales", NOW, "una", "closed", {CLOSURE: {day: "Closed"}})
        for ref in store.history.refs():
            store.derived.update(store.case(ref))


MEANWHILE: dict[str, Callable[[Office, str], None]] = {
    "in the same case": lambda office, ref: note_as(office, "carl", ref, "quicker"),
    "a change of the calendar": lambda office, _: change_calendar(office),
}


def note_as(office: Office, login: str, ref: str, text: str) -> None:
    with open_store(office.place(login)) as store:
        note(store, ref, text)


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_was_decided_too_early_is_decided_again(office: Office, what: str) -> None:
    ref, runs = office.open("nora"), []
    with open_store(office.place("nora")) as store:

        def decide() -> CaseFile:
            runs.append(store.case(ref))
            if len(runs) == 1:
                MEANWHILE[what](office, ref)
            return store.append(acts.note(store.case(ref).case, RECORDING, f"after {what}"))

        after = store.decided(decide)
    assert len(runs) == 2
    assert office.texts()[f"after {what}"] == 1
    assert [entry.seq for entry in after.case.history] == list(range(1, len(after.case.history) + 1))
    assert office.faults() == []


def test_a_case_whose_number_somebody_took_meanwhile_gets_the_next(office: Office) -> None:
    ref, runs = office.open("nora"), []
    with open_store(office.place("nora")) as store:
        opening = store.case(ref).case.history[0]

        def decide() -> CaseFile:
            begun = opening._replace(case=store.next_ref("NHS trust"))
            runs.append(begun.case)
            if len(runs) == 1:
                runs.append(office.open("nora"))
            return store.append(begun)

        after = store.decided(decide)
    first, taken, second = runs
    assert first == taken
    assert after.case.ref == second == f"NHS-{int(taken[4:]) + 1:04d}"
    assert office.faults() == []


def test_what_others_record_in_other_cases_makes_nobody_decide_again(office: Office) -> None:
    ref, other, runs = office.open("nora"), office.open("carl"), []
    with open_store(office.place("nora")) as store:

        def decide() -> CaseFile:
            runs.append(1)
            note_as(office, "carl", other, "elsewhere")
            return store.append(acts.note(store.case(ref).case, RECORDING, "undisturbed"))

        store.decided(decide)
    assert runs == [1]


def test_nobody_waits_while_somebody_decides(office: Office) -> None:
    ref, other = office.open("nora"), office.open("carl")
    with open_store(office.place("nora")) as store, store.database.deciding():
        store.case(ref)
        assert rows(office.administrator, "SELECT entry_n > 0 FROM escalate.counter FOR UPDATE NOWAIT") == [(True,)]
        note_as(office, "carl", other, "did not wait")


@pytest.mark.parametrize("is_dry", [True, False])
def test_what_is_refused_or_only_tried_leaves_nothing(office: Office, is_dry: bool) -> None:
    ref = office.open("nora")
    before = office.entries()
    with open_store(office.place("nora")) as store:
        if is_dry:
            store.decided(lambda: store.append(acts.note(store.case(ref).case, RECORDING, "tried")), dry_run=True)
        else:
            with pytest.raises(Refused):
                store.decided(lambda: _refused(store, ref))
        note(store, ref, "and then this")
    assert office.entries() == before + 1
    assert office.texts()["tried"] == 0


def _refused(store: Store, ref: str) -> CaseFile:
    store.append(acts.note(store.case(ref).case, RECORDING, "tried"))
    raise Refused("No.")
