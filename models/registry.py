"""The models that are served: one line for each target and level."""

import json
from datetime import date
from functools import cache
from typing import Any

from ewarn.domain.fit import Fit, sha256_of, stamped_version
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError
from ewarn.ports import Model
from models.detectors.detector import Detector
from models.ensemble.ensemble import LABEL_SOURCE, Ensemble
from models.ensemble.shipped_parameters import FOLDER, file_name, load, restored

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


def served(
    source: str, *, origin: date = date.max, illustration: bool = False, pooled: bool = True
) -> tuple[Model, ...]:
    """The models to run on a source's signals at an origin, one for each target and level.

    Probabilities where they were calibrated, or elsewhere as an `illustration`: so are those of
    an origin before the end of the labels learned from, for they knew what came after it.
    Detectors on any other source, which lean on other regions only if `pooled`: a source that may
    not be learned from is not pooled. Raises ModelError where shipped parameters are missing.
    """
    if source == LABEL_SOURCE or illustration:
        models = tuple(_shipped(target, level, source, illustration) for target, level in SERVED)
        for model in models:
            model.illustration |= origin < model.labels_before
        return models
    return tuple(Detector(target, level, source=source, pooled=pooled) for target, level in SERVED)


def _shipped(target: Target, level: Level, source: str, illustration: bool) -> Ensemble:
    """The shipped ensemble; its version says which parameters it has."""
    model = load(target, level, source=source, illustration=illustration)
    model.version = stamped_version(model.version, _hash_of_shipped(target, level))
    return model


@cache
def _hash_of_shipped(target: Target, level: Level) -> str:
    return sha256_of((FOLDER / file_name(target, level, 4)).read_text(encoding="utf-8"))


def fitted(fit: Fit) -> Model:
    """The model of a stored fit, with the hash of its parameters in its version.

    Raises ModelError where this version of ewarn cannot read them.
    """
    if MODELS.get(fit.name) is not Ensemble:
        raise ModelError(
            f"the fitted model {fit.id} is of the kind {fit.name!r}, which this version of ewarn "
            "cannot load; fit one anew with `ewarn models fit`"
        )
    purpose = fit.purpose
    model = Ensemble(
        purpose.target,
        purpose.level,
        source=purpose.source,
        horizon_weeks=purpose.horizon_weeks,
        outcomes=purpose.outcomes,
    )
    try:
        restored(model, json.loads(fit.document))
    except (KeyError, TypeError, ValueError, ModelError) as error:
        raise ModelError(
            f"the fitted model {fit.id} ({purpose}) cannot be read by this version of ewarn "
            f"({error}); fit one anew with `ewarn models fit`, or promote another one"
        ) from None
    model.version = stamped_version(fit.version, fit.sha256)
    return model


def card(model: Model) -> dict[str, Any]:
    """The card of a model: what it was fitted on, how well it did, where it is weak."""
    if isinstance(model, Ensemble):
        shown = {"model": f"{model.name}@{model.version}", "basis": str(model.basis)}
        return {**model.card_, "signals": list(model.signals), **shown}
    weaknesses = ["It gives an expected value and a bound, and claims no probability."]
    if isinstance(model, Detector) and not model.pooled:
        weaknesses.append("Its source may not be learned from: each region has its own past only.")
    return {
        "model": f"{model.name}@{model.version}",
        "target": str(model.target),
        "level": str(model.level),
        "horizon_weeks": model.horizon_weeks,
        "signals": list(model.signals),
        "basis": str(model.basis),
        "weaknesses": weaknesses,
    }
