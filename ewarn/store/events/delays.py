"""How late a source's events became known, as a cut shows it."""

from collections import Counter
from datetime import date

import pandas as pd
from sqlalchemy import Connection, Integer, cast, func, select

from ewarn.domain.event import DatePrecision
from ewarn.frames.delays import DELAY_COLUMNS, week_and_lag
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.events import event_version as table


def delays(connection: Connection, cut: Cut, source: str, since: date) -> pd.DataFrame:
    """Events by country, kind, week and lag in weeks, from when each became known first.

    Only events of a day, on or after `since`, of which no version has an estimated `known_at`: a
    guess says nothing about lateness. Where versions disagree on kind or country, the first in the
    alphabet stands. Columns are `DELAY_COLUMNS`, rows in their order.
    """
    first_known = func.min(table.c.known_at, type_=table.c.known_at.type)
    first_day = func.min(table.c.occurred_on, type_=table.c.occurred_on.type)
    events = (
        select(func.min(table.c.country), func.min(table.c.kind), first_day, first_known)
        .where(
            *cut.clauses(table),
            table.c.source == source,
            table.c.occurred_on >= since,
            table.c.date_precision == DatePrecision.DAY.value,
        )
        .group_by(table.c.source_event_id)
        .having(func.max(cast(table.c.known_at_estimated, Integer)) == 0)
    )
    counted = Counter(
        (country, kind, *week_and_lag(occurred_on, known_at))
        for country, kind, occurred_on, known_at in connection.execute(events)
    )
    rows = [(*key, number) for key, number in sorted(counted.items())]
    return pd.DataFrame.from_records(rows, columns=list(DELAY_COLUMNS))
