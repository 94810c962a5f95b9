"""Tests that the effect of a deployment is not estimated before late reports have arrived."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ewarn.domain.effect import Study
from ewarn.domain.kinds import EventKind
from ewarn.domain.source import Coverage, Payload
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.response.effect import panel_around, study_of
from ewarn.pipeline.service import Service
from models.nowcast.nowcast import arrivals_of
from tests.events import frame, row
from tests.pipeline.invented import TERMS, InventedSource
from tests.scores import moment, origin

WEEKS = 60
TRAINED = replace(TERMS, train=True)


def _reports(late: int, *, known: bool) -> Iterator[dict[str, Any]]:
    """Return two uses of force a week, one known at once and one `late` weeks later."""
    for week in range(-WEEKS, 0):
        day = origin(week) + timedelta(days=2)
        for number, lag in enumerate((0, late)):
            at = moment(week + 1 + lag) - timedelta(hours=1)
            if at < moment(0):
                yield row(
                    f"e{week}.{number}",
                    kind="force",
                    occurred_on=day,
                    known_at=at if known else None,
                )


def _study(
    service: Service, source: InventedSource, *, late: int, known: bool, weeks_ago: int
) -> Study:
    """Return the study, at origin 0, of a deployment of ten weeks that ended some weeks ago."""
    source.terms = TRAINED
    covered = (Coverage("invented", "TGO", origin(-WEEKS), origin(-1)),)
    source.payloads.append(Payload("invented", "one", b"one", moment(0)))
    source.batches["one"] = ParsedBatch(frame(*_reports(late, known=known)), coverage=covered)
    ingest(service, source, moment(0))
    start, end = origin(-10 - weeks_ago), origin(-weeks_ago)
    knowing = replace(service, lateness=arrivals_of)
    panel = panel_around(knowing, "invented", ["TGO"], start, moment(0))
    return study_of(panel, "invented", EventKind.FORCE, "TGO", start, end)


@pytest.mark.parametrize(
    ("late", "weeks_ago", "share"),
    [(4, 0, 0.8), (4, 2, 0.9), (4, 8, 1.0), (0, 0, 1.0)],
    ids=["just over", "two weeks ago", "all in", "never late"],
)
def test_the_share_that_is_in_is_that_of_the_deployments_weeks(
    service: Service, source: InventedSource, late: int, weeks_ago: int, share: float
) -> None:
    found = _study(service, source, late=late, known=True, weeks_ago=weeks_ago)
    assert found.share_in == pytest.approx(share, abs=0.02)
    assert len(found.counts) == WEEKS - weeks_ago
    assert found.counts[-1] == (1 if weeks_ago < late else 2)


@pytest.mark.parametrize(("weeks_ago", "share"), [(0, None), (25, None), (26, 1.0)])
def test_where_delays_are_unknown_half_a_year_must_pass(
    service: Service, source: InventedSource, weeks_ago: int, share: float | None
) -> None:
    found = _study(service, source, late=0, known=False, weeks_ago=weeks_ago)
    assert found.share_in == share
