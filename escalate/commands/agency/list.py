"""Listing the agencies that cases name."""

import typer

from escalate.commands.shared.options import Json
from escalate.commands.shared.session import session
from escalate.domain.recording.agencies import agencies_named, spelled_alike
from escalate.output.agencies import agencies_document, agencies_page
from escalate.output.terminal import show, show_json


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Example: escalate agency list"""
    with session(context).listed() as lists:
        found = agencies_named(lists.cases()) if lists else []
    alike = spelled_alike([each.name for each in found])
    if as_json:
        show_json(agencies_document(found, alike))
    elif lists:
        show(agencies_page(found, alike))
