from datetime import UTC, datetime, timedelta

import pytest

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.notify.retry import DELAYS, after

NOW = datetime(2020, 1, 6, tzinfo=UTC)


def test_a_retry_waits_its_delay_give_or_take_a_fifth() -> None:
    for attempt, delay in enumerate(DELAYS, start=1):
        verdict = after(Receipt(Outcome.RETRY, ""), attempt, "msg_1", NOW)
        assert verdict.state == "waiting"
        assert verdict.next_attempt_at is not None
        assert 0.8 * delay <= verdict.next_attempt_at - NOW <= 1.2 * delay


def test_messages_do_not_all_come_back_at_once() -> None:
    waits = {
        after(Receipt(Outcome.RETRY, ""), 1, f"msg_{number}", NOW).next_attempt_at
        for number in range(20)
    }
    assert len(waits) == 20


def test_a_receiver_may_ask_for_more_time_but_not_for_less() -> None:
    longer = after(Receipt(Outcome.RETRY, "", 3600), 1, "msg_1", NOW)
    shorter = after(Receipt(Outcome.RETRY, "", 0), 1, "msg_1", NOW)
    assert longer.next_attempt_at == NOW + timedelta(hours=1)
    assert shorter.next_attempt_at is not None
    assert shorter.next_attempt_at >= NOW + timedelta(seconds=4)


@pytest.mark.parametrize(
    ("outcome", "attempts", "state"),
    [
        (Outcome.DELIVERED, 3, "delivered"),
        (Outcome.REFUSED, 1, "dead"),
        (Outcome.GONE, 1, "dead"),
        (Outcome.RETRY, len(DELAYS) + 1, "dead"),
    ],
)
def test_the_rest_is_final(outcome: Outcome, attempts: int, state: str) -> None:
    assert after(Receipt(outcome, ""), attempts, "msg_1", NOW).state == state
