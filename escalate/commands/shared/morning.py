"""One run of the digest, whoever it is for."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from escalate.commands.shared.session import Session
from escalate.domain.deadlines.model import DueLine
from escalate.domain.reporting.digest import Digest, DueLines, digest
from escalate.domain.reporting.news import News, NewsSince
from escalate.domain.worktime.clock import london_date
from escalate.storage.lists import CasePlace
from escalate.storage.store import Store

A_DAY = timedelta(days=1)

IsTold = Callable[[DueLine], bool]
"""Whether a reader is to be told of a deadline."""


class Morning:
    """The digests of one run, all of them from what is due now."""

    def __init__(self, here: Session, store: Store, due: DueLines) -> None:
        self.now = here.now
        self._began = monotonic()
        self.today = london_date(here.now)
        self.store = store
        self._due = due
        self._head = store.head
        self._news: dict[datetime, dict[str, News]] = {}
        self.calendars = {name: here.calendar_of_cases(store, name) for name in store.lists.counted_on}
        self._horizons = {name: here.horizon(calendar, here.now) for name, calendar in self.calendars.items()}

    @property
    def moment(self) -> datetime:
        """The present moment of a run that may take long."""
        return self.now + timedelta(seconds=int(monotonic() - self._began))

    def told_to(self, reader: str) -> datetime:
        """Up to when a reader was told: by the last digest of an earlier day, or else up to the same time on the working day before."""
        last = self.store.digests.last_told(reader, self.today)
        yesterday = self.today - A_DAY
        before = min((each.on_or_before(yesterday) for each in self.calendars.values()), default=yesterday)
        return last or self.now - (self.today - before)

    def digest(self, since: datetime, wanted: IsTold, held: Collection[CasePlace], *, is_of_all: bool) -> Digest:
        """What one reader is told; `is_of_all` where they are told of every case there is to see. Raises BeyondCalendar.

        `held` has the cases, each with an occasion, on which they hold a side on one day or another.
        """
        news = self._news_since(since)
        told = digest(
            self._due,
            news,
            self.calendars,
            self._horizons,
            self.now,
            since,
            wanted,
            held,
            self._head,
            self.store.edition,
        )
        return replace(told, left=(*told.left, *self.store.left(since, self.now))) if is_of_all else told

    def record(self, reader: str, since: datetime) -> None:
        """Record that a reader has been told."""
        with self.store.writing():
            for letter in self.store.digests.still_to_send(self.today, self.now, {reader: since}, anew=False):
                self.store.digests.sent(letter, self.now, self.now)

    def _news_since(self, since: datetime) -> dict[str, News]:
        """What changed, by the references of the cases; looked up once for all readers who were told up to the same instant."""
        if since not in self._news:
            news = NewsSince(since)
            changes = self.store.changes(since, self.now)
            self._news[since] = {change.after.case.ref: news.of(change) for change in changes}
        return self._news[since]
