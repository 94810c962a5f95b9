"""What the ensemble can do: a probability, where parameters were learned for the source."""

import json
from functools import cache
from typing import Any

from ewarn.domain.fit import Fit, sha256_of, stamped_version
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.ports import Model
from models.ensemble.ensemble import LABEL_SOURCE, Ensemble
from models.ensemble.shipped_parameters import FOLDER, file_name, load, restored
from models.model_kind import USUAL_PURPOSES, ModelKind, ModelRequest

HORIZON_WEEKS = 4


def _serve(target: Target, level: Level, request: ModelRequest) -> Ensemble | None:
    """The shipped ensemble, on its own source or as an illustration. So is one at an origin before
    the end of the labels it learned from: it knew what came after."""
    if request.source != LABEL_SOURCE and not request.illustration:
        return None
    model = load(target, level, source=request.source, illustration=request.illustration)
    model.version = stamped_version(model.version, _hash_of_shipped(target, level))
    model.illustration |= request.origin < model.labels_before
    return model


@cache
def _hash_of_shipped(target: Target, level: Level) -> str:
    text = (FOLDER / file_name(target, level, HORIZON_WEEKS)).read_text(encoding="utf-8")
    return sha256_of(text)


def _restore(fit: Fit) -> Ensemble:
    purpose = fit.purpose
    model = Ensemble(
        purpose.target,
        purpose.level,
        source=purpose.source,
        horizon_weeks=purpose.horizon_weeks,
        outcomes=purpose.outcomes,
    )
    restored(model, json.loads(fit.document))
    model.version = stamped_version(fit.version, fit.sha256)
    return model


def _card(model: Model) -> dict[str, Any]:
    assert isinstance(model, Ensemble)
    shown = {"model": f"{model.name}@{model.version}", "basis": str(model.basis)}
    return {**model.card_, "signals": list(model.signals), **shown}


ENSEMBLE = ModelKind(
    name=Ensemble.name,
    purposes=USUAL_PURPOSES,
    horizon_weeks=HORIZON_WEEKS,
    gives_probability=True,
    make=Ensemble,
    serve=_serve,
    card=_card,
    restore=_restore,
)
