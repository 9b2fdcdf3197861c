"""Starts escalate: what the command of that name calls, and python -m escalate.

A command is over in a moment, and what it made is needed until then. Looking through all of it for what has become garbage,
which Python does every 700 things made and once more as it ends, finds next to nothing and takes a tenth of a list's time.
"""

import gc

SELDOM = 50_000
"""So many things are made between two looks for garbage: a few MB, in the longest import as well."""


def main() -> None:
    """Runs escalate, and ends with its exit status."""
    gc.set_threshold(SELDOM)
    from escalate.cli import run

    try:
        run()
    finally:
        gc.freeze()  # what is left goes with the process


if __name__ == "__main__":
    main()
