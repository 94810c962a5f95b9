"""The channel `email`: one mail for each recipient, in plain text and HTML, over SMTP with TLS."""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from pathlib import Path
from threading import Timer

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.time import require_utc
from ewarn.notify.channels.mail_address import address_of

TIMEOUT_SECONDS = 15.0  # for each answer of the server
ATTEMPT_SECONDS = 60.0  # for a whole attempt; well below the lease of a message
_SAID_AT_MOST = 300  # characters of an answer that are stored
_NO_MAILBOX = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")  # RFC 3463, RFC 7505


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"  # encrypted from the first byte
    NONE = "none"  # only for a server on this machine
    NONE_ANYWHERE = "none-anywhere"  # for any server; the operator takes the responsibility


PORTS = {
    Security.STARTTLS: 587,
    Security.TLS: 465,
    Security.NONE: 25,
    Security.NONE_ANYWHERE: 25,
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The SMTP server that sends the mail, and the sender of the mail.

    `sender` is an address with an optional name: `ewarn <ewarn@example.org>`. `authority` is a file
    of certificates that are trusted in addition to the system's.
    """

    host: str
    port: int
    sender: str
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    authority: Path | None = None

    @property
    def is_protected(self) -> bool:
        """Whether mail is encrypted, stays on this machine, or needs no protection."""
        return self.security is not Security.NONE or _is_here(self.host)

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return address_of(parseaddr(self.sender)[1]).domain


def check_authority(file: Path) -> None:
    """Check that a file contains certificates. Raises ValueError if it does not."""
    try:
        ssl.create_default_context().load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"{file} holds no certificates that can be read: {error}") from None


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class EmailNotifier:
    """Sends each message through one SMTP server, in a connection of its own."""

    name = "email"

    def __init__(self, mail_server: MailServer, timeout: float = TIMEOUT_SECONDS) -> None:
        self.mail_server = mail_server
        self.timeout = timeout

    def send(self, message: Message, now: datetime) -> Receipt:
        """Make one attempt to send a message.

        After 4xx the message may be tried again, after 5xx not. A mailbox that does not exist is
        gone. A problem with the server itself, such as a refused login, is not the fault of the
        message, so it may be tried again too.
        """
        try:
            to = address_of(message.recipient)
        except ValueError as error:
            return Receipt(Outcome.REFUSED, f"the address cannot be used: {error}")
        mail = _mail(message, self.mail_server, to, now)
        try:
            with self._server() as server:
                server.send_message(mail, parseaddr(self.mail_server.sender)[1], [to.addr_spec])
        except smtplib.SMTPRecipientsRefused as error:
            (said,) = error.recipients.values()
            return _refused(*said)
        except smtplib.SMTPAuthenticationError as error:
            return Receipt(Outcome.RETRY, f"the mail server refuses our login: {_said(error)}")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return Receipt(Outcome.RETRY, f"no mail server: {error or type(error).__name__}")
        return Receipt(Outcome.DELIVERED, "the mail server took it")

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """Connect, log in, and close at the end.

        An error after the server has accepted the mail is ignored, because the mail is delivered.
        """
        box = self.mail_server
        server = _opened(box, self.timeout)
        guard = Timer(ATTEMPT_SECONDS, lambda: _hang_up(server))
        guard.daemon = True
        guard.start()
        try:
            if box.security is Security.STARTTLS:
                server.starttls(context=_trust(box))
            if box.user:
                server.login(box.user, box.password)
            yield server
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            guard.cancel()
            server.close()


def _opened(box: MailServer, timeout: float) -> smtplib.SMTP:
    if box.security is Security.TLS:
        trust = _trust(box)
        return smtplib.SMTP_SSL(box.host, box.port, box.domain, timeout=timeout, context=trust)
    return smtplib.SMTP(box.host, box.port, box.domain, timeout=timeout)


def _trust(box: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if box.authority is not None:
        context.load_verify_locations(cafile=box.authority)
    return context


def _hang_up(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(2)


def _mail(message: Message, box: MailServer, to: Address, now: datetime) -> EmailMessage:
    """Build the mail. Headers are built from parts, so no text in one can start another header."""
    mail = EmailMessage(policy=SMTP)
    name, sender = parseaddr(box.sender)
    mail["From"] = Address(name, addr_spec=address_of(sender).addr_spec)
    mail["To"] = to
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(require_utc(now))
    mail["Message-ID"] = f"<{message.id}@{box.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail


def _refused(code: int, said: bytes | str) -> Receipt:
    """Return the receipt for a refusal by the server.

    Servers answer 550, 551 and 553 to spam and policy violations too. So a mailbox counts as gone
    only if the enhanced status code says that it does not exist. Its owner is then notified in
    another way.
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = " ".join(text.split())[:_SAID_AT_MOST]
    detail = f"SMTP {code}: {text}" if text else f"SMTP {code}"
    if code < 500:
        return Receipt(Outcome.RETRY, detail)
    is_gone = text.split(" ")[0] in _NO_MAILBOX
    return Receipt(Outcome.GONE if is_gone else Outcome.REFUSED, detail)


def _said(error: smtplib.SMTPResponseException) -> str:
    return _refused(error.smtp_code, error.smtp_error).detail
