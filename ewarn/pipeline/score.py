"""The verb `score`: a panel from the ledger, every model of a source, one run of scores."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ewarn.domain.region import Region
from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.source import Coverage, SourceStatus
from ewarn.domain.target import Band, Basis
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray, Prediction, unknown
from ewarn.pipeline import health
from ewarn.pipeline.champions import serving
from ewarn.pipeline.evidence import with_event_ids
from ewarn.pipeline.lateness import arrivals_at
from ewarn.pipeline.panels import panel_at
from ewarn.pipeline.service import Service
from ewarn.ports import Model
from ewarn.store import scores
from ewarn.store.cuts import Cut

WEEKS_OF_COMPLETENESS = 12

NOT_TO_BE_SCORED = "its terms allow no score that others see, and none is made"


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What one scoring brought; `run` is None where there was nothing to do, for that `reason`."""

    source: str
    origin: date
    run: int | None
    scores: int
    reason: str = ""


def score(
    service: Service, source: str, now: datetime, *, origin: date | None = None
) -> ScoreReport:
    """Score every region a source covers at an origin (default: the last one before `now`).

    Inputs are what was knowable at the origin and recorded by `now`. Scoring the same inputs
    again changes nothing. A source whose terms keep what is derived from it to its account is not
    scored: scores and alerts have many readers.
    """
    at = origin or origin_at(now)
    if not service.is_scored(source):
        return ScoreReport(source, at, None, 0, NOT_TO_BE_SCORED)
    with service.store.write() as connection:
        covered = health.coverage(connection, source, service.sources.get(source), now)
        regions = regions_covered(service, covered, at)
        models = serving(service, connection, source, Cut(midnight(at), now))
        if not regions or not models:
            return ScoreReport(source, at, None, 0, "nothing observed")
        panel, digest = panel_at(connection, source, regions, covered, at, now)
        inputs = _digest(digest, models, at)
        if scores.inputs_of_last_run(connection, source, at) == inputs:
            return ScoreReport(source, at, None, 0, "nothing new")
        polled = service.sources.get(source)
        footing = health.status(connection, source, polled, now, judged_at=midnight(at))
        panel = replace(panel, arrivals=arrivals_at(service, connection, source, panel, now))
        complete = completeness_of(panel)
        borne = max((rule.false_discovery or 0.0 for rule in service.rulebook.rules), default=0.0)
        made = [
            item
            for model in models
            for item in _with_drivers(
                model, panel, scored(service, model, panel, footing, complete, now), borne
            )
        ]
        made = with_event_ids(connection, made, source, Cut(midnight(at), now))
        run = scores.record(connection, source, at, inputs, made, now)
    return ScoreReport(source, at, run, len(made))


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


def scored(
    service: Service,
    model: Model,
    panel: Panel,
    footing: SourceStatus,
    completeness: Mapping[str, float],
    now: datetime,
) -> list[Score]:
    """What a model says of a panel, region by region, without drivers. Nothing is stored."""
    prediction = _claimed(model, model.score(panel))
    cuts = service.rulebook.cuts[model.target, model.level]
    parents = service.places.parents
    name, as_of = f"{model.name}@{model.version}", midnight(panel.origin)
    found, none = prediction.false_discovery, unknown(len(prediction.regions))
    columns = (
        prediction.regions,
        *map(_numbers, (prediction.probability, prediction.low, prediction.high)),
        *map(_numbers, (prediction.expected, prediction.upper, prediction.observed)),
        _numbers(none if found is None else found),
        _members(prediction),
    )
    return [
        Score(
            region=region,
            country=parents.get(region, region),
            target=model.target,
            horizon_weeks=model.horizon_weeks,
            origin=panel.origin,
            model=name,
            basis=model.basis,
            band=cuts.band(probability),
            probability=probability,
            low=low,
            high=high,
            expected=expected,
            upper=upper,
            observed=None if observed is None else round(observed),
            completeness=completeness[region],
            sources=(SourceFooting(footing.source, footing.health, completeness[region]),),
            drivers=(),
            members=members,
            false_discovery=share,
            as_of=as_of,
            recorded_at=now,
        )
        for region, probability, low, high, expected, upper, observed, share, members in zip(
            *columns, strict=True
        )
    ]


def _claimed(model: Model, prediction: Prediction) -> Prediction:
    """A prediction without the probability that a model may not claim on this source."""
    if model.basis is not Basis.UNCALIBRATED:
        return prediction
    none = unknown(len(prediction.regions))
    return replace(prediction, probability=none, low=none, high=none, members={})


def _with_drivers(model: Model, panel: Panel, made: list[Score], borne: float) -> list[Score]:
    """Drivers for the scores that somebody will ask about: guarded and above, out of bounds, or
    alarms to a rule, the most generous of which bears a share of `borne` mistaken ones."""
    notable = [
        item.region
        for item in made
        if item.band.rank >= Band.GUARDED.rank or item.exceeds_bound or item.is_discovery(borne)
    ]
    if not notable:
        return made
    found = model.drivers(panel, notable)
    return [
        replace(item, drivers=found[item.region]) if item.region in found else item for item in made
    ]


def completeness_of(panel: Panel) -> dict[str, float]:
    """Share of the last weeks that was observed, times the share of their events that is in."""
    complete = panel.observed[-WEEKS_OF_COMPLETENESS:, :, 0].mean(axis=0)
    if panel.arrivals.ages:
        complete = complete * panel.arrivals.overall[:WEEKS_OF_COMPLETENESS].mean(axis=0)
    return dict(zip(panel.regions, complete.tolist(), strict=True))


def _members(prediction: Prediction) -> list[tuple[tuple[str, float], ...]]:
    """The probabilities inside an ensemble, region by region; nothing for any other model."""
    if not prediction.members:
        return [()] * len(prediction.regions)
    named = [
        [(name, round(value, 5)) for value in values.tolist()]
        for name, values in prediction.members.items()
    ]
    return list(zip(*named, strict=True))


def _numbers(values: FloatArray) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
