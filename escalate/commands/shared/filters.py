"""Which cases, and how many, are asked for: the options that say so, and whether a case is one of them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

from escalate.commands.shared.options import flag, number, option
from escalate.commands.shared.session import Session
from escalate.domain.case.status import STATUSES, VOID
from escalate.domain.deadlines.model import CaseLine, DueLine
from escalate.domain.deadlines.standing import RankedLine, Standing
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.errors import BadInput, listed
from escalate.output.terminal import complain, say
from escalate.storage.lists import Number
from escalate.wording import how_many

Status = Annotated[
    str | None,
    option("--status", "STATUS", "Only cases that are open, resolved, withdrawn or void; those that are void only so."),
]
Agency = Annotated[
    str | None,
    option(
        "--agency",
        "NAME",
        "Only cases that this agency raised, received or is involved in; a part of its name will do.",
    ),
]
OfProtocol = Annotated[str | None, option("--protocol", "PROTOCOL", "Only cases under this protocol.")]
Stage = Annotated[str | None, option("--stage", "STAGE", "Only cases that are, or ended, at this stage.")]
Theme = Annotated[str | None, option("--theme", "THEME", "Only cases about this theme; a part of it will do.")]
Subject = Annotated[
    str | None, option("--subject", "REFERENCE", "Only cases about the person with this reference, the whole of it.")
]
RaisedSince = Annotated[str | None, option("--since", "WHEN", "Only cases raised then or later.")]
Overdue = Annotated[bool, flag("--overdue", "Only what is overdue.")]
AtRisk = Annotated[bool, flag("--at-risk", "Only what is at risk; with --overdue, both.")]
Within = Annotated[
    str | None,
    option(
        "--within",
        "ALLOWANCE",
        'Only what has to be acted on in the next "5 working days" or the like, overdue included.',
    ),
]
Owner = Annotated[
    str | None,
    option(
        "--owner",
        "NAME",
        "Only what this owner has to do, or a person assigned to the case; a part of the name will do.",
    ),
]
NewestFirst = Annotated[int | None, number("--limit", "At most this many, the newest first.")]


class CaseFilter:
    """Which cases are asked for; None where anything will do, except that one opened by mistake has to be asked for. Raises BadInput."""

    def __init__(
        self,
        status: str | None = None,
        agency: str | None = None,
        protocol: str | None = None,
        stage: str | None = None,
        theme: str | None = None,
        raised_from: datetime | None = None,
        subject: str | None = None,
    ) -> None:
        if status not in (None, *STATUSES):
            raise BadInput(f'"{status}" is not a status: say {listed(STATUSES, "or")}.')
        self.status = status
        self.agency = agency
        self.protocol = protocol
        self.stage = stage
        self.theme = theme
        self.raised_from = raised_from
        self.subject = subject

    @property
    def wants_all(self) -> bool:
        """Whether anything that counts will do."""
        return not any(vars(self).values())

    def wants(self, line: CaseLine) -> bool:
        """Whether a case is one of those asked for."""
        stands_so = line.status == self.status or (self.status is None and line.status != VOID)
        return stands_so and self.wants_however_it_stands(line)

    def wants_however_it_stands(self, line: CaseLine) -> bool:
        """Whether a case is one of those asked for, also one opened by mistake."""
        return (
            (self.agency is None or any(has(self.agency, name) for name in line.agencies))
            and self.protocol in (None, line.protocol)
            and (self.stage is None or self.stage.casefold() == line.stage.casefold())
            and (self.theme is None or any(has(self.theme, theme) for theme in line.themes))
            and (self.subject is None or _same(self.subject, line.subject))
            and (self.raised_from is None or line.raised_at >= self.raised_from)
        )

    def refuse_unknown(self, here: Session, there: Iterable[str]) -> None:
        """Refuse a protocol that is neither among those that cases are under nor in a file. Raises UnknownName."""
        if self.protocol is None or self.protocol in there:
            return
        # Lists know by their rows which protocols there are. What reads the files takes longer to load than all that a list needs.
        from escalate.storage.files.protocols import find_protocol

        find_protocol(self.protocol, here.settings.protocols)


class DueFilter(NamedTuple):
    """What of all that is due is asked for. A standing action is listed whatever is asked for: it cannot wait to be looked for."""

    cases: CaseFilter
    """Of which cases."""
    owner: str | None = None
    """Who is to do it: a part of the owner, or of somebody assigned; None for anybody."""
    overdue: bool = False
    """Only what is overdue, or at risk if that is asked for as well."""
    at_risk: bool = False
    """Only what is at risk, or overdue if that is asked for as well."""
    within: Allowance | None = None
    """Only what has to be acted on within so long; None for whenever."""

    @property
    def leaves_out(self) -> bool:
        """Whether something that is due may not be asked for."""
        return bool(not self.cases.wants_all or self.owner or self.overdue or self.at_risk or self.within)

    @property
    def nothing(self) -> str:
        """`Nothing is overdue.`: that nothing is as asked for."""
        of_that = " of that" if not self.cases.wants_all or self.owner or self.within else ""
        standings = {"overdue": self.overdue, "at risk": self.at_risk}
        return f"Nothing{of_that} is {' or '.join(word for word, asked in standings.items() if asked) or 'due'}."

    def is_theirs(self, line: DueLine, held: Collection[tuple[str, int]]) -> bool:
        """Whether a line is of the cases and the owner asked for; `held` has what people of that name hold."""
        return line.deadline.at_any_stage or (has_to_do(self.owner, held, line) and self.cases.wants(line.case))

    def ends(self, here: Session, calendars: Mapping[str, Calendar], at: datetime) -> dict[str, datetime]:
        """By calendar, until when something has to be acted on to be listed; nothing, where it is listed whenever that is."""
        if self.within is None:
            return {}
        return {name: here.horizon(calendar, at, self.within) for name, calendar in calendars.items()}

    def stands_so(self, line: RankedLine, end: datetime | None) -> bool:
        """Whether a line stands as asked for, and has to be acted on, or will be overtaken, before the end if there is one."""
        if line.deadline.at_any_stage:
            return True
        shown_under = line.shown_under
        asked_for = (self.overdue and shown_under is Standing.OVERDUE) or (
            self.at_risk and shown_under is Standing.AT_RISK
        )
        if (self.overdue or self.at_risk) and not asked_for:
            return False
        return end is None or any(at <= end for at in (line.deadline.act_by, line.deadline.ahead_at) if at)


def allowance(said: str) -> Allowance:
    """How long somebody said that something is to be acted on within. Raises BadInput."""
    from escalate.domain.worktime.read_allowance import parse_allowance  # few lists need it

    return parse_allowance(said)


def _same(said: str, there: str | None) -> bool:
    """Whether two references are the same, whatever their capitals and spaces."""
    return " ".join(said.split()).casefold() == " ".join((there or "").split()).casefold()


def has_to_do(owner: str | None, held: Collection[tuple[str, int]], line: DueLine) -> bool:
    """Whether a deadline falls to an owner, or to somebody of that name who holds a side of its case; true if no owner was named.

    `held` has the references of cases, each with the number of an occasion, on which people of that name hold a side.
    """
    return (
        has(owner, line.deadline.owner)
        or has(owner, line.deadline.then_owner)
        or (line.case.ref, line.deadline.occasion.number) in held
    )


def has(part: str | None, whole: str | None) -> bool:
    """Whether a text contains a part, in capitals or not; true if no part was typed."""
    return part is None or part.casefold() in (whole or "").casefold()


def warn_of_no_match(said: str | None, names: set[str], what: str) -> None:
    """Say so where a filter matches nothing there is: it may be mistyped, and an empty list would look like good news."""
    if said is not None and not any(has(said, name) for name in names):
        known = listed(sorted(names)[:6], "and")
        complain(f'No open case has an {what} like "{said}"{f"; there is {known}" if known else ""}.')


def not_asked_for(others: Number, what: str, how: str) -> str:
    """`3 other deadlines are due, and were not asked for.`: what a filter leaves out, so that a short list is no good news by itself."""
    many = how_many(others.known, what) if others.is_all else f"More than {how_many(others.known, what)}"
    are, were = ("is", "was") if others == Number(1) else ("are", "were")
    return f"{many} {are} {how}, and {were} not asked for."


def say_how_many(shown: int | None, of: Number) -> None:
    """Say that there are more than are shown, where that is so; None where all are."""
    if shown is not None and (shown < of.known or not of.is_all):
        say(f"Showing {shown} of {of}.")
