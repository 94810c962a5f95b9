"""How late a source's events became known, as a cut shows it."""

from collections import Counter
from datetime import date

import pandas as pd
from sqlalchemy import Connection, func, select

from ewarn.domain.event import DatePrecision
from ewarn.frames.delays import DELAY_COLUMNS, week_and_lag
from ewarn.store.cuts import Cut
from ewarn.store.tables import event_version as table


def delays(connection: Connection, cut: Cut, source: str, since_week: date) -> pd.DataFrame:
    """Events by country, kind, week and lag in weeks, of the first version of each.

    Only events of a day, since `since_week`, whose moment of becoming known was told: an estimated
    one says nothing about lateness. Columns are `DELAY_COLUMNS`, rows in their order.
    """
    first = (
        select(
            func.min(table.c.country),
            func.min(table.c.kind),
            func.min(table.c.occurred_on),
            func.min(table.c.known_at, type_=table.c.known_at.type),
        )
        .where(
            *cut.clauses(table),
            table.c.source == source,
            table.c.occurred_on >= since_week,
            table.c.date_precision == DatePrecision.DAY.value,
            ~table.c.deleted,
            ~table.c.known_at_estimated,
        )
        .group_by(table.c.source_event_id)
    )
    counted = Counter(
        (country, kind, *week_and_lag(occurred_on, known_at))
        for country, kind, occurred_on, known_at in connection.execute(first)
    )
    rows = [(*key, number) for key, number in sorted(counted.items())]
    return pd.DataFrame.from_records(rows, columns=list(DELAY_COLUMNS))
