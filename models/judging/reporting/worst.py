"""The worst misses and the worst false alarms of a model, with region and week."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from models.judging.backtest.scored import Scored
from models.training.rows import EPOCH

SHOWN = 15
APART_WEEKS = 26  # rows of one region that are nearer than this are counted as one event


def worst(scored: Scored, model: str, names: Mapping[str, str], horizon: int) -> dict[str, Any]:
    """Return the outcomes with the least probability, and the non-outcomes with the greatest.

    At most one row of a region is listed in half a year.
    """
    column = scored.columns[model]
    rising = np.argsort(column, kind="stable")
    misses = rising[scored.label[rising] == 1]
    false = rising[::-1][scored.label[rising[::-1]] == 0]
    return {
        "model": model,
        "misses": _named(scored, column, misses, names, horizon),
        "false_alarms": _named(scored, column, false, names, horizon),
    }


def _named(
    scored: Scored,
    column: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
    names: Mapping[str, str],
    horizon: int,
) -> list[dict[str, Any]]:
    told: dict[int, list[int]] = {}
    found: list[dict[str, Any]] = []
    for row in rows:
        region, week = int(scored.region[row]), int(scored.week[row])
        if any(abs(week - other) < APART_WEEKS for other in told.get(region, ())):
            continue
        told.setdefault(region, []).append(week)
        origin = EPOCH + timedelta(weeks=week)
        id_ = scored.regions[region]
        found.append(
            {
                "region": id_,
                "name": names.get(id_, id_),
                "origin": origin.isoformat(),
                "until": (origin + timedelta(weeks=horizon)).isoformat(),
                "probability": float(column[row]),
                "onset": bool(scored.quiet[row]),
            }
        )
        if len(found) == SHOWN:
            break
    return found
