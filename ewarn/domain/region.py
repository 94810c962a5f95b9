"""Regions (countries and first-level subdivisions) and offices (named sets of them)."""

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

    `id` is ISO 3166 (`TGO`, `TG-M`), or our own stable `IE~1234` where ISO has no code or shares
    one. `latitude` and `longitude` (degrees) are a point inside it. `ended_on` is set for
    countries that no longer exist: they are not scored after that day. `began_on` is set for
    countries younger than the archives, and their subdivisions: they are not scored before it.
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
        """Whether the region is of a country that has begun and has not ended."""
        has_begun = self.began_on is None or self.began_on <= day
        return has_begun and (self.ended_on is None or self.ended_on >= day)

    @property
    def country(self) -> str:
        """Alpha-3 code of the country the region is, or lies in."""
        return self.parent or self.id

    @property
    def centre(self) -> tuple[float, float]:
        """Latitude and longitude of a point inside, in degrees."""
        return self.latitude, self.longitude

    def name_in(self, language: str) -> str:
        """Name in a UN language (`ar es fr ru zh`); in English the one used everywhere here."""
        if language == "en":
            return self.name
        return dict(self.names).get(language, self.name)


class Ground(StrEnum):
    """What a placement by words rests on; the last four leave a place at its country."""

    SUBDIVISION = "subdivision"  # the text names it
    TOWN = "town"  # the text names a town in it
    NATIONAL = "national"  # the text says nationwide, or names the country itself
    SEVERAL = "several"  # the text names or means several subdivisions
    UNSURE = "unsure"  # the name stands for several, or the place lies by it and not in it
    UNKNOWN = "unknown"  # the text names nothing that is known


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the words of a report place an event: a subdivision, or the country itself."""

    region: Region
    ground: Ground

    @property
    def is_placed(self) -> bool:
        """Whether the region is finer than the country."""
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
        """Whether the region lies in one of the office's countries; `*` stands for all."""
        return "*" in self.countries or region.country in self.countries
