"""Challengers: an ensemble fitted on a source's own events, tried before it may serve.

Implements `ewarn.ports.Fitter`; the trial itself is `models.fitting.promotion_test`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import sklearn

from ewarn.domain.fit import LEAST_POSITIVES, Assignment, Fit, Purpose, Trial, canonical
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.errors import ModelError
from ewarn.ports import History, Model
from models.ensemble.ensemble import Ensemble
from models.ensemble.kind import ENSEMBLE
from models.ensemble.shipped_parameters import document
from models.fitting.message_card import message_card
from models.fitting.prequential import Rehearsal
from models.fitting.promotion_test import (
    ensemble_for,
    first_judged,
    lessons_of,
    origins_of,
    refuse_test_years,
    require_outcomes,
    rolling,
    stretches_of,
)
from models.fitting.scorecard import scores_of
from models.inputs.targets import FORCE_LETHAL, NEVER_RAISED, SAYS_WHO_KILLED
from models.judging.candidates import BASELINES
from models.registry import card, fitted
from models.training.alarm_shares import AlarmShares
from models.training.rows import Rows
from models.training.training_set import Stretch

KEEPS = "the champion stays: "
WEAKNESSES = (
    "Labels are this source's own: what it does not report did not happen for this model.",
    "How a source reports changes over the years; the newest 30 weeks are not learned from.",
    "Intervals hold the uncertainty of contagion, escalation and the pool, not of the boosting.",
    "Most outcomes come where there were some before: onsets are foreseen far less well.",
)
NOT_COUNTED = (
    "This source does not count the dead: the target is any force against demonstrators, lethal "
    "or not."
)
TOLD_BY_ANOTHER = (
    "It reads what {purpose.source} reports, and learned from it what {purpose.outcomes} tells: "
    "what {purpose.outcomes} did not tell did not happen for this model.",
    "It learned from the years that both speak of, and takes the years since to be like them. How "
    "much {purpose.source} reports in all is allowed for; how it codes what it reads is not.",
    "A wave over the whole world at once is not seen as one: shares of all reports stay the same.",
)
BY_A_STATE = (
    "{purpose.outcomes} tells of attacks on civilians in which forces of a state killed, by groups "
    "and states that killed 25 or more in a year. Which state it was is not kept."
)
COUNTS_NO_DEAD = ("gdelt", "polecat")


class Challenge:
    """Fits ensembles on a source's own events and tries them."""

    def purposes(self, source: str, outcomes: str = "") -> Sequence[Purpose]:
        """The targets and levels that are served; where another source tells the outcomes, the
        target it tells of. Raises ModelError where it counts no dead.
        """
        if outcomes in ("", source):
            return [Purpose(source, *each, ENSEMBLE.horizon_weeks) for each in ENSEMBLE.purposes]
        if outcomes in COUNTS_NO_DEAD:
            raise ModelError(
                f"{outcomes} cannot say where lethal force was used: it does not count the dead"
            )
        target = Target.KILLINGS if outcomes in SAYS_WHO_KILLED else Target.FORCE
        return [Purpose(source, target, level, 4, outcomes) for level in Level]

    def challenge(self, history: History, task: Assignment, champion: Model | None) -> Trial:
        """Fit a challenger; judge it, the champion and the baselines on the same later rows.

        Raises ModelError where there is too little to learn from or to judge by, or the test
        years of the label source would be looked at.
        """
        before = champion if isinstance(champion, Ensemble) else None
        old = before
        if before is not None and has_learned_from_all(before, task):
            old = None
        origins = origins_of(task)
        judged_from = first_judged(old, origins)
        refuse_test_years(task, judged_from, origins[-1])
        final = history.final()
        stretches = stretches_of(judged_from, origins[-1])
        lessons = lessons_of(history, task, final, stretches)
        learned = lessons.known_at_the_end()
        require_outcomes(learned, judged_from)
        found = rolling(history, task, final, lessons, stretches, old)
        made = ensemble_for(task.purpose).fit_rows(learned)
        table = _table(found)
        wins, reason = verdict(table, made.positives_, task.purpose)
        if wins and before is not old and before and made.positives_ <= before.positives_:
            wins, reason = False, f"{KEEPS}it learned from {before.positives_} outcomes, no fewer"
        made.card_ = _card(made, task, learned, found, stretches, table)
        if task.purpose.outcomes:  # once they have ended nobody knows who is quiet
            found = replace(found, quiet=np.zeros_like(found.quiet))
        made.card_["development"]["messages"] = message_card(
            found, final.until(task.labels_before), task.purpose, task.rise
        )
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


