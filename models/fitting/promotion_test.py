"""The promotion test: all models score the same later rows, knowing only what came before them.

It rolls over the origins. Challengers and the baselines are refitted before each stretch of
origins, on outcomes that were complete and known by then. The champion stays as it is, and is only
evaluated at origins after its training outcomes. A week that was not observed has no outcome.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from ewarn.domain.fit import Assignment, Purpose
from ewarn.domain.time import WEEK, midnight, week_of
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History
from models.ensemble.ensemble import LABEL_SOURCE
from models.fitting.fitting import KEEP_NEGATIVES, TEST_YEARS
from models.fitting.prequential import PrequentialResult, evaluate_prequentially
from models.inputs.targets import was_observed
from models.judging.backtest.candidates import baselines
from models.judging.backtest.plan import mondays
from models.training.alarm_shares import AlarmShares
from models.training.fitted_kind import FittedKind, Learner
from models.training.rows import ModelQuestion, Rows, gather, week_number
from models.training.training_set import Stretch, TrainingSet, training_set_from

YEAR_WEEKS = 52
MOST_STRETCHES = 6
LEAST_JUDGED = 20  # positive outcomes that a test needs


def origins_of(task: Assignment) -> list[date]:
    """Return every Monday that can be a training origin.

    Raises:
        ModelError: There is none.
    """
    first = task.first_week + task.purpose.warm_up_weeks * WEEK
    last = task.labels_before - task.purpose.horizon_weeks * WEEK
    found = [item.date() for item in mondays(first, last)]
    if not found:
        of_whom = f"of {task.purpose.outcomes} " if task.purpose.outcomes else ""
        raise ModelError(
            f"{task.purpose.source} was observed from {task.first_week} on, and outcomes "
            f"{of_whom}are complete before {task.labels_before}: too short to fit a model; "
            "back-fill its past"
        )
    return found


def first_judged(champion: Learner | None, origins: Sequence[date]) -> date:
    """Return the first origin to evaluate: after the champion's training labels, or halfway."""
    halfway = origins[len(origins) // 2]
    if champion is None:
        return halfway
    after = week_of(champion.labels_before + timedelta(days=6))
    return max(after, origins[0] + YEAR_WEEKS * WEEK)


def refuse_test_years(task: Assignment, judged_from: date, last: date) -> None:
    """Check that a promotion test does not use the test years of the label source.

    A model that reads another source's signals may be tested on the outcomes of these years: they
    are the only years that both sources cover, and nothing that is shipped is chosen by this test
    (decision 33).

    Raises:
        ModelError: It would use them.
    """
    first_day, last_day = TEST_YEARS
    looks = judged_from <= min(last, last_day) and last >= first_day
    if task.purpose.source == LABEL_SOURCE and looks:
        raise ModelError(
            f"a promotion test would evaluate origins {judged_from} to {last} of {LABEL_SOURCE}, "
            f"but {first_day} to {last_day} are the test years, which only a back-test with a log "
            "may use"
        )


def require_outcomes(learned: Rows, judged_from: date) -> None:
    """Check that there are enough outcomes for a promotion test.

    Raises:
        ModelError: There are too few.
    """
    is_later = learned.week >= week_number(judged_from)
    outcomes = int(learned.label[is_later].sum())
    if outcomes < LEAST_JUDGED:
        raise ModelError(
            f"{outcomes} outcomes have matured at origins from {judged_from} on; a promotion test "
            f"needs {LEAST_JUDGED}"
        )


def training_set_of(
    history: History, task: Assignment, final: Panel, stretches: Sequence[Stretch]
) -> TrainingSet:
    """Return the training set, with one origin every `horizon_weeks`.

    At a level with too many regions, only a share of the negative rows is kept.
    """
    purpose = task.purpose
    learned = training_set_from(
        history,
        [midnight(day) for day in origins_of(task)[:: purpose.horizon_weeks]],
        ModelQuestion(
            purpose.source,
            purpose.target,
            purpose.level,
            purpose.horizon_weeks,
            task.ended,
            {},
            purpose.outcomes,
        ),
        stretches,
        keep_negatives=KEEP_NEGATIVES[purpose.level],
        known_after_weeks=purpose.known_after_weeks,
    )
    return learned.take(_watched(learned.rows, final, purpose))


def _rows_ahead(history: History, task: Assignment, final: Panel, stretch: Stretch) -> Rows:
    """Return all rows of a stretch for evaluation, with labels as known at the end."""
    purpose = task.purpose
    rows = gather(
        history,
        mondays(*stretch),
        source=purpose.source,
        target=purpose.target,
        level=purpose.level,
        horizon_weeks=purpose.horizon_weeks,
        ended=task.ended,
        outcomes=purpose.outcomes,
    )
    return rows.take(_watched(rows, final, purpose))


def _watched(rows: Rows, final: Panel, purpose: Purpose) -> npt.NDArray[np.int64]:
    """Return the positions of rows whose whole horizon was observed.

    A horizon with a week that was not observed is always left out. To keep it only if an outcome
    was seen would select rows by their outcome.
    """
    everywhere = [final.region_index[name] for name in final.at(purpose.level)]
    seen = was_observed(final, purpose.label_source, purpose.target)[:, everywhere]
    total = np.concatenate([np.zeros((1, seen.shape[1]), int), np.cumsum(seen, axis=0)])
    week = rows.week - week_number(final.first_week)
    watched = total[week + purpose.horizon_weeks, rows.region] - total[week, rows.region]
    return np.flatnonzero(watched == purpose.horizon_weeks)


def stretches_of(first: date, last: date) -> list[Stretch]:
    """Return the origins from `first` to `last`, divided into stretches of 52 weeks.

    If there are more than six such years, they are divided into six equal parts, because each
    stretch costs a fit of every model.
    """
    weeks = (last - first).days // 7 + 1
    length = max(YEAR_WEEKS, -(-weeks // MOST_STRETCHES))
    return [
        (first + start * WEEK, first + (min(start + length, weeks) - 1) * WEEK)
        for start in range(0, weeks, length)
    ]


def rolling(
    history: History,
    task: Assignment,
    final: Panel,
    learned: TrainingSet,
    stretches: Sequence[Stretch],
    kinds: Sequence[FittedKind],
    champion: Learner | None,
) -> PrequentialResult:
    """Return weekly scores of all models at the evaluated origins, and the outcomes.

    The models are a challenger of each of `kinds`, the champion and the baselines.
    """

    def ask(known: Rows, first: date, last: date) -> tuple[Rows, dict[str, FloatArray]]:
        ahead = _rows_ahead(history, task, final, (first, last))
        return ahead, _columns(task.purpose, known, ahead, kinds, champion)

    found = evaluate_prequentially(learned, stretches, ask)
    # Only the observed share of country-years counts, so that unobserved time does not lower the
    # rate of alarms.
    watched = np.isfinite(found.label).mean() * found.countries
    return replace(found, countries=max(int(watched), 1))


def _columns(
    purpose: Purpose,
    known: Rows,
    ahead: Rows,
    kinds: Sequence[FittedKind],
    champion: Learner | None,
) -> dict[str, FloatArray]:
    """Return the probabilities (rows,) of `ahead` by name, from models fitted on `known`."""
    if not 0 < known.label.sum() < len(known.label):
        raise ModelError(
            f"{purpose}: the rows before the evaluated origins must hold both outcomes, but hold "
            "one only; back-fill more of the past"
        )
    found = {
        kind.name: kind.sketch(purpose).fit_rows(known).probability(ahead.inputs) for kind in kinds
    }
    if champion is not None:
        found["champion"] = champion.probability(ahead.inputs)
    for member in baselines():
        member.fit(known.inputs, known.label, known.weight)
        found[member.name] = member.probability(ahead.inputs)
    if purpose.outcomes:
        shares = AlarmShares().fit(known.surprise, known.label, known.weight)
        found[shares.name] = shares.probability(ahead.surprise)
    return found
