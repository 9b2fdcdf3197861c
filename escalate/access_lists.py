"""Who may do what with a file on Windows, which keeps a list for that in the place of a mode.

A list is read and given as Windows writes it down (SDDL): `O:S-1-5-21-...D:P(A;;FA;;;SY)` has its owner, and an entry in brackets
for each who is let in or kept out.
"""

import ctypes
import re
from pathlib import Path
from typing import Any

_TRUSTED = {"SY", "BA", "OW", "S-1-5-18", "S-1-5-32-544", "S-1-3-4"}
"""The system, its administrators, and whoever owns the file: those that no mode keeps out elsewhere either."""

_EVERYBODY = "WD"
_ENTRY = re.compile(r"\(([A-Z]+);([A-Z]*);([^;]*);[^;]*;[^;]*;([^;)]+)[^)]*\)")
_OWNER = re.compile(r"O:(S-[\d-]+|[A-Z]{2})")
_WRITES = re.compile(r"FA|FW|GA|GW|WO|WD|DC|CC")
_WRITING_BITS = 0x5000_0000 | 0x000C_0000 | 0x46
"""All and writing as such; changing the list or the owner; adding, and removing what is in a folder."""

_OF_A_FILE, _OWNER_OF, _LIST_OF, _INHERITS_NOTHING = 1, 1, 4, 0x8000_0000
_REVISION = 1


def others_in(written: str, *, who_write: bool = False) -> list[str]:
    """Who is let in by a list beside its owner, the system and its administrators; with `who_write` those only who can change something."""
    trusted = _TRUSTED | set(_OWNER.findall(written)[:1])
    _, begins, entries = written.partition("D:")
    if not begins or "NO_ACCESS_CONTROL" in entries:
        return [_EVERYBODY]
    found = []
    for kind, flags, rights, who in _ENTRY.findall(entries.partition("S:(")[0]):
        is_for_itself = "IO" not in re.findall("..", flags)
        if kind in {"A", "XA"} and is_for_itself and who not in trusted and (not who_write or _may_write(rights)):
            found.append(who)
    return found


def _may_write(rights: str) -> bool:
    """Whether rights, as letters or as a number, are more than to read."""
    if rights.startswith("0x"):
        return bool(int(rights, 16) & _WRITING_BITS)
    return any(_WRITES.fullmatch(each) for each in re.findall("..", rights))


def list_of(path: Path) -> str:
    """The owner of a file or folder and its list. Raises OSError."""
    windows, system = _libraries()
    described = ctypes.c_void_p()
    asked = (str(path), _OF_A_FILE, _OWNER_OF | _LIST_OF, None, None, None, None, ctypes.byref(described))
    if failed := windows.GetNamedSecurityInfoW(*asked):
        raise _error(failed, path)
    text = ctypes.c_wchar_p()
    try:
        if not windows.ConvertSecurityDescriptorToStringSecurityDescriptorW(
            described, _REVISION, _OWNER_OF | _LIST_OF, ctypes.byref(text), None
        ):
            raise _error(_last_error(), path)
        return text.value or ""
    finally:
        system.LocalFree(described)
        system.LocalFree(text)


def close_to_others(path: Path) -> None:
    """Leave a file, or a folder with all that comes into it, to its owner, the system and its administrators. Raises OSError."""
    windows, system = _libraries()
    found = _OWNER.search(list_of(path))
    goes_on = "OICI" if path.is_dir() else ""
    allowed = [found[1] if found else "OW", "SY", "BA"]
    wanted = "D:P" + "".join(f"(A;{goes_on};FA;;;{who})" for who in dict.fromkeys(allowed))
    described = ctypes.c_void_p()
    if not windows.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        wanted, _REVISION, ctypes.byref(described), None
    ):
        raise _error(_last_error(), path)
    try:
        if not windows.SetFileSecurityW(str(path), _LIST_OF | _INHERITS_NOTHING, described):
            raise _error(_last_error(), path)
    finally:
        system.LocalFree(described)


def _libraries() -> tuple[Any, Any]:
    """What of Windows knows lists, and what gives memory back."""
    load: Any = getattr(ctypes, "WinDLL")  # noqa: B009  (nowhere else is there one)
    return load("advapi32", use_last_error=True), load("kernel32")


def _last_error() -> int:
    code: int = getattr(ctypes, "get_last_error")()  # noqa: B009
    return code


def _error(code: int, path: Path) -> OSError:
    made: OSError = getattr(ctypes, "WinError")(code)  # noqa: B009
    made.filename = str(path)
    return made
