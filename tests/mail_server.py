"""A real mail server on loopback, and the settings file that names it."""

import logging
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "escalate", "a pass phrase"

logging.getLogger("mail").addHandler(logging.NullHandler())  # or what it remarks on itself gets among what a run says


class Box:
    """What arrived, from a server that fails as it is told.

    `refused` addresses are turned away, `not_taken` ones when their letter is there, and `slow` ones are not answered. The
    connection of `dropped` ones ends when their letter is there. `at_most` letters go on a connection: then it is closed with
    421, or without a word where `silently`.
    """

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []
        self.refused: set[str] = set()
        self.slow: set[str] = set()
        self.not_taken: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.at_most: int | None = None
        self.silently = False
        self.seen = Event()

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.at_most is not None and getattr(session, "letters", 0) >= self.at_most:
            if self.silently:
                server.transport.abort()
            return "421 4.7.0 too many letters"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return f"550 5.1.1 <{address}>: no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio

        (to,) = envelope.rcpt_tos
        if to in self.slow:
            self.seen.set()
            await asyncio.sleep(60)
        if to in self.dropped:
            server.transport.abort()
            return ""
        if to in self.not_taken:
            return self.not_taken[to]
        session.letters = getattr(session, "letters", 0) + 1
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((to, letter))
        return "250 OK"

    @property
    def readers(self) -> list[str]:
        return [to for to, _ in self.letters]


@contextmanager
def mail_server(box: Box, certificate: tuple[Path, Path] | None = None, *, login: bool = False) -> Iterator[int]:
    """The port of a server that puts everything into the box; with a certificate it takes STARTTLS, and nothing before it."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)

    def may_enter(_server: Any, _session: Any, _envelope: Any, _mechanism: str, said: Any) -> AuthResult:
        right = isinstance(said, LoginPassword) and (said.login, said.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    options: dict[str, Any] = {"tls_context": context, "require_starttls": True} if context else {}
    if login:
        options |= {"authenticator": may_enter, "auth_required": True, "auth_require_tls": context is not None}
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody but its reader trusts, and its key."""
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


def waited_for(event: Event, seconds: float = 30) -> bool:
    """Whether something came about in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if event.wait(0.05):
            return True
    return False
