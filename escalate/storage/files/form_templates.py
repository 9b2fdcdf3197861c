"""The Word files of partnerships, which protocol files name as the templates of their forms."""

from collections.abc import Iterable
from pathlib import Path

from escalate.errors import Refused
from escalate.storage.files.paths import is_there
from escalate.storage.files.plain_files import read_plain

MOST_BYTES = 10_000_000
"""A form with a picture or two has far fewer."""


def read_template(name: str, folders: Iterable[Path]) -> bytes:
    """The Word file of that name in the first of the folders that has it. Raises Refused."""
    places = list(dict.fromkeys(folder / name for folder in folders))
    for place in places:
        if is_there(place):
            return read_plain(
                place, MOST_BYTES, Refused(f"{place} has more than 10 MB: make its pictures smaller."), "Word file"
            )
    raise Refused(f"The Word file {name} is not there: put it into {places[0].parent}.")
