"""HTML pages, made from the templates beside this file. Whatever is put into one comes out as text, never as tags."""

from collections.abc import Iterator
from typing import Any

from escalate.output.words import inert


def pieces(template: str, **values: Any) -> Iterator[str]:
    """A page from a template, piece by piece; every value is made inert and escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("escalate.output"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    return environment.get_template(template).generate(values)


def _finalized(value: object) -> object:
    """A value as a template writes it. Only plain text is made inert: what is marked as safe is our own."""
    return inert(value) if type(value) is str else value
