"""What is shown of field reports outside their office: weekly counts that betray nobody.

A count under five is suppressed, and so is zero: nobody learns whether there was a report. There
are no totals, from which a suppressed count could be computed. A count is rounded down to a
multiple of five: who asks every day does not see single reports being added.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import LEAST_OUTSIDE
from ewarn.domain.time import DAY, WEEK
from ewarn.pipeline.reports.desk import SOURCE
from ewarn.store.database.cuts import Cut
from ewarn.store.events import event_queries
from ewarn.store.events.event_queries import EventFilter


@dataclass(frozen=True, slots=True)
class OutsideCount:
    """How many reports of a kind were verified at least; `count` is None if it is suppressed."""

    region: str
    week: date
    kind: EventKind
    count: int | None

    @property
    def suppressed(self) -> bool:
        """Whether there are fewer than five, perhaps none."""
        return self.count is None


def outside_counts(
    connection: Connection, region: str, origin: date, weeks: int
) -> Iterator[OutsideCount]:
    """Yield the counts of every kind in the weeks before an origin (a Monday), by week and kind.

    Reports that name only a country count for the country alone, and reports of its subdivisions
    are not added to it.
    """
    first = origin - weeks * WEEK
    asked = EventFilter(sources=(SOURCE,), regions=(region,), since=first, until=origin - DAY)
    found = Counter(
        (event.occurred_on, event.kind) for event in event_queries.current(connection, Cut(), asked)
    )
    for number in range(weeks):
        for kind in EventKind:
            week = first + number * WEEK
            shown = found[week, kind] // LEAST_OUTSIDE * LEAST_OUTSIDE
            yield OutsideCount(region, week, kind, shown or None)
