"""How long counting takes, and working out the deadlines of a case: python -m tests.bench.engine [--json FILE]

Everything is measured in this process and in turn, round by round, so that a machine that is busy, or becomes so, is busy for
both sides of a ratio. What is measured is the time the process had, not the time that passed, and only the call: calendars,
holidays and dates are made beforehand, each library's in the way it documents that is fastest. Every count begins on each day
of a quarter, weekends and bank holidays too, and nothing is measured before all have come to the same days.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any, NamedTuple

from escalate.domain.case.model import Case
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.acts import done
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.details import Details
from escalate.domain.recording.opening import open_case
from escalate.domain.recording.request import Recording
from escalate.storage.files.bank_holidays import FIRST_YEAR
from escalate.storage.files.protocols import shipped
from tests.calendars import ENGLAND, at

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PEERS = ("holidays", "workalendar", "pandas", "numpy")
FIGURES = (1, 10, 100, 1000)
DAYS = [date(2026, 10, 1) + timedelta(days=n) for n in range(92)]
ROUNDS = 15
LEAST = 0.005
"""How long one measurement takes at least, in seconds: the clock of a process is good to a millionth."""

Counting = Callable[[int], list[Any]]
"""Counts so many working days from every one of the days."""


class Times(NamedTuple):
    """How long one call took, in seconds: in the middle of all rounds, and between which the middle half of them lies."""

    median: float
    low: float
    high: float


class Wanted(NamedTuple):
    """What a row has to show: that the other takes at least so many times as long, or that ours takes less than so many seconds."""

    ratio: float | None = None
    seconds: float | None = None


class Row(NamedTuple):
    """What was measured, and against what; `theirs` is None where there is nobody to compare with."""

    what: str
    against: str
    ours: Times
    theirs: Times | None
    wanted: Wanted

    @property
    def ratio(self) -> float | None:
        """How many times as long the other takes."""
        return self.theirs.median / self.ours.median if self.theirs else None

    @property
    def reached(self) -> bool:
        """Whether it shows what is wanted."""
        fast = self.wanted.ratio is None or (self.ratio is not None and self.ratio >= self.wanted.ratio)
        return fast and (self.wanted.seconds is None or self.ours.median < self.wanted.seconds)


class Work(NamedTuple):
    """Something to be measured: what to run, and how many calls that makes."""

    run: Callable[[], object]
    calls: int


def rows() -> list[Row]:
    """Everything that can be measured here, measured in turn."""
    peers = dict(_peers())
    counts = {(name, n): Work(partial(count, n), len(DAYS)) for name, count in peers.items() for n in FIGURES}
    counts |= {("", n): Work(partial(_count, n), len(DAYS)) for n in FIGURES}
    _check_they_agree(peers)
    cases = {each.id: [(each, case) for case in cases_under(each)] for each in shipped()}
    worked_out = {name: Work(partial(_all_deadlines, some), _all_deadlines(some)) for name, some in cases.items()}
    times = _measured({**counts, **worked_out})
    return [
        *(
            Row(_counted(n), name, times["", n], times[name, n], Wanted(ratio=10))
            for n in FIGURES
            for name in peers
        ),
        # Flat, as far as can be told: days that are farther apart are farther apart in memory too.
        *(
            Row(_counted(n), f"escalate, {_counted(1)}", times["", n], times["", 1], Wanted(ratio=0.8))
            for n in FIGURES[1:]
        ),
        *(Row("a deadline", f"under {name}", times[name], None, Wanted(seconds=50e-6)) for name in worked_out),
    ]  # fmt: skip


def missing() -> list[str]:
    """The libraries that cannot be measured because they are not here."""
    return [name for name in PEERS if find_spec(name) is None]


def cases_under(protocol: Protocol, so_many: int = 40) -> list[Case]:
    """Open cases that have gone up twice, with some of what was asked for done on the way, each opened a week after the last."""
    return [_case(protocol, at("2026-01-05 10:00") + timedelta(weeks=n)) for n in range(so_many)]


def _case(protocol: Protocol, now: datetime) -> Case:
    recording = Recording("bench", now, now)
    details = Details("M-1", "Trust", "Council")
    facts = {fact.key: fact.answers[0] for fact in protocol.facts[:1]}
    entries = [open_case("E0001", protocol, "", recording, details, facts=facts)]
    for _ in range(2):
        now += timedelta(hours=20)
        recording = Recording("bench", now, now)
        for action in _asked_for(protocol, replay(entries))[:2]:
            entries.append(done(protocol, replay(entries), ENGLAND, recording, action))
        case = replay(entries)
        following = protocol.stage(case.stay.route, case.stay.stage).next
        entries.append(advance(protocol, case, recording, following[0]))
    return replay(entries)


def _asked_for(protocol: Protocol, case: Case) -> list[str]:
    """What is still to be done at the present stage, beside ending it."""
    here = [each for each in deadlines(protocol, case, ENGLAND) if each.occasion == case.stay.occasion]
    return [each.action for each in here if each.met_at is None and not each.ends_stage]


def _all_deadlines(cases: Sequence[tuple[Protocol, Case]]) -> int:
    """Works them all out, and says how many there were."""
    return sum(len(deadlines(protocol, case, ENGLAND)) for protocol, case in cases)


def _count(n: int) -> list[Any]:
    return [ENGLAND.add_working_days(day, n) for day in DAYS]


def _peers() -> Iterator[tuple[str, Counting]]:
    """The libraries that are here. Nothing knows their types, so that they need not be here to check this file."""
    off = sorted(ENGLAND.days_off)
    if find_spec("holidays"):
        years = range(FIRST_YEAR, ENGLAND.last.year + 1)
        england: Any = import_module("holidays").country_holidays("GB", subdiv="ENG", years=years)
        yield "holidays", lambda n: [england.get_nth_working_day(day, n) for day in DAYS]
    if find_spec("workalendar"):
        kingdom: Any = import_module("workalendar.europe").UnitedKingdom()
        yield "workalendar", lambda n: [kingdom.add_working_days(day, n) for day in DAYS]
    if find_spec("pandas"):
        pandas: Any = import_module("pandas")
        stamps = [pandas.Timestamp(day) for day in DAYS]
        offsets = {n: pandas.offsets.CustomBusinessDay(n, holidays=off) for n in FIGURES}

        def with_pandas(n: int) -> list[Any]:
            offset = offsets[n]
            return [stamp + offset for stamp in stamps]

        yield "pandas", with_pandas
    if find_spec("numpy"):
        numpy: Any = import_module("numpy")
        days, datetimes = numpy.busdaycalendar(holidays=off), [numpy.datetime64(day) for day in DAYS]

        def from_each(those: list[Any], n: int) -> list[Any]:
            return [numpy.busday_offset(day, n, "backward", busdaycal=days) for day in those]

        yield "numpy, date", partial(from_each, DAYS)
        yield "numpy, datetime64", partial(from_each, datetimes)


def _check_they_agree(peers: Mapping[str, Counting]) -> None:
    """Nothing is compared with what counts other days."""
    for name, count in peers.items():
        for n in FIGURES:
            for day, ours, theirs in zip(DAYS, _count(n), count(n), strict=True):
                assert str(ours) == str(theirs)[:10], f"{name}: {_counted(n)} after {day} is {theirs}, and not {ours}"


def _measured(work: Mapping[Any, Work]) -> dict[Any, Times]:
    """The times of one call of each, taken in turn so that all meet the same weather."""
    repeats = {key: max(1, round(LEAST / max(_timed(each, 1), 1e-6) / each.calls)) for key, each in work.items()}
    taken: dict[Any, list[float]] = {key: [] for key in work}
    for _ in range(ROUNDS):
        for key, each in work.items():
            taken[key].append(_timed(each, repeats[key]))
    return {key: times_of(seconds) for key, seconds in taken.items()}


def _timed(work: Work, repeats: int) -> float:
    begun = process_time()
    for _ in range(repeats):
        work.run()
    return (process_time() - begun) / repeats / work.calls


def times_of(seconds: Sequence[float]) -> Times:
    low, _, high = quantiles(seconds, n=4)
    return Times(median(seconds), low, high)


def _counted(n: int) -> str:
    return f"{n:,} working day{'' if n == 1 else 's'}"


def table(measured: Sequence[Row]) -> str:
    """The rows, a line each."""
    heading = ("what", "against", "ours", "middle half", "theirs", "middle half", "ratio", "wanted", "")
    lines = [heading, *(_line(row) for row in measured)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _line(row: Row) -> tuple[str, ...]:
    wanted = f"{row.wanted.ratio:g} x" if row.wanted.ratio else f"< {_spoken(row.wanted.seconds or 0)}"
    return (
        row.what,
        row.against,
        *_cells(row.ours),
        *(_cells(row.theirs) if row.theirs else ("", "")),
        "" if row.ratio is None else f"{row.ratio:.1f} x",
        wanted,
        "" if row.reached else "NOT REACHED",
    )


def _cells(times: Times) -> tuple[str, str]:
    return _spoken(times.median), f"{_spoken(times.low)} to {_spoken(times.high)}"


def _spoken(seconds: float) -> str:
    return f"{seconds * 1e9:.0f} ns" if seconds < 1e-6 else f"{seconds * 1e6:.1f} us"


def _plain(row: Row) -> dict[str, Any]:
    return {
        "what": row.what,
        "against": row.against,
        "ours": row.ours._asdict(),
        "theirs": row.theirs._asdict() if row.theirs else None,
        "ratio": row.ratio,
        "wanted": row.wanted._asdict(),
        "reached": row.reached,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine", description="How long counting takes.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well, in seconds")
    asked = parser.parse_args(arguments)
    measured = rows()
    sys.stdout.write(f"{table(measured)}\n")
    if missing():
        sys.stdout.write(f"Not measured, because not here: {', '.join(missing())}; pip install -r {REQUIREMENTS}\n")
    if asked.json:
        asked.json.write_text(json.dumps([_plain(row) for row in measured], indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.reached for row in measured) else 1


if __name__ == "__main__":
    raise SystemExit(main())
