"""Challengers: models fitted on a source's own events, tried before they may serve.

Every kind of model that is fitted takes part, by what it declares (`FittedKind`).

Implements `ewarn.ports.Fitter`. The promotion test itself is `models.fitting.promotion_test`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from ewarn.domain.fit import LEAST_POSITIVES, Assignment, Fit, Purpose, Trial, canonical
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError
from ewarn.ports import History, Model
from models.fitting.fit_card import fit_card
from models.fitting.message_card import message_card
from models.fitting.prequential import PrequentialResult
from models.fitting.promotion_test import (
    first_judged,
    origins_of,
    refuse_test_years,
    require_outcomes,
    rolling,
    stretches_of,
    training_set_of,
)
from models.fitting.scorecard import scores_of
from models.inputs.targets import SAYS_WHO_KILLED
from models.judging.backtest.candidates import BASELINES
from models.model_kind import ModelKind
from models.registry import card, every_kind, fitted
from models.training.alarm_shares import AlarmShares
from models.training.fitted_kind import FittedKind, Learner

KEEPS = "the champion stays: "
COUNTS_NO_DEAD = ("gdelt", "polecat")


@dataclass(frozen=True)
class Challenge:
    """Fits models of each kind on a source's own events and compares them with the champion."""

    kinds: Mapping[str, ModelKind] = field(default_factory=every_kind)

    @property
    def _fitted(self) -> list[FittedKind]:
        return [kind for kind in self.kinds.values() if isinstance(kind, FittedKind)]

    def purposes(self, source: str, outcomes: str = "") -> Sequence[Purpose]:
        """Return the purposes to fit for a source.

        They are the targets and levels that are served. If another source gives the outcomes, the
        target is the one that this source can report.

        Raises:
            ModelError: The source of the outcomes does not count the dead.
        """
        if outcomes in ("", source):
            own = (
                Purpose(source, *each, kind.horizon_weeks)
                for kind in self._fitted
                for each in kind.purposes
            )
            return list(dict.fromkeys(own))
        if outcomes in COUNTS_NO_DEAD:
            raise ModelError(
                f"{outcomes} cannot say where lethal force was used: it does not count the dead"
            )
        target = Target.KILLINGS if outcomes in SAYS_WHO_KILLED else Target.FORCE
        across = (
            Purpose(source, target, level, kind.horizon_weeks, outcomes)
            for kind in self._fitted
            if kind.learns_across
            for level in Level
        )
        return list(dict.fromkeys(across))

    def challenge(self, history: History, task: Assignment, champion: Model | None) -> Trial:
        """Compare a challenger of each kind with the champion and the baselines, on the same rows.

        The rows are later than those that any of them was fitted on. The best kind is then fitted
        on all rows.

        Raises:
            ModelError: There are too few rows or outcomes to fit or to evaluate, or the test would
                use the test years of the label source.
        """
        kinds = [kind for kind in self._fitted if kind.fits(task.purpose)]
        before = self._learner(champion)
        old = before
        if before is not None and has_learned_from_all(before, task):
            old = None
        origins = origins_of(task)
        judged_from = first_judged(old, origins)
        refuse_test_years(task, judged_from, origins[-1])
        final = history.final()
        stretches = stretches_of(judged_from, origins[-1])
        training_set = training_set_of(history, task, final, stretches)
        learned = training_set.known_at_the_end()
        require_outcomes(learned, judged_from)
        found = rolling(history, task, final, training_set, stretches, kinds, old)
        table = _table(found)
        kind = max(kinds, key=lambda each: _log_score(table[each.name]))
        made = kind.unfitted(task.purpose).fit_rows(learned)
        wins, reason = verdict(table, made.positives_, task.purpose, kind.name)
        if wins and before is not old and before and made.positives_ <= before.positives_:
            wins, reason = False, f"{KEEPS}it learned from {before.positives_} outcomes, no fewer"
        made.card_ = fit_card(kind, made, task, learned, found, stretches, table)
        if task.purpose.outcomes:  # once they have ended nobody knows who is quiet
            found = replace(found, quiet=np.zeros_like(found.quiet))
        made.card_["development"]["messages"] = message_card(
            found, final.until(task.labels_before), task.purpose, task.rise, kind.name
        )
        return Trial(
            name=made.name,
            version=made.version,
            document=canonical(kind.document(made)),
            positives=made.positives_,
            figures=table,
            wins=wins,
            reason=reason,
        )

    def _learner(self, champion: Model | None) -> Learner | None:
        """The champion, if it is of a kind that is fitted: others are no rivals."""
        if champion is None or not isinstance(self.kinds.get(champion.name), FittedKind):
            return None
        return cast("Learner", champion)

    def restored(self, fit: Fit) -> Model:
        """Return the model of a stored fit.

        Raises:
            ModelError: This version of ewarn cannot read it.
        """
        return fitted(fit, self.kinds)

    def card(self, model: Model) -> Mapping[str, Any]:
        """Return the card of a model."""
        return card(model, self.kinds)


def has_learned_from_all(champion: Learner, task: Assignment) -> bool:
    """Return whether a champion was fitted on all outcomes that another source will ever give.

    Then there is no later outcome on which to compare it with a challenger. Instead, the challenger
    must have been fitted on more outcomes.
    """
    return bool(task.purpose.outcomes) and champion.labels_before >= task.labels_before


def verdict(
    table: Mapping[str, Mapping[str, float | None]], positives: int, purpose: Purpose, name: str
) -> tuple[bool, str]:
    """Whether the challenger `name` is to be promoted, and why: it must lie above the champion and
    every baseline by log score, and below them by Brier score.

    It must have a higher log score and a lower Brier score than the champion and every baseline. It
    is not promoted if it was fitted on too few outcomes of its own source. With too few outcomes of
    another source it is promoted as provisional.
    """
    if positives < LEAST_POSITIVES and not purpose.outcomes:
        return False, (
            f"{KEEPS}the source has {positives} matured outcomes of its own; a probability needs "
            f"{LEAST_POSITIVES}"
        )
    mine = table[name]
    rivals = [each for each in ("champion", AlarmShares.name, *BASELINES) if each in table]
    unbeaten = [each for each in rivals if not _beats(mine, table[each])]
    said = ", ".join(f"{each} {_two(table[each])}" for each in rivals)
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


def _log_score(figures: Mapping[str, float | None]) -> float:
    score = figures["log_score"]
    return -math.inf if score is None else score


def _two(figures: Mapping[str, float | None]) -> str:
    return f"log score {figures['log_score']}, Brier {figures['brier']}"


def _table(found: PrequentialResult) -> dict[str, dict[str, float | None]]:
    scored = ~np.isnan(found.label)
    label = found.label[scored]
    return {name: scores_of(each[scored], label) for name, each in found.probability.items()}
