"""HTML pages, made from the templates beside this file. Whatever is put into one comes out as text, never as tags."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from escalate.output.words import inert

if TYPE_CHECKING:  # no cycle, but few commands make a page
    from jinja2 import Environment


def pieces(template: str, **values: Any) -> Iterator[str]:
    """A page from a template, piece by piece; every value is made inert and escaped."""
    return _environment().get_template(template).generate(values)


@cache
def _environment() -> "Environment":
    """What templates are read with, and keeps those it has read: a digest has a letter for each reader."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("escalate.output"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )


def _finalized(value: object) -> object:
    """A value as a template writes it. Only plain text is made inert: what is marked as safe is our own."""
    return inert(value) if type(value) is str else value
