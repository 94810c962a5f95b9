"""Tests of the completeness of a score: observed weeks, and reports that have arrived."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ewarn.domain.source import Coverage, Payload
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from models.nowcast.nowcast import arrivals_of
from tests.events import frame, row
from tests.pipeline.invented import TERMS, InventedSource
from tests.scores import moment, origin

COVERED = (Coverage("invented", "TGO", origin(-60), origin(-1)),)
TRAINED = replace(TERMS, train=True)


def _half_late(weeks: int, *, known: bool = True) -> list[dict[str, Any]]:
    """Return two events a week: one known at once, one after the next origin."""

    def one(week: int, late: int) -> dict[str, Any]:
        day = origin(week) + timedelta(days=2)
        at: datetime | None = moment(week + 1 + late) - timedelta(hours=1)
        return row(f"e{week}.{late}", occurred_on=day, known_at=at if known else None)

    return [one(week, late) for week in range(-weeks, 0) for late in (0, 1)]


def _completeness(service: Service, source: InventedSource, rows: list[dict[str, Any]]) -> float:
    source.payloads.append(Payload("invented", "one", b"one", moment(0)))
    source.batches["one"] = ParsedBatch(frame(*rows), coverage=COVERED)
    ingest(service, source, moment(0))
    score(replace(service, lateness=arrivals_of), "invented", moment(0))
    with service.store.read() as connection:
        found = scores.latest_runs(connection, Cut())
        made = scores.in_runs(connection, list(found.values()), scores.ScoreFilter())
    (completeness,) = {item.completeness for item in made}
    return completeness


def test_late_reports_make_a_score_less_complete(service: Service, source: InventedSource) -> None:
    source.terms = TRAINED
    # Half of the last week is reported, and all weeks before it: eleven and a half weeks of twelve.
    found = _completeness(service, source, _half_late(50))
    assert found == pytest.approx(11.5 / 12, abs=0.01)
    assert found < 1


@pytest.mark.parametrize(
    ("weeks", "known", "train"),
    [(20, True, True), (50, False, True), (50, True, False)],
    ids=["too few", "estimated", "not to be learned from"],
)
def test_where_delays_are_unknown_the_observed_share_stands(
    service: Service, source: InventedSource, weeks: int, known: bool, train: bool
) -> None:
    source.terms = TRAINED if train else TERMS
    assert _completeness(service, source, _half_late(weeks, known=known)) == 1.0
