"""What to write instead of a time limit that cannot be read, for the ways in which documents say one.

An allowance is offered only where it is what was meant: a time that looks like it but is another would be taken over, and nobody would see.
"""

import re
import unicodedata
from collections.abc import Callable
from difflib import get_close_matches

_ORDINALS = {
    word: n
    for n, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1
    )
}
_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FIGURES = {word: n for n, word in enumerate(_ONES.split(), 1)} | {
    word: 10 * n for n, word in enumerate(_TENS.split(), 2)
}
_WORD = rf"\b(?:{'|'.join(_FIGURES)})\b"

_LONGEST = 80
"""No document says a time in more letters."""

_WORDS = ("immediately", "same day", "same working day")
_UNITS = [
    f"{kind}{unit}{s}"
    for kind in ("", "working ")
    for unit in ("minute", "hour", "day", "week", "month", "year")
    for s in ("", "s")
]

_SAID_OTHERWISE: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"^(?:a|1) hundred\b", "100"),
    (r"^(?:within|w/ ?in|w/i|in(?! good)|up to|at most|no more than|not more than|no later than|not later than|a maximum of|maximum of|maximum|max|by the end of) ", ""),
    (r"\((?:maximum|max|at most)\)$| (?:maximum|max|at most|at the latest)$", ""),
    (r"\b(?:business|office|weekly working) (?=days?\b|hours?\b|weeks?\b)", "working "),
    (r"\b(?:w ?/ ?|w['.] ?|wk\.? ?|wkg\.? ?|wrk\.? ?)(d|days?)\b", "working days"),
    (r"^([0-9]+) ?h$", r"\1 hours"),
    (r"^([0-9]+) (?:consecutive|full|whole) (?=(?:working |calendar )?days?\b)", r"\1 "),
    (r"^([0-9]+) ?/ ?([5-9]|[0-9]{2,}) (?=(?:working |calendar )?(?:hour|day|week)s\b)", r"\1 to \2 "),
    (r"^([0-9]+) ?wks?\b", r"\1 weeks"),
    (r"^1 weeks\b", "1 week"),
    (r"^(?:the )?(?:following|day after|next following) (working |calendar )?day\b", r"1 \1day"),
    (rf"^(?:the )?({'|'.join(_ORDINALS)}) (?=working day|calendar day|day)", lambda match: f"{_ORDINALS[match[1]]}th "),
    (r"^(?:the )?([0-9]+)(?:st|nd|rd|th) (working |calendar )?day\b", r"\1 \2days"),
    (r"^1 (working |calendar )?days\b", r"1 \1day"),
    (r"^(?:the )?end of (?:the )?day$", "same day"),
    (r"^(?:the )?end of (?:the )?working day$", "same working day"),
    (r"\bweek ?days?\b", "working days"),
    (r"^between ([0-9]+) and ([0-9]+) ", r"\1 to \2 "),
    (r"^([0-9]+) or ([0-9]+) ", r"\1 to \2 "),
    (r"\b([0-9]+) \(\1\)", r"\1"),
    (r"^(?:by )?(?:the )?(?:end of )?(?:the )?next (working )?day\b", r"1 \1day"),
    (r"^by (.+?),? (?:on |of )?(?:the )?(?:next|following) (working |calendar )?day$", r"1 \2day by \1"),
    (r"^(?:straight ?away|at once|right away|instantly|without any delay|today)$", "immediately"),
    (r"^(?:on )?that (?=(?:working )?day$)", "same "),
    (r"^the hour$", "1 hour"),
    (r"^(?:a|an) (?=(?:working |calendar |clear )?(?:day|hour|week|month|year)\b)", "1 "),
    (r"^(?:a |1 |one )?fortnight\b", "2 weeks"),
    (r"^([0-9]+) fortnights\b", lambda match: f"{2 * int(match[1])} weeks"),
    (r"^(?:half an hour|0?\.5 hours?|1/2 hour)$", "30 minutes"),
    (r"^([0-9]+)\.5 hours$", lambda match: f"{60 * int(match[1]) + 30} minutes"),
    (r"\b(?:c\.?o\.?b\.?|close of play|end of play|c\.?o\.?p\.?|close)$", "close of business"),
    (r"^(?:by )?(?:the )?close of business$", "same working day by close of business"),
    (r"\bbefore (?=close of business$|noon$|[0-9]{1,2}[:.][0-9]{2}$)", "by "),
    (r"\bby (1[0-2]|[1-9]) ?am$", lambda match: f"by {int(match[1]) % 12:02}:00"),
    (r"\bby (1[0-2]|[1-9]) ?pm$", lambda match: f"by {int(match[1]) % 12 + 12:02}:00"),
    (r"\bby (1[0-2]|[1-9])[:.]([0-9]{2}) ?([ap])m$", lambda match: f"by {int(match[1]) % 12 + 12 * (match[3] == 'p'):02}:{match[2]}"),
    (r"\bby ([0-9]{1,2})\.([0-9]{2})$", r"by \1:\2"),
    (r"\b(?:mid ?day)$", "noon"),
)  # fmt: skip
"""Ways of saying that come to an allowance when one thing is written for another: what to look for, and what to put there."""

