"""Commands that show the calendars the file keeps, and change them: first what would move, then, if that is wanted, the change."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from escalate.commands.options import WHOLE_NUMBER, DryRun, Json, Yes
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import CaseFile
    from escalate.domain.deadlines.shifts import Move
    from escalate.domain.worktime.calendar import Calendar
    from escalate.storage.store import Store

CalendarName = Annotated[
    str | None,
    typer.Option(
        "--calendar",
        metavar="NAME",
        help="england-and-wales, scotland, northern-ireland, or the protocol that has a calendar of its own.",
        show_default=False,
    ),
]
FirstDay = Annotated[str, typer.Argument(metavar="DAY", help='The day, such as "19 Sep 2022".', show_default=False)]
LastDay = Annotated[
    str | None, typer.Argument(metavar="LAST", help="The last day, where there are several.", show_default=False)
]
Why = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help="What the day is called, or why it is changed.", show_default=False),
]
From = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE", help="A file in the format of GOV.UK's bank holidays.", show_default=False),
]

OTHERS = "Cases have changed meanwhile, and other dates would move: look again. Nothing was written."

LONGEST = 366
"""So many days can be added or removed at once: more is a year mistyped."""


@dataclass
class Change:
    """What is to be different: for each calendar the days off of each kind, and other facts of a version; and it in words."""

    why: str
    days: dict[str, dict[str, dict[date, str]]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    says: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The calendars that change."""
        return list(dict.fromkeys((*self.days, *self.facts)))


def show(
    context: typer.Context,
    year: Annotated[int | None, typer.Argument(help="The year, if not this one.", **WHOLE_NUMBER)] = None,
    calendar: CalendarName = None,
    as_json: Json = False,
) -> None:
    """Show a year: its months side by side, the days that are no working days, and how many deadlines fall on each day.

    Example: escalate calendar show 2026
    """
    from escalate.domain.worktime.clock import london_date
    from escalate.errors import BeyondCalendar
    from escalate.output import terminal
    from escalate.output.dates.calendars import calendar_document, calendar_page
    from escalate.output.terminal import show_json

    here = desk(context)
    today = london_date(here.now)
    with here.store(dry_run=True) as store:
        name = _named(store, calendar or here.settings.calendar)[-1]
        shown = store.calendar(name) or here.fresh_calendar(name)
        resting = store.calendars.resting_on([name])
        due = [
            london_date(line.deadline.due_at)
            for line in store.lists.due()
            if line.case.calendar in resting and line.deadline.due_at
        ]
    wanted = year or today.year
    if not shown.first.year <= wanted <= shown.last.year:
        raise BeyondCalendar(shown.title, shown.first, shown.last)
    deadlines = dict(sorted(Counter(due).items()))
    if as_json:
        show_json(calendar_document(shown, wanted, deadlines))
    else:
        width = terminal.width()
        terminal.show(calendar_page(shown, wanted, today, deadlines, width))


