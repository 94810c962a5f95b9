"""Tests of forecasts of deaths: from what was known then, stored once, scored by what followed."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from ewarn.domain.time import DAY
from ewarn.frames.country_months import CountryMonths
from ewarn.pipeline.scoring.country_months import known_months
from ewarn.pipeline.scoring.forecast import ForecastReport, forecast
from ewarn.pipeline.scoring.score import SCORED_MEANWHILE
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.scores import forecast_scorecards, forecasts
from ewarn.store.scores.forecasts import Forecast, ForecastFilter
from ingest.ucdp.source import UcdpSource
from tests.pipeline.dead import FIRST, SOURCE, Steady, killed, months_of, out_on, release

HOUR = timedelta(hours=1)
MARCH = date(2019, 3, 1)


@pytest.fixture
def listening(service: Service) -> Service:
    """Return a service that forecasts and knows the terms of the source."""
    return replace(service, forecaster=Steady(), terms={SOURCE: UcdpSource.terms})


def at_moment(service: Service, now: object) -> CountryMonths:
    with service.store.read() as connection:
        found = known_months(service, connection, SOURCE, now)  # type: ignore[arg-type]
    assert found is not None
    return found


def column(months: CountryMonths, country: str) -> list[float | None]:
    values = months.of([country]).counts[:, 0].tolist()
    return [None if np.isnan(value) else value for value in values]


def stored(store: Store, run: int, *countries: str) -> list[Forecast]:
    with store.read() as connection:
        return forecasts.of_runs(connection, [run], ForecastFilter(countries))


def test_a_month_that_was_not_published_is_missing_and_one_without_dead_is_zero(
    listening: Service,
) -> None:
    rows = [
        killed("a", date(2019, 1, 30), 2, ended_on=date(2019, 2, 3), known_at=out_on(FIRST)),
        killed("b", date(2019, 1, 31), 2, tags="actor:state;deaths:5"),
        killed("c", date(2019, 1, 2), 9, "BEN", deleted=True),
    ]
    release(listening, FIRST, FIRST, rows, at=out_on(FIRST))
    release(listening, MARCH, MARCH, [killed("d", date(2019, 3, 31), 4)], at=out_on(MARCH))
    months = at_moment(listening, out_on(MARCH))
    assert months.names == ("2019-01", "2019-02", "2019-03")
    assert column(months, "TGO") == [7, None, 4]
    assert column(months, "BEN") == [0, None, 0]
    # April is over then, but not published.
    assert at_moment(listening, out_on(MARCH) + 90 * DAY).names == months.names
    assert at_moment(listening, out_on(MARCH) - HOUR).names == ("2019-01",)


def test_what_becomes_known_later_changes_no_earlier_forecast(listening: Service) -> None:
    now = months_of(listening, 4)
    first = forecast(listening, SOURCE, now)
    assert (first.reason, first.known_month, first.judged) == ("", date(2019, 4, 1), 0)
    (togo, *_) = stored(listening.store, first.run or 0, "TGO")
    assert (togo.step, togo.month, togo.mean) == (1, date(2019, 5, 1), 1.0)
    assert (togo.low, togo.high) == (1.0, None)
    assert forecast(listening, SOURCE, now + DAY).reason == "nothing new"

    later = now + 2 * DAY
    corrected = [killed("t3", date(2019, 4, 14), 8, known_at=later)]
    release(listening, date(2019, 4, 1), date(2019, 4, 1), corrected, at=later)
    assert column(at_moment(listening, now), "TGO") == [1, 1, 1, 1]
    assert forecast(listening, SOURCE, now).reason == "nothing new"
    assert forecast(listening, SOURCE, later, only_new_month=True).reason == "nothing new"
    second = forecast(listening, SOURCE, later)
    assert [item.mean for item in stored(listening.store, second.run or 0, "TGO")] == [8.0] * 6
    with listening.store.read() as connection:
        then, new = (
            forecasts.latest_runs(connection, Cut.at(moment))[SOURCE] for moment in (now, later)
        )
        assert forecasts.latest_runs(connection, Cut.at(now - HOUR)) == {}
    assert (then.id, new.id) == (first.run, second.run)
    assert (then.past_year["TGO"], new.past_year["TGO"]) == ([1, 1, 1, 1], [1, 1, 1, 8])


def test_forecasts_are_judged_beside_plain_ones_when_their_months_are_known(
    listening: Service,
) -> None:
    forecast(listening, SOURCE, months_of(listening, 4))
    may = date(2019, 5, 1)
    dead = [killed("m4", date(2019, 5, 3), 700, "MLI"), killed("t4", date(2019, 5, 3), 1)]
    release(listening, may, may, dead, at=out_on(may))
    report = forecast(listening, SOURCE, out_on(may) + HOUR, only_new_month=True)
    assert (report.known_month, report.judged) == (may, 2)
    with listening.store.read() as connection:
        every, ahead = forecast_scorecards.newest(connection, Cut())
        assert forecast_scorecards.newest(connection, Cut.at(out_on(may))) == []
        countries = len(forecasts.countries_of(connection, [report.run or 0]))
    assert (every.step, ahead.step) == (0, 1)
    assert every.figures == ahead.figures
    found = ahead.figures["models"]
    assert (ahead.figures["rows"], ahead.figures["forecasts"]) == (countries, 1)
    # Mali: 400 were forecast and 700 died; all other forecasts are exact.
    assert found["fatalities"]["crps"] == pytest.approx(300 / countries, abs=1e-6)
    missed = (np.log(701) - np.log(401)) ** 2 / countries
    assert found["fatalities"]["log_squared_error"] == pytest.approx(missed, abs=1e-6)
    assert found["no-change"]["log_squared_error"] == pytest.approx(missed, abs=1e-6)
    assert found["fatalities"]["coverage"] == 1
    assert found["fatalities"]["coverage_of_quantiles"] == pytest.approx(
        1 - 1 / countries, abs=1e-6
    )
    assert found["conflictology-12"]["crps"] > found["fatalities"]["crps"]
    assert set(found) == {
        "fatalities",
        "conflictology-12",
        "last-poisson",
        "half-last",
        "no-change",
    }
    assert forecast(listening, SOURCE, out_on(may) + 2 * HOUR).judged == 0


def test_where_two_forecast_at_once_the_first_one_stands_and_others_may_write(
    listening: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, computing = months_of(listening, 4), Steady.forecast
    reports: list[ForecastReport] = []

    def meanwhile(by: Steady, months: CountryMonths) -> object:
        monkeypatch.setattr(Steady, "forecast", computing)
        reports.append(forecast(listening, SOURCE, now))
        return computing(by, months)

    monkeypatch.setattr(Steady, "forecast", meanwhile)
    late = forecast(listening, SOURCE, now)
    assert (late.run, late.reason) == (None, SCORED_MEANWHILE)
    assert [report.run for report in reports] == [1]


def test_what_cannot_or_may_not_be_forecast_says_why(listening: Service) -> None:
    now = out_on(FIRST)

    def reason(**terms: bool | str) -> str:
        held = replace(UcdpSource.terms, **terms)  # type: ignore[arg-type]
        return forecast(replace(listening, terms={SOURCE: held}), SOURCE, now).reason

    assert forecast(replace(listening, forecaster=None), SOURCE, now).reason == (
        "no model forecasts it"
    )
    assert forecast(listening, "gdelt", now).reason == "no model forecasts it"
    assert reason(train=False, redistribute=False).startswith("its terms allow no score")
    assert reason(train=False) == "its terms do not allow that anything is fitted on it"
    assert reason() == "0 months are published, and 3 are needed"
    release(listening, FIRST, FIRST, at=now)
    assert reason() == "1 months are published, and 3 are needed"
