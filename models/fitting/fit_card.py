"""The card of a fitted model: its data, its measured skill and its weaknesses."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ewarn.domain.fit import Assignment, Purpose
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from models.fitting.prequential import PrequentialResult
from models.inputs.targets import FORCE_LETHAL, NEVER_RAISED
from models.training.fitted_kind import FittedKind, Learner
from models.training.rows import Rows
from models.training.training_set import Stretch

OF_ITS_OWN = (
    "Labels are this source's own: what it does not report did not happen for this model.",
    "How a source reports changes over the years; the newest 30 weeks are not learned from.",
)
ONSETS = "Most outcomes come where there were some before: onsets are foreseen far less well."
NOT_COUNTED = (
    "This source does not count the dead: the target is any force against demonstrators, lethal "
    "or not."
)
OF_ANOTHER_SOURCE = (
    "It reads what {purpose.source} reports, and learned from it what {purpose.outcomes} reports: "
    "what {purpose.outcomes} did not report did not happen for this model.",
    "It learned from the years that both cover, and assumes that later years are like them. How "
    "much {purpose.source} reports in all is allowed for; how it codes what it reads is not.",
    "A wave over the whole world at once is not seen as one: shares of all reports stay the same.",
)
BY_A_STATE = (
    "{purpose.outcomes} reports attacks on civilians in which forces of a state killed, by groups "
    "and states that killed 25 or more in a year. Which state it was is not stored."
)


def fit_card(
    kind: FittedKind,
    model: Learner,
    task: Assignment,
    learned: Rows,
    found: PrequentialResult,
    stretches: Sequence[Stretch],
    table: Mapping[str, Mapping[str, float | None]],
) -> dict[str, Any]:
    """Return the card of a fitted model, as plain JSON values."""
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
        "label_source": purpose.label_source,
        "signal_source": purpose.source,
        "signals": list(model.signals),
        "fitted_on": {
            "first_origin": (task.first_week + purpose.warm_up_weeks * WEEK).isoformat(),
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
            "origins": _how_judged(stretches),
            "skill": {name: dict(figures) for name, figures in table.items()},
            "alarms": [
                {name: None if np.isnan(value) else round(value, 4) for name, value in each.items()}
                for each in map(asdict, found.costs(kind.name))
            ],
        },
        "weaknesses": _weaknesses(purpose, kind),
        **kind.card_lines(model),
    }


def _how_judged(stretches: Sequence[Stretch]) -> str:
    """Return which origins a promotion test evaluated, and how often models were fitted again."""
    first, last = stretches[0]
    weeks = (last - first).days // 7 + 1
    return (
        f"weekly from {first}, refitted before each stretch of {weeks} weeks "
        f"({len(stretches)} in all, the last may be shorter), out of sample"
    )


def _weaknesses(purpose: Purpose, kind: FittedKind) -> list[str]:
    counted = FORCE_LETHAL not in NEVER_RAISED.get(purpose.source, frozenset())
    if purpose.outcomes:
        special = [BY_A_STATE] if purpose.target is Target.KILLINGS else []
        told = [words.format(purpose=purpose) for words in (*OF_ANOTHER_SOURCE, *special)]
        return [*told, *kind.weaknesses, ONSETS]
    special = [] if counted or purpose.target is not Target.FORCE else [NOT_COUNTED]
    return [*special, *OF_ITS_OWN, *kind.weaknesses, ONSETS]
