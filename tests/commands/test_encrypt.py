"""Encrypting the file with the cases: what opens it, what does not, and what becomes of its backups."""

import json
import os
import re
import signal
import stat
import sys
import types
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from escalate.storage.encryption.kept_secrets import in_file
from escalate.storage.encryption.keys import Keys
from escalate.storage.encryption.secret import MARK, read_recovery_key
from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.sqlite.driver import connect, unlock_with
from tests.command_line import Ran, command
from tests.driver import CopyOf, Office, unit
from tests.sizes import SIZE

pytestmark = pytest.mark.file_only("a server has no file to encrypt")

run = Office(now="2026-11-23T10:00")
KEY = "keys/key"
CANARY = b"canary"


def _fill(folder: Path) -> None:
    """A case, an encrypted file with a backup made before and one made after, and the key in a file."""
    run.did(folder, "open", "hull-east-riding", "--subject", "S-1", "--about", "canary about thresholds")
    run.did(folder, "backup", now="2026-11-23T10:01")
    run.did(folder, "encrypt", "--yes", ESCALATE_KEY_FILE=str(folder / KEY))
    run.did(folder, "note", "1", "canary note", ESCALATE_KEY_FILE=str(folder / KEY))
    run.did(folder, "backup", now="2026-11-23T10:02", ESCALATE_KEY_FILE=str(folder / KEY))


@pytest.fixture
def folder(tmp_path: Path, copy_of: CopyOf) -> Path:
    return copy_of(_fill, tmp_path)


def opened(folder: Path, *words: str, **more: Any) -> Ran:
    """How a line ends that finds the key in its file."""
    return run(folder, *words, **{"ESCALATE_KEY_FILE": str(folder / KEY), **more})


def refused(ran: Ran, *words: str) -> None:
    """It ended with status 1 and one sentence, which has these words."""
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1), ran
    assert [word for word in words if word not in ran.stderr] == [], ran.stderr


