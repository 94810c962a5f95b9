"""Slowing: how a series behaves before a tipping point; shown beside a score, never part of one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slowing:
    """Whether a weekly series varies more widely, and recovers more slowly, than it did.

    `spread_trend` and `memory_trend` are Kendall's tau, from -1 to 1, of the variance and of the
    lag-1 autocorrelation over time. Each `p` is the share of surrogate series without a trend that
    rise as much. All four are None if the past is too short.
    """

    signal: str
    spread_trend: float | None
    spread_p: float | None
    memory_trend: float | None
    memory_p: float | None
