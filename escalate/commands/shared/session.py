"""What every command starts from: the present moment, the settings, and how what was typed was read."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

import typer

from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import instant, spoken
from escalate.errors import BadInput, BadWhen, LostCalendar, Refused, StoreError
from escalate.output.terminal import complain, is_terminal, say
from escalate.settings import Settings
from escalate.storage.engines import unlock_with
from escalate.storage.files.paths import is_there
from escalate.storage.lists import Reading, open_lists

if (
    TYPE_CHECKING
):  # no cycle, but a list does without what works deadlines out or reads moments, and a plain file without keys
    from escalate.commands.shared.when import Direction, When
    from escalate.storage.encryption.keys import Keys
    from escalate.storage.interface import Database
    from escalate.storage.places import Place, ServerPlace
    from escalate.storage.store import Store


def session(context: typer.Context, *, begins_file: bool = False) -> "Session":
    """The session of this run; `begins_file` for a command that makes the file with the cases where there is none."""
    return Session(context.obj, for_script=bool(context.params.get("as_json")), begins_file=begins_file)


class HoldsCalendars(Protocol):
    """The store, or its lists."""

    def calendar(self, name: str) -> Calendar | None: ...


class HasDatabase(Protocol):
    """The store, or its lists."""

    database: "Database"


Opened = TypeVar("Opened", bound=HasDatabase)


class Session:
    """One run of a command. Only here is the clock read."""

    def __init__(self, database: str | None, *, for_script: bool = False, begins_file: bool = False) -> None:
        self.settings = Settings(os.environ, database)
        self.begins_file = begins_file
        """The command makes the file with the cases where there is none, whoever named it."""
        self._for_script = for_script
        self._echoes: list[str] = []
        self._at_risk_then: Allowance | None = None
        self._warnings: list[str] = []
        self._told_open = False
        self.kept_store: Store | None = None
        """The cases on a server, while all that a command asks is asked in one session."""
        self._days_meant: dict[tuple[str, date], date] = {}
        unlock_with(lambda: self.keys, lambda: self.settings.key_file)

    @cached_property
    def keys(self) -> "Keys":
        """What opens encrypted files in this run: kept where the settings say, in the keyring, or asked for at a terminal."""
        from escalate.storage.encryption.keys import Keys  # a plain file needs none of it

        ask = self._ask_secretly if is_terminal(sys.stdin) else None
        return Keys(lambda: self.settings.key_file, ask)

    @staticmethod
    def _ask_secretly(question: str) -> str:
        from escalate.commands.shared.asking import asked_secretly

        return asked_secretly(question)

    @cached_property
    def now(self) -> datetime:
        """The present moment, or what ESCALATE_NOW says it is. Raises BadInput."""
        said = os.environ.get("ESCALATE_NOW")
        return _set_by_hand(said, self._clock) if said else self._clock

    @cached_property
    def _clock(self) -> datetime:
        """What the computer's own clock says."""
        return instant(datetime.now(UTC))

    @property
    def clock_behind(self) -> datetime | None:
        """What the computer's own clock says, where ESCALATE_NOW sets the present moment by hand; None where that is the present moment."""
        return self._clock if os.environ.get("ESCALATE_NOW") else None

    def when(
        self, said: str, direction: "Direction", seen_from: datetime | None = None, calendar: Calendar | None = None
    ) -> "When":
        """A moment somebody typed, seen from now or from another; `echo` says what it was read as. Raises BadWhen.

        Working days are counted on the calendar given; without one they are not.
        """
        from escalate.commands.shared.when import read_when  # lists are mostly as of now

        counted = False

        def working_days(day: date, number: int) -> date:
            nonlocal counted
            counted = True
            assert calendar is not None
            back = calendar.subtract_working_days(day, -number) if number < 0 else None
            return back or calendar.add_working_days(day, number)

        when = read_when(said, seen_from or self.now, direction, self._ask_year, working_days if calendar else None)
        if counted and calendar:
            when = when._replace(remark=f"working days are those of {calendar.title}")
        self._echoes.append(f"{when.echo(when.at)}.")
        return when

    def day(self, said: str, direction: "Direction", seen_from: datetime | None = None) -> "When":
        """The same where only the day counts; `day_only` says whether a time of day was given. Raises BadWhen."""
        when = self.when(said, direction, seen_from)
        self._echoes[-1] = self._echoes[-1].replace(" 00:00.", ".") if when.day_only else self._echoes[-1]
        return when

    def until(self, said: str, seen_from: datetime, calendar: Calendar | None = None) -> datetime:
        """The end of a time somebody typed: a day alone lasts until its end. Raises BadWhen."""
        when = self.when(said, "future", seen_from, calendar)
        self._echoes[-1] = f"{when.echo(when.until)}."
        return when.until

    def past(self, said: str | None) -> datetime:
        """When something happened: now, if nothing was said. Raises BadWhen."""
        return self.when(said, "past").at if said else self.now

    def as_of(self, said: str | None) -> datetime:
        """The moment to look from. Raises BadWhen, and Refused for one that has not come."""
        at = self.past(said)
        if at > self.now:
            raise Refused(f"{spoken(at)} is in the future: --as-of looks back.")
        return at

    @property
    def can_ask(self) -> bool:
        """Whether somebody at a terminal can be asked."""
        return not self._for_script and is_terminal(sys.stdin)

    def _ask_year(self, said: str, days: Sequence[date]) -> date | None:
        """Which of these days is meant, asked once; None where nobody can be asked, or nobody answers."""
        known = self._days_meant.get((said, days[0]))
        if known or not self.can_ask:
            return known
        from escalate.commands.shared.asking import asked_year  # few dates are unsure

        meant = asked_year(said, days)
        if meant:
            self._days_meant[said, days[0]] = meant
        return meant

    def echo(self, as_json: bool) -> None:
        """Say how what was typed was read, on standard error where standard output is for a script; and what is missing, always there."""
        for line in dict.fromkeys(self._echoes):
            (complain if as_json else say)(line)
        for line in self._warnings:
            complain(line)
        self._echoes.clear()
        self._warnings.clear()

    @contextmanager
    def listed(self, known_at: datetime | None = None) -> Iterator[Reading | None]:
        """The lists of the file with the cases, as they are or were known at an instant; None where there is no file yet, which is said.

        Raises StoreError.
        """
        if not self.has_cases():
            yield None
        elif known_at is None:
            with self.to_read(open_lists) as lists:
                yield lists
        else:
            # Only what was known earlier has to be worked out, and what does that takes longer to load than all that a list needs.
            from escalate.storage.store import open_store

            with self.to_read(open_store) as store:
                self.look_back(store, known_at)
                yield store.lists_as_known(known_at)

    @contextmanager
    def to_read(self, open_it: "Callable[[Place], AbstractContextManager[Opened]]") -> Iterator["Opened"]:
        """The cases for a command that only reads: of the replica where one is set, with how old it is said; of the server where that is away.

        Raises StoreError, Refused.
        """
        replica = self.settings.replica
        with ExitStack() as stack:
            found = self._of_replica(stack, open_it, replica) if replica else None
            if found is None:
                found = stack.enter_context(open_it(self.settings.place))
                self.tell_redated(found.database)
            yield found

    def tell_redated(self, database: "Database") -> None:
        """Say what got another date as the cases were opened, because they were worked out by newer rules."""
        if database.redated:
            from escalate.output.upkeep.pages import moved_by_rules  # once in each file

            again = "" if database.is_shared else ", and escalate doctor names them again"
            moved = moved_by_rules(database.redated, self.now)
            complain(f"By the rules of this version {moved}. escalate explain shows how each is counted{again}.")

    def tell_open_to_others(self) -> None:
        """Say, once in a run, that others who use the computer can read the file with the cases, or put another in its place."""
        path = self.settings.file
        if path is None or self._told_open:
            return
        from escalate.storage.files.permissions import warnings  # what only reads does not need it

        self._told_open = True
        complain(*warnings(path))

    def _of_replica(
        self, stack: ExitStack, open_it: "Callable[[Place], AbstractContextManager[Opened]]", replica: "ServerPlace"
    ) -> "Opened | None":
        """The cases of a replica, open until the stack is closed, with how old it is said; None where it cannot be used, which is said as well."""
        try:
            with ExitStack() as trying:
                found = trying.enter_context(open_it(replica))
                age = found.database.age()
                stack.push(trying.pop_all())
        except (StoreError, Refused) as problem:
            complain(f"Read from the server itself, as the replica cannot be: {problem.sentence}")
            return None
        if age is None:
            complain("Read from the replica, which is up to date.")
        else:
            complain(
                f"Read from the replica as it was {spoken(instant(datetime.now(UTC) - age))}: what was recorded since is not in it."
            )
        return found

    def look_back(self, store: "Store", known_at: datetime | None) -> None:
        """Count with the settings that were used at an instant, if one is given and they are known (rule C22). Raises NotOurFile."""
        if known_at is not None:
            self._at_risk_then = store.settings_used.at_risk(self.settings.by, known_at)

    def has_cases(self) -> bool:
        """Whether there is a file with cases; where there is none yet, that is said. Raises Refused, StoreUnwritable."""
        if self.has_file():
            return True
        complain(f"There are no cases yet: {self.settings.place} will be made when the first one is opened.")
        return False

    def has_file(self) -> bool:
        """Whether the file with the cases is there. One that somebody named has to be, unless the command begins it.

        An absent network drive must never look like an empty list. Whether a server is there shows when it is opened, which
        fails where it is not. Raises Refused, StoreUnwritable.
        """
        if self._is_there:
            return True
        if self.is_missing:
            raise Refused(
                f"{self.settings.place} is not there, and {self.settings.place_named_by} names it:"
                " check that its name is right and its drive is connected, or begin a new file with escalate open."
            )
        return False

    def has_calendars(self) -> bool:
        """Whether there is a file whose calendars hold; where one was named that is not there, `echo` says so. Raises StoreUnwritable."""
        if self._is_there:
            return True
        if self.is_missing:
            self._warnings = [f"{self.settings.place} is not there: counted without the closures that it may hold."]
        return False

    @property
    def is_missing(self) -> bool:
        """Somebody named a file with cases that is not there, and the command does not begin one. Raises StoreUnwritable."""
        return not (self.begins_file or self.settings.place_named_by is None or self._is_there)

    @property
    def _is_there(self) -> bool:
        """Whether there is the file with the cases, or a server, which is never looked for before it is opened. Raises StoreUnwritable."""
        path = self.settings.file
        return path is None or is_there(path)

    def calendar_of_cases(self, lists: HoldsCalendars | None, name: str) -> Calendar:
        """A calendar that the file holds because cases count on it. Raises NotOurFile."""
        calendar = lists.calendar(name) if lists else None
        if calendar is None:
            raise LostCalendar(self.settings.place, name, self.settings.place.way_back)
        return calendar

    def horizon(self, calendar: Calendar, at: datetime, within: Allowance | None = None) -> datetime:
        """Up to when a deadline counts as at risk (rule C9), or has to be acted on within an allowance. Raises BeyondCalendar."""
        # What is overdue is so whatever the horizon: its list is there before what counts would have been loaded.
        from escalate.domain.worktime.counting import at_risk_horizon

        return at_risk_horizon(at, calendar, within or self._at_risk)

    @property
    def _at_risk(self) -> Allowance:
        """How near a deadline is at risk, or was at the moment looked back to; it is said where that differs from today's."""
        now, then = self.settings.at_risk, self._at_risk_then
        if then is None or then == now:
            return now
        self._echoes.append(f"At risk is what has to be acted on within {then}, as it was set then; now it is {now}.")
        return then


def _set_by_hand(said: str, clock: datetime) -> datetime:
    from escalate.commands.shared.when import read_when  # only tests set the clock

    try:
        return read_when(said.strip(), clock, "past").at
    except BadWhen as problem:
        raise BadInput(f"ESCALATE_NOW: {problem.sentence}") from problem
