"""Which model serves: the champion of each purpose under the two cuts, else what is shipped."""

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

# What a trial may promote. A provisional one is shown, and fires no rule on probabilities.
MAY_SERVE = (Basis.CALIBRATED, Basis.PROVISIONAL)


def serving(service: Service, connection: Connection, source: str, cut: Cut) -> tuple[Model, ...]:
    """The models of a source under a cut, one for each purpose; what is shipped and knew more than
    the cut serves as an illustration.

    A champion that learned from too few outcomes of the source, or from a source whose terms no
    longer allow it, does not serve. Raises ModelError where one cannot be loaded.
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
    """The models that serve a source under a cut where no champion was promoted."""
    origin = date.max if cut.as_of is None else cut.as_of.date()
    return {purpose_of(model, source): model for model in service.models(source, origin)}


def purpose_of(model: Model, source: str) -> Purpose:
    """What a model is for, on the source it is to serve."""
    return Purpose(source, model.target, model.level, model.horizon_weeks)


def promote(service: Service, fit_id: int, now: datetime, *, by: str, reason: str) -> Fit:
    """Make a stored fit the champion by hand.

    Raises UnknownName, ModelError where its hash or format is wrong or it is not calibrated, and
    UsageError where its source allows no fits.
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
    """The promotion of a fit at a moment: it serves from the last origin before it on."""
    as_of = midnight(origin_at(now))
    return Promotion(fit.id, fit.purpose, fit.sha256, now, as_of, by, reason, figures)


def is_trainable(service: Service, source: str) -> bool:
    """Whether the terms of a source are known, and allow models to be fitted on it."""
    terms = service.terms_of(source)
    return terms is not None and terms.train


def require_trainable(service: Service, source: str) -> None:
    """Raise UsageError, by name, unless the terms of a source allow models to be fitted on it."""
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
    """What fits and loads models; raises ModelError in a service without one."""
    if service.fitter is None:
        raise ModelError("this service was put together without a fitter; start it as `ewarn work`")
    return service.fitter
