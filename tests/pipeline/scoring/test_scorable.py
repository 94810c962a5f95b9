"""Tests of which sources are scored, and of the reasons for the others."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ewarn.domain.source import Coverage, Payload, Terms
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK
from ewarn.frames.events import ParsedBatch
from ewarn.frames.panel import Panel
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.scoring.scorable import ScoringOutlook, outlooks, sources_to_score
from ewarn.pipeline.scoring.score import panel_until_published, score
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from tests.events import frame, row
from tests.pipeline.invented import Echo, InventedSource
from tests.scores import moment, origin

NOW = moment(0)
NEWEST = origin(0) - WEEK


def imported(service: Service, kind: str = "force", *, weeks: int = 20) -> None:
    """Import a file of a new source, with one invented event a week up to the last week."""
    name, mondays = "a-list", [NEWEST - number * WEEK for number in range(weeks)]
    rows = [
        row(f"{monday}", source=name, kind=kind, occurred_on=monday, fatalities_low=1)
        for monday in mondays
    ]
    covered = Coverage(name, "TGO", NEWEST - (weeks - 1) * WEEK, NEWEST)
    batch = ParsedBatch(events=frame(*rows), coverage=(covered,))
    store_batches(service, Payload("exchange", name, b"", NOW), [batch], NOW)


def said(service: Service, name: str = "a-list") -> ScoringOutlook:
    (found,) = [item for item in outlooks(service, NOW) if item.source == name]
    return found


@pytest.fixture
def listening(service: Service) -> Service:
    """Return a service whose model reads the events of the imported file."""
    signals = ("a-list:force:lethal", "invented:force:lethal")
    return replace(service, models=lambda *_: (Echo(signals=signals),))


def test_what_was_imported_is_scored_like_what_is_polled(listening: Service) -> None:
    imported(listening)
    assert sources_to_score(listening, NOW) == ["a-list"]
    assert score(listening, "a-list", NOW).scores > 0


def test_terms_keep_a_source_from_it(listening: Service) -> None:
    closed = replace(listening, terms={"a-list": Terms("x", "x", False, False, "")})
    imported(closed)
    assert said(closed) == ScoringOutlook(
        "a-list", False, "its terms allow no score that others see, and none is made"
    )
    assert sources_to_score(closed, NOW) == []


def test_kinds_that_nothing_reads_are_named(listening: Service) -> None:
    imported(listening, "dialogue")
    assert not said(listening).is_scored
    assert said(listening).reason.startswith("none of its events is of a kind and a week")


def test_weeks_long_past_are_named(listening: Service) -> None:
    imported(listening)
    later = NOW + 13 * WEEK
    (found, _) = outlooks(listening, later)
    assert not found.is_scored
    assert f"its newest week watched began on {NEWEST}, more than 12 weeks" in found.reason
    (found, _) = outlooks(listening, later, origin=origin(0))
    assert found.is_scored


def test_too_few_weeks_for_a_bound_are_counted(listening: Service) -> None:
    model = Echo(basis=Basis.UNCALIBRATED, signals=("a-list:force:lethal",))
    detecting = replace(listening, models=lambda *_: (model,))
    imported(detecting, weeks=3)
    assert said(detecting).is_scored
    assert said(detecting).reason == ("it was watched in 3 of the past 52 weeks; a bound needs 8")
    assert said(listening).reason == ""


def test_a_source_that_says_why_it_is_not_scored_is_quoted(
    listening: Service, source: InventedSource
) -> None:
    assert said(listening, "invented").reason == "it has observed no whole week so far"
    helper = _Helper()
    with_helper = replace(listening, sources={"invented": helper})
    assert said(with_helper, "invented") == ScoringOutlook("invented", False, "it helps others")


@dataclass
class _Helper(InventedSource):
    not_scored: str | None = "it helps others"


@dataclass
class _Late(InventedSource):
    lag: timedelta = 3 * WEEK


def test_the_newest_week_that_is_out_is_judged_of_a_source_that_publishes_late(
    service: Service,
) -> None:
    late = _Late()
    detecting = replace(
        service,
        sources={"invented": late},
        models=lambda *_: (Echo(basis=Basis.UNCALIBRATED),),
    )
    # Its newest two weeks are not published yet.
    rows = [
        row(
            f"{n}", source="invented", occurred_on=NEWEST - n * WEEK, kind="force", fatalities_low=1
        )
        for n in range(2, 20)
    ]
    covered = Coverage("invented", "TGO", NEWEST - 19 * WEEK, NEWEST - 2 * WEEK)
    late.batches["one"] = ParsedBatch(events=frame(*rows), coverage=(covered,))
    payload = Payload("invented", "one", b"", NOW)
    store_batches(detecting, payload, late.parse(payload, detecting.places), NOW)
    assert score(detecting, "invented", NOW).scores > 0
    with detecting.store.read() as connection:
        runs = scores.latest_runs(connection, Cut.at(NOW), origin=origin(0))
        found = scores.in_runs(connection, list(runs.values()), scores.ScoreFilter())
    assert {item.origin for item in found} == {origin(0)}
    assert any(item.observed for item in found)


def test_what_came_out_after_the_origin_is_no_calm(service: Service) -> None:
    late, tuesday = _Late(), NOW + timedelta(days=1)
    detecting = replace(
        service,
        sources={"invented": late},
        models=lambda *_: (Echo(basis=Basis.UNCALIBRATED),),
    )
    lethal: dict[str, Any] = {"source": "invented", "kind": "force", "fatalities_low": 1}
    rows = [row(str(n), occurred_on=NEWEST - WEEK, known_at=tuesday, **lethal) for n in range(5)]
    covered = Coverage("invented", "TGO", NEWEST - 19 * WEEK, NEWEST - WEEK)
    payload = Payload("invented", "one", b"", tuesday)
    store_batches(
        detecting, payload, [ParsedBatch(events=frame(*rows), coverage=(covered,))], tuesday
    )
    score(detecting, "invented", tuesday)
    with detecting.store.read() as connection:
        runs = scores.latest_runs(connection, Cut.at(tuesday), origin=origin(0))
        found = scores.in_runs(connection, list(runs.values()), scores.ScoreFilter())
        assert scores.latest_runs(connection, Cut.at(NOW)) == {}, "an earlier answer never changes"
    assert {item.region for item in found if item.observed == 5} == {rows[0]["region"]}
    assert {item.as_of for item in found} == {tuesday}


@pytest.mark.parametrize(("lag", "weeks"), [(0, 6), (1, 6), (2, 6), (3, 4), (9, 4)])
def test_a_panel_is_cut_no_further_back_than_the_lag(lag: int, weeks: int) -> None:
    seen = np.array([True, True, False, True, False, False])[:, None, None]
    counts = np.zeros((6, 1, 1), dtype=np.int32)
    panel = Panel(origin(0) - 6 * WEEK, ("TGO",), ("x:force",), {}, counts, seen)
    assert panel_until_published(panel, lag * WEEK).weeks == weeks
    nothing = replace(panel, observed=np.zeros_like(seen))
    assert panel_until_published(nothing, lag * WEEK) is nothing
