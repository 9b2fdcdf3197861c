"""What the commands that record something in a case have in common: decide on a case, append the entry, show what changed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import typer

from escalate.commands.shared.asking import NOTHING_WRITTEN, asked, can_ask, go_on_if_meant
from escalate.commands.shared.options import missing
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import case_named, opened
from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, Changed, case_file
from escalate.domain.recording.repeated import Repeated
from escalate.domain.recording.request import Recording, refuse_day_alone
from escalate.errors import NotThereYet, OutOfOrder
from escalate.output.case.outcome import change_page, shifts_of
from escalate.output.case.shifts import shifts_document
from escalate.output.terminal import complain, say, show, show_json, width
from escalate.storage.store import Store

Given = TypeVar("Given")


class Recorder:
    """Records one thing in a case. Raises BadWhen for a time that cannot be read."""

    def __init__(
        self, context: typer.Context, at: str | None, *, dry_run: bool, as_json: bool, begins_file: bool = False
    ) -> None:
        self.session = here = session(context, begins_file=begins_file)
        when = here.when(at, "past") if at else None
        self.recording = Recording(here.settings.by, here.now, when.at if when else here.now)
        """Who writes it down, when, and when it happened."""
        self._day_alone = when is not None and when.day_only
        self._context, self._dry_run, self._as_json = context, dry_run, as_json

    def case(self, said: str | None, *, closed: bool = False) -> str:
        """The case that was named, or that somebody at a terminal names when asked: an open one, or one that is closed.

        Raises BadInput where there is nobody to ask.
        """

        def ask() -> str | None:
            from escalate.commands.shared.wanted import ask_case, ask_closed_case  # most lines name a case

            return ask_closed_case(self.session) if closed else ask_case(self.session)

        return self.wanted("CASE", said, ask)

    def wanted(self, name: str, said: Given | None, ask: Callable[[], Given | None]) -> Given:
        """An argument that was given, or what is answered when somebody at a terminal is asked for it.

        Raises BadInput where there is nobody to ask, or no answer.
        """
        if said is None and can_ask(self._as_json):
            said = ask()
        if said is None:
            raise missing(self._context, name)
        return said

    def record(self, case: str, *decide: Callable[[CaseFile], Entry]) -> None:
        """Find a case, decide on the entry or one entry after the other, append them all, and show what changed and what is due next.

        Where something happened before its stage was logged, whoever is at a terminal is asked whether to record that first.
        Raises Refused, StoreError: then nothing is recorded.
        """
        try:
            self._record(case, decide)
        except (OutOfOrder, NotThereYet) as problem:
            if not can_ask(self._as_json):
                raise
            from escalate.commands.shared.logged_late import ask_what_came_first  # seldom needed

            first = ask_what_came_first(self.session, problem, self.recording)
            if first is None:
                say(NOTHING_WRITTEN)
                raise typer.Exit from None
            self._record(case, (first, *decide))

    def _record(self, case: str, decide: Sequence[Callable[[CaseFile], Entry]]) -> None:
        here = self.session

        def appended() -> tuple[CaseFile, CaseFile, datetime]:
            before = after = store.case(store.find(case))
            entries: list[Entry] = []
            for each in decide:
                entry = each(after)
                if self._day_alone:
                    refuse_day_alone(after, entry)
                entries.append(entry)
                if len(entries) < len(decide):
                    after = _with_entry(after, entry)
            after = store.append(*entries)
            record_related(store, before.case, after.case, self.recording)
            return before, after, here.horizon(after.calendar, here.now)  # what could not be shown is refused

        with opened(here) as store:
            before, after, horizon = store.decided(appended, self._dry_run)
            is_shared, own = store.database.is_shared, store.agency
        if is_shared:
            _tell_who_left(before, after, own)
        self.show(Changed(before, after), horizon)

    def record_why(
        self, case: str, said: str | None, question: str, decide: Callable[[CaseFile, str | None], Entry]
    ) -> None:
        """The same with words that are asked for at a terminal where they were left out, once it is sure that there is something to record."""
        if said is None and can_ask(self._as_json):
            with suppress(OutOfOrder, NotThereYet):  # `record` asks about that
                decide(case_named(self.session, case), None)
            said = asked(f"{question} (or Enter to leave that out)") or None
        self.record(case, lambda file: decide(file, said))

    def agreed(self, case: str, find: Callable[[CaseFile], Repeated | None], question: str) -> int | None:
        """Ask at a terminal whether what was recorded just now is meant again; the number of that entry if it is, or None if nothing was asked.

        Raises Refused, StoreError, and ends the command where it is not.
        """
        if not can_ask(self._as_json):
            return None
        try:
            repeated = find(case_named(self.session, case))
        except OutOfOrder:  # `record` asks about that first
            return None
        if repeated:
            go_on_if_meant(repeated, question)
        return repeated.entry if repeated else None

    def show(self, changed: Changed, horizon: datetime) -> None:
        """Print what changed in a case and what is due next."""
        show_change(self.session, changed, horizon, dry_run=self._dry_run, as_json=self._as_json)


def record_related(store: Store, before: Case | None, after: Case, recording: Recording) -> None:
    """Have the cases that one belongs together with now, or no more, say so too. Inside `writing`. Raises Refused."""
    if after.related == (before.related if before else ()):
        return
    from escalate.domain.recording.related import says_so_too, unlike  # few cases are related

    for ref in unlike(before, after):
        entry = says_so_too(after, store.case(ref), recording, same_readers=store.database.is_shared)
        if entry:
            store.append(entry)


def show_change(
    here: Session, changed: Changed, horizon: datetime, *, dry_run: bool, as_json: bool, told_before: bool = False
) -> None:
    """Print what a command changed in a case, unless what became of deadlines was told before, and what is due next."""
    here.echo(as_json)
    told = shifts_of(changed, here.now)
    file = changed.after
    if as_json:
        from escalate.output.case.documents import case_document  # loads what plans, which a page does not need

        show_json(case_document(file, here.now, horizon) | {"changes": shifts_document(told), "dry_run": dry_run})
    else:
        show(change_page(changed, () if told_before else told, here.now, horizon, width(), dry_run))


def _with_entry(file: CaseFile, entry: Entry) -> CaseFile:
    """A case as one entry more would leave it, by which the next is decided on."""
    return case_file(replay((*file.case.history, entry)), file.protocol, file.calendar)


def _tell_who_left(before: CaseFile, after: CaseFile, own: str | None) -> None:
    """Say which agencies do not see a case on a server any more: its deadlines leave their lists, which they are told in their next digest only."""
    from escalate.domain.reporting.left import agencies_left, alike  # only on a server

    for name in agencies_left(before.case, after.case):
        complain(_sees_no_more(name, after.case.ref, is_own=own is not None and alike(own) == alike(name)))


def _sees_no_more(agency: str, ref: str, *, is_own: bool) -> str:
    if is_own:
        return (
            f"With that {agency}, which is your own agency, no longer sees {ref}, nor what is due in it:"
            " if that is a mistake, the other side or the business unit corrects it with escalate set."
        )
    return f"With that {agency} no longer sees {ref}, nor what is due in it: tell them."
