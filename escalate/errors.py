"""Every way of saying no, in one tree. Each error carries its sentence, and the exit status it ends with.

EscalateError                 1   refused or failed
|-- BadInput                  2   an argument that cannot be read
|   |-- BadAllowance
|   |-- BadCondition
|   |-- BadWhen
|   |-- BadFact
|   |-- TwoForOne               two columns of a log that say the same thing
|   `-- BadPlace                the address of a server that cannot be read, or has a password in it
|-- Refused                   1   understood, but not possible as things stand
|   |-- BeyondCalendar
|   |-- OutOfOrder                something before what made it possible
|   |-- NotThereYet               an action of a stage that the case has not come to
|   |-- UnknownName               a case, stage, action, route, protocol or calendar that is not there
|   |-- Ambiguous
|   |-- BrokenBackup
|   |-- WrittenMeanwhile          a file that was to be replaced
|   `-- BrokenFile                a protocol or settings file with mistakes, all of them
|-- NotSent                   1   a message that the mail server did not take
`-- StoreError                1   the database file, or the server, cannot be used
    |-- NotOurFile
    |   |-- ForeignFile             the database of another program
    |   |-- OtherStructure          somebody added, changed or removed a table, an index, a trigger or a view
    |   `-- LostCalendar
    |-- NewerFile
    |-- NoKey                       an encrypted file, and nothing that opens it
    |-- NotWiped
    |-- StoreLocked
    |-- StoreReplaced
    |-- StoreUnwritable
    |-- ServerAway                  the server is not there, or cannot be reached
    |-- NotLetIn                    it is there, but not for whoever asks
    |-- NotSetUp                    nobody has made a place for cases there yet
    |   `-- NoDatabase
    |-- OtherSchema                 its tables are of an older or a later escalate
    `-- ConnectionLost              while it was being used
        `-- PerhapsRecorded         just as it was told to keep what was written
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import date

LONGEST_NAME = 100
"""Nothing longer is a mistyped name, and comparing it would take long."""


class EscalateError(Exception):
    """Something the person can put right; `sentence` says what, and what to do."""

    status = 1

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = cut(without_passwords(sentence))


class BadInput(EscalateError):
    """An argument that cannot be read at all."""

    status = 2


class TwoForOne(BadInput):
    """Several columns of a log for one thing: `field` is what they are taken for, `columns` the label and the letter of each."""

    def __init__(self, field: str, columns: Sequence[tuple[str, str]]) -> None:
        self.field, self.columns = field, columns
        where = listed([f'"{label}" ({letter})' for label, letter in columns], "and")
        super().__init__(
            f"{where} are both taken for {field}: leave one out, or keep it as a note, as in"
            f' --map "{columns[-1][0]}"=note.'
        )


class BadAllowance(BadInput):
    """Text that is not an allowance; `suggestion` is the nearest thing that is, if there is one."""

    def __init__(self, text: str, why: str = "", suggestion: str | None = None) -> None:
        self.is_explained = bool(why or suggestion)
        """Whether more is said than what allowances look like."""
        examples = "" if why else 'try "24 hours", "5 working days" or "immediately"'
        parts = (why, f'try "{suggestion}"' if suggestion else examples)
        colon = ": " if why else "; "
        super().__init__(f'"{cut(text, 60)}" is not an allowance{colon}{"; ".join(part for part in parts if part)}')


class BadCondition(BadInput):
    """Text that is not a condition such as `severity is high`."""

    def __init__(self, text: str, why: str, meant: str = "") -> None:
        such_as = f'"{meant}"' if meant else '"severity is high" or "looked-after is yes or protection-plan is yes"'
        super().__init__(f'"{cut(text, 60)}" is not a condition: {why}; try {such_as}')


class BadWhen(BadInput):
    """Text that is not a moment, or names one that cannot be."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f'"{cut(text, 60)}" cannot be read as a date and time: {why}')


class BadFact(BadInput):
    """A fact the protocol does not ask for, or an answer it does not know."""


class BadPlace(BadInput):
    """Text that is no address of a server, or has a password in it: the sentence shows nothing of it."""


class Refused(EscalateError):
    """Understood, but not possible as things stand."""


class OutOfOrder(Refused):
    """Something before what made it possible; `fault` says that alone, for what is not in the file yet and cannot be corrected there."""

    def __init__(self, fault: str, case: str, entry: int) -> None:
        super().__init__(
            f"{fault}; nothing earlier is possible. If that is wrong, escalate undo {case} --entry {entry} --at WHEN corrects it."
        )
        self.fault = fault
        self.entry = entry
        """What made it possible, by the number of the entry that has its time."""


class NotThereYet(Refused):
    """An action of a stage that the case has not come to, as far as is recorded; `fault` says that alone."""

    def __init__(self, action: str, stage: str, case: str, at: str) -> None:
        self.fault = f"{action} belongs to stage {stage}, and {case} is at stage {at}"
        super().__init__(
            f"{self.fault}: if it came there, record that first, with escalate advance {case} --to {stage} --at WHEN."
        )
        self.stage = stage


class BeyondCalendar(Refused):
    """A date outside the days the calendar can answer for."""

    def __init__(self, calendar: str, first: date, last: date) -> None:
        super().__init__(
            f"That date cannot be worked out: the {calendar} calendar covers {first.day} {first:%B %Y} to {last.day} {last:%B %Y}."
        )


