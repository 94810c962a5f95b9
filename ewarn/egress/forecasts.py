"""Monthly forecasts of deaths, and what they proved to be worth."""

from datetime import datetime

from ewarn.egress.shapes import Shape, shown

_MONTH = "`YYYY-MM`."


class ForecastRecord(Shape):
    """Deaths in organised violence of a country in a month that was not known yet, as a
    distribution.

    `q05` to `q95` are quantiles: with a probability of 5%, say, there are at most `q05` deaths.
    `at_least_1`, `at_least_25` and `at_least_1000` are probabilities of so many deaths in the
    month. `low` and `high` bound nine outcomes in ten, by how far past forecasts were off; null
    where too little is known for a bound. `step` counts months from the newest one known: by the
    time that is published the first is mostly over.
    A country that was asked for and of which nothing was observed is a row too, with all that a
    forecast says null: `is_observed` is false, and `notice` says why.
    """

    id: str | None = shown("1")
    country: str = shown("TGO")
    country_name: str = shown("Togo")
    month: str | None = shown("2020-02", description=f"The month that is forecast, {_MONTH}")
    step: int | None = shown(1)
    source: str | None = shown("invented")
    model: str | None = shown("fatalities@1")
    known_month: str | None = shown(
        "2020-01", description=f"The newest month that was known, {_MONTH}"
    )
    last_known: float | None = shown(
        3, description="Deaths in `known_month` as known then; null where it was not observed."
    )
    mean: float | None = shown(4.2, description="Expected deaths; a few wars drive it.")
    expected_log: float | None = shown(1.1, description="Expected log(1 + deaths).")
    q05: float | None = shown(0)
    q10: float | None = shown(0)
    q25: float | None = shown(1)
    q50: float | None = shown(3)
    q75: float | None = shown(6)
    q90: float | None = shown(9)
    q95: float | None = shown(12)
    at_least_1: float | None = shown(0.8)
    at_least_25: float | None = shown(0.01)
    at_least_1000: float | None = shown(0)
    low: float | None = shown(0)
    high: float | None = shown(16)
    as_of: datetime | None = shown(
        "2020-02-20T06:00:00+00:00", description="The knowledge that it was made from."
    )
    recorded_at: datetime | None = shown("2020-02-20T06:00:00+00:00")
    is_observed: bool = shown(True)
    notice: str = shown("")


class ForecastScorecardRecord(Shape):
    """How forecasts did, once their months were known, beside plain ones of the same moment.

    `models` has the mean of each score by model; less is better. `crps` is the continuous ranked
    probability score of deaths, `log_crps` that of log(1 + deaths), `log_squared_error` the squared
    error of the expected log(1 + deaths). `coverage` is the share of outcomes between `low` and
    `high`, and `coverage_of_quantiles` that between `q05` and `q95`: both are to be 0.9, or more
    where most outcomes are 0. Outcomes are as known at `as_of`; young ones may still be corrected.
    """

    source: str = shown("invented")
    model: str = shown("fatalities@1")
    step: int | None = shown(1, description="Months ahead; null for all of them.")
    as_of: datetime = shown("2020-03-20T06:00:00+00:00")
    recorded_at: datetime = shown("2020-03-20T06:00:00+00:00")
    forecasts: int = shown(1, description="How many months of forecasts were judged.")
    rows: int = shown(197, description="How many countries and months were judged.")
    models: dict[str, dict[str, float]] = shown(
        {
            "fatalities": {"crps": 12.1, "log_crps": 0.2, "coverage": 0.9},
            "conflictology-12": {"crps": 13.0, "log_crps": 0.21},
        }
    )
