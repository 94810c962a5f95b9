"""Tests of the shape of Alertmanager's webhooks, version 4, as its own receivers expect it."""

import json
from datetime import datetime
from typing import Any

import pytest

from ewarn.domain.alert import ChangeKind
from ewarn.domain.notification import Notification
from ewarn.domain.region import Level, Region
from ewarn.domain.source import Health
from ewarn.notify.channels.bodies import BYTES_AT_MOST, alertmanager
from ewarn.notify.messages.compose import compose
from tests.notifications import (
    BASE,
    GHANA,
    NOW,
    TOGO,
    alert_notification,
    every,
    recipient,
    source_notification,
)

NEVER = "0001-01-01T00:00:00Z"


def posted(*told: Notification) -> dict[str, Any]:
    raw = alertmanager(compose(recipient(), told, NOW, BASE))
    assert len(raw) <= BYTES_AT_MOST
    found: dict[str, Any] = json.loads(raw)
    return found


def test_a_message_is_one_group_in_the_shape_of_version_4() -> None:
    body = posted(*every().values())
    assert set(body) == {
        "version",
        "groupKey",
        "truncatedAlerts",
        "status",
        "receiver",
        "groupLabels",
        "commonLabels",
        "commonAnnotations",
        "externalURL",
        "alerts",
    }
    assert (body["version"], body["status"], body["truncatedAlerts"]) == ("4", "firing", 0)
    assert body["externalURL"] == BASE
    assert len(body["alerts"]) == len(every())
    for alert in body["alerts"]:
        assert set(alert) == {
            "status",
            "labels",
            "annotations",
            "startsAt",
            "endsAt",
            "generatorURL",
            "fingerprint",
        }
        assert alert["labels"]["alertname"]
        texts = [*alert["labels"].values(), *alert["annotations"].values()]
        assert all(isinstance(text, str) for text in texts)
        assert datetime.fromisoformat(alert["startsAt"]).tzinfo is not None
        assert alert["endsAt"] == NEVER
        assert len(alert["fingerprint"]) == 16
    assert len({alert["fingerprint"] for alert in body["alerts"]}) == len(body["alerts"])


def test_what_alerts_share_stands_once_more_above_them() -> None:
    body = posted(alert_notification(region=TOGO), alert_notification(region=GHANA))
    assert body["commonLabels"] == {
        "alertname": "force-admin1",
        "severity": "high",
        "target": "force",
    }
    assert "region_name" not in body["commonAnnotations"]
    assert body["commonAnnotations"]["reason"] == "probability 0.300 at or above 0.2 for 1 week"


@pytest.mark.parametrize("kind", [ChangeKind.CLOSED, ChangeKind.WITHDRAWN])
def test_what_is_over_is_resolved_under_the_same_fingerprint(kind: ChangeKind) -> None:
    firing = posted(alert_notification(0.5))
    resolved = posted(alert_notification(0.04, kind))
    assert resolved["status"] == resolved["alerts"][0]["status"] == "resolved"
    assert resolved["alerts"][0]["endsAt"] == "2020-01-13T00:30:00+00:00"
    assert resolved["alerts"][0]["fingerprint"] == firing["alerts"][0]["fingerprint"]
    assert resolved["alerts"][0]["labels"] == firing["alerts"][0]["labels"]
    assert resolved["alerts"][0]["startsAt"] == "2020-01-06T00:00:00Z"


def test_a_group_fires_while_anything_in_it_does() -> None:
    over = alert_notification(0.04, ChangeKind.CLOSED, GHANA)
    assert posted(over, alert_notification())["status"] == "firing"
    assert posted(over, source_notification(Health.OK))["status"] == "resolved"


def test_too_many_are_counted() -> None:
    lands = [Region(f"X{at:03}", Level.COUNTRY, "Land", None, 0, 0) for at in range(600)]
    body = posted(*(alert_notification(region=land) for land in lands))
    assert body["truncatedAlerts"] > 0
    assert len(body["alerts"]) + body["truncatedAlerts"] == 600
