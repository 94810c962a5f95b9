"""Reporting delays: a frame of event counts by country, kind, week and lag."""

from datetime import date, datetime

import pandas as pd

from ewarn.domain.time import WEEK, midnight, week_of

DELAY_COLUMNS = ("country", "kind", "week", "lag", "count")


def lag_of(week: date, known_at: datetime) -> int:
    """Return how many origins passed before an event of a week was known; 0 if none did.

    An event is known at an origin if `known_at <= origin`. The first origin is the week's end.
    """
    late = known_at - midnight(week + WEEK)
    return max(-(-late // WEEK), 0)


def week_and_lag(occurred_on: date, known_at: datetime) -> tuple[date, int]:
    """Return the week in which an event counts, and its lag in weeks."""
    week = week_of(occurred_on)
    return week, lag_of(week, known_at)


def no_delays() -> pd.DataFrame:
    """Return a frame without rows, which means that nothing is known about reporting delays."""
    return pd.DataFrame({name: [] for name in DELAY_COLUMNS})
