"""Encrypted files in the place of plain ones, with `pytest --encrypted`: every run of escalate has a key file, so that new files begin encrypted.

Tests open a file past everything that guards it with `connect` (tests/connections.py), which has the key. What is about the bytes of a
plain file is marked `plain_only`.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from escalate.storage.encryption.keys import Keys
from escalate.storage.sqlite.driver import unlock_with

VARIABLE = "ESCALATE_KEY_FILE"

KEY = "000176-090640-181104-271568-362032-452496-542960-633424\n"

key_file: Path | None = None
"""The file with the key; None for plain files. Set by `begin`."""


def begin(folder: Path) -> None:
    """From now on every run of escalate, in this process or another, and every test that opens a file itself, has a key file."""
    global key_file  # noqa: PLW0603
    key_file = folder / "key"
    key_file.touch(0o600)
    key_file.write_text(KEY, encoding="utf-8")
    os.environ[VARIABLE] = str(key_file)
    unlock_with(lambda: Keys(lambda: key_file, None), lambda: key_file)
    start: Any = subprocess.Popen.__init__

    def start_with_key(self: Any, *arguments: Any, env: Mapping[str, str] | None = None, **more: Any) -> None:
        start(self, *arguments, env=env if env is None else surroundings(env), **more)

    setattr(subprocess.Popen, "__init__", start_with_key)  # noqa: B010  (mypy takes it as final)


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a run, with the key file where files are encrypted."""
    return dict(environment) if key_file is None else {VARIABLE: str(key_file), **environment}


def seal(path: Path) -> Path:
    """Encrypt a plain file that lies there, as it is, where files are encrypted. Returns its path."""
    if key_file is not None:
        from escalate.storage.sqlite import sqlcipher

        part = path.with_name(f"{path.name}.sealed")
        part.touch(0o600)
        sqlcipher.copy(path, None, part, Keys(lambda: key_file, None).new())
        part.replace(path)
    return path
