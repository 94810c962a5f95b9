"""Tests of mail with a real SMTP server and TLS: what is sent, and what follows each answer."""

import email
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.notify.channels.email import EmailNotifier, MailServer, Security, check_authority
from ewarn.notify.channels.mail_address import address_of
from ewarn.notify.messages.compose import compose
from tests.certificates import Authority
from tests.listening import Listener
from tests.notifications import BASE, NOW, alert_notification, recipient

WORD = "invented-word"


class Postmaster:
    """Takes mail, or answers as it is told at one step."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.taken: list[Envelope] = []

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if "DATA" not in self.answers:
            self.taken.append(envelope)
        return self.answers.get("DATA", "250 OK")

    async def handle_QUIT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        return self.answers.get("QUIT", "221 Bye")


def login(server: SMTP, session: Session, envelope: Envelope, way: str, given: Any) -> AuthResult:
    is_known = (given.login, given.password) == (b"dakar", WORD.encode())
    return AuthResult(success=is_known, handled=False)


@pytest.fixture
def postmaster() -> Postmaster:
    return Postmaster()


@pytest.fixture
def box(postmaster: Postmaster, authority: Authority) -> Iterator[MailServer]:
    """A server that asks for STARTTLS and a login before it takes anything."""
    controller = Controller(
        postmaster,
        hostname="127.0.0.1",
        port=_free_port(),
        tls_context=authority.server("127.0.0.1"),
        require_starttls=True,
        auth_required=True,
        authenticator=login,
    )
    controller.start()
    yield MailServer(
        host="127.0.0.1",
        port=controller.port,
        sender="Éwarn <ewarn@example.org>",
        user="dakar",
        password=WORD,
        authority=authority.file,
    )
    controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def message(to: str = "desk@example.org", **others: Any) -> Message:
    told = compose(recipient("fr", channel="email"), [alert_notification(language="fr")], NOW, BASE)
    return replace(told, recipient=to, **others)


def sent(box: MailServer, told: Message | None = None) -> Receipt:
    return EmailNotifier(box, timeout=2).send(told or message(), NOW)


def read(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    found = email.message_from_bytes(envelope.content, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_mail_says_the_same_in_text_and_html(box: MailServer, postmaster: Postmaster) -> None:
    told = message()
    receipt = sent(box, told)
    assert receipt.outcome is Outcome.DELIVERED, receipt.detail
    (envelope,) = postmaster.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("ewarn@example.org", ["desk@example.org"])
    mail = read(envelope)
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert plain.get_content().replace("\r\n", "\n").strip() == told.text
    assert html.get_content().replace("\r\n", "\n").strip() == told.html
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert mail["subject"] == told.subject
    assert "é" in mail["subject"]
    assert mail["from"] == "Éwarn <ewarn@example.org>"
    assert mail["message-id"] == f"<{told.id}@example.org>"
    assert mail["date"].datetime == NOW
    assert mail["auto-submitted"] == "auto-generated"
    assert envelope.content == envelope.content.decode("ascii").encode()  # type: ignore[union-attr]


def test_a_repeat_is_the_same_mail(box: MailServer, postmaster: Postmaster) -> None:
    told = message()
    sent(box, told)
    sent(box, told)
    first, again = map(read, postmaster.taken)
    assert first["message-id"] == again["message-id"]


def test_nothing_in_a_header_begins_another_one(box: MailServer, postmaster: Postmaster) -> None:
    told = message(subject="Togo\r\nBcc: other@example.org\r\n\r\nbody")
    sent(box, told)
    (mail,) = map(read, postmaster.taken)
    assert mail["bcc"] is None
    assert mail["subject"] == "Togo Bcc: other@example.org body"
    assert postmaster.taken[0].rcpt_tos == ["desk@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "desk",
        "@example.org",
        "desk@",
        "a@example.org, b@example.org",
        "desk@example.org\r\nBcc: x@example.org",
        "Desk <desk@example.org>",
        "désk@example.org",
        "desk@exa mple.org",
    ],
)
def test_what_is_not_one_address_is_refused(
    box: MailServer, postmaster: Postmaster, address: str
) -> None:
    assert sent(box, message(address)).outcome is Outcome.REFUSED
    assert postmaster.taken == []


def test_a_domain_may_have_any_letters() -> None:
    assert address_of("desk@bücher.example").addr_spec == "desk@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("RCPT", "450 4.2.1 busy", Outcome.RETRY),
        ("RCPT", "550 5.1.1 no such user", Outcome.GONE),
        ("RCPT", "553 5.1.3 bad address", Outcome.GONE),
        ("RCPT", "550 5.7.1 blocked by policy", Outcome.REFUSED),
        ("RCPT", "550 no", Outcome.REFUSED),
        ("RCPT", "552 5.2.2 mailbox full", Outcome.REFUSED),
        ("MAIL", "451 4.3.0 later", Outcome.RETRY),
        ("MAIL", "553 5.7.1 not yours", Outcome.REFUSED),
        ("DATA", "452 4.3.1 full", Outcome.RETRY),
        ("DATA", "554 5.7.1 spam", Outcome.REFUSED),
        ("QUIT", "421 4.3.2 going down", Outcome.DELIVERED),
    ],
)
def test_each_answer_asks_for_what_it_asks_for(
    box: MailServer, postmaster: Postmaster, step: str, answer: str, outcome: Outcome
) -> None:
    postmaster.answers[step] = answer
    receipt = sent(box)
    assert receipt.outcome is outcome, receipt.detail
    assert outcome is Outcome.DELIVERED or answer[:3] in receipt.detail
    assert len(postmaster.taken) == (outcome is Outcome.DELIVERED)


def test_a_wrong_login_waits_for_the_operator_and_tells_no_password(
    box: MailServer, postmaster: Postmaster
) -> None:
    receipt = sent(replace(box, password="another-word"))
    assert receipt.outcome is Outcome.RETRY
    assert "login" in receipt.detail
    assert "another-word" not in receipt.detail
    assert WORD not in repr(box)


def test_a_certificate_of_an_unknown_authority_is_refused(
    box: MailServer, postmaster: Postmaster
) -> None:
    receipt = sent(replace(box, authority=None))
    assert receipt.outcome is Outcome.RETRY
    assert "certificate" in receipt.detail
    assert postmaster.taken == []


def test_a_certificate_of_another_name_is_refused(box: MailServer, postmaster: Postmaster) -> None:
    receipt = sent(replace(box, host="localhost"))
    assert receipt.outcome is Outcome.RETRY
    assert "certificate" in receipt.detail
    assert postmaster.taken == []


def test_tls_may_be_spoken_from_the_first_byte(
    listen: Callable[..., Listener], authority: Authority, box: MailServer
) -> None:
    seen: list[bytes] = []
    server = listen(_smtp(seen, [b"250 OK"] * 5), authority.server("127.0.0.1"))
    direct = replace(box, port=server.port, security=Security.TLS, user="")
    assert sent(direct).outcome is Outcome.DELIVERED
    assert b"mail FROM" in b"".join(seen)


def test_a_server_without_starttls_is_not_trusted_with_anything(
    listen: Callable[..., Listener], box: MailServer
) -> None:
    seen: list[bytes] = []
    server = listen(_smtp(seen, [b"250 OK"] * 5))
    receipt = sent(replace(box, port=server.port))
    assert receipt.outcome is Outcome.RETRY
    assert "STARTTLS" in receipt.detail
    assert not re.search(rb"AUTH|MAIL|DATA", b"".join(seen).upper())


def _smtp(seen: list[bytes], answers: list[bytes]) -> Callable[[socket.socket], None]:
    """A server of few words: the next answer to each command; it hangs up when they run out."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 invented\r\n")
        left, is_data = list(answers), False
        with connection.makefile("rb") as lines:
            for line in lines:
                seen.append(line)
                if is_data and line != b".\r\n":
                    continue
                is_data = line.upper() == b"DATA\r\n"
                if not left:
                    return
                said = left.pop(0)
                connection.sendall((b"354 go on" if is_data else said) + b"\r\n")

    return talk


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_one_that_hangs_up_at_any_step_is_tried_again(
    listen: Callable[..., Listener], box: MailServer, steps: int
) -> None:
    server = listen(_smtp([], [b"250 OK"] * steps))
    plain = replace(box, port=server.port, security=Security.NONE, user="")
    receipt = sent(plain)
    assert receipt.outcome is Outcome.RETRY
    assert receipt.detail.startswith("no mail server")


