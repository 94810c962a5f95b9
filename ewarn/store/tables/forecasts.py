"""Tables of monthly forecasts of deaths: runs, forecasts, and what they proved to be worth."""

from sqlalchemy import Column, Date, Float, ForeignKey, Index, Integer, String, Table

from ewarn.store.tables.base import metadata
from ewarn.store.tables.types import Json, Key, Moment

forecast_run = Table(
    "forecast_run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("model", String(80), nullable=False),
    Column("known_month", Date, nullable=False),  # the first day of the newest month known
    Column("inputs", String(64), nullable=False),  # hash of everything the forecasts rest on
    Column("past_year", Json, nullable=False),  # the last twelve months by country, oldest first
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
    Column("step", Integer, nullable=False),  # months after the newest one known
    Column("month", Date, nullable=False),  # its first day
    Column("expected_log", Float, nullable=False),  # expected log(1 + deaths)
    Column("low", Float),  # bounds of nine outcomes in ten; null where none is known
    Column("high", Float),
    Column("quantiles", Json, nullable=False),  # equal masses, ascending
)

forecast_scorecard = Table(
    "forecast_scorecard",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", String(50), nullable=False),
    Column("model", String(80), nullable=False),
    Column("step", Integer, nullable=False),  # 0: all of them
    Column("figures", Json, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index(None, "source", "model"),
)
