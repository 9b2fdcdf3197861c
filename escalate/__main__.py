"""Starts escalate: the command of that name calls this, and so does python -m escalate.

A command is over in a moment, and needs nearly all that it has made until then. Python looks for garbage every 700 objects and once more
as it ends: that finds next to nothing, and takes a tenth of the time of a list.

The libraries import more of Python than a command uses: that is put off, and takes a tenth of the time of a start.
"""

import gc

SELDOM = 50_000
"""So many objects are made between two looks for garbage: a few MB, even in the longest import."""

SELDOM_USED = ("bz2", "ipaddress", "linecache", "lzma", "subprocess", "textwrap", "tokenize")
"""Modules of Python that Typer, and what it imports, load in every run and use in few."""


def main() -> None:
    """Run escalate, and end with its exit status."""
    gc.set_threshold(SELDOM)
    from escalate.on_demand import put_off

    put_off(SELDOM_USED)
    from escalate.cli import run

    try:
        run()
    finally:
        gc.freeze()  # what is left goes with the process


if __name__ == "__main__":
    main()