def has_learned_from_all(champion: Ensemble, task: Assignment) -> bool:
    """Whether a champion learned from all that another source will ever tell: no later outcome is
    left to hold it and a challenger against, which then must have learned from more."""
    return bool(task.purpose.outcomes) and champion.labels_before >= task.labels_before


def verdict(
    table: Mapping[str, Mapping[str, float | None]], positives: int, purpose: Purpose
) -> tuple[bool, str]:
    """Whether a challenger is to be promoted, and why: it must lie above the champion and every
    baseline by log score, and below them by Brier score.

    One with too few outcomes of its own source is not; with too few of another's it is
    provisional.
    """
    if positives < LEAST_POSITIVES and not purpose.outcomes:
        return False, (
            f"{KEEPS}the source has {positives} matured outcomes of its own; a probability needs "
            f"{LEAST_POSITIVES}"
        )
    mine = table["ensemble"]
    rivals = [name for name in ("champion", AlarmShares.name, *BASELINES) if name in table]
    unbeaten = [name for name in rivals if not _beats(mine, table[name])]
    said = ", ".join(f"{name} {_two(table[name])}" for name in rivals)
    if unbeaten:
        return False, (
            f"{KEEPS}the challenger ({_two(mine)}) does not beat {', '.join(unbeaten)} ({said})"
        )
    won = f"the challenger ({_two(mine)}) beats {said}"
    if positives >= LEAST_POSITIVES:
        return True, won
    return True, (
        f"{won}; it is provisional, and no rule listens to it: it learned from {positives} "
        f"outcomes, and a probability needs {LEAST_POSITIVES}"
    )


def _beats(mine: Mapping[str, float | None], other: Mapping[str, float | None]) -> bool:
    one, two = (tuple(each[name] for name in ("log_score", "brier")) for each in (mine, other))
    if one[0] is None or one[1] is None or two[0] is None or two[1] is None:
        return False
    return one[0] > two[0] and one[1] < two[1]


def _two(figures: Mapping[str, float | None]) -> str:
    return f"log score {figures['log_score']}, Brier {figures['brier']}"


def _table(found: Rehearsal) -> dict[str, dict[str, float | None]]:
    scored = ~np.isnan(found.label)
    label = found.label[scored]
    return {name: scores_of(each[scored], label) for name, each in found.probability.items()}


def _card(
    model: Ensemble,
    task: Assignment,
    learned: Rows,
    found: Rehearsal,
    stretches: Sequence[Stretch],
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
        "label_source": purpose.label_source,
        "signal_source": purpose.source,
        "signals": list(model.signals),
        "members": [member.name for member in model.members_],
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
                for each in map(asdict, found.costs())
            ],
        },
        "weaknesses": _weaknesses(purpose),
        "scikit_learn": sklearn.__version__,
        "seed": model.seed,
    }


def _how_judged(stretches: Sequence[Stretch]) -> str:
    """Which origins a trial judged, and how often it refitted."""
    first, last = stretches[0]
    weeks = (last - first).days // 7 + 1
    return (
        f"weekly from {first}, refitted before each stretch of {weeks} weeks "
        f"({len(stretches)} in all, the last may be shorter), out of sample"
    )


def _weaknesses(purpose: Purpose) -> list[str]:
    counted = FORCE_LETHAL not in NEVER_RAISED.get(purpose.source, frozenset())
    if purpose.outcomes:
        special = [BY_A_STATE] if purpose.target is Target.KILLINGS else []
        told = [words.format(purpose=purpose) for words in (*TOLD_BY_ANOTHER, *special)]
        return told + list(WEAKNESSES[2:])
    special = [] if counted or purpose.target is not Target.FORCE else [NOT_COUNTED]
    return [*special, *WEAKNESSES]
