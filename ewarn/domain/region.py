"""Regions (countries and first-level subdivisions) and offices (named sets of countries)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ewarn.domain.recipient import Recipient


class Level(StrEnum):
    """How fine a region is. Nothing finer than admin-1 exists here, on purpose."""

    COUNTRY = "country"
    ADMIN1 = "admin1"


@dataclass(frozen=True, slots=True)
class Region:
    """A country or a first-level subdivision.

    `id` is ISO 3166 (`TGO`, `TG-M`), or our own stable `IE~1234` if ISO has no code or shares one.
    `latitude` and `longitude` (degrees) are a point inside it. `ended_on` is set for countries that
    no longer exist: they are not scored after that day. `began_on` is set for countries younger
    than the archives, and for their subdivisions: they are not scored before it.
    """

    id: str
    level: Level
    name: str
    parent: str | None
    latitude: float
    longitude: float
    names: tuple[tuple[str, str], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    ended_on: date | None = None
    began_on: date | None = None

    def exists_on(self, day: date) -> bool:
        """Return whether the region's country has begun and has not ended."""
        has_begun = self.began_on is None or self.began_on <= day
        return has_begun and (self.ended_on is None or self.ended_on >= day)

    @property
    def country(self) -> str:
        """Return the alpha-3 code of the country that the region is, or lies in."""
        return self.parent or self.id

    @property
    def centre(self) -> tuple[float, float]:
        """Return the latitude and longitude of a point inside, in degrees."""
        return self.latitude, self.longitude

    def name_in(self, language: str) -> str:
        """Return the name in a UN language (`ar es fr ru zh`), else the English one."""
        if language == "en":
            return self.name
        return dict(self.names).get(language, self.name)


class Ground(StrEnum):
    """The reason for a placement by a text; the last four leave an event at its country."""

    SUBDIVISION = "subdivision"  # the text names it
    TOWN = "town"  # the text names a town in it
    NATIONAL = "national"  # the text says nationwide, or names the country itself
    SEVERAL = "several"  # the text names or means several subdivisions
    UNSURE = "unsure"  # the name has several meanings, or the place is near it and not in it
    UNKNOWN = "unknown"  # the text names no known place


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the text of a report places an event: in a subdivision, or only in the country."""

    region: Region
    ground: Ground

    @property
    def is_placed(self) -> bool:
        """Return whether the region is finer than the country."""
        return self.region.level is Level.ADMIN1


@dataclass(frozen=True, slots=True)
class Office:
    """A named set of countries with a language and the recipients of its notifications."""

    id: str
    name: str
    language: str
    countries: tuple[str, ...]
    recipients: tuple[Recipient, ...] = ()

    def covers(self, region: Region) -> bool:
        """Return whether the region lies in one of the office's countries; `*` means all."""
        return "*" in self.countries or region.country in self.countries
