"""An invented world as a source like GDELT reports it: two years of 40 countries, by seed.

Nothing in it is news. Each country has its own rate (log-normal, two orders of magnitude between
quiet and busy countries), distributed unevenly over its subdivisions. Tracked events vary from week
to week by autocorrelated gamma noise (lag-1 autocorrelation 0.5, sd of the log about 0.4). A
quarter of its variance is common to all of a country's regions and kinds. The media report more on
working days and grow by 30% a year. Bursts of news raise all reports on a country, tracked or not.
In twelve countries repression triples for two weeks of the second year.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import gamma

from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Level, Region
from ewarn.places.gazetteer import load_gazetteer

FIRST_DAY = date(2023, 1, 2)
WEEKS, WEEKS_BEFORE = 104, 52  # all weeks, and those before the service goes live
# Countries of all sizes whose subdivisions have FIPS codes.
_FIRST_HALF = "AFG AGO ARM BDI BEN BGD BOL CAF CMR COD COL DZA ECU EGY ETH GAB GHA GIN GMB GTM"
_SECOND_HALF = "HND IDN IRN IRQ KEN KHM KGZ LBR MAR MEX MLI MMR MOZ NGA NPL PAK PER SEN TGO ZWE"
COUNTRIES = [*_FIRST_HALF.split(), *_SECOND_HALF.split()]
# Median events a week in a country, before noise, of kinds between people and the state.
RATES: dict[EventKind, float] = {
    EventKind.ARREST: 5.0,
    EventKind.FORCE: 2.5,
    EventKind.ATTACK: 3.5,
    EventKind.PROTEST: 8.0,
    EventKind.CLASH: 4.0,
    EventKind.RESTRICTION: 1.5,
}
KINDS = tuple(RATES)
REPRESSION = (EventKind.ARREST, EventKind.FORCE, EventKind.ATTACK)
NO_PART = 0.15  # share of a country's events that are placed in no subdivision
SPREAD_OF_RATES = 1.0  # sd of the log of a country's rate
UNTRACKED = 6.0  # rows of other codes for each tracked event
ECHO = 1.0  # untracked rows that follow each act of repression, such as reactions to it
GROWTH = 0.3  # yearly growth of all news
AUTOCORRELATION = 0.5
NOISE = 0.4  # sd of the log of a series, before its Poisson noise
SHARED = 0.25  # share of its variance that is common to all regions and kinds of a country
MEDIA_NOISE = 0.15  # sd of the log of a country's whole volume
BURSTS = 1.5  # bursts of a country's volume a year, each of one or two weeks
BURST_FACTORS = (1.5, 2.5)
DAYS = np.array([1.1, 1.15, 1.15, 1.1, 1.1, 0.75, 0.65])  # Monday to Sunday
SURGES, FACTOR, SURGE_DAYS = 12, 3.0, 14
LEAST = 9.0  # mean acts of repression a week that a region needs for a surge

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Surge:
    """Repression that triples in a region (a country, or a subdivision) for two weeks."""

    region: str
    country: str
    first_day: date

    @property
    def last_day(self) -> date:
        """The last day of the surge."""
        return self.first_day + timedelta(days=SURGE_DAYS - 1)


@dataclass(frozen=True, slots=True)
class World:
    """What happened in the world, as numbers of stories.

    Attributes:
        places: Subdivisions, and countries for news that names no subdivision.
        events: Tracked stories, int64 (days, places, kinds).
        untracked: Other rows, int64 (days, places).
        surges: The planted surges.
    """

    places: tuple[Region, ...]
    events: Counts
    untracked: Counts
    surges: tuple[Surge, ...]

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries, in the order of their places."""
        return tuple(dict.fromkeys(place.country for place in self.places))


def world(seed: int, countries: int = len(COUNTRIES), surges: int = SURGES) -> World:
    """Return the world of a seed. With fewer countries, it has the first ones of the list."""
    random = np.random.default_rng(seed)
    places = _places(COUNTRIES[:countries])
    names = list(dict.fromkeys(place.country for place in places))
    country = np.array([names.index(place.country) for place in places])
    share = _shares(random, country)
    scale = np.exp(random.normal(0, SPREAD_OF_RATES, len(names)))
    rate = (scale[country] * share)[:, None] * np.array(list(RATES.values()))
    media = _media(random, len(names))[:, country]
    noise = _noise(random, country)
    planted = _surges(random, rate, places, surges)
    weekly = rate * noise * media[:, :, None]
    daily = np.repeat(weekly, 7, axis=0) / 7 * _of_day()[:, None, None]
    for surge in planted:
        daily *= _lift(surge, places)
    events = random.poisson(daily)
    usual = (rate.sum(axis=1) * UNTRACKED * media).repeat(7, axis=0) / 7 * _of_day()[:, None]
    repression = events[:, :, [KINDS.index(kind) for kind in REPRESSION]].sum(axis=2)
    untracked = random.poisson(usual) + random.poisson(ECHO * repression)
    return World(places, events, untracked, planted)


