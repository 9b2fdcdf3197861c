"""Allowances: what is read, how it is written back, and what is refused with which advice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.read_allowance import parse_allowance
from escalate.errors import BadAllowance

READ = [
    ("24 hours", Allowance(24, Unit.HOUR), "24 hours"),
    ("1 hr", Allowance(1, Unit.HOUR), "1 hour"),
    ("5 Working  Days", Allowance(5, Unit.WORKING_DAY), "5 working days"),
    ("1 to 3 working days", Allowance(3, Unit.WORKING_DAY, 1), "1 to 3 working days"),
    ("24-48 hours", Allowance(48, Unit.HOUR, 24), "24 to 48 hours"),
    ("24 – 96 hrs", Allowance(96, Unit.HOUR, 24), "24 to 96 hours"),
    ("3 days", Allowance(3, Unit.DAY), "3 days"),
    ("3 to 3 days", Allowance(3, Unit.DAY), "3 days"),
    ("2 calendar weeks", Allowance(2, Unit.WEEK), "2 weeks"),
    ("1 month", Allowance(1, Unit.MONTH), "1 month"),
    ("4 working hours", Allowance(4, Unit.WORKING_HOUR), "4 working hours"),
    ("immediately", Allowance(0, Unit.IMMEDIATELY), "immediately"),
    ("same working day", Allowance(0, Unit.SAME_WORKING_DAY), "same working day"),
    ("0 working days", Allowance(0, Unit.SAME_WORKING_DAY), "same working day"),
]


@pytest.mark.parametrize(("text", "allowance", "written"), READ)
def test_an_allowance_is_read_and_written_back(text: str, allowance: Allowance, written: str) -> None:
    assert parse_allowance(text) == allowance
    assert str(allowance) == written
    assert parse_allowance(written) == allowance


REFUSED = [
    ("5 workng days", 'try "5 working days"'),
    ("24 huors", 'try "24 hours"'),
    ("immediatly", 'try "immediately"'),
    ("3 to 1 days", 'the target is above the limit; try "1 to 3 days"'),
    ("0 days", 'try "immediately"'),
    ("0 to 3 days", 'try "3 days"'),
    ("100000 days", "more than 99,999 days"),
    ("9" * 500 + " hours", "more than 99,999 hours"),
    ("five days", "try"),
    ("-3 days", "try"),
    ("3.5 days", "try"),
    ("٣ days", "try"),
    ("", "try"),
]


@pytest.mark.parametrize(("text", "advice"), REFUSED)
def test_what_is_no_allowance_is_refused_with_advice(text: str, advice: str) -> None:
    with pytest.raises(BadAllowance) as refusal:
        parse_allowance(text)
    assert advice in refusal.value.sentence


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_allowance(text)
    except BadAllowance as refusal:
        assert refusal.sentence  # noqa: PT017
