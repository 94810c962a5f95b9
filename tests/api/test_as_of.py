"""Tests of `as_of`: a day means its end in every route, and today means now."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from ewarn.alerting.acts import close
from ewarn.domain.score import Score
from ewarn.domain.time import midnight
from ewarn.pipeline.alerts.manual_actions import act
from tests.api.client import Client
from tests.api.world import LAST_ORIGIN, NOW, World, scores_of

TODAY = NOW.date().isoformat()
TOMORROW = (NOW + timedelta(days=1)).date().isoformat()
NOON = NOW - timedelta(days=4)
DAY = NOON.date()  # a Thursday
ROUTES = (
    "/v1/scores",
    "/v1/scores/history",
    "/v1/alerts",
    "/v1/alerts/a1",
    "/v1/events",
    "/v1/deployments",
    "/v1/deployments/d1",
    "/v1/recommendations",
    "/v1/recommendations/r1",
    "/v1/regions/TGO/brief",
    "/v1/regions/TGO/series",
    "/v1/regions/TGO/slowing",
    "/v1/models/invented/scorecard",
    "/v1/sources",
    "/v1/events/invented/TGO-59-0/versions",
)


def told(answer: Response) -> dict[str, Any]:
    """Return an answer without the link to its next page, which repeats the request."""
    body: dict[str, Any] = answer.json()
    return {name: value for name, value in body.items() if name != "next"}


@pytest.mark.parametrize("path", ROUTES)
def test_a_day_includes_all_of_it(client: Client, path: str) -> None:
    whole = client.get(f"{path}?as_of={DAY}")
    last = client.get(f"{path}?as_of={DAY}T23:59:59.999999Z")
    assert whole.status_code == last.status_code
    assert told(whole) == told(last)


@pytest.mark.parametrize("path", ROUTES)
def test_today_is_now_and_tomorrow_is_refused(world: World, client: Client, path: str) -> None:
    now, today = client.get(path), client.get(f"{path}?as_of={TODAY}")
    assert (now.status_code, told(now)) == (today.status_code, told(today))
    assert client.get(f"{path}?as_of={TOMORROW}").status_code == 400
    late = client.get(f"{path}?as_of={TODAY}T18:00:00Z")
    assert late.status_code == 400, "a moment is that moment"
    world.clock.now = midnight(NOW.date())
    assert client.get(f"{path}?as_of={TODAY}").status_code == client.get(path).status_code


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/alerts"])
def test_the_tag_of_today_is_no_history(world: World, client: Client, path: str) -> None:
    path = f"{path}?as_of={TODAY}"
    before = client.get(path)
    assert before.headers["cache-control"] == "private, max-age=60"
    world.clock.now = NOW + timedelta(hours=1)
    act(world.service(), "a1", (), lambda it: close(it, "X", world.clock(), "x"), world.clock())
    world.add_scores(another_run(), world.clock())
    after = client.get(path, {"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.text != before.text


def another_run() -> list[Score]:
    """Store one more run of invented scores."""
    return [replace(each, probability=0.5) for each in scores_of(LAST_ORIGIN)]


def test_pages_of_today_go_on(client: Client) -> None:
    whole = client.items("/v1/scores?level=country")
    assert client.items(f"/v1/scores?level=country&limit=3&as_of={TODAY}") == whole


def test_an_alert_closed_by_hand_is_closed_on_that_day(world: World, client: Client) -> None:
    done = act(world.service(), "a1", (), lambda it: close(it, "X", NOON, "a copy"), NOON)
    assert NOON.weekday() == 3, "no Monday"
    assert done.alert.closed_on == DAY

    def state(day: object) -> tuple[str, str | None]:
        found = client.get(f"/v1/alerts/a1?as_of={day}").json()
        return found["state"], found["closed_on"]

    assert state(DAY - timedelta(days=1)) == ("open", None)
    assert state(DAY) == ("closed", str(DAY))
    assert state(f"{DAY}T11:59:59Z") == ("open", None)
    assert client.items(f"/v1/alerts?state=open&as_of={DAY}") == []
    assert [each["id"] for each in client.items(f"/v1/alerts?state=closed&as_of={DAY}")] == [
        "a1",
        "a0",
    ]
