"""The channel `email`: one mail a recipient, in plain text and HTML, over SMTP with TLS."""

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

from ewarn.domain.delivery import Notification, Outcome, Receipt
from ewarn.domain.time import require_utc
from ewarn.notify.mail_address import address_of

TIMEOUT_SECONDS = 15.0  # for each answer of the server
ATTEMPT_SECONDS = 60.0  # for all of an attempt; well below the lease of what is sent
_SAID_AT_MOST = 300  # characters of an answer that are worth keeping
_NO_MAILBOX = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")  # RFC 3463, RFC 7505


class Security(StrEnum):
    """How the connection to the server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte
    NONE = "none"  # to this machine only
    NONE_ANYWHERE = "none-anywhere"  # the operator knows why


PORTS = {
    Security.STARTTLS: 587,
    Security.TLS: 465,
    Security.NONE: 25,
    Security.NONE_ANYWHERE: 25,
}


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The server that mail is handed to, and who it is from.

    `sender` is an address, with a name if wanted: `ewarn <ewarn@example.org>`. `authority` is a
    file of certificates to trust beside the system's.
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
        """Whether what is sent is encrypted, or stays on this machine, or need not be."""
        return self.security is not Security.NONE or _is_here(self.host)

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return address_of(parseaddr(self.sender)[1]).domain


def check_authority(file: Path) -> None:
    """Raises ValueError where a file holds no certificates to trust."""
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
    """Hands each notification to one SMTP server, in a conversation of its own."""

    name = "email"

    def __init__(self, mailbox: Mailbox, timeout: float = TIMEOUT_SECONDS) -> None:
        self.mailbox = mailbox
        self.timeout = timeout

    def send(self, notification: Notification, now: datetime) -> Receipt:
        """Send once. 4xx may be tried again and 5xx not; a mailbox that does not exist is gone.

        Trouble with the server itself, a login among it, is no fault of the message: it waits.
        """
        try:
            to = address_of(notification.recipient)
        except ValueError as error:
            return Receipt(Outcome.REFUSED, f"the address cannot be used: {error}")
        message = _message(notification, self.mailbox, to, now)
        try:
            with self._server() as server:
                server.send_message(message, parseaddr(self.mailbox.sender)[1], [to.addr_spec])
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
        """A server that knows us. What it says once the mail is taken changes nothing."""
        box = self.mailbox
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


def _opened(box: Mailbox, timeout: float) -> smtplib.SMTP:
    if box.security is Security.TLS:
        trust = _trust(box)
        return smtplib.SMTP_SSL(box.host, box.port, box.domain, timeout=timeout, context=trust)
    return smtplib.SMTP(box.host, box.port, box.domain, timeout=timeout)


def _trust(box: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if box.authority is not None:
        context.load_verify_locations(cafile=box.authority)
    return context


def _hang_up(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(2)


def _message(notification: Notification, box: Mailbox, to: Address, now: datetime) -> EmailMessage:
    """The mail. Headers are built from parts, so nothing in them can begin another one."""
    message = EmailMessage(policy=SMTP)
    name, sender = parseaddr(box.sender)
    message["From"] = Address(name, addr_spec=address_of(sender).addr_spec)
    message["To"] = to
    message["Subject"] = " ".join(notification.subject.split())
    message["Date"] = format_datetime(require_utc(now))
    message["Message-ID"] = f"<{notification.id}@{box.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notification.text, cte="quoted-printable")
    if notification.html:
        message.add_alternative(notification.html, subtype="html", cte="quoted-printable")
    return message


def _refused(code: int, said: bytes | str) -> Receipt:
    """What a refusal asks for.

    550, 551 and 553 are given to spam and policy too, so a mailbox counts as gone only where the
    enhanced code says that there is none: its owner is then told by another way.
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
