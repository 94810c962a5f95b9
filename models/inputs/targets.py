"""The targets: severity of h weeks, the bar it must reach, eligible regions, and the label.

Every target is one question: does the weighted sum of events in [origin, origin + h weeks)
reach the region's bar?

- `force` counts lethal events only, and its bar is one.
- `onset` is the same for regions that were quiet for half a year.
- `escalation` weighs harm by kind and never counts protest. Its bar rises with the region's past.
- `arrests` counts arrest events. Its bar rises with the region's past, too.
- `election` counts election incidents, where a vote is near.
- `killings` counts attacks on civilians in which forces of a state killed.

No target predicts peaceful assembly.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.stats import nbinom, poisson

from ewarn.domain.kinds import (
    BY_STATE,
    ESCALATION_WEIGHT_LETHAL,
    ESCALATION_WEIGHTS,
    LETHAL,
    EventKind,
)
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.inputs.votes import polling_near

FORCE_LETHAL = f"{EventKind.FORCE}:{LETHAL}"
ATTACK_BY_STATE = f"{EventKind.ATTACK}:{BY_STATE}"

# The kinds that models read, as `kind[:flag]`. Only models of `escalation` and `killings`, and
# those with relative inputs, read the last two.
KINDS = ("protest", "riot", "arrest", "force", FORCE_LETHAL, "attack", "restriction")
NEVER_RAISED = {
    "mass-mobilization": frozenset({"attack", "restriction"}),
    "gdelt": frozenset({FORCE_LETHAL}),  # CAMEO rows do not count the dead
}
SAYS_WHO_KILLED = frozenset({"ucdp"})

# A target is defined in code, so a change of its definition needs a new version.
VERSIONS = {
    Target.FORCE: "1",
    Target.ONSET: "1",
    Target.ESCALATION: "1",
    Target.ARRESTS: "1",
    Target.ELECTION: "1",
    Target.KILLINGS: "1",
}
HORIZONS = (2, 4, 8, 13)
# `onset` is defined only for regions without a lethal event for so long.
QUIET_WEEKS = 26
UNSEEN_WEEKS = 4  # so many of them may be unobserved for a region to be known as quiet
# `election` is defined only for regions with a vote within so many weeks of the origin.
POLLING_WEEKS = 8

# The least sum that can be an escalation. The count models use it as the size of one event.
ESCALATION_FLOOR = 6
PAST_WEEKS = 104
RECENT_WEEKS = 8
PAST_QUANTILE = 0.9
ARRESTS_QUANTILE = 0.95


def kinds_read(source: str, target: Target, *, every: bool = False) -> tuple[str, ...]:
    """Return the kinds of a source that a model of `target` reads, in the order of `KINDS`.

    With `every`, these are all kinds that the source reports, also those without weight.
    """
    if target is Target.ELECTION:
        return (EventKind.ELECTION.value,)
    never = NEVER_RAISED.get(source, frozenset())
    reads_all = every or target in (Target.ESCALATION, Target.KILLINGS)
    wanted = KINDS if reads_all else KINDS[:5]
    return tuple(kind for kind in wanted if kind not in never)


def severity_weights(source: str, target: Target) -> dict[str, int]:
    """Return the points of one event of each kind.

    A lethal event counts in `force` and in its flag, so the flag has the difference between the
    weights of a lethal event and of force. Where a source never reports whether force killed, the
    target `force` counts all force. Where it never reports who killed, `killings` counts all
    attacks.
    """
    kinds = kinds_read(source, target)
    if target in (Target.FORCE, Target.ONSET):
        return {FORCE_LETHAL if FORCE_LETHAL in kinds else "force": 1}
    if target is Target.KILLINGS:
        return {ATTACK_BY_STATE if source in SAYS_WHO_KILLED else EventKind.ATTACK.value: 1}
    if target in (Target.ARRESTS, Target.ELECTION):
        return {EventKind(target.value.removesuffix("s")).value: 1}
    points = {kind.value: weight for kind, weight in ESCALATION_WEIGHTS.items()}
    points[FORCE_LETHAL] = ESCALATION_WEIGHT_LETHAL - ESCALATION_WEIGHTS[EventKind.FORCE]
    return {kind: points[kind] for kind in kinds if kind in points}


def unit(target: Target) -> int:
    """Return the points that the count models treat as one event."""
    return ESCALATION_FLOOR if target is Target.ESCALATION else 1


def target_series(panel: Panel, source: str, target: Target) -> npt.NDArray[np.int64]:
    """Return the points of each week, int64 (weeks, regions), which the detectors monitor."""
    return points_over(panel, source, target, 1)


def was_observed(panel: Panel, source: str, target: Target) -> npt.NDArray[np.bool_]:
    """Return whether the target's own series was observed, bool (weeks, regions)."""
    first, *_ = severity_weights(source, target)
    return panel.was_observed(f"{source}:{first}")


