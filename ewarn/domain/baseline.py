"""How much of its past a source was read of: what an unusual week is compared with."""

from dataclasses import dataclass
from datetime import date

BASELINE_WEEKS = 52  # a week is compared with those of a year
LEAST_WEEKS = 26  # before so many were read, nobody is warned
SEASON_WEEKS = 3 * 52 + 4  # from so many on the season of a region is known too


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many of the last weeks a source has observed, and from which day on its past should be
    read. `weeks_read` counts the last `BASELINE_WEEKS`, `seasons_read` the last `SEASON_WEEKS`."""

    source: str
    weeks_read: int
    seasons_read: int
    read_from: date

    @property
    def is_whole(self) -> bool:
        """Whether a year of the past was read, all but a week or two."""
        return self.weeks_read >= BASELINE_WEEKS - 2

    @property
    def sentence(self) -> str:
        """What the service can and cannot see by it."""
        read = f"{self.weeks_read} of {BASELINE_WEEKS} weeks of its past were read"
        if self.is_whole:
            if self.seasons_read >= SEASON_WEEKS - 6:
                return f"{read}, and three years in all: unusual weeks and seasons are known"
            return (
                f"{read}: unusual weeks are seen. A season looks unusual until three years are read"
            )
        advice = f"Back-fill with `ewarn ingest {self.source} --since {self.read_from}`"
        if self.weeks_read < LEAST_WEEKS:
            until = f"Until {LEAST_WEEKS} are, nothing is known to be unusual, and nobody is warned"
            return f"{read}. {until}. {advice}"
        return (
            f"{read}: what is usual is not known well yet, so some warnings will be missed and "
            f"some will be wrong. {advice}"
        )