def test_one_that_says_nothing_is_left_in_time(
    listen: Callable[..., Listener], box: MailServer
) -> None:
    server = listen(lambda connection: connection.recv(1) and None)
    mute = replace(box, port=server.port, security=Security.NONE, user="")
    assert EmailNotifier(mute, timeout=0.2).send(message(), NOW).outcome is Outcome.RETRY


def test_one_that_is_down_is_tried_again(box: MailServer) -> None:
    assert sent(replace(box, port=_free_port())).outcome is Outcome.RETRY


@pytest.mark.parametrize(
    ("host", "security", "is_protected"),
    [
        ("mail.example.org", Security.STARTTLS, True),
        ("mail.example.org", Security.TLS, True),
        ("mail.example.org", Security.NONE, False),
        ("mail.example.org", Security.NONE_ANYWHERE, True),
        ("localhost", Security.NONE, True),
        ("::1", Security.NONE, True),
        ("10.0.0.1", Security.NONE, False),
    ],
)
def test_clear_text_stays_on_this_machine(
    host: str, security: Security, is_protected: bool
) -> None:
    assert MailServer(host, 25, "e@example.org", security).is_protected == is_protected


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    file = tmp_path / "empty.pem"
    file.write_text("nothing")
    with pytest.raises(ValueError, match=r"empty\.pem holds no certificates"):
        check_authority(file)
