"""Tests that reviews, ends and standing situations leave a message for a new alert."""

from datetime import timedelta

import pytest

from ewarn.alerting.acts import close
from ewarn.domain.notification import About, News
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.delivery.notifications import notify
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from tests.pipeline.weeks import HOUR, play, recipient, told_to
from tests.scores import moment

DAY = timedelta(days=1)


def _review(service: Service, number: int, hours: float) -> int:
    """Notify of an overdue review. Return how many messages leave."""
    now = moment(0) + hours * HOUR
    facts = {
        "type": "follow-up.review",
        "id": f"d{number}",
        "kind": "review",
        "title": "an invented title",
        "country": "TGO",
        "country_name": "Togo",
        "due_on": "2020-01-01",
        "days_overdue": 5,
        "at": now.isoformat(),
        "link": "",
    }
    news = News(About.FOLLOW_UP, f"review:{number}", "due", ("TGO",), lambda _: facts)
    with service.store.write() as connection:
        notify(connection, service, [news], now)
    return len(compose_due(service, now))


@pytest.mark.parametrize("most", [1, 2, 3])
def test_however_many_reviews_came_before_an_alert_leaves_at_once(
    service: Service, most: int
) -> None:
    desk = told_to(service, recipient(pace={"most_a_day": most}))
    sent = sum(_review(desk, number, number / 10) for number in range(6))
    assert sent == max(1, most - 1)
    (message,) = play(desk, 0, {"TG-M": 0.3}, hours=1).messages
    assert "TG-M" in str(message.body)
    assert len(message.body["items"]) == 1 + 6 - sent, "what waits goes along"


def test_so_it_is_after_an_end_that_a_person_made(service: Service) -> None:
    desk = told_to(service, recipient(pace={"most_a_day": 1}))
    play(desk, 0, {"TG-C": 0.3})
    with service.store.read() as connection:
        (first,) = alerts.standing(connection)
    now = moment(0) + 2 * DAY
    act(desk, first.id, (), lambda it: close(it, "Dakar", now, "a copy"), now)
    (message,) = play(desk, 0, {"TG-M": 0.3}, hours=49).messages
    assert "TG-M" in str(message.body)


def test_alerts_themselves_keep_to_the_budget(service: Service) -> None:
    desk = told_to(service, recipient(pace={"most_a_day": 1}))
    assert len(play(desk, 0, {"TG-C": 0.3}).messages) == 1
    assert play(desk, 0, {"TG-M": 0.3}, hours=1).messages == ()
