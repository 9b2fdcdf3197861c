"""Allowances: what is read, how it is written back, and what is refused with which advice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.read_allowance import parse_allowance, parse_protocol_allowance
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
    ("-3 days", "at_least"),
    ("3.5 days", "a part of a day is said in hours"),
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


TWO = "it is two limits; write each by itself, and the earlier counts if nothing else is said"
PART = 'a part of a day is said in hours, or with a time of day, as in "same working day by 12:00"'
NO_FIGURE = "it is not a figure; leave the time out, and agree a date in each case"
HOW_LONG = 'write here only how long, as in "5 working days"; what it counts from goes in from or before'
NO_DAY = 'it does not say on which day; write "same day by 17:00", or "1 working day by 17:00"'
A_DATE = 'it is a date; make it one of the moments, and count from that, with within = "same day"'
WAIT = 'it says how long to wait, which is for the reminders; how long before something to come is at_least = "5 days", with before'
THAT_DAY = 'it may be that day or 24 hours; write "same day", "same working day" or "24 hours", whichever is meant'
NO_TIME = "it does not say by what time; write the day and the time that are meant, and say so in reading"
SAID_IN_DOCUMENTS = {
    "one week": 'try "1 week"',
    "by noon next working day": 'try "1 working day by noon"',
    "by 5pm on the following working day": 'try "1 working day by 17:00"',
    "by close of play the next day": 'try "1 day by close of business"',
    "by 10.30 next working day": 'try "1 working day by 10:30"',
    "end of play": 'try "same working day by close of business"',
    "by cob": 'try "same working day by close of business"',
    "within the day": THAT_DAY,
    "the working day": THAT_DAY,
    "by return": NO_TIME,
    "by return of post": NO_TIME,
    "overnight": NO_TIME,
    "in good time": NO_FIGURE,
    "forthwith": NO_FIGURE,
    "w/in 10 days": 'try "10 days"',
    "w/i 10 working days": 'try "10 working days"',
    "in 5 days": 'try "5 days"',
    "no later than 10 working days": 'try "10 working days"',
    "a calendar month": 'try "1 calendar month"',
    "within a month": 'try "1 month"',
    "one working week": 'try "1 working week"',
    "5 full working days": 'try "5 working days"',
    "72-hours": 'try "72 hours"',
    "1/2 day": PART,
    "thirty working days": 'try "30 working days"',
    "twenty-two working days": 'try "22 working days"',
    "five (5) working days": 'try "5 working days"',
    "up to 5 working days": 'try "5 working days"',
    "no later than 5 working days": 'try "5 working days"',
    "5 working days (maximum)": 'try "5 working days"',
    "5 business days": 'try "5 working days"',
    "between three and five working days": 'try "3 to 5 working days"',
    "next working day": 'try "1 working day"',
    "by the end of the next working day": 'try "1 working day"',
    "a fortnight": 'try "2 weeks"',
    "half an hour": 'try "30 minutes"',
    "1.5 hours": 'try "90 minutes"',
    "at once": 'try "immediately"',
    "3 working days by cob": 'try "3 working days by close of business"',
    "5 working days by 5pm": 'try "5 working days by 17:00"',
    "1 working day by 9.30": 'try "1 working day by 9:30"',
    "24 hours or 1 working day": TWO,
    "24 hours / 1 working day": TWO,
    "0.5 working days": PART,
    "half a day": PART,
    "1 working month": "only days, hours and weeks are working ones; say how many working days it is, or leave out working",
    "as soon as possible": NO_FIGURE,
    "promptly": NO_FIGURE,
    "without undue delay": NO_FIGURE,
    "5 working days from referral": HOW_LONG,
    "2 days of the meeting": HOW_LONG,
    "5 days by end of day": 'a day ends at midnight if nothing is said; leave that out, or write "by close of business"',
    "weekly": 'it says how often; write every = "1 week" instead of within',
    "5 days' notice": 'notice counts back from what is to come; write at_least = "5 days", with before',
    "48 hours (2 working days)": TWO,
    "two weeks and three days": TWO,
    "a working day and a half": PART,
    "the following working day": 'try "1 working day"',
    "5 w/days": 'try "5 working days"',
    "10 w/d": 'try "10 working days"',
    "24h": 'try "24 hours"',
    "1 wk": 'try "1 week"',
    "3rd working day": 'try "3 working days"',
    "the third working day": 'try "3 working days"',
    "\uff15 working days": 'try "5 working days"',
    "straightaway": 'try "immediately"',
    "end of day": 'try "same day"',
    "the end of the working day": 'try "same working day"',
    "close of business": 'try "same working day by close of business"',
    "by 5pm": NO_DAY,
    "by 17:00": NO_DAY,
    "by Friday": A_DATE,
    "28 February": A_DATE,
    "before the meeting": 'what counts back from something to come is at_least = "1 day", with before',
    "about 5 days": "a limit is a figure; write it without that word, and say so in reading",
    "approx. 3 days": "a limit is a figure; write it without that word, and say so in reading",
    "at least 5 days": WAIT,
    "not less than ten working days": WAIT,
    "quarterly": 'it says how often; write every = "3 months" instead of within',
    "6 weekly": 'it says how often; write every = "6 weeks" instead of within',
    "every two weeks": 'it says how often; write every = "2 weeks" instead of within',
    "by day 5": 'write how long, as in "5 working days"; what it counts from goes in from',
    "5 days excluding weekends": "days without weekends are working days; where bank holidays count, the calendar says bank_holidays = false",
    "3 to 5": "it does not say of what; write hours, days or working days after the figure",
    "some days": NO_FIGURE,
    "a couple of days": NO_FIGURE,
    "several working days": NO_FIGURE,
    "to be agreed": NO_FIGURE,
    "n/a": NO_FIGURE,
    "none": NO_FIGURE,
    "half day": PART,
    "2\N{VULGAR FRACTION ONE HALF} days": PART,
    "3/5 working days": 'try "3 to 5 working days"',
    "24/48 hours": 'try "24 to 48 hours"',
    "5 consecutive days": 'try "5 days"',
    "3 whole working days": 'try "3 working days"',
    "one hundred days": 'try "100 days"',
    "that day": 'try "same day"',
    "3 working days by 5.00pm": 'try "3 working days by 17:00"',
    "2 days by 9.30 am": 'try "2 days by 09:30"',
    "1 day by 12.15am": 'try "1 day by 00:15"',
    "3 working days by lunchtime": NO_TIME,
    "by noon": NO_DAY,
    "immediately or within 24 hours": TWO,
    "same day or 1 working day": TWO,
    "at the next meeting": A_DATE,
    "the next review conference": A_DATE,
    "10 working minutes": 'minutes run on whether anybody works or not; write "30 minutes", or "1 working hour"',
    "-5 days": 'what counts back from something to come is at_least = "5 days", with before',
}


@pytest.mark.parametrize(("said", "advice"), SAID_IN_DOCUMENTS.items())
def test_what_documents_say_gets_the_sentence_that_helps_in_a_file_and_at_the_prompt(said: str, advice: str) -> None:
    with pytest.raises(BadAllowance) as refusal:
        parse_allowance(said)
    assert refusal.value.sentence.removeprefix(f'"{said}" is not an allowance').lstrip(":; ") == advice
    own_days = {
        "5 business days",
        "5 consecutive days",
    }  # there may be a calendar of that name: the check of the whole file says it
    if said not in own_days:
        with pytest.raises(BadAllowance) as refusal:
            parse_protocol_allowance(said)
        assert refusal.value.sentence.endswith(advice)


@pytest.mark.parametrize("said", ["6 school days", "10 sitting days", "tomorrow", "less than 5 days", "calendar month", "2 terms", "five school days"])  # fmt: skip
def test_no_time_is_suggested_that_may_not_be_meant(said: str) -> None:
    with pytest.raises(BadAllowance) as refusal:
        parse_allowance(said)
    assert refusal.value.sentence == f'"{said}" is not an allowance; try "24 hours", "5 working days" or "immediately"'


def test_days_of_a_protocols_own_calendar_are_put_in_figures_in_a_file() -> None:
    with pytest.raises(BadAllowance) as refusal:
        parse_protocol_allowance("five school days")
    assert refusal.value.sentence == '"five school days" is not an allowance; try "5 school days"'


AS_THEY_ARE = {"48hrs": "48 hours", "5wd": "5 working days", "5 WDs": "5 working days", "2-3 days": "2 to 3 days", "1 calendar month": "1 month"}  # fmt: skip


@pytest.mark.parametrize(("said", "means"), AS_THEY_ARE.items())
def test_short_ways_of_writing_are_read_as_what_they_mean(said: str, means: str) -> None:
    assert parse_allowance(said) == parse_allowance(means)
