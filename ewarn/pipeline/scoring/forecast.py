"""The verb `forecast`: deaths of each country in the months after the newest known one."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from ewarn.pipeline.scoring.country_months import known_months, month_after, months_published
from ewarn.pipeline.scoring.forecast_worth import changed_scorecards
from ewarn.pipeline.scoring.score import NOT_TO_BE_SCORED, SCORED_MEANWHILE
from ewarn.pipeline.service import Service
from ewarn.ports import Forecaster
from ewarn.store.scores import forecast_scorecards, forecasts
from ewarn.store.scores.forecasts import Forecast, ForecastRun, PastYear

YEAR_MONTHS = 12
NOT_FORECAST = "no model forecasts it"
NOT_TO_BE_LEARNED = "its terms do not allow that anything is fitted on it"
NOTHING_NEW = "nothing new"
DIGITS = 3  # decimals of a stored number of deaths


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """What one forecast brought.

    `run` is None if there was nothing to do, for that `reason`. `known_month` is the newest month
    known, `judged` the number of scorecard rows that changed.
    """

    source: str
    known_month: date | None
    run: int | None
    forecasts: int
    judged: int
    reason: str = ""


def sources_to_forecast(service: Service) -> list[str]:
    """Return the sources that are switched on and whose deaths are forecast."""
    by = service.forecaster
    return [name for name in service.sources if by is not None and name == by.source]


def forecast(
    service: Service, source: str, now: datetime, *, only_new_month: bool = False
) -> ForecastReport:
    """Forecast the deaths of each country, from what was known and recorded by `now`.

    The same inputs again store nothing. All past forecasts of the model are evaluated on the months
    that have become known. The forecast is computed outside of any write transaction, and stored in
    a short one. If another process stored a forecast in between, that one stays.

    Args:
        only_new_month: Forecast only if a new month is known, not if only earlier months were
            corrected.
    """
    nothing = ForecastReport(source, None, None, 0, 0)
    by = service.forecaster
    if by is None or source != by.source:
        return replace(nothing, reason=NOT_FORECAST)
    if not service.is_scored(source):
        return replace(nothing, reason=NOT_TO_BE_SCORED)
    if not service.may_learn(source):
        return replace(nothing, reason=NOT_TO_BE_LEARNED)
    with service.store.read() as connection:
        published = months_published(service, connection, source, now)
        if len(published) < by.least_months:
            few = f"{len(published)} months are published, and {by.least_months} are needed"
            return replace(nothing, reason=few)
        newest, before = published[-1], forecasts.newest_run(connection, source)
        nothing = replace(nothing, known_month=newest)
        if only_new_month and before and newest <= before.known_month:
            return replace(nothing, reason=NOTHING_NEW)
        months = known_months(service, connection, source, now)
    assert months is not None  # months are published, so some are known
    inputs = _digest(by, months)
    if before is not None and before.inputs == inputs:
        return replace(nothing, reason=NOTHING_NEW)
    return _forecast_and_store(
        service,
        by,
        months,
        ForecastRun(
            source=source,
            model=f"{by.name}@{by.version}",
            known_month=newest,
            inputs=inputs,
            past_year=_past_year(months),
            as_of=now,
            recorded_at=now,
        ),
        before,
    )


def _forecast_and_store(
    service: Service,
    by: Forecaster,
    months: CountryMonths,
    run: ForecastRun,
    before: ForecastRun | None,
) -> ForecastReport:
    """Compute and store a forecast, and the scorecards of past ones."""
    rows = list(_rows(by.forecast(months), run.known_month))
    with service.store.read() as connection:
        cards = changed_scorecards(connection, by, run, months)
    stored_at = service.moment(run.recorded_at)
    with service.store.write() as connection:
        run = replace(run, recorded_at=stored_at)
        run_id = forecasts.add(connection, run, rows, before)
        if run_id is None:
            return ForecastReport(run.source, run.known_month, None, 0, 0, SCORED_MEANWHILE)
        for card in cards:
            forecast_scorecards.add(connection, replace(card, recorded_at=stored_at))
    return ForecastReport(run.source, run.known_month, run_id, len(rows), len(cards))


def _rows(made: MonthlyForecast, known_month: date) -> Iterator[Forecast]:
    """Yield a row for each country and step; none for a country that was never observed."""
    for column, country in enumerate(made.countries):
        for step in range(len(made.point)):
            point = float(made.point[step, column])
            if math.isnan(point):
                continue
            low, high = (
                None if bound is None else _bound(bound[step, column])
                for bound in (made.low, made.high)
            )
            values = made.quantiles[step, column].round(DIGITS).tolist()
            yield Forecast(
                country=country,
                step=step + 1,
                month=month_after(known_month, step + 1),
                expected_log=point,
                low=low,
                high=high,
                quantiles=tuple(values),
            )


def _bound(value: float) -> float | None:
    """Return a bound as it is stored: None if it is infinite."""
    return float(value) if math.isfinite(value) else None


def _past_year(months: CountryMonths) -> PastYear:
    recent = months.counts[-YEAR_MONTHS:]
    return {
        country: [None if math.isnan(count) else count for count in recent[:, column].tolist()]
        for column, country in enumerate(months.countries)
    }


def _digest(by: Forecaster, months: CountryMonths) -> str:
    names = "|".join((by.name, by.version, *months.countries, *months.names))
    return hashlib.sha256(names.encode() + months.counts.tobytes()).hexdigest()
