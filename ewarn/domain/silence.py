"""Silences: whose notifications are held back, by whom, why, and until when."""

from dataclasses import dataclass
from datetime import datetime

from ewarn.domain.alert import Alert


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts of which nobody is told from `starts_at` until `ends_at` (or it was ended before).

    Each tuple that is not empty must hold what the alert has. Alerts open, rise and close all the
    same; what still stands when a silence is over is told then.
    """

    id: str
    author: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    ended_at: datetime | None = None
    ended_by: str | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        end = self.ends_at if self.ended_at is None else min(self.ended_at, self.ends_at)
        return self.starts_at <= at < end

    def covers(self, alert: Alert) -> bool:
        """Whether an alert is one of those it speaks of."""
        return (
            (not self.countries or alert.country in self.countries)
            and (not self.regions or alert.region in self.regions)
            and (not self.targets or alert.target.value in self.targets)
            and (not self.rules or alert.rule in self.rules)
        )
