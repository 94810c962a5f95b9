"""Tests of the lists of messages that people read, on both databases."""

from datetime import timedelta

import pytest

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.notification import About, Notification
from ewarn.store.database.engine import Store
from ewarn.store.delivery import deliveries, notifications, outbox
from ewarn.store.delivery.outbox import AttemptResult, Leased
from tests.scores import moment

NOW = moment(0)
HOUR = timedelta(hours=1)


@pytest.fixture
def sent(store: Store) -> Store:
    """Three messages, an hour apart; the first two are about one alert, and one was delivered."""
    for number, thread in enumerate(("a1", "a1", "a2")):
        at = NOW + number * HOUR
        message = Message(f"msg_{number}", "log", "desk", "subject", "text", {}, at)
        told = Notification(f"n{number}", "log:desk", About.ALERT, thread, False, {}, at, at)
        with store.write() as connection:
            notifications.add(connection, [told])
            outbox.enqueue(connection, [("log:desk", message)])
            notifications.leave(connection, [told.id], message.id)
            if number == 0:
                leased = Leased(message, 0, "log:desk", at + HOUR)
                done = Receipt(Outcome.DELIVERED, "")
                result = AttemptResult(leased, done, at + 2 * HOUR, outbox.DELIVERED)
                outbox.record_results(connection, [result])
    return store


def test_messages_of_alerts_as_known_at_a_moment(sent: Store) -> None:
    with sent.read() as connection:
        found = deliveries.of_threads(connection, ["a1"], NOW + 3 * HOUR)
        early = deliveries.of_threads(connection, ["a1", "a2"], NOW + HOUR)
        nothing = deliveries.of_threads(connection, [], NOW + 3 * HOUR)
        (at_once,) = deliveries.of_threads(connection, ["a2"], NOW + 2 * HOUR)
        first, *_ = deliveries.of_threads(connection, ["a1"], NOW + 2 * HOUR)
    assert [(each.id, each.delivered_at, each.state) for each in found] == [
        ("msg_0", NOW + 2 * HOUR, "delivered"),
        ("msg_1", None, "waiting"),
    ]
    assert [(each.id, each.delivered_at) for each in early] == [("msg_0", None), ("msg_1", None)]
    assert nothing == []
    assert (at_once.id, first.delivered_at) == ("msg_2", NOW + 2 * HOUR), "at the very moment"


def test_a_message_with_several_changes_of_an_alert_is_one_message(sent: Store) -> None:
    more = Notification("n9", "log:desk", About.ALERT, "a1", False, {"change": "raised"}, NOW, NOW)
    with sent.write() as connection:
        notifications.add(connection, [more])
        notifications.leave(connection, ["n9"], "msg_0")
        found = deliveries.of_threads(connection, ["a1"], NOW + 3 * HOUR)
    assert [(each.id, each.change) for each in found] == [
        ("msg_0", ""),
        ("msg_0", "raised"),
        ("msg_1", ""),
    ]
    assert [each.id for each in deliveries.messages_of(found)] == ["msg_0", "msg_1"]


def test_messages_are_counted_by_endpoint_and_state(sent: Store) -> None:
    with sent.read() as connection:
        counted = deliveries.counted_since(connection, NOW - HOUR)
        later = deliveries.counted_since(connection, NOW + HOUR)
    assert [(each.endpoint, each.state, each.number, each.last) for each in counted] == [
        ("log:desk", "delivered", 1, NOW),
        ("log:desk", "waiting", 2, NOW + 2 * HOUR),
    ]
    assert [(each.state, each.number) for each in later] == [("waiting", 1)]
