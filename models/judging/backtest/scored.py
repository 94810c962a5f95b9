"""The rows that a rolling test scores at an origin, and the joined scores of its folds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.inputs.targets import kinds_read, was_observed
from models.judging.backtest.plan import Plan
from models.judging.measures.rules import alarms_at
from models.training.rows import ModelQuestion, Outcomes, Rows, unlabelled

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

YEAR_WEEKS = 52


@dataclass(frozen=True)
class Scored:
    """Scores of one vintage. Arrays are (rows,) unless another shape is given.

    Attributes:
        week: Number of the origin.
        region: Position of the region in `regions`.
        country: Position of its country in `countries`.
        label: 0 or 1, NaN where the outcome is not complete.
        quiet: Whether no lethal event was known in the 26 weeks before.
        active: Whether the region had an event that is read in the past year.
        watched: Number of weeks of the region's past that were observed.
        columns: Probabilities by name of the model.
        alarms: Alarms by name of the rule, bool (origins, regions).
    """

    week: Index
    region: Index
    country: Index
    label: FloatArray
    quiet: Mask
    active: Mask
    watched: Index
    columns: dict[str, FloatArray]
    alarms: dict[str, Mask]
    regions: tuple[str, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True)
class FoldAnswers:
    """The scores of a fold's models, with the rows' properties but without their inputs."""

    week: Index
    region: Index
    country: Index
    bar: FloatArray
    quiet: Mask
    active: Mask
    watched: Index
    columns: dict[str, FloatArray]
    alarms: dict[str, Mask]


@dataclass(frozen=True)
class At:
    """The rows to score at one origin, and what was known of them."""

    rows: Rows
    active: Mask
    watched: Index
    alarms: dict[str, Mask]


def asked_at(panel: Panel, question: ModelQuestion) -> At:
    """Return the rows to score at the panel's origin, and the alarms of rules there."""
    rows = unlabelled(panel, question)
    everywhere = panel.at(question.level)
    where = np.array([panel.region_index[name] for name in everywhere], dtype=np.int64)
    past = panel.recent(YEAR_WEEKS)
    events = np.zeros(len(panel.regions), dtype=np.int64)
    for kind in kinds_read(question.source, question.target):
        events += past.rolling(f"{question.source}:{kind}", YEAR_WEEKS)[-1] if past.weeks else 0
    watched = was_observed(panel, question.source, question.target).sum(axis=0)
    rules = alarms_at(panel, question.source)
    return At(
        rows,
        active=(events > 0)[where][rows.region],
        watched=watched[where][rows.region],
        alarms={name: alarm[where] for name, alarm in rules.items()},
    )


def together(final: Panel, plan: Plan, found: Sequence[object]) -> Scored:
    """Join all folds and groups in the order of origins and regions, and add the labels.

    Only columns that every fold has are used, so that all models are evaluated on the same rows.

    Raises:
        ModelError: There are no rows, or no row has a complete outcome.
    """
    asked = [part for part in found if isinstance(part, FoldAnswers) and len(part.week)]
    if not asked:
        raise ModelError("Nothing was scored: no region of the level existed in the test's weeks.")
    names = [name for name in asked[0].columns if all(name in part.columns for part in asked)]
    week = np.concatenate([part.week for part in asked])
    region = np.concatenate([part.region for part in asked])
    order = np.lexsort((region, week))

    def whole(name: str) -> npt.NDArray[np.generic]:
        return np.asarray(np.concatenate([getattr(part, name) for part in asked])[order])

    bars = np.concatenate([part.bar for part in asked])[order]
    truth = Outcomes.of(final, plan.question)
    label = truth.reached_by(week[order], region[order], bars)
    if np.isnan(label).all():
        raise ModelError(
            f"No row scored from {plan.start} on has a complete outcome: the events end before "
            f"{final.origin}; start the test earlier."
        )
    regions = final.at(plan.question.level)
    of_region = tuple(dict.fromkeys(final.parents.get(region, region) for region in regions))
    first_group = [part for part in found[:: plan.groups] if isinstance(part, FoldAnswers)]
    return Scored(
        week=week[order],
        region=region[order],
        country=np.concatenate([part.country for part in asked])[order],
        label=label,
        quiet=whole("quiet").astype(np.bool_),
        active=whole("active").astype(np.bool_),
        watched=whole("watched").astype(np.int64),
        columns={
            name: np.concatenate([part.columns[name] for part in asked])[order] for name in names
        },
        alarms={
            name: np.concatenate([part.alarms[name] for part in first_group])
            for name in first_group[0].alarms
        },
        regions=regions,
        countries=of_region,
    )
