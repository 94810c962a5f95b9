"""Alerts whose newest score is too old, by the clock: nothing may rest on them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.languages import alert_reasons


def went_stale(
    found: Iterable[Alert], held_until: Mapping[str, datetime], now: datetime
) -> list[Change]:
    """Alerts that are not marked as stale though their newest score holds no longer.

    `held_until` is the moment until which the newest score of each alert holds, by alert id. What
    is stale stays open: that data stopped says nothing of the region.
    """
    return [
        Change(
            ChangeKind.WENT_STALE,
            replace(alert, stale=True),
            now,
            alert_reasons.NOT_SCORED(day=alert.last_origin),
        )
        for alert in found
        if alert.is_standing and not alert.stale and now >= held_until[alert.id]
    ]
