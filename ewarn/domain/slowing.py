"""How a series moves before it tips: context beside a score, never in one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slowing:
    """Whether a weekly series swings more widely, and recovers more slowly, than it did.

    `spread_trend` and `memory_trend` are Kendall's tau, from -1 to 1, of the variance and of the
    lag-1 autocorrelation over time; each `p` is the share of surrogate series without a trend that
    rise as much. All four are None where the past says too little.
    """

    signal: str
    spread_trend: float | None
    spread_p: float | None
    memory_trend: float | None
    memory_p: float | None
