import ipaddress

import pytest

from ewarn.errors import DeliveryError
from ewarn.notify.addresses import may_dial, networks, resolve


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert may_dial(ipaddress.ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_addresses_inside_are_refused_in_every_form(address: str) -> None:
    assert not may_dial(ipaddress.ip_address(address), ())


def test_the_operator_may_allow_a_network() -> None:
    allowed = networks(["127.0.0.0/8"])
    assert resolve("127.0.0.1", 80, allowed) == (ipaddress.ip_address("127.0.0.1"),)


def test_a_name_that_lies_inside_is_refused_by_its_address() -> None:
    with pytest.raises(DeliveryError, match="is not a public address"):
        resolve("localhost", 80, ())
