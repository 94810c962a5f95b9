"""The rolling test: each refit uses what was known then, and its models score until the next one.

Inputs of an origin are as known at this origin. Training labels of a refit are as known at the
refit, and of origins at least h weeks before it. So nothing that became known after an origin can
change its score: no label, no weight of the pool, and no choice of rows.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.ports import History
from models.judging.backtest.candidates import Makers, answers, fitted, usual
from models.judging.backtest.compute import Task, run
from models.judging.backtest.parts import Parts
from models.judging.backtest.plan import Fold, Knowledge, Plan
from models.judging.backtest.scored import FoldAnswers, Scored, asked_at, together
from models.training.rows import (
    ModelQuestion,
    Outcomes,
    Rows,
    drawn,
    joined,
    labelled_sample,
    unlabelled,
    week_number,
)
from models.training.training_set import Hindsight

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Done = Callable[[str], None]


def rolling(
    history: History,
    plan: Plan,
    vintage: Knowledge,
    *,
    parts: Parts,
    done: Done,
    makers: Makers = usual,
) -> Scored:
    """Run a plan on one vintage of a history, on the current joblib backend.

    Args:
        history: Its panels must reach back to its first week.
        parts: Results that are stored here are not computed again.
        done: Called after every step with its title.
        makers: Creates the candidates of a refit.

    Raises:
        ModelError: The plan has no origin, or a refit has no rows to fit on.
    """
    seen = seen_as(history, vintage)
    folds = plan.folds
    if not folds:
        raise ModelError(f"There is no Monday from {plan.start} to {plan.end}: test a longer time.")
    truths = [Outcomes.of(seen.as_known(fold.moment), plan.question) for fold in folds]
    learned = learned_rows(history, plan, vintage, truths, parts, done)

    def task_of(fold: Fold, truth: Outcomes, group: int) -> Task:
        return lambda: (
            _ask_fold,
            (history, plan, vintage, fold, rows_for(learned, truth, fold, plan), group, makers),
        )

    tasks = {
        f"{vintage}, refit {fold.moment.date()}, group {group}": task_of(fold, truth, group)
        for fold, truth in zip(folds, truths, strict=True)
        for group in range(plan.groups)
    }
    asked = _all(tasks, parts, done, f"{vintage}: scoring")
    return together(history.final(), plan, asked)


def steps_of(plan: Plan) -> int:
    """Return how often `rolling` calls `done`."""
    years = {origin.year for origin in plan.learned_origins}
    return len(years) + len(plan.folds) * plan.groups


def seen_as(history: History, vintage: Knowledge) -> History:
    """Return a history as seen in a vintage."""
    return history if vintage is Knowledge.KNOWN else Hindsight(history.final())


def _all(tasks: Mapping[str, Task], parts: Parts, done: Done, title: str) -> list[object]:
    """Return the results of all tasks in their order, and run only those without a stored one."""
    found = {name: parts.get(name) for name in tasks}
    missing = {name: task for name, task in tasks.items() if found[name] is None}
    for _ in range(len(tasks) - len(missing)):
        done(title)
    for name, result in run(missing):
        parts.keep(name, result)
        found[name] = result
        done(title)
    return [found[name] for name in tasks]


def learned_rows(
    history: History,
    plan: Plan,
    vintage: Knowledge,
    truths: Sequence[Outcomes],
    parts: Parts,
    done: Done,
) -> Rows:
    """Return the rows, without labels, that some refit of a plan may be fitted on."""
    years: dict[int, list[datetime]] = {}
    for origin in plan.learned_origins:
        years.setdefault(origin.year, []).append(origin)

    def task_of(origins: list[datetime]) -> Task:
        most = _most(truths, origins) if plan.keep_negatives < 1 else []
        keep = plan.keep_negatives
        return lambda: (
            _rows_of_year,
            (history, plan.question, vintage, origins, most, keep, plan.seed),
        )

    tasks = {f"{vintage}, rows of {year}": task_of(origins) for year, origins in years.items()}
    found = _all(tasks, parts, done, f"{vintage}: gathering")
    return joined([rows for rows in found if isinstance(rows, Rows)])


def _most(truths: Sequence[Outcomes], origins: Sequence[datetime]) -> list[Index]:
    """Return for each origin the most points that any refit knows to have followed, (regions,)."""
    most = []
    for origin in origins:
        week = week_number(origin.date())
        points = [t.ahead[week - t.first] for t in truths if t.known(np.array([week])).all()]
        most.append(np.max(points, axis=0))
    return most


def _rows_of_year(
    history: History,
    question: ModelQuestion,
    vintage: Knowledge,
    origins: Sequence[datetime],
    most: Sequence[Index],
    keep: float,
    seed: int,
) -> Rows:
    """Return the rows of some origins, without those that no refit would keep."""
    seen = seen_as(history, vintage)
    found = []
    for index, origin in enumerate(origins):
        rows = unlabelled(seen.as_known(origin), question)
        if keep < 1:
            may_follow = most[index][rows.region] >= rows.inputs.bar
            rows = rows.take(np.flatnonzero(may_follow | (drawn(rows, seed) < keep)))
        found.append(rows)
    return joined(found)


def rows_for(learned: Rows, truth: Outcomes, fold: Fold, plan: Plan) -> Rows:
    """Return the training rows of a refit, with a complete outcome and labels as known then."""
    last = week_number(fold.moment.date()) - plan.question.horizon_weeks
    over = learned.take(np.flatnonzero(learned.week <= last))
    return labelled_sample(over, truth, plan.keep_negatives, plan.seed)


def _ask_fold(
    history: History,
    plan: Plan,
    vintage: Knowledge,
    fold: Fold,
    rows: Rows,
    group: int,
    makers: Makers,
) -> FoldAnswers:
    """Fit every candidate without the countries of `group`, and score these at the fold's origins.

    With a single group, all countries are used for both.
    """
    groups = plan.group_of(rows.countries)
    left_out = groups == group if plan.groups > 1 else np.zeros(len(groups), dtype=np.bool_)
    kept = rows.take(np.flatnonzero(~left_out[rows.country]))
    try:
        models = fitted(makers(plan.question, int(kept.label.sum())), kept)
    except ModelError as error:
        raise ModelError(f"Refit of {fold.moment.date()}: {error}") from None
    seen = seen_as(history, vintage)
    asked = [asked_at(seen.as_known(origin), plan.question) for origin in fold.origins]
    together = joined([part.rows for part in asked])
    wanted = np.flatnonzero(left_out[together.country] | (plan.groups == 1))
    ahead = together.take(wanted)
    columns = answers(models, ahead.inputs) if len(wanted) else {}
    return FoldAnswers(
        week=ahead.week,
        region=ahead.region,
        country=ahead.country,
        bar=ahead.inputs.bar,
        quiet=ahead.quiet,
        active=np.concatenate([part.active for part in asked])[wanted],
        watched=np.concatenate([part.watched for part in asked])[wanted],
        columns=columns,
        alarms={name: np.stack([part.alarms[name] for part in asked]) for name in asked[0].alarms},
    )
