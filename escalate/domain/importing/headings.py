"""Which column of a log says what: guessed from the headings, or as people say with --map."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from escalate.domain.case.details import TEXTS
from escalate.domain.importing.dates import Order, is_dated
from escalate.domain.importing.sheet import column_letter
from escalate.errors import BadInput, cut, listed, nearest

# -- the fields -----------------------------------------------------------------------------------------------------------

SEVERAL = ("theme", "involved", "note", *TEXTS)
"""Fields that several columns can fill."""

LEFT_OUT = "skip"
"""What people type for a column that is not to be taken over."""


@dataclass(frozen=True, slots=True)
class LogField:
    """Something a column can say."""

    name: str
    """What people type for it."""
    says: str
    """What it is."""
    headings: tuple[str, ...] = ()
    """The headings it goes by beside its name, the surest first."""


_PEOPLE = (
    "child, childs, young person, young persons, adult, adults, person, client, service user, patient, pupil, student"
)
_SYSTEMS = "mosaic, liquidlogic, liquid logic, lcs, eclipse, rio, systmone, system one, azeus, frameworki"
_NUMBER = "id, no, number, ref, ref no, ref number, reference, reference number, record number, record no, identifier"
_NUMBERS_OF_PEOPLE = tuple(
    f"{whose} {number}" for whose in f"{_PEOPLE}, {_SYSTEMS}".split(", ") for number in _NUMBER.split(", ")
)
"""What the record number of a person goes by, whoever they are and whatever keeps their record."""

FIELDS = (
    LogField("reference", "the number the log gives the escalation", (
        "escalation ref number", "escalation reference number", "escalation reference", "escalation ref", "escalation number",
        "reference number", "ref number", "ref no", "reference", "ref", "log number",
    )),
    LogField("raised", "when it was raised", (
        "date initial escalation raised", "date escalation raised", "date raised", "raised", "date of escalation", "escalation date",
        "date escalated", "date of referral", "date opened", "opened", "date logged", "date", "date and time raised", "date time raised",
    )),
    LogField("protocol", "the protocol, by its id or its partnership", ("protocol", "partnership", "procedure")),
    LogField("route", "the route of the protocol", ("route",)),
    LogField("stage", "the stage it is at, or ended at", (
        "stage", "escalation stage", "current stage", "stage reached", "stage of escalation", "difference resolved at stage",
    )),
    LogField("stage-entered", "when it reached that stage", (
        "stage entered", "date stage entered", "date stage reached", "date of stage", "stage date", "date current stage reached",
        "at this stage since", "at stage since",
    )),
    LogField("subject", "the reference of the person: a record number", (
        "unique identifier", "unique child reference number", "unique reference number", "unique id", "subject", "record number",
        "nhs number", "nhs no", "upn", "identifier", *_NUMBERS_OF_PEOPLE,
    )),
    LogField("child", "all about the person in one cell: name, date of birth, age, unique identifier", (
        "child details", "childs details", "details of child", "child information", "childs information", "person details",
        "adult details", "family details",
    )),
    LogField("name", "the name of the person", (
        "name", "child name", "childs name", "name of child", "name of child young person", "full name", "adult name", "adults name",
        "name of adult", "child young person", "young person", "person",
    )),
    LogField("born", "the date of birth", ("dob", "date of birth", "born", "childs dob", "child dob")),
    LogField("age", "the age, kept as a note", ("age", "childs age", "child age")),
    LogField("address", "the address of the person", ("address", "childs address", "child address", "family address", "home address")),
    LogField("concern-date", "when the concern arose, or the disputed decision was made", (
        "concern date", "date of initial concern", "date of concern", "initial concern date", "date concern arose", "date of decision",
        "date of disputed decision",
    )),
    LogField("from", "the agency that raised it", (
        "raising agency", "agency raising", "agency raising concern", "escalating agency", "agency escalating", "referring agency",
        "from agency", "agency from", "from", "originating agency",
    )),
    LogField("to", "the agency it was raised with", (
        "receiving agency", "agency receiving", "agency challenged", "challenged agency", "to agency", "agency to", "to",
        "agency escalated to", "agency raised with", "raised with", "with", "against", "raised against", "escalated against",
    )),
    LogField("involved", "other agencies involved", (
        "other agencies", "other agencies involved", "agencies involved", "others involved", "involved",
    )),
    LogField("raising", "who holds it for the agency that raised it, by name", (
        "raised by", "escalated by", "referrer", "referred by", "name of referrer", "name of professional", "raising professional",
        "professional",
    )),
    LogField("receiving", "who holds it for the other agency, by name", ("received by", "receiving professional", "escalated to")),
    LogField("theme", "what it was about, to count by", (
        "theme", "themes", "key themes", "key theme", "practice issue", "practice issues", "themes practice issues", "category",
    )),
    LogField("about", "what the disagreement is", (
        "summary of professional difference", "professional difference", "brief details of professional difference", "concern", "concerns",
        "about", "issue", "issues of concern", "issue of concern", "nature of disagreement", "disagreement", "reason for escalation",
        "summary", "details",
    )),
    LogField("level-current", "the level of need now, and the one proposed if the cell says both", (
        "level of need", "level current", "current level of need", "current level",
    )),
    LogField("level-perceived", "the level of need thought right", (
        "level perceived", "perceived level of need", "proposed level of need", "perceived level", "proposed level",
    )),
    LogField("desired-outcome", "the outcome wanted", ("desired outcome", "outcome wanted", "outcome sought")),
    LogField("status", "open, resolved or withdrawn", ("status", "case status", "escalation status", "open closed", "state")),
    LogField("ended", "yes or no: whether it has ended", (
        "is it resolved", "resolved y n", "resolved yes no", "is it closed", "closed y n", "closed yes no", "is it complete", "is it completed",
    )),
    LogField("goes-on", "yes or no: whether it goes on", (
        "still open", "is it still open", "is it open", "open y n", "open yes no", "still ongoing", "is it ongoing", "is it still ongoing",
    )),
    LogField("resolved", "when it was resolved, or withdrawn", (
        "date resolved", "resolved", "resolution date", "date of resolution", "date closed", "closed", "closure date", "date of closure",
    )),
    LogField("how", "how it was resolved", (
        "outcome summary of resolution", "summary of resolution", "outcome", "resolution", "how resolved", "how it was resolved", "how",
        "methodology used to resolve disagreement", "final outcome",
    )),
    LogField("lessons", "what was learned", ("lessons", "lessons learned", "lessons learnt", "learning", "key learning")),
    LogField("facts", "answers to questions of the protocol, as in looked-after=yes; age-16=no", ("facts",)),
    LogField("note", "kept as a note, under its heading", (
        "action taken progress updates", "action taken", "actions taken", "progress updates", "progress update", "progress", "updates",
        "actions", "notes", "note", "comments", "comment",
    )),
)  # fmt: skip
FIELD_NAMES = tuple(each.name for each in FIELDS)

REFUSED_BECAUSE = "Why it was refused"
"""The heading of the column that is added to rows which could not be imported; it is left out when they come back."""

ENTERED = "entered:"
"""What a column is taken for that dates one stage, before the key of the stage: `entered:2`."""

DATES = ("raised", "concern-date", "stage-entered", "resolved", "born")
"""Fields that are dates. Of all but the last the time of day may stand in a column of its own."""

TIME_OF = ":time"
"""Stands after the name of a date whose time of day a column gives."""


def is_date_field(name: str | None) -> bool:
    """Whether a column of this field gives dates."""
    return name is not None and (name in DATES or name.startswith(ENTERED))


# -- which column says what -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column of a log."""

    number: int
    """Its place in the sheet, from 1."""
    heading: str
    """Its heading as it stands there."""
    field: str | None = None
    """What it is taken for: a field, or a fact of a protocol; None where it is not understood."""

    @property
    def letter(self) -> str:
        """What spreadsheets call it: A to Z, AA and on."""
        return column_letter(self.number)

    @property
    def label(self) -> str:
        """The heading's first line without what stands in brackets; for a column without a heading `column E`."""
        short = " ".join(_without_brackets(self.heading).partition("\n")[0].split())
        return cut(short or " ".join(self.heading.split()) or f"column {self.letter}", 60)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a sheet."""

    columns: tuple[LogColumn, ...]
    """Every column that has a heading or says anything."""
    headings: int
    """The number of the row the headings stand in, from 1."""
    first: int
    """The number of the first row below them."""
    orders: Mapping[int, Order] = field(default_factory=dict)
    """How the dates of columns are read, by the numbers of the columns that have any."""
    values: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """What people said that cells mean, by the numbers of columns and the words of the cells in small letters."""

    def of(self, name: str) -> tuple[LogColumn, ...]:
        """The columns a field is taken from."""
        return tuple(column for column in self.columns if column.field == name)

    @property
    def unused(self) -> tuple[LogColumn, ...]:
        """The columns nothing is taken from, though nobody said to leave them out."""
        return tuple(column for column in self.columns if column.field is None)


def folded(text: str) -> str:
    """The letters and digits of a text, in small letters. Headings are compared in this form."""
    return "".join(filter(str.isalnum, text.casefold().replace("&", "and")))


def _without_brackets(heading: str) -> str:
    closed, bracket, after = heading.rpartition(
        ")"
    )  # beyond the last nothing ends: a thousand that begin would each be looked for
    return (re.sub(r"\([^)]*\)", " ", closed + bracket) + after).strip()


_GUESSES = {folded(said): each.name for each in FIELDS for said in (each.name, *each.headings)}


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of a sheet as far as their headings tell, before anybody has looked at what stands in them."""

    columns: tuple[LogColumn, ...]
    """Every column that has a heading or says anything; of several that go by the same field, each has it."""
    mapped: frozenset[int]
    """The numbers of the columns whose field somebody named."""
    row: int
    """The number of the row the headings stand in, from 1."""
    first: int
    """The number of the first row below them."""


