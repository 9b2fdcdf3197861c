"""The same commands on a server, beside the file in the same run, on a PostgreSQL of the bench's own."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from escalate.storage.lists import open_lists
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql import administering
from tests.bench import data
from tests.bench.bench import FEW, LISTED, Bench, bench_run, spread
from tests.bench.commands import Timed, changing, timed
from tests.bench.engine import Times, times_of
from tests.bench.filling import fill, leave_to_owner
from tests.server.appending import CLIENTS, LOGINS, all_at_once, noted
from tests.server.cluster import ADMINISTRATOR, Cluster, Database, binaries, running
from tests.server.county import COUNCIL, NHS, UNIT, County
from tests.server.office import Office
from tests.server.threads import append_at_once

AGENCY = data.AGENCIES[0]
MEMBER = "clara"
PREFIXES = dict(zip(data.AGENCIES, ("CS", "HP", "WVT", "SCH", "PRO", "HOU"), strict=True))
MORE = 0.060
"""How much longer a command on a server may take than on a file, in seconds."""

OPEN = (1_000, 30_000, 1_000_000)
"""How many open deadlines there are when what is overdue is listed."""

LISTINGS = 40
COUNTING = 2.0
"""How many times as long the list alone may take where there are many: what is not shown is counted, no further than 10,000."""

WAIT = 60
APPENDS = 50
A_SECOND = 400
MOVING = 600 / 100_000
"""How long a case may take to be moved, in seconds: ten minutes for 100,000."""


def server(bench: Bench) -> None:
    """What a server costs: whole commands, lists among very many deadlines, many who record at once, and moving there and back."""
    programs = binaries()
    if programs is None:
        bench.leave_out("everything on a server", "PostgreSQL, which is not here: apt-get install postgresql")
        return
    with running(programs) as cluster:
        commands_beside_a_file(bench, cluster)
        many_deadlines(bench, cluster)
        appending(bench, cluster)
        moving(bench, cluster)


def commands_beside_a_file(bench: Bench, cluster: Cluster) -> None:
    """Whole commands on the same cases in a file and on a server, for the unit and for the agency whose cases they all are."""
    with cluster.database() as database:
        file = moved_there(bench, database)
        places = {"": str(file), **{login: address(database, login) for login in (UNIT, MEMBER)}}
        for name, words in READING.items():
            turns = {login: at(bench, file, place, *words) for login, place in places.items()}
            beside_file(bench, name, timed(turns, bench.folder, rounds=4))
        refs = open_cases(bench, file)
        for name, words in WRITING.items():
            made = {
                login: written(bench, file, place, words, refs[n :: len(places)])
                for n, (login, place) in enumerate(places.items())
            }
            beside_file(bench, name, changing(30, made, bench.folder))


READING: Mapping[str, Sequence[str]] = {
    "due --overdue, 50 rows": LISTED,
    "list, 50 rows": ("list", "--limit", "50"),
    "show": ("show", "7"),
    "explain": ("explain", "7"),
    "search, 50 rows": ("search", "meeting", "--limit", "50"),
    "report --json": ("report", "--json"),
}
WRITING: Mapping[str, Sequence[str]] = {
    "note": ("note", "{ref}", "They rang back"),
    "open": ("open", "lincolnshire", "--subject", "N-{ref}", "--from", AGENCY, "--to", data.AGENCIES[1]),
    "done": ("done", "{ref}", "discussion"),
}
"""What is recorded, each time in another case."""


def written(bench: Bench, file: Path, place: str, words: Sequence[str], refs: Sequence[str]) -> Iterator[Timed]:
    """A line that records something, for one case after the other."""
    for ref in refs:
        yield at(bench, file, place, *(word.format(ref=ref) for word in words))


def open_cases(bench: Bench, file: Path) -> list[str]:
    """Cases in which a discussion is to be had."""
    asked = bench.escalate(file, "list", "--status", "open", "--protocol", "hull-east-riding", "--json")
    found = subprocess.run(asked.words, env=dict(asked.environment), check=True, capture_output=True).stdout
    return [each["case"] for each in json.loads(found)]


def beside_file(bench: Bench, name: str, times: Mapping[str, Times]) -> None:
    """What a command takes on a server and on a file; the difference is in milliseconds."""
    file = times[""]
    for login, who in ((UNIT, "the unit"), (MEMBER, "an agency")):
        more = (times[login].median - file.median) * 1e3
        what = f"{name}, {who} on a server, {FEW:,} cases: {more:.0f} ms more"
        bench.beside(what, "itself on a file, and 60 ms", times[login], file, (file.median + MORE) / file.median)


def many_deadlines(bench: Bench, cluster: Cluster) -> None:
    """What is overdue among ever more open deadlines, all of them an agency's, for the agency and for those who see everything."""
    with ExitStack() as stack:
        base = stack.enter_context(cluster.database())
        file = moved_there(bench, base)
        base.close()  # so that others can be made like it
        made = {number: stack.enter_context(filled(cluster, base, number)) for number in OPEN}
        places = {
            (login, number): address(database, login) for number, database in made.items() for login in (UNIT, MEMBER)
        }
        owned = stack.enter_context(filled(cluster, base, OPEN[-1], for_owner=True))
        places[ADMINISTRATOR, OPEN[-1]] = address(owned, ADMINISTRATOR)
        names = {key: f"{key[0]} {key[1]}" for key in places}
        lines = {names[key]: at(bench, file, place, *LISTED) for key, place in places.items()}
        commands = timed(lines, bench.folder, rounds=4)
        alone = listed(places.values())
    beside_all(bench, "due --overdue --limit 50", {key: commands[names[key]] for key in places}, 1.15)
    what = "its list alone, in a session that is open"
    beside_all(bench, what, {key: alone[place] for key, place in places.items()}, COUNTING)


