"""Deaths by country and month as a source knows them at a moment: missing is not zero."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from ewarn.domain.region import Level, Region
from ewarn.domain.source import Coverage
from ewarn.domain.time import DAY, whole_weeks
from ewarn.frames.country_months import CountryMonths
from ewarn.frames.predictions import BoolArray
from ewarn.pipeline.intake import health
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events.deaths import deaths_by_month

_EVERYWHERE = "*"


def month_after(month: date, number: int = 1) -> date:
    """Return the first day of the month that is `number` months after a month's first day."""
    count = month.year * 12 + month.month - 1 + number
    return date(count // 12, count % 12 + 1, 1)


def months_published(
    service: Service, connection: Connection, source: str, now: datetime
) -> list[date]:
    """Return the first days of the months from a source's first to its newest published one.

    Months between them may be missing.
    """
    return list(_months(_covered(service, connection, source, now), now))


def known_months(
    service: Service, connection: Connection, source: str, now: datetime
) -> CountryMonths | None:
    """Return the deaths of each country and month, as known and recorded at a moment.

    A month was observed if all its whole weeks were: releases hold whole months, and coverage is
    stored in weeks. A country was not observed before it began or after it ended.

    Returns:
        The counts, or None if no month is known.
    """
    covered = _covered(service, connection, source, now)
    months = list(_months(covered, now))
    if not months:
        return None
    countries = service.places.regions(Level.COUNTRY)
    countries = [each for each in countries if each.exists_on(months[-1])]
    dead = deaths_by_month(connection, Cut.at(now), source)
    counts = np.array(
        [[float(dead[country.id, month]) for country in countries] for month in months]
    )
    counts[~_observed(covered, months, countries)] = np.nan
    names = tuple(f"{month:%Y-%m}" for month in months)
    return CountryMonths(tuple(country.id for country in countries), names, counts)


def _covered(
    service: Service, connection: Connection, source: str, now: datetime
) -> list[Coverage]:
    return health.coverage(connection, source, service.sources.get(source), now)


def _months(covered: Sequence[Coverage], now: datetime) -> Iterator[date]:
    """Yield the months from the first to the last that was observed anywhere and is over."""
    observed = [
        month for item in covered for month in _months_in(item) if month_after(month) <= now.date()
    ]
    if not observed:
        return
    for month in map(month_after, itertools.repeat(min(observed)), itertools.count()):
        if month > max(observed):
            return
        yield month


def _months_in(item: Coverage) -> Iterator[date]:
    """Yield the months whose whole weeks were all observed in one read."""
    month = item.first_week.replace(day=1)
    while month <= item.last_week:
        first, last = _weeks_of(month)
        if item.first_week <= first and last <= item.last_week:
            yield month
        month = month_after(month)


def _observed(
    covered: Sequence[Coverage], months: Sequence[date], countries: Sequence[Region]
) -> BoolArray:
    """Return whether each month was observed, bool (months, countries)."""
    row = {month: index for index, month in enumerate(months)}
    column = {country.id: index for index, country in enumerate(countries)}
    found = np.zeros((len(months), len(countries)), dtype=np.bool_)
    for item in covered:
        rows = [row[month] for month in _months_in(item) if month in row]
        if item.country == _EVERYWHERE:
            found[rows] = True
        elif item.country in column:
            found[rows, column[item.country]] = True
    exists = [[country.exists_on(month) for country in countries] for month in months]
    return np.asarray(found & np.array(exists))


def _weeks_of(month: date) -> tuple[date, date]:
    """Return the first and last whole week of a month, as Mondays; every month has one."""
    weeks = whole_weeks(month, month_after(month) - DAY)
    assert weeks is not None
    return weeks
