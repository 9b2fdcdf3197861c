"""What every command starts from: the present moment, the settings, and the file with the cases."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import typer

if TYPE_CHECKING:
    from escalate.commands.when import Direction, When
    from escalate.domain.case.entries import Entry
    from escalate.domain.deadlines.case_file import CaseFile
    from escalate.domain.protocol.model import Protocol
    from escalate.domain.recording.request import Recording
    from escalate.domain.worktime.calendar import Calendar
    from escalate.settings import Settings
    from escalate.storage.lists import Lists, Reading
    from escalate.storage.store import Store


class Desk:
    """One run of a command. Only here is the clock read."""

    def __init__(self, database: Path | None) -> None:
        self._database = database
        self._settings: Settings | None = None
        self._now: datetime | None = None
        self._echoes: list[str] = []
        self._day_alone = False

    @property
    def settings(self) -> "Settings":
        """The settings of this run."""
        if self._settings is None:
            from escalate.settings import Settings

            self._settings = Settings(os.environ, self._database)
        return self._settings

    @property
    def now(self) -> datetime:
        """The present moment, or what ESCALATE_NOW says it is. Raises BadInput."""
        from escalate.domain.worktime.clock import instant

        if self._now is None:
            said = os.environ.get("ESCALATE_NOW")
            clock = instant(datetime.now(UTC))
            self._now = _iso_moment(said, clock) if said else clock
        return self._now

    def when(self, said: str, direction: "Direction", seen_from: datetime | None = None) -> "When":
        """A moment somebody typed, seen from now or from another; what it was read as is echoed with the outcome.

        Raises BadWhen.
        """
        from escalate.commands.when import read_when

        when = read_when(said, seen_from or self.now, direction)
        self._echoes.append(f"{when.echo(when.at)}.")
        return when

    def until(self, said: str, seen_from: datetime) -> datetime:
        """The end of a time somebody typed: a day alone lasts until its end. Raises BadWhen."""
        when = self.when(said, "future", seen_from)
        self._echoes[-1] = f"{when.echo(when.until)}."
        return when.until

    def past(self, said: str | None) -> datetime:
        """When something happened: now, if nothing was said."""
        return self.when(said, "past").at if said else self.now

    def recording(self, at: str | None) -> "Recording":
        """Who writes an entry, when, and when it happened."""
        from escalate.domain.recording.request import Recording

        when = self.when(at, "past") if at else None
        self._day_alone = when is not None and when.day_only
        return Recording(self.settings.by, self.now, when.at if when else self.now)

    def as_of(self, said: str | None) -> datetime:
        """The moment to look from. Raises Refused for one that has not come."""
        from escalate.domain.worktime.clock import spoken
        from escalate.errors import Refused

        at = self.past(said)
        if at > self.now:
            raise Refused(f"{spoken(at)} has not come yet: --as-of looks back.")
        return at

    def echo(self, as_json: bool) -> None:
        """Says how what was typed was read; on standard error where standard output is for a script."""
        from escalate.output.terminal import complain, say

        for line in dict.fromkeys(self._echoes):
            (complain if as_json else say)(line)
        self._echoes.clear()

    def facts(self, protocol: "Protocol", given: dict[str, str], seen_from: datetime | None = None) -> dict[str, str]:
        """The facts given, with what is a moment of the protocol's read as one. Raises BadWhen."""
        return {key: self._moment(protocol, key, said, seen_from) for key, said in given.items()}

    def _moment(self, protocol: "Protocol", key: str, said: str, seen_from: datetime | None) -> str:
        from escalate.domain.protocol.conditions import UNKNOWN
        from escalate.domain.worktime.clock import london

        moment = protocol.dated_event(key)
        unknown = UNKNOWN
        if moment is None or said.casefold() == unknown:
            return unknown if moment else said
        when = self.when(said, "future" if protocol.lies_ahead(moment) else "past", seen_from)
        return london(when.at).isoformat()

    def ask_facts(self, protocol: "Protocol", given: dict[str, str], seen_from: datetime) -> dict[str, str]:
        """The facts given, and those a person at a terminal answers when asked; an empty answer leaves one unknown.

        Of its moments only those to come are asked for: the others mostly have not been yet.
        """
        from escalate.errors import BadWhen, listed

        if not sys.stdin.isatty():
            return given
        answers = dict(given)
        for moment in (
            moment for moment in protocol.dated_events if moment.key not in given and protocol.lies_ahead(moment)
        ):
            question = f"{moment.ask} (a date, or Enter if not known)"
            while said := asked(question):
                try:
                    answers[moment.key] = self._moment(protocol, moment.key, said, seen_from)
                    break
                except BadWhen as problem:
                    question = problem.sentence
        for fact in (fact for fact in protocol.facts if fact.key not in given):
            question = f"{fact.ask} ({'/'.join(fact.answers)}, or Enter if not known)"
            while said := asked(question):
                if answer := fact.answer(said):
                    answers[fact.key] = answer
                    break
                question = f"Please answer {listed(fact.answers, 'or')}"
        return answers

    @contextmanager
    def store(self, dry_run: bool = False) -> Iterator["Store"]:
        """The file with the cases, made if there is none; a dry run makes it somewhere that does not last."""
        from escalate.storage.files.paths import is_there
        from escalate.storage.store import open_store

        path = self.settings.database
        with ExitStack() as stack:
            if dry_run and not is_there(path):
                from tempfile import TemporaryDirectory

                path = Path(stack.enter_context(TemporaryDirectory())) / path.name
            yield stack.enter_context(open_store(path))

    @contextmanager
    def stored(self) -> Iterator["Store | None"]:
        """The file with the cases, to read; None where there is none yet, which is said."""
        from escalate.storage.files.paths import is_there

        path = self.settings.database
        if is_there(path):
            with self.store() as store:
                yield store
        else:
            self._say_there_is_none()
            yield None

    def _say_there_is_none(self) -> None:
        from escalate.output.terminal import complain

        path = self.settings.database
        complain(f"There are no cases yet: {path} will be made when the first one is opened.")

    @contextmanager
    def listed(self) -> Iterator["Lists | None"]:
        """The lists of the file with the cases; None where there is none yet, which is said."""
        from escalate.storage.files.paths import is_there
        from escalate.storage.lists import open_lists

        path = self.settings.database
        if is_there(path):
            with open_lists(path) as lists:
                yield lists
        else:
            self._say_there_is_none()
            yield None

    @contextmanager
    def listed_as_of(self, at: datetime) -> Iterator["Reading | None"]:
        """The lists of the file with the cases as they were known at an instant, worked out from its entries."""
        with self.stored() as store:
            yield store.lists_as_known(at) if store else None

    def making(self, file: Path | None, force: bool) -> AbstractContextManager[BinaryIO]:
        """A file for others, whole or not at all, and never the one with the cases; standard output if none is named."""
        from escalate.output.files import making

        return making(file, force=force, spared=self.settings.database)

    def kept(self, store: "Store | Reading | None", name: str) -> "Calendar":
        """A calendar that the file holds because cases count on it."""
        from escalate.errors import NotOurFile

        calendar = store.calendar(name) if store else None
        if calendar is None:
            raise NotOurFile(
                f"{self.settings.database} has lost its {name} calendar: restore a backup with escalate restore."
            )
        return calendar

    def calendar(self, name: str) -> "Calendar":
        """The calendar the file holds, with its closures; where it holds none, the library's. Raises UnknownName."""
        from escalate.storage.files.bank_holidays import calendar_named
        from escalate.storage.files.paths import is_there

        calendar_named(name)
        if is_there(self.settings.database):
            with self.store() as store:
                kept = store.calendar(name)
            if kept:
                return kept
        return self.fresh_calendar(name)

    def fresh_calendar(self, name: str) -> "Calendar":
        """A nation's calendar as a file that holds none of that name would get it."""
        from escalate.storage.files.bank_holidays import library_calendar

        return library_calendar(name, *self.settings.working_hours)

    def calendar_of(self, protocol: "Protocol") -> "Calendar":
        """The calendar a protocol counts on, as the file holds it or as it would be kept there."""
        from escalate.storage.files.paths import is_there

        own = protocol.own_calendar
        if own is None:
            return self.calendar(protocol.calendar.name)
        if is_there(self.settings.database):
            with self.store() as store:
                kept = store.calendar(protocol.counts_on)
            if kept:
                return kept
        return own.made(protocol.counts_on, self.calendar)

    def horizon(self, calendar: "Calendar", at: datetime) -> datetime:
        """Up to when a deadline counts as at risk."""
        from escalate.domain.worktime.counting import at_risk_horizon

        return at_risk_horizon(at, calendar, self.settings.at_risk)

    def change(self, case: str, decide: Callable[["CaseFile"], "Entry"], *, dry_run: bool, as_json: bool) -> None:
        """Finds a case, lets a decision be made on it, appends the entry, and shows what changed and what is due next."""
        with self.existing() as store, store.writing(dry_run):
            before = store.case(store.find(case))
            entry = decide(before)
            self._refuse_day_alone(before, entry)
            after = store.append(entry)
            horizon = self.horizon(after.calendar, self.now)  # before it is written: what could not be shown is refused
        self.show_change(after, horizon, dry_run=dry_run, as_json=as_json, left_undone=_left_undone(after))

    def _refuse_day_alone(self, file: "CaseFile", entry: "Entry") -> None:
        """Asks for the time of day where it decides whether something was done in time: a day begins before any hour of it."""
        from escalate.domain.case import entries as kinds
        from escalate.domain.worktime.clock import end_of_day, london_date, moment, spoken
        from escalate.errors import Refused

        at = moment(entry.data["to"]) if entry.kind == kinds.CORRECTED else entry.at
        if not self._day_alone or entry.kind not in (kinds.DONE, kinds.ADVANCED, kinds.RESOLVED, kinds.CORRECTED):
            return
        action, day = entry.data.get("action"), london_date(at)
        for deadline in file.deadlines:
            concerned = entry.kind == kinds.CORRECTED or (deadline.action == action if action else deadline.ends_stage)
            due = deadline.due_at
            if concerned and due and london_date(due) == day and due != end_of_day(day):
                said = spoken(due)
                raise Refused(f"{file.case.ref} has something due {said}: say at what time of that day it happened.")

    def confirmed(self, question: str) -> bool:
        """Whether somebody at the terminal says yes. Raises Refused where there is nobody to ask."""
        from escalate.errors import Refused
        from escalate.output.words import inert

        if not sys.stdin.isatty():
            raise Refused("Nobody can be asked here: say --yes to make the change. Nothing was written.")
        return typer.confirm(inert(question), default=False, err=True)

    @contextmanager
    def existing(self) -> Iterator["Store"]:
        """The file with the cases, which has to be there. Raises Refused."""
        from escalate.errors import Refused
        from escalate.storage.files.paths import is_there

        path = self.settings.database
        if not is_there(path):
            raise Refused(
                f"There are no cases yet: {path} does not exist. Open one with escalate open, or name another file with --db."
            )
        with self.store() as store:
            yield store

    def show_change(
        self, file: "CaseFile", horizon: datetime, *, dry_run: bool, as_json: bool, left_undone: Sequence[str] = ()
    ) -> None:
        """What a command that changed a case prints."""
        from escalate.output import terminal
        from escalate.output.case.documents import case_document
        from escalate.output.case.outcome import change_page
        from escalate.output.terminal import show, show_json

        self.echo(as_json)
        if as_json:
            show_json(case_document(file, self.now, horizon))
        else:
            width = terminal.width()
            show(change_page(file, self.now, horizon, width, dry_run, left_undone))


def asked(question: str) -> str:
    """What somebody answers at the terminal."""
    from escalate.output.words import inert

    answer: str = typer.prompt(inert(question), default="", show_default=False, err=True)
    return answer.strip()


def desk(context: typer.Context) -> Desk:
    """The desk of this run."""
    found = context.find_object(Desk)
    assert found is not None
    return found


def _iso_moment(said: str, clock: datetime) -> datetime:
    from escalate.commands.when import read_when
    from escalate.errors import BadInput, BadWhen

    try:
        return read_when(said.strip(), clock, "past").at
    except BadWhen as problem:
        raise BadInput(f"ESCALATE_NOW: {problem.sentence}") from problem


def _left_undone(file: "CaseFile") -> list[str]:
    """What was not done at the stage just left."""
    from escalate.domain.case.entries import ADVANCED

    if file.case.history[-1].kind != ADVANCED:
        return []
    left = file.case.visits[-2].occasion
    return [
        f"{deadline.action} ({deadline.action_name})"
        for deadline in file.deadlines
        if deadline.occasion == left and deadline.met_at is None
    ]