_FIGURE = r"[0-9]+(?: ?(?:to|-) ?[0-9]+)? ?(?:clear |working |calendar )*(?:minute|hour|day|week|month|year)s?"
_OWN_DAYS = r"[0-9]+ [a-z-]+ (?:day|hour)s?"
_AT_ONCE = r"(?:immediately|same (?:working )?day)"
_OFTEN = {"hourly": "1 hour", "daily": "1 day", "weekly": "1 week", "fortnightly": "2 weeks", "monthly": "1 month", "quarterly": "3 months", "yearly": "1 year", "annually": "1 year"}  # fmt: skip
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAYS = "mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?"
_WHY_NOT: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\b(?:at least|not less than|no less than|minimum|not before|not earlier than)\b",
        'it says how long to wait, which is for the reminders; how long before something to come is at_least = "5 days", with before'),
    (r"^(?:about|approx\.?|approximately|around|roughly|some|circa|c\.|ca\.|~) ?[0-9]", "a limit is a figure; write it without that word, and say so in reading"),
    (rf"^(?:by |before |on )?(?:the )?(?:(?:{_DAYS})\b|[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS})\b)",
        'it is a date; make it one of the moments, and count from that, with within = "same day"'),
    (r"^by (?:noon|[0-9]{1,2}(?:[:.][0-9]{2})? ?(?:am|pm)?)$", 'it does not say on which day; write "same day by 17:00", or "1 working day by 17:00"'),
    (r"^(?:before|prior to) ", 'what counts back from something to come is at_least = "1 day", with before'),
    (r"^(?:by |on |not later than )?(?:the )?(?:working )?day [0-9]+$", 'write how long, as in "5 working days"; what it counts from goes in from'),
    (rf"{_FIGURE} ?\({_FIGURE}\)", "it is two limits; write each by itself, and the earlier counts if nothing else is said"),
    (r"\b(?:excluding|not counting|without) weekends\b", "days without weekends are working days; where bank holidays count, the calendar says bank_holidays = false"),
    (r"^(?:the|this) (?:working )?day$", 'it may be that day or 24 hours; write "same day", "same working day" or "24 hours", whichever is meant'),
    (r"^(?:by return.*|overnight|.* by (?:lunch(?: ?time)?|the afternoon|the evening|the morning))$", "it does not say by what time; write the day and the time that are meant, and say so in reading"),
    (r" and a half$", 'a part of a day is said in hours, or with a time of day, as in "same working day by 12:00"'),
    (r"\b(?:as soon as (?:possible|practicable|reasonably .*|is .*)|asap|promptly|in good time|urgent(?:ly)?|timely|in a timely .*|without (?:undue )?delay|forthwith|in due course|reasonable time|reasonably .*|few|several|some|couple|to be (?:agreed|confirmed|decided)|by agreement|as agreed|tbc|tba|n/?a|none|ongoing|no (?:time )?limit)\b",
        "it is not a figure; leave the time out, and agree a date in each case"),
    (rf"^(?:{'|'.join(_OFTEN)})$", lambda match: f'it says how often; write every = "{_OFTEN[match[0]]}" instead of within'),
    (r"^([0-9]+)[ -](week|month|day)ly$|^every ([0-9]+) (week|month|day)s$",
        lambda match: f'it says how often; write every = "{match[1] or match[3]} {match[2] or match[4]}s" instead of within'),
    (r"\bnotice\b", 'notice counts back from what is to come; write at_least = "5 days", with before'),
    (r"\b(?:next|following) .*(?:meeting|conference|review|board|panel|hearing)$",
        'it is a date; make it one of the moments, and count from that, with within = "same day"'),
    (rf"(?:{_FIGURE}|{_AT_ONCE})(?:,? (?:or|and|then)(?: within| in)? | ?/ ?)(?:{_FIGURE}|{_AT_ONCE})", "it is two limits; write each by itself, and the earlier counts if nothing else is said"),
    (r"\bworking minutes?\b", 'minutes run on whether anybody works or not; write "30 minutes", or "1 working hour"'),
    (r"^-[0-9]", 'what counts back from something to come is at_least = "5 days", with before'),
    (r"\bworking (?:month|year)s?\b", "only days, hours and weeks are working ones; say how many working days it is, or leave out working"),
    (r"^(?:(?:1 )?half (?:(?:a|an|the|1) )?|(?:[0-9]*\.[0-9]+|[0-9]*[0-9]/[1-4]) )(?:working |calendar )?(?:day|week|month)",
        'a part of a day is said in hours, or with a time of day, as in "same working day by 12:00"'),
    (rf"^{_FIGURE} (?:from|of|after|before|following|since)\b", 'write here only how long, as in "5 working days"; what it counts from goes in from or before'),
    (r"\bby (?:the )?end of (?:the )?day$|\bby eod$", 'a day ends at midnight if nothing is said; leave that out, or write "by close of business"'),
    (r"^[0-9]+(?: ?(?:to|-) ?[0-9]+)?$", "it does not say of what; write hours, days or working days after the figure"),
)  # fmt: skip
"""Ways of saying that are no allowance, and why."""


