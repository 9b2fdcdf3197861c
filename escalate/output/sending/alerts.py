"""What cannot wait for the next digest, as it is told. References only: nobody is named in it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from escalate.domain.reporting.alerts import Alert, Why
from escalate.domain.reporting.digest import EditionOf
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken
from escalate.output.pages import pieces
from escalate.output.sending.digest import DigestSection, Item, both_sides, named_case, section_lines, when_and_how_long
from escalate.output.words import inert

ALERTS = {
    Why.SAFETY: "Safety first, said since yesterday",
    Why.SOON: "About to pass: two working hours or less",
    Why.HALF_GONE: "Half of the time is gone",
    Why.ASSIGNED: "Newly assigned",
}
"""What stands above alerts, by why they cannot wait, the most urgent first."""


def alert_sections(
    alerts: Sequence[Alert], calendars: Mapping[str, Calendar], edition_of: EditionOf, now: datetime
) -> list[DigestSection]:
    """What cannot wait for the next digest, what is about somebody's safety first."""
    found = []
    for why, heading in ALERTS.items():
        items = [
            _alert(alert, calendars[alert.line.case.calendar], edition_of, now) for alert in alerts if alert.why is why
        ]
        if items:
            found.append(DigestSection(heading, len(items), iter(items)))
    return found


def _alert(alert: Alert, calendar: Calendar, edition_of: EditionOf, now: datetime) -> Item:
    case, deadline = alert.line.case, alert.line.deadline
    more = (
        when_and_how_long(deadline, calendar, now),
        f"{edition_of(case.protocol, case.edition).partnership}, stage {deadline.stage}: {deadline.stage_name}",
        f"owner: {deadline.owner_at(now)}",
        both_sides(case),
        *(f"contact: {contact}" for contact in (deadline.contacts if deadline.at_any_stage else ())),
    )
    return Item(named_case(case), deadline.action_name, more)


def alerts_as_text(found: Sequence[DigestSection], now: datetime) -> Iterator[str]:
    """What cannot wait, in plain lines."""
    yield f"What cannot wait, {spoken(now)}\n\n"
    yield from (f"{inert(line)}\n" for line in section_lines(found))


def alerts_as_html(found: Sequence[DigestSection], now: datetime) -> Iterator[str]:
    """What cannot wait, as a page that mail programs show."""
    return pieces("digest.html", title=f"What cannot wait, {spoken(now)}", summary="", sections=found, end=())
