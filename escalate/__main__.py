"""Starts escalate: the command of that name calls this, and so does python -m escalate.

A command is over in a moment, and needs nearly all that it has made until then. Python looks for garbage every 700 objects and once more
as it ends: that finds next to nothing, and takes a tenth of the time of a list.

The libraries import more of Python than a command uses: that is put off, and takes a tenth of the time of a start.
"""

import gc
import os
import sys

ASKED_BY = "_ESCALATE_COMPLETE"
"""The variable in which a shell says that it asks what can come next, and which shell it is."""

SELDOM = 50_000
"""So many objects are made between two looks for garbage: a few MB, even in the longest import."""

SELDOM_USED = ("bz2", "ipaddress", "linecache", "lzma", "subprocess", "textwrap", "tokenize")
"""Modules of Python that Typer, and what it imports, load in every run and use in few."""


def main() -> None:
    """Run escalate, and end with its exit status."""
    gc.set_threshold(SELDOM)
    from escalate.on_demand import put_off

    put_off(SELDOM_USED)
    if ASKED_BY in os.environ and _completed():
        return
    from escalate.cli import run

    try:
        run()
    finally:
        gc.freeze()  # what is left goes with the process


def _completed() -> bool:
    """Whether a shell that asks what can come next was answered, which is done without Typer: it takes longer to load than all of it."""
    from escalate.commands.shared.completion import complete

    answer = complete(os.environ)
    if answer is not None:
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        sys.stdout.write(f"{answer}\n")
    return answer is not None


if __name__ == "__main__":
    main()
