"""Records of monthly forecasts of deaths."""

from collections.abc import Collection, Sequence
from datetime import datetime

from api.records.records import Record
from api.serving.state import ApiState
from ewarn.domain.region import Level
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.forecasts import ForecastRecord, ForecastScorecardRecord
from ewarn.notify.messages.source_notices import unforecast_words
from ewarn.store.scores.forecast_scorecards import ForecastScorecardRow
from ewarn.store.scores.forecasts import Forecast, ForecastRun

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
# UCDP counts an event from one death on and calls a conflict with 1,000 deaths in a year a war.
# VIEWS publishes the threshold of 25 deaths a month.
THRESHOLDS = (1, 25, 1000)
DIGITS = 4


def forecast_record(state: ApiState, item: Forecast, run: ForecastRun) -> Record:
    """Return the record of a forecast."""
    past = run.past_year.get(item.country)
    return outbound(
        ForecastRecord,
        {
            "id": str(item.id),
            "country": item.country,
            "country_name": state.places.get(item.country).name,
            "month": f"{item.month:%Y-%m}",
            "step": item.step,
            "source": run.source,
            "model": run.model,
            "known_month": f"{run.known_month:%Y-%m}",
            "last_known": past[-1] if past else None,
            "mean": round(item.mean, DIGITS),
            "expected_log": round(item.expected_log, DIGITS),
            **{f"q{round(100 * level):02}": item.quantile(level) for level in QUANTILES},
            **{f"at_least_{number}": round(item.at_least(number), DIGITS) for number in THRESHOLDS},
            "low": item.low,
            "high": item.high,
            "as_of": run.as_of,
            "recorded_at": run.recorded_at,
            "is_observed": True,
            "notice": "",
        },
    )


def rows_without_forecast(
    state: ApiState,
    named: Sequence[str],
    forecast: Collection[str],
    now: datetime,
    language: str,
) -> list[Record]:
    """Return a record for each country that was named in the request and has no forecast.

    It says so in a language.
    """
    regions = state.places.regions(Level.COUNTRY, countries=named) if named else ()
    empty = dict.fromkeys(ForecastRecord.model_fields)
    return [
        outbound(
            ForecastRecord,
            empty
            | {
                "country": region.id,
                "country_name": region.name,
                "is_observed": False,
                "notice": unforecast_words(language),
            },
        )
        for region in regions
        if region.exists_on(now.date()) and region.id not in forecast
    ]


def forecast_scorecard_record(row: ForecastScorecardRow) -> Record:
    """Return the record of a row of a scorecard."""
    said = {"source": row.source, "model": row.model, "step": row.step or None}
    moments = {"as_of": row.as_of, "recorded_at": row.recorded_at}
    return outbound(ForecastScorecardRecord, row.figures, **said, **moments)
