"""Bank holidays of the UK's parts, from the holidays library. Nothing else imports it: loading it costs more than all the rest."""

from datetime import date, time

from escalate.domain.worktime.calendar import CALENDARS, Calendar
from escalate.errors import UnknownName

PUBLISHED_TO = date(2028, 12, 31)
"""How far GOV.UK has proclaimed bank holidays (rule C12); what the library gives beyond is worked out from the Acts."""

FIRST_YEAR = 1990
"""No open case is older, and every command reads every year that is kept."""

_SUBDIVISION = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}

_NAMES = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
    "Summer Bank Holiday": "Summer bank holiday",
    "New Year Holiday": "2nd January",
    "Saint Andrew's Day": "St Andrew's Day",
    "Saint Patrick's Day": "St Patrick's Day",
    "Battle of the Boyne": "Battle of the Boyne (Orangemen's Day)",
    "Wedding of William and Catherine": "Royal wedding",
    "Diamond Jubilee of Elizabeth II": "Queen's Diamond Jubilee",
    "Platinum Jubilee of Elizabeth II": "Platinum Jubilee bank holiday",
    "State Funeral of Queen Elizabeth II": "Bank Holiday for the State Funeral of Queen Elizabeth II",
    "Coronation of Charles III": "Bank holiday for the coronation of King Charles III",
    "Scotland's participation in the FIFA World Cup final": "World Cup bank holiday",
}
"""What GOV.UK calls the days that the library calls otherwise."""


def calendar_named(name: str) -> str:
    """The name of a nation's calendar, as a person gave it. Raises UnknownName."""
    if name not in CALENDARS:
        raise UnknownName("calendar", name, CALENDARS)
    return name


def library_calendar(name: str, opens: time = time(9), closes: time = time(17)) -> Calendar:
    """A nation's calendar, as far as the library can compute, with working days between two London times. Raises UnknownName."""
    from importlib.metadata import version

    from holidays.countries.united_kingdom import UnitedKingdom

    last_year = UnitedKingdom.end_year
    days_off: dict[date, str] = UnitedKingdom(  # type: ignore[no-untyped-call]
        subdiv=_SUBDIVISION[calendar_named(name)], years=range(FIRST_YEAR, last_year + 1), language="en_GB"
    )
    return Calendar(
        name,
        {day: _as_on_govuk(title) for day, title in sorted(days_off.items())},
        first=date(FIRST_YEAR, 1, 1),
        last=date(last_year, 12, 31),
        published_to=PUBLISHED_TO,
        opens=opens,
        closes=closes,
        source=f"holidays {version('holidays')}",
    )


def _as_on_govuk(titles: str) -> str:
    """The name that people know a day by; a day of two names has both."""
    found = []
    for title in titles.split("; "):
        name = title.removesuffix(" (observed)")
        found.append(_NAMES.get(name, name) + (" (substitute)" if name != title else ""))
    return "; ".join(found)
