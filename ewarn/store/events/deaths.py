"""Deaths of a source's events by country and month, under a cut."""

from collections import Counter
from datetime import date

from sqlalchemy import Connection, func, select

from ewarn.domain.kinds import deaths_of
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.events import event_version as table


def deaths_by_month(connection: Connection, cut: Cut, source: str) -> Counter[tuple[str, date]]:
    """Return deaths by country and first day of the month, from the events in force under a cut.

    An event counts once, in the month in which it began. Months without deaths are absent.
    """
    newest = (table.c.known_at.desc(), table.c.recorded_at.desc(), table.c.id.desc())
    ranked = (
        select(
            table.c.country,
            table.c.occurred_on,
            table.c.fatalities_low,
            table.c.tags,
            table.c.deleted,
            func.row_number()
            .over(partition_by=table.c.source_event_id, order_by=newest)
            .label("age"),
        )
        .where(table.c.source == source, *cut.clauses(table))
        .subquery()
    )
    query = select(ranked).where(ranked.c.age == 1, ranked.c.deleted.is_(False))
    found: Counter[tuple[str, date]] = Counter()
    for row in connection.execute(query, execution_options={"yield_per": 10_000}):
        deaths = deaths_of(row.fatalities_low, row.tags.split(";"))
        if deaths:
            found[row.country, row.occurred_on.replace(day=1)] += deaths
    return found
