"""The declaration of the detector, which gives an expected value and a bound for any source."""

from typing import Any

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.ports import Model
from models.detectors.detector import Detector
from models.model_kind import USUAL_PURPOSES, ModelKind, ModelRequest


def _serve(target: Target, level: Level, request: ModelRequest) -> Detector:
    return Detector(target, level, source=request.source, pooled=request.pooled)


def _card(model: Model) -> dict[str, Any]:
    card = card_of_bound(model)
    if isinstance(model, Detector) and not model.pooled:
        alone = "Its source may not be learned from: each region has its own past only."
        card["weaknesses"].append(alone)
    return card


def card_of_bound(model: Model) -> dict[str, Any]:
    """Return the card of a model from its own attributes alone."""
    return {
        "model": f"{model.name}@{model.version}",
        "target": str(model.target),
        "level": str(model.level),
        "horizon_weeks": model.horizon_weeks,
        "signals": list(model.signals),
        "basis": str(model.basis),
        "weaknesses": ["It gives an expected value and a bound, and claims no probability."],
    }


DETECTOR = ModelKind(
    name=Detector.name,
    purposes=USUAL_PURPOSES,
    horizon_weeks=4,
    gives_probability=False,
    make=Detector,
    serve=_serve,
    card=_card,
)
