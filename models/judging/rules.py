"""Rules that raise alarms and claim no probability: EARS, and that of HDX Signals.

HDX Signals (OCHA) alerts where the deaths of 30 days are the most within 366 days (medium) or
1,096 days (high) and at least 100. Here it watches lethal events by weeks: four weeks against
the greatest four-week sums of 52 and of 157 weeks. With its floor of 100 it is silent nearly
everywhere; the other form asks for one event, so that a small country counts.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.ears import BASELINE_WEEKS, ears
from models.targets import points_over, target_series, was_observed

Mask = npt.NDArray[np.bool_]
AlarmRule = Callable[[Panel, str], Mask]

MONTH_WEEKS = 4
MEDIUM_WEEKS = 52
HIGH_WEEKS = 157
HDX_FLOOR = 100
EARS_WEEKS = BASELINE_WEEKS + 6


def _ears(rule: str) -> AlarmRule:
    def alarms(panel: Panel, source: str) -> Mask:
        recent = panel.recent(EARS_WEEKS)
        if not recent.weeks:
            return np.zeros(len(panel.regions), dtype=np.bool_)
        seen = was_observed(recent, source, Target.FORCE)
        series = np.where(seen, target_series(recent, source, Target.FORCE), np.nan)
        return np.asarray(ears(series, rule).exceeded[-1])  # type: ignore[arg-type]

    return alarms


def _hdx(weeks: int, floor: int) -> AlarmRule:
    def alarms(panel: Panel, source: str) -> Mask:
        past = panel.recent(weeks + MONTH_WEEKS - 1)
        if past.weeks < weeks:
            return np.zeros(len(panel.regions), dtype=np.bool_)
        sums = points_over(past, source, Target.FORCE, MONTH_WEEKS)[-weeks:]
        return np.asarray((sums[-1] >= sums.max(axis=0)) & (sums[-1] >= floor))

    return alarms


RULES: dict[str, AlarmRule] = {
    "ears-c1": _ears("C1"),
    "ears-c2": _ears("C2"),
    "ears-c3": _ears("C3"),
    "hdx-medium": _hdx(MEDIUM_WEEKS, HDX_FLOOR),
    "hdx-high": _hdx(HIGH_WEEKS, HDX_FLOOR),
    "hdx-medium, floor 1": _hdx(MEDIUM_WEEKS, 1),
    "hdx-high, floor 1": _hdx(HIGH_WEEKS, 1),
}


def alarms_at(panel: Panel, source: str) -> dict[str, Mask]:
    """Alarms of every rule at the panel's origin, bool (regions,) by name."""
    return {name: rule(panel, source) for name, rule in RULES.items()}
