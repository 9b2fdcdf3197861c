"""Allowances as people and protocols write them, read."""

import re
from datetime import time

from escalate.domain.worktime.allowance import CLOSE, Allowance, Reckoning, Unit
from escalate.errors import BadAllowance

MOST = 99_999
"""The largest figure that is taken."""

UNITS = {
    "minute": Unit.MINUTE, "min": Unit.MINUTE,
    "hour": Unit.HOUR, "hr": Unit.HOUR, "clock hour": Unit.HOUR,
    "working hour": Unit.WORKING_HOUR,
    "day": Unit.DAY, "calendar day": Unit.DAY,
    "working day": Unit.WORKING_DAY, "wd": Unit.WORKING_DAY,
    "week": Unit.WEEK, "calendar week": Unit.WEEK,
    "working week": Unit.WORKING_WEEK,
    "month": Unit.MONTH, "calendar month": Unit.MONTH,
    "year": Unit.YEAR, "calendar year": Unit.YEAR,
}  # fmt: skip

AT_ONCE = {
    "immediately": Unit.IMMEDIATELY, "immediate": Unit.IMMEDIATELY, "same day": Unit.IMMEDIATELY, "the same day": Unit.IMMEDIATELY,
    "same working day": Unit.SAME_WORKING_DAY, "the same working day": Unit.SAME_WORKING_DAY,
}  # fmt: skip

_FIGURES = r"(?P<low>[0-9]+)(?: ?(?:to|-|\N{EN DASH}) ?(?P<high>[0-9]+))? ?(?P<clear>clear )?"
# Compiled where they are first used: a protocol needs some of them, and a case nearly none.
_SHAPE = rf"{_FIGURES}(?P<unit>[a-z ]+)"
_OWN_SHAPE = rf"{_FIGURES}(?P<unit>[a-z0-9 -]*[a-z])"
_BY = r"(?P<rest>.+?)(?: by (?P<by>close of business|noon|[0-9]{1,2}:[0-9]{2}))"
_OWN_UNIT = r"(?P<key>[a-z0-9][a-z0-9-]*) (?P<unit>day|hour)s?"
_OWN_SAME_DAY = r"(?:the )?same (?P<key>[a-z0-9][a-z0-9-]*) day"


def parse_allowance(text: str) -> Allowance:
    """Read an allowance as people write it. Raises BadAllowance."""
    return _read(text, own_days=False)


def parse_protocol_allowance(text: str) -> Allowance:
    """Read one as a protocol writes it, whose own calendars may give days and hours of their own. Raises BadAllowance.

    Whether there is a calendar of that name is for the check of the whole file to say.
    """
    return _read(text, own_days=True)


class _Unread(Exception):
    """A text that is no figure with a unit, nor one of the words."""


def _read(text: str, own_days: bool) -> Allowance:
    try:
        return _parsed(text, own_days)
    except _Unread:
        from escalate.domain.worktime.allowance_advice import advice_on  # only a mistake needs it

        why, instead = advice_on(" ".join(text.casefold().split()), _is_one, own_days)
        raise BadAllowance(text, why, instead) from None


def _is_one(text: str) -> bool:
    try:
        _parsed(text, own_days=False)
    except (_Unread, BadAllowance):
        return False
    return True


def _parsed(text: str, own_days: bool) -> Allowance:
    plain = " ".join(text.casefold().split())
    ends = re.fullmatch(_BY, plain)
    if ends is None:
        return _without_hour(text, plain, own_days)
    allowance = _without_hour(text, ends["rest"], own_days)
    if allowance.in_hours:
        raise BadAllowance(text, f"{allowance.unit.value}s run to a time of day already", str(allowance))
    return allowance._replace(by=_time_of_day(text, ends["by"]))


def _without_hour(text: str, plain: str, own_days: bool) -> Allowance:
    """An allowance that says nothing of an hour at which it ends."""
    if plain in AT_ONCE:
        return Allowance(0, AT_ONCE[plain])
    if own_days and (same := re.fullmatch(_OWN_SAME_DAY, plain)):
        return Allowance(0, Unit.SAME_WORKING_DAY, days_of=same["key"])
    shape = re.fullmatch(_OWN_SHAPE if own_days else _SHAPE, plain.removesuffix(" inclusive"))
    if shape is None:
        raise _Unread
    unit, days_of = _unit(shape["unit"], own_days)
    allowance = _figures(text, int(shape["low"][:9]), int((shape["high"] or shape["low"])[:9]), unit)
    reckoning = _reckoning(text, bool(shape["clear"]), plain.endswith(" inclusive"), allowance)
    return allowance._replace(days_of=days_of, reckoning=reckoning)


def _unit(said: str, own_days: bool) -> tuple[Unit, str | None]:
    """The unit, and the key of the protocol's calendar whose days or hours it means. Raises _Unread."""
    unit = UNITS.get(said) or UNITS.get(said.removesuffix("s"))
    if unit:
        return unit, None
    own = re.fullmatch(_OWN_UNIT, said) if own_days else None
    if own is None:
        raise _Unread
    return (Unit.WORKING_DAY if own["unit"] == "day" else Unit.WORKING_HOUR), own["key"]


def _figures(text: str, low: int, high: int, unit: Unit) -> Allowance:
    if high > MOST:
        raise BadAllowance(text, f"more than {MOST:,} {unit.value}s")
    if low > high:
        raise BadAllowance(text, "the target is above the limit", f"{high} to {low} {unit.value}s" if high else None)
    if high == 0:
        if unit is Unit.WORKING_DAY:
            return Allowance(0, Unit.SAME_WORKING_DAY)
        raise BadAllowance(text, "nothing is allowed", "immediately")
    if low == 0:
        raise BadAllowance(text, "a target of nothing", f"{high} {unit.value}s")
    return Allowance(high, unit, None if low == high else low)


def _reckoning(text: str, clear: bool, inclusive: bool, allowance: Allowance) -> Reckoning:
    reckoning = Reckoning.CLEAR if clear else Reckoning.INCLUSIVE if inclusive else Reckoning.USUAL
    if reckoning is not Reckoning.USUAL and (allowance.in_hours or not allowance.limit or (clear and inclusive)):
        raise BadAllowance(text, f"{reckoning.value} is said of days, weeks, months or years", str(allowance))
    return reckoning


def _time_of_day(text: str, said: str) -> str:
    if said == CLOSE:
        return said
    try:
        clock = time(12) if said == "noon" else time.fromisoformat(said.zfill(5))
    except ValueError:
        raise BadAllowance(text, f"{said} is not a time of day", "1 working day by 12:00") from None
    return f"{clock:%H:%M}"
