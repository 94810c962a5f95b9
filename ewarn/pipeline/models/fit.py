"""The verb `fit`: fit a challenger on a source's events, test it, and promote it if it wins."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.domain.fit import OUTCOMES_FOR, Assignment, Fit, Purpose, Trial, sha256_of
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.errors import ModelError
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.champions import (
    MAY_SERVE,
    fitter_of,
    is_trainable,
    promotion_of,
    require_trainable,
    shipped,
)
from ewarn.pipeline.panels.panels import Past, past_of
from ewarn.pipeline.service import Service
from ewarn.ports import Model
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import fits

MATURE_WEEKS = 26  # after so many weeks the reports of an outcome count as complete
BY = "ewarn"
NO_CHANGE = "the champion stays: "


@dataclass(frozen=True, slots=True)
class FitReport:
    """The result of fitting for one purpose; `fit_id` is None if nothing was fitted."""

    purpose: Purpose
    fit_id: int | None
    promoted: bool
    reason: str


def fit(
    service: Service,
    source: str,
    now: datetime,
    *,
    target: Target | None = None,
    level: Level | None = None,
    outcomes: str = "",
    only_if_new: bool = False,
) -> list[FitReport]:
    """Fit a challenger for each purpose of a source, and promote those that win their test.

    Args:
        outcomes: The source of the outcomes, if it is another source.
        only_if_new: Fit nothing if no further outcomes have matured since the last fit.

    Raises:
        UsageError: The terms of a source do not allow it.
        ModelError: The source has no outcomes.
    """
    require_trainable(service, source)
    require_trainable(service, outcomes or source)
    wanted = [
        purpose
        for purpose in fitter_of(service).purposes(source, outcomes)
        if target in (None, purpose.target) and level in (None, purpose.level)
    ]
    return [_fit(service, purpose, now, only_if_new) for purpose in wanted]


def sources_to_fit(service: Service) -> list[str]:
    """Return the sources that are switched on and whose terms allow fits.

    An archive that has ended is fitted only if it is named: nothing new matures in it.
    """
    return [name for name, source in service.sources.items() if source.terms.train]


def pairs_to_fit(service: Service, now: datetime) -> list[tuple[str, str]]:
    """Return pairs of a source to fit on and a source of its outcomes that has been read."""
    with service.store.read() as connection:
        return [
            (source, outcomes)
            for source in sources_to_fit(service)
            for outcomes in OUTCOMES_FOR.get(source, {})
            if is_trainable(service, outcomes)
            and health.coverage(connection, outcomes, service.sources.get(outcomes), now)
        ]


def _fit(service: Service, purpose: Purpose, now: datetime, only_if_new: bool) -> FitReport:
    origin = origin_at(now)
    with service.store.read() as connection:
        past = past_of(service, connection, purpose, origin, now)
        last = fits.newest(connection, purpose)
        champion, problem = _champion(service, connection, purpose, Cut(midnight(origin), now))
    if past is None:
        names = " and ".join(dict.fromkeys((purpose.source, purpose.label_source)))
        return FitReport(purpose, None, False, f"{names}: not read yet; see `ewarn status`")
    settled = settled_before(past.last_week, origin)
    if only_if_new and last is not None and not _is_new(past, settled, last):
        reason = f"no four weeks of outcomes have matured since those before {last.labels_before}"
        return FitReport(purpose, None, False, reason)
    task = _task(service, purpose, past, settled, origin)
    try:
        trial = fitter_of(service).challenge(past.history, task, champion)
    except ModelError as error:
        return FitReport(purpose, None, False, f"nothing was fitted: {error}")
    return _stored(service, task, replace(trial, reason=problem + trial.reason), champion, now)


def _champion(
    service: Service, connection: Connection, purpose: Purpose, cut: Cut
) -> tuple[Model | None, str]:
    """Return the model that serves a purpose (None without one), and why one cannot be loaded.

    A model that cannot be loaded serves nobody, and must not block another one.
    """
    found = shipped(service, purpose.source, cut)
    try:
        for fit in fits.champions(connection, cut, purpose.source, purpose):
            found[purpose] = fitter_of(service).restored(fit)
    except ModelError as error:
        return None, f"{error}; "
    model = found.get(purpose)
    return (model if model is not None and model.basis in MAY_SERVE else None), ""


def _obstacle(
    service: Service, connection: Connection, purpose: Purpose, wins: Basis, cut: Cut
) -> str:
    """Return why a fit that won may not replace the model that serves now with other outcomes.

    Outcomes that people coded as lethal force have priority over those that a machine finds, unless
    the fit is provisional: rules on probabilities must not fall silent because of a model that they
    may not use.

    Returns:
        The reason, or an empty string if the fit may serve.
    """
    try:
        standing = fits.champions(connection, cut, purpose.source)
        bases = [(fit, fitter_of(service).restored(fit).basis) for fit in standing]
    except ModelError:
        return ""  # a model that cannot be loaded serves nobody
    for fit, basis in bases:
        if fit.purpose.slot != purpose.slot or fit.purpose.outcomes == purpose.outcomes:
            continue
        if basis is Basis.CALIBRATED and (fit.purpose.outcomes or wins is Basis.PROVISIONAL):
            return (
                f"{NO_CHANGE}fit {fit.id} ({fit.purpose}) serves, and one with outcomes of "
                f"{purpose.label_source} does not take its place by itself; `ewarn models promote` "
                "puts it there"
            )
    return ""


def settled_before(last_week: date, origin: date) -> date:
    """Return the Monday before which outcomes have had their time to become known.

    Args:
        last_week: The last week in which outcomes were observed.
    """
    return min(origin - MATURE_WEEKS * WEEK, last_week + WEEK)


def _is_new(past: Past, settled: date, last: Fit) -> bool:
    """Return whether four weeks of outcomes or more came since the last fit.

    These are newer weeks or, if another source has the outcomes, older weeks that the signals now
    cover.
    """
    older = bool(last.purpose.outcomes) and past.first_week <= last.first_week - 4 * WEEK
    return older or settled >= last.labels_before + 4 * WEEK


def _task(
    service: Service, purpose: Purpose, past: Past, settled: date, origin: date
) -> Assignment:
    names = dict.fromkeys((purpose.source, purpose.label_source))
    terms = [found for name in names if (found := service.terms_of(name)) is not None]
    return Assignment(
        purpose=purpose,
        first_week=past.first_week,
        labels_before=settled,
        as_of=midnight(origin),
        data="; ".join(each.attribution for each in terms),
        licence="; ".join(each.licence for each in terms),
        ended={
            region.id: region.ended_on
            for region in service.places.regions(Level.COUNTRY)
            if region.ended_on is not None
        },
        rise=service.rulebook.rise_on(purpose.target, purpose.level, purpose.horizon_weeks),
    )


def _stored(
    service: Service, task: Assignment, trial: Trial, champion: Model | None, now: datetime
) -> FitReport:
    """Store the challenger, and its promotion if it won and the champion is still the same."""
    purpose = task.purpose
    made = Fit(
        id=0,
        name=trial.name,
        version=trial.version,
        purpose=purpose,
        document=trial.document,
        sha256=sha256_of(trial.document),
        first_week=task.first_week,
        labels_before=task.labels_before,
        as_of=task.as_of,
        fitted_at=now,
    )
    with service.store.write() as connection:
        current, _ = _champion(service, connection, purpose, Cut(task.as_of, now))
        same = _name(current) == _name(champion)
        stored = fits.load(connection, fits.add(connection, made))
        basis = fitter_of(service).restored(stored).basis if trial.wins else Basis.UNCALIBRATED
        obstacle = (
            _obstacle(service, connection, purpose, basis, Cut(task.as_of, now))
            if trial.wins
            else ""
        )
        if trial.wins and same and not obstacle:
            figures = {name: dict(each) for name, each in trial.figures.items()}
            fits.promote(connection, promotion_of(stored, now, BY, trial.reason, dict(figures)))
    if trial.wins and not same:
        reason = f"{NO_CHANGE}another one was promoted while this one was tried"
        return FitReport(purpose, stored.id, False, reason)
    return FitReport(purpose, stored.id, trial.wins and not obstacle, obstacle or trial.reason)


def _name(model: Model | None) -> str:
    return "" if model is None else f"{model.name}@{model.version}"
