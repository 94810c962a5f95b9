"""The rolling test: at each refit models learn what was known then, and are asked until the next.

Inputs of an origin are as known at it; labels that a refit learns from are as known at the refit,
and of origins at least h weeks before it. So nothing known after an origin can move its score:
not by a label, not by a pool's weight, not by the choice of rows.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.ports import History
from models.judging.candidates import Makers, answers, fitted, usual
from models.judging.compute import Task, run
from models.judging.parts import Parts
from models.judging.plan import Fold, Knowledge, Plan
from models.judging.scored import FoldAnswers, Scored, asked_at, together
from models.training.rows import (
    ModelQuestion,
    Outcomes,
    Rows,
    drawn,
    joined,
    taught,
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
    """Run a plan on one vintage of a history whose panels reach back to its first week.

    Tasks run on joblib's backend at hand; what `parts` holds is not done again; `done` hears of
    every step. Raises ModelError where a refit has nothing to learn from.
    """
    seen = seen_as(history, vintage)
    folds = plan.folds
    if not folds:
        raise ModelError(f"There is no Monday from {plan.start} to {plan.end} to stand at.")
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
    """How often `rolling` says that a step is done."""
    years = {origin.year for origin in plan.learned_origins}
    return len(years) + len(plan.folds) * plan.groups


def seen_as(history: History, vintage: Knowledge) -> History:
    """A history as that vintage sees it."""
    return history if vintage is Knowledge.KNOWN else Hindsight(history.final())


def _all(tasks: Mapping[str, Task], parts: Parts, done: Done, title: str) -> list[object]:
    """Results of all tasks, in their order; those that are kept are not done again."""
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
    """Rows, without labels, that some refit of a plan may learn from."""
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
    """For each origin the most points that any refit knows to have followed, (regions,)."""
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
    """Rows of some origins, of which only those are left out that no refit would keep."""
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
    """What a refit learns from: labels as known at it, origins whose outcome was over."""
    last = week_number(fold.moment.date()) - plan.question.horizon_weeks
    over = learned.take(np.flatnonzero(learned.week <= last))
    return taught(over, truth, plan.keep_negatives, plan.seed)


def _ask_fold(
    history: History,
    plan: Plan,
    vintage: Knowledge,
    fold: Fold,
    rows: Rows,
    group: int,
    makers: Makers,
) -> FoldAnswers:
    """Fit every candidate without the countries of `group` (with one group: on all), and ask
    at the fold's origins (about that group's countries only)."""
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
