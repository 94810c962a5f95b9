"""The verb `score`: a panel from the ledger, every model of a source, one run of scores."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.domain.region import Region
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.pipeline import health
from ewarn.pipeline.champions import serving
from ewarn.pipeline.evidence import with_event_ids
from ewarn.pipeline.interim import Monday, score_so_far
from ewarn.pipeline.lateness import arrivals_at
from ewarn.pipeline.panels import panel_at
from ewarn.pipeline.scoring import (
    WEEKS_OF_COMPLETENESS,
    completeness_of,
    scored,
    with_drivers,
)
from ewarn.pipeline.service import Service
from ewarn.ports import Model
from ewarn.store import scores
from ewarn.store.cuts import Cut

NOT_TO_BE_SCORED = "its terms allow no score that others see, and none is made"


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What one scoring brought; `run` is None where there was nothing to do, for that `reason`.

    `interim_run` holds what the week so far raised: `raised` scores, with Monday's of the same
    countries. None where it raised nothing more.
    """

    source: str
    origin: date
    run: int | None
    scores: int
    reason: str = ""
    interim_run: int | None = None
    raised: int = 0


def score(
    service: Service, source: str, now: datetime, *, origin: date | None = None
) -> ScoreReport:
    """Score every region a source covers at an origin (default: the last one before `now`).

    Inputs are what was knowable at the origin and recorded by `now`. Of the last origin the week so
    far is then read too, and raises what it raises (`interim`). Scoring the same inputs again
    changes nothing. A source whose terms keep what is derived from it to its account is not scored:
    scores and alerts have many readers.
    """
    at = origin or origin_at(now)
    if not service.is_scored(source):
        return ScoreReport(source, at, None, 0, NOT_TO_BE_SCORED)
    with service.store.write() as connection:
        monday, report = _of_monday(service, connection, source, at, now)
        if monday is None or at != origin_at(now):
            return report
        raised = score_so_far(service, connection, monday, now)
    return report if raised is None else replace(report, interim_run=raised[0], raised=raised[1])


def _of_monday(
    service: Service, connection: Connection, source: str, at: date, now: datetime
) -> tuple[Monday | None, ScoreReport]:
    """The scoring of an origin, stored if its inputs are new; None where nothing was observed."""
    covered = health.coverage(connection, source, service.sources.get(source), now)
    regions = regions_covered(service, covered, at)
    models = serving(service, connection, source, Cut(midnight(at), now))
    if not regions or not models:
        return None, ScoreReport(source, at, None, 0, "nothing observed")
    panel, digest = panel_at(connection, source, regions, covered, at, now, cache=service.panels)
    inputs = _digest(digest, models, at)
    footing = health.status(
        connection, source, service.sources.get(source), now, judged_at=midnight(at)
    )
    arrivals = arrivals_at(service, connection, source, panel, now)
    monday = Monday(source, replace(panel, arrivals=arrivals), models, footing)
    if scores.inputs_of_last_run(connection, source, at) == inputs:
        return monday, ScoreReport(source, at, None, 0, "nothing new")
    complete = completeness_of(monday.panel)
    made = [
        item
        for model in models
        for item in with_drivers(
            model,
            monday.panel,
            scored(service, model, monday.panel, footing, complete, now),
            service.rulebook,
        )
    ]
    made = with_event_ids(connection, made, source, Cut(midnight(at), now))
    run = scores.record(connection, source, at, inputs, made, now)
    return monday, ScoreReport(source, at, run, len(made))


def regions_covered(service: Service, covered: Iterable[Coverage], origin: date) -> list[Region]:
    """The regions that exist at an origin in the countries a source has lately covered.

    Where nothing was observed in all the weeks that completeness looks at, there is nothing to
    score: the last score stays, with its date.
    """
    recent = origin - WEEKS_OF_COMPLETENESS * WEEK
    countries = {
        item.country for item in covered if item.first_week < origin and item.last_week >= recent
    }
    wanted = None if "*" in countries else countries
    return [
        region for region in service.places.regions(countries=wanted) if region.exists_on(origin)
    ]


def _digest(cells: str, models: Sequence[Model], origin: date) -> str:
    names = [f"{m.name}@{m.version}/{m.target}/{m.level}/{m.basis}" for m in models]
    return hashlib.sha256("|".join([cells, origin.isoformat(), *names]).encode()).hexdigest()
