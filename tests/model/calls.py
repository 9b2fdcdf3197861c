"""What is called for in a case, how often, and how each call ended (C15, C16, C19): one walk over what happened, in its order.

Where the contract is silent, the earlier deadline is taken and nothing is lost:
- What a withdrawn case would have called for, by a yes after a no, it calls for when it is reopened; so does any
  closed case of what an event told anew would have called for.
- What is called for again after a reopening keeps the dates agreed for it.
- A regrading is another call only where it changes the date.
- A first answer that is dated and takes a timescale away ends a call only where the date that hung on it had run out.
- A standing action becomes known when the last answer it needs is given, though that answer settles what it was all along.
- What was done without a call for it, or turns out not to have been owed, stays as a call of its own.
- A window for whatever follows is used by going to any stage above on the same route, also past some.
- What counts from `known` is called for again by a yes after it was done, wherever the case has come since; in a withdrawn case once it is reopened.
- What is said to be called for once more is, where its time counts from `known` or it is a standing action, though that is its first
  answer, and though it brings another timescale: the call that is open is regraded then, and goes on beside the new one.
- What belongs to a stage and counts from anything else is called for again only after a no.
- A regrading that brings a timescale from `known` calls again for what was done: that time runs from then.
- A doing that somebody said is for a call is for that one, or the one that goes on with it, whatever is said later of when it ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tests.model.history import ANY_STAGE, Agreed, Case, Closing, Done, Place, Said, Stay
from tests.model.protocol import Action, Condition, Facts

FIRST_ANSWER = "first answer"
"""What ends a call that hung on a question until then."""

Applying = tuple[int, ...]
"""Which timescales of an action apply, or may apply, by their position."""


@dataclass
class Call:
    """One time that something is called for."""

    occasion: int
    action: Action
    begins: Place
    begun_by: str
    """`entry` to its stage, a `yes`, a `regrading`, a `reopening`, a `resolution`, an `edition`."""
    applying: Applying
    number: int = 0
    met: Place | None = None
    met_by: str = ""
    """`done`, or `leaving` the stage."""
    ended: Place | None = None
    ended_by: str = ""
    agreed: list[Agreed] = field(default_factory=list)
    carries_on: "Call | None" = None
    """The call before it, where it goes on with what was agreed for that."""
    after: Place | None = None
    """When it was done the time before, where a yes of since then calls for it only as the case is reopened."""

    @property
    def is_open(self) -> bool:
        return self.met is None and self.ended is None

    def was_open(self, place: Place) -> bool:
        """Whether it had begun by then and had not been met or ended."""
        return self.begins <= place and all(end is None or place < end for end in (self.met, self.ended))


class Event(NamedTuple):
    place: Place
    kind: str
    what: Said | Done | Closing | Stay | datetime | None = None


class Calling:
    """The calls of one action on one occasion."""

    def __init__(self, case: Case, occasion: int, action: Action) -> None:
        self.case, self.occasion, self.action = case, occasion, action
        self.calls: list[Call] = []
        self.was_no = self.told_while_closed = False
        self.stay = case.stays[occasion - 1] if occasion > 0 else None
        self.settled = occasion != ANY_STAGE
        for event in sorted(self.events(), key=lambda event: event.place):
            getattr(self, event.kind)(event)
        self.calls.sort(key=lambda call: call.begins)
        for number, call in enumerate(self.calls, 1):
            call.number = number
        self._share_out_agreements()

    # -- what happens, in its order

    def events(self) -> Iterator[Event]:
        case = self.case
        for said in case.said:
            yield Event(said.place, "answered", said)
        for moment, told in case.moments.items():
            for n, (place, _, date_) in enumerate(told):
                yield Event(place, "answered")
                is_another = n and date_ and date_ != told[n - 1][2]
                if is_another and any(each.anchor == moment for each in self.action.timescales):
                    yield Event(place, "told_anew", date_)
        for done in self.dones:
            yield Event(done.place, "was_done", done)
        if self.occasion == ANY_STAGE:
            return
        if self.stay:
            yield Event(self.stay.entered, "came_about")
            if self.stay.left:
                yield Event(self.stay.left, "left", self.stay)
        for closing in case.closings:
            if self.stay:
                yield Event(closing.place, "closed", closing)
            elif closing.resolution == -self.occasion:
                yield Event(closing.place, "came_about")
            if closing.reopened:
                yield Event(closing.reopened, "reopened", closing)

    @property
    def dones(self) -> list[Done]:
        return [each for each in self.case.done if (each.occasion, each.action) == (self.occasion, self.action.key)]

    def came_about(self, event: Event) -> None:
        self._begin_if_owed(event.place, "entry")

    def answered(self, event: Event) -> None:
        if self.stay and event.place <= self.stay.entered:
            return
        if self.stay and self._is_withdrawn(event.place):
            self._answered_while_withdrawn(event)
            return
        if self.occasion < 0 and not self._is_resolved(event.place):
            return
        value, applying = self._owed(event.place)
        is_yes = isinstance(event.what, Said) and self._says_yes(event.what)
        again = isinstance(event.what, Said) and event.what.again and self._says_yes(event.what, first_too=True)
        if value is False or (self.occasion == ANY_STAGE and value is None):
            self._end_open(event.place, FIRST_ANSWER if self._is_first_answer(event) else "no")
            self.was_no = True
        elif self.occasion == ANY_STAGE:
            self._standing(event, applying, is_yes=is_yes, again=again)
        elif self.open_calls:
            is_another = again or (is_yes and self._is_a_call_of_its_own(event.place))
            if self.open_calls[-1].applying != applying:
                self._regrade(event.place, applying, FIRST_ANSWER if self._is_first_answer(event) else "regrading")
            if is_another and self.action.counts_from_known:
                self._begin(event.place, "yes", applying)
        elif not self.calls or self.was_no or ((is_yes or again) and self.action.counts_from_known):
            if not self._is_over_for_good(event.place):
                self._begin(event.place, "yes", applying)
            elif self._is_closed(event.place):
                self.told_while_closed = True

    def _answered_while_withdrawn(self, event: Event) -> None:
        value, _ = self._owed(event.place)
        if value is False:
            self._end_open(event.place, "no")  # a window that outlives the case
            self.was_no = True
        elif self.calls and isinstance(event.what, Said) and self._says_yes(event.what):
            self.told_while_closed = self.told_while_closed or self.action.counts_from_known

    def told_anew(self, event: Event) -> None:
        """What counts from a moment, and was done, is called for again when that is told to come later: at its stage, or at any."""
        if self.stay and self.stay.left and self.stay.left < event.place:
            return
        last = self.calls[-1] if self.calls else None
        assert isinstance(event.what, datetime)
        if last is None or last.met is None or last.met_by != "done" or self.open_calls or event.what <= last.met[0]:
            return
        value, applying = self._owed(event.place)
        if self.stay and self._is_closed(event.place):
            self.told_while_closed = True
        elif value is not False:
            self._begin(event.place, "yes", applying)

    def _standing(self, event: Event, applying: Applying, *, is_yes: bool, again: bool) -> None:
        place = event.place
        is_another = again or (is_yes and (not self.open_calls or self._is_a_call_of_its_own(place)))
        if self.open_calls and self.open_calls[-1].applying != applying:
            self._regrade(place, applying, FIRST_ANSWER if self._is_first_answer(event) else "regrading")
        if is_another:
            self._begin(place, "yes", applying)

    def _is_a_call_of_its_own(self, place: Place) -> bool:
        """Whether a yes was done before the one that the open call begins with, though earlier, was written down."""
        begun = self.open_calls[-1].begins
        if begun[1] < place[1]:
            return False
        done = next(
            (
                each.place
                for each in sorted(self.dones, key=lambda each: each.place)
                if each.place >= place and each.seq < begun[1]
            ),
            None,
        )
        if done is None:
            return False
        between = [said.place for said in self.case.said if place < said.place < done]
        enough = {True} if self.occasion == ANY_STAGE else {True, None}
        return all(self._owed(each)[0] in enough for each in between)

    def _is_over_for_good(self, place: Place) -> bool:
        """Whether what belongs to its stage alone is called for no more, as that was left or the case closed."""
        closed = self._is_closed(place)
        if self.stay is None:
            return False
        if self.action.window and self.action.outlives:
            return closed and self.action.outlives == "stage"
        was_left = closed or (self.stay.left is not None and self.stay.left <= place)
        return was_left and (self.action.ends_stage or self.action.window or self.action.repeats)

    def was_done(self, event: Event) -> None:
        done = event.what
        assert isinstance(done, Done)
        going_on = [call for call in self.open_calls if any(_is_meant(each, done) for each in _chain(call))]
        chosen = going_on or [call for call in self.calls if _is_meant(call, done) and call.met is None]
        known_then = [call for call in self.open_calls if call.begins[1] < done.seq]
        for call in (*chosen, *known_then, *self.open_calls):
            if call.met is None:
                call.met, call.met_by, call.ended = event.place, "done", None
                return
        _, applying = self._owed(event.place)
        self.calls.append(
            Call(self.occasion, self.action, event.place, "done", applying, met=event.place, met_by="done")
        )

    def left(self, event: Event) -> None:
        assert self.stay
        if self.action.ends_stage or (self.action.window and self._goes_where_it_leads()):
            self._meet_open(event.place)
        elif (self.action.window and self.action.outlives is None) or self.action.repeats:
            self._end_open(event.place, "leaving")

    def closed(self, event: Event) -> None:
        closing = event.what
        assert isinstance(closing, Closing)
        if self.occasion < 0 or (event.place < self.calls[0].begins if self.calls else True):
            return
        here = self.stay is not None and closing.stay == self.stay.number
        if closing.status == "withdrawn":
            if self.action.outlives != "case":
                self._end_open(event.place, "closing")
        elif here and self.action.ends_stage:
            self._meet_open(event.place)
        elif (self.action.window and self.action.outlives != "case") or (here and self.action.repeats):
            self._end_open(event.place, "closing")

    def reopened(self, event: Event) -> None:
        closing = event.what
        assert isinstance(closing, Closing)
        if self.occasion < 0:
            if closing.resolution == -self.occasion:
                self._end_open(event.place, "reopening")
            return
        if self.stay and event.place <= self.stay.entered:
            return
        again = [
            call
            for call in self.calls
            if (call.met_by == "leaving" and call.met == closing.place) or call.ended == closing.place
        ]
        value, applying = self._owed(event.place)
        if value is False:
            return
        for call in again:
            self._begin(event.place, "reopening", applying, call)
        is_missed_out = not self.calls or self.was_no or self.told_while_closed
        if not self.open_calls and is_missed_out and not self._is_over_for_good(event.place):
            last_done = max((call.met for call in self.calls if call.met), default=None)
            self._begin(event.place, "reopening", applying)
            self.calls[-1].after = last_done

    # -- what becomes of calls

    @property
    def open_calls(self) -> list[Call]:
        return [call for call in self.calls if call.is_open]

    def _begin_if_owed(self, place: Place, by: str) -> None:
        value, applying = self._owed(place)
        if value is False:
            self.was_no = True
        else:
            self._begin(place, by, applying)

    def _begin(self, place: Place, by: str, applying: Applying, before: Call | None = None) -> None:
        self.calls.append(Call(self.occasion, self.action, place, by, applying, carries_on=before))
        self.was_no = self.told_while_closed = False

    def _regrade(self, place: Place, applying: Applying, by: str = "regrading") -> None:
        for call in self.open_calls:
            call.ended, call.ended_by = place, by
            self._begin(place, "regrading", applying, call)

    def _end_open(self, place: Place, by: str) -> None:
        for call in self.open_calls:
            call.ended, call.ended_by = place, by

    def _meet_open(self, place: Place) -> None:
        for call in self.open_calls:
            call.met, call.met_by = place, "leaving"

    def _share_out_agreements(self) -> None:
        """An agreement is of the call it was recorded for, or the newest that was known then; of one that goes on it goes on as well."""
        for agreed in self.case.agreed:
            if (agreed.occasion, agreed.action) != (self.occasion, self.action.key) or not self.calls:
                continue
            chosen = [call for call in self.calls if _is_meant(call, agreed)]
            (chosen or [self._call_of(agreed)])[0].agreed.append(agreed)
        for call in self.calls:
            before = call.carries_on
            earlier = [each for each in before.agreed if each.place < call.begins] if before else []
            said_last = max(earlier, key=lambda each: each.place, default=None)
            if call.begun_by == "reopening":  # it counts as before, by more time that was given as well
                call.agreed[:0] = earlier
            elif said_last and said_last.until > call.begins[0]:
                call.agreed.insert(0, said_last)

    def _call_of(self, agreed: Agreed) -> Call:
        """The newest call that was open when it was agreed, as was known when that was written down; or else the newest that had begun."""
        going_on = [
            call for call in self.calls if not any(end and end[1] < agreed.seq for end in (call.met, call.ended))
        ]
        open_then = [call for call in going_on if call.was_open(agreed.place)]
        known = [call for call in open_then if call.begins[1] < agreed.seq]
        begun = [call for call in self.calls if call.begins <= agreed.place]
        return (known or open_then or begun or self.calls[:1])[-1]

    # -- what is asked

    def _facts(self, place: Place) -> Facts:
        return self.case.facts(place, settled=self.settled)

    def _owed(self, place: Place) -> tuple[bool | None, Applying]:
        """Whether it is called for, and which of its timescales may apply."""
        facts = self._facts(place)
        value = self.action.when.value(facts) if self.action.when else True
        return value, applying(self.action, facts)

    def _says_yes(self, said: Said, *, first_too: bool = False) -> bool:
        """Whether something said makes what calls for the action hold, and is no first answer that settles what it was all along.

        `first_too` takes such an answer as well: somebody said that it calls for the action once more.
        """
        facts = self._facts(said.place)
        conditions = [self.action.when, *(each.when for each in self.action.timescales if each.anchor == "known")]
        for condition in conditions:
            if condition is None or condition.value(facts) is not True:
                continue
            for fact in condition.made_so_by(facts) & said.answers.keys():
                if first_too or not self.settled or said.dated or said is not self.case.first_said(fact):
                    return True
        return False

    def _is_first_answer(self, event: Event) -> bool:
        """Whether a question that the action hangs on was answered for the first time."""
        said = event.what
        if not isinstance(said, Said):
            return False
        conditions = [self.action.when, *(each.when for each in self.action.timescales)]
        asked = frozenset().union(*(each.asked for each in conditions if each))
        return any(said is self.case.first_said(fact) for fact in asked & said.answers.keys())

    def _goes_where_it_leads(self) -> bool:
        assert self.stay
        assert self.stay.to
        protocol = self.case.protocol
        if self.action.not_for_going_up:
            return False
        here, to = protocol.stage(*self.stay.stage), protocol.stage(*self.stay.to)
        if self.action.leads_to:
            return to in [protocol.stage(here.route, name) for name in self.action.leads_to]
        return to in protocol.above(here) and to.route == here.route

    def _is_closed(self, place: Place) -> bool:
        return any(
            each.place <= place and (each.reopened is None or place < each.reopened) for each in self.case.closings
        )

    def _is_withdrawn(self, place: Place) -> bool:
        return any(
            each.status == "withdrawn" and each.place <= place and (each.reopened is None or place < each.reopened)
            for each in self.case.closings
        )

    def _is_resolved(self, place: Place) -> bool:
        return any(
            each.resolution == -self.occasion
            and each.place <= place
            and (each.reopened is None or place < each.reopened)
            for each in self.case.closings
        )


def _chain(call: Call) -> Iterator[Call]:
    """A call and those that it goes on with."""
    yield call
    while call.carries_on:
        call = call.carries_on
        yield call


def first_of(call: Call) -> Call:
    """The first of the calls that a call goes on with, or itself."""
    *_, first = _chain(call)
    return first


def first_begun(call: Call) -> int:
    """The entry that began the first of the calls that a call goes on with."""
    return first_of(call).begins[1]


def _is_meant(call: Call, chosen: Done | Agreed) -> bool:
    """Whether somebody said that something is for this call: by the entry that began it, and if that began several, by the first one's."""
    return call.begins[1] == chosen.call and chosen.first in {None, first_begun(call)}


