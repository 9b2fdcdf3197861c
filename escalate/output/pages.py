"""HTML pages, made from the templates beside this file. Whatever is put into one comes out as text."""

from collections.abc import Iterator
from typing import Any

from escalate.output.words import inert


def page(template: str, **values: Any) -> str:
    """A page from a template; every value is escaped, and made inert first."""
    return "".join(pieces(template, **values))


def pieces(template: str, **values: Any) -> Iterator[str]:
    """The same piece by piece."""
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
    """A value as a template writes it; text that is safe already is our own."""
    return inert(value) if type(value) is str else value
