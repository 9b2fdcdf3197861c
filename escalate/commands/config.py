"""Commands that look after escalate itself."""

import typer

from escalate.commands.options import Json
from escalate.commands.session import desk


def config(context: typer.Context, as_json: Json = False) -> None:
    """Show every setting, its value, and where that comes from.

    Example: escalate config
    """
    from escalate.output.terminal import say, show, show_json
    from escalate.output.upkeep.settings import settings_table

    settings = desk(context).settings
    if as_json:
        document = {setting.name: {"value": setting.value, "source": setting.source} for setting in settings.all()}
        show_json({"settings_file": str(settings.path), "settings": document})
    else:
        show(settings_table([(each.name, each.value, each.source, each.says) for each in settings.all()]))
        say(f'\nTo change one, write it into {settings.path}, as in: at_risk = "2 working days"')
