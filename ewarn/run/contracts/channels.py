"""Checks for any channel: call `check_channel("name", channel, address)` in its tests."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.egress.definition.shapes import example_of
from ewarn.egress.messages import MessageBody
from ewarn.ports import Notifier

NOW = datetime(2020, 1, 13, 6, 30, tzinfo=UTC)
BROKEN = ("", "\x00", "x" * 5000, "://", "https://[", "a\r\nb: c", "☃")  # not addresses
LONGEST = 1000  # characters of the detail of a receipt


def check_channel(name: str, notifier: Notifier, address: str) -> None:
    """Check a channel against the protocol `Notifier`, with an address of its kind.

    A receipt must not contain the address, because an address may contain a token.

    Raises:
        AssertionError: A check failed; the text says which.
    """
    assert isinstance(notifier, Notifier), "it implements the protocol of channels"
    assert notifier.name == name == name.lower(), "it has the name that it is registered by"
    assert ":" not in name, "a recipient is written channel:address"
    sent = message(name, address)
    copy = deepcopy(sent)
    receipt = notifier.send(sent, NOW)
    assert sent == copy, "it does not change what it sends"
    assert address not in receipt.detail, "a receipt does not contain the address"
    is_sound(receipt)
    for broken in BROKEN:
        is_sound(notifier.send(replace(sent, recipient=broken), NOW))


def is_sound(receipt: Receipt) -> None:
    """Check that a receipt gives the result in one short line."""
    assert isinstance(receipt.outcome, Outcome)
    assert receipt.detail.strip(), "it says what the result was"
    assert "\n" not in receipt.detail, "it says so in one line"
    assert len(receipt.detail) < LONGEST, "it says so in short"
    assert receipt.retry_after is None or receipt.retry_after >= 0


def message(channel: str, address: str) -> Message:
    """Return an invented message."""
    return Message(
        id="invented-1",
        channel=channel,
        recipient=address,
        subject="[ewarn] Maritime, Togo: an invented alert",
        text="This is invented.\n",
        body=example_of(MessageBody),
        created_at=NOW,
        html="<!doctype html><title>Invented</title><p>This is invented.",
    )