def plain(folder: Path) -> list[str]:
    """The files in a folder that have the canary in them, or begin as plain ones of SQLite do."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if CANARY in path.read_bytes() or path.read_bytes().startswith(b"SQLite")]


def backups(folder: Path) -> list[Path]:
    return sorted((folder / "backups").glob("*.db"))


# -- what it does


def test_the_file_and_its_backups_are_encrypted_and_everything_works_as_before(folder: Path) -> None:
    assert plain(folder) == []
    assert len(backups(folder)) == 2
    assert all(path.read_bytes().startswith(MARK) for path in (folder / "cases.db", *backups(folder)))
    for line in (
        "due",
        "list",
        "show 1",
        "log 1",
        "explain 1",
        "search canary",
        "verify",
        "doctor",
        "digest --always",
        "report",
        "export json",
    ):
        ran = opened(folder, *line.split())
        assert (ran.status, ran.stderr) == (0, ""), line
    assert "canary note" in opened(folder, "show", "1").stdout
    assert stat.S_IMODE((folder / "cases.db").stat().st_mode) == 0o600


def test_the_page_says_what_is_encrypted_and_shows_the_recovery_key_once(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    run.did(tmp_path, "backup")
    ran = run(tmp_path, "encrypt", "--key-file", str(tmp_path / KEY), "--yes")
    lines = re.findall(r"^ {4}([\d-]+)$", ran.stdout, re.MULTILINE)
    secret = read_recovery_key("".join(lines))
    assert in_file(tmp_path / KEY) == [secret]
    assert "1 case, 1 entry" in ran.stdout
    assert "Backups  1 copy as well" in ran.stdout
    assert f'write key_file = "{tmp_path / KEY}" into' in ran.stdout
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    again = opened(tmp_path, "encrypt")
    assert (again.status, "encrypted already" in again.stdout, lines[0] in again.stdout) == (0, True, False)


def test_a_script_gets_the_recovery_key_in_the_document(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    document = run.json(tmp_path, "encrypt", "--key-file", str(tmp_path / KEY), "--yes")
    assert read_recovery_key(document["recovery_key"]) in in_file(tmp_path / KEY)
    assert (document["encrypted"], document["key"], document["key_file"]) == (True, "file", str(tmp_path / KEY))
    assert (document["copies"], document["left"]) == ([], [])


def test_a_dry_run_makes_no_key_and_changes_nothing(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    before = (tmp_path / "cases.db").read_bytes()
    assert "Dry run: nothing was encrypted." in run.did(
        tmp_path, "encrypt", "--key-file", str(tmp_path / KEY), "--dry-run"
    )
    assert run.json(tmp_path, "encrypt", "--key-file", str(tmp_path / KEY), "--dry-run")["recovery_key"] is None
    assert (tmp_path / "cases.db").read_bytes() == before
    assert not (tmp_path / KEY).exists()
    refused(run(tmp_path, "encrypt", "--key-file", str(tmp_path / KEY), "--json"), "add --yes to encrypt")
    assert run(tmp_path, "encrypt", "--key-file", str(tmp_path / KEY)).status == 1


def test_with_a_key_file_in_the_settings_new_files_are_encrypted_from_the_first_byte(tmp_path: Path) -> None:
    key = {"ESCALATE_KEY_FILE": str(tmp_path / KEY)}
    assert "Encrypted." in run.did(tmp_path, "encrypt", "--yes", **key)
    run.did(tmp_path, "open", "hull-east-riding", "--about", "canary", **key)
    other = tmp_path / "other" / "second.db"
    run.did(other, "open", "hull-east-riding", "--about", "canary", **key)
    assert plain(tmp_path) == []
    assert "canary" in run.did(other, "show", "1", **key)
    assert list(other.parent.iterdir()) == [other]


def test_rekey_leaves_nothing_that_the_key_before_opens(folder: Path) -> None:
    old = in_file(folder / KEY)
    said = opened(folder, "rekey", "--yes")
    new = in_file(folder / KEY)
    assert (said.status, new[1:]) == (0, old)
    (folder / KEY).write_text(f"{'-'.join(re.findall('[0-9]{6}', said.stdout))}\n", encoding="utf-8")
    assert in_file(folder / KEY) == new[:1]
    assert opened(folder, "verify").status == 0
    for path in backups(folder):
        assert opened(folder, "restore", path.name, "--yes").status == 0
        assert opened(folder, "verify").status == 0


@pytest.mark.parametrize("line", ["decrypt", "rekey"])
def test_a_dry_run_says_that_it_is_one_and_changes_nothing(folder: Path, line: str) -> None:
    before = {path: path.read_bytes() for path in (folder / "cases.db", *backups(folder))}
    assert json.loads(opened(folder, line, "--dry-run", "--json").stdout)["dry_run"] is True
    assert {path: path.read_bytes() for path in before} == before


def test_decrypt_gives_back_a_plain_file_with_the_same_head(folder: Path) -> None:
    head = opened(folder, "verify").stdout
    assert "Decrypted." in opened(folder, "decrypt", "--yes").stdout
    assert run.did(folder, "verify") == head
    assert (folder / "cases.db").read_bytes().startswith(b"SQLite")
    assert all(path.read_bytes().startswith(MARK) for path in backups(folder))
    refused(run(folder, "decrypt", "--yes"), "is not encrypted")
    refused(run(folder, "rekey", "--yes"), "is not encrypted")


# -- its backups


def test_a_plain_backup_that_is_restored_gets_the_key_of_the_file(folder: Path, tmp_path: Path) -> None:
    opened(folder, "decrypt", "--yes")
    run.did(folder, "backup", str(tmp_path / "elsewhere"))
    (copy,) = (tmp_path / "elsewhere").iterdir()
    opened(folder, "encrypt", "--yes")
    assert opened(folder, "restore", str(copy), "--yes").status == 0
    assert (folder / "cases.db").read_bytes().startswith(MARK)
    assert opened(folder, "verify").status == 0


def test_an_encryption_that_was_cut_before_the_backups_is_finished_by_the_next(folder: Path) -> None:
    opened(folder, "decrypt", "--yes")
    run.did(folder, "backup", now="2026-11-23T10:05")
    plain_one = next(path for path in backups(folder) if path.read_bytes().startswith(b"SQLite"))
    content = plain_one.read_bytes()
    opened(folder, "encrypt", "--yes")
    plain_one.write_bytes(content)
    assert "1 copy as well" in opened(folder, "encrypt", "--dry-run").stdout
    assert plain(folder) == [plain_one.name]
    assert "Encrypted." in opened(folder, "encrypt", "--yes").stdout
    assert plain(folder) == []


def test_plain_copies_that_are_not_its_own_are_named_and_left(folder: Path, tmp_path: Path) -> None:
    run.did(tmp_path / "other.db", "open", "hull-east-riding", "--about", "x")
    (tmp_path / "other.db").rename(folder / "backups" / "other.db")
    opened(folder, "decrypt", "--yes")
    (folder / "mine.db").write_bytes((folder / "cases.db").read_bytes())
    ran = opened(folder, "encrypt", "--yes")
    assert ran.status == 0
    assert [line.split()[0] for line in ran.stderr.splitlines()] == [
        str(folder / "mine.db"),
        str(folder / "backups" / "other.db"),
    ]
    assert "is not encrypted, and stays as it is" in ran.stderr


def test_the_doctor_names_what_lies_plain_beside_an_encrypted_file(folder: Path) -> None:
    assert "OK    Encrypted  the file is encrypted, and so is every copy of it here" in opened(folder, "doctor").stdout
    opened(folder, "decrypt", "--yes")
    assert "Encrypted" not in run(folder, "doctor").stdout
    plain_copy = folder / "backups" / "mine.db"
    plain_copy.write_bytes((folder / "cases.db").read_bytes())
    content = plain_copy.read_bytes()
    opened(folder, "encrypt", "--yes")
    plain_copy.write_bytes(content)
    ran = opened(folder, "doctor")
    assert (ran.status, f"problem  Encrypted  {plain_copy} is not encrypted" in ran.stdout) == (1, True), ran.stdout
    opened(folder, "encrypt", "--yes")
    assert "Encrypted  the file is encrypted" in opened(folder, "doctor").stdout


def test_what_is_erased_is_erased_in_encrypted_backups(folder: Path) -> None:
    opened(folder, "resolve", "1", "--how", "Agreed", now="2026-11-23T11:00")
    assert opened(folder, "erase", "1", "--yes", now="2026-11-23T12:00").status == 0
    for path in backups(folder):
        assert opened(folder, "restore", path.name, "--yes").status == 0
        assert "canary" not in opened(folder, "log", "1").stdout


# -- where the key is not, or is not right


def test_without_its_key_no_command_opens_it(folder: Path) -> None:
    for line in (
        "due",
        "note 1 x",
        "verify",
        "backup",
        "restore latest --yes",
        "rekey --yes",
        "decrypt --yes",
        "encrypt --yes",
    ):
        refused(
            run(folder, *line.split()), "cases.db is encrypted", "not in this computer's keyring", "ESCALATE_KEY_FILE"
        )
    assert "is encrypted, and its key is" in run(folder, "doctor").stdout


def test_a_key_file_of_another_file_does_not_open_it(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "else" / "key"
    run.did(tmp_path / "x.db", "encrypt", "--yes", ESCALATE_KEY_FILE=str(other))
    refused(opened(folder, "due", ESCALATE_KEY_FILE=str(other)), f"neither in {other} nor in this computer's keyring")


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (
            None,
            0o600,
            ["neither in", "which is not there, nor in this computer's keyring", "recovery key is asked for"],
        ),
        ("", 0o600, ["has no key in it"]),
        ("# nothing\n\n", 0o600, ["has no key in it"]),
        ("correct horse\n", 0o600, ["has something else than a key in line 1"]),
        ("000177-090640-181104-271568-362032-452496-542960-633424\n", 0o600, ["in line 1"]),
        ("000176-090640-181104-271568-362032-452496-542960-633424\n", 0o640, ["can be read by others", "chmod 600"]),
        ("\xff", 0o600, ["is not text in UTF-8"]),
    ],
)
def test_a_key_file_that_is_none_is_said_to_be(folder: Path, text: str | None, mode: int, words: list[str]) -> None:
    (folder / KEY).unlink()
    if text is not None:
        (folder / KEY).write_bytes(text.encode("latin-1"))
        (folder / KEY).chmod(mode)
    refused(opened(folder, "due"), str(folder / KEY), *words)


def test_a_key_is_not_kept_beside_what_it_opens(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    for where in ("key", "backups/key"):
        refused(run(tmp_path, "encrypt", "--key-file", str(tmp_path / where), "--yes"), "beside what it opens")
    assert run(tmp_path, "encrypt", "--key-file", str(tmp_path / KEY), "--passphrase").status == 2


def test_without_the_library_an_encrypted_file_says_what_to_install_and_a_plain_one_works(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("sqlcipher3")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    refused(unit(folder / "cases.db", "due", ESCALATE_KEY_FILE=str(folder / KEY)), "pip install 'escalate[encrypted]'")
    unit.did(tmp_path / "plain.db", "open", "hull-east-riding", "--about", "x")
    ran = unit(tmp_path / "plain.db", "encrypt", "--key-file", str(tmp_path / KEY), "--yes")
    assert (ran.status, "pip install 'escalate[encrypted]'" in ran.stderr) == (1, True)
    assert unit(tmp_path / "plain.db", "verify").status == 0


def test_damage_is_not_taken_for_a_wrong_key(folder: Path) -> None:
    content = bytearray((folder / "cases.db").read_bytes())
    content[100] ^= 1
    (folder / "cases.db").write_bytes(content)
    refused(opened(folder, "due"), "is not an escalate database, or is damaged")


# -- the keyring


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """A keyring that is empty at first."""
    kept: dict[tuple[str, str], str] = {}
    made: Any = types.ModuleType("keyring")
    made.errors = types.ModuleType("keyring.errors")
    made.errors.KeyringError = LookupError
    made.errors.NoKeyringError = KeyError
    made.get_password = lambda service, name: kept.get((service, name))
    made.set_password = lambda service, name, said: kept.__setitem__((service, name), said)
    monkeypatch.setitem(sys.modules, "keyring", made)
    monkeypatch.setitem(sys.modules, "keyring.errors", made.errors)
    return kept


def test_the_keyring_has_the_key_unless_a_file_is_named(tmp_path: Path, keyring: dict[tuple[str, str], str]) -> None:
    path = tmp_path / "cases.db"
    unit.did(path, "open", "hull-east-riding", "--about", "canary")
    assert "kept in this computer's keyring" in unit.did(path, "encrypt", "--yes")
    ((service, name),) = keyring
    assert (service, name) == ("escalate", f"file {path.read_bytes()[:16].hex()}")
    assert "canary" in unit.did(path, "show", "1")
    unit.did(path, "rekey", "--yes")
    assert len(keyring) == 2
    assert unit(path, "verify").status == 0
    keyring.clear()
    ran = unit(path, "due")
    assert (ran.status, "not in this computer's keyring" in ran.stderr) == (1, True)


def test_without_a_keyring_it_is_said_and_the_file_is_left_plain(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "x")
    ran = run(tmp_path, "encrypt", "--yes")
    assert (ran.status, "cannot be kept in this computer's keyring (there is none that can be used)" in ran.stderr) == (
        1,
        True,
    ), ran
    assert "--key-file" in ran.stderr
    assert (tmp_path / "cases.db").read_bytes().startswith(b"SQLite")


# -- asked for


GUESSED_CHEAPLY = """
import sys
from escalate.__main__ import main
from escalate.storage.encryption import secret
secret._SCRYPT["n"] = 1024
sys.argv[0] = "escalate"
main()
"""
"""In `make test`, where what a passphrase comes to takes no 0.4 seconds."""


def at_a_terminal(folder: Path, answers: list[str], *words: str, surroundings: str = "") -> tuple[int, str]:
    """How a line ends at a terminal where this is typed, a line for each question, and what the terminal shows."""
    number, terminal = os.forkpty()
    if number == 0:
        more = dict([surroundings.split("=", 1)]) if surroundings else {}
        line = command(*words) if SIZE != "small" else [sys.executable, "-c", GUESSED_CHEAPLY, *words]
        os.execve(line[0], line, run.surroundings(folder) | {"PATH": os.environ["PATH"]} | more)
    shown, left = b"", [*answers]
    asked = 0
    try:
        while part := os.read(terminal, 4096):
            shown += part
            questions = len(re.findall(rb": (?=$|\r)|\]: ", shown))
            if questions > asked and left and shown.rstrip(b"\r\n").endswith(b": "):
                asked = questions
                os.write(terminal, f"{left.pop(0)}\n".encode())
    except OSError:  # Linux says so when the other end is closed
        pass
    finally:
        os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    assert status != -signal.SIGKILL
    return status, shown.decode()


@pytest.mark.script
def test_a_passphrase_or_the_recovery_key_is_asked_for_at_a_terminal(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "canary")
    words = "otter lamp gravel"
    status, shown = at_a_terminal(tmp_path, ["short"], "encrypt", "--passphrase", "--yes")
    assert (status, "at least 12 characters" in shown) == (1, True), shown
    status, shown = at_a_terminal(tmp_path, [words, "otter lamp grovel"], "encrypt", "--passphrase", "--yes")
    assert (status, "two different passphrases" in shown) == (1, True), shown
    assert (tmp_path / "cases.db").read_bytes().startswith(b"SQLite")
    status, shown = at_a_terminal(tmp_path, [words, words], "encrypt", "--passphrase", "--yes")
    assert (status, words in shown) == (0, False), shown
    recovery = "-".join(re.findall(r"\d{6}", shown))
    assert "canary" in at_a_terminal(tmp_path, [words], "show", "1")[1]
    assert "canary" in at_a_terminal(tmp_path, ["three wrong words", recovery], "show", "1")[1]
    slip = recovery[:-1] + str((int(recovery[-1]) + 1) % 10)
    status, shown = at_a_terminal(tmp_path, [slip, ""], "show", "1")
    assert (
        status,
        "There is a slip in group 8" in shown,
        "what was typed does not open it" in " ".join(shown.split()),
    ) == (
        1,
        True,
        True,
    ), shown
    refused(run(tmp_path, "digest", "--always"), "is encrypted", "at a terminal")


@pytest.mark.slow
@pytest.mark.script
def test_where_the_key_file_is_lost_the_recovery_key_opens_and_rekey_keeps_another(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--about", "canary")
    recovery = run.json(tmp_path, "encrypt", "--key-file", str(tmp_path / KEY), "--yes")["recovery_key"]
    (tmp_path / "config.toml").write_text(f'key_file = "{tmp_path / KEY}"\n', encoding="utf-8")
    (tmp_path / KEY).unlink()
    settings = f"ESCALATE_CONFIG={tmp_path / 'config.toml'}"
    refused(
        run(tmp_path, "show", "1", ESCALATE_CONFIG=str(tmp_path / "config.toml")), "which is not there", "recovery key"
    )
    assert "canary" in at_a_terminal(tmp_path, [recovery], "show", "1", surroundings=settings)[1]
    status, shown = at_a_terminal(
        tmp_path, [recovery], "rekey", "--key-file", str(tmp_path / KEY), "--yes", surroundings=settings
    )
    assert (status, "Recovery key." in shown) == (0, True), shown
    assert "canary" in run.did(tmp_path, "show", "1", ESCALATE_CONFIG=str(tmp_path / "config.toml"))


@pytest.mark.parametrize("line", ["due", "note 1 x", "verify", "rekey --yes", "decrypt --yes", "backup"])
def test_an_encrypted_file_of_a_later_version_is_refused_and_left_as_it_is(folder: Path, line: str) -> None:
    path = folder / "cases.db"
    unlock_with(lambda: Keys(lambda: folder / KEY, None), lambda: None)
    with closing(connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    content = path.read_bytes()
    refused(opened(folder, *line.split()), "was written by a later version of escalate")
    assert path.read_bytes() == content


@pytest.mark.script
def test_a_library_that_the_computer_does_not_load_is_said_to_be_one(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "hull-east-riding", "--subject", "S-1")
    library = tmp_path / "libraries" / "sqlcipher3" / "__init__.py"
    library.parent.mkdir(parents=True)
    library.write_text('raise ImportError("DLL load failed while importing _sqlite3: Access is denied.")', "utf-8")
    kept_away = {"PYTHONPATH": str(library.parents[1]), "ESCALATE_KEY_FILE": str(tmp_path / KEY)}
    ran = run(tmp_path, "encrypt", "--yes", **kept_away)
    assert (ran.status, ran.stderr.count("\n")) == (1, 1), ran
    assert "sqlcipher3, which is installed and cannot be loaded (DLL load failed" in ran.stderr
