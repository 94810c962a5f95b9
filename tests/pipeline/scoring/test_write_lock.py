"""Tests that others can write while scores are computed, and that these are stored at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.score import SCORED_MEANWHILE, score
from ewarn.pipeline.service import Service
from ewarn.store.database import store_metadata
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from tests.pipeline.invented import Echo, InventedSource
from tests.pipeline.scoring.test_interim import HOURS, brought, week
from tests.scores import moment, origin


def during_scoring(patch: pytest.MonkeyPatch, action: Callable[[], None]) -> None:
    """Call a function while a model computes its scores."""
    computing = Echo.score

    def interrupted(model: Echo, *given: Any, **named: Any) -> Any:
        action()
        return computing(model, *given, **named)

    patch.setattr(Echo, "score", interrupted)


def test_others_may_write_while_scores_are_computed(
    service: Service, source: InventedSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0

    def written() -> (
        None
    ):  # SQLite has one writer at a time: it would wait for a scorer that is one
        nonlocal writes
        with service.store.write() as connection:
            store_metadata.put(connection, "a test", str(writes))
        writes += 1

    night = week(source)
    ingest(service, source, night + HOURS)
    during_scoring(monkeypatch, written)
    report = score(service, "invented", night + HOURS)
    assert (report.run, report.interim_run) == (1, 2)
    assert writes == 2


def test_where_two_score_at_once_the_first_one_stands(
    service: Service, source: InventedSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(source, "past", moment(0))
    ingest(service, source, moment(0))
    during_scoring(monkeypatch, lambda: record_another(service))
    report = score(service, "invented", moment(0))
    assert (report.run, report.reason) == (None, SCORED_MEANWHILE)
    with service.store.read() as connection:
        found = scores.newest_run(connection, "invented", origin(0))
    assert found is not None
    assert found.inputs == "another"


def test_a_run_is_recorded_when_it_is_stored(service: Service, source: InventedSource) -> None:
    brought(source, "past", moment(0))
    ingest(service, source, moment(0))
    score(replace(service, clock=lambda: moment(0) + HOURS), "invented", moment(0))
    with service.store.read() as connection:
        assert scores.latest_runs(connection, Cut.at(moment(0))) == {}
        (run,) = scores.latest_runs(connection, Cut.at(moment(0) + HOURS)).values()
        stored = scores.in_runs(connection, [run], scores.ScoreFilter())
    assert {each.recorded_at for each in stored} == {moment(0) + HOURS}


def record_another(service: Service) -> None:
    """Store a run of the same source and origin, like another process."""
    with service.store.write() as connection:
        scores.record(connection, "invented", origin(0), "another", [], moment(0))
