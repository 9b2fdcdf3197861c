"""What a command does once it has done what it is for: if that goes wrong, what was done stands, and the command ends with status 1."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


@contextmanager
def followed_by(is_done: Callable[[], bool]) -> Iterator[None]:
    """Do something after what is inside, also where that ends with a status. Ends with status 1 where it was not done, which it says itself."""
    ended = None
    try:
        yield
    except typer.Exit as end:
        ended = end
    done = is_done()
    if ended:
        raise ended
    if not done:
        raise typer.Exit(1)
