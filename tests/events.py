"""Invented events for tests. No row describes anything that happened."""

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from ewarn.domain.time import known_after
from ewarn.frames.events import EVENT_COLUMNS, event_frame


def row(
    name: str = "e1",
    *,
    kind: str = "protest",
    occurred_on: date = date(2020, 1, 1),
    region: str = "TG-M",
    known_at: datetime | None = None,
    **others: Any,
) -> dict[str, Any]:
    """Return one row of an event frame with plain defaults."""
    ended_on = others.pop("ended_on", occurred_on)
    return {
        **dict.fromkeys(EVENT_COLUMNS),
        "source": "invented",
        "source_event_id": name,
        "kind": kind,
        "occurred_on": occurred_on,
        "ended_on": ended_on,
        "date_precision": "day",
        "known_at": known_at or known_after(ended_on),
        "known_at_estimated": known_at is None,
        "country": "TGO",
        "region": region,
        "location_precision": "country" if region == "TGO" else "admin1",
        "tags": "",
        "deleted": False,
    } | others


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return an event frame of rows."""
    return event_frame(rows)


def days(number: int) -> timedelta:
    """Return a length of time in whole days."""
    return timedelta(days=number)
