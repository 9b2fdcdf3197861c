"""What is known of a case over time, where it was written down in another order than it happened (C20)."""

from datetime import UTC, datetime

from escalate.domain.case.model import Answer, KnownFact
from escalate.domain.deadlines.known import Known
from escalate.domain.protocol.conditions import parse_condition


def _day(day: int) -> datetime:
    return datetime(2026, 12, day, 9, tzinfo=UTC)


def _told(day: int, entry: int, said: datetime | None) -> Answer:
    return Answer(_day(day), entry, said.isoformat() if said else "unknown", False, False)


def _stops(*told: Answer) -> list[tuple[datetime, datetime | None]]:
    return Known({"letter": KnownFact(told)}).stops(parse_condition("letter is known"))


def test_a_clock_stands_still_from_the_date_of_an_event_until_that_is_taken_back() -> None:
    assert _stops(_told(22, 2, _day(20)), _told(26, 3, None)) == [(_day(20), _day(26))]


def test_an_event_that_has_come_after_all_was_never_taken_back() -> None:
    assert _stops(_told(22, 2, _day(20)), _told(26, 3, None), _told(29, 4, _day(20))) == [(_day(20), None)]
