"""Random walks of the real command line, each step of which the model follows beside it, from what was typed and when.

A step is a command line. What the tool answered is only looked at to see whether it took it; the history is the walk's own. After every
step `show --json` and `due --json` have to give the rows of the model. Where they do not, the walk ends and says how to get there again.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.driver import Office
from tests.model.calendar import DAY, HOUR, clock
from tests.model.calls import Call, first_begun
from tests.model.history import ANY_STAGE, Closures, Entry, counting
from tests.model.protocol import NEXT_STEP, Protocol, read_protocol
from tests.model.rows import Model, Row

NEW = os.environ.get("ESCALATE_MODEL_OLD") is None
"""Unset only while the engine does not know calls yet."""
ORDER_IS_KEPT = os.environ.get("ESCALATE_MODEL_NO_ORDER") is None
"""C16: what cannot have happened then is refused, and a doing meets the oldest call."""

SHIPPED = Path(__file__).parents[2] / "protocols"
OWN = Path(__file__).with_name("protocols")
NAMES = ("herefordshire", "hull-east-riding", "lincolnshire", "north-east-lincolnshire", "north-yorkshire")
ZONES = ("Europe/London", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland")
BEGINS = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

PROTOCOLS: Mapping[str, Protocol] = {
    protocol.id: protocol
    for protocol in map(read_protocol, [*(SHIPPED / f"{name}.toml" for name in NAMES), *sorted(OWN.glob("*.toml"))])
}

EXTENSIONS, KNOWN, NEEDS = "model-extensions", "model-known", "model-needs"
"""Not among those that are drawn, so that the walks of the others stay as they were: `Walk(folder, seed, under=EXTENSIONS)`."""


class Differs(AssertionError):
    """The tool and the model do not give the same, or one takes what the other does not."""


class Typed(NamedTuple):
    """A command line, and the moment it was given at."""

    now: datetime
    words: tuple[str, ...]

    def __str__(self) -> str:
        said = " ".join(f'"{word}"' if not word or set(word) & set(' "()') else word for word in self.words)
        return f"ESCALATE_NOW={self.now:%Y-%m-%dT%H:%M:%SZ} escalate {said}"


class Walk:
    """A case that things happen to at random, under one protocol."""

    def __init__(self, folder: Path, seed: int, under: str | None = None) -> None:
        self.random = Random(seed)
        self.folder = folder
        self.zone = self.random.choice(ZONES)
        self.office = Office(by="walk", environment={"TZ": self.zone, "ESCALATE_PROTOCOLS": str(OWN)})
        self.protocol = PROTOCOLS[under or self.random.choice(sorted(set(PROTOCOLS) - {EXTENSIONS, KNOWN, NEEDS}))]
        self.now = BEGINS + timedelta(days=self.random.randrange(60), minutes=self.random.randrange(1440))
        self.entries: list[Entry] = []
        self.closures: list[Closures] = []
        self.typed: list[Typed] = []
        self.taken: Counter[str] = Counter()

    def walk(self, steps: int) -> None:
        """So many steps, each compared."""
        self.open()
        for _ in range(steps):
            self.now += self.random.choice((timedelta(minutes=7), 3 * HOUR, 11 * HOUR, DAY, 2 * DAY, 4 * DAY))
            self.now += timedelta(minutes=self.random.randrange(1, 60), seconds=self.random.randrange(60))
            self.step()
            self.compare(self.now)
            if self.random.random() < 0.15:
                self.compare(min(self.random.choice(self.entries).recorded + timedelta(seconds=1), self.now))

    # -- one step

    def step(self) -> None:
        kinds: dict[Callable[[], None], int] = {
            self.done: 6, self.agree: 3, self.advance: 3, self.resolve: 1, self.answer: 6, self.tell: 2, self.undo: 1, self.correct: 1,
            self.concern: 1, self.close: 1, self.withdraw: 1, self.reopen: 4,
        }  # fmt: skip
        if not NEW:
            for kind in (self.withdraw, self.reopen, self.undo, self.correct, self.close):
                kinds.pop(kind)
        self.random.choices(list(kinds), list(kinds.values()))[0]()

    def open(self) -> None:
        route = self.random.choice(sorted(self.protocol.routes))
        raised = self.past(20 * DAY) if self.random.random() < 0.5 else self.now
        concern = raised - timedelta(minutes=self.random.randrange(20 * 1440)) if self.random.random() < 0.5 else None
        facts = {
            key: self.random.choice(said)
            for key, said in self.protocol.facts.items()
            if not NEW or self.random.random() < 0.3
        }
        words = [
            "open",
            self.protocol.id,
            "--route",
            route,
            "--subject",
            "M-1",
            "--from",
            "A trust",
            "--to",
            "A council",
        ]
        words += ["--at", written(raised)] if raised != self.now else []
        words += ["--concern", written(concern)] if concern else []
        words += [word for key, said in facts.items() for word in ("--fact", f"{key}={said}")]
        data = {
            "edition": self.protocol.edition, "route": route, "stage": self.protocol.routes[route], "concern": concern, "facts": facts,
        }  # fmt: skip
        self.take("opened", words, raised, data, expected=True)
        self.compare(self.now)

    def done(self) -> None:
        model = self.model()
        keys = [row.action for row in model.rows() if row.action != NEXT_STEP]
        if not keys:
            return
        key = self.random.choice(keys)
        at = self.a_time()
        call = oldest_open(model, key, (at, self.next))
        words = ["done", "1", key]
        data: dict[str, Any] = {"occasion": call.occasion if call else None, "action": key}
        others = [each for each in all_calls(model, key) if each.met is None and each.was_open((at, self.next))]
        if len(others) > 1 and len({each.number for each in others}) == len(others) and self.random.random() < 0.5:
            chosen = self.random.choice(others)
            words += ["--call", str(chosen.number)]
            data = {"occasion": chosen.occasion, "action": key, **meant(model, chosen)}
        self.take("done", words, at, data, expected=call is not None and at >= model.case.raised[0])

    def agree(self) -> None:
        model = self.model()
        rows = [row for row in model.rows() if row.is_due]
        if not rows:
            return
        at = self.a_time() if NEW else self.now
        until = at + timedelta(minutes=self.random.randrange(1, 12 * 1440))
        row = self.random.choice(rows)
        stage = row.stage if not row.standing_action and self.random.random() < 0.5 else None
        found = newest_open(model, row.action, stage)
        words = ["agree", "1", written(until), "--action", row.action, *(["--stage", stage] if stage else [])]
        data: dict[str, Any] = {"occasion": found.occasion if found else None, "action": row.action, "until": until}
        if found and (found.number > 1 or row.action == NEXT_STEP) and at < found.begins[0]:
            data |= meant(model, found)  # it says that it is for the newest, though that began after it was agreed
        if self.protocol.can_extend and self.random.random() < 0.6:
            words += ["--reason", "More time is needed"]
            data["reasoned"] = True
        self.take("agreed", words, at, data, expected=None if found else False)

    def advance(self) -> None:
        case = self.model().case
        stage = self.protocol.stage(*case.stay.stage)
        if not stage.next or case.status != "open":
            return
        to = self.protocol.stage(stage.route, self.random.choice(stage.next))
        at = self.a_time()
        name = to.key if to.route == stage.route else f"{to.route}:{to.key}"
        words = ["advance", "1", "--to", name]
        self.take("advanced", words, at, {"to": to.place}, expected=self.may_happen(at))

    def resolve(self) -> None:
        at = self.a_time()
        self.take(
            "resolved", ["resolve", "1"], at, {}, expected=self.model().case.status == "open" and self.may_happen(at)
        )

    def withdraw(self) -> None:
        if self.random.random() < 0.5:
            return
        at = self.a_time()
        self.take(
            "withdrawn", ["withdraw", "1"], at, {}, expected=self.model().case.status == "open" and self.may_happen(at)
        )

    def reopen(self) -> None:
        case = self.model().case
        if case.status == "open":
            return
        at = self.a_time()
        self.take("reopened", ["reopen", "1"], at, {}, expected=at >= case.closings[-1].place[0])

    def answer(self) -> None:
        asked = sorted(self.protocol.facts)
        if not asked:
            return
        fact = self.random.choice(asked)
        if not NEW and any(fact in entry.data.get("facts", {}) for entry in self.entries):
            return
        said = self.random.choice(self.protocol.facts[fact])
        at = self.a_time()
        data: dict[str, Any] = {"facts": {fact: said}}
        words = ["set", "1", f"{fact}={said}"]
        if self.knows("set", "--again") and self.random.random() < 0.2:
            words.append("--again")
            data["again"] = True
        expected = at >= self.model().case.raised[0]
        self.take("set", words, at, data, expected=None if data.get("again") else expected)

    def tell(self) -> None:
        """When a moment is, in the past or to come, or that it is not known any more."""
        if not self.protocol.moments:
            return
        moment = self.random.choice(self.protocol.moments)
        ahead = moment == "hearing"
        told: datetime | None = (
            self.now + timedelta(minutes=self.random.randrange(60, 30 * 1440)) if ahead else self.past(9 * DAY)
        )
        if self.random.random() < 0.2:
            told = None
        words = ["set", "1", f"{moment}={written(told) if told else 'unknown'}"]
        self.take("set", words, self.a_time() if NEW else self.now, {"moments": {moment: told}})

    def concern(self) -> None:
        if not self.entries:
            return
        concern = self.model().case.raised[0] - timedelta(minutes=self.random.randrange(20 * 1440))
        self.take("set", ["set", "1", f"concern={written(concern)}"], self.now, {"concern": concern})

    def undo(self) -> None:
        entries = [entry for entry in counting(self.entries, self.now) if entry.kind not in {"opened", "recounted"}]
        if entries:
            entry = self.random.choice(entries[-3:])
            self.take("undone", ["undo", "1", "--entry", str(entry.seq)], self.now, {"entry": entry.seq})

    def correct(self) -> None:
        entries = [entry for entry in counting(self.entries, self.now) if entry.kind not in {"opened", "recounted"}]
        if entries:
            entry = self.random.choice(entries[-4:])
            to = min(entry.at + timedelta(minutes=self.random.randrange(-3 * 1440, 1440)), entry.recorded)
            words = ["undo", "1", "--entry", str(entry.seq), "--at", written(to)]
            self.take("corrected", words, self.now, {"entry": entry.seq, "to": to})

    def close(self) -> None:
        """A day on which nobody works, or one of those that is taken away again."""
        closed = self.closures[-1].days if self.closures else frozenset()
        if closed and self.random.random() < 0.4:
            day = self.random.choice(sorted(closed))
            words, days = ["calendar", "remove"], closed - {day}
        else:
            day = clock(self.now).date() + timedelta(days=self.random.randrange(-6, 14))
            words, days = ["calendar", "add"], closed | {day}
        words += [day.isoformat(), "--reason", "Closed", "--calendar", "england-and-wales", "--yes"]
        if self.run(*words).status == 0:
            self.closures.append(Closures(self.now, days))
            self.taken["calendar"] += 1
            for _ in range(self.written_entries() - len(self.entries)):
                self.entries.append(Entry(self.next, "recounted", self.now, self.now, {}))

    # -- times

    def past(self, most: timedelta) -> datetime:
        return self.now - timedelta(seconds=self.random.randrange(60, int(most.total_seconds())))

    def a_time(self) -> datetime:
        """Now, or some time before: now and then exactly when something was due."""
        if self.random.random() < 0.5:
            return self.now
        dues = [row.due_at for row in self.model().rows() if row.due_at and row.due_at < self.now]
        if dues and self.random.random() < 0.15:
            return self.random.choice(dues)
        return max(self.past(6 * DAY), self.model().case.raised[0] - HOUR)

    def may_happen(self, at: datetime) -> bool:
        """Whether a stage can be left, or the case closed: not before it came there, or was last reopened (C16)."""
        case = self.model().case
        earliest = [case.stay.entered[0], *(each.reopened[0] for each in case.closings if each.reopened)]
        return at >= (max(earliest) if NEW else earliest[0])

    # -- the tool

    @property
    def next(self) -> int:
        return len(self.entries) + 1

    def model(self, now: datetime | None = None) -> Model:
        return Model(self.entries, {self.protocol.edition: self.protocol}, self.closures, now or self.now)

    def run(self, *words: str, silent: bool = False) -> Any:
        if not silent:
            self.typed.append(Typed(self.now, words))
        return self.office(self.folder, *words, now=f"{self.now:%Y-%m-%dT%H:%M:%SZ}")

    def take(
        self, kind: str, words: list[str], at: datetime, data: Mapping[str, Any], *, expected: bool | None = None
    ) -> bool:
        """Gives a command line; if the tool takes it, the walk does. Where the model knows if it should, the two have to agree."""
        line = [*words, "--at", written(at)] if at != self.now and "--at" not in words else words
        if expected is False and not ORDER_IS_KEPT:
            return False
        ran = self.run(*line)
        self.taken[f"{kind}{'' if ran.status == 0 else ' refused'}"] += 1
        if expected is not None and (ran.status == 0) is not expected and ORDER_IS_KEPT:
            raise Differs(
                self.told(f"The model would {'take' if expected else 'refuse'} this: {ran.stderr or 'it was taken'}")
            )
        assert ran.status in {0, 1, 2}, self.told(ran.stderr)
        if ran.status == 0:
            self.entries.append(Entry(self.next, kind, at, self.now, data))
        return bool(ran.status == 0)

    def knows(self, command: str, option: str) -> bool:
        """Whether a command has an option yet."""
        return option in self.run(command, "-h", silent=True).stdout

    def written_entries(self) -> int:
        return len(self.office.json(self.folder, "show", "1", now=f"{self.now:%Y-%m-%dT%H:%M:%SZ}")["history"])

    def compare(self, at: datetime) -> None:
        """What `show` and `due` say at an instant, beside the model."""
        as_of = ["--as-of", written(at)] if at != self.now else []
        model = self.model(at)
        rows, needed = model.rows(), model.needed()
        shown = self.run("show", "1", "--json", *as_of, silent=True)
        due = self.run("due", "--json", *as_of, silent=True)
        for name, ran, mine in (("show", shown, rows), ("due", due, [row for row in rows if row.is_due])):
            if ran.status:
                raise Differs(self.told(f"{name} {as_of}: {ran.stderr}"))
            document = json.loads(ran.stdout)
            if name == "show" and document["needed"] != needed:
                raise Differs(self.told(f"show at {at}: needed {document['needed']}, and by the model {needed}"))
            theirs = [read_row(each) for each in (document["deadlines"] if name == "show" else document)]
            if sorted(map(compared, theirs)) != sorted(map(compared, mine)):
                raise Differs(self.told(f"{name} {' '.join(as_of)} at {at}\n{difference(theirs, mine)}"))

    def told(self, what: str) -> str:
        lines = "\n".join(map(str, self.typed))
        return f"{what}\n\n# {self.protocol.id}\nexport TZ={self.zone} ESCALATE_DB=walk.db ESCALATE_PROTOCOLS={OWN.relative_to(Path.cwd()) if OWN.is_relative_to(Path.cwd()) else OWN}\n{lines}"


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def read_row(row: Mapping[str, Any]) -> Row:
    """A row as JSON gives it."""

    def when(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]).astimezone(UTC) if row[name] else None

    return Row(
        stage=row["stage"],
        action=row["action"],
        call=row["call"],
        due_at=when("due_at"),
        target_at=when("target_at"),
        act_by=when("act_by"),
        agreed_at=when("agreed_at"),
        limit_at=when("limit_at"),
        other_reading_at=when("other_reading_at"),
        standing=row["standing"],
        provisional=row["provisional"],
        unanswered=tuple(sorted(row["unanswered"])),
        met_at=when("met_at"),
        ended_at=when("ended_at"),
        ended_entry=row["ended_entry"],
        ahead_at=when("ahead_at"),
        standing_action=row["standing_action"],
        window=row["window"],
    )


def compared(row: Row) -> tuple[str, ...]:
    """What of a row has to be the same; of one that is over, not what would have been a target, or agreed."""
    if not row.is_due:
        row = row._replace(
            target_at=None, act_by=None, agreed_at=None, limit_at=None, ahead_at=None, other_reading_at=None
        )
    return tuple(str(each) for each in row)


def difference(theirs: list[Row], mine: list[Row]) -> str:
    """The rows that only one of the two has, each with what is not empty in it."""
    a, b = Counter(map(compared, theirs)), Counter(map(compared, mine))
    lines = [f"  tool  {_spoken(row)}" for row in (a - b).elements()] + [
        f"  model {_spoken(row)}" for row in (b - a).elements()
    ]
    return "\n".join(sorted(lines, key=lambda line: (line[8:40], line)))


def _spoken(row: tuple[str, ...]) -> str:
    fields = zip(Row._fields, row, strict=True)
    return " ".join(f"{name}={said}" for name, said in fields if said not in {"None", "False", "()"})


def all_calls(model: Model, key: str) -> list[Call]:
    """Every call for an action, wherever it is owed, the oldest first."""
    found: list[Call] = []
    for stay in model.case.stays:
        found += [
            call for each in model.stage(stay).actions if each.key == key for call in model.calls(stay.number, each)
        ]
    for closing in model.case.closings:
        if closing.resolution:
            found += [
                call
                for each in model.protocol.after
                if each.key == key
                for call in model.calls(-closing.resolution, each)
            ]
    found += [call for each in model.protocol.standing if each.key == key for call in model.calls(ANY_STAGE, each)]
    return sorted(found, key=lambda call: call.begins)


def meant(model: Model, call: Call) -> dict[str, int]:
    """A call as an entry names it: by the entry that began it, and if that began several, by what began the first of them."""
    same = [
        each
        for each in all_calls(model, call.action.key)
        if each.occasion == call.occasion and each.begins[1] == call.begins[1]
    ]
    first = {"first": first_begun(call)} if len(same) > 1 else {}
    return {"call": call.begins[1], **first}


def oldest_open(model: Model, key: str, place: tuple[datetime, int]) -> Call | None:
    """The call that a doing at this place meets: the oldest that was open then, at the latest stage that had one."""
    found = [call for call in all_calls(model, key) if call.met is None and call.was_open(place)]
    stages = {call.occasion: model.case.stays[call.occasion - 1].stage if call.occasion > 0 else None for call in found}
    last = stages[max(stages)] if stages else None
    return next((call for call in found if stages[call.occasion] == last), None)


def newest_open(model: Model, key: str, stage: str | None = None) -> Call | None:
    """The newest call that is open, at a stage if one is named; None where there is none, or it is open at two stages and none is named."""
    if key == NEXT_STEP:
        return model.next_step()
    found = [call for call in all_calls(model, key) if call.is_open]
    if stage:
        found = [call for call in found if (_stage_of(model, call) or ("", ""))[1] == stage]
    if len({_stage_of(model, call) for call in found if call.occasion > 0}) > 1:
        return None
    last_stay = max((call.occasion for call in found), default=0)
    found = [call for call in found if call.occasion <= 0 or call.occasion == last_stay]
    return found[-1] if found else None


def _stage_of(model: Model, call: Call) -> tuple[str, str] | None:
    """The stage at which a call is listed; None for one at any stage."""
    if call.occasion < 0:
        stays = [each.stay for each in model.case.closings if each.resolution == -call.occasion]
        return model.case.stays[stays[0] - 1].stage
    return model.case.stays[call.occasion - 1].stage if call.occasion else None
