"""Who gets the digest by e-mail, and through which server: the [mail] table of the settings file."""

from collections.abc import Mapping
from dataclasses import dataclass

from escalate.domain.case.details import ADDRESS
from escalate.domain.protocol.shape import Choice, Field, ListOf, Problems, Shape, Text, Whole, YesNo

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address, and which cases it is told of; None where all of them."""

    to: str
    agency: str | None = None
    owner: str | None = None
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server, and who gets what. `timeout` is in seconds; the password is in `password_file`, or the keyring."""

    server: str
    port: int
    security: str
    sender: str
    user: str | None
    password_file: str | None
    keyring: bool
    ca_file: str | None
    timeout: int
    assigned: bool
    recipients: tuple[Recipient, ...]


_address = Text(ADDRESS, "an e-mail address such as unit@partnership.example")
_text = Text()

MAIL = Shape(
    Mail,
    (
        Field("server", _text, "the name of the mail server"),
        Field("port", Whole(1, 65535), "the port of the mail server", 587),
        Field("security", Choice(("starttls", "tls", "none")), "how the connection is kept private", "starttls"),
        Field("from", _address, "the address the digest comes from", attribute="sender"),
        Field("user", _text, "the name to log in with", None),
        Field("password_file", _text, "a file that has the password, and that only you can read", None),
        Field("keyring", YesNo(), "whether the password is in the system's keyring", False),
        Field("ca_file", _text, "a file of certificates to trust, if the system does not know the server's", None),
        Field("timeout", Whole(1, 600), "how many seconds to wait for the server", 30),
        Field("assigned", YesNo(), "whether people assigned in cases get those cases", False),
        Field(
            "recipients",
            ListOf(
                Shape(
                    Recipient,
                    (
                        Field("to", _address, "the address"),
                        Field("agency", _text, "only cases of this agency", None),
                        Field("owner", _text, "only what this owner has to do", None),
                        Field("protocol", _text, "only cases under this protocol", None),
                    ),
                )
            ),
            "who gets the digest",
            (),
        ),
    ),
)


def read_mail(table: Mapping[str, object]) -> tuple[Mail, list[str]]:
    """The [mail] table, with every problem in it; trust it only if there is none."""
    problems = Problems()
    mail: Mail = MAIL.read(dict(table), "mail", problems)
    if mail.security == "none" and mail.server not in LOOPBACK:
        problems.add(
            "mail.security", f'"none" would send through {mail.server} for all to read; say "starttls" or "tls"'
        )
    if mail.user and not (mail.password_file or mail.keyring):
        problems.add("mail.user", "needs a password: name a password_file, or say keyring = true")
    if not (mail.recipients or mail.assigned):
        problems.add("mail.recipients", "is empty, and assigned is not true: nobody would get anything")
    for i, each in enumerate(mail.recipients):
        if each in mail.recipients[:i]:
            problems.add(f"mail.recipients[{i}]", f"says the same as an earlier one for {each.to}")
    return mail, problems.found