def read_headings(rows: Sequence[Sequence[str]], mapped: Mapping[str, str], facts: Iterable[str]) -> Headings:
    """Find the headings among the first rows, and what each column may say; `mapped` has the fields by the headings people typed.

    `facts` are the keys of facts a column may answer. Raises BadInput.
    """
    known = {folded(fact): fact for fact in facts}
    fields = {name: _field_meant(name, known) for name in mapped.values()}
    wanted = {folded(heading) for heading in mapped}
    at = _row_of_headings(rows, wanted, known)
    if at and _repeated(rows[at]):  # what stands twice in it is told apart by the row above
        at -= 1
    heads, first = _two_rows(rows, at, known)
    columns = _columns(heads, rows[at:], first - 1 - at)
    _refuse_doubles(columns)
    said = {number: fields[name] for heading, name in mapped.items() for number in columns_called(heading, columns)}
    guessed = tuple(_guessed(columns, said, known))
    return Headings(guessed, frozenset(said), at + 1, first)


def columns_called(heading: str, columns: Iterable[LogColumn]) -> list[int]:
    """The numbers of the columns that somebody means by a heading: of one at the most."""
    by_heading = {folded(name): column.number for column in columns for name in (column.label, column.heading) if name}
    number = by_heading.get(folded(heading))
    return [] if number is None else [number]


