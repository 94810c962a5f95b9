"""Silences: whose notifications are held back, by whom, why, and until when."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ewarn.domain.alert import Alert
from ewarn.domain.key import ApiKey

WITHHELD = "withheld: this silence also speaks of countries that the key does not cover"


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

    @property
    def is_of_something(self) -> bool:
        """Whether it names anything at all: one that does not would cover every alert."""
        return bool(self.countries or self.regions or self.targets or self.rules)

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


def seen_by(key: ApiKey, silence: Silence, country_of: Callable[[str], str]) -> Silence | None:
    """What the holder of a key may know of a silence; None where it concerns none of its countries.

    Countries and regions that the key does not cover are left out. A reason may speak of any of
    them, so it is shown only where the key covers them all. `country_of` gives a region's country.
    """
    of_regions = [country_of(region) for region in silence.regions]
    if not all(map(key.covers_any, (silence.countries, of_regions))):
        return None
    pairs = zip(silence.regions, of_regions, strict=True)
    return replace(
        silence,
        reason=silence.reason if speaks_within(key, silence, country_of) else WITHHELD,
        countries=tuple(country for country in silence.countries if key.covers(country)),
        regions=tuple(region for region, country in pairs if key.covers(country)),
    )


def speaks_within(key: ApiKey, silence: Silence, country_of: Callable[[str], str]) -> bool:
    """Whether a silence speaks of countries of the key alone."""
    return key.covers_all([*silence.countries, *map(country_of, silence.regions)])
