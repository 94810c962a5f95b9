"""The two cuts through time, as laws: on any rows, in any order, whatever comes later."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    create_engine,
    delete,
    insert,
    select,
)

from ewarn.store.database.cuts import Cut
from ewarn.store.tables.types import Moment
from tests.scores import moment

table = Table(
    "row",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("known_at", Moment),
    Column("recorded_at", Moment),
)
HOURS = st.integers(0, 5).map(lambda hours: moment(0) + timedelta(hours=hours))
ROWS = st.lists(st.tuples(HOURS, HOURS), max_size=8)
Rows = list[tuple[datetime, datetime]]


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    table.metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def kept(connection: Connection, rows: Rows, *several: tuple[Cut, ...]) -> list[set[int]]:
    """Which of some rows (known, recorded) each of several pairs of cuts keeps."""
    connection.execute(delete(table))
    if rows:
        values = [
            {"id": place, "known_at": row[0], "recorded_at": row[1]}
            for place, row in enumerate(rows)
        ]
        connection.execute(insert(table), values)
    found = []
    for cuts in several:
        clauses = [clause for cut in cuts for clause in cut.clauses(table)]
        found.append(set(connection.execute(select(table.c.id).where(*clauses)).scalars()))
    return found


@given(ROWS, HOURS, HOURS)
def test_two_cuts_commute_and_together_are_both(
    connection: Connection, rows: Rows, known: datetime, recorded: datetime
) -> None:
    one, other = Cut(as_of=known), Cut(recorded_by=recorded)
    both = {place for place, row in enumerate(rows) if row[0] <= known and row[1] <= recorded}
    found = kept(connection, rows, (one, other), (other, one), (Cut(known, recorded),))
    assert found == [both] * 3
    of_one, of_other, of_none = kept(connection, rows, (one,), (other,), (Cut(),))
    assert of_one & of_other == both
    assert of_none == set(range(len(rows)))


@given(ROWS, HOURS)
def test_an_answer_once_given_never_changes(
    connection: Connection, rows: Rows, asked: datetime
) -> None:
    """Rows that are recorded after somebody asked are not in the answer, whenever it was known."""
    before = [row for row in rows if row[1] <= asked]
    after = [row for row in rows if row[1] > asked]
    answer = kept(connection, before, (Cut.at(asked),))
    assert kept(connection, [*before, *after], (Cut.at(asked),)) == answer
