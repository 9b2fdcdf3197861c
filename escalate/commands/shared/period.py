"""The period that somebody names at a report."""

from datetime import date, datetime, time

from escalate.commands.shared.session import Session
from escalate.domain.worktime.clock import at_london, london_date
from escalate.domain.worktime.periods import Period, days, parse_quarter, parse_year, quarter_of
from escalate.errors import BadInput, BadWhen, listed


def named_period(
    here: Session, now: datetime, quarter: str | None, year: str | None, first: str | None, last: str | None
) -> Period:
    """The period somebody named in one way; the quarter now running, if they named none. Raises BadInput, BadWhen."""
    ways = {"--quarter": quarter, "--year": year, "--from and --to": first or last}
    named = [option for option, said in ways.items() if said is not None]
    if len(named) > 1:
        raise BadInput(f"{listed(named, 'and')} name different periods: give one of them.")
    if quarter is not None:
        return parse_quarter(quarter)
    if year is not None:
        return parse_year(year)
    if first is None and last is None:
        return quarter_of(london_date(now))
    if first is None:
        raise BadInput("--to needs the first day as well: give it with --from.")
    begins = _day(here, first, now)
    return days(begins, london_date(now) if last is None else _day(here, last, now, begins))


def _day(here: Session, said: str, now: datetime, after: date | None = None) -> date:
    """Read a day: the last one that fits, or the first from `after` on where that one is earlier. Raises BadWhen."""
    begins = at_london(after, time(0)) if after else None
    if begins is None or _lies_from(begins, said, now):
        when = here.day(said, "past", now)
    else:
        when = here.day(said, "future", begins)
    if not when.day_only:
        raise BadWhen(said, "a period is made of whole days; leave the time of day out")
    return london_date(when.at)


def _lies_from(begins: datetime, said: str, now: datetime) -> bool:
    """Whether a day is sure, looking back from now, and no earlier than an instant."""
    from escalate.commands.shared.when import read_when  # most name a quarter or a year

    try:
        return read_when(said, now, "past").at >= begins
    except BadWhen:  # seen from where the period begins it may be sure
        return False
