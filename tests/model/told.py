"""A history in a few lines, for tables: `2026-11-02 09:00 set allegation=yes at 2026-11-01 17:00`, and rows in a few words."""

from datetime import date, datetime
from typing import Any

from tests.model.calendar import at as instant
from tests.model.calendar import clock
from tests.model.history import Closures, Entry
from tests.model.protocol import NEXT_STEP
from tests.model.rows import Model, Row
from tests.model.walk import PROTOCOLS, newest_open, oldest_open


class Told:
    """A case by its lines; each begins with when it was written down."""

    def __init__(self, protocol: str, *lines: str) -> None:
        self.protocol = PROTOCOLS[protocol]
        self.entries: list[Entry] = []
        self.closures: list[Closures] = []
        for line in lines:
            self.tell(line)

    def model(self, now: datetime) -> Model:
        return Model(self.entries, {self.protocol.edition: self.protocol}, self.closures, now)

    def rows(self, now: str, action: str) -> list[str]:
        """The rows of an action at an instant, in the order of their calls."""
        rows = [row for row in self.model(instant(now)).rows() if row.action == action]
        return [shown(row) for row in sorted(rows, key=lambda row: (row.stage, row.call, row.ended_at is None))]

    def tell(self, line: str) -> None:  # noqa: PLR0915  # one case for each kind of line
        line, _, happened = line.partition(" at ")
        recorded, (kind, *words) = instant(line[:16]), line[17:].split()
        at = instant(happened) if happened else recorded
        seq = len(self.entries) + 1
        if kind in {"close", "clear"}:
            closed = self.closures[-1].days if self.closures else frozenset()
            days = closed | {date.fromisoformat(words[0])} if kind == "close" else frozenset()
            self.closures.append(Closures(recorded, days))
            return
        again = "again" in words
        said = dict(word.split("=", 1) for word in words if "=" in word)
        model = self.model(recorded) if self.entries else None
        data: dict[str, Any]
        match kind:
            case "open":
                route = next(iter(self.protocol.routes))
                route, stage = words[0].split(":") if ":" in words[0] else (route, words[0])
                concern = instant(said.pop("concern").replace("T", " ")) if "concern" in said else None
                data = {
                    "edition": self.protocol.edition,
                    "route": route,
                    "stage": stage,
                    "concern": concern,
                    "facts": said,
                }
                self.entries.append(Entry(1, "opened", at, recorded, data))
            case "set":
                moments = {key: _moment(told) for key, told in said.items() if key in self.protocol.moments}
                facts = {key: answer for key, answer in said.items() if key in self.protocol.facts}
                concern = instant(said["concern"].replace("T", " ")) if "concern" in said else None
                data = {"facts": facts, "moments": moments, "concern": concern, "again": again}
                self.entries.append(Entry(seq, "set", at, recorded, data))
            case "done":
                assert model
                call = oldest_open(model, words[0], (at, seq))
                assert call, line
                self.entries.append(Entry(seq, "done", at, recorded, {"occasion": call.occasion, "action": words[0]}))
            case "agree":
                assert model
                newest = newest_open(model, words[0])
                assert newest, line
                until = instant(words[1].replace("T", " "))
                data = {"occasion": newest.occasion, "action": words[0], "until": until, "reasoned": "reason" in words}
                self.entries.append(Entry(seq, "agreed", at, recorded, data))
            case "advance":
                assert model
                to = self.protocol.stage(model.case.stay.stage[0], words[0]).place
                self.entries.append(Entry(seq, "advanced", at, recorded, {"to": to}))
            case "undo":
                self.entries.append(Entry(seq, "undone", recorded, recorded, {"entry": int(words[0])}))
            case "correct":
                data = {"entry": int(words[0]), "to": instant(f"{words[1]} {words[2]}")}
                self.entries.append(Entry(seq, "corrected", recorded, recorded, data))
            case "resolve" | "withdraw" | "reopen":
                kinds = {"resolve": "resolved", "withdraw": "withdrawn", "reopen": "reopened"}
                self.entries.append(Entry(seq, kinds[kind], at, recorded, {}))
            case _:
                raise AssertionError(line)


def _moment(told: str) -> datetime | None:
    return None if told == "unknown" else instant(told.replace("T", " "))


def shown(row: Row) -> str:
    """`7 resolve: overdue, due 2026-11-27 23:59:59, provisional, asks severity`; the number of the call where it is not the first."""
    words = [row.standing]
    words += [f"due {_when(row.due_at)}"] if row.due_at else []
    words += [f"met {_when(row.met_at)}"] if row.met_at else []
    words += [f"ended {_when(row.ended_at)}"] if row.ended_at else []
    words += [f"ahead {_when(row.ahead_at)}"] if row.ahead_at else []
    words += ["provisional"] if row.provisional else []
    words += [f"asks {' '.join(row.unanswered)}"] if row.unanswered else []
    place = row.stage if row.action == NEXT_STEP else f"{row.stage} {row.action}"
    return f"{place}{f' {row.call}' if row.call > 1 else ''}: {', '.join(words)}"


def _when(at: datetime | None) -> str:
    assert at
    local = clock(at)
    return (
        f"{local:%d %b %H:%M}"
        if local.second == 0
        else f"{local:%d %b}"
        if f"{local:%H:%M:%S}" == "23:59:59"
        else f"{local:%d %b %H:%M:%S}"
    )
