"""A trial: all who take part score the same later rows, each knowing only what came before.

It rolls over the origins. The challenger and the baselines are refitted before each stretch of
them on outcomes that were over, and known, by then; the champion stays as it is, and is asked only
about origins after those it learned from. A week nobody observed is no outcome.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from ewarn.domain.fit import Assignment, Purpose
from ewarn.domain.time import WEEK, midnight, week_of
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History
from models.ensemble.ensemble import LABEL_SOURCE, Ensemble
from models.fitting.fitting import KEEP_NEGATIVES, TEST_YEARS
from models.fitting.prequential import Rehearsal, rehearse
from models.inputs.targets import was_observed
from models.judging.candidates import baselines
from models.judging.plan import mondays
from models.training.alarm_shares import AlarmShares
from models.training.rows import ModelQuestion, Rows, gather, week_number
from models.training.training_set import Lessons, Stretch, lessons_from

YEAR_WEEKS = 52
MOST_STRETCHES = 6
LEAST_JUDGED = 20  # outcomes that a trial must hold


def ensemble_for(purpose: Purpose, replicates: int = 40) -> Ensemble:
    """The ensemble of a purpose, unfitted."""
    return Ensemble(
        purpose.target,
        purpose.level,
        source=purpose.source,
        horizon_weeks=purpose.horizon_weeks,
        replicates=replicates,
        outcomes=purpose.outcomes,
    )


def origins_of(task: Assignment) -> list[date]:
    """Every Monday that can be learned from; raises ModelError where there is none."""
    first = task.first_week + task.purpose.warm_up_weeks * WEEK
    last = task.labels_before - task.purpose.horizon_weeks * WEEK
    found = [item.date() for item in mondays(first, last)]
    if not found:
        told = f"those of {task.purpose.outcomes}" if task.purpose.outcomes else "its outcomes"
        raise ModelError(
            f"{task.purpose.source} was watched from {task.first_week} on, and {told} are "
            f"settled up to {task.labels_before}: too short to learn from; back-fill its past"
        )
    return found


def first_judged(champion: Ensemble | None, origins: Sequence[date]) -> date:
    """The first origin that neither was fitted on: after the champion's labels, or halfway."""
    halfway = origins[len(origins) // 2]
    if champion is None:
        return halfway
    after = week_of(champion.labels_before + timedelta(days=6))
    return max(after, origins[0] + YEAR_WEEKS * WEEK)


def refuse_test_years(task: Assignment, judged_from: date, last: date) -> None:
    """Raise ModelError where a trial would look at the test years of the label source.

    A model that reads another source's signals may be tried on its outcomes of these years: they
    are all that both speak of, and nothing of what is shipped is chosen by it (decision 33).
    """
    first_day, last_day = TEST_YEARS
    looks = judged_from <= min(last, last_day) and last >= first_day
    if task.purpose.source == LABEL_SOURCE and looks:
        raise ModelError(
            f"a trial would judge origins {judged_from} to {last} of {LABEL_SOURCE}, and those of "
            f"{first_day} to {last_day} are the test, which only a back-test with a log may look at"
        )


def require_outcomes(learned: Rows, judged_from: date) -> None:
    """Raise ModelError where a trial could show nothing."""
    is_later = learned.week >= week_number(judged_from)
    outcomes = int(learned.label[is_later].sum())
    if outcomes < LEAST_JUDGED:
        raise ModelError(
            f"{outcomes} outcomes have matured at origins from {judged_from} on; a trial needs "
            f"{LEAST_JUDGED}"
        )


def lessons_of(
    history: History, task: Assignment, final: Panel, stretches: Sequence[Stretch]
) -> Lessons:
    """What the origins that can be learned from teach, one every so many weeks as the horizon has;
    thinned where all regions would not fit.
    """
    purpose = task.purpose
    learned = lessons_from(
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
    """Rows of every origin of a stretch, to be judged by: as known at the end, never thinned."""
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
    """The rows whose whole horizon was observed, as positions.

    A horizon with a week that nobody watched is left out whatever was seen of it: to keep it only
    where the outcome came would choose rows by their outcome.
    """
    everywhere = [final.region_index[name] for name in final.at(purpose.level)]
    seen = was_observed(final, purpose.label_source, purpose.target)[:, everywhere]
    total = np.concatenate([np.zeros((1, seen.shape[1]), int), np.cumsum(seen, axis=0)])
    week = rows.week - week_number(final.first_week)
    watched = total[week + purpose.horizon_weeks, rows.region] - total[week, rows.region]
    return np.flatnonzero(watched == purpose.horizon_weeks)


def stretches_of(first: date, last: date) -> list[Stretch]:
    """The origins from `first` to `last`, cut into years of 52 weeks, or into six equal parts where
    there are more years: each costs a fit of every model.
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
    learned: Lessons,
    stretches: Sequence[Stretch],
    champion: Ensemble | None,
) -> Rehearsal:
    """Weekly scores of the judged origins by all who take part, and what followed."""

    def ask(known: Rows, first: date, last: date) -> tuple[Rows, dict[str, FloatArray]]:
        ahead = _rows_ahead(history, task, final, (first, last))
        return ahead, _columns(task.purpose, known, ahead, champion)

    found = rehearse(learned, stretches, ask)
    # Country-years count as far as they were watched: alarms are not diluted by silence.
    watched = np.isfinite(found.label).mean() * found.countries
    return replace(found, countries=max(int(watched), 1))


def _columns(
    purpose: Purpose, known: Rows, ahead: Rows, champion: Ensemble | None
) -> dict[str, FloatArray]:
    """Probabilities (rows,) of `ahead` by name, learned from `known`."""
    if not 0 < known.label.sum() < len(known.label):
        raise ModelError(f"{purpose}: no outcome, or nothing else, came before the judged origins")
    model = ensemble_for(purpose, replicates=0).fit_rows(known)
    found = {"ensemble": np.asarray(expit(model.logit(ahead.inputs)))}
    if champion is not None:
        found["champion"] = np.asarray(expit(champion.logit(ahead.inputs)))
    for member in baselines():
        member.fit(known.inputs, known.label, known.weight)
        found[member.name] = member.probability(ahead.inputs)
    if purpose.outcomes:
        shares = AlarmShares().fit(known.surprise, known.label, known.weight)
        found[shares.name] = shares.probability(ahead.surprise)
    return found
