"""Deadlines as a calendar file (iCalendar, RFC 5545) for Outlook, Google, telephones and the rest.

An event begins at *act by*, the moment that counts for people, and ends when the deadline runs out. It is free time, because a
deadline is no meeting. Nothing in it comes from the clock: while nothing changes, the file does not.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

from icalendar import Alarm, Calendar, Event

from escalate.domain.deadlines.appointments import Appointment, appointments
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import Standing, how_it_ended
from escalate.output.case.calls import hangs_on
from escalate.output.names import Named
from escalate.output.words import full, in_full, inert

REMIND_BEFORE = timedelta(hours=2)
"""How long before *act by* a calendar is asked to remind people."""

SHORTEST = timedelta(minutes=30)
"""An event without a length is given one by most calendars, which would then show it to end when it is too late."""


HOUR = timedelta(hours=1)
"""How long before *act by* a published event begins, and how often those who subscribe are asked to look for changes."""

_PUBLISHED = b"PRODID:-//escalate//published deadlines//EN"


def ics_pieces(files: Iterable[CaseFile], own_id: str) -> Iterator[bytes]:
    """A calendar of every date the cases have or had; `own_id` tells the file they are kept in from every other."""
    calendar = Calendar()
    calendar.add("prodid", "-//escalate//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Escalation deadlines")
    return _pieces(calendar, (_event(file, each, own_id) for file in files for each in appointments(file)))


def published_pieces(files: Iterable[CaseFile], own_id: str) -> Iterator[bytes]:
    """A calendar for people to subscribe to, of the dates of cases that go on: the same bytes while no date changes.

    An event stands where an office day shows it, in the hour before *act by*. It has the record number and what is due, and nothing
    that somebody wrote about the case.
    """
    calendar = Calendar()
    calendar.add("prodid", _PUBLISHED.partition(b":")[2].decode())
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Escalation deadlines")
    calendar.add("refresh-interval", HOUR, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    going_on = (file for file in files if any(each.is_open for each in file.deadlines))
    events = (_published_event(file, each, own_id) for file in going_on for each in appointments(file))
    return _pieces(calendar, events)


def is_published(content: bytes) -> bool:
    """Whether a file is a calendar that was published."""
    return content.startswith(b"BEGIN:VCALENDAR\r\n") and _PUBLISHED in content[:200]


def _pieces(calendar: Calendar, events: Iterable[Event]) -> Iterator[bytes]:
    """A calendar, event by event."""
    opening, closing, _ = calendar.to_ical().partition(b"END:VCALENDAR\r\n")
    yield opening
    for event in events:
        yield event.to_ical()
    yield closing


def _published_event(file: CaseFile, appointment: Appointment, own_id: str) -> Event:
    case, deadline = file.case, appointment.deadline
    act_by = deadline.act_by or deadline.due_at
    assert act_by is not None
    event = _begun(appointment, f"escalate {own_id} published {case.ref} {appointment.key}")
    event.add("dtstart", act_by - HOUR)
    event.add("dtend", act_by)
    event.add("status", _status(appointment))
    event.add("transp", "TRANSPARENT")
    event.add("summary", inert(f"{_mark(appointment)}{case.subject or case.ref}: {deadline.action_name}"))
    event.add("description", "\n".join(inert(line) for line in _where_and_when(file, appointment)))
    return event


def _begun(appointment: Appointment, name: str) -> Event:
    """An event that a name tells from all others, with when it was made and changed."""
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_OID, name)))
    event.add("sequence", appointment.changes)
    event.add("created", appointment.made_at)
    event.add("dtstamp", appointment.changed_at)
    event.add("last-modified", appointment.changed_at)
    return event


def _event(file: CaseFile, appointment: Appointment, own_id: str) -> Event:
    ref, deadline = file.case.ref, appointment.deadline
    assert deadline.due_at is not None
    act_by = deadline.act_by or deadline.due_at
    begins = act_by if act_by < deadline.due_at else deadline.due_at - SHORTEST
    event = _begun(appointment, f"escalate {own_id} {ref} {appointment.key}")
    event.add("dtstart", begins)
    event.add("dtend", deadline.due_at)
    event.add("status", _status(appointment))
    event.add("transp", "TRANSPARENT")
    event.add("summary", inert(f"{_mark(appointment)}{ref} {deadline.action_name}"))
    event.add("description", "\n".join(inert(line) for line in _description(file, appointment)))
    if not appointment.gone and deadline.met_at is None:
        event.add_component(_alarm(f"Act soon: {ref} {deadline.action_name}", act_by - REMIND_BEFORE - begins))
    return event


def _status(appointment: Appointment) -> str:
    """What is met stays, as something that took place; what does not fall due any more is called off."""
    if appointment.gone:
        return "CANCELLED"
    met, provisional = appointment.deadline.met_at, appointment.deadline.provisional
    return "TENTATIVE" if provisional and met is None else "CONFIRMED"


def _mark(appointment: Appointment) -> str:
    """What stands before the name of what need not be done any more."""
    if appointment.gone:
        return "Missed: " if _was_missed(appointment.deadline) else "No longer due: "
    return "Done: " if appointment.deadline.met_at else ""


def _was_missed(deadline: Deadline) -> bool:
    return deadline.ended_at is not None and how_it_ended(deadline) is Standing.MISSED


def _description(file: CaseFile, appointment: Appointment) -> Iterator[str]:
    """Everything a person needs to know who has only the calendar at hand; never whom it is about, or who holds it."""
    deadline = appointment.deadline
    yield from _where_and_when(file, appointment)
    if deadline.call > 1 and not deadline.occurrence:
        yield f"Call {deadline.call}"
    if deadline.cite:
        yield f"Written in: {deadline.cite}"
    if not appointment.gone or deadline.ended_at:
        stage = f" --stage {deadline.stage}" if deadline.stage else ""
        yield f"Proof: escalate explain {file.case.ref} {deadline.action}{stage}"


def _where_and_when(file: CaseFile, appointment: Appointment) -> Iterator[str]:
    """When something is due, at which stage, and by which role and protocol."""
    deadline = appointment.deadline
    yield from _when(deadline, gone=appointment.gone)
    yield ""
    if deadline.stage:
        yield f"Stage {deadline.stage}: {deadline.stage_name}"
    yield f"For: {deadline.owner}"
    yield f"{file.protocol.partnership}: {file.protocol.title}"


def _when(deadline: Deadline, *, gone: bool) -> Iterator[str]:
    """When it is due, or was."""
    assert deadline.due_at is not None
    if deadline.ended_at:
        standing = how_it_ended(deadline).value
        yield f"{standing.capitalize()}. It was due {in_full(deadline.due_at)}, and ended {in_full(deadline.ended_at)} without being done."
    elif gone:
        yield f"No longer due. It was due {in_full(deadline.due_at)}."
    elif deadline.met_at:
        late = " That was late." if deadline.met_at > deadline.due_at else ""
        yield f"Done {in_full(deadline.met_at)}. It was due {in_full(deadline.due_at)}.{late}"
    else:
        yield f"Due {in_full(deadline.due_at)}."
        if deadline.act_by and deadline.act_by < deadline.due_at:
            yield f"Act by {full(deadline.act_by)}, the last working moment before it."
        if deadline.outside_hours:
            yield "The whole time lies outside working hours."
        if deadline.target_at:
            yield f"Target: {in_full(deadline.target_at)}."
        if deadline.agreed_until:
            yield f"Agreed between the two sides: {in_full(deadline.agreed_until)}."
        if deadline.limit_at:
            yield f"The protocol's own limit: {in_full(deadline.limit_at)}."
        if deadline.provisional:
            hangs = hangs_on(deadline, Named())
            yield f"Provisional: it {hangs}." if hangs else "Provisional: it may still move."


def _alarm(says: str, from_beginning: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", from_beginning)
    alarm.add("description", inert(says))
    return alarm
