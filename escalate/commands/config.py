"""Showing the settings."""

import os

import typer

from escalate.commands.shared.options import Json
from escalate.commands.shared.session import session
from escalate.errors import EscalateError
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.settings import settings_table
from escalate.settings import Settings
from escalate.storage.places import ServerPlace


def config(context: typer.Context, as_json: Json = False) -> None:
    """Example: escalate config"""
    settings = session(context).settings
    login = _login(settings)
    if as_json:
        document = {each.name: {"value": each.value, "source": each.source} for each in settings.all()}
        there = {"login": login} if login else {}
        show_json({"settings_file": str(settings.path), "settings": document, **there})
    else:
        show(settings_table([(each.name, each.value, each.source, each.says) for each in settings.all()]))
        if login:
            say(f"\nThe cases are on a server, where you are {login}.")
        say(f'\nTo change one, write it into {settings.path}, as in: at_risk = "2 working days"')


def _login(settings: Settings) -> str | None:
    """As whom one is asked for on the server that has the cases; None where a file has them, or nobody can tell."""
    try:
        place = settings.place
    except EscalateError:  # what is set is shown all the same, as far as it may be
        return None
    if not isinstance(place, ServerPlace):
        return None
    from escalate.storage.server_address import login_at  # no file needs it

    return login_at(place.uri, os.environ)
