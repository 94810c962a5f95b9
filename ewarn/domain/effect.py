"""What is asked and answered about a response: did the situation differ from what it would have
been without it?
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ewarn.domain.time import WEEK


class Verdict(StrEnum):
    """The answer in plain words."""

    NOT_IDENTIFIABLE = "not identifiable from these data"
    CHANCE = "not distinguishable from chance"
    FEWER = "fewer"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Study:
    """A deployment in [start, end), both Mondays, and the weekly counts to judge it by.

    `counts` and those of `donors` (regions named by the caller before the outcome was known) begin
    with `first_week` and end before `end`; None is a week that was not observed. `talks` are the
    dialogue events of each week. A source `in_hindsight` was compiled by hand by people who knew
    what came later: its rows show what they chose to write down. `share_in` is how much of the
    reports of the deployment's weeks is in, in the region or donor where it is least; None where
    weeks are young and nobody knows.
    """

    source: str
    region: str
    outcome: str
    first_week: date
    start: date
    end: date
    counts: tuple[int | None, ...]
    talks: tuple[int, ...]
    donors: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    in_hindsight: bool = False
    share_in: float | None = 1.0

    def __post_init__(self) -> None:
        weeks = (self.end - self.first_week) // WEEK
        if not self.first_week < self.start < self.end:
            raise ValueError(f"{self.start} to {self.end} is no time after {self.first_week}")
        for name, counts in {self.region: self.counts, "talks": self.talks, **self.donors}.items():
            if len(counts) != weeks:
                raise ValueError(f"{name}: {len(counts)} counts for {weeks} weeks")

    @property
    def weeks_before(self) -> int:
        """Number of weeks before the deployment."""
        return (self.start - self.first_week) // WEEK


@dataclass(frozen=True, slots=True)
class Estimate:
    """Events as a multiple of what was to be expected, with the 90% interval of the multiple.

    `placebos` were computed where nothing had happened; `as_large` is the share of them, the real
    one counted in, that lie as far from 1.
    """

    method: str
    ratio: float
    low: float
    high: float
    placebos: int
    as_large: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The verdict, why, and everything it rests on.

    `reasons` say why nothing can be said; `cautions` what an answer leaves open. `estimates` are
    empty where they would mean nothing; the first one decides. `weights` are the donors'.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    weights: Mapping[str, float]
    study: Study
