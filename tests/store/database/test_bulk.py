"""Tests that bulk inserts write the same rows as SQLAlchemy, on both databases."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from ewarn.errors import StoreError
from ewarn.store.database.bulk import BulkInsert
from ewarn.store.database.engine import Store
from ewarn.store.events import events
from ewarn.store.tables.events import count_delta, event_version
from ewarn.store.tables.intake import ingest_run, rejection
from tests.events import frame, row

MOMENT = datetime(2020, 6, 1, 12, 30, 0, 5, tzinfo=UTC)
MOMENTS = (
    MOMENT,
    datetime(2020, 6, 1, tzinfo=UTC),
    datetime(987, 1, 2, tzinfo=UTC),
    datetime(2020, 6, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
)
TEXTS = (
    "plain",
    "a\ttab",
    "two\nlines\r\nor three\r",
    "\\",
    "\\N",
    "\\.",
    "\\t",
    "N",
    "null",
    "NULL",
    "",
    " ",
    None,
    'it\'s "quoted" and; -- dropped',
    "{a,b}",
    "%s %(a)s :a ?",
    "Lomé 🕊 \u2028 \x01\x7f\x0b\x0c\x08",
    "long " * 10_000,
)
FLOATS = (1e-05, -0.0, 0.0, 90.0, None, 1.1, 0.1 + 0.2, 1e300)
COUNTS = (None, 0, 1, 2**31, 2**63 - 1)
DAYS = (date(2020, 1, 1), date(987, 12, 31), date(3020, 2, 28), date(1, 1, 1))


def columns() -> dict[str, list[Any]]:
    """Rows of the table of versions in which each kind of value meets each other."""
    number = len(TEXTS)

    def of(values: tuple[Any, ...]) -> list[Any]:
        return [value for value, _ in zip(cycle(values), range(number), strict=False)]

    return {
        "source": ["invented"] * number,
        "source_event_id": [text[:200] if text else "e" for text in TEXTS],
        "kind": of(("protest", "riot")),
        "occurred_on": of(DAYS),
        "ended_on": of(DAYS[::-1]),
        "date_precision": of(("day",)),
        "country": of(("TGO", "CIV", "GHA")),
        "region": of(("TG-M",)),
        "place": list(TEXTS),
        "latitude": of(FLOATS),
        "longitude": of((None,)),
        "location_precision": of(("place",)),
        "participants_low": of(COUNTS),
        "fatalities_low": of((0, None)),
        "tags": of(("", "a;b")),
        "summary": list(TEXTS[::-1]),
        "deleted": of((True, False)),
        "content_hash": of(("0" * 64,)),
        "known_at": of(MOMENTS),
        "known_at_estimated": of((False,)),
        "recorded_at": of((MOMENT,)),
    }


def stored(connection: Connection, table: Table) -> tuple[list[Any], list[Any]]:
    """All rows in order of arrival, as SQLAlchemy and as the driver gives them."""
    names = [column for column in table.c if column.name != "id"]
    query = select(*names).order_by(table.c.id)
    cursor = connection.connection.cursor()
    cursor.execute(str(query.compile(dialect=connection.dialect)))
    rows = [tuple(row) for row in connection.execute(query)]
    return rows, [tuple(map(repr, row)) for row in cursor.fetchall()]


def by_sqlalchemy(connection: Connection, table: Table, columns: dict[str, list[Any]]) -> None:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    connection.execute(insert(table), rows)


def test_versions_are_stored_alike(store: Store) -> None:
    found = []
    for write in (by_sqlalchemy, lambda connection, *rest: BulkInsert(connection).rows(*rest)):
        with store.write() as connection:
            connection.execute(event_version.delete())
            write(connection, event_version, columns())
            found.append(stored(connection, event_version))
    assert len(found[0][0]) == len(TEXTS)
    assert [row[8] for row in found[1][0]] == list(TEXTS)
    assert found[0] == found[1]


def test_deltas_are_stored_alike(store: Store) -> None:
    deltas: dict[str, list[Any]] = {
        "region": ["TG-M"] * 4,
        "week": list(DAYS),
        "last_week": list(DAYS[::-1]),
        "signal": ["invented:protest"] * 4,
        "known_at": list(MOMENTS),
        "recorded_at": [MOMENT] * 4,
        "delta": [1, -1, 0, 7],
    }
    with store.write() as connection:
        BulkInsert(connection).rows(count_delta, deltas)
        by_sqlalchemy(connection, count_delta, deltas)
        rows, raw = stored(connection, count_delta)
    assert rows[:4] == rows[4:]
    assert raw[:4] == raw[4:]


def test_one_insert_fills_several_tables_and_empty_columns_none(store: Store) -> None:
    versions = columns()
    with store.write() as connection:
        bulk = BulkInsert(connection)
        bulk.rows(event_version, versions)
        bulk.rows(event_version, {name: [] for name in versions})
        bulk.rows(event_version, versions)
        rows, raw = stored(connection, event_version)
    number = len(TEXTS)
    assert rows[:number] == rows[number:]
    assert raw[:number] == raw[number:]


def test_sqlite_holds_the_text_that_sqlalchemy_itself_would_write(sqlite_url: str) -> None:
    dates = sqlite.DATETIME()  # type: ignore[no-untyped-call]
    write: Any = dates.bind_processor(sqlite.dialect())
    store = Store(sqlite_url)
    with store.write() as connection:
        BulkInsert(connection).rows(event_version, columns())
        found = connection.exec_driver_sql("SELECT DISTINCT known_at FROM event_version")
        assert {row[0] for row in found} == {
            write(moment.astimezone(UTC).replace(tzinfo=None)) for moment in MOMENTS
        }
    store.dispose()


def test_a_naive_moment_is_refused(store: Store) -> None:
    versions = columns() | {"known_at": [datetime(2020, 1, 1)] * len(TEXTS)}  # noqa: DTZ001
    with (
        pytest.raises(ValueError, match="has no time zone"),
        store.write() as connection,
    ):
        BulkInsert(connection).rows(event_version, versions)


def test_a_refusal_is_sqlalchemys_and_undoes_the_transaction(store: Store) -> None:
    versions = columns()
    versions["region"][3] = None
    with (
        pytest.raises(IntegrityError, match="bulk insert into event_version") as caught,
        store.write() as connection,
    ):
        BulkInsert(connection).rows(event_version, versions)
    assert caught.value.hide_parameters
    with store.read() as connection:
        assert stored(connection, event_version) == ([], [])


def test_postgresql_takes_no_nul_and_says_so(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    versions = columns()
    versions["place"][0] = "a\x00b"
    with pytest.raises(StoreError, match="0x00"), store.write() as connection:
        BulkInsert(connection).rows(event_version, versions)
    with store.write() as connection:  # the connection still works
        BulkInsert(connection).rows(event_version, columns())
    store.dispose()


def test_refused_rows_are_kept_with_and_without_a_line(store: Store) -> None:
    with store.write() as connection:
        run = connection.execute(
            insert(ingest_run)
            .values(source="invented", recorded_at=MOMENT, health="ok", reason="read", skipped={})
            .returning(ingest_run.c.id)
        ).scalar_one()
        BulkInsert(connection).rows(
            rejection, {"run_id": [run] * 2, "line": [None, 3], "reason": ["a\tb", "\\N"]}
        )
        assert stored(connection, rejection)[0] == [(run, None, "a\tb"), (run, 3, "\\N")]


def test_events_are_found_again_whatever_their_ids_are(store: Store) -> None:
    names = [text[:200] for text in TEXTS if text] + [str(number) for number in range(1_500)]
    rows = [row(name) for name in names]
    for done in (events.Appended(accepted=len(names)), events.Appended(unchanged=len(names))):
        with store.write() as connection:
            assert events.append(connection, frame(*rows), MOMENT) == done
