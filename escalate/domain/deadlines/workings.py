"""The workings of one case: what its deadlines come of, and each of them worked out once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from escalate.domain.case.model import Agreed, Case, Done, Stay
from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.known import OPENING, Since, known_of
from escalate.domain.deadlines.model import Deadline, DeadlineKey
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Stage
from escalate.domain.worktime.calendar import Calendar
from escalate.errors import Refused

Record = TypeVar("Record", Done, Agreed)

WorkOutAction = Callable[["Workings", Stay, Action, Since | None], tuple[Deadline, ...]]
"""Works out the deadlines of an action during a stay at its stage, by all that had happened until then where that is said: none where it
is not called for."""

NOTHING_JUDGED: Mapping[DeadlineKey, Deadline] = MappingProxyType({})
"""No deadline was judged before the calendar was changed."""


class Workings:
    """What the deadlines of one case come of, and those of its stages that have been worked out.

    A deadline that counts from another action's time running out looks that up here, so that each is worked out once; what was
    judged before the calendar was changed is as it was judged then.
    """

    def __init__(
        self,
        protocol: Protocol,
        case: Case,
        calendar: Calendar,
        work_out: WorkOutAction,
        judged: Mapping[DeadlineKey, Deadline] = NOTHING_JUDGED,
    ) -> None:
        self.protocol = protocol
        self.case = case
        self.calendar = calendar
        self.known = known_of(protocol, case)
        self._ladders = protocol.ladders
        self._done = _by_action(sorted(case.done, key=lambda done: (done.at, done.entry)))
        self._agreed = _by_action(case.agreed)
        self._work_out, self._judged = work_out, judged
        self._worked_out: dict[tuple[int, str, Since | None], tuple[Deadline, ...] | None] = {}

    def deadlines(self, stay: Stay, action: Action, by: Since | None = None) -> tuple[Deadline, ...]:
        """The deadlines of an action during a stay: one, or one for each time of what repeats; none where it is not called for.

        With `by` they are those of what had happened until then, and what was open is over then.
        Raises BeyondCalendar, and Refused where it would count from itself in the end.
        """
        place = stay.number, action.key, by
        if place not in self._worked_out:
            self._worked_out[place] = None
            worked_out = self._work_out(self, stay, action, by)
            judged = self._judged
            self._worked_out[place] = tuple(judged.get(each.key, each) for each in worked_out) if judged else worked_out
        found = self._worked_out[place]
        if found is None:
            raise Refused(f'"{action.key}" of {self.protocol.id} would count from itself in the end.')
        return found

    def deadline(self, occasion: Occasion, key: str) -> Deadline | None:
        """The deadline of the action of a stage that an occasion means by a key; the last one of what repeats.

        None where the case has not come to the action, or does not call for it. Raises BeyondCalendar, Refused.
        """
        place = self.place(occasion, key)
        found = self.deadlines(*place) if place else ()
        return found[-1] if found else None

    def place(self, occasion: Occasion, key: str, by: Since | None = None) -> tuple[Stay, Action] | None:
        """The action of a stage that an occasion means by a key: that of its own stay, or else of the last stay before it.

        With `by` only stages count that the case had come to by then.
        """
        for stay in reversed(self.case.stays[: occasion.stay]):
            if by and (stay.entered_at, stay.entry) > (by.at, by.entry or OPENING):
                continue
            for action in self.stage(stay).actions:
                if action.key == key:
                    return stay, action
        return None

    def stage(self, stay: Stay) -> Stage:
        """The stage that a stay is at."""
        return self._ladders.stage(stay.route, stay.stage)

    def done(self, occasion: Occasion, key: str) -> Sequence[Done]:
        """Every time an action was done on an occasion, in the order it happened."""
        return self._done.get((occasion, key), ())

    def agreed(self, occasion: Occasion, key: str) -> Sequence[Agreed]:
        """Every date agreed for an action on an occasion, in the order of the history."""
        return self._agreed.get((occasion, key), ())


def _by_action(records: Iterable[Record]) -> Mapping[tuple[Occasion, str], Sequence[Record]]:
    """Records of a case by the occasion and the action they are about."""
    found: dict[tuple[Occasion, str], list[Record]] = defaultdict(list)
    for record in records:
        found[record.occasion, record.action].append(record)
    return found
