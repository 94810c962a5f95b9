"""Which network addresses a webhook may be sent to, decided when it is dialled.

A name is resolved once and the very addresses that were checked are those connected to, so a name
that answers differently a moment later gains nothing.
"""

import ipaddress
import socket
from collections.abc import Sequence

import structlog

from ewarn.errors import DeliveryError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NOWHERE = (
    "the name {!r} leads to no public address; check it, or ask the operator, who may allow "
    "other networks with EWARN_WEBHOOK_ALLOW"
)
_log = structlog.get_logger("ewarn.notify")

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# The only part of IPv6 that is given out to the public (RFC 4291, IANA's registry).
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# What is never dialled, whatever Python's own lists say: they change with its versions, and hold
# what is special to the internet, not what is special to a data centre.
_DENIED = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        "168.63.129.16/32",  # the host of a virtual machine at Azure
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
# Interface identifiers of ISATAP (RFC 5214): an IPv4 address lies in the last four bytes.
_ISATAP = (0x00005EFE, 0x02005EFE)


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks written as CIDR; raises ValueError."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def resolve(host: str, port: int, allowed: Sequence[Network]) -> tuple[Address, ...]:
    """The addresses of a host, in the order to try them, if all of them may be dialled.

    Raises DeliveryError if the name is unknown or any address is not public and not allowed: in
    the same words, so that nobody learns from a refusal what names there are inside. The log of the
    operator says which it was.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        _log.warning("a name cannot be resolved", host=host, error=str(error))
        raise DeliveryError(_NOWHERE.format(host)) from None
    addresses = [ipaddress.ip_address(item[4][0]) for item in found]
    if not addresses or not all(may_dial(address, allowed) for address in addresses):
        _log.warning("a name leads to what may not be dialled", host=host, found=addresses)
        raise DeliveryError(_NOWHERE.format(host))
    return tuple(dict.fromkeys(addresses))


def may_dial(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address is public, in every form it hides in, or explicitly allowed."""
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if any(address in network for network in _DENIED if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return may_dial(inner, allowed)
        if address not in _GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for; None if it is one of its own."""
    is_isatap = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    if address.ipv4_mapped is not None or address in _NAT64 or is_isatap:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