def name_alone(column: LogColumn, columns: Iterable[LogColumn]) -> str:
    """What somebody types for a column: its label, or the whole heading where another has the same label."""
    alike = [each for each in columns if folded(each.label) == folded(column.label)]
    return column.label if len(alike) == 1 else " ".join(column.heading.split())


def no_such_column(heading: str, columns: Iterable[LogColumn], what: str) -> BadInput:
    """The error for a heading that is not there, with those that are."""
    labels = [column.label for column in columns]
    near = nearest(heading, labels) or labels
    there = listed([f'"{label}"' for label in near[:_MOST_NAMED]], "and")
    return BadInput(f'There is no column "{heading}" to {what}: there is {there}.')


_MOST_NAMED = 20
_TOP = 20
"""How many rows, from the top, may hold the headings: a title, a date or a logo may stand above them."""


def _row_of_headings(rows: Sequence[Sequence[str]], wanted: set[str], facts: Mapping[str, str]) -> int:
    """The number, from 0, of the row that looks most like headings; of several that do, the first that is not empty.

    Dates and numbers are no headings: a case may have words in it that are.
    """

    def likeness(n: int) -> tuple[bool, int, bool, int]:
        has_values = any(is_dated(cell) or cell.isdigit() for cell in rows[n])
        return not has_values, _known_headings(rows[n], wanted, facts), any(rows[n]), -n

    return max(range(min(len(rows), _TOP)), key=likeness, default=0)


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]], first: int) -> list[LogColumn]:
    """The columns that have a heading, or say anything from the row `first` on."""
    width = max((len(row) for row in rows), default=0)
    filled = [any(n < len(row) and row[n] for row in rows[first:]) for n in range(width)]
    headed = [*heads, *[""] * (width - len(heads))]
    return [LogColumn(n + 1, head) for n, head in enumerate(headed) if head or filled[n]]


def _known_headings(row: Sequence[str], wanted: set[str], facts: Mapping[str, str]) -> int:
    """How much a row looks like headings: a cell that somebody mapped counts twice, one whose heading we know once."""
    return sum(2 if folded(cell) in wanted else _guess(cell, facts) is not None for cell in row if cell)


def _two_rows(rows: Sequence[Sequence[str]], at: int, facts: Mapping[str, str]) -> tuple[list[str], int]:
    """The headings, and the number of the row below them: a heading over several columns has theirs in the row under it."""
    heads = list(rows[at]) if rows else []
    under = list(rows[at + 1]) if at + 1 < len(rows) else []
    filled = sum(map(bool, under))
    width = max(len(heads), len(under))
    over, below = ([*cells, *[""] * (width - len(cells))] for cells in (heads, under))
    again = _repeated(under)
    for n in range(1, width):
        if below[n] in again and not over[n]:
            over[n] = over[n - 1]  # "Stage 1" over two columns stands over the first of them
    joined = [f"{head} {cell}" if cell in again else cell or head for head, cell in zip(over, below, strict=True)]
    known = sum(any(_guess(each, facts) for each in pair) for pair in zip(below, joined, strict=True) if pair[0])
    return (joined, at + 3) if 1 < filled == known and filled < width else (heads, at + 2)


