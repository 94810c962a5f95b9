"""Challengers: an ensemble fitted on a source's own events, and its trial against all others.

Implements `ewarn.ports.Fitter`. The trial rolls over the later origins: the challenger is refitted
before each stretch of them on outcomes that were over by then, the champion stays as it is and is
asked only about origins after those it learned from, and baselines are refitted like the
challenger. All are judged on the same rows. A week nobody observed is no outcome.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import sklearn
from scipy.special import expit

from ewarn.domain.fit import LEAST_POSITIVES, Assignment, Fit, Purpose, Trial, canonical
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, week_of
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History, Model
from models.base_rate import BaseRate
from models.conflictology import Conflictology
from models.ensemble import Ensemble, Member
from models.fitting import KEEP_NEGATIVES, Development, origins_between
from models.last_poisson import LastPoisson
from models.registry import SERVED, card, fitted
from models.scorecard import scores_of
from models.shipped import document
from models.targets import FORCE_LETHAL, NEVER_RAISED, was_observed
from models.training import Rows, gather, week_number

WARM_UP_WEEKS = 52  # of watching before the first origin that is learned from
YEAR_WEEKS = 52
MOST_STRETCHES = 6
LEAST_JUDGED = 20  # outcomes that a trial must hold
KEEPS = "the champion stays: "
WEAKNESSES = (
    "Labels are this source's own: what it does not report did not happen for this model.",
    "How a source reports changes over the years; the newest 30 weeks are not learned from.",
    "Intervals hold the uncertainty of the logistic member and the calibrator, not of the others.",
    "Most outcomes come where there were some before: onsets are foreseen far less well.",
)
NOT_COUNTED = (
    "This source does not count the dead: the target is any force against demonstrators, lethal "
    "or not."
)


def _baselines() -> tuple[Member, ...]:
    """What a challenger must beat besides the champion."""
    return (BaseRate(), LastPoisson(), Conflictology())


class Challenge:
    """Fits ensembles on a source's own events and tries them."""

    def purposes(self, source: str) -> Sequence[Purpose]:
        """The targets and levels that are served."""
        return [Purpose(source, target, level, 4) for target, level in SERVED]

    def challenge(self, history: History, task: Assignment, champion: Model | None) -> Trial:
        """Fit a challenger; judge it, the champion and the baselines on the same later rows.

        Raises ModelError where there is too little to learn from or to judge by.
        """
        old = champion if isinstance(champion, Ensemble) else None
        weeks = task.purpose.horizon_weeks
        origins = _origins(task)
        judged_from = _judged_from(old, origins)
        final = history.final()
        learned = _rows(history, task, final, origins[0], every=weeks)
        _require(learned, judged_from)
        found = _rolling(history, task, final, learned, (judged_from, origins[-1]), old)
        made = _ensemble(task.purpose).fit_rows(learned)
        table = _table(found)
        wins, reason = verdict(table, made.positives_)
        made.card_ = _card(made, task, learned, found, judged_from, table)
        return Trial(
            name=made.name,
            version=made.version,
            document=canonical(document(made)),
            positives=made.positives_,
            figures=table,
            wins=wins,
            reason=reason,
        )

    def restored(self, fit: Fit) -> Model:
        """The model of a stored fit; raises ModelError where this version cannot read it."""
        return fitted(fit)

    def card(self, model: Model) -> Mapping[str, Any]:
        """The card of a model."""
        return card(model)


def verdict(table: Mapping[str, Mapping[str, float | None]], positives: int) -> tuple[bool, str]:
    """Whether a challenger is to be promoted, and why: it must lie above the champion and every
    baseline by log score, and below them by Brier score.
    """
    if positives < LEAST_POSITIVES:
        return False, (
            f"{KEEPS}the source has {positives} matured outcomes of its own; a probability needs "
            f"{LEAST_POSITIVES}"
        )
    mine = table["ensemble"]
    rivals = [name for name in ("champion", *(item.name for item in _baselines())) if name in table]
    unbeaten = [name for name in rivals if not _beats(mine, table[name])]
    said = ", ".join(f"{name} {_two(table[name])}" for name in rivals)
    if unbeaten:
        return False, (
            f"{KEEPS}the challenger ({_two(mine)}) does not beat {', '.join(unbeaten)} ({said})"
        )
    return True, f"the challenger ({_two(mine)}) beats {said}"