def applying(action: Action, facts: Facts) -> Applying:
    """Which timescales of an action apply or may apply."""
    return tuple(
        n for n, each in enumerate(action.timescales) if each.when is None or each.when.value(facts) is not False
    )


def yeses(case: Case, conditions: list[Condition], by: Place) -> list[list[Place]]:
    """The stretches of time in which all conditions held, each with every yes in it; a first answer counts from when it was given."""
    found: list[list[Place]] = []
    held = False
    for said in case.said:
        if said.place > by:
            break
        facts = case.facts(said.place, settled=False)
        if not _all_hold(conditions, facts):
            held = False
        elif any(each.made_so_by(facts) & said.answers.keys() for each in conditions):
            if not held:
                found.append([])
            found[-1].append(said.place)
            held = True
    return found


def became_known(case: Case, call: Call, conditions: list[Condition], by: Place) -> Place | None:
    """When what calls for a call became known, and that the timescale applies.

    That is the yes that began it, or by which it was regraded; or else the first in the stretch it fell in, but not
    before the yes that began the first of the calls it goes on with: what was said for an earlier call is not counted.
    """
    stretches = yeses(case, conditions, by)
    first = first_of(call)
    for each in _chain(call):
        if any(each.begins in stretch for stretch in stretches):
            return each.begins
    before = [stretch for stretch in stretches if stretch[0] <= call.begins]
    if before and (call.begun_by == "done" or _all_hold(conditions, case.facts(call.begins, settled=False))):
        since_done = [place for place in before[-1] if call.after and call.after < place <= call.begins]
        known = (since_done or before[-1])[0]
        return max(known, first.begins) if first.begun_by == "yes" else known
    after = [place for stretch in stretches for place in stretch if place > call.begins]
    return after[0] if after else None


def _all_hold(conditions: list[Condition], facts: Facts) -> bool:
    return all(each.value(facts) is True for each in conditions)


def instant_of(place: Place | None) -> datetime | None:
    return place[0] if place else None
