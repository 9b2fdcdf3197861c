"""How much of what is tried many times is tried: little in `make test`, the usual in `make check`, all in `make test-promises`."""

import os
from collections.abc import Iterable
from itertools import count
from typing import Any

import pytest

SIZES = ("small", "usual", "full")
SIZE = os.environ.get("ESCALATE_SIZE", SIZES[0])
assert SIZE in SIZES, f"ESCALATE_SIZE is one of {SIZES}"


def size(small: int, usual: int, full: int | None = None) -> int:
    """How many times something is tried: `full` only where a promise of SECURITY.md is shown at full size."""
    return {"small": small, "usual": usual, "full": full or usual}[SIZE]


def sampled(rows: Iterable[Any], every: int) -> list[Any]:
    """Every n-th row of a table in `make test`, and the others in `make check`: for rows that walk the same rule.

    A row is the tuple of a test's arguments, or the one argument that it has. One that is for `make check` in any case is not counted.
    """
    number = count()
    return [row if _is_later(row) or next(number) % every == 0 else later(row) for row in rows]


def later(row: Any) -> Any:
    """A row of a table for `make check` alone."""
    if isinstance(row, type(pytest.param())):
        return pytest.param(*row.values, id=row.id, marks=[*row.marks, pytest.mark.slow])
    return pytest.param(*(row if isinstance(row, tuple) else (row,)), marks=pytest.mark.slow)


def _is_later(row: Any) -> bool:
    return any(mark.name == "slow" for mark in getattr(row, "marks", ()))