def _beats(mine: Mapping[str, float | None], other: Mapping[str, float | None]) -> bool:
    one, two = (tuple(each[name] for name in ("log_score", "brier")) for each in (mine, other))
    if one[0] is None or one[1] is None or two[0] is None or two[1] is None:
        return False
    return one[0] > two[0] and one[1] < two[1]


def _two(figures: Mapping[str, float | None]) -> str:
    return f"log score {figures['log_score']}, Brier {figures['brier']}"


def _ensemble(purpose: Purpose, replicates: int = 40) -> Ensemble:
    return Ensemble(
        purpose.target,
        purpose.level,
        source=purpose.source,
        horizon_weeks=purpose.horizon_weeks,
        replicates=replicates,
    )


def _origins(task: Assignment) -> list[date]:
    """Every Monday that can be learned from; raises ModelError where there is none."""
    first = task.first_week + WARM_UP_WEEKS * WEEK
    last = task.labels_before - task.purpose.horizon_weeks * WEEK
    found = [item.date() for item in origins_between(first, last, 1)]
    if not found:
        raise ModelError(
            f"{task.purpose.source} was watched from {task.first_week} on, and its outcomes are "
            f"settled up to {task.labels_before}: too short to learn from; back-fill its past"
        )
    return found


def _judged_from(champion: Ensemble | None, origins: Sequence[date]) -> date:
    """The first origin that neither was fitted on: after the champion's labels, or halfway."""
    halfway = origins[len(origins) // 2]
    if champion is None:
        return halfway
    learned_before = date.fromisoformat(champion.card_["fitted_on"]["labels_before"])
    return max(week_of(learned_before + timedelta(days=6)), origins[0] + YEAR_WEEKS * WEEK)


def _require(learned: Rows, judged_from: date) -> None:
    """Raise ModelError where a trial could show nothing."""
    is_later = learned.week >= week_number(judged_from)
    outcomes = int(learned.label[is_later].sum())
    if outcomes < LEAST_JUDGED:
        raise ModelError(
            f"{outcomes} outcomes have matured at origins from {judged_from} on; a trial needs "
            f"{LEAST_JUDGED}"
        )


def _rows(
    history: History,
    task: Assignment,
    final: Panel,
    first: date,
    *,
    every: int,
    last: date | None = None,
) -> Rows:
    """Rows of the origins from `first` on whose outcome was observed, or came all the same.

    Thinned where all regions would not fit; the origins to judge, up to `last`, never are.
    """
    purpose = task.purpose
    end = last or task.labels_before - purpose.horizon_weeks * WEEK
    rows = gather(
        history,
        origins_between(first, end, every),
        source=purpose.source,
        target=purpose.target,
        level=purpose.level,
        horizon_weeks=purpose.horizon_weeks,
        ended=task.ended,
        keep_negatives=KEEP_NEGATIVES[purpose.level] if last is None else 1.0,
    )
    return rows.take(np.flatnonzero(_was_seen(rows, final, purpose) | (rows.label > 0)))


def _was_seen(rows: Rows, final: Panel, purpose: Purpose) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """Whether all weeks of each row's outcome were observed, bool (rows,)."""
    everywhere = [final.region_index[name] for name in final.at(purpose.level)]
    seen = was_observed(final, purpose.source, purpose.target)[:, everywhere]
    total = np.concatenate([np.zeros((1, seen.shape[1]), int), np.cumsum(seen, axis=0)])
    week = rows.week - week_number(final.first_week)
    watched = total[week + purpose.horizon_weeks, rows.region] - total[week, rows.region]
    return np.asarray(watched == purpose.horizon_weeks)


def _stretches(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The origins from `first` to `last`, cut into years, or into six parts if there are more."""
    weeks = (last - first).days // 7 + 1
    length = max(YEAR_WEEKS, -(-weeks // MOST_STRETCHES))
    for start in range(0, weeks, length):
        yield first + start * WEEK, first + (min(start + length, weeks) - 1) * WEEK


def _rolling(
    history: History,
    task: Assignment,
    final: Panel,
    learned: Rows,
    judged: tuple[date, date],
    champion: Ensemble | None,
) -> Development:
    """Weekly scores of the judged origins by all who take part, and what followed."""
    grids = []
    for first, last in _stretches(*judged):
        over = learned.week + task.purpose.horizon_weeks <= week_number(first)
        known = learned.take(np.flatnonzero(over))
        ahead = _rows(history, task, final, first, every=1, last=last)
        columns = _columns(task.purpose, known, ahead, champion) | {"label": ahead.label}
        shape = ((last - first).days // 7 + 1, ahead.regions)
        where = (ahead.week - week_number(first), ahead.region)
        grids.append({name: _grid(shape, where, values) for name, values in columns.items()})
    joined = {name: np.concatenate([grid[name] for grid in grids]) for name in grids[0]}
    label = joined.pop("label")
    # Country-years count as far as they were watched: alarms are not diluted by silence.
    watched = np.isfinite(label).mean() * len(learned.countries)
    return Development(joined, label, countries=max(int(watched), 1))


def _columns(
    purpose: Purpose, known: Rows, ahead: Rows, champion: Ensemble | None
) -> dict[str, FloatArray]:
    """Probabilities (rows,) of `ahead` by name, learned from `known`."""
    if not 0 < known.label.sum() < len(known.label):
        raise ModelError(f"{purpose}: no outcome, or nothing else, came before the judged origins")
    model = _ensemble(purpose, replicates=0).fit_rows(known)
    found = {"ensemble": np.asarray(expit(model.logit(ahead.inputs)))}
    if champion is not None:
        found["champion"] = np.asarray(expit(champion.logit(ahead.inputs)))
    for member in _baselines():
        member.fit(known.inputs, known.label, known.weight)
        found[member.name] = member.probability(ahead.inputs)
    return found


def _grid(shape: tuple[int, int], where: tuple[Any, Any], values: FloatArray) -> FloatArray:
    """Values (rows,) laid out as (weeks, regions), NaN where nothing was judged."""
    grid = np.full(shape, np.nan)
    grid[where] = values
    return grid


def _table(found: Development) -> dict[str, dict[str, float | None]]:
    scored = ~np.isnan(found.label)
    label = found.label[scored]
    return {name: scores_of(each[scored], label) for name, each in found.probability.items()}


def _card(
    model: Ensemble,
    task: Assignment,
    learned: Rows,
    found: Development,
    judged_from: date,
    table: Mapping[str, Mapping[str, float | None]],
) -> dict[str, Any]:
    """What a reader must know before believing the model."""
    purpose = task.purpose
    rows = round(float(learned.weight.sum()))
    return {
        "model": f"{model.name}@{model.version}",
        "target": str(purpose.target),
        "level": str(purpose.level),
        "horizon_weeks": purpose.horizon_weeks,
        "created_on": task.as_of.date().isoformat(),
        "as_of": task.as_of.isoformat(),
        "data": task.data,
        "licence": task.licence,
        "label_source": purpose.source,
        "signals": list(model.signals),
        "members": [member.name for member in model.members_],
        "fitted_on": {
            "first_origin": (task.first_week + WARM_UP_WEEKS * WEEK).isoformat(),
            "labels_before": task.labels_before.isoformat(),
            "every_weeks": purpose.horizon_weeks,
            "embargo_weeks": purpose.horizon_weeks,
            "countries": len(learned.countries),
            "rows": rows,
            "rows_kept": len(learned.label),
            "positives": model.positives_,
            "base_rate": round(model.positives_ / rows, 5),
        },
        "development": {
            "origins": f"weekly from {judged_from}, refitted before each stretch, out of sample",
            "skill": {name: dict(figures) for name, figures in table.items()},
            "alarms": [
                {name: None if np.isnan(value) else round(value, 4) for name, value in each.items()}
                for each in map(asdict, found.costs())
            ],
        },
        "weaknesses": _weaknesses(purpose),
        "scikit_learn": sklearn.__version__,
        "seed": model.seed,
    }


def _weaknesses(purpose: Purpose) -> list[str]:
    counted = FORCE_LETHAL not in NEVER_RAISED.get(purpose.source, frozenset())
    special = [] if counted or purpose.target is not Target.FORCE else [NOT_COUNTED]
    return [*special, *WEAKNESSES]
