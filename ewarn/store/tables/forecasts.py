"""Tables of monthly forecasts of deaths: runs, forecasts, and scorecards."""

from sqlalchemy import Column, Date, Float, ForeignKey, Index, Integer, String, Table

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Json, Key, Moment

forecast_run = Table(
    "forecast_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("model", String(80), nullable=False),
    Column("known_month", Date, nullable=False),  # the newest known month, as its first day
    Column("inputs", String(64), nullable=False),  # hash of all inputs of the forecasts
    Column("past_year", Json, nullable=False),  # the last 12 months by country, oldest first
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "known_month"),
)

forecast = Table(
    "forecast",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run_id", Key, ForeignKey("forecast_run.id"), nullable=False, index=True),
    Column("country", String(3), nullable=False),
    Column("step", Integer, nullable=False),  # months after the newest known month
    Column("month", Date, nullable=False),  # its first day
    Column("expected_log", Float, nullable=False),  # expected log(1 + deaths)
    Column("low", Float),  # bounds of nine outcomes in ten; null if unknown
    Column("high", Float),
    Column("quantiles", Json, nullable=False),  # of equal probability mass, ascending
)

forecast_scorecard = Table(
    "forecast_scorecard",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("model", String(80), nullable=False),
    Column("step", Integer, nullable=False),  # 0: all steps
    Column("figures", Json, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "model"),
)
