"""How much of its past a source was read of, with which an unusual week is compared."""

from dataclasses import dataclass
from datetime import date

BASELINE_WEEKS = 52  # a week is compared with those of a year
LEAST_WEEKS = 26  # nobody is warned before so many weeks were read


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many of the last `BASELINE_WEEKS` weeks a source has observed.

    `read_from` is the day from which its past should be read.
    """

    source: str
    weeks_read: int
    read_from: date

    @property
    def is_whole(self) -> bool:
        """Return whether a year of the past was read, except for a week or two."""
        return self.weeks_read >= BASELINE_WEEKS - 2

    @property
    def sentence(self) -> str:
        """Describe what the service can and cannot detect with this baseline."""
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
