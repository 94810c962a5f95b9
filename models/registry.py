"""The list of all kinds of models, and functions to serve, restore and describe models."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ewarn.domain.fit import Fit
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.entry_points import brought
from ewarn.errors import ModelError
from ewarn.ports import Model
from models.detectors.kind import DETECTOR, card_of_bound
from models.ensemble.kind import ENSEMBLE
from models.model_kind import ModelKind, ModelRequest
from models.training.fitted_kind import FittedKind

GROUP = "ewarn.models"  # of the entry points by which other packages bring kinds of models
KINDS: dict[str, ModelKind] = {kind.name: kind for kind in (ENSEMBLE, DETECTOR)}


def every_kind() -> dict[str, ModelKind]:
    """Return our kinds and those that installed packages bring, in the order in which they serve.

    A kind that gives probabilities comes before one that gives bounds, and theirs before ours. Ours
    win over others of the same name.

    Raises:
        SettingsError: A kind cannot be loaded, or is not a `ModelKind`.
    """
    found = brought(GROUP, lambda loaded: isinstance(loaded, ModelKind))
    theirs: dict[str, ModelKind] = {kind.name: kind for kind in found.values()}
    joined = theirs | KINDS
    return dict(sorted(joined.items(), key=lambda item: not item[1].gives_probability))


def served(
    source: str,
    *,
    origin: date = date.max,
    illustration: bool = False,
    pooled: bool = True,
    kinds: Mapping[str, ModelKind] = KINDS,
) -> tuple[Model, ...]:
    """Return the models to run on a source's signals at an origin.

    For each target, level and horizon it is a model of the first kind that can serve. The arguments
    are those of `ModelRequest`.

    Raises:
        ModelError: Shipped parameters are missing, or a model is not as its kind declares.
    """
    request = ModelRequest(source, origin, illustration, pooled)
    found: dict[tuple[Target, Level, int], Model] = {}
    for target, level in dict.fromkeys(each for kind in kinds.values() for each in kind.purposes):
        for kind in kinds.values():
            slot = (target, level, kind.horizon_weeks)
            if slot in found or (target, level) not in kind.purposes:
                continue
            model = kind.serve(target, level, request)
            if model is not None:
                _require_as_declared(kind, model, slot)
                found[slot] = model
    return tuple(found.values())


def _require_as_declared(kind: ModelKind, model: Model, slot: tuple[Target, Level, int]) -> None:
    """Raise ModelError unless a model is what its kind declares: rules believe its basis."""
    states = (model.name, model.target, model.level, model.horizon_weeks)
    claims = model.basis is not Basis.UNCALIBRATED
    if states != (kind.name, *slot) or claims is not kind.gives_probability:
        raise ModelError(
            f"the kind of model {kind.name!r} serves a model that is not as it declares (name, "
            "target, level, horizon, or whether it gives a probability); repair or uninstall its "
            "package"
        )


def fitted(fit: Fit, kinds: Mapping[str, ModelKind] = KINDS) -> Model:
    """The model of a stored fit, with the hash of its parameters in its version.

    Raises:
        ModelError: This version of ewarn cannot read the stored parameters.
    """
    kind = kinds.get(fit.name)
    if not isinstance(kind, FittedKind):
        raise ModelError(
            f"the fitted model {fit.id} is of the kind {fit.name!r}, which this version of ewarn "
            "cannot load; fit a new one with `ewarn models fit`"
        )
    try:
        return kind.restore(fit)
    except (KeyError, TypeError, ValueError, ModelError) as error:
        raise ModelError(
            f"the fitted model {fit.id} ({fit.purpose}) cannot be read by this version of ewarn "
            f"({error}); fit a new one with `ewarn models fit`, or promote another one"
        ) from None


def card(model: Model, kinds: Mapping[str, ModelKind] = KINDS) -> dict[str, Any]:
    """Return the card of a model: its training data, its measured skill and its weaknesses."""
    kind = kinds.get(model.name)
    return card_of_bound(model) if kind is None else kind.card(model)