def add(
    context: typer.Context,
    day: FirstDay,
    reason: Why,
    last: LastDay = None,
    calendar: CalendarName = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Add a day, or several, on which nobody works: to one calendar, or to all. Shows first which deadlines would move.

    Example: escalate calendar add "24 Dec 2026" "31 Dec 2026" --reason "Council closed" --dry-run
    """
    from escalate.errors import Refused
    from escalate.storage.calendars import CLOSURE

    here = desk(context)
    days, why = _days(here, day, last), _reason(reason)

    def decide(store: "Store") -> Change:
        change = Change(why)
        for name in _named(store, calendar):
            known = here.kept(store, name)
            known.check(days[0])
            known.check(days[-1])
            fresh = [each for each in days if known.is_working_day(each)]
            if fresh:
                closed = CLOSURE
                change.days[name] = {closed: {**store.calendars.days_off(name, closed), **dict.fromkeys(fresh, why)}}
                change.says.append(f"{known.title}: no working day: {_in_words(fresh)} ({why}).")
        if not change.names:
            raise Refused(f"There is nothing to add: no working day already: {_in_words(days)}.")
        return change

    _carry_out(here, decide, yes=yes, dry_run=dry_run, as_json=as_json)


def remove(
    context: typer.Context,
    day: FirstDay,
    reason: Why,
    last: LastDay = None,
    calendar: CalendarName = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make a day, or several, working days again: in one calendar, or in all. Shows first which deadlines would move.

    Example: escalate calendar remove "28 Dec 2026" --reason "Open after all" --dry-run
    """
    from escalate.errors import Refused
    from escalate.storage.calendars import KINDS

    here = desk(context)
    days, why = _days(here, day, last), _reason(reason)

    def decide(store: "Store") -> Change:
        change = Change(why)
        for name in _named(store, calendar):
            kinds = {kind: store.calendars.days_off(name, kind) for kind in KINDS}
            gone = [each for each in days if any(each in present for present in kinds.values())]
            if gone:
                change.days[name] = {
                    kind: {each: title for each, title in present.items() if each not in gone}
                    for kind, present in kinds.items()
                }
                titles = dict.fromkeys(present[each] for present in kinds.values() for each in gone if each in present)
                title = here.kept(store, name).title
                change.says.append(f"{title}: no day off any more: {_in_words(gone)} ({'; '.join(titles)}).")
        if not change.names:
            _refuse_elsewhere(here, store, _named(store, calendar), days)
            raise Refused(f"There is nothing to remove: no bank holiday or closure: {_in_words(days)}.")
        return change

    _carry_out(here, decide, yes=yes, dry_run=dry_run, as_json=as_json)


def _refuse_elsewhere(here: Desk, store: "Store", names: Sequence[str], days: Sequence[date]) -> None:
    """Refuses to remove from a protocol's own calendar what it has from its nation's, or from its file. Raises Refused."""
    from escalate.errors import Refused

    for name in names:
        own, calendar = store.calendars.own(name), here.kept(store, name)
        titles = [calendar.days_off[day] for day in days if day in calendar.days_off]
        if own and titles:
            raise Refused(
                f"{calendar.title} has {_in_words(days)} ({titles[0]}) from the {own.usual.name} calendar or from its protocol file:"
                " change it there."
            )


def refresh(
    context: typer.Context, file: From = None, yes: Yes = False, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Bring bank holidays up to date: from escalate's own list, or from GOV.UK's file, which is then what counts. Shows first which deadlines would move.

    Example: escalate calendar refresh --dry-run
    """
    from escalate.domain.worktime.local_calendar import CALENDARS
    from escalate.storage.files.govuk import read_govuk
    from escalate.storage.files.paths import path_from

    here = desk(context)
    published = read_govuk(path_from(str(file))) if file else None

    def decide(store: "Store") -> Change:
        change = Change(f"bank holidays of {file.name}" if file else "bank holidays of escalate's list")
        for name in CALENDARS:
            if published is None or name in published:
                _refresh(here, store, name, published[name] if published else {}, change)
            else:
                change.says.append(f"{name}: the file says nothing of it.")
        return change

    _carry_out(here, decide, yes=yes, dry_run=dry_run, as_json=as_json)


def _refresh(here: Desk, store: "Store", name: str, published: Mapping[date, str], change: Change) -> None:
    """Notes what a list of bank holidays makes different. The file of GOV.UK is right for its years, escalate's list for others."""
    from escalate.domain.deadlines.coverage import matters
    from escalate.domain.worktime.clock import spoken_day
    from escalate.storage.calendars import BANK_HOLIDAY

    fresh, version = here.fresh_calendar(name), store.calendars.versions(name)[-1]
    present = store.calendars.days_off(name, BANK_HOLIDAY)
    authority = _authority(version.authority, published)
    wanted = {
        day: title
        for day, title in fresh.days_off.items()
        if authority is None or not authority[0] <= day <= authority[1]
    }
    if authority:
        years = {day.year for day in published}
        wanted |= {day: title for day, title in present.items() if authority[0] <= day <= authority[1]}
        # GOV.UK leaves out what falls on a weekend and has its substitute; where Saturdays are worked that is a day off all the same.
        weekends = {day: title for day, title in fresh.days_off.items() if not matters(day)}
        wanted = {day: title for day, title in wanted.items() if day.year not in years} | weekends | dict(published)
    facts: dict[str, Any] = {
        "first": fresh.first,
        "last": fresh.last,
        "published_to": max(fresh.published_to, authority[1]) if authority else fresh.published_to,
        "source": fresh.source
        if authority is None
        else f"GOV.UK's list of {authority[0].year} to {authority[1].year}, and {fresh.source}",
        "authority": authority,
    }
    known = {fact: getattr(version, fact) for fact in facts}
    if wanted != present or facts != known:
        change.days[name] = {BANK_HOLIDAY: dict(sorted(wanted.items()))}
        change.facts[name] = facts
    change.says += [f"{name}: {line}." for line in _differences(present, wanted)]
    if facts != known:
        change.says.append(f"{name}: published to {spoken_day(facts['published_to'])} ({facts['source']}).")


def _differences(present: Mapping[date, str], wanted: Mapping[date, str]) -> list[str]:
    """What is different on days that would be working days, each in words; and how many are only called otherwise."""
    from escalate.domain.deadlines.coverage import matters
    from escalate.domain.worktime.clock import spoken_day
    from escalate.output.words import counted

    spoken = spoken_day
    weekdays = [day for day in sorted({*present, *wanted}) if matters(day)]
    lines = [f"a bank holiday: {spoken(day)} ({wanted[day]})" for day in weekdays if day not in present]
    lines += [f"no bank holiday any more: {spoken(day)} ({present[day]})" for day in weekdays if day not in wanted]
    renamed = sum(day in present and day in wanted and present[day] != wanted[day] for day in weekdays)
    return lines + ([f"{counted(renamed, 'day')} with another name"] if renamed else [])


def _authority(before: tuple[date, date] | None, published: Mapping[date, str]) -> tuple[date, date] | None:
    """The years for which GOV.UK's file is what counts: those it had given before, and those it gives now."""
    from escalate.storage.files.govuk import covered

    if not published:
        return before
    first, last = covered(published)
    return (min(first, before[0]), max(last, before[1])) if before else (first, last)


def check(context: typer.Context, file: From = None, as_json: Json = False) -> None:
    """Say how far bank holidays are published, which open deadlines lie beyond, and where escalate's list and GOV.UK's differ.

    Example: escalate calendar check
    """
    from escalate.domain.deadlines import coverage
    from escalate.domain.worktime.local_calendar import CALENDARS
    from escalate.output import terminal
    from escalate.output.dates.coverage import check_document, check_page
    from escalate.output.terminal import show_json
    from escalate.storage.files.govuk import read_govuk
    from escalate.storage.files.paths import path_from

    here = desk(context)
    published = read_govuk(path_from(str(file))) if file else {}
    with here.store(dry_run=True) as store:
        lines = store.lists.due()
        checked = [
            coverage.checked(
                store.calendar(name) or here.fresh_calendar(name),
                lines,
                _listed(here, store, name, published.get(name)),
            )
            for name in dict.fromkeys((*CALENDARS, *store.calendars.names))
        ]
    if as_json:
        show_json(check_document(checked))
    else:
        terminal.show(check_page(checked, here.now))


def _listed(
    here: Desk, store: "Store", name: str, published: Mapping[date, str] | None
) -> dict[str, Mapping[date, str]]:
    """The bank holidays of a nation by each list there is, over the years that all of them have."""
    from escalate.domain.worktime.local_calendar import CALENDARS
    from escalate.storage.calendars import BANK_HOLIDAY

    if name not in CALENDARS:
        return {}
    lists: dict[str, Mapping[date, str]] = {"escalate's list": here.fresh_calendar(name).days_off}
    if name in store.calendars.names:
        lists["this database"] = store.calendars.days_off(name, BANK_HOLIDAY)
    return lists | ({"the file": published} if published else {})


def _carry_out(here: Desk, decide: "Callable[[Store], Change]", *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Shows what a change would move, asks, and makes it: all in one transaction, or nothing. Raises Refused.

    Where nothing has to be asked, what moves is not worked out before the change is made as well: that takes as long again.
    """
    from escalate.errors import Refused
    from escalate.output import terminal
    from escalate.output.dates.calendars import moves_document, moves_page
    from escalate.output.terminal import say, show_json

    if as_json and not (yes or dry_run):
        raise Refused("Nothing can be asked with --json: say --yes to make the change, or --dry-run.")
    with here.store(dry_run=True) as store:
        with store.writing(dry_run=True):
            change = _decided(here, store, decide)
            calendars = _resting_on(here, store, change)
        store.calendars.forget()
        unasked = bool(change.names) and yes and not dry_run
        counted = [] if unasked else _counting(here, store, calendars, "Counting anew")
        found = [move for _, moves in counted for move in moves]
    if unasked:
        found = _make(here, decide)
    wanted = unasked
    if not as_json:
        here.echo(as_json)
        width = terminal.width()
        say("\n".join(change.says or ["The calendars are up to date: nothing to change."]), "")
        terminal.show(moves_page(found, here.now, width))
        if change.names and not (dry_run or unasked) and here.confirmed("Change the calendar?"):
            _make(here, decide, found)
            wanted = True
    if as_json:
        show_json({"changes": change.says, "moves": moves_document(found), "written": wanted})
    elif wanted:
        say("Changed. Every case with a date that moved says so in its history.")
    else:
        say("Nothing was written.")


def _make(here: Desk, decide: "Callable[[Store], Change]", shown: "Sequence[Move] | None" = None) -> "list[Move]":
    """Makes a change, counts every open case anew, records in each what moved, and says it. Raises Refused if that is not what was shown."""
    from escalate.domain.recording.recounting import recounted
    from escalate.domain.recording.request import Recording
    from escalate.errors import Refused

    recording = Recording(here.settings.by, here.now, here.now)
    moved: list[Move] = []
    as_shown = iter(shown or ())
    with here.store() as store, store.writing():
        change = _decided(here, store, decide)
        for file, moves in _counting(here, store, _resting_on(here, store, change), "Writing"):
            if moves:
                store.append(recounted(file.case, recording, change.why, moves))
            else:
                store.derived.update(file)
            if shown is None:
                moved += moves
            elif moves != list(islice(as_shown, len(moves))):
                raise Refused(OTHERS)
        if next(as_shown, None) is not None:
            raise Refused(OTHERS)
    return moved


def _resting_on(here: Desk, store: "Store", change: Change) -> "dict[str, Calendar]":
    """The calendars that a change makes different, as they are after it."""
    return {name: here.kept(store, name) for name in store.calendars.resting_on(change.names)}


def _counting(
    here: Desk, store: "Store", calendars: "Mapping[str, Calendar]", what: str
) -> "Iterator[tuple[CaseFile, list[Move]]]":
    """Every case that counts on one of these calendars, counted anew on them, with what moves in it."""
    from escalate.output.terminal import counting

    refs = store.to_recount(calendars)
    return counting(store.recounted(refs, here.now, calendars), len(refs), what)


def _decided(here: Desk, store: "Store", decide: "Callable[[Store], Change]") -> Change:
    """Decides on a change and writes it, without counting anything anew. Inside `writing`."""
    from escalate.domain.worktime.local_calendar import CALENDARS

    for name in CALENDARS:
        if name not in store.calendars.names:
            store.calendars.keep(here.fresh_calendar(name), here.settings.by, here.now)
    change = decide(store)
    for name in change.names:
        days, facts = change.days.get(name, {}), change.facts.get(name, {})
        store.calendars.change(name, here.now, here.settings.by, change.why, days, **facts)
    return change


def _named(store: "Store", said: str | None) -> list[str]:
    """The calendars meant: a nation's, a protocol's own in all its editions, or without a name those of all nations. Raises UnknownName."""
    from escalate.domain.worktime.calendar import title_of
    from escalate.domain.worktime.local_calendar import CALENDARS
    from escalate.errors import UnknownName

    nations = CALENDARS
    if said is None:
        return list(nations)
    own = [name for name in store.calendars.names if title_of(name) == said]
    if not own and said not in nations:
        raise UnknownName("calendar", said, dict.fromkeys((*nations, *map(title_of, store.calendars.names))))
    return own or [said]


def _days(here: Desk, first: str, last: str | None) -> list[date]:
    """The days meant. Raises BadInput, BadWhen."""
    from escalate.domain.worktime.clock import london_date
    from escalate.errors import BadInput

    when = [here.when(said, "future") for said in (first, last) if said is not None]
    if not all(each.day_only for each in when):
        raise BadInput("A calendar is changed by whole days: leave out the time of day.")
    begins, ends = london_date(when[0].at), london_date(when[-1].at)
    if not 0 <= (ends - begins).days < LONGEST:
        raise BadInput(
            f"From {begins} to {ends} is no span of days: the last day comes after the first, within a year."
        )
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]


def _reason(said: str) -> str:
    """What was said as a reason. Raises BadInput."""
    from escalate.errors import BadInput

    reason = " ".join(said.split())
    if not reason:
        raise BadInput("Say why: --reason names the day in every proof that skips it.")
    return reason


def _in_words(days: Sequence[date]) -> str:
    """`Monday 19 September 2022`, or the first and the last of several."""
    from escalate.domain.worktime.clock import spoken_day
    from escalate.output.words import counted

    spoken = spoken_day
    if len(days) == 1:
        return spoken(days[0])
    return f"{counted(len(days), 'day')} from {spoken(days[0])} to {spoken(days[-1])}"
