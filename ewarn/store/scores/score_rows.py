"""Conversion of scores to rows of their table, and back."""

from datetime import date
from typing import Any

from ewarn.domain.score import Driver, Score, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target


def row_of(score: Score) -> dict[str, Any]:
    """Return the columns of a score, except its id, its run and when it was recorded."""
    return {
        "region": score.region,
        "country": score.country,
        "target": score.target.value,
        "horizon_weeks": score.horizon_weeks,
        "origin": score.origin,
        "model": score.model,
        "basis": score.basis.value,
        "band": score.band.value,
        "probability": score.probability,
        "low": score.low,
        "high": score.high,
        "expected": score.expected,
        "upper": score.upper,
        "observed": score.observed,
        "false_discovery": score.false_discovery,
        "relative_risk": score.relative_risk,
        "completeness": score.completeness,
        "sources": [
            {"source": item.source, "health": item.health.value, "completeness": item.completeness}
            for item in score.sources
        ],
        "drivers": [_plain(driver) for driver in score.drivers],
        "members": dict(score.members),
        "as_of": score.as_of,
        "interim": score.interim,
    }


def _plain(driver: Driver) -> dict[str, Any]:
    return {
        "signal": driver.signal,
        "first_week": driver.first_week,
        "last_week": driver.last_week,
        "contribution": driver.contribution,
        "count": driver.count,
        "event_ids": driver.event_ids,
    }


def score_of(row: Any) -> Score:
    """Return the score that a row holds."""
    return Score(
        region=row.region,
        country=row.country,
        target=Target(row.target),
        horizon_weeks=row.horizon_weeks,
        origin=row.origin,
        model=row.model,
        basis=Basis(row.basis),
        band=Band(row.band),
        probability=row.probability,
        low=row.low,
        high=row.high,
        expected=row.expected,
        upper=row.upper,
        observed=row.observed,
        false_discovery=row.false_discovery,
        relative_risk=row.relative_risk,
        completeness=row.completeness,
        sources=tuple(
            SourceFooting(item["source"], Health(item["health"]), item["completeness"])
            for item in row.sources
        ),
        drivers=tuple(_driver(item) for item in row.drivers),
        members=tuple(row.members.items()),
        as_of=row.as_of,
        interim=row.interim,
        recorded_at=row.recorded_at,
        id=str(row.id),
    )


def _driver(item: dict[str, Any]) -> Driver:
    return Driver(
        signal=item["signal"],
        first_week=date.fromisoformat(item["first_week"]),
        last_week=date.fromisoformat(item["last_week"]),
        contribution=item["contribution"],
        count=item["count"],
        event_ids=tuple(item["event_ids"]),
    )
