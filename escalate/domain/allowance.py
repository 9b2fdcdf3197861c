"""Allowances: "24 hours", "5 working days", "1 to 3 working days", "immediately", "same working day"."""

import re
from dataclasses import dataclass
from enum import Enum

from escalate.domain.errors import BadAllowance, nearest


class Unit(Enum):
    """What an allowance is counted in; the value is its singular."""

    HOUR = "hour"
    WORKING_HOUR = "working hour"
    DAY = "day"
    WORKING_DAY = "working day"
    WEEK = "week"
    MONTH = "month"
    IMMEDIATELY = "immediately"
    SAME_WORKING_DAY = "same working day"

    @property
    def in_hours(self) -> bool:
        """Runs to a time of day (rule C6), not to the end of a day (rule C5)."""
        return self in (Unit.HOUR, Unit.WORKING_HOUR)


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many of a unit: up to `limit`, and ideally `target` where a range was given."""

    limit: int
    unit: Unit
    target: int | None = None

    def __str__(self) -> str:
        unit: str = self.unit.value
        if self.unit in (Unit.IMMEDIATELY, Unit.SAME_WORKING_DAY):
            return unit
        figure = f"{self.limit}" if self.target is None else f"{self.target} to {self.limit}"
        return f"{figure} {unit}{'' if self.limit == 1 else 's'}"


MOST = 99_999

_UNITS = {
    "hour": Unit.HOUR, "hr": Unit.HOUR, "clock hour": Unit.HOUR,
    "working hour": Unit.WORKING_HOUR,
    "day": Unit.DAY, "calendar day": Unit.DAY,
    "working day": Unit.WORKING_DAY, "wd": Unit.WORKING_DAY,
    "week": Unit.WEEK, "calendar week": Unit.WEEK,
    "month": Unit.MONTH, "calendar month": Unit.MONTH,
}  # fmt: skip
_SHAPE = re.compile(r"(?P<low>[0-9]+)(?: ?(?:to|-|\N{EN DASH}) ?(?P<high>[0-9]+))? ?(?P<unit>[a-z ]+)")


def parse_allowance(text: str) -> Allowance:
    """Reads an allowance as a protocol writes it. Raises BadAllowance."""
    plain = " ".join(text.casefold().split())
    if plain in ("immediately", "immediate"):
        return Allowance(0, Unit.IMMEDIATELY)
    if plain in ("same working day", "the same working day"):
        return Allowance(0, Unit.SAME_WORKING_DAY)
    shape = _SHAPE.fullmatch(plain)
    if shape is None:
        raise BadAllowance(text, suggestion=_nearest_whole(plain))
    unit = _UNITS.get(shape["unit"]) or _UNITS.get(shape["unit"].removesuffix("s"))
    figures = shape["low"] if shape["high"] is None else f"{shape['low']} to {shape['high']}"
    if unit is None:
        near = nearest(shape["unit"].removesuffix("s"), _UNITS, most=1)
        raise BadAllowance(text, suggestion=f"{figures} {_UNITS[near[0]].value}s" if near else None)
    return _checked(text, int(shape["low"][:9]), int((shape["high"] or shape["low"])[:9]), unit)


def _checked(text: str, low: int, high: int, unit: Unit) -> Allowance:
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


def _nearest_whole(plain: str) -> str | None:
    near = nearest(plain, ["immediately", "same working day"], most=1)
    return near[0] if near else None
