"""Calls: when and how often an action is called for in a case, and what became of each time (C15).

A call begins when its stage is entered or when something is said that calls for it. It ends by being done, by leaving its stage where
that meets it, or otherwise: by a changed answer, by closing the case. `calls_of` walks what happened, in the order it happened.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from escalate.domain.case.model import Agreed, Case, Closing, Done, Stay
from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.known import OPENING, Answers, Said, Since, says_so
from escalate.domain.deadlines.workings import Workings
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Bearing
from escalate.domain.protocol.parts import NEXT_STEP, Action, Stage

BegunBy = tuple[int | None, int | None]
"""The entry that began a call, and the one that began the first of those it carries on."""


class Call(NamedTuple):
    """One time that a case calls for an action."""

    workings: Workings
    """What is known and worked out of the case."""
    stay: Stay
    """The stay during which it is called for; of what is owed beside the stages, the one at which the case was when it began."""
    occasion: Occasion
    """When it is owed."""
    stage: Stage
    """The stage of that stay."""
    action: Action
    """What is called for."""
    bearing: Bearing
    """What bears on that in every case."""
    begins: Since
    """When it began, and by which entry."""
    first_called: int | None
    """The entry that began the first of the calls it carries on: one entry may begin several anew, and this tells them apart."""
    answers: Answers
    """The answers that bear on it: today's while it is open, and those that held when it was met or ended."""
    number: int = 1
    """Which call for the action it is, from 1."""
    called: Since | None = None
    """What was said that calls for it; None where it began with its stage."""
    occurrence: int = 0
    """Which time it is of something done again and again, from 1; 0 for anything else."""
    done_before: Done | None = None
    """When it was done the time before."""
    done: Done | None = None
    """When it was done."""
    left: Since | None = None
    """When its stage was left, which met it."""
    ended: Since | None = None
    """When it ended otherwise."""
    is_regraded: bool = False
    """It ended because other timescales apply now; where those come to the same date, it goes on as the next one."""
    goes_on_from: int | None = None
    """The entry that began the call it carries on: what was agreed for that and is running still counts for it."""
    agreed: Sequence[Agreed] | None = None
    """The dates agreed for it, where there is more than one call; None where all that were agreed for the action are its own."""

    @property
    def repeats(self) -> bool:
        """It is one of the times of something done again and again."""
        return self.occurrence > 0

    @property
    def begun_by(self) -> BegunBy:
        """The entry that began it, and the one that began the first it carries on: no other call for the action has both."""
        return self.begins.entry, self.first_called

    @property
    def carries_on(self) -> BegunBy | None:
        """How the call it carries on was begun, if it does."""
        return (self.goes_on_from, self.first_called) if self.goes_on_from else None

    @property
    def met(self) -> Since | None:
        """When it was met, and by which entry."""
        return Since(self.done.at, self.done.entry) if self.done else self.left

    @property
    def judged_at(self) -> datetime | None:
        """When it was met or ended (UTC): nothing of after it changes what became of it."""
        if self.done is None and self.left is None and self.ended is None:  # as while it is open
            return None
        over = self.over
        return over.at if over else None

    @property
    def over(self) -> Since | None:
        """When it was met or ended, and by which entry."""
        return self.met or self.ended

    @property
    def unanswered(self) -> list[str]:
        """The questions on which it hangs whether the action is called for at all."""
        when = self.action.when
        if when is None or self.occasion.at_any_stage:  # at any stage only a yes calls for something
            return []
        return when.unanswered(self.answers)

    def value(self, condition: Condition | None) -> bool | None:
        """Whether a condition holds by the answers that bear on it; None where a question is open (C14)."""
        return True if condition is None else condition.value(self.answers)


def calling_conditions(action: Action) -> list[Condition]:
    """The conditions by which an action is called for: its own, and those of time that counts from their becoming known."""
    by_time = [each.when for each in action.timescales if each.when and each.anchor.kind is AnchorKind.KNOWN]
    return [action.when, *by_time] if action.when else by_time


def counts_from_known(action: Action) -> bool:
    """Whether time for an action counts from something becoming known: each yes then calls for it."""
    return any(each.anchor.kind is AnchorKind.KNOWN for each in action.timescales)


