"""Whether a file is its owner's alone: by its mode, and on Windows by its list of access."""

import stat
import sys
from pathlib import Path

from escalate.access_lists import list_of, others_in


def is_private(path: Path) -> bool:
    if sys.platform == "win32":
        return others_in(list_of(path)) == []
    return stat.S_IMODE(path.stat().st_mode) in {0o600, 0o700}
