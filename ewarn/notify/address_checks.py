"""What may be an address of each channel, decided when somebody names it, before anything is sent.

Names are not looked up here: what a name leads to is decided each time it is dialled.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from ewarn.domain.text import is_written
from ewarn.notify.addresses import Network, may_dial
from ewarn.notify.mail_address import address_of

LONGEST = 500
# Services of Apprise that answer at their own, fixed addresses, whatever the URL says.
OFFICIAL = frozenset(
    (
        *("46elks", "atalk", "bulksms", "clicksend", "d7sms", "discord", "flock", "gchat"),
        *("msgbird", "nexmo", "pagerduty", "pover", "slack", "tgram", "threema", "twilio"),
        *("vonage", "webex", "whatsapp", "wxteams"),
    )
)
# Those that stand at a host which the URL names. The `s` at the end stands for TLS, except in
# `workflow`, which is always spoken with it.
HOSTED = frozenset(["gotify", "mmost", "nctalk", "ntfy", "rocket", "signal", "synology"])
_ALWAYS_TLS = frozenset({"workflow", "workflows"})
SCHEMES = OFFICIAL | HOSTED | {f"{name}s" for name in HOSTED} | _ALWAYS_TLS

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
# Last labels that the public's names never have: RFC 2606, 6761, 6762, 7686, 8375 and 9476, and
# those in use inside networks, of clusters among them.
_INSIDE = frozenset(
    (
        *("localhost", "test", "invalid", "example", "local", "onion", "arpa", "alt", "internal"),
        *("intranet", "lan", "home", "corp", "mail", "private", "localdomain", "localdomain6"),
        *("localnet", "homenet", "workgroup", "domain", "svc", "cluster", "consul", "docker"),
    )
)
_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443, 8888, 9443})  # of HTTP, at public addresses
_FIRST_FREE_PORT = 1024
# Above it, other protocols (fetch.spec.whatwg.org, "bad ports", and databases, queues, clusters).
_OTHER_PROTOCOLS = frozenset(
    (
        *(1433, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659),
        *(4045, 4190, 5060, 5061, 5432, 5433, 5672, 5900, 5984, 6000, 6379, 6443, 6566, 6665, 6666),
        *(6667, 6668, 6669, 6679, 6697, 7000, 8500, 9042, 9092, 9200, 9300, 10080, 10250, 11211),
        *(27017, 27018, 50000),
    )
)


def check_address(channel: str, address: str, allowed: Sequence[Network] = ()) -> None:
    """Raises ValueError, with a sentence, where an address cannot be one of a channel.

    `allowed` are networks beyond the public ones that the operator lets be dialled.
    """
    if not is_written(address) or not address.strip() or address != address.strip():
        raise ValueError("an address is one line, without spaces around it")
    if len(address) > LONGEST:
        raise ValueError(f"an address has {LONGEST} characters at most")
    check = _CHECKS.get(channel)
    if check is not None:
        check(address, allowed)


def canonical(channel: str, address: str) -> str:
    """An address in the one way it is kept and counted; it was checked before."""
    return address_of(address).addr_spec if channel == "email" else address


def known_channels() -> tuple[str, ...]:
    """The channels whose addresses are checked here."""
    return tuple(sorted(_CHECKS))


def _check_url(address: str, allowed: Sequence[Network]) -> None:
    """A URL that can be posted to."""
    example = "a webhook's address is a URL such as https://receiver.example.org/alerts"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(example) from None
    if parts.scheme not in ("http", "https") or not host or not address.isascii():
        raise ValueError(example)
    if " " in address or "\\" in address:
        raise ValueError(example)
    if "@" in parts.netloc:
        raise ValueError("a webhook's address holds no name or password; it is signed instead")
    if "#" in address:
        raise ValueError("a webhook's address has no part after #")
    _check_host(host, allowed)
    _check_port(port, allowed)


def _check_port(port: int | None, allowed: Sequence[Network]) -> None:
    """Ports of HTTP; any that no other protocol has, where the operator allows more networks."""
    is_free = port is None or (port >= _FIRST_FREE_PORT and port not in _OTHER_PROTOCOLS)
    if port in _PORTS or (is_free and (allowed or port is None)):
        return
    raise ValueError(
        f"nothing is sent to port {port}: use one of {', '.join(map(str, sorted(_PORTS)))}"
    )


def _check_host(host: str, allowed: Sequence[Network]) -> None:
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        _check_name(host, allowed)
        return
    if not may_dial(literal, allowed):
        raise ValueError(
            "a webhook goes to public addresses only, unless the operator allows others with "
            "EWARN_WEBHOOK_ALLOW"
        )


def _check_name(host: str, allowed: Sequence[Network]) -> None:
    labels = host.removesuffix(".").split(".")
    is_name = all(_LABEL.fullmatch(label) for label in labels) and len(host) <= 253
    if not is_name or _NUMBER.fullmatch(labels[-1]):
        raise ValueError(f"{host[:60]!r} is no name of a host, nor an address written in full")
    if not allowed and is_inside(host):
        raise ValueError(
            f"{host[:60]!r} is a name inside some network; the operator may allow such networks "
            "with EWARN_WEBHOOK_ALLOW"
        )


def is_inside(host: str) -> bool:
    """Whether the name of a host means nothing to the public."""
    labels = host.lower().removesuffix(".").split(".")
    return len(labels) == 1 or labels[-1] in _INSIDE


def _check_mail(address: str, allowed: Sequence[Network]) -> None:
    domain = address_of(address).domain
    if not allowed and is_inside(domain):
        raise ValueError(f"{domain[:60]!r} is no domain that takes mail from the public")


def _check_apprise(address: str, allowed: Sequence[Network]) -> None:
    scheme, separator, rest = address.partition("://")
    if " " in address or "attach=" in address.lower():
        raise ValueError("an address of apprise holds no spaces and attaches nothing")
    if scheme.lower() not in SCHEMES or not separator or not rest:
        raise ValueError(f"an address of apprise begins with one of {', '.join(sorted(SCHEMES))}")
    if scheme.lower().removesuffix("s") in HOSTED:
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host:
            raise ValueError(f"{scheme}:// is followed by the host that it stands at")
        _check_host(host, allowed)
        _check_port(port, allowed)


def _check_nothing(_address: str, _allowed: Sequence[Network]) -> None:
    pass


_CHECKS: Mapping[str, Callable[[str, Sequence[Network]], None]] = {
    "alertmanager": _check_url,
    "apprise": _check_apprise,
    "email": _check_mail,
    "log": _check_nothing,
    "webhook": _check_url,
}
