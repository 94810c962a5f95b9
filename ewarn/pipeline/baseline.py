"""How much of its past a source was read of."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.domain.baseline import BASELINE_WEEKS, SEASON_WEEKS, Baseline
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, origin_at
from ewarn.pipeline import health
from ewarn.pipeline.service import Service
from ewarn.ports import BackFill

MARGIN = 3  # weeks more to read: the newest weeks of a baseline are left out


def baseline_of(
    service: Service, connection: Connection, name: str, now: datetime
) -> Baseline | None:
    """The baseline of a source whose past can be read; None of any other, and of one that is not
    scored."""
    source = service.sources.get(name)
    if not isinstance(source, BackFill) or not service.is_scored(name):
        return None
    origin = origin_at(now)
    observed = _weeks(health.coverage(connection, name, source, now), origin)
    first = origin - SEASON_WEEKS * WEEK
    year = origin - BASELINE_WEEKS * WEEK
    return Baseline(
        name,
        weeks_read=sum(week >= year for week in observed),
        seasons_read=sum(week >= first for week in observed),
        read_from=year - MARGIN * WEEK,
    )


def _weeks(covered: Iterable[Coverage], origin: date) -> set[date]:
    """The Mondays of the weeks before `origin` that were observed."""
    return {
        week
        for item in covered
        for week in _mondays(item.first_week, min(item.last_week, origin - WEEK))
    }


def _mondays(first: date, last: date) -> Iterator[date]:
    for number in range((last - first) // WEEK + 1):
        yield first + number * WEEK
