"""Sending the digest by e-mail: one message for each reader, through the server the settings name."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

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


class Server:
    """An open connection to the mail server, as `connected` makes it."""

    def __init__(self, connection: smtplib.SMTP, mail: Mail) -> None:
        self._connection = connection
        self._mail = mail

    def send(self, letter: EmailMessage, label: str) -> None:
        """Hands a message over; `label` is what to call its reader where the address must not be read. Raises NotSent."""
        try:
            self._connection.send_message(letter)
        except smtplib.SMTPRecipientsRefused as problem:
            code, said = next(iter(problem.recipients.values()))
            why = f"{code} {_words(said).replace(str(letter['To']), label)}"
            raise NotSent(
                f"{self._mail.server} does not take mail for {label}: {why}. The next run tries again.", fatal=False
            ) from problem
        except (smtplib.SMTPException, OSError) as problem:
            raise NotSent(
                f"{self._mail.server} did not take the digest for {label}: {_why(problem)}. The next run sends it.",
                fatal=True,
            ) from problem


@contextmanager
def connected(mail: Mail, password: str | None) -> Iterator[Server]:
    """A connection to the mail server, private unless the settings say otherwise, and logged in where there is a user. Raises NotSent."""
    try:
        connection = _connect(mail)
    except (smtplib.SMTPException, OSError) as problem:
        raise NotSent(
            f"The mail server {mail.server}, port {mail.port}, cannot be used: {_why(problem)}. The next run sends the digest.",
            fatal=True,
        ) from problem
    try:
        if mail.user and password is not None:
            _log_in(connection, mail, password)
        yield Server(connection, mail)
    finally:
        _hang_up(connection)


def _connect(mail: Mail) -> smtplib.SMTP:
    """A connection of the kind that the settings ask for. Raises SMTPException, OSError."""
    trusted = ssl.create_default_context(cafile=mail.ca_file)
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.server, mail.port, timeout=mail.timeout, context=trusted)
    connection = smtplib.SMTP(mail.server, mail.port, timeout=mail.timeout)
    if mail.security == "starttls":
        connection.starttls(context=trusted)
    return connection


def _log_in(connection: smtplib.SMTP, mail: Mail, password: str) -> None:
    """Logs in. Raises NotSent."""
    try:
        connection.login(mail.user or "", password)
    except (smtplib.SMTPException, OSError, UnicodeError) as problem:
        raise NotSent(f"{mail.server} does not let {mail.user} in: {_why(problem)}.", fatal=True) from problem


def _hang_up(connection: smtplib.SMTP) -> None:
    """Ends a connection, whatever state it is in."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()


def _why(problem: Exception) -> str:
    """What went wrong, in the words of the server or the system."""
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code} {_words(problem.smtp_error)}"
    if isinstance(problem, TimeoutError) or "timed out" in str(problem):
        return "it does not answer"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return str(problem).rstrip(".") or type(problem).__name__


def _words(said: bytes | str) -> str:
    """What a server said, on one line."""
    return " ".join((said.decode("ascii", "replace") if isinstance(said, bytes) else said).split()).rstrip(".")
