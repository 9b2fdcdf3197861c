"""Showing the settings."""

import typer

from escalate.commands.shared.options import Json
from escalate.commands.shared.session import session
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.settings import settings_table


def config(context: typer.Context, as_json: Json = False) -> None:
    """Example: escalate config"""
    settings = session(context).settings
    if as_json:
        document = {each.name: {"value": each.value, "source": each.source} for each in settings.all()}
        show_json({"settings_file": str(settings.path), "settings": document})
    else:
        show(settings_table([(each.name, each.value, each.source, each.says) for each in settings.all()]))
        say(f'\nTo change one, write it into {settings.path}, as in: at_risk = "2 working days"')
