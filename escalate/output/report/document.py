"""The report as a JSON document.

A hidden count is text, `"<5"` or `"*"`. A list that is left out is null, and one with an item for every case is made as it is written.
"""

from collections.abc import Mapping

from escalate.domain.reporting.model import (
    DEFINITIONS,
    Headline,
    LadderPlace,
    LadderStay,
    LateSpread,
    Lesson,
    OpenCase,
    Overdue,
    Report,
    SetByHand,
    Spread,
    Timeliness,
    Timetable,
    TimeTaken,
)
from escalate.domain.worktime.periods import Period
from escalate.output.dates.by_hand import kept_by_hand_document
from escalate.output.documents import Document, instant
from escalate.output.report.sections import how_it_stands, plain, plain_counts


def as_document(report: Report, filters: Mapping[str, str | None]) -> Document:
    """`report --json`."""
    cases = report.open_cases
    return {
        "period": _period(report),
        "known_at": instant(report.known_at),
        "filters": dict(filters),
        "suppressed_under": report.suppressed_under,
        "commentary": report.commentary,
        "definitions": dict(DEFINITIONS),
        "cases": {
            "open_at_start": plain(report.open_at_start),
            "taken_up_again": plain(report.taken_up_again),
            "reopened": plain(report.reopened),
            "taken_over": plain(report.taken_over),
            **plain_counts(report.total),
            "void": plain(report.void),
        },
        "clock_set_by_hand": _set_by_hand(report),
        "calendars_set_by_hand": [kept_by_hand_document(each) for each in report.calendars_by_hand],
        "by_protocol": [
            _protocol(report, each.place.protocol) | plain_counts(each.cases) for each in report.by_protocol
        ],
        "by_stage": [_stage(report, each.place) | plain_counts(each.cases) for each in report.by_stage],
        "by_agencies": [
            {"raising_agency": each.names[0], "receiving_agency": each.names[1], **plain_counts(each.cases)}
            for each in report.by_agencies
        ],
        "by_raising_agency": [{"agency": each.names[0], **plain_counts(each.cases)} for each in report.by_raising],
        "by_receiving_agency": [{"agency": each.names[0], **plain_counts(each.cases)} for each in report.by_receiving],
        "raised_none": list(report.none_raised),
        "by_theme": [{"theme": each.names[0], **plain_counts(each.cases)} for each in report.by_theme],
        "by_level": [{"level": each.names[0], **plain_counts(each.cases)} for each in report.by_level],
        "beside": list(map(_headline, report.beside)),
        "stages": _timetable(report, report.stages),
        "actions": _timetable(report, report.actions),
        "undated": [_action(report, each.place) | plain_counts(each) for each in report.undated],
        "ended": [_action(report, each.place) | plain_counts(each) for each in report.ended],
        "overdue_count": plain(report.overdue_count),
        "overdue": None if report.overdue is None else (_overdue(report, each) for each in report.overdue),
        "time_to_resolution": {
            "lines": [_protocol(report, each.place.protocol) | _taken(each) for each in report.time_taken],
            "total": _taken(report.time_taken_total),
        },
        "lessons": None if report.lessons is None else (_lesson(report, each) for each in report.lessons),
        "open_cases": None if cases is None else (_open_case(report, each) for each in cases),
    }


def _period(report: Report) -> Document:
    return {**_days(report.period), "running": report.running, "counted_until": instant(report.until)}


def _days(period: Period) -> Document:
    """The days of a period, and what it is called."""
    return {
        "name": period.name or None,
        "first_day": period.first.isoformat(),
        "last_day": period.last.isoformat(),
    }


def _headline(each: Headline) -> Document:
    """The chief figures of a period that stands beside."""
    return {
        "period": {**_days(each.period), "running": each.running},
        "cases": {
            "open_at_start": plain(each.open_at_start),
            "taken_up_again": plain(each.taken_up_again),
            "reopened": plain(each.reopened),
            **plain_counts(each.total),
        },
        "stages": _timeliness(each.stages),
        "actions": _timeliness(each.actions),
        "working_days_to_resolution": {"median": each.working_days.median},
    }


def _set_by_hand(report: Report) -> Document:
    """How many entries of how many cases were recorded with the clock set by hand; null where a report for publication hides how many."""
    return (report.by_hand or SetByHand(0, 0))._asdict()


def _protocol(report: Report, name: str) -> Document:
    return {"protocol": name, "partnership": report.names.protocol(name)}


def _stage(report: Report, place: LadderPlace) -> Document:
    return _protocol(report, place.protocol) | {
        "route": place.route or None,
        "route_name": report.names.route(place) or None,
        "stage": place.stage or None,
        "stage_name": place.stage_name,
    }


def _action(report: Report, place: LadderPlace) -> Document:
    return _stage(report, place) | {"action": place.action, "action_name": place.action_name}


def _timetable(report: Report, table: Timetable) -> Document:
    lines = [_action(report, each.place) | _timeliness(each) for each in table.lines]
    return {"lines": lines, "total": _timeliness(table.total)}


def _timeliness(each: Timeliness) -> Document:
    return {
        "fell_due": plain(each.due),
        "met_in_time": plain(each.in_time),
        "met_late": plain(each.late),
        "not_met": plain(each.not_met),
        "missed": plain(each.missed),
        "taken_over": plain(each.taken_over),
        "working_days_late": {"median": each.how_late.median, "most": each.how_late.most},
        "how_late": list(map(_late_spread, each.late_by)),
    }


def _overdue(report: Report, each: Overdue) -> Document:
    return (
        {"case": each.case}
        | _action(report, each.place)
        | {
            "owner": each.owner,
            "due_at": instant(each.due_at),
            "working_days_over": each.working_days,
            "call": each.call,
            "past_limit_of": each.past_limit_of,
            "unanswered": list(each.unanswered),
        }
        | {
            "late_in": each.late.unit if each.late else None,
            "late_by": each.late.figure if each.late else None,
            "how_late": str(each.late) if each.late else None,
        }
    )


def _late_spread(each: LateSpread) -> Document:
    """How late in one unit: `median` and `most` are so many of `late_in`, and in words."""
    return {
        "late_in": each.unit,
        "median": each.median.figure,
        "most": each.most.figure if each.most else None,
        "median_in_words": str(each.median),
        "most_in_words": str(each.most) if each.most else None,
    }


def _taken(each: TimeTaken) -> Document:
    return {
        "resolved": plain(each.resolved),
        "working_days": _spread(each.working_days),
        "days": _spread(each.days),
    }


def _spread(spread: Spread) -> Document:
    return {"median": spread.median, "least": spread.least, "most": spread.most}


def _lesson(report: Report, each: Lesson) -> Document:
    return {"case": each.case} | _protocol(report, each.protocol) | {"text": each.text}


def _open_case(report: Report, case: OpenCase) -> Document:
    return {
        "case": case.case,
        **_protocol(report, case.protocol),
        "raised_at": instant(case.raised_at),
        "stages": [_stay(report, stay) for stay in case.stays],
    }


def _stay(report: Report, stay: LadderStay) -> Document:
    return {
        "stage": stay.stage,
        "stage_name": stay.stage_name,
        "entered_at": instant(stay.entered_at),
        "due_at": instant(stay.due_at),
        "left_at": instant(stay.left_at),
        "stands": how_it_stands(report, stay),
    }
