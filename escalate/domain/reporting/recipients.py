"""Who gets the digest by e-mail, and through which server: the [mail] table of the settings file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from escalate.domain.case.details import ADDRESS
from escalate.domain.protocol.shape import REQUIRED, Choice, Field, ListOf, Problems, Shape, Text, Whole, YesNo

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Servers on this computer: what goes there is on no network."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets the digest, and what it tells them of; None where of all there is."""

    to: str
    """The e-mail address."""
    agency: str | None = None
    """Only cases of an agency with this in its name."""
    owner: str | None = None
    """Only what an owner, or a person assigned, with this in the name has to do."""
    protocol: str | None = None
    """Only cases under the protocol of this id."""

    @property
    def is_unit(self) -> bool:
        """Whether this is the business unit: whoever is told of every agency's cases and every owner's duties."""
        return self.agency is None and self.owner is None


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server, and who gets the digest."""

    server: str
    """Its name."""
    port: int
    """The port it listens on."""
    security: str
    """How the connection is kept private: `starttls`, `tls` or `none`."""
    sender: str
    """The address the digest comes from."""
    user: str | None
    """The name to log in with; None where nobody has to."""
    password_file: str | None
    """The path of the file with the password."""
    keyring: bool
    """The password is in the system's keyring instead."""
    ca_file: str | None
    """The path of a file of certificates to trust, beside those the system knows."""
    timeout: int
    """How long to wait for the server, in seconds."""
    assigned: bool
    """People assigned in cases get the digest of those cases."""
    recipients: tuple[Recipient, ...]
    """Everybody else who gets it."""


_address = Text(ADDRESS, "an e-mail address such as unit@partnership.example")
_text = Text()

_RECIPIENT = Shape(
    Recipient,
    (
        Field("to", _address, "the address"),
        Field("agency", _text, "only cases of this agency", None),
        Field("owner", _text, "only what this owner has to do", None),
        Field("protocol", _text, "only cases under this protocol", None),
    ),
)

MAIL = Shape(
    Mail,
    (
        Field("server", _text, "the name of the mail server"),
        Field("port", Whole(1, 65535), "the port of the mail server", 587),
        Field("security", Choice(("starttls", "tls", "none")), "how the connection is kept private", "starttls"),
        Field("from", _address, "the address the digest comes from", attribute="sender"),
        Field("user", _text, "the name to log in with", None),
        Field(
            "password_file",
            _text,
            "a file that has the password, which is never shown, and that only you can read",
            None,
        ),
        Field("keyring", YesNo(), "whether the password is in the system's keyring", False),
        Field("ca_file", _text, "a file of certificates to trust, if the system does not know the server's", None),
        Field("timeout", Whole(1, 600), "how many seconds to wait for the server", 30),
        Field("assigned", YesNo(), "whether people assigned in cases get those cases", False),
        Field("recipients", ListOf(_RECIPIENT), "who gets the digest", ()),
    ),
)


class MailField(NamedTuple):
    """A line of the [mail] table as it is shown among the settings."""

    name: str
    """Its name in the table; of a recipient with the number, such as `recipients.1.to`."""
    value: str
    """What it is set to, as text; empty for nothing."""
    is_said: bool
    """Whether the table says it, or it is what stands where nobody says so."""
    says: str
    """What it is, in a few words."""


def mail_fields(table: Mapping[str, object]) -> list[MailField]:
    """All that can stand in the [mail] table, as it is there, mistakes and all; what is no field of it is left out.

    A password belongs into a file or the keyring. Where somebody wrote one into the name of the server, that is not shown.
    """
    found = [_shown(MAIL, each, table, "") for each in MAIL.fields if each.name != "recipients"]
    recipients = table.get("recipients", ())
    if not (isinstance(recipients, list) and recipients):
        return [*found, _shown(MAIL, MAIL.fields[-1], {}, "")]
    for number, each in enumerate(recipients, 1):
        said = each if isinstance(each, dict) else {}
        shown = [part for part in _RECIPIENT.fields if part.name in said or part.default is REQUIRED]
        found += [_shown(_RECIPIENT, part, said, f"recipients.{number}.") for part in shown]
    return found


def _shown(shape: Shape, field: Field, table: Mapping[str, object], before: str) -> MailField:
    """A field of a table as it is shown."""
    is_said = field.name in table
    value = table[field.name] if is_said else field.default
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if value is REQUIRED or value is None or value == ():
        text = ""
    elif isinstance(value, dict | list) or (shape is MAIL and field.name == "server" and "@" in text):
        text = f"not shown: it should be {field.says} alone"
    return MailField(f"{before}{field.name}", text, is_said, field.says)


def read_mail(table: Mapping[str, object]) -> tuple[Mail, list[str]]:
    """What the [mail] table says, and every problem in it; trust the first only if there is none of the second."""
    problems = Problems()
    mail: Mail = MAIL.read(dict(table), "mail", problems)
    _check_server(mail, problems)
    _check_recipients(mail, problems)
    return mail, [str(each) for each in problems.found]


def _check_server(mail: Mail, problems: Problems) -> None:
    """Adds what is wrong with how the server is reached."""
    if mail.security == "none" and mail.server not in LOOPBACK:
        problems.add(
            "mail.security", f'"none" would send through {mail.server} for all to read; say "starttls" or "tls"'
        )
    if mail.user and not (mail.password_file or mail.keyring):
        problems.add("mail.user", "needs a password: name a password_file, or say keyring = true")


def _check_recipients(mail: Mail, problems: Problems) -> None:
    """Adds what is wrong with who gets the digest."""
    if not (mail.recipients or mail.assigned):
        problems.add("mail.recipients", "is empty, and assigned is not true: nobody would get anything")
    for i, each in enumerate(mail.recipients):
        if each in mail.recipients[:i]:
            problems.add(f"mail.recipients[{i}]", f"says the same as an earlier one for {each.to}")
