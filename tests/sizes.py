"""How much of what is tried many times is tried: little in `make test`, the usual in `make check`, all in `make test-promises`."""

import os

SIZES = ("small", "usual", "full")
SIZE = os.environ.get("ESCALATE_SIZE", SIZES[0])
assert SIZE in SIZES, f"ESCALATE_SIZE is one of {SIZES}"


def size(small: int, usual: int, full: int | None = None) -> int:
    """How many times something is tried: `full` only where a promise of SECURITY.md is shown at full size."""
    return {"small": small, "usual": usual, "full": full or usual}[SIZE]
