"""The number of events of each source in the last weeks, where the source observed them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.key import EVERYWHERE
from ewarn.domain.kinds import EventKind, signal
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, origin_at
from ewarn.pipeline.intake.health import coverage_at
from ewarn.store.database.cuts import Cut
from ewarn.store.events.counts import weekly_totals

WEEKS = 12  # as many as completeness is measured over


@dataclass(frozen=True, slots=True)
class WeeklyEvents:
    """The events of a source in a week (its Monday); None if it did not observe the week."""

    week: date
    count: int | None


def weekly_events(
    connection: Connection,
    cadences: Mapping[str, timedelta | None],
    moment: datetime,
    *,
    countries: Collection[str] = (),
    regions: Collection[str] = (),
) -> dict[str, list[WeeklyEvents]]:
    """Return the events of sources in each of the last `WEEKS` whole weeks, the oldest first.

    Args:
        cadences: The sources, and how often something new is expected of each (None: on demand).
        countries: Only events of these countries; empty for all.
        regions: All regions of `countries`, themselves included.
    """
    weeks = [origin_at(moment) - number * WEEK for number in range(WEEKS, 0, -1)]
    signals = [signal(source, kind) for source in cadences for kind in EventKind]
    totals = weekly_totals(connection, Cut.at(moment), signals, weeks, regions)
    return {
        source: [
            WeeklyEvents(
                week,
                sum(totals[signal(source, kind), week] for kind in EventKind)
                if week in observed
                else None,
            )
            for week in weeks
        ]
        for source, observed in (
            (name, _observed(coverage_at(connection, name, cadence, moment), weeks, countries))
            for name, cadence in cadences.items()
        )
    }


def _observed(
    coverage: Sequence[Coverage], weeks: Sequence[date], countries: Collection[str]
) -> set[date]:
    """Return the weeks that were observed in any of some countries (none: anywhere)."""
    seen = [
        item
        for item in coverage
        if not countries or item.country == EVERYWHERE or item.country in countries
    ]
    return {week for week in weeks if any(i.first_week <= week <= i.last_week for i in seen)}
