"""Tests that a list of ids is one parameter, whatever its contents and length."""

import pytest
from sqlalchemy import bindparam, select

from ewarn.domain.delivery import Message
from ewarn.store.database.engine import Store
from ewarn.store.database.id_lists import among
from ewarn.store.delivery import outbox
from ewarn.store.tables.delivery import outbox as table
from tests.scores import moment

IDS = ["plain", "it's", 'a "quoted" one', "{braced,null}", "Lomé", "back\\slash", "null"]
FOUND = select(table.c.id).where(among(table.c.id, bindparam("ids"))).order_by(table.c.id)


@pytest.mark.parametrize("asked", [[], IDS[:1], IDS, [*IDS, "nobody's"], IDS[:1] * 2])
def test_rows_are_found_by_their_ids_and_no_others(store: Store, asked: list[str]) -> None:
    made = [Message(id_, "log", "desk", "", "", {}, moment(0)) for id_ in [*IDS, "other"]]
    with store.write() as connection:
        outbox.enqueue(connection, [("log:desk", item) for item in made])
        found = connection.execute(FOUND, {"ids": asked}).scalars().all()
    assert set(found) == set(asked) & set(IDS)
    assert len(found) == len(set(found))


def test_more_ids_than_a_statement_takes_parameters(store: Store) -> None:
    with store.write() as connection:
        outbox.enqueue(connection, [("log:desk", _made(number)) for number in range(3)])
        ids = [f"msg_{number}" for number in range(1, 100_000)]
        assert connection.execute(FOUND, {"ids": ids}).scalars().all() == ["msg_1", "msg_2"]


def test_rows_are_looked_up_and_the_table_is_not_read(store: Store) -> None:
    plan, asked, looked_up = (
        ("EXPLAIN QUERY PLAN", ('["msg_1"]',), "SEARCH outbox")
        if store.is_sqlite
        else ("EXPLAIN", {"ids": ["msg_1"]}, "Index Cond")
    )
    with store.write() as connection:
        outbox.enqueue(connection, [("log:desk", _made(number)) for number in range(1_000)])
        connection.exec_driver_sql("ANALYZE outbox")
        statement = FOUND.compile(dialect=connection.dialect)
        steps = connection.exec_driver_sql(f"{plan} {statement}", asked).all()
    assert looked_up in " ".join(step[-1] for step in steps)


def _made(number: int) -> Message:
    return Message(f"msg_{number}", "log", "desk", "", "", {}, moment(0))
