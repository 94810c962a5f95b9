"""Monthly forecasts of deaths, and their scorecards."""

from datetime import datetime

from ewarn.egress.definition.shapes import Shape, shown
from ewarn.egress.definition.shared_fields import MONTH


class ForecastRecord(Shape):
    """Deaths in organised violence of a country in a month not known yet, as a distribution.

    When the month after the newest known one is published, the first step is mostly over.

    A country that was asked for and never observed is a row too, with all fields of the forecast
    null: `is_observed` is false, and `notice` says why.
    """

    id: str | None = shown("1", null="if there is no forecast")
    country: str = shown("TGO", hxl="#country+code")
    country_name: str = shown("Togo", hxl="#country+name")
    month: str | None = shown("2017-09", hxl="#date+month", null="if there is no forecast")
    step: int | None = shown(1, null="if there is no forecast")
    source: str | None = shown("gdelt", hxl="#meta+source", null="if there is no forecast")
    model: str | None = shown("fatalities@1", null="if there is no forecast")
    known_month: str | None = shown(
        "2017-08",
        "The newest month that was known, as `YYYY-MM`.",
        null="if there is no forecast",
        pattern=MONTH,
    )
    last_known: float | None = shown(
        3, "Deaths in `known_month`, as known then.", null="if it was not observed", ge=0
    )
    mean: float | None = shown(
        4.2,
        "Expected deaths. A few wars dominate them.",
        hxl="#affected+killed+expected",
        null="if there is no forecast",
        ge=0,
    )
    expected_log: float | None = shown(
        1.1,
        "Expected log(1 + deaths), with the natural logarithm.",
        null="if there is no forecast",
        ge=0,
    )
    q05: float | None = shown(
        0,
        "Quantile: with a probability of 5% there are at most so many deaths.",
        null="if there is no forecast",
        ge=0,
    )
    q10: float | None = shown(
        0,
        "Quantile: with a probability of 10% there are at most so many deaths.",
        null="if there is no forecast",
        ge=0,
    )
    q25: float | None = shown(
        1,
        "Quantile: with a probability of 25% there are at most so many deaths.",
        null="if there is no forecast",
        ge=0,
    )
    q50: float | None = shown(
        3,
        "Quantile: with a probability of 50% there are at most so many deaths.",
        null="if there is no forecast",
        ge=0,
    )
    q75: float | None = shown(
        6,
        "Quantile: with a probability of 75% there are at most so many deaths.",
        null="if there is no forecast",
        ge=0,
    )
    q90: float | None = shown(
        9,
        "Quantile: with a probability of 90% there are at most so many deaths.",
        null="if there is no forecast",
        ge=0,
    )
    q95: float | None = shown(
        12,
        "Quantile: with a probability of 95% there are at most so many deaths.",
        null="if there is no forecast",
        ge=0,
    )
    at_least_1: float | None = shown(
        0.8,
        "Probability of at least 1 death in the month.",
        null="if there is no forecast",
        ge=0,
        le=1,
    )
    at_least_25: float | None = shown(
        0.01,
        "Probability of at least 25 deaths in the month.",
        null="if there is no forecast",
        ge=0,
        le=1,
    )
    at_least_1000: float | None = shown(
        0,
        "Probability of at least 1000 deaths in the month.",
        null="if there is no forecast",
        ge=0,
        le=1,
    )
    low: float | None = shown(
        0,
        "With `high`: bounds of deaths that contain nine outcomes in ten, judging "
        "by the errors of past forecasts.",
        null="if too little is known",
        ge=0,
    )
    high: float | None = shown(
        16,
        "With `low`: bounds of deaths that contain nine outcomes in ten, judging "
        "by the errors of past forecasts.",
        null="if too little is known",
        ge=0,
    )
    as_of: datetime | None = shown(
        "2017-09-21T06:00:00+00:00",
        "It was made from what was known then.",
        null="if there is no forecast",
    )
    recorded_at: datetime | None = shown(
        "2017-09-21T06:00:00+00:00", null="if there is no forecast"
    )
    is_observed: bool = shown(True)
    notice: str = shown("", hxl="#meta+notice")


class ForecastScorecardRecord(Shape):
    """How forecasts did once their months were known, beside simple ones of the same moment.

    Coverage should be 0.9, or more where most outcomes are 0. Outcomes are as known at `as_of`;
    recent ones may still be corrected.
    """

    source: str = shown("gdelt")
    model: str = shown("fatalities@1")
    step: int | None = shown(1)
    as_of: datetime = shown("2017-10-20T06:00:00+00:00")
    recorded_at: datetime = shown("2017-10-20T06:00:00+00:00")
    forecasts: int = shown(1, "How many months of forecasts were evaluated.", ge=0)
    rows: int = shown(197, "How many pairs of country and month were evaluated.", ge=0)
    models: dict[str, dict[str, float]] = shown(
        {
            "fatalities": {"crps": 12.1, "log_crps": 0.2, "coverage": 0.9},
            "conflictology-12": {"crps": 13.0, "log_crps": 0.21},
        },
        "The mean of each score, by model; less is better. `crps` is the "
        "continuous ranked probability score of deaths, `log_crps` that of log(1 "
        "+ deaths), `log_squared_error` the squared error of the expected log(1 + "
        "deaths). `coverage` is the share of outcomes between `low` and `high`, "
        "`coverage_of_quantiles` that between `q05` and `q95`.",
    )
