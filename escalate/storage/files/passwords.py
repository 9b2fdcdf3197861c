"""The password of the mail server: from a file that only its owner can read, or from the system's keyring; never an argument."""

from escalate.domain.reporting.recipients import Mail
from escalate.errors import Refused
from escalate.on_demand import optional_library
from escalate.storage.files.paths import path_from
from escalate.storage.files.private_files import private_lines

SERVICE = "escalate"
"""What the keyring keeps the password under."""


def password(mail: Mail) -> str | None:
    """The password, where the settings name a user. Raises Refused."""
    if mail.user is None:
        return None
    if mail.password_file:
        return _from_file(mail.password_file)
    keyring = optional_library("keyring", "keyring", "The system's keyring")
    try:
        found = keyring.get_password(SERVICE, mail.user)
    except keyring.errors.KeyringError as problem:
        raise Refused(
            f"The keyring cannot be read ({problem}): name a password_file under [mail] instead."
        ) from problem
    if found is None:
        raise Refused(
            f"The keyring has no password of {mail.user}: put it there with keyring set {SERVICE} {mail.user}"
        )
    return str(found)


def _from_file(named: str) -> str:
    path = path_from(named)
    lines = private_lines(path, "password")
    if not lines or not lines[0]:
        raise Refused(f"{path} is empty: its first line should be the password.")
    return lines[0]
