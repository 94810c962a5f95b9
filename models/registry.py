"""The kinds of models: one line for each, and what is done with them by what they declare."""

from datetime import date
from typing import Any

from ewarn.domain.fit import Fit
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError
from ewarn.ports import Model
from models.detectors.kind import DETECTOR, card_of_bound
from models.ensemble.kind import ENSEMBLE
from models.model_kind import ModelKind, ModelRequest

# In the order in which they are asked to serve: those that give a probability come first.
KINDS: dict[str, ModelKind] = {kind.name: kind for kind in (ENSEMBLE, DETECTOR)}


def purposes(kinds: dict[str, ModelKind] = KINDS) -> tuple[tuple[Target, Level], ...]:
    """The targets and levels that some kind of model is made for, each once."""
    return tuple(dict.fromkeys(each for kind in kinds.values() for each in kind.purposes))


def served(
    source: str,
    *,
    origin: date = date.max,
    illustration: bool = False,
    pooled: bool = True,
    kinds: dict[str, ModelKind] = KINDS,
) -> tuple[Model, ...]:
    """The models to run on a source's signals at an origin (`ModelRequest`): for each target and
    level the first kind that can serve there. Raises ModelError where shipped parameters are
    missing.
    """
    request = ModelRequest(source, origin, illustration, pooled)
    found = []
    for target, level in purposes(kinds):
        able = (kind for kind in kinds.values() if (target, level) in kind.purposes)
        models = (kind.serve(target, level, request) for kind in able)
        model = next((each for each in models if each is not None), None)
        if model is not None:
            found.append(model)
    return tuple(found)


def fitted(fit: Fit) -> Model:
    """The model of a stored fit, with the hash of its parameters in its version.

    Raises ModelError where this version of ewarn cannot read them.
    """
    kind = KINDS.get(fit.name)
    if kind is None or kind.restore is None:
        raise ModelError(
            f"the fitted model {fit.id} is of the kind {fit.name!r}, which this version of ewarn "
            "cannot load; fit one anew with `ewarn models fit`"
        )
    try:
        return kind.restore(fit)
    except (KeyError, TypeError, ValueError, ModelError) as error:
        raise ModelError(
            f"the fitted model {fit.id} ({fit.purpose}) cannot be read by this version of ewarn "
            f"({error}); fit one anew with `ewarn models fit`, or promote another one"
        ) from None


def card(model: Model) -> dict[str, Any]:
    """The card of a model: what it was fitted on, how well it did, where it is weak."""
    kind = KINDS.get(model.name)
    return card_of_bound(model) if kind is None else kind.card(model)
