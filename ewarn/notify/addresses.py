"""Which network addresses a webhook may be sent to, decided when it is dialled.

A name is resolved once and the very addresses that were checked are those connected to, so a name
that answers differently a moment later gains nothing.
"""

import ipaddress
import socket
from collections.abc import Sequence

from ewarn.errors import DeliveryError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks written as CIDR; raises ValueError."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def resolve(host: str, port: int, allowed: Sequence[Network]) -> tuple[Address, ...]:
    """The addresses of a host, in the order to try them, if all of them may be dialled.

    Raises DeliveryError if the name is unknown or any address is not public and not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"the name {host!r} cannot be resolved: {error}") from None
    addresses = [ipaddress.ip_address(item[4][0]) for item in found]
    for address in addresses:
        if not may_dial(address, allowed):
            raise DeliveryError(
                f"{host!r} lies at {address}, which is not a public address; "
                "the operator may allow it with EWARN_WEBHOOK_ALLOW"
            )
    return tuple(dict.fromkeys(addresses))


def may_dial(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address is public, in every form it hides in, or explicitly allowed."""
    if any(address.version == network.version and address in network for network in allowed):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return may_dial(inner, allowed)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast
