"""Tests of which addresses each channel accepts, and which are refused before anything is sent."""

import pytest

from ewarn.notify.channels.address_checks import check_address, known_channels
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.registry import NOTIFIERS

LOOPBACK = networks(["127.0.0.0/8"])


def test_the_addresses_of_every_channel_are_checked() -> None:
    assert set(known_channels()) == set(NOTIFIERS)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("webhook", "https://receiver.example.org/alerts"),
        ("webhook", "http://receiver.example.org:8080/alerts?desk=dakar"),
        ("webhook", "https://xn--lom-dma.example.org/in"),
        ("webhook", "https://93.184.216.34/in"),
        ("webhook", "https://[2606:2800:220:1::1]/in"),
        ("alertmanager", "https://alerts.example.org/api"),
        ("email", "desk@example.org"),
        ("email", "desk+togo@sub.example.org"),
        ("email", "desk@lomé.example.org"),
        ("apprise", "tgram://token/chat"),
        ("log", "anybody"),
    ],
)
def test_an_address_is_taken(channel: str, address: str) -> None:
    check_address(channel, address)


@pytest.mark.parametrize("channel", ["webhook", "alertmanager"])
@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "gopher://example.org/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://user:word@example.org/",
        "https://example.org/#part",
        "https://exam ple.org/",
        "https://example.org\\@127.0.0.1/",
        "https://lomé.example.org/in",
        "https://-example.org/",
        "http://localhost/",
        "http://intranet/",
        "http://db.internal/",
        "http://printer.local/",
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://168.63.129.16/",
        "http://[::1]/",
        "http://[::127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://0177.0.0.1/",
        "http://example.org/\n",
        "http://example.org/\x00",
        " http://example.org/",
        "",
        "https://example.org/" + "x" * 500,
    ],
)
def test_no_address_of_a_webhook(channel: str, address: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ .*\w"):
        check_address(channel, address)


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "desk@",
        "@example.org",
        "desk@localhost",
        "desk@example..org",
        "desk@example.org, other@example.org",
        "desk@example.org\nBcc: other@example.org",
        "Desk <desk@example.org>",
        "desk@[127.0.0.1]",
        '"a b"@example.org',
        "postmaster@169.254.169.254",
        "a@b.12",
        "a@b.--",
        "-a@example.org",
        "x" * 65 + "@example.org",
    ],
)
def test_no_mail_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"mail address|one line"):
        check_address("email", address)


@pytest.mark.parametrize(
    "address",
    [
        *("nonsense", "file:///etc/passwd", "json://example.org", "slack://", "ntfy://127.0.0.1/x"),
        *("ntfy://169.254.169.254/x", "ntfy://localhost/x", "ntfys://u:p@10.0.0.1/t", "ntfy:///x"),
        *("ntfy://[::1]/x", "ntfy://a b", "tgram://a/b?attach=file:///etc/passwd"),
    ],
)
def test_no_address_of_apprise(address: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ .*\w"):
        check_address("apprise", address)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8009/", "http://receiver/", "http://a.local/", "http://receiver:39123/"],
)
def test_what_the_operator_allows_is_taken(address: str) -> None:
    check_address("webhook", address, LOOPBACK)


INSIDE = [
    *(
        "localhost",
        "localhost.localdomain",
        "LOCALHOST.",
        "db",
        "receiver.test",
        "receiver.invalid",
    ),
    *("receiver.example", "metadata.google.internal", "printer.local", "nas.lan", "nas.home.arpa"),
    *(
        "kubernetes.default.svc",
        "api.default.svc.cluster.local",
        "web.corp",
        "1.0.0.127.in-addr.arpa",
    ),
    *("host.docker.internal", "hidden.onion", "a.private", "a.Example.", "xn--lom-dma.test"),
]


@pytest.mark.parametrize("host", INSIDE)
def test_a_name_inside_some_network_is_refused_in_every_channel(host: str) -> None:
    for channel, address in (
        ("webhook", f"https://{host}/in"),
        ("alertmanager", f"http://{host}:8080/in"),
        ("apprise", f"ntfys://{host}/topic"),
    ):
        with pytest.raises(ValueError, match="is a name of a private network"):
            check_address(channel, address)
        check_address(channel, address, LOOPBACK)
    with pytest.raises(ValueError, match=r"not a domain that accepts mail|not one mail address"):
        check_address("email", f"desk@{host}")


@pytest.mark.parametrize(
    "port", [0, 1, 21, 22, 23, 25, 53, 110, 143, 445, 465, 587, 3306, 5432, 6379]
)
def test_a_port_of_another_protocol_is_refused(port: int) -> None:
    for channel, address in (
        ("webhook", f"https://receiver.example.org:{port}/in"),
        ("apprise", f"ntfy://receiver.example.org:{port}/topic"),
    ):
        for allowed in ((), LOOPBACK):
            with pytest.raises(
                ValueError, match=f"nothing is sent to port {port}: use one of 80, "
            ):
                check_address(channel, address, allowed)


@pytest.mark.parametrize("address", ["https://example.org:9999/", "https://example.org/#"])
def test_what_is_no_address_of_http_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"port 9999|no part after #"):
        check_address("webhook", address)
