"""Fitting what is shipped: parameters on origins before 2014, development figures on 1998-2004.

Origins from 2005 on are never looked at for skill here: they are the test. Fitting uses those
up to 2013, since a fit is not a look.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import sklearn
from scipy.special import expit

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight, week_of
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History
from models.branching import branching
from models.ensemble import LABEL_SOURCE, Ensemble
from models.features import FEATURES
from models.judging.alarm_costs import AlarmCost, alarm_costs
from models.judging.skill import skill
from models.training import Rows, gather, week_number

FIRST_ORIGIN = date(1993, 1, 4)  # windows of 156 weeks are full from here on
LAST_DAY = date(2013, 12, 31)
DEVELOPMENT_YEARS = range(1998, 2005)
EVERY_WEEKS = 4
THRESHOLDS = (
    0.005,
    0.01,
    0.015,
    0.02,
    0.03,
    0.05,
    0.075,
    0.1,
    0.125,
    0.15,
    0.2,
    0.25,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
)
KEEP_NEGATIVES = {Level.COUNTRY: 1.0, Level.ADMIN1: 0.05}

WEAKNESSES = (
    "Labels come from one coding of news reports, which sees capitals and English wires best.",
    "Countries that the data set leaves out were never seen; events placed in no admin-1 count "
    "for their country only.",
    "Countries that became independent inside the window count as quiet before.",
    "Intervals hold the uncertainty of contagion, escalation and the pool, not of the boosting.",
    "Most outcomes come where there were some before: onsets are foreseen far less well.",
)


@dataclass(frozen=True)
class Development:
    """Weekly scores of 1998-2004 by models fitted before each year, by name, and what followed.

    All (weeks, regions); NaN where a region's country was no more."""

    probability: dict[str, FloatArray]
    label: FloatArray
    countries: int

    def table(self) -> dict[str, dict[str, float]]:
        """Skill of the ensemble and of every member."""
        scored = ~np.isnan(self.label)
        label = self.label[scored]
        return {
            name: skill(each[scored], label).rounded() for name, each in self.probability.items()
        }

    def costs(self) -> list[AlarmCost]:
        """What each of `THRESHOLDS` would have cost."""
        return alarm_costs(
            self.probability["ensemble"], self.label, THRESHOLDS, countries=self.countries
        )


def fit_shipped(
    history: History,
    target: Target,
    level: Level,
    *,
    ended: Mapping[str, date],
    created_on: date,
    horizon_weeks: int = 4,
    seed: int = 2014,
) -> Ensemble:
    """The ensemble to ship, with its card.

    `history` is that of Mass Mobilization from 1990 on; `ended` names the countries that exist
    no more and their last day. The same arguments give the same parameters.
    """
    learned = learning_rows(
        history, target, level, ended=ended, horizon_weeks=horizon_weeks, seed=seed
    )
    model = Ensemble(target, level, horizon_weeks=horizon_weeks, seed=seed).fit_rows(learned)
    found = develop(history, learned, target, level, horizon_weeks=horizon_weeks, ended=ended)
    until = history.as_known(midnight(week_of(LAST_DAY)))
    breeding = branching(until, LABEL_SOURCE, seed=seed)
    model.card_ = _card(model, learned, found, created_on) | {"branching": breeding.card()}
    return model


def learning_rows(
    history: History,
    target: Target,
    level: Level,
    *,
    ended: Mapping[str, date],
    horizon_weeks: int = 4,
    seed: int = 2014,
) -> Rows:
    """Rows of every fourth origin from 1993 whose outcome was over before 2014."""
    last = week_of(LAST_DAY) - horizon_weeks * WEEK
    return gather(
        history,
        origins_between(FIRST_ORIGIN, last, EVERY_WEEKS),
        source=LABEL_SOURCE,
        target=target,
        level=level,
        horizon_weeks=horizon_weeks,
        ended=ended,
        keep_negatives=KEEP_NEGATIVES[level],
        seed=seed,
    )


def develop(
    history: History,
    learned: Rows,
    target: Target,
    level: Level,
    *,
    ended: Mapping[str, date],
    horizon_weeks: int = 4,
) -> Development:
    """Score every week of 1998-2004 with what could be learned before its year began."""
    years = []
    for year in DEVELOPMENT_YEARS:
        first, stop = week_of(date(year, 1, 7)), week_of(date(year + 1, 1, 7))
        known = np.flatnonzero(learned.week + horizon_weeks <= week_number(first))
        model = Ensemble(target, level, horizon_weeks=horizon_weeks, replicates=0)
        model.fit_rows(learned.take(known))
        ahead = gather(
            history,
            origins_between(first, stop - WEEK, 1),
            source=LABEL_SOURCE,
            target=target,
            level=level,
            horizon_weeks=horizon_weeks,
            ended=ended,
        )
        raw = model.raw(ahead.inputs)
        columns = {member.name: raw[:, i] for i, member in enumerate(model.members_)}
        columns = {"ensemble": expit(model.logit(ahead.inputs)), **columns}
        years.append({name: _grid(ahead, column) for name, column in columns.items()})
        years[-1]["label"] = _grid(ahead, ahead.label)
    grids = {name: np.concatenate([year[name] for year in years]) for name in years[0]}
    label = grids.pop("label")
    return Development(grids, label, countries=len(learned.countries))


def origins_between(first: date, last: date, every: int) -> list[datetime]:
    """Origins from `first` to `last` (Mondays, both included), `every` so many weeks."""
    number = (last - first).days // 7 // every + 1
    return [midnight(first + index * every * WEEK) for index in range(max(number, 0))]


def _grid(rows: Rows, values: FloatArray) -> FloatArray:
    """Values (rows,) laid out as (weeks, regions), NaN where a region was not alive."""
    grid = np.full((int(np.ptp(rows.week)) + 1, rows.regions), np.nan)
    grid[rows.week - rows.week.min(), rows.region] = values
    return grid


def _card(model: Ensemble, learned: Rows, found: Development, created_on: date) -> dict[str, Any]:
    """What a reader must know before believing the model."""
    positives = int(learned.label.sum())
    number = round(float(learned.weight.sum()))
    return {
        "model": f"{model.name}@{model.version}",
        "target": str(model.target),
        "level": str(model.level),
        "horizon_weeks": model.horizon_weeks,
        "created_on": created_on.isoformat(),
        "data": "Mass Mobilization, doi:10.7910/DVN/HTTWYL",
        "licence": "CC0",
        "label_source": LABEL_SOURCE,
        "signals": list(model.signals),
        "features": list(FEATURES),
        "members": [member.name for member in model.members_],
        "fitted_on": {
            "first_origin": FIRST_ORIGIN.isoformat(),
            "labels_before": date(LAST_DAY.year + 1, 1, 1).isoformat(),
            "every_weeks": EVERY_WEEKS,
            "embargo_weeks": model.horizon_weeks,
            "countries": len(learned.countries),
            "rows": number,
            "rows_kept": len(learned.label),
            "positives": positives,
            "base_rate": round(positives / number, 5),
        },
        "development": {
            "origins": "weekly, 1998-2004, fitted before each year",
            "skill": found.table(),
            "alarms": [
                {n: None if np.isnan(v) else round(v, 4) for n, v in asdict(cost).items()}
                for cost in found.costs()
            ],
        },
        "weaknesses": list(WEAKNESSES),
        "scikit_learn": sklearn.__version__,
        "seed": model.seed,
    }
