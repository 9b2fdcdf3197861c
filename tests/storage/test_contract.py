"""What a database promises to the store, whichever engine keeps it: a file, a server, or memory alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from escalate.domain.case.entries import Entry
from escalate.domain.case.people import FOR_GOOD, Days
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import advancing, closing, erasing, opening
from escalate.domain.recording.acts import assign, note
from escalate.domain.recording.details import Details
from escalate.domain.recording.request import Recording
from escalate.errors import Ambiguous, Refused, UnknownName
from escalate.storage.calendars import CLOSURE
from escalate.storage.files.protocols import find_protocol, shipped_folder
from escalate.storage.offered import Offered
from escalate.storage.places import ServerPlace
from escalate.storage.settings_used import AT_RISK
from escalate.storage.store import Store, open_store
from tests.calendars import ENGLAND, at
from tests.memory import memory_store

CALENDAR = "england-and-wales"
HULL = find_protocol("hull-east-riding", shipped_folder())
ENGINES = ("file", "memory", pytest.param("server", marks=pytest.mark.server))
NOW = at("2026-11-24 10:00")


@dataclass(frozen=True)
class Kept:
    """Three cases that an engine keeps, and how to look at them as somebody else does."""

    store: Store
    again: Callable[[], Store]
    """Opens the same cases once more; the same store where there is but one connection."""

    def open(self, happened: str, about: str, *, subject: str | None = None, child: str | None = None) -> str:
        """The reference of a new case."""
        entry = opening.open_case(
            "",
            HULL.protocol,
            HULL.digest,
            recording(happened),
            Details(subject, "Trust", "Council", words={"about": about}, identities={"name": child} if child else {}),
        )
        with self.store.writing():
            self.store.keep_calendars(HULL.protocol, lambda _: ENGLAND, "tests", at(happened))
            self.store.keep_edition(HULL, at(happened))
            return self.store.append(entry._replace(case=self.store.next_ref())).case.ref

    def add(self, ref: str, make: Callable[[CaseFile], Entry]) -> CaseFile:
        """A case with one more entry."""
        with self.store.writing():
            return self.store.append(make(self.store.case(ref)))


def recording(happened: str, recorded: str | None = None, by: str = "tests") -> Recording:
    return Recording(by, at(recorded or happened), at(happened))


@contextmanager
def begun(name: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    """An engine of this name, without cases."""
    with ExitStack() as opened:
        if name == "memory":
            only = opened.enter_context(memory_store())
            yield Kept(only, lambda: only)
            return
        place: Path | ServerPlace = folder / "cases.db"
        if name == "server":
            from escalate.storage.postgresql import administering

            made = opened.enter_context(request.getfixturevalue("cluster").database())
            administering.add_member(made.administrator, "unit", None)
            place = ServerPlace(f"postgresql:///{made.name}?host={made.folder}&user=unit")
        yield Kept(
            opened.enter_context(open_store(place)),
            lambda: opened.enter_context(open_store(place)),
        )


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Each engine, without cases."""
    with begun(request.param, tmp_path, request) as without:
        yield without


@pytest.fixture
def kept(engine: Kept) -> Kept:
    return with_three_cases(engine)


