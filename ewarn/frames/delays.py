"""How late events became known: a frame of counts by country, kind, week and lag."""

from datetime import date, datetime

import pandas as pd

from ewarn.domain.time import WEEK, midnight, week_of

DELAY_COLUMNS = ("country", "kind", "week", "lag", "count")


def lag_of(week: date, known_at: datetime) -> int:
    """Origins that passed before an event of a week was known; 0 if the first one saw it.

    An event is seen at an origin if `known_at <= origin`; the first origin is the week's end.
    """
    late = known_at - midnight(week + WEEK)
    return max(-(-late // WEEK), 0)


def week_and_lag(occurred_on: date, known_at: datetime) -> tuple[date, int]:
    """The week an event counts in, and its lag."""
    week = week_of(occurred_on)
    return week, lag_of(week, known_at)


def no_delays() -> pd.DataFrame:
    """A frame without rows: nothing is known of how late reports are."""
    return pd.DataFrame({name: [] for name in DELAY_COLUMNS})
