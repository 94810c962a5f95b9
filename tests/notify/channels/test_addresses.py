"""Tests of which addresses may be connected to: public ones, and what the operator allows."""

import ipaddress
import socket

import pytest

from ewarn.errors import DeliveryError
from ewarn.notify.channels.addresses import may_dial, networks, resolve

PUBLIC, INSIDE = "93.184.216.34", "10.1.2.3"


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"],
)
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert may_dial(ipaddress.ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", INSIDE, "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("224.0.0.1", "0.0.0.0", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.0.8"),
        *("192.0.2.1", "192.88.99.1", "198.51.100.1", "203.0.113.1"),
        "168.63.129.16",  # Azure's host, inside every virtual machine
        *("::", "::1", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "fec0::1"),
        *("::127.0.0.1", "::10.1.2.3", "::93.184.216.34"),  # IPv4-compatible, given up
        *("::ffff:127.0.0.1", "::ffff:168.63.129.16", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a83f:8110", "64:ff9b:1::7f00:1", "64:ff9b:1::5db8:d822"),
        *("2002:7f00:1::1", "2002:5db8:d822::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        *("2606:2800:220:1:0:5efe:7f00:1", "2606:2800:220:1:200:5efe:a01:203"),  # ISATAP
        *("fe80::5efe:127.0.0.1", "2001:db8::1", "2001:10::1", "2001:20::1", "2001:2::1"),
        *("3fff::1", "5f00::1", "100::1", "4000::1", "8000::1", "fe00::1"),
    ],
)
def test_addresses_inside_are_refused_in_every_form(address: str) -> None:
    assert not may_dial(ipaddress.ip_address(address), ())


def test_the_operator_may_allow_a_network() -> None:
    allowed = networks(["127.0.0.0/8", "fd00::/8"])
    assert resolve("127.0.0.1", 80, allowed) == (ipaddress.ip_address("127.0.0.1"),)
    assert may_dial(ipaddress.ip_address("fd00::1"), allowed)
    assert may_dial(ipaddress.ip_address("::ffff:127.0.0.1"), allowed)
    assert not may_dial(ipaddress.ip_address(INSIDE), allowed)


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """A name server that gives these addresses for any name."""
    found = [(0, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: found)


@pytest.mark.parametrize(
    "addresses",
    [(INSIDE,), (PUBLIC, INSIDE), (INSIDE, PUBLIC), (PUBLIC, "::1"), (PUBLIC, "::127.0.0.1"), ()],
)
def test_one_address_inside_bars_a_name(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    answering(monkeypatch, *addresses)
    with pytest.raises(DeliveryError):
        resolve("receiver.example.org", 443, ())


def test_all_public_addresses_of_a_name_are_tried_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(monkeypatch, "2606:2800:220:1::1", PUBLIC, PUBLIC)
    found = resolve("receiver.example.org", 443, ())
    assert [str(address) for address in found] == ["2606:2800:220:1::1", PUBLIC]


def test_a_refusal_tells_neither_where_a_name_lies_nor_whether_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = []
    answering(monkeypatch, INSIDE)
    with pytest.raises(DeliveryError) as inside:
        resolve("receiver.example.org", 443, ())
    said.append(str(inside.value))

    def unknown(*_args: object, **_named: object) -> None:
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DeliveryError) as absent:
        resolve("receiver.example.org", 443, ())
    said.append(str(absent.value))
    assert said[0] == said[1]
    assert INSIDE not in said[0]
