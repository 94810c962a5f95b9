"""Tests of forecasts of deaths from UCDP's files to the API, over HTTP and by the worker's job."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.app import create_app
from ewarn.domain.time import DAY
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.country_months import month_after
from ewarn.pipeline.scoring.forecast import forecast
from ewarn.pipeline.service import Service
from ewarn.run import schedule
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.scores import forecasts
from ingest.shared.web import Web
from ingest.ucdp.source import UcdpSource
from models.fatalities.forecaster import FatalityForecaster
from tests.api.client import Client
from tests.api.world import World
from tests.ingest.ucdp.provider import InventedUcdp, ged
from tests.pipeline.dead import Steady, months_of
from tests.provider import Provider
from tests.run.conftest import Command

NOW = datetime(2026, 3, 21, tzinfo=UTC)
FIVE = {"Togo": 1, "Benin": 0, "Mali": 40, "Ghana": 0, "Niger": 7}


@pytest.fixture
def world(sqlite_url: str) -> World:
    return World(Store(sqlite_url), terms={"ucdp": UcdpSource.terms})


def war(month: date, number: int) -> list[dict[str, Any]]:
    """The invented dead of a month, none in two of five countries."""
    return [
        ged(
            100 * number + place,
            f"{month + 13 * DAY}",
            country=country,
            where_prec=6,
            low=deaths,
            best=2 * deaths,
            high=3 * deaths,
        )
        for place, (country, deaths) in enumerate(FIVE.items())
        if deaths
    ]


def test_the_dead_that_ucdp_publishes_are_forecast_and_served(
    world: World, provider: Provider, web: Web
) -> None:
    publish = InventedUcdp(provider).publish
    past = [month_after(date(2023, 1, 1), number) for number in range(24)]
    publish("25.1", *(row for n, month in enumerate(past) for row in war(month, n)))
    for number in range(14):  # of all of 2025, and of the first two months of 2026
        month = month_after(date(2025, 1, 1), number)
        publish(f"{month:%y}.0.{month.month}", *war(month, 30 + number))
    source = UcdpSource(web, since=2023, files_url=f"{provider.url}/files")
    places = world.service().places
    few = [places.get(code) for code in ("TGO", "BEN", "MLI", "GHA", "NER")]
    service = replace(
        world.service(),
        sources={"ucdp": source},
        forecaster=FatalityForecaster(trees=2),
        places=OnlySome(places, few),
    )
    ingest(service, source, NOW)
    report = forecast(service, "ucdp", NOW)
    assert (report.reason, report.known_month, report.forecasts) == ("", date(2026, 2, 1), 30)
    world.clock.now = NOW
    client = Client(create_app(world.state()), {"X-API-Key": world.key("MLI", "BEN")})
    mali = client.items("/v1/forecasts?country=MLI")
    assert [item["month"] for item in mali] == [f"2026-{month:02}" for month in range(3, 9)]
    assert mali[0]["last_known"] == 80  # the best estimate
    assert all(item["at_least_25"] > 0.9 for item in mali)
    (benin,) = client.items("/v1/forecasts?country=BEN&step=1")
    assert benin["q95"] == 0


class OnlySome:
    """A gazetteer whose lists hold some countries alone, so that a fit takes a moment."""

    def __init__(self, whole: Any, few: list[Any]) -> None:
        self._whole, self._few = whole, few

    def regions(self, *_level: Any, **_countries: Any) -> list[Any]:
        return self._few

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def test_each_newly_published_month_is_forecast_once_by_a_job_of_its_own(world: World) -> None:
    service: Service = replace(world.service(), sources={"ucdp": UcdpSource()}, forecaster=Steady())
    job = schedule.jobs_of(service)[schedule.FORECAST]
    now = months_of(service, 4)
    made: list[date] = []
    for hour in range(2):
        job.run(service, now, now + hour * DAY)
        made.append(newest(world))
    job.run(replace(service, sources={}), now, months_of(service, 5))
    assert (made, newest(world)) == ([date(2019, 4, 1)] * 2, date(2019, 4, 1))
    job.run(service, now, months_of(service, 5))
    assert newest(world) == date(2019, 5, 1)


def test_a_forecast_is_recorded_when_it_is_stored(world: World) -> None:
    service: Service = replace(world.service(), sources={"ucdp": UcdpSource()}, forecaster=Steady())
    now = months_of(service, 4)
    forecast(replace(service, clock=lambda: now + timedelta(minutes=4)), "ucdp", now)
    with world.store.read() as connection:
        assert forecasts.latest_runs(connection, Cut.at(now + timedelta(minutes=3))) == {}
        (run,) = forecasts.latest_runs(connection, Cut.at(now + timedelta(minutes=4))).values()
    assert (run.as_of, run.recorded_at) == (now, now + timedelta(minutes=4))


def newest(world: World) -> date:
    with world.store.read() as connection:
        run = forecasts.newest_run(connection, "ucdp")
    assert run is not None
    return run.known_month


def test_the_command_says_what_was_made_or_why_nothing(ewarn: Command) -> None:
    ran = ewarn("models", "forecast", "ucdp")
    assert (ran.code, "0 months are published" in ran.out + ran.err) == (0, True)
    other = ewarn("models", "forecast", "gdelt")
    assert other.code != 0
    assert "no model forecasts 'gdelt'" in other.err
