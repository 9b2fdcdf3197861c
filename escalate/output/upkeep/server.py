"""What is on a server, and who belongs to it."""

from collections.abc import Mapping, Sequence

from escalate.output.columns import Columns, Page
from escalate.wording import how_many

THE_UNIT = "(the business unit)"


def status_document(found: Mapping[str, object]) -> dict[str, object]:
    """What is on a server, as JSON."""
    names = ("schema", "file_name", "agencies", "members", "entries", "head", "faults")
    return {name: found[name] for name in names}


def status_text(place: str, agencies: int, members: int, entries: int, head: str) -> str:
    """What is on a server: how much of what, and the head to write down."""
    many = f"{how_many(agencies, 'agency', 'agencies')}, {how_many(members, 'login')}, {how_many(entries, 'entry', 'entries')}"
    return f"{place}: {many}.\nHead: {head}"


def member_document(login: str, agency: str | None, prefix: str, is_there: bool) -> dict[str, object]:
    """A login and whose it is, as JSON."""
    return {"login": login, "agency": agency, "unit": agency is None, "prefix": prefix, "is_there": is_there}


def members_table(rows: Sequence[tuple[str, str | None, str, bool]]) -> Page:
    """Logins: name, agency, what its references begin with, whether the server still has the login."""
    table = Columns("Login", "Agency", "Prefix", "")
    for login, agency, prefix, is_there in rows:
        table.add(login, agency or THE_UNIT, prefix or "-", "" if is_there else "the server no longer has this login")
    return Page([table])
