"""An invented world as a source like GDELT tells of it: two years of 40 countries, by seed.

Nothing in here is news. Each country has a rate of its own (log-normal, two orders of magnitude
between the quiet and the loud), spread unevenly over its subdivisions. What is tracked varies from
week to week by gamma noise that remembers (lag-1 autocorrelation 0.5, sd of the log about 0.4),
a quarter of its variance shared by all of a country's regions and kinds. The media have a week of
working days, grow by 30% a year, and bursts of theirs lift all that is told of a country, tracked
or not. In twelve countries repression triples for two weeks of the second year.
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
WEEKS, WEEKS_BEFORE = 104, 52  # of them before the service goes live
# Countries of all sizes whose subdivisions have FIPS codes.
_FIRST_HALF = "AFG AGO ARM BDI BEN BGD BOL CAF CMR COD COL DZA ECU EGY ETH GAB GHA GIN GMB GTM"
_SECOND_HALF = "HND IDN IRN IRQ KEN KHM KGZ LBR MAR MEX MLI MMR MOZ NGA NPL PAK PER SEN TGO ZWE"
COUNTRIES = [*_FIRST_HALF.split(), *_SECOND_HALF.split()]
# Events a week of a country in the median, before the noise: what is of people and the state.
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
NO_PART = 0.15  # of a country's events, placed no nearer than the country
SPREAD_OF_RATES = 1.0  # sd of the log of a country's rate
UNTRACKED = 6.0  # rows of other codes for each tracked event
ECHO = 1.0  # of them that each act of repression brings with it: who condemns it, who denies it
GROWTH = 0.3  # of all news, a year
AUTOCORRELATION = 0.5
NOISE = 0.4  # sd of the log of a series, before its Poisson noise
SHARED = 0.25  # of the variance of that, by all regions and kinds of a country
MEDIA_NOISE = 0.15  # sd of the log of a country's whole volume
BURSTS = 1.5  # of a country's volume a year, each of one or two weeks
BURST_FACTORS = (1.5, 2.5)
DAYS = np.array([1.1, 1.15, 1.15, 1.1, 1.1, 0.75, 0.65])  # Monday to Sunday
SURGES, FACTOR, SURGE_DAYS = 12, 3.0, 14
LEAST = 9.0  # acts of repression a week that a surge multiplies, in the mean of the year before it

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
        """The last day of it."""
        return self.first_day + timedelta(days=SURGE_DAYS - 1)


@dataclass(frozen=True, slots=True)
class World:
    """What happened, story by story: `events` int64 (days, places, kinds), and `untracked` rows
    (days, places). A place is a country (news that says no more) or a subdivision."""

    places: tuple[Region, ...]
    events: Counts
    untracked: Counts
    surges: tuple[Surge, ...]

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries, in the order of their places."""
        return tuple(dict.fromkeys(place.country for place in self.places))


def world(seed: int, countries: int = len(COUNTRIES), surges: int = SURGES) -> World:
    """The world of a seed; one of fewer countries takes the first ones."""
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
    """The subdivisions with a FIPS code and a position, each country's after the country itself:
    some news says no more than the country."""
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
    """What part of its country each place has: the next has about half as much, and so on down."""
    share = np.zeros(len(country))
    for at in range(country.max() + 1):
        whole, *parts = np.flatnonzero(country == at)
        size = np.exp(random.normal(0, 0.4, len(parts))) / np.arange(1, len(parts) + 1) ** 1.2
        share[whole] = NO_PART
        share[random.permutation(parts)] = (1 - NO_PART) * size / size.sum()
    return share


def _of_day() -> Floats:
    """Factor of each day: its day of the week, and how the media have grown."""
    number = np.arange(WEEKS * 7)
    grown = (1 + GROWTH) ** (number / 365.25)
    return np.asarray(DAYS[number % 7] / DAYS.mean() * grown)


def _remembering(random: np.random.Generator, *shape: int) -> Floats:
    """Standard normal noise (weeks, ...) with the autocorrelation."""
    fresh = random.normal(size=(WEEKS, *shape))
    for week in range(1, WEEKS):
        kept = AUTOCORRELATION * fresh[week - 1]
        fresh[week] = kept + np.sqrt(1 - AUTOCORRELATION**2) * fresh[week]
    return fresh


def _gamma(normal: Floats, spread: float) -> Floats:
    """Gamma noise of mean 1 whose log has about such a spread."""
    if not spread:
        return np.ones_like(normal)
    shape = 1 / spread**2 + 0.5  # the variance of a gamma's log is about 1 / (shape - 0.5)
    return np.asarray(gamma.ppf(ndtr(normal), shape) / shape)


def _noise(random: np.random.Generator, country: npt.NDArray[Any]) -> Floats:
    """Noise of what is tracked (weeks, places, kinds): the country's, and each series' own."""
    common = _gamma(_remembering(random, country.max() + 1), NOISE * SHARED**0.5)
    own = _gamma(_remembering(random, len(country), len(KINDS)), NOISE * (1 - SHARED) ** 0.5)
    return common[:, country, None] * own


def _media(random: np.random.Generator, countries: int) -> Floats:
    """How much is told of each country (weeks, countries), for whatever reason."""
    told = np.exp(MEDIA_NOISE * _remembering(random, countries))
    for country in range(countries):
        for _ in range(random.poisson(BURSTS * WEEKS / 52)):
            week, length = random.integers(WEEKS), random.integers(1, 3)
            told[week : week + length, country] *= random.uniform(*BURST_FACTORS)
    return told


def _surges(
    random: np.random.Generator, rate: Floats, places: tuple[Region, ...], number: int
) -> tuple[Surge, ...]:
    """As many surges in countries of their own, half of them in the subdivision that has most of
    its country; each of what is frequent enough for a threefold rise to be seen."""
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
    """By what a surge multiplies each day, place and kind."""
    lift = np.ones((WEEKS * 7, len(places), len(KINDS)))
    first = (surge.first_day - FIRST_DAY).days
    where = [surge.region in (place.id, place.country) for place in places]
    kinds = [kind in REPRESSION for kind in KINDS]
    lift[first : first + SURGE_DAYS] *= np.where(np.outer(where, kinds), FACTOR, 1.0)
    return lift
