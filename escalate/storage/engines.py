"""The store and its lists, on the engine of the place where the cases are. What belongs to a server is loaded for a server alone."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from escalate.storage.places import FilePlace, Place

if TYPE_CHECKING:  # lists do without what works deadlines out
    from escalate.storage.lists import Lists
    from escalate.storage.store import Store


def open_lists(place: Place) -> "AbstractContextManager[Lists]":
    """The lists of the cases in a place. Raises StoreError and its kinds, and Refused."""
    if isinstance(place, FilePlace):
        from escalate.storage import lists

        return lists.open_lists(place.path)
    from escalate.storage.postgresql import opening  # type: ignore[attr-defined]

    lists_there: AbstractContextManager[Lists] = opening.open_lists(place)
    return lists_there


def open_store(place: Place, settings: Callable[[], Mapping[str, str]] = dict) -> "AbstractContextManager[Store]":
    """The cases in a place, ready to be read and written; `settings` are kept with what is recorded. Raises StoreError and its kinds, and Refused."""
    if isinstance(place, FilePlace):
        from escalate.storage import store

        return store.open_store(place.path, settings)
    from escalate.storage.postgresql import opening  # type: ignore[attr-defined]

    store_there: AbstractContextManager[Store] = opening.open_store(place, settings)
    return store_there