def advice_on(plain: str, is_one: Callable[[str], bool], own_days: bool) -> tuple[str, str | None]:
    """Why a text in small letters is no allowance, and what to write instead; each empty or None where there is nothing to say.

    `is_one` tells whether a text is an allowance; with `own_days` the days of a protocol's own calendars are among what may be meant.
    """
    if len(plain) > _LONGEST:
        return "", None
    meant = _in_figures(unicodedata.normalize("NFKC", plain).replace("\N{FRACTION SLASH}", "/"))
    for said, instead in _SAID_OTHERWISE:
        meant = re.sub(said, instead, meant)
    meant = " ".join(meant.split())
    if meant != plain and is_one(meant):
        return "", meant
    for said, why in _WHY_NOT:
        if found := re.search(said, meant):
            return why(found) if callable(why) else why, None
    return "", _nearest(meant, is_one) or (
        meant if own_days and meant != plain and re.fullmatch(_OWN_DAYS, meant) else None
    )


def _in_figures(plain: str) -> str:
    """The text with its numbers in figures: `30 working days` for thirty."""
    joined = re.sub(rf"({_WORD})[ -]({_WORD})", lambda match: _together(match[1], match[2]), plain)
    return re.sub(_WORD, lambda match: str(_FIGURES[match[0]]), joined)


def _together(tens: str, ones: str) -> str:
    high, low = _FIGURES[tens], _FIGURES[ones]
    return str(high + low) if high >= 20 and low < 10 else f"{tens} {ones}"


def _nearest(plain: str, is_one: Callable[[str], bool]) -> str | None:
    """The same figure with the unit that was mistyped put right, or one of the words; None where that is not sure."""
    figure, unit = re.fullmatch(r"([0-9]+(?: ?(?:to|-) ?[0-9]+)? ?)?(.*)", plain, re.DOTALL).groups()  # type: ignore[union-attr]  # it matches any text
    near = get_close_matches(unit, _UNITS if figure else _WORDS, n=1, cutoff=0.8)
    found = f"{figure.strip()} {near[0]}" if near and figure else "".join(near)
    return found if found and is_one(found) else None
