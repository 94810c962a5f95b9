"""Studies of a response, and their answer: whether it made a difference to the situation."""

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
    """A deployment in [start, end), both Mondays, and the weekly counts to evaluate it on.

    Attributes:
        first_week: The week of the first of `counts`, and of those of `donors`; they end before
            `end`.
        counts: Events by week; None is a week that was not observed.
        talks: The dialogue events of each week.
        donors: Counts of regions that the caller named before the outcome was known.
        in_hindsight: The source was compiled by people who knew what came later: its rows show what
            they chose to write down.
        share_in: The share of the reports of the deployment's weeks that has arrived, in the region
            or donor where it is lowest; None if weeks are young and it is not known.
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
            raise ValueError(f"{self.start} to {self.end} is not a time after {self.first_week}")
        for name, counts in {self.region: self.counts, "talks": self.talks, **self.donors}.items():
            if len(counts) != weeks:
                raise ValueError(f"{name}: {len(counts)} counts for {weeks} weeks")

    @property
    def weeks_before(self) -> int:
        """Return the number of weeks before the deployment."""
        return (self.start - self.first_week) // WEEK


@dataclass(frozen=True, slots=True)
class Estimate:
    """The number of events as a multiple of what was expected, with its 90% interval.

    `placebos` were computed where nothing had happened. `as_large` is the share of them, including
    the real one, that are as far from 1.
    """

    method: str
    ratio: float
    low: float
    high: float
    placebos: int
    as_large: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The verdict, its reasons, and everything it rests on.

    `reasons` say why no answer is possible, `cautions` what an answer leaves open. `estimates` are
    empty if they would mean nothing; the first one decides. `weights` are those of the donors.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    weights: Mapping[str, float]
    study: Study