RanOut = Callable[[Call], bool]
"""Tells whether the time of a call had run out when it ended."""


def calls_of(
    workings: Workings, stay: Stay, occasion: Occasion, action: Action, begins: Since, ran_out: RanOut
) -> list[Call]:
    """Every call for an action on one occasion, which began at an instant, in the order of the calls. Raises BeyondCalendar."""
    if occasion.at_any_stage and _is_never_called_for(workings, occasion, action):
        return []
    stage, answers = workings.stage(stay), workings.known.answers
    bearing = workings.protocol.bearing_on(action)
    first = Call(workings, stay, occasion, stage, action, bearing, begins, begins.entry, answers)
    return [first] if _nothing_happened(workings, first) else _Walk(workings, first, ran_out).calls()


def _nothing_happened(workings: Workings, call: Call) -> bool:
    """Whether nothing bears on a call but its beginning, as of most: its stage is the present one, nobody did it, no answer matters to it."""
    case, action = workings.case, call.action
    if case.closings or not call.occasion.stay or action.key == NEXT_STEP:
        return False
    if call.stay.left_at and call.bearing.is_over_with_stage:
        return False
    return call.bearing.is_unconditional and not workings.done(call.occasion, action.key)


def _is_never_called_for(workings: Workings, occasion: Occasion, action: Action) -> bool:
    """Whether nothing was ever said of what calls for an action at any stage, nor was it done: as of most of them in most cases."""
    if action.when is None or workings.done(occasion, action.key):
        return False
    said = workings.known.answers
    for fact, _ in action.when.terms:
        if fact in said:
            return False
    return action.when.value({}) is not True


_CLOSED = ("resolved", "withdrawn")
"""How a case is closed that was rightly opened."""

Step = tuple[datetime, int, int, Callable[[Since], None]]
"""Something that happened: when, by which entry, its rank within that entry, and what it does to the calls that are open."""

_IN_ORDER = itemgetter(0, 1, 2)


