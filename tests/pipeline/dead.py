"""Invented monthly releases of deaths, and a forecaster that repeats the last month."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from ewarn.domain.source import Coverage, Payload
from ewarn.domain.time import DAY, WEEK, midnight, week_of
from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.scoring.country_months import month_after
from ewarn.pipeline.service import Service
from models.fatalities.country_months import lags
from models.fatalities.fatalities import STEPS
from models.fatalities.forecaster import FatalityForecaster
from tests.events import frame, row

SOURCE = "ucdp"
FIRST = date(2019, 1, 1)


class Steady(FatalityForecaster):
    """Forecaster that predicts the last observed month for each month, without uncertainty."""

    least_months = 3

    def forecast(self, months: CountryMonths) -> MonthlyForecast:
        last = np.tile(lags(months.counts, 1)[:, 0], (STEPS, 1))
        high = np.where(np.isnan(last), np.nan, np.inf)
        return MonthlyForecast(
            months.countries, np.repeat(last[:, :, None], 20, axis=2), np.log1p(last), last, high
        )


def out_on(month: date) -> datetime:
    """Return when the release of a month is published: on the 20th of the next month."""
    return midnight(month_after(month).replace(day=20))


def killed(
    name: str, day: date, deaths: int, country: str = "TGO", **others: Any
) -> dict[str, Any]:
    """Return an event of a day with a number of deaths, known when its month is published."""
    return row(
        name,
        source=SOURCE,
        kind="clash",
        occurred_on=day,
        country=country,
        region=country,
        location_precision="country",
        fatalities_low=deaths,
        **({"known_at": out_on(day.replace(day=1))} | others),
    )


def release(
    service: Service, first: date, last: date, rows: Sequence[dict[str, Any]] = (), *, at: datetime
) -> None:
    """Store a release of the months from `first` to `last`, as the source does."""
    end = week_of(month_after(last))
    covered = (Coverage(SOURCE, "*", week_of(first), end - WEEK),)
    payload = Payload(SOURCE, f"{first} to {last}, {at}", b"invented", at)
    store_batches(service, payload, [ParsedBatch(frame(*rows), coverage=covered)], at)


def months_of(service: Service, number: int) -> datetime:
    """Release some months: one death each in Togo, a war in Mali. Return when all are published."""
    month = FIRST
    for index in range(number):
        last = month_after(FIRST, index)
        rows = [
            killed(f"t{index}", last + 13 * DAY, 1),
            killed(f"m{index}", last + 13 * DAY, 100 * (index + 1), "MLI"),
        ]
        release(service, last, last, rows, at=out_on(last) + timedelta(hours=1))
        month = last
    return out_on(month) + timedelta(hours=2)
