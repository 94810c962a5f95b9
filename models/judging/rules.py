"""Rules that raise alarms and claim no probability: EARS, and that of HDX Signals.

HDX Signals (OCHA) alerts where the deaths of 30 days are the most within 366 days (medium) or
1,096 days (high) and at least 100. Here it watches lethal events by weeks: four weeks against
the greatest four-week sums of 52 and of 157 weeks. With its floor of 100 it is silent nearly
everywhere; the other form asks for one event, so that a small country counts. A rule that watches
lethal events alone speaks only once somebody was killed, and so never before an onset: two more
watch every event that is read.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.ears import BASELINE_WEEKS, ears
from models.targets import kinds_read, points_over, was_observed

Mask = npt.NDArray[np.bool_]
Sums = npt.NDArray[np.int64]
AlarmRule = Callable[[Panel, str], Mask]
SumsOf = Callable[[Panel, str, int], Sums]

MONTH_WEEKS = 4
MEDIUM_WEEKS = 52
HIGH_WEEKS = 157
HDX_FLOOR = 100
EARS_WEEKS = BASELINE_WEEKS + 6


def _lethal(panel: Panel, source: str, weeks: int) -> Sums:
    return points_over(panel, source, Target.FORCE, weeks)


def _events(panel: Panel, source: str, weeks: int) -> Sums:
    """Every event once: a flag only says more of one that its kind counts already."""
    kinds = [kind for kind in kinds_read(source, Target.ESCALATION) if ":" not in kind]
    return np.asarray(sum(panel.rolling(f"{source}:{kind}", weeks) for kind in kinds))


def _ears(rule: str, series_of: SumsOf) -> AlarmRule:
    def alarms(panel: Panel, source: str) -> Mask:
        recent = panel.recent(EARS_WEEKS)
        if not recent.weeks:
            return np.zeros(len(panel.regions), dtype=np.bool_)
        seen = was_observed(recent, source, Target.FORCE)
        series = np.where(seen, series_of(recent, source, 1), np.nan)
        return np.asarray(ears(series, rule).exceeded[-1])  # type: ignore[arg-type]

    return alarms


def _hdx(weeks: int, floor: int, sums_of: SumsOf) -> AlarmRule:
    def alarms(panel: Panel, source: str) -> Mask:
        past = panel.recent(weeks + MONTH_WEEKS - 1)
        if past.weeks < weeks:
            return np.zeros(len(panel.regions), dtype=np.bool_)
        sums = sums_of(past, source, MONTH_WEEKS)[-weeks:]
        return np.asarray((sums[-1] >= sums.max(axis=0)) & (sums[-1] >= floor))

    return alarms


RULES: dict[str, AlarmRule] = {
    "ears-c1": _ears("C1", _lethal),
    "ears-c2": _ears("C2", _lethal),
    "ears-c3": _ears("C3", _lethal),
    "ears-c2 of all events": _ears("C2", _events),
    "hdx-medium": _hdx(MEDIUM_WEEKS, HDX_FLOOR, _lethal),
    "hdx-high": _hdx(HIGH_WEEKS, HDX_FLOOR, _lethal),
    "hdx-medium, floor 1": _hdx(MEDIUM_WEEKS, 1, _lethal),
    "hdx-high, floor 1": _hdx(HIGH_WEEKS, 1, _lethal),
    "hdx-high of all events": _hdx(HIGH_WEEKS, 1, _events),
}


def alarms_at(panel: Panel, source: str) -> dict[str, Mask]:
    """Alarms of every rule at the panel's origin, bool (regions,) by name."""
    return {name: rule(panel, source) for name, rule in RULES.items()}