class _Walk:
    """One walk over what bears on an action, in the order it happened, keeping the calls that are open."""

    def __init__(self, workings: Workings, first: Call, ran_out: RanOut) -> None:
        self._workings, self._first, self._ran_out = workings, first, ran_out
        self._action, self._occasion = first.action, first.occasion
        self._known = workings.known
        self._is_standing = first.occasion.at_any_stage
        self._repeats = first.bearing.repeats
        self._open: list[Call] = []
        self._over: list[Call] = []
        self._so_many = 0
        """How many calls have begun."""
        self._closed_by: dict[int, list[Call]] = {}
        """The calls that each closing met or ended, by its entry: reopening calls for them again."""
        self._was_no = False
        """The answers said, since the last call began, that nothing is called for."""
        self._was_told_anew = False
        """Since then something was said, while the case was closed, that would have called for it."""

    def calls(self) -> list[Call]:
        """Every call, in the order they began."""
        steps = list(self._steps())
        if len(steps) > 1:
            steps.sort(key=_IN_ORDER)
        for at, entry, _, happens in steps:
            happens(Since(at, entry))
        found = [*self._over, *self._open]
        if len(found) <= 1 and not self._repeats:  # as of most actions: it is the first already
            return found
        found.sort(key=lambda each: (each.begins.at, each.begins.entry or 0, each.number))
        return [each._replace(number=n, occurrence=n if self._repeats else 0) for n, each in enumerate(found, 1)]

    # -- what happened

    def _steps(self) -> Iterator[Step]:
        case, stay, occasion = self._workings.case, self._first.stay, self._occasion
        begins = self._first.begins
        yield begins.at, begins.entry or OPENING, 0, self._begun
        for done in self._workings.done(occasion, self._action.key):
            yield done.at, done.entry, 2, partial(self._done, done=done)
        if not self._first.bearing.is_unconditional:
            if self._hangs_on_facts:
                for said in self._known.said:
                    if (said.at, said.entry) > (begins.at, begins.entry or OPENING):
                        yield said.at, said.entry, 1, partial(self._said, said=said)
            for told, date in self._dates_told():
                yield told.at, told.entry or OPENING, 1, partial(self._told_anew, date=date)
        if stay.left_at and stay.left_entry and occasion.stay and stay.number < len(case.stays):
            yield stay.left_at, stay.left_entry, 3, self._left
        for closing in case.closings:
            if self._bears_on(closing):
                yield closing.at, closing.entry, 3, partial(self._closed, closing=closing)
                if closing.reopened_at and closing.reopened_entry:
                    yield closing.reopened_at, closing.reopened_entry, 3, partial(self._reopened, closing=closing)

    @property
    def _hangs_on_facts(self) -> bool:
        action = self._action
        return bool(action.when or self._cap_when or any(each.when for each in action.timescales))

    @property
    def _cap_when(self) -> Condition | None:
        cap = self._workings.protocol.route(self._first.stay.route).cap if self._action.ends_stage else None
        return cap.when if cap else None

    def _dates_told(self) -> Iterator[tuple[Since, datetime]]:
        """Each new date that was told of an event from which, or back from which, the time of the action counts."""
        for timescale in self._action.timescales:
            if timescale.anchor.kind is AnchorKind.ACTION and self._workings.protocol.dated_event(timescale.anchor.key):
                told = self._known.told(timescale.anchor.key)
                yield from ((said, date) for (_, before), (said, date) in pairwise(told) if date and date != before)

    def _bears_on(self, closing: Closing) -> bool:
        """Whether closing the case can end what an action calls for on this occasion."""
        if self._is_standing:
            return self._repeats or closing.status not in _CLOSED
        if self._occasion.resolution:
            return closing.resolution == self._occasion.resolution
        stay = self._occasion.stay or 0
        return stay == closing.stay or (stay < closing.stay and (closing.status != "resolved" or self._action.window))

    # -- what it does to the calls

    def _begun(self, since: Since) -> None:
        """The occasion begins: what is called for without a word is called for from then."""
        if self._action.key == NEXT_STEP and self._is_over_for_good(since):
            self._was_told_anew = self._is_closed(since)  # the step is owed once the case is taken up again
            return
        if self._action.when:
            answers = self._known.said_by(since) if self._is_standing else self._known.answers_at(since)
            if not self._calls(answers):
                self._was_no = True
                return
        self._begin(since, None)

    def _calls(self, answers: Answers) -> bool:
        """Whether an action is called for by these answers; one of a stage also where that is not known yet (C14)."""
        value = self._action.when.value(answers) if self._action.when else True
        return value is True or (value is None and not self._is_standing)

    def _begin(
        self,
        begins: Since,
        called: Since | None,
        *,
        done_before: Done | None = None,
    ) -> None:
        stay, stage = self._first.stay, self._first.stage
        if self._is_standing:
            stay = _stay_at(self._workings.case, begins)
            stage = self._workings.stage(stay)
        call = self._first
        if self._is_standing or called or done_before or begins != call.begins:
            call = call._replace(
                stay=stay, stage=stage, begins=begins, called=called, done_before=done_before, first_called=begins.entry
            )
        self._add(call)
        self._was_no = self._was_told_anew = False

    def _add(self, call: Call) -> None:
        """Takes in a call that begins. Of several that one entry begins, the one it began first has the lower number, whatever becomes of it."""
        self._so_many += 1
        self._open.append(call if self._so_many == 1 else call._replace(number=self._so_many))

    def _said(self, since: Since, said: Said) -> None:
        """Something was said: it may call for an action, once more or no longer, or have it judged by other timescales."""
        before, after = self._with_first_answers(said.before), self._with_first_answers(said.known)
        if not self._calls(after):
            self._end(since, before)
            self._was_no = True
        elif not self._open:
            if self._is_called_for_anew(said, before):
                self._begin_anew(since, since if self._says_so(said) else None)
        else:
            if self._others_apply(before, after):
                self._regrade(since, before)
            if self._is_another(said):
                self._begin(since, since, done_before=self._last_done)

    def _begin_anew(self, since: Since, called: Since | None) -> None:
        """Something is called for anew: at once, or when a case is reopened that is closed."""
        if not self._is_over_for_good(since):
            self._begin(since, called, done_before=self._last_done)
        elif self._is_closed(since):
            self._was_told_anew = True

    def _is_another(self, said: Said) -> bool:
        """Whether something that was said calls for an action once more, though a call is open."""
        is_heard = self._is_standing or counts_from_known(self._action)
        return is_heard and self._says_so(said) and (said.calls_again or self._had_a_call_that_was_done(said))

    def _had_a_call_that_was_done(self, said: Said) -> bool:
        """Whether something began a call of its own that was done before an earlier yes was written down: it keeps that call (C20)."""
        written_later = [
            each.begins.entry or OPENING for each in self._open if (each.begins.entry or OPENING) > said.entry
        ]
        done = self._workings.done(self._occasion, self._action.key)
        return any(
            each.at >= said.at and each.entry < entry and self._was_called_for_until(each, said)
            for each in done
            for entry in written_later
        )

    def _was_called_for_until(self, done: Done, said: Said) -> bool:
        """Whether nothing that was said between a yes and a doing was a no."""
        begins, ends = (said.at, said.entry), (done.at, done.entry)
        return all(self._calls(each.known) for each in self._known.said if begins < (each.at, each.entry) < ends)

    def _with_first_answers(self, answers: Answers) -> Answers:
        """Answers with those that settle what it was all along; a standing action is called for only by what was said."""
        return answers if self._is_standing else {**self._known.all_along, **answers}

    @property
    def _last_done(self) -> Done | None:
        return max(
            (each.done for each in self._over if each.done), key=lambda done: (done.at, done.entry), default=None
        )

    def _says_so(self, said: Said) -> bool:
        return any(says_so(said, condition) for condition in calling_conditions(self._action))

    def _is_called_for_anew(self, said: Said, before: Answers) -> bool:
        """Whether something that was said calls for an action that is not called for just now.

        What belongs to a stage is called for again only after a no, unless its time counts from something becoming known.
        """
        if not self._calls(before):
            return True
        if not (self._is_standing or counts_from_known(self._action)):
            return False
        return self._says_so(said) if said.calls_again else self._says_more(said)

    def _says_more(self, said: Said) -> bool:
        """Whether something that was said calls for an action, and does not only settle what had been so all along (C14)."""
        all_along = self._with_first_answers(said.before)
        return any(
            says_so(said, each) and (each.holds(said.before) or each.value(all_along) is not True)
            for each in calling_conditions(self._action)
        )

    def _is_over_for_good(self, since: Since) -> bool:
        """Whether a stage that was left, or a case that was closed, calls for nothing more of this kind."""
        action, stay = self._action, self._first.stay
        if self._is_standing:
            return False
        closing = next((each for each in self._workings.case.closings if _is_in_force(each, since)), None)
        if self._occasion.resolution:
            return closing is None or closing.resolution != self._occasion.resolution
        if closing and closing.status != "resolved":
            return True
        if action.window and action.outlives:
            return closing is not None and action.outlives == "stage"
        was_left = closing is not None or _is_by(since, stay.left_at, stay.left_entry)
        return was_left and (action.ends_stage or action.window or self._repeats or action.key == NEXT_STEP)

    def _others_apply(self, before: Answers, after: Answers) -> bool:
        """Whether other timescales apply by the answers after than by those before."""
        conditions = [each.when for each in self._action.timescales if each.when]
        if self._cap_when:
            conditions.append(self._cap_when)
        first = self._known.all_along if self._is_standing else {}
        return any(each.value({**first, **before}) is not each.value({**first, **after}) for each in conditions)

    def _regrade(self, since: Since, before: Answers) -> None:
        regraded, self._open = self._open, []
        for call in regraded:
            self._over.append(call._replace(ended=since, is_regraded=True, answers={**self._known.all_along, **before}))
            self._add(call._replace(begins=since, goes_on_from=call.begins.entry))

    def _told_anew(self, since: Since, date: datetime) -> None:
        """An event was given a date of after something was done that counts from it: it is called for again."""
        done, left_at = self._last_done, self._first.stay.left_at
        is_there = self._is_standing or left_at is None or since.at < left_at
        if self._open or done is None or date <= done.at or not is_there:
            return
        if not self._is_standing and self._is_closed(since):
            self._was_told_anew = True
        elif not self._is_over_for_good(since) and self._calls(self._with_first_answers(self._known.said_by(since))):
            self._begin(since, since, done_before=done)

    def _done(self, since: Since, done: Done) -> None:
        """The oldest open call is met, or the one that somebody chose; what was done without a call stands by itself.

        A call that is written down only later does not take over what another one was done for.
        """
        written_before = [each for each in self._open if (each.begins.entry or OPENING) < done.entry]
        call = self._chosen(done) or next(iter(written_before or self._open), None)
        answers = self._known.answers_at(since)
        if call is None:
            stay = _stay_at(self._workings.case, since) if self._is_standing else self._first.stay
            alone = self._first._replace(stay=stay, stage=self._workings.stage(stay), begins=since)
            self._over.append(alone._replace(first_called=since.entry, done=done, answers=answers))
            return
        if call in self._open:
            self._open.remove(call)
        self._over.append(call._replace(done=done, ended=None, is_regraded=False, answers=answers))
        if self._repeats and self._is_called_for_once_more(since):
            self._begin(since, call.called, done_before=done)

    def _chosen(self, done: Done) -> Call | None:
        """The call that somebody said something was done for, or the open one that carries it on; None where nobody said.

        What is learned later of when that call ended leaves it to what was done for it: no other call is met by that.
        """
        if done.call_entry is None:
            return None
        carrying_on = [each for each in self._open if self._is_for(done, each)]
        if carrying_on:
            return carrying_on[0]
        chosen = next((each for each in self._over if is_begun_by(each, done) and not each.met), None)
        if chosen:
            self._over.remove(chosen)
            for again in self._closed_by.values():
                again[:] = [each for each in again if each.begins != chosen.begins]
        return chosen

    def _is_for(self, done: Done, call: Call) -> bool:
        """Whether somebody said that something was done for a call, or for one that it carries on."""
        found: Call | None = call
        while found:
            if is_begun_by(found, done):
                return True
            carried_on = found.carries_on
            found = next((each for each in self._over if carried_on and each.begun_by == carried_on), None)
        return False

    def _is_called_for_once_more(self, since: Since) -> bool:
        """Whether something done again and again is to be done once more: not once its stage was left, or the case closed."""
        if self._is_closed(since) or self._is_over_for_good(since):
            return False
        return self._calls(self._with_first_answers(self._known.said_by(since)))

    def _is_closed(self, since: Since) -> bool:
        return any(_is_in_force(each, since) for each in self._workings.case.closings)

    def _left(self, since: Since) -> None:
        """The case went to another stage."""
        self._stage_over(since, self._workings.case.stays[self._first.stay.number])

    def _stage_over(self, since: Since, to: Stay | None, closing: Closing | None = None) -> list[Call]:
        """What leaving the stage, to another one or for good, meets and ends: those calls as they were."""
        action = self._action
        if not self._open or not self._first.bearing.is_over_with_stage:
            return []
        answers = self._known.answers_at(since)
        over, self._open = self._open, []
        if action.ends_stage or (action.window and to and _is_used_by(self._workings, self._first, to)):
            self._over += [each._replace(left=since, answers=answers) for each in over]
        elif action.window:
            if action.outlives == "case" or (action.outlives == "stage" and closing is None):
                self._open = over
                return []
            self._over += [each._replace(ended=since, answers=answers) for each in over]
        elif action.key == NEXT_STEP:
            self._over += [each._replace(ended=since, answers=answers) for each in over]
        else:
            ended = [each._replace(ended=since, answers=answers) for each in over]
            late = [self._ran_out(each) for each in ended]  # what had run out by then is owed still
            self._open = [each for each, is_late in zip(over, late, strict=True) if is_late]
            over = [each for each, is_late in zip(over, late, strict=True) if not is_late]
            self._over += [each for each, is_late in zip(ended, late, strict=True) if not is_late]
        return over

    def _closed(self, since: Since, closing: Closing) -> None:
        """The case was closed: as resolved, what it owes stays owed, save what belongs to its stage alone."""
        if self._occasion.resolution:  # what is owed after a resolution begins with it
            return
        if self._is_standing and self._action.when and closing.status in _CLOSED:
            over = []  # it outlives the case: it is owed until it is done, or answered no
        elif closing.status == "resolved" or (self._is_standing and closing.status in _CLOSED):
            over = self._stage_over(since, None, closing)
        elif self._action.window and self._action.outlives == "case" and closing.status == "withdrawn":
            over = []
        else:
            over = list(self._open)
            self._end(since, self._known.answers_at(since))
        self._closed_by[closing.entry] = over

    def _reopened(self, since: Since, closing: Closing) -> None:
        """The case was taken up again: what closing it met or ended is called for anew, and counts as before.

        So is what a yes, or another date, while it was closed, would have called for.
        """
        if self._occasion.resolution:
            self._end(since, self._known.answers_at(since))
            return
        answers = self._with_first_answers(self._known.said_by(since))
        if self._calls(answers):
            again = self._closed_by.get(closing.entry, [])
            for each in again:
                self._add(each._replace(begins=since, goes_on_from=each.begins.entry))
            was_missed_out = (self._was_no or self._was_told_anew) and not self._is_over_for_good(since)
            if not self._open and (self._repeats if self._is_standing else was_missed_out):
                self._begin(since, None, done_before=self._last_done)

    def _end(self, since: Since, answers: Answers) -> None:
        """Every open call ends otherwise than by being done."""
        answers = {**self._known.all_along, **answers}
        self._over += [each._replace(ended=since, answers=answers) for each in self._open]
        self._open = []


