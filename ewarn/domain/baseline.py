"""How much of its past a source was read of: what an unusual week is compared with."""

from dataclasses import dataclass
from datetime import date

BASELINE_WEEKS = 52  # a week is compared with those of a year
LEAST_WEEKS = 26  # before so many were read, nobody is warned


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many of the last `BASELINE_WEEKS` weeks a source has observed, and from which day on its
    past should be read."""

    source: str
    weeks_read: int
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
            return f"{read}: unusual weeks are seen"
        advice = f"Back-fill with `ewarn ingest {self.source} --since {self.read_from}`"
        if self.weeks_read < LEAST_WEEKS:
            until = f"Until {LEAST_WEEKS} are, nothing is known to be unusual, and nobody is warned"
            return f"{read}. {until}. {advice}"
        return (
            f"{read}: what is usual is not known well yet, so some warnings will be missed and "
            f"some will be wrong. {advice}"
        )
