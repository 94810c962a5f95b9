"""Invented scores and rules for tests."""

from datetime import date, datetime, timedelta
from typing import Any

from ewarn.domain.region import Level
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import BandCuts, Basis, Target
from ewarn.domain.time import midnight

CUTS = BandCuts(guarded=0.05, elevated=0.10, high=0.20, critical=0.40)
MONDAY = date(2020, 1, 6)


def origin(number: int) -> date:
    """Return the Monday `number` weeks after the first one."""
    return MONDAY + timedelta(weeks=number)


def score(
    probability: float | None, week: int = 0, *, region: str = "TG-M", **others: Any
) -> Score:
    """Return a score of a region of Togo; its band follows from `CUTS`."""
    at = others.pop("origin", origin(week))
    values: dict[str, Any] = {
        "region": region,
        "country": "TGO",
        "target": Target.FORCE,
        "horizon_weeks": 4,
        "origin": at,
        "model": "invented@1",
        "basis": Basis.UNCALIBRATED if probability is None else Basis.CALIBRATED,
        "band": CUTS.band(probability),
        "probability": probability,
        "low": None if probability is None else probability / 2,
        "high": None if probability is None else min(2 * probability, 0.99),
        "expected": 1.0,
        "upper": 3.0,
        "observed": 1,
        "completeness": 1.0,
        "sources": (SourceFooting("invented", Health.OK, 1.0),),
        "drivers": (),
        "as_of": midnight(at),
        "recorded_at": midnight(at),
        "id": f"s{week}",
    }
    return Score(**(values | others))


def rule(**others: Any) -> Rule:
    """Return a plain rule: raise at 0.2, close below 0.1 after two weeks, cool down for four."""
    values: dict[str, Any] = {
        "id": "force-admin1",
        "target": Target.FORCE,
        "level": Level.ADMIN1,
        "horizon_weeks": 4,
        "raise_at": 0.2,
        "close_below": 0.1,
        "hold_for": 1,
        "keep_for": 2,
        "cool_down": 4,
    }
    return Rule(**(values | others))


def moment(week: int) -> datetime:
    """Return when the service runs for an origin."""
    return midnight(origin(week))