def beside_all(bench: Bench, what: str, times: Mapping[tuple[str, int], Times], flat: float) -> None:
    """What an agency waits for beside those who see everything, and beside itself with few deadlines."""
    most = f"{what}, an agency, {OPEN[-1]:,} open deadlines"
    theirs = times[MEMBER, OPEN[-1]]
    bench.beside(
        most, "the owner, without policies and with a file's indexes", theirs, times[ADMINISTRATOR, OPEN[-1]], 1.5
    )
    for number in reversed(OPEN):
        of_so_many = f"{what}, an agency, {number:,} open deadlines"
        bench.beside(of_so_many, "the unit", times[MEMBER, number], times[UNIT, number], 1.5)
    for number in OPEN[1:]:
        of_so_many = f"{what}, an agency, {number:,} open deadlines"
        bench.beside(of_so_many, f"itself, {OPEN[0]:,}", times[MEMBER, number], times[MEMBER, OPEN[0]], flat)


def listed(places: Iterable[str]) -> dict[str, Times]:
    """What the list of what is overdue takes in each place, in turn, without the command around it."""
    taken: dict[str, list[float]] = {place: [] for place in places}
    with ExitStack() as stack:
        opened = {place: stack.enter_context(open_lists(ServerPlace(place, WAIT))) for place in taken}
        for _ in range(LISTINGS + 1):
            for place, lists in opened.items():
                began = perf_counter()
                assert len(lists.late(datetime.now(UTC), 50).lines) == 50
                taken[place].append(perf_counter() - began)
    return {
        place: times_of(seconds[1:]) for place, seconds in taken.items()
    }  # the first reads what a session reads once


@contextmanager
def filled(cluster: Cluster, base: Database, deadlines: int, *, for_owner: bool = False) -> Iterator[Database]:
    """A database like another, with so many open deadlines for the agency and for the unit, or for its owner alone."""
    with cluster.database(base.name) as database:
        if for_owner:
            leave_to_owner(database.administrator)
        fill(database.administrator, deadlines)
        yield database


def appending(bench: Bench, cluster: Cluster) -> None:
    """Notes that many write at once: as the functions of the server take them, and with all that a session does for one."""
    rates = []
    for _ in range(3):
        with cluster.database() as database:
            county = County(database)
            refs = [county.open("nora", NHS, COUNCIL) for _ in range(CLIENTS)]
            rates.append(CLIENTS * APPENDS / append_at_once(county, refs, CLIENTS, APPENDS))
            there = Counter(content for (content,) in county.rows(UNIT, "SELECT content FROM escalate.words_seen()"))
            assert len(there) == there.total() == CLIENTS * APPENDS, "an entry is missing, or is there twice"
    beside_rate(bench, f"an entry recorded by one of {CLIENTS} connections at once, each in a case of its own", rates)
    for cases in (1, CLIENTS):
        rates = []
        for _ in range(3):
            with cluster.database() as database:
                office = Office(database)
                refs = [office.open(LOGINS[n % 2]) for n in range(cases)]
                rates.append(all_at_once(office, refs, APPENDS))
                assert office.texts() == noted(APPENDS), "a note is missing, or is there twice"
        where = "one case" if cases == 1 else f"{cases} cases"
        beside_rate(
            bench, f"a note, with its deadlines worked out, by one of {CLIENTS} processes at once in {where}", rates
        )


def beside_rate(bench: Bench, what: str, rates: Sequence[float]) -> None:
    """How long one takes of those that all write at once, where none was lost; `rates` are in a second, of all together."""
    took = spread([1 / rate for rate in rates])
    bench.beside(
        f"{what}, {CLIENTS * APPENDS} of {CLIENTS * APPENDS} there: {1 / took.median:.0f} a second",
        f"{A_SECOND} a second",
        took,
        spread([1 / A_SECOND]),
        1.0,
    )


def moving(bench: Bench, cluster: Cluster) -> None:
    """A file moved to a server where all its agencies are, and back into another file."""
    with cluster.database() as database:
        administering.add_member(database.administrator, UNIT, None)
        for agency, prefix in PREFIXES.items():
            administering.add_member(database.administrator, prefix.lower(), agency, prefix)
        file, place = bench.file(bench.cases), address(database, UNIT)
        back = bench.folder / "back" / "cases.db"
        back.parent.mkdir()
        there = bench_run(bench, file, "move", str(file), place)
        again = bench_run(bench, back, "move", place, str(back))
    may = spread([bench.cases * MOVING])
    for which, run in (("to a server", there), ("back into a file", again)):
        what = f"move of {bench.cases:,} cases {which}"
        bench.beside(what, "ten minutes for 100,000", spread([run.seconds]), may, 1.0, "s")


def moved_there(bench: Bench, database: Database) -> Path:
    """A file of few cases, all of one agency, and the same on the server, with a login of the unit and one of the agency."""
    file = bench.folder / database.name / "cases.db"
    file.parent.mkdir()
    data.imported(bench.tools.escalate, file, FEW, AGENCY)
    administering.add_member(database.administrator, UNIT, None)
    administering.add_member(database.administrator, MEMBER, AGENCY, PREFIXES[AGENCY])
    bench_run(bench, file, "move", str(file), address(database, UNIT))
    return file


def address(database: Database, login: str) -> str:
    """The server as a login names it."""
    return f"postgresql:///{database.name}?host={database.folder}&user={login}"


def at(bench: Bench, file: Path, place: str, *words: str) -> Timed:
    """A command line about a place, of somebody who has set nothing else up."""
    there = bench.escalate(file, *words)
    return Timed(there.words, {**there.environment, "ESCALATE_DB": place})
