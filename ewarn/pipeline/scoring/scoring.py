"""From the predictions of a model for a panel to scores."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.source import SourceStatus
from ewarn.domain.target import Band, BandCuts, Basis
from ewarn.domain.time import midnight
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import (
    FloatArray,
    Prediction,
    mean_of_quiet,
    relative_risk,
    unknown,
)
from ewarn.pipeline.service import Service
from ewarn.ports import Model
from ewarn.rulebook.rules import Rulebook

WEEKS_OF_COMPLETENESS = 12


def scored(
    service: Service,
    model: Model,
    panel: Panel,
    footing: SourceStatus,
    completeness: Mapping[str, float],
    now: datetime,
    *,
    only: Sequence[str] | None = None,
    mean: float | None = None,
) -> list[Score]:
    """Return the scores of a model for a panel, without drivers. Nothing is stored.

    Args:
        only: Score only these regions; None means all.
        mean: The mean probability with which quiet regions are compared; None means their own mean.
    """
    prediction = _claimed(model, model.score(panel, only))
    cuts = service.rulebook.cuts[model.target, model.level]
    parents = service.places.parents
    name, as_of = f"{model.name}@{model.version}", midnight(panel.origin)
    found, none = prediction.false_discovery, unknown(len(prediction.regions))
    columns = (
        prediction.regions,
        *map(_numbers, (prediction.probability, prediction.low, prediction.high)),
        *map(_numbers, (prediction.expected, prediction.upper, prediction.observed)),
        _numbers(none if found is None else found),
        _numbers(_relative_risk(prediction, mean)),
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
            band=_band(cuts, model.basis, probability),
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
            relative_risk=risk,
            as_of=as_of,
            recorded_at=now,
        )
        for region, probability, low, high, expected, upper, observed, share, risk, members in zip(
            *columns, strict=True
        )
    ]


def _band(cuts: BandCuts, basis: Basis, probability: float | None) -> Band:
    """Return the level of a probability; a provisional one has none, so that it notifies nobody."""
    return Band.UNCALIBRATED if basis is Basis.PROVISIONAL else cuts.band(probability)


def _relative_risk(prediction: Prediction, mean: float | None) -> FloatArray:
    if prediction.quiet is None:
        return unknown(len(prediction.regions))
    probability, quiet = prediction.probability, prediction.quiet
    of_quiet = mean_of_quiet(probability, quiet) if mean is None else mean
    return relative_risk(probability, quiet, of_quiet)


def _claimed(model: Model, prediction: Prediction) -> Prediction:
    """Return a prediction without the probability that a model may not claim on this source."""
    if model.basis is not Basis.UNCALIBRATED:
        return prediction
    none = unknown(len(prediction.regions))
    return replace(prediction, probability=none, low=none, high=none, members={})


def with_drivers(
    model: Model, panel: Panel, made: Sequence[Score], rulebook: Rulebook
) -> list[Score]:
    """Return scores with drivers where somebody will ask for them.

    These are scores that are guarded or higher, exceed a bound, or are alarms for the rule that
    accepts the greatest share of mistaken ones.
    """
    accepted = max((rule.false_discovery or 0.0 for rule in rulebook.rules), default=0.0)
    notable = [
        item.region
        for item in made
        if item.band.rank >= Band.GUARDED.rank or item.exceeds_bound or item.is_discovery(accepted)
    ]
    if not notable:
        return list(made)
    found = model.drivers(panel, notable)
    return [
        replace(item, drivers=found[item.region]) if item.region in found else item for item in made
    ]


def completeness_of(panel: Panel) -> dict[str, float]:
    """Return the completeness of each region, 0 to 1.

    It is the share of the last weeks that was observed, times the share of their events that has
    arrived.
    """
    complete = panel.observed[-WEEKS_OF_COMPLETENESS:, :, 0].mean(axis=0)
    if panel.arrivals.ages:
        complete = complete * panel.arrivals.overall[:WEEKS_OF_COMPLETENESS].mean(axis=0)
    return dict(zip(panel.regions, complete.tolist(), strict=True))


def _members(prediction: Prediction) -> list[tuple[tuple[str, float], ...]]:
    """Return the probabilities inside an ensemble by region; nothing for any other model."""
    if not prediction.members:
        return [()] * len(prediction.regions)
    named = [
        [(name, round(value, 5)) for value in values.tolist()]
        for name, values in prediction.members.items()
    ]
    return list(zip(*named, strict=True))


def _numbers(values: FloatArray) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
