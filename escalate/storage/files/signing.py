"""Signatures with an SSH key, as `ssh-keygen` makes and verifies them, for what bears witness."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from escalate.errors import Refused

NAMESPACE = "escalate"
"""What a signature is for: one that was made for something else does not count."""

_FIRST, _LAST = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LONGEST = 30
"""So many seconds ssh-keygen may take: a key with a passphrase is asked for where nobody answers."""


def signed(text: str, key: Path) -> str:
    """The signature over a line of text, as one word. Raises Refused."""
    if not key.is_file():
        raise Refused(f"{key} is not there: witness_key names the SSH key to sign with.")
    made = _ssh_keygen("sign", "-f", str(key), stdin=text)
    _, first, rest = made.stdout.partition(_FIRST)
    if made.returncode or not first:
        raise Refused(f"ssh-keygen does not sign with {key} ({_reason(made)}).")
    return "".join(rest.partition(_LAST)[0].split())


def is_signed(text: str, signature: str, signers: Path | None) -> bool:
    """Whether a signature is over a line of text, and by one of the allowed signers, if a file of them is given. Raises Refused."""
    if signers is not None and not signers.is_file():
        raise Refused(f"{signers} is not there: witness_signers names the file of allowed signers.")
    with TemporaryDirectory(prefix="escalate-") as folder:
        file = Path(folder, "signature")
        body = "\n".join(signature[n : n + 70] for n in range(0, len(signature), 70))
        file.write_text(f"{_FIRST}\n{body}\n{_LAST}\n", encoding="ascii", newline="\n")
        if signers is None:
            return not _ssh_keygen("check-novalidate", "-s", str(file), stdin=text).returncode
        found = _ssh_keygen("find-principals", "-f", str(signers), "-s", str(file))
        who = found.stdout.splitlines()
        if found.returncode or not who:
            return False
        by = ("-f", str(signers), "-I", who[0], "-s", str(file))
        return not _ssh_keygen("verify", *by, stdin=text).returncode


def _ssh_keygen(what: str, *options: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run ssh-keygen where nobody can be asked for anything. Raises Refused."""
    namespace = () if what == "find-principals" else ("-n", NAMESPACE)
    try:
        return subprocess.run(  # noqa: S603
            ("ssh-keygen", "-Y", what, *namespace, *options),  # noqa: S607
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST,
            start_new_session=True,
            env={**os.environ, "SSH_ASKPASS_REQUIRE": "never"},
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it does not answer"
        raise Refused(
            f"ssh-keygen cannot be run ({reason}): without it nothing can be signed or verified."
        ) from problem


def _reason(ran: "subprocess.CompletedProcess[str]") -> str:
    return " ".join(ran.stderr.split()) or str(ran.returncode)
