"""The dead by country and month as a source knows them at a moment: missing is not zero."""

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
    """The first day of the month so many months after that of a first day."""
    count = month.year * 12 + month.month - 1 + number
    return date(count // 12, count % 12 + 1, 1)


def months_published(
    service: Service, connection: Connection, source: str, now: datetime
) -> list[date]:
    """The first days of the months from the first to the newest that a source has published; those
    between them may be missing."""
    return list(_months(_covered(service, connection, source, now), now))


def known_months(
    service: Service, connection: Connection, source: str, now: datetime
) -> CountryMonths | None:
    """The dead of each country and month, as known and recorded at a moment; None without a month.

    A month was observed where all its whole weeks were: releases hold whole months, and coverage
    is told in weeks. A country that had not begun then, or had ended, was not.
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
    """The months from the first to the last that was observed anywhere and is over."""
    told = [
        month for item in covered for month in _months_in(item) if month_after(month) <= now.date()
    ]
    if not told:
        return
    for month in map(month_after, itertools.repeat(min(told)), itertools.count()):
        if month > max(told):
            return
        yield month


def _months_in(item: Coverage) -> Iterator[date]:
    """The months whose whole weeks were all observed in one reading."""
    month = item.first_week.replace(day=1)
    while month <= item.last_week:
        first, last = _weeks_of(month)
        if item.first_week <= first and last <= item.last_week:
            yield month
        month = month_after(month)


def _observed(
    covered: Sequence[Coverage], months: Sequence[date], countries: Sequence[Region]
) -> BoolArray:
    """Whether each month was observed, bool (months, countries)."""
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
    """The first and last whole week of a month, as Mondays; every month has some."""
    weeks = whole_weeks(month, month_after(month) - DAY)
    assert weeks is not None
    return weeks
