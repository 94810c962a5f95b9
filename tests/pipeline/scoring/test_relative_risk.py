"""Tests that quiet regions are compared with each other, on Mondays and between them."""

from dataclasses import replace
from datetime import datetime

import pytest

from ewarn.domain.region import Level
from ewarn.domain.score import Score
from ewarn.domain.target import Target
from ewarn.frames import predictions
from ewarn.pipeline.scoring.interim import risen
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import score_pages, scores
from tests.pipeline.invented import Echo, InventedSource
from tests.pipeline.scoring.test_interim import HOURS, brought, lethal, run, week
from tests.scores import moment, origin
from tests.scores import score as score_of


@pytest.fixture(autouse=True)
def ten_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limit, because two countries have only some twenty regions."""
    monkeypatch.setattr(predictions, "LEAST_QUIET", 10)


@pytest.fixture
def model() -> Echo:
    return Echo(least=0.02)


def shown(service: Service, now: datetime) -> dict[str, Score]:
    with service.store.read() as connection:
        runs = scores.latest_runs(connection, Cut.at(now), interim=True)
        found = score_pages.standing(connection, runs.values(), scores.ScoreFilter())
    return {item.region: item for item in found}


def test_a_region_with_a_death_is_not_quiet(service: Service, source: InventedSource) -> None:
    week(source)
    run(service, source, moment(0))
    found = shown(service, moment(0))
    assert found["BJ-BO"].relative_risk is None
    assert {item.relative_risk for item in found.values() if item.region != "BJ-BO"} == {1.0}


def test_the_mean_is_that_of_all_quiet_regions(service: Service, source: InventedSource) -> None:
    brought(source, "past", moment(0), lethal("old", origin(-30), moment(0)))
    run(service, source, moment(0))
    with service.store.read() as connection:
        means = scores.means_of_quiet(connection, "invented", origin(0))
        assert scores.means_of_quiet(connection, "invented", origin(1)) == {}
    assert means == {(Target.FORCE, 4, Level.ADMIN1): pytest.approx(0.02)}


def test_an_interim_score_is_compared_with_mondays_mean(
    service: Service, source: InventedSource, model: Echo
) -> None:
    night = week(source)
    run(service, source, moment(0))
    model.least = 0.05  # as if the new week raised the risk of each region
    run(service, source, night + HOURS)
    found = shown(service, night + HOURS)
    assert (found["TG-M"].interim, found["TG-M"].relative_risk) == (True, None)
    assert found["TG-K"].interim
    assert found["TG-K"].relative_risk == pytest.approx(2.5)
    assert found["BJ-AK"].relative_risk == 1.0


def test_too_few_quiet_regions_are_not_compared(
    service: Service, source: InventedSource, model: Echo
) -> None:
    model.level = Level.COUNTRY
    week(source)
    run(service, source, moment(0))
    score(service, "invented", moment(0))
    assert {item.relative_risk for item in shown(service, moment(0)).values()} == {None}


def test_a_score_that_keeps_mondays_probability_keeps_its_comparison() -> None:
    monday = score_of(0.1, 4, relative_risk=5.0)
    so_far = score_of(0.06, 4, relative_risk=3.0, observed=9)
    assert risen(so_far, monday).relative_risk == 5.0
    loud = replace(so_far, relative_risk=None)
    assert risen(loud, monday).relative_risk is None
    assert risen(replace(so_far, probability=0.2), monday).relative_risk == 3.0
