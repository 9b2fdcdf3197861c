"""What Windows refuses and Linux does not, refused here as well: so that what would fail there is seen wherever the tests run.

A file that anybody has open keeps its name, and is not removed; and a file that is opened to be read is not written to disk.
"""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from escalate import durable

OPEN = Path("/proc/self/fd")
"""What this process has open, a link for each."""


@contextmanager
def as_on_windows() -> Iterator[None]:
    """Everything inside runs as strictly as on Windows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(durable, "HOLDS_OPEN_FILES", True)
        patch.setattr(durable, "_PATIENCE", 0)
        patch.setattr(os, "fsync", _fsync(os.fsync))
        for name in ("rename", "replace", "unlink", "remove"):
            patch.setattr(os, name, _unless_open(getattr(os, name), is_rename=name == "rename"))
        yield


def _fsync(real: Callable[[int], None]) -> Callable[[int], None]:
    def fsync(number: int) -> None:
        is_read_only = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        if is_read_only and not (OPEN / str(number)).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied")
        real(number)

    return fsync


def _unless_open(real: Callable[..., None], *, is_rename: bool) -> Callable[..., None]:
    def changed(path: Any, *other: Any, **given: Any) -> None:
        for each in (path, *other):
            if isinstance(each, str | Path) and _is_open(Path(each)):
                raise PermissionError(errno.EACCES, "Access is denied", os.fspath(each))
        if is_rename and os.path.lexists(other[0]):
            raise FileExistsError(errno.EEXIST, "File exists", os.fspath(other[0]))
        real(path, *other, **given)

    return changed


def _is_open(path: Path) -> bool:
    """Whether this process has a file open under this name."""
    return path.exists() and any(each.exists() and each.resolve() == path.resolve() for each in OPEN.iterdir())
