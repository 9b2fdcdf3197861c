"""The rows of a case as `show --json` and `due --json` give them at an instant (C9, C14, C15, C18, C19, C22).

Where the contract is silent:
- A step after the one that ends a stage leaves a row only where a date agreed for it had run out, however the case moved on, or what
  ends the stage was called for again. Only those that leave a row are numbered.
- A stage's own row that is hidden beside its duties (C18) is in neither list.
- A window that had run out is `lapsed` whatever came after, and no longer in `due` once its stage was left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import zip_longest
from typing import NamedTuple

from tests.model.calendar import NOTHING_CLOSED, at_risk_until
from tests.model.calls import FIRST_ANSWER, Call, Calling, first_of
from tests.model.history import ANY_STAGE, NEVER, Agreed, Case, Closures, Entry, Place, Stay, replay
from tests.model.limits import Dates, Judged, Overdue, agreed_last, dates, ends_of, other_date
from tests.model.protocol import NEXT_STEP, RESOLVE, Action, Protocol, Stage, Timescale


class Row(NamedTuple):
    """A deadline as the two lists give it."""

    stage: str
    action: str
    call: int
    due_at: datetime | None
    target_at: datetime | None
    act_by: datetime | None
    agreed_at: datetime | None
    limit_at: datetime | None
    other_reading_at: datetime | None
    standing: str
    provisional: bool
    unanswered: tuple[str, ...]
    met_at: datetime | None
    ended_at: datetime | None
    ended_entry: int | None
    ahead_at: datetime | None
    standing_action: bool
    window: bool

    @property
    def is_due(self) -> bool:
        """Whether `due` lists it."""
        return self.met_at is None and self.ended_at is None


class Model:
    """A case by a history that was kept beside the tool, as it was known and stands at an instant."""

    def __init__(
        self,
        entries: Sequence[Entry],
        editions: Mapping[str, Protocol],
        closures: Sequence[Closures],
        now: datetime,
    ) -> None:
        self.now = now
        self.closures = [each for each in closures if each.recorded <= now]
        self.case: Case = replay(entries, now, editions)
        self.called: dict[tuple[int, str], list[Call]] = {}
        self.protocol = self.case.protocol

    # -- what has to be there before a stage

    def needed(self) -> list[str]:
        """What the stage of an open case needs and nobody has done: neither now nor earlier, at whatever stage."""
        stage = self.case.stage(self.case.stay)
        if self.case.status != "open" or stage is None:
            return []
        return [key for key in stage.needs if not self._was_done(key)]

    def _was_done(self, key: str) -> bool:
        """Whether somebody said so, or going up or resolving the case counted as doing it."""
        if any(done.action == key for done in self.case.done):
            return True
        stays = [(stay.number, self.stage(stay).actions) for stay in self.case.stays]
        stays.append((ANY_STAGE, self.protocol.standing))
        owed = [(number, action) for number, actions in stays for action in actions if action.key == key]
        return any(call.met for number, action in owed for call in self.calls(number, action))

    # -- what is called for

    def calls(self, occasion: int, action: Action) -> list[Call]:
        place = occasion, action.key
        if place not in self.called:
            self.called[place] = []
            self.called[place] = self._settled(Calling(self.case, occasion, action).calls)
        return self.called[place]

    def _settled(self, calls: list[Call]) -> list[Call]:
        """The calls without those that a regrading only seemed to end: what has that date either way goes on.

        So does what a first answer takes away before it had run out.
        """
        found = list(calls)
        for call in calls:
            after = next((each for each in calls if each.carries_on is call), None)
            if call.ended_by not in {FIRST_ANSWER, "regrading"} or not call.ended or not after:
                continue
            then = dates(self.judged(call)._replace(without_agreed=True))
            next_ = self.judged(after)._replace(by=after.begins, without_agreed=True)
            ran_out = then.due is not None and then.due < call.ended[0]
            if then.due != dates(next_).due and (ran_out or call.ended_by != FIRST_ANSWER):
                continue
            found = [after if each is call else each for each in found if each is not after]
            after.begins, after.begun_by, after.carries_on = call.begins, call.begun_by, call.carries_on
            after.agreed = [*call.agreed, *(each for each in after.agreed if each not in call.agreed)]
        found = [call for call in found if not (call.ended and self._had_not_begun(call))]
        for number, call in enumerate(found, 1):
            call.number = number
        return found

    def _had_not_begun(self, call: Call) -> bool:
        """Whether a call that ended was for what is there only where the time of another action has run out, and that had not."""
        anchors = call.action.anchors
        only_then = bool(anchors) and all(each.endswith(" overdue") for each in anchors)
        found = dates(self.judged(call))
        has_begun = bool(call.action.begins) and found.runs_from is not None
        return only_then and not call.action.ends_stage and found.due is None and not has_begun

    def closed_on(self, at: datetime) -> frozenset[date]:
        """The closures as they were known at an instant."""
        days = [each.days for each in self.closures if each.recorded <= at]
        return days[-1] if days else NOTHING_CLOSED

    def judged(self, call: Call) -> Judged:
        """A call with what it is judged by: what happened until it was met or ended, and the calendar when that was written down."""
        by, written = NEVER, self.now
        if call.met:
            by, written = call.met, self.case.recorded[call.met[1]]
        elif call.ended:
            by, written = (call.ended[0], call.ended[1] - 1), self.case.recorded[call.ended[1]]
        return Judged(self.case, call, by, self.closed_on(written), self)

    def overdue(self, call: Call, key: str, by: Place) -> Overdue | None:
        """What is known of another action, of this stay or else of the last before it that has it.

        That is of the first call for it whose time ran out before it was over, while what counts from it was called for; of the
        last, where none did. Of a call that is over, it is what was known by then.
        """
        other = self._other(call, key, NEVER)
        if other is None or (not other.met and self._never_comes(other)):
            return None
        may_change = other.is_open or dates(self.judged(other)).provisional
        then = self._other(call, key, by)
        if then is None:
            return None
        found = dates(self._judged_by(then, by))
        end = then.met or then.ended
        in_time = end is not None and (found.due is None or end[0] <= found.due)
        return Overdue(found.due, in_time, may_change)

    def _place_of(self, call: Call, key: str, by: Place = NEVER) -> tuple[int, Action] | None:
        stays = self.case.stays[: call.occasion] if call.occasion > 0 else self.case.stays
        for stay in reversed([each for each in stays if each.entered <= by]):
            for action in self.stage(stay).actions:
                if action.key == key:
                    return stay.number, action
        return None

    def _other(self, call: Call, key: str, by: Place) -> Call | None:
        place = self._place_of(call, key, by)
        found = [_as_of(each, by) for each in (self.calls(*place) if place else []) if each.begins <= by]
        first = call
        while first.carries_on:
            first = first.carries_on
        for each in found[:-1]:
            if self._ran_out_after(each, first.begins, by):
                return each
        return found[-1] if found else None

    def _judged_by(self, call: Call, by: Place) -> Judged:
        """The same as `judged`, but one that is open is judged by what had happened by some place."""
        judged = self.judged(call)
        return (
            judged._replace(by=by, closed=self.closed_on(self.case.recorded[by[1]]))
            if call.is_open and by != NEVER
            else judged
        )

    def _ran_out_after(self, call: Call, place: Place, by: Place) -> bool:
        """Whether a call was over after its time, and that after something had begun."""
        over = call.met or call.ended
        due = dates(self._judged_by(call, by)).due if over else None
        return over is not None and due is not None and due < over[0] and place[0] < over[0]

    def stage(self, stay: Stay) -> Stage:
        return self.protocol.stage(*stay.stage)

    # -- the rows

    def rows(self) -> list[Row]:
        """Every row, in no particular order."""
        found: list[Row] = []
        for stay in self.case.stays:
            found += self._rows_of_stay(stay)
        for closing in self.case.closings:
            for action in self.protocol.after:
                if closing.resolution and self._is_reached(action, closing.place):
                    stage = self.stage(self.case.stays[closing.stay - 1])
                    found += [
                        row for call in self.calls(-closing.resolution, action) for row in self._rows_of(call, stage)
                    ]
        for action in self.protocol.standing:
            for call in self.calls(ANY_STAGE, action):
                found += self._rows_of(call, self._stage_at(first_of(call).begins))
        return found

    def _stage_at(self, place: Place) -> Stage:
        """The stage at which something was called for."""
        return self.stage([stay for stay in self.case.stays if stay.entered <= place or stay.number == 1][-1])

    def _rows_of_stay(self, stay: Stay) -> list[Row]:
        stage = self.stage(stay)
        duties: list[Row] = []
        own: list[Row] = []
        for action in stage.actions:
            for call in self.calls(stay.number, action):
                if not action.ends_stage and not call.met and self._never_comes(call):
                    continue
                rows = self._rows_of(call, stage)
                if action.ends_stage:
                    own += [self._looking_ahead(row, stay, stage) if row.is_due else row for row in rows]
                else:
                    duties += rows
        own += self._next_step(stay, stage)
        dated = any(row.is_due and row.due_at and not row.window for row in duties)
        if dated and not stage.closing.timescales:
            own = [row for row in own if not (row.is_due and row.action != NEXT_STEP and _is_bare(row))]
        return [*duties, *own]

    def _never_comes(self, call: Call) -> bool:
        """Whether it is there only where the time of others has run out, and that of none can."""
        anchors = call.action.anchors
        if not anchors or not all(each.endswith(" overdue") for each in anchors):
            return False
        return all(self._cannot_run_out(call, each.removesuffix(" overdue")) for each in anchors)

    def _cannot_run_out(self, call: Call, key: str) -> bool:
        if self._place_of(call, key) is None:
            return False
        other = self.overdue(call, key, NEVER)
        return other is None or other.in_time

    def _is_reached(self, action: Action, by: Place) -> bool:
        """Whether the case had come by then to the stage that an action after resolution asks for, or above it."""
        if action.if_reached is None:
            return True
        stays = [stay for stay in self.case.stays if stay.entered <= by]
        routes = [stay.stage[0] for stay in reversed(stays)]
        threshold = next((found for route in routes if (found := self.protocol.find(route, action.if_reached))), None)
        if threshold is None:
            return False
        enough = [threshold, *self.protocol.above(threshold)]
        return any(self.stage(stay) in enough for stay in stays)

    def _rows_of(self, call: Call, stage: Stage) -> list[Row]:
        """The row of a call, and one for each date agreed for it that ran out and was agreed anew."""
        found = dates(self.judged(call))
        return [*self._run_out_agreements(call, stage), self._row(call, stage, found)]

    def _row(self, call: Call, stage: Stage, found: Dates) -> Row:
        ended = call.ended
        return Row(
            stage=stage.key,
            action=call.action.key,
            call=call.number,
            due_at=found.due,
            target_at=found.target,
            act_by=found.act_by,
            agreed_at=found.agreed,
            limit_at=found.limit,
            other_reading_at=other_date(self.judged(call), found.due),
            standing=self._standing(call, found),
            provisional=found.provisional,
            unanswered=found.unanswered,
            met_at=call.met[0] if call.met else None,
            ended_at=ended[0] if ended else None,
            ended_entry=ended[1] if ended else None,
            ahead_at=None,
            standing_action=call.occasion == ANY_STAGE,
            window=call.action.window,
        )

    def _standing(self, call: Call, found: Dates) -> str:
        due, now = found.due, self.now
        if call.met:
            return "met-late" if due and call.met[0] > due else "met"
        if call.ended:
            run_out = due is not None and due < call.ended[0]
            return ("lapsed" if call.action.window else "missed") if run_out else "ceased"
        if due is None:
            lies_ahead = found.runs_from is not None and now <= found.runs_from and not found.unanswered
            return "waiting" if found.waiting or lies_ahead else "undecided" if found.unanswered else "undated"
        if found.runs_from and now <= found.runs_from:
            return "waiting"
        if now > due:
            return "lapsed" if call.action.window else "overdue"
        near = found.target is not None and now > found.target
        return "at-risk" if near or (found.act_by or due) <= at_risk_until(now, self.closed_on(now)) else "on-track"

    def _run_out_agreements(self, call: Call, stage: Stage) -> list[Row]:
        """C15: a date agreed that was the deadline, ran out, and was agreed anew."""
        found: list[Row] = []
        judged = self.judged(call)
        for new in sorted((each for each in call.agreed if each.place <= judged.by), key=lambda each: each.place):
            closed = self.closed_on(self.case.recorded[new.seq])
            before = judged._replace(by=(new.at, new.seq - 1), closed=closed)
            old, then = agreed_last(before), dates(before)
            was_deadline = old is not None and then.due == old.until  # also where it was more time than the limit gave
            if (
                old is None
                or not was_deadline
                or old.until >= new.at
                or new.place <= call.begins
                or (call.action.when and self._is_asked(before))
            ):
                continue
            row = self._row(call, stage, then)
            found.append(
                row._replace(
                    due_at=old.until,
                    standing="lapsed" if row.window else "missed",
                    provisional=False,
                    unanswered=(),
                    met_at=None,
                    ended_at=new.at,
                    ended_entry=new.seq,
                )
            )
        return found

    def _is_asked(self, judged: Judged) -> bool:
        """Whether nobody has answered yet if the action is owed at all."""
        when = judged.call.action.when
        return when is not None and when.value(self.case.facts(judged.by)) is not True

    # -- the step after, and what runs out further up

    def _next_step(self, stay: Stay, stage: Stage) -> list[Row]:
        """What keeps a case on the list once the action that ends its stage is done, but the case is still there."""
        found: list[Row] = []
        left = 0
        for last, call in self._steps(stay, stage):
            rows = self._rows_of_step(stay, stage, last, call)
            left += 1 if rows else 0
            found += [row._replace(call=left) for row in rows]
        return found

    def next_step(self) -> Call | None:
        """The step that keeps the case on the list, if it does."""
        stay = self.case.stay
        return next((call for _, call in self._steps(stay, self.stage(stay)) if call.is_open), None)

    def _steps(self, stay: Stay, stage: Stage) -> list[tuple[Call, Call]]:
        """Each step after what ends the stage was done, with the call that was done."""
        found: list[tuple[Call, Call]] = []
        firsts: list[Call] = []
        endings = self.calls(stay.number, stage.closing)
        for last, following in zip_longest(endings, endings[1:]):
            if last.met is None or last.met_by != "done":
                continue
            until = following.begins if following else NEVER
            times = [(begins, taken) for begins, taken in self._times_there(stay, last.met) if begins <= until]
            for n, (begins, taken) in enumerate(times):
                over = until if following and (taken is None or until < taken) else taken
                call = Call(stay.number, Action(NEXT_STEP, None, ()), begins, "entry", (), ended=over)
                call.carries_on = found[-1][1] if n else None
                firsts += [] if n else [call]
                found.append((last, call))
        for _, call in found:
            call.agreed = self._agreed_for_step(call, [each for _, each in found], is_first=call is firsts[0])
        return found

    def _agreed_for_step(self, step: Call, steps: list[Call], *, is_first: bool) -> list[Agreed]:
        """What was agreed for a step: since it began, or said to be for it; before that, all for the first, and the last for one that goes on."""
        entries = {each.begins[1] for each in steps}
        of_it = [each for each in self.case.agreed if (each.occasion, each.action) == (step.occasion, NEXT_STEP)]
        chosen = [each for each in of_it if each.call == step.begins[1]]
        of_it = [each for each in of_it if each.call not in entries or each.call == (step.carries_on or step).begins[1]]
        before = sorted((each for each in of_it if each.place < step.begins), key=lambda each: each.place)
        carried = before if is_first else before[-1:] if step.carries_on else []
        later = [each for each in of_it if each.place >= step.begins]
        return [*carried, *(each for each in chosen if each not in (*carried, *later)), *later]

    def _times_there(self, stay: Stay, since: Place) -> list[tuple[Place, Place | None]]:
        """From when to when a case was open at a stay, from a place on; until None where it still is."""
        found: list[tuple[Place, Place | None]] = []
        begins: Place | None = since
        for closing in self.case.closings:
            if closing.stay != stay.number or (closing.reopened and closing.reopened <= since):
                continue
            if begins and begins <= closing.place:
                found.append((begins, closing.place))
            begins = closing.reopened
        if begins and (stay.left is None or begins <= stay.left):
            found.append((begins, stay.left))
        return found

    def _rows_of_step(self, stay: Stay, stage: Stage, last: Call, step: Call) -> list[Row]:
        """The row of one such step: none of one that was taken before its date, or has none."""
        if step.ended:
            return [row for row in self._rows_of(step, stage) if row.standing == "missed"]
        own = dates(self.judged(last)).due if stage.closing.key == RESOLVE else None
        return [self._looking_ahead(row, stay, stage, own) for row in self._rows_of(step, stage)]

    def _looking_ahead(self, row: Row, stay: Stay, stage: Stage, own: datetime | None = None) -> Row:
        """The row that ends the present stage, with the earliest limit further up that is running already, if that ends sooner."""
        case = self.case
        if stay is not case.stay or case.status != "open":
            return row
        facts = case.facts(NEVER)
        above = self.protocol.above(stage)
        ends = [own] if own else []
        for each in above:
            early = [timescale for timescale in each.closing.timescales if self._runs_before(timescale)]
            ends += [end for end in [self._end_above(each, early)] if end]
        caps = [self.protocol.caps[route] for route in dict.fromkeys(each.route for each in (stage, *above))]
        for cap in caps:
            if cap and self._runs_before(cap) and (cap.when is None or cap.when.value(facts) is not False):
                ends += [end for end in [self._end_above(stage, [cap])] if end]
        first = min(ends, default=None)
        return row if first is None or (row.due_at and row.due_at <= first) else row._replace(ahead_at=first)

    def _runs_before(self, timescale: Timescale) -> bool:
        """Whether it can run before its stage is entered."""
        anchor = timescale.anchor
        return anchor in {"concern", "raised", *self.protocol.moments} or anchor.startswith("stage ")

    def _end_above(self, stage: Stage, timescales: list[Timescale]) -> datetime | None:
        case = self.case
        supposed = Stay(len(case.stays) + 1, stage.place, case.stay.entered)
        later = Case(
            case.protocol, case.raised, case.concern, [*case.stays, supposed], case.closings, case.said, case.moments,
            case.done, case.agreed, case.moves, case.recorded,
        )  # fmt: skip
        call = Call(supposed.number, stage.closing, case.stay.entered, "entry", ())
        judged = Judged(later, call, NEVER, self.closed_on(self.now), self)
        return ends_of(judged, stage, timescales, case.facts(NEVER))


def _is_bare(row: Row) -> bool:
    """Whether a row has neither a date nor a limit further up nor an agreement."""
    return row.due_at is None and row.ahead_at is None and row.agreed_at is None


def _as_of(call: Call, by: Place) -> Call:
    """A call as it was at some place: open, unless it was over by then."""
    over = call.met or call.ended
    return call if over is None or over <= by else replace(call, met=None, ended=None)
