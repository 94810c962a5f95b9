"""Stale alerts: their newest score is too old to rely on. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.languages import alert_reasons


def went_stale(
    found: Iterable[Alert], valid_until: Mapping[str, datetime], now: datetime
) -> list[Change]:
    """Return the changes of alerts that become stale, because their newest score is too old.

    A stale alert stays open: that data stopped says nothing about the region.

    Args:
        valid_until: The moment until which the newest score of each alert is valid, by alert id.
    """
    return [
        Change(
            ChangeKind.WENT_STALE,
            replace(alert, stale=True),
            now,
            alert_reasons.NOT_SCORED(day=alert.last_origin),
        )
        for alert in found
        if alert.is_standing and not alert.stale and now >= valid_until[alert.id]
    ]
