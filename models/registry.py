"""The models that are served: one line for each target and level."""

from typing import Any

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.ports import Model
from models.detector import Detector
from models.ensemble import LABEL_SOURCE, Ensemble
from models.shipped import load

SERVED: tuple[tuple[Target, Level], ...] = (
    (Target.FORCE, Level.COUNTRY),
    (Target.FORCE, Level.ADMIN1),
    (Target.ESCALATION, Level.COUNTRY),
    (Target.ESCALATION, Level.ADMIN1),
)

# Every kind of model by name; each is made with a target, a level and a source.
MODELS: dict[str, type[Ensemble] | type[Detector]] = {
    "ensemble": Ensemble,
    "detector": Detector,
}


def served(source: str, *, illustration: bool = False) -> tuple[Model, ...]:
    """The models to run on a source's signals, one for each target and level.

    Probabilities where they were calibrated, or elsewhere as an `illustration`; detectors on
    any other source. Raises ModelError where shipped parameters are missing.
    """
    if source == LABEL_SOURCE or illustration:
        return tuple(
            load(target, level, source=source, illustration=illustration)
            for target, level in SERVED
        )
    return tuple(Detector(target, level, source=source) for target, level in SERVED)


def card(model: Model) -> dict[str, Any]:
    """The card of a model: what it was fitted on, how well it did, where it is weak."""
    if isinstance(model, Ensemble):
        return {**model.card_, "signals": list(model.signals), "basis": str(model.basis)}
    return {
        "model": f"{model.name}@{model.version}",
        "target": str(model.target),
        "level": str(model.level),
        "horizon_weeks": model.horizon_weeks,
        "signals": list(model.signals),
        "basis": str(model.basis),
        "weaknesses": ["It gives an expected value and a bound, and claims no probability."],
    }
