"""Check the addresses of each channel when somebody enters them, before anything is sent.

Host names are not resolved here. The addresses that a name resolves to are checked at each
connection (`addresses.resolve`).
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from ewarn.domain.text import is_written
from ewarn.languages import field_faults
from ewarn.notify.channels.addresses import Network, may_dial
from ewarn.notify.channels.mail_address import address_of

LONGEST = 500
# Services of Apprise with their own, fixed hosts: the URL cannot choose the host.
OFFICIAL = frozenset(
    (
        *("46elks", "atalk", "bulksms", "clicksend", "d7sms", "discord", "flock", "gchat"),
        *("msgbird", "nexmo", "pagerduty", "pover", "slack", "tgram", "threema", "twilio"),
        *("vonage", "webex", "whatsapp", "wxteams"),
    )
)
# Services of Apprise whose host is given in the URL. An `s` at the end of the scheme means TLS.
# `workflow` always uses TLS.
HOSTED = frozenset(["gotify", "mmost", "nctalk", "ntfy", "rocket", "signal", "synology"])
_ALWAYS_TLS = frozenset({"workflow", "workflows"})
SCHEMES = OFFICIAL | HOSTED | {f"{name}s" for name in HOSTED} | _ALWAYS_TLS

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
# Top-level labels that no public host name has: those reserved by RFC 2606, 6761, 6762, 7686, 8375
# and 9476, and those commonly used inside private networks and clusters.
_INSIDE = frozenset(
    (
        *("localhost", "test", "invalid", "example", "local", "onion", "arpa", "alt", "internal"),
        *("intranet", "lan", "home", "corp", "mail", "private", "localdomain", "localdomain6"),
        *("localnet", "homenet", "workgroup", "domain", "svc", "cluster", "consul", "docker"),
    )
)
_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8443, 8888, 9443})  # HTTP at public addresses
_FIRST_FREE_PORT = 1024
# Ports from there on that belong to other protocols: the "bad ports" of fetch.spec.whatwg.org, and
# those of databases, queues and clusters.
_OTHER_PROTOCOLS = frozenset(
    (
        *(1433, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659),
        *(4045, 4190, 5060, 5061, 5432, 5433, 5672, 5900, 5984, 6000, 6379, 6443, 6566, 6665, 6666),
        *(6667, 6668, 6669, 6679, 6697, 7000, 8500, 9042, 9092, 9200, 9300, 10080, 10250, 11211),
        *(27017, 27018, 50000),
    )
)


def check_address(channel: str, address: str, allowed: Sequence[Network] = ()) -> None:
    """Check that an address is valid for a channel and may be sent to.

    Args:
        allowed: Networks that the operator allows in addition to the public ones.

    Raises:
        ValueError: The address is not valid; the text is one sentence for the person who gave it.
    """
    if not is_written(address) or not address.strip() or address != address.strip():
        raise ValueError(field_faults.NOT_ONE_LINE())
    if len(address) > LONGEST:
        raise ValueError(field_faults.ADDRESS_TOO_LONG(most=LONGEST))
    check = _CHECKS.get(channel)
    if check is not None:
        check(address, allowed)


def canonical(channel: str, address: str) -> str:
    """Return the one spelling in which an address is stored and compared.

    The address must have passed `check_address`.
    """
    return address_of(address).addr_spec if channel == "email" else address


def known_channels() -> tuple[str, ...]:
    """Return the names of the channels that have an address check, sorted."""
    return tuple(sorted(_CHECKS))


def _check_url(address: str, allowed: Sequence[Network]) -> None:
    """Require an HTTP URL without credentials and fragment, at an allowed host and port."""
    example = field_faults.NO_WEB_ADDRESS()
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
        raise ValueError(field_faults.WITH_PASSWORD())
    if "#" in address:
        raise ValueError(field_faults.WITH_FRAGMENT())
    _check_host(host, allowed)
    _check_port(port, allowed)


def _check_port(port: int | None, allowed: Sequence[Network]) -> None:
    """Require a usual port of HTTP, or any free port if the operator allows more networks."""
    is_free = port is None or (port >= _FIRST_FREE_PORT and port not in _OTHER_PROTOCOLS)
    if port in _PORTS or (is_free and (allowed or port is None)):
        return
    usual = ", ".join(map(str, sorted(_PORTS)))
    raise ValueError(field_faults.CLOSED_PORT(port=port, ports=usual))


def _check_host(host: str, allowed: Sequence[Network]) -> None:
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        _check_name(host, allowed)
        return
    if not may_dial(literal, allowed):
        raise ValueError(field_faults.NOT_PUBLIC())


def _check_name(host: str, allowed: Sequence[Network]) -> None:
    labels = host.removesuffix(".").split(".")
    is_name = all(_LABEL.fullmatch(label) for label in labels) and len(host) <= 253
    if not is_name or _NUMBER.fullmatch(labels[-1]):
        raise ValueError(field_faults.NO_HOST(host=repr(host[:60])))
    if not allowed and is_inside(host):
        raise ValueError(field_faults.PRIVATE_HOST(host=repr(host[:60])))


def is_inside(host: str) -> bool:
    """Return whether a host name belongs to a private network, so that it has no public meaning."""
    labels = host.lower().removesuffix(".").split(".")
    return len(labels) == 1 or labels[-1] in _INSIDE


def _check_mail(address: str, allowed: Sequence[Network]) -> None:
    domain = address_of(address).domain
    if not allowed and is_inside(domain):
        raise ValueError(field_faults.NO_MAIL_DOMAIN(domain=repr(domain[:60])))


def _check_apprise(address: str, allowed: Sequence[Network]) -> None:
    scheme, separator, rest = address.partition("://")
    if " " in address or "attach=" in address.lower():
        raise ValueError(field_faults.APPRISE_WITH_SPACES())
    if scheme.lower() not in SCHEMES or not separator or not rest:
        raise ValueError(field_faults.APPRISE_SCHEME(known=", ".join(sorted(SCHEMES))))
    if scheme.lower().removesuffix("s") in HOSTED:
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host:
            raise ValueError(field_faults.APPRISE_WITHOUT_HOST(scheme=scheme))
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
