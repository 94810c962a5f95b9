"""What a rolling test asks at an origin, and what its folds answered, put together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.inputs.targets import kinds_read, was_observed
from models.judging.plan import Plan
from models.judging.rules import alarms_at
from models.training.rows import ModelQuestion, Outcomes, Rows, unlabelled

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

YEAR_WEEKS = 52


@dataclass(frozen=True)
class Scored:
    """Scores of one vintage; arrays (rows,) unless said otherwise.

    `columns` are probabilities by name. `label` is 0 or 1, NaN where the outcome is not over.
    `watched` is weeks of the region's past that were observed, `active` whether it saw any event
    that is read in the past year. `alarms` are those of rules, bool (origins, regions).
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
    """What a fold's models answered: rows without inputs, and what else was known of them."""

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
    """What was known at one origin of the rows that are asked."""

    rows: Rows
    active: Mask
    watched: Index
    alarms: dict[str, Mask]


def asked_at(panel: Panel, question: ModelQuestion) -> At:
    """The rows that are asked at the panel's origin, and the alarms of rules there."""
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
    """All folds and groups as one, in order of origins and regions, with what followed.

    The columns are those that every fold has: all models are judged on the same rows.
    Raises ModelError where nothing was asked, or nothing whose outcome is over.
    """
    asked = [part for part in found if isinstance(part, FoldAnswers) and len(part.week)]
    if not asked:
        raise ModelError("Nothing was asked: no region of the level lived in the test's weeks.")
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
            f"No outcome of what was asked from {plan.start} on is over: the events end before "
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
