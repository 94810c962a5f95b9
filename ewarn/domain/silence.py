"""Silences: which notifications are suppressed, by whom, why, and until when."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ewarn.domain.alert import Alert
from ewarn.domain.key import ApiKey

WITHHELD = "withheld: this silence also speaks of countries that the key does not cover"


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts of which nobody is notified from `starts_at` until `ends_at`, or until it was ended.

    Each tuple that is not empty must hold what the alert has. Alerts open, rise and close as usual.
    If an alert is still open when a silence is over, people are notified then.
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
    def names_something(self) -> bool:
        """Return whether it names anything: one that names nothing would cover every alert."""
        return bool(self.countries or self.regions or self.targets or self.rules)

    def in_force(self, at: datetime) -> bool:
        """Return whether it is in force at a moment."""
        end = self.ends_at if self.ended_at is None else min(self.ended_at, self.ends_at)
        return self.starts_at <= at < end

    def covers(self, alert: Alert) -> bool:
        """Return whether it covers an alert."""
        return (
            (not self.countries or alert.country in self.countries)
            and (not self.regions or alert.region in self.regions)
            and (not self.targets or alert.target.value in self.targets)
            and (not self.rules or alert.rule in self.rules)
        )


def seen_by(key: ApiKey, silence: Silence, country_of: Callable[[str], str]) -> Silence | None:
    """Return what the holder of a key may know of a silence.

    Countries and regions that the key does not cover are left out. The reason may mention any of
    them, so it is shown only if the key covers them all.

    Args:
        country_of: Returns the country of a region.

    Returns:
        The silence, or None if it is about none of the key's countries.
    """
    of_regions = [country_of(region) for region in silence.regions]
    if not all(map(key.covers_any, (silence.countries, of_regions))):
        return None
    pairs = zip(silence.regions, of_regions, strict=True)
    return replace(
        silence,
        reason=silence.reason if covers_silence(key, silence, country_of) else WITHHELD,
        countries=tuple(country for country in silence.countries if key.covers(country)),
        regions=tuple(region for region, country in pairs if key.covers(country)),
    )


def covers_silence(key: ApiKey, silence: Silence, country_of: Callable[[str], str]) -> bool:
    """Return whether a key covers everything that a silence names."""
    return key.covers_all([*silence.countries, *map(country_of, silence.regions)])
