"""The examples of a protocol file played: cases as they are opened and go on, and the dates that its author worked out for them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import Entry
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, case_file
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.conditions import UNKNOWN
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Example
from escalate.domain.recording.acts import agree, done
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.closing import reopen, resolve, withdraw
from escalate.domain.recording.details import Details, set_details
from escalate.domain.recording.opening import open_case
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import end_of_day, from_wall_clock, london, spoken, spoken_day, written
from escalate.errors import BadInput, EscalateError, listed, nearest

UNDATED, NOT_CALLED_FOR = "undated", "not called for"
"""What an example may expect instead of a date."""

_DAYS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%a %d %b %Y")
_SUCH_AS = 'such as "2026-12-23 10:00" or "23 Dec 2026 10:00"'


class Difference(NamedTuple):
    """Where an example and what escalate works out part."""

    place: str
    """In the file, as `examples[2].due`."""
    sentence: str
    """What was expected and what comes out, or what cannot be played."""
    file: CaseFile | None = None
    """The case as it went; None where it could not be played to the end."""
    deadline: Deadline | None = None
    """The deadline whose date differs; None where there is none."""


def played(protocol: Protocol, calendar: Calendar) -> Iterator[Difference]:
    """What differs in the examples of a protocol, in their order. Raises BeyondCalendar."""
    for n, example in enumerate(protocol.examples):
        yield from _differences(f"examples[{n}]", protocol, example, calendar)


def _differences(place: str, protocol: Protocol, example: Example, calendar: Calendar) -> Iterator[Difference]:
    history: list[Entry] = []
    field = "facts"
    try:
        _answers(protocol, example.facts)
        field = "opened"
        history.append(_opening(protocol, example))
        for n, step in enumerate(example.goes):
            field = f"goes[{n}]"
            history.append(_step(protocol, case_file(replay(history), protocol, calendar), step))
    except EscalateError as refusal:
        said = f'"{example.goes[int(field[5:-1])]}": ' if field.startswith("goes") else ""
        why = refusal.sentence.partition(" If that is wrong, escalate ")[0]  # no command corrects a file
        yield Difference(f"{place}.{field}", f"{said}{why.rstrip('.')}")
        return
    file = case_file(replay(history), protocol, calendar)
    for name, expected in example.due.items():
        try:
            deadline = _meant(file, name)
            told = _told(expected, deadline)
        except BadInput as refusal:
            yield Difference(f"{place}.due", refusal.sentence.rstrip("."))
            continue
        if told:
            yield Difference(f"{place}.due", f'"{name}": {told}', file, deadline)


# -- how a case goes


def _opening(protocol: Protocol, example: Example) -> Entry:
    at = _instant(example.opened)
    return open_case(
        "the example", protocol, "", Recording("example", at, at), Details(),
        concern_at=_instant(example.concern) if example.concern else None,
        route=example.route, stage=example.stage, facts=_answers(protocol, example.facts),
    )  # fmt: skip


def _step(protocol: Protocol, file: CaseFile, step: str) -> Entry:
    """What is recorded by a step such as `24 Dec 2026 12:00 done talk`. Raises BadInput, Refused."""
    words = step.split()
    number = next((n for n, word in enumerate(words) if word in _ACTS), 0)
    if not number:
        raise BadInput(f"say when, then one of {listed(list(_ACTS), 'and')}, as on the command line")
    at = _instant(" ".join(words[:number]))
    return _ACTS[words[number]](protocol, file, Recording("example", at, at), _without_options(words[number + 1 :]))


def _without_options(words: Sequence[str]) -> list[str]:
    """The words with no names of options, which the command line has and a file need not: `11 Dec 2026 reply` for `11 Dec 2026 --action reply`.

    Why it happened is left out: an example has no use for it.
    """
    spoken_of = list(
        words[: next((n for n, word in enumerate(words) if word in ("--reason", "--because")), len(words))]
    )
    return [
        word.removeprefix("--") if word in ("--stage", "--to") else word for word in spoken_of if word != "--action"
    ]


Act = Callable[[Protocol, CaseFile, Recording, Sequence[str]], Entry]


def _done(protocol: Protocol, file: CaseFile, recording: Recording, words: Sequence[str]) -> Entry:
    action, stage = _action_and_stage(words)
    if action is None:
        raise BadInput('say what was done, as in "done talk" or "done talk stage 2"')
    return done(protocol, file.case, file.calendar, recording, action, stage)


def _agree(protocol: Protocol, file: CaseFile, recording: Recording, words: Sequence[str]) -> Entry:
    for n in range(len(words), 0, -1):
        until = _read(" ".join(words[:n]))
        if until is not None:
            action, stage = _action_and_stage(words[n:])
            return agree(protocol, file.case, file.calendar, recording, until, action, "example", stage=stage)
    raise BadInput('say until when, then which action, as in "agree 23 Dec 2026 10:00 reply"')


def _advance(protocol: Protocol, file: CaseFile, recording: Recording, words: Sequence[str]) -> Entry:
    return advance(protocol, file.case, recording, " ".join(words).removeprefix("to ").strip() or None, again=True)


def _set(protocol: Protocol, file: CaseFile, recording: Recording, words: Sequence[str]) -> Entry:
    answers = _answers(protocol, [" ".join(words)])
    return set_details(protocol, file.case, recording, answers)


_ACTS: dict[str, Act] = {
    "done": _done,
    "agree": _agree,
    "advance": _advance,
    "set": _set,
    "resolve": lambda _protocol, file, recording, _words: resolve(file.case, recording),
    "withdraw": lambda _protocol, file, recording, _words: withdraw(file.case, recording),
    "reopen": lambda _protocol, file, recording, _words: reopen(file.case, recording),
}
"""What can happen in an example, by the command that records it."""


def _action_and_stage(words: Sequence[str]) -> tuple[str | None, str | None]:
    """An action, and the stage that is named after it."""
    named = list(words)
    stage = named.pop() if len(named) > 2 and named[-2] == "stage" else None
    if stage:
        named.pop()
    return " ".join(named) or None, stage


def _answers(protocol: Protocol, said: Sequence[str]) -> dict[str, str]:
    """`looked-after=yes`, or when something is: `hearing=12 Jan 2027 10:00`. Raises BadInput."""
    answers = {}
    for each in said:
        key, equals, answer = (part.strip() for part in each.partition("="))
        if not equals:
            raise BadInput(f'"{each}" does not answer a question: write it as in "looked-after=yes"')
        dated = protocol.dated_event(key) and answer != UNKNOWN
        answers[key] = written(_instant(answer)) if dated else answer
    return answers


# -- the dates expected


def _meant(file: CaseFile, name: str) -> Deadline | None:
    """The last deadline of an action, `talk`, or of one at a stage, `2 talk`; None where it was never called for. Raises BadInput."""
    stage, _, action = name.rpartition(" ")
    known = sorted({each.key for each in file.protocol.actions})
    if action not in known:
        near = nearest(action, known, most=1)
        raise BadInput(f'"{name}" is not an action{f"; did you mean {near[0]}?" if near else ""}')
    stage = stage.removeprefix("stage ").strip()
    if stage and stage not in {each.key for each in file.protocol.stages}:
        raise BadInput(f'"{name}" begins with a stage that there is not')
    found = [each for each in file.deadlines if each.action == action and stage in ("", each.stage)]
    return found[-1] if found else None


def _told(expected: str, deadline: Deadline | None) -> str:
    """What is expected and what comes out; empty where they are the same. Raises BadInput."""
    comes_to = deadline.due_at if deadline else None
    if expected in (UNDATED, NOT_CALLED_FOR):
        is_so = comes_to is None and (deadline is not None) is (expected == UNDATED)
        return "" if is_so else f"{expected} is expected, and it {_outcome(deadline)}"
    wanted = _instant(expected, as_end=True)
    return "" if wanted == comes_to else f"{_spoken(wanted)} is expected, and it {_outcome(deadline)}"


def _outcome(deadline: Deadline | None) -> str:
    if deadline is None:
        return "is not called for"
    return f"comes to {_spoken(deadline.due_at)}" if deadline.due_at else "has no date"


def _spoken(at: datetime) -> str:
    """An instant as people say it; of the end of a day, the day."""
    day = london(at).date()
    return spoken_day(day) if at == end_of_day(day) else spoken(at)


def _instant(said: str, *, as_end: bool = False) -> datetime:
    """An instant as an example writes it; a day alone is its end, where `as_end` says that it is a limit. Raises BadInput."""
    read = _read(said, as_end=as_end)
    if read is None:
        day = ', a day alone, "undated" or "not called for"' if as_end else ""
        raise BadInput(f'"{said}" is not a date with a time of day, {_SUCH_AS}{day}')
    return read


def _read(said: str, *, as_end: bool = True) -> datetime | None:
    """The instant; None where it is none."""
    plain = " ".join(said.split())
    plain = plain.replace("T", " ", 1) if plain[4:5] == "-" else plain
    for clock in ("", " %H:%M", " %H:%M:%S"):
        for day in _DAYS:
            try:
                local = datetime.strptime(plain, day + clock)  # noqa: DTZ007 (on London's clocks, which the next lines see to)
            except ValueError:
                continue
            if clock:
                return from_wall_clock(local, said)[0]
            return end_of_day(local.date()) if as_end else None
    return None