@pytest.fixture(scope="module", params=ENGINES)
def to_read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The same three cases, for what only reads."""
    with begun(request.param, tmp_path_factory.mktemp("read"), request) as without:
        yield with_three_cases(without)


def with_three_cases(engine: Kept) -> Kept:
    """Three cases: one that moved on and is held by somebody, one resolved, one that only begins."""
    engine.open("2026-11-18 10:00", "Refused the première referral", subject="S-1", child="Ann Other")
    engine.open("2026-11-19 10:00", "Thresholds")
    engine.open("2026-11-23 15:00", "Thresholds of the panel", subject="S-3")
    engine.add(
        "E0001",
        lambda file: advancing.advance(file.protocol, file.case, recording("2026-11-20 10:00", "2026-11-21 09:00")),
    )
    engine.add(
        "E0001", lambda file: note(file.case, recording("2026-11-23 09:00"), "The panel met twice: 100% of _them_")
    )
    engine.add("E0002", lambda file: closing.resolve(file.case, recording("2026-11-20 12:00"), "agreed"))
    return engine


def refs(found: object) -> list[str]:
    return [each.case.ref if hasattr(each, "case") else each.ref for each in found]  # type: ignore[attr-defined]


def test_looks_are_numbered_found_again_and_erased(kept: Kept) -> None:
    store = kept.store
    with store.writing():
        store.looks.add("pat", NOW, "show", ["E0001"], {"options": {"limit": "1"}}, {"reason": "Panel", "asked": "Ann"})
    with store.writing():
        store.looks.add("sam", NOW, "list", ["E0002", "E0001"])
    first, second = kept.again().looks.all(identify=True)
    assert (first.key, first.by, first.at, first.cases, first.words) == (
        "*@1", "pat", NOW, ("E0001",), {"reason": "Panel", "asked": "Ann"},
    )  # fmt: skip
    assert (second.key, second.cases, second.words, second.data) == ("*@2", ("E0002", "E0001"), {}, {})
    assert [each.withheld for each in store.looks.all(identify=False)] == [("asked",), ()]
    assert (store.checks.history()[1], store.checks.apart()) == ([], [])
    with store.writing():
        store.looks.erase(["*@1"], "una", NOW)
    first, _, third = store.looks.all(identify=True)
    assert (first.words, first.gone, third.data) == ({}, ("asked", "reason"), {"erased": ["*@1"]})
    assert (store.checks.history()[1], store.checks.apart()) == ([], [])


READ: dict[str, tuple[Callable[[Store], object], object]] = {
    "cases are found by reference": (lambda store: store.find("E0002"), "E0002"),
    "by number": (lambda store: store.find("2"), "E0002"),
    "by number and capital letter": (lambda store: store.find("e2"), "E0002"),
    "every case has its whole history": (
        lambda store: [(each.case.ref, [entry.kind for entry in each.case.history]) for each in store.files()],
        [("E0001", ["opened", "advanced", "noted"]), ("E0002", ["opened", "resolved"]), ("E0003", ["opened"])],
    ),
    "entries are numbered in their case": (
        lambda store: [entry.seq for entry in store.case("E0001").case.history],
        [1, 2, 3],
    ),
    "words are read back as they were said": (
        lambda store: store.case("E0001").case.history[-1].words,
        {"text": "The panel met twice: 100% of _them_"},
    ),
    "names are read only where asked": (
        lambda store: [
            store.case("E0001", identify=identify).case.history[0].said("name") for identify in (False, True)
        ],
        [None, "Ann Other"],
    ),
    "a case is as it was known": (
        lambda store: [
            len(store.case("E0001", at(when)).case.history) for when in ("2026-11-20 23:00", "2026-11-21 09:00", "2026-11-24 09:00")
        ],
        [1, 2, 3],
    ),
    "lists are as they were known": (
        lambda store: [refs(store.lists_as_known(at(when)).cases()) for when in ("2026-11-18 23:00", "2026-11-20 09:00")],
        [["E0001"], ["E0002", "E0001"]],
    ),
    "the newest case is listed first": (lambda store: refs(store.lists.cases()), ["E0003", "E0002", "E0001"]),
    "as many as asked for": (lambda store: refs(store.lists.cases(1)), ["E0003"]),
    "how many there are": (lambda store: store.lists.number_of_cases, 3),
    "what is due, the oldest case first": (
        lambda store: list(dict.fromkeys(refs(store.lists.due()))),
        ["E0001", "E0002", "E0003"],
    ),
    "in turn and at once it is the same": (
        lambda store: list(store.lists.due_in_turn()) == store.lists.due(),
        True,
    ),
    "what is late is listed as far as asked for": (
        lambda store: [(len(store.lists.late(NOW, most).lines), int(str(store.lists.late(NOW, most).of))) for most in (None, 1)],
        [(4, 4), (1, 4)],
    ),
    "what is due counts on": (lambda store: sorted(store.lists.counted_on), [CALENDAR]),
    "a phrase is found": (lambda store: refs(store.search(["panel met"])), ["E0001"]),
    "the last word may be begun": (lambda store: refs(store.search(["thresh"])), ["E0003", "E0002"]),
    "and no other": (lambda store: refs(store.search(["pan met"])), []),
    "without accents": (lambda store: refs(store.search(["PREMIERE"])), ["E0001"]),
    "every phrase has to stand there": (lambda store: refs(store.search(["thresholds", "panel"])), ["E0003"]),
    "signs are no words": (lambda store: refs(store.search(["100% of _them_"])), ["E0001"]),
    "a sign matches nothing": (lambda store: refs(store.search(["%"])), []),
    "names are searched only where asked": (
        lambda store: [refs(store.search(["ann other"], identify=identify)) for identify in (False, True)],
        [[], ["E0001"]],
    ),
    "what is found is marked": (
        lambda store: [each.passages[0].text for each in store.search(["panel met"])],
        ["The \x02panel met\x02 twice: 100% of _them_"],
    ),
    "calendars by name": (lambda store: list(store.calendars.names), [CALENDAR]),
    "a calendar has its days off": (
        lambda store: store.calendar(CALENDAR).is_working_day(date(2026, 12, 25)),  # type: ignore[union-attr]
        False,
    ),
    "one that is not there is None": (lambda store: store.calendar("Atlantis"), None),
    "an edition by its date": (
        lambda store: store.edition("hull-east-riding", HULL.protocol.edition.dated).id,
        "hull-east-riding",
    ),
    "nothing is wrong": (
        lambda store: [
            store.checks.file(), store.checks.history()[1], store.checks.index(),
            *(store.checks.said(ref) + store.checks.derived(ref) for ref in store.history.refs()),
        ],
        [[], [], [], [], [], []],
    ),
    "the head is of the last link": (lambda store: store.head.split(":")[0], "8"),
    "a head that was is known": (
        lambda store: store.checks.known_head((int(store.head.split(":")[0]), store.head.split(":")[1])),
        None,
    ),
    "another is not, nor one after the last": (
        lambda store: [
            re.search(r"link \d+", store.checks.known_head((number, "0" * 64)) or "")[0]  # type: ignore[index]
            for number in (3, 99)
        ],
        ["link 3", "link 99"],
    ),
    "nothing is to be wiped": (lambda store: store.is_wiped, True),
}  # fmt: skip


@pytest.mark.parametrize("said", READ)
def test_what_was_recorded_is_read(to_read: Kept, said: str) -> None:
    ask, answer = READ[said]
    assert ask(to_read.store) == answer
    assert ask(to_read.again()) == answer


@pytest.mark.parametrize(
    ("said", "refused"), [("E0099", UnknownName), ("%", UnknownName), ("0", Ambiguous), ("", UnknownName)]
)
def test_a_case_that_is_none_or_several_is_refused(kept: Kept, said: str, refused: type[Exception]) -> None:
    for number in range(4, 21) if refused is Ambiguous else ():
        kept.open("2026-11-24 09:00", f"Case {number}")
    with pytest.raises(refused):
        kept.store.find(said)


# -- writing


def test_open_cases_are_found_by_person_and_by_day(kept: Kept) -> None:
    refs = [kept.open(f"2026-11-0{day} 09:00", "x", subject=f"P-{day // 2}") for day in (1, 2, 3)]
    kept.add(refs[1], lambda file: closing.withdraw(file.case, recording("2026-11-03 10:00"), "Moved away"))
    lists = kept.again().lists
    assert [each.ref for each in lists.open_about("p-1")] == [refs[2]]
    assert [lists.open_about("P-0"), lists.open_about("P-7")] == [[(refs[0], "Trust", "Council")], []]
    assert lists.open_raised(at("2026-11-01 09:00"), at("2026-11-03 09:00")) == [(refs[0], "Trust", "Council")]
    assert [each.ref for each in lists.open_raised(at("2026-11-01 00:00"), at("2026-11-04 00:00"))] == [
        refs[2],
        refs[0],
    ]


def test_everything_inside_happens_or_nothing_does(kept: Kept) -> None:
    store = kept.store
    before = everything(store)

    def spoilt() -> None:
        with store.writing():
            store.append(note(store.case("E0001").case, recording("2026-11-24 09:00"), "x"))
            store.database.set_fact("of a test", "1")
            assert len(store.case("E0001").case.history) == 4
            raise Refused("no")

    with pytest.raises(Refused):
        spoilt()
    assert everything(store) == everything(kept.again()) == before


def test_a_dry_run_shows_inside_what_it_would_do_and_does_nothing(kept: Kept) -> None:
    store = kept.store
    before = everything(store)
    with store.writing(dry_run=True):
        assert (
            store.append(closing.resolve(store.case("E0001").case, recording("2026-11-24 09:00"))).case.status
            == "resolved"
        )
        assert refs(store.lists.cases()) == ["E0003", "E0002", "E0001"]
        assert store.next_ref() == "E0004"
    assert everything(store) == everything(kept.again()) == before


def everything(store: Store) -> object:
    """All that a store has, as far as it can be asked."""
    return (
        store.head,
        [each.case.history for each in store.files(identify=True)],
        store.lists.cases(identify=True, with_void=True),
        store.lists.due(identify=True),
        store.lists.holders(identify=True),
        store.database.facts(),
        sorted(tuple(row) for row in store.database.rows("index_rows")),
    )


def test_numbers_go_on_without_a_gap_and_are_never_used_twice(kept: Kept) -> None:
    with kept.store.writing(dry_run=True):
        assert kept.store.next_refs(["Trust", "Council", None]) == ["E0004", "E0005", "E0006"]
    assert [kept.open("2026-11-24 09:00", f"Case {number}") for number in (4, 5)] == ["E0004", "E0005"]


def test_every_entry_is_linked_to_the_one_before(kept: Kept) -> None:
    links = [tuple(row) for row in kept.store.database.stream("links")]
    assert [number for number, *_ in links] == list(range(1, len(links) + 1))
    assert [what for _, what, *_ in links] == ["calendar", "edition", *["entry"] * 6]
    heads = [kept.store.own_id, *(each[-1] for each in links)]
    assert len(set(heads)) == len(heads)
    assert all(before != after for before, after in pairwise(heads))


def test_who_holds_a_case_is_listed(kept: Kept) -> None:
    kept.add("E0003", lambda file: assign(file.case, recording("2026-11-24 09:00"), "raising", "Jo Bloggs"))
    for identify in (False, True):
        ((place, (held,)),) = kept.again().lists.holders(identify=identify).items()
        assert (place[0], held.name) == ("E0003", "Jo Bloggs" if identify else None)


def test_who_holds_a_case_is_listed_with_the_days_and_held_by_the_day(kept: Kept) -> None:
    away = Days(date(2026, 12, 21), date(2027, 1, 4))
    for name, days in (("Jo Bloggs", FOR_GOOD), ("Sam Hart", away)):
        kept.add(
            "E0003",
            lambda file: assign(file.case, recording("2026-11-24 09:00"), "raising", name, days=days),  # noqa: B023
        )
    lists = kept.again().lists
    ((place, holders),) = lists.holders(identify=True).items()
    assert [(each.name, Days(each.since, each.until)) for each in holders] == [
        ("Jo Bloggs", FOR_GOOD),
        ("Sam Hart", away),
    ]
    for day, jo, sam in (
        (date(2026, 12, 20), {place}, set()),
        (date(2026, 12, 21), set(), {place}),
        (date(2027, 1, 4), set(), {place}),
        (date(2027, 1, 5), {place}, set()),
        (None, {place}, {place}),
    ):
        assert (lists.held_by("bloggs", day), lists.held_by("hart", day)) == (jo, sam), day
    assert kept.again().checks.derived("E0003") == []


def test_a_shell_is_offered_cases_and_what_is_in_them_and_no_names(kept: Kept) -> None:
    shell = Offered(kept.store.database)
    every = shell.cases("")
    assert [case.ref for case in every] == sorted((case.ref for case in every), reverse=True)
    assert [case.ref for case in shell.cases("e000")] == [case.ref for case in every]
    assert shell.cases("e%") == []
    newest = kept.open("2026-11-23 10:00", "Thresholds", subject="M-77", child="Ada Canary")
    assert [(case.ref, case.subject) for case in shell.cases("m-7")] == [(newest, "M-77")]
    assert (shell.ref("M-77"), shell.ref(newest.lower()), shell.ref("nothing-such")) == (newest, newest, None)
    assert {each.key for each in shell.actions(newest)} == {"discussion", "resolve"}
    assert 'id = "hull-east-riding"' in shell.protocol(newest)[0]
    assert shell.agencies()[:2] == ["Trust", "Council"]
    assert shell.owners()
    assert "Canary" not in repr(
        (shell.cases(""), shell.agencies(), shell.themes(), shell.owners(), shell.sides(newest))
    )


def test_a_calendar_that_changes_keeps_what_it_was(kept: Kept) -> None:
    day = date(2026, 12, 24)
    with kept.store.writing():
        kept.store.calendars.change(CALENDAR, NOW, "tests", "Closed", {CLOSURE: {day: "Closed"}})
    for store in (kept.store, kept.again()):
        calendar = store.calendar(CALENDAR)
        assert calendar is not None
        assert not calendar.is_working_day(day)
        assert calendar.as_known(at("2026-11-24 09:00")).is_working_day(day)
        assert [(each.key, each.words) for each in store.reasons.all()] == [
            (f"{CALENDAR}@1", {"why": "first needed"}),
            (f"{CALENDAR}@2", {"why": "Closed"}),
        ]
        assert store.calendars.days_off(CALENDAR, CLOSURE) == {day: "Closed"}
        assert store.to_recount([CALENDAR]) == ["E0001", "E0002", "E0003"]
        assert store.checks.history()[1] == []


def test_an_edition_is_kept_once(kept: Kept) -> None:
    before = kept.store.head
    with kept.store.writing():
        kept.store.keep_edition(HULL, NOW)
    assert kept.again().head == before


def test_a_digest_is_made_once_a_day_taken_by_one_and_completed(kept: Kept) -> None:
    log, day, reader = kept.store.digests, date(2026, 11, 24), "ann@trust.example"
    since = at("2026-11-23 10:00")
    with kept.store.writing():
        (letter,) = log.still_to_send(day, NOW, {reader: since}, anew=False)
    with kept.store.writing():
        assert log.still_to_send(day, NOW, {reader: since}, anew=False) == [letter]
        assert (letter.since, log.last_told(reader, date(2026, 11, 25))) == (since, None)
        assert [log.claim(letter, NOW), log.claim(letter, at("2026-11-24 10:04"))] == [True, False]
        assert log.claim(letter, at("2026-11-24 10:06"))
        log.release(letter)
        assert log.claim(letter, at("2026-11-24 10:07"))
        log.sent(letter, NOW, at("2026-11-24 10:08"))
        assert not log.claim(letter, at("2026-11-24 11:00"))
    with kept.store.writing():
        assert log.still_to_send(day, NOW, {reader: since}, anew=False) == []
        assert kept.again().digests.last_told(reader, date(2026, 11, 25)) == NOW
        assert log.last_told(reader, day) is None
        (second,) = log.still_to_send(day, NOW, {reader: since}, anew=True)
    assert second.message_id != letter.message_id


def test_settings_are_those_of_the_moment(kept: Kept) -> None:
    used = kept.store.settings_used
    with kept.store.writing():
        for when, value in (("2026-11-20 09:00", "1 working day"), ("2026-11-22 09:00", "2 working days")):
            used.keep("tests", at(when), {AT_RISK: value})
    for when, value in (
        ("2026-11-20 08:59", "None"),
        ("2026-11-21 09:00", "1 working day"),
        ("2026-11-24 09:00", "2 working days"),
    ):
        assert str(kept.again().settings_used.at_risk("tests", at(when))) == value
    assert used.at_risk("somebody else", NOW) is None


def test_facts_are_kept_changed_and_dropped(kept: Kept) -> None:
    database = kept.store.database
    before = database.facts()
    for value in ("1", "2"):
        with kept.store.writing():
            database.set_fact("of a test", value)
        assert kept.again().database.facts() == before | {"of a test": value}
    with kept.store.writing():
        database.drop_fact("of a test")
    assert database.facts() == before


def test_what_is_erased_is_gone_and_nothing_else_is(kept: Kept) -> None:
    kept.add("E0001", lambda file: closing.resolve(file.case, recording("2026-11-24 09:00")))
    with kept.store.writing():
        kept.store.erase([erasing.erase(kept.store.case("E0001").case, recording("2026-11-24 10:00"), "asked")])
    kept.store.wipe()
    for store in (kept.store, kept.again()):
        assert store.is_wiped
        assert [refs(store.search([said], identify=True)) for said in ("panel met", "ann other", "panel")] == [
            [],
            [],
            ["E0003"],
        ]
        case = store.case("E0001", identify=True).case
        assert [entry.kind for entry in case.history] == ["opened", "advanced", "noted", "resolved", "erased"]
        assert [{**entry.words, **entry.identities} for entry in case.history][:4] == [{}, {}, {}, {}]
        faults = [store.checks.file(), store.checks.history()[1], store.checks.index()]
        assert [*faults, *(store.checks.said(ref) + store.checks.derived(ref) for ref in store.history.refs())] == [
            []
        ] * 6


def test_what_is_derived_can_be_made_anew(kept: Kept) -> None:
    before = everything(kept.store)
    with kept.store.writing():
        kept.store.derived.rebuild()
    assert everything(kept.again()) == before
