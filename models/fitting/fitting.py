"""Fitting of the shipped parameters on origins before 2014, with development figures on 1998-2004.

The skill on origins from 2005 on is never measured here, because they are the test. Fitting uses
the origins up to 2013, since a fit does not measure skill.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import sklearn
from scipy.special import expit

from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.rule import Rise
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight, week_of
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History
from models.ensemble.ensemble import LABEL_SOURCE, Ensemble
from models.fitting.message_card import message_card
from models.fitting.prequential import PrequentialResult, evaluate_prequentially
from models.inputs.features import FEATURES
from models.judging.backtest.plan import mondays
from models.nowcast.branching import branching
from models.training.rows import ModelQuestion, Rows, gather
from models.training.training_set import Stretch, TrainingSet, training_set_from

FIRST_ORIGIN = date(1993, 1, 4)  # from here on, windows of 156 weeks are complete
LAST_DAY = date(2013, 12, 31)
DEVELOPMENT_YEARS = range(1998, 2005)
TEST_YEARS = (date(2005, 1, 1), date(2019, 12, 31))  # of `LABEL_SOURCE`: each use is recorded
EVERY_WEEKS = 4
KEEP_NEGATIVES = {Level.COUNTRY: 1.0, Level.ADMIN1: 0.05}

WEAKNESSES = (
    "Labels come from one coding of news reports, which sees capitals and English wires best.",
    "Countries that the data set leaves out were never seen; events placed in no admin-1 count "
    "for their country only.",
    "Countries that became independent inside the window count as quiet before.",
    "Intervals hold the uncertainty of contagion, escalation and the pool, not of the boosting.",
    "Most outcomes come where there were some before: onsets are foreseen far less well.",
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
    rise: Rise | None = None,
) -> Ensemble:
    """Fit the ensemble to ship, with its card. Equal arguments give equal parameters.

    Args:
        history: The history of Mass Mobilization from 1990 on.
        ended: Countries that no longer exist, and their last day.
        created_on: The date that is shown on the card.
        rise: The condition of the rule in force, whose messages are shown on the card.
    """
    question = ModelQuestion(LABEL_SOURCE, target, level, horizon_weeks, ended, {})
    known = learning(history, question, seed=seed)
    learned = known.known_at_the_end()
    model = Ensemble(target, level, horizon_weeks=horizon_weeks, seed=seed).fit_rows(learned)
    found = develop(history, known)
    until = history.as_known(midnight(week_of(LAST_DAY)))
    breeding = branching(until, LABEL_SOURCE, seed=seed)
    purpose = Purpose(LABEL_SOURCE, target, level, horizon_weeks)
    model.card_ = _card(model, learned, found, created_on) | {"branching": breeding.card()}
    model.card_["development"]["messages"] = message_card(found, history.final(), purpose, rise)
    return model


def learning(history: History, question: ModelQuestion, *, seed: int = 2014) -> TrainingSet:
    """Return the training set of every fourth origin from 1993 with an outcome before 2014."""
    last = week_of(LAST_DAY) - question.horizon_weeks * WEEK
    return training_set_from(
        history,
        mondays(FIRST_ORIGIN, last)[::EVERY_WEEKS],
        question,
        _years(),
        keep_negatives=KEEP_NEGATIVES[question.level],
        seed=seed,
    )


def develop(history: History, learned: TrainingSet) -> PrequentialResult:
    """Score every week of 1998-2004 with a model fitted on what was known before its year began."""
    asked = learned.question

    def ask(known: Rows, first: date, last: date) -> tuple[Rows, dict[str, FloatArray]]:
        model = Ensemble(
            asked.target, asked.level, horizon_weeks=asked.horizon_weeks, replicates=0
        ).fit_rows(known)
        ahead = gather(
            history,
            mondays(first, last),
            source=asked.source,
            target=asked.target,
            level=asked.level,
            horizon_weeks=asked.horizon_weeks,
            ended=asked.ended,
        )
        raw = model.raw(ahead.inputs)
        members = {member.name: raw[:, i] for i, member in enumerate(model.members_)}
        return ahead, {"ensemble": expit(model.logit(ahead.inputs)), **members}

    return evaluate_prequentially(learned, _years(), ask)


def _years() -> list[Stretch]:
    """Return the first and last origin of each development year."""
    return [
        (week_of(date(year, 1, 7)), week_of(date(year + 1, 1, 7)) - WEEK)
        for year in DEVELOPMENT_YEARS
    ]


def _card(
    model: Ensemble, learned: Rows, found: PrequentialResult, created_on: date
) -> dict[str, Any]:
    """Return the card: what a reader must know before believing the model."""
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
                for cost in found.costs(Ensemble.name)
            ],
        },
        "weaknesses": list(WEAKNESSES),
        "scikit_learn": sklearn.__version__,
        "seed": model.seed,
    }
