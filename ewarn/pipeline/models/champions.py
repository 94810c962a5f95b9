"""Which model serves a purpose: its champion under the two cuts, else the shipped model."""

from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.domain.fit import Fit, Promotion, Purpose
from ewarn.domain.target import Basis
from ewarn.domain.time import midnight, origin_at
from ewarn.errors import ModelError, UsageError
from ewarn.pipeline.service import Service
from ewarn.ports import Fitter, Model
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import fits

# The bases of models that a promotion test may promote. The scores of a provisional model are
# shown, and fire no rule on probabilities.
MAY_SERVE = (Basis.CALIBRATED, Basis.PROVISIONAL)


def serving(service: Service, connection: Connection, source: str, cut: Cut) -> tuple[Model, ...]:
    """Return the models of a source under a cut, one for each purpose.

    A champion does not serve if it learned from too few outcomes, or from a source whose terms no
    longer allow it. A shipped model that knew more than the cut serves as an illustration.

    Raises:
        ModelError: A model cannot be loaded.
    """
    found = shipped(service, source, cut)
    if service.fitter is None or not is_trainable(service, source):
        return tuple(found.values())
    for fit in fits.champions(connection, cut, source):
        if not is_trainable(service, fit.purpose.label_source):
            continue
        model = service.fitter.restored(fit)
        if model.basis in MAY_SERVE:
            found[fit.purpose.slot] = model
    return tuple(found.values())


def shipped(service: Service, source: str, cut: Cut) -> dict[Purpose, Model]:
    """Return the models that serve a source under a cut where no champion was promoted."""
    origin = date.max if cut.as_of is None else cut.as_of.date()
    return {purpose_of(model, source): model for model in service.models(source, origin)}


def purpose_of(model: Model, source: str) -> Purpose:
    """Return what a model is for, on the source that it is to serve."""
    return Purpose(source, model.target, model.level, model.horizon_weeks)


def promote(service: Service, fit_id: int, now: datetime, *, by: str, reason: str) -> Fit:
    """Make a stored fit the champion by hand.

    Raises:
        UnknownName: There is no such fit.
        ModelError: The hash or format of the fit is wrong, or it is not calibrated.
        UsageError: The terms of its source do not allow fits.
    """
    with service.store.write() as connection:
        fit = fits.load(connection, fit_id)
        require_trainable(service, fit.purpose.source)
        require_trainable(service, fit.purpose.label_source)
        model = fitter_of(service).restored(fit)
        if model.basis not in MAY_SERVE:
            raise ModelError(
                f"the fitted model {fit.id} learned from too few outcomes to be calibrated on "
                f"{fit.purpose.source}, and may not serve; back-fill the source and fit again"
            )
        fits.promote(connection, promotion_of(fit, now, by, reason, {}))
    return fit


def promotion_of(
    fit: Fit, now: datetime, by: str, reason: str, figures: dict[str, object]
) -> Promotion:
    """Return the promotion of a fit at a moment: it serves from the last origin before that."""
    as_of = midnight(origin_at(now))
    return Promotion(fit.id, fit.purpose, fit.sha256, now, as_of, by, reason, figures)


def is_trainable(service: Service, source: str) -> bool:
    """Return whether the terms of a source are known and allow models to be fitted on it."""
    terms = service.terms_of(source)
    return terms is not None and terms.train


def require_trainable(service: Service, source: str) -> None:
    """Raise UsageError unless the terms of a source allow models to be fitted on it."""
    if is_trainable(service, source):
        return
    terms = service.terms_of(source)
    why = "are not known here" if terms is None else f"({terms.licence}) do not allow it"
    free = sorted(name for name, others in service.terms.items() if others.train)
    raise UsageError(
        f"nothing is fitted on {source!r}: its terms {why}; those that allow it are "
        f"{', '.join(free) or 'none'}"
    )


def fitter_of(service: Service) -> Fitter:
    """Return the fitter of a service; raise ModelError if it has none."""
    if service.fitter is None:
        raise ModelError("this service cannot fit or load models; start it as `ewarn work`")
    return service.fitter