class UnknownName(Refused):
    """A name that is not there; says which are near, or all of them when they are few."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        names = list(known)
        near = nearest(name, names)
        if near:
            advice = f"Did you mean {listed(near, 'or')}?"
        elif names and len(names) <= 12:
            advice = f"There is {listed(names, 'and')}."
        else:
            advice = f"There is no {kind} to choose from." if not names else ""
        super().__init__(f'There is no {kind} "{cut(name, 60)}"{where}. {advice}'.rstrip())


class Ambiguous(Refused):
    """A reference, or a record number, that more than one case answers to."""

    def __init__(self, text: str, candidates: Sequence[str], what_to_do: str) -> None:
        shown = list(candidates[:6])
        more = f" and {len(candidates) - 6} more" if len(candidates) > 6 else ""
        super().__init__(
            f'"{text}" could be {listed(shown, "or") if not more else ", ".join(shown) + more}: {what_to_do}.'
        )


class BrokenFile(Refused):
    """A protocol or settings file with mistakes: a line for each, that begins with the name of the file."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(cut(problem) for problem in problems)
        super().__init__("\n".join(self.problems))
        self.sentence = "\n".join(self.problems)


class BrokenBackup(Refused):
    """A backup that is not what was backed up."""

    def __init__(self, file: object, why: str) -> None:
        super().__init__(
            f"{file} cannot be relied on ({why.rstrip('.')}): choose another backup. Nothing was replaced."
        )


class WrittenMeanwhile(Refused):
    """A file in which somebody recorded something after it was read, and before another could take its place."""

    def __init__(self, file: object) -> None:
        super().__init__(f"{file} has been written to in the meantime: look again. Nothing was replaced.")


class NotSent(EscalateError):
    """A message that the mail server did not take; the next run tries again. `fatal` where no other should be tried either."""

    def __init__(self, sentence: str, *, fatal: bool) -> None:
        super().__init__(sentence)
        self.fatal = fatal


class StoreError(EscalateError):
    """The database file cannot be used."""


class NotOurFile(StoreError):
    """A file that is no escalate database: something else, or damaged."""


class ForeignFile(NotOurFile):
    """A database of another program: it is never replaced."""


class OtherStructure(NotOurFile):
    """A file in which somebody added, changed or removed a table, an index, a trigger or a view; `difference` names it."""

    def __init__(self, file: object, difference: str) -> None:
        self.difference = difference
        super().__init__(
            f"{file} is not made as escalate makes it ({difference}), so nothing in it was read:"
            " ask who could write the file, and restore a backup with escalate restore."
        )


class LostCalendar(NotOurFile):
    """A calendar that cases count on is not in the file any more."""

    def __init__(self, file: object, name: str, way_back: str) -> None:
        super().__init__(f"{file} has lost its {name} calendar: {way_back}.")


class NewerFile(StoreError):
    """A file written by a later version of escalate."""


class NoKey(StoreError):
    """The file is encrypted, and nothing that is kept here or was typed opens it."""


class NotWiped(StoreError):
    """What was erased is out of the record, and may still lie in unused parts of the file."""

    def __init__(self, file: object, why: object) -> None:
        super().__init__(
            f"What was erased may still lie in unused parts of {file}, which cannot be rebuilt now ({why}):"
            " make room if the disk is full, and run escalate doctor --repair."
        )


class StoreLocked(StoreError):
    """Another process held the file for longer than we wait."""


class StoreReplaced(StoreError):
    """A backup was restored in the place of the file since it was opened: what is written now would be lost with it."""

    def __init__(self, file: object) -> None:
        super().__init__(f"A backup has just been restored to {file}: run the command again. Nothing was written.")


class StoreUnwritable(StoreError):
    """The file or its folder cannot be written: read-only, full, or not ours."""


class ServerAway(StoreError):
    """The server is not there, or cannot be reached."""


class NotLetIn(StoreError):
    """The server is there, but does not let in whoever asks, or not to the cases."""


class NotSetUp(StoreError):
    """The server is there, and nobody has made a place for cases on it."""


class NoDatabase(NotSetUp):
    """The server has no database of the name in its address."""


class OtherSchema(StoreError):
    """The tables on the server are of an older or a later escalate."""


class ConnectionLost(StoreError):
    """The server went away, or fell silent, while it was being used. Nothing of what was being written is kept."""


class PerhapsRecorded(ConnectionLost):
    """The server went away just as it was told to keep what was written: nobody knows whether it did."""

    def __init__(self, place: object, see: str = "escalate log or escalate list") -> None:
        super().__init__(
            f"The connection to {place} was lost just as this was being recorded, so it may be recorded or not:"
            f" see with {see} before you do it again."
        )


def without_passwords(text: str) -> str:
    """The text without what may be a password in a server's address, which somebody typed where none belongs."""
    if "://" not in text and "pass" not in text.lower():
        return text
    text = re.sub(r"(:/+[^\s/?@:]*:)[^\s@]*@", r"\1…@", text)
    return re.sub(r"(pass(?!file)\w*=)[^\s&\"']+", r"\1…", text, flags=re.IGNORECASE)


def cut(sentence: str, most: int = 600) -> str:
    """A sentence that stays one whatever was typed: of what is too long, the beginning and the advice at the end."""
    return sentence if len(sentence) <= most else f"{sentence[: most // 2]}…{sentence[-most // 2 :]}"


def nearest(name: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names closest to a mistyped one, best first; empty when none is close."""
    folded = {known.casefold(): known for known in names if len(name) < LONGEST_NAME}
    return [folded[match] for match in difflib.get_close_matches(name.casefold(), folded, n=most, cutoff=0.6)]


def listed(names: Sequence[str], joiner: str) -> str:
    """`a, b or c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joiner} {names[-1]}"
