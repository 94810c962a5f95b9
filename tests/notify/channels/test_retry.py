from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.notify.channels.retry import DELAYS, decide_retry

NOW = datetime(2020, 1, 6, tzinfo=UTC)


@given(st.text(), st.integers(1, len(DELAYS)), st.none() | st.floats(0, 10**6))
def test_a_retry_waits_its_delay_give_or_take_a_fifth_or_what_was_asked_for(
    message: str, attempt: int, asked: float | None
) -> None:
    delay, least = DELAYS[attempt - 1], timedelta(seconds=asked or 0)
    verdict = decide_retry(Receipt(Outcome.RETRY, "", asked), attempt, message, NOW)
    assert verdict.state == "waiting"
    assert verdict.next_attempt_at is not None
    waits = verdict.next_attempt_at - NOW
    assert max(0.8 * delay, least) <= waits <= max(1.2 * delay, least)


def test_messages_do_not_all_come_back_at_once() -> None:
    found = {
        decide_retry(Receipt(Outcome.RETRY, ""), 1, f"msg_{number}", NOW).next_attempt_at
        for number in range(20)
    }
    waits = sorted((at - NOW) / DELAYS[0] for at in found if at is not None)
    assert len(waits) == 20
    assert waits[0] < 0.9
    assert waits[-1] > 1.1


def test_a_message_waits_as_long_whoever_asks() -> None:
    again = [
        decide_retry(Receipt(Outcome.RETRY, ""), attempt, "msg_1", NOW).next_attempt_at
        for attempt in (1, 2)
    ]
    waits = [(at - NOW).total_seconds() for at in again if at is not None]
    assert waits == [4.774299, 348.575439]


def test_a_receiver_may_ask_for_more_time_but_not_for_less() -> None:
    longer = decide_retry(Receipt(Outcome.RETRY, "", 3600), 1, "msg_1", NOW)
    shorter = decide_retry(Receipt(Outcome.RETRY, "", 0), 1, "msg_1", NOW)
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
    assert decide_retry(Receipt(outcome, ""), attempts, "msg_1", NOW).state == state
