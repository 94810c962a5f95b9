"""Tests of how much of a source's past was read: only observed weeks count."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from ewarn.domain.baseline import Baseline
from ewarn.domain.source import Coverage, Health
from ewarn.domain.time import WEEK, midnight
from ewarn.pipeline.scoring.baseline import baseline_of
from ewarn.pipeline.service import Service
from ewarn.store.events import volumes
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.tables.intake import ingest_run
from ingest.chronicle.source import ChronicleSource
from ingest.gdelt.source import GdeltSource

LAST = date(2020, 1, 6)
NOW = midnight(LAST) + timedelta(hours=6)


@pytest.fixture
def watching(service: Service) -> Service:
    return replace(service, sources={"gdelt": GdeltSource(), "chronicle": ChronicleSource()})


def read(service: Service, first: date, last: date) -> None:
    run = runs.Run("gdelt", NOW, Health.OK, "invented", Appended(), 0, {}, None)
    with service.store.write() as connection:
        covered = [Coverage("gdelt", "*", first, last)]
        runs.record_run(connection, runs.Reading(run, covered=covered))


def found(service: Service, name: str = "gdelt") -> Baseline | None:
    with service.store.read() as connection:
        return baseline_of(service, connection, name, NOW)


def test_a_new_installation_has_read_nothing(watching: Service) -> None:
    assert found(watching) == Baseline("gdelt", 0, LAST - 55 * WEEK)


def test_weeks_of_the_last_year_are_counted_once_and_the_week_so_far_not(watching: Service) -> None:
    read(watching, LAST - 12 * WEEK, LAST)
    read(watching, LAST - 14 * WEEK, LAST - 10 * WEEK)
    assert found(watching) == Baseline("gdelt", 14, LAST - 55 * WEEK)


def test_what_lies_further_back_does_not_count(watching: Service) -> None:
    read(watching, LAST - 400 * WEEK, LAST - WEEK)
    assert found(watching) == Baseline("gdelt", 52, LAST - 55 * WEEK)


def test_where_volume_is_counted_a_week_without_any_does_not_count(watching: Service) -> None:
    read(watching, LAST - 40 * WEEK, LAST - WEEK)
    measured = {("TG-M", LAST - number * WEEK): 10 for number in range(1, 31)}
    with watching.store.write() as connection:
        run_id = connection.execute(select(func.max(ingest_run.c.id))).scalar_one()
        parents = {"TG-M": "TGO"}
        volumes.add(connection, run_id, "gdelt", measured, NOW, parents=parents, published_at=NOW)
    assert found(watching) == Baseline("gdelt", 30, LAST - 55 * WEEK)


def test_a_source_whose_past_cannot_be_read_has_none(watching: Service) -> None:
    assert found(watching, "chronicle") is None
    assert found(watching, "unknown") is None
