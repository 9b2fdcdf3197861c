"""A certificate stands without us: what it says is worked out again by one file that shares no code, and any change in it shows.

Cases are random, under the protocols that come with escalate, those of `tests/shapes`, and protocols nobody would write.
"""

import json
import random
import re
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from escalate import checker
from escalate.domain.recording.request import Recording
from escalate.errors import BeyondCalendar, EscalateError
from escalate.output.case.certificate import certificate, certificate_text
from escalate.storage.files.protocols import ProtocolFile, read_protocol_file
from escalate.storage.store import open_store
from tests.domain.case.test_histories import CHOICES, START, files, likely, opened, steps
from tests.promises.conftest import Show
from tests.sizes import size

pytestmark = [pytest.mark.promise(19), pytest.mark.file_only("it makes many files")]

SHAPES = [read_protocol_file(path) for path in sorted(Path(__file__).parents[1].joinpath("shapes").glob("*.toml"))]
CASES = size(8, 60, 330)
LEAVES = size(2, 4)
"""How many values of each certificate are changed, one at a time."""
SEED = 20261130

Leaf = tuple[str | int, ...]
"""Where a value stands in a certificate."""


def paper_of(source: ProtocolFile, chosen: int, taken: list[tuple[str, int, int, int]]) -> Any:
    """The certificate of every date of a random case, as it is read from its file; None where it has none."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "cases.db") as file:
        try:
            case = opened(file, source, chosen)
        except BeyondCalendar:
            reject()
        now = START
        for choice, pick, later, ago in taken:
            now += timedelta(hours=later)
            try:
                _, decide = CHOICES[likely(choice, case.case.status, pick)]
                entry = decide(case, Recording("tests", now, now - timedelta(hours=ago)), pick)
                with file.writing():
                    case = file.append(entry)
            except EscalateError:
                continue
        whole, evidence = file.with_evidence(case.case.ref)
        dated = [each for each in whole.deadlines if each.due_at]
        if not dated:
            return None
        return json.loads(certificate_text(certificate(whole, dated, evidence.plain(), evidence.tree_of, now)))


@pytest.fixture(scope="module")
def papers() -> list[Any]:
    """The certificates of random cases."""
    found = []

    @settings(
        max_examples=CASES, phases=[Phase.generate], deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.one_of(files, st.sampled_from(SHAPES)), st.integers(0, 100), steps)
    def draw(source: ProtocolFile, chosen: int, taken: list[tuple[str, int, int, int]]) -> None:
        found.append(paper_of(source, chosen, taken))

    draw()
    return [each for each in found if each]


def test_every_date_checks(papers: list[Any], shown: Show) -> None:
    dates = 0
    for paper in papers:
        said = checker.check(paper)
        assert said.faults == []
        dates += len(paper["dates"])
    assert dates > CASES
    shown(f"{dates:,} of {dates:,} random dates of {len(papers)} cases came out the same")


def test_every_change_of_one_value_shows(papers: list[Any], shown: Show) -> None:
    chance = random.Random(SEED)
    tried, missed = 0, []
    for paper in papers:
        everything = list(leaves(paper))
        of_dates = [leaf for leaf in everything if leaf[0] == "dates"]
        for number in range(LEAVES):
            leaf = chance.choice(of_dates if number % 2 else everything)
            before, after = change(paper, leaf, chance)
            tried += 1
            if holds(paper | {"digest": digest(paper)} if leaf != ("digest",) else paper):
                missed.append(f"{leaf}: {before} became {after}")
            put(paper, leaf, before)
    assert missed == []
    shown(f"{tried:,} of {tried:,} changes of one value showed, the digest made anew after each")


def test_every_change_shows_that_was_made_with_all_hashes_anew(papers: list[Any], shown: Show) -> None:
    """Somebody who knows how a certificate is made changes what a date rests on: an entry, or a day off."""
    tried, missed = 0, []
    for paper in papers:
        for what, changed in forged(paper):
            tried += 1
            if holds(changed):
                missed.append(what)
    assert missed == []
    assert tried > len(papers)
    shown(f"{tried:,} of {tried:,} changes with every hash made anew as well")


def holds(paper: Any) -> bool:
    """Whether a certificate checks."""
    try:
        return not checker.check(paper).faults
    except checker.NotACertificate:
        return False


# -- changing one value


def leaves(value: Any, place: Leaf = ()) -> Iterator[Leaf]:
    """Where each value stands that something rests on."""
    if isinstance(value, dict):
        for name in value:
            if name != "for_the_reader":
                yield from leaves(value[name], (*place, name))
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from leaves(each, (*place, n))
    else:
        yield place


def change(paper: Any, leaf: Leaf, chance: random.Random) -> tuple[Any, Any]:
    """Change the value at a place; what it was, and what it became."""
    before = paper
    for step in leaf:
        before = before[step]
    after = another(before, chance)
    put(paper, leaf, after)
    return before, after


def put(paper: Any, leaf: Leaf, value: Any) -> None:
    table = paper
    for step in leaf[:-1]:
        table = table[step]
    table[leaf[-1]] = value


def another(value: Any, chance: random.Random) -> Any:
    """Something else of the same kind."""
    if value is None:
        return chance.choice([1, "2026-12-24T12:00:00Z", "x", True])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 2, 7])
    if re.fullmatch(r"....-..-..T..:..:..Z", value):
        by = chance.choice([timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)]) * chance.choice([-1, 1])
        return f"{checker.instant(value) + by:%Y-%m-%dT%H:%M:%SZ}"
    if re.fullmatch(r"....-..-..", value):
        return (date.fromisoformat(value) + timedelta(days=chance.choice([-1, 1]))).isoformat()
    if not value:
        return "x"
    n = chance.randrange(len(value))
    return value[:n] + chance.choice([each for each in "0123456789abcdefx" if each != value[n]]) + value[n + 1 :]


# -- changing what is hashed, and the hashes


def digest(paper: Any) -> str:
    return checker.sha({name: value for name, value in paper.items() if name != "digest"})


def forged(paper: Any) -> Iterator[tuple[str, Any]]:
    """The certificate with one thing changed that the first date rests on, and every hash made anew."""
    proof = paper["dates"][0]
    limit = proof["limits"][0]
    is_of_the_entry = limit["counts_from"] in ("raised", "resolved") or limit["counts_from"].startswith("stage")
    numbers = {limit["entry"]} if is_of_the_entry and limit["since"] else set()
    for number in numbers | ({proof["met"]["entry"]} if proof["met"] else set()):
        row = list(paper["entries"][number - 1])
        if any(json.loads(each[7]).get("corrects") == number for each in paper["entries"]):
            continue  # another entry says when it was
        row[4] = f"{checker.instant(row[4]) - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
        yield f"entry {number} a second earlier", chained_anew(paper, "entries", number - 1, row)
    if len(paper["calendars"]) > 1:
        return  # which of them has the day that counts is not for this test to find
    for n, each in enumerate(paper["calendars"]):
        for step in limit["steps"]:
            began = [row for row in each["began"] if row[0] != step[0]]
            if step[1] is None and step[2] != "weekend" and len(began) < len(each["began"]):
                yield f"{step} a working day", chained_anew(paper, "calendars", n, each | {"began": began})


def chained_anew(paper: Any, part: str, n: int, changed: Any) -> Any:
    """The certificate with one thing of a part changed, its link, every link after it, the head and the digest made anew."""
    said = dict(paper) | {part: [changed if place == n else each for place, each in enumerate(paper[part])]}
    if part == "calendars":
        ref = ("calendar", f"{changed['name']}@{changed['version'][0]}")
        version = changed["version"]
        content = [changed["name"], *(version if version[13] else version[:13]), changed["began"], changed["ended"]]
    else:
        ref, content = ("entry", str(changed[0])), changed
    number, before = paper["chain"]["before"]["n"], paper["chain"]["before"]["hash"]
    links = [
        [what, which, checker.sha(content) if (what, which) == ref else made]
        for what, which, made in paper["chain"]["links"]
    ]
    for what, which, made in links:
        number += 1
        before = checker.sha([before, number, what, which, made])
    said["chain"] = paper["chain"] | {"links": links, "head": f"{number}:{before}"}
    return said | {"digest": digest(said)}
