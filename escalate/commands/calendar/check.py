"""Saying how far bank holidays are published, and where lists of them differ."""

from collections.abc import Mapping
from datetime import date

import typer

from escalate.commands.shared.calendar_change import FromFile
from escalate.commands.shared.counted_on import fresh_calendar
from escalate.commands.shared.options import Json
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import opened_or_made
from escalate.domain.deadlines.coverage import checked
from escalate.domain.worktime.calendar import CALENDARS
from escalate.output.dates.documents import check_document
from escalate.output.terminal import show, show_json
from escalate.storage.calendars import BANK_HOLIDAY
from escalate.storage.files.govuk import read_govuk
from escalate.storage.files.paths import path_from
from escalate.storage.store import Store


def check(context: typer.Context, file: FromFile = None, as_json: Json = False) -> None:
    """Example: escalate calendar check"""
    here = session(context)
    published = read_govuk(path_from(str(file))) if file else {}
    with opened_or_made(here, dry_run=True) as store:
        lines = store.lists.due()
        found = [
            checked(
                store.calendar(name) or fresh_calendar(here, name),
                lines,
                _lists(here, store, name, published.get(name)),
            )
            for name in dict.fromkeys((*CALENDARS, *store.calendars.names))
        ]
    if as_json:
        show_json(check_document(found))
    else:
        from escalate.output.dates.coverage import check_page  # it loads Rich, which a document does not need

        show(check_page(found, here.now))


def _lists(
    here: Session, store: Store, name: str, published: Mapping[date, str] | None
) -> dict[str, Mapping[date, str]]:
    """The bank holidays of a nation by each list there is of them."""
    if name not in CALENDARS:
        return {}
    lists: dict[str, Mapping[date, str]] = {"escalate's list": fresh_calendar(here, name).days_off}
    if name in store.calendars.names:
        lists["this database"] = store.calendars.days_off(name, BANK_HOLIDAY)
    return lists | ({"the file": published} if published else {})
