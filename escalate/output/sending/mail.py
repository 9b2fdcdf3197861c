"""Sending the digest by e-mail: one message for each reader, through the server the settings name."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from time import sleep
from typing import Any

from escalate.domain.reporting.recipients import Mail
from escalate.domain.worktime.clock import london
from escalate.errors import NotSent


def message(mail: Mail, to: str, subject: str, text: str, html: str, message_id: str, at: datetime) -> EmailMessage:
    """A message in text and HTML; `message_id` is what stands before the @."""
    letter = EmailMessage(
        policy=policy.SMTP.clone(max_line_length=200)
    )  # a subject that is folded reads badly in places
    letter["From"] = mail.sender
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = format_datetime(london(at))
    letter["Message-ID"] = f"<{message_id}@{mail.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    letter.add_alternative(html, subtype="html")
    return letter


PAUSES = (1, 5)
"""How long the server is left alone before it is tried anew, in seconds: the first time and the second."""

CLOSING = 421
"""By this code a server says that it ends the connection."""

IN_A_ROW = 3
"""After so many messages in a row on which the connection broke, no more are tried."""


class Server:
    """The mail server. It is connected to when the first message goes, and anew when a connection breaks."""

    def __init__(self, mail: Mail, password: str | None) -> None:
        self._mail = mail
        self._password = password
        self._line: _Line | None = None
        self._broke_in_a_row = 0
        self._has_taken_any = False

    def send(self, letter: EmailMessage, label: str) -> None:
        """Hands a message over; `label` is what to call its reader where the address must not be read.

        Where the connection ends before the server can have the message, it goes on another connection. Raises NotSent.
        """
        for pause in (*PAUSES, None):
            try:
                line = self._line = self._line or self._connected()
            except NotSent:
                if pause is None or not self._has_taken_any:
                    raise
                sleep(pause)
                continue
            try:
                line.handed_over = False
                line.send_message(letter)
            except (smtplib.SMTPException, OSError) as problem:
                if not line.is_ended_by(problem):
                    raise self._refused(letter, label, problem) from problem
                self._line = None
                if line.may_have_it(problem) or pause is None:
                    self._broke_in_a_row += 1
                    raise self._refused(letter, label, problem) from problem
                if not line.taken:
                    sleep(pause)
            else:
                line.taken += 1
                self._broke_in_a_row, self._has_taken_any = 0, True
                return

    def hang_up(self) -> None:
        """Ends the connection, whatever state it is in."""
        if self._line:
            _hang_up(self._line)

    def _connected(self) -> "_Line":
        """A connection, logged in where there is a user. Raises NotSent."""
        try:
            line = _connect(self._mail)
        except (smtplib.SMTPException, OSError) as problem:
            where = f"The mail server {self._mail.server}, port {self._mail.port},"
            raise NotSent(f"{where} cannot be used: {_why(problem)}.", fatal=True) from problem
        if self._mail.user and self._password is not None:
            _log_in(line, self._mail, self._password)
        return line

    def _refused(self, letter: EmailMessage, label: str, problem: Exception) -> NotSent:
        """Why a message was not taken. It is its reader's alone, unless the connection broke on several in a row."""
        not_at_all = isinstance(problem, smtplib.SMTPRecipientsRefused)
        took_not = "does not take mail for" if not_at_all else "did not take the digest for"
        why = _why(problem).replace(str(letter["To"]), label)
        return NotSent(f"{self._mail.server} {took_not} {label}: {why}.", fatal=self._broke_in_a_row >= IN_A_ROW)


class _Line(smtplib.SMTP):
    """A connection that knows how many messages went over it, and whether the server may have one that it did not answer for."""

    taken = 0
    """How many messages the server took on it."""
    handed_over = False
    """Whether the present message itself was begun to be handed over."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hands the message itself over, whereupon the server may have it."""
        self.handed_over = True
        return super().data(msg)

    def is_ended_by(self, problem: Exception) -> bool:
        """Whether a failure ended the connection; one that goes on is made ready for the next message."""
        if _code(problem) == CLOSING:
            self.close()
        elif self.sock is not None:
            with suppress(smtplib.SMTPException, OSError):  # which closes it, and it is seen to be closed
                self.rset()
        return self.sock is None

    def may_have_it(self, problem: Exception) -> bool:
        """Whether the server may have the message, as it has not said no."""
        return self.handed_over and _code(problem) is None


class _PrivateLine(_Line, smtplib.SMTP_SSL):
    """A connection that is encrypted from the beginning."""


@contextmanager
def mail_server(mail: Mail, password: str | None) -> Iterator[Server]:
    """The mail server, whose connection is ended at the end."""
    server = Server(mail, password)
    try:
        yield server
    finally:
        server.hang_up()


def _connect(mail: Mail) -> _Line:
    """A connection of the kind that the settings ask for. Raises SMTPException, OSError."""
    trusted = ssl.create_default_context(cafile=mail.ca_file)
    if mail.security == "tls":
        return _PrivateLine(mail.server, mail.port, timeout=mail.timeout, context=trusted)
    connection = _Line(mail.server, mail.port, timeout=mail.timeout)
    if mail.security == "starttls":
        try:
            connection.starttls(context=trusted)
        except (smtplib.SMTPException, OSError):
            _hang_up(connection)
            raise
    return connection


def _log_in(connection: smtplib.SMTP, mail: Mail, password: str) -> None:
    """Logs in. Raises NotSent."""
    try:
        connection.login(mail.user or "", password)
    except (smtplib.SMTPException, OSError, UnicodeError) as problem:
        _hang_up(connection)
        raise NotSent(f"{mail.server} does not let {mail.user} in: {_why(problem)}.", fatal=True) from problem


def _hang_up(connection: smtplib.SMTP) -> None:
    """Ends a connection, whatever state it is in."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()


def _said(problem: Exception) -> tuple[int, bytes | str] | None:
    """What a server answered that took something not: a code and its words; None where it did not answer."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        answer: tuple[int, bytes] = next(iter(problem.recipients.values()))
        return answer
    if isinstance(problem, smtplib.SMTPResponseException):
        return problem.smtp_code, problem.smtp_error
    return None


def _code(problem: Exception) -> int | None:
    said = _said(problem)
    return said[0] if said else None


def _why(problem: Exception) -> str:
    """What went wrong, in the words of the server or the system."""
    if said := _said(problem):
        return f"{said[0]} {_words(said[1])}"
    if isinstance(problem, TimeoutError) or "timed out" in str(problem):
        return "it does not answer"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return str(problem).rstrip(".") or type(problem).__name__


def _words(said: bytes | str) -> str:
    """What a server said, on one line."""
    return " ".join((said.decode("ascii", "replace") if isinstance(said, bytes) else said).split()).rstrip(".")
