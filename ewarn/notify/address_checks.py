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
_INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa")


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
    if parts.scheme not in ("http", "https") or not host or not address.isascii() or port == 0:
        raise ValueError(example)
    if " " in address or "\\" in address:
        raise ValueError(example)
    if "@" in parts.netloc:
        raise ValueError("a webhook's address holds no name or password; it is signed instead")
    if parts.fragment:
        raise ValueError("a webhook's address has no part after #")
    _check_host(host, allowed)


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
    labels = host.rstrip(".").split(".")
    is_name = all(_LABEL.fullmatch(label) for label in labels) and len(host) <= 253
    if not is_name or _NUMBER.fullmatch(labels[-1]):
        raise ValueError(f"{host[:60]!r} is no name of a host, nor an address written in full")
    if not allowed and (len(labels) == 1 or labels[-1].lower() in _INSIDE):
        raise ValueError(
            f"{host[:60]!r} is a name inside some network; the operator may allow such networks "
            "with EWARN_WEBHOOK_ALLOW"
        )


def _check_mail(address: str, _allowed: Sequence[Network]) -> None:
    address_of(address)


def _check_apprise(address: str, allowed: Sequence[Network]) -> None:
    scheme, separator, rest = address.partition("://")
    if " " in address or "attach=" in address.lower():
        raise ValueError("an address of apprise holds no spaces and attaches nothing")
    if scheme.lower() not in SCHEMES or not separator or not rest:
        raise ValueError(f"an address of apprise begins with one of {', '.join(sorted(SCHEMES))}")
    if scheme.lower().removesuffix("s") in HOSTED:
        try:
            host = urlsplit(address).hostname
        except ValueError:
            host = None
        if not host:
            raise ValueError(f"{scheme}:// is followed by the host that it stands at")
        _check_host(host, allowed)


def _check_nothing(_address: str, _allowed: Sequence[Network]) -> None:
    pass


_CHECKS: Mapping[str, Callable[[str, Sequence[Network]], None]] = {
    "alertmanager": _check_url,
    "apprise": _check_apprise,
    "email": _check_mail,
    "log": _check_nothing,
    "webhook": _check_url,
}