def is_begun_by(call: Call, chosen: Done | Agreed) -> bool:
    """Whether a call is the one that somebody chose, by the entry that began it; of several, by the one that began the first it carries on."""
    return call.begins.entry == chosen.call_entry and chosen.first_called in (None, call.first_called)


def _stay_at(case: Case, since: Since) -> Stay:
    """The stay during which something happened."""
    by_then = [stay for stay in case.stays if (stay.entered_at, stay.entry) <= (since.at, since.entry or 0)]
    return by_then[-1] if by_then else case.stays[0]


def _is_in_force(closing: Closing, since: Since) -> bool:
    """Whether a case was closed when something happened; of one instant, the entry written down first happened first."""
    return _is_by(since, closing.at, closing.entry) and not _is_by(since, closing.reopened_at, closing.reopened_entry)


def _is_by(since: Since, at: datetime | None, entry: int | None) -> bool:
    """Whether something had come about when something else did."""
    return at is not None and (at, entry or OPENING) <= (since.at, since.entry or OPENING)


def _is_used_by(workings: Workings, call: Call, to: Stay) -> bool:
    """Whether going to a stage is the move a window is for (C19).

    That is going to a stage it leads to; where the file names none, going up on the same route. Of several such windows at a
    stage, the one of the receiving side is not used by going up.
    """
    window, stage = call.action, call.stage
    if window.not_for_going_up:
        return False
    if window.leads_to:
        named = (workings.protocol.find(stage.route, key) for key in window.leads_to)
        return any(each is not None and each.place == (to.route, to.stage) for each in named)
    others = [
        each
        for each in stage.actions
        if each.window and each is not window and not each.leads_to and not each.not_for_going_up
    ]
    if window.side == "receiving" and any(each.side != "receiving" for each in others):
        return False
    following = {each.place for each in workings.protocol.ladders.above(stage)}
    return to.route == stage.route and (to.route, to.stage) in following


def is_reached(workings: Workings, action: Action, stay: Stay) -> bool:
    """Whether a case has come, by a stay, to the stage that an action after its resolution asks for, or above it."""
    if action.if_reached is None:
        return True
    protocol = workings.protocol
    stays = workings.case.stays[: stay.number]
    routes = [stay.route, *(each.route for each in reversed(stays))]
    named = (protocol.find(route, action.if_reached) for route in routes)
    threshold = next((stage for stage in named if stage), None)
    if threshold is None:  # a stage of a route this case has not taken
        return False
    enough = {stage.place for stage in (threshold, *protocol.ladders.above(threshold))}
    return any((each.route, each.stage) in enough for each in stays)
