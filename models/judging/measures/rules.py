"""Rules that raise alarms without a probability: EARS and the rule of HDX Signals.

HDX Signals (OCHA) alerts where the deaths of 30 days are the most within 366 days (medium) or
1,096 days (high) and at least 100. Here the rule is applied to lethal events by weeks: it compares
four weeks with the greatest four-week sums of 52 and of 157 weeks. With its floor of 100 it hardly
ever raises an alarm. Another form needs only one event, so that small countries count too. A rule
on lethal events alone never raises an alarm before an onset, so two more rules use every event that
is read.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.detectors.ears import BASELINE_WEEKS, ears
from models.inputs.targets import kinds_read, points_over, was_observed

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
    """Return sums of all events, without flags, because an event with a flag is in its kind."""
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
        sums = sums_of(panel.recent(weeks + MONTH_WEEKS - 1), source, MONTH_WEEKS)
        return _stands_out(sums, weeks, floor)

    return alarms


def _stands_out(sums: Sums, weeks: int, floor: int) -> Mask:
    """Return whether the last of sums (weeks, regions) is the greatest of so many, (regions,)."""
    past = sums[-weeks:]
    if len(past) < weeks:
        return np.zeros(sums.shape[1], dtype=np.bool_)
    return np.asarray((past[-1] >= past.max(axis=0)) & (past[-1] >= floor))


HDX: dict[str, tuple[int, int, SumsOf]] = {
    "hdx-medium": (MEDIUM_WEEKS, HDX_FLOOR, _lethal),
    "hdx-high": (HIGH_WEEKS, HDX_FLOOR, _lethal),
    "hdx-medium, floor 1": (MEDIUM_WEEKS, 1, _lethal),
    "hdx-high, floor 1": (HIGH_WEEKS, 1, _lethal),
    "hdx-high of all events": (HIGH_WEEKS, 1, _events),
}
RULES: dict[str, AlarmRule] = {
    "ears-c1": _ears("C1", _lethal),
    "ears-c2": _ears("C2", _lethal),
    "ears-c3": _ears("C3", _lethal),
    "ears-c2 of all events": _ears("C2", _events),
    **{name: _hdx(*stated) for name, stated in HDX.items()},
}


def hdx_over(panel: Panel, source: str, origins: Sequence[date]) -> dict[str, Mask]:
    """Return the alarms of HDX's rules at origins, bool (origins, regions) by name.

    They are computed from what `panel` holds of the weeks before each origin.
    """
    before = [(origin - panel.first_week).days // 7 for origin in origins]
    found = {}
    for name, (weeks, floor, sums_of) in HDX.items():
        sums = sums_of(panel, source, MONTH_WEEKS)
        found[name] = np.stack([_stands_out(sums[:week], weeks, floor) for week in before])
    return found


def alarms_at(panel: Panel, source: str) -> dict[str, Mask]:
    """Return the alarms of every rule at the panel's origin, bool (regions,) by name."""
    return {name: rule(panel, source) for name, rule in RULES.items()}
