"""Reporting delays of a source's events, under a cut."""

from collections import Counter
from datetime import date

import pandas as pd
from sqlalchemy import Connection, Integer, cast, func, select

from ewarn.domain.event import DatePrecision
from ewarn.frames.delays import DELAY_COLUMNS, week_and_lag
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.events import event_version as table


def delays(connection: Connection, cut: Cut, source: str, since: date) -> pd.DataFrame:
    """Count the events of a source by country, kind, week and lag in weeks.

    The lag is the time until an event first became known. Only events that have a day as their date
    precision and occurred on or after `since` count. Events with an estimated `known_at` in any
    version are left out, because an estimate says nothing about lateness. Where versions disagree
    on kind or country, the first in alphabetical order is used.

    Returns:
        A frame with the columns `DELAY_COLUMNS`, with its rows in the order of these columns.
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
