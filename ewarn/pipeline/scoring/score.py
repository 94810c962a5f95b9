"""The verb `score`: read a panel, score it with every model of a source, store one run."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from ewarn.domain.region import Region
from ewarn.domain.score import Score
from ewarn.domain.source import Coverage
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.frames.panel import Panel
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.champions import serving
from ewarn.pipeline.panels.evidence import with_event_ids
from ewarn.pipeline.panels.lateness import arrivals_at
from ewarn.pipeline.panels.panels import panel_at
from ewarn.pipeline.scoring.interim import Monday, score_so_far
from ewarn.pipeline.scoring.scoring import (
    WEEKS_OF_COMPLETENESS,
    completeness_of,
    scored,
    with_drivers,
)
from ewarn.pipeline.service import Service
from ewarn.ports import Model, PublishesLate
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores

NOT_TO_BE_SCORED = "its terms allow no score that others see, and none is made"
SCORED_MEANWHILE = "another process scored it at the same time, and its scores stand"


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What one scoring brought; `run` is None if there was nothing to do, for that `reason`.

    `interim_run` holds the scores that the week so far raised (`raised` of them), with Monday's
    scores of the same countries. It is None if nothing more was raised.
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
    """Score every region that a source covers at an origin (default: the last one before `now`).

    Inputs are what was known at the origin (see `known_until`) and recorded by `now`. At the last
    origin the week so far is then read too, and can raise scores (`interim`). Scoring the same
    inputs again changes nothing. A source that nobody may read is not scored.

    Scores are computed in a read transaction and stored in a short write transaction, so that
    people can act on alerts meanwhile. If another process stored a run in between, its scores stay.
    """
    at = origin or origin_at(now)
    report = ScoreReport(source, at, None, 0, "nothing new")
    if not service.is_scored(source):
        return replace(report, reason=NOT_TO_BE_SCORED)
    with service.store.read() as connection:
        monday = _monday(service, connection, source, at, now)
        if monday is None:
            return replace(report, reason="nothing observed")
        before = scores.newest_run(connection, source, at)
        is_known = scores.inputs_of_last_run(connection, source, at) == monday.inputs
        new = None if is_known else _new_run(service, connection, monday, now)
    if new is not None:
        run = _stored(service, new, before)
        if run is None:
            return replace(report, reason=SCORED_MEANWHILE)
        report = ScoreReport(source, at, run, len(new.rows))
    if monday.lag or at != origin_at(now):
        return report
    with service.store.read() as connection:
        found = score_so_far(service, connection, monday, now)
    run = None if found is None else _stored(service, found.new, found.before)
    if found is None or run is None:
        return report
    return replace(report, interim_run=run, raised=found.raised)


def _stored(service: Service, new: scores.NewRun, before: scores.ScoreRun | None) -> int | None:
    """Store a run after the one `before` and return its id, or None if another run came between."""
    with service.store.write() as connection:
        return scores.add(connection, new, before, service.moment(new.recorded_at))


def _monday(
    service: Service, connection: Connection, source: str, at: date, now: datetime
) -> Monday | None:
    """Return the inputs of the scores of an origin, or None if nothing was observed."""
    polled = service.sources.get(source)
    lag = polled.lag if isinstance(polled, PublishesLate) else timedelta()
    covered = health.coverage(connection, source, polled, now)
    regions = regions_covered(service, covered, at)
    models = serving(service, connection, source, Cut(midnight(at), now))
    if not regions or not models:
        return None
    as_of = known_until(at, lag, now) if lag else None
    panel, digest = panel_at(
        connection, source, regions, covered, at, now, as_of=as_of, cache=service.panels
    )
    footing = health.status(connection, source, polled, now, judged_at=midnight(at))
    arrivals = arrivals_at(service, connection, source, panel, now)
    return Monday(
        source=source,
        panel=replace(panel, arrivals=arrivals),
        models=models,
        footing=footing,
        inputs=_digest(digest, models, at),
        known_until=as_of or midnight(at),
        lag=lag,
    )


def _new_run(
    service: Service, connection: Connection, monday: Monday, now: datetime
) -> scores.NewRun:
    """Return the scores of a Monday as a run that is not stored yet."""
    known = monday.known_until
    made = [
        replace(item, origin=monday.origin, as_of=known) for item in _scores(service, monday, now)
    ]
    made = with_event_ids(connection, made, monday.source, Cut(known, now))
    return scores.new_run(monday.source, monday.origin, monday.inputs, made, now)


def _scores(service: Service, monday: Monday, now: datetime) -> list[Score]:
    """Return the scores of every model for a Monday.

    Detectors score the newest week that is published.
    """
    complete = completeness_of(monday.panel)
    published = panel_until_published(monday.panel, monday.lag)
    made: list[Score] = []
    for model in monday.models:
        panel = published if model.basis is Basis.UNCALIBRATED else monday.panel
        found = scored(service, model, panel, monday.footing, complete, now)
        made += with_drivers(model, panel, found, service.rulebook)
    return made


def known_until(origin: date, lag: timedelta, now: datetime) -> datetime:
    """Return the moment until which the inputs of an origin are known.

    That is the origin. For a source that publishes with a `lag` it is now, or the next origin if
    that has passed. Such a source dates a week as known on the day of its events. If its inputs
    were cut at the origin, a week that was published later would look calm.
    """
    return min(now, midnight(origin + WEEK)) if lag else midnight(origin)


def panel_until_published(panel: Panel, lag: timedelta) -> Panel:
    """Return the panel up to the newest week that a source with a `lag` has published.

    A detector evaluates the last week of its panel. The last week before an origin is never
    published at the origin by such a source, so it would never be evaluated. Weeks that are missing
    for longer stay missing.
    """
    weeks = min(lag // WEEK, panel.weeks)
    is_out = np.flatnonzero(panel.observed[panel.weeks - weeks :].any(axis=(1, 2)))
    if not len(is_out):
        return panel
    return panel.until(panel.origin - (weeks - 1 - int(is_out[-1])) * WEEK)


def regions_covered(service: Service, covered: Iterable[Coverage], origin: date) -> list[Region]:
    """Return the regions that exist at an origin in the countries that a source lately covered.

    If nothing was observed in all the weeks of the completeness, there is nothing to score: the
    last score stays, with its date.
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
