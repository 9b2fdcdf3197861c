"""A file on another computer is opened with a warning of what SQLite cannot promise there."""

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from escalate.storage.files import permissions
from tests.driver import Office, begin

run = Office(now="2026-11-23T10:00", driver=begin)

MOUNTS = """/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
//server/cases /mnt/the\\040office cifs rw,vers=3.0 0 0
server:/export /home/jo/share nfs4 rw 0 0
tmpfs /home/jo/share/here tmpfs rw 0 0
"""

PLACES = [
    ("/home/jo/cases.db", "ext4"),
    ("/mnt/the office/2026/cases.db", "cifs"),
    ("/home/jo/share/cases.db", "nfs4"),
    ("/home/jo/shared/cases.db", "ext4"),
    ("/home/jo/share/here/cases.db", "tmpfs"),
]


@pytest.mark.parametrize(("path", "kind"), PLACES)
def test_where_a_file_is_is_known_by_what_is_mounted(path: str, kind: str) -> None:
    assert permissions.mounted_as(PurePosixPath(path), MOUNTS.replace("\\\\", "\\")) == kind


@pytest.mark.parametrize(
    ("path", "is_share"),
    [
        (r"\\server\cases\escalate.db", True),
        (r"//server/cases/escalate.db", True),
        (r"C:\cases\escalate.db", False),
        (r"\\?\C:\cases\escalate.db", False),
        (r"\\.\pipe\x", False),
    ],
)
def test_a_share_of_windows_is_known_by_its_name(path: str, is_share: bool) -> None:
    assert permissions.is_share_of_windows(PureWindowsPath(path)) == is_share


@pytest.mark.file_only("a server is one")
def test_what_writes_says_what_cannot_be_promised_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    monkeypatch.setattr(permissions, "is_on_share", lambda _: True)
    said = run(tmp_path, "note", "1", "x").stderr
    assert said.startswith(f"{tmp_path / 'cases.db'} is on another computer.")
    assert "keep the cases on a server" in said
    assert run(tmp_path, "due").stderr == ""