def _repeated(row: Sequence[str]) -> set[str]:
    """What stands more than once in a row."""
    return {cell for cell, times in Counter(filter(None, row)).items() if times > 1}


def _refuse_doubles(columns: Sequence[LogColumn]) -> None:
    """Raises BadInput for two columns with one heading."""
    for heading, times in Counter(folded(column.heading) for column in columns if column.heading).items():
        if times > 1:
            doubles = [column for column in columns if folded(column.heading) == heading]
            where = listed([column.letter for column in doubles], "and")
            raise BadInput(f'The heading "{doubles[0].label}" is in columns {where}: give each a heading of its own.')


def _field_meant(said: str, facts: Mapping[str, str]) -> str:
    """The field or the fact that somebody means by a word. Raises BadInput."""
    plain = said.strip().casefold()
    if plain in (*FIELD_NAMES, LEFT_OUT) or (plain.startswith(ENTERED) and plain != ENTERED):
        return plain
    if folded(said) in facts:
        return facts[folded(said)]
    names = [*FIELD_NAMES, f"{ENTERED}STAGE", LEFT_OUT, *facts.values()]
    near = nearest(plain, names)
    advice = f"did you mean {listed(near, 'or')}?" if near else f"there is {listed(names, 'and')}."
    raise BadInput(f'"{said}" is not something a column can say; {advice}')


def _guessed(columns: Sequence[LogColumn], said: Mapping[int, str], facts: Mapping[str, str]) -> Iterator[LogColumn]:
    """The columns with their fields, as people said or else by their headings; where people named a column for a field, no other has it."""
    for column in columns:
        name = said.get(column.number) or _guess(column.heading, facts)
        is_taken = column.number not in said and name in said.values() and name not in SEVERAL
        yield replace(column, field=None if is_taken else name)


def _guess(heading: str, facts: Mapping[str, str]) -> str | None:
    """The field a heading goes by. The whole heading is tried, then less and less of it."""
    bare = _without_brackets(heading)
    for part in (heading, bare, bare.partition("\n")[0], bare.partition(":")[0]):
        plain = folded(part)
        if plain in _GUESSES:
            return _GUESSES[plain]
        if plain in facts:
            return facts[plain]
    if folded(heading) == folded(REFUSED_BECAUSE):
        return LEFT_OUT
    return _time_of(heading) or _side_meant(bare) or _stage_dated(bare)


def _time_of(heading: str) -> str | None:
    """The date whose time of day a heading names: `Time raised` goes with `Date raised`."""
    if not re.search(r"\btime\b", heading, re.IGNORECASE):
        return None
    found = _GUESSES.get(folded(re.sub(r"\btime\b", "date", heading, flags=re.IGNORECASE)))
    return found if found in DATES else None


_SIDES = {"from": "raising", "to": "receiving"}
_PART_OF_SIDE = re.compile(
    r"(.*\w)\W+(?:(?P<agency>agency|organisation|service)|name|person|professional|practitioner|worker)", re.IGNORECASE
)


def _side_meant(heading: str) -> str | None:
    """The agency of a side, or who holds it, as `Raised by: agency` and `With: name` say."""
    found = _PART_OF_SIDE.fullmatch(heading)
    side = _GUESSES.get(folded(found[1])) if found else None
    for agency, person in _SIDES.items():
        if found and side in (agency, person):
            return agency if found["agency"] else person
    return None


_STAGE_DATED = re.compile(
    r"(?:(?:date|of|when|was|moved|went|up|raised|escalated|entered|started|began|opened|reached|to|at|on) )*"
    r"(?:stage|step|tier) (?P<key>[0-9][a-z]?|[a-z])(?: (?:date|entered|start|started|began|opened|reached|raised|escalated|from|on|since))*"
)


_IN_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}


def _stage_dated(heading: str) -> str | None:
    """`entered:2` for `Stage 2 date`, `Date of stage 2`, `Stage 2`, and the like; of what stands in it nothing is known yet."""
    plain = re.sub(r"\bs(\d)\b", r"stage \1", " ".join(re.sub(r"[^\w]+", " ", heading.casefold()).split()))
    found = _STAGE_DATED.fullmatch(
        re.sub(r"(?<=\bstage )(one|two|three|four|five)\b", lambda word: _IN_WORDS[word[1]], plain)
    )
    return f"{ENTERED}{found['key']}" if found else None


@cache
def goes_by(heading: str) -> str | None:
    """The field a heading goes by, whatever --map says: what a row is recognised by must not depend on that."""
    return _guess(heading, {})
