"""HTML pages, made from the templates beside this file. Whatever is put into one comes out as text, never as tags.

A page is one file that needs nothing else: its style, its pictures and what it says are all in it, and its policy allows nothing to be
loaded. A template of one extends `page.html` and is made by `page`; a letter has its own style and is made by `pieces`.
"""

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from escalate.output.words import inert

if TYPE_CHECKING:  # no cycle, but few commands make a page
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"

LONGEST_WORD = 24
"""A word with more letters may be broken in a column of a table; no other ever is."""


class PageColumn(NamedTuple):
    """A column of a table on a page."""

    heading: str
    """What stands above it; on a phone, before each of its cells."""
    numeric: bool = False
    """It has figures."""
    whole: bool = False
    """Its values are short and are not to be broken over lines."""


class Inlined(NamedTuple):
    """A file of ours that stands in a page."""

    text: str
    """What is in it."""
    digest: str
    """What the policy of the page knows it by."""


def page(template: str, script: str | None = None, **values: Any) -> Iterator[str]:
    """A page from a template that extends `page.html`, piece by piece, with the style of all pages and the script of that name."""
    return pieces(template, style=inlined("page.css"), script=inlined(script) if script else None, **values)


def pieces(template: str, **values: Any) -> Iterator[str]:
    """What a template makes, piece by piece; every value is made inert and escaped."""
    return _environment().get_template(template).generate(values)


@cache
def inlined(name: str) -> Inlined:
    """A style or a script from beside the templates."""
    from markupsafe import Markup

    text = (TEMPLATES / name).read_text(encoding="utf-8")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Inlined(Markup(text), Markup(digest))  # noqa: S704  (our own file)


@cache
def _environment() -> "Environment":
    """What templates are read with, and keeps those it has read: a digest has a letter for each reader."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("escalate.output"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    made.tests["long"] = _has_a_long_word
    return made


def _finalized(value: object) -> object:
    """A value as a template writes it. Only plain text is made inert: what is marked as safe is our own."""
    return inert(value) if type(value) is str else value


def _has_a_long_word(value: object) -> bool:
    return type(value) is str and max(map(len, inert(value).split()), default=0) > LONGEST_WORD
