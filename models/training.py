"""Rows to learn from: what was known at each origin, and what followed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History
from models.inputs import Inputs, inputs_at_origin, stack
from models.targets import labels

EPOCH = date(1970, 1, 5)


@dataclass(frozen=True)
class Rows:
    """Inputs with their labels (rows,), 0 or 1; a row stands for `weight` rows.

    `week` numbers the origin, `region` the region among the `regions` of its level, `country`
    the region's country among `countries`.
    """

    inputs: Inputs
    label: FloatArray
    weight: FloatArray
    week: npt.NDArray[np.int64]
    region: npt.NDArray[np.int64]
    country: npt.NDArray[np.int64]
    regions: int
    countries: tuple[str, ...]

    def take(self, rows: npt.NDArray[np.int64]) -> "Rows":
        """Some of the rows."""
        return replace(
            self,
            inputs=self.inputs.take(rows),
            label=self.label[rows],
            weight=self.weight[rows],
            week=self.week[rows],
            region=self.region[rows],
            country=self.country[rows],
        )


def gather(
    history: History,
    origins: Sequence[datetime],
    *,
    source: str,
    target: Target,
    level: Level,
    horizon_weeks: int,
    ended: Mapping[str, date] | None = None,
    keep_negatives: float = 1.0,
    seed: int = 0,
) -> Rows:
    """One row for each origin and living region of `level`; labels by the final panel.

    `ended` names countries that exist no more and their last day. Of the rows that nothing
    followed a share of `keep_negatives` is kept, drawn by `seed`, each standing for as many as
    were dropped. Raises ModelError where there is nothing to learn from.
    """
    final = history.final()
    everywhere = final.at(level)
    of_region = [final.parents.get(region, region) for region in everywhere]
    countries = tuple(dict.fromkeys(of_region))
    country = np.array([countries.index(name) for name in of_region], dtype=np.int64)
    last_days = np.array([(ended or {}).get(name, date.max) for name in of_region], "datetime64[D]")
    random = np.random.default_rng(seed)
    parts: list[Rows] = []
    for origin in origins:
        day = origin.date()
        alive = np.flatnonzero(last_days > np.datetime64(day))
        names = [everywhere[region] for region in alive]
        inputs = inputs_at_origin(history.as_known(origin), names, source, target, horizon_weeks)
        followed = labels(final, day, names, inputs.bar, source, target, horizon_weeks)
        kept = np.flatnonzero(followed | (random.random(len(names)) < keep_negatives))
        parts.append(
            Rows(
                inputs=inputs.take(kept),
                label=followed[kept].astype(np.float64),
                weight=np.where(followed[kept], 1.0, 1 / keep_negatives),
                week=np.full(len(kept), week_number(day)),
                region=alive[kept],
                country=country[alive[kept]],
                regions=len(everywhere),
                countries=countries,
            )
        )
    if not parts:
        raise ModelError("No origin was given to learn from.")
    return replace(
        parts[0],
        inputs=stack([part.inputs for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
        week=np.concatenate([part.week for part in parts]),
        region=np.concatenate([part.region for part in parts]),
        country=np.concatenate([part.country for part in parts]),
    )


def week_number(day: date) -> int:
    """Whole weeks from the first Monday of 1970 to `day`."""
    return (day - EPOCH).days // 7
