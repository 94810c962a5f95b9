"""The declaration of the ensemble, which gives a probability for sources it was fitted on."""

import json
from functools import cache, partial
from typing import Any

import sklearn

from ewarn.domain.fit import Fit, Purpose, sha256_of, stamped_version
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.ports import Model
from models.ensemble.ensemble import LABEL_SOURCE, Ensemble
from models.ensemble.shipped_parameters import FOLDER, document, file_name, load, restored
from models.model_kind import USUAL_PURPOSES, ModelRequest
from models.training.fitted_kind import FittedKind

HORIZON_WEEKS = 4


def _serve(target: Target, level: Level, request: ModelRequest) -> Ensemble | None:
    """Return the shipped ensemble for its own source, or as an illustration for another one.

    It is also an illustration at an origin before the end of its training labels, because it was
    fitted on outcomes after that origin. Returns None for another source if the request does not
    allow illustrations.
    """
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


def ensemble_for(purpose: Purpose, replicates: int = 40) -> Ensemble:
    """The ensemble of a purpose, unfitted; without `replicates` it has no intervals."""
    return Ensemble(
        purpose.target,
        purpose.level,
        source=purpose.source,
        horizon_weeks=purpose.horizon_weeks,
        replicates=replicates,
        outcomes=purpose.outcomes,
    )


def _restore(fit: Fit) -> Ensemble:
    model = restored(ensemble_for(fit.purpose), json.loads(fit.document))
    model.version = stamped_version(fit.version, fit.sha256)
    return model


def _card(model: Model) -> dict[str, Any]:
    assert isinstance(model, Ensemble)
    shown = {"model": f"{model.name}@{model.version}", "basis": str(model.basis)}
    return {**model.card_, "signals": list(model.signals), **shown}


def _document(model: Model) -> dict[str, Any]:
    assert isinstance(model, Ensemble)
    return document(model)


def _card_lines(model: Model) -> dict[str, Any]:
    assert isinstance(model, Ensemble)
    return {
        "members": [member.name for member in model.members_],
        "scikit_learn": sklearn.__version__,
        "seed": model.seed,
    }


ENSEMBLE = FittedKind(
    name=Ensemble.name,
    purposes=USUAL_PURPOSES,
    horizon_weeks=HORIZON_WEEKS,
    gives_probability=True,
    make=Ensemble,
    serve=_serve,
    card=_card,
    unfitted=ensemble_for,
    sketch=partial(ensemble_for, replicates=0),
    document=_document,
    restore=_restore,
    card_lines=_card_lines,
    weaknesses=(
        "Intervals hold the uncertainty of contagion, escalation and the pool, not of the "
        "boosting.",
    ),
    learns_across=True,
)