def _places(countries: list[str]) -> tuple[Region, ...]:
    """Return each country, followed by its subdivisions that have a FIPS code and a position.

    The country itself is for news that names no subdivision.
    """
    gazetteer = load_gazetteer()
    parts = [
        region
        for region in gazetteer.regions(Level.ADMIN1, countries=countries)
        if region.centre is not None and dict(region.codes).get("fips")
    ]
    return tuple(
        place
        for country in gazetteer.regions(Level.COUNTRY, countries=countries)
        for place in (country, *(part for part in parts if part.country == country.id))
    )


def _shares(random: np.random.Generator, country: npt.NDArray[Any]) -> Floats:
    """Return each place's share of its country. Shares decrease with the rank of a subdivision."""
    share = np.zeros(len(country))
    for at in range(country.max() + 1):
        whole, *parts = np.flatnonzero(country == at)
        size = np.exp(random.normal(0, 0.4, len(parts))) / np.arange(1, len(parts) + 1) ** 1.2
        share[whole] = NO_PART
        share[random.permutation(parts)] = (1 - NO_PART) * size / size.sum()
    return share


def _of_day() -> Floats:
    """Return the factor of each day, from the day of the week and the growth of the media."""
    number = np.arange(WEEKS * 7)
    grown = (1 + GROWTH) ** (number / 365.25)
    return np.asarray(DAYS[number % 7] / DAYS.mean() * grown)


def _remembering(random: np.random.Generator, *shape: int) -> Floats:
    """Return standard normal noise (weeks, ...) with the autocorrelation."""
    fresh = random.normal(size=(WEEKS, *shape))
    for week in range(1, WEEKS):
        kept = AUTOCORRELATION * fresh[week - 1]
        fresh[week] = kept + np.sqrt(1 - AUTOCORRELATION**2) * fresh[week]
    return fresh


def _gamma(normal: Floats, spread: float) -> Floats:
    """Return gamma noise of mean 1 whose log has about this spread."""
    if not spread:
        return np.ones_like(normal)
    shape = 1 / spread**2 + 0.5  # the variance of a gamma's log is about 1 / (shape - 0.5)
    return np.asarray(gamma.ppf(ndtr(normal), shape) / shape)


def _noise(random: np.random.Generator, country: npt.NDArray[Any]) -> Floats:
    """Return the noise of tracked events (weeks, places, kinds), partly shared by a country."""
    common = _gamma(_remembering(random, country.max() + 1), NOISE * SHARED**0.5)
    own = _gamma(_remembering(random, len(country), len(KINDS)), NOISE * (1 - SHARED) ** 0.5)
    return common[:, country, None] * own


def _media(random: np.random.Generator, countries: int) -> Floats:
    """Return the factor of all reports on each country (weeks, countries)."""
    told = np.exp(MEDIA_NOISE * _remembering(random, countries))
    for country in range(countries):
        for _ in range(random.poisson(BURSTS * WEEKS / 52)):
            week, length = random.integers(WEEKS), random.integers(1, 3)
            told[week : week + length, country] *= random.uniform(*BURST_FACTORS)
    return told


def _surges(
    random: np.random.Generator, rate: Floats, places: tuple[Region, ...], number: int
) -> tuple[Surge, ...]:
    """Choose surges, each in a different country.

    Half of them are in the subdivision with the highest rate of its country. Each region has enough
    repression for a threefold rise to be detectable.
    """
    repression = rate[:, [KINDS.index(kind) for kind in REPRESSION]].sum(axis=1).tolist()
    most: dict[str, tuple[float, str]] = {}
    total: dict[str, float] = {}
    for place, each in zip(places, repression, strict=True):
        total[place.country] = total.get(place.country, 0.0) + each
        if place.parent is not None:
            most[place.country] = max(most.get(place.country, (0.0, "")), (each, place.id))
    order = random.permutation(sorted(total)).tolist()
    parts = [country for country in order if most[country][0] >= LEAST][: number // 2]
    wholes = [country for country in order if total[country] >= LEAST and country not in parts]
    regions = [(most[country][1], country) for country in parts]
    regions += [(country, country) for country in wholes[: number - len(parts)]]
    days = random.integers((WEEKS_BEFORE + 4) * 7, (WEEKS - 8) * 7, len(regions)).tolist()
    return tuple(
        Surge(region, country, FIRST_DAY + timedelta(days=day))
        for (region, country), day in zip(regions, days, strict=True)
    )


def _lift(surge: Surge, places: tuple[Region, ...]) -> Floats:
    """Return the factors of a surge (days, places, kinds)."""
    lift = np.ones((WEEKS * 7, len(places), len(KINDS)))
    first = (surge.first_day - FIRST_DAY).days
    where = [surge.region in (place.id, place.country) for place in places]
    kinds = [kind in REPRESSION for kind in KINDS]
    lift[first : first + SURGE_DAYS] *= np.where(np.outer(where, kinds), FACTOR, 1.0)
    return lift