def bar(panel: Panel, source: str, target: Target, horizon_weeks: int) -> FloatArray:
    """Return the points in h weeks that make the target true, float64 (regions,).

    For `escalation` it is the greatest of 6, the 90th percentile (linear) of the region's own
    h-week sums that are wholly in the last 104 weeks, and twice its mean over the last 8 weeks
    times h. A shorter past gives fewer sums. A week that was not observed adds the events that were
    known of it.

    For `arrests` it is the 95% quantile of a negative binomial with the mean and variance of those
    same sums (of a Poisson if they vary no more than a Poisson), and at least one. For all other
    targets it is one.
    """
    past = panel.recent(PAST_WEEKS)
    if target is Target.ARRESTS:
        return _arrests_bar(past, source, horizon_weeks)
    if target is not Target.ESCALATION:
        return np.ones(len(panel.regions))
    floor = np.full(len(panel.regions), float(ESCALATION_FLOOR))
    if not past.weeks:
        return floor
    weeks = min(RECENT_WEEKS, past.weeks)
    recent = points_over(past, source, target, weeks)[-1]
    floor = np.asarray(np.maximum(floor, 2 * horizon_weeks * recent / weeks))
    if past.weeks < horizon_weeks:
        return floor
    sums = points_over(past, source, target, horizon_weeks)[horizon_weeks - 1 :]
    return np.asarray(np.maximum(floor, np.quantile(sums, PAST_QUANTILE, axis=0)))


def labels(
    final: Panel,
    origin: date,
    regions: Sequence[str],
    bars: FloatArray,
    source: str,
    target: Target,
    horizon_weeks: int,
) -> npt.NDArray[np.bool_]:
    """Return whether the h weeks from `origin` reached `bars`, bool (regions,), by the final panel.

    Raises:
        ModelError: The panel does not hold all h weeks from `origin`.
    """
    end = origin + horizon_weeks * WEEK
    if origin < final.first_week or end > final.origin:
        raise ModelError(f"The panel to {final.origin} holds no full outcome of origin {origin}.")
    ahead = final.until(end).recent(horizon_weeks).select(regions)
    return np.asarray(points_over(ahead, source, target, horizon_weeks)[-1] >= bars)


def eligible(panel: Panel, source: str, target: Target) -> npt.NDArray[np.bool_]:
    """Return which regions are eligible for a target at the panel's origin, bool (regions,).

    Only what was known at the origin counts. For `onset` the last 26 weeks must be quiet. For
    `election` a vote must be within eight weeks by the panel's calendar, so no region is eligible
    without a calendar. All regions are eligible for the other targets.
    """
    if target is Target.ONSET:
        return was_quiet(panel, source)
    if target is Target.ELECTION:
        return polling_near(panel, POLLING_WEEKS)
    return np.ones(len(panel.regions), dtype=np.bool_)


def was_quiet(panel: Panel, source: str) -> npt.NDArray[np.bool_]:
    """Return whether no lethal event was known in the last 26 weeks, bool (regions,)."""
    if not panel.weeks:
        return np.ones(len(panel.regions), dtype=np.bool_)
    recent = panel.recent(QUIET_WEEKS)
    return np.asarray(points_over(recent, source, Target.FORCE, QUIET_WEEKS)[-1] == 0)


def is_known_quiet(panel: Panel, source: str) -> npt.NDArray[np.bool_]:
    """Return whether the last 26 weeks were quiet and nearly all observed, bool (regions,)."""
    seen = was_observed(panel.recent(QUIET_WEEKS), source, Target.FORCE).sum(axis=0)
    return np.asarray(was_quiet(panel, source) & (seen >= QUIET_WEEKS - UNSEEN_WEEKS))


def _arrests_bar(past: Panel, source: str, horizon_weeks: int) -> FloatArray:
    bars = np.ones(len(past.regions))
    if past.weeks < horizon_weeks:
        return bars
    sums = points_over(past, source, Target.ARRESTS, horizon_weeks)[horizon_weeks - 1 :]
    mean, variance = sums.mean(axis=0), sums.var(axis=0)
    spread = np.flatnonzero(variance > mean)
    size = mean[spread] ** 2 / (variance[spread] - mean[spread])
    bars[spread] = nbinom.ppf(ARRESTS_QUANTILE, size, mean[spread] / variance[spread])
    even = np.flatnonzero((mean > 0) & (variance <= mean))
    bars[even] = poisson.ppf(ARRESTS_QUANTILE, mean[even])
    return np.maximum(bars, 1.0)


def points_over(panel: Panel, source: str, target: Target, length: int) -> npt.NDArray[np.int64]:
    """Return the points of the `length` weeks that end with each week, int64 (weeks, regions)."""
    total = np.zeros((panel.weeks, len(panel.regions)), dtype=np.int64)
    for kind, weight in severity_weights(source, target).items():
        total += weight * panel.rolling(f"{source}:{kind}", length)
    return total
