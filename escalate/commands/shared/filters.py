"""Which cases, and how many, are asked for: the options that say so, and whether a case is one of them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Annotated

from escalate.commands.shared.options import number, option
from escalate.commands.shared.session import Session
from escalate.domain.case.status import STATUSES, VOID
from escalate.domain.deadlines.model import CaseLine, DueLine
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
NewestFirst = Annotated[int | None, number("--limit", "No more than so many, the newest first.")]


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
