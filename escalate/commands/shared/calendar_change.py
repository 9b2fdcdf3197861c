"""Changing calendars: first what would move, then, if that is wanted, the change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from escalate.commands.shared.asking import confirmed, refuse_to_ask
from escalate.commands.shared.counted_on import fresh_calendar
from escalate.commands.shared.options import argument, option
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import opened_or_made, unit_only
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.shifts import Move
from escalate.domain.recording.recounting import recounted
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.calendar import CALENDARS, Calendar, title_of
from escalate.domain.worktime.clock import london_date, spoken_day
from escalate.errors import BadInput, Refused, UnknownName
from escalate.output.dates.documents import moves_document
from escalate.output.dates.moves import moves_page
from escalate.output.terminal import counting, say, show, show_json, width
from escalate.storage.store import Store
from escalate.wording import how_many

CalendarName = Annotated[
    str | None,
    option(
        "--calendar",
        "NAME",
        "england-and-wales, scotland, northern-ireland, or the protocol that has a calendar of its own.",
    ),
]
FirstDay = Annotated[str, argument('The day, such as "19 Sep 2022".', "DAY")]
LastDay = Annotated[str | None, argument("The last day, where there are several.", "LAST")]
Why = Annotated[str, option("--reason", "TEXT", "What the day is called, or why it is changed.")]
FromFile = Annotated[Path | None, option("--from", "FILE", "A file in the format of GOV.UK's bank holidays.")]

OTHERS = "Cases have changed in the meantime, and other dates would move: look again. Nothing was written."

LONGEST = 366
"""So many days can be added or removed at once: more is a year mistyped."""


@dataclass
class CalendarChange:
    """What is to be different."""

    why: str
    """Why, as the history of each case that moves will say it."""
    days: dict[str, dict[str, dict[date, str]]] = field(default_factory=dict)
    """By the names of calendars and the kind of days off: every day off there is to be, and what it is called."""
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the names of calendars, what else is different in the new version."""
    says: list[str] = field(default_factory=list)
    """The same in words, a line each."""

    @property
    def names(self) -> list[str]:
        """The calendars that change."""
        return list(dict.fromkeys((*self.days, *self.facts)))


Decide = Callable[[Store], CalendarChange]
"""What decides on a change, looking at the calendars as they are in the file."""


def carry_out(here: Session, decide: Decide, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Show what a change would move, ask, and make it: all in one transaction, or nothing. Raises Refused.

    Where nothing has to be asked, what moves is not worked out before the change is made as well: that takes as long again.
    """
    refuse_to_ask("make the change", as_json=as_json, yes=yes, dry_run=dry_run)
    at_once = yes and not dry_run
    change, moves = _looked_at(here, decide, with_moves=not at_once)
    written = at_once and bool(change.names)
    if written:
        moves = _make(here, decide)
    if as_json:
        show_json({"changes": change.says, "moves": moves_document(moves), "written": written, "dry_run": dry_run})
        return
    _show(here, change, moves)
    if change.names and not (dry_run or written) and confirmed("Change the calendar?"):
        _make(here, decide, moves)
        written = True
    say("Changed. Every case with a date that moved says so in its history." if written else "Nothing was written.")


def _looked_at(here: Session, decide: Decide, *, with_moves: bool) -> tuple[CalendarChange, list[Move]]:
    """What a change would be, and what it would move if that is asked for. Nothing of it is written."""
    with opened_or_made(here, dry_run=True) as store:
        unit_only(store, "changes calendars")
        with store.writing(dry_run=True):
            change = _decided(here, store, decide)
            calendars = _resting_on(here, store, change)
        store.calendars.forget()
        recounts = _recounts(here, store, calendars, "Counting again") if with_moves else ()
        return change, [move for _, moves in recounts for move in moves]


def _show(here: Session, change: CalendarChange, moves: Sequence[Move]) -> None:
    here.echo(as_json=False)
    say("\n".join(change.says or ["The calendars are up to date: nothing to change."]), "")
    show(moves_page(moves, here.now, width()))


def _make(here: Session, decide: Decide, shown: Sequence[Move] | None = None) -> list[Move]:
    """Make a change, count every open case anew, and record in each what moved. Raises Refused if that is not what was shown."""
    recording = Recording(here.settings.by, here.now, here.now)
    moved: list[Move] = []
    as_shown = iter(shown or ())
    with opened_or_made(here) as store, store.writing():
        change = _decided(here, store, decide)
        versions = [f"{name}@{store.calendars.versions(name)[-1].number}" for name in change.names]
        for file, moves in _recounts(here, store, _resting_on(here, store, change), "Writing"):
            if moves:
                store.append(recounted(file.case, recording, versions, moves))
            else:
                store.derived.update(file)
            if shown is None:
                moved += moves
            elif moves != list(islice(as_shown, len(moves))):
                raise Refused(OTHERS)
        if next(as_shown, None) is not None:
            raise Refused(OTHERS)
    return moved


def _resting_on(here: Session, store: Store, change: CalendarChange) -> dict[str, Calendar]:
    """The calendars that a change makes different, as they are after it."""
    return {name: here.calendar_of_cases(store, name) for name in store.calendars.resting_on(change.names)}


def _recounts(
    here: Session, store: Store, calendars: Mapping[str, Calendar], what: str
) -> Iterator[tuple[CaseFile, list[Move]]]:
    """Every case that counts on one of these calendars, counted anew on them, with what moves in it."""
    refs = store.to_recount(calendars)
    return counting(store.recounted(refs, here.now, calendars), len(refs), what)


def _decided(here: Session, store: Store, decide: Decide) -> CalendarChange:
    """Decide on a change and write it, without counting anything anew. Inside `writing`."""
    for name in CALENDARS:
        if name not in store.calendars.names:
            store.calendars.keep(fresh_calendar(here, name), here.settings.by, here.now)
    change = decide(store)
    for name in change.names:
        days, facts = change.days.get(name, {}), change.facts.get(name, {})
        store.calendars.change(name, here.now, here.settings.by, change.why, days, **facts)
    return change


# -- what is said of a change


def calendars_meant(store: Store, said: str | None) -> list[str]:
    """A nation's calendar, a protocol's own in all its editions, or without a name those of all nations. Raises UnknownName."""
    if said is None:
        return list(CALENDARS)
    own = [name for name in store.calendars.names if title_of(name) == said]
    if not own and said not in CALENDARS:
        raise UnknownName("calendar", said, dict.fromkeys((*CALENDARS, *map(title_of, store.calendars.names))))
    return own or [said]


def days_meant(here: Session, first: str, last: str | None) -> list[date]:
    """The day, or every day from the first to the last. Raises BadInput, BadWhen."""
    when = [here.day(said, "future") for said in (first, last) if said is not None]
    if not all(each.day_only for each in when):
        raise BadInput("A calendar is changed by whole days: leave out the time of day.")
    begins, ends = london_date(when[0].at), london_date(when[-1].at)
    if not 0 <= (ends - begins).days < LONGEST:
        raise BadInput(
            f"From {begins} to {ends} is not a span of days: the last day comes after the first, within a year."
        )
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]


def reason_given(said: str) -> str:
    """Why a day is changed, on one line. Raises BadInput where nothing is said."""
    reason = " ".join(said.split())
    if not reason:
        raise BadInput("Say why: --reason names the day in every proof that skips it.")
    return reason


def in_words(days: Sequence[date]) -> str:
    """`Monday 19 September 2022`, or the first and the last of several."""
    if len(days) == 1:
        return spoken_day(days[0])
    return f"{how_many(len(days), 'day')} from {spoken_day(days[0])} to {spoken_day(days[-1])}"
