"""Decide at connection time which network addresses a webhook may be sent to.

A name is resolved once, and the connection goes to exactly the addresses that were checked. So a
name that resolves to something else a moment later cannot bypass the check (DNS rebinding).
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
# The only part of IPv6 that is allocated for public use (RFC 4291, IANA's registry).
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Networks that are always refused. Python's own lists are not enough: they change with its
# versions, and they know the special addresses of the internet, not those of a data centre.
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
# Interface identifiers of ISATAP (RFC 5214): the last four bytes are an IPv4 address.
_ISATAP = (0x00005EFE, 0x02005EFE)


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Parse networks in CIDR notation. Raises ValueError for other text."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def resolve(host: str, port: int, allowed: Sequence[Network]) -> tuple[Address, ...]:
    """Return the addresses of a host in the order to try them, if all of them are permitted.

    Raises:
        DeliveryError: The name is unknown, or one of its addresses is neither public nor allowed.
            The text is the same in both cases, so that nobody can find out which names exist in
            a private network. The operator's log says which case it was.
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
    """Return whether an address is public or explicitly allowed.

    An IPv6 address that embeds an IPv4 address is judged by the embedded one.
    """
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
    """Return the IPv4 address embedded in an IPv6 address, or None if there is none."""
    is_isatap = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    if address.ipv4_mapped is not None or address in _NAT64 or is_isatap:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
